//! A grant that is made through a grant stays within it. Rule: KMS-GRANT-9.

use std::collections::BTreeMap;

use preclear_condition::{Dependency, Evidence, Outcome};
use serde_json::{Map, Value};

use super::fit;
use super::grants::by_index;
use crate::compose::{Factor, Path};
use crate::context::{Said, Sources, object_pairs};
use crate::request::{ContextMode, ContextValue};
use crate::snapshot::GrantRecord;

type Parameters = Map<String, Value>;

/// A grant made through a grant must stay within it. Rule: KMS-GRANT-9.
pub(crate) fn with_delegation_limit<'a, E: Evidence>(
    mut path: Path<'a, E>,
    sources: Sources<'a>,
) -> Path<'a, E> {
    let parent = path.factors.iter().find_map(|(factor, _)| match factor {
        Factor::Grant(index) => by_index(sources, *index),
        _ => None,
    });
    if let Some(parent) = parent {
        path.factors
            .push((Factor::Delegation, child_stays_within(parent, sources)));
    }
    path
}

fn child_stays_within<E: Evidence>(parent: &GrantRecord, sources: Sources<'_>) -> Outcome<E> {
    // In closed mode parameters that are not given count as `{}` (KMS-DEC-2).
    let none = Parameters::new();
    let parameters = match (sources.parameters(), sources.request.mode) {
        (None, ContextMode::Closed) => Some(&none),
        (parameters, _) => parameters,
    };
    operations_within(parent, parameters, sources).and(constraints_kept(parent, parameters))
}

/// Whether the parent has all operations of the child; what is said of their condition key wins. Rule: IAM-CTX-1.
fn operations_within<E: Evidence>(
    parent: &GrantRecord,
    parameters: Option<&Parameters>,
    sources: Sources<'_>,
) -> Outcome<E> {
    const KEY: &str = "kms:GrantOperations";
    let unknown = || Outcome::unknown(|| Dependency::Key(KEY.to_lowercase()));
    let all_within = |operations: &[&str]| {
        let mut operations = operations.iter();
        Outcome::known(operations.all(|operation| fit::lists_operation(parent, operation)))
    };
    match (Said::of(sources.request, KEY), parameters) {
        (Said::Value(ContextValue::One(operation)), _) => all_within(&[operation]),
        (Said::Value(ContextValue::Many(operations)), _) => {
            let operations: Vec<&str> = operations.iter().map(String::as_str).collect();
            all_within(&operations)
        }
        (Said::Present | Said::Unknown, _) | (Said::Nothing, None) => unknown(),
        (Said::Absent, None) => all_within(&[]),
        (Said::Nothing | Said::Absent, Some(parameters)) => {
            let operations = parameters.get("Operations").and_then(Value::as_array);
            let operations = operations.into_iter().flatten();
            let operations: Vec<&str> = operations.filter_map(Value::as_str).collect();
            all_within(&operations)
        }
    }
}

/// Whether the child is constrained as its parent, or more.
fn constraints_kept<E: Evidence>(
    parent: &GrantRecord,
    parameters: Option<&Parameters>,
) -> Outcome<E> {
    let is_constrained = parent.context_equals.is_some()
        || parent.context_subset.is_some()
        || parent.source_arn.is_some();
    if !is_constrained {
        return Outcome::known(true);
    }
    let Some(parameters) = parameters else {
        return Outcome::unknown(|| Dependency::Key("kms:grantconstrainttype".to_owned()));
    };
    let constraints = parameters.get("Constraints");
    let constraint = |kind: &str| constraints.and_then(|constraints| constraints.get(kind));
    let to_map = |kind: &str| -> Option<BTreeMap<String, String>> {
        constraint(kind).map(|value| object_pairs(Some(value)).into_iter().collect())
    };
    let equals = to_map("EncryptionContextEquals");
    let subset = to_map("EncryptionContextSubset");
    let contains = |child: &Option<BTreeMap<String, String>>, wanted: &BTreeMap<String, String>| {
        child.as_ref().is_some_and(|child| {
            wanted
                .iter()
                .all(|(name, value)| child.get(name) == Some(value))
        })
    };
    let equals_kept = parent
        .context_equals
        .as_ref()
        .is_none_or(|wanted| equals.as_ref() == Some(wanted));
    let subset_kept = parent
        .context_subset
        .as_ref()
        .is_none_or(|wanted| contains(&equals, wanted) || contains(&subset, wanted));
    let source_kept = parent
        .source_arn
        .as_ref()
        .is_none_or(|wanted| constraint("SourceArn").and_then(Value::as_str) == Some(wanted));
    Outcome::known(equals_kept && subset_kept && source_kept)
}
