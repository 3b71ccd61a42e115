//! KMS-ACT-4: a call on an alias takes a permission on the alias, from IAM alone, and one on each key behind it.

use serde_json::{Value, json};

use super::super::case::{Case, set};
use super::super::markdown::Rules;
use super::super::world::{A, B};
use super::asked::lines;
use super::halves::{Part, ask, ask_role};
use super::place::{
    self, REGION, alias_arn, allow, deny, key_arn, key_arn_in, role, role_arn, root, session, to,
};
use super::table::Operation;
use crate::failure::Failure;

/// What, which role, which key, and the codes of alias and key.
const ASKED: &str = "
    IAM for both                           | Both        | delegating | allow_identity         | allow_iam_via_key_policy
    IAM on *                               | Star        | delegating | allow_identity         | allow_iam_via_key_policy
    IAM for the alias only                 | AliasOnly   | delegating | allow_identity         | no_identity_allow
    IAM for the key only                   | KeyOnly     | delegating | no_identity_allow      | allow_iam_via_key_policy
    IAM for neither                        | None        | delegating | no_identity_allow      | no_identity_allow
    IAM for the alias, key policy          | AliasOnly   | direct     | allow_identity         | allow_key_policy
    key policy alone                       | None        | direct     | no_identity_allow      | allow_key_policy
    IAM for both, key does not delegate    | Both        | closed     | allow_identity         | iam_not_enabled_by_key_policy
    IAM for the alias, nothing on the key  | AliasOnly   | closed     | allow_identity         | no_resource_allow
    nothing at all                         | None        | closed     | no_identity_allow      | no_resource_allow
    IAM denies the alias                   | DeniedAlias | delegating | explicit_deny_identity | allow_iam_via_key_policy
    IAM denies the key                     | DeniedKey   | delegating | allow_identity         | explicit_deny_identity
    key policy denies                      | Star        | denying    | allow_identity         | explicit_deny_resource
";
/// What, which role, the old and the new key, and the codes of alias, old and new key.
const ASKED_OF_MOVE: &str = "
    IAM for all                            | Both        | delegating   | delegating-2 | allow_identity         | allow_iam_via_key_policy      | allow_iam_via_key_policy
    IAM on *                               | Star        | delegating   | delegating-2 | allow_identity         | allow_iam_via_key_policy      | allow_iam_via_key_policy
    IAM for the alias only                 | AliasOnly   | delegating   | delegating-2 | allow_identity         | no_identity_allow             | no_identity_allow
    IAM for alias and old key              | AliasAndOne | delegating   | delegating-2 | allow_identity         | allow_iam_via_key_policy      | no_identity_allow
    IAM for alias and new key              | AliasAndOne | delegating-2 | delegating   | allow_identity         | no_identity_allow             | allow_iam_via_key_policy
    IAM for the keys only                  | KeyOnly     | delegating   | delegating-2 | no_identity_allow      | allow_iam_via_key_policy      | allow_iam_via_key_policy
    IAM for none                           | None        | delegating   | delegating-2 | no_identity_allow      | no_identity_allow             | no_identity_allow
    IAM for the alias, both key policies   | AliasOnly   | direct       | direct-2     | allow_identity         | allow_key_policy              | allow_key_policy
    key policies alone                     | None        | direct       | direct-2     | no_identity_allow      | allow_key_policy              | allow_key_policy
    IAM for all, old key does not delegate | Both        | closed       | delegating   | allow_identity         | iam_not_enabled_by_key_policy | allow_iam_via_key_policy
    IAM for all, new key does not delegate | Both        | delegating   | closed       | allow_identity         | allow_iam_via_key_policy      | iam_not_enabled_by_key_policy
    IAM for the alias, new key closed      | AliasOnly   | direct       | closed       | allow_identity         | allow_key_policy              | no_resource_allow
    IAM for the alias, old key closed      | AliasOnly   | closed       | direct       | allow_identity         | no_resource_allow             | allow_key_policy
    IAM denies the alias                   | DeniedAlias | delegating   | delegating-2 | explicit_deny_identity | allow_iam_via_key_policy      | allow_iam_via_key_policy
    IAM denies the keys                    | DeniedKey   | delegating   | delegating-2 | allow_identity         | explicit_deny_identity        | explicit_deny_identity
    old key denies                         | Star        | denying      | delegating   | allow_identity         | explicit_deny_resource        | allow_iam_via_key_policy
    new key denies                         | Star        | delegating   | denying      | allow_identity         | allow_iam_via_key_policy      | explicit_deny_resource
";

/// Fails if the rules no longer say what the parts here stand on.
pub(super) fn check(rules: &Rules) -> Result<(), Failure> {
    rules.rule("KMS-ACT-4")?.says(
        "Every half that the table lists must be allowed; the alias half can only come from an identity policy, on the \
         alias ARN or `*`.",
    )?;
    rules
        .rule("IAM-EVAL-16")?
        .says("KMS aliases) the identity path needs none")
}

/// CreateAlias and DeleteAlias.
pub(super) fn case(operation: &Operation) -> Result<Case, Failure> {
    let action = operation.action();
    let mut case = start(operation);
    let is_new = operation.name == "CreateAlias";
    for [about, role, key, of_alias, of_key] in lines(ASKED)? {
        let alias = if is_new {
            "alias/new".to_owned()
        } else {
            format!("alias/{key}")
        };
        let mut parameters = json!({"AliasName": alias});
        if is_new {
            set(&mut parameters, "TargetKeyId", json!(key_arn(key)));
        }
        let parts = parts(&action, [&alias, &key_arn(key)], [of_alias, of_key]);
        ask_role(
            &mut case,
            &format!("{about}, {key}"),
            role,
            &action,
            parameters,
            &parts,
        );
    }
    if is_new {
        let parameters = json!({"AliasName": "alias/new", "TargetKeyId": key_arn("open")});
        let codes = ["allow_identity", "operation_not_cross_account"];
        let parts = parts(&action, ["alias/new", &key_arn("open")], codes);
        ask_other_account(&mut case, &action, parameters, &parts);
    }
    Ok(case)
}

/// UpdateAlias, with the key that the alias leaves.
pub(super) fn case_of_move(operation: &Operation) -> Result<Case, Failure> {
    let action = operation.action();
    let mut case = start(operation);
    for [about, role, old, new, of_alias, of_old, of_new] in lines(ASKED_OF_MOVE)? {
        let alias = format!("alias/{old}");
        let parameters = json!({"AliasName": alias, "TargetKeyId": key_arn(new)});
        let (old_arn, new_arn) = (key_arn(old), key_arn(new));
        let codes = [of_alias, of_old, of_new];
        let parts = parts(&action, [&alias, &old_arn, &new_arn], codes);
        ask_role(
            &mut case,
            &format!("{about}, {old} to {new}"),
            role,
            &action,
            parameters,
            &parts,
        );
    }
    let (own, open) = (key_arn_in(REGION, B, "own"), key_arn("open"));
    let parameters = json!({"AliasName": "alias/own", "TargetKeyId": open});
    let codes = [
        "allow_identity",
        "allow_iam_via_key_policy",
        "operation_not_cross_account",
    ];
    let parts = parts(&action, ["alias/own", &own, &open], codes);
    ask_other_account(&mut case, &action, parameters, &parts);
    Ok(case)
}

fn parts<'a, const N: usize>(
    action: &str,
    resources: [&str; N],
    codes: [&'a str; N],
) -> Vec<Part<'a>> {
    let names = resources.map(|resource| format!("{action} {resource}"));
    names.into_iter().zip(codes).collect()
}

/// Account B has everything, and an alias only of its own.
fn ask_other_account(case: &mut Case, action: &str, parameters: Value, parts: &[Part<'_>]) {
    let about = "an alias for a key of another account, which allows everything";
    ask(
        case,
        about,
        &session(B, "Everything"),
        action,
        parameters,
        parts,
    );
}

fn start(operation: &Operation) -> Case {
    let action = operation.action();
    let why = format!("{action}: the alias by IAM, and the keys by their key policies");
    let rules = [
        "KMS-ACT-4",
        "KMS-ID-2",
        "KMS-POL-3",
        "KMS-XA-2",
        "KMS-DEC-0",
    ];
    let snapshot = place::snapshot(roles(&action), keys());
    let path = format!("kms-act/{}-halves", operation.name);
    Case::new(&path, &rules, &why, snapshot).by_default("region", REGION)
}

fn roles(action: &str) -> Vec<Value> {
    let (aliases, keys) = (alias_arn("*"), key_arn("*"));
    let of = |name: &str, resources: &[&str]| {
        let statements = resources.iter().map(|resource| allow(action, resource));
        role(A, name, statements.collect())
    };
    let denied = |name: &str, resource: &str| {
        role(A, name, vec![allow("kms:*", "*"), deny(action, resource)])
    };
    vec![
        of("Both", &[&aliases, &keys]),
        of("Star", &["*"]),
        of("AliasOnly", &[&aliases]),
        of("KeyOnly", &[&keys]),
        of("AliasAndOne", &[&aliases, &key_arn("delegating")]),
        of("None", &[]),
        denied("DeniedAlias", &aliases),
        denied("DeniedKey", &keys),
        of("Admin", &[]),
        role(B, "Everything", vec![allow("kms:*", "*")]),
    ]
}

fn keys() -> Vec<Value> {
    let key = |account: &str, name: &str, statements: Vec<Value>| {
        let aliases = json!({"aliases": [format!("alias/{name}")]});
        place::key(&key_arn_in(REGION, account, name), statements, &aliases)
    };
    let opened =
        |name: &str, principals: Value| key(A, name, vec![to(principals, &allow("kms:*", "*"))]);
    let direct = || json!([role_arn(A, "AliasOnly"), role_arn(A, "None")]);
    let denying = vec![
        to(json!(root(A)), &allow("kms:*", "*")),
        to(json!(role_arn(A, "Star")), &deny("kms:*", "*")),
    ];
    vec![
        opened("delegating", json!(root(A))),
        opened("delegating-2", json!(root(A))),
        opened("direct", direct()),
        opened("direct-2", direct()),
        opened("closed", json!(role_arn(A, "Admin"))),
        opened("open", json!([root(A), root(B), role_arn(B, "Everything")])),
        key(A, "denying", denying),
        key(B, "own", vec![to(json!(root(B)), &allow("kms:*", "*"))]),
    ]
}
