//! The system's clock as requests state it. Rule: UI-5.

use std::sync::OnceLock;
use std::time::SystemTime;

use jiff::{Timestamp, Unit};

/// What a request says where it means the system's clock.
pub(crate) const SYSTEM: &str = "system";

/// A clock that is read at most once, and only when somebody asks for it: all requests of a run see the same time.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    read: fn() -> SystemTime,
    seen: OnceLock<String>,
}

impl Clock {
    pub(crate) fn new(read: fn() -> SystemTime) -> Self {
        Self {
            read,
            seen: OnceLock::new(),
        }
    }

    /// Puts the time in where the text asks for it.
    pub(crate) fn fill(&self, now: &mut Option<String>) {
        if now.as_deref() == Some(SYSTEM) {
            *now = Some(self.now().to_owned());
        }
    }

    fn now(&self) -> &str {
        self.seen.get_or_init(|| format((self.read)()))
    }
}

/// Whole seconds, UTC. A clock outside the years that dates have stands at the epoch.
fn format(time: SystemTime) -> String {
    Timestamp::try_from(time)
        .and_then(|time| time.round(Unit::Second))
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn half_past() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_225_600_400)
    }

    fn never() -> SystemTime {
        panic!("the clock was read");
    }

    #[test]
    fn the_clock_is_read_only_where_it_is_asked_for() {
        let mut now = Some("2026-01-01T00:00:00Z".to_owned());
        Clock::new(never).fill(&mut now);
        Clock::new(never).fill(&mut None);
        assert_eq!(now.as_deref(), Some("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn the_system_clock_comes_in_whole_seconds_of_utc() {
        let mut now = Some("system".to_owned());
        Clock::new(half_past).fill(&mut now);
        assert_eq!(now.as_deref(), Some("2026-01-01T00:00:00Z"));
    }
}
