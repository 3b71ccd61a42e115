//! How often each verdict comes.

use std::fmt;

use preclear_simulator::Verdict;

/// How often each verdict comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts([u64; Verdict::ALL.len()]);

impl Counts {
    pub(crate) fn add(&mut self, verdict: Verdict, count: usize) {
        let place = Verdict::ALL.iter().position(|own| *own == verdict);
        if let Some(own) = place.and_then(|place| self.0.get_mut(place)) {
            *own += count as u64;
        }
    }

    pub(crate) fn of(&self, verdict: Verdict) -> u64 {
        let mut all = self.all();
        all.find(|(own, _)| *own == verdict)
            .map_or(0, |(_, count)| count)
    }

    /// Every verdict, in the order of the table.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Verdict, u64)> {
        Verdict::ALL.into_iter().zip(self.0)
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl fmt::Display for Counts {
    /// `24 cells, 5 allow, 19 implicit_deny`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.total() == 1 { "" } else { "s" };
        write!(f, "{} cell{s}", self.total())?;
        for (verdict, count) in self.all().filter(|(_, count)| *count > 0) {
            write!(f, ", {count} {verdict}")?;
        }
        Ok(())
    }
}
