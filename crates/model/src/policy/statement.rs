//! Statements: which members there are, `Sid`, `Effect`. Rule: IAM-GRAM-7…9.

use super::grammar::Use;
use super::parser::{Parser, opening};
use super::{Effect, Statement};
use crate::text::Text;
use crate::tree::{Element, Entry};

const MEMBERS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// The members of a statement, each under its name.
#[derive(Debug, Default)]
pub(super) struct Members<'n> {
    sid: Option<Entry<'n>>,
    effect: Option<Entry<'n>>,
    pub(super) principal: Option<Entry<'n>>,
    pub(super) not_principal: Option<Entry<'n>>,
    pub(super) action: Option<Entry<'n>>,
    pub(super) not_action: Option<Entry<'n>>,
    pub(super) resource: Option<Entry<'n>>,
    pub(super) not_resource: Option<Entry<'n>>,
    pub(super) condition: Option<Entry<'n>>,
}

impl<'n> Members<'n> {
    /// The place of a name; `None` where a statement has no such member.
    fn place(&mut self, name: &str) -> Option<&mut Option<Entry<'n>>> {
        Some(match name {
            "Sid" => &mut self.sid,
            "Effect" => &mut self.effect,
            "Principal" => &mut self.principal,
            "NotPrincipal" => &mut self.not_principal,
            "Action" => &mut self.action,
            "NotAction" => &mut self.not_action,
            "Resource" => &mut self.resource,
            "NotResource" => &mut self.not_resource,
            "Condition" => &mut self.condition,
            _ => return None,
        })
    }
}

impl<'p> Parser<'p> {
    /// Reads a statement; `is_default_rcp` lifts what only AWS's own resource control policy may do.
    pub(super) fn statement(
        &mut self,
        node: Element<'p>,
        is_default_rcp: bool,
    ) -> Option<Statement> {
        let mut members = Members::default();
        for member in self.members("a statement", node, "IAM-GRAM-6")? {
            match members.place(member.name) {
                Some(place) => *place = Some(member),
                None => self.unknown_member(member, &MEMBERS, "a statement", "IAM-GRAM-7"),
            }
        }
        let sid = self.sid(&members);
        let effect = self.effect(node, &members, is_default_rcp);
        let principal = self.principal(node, &members, effect);
        let action = self.action(node, &members, effect, is_default_rcp);
        let resource = self.resource(node, &members);
        self.check_trust(node, principal.as_ref(), action.as_ref());
        self.check_canonical_users(principal.as_ref(), action.as_ref(), resource.as_ref());
        let conditions = self.conditions(&members);
        Some(Statement {
            sid,
            effect: effect?,
            principal,
            action,
            resource,
            conditions,
            open: None,
            span: node.span(),
        })
    }

    /// The one of an element and its negated twin that is there; both are reported. Rule: IAM-GRAM-7.
    pub(super) fn either<'n>(
        &mut self,
        member: Option<Entry<'n>>,
        negated: Option<Entry<'n>>,
    ) -> Option<(Entry<'n>, bool)> {
        match (member, negated) {
            (Some(member), None) => Some((member, false)),
            (None, Some(member)) => Some((member, true)),
            (None, None) => None,
            (Some(first), Some(second)) => {
                let message = format!(
                    "a statement has `{}` or `{}`, not both",
                    first.name, second.name
                );
                let help = "remove one of them, or make two statements";
                self.error(
                    first.name_span().max(second.name_span()),
                    "BOTH_MEMBERS",
                    "IAM-GRAM-7",
                    message,
                    help,
                );
                Some((first, false))
            }
        }
    }

    /// Rule: IAM-GRAM-8.
    fn sid(&mut self, members: &Members<'p>) -> Option<Text> {
        const RULE: &str = "IAM-GRAM-8";
        let node = members.sid?.value;
        let sid = self.text("`Sid`", node, RULE)?;
        if sid.is_empty() {
            self.warn(
                node.span(),
                "EMPTY_SID",
                RULE,
                "`Sid` is empty",
                "give it a name, or remove it",
            );
        } else {
            self.sids.push((sid, node.span()));
        }
        if self.grammar.plain_sid && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = format!("the Sid `{sid}` holds something else than letters and digits");
            let help = "write it with A-Z, a-z and 0-9 alone";
            self.error(node.span(), "INVALID_SID", RULE, message, help);
        } else {
            self.warn_of_variables("`Sid`", sid, node.span());
        }
        Some(node.to_text())
    }

    /// Rule: IAM-GRAM-9, IAM-GRAM-20.
    fn effect(
        &mut self,
        statement: Element<'_>,
        members: &Members<'_>,
        is_default_rcp: bool,
    ) -> Option<Effect> {
        const RULE: &str = "IAM-GRAM-9";
        let Some(Entry { value: node, .. }) = members.effect else {
            let help = "add `\"Effect\": \"Allow\"` or `\"Effect\": \"Deny\"`";
            self.error(
                opening(statement),
                "MISSING_MEMBER",
                RULE,
                "a statement needs `Effect`",
                help,
            );
            return None;
        };
        match self.text("`Effect`", node, RULE)? {
            "Deny" => Some(Effect::Deny),
            "Allow" => {
                if self.grammar.allow == Use::Forbidden && !is_default_rcp {
                    let message = format!("{} takes no `Allow`", self.kind.description());
                    let help = "write a `Deny`: AWS's own `RCPFullAWSAccess` allows everything";
                    self.error(
                        node.span(),
                        "EFFECT_NOT_ALLOWED",
                        "IAM-GRAM-20",
                        message,
                        help,
                    );
                }
                Some(Effect::Allow)
            }
            other => {
                let help = "write `Allow` or `Deny`, in exactly this case";
                let message = format!("`{other}` is no effect");
                self.error(node.span(), "INVALID_EFFECT", RULE, message, help);
                None
            }
        }
    }
}
