//! Who may, as text. Rule: UI-20.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use preclear_condition::Dependency;
use preclear_simulator::explanation::MetTest;
use preclear_simulator::who_can::{
    Calls, Candidate, Condition, Source, Way, WayKind, WayStatement, Who,
};
use preclear_simulator::{Change, Engine, Explanation, Layer, Operability, Verdict, WhoCan};

use super::code::meaning;
use super::message::Situation;
use super::reason::{cited, entry, push_warning, statement_name};
use super::settle::{dependency_name, push_settling_of_all};
use super::wrap::wrap_prose;
use crate::render::counted;
use crate::render::style::{Tone, shown};

/// Warnings shown; JSON has all.
const WARNINGS_MAX: usize = 8;

/// Accounts named in one line.
const ACCOUNTS_MAX: usize = 8;

/// How much is told, and what has to be known for it.
pub(crate) struct Telling<'a> {
    /// Whom it tells in full: those who may not, and why; what goes without saying.
    pub(crate) in_full: Option<&'a Engine>,
    /// What flags can settle of an open answer.
    pub(crate) situation: Situation,
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
        push_operability(&mut text, answer);
        push_listed(&mut text, answer, telling.in_full);
        push_outsiders(&mut text, answer, telling.in_full.is_some());
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

fn push_listed(text: &mut String, answer: &WhoCan, in_full: Option<&Engine>) {
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
fn push_outsiders(text: &mut String, answer: &WhoCan, is_in_full: bool) {
    let counted: Vec<&Candidate> = answer.counted().filter(|one| !is_listed(one)).collect();
    let may = answer.outsiders.iter().filter(|one| one.may());
    let (outside, own): (Vec<&Candidate>, Vec<&Candidate>) =
        may.partition(|one| counted.iter().any(|other| std::ptr::eq(*other, *one)));
    let _ = writeln!(text, "\n{}", Tone::Title.paint("From outside"));
    if outside.is_empty() {
        let _ = writeln!(text, "  nobody");
    }
    // Whom only policies let in that are not loaded can be anybody.
    let (anybody, outside): (Vec<&Candidate>, Vec<&Candidate>) = outside
        .into_iter()
        .partition(|one| !is_in_full && hangs_on_what_is_missing(one));
    push_all(text, &outside, true);
    if let [_, _, ..] = anybody.as_slice() {
        let layers = anybody.iter().filter_map(|one| one.answer.as_ref());
        let layers: BTreeSet<&Dependency> = layers.flat_map(|answer| &answer.depends_on).collect();
        let layers: Vec<String> = layers.into_iter().map(dependency_name).collect();
        push_verdict(text, Verdict::Depends, "anybody else (each with --explain)");
        entry(text, "    ", "by", "policies that are not loaded");
        entry(text, "    ", "depends on", &shown(&layers.join(", ")));
    } else {
        push_all(text, &anybody, true);
    }
    if own.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n{}",
        Tone::Title.paint("Not listed, of the snapshot's own accounts")
    );
    push_all(text, &own, is_in_full);
}

/// Candidates, alike ones together, with their ways or by their verdicts alone.
fn push_all(text: &mut String, all: &[&Candidate], has_ways: bool) {
    for kinds in alike(groups(all)) {
        let Some(first) = kinds.first().and_then(|group| group.first()) else {
            continue;
        };
        let label = shown(&label(&kinds)).into_owned();
        match has_ways {
            true => push_candidate(text, first, &label),
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

/// Root users, root sessions and other identities of the same accounts that fare alike are told as one.
fn alike(groups: Vec<Vec<&Candidate>>) -> Vec<Vec<Vec<&Candidate>>> {
    let accounts = |group: &[&Candidate]| -> Option<Vec<Option<String>>> {
        let of = |one: &&Candidate| match &one.who {
            Who::Root { account, .. }
            | Who::RootSession { account, .. }
            | Who::Others { account, .. } => Some(account.clone()),
            _ => None,
        };
        group.iter().map(of).collect()
    };
    let mut all: Vec<Vec<Vec<&Candidate>>> = Vec::new();
    for group in groups {
        let own = accounts(&group);
        let takes = |kinds: &&mut Vec<Vec<&Candidate>>| {
            let Some(first) = kinds.first() else {
                return false;
            };
            let fares_alike = std::iter::zip(first.first(), group.first())
                .all(|(one, other)| one.fares_like(other));
            own.is_some() && accounts(first) == own && fares_alike
        };
        match all.iter_mut().find(takes) {
            Some(kinds) => kinds.push(group),
            None => all.push(vec![group]),
        }
    }
    all
}

/// Groups in words: the first one of each, and the accounts of all.
fn label(kinds: &[Vec<&Candidate>]) -> String {
    let own = |group: &[&Candidate]| match group.first() {
        Some(first) if first.needs_own_policies() => ", if its own policies allow it",
        _ => "",
    };
    let [first, rest @ ..] = kinds else {
        return String::new();
    };
    if rest.is_empty() {
        return label_of(first) + own(first);
    }
    // They say the same of their accounts, which stands in front.
    let mut of_accounts = String::new();
    let mut names = Vec::new();
    for group in kinds {
        let said = label_of(group);
        let (name, accounts) = said.split_once(" of ").unwrap_or((&said, ""));
        accounts.clone_into(&mut of_accounts);
        names.push(format!("{name}{}", own(group)));
    }
    format!("{of_accounts}: {}", names.join("; "))
}

/// A group in words.
fn label_of(group: &[&Candidate]) -> String {
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
        push_way(text, way);
    }
    for condition in candidate.limits() {
        let (label, said) = condition_in_words(condition, true);
        entry(text, "    ", label, &said);
    }
    if let Some(answer) = &candidate.answer {
        push_rest(text, answer, candidate.conditions());
    }
}

/// The statements or the grant of a way, each with its conditions below it.
fn push_way(text: &mut String, way: &Way) {
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
    let if_any = |condition: &Option<Condition>| {
        let condition = condition.as_ref()?;
        let (label, said) = condition_in_words(condition, false);
        Some(format!("  {label} {said}"))
    };
    if let Some((action, resource)) = &way.part {
        push(
            text,
            &format!("for {} on {}", shown(action), shown(resource)),
        );
    }
    if let Some(grant) = &way.grant {
        push(text, &shown(grant));
        if let Some(terms) = &way.terms {
            let name = terms.name.iter().map(|name| format!("`{name}`, "));
            let named = name.collect::<String>();
            push(
                text,
                &shown(&format!("{named}for {}", terms.operations.join(", "))),
            );
            // What of them is undecided stands below.
            if way.condition.is_none() && !terms.constraints.is_empty() {
                push(text, &shown(&constraints_in_words(&terms.constraints)));
            }
        }
        if let Some(said) = if_any(&way.condition) {
            push(text, &said);
        }
    }
    let mut before: Option<Layer> = None;
    for one in by_layer(&way.statements) {
        // One statement of each layer is enough.
        let joint = match before {
            None => "",
            Some(layer) if layer == one.layer => "or ",
            Some(_) => "and ",
        };
        before = Some(one.layer);
        let name = statement_name(&one.statement);
        let all = match one.is_open_to_all {
            true => ", whose principal is `*`",
            false => "",
        };
        push(text, &format!("{joint}{name}{all}"));
        if let Some(said) = if_any(&one.condition) {
            push(text, &said);
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

/// Statements of one layer together, in their order.
fn by_layer(statements: &[WayStatement]) -> Vec<&WayStatement> {
    let mut layers: Vec<Layer> = Vec::new();
    for one in statements {
        if !layers.contains(&one.layer) {
            layers.push(one.layer);
        }
    }
    let of = |layer: Layer| statements.iter().filter(move |one| one.layer == layer);
    layers.into_iter().flat_map(of).collect()
}

/// `if` or `unless`, and what has to hold or must not. Rule: UI-20.
pub(crate) fn condition_in_words(
    condition: &Condition,
    names_source: bool,
) -> (&'static str, String) {
    let tests = condition.tests.iter().map(test);
    let constraints = condition.constraints.iter();
    let constraints = constraints.map(|(element, value)| constraint(element, value));
    // Remarks of a grant say the same of its constraints.
    let remarks = condition.remarks.iter();
    let remarks = remarks.filter(|_| condition.constraints.is_empty());
    let remarks = remarks.map(|one| shown(one).into_owned());
    let all: Vec<String> = tests.chain(constraints).chain(remarks).collect();
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

/// What a grant asks of calls, in words.
pub(crate) fn constraints_in_words(constraints: &[(&'static str, String)]) -> String {
    let all = constraints.iter();
    let all = all.map(|(element, value)| constraint(element, value));
    all.collect::<Vec<_>>().join(" and ")
}

/// What a member of a grant asks of the call.
fn constraint(element: &str, value: &str) -> String {
    let value = shown(value);
    match element {
        "EncryptionContextEquals" => format!("the encryption context is {value} and no more"),
        "EncryptionContextSubset" => format!("the encryption context has {value}"),
        "SourceArn" => format!("the call is made for {value}"),
        "GranteePrincipal" | "GranteeServicePrincipal" => format!("the caller is {value}"),
        element => format!("{element} is {value}"),
    }
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
