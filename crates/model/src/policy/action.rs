//! `Action` and `NotAction`. Whether an action exists is not known here. Rule: IAM-GRAM-10, IAM-GRAM-11, IAM-GRAM-20.

use std::fmt;

use super::grammar::Use;
use super::letters::{PREFIX, is_name};
use super::parser::{Parser, opening};
use super::statement::Members;
use super::{ActionEntry, Effect, Match, PolicyKind};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::tree::{Element, Entry};

impl Parser<'_> {
    pub(super) fn action(
        &mut self,
        statement: Element<'_>,
        members: &Members<'_>,
        effect: Option<Effect>,
        is_default_rcp: bool,
    ) -> Option<Match<ActionEntry>> {
        let Some((member, negated)) = self.either(members.action, members.not_action) else {
            self.missing_action(statement);
            return None;
        };
        if negated {
            self.check_not_action(member);
        }
        let what = format_args!("`{}`", member.name);
        let node = member.value;
        let is_empty = node.is_sequence() && node.is_empty();
        // An empty list grants nothing, whichever it is (IAM-GRAM-10). A `Deny` is another matter: `NotAction` without
        // entries excepts nothing (IAM-WILD-3), and a denial must not vanish because of a list that was emptied.
        let never_applies = is_empty && (!negated || effect != Some(Effect::Deny));
        if is_empty {
            self.empty_action_list(member, never_applies);
        }
        let entries = self.each_text(what, node, "IAM-GRAM-10", |parser, text, entry| {
            if !is_ordinary(text) {
                parser.check_action(what, text, entry.span(), is_default_rcp);
            }
            Some(ActionEntry {
                text: entry.to_text(),
                span: entry.span(),
            })
        });
        Some(if negated && !never_applies {
            Match::NotIn(entries)
        } else {
            Match::In(entries)
        })
    }

    /// A key policy loads without, and the statement is dead. Rule: IAM-GRAM-10, KMS-POL-12.
    fn missing_action(&mut self, statement: Element<'_>) {
        if self.kind == PolicyKind::Key {
            self.dead_statement(
                statement,
                "without `Action` and `NotAction` the statement has no effect",
            );
            return;
        }
        let help = "add `\"Action\": \"service:Name\"`";
        let message = "a statement needs `Action` or `NotAction`";
        self.error(
            opening(statement),
            "MISSING_MEMBER",
            "IAM-GRAM-10",
            message,
            help,
        );
    }

    /// Marks a statement of a key policy that has no effect, not even as a `Deny`. Rule: KMS-POL-12.
    pub(super) fn dead_statement(&mut self, statement: Element<'_>, message: &str) {
        let help = "add what is missing: KMS accepts no new policy with such a statement";
        self.warn(
            opening(statement),
            "KMS_DEAD_STATEMENT",
            "KMS-POL-12",
            message,
            help,
        );
    }

    fn check_not_action(&mut self, member: Entry<'_>) {
        let what = self.kind.description();
        let help = "list the actions in `Action`";
        match self.grammar.not_action {
            Use::Allowed => {}
            Use::Warned => {
                let message =
                    format!("`NotAction` in {what} takes in actions that have no meaning there");
                self.warn(
                    member.name_span(),
                    "NOT_ACTION_IN_TRUST",
                    "IAM-GRAM-20",
                    message,
                    help,
                );
            }
            Use::Forbidden => {
                let message = format!("{what} takes no `NotAction`");
                self.error(
                    member.name_span(),
                    "NOT_ACTION_NOT_ALLOWED",
                    "IAM-GRAM-20",
                    message,
                    help,
                );
            }
        }
    }

    fn empty_action_list(&mut self, member: Entry<'_>, never_applies: bool) {
        let consequence = if never_applies {
            "the statement never applies"
        } else {
            "the statement excepts nothing and denies every action"
        };
        let message = format!("`{}` is empty; {consequence}", member.name);
        let finding = Diagnostic::new(
            self.severity_if_stored_by_iam(),
            "EMPTY_ACTION_LIST",
            message,
        )
        .rule("IAM-GRAM-10")
        .help("list at least one action");
        self.report(member.value.span(), finding);
    }

    fn check_action(
        &mut self,
        what: fmt::Arguments<'_>,
        text: &str,
        span: Span,
        is_default_rcp: bool,
    ) {
        const RULE: &str = "IAM-GRAM-11";
        if text == "*" || text == "*:*" {
            if text == "*:*" {
                let message = "`*:*` is read as `*`; AWS does not say what it means (AMB-3)";
                self.warn(span, "ANY_SERVICE_ACTION", RULE, message, "write `*`");
            }
            self.check_all_actions(span, is_default_rcp);
            return;
        }
        let invalid = |parser: &mut Self, why: &str, help: &str| {
            parser.error(
                span,
                "INVALID_ACTION",
                RULE,
                format!("`{text}` is no action: {why}"),
                help,
            );
        };
        let Some((prefix, name)) = text.split_once(':') else {
            invalid(
                self,
                "it has no service prefix",
                "write `service:Name`, such as `kms:Decrypt`, or `*`",
            );
            return;
        };
        let is_dead = name.is_empty() || name.contains([' ', ',', '\t', '\n', '\r']);
        // Two actions in one string have two colons and are stored all the same.
        if name.contains(':') && !is_dead {
            invalid(
                self,
                "it has two colons",
                "write `service:Name` with one colon",
            );
        } else if prefix.contains(['*', '?']) {
            invalid(
                self,
                "its service prefix has a wildcard",
                "name the service: wildcards work in the name alone",
            );
        } else if prefix.is_empty() || !PREFIX.has_all(prefix.as_bytes()) {
            invalid(
                self,
                "its service prefix is not made of letters, digits, `-` and `.`",
                "write `service:Name`",
            );
        } else if is_dead {
            let message = format!(
                "`{text}` can never match: the name is empty, or holds white space or a comma"
            );
            self.warn(
                span,
                "DEAD_ACTION",
                RULE,
                message,
                "give one action per string, without spaces",
            );
        }
        self.warn_of_variables(what, text, span);
    }

    /// `*` as an action. Rule: IAM-GRAM-20.
    fn check_all_actions(&mut self, span: Span, is_default_rcp: bool) {
        let what = self.kind.description();
        match self.grammar.all_actions {
            Use::Forbidden if !is_default_rcp => {
                let message = format!("{what} takes no action `*`");
                self.error(
                    span,
                    "ACTION_NOT_ALLOWED",
                    "IAM-GRAM-20",
                    message,
                    "name the service, such as `s3:*`",
                );
            }
            Use::Warned => {
                let message = format!("`*` in {what} takes in actions that have no meaning there");
                self.warn(
                    span,
                    "ALL_ACTIONS_IN_TRUST",
                    "IAM-GRAM-20",
                    message,
                    "name the actions of `sts` that are meant",
                );
            }
            Use::Allowed | Use::Forbidden => {}
        }
    }
}

/// True for a prefix and a name of letters that no check looks at, as nearly every action is; `check_action` then has
/// nothing to say.
fn is_ordinary(text: &str) -> bool {
    let bytes = text.as_bytes();
    let prefix = bytes.iter().take_while(|byte| PREFIX.has(**byte));
    match bytes.split_at_checked(prefix.count()) {
        Some(([_, ..], [b':', name @ ..])) => !name.is_empty() && is_name(name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::ParseOptions;
    use crate::source::Source;
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #[test]
        fn nothing_is_to_be_said_of_ordinary_actions(text in "([a-zA-Z0-9.:*?$\\{\\},_ é-]|s3:|aws:){0,12}") {
            let source = Arc::new(Source::new("p", text.clone()));
            for kind in PolicyKind::ALL {
                let mut parser = Parser::new(&source, kind, ParseOptions::default());
                parser.check_action(format_args!("`Action`"), &text, Span::default(), false);
                prop_assert!(!is_ordinary(&text) || parser.found.is_empty(), "{}", parser.found);
            }
        }
    }

    #[test]
    fn most_actions_are_ordinary() {
        for text in ["s3:GetObject", "kms:*", "execute-api:Invoke", "a.b:C_D-1?"] {
            assert!(is_ordinary(text), "{text}");
        }
        for text in [
            "*",
            "s3:",
            ":Get",
            "s3",
            "s*:Get",
            "s3:Get:Put",
            "s3:${a:b}",
            "s3:Gét",
        ] {
            assert!(!is_ordinary(text), "{text}");
        }
    }
}
