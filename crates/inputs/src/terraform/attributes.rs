//! Attributes of resources: known, to be told by applying, or left out.

use std::collections::HashMap;

use preclear_model::{Node, Span, Value};

use super::Reader;
use super::graph::{Graph, Resource, Told};
use super::names::Names;

/// An expression that the configuration does not show.
static HIDDEN: Node = Node {
    span: Span { start: 0, end: 0 },
    value: Value::Null,
};

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
        let expression = self.expression(path);
        let value = self.value(path).filter(|node| !is_left_out(node));
        let is_hidden = path.len() > 1 && path.first().is_some_and(|name| self.is_dynamic(name));
        match (self.told(path), value) {
            (Told::Part | Told::Later, _) => match expression {
                // What is computed where nothing is given is AWS's.
                Some(node) if is_constant(node) => Attribute::Absent,
                Some(node) => Attribute::Later(node),
                // Of a resource whose configuration is not there, all that is not known yet may be configured.
                None if is_hidden || self.configuration.is_none() => Attribute::Later(&HIDDEN),
                None => Attribute::Absent,
            },
            (Told::Whole | Told::Nothing, Some(node)) => Attribute::Known(node),
            // Nothing, said to be known.
            (Told::Whole | Told::Nothing, None) if self.value(path).is_some() => Attribute::Absent,
            (Told::Whole, None) => match expression.and_then(|node| node.get("constant_value")) {
                // A constant that the provider does not show.
                Some(node) if !is_left_out(node) => Attribute::Known(node),
                _ => Attribute::Absent,
            },
            (Told::Nothing, None) => match expression {
                Some(node) if is_constant(node) => match node.get("constant_value") {
                    Some(node) if !is_left_out(node) => Attribute::Known(node),
                    _ => Attribute::Absent,
                },
                Some(node) if node.as_sequence().is_some() => Attribute::Absent,
                Some(node) if node.get("references").is_some() || node.members().is_empty() => {
                    Attribute::Later(node)
                }
                Some(_) => Attribute::Absent,
                None if is_hidden => Attribute::Later(&HIDDEN),
                None => Attribute::Absent,
            },
        }
    }
}

/// True for the expression of a constant.
fn is_constant(expression: &Node) -> bool {
    expression.get("references").is_none() && expression.get("constant_value").is_some()
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
        self.meant_within(index, path, types, 8)
    }

    fn meant_within(&self, index: usize, path: &[&str], types: &[&str], rest: usize) -> Meant {
        let resource = self.resource(index);
        let expression = match resource.nested(path) {
            Attribute::Absent => return Meant::Nothing,
            Attribute::Known(node) => match node.as_text() {
                Some(text) => return self.named(index, text, types),
                None => return Meant::Nothing,
            },
            Attribute::Later(expression) => expression,
        };
        let resolved = self.graph.resolve(resource, expression);
        if let Some(one) = resolved.one() {
            if types.contains(&self.resource(one).kind) {
                return Meant::Resource(one);
            }
            // What a further resource of the same thing says, such as the versioning of a bucket.
            if let (Some(rest), [name]) = (rest.checked_sub(1), path)
                && self.resource(one).expression(&[name]).is_some()
            {
                return self.meant_within(one, path, types, rest);
            }
        }
        let mut several = resolved.targets;
        several.retain(|index| types.contains(&self.resource(*index).kind));
        if !resolved.is_plain || several.is_empty() {
            several = types.iter().flat_map(|kind| self.all(kind)).collect();
        }
        Meant::Unknown(several)
    }

    /// What a text names.
    pub(super) fn named(&self, from: usize, text: &str, types: &[&str]) -> Meant {
        let account = self.names.account(from);
        // States do not tell who manages what.
        let is_told = |index: usize| self.resource(index).provider().is_some();
        let is_elsewhere = |index: usize| {
            let own = self.names.account(index);
            let differs = own.is_some() && account.is_some() && own != account;
            let is_name = self.resource(index).kind.starts_with("aws_iam_");
            differs && is_name && !text.starts_with("arn:") && is_told(index) && is_told(from)
        };
        let found = self.by_text.get(text).map_or(&[][..], Vec::as_slice);
        let mut found: Vec<usize> = found
            .iter()
            .copied()
            .filter(|index| types.contains(&self.resource(*index).kind))
            .filter(|index| !is_elsewhere(*index))
            .collect();
        if found.len() > 1 {
            // Names are those of an account.
            let is_same = |index: &usize| self.names.account(*index) == account;
            let same: Vec<usize> = found.iter().copied().filter(is_same).collect();
            if same.len() == 1 {
                found = same;
            }
        }
        match found[..] {
            [] => Meant::Other(text.to_owned()),
            [one] => Meant::Resource(one),
            ref several => Meant::Unknown(several.to_vec()),
        }
    }
}

/// Attributes that other resources name a resource by.
pub(super) const NAMES: [&str; 8] = [
    "arn",
    "id",
    "name",
    "key_id",
    "bucket",
    "function_name",
    "url",
    "policy_id",
];

/// Resources by the texts that name them.
pub(super) fn by_text(graph: &Graph<'_>, names: &Names) -> HashMap<String, Vec<usize>> {
    let mut found: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, resource) in graph.resources.iter().enumerate() {
        if resource.is_data {
            continue;
        }
        let own = NAMES.iter().filter_map(|name| resource.text(name));
        let mut own: Vec<String> = own.map(str::to_owned).collect();
        own.extend(names.arn(index));
        for text in own {
            let known = found.entry(text).or_default();
            if !known.contains(&index) {
                known.push(index);
            }
        }
    }
    found
}
