//! Finds what is doubtful about a block. It changes no outcome.

use preclear_model::policy::{ConditionTest, Operand};
use preclear_model::{BaseOperator, OperatorFamily, Piece, SetQualifier, Template};

use super::warning::{ConditionWarning, WarningKind};
use crate::operator::{
    Block, Date, Number, is_short_arn, parse_binary, parse_boolean, parse_presence,
};
use crate::{Arity, KeyKind, KeyName, KeyTypes};

/// Keys whose values are ids. Rule: IAM-COND-27.
const ID_KEYS: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
];

/// Literal characters that a wildcard in an id needs around it. Rule: IAM-COND-27.
const LITERALS_MIN: usize = 6;

/// Whether users choose the text of the key's values, ARNs included: tags (`aws:RequestTag/app`, `rds:db-tag/app`) and the
/// pairs of an encryption context. Rule: IAM-COND-15.
#[must_use]
pub fn is_filled_by_users(key: &KeyName) -> bool {
    let Some((service, name)) = key.as_str().split_once(':') else {
        return false;
    };
    let is_tag = || {
        name.split_once('/')
            .is_some_and(|(family, _)| family.ends_with("tag"))
    };
    is_tag() || (service == "kms" && name.starts_with("encryptioncontext:"))
}

/// Keys that hold the names of others, and how those begin: where one of them is, its name is. Rule: KMS-COND-4.
pub const NAMES_OF_KEYS: [(&str, &str); 3] = [
    ("aws:tagkeys", "aws:requesttag/"),
    ("kms:encryptioncontextkeys", "kms:encryptioncontext:"),
    ("s3:requestobjecttagkeys", "s3:requestobjecttag/"),
];

/// True for `"Null": {key: "false"}`.
fn demands_presence(test: &ConditionTest) -> bool {
    let values = || {
        let operands = test.operands.iter();
        operands.map(|operand| parse_presence(&operand.template.source))
    };
    test.operator.base == BaseOperator::Null
        && test.operator.set.is_none()
        && values().any(|value| value == Some(false))
        && !values().any(|value| value == Some(true))
}

/// The outcome of a test where its key is missing. Rule: IAM-COND-8, IAM-COND-24.
#[must_use]
pub fn holds_when_missing(test: &ConditionTest) -> bool {
    let operator = test.operator;
    let mut values = test.operands.iter();
    match operator.set {
        Some(SetQualifier::ForAllValues) => true,
        Some(SetQualifier::ForAnyValue) => false,
        None if operator.base == BaseOperator::Null => {
            values.any(|value| parse_presence(&value.template.source) == Some(true))
        }
        None => operator.if_exists || operator.base.is_negated(),
    }
}

/// What is doubtful about a block whatever the request, in the order of the text. Few blocks are ever asked for it, so it is
/// no part of a compiled one.
#[must_use]
pub fn doubts(tests: &[ConditionTest], keys: &dyn KeyTypes) -> Vec<ConditionWarning> {
    let mut warnings = Vec::new();
    for (index, test) in tests.iter().enumerate() {
        let key = KeyName::new(&test.key);
        let mut checker = Checker {
            index,
            test,
            arity: keys.arity(&key),
            kind: keys.kind(&key),
            key,
            keys,
            warnings: &mut warnings,
        };
        checker.check_test(tests);
        for (place, operand) in test.operands.iter().enumerate() {
            checker.check_operand(place, operand);
        }
    }
    warnings
}

struct Checker<'a> {
    index: usize,
    test: &'a ConditionTest,
    key: KeyName,
    arity: Arity,
    kind: Option<KeyKind>,
    keys: &'a dyn KeyTypes,
    warnings: &'a mut Vec<ConditionWarning>,
}

impl Checker<'_> {
    fn warn(&mut self, operand: Option<usize>, kind: WarningKind, message: String) {
        self.warnings.push(ConditionWarning {
            test: self.index,
            operand,
            kind,
            message,
        });
    }

    fn base(&self) -> BaseOperator {
        self.test.operator.base
    }

    fn family(&self) -> OperatorFamily {
        self.base().family()
    }

    /// What concerns the test as a whole.
    fn check_test(&mut self, tests: &[ConditionTest]) {
        let (key, operator) = (&self.test.key, &self.test.operator_text);
        let is_null = self.family() == OperatorFamily::Null;
        if self.arity == Arity::Uncatalogued {
            let message = format!("`{key}` is not a known condition key; taken as single-valued");
            self.warn(None, WarningKind::UnknownKey, message);
        }
        match (self.test.operator.set, self.arity) {
            _ if is_null => {}
            (None, Arity::Multi) => {
                let message =
                    format!("`{operator}` never matches `{key}`, which has several values");
                self.warn(None, WarningKind::BareOperatorOnMultivaluedKey, message);
            }
            (Some(set), Arity::Single) => {
                let message = format!(
                    "`{}` is meant for keys with several values; `{key}` has one",
                    set.name()
                );
                self.warn(None, WarningKind::SetOperatorOnSingleValuedKey, message);
            }
            _ => {}
        }
        if self.test.operator.set == Some(SetQualifier::ForAllValues)
            && !is_null
            && !tests.iter().any(|other| self.demands_key(other))
        {
            let message = format!(
                "`{operator}` is true where `{key}` is missing, and nothing demands the key"
            );
            self.warn(None, WarningKind::ForAllValuesWithoutNullTest, message);
        }
        if self.test.operands.is_empty() {
            let message = format!("`{operator}` on `{key}` lists no value to compare with");
            self.warn(None, WarningKind::EmptyOperands, message);
        }
        self.check_kind();
        self.check_both_values();
    }

    /// Whether another test of the block fails where the key is missing: it asks for the key itself, or for one whose name
    /// would be among its values. Rule: IAM-COND-11, KMS-COND-4.
    fn demands_key(&self, other: &ConditionTest) -> bool {
        let key = KeyName::new(&other.key);
        if key == self.key {
            let asks_for_any = other.operator.set == Some(SetQualifier::ForAnyValue)
                && other.operator.base != BaseOperator::Null;
            return asks_for_any || demands_presence(other);
        }
        let names_it = |(names, start): &(&str, &str)| {
            *names == self.key.as_str() && key.as_str().starts_with(start)
        };
        NAMES_OF_KEYS.iter().any(names_it) && !holds_when_missing(other)
    }

    fn check_kind(&mut self) {
        let Some(kind) = self.kind else { return };
        let fits = match self.family() {
            OperatorFamily::String => matches!(kind, KeyKind::Text | KeyKind::Arn),
            OperatorFamily::Arn => {
                kind == KeyKind::Arn || (kind == KeyKind::Text && is_filled_by_users(&self.key))
            }
            OperatorFamily::Numeric => matches!(kind, KeyKind::Number | KeyKind::Epoch),
            OperatorFamily::Date => matches!(kind, KeyKind::Date | KeyKind::Epoch),
            OperatorFamily::Bool => kind == KeyKind::Boolean,
            OperatorFamily::Ip => kind == KeyKind::Ip,
            OperatorFamily::Binary => kind == KeyKind::Binary,
            OperatorFamily::Null => true,
        };
        if !fits {
            let holds = match kind {
                KeyKind::Text => "text",
                KeyKind::Arn => "an ARN",
                KeyKind::Boolean => "`true` or `false`",
                KeyKind::Number => "a number",
                KeyKind::Date => "a date",
                KeyKind::Epoch => "a date in seconds",
                KeyKind::Ip => "an IP address",
                KeyKind::Binary => "binary data",
            };
            let message = format!(
                "`{}` is not made for `{}`, which holds {holds}",
                self.test.operator_text, self.test.key
            );
            self.warn(None, WarningKind::TypeMismatch, message);
        }
    }

    fn check_both_values(&mut self) {
        let parse = self.truth();
        let lists = |wanted| {
            self.test
                .operands
                .iter()
                .any(|operand| operand.template.as_plain().and_then(parse) == Some(wanted))
        };
        if !(lists(true) && lists(false)) {
            return;
        }
        let (operator, key) = (&self.test.operator_text, &self.test.key);
        match self.family() {
            OperatorFamily::Bool => {
                let message = format!(
                    "`{operator}` lists both values, so it only asks whether `{key}` is there"
                );
                self.warn(None, WarningKind::BothTruthValues, message);
            }
            OperatorFamily::Null => {
                let message =
                    format!("`{operator}` on `{key}` lists both values, so it is always true");
                self.warn(None, WarningKind::BothNullValues, message);
            }
            _ => {}
        }
    }

    fn check_operand(&mut self, place: usize, operand: &Operand) {
        let template = &operand.template;
        let text = template.source.as_str();
        match self.family() {
            OperatorFamily::String => self.check_wildcards(place, template),
            OperatorFamily::Arn => {
                self.check_wildcards(place, template);
                if is_short_arn(template, self.keys) {
                    let message = format!("`{text}` has fewer than the six fields of an ARN");
                    self.warn(Some(place), WarningKind::ShortArnPattern, message);
                }
            }
            OperatorFamily::Numeric => self.check_number(place, text),
            OperatorFamily::Date => self.check_date(place, text),
            OperatorFamily::Ip => self.check_block(place, text),
            OperatorFamily::Binary if parse_binary(text).is_none() => {
                self.malformed(place, text, "padded base64");
            }
            OperatorFamily::Bool | OperatorFamily::Null => self.check_truth(place, template),
            OperatorFamily::Binary => {}
        }
        self.check_variables(place, template);
    }

    fn malformed(&mut self, place: usize, text: &str, wanted: &str) {
        let message = format!("`{text}` is not {wanted}, so it never matches");
        self.warn(Some(place), WarningKind::MalformedOperand, message);
    }

    fn check_number(&mut self, place: usize, text: &str) {
        match Number::parse(text) {
            None => self.malformed(place, text, "a number"),
            Some(number) if !number.is_plain => {
                let message = format!("`{text}` may not be read as a number by AWS");
                self.warn(Some(place), WarningKind::UnusualNumber, message);
            }
            Some(_) => {}
        }
    }

    fn check_date(&mut self, place: usize, text: &str) {
        let Some(date) = Date::parse(text) else {
            return self.malformed(place, text, "a date");
        };
        if date.lacks_zone {
            let message = format!("`{text}` has no time zone; taken as UTC");
            self.warn(Some(place), WarningKind::DateWithoutZone, message);
        }
        if let Some(doubt) = date.doubt() {
            let message = format!("`{text}` is taken as seconds since 1970, but {doubt}");
            self.warn(Some(place), WarningKind::AmbiguousDate, message);
        }
    }

    fn check_block(&mut self, place: usize, text: &str) {
        let Some(block) = Block::parse(text) else {
            return self.malformed(place, text, "an IP address or CIDR block");
        };
        if block.has_host_bits() {
            let message = format!("`{text}` has bits behind its prefix length; they are ignored");
            self.warn(Some(place), WarningKind::HostBits, message);
        }
        if block.is_private() && self.key.as_str() == "aws:sourceip" {
            let message = format!(
                "`{text}` is private, and `{}` only ever holds public addresses",
                self.test.key
            );
            self.warn(Some(place), WarningKind::PrivateRange, message);
        }
    }

    fn check_truth(&mut self, place: usize, template: &Template) {
        let has_variable = template.variables().next().is_some();
        if has_variable && self.base().takes_variables() {
            let message = format!("AWS may or may not replace the variable in `{template}`");
            self.warn(Some(place), WarningKind::VariableInBool, message);
        } else if template.as_plain().and_then(self.truth()).is_none() {
            self.malformed(place, &template.source, "`true` or `false`");
        }
    }

    /// How the operator reads truth values: `Null` as they stand, `Bool` ignoring case. Rule: IAM-COND-21, IAM-COND-24.
    fn truth(&self) -> fn(&str) -> Option<bool> {
        match self.family() {
            OperatorFamily::Null => parse_presence,
            _ => parse_boolean,
        }
    }

    fn check_wildcards(&mut self, place: usize, template: &Template) {
        let texts = || {
            template.pieces.iter().filter_map(|piece| match piece {
                Piece::Text(text) => Some(text.as_str()),
                Piece::Literal(_) | Piece::Variable { .. } => None,
            })
        };
        if !self.base().takes_wildcards() {
            if texts().any(|text| text.contains('*')) {
                let message = format!(
                    "the `*` in `{template}` is an ordinary character for `{}`",
                    self.test.operator_text
                );
                self.warn(Some(place), WarningKind::WildcardInStringEquals, message);
            }
            return;
        }
        let is_wildcard = |c: char| matches!(c, '*' | '?');
        if !ID_KEYS.contains(&self.key.as_str()) || !texts().any(|text| text.contains(is_wildcard))
        {
            return;
        }
        let message = format!(
            "`{template}` has a wildcard, and `{}` holds an id",
            self.test.key
        );
        self.warn(Some(place), WarningKind::WildcardInIdKey, message);
        let literals: usize = texts()
            .map(|text| text.chars().filter(|c| !is_wildcard(*c)).count())
            .sum();
        if literals < LITERALS_MIN {
            let message = format!("`{template}` leaves most of the id to a wildcard");
            self.warn(Some(place), WarningKind::FewLiteralsAroundWildcard, message);
        }
    }

    fn check_variables(&mut self, place: usize, template: &Template) {
        if !self.base().takes_variables() {
            if template.source.contains("${") {
                let message = format!(
                    "`{template}` is text: `{}` takes no variables",
                    self.test.operator_text
                );
                self.warn(Some(place), WarningKind::VariableNotReplaced, message);
            }
            return;
        }
        for (kind, message) in doubtful_variables(template, self.keys) {
            self.warn(Some(place), kind, message);
        }
    }
}

/// What is doubtful about the variables of a text in which they are replaced, such as a resource; each with a message.
/// Rule: IAM-VAR-4.
#[must_use]
pub fn doubtful_variables(template: &Template, keys: &dyn KeyTypes) -> Vec<(WarningKind, String)> {
    let doubts = template.variables().filter_map(|variable| {
        let (kind, what) = match keys.arity(&KeyName::new(variable)) {
            Arity::Single | Arity::Varying => return None,
            Arity::Multi => (
                WarningKind::MultivaluedVariable,
                "never has a value, because its key takes several",
            ),
            Arity::Uncatalogued => (WarningKind::UnknownVariable, "is not a known condition key"),
        };
        Some((kind, format!("the variable `{variable}` {what}")))
    });
    doubts.collect()
}
