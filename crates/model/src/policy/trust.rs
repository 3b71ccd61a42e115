//! What statements of trust policies can mean. Rule: IAM-GRAM-22.

use super::parser::Parser;
use super::principal::{is_oidc_provider, is_saml_provider};
use super::{ActionEntry, Match, PolicyKind, PrincipalEntry, PrincipalKind};
use crate::tree::Element;

const RULE: &str = "IAM-GRAM-22";

const WITH_SAML: &str = "sts:AssumeRoleWithSAML";
const WITH_WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";

/// Actions that a trust policy can allow or deny to any effect.
const ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    WITH_SAML,
    WITH_WEB_IDENTITY,
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
];

impl Parser<'_> {
    pub(super) fn check_trust(
        &mut self,
        statement: Element<'_>,
        principal: Option<&Match<PrincipalEntry>>,
        action: Option<&Match<ActionEntry>>,
    ) {
        if self.kind != PolicyKind::Trust {
            return;
        }
        let Some(Match::In(actions)) = action else {
            return;
        };
        for entry in actions.iter().filter(|entry| is_meaningless(&entry.text)) {
            let message = format!("`{}` has no meaning in a trust policy", entry.text);
            let help = "trust policies are about `sts:AssumeRole` and its siblings";
            self.warn(entry.span, "MEANINGLESS_TRUST_ACTION", RULE, message, help);
        }
        let names = |wanted: &str| {
            actions
                .iter()
                .any(|entry| entry.text.eq_ignore_ascii_case(wanted))
        };
        let trusts = |test: fn(&str) -> bool| {
            let entries = principal.map(Match::entries).unwrap_or_default();
            entries
                .iter()
                .any(|entry| matches!(&entry.kind, PrincipalKind::Federated(text) if test(text)))
        };
        let (saml, oidc) = (trusts(is_saml_provider), trusts(is_oidc_provider));
        let mismatch = if saml && !oidc && names(WITH_WEB_IDENTITY) && !names(WITH_SAML) {
            Some(("a SAML provider", WITH_WEB_IDENTITY, WITH_SAML))
        } else if oidc && !saml && names(WITH_SAML) && !names(WITH_WEB_IDENTITY) {
            Some(("a web identity provider", WITH_SAML, WITH_WEB_IDENTITY))
        } else {
            None
        };
        if let Some((provider, named, needed)) = mismatch {
            let message =
                format!("the statement trusts {provider} but names `{named}`, so it never applies");
            self.warn(
                statement_start(statement),
                "TRUST_ACTION_MISMATCH",
                RULE,
                message,
                format!("write `{needed}`"),
            );
        }
    }
}

fn statement_start(statement: Element<'_>) -> crate::Span {
    super::parser::opening(statement)
}

/// True for an action without wildcards that is none of those of trust policies.
fn is_meaningless(action: &str) -> bool {
    let is_pattern = action.contains(['*', '?']);
    let is_sts = action
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("sts:"));
    match (is_pattern, is_sts) {
        (true, true) => false,
        (true, false) => action.contains(':') && action != "*:*",
        (false, _) => !ACTIONS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(action)),
    }
}
