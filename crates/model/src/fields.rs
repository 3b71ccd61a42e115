//! Members of an object taken one by one, with everything that is wrong reported at once.
//!
//! Whatever is not asked for is an error, so nothing in a file is passed over in silence. Rule: UI-33.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::near::nearest;
use crate::node::{Member, Node};
use crate::source::{Place, Source, Span};

/// An object whose members are being taken.
///
/// Members that nobody asked for are reported when the value goes out of scope.
///
/// ```
/// use std::sync::Arc;
/// use preclear_model::{Diagnostics, Fields, Source, node};
///
/// let source = Arc::new(Source::new("s.yaml", "arn: arn:aws:s3:::b\ntags: {team: x}\nregoin: eu-west-1"));
/// let tree = node::read(&source).unwrap();
/// let mut found = Diagnostics::new();
/// let mut fields = Fields::of(&tree, &source, "a bucket", &mut found).unwrap();
/// assert_eq!(fields.required_text("arn"), Some("arn:aws:s3:::b"));
/// assert_eq!(fields.text("region"), None);
/// assert_eq!(fields.text_map("tags"), [("team", "x")]);
/// fields.finish();
/// assert_eq!(found.0[0].code, "UNKNOWN_MEMBER");
/// assert_eq!(found.0[0].help.as_deref(), Some("did you mean `region`?"));
/// ```
#[derive(Debug)]
pub struct Fields<'n, 'd> {
    node: &'n Node,
    source: &'n Arc<Source>,
    /// What the object describes, with its article: `a key`.
    what: &'static str,
    /// Names that were asked for.
    asked: Vec<&'static str>,
    /// True where other members are none of our business.
    is_open: bool,
    diagnostics: &'d mut Diagnostics,
}

impl<'n, 'd> Fields<'n, 'd> {
    /// Starts on an object; reports anything else and gives `None`. `what` is for messages: `a key`.
    pub fn of(
        node: &'n Node,
        source: &'n Arc<Source>,
        what: &'static str,
        diagnostics: &'d mut Diagnostics,
    ) -> Option<Fields<'n, 'd>> {
        if node.as_mapping().is_none() {
            diagnostics.push(wrong_type(what, "an object", node, source));
            return None;
        }
        Some(Fields {
            node,
            source,
            what,
            asked: Vec::new(),
            is_open: false,
            diagnostics,
        })
    }

    /// Starts on another object, found by the caller, with the same source and diagnostics.
    pub fn nest(&mut self, node: &'n Node, what: &'static str) -> Option<Fields<'n, '_>> {
        Fields::of(node, self.source, what, self.diagnostics)
    }

    /// The object itself.
    #[must_use]
    pub fn whole(&self) -> &'n Node {
        self.node
    }

    /// The text that it stands in.
    #[must_use]
    pub fn source(&self) -> &'n Arc<Source> {
        self.source
    }

    /// The place of a span of that text.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        self.source.place(span)
    }

    /// Where findings go.
    pub fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// A member with its name's place, also where its value is `null`.
    pub fn member(&mut self, name: &'static str) -> Option<&'n Member> {
        self.asked.push(name);
        self.node.member(name)
    }

    /// A member's value as it stands, `null` included: for members where `null` and a member left out differ.
    pub fn node(&mut self, name: &'static str) -> Option<&'n Node> {
        self.member(name).map(|member| &member.value)
    }

    /// True if the member is there, `null` included.
    pub fn has(&mut self, name: &'static str) -> bool {
        self.member(name).is_some()
    }

    /// A member's value; `null` counts as left out.
    pub fn value(&mut self, name: &'static str) -> Option<&'n Node> {
        self.node(name).filter(|node| !node.is_null())
    }

    /// A member's value; reported where it is left out or `null`.
    pub fn required(&mut self, name: &'static str) -> Option<&'n Node> {
        let value = self.value(name);
        if value.is_none() {
            let message = format!("{} needs the member `{name}`", self.what);
            let error = Diagnostic::error("MISSING_MEMBER", message)
                .rule("UI-33")
                .at(self.place(self.opening()));
            self.diagnostics.push(error.help(format!("add `{name}`")));
        }
        value
    }

    /// A text.
    pub fn text(&mut self, name: &'static str) -> Option<&'n str> {
        let node = self.value(name)?;
        self.as_text(node, name)
    }

    /// A text that must be there and not be empty.
    pub fn required_text(&mut self, name: &'static str) -> Option<&'n str> {
        let node = self.required(name)?;
        let text = self.as_text(node, name)?;
        if text.is_empty() {
            let message = format!("`{name}` is empty");
            let error = Diagnostic::error("EMPTY_MEMBER", message)
                .rule("UI-33")
                .at(self.place(node.span));
            self.diagnostics
                .push(error.help(format!("give `{name}` a value")));
            return None;
        }
        Some(text)
    }

    /// A boolean.
    pub fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let node = self.value(name)?;
        let value = node.as_bool();
        if value.is_none() {
            self.report_type(name, "`true` or `false`", node);
        }
        value
    }

    /// A whole number from 0.
    pub fn whole_number(&mut self, name: &'static str) -> Option<u64> {
        let node = self.value(name)?;
        let value = node.as_number_text().and_then(|text| text.parse().ok());
        if value.is_none() {
            self.report_type(name, "a whole number", node);
        }
        value
    }

    /// One of several texts, each with what it stands for.
    pub fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let node = self.value(name)?;
        let text = self.as_text(node, name)?;
        if let Some((_, value)) = choices.iter().find(|(choice, _)| *choice == text) {
            return Some(*value);
        }
        let names = || choices.iter().map(|(choice, _)| *choice);
        let listed: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        let help = match nearest(text, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", listed.join(", ")),
        };
        let message = format!("`{name}` cannot be `{text}`");
        let error = Diagnostic::error("UNKNOWN_VALUE", message)
            .rule("UI-33")
            .at(self.place(node.span));
        self.diagnostics.push(error.help(help));
        None
    }

    /// The elements of a list; none where it is left out.
    pub fn list(&mut self, name: &'static str) -> &'n [Node] {
        let Some(node) = self.value(name) else {
            return &[];
        };
        if node.as_sequence().is_none() {
            self.report_type(name, "a list", node);
        }
        node.items()
    }

    /// The elements of a list, or the one value that stands in its place.
    pub fn one_or_many(&mut self, name: &'static str) -> &'n [Node] {
        match self.value(name) {
            None => &[],
            Some(node) => node.as_sequence().unwrap_or(std::slice::from_ref(node)),
        }
    }

    /// The texts of a list, each with its node.
    pub fn texts(&mut self, name: &'static str) -> Vec<(&'n str, &'n Node)> {
        let items = self.list(name);
        items
            .iter()
            .filter_map(|item| Some((self.as_text(item, name)?, item)))
            .collect()
    }

    /// The texts of a list, or the one text that stands in its place.
    pub fn text_or_texts(&mut self, name: &'static str) -> Vec<(&'n str, &'n Node)> {
        let items = self.one_or_many(name);
        items
            .iter()
            .filter_map(|item| Some((self.as_text(item, name)?, item)))
            .collect()
    }

    /// The members of an object whose names are free, such as tags; none where it is left out.
    pub fn entries(&mut self, name: &'static str) -> &'n [Member] {
        let Some(node) = self.value(name) else {
            return &[];
        };
        if node.as_mapping().is_none() {
            self.report_type(name, "an object", node);
        }
        node.members()
    }

    /// The members of an object whose names are free and whose values are texts.
    pub fn text_map(&mut self, name: &'static str) -> Vec<(&'n str, &'n str)> {
        let entries = self.entries(name);
        entries
            .iter()
            .filter_map(|entry| Some((entry.name.as_str(), self.as_text(&entry.value, name)?)))
            .collect()
    }

    /// Starts on an object that is a member of this one; `what` as in [`Fields::of`].
    pub fn object(&mut self, name: &'static str, what: &'static str) -> Option<Fields<'n, '_>> {
        let node = self.value(name)?;
        self.nest(node, what)
    }

    /// The text of a node found by the caller; `name` is for the message.
    pub fn as_text(&mut self, node: &'n Node, name: &str) -> Option<&'n str> {
        let text = node.as_text();
        if text.is_none() {
            self.report_type(name, "a string", node);
        }
        text
    }

    /// Members that were not asked for so far; they are then no errors.
    pub fn others(&mut self) -> Vec<&'n Member> {
        self.is_open = true;
        let others = self.node.members().iter();
        others
            .filter(|member| !self.asked.contains(&member.name.as_str()))
            .collect()
    }

    /// Reports what is left over; so does letting the value go out of scope.
    pub fn finish(self) {}

    /// The object's first character: the whole object would mark half a file.
    fn opening(&self) -> Span {
        let start = self.node.span.start;
        Span {
            start,
            end: self.node.span.end.min(start.saturating_add(1)),
        }
    }

    fn report_type(&mut self, name: &str, expected: &str, node: &Node) {
        self.diagnostics.push(wrong_type(
            &format!("`{name}`"),
            expected,
            node,
            self.source,
        ));
    }
}

fn wrong_type(what: &str, expected: &str, node: &Node, source: &Arc<Source>) -> Diagnostic {
    let message = format!("{what} must be {expected}, not {}", node.kind_name());
    let error = Diagnostic::error("WRONG_TYPE", message)
        .rule("UI-33")
        .at(source.place(node.span));
    let quoted = node.as_scalar().is_some_and(|scalar| !scalar.plain);
    error.help(match expected {
        "a string" => "put the value in quotes".to_owned(),
        "a list" => "put the value in brackets".to_owned(),
        _ if quoted => format!("write {expected}, without quotes"),
        _ => format!("write {expected}"),
    })
}

impl Drop for Fields<'_, '_> {
    fn drop(&mut self) {
        if self.is_open {
            return;
        }
        for member in self.node.members() {
            if !self.asked.contains(&member.name.as_str()) {
                let help = match nearest(&member.name, self.asked.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("remove it; {} knows {}", self.what, list(&self.asked)),
                };
                let message = format!("the member `{}` of {} is unknown", member.name, self.what);
                let place = self.source.place(member.name_span);
                let error = Diagnostic::error("UNKNOWN_MEMBER", message)
                    .rule("UI-33")
                    .at(place);
                self.diagnostics.push(error.help(help));
            }
        }
    }
}

fn list(names: &[&str]) -> String {
    let mut names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        "no member".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests;
