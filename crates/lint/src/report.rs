//! From a tree to all that is to be said of it: kind, parsing, findings of the parser and of the checks.

use std::sync::Arc;

use preclear_model::policy::ParseOptions;
use preclear_model::{
    Diagnostics, Limits, Member, Node, Policy, PolicyKind, Scalar, ScalarKind, Source, Span, Value,
    embedded,
};

use crate::classify::{classify, is_fragment, is_trust, names_principal, one_or_many};
use crate::codes;
use crate::finding::{Edit, Finding, from_diagnostics, merged};
use crate::subject::Subject;
use crate::{LintOptions, checks, lint};

/// Tests of a condition that the parser refuses which are looked at by themselves.
const TESTS_MAX: usize = 100;

/// What linting a tree gives.
#[derive(Debug, Clone)]
pub struct Report {
    /// The kind of policy that it was read as.
    pub kind: PolicyKind,
    /// The policy, unless the parser refused it.
    pub policy: Option<Policy>,
    /// All findings, the parser's included, in the order of their places.
    pub findings: Vec<Finding>,
}

/// Lints a tree: a document, a string that holds one, a statement, or a list of statements. Rule: UI-22, JOB-LINT-1
///
/// Without `kind` the tree is classified; one that holds no statement is read as an identity policy, so that the parser says what
/// is missing. Of a document that the parser refuses, actions and conditions are looked at all the same.
#[must_use]
pub fn lint_tree(
    tree: &Node,
    source: &Arc<Source>,
    name: &str,
    kind: Option<PolicyKind>,
    options: &LintOptions,
) -> Report {
    if tree.as_text().is_some() {
        return match embedded::read(tree, source, &Limits::POLICY) {
            Ok((inner, source)) => lint_document(&inner, &source, name, kind, options),
            Err(refused) => refused_text(&refused, source, kind),
        };
    }
    lint_document(tree, source, name, kind, options)
}

fn refused_text(refused: &Diagnostics, source: &Arc<Source>, kind: Option<PolicyKind>) -> Report {
    Report {
        kind: kind.unwrap_or(PolicyKind::Identity),
        policy: None,
        findings: from_diagnostics(refused, source, None),
    }
}

fn lint_document(
    tree: &Node,
    source: &Arc<Source>,
    name: &str,
    kind: Option<PolicyKind>,
    options: &LintOptions,
) -> Report {
    let kind = kind
        .or_else(|| classify(tree))
        .unwrap_or(PolicyKind::Identity);
    let mut options = options.clone();
    let mut found = Vec::new();
    let wrapped;
    let document = if is_fragment(tree) {
        options.is_fragment = true;
        found.push(fragment(tree, source));
        wrapped = document_around(tree.clone());
        &wrapped
    } else {
        tree
    };
    let (policy, said) = Policy::parse(document, source, name, kind, options.parse);
    found.extend(misplaced_principals(document, source, kind));
    match &policy {
        Some(policy) => found.extend(lint(policy, &options)),
        None => found.extend(parts(document, source, kind, &options)),
    }
    let passed = from_diagnostics(&said, source, policy.as_ref());
    Report {
        kind,
        policy,
        findings: merged(passed, found),
    }
}

fn fragment(tree: &Node, source: &Arc<Source>) -> Finding {
    let what = if tree.as_sequence().is_some() {
        "a list of statements"
    } else {
        "a statement"
    };
    let message = format!(
        "this is {what} without a document around it; it is read as one of version 2012-10-17"
    );
    Finding::new(
        &codes::FRAGMENT_WRAPPED,
        source.place(opening(tree)),
        message,
    )
}

/// The first character of an element.
fn opening(node: &Node) -> Span {
    let Span { start, end } = node.span;
    Span {
        start,
        end: end.min(start.saturating_add(1)),
    }
}

/// A document around statements that keep their places.
fn document_around(statements: Node) -> Node {
    let span = statements.span;
    let members = vec![
        text_member("Version", "2012-10-17", span),
        member("Statement", statements),
    ];
    Node {
        span,
        value: Value::Mapping(members),
    }
}

fn member(name: &str, value: Node) -> Member {
    Member {
        name: name.to_owned(),
        name_span: opening(&value),
        value,
    }
}

fn text_member(name: &str, text: &str, span: Span) -> Member {
    let scalar = Scalar {
        text: text.to_owned(),
        kind: ScalarKind::Text,
        plain: false,
    };
    member(
        name,
        Node {
            span,
            value: Value::Scalar(scalar),
        },
    )
}

/// The statements of a document, wherever the parser looks for them.
fn statements_of(document: &Node) -> &[Node] {
    document.get("Statement").map_or(&[], one_or_many)
}

fn sid_of(statement: &Node) -> Option<&str> {
    statement.get("Sid").and_then(Node::as_text)
}

/// Principals in policies that are attached to theirs. Rule: IAM-GRAM-21, JOB-LINT-1
fn misplaced_principals(document: &Node, source: &Arc<Source>, kind: PolicyKind) -> Vec<Finding> {
    if !matches!(
        kind,
        PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session
    ) {
        return Vec::new();
    }
    let statements = statements_of(document).iter().enumerate();
    statements
        .filter(|(_, statement)| names_principal(statement))
        .flat_map(|(index, statement)| {
            let of_statement = misplaced_principal(statement, source, kind);
            of_statement
                .into_iter()
                .map(move |finding| finding.in_statement(index, sid_of(statement)))
        })
        .collect()
}

fn misplaced_principal(statement: &Node, source: &Arc<Source>, kind: PolicyKind) -> Vec<Finding> {
    let mut findings = Vec::new();
    let named = ["Principal", "NotPrincipal"]
        .iter()
        .find_map(|name| statement.member(name));
    if let Some(member) = named {
        let message = format!(
            "{} takes no `{}`, so AWS refuses all of it",
            kind.description(),
            member.name
        );
        let place = source.place(member.name_span);
        findings.push(Finding::new(
            &codes::PRINCIPAL_IN_IDENTITY_POLICY,
            place,
            message,
        ));
    }
    if is_trust(statement) {
        let message =
            "this statement says who may assume a role: it belongs to the role's trust policy"
                .to_owned();
        let document = document_around(statement.clone()).to_json();
        let edit = Edit::Move {
            place: source.place(statement.span),
            kind: PolicyKind::Trust,
            document: format!("{document:#}"),
        };
        let place = source.place(opening(statement));
        findings.push(
            Finding::new(&codes::TRUST_STATEMENT_IN_IDENTITY_POLICY, place, message).edit(edit),
        );
    }
    findings
}

/// What is to be said of actions and conditions in a document that the parser refuses.
fn parts(
    document: &Node,
    source: &Arc<Source>,
    kind: PolicyKind,
    options: &LintOptions,
) -> Vec<Finding> {
    let statements = statements_of(document).iter().enumerate();
    statements
        .flat_map(|(index, statement)| {
            let Some(policy) = readable_parts(statement, source, kind) else {
                return Vec::new();
            };
            let subjects = Subject::all(&policy, options);
            let found: Vec<Finding> = subjects.iter().flat_map(checks::run_on_parts).collect();
            found
                .into_iter()
                .map(|finding| finding.in_statement(index, sid_of(statement)))
                .collect()
        })
        .collect()
}

/// A policy of the statement's actions and conditions, with everything else filled in. Of conditions that the parser refuses those
/// tests are left out that it refuses by themselves.
fn readable_parts(statement: &Node, source: &Arc<Source>, kind: PolicyKind) -> Option<Policy> {
    let parse = |document: &Node| {
        Policy::parse(document, source, "", kind, ParseOptions { lenient: true }).0
    };
    let actions: Vec<Member> = ["Action", "NotAction"]
        .iter()
        .filter_map(|name| statement.member(name))
        .cloned()
        .collect();
    let read = |condition: Option<Member>| {
        let members = actions.iter().cloned().chain(condition).collect();
        parse(&document_around(filled(statement, members, kind)))
    };
    // A test by itself needs no more than some action beside it.
    let is_readable = |condition: Member| {
        let action = match kind {
            PolicyKind::Trust => "sts:AssumeRole",
            _ => "s3:GetObject",
        };
        let members = vec![text_member("Action", action, statement.span), condition];
        parse(&document_around(filled(statement, members, kind))).is_some()
    };
    let condition = statement.member("Condition");
    read(condition.cloned())
        .or_else(|| {
            let tests = tests_of(condition?);
            let readable = tests
                .into_iter()
                .filter(|test| with_tests(condition, vec![test.clone()]).is_some_and(is_readable));
            read(with_tests(condition, readable.collect()))
        })
        .or_else(|| read(None))
}

/// The statement with its effect and these members, and with what else a statement must have.
fn filled(statement: &Node, mut members: Vec<Member>, kind: PolicyKind) -> Node {
    let effect = match statement.get("Effect").and_then(Node::as_text) {
        Some("Allow") if kind != PolicyKind::Rcp => "Allow",
        _ => "Deny",
    };
    members.push(text_member("Effect", effect, statement.span));
    if kind != PolicyKind::Trust {
        members.push(text_member("Resource", "*", statement.span));
    }
    if !matches!(
        kind,
        PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session | PolicyKind::Scp
    ) {
        members.push(text_member("Principal", "*", statement.span));
    }
    Node {
        span: statement.span,
        value: Value::Mapping(members),
    }
}

/// The single tests of a condition: an operator with one key. Few statements have more; of those that do the rest is left out.
fn tests_of(condition: &Member) -> Vec<Member> {
    let blocks = condition.value.members().iter();
    let tests = blocks.flat_map(|block| {
        let keys = block.value.members().iter();
        keys.map(|key| Member {
            value: Node {
                span: block.value.span,
                value: Value::Mapping(vec![key.clone()]),
            },
            ..block.clone()
        })
    });
    tests.take(TESTS_MAX).collect()
}

/// The condition with these tests; those of one operator that follow each other are one block again.
fn with_tests(condition: Option<&Member>, tests: Vec<Member>) -> Option<Member> {
    let condition = condition?;
    let mut blocks: Vec<Member> = Vec::new();
    for test in tests {
        match blocks.last_mut() {
            Some(Member {
                name_span,
                value:
                    Node {
                        value: Value::Mapping(keys),
                        ..
                    },
                ..
            }) if *name_span == test.name_span => keys.extend(test.value.members().iter().cloned()),
            _ => blocks.push(test),
        }
    }
    Some(Member {
        value: Node {
            span: condition.value.span,
            value: Value::Mapping(blocks),
        },
        ..condition.clone()
    })
}
