//! Patterns of `*` and `?`, matched against a text and compared with each other as languages.
//!
//! Works by following every place of the pattern at once, one character after the other. Knows nothing of ARNs but that
//! a wildcard may be kept from taking a colon.

use std::collections::{BTreeSet, HashSet};

use super::super::value::Tri;

/// What a wildcard may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Takes {
    /// Any character.
    Any,
    /// Any but the colon.
    NoColon,
    /// Any: the wildcard stands for text that was put in for a variable, and is none of the author's.
    Inserted,
}

/// A part of a pattern. Rule: IAM-WILD-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Token {
    /// The character itself.
    Char(char),
    /// `?`: one character, a Unicode scalar value.
    One(Takes),
    /// `*`: zero or more characters.
    Many(Takes),
}

impl Token {
    fn takes(self, character: char) -> bool {
        match self {
            Token::Char(own) => own == character,
            Token::One(takes) | Token::Many(takes) => takes != Takes::NoColon || character != ':',
        }
    }

    /// True for a `*` or `?` of the author.
    pub(super) fn is_wildcard(self) -> bool {
        match self {
            Token::Char(_) => false,
            Token::One(takes) | Token::Many(takes) => takes != Takes::Inserted,
        }
    }

    /// The same with its character changed.
    pub(super) fn map(self, change: impl Fn(char) -> char) -> Token {
        match self {
            Token::Char(character) => Token::Char(change(character)),
            wildcard => wildcard,
        }
    }
}

/// The pattern of a text: `*` and `?` are wildcards, everything else, `\` too, is itself. Rule: IAM-WILD-1.
pub(super) fn pattern(text: &str) -> Vec<Token> {
    let token = |character| match character {
        '*' => Token::Many(Takes::Any),
        '?' => Token::One(Takes::Any),
        other => Token::Char(other),
    };
    text.chars().map(token).collect()
}

/// The pattern that matches a text alone.
pub(super) fn literal(text: &str) -> Vec<Token> {
    text.chars().map(Token::Char).collect()
}

/// True for `*`, `**` and so on. Rule: IAM-WILD-4.
pub(super) fn is_all_stars(pattern: &[Token]) -> bool {
    !pattern.is_empty()
        && pattern
            .iter()
            .all(|token| *token == Token::Many(Takes::Any))
}

/// Adds the places behind a `*` that takes nothing.
fn spread(pattern: &[Token], places: &mut BTreeSet<usize>) {
    for (place, token) in pattern.iter().enumerate() {
        if matches!(token, Token::Many(_)) && places.contains(&place) {
            places.insert(place + 1);
        }
    }
}

/// The places of a pattern in which nothing is taken yet.
fn start(pattern: &[Token]) -> BTreeSet<usize> {
    let mut places = BTreeSet::from([0]);
    spread(pattern, &mut places);
    places
}

/// The places after one more character.
fn step(pattern: &[Token], places: &BTreeSet<usize>, character: char) -> BTreeSet<usize> {
    let mut next = BTreeSet::new();
    for &place in places {
        match pattern.get(place) {
            Some(token) if !token.takes(character) => {}
            Some(Token::Many(_)) => {
                next.insert(place);
            }
            Some(_) => {
                next.insert(place + 1);
            }
            None => {}
        }
    }
    spread(pattern, &mut next);
    next
}

/// Whether the pattern matches the whole text. Rule: IAM-WILD-1.
pub(super) fn is_match(pattern: &[Token], text: &str) -> bool {
    is_match_of(pattern, &literal(text))
}

/// The same, of a text that is given as a pattern without wildcards.
pub(super) fn is_match_of(pattern: &[Token], text: &[Token]) -> bool {
    let mut places = start(pattern);
    for token in text {
        let Token::Char(character) = token else {
            return false;
        };
        places = step(pattern, &places, *character);
        if places.is_empty() {
            return false;
        }
    }
    places.contains(&pattern.len())
}

/// What a pattern says of a text of which only a pattern, the question, is known: true if it matches every text of the
/// question, false if none. Rule: IAM-WILD-13.
pub(super) fn compare(pattern: &[Token], question: &[Token]) -> Tri {
    if !shares(pattern, question) {
        Tri::False
    } else if covers(pattern, question) {
        Tri::True
    } else {
        Tri::Unknown
    }
}

/// Whether some text matches both.
pub(super) fn shares(pattern: &[Token], question: &[Token]) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![(0, 0)];
    while let Some((left, right)) = open.pop() {
        if left == pattern.len() && right == question.len() {
            return true;
        }
        if !seen.insert((left, right)) {
            continue;
        }
        let (own, other) = (pattern.get(left), question.get(right));
        if matches!(own, Some(Token::Many(_))) {
            open.push((left + 1, right));
        }
        if matches!(other, Some(Token::Many(_))) {
            open.push((left, right + 1));
        }
        if let (Some(own), Some(other)) = (own, other)
            && have_a_character_in_common(*own, *other)
        {
            open.push((behind(*own, left), behind(*other, right)));
        }
    }
    false
}

/// The place behind a token that took one character.
fn behind(token: Token, place: usize) -> usize {
    if matches!(token, Token::Many(_)) {
        place
    } else {
        place + 1
    }
}

fn have_a_character_in_common(left: Token, right: Token) -> bool {
    match (left, right) {
        (Token::Char(character), other) | (other, Token::Char(character)) => other.takes(character),
        _ => true,
    }
}

/// More states than this are not looked at: the answer is then "not known to cover". No two patterns that people write
/// come near.
const MOST_STATES: usize = 20_000;

/// Whether every text of the question matches the pattern: wherever the question can go, the pattern has a place.
fn covers(pattern: &[Token], question: &[Token]) -> bool {
    let characters = characters_that_differ(pattern, question);
    let mut seen = HashSet::new();
    let mut open: Vec<(usize, BTreeSet<usize>)> = vec![(0, start(pattern))];
    while let Some((place, places)) = open.pop() {
        // From every place of a question its end can be reached: without a place for the pattern it is not covered.
        if places.is_empty() || seen.len() > MOST_STATES {
            return false;
        }
        let Some(token) = question.get(place) else {
            if !places.contains(&pattern.len()) {
                return false;
            }
            continue;
        };
        if !seen.insert((place, places.clone())) {
            continue;
        }
        if matches!(token, Token::Many(_)) {
            open.push((place + 1, places.clone()));
        }
        for &character in characters
            .iter()
            .filter(|character| token.takes(**character))
        {
            open.push((behind(*token, place), step(pattern, &places, character)));
        }
    }
    true
}

/// One of every kind of character that the two patterns tell apart.
fn characters_that_differ(pattern: &[Token], question: &[Token]) -> Vec<char> {
    let mut characters = BTreeSet::from([':']);
    for token in pattern.iter().chain(question) {
        if let Token::Char(character) = token {
            characters.insert(*character);
        }
    }
    // A character that neither names stands for all others.
    let other = ('a'..).find(|character| !characters.contains(character));
    characters.extend(other);
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str, against: &str) -> bool {
        is_match(&pattern(text), against)
    }

    #[test]
    fn stars_and_question_marks() {
        // IAM-WILD-1.
        assert!(glob("a*c", "ac"));
        assert!(glob("a?c", "abc"));
        assert!(!glob("a?c", "ac"));
        assert!(glob("?", "é") && glob("?", "𝄞"), "one scalar value");
        assert!(glob(r"\*", r"\x") && !glob(r"\*", "*"));
        assert!(glob("", "") && !glob("", "a") && !glob("a", ""));
        assert!(glob("*", "") && glob("**", "x:y"));
        // IAM-WILD-5.
        assert!(glob("b/*/t/*", "b/1/2/t/3/x") && glob("b/*/t/*", "b//t/x"));
        assert!(!glob("b/*/t/*", "b/t/x"));
        assert!(!glob("*a*a*a*a*a*a*a*a*a*b", &"a".repeat(200)));
    }

    #[test]
    fn patterns_as_questions() {
        // IAM-WILD-13.
        let asked = |own: &str, question: &str| compare(&pattern(own), &pattern(question));
        assert_eq!(asked("b/*", "b/in/*"), Tri::True);
        assert_eq!(asked("b/in/x*", "b/in/*"), Tri::Unknown);
        assert_eq!(asked("c/*", "b/in/*"), Tri::False);
        assert_eq!(asked("*", "*"), Tri::True);
        assert_eq!(asked("?*", "*"), Tri::Unknown);
        assert_eq!(asked("?*", "*a"), Tri::True);
        assert_eq!(asked("*a*", "*?a"), Tri::True);
        assert_eq!(asked("a", "a"), Tri::True);
        assert_eq!(asked("a", "?"), Tri::Unknown);
        assert_eq!(asked("*?*?", "??*"), Tri::True);
        assert_eq!(asked("a*b", "b*a"), Tri::False);
    }

    #[test]
    fn a_wildcard_may_leave_the_colon() {
        let kept = [Token::Char('a'), Token::Many(Takes::NoColon)];
        assert!(is_match(&kept, "abc") && !is_match(&kept, "a:c"));
        assert_eq!(compare(&kept, &pattern("a*")), Tri::Unknown);
        assert_eq!(compare(&pattern("a*"), &kept), Tri::True);
        assert_eq!(compare(&kept, &pattern("a*:")), Tri::False);
    }

    #[test]
    fn comparison_agrees_with_every_short_text() {
        let letters = ["", "a", "b", "*", "?"];
        let mut patterns = BTreeSet::new();
        for first in letters {
            for second in letters {
                for third in letters {
                    patterns.insert(format!("{first}{second}{third}"));
                }
            }
        }
        let mut texts = vec![String::new()];
        for length in 0..4 {
            let longer: Vec<String> = texts
                .iter()
                .filter(|text| text.len() == length)
                .cloned()
                .collect();
            texts.extend(
                longer
                    .iter()
                    .flat_map(|text| ["a", "b", "c"].map(|letter| format!("{text}{letter}"))),
            );
        }
        for own in &patterns {
            for question in &patterns {
                let answers: BTreeSet<bool> = texts
                    .iter()
                    .filter(|text| glob(question, text))
                    .map(|text| glob(own, text))
                    .collect();
                let expected = match (answers.contains(&true), answers.contains(&false)) {
                    (true, false) => Tri::True,
                    (false, _) => Tri::False,
                    _ => Tri::Unknown,
                };
                assert_eq!(
                    compare(&pattern(own), &pattern(question)),
                    expected,
                    "{own} {question}"
                );
            }
        }
    }
}
