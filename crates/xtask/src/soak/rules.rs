//! Which rules the worlds exercise, and how answers are spread over verdicts.
//!
//! Looks at the questions that the properties of one answer are tried on, whether they hold or not.

use std::fmt::Write as _;

use preclear_harness::exercise::{Exercised, RULES, Row, drawn, small};

use super::Options;
use super::report::part;
use super::worlds::{Task, Worlds};

/// The table over the first worlds. The same for the same options: nothing in it depends on time or threads.
pub(super) fn text(options: &Options, count: u64) -> String {
    let worlds = Worlds::first(options, count);
    let mut total = Exercised::default();
    let mut looked = 0;
    'all: while let Some(task) = worlds.next() {
        match task {
            Task::Seed(_) if looked >= count => break,
            Task::Seed(seed) => {
                drawn(seed, &mut total);
                looked += 1;
            }
            Task::Piece(mut piece) => loop {
                if looked >= count {
                    break 'all;
                }
                piece.begin();
                small(&mut piece, worlds.strength(), &mut total);
                looked += 1;
                if !piece.advance() {
                    break;
                }
            },
        }
    }
    told(&total, looked)
}

fn told(total: &Exercised, worlds: u64) -> String {
    let percent = |count: u64| 100.0 * part(count, total.questions);
    // Writing to a string cannot fail.
    let mut text = String::new();
    let _ = writeln!(
        text,
        "rules         {} questions about {worlds} worlds, {:.1}% of them for KMS",
        total.questions,
        percent(total.of_kms)
    );
    for (name, mode) in [
        ("open", Some("open")),
        ("closed", Some("closed")),
        ("all", None),
    ] {
        let verdicts = [
            "allow",
            "explicit_deny",
            "implicit_deny",
            "depends",
            "not_applicable",
            "invalid",
        ];
        let of_mode: u64 = verdicts
            .iter()
            .map(|verdict| total.verdicts(mode, verdict))
            .sum();
        let shares = verdicts.iter().filter_map(|verdict| {
            let count = total.verdicts(mode, verdict);
            (count > 0).then(|| format!("{verdict} {:.1}%", 100.0 * part(count, of_mode)))
        });
        let _ = writeln!(
            text,
            "{:<13} {name}: {}",
            "",
            shares.collect::<Vec<String>>().join(", ")
        );
    }
    let rows = total.rows();
    for (name, count) in rows.iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(text, "  {count:>9}  {name}");
    }
    let never = total.never();
    let _ = writeln!(text, "never exercised: {}", never.len());
    for name in never {
        let _ = writeln!(text, "             {name}");
    }
    let _ = writeln!(text, "not to be exercised by questions:");
    for (rule, row) in RULES {
        if let Row::NotByQuestions(why) = row {
            let _ = writeln!(text, "             {rule}: {why}");
        }
    }
    text
}
