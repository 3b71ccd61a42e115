//! Entries of the register that concern one test of a statement.

use serde_json::{Value, json};

/// An entry, its guess as the register words it, and statements whose truth hangs on it.
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) guess: &'static str,
    pub(super) rules: &'static [&'static str],
    pub(super) probes: &'static [Probe],
}

/// Where the statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Identity,
    Bucket,
}

/// A statement, a request, and whether the statement applies by the guess.
pub(super) struct Probe {
    pub(super) name: &'static str,
    pub(super) place: Place,
    /// Members of the statement, as JSON.
    members: &'static str,
    pub(super) action: &'static str,
    pub(super) resource: &'static str,
    /// A key with its value: text, or JSON.
    pub(super) context: Option<(&'static str, &'static str)>,
    pub(super) holds: bool,
}

impl Probe {
    pub(super) fn members(&self) -> Value {
        serde_json::from_str(self.members).unwrap_or_else(|_| json!({"members": "not JSON"}))
    }
}

const PLAIN: Probe = Probe {
    name: "",
    place: Place::Identity,
    members: "{}",
    action: "s3:GetObject",
    resource: "arn:aws:s3:::team/x",
    context: None,
    holds: false,
};

/// A condition of an identity policy with one key in the context.
const fn condition(
    name: &'static str,
    members: &'static str,
    context: (&'static str, &'static str),
    holds: bool,
) -> Probe {
    Probe {
        name,
        members,
        context: Some(context),
        holds,
        ..PLAIN
    }
}

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "AMB-1",
        guess: "yes",
        rules: &["IAM-WILD-5"],
        probes: &[Probe {
            name: "a region's star runs over the account",
            members: r#"{"Action": "logs:CreateLogStream", "Resource": "arn:aws:logs:*:log-group:g"}"#,
            action: "logs:CreateLogStream",
            resource: "arn:aws:logs:us-west-2:111122223333:log-group:g",
            holds: true,
            ..PLAIN
        }],
    },
    Entry {
        id: "AMB-2",
        guess: "glob it",
        rules: &["IAM-WILD-11"],
        probes: &[Probe {
            name: "functi*",
            members: r#"{"Action": "lambda:InvokeFunction", "Resource": "arn:aws:lambda:us-west-2:111122223333:functi*:f"}"#,
            action: "lambda:InvokeFunction",
            resource: "arn:aws:lambda:us-west-2:111122223333:function:f",
            holds: true,
            ..PLAIN
        }],
    },
    Entry {
        id: "AMB-3",
        guess: "the same as `*`",
        rules: &["IAM-GRAM-11"],
        probes: &[Probe {
            name: "*:*",
            members: r#"{"Action": "*:*"}"#,
            holds: true,
            ..PLAIN
        }],
    },
    Entry {
        id: "AMB-4",
        guess: "the canonical operator",
        rules: &["IAM-GRAM-17"],
        probes: &[condition(
            "stringequals",
            r#"{"Condition": {"stringequals": {"aws:referer": "x"}}}"#,
            ("aws:referer", "x"),
            true,
        )],
    },
    Entry {
        id: "AMB-5",
        guess: "it applies",
        rules: &["IAM-VAR-6"],
        probes: &[Probe {
            name: "a tag that is not there",
            members: r#"{"NotResource": "arn:aws:s3:::team/${aws:PrincipalTag/none}/*"}"#,
            holds: true,
            ..PLAIN
        }],
    },
    Entry {
        id: "AMB-6",
        guess: "empty text is substituted",
        rules: &["IAM-VAR-7"],
        probes: &[condition(
            "a tag without text",
            r#"{"Condition": {"StringEquals": {"aws:referer": "x${aws:PrincipalTag/empty}"}}}"#,
            ("aws:referer", "x"),
            true,
        )],
    },
    Entry {
        id: "AMB-7",
        guess: "F",
        rules: &["IAM-COND-8", "IAM-COND-9"],
        probes: &[
            Probe {
                name: "no tag keys",
                members: r#"{"Condition": {"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "a"}}}"#,
                ..PLAIN
            },
            Probe {
                name: "no tag keys, negated",
                members: r#"{"Condition": {"ForAnyValue:StringNotEqualsIfExists": {"aws:TagKeys": "a"}}}"#,
                ..PLAIN
            },
        ],
    },
    Entry {
        id: "AMB-8",
        guess: "substituted",
        rules: &["IAM-VAR-3", "IAM-COND-21"],
        probes: &[condition(
            "a tag that says true",
            r#"{"Condition": {"Bool": {"aws:SecureTransport": "${aws:PrincipalTag/flag}"}}}"#,
            ("aws:SecureTransport", "true"),
            true,
        )],
    },
    Entry {
        id: "AMB-9",
        guess: "F",
        rules: &["IAM-COND-14"],
        probes: &[
            condition(
                "an operand that is no number",
                r#"{"Condition": {"NumericNotEquals": {"aws:MultiFactorAuthAge": "ten"}}}"#,
                ("aws:MultiFactorAuthAge", "5"),
                false,
            ),
            condition(
                "a value that is no date",
                r#"{"Condition": {"DateNotEquals": {"aws:TokenIssueTime": "2025-01-01"}}}"#,
                ("aws:TokenIssueTime", "yesterday"),
                false,
            ),
        ],
    },
    Entry {
        id: "AMB-12",
        guess: "no match",
        rules: &["IAM-COND-25"],
        probes: &[
            condition(
                "ArnLike *",
                r#"{"Condition": {"ArnLike": {"aws:SignInSessionArn": "*"}}}"#,
                (
                    "aws:SignInSessionArn",
                    "arn:aws:x:us-west-2:111122223333:y/z",
                ),
                false,
            ),
            condition(
                "ArnNotLike *",
                r#"{"Condition": {"ArnNotLike": {"aws:SignInSessionArn": "*"}}}"#,
                (
                    "aws:SignInSessionArn",
                    "arn:aws:x:us-west-2:111122223333:y/z",
                ),
                true,
            ),
        ],
    },
    Entry {
        id: "AMB-14",
        guess: "resource-based and VPC endpoint policies: without a wildcard no match, with one the missing fields are padded; \
                SCP and RCP: E (SCP: unless it ends in `*`)",
        rules: &["IAM-WILD-10", "IAM-GRAM-20"],
        probes: &[
            Probe {
                name: "a bucket's policy, three fields",
                place: Place::Bucket,
                members: r#"{"Resource": "arn:aws:s3"}"#,
                ..PLAIN
            },
            Probe {
                name: "a bucket's policy, three fields with a wildcard",
                place: Place::Bucket,
                members: r#"{"Resource": "arn:aws:s3*"}"#,
                holds: true,
                ..PLAIN
            },
        ],
    },
    Entry {
        id: "AMB-15",
        guess: "sensitive",
        rules: &["IAM-WILD-7"],
        probes: &[Probe {
            name: "a service in capitals",
            members: r#"{"Resource": "arn:aws:S3:::team/x"}"#,
            ..PLAIN
        }],
    },
    Entry {
        id: "AMB-16",
        guess: "T",
        rules: &["IAM-COND-12"],
        probes: &[condition(
            "StringNotEquals []",
            r#"{"Condition": {"StringNotEquals": {"aws:referer": []}}}"#,
            ("aws:referer", "x"),
            true,
        )],
    },
    Entry {
        id: "AMB-17",
        guess: "present; for set operators an empty set",
        rules: &["IAM-COND-13", "IAM-COND-24"],
        probes: &[
            condition(
                "Null true, empty text",
                r#"{"Condition": {"Null": {"aws:referer": "true"}}}"#,
                ("aws:referer", ""),
                false,
            ),
            condition(
                "Null false, empty text",
                r#"{"Condition": {"Null": {"aws:referer": "false"}}}"#,
                ("aws:referer", ""),
                true,
            ),
            condition(
                "Null true, a set of empty text",
                r#"{"Condition": {"Null": {"aws:TagKeys": "true"}}}"#,
                ("aws:TagKeys", "[\"\"]"),
                false,
            ),
            condition(
                "Null false, a set of empty text",
                r#"{"Condition": {"Null": {"aws:TagKeys": "false"}}}"#,
                ("aws:TagKeys", "[\"\"]"),
                true,
            ),
        ],
    },
    Entry {
        id: "AMB-20",
        guess: "malformed",
        rules: &["IAM-COND-19"],
        probes: &[
            condition(
                "+5 in the request",
                NUMERIC_5,
                ("aws:MultiFactorAuthAge", "\"+5\""),
                false,
            ),
            condition(
                "5e0 in the request",
                NUMERIC_5,
                ("aws:MultiFactorAuthAge", "\"5e0\""),
                false,
            ),
            condition(
                "a space in the request",
                NUMERIC_5,
                ("aws:MultiFactorAuthAge", "\" 5\""),
                false,
            ),
            condition(
                "+5 in the policy",
                r#"{"Condition": {"NumericEquals": {"aws:MultiFactorAuthAge": "+5"}}}"#,
                ("aws:MultiFactorAuthAge", "\"5\""),
                false,
            ),
        ],
    },
    Entry {
        id: "AMB-21",
        guess: "sensitive",
        rules: &["IAM-PRIN-5"],
        probes: &[Probe {
            name: "role/app/r",
            place: Place::Bucket,
            members: r#"{"Principal": {"AWS": "arn:aws:iam::111122223333:role/app/r"}}"#,
            ..PLAIN
        }],
    },
    Entry {
        id: "AMB-22",
        guess: "epoch seconds; **W** if four digits or above 1e11",
        rules: &["IAM-COND-20"],
        probes: &[
            condition(
                "2025 against the year",
                DATE_2025,
                ("aws:TokenIssueTime", "2025-01-01T00:00:00Z"),
                false,
            ),
            condition(
                "2025 against the second",
                DATE_2025,
                ("aws:TokenIssueTime", "1970-01-01T00:33:45Z"),
                true,
            ),
            condition(
                "perhaps milliseconds",
                r#"{"Condition": {"DateLessThan": {"aws:TokenIssueTime": "2030-01-01"}}}"#,
                ("aws:TokenIssueTime", "\"1735689600000\""),
                false,
            ),
        ],
    },
    Entry {
        id: "AMB-24",
        guess: "no match",
        rules: &["IAM-COND-23"],
        probes: &[
            condition(
                "IpAddress",
                r#"{"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}"#,
                MAPPED,
                false,
            ),
            condition(
                "NotIpAddress",
                r#"{"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}"#,
                MAPPED,
                true,
            ),
        ],
    },
];

const NUMERIC_5: &str = r#"{"Condition": {"NumericEquals": {"aws:MultiFactorAuthAge": "5"}}}"#;
const DATE_2025: &str = r#"{"Condition": {"DateEquals": {"aws:TokenIssueTime": "2025"}}}"#;
const MAPPED: (&str, &str) = ("aws:SourceIp", "::ffff:203.0.113.7");
