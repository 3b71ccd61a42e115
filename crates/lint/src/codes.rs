//! Every code that lint alone can emit, in one table: how bad, by which rule, what it means, what to do.
//!
//! Findings are made from rows of tables and from nothing else, so no code can be missing. Those of the parser and of
//! conditions are passed through under their own codes; [`code`] knows the rows of all of them.

pub(crate) use preclear_condition::codes::{CONDITION_KEY_NOT_FOR_ACTION, LEGACY_CONDITION_KEY};
use preclear_condition::{WarningKind, codes as conditions};
pub use preclear_model::codes::Code;
pub(crate) use preclear_model::codes::{UNKNOWN_ACTION, WILDCARD_IN_RESOURCE_TYPE};
use preclear_model::{codes, codes as parser};

/// The row of a name: of this table, of conditions or of the parser.
///
/// ```
/// use preclear_lint::codes::code;
/// assert_eq!(code("UNKNOWN_ACTION").map(|row| row.rule), Some("IAM-GRAM-11"));
/// assert!(code("NO_SUCH_CODE").is_none());
/// ```
#[must_use]
pub fn code(name: &str) -> Option<&'static Code> {
    let mut rows = CODES.iter().chain(conditions::CODES).copied();
    rows.find(|row| row.name == name)
        .or_else(|| parser::find(name))
}

codes! {
    /// The table.
    CODES:
    // The document as a tree, before it is a policy.
    FRAGMENT_WRAPPED Info "JOB-LINT-1"
        "a statement or list of statements without the document around it"
        "put it into the `Statement` of a document with `Version`"
    PRINCIPAL_IN_IDENTITY_POLICY Error "IAM-GRAM-21"
        "an identity policy names a principal, so all of it is refused"
        "remove the principal: whoever the policy is attached to is the principal"
    TRUST_STATEMENT_IN_IDENTITY_POLICY Error "IAM-GRAM-21"
        "a statement of a trust policy stands in an identity policy"
        "move the statement to the role's trust policy"

    // Actions.
    ACTION_WITHOUT_EFFECT Warning "IAM-EVAL-1"
        "policies of this kind are never asked about the action"
        "remove the action, or move it to a policy that is asked"
    IAM_ONLY_ACTION_IN_KEY_POLICY Warning "KMS-ACT-6"
        "the action concerns no key, so a key policy cannot decide it"
        "move the action to an identity policy, with the resource `*`"
    KMS_RETIRE_GRANT_WITHOUT_EFFECT Warning "KMS-GRANT-14"
        "whether a grant may be retired is decided by the grant, not by key policies or RCPs"
        "remove the action; deny it in an identity policy or SCP, allow it through the grant"

    // Resources.
    ACTION_NEEDS_STAR_RESOURCE Warning "IAM-WILD-8"
        "AWS documents no resource for the action, so it may match no resource but `*`"
        "write `*`, in a statement of its own"
    ACTION_FITS_NO_RESOURCE Warning "IAM-EVAL-1"
        "the action acts on none of the resources that the statement lists"
        "add a resource that the action acts on, or remove the action"
    RESOURCE_FITS_NO_ACTION Warning "IAM-EVAL-1"
        "none of the statement's actions acts on such a resource"
        "correct the resource, add an action that acts on it, or remove it"
    KMS_ALIAS_ARN_FOR_KEY_ACTION Error "KMS-ID-2"
        "an alias ARN selects the alias, never the key behind it"
        "name the key ARN, or all keys with a condition on `kms:ResourceAliases`"
    KMS_ARN_FIELD_EMPTY Warning "KMS-ID-2"
        "an ARN of KMS without Region or account, which every key and alias has, never matches"
        "write Region and account: `arn:aws:kms:REGION:ACCOUNT:key/ID`"
    UNKNOWN_SERVICE Warning "IAM-GRAM-13"
        "no service has ARNs like that, so the resource never matches"
        "check the third field of the ARN"

    // Conditions, beside the doubts of the condition language.
    CONDITION_VALUE_NEVER_MATCHES Warning "IAM-CTX-2"
        "the condition key never holds such a value"
        "write the value in the form that the key has"

    // Conditions against actions and callers.
    CONDITION_DISABLES_ACTION Warning "KMS-COND-0"
        "the action's requests never carry a key that the statement demands"
        "move the action to a statement without the test"
    EC_CONDITION_ON_NON_EC_ACTION Warning "KMS-COND-3"
        "the action takes no encryption context, so a statement that demands one never reaches it"
        "move the action to a statement without the test"
    SOURCE_KEY_FOR_IDENTITIES Warning "IAM-CTX-4"
        "calls of users and roles never carry `aws:SourceArn` and its kin"
        "demand the key of service principals only, in a statement of its own"
    KMS_CALLER_KEY_FOR_SERVICE Warning "KMS-POL-10"
        "calls that a service makes as itself carry neither `kms:ViaService` nor `kms:CallerAccount`"
        "test `aws:SourceAccount` or `aws:SourceArn` in a statement for the service alone"
    PRINCIPAL_ARN_NEVER_MATCHES Warning "IAM-PRIN-1"
        "`aws:PrincipalArn` of a role session is the ARN of the role"
        "write the role's ARN, path included"
    MFA_DENY_MISSES_ACCESS_KEYS Warning "IAM-COND-8"
        "calls with long-term access keys carry no `aws:MultiFactorAuthPresent`, so they are not denied"
        "use `BoolIfExists`"
    NETWORK_DENY_HITS_SERVICES Info "IAM-PRIN-13"
        "calls that AWS services make on a caller's behalf come from another network and are denied too"
        "add a `Bool` test that `aws:ViaAWSService` is `false`"
    ORG_DENY_HITS_SERVICES Warning "IAM-CTX-6"
        "service principals belong to no organization and are denied too"
        "add a `BoolIfExists` test that `aws:PrincipalIsAWSService` is `false`"
    ORG_PATH_WITHOUT_END Warning "IAM-CTX-3"
        "paths of organizations end in `/`, so the value never matches"
        "end the value in `/` for the unit itself, or in `/*` for all below it"

    // KMS condition keys.
    KMS_CONTEXT_KEYS_HOLE Warning "KMS-COND-4"
        "the test on `kms:EncryptionContextKeys` also passes a request without encryption context"
        "demand each pair with `StringEquals` on `kms:EncryptionContext:NAME` besides"
    KMS_OVERLY_PERMISSIVE_CONDITION Error "KMS-COND-1"
        "`ForAllValues` on an encryption context or request tag passes where there is none; KMS refuses it"
        "leave `ForAllValues` out"
    KMS_RESOURCE_ALIASES_IN_KEY_POLICY Warning "KMS-COND-1"
        "`kms:ResourceAliases` is documented for identity policies only"
        "move the test to an identity policy; the key policy stands at one key anyway"
    KMS_RESOURCE_TAG_IN_KEY_POLICY Warning "KMS-COND-1"
        "a key policy that tests the tags of its own key; KMS may refuse it"
        "move the test to an identity policy; the key policy stands at one key anyway"
    KMS_ALIAS_VALUE_NEVER_MATCHES Warning "KMS-COND-1"
        "alias keys hold names such as `alias/app`, never ARNs or bare names"
        "write the alias name with its `alias/`"
    KMS_GRANT_OPERATION_UNKNOWN Warning "KMS-GRANT-2"
        "no grant can contain the operation, so the value never matches"
        "write an operation that grants can contain, without `kms:`"

    // Principals.
    KMS_ORPHAN_PRINCIPAL Warning "KMS-POL-7"
        "the unique id of an identity that was probably deleted; one of the same name does not match"
        "name the identity that exists now by its ARN, or remove the entry"
    KMS_PUBLIC_KEY_POLICY Error "KMS-POL-8"
        "the key policy lets callers of every account in"
        "name the principals, or demand `kms:CallerAccount` or `aws:PrincipalOrgID`"
    SERVICE_ACTS_AS_ROLE Info "KMS-POL-9"
        "the service uses keys as a role, which its service principal does not match"
        "name the role that the service acts with"
    SERVICE_PRINCIPAL_NEEDS_REGION Warning "KMS-POL-9"
        "the service calls KMS under a name with its Region"
        "write the Region into the name of the service"

    // Key policies as a whole.
    KMS_KEYPOLICY_RESOURCE_FOREIGN Error "KMS-POL-11"
        "the resource of a key policy statement is not the key that the policy stands at"
        "write `*`, which means this key"
    KEY_POLICY_WITHOUT_ADMIN Error "KMS-POL-15"
        "nobody may change the key policy again"
        "allow the account or an administrator `kms:PutKeyPolicy`"
    NO_DELEGATION Info "KMS-POL-3"
        "identity policies cannot allow anything on the key"
        "allow the account principal what identity policies shall be able to allow, or name every caller"

    // Permissions that are wider than they look.
    BROAD_CREATEGRANT Warning "KMS-GRANT-8"
        "whoever may create grants on every key may give any use of any key to anyone"
        "name the key ARN and demand `kms:GrantIsForAWSResource`"
    PRIVILEGE_ESCALATION Warning "JOB-LINT-1"
        "the action on every resource lets the caller obtain other permissions"
        "name the resources, and the service for `iam:PassRole`"

    // The text around documents.
    ACTION_ONLY_IN_PROSE Info "JOB-LINT-1"
        "a text demands an action that none of the policies in it allows"
        "add the action to the policy, or take it out of the text"

    // The document as a whole.
    REDUNDANT Info "JOB-LINT-1"
        "another statement or entry says the same already"
        "remove the one that says less"
    EXAMPLE_ACCOUNT_ID Info "JOB-LINT-1"
        "an account id from AWS's documentation"
        "replace it with the account that is meant"
    MISSING_SID Info "JOB-LINT-1"
        "a statement without `Sid` among others that have one"
        "give the statement a `Sid`, so that explanations can name it"
}

/// The row of a doubt of the condition crate; `None` for one that the parser has told.
pub(crate) fn of_warning(kind: WarningKind) -> Option<&'static Code> {
    (!kind.is_told_by_parser()).then(|| kind.row())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_complete_and_named_once() {
        let mut names: Vec<&str> = CODES.iter().map(|row| row.name).collect();
        names.sort_unstable();
        let listed = names.len();
        names.dedup();
        assert_eq!(names.len(), listed);
        for row in CODES {
            assert!(
                !row.meaning.is_empty() && !row.remedy.is_empty(),
                "{}",
                row.name
            );
            let area = row.rule.split('-').next();
            assert!(matches!(area, Some("IAM" | "KMS" | "JOB")), "{}", row.rule);
        }
    }

    #[test]
    fn every_doubt_about_conditions_has_a_row() {
        for kind in WarningKind::ALL {
            assert_eq!(
                of_warning(kind).is_none(),
                parser::find(kind.code()).is_some(),
                "{}",
                kind.code()
            );
            assert!(code(kind.code()).is_some());
        }
    }
}
