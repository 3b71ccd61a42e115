//! What there is in the world of a job: identities, keys, buckets and whatever else the job names, without policies.

use preclear_model::Arn;
use preclear_simulator::job::JobReport;
use serde_json::{Map, Value, json};

use super::stock;
use crate::choose::Choose;

/// Lists what every job may name, and what this one does.
pub(super) fn listed(choices: &mut impl Choose, job: &Value, said: &[String]) -> Value {
    let identities = stock::IDENTITIES.iter();
    let identities: Vec<Value> = identities.map(|arn| json!({"arn": arn})).collect();
    let keys: Vec<Value> = stock::KEYS
        .iter()
        .filter_map(|(arn, alias)| match alias.strip_prefix("alias/aws/") {
            Some(service) => choices.once_in(2).then(
                || json!({"arn": arn, "aliases": [alias], "manager": "AWS", "service": service}),
            ),
            None => Some(key(choices, arn, alias)),
        })
        .collect();
    let buckets: Vec<Value> = stock::BUCKETS
        .iter()
        .map(|name| bucket(choices, name))
        .collect();
    let mut resources = stock::resources();
    for resource in &mut resources {
        encrypt(choices, resource);
    }
    resources.extend(buckets);
    let mut world = json!({
        "preclear": 1, "account": stock::ACCOUNT, "region": stock::REGION, "complete": true,
        "principals": identities, "keys": keys, "resources": resources,
    });
    if job.get("vpc_endpoint").is_some() {
        let actions = if choices.once_in(2) { "s3:*" } else { "*" };
        let statement =
            json!({"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": "*"});
        world["vpc_endpoints"] = json!([{
            "id": stock::ENDPOINT, "kind": "interface", "vpc": "vpc-1", "account": stock::ACCOUNT,
            "policy": {"Version": "2012-10-17", "Statement": [statement]},
        }]);
    }
    list_named(choices, &mut world, job, said);
    world
}

fn key(choices: &mut impl Choose, arn: &str, alias: &str) -> Value {
    let mut key = json!({"arn": arn, "aliases": [alias]});
    if choices.once_in(24) {
        key["state"] = json!(choices.one_of(&["Disabled", "PendingDeletion", "PendingImport"]));
    }
    key
}

fn bucket(choices: &mut impl Choose, name: &str) -> Value {
    let account = if choices.once_in(6) {
        stock::OTHER
    } else {
        stock::ACCOUNT
    };
    let mut bucket = json!({
        "arn": format!("arn:aws:s3:::{name}"), "account": account, "region": stock::REGION,
    });
    if choices.once_in(2) {
        let mut default = Map::from_iter([("SSEAlgorithm".to_owned(), json!("aws:kms"))]);
        if !choices.once_in(5) {
            let at = choices.weighted(&[4, 4, 1]);
            default.insert("KMSMasterKeyID".to_owned(), json!(stock::KEYS[at].0));
        }
        bucket["encryption"] = json!({"ServerSideEncryptionConfiguration": {"Rules": [{
            "ApplyServerSideEncryptionByDefault": default,
            "BucketKeyEnabled": choices.once_in(2),
        }]}});
    }
    if choices.once_in(3) {
        let key = stock::KEYS[choices.below(2)].0;
        bucket["objects"] = json!([
            {"key": "2026/a.jpg", "kms_key": key, "bucket_key": choices.once_in(2)}, {"key": "2026/b.jpg"},
        ]);
    }
    bucket
}

/// Gives a resource a key, most often.
fn encrypt(choices: &mut impl Choose, resource: &mut Value) {
    if !choices.once_in(3) {
        let at = choices.weighted(&[4, 4, 1]);
        resource["kms_key"] = json!(stock::KEYS[at].0);
    }
}

/// Lists every ARN that the request holds; `said` are paths of what may be said of resources.
pub(super) fn list_named(
    choices: &mut impl Choose,
    world: &mut Value,
    job: &Value,
    said: &[String],
) {
    let mut texts = Vec::new();
    collect(&job["request"], &mut texts);
    for text in texts {
        list(choices, world, &text, said);
    }
}

/// Lists what the permissions of a job are on, and what the report misses.
pub(super) fn list_needed(
    choices: &mut impl Choose,
    world: &mut Value,
    report: &JobReport,
    said: &[String],
) {
    for part in report.requirements.iter().flat_map(|row| &row.parts) {
        list(choices, world, &part.resource, said);
    }
    // Names stand between backticks.
    let messages = report.warnings.iter().map(|warning| &warning.message);
    let names = messages.flat_map(|message| message.split('`').skip(1).step_by(2));
    for name in names {
        list(choices, world, name, said);
    }
}

/// A resource as its Describe call prints it, of what a template reads.
fn describe(choices: &mut impl Choose, said: &[String]) -> Value {
    let mut described = json!({});
    for path in said {
        if choices.once_in(3) {
            continue;
        }
        let leaf = path.rsplit('.').next().unwrap_or(path);
        let value = match leaf {
            _ if leaf.contains("Encrypted") || leaf.starts_with("Enable") => {
                json!(!choices.once_in(3))
            }
            _ if leaf.contains("Key") => json!(stock::KEYS[choices.weighted(&[4, 4, 1])].0),
            _ if leaf.contains("Role") || path.ends_with("Roles.Arn") => json!(stock::OWN_ROLE),
            _ if ["Uri", "Url", "Path", "Location"]
                .iter()
                .any(|end| leaf.ends_with(end)) =>
            {
                json!(choices.one_of(&stock::URIS))
            }
            "Mode" | "Tier" => json!("Advanced"),
            _ => json!(choices.one_of(&stock::ANY_TEXT)),
        };
        put(&mut described, path, value);
    }
    described
}

/// Puts a value at a path; what stands in the way stays.
fn put(described: &mut Value, path: &str, value: Value) {
    let mut place = described;
    for name in path.split('.') {
        let Some(members) = place.as_object_mut() else {
            return;
        };
        place = members.entry(name).or_insert_with(|| json!({}));
    }
    *place = value;
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Object(members) => members.values().for_each(|value| collect(value, texts)),
        _ => {}
    }
}

/// Lists a resource that is not listed yet: no identity, key, pattern, or part of a bucket.
fn list(choices: &mut impl Choose, world: &mut Value, text: &str, said: &[String]) {
    let Some(arn) = Arn::parse(text) else {
        return;
    };
    let is_other = matches!(arn.service(), "iam" | "sts" | "kms" | "s3");
    let is_pattern = text.contains(['*', '?']);
    let Some(resources) = world["resources"].as_array_mut() else {
        return;
    };
    let is_listed = resources.iter().any(|resource| resource["arn"] == text);
    // What nobody lists is common, too.
    if is_other || is_pattern || is_listed || choices.once_in(12) {
        return;
    }
    let mut resource = json!({"arn": text});
    encrypt(choices, &mut resource);
    if arn.service() == "lambda" && !choices.once_in(4) {
        resource["role"] = json!(stock::OWN_ROLE);
    }
    if !said.is_empty() && !choices.once_in(6) {
        resource["describe"] = describe(choices, said);
    }
    resources.push(resource);
}
