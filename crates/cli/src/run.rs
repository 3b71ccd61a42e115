//! What one run of the program has at hand.

use preclear_inputs::Loaded;
use preclear_model::Diagnostics;

use crate::clock::Clock;
use crate::disk::Disk;
use crate::failure::Failure;
use crate::io::{Io, Stream};
use crate::render::diagnostics;

/// Streams, files and clock of a run.
#[derive(Debug)]
pub(crate) struct Run<'r, 'a> {
    pub(crate) out: &'r mut Stream<'a>,
    pub(crate) err: &'r mut Stream<'a>,
    pub(crate) disk: Disk<'r>,
    pub(crate) clock: Clock,
}

impl<'r, 'a> Run<'r, 'a> {
    pub(crate) fn new(io: &'r mut Io<'a>) -> Self {
        Self {
            out: &mut io.stdout,
            err: &mut io.stderr,
            disk: Disk::new(io.stdin),
            clock: Clock::new(io.clock),
        }
    }

    /// The value of what was loaded; its warnings are shown.
    pub(crate) fn accept<T>(
        &mut self,
        loaded: Result<Loaded<T>, Diagnostics>,
    ) -> Result<T, Failure> {
        let Loaded { value, diagnostics } = loaded?;
        self.warn(&diagnostics)?;
        Ok(value)
    }

    /// Shows warnings.
    pub(crate) fn warn(&mut self, diagnostics: &Diagnostics) -> Result<(), Failure> {
        let text = diagnostics::render(diagnostics, self.err.width());
        self.err.write(&text)?;
        Ok(())
    }
}
