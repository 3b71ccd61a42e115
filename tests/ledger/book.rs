//! The rules as the documentation has them: which ids there are, where each stands, and what form it has.
//!
//! Knows Markdown only as far as the form of a rule goes, which `docs/rules/README.md` lays down.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use preclear_tests::root;

use crate::id::family;

/// Folder of the rules, below the checkout.
const RULES: &str = "docs/rules";

/// Documents beside the rules that define rules of the program: `- **UI-1** …`.
const PROGRAM: [&str; 2] = ["docs/commands.md", "docs/formats.md"];

/// Names of the items in the last line of a rule.
const ITEMS: [&str; 5] = ["sources", "documented", "observed", "inferred", "see"];

/// A place in the checkout, as messages show it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

/// How the documentation defines an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Definition {
    /// A heading of level 3, or an item of the lists of the program's rules.
    Rule,
    /// The first cell of a row: traps, scenarios, requirements, templates, defects.
    Row,
}

/// One id that the documentation defines.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) place: Place,
    pub(crate) definition: Definition,
    /// The text below the heading; empty for rows.
    pub(crate) text: String,
}

/// Everything that the documentation defines, and what is wrong with its form.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) rules: BTreeMap<String, Rule>,
    /// Defects of form: an id defined twice, a heading without id, a rule without its last line.
    pub(crate) defects: Vec<String>,
}

impl Book {
    /// Reads the documentation.
    ///
    /// # Errors
    ///
    /// A file or folder that cannot be read.
    pub(crate) fn read() -> io::Result<Self> {
        let mut book = Self::default();
        let mut files: Vec<PathBuf> = std::fs::read_dir(root().join(RULES))?
            .map(|entry| entry.map(|entry| Path::new(RULES).join(entry.file_name())))
            .collect::<io::Result<_>>()?;
        files.sort();
        let mut sources = String::new();
        for path in &files {
            let text = std::fs::read_to_string(root().join(path))?;
            book.add_rules(path, &text);
            book.add_rows(path, &text);
            if path.ends_with("sources.md") {
                sources = text;
            }
        }
        for path in PROGRAM.map(Path::new) {
            book.add_program_rules(path, &std::fs::read_to_string(root().join(path))?);
        }
        book.check_last_lines(&source_codes(&sources));
        Ok(book)
    }

    /// Ids of one family, in the order of their numbers.
    pub(crate) fn family(&self, name: &str) -> impl Iterator<Item = (&str, &Rule)> {
        let mut rules: Vec<(&str, &Rule)> = self
            .rules
            .iter()
            .filter(|(id, _)| family(id) == name)
            .map(|(id, rule)| (id.as_str(), rule))
            .collect();
        rules.sort_by_key(|(id, _)| (id.len(), *id));
        rules.into_iter()
    }

    fn define(&mut self, id: &str, rule: Rule) {
        if let Some(first) = self.rules.get(id) {
            let defect = format!("{}: {id} is defined at {} already", rule.place, first.place);
            self.defects.push(defect);
            return;
        }
        self.rules.insert(id.to_owned(), rule);
    }

    /// `### IAM-GRAM-1 — Encoding and JSON`, and the text up to the next heading.
    fn add_rules(&mut self, path: &Path, text: &str) {
        let mut open: Option<(String, Rule)> = None;
        for (index, line) in text.lines().enumerate() {
            let is_heading = line.starts_with("## ") || line.starts_with("### ");
            if let Some((id, rule)) = open.take_if(|_| is_heading) {
                self.define(&id, rule);
            }
            if let Some(heading) = line.strip_prefix("### ") {
                let place = place(path, index);
                match heading.split_once(" — ") {
                    Some((id, title)) if !title.is_empty() && family(id) != id => {
                        let rule = Rule {
                            place,
                            definition: Definition::Rule,
                            text: String::new(),
                        };
                        open = Some((id.to_owned(), rule));
                    }
                    _ => self.defects.push(format!(
                        "{place}: a heading of level 3 is `### ID — title`, not `{heading}`"
                    )),
                }
            } else if let Some((_, rule)) = &mut open {
                rule.text.push_str(line);
                rule.text.push('\n');
            }
        }
        if let Some((id, rule)) = open {
            self.define(&id, rule);
        }
    }

    /// `| TRAP-1 | … |`, `| PZ-02, PZ-03 | … |` in the files whose tables define ids.
    fn add_rows(&mut self, path: &Path, text: &str) {
        let defines: &[&str] = match path.file_name().and_then(|name| name.to_str()) {
            Some("traps.md") => &["TRAP", "T"],
            Some("job-ground-truth.md") => &["GT", "G"],
            Some("job-personalize.md") => &["PZ", "P"],
            Some("job-templates.md") => &["T-"],
            Some("job-lint.md") => &["L"],
            _ => return,
        };
        for (index, line) in text.lines().enumerate() {
            let Some((cell, _)) = line.strip_prefix("| ").and_then(|row| row.split_once(" |"))
            else {
                continue;
            };
            let ids = cell.split(", ").filter(|id| defines.contains(&family(id)));
            // Expected results of a scenario are listed by requirement once more.
            let new: Vec<&str> = ids.filter(|id| !self.rules.contains_key(*id)).collect();
            for id in new {
                let rule = Rule {
                    place: place(path, index),
                    definition: Definition::Row,
                    text: String::new(),
                };
                self.define(id, rule);
            }
        }
    }

    /// `- **UI-1** …`
    fn add_program_rules(&mut self, path: &Path, text: &str) {
        for (index, line) in text.lines().enumerate() {
            let Some((id, _)) = line
                .strip_prefix("- **")
                .and_then(|rest| rest.split_once("**"))
            else {
                continue;
            };
            if family(id) == "UI" {
                let rule = Rule {
                    place: place(path, index),
                    definition: Definition::Rule,
                    text: String::new(),
                };
                self.define(id, rule);
            }
        }
    }

    /// Every rule below a heading ends in `*Certainty: D; sources: …*`.
    fn check_last_lines(&mut self, codes: &[String]) {
        for (id, rule) in &self.rules {
            if rule.definition == Definition::Rule && family(id) != "UI" {
                let defects = last_line(&rule.text, codes);
                let defects = defects.map(|defect| format!("{}: {id}: {defect}", rule.place));
                self.defects.extend(defects);
            }
        }
    }
}

fn place(path: &Path, index: usize) -> Place {
    Place {
        path: path.to_owned(),
        line: index + 1,
    }
}

/// What is wrong with the last line of a rule.
fn last_line<'a>(text: &'a str, codes: &'a [String]) -> impl Iterator<Item = String> + 'a {
    let last = text.trim_end().lines().next_back().unwrap_or_default();
    let inner = last
        .strip_prefix("*Certainty: ")
        .and_then(|line| line.strip_suffix('*'));
    let no_line = inner
        .is_none()
        .then(|| "the rule does not end in `*Certainty: …*`".to_owned());
    let mut parts = inner.unwrap_or_default().split("; ");
    let marks = parts.next().unwrap_or_default();
    let marks = marks.split(" (").next().unwrap_or_default();
    let no_mark = inner
        .filter(|_| !marks.split('+').all(|mark| matches!(mark, "D" | "O" | "I")))
        .map(|_| format!("`{marks}` is no certainty: D, O, I, or some of them joined by `+`"));
    let of_items = parts.flat_map(move |part| match part.split_once(": ") {
        Some(("sources", list)) => unknown_codes(list, codes),
        Some((name, _)) if ITEMS.contains(&name) => Vec::new(),
        _ => vec![format!(
            "`{part}` is none of `{}: …`",
            ITEMS.join(": …`, `")
        )],
    });
    no_line.into_iter().chain(no_mark).chain(of_items)
}

/// Sources whose code the list of sources lacks; a code may go on with a page or with words in parentheses.
fn unknown_codes(list: &str, codes: &[String]) -> Vec<String> {
    let mut depth = 0_usize;
    let outside: String = list
        .chars()
        .filter(|c| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect();
    outside
        .split(", ")
        .map(|code| code.split('/').next().unwrap_or_default().trim())
        .filter(|code| !code.is_empty() && !codes.iter().any(|known| known == code))
        .map(|code| format!("`{code}` is not among the codes of docs/rules/sources.md"))
        .collect()
}

/// Codes of `sources.md`: first cells of its tables, and the guide that is named in its text.
fn source_codes(text: &str) -> Vec<String> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = rows.filter_map(|row| row.split_once(" |"));
    let mut codes: Vec<String> = cells
        .flat_map(|(cell, _)| cell.split(", "))
        .map(|code| code.split('/').next().unwrap_or_default().to_owned())
        .collect();
    codes.push("IAMUG".to_owned());
    codes
}
