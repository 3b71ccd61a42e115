//! Trees from nodes, which YAML and parts of larger files are read as, and nodes from trees.

use super::{AS_WRITTEN, Cow, Element, Kind, Node, Slot, Source, Tree, Value};
use crate::node::{Member, Scalar};
use crate::source::Span;
use std::sync::Arc;

impl<'t> Tree<'t> {
    /// A node of a source with all that is in it.
    pub(crate) fn of(node: &'t Node, source: &'t Arc<Source>) -> Tree<'t> {
        let mut tree = Tree {
            source,
            text: &source.text,
            slots: Vec::new(),
            texts: Vec::new(),
            is_scanned: false,
        };
        tree.add(node);
        tree
    }

    /// As deep as the readers' limit, so recursion is bounded.
    fn add(&mut self, node: &'t Node) {
        let index = self.slots.len();
        match &node.value {
            Value::Null => self.add_slot(node.span, Kind::Null, AS_WRITTEN),
            Value::Scalar(Scalar { text, kind, plain }) => {
                self.add_text(node.span, Kind::of_scalar(*kind, *plain), text);
            }
            Value::Sequence(items) => {
                self.add_slot(node.span, Kind::Sequence, 0);
                items.iter().for_each(|item| self.add(item));
                self.end(index);
            }
            Value::Mapping(members) => {
                self.add_slot(node.span, Kind::Mapping, 0);
                for member in members {
                    self.add_text(member.name_span, Kind::Text, &member.name);
                    self.add(&member.value);
                }
                self.end(index);
            }
        }
    }

    fn add_slot(&mut self, span: Span, kind: Kind, more: u32) {
        self.slots.push(Slot { span, kind, more });
    }

    fn add_text(&mut self, span: Span, kind: Kind, text: &'t str) {
        let mut slot = Slot {
            span,
            kind,
            more: AS_WRITTEN,
        };
        if self.source.slice(slot.letters()) != text {
            slot.more = Tree::index(self.texts.len());
            self.texts.push(Cow::Borrowed(text));
        }
        self.slots.push(slot);
    }

    /// Notes where the list or object ends that stands at an index.
    fn end(&mut self, index: usize) {
        let behind = Tree::index(self.slots.len());
        if let Some(slot) = self.slots.get_mut(index) {
            slot.more = behind;
        }
    }
}

impl Element<'_> {
    /// The element with all that is in it, owning its texts.
    pub(crate) fn to_node(self) -> Node {
        let value = if let Some(scalar) = self.to_scalar() {
            Value::Scalar(scalar)
        } else if self.is_sequence() {
            Value::Sequence(self.items().map(Element::to_node).collect())
        } else if self.is_mapping() {
            let members = self.entries().map(|entry| Member {
                name: entry.name.to_owned(),
                name_span: entry.name_span(),
                value: entry.value.to_node(),
            });
            Value::Mapping(members.collect())
        } else {
            Value::Null
        };
        Node {
            span: self.span(),
            value,
        }
    }

    fn to_scalar(self) -> Option<Scalar> {
        let (text, kind) = self.as_scalar()?;
        Some(Scalar {
            text: text.to_owned(),
            kind,
            plain: self.is_plain(),
        })
    }
}
