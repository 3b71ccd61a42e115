//! KMS-STATE for calls on two keys: what each key's state does to the call.

use serde_json::{Value, json};

use super::super::case::{Case, set};
use super::super::markdown::Rules;
use super::super::world::A;
use super::classes::{Meets, OK, STATES, meets};
use super::fits::{Fits, SpecRow};
use super::place::{self, OTHER_REGION, REGION, allow, delegated, key_arn_in, role, session};
use super::states::in_state;
use super::table::{Operation, named};
use crate::failure::Failure;

/// ReEncrypt, UpdateAlias and UpdatePrimaryRegion.
pub(super) fn cases(
    operations: &[Operation],
    rules: &Rules,
    rows: &[SpecRow],
) -> Result<Vec<Case>, Failure> {
    Ok(vec![
        reencrypt(named(operations, "ReEncryptFrom")?, rules)?,
        update_alias(named(operations, "UpdateAlias")?, rules, rows)?,
        promotion(named(operations, "UpdatePrimaryRegion")?, rules)?,
    ])
}

/// The keys of a case, with a case around them.
struct Keys(Vec<Value>);

impl Keys {
    fn add(&mut self, region: &str, name: &str, members: &Value) -> String {
        let prefix = if members.get("multi_region_type").is_some() {
            "mrk-"
        } else {
            ""
        };
        let arn = key_arn_in(region, A, &format!("{prefix}{name}"));
        let alias = json!({"aliases": [format!("alias/{name}")]});
        self.0.push(delegated(
            &arn,
            A,
            &super::super::case::merged(members, &alias),
        ));
        arn
    }

    fn case(self, path: &str, why: &str) -> Case {
        let rules = ["KMS-STATE-2", "KMS-STATE-1"];
        let snapshot = place::snapshot(vec![role(A, "Allowed", vec![allow("kms:*", "*")])], self.0);
        Case::new(path, &rules, why, snapshot)
            .by_default("principal", session(A, "Allowed"))
            .by_default("region", REGION)
    }
}

fn fits(operation: &Operation) -> Result<&Fits, Failure> {
    let name = &operation.name;
    operation
        .fits
        .as_ref()
        .ok_or_else(|| Failure::new(format!("`{name}` fits no key")))
}

fn class(operation: &Operation) -> Result<&str, Failure> {
    let name = &operation.name;
    operation
        .class
        .as_deref()
        .ok_or_else(|| Failure::new(format!("`{name}` has no state class")))
}

/// An allowed call with this operability as a whole and for each part.
fn allowed(operability: &str, parts: &[(String, &str)]) -> Value {
    let mut of_each = json!({});
    for (name, operability) in parts {
        set(
            &mut of_each,
            name,
            json!({"verdict": "allow", "operability": operability}),
        );
    }
    json!({"verdict": "allow", "operability": operability, "parts": of_each})
}

/// The states with what both keys meet in them; the same for both unless the cell says otherwise.
fn met(
    operation: &Operation,
    rules: &Rules,
) -> Result<Vec<(&'static str, &'static str, &'static str)>, Failure> {
    let table = rules.table("KMS-STATE-2")?;
    let mut met = Vec::new();
    for (state, column) in STATES {
        match meets(table, class(operation)?, column)? {
            Meets::Always(operability) => met.push((state, operability, operability)),
            Meets::OldAndNew(old, new) => met.push((state, old, new)),
            Meets::OkIfItFits => met.push((state, OK, OK)),
            Meets::Never => {}
        }
    }
    Ok(met)
}

fn reencrypt(operation: &Operation, rules: &Rules) -> Result<Case, Failure> {
    rules
        .section("KMS-ACT", "Operations")?
        .says("crypto on both")?;
    let mut keys = Keys(Vec::new());
    let enabled = keys.add(REGION, "enabled", &json!({}));
    let mut tests = Vec::new();
    for (state, source, destination) in met(operation, rules)? {
        let arn = keys.add(
            REGION,
            &format!("state-{state}"),
            &in_state(state, fits(operation)?),
        );
        for (role, operability, of_source, of_destination) in [
            ("source", source, source, OK),
            ("destination", destination, OK, destination),
        ] {
            let (from, to) = if role == "source" {
                (&arn, &enabled)
            } else {
                (&enabled, &arn)
            };
            let parts = [
                ("kms:ReEncryptFrom".to_owned(), of_source),
                ("kms:ReEncryptTo".to_owned(), of_destination),
            ];
            let parameters = json!({"SourceKeyId": from, "DestinationKeyId": to});
            let request = json!({"operation": "kms:ReEncrypt", "parameters": parameters});
            tests.push((
                format!("{role} {state}"),
                request,
                allowed(operability, &parts),
            ));
        }
    }
    let case = keys.case(
        "kms-state/ReEncrypt",
        "kms:ReEncrypt: both keys must be able to do their half",
    );
    Ok(with(case, tests))
}

fn update_alias(operation: &Operation, rules: &Rules, rows: &[SpecRow]) -> Result<Case, Failure> {
    let mut keys = Keys(Vec::new());
    let enabled = keys.add(REGION, "enabled", &json!({}));
    let mut tests = Vec::new();
    let mut test = |name: String, old: (&str, &str), new: (&str, &str), alias: &str| {
        let operability = if old.1 == OK { new.1 } else { old.1 };
        let parts = [old, new].map(|(arn, met)| (format!("kms:UpdateAlias {arn}"), met));
        let parameters = json!({"AliasName": format!("alias/{alias}"), "TargetKeyId": new.0});
        let request = json!({"operation": "kms:UpdateAlias", "parameters": parameters});
        tests.push((name, request, allowed(operability, &parts)));
    };
    for (state, of_old, of_new) in met(operation, rules)? {
        let name = format!("state-{state}");
        let arn = keys.add(REGION, &name, &in_state(state, fits(operation)?));
        test(
            format!("old key {state}"),
            (arn.as_str(), of_old),
            (enabled.as_str(), OK),
            &name,
        );
        test(
            format!("new key {state}"),
            (enabled.as_str(), OK),
            (arn.as_str(), of_new),
            "enabled",
        );
    }
    // The cell `Key` demands the same type and usage of both; what else happens no rule says.
    for row in rows.iter().filter(|row| row.label != "SM2 (China Regions)") {
        for (kind, spec) in row.kinds.iter().zip(row.names.iter().cycle()) {
            let members = super::fits::Spec {
                name: spec,
                kind: *kind,
            }
            .members();
            let name = format!(
                "{}-{}",
                spec.replace('_', "-"),
                kind.usage().replace('_', "-")
            );
            let old = keys.add(REGION, &format!("old-{name}"), &members);
            let new = keys.add(REGION, &format!("new-{name}"), &members);
            test(
                format!("both keys {name}"),
                (old.as_str(), OK),
                (new.as_str(), OK),
                &format!("old-{name}"),
            );
        }
    }
    let case = keys.case(
        "kms-state/UpdateAlias",
        "kms:UpdateAlias: the key that an alias leaves, and the one it goes to",
    );
    Ok(with(case, tests))
}

/// Both keys in the same state: the table does not say which of the two its class is about.
fn promotion(operation: &Operation, rules: &Rules) -> Result<Case, Failure> {
    let mut keys = Keys(Vec::new());
    let mut tests = Vec::new();
    for (state, of_both, _) in met(operation, rules)? {
        let mut members = in_state(state, fits(operation)?);
        let name = format!("state-{state}");
        let primary = keys.add(REGION, &name, &members);
        set(&mut members, "multi_region_type", json!("REPLICA"));
        keys.add(OTHER_REGION, &name, &members);
        let request = json!({
            "operation": operation.action(), "parameters": {"KeyId": primary, "PrimaryRegion": OTHER_REGION},
        });
        tests.push((
            format!("both keys {state}"),
            request,
            json!({"verdict": "allow", "operability": of_both}),
        ));
    }
    let case = keys.case(
        "kms-state/UpdatePrimaryRegion-both",
        "kms:UpdatePrimaryRegion: primary and replica in one state",
    );
    Ok(with(case, tests))
}

fn with(mut case: Case, tests: Vec<(String, Value, Value)>) -> Case {
    for (name, request, expect) in tests {
        case.test(name, request, expect);
    }
    case
}
