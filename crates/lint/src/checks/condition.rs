//! Doubts about conditions, and keys that the statement's requests never carry.

use preclear_catalog::Action;
use preclear_condition::{ConditionWarning, WarningKind, holds_when_missing};
use preclear_model::policy::ConditionTest;
use preclear_model::{Match, PolicyKind, Severity};

use super::context;
use super::keys::{CatalogKeys, has_prefix, is_action_key, is_key};
use crate::arns::{self, Selection};
use crate::codes;
use crate::finding::Finding;
use crate::near;
use crate::reach::{Entry, Reach};
use crate::subject::Subject;

/// What the condition language itself finds doubtful. Rule: IAM-COND-5 and those after it
pub(super) fn doubts(subject: &Subject<'_>) -> Vec<Finding> {
    let tests = &subject.statement.conditions;
    let keys = CatalogKeys {
        kind: subject.kind(),
    };
    preclear_condition::doubts(tests, &keys)
        .iter()
        .filter_map(|doubt| of_doubt(subject, tests.get(doubt.test)?, doubt))
        .collect()
}

fn of_doubt(
    subject: &Subject<'_>,
    test: &ConditionTest,
    doubt: &ConditionWarning,
) -> Option<Finding> {
    let matters = match doubt.kind {
        WarningKind::ForAllValuesWithoutNullTest => {
            subject.allows()
                && !is_key(test, "kms:EncryptionContextKeys")
                && !context::is_refused(subject, test)
                && !is_certainly_carried(subject, test)
        }
        WarningKind::SetOperatorOnSingleValuedKey => !context::is_refused(subject, test),
        // The parser has said that such a key is taken literally.
        WarningKind::UnknownKey => !test.key.contains(['*', '?', '$']),
        WarningKind::FewLiteralsAroundWildcard => subject.kind() == PolicyKind::VpcEndpoint,
        _ => true,
    };
    if !matters {
        return None;
    }
    let code = codes::of_warning(doubt.kind)?;
    let operand = doubt.operand.and_then(|operand| test.operands.get(operand));
    let span = operand.map_or(test.key_span, |operand| operand.span);
    let finding = subject.finding(code, span, doubt.message.clone());
    if doubt.kind == WarningKind::ForAllValuesWithoutNullTest {
        // Whether the key can be missing is often decided elsewhere.
        return Some(finding.severity(Severity::Info));
    }
    if doubt.kind != WarningKind::UnknownKey {
        return Some(finding);
    }
    Some(match near::condition_key(&test.key) {
        // Of a family only the fixed part is near; what follows is the author's.
        Some(family) if family.ends_with(['/', ':']) => {
            finding.help(format!("did you mean `{family}…`?"))
        }
        Some(key) => {
            let edit = subject.replace(test.key_span, key);
            finding.help(format!("did you mean `{key}`?")).edit(edit)
        }
        None => finding.help("check the spelling of the key"),
    })
}

/// Whether every request that the statement can apply to has the key. Rule: IAM-COND-11
fn is_certainly_carried(subject: &Subject<'_>, test: &ConditionTest) -> bool {
    certain_actions(subject).is_some_and(|actions| {
        let mut actions = actions.iter();
        actions.all(|action| action.always_carries(&test.key))
    })
}

/// Keys that no request for any of the statement's actions carries. Rule: IAM-CTX-7, KMS-ID-9
pub(super) fn not_for_action(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(actions) = certain_actions(subject) else {
        return Vec::new();
    };
    let is_alias_only = concerns_aliases_only(subject);
    let tests = subject.statement.conditions.iter();
    tests
        .filter(|test| is_alias_only || !actions.iter().any(|action| action.takes(&test.key)))
        .filter(|test| is_action_key(&test.key))
        // Where single actions are to blame, they are named.
        .filter(|test| is_alias_only || context::disabled_by(subject, test).next().is_none())
        .map(|test| missing_key(subject, test, is_alias_only))
        .collect()
}

fn missing_key(subject: &Subject<'_>, test: &ConditionTest, is_alias_only: bool) -> Finding {
    let whose = if is_alias_only {
        "requests on aliases"
    } else {
        "requests for these actions"
    };
    let outcome = match (holds_when_missing(test), subject.allows()) {
        (true, _) => "so the test always holds",
        (false, true) => "so the statement never allows anything",
        (false, false) => "so the statement never denies anything",
    };
    let message = format!("{whose} never carry `{}`, {outcome}", test.key);
    let finding = subject.finding(&codes::CONDITION_KEY_NOT_FOR_ACTION, test.key_span, message);
    if is_alias_only {
        finding.rule("KMS-ID-9")
    } else {
        finding
    }
}

/// The actions of the statement, where all of them are known.
fn certain_actions(subject: &Subject<'_>) -> Option<Vec<Action<'static>>> {
    if !matches!(subject.statement.action, Some(Match::In(_))) {
        return None;
    }
    let mut actions = Vec::new();
    for entry in subject.actions() {
        match &entry.reach {
            Reach::Actions(reached) => actions.extend(reached),
            // It never matches, unless it is newer than the catalogue.
            Reach::Everything | Reach::NoAction(_) | Reach::NoService | Reach::Malformed => {
                return None;
            }
        }
    }
    (!actions.is_empty()).then_some(actions)
}

/// Whether the statement lists aliases of KMS and nothing else.
fn concerns_aliases_only(subject: &Subject<'_>) -> bool {
    let resources = subject.resources();
    let is_kms = |entry: &Entry<'_>| entry.prefix().eq_ignore_ascii_case("kms");
    !subject.is_key_policy()
        && !resources.is_empty()
        && subject.actions().iter().all(is_kms)
        && resources.iter().all(|entry| match arns::selection(entry) {
            Selection::Arns(pattern) => arns::is_alias_only(&pattern),
            Selection::Everything | Selection::Unclear => false,
        })
}

/// Keys that requests used to carry, and what to test in their place; `aws:ARN` is the parser's. Rule: IAM-CTX-2, KMS-COND-1
const LEGACY_KEYS: [(&str, &str); 3] = [
    ("aws:SourceOwner", "aws:SourceAccount"),
    ("kms:CustomerMasterKeySpec", "kms:KeySpec"),
    ("kms:CustomerMasterKeyUsage", "kms:KeyUsage"),
];

/// Tests of legacy keys.
pub(super) fn legacy_keys(subject: &Subject<'_>) -> Vec<Finding> {
    let tests = subject.statement.conditions.iter();
    tests
        .filter_map(|test| {
            let (key, instead) = LEGACY_KEYS.iter().find(|(key, _)| is_key(test, key))?;
            // KMS still fills the older names of its own keys.
            let (message, rule, severity) = if has_prefix(key, "kms:") {
                (
                    format!("`{key}` is the older name of `{instead}`"),
                    "KMS-COND-1",
                    Severity::Info,
                )
            } else {
                let row = &codes::LEGACY_CONDITION_KEY;
                (
                    format!("requests no longer carry `{key}`"),
                    row.rule,
                    row.severity,
                )
            };
            let edit = subject.replace(test.key_span, instead);
            let finding = subject.finding(&codes::LEGACY_CONDITION_KEY, test.key_span, message);
            Some(
                finding
                    .rule(rule)
                    .severity(severity)
                    .help(format!("test `{instead}`"))
                    .edit(edit),
            )
        })
        .collect()
}
