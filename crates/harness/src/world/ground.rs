//! What requests grow from: the statements and grants of a snapshot, each with those whom it means and what it means.
//!
//! Knows patterns only as far as to find texts that they match; whether a request is then allowed is not known here.

use serde_json::Value;
use wildmatch::WildMatch;

use super::mentioned::Mentioned;
use super::names::{IDENTITIES, SERVICE_TABLE};
use crate::choose::Choose;

/// The policies of a snapshot, read once for all requests about it.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    pub(super) mentioned: Mentioned,
    seeds: Vec<Seed>,
}

/// A statement or a grant, as something that a request can fit.
#[derive(Debug, Clone, Default)]
pub(super) struct Seed {
    /// Callers that it may mean, by ARN or name; none: it does not say.
    callers: Vec<String>,
    actions: Entries,
    resources: Entries,
    /// Resources that it is attached to; none: any.
    attached: Vec<String>,
    /// Operator, key and operands of its conditions.
    pub(super) tests: Vec<(String, String, Vec<String>)>,
    /// VPC endpoint whose policy it is in.
    pub(super) endpoint: Option<String>,
    /// Members of a call that the constraints of a grant ask for.
    pub(super) encryption_context: Option<Value>,
    pub(super) grant_token: Option<String>,
}

/// An element and its negated twin.
#[derive(Debug, Clone, Default)]
struct Entries {
    patterns: Vec<String>,
    is_negated: bool,
}

impl Entries {
    fn of(statement: &Value, name: &str, negated: &str) -> Entries {
        let is_negated = statement.get(negated).is_some();
        let element = statement.get(if is_negated { negated } else { name });
        Entries {
            patterns: element.map(texts).unwrap_or_default(),
            is_negated,
        }
    }

    /// True if a text fits; variables fit anything.
    fn admit(&self, text: &str) -> bool {
        if self.patterns.is_empty() {
            return true;
        }
        let is_matched = self.patterns.iter().any(|pattern| matches(pattern, text));
        is_matched != self.is_negated
    }
}

/// True if the text is one of the pattern's, whatever its variables stand for. Case does not count.
fn matches(pattern: &str, text: &str) -> bool {
    let mut open = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        open.push_str(before);
        open.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    open.push_str(rest);
    WildMatch::new_case_insensitive(&open).matches(text)
}

/// What the names of callers hold; providers of identities are none.
const CALLERS: [&str; 4] = [
    ":user/",
    ":assumed-role/",
    ":federated-user/",
    ".amazonaws.com",
];

/// The role that an ARN nearly names: callers have the paths and names that roles really have.
fn listed_role(arn: &str) -> Option<String> {
    let name = |arn: &str| arn.rsplit('/').next().map(str::to_ascii_lowercase);
    let account = |arn: &str| arn.split(':').nth(4).map(str::to_owned);
    let mut roles = IDENTITIES.iter().map(|(arn, _, _)| *arn);
    let found = roles.find(|role| {
        role.contains(":role/") && name(role) == name(arn) && account(role) == account(arn)
    });
    found.map(str::to_owned)
}

/// A text, or the texts of a list.
fn texts(value: &Value) -> Vec<String> {
    let items = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    let text = |item: &Value| {
        item.as_str()
            .map_or_else(|| item.to_string(), str::to_owned)
    };
    items.iter().map(text).collect()
}

impl Ground {
    /// Reads a snapshot file.
    #[must_use]
    pub fn of(snapshot: &Value) -> Ground {
        let mut ground = Ground {
            mentioned: Mentioned::of(&[snapshot]),
            seeds: Vec::new(),
        };
        for principal in entries(snapshot, "principals") {
            let owner = principal["arn"].as_str().unwrap_or_default();
            let own = Seed {
                callers: vec![owner.to_owned()],
                ..Seed::default()
            };
            for member in ["policies", "boundary"] {
                ground.add(&principal[member], &own);
            }
            let role = Seed {
                attached: vec![owner.to_owned()],
                ..Seed::default()
            };
            ground.add(&principal["trust"], &role);
        }
        for key in entries(snapshot, "keys") {
            let attached = Seed {
                attached: vec![key["arn"].as_str().unwrap_or_default().to_owned()],
                ..Seed::default()
            };
            ground.add(&key["policy"], &attached);
            ground.add(&key["ram_policy"], &attached);
            let grants = entries(key, "grants").map(|grant| of_grant(grant, &attached));
            ground.seeds.extend(grants);
        }
        for resource in entries(snapshot, "resources") {
            let arn = resource["arn"].as_str().unwrap_or_default();
            let attached = Seed {
                attached: vec![arn.to_owned(), format!("{arn}/*")],
                ..Seed::default()
            };
            ground.add(&resource["policy"], &attached);
        }
        for endpoint in entries(snapshot, "vpc_endpoints") {
            let through = Seed {
                endpoint: endpoint["id"].as_str().map(str::to_owned),
                ..Seed::default()
            };
            ground.add(&endpoint["policy"], &through);
        }
        for rest in ["groups", "organization"] {
            ground.add(&snapshot[rest], &Seed::default());
        }
        ground
    }

    /// Adds the statements of all policies below a value; each means what the seed means, and what it says besides.
    fn add(&mut self, value: &Value, place: &Seed) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(item, place)),
            Value::Object(members) => match members.get("Statement") {
                Some(Value::Array(statements)) => {
                    let seeds = statements.iter().map(|one| of_statement(one, place));
                    self.seeds.extend(seeds);
                }
                Some(statement) => self.seeds.push(of_statement(statement, place)),
                None => members.values().for_each(|member| self.add(member, place)),
            },
            _ => {}
        }
    }

    /// One of the statements and grants; `None` if there are none.
    pub(super) fn one_seed(&self, choices: &mut impl Choose) -> Option<&Seed> {
        self.seeds.get(choices.below(self.seeds.len()))
    }
}

fn entries<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}

fn of_statement(statement: &Value, place: &Seed) -> Seed {
    let mut seed = place.clone();
    seed.actions = Entries::of(statement, "Action", "NotAction");
    seed.resources = Entries::of(statement, "Resource", "NotResource");
    for element in ["Principal", "NotPrincipal"] {
        match &statement[element] {
            Value::Object(kinds) => seed.callers.extend(kinds.values().flat_map(texts)),
            Value::String(_) => seed.callers.push("*".to_owned()),
            _ => {}
        }
    }
    for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
        for (key, operands) in keys.as_object().into_iter().flatten() {
            seed.tests
                .push((operator.clone(), key.clone(), texts(operands)));
        }
    }
    seed
}

/// Rule: KMS-GRANT-4, KMS-GRANT-5, KMS-GRANT-7, KMS-GRANT-13.
fn of_grant(grant: &Value, place: &Seed) -> Seed {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let operations = texts(&grant["Operations"]);
    let patterns = operations
        .iter()
        .map(|operation| format!("kms:{operation}"));
    let constraints = &grant["Constraints"];
    let context = ["EncryptionContextEquals", "EncryptionContextSubset"]
        .into_iter()
        .find_map(|name| constraints.get(name));
    let source = text(&constraints["SourceArn"]);
    let of_source = |arn| {
        (
            "ArnEquals".to_owned(),
            "aws:SourceArn".to_owned(),
            vec![arn],
        )
    };
    Seed {
        tests: source.map(of_source).into_iter().collect(),
        callers: ["GranteePrincipal", "GranteeServicePrincipal"]
            .iter()
            .filter_map(|name| text(&grant[*name]))
            .collect(),
        actions: Entries {
            patterns: patterns.collect(),
            is_negated: false,
        },
        encryption_context: context.cloned(),
        grant_token: text(&grant["GrantToken"]),
        ..place.clone()
    }
}

impl Seed {
    /// An action and a resource that it speaks of; the resource of another statement if `is_elsewhere`. `None` if it speaks
    /// of nothing that anybody asks for.
    pub(super) fn question(
        &self,
        choices: &mut impl Choose,
        is_elsewhere: bool,
    ) -> Option<(&'static str, Option<&'static str>)> {
        let fits = |resource: &&'static str| self.is_about(resource);
        let mut asked: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
        let common = SERVICE_TABLE.len() - 1;
        let services = match choices.weighted(&[7, 1]) {
            0 => &SERVICE_TABLE[..common],
            _ => &SERVICE_TABLE[common..],
        };
        for (action, resources) in services.iter().flat_map(|service| service.actions) {
            if !self.actions.admit(action) {
                continue;
            }
            let fitting: Vec<&str> = resources.iter().copied().filter(fits).collect();
            if !fitting.is_empty() {
                let resources = if is_elsewhere {
                    resources.to_vec()
                } else {
                    fitting
                };
                asked.push((action, resources));
            }
        }
        let (action, resources) = asked.get(choices.below(asked.len()))?;
        Some((action, choices.one_of(resources)))
    }

    /// True if the statement is about the resource, as far as its patterns say.
    fn is_about(&self, resource: &str) -> bool {
        // Other ways to name the first key.
        let resource = match resource {
            "alias/a" | "k1" => super::names::KEY,
            other => other,
        };
        let is_attached = self.attached.is_empty()
            || self
                .attached
                .iter()
                .any(|pattern| matches(pattern, resource));
        is_attached && self.resources.admit(resource)
    }

    /// Somebody whom it means, as a principal entry or an ARN; `None` if it means nobody in particular.
    pub(super) fn caller(&self, choices: &mut impl Choose) -> Option<String> {
        let meant = self.callers.get(choices.below(self.callers.len()))?;
        let account = match meant.strip_suffix(":root") {
            Some(root) => root.rsplit(':').next(),
            None => Some(meant.as_str()),
        };
        let is_account =
            account.is_some_and(|it| it.len() == 12 && it.bytes().all(|b| b.is_ascii_digit()));
        if is_account {
            let account = account.unwrap_or_default();
            let members: Vec<&str> = IDENTITIES
                .iter()
                .map(|(arn, _, _)| *arn)
                .filter(|arn| arn.contains(account))
                .take(2)
                .collect();
            return match choices.weighted(&[5, 1]) {
                0 => choices.one_of(&members).map(str::to_owned),
                _ => Some(format!("arn:aws:iam::{account}:root")),
            };
        }
        match meant.as_str() {
            "*" => None,
            id if id.starts_with("AROA") || id.starts_with("AIDA") => IDENTITIES
                .iter()
                .find(|(_, known, _)| *known == id)
                .map(|(arn, _, _)| (*arn).to_owned()),
            role if role.contains(":role/") => listed_role(role),
            other if CALLERS.iter().any(|part| other.contains(part)) => Some(other.to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::choose::Bytes;

    #[test]
    fn a_question_grows_from_what_a_statement_says() {
        let snapshot = json!({"keys": [{
            "arn": "arn:aws:kms:eu-west-1:444455556666:key/k2",
            "policy": {"Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:user/team/ana"},
                "Action": "kms:Describe*",
                "Resource": "*",
            }},
        }]});
        let ground = Ground::of(&snapshot);
        let choices = &mut Bytes::new(&[]);
        let seed = ground.one_seed(choices).unwrap();
        let question = seed.question(choices, false).unwrap();
        assert_eq!(question.0, "kms:DescribeKey");
        assert_eq!(
            question.1,
            Some("arn:aws:kms:eu-west-1:444455556666:key/k2")
        );
        let caller = seed.caller(choices).unwrap();
        assert_eq!(caller, "arn:aws:iam::111122223333:user/team/ana");
    }

    #[test]
    fn variables_may_stand_for_anything() {
        assert!(matches(
            "arn:aws:s3:::b/${aws:username}/*",
            "arn:aws:s3:::b/ana/x"
        ));
        assert!(!matches(
            "arn:aws:s3:::c/${aws:username}/*",
            "arn:aws:s3:::b/ana/x"
        ));
        assert!(matches("S3:get*", "s3:GetObject"));
    }
}
