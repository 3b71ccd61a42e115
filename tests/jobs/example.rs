//! The example of the page: a template, what tests it, and commands.
//!
//! A block below a line such as `` `name`: `` is that file. Any other block of JSON is a step: what is added to the
//! template. A `console` block is one command, below which what it prints is written. In a `sh` block every command
//! is one, and what they print is not shown.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use preclear_tests::root;
use serde_json::Value;

const COMMAND: &str = "preclear ";

/// A block of the page between fences.
#[derive(Debug)]
pub(crate) struct Block {
    language: String,
    name: Option<String>,
    text: String,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) printed: String,
}

/// The blocks of a page in their order.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    let mut label = None;
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: String = lines
                .by_ref()
                .take_while(|line| *line != "```")
                .flat_map(|line| [line, "\n"])
                .collect();
            let (language, name) = (language.to_owned(), label.take());
            blocks.push(Block {
                language,
                name,
                text,
            });
        } else if !line.is_empty() {
            let named = line
                .strip_prefix('`')
                .and_then(|rest| rest.strip_suffix("`:"));
            label = named.map(str::to_owned);
        }
    }
    blocks
}

/// What a file of the page holds.
pub(crate) fn file(blocks: &[Block], name: &str) -> Option<String> {
    let is_it = |block: &&Block| block.name.as_deref() == Some(name);
    blocks.iter().find(is_it).map(|block| block.text.clone())
}

/// All steps together.
pub(crate) fn steps(blocks: &[Block]) -> Value {
    let mut whole = Value::Null;
    for block in blocks
        .iter()
        .filter(|block| block.language == "json" && block.name.is_none())
    {
        add(&mut whole, &serde_json::from_str(&block.text).unwrap());
    }
    whole
}

/// Adds to objects by member, and to lists of objects by their `id`.
fn add(whole: &mut Value, more: &Value) {
    match (whole, more) {
        (Value::Object(whole), Value::Object(more)) => {
            for (name, value) in more {
                add(whole.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(whole), Value::Array(more)) => {
            for one in more {
                let known = whole
                    .iter_mut()
                    .find(|known| one.get("id").is_some() && known.get("id") == one.get("id"));
                match known {
                    Some(known) => add(known, one),
                    None => whole.push(one.clone()),
                }
            }
        }
        (whole, more) => whole.clone_from(more),
    }
}

/// A folder with the files of the page and the examples that its commands name.
pub(crate) fn folder(blocks: &[Block], name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    copy(
        &root().join("examples/ground-truth"),
        &folder.join("examples/ground-truth"),
    );
    for block in blocks {
        if let Some(name) = &block.name {
            fs::write(folder.join(name), &block.text).unwrap();
        }
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, target) = entry
            .map(|entry| (entry.path(), to.join(entry.file_name())))
            .unwrap();
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// The commands whose results the page does not show.
pub(crate) fn silent_commands(blocks: &[Block]) -> Vec<String> {
    let silent = blocks.iter().filter(|block| block.language == "sh");
    let joined = silent.map(|block| block.text.replace("\\\n", " "));
    joined
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Runs a command of the page in a folder, in an empty environment.
pub(crate) fn run(command: &str, folder: &Path) -> Ran {
    let args = command.strip_prefix(COMMAND);
    let args = args.unwrap_or_else(|| panic!("no command of preclear: {command}"));
    let output = Command::new(env!("CARGO_BIN_EXE_preclear-under-test"))
        .args(args.split_whitespace())
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran {
        code: output.status.code(),
        printed: format!("{}{}", text(output.stdout), text(output.stderr)),
    }
}

/// The page with what its `console` blocks print.
pub(crate) fn played(page: &str, folder: &Path) -> String {
    let mut played = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        played.push_str(line);
        played.push('\n');
        if line != "```console" {
            continue;
        }
        let written: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let command = written.join("\n");
        let one_line = command.replace("\\\n", " ");
        let ran = run(one_line.trim_start_matches("$ "), folder);
        assert_ran(&one_line, &ran);
        played.push_str(&format!("{command}\n{}```\n", ran.printed));
    }
    played
}

/// The command is one, its input can be used, and its answer is not open.
#[track_caller]
pub(crate) fn assert_ran(command: &str, ran: &Ran) {
    assert!(ran.code.is_some_and(|code| code < 2), "{command}\n{ran:#?}");
}
