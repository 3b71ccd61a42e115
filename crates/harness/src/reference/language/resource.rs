//! `Resource` and `NotResource`.

use preclear_catalog::catalog;
use preclear_model::policy::ResourceEntry;
use preclear_model::{Match, Piece, Statement, Template};
use preclear_simulator::AmbiguityMode;

use super::super::value::{Context, Open, Reading, Toward, Tri, read};
use super::Resource;
use super::arn;
use super::pattern::{Token, compare, is_all_stars, is_match_of, literal, pattern};
use super::variable::{Filled, fill, is_only_disputed};

/// See [`super::resource_applies`]. Rule: IAM-TRI-8, AMB-18.
pub(super) fn applies(
    statement: &Statement,
    resource: &Resource,
    context: &dyn Context,
    toward: Toward,
) -> Tri {
    let mode = context.ambiguity();
    let outcome = read(mode, toward, |reading| {
        let entry_says = |entry| entry_matches(entry, resource, context, reading);
        match &statement.resource {
            None => Tri::True,
            Some(Match::In(entries)) => Tri::any(entries.iter().map(entry_says)),
            Some(Match::NotIn(entries)) => {
                let none_matches = Tri::any(entries.iter().map(entry_says)).not();
                let unresolved = entries.iter().map(|entry| {
                    let is_missing = filled(entry, context, reading).is_missing;
                    let is_settled = mode == AmbiguityMode::Failsafe
                        && is_missing == Tri::Unknown
                        && is_only_disputed(None, [&entry.template].into_iter(), context);
                    // A dispute counts as what lets the other reading of AMB-5 differ.
                    if is_settled { Tri::True } else { is_missing }
                });
                not_resource(none_matches, Tri::any(unresolved), reading)
            }
        }
    });
    let entries = statement.resource.iter().flat_map(Match::entries);
    let templates = entries.map(|entry| &entry.template);
    if outcome == Tri::Unknown
        && mode == AmbiguityMode::Failsafe
        && is_only_disputed(None, templates, context)
    {
        return Tri::from(toward == Toward::Deny);
    }
    outcome
}

/// NotResource applies where no pattern matches; with a variable that has no value, perhaps not even there.
/// Rule: IAM-WILD-9, IAM-VAR-6, AMB-5.
fn not_resource(none_matches: Tri, unresolved: Tri, reading: &Reading) -> Tri {
    if unresolved == Tri::False || none_matches == Tri::False {
        return none_matches;
    }
    if reading.guesses(Open::UnresolvedNotResource) {
        none_matches
    } else {
        none_matches.and(unresolved.not())
    }
}

fn filled(entry: &ResourceEntry, context: &dyn Context, reading: &Reading) -> Filled {
    fill(&entry.template, true, context, reading)
}

/// Whether one pattern matches. Rule: IAM-WILD-4, IAM-WILD-8, IAM-TRI-5, IAM-VAR-6.
fn entry_matches(
    entry: &ResourceEntry,
    resource: &Resource,
    context: &dyn Context,
    reading: &Reading,
) -> Tri {
    let filled = filled(entry, context, reading);
    if is_all_stars(&filled.tokens) {
        return Tri::True;
    }
    let question = match resource {
        Resource::Everything => return Tri::False,
        Resource::One(text) => Question::One(text),
        Resource::Key(text) => Question::Key(text),
    };
    let has_wild_type = arn::has_wildcard_in_type(&as_written(&entry.template));
    let matched = if entry.incomplete {
        incomplete_matches(&filled.tokens, question, reading)
    } else {
        pattern_matches(&filled.tokens, has_wild_type, question, reading)
    };
    filled.certain(matched)
}

/// The pattern as its author wrote it: AWS speaks of the ARN in the policy, so that a variable is a name, whatever it stands
/// for. Rule: IAM-WILD-11.
fn as_written(template: &Template) -> Vec<Token> {
    let mut tokens = Vec::new();
    for piece in &*template.pieces {
        match piece {
            Piece::Text(text) => tokens.extend(pattern(text)),
            Piece::Literal(character) => tokens.push(Token::Char(*character)),
            Piece::Variable { .. } => tokens.push(Token::Char('$')),
        }
    }
    tokens
}

/// What a pattern is held against. Rule: IAM-WILD-13.
#[derive(Debug, Clone, Copy)]
enum Question<'t> {
    One(&'t str),
    Key(&'t str),
}

impl Question<'_> {
    fn text(&self) -> &str {
        match self {
            Question::One(text) | Question::Key(text) => text,
        }
    }
}

/// An ARN of fewer than six fields: completed if it has a wildcard, else no match. Rule: IAM-WILD-10, AMB-14.
fn incomplete_matches(tokens: &[Token], question: Question<'_>, reading: &Reading) -> Tri {
    let matched = pattern_matches(&arn::completed(tokens), false, question, reading);
    let is_completed = || match tokens.iter().any(|token| token.is_wildcard()) {
        true => reading.guesses(Open::IncompletePattern),
        false => !reading.guesses(Open::IncompleteArn),
    };
    if matched == Tri::False || is_completed() {
        matched
    } else {
        Tri::False
    }
}

/// Rule: IAM-WILD-5, IAM-WILD-7, IAM-WILD-11, AMB-1, AMB-2, AMB-15.
fn pattern_matches(
    tokens: &[Token],
    has_wild_type: bool,
    question: Question<'_>,
    reading: &Reading,
) -> Tri {
    let sensitive = fields_or_spill(tokens, question, false, reading);
    let insensitive = fields_or_spill(tokens, question, true, reading);
    let matched = if sensitive != insensitive && !reading.guesses(Open::ArnCase) {
        insensitive
    } else {
        sensitive
    };
    let is_disputed =
        matched != Tri::False && has_wild_type && names_types(arn::service(question.text()));
    if is_disputed && !reading.guesses(Open::TypeWildcard) {
        Tri::False
    } else {
        matched
    }
}

/// The match of field by field, or one in which a `*` spills. Rule: IAM-WILD-5, AMB-1.
fn fields_or_spill(
    tokens: &[Token],
    question: Question<'_>,
    ignores_case: bool,
    reading: &Reading,
) -> Tri {
    let fold = |tokens: Vec<Token>| {
        if ignores_case {
            arn::with_folded_fields(&tokens)
        } else {
            tokens
        }
    };
    let against = |tokens: Vec<Token>| match question {
        Question::One(text) => is_match_of(&fold(tokens), &fold(literal(text))).into(),
        Question::Key(text) => {
            let question = arn::without_further_colons(&pattern(text));
            compare(&fold(tokens), &fold(question))
        }
    };
    let by_fields = against(arn::by_fields(tokens));
    if by_fields == Tri::True {
        return by_fields;
    }
    let either = by_fields.or(against(arn::with_spill(tokens)));
    if either != by_fields && reading.guesses(Open::SegmentFinalStar) {
        either
    } else {
        by_fields
    }
}

/// Whether all resources of a service are named `type/…` or `type:…`. Rule: IAM-WILD-11.
fn names_types(service: &str) -> bool {
    let Some(service) = catalog().service(service) else {
        return false;
    };
    let mut forms = service
        .resource_types()
        .flat_map(|kind| kind.arn_patterns())
        .peekable();
    let has_type = |form: &str| {
        let resource = form.splitn(6, ':').nth(5).unwrap_or_default();
        let kind = resource.split_once(['/', ':']).map(|(kind, _)| kind);
        kind.is_some_and(|kind| !kind.is_empty() && !kind.contains(['$', '*']))
    };
    forms.peek().is_some() && forms.all(has_type)
}

#[cfg(test)]
mod tests {
    use preclear_model::policy::PolicyKind;

    use super::super::super::value::Value;
    use super::super::samples::{Sample, in_every_mode, statement, statement_of};
    use super::*;

    const A: &str = "111122223333";
    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k1";
    const NO: Tri = Tri::False;
    const MAYBE: Tri = Tri::Unknown;
    const YES: Tri = Tri::True;

    fn one(text: &str) -> Resource {
        Resource::One(text.to_owned())
    }

    fn says(element: &str, resource: &Resource, sample: &Sample) -> Tri {
        applies(&statement(element), resource, sample, Toward::Allow)
    }

    /// What `Resource` with this pattern says in every mode.
    fn modes(pattern: &str, resource: &Resource) -> [Tri; 4] {
        modes_of(
            PolicyKind::Identity,
            &format!(r#""Resource": "{pattern}""#),
            resource,
            &Sample::new(),
        )
    }

    fn modes_of(kind: PolicyKind, element: &str, resource: &Resource, sample: &Sample) -> [Tri; 4] {
        let statement = statement_of(kind, "2012-10-17", element);
        in_every_mode(|mode, toward| {
            applies(&statement, resource, &sample.clone().mode(mode), toward)
        })
    }

    #[test]
    fn patterns_and_resources() {
        // IAM-WILD-4…8, TRAP-48.
        let rows = [
            ("*", KEY, YES),
            ("**", KEY, YES),
            ("arn:aws:kms:*:111122223333:key/*", KEY, YES),
            ("arn:aws:kms:*:444455556666:key/*", KEY, NO),
            ("arn:aws:s3:::b", "arn:aws:s3:::b/x", NO),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y", YES),
            (
                "arn:aws:dynamodb:r:1:table/T",
                "arn:aws:dynamodb:r:1:table/T/index/I",
                NO,
            ),
            (
                "arn:aws:iam::111122223333:user/bob",
                "arn:aws:iam::111122223333:user/Bob",
                NO,
            ),
        ];
        for (own, resource, expected) in rows {
            let statement = format!(r#""Resource": "{own}""#);
            assert_eq!(
                says(&statement, &one(resource), &Sample::new()),
                expected,
                "{own}"
            );
            // IAM-WILD-9.
            let statement = format!(r#""NotResource": "{own}""#);
            assert_eq!(
                says(&statement, &one(resource), &Sample::new()),
                expected.not(),
                "{own}"
            );
        }
        let several = r#""Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]"#;
        assert_eq!(says(several, &one("arn:aws:s3:::b/x"), &Sample::new()), YES);
    }

    #[test]
    fn the_pseudo_resource_is_met_by_stars_alone() {
        // IAM-WILD-8, TRAP-46, TRAP-47.
        for (element, expected) in [
            (r#""Resource": "*""#, YES),
            (r#""Resource": "***""#, YES),
            (r#""Resource": "arn:aws:kms:*:*:key/*""#, NO),
            (r#""Resource": "arn:*:*:*:*:*""#, NO),
            (
                r#""NotResource": "arn:aws:kms:eu-west-1:111122223333:key/k1""#,
                YES,
            ),
            (r#""NotResource": "*""#, NO),
        ] {
            assert_eq!(
                says(element, &Resource::Everything, &Sample::new()),
                expected,
                "{element}"
            );
        }
    }

    #[test]
    fn a_star_at_the_end_of_a_segment() {
        // AMB-1, IAM-WILD-5.
        assert_eq!(
            modes("arn:aws:x:*:a:q", &one("arn:aws:x:r:1:a:q")),
            [MAYBE, YES, NO, YES]
        );
        assert_eq!(
            modes("arn:aws:x:r*z:a:q", &one("arn:aws:x:r:1z:a:q")),
            [NO; 4]
        );
        let negated = r#""NotResource": "arn:aws:x:*:a:q""#;
        let says = modes_of(
            PolicyKind::Identity,
            negated,
            &one("arn:aws:x:r:1:a:q"),
            &Sample::new(),
        );
        assert_eq!(says, [MAYBE, NO, NO, YES]);
    }

    #[test]
    fn a_wildcard_in_the_type() {
        // IAM-WILD-11, AMB-2.
        let function = one("arn:aws:lambda:r:111122223333:function:f");
        assert_eq!(
            modes("arn:aws:lambda:*:*:functi*:f", &function),
            [MAYBE, YES, NO, YES]
        );
        assert_eq!(modes("arn:aws:lambda:*:*:functi*:g", &function), [NO; 4]);
        assert_eq!(
            modes("arn:aws:kms:*:*:k*/k1", &one(KEY)),
            [MAYBE, YES, NO, YES]
        );
        assert_eq!(modes("arn:aws:kms:*:*:*/k1", &one(KEY)), [YES; 4]);
        assert_eq!(
            modes("arn:aws:kms:*:*:ke*", &one(KEY)),
            [MAYBE, YES, NO, YES]
        );
        assert_eq!(modes("arn:aws:kms:*:*:*", &one(KEY)), [YES; 4]);
        // Before the first slash of a bucket or a queue stands a name.
        assert_eq!(
            modes("arn:aws:s3:::b*/x", &one("arn:aws:s3:::bu/x")),
            [YES; 4]
        );
        assert_eq!(
            modes("arn:aws:sqs:*:*:q*", &one("arn:aws:sqs:r:111122223333:q1")),
            [YES; 4]
        );
    }

    #[test]
    fn the_case_of_the_first_fields() {
        // AMB-15.
        assert_eq!(
            modes("arn:aws:KMS:*:*:key/k1", &one(KEY)),
            [MAYBE, NO, NO, YES]
        );
        assert_eq!(
            modes("arn:aws:kms:EU-*:*:key/k1", &one(KEY)),
            [MAYBE, NO, NO, YES]
        );
        assert_eq!(modes("arn:aws:kms:*:*:key/K1", &one(KEY)), [NO; 4]);
    }

    #[test]
    fn incomplete_arns() {
        // IAM-WILD-10, TRAP-52.
        let queue = one("arn:aws:sqs:r:111122223333:q");
        assert_eq!(modes("arn:aws:sqs", &queue), [YES; 4]);
        assert_eq!(modes("arn:aws:sqs:r", &one("arn:aws:sqs:s:1:q")), [NO; 4]);
        // AMB-14.
        let other = |pattern: &str, resource: &Resource| {
            modes_of(
                PolicyKind::Resource,
                &format!(r#""Resource": "{pattern}""#),
                resource,
                &Sample::new(),
            )
        };
        assert_eq!(other("arn:aws:sqs", &queue), [MAYBE, NO, NO, YES]);
        assert_eq!(other("arn:aws:sq*", &queue), [MAYBE, YES, NO, YES]);
        assert_eq!(other("arn:aws:sns", &queue), [NO; 4]);
        assert_eq!(other("arn:aws:sqs", &Resource::Everything), [NO; 4]);
        // With a wildcard and without are two questions.
        let both = modes_of(
            PolicyKind::Resource,
            r#""Resource": ["arn:aws:sqs", "arn:aws:sqs:*"]"#,
            &queue,
            &Sample::new(),
        );
        assert_eq!(both, [MAYBE, YES, NO, YES]);
        let scp = modes_of(
            PolicyKind::Scp,
            r#""Resource": "arn:aws:sqs:*""#,
            &queue,
            &Sample::new(),
        );
        assert_eq!(scp, [MAYBE, YES, NO, YES]);
    }

    #[test]
    fn variables() {
        // IAM-VAR-3, IAM-VAR-6, TRAP-43, TRAP-45, IAM-TRI-5.
        let mine = r#""Resource": "arn:aws:s3:::b/${aws:username}/*""#;
        let user = Sample::new().known("aws:username", "u");
        assert_eq!(says(mine, &one("arn:aws:s3:::b/u/x"), &user), YES);
        assert_eq!(says(mine, &one("arn:aws:s3:::b/v/x"), &user), NO);
        assert_eq!(says(mine, &one("arn:aws:s3:::b//x"), &Sample::new()), NO);
        let unknown = Sample::new().with("aws:username", Value::Unknown);
        assert_eq!(says(mine, &one("arn:aws:s3:::b/u/x"), &unknown), MAYBE);
        assert_eq!(says(mine, &one("arn:aws:s3:::other/x"), &unknown), NO);
        let source = Sample::new().known("aws:SourceIdentity", "a*");
        let home = r#""Resource": "arn:aws:s3:::b/${aws:SourceIdentity}/x""#;
        assert_eq!(says(home, &one("arn:aws:s3:::b/ab/x"), &source), NO);
        let region = Sample::new().known("aws:RequestedRegion", "r");
        let early = r#""Resource": "arn:aws:sqs:${aws:RequestedRegion}:1:q""#;
        assert_eq!(says(early, &one("arn:aws:sqs:r:1:q"), &region), NO);
        let old = statement_of(
            PolicyKind::Identity,
            "2008-10-17",
            r#""Resource": "arn:aws:s3:::b/${aws:username}""#,
        );
        assert_eq!(
            applies(&old, &one("arn:aws:s3:::b/u"), &user, Toward::Allow),
            NO
        );
        let literally = one("arn:aws:s3:::b/${aws:username}");
        assert_eq!(applies(&old, &literally, &user, Toward::Allow), YES);
        let star = r#""Resource": "arn:aws:s3:::b/${*}""#;
        assert_eq!(says(star, &one("arn:aws:s3:::b/*"), &user), YES);
        assert_eq!(says(star, &one("arn:aws:s3:::b/x"), &user), NO);
    }

    #[test]
    fn not_resource_with_a_variable() {
        // IAM-VAR-6, AMB-5.
        let mine = r#""NotResource": ["arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::c"]"#;
        let modes = |resource: &str, value: Value| {
            let sample = Sample::new().with("aws:username", value);
            modes_of(PolicyKind::Identity, mine, &one(resource), &sample)
        };
        assert_eq!(
            modes("arn:aws:s3:::b/u", Value::Absent),
            [MAYBE, YES, NO, YES]
        );
        assert_eq!(modes("arn:aws:s3:::c", Value::Absent), [NO; 4]);
        assert_eq!(
            modes("arn:aws:s3:::b/u", Value::Known(vec!["u".into()])),
            [NO; 4]
        );
        assert_eq!(
            modes("arn:aws:s3:::b/v", Value::Known(vec!["u".into()])),
            [YES; 4]
        );
        // The key may be absent, and then it is open whether the statement applies.
        assert_eq!(
            modes("arn:aws:s3:::d", Value::Unknown),
            [MAYBE, YES, MAYBE, YES]
        );
        assert_eq!(
            modes("arn:aws:s3:::b/u", Value::Unknown),
            [MAYBE, MAYBE, MAYBE, MAYBE]
        );
    }

    #[test]
    fn keys_of_which_a_pattern_is_known() {
        // IAM-WILD-13.
        let keys = Resource::Key(format!("arn:aws:kms:*:{A}:key/*"));
        for (own, expected) in [
            ("*", [YES; 4]),
            ("arn:aws:kms:*:*:key/*", [YES; 4]),
            ("arn:*:kms:*:*:*", [YES; 4]),
            ("arn:aws:kms:eu-west-1:*:key/*", [MAYBE; 4]),
            ("arn:aws:kms:*:*:key/k1", [MAYBE; 4]),
            ("arn:aws:kms:*:*:alias/*", [NO; 4]),
            ("arn:aws:kms:*:444455556666:key/*", [NO; 4]),
            // AMB-15, AMB-2.
            ("arn:aws:KMS:*:*:key/*", [MAYBE, NO, NO, YES]),
            ("arn:aws:kms:*:*:k*/k1", [MAYBE, MAYBE, NO, MAYBE]),
        ] {
            assert_eq!(modes(own, &keys), expected, "{own}");
        }
        let negated = r#""NotResource": "arn:aws:kms:*:*:key/*""#;
        assert_eq!(says(negated, &keys, &Sample::new()), NO);
        let plain = one("arn:aws:s3:::b/in/*");
        assert_eq!(
            says(
                r#""Resource": "arn:aws:s3:::b/in/x*""#,
                &plain,
                &Sample::new()
            ),
            NO
        );
    }

    #[test]
    fn statements_without_resource() {
        // IAM-GRAM-12.
        let trust = statement_of(
            PolicyKind::Trust,
            "2012-10-17",
            r#""Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}"#,
        );
        assert_eq!(
            applies(&trust, &one(KEY), &Sample::new(), Toward::Allow),
            YES
        );
        let empty = statement_of(PolicyKind::Resource, "2012-10-17", r#""NotResource": []"#);
        assert_eq!(applies(&empty, &one(KEY), &Sample::new(), Toward::Deny), NO);
    }
}
