//! Actions that nobody defines, and actions that policies of this kind are never asked about.

use preclear_catalog::kms::{KmsAction, PermissionSource};
use preclear_catalog::services::rcp_reaches;
use preclear_catalog::{Action, Service, operations};
use preclear_model::{PolicyKind, Severity};

use crate::codes;
use crate::finding::Finding;
use crate::near::{self, Near};
use crate::reach::{Entry, Reach, as_kms};
use crate::subject::Subject;

/// Entries that match no action. Rule: IAM-GRAM-11, JOB-LINT-1
pub(super) fn unknown(subject: &Subject<'_>) -> Vec<Finding> {
    let unknown = |entry: &Entry<'_>| match &entry.reach {
        Reach::NoAction(service) => Some(no_action(subject, entry, *service)),
        Reach::NoService => Some(no_service(subject, entry)),
        Reach::Everything | Reach::Actions(_) | Reach::Malformed => None,
    };
    subject.entries.iter().filter_map(unknown).collect()
}

fn no_action(subject: &Subject<'_>, entry: &Entry<'_>, service: Service<'_>) -> Finding {
    let text = &entry.entry.text;
    let message = if entry.is_pattern() {
        format!("`{text}` matches no action of {}", service.name())
    } else {
        format!("{} has no action `{text}`", service.name())
    };
    let message = format!("{message}{}", consequence(subject));
    let finding = subject.finding(&codes::UNKNOWN_ACTION, entry.entry.span, message);
    let rule = rule_that_names(text);
    let finding = match rule {
        Some(rule) => finding.rule(rule),
        None => finding,
    };
    let near = match text.strip_suffix('*') {
        None => near::action_name(service, entry.name()),
        Some(_) => near::action_stem(service, entry.name().trim_end_matches('*')),
    };
    if let Some(near) = near {
        let (name, is_certain) = match near {
            Near::Spelling(name) => (name, true),
            Near::LostStar(name) => (name, rule.is_some()),
        };
        let meant = format!("{}:{name}", entry.prefix());
        let edit = subject.replace(entry.entry.span, &meant);
        let finding = finding.help(format!("did you mean `{meant}`?")).edit(edit);
        return if is_certain {
            finding
        } else {
            finding.severity(Severity::Warning)
        };
    }
    match operations::help(text) {
        // To allow an operation is harmless; who denies it counts on what is not so.
        Some(help) if !subject.allows() => finding.help(help),
        Some(help) => finding.help(help).severity(Severity::Warning),
        None => finding.severity(Severity::Warning),
    }
}

/// Names of lost stars that AWS's own guides print.
const LOST_STARS: [(&str, &str); 2] = [
    ("kms:ReEncrypt", "KMS-ACT-1"),
    ("cognito-idp:List", "JOB-LINT-1"),
];

/// The rule that names this text as a mistake.
fn rule_that_names(text: &str) -> Option<&'static str> {
    let mut rows = LOST_STARS.iter();
    rows.find(|(lost, _)| lost.eq_ignore_ascii_case(text))
        .map(|(_, rule)| *rule)
}

/// What an entry without action does in `NotAction`; in `Action` it is plain.
fn consequence(subject: &Subject<'_>) -> &'static str {
    if subject.actions().is_empty() {
        ", so it excludes nothing"
    } else {
        ""
    }
}

fn no_service(subject: &Subject<'_>, entry: &Entry<'_>) -> Finding {
    let message = format!(
        "no service has actions that start `{}:`{}",
        entry.prefix(),
        consequence(subject)
    );
    let finding = subject.finding(&codes::UNKNOWN_ACTION, entry.entry.span, message);
    match near::prefix(entry.prefix()) {
        Some(prefix) => {
            let meant = format!("{prefix}:{}", entry.name());
            let edit = subject.replace(entry.entry.span, &meant);
            finding.help(format!("did you mean `{meant}`?")).edit(edit)
        }
        None => finding
            .severity(Severity::Warning)
            .help("check the prefix of the action, or remove it"),
    }
}

/// Entries of which this kind of policy decides not one action; those of trust policies are the parser's.
///
/// Rule: KMS-POL-18, IAM-EVAL-10
pub(super) fn without_effect(subject: &Subject<'_>) -> Vec<Finding> {
    let (is_decided, rule, why): (fn(Action<'_>) -> bool, _, _) = match subject.kind() {
        PolicyKind::Key => (
            is_kms,
            "KMS-POL-18",
            "a key policy decides KMS actions only",
        ),
        PolicyKind::Rcp => (
            is_rcp,
            "IAM-EVAL-10",
            "resource control policies do not reach it",
        ),
        _ => return Vec::new(),
    };
    let dead = subject.actions().iter().filter(|entry| {
        let actions = entry.actions();
        // RetireGrant has a finding of its own.
        !actions.is_empty()
            && !actions
                .iter()
                .any(|action| is_decided(*action) || is_retire_grant(*action))
    });
    dead.map(|entry| {
        let message = format!("`{}` has no effect here: {why}", entry.entry.text);
        subject
            .finding(&codes::ACTION_WITHOUT_EFFECT, entry.entry.span, message)
            .rule(rule)
    })
    .collect()
}

fn is_kms(action: Action<'_>) -> bool {
    action.service().prefix() == "kms"
}

fn is_rcp(action: Action<'_>) -> bool {
    rcp_reaches(action.service().prefix(), action.name())
}

fn is_retire_grant(action: Action<'_>) -> bool {
    as_kms(action).is_some_and(is_retire)
}

fn is_retire(action: &KmsAction) -> bool {
    action.source == PermissionSource::RetireRules
}

/// Entries of a key policy that reach nothing but actions without a key. Rule: KMS-ACT-6
pub(super) fn iam_only_in_key_policy(subject: &Subject<'_>) -> Vec<Finding> {
    if !subject.is_key_policy() {
        return Vec::new();
    }
    let is_dead = |entry: &&Entry<'_>| {
        let mut actions = entry.kms_actions().peekable();
        actions.peek().is_some()
            && actions.all(|action| !action.targets.iter().any(|target| target.is_key()))
    };
    let dead = subject.actions().iter().filter(is_dead);
    dead.map(|entry| {
        let message = format!(
            "`{}` concerns no key, so a key policy cannot decide it",
            entry.entry.text
        );
        subject.finding(
            &codes::IAM_ONLY_ACTION_IN_KEY_POLICY,
            entry.entry.span,
            message,
        )
    })
    .collect()
}

/// `kms:RetireGrant` where it decides nothing. Rule: KMS-GRANT-14
pub(super) fn retire_grant(subject: &Subject<'_>) -> Vec<Finding> {
    let here = match subject.kind() {
        PolicyKind::Key => "a key policy",
        PolicyKind::Rcp => "a resource control policy",
        _ => return Vec::new(),
    };
    let named = subject.actions().iter().filter(|entry| {
        let mut actions = entry.kms_actions().peekable();
        actions.peek().is_some() && actions.all(is_retire)
    });
    named
        .map(|entry| {
            let message = format!("`{}` has no effect in {here}", entry.entry.text);
            let finding = subject.finding(
                &codes::KMS_RETIRE_GRANT_WITHOUT_EFFECT,
                entry.entry.span,
                message,
            );
            // AWS's own examples list it among what they allow; a deny, though, gives false comfort.
            if subject.allows() {
                finding.severity(Severity::Info)
            } else {
                finding
            }
        })
        .collect()
}
