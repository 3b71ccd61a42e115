//! Expectations of the tables and traps of IAM-COND and IAM-TRI.

use super::super::samples::{Sample, in_every_mode, statement, statement_of};
use super::*;
use preclear_model::policy::PolicyKind;

const NO: Tri = Tri::False;
const MAYBE: Tri = Tri::Unknown;
const YES: Tri = Tri::True;

const KEY: &str = "aws:PrincipalTag/k";

/// A block with one test.
fn block(operator: &str, key: &str, operands: &str) -> String {
    format!(r#""Condition": {{"{operator}": {{"{key}": {operands}}}}}"#)
}

fn says(operator: &str, operands: &str, sample: &Sample) -> Tri {
    holds(
        &statement(&block(operator, KEY, operands)),
        sample,
        Toward::Allow,
    )
}

fn modes(operator: &str, operands: &str, sample: &Sample) -> [Tri; 4] {
    let statement = statement(&block(operator, KEY, operands));
    in_every_mode(|mode, toward| holds(&statement, &sample.clone().mode(mode), toward))
}

/// Absent, present and unknown; single-valued.
fn states() -> [Sample; 3] {
    [Value::Absent, Value::Present, Value::Unknown].map(|value| Sample::new().with(KEY, value))
}

/// The same; multivalued.
fn set_states() -> [Sample; 3] {
    [Value::Absent, Value::Present, Value::Unknown]
        .map(|value| Sample::new().multivalued(KEY, value))
}

#[test]
fn lists_are_or_and_negated_lists_are_nor() {
    // IAM-COND-1.
    for (value, positive, negated) in [(Some("a"), YES, NO), (Some("c"), NO, YES), (None, NO, YES)]
    {
        let sample = value.map_or(Sample::new(), |value| Sample::new().known(KEY, value));
        assert_eq!(says("StringEquals", r#"["a","b"]"#, &sample), positive);
        assert_eq!(says("StringNotEquals", r#"["a","b"]"#, &sample), negated);
    }
    let both = statement(
        r#""Condition": {"StringEquals": {"aws:x": "1", "aws:y": "2"}, "StringLike": {"aws:x": "?"}}"#,
    );
    let sample = Sample::new().known("aws:x", "1");
    assert_eq!(holds(&both, &sample, Toward::Allow), NO);
    assert_eq!(
        holds(&both, &sample.known("AWS:Y", "2"), Toward::Allow),
        YES
    );
    assert_eq!(
        holds(
            &statement(r#""Condition": {}"#),
            &Sample::new(),
            Toward::Allow
        ),
        YES
    );
    assert_eq!(
        holds(&statement(r#""Sid": "s""#), &Sample::new(), Toward::Allow),
        YES
    );
}

#[test]
fn set_operators() {
    // IAM-COND-7, its table.
    let operators = [
        "ForAllValues:StringEquals",
        "ForAnyValue:StringEquals",
        "ForAllValues:StringNotEquals",
        "ForAnyValue:StringNotEquals",
    ];
    let rows: [(&[&str], [Tri; 4]); 6] = [
        (&["a"], [YES, YES, NO, NO]),
        (&["a", "c"], [NO, YES, NO, YES]),
        (&["c", "d"], [NO, NO, YES, YES]),
        (&[], [YES, NO, YES, NO]),
        // IAM-COND-13.
        (&[""], [YES, NO, YES, NO]),
        (&["", ""], [YES, NO, YES, NO]),
    ];
    for (set, expected) in rows {
        let sample = Sample::new().set(KEY, set);
        assert_eq!(
            operators.map(|operator| says(operator, r#"["a","b"]"#, &sample)),
            expected,
            "{set:?}"
        );
    }
    let absent = operators.map(|operator| says(operator, r#"["a","b"]"#, &Sample::new()));
    assert_eq!(absent, [YES, NO, YES, NO]);
    // One of several empty texts is a value.
    let two = Sample::new().set(KEY, &["", "a"]);
    assert_eq!(says("ForAllValues:StringEquals", r#""a""#, &two), NO);
    // IAM-COND-10, IAM-COND-13: a single-valued key is a set of one, empty or not.
    let one = Sample::new().known(KEY, "");
    assert_eq!(says("ForAnyValue:StringEquals", r#""""#, &one), YES);
    assert_eq!(says("ForAllValues:StringEquals", r#""a""#, &one), NO);
    assert_eq!(says("StringEquals", r#""""#, &one), YES);
}

#[test]
fn bare_operators_never_match_several_values() {
    // IAM-COND-6, TRAP-3, TRAP-4.
    let set = Sample::new().set(KEY, &["cost"]);
    for operator in [
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIfExists",
        "StringNotEqualsIfExists",
    ] {
        assert_eq!(says(operator, r#""team""#, &set), NO, "{operator}");
        assert_eq!(says(operator, r#""cost""#, &set), NO, "{operator}");
    }
    assert_eq!(says("Null", r#""false""#, &set), YES);
}

#[test]
fn missing_keys() {
    // IAM-COND-8, IAM-COND-9, IAM-COND-26, AMB-7.
    for (operator, expected) in [
        ("StringEquals", NO),
        ("Bool", NO),
        ("StringNotEquals", YES),
        ("NotIpAddress", YES),
        ("StringEqualsIfExists", YES),
        ("StringNotEqualsIfExists", YES),
        ("ForAllValues:StringEquals", YES),
        ("ForAllValues:StringNotEquals", YES),
        ("ForAllValues:StringEqualsIfExists", YES),
        ("ForAnyValue:StringEquals", NO),
        ("ForAnyValue:StringNotEquals", NO),
    ] {
        assert_eq!(
            modes(operator, r#""x""#, &Sample::new()),
            [expected; 4],
            "{operator}"
        );
    }
    assert_eq!(says("Null", r#""true""#, &Sample::new()), YES);
    assert_eq!(says("Null", r#""false""#, &Sample::new()), NO);
    for operator in [
        "ForAnyValue:StringEqualsIfExists",
        "ForAnyValue:StringNotEqualsIfExists",
    ] {
        assert_eq!(
            modes(operator, r#""x""#, &Sample::new()),
            [MAYBE, NO, NO, YES]
        );
    }
}

#[test]
fn states_of_a_single_valued_key() {
    // IAM-TRI-3, its table: absent, present, unknown.
    let table: [(&str, &str, [Tri; 3]); 28] = [
        ("StringLike", r#""a*""#, [NO, MAYBE, MAYBE]),
        ("StringLike", r#"["a","*"]"#, [NO, YES, MAYBE]),
        ("NumericEquals", r#""ten""#, [NO, NO, NO]),
        ("StringLike", "[]", [NO, NO, NO]),
        ("StringNotLike", r#""a*""#, [YES, MAYBE, MAYBE]),
        ("StringNotLike", r#""**""#, [YES, NO, MAYBE]),
        ("StringLikeIfExists", r#""a*""#, [YES, MAYBE, MAYBE]),
        ("StringLikeIfExists", r#""*""#, [YES, YES, YES]),
        ("NumericEqualsIfExists", r#""ten""#, [YES, NO, MAYBE]),
        ("StringNotLikeIfExists", r#""a*""#, [YES, MAYBE, MAYBE]),
        ("StringNotLikeIfExists", r#""*""#, [YES, NO, MAYBE]),
        ("Null", r#""true""#, [YES, NO, MAYBE]),
        ("Null", r#""false""#, [NO, YES, MAYBE]),
        ("Null", r#"["true","false"]"#, [YES, YES, YES]),
        ("Null", r#""maybe""#, [NO, NO, NO]),
        ("Null", "false", [NO, YES, MAYBE]),
        ("ForAllValues:StringLike", r#""a*""#, [YES, MAYBE, MAYBE]),
        ("ForAllValues:StringLike", r#""*""#, [YES, YES, YES]),
        ("ForAllValues:NumericEquals", r#""ten""#, [YES, NO, MAYBE]),
        ("ForAllValues:StringNotLike", r#""a*""#, [YES, MAYBE, MAYBE]),
        ("ForAllValues:StringNotLike", r#""*""#, [YES, NO, MAYBE]),
        ("ForAnyValue:StringLike", r#""a*""#, [NO, MAYBE, MAYBE]),
        ("ForAnyValue:StringLike", r#""*""#, [NO, YES, MAYBE]),
        ("ForAnyValue:NumericEquals", r#""ten""#, [NO, NO, NO]),
        ("ForAnyValue:StringNotLike", r#""a*""#, [NO, MAYBE, MAYBE]),
        ("ForAnyValue:StringNotLike", r#""*""#, [NO, NO, NO]),
        ("ForAllValues:Null", r#""true""#, [YES, YES, YES]),
        ("ForAnyValue:Null", r#""true""#, [NO, NO, NO]),
    ];
    for (operator, operands, expected) in table {
        let found = states().map(|sample| says(operator, operands, &sample));
        assert_eq!(found, expected, "{operator} {operands}");
    }
}

#[test]
fn states_of_a_multivalued_key() {
    // IAM-TRI-4, its table: absent, present, unknown.
    let table: [(&str, &str, [Tri; 3]); 16] = [
        ("StringLike", r#""*""#, [NO, NO, NO]),
        ("StringNotLike", r#""a""#, [YES, NO, MAYBE]),
        ("StringLikeIfExists", r#""*""#, [YES, NO, MAYBE]),
        ("StringNotLikeIfExists", r#""a""#, [YES, NO, MAYBE]),
        ("Null", r#""true""#, [YES, NO, MAYBE]),
        ("Null", r#""false""#, [NO, YES, MAYBE]),
        ("ForAllValues:StringLike", r#""a""#, [YES, MAYBE, MAYBE]),
        ("ForAllValues:StringLike", r#""*""#, [YES, YES, YES]),
        ("ForAllValues:NumericEquals", r#""ten""#, [YES, NO, MAYBE]),
        ("ForAllValues:StringNotLike", r#""a""#, [YES, MAYBE, MAYBE]),
        ("ForAllValues:StringNotLike", r#""*""#, [YES, NO, MAYBE]),
        ("ForAnyValue:StringLike", r#""a""#, [NO, MAYBE, MAYBE]),
        ("ForAnyValue:StringLike", r#""*""#, [NO, YES, MAYBE]),
        ("ForAnyValue:NumericEquals", r#""ten""#, [NO, NO, NO]),
        ("ForAnyValue:StringNotLike", r#""a""#, [NO, MAYBE, MAYBE]),
        ("ForAnyValue:StringNotLike", r#""*""#, [NO, NO, NO]),
    ];
    for (operator, operands, expected) in table {
        let found = set_states().map(|sample| says(operator, operands, &sample));
        assert_eq!(found, expected, "{operator} {operands}");
    }
}

#[test]
fn keys_with_sometimes_several_values() {
    // IAM-COND-5.
    let of = |value: Value| Sample::new().sometimes(KEY, value);
    let known = |values: &[&str]| {
        of(Value::Known(
            values.iter().map(|value| (*value).to_owned()).collect(),
        ))
    };
    assert_eq!(says("StringEquals", r#""a""#, &known(&["a"])), YES);
    assert_eq!(says("StringNotEquals", r#""a""#, &known(&["b"])), YES);
    assert_eq!(says("StringEquals", r#""a""#, &known(&["a", "b"])), NO);
    assert_eq!(says("StringNotEquals", r#""a""#, &known(&["b", "c"])), NO);
    assert_eq!(
        says("ForAnyValue:StringEquals", r#""a""#, &known(&["a", "b"])),
        YES
    );
    assert_eq!(
        says("ForAllValues:StringEquals", r#""a""#, &known(&["a", "b"])),
        NO
    );
    assert_eq!(says("StringLike", r#""*""#, &of(Value::Present)), MAYBE);
    assert_eq!(says("StringNotLike", r#""*""#, &of(Value::Present)), NO);
    assert_eq!(says("StringNotLike", r#""a""#, &of(Value::Absent)), YES);
}

#[test]
fn empty_lists() {
    // IAM-COND-12, AMB-16.
    let known = Sample::new().known(KEY, "a");
    for operator in [
        "StringEquals",
        "StringEqualsIfExists",
        "StringNotEqualsIfExists",
        "ForAllValues:StringEquals",
        "ForAllValues:StringNotEquals",
        "ForAnyValue:StringEquals",
        "ForAnyValue:StringNotEquals",
        "Null",
    ] {
        assert_eq!(modes(operator, "[]", &known), [NO; 4], "{operator}");
    }
    assert_eq!(
        modes("StringNotEquals", "[]", &known),
        [MAYBE, YES, NO, YES]
    );
    assert_eq!(modes("StringNotEquals", "[]", &Sample::new()), [YES; 4]);
    let empty = Sample::new().set(KEY, &[]);
    assert_eq!(modes("ForAllValues:StringEquals", "[]", &empty), [YES; 4]);
    assert_eq!(modes("ForAnyValue:StringNotEquals", "[]", &empty), [NO; 4]);
}

#[test]
fn bad_values() {
    // IAM-COND-14, AMB-9.
    let five = Sample::new().known(KEY, "5");
    assert_eq!(modes("NumericEquals", r#"["ten","5"]"#, &five), [YES; 4]);
    assert_eq!(
        modes("NumericNotEquals", r#""ten""#, &five),
        [MAYBE, NO, NO, YES]
    );
    assert_eq!(modes("NumericNotEquals", r#"["ten","5"]"#, &five), [NO; 4]);
    let ten = Sample::new().known(KEY, "ten");
    assert_eq!(modes("NumericEquals", r#""5""#, &ten), [NO; 4]);
    assert_eq!(
        modes("NumericNotEquals", r#""5""#, &ten),
        [MAYBE, NO, NO, YES]
    );
    assert_eq!(
        modes("NotIpAddress", r#""203.0.113.0/24""#, &ten),
        [MAYBE, NO, NO, YES]
    );
    assert_eq!(
        modes("DateNotEquals", r#""tomorrow""#, &Sample::new()),
        [YES; 4]
    );
    let present = Sample::new().with(KEY, Value::Present);
    assert_eq!(
        modes("NumericNotEquals", r#""ten""#, &present),
        [MAYBE, NO, NO, YES]
    );
    assert_eq!(
        modes("Bool", r#""yes""#, &Sample::new().known(KEY, "yes")),
        [NO; 4]
    );
}

#[test]
fn both_truths() {
    // IAM-COND-21: true when present.
    for value in [
        Value::Present,
        Value::Known(vec!["true".into()]),
        Value::Known(vec!["x".into()]),
    ] {
        let sample = Sample::new().with(KEY, value);
        assert_eq!(says("Bool", r#"["true","FALSE"]"#, &sample), YES);
    }
    assert_eq!(says("Bool", r#"["true","false"]"#, &Sample::new()), NO);
    assert_eq!(
        says("BoolIfExists", r#"["true","false"]"#, &states()[2]),
        YES
    );
    assert_eq!(says("Bool", r#"["true","TRUE"]"#, &states()[1]), MAYBE);
}

#[test]
fn presence_of_the_empty_text() {
    // IAM-COND-13, AMB-17.
    let sets = [&[""] as &[&str], &["", ""]].map(|set| Sample::new().set(KEY, set));
    for sample in sets.into_iter().chain([Sample::new().known(KEY, "")]) {
        assert_eq!(modes("Null", r#""false""#, &sample), [MAYBE, YES, NO, YES]);
        assert_eq!(modes("Null", r#""true""#, &sample), [MAYBE, NO, NO, YES]);
    }
    for set in [&[] as &[&str], &["", "a"]] {
        assert_eq!(
            modes("Null", r#""false""#, &Sample::new().set(KEY, set)),
            [YES; 4]
        );
    }
}

#[test]
fn names_that_differ_in_case_alone() {
    // AMB-13; IAM-GRAM-17: `Null` with a set operator asks for no value.
    let twins = Sample::new().known(KEY, "a").twin(KEY);
    assert_eq!(modes("StringEquals", r#""a""#, &twins), [MAYBE; 4]);
    assert_eq!(modes("StringLike", r#""*""#, &twins), [MAYBE; 4]);
    assert_eq!(modes("ForAllValues:Null", r#""true""#, &twins), [YES; 4]);
    assert_eq!(modes("ForAnyValue:Null", r#""true""#, &twins), [NO; 4]);
}

#[test]
fn arns_that_nobody_knows() {
    // AMB-12 of an ARN, AMB-9 of a text that is none: the reading that allows less is the same one.
    for operands in [
        r#""*""#,
        r#""arn:aws:s3:::b""#,
        r#""${aws:PrincipalTag/t}""#,
    ] {
        let present = Sample::new().with(KEY, Value::Present);
        let present = present.known("aws:PrincipalTag/t", "x");
        let expected = if operands.contains("b") {
            [MAYBE; 4]
        } else {
            [MAYBE, MAYBE, NO, YES]
        };
        assert_eq!(
            modes("ArnNotLike", operands, &present),
            expected,
            "{operands}"
        );
    }
}

#[test]
fn operators_in_another_case() {
    // AMB-4.
    let a = Sample::new().known(KEY, "a");
    assert_eq!(modes("stringequals", r#""a""#, &a), [MAYBE, YES, NO, YES]);
    assert_eq!(modes("STRINGEQUALS", r#""b""#, &a), [MAYBE, NO, NO, YES]);
    // AMB-13: whichever of two values counts.
    let twins = a.twin(KEY);
    assert_eq!(
        modes("stringequals", r#""a""#, &twins),
        [MAYBE, MAYBE, NO, YES]
    );
}

#[test]
fn variables_in_operands() {
    // IAM-VAR-6, TRAP-44.
    let mine = r#""${aws:PrincipalTag/t}""#;
    let tagged = Sample::new().known(KEY, "x");
    assert_eq!(says("StringNotEquals", mine, &tagged), YES);
    assert_eq!(says("StringEquals", mine, &tagged), NO);
    assert_eq!(says("StringEquals", mine, &Sample::new()), NO);
    assert_eq!(
        says(
            "StringNotEquals",
            r#"["${aws:PrincipalTag/t}","x"]"#,
            &tagged
        ),
        NO
    );
    // IAM-TRI-5.
    let unknown = tagged.clone().with("aws:PrincipalTag/t", Value::Unknown);
    assert_eq!(says("StringEquals", mine, &unknown), MAYBE);
    assert_eq!(
        says("StringEquals", r#"["${aws:PrincipalTag/t}","x"]"#, &unknown),
        YES
    );
    assert_eq!(
        says("StringEquals", r#""y${aws:PrincipalTag/t}""#, &unknown),
        NO
    );
    assert_eq!(
        says("StringNotEquals", r#""y${aws:PrincipalTag/t}""#, &unknown),
        YES
    );
    // IAM-VAR-3: literal in other operators, and in documents of 2008.
    let ten = Sample::new()
        .known(KEY, "10")
        .known("aws:PrincipalTag/t", "10");
    assert_eq!(says("NumericEquals", mine, &ten), NO);
    let old = statement_of(
        PolicyKind::Identity,
        "2008-10-17",
        &block("StringEquals", KEY, mine),
    );
    assert_eq!(holds(&old, &ten, Toward::Allow), NO);
    assert_eq!(says("StringEquals", mine, &ten), YES);
}

#[test]
fn variables_in_bool() {
    // AMB-8.
    let both = Sample::new().known(KEY, "true").known("aws:x", "True");
    assert_eq!(modes("Bool", r#""${aws:x}""#, &both), [MAYBE, YES, NO, YES]);
    assert_eq!(modes("Bool", r#"["${aws:x}","true"]"#, &both), [YES; 4]);
    assert_eq!(
        modes("Bool", r#""${aws:x}""#, &both.known("aws:x", "false")),
        [NO; 4]
    );
}

#[test]
fn traps() {
    let tags = |set: &[&str]| Sample::new().set(KEY, set);
    // TRAP-1, TRAP-2, TRAP-11.
    assert_eq!(
        says("ForAllValues:StringEquals", r#"["a"]"#, &Sample::new()),
        YES
    );
    assert_eq!(
        says("ForAnyValue:StringNotEquals", r#"["a"]"#, &Sample::new()),
        NO
    );
    // TRAP-3, TRAP-4.
    assert_eq!(says("StringNotEquals", r#""a""#, &tags(&["b"])), NO);
    assert_eq!(says("StringEquals", r#""a""#, &tags(&["a"])), NO);
    // TRAP-5 to TRAP-8.
    assert_eq!(says("StringNotEquals", r#""vpce-1""#, &Sample::new()), YES);
    assert_eq!(says("Bool", r#""false""#, &Sample::new()), NO);
    assert_eq!(says("BoolIfExists", r#""false""#, &Sample::new()), YES);
    assert_eq!(
        says("StringNotEqualsIfExists", r#""prod""#, &Sample::new()),
        YES
    );
    // TRAP-9, TRAP-10.
    let six = Sample::new().known(KEY, "2001:db8::1");
    assert_eq!(says("NotIpAddress", r#""203.0.113.0/24""#, &six), YES);
    assert_eq!(
        says("NotIpAddress", r#""203.0.113.0/24""#, &Sample::new()),
        YES
    );
    // TRAP-66, TRAP-67, TRAP-70.
    let present = Sample::new().with(KEY, Value::Present);
    assert_eq!(says("Bool", r#""false""#, &present), MAYBE);
    assert_eq!(says("StringLike", r#""*""#, &present), YES);
    let unknown = Sample::new().multivalued(KEY, Value::Unknown);
    assert_eq!(says("StringEquals", r#""a""#, &unknown), NO);
}

#[test]
fn a_value_of_which_a_pattern_is_known() {
    // IAM-WILD-13.
    let below = Sample::new().with(KEY, Value::Like("arn:aws:s3:::b/in/*".to_owned()));
    for (operator, operand, expected) in [
        ("StringLike", "arn:aws:s3:::b/*", YES),
        ("StringLike", "arn:aws:s3:::b/in/x*", MAYBE),
        ("StringLike", "arn:aws:s3:::c/*", NO),
        ("StringNotLike", "arn:aws:s3:::c/*", YES),
        ("StringEquals", "arn:aws:s3:::b/in/x", MAYBE),
        ("StringEquals", "arn:aws:s3:::b/in/*", MAYBE),
        ("StringEquals", "arn:aws:s3:::b/x", NO),
        ("ArnLike", "arn:aws:s3:::b/*", YES),
        ("ArnLike", "arn:aws:s3:*:*:b/in/x", MAYBE),
        ("ArnNotLike", "arn:aws:s3:::c/*", YES),
    ] {
        assert_eq!(
            says(operator, &format!("\"{operand}\""), &below),
            expected,
            "{operator} {operand}"
        );
    }
    assert_eq!(says("Null", r#""false""#, &below), YES);
}

#[test]
fn an_unknown_set_may_be_empty() {
    // AMB-7, IAM-COND-13: with a value the test is true, without one it is false, and absent it is open.
    let [.., single] = states();
    let [.., set] = set_states();
    let found = |sample| modes("ForAnyValue:StringLikeIfExists", r#""*""#, sample);
    assert_eq!(found(&set), [MAYBE; 4]);
    assert_eq!(found(&single), [MAYBE, MAYBE, MAYBE, YES]);
}

#[test]
fn a_disputed_key_counts_as_what_allows_less() {
    #[derive(Clone)]
    struct Disputed(Value, bool);
    impl Context for Disputed {
        fn value(&self, _: &str) -> Value {
            self.0.clone()
        }
        fn is_multivalued(&self, _: &str) -> Tri {
            Tri::False
        }
        fn ambiguity(&self) -> AmbiguityMode {
            AmbiguityMode::Failsafe
        }
        fn is_disputed(&self, _: &str) -> bool {
            self.1
        }
    }
    // AMB-18.
    let test = statement(&block("StringEquals", KEY, r#""x""#));
    let both = |value, is_disputed| {
        let context = Disputed(value, is_disputed);
        [Toward::Allow, Toward::Deny].map(|toward| holds(&test, &context, toward))
    };
    assert_eq!(both(Value::Unknown, true), [NO, YES]);
    assert_eq!(both(Value::Unknown, false), [MAYBE, MAYBE]);
    assert_eq!(both(Value::Known(vec!["x".into()]), true), [YES, YES]);
}
