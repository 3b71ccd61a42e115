//! Patterns with slots. Rule: IAM-VAR-5, IAM-VAR-6, IAM-TRI-5.

mod common;

use common::texts;
use preclear_wildcard::SlotValue::{Anything, Nothing, Text};
use preclear_wildcard::{Pattern, SlotValue, Token, naive};

/// A pattern written with `0` to `9` for the slots.
fn tokens(written: &str) -> Vec<Token<'_>> {
    let slot = |token| match token {
        Token::Text(c) => c.parse().map_or(token, Token::Slot),
        _ => token,
    };
    naive::tokens(written).into_iter().map(slot).collect()
}

#[test]
fn every_small_pattern_with_slots() {
    let values = [
        Text(""),
        Text("a"),
        Text("ba"),
        Text("*"),
        Text("é?"),
        Anything,
        Nothing,
    ];
    let texts = texts("ab*", 4);
    for written in common::texts("a*?01", 4) {
        let tokens = tokens(&written);
        let pattern = Pattern::from_tokens(tokens.iter().copied());
        for first in values {
            for slots in [&[first, Text("b")], &[first, Anything], &[first][..]] {
                let filled = pattern.substitute(slots);
                for text in texts
                    .iter()
                    .map(String::as_str)
                    .chain(["é?", "aé?", "é", "aéb"])
                {
                    let expected = naive::is_match(&tokens, slots, text);
                    let place = || format!("`{written}` with {slots:?} against `{text}`");
                    assert_eq!(pattern.is_match_with(text, slots), expected, "{}", place());
                    let substituted = filled.as_ref().is_some_and(|filled| filled.is_match(text));
                    assert_eq!(substituted, expected, "substituted: {}", place());
                }
            }
        }
    }
}

#[test]
fn values_are_text() {
    let pattern = Pattern::from_tokens([Token::Slot(0), Token::Text("/"), Token::AnyRun]);
    assert!(pattern.is_match_with("a*/x", &[Text("a*")]));
    assert!(!pattern.is_match_with("ab/x", &[Text("a*")]));
    assert!(!pattern.is_match_with("ab/x", &[Text("a?")]));
    assert!(pattern.is_match_with("/x", &[Text("")]));
    assert!(pattern.is_match_with("${key}/x", &[Text("${key}")]));
}

#[test]
fn without_a_value_nothing_matches() {
    let pattern = Pattern::from_tokens([Token::AnyRun, Token::Slot(1), Token::AnyRun]);
    for slots in [&[Text("a"), Nothing][..], &[Text("a")], &[]] {
        for text in ["", "a", "*"] {
            assert!(!pattern.is_match_with(text, slots), "{slots:?}");
        }
        assert_eq!(pattern.substitute(slots), None);
    }
    assert!(pattern.is_match_with("a", &[Nothing, Text("a")]));
    assert!(!pattern.is_match("a"));
}

#[test]
fn an_unknown_value_may_be_any_text() {
    let pattern = Pattern::from_tokens([
        Token::Text("b/"),
        Token::Slot(0),
        Token::Text("/"),
        Token::AnyRun,
    ]);
    assert!(pattern.is_match_with("b/ana/x", &[Anything]));
    assert!(pattern.is_match_with("b//x", &[Anything]));
    assert!(!pattern.is_match_with("other/x", &[Anything]));
}

#[test]
fn a_slot_may_occur_twice() {
    let pattern = Pattern::from_tokens(tokens("0-0"));
    assert!(pattern.is_match_with("x-x", &[Text("x")]));
    assert!(!pattern.is_match_with("x-y", &[Text("x")]));
    assert!(pattern.is_match_with("x-y", &[Anything]));
}

#[test]
fn substituted_patterns_are_ordinary() {
    let pattern = Pattern::from_tokens(tokens("k0e0"));
    assert_eq!(
        pattern.substitute(&[Text("*")]),
        Some(Pattern::literal("k*e*"))
    );
    assert_eq!(
        pattern.substitute(&[Anything]),
        Some(Pattern::parse("k*e*"))
    );
    assert_eq!(
        Pattern::parse("a*").substitute(&[]),
        Some(Pattern::parse("a*"))
    );
    assert_eq!(
        Pattern::from_tokens([Token::Slot(u16::MAX)]).substitute(&[Anything]),
        None
    );
    let slots: Vec<SlotValue<'_>> = vec![Anything; usize::from(u16::MAX) + 1];
    assert_eq!(
        Pattern::from_tokens([Token::Slot(u16::MAX)]).substitute(&slots),
        Some(Pattern::parse("*"))
    );
}

/// Exponential search would not end in the lifetime of a test run.
#[test]
fn many_runs_and_slots_end() {
    let pattern = Pattern::from_tokens(tokens(&format!("{}b", "*a0".repeat(200))));
    let text = "a".repeat(2000);
    assert!(!pattern.is_match_with(&text, &[Anything]));
    assert!(!pattern.is_match_with(&text, &[Text("a")]));
    assert!(pattern.is_match_with(&format!("{text}b"), &[Text("a")]));
}
