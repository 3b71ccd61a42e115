//! Patterns compared as sets of texts. Rule: IAM-WILD-13.

mod common;

use common::texts;
use preclear_wildcard::{Pattern, Token, naive};

/// Patterns of at most so many characters, one of each language's many spellings with `**` left out.
fn patterns(chars_max: usize) -> Vec<String> {
    let mut patterns = texts("ab*?", chars_max);
    patterns.retain(|pattern| !pattern.contains("**"));
    patterns
}

#[track_caller]
fn check(outer: &str, inner: &str, covers: bool, intersects: bool) {
    let (one, other) = (Pattern::parse(outer), Pattern::parse(inner));
    assert_eq!(
        one.covers(&other),
        covers,
        "`{outer:.80}` covers `{inner:.80}`"
    );
    assert_eq!(
        one.intersects(&other),
        intersects,
        "`{outer:.80}` intersects `{inner:.80}`"
    );
    assert_eq!(
        other.intersects(&one),
        intersects,
        "`{inner:.80}` intersects `{outer:.80}`"
    );
}

#[test]
fn every_pair_of_small_patterns_agrees_with_the_automata() {
    let (outers, inners) = (patterns(4), patterns(3));
    for outer in &outers {
        for inner in &inners {
            let (outer_tokens, inner_tokens) = (naive::tokens(outer), naive::tokens(inner));
            let covers = naive::covers(&outer_tokens, &inner_tokens);
            let intersects = naive::intersects(&outer_tokens, &inner_tokens);
            check(outer, inner, covers, intersects);
        }
    }
}

/// The same without automata: sets of texts compared. `z` is in no pattern.
#[test]
fn every_pair_of_small_patterns_agrees_with_their_texts() {
    let patterns = patterns(4);
    let texts = texts("abz", 7);
    let languages: Vec<Vec<bool>> = patterns
        .iter()
        .map(|pattern| {
            let pattern = Pattern::parse(pattern);
            texts.iter().map(|text| pattern.is_match(text)).collect()
        })
        .collect();
    for (outer, ours) in patterns.iter().zip(&languages) {
        for (inner, theirs) in patterns.iter().zip(&languages) {
            let covers = theirs
                .iter()
                .zip(ours)
                .all(|(inside, outside)| *outside || !inside);
            let intersects = theirs
                .iter()
                .zip(ours)
                .any(|(inside, outside)| *outside && *inside);
            check(outer, inner, covers, intersects);
        }
    }
}

#[test]
fn a_question_for_many_resources() {
    let statement = "arn:aws:s3:::b/*";
    check(statement, "arn:aws:s3:::b/in/*", true, true);
    check("arn:aws:s3:::b/in/x*", "arn:aws:s3:::b/in/*", false, true);
    check(statement, "arn:aws:s3:::c/*", false, false);
    check(statement, statement, true, true);
}

#[test]
fn gaps_are_counted_wherever_their_characters_stand() {
    check("*?", "?*", true, true);
    check("*a?*", "*a*b*", true, true);
    check("*a?*b", "*a*?b", true, true);
    check("*a?*b", "*a*b", false, true);
    check("a??*", "a*b*c*", true, true);
    check("a???*", "a*b*c*", false, true);
    check("*a?b*", "*a*b*", false, true);
    check("*a*?*a*", "aa*a", true, true);
}

#[test]
fn characters_are_whole() {
    check("?", "é", true, true);
    check("?", "éa", false, false);
    check("*é?語*", "日é本語*", true, true);
    check("*é?語*", "日é?語*", true, true);
    check("*é??語*", "日é?語", false, false);
    check("?a", "é?", false, true);
}

#[test]
fn long_segments_are_compared_too() {
    let (a, b) = ("ab?".repeat(50), "abc".repeat(60));
    check(&format!("*{a}*"), &format!("x*{b}*y"), true, true);
    check(&format!("*{b}*"), &format!("x*{a}*y"), false, true);
    check(&format!("*{b}*"), &format!("{a}{a}"), false, true);
    check(&format!("*{b}abd*"), &format!("{a}{a}"), false, true);
    check(&format!("*{b}d*"), &format!("{a}{a}"), false, false);
    check(&format!("*{b}"), &format!("{a}{a}d"), false, false);
}

/// A comparison state by state would not end in the lifetime of a test run.
#[test]
fn long_adversaries_end() {
    let half = 1 << 12;
    let (many, fewer) = ("a".repeat(2 * half), "a".repeat(half));
    check(&format!("*{fewer}b*"), &format!("*{many}*"), false, true);
    check(&format!("*{fewer}?*"), &format!("*{many}*"), true, true);
    check(
        &format!("*a{}b*", "?".repeat(half)),
        &format!("*{many}*"),
        false,
        true,
    );
    check(&format!("*a{}b*", "?".repeat(half)), &many, false, false);
    check(&"*a?".repeat(half), &"a*".repeat(half), false, true);
    check(
        &format!("{}*", "*a?".repeat(half / 2)),
        &"a*".repeat(half),
        true,
        true,
    );
}

#[test]
fn patterns_with_slots_are_empty_sets() {
    let (empty, all) = (Pattern::from_tokens([Token::Slot(0)]), Pattern::parse("*"));
    assert!(all.covers(&empty) && empty.covers(&empty) && Pattern::literal("a").covers(&empty));
    assert!(!empty.covers(&all) && !empty.covers(&Pattern::literal("")));
    assert!(!empty.intersects(&all) && !all.intersects(&empty) && !empty.intersects(&empty));
}
