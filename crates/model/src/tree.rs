//! A document as one flat list of its elements, in the order of the text.
//!
//! A [`Node`] owns each of its texts and lists, which is handy and costs a visit to the allocator for each. A tree has
//! three lists, however large its document is, and refers to the text for what it says. Policies are read from trees.

use std::borrow::Cow;
use std::sync::Arc;

use crate::node::{Node, ScalarKind, Value};
use crate::source::{Source, Span};
use crate::text::Text;

mod element;
mod nodes;
mod scan;

pub(crate) use element::{Element, Entries, Entry};
pub(crate) use scan::scan;

/// The elements of one document.
#[derive(Debug)]
pub(crate) struct Tree<'t> {
    source: &'t Arc<Source>,
    /// The text of the source, where it is at hand.
    text: &'t str,
    /// An element stands in front of what is in it; a name of a member stands in front of its value.
    slots: Vec<Slot>,
    /// What scalars say that are not written as they are.
    texts: Vec<Cow<'t, str>>,
    /// True where it was read from a JSON text by this module.
    is_scanned: bool,
}

/// An element as it is kept.
#[derive(Debug, Clone, Copy)]
struct Slot {
    span: Span,
    kind: Kind,
    /// Of a list or object: index of the slot behind all that is in it. Of a scalar: where its text is.
    more: u32,
}

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    /// A string in quotes, or a name.
    Text,
    Number,
    Boolean,
    /// Scalars of YAML without quotes.
    PlainText,
    PlainNumber,
    PlainBoolean,
    Sequence,
    Mapping,
}

impl Kind {
    fn of_scalar(kind: ScalarKind, plain: bool) -> Kind {
        match (kind, plain) {
            (ScalarKind::Text, false) => Kind::Text,
            (ScalarKind::Number, false) => Kind::Number,
            (ScalarKind::Boolean, false) => Kind::Boolean,
            (ScalarKind::Text, true) => Kind::PlainText,
            (ScalarKind::Number, true) => Kind::PlainNumber,
            (ScalarKind::Boolean, true) => Kind::PlainBoolean,
        }
    }

    fn scalar_kind(self) -> Option<ScalarKind> {
        match self {
            Kind::Text | Kind::PlainText => Some(ScalarKind::Text),
            Kind::Number | Kind::PlainNumber => Some(ScalarKind::Number),
            Kind::Boolean | Kind::PlainBoolean => Some(ScalarKind::Boolean),
            Kind::Null | Kind::Sequence | Kind::Mapping => None,
        }
    }

    /// True for what can be read as text: strings, and whatever YAML has without quotes.
    fn is_text(self) -> bool {
        matches!(
            self,
            Kind::Text | Kind::PlainText | Kind::PlainNumber | Kind::PlainBoolean
        )
    }

    fn is_plain(self) -> bool {
        self.is_text() && self != Kind::Text
    }
}

/// Marks a scalar that says what is written, without its quotes.
const AS_WRITTEN: u32 = u32::MAX;

impl Slot {
    /// Where the letters of a scalar stand that is as written.
    fn letters(&self) -> Span {
        let quote = u32::from(self.kind == Kind::Text);
        Span {
            start: self.span.start.saturating_add(quote),
            end: self.span.end.saturating_sub(quote),
        }
    }
}

impl<'t> Tree<'t> {
    /// The outermost element.
    pub(crate) fn root(&'t self) -> Element<'t> {
        Element::at(self, 0)
    }

    /// True where the whole text is known to be JSON: then it has no control characters but line breaks and tabs.
    pub(crate) fn is_scanned(&self) -> bool {
        self.is_scanned
    }

    /// True where the text at the root's span is JSON.
    pub(crate) fn is_json(&self) -> bool {
        let is_json = || {
            let text = self.source.slice(self.slot(0).span);
            text.starts_with('{') && crate::json::is_json(text)
        };
        self.is_scanned || is_json()
    }

    /// The places of all names and scalars but `null`.
    pub(crate) fn scalars(&self) -> impl Iterator<Item = Span> {
        let is_scalar = |slot: &&Slot| slot.kind.scalar_kind().is_some();
        self.slots.iter().filter(is_scalar).map(|slot| slot.span)
    }

    fn slot(&self, index: usize) -> &Slot {
        const NOTHING: Slot = Slot {
            span: Span { start: 0, end: 0 },
            kind: Kind::Null,
            more: 0,
        };
        self.slots.get(index).unwrap_or(&NOTHING)
    }

    /// What a scalar says.
    #[inline]
    fn str_of(&self, slot: &Slot) -> &str {
        if slot.more == AS_WRITTEN {
            let Span { start, end } = slot.letters();
            let letters = self.text.get(start as usize..end as usize);
            letters.unwrap_or_default()
        } else {
            self.texts.get(slot.more as usize).map_or("", |text| text)
        }
    }

    /// What a scalar says, to be kept.
    #[inline]
    fn text_of(&self, slot: &Slot) -> Text {
        if slot.more == AS_WRITTEN {
            Text::part_of(self.source, slot.letters())
        } else {
            Text::from(self.str_of(slot))
        }
    }

    /// An index or a count as it is kept. There are fewer elements than bytes, and readers refuse texts of 4 GiB.
    fn index(of: usize) -> u32 {
        u32::try_from(of).unwrap_or(AS_WRITTEN)
    }
}

#[cfg(test)]
mod tests;
