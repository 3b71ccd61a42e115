//! The file system as [`Files`]: the one module that touches it.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::files::{Entry, FILE_BYTES_MAX, FileError, FileErrorKind, Files};

/// The file system. Links that lead back to a folder around them are not listed, and what is listed and is neither file nor
/// folder is not read.
///
/// ```
/// use std::path::Path;
///
/// use preclear_inputs::Files;
/// use preclear_inputs::disk::Disk;
///
/// let disk = Disk::default();
/// assert!(disk.list(Path::new(".")).unwrap().is_some());
/// assert!(disk.read(Path::new("no such file")).is_err());
/// ```
#[derive(Debug, Default)]
pub struct Disk {
    /// Pipes, sockets and devices among what was listed: reading one may never end, and nobody asked for it by name.
    listed_streams: Mutex<BTreeSet<PathBuf>>,
}

impl Disk {
    fn streams(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        let streams = self.listed_streams.lock();
        streams.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
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
        if !path.is_dir() {
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

/// Reads to the end, and gives up behind [`FILE_BYTES_MAX`], also for what has no length, such as pipes.
///
/// # Errors
///
/// What the reader says, or that there is too much.
pub fn read_within_limit(reader: &mut dyn Read) -> Result<Vec<u8>, FileError> {
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

        let disk = Disk::default();
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
    fn missing_files_and_directories_are_told_apart() {
        let disk = Disk::default();
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
