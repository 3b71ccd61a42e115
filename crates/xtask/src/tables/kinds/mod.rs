//! IAM-GRAM-20: what each kind of policy allows. A document that is accepted is shown by what it then does; one that is
//! refused has a file of its own.

mod carrier;
mod cells;
mod kind;
mod maker;
mod references;

use serde_json::json;

use super::case::{Case, merged};
use super::markdown::{Rules, plain};
use crate::failure::Failure;

use self::cells::{Check, Probe};
use self::kind::Kind;

pub(crate) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    let table = rules.table("IAM-GRAM-20")?;
    let mut cases = Vec::new();
    let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.column()).collect();
    for column in table.header().iter().skip(1) {
        if !known.contains(&plain(column).as_str()) {
            return Err(Failure::new(format!(
                "`IAM-GRAM-20`: no reading for the column `{column}`"
            )));
        }
    }
    for kind in Kind::ALL {
        let mut accepted = Vec::new();
        for row in table.rows() {
            let cell = row.cell(kind.column())?;
            let probes = cells::probes(kind, &plain(row.label()), &plain(cell))
                .ok_or_else(|| row.unread(cell))?;
            for probe in probes {
                match probe.checks {
                    // A session policy stands in the request, which alone is invalid.
                    Some(_) => accepted.push(probe),
                    None if kind == Kind::Session => accepted.push(probe),
                    None => cases.push(refused(kind, &probe)),
                }
            }
        }
        cases.push(accepted_of(kind, &accepted));
    }
    Ok(cases)
}

fn accepted_of(kind: Kind, probes: &[Probe]) -> Case {
    let documents: Vec<_> = probes.iter().map(|probe| &probe.document).collect();
    let why = format!("what {} may contain, and what it does then", kind.phrase());
    let rules = [
        "IAM-GRAM-20",
        "IAM-GRAM-10",
        "IAM-GRAM-12",
        "IAM-GRAM-21",
        "IAM-WILD-10",
    ];
    let path = format!("iam-gram-20/{}", kind.name());
    let mut case = Case::new(&path, &rules, &why, kind.snapshot(&documents));
    for (number, probe) in probes.iter().enumerate() {
        let request = |check: &Check| {
            merged(
                &kind.request(number, probe, check.action, check.object),
                &check.rest,
            )
        };
        match &probe.checks {
            Some(checks) => {
                for check in checks {
                    let name = format!("{}: {}", probe.name, check.about);
                    case.test(name, request(check), check.expect.clone());
                }
            }
            None => {
                let check = Check::new("refused", kind.action(), json!("invalid"));
                case.test(
                    format!("{}: refused", probe.name),
                    request(&check),
                    json!("invalid"),
                );
            }
        }
    }
    case
}

fn refused(kind: Kind, probe: &Probe) -> Case {
    let why = format!("{} is refused: {}", kind.phrase(), probe.name);
    let name = super::world::slug(&probe.name);
    let path = format!("iam-gram-20/{}-refused-{name}", kind.name());
    let snapshot = kind.snapshot(&[&probe.document]);
    let mut case = Case::new(&path, &["IAM-GRAM-20"], &why, snapshot);
    case.test(
        probe.name.clone(),
        kind.request(0, probe, kind.action(), "x"),
        json!("invalid"),
    );
    case
}
