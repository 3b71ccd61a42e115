//! Attributes of resources: known, to be told by applying, or left out.

use preclear_model::{Node, Value};

use super::Reader;
use super::graph::Resource;

/// What is known of an attribute.
#[derive(Debug, Clone, Copy)]
pub(super) enum Attribute<'n> {
    /// Left out, `null`, an empty text; or computed by AWS, and nothing configures it.
    Absent,
    /// This value.
    Known(&'n Node),
    /// An expression whose value only applying will tell.
    Later(&'n Node),
}

impl<'n> Resource<'n> {
    /// An attribute of the resource itself.
    pub(super) fn attribute(&self, name: &str) -> Attribute<'n> {
        self.nested(&[name])
    }

    /// An attribute in blocks.
    pub(super) fn nested(&self, path: &[&str]) -> Attribute<'n> {
        match self.value(path) {
            Some(node) if !is_left_out(node) => Attribute::Known(node),
            Some(_) => Attribute::Absent,
            None => match self.expression(path) {
                // A block, or a constant that the provider does not show.
                Some(node) if node.get("references").is_some() || node.members().is_empty() => {
                    match node.get("constant_value") {
                        Some(node) if !is_left_out(node) => Attribute::Known(node),
                        _ if node.as_sequence().is_some() => Attribute::Absent,
                        _ => Attribute::Later(node),
                    }
                }
                Some(node) => match node.get("constant_value") {
                    Some(node) if !is_left_out(node) => Attribute::Known(node),
                    _ => Attribute::Absent,
                },
                None => Attribute::Absent,
            },
        }
    }
}

/// `null` and the empty text, which states have in place of it.
pub(super) fn is_left_out(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Scalar(scalar) => scalar.text.is_empty(),
        _ => false,
    }
}

/// What an attribute names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    /// Nothing.
    Nothing,
    /// A resource of this file.
    Resource(usize),
    /// Something else, by its name, id or ARN.
    Other(String),
    /// One of these, or something else: only applying will tell.
    Unknown(Vec<usize>),
}

impl<'n> Reader<'n, '_, '_> {
    /// What an attribute of a resource names, among resources of some types.
    pub(super) fn meant(&self, index: usize, path: &[&str], types: &[&str]) -> Meant {
        let resource = self.resource(index);
        match resource.nested(path) {
            Attribute::Absent => Meant::Nothing,
            Attribute::Known(node) => match node.as_text() {
                Some(text) => self.named(index, text, types),
                None => Meant::Nothing,
            },
            Attribute::Later(expression) => {
                match self.graph.targets(resource, expression, types)[..] {
                    [one] => Meant::Resource(one),
                    ref several => Meant::Unknown(several.to_vec()),
                }
            }
        }
    }

    /// What a text names.
    pub(super) fn named(&self, from: usize, text: &str, types: &[&str]) -> Meant {
        let all = self.graph.resources.iter().enumerate();
        let is_named = |index: usize, resource: &Resource<'_>| {
            let names = [
                "arn",
                "id",
                "name",
                "key_id",
                "bucket",
                "function_name",
                "url",
                "policy_id",
            ];
            let own = names.iter().any(|name| {
                // A partial id must not be taken for another thing's name.
                resource.text(name) == Some(text)
            });
            own || self.names.arn(index).as_deref() == Some(text)
        };
        let found: Vec<usize> = all
            .filter(|(index, resource)| {
                !resource.is_data && types.contains(&resource.kind) && is_named(*index, resource)
            })
            .map(|(index, _)| index)
            .collect();
        match found[..] {
            [] => Meant::Other(text.to_owned()),
            [one] => Meant::Resource(one),
            ref several => {
                // Names are those of an account.
                let account = self.names.account(from);
                let same: Vec<usize> = several
                    .iter()
                    .copied()
                    .filter(|index| self.names.account(*index) == account)
                    .collect();
                match same[..] {
                    [one] => Meant::Resource(one),
                    _ => Meant::Unknown(several.to_vec()),
                }
            }
        }
    }
}
