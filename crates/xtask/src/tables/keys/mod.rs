//! IAM-CTX-2: the state of each global condition key that nobody gave, in open and in closed mode, for each kind of
//! requester.

mod asked;
mod defaults;
mod worlds;

use serde_json::{Value, json};

use super::case::{Case, merged, set};
use super::markdown::{Row, Rules, codes, plain};
use super::world::{self, A, B, Effect, USER};
use crate::failure::Failure;

use self::asked::Asker;
use self::defaults::{Default, State};
use self::worlds::World;

/// A key of the table, with what its row says.
struct Key {
    name: String,
    is_multivalued: bool,
    default: Default,
}

pub(crate) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    rules
        .rule("IAM-CTX-1")?
        .says("*closed* mode Absent, *open* mode the column \"default\"")?;
    let keys = keys(rules)?;
    let mut cases = Vec::new();
    for world in World::ALL {
        for asker in Asker::all(world) {
            cases.push(case(world, asker, &keys)?);
        }
    }
    cases.push(tagged());
    Ok(cases)
}

/// All keys, from top to bottom; `same` and `as above` look at the row above.
fn keys(rules: &Rules) -> Result<Vec<Key>, Failure> {
    let table = rules.table("IAM-CTX-2")?;
    let mut keys: Vec<Key> = Vec::new();
    let mut above = None;
    for row in table.rows() {
        let cell = row.cell("default (open)")?;
        let default = match (plain(cell).as_str(), above) {
            ("same" | "as above", Some(default)) => default,
            (text, _) => Default::read(text).ok_or_else(|| row.unread(cell))?,
        };
        above = Some(default);
        let types: Vec<&str> = row
            .cell("type")?
            .split(if row.label().contains(';') { ';' } else { ',' })
            .collect();
        let names = names(row);
        let is_list = |place: usize| {
            types
                .get(place)
                .or(types.last())
                .is_some_and(|text| text.contains("[]"))
        };
        for (place, name) in names.into_iter().enumerate() {
            keys.push(Key {
                name,
                is_multivalued: is_list(place),
                default,
            });
        }
    }
    Ok(keys)
}

/// The keys of a row, with a concrete name for each family.
fn names(row: Row<'_>) -> Vec<String> {
    let name = |code: String| {
        let provider = |suffix: &str| match suffix {
            "id" => format!("graph.facebook.com:{suffix}"),
            "amr" => format!("cognito-identity.amazonaws.com:{suffix}"),
            _ => format!("accounts.google.com:{suffix}"),
        };
        match code.trim_start_matches("<oidc>").strip_prefix(':') {
            Some(suffix) => provider(suffix),
            None => match code.strip_suffix("/k") {
                Some(family) => format!("{family}/team"),
                None => code,
            },
        }
    };
    codes(row.label()).into_iter().map(name).collect()
}

fn case(world: World, asker: Asker, keys: &[Key]) -> Result<Case, Failure> {
    let why = format!(
        "{}: the keys that nobody gave, asked by {}",
        world.phrase(),
        asker.phrase()
    );
    let path = format!("iam-ctx-2/{}-{}", world.name(), asker.name());
    let statements = keys.iter().flat_map(|key| statements(key, world, asker));
    let mut all = vec![allow("arn:aws:s3:::team/Deny/*", asker)];
    all.extend(statements);
    let snapshot = world.snapshot(world::policy("bucket-policy", all));
    let rules = [
        "IAM-CTX-2",
        "IAM-CTX-1",
        "IAM-TRI-1",
        "IAM-TRI-11",
        "IAM-VAR-8",
    ];
    let mut case = Case::new(&path, &rules, &why, snapshot)
        .by_default("principal", asker.principal())
        .by_default("action", "s3:GetObject");
    for (member, value) in world.request().as_object().into_iter().flatten() {
        set(&mut case.defaults, member, value.clone());
    }
    for key in keys {
        let Some(state) = key.default.state(&key.name, world, asker) else {
            continue;
        };
        ask(&mut case, key, "open", &state, &Effect::BOTH);
        if let Some(closed) = key.default.closed(&state) {
            ask(&mut case, key, "closed", &closed, &[Effect::Deny]);
        }
    }
    if case.tests.is_empty() {
        return Err(Failure::new(format!(
            "`IAM-CTX-2` has nothing to ask of {}",
            asker.phrase()
        )));
    }
    Ok(case)
}

/// A Deny if the key is absent; an Allow if it has a value, unless it surely has none.
fn statements(key: &Key, world: World, asker: Asker) -> Vec<Value> {
    let Some(state) = key.default.state(&key.name, world, asker) else {
        return Vec::new();
    };
    let value = match &state {
        State::Known(value) | State::Some(value) => value.as_str(),
        _ => "x",
    };
    let operator = match (key.name.as_str(), key.is_multivalued) {
        ("aws:CurrentTime" | "aws:EpochTime" | "aws:TokenIssueTime", _) if value != "x" => {
            "DateEquals"
        }
        (_, true) => "ForAnyValue:StringEquals",
        (_, false) => "StringEquals",
    };
    let statement = |effect: Effect, operator: &str, operand: &str| {
        let (mut test, mut condition) = (json!({}), json!({}));
        set(&mut test, &key.name, json!(operand));
        set(&mut condition, operator, test);
        let mut statement = allow(&object(effect, &key.name), asker);
        set(&mut statement, "Effect", json!(effect.name()));
        set(&mut statement, "Condition", condition);
        statement
    };
    let deny = statement(Effect::Deny, "Null", "true");
    match state {
        State::Absent => vec![deny],
        _ => vec![deny, statement(Effect::Allow, operator, value)],
    }
}

fn allow(resource: &str, asker: Asker) -> Value {
    let who = match asker {
        Asker::Service => json!({"Service": asker.principal()}),
        _ => json!("*"),
    };
    json!({"Effect": "Allow", "Principal": who, "Action": "s3:GetObject", "Resource": resource})
}

fn object(effect: Effect, key: &str) -> String {
    format!("arn:aws:s3:::team/{}/{}", effect.name(), world::slug(key))
}

fn ask(case: &mut Case, key: &Key, mode: &str, state: &State, effects: &[Effect]) {
    let depends = || json!({"verdict": "depends", "depends_on": [key.name.to_ascii_lowercase()]});
    let (deny, allow) = match state {
        State::Absent => (json!("explicit_deny"), None),
        State::Present => (json!("allow"), Some(depends())),
        State::Unknown => (depends(), Some(depends())),
        State::Known(_) | State::Some(_) => (json!("allow"), Some(json!("allow"))),
    };
    let answers =
        std::iter::once((Effect::Deny, deny)).chain(allow.map(|allow| (Effect::Allow, allow)));
    for (effect, expect) in answers
        .into_iter()
        .filter(|(effect, _)| effects.contains(effect))
    {
        let request = json!({"resource": object(effect, &key.name), "mode": mode});
        let about = match effect {
            Effect::Deny => "Deny if it is absent",
            Effect::Allow => "Allow if it has a value",
        };
        case.test(
            format!("{} is {} in {mode} mode: {about}", key.name, state.name()),
            request,
            expect,
        );
    }
}

/// `aws:ResourceTag/k` where the action supports it and tags are given: known, in both modes.
fn tagged() -> Case {
    let secret = |name: &str| format!("arn:aws:secretsmanager:us-west-2:{A}:secret:{name}-a1b2c3");
    let read = |name: &str, rest: Value| {
        let statement = json!({"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret(name)});
        merged(&statement, &rest)
    };
    let statements = vec![
        read(
            "allow",
            json!({"Condition": {"StringEquals": {"aws:ResourceTag/team": "x"}}}),
        ),
        read("deny", json!({})),
        read(
            "deny",
            json!({"Effect": "Deny", "Condition": {"Null": {"aws:ResourceTag/team": "true"}}}),
        ),
    ];
    let user = json!({"arn": USER, "policies": [world::policy("identity-policy", statements)]});
    let secrets = ["allow", "deny"].map(|name| json!({"arn": secret(name), "tags": {"team": "x"}}));
    let why = "the tags of the resource that is asked for are known where they are given";
    let snapshot = world::snapshot(vec![user], secrets.to_vec());
    let mut case = Case::new(
        "iam-ctx-2/tagged",
        &["IAM-CTX-2", "IAM-CTX-1"],
        why,
        snapshot,
    )
    .by_default("principal", USER)
    .by_default("action", "secretsmanager:GetSecretValue");
    for mode in ["open", "closed"] {
        for name in ["allow", "deny"] {
            let request = json!({"resource": secret(name), "mode": mode});
            case.test(
                format!("aws:ResourceTag/team is known in {mode} mode, {name}"),
                request,
                json!("allow"),
            );
        }
    }
    case
}

/// The account that owns the bucket.
const OWNER: &str = B;
