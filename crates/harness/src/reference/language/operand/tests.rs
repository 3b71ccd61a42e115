//! Expectations of the rules of single operators, IAM-COND-16…25.

use preclear_simulator::AmbiguityMode;

use super::super::super::value::{Toward, Value, read};
use super::super::samples::{Sample, in_every_mode, template};
use super::*;

const NO: Tri = Tri::False;
const MAYBE: Tri = Tri::Unknown;
const YES: Tri = Tri::True;

fn in_modes(base: BaseOperator, operand: &Template, value: &str, sample: &Sample) -> [Tri; 4] {
    in_every_mode(|mode, toward| {
        read(mode, toward, |reading| {
            matches(base, operand, Text::Known(value), sample, reading)
        })
    })
}

fn modes(base: BaseOperator, operand: &str, value: &str) -> [Tri; 4] {
    in_modes(base, &Template::literal(operand), value, &Sample::new())
}

/// Rows of operand and value, and whether they match in every mode.
fn check(base: BaseOperator, rows: &[(&str, &str, bool)]) {
    for (operand, value, expected) in rows {
        assert_eq!(
            modes(base, operand, value),
            [Tri::from(*expected); 4],
            "{base} {operand} {value}"
        );
    }
}

#[test]
fn texts() {
    check(
        BaseOperator::StringEquals,
        &[
            ("a", "a", true),
            ("a", "A", false),
            ("a*", "ab", false),
            ("a*", "a*", true),
            ("", "", true),
            ("a", "a ", false),
            ("é", "e\u{301}", false),
            ("dev-*", "dev-1", false),
        ],
    );
    check(
        BaseOperator::StringEqualsIgnoreCase,
        &[
            ("PROD", "prod", true),
            ("Straße", "STRASSE", false),
            ("ΣΑΣ", "σας", true),
            ("É", "é", true),
            ("a*", "AB", false),
        ],
    );
    check(
        BaseOperator::StringLike,
        &[
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y", true),
            ("*prod", "PROD", false),
            ("", "", true),
            ("?", "", false),
            (
                "arn:aws:x:*:111122223333:finance/*",
                "arn:aws:x:eu-west-1:z:111122223333:finance/q",
                true,
            ),
        ],
    );
}

#[test]
fn arns() {
    // IAM-COND-25, TRAP-13 to TRAP-16.
    let role = "arn:aws:iam::111122223333:role/app/R";
    for base in [BaseOperator::ArnEquals, BaseOperator::ArnLike] {
        check(
            base,
            &[
                ("arn:aws:iam::*:role/app/*", role, true),
                ("arn:aws:iam::111122223333:role/R", role, false),
                ("arn:aws:sts::111122223333:assumed-role/R/*", role, false),
                (
                    "arn:aws:iam::111122223333:root",
                    "arn:aws:iam::111122223333:user/U",
                    false,
                ),
                (
                    "arn:aws:x:*:111122223333:finance/*",
                    "arn:aws:x:eu-west-1:z:111122223333:finance/q",
                    false,
                ),
                ("arn:aws:iam::111122223333:Role/app/R", role, false),
                ("arn:*:*:*:*:*", "x", false),
                ("*:*:*:*:*:*", "a:b:c:d:e:f", false),
                // No spill in conditions.
                ("arn:aws:sqs:*:a:q", "arn:aws:sqs:r:1:a:q", false),
                // AMB-12 is about ARNs alone.
                ("*", "x", false),
            ],
        );
        for short in ["*", "arn:aws:iam::111122223333", "x"] {
            assert_eq!(modes(base, short, role), [MAYBE, NO, NO, YES], "{short}");
        }
    }
}

#[test]
fn arns_with_variables() {
    let says = |operand: &str, value: &str, sample: &Sample| {
        in_modes(BaseOperator::ArnLike, &template(operand), value, sample)[0]
    };
    let role = "arn:aws:iam::111122223333:role/R";
    let known = Sample::new()
        .known("aws:x", role)
        .known("aws:y", "111122223333")
        .known("aws:z", "111122223333:role");
    assert_eq!(says("arn:aws:iam::${aws:y}:role/*", role, &known), YES);
    assert_eq!(says("arn:aws:iam::*:role/${aws:y}", role, &known), NO);
    // IAM-VAR-5: what is put in ends no field, so that one variable is one field (AMB-12).
    assert_eq!(says("${aws:x}", role, &known), MAYBE);
    assert_eq!(says("${aws:x}", "no arn", &known), NO);
    let three = "arn:aws:sns:r:111122223333:role:t";
    assert_eq!(says("arn:aws:sns:r:${aws:z}:t", three, &known), NO);
    assert_eq!(says("arn:aws:sns:r:*:${aws:z, 'x'}:t", three, &known), NO);
    let six = Sample::new().known("aws:z", "role:t");
    assert_eq!(says("arn:aws:sns:r:*:${aws:z}", three, &six), YES);
    let unknown = Sample::new()
        .with("aws:x", Value::Unknown)
        .with("aws:y", Value::Unknown);
    assert_eq!(says("${aws:x}", role, &unknown), MAYBE);
    assert_eq!(says("arn:aws:iam::${aws:y}:role/*", role, &unknown), MAYBE);
    assert_eq!(says("arn:aws:iam::${aws:y}:user/*", role, &unknown), NO);
    assert_eq!(
        says("arn:aws:iam::111122223333:user/${aws:y}", role, &unknown),
        NO
    );
    assert_eq!(says("${aws:x}", "no arn", &unknown), NO);
}

#[test]
fn numbers() {
    // TRAP-17.
    check(
        BaseOperator::NumericEquals,
        &[
            ("1.0", "1", true),
            ("10", "9", false),
            ("ten", "10", false),
            ("10", "ten", false),
        ],
    );
    check(
        BaseOperator::NumericLessThan,
        &[
            ("10", "9", true),
            ("10", "10", false),
            ("9", "10", false),
            ("-1", "-2", true),
        ],
    );
    check(
        BaseOperator::NumericLessThanEquals,
        &[("10", "10", true), ("10", "11", false)],
    );
    check(
        BaseOperator::NumericGreaterThan,
        &[("10", "11", true), ("10", "10", false)],
    );
    check(
        BaseOperator::NumericGreaterThanEquals,
        &[("10", "10", true), ("10", "9", false)],
    );
    // AMB-20.
    for spelling in ["+5", " 5", "5e0"] {
        assert_eq!(
            modes(BaseOperator::NumericEquals, spelling, "5"),
            [MAYBE, NO, NO, YES],
            "{spelling}"
        );
        assert_eq!(
            modes(BaseOperator::NumericEquals, "5", spelling),
            [MAYBE, NO, NO, YES],
            "{spelling}"
        );
        assert_eq!(
            modes(BaseOperator::NumericEquals, "6", spelling),
            [NO; 4],
            "{spelling}"
        );
    }
}

#[test]
fn dates() {
    // TRAP-18.
    check(
        BaseOperator::DateEquals,
        &[
            ("2025-01-01T01:00:00+01:00", "2025-01-01T00:00:00Z", true),
            ("2025-01-01", "1735689600", true),
            ("2025-01-01", "2025-01-01T08:00:00Z", false),
            ("2025-01-01T00:00:60Z", "2025-01-01T00:01:00Z", false),
            ("1735689600", "1735689600", true),
            // Both sides are read alike.
            ("2025", "2025", true),
            ("100000000001", "100000000001", true),
        ],
    );
    check(
        BaseOperator::DateLessThan,
        &[
            ("2025-01-01T00:00:00Z", "2024-12-31T23:59:59Z", true),
            ("2025", "2026-01-01", false),
            ("2025", "2026", false),
        ],
    );
    // AMB-22.
    let year = modes(BaseOperator::DateEquals, "2025", "2025-01-01T00:00:00Z");
    assert_eq!(year, [MAYBE, NO, NO, YES]);
    let milliseconds = modes(BaseOperator::DateEquals, "1735689600000", "2025-01-01");
    assert_eq!(milliseconds, [MAYBE, NO, NO, YES]);
    let later = modes(BaseOperator::DateGreaterThan, "2025-01-01", "1735689600001");
    assert_eq!(later, [YES; 4]);
    let far = modes(BaseOperator::DateGreaterThan, "2025-01-01", "1735689599999");
    assert_eq!(far, [MAYBE, YES, NO, YES]);
    let limit = modes(
        BaseOperator::DateEquals,
        "100000000000",
        "5138-11-16T09:46:40Z",
    );
    assert_eq!(limit, [YES; 4]);
}

#[test]
fn truths() {
    check(
        BaseOperator::Bool,
        &[
            ("TRUE", "true", true),
            ("false", "False", true),
            ("true", "false", false),
            ("yes", "yes", false),
            ("1", "true", false),
        ],
    );
    let any = |operand: &str| {
        read(AmbiguityMode::Report, Toward::Allow, |reading| {
            matches(
                BaseOperator::Bool,
                &template(operand),
                Text::Any,
                &Sample::new(),
                reading,
            )
        })
    };
    assert_eq!(any("true"), MAYBE);
    assert_eq!(any("yes"), NO);
}

#[test]
fn addresses_and_bytes() {
    check(
        BaseOperator::IpAddress,
        &[
            ("203.0.113.7/24", "203.0.113.200", true),
            ("2001:db8::/32", "2001:0DB8:0::1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("x", "203.0.113.7", false),
            ("203.0.113.0/24", "203.0.113.0/24", false),
        ],
    );
    let mapped = modes(
        BaseOperator::IpAddress,
        "203.0.113.0/24",
        "::ffff:203.0.113.7",
    );
    assert_eq!(mapped, [MAYBE, NO, NO, YES]);
    // TRAP-21.
    check(
        BaseOperator::BinaryEquals,
        &[
            ("QmluYXJ5", "QmluYXJ5", true),
            ("QQ==", "QQ==", true),
            ("QQ==", "QUI=", false),
            ("QQ", "QQ", false),
            ("!", "!", false),
        ],
    );
}
