//! preclear's own snapshot file. Rule: UI-33.
//!
//! Everything wrong is reported at once; a member left out, `null` and an empty value are kept apart.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Fields, Node, Place};
use preclear_simulator::Layer;

use crate::loader::{Loader, Origin};
use crate::part::{Entry, Part, Said};

mod grant;
mod key;
mod organization;
mod principal;
mod resource;

pub(crate) use grant::{grant, grants};
pub(crate) use key::{ORIGINS, STATES, USAGES, is_alias_name, key_arn, known_spec, word};
pub(crate) use resource::encryption;

/// What an object may have beside the members that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Members {
    /// Nothing: files of preclear hold what preclear knows.
    Known,
    /// Anything: AWS adds members to its outputs.
    Any,
}

impl Members {
    /// Lets the other members of an object pass, if any may be there.
    fn let_pass(self, fields: &mut Fields<'_, '_>) {
        if self == Self::Any {
            fields.others();
        }
    }
}

/// The version of the file formats that this program reads.
pub const FORMAT_VERSION: &str = "1";

/// Reads the content of a snapshot file.
///
/// `is_inline` is true for a snapshot that stands in a test file, whose own `preclear` member counts.
pub(crate) fn read(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    is_inline: bool,
) -> Option<Part> {
    if loader.report_placeholders(node, &origin.source) {
        return None;
    }
    let lists = [
        "external",
        "principals",
        "groups",
        "keys",
        "resources",
        "vpc_endpoints",
        "layers_not_loaded",
        "layers_open",
        "layers_empty",
    ];
    let mut fields = Fields::of(node, &origin.source, "a snapshot", &mut loader.diagnostics)?;
    let version = if is_inline {
        fields.value("preclear")
    } else {
        fields.required("preclear")
    };
    let account = fields.value("account");
    let region = fields.value("region");
    let complete = fields.boolean("complete").zip(fields.value("complete"));
    let disabled_regions = fields.value("disabled_regions");
    let organization = fields.value("organization");
    let undetermined = fields.value("undetermined");
    let names = fields.value("names");
    let stand_ins = fields.value("stand_ins");
    let lists: BTreeMap<&str, &Node> = lists
        .into_iter()
        .filter_map(|name| Some((name, fields.value(name)?)))
        .collect();
    fields.finish();

    check_version(loader, version, origin);
    let mut part = Part {
        account: account.and_then(|node| {
            Some(Said::new(
                loader.account_id(node, origin, "account")?,
                origin.place(node),
            ))
        }),
        region: region.and_then(|node| {
            Some(Said::new(
                loader.region(node, origin, "region")?,
                origin.place(node),
            ))
        }),
        complete: complete.map(|(complete, node)| Said::new(complete, origin.place(node))),
        organization: organization
            .and_then(|node| organization::organization(loader, node, origin)),
        ..Part::default()
    };
    if let Some(node) = undetermined {
        part.undetermined = self::undetermined(loader, node, origin);
    }
    if let Some(node) = names {
        part.names = loader.pairs(node, origin, "names").unwrap_or_default();
    }
    if let Some(node) = stand_ins {
        part.stand_ins = loader.pairs(node, origin, "stand_ins").unwrap_or_default();
    }
    if let Some(node) = disabled_regions {
        part.disabled_regions = regions_by_account(loader, node, origin);
    }
    let mut items = |name: &'static str, read: &mut dyn FnMut(&mut Loader<'_>, &Node)| {
        if let Some(list) = lists.get(name) {
            for item in loader.list(list, origin, name) {
                read(loader, item);
            }
        }
    };
    items("external", &mut |loader, item| {
        part.external.extend(external(loader, item, origin))
    });
    items("principals", &mut |loader, item| {
        part.principals
            .extend(principal::principal(loader, item, origin))
    });
    items("groups", &mut |loader, item| {
        part.groups.extend(principal::group(loader, item, origin))
    });
    items("keys", &mut |loader, item| {
        part.keys.extend(key::key(loader, item, origin))
    });
    items("resources", &mut |loader, item| {
        part.resources
            .extend(resource::resource(loader, item, origin))
    });
    items("vpc_endpoints", &mut |loader, item| {
        part.vpc_endpoints
            .extend(resource::vpc_endpoint(loader, item, origin));
    });
    items("layers_not_loaded", &mut |loader, item| {
        if let Some(layer) = layer(loader, item, origin) {
            part.layers_not_loaded.insert(layer);
            part.layer_places
                .insert(("layers_not_loaded", layer), origin.place(item));
        }
    });
    items("layers_open", &mut |loader, item| {
        if let Some(layer) = layer(loader, item, origin) {
            part.layers_open.insert(layer);
            part.layer_places
                .insert(("layers_open", layer), origin.place(item));
        }
    });
    items("layers_empty", &mut |loader, item| {
        if let Some(layer) = layer(loader, item, origin) {
            part.layers_empty.insert(layer);
            part.layer_places
                .insert(("layers_empty", layer), origin.place(item));
        }
    });
    Some(part)
}

/// Refuses files of another format version.
pub(crate) fn check_version(loader: &mut Loader<'_>, version: Option<&Node>, origin: &Origin) {
    let Some(node) = version else { return };
    let version = node.as_scalar().map_or("", |scalar| scalar.text.as_str());
    if version != FORMAT_VERSION {
        let message =
            format!("`preclear` is `{version}`; this program reads version {FORMAT_VERSION}");
        let help = "write `preclear: 1`, or use a newer preclear";
        loader.error(
            "UNSUPPORTED_FORMAT_VERSION",
            "UI-33",
            message,
            (origin, node.span),
            help,
        );
    }
}

/// What policies hang on that are not all known, by layer and owner.
fn undetermined(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> BTreeMap<Layer, BTreeMap<String, BTreeSet<String>>> {
    let mut layers: BTreeMap<Layer, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    let Some(members) = node.as_mapping() else {
        loader.wrong_type("undetermined", "an object", node, origin);
        return layers;
    };
    for member in members {
        let Some(layer) = Layer::from_name(&member.name) else {
            let names = Layer::ALL.map(Layer::name);
            loader.unknown_word("layer", &member.name, &names, (origin, member.name_span));
            continue;
        };
        let Some(owners) = member.value.as_mapping() else {
            loader.wrong_type(&member.name, "an object", &member.value, origin);
            continue;
        };
        for owner in owners {
            let names = loader.texts(&owner.value, origin, &owner.name);
            let known = layers.entry(layer).or_default();
            known.entry(owner.name.clone()).or_default().extend(names);
        }
    }
    layers
}

fn regions_by_account(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut by_account = BTreeMap::new();
    let Some(members) = node.as_mapping() else {
        loader.wrong_type("disabled_regions", "an object", node, origin);
        return by_account;
    };
    for member in members {
        if !loader.check_account_id(&member.name, member.name_span, origin) {
            continue;
        }
        let items = loader.list(&member.value, origin, "disabled_regions");
        let regions = items
            .iter()
            .filter_map(|item| loader.region(item, origin, "disabled_regions"));
        by_account.insert(member.name.clone(), regions.collect());
    }
    by_account
}

/// An ARN, perhaps with wildcards. Rule: JOB-8.
fn external(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<String> {
    let text = loader.text(node, origin, "external")?;
    if text == "*" {
        return Some(text.to_owned());
    }
    loader
        .arn(node, origin, "external")
        .map(|arn| arn.as_str().to_owned())
}

/// The name of a layer. Rule: IAM-TRI-7.
fn layer(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<Layer> {
    let name = loader.text(node, origin, "layer")?;
    let layer = Layer::from_name(name);
    if layer.is_none() {
        let names = Layer::ALL.map(Layer::name);
        loader.unknown_word("layer", name, &names, (origin, node.span));
    }
    layer
}

/// The members of an entry that were given, with their places.
fn given(node: &Node, origin: &Origin, names: &[&'static str]) -> BTreeMap<&'static str, Place> {
    names
        .iter()
        .filter_map(|name| Some((*name, origin.place(node.get(name)?))))
        .collect()
}

/// An entry with the members that were given.
fn entry<T>(
    record: T,
    key: &Node,
    node: &Node,
    origin: &Origin,
    names: &[&'static str],
) -> Entry<T> {
    Entry {
        record,
        place: origin.place(key),
        given: given(node, origin, names),
    }
}

#[cfg(test)]
mod tests;
