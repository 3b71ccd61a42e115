//! Patterns matched field by field. Rule: IAM-WILD-5.

mod common;

use common::texts;
use preclear_wildcard::SlotValue::{Anything, Nothing, Text};
use preclear_wildcard::{FieldPattern, Pattern, Token, naive};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k1";

fn six(pattern: &str) -> FieldPattern {
    FieldPattern::parse(pattern, ':', 6).expect("six fields")
}

/// Whether the pattern matches by fields, and whether it does when runs may spill.
#[track_caller]
fn check(pattern: &str, text: &str, fields: bool, spilling: bool) {
    let compiled = six(pattern);
    assert_eq!(
        compiled.is_match_with(text, &[]),
        fields,
        "`{pattern}` against `{text}`"
    );
    assert_eq!(
        compiled.is_match_spilling_with(text, &[]),
        spilling,
        "spilling: `{pattern}` against `{text}`"
    );
}

#[test]
fn each_field_stands_for_itself() {
    check("arn:aws:kms:*:111122223333:key/*", KEY, true, true);
    check("arn:aws:kms:*:444455556666:key/*", KEY, false, false);
    check("arn:aws:kms:eu-*-1:1111????3333:key/k?", KEY, true, true);
    check("*:*:*:*:*:*", KEY, true, true);
    check(
        "*:*:*:*:*:*",
        "arn:aws:kms:eu-west-1:111122223333",
        false,
        false,
    );
    check("arn:aws:s3:::b", "arn:aws:s3:::b/x", false, false);
}

#[test]
fn the_last_field_crosses_freely() {
    check(
        "arn:aws:s3:::b/*/t/*",
        "arn:aws:s3:::b/1/2/t/3/x",
        true,
        true,
    );
    check("arn:aws:s3:::b/*/t/*", "arn:aws:s3:::b//t/x", true, true);
    check("arn:aws:s3:::b/*/t/*", "arn:aws:s3:::b/t/x", false, false);
    check(
        "arn:aws:logs:::log-group:*",
        "arn:aws:logs:::log-group:a:log-stream:b",
        true,
        true,
    );
    check(
        "arn:aws:logs:::log?group",
        "arn:aws:logs:::log:group",
        true,
        true,
    );
    check("arn:aws:logs:::a:b", "arn:aws:logs:::a:b", true, true);
}

#[test]
fn a_run_that_ends_its_field_spills() {
    // `*` for service, Region or account takes the fields after it as well.
    check(
        "arn:aws:*:key/k1:a:b",
        "arn:aws:kms:eu-west-1:1:key/k1:a:b",
        false,
        true,
    );
    check("arn:aws:s3*:x:y:z", "arn:aws:s3:a:b:x:y:z", false, true);
    check("arn:aws:*3:x:y:z", "arn:aws:a:s3:x:y:z", false, false);
    check("arn:aws:s?:x:y:z", "arn:aws:s::x:y:z", false, false);
    check("arn:aws:s*?:x:y:z", "arn:aws:s:a:x:y:z", false, false);
    check("arn:aws:s?*:x:y:z", "arn:aws:sx:a:x:y:z", false, true);
    check("arn:aws:s?*:x:y:z", "arn:aws:s:a:x:y:z", false, false);
    // Both runs spill, and the first is asked for more only when the second cannot help.
    check("arn:a*:b*:c:d:e", "arn:a:b:x:a:b:c:d:e", false, true);
    check("arn:a*:b*:c:d:e", "arn:a:x:b:x:c:d:f", false, false);
}

/// A kept run that failed gives way to the spilling run before it.
#[test]
fn a_kept_run_is_asked_again_in_a_later_field() {
    check("arn:*:a*b:c:d:e", "arn:x:ax:axb:c:d:e", false, true);
    check("arn:*:a*b:c:d:e", "arn:x:axb:axx:c:d:e", false, false);
    check("arn:*:a*b:c:d:e", "arn:a:ab:ab:ab:c:d:e", false, true);
}

#[test]
fn every_small_pattern_in_fields() {
    let texts = texts("ab:", 4);
    for written in common::texts("a:*?", 5) {
        let tokens = naive::tokens(&written);
        for fields in [1, 2, 3] {
            let pattern = FieldPattern::parse(&written, ':', fields);
            for text in &texts {
                let place = || format!("`{written}` in {fields} fields against `{text}`");
                let ours = pattern
                    .as_ref()
                    .map(|pattern| pattern.is_match_with(text, &[]));
                let naive = naive::is_match_in_fields(&tokens, ':', fields, &[], text);
                assert_eq!(ours, naive, "{}", place());
                if naive.is_none() {
                    break;
                }
                let spilling = pattern
                    .as_ref()
                    .map(|pattern| pattern.is_match_spilling_with(text, &[]));
                let naive_spilling = naive::is_match_spilling(&tokens, ':', fields, &[], text);
                assert_eq!(spilling, naive_spilling, "spilling: {}", place());
                let by_bits = pattern
                    .as_ref()
                    .map(|pattern| pattern.is_match_spilling_by_bits(text, &[]));
                assert_eq!(by_bits, naive_spilling, "spilling, by bits: {}", place());
                assert!(
                    ours <= spilling,
                    "what matches by fields matches spilling: {}",
                    place()
                );
            }
        }
    }
}

#[test]
fn every_small_pattern_in_fields_with_a_slot() {
    let texts = texts("ab:", 4);
    for written in common::texts("a:*0", 5) {
        let slot = |token| {
            if token == Token::Text("0") {
                Token::Slot(0)
            } else {
                token
            }
        };
        let tokens: Vec<_> = naive::tokens(&written).into_iter().map(slot).collect();
        let Some(pattern) = FieldPattern::from_tokens(tokens.iter().copied(), ':', 2) else {
            continue;
        };
        for value in [
            Text(""),
            Text("b"),
            Text("a:"),
            Text(":"),
            Anything,
            Nothing,
        ] {
            let filled = pattern.substitute(&[value]);
            for text in &texts {
                let place = || format!("`{written}` with {value:?} against `{text}`");
                let matches = pattern.is_match_with(text, &[value]);
                let naive = naive::is_match_in_fields(&tokens, ':', 2, &[value], text);
                assert_eq!(Some(matches), naive, "{}", place());
                let spilling = pattern.is_match_spilling_with(text, &[value]);
                let naive = naive::is_match_spilling(&tokens, ':', 2, &[value], text);
                assert_eq!(Some(spilling), naive, "spilling: {}", place());
                let by_bits = pattern.is_match_spilling_by_bits(text, &[value]);
                assert_eq!(Some(by_bits), naive, "spilling, by bits: {}", place());
                let filled_matches = filled
                    .as_ref()
                    .is_some_and(|filled| filled.is_match_with(text, &[]));
                assert_eq!(filled_matches, matches, "substituted: {}", place());
                let filled_spilling = filled
                    .as_ref()
                    .is_some_and(|filled| filled.is_match_spilling_with(text, &[]));
                assert!(
                    filled_spilling <= spilling,
                    "substituted, spilling: {}",
                    place()
                );
                assert!(
                    value == Anything || filled_spilling == spilling,
                    "substituted, spilling: {}",
                    place()
                );
            }
        }
    }
}

#[test]
fn the_cut_comes_before_the_slots() {
    let tokens = [
        Token::Text("arn:aws:iam::"),
        Token::Slot(0),
        Token::Text(":role/"),
        Token::Slot(1),
    ];
    let pattern = FieldPattern::from_tokens(tokens, ':', 6).unwrap();
    assert!(pattern.is_match_with("arn:aws:iam::1:role/a:b", &[Text("1"), Text("a:b")]));
    assert!(!pattern.is_match_with("arn:aws:iam::1:role:role/a", &[Text("1:role"), Text("a")]));
    assert!(!pattern.is_match_with("arn:aws:iam::1:role/a", &[Text("1")]));
    assert!(FieldPattern::from_tokens([Token::Slot(0)], ':', 2).is_none());
    // As a whole the text reads like the pattern; only `*` and `?` are kept from separators.
    assert!(
        pattern.is_match_spilling_with("arn:aws:iam::1:role:role/a", &[Text("1:role"), Text("a")])
    );
}

#[test]
fn fields_are_counted() {
    assert!(FieldPattern::parse("a:b:c", ':', 4).is_none());
    assert!(FieldPattern::parse("", ':', 0).is_none());
    assert!(FieldPattern::parse("a", ':', 0).is_none());
    let pattern = FieldPattern::parse("a:b:c", ':', 2).unwrap();
    assert_eq!(pattern.field(0), Some(&Pattern::literal("a")));
    assert_eq!(pattern.field(1), Some(&Pattern::literal("b:c")));
    assert_eq!(pattern.field(2), None);
    let whole = FieldPattern::parse("a:*", ':', 1).unwrap();
    assert_eq!(whole.field(0), Some(&Pattern::parse("a:*")));
    assert!(whole.is_match_with("a:b:c", &[]));
    let wide = FieldPattern::parse("a\u{2192}*", '\u{2192}', 2).unwrap();
    assert!(wide.is_match_with("a\u{2192}b\u{2192}c", &[]));
}

#[test]
fn everything_is_every_field() {
    assert!(six("*:**:*:*:*:*").matches_everything());
    assert!(!six("arn:*:*:*:*:*").matches_everything());
}

#[test]
fn patterns_are_compared_field_by_field() {
    for (outer, inner, covers, intersects) in [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/in/*", true, true),
        ("arn:aws:s3:::b/in/x*", "arn:aws:s3:::b/in/*", false, true),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::c/*", false, false),
        (
            "arn:aws:kms:*:1:key/*",
            "arn:aws:kms:eu-*:1:key/?*",
            true,
            true,
        ),
        (
            "arn:aws:kms:eu-*:1:key/*",
            "arn:aws:kms:*:1:key/?*",
            false,
            true,
        ),
        (
            "arn:aws:kms:eu-*:1:key/*",
            "arn:aws:kms:us-*:1:key/*",
            false,
            false,
        ),
    ] {
        assert_eq!(
            six(outer).covers(&six(inner)),
            covers,
            "`{outer}` covers `{inner}`"
        );
        assert_eq!(
            six(outer).intersects(&six(inner)),
            intersects,
            "`{outer}` intersects `{inner}`"
        );
    }
}

#[test]
fn a_separator_inside_a_field_leaves_no_text() {
    let tokens = [
        Token::Text("a"),
        Token::Slot(0),
        Token::Text(":"),
        Token::AnyRun,
    ];
    let open = FieldPattern::from_tokens(tokens, ':', 2).unwrap();
    let empty = open.substitute(&[Text(":")]).unwrap();
    let two = |pattern| FieldPattern::parse(pattern, ':', 2).unwrap();
    let (all, some, other) = (two("*:*"), two("b:*"), two("b:c"));
    for nothing in [&open, &empty] {
        assert!(all.covers(nothing) && some.covers(nothing) && !nothing.covers(&some));
        assert!(other.covers(nothing) && !nothing.covers(&other));
        assert!(
            !all.intersects(nothing) && !nothing.intersects(&all) && !nothing.intersects(nothing)
        );
    }
    // In the last field a separator is text.
    let last = FieldPattern::parse("a:b:c", ':', 2).unwrap();
    assert!(all.covers(&last) && all.intersects(&last) && last.covers(&last));
}

#[test]
fn patterns_cut_differently_are_not_compared() {
    let two = FieldPattern::parse("a:*", ':', 2).unwrap();
    for other in [
        FieldPattern::parse("a:*:*", ':', 3).unwrap(),
        FieldPattern::parse("a/*", '/', 2).unwrap(),
    ] {
        assert!(!two.covers(&other) && !other.covers(&two));
        assert!(two.intersects(&other) && other.intersects(&two));
    }
}

/// A separator whose code fits a byte but whose UTF-8 does not.
#[test]
fn a_separator_may_be_any_character() {
    let fields = FieldPattern::parse("a§*", '§', 2).unwrap();
    assert!(fields.is_match_with("a§b", &[]));
    assert!(!fields.is_match_with("b§a", &[]));
    assert!(!fields.is_match_with("a:b", &[]));
}

/// A walk step by step would not end in the lifetime of a test run; nor would any other that is quadratic.
#[test]
fn hostile_fields_end() {
    let length = 1 << 15;
    let (a, fields) = ("a".repeat(length), "a:".repeat(length / 2));
    let ones = "a?".repeat(length / 4);
    check(
        &format!("x:x:x:x:x:*{ones}b*"),
        &format!("x:x:x:x:x:{a}"),
        false,
        false,
    );
    check(
        &format!("x:*{ones}b*:x:x:x:x"),
        &format!("x:{a}:x:x:x:x"),
        false,
        false,
    );
    check(
        &format!("a*:a*{}b*:a:a:a:a", "a".repeat(200)),
        &fields,
        false,
        false,
    );
    let slots = [Anything, Text(&a[..length / 2])];
    let tokens = [
        Token::AnyRun,
        Token::Slot(0),
        Token::Slot(1),
        Token::Text("b"),
        Token::AnyRun,
    ];
    let pattern = Pattern::from_tokens(tokens);
    assert!(!pattern.is_match_with(&a, &slots));
    assert!(pattern.is_match_with(&format!("{a}b"), &slots));
    let pattern = FieldPattern::from_tokens([Token::Text("a:")].into_iter().chain(tokens), ':', 2);
    let pattern = pattern.unwrap();
    assert!(!pattern.is_match_spilling_with(&format!("a:{}", &a[..1 << 13]), &slots));
    let slots = [Anything, Text(&a[..1 << 12])];
    assert!(pattern.is_match_spilling_with(&format!("a:{}b", &a[..1 << 13]), &slots));
}
