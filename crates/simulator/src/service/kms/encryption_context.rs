//! Whether the encryption context of a call meets the constraint of a grant. Rule: KMS-GRANT-5, KMS-GRANT-6.

use std::collections::BTreeMap;

use preclear_condition::{Dependency, Evidence, KeyState, Outcome};

use crate::context::{Context, Name, PairList, Pairs, Sources, pairs};
use crate::evaluate::Query;
use crate::request::Request;
use crate::snapshot::GrantRecord;

const NAMES: &str = "kms:EncryptionContextKeys";
const FAMILY: &str = "kms:EncryptionContext:";

/// Operations whose encryption context a grant's constraint is compared with. Rule: KMS-GRANT-6.
fn is_compared(action: &str) -> bool {
    matches!(
        action,
        "encrypt"
            | "decrypt"
            | "reencryptfrom"
            | "reencryptto"
            | "generatedatakey"
            | "generatedatakeywithoutplaintext"
            | "generatedatakeypair"
            | "generatedatakeypairwithoutplaintext"
    )
}

/// Whether the grant's constraint holds; true for a grant or an operation without.
pub(super) fn fits<E: Evidence>(
    grant: &GrantRecord,
    sources: Sources<'_>,
    query: Query<'_>,
) -> Outcome<E> {
    let is_constrained = grant.context_equals.is_some() || grant.context_subset.is_some();
    if !is_constrained || !is_compared(sources.action.name()) {
        return Outcome::known(true);
    }
    if speaks_of_pairs(sources.request) {
        return fits_said(grant, query.context);
    }
    match pairs(sources) {
        Pairs::Known(pairs) => Outcome::known(fits_pairs(grant, Some(pairs))),
        Pairs::AssumedNone => Outcome::known(fits_pairs(grant, None)),
        Pairs::Open => Outcome::unknown(|| Dependency::Key(NAMES.to_lowercase())),
    }
}

/// Names and values are compared with case.
fn fits_pairs(grant: &GrantRecord, pairs: Option<PairList<'_>>) -> bool {
    let pairs = || pairs.into_iter().flat_map(PairList::iter);
    let contains = |wanted: &BTreeMap<String, String>| {
        let mut wanted = wanted.iter();
        wanted.all(|(name, value)| pairs().any(|pair| pair == (name.as_str(), value.as_str())))
    };
    let equals =
        |wanted: &BTreeMap<String, String>| pairs().count() == wanted.len() && contains(wanted);
    grant.context_equals.as_ref().is_none_or(equals)
        && grant.context_subset.as_ref().is_none_or(contains)
}

/// True if the request says something of its pairs by their condition keys.
fn speaks_of_pairs(request: &Request) -> bool {
    let of_sets = [&request.unknown, &request.absent, &request.present];
    let names = of_sets.into_iter().flatten();
    let mut names = names
        .chain(request.context.keys())
        .chain(request.like.keys());
    let start = |name: &str, wanted: &str| {
        let start = name.get(..wanted.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(wanted))
    };
    names.any(|name| start(name, FAMILY) || name.eq_ignore_ascii_case(NAMES))
}

/// The same by what the condition keys tell: what is said of them wins over the parameters. Rule: IAM-CTX-1.
fn fits_said<E: Evidence>(grant: &GrantRecord, context: &Context<'_>) -> Outcome<E> {
    let equals = grant.context_equals.as_ref().map(|wanted| {
        let has_no_other = names_equal(context, wanted);
        has_no_other.and(has_pairs(context, wanted))
    });
    let contains = grant
        .context_subset
        .as_ref()
        .map(|wanted| has_pairs(context, wanted));
    Outcome::all(equals.into_iter().chain(contains))
}

fn names_equal<E: Evidence>(
    context: &Context<'_>,
    wanted: &BTreeMap<String, String>,
) -> Outcome<E> {
    let equal = |names: &[&str]| {
        names.iter().all(|name| wanted.contains_key(*name))
            && wanted.keys().all(|name| names.contains(&name.as_str()))
    };
    match context.state_of(Name::KmsEncryptionContextKeys) {
        KeyState::Many(names) => Outcome::known(equal(names)),
        KeyState::One(name) => Outcome::known(equal(&[name])),
        KeyState::Absent | KeyState::Empty { .. } => Outcome::known(wanted.is_empty()),
        _ => Outcome::unknown(|| Dependency::Key(NAMES.to_lowercase())),
    }
}

fn has_pairs<E: Evidence>(context: &Context<'_>, wanted: &BTreeMap<String, String>) -> Outcome<E> {
    Outcome::all(
        wanted
            .iter()
            .map(|(name, value)| has_name(context, name).and(has_value(context, name, value))),
    )
}

/// Condition keys ignore the case of a name; the list of names keeps it.
fn has_name<E: Evidence>(context: &Context<'_>, name: &str) -> Outcome<E> {
    match context.state_of(Name::KmsEncryptionContextKeys) {
        KeyState::Many(names) => Outcome::known(names.contains(&name)),
        KeyState::One(own) => Outcome::known(own == name),
        KeyState::Absent | KeyState::Empty { .. } => Outcome::known(false),
        _ => Outcome::unknown(|| Dependency::Key(NAMES.to_lowercase())),
    }
}

fn has_value<E: Evidence>(context: &Context<'_>, name: &str, value: &str) -> Outcome<E> {
    let unknown = || Outcome::unknown(|| Dependency::Key(format!("{FAMILY}{name}").to_lowercase()));
    match context.state_of_member(Name::KmsEncryptionContext, name) {
        KeyState::One(own) => Outcome::known(own == value),
        KeyState::Many(values) => Outcome::known(matches!(values, [own] if *own == value)),
        KeyState::Absent => Outcome::known(false),
        KeyState::Empty { .. } => Outcome::known(value.is_empty()),
        KeyState::Like(pattern) if !pattern.is_match(value) => Outcome::known(false),
        _ => unknown(),
    }
}
