//! The answer to one request as text. Rule: UI-12.

use std::fmt::Write as _;

use preclear_inputs::LineError;
use preclear_model::Diagnostic;
use preclear_simulator::job::Advice;
use preclear_simulator::{Change, Explanation, NOT_MODELLED, Verdict};

use super::fix::push_advice;
use super::layers::{Telling, push_layers};
use super::message::{Situation, push_aws_message};
use super::noticed::Noticed;
use super::reason::{push_not_modelled, push_warnings, push_why};
use super::settle::push_settling;
use super::wrap::wrap_prose;
use crate::render::style::{Tone, shown};

/// The verdict in one line, for a deny AWS's own message, then why, and what would mend it.
///
/// The statements that an open answer hangs on come from its layers; `shows_layers` prints all of them.
pub(crate) fn request(
    explanation: &Explanation,
    situation: &Situation,
    advice: &Advice,
    shows_layers: bool,
    width: u16,
) -> String {
    let mut text = wrap_prose(&answer(explanation, situation, shows_layers), width);
    push_advice(&mut text, advice, width);
    text
}

fn answer(explanation: &Explanation, situation: &Situation, shows_layers: bool) -> String {
    let mut text = String::new();
    let id = explanation
        .id
        .as_deref()
        .map(|id| format!("{}: ", shown(id)))
        .unwrap_or_default();
    let _ = writeln!(text, "{id}{}", headline(explanation));
    push_warnings(&mut text, explanation, "");
    push_message(&mut text, explanation, situation, "");
    if explanation.parts.is_empty() {
        push_why(&mut text, explanation, "");
        if shows_layers && explanation.assumptions.contains(NOT_MODELLED) {
            push_not_modelled(&mut text, "");
        }
        push_rest(&mut text, explanation, situation, shows_layers, "");
        return text;
    }
    // The parts hold their own reasons; repeating the worst one's would be noise.
    for part in &explanation.parts {
        let verdict = part.result.verdict;
        let resource = if part.resource.is_empty() {
            &part.result.resource
        } else {
            &part.resource
        };
        let verdict = Tone::from(verdict).paint(verdict);
        let _ = writeln!(
            text,
            "\n  {verdict}  {} on {}",
            shown(&part.action),
            shown(resource)
        );
        push_why(&mut text, &part.result, "    ");
        push_rest(&mut text, &part.result, situation, shows_layers, "    ");
    }
    if shows_layers && explanation.assumptions.contains(NOT_MODELLED) {
        text.push('\n');
        push_not_modelled(&mut text, "");
    }
    text
}

/// How to settle a decision, and what every layer said if that is asked for.
fn push_rest(
    text: &mut String,
    explanation: &Explanation,
    situation: &Situation,
    shows_layers: bool,
    indent: &str,
) {
    push_settling(text, explanation, situation, indent);
    if shows_layers && !explanation.layers.is_empty() {
        text.push('\n');
        push_layers(text, &explanation.layers, Telling::Whole, indent);
    }
}

/// `implicit_deny  kms:Decrypt on KEY by CALLER`.
fn headline(explanation: &Explanation) -> String {
    let verdict = explanation.verdict;
    let mut line = format!(
        "{}  {} on {} by {}",
        Tone::from(verdict).paint(verdict),
        shown(&explanation.action),
        if explanation.resource.is_empty() {
            "-".into()
        } else {
            shown(&explanation.resource)
        },
        shown(&explanation.caller)
    );
    if let (Verdict::Allow, Some(answer)) = (verdict, explanation.operability.answer()) {
        let name = answer.exception.name();
        let _ = match answer.change {
            Change::Nothing => write!(line, ", rehearsed: {name}"),
            Change::Key | Change::Request => write!(line, ", but {}", Tone::Bad.paint(name)),
        };
    }
    line
}

/// AWS's message for a denied decision, behind `indent`.
fn push_message(text: &mut String, explanation: &Explanation, situation: &Situation, indent: &str) {
    // An operation is denied by its worst part, and AWS speaks of that one.
    let worst = explanation
        .parts
        .iter()
        .find(|part| part.result.verdict == explanation.verdict);
    let decided = worst.map_or(explanation, |part| &part.result);
    push_aws_message(text, decided, situation, indent);
}

/// One of many answers, in one line; behind it what was noticed.
pub(crate) fn line(explanation: &Explanation, noticed: &Noticed, number: usize) -> String {
    let label = explanation
        .id
        .as_deref()
        .map_or_else(|| format!("line {number}"), |id| shown(id).into_owned());
    let why = match explanation.verdict {
        Verdict::Depends => explanation
            .depends_on
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
        _ => explanation
            .primary
            .as_ref()
            .map(|reason| reason.code.name().to_owned())
            .unwrap_or_default(),
    };
    format!(
        "{label}: {} ({}){}\n",
        headline(explanation),
        shown(&why),
        noticed.mark()
    )
}

/// One of many answers without its reason.
pub(crate) fn verdict_line(verdict: Verdict, id: Option<&str>, number: usize) -> String {
    match id {
        Some(id) => format!("{}: {verdict}\n", shown(id)),
        None => format!("line {number}: {verdict}\n"),
    }
}

/// Everything else about one of many answers, for below its line.
pub(crate) fn below_line(explanation: &Explanation, situation: &Situation, width: u16) -> String {
    let whole = answer(explanation, situation, true);
    let mut text = String::new();
    for line in whole.lines().skip(1).filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "  {line}");
    }
    wrap_prose(&text, width)
}

/// A line that cannot be used, in one line. Rule: UI-35.
pub(crate) fn line_error(error: &LineError) -> String {
    let id = error
        .id
        .as_deref()
        .map(|id| format!(" ({})", shown(id)))
        .unwrap_or_default();
    let messages: Vec<String> = error
        .diagnostics
        .errors()
        .map(|one| {
            let place = error
                .locate(one)
                .map(|located| format!("{located}: "))
                .unwrap_or_default();
            let what = Diagnostic {
                place: None,
                ..one.clone()
            };
            let help = one.help.as_deref().map(|help| format!("; help: {help}"));
            let text = format!("{place}{what}{}", help.unwrap_or_default());
            shown(&text).into_owned()
        })
        .collect();
    format!(
        "line {}{id}: {}  {}\n",
        error.line,
        Tone::Bad.paint(Verdict::Invalid),
        messages.join("; ")
    )
}
