//! Reads what users have on disk into snapshots, requests, jobs and test files.
//!
//! Text in, values out: files are read through [`Files`], and no reader knows a file system, a clock or a verdict; [`disk`] is
//! the file system for those who want it. Everything that is wrong with an input is reported at once, with its place.
//!
//! | Input | Read by |
//! |---|---|
//! | snapshot: files and directories | [`snapshot::load`] |
//! | snapshot: policy files given one by one | [`loose::load`] |
//! | requests | [`request::read`], [`RequestLines`] |
//! | jobs | [`job::read`] |
//! | policy unit tests | [`test_file::read`] |
//! | documents by themselves | [`fill::read`] |
//! | policies in templates and plans, by themselves | [`template`], [`terraform::values`] |

#![forbid(unsafe_code)]

mod asked;
mod aws_cli;
mod by_name;
mod check;
mod cloudformation;
pub mod codes;
pub mod disk;
mod document;
pub mod files;
pub mod fill;
mod format;
pub mod job;
mod loader;
pub mod loose;
pub mod merge;
pub mod missing;
pub mod normal;
mod one_thing;
mod params;
pub mod part;
mod placeholder;
mod principal;
pub mod request;
mod request_line;
mod same;
mod settings;
mod sketch;
pub mod snapshot;
mod snapshot_file;
pub mod terraform;
pub mod test_file;
#[cfg(test)]
mod testing;
mod unclear;
mod values;

pub use cloudformation::policies as template;
pub use document::FILE_STEPS_MAX;
pub use files::Files;
pub use loader::{Loaded, Options};
pub use params::{FilledNames, GivenBy, Params};
pub use request_line::{Decided, LineError, LineReader, RequestLines};
pub use settings::{NOW_SYSTEM, clock, is_key_name};
pub use snapshot_file::FORMAT_VERSION;
pub use values::{is_account_id, is_region};
