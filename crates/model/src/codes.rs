//! Codes of diagnostics: what each means, how bad it is, by which rule, and what to do about it.
//!
//! Every crate that can find something wrong has one table of its codes, made with [`codes!`](crate::codes!); each code
//! stands in the table of the lowest crate that uses it. The tables here are those of texts in general and of the
//! grammar of policies. What no table lists must not be emitted: the tests of the project hold sources and results
//! against the tables, and the tables against the documentation.

use crate::diagnostic::Severity;

/// A row of a table of codes.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable name in upper snake case.
    pub name: &'static str,
    /// How bad it is at worst; a diagnostic may be milder.
    pub severity: Severity,
    /// Id of the rule behind it; a diagnostic may cite a more special one.
    pub rule: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// What to do about it, unless the diagnostic knows better.
    pub remedy: &'static str,
}

/// Makes tables of [`Code`]s: a static for each row, and one for the list of all.
///
/// ```
/// mod kitchen {
///     preclear_model::codes! {
///         /// Codes of a kitchen.
///         CODES:
///         SALT_MISSING Warning "UI-4" "the soup has no salt" "add salt"
///     }
/// }
/// assert_eq!(kitchen::SALT_MISSING.name, "SALT_MISSING");
/// assert_eq!(kitchen::CODES.len(), 1);
/// ```
#[macro_export]
macro_rules! codes {
    ($(#[$about:meta])* $table:ident: $($name:ident $severity:ident $rule:literal $meaning:literal $remedy:literal)*) => {
        $(
            #[doc = $meaning]
            pub static $name: $crate::codes::Code = $crate::codes::Code {
                name: stringify!($name),
                severity: $crate::Severity::$severity,
                rule: $rule,
                meaning: $meaning,
                remedy: $remedy,
            };
        )*

        $(#[$about])*
        pub static $table: &[&$crate::codes::Code] = &[$(&$name),*];
    };
}

codes! {
    /// Codes about JSON and YAML, whatever they hold.
    TEXTS:
    DUPLICATE_MEMBER Error "IAM-GRAM-3"
        "one object has two members of the same name; most readers keep the last one in silence"
        "merge the two, or remove one"
    EMPTY_INPUT Error "IAM-GRAM-1"
        "a file or a list that must hold something is empty"
        "give what is missing, or leave the file or the list out"
    EMPTY_MEMBER Error "UI-33"
        "a member that must say something is empty or `null`"
        "give it a value, or leave the member out"
    INPUT_TOO_LARGE Error "UI-30"
        "a text is longer, or a directory fuller, than any input of preclear is"
        "check that this is the file or directory you meant"
    INVALID_JSON Error "IAM-GRAM-1"
        "the text is not JSON; comments, single quotes and `NaN` are not either"
        "correct the place that is marked"
    INVALID_YAML Error "UI-30"
        "the text is not YAML, or names a member by a list or an object"
        "check indentation, quotes and brackets at the place that is marked"
    JSON_TRAILING_COMMA Error "IAM-GRAM-1"
        "a comma stands in front of a closing bracket, which JSON does not allow"
        "remove the comma"
    MISSING_MEMBER Error "UI-33"
        "an object lacks a member that it must have; for policies the rule of the member is cited"
        "add the member"
    NESTED_TOO_DEEPLY Error "IAM-GRAM-1"
        "lists and objects stand more than 100 deep in one another, or strings that hold documents more than 4"
        "check that this is the file you meant"
    NOT_A_DOCUMENT Error "UI-30"
        "a string that should hold a JSON document holds something else"
        "give the document as an object, or as a string that holds it, percent-encoded or not"
    NOT_UTF8 Error "IAM-GRAM-1"
        "the bytes are not UTF-8, often because the file is UTF-16"
        "save the file as UTF-8"
    SEVERAL_DOCUMENTS Error "UI-30"
        "a YAML file holds more than one document"
        "put each document into a file of its own"
    UNKNOWN_MEMBER Error "UI-33"
        "an object has a member that its format does not know; for policies the rule of the object is cited"
        "check the spelling, case included, or remove the member"
    UNKNOWN_VALUE Error "UI-33"
        "a member that takes one of several words has another one"
        "write one of the words that the message names"
    WRONG_TYPE Error "UI-33"
        "a value has another type than the member takes; for policies the rule of the member is cited"
        "write a value of the type that the message names"
    YAML_MERGE_KEY Error "UI-30"
        "merge keys (`<<`) are not read"
        "write the members out"
    YAML_RECURSIVE_ALIAS Error "UI-30"
        "a YAML alias stands inside what it repeats"
        "write the node out"
    YAML_TAG Error "UI-30"
        "a YAML tag that is not understood, such as a function of CloudFormation"
        "remove the tag; of a template give the document that is made of it"
    YAML_TOO_MANY_ALIASES Error "UI-30"
        "YAML aliases repeat more than any input of preclear holds"
        "write the document without aliases"
}

codes! {
    /// Codes about the grammar of policy documents.
    POLICIES:
    // The document.
    BYTE_ORDER_MARK Warning "IAM-GRAM-1"
        "the text starts with a byte order mark, which is passed over"
        "save the file without it"
    CHARACTER_NOT_STORABLE Warning "IAM-GRAM-1"
        "AWS stores no policy of this kind that holds the character; for key policies the rule is KMS-POL-13"
        "use U+0020 to U+00FF, tabs and line breaks alone"
    EMPTY_STATEMENT_LIST Error "IAM-GRAM-6"
        "`Statement` is an empty list"
        "add a statement"
    ID_NOT_ALLOWED Error "IAM-GRAM-5"
        "policies of this kind do not take `Id`; a warning where AWS stores it all the same"
        "remove it: it has no effect"
    INVALID_VERSION Error "IAM-GRAM-4"
        "`Version` is neither 2012-10-17 nor 2008-10-17, or not the one that policies of this kind need"
        "write `\"Version\": \"2012-10-17\"`"
    MISSING_VERSION Warning "IAM-GRAM-4"
        "without `Version` the document counts as 2008-10-17, in which nothing is a variable"
        "write `\"Version\": \"2012-10-17\"`"
    POLICY_EXCEEDS_QUOTA Warning "IAM-GRAM-23"
        "the policy is longer than AWS stores; it never changes an answer"
        "shorten it, or split it into several policies"
    POLICY_TOO_LARGE Error "IAM-GRAM-23"
        "the policy is many times longer than AWS stores, so it is not read"
        "check that this is a policy"
    STATEMENT_WITHOUT_DOCUMENT Error "IAM-GRAM-2"
        "a statement, or a list of them, stands where a document should"
        "write `{\"Version\": \"2012-10-17\", \"Statement\": [...]}` around it"

    // Statements.
    BOTH_MEMBERS Error "IAM-GRAM-7"
        "a statement has an element and its negated twin, such as `Action` and `NotAction`"
        "remove one of them, or make two statements"
    DUPLICATE_SID Error "IAM-GRAM-8"
        "two statements have the same Sid; a warning in policies that IAM does not store"
        "give each statement a Sid of its own, or none"
    EFFECT_NOT_ALLOWED Error "IAM-GRAM-20"
        "resource control policies only deny; AWS's own one allows everything"
        "write a `Deny`"
    EMPTY_SID Warning "IAM-GRAM-8"
        "`Sid` is an empty text"
        "give it a name, or remove it"
    INVALID_EFFECT Error "IAM-GRAM-9"
        "`Effect` is something else than `Allow` or `Deny`; case counts"
        "write `Allow` or `Deny`"
    INVALID_SID Error "IAM-GRAM-8"
        "a Sid holds something else than letters and digits, in a policy whose kind takes nothing else"
        "write it with A-Z, a-z and 0-9 alone"

    // Actions.
    ACTION_NOT_ALLOWED Error "IAM-GRAM-20"
        "resource control policies take no action `*`"
        "name the service, such as `s3:*`"
    ALL_ACTIONS_IN_TRUST Warning "IAM-GRAM-20"
        "a trust policy with the action `*` takes in actions that have no meaning there"
        "name the actions of `sts` that are meant"
    ANY_SERVICE_ACTION Warning "IAM-GRAM-11"
        "`*:*` is not documented; it is read as `*`, or left open (AMB-3)"
        "write `*`"
    DEAD_ACTION Warning "IAM-GRAM-11"
        "the name of an action is empty or holds white space or a comma, so the entry never matches"
        "give one action per string, without spaces"
    EMPTY_ACTION_LIST Error "IAM-GRAM-10"
        "`Action` or `NotAction` is an empty list; a warning in policies that IAM does not store: the statement never applies, but a `Deny` with such a `NotAction` always does"
        "list at least one action"
    INVALID_ACTION Error "IAM-GRAM-11"
        "an action is not written `service:Name`, with one colon and no wildcard in the service; a request takes no wildcard at all"
        "write `service:Name`, such as `kms:Decrypt`"
    KMS_DEAD_STATEMENT Warning "KMS-POL-12"
        "a key policy statement without resource or action has no effect, not even as a deny"
        "add `\"Resource\": \"*\"`, which means this key, and the actions that were meant"
    MEANINGLESS_TRUST_ACTION Warning "IAM-GRAM-22"
        "a trust policy names an action that is not about assuming a role"
        "name `sts:AssumeRole` or one of its siblings"
    NOT_ACTION_IN_TRUST Warning "IAM-GRAM-20"
        "`NotAction` in a trust policy takes in actions that have no meaning there"
        "list the actions in `Action`"
    NOT_ACTION_NOT_ALLOWED Error "IAM-GRAM-20"
        "resource control policies take no `NotAction`"
        "list the actions in `Action`"
    TRUST_ACTION_MISMATCH Warning "IAM-GRAM-22"
        "a trust policy pairs a SAML provider with the action for web identities, or the reverse"
        "write the action that belongs to the provider"
    ESCALATION_POSSIBLE Warning "KMS-POL-19"
        "somebody may not use the key, and may change the key policy or create grants, which gives it any use; among findings it is information alone"
        "keep in mind that administrators can obtain every permission, or restrict `kms:CreateGrant` by `kms:GrantIsForAWSResource`"
    UNKNOWN_ACTION Error "IAM-GRAM-11"
        "no service defines the action, so policies that name it have nothing to say; an error among findings only where another name is near"
        "check the spelling of the action, or remove it"

    // Resources.
    ARN_FIELD_NOT_EMPTY Warning "IAM-GRAM-13"
        "an ARN of IAM with a Region, or of a bucket with Region or account, matches nothing"
        "leave the field empty"
    ARN_FIELD_WILDCARD Warning "IAM-GRAM-13"
        "an ARN has a wildcard in its partition or service field, which AWS advises against"
        "name the partition and the service"
    EMPTY_RESOURCE Error "IAM-GRAM-13"
        "a resource that is an empty text matches nothing and is refused"
        "write `*`, or the ARN that was meant"
    EMPTY_RESOURCE_LIST Error "IAM-GRAM-12"
        "`Resource` or `NotResource` is an empty list; a warning in policies that IAM does not store: the statement never applies"
        "list at least one resource"
    INCOMPLETE_ARN Error "IAM-WILD-10"
        "an ARN has fewer than six fields; a warning where AWS completes it, or where nobody knows what it matches (AMB-14)"
        "write all six fields"
    INVALID_RESOURCE Error "IAM-GRAM-13"
        "a resource is neither `*` nor an ARN, or a request names none where one is needed"
        "write `*`, or `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`"
    RESOURCE_NOT_ALLOWED Error "IAM-GRAM-22"
        "trust policies take no `Resource`: they are about their role"
        "remove it"
    WILDCARD_IN_RESOURCE_TYPE Warning "IAM-WILD-11"
        "a resource has a wildcard in the part that names its type, which AWS documents as invalid and uses itself (AMB-2)"
        "name the type of the resource"
    UNKNOWN_PARTITION Warning "IAM-GRAM-13"
        "an ARN is of a partition that is not known"
        "write `aws`, `aws-cn`, `aws-us-gov` or the one of your Region"

    // Principals.
    CANONICAL_USER Warning "IAM-GRAM-14"
        "canonical user ids mean something in bucket policies only"
        "name the account as `{\"AWS\": \"ACCOUNT\"}`"
    EMPTY_PRINCIPAL Warning "IAM-GRAM-14"
        "a principal names nobody, so the statement matches nobody"
        "name somebody"
    FEDERATED_NOT_ALLOWED Error "IAM-GRAM-14"
        "`Federated` stands in trust policies only"
        "name the role that the federated identities assume"
    GROUP_PRINCIPAL Error "IAM-GRAM-14"
        "a group is no principal"
        "name its users, or a role"
    INVALID_PRINCIPAL Error "IAM-GRAM-14"
        "what stands in place of a principal or of a request's caller is none"
        "name an account, a user, a role, a session or a service"
    NOT_PRINCIPAL Warning "IAM-GRAM-15"
        "`NotPrincipal` spares a caller only if its account, its role and its session are all listed"
        "deny `\"*\"` with a condition `ArnNotEquals` on `aws:PrincipalArn`"
    NOT_PRINCIPAL_NOT_ALLOWED Error "IAM-GRAM-15"
        "policies of this kind take no `NotPrincipal`"
        "write `\"Principal\": \"*\"` with a condition `ArnNotEquals` on `aws:PrincipalArn`"
    NOT_PRINCIPAL_WITH_ALLOW Error "IAM-GRAM-15"
        "`NotPrincipal` with `Allow` lets in everybody else, anonymous callers included; a warning under `--lenient`"
        "list who shall be allowed in `Principal`"
    PRINCIPAL_NOT_ALLOWED Error "IAM-GRAM-21"
        "policies of this kind are about whoever they are attached to; those of RCPs are about everyone"
        "remove the principal; in an RCP write `\"*\"`"
    PRINCIPAL_WILDCARD Error "IAM-GRAM-14"
        "a principal has a wildcard in its name, which AWS does not read as one"
        "name the principal, or write `\"*\"` with a condition `ArnLike` on `aws:PrincipalArn`"
    TRUST_EVERYONE Warning "IAM-GRAM-20"
        "a trust policy lets everybody ask for the role"
        "name the accounts, roles or services that may"
    UNIQUE_ID_PRINCIPAL Warning "IAM-GRAM-14"
        "a principal is the unique id of an identity that was probably deleted; one made anew does not match it"
        "name the ARN of the principal that is meant"
    UNKNOWN_PRINCIPAL Warning "IAM-GRAM-14"
        "a principal is an ARN, or an identity provider, that can call nothing or cannot exist, so it matches nobody"
        "name a principal that exists, or a provider of this account"
    UNUSUAL_SERVICE_PRINCIPAL Warning "IAM-GRAM-14"
        "the name of a service principal does not look like one"
        "write `name.amazonaws.com` or `name.REGION.amazonaws.com`"

    // Conditions and texts in them.
    DUPLICATE_CONDITION_KEY Error "IAM-GRAM-3"
        "one operator has the same key twice, in different case; a warning under `--lenient`, where both count"
        "merge the two: keys are compared ignoring case"
    EMPTY_CONDITION Warning "IAM-GRAM-16"
        "a condition, or one operator of it, holds nothing, so it holds nobody back"
        "add a test, or remove it"
    EMPTY_CONDITION_VALUES Warning "IAM-COND-12"
        "a key has an empty list of values, so a positive test never matches"
        "list at least one value, or remove the test"
    INVALID_CONDITION_KEY Error "IAM-GRAM-18"
        "a condition key has no prefix, or is a family of tags without the name of a tag"
        "write `prefix:name`, for tags `aws:ResourceTag/NAME`"
    INVALID_OPERATOR Error "IAM-GRAM-17"
        "`Null` takes no `IfExists`: it asks whether the key exists"
        "write `Null`"
    INVALID_VARIABLE Error "IAM-VAR-1"
        "a variable is not closed, has no name, or has its default in the wrong form"
        "write `${key}` or `${key, 'default'}`"
    LITERAL_CONDITION_KEY Warning "IAM-GRAM-18"
        "wildcards and variables do not work in condition keys"
        "write the key out"
    MIXED_TYPES Warning "IAM-GRAM-16"
        "values of one key are of different JSON types; all of them count as text"
        "put all of them in quotes"
    OPERATOR_CASE Warning "IAM-GRAM-17"
        "an operator is written in another case than documented; it is read as the documented one, or left open (AMB-4)"
        "write it as documented"
    RETIRED_CONDITION_KEY Warning "IAM-GRAM-18"
        "`aws:ARN` is retired, so no request carries it"
        "write `aws:PrincipalArn`"
    SET_OPERATOR_ON_NULL Warning "IAM-GRAM-17"
        "`Null` behind `ForAllValues` is always true, behind `ForAnyValue` always false"
        "write `Null`"
    UNKNOWN_OPERATOR Error "IAM-GRAM-17"
        "there is no such condition operator; a warning where it has no keys"
        "check the spelling of the operator"
    UNRESOLVED_PLACEHOLDER Error "JOB-LINT-2"
        "a blank that a guide left to its readers, such as `<account-id>`, was not filled in; a warning under `--lenient` where it looks like a variable"
        "put the value in its place, or give it with `--param NAME=VALUE`"
    VARIABLE_NEEDS_2012 Warning "IAM-GRAM-4"
        "what looks like a variable is plain text in a document of the version 2008-10-17"
        "write `\"Version\": \"2012-10-17\"`"
    VARIABLE_NOT_REPLACED Warning "IAM-VAR-3"
        "what looks like a variable stands where variables do not work, so it is plain text"
        "write the text out"
    WILDCARD_IN_STRING_EQUALS Warning "IAM-WILD-2"
        "`*` is an ordinary character in values of `StringEquals` and its siblings"
        "write `StringLike` or `StringNotLike`"
}

/// The row of a code of these tables.
///
/// ```
/// use preclear_model::codes;
/// assert_eq!(codes::find("INVALID_EFFECT").map(|row| row.rule), Some("IAM-GRAM-9"));
/// assert!(codes::find("NO_SUCH_CODE").is_none());
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Code> {
    let mut rows = TEXTS.iter().chain(POLICIES).copied();
    rows.find(|row| row.name == name)
}
