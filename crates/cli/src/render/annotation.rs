//! Texts in commands of GitHub Actions, which stand in lines of a log.

use super::style::shown;

/// A message: line breaks would end the command, and other control characters would steer the terminal that shows the log.
pub(crate) fn data(text: &str) -> String {
    let lines = text.split(['\r', '\n']);
    let mut said = String::with_capacity(text.len());
    let mut at = 0;
    for line in lines {
        said.push_str(&shown(line).replace('%', "%25"));
        at += line.len();
        match text.as_bytes().get(at) {
            Some(b'\r') => said.push_str("%0D"),
            Some(_) => said.push_str("%0A"),
            None => {}
        }
        at += 1;
    }
    said
}

/// A property, which ends at a comma or colon.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_end_a_command() {
        assert_eq!(data("50 %\r\n::error::x"), "50 %25%0D%0A::error::x");
        assert_eq!(property("a,b:c"), "a%2Cb%3Ac");
        assert_eq!(data("a\n"), "a%0A");
    }

    #[test]
    fn texts_cannot_steer_a_terminal() {
        assert_eq!(data("a\u{1b}[2J\0\nb\t"), "a\\u{1b}[2J\\u{0}%0Ab\\t");
    }
}
