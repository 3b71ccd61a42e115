//! Values and tests: every name defined, every path a field, every block whole.

use std::fmt;

use preclear_model::near::nearest;

use crate::job::template::condition::Condition;
use crate::job::template::expr::{Block, Expr};
use crate::job::template::path;
use crate::job::template::shape::Shape;
use crate::job::template::text::Text;
use crate::job::template::verify::problems::meant;
use crate::job::template::verify::{ITEM, Verifier};

/// Members that lead to a place; nothing is written down unless something is wrong there.
#[derive(Clone, Copy)]
pub(super) struct At<'p> {
    outer: Option<&'p At<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Member(&'p str),
    Index(usize),
}

impl<'p> At<'p> {
    /// A place by its whole path.
    pub(super) fn start(path: &'p str) -> Self {
        Self {
            outer: None,
            step: Step::Member(path),
        }
    }

    fn member(&'p self, name: &'p str) -> Self {
        Self {
            outer: Some(self),
            step: Step::Member(name),
        }
    }

    fn index(&'p self, index: usize) -> Self {
        Self {
            outer: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.outer, self.step) {
            (None, Step::Member(name)) => f.write_str(name),
            (Some(outer), Step::Member(name)) => write!(f, "{outer}.{name}"),
            (None, Step::Index(index)) => write!(f, "[{index}]"),
            (Some(outer), Step::Index(index)) => write!(f, "{outer}[{index}]"),
        }
    }
}

/// What paths are read in.
#[derive(Clone, Copy)]
enum Base<'s> {
    /// The request alone.
    Request,
    /// An element of this shape too; of none, where it is no field.
    Element(Option<&'s Shape>),
}

impl<'a> Verifier<'a, '_> {
    /// Reports names that are not defined.
    pub(super) fn names<'n>(
        &mut self,
        place: impl fmt::Display,
        names: impl IntoIterator<Item = &'n str>,
    ) {
        for name in names {
            if !self.known.iter().any(|known| known == name) {
                let near = nearest(name, self.known.iter().map(String::as_str));
                let what = format!("`{name}` is not defined{}", meant(near));
                self.report(place.to_string(), what);
            }
        }
    }

    /// Checks a value.
    pub(super) fn value(&mut self, at: At<'_>, expr: &Expr) {
        self.value_in(&at, expr, Base::Request);
    }

    /// Checks a test.
    pub(super) fn condition(&mut self, at: At<'_>, condition: &Condition) {
        self.condition_in(&at, condition, Base::Request);
    }

    fn value_in(&mut self, at: &At<'_>, expr: &Expr, base: Base<'a>) {
        match expr {
            Expr::Text(text) => self.names(at, text.names()),
            Expr::All(all) => self.list(at, all, base),
            Expr::Block(block) => self.block(&at.member(block.name()), block, base),
        }
    }

    fn list(&mut self, at: &At<'_>, all: &[Expr], base: Base<'a>) {
        for (index, expr) in all.iter().enumerate() {
            self.value_in(&at.index(index), expr, base);
        }
    }

    fn block(&mut self, at: &At<'_>, block: &Block, base: Base<'a>) {
        match block {
            Block::Field(path) => self.path(at, path, base),
            Block::Names(path) => self.map(at, path, base),
            Block::First(all) => self.list(at, all, base),
            Block::Elements { of, when, take } => {
                return self.elements(at, of, when.as_ref(), take, base);
            }
            Block::Match { cases, .. } => {
                let names = cases.iter().flat_map(|(_, text)| text.names());
                self.names(at.member("cases"), names.filter(|name| *name != ITEM));
            }
            Block::Rewrite { from, to, .. } => self.rewrite(&at.member("to"), from, to),
            _ => {}
        }
        if let Some(when) = block.condition() {
            self.condition_in(&at.member("when"), when, base);
        }
        if matches!(block, Block::First(_)) {
            return;
        }
        for (member, part) in block.parts() {
            match member {
                Some(member) => self.value_in(&at.member(member), part, base),
                None => self.value_in(at, part, base),
            }
        }
    }

    fn elements(
        &mut self,
        at: &At<'_>,
        of: &str,
        when: Option<&Condition>,
        take: &Expr,
        base: Base<'a>,
    ) {
        if matches!(base, Base::Element(_)) {
            let what = "`elements` cannot stand within `elements`";
            return self.report(at.to_string(), what.to_owned());
        }
        self.path(&at.member("of"), of, base);
        let shape = self.operation.fields.at(of).map(Shape::element);
        let within = Base::Element(shape);
        if let Some(when) = when {
            self.condition_in(&at.member("when"), when, within);
        }
        self.value_in(&at.member("take"), take, within);
    }

    fn condition_in(&mut self, at: &At<'_>, condition: &Condition, base: Base<'a>) {
        match condition {
            Condition::Given(name) => self.names(at.member("given"), [name.as_str()]),
            Condition::Has(path) => self.path(&at.member("has"), path, base),
            _ => {}
        }
        let (name, is_list) = word(condition);
        let at = at.member(name);
        for (index, value) in condition.values().into_iter().enumerate() {
            match is_list {
                true => self.value_in(&at.index(index), value, base),
                false => self.value_in(&at, value, base),
            }
        }
        for (index, inner) in condition.conditions().iter().enumerate() {
            match is_list {
                true => self.condition_in(&at.index(index), inner, base),
                false => self.condition_in(&at, inner, base),
            }
        }
    }

    fn path(&mut self, at: &At<'_>, path: &str, base: Base<'a>) {
        let what = match (path::within_element(path), base) {
            (None, _) if self.operation.fields.at(path).is_some() => return,
            (None, _) => {
                let near = self.operation.fields.nearest(path);
                let meant = meant(near.as_deref());
                format!("the request has no field `{path}`{meant}")
            }
            (Some(_), Base::Request) => {
                format!("`{path}` is read within an element, and this is outside of `elements`")
            }
            (Some(_), Base::Element(None)) => return,
            (Some(within), Base::Element(Some(shape))) if shape.at(within).is_some() => return,
            (Some(within), Base::Element(Some(_))) => {
                format!("the elements have no field `{within}`")
            }
        };
        self.report(at.to_string(), what);
    }

    /// Only of an object whose members are free the names say something.
    fn map(&mut self, at: &At<'_>, path: &str, base: Base<'a>) {
        let shape = match (path::within_element(path), base) {
            (None, _) => self.operation.fields.at(path),
            (Some(within), Base::Element(Some(shape))) => shape.at(within),
            (Some(_), _) => None,
        };
        match shape.map(Shape::element) {
            None => self.path(at, path, base),
            Some(Shape::Map) => {}
            Some(_) => self.report(at.to_string(), format!("`{path}` is no map")),
        }
    }

    /// What a text is put together from must have been taken from the other.
    fn rewrite(&mut self, at: &At<'_>, from: &Text, to: &Text) {
        for name in to.names() {
            if !from.names().any(|part| part == name) {
                let what = format!("`{name}` is no part of `from`");
                self.report(at.to_string(), what);
            }
        }
    }
}

/// A test as templates write it, and whether it holds a list.
fn word(condition: &Condition) -> (&'static str, bool) {
    match condition {
        Condition::Given(_) => ("given", false),
        Condition::Has(_) => ("has", false),
        Condition::Not(_) => ("not", false),
        Condition::All(_) => ("all", true),
        Condition::Any(_) => ("any", true),
        Condition::Equals(..) => ("equals", true),
        Condition::Same(..) => ("same", true),
        Condition::Differs(..) => ("differs", true),
        Condition::Like(..) => ("like", true),
        Condition::Listed(_) => ("listed", false),
    }
}
