//! Values for what is open, drawn from what policies speak of.

use preclear_model::PolicyKind;
use serde_json::{Value, json};

use super::Fill;
use crate::choose::Choose;
use crate::open::{Opening, Openness};
use crate::world::mentioned::Mentioned;
use crate::world::names::{AWS_PRINCIPALS, CANONICAL_IDS, OTHER, OWN, SESSIONS};
use crate::world::policy::{Theme, policy};
use crate::world::{entries, keys, request as requests, snapshot as snapshots};

/// Draws values for openings, most of them at once. Those of the snapshot are left alone unless asked for.
pub fn draw(
    choices: &mut impl Choose,
    openings: &[Opening],
    mentioned: &Mentioned,
    action: &str,
    fills_snapshot: bool,
) -> Vec<Fill> {
    let mut fills: Vec<Fill> = Vec::new();
    for opening in openings {
        let is_left = opening.is_of_snapshot() && !fills_snapshot;
        if is_left || choices.once_in(8) {
            continue;
        }
        if let Some(value) = value(choices, opening, mentioned, action) {
            let opening = opening.clone();
            fills.push(Fill { opening, value });
        }
    }
    let gives_parameters = fills.iter().any(|fill| fill.opening == Opening::Parameters);
    if gives_parameters {
        // The parameters say what these are.
        fills.retain(|fill| !fill.is_key(|key| key.starts_with("kms:")));
    }
    fills
}

fn value(
    choices: &mut impl Choose,
    opening: &Opening,
    mentioned: &Mentioned,
    action: &str,
) -> Option<Value> {
    let theme = Theme::of_action(action);
    Some(match opening {
        Opening::Key(key, openness) => key_value(choices, key, *openness, mentioned),
        Opening::SessionName => json!(choices.one_of(&SESSIONS)),
        Opening::UniqueId => {
            let named = AWS_PRINCIPALS.iter().filter(|name| name.starts_with('A'));
            let named: Vec<&str> = named.copied().collect();
            json!(choices.one_of(&named))
        }
        Opening::CanonicalId => json!(choices.one_of(&CANONICAL_IDS)),
        Opening::FederatedUser => json!(choices.one_of(&[
            "arn:aws:iam::111122223333:user/team/ana",
            "arn:aws:iam::111122223333:user/bob",
        ])),
        Opening::SessionPolicies => {
            let count = choices.weighted(&[2, 3, 1]);
            let policies = (0..count).map(|_| policy(choices, PolicyKind::Session, theme));
            Value::Array(policies.collect())
        }
        Opening::Parameters => call_members(choices, action),
        Opening::ResourceAccount => json!(choices.one_of(&[OWN, OTHER])),
        Opening::Layer(layer) => {
            let declared = ["listed", "empty", "open"];
            // Grants are no policies: nothing is open about them.
            let count = if layer.name() == "grants" { 2 } else { 3 };
            json!(declared.get(choices.below(count)))
        }
        Opening::Member(list, entry, member) => member_value(choices, list, entry, member, theme)?,
        Opening::Entry(list, entry) => entry_value(choices, list, entry, theme)?,
        Opening::Organization => snapshots::organization(choices, theme),
        Opening::Completeness => json!(true),
    })
}

/// Members that a completion does not give: tags that nobody gave are absent (IAM-CTX-2), the algorithm may be one that
/// the key does not have, and which grant is meant, and with which token, is another question.
const NOT_KEYS: [&str; 4] = ["Tags", "EncryptionAlgorithm", "GrantId", "GrantTokens"];

/// Members that feed condition keys which are unknown without them.
fn call_members(choices: &mut impl Choose, action: &str) -> Value {
    let mut members = requests::parameters(choices, action);
    if let Value::Object(members) = &mut members {
        members.retain(|name, _| !NOT_KEYS.contains(&name.as_str()));
    }
    members
}

/// Keys that list the names of other keys.
const LISTS_OF_NAMES: [&str; 3] = [
    "aws:tagkeys",
    "kms:encryptioncontextkeys",
    "s3:requestobjecttagkeys",
];

/// A tag of which the request says the value has no second spelling that it does not speak of (AMB-13).
fn keep_one_spelling(names: &mut Value) {
    let mut kept: Vec<String> = Vec::new();
    if let Some(names) = names.as_array_mut() {
        names.retain(|name| {
            let name = name.as_str().unwrap_or_default().to_ascii_lowercase();
            let is_new = !kept.contains(&name);
            kept.push(name);
            is_new
        });
    }
}

fn key_value(
    choices: &mut impl Choose,
    key: &str,
    openness: Openness,
    mentioned: &Mentioned,
) -> Value {
    let may_be_absent = openness == Openness::Unknown;
    if may_be_absent && choices.below(3) == 0 {
        return Value::Null;
    }
    let is_multivalued = keys::find(key).is_some_and(|key| key.is_multivalued);
    let mut value = requests::value(choices, key, mentioned);
    if LISTS_OF_NAMES.contains(&key) {
        keep_one_spelling(&mut value);
    }
    if !may_be_absent {
        // What exists has a value that is not empty (IAM-TRI-1).
        let is_empty = match &value {
            Value::Array(values) => values.iter().all(|value| value == ""),
            value => value == "",
        };
        if is_empty {
            value = if is_multivalued {
                json!(["x"])
            } else {
                json!("x")
            };
        }
    }
    value
}

fn member_value(
    choices: &mut impl Choose,
    list: &str,
    entry: &str,
    member: &str,
    theme: Theme,
) -> Option<Value> {
    Some(match (list, member) {
        ("principals" | "groups", "policies") => {
            entries::policies(choices, PolicyKind::Identity, theme)
        }
        (_, "groups") => {
            let groups = [json!([]), json!([entries::GROUP])];
            groups.into_iter().nth(choices.below(2))?
        }
        (_, "boundary") if choices.once_in(2) => Value::Null,
        (_, "boundary") => policy(choices, PolicyKind::Boundary, theme),
        (_, "trust") => policy(choices, PolicyKind::Trust, theme),
        ("keys", "policy") => {
            let account = entry.split(':').nth(4)?;
            entries::key_policy(choices, account, theme)
        }
        ("keys", "grants") => entries::grants(choices),
        ("resources", "policy") if choices.once_in(3) => Value::Null,
        ("resources", "policy") => policy(choices, PolicyKind::Resource, theme),
        (_, "scps") => snapshots::guardrails(choices, PolicyKind::Scp, theme),
        (_, "rcps") => snapshots::guardrails(choices, PolicyKind::Rcp, theme),
        _ => return None,
    })
}

/// An entry with everything that is open about it; what would contradict the rest is left out.
fn entry_value(choices: &mut impl Choose, list: &str, entry: &str, theme: Theme) -> Option<Value> {
    if list == "vpc_endpoints" {
        let mut endpoint = entries::endpoint(choices, entry, "interface", theme);
        // Other keys say where the call comes from.
        let members = endpoint.as_object_mut()?;
        members.retain(|name, _| !matches!(name.as_str(), "vpc" | "account"));
        return Some(endpoint);
    }
    let members: &[&str] = match list {
        "principals" if entry.contains(":user/") => &["policies", "groups", "boundary"],
        "principals" => &["policies", "boundary", "trust"],
        "groups" => &["policies"],
        "keys" => &["policy", "grants"],
        "resources" => &["policy"],
        _ => return None,
    };
    let mut value = json!({ "arn": entry });
    for member in members {
        value[*member] = member_value(choices, list, entry, member, theme)?;
    }
    Some(value)
}
