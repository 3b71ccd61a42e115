//! A line on the terminal that counts. Rule: UI-2.

use std::io;
use std::time::{Duration, Instant};

use crate::io::Stream;

/// It appears once work lasts longer.
const AFTER: Duration = Duration::from_millis(500);

/// It changes no more often, so that counting costs nothing.
const EVERY: Duration = Duration::from_millis(100);

/// A line on the terminal that counts.
#[derive(Debug)]
pub(crate) struct Progress {
    /// When it may show next; none where nobody watches.
    next: Option<Instant>,
    what: &'static str,
    /// How many there will be, where that is known.
    total: Option<u64>,
    is_shown: bool,
}

impl Progress {
    pub(crate) fn start(is_watched: bool, what: &'static str) -> Self {
        Self {
            next: is_watched.then(|| Instant::now() + AFTER),
            what,
            total: None,
            is_shown: false,
        }
    }

    /// Of so many.
    pub(crate) fn of(self, total: u64) -> Self {
        Self {
            total: Some(total),
            ..self
        }
    }

    pub(crate) fn show(&mut self, count: u64, err: &mut Stream<'_>) -> io::Result<()> {
        let now = Instant::now;
        if self.next.is_some_and(|next| now() > next) {
            self.next = Some(now() + EVERY);
            self.is_shown = true;
            let s = if count == 1 { "" } else { "s" };
            let what = self.what;
            let line = match self.total {
                Some(total) => format!("\r{count} of {total} {what}s"),
                None => format!("\r{count} {what}{s}"),
            };
            err.write_bytes(line.as_bytes())?;
            err.flush()?;
        }
        Ok(())
    }

    pub(crate) fn clear(&self, err: &mut Stream<'_>) -> io::Result<()> {
        if self.is_shown {
            err.write_bytes(b"\r\x1b[K")
        } else {
            Ok(())
        }
    }
}
