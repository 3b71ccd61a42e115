//! Contexts and statements for the tests of the language.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::policy::{ParseOptions, PolicyKind, parse_policy};
use preclear_model::{Statement, Template, Version};
use preclear_simulator::AmbiguityMode;

use super::super::value::{Context, Toward, Tri, Value};

/// A context of what was said, in which all else is absent and single-valued.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    values: BTreeMap<String, (Value, Tri)>,
    twins: BTreeSet<String>,
    pub(super) mode: AmbiguityMode,
}

impl Sample {
    pub(super) fn new() -> Sample {
        Sample {
            values: BTreeMap::new(),
            twins: BTreeSet::new(),
            mode: AmbiguityMode::Report,
        }
    }

    pub(super) fn mode(mut self, mode: AmbiguityMode) -> Sample {
        self.mode = mode;
        self
    }

    fn put(mut self, key: &str, value: Value, arity: Tri) -> Sample {
        self.values.insert(key.to_lowercase(), (value, arity));
        self
    }

    pub(super) fn known(self, key: &str, value: &str) -> Sample {
        self.put(key, Value::Known(vec![value.to_owned()]), Tri::False)
    }

    pub(super) fn set(self, key: &str, values: &[&str]) -> Sample {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.put(key, Value::Known(values), Tri::True)
    }

    pub(super) fn with(self, key: &str, value: Value) -> Sample {
        self.put(key, value, Tri::False)
    }

    /// A tag beside one whose name differs in case alone.
    pub(super) fn twin(mut self, key: &str) -> Sample {
        self.twins.insert(key.to_lowercase());
        self
    }

    pub(super) fn multivalued(self, key: &str, value: Value) -> Sample {
        self.put(key, value, Tri::True)
    }

    /// A key with sometimes one value and sometimes several.
    pub(super) fn sometimes(self, key: &str, value: Value) -> Sample {
        self.put(key, value, Tri::Unknown)
    }
}

impl Context for Sample {
    fn value(&self, key: &str) -> Value {
        self.values
            .get(&key.to_lowercase())
            .map_or(Value::Absent, |(value, _)| value.clone())
    }

    fn is_multivalued(&self, key: &str) -> Tri {
        self.values
            .get(&key.to_lowercase())
            .map_or(Tri::False, |(_, arity)| *arity)
    }

    fn ambiguity(&self) -> AmbiguityMode {
        self.mode
    }

    fn has_twin(&self, key: &str) -> bool {
        self.twins.contains(&key.to_lowercase())
    }
}

/// The one statement of a document of the given kind and version, its other elements filled in.
pub(super) fn statement_of(kind: PolicyKind, version: &str, elements: &str) -> Statement {
    let has = |name: &str| elements.contains(name);
    let mut members = vec![elements.to_owned()];
    if !has("\"Effect\"") {
        members.push("\"Effect\": \"Deny\"".to_owned());
    }
    if !has("Action\"") {
        members.push("\"Action\": \"*\"".to_owned());
    }
    if !has("Resource\"") && kind != PolicyKind::Trust {
        members.push("\"Resource\": \"*\"".to_owned());
    }
    if matches!(kind, PolicyKind::Resource | PolicyKind::VpcEndpoint) {
        members.push("\"Principal\": \"*\"".to_owned());
    }
    let text = format!(
        "{{\"Version\": \"{version}\", \"Statement\": {{{}}}}}",
        members.join(", ")
    );
    let (policy, found) = parse_policy(&text, "sample", kind, ParseOptions::default());
    let policy = policy.unwrap_or_else(|| unreachable!("{text}: {found:?}"));
    policy
        .statements
        .into_iter()
        .next()
        .unwrap_or_else(|| unreachable!("{text}"))
}

/// The one statement of an identity policy.
pub(super) fn statement(elements: &str) -> Statement {
    statement_of(PolicyKind::Identity, "2012-10-17", elements)
}

/// What a mode and an effect come to: `report`, `guess`, `failsafe` of an Allow, `failsafe` of a Deny.
pub(super) fn in_every_mode(test: impl Fn(AmbiguityMode, Toward) -> Tri) -> [Tri; 4] {
    [
        test(AmbiguityMode::Report, Toward::Allow),
        test(AmbiguityMode::Guess, Toward::Allow),
        test(AmbiguityMode::Failsafe, Toward::Allow),
        test(AmbiguityMode::Failsafe, Toward::Deny),
    ]
}

/// A template of a 2012 document.
pub(super) fn template(text: &str) -> Template {
    Template::parse(text, Version::V2012).unwrap_or_else(|error| unreachable!("{text}: {error}"))
}
