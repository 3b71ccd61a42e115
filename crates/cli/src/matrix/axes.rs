//! From lists and patterns to the principals, actions and resources that are meant. Rule: UI-21.

use std::collections::BTreeSet;
use std::sync::Arc;

use preclear_catalog::{Action, catalog};
use preclear_model::caller::Caller;
use preclear_model::near::nearest;
use preclear_model::{ArnRef, Diagnostic, Source, Span};
use preclear_simulator::Snapshot;
use preclear_wildcard::Pattern;

use crate::failure::Failure;
use crate::question::overrides::caller;

/// What an action that is decided on no resource is asked about. Rule: IAM-WILD-8.
pub(super) const NO_RESOURCE: &str = "*";

/// An action, with the resources that it takes.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) name: String,
    /// ARNs of its resources: none where it is decided on `*`.
    types: Vec<Pattern>,
    /// Keys are named by alias and id, too.
    takes_keys: bool,
}

impl Asked {
    fn known(action: Action<'_>) -> Self {
        let service = action.service().prefix();
        let types = action.resource_uses().map(|one| one.resource_type());
        let types = types.flat_map(|one| one.arn_globs().collect::<Vec<_>>());
        Self {
            name: format!("{service}:{}", action.name()),
            types: types.map(|glob| Pattern::parse(&glob)).collect(),
            takes_keys: service == "kms" && action.has_resource(),
        }
    }

    /// One that AWS does not have, as far as the catalogue knows: it may be newer.
    fn unknown(text: &str, service: &str) -> Self {
        let service = service.to_ascii_lowercase();
        let is_known = catalog().service(&service).is_some();
        let types = if is_known {
            format!("arn:*:{service}:*:*:*")
        } else {
            "*".to_owned()
        };
        Self {
            name: text.to_owned(),
            types: vec![Pattern::parse(&types)],
            takes_keys: service == "kms" || !is_known,
        }
    }

    /// Whether the action is asked about a resource.
    pub(super) fn takes(&self, resource: &str) -> bool {
        if resource == NO_RESOURCE {
            return true;
        }
        match ArnRef::parse(resource) {
            Some(arn) if arn.service() == "kms" && self.takes_keys => true,
            Some(_) => self.types.iter().any(|own| own.is_match(resource)),
            // What is no ARN names a key.
            None => self.takes_keys,
        }
    }

    /// False where it is decided on `*` alone.
    pub(super) fn has_resource(&self) -> bool {
        self.takes_keys || !self.types.is_empty()
    }
}

/// The callers of `--principals`; all that the snapshot lists where it is left out.
pub(super) fn callers(snapshot: &Snapshot, given: &[String]) -> Result<Vec<Caller>, Failure> {
    let listed: Vec<&str> = snapshot
        .principals
        .iter()
        .map(|principal| principal.arn.as_str())
        .collect();
    let everybody = [NO_RESOURCE.to_owned()];
    let given = if given.is_empty() { &everybody } else { given };
    let mut names = Names::default();
    for text in given {
        if !is_pattern(text) {
            names.push(text);
            continue;
        }
        if names.push_matches(text, &listed) == 0 {
            return Err(nothing("--principals", text, "users and roles", &listed));
        }
    }
    names
        .list
        .iter()
        .map(|name| caller("--principals", name))
        .collect()
}

/// The actions of `--actions`.
pub(super) fn actions(given: &[String]) -> Result<Vec<Asked>, Failure> {
    let mut known = BTreeSet::new();
    let mut asked = Vec::new();
    let mut push = |one: Asked| {
        if known.insert(one.name.clone()) {
            asked.push(one);
        }
    };
    for text in given {
        if text.contains(',') {
            let names: Vec<&str> = text.split(',').map(str::trim).collect();
            let help = format!(
                "separate them with spaces: `--actions {}`",
                names.join(" ").trim()
            );
            return Err(placed(
                "--actions",
                text,
                "no action has a comma in its name",
                help,
            ));
        }
        let Some((service, name)) = parts(text) else {
            return Err(Failure::usage(format!(
                "`--actions`: `{text}` is no action: write `service:Action`, such as `kms:Decrypt`, or a pattern such as `kms:*`"
            )));
        };
        if !is_pattern(text) {
            push(match catalog().action(service, name) {
                Some(action) => Asked::known(action),
                None => Asked::unknown(text, service),
            });
            continue;
        }
        let service_pattern = Pattern::parse(&service.to_ascii_lowercase());
        let pattern = Pattern::parse(&name.to_ascii_lowercase());
        let services = catalog()
            .services()
            .filter(|service| service_pattern.is_match(service.prefix()));
        let actions = services.flat_map(|service| service.actions());
        let mut found = actions
            .filter(|action| pattern.is_match(&action.name().to_ascii_lowercase()))
            .peekable();
        if found.peek().is_none() {
            return Err(no_action(text, service));
        }
        found.for_each(|action| push(Asked::known(action)));
    }
    Ok(asked)
}

/// Service and name; `*` means any of either.
fn parts(text: &str) -> Option<(&str, &str)> {
    if text == "*" {
        return Some(("*", "*"));
    }
    let (service, name) = text.split_once(':')?;
    (!service.is_empty() && !name.is_empty()).then_some((service, name))
}

fn no_action(text: &str, service: &str) -> Failure {
    let services = catalog().services().map(|service| service.prefix());
    let help = match nearest(service, services) {
        Some(near) if !near.eq_ignore_ascii_case(service) && !is_pattern(service) => {
            format!("is the service `{near}` meant?")
        }
        _ => "check its spelling; `kms:*` is all of a service".to_owned(),
    };
    placed("--actions", text, "AWS has no action that matches it", help)
}

/// The resources of `--resources`; without it all that the snapshot lists of services that the actions take.
pub(super) fn resources(
    snapshot: &Snapshot,
    given: &[String],
    actions: &[Asked],
) -> Result<Vec<String>, Failure> {
    let (listed, aliases) = listed(snapshot);
    let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
    let mut names = Names::default();
    if given.is_empty() {
        for name in &listed {
            if actions.iter().any(|action| action.takes(name)) {
                names.push(name);
            }
        }
        let needs_some = actions.iter().any(Asked::has_resource);
        if names.list.is_empty() && needs_some {
            return Err(Failure::usage(
                "the snapshot lists no resource that these actions take: name some with `--resources`",
            ));
        }
    }
    for text in given {
        if !is_pattern(text) || text == NO_RESOURCE {
            names.push(text);
            continue;
        }
        let mut found = names.push_matches(text, &listed);
        let pattern = Pattern::parse(text);
        for (name, arn) in &aliases {
            if pattern.is_match(name) || pattern.is_match(arn) {
                found += 1;
                names.push(arn);
            }
        }
        if found == 0 {
            let aliases = aliases.iter().map(|(_, arn)| arn.as_str());
            let all: Vec<&str> = listed.iter().copied().chain(aliases).collect();
            if let Some(bucket) = buckets(snapshot).find(|bucket| is_within(bucket, text)) {
                let why =
                    "patterns stand for what is listed, and the snapshot lists no such object";
                return Err(placed(
                    "--resources",
                    text,
                    why,
                    how_to_ask_of_objects(bucket),
                ));
            }
            return Err(nothing("--resources", text, "resources", &all));
        }
    }
    Ok(names.list)
}

/// ARNs of the buckets that are listed.
pub(super) fn buckets(snapshot: &Snapshot) -> impl Iterator<Item = &str> {
    let arns = snapshot.resources.iter().map(|resource| &resource.arn);
    let buckets = arns.filter(|arn| arn.service() == "s3" && !arn.resource().contains(['/', ':']));
    buckets.map(preclear_model::Arn::as_str)
}

fn is_within(bucket: &str, text: &str) -> bool {
    text.strip_prefix(bucket)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Objects are seldom listed, so a table of them has to be told which are meant.
pub(super) fn how_to_ask_of_objects(bucket: &str) -> String {
    format!(
        "name an object in full, such as `--resources {bucket}/KEY`, beside the other resources, or list it among the `objects` of \
         the bucket in the snapshot"
    )
}

/// ARNs of everything that is listed; and of keys' aliases each with its name.
fn listed(snapshot: &Snapshot) -> (Vec<String>, Vec<(String, String)>) {
    let mut all: Vec<String> = Vec::new();
    let mut aliases = Vec::new();
    for key in &snapshot.keys {
        all.push(key.arn.as_str().to_owned());
        for alias in key.aliases.iter().flatten() {
            let (partition, region) = (key.arn.partition(), key.arn.region());
            let arn = format!("arn:{partition}:kms:{region}:{}:{alias}", key.arn.account());
            aliases.push((alias.clone(), arn));
        }
    }
    for resource in &snapshot.resources {
        all.push(resource.arn.as_str().to_owned());
        let objects = resource.objects.iter();
        all.extend(objects.map(|object| format!("{}/{}", resource.arn.as_str(), object.key)));
    }
    let principals = snapshot.principals.iter();
    all.extend(principals.map(|principal| principal.arn.as_str().to_owned()));
    (all, aliases)
}

/// Names in the order in which they first come.
#[derive(Debug, Default)]
struct Names {
    list: Vec<String>,
    known: BTreeSet<String>,
}

impl Names {
    fn push(&mut self, name: &str) {
        if self.known.insert(name.to_owned()) {
            self.list.push(name.to_owned());
        }
    }

    /// How many match.
    fn push_matches(&mut self, pattern: &str, names: &[&str]) -> usize {
        let pattern = Pattern::parse(pattern);
        let matches = names.iter().filter(|name| pattern.is_match(name));
        matches.map(|name| self.push(name)).count()
    }
}

pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

fn nothing(flag: &'static str, text: &str, what: &str, all: &[&str]) -> Failure {
    let message = format!(
        "nothing that the snapshot lists matches it: it has {} {what}",
        all.len()
    );
    let help = match nearest(text, all.iter().copied()) {
        Some(near) => format!(
            "is `{near}` meant? Patterns stand for what is listed alone; other names are given in full"
        ),
        None => "patterns stand for what is listed alone; other names are given in full".to_owned(),
    };
    placed(flag, text, &message, help)
}

/// An error about a value of a flag.
fn placed(flag: &'static str, text: &str, why: &str, help: String) -> Failure {
    let source = Arc::new(Source::new(flag, text));
    let end = source.text.len();
    Diagnostic::error("EMPTY_PATTERN", format!("`{text}`: {why}"))
        .rule("UI-21")
        .at(source.place(Span::new(0, end)))
        .help(help)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(given: &[&str]) -> Vec<String> {
        let given: Vec<String> = given.iter().map(|text| (*text).to_owned()).collect();
        let asked = actions(&given).unwrap();
        asked.into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn patterns_of_actions_expand_from_the_catalogue_in_any_case() {
        let keys = names(&["kms:generatedatakey*"]);
        assert_eq!(keys.len(), 4, "{keys:?}");
        assert!(keys.contains(&"kms:GenerateDataKeyWithoutPlaintext".to_owned()));
        assert!(names(&["kms:*"]).len() > 50);
        assert!(names(&["*:GetObject"]).contains(&"s3:GetObject".to_owned()));
        assert_eq!(
            names(&["kms:decrypt", "kms:Decr*", "kms:Nothing"]),
            ["kms:Decrypt", "kms:Nothing"]
        );
        for bad in ["Decrypt", "kms:", ":x", "kmss:*", "kms:Nothing*"] {
            assert!(actions(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }

    #[test]
    fn actions_take_resources_of_their_types() {
        let asked = [
            "kms:Decrypt",
            "sts:AssumeRole",
            "kms:ListKeys",
            "kms:Nothing",
            "s3:GetObject",
        ];
        let asked = actions(&asked.map(str::to_owned)).unwrap();
        let takes = |resource: &str| -> Vec<bool> {
            asked.iter().map(|action| action.takes(resource)).collect()
        };
        assert_eq!(takes("alias/x"), [true, false, false, true, false]);
        let role = "arn:aws:iam::111122223333:role/x";
        assert_eq!(takes(role), [false, true, false, false, false]);
        assert_eq!(takes("arn:aws:iam::111122223333:user/x"), [false; 5]);
        assert_eq!(
            takes("arn:aws:kms:us-west-2:111122223333:alias/x"),
            [true, false, false, true, false]
        );
        assert_eq!(takes("arn:aws:s3:::b"), [false; 5]);
        assert_eq!(
            takes("arn:aws:s3:::b/x"),
            [false, false, false, false, true]
        );
        assert_eq!(takes("*"), [true; 5]);
        let has: Vec<bool> = asked.iter().map(Asked::has_resource).collect();
        assert_eq!(has, [true, true, false, true, true]);
    }
}
