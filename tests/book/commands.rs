//! Runs the commands of pages, in a shell in which `preclear` is the program under test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use preclear_tests::root;
use regex::Regex;

use crate::console::{Step, code_line};
use crate::library;

/// The program, as the README runs it from a checkout.
const FROM_CHECKOUT: &str = "cargo run --release -p preclear -- ";

/// The example of the library, which is called in place of being run.
const LIBRARY: &str = "cargo run -p library";

/// What sees that a command that is not run could be, given its words.
type Check = fn(&[&str]) -> Result<(), String>;

/// Commands that are not run, by their first words, with the reason.
const NOT_RUN: [(&[&str], &str, Check); 9] = [
    (
        &["scripts/collect.sh"],
        "needs AWS; tests/inputs/collect.rs runs it against a stand-in",
        collect,
    ),
    (&["terraform"], "needs Terraform and AWS", is_known),
    (
        &["cargo", "install"],
        "installs into the reader's home",
        paths_exist,
    ),
    (&["cargo", "test"], "runs this test", tests_exist),
    (&["cargo", "doc"], "CI runs it", is_known),
    (&["cargo", "bench"], "takes minutes", is_known),
    (
        &["cargo", "mutants"],
        "takes hours, with a tool that is not part of this",
        is_known,
    ),
    (
        &["cargo", "xtask"],
        "takes minutes or hours, or needs the network",
        chore_exists,
    ),
    (
        &["S=crates/simulator/src"],
        "a variable for the command below it",
        is_known,
    ),
];

/// The folder in which `preclear` is the program under test.
static PROGRAMS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book/programs");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let program = env!("CARGO_BIN_EXE_preclear-under-test");
    std::os::unix::fs::symlink(program, folder.join("preclear")).unwrap();
    folder
});

/// The lines of a block that a command makes: itself, what it prints, and how it ends.
///
/// # Errors
///
/// A command that cannot be run, or that ends otherwise than the page says.
pub(crate) fn run(step: &Step, folder: &Path) -> Result<Vec<String>, String> {
    let mut lines = step.written.clone();
    let command = step.command.replace("\\\n", " ");
    let words: Vec<&str> = command.split_whitespace().collect();
    if !words.starts_with(&["cargo", "run"]) {
        let mut known = NOT_RUN.iter();
        let found = known.find(|(first, ..)| words.starts_with(first));
        if let Some((_, _, check)) = found {
            return check(&words).map(|()| lines);
        }
    }
    let (code, printed) = if command.trim() == LIBRARY {
        (0, ask_the_library(folder)?)
    } else {
        in_shell(&step.command.replace(FROM_CHECKOUT, "preclear "), folder)?
    };
    if printed.contains("panicked at") {
        return Err(format!("`{command}` panicked\n{printed}"));
    }
    // A page that shows what is printed says how it ends, too; one that does not may leave it open.
    let is_said = step.code == Some(code);
    let is_fair = matches!(code, 0 | 1 | 3) && (step.is_shown || step.code.is_none());
    if !is_said && !is_fair {
        return Err(format!("`{}` ends with {code}\n{printed}", command.trim()));
    }
    if step.is_shown {
        lines.extend(
            printed
                .trim_end()
                .lines()
                .map(|line| line.trim_end().to_owned()),
        );
    }
    if (step.is_shown && code != 0) || is_said {
        lines.push(code_line(code));
    }
    Ok(lines)
}

/// Exit code, and what is printed: standard output, then standard error.
fn in_shell(command: &str, folder: &Path) -> Result<(i32, String), String> {
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", PROGRAMS.display()))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let code = output.status.code().ok_or("it was killed")?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((code, text(&output.stdout) + &text(&output.stderr)))
}

fn ask_the_library(folder: &Path) -> Result<String, String> {
    let mut printed = Vec::new();
    library::ask(&folder.join("examples/account"), &mut printed)
        .map_err(|error| error.to_string())?;
    String::from_utf8(printed).map_err(|error| error.to_string())
}

fn is_known(_: &[&str]) -> Result<(), String> {
    Ok(())
}

/// The words that are flags, and what follows one.
fn flags<'a>(words: &[&'a str]) -> impl Iterator<Item = &'a str> {
    let before_comment = words.iter().take_while(|word| !word.starts_with('#'));
    let names = before_comment.filter(|word| word.starts_with("--") && word.len() > 2);
    names.map(|word| word.split('=').next().unwrap_or(word))
}

fn after<'a>(words: &[&'a str], flag: &str) -> Option<&'a str> {
    let at = words.iter().position(|word| *word == flag)?;
    words.get(at + 1).copied()
}

fn exists(path: &str) -> Result<(), String> {
    let is_there = root().join(path).exists();
    is_there.then_some(()).ok_or(format!("there is no {path}"))
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))
}

fn collect(words: &[&str]) -> Result<(), String> {
    let script = read("scripts/collect.sh")?;
    let unknown = flags(words).find(|flag| !script.contains(&format!("{flag})")));
    unknown.map_or(Ok(()), |flag| Err(format!("collect.sh has no {flag}")))
}

fn paths_exist(words: &[&str]) -> Result<(), String> {
    after(words, "--path").map_or(Ok(()), exists)
}

/// The package and the test that are named.
fn tests_exist(words: &[&str]) -> Result<(), String> {
    if let Some(package) = after(words, "-p") {
        let lock = read("Cargo.lock")?;
        if !lock.contains(&format!("name = \"{package}\"\n")) {
            return Err(format!("there is no package {package}"));
        }
    }
    match after(words, "--test") {
        Some(test) => exists(&format!("tests/{test}.rs")),
        None => Ok(()),
    }
}

/// A chore of `crates/xtask`, and its flags.
fn chore_exists(words: &[&str]) -> Result<(), String> {
    let Some(chore) = words.get(2) else {
        return Ok(());
    };
    let source = read(&format!("crates/xtask/src/{chore}.rs"))
        .or_else(|_| read(&format!("crates/xtask/src/{chore}/mod.rs")))
        .map_err(|_| format!("there is no chore {chore}"))?;
    let fields =
        Regex::new(r"(?m)^    (?:pub\(crate\) )?([a-z_]+): ").map_err(|e| e.to_string())?;
    let has = |flag: &str| {
        let name = flag.trim_start_matches('-').replace('-', "_");
        fields.captures_iter(&source).any(|field| field[1] == name)
    };
    let unknown = flags(words).find(|flag| !has(flag));
    unknown.map_or(Ok(()), |flag| {
        Err(format!("cargo xtask {chore} has no {flag}"))
    })
}
