//! What the grants of a key did: near misses, and their part of the full report. Rule: KMS-DEC-1.
//!
//! A key may have 50,000 grants. Only those to the caller are told, those to somebody called like it, and those to an id that nobody
//! has any more.

use std::collections::BTreeMap;

use preclear_condition::{KeyName, Outcome, Tri};
use preclear_model::Arn;
use preclear_model::caller::CallerKind;

use super::Evidences;
use super::elements::query;
use super::near_miss::of_layer;
use super::values::actual_value;
use crate::compose::Factor;
use crate::context::{Context, PairList, Pairs, View, pairs};
use crate::decide::{Case, Run};
use crate::explanation::{GrantReport, LayerReport, NearMiss};
use crate::layer::Layer;
use crate::service::kms::fit::{self, Fit};
use crate::service::kms::grants;
use crate::snapshot::GrantRecord;
use crate::target::{KeyTarget, TargetKind};

mod retirement;

/// One thing that a grant asks for.
struct Test {
    /// Member of ListGrants.
    element: &'static str,
    value: Tri,
    expected: String,
    actual: String,
}

/// Grants to the caller that fit but for one thing.
pub(super) fn near_misses(case: &Case<'_>, context: &Context) -> Vec<NearMiss> {
    if !grants::may_give(case.sources()) || is_retirement(case) {
        return Vec::new();
    }
    let judged = counted(case).filter_map(|grant| Some((grant, tests(case, context, grant)?)));
    judged
        .filter_map(|(grant, tests)| {
            let mut failing = tests.into_iter().filter(|test| test.value.is_false());
            let (failed, None) = (failing.next()?, failing.next()) else {
                return None;
            };
            Some(NearMiss {
                grant: Some(grant.id.clone()),
                ..of_layer(
                    Layer::Grants,
                    failed.element,
                    failed.expected,
                    failed.actual,
                )
            })
        })
        .collect()
}

/// The part of the grants; none where the question is not about a key.
pub(super) fn report(
    case: &Case<'_>,
    context: &Context,
    run: &Run<'_, Evidences>,
) -> Option<LayerReport> {
    if !matches!(case.target.kind, TargetKind::Key(_)) {
        return None;
    }
    let (allow, note, grants) = if is_retirement(case) {
        let reports = retirement::reports(case, run);
        let note = retirement::note(case, reports.len());
        (run.composition.granted.value, Some(note), reports)
    } else if grants::may_give(case.sources()) {
        let (reports, others) = reports(case, context);
        (fitting(run), note(case, reports.len(), others), reports)
    } else {
        let note = format!("no grant can give {}", case.action_text);
        (Tri::False, Some(note), Vec::new())
    };
    Some(LayerReport {
        layer: Layer::Grants,
        level: None,
        allow,
        deny: Tri::False,
        note,
        statements: Vec::new(),
        grants,
    })
}

/// Who may retire a grant is another question than whom it serves. Rule: KMS-GRANT-14.
pub(super) fn is_retirement(case: &Case<'_>) -> bool {
    case.action.is("kms", "retiregrant")
}

/// Whether some grant fits.
fn fitting(run: &Run<'_, Evidences>) -> Tri {
    let factors = run.composition.paths.iter().flat_map(|path| &path.factors);
    let fits = factors
        .filter(|(factor, _)| matches!(factor, Factor::Grant(_)))
        .map(|(_, outcome)| outcome.clone());
    Outcome::any(fits).value
}

fn reports(case: &Case<'_>, context: &Context) -> (Vec<GrantReport>, usize) {
    let mut reports = Vec::new();
    let mut others = 0;
    for grant in counted(case) {
        match tests(case, context, grant) {
            Some(tests) => reports.push(grant_report(grant, &tests)),
            None => others += 1,
        }
    }
    (reports, others)
}

fn grant_report(grant: &GrantRecord, tests: &[Test]) -> GrantReport {
    let remark = |test: &Test| {
        let verb = match test.value {
            Tri::True => return None,
            Tri::False => "fails",
            Tri::Unknown => "is undecided",
        };
        let (element, expected, actual) = (test.element, &test.expected, &test.actual);
        Some(format!(
            "{element} {verb}: the grant asks for {expected}, the request has {actual}"
        ))
    };
    GrantReport {
        id: grant.id.clone(),
        applies: tests
            .iter()
            .fold(Tri::True, |all, test| all.and(test.value)),
        remarks: tests.iter().filter_map(remark).collect(),
        undecided: tests
            .iter()
            .filter(|test| test.value.is_unknown())
            .map(|test| (test.element, test.expected.clone()))
            .collect(),
    }
}

/// What there is besides the grants that are told.
fn note(case: &Case<'_>, told: usize, others: usize) -> Option<String> {
    let is_loaded = match &case.target.kind {
        TargetKind::Key(KeyTarget::Found { .. }) => !grants::are_unknown(case.sources()),
        _ => false,
    };
    match (is_loaded, told, others) {
        (false, ..) => Some("not all loaded".to_owned()),
        (true, 0, 0) => Some("no grant".to_owned()),
        (true, _, 0) => None,
        (true, 0, 1) => Some("one grant, to somebody else".to_owned()),
        (true, 0, others) => Some(format!("{others} grants, all to others")),
        (true, _, 1) => Some("and one to somebody else".to_owned()),
        (true, _, others) => Some(format!("and {others} to others")),
    }
}

/// Grants that take part in the decision.
fn counted<'a>(case: &'a Case<'a>) -> impl Iterator<Item = &'a GrantRecord> {
    let (listed, assumed) = grants::counted(case.sources());
    listed.iter().chain(assumed)
}

/// What a grant asks for, grantee first; `None` for a grant to somebody else.
fn tests(case: &Case<'_>, context: &Context, grant: &GrantRecord) -> Option<Vec<Test>> {
    let (sources, query) = (case.sources(), query(case, context));
    let class = fit::grantee_class::<Evidences>(grant, sources, query);
    if class.is_none() && !is_called_like_caller(case, grant) && !is_left_behind(case, grant) {
        return None;
    }
    let fit = Fit::<Evidences>::of(grant, sources, query);
    let of_service = grant.grantee_service.as_ref();
    let mut tests = vec![
        Test {
            element: if of_service.is_some() {
                "GranteeServicePrincipal"
            } else {
                "GranteePrincipal"
            },
            value: class.map_or(Tri::False, |(_, outcome)| outcome.value),
            expected: of_service
                .or(grant.grantee.as_ref())
                .cloned()
                .unwrap_or_default(),
            actual: case.requester.caller.display_arn(),
        },
        Test {
            element: "Operations",
            value: Tri::from(fit.operation),
            expected: grant.operations.join(", "),
            actual: operation(case),
        },
        Test {
            element: "GrantToken",
            value: Tri::from(fit.is_usable),
            expected: "its token, until it has spread".to_owned(),
            actual: match fit::tokens(sources).count() {
                0 => "(none)".to_owned(),
                _ => "another".to_owned(),
            },
        },
    ];
    tests.extend(constraints(case, context, grant, &fit));
    Some(tests)
}

fn constraints(
    case: &Case<'_>,
    context: &Context,
    grant: &GrantRecord,
    fit: &Fit<Evidences>,
) -> Vec<Test> {
    let mut tests = Vec::new();
    let contexts = [
        ("EncryptionContextEquals", &grant.context_equals),
        ("EncryptionContextSubset", &grant.context_subset),
    ];
    for (element, wanted) in contexts {
        tests.extend(wanted.as_ref().map(|wanted| Test {
            element,
            value: fit.context.value,
            expected: pairs_text(wanted),
            actual: actual_pairs(case),
        }));
    }
    let view = View {
        context,
        in_key_policy: false,
        supposed: &[],
    };
    tests.extend(grant.source_arn.as_ref().map(|wanted| Test {
        element: "SourceArn",
        value: fit.source.value,
        expected: wanted.clone(),
        actual: actual_value(&view, &KeyName::new("aws:SourceArn")),
    }));
    tests
}

/// As grants list it: `ReEncryptFrom`.
fn operation(case: &Case<'_>) -> String {
    let text = &case.action_text;
    let name = text.split_once(':').map(|(_, name)| name);
    name.unwrap_or(text).to_owned()
}

fn pairs_text(pairs: &BTreeMap<String, String>) -> String {
    let all: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    all.join(", ")
}

fn actual_pairs(case: &Case<'_>) -> String {
    match pairs(case.sources()) {
        Pairs::Known(pairs) if pairs.iter().next().is_some() => pairs_text(&owned(pairs)),
        Pairs::Known(_) | Pairs::AssumedNone => "(none)".to_owned(),
        Pairs::Open => "(unknown)".to_owned(),
    }
}

fn owned(pairs: PairList<'_>) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// True for a grantee of the caller's name with another path, session, account or letter case.
fn is_called_like_caller(case: &Case<'_>, grant: &GrantRecord) -> bool {
    let own = name_of(&case.requester.display());
    let named = grant.grantee.as_deref().and_then(name_of);
    own.is_some() && own == named
}

/// True for a grantee that is the unique id of a role or user that nobody lists any more: the caller may have been made again
/// under its old name. Rule: IAM-PRIN-7, KMS-GRANT-11.
fn is_left_behind(case: &Case<'_>, grant: &GrantRecord) -> bool {
    let Some(id) = grant.grantee.as_deref() else {
        return false;
    };
    let is_of_kind = match case.requester.kind() {
        CallerKind::RoleSession { .. } => id.starts_with("AROA"),
        CallerKind::User { .. } => id.starts_with("AIDA"),
        _ => false,
    };
    let mut listed = case.sources().engine.snapshot().principals.iter();
    is_of_kind && !listed.any(|principal| principal.id.as_deref() == Some(id))
}

/// Name of a user or role, in lower case; of a session that of its role.
fn name_of(text: &str) -> Option<String> {
    let arn = Arn::parse(text)?;
    let (kind, rest) = arn.resource().split_once('/')?;
    let name = match kind {
        "assumed-role" => rest.split('/').next(),
        "role" | "user" => rest.rsplit('/').next(),
        _ => None,
    };
    name.map(str::to_lowercase)
}
