//! Whether the encryption context of a call meets the constraint of a grant. Rule: KMS-GRANT-5, KMS-GRANT-6.

use std::collections::{BTreeMap, BTreeSet};

use preclear_condition::{Dependency, Evidence, KeyName, KeyState, Lookup, Outcome};

use crate::context::{Pairs, Sources, View, pairs};
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
        let view = View {
            context: query.context,
            in_key_policy: false,
            supposed: &[],
        };
        return fits_said(grant, &view);
    }
    match pairs(sources) {
        Pairs::Known(pairs) => Outcome::known(fits_pairs(grant, &pairs.into_iter().collect())),
        Pairs::AssumedNone => Outcome::known(fits_pairs(grant, &BTreeMap::new())),
        Pairs::Open => Outcome::unknown(|| Dependency::Key(NAMES.to_lowercase())),
    }
}

/// Names and values are compared with case.
fn fits_pairs(grant: &GrantRecord, pairs: &BTreeMap<String, String>) -> bool {
    let equals = grant.context_equals.as_ref();
    let contains = grant.context_subset.as_ref().is_none_or(|wanted| {
        wanted
            .iter()
            .all(|(name, value)| pairs.get(name) == Some(value))
    });
    equals.is_none_or(|wanted| wanted == pairs) && contains
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
fn fits_said<E: Evidence>(grant: &GrantRecord, view: &View<'_>) -> Outcome<E> {
    let equals = grant.context_equals.as_ref().map(|wanted| {
        let has_no_other = names_equal(view, wanted);
        has_no_other.and(has_pairs(view, wanted))
    });
    let contains = grant
        .context_subset
        .as_ref()
        .map(|wanted| has_pairs(view, wanted));
    Outcome::all(equals.into_iter().chain(contains))
}

fn names_equal<E: Evidence>(view: &View<'_>, wanted: &BTreeMap<String, String>) -> Outcome<E> {
    let wanted: BTreeSet<&str> = wanted.keys().map(String::as_str).collect();
    let equal = |names: &[&str]| wanted == names.iter().copied().collect();
    match view.state(&KeyName::new(NAMES)) {
        KeyState::Many(names) => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            Outcome::known(equal(&names))
        }
        KeyState::One(name) => Outcome::known(equal(&[name])),
        KeyState::Absent | KeyState::Empty { .. } => Outcome::known(wanted.is_empty()),
        _ => Outcome::unknown(|| Dependency::Key(NAMES.to_lowercase())),
    }
}

fn has_pairs<E: Evidence>(view: &View<'_>, wanted: &BTreeMap<String, String>) -> Outcome<E> {
    Outcome::all(
        wanted
            .iter()
            .map(|(name, value)| has_name(view, name).and(has_value(view, name, value))),
    )
}

/// Condition keys ignore the case of a name; the list of names keeps it.
fn has_name<E: Evidence>(view: &View<'_>, name: &str) -> Outcome<E> {
    match view.state(&KeyName::new(NAMES)) {
        KeyState::Many(names) => Outcome::known(names.iter().any(|own| own == name)),
        KeyState::One(own) => Outcome::known(own == name),
        KeyState::Absent | KeyState::Empty { .. } => Outcome::known(false),
        _ => Outcome::unknown(|| Dependency::Key(NAMES.to_lowercase())),
    }
}

fn has_value<E: Evidence>(view: &View<'_>, name: &str, value: &str) -> Outcome<E> {
    let key = KeyName::new(&format!("{FAMILY}{name}"));
    let unknown = || Outcome::unknown(|| Dependency::Key(key.as_str().to_owned()));
    match view.state(&key) {
        KeyState::One(own) => Outcome::known(own == value),
        KeyState::Many(values) => Outcome::known(matches!(values, [own] if own == value)),
        KeyState::Absent => Outcome::known(false),
        KeyState::Empty { .. } => Outcome::known(value.is_empty()),
        KeyState::Like(pattern) if !pattern.is_match(value) => Outcome::known(false),
        _ => unknown(),
    }
}
