//! Text compared without regard to case. Rule: IAM-COND-17.
//!
//! Case is ignored by simple case folding: character by character, so that lengths never change (`ß` is not `ss`).

use preclear_model::Template;
use preclear_wildcard::{Pattern, SlotValue, Token};

use super::{Hit, Likeness, Points, Subject};
use crate::variable::{Overlap, Part, VariablePattern, Variables, Wildcards, split};
use crate::{Ambiguities, Evidence, KeyName, KeyTypes, Lookup, Outcome};

/// Which characters are equal but for case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    /// Those that Unicode's simple case folding joins.
    Simple,
    /// The letters of ASCII.
    Ascii,
}

impl Fold {
    fn char(self, c: char) -> char {
        match self {
            Self::Ascii => c.to_ascii_lowercase(),
            Self::Simple if c.is_ascii() => c.to_ascii_lowercase(),
            Self::Simple => unicode_case_mapping::case_folded(c)
                .and_then(|folded| char::from_u32(folded.get()))
                .unwrap_or(c),
        }
    }

    pub(crate) fn text(self, text: &str) -> String {
        text.chars().map(|c| self.char(c)).collect()
    }

    /// A pattern of the folded texts of another.
    fn pattern(self, pattern: &Pattern) -> Pattern {
        let fold = |token| match token {
            Token::Text(text) => self.text(text),
            _ => String::new(),
        };
        let tokens: Vec<(Token<'_>, String)> =
            pattern.tokens().map(|token| (token, fold(token))).collect();
        Pattern::from_tokens(tokens.iter().map(|(token, folded)| match token {
            Token::Text(_) => Token::Text(folded),
            _ => *token,
        }))
    }
}

/// A text with variables that is compared as a whole, ignoring case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoldedText {
    fold: Fold,
    /// Folded; texts and slots only.
    parts: Vec<Part>,
    variables: Variables,
}

impl FoldedText {
    pub(crate) fn compile(template: &Template, fold: Fold, keys: &dyn KeyTypes) -> Self {
        let (mut parts, variables) = split(template, Wildcards::Plain, keys);
        for part in &mut parts {
            if let Part::Text(text) = part {
                *text = fold.text(text);
            }
        }
        Self {
            fold,
            parts,
            variables,
        }
    }

    pub(crate) fn matches<E: Evidence>(
        &self,
        text: &str,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        if let Some(own) = self
            .as_plain()
            .filter(|own| own.is_ascii() && text.is_ascii())
        {
            return Outcome::known(own.eq_ignore_ascii_case(text));
        }
        self.variables.decide(keys, ambiguities, |slots| {
            if slots.contains(&SlotValue::Anything) {
                self.is_possible(text, slots)
            } else {
                self.is_equal(text, slots)
            }
        })
    }

    /// Whether it can match some text that is not known: false if a variable in it has no value, else unknown.
    pub(crate) fn can_match<E: Evidence>(
        &self,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        self.variables.can_match(keys, ambiguities, |slots| {
            let filled = self.filled(slots);
            filled.is_some_and(|filled| filled.matches_everything())
        })
    }

    /// Whether it matches each text of a pattern: true if it does, false if it matches none, else unknown with the
    /// key as dependency. That a wildcard of the pattern now stands for folded characters alone changes nothing: what
    /// has no unknown value is one text, which no wildcard is, and what has one is never certain to match.
    fn matches_each_of<E: Evidence>(
        &self,
        like: Likeness<'_>,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let texts = self.fold.pattern(like.pattern);
        let overlap = |filled: Pattern| Overlap::between(&filled, &texts);
        self.variables.decide_for_all(
            keys,
            ambiguities,
            |slots| self.filled(slots).map_or(Overlap::Nothing, overlap),
            || like.dependency(),
        )
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = &KeyName> {
        self.variables.keys()
    }

    /// The folded text; `None` if there are variables in it.
    fn as_plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    fn is_equal(&self, text: &str, slots: &[SlotValue<'_>]) -> bool {
        let mut left = text.chars().map(|c| self.fold.char(c));
        for part in &self.parts {
            let expected = match part {
                Part::Text(text) => text,
                Part::Slot(slot) => match slots.get(usize::from(*slot)) {
                    Some(SlotValue::Text(value)) => *value,
                    _ => return false,
                },
                Part::AnyRun | Part::AnyOne => return false,
            };
            // Folding a folded character changes nothing.
            if !expected
                .chars()
                .all(|c| left.next() == Some(self.fold.char(c)))
            {
                return false;
            }
        }
        left.next().is_none()
    }

    /// The same where a value is not known. Rare enough to fold into new texts.
    fn is_possible(&self, text: &str, slots: &[SlotValue<'_>]) -> bool {
        self.filled(slots)
            .is_some_and(|pattern| pattern.is_match(&self.fold.text(text)))
    }

    /// The folded text as a pattern with its slots filled in; `None` if one has no value.
    fn filled(&self, slots: &[SlotValue<'_>]) -> Option<Pattern> {
        let folded: Vec<Option<String>> = slots
            .iter()
            .map(|slot| match slot {
                SlotValue::Text(value) => Some(self.fold.text(value)),
                _ => None,
            })
            .collect();
        let slots: Vec<SlotValue<'_>> = slots
            .iter()
            .zip(&folded)
            .map(|(slot, folded)| folded.as_deref().map_or(*slot, SlotValue::Text))
            .collect();
        Pattern::from_tokens(self.parts.iter().map(Part::token)).substitute(&slots)
    }
}

/// Operands of a `String…` test.
#[derive(Debug, Clone)]
pub(crate) enum Texts {
    /// `StringEquals` and `StringLike`.
    Exact(Vec<VariablePattern>),
    /// `StringEqualsIgnoreCase`.
    Folded(Vec<FoldedText>),
}

impl Texts {
    pub(crate) fn exact<'t>(
        operands: impl Iterator<Item = &'t Template>,
        wildcards: Wildcards,
        keys: &dyn KeyTypes,
    ) -> Self {
        Self::Exact(
            operands
                .map(|template| VariablePattern::compile(template, wildcards, keys))
                .collect(),
        )
    }

    pub(crate) fn folded<'t>(
        operands: impl Iterator<Item = &'t Template>,
        keys: &dyn KeyTypes,
    ) -> Self {
        Self::Folded(
            operands
                .map(|template| FoldedText::compile(template, Fold::Simple, keys))
                .collect(),
        )
    }

    pub(crate) fn matches<E: Evidence>(
        &self,
        subject: Subject<'_>,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Hit<E> {
        let matched = match (self, subject) {
            (Self::Exact(patterns), Subject::Text(text)) => {
                super::any_of(patterns, |pattern| pattern.matches(text, keys, ambiguities))
            }
            (Self::Exact(patterns), Subject::SomeText) => super::any_of(patterns, |pattern| {
                pattern.matches_unknown_text(keys, ambiguities)
            }),
            (Self::Exact(patterns), Subject::SomeTextLike(like)) => {
                super::any_of(patterns, |pattern| {
                    pattern.matches_each_of(like.pattern, || like.dependency(), keys, ambiguities)
                })
            }
            (Self::Folded(texts), Subject::Text(text)) => {
                super::any_of(texts, |folded| folded.matches(text, keys, ambiguities))
            }
            (Self::Folded(texts), Subject::SomeText) => {
                super::any_of(texts, |folded| folded.can_match(keys, ambiguities))
            }
            (Self::Folded(texts), Subject::SomeTextLike(like)) => super::any_of(texts, |folded| {
                folded.matches_each_of(like, keys, ambiguities)
            }),
        };
        // No text is malformed.
        Hit {
            matched,
            is_malformed: false,
        }
    }

    /// The texts that are told from all others; `None` with a variable, or a wildcard that does not match everything.
    pub(crate) fn points(&self) -> Option<Points<'_>> {
        match self {
            Self::Exact(patterns) if patterns.iter().any(VariablePattern::matches_everything) => {
                Some(Points::Nothing)
            }
            Self::Exact(patterns) => patterns
                .iter()
                .map(|pattern| pattern.pattern().as_literal())
                .collect::<Option<_>>()
                .map(Points::Texts),
            Self::Folded(texts) => texts
                .iter()
                .map(FoldedText::as_plain)
                .collect::<Option<_>>()
                .map(Points::Folded),
        }
    }

    /// Keys of the variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &KeyName> {
        let (exact, folded): (&[_], &[_]) = match self {
            Self::Exact(patterns) => (patterns, &[]),
            Self::Folded(texts) => (&[], texts),
        };
        exact
            .iter()
            .flat_map(VariablePattern::variables)
            .chain(folded.iter().flat_map(FoldedText::variables))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_folding_keeps_lengths() {
        for (a, b) in [
            ("PROD", "prod"),
            ("Straße", "STRAẞE"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ſ", "S"),
            ("\u{212a}", "k"),
            ("ДОМ", "дом"),
            ("ᏸ", "Ᏸ"),
        ] {
            assert_eq!(Fold::Simple.text(a), Fold::Simple.text(b), "{a} {b}");
        }
        for (a, b) in [
            ("ß", "ss"),
            ("İ", "i"),
            ("ı", "i"),
            ("é", "e"),
            ("é", "e\u{301}"),
        ] {
            assert_ne!(Fold::Simple.text(a), Fold::Simple.text(b), "{a} {b}");
        }
        assert_ne!(Fold::Ascii.text("\u{212a}"), "k", "the Kelvin sign");
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            for fold in [Fold::Simple, Fold::Ascii] {
                assert_eq!(fold.char(fold.char(c)), fold.char(c), "{c:?}");
            }
        }
    }
}
