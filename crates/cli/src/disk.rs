//! Files of the real file system, and standard input under the name `-`.

use std::fmt;
use std::io::BufRead;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use preclear_inputs::disk::{self, read_within_limit};
use preclear_inputs::files::{Entry, FileError, Files};

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
    files: disk::Disk,
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
            files: disk::Disk::default(),
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
            self.read_stdin()
        } else {
            self.files.read(path)
        }
    }

    fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
        if is_stdin(path) {
            Ok(None)
        } else {
            self.files.list(path)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
