//! One row of a template: trigger, parts, alternatives, hints. Rule: JOB-2.

use crate::codes;
use crate::engine::Detail;
use crate::explanation::{NearMiss, Verdict, Warning};
use crate::job::missing::Missing;
use crate::job::part::{Decided, decide, fails_by_encryption_context};
use crate::job::report::{Basis, Requirement, RequirementPart};
use crate::job::scope::Scope;
use crate::job::template::{Hint, PartSpec, Row};
use crate::job::value::union;
use crate::job::verdict;
use crate::service::operation::rank;

/// What the rules say where a condition on the encryption context keeps `DescribeKey` out.
const DESCRIBE_KEY_HINT: &str = "kms:DescribeKey passes no encryption context, so a statement that tests it never allows it: \
                                 allow it in a statement of its own (KMS-COND-3)";

/// Whether the trigger of a row holds.
pub(crate) fn applies(scope: &Scope<'_>, row: &Row) -> bool {
    row.when.as_ref().is_none_or(|when| scope.holds(when))
}

/// Decides a row; one whose trigger is false, or that has nothing to ask about and may have nothing, is not applicable.
pub(crate) fn requirement(scope: &Scope<'_>, row: &Row, detail: Detail) -> Requirement {
    let decided = if applies(scope, row) {
        decided(scope, row, detail)
    } else {
        Decided::default()
    };
    let Decided {
        mut parts,
        mut missing,
    } = decided;
    mark_hinted(scope, row, &mut parts);
    let may_lack = row.may_be_empty || !parts.is_empty();
    missing.retain(|missing| missing.is_open || !may_lack);
    let lacking = missing.iter().map(|missing| missing.basis).min();
    Requirement {
        id: row.id.clone(),
        phase: row.phase,
        basis: match lacking {
            Some(lacking) => verdict::basis_of(&parts, lacking).min(lacking),
            None => verdict::basis_of(&parts, row.basis),
        },
        why: row.why.clone(),
        if_missing: row.if_missing.clone(),
        result: match (lacking, verdict::of_parts(&parts)) {
            (Some(_), decided) if rank(decided) > rank(Verdict::Depends) => Verdict::Depends,
            (_, decided) => decided,
        },
        hints: hints(scope, row, &parts),
        parts,
        missing: lacking.map(|_| texts(&missing)),
    }
}

/// That a row applies, and nothing is known that it could ask about.
pub(crate) fn warning(requirement: &Requirement) -> Option<Warning> {
    let missing = requirement.missing.as_ref()?;
    let id = &requirement.id;
    let what = if requirement.parts.is_empty() {
        "what it asks about"
    } else {
        "all that it asks about"
    };
    let message = format!("{id} applies, but it is not known {what}: {missing}");
    Some(Warning::new(&codes::ROW_WITHOUT_PARTS, message))
}

/// That a call which only the documentation lists would meet a key that cannot be used: the verdict speaks of other rows.
/// Rule: JOB-4.
pub(crate) fn unusable_key(requirement: &Requirement) -> Option<Warning> {
    let part = requirement
        .parts
        .iter()
        .find(|part| part.basis == Basis::Listed && verdict::is_inoperable(part))?;
    let answer = part.result.operability.answer()?;
    let message = format!(
        "{}: {} on {} is allowed, and would fail with {}",
        requirement.id,
        part.action,
        part.resource,
        answer.exception.name()
    );
    Some(Warning::new(&codes::KEY_UNUSABLE, message))
}

fn texts(missing: &[Missing]) -> String {
    let texts = union(missing.iter().map(|missing| missing.text.clone()));
    texts.join("; ")
}

fn decided(scope: &Scope<'_>, row: &Row, detail: Detail) -> Decided {
    let all = |specs: &[PartSpec]| -> Decided {
        specs
            .iter()
            .map(|spec| decide(scope, spec, row.basis, detail))
            .collect()
    };
    if row.alternatives.is_empty() {
        return all(&row.parts);
    }
    // The first of equally good ones: what the documentation names first.
    let mut best: Option<Decided> = None;
    let mut empty = Vec::new();
    for alternative in row.alternatives.iter().map(|specs| all(specs)) {
        if alternative.parts.is_empty() {
            empty.push(alternative);
            continue;
        }
        let is_better = |best: &Decided| {
            rank(verdict::of_parts(&alternative.parts)) > rank(verdict::of_parts(&best.parts))
        };
        if best.as_ref().is_none_or(is_better) {
            best = Some(alternative);
        }
    }
    best.unwrap_or_else(|| empty.into_iter().collect())
}

/// What the rules add to the failures of a row.
fn hints(scope: &Scope<'_>, row: &Row, parts: &[RequirementPart]) -> Vec<String> {
    let failing: Vec<&RequirementPart> = parts.iter().filter(|part| fails(part)).collect();
    let fitting = row
        .hints
        .iter()
        .filter(|hint| failing.iter().any(|part| fits(scope, hint, part)));
    let mut hints: Vec<String> = fitting.map(|hint| scope.message(&hint.text)).collect();
    if parts
        .iter()
        .any(|part| fails_by_encryption_context(&part.result))
    {
        hints.push(DESCRIBE_KEY_HINT.to_owned());
    }
    hints
}

fn fails(part: &RequirementPart) -> bool {
    part.result.verdict.is_deny() || part.result.verdict == Verdict::Depends
}

fn fits(scope: &Scope<'_>, hint: &Hint, part: &RequirementPart) -> bool {
    let has_near_miss = hint.near_miss.as_ref().is_none_or(|text| {
        let wanted = scope.message(text);
        let mut misses = part.result.useful_near_misses();
        misses.any(|miss| is_wanted(miss, &wanted))
    });
    has_code(hint, part) && has_near_miss
}

fn has_code(hint: &Hint, part: &RequirementPart) -> bool {
    let primary = part.result.primary.as_ref();
    hint.code
        .is_none_or(|code| primary.is_some_and(|primary| primary.code == code))
}

/// Whether a near miss is what a hint names: by its key, or by what it asks for.
fn is_wanted(miss: &NearMiss, wanted: &str) -> bool {
    let key = miss.key.as_ref();
    miss.expected.contains(wanted) || key.is_some_and(|key| starts_with(key, wanted))
}

/// Marks the near misses that the hints speak of.
fn mark_hinted(scope: &Scope<'_>, row: &Row, parts: &mut [RequirementPart]) {
    for hint in &row.hints {
        let Some(text) = &hint.near_miss else {
            continue;
        };
        let wanted = scope.message(text);
        for part in parts.iter_mut() {
            if !fails(part) || !has_code(hint, part) {
                continue;
            }
            let misses = part.result.near_misses.iter_mut();
            for miss in misses.filter(|miss| !miss.is_idle && is_wanted(miss, &wanted)) {
                miss.is_hinted = true;
            }
        }
    }
}

/// Whether a condition key starts with this, in any letter case: `aws:Source` stands for `aws:SourceArn` and its like.
fn starts_with(key: &str, wanted: &str) -> bool {
    let start = key.get(..wanted.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(wanted))
}
