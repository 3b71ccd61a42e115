//! The counts, as a table.

use std::io::{self, Write};

use crate::checks::{Ledger, asks};
use crate::exceptions::Check;
use crate::families::FAMILIES;

const HEAD: [&str; 7] = [
    "family",
    "rules",
    "with cases",
    "both ways",
    "cited",
    "cases",
    "citations",
];

/// Prints a row per family, and their sum.
///
/// # Errors
///
/// An output that cannot be written.
pub(crate) fn print(ledger: &Ledger, out: &mut impl Write) -> io::Result<()> {
    let mut sum = [0_usize; 6];
    row(
        out,
        HEAD[0],
        HEAD.iter().skip(1).map(|word| (*word).to_owned()),
    )?;
    for of in FAMILIES {
        let ids: Vec<&str> = ledger.book.family(of.name).map(|(id, _)| id).collect();
        let holding = |check| {
            asks(*of, check).then(|| ids.iter().filter(|id| ledger.holds(*of, check, id)).count())
        };
        let cases = ledger.cases.files.iter().filter(|file| {
            let mut rules = file.rules.iter();
            rules.any(|rule| ids.contains(&rule.as_str()))
        });
        let citations = ledger
            .citations
            .all
            .iter()
            .filter(|cited| cited.is_code && ids.contains(&cited.id.as_str()));
        let counts = [
            Some(ids.len()),
            holding(Check::Case),
            holding(Check::BothWays).or_else(|| holding(Check::Modes)),
            holding(Check::Citation),
            Some(cases.count()),
            of.is_built.then(|| citations.count()),
        ];
        for (total, count) in sum.iter_mut().zip(counts) {
            *total += count.unwrap_or(0);
        }
        let cells = counts.map(|count| count.map_or("–".to_owned(), |count| count.to_string()));
        row(out, of.name, cells.into_iter())?;
    }
    // A case that names rules of two families stands in both rows.
    sum[4] = ledger.cases.files.len();
    row(out, "all", sum.map(|count| count.to_string()).into_iter())
}

fn row(out: &mut impl Write, name: &str, cells: impl Iterator<Item = String>) -> io::Result<()> {
    write!(out, "{name:<10}")?;
    for cell in cells {
        write!(out, "{cell:>11}")?;
    }
    writeln!(out)
}
