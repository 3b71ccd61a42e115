//! Texts of a policy: parts of the document they were read from where they stand there as they are, else texts of their own.
//!
//! Nearly every text of a policy stands in its document letter by letter. Sharing the document instead of copying the
//! letters is what makes reading fast: a text then costs neither memory nor a visit to the allocator.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use crate::source::{Source, Span};

/// A text that is cheap to keep and to clone; it reads like a `str`.
///
/// ```
/// use std::sync::Arc;
/// use preclear_model::{Source, Span, Text};
/// let source = Arc::new(Source::new("p.json", r#"{"Action": "kms:Decrypt"}"#));
/// let action = Text::part_of(&source, Span::new(12, 23));
/// assert_eq!(action, "kms:Decrypt");
/// assert_eq!(action, Text::from("kms:Decrypt"));
/// assert!(action.starts_with("kms:"));
/// ```
#[derive(Clone)]
pub struct Text(Content);

#[derive(Clone)]
enum Content {
    /// Stands in a document as it is.
    Part(Arc<Source>, Span),
    /// Stands in the program as well.
    Fixed(&'static str),
    /// Stands in no document, or is written there with escapes.
    Own(Arc<str>),
}

impl Text {
    /// The part of a text at a span; empty where the span does not fit it.
    #[must_use]
    pub fn part_of(source: &Arc<Source>, span: Span) -> Text {
        Text(Content::Part(Arc::clone(source), span))
    }

    /// A text that the program knows.
    #[must_use]
    pub const fn fixed(text: &'static str) -> Text {
        Text(Content::Fixed(text))
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Content::Part(source, span) => source.slice(*span),
            Content::Fixed(text) => text,
            Content::Own(text) => text,
        }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl Default for Text {
    fn default() -> Text {
        Text::fixed("")
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(Content::Own(text.into()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(Content::Own(text.into()))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> String {
        text.as_str().to_owned()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Text) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Text) -> Ordering {
        self.as_str().cmp(other)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<Text> for str {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<Text> for &str {
    fn eq(&self, other: &Text) -> bool {
        *self == other.as_str()
    }
}

impl PartialEq<Text> for String {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::DefaultHasher;

    #[test]
    fn a_part_and_a_text_of_its_own_are_the_same_where_they_say_the_same() {
        let source = Arc::new(Source::new("s", "[\"é*\"]"));
        let part = Text::part_of(&source, Span::new(2, 5));
        let own = Text::from("é*");
        assert_eq!(part, own);
        assert_eq!(part.cmp(&own), Ordering::Equal);
        let (above, below) = (Text::from("é+"), Text::from("é"));
        assert!(part < above && part > below);
        let hash = |text: &dyn Fn(&mut DefaultHasher)| {
            let mut hasher = DefaultHasher::new();
            text(&mut hasher);
            hasher.finish()
        };
        assert_eq!(hash(&|h| part.hash(h)), hash(&|h| "é*".hash(h)));
        assert_eq!(
            (format!("{part:>4}"), format!("{part:?}")),
            ("  é*".to_owned(), "\"é*\"".to_owned())
        );
        assert_eq!(String::from(part), "é*");
    }

    #[test]
    fn a_span_that_does_not_fit_is_empty() {
        let source = Arc::new(Source::new("s", "é"));
        for span in [Span::new(1, 2), Span::new(0, 9), Span::new(2, 1)] {
            assert_eq!(Text::part_of(&source, span), "");
        }
        assert_eq!(Text::default(), "");
    }
}
