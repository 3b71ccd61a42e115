//! What is doubtful about a condition block, whatever the request.

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

    /// Stable code in upper snake case.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// Id of the rule behind it.
    #[must_use]
    pub fn rule(self) -> &'static str {
        self.row().1
    }

    /// What to do about it.
    #[must_use]
    pub fn help(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::UnknownKey => (
                "UNKNOWN_CONDITION_KEY",
                "IAM-COND-5",
                "check the spelling of the key; if it is right, give it a list in the context where it has several values",
            ),
            Self::BareOperatorOnMultivaluedKey => (
                "MULTIVALUED_KEY_WITHOUT_SET_OPERATOR",
                "IAM-COND-6",
                "put `ForAnyValue:` or `ForAllValues:` before the operator",
            ),
            Self::SetOperatorOnSingleValuedKey => (
                "SET_OPERATOR_ON_SINGLE_VALUED_KEY",
                "IAM-COND-10",
                "leave the set qualifier out",
            ),
            Self::ForAllValuesWithoutNullTest => (
                "FOR_ALL_VALUES_WITHOUT_NULL_TEST",
                "IAM-COND-11",
                "add a `Null` test with the value `false` for the same key, or the statement also applies when the key is missing",
            ),
            Self::EmptyOperands => (
                "EMPTY_CONDITION_VALUES",
                "IAM-COND-12",
                "list at least one value, or remove the test",
            ),
            Self::TypeMismatch => (
                "CONDITION_TYPE_MISMATCH",
                "IAM-COND-15",
                "use an operator that is made for the type of the key",
            ),
            Self::MalformedOperand => (
                "MALFORMED_CONDITION_VALUE",
                "IAM-COND-14",
                "write a value that the operator can read, or use another operator",
            ),
            Self::UnusualNumber => (
                "UNUSUAL_NUMBER",
                "IAM-COND-19",
                "write the number with digits, an optional `-` and an optional decimal point",
            ),
            Self::DateWithoutZone => (
                "DATE_WITHOUT_ZONE",
                "IAM-COND-20",
                "append `Z` for UTC, or an offset such as `+01:00`",
            ),
            Self::AmbiguousDate => (
                "AMBIGUOUS_DATE",
                "IAM-COND-20",
                "write the date in full, such as `2025-01-01T00:00:00Z`",
            ),
            Self::BothTruthValues => (
                "BOOL_WITH_BOTH_VALUES",
                "IAM-COND-21",
                "keep one of the two values, or test with `Null` whether the key is there",
            ),
            Self::BothNullValues => (
                "NULL_WITH_BOTH_VALUES",
                "IAM-COND-24",
                "keep one of the two values, or remove the test",
            ),
            Self::HostBits => (
                "HOST_BITS_IN_CIDR",
                "IAM-COND-23",
                "write the first address of the block, or the prefix length that was meant",
            ),
            Self::PrivateRange => (
                "PRIVATE_RANGE_FOR_SOURCE_IP",
                "IAM-COND-23",
                "use public addresses, or `aws:VpcSourceIp` for calls through a VPC endpoint",
            ),
            Self::WildcardInStringEquals => (
                "WILDCARD_IN_STRING_EQUALS",
                "IAM-WILD-2",
                "use `StringLike` or `StringNotLike` if the `*` is meant as a wildcard",
            ),
            Self::WildcardInIdKey => ("WILDCARD_IN_ID", "IAM-COND-27", "write the id in full"),
            Self::FewLiteralsAroundWildcard => (
                "BROAD_WILDCARD_IN_ID",
                "IAM-COND-27",
                "write the id in full, or at least six of its characters",
            ),
            Self::ShortArnPattern => (
                "SHORT_ARN_PATTERN",
                "IAM-COND-25",
                "write all six fields, such as `arn:*:*:*:*:*`, or use `StringLike`",
            ),
            Self::VariableInBool => (
                "VARIABLE_IN_BOOL",
                "IAM-VAR-3",
                "use `StringEquals` to compare with a variable",
            ),
            Self::VariableNotReplaced => (
                "VARIABLE_NOT_REPLACED",
                "IAM-VAR-3",
                "write the value itself; variables work with String and Arn operators",
            ),
            Self::MultivaluedVariable => (
                "MULTIVALUED_VARIABLE",
                "IAM-VAR-4",
                "use a key with a single value",
            ),
            Self::UnknownVariable => (
                "UNKNOWN_VARIABLE",
                "IAM-VAR-4",
                "check the spelling of the variable's key",
            ),
        }
    }
}
