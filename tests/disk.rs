//! The file system as the loaders see it.

use std::io::ErrorKind;
use std::path::Path;

use preclear_inputs::files::{Entry, FileError, FileErrorKind, Files};

/// Files where they stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        std::fs::read(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => FileError::new(FileErrorKind::NotFound),
            ErrorKind::IsADirectory => FileError::new(FileErrorKind::IsDirectory),
            _ => FileError::other(error.to_string()),
        })
    }

    fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
        if !path.is_dir() {
            return Ok(None);
        }
        let other = |error: std::io::Error| FileError::other(error.to_string());
        let entries = std::fs::read_dir(path).map_err(other)?.map(|entry| {
            let path = entry.map_err(other)?.path();
            Ok(Entry {
                is_directory: path.is_dir(),
                path,
            })
        });
        entries.collect::<Result<_, _>>().map(Some)
    }
}
