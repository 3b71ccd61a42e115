//! Nodes as `serde_json` values, for texts that are somebody else's JSON, such as an API request.

use super::{Node, Scalar, ScalarKind, Value};

impl Node {
    /// The same value without places.
    ///
    /// A number that JSON cannot hold as a number (`0123` of YAML, `1e999`) becomes its text.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Scalar(scalar) => scalar.to_json(),
            Value::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Value::Mapping(members) => members
                .iter()
                .map(|member| (member.name.clone(), member.value.to_json()))
                .collect(),
        }
    }
}

impl Scalar {
    fn to_json(&self) -> serde_json::Value {
        match self.kind {
            ScalarKind::Text => self.text.clone().into(),
            ScalarKind::Boolean => self.text.eq_ignore_ascii_case("true").into(),
            ScalarKind::Number => self
                .text
                .parse::<serde_json::Number>()
                .map_or_else(|_| self.text.clone().into(), serde_json::Value::Number),
        }
    }
}
