//! KMS-ID-4 and KMS-ACT-6: operations on no key are decided on `*`, by identity policies alone.

use serde_json::{Value, json};

use super::super::case::{Case, set};
use super::super::markdown::Rules;
use super::super::world::A;
use super::asked::{expected, lines, verdict};
use super::place::{self, allow, allow_others, deny, key_arn, role, role_arn, root, session, to};
use super::table::Operation;
use crate::failure::Failure;

/// What, which role, and the answer.
const ASKED: &str = "
    IAM                       | Allowed      | allow_identity
    key policy without IAM    | Silent       | no_identity_allow
    IAM on keys and aliases   | OnKeys       | no_identity_allow
    IAM denies                | Denied       | explicit_deny_identity
    IAM denies on keys        | DeniedOnKeys | allow_identity
    key policy denies         | DeniedByKey  | allow_identity
";

/// Fails if the rules no longer say what the codes here stand on.
pub(super) fn check(rules: &Rules) -> Result<(), Failure> {
    let star = rules.rule("KMS-ID-4")?;
    star.says(
        "are evaluated against resource `*`; a policy scoped to key ARNs does not match them",
    )?;
    star.says("treat `*` as the only value policies can use")?;
    rules
        .rule("KMS-ACT-6")?
        .says("in a key policy have no effect")?;
    rules.rule("IAM-WILD-8")?.says("(dead Allow, dead Deny)")?;
    rules
        .rule("IAM-EVAL-16")?
        .says("the identity path needs none")
}

pub(super) fn case(operation: &Operation) -> Result<Case, Failure> {
    let action = operation.action();
    let why = format!("{action}: only an identity policy on `*` allows what is no key's");
    let rules = ["KMS-ID-4", "KMS-ACT-6", "IAM-WILD-8", "IAM-EVAL-16"];
    let path = format!("kms-act/{}", operation.name);
    let snapshot = place::snapshot(roles(&action), keys(&action));
    let mut case = Case::new(&path, &rules, &why, snapshot).by_default("region", place::REGION);
    for [about, role, code] in lines(ASKED)? {
        let caller = session(A, role);
        let request = json!({"principal": caller, "action": action, "resource": "*"});
        case.test(format!("{about}: {role}"), request, expected(code));
        let mut parts = json!({});
        set(&mut parts, &action, expected(code));
        let request = json!({"principal": caller, "operation": action});
        let expect = json!({"verdict": verdict(code), "parts": parts});
        case.test(format!("{about}, as an operation: {role}"), request, expect);
    }
    Ok(case)
}

fn roles(action: &str) -> Vec<Value> {
    let on_keys = ["arn:aws:kms:*:*:key/*", "arn:aws:kms:*:*:alias/*"];
    let everything = || allow("kms:*", "*");
    vec![
        role(A, "Allowed", vec![allow(action, "*")]),
        role(A, "Silent", vec![allow_others(action)]),
        role(
            A,
            "OnKeys",
            on_keys.map(|resource| allow(action, resource)).to_vec(),
        ),
        role(A, "Denied", vec![everything(), deny(action, "*")]),
        role(
            A,
            "DeniedOnKeys",
            vec![everything(), deny(action, "arn:aws:kms:*:*:key/*")],
        ),
        role(A, "DeniedByKey", vec![allow(action, "*")]),
    ]
}

fn keys(action: &str) -> Vec<Value> {
    let named = json!([root(A), role_arn(A, "Silent")]);
    let open = vec![to(named, &allow("kms:*", "*"))];
    let denying = vec![
        to(json!(root(A)), &allow("kms:*", "*")),
        to(json!(role_arn(A, "DeniedByKey")), &deny(action, "*")),
    ];
    [("open", open), ("denying", denying)]
        .map(|(name, statements)| place::key(&key_arn(name), statements, &json!({})))
        .to_vec()
}
