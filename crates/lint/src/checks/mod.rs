//! The list of checks. Each looks at one statement, or at the whole document, and knows nothing of the others.

mod action;
mod callers;
mod condition;
mod context;
mod document;
mod escalation;
mod grants;
mod key_arns;
mod key_policy;
mod keys;
mod principal;
mod redundant;
mod resource;
mod values;

use preclear_model::Policy;

use crate::LintOptions;
use crate::finding::Finding;
use crate::subject::{Subject, Whole};

type StatementCheck = fn(&Subject<'_>) -> Vec<Finding>;
type DocumentCheck = fn(&Whole<'_>) -> Vec<Finding>;

const STATEMENT_CHECKS: &[StatementCheck] = &[
    action::unknown,
    action::without_effect,
    action::iam_only_in_key_policy,
    action::retire_grant,
    resource::dead,
    resource::variables,
    resource::wild_types,
    key_arns::incomplete,
    condition::doubts,
    condition::not_for_action,
    condition::legacy_keys,
    values::never_held,
    context::disabled_actions,
    context::context_keys_hole,
    context::overly_permissive,
    context::keys_of_the_key,
    context::alias_values,
    callers::source_keys,
    callers::keys_of_services,
    callers::principal_arns,
    callers::mfa_deny,
    callers::network_deny,
    callers::organization_deny,
    callers::organization_paths,
    principal::orphans,
    principal::everyone,
    principal::services,
    key_policy::foreign_resource,
    grants::broad,
    grants::operations,
    escalation::obtains_permissions,
];

const DOCUMENT_CHECKS: &[DocumentCheck] = &[
    key_policy::administration,
    key_policy::delegation,
    escalation::administrators,
    redundant::entries,
    redundant::statements,
    document::example_accounts,
    document::missing_sids,
];

/// Checks that look at actions or conditions alone, for statements of which the parser refused something else.
const CHECKS_OF_PARTS: &[StatementCheck] =
    &[action::unknown, condition::doubts, values::never_held];

/// What is found in the actions and conditions of a statement alone.
pub(crate) fn run_on_parts(subject: &Subject<'_>) -> Vec<Finding> {
    CHECKS_OF_PARTS
        .iter()
        .flat_map(|check| check(subject))
        .collect()
}

/// Everything that the checks find, in no order.
pub(crate) fn run(document: &Policy, options: &LintOptions) -> Vec<Finding> {
    let whole = Whole::new(document, options);
    let of_statements = whole.statements.iter().flat_map(|subject| {
        STATEMENT_CHECKS
            .iter()
            .flat_map(move |check| check(subject))
    });
    let mut findings: Vec<Finding> = of_statements.collect();
    findings.extend(DOCUMENT_CHECKS.iter().flat_map(|check| check(&whole)));
    findings
}
