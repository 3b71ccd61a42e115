//! Operands and values by hand: for each operator what matches and what does not, by the rules IAM-COND-16 to
//! IAM-COND-25. Everything else about operators is read from the tables.

/// Operators that compare in one way: one that is true on a match, perhaps one that is true on none.
#[derive(Debug)]
pub(crate) struct Family {
    /// The rule of the comparison.
    pub(crate) rule: &'static str,
    pub(crate) positive: &'static [&'static str],
    pub(crate) negated: &'static [&'static str],
    /// A single-valued key of the right type that a request in open mode leaves Unknown.
    pub(crate) key: &'static str,
    /// The first one serves the tables of states: two operands, two values on either side.
    pub(crate) examples: &'static [Example],
    /// Values that do not parse.
    pub(crate) unreadable: &'static [&'static str],
    /// Operands of which none can match.
    pub(crate) dead: &'static [&'static str],
    /// The entry that says what a negated operator does with dead operands.
    pub(crate) dead_negated: &'static str,
    /// Operands that match every text.
    pub(crate) universal: Option<&'static [&'static str]>,
}

/// A list of operands with values that one of them matches, and values that none matches.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) operands: &'static [&'static str],
    pub(crate) matching: &'static [&'static str],
    pub(crate) failing: &'static [&'static str],
}

const fn example(
    operands: &'static [&'static str],
    matching: &'static [&'static str],
    failing: &'static [&'static str],
) -> Example {
    Example {
        operands,
        matching,
        failing,
    }
}

/// What the families do not share; the rest is empty.
const PLAIN: Family = Family {
    rule: "",
    positive: &[],
    negated: &[],
    key: "aws:referer",
    examples: &[],
    unreadable: &[],
    dead: &[],
    dead_negated: "AMB-9",
    universal: None,
};

/// All operators but `Null`.
pub(crate) const FAMILIES: &[Family] = &[
    Family {
        rule: "IAM-COND-16",
        positive: &["StringEquals"],
        negated: &["StringNotEquals"],
        examples: &[
            example(
                &["team", "a*"],
                &["team", "a*"],
                &["Team", "ab", "team ", " team", "", "teams", "a"],
            ),
            // One character, and a letter with a combining accent: no normalisation.
            example(
                &["caf\u{e9}"],
                &["caf\u{e9}"],
                &["cafe\u{301}", "CAF\u{c9}", "cafe"],
            ),
            example(&[""], &[""], &[" ", "*"]),
        ],
        dead_negated: "AMB-16",
        ..PLAIN
    },
    Family {
        rule: "IAM-COND-17",
        positive: &["StringEqualsIgnoreCase"],
        negated: &["StringNotEqualsIgnoreCase"],
        examples: &[
            example(
                &["PROD", "a*"],
                &["prod", "A*"],
                &["prods", "ab", "pro", ""],
            ),
            // Simple folding maps a letter to one letter: the capital sharp s is one, `SS` is two.
            example(
                &["Stra\u{df}e"],
                &["stra\u{df}e", "STRA\u{1e9e}E"],
                &["STRASSE", "strase"],
            ),
            example(&["\u{c9}T\u{c9}"], &["\u{e9}t\u{e9}"], &["ete"]),
        ],
        dead_negated: "AMB-16",
        ..PLAIN
    },
    Family {
        rule: "IAM-COND-18",
        positive: &["StringLike"],
        negated: &["StringNotLike"],
        examples: &[
            example(
                &["arn:aws:s3:::b/*", "a?c"],
                &[
                    "arn:aws:s3:::b/x:y",
                    "abc",
                    "arn:aws:s3:::b/",
                    "a*c",
                    "a\u{e9}c",
                    "a\u{1f600}c",
                    "a\nc",
                ],
                &[
                    "ac",
                    "ABC",
                    "abbc",
                    "arn:aws:s3:::B/x",
                    "arn:aws:s3:::b",
                    "",
                ],
            ),
            example(
                &["*prod"],
                &["prod", "pre-prod", "a\nprod"],
                &["PROD", "prod-1"],
            ),
            example(&["a\\*"], &["a\\", "a\\b"], &["a*", "ab"]),
            example(&["[ab]+"], &["[ab]+"], &["a", "ab"]),
            example(&[""], &[""], &["a", "*"]),
        ],
        dead_negated: "AMB-16",
        universal: Some(&["*"]),
        ..PLAIN
    },
    Family {
        rule: "IAM-COND-19",
        positive: &["NumericEquals"],
        negated: &["NumericNotEquals"],
        examples: &[
            example(
                &["1.0", "-2.5"],
                &["1", "-2.50", "1.000", "-2.5"],
                &["2", "10", "2.5", "-1", "1.0000000000000000000001", "0"],
            ),
            // Doubles cannot tell these two apart.
            example(
                &["9007199254740993"],
                &["9007199254740993", "9007199254740993.0"],
                &["9007199254740992"],
            ),
            example(&["0.3"], &["0.30"], &["0.30000000000000004", "3"]),
            example(&["0"], &["0.0", "-0"], &["0.01"]),
        ],
        ..NUMERIC
    },
    Family {
        positive: &["NumericLessThan"],
        examples: &[
            example(
                &["5", "10"],
                &["9", "9.9999999999999999999999", "-100", "0"],
                &["10", "10.0", "100"],
            ),
            example(&["-1.5"], &["-1.6", "-2"], &["-1.5", "-1.4", "-1", "0"]),
        ],
        ..NUMERIC
    },
    Family {
        positive: &["NumericLessThanEquals"],
        examples: &[
            example(
                &["5", "10"],
                &["10", "10.0", "9", "-11"],
                &["10.0000000000000000000001", "11", "100"],
            ),
            example(&["-1.5"], &["-1.50", "-2"], &["-1.4", "0"]),
        ],
        ..NUMERIC
    },
    Family {
        positive: &["NumericGreaterThan"],
        examples: &[
            example(
                &["10", "50"],
                &["11", "100", "10.0000000000000000000001"],
                &["10", "9", "10.0", "-11"],
            ),
            example(&["-1.5"], &["-1.4", "0"], &["-1.5", "-1.6", "-2"]),
        ],
        ..NUMERIC
    },
    Family {
        positive: &["NumericGreaterThanEquals"],
        examples: &[
            example(
                &["10", "50"],
                &["10", "100", "10.0"],
                &["9", "9.9999999999999999999999", "-11"],
            ),
            example(&["-1.5"], &["-1.5", "0"], &["-1.6", "-2"]),
        ],
        ..NUMERIC
    },
    Family {
        positive: &["DateEquals"],
        negated: &["DateNotEquals"],
        examples: &[example(
            &["2025-01-01T01:00:00+01:00", "2024-06-30T12:30:15.5Z"],
            &[
                "2025-01-01T00:00:00Z",
                "2024-06-30T12:30:15.500Z",
                "2025-01-01",
                "2025-01",
                "2025-01-01T00:00Z",
                "2025-01-01t00:00:00z",
                "2024-12-31T16:00:00-08:00",
                "2025-01-01T00:00:00",
            ],
            &[
                "2025-01-01T08:00:00Z",
                "2024-06-30T12:30:15Z",
                "2025-01-01T01:00:00Z",
                "2025-01-01T00:00:00.001Z",
                "2025-02",
            ],
        )],
        ..DATE
    },
    Family {
        positive: &["DateLessThan"],
        examples: &[example(
            &["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"],
            &[
                "2024-12-31T23:59:59Z",
                "2025-01-01T00:30:00+01:00",
                "2024-12-31T23:59:59.999Z",
                "2024-12",
            ],
            &[
                "2025-01-01T00:00:00Z",
                "2025-01-01",
                "2024-12-31T23:30:00-01:00",
                "2025-06-01",
            ],
        )],
        ..DATE
    },
    Family {
        positive: &["DateLessThanEquals"],
        examples: &[example(
            &["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"],
            &[
                "2025-01-01T00:00:00Z",
                "2025-01-01",
                "2025-01-01T01:00:00+01:00",
            ],
            &[
                "2025-01-01T00:00:00.001Z",
                "2025-01-01T08:00:00Z",
                "2025-02",
            ],
        )],
        ..DATE
    },
    Family {
        positive: &["DateGreaterThan"],
        examples: &[example(
            &["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
            &[
                "2025-01-01T00:00:01Z",
                "2025-01-02",
                "2025-01-01T00:00:00.001Z",
                "2024-12-31T23:30:00-01:00",
            ],
            &[
                "2025-01-01T00:00:00Z",
                "2025-01-01T00:30:00+01:00",
                "2025-01-01",
                "2024-12-31T23:59:59Z",
            ],
        )],
        ..DATE
    },
    Family {
        positive: &["DateGreaterThanEquals"],
        examples: &[example(
            &["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
            &[
                "2025-01-01T00:00:00Z",
                "2025-01-01",
                "2025-01-01T01:00:00+01:00",
                "2025-03",
            ],
            &[
                "2024-12-31T23:59:59.999Z",
                "2024-12-31",
                "2025-01-01T00:30:00+01:00",
            ],
        )],
        ..DATE
    },
    Family {
        rule: "IAM-COND-21",
        positive: &["Bool"],
        key: "aws:MultiFactorAuthPresent",
        examples: &[
            example(&["true", "True"], &["true", "TRUE"], &["false", "FALSE"]),
            example(&["FALSE"], &["false", "False"], &["true", "TRUE"]),
        ],
        unreadable: &["yes", "1", "0", "", "true "],
        dead: &["yes"],
        ..PLAIN
    },
    Family {
        rule: "IAM-COND-22",
        positive: &["BinaryEquals"],
        examples: &[example(
            &["QmluYXJ5", "QQ=="],
            &["QmluYXJ5", "QQ=="],
            &["QmluYXJ6", "qmluYXJ5", "QmluYXI="],
        )],
        unreadable: &["QQ", "QmluYXJ", "Qmlu*XJ5", "Qm-_"],
        dead: &["not base64!"],
        ..PLAIN
    },
    Family {
        rule: "IAM-COND-23",
        positive: &["IpAddress"],
        negated: &["NotIpAddress"],
        key: "aws:SourceIp",
        examples: &[
            // The host bits of the first operand do not count.
            example(
                &["203.0.113.7/24", "2001:db8::/32"],
                &[
                    "203.0.113.200",
                    "2001:0DB8:0::1",
                    "203.0.113.0",
                    "203.0.113.255",
                    "2001:db8:ffff::",
                ],
                &["203.0.114.1", "2001:db9::1", "198.51.100.7", "::1"],
            ),
            example(
                &["203.0.113.7"],
                &["203.0.113.7"],
                &["203.0.113.8", "2001:db8::7"],
            ),
            example(
                &["2001:db8::7"],
                &["2001:db8::7", "2001:DB8:0:0:0:0:0:7", "2001:0db8::0007"],
                &["2001:db8::8", "203.0.113.7"],
            ),
            example(
                &["0.0.0.0/0"],
                &["203.0.113.7", "8.8.8.8"],
                &["2001:db8::1"],
            ),
            example(&["::/0"], &["2001:db8::1"], &["203.0.113.7"]),
        ],
        unreadable: &[
            "x",
            "203.0.113",
            "203.0.113.07",
            "203.0.113.256",
            "fe80::1%eth0",
        ],
        dead: &["203.0.113.0/33", "203.0.113", "fe80::1%eth0/64"],
        ..PLAIN
    },
    Family {
        rule: "IAM-COND-25",
        positive: &["ArnEquals", "ArnLike"],
        negated: &["ArnNotEquals", "ArnNotLike"],
        key: "aws:SignInSessionArn",
        examples: &[
            example(
                &[
                    "arn:aws:iam::*:role/app/*",
                    "arn:aws:sqs:us-west-2:111122223333:jobs",
                ],
                &[
                    "arn:aws:iam::111122223333:role/app/R",
                    "arn:aws:sqs:us-west-2:111122223333:jobs",
                    "arn:aws:iam::111122223333:role/app/x:y/z",
                    "arn:aws:iam::111122223333:role/app/",
                ],
                &[
                    "arn:aws:iam::111122223333:role/R",
                    "arn:aws:sqs:us-west-2:111122223333:Jobs",
                    "arn:aws:sqs:us-west-2:111122223333:jobs:1",
                    "arn:aws:iam:us-west-2:111122223333:role/app/R",
                    "arn:aws-cn:iam::111122223333:role/app/R",
                ],
            ),
            // `*` stays within its field, but for the last one.
            example(
                &["arn:aws:x:*:111122223333:finance/*"],
                &[
                    "arn:aws:x:eu-west-1:111122223333:finance/q",
                    "arn:aws:x::111122223333:finance/a/b:c",
                ],
                &[
                    "arn:aws:x:eu-west-1:z:111122223333:finance/q",
                    "arn:aws:x:eu-west-1:111122223333:Finance/q",
                ],
            ),
            example(
                &["arn:aws:s?:::b/?"],
                &["arn:aws:s3:::b/x"],
                &["arn:aws:s3:::b/xy", "arn:aws:s:::b/x", "arn:aws:s3:::b/"],
            ),
        ],
        dead_negated: "AMB-16",
        ..PLAIN
    },
];

const NUMERIC: Family = Family {
    rule: "IAM-COND-19",
    key: "aws:MultiFactorAuthAge",
    unreadable: &["ten", "", "1,0", "--1"],
    dead: &["ten"],
    ..PLAIN
};

const DATE: Family = Family {
    rule: "IAM-COND-20",
    key: "aws:TokenIssueTime",
    unreadable: &["yesterday", "", "2025-13-01", "2025-02-30", "01.02.2025"],
    dead: &["yesterday"],
    ..PLAIN
};
