//! Lists the job templates of `data/jobs`, so that a new template is a new file and nothing else.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?)
        .join("data")
        .join("jobs");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let name = path.file_name().and_then(|name| name.to_str());
                let name = name.ok_or("a job template's file name is not Unicode")?;
                files.push((name.to_owned(), path.display().to_string()));
            }
        }
    }
    files.sort();
    let mut list = String::from("&[\n");
    for (name, path) in &files {
        writeln!(list, "    ({name:?}, include_str!({path:?})),")?;
    }
    list.push(']');
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("jobs.rs"), list)?;
    Ok(())
}
