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

/// A text of somebody else's that cannot steer the terminal: control characters, and what else steers, are written as escapes.
/// Rule: UI-2
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c.is_control() || is_steering(c))
}

/// A text of the program's own, colours and lines in it: what steers beyond them is written as escapes. It stands behind
/// [`shown`], for what came through unseen. Rule: UI-2
pub(crate) fn without_steering(text: &str) -> Cow<'_, str> {
    escaped(text, is_steering)
}

/// What some terminals and logs obey beside the control characters of ASCII: those above them (U+009B begins a command as
/// escape and `[` do), what breaks lines, what turns the direction of writing, and marks of byte order, which nobody sees.
pub(crate) fn is_steering(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}'
        | '\u{2028}'..='\u{2029}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}')
}

fn escaped(text: &str, is_meant: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_meant) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_meant(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_cannot_steer_the_terminal() {
        assert_eq!(shown("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
        assert_eq!(shown("é *"), "é *");
        assert_eq!(
            shown("a\u{9b}31m\u{202e}b\u{2028}"),
            "a\\u{9b}31m\\u{202e}b\\u{2028}"
        );
    }

    #[test]
    fn texts_of_the_program_keep_their_colours_and_lines() {
        let text = "\u{1b}[31mred\u{1b}[0m\n\u{9b}2J\u{2066}";
        assert_eq!(
            without_steering(text),
            "\u{1b}[31mred\u{1b}[0m\n\\u{9b}2J\\u{2066}"
        );
    }
}
