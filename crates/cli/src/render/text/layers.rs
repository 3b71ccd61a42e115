//! Every layer and every statement considered: what `--explain` adds.

use std::fmt::Write as _;

use preclear_condition::Tri;
use preclear_simulator::explanation::{GrantReport, LayerReport, StatementReport};

use super::reason::statement_name;
use crate::render::style::{Tone, shown};

/// How much is told of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// Everything.
    Whole,
    /// Of statements about other actions their names alone: one of many decisions.
    Short,
}

/// Appends the layers in the order in which they are asked.
pub(super) fn push_layers(
    text: &mut String,
    layers: &[LayerReport],
    telling: Telling,
    indent: &str,
) {
    for layer in layers {
        let mut name = layer.layer.name().to_owned();
        if let Some(level) = &layer.level {
            let _ = write!(name, " {}", shown(level));
        }
        let state = match &layer.note {
            Some(note) if layer.statements.is_empty() && layer.grants.is_empty() => {
                shown(note).into_owned()
            }
            note => {
                let note = note
                    .as_deref()
                    .map(|note| format!(" ({})", shown(note)))
                    .unwrap_or_default();
                format!(
                    "allows: {}, denies: {}{note}",
                    word(layer.allow),
                    word(layer.deny)
                )
            }
        };
        let _ = writeln!(
            text,
            "{indent}{}  {state}",
            Tone::Title.paint(format_args!("{name:<10}"))
        );
        let is_of_others =
            |report: &&StatementReport| telling == Telling::Short && is_about_others(report);
        for statement in layer.statements.iter().filter(|one| !is_of_others(one)) {
            push_statement(text, statement, indent);
        }
        push_about_others(text, layer.statements.iter().filter(is_of_others), indent);
        for grant in &layer.grants {
            push_grant(text, grant, indent);
        }
    }
}

/// True for a statement that does not apply because it is about other actions.
fn is_about_others(report: &StatementReport) -> bool {
    let is_of_action = |remark: &String| {
        remark.starts_with("Action does not match") || remark.starts_with("NotAction excludes")
    };
    report.applies == Tri::False && report.remarks.iter().any(is_of_action)
}

/// Appends the statements about other actions, those of one policy together.
fn push_about_others<'r>(
    text: &mut String,
    reports: impl Iterator<Item = &'r StatementReport>,
    indent: &str,
) {
    let mut by_policy: Vec<(&str, Vec<String>)> = Vec::new();
    for StatementReport { statement, .. } in reports {
        let sid = statement.sid.as_deref().filter(|sid| !sid.is_empty());
        let name = sid.map_or_else(|| statement.statement.to_string(), str::to_owned);
        let policy = statement.policy.as_str();
        match by_policy.iter_mut().find(|(own, _)| *own == policy) {
            Some((_, names)) => names.push(name),
            None => by_policy.push((policy, vec![name])),
        }
    }
    for (policy, names) in by_policy {
        let one_or_more = if names.len() == 1 {
            "statement"
        } else {
            "statements"
        };
        let label = Tone::Quiet.paint("About other actions");
        let _ = writeln!(
            text,
            "{indent}  {label}: {}, {one_or_more} {}",
            shown(policy),
            shown(&names.join(", "))
        );
    }
}

fn push_grant(text: &mut String, report: &GrantReport, indent: &str) {
    let applies = applies(report.applies, true);
    let _ = writeln!(text, "{indent}  Grant {applies}: {}", shown(&report.id));
    for remark in &report.remarks {
        let _ = writeln!(text, "{indent}    {}", shown(remark));
    }
}

fn applies(value: Tri, allows: bool) -> String {
    match value {
        Tri::True if allows => Tone::Good.paint("applies"),
        Tri::True => Tone::Bad.paint("applies"),
        Tri::False => Tone::Quiet.paint("does not apply"),
        Tri::Unknown => Tone::Doubtful.paint("may apply"),
    }
}

fn push_statement(text: &mut String, report: &StatementReport, indent: &str) {
    let effect = if report.allows { "Allow" } else { "Deny" };
    let _ = writeln!(
        text,
        "{indent}  {effect} {}: {}",
        applies(report.applies, report.allows),
        statement_name(&report.statement)
    );
    for remark in &report.remarks {
        // That the condition of a Deny does not hold is no failure.
        let remark = if report.allows {
            remark.clone()
        } else {
            remark.replacen(
                " fails: the request has",
                " does not hold: the request has",
                1,
            )
        };
        let _ = writeln!(text, "{indent}    {}", shown(&remark));
    }
}

fn word(value: Tri) -> &'static str {
    match value {
        Tri::True => "yes",
        Tri::False => "no",
        Tri::Unknown => "unknown",
    }
}
