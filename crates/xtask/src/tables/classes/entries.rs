//! Entries of a `Principal` element, requesters, and which matches which by the rows of IAM-PRIN-2.

use serde_json::{Value, json};

use super::super::world::{self, A, B};

/// The rows as this module reads them: class, entry, requester.
pub(super) const ROWS: [(&str, &str, &str); 7] = [
    (
        "WILD",
        "\"*\", {\"AWS\":\"*\"}",
        "anyone, anonymous included; service principals too for Deny (for Allow: AMB-11)",
    ),
    (
        "USER",
        "user ARN or its AIDA id",
        "that IAM user (also GetSessionToken credentials)",
    ),
    (
        "SESSION",
        "exact assumed-role ARN, or federated-user ARN",
        "exactly that session",
    ),
    (
        "ENTITY",
        "role ARN or AROA id; user ARN",
        "a session of that role; a *federated-user* session of that user",
    ),
    (
        "ACCOUNT",
        "12 digits or :root ARN",
        "every identity of that account (root, users, roles, sessions, federated users)",
    ),
    ("SERVICE", "service name", "that service acting as itself"),
    (
        "FED",
        "provider",
        "the caller of AssumeRoleWithSAML / WithWebIdentity",
    ),
];

/// An entry, and the requesters that it matches in each class.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) principal: Value,
    pub(super) classes: &'static [(&'static str, &'static [&'static str])],
    /// Of these the table does not speak.
    pub(super) open: &'static [&'static str],
}

const OF_A: &[&str] = &[
    "user",
    "user-token",
    "other-user",
    "session",
    "session-2",
    "other-session",
    "federated",
    "federated-2",
    "root",
];
const ANYONE: &[&str] = &[
    "user",
    "user-token",
    "other-user",
    "session",
    "session-2",
    "other-session",
    "federated",
    "federated-2",
    "root",
    "stranger",
    "strange-root",
    "service",
    "other-service",
    "anonymous",
];

/// All entries.
pub(super) fn entries() -> Vec<Entry> {
    let entry = |name, principal, classes| Entry {
        name,
        principal,
        classes,
        open: &[],
    };
    let arn = |rest: &str| json!({"AWS": format!("arn:aws:{rest}")});
    vec![
        entry("star", json!("*"), &[("WILD", ANYONE)]),
        entry("aws-star", json!({"AWS": "*"}), &[("WILD", ANYONE)]),
        entry(
            "user",
            arn(&format!("iam::{A}:user/eng/U")),
            &[
                ("USER", &["user", "user-token"]),
                ("ENTITY", &["federated", "federated-2"]),
            ],
        ),
        Entry {
            open: &["federated", "federated-2"],
            ..entry(
                "user-id",
                json!({"AWS": "AIDAEXAMPLEU123456789"}),
                &[("USER", &["user", "user-token"])],
            )
        },
        entry(
            "session",
            arn(&format!("sts::{A}:assumed-role/R/s")),
            &[("SESSION", &["session"])],
        ),
        entry(
            "federated",
            arn(&format!("sts::{A}:federated-user/F")),
            &[("SESSION", &["federated"])],
        ),
        entry(
            "role",
            arn(&format!("iam::{A}:role/app/R")),
            &[("ENTITY", &["session", "session-2"])],
        ),
        entry(
            "role-id",
            json!({"AWS": "AROAEXAMPLER123456789"}),
            &[("ENTITY", &["session", "session-2"])],
        ),
        entry("account", json!({"AWS": A}), &[("ACCOUNT", OF_A)]),
        entry(
            "account-root",
            arn(&format!("iam::{A}:root")),
            &[("ACCOUNT", OF_A)],
        ),
        entry(
            "service",
            json!({"Service": "sns.amazonaws.com"}),
            &[("SERVICE", &["service"])],
        ),
    ]
}

/// All requesters by their names.
pub(super) fn requesters() -> Vec<(&'static str, Value)> {
    let session = |rest: &str| json!(format!("arn:aws:sts::{A}:assumed-role/{rest}"));
    let federated = |name: &str| {
        json!({
            "arn": format!("arn:aws:sts::{A}:federated-user/{name}"),
            "user": format!("arn:aws:iam::{A}:user/eng/U"),
            "session_policies": world::open_session(),
        })
    };
    let user = format!("arn:aws:iam::{A}:user/eng/U");
    vec![
        ("user", json!({"arn": user, "credentials": "long_term"})),
        (
            "user-token",
            json!({"arn": user, "credentials": "session_token"}),
        ),
        ("other-user", json!(format!("arn:aws:iam::{A}:user/eng/V"))),
        ("session", session("R/s")),
        ("session-2", session("R/s2")),
        ("other-session", session("Q/s")),
        ("federated", federated("F")),
        ("federated-2", federated("F2")),
        ("root", json!(format!("arn:aws:iam::{A}:root"))),
        ("stranger", json!(format!("arn:aws:iam::{B}:user/eng/U"))),
        ("strange-root", json!(format!("arn:aws:iam::{B}:root"))),
        ("service", json!("sns.amazonaws.com")),
        ("other-service", json!("events.amazonaws.com")),
        ("anonymous", json!("anonymous")),
    ]
}
