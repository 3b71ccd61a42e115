//! Numbers of classes.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use super::{actions, callers, resources};
use crate::engine::table::NameTable;

/// All numbers of a kind are given away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

/// Gives equal classes one number. Any number of threads may ask.
#[derive(Debug)]
pub(super) struct Numbering<C> {
    known: Mutex<NameTable<C, u32>>,
    max: usize,
}

impl<C: Hash + Eq> Numbering<C> {
    fn new(max: usize) -> Self {
        Self {
            known: Mutex::new(NameTable::default()),
            max,
        }
    }

    /// The number of a class.
    ///
    /// # Errors
    ///
    /// No number is left.
    pub(super) fn number(&self, class: C) -> Result<u32, Full> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.get(&class) {
            return Ok(*number);
        }
        let number = known.len();
        if number >= self.max {
            return Err(Full);
        }
        let number = u32::try_from(number).map_err(|_| Full)?;
        known.insert(class, number);
        Ok(number)
    }
}

/// The numbers of all classes.
#[derive(Debug)]
pub(super) struct Numbers {
    pub(super) callers: Numbering<callers::Class>,
    pub(super) actions: Numbering<actions::Class>,
    pub(super) heads: Numbering<resources::HeadClass>,
    pub(super) resources: Numbering<resources::Class>,
}

impl Numbers {
    /// As many numbers as are asked for.
    pub(super) fn endless() -> Self {
        Self::up_to([usize::MAX; 4])
    }

    /// Numbers of callers, actions, heads and resources below these.
    pub(super) fn up_to([callers, actions, heads, resources]: [usize; 4]) -> Self {
        Self {
            callers: Numbering::new(callers),
            actions: Numbering::new(actions),
            heads: Numbering::new(heads),
            resources: Numbering::new(resources),
        }
    }
}
