//! Policy documents of every kind. Rule: IAM-GRAM-20.

use preclear_model::PolicyKind;
use serde_json::{Map, Value, json};

use super::names::{SERVICE_TABLE, Service};
use super::principal::{not_principal, principal};
use crate::choose::Choose;

/// The service that most statements of a world speak of, so that they meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Theme(usize);

impl Theme {
    /// One of the services.
    pub(crate) fn draw(choices: &mut impl Choose) -> Theme {
        Theme(choices.weighted(&[6, 2, 10, 4, 1, 1]))
    }

    /// The service of an action.
    pub(crate) fn of_action(action: &str) -> Theme {
        let prefix = action.split(':').next().unwrap_or_default();
        let is_own = |service: &Service| {
            let mut actions = service.actions.iter();
            actions.any(|(own, _)| own.split(':').next() == Some(prefix))
        };
        Theme(SERVICE_TABLE.iter().position(is_own).unwrap_or(0))
    }

    fn service(self, choices: &mut impl Choose, kind: PolicyKind) -> &'static Service {
        let at = match kind {
            PolicyKind::Key => 2,
            PolicyKind::Trust => 3,
            _ if choices.once_in(5) => choices.below(SERVICE_TABLE.len()),
            _ => self.0,
        };
        SERVICE_TABLE.get(at).unwrap_or(&SERVICE_TABLE[0])
    }
}

/// A document that the grammar of its kind admits.
pub(crate) fn policy(choices: &mut impl Choose, kind: PolicyKind, theme: Theme) -> Value {
    let mut document = Map::new();
    match choices.weighted(&[16, 1, 1]) {
        1 if !needs_2012(kind) => {
            document.insert("Version".to_owned(), json!("2008-10-17"));
        }
        2 if !needs_2012(kind) => {}
        _ => {
            document.insert("Version".to_owned(), json!("2012-10-17"));
        }
    }
    let count = 1 + choices.weighted(&[4, 4, 2, 1]);
    let mut statements: Vec<Value> = (0..count)
        .map(|_| statement(choices, kind, theme))
        .collect();
    if choices.once_in(4)
        && let Some(twin) = statements.iter().find_map(twin)
    {
        statements.push(twin);
    }
    let statements = match statements.as_slice() {
        [_] if choices.once_in(3) => statements.swap_remove(0),
        _ => Value::Array(statements),
    };
    document.insert("Statement".to_owned(), statements);
    Value::Object(document)
}

/// The statement for the requests that it leaves out by its condition.
fn twin(statement: &Value) -> Option<Value> {
    let condition = super::condition::complement(statement.get("Condition")?)?;
    let mut twin = statement.clone();
    twin["Condition"] = condition;
    Some(twin)
}

/// A statement that the grammar of the kind admits.
fn statement(choices: &mut impl Choose, kind: PolicyKind, theme: Theme) -> Value {
    let denies = kind == PolicyKind::Rcp || choices.weighted(&[3, 1]) == 1;
    statement_of(choices, kind, theme, if denies { "Deny" } else { "Allow" })
}

/// A statement of this effect.
pub(crate) fn statement_of(
    choices: &mut impl Choose,
    kind: PolicyKind,
    theme: Theme,
    effect: &str,
) -> Value {
    let mut members = Map::new();
    members.insert("Effect".to_owned(), json!(effect));
    let denies = effect == "Deny";
    match kind {
        PolicyKind::Rcp => {
            members.insert("Principal".to_owned(), json!("*"));
        }
        PolicyKind::Resource | PolicyKind::Key | PolicyKind::VpcEndpoint
            if denies && choices.once_in(5) =>
        {
            members.insert("NotPrincipal".to_owned(), not_principal(choices));
        }
        _ if has_principals(kind) => {
            let is_trust = kind == PolicyKind::Trust;
            members.insert("Principal".to_owned(), principal(choices, is_trust));
        }
        _ => {}
    }
    let service = theme.service(choices, kind);
    let negated = kind != PolicyKind::Rcp && choices.once_in(8);
    let name = if negated { "NotAction" } else { "Action" };
    members.insert(name.to_owned(), actions(choices, service, kind, negated));
    if kind != PolicyKind::Trust && (!has_principals(kind) || !choices.once_in(8))
        || must_name(kind)
    {
        let negated = kind != PolicyKind::Key && choices.once_in(8);
        let name = if negated { "NotResource" } else { "Resource" };
        members.insert(name.to_owned(), resources(choices, service, kind, negated));
    }
    if let Some(condition) = super::condition::condition(choices) {
        members.insert("Condition".to_owned(), condition);
    }
    Value::Object(members)
}

fn needs_2012(kind: PolicyKind) -> bool {
    matches!(kind, PolicyKind::Scp | PolicyKind::Rcp)
}

/// Kinds with principals that must name a resource all the same.
fn must_name(kind: PolicyKind) -> bool {
    matches!(kind, PolicyKind::Rcp | PolicyKind::VpcEndpoint)
}

/// True for kinds whose statements name principals; those of an RCP always name everyone.
pub(crate) fn has_principals(kind: PolicyKind) -> bool {
    matches!(
        kind,
        PolicyKind::Resource | PolicyKind::Key | PolicyKind::Trust | PolicyKind::VpcEndpoint
    )
}

fn actions(choices: &mut impl Choose, service: &Service, kind: PolicyKind, negated: bool) -> Value {
    let all = kind != PolicyKind::Rcp && !negated;
    list(choices, |choices| match choices.weighted(&[6, 3, 1]) {
        1 if all => "*",
        // AMB-3
        2 if all && choices.once_in(6) => "*:*",
        _ => choices.one_of(service.action_patterns).unwrap_or("s3:*"),
    })
}

fn resources(
    choices: &mut impl Choose,
    service: &Service,
    kind: PolicyKind,
    negated: bool,
) -> Value {
    list(choices, |choices| {
        if !negated && choices.below(5) < 2 {
            return "*";
        }
        let any = choices.once_in(12);
        let service = if any {
            SERVICE_TABLE.get(choices.below(SERVICE_TABLE.len()))
        } else {
            Some(service)
        };
        let patterns = service.map_or(&[][..], |service| service.resource_patterns);
        let pattern = choices.one_of(patterns).unwrap_or("*");
        if admits(kind, pattern) { pattern } else { "*" }
    })
}

/// True if policies of the kind may have the pattern: some refuse ARNs that are not complete. Rule: IAM-WILD-10.
fn admits(kind: PolicyKind, pattern: &str) -> bool {
    let is_complete = pattern == "*" || pattern.split(':').count() >= 6;
    match kind {
        PolicyKind::Session | PolicyKind::Rcp => is_complete,
        PolicyKind::Scp => is_complete || pattern.ends_with('*'),
        _ => true,
    }
}

fn list<C: Choose>(choices: &mut C, mut entry: impl FnMut(&mut C) -> &'static str) -> Value {
    let mut entries: Vec<&str> = Vec::new();
    for _ in 0..=choices.weighted(&[6, 3, 1]) {
        let text = entry(choices);
        if !entries.contains(&text) {
            entries.push(text);
        }
    }
    match entries.as_slice() {
        [only] if !choices.once_in(3) => json!(only),
        _ => json!(entries),
    }
}
