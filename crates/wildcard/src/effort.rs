//! How hard a match tries, and what it costs. A match proper asks neither: both are fixed when it is compiled.

/// By which road the segments that hold `?` are found.
///
/// A match takes the later roads only where the ones before have cost more than they should; tests take each
/// from the start. All give the same answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Road {
    /// As [`Pattern::is_match`](crate::Pattern::is_match) does.
    #[default]
    Usual,
    /// By the segment's text that is rarest in the text around.
    Rarest,
    /// By one bit a place.
    Bits,
    /// By convolution.
    Convolution,
}

pub(crate) trait Effort {
    /// The road to take from the start.
    fn road(&self) -> Road;
    /// Notes so many steps: bytes, or words of bytes, that were looked at or passed over.
    fn spend(&mut self, steps: usize);
}

/// What a match proper takes: nothing is noted.
#[derive(Debug)]
pub(crate) struct Unmeasured;

impl Effort for Unmeasured {
    #[inline]
    fn road(&self) -> Road {
        Road::Usual
    }

    #[inline]
    fn spend(&mut self, _steps: usize) {}
}

#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) road: Road,
    pub(crate) steps: usize,
}

impl Effort for Measured {
    fn road(&self) -> Road {
        self.road
    }

    fn spend(&mut self, steps: usize) {
        self.steps = self.steps.saturating_add(steps);
    }
}
