//! What the operators compare: one module for each family of values.
//!
//! Nothing here knows of missing keys, sets of values or negation: it answers whether one value matches one of the
//! operands. Operands are read once, when the condition is compiled; values when it is evaluated.

mod arn;
mod binary;
mod boolean;
pub(crate) mod date;
mod ip;
mod null;
mod numeric;
mod points;
mod string;

use std::cmp::Ordering;

use preclear_model::BaseOperator;
use preclear_model::policy::Operand;
use preclear_wildcard::Pattern;

use crate::variable::Wildcards;
use crate::{Ambiguities, Dependency, Evidence, KeyName, KeyTypes, Lookup, Outcome};

pub(crate) use arn::{is_arn, is_short as is_short_arn};
pub(crate) use binary::parse as parse_binary;
pub(crate) use boolean::parse as parse_boolean;
pub(crate) use date::{Date, Instant};
#[cfg(test)]
pub(crate) use ip::Containment;
pub(crate) use ip::{Block, MAPPED};
pub(crate) use null::parse as parse_presence;
pub(crate) use null::{Presence, is_only_empty_text};
pub(crate) use numeric::{Decimal, Number, Spelling};
pub(crate) use points::Points;
pub(crate) use string::Fold;

/// What is compared with the operands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'a> {
    /// A value of the context.
    Text(&'a str),
    /// A value that exists and is not known.
    SomeText,
    /// A value that the pattern matches and of which no more is known.
    SomeTextLike(Likeness<'a>),
}

/// The texts that a value may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Likeness<'a> {
    /// Has wildcards and no slots.
    pub(crate) pattern: &'a Pattern,
    /// The key that would tell which.
    pub(crate) key: &'a KeyName,
}

impl Likeness<'_> {
    fn dependency(self) -> Dependency {
        Dependency::Key(self.key.as_str().to_owned())
    }
}

/// Whether a subject matches one of the operands.
#[derive(Debug, Clone)]
pub(crate) struct Hit<E> {
    pub(crate) matched: Outcome<E>,
    /// True where the value or one of the operands is not of the operator's type. Rule: IAM-COND-14.
    pub(crate) is_malformed: bool,
}

impl<E: Evidence> Hit<E> {
    fn malformed_value() -> Self {
        Self {
            matched: Outcome::known(false),
            is_malformed: true,
        }
    }

    /// For a value that is not known: it may match if an operand is readable.
    fn of_some_text(is_readable: bool, is_malformed: bool) -> Self {
        let matched = if is_readable {
            Outcome::undecided()
        } else {
            Outcome::known(false)
        };
        Self {
            matched,
            is_malformed,
        }
    }
}

/// Which orders of value and operand satisfy an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, value_to_operand: Ordering) -> bool {
        match self {
            Self::Equal => value_to_operand.is_eq(),
            Self::Less => value_to_operand.is_lt(),
            Self::LessOrEqual => value_to_operand.is_le(),
            Self::Greater => value_to_operand.is_gt(),
            Self::GreaterOrEqual => value_to_operand.is_ge(),
        }
    }
}

/// The operands of a test, read for its operator.
#[derive(Debug, Clone)]
pub(crate) enum Operands {
    Text(string::Texts),
    Number(numeric::Numbers),
    Date(date::Dates),
    Boolean(boolean::Booleans),
    Binary(binary::Binaries),
    Ip(ip::Blocks),
    Arn(arn::Arns),
    Presence(Presence),
}

impl Operands {
    /// Reads the operands. Negation is not in them: a negated operator reads them like its positive twin. `StringEquals`
    /// and `StringLike` differ by their wildcards alone. Rule: IAM-COND-16, IAM-COND-18.
    pub(crate) fn compile(base: BaseOperator, operands: &[Operand], keys: &dyn KeyTypes) -> Self {
        use BaseOperator as Base;
        let templates = operands.iter().map(|operand| &operand.template);
        // Where variables do not work, what looks like one is text. Rule: IAM-VAR-3.
        let texts = templates.clone().map(|template| template.source.as_str());
        let numbers = |comparison| Self::Number(numeric::Numbers::new(comparison, texts.clone()));
        let dates = |comparison| Self::Date(date::Dates::new(comparison, texts.clone()));
        let exact =
            |wildcards| Self::Text(string::Texts::exact(templates.clone(), wildcards, keys));
        match base.positive() {
            Base::StringEquals | Base::StringNotEquals => exact(Wildcards::Plain),
            Base::StringLike | Base::StringNotLike => exact(Wildcards::Active),
            Base::StringEqualsIgnoreCase | Base::StringNotEqualsIgnoreCase => {
                Self::Text(string::Texts::folded(templates, keys))
            }
            Base::NumericEquals | Base::NumericNotEquals => numbers(Comparison::Equal),
            Base::NumericLessThan => numbers(Comparison::Less),
            Base::NumericLessThanEquals => numbers(Comparison::LessOrEqual),
            Base::NumericGreaterThan => numbers(Comparison::Greater),
            Base::NumericGreaterThanEquals => numbers(Comparison::GreaterOrEqual),
            Base::DateEquals | Base::DateNotEquals => dates(Comparison::Equal),
            Base::DateLessThan => dates(Comparison::Less),
            Base::DateLessThanEquals => dates(Comparison::LessOrEqual),
            Base::DateGreaterThan => dates(Comparison::Greater),
            Base::DateGreaterThanEquals => dates(Comparison::GreaterOrEqual),
            Base::Bool => Self::Boolean(boolean::Booleans::new(templates, keys)),
            Base::BinaryEquals => Self::Binary(binary::Binaries::new(texts)),
            Base::IpAddress | Base::NotIpAddress => Self::Ip(ip::Blocks::new(texts)),
            Base::ArnEquals | Base::ArnLike | Base::ArnNotEquals | Base::ArnNotLike => {
                Self::Arn(arn::Arns::new(templates, keys))
            }
            Base::Null => Self::Presence(Presence::new(texts)),
        }
    }

    /// Whether the subject matches an operand, numbers in the given spelling. `Null` compares no values.
    pub(crate) fn matches<E: Evidence>(
        &self,
        subject: Subject<'_>,
        spelling: Spelling,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Hit<E> {
        match self {
            Self::Text(texts) => texts.matches(subject, keys, ambiguities),
            Self::Number(numbers) => numbers.matches(subject, spelling),
            Self::Date(dates) => dates.matches(subject, ambiguities),
            Self::Boolean(booleans) => booleans.matches(subject, keys, ambiguities),
            Self::Binary(binaries) => binaries.matches(subject),
            Self::Ip(blocks) => blocks.matches(subject, ambiguities),
            Self::Arn(arns) => arns.matches(subject, keys, ambiguities),
            Self::Presence(_) => Hit {
                matched: Outcome::known(false),
                is_malformed: false,
            },
        }
    }

    /// True where it matters which spellings are numbers. Rule: AMB-20.
    pub(crate) fn depends_on_spelling(&self, subject: Subject<'_>) -> bool {
        matches!(self, Self::Number(numbers) if numbers.has_other_spelling(subject))
    }

    /// True where a value that is not known may turn out to be malformed.
    pub(crate) fn may_refuse(&self, subject: Subject<'_>) -> bool {
        match (self, subject) {
            (_, Subject::Text(_)) | (Self::Text(_) | Self::Presence(_), _) => false,
            (Self::Arn(_), Subject::SomeTextLike(like)) => arn::are_arns(like.pattern).is_none(),
            (_, Subject::SomeText | Subject::SomeTextLike(_)) => true,
        }
    }

    /// True where it is open of every ARN whether an operand matches it. Rule: AMB-12.
    pub(crate) fn dispute_every_arn(&self, keys: &impl Lookup, ambiguities: Ambiguities) -> bool {
        matches!(self, Self::Arn(arns) if arns.dispute_every_arn(keys, ambiguities))
    }

    /// True where it matters which texts a value may be, not only that there is one.
    pub(crate) fn compare_patterns(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Arn(_))
    }

    /// Keys of the variables in the operands.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &KeyName> {
        let (texts, booleans, arns) = match self {
            Self::Text(texts) => (Some(texts), None, None),
            Self::Boolean(booleans) => (None, Some(booleans), None),
            Self::Arn(arns) => (None, None, Some(arns)),
            _ => (None, None, None),
        };
        texts
            .into_iter()
            .flat_map(string::Texts::variables)
            .chain(booleans.into_iter().flat_map(boolean::Booleans::variables))
            .chain(arns.into_iter().flat_map(arn::Arns::variables))
    }
}

/// Disjunction over the operands that stops at the first match.
fn any_of<T, E: Evidence>(
    operands: impl IntoIterator<Item = T>,
    mut matches: impl FnMut(T) -> Outcome<E>,
) -> Outcome<E> {
    let mut any = Outcome::known(false);
    for operand in operands {
        any = any.or(matches(operand));
        if any.value.is_true() {
            break;
        }
    }
    any
}
