//! The file system, as the loaders ask for it. Nothing is written.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use preclear_inputs::files::{Entry, FILE_BYTES_MAX, FileError, FileErrorKind, Files};

/// The file system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        let file = fs::File::open(path).map_err(|error| file_error(&error))?;
        let metadata = file.metadata().map_err(|error| file_error(&error))?;
        if metadata.is_dir() {
            return Err(FileError::new(FileErrorKind::IsDirectory));
        }
        let mut bytes = Vec::new();
        let limit = u64::try_from(FILE_BYTES_MAX)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        file.take(limit)
            .read_to_end(&mut bytes)
            .map_err(|error| file_error(&error))?;
        if bytes.len() > FILE_BYTES_MAX {
            return Err(FileError::new(FileErrorKind::TooLarge));
        }
        Ok(bytes)
    }

    fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
        if !path.is_dir() {
            return Ok(None);
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(path).map_err(|error| file_error(&error))? {
            let path = entry.map_err(|error| file_error(&error))?.path();
            // Links count as what they lead to.
            let is_directory = path.is_dir();
            entries.push(Entry { path, is_directory });
        }
        Ok(Some(entries))
    }
}

fn file_error(error: &io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::NotFound => FileError::new(FileErrorKind::NotFound),
        io::ErrorKind::IsADirectory => FileError::new(FileErrorKind::IsDirectory),
        io::ErrorKind::PermissionDenied => FileError::other("permission denied"),
        _ => FileError::other(error.to_string()),
    }
}
