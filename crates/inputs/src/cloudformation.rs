//! Templates of CloudFormation, JSON or YAML. Rule: UI-31.
//!
//! Functions are evaluated as far as the template, its parameters and the account and Region of the snapshot determine them. What they do
//! not determine stays unknown: a policy with such a part leaves its layer open, and answers name what it hangs on.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::near::nearest;
use preclear_model::{Diagnostic, Node, Place};
use preclear_simulator::Layer;

use crate::loader::{Loader, Origin};
use crate::part::Part;
use crate::sketch::{Home, Kind, Sketch};
use crate::terraform::types_not_read;

mod evaluate;
mod names;
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
        let kind = member.value.get("Type").and_then(Node::as_text);
        kind.is_some_and(|kind| kind.contains("::"))
    })
}

/// Values of `--param` that CloudFormation would refuse.
fn check_parameters(loader: &mut Loader<'_>, node: &Node, origin: &Origin) {
    let mut refused = Vec::new();
    for member in node.get("Parameters").map_or(&[][..], Node::members) {
        let (name, allowed) = (&member.name, member.value.get("AllowedValues"));
        let Some((given, allowed)) = loader.options.params.get(name).zip(allowed) else {
            continue;
        };
        let allowed: Vec<&str> = allowed
            .items()
            .iter()
            .filter_map(|value| Some(value.as_scalar()?.text.as_str()))
            .collect();
        // A list is allowed where each of its items is.
        let mut items = given.split(',').map(str::trim);
        if allowed.is_empty()
            || allowed.contains(&given)
            || items.all(|item| allowed.contains(&item))
        {
            continue;
        }
        let help = match nearest(given, allowed.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it allows `{}`", allowed.join("`, `")),
        };
        refused.push(
            Diagnostic::warning(
                "PARAMETER_NOT_ALLOWED",
                format!("`{given}` is none of the values that the parameter `{name}` allows; it counts all the same"),
            )
            .rule("UI-31")
            .at(origin.place(&member.value))
            .help(help),
        );
    }
    loader.diagnostics.extend(refused);
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
    check_parameters(loader, node, origin);
    let template = Template::new(node, loader, (account, region));
    let mut reader = Reader {
        template,
        loader,
        origin,
        sketch: Sketch::default(),
        not_read: BTreeMap::new(),
        first_not_read: None,
    };
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
            let Some(kind) = node.get("Type").and_then(Node::as_text) else {
                // `Fn::ForEach::…`, for one.
                *self.not_read.entry(name.to_owned()).or_default() += 1;
                self.first_not_read.get_or_insert(self.origin.place(node));
                continue;
            };
            match self.template.is_made(node) {
                Ok(false) => continue,
                Ok(true) => {}
                Err(names) => self.may_be_made(name, node, &names),
            }
            made.push(Made { name, kind, node });
        }
        for one in &made {
            if let Some(arn) = self.template.arn(one.name) {
                self.sketch.name(one.name, &arn);
                if let Some(reference) = self.template.made_up(one.name) {
                    self.sketch.stand_in(&arn, reference);
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
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "whether `{name}` is made hangs on {}; it counts as made",
            names.join(", ")
        );
        let place = self.origin.place(node);
        self.loader.diagnostics.push(
            Diagnostic::warning("CONDITION_NOT_DETERMINED", message)
                .rule("UI-31")
                .at(place)
                .help("give the parameter by `--param NAME=VALUE`"),
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

    /// A property; `Err` with what it hangs on.
    fn value(&mut self, made: Made<'n>, name: &str) -> Result<Option<Node>, BTreeSet<String>> {
        match made.property(name) {
            None => Ok(None),
            Some(node) => self.template.evaluate(node).into_result(),
        }
    }

    /// A property that is a text, if it is determined.
    fn text(&mut self, made: Made<'n>, name: &str) -> Option<String> {
        let value = self.value(made, name).ok()??;
        value.as_text().map(str::to_owned)
    }

    /// A policy of a member; what is not determined leaves the layer of its owner open.
    fn policy(
        &mut self,
        made: Made<'n>,
        property: &str,
        (layer, kind, owner, member): (Layer, Kind, &str, &'static str),
    ) -> bool {
        match self.value(made, property) {
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
