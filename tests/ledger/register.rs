//! The table of the ambiguity register against its entries: one is read by generators, the other by people.

use std::collections::BTreeMap;

use preclear_tests::root;

use crate::book::Book;
use crate::checks::Problems;

/// Members of an entry, in the order of the table's columns behind the id.
const MEMBERS: [&str; 3] = ["Question", "Guess", "Why, or who disagrees"];

/// Where a row and its entry say different things, or one of them is missing.
pub(crate) fn disagreements(book: &Book) -> Problems {
    let path = root().join("docs/rules/ambiguities.md");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return vec![format!("docs/rules/ambiguities.md: {error}")],
    };
    let mut rows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in text.lines().filter_map(|line| line.strip_prefix("| AMB-")) {
        let mut cells = row.trim_end_matches(" |").split(" | ");
        if let Some(number) = cells.next() {
            rows.insert(number, cells.collect());
        }
    }
    let mut problems = Problems::new();
    for (id, rule) in book.family("AMB") {
        let number = id.trim_start_matches("AMB-");
        let entry = MEMBERS.map(|name| member(&rule.text, name));
        match rows.remove(number) {
            None => problems.push(format!("{}: the table has no row for {id}", rule.place)),
            Some(row) if entry.iter().map(String::as_str).eq(row.iter().copied()) => {}
            Some(row) => problems.push(format!(
                "{}: {id} says {entry:?}, its row of the table {row:?}",
                rule.place
            )),
        }
    }
    problems.extend(
        rows.keys().map(|number| {
            format!("docs/rules/ambiguities.md: AMB-{number} has a row and no entry")
        }),
    );
    problems
}

/// `- Question: …`, on one line; `–` where the entry has none.
fn member(text: &str, name: &str) -> String {
    let mut lines = text
        .lines()
        .skip_while(|line| !line.starts_with(&format!("- {name}: ")));
    let Some(first) = lines.next() else {
        return "–".to_owned();
    };
    let first = first
        .trim_start_matches("- ")
        .trim_start_matches(name)
        .trim_start_matches(": ");
    let rest = lines
        .take_while(|line| line.starts_with("  "))
        .map(str::trim);
    [first]
        .into_iter()
        .chain(rest)
        .collect::<Vec<_>>()
        .join(" ")
}
