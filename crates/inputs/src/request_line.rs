//! Requests one per line (JSON Lines), for runs of a million and more. Rule: UI-35.
//!
//! Most lines hold nothing but texts. Those are read straight into a request; every other line, and every line that is
//! wrong in any way, takes the road of [`crate::request`], which knows places and can explain.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use preclear_model::{Diagnostic, Diagnostics, Limits, Located, Place, Source, json};
use preclear_simulator::request::Request;

use crate::files::Files;
use crate::loader::{Loaded, Loader, Options, Origin, parse};
use crate::placeholder::holds_any;
use crate::request::{Draft, Fallback, request};

mod fast;
mod reader;

pub use reader::{Decided, LineReader};

/// Reads the lines of a file of requests. Any number of threads may use one reader.
///
/// ```
/// use std::path::Path;
/// use preclear_inputs::files::MemoryFiles;
/// use preclear_inputs::{Options, RequestLines};
/// let (files, options) = (MemoryFiles::default(), Options::default());
/// let lines = RequestLines::new(Path::new("requests.jsonl"), &files, &options);
/// let request = lines
///     .read(1, r#"{"id": "r1", "principal": "anonymous", "action": "s3:GetObject", "resource": "*"}"#)
///     .unwrap();
/// assert_eq!(request.id.as_deref(), Some("r1"));
/// let error = lines.read(2, r#"{"id": "r2", "acton": "s3:GetObject"}"#).unwrap_err();
/// assert_eq!((error.line, error.id.as_deref()), (2, Some("r2")));
/// ```
#[derive(Clone, Copy)]
pub struct RequestLines<'f> {
    path: &'f Path,
    files: &'f dyn Files,
    options: &'f Options,
    fallback: Option<&'f Fallback>,
}

impl fmt::Debug for RequestLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestLines")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// A line that holds no request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// The file, as named.
    pub file: String,
    /// Number of the line, as passed in.
    pub line: usize,
    /// Id of the request, if it can be read all the same.
    pub id: Option<String>,
    /// What is wrong. Places are those of the line, whose text alone is the source: [`LineError::locate`] has them in
    /// the file.
    pub diagnostics: Diagnostics,
}

impl LineError {
    /// Where one of the diagnostics is, with the line's number in the file.
    #[must_use]
    pub fn locate(&self, diagnostic: &Diagnostic) -> Option<Located> {
        let mut located = diagnostic.place.as_ref().map(Place::locate)?;
        if located.name == line_name(&self.file, self.line) {
            located.name.clone_from(&self.file);
            located.position.line = u32::try_from(self.line).unwrap_or(u32::MAX);
        }
        Some(located)
    }
}

/// What the text of a line is called while it is read.
fn line_name(file: &str, line: usize) -> String {
    format!("{file} line {line}")
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.diagnostics)
    }
}

impl std::error::Error for LineError {}

impl<'f> RequestLines<'f> {
    /// A reader; `path` names the file in messages, and files that requests mention are relative to it.
    #[must_use]
    pub fn new(path: &'f Path, files: &'f dyn Files, options: &'f Options) -> Self {
        Self {
            path,
            files,
            options,
            fallback: None,
        }
    }

    /// The reader, with what lines that leave it out ask.
    #[must_use]
    pub fn with_fallback(self, fallback: &'f Fallback) -> Self {
        Self {
            fallback: Some(fallback),
            ..self
        }
    }

    fn defaults(&self) -> Option<&'f Draft> {
        self.fallback.map(Fallback::draft)
    }

    /// Reads one line, without its line break; `line` is its number, from 1. Blank lines are the caller's to skip.
    ///
    /// # Errors
    ///
    /// A line that is no request, with its number and, where it can be read, its id.
    pub fn read(&self, line: usize, text: &str) -> Result<Request, LineError> {
        self.load(line, text).map(|loaded| loaded.value)
    }

    fn load(&self, line: usize, text: &str) -> Result<Loaded<Request>, LineError> {
        // Placeholders need values or a complaint, and both take the long road, which knows where texts begin and end. Those that are
        // written with escapes the short road finds.
        if self.options.params.is_empty()
            && self.options.names.is_empty()
            && !holds_any(text)
            && let Some(request) = fast::read(text, self.defaults())
        {
            return Ok(Loaded {
                value: request,
                diagnostics: Diagnostics::new(),
            });
        }
        self.read_with_places(line, text)
    }

    /// As [`Self::read`], with warnings, and for bytes that may not be UTF-8.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn read_bytes(&self, line: usize, bytes: &[u8]) -> Result<Loaded<Request>, LineError> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.load(line, text),
            Err(_) => match Source::from_bytes(self.name(line), bytes.to_vec()) {
                Ok(source) => self.read_with_places(line, &source.text),
                Err(error) => Err(self.error(line, &String::from_utf8_lossy(bytes), error)),
            },
        }
    }

    fn name(&self, line: usize) -> String {
        line_name(&self.path.display().to_string(), line)
    }

    fn error(&self, line: usize, text: &str, mut diagnostics: Diagnostics) -> LineError {
        diagnostics.sort();
        LineError {
            file: self.path.display().to_string(),
            line,
            id: id_of(text),
            diagnostics,
        }
    }

    fn read_with_places(&self, line: usize, text: &str) -> Result<Loaded<Request>, LineError> {
        let source = Arc::new(Source::new(self.name(line), text));
        // JSON Lines are JSON: what YAML would make of a broken line does not count.
        if let Err(errors) = json::read(&source)
            && self.options.params.is_empty()
        {
            return Err(self.error(line, text, errors));
        }
        let (source, node) = match parse(&source, &self.options.params, &Limits::FILE) {
            Ok(read) => read,
            Err(errors) => return Err(self.error(line, text, errors)),
        };
        let origin = Origin {
            source,
            path: PathBuf::from(self.path),
        };
        let mut loader = Loader::new(self.files, self.options);
        let request = request(&mut loader, &node, &origin, self.defaults());
        match loader.finish(request) {
            // Results of lines are known by their numbers.
            Ok(mut loaded) => {
                loaded.value.place = None;
                Ok(loaded)
            }
            Err(diagnostics) => Err(self.error(line, text, diagnostics)),
        }
    }
}

/// The id of a line that may be broken elsewhere.
fn id_of(text: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Id<'t> {
        #[serde(borrow)]
        id: Cow<'t, str>,
    }
    if let Ok(Id { id }) = serde_json::from_str::<Id<'_>>(text) {
        return Some(id.into_owned());
    }
    // Broken JSON: the id still counts if it comes in front of the defect.
    let behind = text
        .split_once("\"id\"")?
        .1
        .trim_start()
        .strip_prefix(':')?
        .trim_start();
    let mut values = serde_json::Deserializer::from_str(behind).into_iter::<Cow<'_, str>>();
    let id = values.next()?.ok()?;
    Some(id.into_owned())
}

#[cfg(test)]
mod tests;
