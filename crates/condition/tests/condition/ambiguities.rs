//! Every entry of the ambiguity register that concerns conditions, in every mode: where it matters, and where not.

use preclear_condition::Ambiguities::{self, Always, Guess, Report};
use preclear_condition::Tri::{self, False as F, True as T, Unknown as U};
use preclear_condition::{VariableFields, VariablePattern, Wildcards};
use preclear_model::{Template, Version};

use crate::context::{Context, Explained, Names, State, many, one, outcome_in, wants};

struct Case {
    operator: &'static str,
    operands: &'static [&'static str],
    context: Context,
    key: &'static str,
}

impl Case {
    fn new(operator: &'static str, operands: &'static [&'static str], state: State) -> Self {
        Self::on("s:k", operator, operands, state)
    }

    fn on(
        key: &'static str,
        operator: &'static str,
        operands: &'static [&'static str],
        state: State,
    ) -> Self {
        Self {
            operator,
            operands,
            context: Context::new(&[(key, state)]),
            key,
        }
    }

    fn with(mut self, key: &str, state: State) -> Self {
        self.context.set(key, state);
        self
    }

    fn outcome(&self, ambiguities: Ambiguities) -> Explained {
        outcome_in(
            self.operator,
            self.key,
            self.operands,
            &self.context,
            ambiguities,
        )
    }

    fn name(&self) -> String {
        format!("{} {:?} {:?}", self.operator, self.operands, self.context)
    }

    /// The entry decides: unknown in reports, the guess in guesses, and what is asked for else.
    fn is_decided_by(&self, entry: &str, guess: Tri) {
        let report = self.outcome(Report);
        assert_eq!(
            (report.value, wants(&report)),
            (U, vec![entry.to_owned()]),
            "{}",
            self.name()
        );
        assert_eq!(self.outcome(Guess).value, guess, "{}", self.name());
        assert_eq!(self.outcome(Always(true)).value, T, "{}", self.name());
        assert_eq!(self.outcome(Always(false)).value, F, "{}", self.name());
    }

    /// No entry matters.
    fn is_settled(&self, expected: Tri) {
        for mode in [Report, Guess, Always(true), Always(false)] {
            assert_eq!(
                self.outcome(mode).value,
                expected,
                "{mode:?} {}",
                self.name()
            );
        }
    }
}

#[test]
fn amb_4_operator_names_in_other_case() {
    Case::new("stringequals", &["a"], one("a")).is_decided_by("AMB-4", T);
    Case::new("stringequals", &["a"], one("b")).is_decided_by("AMB-4", F);
    Case::new("STRINGNOTEQUALS", &["a"], one("b")).is_decided_by("AMB-4", T);
    let open = Case::new("stringequals", &["a"], State::Unknown).outcome(Report);
    assert_eq!(
        (open.value, wants(&open)),
        (U, vec!["s:k".to_owned(), "AMB-4".to_owned()])
    );
}

#[test]
fn amb_6_variables_whose_key_is_empty() {
    let case = |operator, operands, text: &str, name: &str| {
        Case::new(operator, operands, one(text)).with("s:name", one(name))
    };
    // Empty text, or no value.
    case("StringEquals", &["home/${s:name}"], "home/", "").is_decided_by("AMB-6", T);
    case("StringNotEquals", &["home/${s:name}"], "home/", "").is_decided_by("AMB-6", F);
    case("StringEqualsIgnoreCase", &["HOME/${s:name}"], "home/", "").is_decided_by("AMB-6", T);
    case("StringEquals", &["home/${s:name}"], "home/x", "").is_settled(F);
    // Empty text, or the default.
    case("StringEquals", &["home/${s:name, 'all'}"], "home/", "").is_decided_by("AMB-6", T);
    case("StringEquals", &["home/${s:name, 'all'}"], "home/all", "").is_decided_by("AMB-6", F);
    case("StringEquals", &["home/${s:name, 'all'}"], "home/x", "").is_settled(F);
    case("StringLike", &["home/*${s:name, 'all'}"], "home/all", "").is_settled(T);
    // Another operand settles it.
    case("StringEquals", &["home/${s:name}", "home/"], "home/", "").is_settled(T);
    // Equal variables are read alike.
    case("StringEquals", &["${s:name, 'a'}-${s:name, 'a'}"], "a-", "").is_settled(F);
}

#[test]
fn amb_7_for_any_value_if_exists() {
    for key in ["m:k", "s:k"] {
        for operator in [
            "ForAnyValue:StringEqualsIfExists",
            "ForAnyValue:StringNotEqualsIfExists",
        ] {
            Case::on(key, operator, &["a"], State::Absent).is_decided_by("AMB-7", F);
        }
    }
    Case::on(
        "m:k",
        "ForAnyValue:StringEqualsIfExists",
        &["a"],
        many(&["a"]),
    )
    .is_settled(T);
    Case::on("m:k", "ForAnyValue:StringEqualsIfExists", &["a"], many(&[])).is_settled(F);
    Case::on(
        "m:k",
        "ForAllValues:StringEqualsIfExists",
        &["a"],
        State::Absent,
    )
    .is_settled(T);
    let open = Case::on(
        "m:k",
        "ForAnyValue:StringEqualsIfExists",
        &["a"],
        State::Unknown,
    );
    let report = open.outcome(Report);
    assert_eq!(
        (report.value, wants(&report)),
        (U, vec!["m:k".to_owned(), "AMB-7".to_owned()])
    );
    let guess = open.outcome(Guess);
    assert_eq!((guess.value, wants(&guess)), (U, vec!["m:k".to_owned()]));
    // Absent or with values it is true if asked for, but the set may also be empty.
    let any = Case::on(
        "m:k",
        "ForAnyValue:StringLikeIfExists",
        &["*"],
        State::Unknown,
    );
    assert_eq!(any.outcome(Always(true)).value, U);
}

#[test]
fn amb_8_variables_in_bool() {
    let case = |operands, text: &str, flag: State| {
        Case::new("Bool", operands, one(text)).with("s:flag", flag)
    };
    case(&["${s:flag}"], "true", one("TRUE")).is_decided_by("AMB-8", T);
    case(&["${s:flag}"], "true", one("false")).is_settled(F);
    case(&["${s:flag}"], "yes", one("yes")).is_settled(F);
    case(&["${s:flag}", "true"], "true", one("true")).is_settled(T);
    case(&["${s:flag, 'True'}"], "true", State::Absent).is_decided_by("AMB-8", T);
    case(&["${s:flag}"], "true", State::Absent).is_settled(F);
    case(&["no${s:flag}"], "true", State::Unknown).is_settled(F);
    case(&["${s:flag}"], "false", one("fal\u{17f}e")).is_settled(F);
    let open = case(&["${s:flag}"], "true", State::Unknown).outcome(Report);
    assert_eq!(
        (open.value, wants(&open)),
        (U, vec!["s:flag".to_owned(), "AMB-8".to_owned()])
    );
}

#[test]
fn amb_9_negated_operators_with_bad_operands_or_values() {
    Case::new("NumericNotEquals", &["ten"], one("5")).is_decided_by("AMB-9", F);
    Case::new("NumericNotEquals", &["5"], one("ten")).is_decided_by("AMB-9", F);
    Case::new("NumericNotEquals", &["ten", "6"], one("5")).is_decided_by("AMB-9", F);
    Case::new("DateNotEquals", &["soon"], one("2025-01-01")).is_decided_by("AMB-9", F);
    Case::new("DateNotEquals", &["2025-01-01"], one("soon")).is_decided_by("AMB-9", F);
    Case::new("NotIpAddress", &["x"], one("203.0.113.7")).is_decided_by("AMB-9", F);
    Case::new("NotIpAddress", &["203.0.113.0/24"], one("x")).is_decided_by("AMB-9", F);
    Case::new("ArnNotLike", &["arn:aws:s3:::b"], one("b")).is_decided_by("AMB-9", F);
    Case::new("NumericNotEqualsIfExists", &["ten"], one("5")).is_decided_by("AMB-9", F);
    Case::on(
        "m:k",
        "ForAllValues:NumericNotEquals",
        &["ten"],
        many(&["5", "6"]),
    )
    .is_decided_by("AMB-9", F);
    Case::on(
        "m:k",
        "ForAnyValue:NumericNotEquals",
        &["5"],
        many(&["5", "ten"]),
    )
    .is_decided_by("AMB-9", F);
    // The list is dead, the value is not known: IAM-TRI-3.
    Case::new("NotIpAddress", &["x"], State::Present)
        .outcome(Guess)
        .value
        .is_false()
        .then_some(())
        .unwrap();
    // Another operand or value settles it.
    Case::new("NumericNotEquals", &["ten", "5"], one("5")).is_settled(F);
    Case::on(
        "m:k",
        "ForAnyValue:NumericNotEquals",
        &["5"],
        many(&["ten", "6"]),
    )
    .is_settled(T);
    Case::on(
        "m:k",
        "ForAllValues:NumericNotEquals",
        &["5"],
        many(&["ten", "5"]),
    )
    .is_settled(F);
    Case::new("NumericNotEquals", &["ten"], State::Absent).is_settled(T);
    // Positive operators know no such doubt.
    Case::new("NumericEquals", &["ten"], one("5")).is_settled(F);
    // No text is bad for a String operator.
    Case::new("StringNotEquals", &["ten"], one("5")).is_settled(T);
}

#[test]
fn amb_9_where_the_value_is_not_known() {
    let dead = Case::new("NotIpAddress", &["x"], State::Present);
    let report = dead.outcome(Report);
    assert_eq!(
        (report.value, wants(&report)),
        (U, vec!["s:k".to_owned(), "AMB-9".to_owned()])
    );
    assert_eq!(dead.outcome(Guess).value, F);
    assert_eq!(dead.outcome(Always(true)).value, T);
    assert_eq!(dead.outcome(Always(false)).value, F);
    // One bad operand: false if the guess holds, whatever the value.
    let partly = Case::new("NotIpAddress", &["x", "203.0.113.0/24"], State::Present);
    assert_eq!(partly.outcome(Guess).value, F);
    assert_eq!(partly.outcome(Always(true)).value, U);
    // Not known whether there is a value at all: absent, the test is true.
    let unknown = Case::new("NotIpAddress", &["x"], State::Unknown);
    assert_eq!(unknown.outcome(Guess).value, U);
    assert_eq!(unknown.outcome(Always(true)).value, T);
    // The operand is fine but can never match; the value might be no ARN.
    let role = Case::new(
        "ArnNotLike",
        &["arn:aws:iam::${s:name}:role/x"],
        State::Present,
    );
    assert_eq!(role.outcome(Guess).value, U);
    assert_eq!(role.outcome(Always(true)).value, T);
}

#[test]
fn amb_12_arn_patterns_of_fewer_than_six_fields() {
    const ROLE: &str = "arn:aws:iam::111122223333:role/R";
    for operator in ["ArnLike", "ArnEquals"] {
        Case::new(operator, &["*"], one(ROLE)).is_decided_by("AMB-12", F);
        Case::new(operator, &["arn:aws:iam::*"], one(ROLE)).is_decided_by("AMB-12", F);
        Case::new(operator, &["arn:aws:iam"], one(ROLE)).is_decided_by("AMB-12", F);
        Case::new(operator, &["arn:aws:iam::111122223333"], one(ROLE)).is_decided_by("AMB-12", F);
        Case::new(operator, &["arn:aws:s3*"], one(ROLE)).is_decided_by("AMB-12", F);
        // A value that is no ARN matches no pattern, whatever it is.
        Case::new(operator, &["*"], one("R")).is_settled(F);
        // A variable without value matches nothing.
        Case::new(operator, &["arn:aws:iam:${s:other}"], one(ROLE)).is_settled(F);
        Case::new(operator, &["*", "arn:aws:iam::*:role/R"], one(ROLE)).is_settled(T);
        Case::new(operator, &["${s:other}"], one(ROLE))
            .with("s:other", one(ROLE))
            .is_decided_by("AMB-12", F);
    }
    for operator in ["ArnNotLike", "ArnNotEquals"] {
        Case::new(operator, &["*"], one(ROLE)).is_decided_by("AMB-12", T);
        Case::new(operator, &["arn:aws:s3*"], one(ROLE)).is_decided_by("AMB-12", T);
    }
    let present = Case::new("ArnLike", &["*"], State::Present);
    let report = present.outcome(Report);
    assert_eq!(
        (report.value, wants(&report)),
        (U, vec!["s:k".to_owned(), "AMB-12".to_owned()])
    );
    assert_eq!(present.outcome(Guess).value, F);
    assert_eq!(present.outcome(Always(false)).value, F);
    // The value may be no ARN, and then nothing matches it.
    assert_eq!(present.outcome(Always(true)).value, U);
    let open = Case::new("ArnLike", &["arn:aws:iam:${s:other}"], one(ROLE))
        .with("s:other", State::Unknown)
        .outcome(Always(true));
    assert_eq!((open.value, wants(&open)), (U, vec!["s:other".to_owned()]));
}

#[test]
fn amb_13_tags_that_differ_only_by_case() {
    for operator in [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "ForAllValues:StringEquals",
        "Null",
    ] {
        let case = Case::new(operator, &["true"], State::Conflict);
        for mode in [Report, Guess, Always(true), Always(false)] {
            let outcome = case.outcome(mode);
            assert_eq!(
                (outcome.value, wants(&outcome)),
                (U, vec!["AMB-13".to_owned()]),
                "{mode:?}"
            );
        }
    }
    let case =
        |operands| Case::new("StringEquals", operands, one("a/b")).with("s:t", State::Conflict);
    for mode in [Report, Guess, Always(true), Always(false)] {
        let outcome = case(&["a/${s:t}"]).outcome(mode);
        assert_eq!(
            (outcome.value, wants(&outcome)),
            (U, vec!["AMB-13".to_owned()]),
            "{mode:?}"
        );
    }
    case(&["b/${s:t}"]).is_settled(F);
}

#[test]
fn amb_16_negated_operator_with_an_empty_list() {
    for operator in [
        "StringNotEquals",
        "NumericNotEquals",
        "NotIpAddress",
        "ArnNotLike",
    ] {
        Case::new(operator, &[], one("5")).is_decided_by("AMB-16", T);
        Case::new(operator, &[], State::Absent).is_settled(T);
    }
    Case::on("m:k", "StringNotEquals", &[], many(&["a"])).is_settled(F);
    Case::new("StringNotEqualsIfExists", &[], one("5")).is_settled(F);
    let present = Case::new("StringNotEquals", &[], State::Present);
    let report = present.outcome(Report);
    assert_eq!(
        (report.value, wants(&report)),
        (U, vec!["s:k".to_owned(), "AMB-16".to_owned()])
    );
    assert_eq!(present.outcome(Guess).value, T);
    assert_eq!(present.outcome(Always(false)).value, F);
    let unknown = Case::new("StringNotEquals", &[], State::Unknown);
    assert_eq!(unknown.outcome(Guess).value, T);
    assert_eq!(unknown.outcome(Report).value, U);
}

#[test]
fn amb_17_null_and_the_empty_text() {
    for (key, state) in [
        ("s:k", one("")),
        ("m:k", many(&[""])),
        ("m:k", one("")),
        ("u:k", many(&["", ""])),
    ] {
        Case::on(key, "Null", &["true"], state.clone()).is_decided_by("AMB-17", F);
        Case::on(key, "Null", &["false"], state).is_decided_by("AMB-17", T);
    }
    Case::on("m:k", "Null", &["true"], many(&["", "a"])).is_settled(F);
    // For the set operators it is settled: no values.
    Case::on("m:k", "ForAllValues:StringEquals", &["a"], many(&[""])).is_settled(T);
}

#[test]
fn amb_18_keys_of_which_nothing_is_published() {
    use preclear_condition::Guess::{Absent, Unknown};
    let absent = || State::Disputed(Absent);
    let unknown = || State::Disputed(Unknown);
    for operator in ["StringEquals", "StringLike", "ForAnyValue:StringEquals"] {
        Case::new(operator, &["a"], absent()).is_decided_by("AMB-18", F);
    }
    for operator in [
        "StringNotEquals",
        "StringEqualsIfExists",
        "ForAllValues:StringEquals",
    ] {
        Case::new(operator, &["a"], absent()).is_decided_by("AMB-18", T);
    }
    Case::new("Null", &["true"], absent()).is_decided_by("AMB-18", T);
    Case::new("Null", &["false"], absent()).is_decided_by("AMB-18", F);
    Case::new("Null", &["true", "false"], absent()).is_settled(T);
    // Whatever the key is, all stars match it, and nothing cannot.
    Case::new("StringLikeIfExists", &["*"], absent()).is_settled(T);
    Case::new("StringEquals", &[], absent()).is_settled(F);
    // A key guessed to be unknown is an ordinary unknown in guesses.
    for (operator, operand) in [("StringEquals", "a"), ("Null", "true"), ("ArnNotLike", "*")] {
        let case = Case::new(
            operator,
            std::slice::from_ref(&operand).to_vec().leak(),
            unknown(),
        );
        let guess = case.outcome(Guess);
        assert!(wants(&guess).contains(&"s:k".to_owned()), "{operator}");
        assert!(
            wants(&case.outcome(Report)).contains(&"AMB-18".to_owned()),
            "{operator}"
        );
        assert_eq!(case.outcome(Always(true)).value, T, "{operator}");
        assert_eq!(case.outcome(Always(false)).value, F, "{operator}");
    }
    // In operands.
    let variable = |operator, operands, state| {
        Case::new(operator, operands, one("home/x")).with("s:name", state)
    };
    variable("StringEquals", &["home/${s:name}"], absent()).is_decided_by("AMB-18", F);
    variable("StringNotEquals", &["home/${s:name}"], absent()).is_decided_by("AMB-18", T);
    variable("StringEqualsIgnoreCase", &["HOME/${s:name}"], absent()).is_decided_by("AMB-18", F);
    variable("StringEquals", &["home/${s:name, 'x'}"], absent()).is_decided_by("AMB-18", T);
    variable("StringEquals", &["away/${s:name}"], absent()).is_settled(F);
    variable("StringEquals", &["home/${s:name}", "home/x"], absent()).is_settled(T);
}

#[test]
fn amb_20_numbers_in_other_spellings() {
    for (operand, value) in [
        ("5", "+5"),
        ("+5", "5"),
        ("1e3", "1000"),
        ("5", " 5"),
        ("5.", "5"),
        (".5", "0.5"),
    ] {
        let (operands, state): (&'static [&'static str], _) =
            (Box::leak(Box::new([operand])), one(value));
        Case::new("NumericEquals", operands, state.clone()).is_decided_by("AMB-20", T.and(F));
        // Equal if both are numbers, so not NotEquals; else malformed, which AMB-9 guesses to be false too.
        let negated = Case::new("NumericNotEquals", operands, state);
        assert_eq!(negated.outcome(Guess).value, F);
        assert_eq!(negated.outcome(Always(false)).value, F);
        assert_eq!(wants(&negated.outcome(Report)), ["AMB-9", "AMB-20"]);
    }
    Case::new("NumericEquals", &["5"], one("+6")).is_settled(F);
    Case::new("NumericEquals", &["+5", "6"], one("6")).is_settled(T);
    Case::new("NumericLessThan", &["+5"], one("9")).is_settled(F);
    let negated = Case::new("NumericNotEquals", &["5"], one("+6"));
    assert_eq!(wants(&negated.outcome(Report)), ["AMB-9", "AMB-20"]);
    assert_eq!(negated.outcome(Guess).value, F);
    assert_eq!(negated.outcome(Always(true)).value, T);
    let dead_or_not = Case::new("NumericEquals", &["+5"], State::Present);
    assert_eq!(dead_or_not.outcome(Guess).value, F);
    assert_eq!(dead_or_not.outcome(Report).value, U);
}

#[test]
fn amb_22_dates_of_digits() {
    // A year: 2025 seconds, or 2025-01-01.
    Case::new("DateGreaterThan", &["2025"], one("2024-06-01")).is_decided_by("AMB-22", T);
    Case::new("DateLessThan", &["2025"], one("2024-06-01")).is_decided_by("AMB-22", F);
    Case::new("DateEquals", &["2025"], one("2025-01-01T00:00:00Z")).is_decided_by("AMB-22", F);
    Case::new("DateNotEquals", &["2025"], one("2025-01-01T00:00:00Z")).is_decided_by("AMB-22", T);
    Case::new("DateEquals", &["2025-01-01"], one("2025")).is_decided_by("AMB-22", F);
    // Milliseconds.
    Case::new("DateEquals", &["2025-01-01"], one("1735689600000")).is_decided_by("AMB-22", F);
    Case::new("DateLessThan", &["1735689600000"], one("2026-01-01")).is_decided_by("AMB-22", T);
    // A year on one side, milliseconds on the other: nobody says which reading goes with which.
    Case::new("DateLessThan", &["1735689600000"], one("2026")).is_decided_by("AMB-22", T);
    // Both readings agree.
    Case::new("DateLessThan", &["2025"], one("2026-06-01")).is_settled(F);
    Case::new("DateEquals", &["2025"], one("2025")).is_settled(T);
    Case::new("DateLessThan", &["2025"], one("2024")).is_settled(T);
    Case::new("DateLessThan", &["1735689600"], one("1735689599")).is_settled(T);
    Case::new(
        "DateGreaterThan",
        &["2025", "1970-01-01"],
        one("2024-06-01"),
    )
    .is_settled(T);
}

#[test]
fn amb_24_mapped_addresses() {
    Case::new("IpAddress", &["203.0.113.0/24"], one("::ffff:203.0.113.7"))
        .is_decided_by("AMB-24", F);
    Case::new(
        "NotIpAddress",
        &["203.0.113.0/24"],
        one("::ffff:203.0.113.7"),
    )
    .is_decided_by("AMB-24", T);
    Case::new("IpAddress", &["203.0.113.0/24"], one("::ffff:203.0.114.7")).is_settled(F);
    Case::new(
        "IpAddress",
        &["203.0.113.0/24", "::/0"],
        one("::ffff:203.0.113.7"),
    )
    .is_settled(T);
    Case::new(
        "IpAddress",
        &["::ffff:203.0.113.7"],
        one("::ffff:cb00:7107"),
    )
    .is_settled(T);
}

#[test]
fn amb_1_stars_that_run_past_the_colon() {
    let template = Template::parse("arn:aws:x:*:a/${s:name}", Version::V2012).unwrap();
    assert!(
        VariableFields::compile(&template, &Names).is_none(),
        "five fields"
    );
    let template = Template::parse("arn:aws:x:*:A:finance/${s:name}", Version::V2012).unwrap();
    let fields = VariableFields::compile(&template, &Names).unwrap();
    let context = |name| Context::new(&[("s:name", name)]);
    let of = |text: &str, name, mode| -> Explained {
        fields.matches_resource(text, &context(name), mode)
    };
    let (inside, past) = ("arn:aws:x:eu:A:finance/q", "arn:aws:x:eu:z:A:finance/q");
    for mode in [Report, Guess, Always(true), Always(false)] {
        assert_eq!(of(inside, one("q"), mode).value, T);
        assert_eq!(of(past, one("r"), mode).value, F);
        assert_eq!(of(past, State::Absent, mode).value, F);
        let strict: Explained = fields.matches(past, &context(one("q")), mode);
        assert_eq!(strict.value, F, "only resources spill");
    }
    let report = of(past, one("q"), Report);
    assert_eq!(
        (report.value, wants(&report)),
        (U, vec!["AMB-1".to_owned()])
    );
    assert_eq!(of(past, one("q"), Guess).value, T);
    assert_eq!(of(past, one("q"), Always(true)).value, T);
    assert_eq!(of(past, one("q"), Always(false)).value, F);
    let report = of(past, State::Unknown, Report);
    assert_eq!(
        (report.value, wants(&report)),
        (U, vec!["s:name".to_owned(), "AMB-1".to_owned()])
    );
}

#[test]
fn a_negated_test_asks_the_opposite_of_its_operands() {
    // Always(true): the negated test is to hold, so the operand must not match.
    let pattern = Template::parse("home/${s:name}", Version::V2012).unwrap();
    let pattern = VariablePattern::compile(&pattern, Wildcards::Plain, &Names);
    let context = Context::new(&[("s:name", one(""))]);
    let operand: Explained = pattern.matches("home/", &context, Always(true).negated());
    assert_eq!(operand.value, F);
    assert_eq!(Report.negated(), Report);
    assert_eq!(Guess.negated(), Guess);
}
