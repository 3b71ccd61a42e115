//! KMS-GRANT-14: who may retire a grant. The table points there.

use serde_json::{Value, json};

use super::super::case::{Case, set};
use super::super::markdown::Rules;
use super::super::world::{A, B};
use super::asked::{expected, lines};
use super::place::{
    self, allow, allow_others, deny, grant, key_arn, role, role_arn, root, session, to,
};
use super::table::Operation;
use crate::failure::Failure;

/// An account that has to do with neither the keys nor the grants.
const C: &str = "999999999999";

/// Who, by account and role; which grant; and the answer.
const ASKED: &str = "
    the retiring principal                                      | A Retiring | retirable              | allow_grant retirable
    the retiring principal of another account                   | B Retiring | retirable-by-b         | allow_grant retirable-by-b
    another grant's retiring principal                          | A Retiring | retirable-by-b         | retire_grant_not_entitled
    the grantee                                                 | A Grantee  | retirable              | allow_grant retirable
    the grantee, RetireGrant not listed                         | A Grantee  | unlisted               | retire_grant_not_entitled
    the grantee of another account                              | B Grantee  | to-b                   | allow_grant to-b
    an identity of the issuing account with IAM                 | B Allowed  | issued-by-b            | allow_grant issued-by-b
    an identity of the issuing account without IAM              | B Silent   | issued-by-b            | retire_grant_not_entitled
    an identity of the key's account with IAM, issued elsewhere | A Allowed  | issued-by-b            | allow_grant issued-by-b
    an identity of the key's account with IAM                   | A Allowed  | unlisted               | allow_grant unlisted
    an identity of the key's account without IAM                | A Silent   | unlisted               | retire_grant_not_entitled
    an identity of the retiring account with IAM                | B Allowed  | retirable-by-account-b | allow_grant retirable-by-account-b
    an identity of the retiring account without IAM             | B Silent   | retirable-by-account-b | retire_grant_not_entitled
    the root user of the issuing account                        | B root     | issued-by-b            | allow_grant issued-by-b
    the root user of the key's account                          | A root     | issued-by-b            | allow_grant issued-by-b
    an identity of another account with IAM                     | B Allowed  | unlisted               | retire_grant_not_entitled
    the root user of another account                            | C root     | issued-by-b            | retire_grant_not_entitled
    an identity of a third account with IAM                     | C Allowed  | issued-by-b            | retire_grant_not_entitled
    the key policy names the role                               | A Named    | unlisted               | retire_grant_not_entitled
    the key policy names a role of another account with IAM     | B Named    | unlisted               | retire_grant_not_entitled
    the key policy denies the retiring principal                | A Retiring | denying                | allow_grant denying
    the key policy denies the key's account                     | A Allowed  | denying                | allow_grant denying
    IAM denies the retiring principal                           | A Denied   | retirable-by-denied    | explicit_deny_identity
";

/// Fails if the rules no longer say what the codes here stand on.
pub(super) fn check(rules: &Rules) -> Result<(), Failure> {
    let rule = rules.rule("KMS-GRANT-14")?;
    for words in [
        "is allowed, without any policy, to: - the retiring principal - the grantee if the grant lists RetireGrant - \
         the account in which the grant was created",
        "only *delegates*: for identities of the issuing or key-owning account, or of an account that is the retiring \
         principal",
        "It never suffices for others: implicit deny `retire_grant_not_entitled`",
        "Root users of those accounts need nothing",
        "works in identity policies and SCPs, is ineffective in key policies and in RCPs",
    ] {
        rule.says(words)?;
    }
    let procedure = rules.rule("KMS-DEC-0")?;
    procedure.says("retire_rules (GRANT-14): allow_grant or Deny(i) retire_grant_not_entitled")
}

pub(super) fn case(operation: &Operation) -> Result<Case, Failure> {
    let why = "kms:RetireGrant: the grant says who may, and identity policies of its accounts";
    let rules = ["KMS-GRANT-14", "KMS-DEC-0"];
    let action = operation.action();
    let path = format!("kms-act/{}", operation.name);
    let snapshot = place::snapshot(roles(&action), keys());
    let mut case = Case::new(&path, &rules, why, snapshot).by_default("region", place::REGION);
    for [about, caller, key, code] in lines(ASKED)? {
        let request = json!({
            "principal": principal(caller)?, "action": action, "resource": key_arn(key), "parameters": {"GrantId": key},
        });
        case.test(format!("{about}: {key}"), request, expected(code));
    }
    let parameters = json!({"KeyId": key_arn("retirable"), "GrantId": "retirable"});
    let caller = session(A, "Retiring");
    let request = json!({"principal": caller, "operation": action, "parameters": parameters});
    let part = expected("allow_grant retirable");
    case.test(
        "as an operation",
        request,
        json!({"verdict": "allow", "parts": {"kms:RetireGrant": part}}),
    );
    Ok(case)
}

/// The caller of a cell: an account's letter and a role, or its root user.
fn principal(cell: &str) -> Result<String, Failure> {
    let account = match cell.split(' ').next() {
        Some("A") => A,
        Some("B") => B,
        Some("C") => C,
        _ => return Err(Failure::new(format!("`{cell}` names no account"))),
    };
    Ok(match cell.split(' ').next_back() {
        Some("root") => root(account),
        Some(role) => session(account, role),
        None => cell.to_owned(),
    })
}

fn roles(action: &str) -> Vec<Value> {
    let allowed = |account: &str, name: &str| role(account, name, vec![allow(action, "*")]);
    let silent = |account: &str, name: &str| role(account, name, vec![allow_others(action)]);
    vec![
        allowed(A, "Allowed"),
        allowed(B, "Allowed"),
        allowed(C, "Allowed"),
        silent(A, "Silent"),
        silent(B, "Silent"),
        silent(A, "Grantee"),
        silent(B, "Grantee"),
        silent(A, "Retiring"),
        silent(B, "Retiring"),
        silent(A, "Named"),
        allowed(B, "Named"),
        role(A, "Denied", vec![allow("kms:*", "*"), deny(action, "*")]),
        role(A, "Admin", Vec::new()),
    ]
}

/// One key for each grant; both have the same name.
fn keys() -> Vec<Value> {
    const LISTED: &[&str] = &["Decrypt", "RetireGrant"];
    const UNLISTED: &[&str] = &["Decrypt"];
    let retiring = |account: &str, role: &str| Some(role_arn(account, role));
    let (of_a, of_b) = (role_arn(A, "Grantee"), role_arn(B, "Grantee"));
    vec![
        key("retirable", &of_a, A, LISTED, retiring(A, "Retiring")),
        key(
            "retirable-by-b",
            &of_a,
            A,
            UNLISTED,
            retiring(B, "Retiring"),
        ),
        key("retirable-by-account-b", &of_a, A, UNLISTED, Some(root(B))),
        key(
            "retirable-by-denied",
            &of_a,
            A,
            UNLISTED,
            retiring(A, "Denied"),
        ),
        key("unlisted", &of_a, A, UNLISTED, None),
        key("to-b", &of_b, A, LISTED, None),
        key("issued-by-b", &of_a, B, UNLISTED, None),
        key("denying", &of_a, A, UNLISTED, retiring(A, "Retiring")),
    ]
}

fn key(
    name: &str,
    grantee: &str,
    issuer: &str,
    operations: &[&str],
    retiring: Option<String>,
) -> Value {
    let mut grant = grant(name, grantee, issuer, operations);
    if let Some(retiring) = retiring {
        set(&mut grant, "RetiringPrincipal", json!(retiring));
    }
    let named = [(A, "Admin"), (A, "Named"), (B, "Named")];
    let named = named.map(|(account, role)| role_arn(account, role));
    let mut statements = vec![to(json!(named), &allow("kms:*", "*"))];
    if name == "denying" {
        statements.push(to(json!("*"), &deny("kms:*", "*")));
    }
    place::key(&key_arn(name), statements, &json!({"grants": [grant]}))
}
