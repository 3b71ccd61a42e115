//! Why one decision fell as it did: reason, near misses, what an open answer depends on.

use std::fmt::Write as _;
use std::path::Path;

use preclear_inputs::files::normal;
use preclear_model::{Arn, BaseOperator, Operator, Place};
use preclear_simulator::explanation::StatementRef;
use preclear_simulator::{
    Change, Code, Explanation, Layer, NOT_MODELLED, NearMiss, Reason, Verdict, Warning,
};

use super::code::meaning;
use super::settle::spelled_in;
use super::wrap::wrap_words;
use crate::render::style::{Tone, shown};

/// Near misses shown of one decision; the first are the nearest.
const NEAR_MISSES_MAX: usize = 3;

/// Columns that long sentences keep to.
const WIDTH: usize = 100;

/// Columns of a label, and of the gap behind it.
const LABEL_WIDTH: usize = 12;

/// Cases of a key that are shown.
const CASES_MAX: usize = 8;

/// Appends the paragraphs of one decision, each line behind `indent`; its warnings and what it depends on come apart.
pub(super) fn push_why(text: &mut String, explanation: &Explanation, indent: &str) {
    if let Some(primary) = &explanation.primary {
        let meaning = meaning(primary.code, &explanation.resource);
        entry(
            text,
            indent,
            "reason",
            &format!("{}: {meaning}", primary.code),
        );
        push_decider(text, primary, indent);
        if primary.code == Code::NoScpAllow {
            let hint = "every level of SCPs must also allow it: beside policies that only deny, attach FullAWSAccess \
                        (`--scp FullAWSAccess`, or in the `scps` of the level)";
            entry(text, indent, "hint", hint);
        }
    }
    for reason in explanation
        .reasons
        .iter()
        .filter(|reason| Some(*reason) != explanation.primary.as_ref())
    {
        push_other(text, reason, explanation, indent);
    }
    if both_accounts_must_allow(explanation) {
        let hint = "the key belongs to another account: its key policy and an identity policy at home must both allow it \
                    (KMS-XA-1)";
        entry(text, indent, "hint", hint);
    }
    push_operability(text, explanation, indent);
    push_near_misses(text, explanation, indent);
    push_refined(text, explanation, indent);
    // An open answer names them among what it depends on.
    if !explanation.ambiguities.is_empty() && explanation.verdict != Verdict::Depends {
        let all: Vec<String> = explanation
            .ambiguities
            .iter()
            .map(|number| format!("AMB-{number}"))
            .collect();
        entry(text, indent, "ambiguous", &all.join(", "));
    }
    push_assumptions(text, explanation, indent);
    for error in &explanation.errors {
        let cited = cited(error.rule, error.place.as_ref(), &error.message);
        let said = format!("{}: {}{cited}", error.code, shown(&error.message));
        entry(text, indent, "error", &said);
        if let Some(help) = &error.help {
            entry(text, indent, "", &shown(help));
        }
    }
}

/// Keys that the answer does not depend on, though policies test them and nobody said their values. Rule: IAM-TRI-10.
fn push_refined(text: &mut String, explanation: &Explanation, indent: &str) {
    for refinement in &explanation.refined {
        let cases = refinement.cases.iter().take(CASES_MAX);
        let mut cases: Vec<String> = cases.cloned().collect();
        let more = refinement.cases.len().saturating_sub(CASES_MAX);
        if more > 0 {
            cases.push(format!("{more} more (all with --format json)"));
        }
        let cases = format!("{}: {}", refinement.key, cases.join(", "));
        entry(text, indent, "for every", &shown(&cases));
    }
}

/// Layers that are open by assumption on one line, everything else on lines of its own. What all decisions take for
/// granted comes apart.
fn push_assumptions(text: &mut String, explanation: &Explanation, indent: &str) {
    let open_layer = |one: &str| one.starts_with("layer:") && one.ends_with(" open");
    let open: Vec<&str> = explanation
        .assumptions
        .iter()
        .filter_map(|one| one.strip_suffix(" open"))
        .filter(|one| one.starts_with("layer:"))
        .collect();
    if !open.is_empty() {
        let open = format!("{} open", open.join(", "));
        entry(text, indent, "assumed", &shown(&open));
    }
    for assumption in explanation
        .assumptions
        .iter()
        .filter(|one| !open_layer(one) && *one != NOT_MODELLED)
    {
        let spelled = match assumption.strip_prefix("absent:") {
            Some(key) => format!("absent:{}", spelled_in(explanation, key)),
            None => assumption.clone(),
        };
        entry(text, indent, "assumed", &shown(&spelled));
    }
}

/// What every decision takes for granted. Rule: IAM-EVAL-28.
pub(super) fn push_not_modelled(text: &mut String, indent: &str) {
    let lines = wrap_words(NOT_MODELLED, WIDTH - LABEL_WIDTH - indent.len());
    for (index, line) in lines.lines().enumerate() {
        entry(text, indent, if index == 0 { "assumed" } else { "" }, line);
    }
}

/// What looks wrong with the question or the policies: nothing below it may count before it is read.
pub(super) fn push_warnings(text: &mut String, explanation: &Explanation, indent: &str) {
    for warning in &explanation.warnings {
        push_warning(text, warning, indent);
    }
}

/// Code, message, rule and place on one line, the remedy on the next.
pub(super) fn push_warning(text: &mut String, warning: &Warning, indent: &str) {
    let label = Tone::Doubtful.paint(format_args!("{:<10}", "warning"));
    let cited = cited(Some(warning.rule), warning.place.as_ref(), &warning.message);
    let _ = writeln!(
        text,
        "{indent}{label}  {}: {}{cited}",
        warning.code,
        shown(&warning.message)
    );
    entry(text, indent, "", &shown(&warning.help));
}

/// To follow a message: its rule, unless the message names it, and where it is.
pub(super) fn cited(rule: Option<&str>, place: Option<&Place>, message: &str) -> String {
    let rule = rule
        .filter(|rule| !message.contains(*rule))
        .map(|rule| format!(" ({rule})"));
    let place = place.map(|place| format!(" at {}", place_name(place)));
    rule.into_iter().chain(place).collect()
}

/// A line of a label and what it labels.
pub(super) fn entry(text: &mut String, indent: &str, label: &str, value: &str) {
    let label = Tone::Quiet.paint(format_args!("{label:<10}"));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{indent}{label}  {value}");
}

fn push_decider(text: &mut String, reason: &Reason, indent: &str) {
    if let Some(statement) = &reason.statement {
        entry(text, indent, "decided by", &statement_name(statement));
    } else if let Some(policy) = &reason.policy {
        entry(text, indent, "in", &shown(policy));
    }
    if let Some(grant) = &reason.grant {
        entry(text, indent, "grant", &shown(grant));
    }
}

/// A reason beside the primary one. What says the same of another statement only names that.
fn push_other(text: &mut String, reason: &Reason, explanation: &Explanation, indent: &str) {
    let primary = explanation.primary.as_ref();
    let source = source(reason);
    let is_said = primary.is_some_and(|primary| primary.code == reason.code);
    match (is_said, source) {
        (true, Some(source)) => entry(text, indent, "also by", &source),
        (_, source) => {
            let source = source
                .map(|source| format!(" ({source})"))
                .unwrap_or_default();
            let meaning = meaning(reason.code, &explanation.resource);
            let other = format!("{}: {meaning}{source}", reason.code);
            entry(text, indent, "also", &other);
        }
    }
}

/// Where a reason comes from.
fn source(reason: &Reason) -> Option<String> {
    let statement = reason.statement.as_ref().map(statement_name);
    let policy = || {
        reason
            .policy
            .as_deref()
            .map(|policy| shown(policy).into_owned())
    };
    let grant = || {
        reason
            .grant
            .as_deref()
            .map(|grant| format!("grant {}", shown(grant)))
    };
    statement.or_else(policy).or_else(grant)
}

/// True for a key of another account that one of the two sides does not open.
fn both_accounts_must_allow(explanation: &Explanation) -> bool {
    let account = |text: &str| Arn::parse(text).map(|arn| arn.account().to_owned());
    // Its own policies are AWS's: a grant does it, and what stands in the way says so (KMS-GRANT-11).
    let is_service_linked = explanation.caller.contains(":role/aws-service-role/");
    let is_one_side = explanation.primary.as_ref().is_some_and(|primary| {
        matches!(
            primary.code,
            Code::NoIdentityAllow | Code::NoResourceAllow | Code::KeyTrustMissing
        )
    });
    is_one_side
        && !is_service_linked
        && explanation.action.starts_with("kms:")
        && account(&explanation.caller)
            .zip(account(&explanation.resource))
            .is_some_and(|(own, owner)| own != owner)
}

/// What KMS answers in place of doing it, why, and what to do about it. Rule: KMS-STATE-1.
fn push_operability(text: &mut String, explanation: &Explanation, indent: &str) {
    let Some(answer) = explanation.operability.answer() else {
        return;
    };
    let name = answer.exception.name();
    let code = explanation.primary.as_ref().map(|reason| reason.code);
    if code == Some(Code::KeyNotFound) {
        // The reason says the rest.
        return entry(text, indent, "exception", name);
    }
    let (why, rule) = (shown(&answer.why), answer.rule);
    let (label, said) = match (explanation.verdict, answer.change) {
        (Verdict::Allow, Change::Nothing) => ("and", format!("KMS answers {name}: {why} ({rule})")),
        (Verdict::Allow, Change::Key | Change::Request) => {
            let name = Tone::Bad.paint(format_args!("KMS answers {name}"));
            ("but", format!("{name}: {why} ({rule})"))
        }
        _ => ("exception", format!("{name}: {why} ({rule})")),
    };
    entry(text, indent, label, &said);
    entry(text, indent, "", &shown(&answer.remedy));
}

/// Those that a hint speaks of, and the nearest; farther ones are told only where there are no nearer, and those about others only of the
/// layer that decides.
fn push_near_misses(text: &mut String, explanation: &Explanation, indent: &str) {
    let all: Vec<&NearMiss> = explanation.useful_near_misses().collect();
    let decides = explanation
        .primary
        .as_ref()
        .and_then(|primary| primary.layer);
    let nearest = all.iter().map(|miss| distance(miss)).min();
    // A statement about actions of other services alone is near to nothing, though its resource be `*`. Of guardrails it shows
    // what they leave.
    let is_of_other_service = |miss: &NearMiss| {
        miss.is_remote
            && matches!(miss.element, "Action" | "NotAction")
            && matches!(miss.layer, Layer::Identity | Layer::Resource)
    };
    let is_near = |miss: &&&NearMiss| {
        Some(distance(miss)) == nearest
            && !is_of_other_service(miss)
            && (!miss.is_remote || decides == Some(miss.layer))
    };
    let hinted = all.iter().filter(|miss| miss.is_hinted);
    let told = hinted.chain(all.iter().filter(|miss| !miss.is_hinted).filter(is_near));
    let told: Vec<&NearMiss> = told.take(NEAR_MISSES_MAX).copied().collect();
    if told.is_empty() {
        return;
    }
    for miss in &told {
        push_near_miss(text, miss, explanation, indent);
    }
    let more = match all.len() - told.len() {
        0 => return,
        1 => "and 1 more near miss (with --format json)".to_owned(),
        more => format!("and {more} more near misses (all with --format json)"),
    };
    entry(text, indent, "", &more);
}

/// How far a person is from it: a statement about other actions is seldom the one that was meant, one about others never.
fn distance(miss: &NearMiss) -> u8 {
    match miss.element {
        _ if miss.is_remote => 2,
        "Action" | "NotAction" | "Operations" => 1,
        _ => 0,
    }
}

/// What nearly allowed the call, or but for what a statement would not deny it.
fn push_near_miss(text: &mut String, miss: &NearMiss, explanation: &Explanation, indent: &str) {
    let mut element = miss.element.to_owned();
    for detail in [&miss.operator, &miss.key].into_iter().flatten() {
        let _ = write!(element, " {}", shown(detail));
    }
    let decider = explanation
        .primary
        .as_ref()
        .and_then(|primary| primary.statement.as_ref());
    // The statement that decides stands a line above.
    let statement = miss
        .statement
        .as_ref()
        .filter(|statement| decider != Some(*statement));
    let grant = || {
        let id = miss.grant.as_deref()?;
        Some(format!("grant {}", shown(id)))
    };
    if let Some(of) = statement.map(statement_name).or_else(grant) {
        let _ = write!(element, " of {of}");
    }
    let label = if miss.denies { "unless" } else { "near miss" };
    entry(text, indent, label, &element);
    let here = miss.stands_for.as_deref().map(here).unwrap_or_default();
    let expected = format!("expected  {}{}", shown(&expected(miss)), shown(&here));
    entry(text, indent, "", &expected);
    let differs_in_case =
        miss.expected != miss.actual && miss.expected.to_lowercase() == miss.actual.to_lowercase();
    let remark = if differs_in_case {
        "  (only letter case differs)"
    } else {
        ""
    };
    let actual = format!("actual    {}{remark}", shown(&miss.actual));
    entry(text, indent, "", &actual);
    if let Some(advice) = alias_is_no_key(miss, explanation) {
        entry(text, indent, "", &shown(&advice));
    }
}

/// That a statement names a key by its alias, and what to write instead. Rule: KMS-ID-2, KMS-POL-11.
fn alias_is_no_key(miss: &NearMiss, explanation: &Explanation) -> Option<String> {
    let key = Arn::parse(&explanation.resource).filter(|arn| arn.service() == "kms")?;
    key.resource().strip_prefix("key/")?;
    let mut named = miss.expected.split(", ").filter_map(Arn::parse);
    let alias = named.find(|arn| arn.service() == "kms" && arn.resource().starts_with("alias/"))?;
    if miss.element != "Resource" {
        return None;
    }
    let action = &explanation.action;
    let instead = match miss.layer {
        Layer::Resource => "write `*`, which is this key in its own policy".to_owned(),
        _ => format!(
            "name the ARN of the key, or `key/*` under the condition ForAnyValue:StringEquals kms:ResourceAliases `{}`",
            alias.resource()
        ),
    };
    Some(format!(
        "an alias is no resource of {action}, which is decided on the key (KMS-ID-2): {instead}"
    ))
}

/// What a near miss asks for. A negated element or operator names what must not be, and `Null` whether the key may be; of a
/// statement that denies it is the contrary that is wanted.
fn expected(miss: &NearMiss) -> String {
    let operator = miss.operator.as_deref();
    let base = operator.and_then(|text| Operator::parse(text).ok().map(|operator| operator.base));
    let is_null = base == Some(BaseOperator::Null);
    let is_negated = miss.element.starts_with("Not") || base.is_some_and(BaseOperator::is_negated);
    let names = &miss.expected;
    match (names.as_str(), miss.denies) {
        ("true", false) if is_null => "true: the request lacks the key".to_owned(),
        ("false", false) if is_null => "false: the request has the key".to_owned(),
        ("true", true) if is_null => "the request has the key".to_owned(),
        ("false", true) if is_null => "the request lacks the key".to_owned(),
        (_, true) if base.is_some_and(is_order) => format!("not {names}"),
        (_, denies) if is_negated != denies && names.contains(", ") => format!("none of {names}"),
        (_, denies) if is_negated != denies => format!("anything but {names}"),
        _ => names.clone(),
    }
}

/// What the variables of an expected value stand for in this request.
fn here(value: &str) -> String {
    // `(absent)` and its like are no values.
    let value = value
        .strip_prefix('(')
        .and_then(|value| value.strip_suffix(')'))
        .unwrap_or(value);
    format!("  (here {value})")
}

/// True for operators that compare by order.
fn is_order(base: BaseOperator) -> bool {
    matches!(
        base,
        BaseOperator::NumericLessThan
            | BaseOperator::NumericLessThanEquals
            | BaseOperator::NumericGreaterThan
            | BaseOperator::NumericGreaterThanEquals
            | BaseOperator::DateLessThan
            | BaseOperator::DateLessThanEquals
            | BaseOperator::DateGreaterThan
            | BaseOperator::DateGreaterThanEquals
    )
}

/// `policy, statement Sid at file:line:column`, or by its number without a `Sid`; a policy that is called after its file is not named twice.
pub(super) fn statement_name(statement: &StatementRef) -> String {
    let is_called_after_file = statement
        .place
        .as_ref()
        .is_some_and(|place| is_called_after(&statement.policy, &place.outermost().source.name));
    let policy = if is_called_after_file {
        String::new()
    } else {
        format!("{}, ", shown(&statement.policy))
    };
    let sid = statement.sid.as_deref().filter(|sid| !sid.is_empty());
    let mut name = match (sid, statement.statement) {
        (Some(sid), _) => format!("{policy}statement {}", shown(sid)),
        (None, 0) => format!("{policy}statement 0 (first)"),
        (None, index) => format!("{policy}statement {index}"),
    };
    if let Some(place) = &statement.place {
        let _ = write!(name, " at {}", place_name(place));
    }
    name
}

/// Whether a policy has the name of its file, as the file beside it mentions it: `pol/x.json` of `./account/pol/x.json`.
fn is_called_after(policy: &str, file: &str) -> bool {
    let own = normal(Path::new(policy));
    !own.as_os_str().is_empty() && normal(Path::new(file)).ends_with(own)
}

pub(super) fn place_name(place: &Place) -> String {
    shown(&place.locate().to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_not_named_twice() {
        for file in ["pol/x.json", "./pol/x.json", "account/./pol/x.json"] {
            assert!(is_called_after("pol/x.json", file), "{file}");
        }
        assert!(is_called_after("./pol/x.json", "pol/x.json"));
        for (policy, file) in [
            ("x.json", "pol/yx.json"),
            ("mine", "pol/x.json"),
            ("", "x.json"),
        ] {
            assert!(!is_called_after(policy, file), "{policy} {file}");
        }
    }
}
