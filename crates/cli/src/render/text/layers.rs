//! Every layer and every statement considered: what `--explain` adds.

use std::fmt::Write as _;

use preclear_condition::Tri;
use preclear_simulator::explanation::{GrantReport, LayerReport, StatementReport};

use super::reason::statement_name;
use crate::render::style::{Tone, shown};

/// Appends the layers in the order in which they are asked.
pub(super) fn push_layers(text: &mut String, layers: &[LayerReport], indent: &str) {
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
        for statement in &layer.statements {
            push_statement(text, statement, indent);
        }
        for grant in &layer.grants {
            push_grant(text, grant, indent);
        }
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
