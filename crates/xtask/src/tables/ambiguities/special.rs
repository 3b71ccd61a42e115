//! Entries of the register that concern who is asking, or what a request holds.

use serde_json::{Value, json};

use super::super::case::{Case, merged, set};
use super::super::markdown::Rules;
use super::super::world::{self, A, Effect, USER};
use super::{MODES, check, expect};
use crate::failure::Failure;

const OBJECT: &str = "arn:aws:s3:::team/x";

pub(super) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    check(rules, "AMB-10", "it applies (denied)")?;
    check(rules, "AMB-11", "yes")?;
    check(rules, "AMB-13", "no guess: U in every mode")?;
    check(rules, "AMB-18", "PrincipalArn Absent, the others Unknown")?;
    check(rules, "AMB-23", "everyone not listed, anonymous included")?;
    Ok(vec![
        partial_chain(),
        services(),
        tags(),
        identity_keys(),
        everyone_but(),
    ])
}

/// A bucket with these statements, and the users and the role that ask.
fn case(id: &str, rules: &[&str], why: &str, buckets: &[(&str, Vec<Value>)]) -> Case {
    let bucket = |(name, statements): &(&str, Vec<Value>)| {
        let policy = world::policy("bucket-policy", statements.clone());
        json!({"arn": format!("arn:aws:s3:::{name}"), "account": A, "policy": policy})
    };
    let principals = vec![
        json!({"arn": USER}),
        json!({"arn": format!("arn:aws:iam::{A}:user/V")}),
        json!({"arn": format!("arn:aws:iam::{A}:role/app/R")}),
    ];
    let rules = [&[id, "IAM-TRI-8"][..], rules].concat();
    let snapshot = world::snapshot(principals, buckets.iter().map(bucket).collect());
    Case::new(&format!("amb/{id}"), &rules, why, snapshot).by_default("action", "s3:GetObject")
}

fn statement(effect: Effect, principal: &str, who: Value) -> Value {
    let mut statement = json!({"Effect": effect.name()});
    set(&mut statement, principal, who);
    merged(
        &statement,
        &json!({"Action": "s3:GetObject", "Resource": "*"}),
    )
}

fn on(bucket: &str, mut statement: Value) -> Value {
    set(
        &mut statement,
        "Resource",
        json!(format!("arn:aws:s3:::{bucket}/*")),
    );
    statement
}

/// AMB-10: an entry for Deny alone.
fn partial_chain() -> Case {
    let role = json!({"AWS": format!("arn:aws:iam::{A}:role/app/R")});
    let statements = vec![
        on("team", statement(Effect::Allow, "Principal", json!("*"))),
        on("team", statement(Effect::Deny, "NotPrincipal", role)),
    ];
    let why = "a Deny with NotPrincipal lists the role, but neither its account nor the session";
    let mut case = case("AMB-10", &["IAM-PRIN-17"], why, &[("team", statements)]);
    for mode in MODES {
        let principal = format!("arn:aws:sts::{A}:assumed-role/R/s");
        let request = json!({"principal": principal, "resource": OBJECT, "ambiguity": mode});
        case.test(mode, request, expect("AMB-10", Effect::Deny, mode, true));
    }
    case
}

/// AMB-11: an entry for Allow alone.
fn services() -> Case {
    let open = |name: &str, who: Value| on(name, statement(Effect::Allow, "Principal", who));
    let buckets = [
        ("team", vec![open("team", json!("*"))]),
        ("team-aws", vec![open("team-aws", json!({"AWS": "*"}))]),
    ];
    let why = "an Allow for everyone, and a service that asks";
    let mut case = case(
        "AMB-11",
        &["IAM-PRIN-2", "IAM-PRIN-9", "IAM-EVAL-21"],
        why,
        &buckets,
    );
    for (bucket, _) in &buckets {
        for mode in MODES {
            let resource = format!("arn:aws:s3:::{bucket}/x");
            let request =
                json!({"principal": "sns.amazonaws.com", "resource": resource, "ambiguity": mode});
            case.test(
                format!("{bucket}: {mode}"),
                request,
                expect("AMB-11", Effect::Allow, mode, true),
            );
        }
    }
    case
}

/// A bucket for each effect, whose statement has this condition.
fn conditional(name: &str, principal: &Value, condition: &Value) -> Vec<(String, Vec<Value>)> {
    let bucket = |effect: Effect| {
        let bucket = format!("{name}-{}", effect.name().to_ascii_lowercase());
        let own = statement(effect, "Principal", principal.clone());
        let own = on(&bucket, merged(&own, &json!({"Condition": condition})));
        let mut statements = vec![own];
        if effect == Effect::Deny {
            statements.insert(
                0,
                on(
                    &bucket,
                    statement(Effect::Allow, "Principal", principal.clone()),
                ),
            );
        }
        (bucket, statements)
    };
    Effect::BOTH.map(bucket).to_vec()
}

/// AMB-13: no mode has an answer.
fn tags() -> Case {
    let condition = json!({"StringEquals": {"aws:RequestTag/team": "a"}});
    let buckets = conditional("team", &json!({"AWS": USER}), &condition);
    let buckets: Vec<(&str, Vec<Value>)> = buckets
        .iter()
        .map(|(name, list)| (name.as_str(), list.clone()))
        .collect();
    let why = "two tags of a request that differ in case alone: the answer is open in every mode";
    let mut case = case("AMB-13", &["IAM-COND-3"], why, &buckets);
    for (bucket, _) in &buckets {
        for mode in MODES {
            let request = json!({
                "principal": USER,
                "resource": format!("arn:aws:s3:::{bucket}/x"),
                "context": {"aws:RequestTag/team": "a", "aws:RequestTag/Team": "b"},
                "ambiguity": mode,
            });
            let expect =
                json!({"verdict": "depends", "depends_on": ["AMB-13"], "ambiguities": ["AMB-13"]});
            case.test(format!("{bucket}: {mode}"), request, expect);
        }
    }
    case
}

/// AMB-18: by the guess the ARN is absent, and the state of the other keys is open.
fn identity_keys() -> Case {
    let keys = [
        "aws:PrincipalArn",
        "aws:PrincipalType",
        "aws:PrincipalAccount",
        "aws:userid",
    ];
    let mut buckets = Vec::new();
    for key in keys {
        let mut test = json!({});
        set(&mut test, key, json!("true"));
        let condition = json!({"Null": test});
        let name = world::slug(key).to_ascii_lowercase();
        buckets.extend(conditional(
            &name,
            &json!({"Service": "sns.amazonaws.com"}),
            &condition,
        ));
    }
    let listed: Vec<(&str, Vec<Value>)> = buckets
        .iter()
        .map(|(name, list)| (name.as_str(), list.clone()))
        .collect();
    let why =
        "which identity keys a service principal carries; the test asks whether the key is absent";
    let mut case =
        case("AMB-18", &["IAM-PRIN-1", "IAM-CTX-2"], why, &listed).by_default("mode", "open");
    for key in keys {
        for effect in Effect::BOTH {
            for mode in MODES {
                let bucket = format!("{}-{}", world::slug(key), effect.name()).to_ascii_lowercase();
                let resource = format!("arn:aws:s3:::{bucket}/x");
                let request = json!({"principal": "sns.amazonaws.com", "resource": resource, "ambiguity": mode});
                let expect = match (key, mode) {
                    ("aws:PrincipalArn", _) | (_, "report" | "failsafe") => {
                        expect("AMB-18", effect, mode, true)
                    }
                    _ => json!({"verdict": "depends", "depends_on": [key.to_ascii_lowercase()]}),
                };
                case.test(
                    format!("{key} is absent: {mode}, in {}", effect.name()),
                    request,
                    expect,
                );
            }
        }
    }
    case
}

/// AMB-23: an entry for Allow alone; such documents are read in lenient mode only (IAM-GRAM-15).
fn everyone_but() -> Case {
    let listed = json!({"AWS": [A, format!("arn:aws:iam::{A}:user/V")]});
    let statements = vec![on("team", statement(Effect::Allow, "NotPrincipal", listed))];
    let why = "whom an Allow with NotPrincipal lets in who is not listed";
    let mut case = case(
        "AMB-23",
        &["IAM-PRIN-17", "IAM-GRAM-15"],
        why,
        &[("team", statements)],
    );
    case.is_lenient = true;
    for (name, principal) in [
        ("anonymous", json!("anonymous")),
        ("a stranger", json!("arn:aws:iam::444455556666:root")),
    ] {
        for mode in MODES {
            let request = json!({"principal": principal, "resource": OBJECT, "ambiguity": mode});
            case.test(
                format!("{name}: {mode}"),
                request,
                expect("AMB-23", Effect::Allow, mode, true),
            );
        }
    }
    case
}
