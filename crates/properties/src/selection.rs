//! What a property is about: actions of the catalogue, resources of the snapshot, and which of them go together.

use preclear_catalog::{Action, catalog};
use preclear_model::ArnRef;
use preclear_model::near::nearest;
use preclear_simulator::Snapshot;
use preclear_wildcard::Pattern;

/// What is asked for, as questions name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) text: String,
    /// True where it stands for every resource that it matches.
    pub(crate) is_pattern: bool,
}

impl Resource {
    fn one(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_pattern: false,
        }
    }
}

/// An action as questions name it.
pub(crate) fn name(action: Action<'_>) -> String {
    format!("{}:{}", action.service().prefix(), action.name())
}

/// The actions that patterns match, each once and in the order of the catalogue.
///
/// # Errors
///
/// A pattern that matches none.
pub(crate) fn actions(patterns: &[String]) -> Result<Vec<Action<'static>>, String> {
    let mut found: Vec<Action<'static>> = Vec::new();
    for pattern in patterns {
        let matched = matching(pattern)?;
        let is_new = |action: &Action<'_>| !found.iter().any(|known| known.id() == action.id());
        let matched: Vec<Action<'static>> = matched.into_iter().filter(is_new).collect();
        found.extend(matched);
    }
    Ok(found)
}

fn matching(pattern: &str) -> Result<Vec<Action<'static>>, String> {
    let Some((prefix, name)) = pattern.split_once(':') else {
        return Err(format!(
            "`{pattern}` is no action: expected `service:Name`, wildcards allowed in the name"
        ));
    };
    let Some(service) = catalog().service(prefix) else {
        let services = catalog().services().map(|service| service.prefix());
        let hint = did_you_mean(nearest(prefix, services), "");
        return Err(format!("no service is called `{prefix}`{hint}"));
    };
    let folded = Pattern::parse(&name.to_lowercase());
    let matches = |action: &Action<'_>| folded.is_match(&action.name().to_lowercase());
    let found: Vec<Action<'static>> = service.actions().filter(matches).collect();
    if found.is_empty() {
        let near = nearest(name, service.actions().map(Action::name));
        let hint = did_you_mean(near, &format!("{prefix}:"));
        return Err(format!("no action matches `{pattern}`{hint}"));
    }
    Ok(found)
}

/// The name that was probably meant, as the end of a message.
pub(crate) fn did_you_mean(near: Option<&str>, before: &str) -> String {
    near.map_or_else(String::new, |near| {
        format!(": did you mean `{before}{near}`?")
    })
}

/// The resources that texts name: of the snapshot, and what can be asked for without being listed.
///
/// # Errors
///
/// A text that names none.
pub(crate) fn resources(snapshot: &Snapshot, texts: &[String]) -> Result<Vec<Resource>, String> {
    if texts.is_empty() {
        return Ok(everything(snapshot));
    }
    let mut found: Vec<Resource> = Vec::new();
    for text in texts {
        for resource in named(snapshot, text)? {
            if !found.contains(&resource) {
                found.push(resource);
            }
        }
    }
    Ok(found)
}

/// Resources, and the VPC endpoint, that are asked for by their names although the snapshot does not list them.
pub(crate) fn notes(
    snapshot: &Snapshot,
    resources: &[Resource],
    endpoint: Option<&str>,
) -> Vec<String> {
    // Objects are in their buckets.
    let carrier = |text: &str| match text.split_once('/') {
        Some((bucket, _)) if bucket.contains(":s3:::") => bucket.to_owned(),
        _ => text.to_owned(),
    };
    let named = resources.iter().filter(|one| one.text != "*");
    let mut notes: Vec<String> = Vec::new();
    for text in named.map(|one| carrier(&one.text)) {
        notes.extend(not_listed(&text, arns(snapshot)));
    }
    notes.dedup();
    let endpoints = snapshot.vpc_endpoints.iter().map(|one| one.id.as_str());
    notes.extend(endpoint.and_then(|id| not_listed(id, endpoints)));
    notes
}

fn not_listed<'s>(text: &str, listed: impl Iterator<Item = &'s str> + Clone) -> Option<String> {
    if listed.clone().any(|own| own == text) {
        return None;
    }
    let hint = did_you_mean(nearest(text, listed), "");
    Some(format!("the snapshot does not list `{text}`{hint}"))
}

/// All that the snapshot lists, the objects of its buckets, and the pseudo-resource.
fn everything(snapshot: &Snapshot) -> Vec<Resource> {
    let mut found: Vec<Resource> = arns(snapshot).map(Resource::one).collect();
    for record in &snapshot.resources {
        if record.arn.service() == "s3" && !record.arn.resource().contains('/') {
            found.push(Resource {
                text: format!("{}/*", record.arn),
                is_pattern: true,
            });
        }
    }
    found.push(Resource::one("*"));
    found
}

fn arns(snapshot: &Snapshot) -> impl Iterator<Item = &str> + Clone {
    let keys = snapshot.keys.iter().map(|key| key.arn.as_str());
    let resources = snapshot.resources.iter().map(|one| one.arn.as_str());
    let principals = snapshot.principals.iter().map(|one| one.arn.as_str());
    keys.chain(resources).chain(principals)
}

fn named(snapshot: &Snapshot, text: &str) -> Result<Vec<Resource>, String> {
    if text == "*" {
        return Ok(vec![Resource::one("*")]);
    }
    if is_alias(text) {
        return of_alias(snapshot, text);
    }
    let Some(arn) = ArnRef::parse(text) else {
        let why = match text.starts_with("arn:") {
            true => "an ARN has six fields, such as `arn:aws:kms:*:*:key/*`",
            false => "expected an ARN, wildcards allowed, `alias/NAME` of a key, or `*`",
        };
        return Err(format!("`{text}` names no resource: {why}"));
    };
    let bucket = arn.resource().split('/').next().unwrap_or_default();
    let is_object =
        arn.service() == "s3" && arn.resource().contains('/') && !bucket.contains(['*', '?']);
    let has_wildcards = text.contains(['*', '?']);
    if is_object {
        return Ok(vec![Resource {
            text: text.to_owned(),
            is_pattern: has_wildcards,
        }]);
    }
    let pattern = Pattern::parse(text);
    let listed = arns(snapshot).filter(|arn| pattern.is_match(arn));
    let listed: Vec<Resource> = listed.map(Resource::one).collect();
    match listed.is_empty() {
        false => Ok(listed),
        true if !has_wildcards && arn.service() != "kms" => Ok(vec![Resource::one(text)]),
        true => Err(format!("the snapshot lists nothing that `{text}` matches")),
    }
}

fn is_alias(text: &str) -> bool {
    text.starts_with("alias/")
        || ArnRef::parse(text).is_some_and(|arn| arn.resource().starts_with("alias/"))
}

/// The keys with an alias; by its name alone of any account and Region.
fn of_alias(snapshot: &Snapshot, text: &str) -> Result<Vec<Resource>, String> {
    let (home, alias) = match ArnRef::parse(text) {
        Some(arn) => (Some(arn), arn.resource()),
        None => (None, text),
    };
    let pattern = Pattern::parse(alias);
    let keys = snapshot.keys.iter().filter(|key| {
        let mut aliases = key.aliases.iter().flatten();
        let is_home = home.is_none_or(|home| {
            home.account() == key.arn.account() && home.region() == key.arn.region()
        });
        is_home && aliases.any(|own| pattern.is_match(own))
    });
    let found: Vec<Resource> = keys.map(|key| Resource::one(key.arn.as_str())).collect();
    if found.is_empty() {
        let aliases = snapshot
            .keys
            .iter()
            .flat_map(|key| key.aliases.iter().flatten());
        let hint = did_you_mean(nearest(alias, aliases.map(String::as_str)), "");
        return Err(format!(
            "no key of the snapshot has the alias `{text}`{hint}"
        ));
    }
    Ok(found)
}

/// True if the action is decided on the resource.
pub(crate) fn go_together(action: Action<'_>, resource: &Resource) -> bool {
    if resource.text == "*" {
        return !action.has_resource();
    }
    action.resource_uses().any(|used| {
        let mut globs = used.resource_type().arn_globs();
        globs.any(|glob| Pattern::parse(&glob).is_match(&resource.text))
    })
}
