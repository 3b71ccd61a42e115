//! IAM-TRI-2: each pair of truth values wherever the rules say *and* or *or*: keys, operators, statements, layers.

use serde_json::{Value, json};

use super::case::{Case, set};
use super::cell::Truth;
use super::markdown::{Rules, Table};
use super::world::{self, Effect, USER};
use crate::failure::Failure;

const FIRST: &str = "aws:UserAgent";
const SECOND: &str = "aws:referer";

/// A place where two tests meet.
struct Place {
    name: &'static str,
    column: &'static str,
    effect: Effect,
    /// The conditions of the statements: one that holds both tests, or one for each.
    conditions: Vec<Value>,
}

pub(crate) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    let table = rules.table("IAM-TRI-2")?;
    let rule = rules.rule("IAM-TRI-2")?;
    rule.says("The rest is ordinary.")?;
    rule.says("`not U = U`")?;
    let places = places();
    let mut case = Case::new(
        "iam-tri/TRI-2",
        &["IAM-TRI-2", "IAM-TRI-9", "IAM-EVAL-1", "IAM-EVAL-2"],
        "and, or and not of three values, in Allow and in Deny; what is undecided depends on the keys that still matter",
        snapshot(&places),
    )
    .by_default("principal", USER)
    .by_default("action", "s3:GetObject");
    for place in &places {
        for first in [Truth::T, Truth::F, Truth::U] {
            for second in [Truth::T, Truth::F, Truth::U] {
                let truth = combined(table, place.column, first, second)?;
                let open = [(FIRST, first), (SECOND, second)];
                let open = open.iter().filter(|(_, truth)| *truth == Truth::U);
                let keys: Vec<String> = open.map(|(key, _)| key.to_ascii_lowercase()).collect();
                case.test(
                    format!(
                        "{}: {} and {}: {}",
                        place.name,
                        first.name(),
                        second.name(),
                        truth.name()
                    ),
                    request(place.name, first, second),
                    expect(place.effect, truth, &keys),
                );
            }
        }
    }
    for effect in Effect::BOTH {
        for (truth, negated) in [
            (Truth::T, Truth::F),
            (Truth::F, Truth::T),
            (Truth::U, Truth::U),
        ] {
            let name = format!("not in {}", effect.name());
            let keys = [FIRST.to_ascii_lowercase()];
            case.test(
                format!("{name}: {}: {}", truth.name(), negated.name()),
                request(&name, truth, Truth::T),
                expect(effect, negated, &keys),
            );
        }
    }
    Ok(vec![case])
}

/// The cell of a pair; the table has one order of each, and only those with a U.
fn combined(table: &Table, column: &str, first: Truth, second: Truth) -> Result<Truth, Failure> {
    let is = |cell: Result<&str, Failure>, truth| cell.map(|cell| Truth::read(cell) == Some(truth));
    for row in table.rows() {
        for (a, b) in [(first, second), (second, first)] {
            if is(row.cell("a"), a)? && is(row.cell("b"), b)? {
                let cell = row.cell(column)?;
                return Truth::read(cell).ok_or_else(|| row.unread(cell));
            }
        }
    }
    let (first, second) = (first == Truth::T, second == Truth::T);
    Ok(Truth::of(match column {
        "and3" => first && second,
        _ => first || second,
    }))
}

fn test(key: &str) -> Value {
    let mut test = json!({});
    set(&mut test, key, json!("x"));
    test
}

fn places() -> Vec<Place> {
    let mut places = Vec::new();
    for effect in Effect::BOTH {
        let names = match effect {
            Effect::Allow => [
                "two keys in Allow",
                "two operators in Allow",
                "two statements that Allow",
            ],
            Effect::Deny => [
                "two keys in Deny",
                "two operators in Deny",
                "two statements that Deny",
            ],
        };
        let [keys, operators, statements] = names;
        let place = |name, column, conditions| Place {
            name,
            column,
            effect,
            conditions,
        };
        let both = super::case::merged(&test(FIRST), &test(SECOND));
        places.push(place(keys, "and3", vec![json!({"StringEquals": both})]));
        let two = json!({"StringEquals": test(FIRST), "StringLike": test(SECOND)});
        places.push(place(operators, "and3", vec![two]));
        let each = [FIRST, SECOND].map(|key| json!({"StringEquals": test(key)}));
        places.push(place(statements, "or3", each.to_vec()));
    }
    places.push(Place {
        name: "identity and boundary",
        column: "and3",
        effect: Effect::Allow,
        conditions: vec![json!({"StringEquals": test(FIRST)})],
    });
    places
}

fn object(place: &str) -> String {
    format!("arn:aws:s3:::team/{}", world::slug(place))
}

fn snapshot(places: &[Place]) -> Value {
    let statement = |effect: Effect, place: &str, condition: &Value| json!({"Effect": effect.name(), "Action": "s3:GetObject", "Resource": object(place), "Condition": condition});
    let mut identity = vec![
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::team/*Deny"}),
    ];
    for place in places {
        let conditions = place.conditions.iter();
        identity.extend(conditions.map(|condition| statement(place.effect, place.name, condition)));
    }
    for effect in Effect::BOTH {
        let name = format!("not in {}", effect.name());
        identity.push(statement(
            effect,
            &name,
            &json!({"StringNotEquals": test(FIRST)}),
        ));
    }
    let mut others: Vec<Value> = places
        .iter()
        .map(|place| json!(object(place.name)))
        .collect();
    others.retain(|object| *object != json!(self::object("identity and boundary")));
    others.extend(Effect::BOTH.map(|effect| json!(object(&format!("not in {}", effect.name())))));
    let boundary = vec![
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": others}),
        statement(
            Effect::Allow,
            "identity and boundary",
            &json!({"StringEquals": test(SECOND)}),
        ),
    ];
    let user = json!({
        "arn": USER,
        "policies": [world::policy("U-identity", identity)],
        "boundary": world::policy("U-boundary", boundary),
    });
    let bucket = json!({"arn": "arn:aws:s3:::team", "account": world::A});
    world::snapshot(vec![user], vec![bucket])
}

fn request(place: &str, first: Truth, second: Truth) -> Value {
    let (mut context, mut unknown) = (json!({}), Vec::new());
    for (key, truth) in [(FIRST, first), (SECOND, second)] {
        match truth {
            Truth::T => set(&mut context, key, json!("x")),
            Truth::F => set(&mut context, key, json!("z")),
            Truth::U => unknown.push(key),
        }
    }
    let mut request = json!({"resource": object(place), "context": context});
    if !unknown.is_empty() {
        set(&mut request, "unknown", json!(unknown));
    }
    request
}

fn expect(effect: Effect, truth: Truth, keys: &[String]) -> Value {
    match (effect, truth) {
        (_, Truth::U) => json!({"verdict": "depends", "depends_on": keys}),
        (Effect::Allow, Truth::T) | (Effect::Deny, Truth::F) => {
            json!({"verdict": "allow", "depends_on": []})
        }
        (Effect::Allow, Truth::F) => json!({"verdict": "implicit_deny", "depends_on": []}),
        (Effect::Deny, Truth::T) => json!({"verdict": "explicit_deny", "depends_on": []}),
    }
}
