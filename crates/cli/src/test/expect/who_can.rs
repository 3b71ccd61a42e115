//! Compares who may. Rule: UI-40.

use std::collections::BTreeSet;

use preclear_inputs::test_file::WhoCanExpectation;
use preclear_model::Diagnostic;
use preclear_simulator::who_can::{Candidate, Who};
use preclear_simulator::{Request, Snapshot, Verdict, WhoCan};

use super::named::unlisted_resource;
use super::{Mismatch, Mismatches, list};

/// Warnings of a question that is about nothing real: nobody may, whatever policies say.
const ABOUT_NOTHING: [&str; 4] = [
    "UNKNOWN_ACTION",
    "UNKNOWN_KEY",
    "LITERAL_STAR_RESOURCE",
    "RESOURCE_NOT_OF_ACTION",
];

/// Compares an answer.
pub(in crate::test) fn who_can(
    expect: &WhoCanExpectation,
    answer: &WhoCan,
    request: &Request,
    snapshot: &Snapshot,
) -> Vec<Mismatch> {
    if !answer.errors.is_empty() {
        return refused_who_can(expect, &answer.errors);
    }
    let Some(exactly) = &expect.exactly else {
        return Vec::new();
    };
    let mut mismatches = Mismatches::default();
    let expected = "a question about things that exist: as it is, the test guards nothing";
    let unfit = answer.warnings.iter().find(|warning| {
        ABOUT_NOTHING.contains(&warning.code)
            && (warning.code != "UNKNOWN_ACTION"
                || warning.message.starts_with("no service defines"))
            && (warning.code != "LITERAL_STAR_RESOURCE" || request.resource.is_none())
    });
    if let Some(warning) = unfit {
        mismatches.push("who_can", expected, &warning.message);
    } else if let Some(resource) = unlisted_resource(request, snapshot) {
        let actual = format!("the snapshot lists others of its kind, but not `{resource}`");
        mismatches.push("who_can", expected, actual);
    }
    // Whoever makes a difference has to be named; who goes without saying may be.
    let is_named = |one: &Candidate| exactly.iter().any(|entry| covers(entry, &one.who));
    let is_complete = answer.counted().all(is_named);
    let may = |entry: &String| answer.allowed().any(|one| covers(entry, &one.who));
    if is_complete && exactly.iter().all(may) {
        return mismatches.all;
    }
    let counted = answer.counted();
    let mut actual: BTreeSet<String> = counted.map(shown).collect();
    let named = answer.allowed().filter(|one| is_named(one));
    actual.extend(named.map(shown));
    mismatches.push("exactly", list(exactly), list(&actual));
    mismatches.all
}

/// Nobody can ask it, or its snapshot is refused: that is never what `exactly` says.
pub(in crate::test) fn refused_who_can(
    expect: &WhoCanExpectation,
    errors: &[Diagnostic],
) -> Vec<Mismatch> {
    let codes: BTreeSet<String> = errors.iter().map(|error| error.code.to_owned()).collect();
    let expected = match &expect.exactly {
        Some(exactly) => list(exactly),
        None => "a question that can be asked".to_owned(),
    };
    let mut mismatches = Mismatches::default();
    mismatches.push("exactly", expected, format!("invalid ({})", list(&codes)));
    mismatches.all
}

/// Whether a name in a test file means somebody: an ARN, the name of a service, `anonymous`; an account id all that is
/// not listed of the account, its root user included, and `*` the same of accounts that nothing names.
fn covers(entry: &str, who: &Who) -> bool {
    match who {
        Who::Root { .. } | Who::RootSession { .. } | Who::Others { .. } => {
            entry == who.name() || entry == who.account().unwrap_or("*")
        }
        _ => entry == who.name(),
    }
}

/// The name that a test file has for somebody, and whether they may under conditions alone.
fn shown(candidate: &Candidate) -> String {
    let name = match &candidate.who {
        Who::Root { .. } | Who::RootSession { .. } | Who::Others { .. } => {
            candidate.who.account().unwrap_or("*").to_owned()
        }
        who => who.name(),
    };
    match candidate.verdict {
        Verdict::Depends => format!("{name} (under conditions)"),
        _ => name,
    }
}
