//! Job files that are drawn: a request of the members that a template names, spoiled in places.

use serde_json::{Map, Value, json};

use super::template::{self, Template};
use crate::choose::Choose;

const TEXTS: &[&str] = &[
    "boxes-01", "x", "true", "seed", "*", "{region}", "a/b", "ENABLED", "",
];
const ACCOUNTS: &[&str] = &["111122223333", "444455556666"];
const SESSION_POLICIES: &[&str] = &[
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
    r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::team-*"}]}"#,
    r#"{"Statement": []}"#,
    "{",
];
const ROLES: &[&str] = &[
    "arn:aws:iam::111122223333:role/service-role/example-role",
    "arn:aws:iam::111122223333:role/PersonalizeRole",
    "arn:aws:iam::111122223333:role/Labeler",
    "arn:aws:iam::444455556666:role/R",
    "arn:aws:iam::111122223333:role/",
];
const CALLERS: &[&str] = &[
    "arn:aws:iam::111122223333:role/Labeler",
    "arn:aws:iam::111122223333:role/Recommender",
    "arn:aws:sts::111122223333:assumed-role/Labeler/s",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:user/U",
];
const KEYS: &[&str] = &[
    "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:us-west-2:111122223333:key/2345bcde-23bc-45de-67fa-2345678901bc",
    "1234abcd-12ab-34cd-56ef-1234567890ab",
    "alias/labels",
    "arn:aws:kms:us-west-2:111122223333:alias/labels",
    "alias/aws/s3",
    "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:us-west-2:444455556666:key/9",
    "k y",
];
const URIS: &[&str] = &[
    "s3://team-sagemaker-in/m.json",
    "s3://team-sagemaker-out/boxes",
    "s3://exports/p/",
    "s3://exports/*/{region}?",
    "s3://elsewhere",
    "s3:///x",
];
const ARNS: &[&str] = &[
    "arn:aws:sagemaker:us-west-2:111122223333:workteam/private-crowd/team1",
    "arn:aws:sagemaker:us-west-2:394669845002:workteam/public-crowd/default",
    "arn:aws:sagemaker:us-west-2:027400017018:labeling-job-algorithm-specification/object-detection",
    "arn:aws:lambda:us-west-2:081040173940:function:PRE-BoundingBox",
    "arn:aws:lambda:us-west-2:111122223333:function:SageMaker-f",
    "arn:aws:personalize:us-west-2:111122223333:dataset/g/INTERACTIONS",
    "arn:aws:personalize:us-west-2:111122223333:solution/s/v",
    "arn:aws:personalize:us-west-2:111122223333:dataset-group/g",
    "arn:aws:sns:us-west-2:111122223333:t",
    "arn:aws:s3:::exports",
    "arn:::::",
];
const CONTEXT: &[&str] = &[
    "aws:SourceIp",
    "aws:SecureTransport",
    "s3:prefix",
    "x:own",
    "aws:MultiFactorAuthPresent",
];

/// A job file. Choices of zero make every demanded member right, and nothing else.
pub(super) fn job(choices: &mut impl Choose) -> Value {
    let templates: Vec<Template> = Template::all().collect();
    let Some(template) = choices.one_of(&templates) else {
        return Value::Null;
    };
    let mut job = json!({
        "operation": template.operation,
        "caller": choices.one_of(CALLERS),
        "region": choices.one_of(&["us-west-2", "eu-west-1"]),
        "account": "111122223333",
        "mode": choices.one_of(&["closed", "open"]),
        "ambiguity": choices.one_of(&["report", "guess", "failsafe"]),
        "request": members(choices, template.fields),
    });
    if choices.once_in(3) {
        job["interface"] = json!("console");
    }
    if choices.once_in(4) {
        job["lifetime"] = json!(true);
    }
    if choices.once_in(4) {
        job["profile"] = json!(choices.one_of(&["seed", "current", "x"]));
    }
    if choices.once_in(4) {
        job["readers"] = json!([choices.one_of(ROLES)]);
    }
    if choices.once_in(4) {
        job["data"] = json!([choices.one_of(URIS)]);
    }
    for state in ["unknown", "absent", "present"] {
        if choices.once_in(8) {
            job[state] = json!([choices.one_of(CONTEXT)]);
        }
    }
    if choices.once_in(8) {
        job["context"] =
            json!({(choices.one_of(CONTEXT).unwrap_or_default()): choices.one_of(TEXTS)});
    }
    job
}

/// Members of an object: the demanded ones, some of the others, and now and then what should not be.
fn members(choices: &mut impl Choose, shape: &Map<String, Value>) -> Value {
    let mut members = Map::new();
    for (name, shape) in shape {
        let (plain, is_required) = template::member(name);
        let spoiled = choices.once_in(40);
        if spoiled && is_required || !is_required && !choices.once_in(3) {
            continue;
        }
        let name = if choices.once_in(60) {
            // Misspelled, or another name.
            match choices.below(3) {
                0 => plain.to_lowercase(),
                1 => format!("{plain}x"),
                _ => "Colour".to_owned(),
            }
        } else {
            plain.to_owned()
        };
        members.insert(name, value(choices, shape));
    }
    Value::Object(members)
}

fn value(choices: &mut impl Choose, shape: &Value) -> Value {
    if choices.once_in(60) {
        let others = [
            json!(null),
            json!("text"),
            json!(7),
            json!([]),
            json!({}),
            json!(true),
            json!([[]]),
        ];
        return others[choices.below(others.len())].clone();
    }
    let texts = match shape {
        Value::Object(shape) => return members(choices, shape),
        Value::Array(shape) => {
            let element = shape.first().unwrap_or(&Value::Null);
            let count = 1 + choices.below(2);
            return (0..count).map(|_| value(choices, element)).collect();
        }
        Value::String(kind) => match kind.as_str() {
            "number" => return json!(choices.below(1000)),
            "boolean" => return json!(choices.once_in(2)),
            "map" => return json!({}),
            "account" => ACCOUNTS,
            "session_policy" => SESSION_POLICIES,
            "role_arn" => ROLES,
            "s3_uri" => URIS,
            "key" | "key_arn" | "key_id_or_arn" => KEYS,
            "arn" => ARNS,
            _ => TEXTS,
        },
        _ => TEXTS,
    };
    json!(choices.one_of(texts))
}
