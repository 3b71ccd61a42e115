//! What is doubtful about a condition block, whatever the request.

use preclear_model::codes::{self as parser, Code};

use crate::codes;

/// A doubt about one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionWarning {
    /// Place of the test in the block.
    pub test: usize,
    /// Place of the operand in the test; `None` where the test as a whole is meant.
    pub operand: Option<usize>,
    /// What is doubtful.
    pub kind: WarningKind,
    /// One sentence, lower-case, user input in backticks.
    pub message: String,
}

/// What is doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WarningKind {
    /// The key is not in the catalogue; taken as single-valued.
    UnknownKey,
    /// An operator without set qualifier on a multivalued key never matches.
    BareOperatorOnMultivaluedKey,
    /// A set qualifier on a single-valued key.
    SetOperatorOnSingleValuedKey,
    /// `ForAllValues` without a `Null` test that demands the key. It matters where the statement allows; for a
    /// `Deny` it is of no interest.
    ForAllValuesWithoutNullTest,
    /// No operands.
    EmptyOperands,
    /// The operator is not made for the key's type.
    TypeMismatch,
    /// The operand cannot be read and never matches.
    MalformedOperand,
    /// A number in a spelling that AWS may or may not read.
    UnusualNumber,
    /// A time of day without zone, taken as UTC.
    DateWithoutZone,
    /// Digits that may be a year, seconds or milliseconds.
    AmbiguousDate,
    /// `Bool` with both values: true whenever the key is there.
    BothTruthValues,
    /// `Null` with both values: always true.
    BothNullValues,
    /// Bits behind the prefix length are ignored.
    HostBits,
    /// Private addresses never appear in the key.
    PrivateRange,
    /// A `*` that is an ordinary character.
    WildcardInStringEquals,
    /// A wildcard in the id of an account, organisation or VPC.
    WildcardInIdKey,
    /// Such a wildcard with fewer than six literal characters around it. It matters in VPC endpoint policies.
    FewLiteralsAroundWildcard,
    /// A pattern of ARNs with fewer than six fields.
    ShortArnPattern,
    /// A variable in `Bool`: AWS's documents disagree on whether it is replaced.
    VariableInBool,
    /// What looks like a variable is text under this operator.
    VariableNotReplaced,
    /// A variable whose key is multivalued never has a value.
    MultivaluedVariable,
    /// A variable whose key is not in the catalogue.
    UnknownVariable,
}

impl WarningKind {
    /// Every kind.
    pub const ALL: [Self; 22] = [
        Self::UnknownKey,
        Self::BareOperatorOnMultivaluedKey,
        Self::SetOperatorOnSingleValuedKey,
        Self::ForAllValuesWithoutNullTest,
        Self::EmptyOperands,
        Self::TypeMismatch,
        Self::MalformedOperand,
        Self::UnusualNumber,
        Self::DateWithoutZone,
        Self::AmbiguousDate,
        Self::BothTruthValues,
        Self::BothNullValues,
        Self::HostBits,
        Self::PrivateRange,
        Self::WildcardInStringEquals,
        Self::WildcardInIdKey,
        Self::FewLiteralsAroundWildcard,
        Self::ShortArnPattern,
        Self::VariableInBool,
        Self::VariableNotReplaced,
        Self::MultivaluedVariable,
        Self::UnknownVariable,
    ];

    /// What the code of this kind means.
    #[must_use]
    pub fn row(self) -> &'static Code {
        match self {
            Self::UnknownKey => &codes::UNKNOWN_CONDITION_KEY,
            Self::BareOperatorOnMultivaluedKey => &codes::MULTIVALUED_KEY_WITHOUT_SET_OPERATOR,
            Self::SetOperatorOnSingleValuedKey => &codes::SET_OPERATOR_ON_SINGLE_VALUED_KEY,
            Self::ForAllValuesWithoutNullTest => &codes::FOR_ALL_VALUES_WITHOUT_NULL_TEST,
            Self::EmptyOperands => &parser::EMPTY_CONDITION_VALUES,
            Self::TypeMismatch => &codes::CONDITION_TYPE_MISMATCH,
            Self::MalformedOperand => &codes::MALFORMED_CONDITION_VALUE,
            Self::UnusualNumber => &codes::UNUSUAL_NUMBER,
            Self::DateWithoutZone => &codes::DATE_WITHOUT_ZONE,
            Self::AmbiguousDate => &codes::AMBIGUOUS_DATE,
            Self::BothTruthValues => &codes::BOOL_WITH_BOTH_VALUES,
            Self::BothNullValues => &codes::NULL_WITH_BOTH_VALUES,
            Self::HostBits => &codes::HOST_BITS_IN_CIDR,
            Self::PrivateRange => &codes::PRIVATE_RANGE_FOR_SOURCE_IP,
            Self::WildcardInStringEquals => &parser::WILDCARD_IN_STRING_EQUALS,
            Self::WildcardInIdKey => &codes::WILDCARD_IN_ID,
            Self::FewLiteralsAroundWildcard => &codes::BROAD_WILDCARD_IN_ID,
            Self::ShortArnPattern => &codes::SHORT_ARN_PATTERN,
            Self::VariableInBool => &codes::VARIABLE_IN_BOOL,
            Self::VariableNotReplaced => &parser::VARIABLE_NOT_REPLACED,
            Self::MultivaluedVariable => &codes::MULTIVALUED_VARIABLE,
            Self::UnknownVariable => &codes::UNKNOWN_VARIABLE,
        }
    }

    /// True if the parser of policies tells it as well, under the same code and at the same place.
    #[must_use]
    pub fn is_told_by_parser(self) -> bool {
        matches!(
            self,
            Self::EmptyOperands | Self::WildcardInStringEquals | Self::VariableNotReplaced
        )
    }

    /// Stable code in upper snake case.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().name
    }

    /// Id of the rule behind it.
    #[must_use]
    pub fn rule(self) -> &'static str {
        self.row().rule
    }

    /// What to do about it.
    #[must_use]
    pub fn help(self) -> &'static str {
        self.row().remedy
    }
}
