//! A grant that is made through a grant stays within it. Rule: KMS-GRANT-9.

use preclear_condition::{Dependency, Evidence, KeyState, Outcome};
use serde_json::{Map, Value};

use super::encryption_context::{self, Wanted};
use super::fit;
use crate::context::{Context, Name, Said, Sources};
use crate::evaluate::Query;
use crate::request::{ContextMode, ContextValue};
use crate::snapshot::GrantRecord;

type Parameters = Map<String, Value>;

/// A grant made through a grant must stay within it. Rule: KMS-GRANT-9.
pub(super) fn stays_within<E: Evidence>(
    parent: &GrantRecord,
    sources: Sources<'_>,
    query: Query<'_>,
) -> Outcome<E> {
    // In closed mode parameters that are not given count as `{}` (KMS-DEC-2).
    let member = match (sources.parameters(), sources.request.mode) {
        (None, ContextMode::Open) => None,
        (parameters, _) => Some(Members(parameters)),
    };
    operations_within(parent, member, sources).and(constraints_kept(parent, sources, query))
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
        (Said::Absent, _) => Outcome::known(true),
        (Said::Nothing, Some(parameters)) => {
            let operations = parameters.get("Operations").and_then(Value::as_array);
            let operations = operations.into_iter().flatten();
            let mut operations = operations.filter_map(Value::as_str);
            Outcome::known(operations.all(is_within))
        }
    }
}

/// Whether the child is constrained as its parent, or more: an equality keeps its pairs, a subset may grow or become an
/// equality. What is said of condition keys wins over the parameters. Rule: KMS-GRANT-9, IAM-CTX-1.
fn constraints_kept<E: Evidence>(
    parent: &GrantRecord,
    sources: Sources<'_>,
    query: Query<'_>,
) -> Outcome<E> {
    let is = |name, wanted: &str| is_exactly(query.context, name, wanted);
    let has = |wanted, how| encryption_context::has(wanted, how, sources, query);
    let equals = parent.context_equals.as_ref().map(|wanted| {
        let is_equality = is(Name::KmsGrantConstraintType, "EncryptionContextEquals");
        is_equality.and(has(wanted, Wanted::Equals))
    });
    let subset = parent.context_subset.as_ref();
    let subset = subset.map(|wanted| has(wanted, Wanted::Subset));
    let source = parent.source_arn.as_ref();
    let source = source.map(|wanted| is(Name::KmsGrantConstraintSourceArn, wanted));
    Outcome::all([equals, subset, source].into_iter().flatten())
}

/// Whether a key has this value.
fn is_exactly<E: Evidence>(context: &Context<'_>, name: Name, wanted: &str) -> Outcome<E> {
    match context.state_of(name) {
        KeyState::One(own) => Outcome::known(own == wanted),
        KeyState::Many(own) => Outcome::known(own == [wanted]),
        KeyState::Absent | KeyState::Empty { .. } => Outcome::known(false),
        _ => Outcome::unknown(|| Dependency::Key(name.text().to_lowercase())),
    }
}
