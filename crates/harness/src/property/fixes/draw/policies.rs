//! Policies for what a job needs, with pieces missing.
//!
//! Each permission is given, by one of the ways that the rules know, or it is spoiled: left out, tied to a condition that the call
//! does not meet, given for something else, denied. How often is one choice of the world, so that jobs of every verdict are common.

use std::collections::BTreeMap;

use preclear_model::Arn;
use preclear_simulator::job::{Basis, JobReport, RequirementPart};
use serde_json::{Value, json};

use super::stock;
use crate::choose::Choose;

/// Spoiled permissions in a thousand, of sound worlds, of worse ones, and of worlds without policies.
const SPOILED: [usize; 6] = [0, 20, 60, 200, 500, 1000];
const WEIGHTS: [usize; 6] = [2, 4, 4, 3, 2, 1];

/// Where a statement goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Identity(String),
    Trust(String),
    Key(String),
    Resource(String),
}

/// Statements by place.
#[derive(Debug, Default)]
pub(super) struct Policies(BTreeMap<Place, Vec<Value>>);

impl Policies {
    /// Policies for what a report lists.
    pub(super) fn draw(choices: &mut impl Choose, world: &Value, report: &JobReport) -> Policies {
        let mut policies = Policies::default();
        let spoiled = SPOILED[choices.weighted(&WEIGHTS)];
        policies.delegate(choices, world, spoiled);
        let rows = report.requirements.iter();
        for part in rows.flat_map(|row| &row.parts) {
            // What is only listed is missing more often: so gaps are common.
            let share = if part.basis == Basis::Mandatory {
                spoiled
            } else {
                spoiled + 30
            };
            let is_spoiled = choices.below(1000) + 1 > 1000 - share.min(1000);
            let places = places(choices, world, part);
            for place in places {
                let statement = allow(&place, part);
                match is_spoiled {
                    false => policies.push(place, statement),
                    true => policies.push_spoiled(choices, place, statement),
                }
            }
        }
        policies
    }

    fn push(&mut self, place: Place, statement: Value) {
        let statements = self.0.entry(place).or_default();
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }

    /// Lets identity policies count for keys, most often. Rule: KMS-POL-3.
    fn delegate(&mut self, choices: &mut impl Choose, world: &Value, spoiled: usize) {
        for key in customer_keys(world) {
            let account = Arn::parse(&key).map(|arn| arn.account().to_owned());
            let account = account.unwrap_or_default();
            let mut statement = json!({
                "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
                "Action": "kms:*", "Resource": "*",
            });
            if spoiled > 0 && choices.once_in(8) {
                statement["Action"] = json!(["kms:Describe*", "kms:Decrypt"]);
            }
            if spoiled > 0 && choices.once_in(12) {
                statement["Condition"] = json!({"StringEquals": {"kms:CallerAccount": account}});
            }
            if !choices.once_in(3) {
                self.push(Place::Key(key), statement);
            }
        }
    }

    fn push_spoiled(&mut self, choices: &mut impl Choose, place: Place, mut statement: Value) {
        match choices.weighted(&[12, 4, 2, 2, 2]) {
            0 => return,
            1 => statement["Condition"] = unmet(choices),
            2 => {
                // Somebody else, or something else.
                let is_named = statement.get("Principal").is_some();
                match is_named {
                    true => statement["Principal"] = json!({"AWS": stock::ROLES[1]}),
                    false => statement["Resource"] = json!("arn:aws:s3:::in-data/elsewhere/*"),
                }
            }
            3 => statement["Action"] = json!(["kms:Describe*", "s3:List*", "sts:Get*"]),
            _ => {
                let mut deny = statement.clone();
                deny["Effect"] = json!("Deny");
                if choices.once_in(2) {
                    deny["Condition"] = unmet(choices);
                }
                self.push(place.clone(), deny);
            }
        }
        self.push(place, statement);
    }

    /// Writes the policies into the world, and limits of others beside them.
    pub(super) fn put(self, choices: &mut impl Choose, world: &mut Value) {
        for (place, statements) in self.0 {
            put(choices, world, &place, &statements);
        }
        demand_encryption(choices, world);
        widen(choices, world);
        grant(choices, world);
        bound(choices, world);
        organize(choices, world);
        forget(choices, world);
    }
}

/// A condition that no call of a job meets.
fn unmet(choices: &mut impl Choose) -> Value {
    let conditions = [
        json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        json!({"StringEquals": {"kms:ViaService": "sqs.us-west-2.amazonaws.com"}}),
        json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::elsewhere/*"}}),
        json!({"StringEquals": {"aws:SourceAccount": "999999999999"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-west-2:111122223333:*"}}),
        json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({
            "ArnLike": {"aws:SourceArn": "arn:aws:sns:us-west-2:111122223333:other*"},
            "StringEquals": {"aws:SourceAccount": "111122223333"},
        }),
        json!({
            "ForAnyValue:StringLike": {"kms:EncryptionContextKeys": ["nothing*"]},
            "StringLike": {"kms:ViaService": "*.us-west-2.amazonaws.com"},
        }),
        json!({"Null": {"aws:SourceAccount": "true"}, "StringNotLike": {"aws:PrincipalArn": "*/nobody"}}),
        json!({"NumericLessThan": {"s3:max-keys": "10"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    ];
    conditions[choices.below(conditions.len())].clone()
}

fn customer_keys(world: &Value) -> Vec<String> {
    let keys = world["keys"].as_array().into_iter().flatten();
    let keys = keys.filter(|key| key.get("manager").is_none());
    keys.filter_map(|key| Some(key["arn"].as_str()?.to_owned()))
        .collect()
}

/// The policies that allow a permission, by one way of those there are.
fn places(choices: &mut impl Choose, world: &Value, part: &RequirementPart) -> Vec<Place> {
    let identity = Arn::parse(&part.principal)
        .filter(|arn| arn.service() == "iam" && arn.resource() != "root")
        .map(|arn| Place::Identity(arn.as_str().to_owned()));
    let Some(resource) = Arn::parse(&part.result.resource) else {
        return identity.into_iter().collect();
    };
    let own = Arn::parse(&part.principal).map(|arn| arn.account().to_owned());
    if part.action.starts_with("sts:") {
        return vec![Place::Trust(part.resource.clone())];
    }
    let of_resource = carrier(world, &resource);
    let is_foreign = own.is_some_and(|own| owner(world, &resource).is_some_and(|it| it != own));
    let ways = if is_foreign {
        2
    } else {
        choices.weighted(&[3, 2, 1])
    };
    let (identity, of_resource) = match (identity, of_resource, ways) {
        (Some(identity), _, 0) => (Some(identity), None),
        (Some(_), Some(place), 1) => (None, Some(place)),
        both => (both.0, both.1),
    };
    identity.into_iter().chain(of_resource).collect()
}

/// The place of the policy that covers a resource.
fn carrier(world: &Value, resource: &Arn) -> Option<Place> {
    let text = resource.as_str();
    if resource.service() == "kms" {
        let is_there = customer_keys(world).iter().any(|key| key == text);
        return is_there.then(|| Place::Key(text.to_owned()));
    }
    let resources = world["resources"].as_array().into_iter().flatten();
    let mut arns = resources.filter_map(|one| one["arn"].as_str());
    let covers = |arn: &&str| text == *arn || text.starts_with(&format!("{arn}/"));
    let takes_policy = matches!(
        resource.service(),
        "s3" | "sqs" | "sns" | "lambda" | "secretsmanager"
    );
    let found = arns.find(covers).filter(|_| takes_policy)?;
    Some(Place::Resource(found.to_owned()))
}

fn owner(world: &Value, resource: &Arn) -> Option<String> {
    if !resource.account().is_empty() {
        return Some(resource.account().to_owned());
    }
    let bucket = resource.as_str().split('/').next().unwrap_or_default();
    let mut resources = world["resources"].as_array().into_iter().flatten();
    let listed = resources.find(|one| one["arn"] == bucket)?;
    Some(listed["account"].as_str()?.to_owned())
}

/// The statement that allows a permission there.
fn allow(place: &Place, part: &RequirementPart) -> Value {
    let mut statement = json!({"Effect": "Allow"});
    if !matches!(place, Place::Identity(_)) {
        let kind = if part.principal.starts_with("arn:") {
            "AWS"
        } else {
            "Service"
        };
        statement["Principal"] = json!({kind: part.principal});
    }
    statement["Action"] = json!(part.action);
    match place {
        Place::Trust(_) => {}
        Place::Key(_) => statement["Resource"] = json!("*"),
        Place::Identity(_) | Place::Resource(_) => {
            let resource = if part.result.resource.starts_with("arn:aws:kms:") {
                &part.result.resource
            } else {
                &part.resource
            };
            statement["Resource"] = json!(resource);
        }
    }
    statement
}

fn put(choices: &mut impl Choose, world: &mut Value, place: &Place, statements: &[Value]) {
    let (list, arn, member) = match place {
        Place::Identity(arn) => ("principals", arn, "policies"),
        Place::Trust(arn) => ("principals", arn, "trust"),
        Place::Key(arn) => ("keys", arn, "policy"),
        Place::Resource(arn) => ("resources", arn, "policy"),
    };
    let version = if choices.once_in(12) {
        "2008-10-17"
    } else {
        "2012-10-17"
    };
    let policy = json!({"Version": version, "Statement": statements});
    let entries = world[list].as_array_mut();
    let entry = entries.and_then(|entries| entries.iter_mut().find(|entry| entry["arn"] == **arn));
    if let Some(entry) = entry {
        entry[member] = match member {
            "policies" => json!([policy]),
            _ => policy,
        };
    }
}

/// A bucket that takes encrypted objects alone. Rule: JOB-S3-6.
fn demand_encryption(choices: &mut impl Choose, world: &mut Value) {
    for resource in world["resources"].as_array_mut().into_iter().flatten() {
        let arn = resource["arn"].as_str().unwrap_or_default().to_owned();
        if !arn.starts_with("arn:aws:s3:::") || !choices.once_in(12) {
            continue;
        }
        let deny = json!({
            "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": format!("{arn}/*"),
            "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
        });
        match resource["policy"]["Statement"].as_array_mut() {
            Some(statements) => statements.push(deny),
            None => resource["policy"] = json!({"Version": "2012-10-17", "Statement": [deny]}),
        }
    }
}

/// Statements that allow more than a job needs, by wildcards and by what they leave out.
fn widen(choices: &mut impl Choose, world: &mut Value) {
    for principal in world["principals"].as_array_mut().into_iter().flatten() {
        if !choices.once_in(16) {
            continue;
        }
        let statement = match choices.below(3) {
            0 => {
                json!({"Effect": "Allow", "Action": ["s3:*", "kms:Describe*", "logs:*"], "Resource": "*"})
            }
            1 => {
                json!({"Effect": "Allow", "NotAction": ["kms:*", "iam:*"], "Resource": "arn:aws:s3:::*/*"})
            }
            _ => {
                json!({"Effect": "Allow", "Action": "*", "NotResource": ["arn:aws:s3:::in-data*", "arn:aws:iam::*"]})
            }
        };
        let policy = json!({"Version": "2012-10-17", "Statement": statement});
        match principal["policies"].as_array_mut() {
            Some(policies) => policies.push(policy),
            None => principal["policies"] = json!([policy]),
        }
    }
}

/// Grants, for some of what a role does with a key, or under constraints. Rule: KMS-GRANT-1.
fn grant(choices: &mut impl Choose, world: &mut Value) {
    for key in world["keys"].as_array_mut().into_iter().flatten() {
        if key.get("manager").is_some() || !choices.once_in(10) {
            continue;
        }
        let mut grant = json!({
            "GrantId": "g1", "GranteePrincipal": stock::ROLES[choices.below(2)],
            "Operations": ["Decrypt", "GenerateDataKey", "DescribeKey"],
        });
        if choices.once_in(3) {
            let pairs = json!({"aws:s3:arn": "arn:aws:s3:::in-data"});
            grant["Constraints"] = json!({"EncryptionContextSubset": pairs});
        }
        key["grants"] = json!([grant]);
    }
}

/// Boundaries, some of them too narrow; and the managed policy of labeling jobs.
fn bound(choices: &mut impl Choose, world: &mut Value) {
    const MANAGED: &str = "arn:aws:iam::aws:policy/AmazonSageMakerGroundTruthExecution";
    let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    for principal in world["principals"].as_array_mut().into_iter().flatten() {
        let is_role = principal["arn"]
            .as_str()
            .is_some_and(|arn| arn.contains(":role/"));
        if is_role && choices.once_in(10) {
            match principal["policies"].as_array_mut() {
                Some(policies) => policies.push(json!(MANAGED)),
                None => principal["policies"] = json!([MANAGED]),
            }
        }
        if !choices.once_in(14) {
            continue;
        }
        let statements = match choices.below(4) {
            0 => vec![all.clone()],
            1 => vec![
                json!({"Effect": "Allow", "NotAction": ["kms:CreateGrant", "lambda:*", "iam:*"], "Resource": "*"}),
            ],
            2 => vec![
                all.clone(),
                json!({"Effect": "Deny", "Action": ["kms:Encrypt", "sqs:*", "s3:ListBucket"], "Resource": "*"}),
            ],
            _ => vec![json!({"Effect": "Allow", "Action": ["s3:*", "logs:*"], "Resource": "*"})],
        };
        principal["boundary"] = json!({"Version": "2012-10-17", "Statement": statements});
    }
}

/// An organization, whose guardrails stand in the way of something, or of nothing. Rule: IAM-EVAL-7.
fn organize(choices: &mut impl Choose, world: &mut Value) {
    const FULL: &str = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";
    if !choices.once_in(10) {
        return;
    }
    let own = match choices.below(4) {
        0 => json!([FULL]),
        1 => json!([{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["s3:*", "iam:*", "sts:*", "sagemaker:*", "personalize:*"], "Resource": "*"},
        ]}]),
        2 => json!([FULL, {"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Action": ["kms:CreateGrant", "s3:AbortMultipartUpload"], "Resource": "*"},
        ]}]),
        _ => json!([FULL, {"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Action": "*", "Resource": "*",
             "Condition": {"StringNotEquals": {"aws:RequestedRegion": "us-west-2"}}},
        ]}]),
    };
    world["organization"] = json!({
        "id": "o-example", "management_account": "999999999999",
        "root": {"id": "r-ab12", "scps": [FULL]},
        "accounts": [{"id": stock::ACCOUNT, "scps": own}, {"id": stock::OTHER, "scps": [FULL]}],
    });
}

/// A snapshot in part: what is not listed may be, and some of what is was not loaded.
fn forget(choices: &mut impl Choose, world: &mut Value) {
    const SAID: [&str; 6] = ["arn", "account", "region", "aliases", "manager", "service"];
    if !choices.once_in(8) {
        return;
    }
    world["complete"] = json!(false);
    world["layers_open"] = json!(["scp", "rcp", "boundary", "session"]);
    for list in ["principals", "keys", "resources"] {
        for entry in world[list].as_array_mut().into_iter().flatten() {
            let is_user = entry["arn"]
                .as_str()
                .is_some_and(|arn| arn.contains(":user/"));
            let Some(members) = entry.as_object_mut() else {
                continue;
            };
            if choices.once_in(6) {
                members.retain(|name, _| SAID.contains(&name.as_str()));
                continue;
            }
            for member in known(list, is_user) {
                members.entry(*member).or_insert(Value::Null);
            }
        }
    }
}

/// Members that say that there is nothing, where everything is known.
fn known(list: &str, is_user: bool) -> &'static [&'static str] {
    match list {
        "principals" if is_user => &["policies", "boundary", "groups"],
        "principals" => &["policies", "boundary", "trust"],
        "keys" => &["grants"],
        _ => &["policy"],
    }
}
