//! Condition blocks, compiled once and evaluated for many contexts.
//!
//! A test is an operator, a key and operands; a block is the conjunction of its tests. Missing keys, sets of values,
//! negation and unknowns are decided here, the comparison of values is left to the operators.

mod checks;
mod test;
mod warning;

use std::sync::Arc;

use preclear_model::policy::ConditionTest;

pub use checks::{
    NAMES_OF_KEYS, doubtful_variables, doubts, holds_when_missing, is_filled_by_users,
};
pub use test::Test;
pub use warning::{ConditionWarning, WarningKind};

use crate::{Ambiguities, Evidence, KeyName, KeyTypes, Lookup, Outcome};

/// A compiled `Condition` block.
///
/// ```
/// use std::collections::BTreeSet;
/// use preclear_condition::{
///     Ambiguities, Arity, Condition, Dependency, KeyKind, KeyName, KeyState, KeyTypes, Lookup, Outcome,
/// };
/// use preclear_model::policy::{ConditionTest, Operand};
/// use preclear_model::{Operator, Span, Template};
///
/// struct AllSingle;
/// impl KeyTypes for AllSingle {
///     fn arity(&self, _: &KeyName) -> Arity { Arity::Single }
///     fn kind(&self, _: &KeyName) -> Option<KeyKind> { None }
/// }
/// struct Everywhere(KeyState<'static>);
/// impl Lookup for Everywhere {
///     fn state(&self, _: &KeyName) -> KeyState<'_> { self.0 }
/// }
///
/// // "StringNotEquals": {"aws:SourceVpce": "vpce-1"}
/// let test = ConditionTest {
///     operator: Operator::parse("StringNotEquals").unwrap(),
///     operator_text: "StringNotEquals".into(),
///     key: "aws:SourceVpce".into(),
///     key_span: Span::default(),
///     operands: vec![Operand { template: Template::literal("vpce-1"), span: Span::default() }],
/// };
/// let condition = Condition::compile(&[test], &AllSingle);
/// let evaluate = |state| condition.evaluate::<()>(&Everywhere(state), Ambiguities::Report);
/// assert_eq!(evaluate(KeyState::One("vpce-1")), Outcome::known(false));
/// assert_eq!(evaluate(KeyState::Absent), Outcome::known(true));
///
/// let unknown = condition.evaluate::<BTreeSet<Dependency>>(&Everywhere(KeyState::Unknown), Ambiguities::Report);
/// assert!(unknown.evidence.contains(&Dependency::Key("aws:sourcevpce".to_owned())));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Condition {
    /// Copies share them.
    tests: Arc<[Test]>,
}

impl Condition {
    /// Compiles the tests of a block. Never fails: what makes no sense gets the outcome that the rules give it, and is among
    /// its [`doubts`].
    #[must_use]
    pub fn compile(tests: &[ConditionTest], keys: &dyn KeyTypes) -> Self {
        Self {
            tests: tests
                .iter()
                .enumerate()
                .map(|(index, test)| Test::compile(index, test, keys))
                .collect(),
        }
    }

    /// Whether all tests hold; an empty block does. Rule: IAM-COND-1.
    #[must_use]
    pub fn evaluate<E: Evidence>(
        &self,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let mut all = Outcome::known(true);
        for test in self.tests.iter() {
            all = all.and(test.evaluate(keys, ambiguities));
            if all.value.is_false() {
                break;
            }
        }
        all
    }

    /// The tests, in the order of the text.
    #[must_use]
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// Every key whose state can matter: those of the tests and of the variables, with repetitions.
    pub fn keys(&self) -> impl Iterator<Item = &KeyName> {
        self.tests
            .iter()
            .flat_map(|test| std::iter::once(test.key()).chain(test.variables()))
    }
}
