//! Files of the real file system, and standard input under the name `-`.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use preclear_inputs::files::{Entry, FILE_BYTES_MAX, FileError, FileErrorKind, Files};

/// The name of standard input. Rule: UI-2.
pub(crate) const STDIN: &str = "-";

/// True for the name of standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == STDIN
}

/// Standard input as an owner hands it over.
pub(crate) type Stdin<'a> = &'a mut (dyn BufRead + Send);

/// The file system.
pub(crate) struct Disk<'a> {
    /// What of standard input is not read yet.
    stdin: Mutex<Input<'a>>,
    /// Pipes, sockets and devices among what was listed: reading one may never end, and nobody asked for it by name.
    listed_streams: Mutex<BTreeSet<PathBuf>>,
}

enum Input<'a> {
    Open(Stdin<'a>),
    /// Read to its end: several parts of a run may ask for the same text.
    Read(Vec<u8>),
    /// Somebody reads it line by line.
    Taken,
}

impl fmt::Debug for Disk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").finish_non_exhaustive()
    }
}

impl<'a> Disk<'a> {
    pub(crate) fn new(stdin: Stdin<'a>) -> Self {
        Self {
            stdin: Mutex::new(Input::Open(stdin)),
            listed_streams: Mutex::default(),
        }
    }

    /// Standard input, to read it piece by piece; `None` if it was read or taken before.
    pub(crate) fn take_stdin(&self) -> Option<Stdin<'a>> {
        let mut input = self.stdin.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *input, Input::Taken) {
            Input::Open(stdin) => Some(stdin),
            other => {
                *input = other;
                None
            }
        }
    }

    fn streams(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        let streams = self.listed_streams.lock();
        streams.unwrap_or_else(PoisonError::into_inner)
    }

    fn read_stdin(&self) -> Result<Vec<u8>, FileError> {
        let mut input = self.stdin.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *input {
            Input::Open(stdin) => {
                let bytes = read_within_limit(stdin)?;
                *input = Input::Read(bytes.clone());
                Ok(bytes)
            }
            Input::Read(bytes) => Ok(bytes.clone()),
            Input::Taken => Err(FileError::other("standard input is read by `--requests`")),
        }
    }
}

impl Files for Disk<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        if is_stdin(path) {
            return self.read_stdin();
        }
        if self.streams().contains(path) {
            return Err(FileError::other("it is a pipe, a socket or a device"));
        }
        let file = fs::File::open(path).map_err(|error| file_error(&error))?;
        let metadata = file.metadata().map_err(|error| file_error(&error))?;
        if metadata.is_dir() {
            return Err(FileError::new(FileErrorKind::IsDirectory));
        }
        read_within_limit(&mut &file)
    }

    fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
        if is_stdin(path) || !path.is_dir() {
            return Ok(None);
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(path).map_err(|error| file_error(&error))? {
            let entry = entry.map_err(|error| file_error(&error))?.path();
            // Links count as what they lead to.
            let is_directory = entry.is_dir();
            if is_directory && leads_back(&entry, path) {
                continue;
            }
            if fs::metadata(&entry).is_ok_and(|found| !found.is_dir() && !found.is_file()) {
                self.streams().insert(entry.clone());
            }
            entries.push(Entry {
                path: entry,
                is_directory,
            });
        }
        Ok(Some(entries))
    }
}

/// Whether a folder is a link to the folder that it lies in, or to one above. What is there is listed already, or lies above
/// what was asked for.
fn leads_back(entry: &Path, folder: &Path) -> bool {
    entry.is_symlink()
        && match (fs::canonicalize(entry), fs::canonicalize(folder)) {
            (Ok(target), Ok(folder)) => folder.starts_with(target),
            _ => false,
        }
}

/// Gives up behind the limit, also for files that have no length, such as pipes.
fn read_within_limit(reader: &mut dyn Read) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(FILE_BYTES_MAX)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    reader
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| file_error(&error))?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileError::new(FileErrorKind::TooLarge));
    }
    Ok(bytes)
}

fn file_error(error: &io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::NotFound => FileError::new(FileErrorKind::NotFound),
        io::ErrorKind::IsADirectory => FileError::new(FileErrorKind::IsDirectory),
        io::ErrorKind::PermissionDenied => FileError::other("permission denied"),
        _ => FileError::other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_that_lead_back_are_left_out_and_listed_pipes_are_not_read() {
        let folder = std::env::temp_dir().join(format!("preclear-disk-{}", std::process::id()));
        let inner = folder.join("inner");
        fs::create_dir_all(&inner).unwrap();
        fs::write(folder.join("a.yaml"), "a").unwrap();
        for (link, target) in [("self", "."), ("up", "..")] {
            std::os::unix::fs::symlink(target, inner.join(link)).unwrap();
        }
        std::os::unix::fs::symlink("inner", folder.join("sideways")).unwrap();
        let socket = folder.join("s.yaml");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();

        let mut none: &[u8] = b"";
        let disk = Disk::new(&mut none);
        let names = |folder: &Path| {
            let entries = disk.list(folder).unwrap().unwrap();
            let names = entries.iter().filter_map(|entry| entry.path.file_name());
            let mut names: Vec<String> = names.map(|name| name.display().to_string()).collect();
            names.sort();
            names
        };
        let (outer, within) = (names(&folder), names(&inner));
        let refused = disk.read(&socket).map_err(|error| error.to_string());
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(outer, ["a.yaml", "inner", "s.yaml", "sideways"]);
        assert_eq!(within, [""; 0]);
        assert_eq!(refused.unwrap_err(), "it is a pipe, a socket or a device");
    }

    #[test]
    fn standard_input_can_be_read_twice_or_taken_once() {
        let mut text: &[u8] = b"{}";
        let disk = Disk::new(&mut text);
        assert_eq!(disk.read(Path::new("-")).unwrap(), b"{}");
        assert_eq!(disk.read(Path::new("-")).unwrap(), b"{}");
        assert!(disk.take_stdin().is_none());

        let mut text: &[u8] = b"{}";
        let disk = Disk::new(&mut text);
        assert!(disk.take_stdin().is_some());
        assert!(disk.read(Path::new("-")).is_err() && disk.take_stdin().is_none());
    }

    #[test]
    fn missing_files_and_directories_are_told_apart() {
        let mut stdin = io::empty();
        let disk = Disk::new(&mut stdin);
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(
            disk.read(&here.join("none")).unwrap_err().kind,
            FileErrorKind::NotFound
        );
        assert_eq!(
            disk.read(here).unwrap_err().kind,
            FileErrorKind::IsDirectory
        );
        assert_eq!(disk.list(&here.join("Cargo.toml")).unwrap(), None);
        let entries = disk.list(here).unwrap().unwrap();
        assert!(entries.contains(&Entry {
            path: here.join("src"),
            is_directory: true
        }));
    }
}
