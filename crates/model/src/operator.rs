//! Names of condition operators. What they compare is not known here.

use std::fmt;

/// Whether and how a test ranges over the values of a multivalued key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetQualifier {
    /// `ForAllValues:`
    ForAllValues,
    /// `ForAnyValue:`
    ForAnyValue,
}

impl SetQualifier {
    /// The name without its colon.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            SetQualifier::ForAllValues => "ForAllValues",
            SetQualifier::ForAnyValue => "ForAnyValue",
        }
    }
}

/// The 27 base names. Rule: IAM-GRAM-17.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the operators' own names")]
pub enum BaseOperator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    Null,
}

/// What the operands of an operator are read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperatorFamily {
    /// Text.
    String,
    /// Decimal numbers.
    Numeric,
    /// Points in time.
    Date,
    /// `true` or `false`.
    Bool,
    /// Base64.
    Binary,
    /// Addresses and CIDR blocks.
    Ip,
    /// ARNs and patterns of them.
    Arn,
    /// `true` (absent) or `false` (present).
    Null,
}

/// A base name, its AWS spelling, its family, and the base name it negates (itself for a positive one).
type Row = (BaseOperator, &'static str, OperatorFamily, BaseOperator);

/// All base names in the order of the enumeration.
const ROWS: [Row; 27] = {
    use BaseOperator as B;
    use OperatorFamily as F;
    [
        (B::StringEquals, "StringEquals", F::String, B::StringEquals),
        (
            B::StringNotEquals,
            "StringNotEquals",
            F::String,
            B::StringEquals,
        ),
        (
            B::StringEqualsIgnoreCase,
            "StringEqualsIgnoreCase",
            F::String,
            B::StringEqualsIgnoreCase,
        ),
        (
            B::StringNotEqualsIgnoreCase,
            "StringNotEqualsIgnoreCase",
            F::String,
            B::StringEqualsIgnoreCase,
        ),
        (B::StringLike, "StringLike", F::String, B::StringLike),
        (B::StringNotLike, "StringNotLike", F::String, B::StringLike),
        (
            B::NumericEquals,
            "NumericEquals",
            F::Numeric,
            B::NumericEquals,
        ),
        (
            B::NumericNotEquals,
            "NumericNotEquals",
            F::Numeric,
            B::NumericEquals,
        ),
        (
            B::NumericLessThan,
            "NumericLessThan",
            F::Numeric,
            B::NumericLessThan,
        ),
        (
            B::NumericLessThanEquals,
            "NumericLessThanEquals",
            F::Numeric,
            B::NumericLessThanEquals,
        ),
        (
            B::NumericGreaterThan,
            "NumericGreaterThan",
            F::Numeric,
            B::NumericGreaterThan,
        ),
        (
            B::NumericGreaterThanEquals,
            "NumericGreaterThanEquals",
            F::Numeric,
            B::NumericGreaterThanEquals,
        ),
        (B::DateEquals, "DateEquals", F::Date, B::DateEquals),
        (B::DateNotEquals, "DateNotEquals", F::Date, B::DateEquals),
        (B::DateLessThan, "DateLessThan", F::Date, B::DateLessThan),
        (
            B::DateLessThanEquals,
            "DateLessThanEquals",
            F::Date,
            B::DateLessThanEquals,
        ),
        (
            B::DateGreaterThan,
            "DateGreaterThan",
            F::Date,
            B::DateGreaterThan,
        ),
        (
            B::DateGreaterThanEquals,
            "DateGreaterThanEquals",
            F::Date,
            B::DateGreaterThanEquals,
        ),
        (B::Bool, "Bool", F::Bool, B::Bool),
        (B::BinaryEquals, "BinaryEquals", F::Binary, B::BinaryEquals),
        (B::IpAddress, "IpAddress", F::Ip, B::IpAddress),
        (B::NotIpAddress, "NotIpAddress", F::Ip, B::IpAddress),
        (B::ArnEquals, "ArnEquals", F::Arn, B::ArnEquals),
        (B::ArnLike, "ArnLike", F::Arn, B::ArnLike),
        (B::ArnNotEquals, "ArnNotEquals", F::Arn, B::ArnEquals),
        (B::ArnNotLike, "ArnNotLike", F::Arn, B::ArnLike),
        (B::Null, "Null", F::Null, B::Null),
    ]
};

impl BaseOperator {
    /// All base names.
    pub fn all() -> impl Iterator<Item = BaseOperator> {
        ROWS.into_iter().map(|row| row.0)
    }

    /// The name as AWS spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What its operands are read as.
    #[must_use]
    pub fn family(self) -> OperatorFamily {
        self.row().2
    }

    /// True for the `Not` operators: their operands are joined by NOR. Rule: IAM-COND-1.
    #[must_use]
    pub fn is_negated(self) -> bool {
        self.positive() != self
    }

    /// The operator that a negated one negates; a positive operator is its own.
    #[must_use]
    pub fn positive(self) -> BaseOperator {
        self.row().3
    }

    /// True where `*` and `?` in operands are wildcards. Rule: IAM-WILD-2.
    #[must_use]
    pub fn takes_wildcards(self) -> bool {
        self.family() == OperatorFamily::Arn
            || matches!(self, BaseOperator::StringLike | BaseOperator::StringNotLike)
    }

    /// True where `${…}` in operands is a variable. `Bool` counts: AMB-8. Rule: IAM-VAR-3, DOC-1.
    #[must_use]
    pub fn takes_variables(self) -> bool {
        matches!(
            self.family(),
            OperatorFamily::String | OperatorFamily::Arn | OperatorFamily::Bool
        )
    }

    /// The base name's row of the table, which is in the order of the enumeration (a test holds it to that).
    fn row(self) -> Row {
        ROWS.get(self as usize).copied().unwrap_or(ROWS[0])
    }
}

impl fmt::Display for BaseOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `[ForAllValues:|ForAnyValue:]Base[IfExists]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operator {
    /// The qualifier, if any.
    pub set: Option<SetQualifier>,
    /// The base name.
    pub base: BaseOperator,
    /// True with the suffix `IfExists`.
    pub if_exists: bool,
    /// True where the name was written in another case than AWS's (AMB-4).
    pub case_variant: bool,
}

/// Why a text is no operator. Rule: IAM-GRAM-17.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperatorError {
    /// No such base name or qualifier; with the nearest operator, if one is near.
    Unknown {
        /// The text.
        text: String,
        /// A complete operator that the author may have meant.
        nearest: Option<String>,
    },
    /// `Null` takes no `IfExists`.
    NullIfExists,
}

impl Operator {
    /// The bare operator of a base name.
    #[must_use]
    pub fn bare(base: BaseOperator) -> Operator {
        Operator {
            set: None,
            base,
            if_exists: false,
            case_variant: false,
        }
    }

    /// Reads an operator name; another case than AWS's is accepted and flagged. Rule: IAM-GRAM-17, AMB-4.
    ///
    /// # Errors
    /// An unknown name, or `NullIfExists`.
    ///
    /// ```
    /// use preclear_model::{BaseOperator, Operator, SetQualifier};
    /// let operator = Operator::parse("ForAnyValue:StringLikeIfExists").unwrap();
    /// assert_eq!(operator.set, Some(SetQualifier::ForAnyValue));
    /// assert_eq!((operator.base, operator.if_exists), (BaseOperator::StringLike, true));
    /// assert_eq!(operator.to_string(), "ForAnyValue:StringLikeIfExists");
    /// assert!(Operator::parse("stringequals").unwrap().case_variant);
    /// ```
    pub fn parse(text: &str) -> Result<Operator, OperatorError> {
        // Nearly every operator is a bare name in AWS's spelling.
        if let Some((base, ..)) = ROWS.iter().find(|row| row.1 == text) {
            return Ok(Operator::bare(*base));
        }
        let (set, rest) = split_qualifier(text);
        let (name, if_exists) = match strip_suffix_ignoring_case(rest, "IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let Some((base, ..)) = ROWS.iter().find(|row| row.1.eq_ignore_ascii_case(name)) else {
            return Err(OperatorError::Unknown {
                text: text.to_owned(),
                nearest: nearest(set, name, if_exists),
            });
        };
        if *base == BaseOperator::Null && if_exists {
            return Err(OperatorError::NullIfExists);
        }
        let operator = Operator {
            set,
            base: *base,
            if_exists,
            case_variant: false,
        };
        Ok(Operator {
            case_variant: !operator.is_spelled(text),
            ..operator
        })
    }

    /// True for exactly AWS's spelling of this operator.
    fn is_spelled(self, text: &str) -> bool {
        let rest = match self.set {
            Some(set) => text
                .strip_prefix(set.name())
                .and_then(|rest| rest.strip_prefix(':')),
            None => Some(text),
        };
        let suffix = if self.if_exists { "IfExists" } else { "" };
        rest.and_then(|rest| rest.strip_prefix(self.base.name())) == Some(suffix)
    }
}

/// Splits the qualifier off; a text without one stays whole.
fn split_qualifier(text: &str) -> (Option<SetQualifier>, &str) {
    if let Some((head, rest)) = text.split_once(':') {
        for set in [SetQualifier::ForAllValues, SetQualifier::ForAnyValue] {
            if head.eq_ignore_ascii_case(set.name()) {
                return (Some(set), rest);
            }
        }
    }
    (None, text)
}

fn strip_suffix_ignoring_case<'t>(text: &'t str, suffix: &str) -> Option<&'t str> {
    let cut = text.len().checked_sub(suffix.len())?;
    let (head, tail) = (text.get(..cut)?, text.get(cut..)?);
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}

/// The nearest operator, with the qualifier and suffix that were understood.
fn nearest(set: Option<SetQualifier>, name: &str, if_exists: bool) -> Option<String> {
    let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
    let base = crate::near::nearest(name, ROWS.iter().map(|row| row.1))?;
    let (base, ..) = ROWS.iter().find(|row| row.1 == base)?;
    let if_exists = if_exists && *base != BaseOperator::Null;
    Some(
        Operator {
            set,
            base: *base,
            if_exists,
            case_variant: false,
        }
        .to_string(),
    )
}

impl fmt::Display for Operator {
    /// Writes the operator as AWS spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(set) = self.set {
            write!(f, "{}:", set.name())?;
        }
        f.write_str(self.base.name())?;
        if self.if_exists {
            f.write_str("IfExists")
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for OperatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OperatorError::Unknown { text, .. } => {
                write!(f, "`{text}` is not a condition operator")
            }
            OperatorError::NullIfExists => f.write_str("`Null` does not take `IfExists`"),
        }
    }
}

impl std::error::Error for OperatorError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enumeration() {
        for (index, (base, name, ..)) in ROWS.into_iter().enumerate() {
            assert_eq!(base as usize, index, "{name}");
            assert_eq!(format!("{base:?}"), name);
        }
        assert_eq!(BaseOperator::all().count(), 27);
    }

    #[test]
    fn every_form_is_read_and_written_back() {
        for base in BaseOperator::all() {
            for set in [
                None,
                Some(SetQualifier::ForAllValues),
                Some(SetQualifier::ForAnyValue),
            ] {
                for if_exists in [false, true] {
                    let operator = Operator {
                        set,
                        base,
                        if_exists,
                        case_variant: false,
                    };
                    let read = Operator::parse(&operator.to_string());
                    if base == BaseOperator::Null && if_exists {
                        assert_eq!(read, Err(OperatorError::NullIfExists));
                    } else {
                        assert_eq!(read, Ok(operator));
                    }
                }
            }
        }
    }

    #[test]
    fn exactly_the_not_operators_are_negated() {
        for base in BaseOperator::all() {
            assert_eq!(base.is_negated(), base.name().contains("Not"), "{base}");
            assert_eq!(base.positive().name(), base.name().replace("Not", ""));
            assert_eq!(base.positive().family(), base.family());
        }
    }

    #[test]
    fn other_cases_are_flagged() {
        for text in [
            "stringequals",
            "FORANYVALUE:StringLike",
            "StringEqualsifexists",
        ] {
            assert!(Operator::parse(text).unwrap().case_variant, "{text}");
        }
        assert!(!Operator::parse("StringEquals").unwrap().case_variant);
    }

    #[test]
    fn unknown_names_come_with_a_near_one() {
        let near = |text| match Operator::parse(text) {
            Err(OperatorError::Unknown { nearest, .. }) => nearest,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(near("StringEqual").as_deref(), Some("StringEquals"));
        assert_eq!(
            near("ForAllValue:StringLike").as_deref(),
            Some("StringLike")
        );
        assert_eq!(
            near("ForAllValues:StringLikes").as_deref(),
            Some("ForAllValues:StringLike")
        );
        assert_eq!(near("Xyzzy"), None);
        for text in [
            "",
            "IfExists",
            "ForAnyValue:",
            " StringEquals",
            "StringEquals ",
            "ForAnyValue:ForAllValues:Bool",
        ] {
            assert!(Operator::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn wildcards_and_variables_work_where_the_rules_say() {
        let wild: Vec<_> = BaseOperator::all()
            .filter(|base| base.takes_wildcards())
            .map(BaseOperator::name)
            .collect();
        assert_eq!(
            wild,
            [
                "StringLike",
                "StringNotLike",
                "ArnEquals",
                "ArnLike",
                "ArnNotEquals",
                "ArnNotLike"
            ]
        );
        assert!(BaseOperator::Bool.takes_variables());
        assert!(BaseOperator::StringEqualsIgnoreCase.takes_variables());
        for base in [
            BaseOperator::Null,
            BaseOperator::DateEquals,
            BaseOperator::IpAddress,
            BaseOperator::BinaryEquals,
        ] {
            assert!(!base.takes_variables(), "{base}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = Operator::parse(&text);
        }
    }
}
