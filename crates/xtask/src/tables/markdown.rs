//! The rules as their markdown says them: headings of level 3, tables, items; and the sections beside them, headings of
//! level 2. Knows the form of a rule, not what any rule means.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::failure::{Failure, While as _};

/// Every rule of a folder by its id, and what stands in sections outside of rules.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    rules: BTreeMap<String, Rule>,
    /// By family and title; their tables are read when they are asked for.
    sections: BTreeMap<(String, String), String>,
}

/// One rule: what stands under its heading.
#[derive(Debug, Default)]
pub(crate) struct Rule {
    id: String,
    text: String,
    tables: Vec<Table>,
}

/// One table: cells as written, without the space around them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Table {
    rule: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// One row of a table, which still knows the names of its columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    table: &'a Table,
    cells: &'a [String],
}

impl Rules {
    /// Reads all files `*.md` of a folder.
    pub(crate) fn read(folder: &Path) -> Result<Rules, Failure> {
        let mut rules = Rules::default();
        let files = fs::read_dir(folder).failing_to(|| format!("list `{}`", folder.display()))?;
        for file in files {
            let path = file
                .failing_to(|| format!("list `{}`", folder.display()))?
                .path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let text = fs::read_to_string(&path)
                    .failing_to(|| format!("read `{}`", path.display()))?;
                rules.add(&text)?;
            }
        }
        Ok(rules)
    }

    /// The rules of one text.
    #[cfg(test)]
    pub(crate) fn of(text: &str) -> Rules {
        let mut rules = Rules::default();
        rules.add(text).unwrap();
        rules
    }

    fn add(&mut self, text: &str) -> Result<(), Failure> {
        let mut family = "";
        let mut open: Option<Heading> = None;
        let mut below = String::new();
        for line in text.lines() {
            if !(line.starts_with("# ") || line.starts_with("## ") || line.starts_with("### ")) {
                below.push_str(line);
                below.push('\n');
                continue;
            }
            self.keep(open.take(), family, std::mem::take(&mut below))?;
            if let Some(title) = line.strip_prefix("# ") {
                family = title.split(':').next().unwrap_or(title);
            } else if let Some(title) = line.strip_prefix("## ") {
                open = Some(Heading::Section(title.trim().to_owned()));
            } else if let Some((id, _)) = line.trim_start_matches('#').split_once(" — ") {
                open = Some(Heading::Rule(id.trim().to_owned()));
            }
        }
        self.keep(open, family, below)
    }

    fn keep(&mut self, open: Option<Heading>, family: &str, text: String) -> Result<(), Failure> {
        match open {
            None => {}
            Some(Heading::Rule(id)) => {
                let rule = Rule::of(&id, text)?;
                if self.rules.insert(id.clone(), rule).is_some() {
                    return Err(Failure::new(format!("rule `{id}` stands there twice")));
                }
            }
            Some(Heading::Section(title)) => {
                self.sections.insert((family.to_owned(), title), text);
            }
        }
        Ok(())
    }

    /// The rule of this id.
    pub(crate) fn rule(&self, id: &str) -> Result<&Rule, Failure> {
        self.rules
            .get(id)
            .ok_or_else(|| Failure::new(format!("rule `{id}` is not in the docs")))
    }

    /// The one table of a rule.
    pub(crate) fn table(&self, id: &str) -> Result<&Table, Failure> {
        self.rule(id)?.table()
    }

    /// What stands in a section of a family's file, outside of its rules.
    pub(crate) fn section(&self, family: &str, title: &str) -> Result<Rule, Failure> {
        let name = format!("{family}: {title}");
        match self.sections.get(&(family.to_owned(), title.to_owned())) {
            Some(text) => Rule::of(&name, text.clone()),
            None => Err(Failure::new(format!("section `{name}` is not in the docs"))),
        }
    }

    /// How many rules have an id that starts so.
    pub(crate) fn count(&self, prefix: &str) -> usize {
        self.rules
            .keys()
            .filter(|id| id.starts_with(prefix))
            .count()
    }
}

/// A heading under which text is kept.
enum Heading {
    Rule(String),
    Section(String),
}

impl Rule {
    fn of(id: &str, text: String) -> Result<Rule, Failure> {
        let tables = tables(id, &text)?;
        let id = id.to_owned();
        Ok(Rule { id, text, tables })
    }

    /// The one table.
    pub(crate) fn table(&self) -> Result<&Table, Failure> {
        match self.tables.as_slice() {
            [table] => Ok(table),
            tables => Err(Failure::new(format!(
                "rule `{}` has {} tables, not one",
                self.id,
                tables.len()
            ))),
        }
    }

    /// The text of the item `- NAME: …`, its lines joined.
    pub(crate) fn item(&self, name: &str) -> Result<String, Failure> {
        let start = format!("- {name}: ");
        let mut lines = self
            .text
            .lines()
            .skip_while(|line| !line.starts_with(&start));
        let first = lines
            .next()
            .and_then(|line| line.strip_prefix(&start))
            .ok_or_else(|| Failure::new(format!("rule `{}` has no item `{name}`", self.id)))?;
        let rest = lines.take_while(|line| line.starts_with("  "));
        let words: Vec<&str> = std::iter::once(first)
            .chain(rest)
            .flat_map(str::split_whitespace)
            .collect();
        Ok(words.join(" "))
    }

    /// Fails if the rule no longer says this (white space aside): a hand-written probe stands on it.
    pub(crate) fn says(&self, words: &str) -> Result<(), Failure> {
        let text: Vec<&str> = self.text.split_whitespace().collect();
        if text.join(" ").contains(words) {
            return Ok(());
        }
        Err(Failure::new(format!(
            "rule `{}` no longer says `{words}`: read it again and change the tables' probes",
            self.id
        )))
    }
}

impl Table {
    /// All rows from top to bottom.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { table: self, cells })
    }

    /// The row whose first cell is this, marks of type aside.
    pub(crate) fn row(&self, label: &str) -> Result<Row<'_>, Failure> {
        let wanted = plain(label);
        self.rows()
            .find(|row| plain(row.label()) == wanted)
            .ok_or_else(|| Failure::new(format!("`{}` has no row `{label}`", self.rule)))
    }

    /// The names of the columns.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }
}

impl<'a> Row<'a> {
    /// The first cell.
    pub(crate) fn label(&self) -> &'a str {
        self.cells.first().map_or("", String::as_str)
    }

    /// The cell of a column, as written.
    pub(crate) fn cell(&self, column: &str) -> Result<&'a str, Failure> {
        let wanted = plain(column);
        self.table
            .header
            .iter()
            .position(|name| plain(name) == wanted)
            .and_then(|place| self.cells.get(place))
            .map(String::as_str)
            .ok_or_else(|| Failure::new(format!("`{}` has no column `{column}`", self.table.rule)))
    }

    /// Says that nobody knows what a cell means.
    pub(crate) fn unread(&self, cell: &str) -> Failure {
        Failure::new(format!(
            "`{}`, row `{}`: no reading for the cell `{cell}`",
            self.table.rule,
            self.label()
        ))
    }
}

/// Text without the marks of code and of bold type.
pub(crate) fn plain(text: &str) -> String {
    text.replace("**", "").replace('`', "").trim().to_owned()
}

/// The pieces of a cell that are set as code.
pub(crate) fn codes(cell: &str) -> Vec<String> {
    let pieces = cell.split('`').skip(1).step_by(2);
    pieces.map(str::to_owned).collect()
}

fn tables(rule: &str, text: &str) -> Result<Vec<Table>, Failure> {
    let mut tables = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().chain(std::iter::once("")) {
        if line.starts_with('|') {
            lines.push(line);
        } else if !lines.is_empty() {
            tables.push(table(rule, &lines)?);
            lines.clear();
        }
    }
    Ok(tables)
}

fn table(rule: &str, lines: &[&str]) -> Result<Table, Failure> {
    let bad = |why: &str| Failure::new(format!("table of `{rule}`: {why}"));
    let [header, rule_off, rows @ ..] = lines else {
        return Err(bad("it has no rows"));
    };
    let is_line = |cell: &String| cell.len() >= 3 && cell.chars().all(|c| matches!(c, '-' | ':'));
    if !cells(rule_off).iter().all(is_line) {
        return Err(bad("its second line is not `|---|`"));
    }
    let table = Table {
        rule: rule.to_owned(),
        header: cells(header),
        rows: rows.iter().map(|line| cells(line)).collect(),
    };
    match table
        .rows
        .iter()
        .find(|row| row.len() != table.header.len())
    {
        None => Ok(table),
        Some(row) => Err(bad(&format!(
            "`{}` has another number of cells",
            row.join(" | ")
        ))),
    }
}

/// Splits a line at its bars; a bar in code or after a backslash belongs to the text.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let (mut is_code, mut is_escaped) = (false, false);
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    for letter in line.strip_suffix('|').unwrap_or(line).chars() {
        let starts_cell = letter == '|' && !is_code && !is_escaped;
        is_code ^= letter == '`';
        is_escaped = letter == '\\' && !is_escaped;
        match cells.last_mut() {
            Some(cell) if !starts_cell => cell.push(letter),
            _ => cells.push(String::new()),
        }
    }
    let unescaped = |cell: String| cell.replace("\\|", "|").trim().to_owned();
    cells.into_iter().map(unescaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Title

### X-1 — First

Words that go
on.

| form | `a|b` | c \\| d |
|---|---|---|
| **one** | `x|y` | **T** |
| `two` | U; dead F | – |

### X-2 — Second

- Guess: yes; in other
  words: sure
- Why: no reason

## Section

| not | of | a rule |
";

    #[test]
    fn a_cell_is_found_by_row_and_column() {
        let rules = Rules::of(TEXT);
        let table = rules.table("X-1").unwrap();
        assert_eq!(table.header(), ["form", "`a|b`", "c | d"]);
        let row = table.row("one").unwrap();
        assert_eq!(row.cell("a|b").unwrap(), "`x|y`");
        assert_eq!(plain(row.cell("c | d").unwrap()), "T");
        assert_eq!(table.row("two").unwrap().cell("`c | d`").unwrap(), "–");
        assert_eq!(table.rows().count(), 2);
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let rules = Rules::of(TEXT);
        assert!(rules.rule("X-3").is_err());
        assert!(rules.table("X-2").is_err(), "X-2 has no table");
        let table = rules.table("X-1").unwrap();
        assert!(table.row("three").is_err());
        assert!(table.row("one").unwrap().cell("e").is_err());
    }

    #[test]
    fn items_run_over_lines_and_end() {
        let rules = Rules::of(TEXT);
        let rule = rules.rule("X-2").unwrap();
        assert_eq!(rule.item("Guess").unwrap(), "yes; in other words: sure");
        assert_eq!(rule.item("Why").unwrap(), "no reason");
        assert!(rule.item("Where").is_err());
        rules.rule("X-1").unwrap().says("that go on.").unwrap();
        assert!(rule.says("that go on.").is_err());
        assert_eq!(rules.count("X-"), 2);
    }

    #[test]
    fn a_section_is_found_by_family_and_title() {
        const TABLE: &str = "Words.\n\n| a |\n|---|\n| 1 |\n";
        let rules = Rules::of(&format!(
            "# X: letters\n\n## Rows\n\n{TABLE}\n## Torn\n\n| a |\n\n### X-1 — One\n\n{TABLE}"
        ));
        let rows = rules.section("X", "Rows").unwrap();
        rows.says("Words.").unwrap();
        assert_eq!(rows.table().unwrap().rows().count(), 1);
        assert_eq!(rules.table("X-1").unwrap().header(), ["a"]);
        assert!(rules.section("X", "Torn").is_err());
        assert!(rules.section("X", "X-1").is_err());
        assert!(rules.section("Y", "Rows").is_err());
    }

    #[test]
    fn ragged_tables_and_doubled_rules_are_refused() {
        let add = |text: &str| Rules::default().add(text);
        assert!(add("### X-1 — a\n\n| a | b |\n|---|---|\n| c |\n").is_err());
        assert!(add("### X-1 — a\n\n| a | b |\n| c | d |\n").is_err());
        assert!(add("### X-1 — a\n\n### X-1 — b\n").is_err());
    }

    #[test]
    fn codes_are_the_pieces_in_backticks() {
        assert_eq!(codes("`a`, `b|c` and d"), ["a", "b|c"]);
        assert!(codes("a").is_empty());
    }
}
