//! Who may, as text. Rule: UI-20.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use preclear_condition::Dependency;
use preclear_simulator::who_can::{Calls, Candidate, Condition, Way, WayKind};
use preclear_simulator::{Change, Engine, Explanation, KmsAnswer, Operability, Verdict, WhoCan};

mod groups;
mod way;

use super::code::meaning;
use super::message::Situation;
use super::reason::{cited, entry, push_warning, statement_name};
use super::settle::{dependency_name, push_settling_of_all};
use super::wrap::wrap_prose;
use crate::render::counted;
use crate::render::style::{Tone, shown};
use groups::{alike, groups, label};
use way::push_way;
pub(crate) use way::{condition_in_words, constraints_in_words};

/// Warnings shown; JSON has all.
const WARNINGS_MAX: usize = 8;

/// How much is told, and what has to be known for it.
pub(crate) struct Telling<'a> {
    /// Whom it tells in full: those who may not, and why; what goes without saying.
    pub(crate) in_full: Option<&'a Engine>,
    /// What flags can settle of an open answer.
    pub(crate) situation: Situation,
}

/// An answer, and what stands in front of it for everybody.
struct Page<'a> {
    answer: &'a WhoCan,
    /// True where KMS answers the same exception to all.
    is_refused: bool,
}

/// The question, who of the snapshot may, and whom its policies let in besides.
pub(crate) fn who_can(answer: &WhoCan, telling: &Telling<'_>, width: u16) -> String {
    let mut text = String::new();
    let resource = match answer.resource.as_str() {
        "" => "-".into(),
        resource => shown(resource),
    };
    let action = shown(&answer.action);
    let _ = writeln!(
        text,
        "{}  {action} on {resource}",
        Tone::Title.paint("who can")
    );
    if answer.is_pattern {
        let said = "all that it matches, of keys those that are listed (IAM-WILD-13); `simulate` takes it for one resource";
        entry(&mut text, "", "stands for", said);
    }
    if let Some(calls) = calls(answer.calls) {
        entry(&mut text, "", "calls", calls);
    }
    for warning in answer.warnings.iter().take(WARNINGS_MAX) {
        push_warning(&mut text, warning, "");
    }
    let more = answer.warnings.len().saturating_sub(WARNINGS_MAX);
    if more > 0 {
        let more = format!(
            "and {} (all with --format json)",
            counted(more, "more warning")
        );
        entry(&mut text, "", "", &more);
    }
    for error in &answer.errors {
        let cited = cited(error.rule, error.place.as_ref(), &error.message);
        let said = format!("{}: {}{cited}", error.code, shown(&error.message));
        entry(&mut text, "", "error", &said);
        if let Some(help) = &error.help {
            entry(&mut text, "", "", &shown(help));
        }
    }
    if answer.errors.is_empty() {
        let refusal = answer.refusal();
        push_operability(&mut text, refusal);
        let page = Page {
            answer,
            is_refused: refusal.is_some(),
        };
        push_listed(&mut text, &page, telling.in_full);
        push_outsiders(&mut text, &page, telling.in_full.is_some());
        push_settling(&mut text, answer, &telling.situation);
    }
    wrap_prose(&text, width)
}

/// The calls that were asked about, where the question leaves some out.
fn calls(calls: Calls) -> Option<&'static str> {
    match calls {
        Calls::Any => None,
        Calls::Direct => Some(
            "direct ones alone, as the question has it: none that a service makes with the caller's identity",
        ),
        Calls::ThroughServices => {
            Some("those that a service makes with the caller's identity, as the question has it")
        }
    }
}

/// What KMS answers in place of doing it, to all who may. Rule: KMS-STATE-1.
fn push_operability(text: &mut String, refusal: Option<&KmsAnswer>) {
    if let Some(exception) = refusal {
        let name = Tone::Bad.paint(format_args!("KMS answers {}", exception.exception.name()));
        let (why, rule) = (shown(&exception.why), exception.rule);
        entry(text, "", "but", &format!("{name}: {why} ({rule})"));
        entry(text, "", "", &shown(&exception.remedy));
    }
}

fn push_listed(text: &mut String, page: &Page<'_>, in_full: Option<&Engine>) {
    let answer = page.answer;
    let listed = &answer.listed;
    let count = |verdict: Verdict| listed.iter().filter(|one| one.verdict == verdict).count();
    let (allowed, depends) = (count(Verdict::Allow), count(Verdict::Depends));
    let _ = writeln!(text, "\n{}", Tone::Title.paint("Listed users and roles"));
    for candidate in listed.iter().filter(|one| one.may()) {
        let name = candidate.who.name();
        push_candidate(text, page, candidate, &shown(&name));
    }
    let others = listed.len() - allowed - depends;
    let rest = match (listed.len(), others) {
        (0, _) => "the snapshot lists nobody".to_owned(),
        (_, 0) => return,
        (1, 1) => "the only one may not".to_owned(),
        (all, others) if all == others => format!("none of these {all} may"),
        (_, others) => format!("{others} more may not"),
    };
    let kinds = [
        (Verdict::ExplicitDeny, "denied by a statement"),
        (Verdict::ImplicitDeny, "not allowed by anything"),
        (Verdict::NotApplicable, "need no permission"),
        (Verdict::Invalid, "cannot ask this"),
    ];
    let kinds: Vec<String> = kinds
        .into_iter()
        .filter(|(verdict, _)| count(*verdict) > 0)
        .map(|(verdict, words)| format!("{} {words}", count(verdict)))
        .collect();
    let kinds = match kinds.is_empty() {
        true => String::new(),
        false => format!(": {}", kinds.join(", ")),
    };
    let _ = writeln!(text, "  {rest}{kinds}");
    if let Some(engine) = in_full {
        for candidate in listed.iter().filter(|one| !one.may()) {
            push_verdict(text, candidate.verdict, &shown(&candidate.who.name()));
            push_denial(text, answer.denial(engine, candidate).as_ref());
        }
    }
    let mut invalid = listed.iter().filter(|one| one.verdict == Verdict::Invalid);
    let first = invalid.find_map(|one| one.answer.as_ref()?.errors.first());
    if let Some(error) = first {
        entry(
            text,
            "    ",
            "",
            &format!("{}: {}", error.code, shown(&error.message)),
        );
    }
}

/// Why somebody may not; of an operation by its worst part.
fn push_denial(text: &mut String, denial: Option<&Explanation>) {
    let Some(whole) = denial else { return };
    let worst = whole
        .parts
        .iter()
        .find(|part| part.result.verdict == whole.verdict);
    let decision = worst.map_or(whole, |part| &part.result);
    let Some(primary) = &decision.primary else {
        return;
    };
    let said = format!(
        "{}: {}",
        primary.code,
        meaning(primary.code, &decision.resource)
    );
    let part = worst.map(|part| format!(", for {} on {}", part.action, part.resource));
    entry(
        text,
        "    ",
        "reason",
        &shown(&(said + &part.unwrap_or_default())),
    );
    if let Some(statement) = &primary.statement {
        entry(text, "    ", "decided by", &statement_name(statement));
    }
}

/// Those who are not listed, alike ones together; behind them what goes without saying.
fn push_outsiders(text: &mut String, page: &Page<'_>, is_in_full: bool) {
    let answer = page.answer;
    let counted = answer.counted().filter(|one| !one.is_listed());
    let counted: HashSet<*const Candidate> = counted.map(std::ptr::from_ref).collect();
    let may = answer.outsiders.iter().filter(|one| one.may());
    let (outside, own): (Vec<&Candidate>, Vec<&Candidate>) =
        may.partition(|one| counted.contains(&std::ptr::from_ref(*one)));
    let _ = writeln!(text, "\n{}", Tone::Title.paint("From outside"));
    if outside.is_empty() {
        let _ = writeln!(text, "  nobody");
    }
    // Whom only policies let in that are not loaded can be anybody.
    let (anybody, outside): (Vec<&Candidate>, Vec<&Candidate>) = outside
        .into_iter()
        .partition(|one| !is_in_full && hangs_on_what_is_missing(one));
    push_all(text, page, &outside, true);
    if let [_, _, ..] = anybody.as_slice() {
        let layers = anybody.iter().filter_map(|one| one.answer.as_ref());
        let layers: BTreeSet<&Dependency> = layers.flat_map(|answer| &answer.depends_on).collect();
        let layers: Vec<String> = layers.into_iter().map(dependency_name).collect();
        push_verdict(text, Verdict::Depends, "anybody else (each with --explain)");
        entry(text, "    ", "by", "policies that are not loaded");
        entry(text, "    ", "depends on", &shown(&layers.join(", ")));
    } else {
        push_all(text, page, &anybody, true);
    }
    if own.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n{}",
        Tone::Title.paint("Not listed, of the snapshot's own accounts")
    );
    push_all(text, page, &own, is_in_full);
}

/// Candidates, alike ones together, with their ways or by their verdicts alone.
fn push_all(text: &mut String, page: &Page<'_>, all: &[&Candidate], has_ways: bool) {
    for kinds in alike(groups(all)) {
        let Some(first) = kinds.first().and_then(|group| group.first()) else {
            continue;
        };
        let label = shown(&label(&kinds)).into_owned();
        match has_ways {
            true => push_candidate(text, page, first, &label),
            false => push_verdict(text, first.verdict, &label),
        }
    }
}

/// True where nothing that is loaded could let them in.
fn hangs_on_what_is_missing(candidate: &Candidate) -> bool {
    let is_missing = |way: &Way| {
        way.statements.is_empty()
            && way.grant.is_none()
            && !matches!(way.kind, WayKind::Always | WayKind::RootUser)
    };
    candidate.verdict == Verdict::Depends
        && !candidate.ways().is_empty()
        && candidate.ways().iter().all(is_missing)
}

fn push_verdict(text: &mut String, verdict: Verdict, label: &str) {
    let _ = writeln!(text, "  {}  {label}", Tone::from(verdict).paint(verdict));
}

fn push_candidate(text: &mut String, page: &Page<'_>, candidate: &Candidate, label: &str) {
    push_verdict(text, candidate.verdict, label);
    if let Some(key) = page.answer.own_key(candidate) {
        entry(text, "    ", "on its own", &shown(key));
    }
    for way in candidate.ways() {
        push_way(text, way);
    }
    for condition in candidate.limits() {
        let (label, said) = condition_in_words(condition, true);
        entry(text, "    ", label, &said);
    }
    if let Some(answer) = &candidate.answer {
        push_rest(text, page, answer, candidate.conditions());
    }
}

/// What else the answer depends on.
fn push_rest(text: &mut String, page: &Page<'_>, answer: &Explanation, conditions: &[Condition]) {
    if answer.verdict != Verdict::Depends {
        if let Operability::Exception(exception) = &answer.operability
            && (exception.change == Change::Nothing || !page.is_refused)
        {
            let label = match exception.change {
                Change::Nothing => "and",
                _ => "but",
            };
            let said = format!("KMS answers {}", exception.exception.name());
            entry(text, "    ", label, &said);
        }
        return;
    }
    let rest = answer.depends_on.iter();
    let rest = rest.filter(|one| !is_told(one, conditions));
    let rest: Vec<String> = rest.map(|one| spelled(one, conditions)).collect();
    if !rest.is_empty() {
        entry(text, "    ", "depends on", &shown(&rest.join(", ")));
    }
}

/// Its name, a key as a condition spells it, else as the catalogue does.
pub(crate) fn spelled(dependency: &Dependency, conditions: &[Condition]) -> String {
    let mut tests = conditions.iter().flat_map(|one| &one.tests);
    let own = match dependency {
        Dependency::Key(key) => tests.find(|test| test.key.eq_ignore_ascii_case(key)),
        _ => None,
    };
    own.map_or_else(|| dependency_name(dependency), |test| test.key.clone())
}

/// True for a key that a condition names.
fn is_told(dependency: &Dependency, conditions: &[Condition]) -> bool {
    let Dependency::Key(key) = dependency else {
        return false;
    };
    let mut tests = conditions.iter().flat_map(|one| &one.tests);
    tests.any(|test| test.key.eq_ignore_ascii_case(key))
}

/// Once for all, what settles the things that no condition names.
fn push_settling(text: &mut String, answer: &WhoCan, situation: &Situation) {
    let mut open = BTreeSet::new();
    for candidate in answer.allowed() {
        let answer = candidate.answer.iter();
        let answer = answer.filter(|answer| answer.verdict == Verdict::Depends);
        let rest = answer.flat_map(|answer| &answer.depends_on);
        open.extend(
            rest.filter(|one| !is_told(one, candidate.conditions()))
                .cloned(),
        );
    }
    push_settling_of_all(text, &open, &answer.resource, situation);
}
