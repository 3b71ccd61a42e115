//! KMS-XA for one permission on one key of another account: open from both sides, from one, or not at all, where the
//! table has an X; void where it has none.

use super::super::markdown::Rules;
use super::table::Operation;
use crate::failure::Failure;

/// What, which role of account B, which key, and the answer; `lenient` trusts every grant.
pub(super) const OPEN: &str = "
    account and IAM                          | Allowed | to-account-b  | allow_cross_account
    role and IAM                             | Allowed | direct        | allow_cross_account
    account without IAM                      | Silent  | to-account-b  | no_identity_allow
    role without IAM                         | Silent  | direct        | no_identity_allow
    IAM without key policy                   | Allowed | closed        | no_resource_allow
    IAM, delegation to the key's account     | Allowed | delegating    | no_resource_allow
    IAM, key policy for every other action   | Allowed | direct-others | no_resource_allow
    neither                                  | Silent  | closed        | no_resource_allow
    key policy denies                        | Allowed | denying       | explicit_deny_resource
    IAM denies                               | Denied  | open          | explicit_deny_identity
";
pub(super) const BY_GRANT: &str = "
    grant of the key's account and IAM         | Allowed | granted-abroad | allow_grant to-allowed
    grant of the key's account without IAM     | Silent  | granted-abroad | key_trust_missing
    the same, lenient                          | Silent  | granted-abroad | allow_grant to-silent
    grant of the own account without IAM       | Silent  | granted-by-b   | allow_grant to-silent
    grant of the own account to another role   | Allowed | granted-by-b   | no_resource_allow
";
pub(super) const VOID: &str = "
    both sides allow everything    | Everything | open         | operation_not_cross_account
    both sides allow the action    | Allowed    | to-account-b | operation_not_cross_account
    key policy names the role      | Allowed    | direct       | operation_not_cross_account
";

/// Fails if the rules no longer say what the codes here stand on.
pub(super) fn check(rules: &Rules) -> Result<(), Failure> {
    let both = rules.rule("KMS-XA-1")?;
    both.says("**and** an identity-policy allow for the key ARN")?;
    let void = rules.rule("KMS-XA-2")?;
    void.says("implicit deny `operation_not_cross_account`, even if both policies say `kms:*`")?;
    let everywhere = rules.rule("KMS-ID-3")?;
    everywhere.says("covers keys of *all* accounts")?;
    let trust = rules.rule("KMS-GRANT-11")?;
    trust.says("implicit deny `key_trust_missing` if absent")?;
    trust.says("`grant_key_trust = strict|lenient`, default strict")?;
    let procedure = rules.rule("KMS-DEC-0")?;
    for line in [
        "if foreign(req, key) and op not cross-account -> Deny(i) operation_not_cross_account",
        "if (direct or deleg) and iam and cap_ok -> allow_cross_account (sid, policy)",
        "if grants and cap_ok and (issued by caller account, or iam, or lenient) -> allow_grant (id)",
        "deny with: grant only -> key_trust_missing; no key-side allow -> no_resource_allow; no iam -> no_identity_allow",
    ] {
        procedure.says(line)?;
    }
    Ok(())
}

/// The questions about an operation.
pub(super) fn asked(operation: &Operation) -> Vec<&'static str> {
    match (operation.crosses, operation.is_grantable) {
        (false, _) => vec![VOID],
        (true, false) => vec![OPEN],
        (true, true) => vec![OPEN, BY_GRANT],
    }
}

/// The rules that they show.
pub(super) fn rules(operation: &Operation) -> Vec<&'static str> {
    match (operation.crosses, operation.is_grantable) {
        (false, _) => vec!["KMS-XA-2"],
        (true, false) => vec!["KMS-XA-1", "KMS-ID-3"],
        (true, true) => vec!["KMS-XA-1", "KMS-ID-3", "KMS-GRANT-11"],
    }
}
