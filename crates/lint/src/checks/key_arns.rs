//! ARNs of KMS that lack a Region or account, which every key and alias has. Rule: KMS-ID-2

use preclear_model::policy::{ConditionTest, Operand};
use preclear_model::{Match, OperatorFamily, Span, Template};

use super::keys::is_filled_by_users;
use crate::codes;
use crate::finding::Finding;
use crate::subject::Subject;

/// Places of Region and account among the fields of an ARN.
const REGION: usize = 3;
const ACCOUNT: usize = 4;

/// Whether the text is an ARN of KMS without Region or account. A wildcard or variable there is something.
pub(super) fn lacks_field(template: &Template) -> bool {
    missing(template.source.as_str()).is_some()
}

/// What the ARN lacks, in words.
fn missing(text: &str) -> Option<&'static str> {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, _, service, region, account, _] = fields.as_slice() else {
        return None;
    };
    match (*arn, *service, region.is_empty(), account.is_empty()) {
        ("arn", "kms", true, true) => Some("neither Region nor account"),
        ("arn", "kms", true, false) => Some("no Region"),
        ("arn", "kms", false, true) => Some("no account"),
        _ => None,
    }
}

/// The same ARN with any Region and account; `None` where it has more colons than an ARN.
fn completed(text: &str) -> Option<String> {
    let fields = text.splitn(6, ':').enumerate();
    let fields: Vec<&str> = fields
        .map(|(index, field)| match (index, field) {
            (REGION | ACCOUNT, "") => "*",
            _ => field,
        })
        .collect();
    let has_resource = fields.last().is_some_and(|last| !last.starts_with(':'));
    has_resource.then(|| fields.join(":"))
}

/// Such ARNs among the resources, and among the values of conditions that hold ARNs.
pub(super) fn incomplete(subject: &Subject<'_>) -> Vec<Finding> {
    let resources = subject.statement.resource.as_ref().map(Match::entries);
    let resources = resources.unwrap_or_default().iter();
    let of_resources = resources
        // One that has fewer fields is the parser's.
        .filter(|entry| !entry.incomplete)
        .filter_map(|entry| {
            let finding = finding(subject, &entry.template, entry.span, true)?;
            Some(if subject.is_key_policy() {
                finding.help("write `*`, which means the key that the policy stands at")
            } else {
                finding
            })
        });
    let tests = subject.statement.conditions.iter();
    let of_conditions = tests
        .filter(|test| holds_arns(test))
        .flat_map(|test| test.operands.iter().map(move |operand| (test, operand)))
        .filter_map(|(test, operand)| of_operand(subject, test, operand));
    of_resources.chain(of_conditions).collect()
}

/// Whether what is compared is an ARN that AWS writes.
fn holds_arns(test: &ConditionTest) -> bool {
    let family = test.operator.base.family();
    matches!(family, OperatorFamily::Arn | OperatorFamily::String) && !is_filled_by_users(&test.key)
}

fn of_operand(subject: &Subject<'_>, test: &ConditionTest, operand: &Operand) -> Option<Finding> {
    let takes_wildcards = test.operator.base.takes_wildcards();
    finding(subject, &operand.template, operand.span, takes_wildcards)
}

fn finding(
    subject: &Subject<'_>,
    template: &Template,
    span: Span,
    takes_wildcards: bool,
) -> Option<Finding> {
    let text = template.source.as_str();
    let what = missing(text)?;
    let message = format!("`{text}` has {what}, which every key and alias has; it never matches");
    let finding = subject.finding(&codes::KMS_ARN_FIELD_EMPTY, span, message);
    let any = completed(text);
    Some(match any {
        Some(any) if takes_wildcards => {
            finding.help(format!("write it out, or `*` for any: `{any}`"))
        }
        _ => finding,
    })
}
