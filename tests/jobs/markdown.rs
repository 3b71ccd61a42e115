//! Lines of Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use preclear_tests::root;
use regex::Regex;

/// Where lines of text end; tables are as wide as they must be.
const WIDTH: usize = 100;

static RULE_ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[A-Z]+(?:-[A-Z0-9]+)*-\d+\b").unwrap());

/// The rules of the documentation, and the page of each below `docs`.
static RULES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let head = Regex::new(r"^(?:### |- \*\*)([A-Z]+(?:-[A-Z0-9]+)*-\d+)(?: |\*\*)").unwrap();
    let docs = root().join("docs");
    let mut pages = vec!["commands.md".to_owned(), "formats.md".to_owned()];
    for entry in std::fs::read_dir(docs.join("rules")).unwrap() {
        pages.push(format!(
            "rules/{}",
            entry.unwrap().file_name().to_string_lossy()
        ));
    }
    pages.sort();
    let mut rules = BTreeMap::new();
    for page in pages.into_iter().rev() {
        let text = std::fs::read_to_string(docs.join(&page)).unwrap();
        for found in text.lines().filter_map(|line| head.captures(line)) {
            rules.insert(found[1].to_owned(), page.clone());
        }
    }
    rules
});

/// A text in code font.
pub(crate) fn code(text: &str) -> String {
    format!("`{text}`")
}

/// Texts in code font, one after another.
pub(crate) fn codes<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| code(text.as_ref())).collect();
    texts.join(", ")
}

/// Prose of a template: signs that Markdown would take for its own are kept, ids of rules become links.
pub(crate) fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(number, part)| {
        if number % 2 == 1 {
            return part.to_owned();
        }
        let kept = part.replace('*', "\\*").replace('<', "&lt;");
        let linked = RULE_ID.replace_all(&kept, |found: &regex::Captures| {
            let id = &found[0];
            if RULES.contains_key(id) {
                format!("[{id}]")
            } else {
                id.to_owned()
            }
        });
        linked.into_owned()
    });
    parts.collect::<Vec<_>>().join("`")
}

/// The definitions of the links that [`prose`] made, for a page so many folders below `docs`.
pub(crate) fn links(text: &str, out: &str) -> String {
    let used = Regex::new(r"\[([A-Z0-9-]+)\]").unwrap();
    let ids: BTreeSet<&str> = used
        .captures_iter(text)
        .filter_map(|found| found.get(1))
        .map(|id| id.as_str())
        .collect();
    let mut links = String::new();
    for id in ids {
        if let Some(page) = RULES.get(id) {
            let _ = writeln!(links, "[{id}]: {out}{page}");
        }
    }
    links
}

/// A sentence with its full stop and its capital letter.
pub(crate) fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    let first: String = signs
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let end = if text.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    // What starts with the name of an action or a member keeps its letters.
    let is_name = text
        .split(' ')
        .next()
        .is_some_and(|word| word.contains([':', '.', '/', '_']));
    if is_name {
        format!("{text}{end}")
    } else {
        format!("{first}{}{end}", signs.as_str())
    }
}

/// A paragraph in lines; every line after the first is indented so far.
pub(crate) fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in words(text) {
        let size = word.chars().count();
        let is_full = length + 1 + size > WIDTH;
        let Some(line) = lines.last_mut() else { break };
        if length > 0 && is_full {
            lines.push(format!("{}{word}", " ".repeat(indent)));
            length = indent + size;
        } else {
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(&word);
            length += size;
        }
    }
    lines.join("\n")
}

/// An entry of a list.
pub(crate) fn bullet(text: &str) -> String {
    format!("{}\n", wrapped(&format!("- {text}"), 2))
}

/// A table; vertical bars in cells are kept as signs.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

/// Words of a text; what is in code font is one.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_code = false;
    for sign in text.chars() {
        is_code ^= sign == '`';
        if sign == ' ' && !is_code {
            words.push(String::new());
        } else if let Some(word) = words.last_mut() {
            word.push(sign);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
