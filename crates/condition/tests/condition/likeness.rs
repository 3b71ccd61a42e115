//! Keys whose value is one of the texts of a pattern. T, F and U are typed in from the rules: all texts match, none
//! does, or some do. Rule: IAM-WILD-13, IAM-TRI-5, IAM-TRI-6.

use preclear_condition::Ambiguities::{Always, Guess, Report};
use preclear_condition::Tri::{self, False as F, True as T, Unknown as U};
use preclear_condition::{KeyName, Outcome, VariablePattern, Wildcards};
use preclear_model::{Template, Version};
use preclear_wildcard::{Pattern, SlotValue, Token};

use crate::context::{
    Context, Explained, Names, State, like, many, one, outcome, outcome_in, value, wants,
};

const BOXES: &str = "arn:aws:s3:::out/boxes/*";

/// Pattern of the value, operands, and what the positive operator gives.
type Row = (&'static str, &'static [&'static str], Tri);

/// Checks a positive operator and its negated twin, bare and with each qualifier and suffix that changes nothing for
/// a key that exists and has one value.
fn check(positive: &str, negated: &str, rows: &[Row]) {
    for (pattern, operands, expected) in rows {
        for (base, expected) in [(positive, *expected), (negated, !*expected)] {
            for prefix in ["", "ForAllValues:", "ForAnyValue:"] {
                for suffix in ["", "IfExists"] {
                    for key in ["s:k", "u:k"] {
                        let operator = format!("{prefix}{base}{suffix}");
                        let outcome = outcome(&operator, key, operands, &like(pattern), Report);
                        let name = format!("{operator} {operands:?} `{pattern}`");
                        assert_eq!(outcome.value, expected, "{name}");
                        if expected == U {
                            assert_eq!(wants(&outcome), [key], "{name}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn string_like_compares_two_patterns() {
    check(
        "StringLike",
        "StringNotLike",
        &[
            (BOXES, &["arn:aws:s3:::out/*"], T),
            (BOXES, &[BOXES], T),
            (BOXES, &["*"], T),
            (BOXES, &["arn:aws:*/*/*"], T),
            (BOXES, &["arn:aws:s3:::out/boxes/?*"], U),
            (BOXES, &["arn:aws:s3:::out/boxes/a*"], U),
            (BOXES, &["arn:aws:s3:::out/boxes/a"], U),
            (BOXES, &["*.txt"], U),
            (BOXES, &["arn:aws:s3:::in/*"], F),
            (BOXES, &["arn:aws:s3:::out/boxes"], F),
            (BOXES, &["ARN:AWS:S3:::out/boxes/*"], F),
            (BOXES, &[""], F),
            // One operand that covers all settles the list, one that shares nothing leaves it as it is.
            (BOXES, &["arn:aws:s3:::in/*", "arn:aws:s3:::out/*"], T),
            (BOXES, &["arn:aws:s3:::out/boxes/a*", "*/boxes/*"], T),
            (BOXES, &["arn:aws:s3:::out/boxes/a*", "x*"], U),
            (BOXES, &["x*", "y*"], F),
            ("a?", &["a*"], T),
            ("a?", &["a??*"], F),
            ("a*c", &["*b*"], U),
            // A star that is a character of an operand stands for nothing else.
            ("a*", &["a${*}"], U),
            ("a?", &["a${*}b"], F),
        ],
    );
}

#[test]
fn string_equals_compares_a_pattern_with_texts() {
    check(
        "StringEquals",
        "StringNotEquals",
        &[
            (BOXES, &["arn:aws:s3:::out/boxes/1"], U),
            (BOXES, &["arn:aws:s3:::out/boxes/"], U),
            // Here a star is a character, and a value may hold it.
            (BOXES, &[BOXES], U),
            (BOXES, &["*"], F),
            (BOXES, &["arn:aws:s3:::out/x"], F),
            (BOXES, &["arn:aws:s3:::OUT/boxes/1"], F),
            (BOXES, &["x", "arn:aws:s3:::out/boxes/1"], U),
            ("a?", &["ab"], U),
            ("a?", &["a"], F),
            ("*", &[""], U),
            ("?*", &[""], F),
        ],
    );
}

#[test]
fn ignoring_case_both_sides_are_folded() {
    check(
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        &[
            (BOXES, &["ARN:AWS:S3:::OUT/BOXES/x"], U),
            (BOXES, &["ARN:AWS:S3:::IN/BOXES/x"], F),
            ("OUT/*", &["out/x"], U),
            ("STRAẞE?", &["straße7"], U),
            ("STRAẞE?", &["strasse7"], F),
            ("?", &["\u{212a}"], U),
            ("K*", &["\u{212a}elvin"], U),
            ("a*", &["A*"], U),
            ("a?", &["A*"], U),
            ("a?", &["A*B"], F),
        ],
    );
}

#[test]
fn arn_operators_compare_field_by_field() {
    for (positive, negated) in [("ArnLike", "ArnNotLike"), ("ArnEquals", "ArnNotEquals")] {
        check(
            positive,
            negated,
            &[
                (BOXES, &["arn:aws:s3:::out/*"], T),
                (BOXES, &["arn:*:s3:*:*:out/*"], T),
                (BOXES, &["*:*:*:*:*:*"], T),
                (BOXES, &["arn:aws:s3:::out/boxes/a*"], U),
                (BOXES, &["arn:aws:s3:::out/boxes/a"], U),
                (BOXES, &["arn:aws:s3:::in/*"], F),
                (BOXES, &["arn:aws:s3:?::out/*"], F),
                // A star of an operand keeps to its field.
                (BOXES, &["arn:*:out/*:*:*:*"], F),
                (BOXES, &["arn:aws:s3:::in/*", "arn:*:*:*:*:out/boxes/*"], T),
                (BOXES, &["arn:aws:s3:::in/*", "arn:*:*:*:*:*/a"], U),
                // Behind the fifth colon a value may hold more of them.
                ("arn:aws:sns:::topic:*", &["arn:aws:sns:::*"], T),
                ("arn:aws:sns:::topic:*", &["arn:aws:sns:::t*:a:b"], U),
                // A star of the value may hold colons too, and then the fields are others.
                ("arn:aws:iam:*:1:role/a", &["arn:aws:iam:*:1:role/a"], U),
                ("arn:aws:iam:*:1:role/a", &["arn:aws:iam:*:*:*role/a"], T),
                ("arn:aws:iam:*:1:role/a", &["arn:aws:iam::x:1:role/a"], U),
                ("arn:aws:iam:*:1:role/a", &["arn:aws:iam::x:y:role/a"], F),
            ],
        );
    }
}

#[test]
fn amb_9_values_that_may_have_too_few_fields() {
    let of = |operator, pattern, mode| {
        outcome(operator, "s:k", &["arn:aws:s3:::b"], &like(pattern), mode)
    };
    // Some texts have the fields.
    let some = of("ArnNotLike", "arn:aws:iam:*", Report);
    assert_eq!(
        (some.value, wants(&some)),
        (U, vec!["s:k".to_owned(), "AMB-9".to_owned()])
    );
    let guess = of("ArnNotLike", "arn:aws:iam:*", Guess);
    assert_eq!((guess.value, wants(&guess)), (U, vec!["s:k".to_owned()]));
    assert_eq!(of("ArnNotLike", "arn:aws:iam:*", Always(true)).value, T);
    assert_eq!(of("ArnNotLike", "arn:aws:iam:*", Always(false)).value, U);
    assert_eq!(of("ArnNotLike", "?????", Report).value, U);
    // None has: as for one such text, the key does not matter.
    for pattern in ["x?", "????", "x"] {
        let none = of("ArnNotLike", pattern, Report);
        assert_eq!((none.value, wants(&none)), (U, vec!["AMB-9".to_owned()]));
        assert_eq!(of("ArnNotLike", pattern, Guess).value, F);
        assert_eq!(of("ArnNotLike", pattern, Always(true)).value, T);
    }
    // All have.
    assert_eq!(of("ArnNotLike", "arn:aws:iam:::*", Report).value, T);
    assert_eq!(of("ArnNotLike", "arn:aws:iam:::*", Always(false)).value, T);
    // Positive operators know no such doubt.
    assert_eq!(of("ArnLike", "arn:aws:iam:*", Report).value, F);
    assert_eq!(of("ArnLike", "x?", Report).value, F);
    assert_eq!(of("ArnLike", "*", Report).value, U);
}

#[test]
fn amb_12_operands_of_fewer_than_six_fields() {
    let of = |operator, operand: &'static str, mode| {
        outcome(operator, "s:k", &[operand], &like(BOXES), mode)
    };
    // As a glob it covers all texts or none, so the key does not matter.
    let all = of("ArnLike", "arn:aws:s3*", Report);
    assert_eq!((all.value, wants(&all)), (U, vec!["AMB-12".to_owned()]));
    assert_eq!(of("ArnLike", "arn:aws:s3*", Guess).value, F);
    assert_eq!(of("ArnLike", "arn:aws:s3*", Always(true)).value, T);
    assert_eq!(of("ArnNotLike", "arn:aws:s3*", Guess).value, T);
    let none = of("ArnLike", "arn:aws:iam*", Report);
    assert_eq!((none.value, wants(&none)), (U, vec!["AMB-12".to_owned()]));
    assert_eq!(of("ArnLike", "arn:aws:iam*", Guess).value, F);
    let some = of("ArnLike", "arn:aws*/a", Report);
    assert_eq!(
        (some.value, wants(&some)),
        (U, vec!["s:k".to_owned(), "AMB-12".to_owned()])
    );
}

#[test]
fn null_finds_the_key() {
    for key in ["s:k", "m:k", "u:k"] {
        for pattern in [BOXES, "*", "?"] {
            assert_eq!(value("Null", key, &["true"], &like(pattern)), F);
            assert_eq!(value("Null", key, &["false"], &like(pattern)), T);
            assert_eq!(value("Null", key, &["true", "false"], &like(pattern)), T);
        }
    }
}

const OTHER_FAMILIES: [(&str, &[&str]); 9] = [
    ("NumericEquals", &["5"]),
    ("NumericNotEquals", &["5"]),
    ("DateLessThan", &["2025-01-01"]),
    ("Bool", &["true"]),
    ("Bool", &["true", "false"]),
    ("BinaryEquals", &["QQ=="]),
    ("IpAddress", &["203.0.113.0/24"]),
    ("NotIpAddress", &["203.0.113.0/24"]),
    ("NotIpAddress", &["x"]),
];

/// Of a key with several values, and for operators of other families, the pattern says that there is a value.
#[test]
fn elsewhere_it_is_present() {
    let compares_text: [(&str, &[&str]); 5] = [
        ("StringEquals", &["x"]),
        ("StringLike", &["5*"]),
        ("StringNotLike", &["*"]),
        ("StringEqualsIgnoreCase", &["X"]),
        ("ArnNotLike", &["arn:aws:s3:::b"]),
    ];
    let cases = OTHER_FAMILIES.map(|(operator, operands)| ("s:k", operator, operands));
    let sets = [OTHER_FAMILIES.as_slice(), compares_text.as_slice()].concat();
    let sets = sets
        .into_iter()
        .map(|(operator, operands)| ("m:k", operator, operands));
    for (key, operator, operands) in cases.into_iter().chain(sets) {
        for prefix in ["", "ForAllValues:", "ForAnyValue:"] {
            for mode in [Report, Guess, Always(true), Always(false)] {
                let operator = format!("{prefix}{operator}");
                assert_eq!(
                    outcome(&operator, key, operands, &like("5*"), mode),
                    outcome(&operator, key, operands, &State::Present, mode),
                    "{operator} {key} {operands:?}"
                );
            }
        }
    }
}

#[test]
fn without_wildcards_it_is_the_text() {
    let texts: [(&str, &[&str]); 6] = [
        ("StringEquals", &["5"]),
        ("StringNotLike", &["?"]),
        ("StringEqualsIgnoreCase", &["x"]),
        ("ArnNotLike", &["arn:aws:s3:::b"]),
        ("ArnLike", &["*"]),
        ("Null", &["true"]),
    ];
    for (operator, operands) in texts.iter().chain(&OTHER_FAMILIES) {
        for key in ["s:k", "m:k", "u:k"] {
            for text in ["5", "", "true", "203.0.113.7", "arn:aws:s3:::b"] {
                for mode in [Report, Guess, Always(true), Always(false)] {
                    assert_eq!(
                        outcome(operator, key, operands, &like(text), mode),
                        outcome(operator, key, operands, &one(text), mode),
                        "{operator} {key} {operands:?} {text}"
                    );
                }
            }
        }
    }
    // Stars of the text itself are characters.
    let star = State::Like(Pattern::literal("a*"));
    assert_eq!(value("StringLike", "s:k", &["a?"], &star), T);
    assert_eq!(value("StringEquals", "s:k", &["a*"], &star), T);
}

#[test]
fn open_slots_say_only_that_the_key_exists() {
    let open = State::Like(Pattern::from_tokens([Token::Text("a"), Token::Slot(0)]));
    for (operator, operand) in [
        ("StringLike", "b*"),
        ("StringLike", "*"),
        ("StringNotEquals", "b"),
    ] {
        assert_eq!(
            outcome(operator, "s:k", &[operand], &open, Report),
            outcome(operator, "s:k", &[operand], &State::Present, Report)
        );
    }
}

#[test]
fn cond_12_empty_lists() {
    assert_eq!(value("StringLike", "s:k", &[], &like("a*")), F);
    let negated = outcome("StringNotLike", "s:k", &[], &like("a*"), Report);
    assert_eq!(
        (negated.value, wants(&negated)),
        (U, vec!["AMB-16".to_owned()])
    );
}

#[test]
fn tri_5_variables_in_operands() {
    let of = |operator, operand: &str, name: State| -> (Tri, Vec<String>) {
        let context = Context::new(&[("s:k", like("home/ana/*")), ("s:name", name)]);
        let outcome: Explained = outcome_in(operator, "s:k", &[operand], &context, Report);
        (outcome.value, wants(&outcome))
    };
    let key = || vec!["s:k".to_owned()];
    let name = || vec!["s:name".to_owned()];
    let both = || vec!["s:k".to_owned(), "s:name".to_owned()];
    assert_eq!(
        of("StringLike", "home/${s:name}/*", one("ana")),
        (T, vec![])
    );
    assert_eq!(
        of("StringNotLike", "home/${s:name}/*", one("ana")),
        (F, vec![])
    );
    assert_eq!(
        of("StringLike", "home/${s:name}/*", one("bob")),
        (F, vec![])
    );
    assert_eq!(
        of("StringLike", "home/${s:name}/a*", one("ana")),
        (U, key())
    );
    assert_eq!(of("StringLike", "home/${s:name}/*", one("a*")), (F, vec![]));
    assert_eq!(of("StringLike", "home/${s:name}", one("ana/*")), (U, key()));
    assert_eq!(
        of("StringEquals", "home/${s:name}", one("ana/x")),
        (U, key())
    );
    assert_eq!(
        of("StringEqualsIgnoreCase", "HOME/${s:name}", one("ANA/x")),
        (U, key())
    );
    assert_eq!(
        of("StringEqualsIgnoreCase", "HOME/${s:name}", one("BOB/x")),
        (F, vec![])
    );
    for state in [State::Unknown, State::Present, like("a*")] {
        // With `*` in its place the operand matches all texts, so the variable alone is in doubt.
        assert_eq!(
            of("StringLike", "home/${s:name}/*", state.clone()),
            (U, name())
        );
        assert_eq!(
            of("StringLike", "home/${s:name}/a*", state.clone()),
            (U, both())
        );
        assert_eq!(
            of("StringEquals", "home/${s:name}/a", state.clone()),
            (U, both())
        );
        assert_eq!(
            of("StringEqualsIgnoreCase", "Home/${s:name}/A", state.clone()),
            (U, both())
        );
        // Not even `*` in its place could match.
        assert_eq!(
            of("StringLike", "away/${s:name}/*", state.clone()),
            (F, vec![])
        );
        assert_eq!(
            of("StringEqualsIgnoreCase", "AWAY/${s:name}", state.clone()),
            (F, vec![])
        );
        assert_eq!(of("StringNotLike", "away/${s:name}/*", state), (T, vec![]));
    }
    for operator in ["StringLike", "StringEquals", "StringEqualsIgnoreCase"] {
        assert_eq!(of(operator, "home/${s:name}", State::Absent), (F, vec![]));
    }
    assert_eq!(
        of("StringLike", "home/${s:name, 'ana'}/*", State::Absent),
        (T, vec![])
    );
    // AMB-6: the empty value as text, or as if there were none.
    let empty = of("StringLike", "home/ana/${s:name}*", one(""));
    assert_eq!(empty, (U, vec!["AMB-6".to_owned()]));
}

#[test]
fn tri_5_variables_in_arns() {
    let of = |operand: &str, name: State| -> Tri {
        let context = Context::new(&[("s:k", like(BOXES)), ("s:name", name)]);
        outcome_in("ArnLike", "s:k", &[operand], &context, Report).value
    };
    assert_eq!(of("arn:aws:s3:::${s:name}/*", one("out")), T);
    assert_eq!(of("arn:aws:s3:::${s:name}/*", one("in")), F);
    assert_eq!(of("arn:aws:s3:::${s:name}/*", State::Unknown), U);
    assert_eq!(of("arn:aws:s3:::in/${s:name}", State::Unknown), F);
    assert_eq!(of("arn:aws:s3:::${s:name}/*", State::Absent), F);
    // What a variable inserts never divides a field.
    assert_eq!(of("arn:${s:name}:*:*:*:*", one("aws:s3")), F);
}

#[test]
fn in_a_variable_it_may_be_any_text() {
    let context = |pattern: &str| Context::new(&[("s:name", like(pattern))]);
    let of = |pattern: &str, text: &str| -> Explained {
        let template = Template::parse("b/${s:name}", Version::V2012).unwrap();
        VariablePattern::compile(&template, Wildcards::Active, &Names).matches(
            text,
            &context(pattern),
            Report,
        )
    };
    assert_eq!(wants(&of("a*", "b/ab")), ["s:name"]);
    assert_eq!(of("a*", "c/ab").value, F);
    assert_eq!(of("ab", "b/ab").value, T);

    let resolved = |text: &str, pattern: &str, mode| -> Tri {
        let template = Template::parse(text, Version::V2012).unwrap();
        let compiled = VariablePattern::compile(&template, Wildcards::Active, &Names);
        let keys = [("s:name", like(pattern)), ("m:names", like(pattern))];
        let outcome: Outcome<()> = compiled.is_resolved(&Context::new(&keys), mode);
        outcome.value
    };
    assert_eq!(resolved("${s:name}", "a*", Report), T);
    // Only all stars may be empty text, which may count as none (AMB-6).
    assert_eq!(resolved("${s:name}", "*", Report), U);
    assert_eq!(resolved("${s:name}", "*", Guess), T);
    assert_eq!(resolved("${s:name, 'x'}", "*", Report), T);
    assert_eq!(resolved("${m:names}", "a*", Report), F);
    let filled = Pattern::from_tokens([Token::Text("b/"), Token::Slot(0)]);
    assert_eq!(
        filled.substitute(&[SlotValue::Anything]),
        VariablePattern::compile(
            &Template::parse("b/${s:name}", Version::V2012).unwrap(),
            Wildcards::Active,
            &Names
        )
        .substituted(&context("a*"))
        .pattern
    );
}

#[test]
fn tests_on_other_keys_still_settle_the_block() {
    let condition = crate::context::compile(&[
        crate::context::test("StringLike", "s:k", &["a*b"]),
        crate::context::test("StringEquals", "s:l", &["x"]),
    ]);
    let context = Context::new(&[("s:k", like("a*")), ("s:l", one("y"))]);
    let block: Explained = condition.evaluate(&context, Report);
    assert_eq!((block.value, wants(&block)), (F, vec![]));
    assert_eq!(
        condition.keys().collect::<Vec<_>>(),
        [&KeyName::new("s:k"), &KeyName::new("s:l")]
    );
    // Lists of values are not touched by any of this.
    assert_eq!(
        value("ForAnyValue:StringLike", "m:k", &["a*"], &many(&["ab"])),
        T
    );
}
