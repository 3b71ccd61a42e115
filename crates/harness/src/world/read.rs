//! Reads documents as the program reads files.

use std::path::Path;

use preclear_inputs::files::MemoryFiles;
use preclear_inputs::request::Fallback;
use preclear_inputs::{Options, job, request, snapshot};
use preclear_model::Diagnostics;
use preclear_simulator::job::JobRequest;
use preclear_simulator::{Engine, Request, Snapshot};
use serde_json::Value;

/// Path of a document that is read from memory.
const PATH: &str = "document.json";

/// The snapshot that a document describes.
///
/// # Errors
///
/// What the reader refuses.
pub fn snapshot(document: &Value) -> Result<Snapshot, Diagnostics> {
    let files = MemoryFiles::from_iter([(PATH, document.to_string())]);
    let read = snapshot::load([Path::new(PATH)], &files, &Options::default())?;
    Ok(read.value)
}

/// The same, compiled.
///
/// # Errors
///
/// What the reader refuses.
pub fn engine(document: &Value) -> Result<Engine, Diagnostics> {
    snapshot(document).map(Engine::compile)
}

/// The request that a document describes.
///
/// # Errors
///
/// What the reader refuses.
pub fn request(document: &Value) -> Result<Request, Diagnostics> {
    let files = MemoryFiles::from_iter([(PATH, document.to_string())]);
    let options = Options::default();
    let read = request::read(Path::new(PATH), &files, &options, &Fallback::default())?;
    // A document is one object, so there is one request.
    read.value.into_iter().next().ok_or_else(Diagnostics::new)
}

/// The job that a document describes.
///
/// # Errors
///
/// What the reader refuses.
pub fn job(document: &Value) -> Result<JobRequest, Diagnostics> {
    let files = MemoryFiles::from_iter([(PATH, document.to_string())]);
    let read = job::read(Path::new(PATH), &files, &Options::default())?;
    // A document is one object, so there is one job.
    read.value.into_iter().next().ok_or_else(Diagnostics::new)
}
