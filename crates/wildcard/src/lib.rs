//! Compiled `*` and `?` patterns for preclear, linear in the text.
//!
//! `*` stands for zero or more characters, `?` for exactly one; there is no escape and no other meta
//! character. A character is one Unicode scalar value, and none is special: a newline, a `/` or a `*` in the
//! *text* is a character like any other. Rule: IAM-WILD-1.
//!
//! Three kinds of question are answered here:
//!
//! - does a pattern match a text ([`Pattern::is_match`]), also field by field ([`FieldPattern`]);
//! - the same for a pattern with numbered [slots](Token::Slot) that are filled in, as plain text, at the time
//!   of the question ([`Pattern::is_match_with`]);
//! - how two patterns stand to each other as sets of texts ([`Pattern::covers`], [`Pattern::intersects`]).
//!
//! This crate sees text, tokens and slots. It does not know what an ARN or a policy is, which variable fills
//! a slot, or which texts are compared without regard to case: callers fold both sides first.
//!
//! # Cost
//!
//! With *n* bytes of text and *m* characters of pattern, both or all of a comparison:
//!
//! | question | time | allocates |
//! |---|---|---|
//! | [`Pattern::is_match`] | O(n) for patterns without `?` and for most with; O(n · log m) for all | no; but see below |
//! | [`Pattern::is_match_with`], with slots | the same | after a number of steps that grows with n |
//! | [`FieldPattern::is_match_with`] | as its fields | as its fields |
//! | [`FieldPattern::is_match_spilling_with`] | O(n) for most; O(n · m / 64) for all | after such a number of steps |
//! | [`Pattern::covers`], [`Pattern::intersects`] | O(m · log m) | yes |
//!
//! [`Pattern::is_match`] allocates only for a stretch of over 2,048 characters between two `*` that holds a
//! `?` and agrees with much of the text without standing in it. The logarithm is that of a convolution: no
//! way of finding such a stretch is known that is linear for all texts.
//!
//! A pattern takes 16 bytes and at most twice its own text.
//!
//! ```
//! use preclear_wildcard::Pattern;
//!
//! let pattern = Pattern::parse("key/*-prod");
//! assert!(pattern.is_match("key/orders-prod"));
//! assert!(!pattern.is_match("key/orders-prod-2"));
//! assert!(Pattern::parse("key/*").covers(&pattern));
//! ```
#![forbid(unsafe_code)]

mod automaton;
mod bits;
mod code;
mod convolution;
mod effort;
mod field;
mod holes;
mod language;
pub mod naive;
mod op;
mod pattern;
mod search;
mod segments;
mod transform;
mod walk;

pub use effort::Road;
pub use field::FieldPattern;
pub use pattern::Pattern;

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Token<'a> {
    /// Literal text: `*` and `?` in it are ordinary characters.
    Text(&'a str),
    /// `*`: zero or more characters.
    AnyRun,
    /// `?`: exactly one character.
    AnyOne,
    /// The place of a value that is known only when the question is asked.
    Slot(u16),
}

/// What fills a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotValue<'v> {
    /// Inserted literally: `*` and `?` in it are ordinary characters. Rule: IAM-VAR-5.
    Text(&'v str),
    /// The value is not known; any text may stand here, as with `*`. Rule: IAM-TRI-5.
    Anything,
    /// There is no value: the pattern matches nothing. Rule: IAM-VAR-6.
    Nothing,
}
