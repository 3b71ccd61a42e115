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
    let equals = grant.context_equals.as_ref();
    let subset = grant.context_subset.as_ref();
    let equals = equals.map(|wanted| has(wanted, Wanted::Equals, sources, query));
    let subset = subset.map(|wanted| has(wanted, Wanted::Subset, sources, query));
    Outcome::all(equals.into_iter().chain(subset))
}

/// How the pairs of a call are to stand to those of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// These and no others.
    Equals,
    /// These, and perhaps others.
    Subset,
}

/// Whether the call has these pairs: what is said of their condition keys wins over the parameters. Rule: IAM-CTX-1.
pub(super) fn has<E: Evidence>(
    wanted: &BTreeMap<String, String>,
    how: Wanted,
    sources: Sources<'_>,
    query: Query<'_>,
) -> Outcome<E> {
    if speaks_of_pairs(sources.request) {
        return has_said(wanted, how, query.context);
    }
    match pairs(sources) {
        Pairs::Known(pairs) => Outcome::known(has_listed(wanted, how, Some(pairs))),
        Pairs::AssumedNone => Outcome::known(has_listed(wanted, how, None)),
        Pairs::Open => Outcome::unknown(|| Dependency::Key(NAMES.to_lowercase())),
    }
}

/// Names and values are compared with case.
fn has_listed(wanted: &BTreeMap<String, String>, how: Wanted, pairs: Option<PairList<'_>>) -> bool {
    let pairs = || pairs.into_iter().flat_map(PairList::iter);
    let has_no_other = how == Wanted::Subset || pairs().count() == wanted.len();
    let mut wanted = wanted.iter();
    has_no_other
        && wanted.all(|(name, value)| pairs().any(|pair| pair == (name.as_str(), value.as_str())))
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

/// The same by what the condition keys tell.
fn has_said<E: Evidence>(
    wanted: &BTreeMap<String, String>,
    how: Wanted,
    context: &Context<'_>,
) -> Outcome<E> {
    let has_no_other = match how {
        Wanted::Equals => names_equal(context, wanted),
        Wanted::Subset => Outcome::known(true),
    };
    has_no_other.and(has_pairs(context, wanted))
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
