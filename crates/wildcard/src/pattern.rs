//! One pattern, sorted by shape when it is built. Knows nothing of fields.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::language;
use crate::op::{Op, OpRef, fill, normalize, tokenize};
use crate::segments::Segments;
use crate::walk::walk;
use crate::{SlotValue, Token};

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
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    shape: Shape,
}

/// How a pattern is matched. Most patterns met in practice are one of the first four.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Shape {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    Suffix(Box<str>),
    /// Both ends as one text, cut after so many bytes.
    Ends(Box<str>, usize),
    Segments(Box<General<Segments>>),
    Slots(Box<General<()>>),
}

#[derive(Clone)]
struct General<Plan> {
    ops: Box<[Op]>,
    /// Follows from the steps.
    plan: Plan,
}

impl<Plan> PartialEq for General<Plan> {
    fn eq(&self, other: &Self) -> bool {
        self.ops == other.ops
    }
}

impl<Plan> Eq for General<Plan> {}

impl<Plan> Hash for General<Plan> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.ops.hash(state);
    }
}

impl Pattern {
    /// Reads a written pattern: `*` and `?` are meta characters, all else is literal. Rule: IAM-WILD-1.
    pub fn parse(text: &str) -> Pattern {
        Pattern::from_tokens(tokenize(text))
    }

    /// A pattern that matches this text alone.
    pub fn literal(text: &str) -> Pattern {
        Pattern {
            shape: Shape::Exact(text.into()),
        }
    }

    /// A pattern from tokens whose meta characters are already told from text. Rule: IAM-WILD-12, IAM-VAR-5.
    pub fn from_tokens<'a>(tokens: impl IntoIterator<Item = Token<'a>>) -> Pattern {
        Pattern::from_ops(normalize(tokens))
    }

    pub(crate) fn from_ops(ops: Vec<Op>) -> Pattern {
        let shape = match ops.as_slice() {
            [] => Shape::Exact("".into()),
            [Op::Run] => Shape::Any,
            [Op::Text(text)] => Shape::Exact(text.clone()),
            [Op::Text(text), Op::Run] => Shape::Prefix(text.clone()),
            [Op::Run, Op::Text(text)] => Shape::Suffix(text.clone()),
            [Op::Text(head), Op::Run, Op::Text(tail)] => {
                Shape::Ends(format!("{head}{tail}").into(), head.len())
            }
            all if all.iter().any(|op| matches!(op, Op::Slot(_))) => {
                Shape::Slots(Box::new(General {
                    ops: ops.into(),
                    plan: (),
                }))
            }
            all => {
                let plan = Segments::new(all);
                Shape::Segments(Box::new(General {
                    ops: ops.into(),
                    plan,
                }))
            }
        };
        Pattern { shape }
    }

    /// Whether the pattern matches the whole text. A pattern with slots matches nothing here.
    #[inline]
    pub fn is_match(&self, text: &str) -> bool {
        match &self.shape {
            Shape::Any => true,
            // An empty box points nowhere, and comparing no bytes there can cost the processor a fault.
            Shape::Exact(exact) => {
                text.len() == exact.len() && (text.is_empty() || **exact == *text)
            }
            Shape::Prefix(head) => text.as_bytes().starts_with(head.as_bytes()),
            Shape::Suffix(tail) => text.as_bytes().ends_with(tail.as_bytes()),
            Shape::Ends(ends, cut) => {
                let (head, tail) = ends.as_bytes().split_at(*cut);
                text.len() >= ends.len()
                    && text.as_bytes().starts_with(head)
                    && text.as_bytes().ends_with(tail)
            }
            Shape::Segments(general) => general.plan.is_match(&general.ops, text),
            Shape::Slots(_) => false,
        }
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
        match &self.shape {
            Shape::Slots(_) => walk(std::slice::from_ref(self), None, slots, text),
            _ => self.is_match(text),
        }
    }

    /// Whether the pattern is one or more `*` and nothing else.
    pub fn matches_everything(&self) -> bool {
        matches!(self.shape, Shape::Any)
    }

    /// The only text the pattern matches, if it holds neither meta characters nor slots.
    pub fn as_literal(&self) -> Option<&str> {
        match &self.shape {
            Shape::Exact(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the pattern needs slot values to match anything.
    pub fn has_slots(&self) -> bool {
        matches!(self.shape, Shape::Slots(_))
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
        match (&self.shape, &other.shape) {
            (_, Shape::Slots(_)) => true,
            (Shape::Slots(_), _) => false,
            (Shape::Any, _) => true,
            (_, Shape::Exact(text)) => self.is_match(text),
            _ => language::covers(&self.op_list(), &other.op_list()),
        }
    }

    /// Whether some text is matched by both patterns. Exact. Rule: IAM-WILD-13.
    ///
    /// A pattern with slots matches nothing and so shares nothing.
    pub fn intersects(&self, other: &Pattern) -> bool {
        match (&self.shape, &other.shape) {
            (Shape::Slots(_), _) | (_, Shape::Slots(_)) => false,
            (Shape::Any, _) | (_, Shape::Any) => true,
            (_, Shape::Exact(text)) => self.is_match(text),
            (Shape::Exact(text), _) => other.is_match(text),
            _ => language::intersects(&self.op_list(), &other.op_list()),
        }
    }

    /// The pattern with its slots filled in: text literally, [`SlotValue::Anything`] as `*`. `None` if a slot
    /// in use has no value. Rule: IAM-VAR-5, IAM-VAR-6.
    pub fn substitute(&self, slots: &[SlotValue<'_>]) -> Option<Pattern> {
        let Shape::Slots(_) = &self.shape else {
            return Some(self.clone());
        };
        let tokens: Option<Vec<Token<'_>>> = self
            .tokens()
            .map(|token| match token {
                Token::Slot(slot) => fill(slots, slot),
                other => Some(other),
            })
            .collect();
        tokens.map(Pattern::from_tokens)
    }

    /// The step at this place of the normal form.
    pub(crate) fn op(&self, at: usize) -> Option<OpRef<'_>> {
        match (&self.shape, at) {
            (Shape::Any, 0) => Some(OpRef::Run),
            (Shape::Exact(text), 0) if text.is_empty() => None,
            (Shape::Exact(text) | Shape::Prefix(text), 0) => Some(OpRef::Text(text)),
            (Shape::Prefix(_), 1) => Some(OpRef::Run),
            (Shape::Suffix(_), 0) => Some(OpRef::Run),
            (Shape::Suffix(text), 1) => Some(OpRef::Text(text)),
            (Shape::Ends(ends, cut), 0) => ends.get(..*cut).map(OpRef::Text),
            (Shape::Ends(..), 1) => Some(OpRef::Run),
            (Shape::Ends(ends, cut), 2) => ends.get(*cut..).map(OpRef::Text),
            (Shape::Segments(general), _) => general.ops.get(at).map(Op::as_ref),
            (Shape::Slots(general), _) => general.ops.get(at).map(Op::as_ref),
            _ => None,
        }
    }

    /// The literal texts of the pattern.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.ops().filter_map(|op| match op {
            OpRef::Text(text) => Some(text),
            _ => None,
        })
    }

    /// The normal form.
    pub(crate) fn ops(&self) -> impl Iterator<Item = OpRef<'_>> {
        (0..).map_while(|at| self.op(at))
    }

    fn op_list(&self) -> Vec<OpRef<'_>> {
        self.ops().collect()
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pattern")?;
        f.debug_list().entries(self.tokens()).finish()
    }
}
