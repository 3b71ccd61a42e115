//! Every error, warning and note that a rule of IAM demands, with the codes that tell it.

use std::collections::BTreeSet;

use preclear_model::Severity;
use preclear_tests::root;
use preclear_tests::tables::find;
use regex::Regex;

/// A rule, what it demands (`E`, `W` or `N`), and the codes. The message cites the rule, or one that is more special.
const DEMANDS: &[(&str, char, &[&str])] = &[
    (
        "IAM-GRAM-1",
        'E',
        &[
            "EMPTY_INPUT",
            "INVALID_JSON",
            "JSON_TRAILING_COMMA",
            "NOT_A_POLICY",
            "NOT_UTF8",
            "NESTED_TOO_DEEPLY",
        ],
    ),
    (
        "IAM-GRAM-1",
        'W',
        &["BYTE_ORDER_MARK", "CHARACTER_NOT_STORABLE"],
    ),
    (
        "IAM-GRAM-2",
        'E',
        &["UNKNOWN_MEMBER", "STATEMENT_WITHOUT_DOCUMENT"],
    ),
    (
        "IAM-GRAM-3",
        'E',
        &["DUPLICATE_MEMBER", "DUPLICATE_CONDITION_KEY"],
    ),
    (
        "IAM-GRAM-4",
        'E',
        &["INVALID_VERSION", "WRONG_TYPE", "MISSING_MEMBER"],
    ),
    ("IAM-GRAM-4", 'W', &["MISSING_VERSION"]),
    ("IAM-GRAM-5", 'E', &["WRONG_TYPE"]),
    ("IAM-GRAM-5", 'W', &["ID_NOT_ALLOWED"]),
    (
        "IAM-GRAM-6",
        'E',
        &["MISSING_MEMBER", "EMPTY_STATEMENT_LIST", "WRONG_TYPE"],
    ),
    ("IAM-GRAM-7", 'E', &["UNKNOWN_MEMBER", "BOTH_MEMBERS"]),
    ("IAM-GRAM-8", 'E', &["INVALID_SID", "DUPLICATE_SID"]),
    ("IAM-GRAM-8", 'W', &["DUPLICATE_SID", "EMPTY_SID"]),
    ("IAM-GRAM-9", 'E', &["INVALID_EFFECT", "MISSING_MEMBER"]),
    (
        "IAM-GRAM-10",
        'E',
        &["MISSING_MEMBER", "EMPTY_ACTION_LIST", "WRONG_TYPE"],
    ),
    ("IAM-GRAM-10", 'W', &["EMPTY_ACTION_LIST"]),
    ("IAM-GRAM-11", 'E', &["INVALID_ACTION"]),
    (
        "IAM-GRAM-11",
        'W',
        &["ANY_SERVICE_ACTION", "UNKNOWN_ACTION", "DEAD_ACTION"],
    ),
    (
        "IAM-GRAM-12",
        'E',
        &["EMPTY_RESOURCE_LIST", "MISSING_MEMBER", "WRONG_TYPE"],
    ),
    ("IAM-GRAM-12", 'W', &["EMPTY_RESOURCE_LIST"]),
    ("IAM-GRAM-13", 'E', &["INVALID_RESOURCE", "EMPTY_RESOURCE"]),
    (
        "IAM-GRAM-13",
        'W',
        &[
            "UNKNOWN_PARTITION",
            "ARN_FIELD_WILDCARD",
            "ARN_FIELD_NOT_EMPTY",
        ],
    ),
    (
        "IAM-GRAM-14",
        'E',
        &[
            "INVALID_PRINCIPAL",
            "UNKNOWN_MEMBER",
            "GROUP_PRINCIPAL",
            "PRINCIPAL_WILDCARD",
            "FEDERATED_NOT_ALLOWED",
        ],
    ),
    (
        "IAM-GRAM-14",
        'W',
        &[
            "EMPTY_PRINCIPAL",
            "UNIQUE_ID_PRINCIPAL",
            "UNUSUAL_SERVICE_PRINCIPAL",
            "CANONICAL_USER",
        ],
    ),
    (
        "IAM-GRAM-15",
        'E',
        &["NOT_PRINCIPAL_WITH_ALLOW", "NOT_PRINCIPAL_NOT_ALLOWED"],
    ),
    ("IAM-GRAM-15", 'W', &["NOT_PRINCIPAL"]),
    ("IAM-GRAM-16", 'E', &["WRONG_TYPE"]),
    ("IAM-GRAM-16", 'W', &["EMPTY_CONDITION", "MIXED_TYPES"]),
    (
        "IAM-GRAM-17",
        'E',
        &["UNKNOWN_OPERATOR", "INVALID_OPERATOR"],
    ),
    (
        "IAM-GRAM-17",
        'W',
        &["UNKNOWN_OPERATOR", "SET_OPERATOR_ON_NULL", "OPERATOR_CASE"],
    ),
    ("IAM-GRAM-18", 'E', &["INVALID_CONDITION_KEY"]),
    (
        "IAM-GRAM-18",
        'W',
        &[
            "LITERAL_CONDITION_KEY",
            "UNKNOWN_CONDITION_KEY",
            "RETIRED_CONDITION_KEY",
        ],
    ),
    // It says what an error does, and demands none.
    ("IAM-GRAM-19", 'E', &[]),
    (
        "IAM-GRAM-20",
        'E',
        &[
            "MISSING_MEMBER",
            "INVALID_VERSION",
            "ID_NOT_ALLOWED",
            "PRINCIPAL_NOT_ALLOWED",
            "NOT_PRINCIPAL_NOT_ALLOWED",
            "EFFECT_NOT_ALLOWED",
            "ACTION_NOT_ALLOWED",
            "NOT_ACTION_NOT_ALLOWED",
            "RESOURCE_NOT_ALLOWED",
            "INCOMPLETE_ARN",
        ],
    ),
    (
        "IAM-GRAM-20",
        'W',
        &[
            "MISSING_VERSION",
            "ID_NOT_ALLOWED",
            "TRUST_EVERYONE",
            "ALL_ACTIONS_IN_TRUST",
            "NOT_ACTION_IN_TRUST",
        ],
    ),
    (
        "IAM-GRAM-21",
        'E',
        &["PRINCIPAL_NOT_ALLOWED", "MISSING_MEMBER"],
    ),
    ("IAM-GRAM-22", 'W', &["TRUST_ACTION_MISMATCH"]),
    ("IAM-GRAM-23", 'E', &["POLICY_TOO_LARGE"]),
    ("IAM-GRAM-23", 'W', &["POLICY_EXCEEDS_QUOTA"]),
    ("IAM-WILD-2", 'W', &["WILDCARD_IN_STRING_EQUALS"]),
    (
        "IAM-WILD-8",
        'W',
        &["ACTION_NEEDS_STAR_RESOURCE", "LITERAL_STAR_RESOURCE"],
    ),
    ("IAM-WILD-8", 'N', &["ACTION_NEEDS_STAR_RESOURCE"]),
    ("IAM-WILD-10", 'E', &["INCOMPLETE_ARN"]),
    ("IAM-WILD-10", 'W', &["INCOMPLETE_ARN"]),
    ("IAM-WILD-11", 'W', &["WILDCARD_IN_RESOURCE_TYPE"]),
    ("IAM-VAR-1", 'E', &["INVALID_VARIABLE"]),
    (
        "IAM-VAR-3",
        'W',
        &[
            "VARIABLE_NOT_REPLACED",
            "VARIABLE_IN_BOOL",
            "LITERAL_CONDITION_KEY",
        ],
    ),
    ("IAM-VAR-4", 'W', &["MULTIVALUED_VARIABLE"]),
    ("IAM-COND-5", 'W', &["UNKNOWN_CONDITION_KEY"]),
    ("IAM-COND-6", 'W', &["MULTIVALUED_KEY_WITHOUT_SET_OPERATOR"]),
    ("IAM-COND-10", 'W', &["SET_OPERATOR_ON_SINGLE_VALUED_KEY"]),
    ("IAM-COND-11", 'W', &["FOR_ALL_VALUES_WITHOUT_NULL_TEST"]),
    ("IAM-COND-11", 'N', &["FOR_ALL_VALUES_WITHOUT_NULL_TEST"]),
    ("IAM-COND-12", 'W', &["EMPTY_CONDITION_VALUES"]),
    (
        "IAM-COND-14",
        'W',
        &["MALFORMED_CONDITION_VALUE", "CONTEXT_VALUE_NOT_OF_TYPE"],
    ),
    ("IAM-COND-15", 'W', &["CONDITION_TYPE_MISMATCH"]),
    ("IAM-COND-20", 'W', &["DATE_WITHOUT_ZONE", "AMBIGUOUS_DATE"]),
    ("IAM-COND-21", 'W', &["BOOL_WITH_BOTH_VALUES"]),
    (
        "IAM-COND-23",
        'W',
        &["HOST_BITS_IN_CIDR", "PRIVATE_RANGE_FOR_SOURCE_IP"],
    ),
    (
        "IAM-COND-24",
        'W',
        &["NULL_WITH_BOTH_VALUES", "MALFORMED_CONDITION_VALUE"],
    ),
    (
        "IAM-COND-27",
        'W',
        &["WILDCARD_IN_ID", "BROAD_WILDCARD_IN_ID"],
    ),
    ("IAM-CTX-1", 'W', &["CONTEXT_CONTRADICTS_REQUEST"]),
    (
        "IAM-CTX-2",
        'W',
        &["LEGACY_CONDITION_KEY", "RETIRED_CONDITION_KEY"],
    ),
    ("IAM-CTX-4", 'W', &["SOURCE_KEY_FOR_IDENTITIES"]),
    ("IAM-CTX-5", 'E', &["IMPOSSIBLE_CONTEXT"]),
    (
        "IAM-CTX-7",
        'W',
        &["CONDITION_KEY_NOT_FOR_ACTION", "CONTEXT_KEY_NOT_FOR_ACTION"],
    ),
    ("IAM-PRIN-5", 'W', &["UNLISTED_CALLER"]),
    ("IAM-PRIN-7", 'W', &["UNIQUE_ID_NOT_GIVEN"]),
];

/// What the rules of IAM demand: the letters that stand in them as verdicts.
fn demanded() -> BTreeSet<(String, char)> {
    let verdict = Regex::new(
        r"\*\*([EWN])\*\*|→ ([EWN])\b|\(([EWN])(?: only)?\)|\| ([EW]) \||no = (E)\b|\| ([EW]) unless",
    )
    .unwrap();
    let head = Regex::new(r"^### (IAM-[A-Z]+-\d+) ").unwrap();
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("docs/rules")).unwrap() {
        let path = entry.unwrap().path();
        let mut rule = None;
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            if let Some(captures) = head.captures(line) {
                rule = Some(captures[1].to_owned());
            } else if line.starts_with("## ") || line.starts_with("*Certainty") {
                rule = None;
            }
            let Some(rule) = &rule else { continue };
            for captures in verdict.captures_iter(line) {
                let letter = captures.iter().skip(1).flatten().next();
                let letter = letter.and_then(|letter| letter.as_str().chars().next());
                found.extend(letter.map(|letter| (rule.clone(), letter)));
            }
        }
    }
    found
}

#[test]
fn what_the_rules_demand_has_codes() {
    let listed = DEMANDS.iter();
    let listed = listed.map(|(rule, letter, _)| ((*rule).to_owned(), *letter));
    let demanded = demanded();
    assert!(demanded.len() > 50, "the rules are not found");
    let listed: BTreeSet<(String, char)> = listed.collect();
    let missing: Vec<_> = demanded.difference(&listed).collect();
    assert!(missing.is_empty(), "no code is named for {missing:?}");
    let superfluous: Vec<_> = listed.difference(&demanded).collect();
    assert!(superfluous.is_empty(), "no rule demands {superfluous:?}");
}

#[test]
fn the_codes_are_as_bad_as_the_rules_say() {
    for (rule, letter, codes) in DEMANDS {
        let least = match letter {
            'E' => Severity::Error,
            'W' => Severity::Warning,
            _ => Severity::Info,
        };
        for name in *codes {
            let row = find(name).unwrap_or_else(|| panic!("{rule}: no table lists {name}"));
            assert!(row.severity >= least, "{rule}: {name} is no {least}");
        }
    }
}
