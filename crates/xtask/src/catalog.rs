//! `cargo xtask catalog`: fetches the source package, takes names and types, writes the catalogue's blob.

mod corrections;
mod encode;
mod model;
mod package;
mod source;

use std::fs;
use std::path::PathBuf;

use preclear_catalog::Catalog;

use crate::failure::{Failure, While as _};
use crate::repository;

/// Options of `cargo xtask catalog`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Write nothing; fail if the committed catalogue differs from what would be generated.
    #[arg(long)]
    check: bool,
    /// Use this tarball of the source package and fetch nothing; it is verified all the same.
    #[arg(long, value_name = "FILE")]
    tarball: Option<PathBuf>,
}

/// Generates or compares the blob; the text says what was done.
pub(crate) fn run(options: &Options) -> Result<String, Failure> {
    let root = repository::root()?;
    let folder = root.join("crates").join("catalog");
    let source = source::Source::read(&folder.join("data").join("source.json"))?;
    let work = root.join("target").join("xtask").join("catalog");
    let unpacked = source.fetch(&work, options.tarball.as_deref())?;
    let mut services = package::read(&unpacked)?;
    model::add_kms(&mut services)?;
    let corrections = folder.join("data").join("corrections.json");
    corrections::Corrections::read(&corrections)?.apply(&mut services)?;
    let keys = model::condition_keys(&services);
    let blob = encode::encode(&services, &keys, &source.version)?;
    let generated = Catalog::from_bytes(blob.clone())
        .failing_to(|| "read the generated catalogue".to_owned())?;
    generated
        .verify()
        .failing_to(|| "verify the generated catalogue".to_owned())?;

    let path = folder.join("src").join("catalog.bin");
    let committed = fs::read(&path).unwrap_or_default();
    let size = format!(
        "{} services, {} actions, {} condition keys, {} bytes",
        services.len(),
        generated.action_count(),
        keys.len(),
        blob.len()
    );
    if committed == blob {
        return Ok(format!("catalogue is up to date: {size}"));
    }
    if options.check {
        let place = committed
            .iter()
            .zip(&blob)
            .take_while(|(old, new)| old == new)
            .count();
        return Err(Failure::new(format!(
            "catalogue is out of date from byte {place} on: run `cargo xtask catalog` and commit the result"
        )));
    }
    fs::write(&path, &blob).failing_to(|| format!("write `{}`", path.display()))?;
    Ok(format!("catalogue written: {size}"))
}
