//! What a job names but nobody knows. Rule: JOB-8.

use preclear_model::Arn;
use preclear_model::caller::{Caller, CallerKind};

use crate::codes;
use crate::engine::Engine;
use crate::explanation::Warning;
use crate::job::keys;
use crate::job::report::Requirement;
use crate::job::scope::Scope;
use crate::job::template::{Existence, Thing};
use crate::near::nearest_arn;
use crate::service::kms::meant;
use crate::snapshot::KeyRecord;

/// So many keys are listed where one is missing.
const KNOWN_KEYS_MAX: usize = 10;

/// A warning for each thing that the snapshot neither lists nor declares external.
pub(crate) fn check(scope: &Scope<'_>, existence: &Existence) -> Vec<Warning> {
    scope
        .value(&existence.of)
        .into_iter()
        .filter(|arn| !is_known(scope.engine, &existence.what, arn))
        .map(|arn| {
            let nearest = match existence.what {
                Thing::Key => nearest_key(scope.engine, &arn),
                Thing::Role => nearest_principal(scope.engine, &arn),
                Thing::Resource(_) => nearest_resource(scope.engine, &arn),
            };
            warning(word(&existence.what), &arn, nearest)
        })
        .collect()
}

/// A warning for the caller and for each role that acts, where a complete snapshot does not list them.
pub(crate) fn check_actors(
    engine: &Engine,
    caller: Option<&Caller>,
    requirements: &[Requirement],
    warnings: &mut Vec<Warning>,
) {
    let own = caller.map(identity_of_caller);
    let acting = || {
        let parts = requirements.iter().flat_map(|one| &one.parts);
        parts.map(|part| &part.principal)
    };
    // Where only services act it does not matter who says so.
    let takes_part = own.iter().filter(|own| acting().any(|name| name == *own));
    let words = takes_part.map(|own| ("caller", own));
    let words = words.chain(acting().map(|name| ("role", name)));
    let mut seen = Vec::new();
    for (word, name) in words {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        if is_unlisted(engine, name) {
            let found = warning(word, name, nearest_principal(engine, name));
            if !warnings.contains(&found) {
                warnings.push(found);
            }
        }
    }
}

fn identity_of_caller(caller: &Caller) -> String {
    match &caller.kind {
        CallerKind::FederatedUser {
            user: Some(user), ..
        } => user.as_str().to_owned(),
        CallerKind::RoleSession {
            role_arn: Some(role),
            ..
        } => role.as_str().to_owned(),
        _ => caller.display_arn(),
    }
}

fn warning(word: &str, arn: &str, nearest: Option<String>) -> Warning {
    let message =
        format!("the {word} `{arn}` is neither listed in the snapshot nor declared external");
    let warning = Warning::new(&codes::UNKNOWN_RESOURCE, message);
    match nearest {
        Some(nearest) => warning.help(format!("did you mean `{nearest}`?")),
        None => warning,
    }
}

/// To follow a sentence.
fn meant(nearest: Option<String>) -> String {
    nearest
        .map(|nearest| format!("; did you mean `{nearest}`?"))
        .unwrap_or_default()
}

fn word(thing: &Thing) -> &str {
    match thing {
        Thing::Key => "key",
        Thing::Role => "role",
        Thing::Resource(word) => word,
    }
}

fn is_known(engine: &Engine, thing: &Thing, text: &str) -> bool {
    if engine.is_external(text) {
        return true;
    }
    let Some(arn) = Arn::parse(text) else {
        return false;
    };
    match thing {
        Thing::Key => keys::is_aws_alias(&arn) || keys::record(engine, &arn).is_some(),
        Thing::Role => engine.principals().by_arn(text).is_some(),
        Thing::Resource(_) => engine.resources().carrier(&arn).is_some(),
    }
}

/// True for a user, role or session whose identity a complete snapshot neither lists nor declares external.
pub(crate) fn is_unlisted(engine: &Engine, principal: &str) -> bool {
    let Ok(caller) = Caller::parse(principal) else {
        return false;
    };
    let has_identity = matches!(
        caller.kind,
        CallerKind::User { .. } | CallerKind::RoleSession { .. }
    );
    let is_external =
        || engine.is_external(principal) || engine.is_external(&identity_of(principal));
    has_identity
        && engine.snapshot().complete
        && engine.principals().of(&caller).is_none()
        && !is_external()
}

/// The ARN under which a session's role would be listed, as far as the session shows it.
fn identity_of(principal: &str) -> String {
    let role = Arn::parse(principal).and_then(|arn| {
        let (name, _) = arn
            .resource()
            .strip_prefix("assumed-role/")?
            .split_once('/')?;
        let resource = format!("role/{name}");
        Arn::from_fields(arn.partition(), "iam", "", arn.account(), &resource)
    });
    role.map_or_else(|| principal.to_owned(), |role| role.as_str().to_owned())
}

/// Why nothing is proposed for somebody whom nobody knows.
pub(crate) fn missing_principal(engine: &Engine, principal: &str) -> String {
    format!(
        "`{principal}` is not in the snapshot, so nothing is proposed for it (JOB-8){}",
        meant(nearest_principal(engine, principal))
    )
}

/// Why nothing is proposed for a resource whose policy nobody knows.
pub(crate) fn missing_resource(engine: &Engine, resource: &str) -> String {
    format!(
        "`{resource}` is not in the snapshot, so no addition to its policy is proposed (JOB-8){}",
        meant(nearest_resource(engine, resource))
    )
}

/// Why a key that nobody knows cannot be used: what was meant, or what there is in its account and Region.
pub(crate) fn missing_key(engine: &Engine, key: &str) -> String {
    let start = format!("the key `{key}` is not in the snapshot (KMS-ID-1)");
    let missing = Arn::parse(key);
    let meant = missing
        .as_ref()
        .and_then(|missing| meant::remedy(engine, missing.as_arn_ref(), None, false));
    if let Some(meant) = meant {
        return format!("{start}; {meant}");
    }
    let is_there = |record: &&KeyRecord| {
        let arn = &record.arn;
        let place = missing.as_ref().map(|arn| (arn.account(), arn.region()));
        place.is_none_or(|place| place == (arn.account(), arn.region()))
    };
    let all = &engine.snapshot().keys;
    let mut known: Vec<&str> = all.iter().filter(is_there).map(short_name).collect();
    let elsewhere = all.len() - known.len();
    let more = known.len().saturating_sub(KNOWN_KEYS_MAX);
    known.truncate(KNOWN_KEYS_MAX);
    let mut known: Vec<String> = known.into_iter().map(str::to_owned).collect();
    if more > 0 {
        known.push(format!("{more} more"));
    }
    if known.is_empty() {
        known.push("none".to_owned());
    }
    let elsewhere = match elsewhere {
        0 => String::new(),
        count => format!(" ({count} in other accounts or Regions)"),
    };
    format!("{start}; known keys there: {}{elsewhere}", known.join(", "))
}

/// A key by its first alias, else by its id.
fn short_name(record: &KeyRecord) -> &str {
    let alias = record.aliases.iter().flatten().next();
    alias.map_or_else(|| record.arn.resource_id(), String::as_str)
}

/// Why nothing is proposed where only an alias is known: what is allowed on it allows nothing on the key. Rule: KMS-ID-2.
pub(crate) fn which_key(action: &str, alias: &str) -> String {
    let service = Arn::parse(alias)
        .and_then(|arn| Some(arn.resource().strip_prefix("alias/aws/")?.to_owned()));
    match service {
        Some(service) => format!(
            "{action} is decided on the ARN of the key, which AWS made and nobody told: list the key behind `{alias}` in the \
             snapshot, with `manager: AWS` and `service: {service}` (KMS-AMK-1)"
        ),
        None => format!(
            "{action} is decided on the ARN of the key, and the snapshot does not tell which key `{alias}` is: list the key with \
             this alias (KMS-ID-1)"
        ),
    }
}

fn nearest_principal(engine: &Engine, principal: &str) -> Option<String> {
    let listed = engine.snapshot().principals.iter();
    nearest_arn(
        &identity_of(principal),
        listed.map(|record| record.arn.as_str().to_owned()),
    )
}

fn nearest_resource(engine: &Engine, resource: &str) -> Option<String> {
    let listed = engine.snapshot().resources.iter();
    nearest_arn(
        resource,
        listed.map(|record| record.arn.as_str().to_owned()),
    )
}

fn nearest_key(engine: &Engine, key: &str) -> Option<String> {
    let listed = engine.snapshot().keys.iter();
    nearest_arn(
        key,
        listed.flat_map(|record| {
            let arn = &record.arn;
            let aliases = record.aliases.iter().flatten().filter_map(|alias| {
                Arn::from_fields(arn.partition(), "kms", arn.region(), arn.account(), alias)
            });
            std::iter::once(arn.clone())
                .chain(aliases)
                .map(|arn| arn.as_str().to_owned())
        }),
    )
}
