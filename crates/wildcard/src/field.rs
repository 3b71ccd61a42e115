//! Patterns that are matched field by field. Knows the separator, not what the fields mean.

use crate::automaton;
use crate::op::tokenize;
use crate::search::find_byte;
use crate::walk::walk;
use crate::{Pattern, SlotValue, Token};

/// A pattern cut at its first separators; each field is matched against the same field of the text.
///
/// Pattern and text are cut at the first `fields - 1` separators, so the last field may hold more of them.
/// The pattern is cut before slots are filled: a separator in a slot's text never begins a field.
/// Rule: IAM-WILD-5.
///
/// ```
/// use preclear_wildcard::FieldPattern;
///
/// let pattern = FieldPattern::parse("eu-*:queue:*", ':', 3).unwrap();
/// assert!(pattern.is_match_with("eu-west-1:queue:orders:dead", &[]));
/// assert!(!pattern.is_match_with("eu-west-1:a:queue:orders", &[]));
/// assert!(FieldPattern::parse("eu-*:queue", ':', 3).is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldPattern {
    separator: char,
    /// False where a field before the last holds a separator, as one that was filled in can: no text has such a field.
    is_cut: bool,
    fields: Box<[Pattern]>,
}

impl FieldPattern {
    /// Reads a written pattern. `None` if it has fewer than `fields` fields, or if `fields` is zero.
    pub fn parse(text: &str, separator: char, fields: usize) -> Option<FieldPattern> {
        FieldPattern::from_tokens(tokenize(text), separator, fields)
    }

    /// A pattern from tokens. `None` if it has fewer than `fields` fields, or if `fields` is zero.
    pub fn from_tokens<'a>(
        tokens: impl IntoIterator<Item = Token<'a>>,
        separator: char,
        fields: usize,
    ) -> Option<FieldPattern> {
        let mut cut = Vec::new();
        let mut field = Vec::new();
        for token in tokens {
            let Token::Text(mut text) = token else {
                field.push(token);
                continue;
            };
            while cut.len() + 1 < fields
                && let Some((before, after)) = text.split_once(separator)
            {
                field.push(Token::Text(before));
                cut.push(Pattern::from_tokens(field.drain(..)));
                text = after;
            }
            field.push(Token::Text(text));
        }
        cut.push(Pattern::from_tokens(field));
        (cut.len() == fields).then(|| FieldPattern {
            separator,
            is_cut: true,
            fields: cut.into(),
        })
    }

    /// Whether every field of the pattern matches the same field of the text. A text with fewer fields does
    /// not match. Rule: IAM-WILD-5.
    pub fn is_match_with(&self, text: &str, slots: &[SlotValue<'_>]) -> bool {
        let Some((last, fields)) = self.fields.split_last().filter(|_| self.is_cut) else {
            return false;
        };
        let mut rest = text;
        for field in fields {
            let after = match field.literal_bytes() {
                // A field of plain text ends where its text does: nothing is looked for. No separator is in it.
                Some(literal) if rest.as_bytes().starts_with(literal) => rest
                    .get(literal.len()..)
                    .and_then(|behind| behind.strip_prefix(self.separator)),
                Some(_) => None,
                None => cut(rest, self.separator).and_then(|(before, after)| {
                    field.is_match_with(before, slots).then_some(after)
                }),
            };
            match after {
                Some(after) => rest = after,
                None => return false,
            }
        }
        last.is_match_with(rest, slots)
    }

    /// Whether the pattern matches the text as a whole, where a `*` that ends its field may take separators
    /// too.
    ///
    /// Before the last field, every other `*` and `?` stays within its field; in the last all are free. A
    /// [`SlotValue::Anything`] takes separators anywhere, since the value it stands for might hold some. What
    /// matches field by field matches here too. Rule: IAM-WILD-5 (AMB-1).
    ///
    /// ```
    /// use preclear_wildcard::FieldPattern;
    ///
    /// let pattern = FieldPattern::parse("eu-*:queue:*", ':', 3).unwrap();
    /// assert!(pattern.is_match_spilling_with("eu-west-1:a:queue:orders", &[]));
    /// let pattern = FieldPattern::parse("*-1:queue:*", ':', 3).unwrap();
    /// assert!(!pattern.is_match_spilling_with("eu:west-1:queue:orders", &[]));
    /// ```
    pub fn is_match_spilling_with(&self, text: &str, slots: &[SlotValue<'_>]) -> bool {
        walk(&self.fields, Some(self.separator), slots, text)
            .unwrap_or_else(|| automaton::is_match(&self.fields, self.separator, slots, text))
    }

    /// Whether the text has separators to spare, which a `*` could take: without slots, a text that has none matches as a whole
    /// only where it matches field by field. Rule: IAM-WILD-5 (AMB-1).
    ///
    /// ```
    /// use preclear_wildcard::FieldPattern;
    ///
    /// let pattern = FieldPattern::parse("eu-*:queue:*", ':', 3).unwrap();
    /// assert!(pattern.can_spill("eu-west-1:a:queue:orders"));
    /// assert!(!pattern.can_spill("eu-west-1:queue:orders"));
    /// ```
    pub fn can_spill(&self, text: &str) -> bool {
        match u8::try_from(self.separator) {
            Ok(byte) if byte.is_ascii() => {
                let mut found = memchr::memchr_iter(byte, text.as_bytes());
                found.nth(self.fields.len().saturating_sub(1)).is_some()
            }
            _ => text.split(self.separator).nth(self.fields.len()).is_some(),
        }
    }

    /// The same as [`FieldPattern::is_match_spilling_with`], by the road that it takes where the usual one has
    /// cost too much. For tests.
    pub fn is_match_spilling_by_bits(&self, text: &str, slots: &[SlotValue<'_>]) -> bool {
        automaton::is_match(&self.fields, self.separator, slots, text)
    }

    /// Whether the pattern matches every text that has enough fields.
    pub fn matches_everything(&self) -> bool {
        self.fields.iter().all(Pattern::matches_everything)
    }

    /// The pattern of one field, counted from zero.
    pub fn field(&self, index: usize) -> Option<&Pattern> {
        self.fields.get(index)
    }

    /// Whether this pattern matches, field by field, every text that `other` does. Exact. Rule: IAM-WILD-13.
    ///
    /// A pattern with slots matches nothing, as in [`Pattern::covers`]. Patterns cut differently are not
    /// compared: neither covers the other.
    pub fn covers(&self, other: &FieldPattern) -> bool {
        self.is_cut_like(other)
            && (other.matches_nothing()
                || self
                    .fields
                    .iter()
                    .zip(&other.fields)
                    .all(|(ours, theirs)| ours.covers(theirs)))
    }

    /// Whether some text is matched, field by field, by both patterns. Exact. Rule: IAM-WILD-13.
    ///
    /// A pattern with slots matches nothing and so shares nothing. Patterns cut differently are not compared:
    /// the answer is `true`, which rules nothing out.
    pub fn intersects(&self, other: &FieldPattern) -> bool {
        !self.is_cut_like(other)
            || (!self.matches_nothing()
                && !other.matches_nothing()
                && self
                    .fields
                    .iter()
                    .zip(&other.fields)
                    .all(|(ours, theirs)| ours.intersects(theirs)))
    }

    /// The pattern with its slots filled in, field by field. `None` if a slot in use has no value.
    /// Rule: IAM-VAR-5, IAM-VAR-6.
    ///
    /// [`SlotValue::Anything`] becomes a plain `*`, which takes separators in
    /// [`FieldPattern::is_match_spilling_with`] only as a written one would.
    pub fn substitute(&self, slots: &[SlotValue<'_>]) -> Option<FieldPattern> {
        let fields = self.fields.iter().map(|field| field.substitute(slots));
        let fields: Box<[Pattern]> = fields.collect::<Option<_>>()?;
        let mut early = fields.iter().take(fields.len().saturating_sub(1));
        let has_separator =
            |field: &Pattern| field.texts().any(|text| text.contains(self.separator));
        Some(FieldPattern {
            separator: self.separator,
            is_cut: !early.any(has_separator),
            fields,
        })
    }

    fn is_cut_like(&self, other: &FieldPattern) -> bool {
        self.separator == other.separator && self.fields.len() == other.fields.len()
    }

    /// Whether no text has such fields: a slot is open, or one was filled with a separator before the last
    /// field.
    fn matches_nothing(&self) -> bool {
        !self.is_cut || self.fields.iter().any(Pattern::has_slots)
    }
}

/// The text before and after the first separator.
#[inline]
fn cut(text: &str, separator: char) -> Option<(&str, &str)> {
    match u8::try_from(separator) {
        Ok(byte) if byte.is_ascii() => {
            let at = find_byte(byte, text.as_bytes())?;
            Some((text.get(..at)?, text.get(at + 1..)?))
        }
        _ => text.split_once(separator),
    }
}
