//! The roles and keys of [`super::one_key`]: one role for each way of being allowed, one key for each way of being open.

use serde_json::{Value, json};

use super::super::case::set;
use super::super::world::{A, B};
use super::one_key::arn;
use super::place::{self, alias_arn, allow, allow_others, deny, grant, role, role_arn, root, to};
use super::table::Operation;

/// `Allowed` has the action, `Silent` all others, `Denied` a deny; `Elsewhere` has it on what is not the key.
pub(super) fn roles(operation: &Operation) -> Vec<Value> {
    let action = operation.action();
    let everything = || allow("kms:*", "*");
    let elsewhere = [arn(operation, "other"), alias_arn("app")];
    vec![
        role(A, "Allowed", vec![allow(&action, "*")]),
        role(A, "Silent", vec![allow_others(&action)]),
        role(
            A,
            "Elsewhere",
            elsewhere.map(|name| allow(&action, &name)).to_vec(),
        ),
        role(A, "Denied", vec![everything(), deny(&action, "*")]),
        role(A, "Other", Vec::new()),
        role(A, "Admin", vec![everything()]),
        role(B, "Allowed", vec![allow(&action, "*")]),
        role(B, "Silent", vec![allow_others(&action)]),
        role(B, "Denied", vec![everything(), deny(&action, "*")]),
        role(B, "Everything", vec![everything()]),
    ]
}

/// The keys, with grants where the operation can be in one.
pub(super) fn keys(operation: &Operation) -> Vec<Value> {
    let action = operation.action();
    let direct = || {
        json!([
            role_arn(A, "Silent"),
            role_arn(B, "Allowed"),
            role_arn(B, "Silent")
        ])
    };
    let own = || json!(root(A));
    let mut keys = vec![
        key(
            operation,
            "direct",
            vec![to(direct(), &allow(&action, "*"))],
            vec![],
        ),
        key(
            operation,
            "direct-others",
            vec![to(direct(), &allow_others(&action))],
            vec![],
        ),
        key(
            operation,
            "delegating",
            vec![to(own(), &allow(&action, "*"))],
            vec![],
        ),
        key(
            operation,
            "delegating-others",
            vec![to(own(), &allow_others(&action))],
            vec![],
        ),
        key(
            operation,
            "to-account-b",
            vec![to(json!(root(B)), &allow(&action, "*"))],
            vec![],
        ),
        key(operation, "closed", vec![admin()], vec![]),
        denying(operation),
        open(operation),
    ];
    if operation.is_grantable {
        keys.extend(granted(operation));
    }
    keys
}

/// For nobody but an administrator.
fn admin() -> Value {
    to(json!(role_arn(A, "Admin")), &allow("kms:*", "*"))
}

/// Everything that could allow, and a deny.
fn denying(operation: &Operation) -> Value {
    let named = json!([root(A), root(B), role_arn(A, "Silent")]);
    let denied = json!([
        role_arn(A, "Allowed"),
        role_arn(A, "Silent"),
        role_arn(B, "Allowed")
    ]);
    let statements = vec![
        to(named, &allow("kms:*", "*")),
        to(denied, &deny(&operation.action(), "*")),
    ];
    key(
        operation,
        "denying",
        statements,
        vec![to_role(operation, A, "Silent", A)],
    )
}

/// Everything that could allow.
fn open(operation: &Operation) -> Value {
    let named = [(A, "Denied"), (B, "Denied"), (B, "Everything")]
        .map(|(account, role)| role_arn(account, role));
    let mut everyone = vec![root(A), root(B)];
    everyone.extend(named);
    let statements = vec![to(json!(everyone), &allow("kms:*", "*"))];
    key(
        operation,
        "open",
        statements,
        vec![to_role(operation, A, "Denied", A)],
    )
}

fn granted(operation: &Operation) -> Vec<Value> {
    let to_role =
        |account: &str, role: &str, issuer: &str| to_role(operation, account, role, issuer);
    // Decrypt fits the keys of DescribeKey here, DescribeKey fits every key.
    let other = if operation.name == "DescribeKey" {
        "Decrypt"
    } else {
        "DescribeKey"
    };
    let others = grant("to-silent", &role_arn(A, "Silent"), A, &[other]);
    let of = |name: &str, grants: Vec<Value>| key(operation, name, vec![admin()], grants);
    vec![
        of("granted", vec![to_role(A, "Silent", A)]),
        of("granted-to-other", vec![to_role(A, "Other", A)]),
        of("granted-others", vec![others]),
        of(
            "granted-abroad",
            vec![to_role(B, "Allowed", A), to_role(B, "Silent", A)],
        ),
        of("granted-by-b", vec![to_role(B, "Silent", B)]),
    ]
}

/// A grant that lists the operation; CreateGrant does not stand in one alone.
fn to_role(operation: &Operation, account: &str, role: &str, issuer: &str) -> Value {
    let mut listed = vec![operation.name.as_str()];
    if operation.name == "CreateGrant" {
        listed.push("DescribeKey");
    }
    let id = format!("to-{}", role.to_ascii_lowercase());
    grant(&id, &role_arn(account, role), issuer, &listed)
}

fn key(operation: &Operation, name: &str, statements: Vec<Value>, grants: Vec<Value>) -> Value {
    let mut rest = operation
        .fits
        .as_ref()
        .map(|fits| fits.sample())
        .unwrap_or_default();
    if name == "delegating" {
        set(&mut rest, "aliases", json!(["alias/app"]));
    }
    if operation.is_grantable && !grants.is_empty() {
        set(&mut rest, "grants", json!(grants));
    }
    place::key(&arn(operation, name), statements, &rest)
}
