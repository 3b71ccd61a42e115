//! The ambiguity register: each entry in its three modes, in Allow and in Deny (IAM-TRI-8).

mod entries;
mod special;

use serde_json::{Value, json};

use super::case::{Case, merged, set};
use super::markdown::Rules;
use super::world::{self, A, Effect};
use crate::failure::Failure;

use self::entries::{ENTRIES, Entry, Place};

/// The modes and how requests name them.
const MODES: [&str; 3] = ["report", "guess", "failsafe"];

pub(crate) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    let modes = rules.rule("IAM-TRI-8")?;
    modes.says("an AMB test in an Allow counts F, in a Deny T")?;
    let mut cases = Vec::new();
    for entry in ENTRIES {
        check(rules, entry.id, entry.guess)?;
        cases.push(case(entry));
    }
    let special = special::cases(rules)?;
    let known = ENTRIES.len() + special.len();
    // AMB-19 concerns a formula; its cases are those of IAM-EVAL-22.
    if known + 1 != rules.count("AMB-") {
        return Err(Failure::new(format!(
            "{} entries of the register have probes, of {}",
            known + 1,
            rules.count("AMB-")
        )));
    }
    cases.extend(special);
    Ok(cases)
}

/// Fails if the register guesses something else than the probe.
fn check(rules: &Rules, id: &str, guess: &str) -> Result<(), Failure> {
    let says = rules.rule(id)?.item("Guess")?;
    if says == guess {
        return Ok(());
    }
    Err(Failure::new(format!(
        "`{id}` guesses `{says}`, its probe `{guess}`"
    )))
}

/// What an ambiguous test that `holds` by the guess does in a mode.
fn expect(id: &str, effect: Effect, mode: &str, holds: bool) -> Value {
    let holds = match (mode, effect) {
        ("report", _) => {
            return json!({"verdict": "depends", "depends_on": [id], "ambiguities": [id]});
        }
        ("guess", _) => holds,
        (_, effect) => effect == Effect::Deny,
    };
    let verdict = match (effect, holds) {
        (Effect::Allow, true) | (Effect::Deny, false) => "allow",
        (Effect::Allow, false) => "implicit_deny",
        (Effect::Deny, true) => "explicit_deny",
    };
    json!({"verdict": verdict, "ambiguities": [id]})
}

fn case(entry: &Entry) -> Case {
    let probes: Vec<(Value, &entries::Probe)> = entry
        .probes
        .iter()
        .map(|probe| (probe.members(), probe))
        .collect();
    let (mut principals, mut resources) = (Vec::new(), Vec::new());
    for (number, (members, probe)) in probes.iter().enumerate() {
        for effect in Effect::BOTH {
            match probe.place {
                Place::Identity => principals.push(user(number, effect, members)),
                Place::Bucket => resources.push(bucket(number, effect, members)),
            }
        }
    }
    principals.push(json!({"arn": format!("arn:aws:iam::{A}:role/app/R")}));
    let why = format!("the guess is: {}", entry.guess);
    let rules = [&[entry.id, "IAM-TRI-8"][..], entry.rules].concat();
    let mut case = Case::new(
        &format!("amb/{}", entry.id),
        &rules,
        &why,
        world::snapshot(principals, resources),
    );
    for (number, (_, probe)) in probes.iter().enumerate() {
        for effect in Effect::BOTH {
            for mode in MODES {
                let request = merged(&request(number, effect, probe), &json!({"ambiguity": mode}));
                let name = format!("{}: {mode}, in {}", probe.name, effect.name());
                case.test(name, request, expect(entry.id, effect, mode, probe.holds));
            }
        }
    }
    case
}

fn statement(effect: Effect, members: &Value, resource: &str) -> Value {
    let base = json!({"Effect": effect.name(), "Action": "s3:GetObject"});
    let mut statement = merged(&base, members);
    if members.get("NotResource").is_none() && members.get("Resource").is_none() {
        set(&mut statement, "Resource", json!(resource));
    }
    statement
}

/// A user whose policy has the statement; a Deny stands beside an Allow for everything.
fn user(number: usize, effect: Effect, members: &Value) -> Value {
    let mut statements = vec![statement(effect, members, "*")];
    if effect == Effect::Deny {
        statements.insert(
            0,
            json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
        );
    }
    json!({
        "arn": format!("arn:aws:iam::{A}:user/{}-{number}", effect.name()),
        "policies": [world::policy("identity-policy", statements)],
        "tags": {"empty": "", "flag": "true"},
    })
}

/// A bucket whose policy has the statement.
fn bucket(number: usize, effect: Effect, members: &Value) -> Value {
    let name = bucket_name(number, effect);
    let named = json!({"Principal": {"AWS": format!("arn:aws:iam::{A}:role/app/R")}});
    let mut statements = vec![statement(
        effect,
        &merged(&named, members),
        &format!("{name}/*"),
    )];
    if effect == Effect::Deny {
        statements.insert(0, json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": format!("{name}/*")}));
    }
    json!({"arn": name, "account": A, "policy": world::policy("bucket-policy", statements)})
}

fn bucket_name(number: usize, effect: Effect) -> String {
    format!(
        "arn:aws:s3:::{}-{number}",
        effect.name().to_ascii_lowercase()
    )
}

fn request(number: usize, effect: Effect, probe: &entries::Probe) -> Value {
    let request = match probe.place {
        Place::Identity => json!({
            "principal": format!("arn:aws:iam::{A}:user/{}-{number}", effect.name()),
            "action": probe.action,
            "resource": probe.resource,
        }),
        Place::Bucket => json!({
            "principal": format!("arn:aws:sts::{A}:assumed-role/R/s"),
            "action": probe.action,
            "resource": format!("{}/x", bucket_name(number, effect)),
        }),
    };
    match probe.context {
        Some((key, value)) => {
            let mut context = json!({});
            set(
                &mut context,
                key,
                serde_json::from_str(value).unwrap_or_else(|_| json!(value)),
            );
            merged(&request, &json!({"context": context}))
        }
        None => request,
    }
}
