//! One text with variables, matched as a whole.

use preclear_model::Template;
use preclear_wildcard::Pattern;

use super::slots::Variables;
use super::{Overlap, split};
use crate::{Ambiguities, Dependency, Evidence, KeyName, KeyTypes, Lookup, Outcome};

/// Whether `*` and `?` as written are wildcards. Rule: IAM-WILD-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wildcards {
    /// They are.
    Active,
    /// They are ordinary characters.
    Plain,
}

/// A glob or a plain text with policy variables in it. Rule: IAM-VAR-3…7, IAM-WILD-12.
///
/// ```
/// use preclear_condition::{Ambiguities, Arity, KeyKind, KeyName, KeyState, KeyTypes, Lookup, Outcome};
/// use preclear_condition::variable::{VariablePattern, Wildcards};
/// use preclear_model::{Template, Version};
///
/// struct AllSingle;
/// impl KeyTypes for AllSingle {
///     fn arity(&self, _: &KeyName) -> Arity { Arity::Single }
///     fn kind(&self, _: &KeyName) -> Option<KeyKind> { None }
/// }
/// struct Name(&'static str);
/// impl Lookup for Name {
///     fn state(&self, _: &KeyName) -> KeyState<'_> { KeyState::One(self.0) }
/// }
///
/// let template = Template::parse("${aws:SourceIdentity}/*", Version::V2012).unwrap();
/// let pattern = VariablePattern::compile(&template, Wildcards::Active, &AllSingle);
/// let matches = |text, name| pattern.matches(text, &Name(name), Ambiguities::Report);
/// assert_eq!(matches("a*/x", "a*"), Outcome::<()>::known(true));
/// assert_eq!(matches("ab/x", "a*"), Outcome::<()>::known(false));
/// ```
#[derive(Debug, Clone)]
pub struct VariablePattern {
    pattern: Pattern,
    variables: Variables,
}

/// A pattern with its variables filled in, for questions about patterns. Rule: IAM-WILD-13.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substituted<P> {
    /// The pattern; `None` where a variable has no value, so that nothing matches (IAM-VAR-6).
    pub pattern: Option<P>,
    /// True where a value is not known and `*` stands in its place: what the pattern does not match is certain,
    /// what it matches is not.
    pub is_open: bool,
}

impl VariablePattern {
    /// Compiles a template. Cannot fail: a text that makes no sense matches nothing real.
    #[must_use]
    pub fn compile(template: &Template, wildcards: Wildcards, keys: &dyn KeyTypes) -> Self {
        if let Some(text) = template.as_plain() {
            let pattern = match wildcards {
                Wildcards::Active => Pattern::parse(text),
                Wildcards::Plain => Pattern::literal(text),
            };
            let variables = Variables::default();
            return Self { pattern, variables };
        }
        let (parts, variables) = split(template, wildcards, keys);
        Self {
            pattern: Pattern::from_tokens(parts.iter().map(super::Part::token)),
            variables,
        }
    }

    /// Whether it matches the whole text. A variable without value and default makes it false, one whose value is
    /// not known makes it false or unknown, never true. Rule: IAM-VAR-4…7, IAM-TRI-5, AMB-6.
    #[must_use]
    pub fn matches<E: Evidence>(
        &self,
        text: &str,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        if self.variables.is_empty() {
            return Outcome::known(self.pattern.is_match(text));
        }
        self.variables.decide(keys, ambiguities, |slots| {
            self.pattern.is_match_with(text, slots)
        })
    }

    /// Whether it matches some text that is not known: true if it matches every text, false if a variable in it
    /// has no value, else unknown. The evidence is that of its variables alone.
    #[must_use]
    pub fn matches_unknown_text<E: Evidence>(
        &self,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        if self.matches_everything() {
            Outcome::known(true)
        } else {
            self.variables.can_match(keys, ambiguities, |slots| {
                let filled = self.pattern.substitute(slots);
                filled.is_some_and(|filled| filled.matches_everything())
            })
        }
    }

    /// Whether it matches every text that `question` matches: true if it does, false if the two share none, else
    /// unknown with the question's text as dependency. Rule: IAM-WILD-13.
    #[must_use]
    pub fn matches_all_of<E: Evidence>(
        &self,
        question: &Pattern,
        question_text: &str,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let unsettled = || Dependency::Resource(question_text.to_owned());
        self.matches_each_of(question, unsettled, keys, ambiguities)
    }

    /// Whether it matches each text of another pattern: true if it does, false if the two share none, else unknown
    /// with `unsettled` as dependency. Rule: IAM-WILD-13.
    pub(crate) fn matches_each_of<E: Evidence>(
        &self,
        texts: &Pattern,
        unsettled: impl Fn() -> Dependency,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let overlap = |filled: Pattern| Overlap::between(&filled, texts);
        self.variables.decide_for_all(
            keys,
            ambiguities,
            |slots| {
                self.pattern
                    .substitute(slots)
                    .map_or(Overlap::Nothing, overlap)
            },
            unsettled,
        )
    }

    /// True if it is stars and nothing else.
    #[must_use]
    pub fn matches_everything(&self) -> bool {
        self.pattern.matches_everything()
    }

    /// The pattern with its variables filled in; an empty value is empty text (the guess of AMB-6).
    #[must_use]
    pub fn substituted(&self, keys: &impl Lookup) -> Substituted<Pattern> {
        let reading = self.variables.guess::<()>(keys);
        Substituted {
            pattern: self.pattern.substitute(reading.filled.values()),
            is_open: reading.is_open,
        }
    }

    /// Whether every variable has a value or a default: what does not can match nothing (IAM-VAR-6, AMB-5).
    #[must_use]
    pub fn is_resolved<E: Evidence>(
        &self,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        self.variables.are_resolved(keys, ambiguities)
    }

    /// The pattern with a slot for each variable.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Keys of its variables.
    pub fn variables(&self) -> impl Iterator<Item = &KeyName> {
        self.variables.keys()
    }
}
