//! `Principal` and `NotPrincipal`. Rule: IAM-GRAM-14, IAM-GRAM-15, IAM-GRAM-20, IAM-GRAM-21.

use super::grammar::PrincipalUse;
use super::parser::{Parser, listed, opening};
use super::statement::Members;
use super::{ActionEntry, Effect, Match, PolicyKind, PrincipalEntry, PrincipalKind, ResourceEntry};
use crate::arn::{Arn, is_account_id, is_known_partition};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::tree::{Element, Entry};

const RULE: &str = "IAM-GRAM-14";
const TYPES: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

/// Identity providers that have no ARN.
const BUILT_IN_PROVIDERS: [&str; 4] = [
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

impl Parser<'_> {
    pub(super) fn principal(
        &mut self,
        statement: Element<'_>,
        members: &Members<'_>,
        effect: Option<Effect>,
    ) -> Option<Match<PrincipalEntry>> {
        let Some((member, negated)) = self.either(members.principal, members.not_principal) else {
            self.missing_principal(statement);
            return None;
        };
        if self.grammar.principal == PrincipalUse::Forbidden {
            self.forbidden_principal(member, negated);
            return None;
        }
        if negated {
            self.check_not_principal(member, effect);
        }
        let entries = self.principal_entries(member);
        if !negated {
            self.check_everyone(member, &entries);
        }
        Some(if negated {
            Match::NotIn(entries)
        } else {
            Match::In(entries)
        })
    }

    /// Rule: IAM-GRAM-15, IAM-GRAM-21.
    fn forbidden_principal(&mut self, member: Entry<'_>, negated: bool) {
        let (code, rule) = if negated {
            ("NOT_PRINCIPAL_NOT_ALLOWED", "IAM-GRAM-15")
        } else {
            ("PRINCIPAL_NOT_ALLOWED", "IAM-GRAM-21")
        };
        let message = format!(
            "{} takes no `{}`: it is about whoever it is attached to",
            self.kind.description(),
            member.name
        );
        self.error(member.name_span(), code, rule, message, "remove it");
    }

    /// Rule: IAM-GRAM-20, IAM-GRAM-21.
    fn missing_principal(&mut self, statement: Element<'_>) {
        let what = self.kind.description();
        let severity = match self.grammar.principal {
            PrincipalUse::Forbidden => return,
            // The lenient reading is one of resource-based and trust policies.
            PrincipalUse::EveryoneOnly => crate::Severity::Error,
            PrincipalUse::Required | PrincipalUse::RequiredSomebody => self.severity_if_strict(),
        };
        // IAM-GRAM-21 is about resource-based and trust statements; the others have their row in the matrix.
        let rule = match self.kind {
            PolicyKind::Rcp | PolicyKind::VpcEndpoint => "IAM-GRAM-20",
            _ => "IAM-GRAM-21",
        };
        let message =
            format!("a statement of {what} needs a principal; without one it never applies");
        let finding = Diagnostic::new(severity, "MISSING_MEMBER", message)
            .rule(rule)
            .help("add `\"Principal\": {\"AWS\": \"ARN\"}`");
        self.report(opening(statement), finding);
    }

    /// Rule: IAM-GRAM-15.
    fn check_not_principal(&mut self, member: Entry<'_>, effect: Option<Effect>) {
        const RULE: &str = "IAM-GRAM-15";
        let help =
            "write `\"Principal\": \"*\"` with a condition `ArnNotEquals` on `aws:PrincipalArn`";
        if !self.grammar.takes_not_principal {
            let message = format!("{} takes no `NotPrincipal`", self.kind.description());
            self.error(
                member.name_span(),
                "NOT_PRINCIPAL_NOT_ALLOWED",
                RULE,
                message,
                help,
            );
            return;
        }
        if effect == Some(Effect::Allow) {
            let message =
                "`NotPrincipal` with `Allow` lets in everybody else, anonymous callers included";
            let severity = self.severity_if_strict();
            let finding = Diagnostic::new(severity, "NOT_PRINCIPAL_WITH_ALLOW", message)
                .rule(RULE)
                .help(help);
            self.report(member.name_span(), finding);
            return;
        }
        let message = "`NotPrincipal` spares a caller only if its account, its role and its session are all listed";
        self.warn(member.name_span(), "NOT_PRINCIPAL", RULE, message, help);
    }

    /// What policies of a kind say about everyone. Rule: IAM-GRAM-20, DOC-10.
    fn check_everyone(&mut self, member: Entry<'_>, entries: &[PrincipalEntry]) {
        let everyone = entries
            .iter()
            .find(|entry| entry.kind == PrincipalKind::Everyone);
        match self.grammar.principal {
            PrincipalUse::EveryoneOnly if member.value.as_text() != Some("*") => {
                let message = format!(
                    "the principal of {} can only be `\"*\"`",
                    self.kind.description()
                );
                let help = "write `\"Principal\": \"*\"`, and conditions for the rest";
                self.error(
                    member.value.span(),
                    "PRINCIPAL_NOT_ALLOWED",
                    "IAM-GRAM-20",
                    message,
                    help,
                );
            }
            PrincipalUse::RequiredSomebody if let Some(entry) = everyone => {
                let message = "everybody may ask for this role; only conditions hold them back";
                let help = "name the accounts, roles or services that may";
                self.warn(entry.span, "TRUST_EVERYONE", "IAM-GRAM-20", message, help);
            }
            _ => {}
        }
    }

    fn principal_entries(&mut self, member: Entry<'_>) -> Vec<PrincipalEntry> {
        let node = member.value;
        let what = format_args!("`{}`", member.name);
        if let Some(text) = node.as_text() {
            if text == "*" {
                return vec![PrincipalEntry {
                    kind: PrincipalKind::Everyone,
                    text: node.to_text(),
                    span: node.span(),
                }];
            }
            let message = format!("{what} is `\"*\"` or an object, not the string `{text}`");
            self.error(
                node.span(),
                "INVALID_PRINCIPAL",
                RULE,
                message,
                "write `{\"AWS\": \"…\"}` or `{\"Service\": \"…\"}`",
            );
            return Vec::new();
        }
        if !node.is_mapping() {
            self.wrong_type(what, "`\"*\"` or an object", node, RULE);
            return Vec::new();
        }
        let mut entries = Vec::new();
        let before = self.found.len();
        for kind in node.entries() {
            if !TYPES.contains(&kind.name) {
                self.unknown_member(kind, &TYPES, "a principal", RULE);
                continue;
            }
            let what = format_args!("`{}`", kind.name);
            let named = self.each_text(what, kind.value, RULE, |parser, text, entry| {
                Some(PrincipalEntry {
                    kind: parser.principal_kind(kind.name, text, entry.span())?,
                    text: entry.to_text(),
                    span: entry.span(),
                })
            });
            entries.extend(named);
        }
        if entries.is_empty() && self.found.len() == before {
            let message = format!("{what} names nobody, so it matches nobody");
            self.warn(
                node.span(),
                "EMPTY_PRINCIPAL",
                RULE,
                message,
                format!("name one of {}", listed(&TYPES)),
            );
        }
        entries
    }

    /// What an entry names; `None` where it is refused.
    fn principal_kind(&mut self, name: &str, text: &str, span: Span) -> Option<PrincipalKind> {
        if name == "AWS" && text == "*" {
            return Some(PrincipalKind::Everyone);
        }
        if text.contains(['*', '?']) {
            let message = format!("`{text}`: wildcards do not work in principals");
            let help = "name the principal, or write `\"*\"` with a condition `ArnLike` on `aws:PrincipalArn`";
            self.error(span, "PRINCIPAL_WILDCARD", RULE, message, help);
            return None;
        }
        self.warn_of_variables("principals", text, span);
        match name {
            "AWS" => self.aws_principal(text, span),
            "Service" => Some(self.service_principal(text, span)),
            "Federated" => self.federated_principal(text, span),
            _ => Some(PrincipalKind::CanonicalUser(text.to_owned())),
        }
    }

    fn aws_principal(&mut self, text: &str, span: Span) -> Option<PrincipalKind> {
        if is_account_id(text) {
            return Some(PrincipalKind::Account {
                partition: None,
                account: text.to_owned(),
            });
        }
        if let Some(arn) = Arn::parse(text) {
            return self.arn_principal(&arn, span);
        }
        if is_unique_id(text) {
            let message = format!("`{text}` is a unique id: the principal was probably deleted");
            let help = "name the ARN of the principal that is meant; one made anew does not match its old id";
            self.warn(span, "UNIQUE_ID_PRINCIPAL", RULE, message, help);
            return Some(PrincipalKind::UniqueId(text.to_owned()));
        }
        let message = format!("`{text}` is no AWS principal");
        let help = "write twelve digits, or the ARN of an account, a user, a role or a session";
        self.error(span, "INVALID_PRINCIPAL", RULE, message, help);
        None
    }

    fn arn_principal(&mut self, arn: &Arn, span: Span) -> Option<PrincipalKind> {
        if !is_known_partition(arn.partition()) {
            let message = format!("`{}` is no partition that is known", arn.partition());
            self.warn(
                span,
                "UNKNOWN_PARTITION",
                "IAM-GRAM-13",
                message,
                "write `aws`, `aws-cn` or `aws-us-gov`",
            );
        }
        if arn.service() == "iam" && arn.resource_type() == Some("group") {
            let message = format!("`{arn}` is a group, and groups are no principals");
            self.error(
                span,
                "GROUP_PRINCIPAL",
                RULE,
                message,
                "name its users, or a role",
            );
            return None;
        }
        if self.refuses_account(arn, span) {
            return None;
        }
        let Some(kind) = named_by_arn(arn) else {
            if !is_identity_of_cloudfront(arn) {
                let message = format!("`{arn}` is the ARN of no principal, so it matches nobody");
                let help = "write the ARN of an account, a user, a role, or a session as `assumed-role/ROLE/SESSION`";
                self.warn(span, "UNKNOWN_PRINCIPAL", RULE, message, help);
            }
            return Some(PrincipalKind::Other);
        };
        if !can_exist(arn) && !self.takes_for_variable(arn.resource()) {
            let message = format!("`{arn}` is nobody's: IAM knows no such name");
            let help = "write the name as IAM shows it: letters, digits and `+=,.@_-`, in front of it a path without spaces";
            self.warn(span, "UNKNOWN_PRINCIPAL", RULE, message, help);
        }
        Some(kind)
    }

    /// An account is twelve digits; services write theirs as a word. Rule: IAM-GRAM-14.
    fn refuses_account(&mut self, arn: &Arn, span: Span) -> bool {
        let account = arn.account();
        let is_word = account.starts_with(|first: char| first.is_ascii_lowercase())
            && account
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if account.is_empty() || is_word || is_account_id(account) {
            return false;
        }
        let message = format!("`{account}` in `{arn}` is no account");
        let help = "write the twelve digits of the account, leading zeros included";
        self.error(span, "INVALID_PRINCIPAL", RULE, message, help);
        true
    }

    fn service_principal(&mut self, text: &str, span: Span) -> PrincipalKind {
        if !is_service_name(text) {
            let message = format!("`{text}` does not look like a service principal");
            let help = "service principals are written `name.amazonaws.com` or `name.REGION.amazonaws.com`";
            self.warn(span, "UNUSUAL_SERVICE_PRINCIPAL", RULE, message, help);
        }
        PrincipalKind::Service(text.to_owned())
    }

    fn federated_principal(&mut self, text: &str, span: Span) -> Option<PrincipalKind> {
        if self.kind != PolicyKind::Trust {
            let message = format!("{} takes no `Federated` principal", self.kind.description());
            let help = "name the role that the federated identities assume";
            self.error(span, "FEDERATED_NOT_ALLOWED", RULE, message, help);
            return None;
        }
        if let Some(arn) = Arn::parse(text)
            && self.refuses_account(&arn, span)
        {
            return None;
        }
        if !is_saml_provider(text) && !is_oidc_provider(text) {
            let message = format!("`{text}` is no identity provider that is known");
            let help = "write the ARN of a SAML or OIDC provider of this account";
            self.warn(span, "UNKNOWN_PRINCIPAL", RULE, message, help);
        }
        Some(PrincipalKind::Federated(text.to_owned()))
    }

    /// Canonical ids mean something to Amazon S3 alone. Rule: IAM-GRAM-14.
    pub(super) fn check_canonical_users(
        &mut self,
        principal: Option<&Match<PrincipalEntry>>,
        action: Option<&Match<ActionEntry>>,
        resource: Option<&Match<ResourceEntry>>,
    ) {
        let entries = principal.map(Match::entries).unwrap_or_default();
        let is_canonical =
            |entry: &&PrincipalEntry| matches!(entry.kind, PrincipalKind::CanonicalUser(_));
        if !entries.iter().any(|entry| is_canonical(&entry)) {
            return;
        }
        let what = self.kind.description();
        let message = if self.kind != PolicyKind::Resource {
            format!("canonical user ids mean something in bucket policies only, not in {what}")
        } else if !concerns_s3(action, resource) {
            "canonical user ids mean something to Amazon S3 only, and the statement is about another service"
                .to_owned()
        } else {
            return;
        };
        for entry in entries.iter().filter(is_canonical) {
            self.warn(
                entry.span,
                "CANONICAL_USER",
                RULE,
                message.clone(),
                "name the account as `{\"AWS\": \"…\"}`",
            );
        }
    }
}

/// True unless all actions, or all resources, are of other services than Amazon S3.
fn concerns_s3(
    action: Option<&Match<ActionEntry>>,
    resource: Option<&Match<ResourceEntry>>,
) -> bool {
    // `s3express` and `s3-outposts` are parts of it.
    let is_s3 = |service: &str| service.to_ascii_lowercase().starts_with("s3");
    let by_action = match action {
        Some(Match::In(entries)) if !entries.is_empty() => entries.iter().any(|entry| {
            let service = entry.text.split_once(':').map(|(service, _)| service);
            service.is_none_or(|service| is_s3(service) || service == "*")
        }),
        _ => true,
    };
    let by_resource = match resource {
        Some(Match::In(entries)) if !entries.is_empty() => entries.iter().any(|entry| {
            let service = entry.template.source.split(':').nth(2);
            service.is_none_or(|service| is_s3(service) || service.contains(['*', '?']))
        }),
        _ => true,
    };
    by_action && by_resource
}

/// An origin access identity, which Amazon S3 takes for a principal: `arn:aws:iam::cloudfront:user/…`.
fn is_identity_of_cloudfront(arn: &Arn) -> bool {
    arn.service() == "iam" && arn.account() == "cloudfront" && arn.resource_type() == Some("user")
}

/// Whether IAM can have an identity of that path and name, or a role a session of that name.
fn can_exist(arn: &Arn) -> bool {
    let is_name = |text: &str| {
        let is_in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
        !text.is_empty() && text.bytes().all(is_in_name)
    };
    let resource = arn.resource();
    let (before, name) = resource.rsplit_once('/').unwrap_or(("", resource));
    let is_before = match before.split_once('/') {
        None => true,
        Some(("assumed-role", role)) => is_name(role),
        Some((_, path)) => !path.is_empty() && path.bytes().all(|byte| byte.is_ascii_graphic()),
    };
    is_name(name) && is_before
}

/// What the ARN of a principal names.
fn named_by_arn(arn: &Arn) -> Option<PrincipalKind> {
    if !is_account_id(arn.account()) || !arn.region().is_empty() {
        return None;
    }
    let is_name = |name: &str| !name.is_empty() && !name.ends_with('/');
    let (kind, rest) = arn
        .resource()
        .split_once('/')
        .unwrap_or((arn.resource(), ""));
    match (arn.service(), kind) {
        ("iam", "root") if arn.resource() == "root" => {
            let partition = Some(arn.partition().to_owned());
            Some(PrincipalKind::Account {
                partition,
                account: arn.account().to_owned(),
            })
        }
        ("iam", "user") if is_name(rest) => Some(PrincipalKind::User(arn.clone())),
        ("iam", "role") if is_name(rest) => Some(PrincipalKind::Role(arn.clone())),
        ("sts", "federated-user") if is_name(rest) => {
            Some(PrincipalKind::FederatedUser(arn.clone()))
        }
        ("sts", "assumed-role") => {
            let (role, session) = rest.split_once('/')?;
            let is_session = is_name(role) && is_name(session) && !session.contains('/');
            is_session.then(|| PrincipalKind::RoleSession(arn.clone()))
        }
        _ => None,
    }
}

/// `AIDA…`, `AROA…` and other ids of IAM: `A`, three letters, and at least twelve letters and digits.
fn is_unique_id(text: &str) -> bool {
    let (Some(kind), Some(rest)) = (text.get(..4), text.get(4..)) else {
        return false;
    };
    let is_kind = kind.starts_with('A') && kind.bytes().all(|byte| byte.is_ascii_uppercase());
    is_kind
        && rest.len() >= 12
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// `name[.region].amazonaws.com[.cn]`; names have dots of their own.
fn is_service_name(text: &str) -> bool {
    let text = text.strip_suffix(".cn").unwrap_or(text);
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    text.strip_suffix(".amazonaws.com")
        .is_some_and(|name| name.split('.').all(is_label))
}

/// ARN of a SAML provider.
pub(super) fn is_saml_provider(text: &str) -> bool {
    Arn::parse(text)
        .is_some_and(|arn| arn.service() == "iam" && arn.resource_type() == Some("saml-provider"))
}

/// ARN of an OIDC provider, or the domain of a built-in one.
pub(super) fn is_oidc_provider(text: &str) -> bool {
    let is_arn = |arn: Arn| arn.service() == "iam" && arn.resource_type() == Some("oidc-provider");
    BUILT_IN_PROVIDERS.contains(&text) || Arn::parse(text).is_some_and(is_arn)
}
