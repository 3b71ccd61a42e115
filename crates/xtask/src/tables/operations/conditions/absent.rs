//! Keys that are absent: those that the operation does not carry, and those that this request does not have.

use serde_json::{Value, json};

use super::super::super::case::{merged, set};
use super::super::place;
use super::super::table::{Operation, Shape};
use super::asks::On;
use super::keys::ConditionKey;
use super::probe::{Probe, condition};
use super::world::{base, main, with_grant};

/// What is absent because of the key or the call, though the operation carries it.
pub(super) fn special(operation: &Operation, carried: &[String]) -> Vec<Probe> {
    let has = |name: &str| carried.iter().any(|key| key == name);
    let absent = |about: &str, key: &str, rest: Value, on: On| {
        [("true", "allow"), ("false", "implicit_deny")].map(|(null, expect)| Probe {
            name: format!("{key} is absent {about}, Null {null}"),
            condition: condition("Null", key, null),
            request: merged(
                &merged(&base(operation, on), &json!({"mode": "open"})),
                &with_grant(operation, &rest),
            ),
            expect: json!(expect),
        })
    };
    let mut probes = Vec::new();
    if has("kms:RequestAlias") {
        probes.extend(absent(
            "where the key ARN is typed",
            "kms:RequestAlias",
            json!({}),
            On::Main,
        ));
    }
    if has("kms:TrailingDaysWithoutKeyUsage") {
        probes.extend(absent(
            "of a key never used",
            "kms:TrailingDaysWithoutKeyUsage",
            json!({}),
            On::Unused,
        ));
    }
    if operation.shape == Shape::Retire {
        let bare = json!({"parameters": {"GrantId": "bare"}});
        probes.extend(absent(
            "of a grant without constraint",
            "kms:GrantConstraintType",
            bare,
            On::Main,
        ));
    } else if operation
        .fits
        .as_ref()
        .is_some_and(|fits| !fits.is_multi_region)
    {
        probes.extend(absent(
            "of a key of one Region",
            "kms:MultiRegionKeyType",
            json!({}),
            On::Main,
        ));
    }
    let other_half = match operation.name.as_str() {
        "ReEncryptFrom" => Some((
            "DestinationEncryptionContext",
            "DestinationKeyId",
            "SourceKeyId",
        )),
        "ReEncryptTo" => Some(("SourceEncryptionContext", "SourceKeyId", "DestinationKeyId")),
        _ => None,
    };
    if let Some((context, other, own)) = other_half {
        let mut parameters = json!({});
        set(&mut parameters, own, json!(main(operation)));
        set(&mut parameters, other, json!("alias/app"));
        set(&mut parameters, context, json!({"team": "blue"}));
        for key in [
            "kms:RequestAlias",
            "kms:EncryptionContext:team",
            "kms:EncryptionContextKeys",
        ] {
            let rest = json!({"parameters": parameters});
            probes.extend(absent("of the other half", key, rest, On::Main));
        }
    }
    if operation.name == "CreateKey" {
        let tags = json!({"parameters": {"Tags": [{"TagKey": "team", "TagValue": "blue"}]}});
        probes.extend(absent(
            "of a key yet to be",
            "aws:ResourceTag/team",
            tags,
            On::Main,
        ));
    }
    probes
}

/// All keys that the operation does not carry, though the call is such that others would.
pub(super) fn others(
    operation: &Operation,
    keys: &[ConditionKey],
    carried: &[String],
) -> Vec<Probe> {
    let is_other =
        |key: &&ConditionKey| !carried.contains(&key.name) && key.name.starts_with("kms:");
    let others: Vec<String> = keys
        .iter()
        .filter(is_other)
        .flat_map(ConditionKey::asked_as)
        .collect();
    let has = |name: &str| carried.iter().any(|key| key == name);
    let is_of_alias = matches!(operation.shape, Shape::Alias | Shape::AliasMove);
    let on = if has("kms:RequestAlias") || is_of_alias {
        On::Main
    } else {
        On::Alias
    };
    let mut rest = with_grant(operation, &json!({"mode": "open"}));
    if !has("kms:ViaService") {
        set(&mut rest, "via", json!("s3"));
    }
    let request = merged(&base(operation, on), &rest);
    let mut probes = absent_keys("keys that it does not carry", &others, &request).to_vec();
    if is_of_alias {
        probes.extend(on_alias(keys));
    }
    probes
}

/// The half of the alias carries none of the keys (KMS-ID-9): what the caller and the call have is asked by itself.
fn on_alias(keys: &[ConditionKey]) -> Vec<Probe> {
    const OF_CALL: [&str; 2] = ["kms:CallerAccount", "kms:ViaService"];
    let request = json!({"mode": "open", "resource": place::alias_arn("app"), "via": "s3"});
    let mut probes = Vec::new();
    for name in OF_CALL {
        probes.extend(absent_keys(
            &format!("{name} on the alias"),
            &[name.to_owned()],
            &request,
        ));
    }
    let names = keys.iter().flat_map(ConditionKey::asked_as);
    let rest: Vec<String> = names
        .filter(|name| name.starts_with("kms:") && !OF_CALL.contains(&name.as_str()))
        .collect();
    probes.extend(absent_keys("other keys on the alias", &rest, &request));
    probes
}

/// That all of these are absent: a permission that demands it, and one that demands any of them.
fn absent_keys(about: &str, names: &[String], request: &Value) -> [Probe; 2] {
    let mut all = json!({});
    for name in names {
        set(&mut all, name, json!("true"));
    }
    let any = names
        .iter()
        .map(|name| condition("Null", name, "false"))
        .collect();
    let probe = |what: &str, condition: Value, expect: &str| Probe {
        name: format!("{about}: {what}"),
        condition,
        request: request.clone(),
        expect: json!(expect),
    };
    [
        probe("all are absent", json!({"Null": all}), "allow"),
        probe("none is there", Value::Array(any), "implicit_deny"),
    ]
}
