//! The tables of the rules, cell by cell. T, F and U are typed in from the tables.

use preclear_condition::Ambiguities;
use preclear_condition::Tri::{self, False as F, True as T, Unknown as U};

use crate::context::{
    Context, State, compile, like, many, one, outcome, outcome_in, test, value, wants,
};

/// Operands of three sorts: ordinary ones, a list that surely matches every text, and a list that matches nothing.
struct Sorts {
    operator: &'static str,
    ordinary: &'static [&'static str],
    universal: Option<(&'static str, &'static [&'static str])>,
    dead: Option<(&'static str, &'static [&'static str])>,
}

/// Positive operators. Only `StringLike` can match every text, and only operators with malformed operands or an
/// empty list can match none.
const POSITIVE: [Sorts; 4] = [
    Sorts {
        operator: "StringLike",
        ordinary: &["a", "b*"],
        universal: Some(("StringLike", &["a", "**"])),
        dead: Some(("StringLike", &[])),
    },
    Sorts {
        operator: "NumericLessThan",
        ordinary: &["5", "ten"],
        universal: None,
        dead: Some(("NumericLessThan", &["ten", ""])),
    },
    Sorts {
        operator: "IpAddress",
        ordinary: &["203.0.113.0/24"],
        universal: None,
        dead: Some(("IpAddress", &["x"])),
    },
    Sorts {
        operator: "BinaryEquals",
        ordinary: &["QQ=="],
        universal: None,
        dead: Some(("BinaryEquals", &["Q"])),
    },
];

const NEGATED: [Sorts; 3] = [
    Sorts {
        operator: "StringNotLike",
        ordinary: &["a", "b*"],
        universal: Some(("StringNotLike", &["a", "*"])),
        dead: None,
    },
    Sorts {
        operator: "NotIpAddress",
        ordinary: &["203.0.113.0/24"],
        universal: None,
        dead: None,
    },
    Sorts {
        operator: "ArnNotEquals",
        ordinary: &["arn:aws:iam::111122223333:role/*"],
        universal: None,
        dead: None,
    },
];

/// A cell: the outcome, and where it differs those of a universal and of a dead list.
#[derive(Clone, Copy)]
struct Cell {
    ordinary: Tri,
    universal: Tri,
    dead: Tri,
}

const fn cell(ordinary: Tri) -> Cell {
    Cell {
        ordinary,
        universal: ordinary,
        dead: ordinary,
    }
}

impl Cell {
    const fn univ(self, universal: Tri) -> Self {
        Self { universal, ..self }
    }

    const fn dead(self, dead: Tri) -> Self {
        Self { dead, ..self }
    }
}

fn check(key: &str, prefix: &str, suffix: &str, sorts: &[Sorts], state: &State, expected: Cell) {
    for sort in sorts {
        let of = |operator: &str, operands: &[&str]| {
            let operator = format!("{prefix}{operator}{suffix}");
            let outcome = outcome(&operator, key, operands, state, Ambiguities::Report);
            if outcome.value.is_unknown() {
                assert_eq!(wants(&outcome), [key.to_owned()], "{operator} {operands:?}");
            }
            outcome.value
        };
        let name = (prefix, sort.operator, suffix, state);
        assert_eq!(
            of(sort.operator, sort.ordinary),
            expected.ordinary,
            "{name:?}"
        );
        if let Some((operator, operands)) = sort.universal {
            assert_eq!(
                of(operator, operands),
                expected.universal,
                "universal {name:?}"
            );
        }
        if let Some((operator, operands)) = sort.dead {
            assert_eq!(of(operator, operands), expected.dead, "dead {name:?}");
        }
    }
}

/// Rows of IAM-TRI-3 and IAM-TRI-4: qualifier, suffix, sorts, and the columns Absent, Present, Unknown.
type Row = (&'static str, &'static str, &'static [Sorts], [Cell; 3]);

fn check_rows(key: &str, rows: &[Row]) {
    for (prefix, suffix, sorts, cells) in rows {
        for (state, expected) in [State::Absent, State::Present, State::Unknown]
            .iter()
            .zip(cells)
        {
            check(key, prefix, suffix, sorts, state, *expected);
        }
    }
}

#[test]
fn tri_3_single_valued_keys() {
    let present_positive = cell(U).univ(T).dead(F);
    let present_negated = cell(U).univ(F);
    let rows: [Row; 8] = [
        (
            "",
            "",
            &POSITIVE,
            [cell(F), present_positive, cell(U).dead(F)],
        ),
        ("", "", &NEGATED, [cell(T), present_negated, cell(U)]),
        (
            "",
            "IfExists",
            &POSITIVE,
            [cell(T), present_positive, cell(U).univ(T)],
        ),
        (
            "",
            "IfExists",
            &NEGATED,
            [cell(T), present_negated, cell(U)],
        ),
        (
            "ForAllValues:",
            "",
            &POSITIVE,
            [cell(T), present_positive, cell(U).univ(T)],
        ),
        (
            "ForAllValues:",
            "",
            &NEGATED,
            [cell(T), present_negated, cell(U)],
        ),
        (
            "ForAnyValue:",
            "",
            &POSITIVE,
            [cell(F), present_positive, cell(U).dead(F)],
        ),
        (
            "ForAnyValue:",
            "",
            &NEGATED,
            [cell(F), present_negated, cell(U).univ(F)],
        ),
    ];
    for key in ["s:k", "u:k"] {
        check_rows(key, &rows);
    }
}

#[test]
fn tri_4_multivalued_keys() {
    let never = [cell(F), cell(F), cell(F)];
    let unless_absent = [cell(T), cell(F), cell(U)];
    let rows: [Row; 8] = [
        ("", "", &POSITIVE, never),
        ("", "", &NEGATED, unless_absent),
        ("", "IfExists", &POSITIVE, unless_absent),
        ("", "IfExists", &NEGATED, unless_absent),
        (
            "ForAllValues:",
            "",
            &POSITIVE,
            [cell(T), cell(U).univ(T).dead(F), cell(U).univ(T)],
        ),
        (
            "ForAllValues:",
            "",
            &NEGATED,
            [cell(T), cell(U).univ(F), cell(U)],
        ),
        (
            "ForAnyValue:",
            "",
            &POSITIVE,
            [cell(F), cell(U).univ(T).dead(F), cell(U).dead(F)],
        ),
        (
            "ForAnyValue:",
            "",
            &NEGATED,
            [cell(F), cell(U).univ(F), cell(U).univ(F)],
        ),
    ];
    check_rows("m:k", &rows);
}

/// One value in most requests, several in some.
#[test]
fn tri_3_and_4_keys_that_vary() {
    let of = |operator, state: &State| value(operator, "v:k", &["a"], state);
    for (operator, a, b) in [("StringEquals", T, F), ("StringNotEquals", F, T)] {
        assert_eq!(of(operator, &one("a")), a, "{operator}");
        assert_eq!(of(operator, &one("b")), b, "{operator}");
        assert_eq!(of(operator, &many(&["a"])), a, "{operator}");
        // Of several values a bare operator tests none.
        assert_eq!(of(operator, &many(&["a", "b"])), F, "{operator}");
        assert_eq!(of(operator, &many(&["a", "a"])), F, "{operator}");
        for open in [State::Present, State::Unknown, like("b*")] {
            assert_eq!(of(operator, &open), U, "{operator} {open:?}");
        }
    }
    assert_eq!(of("ForAllValues:StringEquals", &many(&["a", "a"])), T);
    assert_eq!(of("ForAllValues:StringEquals", &many(&["a", "b"])), F);
    assert_eq!(of("ForAnyValue:StringEquals", &many(&["a", "b"])), T);
    assert_eq!(of("ForAnyValue:StringEquals", &one("a")), T);
    assert_eq!(of("StringEquals", &State::Absent), F);
    assert_eq!(of("StringEqualsIfExists", &State::Absent), T);
    // All stars match one value, and none of several.
    for (operator, expected) in [
        ("StringLike", U),
        ("StringNotLike", F),
        ("ForAllValues:StringLike", T),
        ("ForAnyValue:StringNotLike", F),
    ] {
        let present = value(operator, "v:k", &["*"], &State::Present);
        assert_eq!(present, expected, "{operator}");
    }
}

#[test]
fn tri_3_and_4_null() {
    for key in ["s:k", "m:k", "u:k"] {
        for (state, absent, present) in [
            (one("x"), F, T),
            (State::Absent, T, F),
            (State::Present, F, T),
            (State::Unknown, U, U),
        ] {
            assert_eq!(
                value("Null", key, &["true"], &state),
                absent,
                "{key} {state:?}"
            );
            assert_eq!(
                value("Null", key, &["false"], &state),
                present,
                "{key} {state:?}"
            );
        }
    }
    assert_eq!(value("Null", "m:k", &["true"], &many(&["a", "b"])), F);
    assert_eq!(value("Null", "m:k", &["false"], &many(&["a", "b"])), T);
    // A known set is there, though it be empty.
    assert_eq!(value("Null", "m:k", &["true"], &many(&[])), F);
}

#[test]
fn tri_3_known_single_values() {
    for key in ["s:k", "u:k"] {
        for suffix in ["", "IfExists"] {
            for prefix in ["", "ForAllValues:", "ForAnyValue:"] {
                let of = |base: &str, text: &str| {
                    value(
                        &format!("{prefix}{base}{suffix}"),
                        key,
                        &["a", "b"],
                        &one(text),
                    )
                };
                assert_eq!(of("StringEquals", "a"), T);
                assert_eq!(of("StringEquals", "c"), F);
                assert_eq!(of("StringNotEquals", "a"), F);
                assert_eq!(of("StringNotEquals", "c"), T);
            }
        }
    }
}

#[test]
fn tri_4_bare_operators_never_match_a_known_set() {
    for state in [
        one("a"),
        many(&["a"]),
        many(&["a", "c"]),
        many(&["c"]),
        many(&[]),
        many(&[""]),
    ] {
        for operator in [
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIfExists",
            "StringNotEqualsIfExists",
        ] {
            assert_eq!(
                value(operator, "m:k", &["a"], &state),
                F,
                "{operator} {state:?}"
            );
        }
    }
    // A list makes an uncatalogued key multivalued.
    assert_eq!(value("StringNotEquals", "u:k", &["a"], &many(&["c"])), F);
    assert_eq!(
        value(
            "ForAnyValue:StringEquals",
            "u:k",
            &["a"],
            &many(&["c", "a"])
        ),
        T
    );
    // A list of one value for a single-valued key is that value.
    assert_eq!(value("StringEquals", "s:k", &["a"], &many(&["a"])), T);
}

#[test]
fn cond_1_values_are_ored_and_nored() {
    for (state, positive, negated) in [(one("a"), T, F), (one("c"), F, T), (State::Absent, F, T)] {
        assert_eq!(value("StringEquals", "s:k", &["a", "b"], &state), positive);
        assert_eq!(
            value("StringNotEquals", "s:k", &["a", "b"], &state),
            negated
        );
    }
}

#[test]
fn cond_1_tests_are_anded() {
    let block = |first: &str, second: &str| {
        let condition = compile(&[
            test("StringEquals", "s:a", &[first]),
            test("StringNotEquals", "s:b", &[second]),
        ]);
        let context = Context::new(&[("s:a", one("1")), ("S:B", one("2"))]);
        condition
            .evaluate::<()>(&context, Ambiguities::Report)
            .value
    };
    assert_eq!(block("1", "1"), T);
    assert_eq!(block("2", "1"), F);
    assert_eq!(block("1", "2"), F);
    let empty = compile(&[]);
    assert_eq!(
        empty
            .evaluate::<()>(&Context::default(), Ambiguities::Report)
            .value,
        T
    );
}

#[test]
fn a_false_test_hides_what_the_others_depend_on() {
    let condition = compile(&[
        test("StringEquals", "s:a", &["1"]),
        test("StringEquals", "s:b", &["1"]),
        test("StringEquals", "s:c", &["1"]),
    ]);
    let mut context = Context::new(&[
        ("s:a", State::Unknown),
        ("s:b", State::Present),
        ("s:c", one("1")),
    ]);
    let outcome = condition.evaluate(&context, Ambiguities::Report);
    assert_eq!(
        (outcome.value, wants(&outcome)),
        (U, vec!["s:a".to_owned(), "s:b".to_owned()])
    );
    context.set("s:c", one("2"));
    let outcome = condition.evaluate(&context, Ambiguities::Report);
    assert_eq!((outcome.value, wants(&outcome)), (F, vec![]));
}

#[test]
fn cond_7_set_operators() {
    for (state, cells) in [
        (many(&["a"]), [T, T, F, F]),
        (many(&["a", "c"]), [F, T, F, T]),
        (many(&["c", "d"]), [F, F, T, T]),
        (many(&[]), [T, F, T, F]),
        (State::Absent, [T, F, T, F]),
        // IAM-COND-13: a set whose only member is empty counts as no values.
        (many(&[""]), [T, F, T, F]),
        (one(""), [T, F, T, F]),
        (many(&["", "a"]), [F, T, F, T]),
    ] {
        let operators = [
            "ForAllValues:StringEquals",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringNotEquals",
            "ForAnyValue:StringNotEquals",
        ];
        for (operator, expected) in operators.iter().zip(cells) {
            assert_eq!(
                value(operator, "m:k", &["a", "b"], &state),
                expected,
                "{operator} {state:?}"
            );
        }
    }
}

#[test]
fn cond_8_missing_keys() {
    let absent = |operator: &str, operand: &str| {
        let values =
            ["s:k", "m:k", "u:k"].map(|key| value(operator, key, &[operand], &State::Absent));
        assert_eq!(values, [values[0]; 3], "{operator}");
        values[0]
    };
    let positive = [
        ("StringEquals", "a"),
        ("StringEqualsIgnoreCase", "a"),
        ("StringLike", "*"),
        ("NumericEquals", "1"),
        ("NumericLessThan", "1"),
        ("NumericLessThanEquals", "1"),
        ("NumericGreaterThan", "1"),
        ("NumericGreaterThanEquals", "1"),
        ("DateEquals", "2025-01-01"),
        ("DateLessThan", "2025-01-01"),
        ("DateLessThanEquals", "2025-01-01"),
        ("DateGreaterThan", "2025-01-01"),
        ("DateGreaterThanEquals", "2025-01-01"),
        ("Bool", "false"),
        ("BinaryEquals", "QQ=="),
        ("IpAddress", "0.0.0.0/0"),
        ("ArnEquals", "arn:*:*:*:*:*"),
        ("ArnLike", "arn:*:*:*:*:*"),
    ];
    let negated = [
        ("StringNotEquals", "a"),
        ("StringNotEqualsIgnoreCase", "a"),
        ("StringNotLike", "*"),
        ("NumericNotEquals", "1"),
        ("DateNotEquals", "2025-01-01"),
        ("NotIpAddress", "0.0.0.0/0"),
        ("ArnNotEquals", "arn:*:*:*:*:*"),
        ("ArnNotLike", "arn:*:*:*:*:*"),
    ];
    for (operators, bare) in [(&positive[..], F), (&negated[..], T)] {
        for (operator, operand) in operators {
            assert_eq!(absent(operator, operand), bare, "{operator}");
            assert_eq!(absent(&format!("{operator}IfExists"), operand), T);
            assert_eq!(absent(&format!("ForAllValues:{operator}"), operand), T);
            assert_eq!(
                absent(&format!("ForAllValues:{operator}IfExists"), operand),
                T
            );
            assert_eq!(absent(&format!("ForAnyValue:{operator}"), operand), F);
        }
    }
    assert_eq!(absent("Null", "true"), T);
    assert_eq!(absent("Null", "false"), F);
}

#[test]
fn cond_8_missing_keys_with_bad_or_no_operands() {
    // The row of the missing key comes before the comparison, whatever the operands.
    for operands in [&[][..], &["x"]] {
        assert_eq!(
            value("NumericNotEquals", "s:k", operands, &State::Absent),
            T
        );
        assert_eq!(value("NumericEquals", "s:k", operands, &State::Absent), F);
        assert_eq!(
            value("NumericEqualsIfExists", "s:k", operands, &State::Absent),
            T
        );
    }
}

#[test]
fn cond_12_empty_lists() {
    for (operator, key, known, absent) in [
        ("StringEquals", "s:k", F, F),
        ("StringEqualsIfExists", "s:k", F, T),
        ("StringNotEqualsIfExists", "s:k", F, T),
        ("ForAllValues:StringEquals", "m:k", F, T),
        ("ForAllValues:StringNotEquals", "m:k", F, T),
        ("ForAnyValue:StringEquals", "m:k", F, F),
        ("ForAnyValue:StringNotEquals", "m:k", F, F),
        ("Null", "s:k", F, F),
    ] {
        assert_eq!(value(operator, key, &[], &one("a")), known, "{operator}");
        assert_eq!(
            value(operator, key, &[], &State::Absent),
            absent,
            "{operator}"
        );
    }
    assert_eq!(
        value("ForAllValues:StringEquals", "m:k", &[], &many(&[])),
        T
    );
    assert_eq!(
        value("ForAllValues:StringNotEquals", "m:k", &[], &many(&[])),
        T
    );
    assert_eq!(
        value("ForAnyValue:StringNotEquals", "m:k", &[], &many(&[])),
        F
    );
}

#[test]
fn cond_13_an_empty_text_is_a_value_of_a_single_valued_key() {
    assert_eq!(value("StringEquals", "s:k", &[""], &one("")), T);
    assert_eq!(
        value("ForAllValues:StringEquals", "s:k", &["a"], &one("")),
        F
    );
    assert_eq!(value("ForAnyValue:StringEquals", "s:k", &[""], &one("")), T);
    assert_eq!(value("StringLike", "s:k", &[""], &one("")), T);
}

#[test]
fn gram_17_null_with_a_set_qualifier_is_constant() {
    for state in [
        State::Absent,
        State::Present,
        State::Unknown,
        State::Conflict,
        one("a"),
        many(&[]),
    ] {
        for operand in ["true", "false"] {
            assert_eq!(value("ForAllValues:Null", "m:k", &[operand], &state), T);
            assert_eq!(value("ForAnyValue:Null", "m:k", &[operand], &state), F);
        }
    }
}

#[test]
fn tri_5_unknown_variables_in_operands() {
    let context = |name: State| Context::new(&[("s:k", one("home/ana")), ("s:name", name)]);
    for state in [State::Unknown, State::Present] {
        let of = |operator, operands: &[&str]| {
            outcome_in(
                operator,
                "s:k",
                operands,
                &context(state.clone()),
                Ambiguities::Report,
            )
        };
        let outcome = of("StringEquals", &["home/${s:name}"]);
        assert_eq!(
            (outcome.value, wants(&outcome)),
            (U, vec!["s:name".to_owned()])
        );
        assert_eq!(of("StringNotEquals", &["home/${s:name}"]).value, U);
        // Not even `*` in its place could match.
        assert_eq!(of("StringEquals", &["away/${s:name}"]).value, F);
        assert_eq!(of("StringNotEquals", &["away/${s:name}"]).value, T);
        // Another operand settles it.
        assert_eq!(of("StringEquals", &["home/${s:name}", "home/ana"]).value, T);
        assert_eq!(
            of("StringNotEquals", &["home/${s:name}", "home/ana"]).value,
            F
        );
        assert_eq!(of("StringEqualsIgnoreCase", &["HOME/${s:name}"]).value, U);
        assert_eq!(of("StringEqualsIgnoreCase", &["AWAY/${s:name}"]).value, F);
        assert_eq!(of("StringLike", &["*${s:name}*"]).value, U);
    }
    // Ignoring case, beside a variable that is known.
    let mut upper = context(State::Unknown);
    upper.set("s:k", one("HOME/ana"));
    upper.set("s:root", one("Home"));
    let of = |operand| {
        outcome_in(
            "StringEqualsIgnoreCase",
            "s:k",
            &[operand],
            &upper,
            Ambiguities::Report,
        )
    };
    assert_eq!(of("${s:root}/${s:name}").value, U);
    assert_eq!(of("hOmE/${s:name}").value, U);
    assert_eq!(of("${s:root}${s:name}/").value, F);
    // The key itself is not known either.
    let mut both = context(State::Unknown);
    both.set("s:k", State::Present);
    let outcome = outcome_in(
        "StringEquals",
        "s:k",
        &["${s:name}"],
        &both,
        Ambiguities::Report,
    );
    assert_eq!(
        (outcome.value, wants(&outcome)),
        (U, vec!["s:k".to_owned(), "s:name".to_owned()])
    );
}
