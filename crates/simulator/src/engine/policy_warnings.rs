//! What looks wrong in a compiled policy, found once and shown with the answers that it bears on.

use preclear_catalog::{Service, catalog};
use preclear_model::{Match, Statement};
use preclear_wildcard::Pattern;

use crate::engine::policies::{CompiledPolicy, CompiledStatement};
use crate::explanation::Warning;
use crate::matching::action::ActionTest;

/// A warning with the service it concerns; `None`: every service that the statement speaks of.
#[derive(Debug)]
pub(crate) struct PolicyWarning {
    service: Option<String>,
    statement: usize,
    warning: Warning,
}

/// Finds everything that looks wrong in the policy.
pub(crate) fn find(policy: &CompiledPolicy) -> Vec<PolicyWarning> {
    let mut found = Vec::new();
    for statement in &policy.statements {
        let Some(source) = policy.source(statement) else {
            continue;
        };
        let place = format!("{}, statement {}", policy.document.name, statement.index);
        if matches!(statement.action, ActionTest::Dead)
            || matches!(
                statement.resource,
                crate::matching::resource::ResourceTest::Dead
            )
        {
            let message = format!(
                "{place}: without Action or Resource the statement has no effect (KMS-POL-12)"
            );
            found.push(warning(None, statement, "KMS_DEAD_STATEMENT", message));
        }
        for (service, text) in unknown_actions(source) {
            let message = format!("{place}: no action matches `{text}` (IAM-GRAM-11)");
            found.push(warning(Some(service), statement, "UNKNOWN_ACTION", message));
        }
        for doubt in statement.condition.warnings() {
            let message = format!("{place}: {}", doubt.message);
            found.push(warning(None, statement, doubt.kind.code(), message));
        }
    }
    found
}

/// Those that bear on a request to the service.
pub(crate) fn about<'w>(
    policy: &'w CompiledPolicy,
    warnings: &'w [PolicyWarning],
    service: &'w str,
) -> impl Iterator<Item = Warning> + 'w {
    warnings
        .iter()
        .filter(move |found| match &found.service {
            Some(own) => own == service,
            None => policy.statements.iter().any(|statement| {
                let is_dead = matches!(statement.action, ActionTest::Dead);
                statement.index == found.statement
                    && (is_dead || statement.action.speaks_of(service))
            }),
        })
        .map(|found| found.warning.clone())
}

fn warning(
    service: Option<String>,
    statement: &CompiledStatement,
    code: &'static str,
    message: String,
) -> PolicyWarning {
    PolicyWarning {
        service,
        statement: statement.index,
        warning: Warning { code, message },
    }
}

/// Entries of `Action` or `NotAction` that match no action the catalogue knows. Rule: IAM-GRAM-11.
fn unknown_actions(source: &Statement) -> Vec<(String, String)> {
    let entries = match &source.action {
        Some(Match::In(entries) | Match::NotIn(entries)) => entries.as_slice(),
        None => &[],
    };
    entries
        .iter()
        .filter_map(|entry| {
            let (service, name) = entry.text.split_once(':')?;
            let known = catalog()
                .service(service)
                .is_some_and(|service| has_match(service, name));
            (!known).then(|| (service.to_ascii_lowercase(), entry.text.clone()))
        })
        .collect()
}

fn has_match(service: Service<'_>, name: &str) -> bool {
    if name == "*" {
        return true;
    }
    let pattern = Pattern::parse(&name.to_ascii_lowercase());
    service
        .actions()
        .any(|action| pattern.is_match(&action.name().to_ascii_lowercase()))
}
