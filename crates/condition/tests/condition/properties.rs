//! Properties over arbitrary tests and contexts.

use preclear_condition::Ambiguities::{self, Always, Guess, Report};
use preclear_condition::{
    Condition, KeyName, KeyState, Lookup, Outcome, Tri, VariableFields, VariablePattern, Wildcards,
};
use preclear_model::policy::ConditionTest;
use preclear_model::{BaseOperator, OperatorFamily, Template, Version};
use preclear_wildcard::{FieldPattern, Pattern};
use proptest::prelude::*;

use crate::context::{Context, Names, State, compile, like, test};

const KEYS: [&str; 7] = ["s:a", "s:b", "m:a", "m:b", "u:a", "u:b", "v:a"];

/// Texts that the operators make something of.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "", "a", "A", "b", "ab", "5", "10", "9.5", "-3", "+5", " 5", "1e1", "ten", "2025", "2025-01-01",
            "2025-01-01T00:00:00Z", "1735689600", "1735689600000", "2025-01-01T00:00:00", "true", "FALSE",
            "QQ==", "QQ", "QUI=", "203.0.113.7", "203.0.113.8", "2001:db8::1", "::ffff:203.0.113.7",
            "arn:aws:iam::1:role/a", "arn:aws:iam::1:role/a/b", "arn:aws:s3:::b", "arn:aws:s3:::b/x:y",
        ]).prop_map(str::to_owned),
        1 => "[ab*?:/]{0,6}",
        1 => ".{0,8}",
    ]
}

fn operand() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => text(),
        2 => prop::sample::select(vec![
            "*", "a*", "?", "**", "203.0.113.0/24", "0.0.0.0/0", "::/0", "arn:*:*:*:*:*", "arn:aws:iam::*:role/*",
            "arn:aws:iam::${s:a}:role/${u:a, 'a'}", "${s:a}", "${s:b, 'a'}", "${m:a}", "${m:a, 'b'}", "${u:a}",
            "a${s:a}", "${s:a}${s:b}", "${v:a}", "${v:a, 'a'}", "*${u:b}*", "${*}", "arn:*", "x${s:a}y",
        ]).prop_map(str::to_owned),
    ]
}

fn operator() -> impl Strategy<Value = String> {
    let bases: Vec<BaseOperator> = BaseOperator::all().collect();
    (
        prop::sample::select(vec!["", "ForAllValues:", "ForAnyValue:"]),
        prop::sample::select(bases),
        any::<bool>(),
    )
        .prop_map(|(set, base, if_exists)| {
            let suffix = if if_exists && base != BaseOperator::Null {
                "IfExists"
            } else {
                ""
            };
            format!("{set}{base}{suffix}")
        })
}

fn any_test() -> impl Strategy<Value = ConditionTest> {
    (
        operator(),
        prop::sample::select(KEYS.to_vec()),
        prop::collection::vec(operand(), 0..4),
    )
        .prop_filter_map("the text is a template", |(operator, key, operands)| {
            let are_templates = operands
                .iter()
                .all(|text| Template::parse(text, Version::V2012).is_ok());
            let operands: Vec<&str> = operands.iter().map(String::as_str).collect();
            are_templates.then(|| test(&operator, key, &operands))
        })
}

/// A value for a key: a set for a multivalued one.
fn concrete(key: &'static str) -> BoxedStrategy<State> {
    if key.starts_with('m') {
        prop::collection::vec(text(), 0..3)
            .prop_map(State::Many)
            .boxed()
    } else if key.starts_with('v') {
        prop_oneof![
            2 => text().prop_map(State::One),
            1 => prop::collection::vec(text(), 0..3).prop_map(State::Many),
        ]
        .boxed()
    } else {
        text().prop_map(State::One).boxed()
    }
}

/// A value that the state *Present* may stand for: one that is not empty, among others. Rule: IAM-TRI-1.
fn existing(key: &'static str) -> BoxedStrategy<State> {
    concrete(key)
        .prop_map(|state| match state {
            State::Many(values) if values.iter().all(String::is_empty) => {
                State::Many([values, vec!["a".to_owned()]].concat())
            }
            state => state,
        })
        .boxed()
}

fn open_state(key: &'static str) -> BoxedStrategy<State> {
    prop_oneof![
        1 => Just(State::Absent),
        2 => Just(State::Present),
        2 => Just(State::Unknown),
        2 => concrete(key),
        2 => existing(key),
    ]
    .boxed()
}

/// A pattern and one of the texts that it matches: what each wildcard stands for is chosen with it.
fn pattern_and_text() -> impl Strategy<Value = (String, String)> {
    let literal = prop::sample::select(vec![
        "a",
        "A",
        "b",
        "x",
        "y",
        ":",
        "::",
        "/",
        "*",
        "role/",
        "arn:",
        "arn:aws:iam::1:role/",
        "arn:aws:s3:::b",
        "ARN:aws:",
    ]);
    let one = prop::sample::select(vec!["a", "A", "b", ":", "?", "é", "\u{212a}"]);
    let run = prop::sample::select(vec![
        "",
        "",
        "a",
        "B",
        "ab",
        ":",
        "1:",
        "a:b",
        "aws:iam::1",
        "aws:iam::1:role/a",
        "::::",
        "/x:y",
        "role/a/b",
    ]);
    let piece = prop_oneof![
        4 => literal.prop_map(|text| (text, text)),
        1 => one.prop_map(|text| ("?", text)),
        2 => run.prop_map(|text| ("*", text)),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.into_iter().unzip())
}

/// A key that is like a pattern, and a text that the pattern matches. Of a multivalued key it says what *Present*
/// says: some value is not empty.
fn likeness(key: &'static str) -> impl Strategy<Value = (State, State)> {
    pattern_and_text().prop_map(move |(pattern, text)| {
        let text = if text.is_empty() && key.starts_with('m') && pattern.contains('*') {
            "a".to_owned()
        } else {
            text
        };
        let pattern = Pattern::parse(&pattern);
        assert!(pattern.is_match(&text), "{text} is one of {pattern:?}");
        (State::Like(pattern), State::One(text))
    })
}

fn given_or_left_open(key: &'static str) -> impl Strategy<Value = (State, State)> {
    (
        open_state(key),
        existing(key),
        prop_oneof![1 => Just(State::Absent), 3 => concrete(key)],
    )
        .prop_map(|(open, existing, any)| {
            let closed = match open {
                State::Present => existing,
                State::Unknown => any,
                _ => open.clone(),
            };
            (open, closed)
        })
}

/// A context and one of the contexts that it may stand for.
fn contexts() -> impl Strategy<Value = (Context, Context)> {
    let states: Vec<_> = KEYS
        .iter()
        .map(|key| prop_oneof![3 => given_or_left_open(key), 1 => likeness(key)])
        .collect();
    states.prop_map(|states| {
        let (mut open, mut closed) = (Context::default(), Context::default());
        for (key, (before, after)) in KEYS.iter().zip(states) {
            open.set(key, before);
            closed.set(key, after);
        }
        (open, closed)
    })
}

type Resembling = fn(&str, &str) -> String;

/// Ways to write an operand that has to do with a pattern and one of its texts.
fn resembling() -> impl Strategy<Value = Resembling> {
    let ways: Vec<Resembling> = vec![
        |pattern, _| pattern.to_owned(),
        |pattern, _| format!("{pattern}*"),
        |pattern, _| pattern.to_uppercase(),
        |pattern, _| pattern.replace('?', "*"),
        |pattern, _| pattern.replacen('a', "*", 1),
        |pattern, _| pattern.replacen('a', "${s:b}", 1),
        |pattern, _| format!("{pattern}${{s:b}}"),
        |pattern, _| format!("x{pattern}"),
        |pattern, _| pattern.replacen('*', "*:*", 1),
        |_, text| text.to_owned(),
        |_, text| text.to_lowercase(),
        |_, text| text.replace(['a', 'b', '/'], "*"),
        |_, _| "*:*:*:*:*:*".to_owned(),
        |_, _| "*".to_owned(),
    ];
    prop::sample::select(ways)
}

fn modes() -> impl Strategy<Value = Ambiguities> {
    prop::sample::select(vec![Report, Guess, Always(true), Always(false)])
}

fn value(condition: &Condition, context: &Context, mode: Ambiguities) -> Tri {
    condition.evaluate::<()>(context, mode).value
}

/// True for `Null` on a key that exists, its value not known, and turns out to be the empty text: IAM-TRI-3 counts it
/// as there, AMB-17 doubts it.
fn is_null_of_empty_text(tests: &[ConditionTest], open: &Context, closed: &Context) -> bool {
    tests.iter().any(|test| {
        let key = KeyName::new(&test.key);
        test.operator.base.family() == OperatorFamily::Null
            && matches!(open.state(&key), KeyState::Present | KeyState::Like(_))
            && closed.state(&key) == KeyState::One("")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// Rule: IAM-TRI-6.
    #[test]
    fn a_definite_answer_survives_every_completion(
        tests in prop::collection::vec(any_test(), 1..4),
        (open, closed) in contexts(),
        mode in modes(),
    ) {
        prop_assume!(!is_null_of_empty_text(&tests, &open, &closed));
        let condition = compile(&tests);
        let before = value(&condition, &open, mode);
        let after = value(&condition, &closed, mode);
        prop_assert!(
            before.is_unknown() || before == after,
            "{before:?} became {after:?} under {mode:?}"
        );
    }

    /// Rule: IAM-TRI-6, where operands resemble the pattern, so that definite answers are common.
    #[test]
    fn a_definite_answer_holds_for_each_text_of_a_pattern(
        operator in operator().prop_filter("compares texts", |operator| {
            operator.contains("String") || operator.contains("Arn")
        }),
        key in prop::sample::select(vec!["s:a", "u:a"]),
        (pattern, text) in pattern_and_text(),
        likenesses in prop::collection::vec(resembling(), 1..3),
        name in prop_oneof![Just(State::Unknown), text().prop_map(State::One)],
        mode in modes(),
    ) {
        let operands: Vec<String> = likenesses.iter().map(|resemble| resemble(&pattern, &text)).collect();
        prop_assume!(operands.iter().all(|text| Template::parse(text, Version::V2012).is_ok()));
        let operands: Vec<&str> = operands.iter().map(String::as_str).collect();
        let condition = compile(&[test(&operator, key, &operands)]);
        let mut context = Context::new(&[("s:b", name), (key, like(&pattern))]);
        let before = value(&condition, &context, mode);
        context.set(key, State::One(text.clone()));
        let after = value(&condition, &context, mode);
        prop_assert!(
            before.is_unknown() || before == after,
            "{operator} {operands:?}: {before:?} for `{pattern}`, {after:?} for `{text}` under {mode:?}"
        );
    }

    /// A guess or a fixed value is one of the answers that a report leaves open.
    #[test]
    fn what_a_report_decides_no_mode_changes(
        tests in prop::collection::vec(any_test(), 1..4),
        (_, closed) in contexts(),
    ) {
        let condition = compile(&tests);
        let report = value(&condition, &closed, Report);
        for mode in [Guess, Always(true), Always(false)] {
            let settled = value(&condition, &closed, mode);
            prop_assert!(report.is_unknown() || report == settled, "{mode:?}");
            prop_assert!(!settled.is_unknown(), "nothing else is unknown: {mode:?}");
        }
        // What is asked for bounds the guess.
        let (low, high) = (value(&condition, &closed, Always(false)), value(&condition, &closed, Always(true)));
        let guess = value(&condition, &closed, Guess);
        prop_assert!(low <= guess && guess <= high);
    }

    /// Rule: IAM-TRI-8. A key of which nothing is published: a report decides only what no value changes, the other
    /// modes decide everything else too.
    #[test]
    fn a_disputed_key_is_open_in_reports_alone(
        tests in prop::collection::vec(any_test(), 1..4),
        (_, closed) in contexts(),
        after in prop_oneof![Just(State::Absent), concrete("s:a")],
    ) {
        let condition = compile(&tests);
        let with = |state: State| {
            let mut context = closed.clone();
            context.set("s:a", state);
            context
        };
        let disputed = with(State::Disputed(preclear_condition::Guess::Absent));
        let report = value(&condition, &disputed, Report);
        prop_assert!(report.is_unknown() || report == value(&condition, &with(after), Report));
        prop_assert_eq!(
            value(&condition, &disputed, Guess),
            value(&condition, &with(State::Absent), Guess)
        );
        let (low, high) = (value(&condition, &disputed, Always(false)), value(&condition, &disputed, Always(true)));
        prop_assert!(!low.is_unknown() && !high.is_unknown() && low <= high);
        prop_assert!(report.is_unknown() || (report == low && report == high));
    }

    /// Rule: IAM-COND-1. Where nothing is ambiguous, and for one value.
    #[test]
    fn a_negated_operator_is_the_negation_of_its_positive(
        base in prop::sample::select(BaseOperator::all().filter(|base| base.is_negated()).collect::<Vec<_>>()),
        key in prop::sample::select(vec!["s:a", "u:a"]),
        operands in prop::collection::vec(operand(), 1..4),
        suffix in prop::sample::select(vec!["", "IfExists"]),
        given in text(),
        (_, mut closed) in contexts(),
    ) {
        closed.set(key, State::One(given));
        prop_assume!(operands.iter().all(|text| {
            Template::parse(text, Version::V2012).is_ok()
        }));
        let operands: Vec<&str> = operands.iter().map(String::as_str).collect();
        let negated = value(&compile(&[test(&format!("{base}{suffix}"), key, &operands)]), &closed, Report);
        let positive = value(&compile(&[test(&format!("{}{suffix}", base.positive()), key, &operands)]), &closed, Report);
        prop_assert!(negated.is_unknown() || positive.is_unknown() || negated == !positive);
    }

    /// Duals of the set operators over the same known values.
    #[test]
    fn for_all_of_a_negated_operator_is_none_of_the_positive(
        operands in prop::collection::vec("[ab*?]{0,3}", 1..4),
        values in prop::collection::vec("[ab]{0,3}", 0..4),
    ) {
        let operands: Vec<&str> = operands.iter().map(String::as_str).collect();
        let context = Context::new(&[("m:a", State::Many(values))]);
        let of = |operator| value(&compile(&[test(operator, "m:a", &operands)]), &context, Report);
        prop_assert_eq!(of("ForAllValues:StringNotLike"), !of("ForAnyValue:StringLike"));
        prop_assert_eq!(of("ForAnyValue:StringNotLike"), !of("ForAllValues:StringLike"));
    }

    #[test]
    fn order_and_repetition_of_operands_and_tests_do_not_matter(
        mut tests in prop::collection::vec(any_test(), 1..4),
        (open, _) in contexts(),
        mode in modes(),
    ) {
        let before = value(&compile(&tests), &open, mode);
        tests.reverse();
        for test in &mut tests {
            test.operands.reverse();
            test.operands.extend(test.operands.first().cloned());
        }
        prop_assert_eq!(value(&compile(&tests), &open, mode), before);
    }

    #[test]
    fn any_text_is_evaluated(
        operator in operator(),
        key in ".{0,12}",
        operands in prop::collection::vec(".{0,24}", 0..4),
        values in prop::collection::vec(".{0,24}", 0..4),
    ) {
        let mut any = test(&operator, &key, &[]);
        any.operands = operands
            .iter()
            .map(|text| preclear_model::policy::Operand {
                template: Template::parse(text, Version::V2012)
                    .unwrap_or_else(|_| Template::literal(text)),
                span: preclear_model::Span::default(),
            })
            .collect();
        let condition = Condition::compile(&[any], &Names);
        for state in values.iter().map(|value| State::One(value.clone())).chain([State::Many(values.clone())]) {
            for mode in [Report, Guess, Always(true), Always(false)] {
                let _: Outcome<()> = condition.evaluate(&Context::new(&[(&key, state.clone())]), mode);
            }
        }
    }
}

/// Resource patterns: whole and field by field.
const RESOURCES: [&str; 6] = [
    "arn:aws:s3:::b/${s:a}/*",
    "arn:aws:*:*:1:${s:b, 'a'}",
    "arn:aws:s3:::${s:a}${u:a}",
    "arn:aws:s3:::${m:a, 'b'}",
    "arn:aws:s*:::b/*",
    "*${s:a}*",
];

const QUESTIONS: [&str; 6] = [
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/a/*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b",
    "arn:aws:s3:x:y:1:a",
    "arn:*:*:*:*:a*",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// Rule: IAM-TRI-6, for the questions that resources ask.
    #[test]
    fn a_definite_resource_answer_survives_every_completion(
        pattern in prop::sample::select(RESOURCES.to_vec()),
        question in prop::sample::select(QUESTIONS.to_vec()),
        (open, closed) in contexts(),
        mode in modes(),
    ) {
        let template = Template::parse(pattern, Version::V2012).unwrap();
        let glob = VariablePattern::compile(&template, Wildcards::Active, &Names);
        let whole = Pattern::parse(question);
        let answers = |context: &Context| -> Vec<Outcome<()>> {
            let mut answers = vec![
                glob.matches(question, context, mode),
                glob.matches_all_of(&whole, question, context, mode),
                glob.is_resolved(context, mode),
                glob.matches_unknown_text(context, mode),
            ];
            if let Some(fields) = VariableFields::compile(&template, &Names) {
                let by_field = FieldPattern::parse(question, ':', 6).unwrap();
                answers.push(fields.matches(question, context, mode));
                answers.push(fields.matches_resource(question, context, mode));
                answers.push(fields.matches_all_of(&by_field, question, context, mode));
                answers.push(fields.is_resolved(context, mode));
            }
            answers
        };
        for (place, (before, after)) in answers(&open).iter().zip(answers(&closed)).enumerate() {
            prop_assert!(
                before.value.is_unknown() || before.value == after.value,
                "{place}: {before:?} became {after:?} under {mode:?}"
            );
        }
    }
}
