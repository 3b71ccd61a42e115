//! How to settle what an undecided answer depends on. Rule: IAM-TRI-9, UI-12.

mod remedy;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use preclear_catalog::{catalog, globals};
use preclear_condition::{Dependency, Tri};
use preclear_model::caller::{Caller, CallerKind};
use preclear_simulator::Explanation;
use preclear_simulator::explanation::{LayerReport, StatementReport};
use preclear_simulator::job::RequirementPart;

use self::remedy::{is_of_network, remedies};
use super::message::Situation;
use super::reason::{entry, statement_name};
use crate::render::style::{Tone, shown};

/// Statements named for one dependency.
const STATEMENTS_MAX: usize = 3;

/// Appends each dependency of a request with what settles it; its layers name the statements that hang on it.
pub(super) fn push_settling(
    text: &mut String,
    explanation: &Explanation,
    situation: &Situation,
    indent: &str,
) {
    let layers: Vec<&LayerReport> = explanation.layers.iter().collect();
    let asked = Asked {
        question: if situation.is_user_unknown {
            Question::RequestOfUnknownUser
        } else {
            Question::Request
        },
        resource: Some(&explanation.resource),
        is_complete: situation.is_complete,
        is_of_flags: situation.is_of_flags,
        rejected: Some(&situation.rejected),
        of_caller: None,
    };
    push(text, &explanation.depends_on, &layers, asked, indent);
}

/// Appends the names alone of what a decision of a job depends on.
pub(super) fn push_dependencies(text: &mut String, explanation: &Explanation, indent: &str) {
    let layers: Vec<&LayerReport> = explanation.layers.iter().collect();
    let name = |dependency: &Dependency| match dependency {
        Dependency::Key(key) => spelled(key, &open_statements(&layers, dependency)),
        other => other.to_string(),
    };
    let names: Vec<String> = explanation.depends_on.iter().map(name).collect();
    if !names.is_empty() {
        entry(text, indent, "depends on", &shown(&names.join(", ")));
    }
}

/// Appends, once for all callers of a question, what settles the things that its answers depend on.
pub(super) fn push_settling_of_all(
    text: &mut String,
    open: &BTreeSet<Dependency>,
    resource: &str,
    situation: &Situation,
) {
    if open.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n{}",
        Tone::Title.paint("To settle what is undecided")
    );
    // Flags give no policies that belong to one principal.
    let (of_flags, others): (BTreeSet<_>, BTreeSet<_>) =
        open.iter().cloned().partition(|dependency| {
            situation.is_of_flags
                && matches!(dependency, Dependency::Layer("resource" | "grants" | "rcp"))
        });
    for (dependencies, is_of_flags) in [(of_flags, true), (others, false)] {
        let asked = Asked {
            question: Question::Request,
            resource: Some(resource),
            is_complete: situation.is_complete,
            is_of_flags,
            rejected: Some(&situation.rejected),
            of_caller: None,
        };
        push(text, &dependencies, &[], asked, "  ");
    }
}

/// Its name, a condition key as the catalogue spells it.
pub(super) fn dependency_name(dependency: &Dependency) -> String {
    match dependency {
        Dependency::Key(key) => spelled(key, &[]),
        other => other.to_string(),
    }
}

/// Appends, once for a whole job, what settles the things that its decisions depend on.
pub(super) fn push_settling_of_job<'r>(
    text: &mut String,
    caller: Option<&str>,
    is_complete: bool,
    open: impl IntoIterator<Item = &'r RequirementPart>,
) {
    let mut dependencies = BTreeSet::new();
    let mut of_caller = BTreeSet::new();
    let mut layers = Vec::new();
    let mut question = Question::Job;
    for part in open {
        let explanation = &part.result;
        for dependency in &explanation.depends_on {
            if let Dependency::Key(key) = dependency
                && takes_context(part, caller, key)
            {
                of_caller.insert(key.clone());
            }
        }
        if is_of_federated_user(explanation) {
            question = Question::JobOfFederatedUser;
        }
        dependencies.extend(explanation.depends_on.iter().cloned());
        layers.extend(&explanation.layers);
    }
    if !dependencies.is_empty() {
        let _ = writeln!(
            text,
            "\n{}",
            Tone::Title.paint("To settle what is undecided")
        );
        let asked = Asked {
            question,
            resource: None,
            is_complete,
            is_of_flags: false,
            rejected: None,
            of_caller: Some(&of_caller),
        };
        push(text, &dependencies, &layers, asked, "  ");
    }
}

/// Whether `--context` can say what a call has: it speaks of the caller's own calls, and what it says of the caller's network does
/// not reach those that a service makes. Rule: UI-39.
fn takes_context(part: &RequirementPart, caller: Option<&str>, key: &str) -> bool {
    let is_forwarded = part.context.contains_key("aws:ViaAWSService");
    let is_session =
        |caller: &&str| caller.contains(":assumed-role/") || caller.contains(":federated-user/");
    // The role of a session is not always told from its name.
    let is_own = caller.is_none_or(|caller| caller == part.principal || is_session(&caller));
    is_own && !(is_forwarded && is_of_network(key))
}

/// What a remedy must fit.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    question: Question,
    /// The resource of a request; a job has many.
    resource: Option<&'a str>,
    /// True where the snapshot says that it lists everything, so that saying so again does not help.
    is_complete: bool,
    /// True where there is no snapshot to change, only flags.
    is_of_flags: bool,
    /// Layers that lack a policy because it was refused or is missing.
    rejected: Option<&'a BTreeSet<&'static str>>,
    /// Of a job: keys that calls of the caller's own hang on.
    of_caller: Option<&'a BTreeSet<String>>,
}

/// What was asked: flags mean different things to a request and to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Request,
    /// A request of a federated user whose IAM user is not told.
    RequestOfUnknownUser,
    Job,
    /// A job of a federated user; whether the IAM user is told, its report does not say.
    JobOfFederatedUser,
}

impl Question {
    fn is_job(self) -> bool {
        matches!(self, Self::Job | Self::JobOfFederatedUser)
    }
}

fn is_of_federated_user(explanation: &Explanation) -> bool {
    let caller = Caller::parse(&explanation.caller);
    caller.is_ok_and(|caller| matches!(caller.kind, CallerKind::FederatedUser { .. }))
}

fn push(
    text: &mut String,
    dependencies: &BTreeSet<Dependency>,
    layers: &[&LayerReport],
    asked: Asked<'_>,
    indent: &str,
) {
    let mut label = "depends on";
    for dependency in dependencies {
        let open = open_statements(layers, dependency);
        let name = match dependency {
            Dependency::Key(key) => spelled(key, &open),
            other => other.to_string(),
        };
        entry(text, indent, label, &shown(&name));
        label = "";
        for line in remedies(dependency, &name, asked) {
            entry(text, indent, "", &format!("  {}", shown(&line)));
        }
        let mut names: Vec<String> = Vec::new();
        for statement in &open {
            let effect = if statement.allows { "Allow" } else { "Deny" };
            let name = format!("{effect}: {}", statement_name(&statement.statement));
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for name in names.iter().take(STATEMENTS_MAX) {
            entry(text, indent, "", &format!("  decides {name}"));
        }
        let more = names.len().saturating_sub(STATEMENTS_MAX);
        if more > 0 {
            let more = format!("  and {more} more statements (all with --explain)");
            entry(text, indent, "", &more);
        }
    }
}

/// Undecided statements that test a key; for other dependencies none can be told.
fn open_statements<'l>(
    layers: &[&'l LayerReport],
    dependency: &Dependency,
) -> Vec<&'l StatementReport> {
    let Dependency::Key(key) = dependency else {
        return Vec::new();
    };
    let undecided = layers
        .iter()
        .flat_map(|layer| &layer.statements)
        .filter(|statement| statement.applies == Tri::Unknown);
    let (testing, others): (Vec<_>, Vec<_>) =
        undecided.partition(|statement| key_in(statement, key).is_some());
    if testing.is_empty() {
        // The key stands in a variable: the element that it stands in is open.
        let may_match = |one: &&StatementReport| {
            one.remarks
                .iter()
                .any(|remark| remark.contains(" may match ") || remark.contains(" may exclude "))
        };
        others.into_iter().filter(may_match).collect()
    } else {
        testing
    }
}

/// The key as an undecided test of the statement spells it.
fn key_in<'s>(statement: &'s StatementReport, key: &str) -> Option<&'s str> {
    let undecided = statement
        .remarks
        .iter()
        .filter(|remark| remark.contains(" is undecided"));
    undecided.filter_map(|remark| written(remark, key)).next()
}

/// The key as a remark writes it.
fn written<'r>(remark: &'r str, key: &str) -> Option<&'r str> {
    // Lower case of ASCII leaves offsets alone.
    let at = remark.to_ascii_lowercase().find(&format!(" {key} "))? + 1;
    remark.get(at..at + key.len())
}

/// A key as the policies of a decision spell it.
pub(super) fn spelled_in(explanation: &Explanation, key: &str) -> String {
    let statements = explanation
        .layers
        .iter()
        .flat_map(|layer| &layer.statements);
    let mut remarks = statements.flat_map(|statement| &statement.remarks);
    match remarks.find_map(|remark| written(remark, key)) {
        Some(key) => key.to_owned(),
        None => spelled(key, &[]),
    }
}

/// The key as the policy spells it, else as the catalogue does.
fn spelled(key: &str, open: &[&StatementReport]) -> String {
    let of_policy = open.iter().find_map(|statement| key_in(statement, key));
    let of_catalogue = || {
        let global = globals::key(key).map(|known| known.name.as_str());
        let own = || catalog().condition_key(key).map(|known| known.name());
        global
            .or_else(own)
            .filter(|name| name.eq_ignore_ascii_case(key))
    };
    of_policy.or_else(of_catalogue).unwrap_or(key).to_owned()
}

#[cfg(test)]
mod tests;
