//! Templates of CloudFormation, JSON or YAML. Rule: UI-31.
//!
//! Functions are evaluated as far as the template, its parameters and the account and Region of the snapshot determine them. What they do
//! not determine stays unknown: a policy with such a part leaves its layer open, and answers name what it hangs on.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Diagnostic, Node, Place};
use preclear_simulator::Layer;

use crate::loader::{Loader, Origin};
use crate::part::Part;
use crate::sketch::{Home, Kind, Sketch};
use crate::terraform::types_not_read;

mod dynamic;
mod evaluate;
mod names;
mod parameters;
mod permissions;
pub mod policies;
mod resources;

use self::evaluate::{Evaluated, Template};

/// True for a text whose tags may be functions: it is not known yet what it is.
pub(crate) fn may_be_template(text: &str) -> bool {
    text.contains("Resources") && text.contains("::") && text.contains("Type")
}

/// True for an object with resources that have types.
pub(crate) fn is_template(node: &Node) -> bool {
    let resources = node.get("Resources").map_or(&[][..], Node::members);
    resources.iter().any(|member| {
        let kind = member.value.get("Type").and_then(Node::scalar_text);
        kind.is_some_and(|kind| kind.contains("::"))
    })
}

/// Reads a template.
pub(crate) fn read(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    home: &Home,
) -> Option<Part> {
    let mut home = home.clone();
    for (name, said) in [
        ("AWS::AccountId", &mut home.account),
        ("AWS::Region", &mut home.region),
    ] {
        if let Some(value) = loader.options.params.get(name) {
            *said = Some(value.to_owned());
            loader.options.params.was_filled(name);
        }
    }
    let (Some(account), Some(region)) = (home.account.clone(), home.region.clone()) else {
        let error = Diagnostic::error(
            "ACCOUNT_UNKNOWN",
            "a template does not say in which account and Region its stack will be",
        );
        loader.diagnostics.push(
            error
                .rule("UI-31")
                .at(origin.source.place(crate::request::opening(node)))
                .help("give `--param AWS::AccountId=111122223333 --param AWS::Region=us-west-2`, or load a file that says it: `preclear: 1`, `account: \"111122223333\"`, `region: us-west-2`, a line each"),
        );
        return None;
    };
    parameters::check(loader, node, origin);
    let template = Template::new(node, &loader.options.params, (account, region));
    let mut reader = Reader {
        template,
        loader,
        origin,
        sketch: Sketch::default(),
        not_read: BTreeMap::new(),
        first_not_read: None,
        uncertain: BTreeMap::new(),
        rewritten: BTreeMap::new(),
        shared: BTreeSet::new(),
    };
    reader.macros();
    reader.resources();
    let Reader {
        template,
        loader,
        sketch,
        not_read,
        first_not_read,
        ..
    } = reader;
    if let Some(place) = first_not_read {
        let warning = types_not_read(&not_read);
        loader.diagnostics.push(warning.at(place));
    }
    for (name, span) in template.unknown_references() {
        let message = format!("`{name}` is neither a parameter nor a resource of the template");
        let place = origin.source.place(span);
        loader.diagnostics.push(
            Diagnostic::warning("UNKNOWN_REFERENCE", message)
                .rule("UI-31")
                .at(place)
                .help("correct the name; what it stands for is unknown until then"),
        );
    }
    sketch.read(loader, origin)
}

/// Everything that readers of single types need.
struct Reader<'n, 'l, 'f> {
    template: Template<'n>,
    loader: &'l mut Loader<'f>,
    origin: &'l Origin,
    sketch: Sketch,
    not_read: BTreeMap<String, usize>,
    first_not_read: Option<Place>,
    /// Resources of which is not determined whether they are made, with what that hangs on.
    uncertain: BTreeMap<&'n str, BTreeSet<String>>,
    /// Resources that macros change, with the macros.
    rewritten: BTreeMap<&'n str, BTreeSet<String>>,
    /// ARNs of several resources.
    shared: BTreeSet<String>,
}

/// A resource that is made.
#[derive(Debug, Clone, Copy)]
struct Made<'n> {
    name: &'n str,
    kind: &'n str,
    node: &'n Node,
}

impl<'n> Made<'n> {
    fn property(&self, name: &str) -> Option<&'n Node> {
        self.node.get("Properties")?.get(name)
    }
}

impl<'n> Reader<'n, '_, '_> {
    fn resources(&mut self) {
        let mut made = Vec::new();
        for (name, node) in self.template.resources() {
            let Some(kind) = node.get("Type").and_then(Node::scalar_text) else {
                // `Fn::ForEach::…`, for one.
                *self.not_read.entry(name.to_owned()).or_default() += 1;
                self.first_not_read.get_or_insert(self.origin.place(node));
                continue;
            };
            match self.template.is_made(node) {
                Ok(false) => continue,
                Ok(true) => {}
                Err(names) => {
                    self.may_be_made(name, node, &names);
                    self.uncertain.insert(name, names);
                }
            }
            let macros = self.template.rewritten_by(node);
            if !macros.is_empty() {
                self.rewritten.insert(name, macros);
            }
            made.push(Made { name, kind, node });
        }
        let mut arns = BTreeSet::new();
        for one in &made {
            if let Some(arn) = self.template.arn(one.name) {
                self.sketch.name(one.name, &arn);
                if let Some(reference) = self.template.made_up(one.name) {
                    self.sketch.stand_in(&arn, reference);
                }
                self.name_is_determined(*one);
                self.sketch.of_stack(arn.clone());
                if !arns.insert(arn.clone()) {
                    self.shared.insert(arn);
                }
            }
        }
        let (account, region) = self.template.home();
        let (account, region) = (account.to_owned(), region.to_owned());
        self.sketch.home(&account, &region);
        for pass in resources::PASSES {
            for one in &made {
                if let Some((_, read)) = pass.iter().find(|(kind, _)| *kind == one.kind) {
                    read(self, *one);
                }
            }
        }
        for one in &made {
            let is_read = resources::PASSES
                .iter()
                .any(|pass| pass.iter().any(|(kind, _)| *kind == one.kind));
            if !is_read {
                *self.not_read.entry(one.kind.to_owned()).or_default() += 1;
                let place = self.origin.place(one.node);
                self.first_not_read.get_or_insert(place);
            }
        }
    }

    /// A resource whose condition is not determined.
    fn may_be_made(&mut self, name: &str, node: &Node, names: &BTreeSet<String>) {
        let message = format!(
            "whether `{name}` is made hangs on {}; answers that it may change depend on that",
            shown(names)
        );
        let place = self.origin.place(node);
        self.loader.diagnostics.push(
            Diagnostic::warning("CONDITION_NOT_DETERMINED", message)
                .rule("UI-31")
                .at(place)
                .help(dynamic::help(names)),
        );
    }

    /// Something of which nothing tells what it belongs to.
    fn belongs_to_nothing(&mut self, made: Made<'_>, to: &str) {
        let message = format!(
            "`{}` adds nothing to the snapshot: nothing here tells {to}",
            made.name
        );
        let place = self.origin.place(made.node);
        let help = "it may stand in another template; answers that it could change are wrong if that one is not loaded as well";
        self.loader.diagnostics.push(
            Diagnostic::warning("RESOURCE_ADDS_NOTHING", message)
                .rule("UI-31")
                .at(place)
                .help(help),
        );
    }

    /// Macros of the template as a whole and of single resources.
    fn macros(&mut self) {
        let help = "run the macros first: pass what `aws cloudformation get-template --template-stage Processed` prints";
        let all = self.template.macros();
        if let (false, Some(node)) = (all.is_empty(), self.template.macros_node()) {
            let message = format!(
                "preclear does not run {}: whatever the template makes may come out otherwise",
                shown(&all)
            );
            let place = self.origin.place(node);
            self.loader.diagnostics.push(
                Diagnostic::warning("MACRO_NOT_READ", message)
                    .rule("UI-31")
                    .at(place)
                    .help(help),
            );
            return;
        }
        for (name, node) in self.template.resources() {
            let macros = self.template.rewritten_by(node);
            if macros.is_empty() {
                continue;
            }
            let message = format!(
                "preclear does not run {}: what `{name}` says is not known",
                shown(&macros)
            );
            let place = self.origin.place(node);
            self.loader.diagnostics.push(
                Diagnostic::warning("MACRO_NOT_READ", message)
                    .rule("UI-31")
                    .at(place)
                    .help(help),
            );
        }
    }

    /// Warns of a name that somebody gives and the template does not determine: patterns are matched against the logical id.
    fn name_is_determined(&mut self, made: Made<'n>) {
        let properties = names::name_property(made.kind).into_iter();
        let path = made.kind.starts_with("AWS::IAM::").then_some("Path");
        for property in properties.chain(path) {
            let Some(node) = made.property(property) else {
                continue;
            };
            let Evaluated::Later(names) = self.template.evaluate(node) else {
                continue;
            };
            let counts_as = match property {
                "Path" => "the path `/`".to_owned(),
                _ => format!("the name `{}`", made.name),
            };
            let message = format!(
                "`{property}` of `{}` hangs on {}: {counts_as} counts, and patterns of policies may match the real one otherwise",
                made.name,
                shown(&names)
            );
            let place = self.origin.place(node);
            self.loader.diagnostics.push(
                Diagnostic::warning("NAME_NOT_DETERMINED", message)
                    .rule("UI-31")
                    .at(place)
                    .help(dynamic::help(&names)),
            );
        }
    }

    /// Warns of a property that is not determined; `then` is what follows.
    fn not_determined(
        &mut self,
        made: Made<'n>,
        property: &str,
        names: &BTreeSet<String>,
        then: &str,
    ) {
        if self.rewritten.contains_key(made.name) {
            // The macro was told.
            return;
        }
        let message = format!(
            "`{property}` of `{}` hangs on {}: {then}",
            made.name,
            shown(names)
        );
        let node = made.property(property).unwrap_or(made.node);
        let place = self.origin.place(node);
        self.loader.diagnostics.push(
            Diagnostic::warning("PROPERTY_NOT_DETERMINED", message)
                .rule("IAM-TRI-7")
                .at(place)
                .help(dynamic::help(names)),
        );
    }

    /// A policy document of a resource; where it is not determined whether there is the resource, neither is the document.
    fn document(&mut self, made: Made<'n>, name: &str) -> Result<Option<Node>, BTreeSet<String>> {
        match self.uncertain.get(made.name) {
            Some(names) => Err(names.clone()),
            None => self.value(made, name),
        }
    }

    /// A property that is a text or a list of texts: those that are determined, and what the others hang on.
    fn texts(&mut self, made: Made<'n>, name: &str) -> (Vec<String>, BTreeSet<String>) {
        if let Some(macros) = self.rewritten.get(made.name) {
            return (Vec::new(), macros.clone());
        }
        let Some(node) = made.property(name) else {
            return (Vec::new(), BTreeSet::new());
        };
        let mut texts = Vec::new();
        let mut open = BTreeSet::new();
        for item in node.as_sequence().unwrap_or(std::slice::from_ref(node)) {
            match self.template.evaluate(item).into_result() {
                Ok(None) => {}
                Ok(Some(node)) => {
                    let all = node.as_sequence().unwrap_or(std::slice::from_ref(&node));
                    texts.extend(
                        all.iter()
                            .filter_map(|one| Some(one.scalar_text()?.to_owned())),
                    );
                }
                Err(names) => open.extend(names),
            }
        }
        (texts, open)
    }

    /// A property; `Err` with what it hangs on.
    fn value(&mut self, made: Made<'n>, name: &str) -> Result<Option<Node>, BTreeSet<String>> {
        if let Some(macros) = self.rewritten.get(made.name) {
            return Err(macros.clone());
        }
        match made.property(name) {
            None => Ok(None),
            Some(node) => self.template.evaluate(node).into_result(),
        }
    }

    /// A property that is a text, if it is determined.
    fn text(&mut self, made: Made<'n>, name: &str) -> Option<String> {
        let value = self.value(made, name).ok()??;
        value.scalar_text().map(str::to_owned)
    }

    /// A policy of a member; what is not determined leaves the layer of its owner open.
    fn policy(
        &mut self,
        made: Made<'n>,
        property: &str,
        (layer, kind, owner, member): (Layer, Kind, &str, &'static str),
    ) -> bool {
        match self.document(made, property) {
            Ok(None) => false,
            Ok(Some(node)) => {
                self.sketch.set(kind, owner, member, node);
                true
            }
            Err(mut names) => {
                names.insert(made.name.to_owned());
                self.sketch.later(layer, owner, names);
                true
            }
        }
    }
}

/// Names in a message.
fn shown(names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

impl Evaluated {
    /// `None` for `AWS::NoValue`.
    fn into_result(self) -> Result<Option<Node>, BTreeSet<String>> {
        match self {
            Self::Known(node) => Ok(Some(node)),
            Self::NoValue => Ok(None),
            Self::Later(names) => Err(names),
        }
    }
}

#[cfg(test)]
mod tests;
