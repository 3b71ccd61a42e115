//! Which kind of policy a document is, by what it holds and not by what it is called. Rule: JOB-LINT-1, UI-22

use preclear_model::{Node, PolicyKind};

/// The kind of policy that a tree holds: a document, one statement, or a list of statements. `None` if it holds no
/// statement.
///
/// Identity policies, boundaries, session policies and SCPs look alike, and so do the resource policies of most services; the
/// answer is then [`PolicyKind::Identity`] or [`PolicyKind::Resource`].
///
/// ```
/// use std::sync::Arc;
/// use preclear_lint::classify;
/// use preclear_model::{PolicyKind, Source, node};
///
/// let text = r#"{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}"#;
/// let tree = node::read(&Arc::new(Source::new("p.json", text))).unwrap();
/// assert_eq!(classify(&tree), Some(PolicyKind::Trust));
/// ```
#[must_use]
pub fn classify(node: &Node) -> Option<PolicyKind> {
    let statements = statements(node);
    if statements.is_empty() {
        return None;
    }
    let all = |test: fn(&Node) -> bool| statements.iter().all(|statement| test(statement));
    // Where some statements name a principal and some do not, the fewer stand where they do not belong.
    let naming = statements
        .iter()
        .filter(|statement| names_principal(statement))
        .count();
    Some(if naming * 2 <= statements.len() {
        PolicyKind::Identity
    } else if all(is_trust) {
        PolicyKind::Trust
    } else if all(is_rcp) {
        PolicyKind::Rcp
    } else if all(is_open) {
        PolicyKind::VpcEndpoint
    } else if statements
        .iter()
        .any(|statement| is_key_statement(statement))
    {
        PolicyKind::Key
    } else {
        PolicyKind::Resource
    })
}

/// Whether a tree is a statement or a list of statements without the document around it. Rule: JOB-LINT-1
pub(crate) fn is_fragment(node: &Node) -> bool {
    node.get("Statement").is_none() && !statements(node).is_empty()
}

/// The statements of a document, a statement, or a list of statements.
pub(crate) fn statements(node: &Node) -> Vec<&Node> {
    let listed = match node.get("Statement") {
        Some(inner) => one_or_many(inner),
        None => one_or_many(node),
    };
    listed
        .iter()
        .filter(|statement| looks_like_statement(statement))
        .collect()
}

fn looks_like_statement(node: &Node) -> bool {
    ["Effect", "Action", "NotAction"]
        .iter()
        .any(|name| node.get(name).is_some())
}

/// The elements of a list, or the one value that stands in its place.
pub(crate) fn one_or_many(node: &Node) -> &[Node] {
    node.as_sequence().unwrap_or(std::slice::from_ref(node))
}

pub(crate) fn names_principal(statement: &Node) -> bool {
    ["Principal", "NotPrincipal"]
        .iter()
        .any(|name| statement.get(name).is_some())
}

fn texts<'n>(statement: &'n Node, member: &str) -> impl Iterator<Item = &'n str> {
    let listed = statement.get(member).map_or(&[][..], one_or_many);
    listed.iter().filter_map(Node::as_text)
}

fn actions(statement: &Node) -> impl Iterator<Item = &str> {
    texts(statement, "Action").chain(texts(statement, "NotAction"))
}

fn has_prefix(action: &str, prefix: &str) -> bool {
    action
        .split_once(':')
        .is_some_and(|(own, _)| own.eq_ignore_ascii_case(prefix))
}

/// A statement of a role's trust policy: whom STS may give the role to.
pub(crate) fn is_trust(statement: &Node) -> bool {
    names_principal(statement)
        && actions(statement).next().is_some()
        && actions(statement).all(|action| has_prefix(action, "sts"))
}

/// KMS actions, on whatever key the policy stands at: `*`, nothing, or a key's ARN.
fn is_key_statement(statement: &Node) -> bool {
    names_principal(statement) && actions(statement).any(|action| has_prefix(action, "kms"))
}

fn is_for_everyone(statement: &Node) -> bool {
    let Some(principal) = statement.get("Principal") else {
        return false;
    };
    principal.as_text() == Some("*") || texts(principal, "AWS").eq(["*"])
}

fn is_on_everything(statement: &Node) -> bool {
    texts(statement, "Resource").any(|text| text == "*")
}

/// A denial to everyone on everything. A key policy of nothing but denials would help nobody.
fn is_rcp(statement: &Node) -> bool {
    statement.get("Effect").and_then(Node::as_text) == Some("Deny")
        && is_for_everyone(statement)
        && is_on_everything(statement)
}

/// Everything to everyone, as the endpoint policy that AWS writes.
fn is_open(statement: &Node) -> bool {
    statement.get("Effect").and_then(Node::as_text) == Some("Allow")
        && is_for_everyone(statement)
        && is_on_everything(statement)
        && actions(statement).any(|action| action == "*")
}
