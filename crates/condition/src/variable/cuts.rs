//! The texts of a pattern, compared with patterns of fields.
//!
//! A field of an ARN ends at a colon, and a wildcard may stand for one: `arn:*:role/x` has texts of three fields and
//! of any number more. Each way of cutting the pattern at five colons, written or inside a wildcard, gives six
//! patterns; their texts, joined by colons, are texts of the pattern, and all ways together give all of them that
//! have six fields. There are many ways, but a field is told by where it begins and ends, and those places are few.
//!
//! Fields are compared as ordinary patterns, whose wildcards take colons too. As long as neither side writes a
//! colon that makes no difference: wherever a text with a colon serves, so does one with another character that
//! neither side writes.

use std::collections::BTreeSet;

use preclear_wildcard::{FieldPattern, Pattern, Token};

use super::{FIELDS, Overlap};

/// Wildcards before the fifth colon up to which comparisons are exact; with more, all that is told is that some text
/// may match. The fields before the resource's name are short (IAM-WILD-5), and twelve `?` are an account.
const WILDCARDS_MAX: usize = 64;

/// A pattern that can be cut at each colon and at each wildcard.
pub(super) struct Cuttable<'p> {
    /// Texts without colons, colons and wildcards.
    steps: Vec<Token<'p>>,
    /// Colons as written, up to those that divide the fields.
    colons: usize,
    /// Wildcards before the last of these.
    wildcards: usize,
}

impl<'p> Cuttable<'p> {
    /// Prepares a pattern without slots.
    pub(super) fn new(pattern: &'p Pattern) -> Self {
        let mut this = Self {
            steps: Vec::new(),
            colons: 0,
            wildcards: 0,
        };
        for token in pattern.tokens() {
            let Token::Text(text) = token else {
                this.steps.push(token);
                this.wildcards += usize::from(this.colons < FIELDS - 1);
                continue;
            };
            for part in text.split_inclusive(':') {
                let before = part.strip_suffix(':');
                this.steps.push(Token::Text(before.unwrap_or(part)));
                if before.is_some() {
                    this.steps.push(Token::Text(":"));
                    this.colons = (this.colons + 1).min(FIELDS - 1);
                }
            }
        }
        this
    }

    /// What a pattern of six fields without slots matches of the texts.
    pub(super) fn overlap_with(&self, fields: &FieldPattern) -> Overlap {
        let fields: Vec<&Pattern> = (0..FIELDS).map_while(|at| fields.field(at)).collect();
        let Some((last, first)) = fields.split_last() else {
            return Overlap::Nothing;
        };
        // A colon that a variable inserted divides nothing, so before the last field no text has it.
        if first.iter().any(|field| writes_colon(field)) {
            return Overlap::Nothing;
        }
        if self.wildcards > WILDCARDS_MAX {
            return Overlap::Some;
        }
        Overlap::of(
            || self.has_one_in(first, last),
            || self.has_all_in(first, last),
        )
    }

    fn has_one_in(&self, first: &[&Pattern], last: &Pattern) -> bool {
        let mut starts = BTreeSet::from([0]);
        for field in first {
            let ends = starts.iter().flat_map(|start| self.ends(*start));
            starts = ends
                .filter(|end| field.intersects(&pattern(end.field)))
                .map(|end| end.next)
                .collect();
        }
        starts
            .iter()
            .any(|start| last.intersects(&pattern(self.rest(*start))))
    }

    fn has_all_in(&self, first: &[&Pattern], last: &Pattern) -> bool {
        // Else wildcards that stand for no colon leave too few fields; with so many, each beginning has an end.
        if self.colons < FIELDS - 1 {
            return false;
        }
        let mut starts = BTreeSet::from([0]);
        for field in first {
            let mut next = BTreeSet::new();
            for end in starts.iter().flat_map(|start| self.ends(*start)) {
                if !field.covers(&pattern(end.field)) {
                    return false;
                }
                next.insert(end.next);
            }
            starts = next;
        }
        starts
            .iter()
            .all(|start| last.covers(&pattern(self.rest(*start))))
    }

    /// The ways to end the field that begins at a step: at a wildcard that stands for a colon, at the latest at the
    /// next colon.
    fn ends(&self, start: usize) -> impl Iterator<Item = End<'_, 'p>> {
        let rest = self.rest(start);
        let colon = rest.iter().position(|step| *step == Token::Text(":"));
        let ends = rest.iter().take(colon.map_or(rest.len(), |at| at + 1));
        ends.enumerate().filter_map(move |(at, step)| {
            let (field, next) = match step {
                // It may stand for more on both sides of the colon.
                Token::AnyRun => (rest.get(..=at), start + at),
                Token::AnyOne | Token::Text(":") => (rest.get(..at), start + at + 1),
                Token::Text(_) | Token::Slot(_) => return None,
            };
            field.map(|field| End { field, next })
        })
    }

    fn rest(&self, start: usize) -> &[Token<'p>] {
        self.steps.get(start..).unwrap_or_default()
    }
}

/// One way to end a field.
struct End<'c, 'p> {
    field: &'c [Token<'p>],
    /// The step at which the next field begins.
    next: usize,
}

fn pattern(steps: &[Token<'_>]) -> Pattern {
    Pattern::from_tokens(steps.iter().copied())
}

fn writes_colon(field: &Pattern) -> bool {
    field
        .tokens()
        .any(|token| matches!(token, Token::Text(text) if text.contains(':')))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    fn overlap(texts: &str, fields: &str) -> Overlap {
        let fields = FieldPattern::parse(fields, ':', FIELDS).unwrap();
        Cuttable::new(&Pattern::parse(texts)).overlap_with(&fields)
    }

    #[test]
    fn wildcards_may_stand_for_colons() {
        for (texts, fields, expected) in [
            ("a:b:c:d:e:f*", "a:b:c:d:e:*", Overlap::All),
            ("a:b:c:d:e:f*", "*:*:*:*:*:f*", Overlap::All),
            ("a:b:c:d:e:f*", "a:b:c:d:e:f?*", Overlap::Some),
            ("a:b:c:d:e:f*", "a:b:c:d:e:g*", Overlap::Nothing),
            ("a:b:c:d:e:f*", "a:b:c:d:?:?:*", Overlap::Some),
            ("a:b:c:d:e:f*", "a:b:c:d:??:*", Overlap::Nothing),
            // The same wildcard on both sides, and yet a colon in it moves all that follows.
            ("a:*:c:d:e:f", "a:*:c:d:e:f", Overlap::Some),
            ("a:?:c:d:e:f", "a:?:c:d:e:f", Overlap::Some),
            ("a:?:c:d:e:f", "a:*:*:*:*:*f", Overlap::All),
            ("a:?:c:d:e:f", "a:*:*:*:*:f", Overlap::Some),
            ("a:?:c:d:e:f", "a:::c:d:e:f", Overlap::Some),
            ("a:x?:c:d:e:f", "a:x::c:d:e:f", Overlap::Some),
            ("a:x?:c:d:e:f", "a::x:c:d:e:f", Overlap::Nothing),
            ("*:::::*", "*:*:*:*:*:*", Overlap::All),
            ("*::::*", "*:*:*:*:*:*", Overlap::Some),
            ("*", "a:b:c:d:e:f", Overlap::Some),
            ("?????", ":::::", Overlap::Some),
            ("????", ":::::", Overlap::Nothing),
            ("a*f", "a:b:c:d:e:f", Overlap::Some),
            ("a*f", "a:b:c:d:e:g", Overlap::Nothing),
            ("a*:x:*f", "a:b:x:x:e:f", Overlap::Some),
            ("a*:x:x:x:x:*f", "a:b:x:y:x:f", Overlap::Nothing),
            ("", ":::::", Overlap::Nothing),
            (":::::", ":::::", Overlap::All),
        ] {
            assert_eq!(overlap(texts, fields), expected, "{texts} {fields}");
        }
    }

    #[test]
    fn more_wildcards_than_any_arn_needs_are_not_compared() {
        let texts = |count: usize| format!("{}:::::b", "?".repeat(count));
        assert_eq!(overlap(&texts(WILDCARDS_MAX), "*:*:*:*:*:*"), Overlap::All);
        assert_eq!(
            overlap(&texts(WILDCARDS_MAX), "*:*:*:*:*:c"),
            Overlap::Nothing
        );
        for fields in ["*:*:*:*:*:*", "*:*:*:*:*:c"] {
            assert_eq!(overlap(&texts(WILDCARDS_MAX + 1), fields), Overlap::Some);
        }
        // In the last field any number is.
        let name = format!(":::::{}", "?".repeat(WILDCARDS_MAX + 1));
        assert_eq!(overlap(&name, "*:*:*:*:*:*"), Overlap::All);
    }

    /// A pattern as an automaton: at each place a symbol, and whether a wildcard there takes a colon.
    struct Automaton(Vec<(char, bool)>);

    impl Automaton {
        fn new(pattern: &str, fields: usize) -> Self {
            let mut colons = 0;
            let symbols = pattern.chars().map(|symbol| {
                colons += usize::from(symbol == ':');
                (symbol, colons + 1 >= fields)
            });
            Self(symbols.collect())
        }

        fn start(&self) -> BTreeSet<usize> {
            self.closed(BTreeSet::from([0]))
        }

        /// A `*` may be passed at no cost.
        fn closed(&self, mut places: BTreeSet<usize>) -> BTreeSet<usize> {
            for place in 0..self.0.len() {
                if places.contains(&place) && self.0[place].0 == '*' {
                    places.insert(place + 1);
                }
            }
            places
        }

        fn step(&self, places: &BTreeSet<usize>, letter: char) -> BTreeSet<usize> {
            let next = places.iter().filter_map(|&place| {
                let (symbol, takes_colon) = *self.0.get(place)?;
                match symbol {
                    '*' => (letter != ':' || takes_colon).then_some(place),
                    '?' => (letter != ':' || takes_colon).then_some(place + 1),
                    _ => (letter == symbol).then_some(place + 1),
                }
            });
            self.closed(next.collect())
        }

        fn accepts(&self, places: &BTreeSet<usize>) -> bool {
            places.contains(&self.0.len())
        }
    }

    /// Both automata at once, letter by letter: `z` is any that neither writes.
    fn overlap_of_automata(texts: &str, fields: &str) -> Overlap {
        let (texts, fields) = (Automaton::new(texts, 1), Automaton::new(fields, FIELDS));
        let mut waiting = vec![(texts.start(), fields.start())];
        let mut seen = BTreeSet::new();
        let (mut intersects, mut covers) = (false, true);
        while let Some(pair) = waiting.pop() {
            if !seen.insert(pair.clone()) {
                continue;
            }
            if texts.accepts(&pair.0) {
                let is_match = fields.accepts(&pair.1);
                intersects |= is_match;
                covers &= is_match;
            }
            for letter in ['a', 'b', ':', 'z'] {
                let next = texts.step(&pair.0, letter);
                if !next.is_empty() {
                    waiting.push((next, fields.step(&pair.1, letter)));
                }
            }
        }
        Overlap::of(|| intersects, || covers)
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            1 => "[ab:*?]{0,8}",
            3 => "[a*?]{0,2}(:[a*?]{0,2}){3,6}",
            2 => "[a*]?(:[a*?]?){5}[b:*]{0,2}",
        ]
    }

    fn fields() -> impl Strategy<Value = String> {
        prop_oneof![
            2 => "[a*?]{0,2}(:[a*?]{0,2}){5}[b:*]{0,2}",
            2 => "[a*]?(:(\\*|\\*|a|)){4}:[a*]?",
            1 => "\\*(:\\*){5}[ab:?]?",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

        #[test]
        fn cutting_agrees_with_automata(texts in texts(), fields in fields()) {
            prop_assert_eq!(overlap(&texts, &fields), overlap_of_automata(&texts, &fields));
        }
    }
}
