//! Members of outputs. Those that nobody asks for are let pass, since AWS adds members; those that are asked for must be of
//! their type.

use preclear_model::{Diagnostic, Node, Place};
use preclear_simulator::snapshot::Tags;

use super::Output;
use crate::loader::Loader;
use crate::merge::contradiction;
use crate::request::opening;

impl<'n> Output<'n> {
    /// The place of a node.
    pub(crate) fn place(&self, node: &Node) -> Place {
        self.origin.place(node)
    }

    /// Where the output begins.
    pub(crate) fn start(&self) -> Place {
        self.origin.source.place(opening(self.node))
    }

    /// A member that is there and not `null`.
    pub(crate) fn value(&self, node: &'n Node, name: &str) -> Option<&'n Node> {
        node.get(name).filter(|value| !value.is_null())
    }

    /// A member that must be there.
    pub(crate) fn required(
        &self,
        loader: &mut Loader<'_>,
        node: &'n Node,
        name: &str,
    ) -> Option<&'n Node> {
        let value = self.value(node, name);
        if value.is_none() {
            let what = match node.as_mapping() {
                Some(_) => format!("{} has no `{name}` here", self.command),
                None => format!(
                    "{} has {} where an object with `{name}` is expected",
                    self.command,
                    node.kind_name()
                ),
            };
            loader.diagnostics.push(
                Diagnostic::error("MISSING_MEMBER", what)
                    .rule("UI-31")
                    .at(self.origin.source.place(opening(node)))
                    .help("give the output as the command prints it"),
            );
        }
        value
    }

    /// A text that may be left out.
    pub(crate) fn text(
        &self,
        loader: &mut Loader<'_>,
        node: &'n Node,
        name: &str,
    ) -> Option<&'n str> {
        let value = self.value(node, name)?;
        loader.text(value, self.origin, name)
    }

    /// A text that must be there and not be empty, with its node: it names something.
    pub(crate) fn required_text(
        &self,
        loader: &mut Loader<'_>,
        node: &'n Node,
        name: &str,
    ) -> Option<(&'n str, &'n Node)> {
        let value = self.required(loader, node, name)?;
        let text = loader.text(value, self.origin, name)?;
        if text.is_empty() {
            let message = format!("`{name}` is empty in the {}", self.command);
            loader.diagnostics.push(
                Diagnostic::error("EMPTY_MEMBER", message)
                    .rule("UI-33")
                    .at(self.place(value))
                    .help("give the output as the command prints it"),
            );
            return None;
        }
        Some((text, value))
    }

    /// `true` or `false`; may be left out.
    pub(crate) fn boolean(
        &self,
        loader: &mut Loader<'_>,
        node: &'n Node,
        name: &str,
    ) -> Option<bool> {
        let value = self.value(node, name)?;
        let boolean = value.as_bool();
        if boolean.is_none() {
            loader.wrong_type(name, "`true` or `false`", value, self.origin);
        }
        boolean
    }

    /// The items of a list; none where it is left out.
    pub(crate) fn list(&self, loader: &mut Loader<'_>, node: &'n Node, name: &str) -> &'n [Node] {
        match node.get(name) {
            Some(value) => loader.list(value, self.origin, name),
            None => &[],
        }
    }

    /// Tags as most services print them: a list of pairs.
    pub(crate) fn tags(
        &self,
        loader: &mut Loader<'_>,
        list: &'n Node,
        (key, value): (&str, &str),
    ) -> Tags {
        let items = loader.list(list, self.origin, "Tags");
        let mut tags = Tags::new();
        for item in items {
            if let Some((name, _)) = self.required_text(loader, item, key) {
                let text = self.text(loader, item, value).unwrap_or_default();
                tags.insert(name.to_owned(), text.to_owned());
            }
        }
        tags
    }

    /// An output that does not say what it is about, in a folder that does not either.
    pub(crate) fn nobody_says(&self, loader: &mut Loader<'_>, what: &str, folder: &str) {
        let message = format!("{} does not say {what}, and no folder does", self.command);
        loader.diagnostics.push(
            Diagnostic::error("SUBJECT_UNKNOWN", message)
                .rule("UI-31")
                .at(self.start())
                .help(format!("put the file into a folder `{folder}`")),
        );
    }

    /// The account of the folder; an error where there is none.
    pub(crate) fn account(&self, loader: &mut Loader<'_>) -> Option<String> {
        let account = self.subject.account.clone();
        if account.is_none() {
            let folder = "account/ACCOUNT/…` whose name is the account's twelve digits, `account/111122223333";
            self.nobody_says(loader, "which account it is of", folder);
        }
        account
    }

    /// The Region of the folder; an error where there is none.
    pub(crate) fn region(&self, loader: &mut Loader<'_>) -> Option<String> {
        let region = self.subject.region.clone();
        if region.is_none() {
            self.nobody_says(loader, "which Region it is of", "account/ACCOUNT/us-west-2");
        }
        region
    }

    /// Refuses an output whose folder is that of something else. Rule: UI-32.
    pub(crate) fn agrees(
        &self,
        loader: &mut Loader<'_>,
        kind: &str,
        said: &str,
        node: &Node,
    ) -> bool {
        let folder = match kind {
            "account" => self.subject.account.as_deref(),
            "region" => self.subject.region.as_deref(),
            kind => self.subject.named(kind),
        };
        let Some(folder) = folder.filter(|folder| *folder != said) else {
            return true;
        };
        let what = match kind {
            "account" => "account ",
            "region" => "Region ",
            _ => "",
        };
        let message = format!(
            "the output is about {what}`{said}`, and its file lies in the folder of {what}`{folder}`: `{}`",
            self.origin.path.display()
        );
        loader.diagnostics.push(
            Diagnostic::error("CONTRADICTION", message)
                .rule("UI-32")
                .at(self.place(node))
                .help("move the file to the folder of what it is about"),
        );
        false
    }

    /// An output that is understood and says nothing that a snapshot holds.
    pub(crate) fn adds_nothing(&self, loader: &mut Loader<'_>, why: &str, help: &str) {
        adds_nothing(loader, self.start(), self.command, why, help);
    }

    /// Two outputs that say different things.
    pub(crate) fn contradicts(
        &self,
        loader: &mut Loader<'_>,
        message: String,
        node: &Node,
        first: &Place,
    ) {
        let error = contradiction(message, &self.place(node), first);
        loader.diagnostics.push(error);
    }
}

/// An output that is understood and says nothing that a snapshot holds.
pub(crate) fn adds_nothing(
    loader: &mut Loader<'_>,
    place: Place,
    command: &str,
    why: &str,
    help: &str,
) {
    loader.diagnostics.push(
        Diagnostic::warning(
            "OUTPUT_ADDS_NOTHING",
            format!("{command} adds nothing to the snapshot: {why}"),
        )
        .rule("UI-31")
        .at(place)
        .help(help),
    );
}
