//! Elements of a tree: the same questions as of a [`Node`](crate::Node), without the memory.

use super::{Kind, Slot, Tree};
use crate::node::ScalarKind;
use crate::source::Span;
use crate::text::Text;

/// An element of a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'t> {
    tree: &'t Tree<'t>,
    slot: &'t Slot,
    index: usize,
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'t> {
    /// Its name.
    pub(crate) name: &'t str,
    /// Its value.
    pub(crate) value: Element<'t>,
}

impl<'t> Element<'t> {
    pub(super) fn at(tree: &'t Tree<'t>, index: usize) -> Element<'t> {
        Element {
            tree,
            slot: tree.slot(index),
            index,
        }
    }

    fn kind(self) -> Kind {
        self.slot.kind
    }

    /// Where it stands.
    pub(crate) fn span(self) -> Span {
        self.slot.span
    }

    /// The tree that it is part of.
    pub(crate) fn tree(self) -> &'t Tree<'t> {
        self.tree
    }

    /// The text of a string, or of an unquoted YAML scalar of any type.
    pub(crate) fn as_text(self) -> Option<&'t str> {
        let is_text = self.kind().is_text();
        is_text.then(|| self.tree.str_of(self.slot))
    }

    /// The text of a scalar of any type, with the type.
    pub(crate) fn as_scalar(self) -> Option<(&'t str, ScalarKind)> {
        let kind = self.kind().scalar_kind()?;
        Some((self.tree.str_of(self.slot), kind))
    }

    /// The type of a scalar, unless YAML guessed it.
    pub(crate) fn certain_kind(self) -> Option<ScalarKind> {
        self.kind().scalar_kind().filter(|_| !self.is_plain())
    }

    /// As in [`crate::node::Scalar`].
    pub(super) fn is_plain(self) -> bool {
        self.kind().is_plain()
    }

    /// The text of a scalar, to be kept; empty for anything else.
    pub(crate) fn to_text(self) -> Text {
        match self.kind().scalar_kind() {
            Some(_) => self.tree.text_of(self.slot),
            None => Text::default(),
        }
    }

    pub(crate) fn is_sequence(self) -> bool {
        self.kind() == Kind::Sequence
    }

    pub(crate) fn is_mapping(self) -> bool {
        self.kind() == Kind::Mapping
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
        match self.kind().scalar_kind() {
            Some(kind) => kind.name(),
            None if self.is_sequence() => "a list",
            None if self.is_mapping() => "an object",
            None => "null",
        }
    }

    /// Index of what follows it and all that is in it.
    fn end(self) -> usize {
        let next = self.index + 1;
        if self.is_sequence() || self.is_mapping() {
            // Never in front of its own start, so every walk ends.
            (self.slot.more as usize).max(next)
        } else {
            next
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
        let Items { tree, next, end } = self.0;
        if next >= end {
            return None;
        }
        let value = Element::at(tree, next + 1);
        self.0.next = value.end();
        let name = tree.str_of(tree.slot(next));
        Some(Entry { name, value })
    }
}

impl Entry<'_> {
    /// Where the name stands.
    pub(crate) fn name_span(&self) -> Span {
        self.name_slot().span
    }

    /// Its name, to be kept.
    pub(crate) fn name_text(&self) -> Text {
        self.value.tree.text_of(self.name_slot())
    }

    /// A name stands in front of its value.
    fn name_slot(&self) -> &Slot {
        self.value.tree.slot(self.value.index.saturating_sub(1))
    }
}
