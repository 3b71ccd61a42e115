//! Patterns and texts from choices. Does not know what will be asked about them.

use preclear_wildcard::{SlotValue, Token};

use crate::choose::{Bytes, Choose};

/// Tokens of a generated pattern. Beyond two chunks of 64 characters nothing new happens in the matcher.
pub const PATTERN_TOKENS_MAX: usize = 160;
/// Characters a generated `*` stands for, but for one in 32.
pub const RUN_PIECES_MAX: usize = 80;
/// Texts of patterns and of what `*` and `?` stand for. Few letters, so that they meet; every length in
/// UTF-8.
const LETTERS: [&str; 12] = [
    "a", "b", "a", ":", "é", "a", "b", "日", "😀", "/", "\n", "aab",
];
/// Literal meta characters: possible in tokens, not in written patterns.
const META: [&str; 2] = ["*", "?"];
const VALUES: [SlotValue<'static>; 10] = [
    SlotValue::Text("a"),
    SlotValue::Text(""),
    SlotValue::Text("ab"),
    SlotValue::Text("*"),
    SlotValue::Text("?b"),
    SlotValue::Text("a:b"),
    SlotValue::Text(":"),
    SlotValue::Text("é"),
    SlotValue::Anything,
    SlotValue::Nothing,
];

/// A written pattern and a text grown from it.
pub fn pattern_and_text(data: &[u8]) -> (String, String) {
    let mut choices = Bytes::new(data);
    let mut tokens = tokens(&mut choices);
    tokens.retain(|token| !matches!(token, Token::Slot(_) | Token::Text("*" | "?")));
    let text = grow(&mut choices, &tokens, &[]);
    let written = tokens.iter().map(|token| match token {
        Token::Text(text) => *text,
        Token::AnyOne => "?",
        Token::AnyRun | Token::Slot(_) => "*",
    });
    (written.collect(), text)
}

/// The tokens of a pattern: letters, wildcards, slots 0 and 1, and repetitions that make segments long.
pub fn tokens(choices: &mut impl Choose) -> Vec<Token<'static>> {
    let mut tokens = Vec::new();
    while tokens.len() < PATTERN_TOKENS_MAX {
        match choices.below(20) {
            0 => break,
            1..=4 => tokens.push(Token::AnyRun),
            5..=7 => tokens.push(Token::AnyOne),
            8 => tokens.push(Token::Slot(u16::from(choices.below(4) == 1))),
            9 => tokens.extend(choices.one_of(&META).map(Token::Text)),
            10 => {
                let last = tokens.len().saturating_sub(1 + choices.below(4));
                let piece = tokens.split_off(last);
                let times = 2 + choices.below(70);
                let room = (PATTERN_TOKENS_MAX - tokens.len()) / piece.len().max(1);
                tokens.extend(piece.repeat(times.min(room)));
            }
            _ => tokens.extend(choices.one_of(&LETTERS).map(Token::Text)),
        }
    }
    tokens
}

/// A pattern made from another by widening, narrowing and dropping tokens, so that one often covers the
/// other.
pub fn relative(choices: &mut impl Choose, tokens: &[Token<'static>]) -> Vec<Token<'static>> {
    let mut relative = Vec::new();
    for token in tokens {
        match choices.below(16) {
            0..=9 => relative.push(*token),
            10 => relative.push(Token::AnyOne),
            11 => relative.push(Token::AnyRun),
            12 => relative.extend([Token::AnyRun, *token]),
            13 => relative.extend([*token, Token::AnyOne]),
            14 => relative.extend(choices.one_of(&LETTERS).map(Token::Text)),
            _ => {}
        }
    }
    relative
}

/// Values for slots 0 and 1, the second sometimes left out.
pub fn slots(choices: &mut impl Choose) -> Vec<SlotValue<'static>> {
    let count = 2 - usize::from(choices.below(8) == 1);
    (0..count).filter_map(|_| choices.one_of(&VALUES)).collect()
}

/// A text grown from a pattern, so that the pattern often matches it and else nearly does.
pub fn grow(
    choices: &mut impl Choose,
    tokens: &[Token<'static>],
    slots: &[SlotValue<'static>],
) -> String {
    let mut text = String::new();
    for (at, token) in tokens.iter().enumerate() {
        match choices.below(64) {
            62 => continue,
            63 => text.extend(choices.one_of(&LETTERS)),
            _ => {}
        }
        let value = match token {
            Token::Slot(slot) => slots
                .get(usize::from(*slot))
                .copied()
                .unwrap_or(SlotValue::Nothing),
            Token::Text(text) => SlotValue::Text(text),
            Token::AnyOne => SlotValue::Nothing,
            Token::AnyRun => SlotValue::Anything,
        };
        match value {
            SlotValue::Text(value) => text.push_str(value),
            SlotValue::Nothing => text.extend(
                choices
                    .one_of(&LETTERS)
                    .and_then(|letter| letter.chars().next()),
            ),
            SlotValue::Anything => fill_run(choices, &tokens[at..], &mut text),
        }
    }
    text
}

/// What a `*` stands for: letters, or the start of what follows it, so that the first place is not the right
/// one.
fn fill_run(choices: &mut impl Choose, after: &[Token<'static>], text: &mut String) {
    let pieces = match choices.below(32) {
        // Long enough for comparisons in vain to cost too much.
        31 => RUN_PIECES_MAX * choices.below(8),
        28..=30 => choices.below(RUN_PIECES_MAX),
        few => few / 8,
    };
    let mut echo = after.iter().cycle().filter_map(|token| match token {
        Token::Text(text) => Some(*text),
        _ => None,
    });
    let echoes = after.iter().any(|token| matches!(token, Token::Text(_))) && choices.below(2) == 1;
    for _ in 0..pieces {
        text.extend(if echoes {
            echo.next()
        } else {
            choices.one_of(&LETTERS)
        });
    }
}

#[cfg(test)]
mod tests {
    use preclear_wildcard::{FieldPattern, Pattern, Road};

    use super::*;
    use crate::wildcard::LANGUAGE_TOKENS_MAX;

    /// Bytes without a pattern, the same in each run.
    fn noise(seed: u64, length: usize) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn no_choices_make_the_empty_pattern_and_text() {
        assert_eq!(pattern_and_text(&[]), (String::new(), String::new()));
    }

    #[test]
    fn texts_grown_from_patterns_match_often_but_not_always() {
        let (mut matches, mut trivial, cases) = (0, 0, 2000);
        for seed in 0..cases {
            let (pattern, text) = pattern_and_text(&noise(seed, 200));
            trivial += u64::from(pattern.is_empty() || text.is_empty());
            matches += u64::from(Pattern::parse(&pattern).is_match(&text));
        }
        assert!(matches > cases / 2, "{matches} matches");
        assert!(matches < cases * 9 / 10, "{matches} matches");
        assert!(trivial < cases / 5, "{trivial} cases that say nothing");
    }

    #[test]
    fn the_generator_reaches_what_it_is_there_for() {
        let cases: Vec<_> = (0..2000).map(|seed| noise(seed, 300)).collect();
        let reaches =
            |what: &str, wanted: &dyn Fn(&[Token<'static>], &[SlotValue<'static>]) -> bool| {
                let count = cases.iter().filter(|data| {
                    let mut choices = Bytes::new(data);
                    let tokens = tokens(&mut choices);
                    wanted(&tokens, &slots(&mut choices))
                });
                assert!(count.count() > 20, "{what}");
            };
        reaches("long segments with a hole", &|tokens, _| {
            let mut segments = tokens.split(|token| *token == Token::AnyRun);
            segments.any(|segment| segment.len() > 65 && segment.contains(&Token::AnyOne))
        });
        let gives_up = cases.iter().filter(|data| {
            let (pattern, text) = pattern_and_text(data);
            let steps = |road| Pattern::parse(&pattern).is_match_by(road, &text).1;
            // More than either road alone: the first was left.
            steps(Road::Usual) > 256 + steps(Road::Bits).min(steps(Road::Convolution))
        });
        assert!(gives_up.count() > 5, "roads that are left for another");
        reaches("fields", &|tokens, _| {
            FieldPattern::from_tokens(tokens.iter().copied(), ':', 3).is_some()
        });
        reaches("unknown values in use", &|tokens, slots| {
            tokens.contains(&Token::Slot(0)) && slots.first() == Some(&SlotValue::Anything)
        });
        reaches("patterns small enough for the reference", &|tokens, _| {
            (3..=LANGUAGE_TOKENS_MAX).contains(&tokens.len())
        });
    }
}
