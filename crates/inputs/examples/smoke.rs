use std::path::{Path, PathBuf};
use preclear_inputs::files::{Entry, FileError, FileErrorKind, Files};
use preclear_inputs::{test_file, snapshot, job, Options};
struct Disk;
impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        std::fs::read(path).map_err(|e| if e.kind() == std::io::ErrorKind::NotFound { FileError::new(FileErrorKind::NotFound) } else { FileError::other(e.to_string()) })
    }
    fn list(&self, path: &Path) -> Result<Option<Vec<Entry>>, FileError> {
        if !path.is_dir() { return Ok(None); }
        Ok(Some(std::fs::read_dir(path).unwrap().map(|e| { let e = e.unwrap(); Entry { path: e.path(), is_directory: e.path().is_dir() } }).collect()))
    }
}
fn walk(dir: &Path, out: &mut Vec<PathBuf>) { for e in std::fs::read_dir(dir).unwrap() { let p = e.unwrap().path(); if p.is_dir() { walk(&p, out) } else if p.extension().is_some_and(|x| x == "yaml") { out.push(p) } } }
fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args[1].as_str() {
        "tests" => {
            let mut files = Vec::new(); walk(Path::new(&args[2]), &mut files); files.sort();
            let (mut ok, mut bad, mut tests) = (0, 0, 0);
            for f in files {
                match test_file::read(&f, &Disk, &Options::default()) {
                    Ok(loaded) => {
                        let t = loaded.value; tests += t.tests.len();
                        for d in loaded.diagnostics.iter() { println!("W {d}"); }
                        match (&t.snapshot, &t.expect_invalid) {
                            (Ok(s), None) => { for d in s.diagnostics.iter() { println!("w {d}"); } ok += 1 }
                            (Err(_), Some(code)) if t.is_refused_for(code) => ok += 1,
                            (Err(e), _) => { bad += 1; println!("SNAPSHOT {}\n{e}", f.display()) }
                            (Ok(_), Some(c)) => { bad += 1; println!("NOT REFUSED {c} {}", f.display()) }
                        }
                        for test in &t.tests { let e = match &test.question {
                            test_file::Question::Request { request, .. } | test_file::Question::WhoCan { request, .. } => request.as_ref().as_ref().err(),
                            test_file::Question::Job { job, .. } => job.as_ref().as_ref().err(),
                            test_file::Question::Lint { document, .. } => document.as_ref().as_ref().err() };
                            if let Some(e) = e { println!("QUESTION {} {}\n{e}", f.display(), test.name) } }
                    }
                    Err(e) => { bad += 1; println!("FILE {}\n{e}", f.display()) }
                }
            }
            println!("{ok} ok, {bad} bad, {tests} tests");
        }
        "snapshot" => match snapshot::load(&args[2..], &Disk, &Options::default()) { Ok(l) => println!("{}\n{:#?}", l.diagnostics, l.value), Err(e) => println!("{e}") },
        _ => match job::read(Path::new(&args[2]), &Disk, &Options::default()) { Ok(l) => println!("{}\n{:#?}", l.diagnostics, l.value), Err(e) => println!("{e}") },
    }
}
