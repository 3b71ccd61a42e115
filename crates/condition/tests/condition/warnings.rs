//! What is doubtful whatever the request.

use std::collections::BTreeSet;

use preclear_condition::WarningKind::{self, *};
use preclear_model::policy::ConditionTest;

use crate::context::{compile, doubts, test};

/// Operand and kind of every warning about the first test.
fn warnings(tests: &[ConditionTest]) -> Vec<(Option<usize>, WarningKind)> {
    doubts(tests)
        .iter()
        .filter(|warning| warning.test == 0)
        .map(|warning| (warning.operand, warning.kind))
        .collect()
}

fn of(operator: &str, key: &str, operands: &[&str]) -> Vec<(Option<usize>, WarningKind)> {
    warnings(&[test(operator, key, operands)])
}

#[test]
fn ordinary_tests_have_none() {
    for (operator, key, operands) in [
        ("StringEquals", "s:k:text", &["a", "${s:b}"][..]),
        ("StringLike", "s:k:arn", &["arn:*"]),
        ("StringEquals", "s:k", &["${*}"]),
        ("ArnLike", "s:k:arn", &["arn:aws:iam::*:role/x"]),
        ("NumericLessThan", "s:k:number", &["10", "-1.5"]),
        ("NumericLessThan", "s:k:epoch", &["10"]),
        (
            "DateLessThan",
            "s:k:date",
            &["2025-01-01T00:00:00Z", "2025-01", "1735689600"],
        ),
        ("DateLessThan", "s:k:epoch", &["2025-01-01"]),
        ("Bool", "s:k:bool", &["true"]),
        ("BinaryEquals", "s:k:binary", &["QQ=="]),
        ("IpAddress", "s:k:ip", &["203.0.113.0/24", "2001:db8::1"]),
        ("Null", "m:k", &["true"]),
        ("Null", "s:k:bool", &["false"]),
        ("ForAnyValue:StringEquals", "m:k", &["a"]),
        ("StringLike", "aws:SourceAccount", &["111122223333"]),
        ("IpAddress", "aws:VpcSourceIp", &["10.0.0.0/8"]),
    ] {
        assert_eq!(of(operator, key, operands), [], "{operator} {operands:?}");
    }
}

#[test]
fn cond_5_to_13_keys_and_sets() {
    assert_eq!(of("StringEquals", "u:k", &["a"]), [(None, UnknownKey)]);
    assert_eq!(
        of("StringNotEquals", "m:k", &["a"]),
        [(None, BareOperatorOnMultivaluedKey)]
    );
    assert_eq!(
        of("StringEqualsIfExists", "m:k", &["a"]),
        [(None, BareOperatorOnMultivaluedKey)]
    );
    assert_eq!(
        of("ForAnyValue:StringEquals", "s:k", &["a"]),
        [(None, SetOperatorOnSingleValuedKey)]
    );
    assert_eq!(
        of("ForAllValues:StringEquals", "s:k", &["a"]),
        [
            (None, SetOperatorOnSingleValuedKey),
            (None, ForAllValuesWithoutNullTest)
        ]
    );
    assert_eq!(of("StringEquals", "s:k", &[]), [(None, EmptyOperands)]);
}

#[test]
fn cond_11_a_null_test_is_the_companion() {
    let for_all = || test("ForAllValues:StringEquals", "m:k", &["a"]);
    assert_eq!(
        warnings(&[for_all()]),
        [(None, ForAllValuesWithoutNullTest)]
    );
    assert_eq!(warnings(&[for_all(), test("Null", "M:K", &["false"])]), []);
    for companion in [
        test("Null", "m:k", &["true"]),
        test("Null", "m:k", &["true", "false"]),
        test("Null", "m:k", &["False"]),
        test("Null", "m:other", &["false"]),
        test("ForAllValues:Null", "m:k", &["false"]),
        test("StringEquals", "m:k", &["false"]),
        test("ForAnyValue:Null", "m:k", &["false"]),
        test("ForAnyValue:StringEquals", "m:other", &["a"]),
    ] {
        let found = warnings(&[for_all(), companion]);
        let doubt = (None, ForAllValuesWithoutNullTest);
        assert!(found.contains(&doubt), "{found:?}");
    }
    let any = test("ForAnyValue:StringEquals", "m:k", &["a"]);
    assert_eq!(warnings(&[for_all(), any]), []);
}

/// KMS-COND-4: where a pair is demanded, its name is there; so with the tags of a request.
#[test]
fn cond_11_a_key_whose_name_is_a_value_is_the_companion() {
    for (names, key) in [
        ("kms:EncryptionContextKeys", "kms:encryptioncontext:App"),
        ("aws:TagKeys", "aws:RequestTag/team"),
        ("s3:RequestObjectTagKeys", "s3:RequestObjectTag/team"),
    ] {
        let doubts = |operator: &str, key: &str| {
            let for_all = test("ForAllValues:StringEquals", names, &["team"]);
            let found = warnings(&[for_all, test(operator, key, &["x"])]);
            found.contains(&(None, ForAllValuesWithoutNullTest))
        };
        assert!(!doubts("StringEquals", key) && !doubts("ForAnyValue:StringLike", key));
        for operator in [
            "StringEqualsIfExists",
            "StringNotEquals",
            "ForAllValues:StringEquals",
        ] {
            assert!(doubts(operator, key), "{operator} {key}");
        }
        assert!(doubts("StringEquals", "aws:ResourceTag/team"));
    }
}

#[test]
fn cond_14_operands_that_cannot_be_read() {
    for (operator, operand) in [
        ("NumericEquals", "ten"),
        ("DateEquals", "soon"),
        ("Bool", "yes"),
        ("Null", "yes"),
        ("Null", "True"),
        ("BinaryEquals", "Q"),
        ("IpAddress", "x"),
        ("NotIpAddress", "203.0.113.0/33"),
    ] {
        assert_eq!(
            of(operator, "s:k", &[operand]),
            [(Some(0), MalformedOperand)],
            "{operator}"
        );
    }
    assert_eq!(
        of("NumericEquals", "s:k", &["1", "ten", "2", "x"]),
        [(Some(1), MalformedOperand), (Some(3), MalformedOperand)]
    );
}

#[test]
fn cond_15_types() {
    for (operator, operand, wrong) in [
        (
            "StringEquals",
            "1",
            &["number", "date", "epoch", "bool", "ip", "binary"][..],
        ),
        ("ArnLike", "arn:*:*:*:*:*", &["text", "number", "bool"]),
        ("NumericEquals", "1", &["text", "date", "ip"]),
        ("DateEquals", "2025-01-01", &["text", "number"]),
        ("Bool", "true", &["text", "number"]),
        ("IpAddress", "203.0.113.0/24", &["text"]),
        ("BinaryEquals", "QQ==", &["text"]),
    ] {
        for kind in wrong {
            let key = format!("s:k:{kind}");
            assert_eq!(
                of(operator, &key, &[operand]),
                [(None, TypeMismatch)],
                "{operator} {kind}"
            );
        }
    }
}

#[test]
fn cond_15_tags_and_pairs_may_hold_arns() {
    for key in [
        "aws:RequestTag/x:text",
        "s:db-tag/x:text",
        "kms:EncryptionContext:x:text",
    ] {
        assert_eq!(of("ArnLike", key, &["arn:*:*:*:*:*"]), [], "{key}");
        assert_eq!(of("DateEquals", key, &["2025"]).len(), 2, "{key}");
    }
    for key in ["s:Stage/x:text", "s:tag:text", "s:EncryptionContext:x:text"] {
        assert_eq!(
            of("ArnLike", key, &["arn:*:*:*:*:*"]),
            [(None, TypeMismatch)],
            "{key}"
        );
    }
}

#[test]
fn cond_16_to_24_operands() {
    for (operator, key, operand, kind) in [
        ("StringEquals", "s:k", "dev-*", WildcardInStringEquals),
        (
            "StringNotEqualsIgnoreCase",
            "s:k",
            "*",
            WildcardInStringEquals,
        ),
        ("NumericEquals", "s:k", "+5", UnusualNumber),
        ("NumericEquals", "s:k", "1e3", UnusualNumber),
        ("DateEquals", "s:k", "2025-01-01T00:00:00", DateWithoutZone),
        ("DateEquals", "s:k", "2025", AmbiguousDate),
        ("DateEquals", "s:k", "1735689600000", AmbiguousDate),
        ("IpAddress", "s:k", "203.0.113.7/24", HostBits),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", PrivateRange),
        ("NotIpAddress", "aws:SourceIp", "192.168.1.1", PrivateRange),
        ("ArnLike", "s:k", "*", ShortArnPattern),
        ("ArnEquals", "s:k", "arn:aws:s3::b", ShortArnPattern),
    ] {
        assert_eq!(
            of(operator, key, &[operand]),
            [(Some(0), kind)],
            "{operator} {operand}"
        );
    }
    assert_eq!(
        of("Bool", "s:k", &["true", "FALSE"]),
        [(None, BothTruthValues)]
    );
    assert_eq!(
        of("Null", "s:k", &["true", "false"]),
        [(None, BothNullValues)]
    );
    assert_eq!(
        of("Null", "s:k", &["true", "FALSE"]),
        [(Some(1), MalformedOperand)]
    );
    assert_eq!(of("StringEquals", "s:k", &["true", "false"]), []);
}

#[test]
fn cond_27_wildcards_in_ids() {
    for key in [
        "aws:PrincipalAccount",
        "aws:PrincipalOrgID",
        "aws:ResourceAccount",
        "aws:ResourceOrgID",
        "aws:SourceAccount",
        "aws:SourceOrgID",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:VpceAccount",
        "aws:VpceOrgID",
    ] {
        assert_eq!(
            of("StringLike", key, &["o-abcdef*"]),
            [(Some(0), WildcardInIdKey)],
            "{key}"
        );
        assert_eq!(
            of("StringNotLike", key, &["?-*"]),
            [
                (Some(0), WildcardInIdKey),
                (Some(0), FewLiteralsAroundWildcard)
            ]
        );
    }
    assert_eq!(
        of("StringLike", "aws:SourceVpce", &["vpce-*"]),
        [
            (Some(0), WildcardInIdKey),
            (Some(0), FewLiteralsAroundWildcard)
        ]
    );
    assert_eq!(
        of("StringLike", "aws:SourceVpce", &["vpce-1*"]),
        [(Some(0), WildcardInIdKey)]
    );
}

#[test]
fn var_3_and_4_variables() {
    assert_eq!(
        of("NumericEquals", "s:k", &["${s:n}"]),
        [(Some(0), MalformedOperand), (Some(0), VariableNotReplaced)]
    );
    assert_eq!(
        of("Null", "s:k", &["${s:n}"]),
        [(Some(0), MalformedOperand), (Some(0), VariableNotReplaced)]
    );
    assert_eq!(of("Bool", "s:k", &["${s:n}"]), [(Some(0), VariableInBool)]);
    assert_eq!(
        of("StringEquals", "s:k", &["${m:tags}"]),
        [(Some(0), MultivaluedVariable)]
    );
    assert_eq!(
        of("StringEquals", "s:k", &["a", "${u:n}"]),
        [(Some(1), UnknownVariable)]
    );
}

#[test]
fn tests_say_where_and_how_they_were_written() {
    let condition = compile(&[
        test("StringEquals", "s:k", &["a"]),
        test("ForAnyValue:StringLike", "M:K", &["a", "b*"]),
        test("NumericLessThanIfExists", "s:Size", &["10"]),
    ]);
    let written: Vec<_> = condition
        .tests()
        .iter()
        .map(|test| {
            let operands: Vec<&str> = test.operand_texts().collect();
            (
                test.index(),
                test.operator_text(),
                test.key_text(),
                operands,
            )
        })
        .collect();
    assert_eq!(
        written,
        [
            (0, "StringEquals", "s:k", vec!["a"]),
            (1, "ForAnyValue:StringLike", "M:K", vec!["a", "b*"]),
            (2, "NumericLessThanIfExists", "s:Size", vec!["10"]),
        ]
    );
}

#[test]
fn a_date_of_digits_says_what_else_it_could_be() {
    for (text, doubt) in [
        ("2025", "could be a year"),
        ("1735689600000", "could be milliseconds"),
    ] {
        let doubts = doubts(&[test("DateEquals", "s:k", &[text])]);
        let messages: Vec<&str> = doubts
            .iter()
            .map(|warning| warning.message.as_str())
            .filter(|message| message.contains(doubt))
            .collect();
        assert_eq!(messages.len(), 1, "{text}: {doubts:?}");
    }
}

#[test]
fn warnings_name_test_rule_and_remedy() {
    let doubts = doubts(&[
        test("StringEquals", "s:k", &["a"]),
        test("NumericLessThan", "s:size", &["10", "ten"]),
    ]);
    let [warning] = doubts.as_slice() else {
        panic!("{doubts:?}")
    };
    assert_eq!((warning.test, warning.operand), (1, Some(1)));
    assert_eq!(
        warning.message,
        "`ten` is not a number, so it never matches"
    );
    assert_eq!(warning.kind.rule(), "IAM-COND-14");

    let codes: BTreeSet<_> = WarningKind::ALL.iter().map(|kind| kind.code()).collect();
    assert_eq!(codes.len(), WarningKind::ALL.len(), "codes are unique");
    for kind in WarningKind::ALL {
        assert!(
            kind.code()
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b == b'_')
        );
        assert!(kind.rule().starts_with("IAM-"));
        assert_eq!(
            (kind.code(), kind.help()),
            (kind.row().name, kind.row().remedy)
        );
    }
}
