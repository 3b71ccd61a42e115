//! Whole patterns against whole texts. Rule: IAM-WILD-1.

mod common;

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use common::texts;
use preclear_wildcard::{Pattern, Token, naive};

#[track_caller]
fn check(pattern: &str, matching: &[&str], failing: &[&str]) {
    let compiled = Pattern::parse(pattern);
    for text in matching {
        assert!(compiled.is_match(text), "`{pattern}` must match `{text}`");
    }
    for text in failing {
        assert!(
            !compiled.is_match(text),
            "`{pattern}` must not match `{text}`"
        );
    }
}

#[track_caller]
fn check_with_naive(pattern: &str, text: &str) -> bool {
    let expected = naive::is_match(&naive::tokens(pattern), &[], text);
    assert_eq!(
        Pattern::parse(pattern).is_match(text),
        expected,
        "`{pattern}` against `{text}`"
    );
    expected
}

#[test]
fn every_small_pattern_against_every_small_text() {
    let (patterns, texts) = (texts("ab*?", 5), texts("ab", 6));
    assert_eq!(patterns.len() * texts.len(), 173_355);
    let mut matches = 0;
    for pattern in &patterns {
        for text in &texts {
            matches += usize::from(check_with_naive(pattern, text));
        }
    }
    assert!(matches > 10_000, "a world without matches proves nothing");
}

#[test]
fn meta_characters() {
    check("a*c", &["ac", "abc", "a**c"], &["a", "acb", "Ac"]);
    check("a?c", &["abc", "a?c", "a*c"], &["ac", "abbc"]);
    check("*", &["", "x", "*"], &[]);
    check("", &[""], &["x"]);
    check("???", &["abc"], &["ab", "abcd", ""]);
    check("*?", &["a", "ab"], &[""]);
    check("?*?", &["ab", "abc"], &["", "a"]);
}

#[test]
fn there_is_no_escape_and_no_other_meta_character() {
    check(r"\*", &[r"\", r"\x"], &["*", "x"]);
    check("[ab]{1}.^$|()+", &["[ab]{1}.^$|()+"], &["a", "b"]);
}

#[test]
fn slashes_colons_and_newlines_are_ordinary() {
    check("a*z", &["a/b:c\nd\r\0z"], &[]);
    check("a?z", &["a\nz", "a/z", "a:z", "a\0z"], &["a\r\nz"]);
}

#[test]
fn case_matters() {
    check("user/bob", &["user/bob"], &["user/Bob"]);
    check("*É*", &["É"], &["é"]);
}

#[test]
fn one_character_is_one_scalar_value() {
    check("a?c", &["aéc", "a日c", "a😀c"], &["ae\u{301}c"]);
    check("a??c", &["ae\u{301}c", "a🇫🇷c"], &["a日c"]);
    check(
        "*日?語*",
        &["日本語", "x日x語日本語y"],
        &["日語", "日本本語"],
    );
    check("*?é", &["aé", "😀é"], &["é"]);
    check("?é*", &["aé", "😀éx"], &["é", "éa"]);
    check("*b?", &["bé", "b😀", "bbb"], &["b", "béé"]);
    // The second character ends with the bytes that the first ends with.
    check("*\u{e9}*", &["\u{e9}"], &["\u{129}", "\u{c3}\u{a9}"]);
}

#[test]
fn ends_do_not_overlap() {
    check("ab*ba", &["abba", "abxba"], &["aba", "ab"]);
    check("aa*aa*aa", &["aaaaaa", "aaxaaaa"], &["aaaaa", "aaxaaa"]);
    check("a*a?a*a", &["aaaaa", "a-axa-a"], &["aaaa"]);
}

#[test]
fn later_places_are_found() {
    check("*ab?d*", &["ababcd", "abxabcd", "abababxd"], &["abcxabc"]);
    check(
        "*a?b*c?d*",
        &["aabcxd-axbcxd", "axbbcxd", "axbcccd"],
        &["cxdaxb", "axbcd", "axbccxxcd"],
    );
    check(
        "*needle*",
        &["needleneedle", "nneedle", "needneedle"],
        &["needl", "needneedl"],
    );
}

#[test]
fn a_gap_needs_its_characters() {
    check("a*?*?*b", &["axyb", "axxxb"], &["ab", "axb"]);
    check("*a*??*a*", &["axxa", "aaaa", "axaxa"], &["aa", "axa"]);
    check("*a???", &["axyz", "aaaaa"], &["axy"]);
}

#[test]
fn tokens_tell_text_from_meta_characters() {
    let pattern = Pattern::from_tokens([Token::Text("a*"), Token::AnyOne, Token::Text("?")]);
    assert!(pattern.is_match("a*x?"));
    assert!(!pattern.is_match("abx?"));
    assert!(!pattern.is_match("a*xy"));
    assert_eq!(
        Pattern::from_tokens([Token::Text("a"), Token::Text("*")]),
        Pattern::literal("a*")
    );
    assert_eq!(
        Pattern::from_tokens([Token::Text("a"), Token::AnyRun]),
        Pattern::parse("a*")
    );
    assert_eq!(Pattern::from_tokens([]), Pattern::literal(""));
    assert_eq!(Pattern::parse("a***b"), Pattern::parse("a*b"));
    assert_ne!(Pattern::parse("a*"), Pattern::literal("a*"));
}

#[test]
fn tokens_come_back() {
    let tokens = [
        Token::AnyOne,
        Token::AnyOne,
        Token::Text("*a"),
        Token::AnyRun,
        Token::Slot(7),
        Token::Text("é"),
    ];
    assert_eq!(
        Pattern::from_tokens(tokens).tokens().collect::<Vec<_>>(),
        tokens
    );
    for pattern in texts("a*?", 4) {
        let pattern = Pattern::parse(&pattern);
        assert_eq!(Pattern::from_tokens(pattern.tokens()), pattern);
    }
    assert_eq!(
        format!("{:?}", Pattern::parse("a*")),
        r#"Pattern[Text("a"), AnyRun]"#
    );
}

#[test]
fn what_a_pattern_says_of_itself() {
    for (pattern, everything, literal) in [
        ("*", true, None),
        ("***", true, None),
        ("*?", false, None),
        ("?", false, None),
        ("", false, Some("")),
        ("a", false, Some("a")),
        ("a*", false, None),
    ] {
        let compiled = Pattern::parse(pattern);
        assert_eq!(compiled.matches_everything(), everything, "`{pattern}`");
        assert_eq!(compiled.as_literal(), literal, "`{pattern}`");
        assert!(!compiled.has_slots(), "`{pattern}`");
    }
    assert!(Pattern::from_tokens([Token::Slot(0)]).has_slots());
    assert_eq!(Pattern::from_tokens([Token::Slot(0)]).as_literal(), None);
    assert_eq!(Pattern::literal("*").as_literal(), Some("*"));
}

/// A search that starts over at every place would not end in the lifetime of a test run.
#[test]
fn adversaries_are_linear() {
    let half = 1 << 19;
    let text = "a".repeat(2 * half);
    assert!(!Pattern::parse(&format!("*{}b*", "a".repeat(half))).is_match(&text));
    assert!(!Pattern::parse(&"a*".repeat(half + 1).replace("a*a", "a*b")).is_match(&text));
    assert!(!Pattern::parse(&format!("{}b", "*a".repeat(half))).is_match(&text));
    assert!(Pattern::parse(&"?*".repeat(half)).is_match(&text));
    let text = "a".repeat(1 << 18);
    assert!(!Pattern::parse(&format!("*{}b*", "aa?".repeat(1 << 12))).is_match(&text));
    assert!(!Pattern::parse(&format!("*{}?b*", "a".repeat(60))).is_match(&text));
    assert!(!Pattern::parse(&format!("*{}?b*", "a".repeat(300))).is_match(&text));
    assert!(!Pattern::parse(&format!("{}*ab?b*", "*aa?a".repeat(1 << 10))).is_match(&text));
}

#[test]
fn patterns_are_small() {
    assert!(size_of::<Pattern>() <= 32);
}

/// Patterns are keys of maps: equal ones are those with the same normal form, and different ones rarely collide.
#[test]
fn patterns_of_every_shape_are_told_apart() {
    let hash = |pattern: &Pattern| BuildHasherDefault::<DefaultHasher>::default().hash_one(pattern);
    let mut different: Vec<Pattern> =
        ["", "*", "a", "a*", "*a", "a*b", "a*b*c", "a*b*d", "?", "??"]
            .map(Pattern::parse)
            .into();
    different.push(Pattern::from_tokens([Token::Slot(0)]));
    different.push(Pattern::from_tokens([Token::Slot(1)]));
    for (at, one) in different.iter().enumerate() {
        for (other_at, other) in different.iter().enumerate() {
            assert_eq!(one == other, at == other_at, "{one:?} and {other:?}");
            assert_eq!(
                hash(one) == hash(other),
                at == other_at,
                "{one:?} and {other:?}"
            );
        }
    }
    assert_eq!(Pattern::parse("a**b*"), Pattern::parse("a*b**"));
}

#[test]
fn the_empty_pattern_has_no_token() {
    assert_eq!(Pattern::parse("").tokens().count(), 0);
    assert_eq!(Pattern::parse("a").tokens().count(), 1);
}
