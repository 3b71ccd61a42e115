//! Elements of a tree: the same questions as of a [`Node`](crate::Node), without the memory.

use super::{Kind, Slot, Tree};
use crate::node::ScalarKind;
use crate::source::Span;
use crate::text::Text;

/// An element of a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'t> {
    tree: &'t Tree<'t>,
    index: usize,
    slot: Slot,
    /// Where it stands.
    pub(crate) span: Span,
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'t> {
    /// Its name.
    pub(crate) name: &'t str,
    /// Where the name stands.
    pub(crate) name_span: Span,
    /// Its value.
    pub(crate) value: Element<'t>,
}

impl<'t> Element<'t> {
    pub(super) fn at(tree: &'t Tree<'t>, index: usize) -> Element<'t> {
        let slot = tree.slot(index);
        Element {
            tree,
            index,
            slot,
            span: slot.span,
        }
    }

    /// The tree that it is part of.
    pub(crate) fn tree(self) -> &'t Tree<'t> {
        self.tree
    }

    /// The text of a string, or of an unquoted YAML scalar of any type.
    pub(crate) fn as_text(self) -> Option<&'t str> {
        match self.slot.kind {
            Kind::Scalar { kind, plain } if kind == ScalarKind::Text || plain => {
                Some(self.tree.str_of(&self.slot))
            }
            _ => None,
        }
    }

    /// The text of a scalar of any type, with the type.
    pub(crate) fn as_scalar(self) -> Option<(&'t str, ScalarKind)> {
        match self.slot.kind {
            Kind::Scalar { kind, .. } => Some((self.tree.str_of(&self.slot), kind)),
            _ => None,
        }
    }

    /// The type of a scalar, unless YAML guessed it.
    pub(crate) fn certain_kind(self) -> Option<ScalarKind> {
        match self.slot.kind {
            Kind::Scalar { kind, plain: false } => Some(kind),
            _ => None,
        }
    }

    /// The text of a scalar, to be kept; empty for anything else.
    pub(crate) fn to_text(self) -> Text {
        match self.slot.kind {
            Kind::Scalar { .. } => self.tree.text_of(&self.slot),
            _ => Text::default(),
        }
    }

    pub(crate) fn is_sequence(self) -> bool {
        self.slot.kind == Kind::Sequence
    }

    pub(crate) fn is_mapping(self) -> bool {
        self.slot.kind == Kind::Mapping
    }

    /// True for a list or object with nothing in it.
    pub(crate) fn is_empty(self) -> bool {
        (self.is_sequence() || self.is_mapping()) && self.end() == self.index + 1
    }

    /// The texts of a list, or the one text that stands in its place; none for anything else.
    pub(crate) fn one_or_many(self) -> Items<'t> {
        if self.as_text().is_none() {
            return self.items();
        }
        Items {
            tree: self.tree,
            next: self.index,
            end: self.index + 1,
        }
    }

    /// The elements of a list; none for anything else.
    pub(crate) fn items(self) -> Items<'t> {
        Items {
            tree: self.tree,
            next: self.index + 1,
            end: if self.is_sequence() { self.end() } else { 0 },
        }
    }

    /// The members of an object; none for anything else.
    pub(crate) fn entries(self) -> Entries<'t> {
        Entries(Items {
            tree: self.tree,
            next: self.index + 1,
            end: if self.is_mapping() { self.end() } else { 0 },
        })
    }

    /// A member of an object.
    pub(crate) fn entry(self, name: &str) -> Option<Entry<'t>> {
        self.entries().find(|entry| entry.name == name)
    }

    /// The value of a member of an object.
    pub(crate) fn get(self, name: &str) -> Option<Element<'t>> {
        self.entry(name).map(|entry| entry.value)
    }

    /// What it is, with its article, for messages: `a string`, `an object`.
    pub(crate) fn kind_name(self) -> &'static str {
        match self.slot.kind {
            Kind::Null => "null",
            Kind::Sequence => "a list",
            Kind::Mapping => "an object",
            Kind::Scalar { kind, .. } => kind.name(),
        }
    }

    /// Index of what follows it and all that is in it.
    fn end(self) -> usize {
        match self.slot.kind {
            // Never in front of its own end, so every walk ends.
            Kind::Sequence | Kind::Mapping => (self.slot.more as usize).max(self.index + 1),
            Kind::Null | Kind::Scalar { .. } => self.index + 1,
        }
    }
}

/// The elements of a list, in order.
#[derive(Debug, Clone)]
pub(crate) struct Items<'t> {
    tree: &'t Tree<'t>,
    next: usize,
    end: usize,
}

impl<'t> Iterator for Items<'t> {
    type Item = Element<'t>;

    fn next(&mut self) -> Option<Element<'t>> {
        if self.next >= self.end {
            return None;
        }
        let element = Element::at(self.tree, self.next);
        self.next = element.end();
        Some(element)
    }

}

impl Items<'_> {
    /// How many there are at most; exact where nothing is in them.
    pub(crate) fn len_max(&self) -> usize {
        self.end.saturating_sub(self.next)
    }
}

/// The members of an object, in order.
#[derive(Debug, Clone)]
pub(crate) struct Entries<'t>(Items<'t>);

impl<'t> Iterator for Entries<'t> {
    type Item = Entry<'t>;

    fn next(&mut self) -> Option<Entry<'t>> {
        let name = self.0.next()?;
        let value = self.0.next()?;
        Some(Entry {
            name: name.tree.str_of(&name.slot),
            name_span: name.span,
            value,
        })
    }
}

impl Entry<'_> {
    /// Its name, to be kept.
    pub(crate) fn name_text(&self) -> Text {
        // A name stands in front of its value.
        Element::at(self.value.tree, self.value.index.saturating_sub(1)).to_text()
    }
}
