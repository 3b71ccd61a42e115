//! Building blocks one by one: what a value comes to for a request and a snapshot.

mod actors;
mod keys;
mod listed;
mod places;
mod values;

use std::sync::Arc;

use preclear_model::Source;
use serde_json::{Value, json};

use super::world::*;
use crate::engine::Engine;
use crate::job::s3::KeyUse;
use crate::job::scope::Scope;
use crate::job::setting::Setting;
use crate::job::template::condition::Condition;
use crate::job::template::read;
use crate::snapshot::ObjectRecord;

/// A template of values and key uses, with a row that asks nothing.
fn template(names: &Value, key_uses: &Value) -> String {
    let fields = json!({
        "A": "text", "R": "text", "M": "map",
        "L": [{"B": "text", "On": "boolean", "N": {"X": "text", "Y": ["text"]}, "K": "map"}]
    });
    json!({
        "id": "t", "service": "sagemaker.amazonaws.com", "sources": [], "let": names, "key_uses": key_uses,
        "operations": [{"operation": "x:Op", "title": "t", "fields": fields}],
        "requirements": [{
            "id": "R", "phase": "run", "basis": "M", "why": "w",
            "parts": [{"allow": {"as": "service", "actions": ["s3:GetObject"], "on": "*"}}]
        }]
    })
    .to_string()
}

struct Blocks {
    world: World,
    names: Value,
    key_uses: Value,
}

impl Blocks {
    fn new(request: Value) -> Self {
        let world = World::new("x:Op", "arn:aws:iam::111122223333:role/Caller", request);
        Self {
            world,
            names: json!({}),
            key_uses: json!({}),
        }
    }

    fn with<T>(&self, ask: impl FnOnce(&Scope<'_>) -> T) -> T {
        let loaded = read::template(&Arc::new(Source::new(
            "t.json",
            template(&self.names, &self.key_uses),
        )))
        .unwrap_or_else(|errors| panic!("{errors:?}"));
        let found = loaded.find("x:Op").unwrap();
        let engine = Engine::compile(self.world.snapshot.clone());
        let setting = Setting::of(&engine, &self.world.job, found).unwrap();
        ask(&Scope::new(&engine, &self.world.job, &setting, found.plan))
    }

    /// The texts of one value.
    fn value(&mut self, expr: Value) -> Vec<String> {
        self.names["found"] = expr;
        self.with(|scope| scope.value(&serde_json::from_str(r#""{found}""#).unwrap()))
    }

    fn holds(&self, condition: Value) -> bool {
        let condition: Condition = serde_json::from_value(condition).unwrap();
        self.with(|scope| scope.holds(&condition))
    }

    fn uses(&mut self, expr: Value) -> Vec<KeyUse> {
        self.key_uses["found"] = expr;
        self.with(|scope| scope.key_uses("found").to_vec())
    }
}

fn object(key: &str, kms_key: Option<&str>, bucket_key: bool) -> ObjectRecord {
    ObjectRecord {
        key: key.to_owned(),
        kms_key: kms_key.map(str::to_owned),
        bucket_key,
        encryption_context: Default::default(),
        tags: Default::default(),
    }
}
