//! KMS-DEC-0 for one permission on one key: every way in which the key's side and the caller's side can be open or
//! closed.

use serde_json::{Value, json};

use super::super::case::{Case, merged, set};
use super::super::markdown::Rules;
use super::super::world::{A, B};
use super::across;
use super::asked::{expected, lines, verdict};
use super::place::{self, key_arn, role_arn, session};
use super::table::{Operation, Shape};
use super::worlds::{keys, roles};
use crate::failure::Failure;

/// What, which role of account A, which key, and the answer.
const ASKED: &str = "
    key policy alone                        | Silent    | direct            | allow_key_policy
    key policy for every other action       | Silent    | direct-others     | no_resource_allow
    delegated IAM                           | Allowed   | delegating        | allow_iam_via_key_policy
    IAM on another key and on the alias     | Elsewhere | delegating        | no_identity_allow
    IAM without delegation                  | Allowed   | closed            | iam_not_enabled_by_key_policy
    IAM, delegation of every other action   | Allowed   | delegating-others | iam_not_enabled_by_key_policy
    IAM, delegation to another account      | Allowed   | to-account-b      | iam_not_enabled_by_key_policy
    delegation without IAM                  | Silent    | delegating        | no_identity_allow
    neither                                 | Silent    | closed            | no_resource_allow
    key policy denies                       | Allowed   | denying           | explicit_deny_resource
    IAM denies                              | Denied    | open              | explicit_deny_identity
";
const BY_GRANT: &str = "
    grant                                   | Silent    | granted           | allow_grant to-silent
    grant to another role                   | Silent    | granted-to-other  | no_resource_allow
    grant of another operation              | Silent    | granted-others    | no_resource_allow
    grant, key policy denies                | Silent    | denying           | explicit_deny_resource
";

/// Fails if the rules no longer say what the codes here stand on.
pub(super) fn check(rules: &Rules) -> Result<(), Failure> {
    let delegation = rules.rule("KMS-POL-3")?;
    delegation.says("gives no IAM user or role anything")?;
    delegation.says("same actions, same conditions")?;
    delegation.says("are void (`iam_not_enabled_by_key_policy`)")?;
    delegation.says("Identity-policy *denies* count always.")?;
    let procedure = rules.rule("KMS-DEC-0")?;
    for line in [
        "if direct and (cap_ok or free) -> allow_key_policy (sid)",
        "if grants and (cap_ok or free) -> allow_grant (id)",
        "if deleg and iam and cap_ok -> allow_iam_via_key_policy (sid, policy)",
        "deny with: iam and not deleg -> iam_not_enabled_by_key_policy deleg and not iam -> no_identity_allow",
        "neither -> no_resource_allow (+ no_identity_allow as second reason)",
        "for src in [SCP, RCP*, VPC endpoint, boundary, session, key policy/ies*, identity]",
    ] {
        procedure.says(line)?;
    }
    for (rule, words) in [
        (
            "KMS-POL-5",
            "is sufficient alone; no identity policy is needed",
        ),
        ("KMS-POL-16", "beats identity policies and **all grants**"),
        (
            "KMS-GRANT-1",
            "It works even when the key policy does not delegate to IAM.",
        ),
        ("KMS-GRANT-2", "so does CreateGrant alone"),
        ("KMS-GRANT-9", "child operations ⊆ parent operations"),
        ("KMS-ID-2", "nothing on the key behind it"),
    ] {
        rules.rule(rule)?.says(words)?;
    }
    Ok(())
}

/// The case of an operation, with the tests of both accounts.
pub(super) fn case(operation: &Operation) -> Result<Case, Failure> {
    let mut case = start(operation);
    for text in asked(operation) {
        for [about, role, key, code] in lines(text)? {
            let name = format!("{about}: {key}, {role}");
            case.test(name, request(operation, A, role, key), expected(code));
        }
    }
    for text in across::asked(operation) {
        for [about, role, key, code] in lines(text)? {
            let mut request = request(operation, B, role, key);
            if about.ends_with("lenient") {
                set(
                    &mut request,
                    "switches",
                    json!({"grant_key_trust": "lenient"}),
                );
            }
            let name = format!("other account, {about}: {key}, {role}");
            case.test(name, request, expected(code));
        }
    }
    if operation.shape == Shape::Key {
        as_operation(&mut case, operation);
    }
    Ok(case)
}

fn asked(operation: &Operation) -> Vec<&'static str> {
    match (operation.shape, operation.is_grantable) {
        // The table does not say what would allow it.
        (Shape::Nobody, _) => Vec::new(),
        (_, true) => vec![ASKED, BY_GRANT],
        (_, false) => vec![ASKED],
    }
}

fn start(operation: &Operation) -> Case {
    let mut rules = Vec::new();
    if operation.shape != Shape::Nobody {
        rules.extend([
            "KMS-DEC-0",
            "KMS-POL-1",
            "KMS-POL-3",
            "KMS-POL-5",
            "KMS-POL-16",
            "KMS-ID-2",
        ]);
    }
    rules.extend(across::rules(operation));
    if operation.is_grantable {
        rules.extend(["KMS-GRANT-1", "KMS-GRANT-4", "KMS-GRANT-10"]);
    } else if matches!(operation.name.as_str(), "ListGrants" | "RevokeGrant") {
        rules.push("KMS-GRANT-15");
    }
    let why = format!("{}: what opens a key, from each side", operation.action());
    let path = format!("kms-act/{}", operation.name);
    let snapshot = place::snapshot(roles(operation), keys(operation));
    let case = Case::new(&path, &rules, &why, snapshot).by_default("region", place::REGION);
    match operation.name.as_str() {
        // A grant that lists CreateGrant passes on what it lists itself.
        "CreateGrant" => case.by_default("parameters", child()),
        _ => case,
    }
}

fn child() -> Value {
    json!({"GranteePrincipal": role_arn(A, "Other"), "Operations": ["DescribeKey"]})
}

fn request(operation: &Operation, account: &str, role: &str, key: &str) -> Value {
    json!({"principal": session(account, role), "action": operation.action(), "resource": arn(operation, key)})
}

/// The ARN of a key of the case; ids of multi-Region keys start with `mrk-`.
pub(super) fn arn(operation: &Operation, name: &str) -> String {
    let is_multi_region = operation
        .fits
        .as_ref()
        .is_some_and(|fits| fits.is_multi_region);
    match is_multi_region {
        true => key_arn(&format!("mrk-{name}")),
        false => key_arn(name),
    }
}

/// The same as a call of the API, where that is one decision about a key that the call names.
fn as_operation(case: &mut Case, operation: &Operation) {
    let mut parameters = json!({"KeyId": arn(operation, "delegating")});
    if operation.name == "CreateGrant" {
        parameters = merged(&parameters, &child());
    }
    for (role, code) in [
        ("Allowed", "allow_iam_via_key_policy"),
        ("Silent", "no_identity_allow"),
    ] {
        let mut parts = json!({});
        set(&mut parts, &operation.action(), expected(code));
        let request = json!({
            "principal": session(A, role), "operation": operation.action(), "parameters": parameters,
        });
        let expect = json!({"verdict": verdict(code), "parts": parts});
        case.test(format!("as an operation: {role}"), request, expect);
    }
}
