//! What the tests of this crate share.

use std::path::Path;

use preclear_model::Diagnostics;
use preclear_simulator::Snapshot;

use crate::files::MemoryFiles;
use crate::{Loaded, Options, Params, snapshot};

pub(crate) const KEY: &str =
    "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

pub(crate) const IDENTITY_POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}"#;

pub(crate) const KEY_POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}]}"#;

/// Files in memory.
pub(crate) fn files<const N: usize>(files: [(&str, &str); N]) -> MemoryFiles {
    MemoryFiles::from_iter(files)
}

/// Options with values for placeholders.
pub(crate) fn with_params<const N: usize>(params: [(&str, &str); N]) -> Options {
    Options {
        params: Params::from_iter(params),
        ..Options::default()
    }
}

/// Loads one snapshot file with that text.
pub(crate) fn load(text: &str) -> Result<Loaded<Snapshot>, Diagnostics> {
    load_files([("s.yaml", text)], &Options::default())
}

/// Loads `s.yaml` of several files.
pub(crate) fn load_files<const N: usize>(
    texts: [(&str, &str); N],
    options: &Options,
) -> Result<Loaded<Snapshot>, Diagnostics> {
    snapshot::load([Path::new("s.yaml")], &files(texts), options)
}

/// Codes with the texts they point at: `CODE text`.
pub(crate) fn codes(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics
        .iter()
        .map(|diagnostic| {
            let text = diagnostic.place.as_ref().map_or("", |place| place.text());
            let short: String = text.chars().take(40).collect();
            format!("{} {short}", diagnostic.code).trim_end().to_owned()
        })
        .collect()
}

/// Codes alone, warnings left out.
pub(crate) fn error_codes<T: std::fmt::Debug>(
    result: Result<Loaded<T>, Diagnostics>,
) -> Vec<&'static str> {
    result
        .unwrap_err()
        .errors()
        .map(|error| error.code)
        .collect()
}
