//! Who may, as text. Rule: UI-20.

use std::fmt::Write as _;

use preclear_condition::Dependency;
use preclear_simulator::explanation::MetTest;
use preclear_simulator::who_can::{Candidate, Condition, Source, Way, WayKind, Who};
use preclear_simulator::{Change, Explanation, Layer, Operability, Verdict, WhoCan};

use super::reason::{cited, entry, push_warning, statement_name};
use super::wrap::wrap_prose;
use crate::render::counted;
use crate::render::style::{Tone, shown};

/// Warnings shown; JSON has all.
const WARNINGS_MAX: usize = 8;

/// Accounts named in one line.
const ACCOUNTS_MAX: usize = 8;

/// The question, who of the snapshot may, and whom its policies let in besides.
pub(crate) fn who_can(answer: &WhoCan, is_in_full: bool, width: u16) -> String {
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
        push_operability(&mut text, answer);
        push_listed(&mut text, answer, is_in_full);
        push_outsiders(&mut text, answer, is_in_full);
    }
    wrap_prose(&text, width)
}

/// What KMS answers in place of doing it: the same to all who may. Rule: KMS-STATE-1.
fn push_operability(text: &mut String, answer: &WhoCan) {
    let answers = answer.allowed().filter_map(|one| one.answer.as_ref());
    let is_real = |one: &&preclear_simulator::KmsAnswer| one.change != Change::Nothing;
    let mut exceptions = answers
        .filter_map(|one| one.operability.answer())
        .filter(is_real);
    if let Some(exception) = exceptions.next() {
        let name = Tone::Bad.paint(format_args!("KMS answers {}", exception.exception.name()));
        let (why, rule) = (shown(&exception.why), exception.rule);
        entry(text, "", "but", &format!("{name}: {why} ({rule})"));
        entry(text, "", "", &shown(&exception.remedy));
    }
}

fn push_listed(text: &mut String, answer: &WhoCan, is_in_full: bool) {
    let listed = &answer.listed;
    let count = |verdict: Verdict| listed.iter().filter(|one| one.verdict == verdict).count();
    let (allowed, depends) = (count(Verdict::Allow), count(Verdict::Depends));
    let _ = writeln!(text, "\n{}", Tone::Title.paint("Listed users and roles"));
    for candidate in listed.iter().filter(|one| one.may()) {
        let name = candidate.who.name();
        push_candidate(text, candidate, &shown(&name));
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
    for candidate in listed.iter().filter(|one| !one.may() && is_in_full) {
        push_verdict(text, candidate.verdict, &shown(&candidate.who.name()));
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

/// Those who are not listed, alike ones together; behind them what goes without saying.
fn push_outsiders(text: &mut String, answer: &WhoCan, is_in_full: bool) {
    let counted: Vec<&Candidate> = answer.counted().filter(|one| !is_listed(one)).collect();
    let may = answer.outsiders.iter().filter(|one| one.may());
    let (outside, own): (Vec<&Candidate>, Vec<&Candidate>) =
        may.partition(|one| counted.iter().any(|other| std::ptr::eq(*other, *one)));
    let _ = writeln!(text, "\n{}", Tone::Title.paint("From outside"));
    if outside.is_empty() {
        let _ = writeln!(text, "  nobody");
    }
    for group in groups(&outside) {
        if let Some(first) = group.first() {
            let own = match first.needs_own_policies() {
                true => ", if its own policies allow it",
                false => "",
            };
            push_candidate(text, first, &format!("{}{own}", shown(&label(&group))));
        }
    }
    if own.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n{}",
        Tone::Title.paint("Not listed, of the snapshot's own accounts")
    );
    for group in groups(&own) {
        let Some(first) = group.first() else { continue };
        let own = match first.needs_own_policies() {
            true => ", if its own policies allow it",
            false => "",
        };
        let label = format!("{}{own}", shown(&label(&group)));
        match is_in_full {
            true => push_candidate(text, first, &label),
            false => push_verdict(text, first.verdict, &label),
        }
    }
}

fn is_listed(candidate: &Candidate) -> bool {
    matches!(candidate.who, Who::Listed { .. })
}

/// Candidates of one kind that fare alike, in their order.
fn groups<'c>(all: &[&'c Candidate]) -> Vec<Vec<&'c Candidate>> {
    let mut groups: Vec<Vec<&Candidate>> = Vec::new();
    for candidate in all {
        let takes = |group: &&mut Vec<&Candidate>| {
            let Some(first) = group.first() else {
                return false;
            };
            is_one_kind(&first.who, &candidate.who) && first.agrees_with(candidate)
        };
        match groups.iter_mut().find(takes) {
            Some(group) => group.push(candidate),
            None => groups.push(vec![candidate]),
        }
    }
    groups
}

fn is_one_kind(one: &Who, other: &Who) -> bool {
    match (one, other) {
        (
            Who::Others {
                account: Some(_),
                kinds,
                is_own,
            },
            Who::Others {
                account: Some(_),
                kinds: others,
                is_own: other,
            },
        ) => kinds == others && is_own == other,
        (
            Who::Root {
                account: Some(_), ..
            },
            Who::Root {
                account: Some(_), ..
            },
        )
        | (
            Who::RootSession {
                account: Some(_), ..
            },
            Who::RootSession {
                account: Some(_), ..
            },
        ) => true,
        _ => false,
    }
}

/// A group in words: the first one, and the accounts of all.
fn label(group: &[&Candidate]) -> String {
    let Some(first) = group.first() else {
        return String::new();
    };
    let accounts: Vec<&str> = group.iter().filter_map(|one| one.who.account()).collect();
    let said = first.who.to_string();
    let (Some(own), true) = (accounts.first(), group.len() > 1) else {
        return said;
    };
    let shown = accounts.iter().take(ACCOUNTS_MAX).copied();
    let mut all = shown.collect::<Vec<_>>().join(", ");
    let more = accounts.len().saturating_sub(ACCOUNTS_MAX);
    if more > 0 {
        let _ = write!(all, " and {more} more");
    }
    said.replace(&format!("account {own}"), &format!("accounts {all}"))
}

fn push_verdict(text: &mut String, verdict: Verdict, label: &str) {
    let _ = writeln!(text, "  {}  {label}", Tone::from(verdict).paint(verdict));
}

fn push_candidate(text: &mut String, candidate: &Candidate, label: &str) {
    push_verdict(text, candidate.verdict, label);
    for way in candidate.ways() {
        push_way(text, way, candidate.conditions());
    }
    for condition in candidate.conditions() {
        if !is_of_a_way(condition, candidate.ways()) {
            push_condition(text, condition, true);
        }
    }
    if let Some(answer) = &candidate.answer {
        push_rest(text, answer, candidate.conditions());
    }
}

/// The statements or the grant of a way, each with its conditions below it.
fn push_way(text: &mut String, way: &Way, conditions: &[Condition]) {
    let mut label = match way.kind {
        WayKind::KeyPolicy => "key policy",
        WayKind::Grant => "grant",
        WayKind::Iam => "IAM",
        WayKind::IdentityPolicy => "identity",
        WayKind::ResourcePolicy => "resource",
        WayKind::TrustPolicy => "trust",
        WayKind::CrossAccount => "both sides",
        WayKind::RootUser => "root user",
        WayKind::Always => "always",
    };
    let mut push = |text: &mut String, value: &str| {
        entry(text, "    ", std::mem::take(&mut label), value);
    };
    if let Some((action, resource)) = &way.part {
        push(
            text,
            &format!("for {} on {}", shown(action), shown(resource)),
        );
    }
    if let Some(grant) = &way.grant {
        push(text, &shown(grant));
    }
    for (layer, statement) in &way.statements {
        let name = statement_name(statement);
        let all = match *layer == Layer::Resource && way.is_open_to_all {
            true => ", whose principal is `*`",
            false => "",
        };
        push(text, &format!("{name}{all}"));
        let source = Source::Statement(statement.clone());
        for condition in conditions
            .iter()
            .filter(|one| one.allows && one.source == source)
        {
            push_condition(text, condition, false);
        }
    }
    for condition in conditions {
        let is_own =
            matches!(&condition.source, Source::Grant(id) if Some(id) == way.grant.as_ref());
        if is_own {
            push_condition(text, condition, false);
        }
    }
    if way.statements.is_empty() && way.grant.is_none() {
        let why = match way.kind {
            WayKind::Always => "no policy has to allow it",
            WayKind::RootUser => "the root user may",
            _ => "a policy that is not loaded",
        };
        push(text, why);
    }
}

fn is_of_a_way(condition: &Condition, ways: &[Way]) -> bool {
    condition.allows
        && ways.iter().any(|way| match &condition.source {
            Source::Statement(own) => way.statements.iter().any(|(_, one)| one == own),
            Source::Grant(id) => way.grant.as_ref() == Some(id),
        })
}

/// `if A and B`, or `unless A and B` for a statement that denies.
fn push_condition(text: &mut String, condition: &Condition, names_source: bool) {
    let (label, said) = condition_in_words(condition, names_source);
    entry(text, "    ", label, &said);
}

/// `if` or `unless`, and what has to hold or must not. Rule: UI-20.
pub(crate) fn condition_in_words(
    condition: &Condition,
    names_source: bool,
) -> (&'static str, String) {
    let tests = condition.tests.iter().map(test);
    let remarks = condition.remarks.iter().map(|one| shown(one).into_owned());
    let all: Vec<String> = tests.chain(remarks).collect();
    let label = if condition.allows { "if" } else { "unless" };
    let mut said = all.join(" and ");
    if names_source {
        let source = match &condition.source {
            Source::Statement(statement) => {
                let effect = if condition.allows { "Allow" } else { "Deny" };
                let (layer, name) = (layer_name(condition.layer), statement_name(statement));
                format!("{effect} of the {layer} policy: {name}")
            }
            Source::Grant(id) => format!("grant {}", shown(id)),
        };
        let _ = write!(said, " ({source})");
    }
    (label, said)
}

fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Scp => "service control",
        Layer::Rcp => "resource control",
        Layer::VpcEndpoint => "endpoint",
        Layer::Boundary => "boundary",
        Layer::Session => "session",
        Layer::Resource | Layer::Grants => "resource's",
        Layer::Identity => "identity",
    }
}

/// A test as it stands in the policy.
fn test(test: &MetTest) -> String {
    let operands = test.operands.join(" or ");
    let said = format!("{} {}: {operands}", test.operator, test.key);
    shown(&said).into_owned()
}

/// What else the answer depends on.
fn push_rest(text: &mut String, answer: &Explanation, conditions: &[Condition]) {
    if answer.verdict != Verdict::Depends {
        if let Operability::Exception(exception) = &answer.operability
            && exception.change == Change::Nothing
        {
            entry(
                text,
                "    ",
                "and",
                &format!("KMS answers {}", exception.exception.name()),
            );
        }
        return;
    }
    let tested = |key: &str| {
        let mut tests = conditions.iter().flat_map(|one| &one.tests);
        tests.any(|test| test.key.eq_ignore_ascii_case(key))
    };
    let rest = answer.depends_on.iter().filter(|one| match one {
        Dependency::Key(key) => !tested(key),
        _ => true,
    });
    let rest: Vec<String> = rest.map(ToString::to_string).collect();
    if !rest.is_empty() {
        entry(text, "    ", "depends on", &shown(&rest.join(", ")));
    }
}
