//! The encryption context of a call, and the keys that it feeds. Rule: KMS-COND-1, KMS-DEC-2.

use std::collections::BTreeMap;

use preclear_catalog::kms::Target as Half;
use preclear_simulator::Request;
use preclear_simulator::snapshot::GrantRecord;

use super::Facts;
use super::parameter::is_not_given;
use crate::reference::kms::parameters::{as_pairs, member};
use crate::reference::kms::retire;
use crate::reference::question::Question;
use crate::reference::value::{Context, Tri, Value};

/// The pairs of an encryption context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pairs {
    /// These.
    Known(Vec<(String, String)>),
    /// Nobody knows.
    Unknown,
}

/// The encryption context of a call; for CreateGrant the constraint that it asks for, for RetireGrant that of the grant
/// it means. Rule: KMS-COND-1, KMS-DEC-2.
pub(crate) fn pairs(question: &Question<'_>) -> Pairs {
    let request = question.request;
    if question.is_action("kms", &["RetireGrant"]) {
        return match retire::constrained(question) {
            retire::Constrained::By(grant) => Pairs::Known(constraint(grant)),
            retire::Constrained::Nothing => Pairs::Known(Vec::new()),
            retire::Constrained::Unknown => Pairs::Unknown,
        };
    }
    if is_not_given(request) {
        return Pairs::Unknown;
    }
    let context = match question.half {
        Some(Half::SourceKey) => member(request, "SourceEncryptionContext"),
        Some(Half::DestinationKey) => member(request, "DestinationEncryptionContext"),
        _ if question.is_action("kms", &["CreateGrant"]) => {
            let constraints = member(request, "Constraints");
            constraints.and_then(|constraints| {
                let equals = constraints.get("EncryptionContextEquals");
                equals.or_else(|| constraints.get("EncryptionContextSubset"))
            })
        }
        _ => None,
    };
    let is_grant = question.is_action("kms", &["CreateGrant"]);
    let plain = member(request, "EncryptionContext").filter(|_| !is_grant);
    Pairs::Known(context.or(plain).map(as_pairs).unwrap_or_default())
}

/// How the pairs of a call are to relate to those of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// These and no others.
    Equals,
    /// These, and perhaps others.
    Subset,
}

/// Whether the call has these pairs, names and values by letter case: as the request says of the keys that tell of them, else
/// as its parameters do. Rule: KMS-GRANT-5, IAM-CTX-1.
pub(crate) fn has_pairs(
    question: &Question<'_>,
    wanted: &BTreeMap<String, String>,
    how: Wanted,
) -> Tri {
    let has = |own: &BTreeMap<String, String>| match how {
        Wanted::Equals => own == wanted,
        Wanted::Subset => wanted
            .iter()
            .all(|(name, value)| own.get(name) == Some(value)),
    };
    if !speaks_of_pairs(question.request) {
        return match pairs(question) {
            Pairs::Known(pairs) => has(&pairs.into_iter().collect()).into(),
            Pairs::Unknown => Tri::Unknown,
        };
    }
    let facts = Facts::of(question);
    let names = match facts.value(NAMES) {
        Value::Known(names) => Some(names),
        Value::Absent => Some(Vec::new()),
        Value::Like(_) | Value::Present | Value::Unknown => None,
    };
    let has_pair = |(name, value): (&String, &String)| {
        let is_listed = match &names {
            Some(names) => names.contains(name).into(),
            None if is_given(question.request, name) => Tri::True,
            None => Tri::Unknown,
        };
        let is_equal = match facts.value(&format!("{PAIR}{name}")) {
            Value::Known(texts) => (texts == [value.as_str()]).into(),
            Value::Absent => Tri::False,
            Value::Like(_) | Value::Present | Value::Unknown => Tri::Unknown,
        };
        is_listed.and(is_equal)
    };
    let has_all = Tri::all(wanted.iter().map(has_pair));
    let has_no_other = match (how, &names) {
        (Wanted::Subset, _) => Tri::True,
        (Wanted::Equals, Some(names)) => names.iter().all(|name| wanted.contains_key(name)).into(),
        (Wanted::Equals, None) => Tri::Unknown,
    };
    has_all.and(has_no_other)
}

/// The key that lists the names of pairs.
const NAMES: &str = "kms:EncryptionContextKeys";
/// How the key of a pair's value starts.
const PAIR: &str = "kms:EncryptionContext:";

/// True if the request itself says something of the keys that tell of pairs. Rule: IAM-CTX-1, IAM-TRI-11.
fn speaks_of_pairs(request: &Request) -> bool {
    let is_one = |key: &String| {
        let key = key.to_lowercase();
        key == NAMES.to_lowercase() || key.starts_with(&PAIR.to_lowercase())
    };
    let lists = [&request.unknown, &request.absent, &request.present];
    request.context.keys().any(is_one)
        || request.like.keys().any(is_one)
        || lists.into_iter().flatten().any(is_one)
}

/// True if the request gives a pair of this very name.
fn is_given(request: &Request, name: &str) -> bool {
    let mut given = request.context.keys().chain(&request.present);
    given.any(|key| {
        let own = key.split_at_checked(PAIR.len());
        own.is_some_and(|(start, own)| start.eq_ignore_ascii_case(PAIR) && own == name)
    })
}

/// The pairs that a grant's constraint names. Rule: KMS-COND-1.
fn constraint(grant: &GrantRecord) -> Vec<(String, String)> {
    let pairs = grant
        .context_equals
        .as_ref()
        .or(grant.context_subset.as_ref());
    let pairs = pairs.into_iter().flatten();
    pairs
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The value of a pair, its name in any letter case. Rule: KMS-COND-1.
pub(super) fn pair(question: &Question<'_>, name: &str) -> Value {
    match pairs(question) {
        Pairs::Known(pairs) => {
            super::identity::tagged(pairs.iter().map(|(name, value)| (name, value)), name)
        }
        Pairs::Unknown => Value::Unknown,
    }
}
