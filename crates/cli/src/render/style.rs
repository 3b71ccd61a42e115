//! Colours of the text output, and what keeps texts from others apart from them.

use std::borrow::Cow;
use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use preclear_simulator::Verdict;
use preclear_simulator::job::JobVerdict;

/// What a text says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
    Doubtful,
    Quiet,
    Title,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Doubtful => AnsiColor::Yellow.on_default().bold(),
            Self::Quiet => Style::new().dimmed(),
            Self::Title => Style::new().bold(),
        }
    }

    /// The text in this tone.
    pub(crate) fn paint(self, text: impl Display) -> String {
        let style = self.style();
        format!("{style}{text}{style:#}")
    }
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Allow => Self::Good,
            Verdict::ExplicitDeny | Verdict::ImplicitDeny | Verdict::Invalid => Self::Bad,
            Verdict::Depends => Self::Doubtful,
            Verdict::NotApplicable => Self::Quiet,
        }
    }
}

impl From<JobVerdict> for Tone {
    fn from(verdict: JobVerdict) -> Self {
        match verdict {
            JobVerdict::Allowed => Self::Good,
            JobVerdict::Denied | JobVerdict::Inoperable | JobVerdict::Invalid => Self::Bad,
            JobVerdict::Undecided | JobVerdict::Gaps => Self::Doubtful,
        }
    }
}

/// A text of somebody else's that cannot steer the terminal: control characters are written as escapes.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_cannot_steer_the_terminal() {
        assert_eq!(shown("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
        assert_eq!(shown("é *"), "é *");
    }
}
