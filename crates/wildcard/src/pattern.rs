//! One pattern, sorted by shape when it is built. Knows nothing of fields.

use std::fmt;

use crate::code::{Ops, encode, ends, shape};
use crate::effort::{Effort, Measured, Unmeasured};
use crate::language;
use crate::op::{OpRef, as_str, fill, normalize, tokenize};
use crate::search::after_part;
use crate::segments::gaps_hold;
use crate::walk::walk;
use crate::{Road, SlotValue, Token};

/// A compiled pattern. Equal patterns are written alike, but for repeated `*`.
///
/// ```
/// use preclear_wildcard::{Pattern, SlotValue, Token};
///
/// let home = Pattern::from_tokens([Token::Text("home/"), Token::Slot(0), Token::Text("/"), Token::AnyRun]);
/// assert!(home.is_match_with("home/ana/notes", &[SlotValue::Text("ana")]));
/// assert!(!home.is_match_with("home/ana/notes", &[SlotValue::Text("a*")]));
/// assert!(home.is_match_with("home/ana/notes", &[SlotValue::Anything]));
/// assert!(!home.is_match_with("home/ana/notes", &[SlotValue::Nothing]));
/// ```
///
/// A pattern is two words, and on the heap its own text, a byte for its shape and one for each `*`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    code: Box<[u8]>,
}

impl Pattern {
    /// Reads a written pattern: `*` and `?` are meta characters, all else is literal. Rule: IAM-WILD-1.
    pub fn parse(text: &str) -> Pattern {
        Pattern::from_tokens(tokenize(text))
    }

    /// A pattern that matches this text alone.
    pub fn literal(text: &str) -> Pattern {
        Pattern::from_tokens([Token::Text(text)])
    }

    /// A pattern from tokens whose meta characters are already told from text. Rule: IAM-WILD-12, IAM-VAR-5.
    pub fn from_tokens<'a>(tokens: impl IntoIterator<Item = Token<'a>>) -> Pattern {
        Pattern {
            code: encode(&normalize(tokens)),
        }
    }

    /// Whether the pattern matches the whole text. A pattern with slots matches nothing here.
    #[inline]
    pub fn is_match(&self, text: &str) -> bool {
        let Some((&shape, code)) = self.code.split_first() else {
            return text.is_empty();
        };
        let bytes = text.as_bytes();
        match shape {
            shape::ANY => true,
            shape::EXACT => bytes == code,
            shape::PREFIX => bytes.starts_with(code),
            shape::SUFFIX => bytes.ends_with(code),
            shape::PARTS => is_match_in_parts(code, text),
            shape => is_match_otherwise(shape, code, bytes, &mut Unmeasured),
        }
    }

    /// The same by another road, and how many steps it takes: bytes, or words of bytes, looked at or passed
    /// over. For tests: a count does not depend on the machine.
    pub fn is_match_by(&self, road: Road, text: &str) -> (bool, usize) {
        let mut effort = Measured { road, steps: 0 };
        let is_match = match self.code.split_first() {
            Some((&shape::PARTS, code)) => gaps_hold(code, text, &mut effort).is_some(),
            Some((&shape::FIXED, code)) => {
                is_match_otherwise(shape::FIXED, code, text.as_bytes(), &mut effort)
            }
            // One comparison or two.
            _ => {
                effort.spend(self.code.len());
                self.is_match(text)
            }
        };
        (is_match, effort.steps)
    }

    /// Whether the pattern matches the whole text once its slots are filled. A slot beyond the slice has no
    /// value.
    ///
    /// For every text `v`: what matches with [`SlotValue::Text`]`(v)` matches with [`SlotValue::Anything`]
    /// too.
    ///
    /// Rule: IAM-VAR-5, IAM-VAR-6, IAM-TRI-5.
    #[inline]
    pub fn is_match_with(&self, text: &str, slots: &[SlotValue<'_>]) -> bool {
        if self.has_slots() {
            walk(std::slice::from_ref(self), None, slots, text).unwrap_or_else(|| {
                let filled = self.substitute(slots);
                filled.is_some_and(|filled| filled.is_match(text))
            })
        } else {
            self.is_match(text)
        }
    }

    /// Whether the pattern is one or more `*` and nothing else.
    pub fn matches_everything(&self) -> bool {
        *self.code == [shape::ANY]
    }

    /// The only text the pattern matches, if it holds neither meta characters nor slots.
    pub fn as_literal(&self) -> Option<&str> {
        match self.code.split_first() {
            None => Some(""),
            Some((&shape::EXACT, text)) => Some(as_str(text)),
            Some(_) => None,
        }
    }

    /// The same as bytes.
    #[inline]
    pub(crate) fn literal_bytes(&self) -> Option<&[u8]> {
        match self.code.split_first() {
            None => Some(&[]),
            Some((&shape::EXACT, text)) => Some(text),
            Some(_) => None,
        }
    }

    /// Whether the pattern needs slot values to match anything.
    pub fn has_slots(&self) -> bool {
        self.code.first() == Some(&shape::SLOTS)
    }

    /// The pattern as tokens, texts joined and repeated `*` dropped.
    pub fn tokens(&self) -> impl Iterator<Item = Token<'_>> {
        self.ops().flat_map(OpRef::tokens)
    }

    /// Whether this pattern matches every text that `other` matches. Exact. Rule: IAM-WILD-13.
    ///
    /// A pattern with slots matches nothing: it covers no pattern without slots and is covered by all. Fill
    /// slots in with [`Pattern::substitute`] first.
    ///
    /// ```
    /// use preclear_wildcard::Pattern;
    ///
    /// let statement = Pattern::parse("data/*");
    /// assert!(statement.covers(&Pattern::parse("data/in/*.csv")));
    /// assert!(!statement.covers(&Pattern::parse("d*")));
    /// // The gap between `a` and the end is never empty, whatever `*` stands for.
    /// assert!(Pattern::parse("*a?*").covers(&Pattern::parse("*a*b")));
    /// ```
    pub fn covers(&self, other: &Pattern) -> bool {
        if other.has_slots() || self.has_slots() {
            return other.has_slots();
        }
        match other.as_literal() {
            Some(text) => self.is_match(text),
            None => {
                self.matches_everything() || language::covers(&self.op_list(), &other.op_list())
            }
        }
    }

    /// Whether some text is matched by both patterns. Exact. Rule: IAM-WILD-13.
    ///
    /// A pattern with slots matches nothing and so shares nothing.
    pub fn intersects(&self, other: &Pattern) -> bool {
        if self.has_slots() || other.has_slots() {
            return false;
        }
        match (self.as_literal(), other.as_literal()) {
            (_, Some(text)) => self.is_match(text),
            (Some(text), _) => other.is_match(text),
            _ => language::intersects(&self.op_list(), &other.op_list()),
        }
    }

    /// The pattern with its slots filled in: text literally, [`SlotValue::Anything`] as `*`. `None` if a slot
    /// in use has no value. Rule: IAM-VAR-5, IAM-VAR-6.
    pub fn substitute(&self, slots: &[SlotValue<'_>]) -> Option<Pattern> {
        if !self.has_slots() {
            return Some(self.clone());
        }
        let tokens: Option<Vec<Token<'_>>> = self
            .tokens()
            .map(|token| match token {
                Token::Slot(slot) => fill(slots, slot),
                other => Some(other),
            })
            .collect();
        tokens.map(Pattern::from_tokens)
    }

    /// The literal texts of the pattern.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.ops().filter_map(|op| match op {
            OpRef::Text(text) => Some(as_str(text)),
            _ => None,
        })
    }

    /// The normal form.
    pub(crate) fn ops(&self) -> Ops<'_> {
        Ops::of(&self.code)
    }

    fn op_list(&self) -> Vec<OpRef<'_>> {
        self.ops().collect()
    }
}

#[inline(never)]
fn is_match_in_parts(code: &[u8], text: &str) -> bool {
    gaps_hold(code, text, &mut Unmeasured).is_some()
}

/// The shapes that are rare.
#[inline(never)]
fn is_match_otherwise(shape: u8, code: &[u8], text: &[u8], effort: &mut impl Effort) -> bool {
    match shape {
        shape::ENDS => ends(code).is_some_and(|(head, tail)| {
            let rest = text.strip_prefix(head);
            rest.is_some_and(|rest| rest.ends_with(tail))
        }),
        shape::FIXED => after_part(code, text, effort).is_some_and(<[u8]>::is_empty),
        _ => false,
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pattern")?;
        f.debug_list().entries(self.tokens()).finish()
    }
}
