//! The rows of IAM-GRAM-14 with the elements that show them.

use serde_json::{Value, json};

use super::super::world::{A, B, USER};

/// A requester by its name in [`super::requester`], and whether an element matches it.
pub(super) type Match = (&'static str, bool);

pub(super) const CANONICAL: &str =
    "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
pub(super) const SAML: &str = "arn:aws:iam::111122223333:saml-provider/corp";
pub(super) const DOMAIN: &str = "cognito-identity.amazonaws.com";

/// A row: its form and its verdict, as this module reads them, and what shows them.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) form: &'static str,
    pub(super) verdict: &'static str,
    /// Elements that are accepted, each with requesters and whether they match.
    pub(super) accepted: Vec<(Value, Vec<Match>)>,
    pub(super) refused: Vec<Value>,
}

const EVERYBODY: &[Match] = &[("user", true), ("stranger", true), ("anonymous", true)];

/// All rows.
pub(super) fn rows() -> Vec<Row> {
    let row = |name, form, verdict, accepted, refused| Row {
        name,
        form,
        verdict,
        accepted,
        refused,
    };
    let aws = |arn: &str| json!({"AWS": arn.replace(":A:", &format!(":{A}:"))});
    let only = |who: &'static str| {
        let all = [
            "user",
            "stranger",
            "session",
            "other-session",
            "federated",
            "service",
        ];
        all.into_iter()
            .map(|name| (name, name == who))
            .collect::<Vec<_>>()
    };
    let role = || vec![("session", true), ("other-session", true), ("user", false)];
    let stranger = || vec![("stranger", true), ("user", false), ("anonymous", false)];
    let service = |name: &str, other: &str| json!({"Service": [name, other]});
    vec![
        row(
            "everyone",
            "\"*\"",
            "everyone (PRIN-9)",
            vec![(json!("*"), EVERYBODY.to_vec())],
            vec![],
        ),
        row(
            "bare",
            "any other bare string",
            "E",
            vec![],
            vec![json!(A), json!(USER), json!(""), json!("sns.amazonaws.com")],
        ),
        row(
            "keys",
            "object with keys among AWS, Service, Federated, CanonicalUser (each string or array)",
            "ok; other key → E",
            vec![
                (json!({"AWS": USER}), only("user")),
                (
                    json!({"AWS": [USER, B]}),
                    vec![("user", true), ("stranger", true), ("session", false)],
                ),
                (
                    json!({"AWS": [USER], "Service": "sns.amazonaws.com"}),
                    vec![("user", true), ("service", true), ("session", false)],
                ),
                (json!({"CanonicalUser": [CANONICAL]}), only("user")),
            ],
            vec![
                json!({"aws": USER}),
                json!({"User": USER}),
                json!({"AWS": USER, "Role": USER}),
            ],
        ),
        row(
            "empty",
            "{} or {\"AWS\":[]}",
            "W, never matches",
            vec![
                (
                    json!({}),
                    vec![("user", false), ("anonymous", false), ("stranger", false)],
                ),
                (
                    json!({"AWS": []}),
                    vec![("user", false), ("anonymous", false), ("stranger", false)],
                ),
            ],
            vec![],
        ),
        row(
            "aws-everyone",
            "AWS: \"*\"",
            "everyone (PRIN-9)",
            vec![(json!({"AWS": "*"}), EVERYBODY.to_vec())],
            vec![],
        ),
        row(
            "account",
            "AWS: 12 digits, or arn:P:iam::ACCT:root",
            "the account; the two are the same thing",
            vec![
                (json!({"AWS": B}), stranger()),
                (json!({"AWS": format!("arn:aws:iam::{B}:root")}), stranger()),
            ],
            vec![],
        ),
        row(
            "principal",
            "AWS: user, role, assumed-role, federated-user ARN",
            "that principal",
            vec![
                (aws("arn:aws:iam::A:user/U"), only("user")),
                (aws("arn:aws:iam::A:role/app/R"), role()),
                (aws("arn:aws:sts::A:assumed-role/R/s"), only("session")),
                (aws("arn:aws:sts::A:federated-user/F"), only("federated")),
            ],
            vec![],
        ),
        row(
            "unique-id",
            "AWS: AIDA… / AROA…",
            "unique-id form; W (\"principal was probably deleted\")",
            vec![
                (
                    json!({"AWS": "AIDAEXAMPLEU123456789"}),
                    vec![("user", true), ("session", false)],
                ),
                (json!({"AWS": "AROAEXAMPLER123456789"}), role()),
                (
                    json!({"AWS": "AIDAEXAMPLEGONE123456"}),
                    vec![("user", false), ("session", false)],
                ),
            ],
            vec![],
        ),
        row(
            "group",
            "AWS: group ARN",
            "E (groups are not principals)",
            vec![],
            vec![aws("arn:aws:iam::A:group/readers")],
        ),
        row(
            "wildcard",
            "* or ? inside a name or ARN",
            "E",
            vec![],
            vec![
                aws("arn:aws:iam::A:role/*"),
                aws("arn:aws:iam::A:user/?"),
                json!({"AWS": "arn:aws:iam::*:root"}),
                json!({"AWS": "1111222233*"}),
            ],
        ),
        row(
            "service",
            "Service: \"*\", or not of the form name[.region].amazonaws.com[.cn]",
            "E for *, W otherwise",
            vec![
                (
                    service("sns.amazonaws.com", "ec2.amazonaws.com.cn"),
                    only("service"),
                ),
                (
                    service(
                        "sns.eu-south-1.amazonaws.com",
                        "s3.eu-south-1.amazonaws.com",
                    ),
                    vec![("service", false)],
                ),
                (
                    service("sns.example.com", "sns"),
                    vec![("service", false), ("user", false)],
                ),
            ],
            vec![json!({"Service": "*"})],
        ),
        row(
            "federated",
            "Federated: provider ARN or built-in IdP domain",
            "only in trust policies, else E",
            vec![],
            vec![json!({"Federated": SAML}), json!({"Federated": DOMAIN})],
        ),
        row(
            "canonical-user",
            "CanonicalUser",
            "S3 only, else W",
            vec![(json!({"CanonicalUser": CANONICAL}), only("user"))],
            vec![],
        ),
    ]
}
