//! One operand against one value, operator by operator.
//!
//! Knows the positive operators alone. What a list, a negation, a set operator or a missing key makes of it is in
//! [`super::condition`].

use std::cmp::Ordering;

use preclear_model::{BaseOperator, OperatorFamily, Template};

use super::super::value::{Context, Open, Reading, Tri};
use super::address::{Block, address};
use super::arn;
use super::bytes::decode;
use super::instant::Instant;
use super::number::Number;
use super::pattern::{Takes, Token, compare, is_all_stars, literal, pattern, shares};
use super::variable::{Filled, fill};

/// What is known of the one text that is tested.
#[derive(Debug, Clone, Copy)]
pub(super) enum Text<'t> {
    /// This.
    Known(&'t str),
    /// One that the pattern matches. Rule: IAM-WILD-13.
    Like(&'t str),
    /// Nothing.
    Any,
}

impl Text<'_> {
    fn pattern(self) -> Vec<Token> {
        match self {
            Text::Known(text) => literal(text),
            Text::Like(text) => pattern(text),
            Text::Any => pattern("*"),
        }
    }

    /// The text, also where a pattern leaves no choice.
    pub(super) fn known(&self) -> Option<&str> {
        match self {
            Text::Known(text) => Some(text),
            Text::Like(text) if !text.contains(['*', '?']) => Some(text),
            Text::Like(_) | Text::Any => None,
        }
    }
}

/// Whether the operand matches the value under a positive operator. Rule: IAM-COND-16…25, IAM-TRI-3, IAM-TRI-5.
pub(super) fn matches(
    base: BaseOperator,
    operand: &Template,
    value: Text<'_>,
    context: &dyn Context,
    reading: &Reading,
) -> Tri {
    match base.family() {
        OperatorFamily::String => string(
            base,
            &fill(operand, base.takes_wildcards(), context, reading),
            value,
        ),
        OperatorFamily::Arn => arn(&fill(operand, true, context, reading), value, reading),
        OperatorFamily::Bool => boolean(operand, value, context, reading),
        OperatorFamily::Numeric => {
            let parse = |text: &str| Number::parse(text, reading);
            parsed(operand, value, parse, parse, |own, value| {
                holds(base, value.cmp(own))
            })
        }
        OperatorFamily::Date => {
            let parse = |text: &str| Instant::parse(text, reading);
            parsed(operand, value, parse, parse, |own, value| {
                holds(base, value.cmp(own))
            })
        }
        OperatorFamily::Ip => parsed(operand, value, Block::parse, address, |own, value| {
            own.contains(*value, reading)
        }),
        OperatorFamily::Binary => parsed(operand, value, decode, decode, |own, value| own == value),
        // A matter of presence alone: see `condition`.
        OperatorFamily::Null => Tri::False,
    }
}

/// True for a text that does not parse for its operator. Any text will do for String, and for Arn, where a pattern of fewer
/// than six fields is a question of its own (AMB-12). Rule: IAM-COND-14.
pub(super) fn is_bad_operand(base: BaseOperator, operand: &Template, reading: &Reading) -> bool {
    match base.family() {
        OperatorFamily::Arn => false,
        OperatorFamily::Ip => Block::parse(&operand.source).is_none(),
        _ => is_bad_text(base, &operand.source, reading),
    }
}

/// The same of a value of the request. Rule: IAM-COND-14.
pub(super) fn is_bad_value(base: BaseOperator, value: Text<'_>, reading: &Reading) -> Tri {
    match (base.family(), value.known()) {
        (OperatorFamily::Arn, _) => is_arn(value).not(),
        (_, Some(text)) => is_bad_text(base, text, reading).into(),
        // Where this would matter, nobody knows whether the value matches either.
        (_, None) => Tri::False,
    }
}

fn is_bad_text(base: BaseOperator, text: &str, reading: &Reading) -> bool {
    match base.family() {
        OperatorFamily::Numeric => Number::parse(text, reading).is_none(),
        OperatorFamily::Date => Instant::parse(text, reading).is_none(),
        OperatorFamily::Ip => address(text).is_none(),
        OperatorFamily::String
        | OperatorFamily::Arn
        | OperatorFamily::Bool
        | OperatorFamily::Binary
        | OperatorFamily::Null => false,
    }
}

/// Whether a value so ordered to the operand is what a Numeric or Date operator asks for. Rule: IAM-COND-19, IAM-COND-20.
fn holds(base: BaseOperator, value_to_operand: Ordering) -> bool {
    match base {
        BaseOperator::NumericLessThan | BaseOperator::DateLessThan => value_to_operand.is_lt(),
        BaseOperator::NumericLessThanEquals | BaseOperator::DateLessThanEquals => {
            value_to_operand.is_le()
        }
        BaseOperator::NumericGreaterThan | BaseOperator::DateGreaterThan => {
            value_to_operand.is_gt()
        }
        BaseOperator::NumericGreaterThanEquals | BaseOperator::DateGreaterThanEquals => {
            value_to_operand.is_ge()
        }
        _ => value_to_operand.is_eq(),
    }
}

/// Operators that read both sides as something else than text, and know no variables. A bad operand matches nothing, not
/// even a value that is not known; a bad value is matched by nothing. Rule: IAM-COND-14, IAM-TRI-3 (dead).
fn parsed<O, V>(
    operand: &Template,
    value: Text<'_>,
    parse_operand: impl Fn(&str) -> Option<O>,
    parse_value: impl Fn(&str) -> Option<V>,
    matches: impl Fn(&O, &V) -> bool,
) -> Tri {
    let Some(operand) = parse_operand(&operand.source) else {
        return Tri::False;
    };
    match value.known() {
        Some(value) => parse_value(value)
            .is_some_and(|value| matches(&operand, &value))
            .into(),
        None => Tri::Unknown,
    }
}

/// Rule: IAM-COND-16, IAM-COND-17, IAM-COND-18.
fn string(base: BaseOperator, operand: &Filled, value: Text<'_>) -> Tri {
    let ignores_case = base == BaseOperator::StringEqualsIgnoreCase;
    let fold = |tokens: &[Token]| -> Vec<Token> {
        let folded = tokens.iter().map(|token| {
            if ignores_case {
                token.map(folded)
            } else {
                *token
            }
        });
        folded.collect()
    };
    match value {
        // Any text: what surely matches every string is a pattern of stars. Rule: IAM-TRI-3 (univ).
        Text::Any => operand.certain(Tri::from(is_all_stars(&operand.tokens)).or(Tri::Unknown)),
        value => operand.certain(compare(&fold(&operand.tokens), &fold(&value.pattern()))),
    }
}

/// Simple Unicode case folding. Rule: IAM-COND-17.
fn folded(character: char) -> char {
    unicode_case_mapping::case_folded(character)
        .and_then(|folded| char::from_u32(folded.get()))
        .unwrap_or(character)
}

/// Field by field; a pattern of fewer than six fields matches nothing, or perhaps any ARN. A value that is no ARN is
/// matched by nothing. The pattern is split before its variables are replaced: what is put in is data, and ends no field.
/// Rule: IAM-COND-25, IAM-VAR-5, AMB-12.
fn arn(operand: &Filled, value: Text<'_>, reading: &Reading) -> Tri {
    let value_is_arn = is_arn(value);
    let Some(last_colon) = operand.own_colons.get(arn::COLONS - 1) else {
        // Asked only where the other reading has something to match.
        let matches_any = value_is_arn != Tri::False
            && operand.is_missing != Tri::True
            && !reading.guesses(Open::ShortArnPattern);
        // Of the text of a variable nothing matters but that it is there.
        let has_value = operand.is_missing.not();
        return value_is_arn.and(matches_any.into()).and(has_value);
    };
    let head = operand.tokens.iter().enumerate().take(*last_colon);
    let is_colon = |token: &Token| *token == Token::Char(':');
    let mut colons = head.filter(|(_, token)| is_colon(token));
    let has_inserted_colon = colons.any(|(place, _)| !operand.own_colons.contains(&place));
    let matched = match value {
        // No field of an ARN but the last has a colon.
        _ if has_inserted_colon => Tri::False,
        Text::Any => Tri::Unknown,
        value => {
            let tokens = operand.tokens.iter().enumerate();
            let tokens = tokens.map(|(place, token)| within_field(*token, place < *last_colon));
            let tokens: Vec<Token> = tokens.collect();
            compare(&arn::by_fields(&tokens), &value.pattern())
        }
    };
    operand.certain(matched.and(value_is_arn))
}

/// Text that is not known, put into a field in front of field six.
fn within_field(token: Token, is_in_front: bool) -> Token {
    match token {
        Token::One(Takes::Inserted) if is_in_front => Token::One(Takes::NoColon),
        Token::Many(Takes::Inserted) if is_in_front => Token::Many(Takes::NoColon),
        token => token,
    }
}

/// Whether the value has six fields, the first of them `arn`.
fn is_arn(value: Text<'_>) -> Tri {
    let value = value.pattern();
    let arn = arn::by_fields(&pattern("arn:*:*:*:*:*"));
    compare(&arn, &value)
}

/// Both sides `true` or `false`, in any case. Variables are replaced, or are text that is no truth. Rule: IAM-COND-21,
/// AMB-8.
fn boolean(operand: &Template, value: Text<'_>, context: &dyn Context, reading: &Reading) -> Tri {
    let filled = fill(operand, false, context, reading);
    let lower = |tokens: &[Token]| -> Vec<Token> {
        tokens
            .iter()
            .map(|token| token.map(|character| character.to_ascii_lowercase()))
            .collect()
    };
    let (own, value) = (lower(&filled.tokens), lower(&value.pattern()));
    // The texts on which both agree.
    let common = ["true", "false"].map(literal);
    let mut common = common
        .iter()
        .filter(|truth| shares(&own, truth) && shares(&value, truth));
    let matched = match common.next() {
        None => Tri::False,
        Some(truth) => compare(truth, &value),
    };
    let matched = filled.certain(matched);
    if matched == Tri::False || operand.is_plain_text() || reading.guesses(Open::VariableInBool) {
        matched
    } else {
        Tri::False
    }
}

#[cfg(test)]
mod tests;
