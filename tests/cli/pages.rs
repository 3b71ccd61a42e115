//! The examples of the pages: their files are written, their commands run, and what they print must stand below them.
//! `UPDATE_EXPECT=1 cargo test --test cli` writes it anew: read the difference.
//!
//! A block of a language other than `console` is a file; a comment in its first line, or a line such as `` `name`: `` above it, is
//! its name. A `console` block starts with one command, after `$ preclear`.

use preclear_tests::root;

use crate::program::Folder;

const COMMAND: &str = "$ preclear ";

/// A page, and how many of its commands were run.
struct Replayed {
    text: String,
    commands: usize,
}

/// The page with what its commands print now.
fn replay(text: &str, mut folder: Folder) -> Replayed {
    let mut replayed = Replayed {
        text: String::new(),
        commands: 0,
    };
    let mut lines = text.lines();
    let mut label = None;
    while let Some(line) = lines.next() {
        replayed.text.push_str(line);
        replayed.text.push('\n');
        let Some(language) = line.strip_prefix("```") else {
            let named = line
                .strip_prefix('`')
                .and_then(|rest| rest.strip_suffix("`:"));
            label = named.or(label.filter(|_| line.is_empty()));
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let first = block.first().copied().unwrap_or_default();
        if language == "console" {
            replayed.text.push_str(&console(&block, &folder));
            replayed.commands += 1;
        } else {
            let name = first.strip_prefix("# ").or(label);
            let name = name.unwrap_or_else(|| panic!("the file has no name: {first}"));
            let content = format!("{}\n", block.join("\n"));
            replayed.text.push_str(&content);
            folder = folder.with(name, content);
        }
        replayed.text.push_str("```\n");
        label = None;
    }
    replayed
}

/// The command as it stands, and what it prints.
fn console(block: &[&str], folder: &Folder) -> String {
    let continued = block.iter().take_while(|line| line.ends_with('\\')).count();
    let written = &block[..=continued];
    let command: String = written
        .iter()
        .map(|line| line.trim_end_matches('\\'))
        .collect();
    let args = command
        .strip_prefix(COMMAND)
        .unwrap_or_else(|| panic!("no command of preclear: {command}"));
    let args: Vec<&str> = args.split_whitespace().collect();
    let ran = folder.run(&args);
    assert!(ran.code.is_some_and(|code| code < 2), "{command}\n{ran:?}");
    format!("{}\n{}{}", written.join("\n"), ran.stdout, ran.stderr)
}

#[test]
fn the_examples_of_the_page_on_kms_print_what_it_says() {
    let path = root().join("docs/kms.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let replayed = replay(&page, Folder::new("kms-page"));
    assert!(replayed.commands >= 12, "{}", replayed.commands);
    if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
        std::fs::write(&path, replayed.text).unwrap();
        return;
    }
    let both = page.lines().zip(replayed.text.lines());
    for (number, (written, printed)) in (1..).zip(both) {
        assert_eq!(
            written, printed,
            "docs/kms.md:{number} says otherwise. If the program is right: UPDATE_EXPECT=1 cargo test --test cli"
        );
    }
    assert!(
        page == replayed.text,
        "docs/kms.md ends too soon or too late"
    );
}

#[test]
fn a_page_that_says_otherwise_is_noticed() {
    let page = |said: &str| {
        format!(
            "`r.json`:\n\n```json\n{{}}\n```\n\n```console\n$ preclear --version \\\n    \n{said}\n```\n"
        )
    };
    let version = format!("preclear {}", env!("CARGO_PKG_VERSION"));
    let right = replay(&page(&version), Folder::new("page"));
    assert_eq!(right.text, page(&version));
    assert_eq!(right.commands, 1);
    let wrong = replay(&page("preclear 99"), Folder::new("page-wrong"));
    assert_eq!(wrong.text, page(&version));
}
