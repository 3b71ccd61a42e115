//! KMS-ACT-3: ReEncrypt takes a permission on the key that it reads with, and another on the key that it writes with.

use serde_json::{Value, json};

use super::super::case::{Case, set};
use super::super::markdown::Rules;
use super::super::world::{A, B};
use super::asked::lines;
use super::halves::{ask, ask_role};
use super::place::{
    self, REGION, allow, deny, grant, key_arn, key_arn_in, role, role_arn, root, session, to,
};
use crate::failure::Failure;

const FROM: &str = "kms:ReEncryptFrom";
const TO: &str = "kms:ReEncryptTo";
/// A third account, with keys of its own.
const C: &str = "999999999999";

/// What, which role, from which key, to which key, and the codes of the halves.
const SAME_ACCOUNT: &str = "
    IAM for both                        | Both       | delegating   | delegating-2 | allow_iam_via_key_policy      | allow_iam_via_key_policy
    IAM for one key only                | SameOnly   | delegating   | delegating   | allow_iam_via_key_policy      | allow_iam_via_key_policy
    IAM for one key only                | SameOnly   | delegating   | delegating-2 | no_identity_allow             | no_identity_allow
    IAM for both, one key               | Both       | delegating   | delegating   | allow_iam_via_key_policy      | allow_iam_via_key_policy
    IAM for the source only             | From       | delegating   | delegating-2 | allow_iam_via_key_policy      | no_identity_allow
    IAM for the source only, one key    | From       | delegating   | delegating   | allow_iam_via_key_policy      | no_identity_allow
    IAM for the destination only        | To         | delegating   | delegating-2 | no_identity_allow             | allow_iam_via_key_policy
    IAM for neither                     | None       | delegating   | delegating-2 | no_identity_allow             | no_identity_allow
    both key policies                   | None       | direct       | direct-2     | allow_key_policy              | allow_key_policy
    key policy of the source only       | None       | direct       | closed       | allow_key_policy              | no_resource_allow
    key policy of the destination only  | None       | closed       | direct       | no_resource_allow             | allow_key_policy
    key policies for the other half     | None       | direct-to    | direct-from  | no_resource_allow             | no_resource_allow
    key policies for one half           | None       | direct-from  | direct-to    | allow_key_policy              | allow_key_policy
    key policy and IAM                  | ToAndNamed | direct-from  | delegating   | allow_key_policy              | allow_iam_via_key_policy
    IAM and key policy                  | FromNamed  | delegating   | direct-to    | allow_iam_via_key_policy      | allow_key_policy
    IAM, source does not delegate       | Both       | closed       | delegating   | iam_not_enabled_by_key_policy | allow_iam_via_key_policy
    IAM, destination does not delegate  | Both       | delegating   | closed       | allow_iam_via_key_policy      | iam_not_enabled_by_key_policy
    both grants                         | None       | granted-from | granted-to   | allow_grant granted-from      | allow_grant granted-to
    grants for the other half           | None       | granted-to   | granted-from | no_resource_allow             | no_resource_allow
    one grant for both                  | None       | granted      | granted      | allow_grant granted           | allow_grant granted
    grant of the source only            | None       | granted      | closed       | allow_grant granted           | no_resource_allow
    grant and key policy                | None       | granted-from | direct-to    | allow_grant granted-from      | allow_key_policy
    source denies                       | Both       | denying      | delegating   | explicit_deny_resource        | allow_iam_via_key_policy
    destination denies                  | Both       | delegating   | denying      | allow_iam_via_key_policy      | explicit_deny_resource
    IAM denies the source               | DeniedFrom | delegating   | delegating-2 | explicit_deny_identity        | allow_iam_via_key_policy
    IAM denies the destination          | DeniedTo   | delegating   | delegating-2 | allow_iam_via_key_policy      | explicit_deny_identity
";
/// The same for roles of account B, from keys of account A to those of account C.
const THIRD_ACCOUNT: &str = "
    both sides of both                  | Both       | to-b         | to-b-c       | allow_cross_account           | allow_cross_account
    IAM for the source only             | From       | to-b         | to-b-c       | allow_cross_account           | no_identity_allow
    IAM for the destination only        | To         | to-b         | to-b-c       | no_identity_allow             | allow_cross_account
    source closed                       | Both       | closed       | to-b-c       | no_resource_allow             | allow_cross_account
    destination closed                  | Both       | to-b         | closed-c     | allow_cross_account           | no_resource_allow
    neither IAM nor destination         | From       | to-b         | closed-c     | allow_cross_account           | no_resource_allow
";

/// Fails if the rule no longer says what the parts here stand on.
pub(super) fn check(rules: &Rules) -> Result<(), Failure> {
    let rule = rules.rule("KMS-ACT-3")?;
    rule.says("Both permissions are needed, each on its own key with its own context")?;
    let keys = rules.section("KMS-COND", "Condition keys")?;
    keys.says("source key = destination key")?;
    rule.says("Either key may be in a third account. One missing ⇒ whole call denied.")
}

pub(super) fn case() -> Result<Case, Failure> {
    let why = "kms:ReEncrypt: both halves, each from the key policy, from IAM or from a grant of its own key";
    let rules = [
        "KMS-ACT-3",
        "KMS-DEC-0",
        "KMS-POL-3",
        "KMS-GRANT-1",
        "KMS-XA-1",
        "KMS-COND-0",
    ];
    let snapshot = place::snapshot(roles(), keys());
    let mut case =
        Case::new("kms-act/ReEncrypt", &rules, why, snapshot).by_default("region", REGION);
    for [about, role, source, destination, from, to] in lines(SAME_ACCOUNT)? {
        let parts = [(FROM.to_owned(), from), (TO.to_owned(), to)];
        let about = format!("{about}, {source} to {destination}");
        let parameters = keys_of(source, destination);
        ask_role(&mut case, &about, role, "kms:ReEncrypt", parameters, &parts);
    }
    for [about, role, source, destination, from, to] in lines(THIRD_ACCOUNT)? {
        let parts = [(FROM.to_owned(), from), (TO.to_owned(), to)];
        let about = format!("{about}, {source} to {destination}: {role} of account B");
        let caller = session(B, role);
        let parameters = keys_of(source, destination);
        ask(
            &mut case,
            &about,
            &caller,
            "kms:ReEncrypt",
            parameters,
            &parts,
        );
    }
    Ok(case)
}

fn keys_of(source: &str, destination: &str) -> Value {
    json!({"SourceKeyId": arn(source), "DestinationKeyId": arn(destination)})
}

/// Keys whose name ends in `-c` are account C's.
fn arn(name: &str) -> String {
    let account = if name.ends_with("-c") { C } else { A };
    key_arn_in(REGION, account, name)
}

fn roles() -> Vec<Value> {
    let of = |account: &str, name: &str, allowed: &[&str], denied: &[&str]| {
        let allowed = allowed.iter().map(|action| allow(action, "*"));
        let denied = denied.iter().map(|action| deny(action, "*"));
        role(account, name, allowed.chain(denied).collect())
    };
    let mut same = allow("kms:ReEncrypt*", "*");
    set(
        &mut same,
        "Condition",
        json!({"Bool": {"kms:ReEncryptOnSameKey": "true"}}),
    );
    vec![
        role(A, "SameOnly", vec![same]),
        of(A, "Both", &[FROM, TO], &[]),
        of(A, "From", &[FROM], &[]),
        of(A, "FromNamed", &[FROM], &[]),
        of(A, "To", &[TO], &[]),
        of(A, "ToAndNamed", &[TO], &[]),
        of(A, "None", &[], &[]),
        of(A, "DeniedFrom", &["kms:*"], &[FROM]),
        of(A, "DeniedTo", &["kms:*"], &[TO]),
        of(A, "Admin", &[], &[]),
        of(B, "Both", &[FROM, TO], &[]),
        of(B, "From", &[FROM], &[]),
        of(B, "To", &[TO], &[]),
        of(C, "Admin", &[], &[]),
    ]
}

fn keys() -> Vec<Value> {
    let key = |name: &str, principals: Value, action: &str| {
        place::key(
            &arn(name),
            vec![to(principals, &allow(action, "*"))],
            &json!({}),
        )
    };
    let direct = || json!(["None", "FromNamed", "ToAndNamed"].map(|role| role_arn(A, role)));
    let admin = |account: &str| json!(role_arn(account, "Admin"));
    let granted = |name: &str, operations: &[&str]| {
        let grants = json!({"grants": [grant(name, &role_arn(A, "None"), A, operations)]});
        place::key(
            &key_arn(name),
            vec![to(admin(A), &allow("kms:*", "*"))],
            &grants,
        )
    };
    let denying = vec![
        to(json!(root(A)), &allow("kms:*", "*")),
        to(json!(role_arn(A, "Both")), &deny("kms:ReEncrypt*", "*")),
    ];
    vec![
        key("delegating", json!(root(A)), "kms:*"),
        key("delegating-2", json!(root(A)), "kms:ReEncrypt*"),
        key("direct", direct(), "kms:ReEncrypt*"),
        key("direct-2", direct(), "kms:ReEncrypt*"),
        key("direct-from", direct(), FROM),
        key("direct-to", direct(), TO),
        key("closed", admin(A), "kms:*"),
        granted("granted", &["ReEncryptFrom", "ReEncryptTo"]),
        granted("granted-from", &["ReEncryptFrom"]),
        granted("granted-to", &["ReEncryptTo"]),
        place::key(&key_arn("denying"), denying, &json!({})),
        key("to-b", json!(root(B)), "kms:ReEncrypt*"),
        key("to-b-c", json!(root(B)), "kms:ReEncrypt*"),
        key("closed-c", admin(C), "kms:*"),
    ]
}
