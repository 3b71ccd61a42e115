//! A grant that is made through a grant stays within it. Rule: KMS-GRANT-9.

use std::collections::BTreeMap;

use preclear_condition::{Dependency, Evidence, Outcome};
use serde_json::{Map, Value};

use super::fit;
use crate::arena::Arena;
use crate::context::{PairList, Said, Sources};
use crate::request::{ContextMode, ContextValue};
use crate::snapshot::GrantRecord;

type Parameters = Map<String, Value>;

/// A grant made through a grant must stay within it. Rule: KMS-GRANT-9.
pub(super) fn stays_within<E: Evidence>(parent: &GrantRecord, sources: Sources<'_>) -> Outcome<E> {
    // In closed mode parameters that are not given count as `{}` (KMS-DEC-2).
    let member = match (sources.parameters(), sources.request.mode) {
        (None, ContextMode::Open) => None,
        (parameters, _) => Some(Members(parameters)),
    };
    operations_within(parent, member, sources).and(constraints_kept(parent, member, sources.arena))
}

/// Members of a call; none of one without parameters.
#[derive(Debug, Clone, Copy)]
struct Members<'a>(Option<&'a Parameters>);

impl<'a> Members<'a> {
    fn get(self, name: &str) -> Option<&'a Value> {
        self.0?.get(name)
    }
}

/// Whether the parent has all operations of the child; what is said of their condition key wins. Rule: IAM-CTX-1.
fn operations_within<E: Evidence>(
    parent: &GrantRecord,
    parameters: Option<Members<'_>>,
    sources: Sources<'_>,
) -> Outcome<E> {
    const KEY: &str = "kms:GrantOperations";
    let unknown = || Outcome::unknown(|| Dependency::Key(KEY.to_lowercase()));
    let is_within = |operation: &str| fit::lists_operation(parent, operation);
    match (Said::of(sources.request, KEY), parameters) {
        (Said::Value(ContextValue::One(operation)), _) => Outcome::known(is_within(operation)),
        (Said::Value(ContextValue::Many(operations)), _) => {
            let mut operations = operations.iter();
            Outcome::known(operations.all(|operation| is_within(operation)))
        }
        (Said::Present | Said::Unknown, _) | (Said::Nothing, None) => unknown(),
        (Said::Absent, None) => Outcome::known(true),
        (Said::Nothing | Said::Absent, Some(parameters)) => {
            let operations = parameters.get("Operations").and_then(Value::as_array);
            let operations = operations.into_iter().flatten();
            let mut operations = operations.filter_map(Value::as_str);
            Outcome::known(operations.all(is_within))
        }
    }
}

/// Whether the child is constrained as its parent, or more.
fn constraints_kept<E: Evidence>(
    parent: &GrantRecord,
    parameters: Option<Members<'_>>,
    arena: &Arena,
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
    let pairs = |kind: &str| constraint(kind).map(|value| PairList::stated(arena, Some(value)));
    let equals = pairs("EncryptionContextEquals");
    let subset = pairs("EncryptionContextSubset");
    let contains = |child: Option<PairList<'_>>, wanted: &BTreeMap<String, String>| {
        child.is_some_and(|child| {
            let mut wanted = wanted.iter();
            wanted.all(|pair| child.iter().any(|own| own == (pair.0, pair.1)))
        })
    };
    let equals_kept = parent.context_equals.as_ref().is_none_or(|wanted| {
        contains(equals, wanted) && equals.is_some_and(|own| own.iter().count() == wanted.len())
    });
    let subset_kept = parent
        .context_subset
        .as_ref()
        .is_none_or(|wanted| contains(equals, wanted) || contains(subset, wanted));
    let source_kept = parent
        .source_arn
        .as_ref()
        .is_none_or(|wanted| constraint("SourceArn").and_then(Value::as_str) == Some(wanted));
    Outcome::known(equals_kept && subset_kept && source_kept)
}
