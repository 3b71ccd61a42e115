//! Patterns and texts made up together, and oracles that say whether `preclear-wildcard` answers as others
//! do.
//!
//! Others are its own reference ([`naive`]), `regex` on a translation of the pattern, and `wildmatch`. The
//! last has no escapes, slots, fields or languages; it is asked about written patterns only, which is its
//! whole subset: there every `*` and `?` of the pattern is a meta character, as here.

use std::error::Error;
use std::fmt;

use preclear_wildcard::{FieldPattern, Pattern, Road, SlotValue, Token, naive};
use wildmatch::WildMatch;

use crate::choose::{Bytes, Choose};

mod generate;
mod translate;

pub use generate::{
    PATTERN_TOKENS_MAX, RUN_PIECES_MAX, grow, pattern_and_text, relative, slots, tokens,
};
use translate::{cut, regex};

/// Tokens of a pattern whose language the reference is asked about: its time is exponential in the `?`.
pub const LANGUAGE_TOKENS_MAX: usize = 10;

/// The roads that a match takes where the usual one has cost too much.
const ROADS: [(Road, &str); 4] = [
    (Road::Usual, "the usual road, measured"),
    (Road::Rarest, "the rarest text"),
    (Road::Bits, "bits"),
    (Road::Convolution, "convolution"),
];

/// Two matchers that answer the same question differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The question, with everything needed to ask it again.
    pub question: String,
    /// What preclear says.
    pub ours: bool,
    /// Who says otherwise.
    pub other: &'static str,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Disagreement {
            question,
            ours,
            other,
        } = self;
        write!(
            f,
            "{question}: preclear says {ours}, {other} says {}",
            !ours
        )
    }
}

impl Error for Disagreement {}

fn agree(
    question: impl fmt::Display,
    ours: bool,
    other: &'static str,
    theirs: bool,
) -> Result<(), Disagreement> {
    if ours == theirs {
        return Ok(());
    }
    Err(Disagreement {
        question: question.to_string(),
        ours,
        other,
    })
}

/// Puts every question to every matcher, on patterns and texts that the bytes stand for.
///
/// # Errors
/// The first disagreement.
///
/// ```
/// preclear_harness::wildcard::oracle(b"any bytes at all").unwrap();
/// ```
pub fn oracle(data: &[u8]) -> Result<(), Disagreement> {
    let (pattern, text) = pattern_and_text(data);
    check_written(&pattern, &text)?;
    let mut choices = Bytes::new(data);
    let (tokens, slots) = (
        generate::tokens(&mut choices),
        generate::slots(&mut choices),
    );
    let text = grow(&mut choices, &tokens, &slots);
    check_tokens(&tokens, &slots, &text)?;
    let fields = 1 + choices.below(4);
    check_fields(&tokens, ':', fields, &slots, &text)?;
    let other = relative(&mut choices, &tokens);
    check_languages(&tokens, &other, &text)?;
    check_languages(&other, &tokens, &text)
}

/// A written pattern, against the reference, `wildmatch` and `regex`. Rule: IAM-WILD-1.
///
/// # Errors
/// The first disagreement.
pub fn check_written(pattern: &str, text: &str) -> Result<(), Disagreement> {
    let question = format!("`{pattern:?}` matches {text:?}");
    let ours = Pattern::parse(pattern).is_match(text);
    agree(
        &question,
        ours,
        "the reference",
        naive::is_match(&naive::tokens(pattern), &[], text),
    )?;
    agree(
        &question,
        ours,
        "wildmatch",
        WildMatch::new(pattern).matches(text),
    )?;
    check_tokens(&naive::tokens(pattern), &[], text)
}

/// A pattern with slots, against the reference and `regex`; filled in beforehand, against itself by every road.
/// Rule: IAM-VAR-5, IAM-VAR-6.
///
/// # Errors
/// The first disagreement.
pub fn check_tokens(
    tokens: &[Token<'_>],
    slots: &[SlotValue<'_>],
    text: &str,
) -> Result<(), Disagreement> {
    let question = format!("{tokens:?} with {slots:?} matches {text:?}");
    let pattern = Pattern::from_tokens(tokens.iter().copied());
    let ours = pattern.is_match_with(text, slots);
    agree(
        &question,
        ours,
        "the reference",
        naive::is_match(tokens, slots, text),
    )?;
    if let Some(regex) = regex(&[tokens], None, slots) {
        agree(&question, ours, "regex", regex.is_match(text))?;
    }
    let filled = pattern.substitute(slots);
    agree(
        &question,
        ours,
        "the substituted pattern",
        filled.as_ref().is_some_and(|filled| filled.is_match(text)),
    )?;
    if let Some(filled) = filled {
        for (road, name) in ROADS {
            agree(&question, ours, name, filled.is_match_by(road, text).0)?;
        }
    }
    if ours && !slots.is_empty() {
        let open: Vec<_> = slots.iter().map(|_| SlotValue::Anything).collect();
        agree(
            &question,
            ours,
            "the pattern with unknown values",
            pattern.is_match_with(text, &open),
        )?;
    }
    Ok(())
}

/// A pattern in fields, field by field and spilling, against the reference and `regex`. Rule: IAM-WILD-5.
///
/// # Errors
/// The first disagreement.
pub fn check_fields(
    tokens: &[Token<'_>],
    separator: char,
    fields: usize,
    slots: &[SlotValue<'_>],
    text: &str,
) -> Result<(), Disagreement> {
    let question = format!("{tokens:?} in {fields} fields with {slots:?} matches {text:?}");
    let pattern = FieldPattern::from_tokens(tokens.iter().copied(), separator, fields);
    let by_field = naive::is_match_in_fields(tokens, separator, fields, slots, text);
    let spilling = naive::is_match_spilling(tokens, separator, fields, slots, text);
    let Some(pattern) = pattern else {
        return agree(
            format!("{question} (too few fields)"),
            false,
            "the reference",
            by_field.is_some(),
        );
    };
    let ours = pattern.is_match_with(text, slots);
    agree(&question, ours, "the reference", by_field == Some(true))?;
    let filled = pattern.substitute(slots);
    let filled = filled.is_some_and(|filled| filled.is_match_with(text, &[]));
    agree(&question, ours, "the substituted pattern", filled)?;
    let question = format!("{question}, spilling");
    let ours_spilling = pattern.is_match_spilling_with(text, slots);
    agree(
        &question,
        ours_spilling,
        "the reference",
        spilling == Some(true),
    )?;
    agree(
        &question,
        ours_spilling,
        "bits",
        pattern.is_match_spilling_by_bits(text, slots),
    )?;
    agree(
        &question,
        ours_spilling,
        "the match by fields",
        ours_spilling || ours,
    )?;
    let cut = cut(tokens, separator, fields);
    let cut: Vec<&[Token<'_>]> = cut.iter().map(Vec::as_slice).collect();
    if let Some(regex) = regex(&cut, Some(separator), slots) {
        agree(&question, ours_spilling, "regex", regex.is_match(text))?;
    }
    Ok(())
}

/// Two patterns as sets of texts: against the reference if they are small, and against what the text says of
/// them. Rule: IAM-WILD-13.
///
/// # Errors
/// The first disagreement.
pub fn check_languages(
    one: &[Token<'_>],
    other: &[Token<'_>],
    text: &str,
) -> Result<(), Disagreement> {
    let covers_question = format!("{one:?} covers {other:?}");
    let meets_question = format!("{one:?} intersects {other:?}");
    let (ours, theirs) = (
        Pattern::from_tokens(one.iter().copied()),
        Pattern::from_tokens(other.iter().copied()),
    );
    let (covers, meets) = (ours.covers(&theirs), ours.intersects(&theirs));
    if one.len().max(other.len()) <= LANGUAGE_TOKENS_MAX {
        agree(
            &covers_question,
            covers,
            "the reference",
            naive::covers(one, other),
        )?;
        agree(
            &meets_question,
            meets,
            "the reference",
            naive::intersects(one, other),
        )?;
    }
    let (outside, inside) = (ours.is_match(text), theirs.is_match(text));
    agree(
        format!("{covers_question} ({text:?})"),
        covers,
        "the text",
        covers && (outside || !inside),
    )?;
    agree(
        format!("{meets_question} ({text:?})"),
        meets,
        "the text",
        meets || (outside && inside),
    )?;
    agree(
        &meets_question,
        meets,
        "the other way round",
        theirs.intersects(&ours),
    )?;
    agree(
        format!("{one:?} covers itself"),
        ours.covers(&ours),
        "reflexivity",
        true,
    )?;
    if covers && !theirs.has_slots() {
        agree(meets_question, meets, "inclusion", true)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disagreement_names_question_and_parties() {
        let error = agree("`a` matches `b`", true, "regex", false).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`a` matches `b`: preclear says true, regex says false"
        );
        assert_eq!(agree("", false, "regex", false), Ok(()));
    }
}
