//! What the names of a template stand for: each operation may define a name anew.

use serde_json::{Map, Value};

/// Names that are always there.
const BUILT_IN: [&str; 12] = [
    "partition",
    "region",
    "account",
    "service",
    "api",
    "operation",
    "interface",
    "profile",
    "lifetime",
    "readers",
    "data",
    "item",
];

/// Whether a name needs no definition.
pub(crate) fn is_built_in(name: &str) -> bool {
    BUILT_IN.contains(&name)
}

/// One thing that a name stands for, and the operations in which it does.
#[derive(Debug, Clone)]
pub(crate) struct Definition<'a> {
    pub(crate) value: &'a Value,
    pub(crate) operations: Vec<&'a str>,
}

/// The names of one template.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    template: &'a Value,
}

impl<'a> Names<'a> {
    pub(crate) fn new(template: &'a Value) -> Self {
        Self { template }
    }

    /// The service principal of the template.
    pub(crate) fn service(self) -> &'a str {
        text(self.template, "service")
    }

    /// Operations of the template, in their order.
    pub(crate) fn operations(self) -> &'a [Value] {
        list(self.template, "operations")
    }

    /// Whether the name is that of key uses.
    pub(crate) fn is_key_use(self, name: &str) -> bool {
        !self.definitions_in("key_uses", name).is_empty()
    }

    /// What a name stands for, without the operations for which it is empty.
    pub(crate) fn definitions(self, name: &str) -> Vec<Definition<'a>> {
        let mut found = self.definitions_in("let", name);
        found.extend(self.definitions_in("key_uses", name));
        found
    }

    /// What a name stands for in every operation that has it.
    pub(crate) fn only(self, name: &str) -> Option<&'a Value> {
        match self.definitions(name).as_slice() {
            [one] => Some(one.value),
            _ => None,
        }
    }

    /// The operations in which a name is not empty, if it stands for fixed texts alone: it then marks them.
    pub(crate) fn marked(self, name: &str) -> Option<Vec<&'a str>> {
        let definitions = self.definitions(name);
        let fixed = definitions.iter().all(|one| is_fixed(one.value));
        let operations: Vec<&str> = definitions
            .into_iter()
            .flat_map(|one| one.operations)
            .collect();
        let is_mark = fixed && !operations.is_empty() && operations.len() < self.operations().len();
        is_mark.then_some(operations)
    }

    fn definitions_in(self, member: &str, name: &str) -> Vec<Definition<'a>> {
        let mut found: Vec<Definition> = Vec::new();
        for operation in self.operations() {
            let own = operation.get(member).and_then(|all| all.get(name));
            let shared = self.template.get(member).and_then(|all| all.get(name));
            let Some(value) = own.or(shared).filter(|value| !is_empty(value)) else {
                continue;
            };
            let title = short_operation(text(operation, "operation"));
            match found.iter_mut().find(|one| one.value == value) {
                Some(one) => one.operations.push(title),
                None => found.push(Definition {
                    value,
                    operations: vec![title],
                }),
            }
        }
        found
    }
}

/// `CreateTrainingJob` of `sagemaker:CreateTrainingJob`.
pub(crate) fn short_operation(operation: &str) -> &str {
    operation
        .split_once(':')
        .map_or(operation, |(_, name)| name)
}

/// A member that is a text; nothing if it is not there.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// A member that is a list; nothing if it is not there.
pub(crate) fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value
        .get(member)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A member that is an object, pair by pair; nothing if it is not there.
pub(crate) fn pairs<'a>(value: &'a Value, member: &str) -> Vec<(&'a String, &'a Value)> {
    let object = value.get(member).and_then(Value::as_object);
    object.into_iter().flat_map(Map::iter).collect()
}

/// The kind of a block and what it holds: blocks are objects of one member.
pub(crate) fn block(value: &Value) -> Option<(&str, &Value)> {
    let (kind, inner) = value.as_object()?.iter().next()?;
    Some((kind, inner))
}

/// `x`, of the text `{x}`.
pub(crate) fn whole_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    (!name.contains(['{', '}'])).then_some(name)
}

/// An empty list.
pub(crate) fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

fn is_fixed(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('{'),
        Value::Array(all) => all.iter().all(is_fixed),
        _ => false,
    }
}
