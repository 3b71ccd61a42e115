//! Conditions on the keys of KMS: encryption context, aliases, tags, grants. Rule: KMS-COND-0 and those after it

use preclear_model::policy::{ConditionTest, Operand};
use preclear_model::{BaseOperator, OperatorFamily, SetQualifier, Severity};

use super::keys::{demands, has_prefix, is_action_key, is_key, is_of_context, is_pair, kms_action};
use crate::codes;
use crate::finding::Finding;
use crate::reach::Entry;
use crate::subject::{Subject, texts};

/// Actions named one by one whose requests lack a key that the statement demands. Rule: KMS-COND-0, KMS-COND-3
///
/// A pattern such as `kms:Describe*` is left alone: it is written for whatever it may match, now or later.
pub(super) fn disabled_actions(subject: &Subject<'_>) -> Vec<Finding> {
    let tests = subject.statement.conditions.iter();
    tests
        .flat_map(|test| disabled_by(subject, test).map(move |entry| (test, entry)))
        .map(|(test, entry)| disabled_action(subject, test, entry))
        .collect()
}

fn disabled_action(subject: &Subject<'_>, test: &ConditionTest, entry: &Entry<'_>) -> Finding {
    let (action, key) = (&entry.entry.text, &test.key);
    let verb = if subject.allows() {
        "allowed"
    } else {
        "denied"
    };
    if is_of_context(key) {
        let message = format!(
            "`{action}` takes no encryption context, so under the test on `{key}` it is never {verb}"
        );
        return subject.finding(
            &codes::EC_CONDITION_ON_NON_EC_ACTION,
            entry.entry.span,
            message,
        );
    }
    let message =
        format!("requests for `{action}` never carry `{key}`, so it is never {verb} here");
    subject.finding(&codes::CONDITION_DISABLES_ACTION, entry.entry.span, message)
}

/// The entries for single KMS actions that a test on a KMS key excludes.
pub(super) fn disabled_by<'s, 'p>(
    subject: &'s Subject<'p>,
    test: &'s ConditionTest,
) -> impl Iterator<Item = &'s Entry<'p>> {
    let is_demanded = has_prefix(&test.key, "kms:") && is_action_key(&test.key) && demands(test);
    let entries = subject.actions().iter().filter(move |_| is_demanded);
    entries.filter(|entry| {
        !entry.is_pattern()
            && !entry.actions().is_empty()
            && entry.kms_actions().count() == entry.actions().len()
            && !entry.kms_actions().any(|action| action.takes(&test.key))
    })
}

/// `ForAllValues` on the names of the pairs, with nothing that demands a pair. Rule: KMS-COND-4
pub(super) fn context_keys_hole(subject: &Subject<'_>) -> Vec<Finding> {
    let tests = &subject.statement.conditions;
    if !subject.allows() || tests.iter().any(demands_context) {
        return Vec::new();
    }
    let holes = tests.iter().filter(|test| {
        is_key(test, "kms:EncryptionContextKeys")
            && test.operator.set == Some(SetQualifier::ForAllValues)
    });
    holes
        .map(|test| {
            let message = format!(
                "the test on `{}` also passes a request without any encryption context",
                test.key
            );
            subject
                .finding(&codes::KMS_CONTEXT_KEYS_HOLE, test.key_span, message)
                .help(without_hole(test))
        })
        .collect()
}

/// What demands a pair beside a test on the names of the pairs. Patterns name none.
fn without_hole(test: &ConditionTest) -> String {
    let null = format!("a `Null` test on `{}` with the value `false`", test.key);
    let is_name =
        |text: &&str| !(test.operator.base.takes_wildcards() && text.contains(['*', '?']));
    let names: Vec<String> = texts(&test.operands)
        .filter(is_name)
        .map(|name| format!("`kms:EncryptionContext:{name}`"))
        .collect();
    if names.is_empty() {
        return format!("demand a pair besides: {null}");
    }
    format!(
        "demand the pairs besides: `StringEquals` on {}, or {null}",
        names.join(" and ")
    )
}

/// Whether the test fails where a request has no encryption context, or a grant no constraint by one. Rule: KMS-COND-4
fn demands_context(test: &ConditionTest) -> bool {
    let names_constraint = || {
        is_key(test, "kms:GrantConstraintType")
            && !test.operator.base.is_negated()
            && texts(&test.operands).all(|text| has_prefix(text, "EncryptionContext"))
    };
    demands(test) && (is_of_context(&test.key) || names_constraint())
}

/// Whether KMS refuses the test: `ForAllValues` on a pair or a request tag. Rule: KMS-COND-1
pub(super) fn is_refused(subject: &Subject<'_>, test: &ConditionTest) -> bool {
    let concerns_kms = || {
        subject.is_key_policy()
            || subject
                .entries
                .iter()
                .any(|entry| entry.kms_actions().next().is_some())
    };
    test.operator.set == Some(SetQualifier::ForAllValues)
        && (is_pair(&test.key) || has_prefix(&test.key, "aws:RequestTag/"))
        && concerns_kms()
}

/// Tests that KMS refuses in key policies, and that are as open elsewhere. Rule: KMS-COND-1
pub(super) fn overly_permissive(subject: &Subject<'_>) -> Vec<Finding> {
    let refused = subject
        .statement
        .conditions
        .iter()
        .filter(|test| is_refused(subject, test));
    refused
        .map(|test| {
            let message = format!(
                "`{}` on `{}` also holds where the key is missing",
                test.operator_text, test.key
            );
            let finding = subject.finding(
                &codes::KMS_OVERLY_PERMISSIVE_CONDITION,
                test.key_span,
                message,
            );
            if subject.is_key_policy() {
                finding
            } else {
                finding.severity(Severity::Warning)
            }
        })
        .collect()
}

/// Key policies that test their own key's aliases or tags. Rule: KMS-COND-1
pub(super) fn keys_of_the_key(subject: &Subject<'_>) -> Vec<Finding> {
    if !subject.is_key_policy() {
        return Vec::new();
    }
    let tests = subject.statement.conditions.iter();
    tests
        .filter_map(|test| {
            if is_key(test, "kms:ResourceAliases") {
                let message = "`kms:ResourceAliases` is absent when a key policy is evaluated, as far as is known".to_owned();
                Some(subject.finding(&codes::KMS_RESOURCE_ALIASES_IN_KEY_POLICY, test.key_span, message))
            } else if has_prefix(&test.key, "aws:ResourceTag/") {
                let message = format!("the key policy tests `{}`, a tag of its own key", test.key);
                Some(subject.finding(&codes::KMS_RESOURCE_TAG_IN_KEY_POLICY, test.key_span, message))
            } else {
                None
            }
        })
        .collect()
}

/// Values of the alias keys that are no alias names. Rule: KMS-COND-1
pub(super) fn alias_values(subject: &Subject<'_>) -> Vec<Finding> {
    let tests = subject.statement.conditions.iter().filter(|test| {
        (is_key(test, "kms:RequestAlias") || is_key(test, "kms:ResourceAliases"))
            && test.operator.base.family() == OperatorFamily::String
    });
    tests
        .flat_map(|test| test.operands.iter().map(move |operand| (test, operand)))
        .filter(|(test, operand)| !may_be_alias(test, operand))
        .map(|(test, operand)| alias_value(subject, test, operand))
        .collect()
}

/// Whether the value, as a pattern where the operator has patterns, can match a text that starts `alias/`.
fn may_be_alias(test: &ConditionTest, operand: &Operand) -> bool {
    let text = operand.template.source.as_str();
    let fixed_end = if test.operator.base.takes_wildcards() {
        text.find(['*', '?', '$'])
    } else {
        text.find("${")
    };
    let fixed = text
        .get(..fixed_end.unwrap_or(text.len()))
        .unwrap_or_default();
    let ignores_case = test.operator.base.positive() == BaseOperator::StringEqualsIgnoreCase;
    let starts = |text: &str, start: &str| {
        if ignores_case {
            has_prefix(text, start)
        } else {
            text.starts_with(start)
        }
    };
    starts(fixed, "alias/") || (fixed_end.is_some() && starts("alias/", fixed))
}

fn alias_value(subject: &Subject<'_>, test: &ConditionTest, operand: &Operand) -> Finding {
    let text = operand.template.source.as_str();
    let message = format!(
        "`{}` holds alias names, which start `alias/`; `{text}` never matches",
        test.key
    );
    let finding = subject.finding(&codes::KMS_ALIAS_VALUE_NEVER_MATCHES, operand.span, message);
    let name = match text.split_once(":alias/") {
        Some((_, name)) => name,
        None if text.contains([':', '/', '$']) => return finding,
        None => text,
    };
    let meant = format!("alias/{name}");
    let edit = subject.replace(operand.span, &meant);
    finding.help(format!("write `{meant}`")).edit(edit)
}

/// Values of `kms:GrantOperations` that no grant contains. Rule: KMS-GRANT-2
pub(super) fn grant_operations(subject: &Subject<'_>) -> Vec<Finding> {
    let tests = subject
        .statement
        .conditions
        .iter()
        .filter(|test| is_key(test, "kms:GrantOperations"));
    let operands = tests.flat_map(|test| test.operands.iter().map(move |operand| (test, operand)));
    operands
        .filter(|(test, operand)| {
            let text = &operand.template.source;
            let is_pattern = test.operator.base.takes_wildcards() && text.contains(['*', '?']);
            let is_operation = |text: &str| {
                kms_action(text).is_some_and(|action| action.is_grantable && action.name == text)
            };
            test.operator.base.family() == OperatorFamily::String
                && !is_pattern
                && !text.contains("${")
                && test.operator.base.positive() != BaseOperator::StringEqualsIgnoreCase
                && !is_operation(text)
        })
        .map(|(_, operand)| {
            let text = &operand.template.source;
            let message = format!("no grant can contain the operation `{text}`");
            let finding =
                subject.finding(&codes::KMS_GRANT_OPERATION_UNKNOWN, operand.span, message);
            match kms_action(text).filter(|action| action.is_grantable) {
                Some(action) => {
                    let edit = subject.replace(operand.span, &action.name);
                    finding.help(format!("write `{}`", action.name)).edit(edit)
                }
                None => finding,
            }
        })
        .collect()
}
