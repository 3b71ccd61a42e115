//! A key that the operation carries: its value, what it holds without the parameter that feeds it, and that nothing is
//! known without any parameters.

use serde_json::{Value, json};

use super::super::super::case::merged;
use super::super::place::key_arn;
use super::super::table::Operation;
use super::asks::Ask;
use super::keys::ConditionKey;
use super::parameters::grant_parameters;
use super::probe::{Probe, condition};
use super::unsaid::{LeftOut, left_out};
use super::world::{base, main, with_grant};

/// The value as given; that nothing is known without any parameters; and what holds without the one that feeds the key.
pub(super) fn probes(
    operation: &Operation,
    key: &ConditionKey,
    name: &str,
    operator: &str,
    ask: &Ask,
) -> Vec<Probe> {
    let value = match operator {
        // The same time in seconds.
        "NumericEquals" if key.name == "kms:ValidTo" => "1798761600",
        _ => ask.value.as_str(),
    };
    let by = if operator == "StringEquals" {
        String::new()
    } else {
        format!(", {operator}")
    };
    let probe = |about: String, condition: Value, request: Value, expect: Value| Probe {
        name: format!("{name} {about}{by}"),
        condition,
        request,
        expect,
    };
    let base = base(operation, ask.on);
    let test = condition(operator, name, value);
    let given = merged(&base, &with_grant(operation, &ask.rest));
    let mut probes = vec![probe(
        format!("is {value}"),
        test.clone(),
        given,
        json!("allow"),
    )];
    let open = merged(&base, &json!({"mode": "open"}));
    if ask.is_unknown_without {
        let depends = json!({"verdict": "depends", "depends_on": [name.to_ascii_lowercase()]});
        probes.push(probe(
            format!("may be {value}"),
            test.clone(),
            open.clone(),
            depends,
        ));
    }
    if ask.is_asked_without {
        let without = merged(&open, &json!({"parameters": others(operation)}));
        match left_out(operation, key) {
            LeftOut::Absent => {
                let absent = condition("Null", name, "true");
                let not = json!("implicit_deny");
                probes.push(probe(
                    format!("is absent, not {value}"),
                    test,
                    without.clone(),
                    not,
                ));
                probes.push(probe(
                    "is absent".to_owned(),
                    absent,
                    without,
                    json!("allow"),
                ));
            }
            LeftOut::Default(default) => {
                let test = condition(operator, name, default);
                let about = format!("is {default} by default");
                probes.push(probe(about, test, without, json!("allow")));
            }
            LeftOut::Unsaid => {}
        }
    }
    probes
}

/// Parameters of the call that do not feed the key.
fn others(operation: &Operation) -> Value {
    match operation.name.as_str() {
        "CreateGrant" => grant_parameters(),
        "CreateKey" => json!({"Description": "x"}),
        "GenerateRandom" => json!({"NumberOfBytes": 32}),
        "ReEncryptFrom" | "ReEncryptTo" => {
            json!({"SourceKeyId": key_arn("main"), "DestinationKeyId": key_arn("main")})
        }
        _ => json!({"KeyId": main(operation)}),
    }
}
