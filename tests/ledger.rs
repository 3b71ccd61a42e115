//! Rules, cases and code against each other: every rule of `docs/rules` has cases, every case names rules, code cites
//! every rule and cites no other. Prints the counts of each family: `cargo test --test ledger`.

#[path = "ledger/book.rs"]
mod book;
#[path = "ledger/cases.rs"]
mod cases;
#[path = "ledger/checks.rs"]
mod checks;
#[path = "ledger/cited.rs"]
mod cited;
#[path = "ledger/exceptions.rs"]
mod exceptions;
#[path = "ledger/families.rs"]
mod families;
#[path = "ledger/id.rs"]
mod id;
#[path = "ledger/register.rs"]
mod register;
#[path = "ledger/table.rs"]
mod table;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use book::Book;
use cases::Cases;
use checks::{Ledger, Problems, asks};
use cited::Citations;
use exceptions::{Check, Exceptions};
use families::{FAMILIES, Family};

fn main() -> io::Result<ExitCode> {
    let arguments = Arguments::from_args();
    let ledger = Arc::new(Ledger {
        book: Book::read()?,
        cases: Cases::read()?,
        citations: Citations::read()?,
        exceptions: Exceptions::read()?,
    });
    if !arguments.list {
        table::print(&ledger, &mut io::stdout().lock())?;
    }
    Ok(libtest_mimic::run(&arguments, trials(&ledger)).exit_code())
}

fn trials(ledger: &Arc<Ledger>) -> Vec<Trial> {
    let name = |name: &str| name.to_owned();
    let mut trials = vec![
        trial(ledger, name("ledger/reads_ids"), |_| id::misreadings()),
        trial(
            ledger,
            name("ledger/finds_rules_cases_and_citations"),
            Ledger::too_few,
        ),
        trial(ledger, name("docs/rules/have_their_form"), |ledger| {
            ledger.book.defects.clone()
        }),
        trial(
            ledger,
            name("docs/rules/register_agrees_with_its_entries"),
            |ledger| register::disagreements(&ledger.book),
        ),
        trial(ledger, name("cases/can_be_read"), |ledger| {
            ledger.cases.unreadable.clone()
        }),
        trial(
            ledger,
            name("citations/are_of_known_families"),
            Ledger::of_unknown_families,
        ),
        trial(ledger, name("citations/are_whole_ids"), Ledger::out_of_form),
        trial(
            ledger,
            name("exceptions/are_needed"),
            Ledger::needless_exceptions,
        ),
    ];
    for (folder, _) in ledger.cases.folders() {
        let folder = folder.to_owned();
        trials.push(trial(
            ledger,
            format!("cases/{folder}/name_rules"),
            move |ledger| {
                let files = ledger.cases.folders().remove(folder.as_str());
                ledger.astray(&files.unwrap_or_default())
            },
        ));
    }
    for of in FAMILIES {
        trials.extend(of_family(ledger, *of));
    }
    for name in families::NAMED_ONLY {
        trials.push(trial(
            ledger,
            format!("{name}/only_what_exists_is_cited"),
            move |ledger| ledger.undocumented(name),
        ));
    }
    trials
}

fn of_family(ledger: &Arc<Ledger>, of: Family) -> Vec<Trial> {
    type Find = fn(&Ledger, Family) -> Problems;
    let all: [(Check, &str, Find); 4] = [
        (Check::Case, "every_rule_has_a_case", Ledger::without_case),
        (
            Check::Citation,
            "every_rule_is_cited",
            Ledger::without_citation,
        ),
        (
            Check::BothWays,
            "every_rule_is_shown_both_ways",
            Ledger::without_opposite,
        ),
        (
            Check::Modes,
            "every_entry_is_asked_in_every_mode",
            Ledger::without_mode,
        ),
    ];
    let name = of.name;
    let asked = all.into_iter().filter(|(check, ..)| asks(of, *check));
    asked
        .map(|(_, what, find)| {
            trial(ledger, format!("{name}/{what}"), move |ledger| {
                find(ledger, of)
            })
        })
        .chain([trial(
            ledger,
            format!("{name}/only_what_exists_is_cited"),
            move |ledger| ledger.undocumented(name),
        )])
        .collect()
}

/// A test that fails with its problems.
fn trial(
    ledger: &Arc<Ledger>,
    name: String,
    find: impl FnOnce(&Ledger) -> Problems + Send + 'static,
) -> Trial {
    let ledger = Arc::clone(ledger);
    Trial::test(name, move || {
        let problems = find(&ledger);
        if problems.is_empty() {
            Ok(())
        } else {
            Err(format!("{} to mend:\n  {}", problems.len(), problems.join("\n  ")).into())
        }
    })
}
