//! Outcomes as people read them.

use std::collections::BTreeMap;
use std::fmt::{Formatter, Result};

use preclear_model::{Place, PolicyKind};
use preclear_simulator::{Explanation, Reason};

use crate::culprits::Culprit;
use crate::outcome::{Counterexample, Open, Proof};
use crate::property::Claim;

/// Lines of a statement that are shown.
const LINES_MAX: usize = 24;

/// Entries of a list that are shown.
const ENTRIES_MAX: usize = 8;

pub(crate) fn proof(proof: &Proof, f: &mut Formatter<'_>) -> Result {
    let scope = &proof.scope;
    let answer = match proof.claim {
        Claim::Never => "none is allowed",
        Claim::Always => "all are allowed",
    };
    writeln!(f, "proven: {}", proof.name)?;
    writeln!(
        f,
        "  {} questions, each about every context: {answer}",
        scope.questions
    )?;
    writeln!(
        f,
        "  callers    {} listed, {} that stand for all others",
        scope.listed.len(),
        scope.stand_ins.len()
    )?;
    writeln!(f, "  actions    {}", few(&scope.actions))?;
    write!(f, "  resources  {}", few(&scope.resources))?;
    if !scope.left_out.is_empty() {
        write!(
            f,
            "\n  left out   {}: decided on none of the resources",
            few(&scope.left_out)
        )?;
    }
    if !scope.elsewhere.is_empty() {
        write!(
            f,
            "\n  left out   {}: without a resource, callers of other accounts act on their own",
            few(&scope.elsewhere)
        )?;
    }
    if scope.impossible > 0 {
        write!(
            f,
            "\n  left out   {} questions that what is given makes impossible",
            scope.impossible
        )?;
    }
    if scope.not_applicable > 0 {
        write!(
            f,
            "\n  left out   {} questions that need no permission",
            scope.not_applicable
        )?;
    }
    for note in &scope.notes {
        write!(f, "\n  note       {note}")?;
    }
    Ok(())
}

fn few(texts: &[String]) -> String {
    let shown: Vec<&str> = texts.iter().take(ENTRIES_MAX).map(String::as_str).collect();
    let shown = shown.join(", ");
    match texts.len().checked_sub(ENTRIES_MAX) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}

pub(crate) fn counterexample(found: &Counterexample, f: &mut Formatter<'_>) -> Result {
    writeln!(f, "refuted: {}", found.name)?;
    writeln!(f)?;
    writeln!(f, "  who      {}", found.caller)?;
    writeln!(f, "  does     {}", found.answer.action)?;
    writeln!(f, "  on       {}", found.answer.resource)?;
    if found.is_forwarded {
        writeln!(
            f,
            "  through  an AWS service that calls with the caller's identity"
        )?;
    }
    facts(f, "when", &found.context)?;
    facts(f, "given", &found.given)?;
    match found.claim {
        Claim::Never => allowed(found, f)?,
        Claim::Always => denied(found, f)?,
    }
    let others = found.refuted.saturating_sub(1);
    if others > 0 {
        let answered = match found.claim {
            Claim::Never => "allowed",
            Claim::Always => "denied",
        };
        writeln!(f)?;
        writeln!(
            f,
            "  {others} more of {} questions are {answered} in every context",
            found.questions
        )?;
    }
    notes(&found.notes, f)
}

fn notes(notes: &[String], f: &mut Formatter<'_>) -> Result {
    if !notes.is_empty() {
        writeln!(f)?;
    }
    for note in notes {
        writeln!(f, "  Note: {note}")?;
    }
    Ok(())
}

fn facts(f: &mut Formatter<'_>, label: &str, facts: &BTreeMap<String, String>) -> Result {
    for (index, (key, state)) in facts.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        writeln!(f, "  {label:<8} {key} {state}")?;
    }
    Ok(())
}

fn allowed(found: &Counterexample, f: &mut Formatter<'_>) -> Result {
    writeln!(f)?;
    writeln!(f, "  It is allowed{}, by", whatever(found))?;
    for culprit in &found.culprits {
        writeln!(f)?;
        self::culprit(culprit, f)?;
    }
    if found.culprits.is_empty() {
        return match &found.answer.primary {
            _ if found.assumes_own_policies => {
                writeln!(f, "    the caller's own policies, which nobody knows")
            }
            Some(reason) => writeln!(f, "    {}", reason.code),
            None => Ok(()),
        };
    }
    let needed: Vec<String> = found
        .culprits
        .iter()
        .filter(|one| one.is_indispensable)
        .map(where_it_is)
        .collect();
    writeln!(f)?;
    if found.assumes_own_policies {
        writeln!(f, "  The caller's own policies are assumed to allow it.")?;
    }
    match needed.as_slice() {
        [] => writeln!(
            f,
            "  No one of them is needed: other statements allow it as well."
        ),
        [one] => writeln!(f, "  Without {one} it is denied."),
        several => writeln!(
            f,
            "  Without any one of these it is denied: {}.",
            several.join(", ")
        ),
    }
}

fn whatever(found: &Counterexample) -> &'static str {
    if found.context.is_empty() {
        " in every context"
    } else {
        ", whatever else the request brings"
    }
}

fn where_it_is(culprit: &Culprit) -> String {
    match (&culprit.place, &culprit.id) {
        (Some(place), _) => place.locate().to_string(),
        (None, Some(id)) => format!("the grant {id}"),
        (None, None) => culprit.policy.clone(),
    }
}

fn culprit(culprit: &Culprit, f: &mut Formatter<'_>) -> Result {
    let layer = culprit.kind.map_or("policy", kind);
    match (&culprit.place, &culprit.id) {
        (Some(place), id) => {
            let sid = id
                .as_ref()
                .map_or_else(String::new, |id| format!(" (`{id}`)"));
            writeln!(f, "    {layer}, {}{sid}", place.locate())?;
            snippet(place, f)
        }
        (None, Some(id)) => writeln!(f, "    the grant {id} of {}", culprit.policy),
        (None, None) => writeln!(f, "    {layer} {}", culprit.policy),
    }
}

/// The lines of a place as they stand in the file.
fn snippet(place: &Place, f: &mut Formatter<'_>) -> Result {
    let outermost = place.outermost();
    let source = &outermost.source;
    let first = source.position(outermost.span.start).line as usize;
    let last = source.position(outermost.span.end).line as usize;
    let lines = source
        .text
        .lines()
        .enumerate()
        .skip(first.saturating_sub(1));
    let lines: Vec<(usize, &str)> = lines.take(last + 1 - first).collect();
    let indented = lines.iter().filter(|(_, line)| !line.trim().is_empty());
    let margin = indented
        .map(|(_, line)| line.len() - line.trim_start().len())
        .min();
    for (index, line) in lines.iter().take(LINES_MAX) {
        let line = line.get(margin.unwrap_or_default()..).unwrap_or_default();
        let line: String = line.chars().take(160).collect();
        writeln!(f, "    {:>5} | {line}", index + 1)?;
    }
    match lines.len().checked_sub(LINES_MAX) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(f, "          | … {more} more lines"),
    }
}

fn kind(kind: PolicyKind) -> &'static str {
    let described = kind.description();
    let article = ["a ", "an "]
        .iter()
        .find_map(|one| described.strip_prefix(one));
    article.unwrap_or(described)
}

fn denied(found: &Counterexample, f: &mut Formatter<'_>) -> Result {
    writeln!(f)?;
    writeln!(
        f,
        "  It is denied{}: {}",
        whatever(found),
        reason(&found.answer)
    )?;
    if let Some(place) = found.answer.primary.as_ref().and_then(place_of) {
        snippet(place, f)?;
    }
    for miss in found.answer.useful_near_misses().take(3) {
        let place = miss.statement.as_ref().and_then(|one| one.place.as_ref());
        let place = place.map_or_else(String::new, |place| format!("{}: ", place.locate()));
        let key = miss
            .key
            .as_ref()
            .map_or_else(String::new, |key| format!(" {key}"));
        // What the request meets of a statement that denies is no miss.
        let how = if miss.denies {
            "it applies as"
        } else {
            "nearly:"
        };
        writeln!(
            f,
            "  {how} {place}{}{key} expects {}, the request has {}",
            miss.element, miss.expected, miss.actual
        )?;
    }
    for fix in &found.fixes {
        writeln!(f)?;
        writeln!(f, "  The smallest addition, to the {}:", fix.target)?;
        let text = format!("{:#}", fix.statement);
        for line in text.lines() {
            writeln!(f, "    {line}")?;
        }
    }
    for obstacle in &found.obstacles {
        writeln!(f, "  No addition helps: {obstacle}")?;
    }
    Ok(())
}

fn place_of(reason: &Reason) -> Option<&Place> {
    reason.statement.as_ref()?.place.as_ref()
}

fn reason(answer: &Explanation) -> String {
    let Some(primary) = &answer.primary else {
        return answer.verdict.to_string();
    };
    let place = place_of(primary).map(|place| format!(", {}", place.locate()));
    format!("{}{}", primary.code, place.unwrap_or_default())
}

pub(crate) fn open(open: &Open, f: &mut Formatter<'_>) -> Result {
    writeln!(f, "neither proven nor refuted: {}", open.name)?;
    writeln!(
        f,
        "  {} of {} questions are open. They depend on",
        open.open, open.questions
    )?;
    for (what, example) in &open.depends_on {
        writeln!(f, "    {what:<32} such as {example}")?;
    }
    for note in &open.notes {
        writeln!(f, "  Note: {note}")?;
    }
    write!(
        f,
        "  Load what is missing, or say what is given (`when`, `when_absent`, `directly`)."
    )
}
