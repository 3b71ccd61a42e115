//! What fuzzing asks: oracles over arbitrary bytes, of which targets, property tests and replays are thin callers.
//!
//! | target | bytes are | asks |
//! |---|---|---|
//! | [`mod@policy`] | a policy document in any notation | do all roads read the same, and do places hold? |
//! | [`mod@operand`] | an operator, a value, operands | do engine and reference give the same truth? |
//! | [`mod@arn`] | lines of ARNs and patterns | do fields join, and do three matchers agree? |
//! | [`mod@statement`] | choices of a generator | does a statement mean the same to engine and reference? |
//! | [`mod@snapshot`] | a tree of files | is the order nothing, is nothing passed over in silence, does the normal form say the same? |
//! | [`mod@inputs`] | choices of changes to plans, templates, outputs | do the readers stand them, and does less known never answer otherwise? |
//! | [`mod@lint`] | a text with policies | do places hold, and do safe edits mend what they say and nothing else? |
//! | [`mod@reference`] | choices of a generator | does the engine answer as the reference does? |
//! | [`mod@job`] | a job file, or choices of a generator | does the report follow from its rows, and each row from its decision? |
//!
//! An oracle refuses to know what the right answer is: it knows two ways to it, or what must be true of any.

use std::error::Error;
use std::fmt;

mod again;
pub mod arn;
mod document;
pub mod inputs;
pub mod job;
pub mod lint;
pub mod operand;
mod place;
pub mod policy;
pub mod reference;
pub mod snapshot;
pub mod statement;

/// What should not be, with all that is needed to see it again.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding(String);

impl Finding {
    /// A finding in its words.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Finding {
        Finding(what.into())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Finding {
    /// As it reads: targets print findings by `expect`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Finding {}

/// Holds, or is a finding in these words.
fn hold(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Finding> {
    if holds {
        Ok(())
    } else {
        Err(Finding(otherwise()))
    }
}

/// The same twice, or a finding that shows both.
fn same<T: PartialEq + fmt::Debug>(
    what: impl FnOnce() -> String,
    one: &T,
    other: &T,
) -> Result<(), Finding> {
    hold(one == other, || {
        format!("{}:\n{one:#?}\n{other:#?}", what())
    })
}

/// A target of the fuzzer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Patterns and texts: [`crate::wildcard`].
    Wildcard,
    /// [`mod@policy`].
    Policy,
    /// [`mod@operand`].
    Operand,
    /// [`mod@arn`].
    Arn,
    /// [`mod@statement`].
    Statement,
    /// [`mod@snapshot`].
    Snapshot,
    /// [`mod@reference`].
    Reference,
    /// [`mod@job`].
    Job,
    /// [`mod@inputs`].
    Inputs,
    /// [`mod@lint`].
    Lint,
}

impl Target {
    /// All targets.
    pub const ALL: [Target; 10] = [
        Target::Wildcard,
        Target::Policy,
        Target::Operand,
        Target::Arn,
        Target::Statement,
        Target::Snapshot,
        Target::Reference,
        Target::Job,
        Target::Inputs,
        Target::Lint,
    ];

    /// Its name: of the binary, and of its folders under `fuzz/`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Target::Wildcard => "wildcard",
            Target::Policy => "policy",
            Target::Operand => "operand",
            Target::Arn => "arn",
            Target::Statement => "statement",
            Target::Snapshot => "snapshot",
            Target::Reference => "reference",
            Target::Job => "job",
            Target::Inputs => "inputs",
            Target::Lint => "lint",
        }
    }

    /// The target of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|target| target.name() == name)
    }

    /// Bytes beyond which an input says nothing new.
    #[must_use]
    pub fn bytes_max(self) -> usize {
        match self {
            Target::Operand | Target::Arn | Target::Inputs => 256,
            Target::Wildcard => 512,
            Target::Statement => 1_024,
            Target::Reference | Target::Policy | Target::Lint => 2_048,
            Target::Snapshot | Target::Job => 4_096,
        }
    }

    /// Tries one input.
    ///
    /// # Errors
    /// What should not be.
    pub fn check(self, data: &[u8]) -> Result<(), Finding> {
        match self {
            Target::Wildcard => {
                crate::wildcard::oracle(data).map_err(|found| Finding(found.to_string()))
            }
            Target::Policy => policy::oracle(data),
            Target::Operand => operand::oracle(data),
            Target::Arn => arn::oracle(data),
            Target::Statement => statement::oracle(data),
            Target::Snapshot => snapshot::oracle(data),
            Target::Reference => reference::oracle(data),
            Target::Job => job::oracle(data),
            Target::Inputs => inputs::oracle(data),
            Target::Lint => lint::oracle(data),
        }
    }
}
