//! `Resource` and `NotResource`. Which resources a service has is not known here. Rule: IAM-GRAM-12, IAM-GRAM-13, IAM-WILD-10.

use super::grammar::{IncompleteArn, Need};
use super::parser::{Parser, opening};
use super::statement::Members;
use super::templates::opens_variable;
use super::{Match, PolicyKind, ResourceEntry};
use crate::arn::{is_account_id, is_known_partition};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::template::Template;
use crate::text::Text;
use crate::tree::{Element, Entry};

/// Fields of an ARN, `arn` included.
const FIELDS: usize = 6;

impl Parser<'_> {
    pub(super) fn resource(
        &mut self,
        statement: Element<'_>,
        members: &Members<'_>,
    ) -> Option<Match<ResourceEntry>> {
        let Some((member, negated)) = self.either(members.resource, members.not_resource) else {
            self.missing_resource(statement);
            return None;
        };
        if self.grammar.resource == Need::Forbidden {
            let message = format!(
                "{} takes no `{}`: it is about its role",
                self.kind.description(),
                member.name
            );
            self.error(
                member.name_span(),
                "RESOURCE_NOT_ALLOWED",
                "IAM-GRAM-22",
                message,
                "remove it",
            );
            return None;
        }
        let entries = self.resource_entries(member);
        if self.kind == PolicyKind::Key && negated {
            self.dead_statement(
                statement,
                "`NotResource` alone counts as no `Resource`: the statement has no effect",
            );
            return None;
        }
        // The rule says of both elements that an empty list never applies. Rule: IAM-GRAM-12.
        Some(if negated && !entries.is_empty() {
            Match::NotIn(entries)
        } else {
            Match::In(entries)
        })
    }

    /// Rule: IAM-GRAM-12, KMS-POL-12.
    fn missing_resource(&mut self, statement: Element<'_>) {
        if self.kind == PolicyKind::Key {
            self.dead_statement(statement, "without `Resource` the statement has no effect");
        } else if self.grammar.resource == Need::Required {
            let message = "a statement needs `Resource` or `NotResource`";
            let help = "add `\"Resource\": \"*\"`, or the ARNs that are meant";
            self.error(
                opening(statement),
                "MISSING_MEMBER",
                "IAM-GRAM-12",
                message,
                help,
            );
        }
    }

    fn resource_entries(&mut self, member: Entry<'_>) -> Vec<ResourceEntry> {
        let what = format_args!("`{}`", member.name);
        if member.value.is_sequence() && member.value.is_empty() {
            let message = format!("{what} is empty; the statement never applies");
            let finding = Diagnostic::new(
                self.severity_if_stored_by_iam(),
                "EMPTY_RESOURCE_LIST",
                message,
            )
            .rule("IAM-GRAM-12")
            .help("list at least one resource");
            self.report(member.value.span(), finding);
        }
        self.each_text(what, member.value, "IAM-GRAM-12", |parser, text, entry| {
            parser.resource_entry(text, entry)
        })
    }

    /// Rule: IAM-GRAM-13.
    fn resource_entry(&mut self, text: &str, node: Element<'_>) -> Option<ResourceEntry> {
        const RULE: &str = "IAM-GRAM-13";
        let span = node.span();
        if is_all_stars(text) {
            return Some(ResourceEntry {
                template: Template::plain(all_stars(text, node)),
                incomplete: false,
                span,
            });
        }
        if text.is_empty() {
            let help = "write `*` for every resource, or an ARN";
            self.error(
                span,
                "EMPTY_RESOURCE",
                RULE,
                "an empty text names no resource",
                help,
            );
            return None;
        }
        if !text.starts_with("arn:") {
            let message = format!("`{text}` is neither `*` nor an ARN");
            let help = "write `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`";
            self.error(span, "INVALID_RESOURCE", RULE, message, help);
            return None;
        }
        let mut split = [""; FIELDS];
        let fields = split_fields(text, &mut split);
        self.check_fields(text, fields, span);
        let head = match fields.last() {
            Some(last) if fields.len() == FIELDS => text.len() - last.len(),
            // Variables work behind the fifth colon alone, and there is none.
            _ => text.len(),
        };
        let mut template = self.template_behind(text, head, node);
        let incomplete =
            fields.len() < FIELDS && !self.incomplete_arn(text, fields, span, &mut template);
        Some(ResourceEntry {
            template,
            incomplete,
            span,
        })
    }

    /// Rule: IAM-GRAM-13, DOC-6.
    fn check_fields(&mut self, text: &str, fields: &[&str], span: Span) {
        const RULE: &str = "IAM-GRAM-13";
        let field = |index: usize| fields.get(index).copied();
        for (index, name) in [(1, "partition"), (2, "service")] {
            if field(index).is_some_and(has_wildcard) {
                let message = format!("`{text}` has a wildcard in its {name} field");
                let help = format!("name the {name}: AWS advises against it");
                self.warn(span, "ARN_FIELD_WILDCARD", RULE, message, help);
            }
        }
        if let Some(partition) =
            field(1).filter(|text| !has_wildcard(text) && !is_known_partition(text))
        {
            let message = format!("`{partition}` is no partition that is known");
            let help = "write `aws`, `aws-cn`, `aws-us-gov` or the one of your Region";
            self.warn(span, "UNKNOWN_PARTITION", RULE, message, help);
        }
        let (Some(service), Some(region), Some(account), Some(resource)) =
            (field(2), field(3), field(4), field(5))
        else {
            return;
        };
        if opens_variable(region) || opens_variable(account) {
            // Another warning says more.
            return;
        }
        let says_region = !region.is_empty() && !is_all_stars(region);
        let says_account = !account.is_empty() && !is_all_stars(account);
        if service == "iam" && says_region {
            let message = format!("`{text}` matches nothing: IAM resources have no Region");
            self.warn(
                span,
                "ARN_FIELD_NOT_EMPTY",
                RULE,
                message,
                "leave the Region field empty",
            );
        }
        if service == "s3"
            && (says_region || says_account)
            && !is_s3_resource_with_account(resource)
        {
            let message = format!(
                "`{text}` matches no bucket: the ARN of a bucket has neither Region nor account"
            );
            self.warn(
                span,
                "ARN_FIELD_NOT_EMPTY",
                RULE,
                message,
                "write `arn:PARTITION:s3:::BUCKET`",
            );
        }
    }

    /// Treats an ARN that lacks fields; true if it was completed. Rule: IAM-WILD-10, AMB-14.
    fn incomplete_arn(
        &mut self,
        text: &str,
        fields: &[&str],
        span: Span,
        template: &mut Template,
    ) -> bool {
        const CODE: &str = "INCOMPLETE_ARN";
        const RULE: &str = "IAM-WILD-10";
        let what = self.kind.description();
        if has_lost_a_colon(fields) {
            let message = format!("`{text}` has five fields instead of six");
            self.error(
                span,
                CODE,
                RULE,
                message,
                "a colon is missing: buckets are written `arn:aws:s3:::BUCKET`",
            );
            return false;
        }
        let completed = format!("{text}{}", ":*".repeat(FIELDS.saturating_sub(fields.len())));
        let message = format!("`{text}` has fewer than six fields");
        let help = format!("write `{completed}` if that is meant");
        match self.grammar.incomplete_arn {
            IncompleteArn::Completed => {
                self.warn(
                    span,
                    CODE,
                    RULE,
                    format!("{message}; it is read as `{completed}`"),
                    help,
                );
                complete(template, &completed);
                return true;
            }
            IncompleteArn::Refused => self.error(
                span,
                CODE,
                RULE,
                format!("{message}, which {what} does not take"),
                help,
            ),
            IncompleteArn::RefusedUnlessOpen if !text.ends_with('*') => {
                let message =
                    format!("{message}, which {what} does not take unless it ends in `*`");
                self.error(span, CODE, RULE, message, help);
            }
            IncompleteArn::RefusedUnlessOpen | IncompleteArn::Kept => {
                let message =
                    format!("{message}; AWS does not say what it matches in {what} (AMB-14)");
                self.warn(span, CODE, RULE, message, help);
            }
        }
        false
    }
}

/// A template of the completed text; a text that lacks fields holds no variables.
fn complete(template: &mut Template, completed: &str) {
    template.pieces = Template::literal(completed).pieces;
}

/// Five fields of which the last is no account: `arn:aws:s3::b`.
fn has_lost_a_colon(fields: &[&str]) -> bool {
    match fields {
        [_, _, _, _, account] => {
            let is_account = account.is_empty()
                || is_account_id(account)
                || *account == "aws"
                || account
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'?'));
            !is_account
        }
        _ => false,
    }
}

/// Resources of S3 that are no buckets: their ARNs have an account, and most a Region.
fn is_s3_resource_with_account(resource: &str) -> bool {
    const TYPES: [&str; 6] = [
        "accesspoint",
        "access-grants",
        "async-request",
        "job",
        "storage-lens",
        "storage-lens-group",
    ];
    has_wildcard(resource.split('/').next().unwrap_or_default())
        || TYPES.iter().any(|kind| {
            resource
                .strip_prefix(kind)
                .is_some_and(|rest| rest.starts_with('/'))
        })
}

/// The fields of an ARN, of which the last holds all that follows.
fn split_fields<'t, 'f>(text: &'t str, fields: &'f mut [&'t str; FIELDS]) -> &'f [&'t str] {
    let colons = text.bytes().enumerate().filter(|(_, byte)| *byte == b':');
    let ends = colons
        .map(|(offset, _)| offset)
        .take(FIELDS - 1)
        .chain([text.len()]);
    let mut start = 0;
    let mut count = 0;
    for (field, end) in fields.iter_mut().zip(ends) {
        *field = text.get(start..end).unwrap_or_default();
        start = end + 1;
        count += 1;
    }
    fields.get(..count).unwrap_or_default()
}

/// The text of stars; nearly always it is one.
fn all_stars(text: &str, node: Element<'_>) -> Text {
    if text == "*" {
        Text::fixed("*")
    } else {
        node.to_text()
    }
}

fn is_all_stars(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

fn has_wildcard(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'*' | b'?'))
}
