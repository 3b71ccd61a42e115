//! `Condition`. Which keys exist, and what operands mean, is not known here. Rule: IAM-GRAM-3, IAM-GRAM-16…18.

use std::fmt::Display;

use super::letters::KEY;
use super::parser::Parser;
use super::statement::Members;
use super::{ConditionTest, Operand};
use crate::diagnostic::Diagnostic;
use crate::node::ScalarKind;
use crate::operator::{BaseOperator, Operator, OperatorError, OperatorFamily, SetQualifier};
use crate::source::Span;
use crate::template::{Piece, Template};
use crate::text::Text;
use crate::tree::{Element, Entries, Entry};

const SHAPE: &str = "IAM-GRAM-16";
const KEYS: &str = "IAM-GRAM-18";

/// Global keys that mean nothing without the name of a tag behind a slash.
const TAG_FAMILIES: [&str; 3] = ["aws:ResourceTag", "aws:RequestTag", "aws:PrincipalTag"];

/// A key that requests no longer have.
const RETIRED: &str = "aws:ARN";

impl Parser<'_> {
    pub(super) fn conditions(&mut self, members: &Members<'_>) -> Vec<ConditionTest> {
        let mut tests = Vec::new();
        let Some(Entry { value: node, .. }) = members.condition else {
            return tests;
        };
        let Some(blocks) = self.members("`Condition`", node, SHAPE) else {
            return tests;
        };
        if node.is_empty() {
            self.empty_condition(node.span(), "`Condition`");
        }
        for block in blocks {
            self.block(block, &mut tests);
        }
        tests
    }

    fn empty_condition(&mut self, span: Span, what: impl Display) {
        let message = format!("{what} is empty and holds nobody back");
        self.warn(
            span,
            "EMPTY_CONDITION",
            SHAPE,
            message,
            "add a test, or remove it",
        );
    }

    /// One operator with its keys.
    fn block(&mut self, block: Entry<'_>, tests: &mut Vec<ConditionTest>) {
        let what = format_args!("`{}`", block.name);
        let Some(keys) = self.members(what, block.value, SHAPE) else {
            return;
        };
        let is_empty = block.value.is_empty();
        let operator = self.operator(block, is_empty);
        if is_empty {
            self.empty_condition(block.value.span(), what);
        }
        self.check_key_cases(keys.clone());
        if tests.is_empty() {
            tests.reserve_exact(keys.clone().count());
        }
        for key in keys {
            if !is_ordinary(key.name) {
                self.check_key(key.name, key.name_span());
            }
            let operands = self.operands(key, operator);
            tests.extend(operator.map(|operator| ConditionTest {
                operator,
                operator_text: as_written(operator, block),
                key: key.name_text(),
                key_span: key.name_span(),
                operands,
            }));
        }
    }

    /// Rule: IAM-GRAM-17.
    fn operator(&mut self, block: Entry<'_>, is_empty: bool) -> Option<Operator> {
        const RULE: &str = "IAM-GRAM-17";
        let span = block.name_span();
        let operator = match Operator::parse(block.name) {
            Ok(operator) => operator,
            Err(OperatorError::NullIfExists) => {
                let message = "`Null` takes no `IfExists`: it asks whether the key exists";
                self.error(span, "INVALID_OPERATOR", RULE, message, "write `Null`");
                return None;
            }
            Err(error @ OperatorError::Unknown { .. }) => {
                let OperatorError::Unknown { nearest, .. } = &error else {
                    return None;
                };
                let help = match nearest {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "operators are written like `StringEquals` or `ForAnyValue:StringLike`"
                        .to_owned(),
                };
                // An unknown operator over nothing tests nothing.
                let severity = if is_empty {
                    crate::Severity::Warning
                } else {
                    crate::Severity::Error
                };
                let finding = Diagnostic::new(severity, "UNKNOWN_OPERATOR", error.to_string())
                    .rule(RULE)
                    .help(help);
                self.report(span, finding);
                return None;
            }
        };
        if operator.case_variant {
            let message = format!(
                "`{}` is read as `{operator}`; AWS does not say whether it is (AMB-4)",
                block.name
            );
            self.warn(
                span,
                "OPERATOR_CASE",
                RULE,
                message,
                format!("write `{operator}`"),
            );
        }
        if let (BaseOperator::Null, Some(set)) = (operator.base, operator.set) {
            let outcome = if set == SetQualifier::ForAllValues {
                "true"
            } else {
                "false"
            };
            let message = format!("`{operator}` is always {outcome}");
            self.warn(span, "SET_OPERATOR_ON_NULL", RULE, message, "write `Null`");
        }
        Some(operator)
    }

    /// Keys of one operator that differ only in case. Rule: IAM-GRAM-3.
    fn check_key_cases(&mut self, keys: Entries<'_>) {
        if !may_repeat(keys.clone()) {
            return;
        }
        let mut folded: Vec<(String, Entry<'_>)> =
            keys.map(|key| (key.name.to_lowercase(), key)).collect();
        // Stable: of equal keys the first in the text stays first.
        folded.sort_by(|a, b| a.0.cmp(&b.0));
        for pair in folded.windows(2) {
            let [(first_folded, first), (second_folded, second)] = pair else {
                continue;
            };
            if first_folded != second_folded {
                continue;
            }
            let message = format!(
                "`{}` and `{}` are the same key, in different case",
                first.name, second.name
            );
            let severity = self.severity_if_strict();
            let finding = Diagnostic::new(severity, "DUPLICATE_CONDITION_KEY", message)
                .rule("IAM-GRAM-3")
                .related(
                    self.source.place(first.name_span()),
                    "it stands here already",
                )
                .help("merge the two: keys are compared ignoring case");
            self.report(second.name_span(), finding);
        }
    }

    /// Rule: IAM-GRAM-18.
    fn check_key(&mut self, key: &str, span: Span) {
        let parts = key.split_once(':');
        let has_parts = parts.is_some_and(|(prefix, name)| !prefix.is_empty() && !name.is_empty());
        if !has_parts {
            let message = format!("`{key}` is no condition key: it is not written `prefix:name`");
            self.error(
                span,
                "INVALID_CONDITION_KEY",
                KEYS,
                message,
                "write `aws:…` or the prefix of the service",
            );
            return;
        }
        let (stem, suffix) = key.split_once('/').unwrap_or((key, ""));
        if suffix.is_empty()
            && TAG_FAMILIES
                .iter()
                .any(|family| family.eq_ignore_ascii_case(stem))
        {
            let message = format!("`{key}` needs the name of a tag");
            self.error(
                span,
                "INVALID_CONDITION_KEY",
                KEYS,
                message,
                format!("write `{stem}/TAG-NAME`"),
            );
        }
        if key.contains(['*', '?']) || self.takes_for_variable(key) {
            let message = format!(
                "wildcards and variables do not work in condition keys; `{key}` is taken literally"
            );
            self.warn(
                span,
                "LITERAL_CONDITION_KEY",
                KEYS,
                message,
                "write the key out",
            );
        }
        if key.eq_ignore_ascii_case(RETIRED) {
            let message = format!("`{key}` is retired and never there");
            self.warn(
                span,
                "RETIRED_CONDITION_KEY",
                KEYS,
                message,
                "write `aws:PrincipalArn`",
            );
        }
    }

    fn operands(&mut self, key: Entry<'_>, operator: Option<Operator>) -> Vec<Operand> {
        let node = key.value;
        if !node.is_sequence() {
            return self.operand(key, node, operator).into_iter().collect();
        }
        if node.is_empty() {
            let message = format!("the list of values of `{}` is empty", key.name);
            self.warn(
                node.span(),
                "EMPTY_CONDITION_VALUES",
                "IAM-COND-12",
                message,
                "list at least one value",
            );
        }
        let mut kinds = node.items().filter_map(Element::certain_kind);
        let first = kinds.next();
        if kinds.any(|kind| Some(kind) != first) {
            let message = format!("the values of `{}` are of different types", key.name);
            self.warn(
                node.span(),
                "MIXED_TYPES",
                SHAPE,
                message,
                "put all of them in quotes",
            );
        }
        let mut operands = Vec::with_capacity(node.items().len_max());
        operands.extend(
            node.items()
                .filter_map(|item| self.operand(key, item, operator)),
        );
        operands
    }

    fn operand(
        &mut self,
        key: Entry<'_>,
        node: Element<'_>,
        operator: Option<Operator>,
    ) -> Option<Operand> {
        let Some((text, kind)) = node.as_scalar() else {
            let what = format!("a value of `{}`", key.name);
            self.wrong_type(
                &what,
                "a string, a number, a boolean or a list of those",
                node,
                SHAPE,
            );
            return None;
        };
        let Some(base) = operator.map(|operator| operator.base) else {
            return Some(Operand {
                template: Template::plain(node.to_text()),
                span: node.span(),
            });
        };
        let template = if base.takes_variables() {
            self.template(text, node)
        } else if base == BaseOperator::Null && kind == ScalarKind::Boolean {
            // A boolean of YAML, however it is spelled, is the one of JSON (IAM-COND-24).
            Template::literal(&text.to_ascii_lowercase())
        } else {
            self.warn_of_variables(format_args!("values of `{base}`"), text, node.span());
            Template::plain(node.to_text())
        };
        if base.family() == OperatorFamily::String && !base.takes_wildcards() && has_star(&template)
        {
            let message = format!("`*` is an ordinary character in values of `{base}`");
            let like = if base.is_negated() {
                "StringNotLike"
            } else {
                "StringLike"
            };
            self.warn(
                node.span(),
                "WILDCARD_IN_STRING_EQUALS",
                "IAM-WILD-2",
                message,
                format!("write `{like}` if a wildcard is meant"),
            );
        }
        Some(Operand {
            template,
            span: node.span(),
        })
    }
}

/// True for a key of letters that no check looks at, as most are; `check_key` then has nothing to say.
fn is_ordinary(key: &str) -> bool {
    /// Keys that mean something to `check_key` although they look like any other.
    const SPECIAL: [&str; 4] = [TAG_FAMILIES[0], TAG_FAMILIES[1], TAG_FAMILIES[2], RETIRED];
    let is_plain = |text: &str| !text.is_empty() && KEY.has_all(text.as_bytes());
    key.split_once(':')
        .is_some_and(|(prefix, name)| is_plain(prefix) && is_plain(name))
        && !SPECIAL
            .iter()
            .any(|special| special.eq_ignore_ascii_case(key))
}

/// The name of an operator as it stands in the text; nearly always it is the one of its base.
fn as_written(operator: Operator, block: Entry<'_>) -> Text {
    let name = operator.base.name();
    if block.name == name {
        Text::fixed(name)
    } else {
        block.name_text()
    }
}

/// False where the comparison of all keys has nothing to find: few keys of ASCII that differ in more than case.
fn may_repeat(keys: Entries<'_>) -> bool {
    // Comparing all pairs is fastest for few.
    const PAIRS_MAX: usize = 8;
    let mut rest = keys;
    let mut compared = 0;
    while let Some(key) = rest.next() {
        let is_same = |other: Entry<'_>| other.name.eq_ignore_ascii_case(key.name);
        if !key.name.is_ascii() || compared == PAIRS_MAX || rest.clone().any(is_same) {
            return true;
        }
        compared += 1;
    }
    false
}

fn has_star(template: &Template) -> bool {
    template
        .pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Text(text) if text.contains('*')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{ParseOptions, PolicyKind};
    use crate::source::Source;
    use proptest::prelude::*;
    use std::sync::Arc;

    const PARTS: [&str; 12] = [
        "aws",
        ":",
        "ResourceTag",
        "requesttag",
        "ARN",
        "/",
        "team",
        "*",
        "${aws:x}",
        "$",
        "é",
        ".-_0",
    ];

    proptest! {
        #[test]
        fn nothing_is_to_be_said_of_ordinary_keys(parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..5)) {
            let key = parts.concat();
            let source = Arc::new(Source::new("p", key.clone()));
            let mut parser = Parser::new(&source, PolicyKind::Identity, ParseOptions::default());
            parser.check_key(&key, Span::default());
            prop_assert!(!is_ordinary(&key) || parser.found.is_empty(), "{}", parser.found);
        }
    }

    #[test]
    fn most_keys_are_ordinary() {
        for key in ["aws:SourceArn", "kms:ViaService", "s3:x-amz-acl"] {
            assert!(is_ordinary(key), "{key}");
        }
        for key in [
            "aws:",
            ":x",
            "x",
            "aws:Arn",
            "AWS:resourcetag",
            "aws:RequestTag/a",
        ] {
            assert!(!is_ordinary(key), "{key}");
        }
    }
}
