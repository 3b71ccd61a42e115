//! `kms:` keys that follow from the key, the caller and the operation's parameters. Rule: KMS-COND-0, KMS-DEC-2.

use preclear_catalog::kms::{self as tables, KmsAction, Parameter};
use preclear_condition::Tri;
use serde_json::{Map, Value};

use crate::context::{Context, Entry, Sources};
use crate::engine::keys::KeyIdentifier;
use crate::request::ContextMode;
use crate::service::kms::grants::{self, Retired};
use crate::snapshot::KeyRecord;
use crate::target::{KeyTarget, TargetKind};

type Parameters = Map<String, Value>;

/// Keys that tell what a key is made to be.
pub(crate) const PROPERTIES: [&str; 5] = [
    "kms:KeySpec",
    "kms:KeyUsage",
    "kms:KeyOrigin",
    "kms:MultiRegion",
    "kms:MultiRegionKeyType",
];

/// Derives every `kms:` key of the action; keys of other operations are absent.
pub(crate) fn derive(context: &mut Context, sources: Sources<'_>) {
    let Some(action) = tables::action(sources.action.name()) else {
        return;
    };
    // A `kms:` key that the operation does not have is absent, whatever the mode (KMS-COND-0).
    context.close_family("kms:", Entry::Absent);
    if matches!(sources.target.kind, TargetKind::WithoutPolicy) && sources.target.arn.is_some() {
        // An alias has no keys of its own, and those of the key behind it are not its (KMS-ID-9).
        return;
    }
    if action.takes("kms:CallerAccount") {
        context.set(
            "kms:CallerAccount",
            Entry::optional(sources.requester.account()),
        );
    }
    if action.takes("kms:ViaService") {
        derive_via_service(context, sources);
    }
    if action.takes("kms:GrantIsForAWSResource") {
        let value = sources
            .request
            .grant_for_aws_resource
            .map_or_else(|| sources.is_forwarded(), Tri::from);
        context.set("kms:GrantIsForAWSResource", Entry::flag(value));
    }
    derive_key_properties(context, action, sources);
    if action.takes("kms:RequestAlias") {
        derive_request_alias(context, sources);
    }
    derive_parameters(context, action, sources);
    derive_encryption_context(context, action, sources);
    derive_grant_parameters(context, action, sources);
    derive_tags(context, action, sources);
}

/// The last service that a forwarded call came through. Rule: KMS-COND-2.
fn derive_via_service(context: &mut Context, sources: Sources<'_>) {
    let entry = match (sources.request.via.last(), sources.region()) {
        (None, _) => match sources.is_forwarded() {
            Tri::False => Entry::Absent,
            Tri::Unknown => Entry::Unknown,
            // Which service it is nobody says.
            Tri::True => Entry::Present,
        },
        (Some(service), Some(region)) => {
            Entry::one(format!("{}.{region}.amazonaws.com", short(service)))
        }
        (Some(_), None) => Entry::Present,
    };
    context.set("kms:ViaService", entry);
}

fn short(service: &str) -> &str {
    service.strip_suffix(".amazonaws.com").unwrap_or(service)
}

/// Properties of the key, or for `CreateKey` of the key that is asked for.
fn derive_key_properties(context: &mut Context, action: &KmsAction, sources: Sources<'_>) {
    let target = sources.target;
    match &target.kind {
        TargetKind::Key(KeyTarget::Found { key, .. }) => {
            set_key_properties(context, action, &key.record, sources)
        }
        TargetKind::Key(_) => {
            const FURTHER: [&str; 2] = ["kms:ResourceAliases", "kms:TrailingDaysWithoutKeyUsage"];
            let keys = PROPERTIES.into_iter().chain(FURTHER);
            for key in keys.filter(|key| action.takes(key)) {
                set_with_older_name(context, key, Entry::Unknown);
            }
        }
        _ if action.takes("kms:KeySpec") => set_requested_properties(context, sources),
        _ => {}
    }
}

fn set_key_properties(
    context: &mut Context,
    action: &KmsAction,
    key: &KeyRecord,
    sources: Sources<'_>,
) {
    let mut set = |name: &str, entry: Entry| {
        if action.takes(name) {
            set_with_older_name(context, name, entry);
        }
    };
    set("kms:KeySpec", Entry::one(&key.spec));
    set("kms:KeyUsage", Entry::one(&key.usage));
    set("kms:KeyOrigin", Entry::one(&key.origin));
    set("kms:MultiRegion", Entry::flag(key.multi_region));
    let multi_region_type = match (&key.multi_region_type, key.multi_region) {
        (Some(kind), _) => Entry::one(kind),
        (None, true) => Entry::Present,
        (None, false) => Entry::Absent,
    };
    set("kms:MultiRegionKeyType", multi_region_type);
    let aliases = match &key.aliases {
        Some(aliases) => Entry::many(aliases.iter().cloned()),
        None if sources.engine.snapshot().complete => Entry::many([]),
        None => Entry::Unknown,
    };
    set("kms:ResourceAliases", aliases);
    if action.takes("kms:TrailingDaysWithoutKeyUsage") {
        // The days since the last use depend on the clock; without both they are open (KMS-COND, table).
        let entry = match (&key.last_used, &sources.request.now) {
            (Some(used), Some(now)) => whole_days_between(used, now)
                .map_or(Entry::Present, |days| Entry::one(days.to_string())),
            (Some(_), None) => Entry::Present,
            (None, _) if sources.engine.snapshot().complete => Entry::Absent,
            (None, _) => Entry::Unknown,
        };
        context.set("kms:TrailingDaysWithoutKeyUsage", entry);
    }
}

/// `CreateKey`: what the parameters ask for, defaults included. Rule: KMS-COND-0.
fn set_requested_properties(context: &mut Context, sources: Sources<'_>) {
    let none = Map::new();
    let parameters = match (sources.parameters(), sources.request.mode) {
        (Some(parameters), _) => parameters,
        (None, ContextMode::Closed) => &none,
        (None, ContextMode::Open) => {
            for key in PROPERTIES {
                set_with_older_name(context, key, Entry::Unknown);
            }
            return;
        }
    };
    let multi_region = text(parameters, &["MultiRegion"]).is_some_and(|value| value == "true");
    let or = |names: &[&str], default: &str| {
        Entry::one(text(parameters, names).unwrap_or_else(|| default.to_owned()))
    };
    set_with_older_name(
        context,
        "kms:KeySpec",
        or(&["KeySpec", "CustomerMasterKeySpec"], "SYMMETRIC_DEFAULT"),
    );
    set_with_older_name(
        context,
        "kms:KeyUsage",
        or(&["KeyUsage"], "ENCRYPT_DECRYPT"),
    );
    context.set("kms:KeyOrigin", or(&["Origin"], "AWS_KMS"));
    context.set("kms:MultiRegion", Entry::flag(multi_region));
    context.set(
        "kms:MultiRegionKeyType",
        if multi_region {
            Entry::one("PRIMARY")
        } else {
            Entry::Absent
        },
    );
}

/// Sets a key, also under its older name.
fn set_with_older_name(context: &mut Context, key: &str, entry: Entry) {
    if let Some(older) = tables::older_key(key) {
        context.set(older, entry.clone());
    }
    context.set(key, entry);
}

fn derive_request_alias(context: &mut Context, sources: Sources<'_>) {
    context.set(
        "kms:RequestAlias",
        Entry::optional(alias_typed(sources.target.typed)),
    );
}

/// Alias name of an identifier as typed.
fn alias_typed(typed: Option<&str>) -> Option<String> {
    KeyIdentifier::parse(typed?)?
        .alias_name()
        .map(str::to_owned)
}

fn derive_parameters(context: &mut Context, action: &KmsAction, sources: Sources<'_>) {
    let parameters = sources.parameters();
    for (key, parameter) in tables::parameter_keys().filter(|(key, _)| action.takes(key)) {
        let entry = parameters.map_or_else(
            || unsaid_or(sources, parameter.omitted.as_deref()),
            |parameters| Entry::optional(value_of(parameters, parameter)),
        );
        context.set(key, entry);
    }
    if action.takes("kms:EncryptionAlgorithm") {
        let entry = match &action.algorithm {
            Some(parameter) => encryption_algorithm(sources, parameter),
            None => Entry::optional(action.implied_algorithm.as_ref()),
        };
        context.set("kms:EncryptionAlgorithm", entry);
    }
    if action.takes("kms:ReEncryptOnSameKey") {
        let entry = match parameters {
            None => unsaid_parameter(sources),
            Some(_) => sources.target.same_key.map_or(Entry::Present, Entry::flag),
        };
        context.set("kms:ReEncryptOnSameKey", entry);
    }
    if action.takes("kms:RecipientAttestation:ImageSha384") {
        derive_attestation(context, sources);
    }
}

/// What the request gives a parameter, or KMS where the request leaves it out; `ValidTo` in the form that every operator reads.
fn value_of(parameters: &Parameters, parameter: &Parameter) -> Option<String> {
    let stated = text(parameters, &[&parameter.name]);
    let stated = match parameter.name.as_str() {
        "ValidTo" => stated.map(epoch_or),
        _ => stated,
    };
    stated.or_else(|| parameter.omitted.clone())
}

/// The algorithm asked for, or the only one that a symmetric key has.
fn encryption_algorithm(sources: Sources<'_>, parameter: &Parameter) -> Entry {
    if let Some(parameters) = sources.parameters() {
        return Entry::optional(value_of(parameters, parameter));
    }
    match (&sources.target.kind, &parameter.omitted) {
        (TargetKind::Key(KeyTarget::Found { key }), Some(only)) if key.record.spec == *only => {
            Entry::one(only)
        }
        (_, omitted) => unsaid_or(sources, omitted.as_deref()),
    }
}

fn derive_attestation(context: &mut Context, sources: Sources<'_>) {
    let recipient = sources
        .parameters()
        .map(|parameters| parameters.get("Recipient"));
    match recipient {
        None => {
            if sources.request.mode == ContextMode::Open {
                context.close_family("kms:recipientattestation:", Entry::Unknown);
                // Families are searched in order: this one is narrower than `kms:` and must come first.
                context.families.rotate_right(1);
            }
        }
        Some(Some(Value::Object(document))) => {
            for (name, value) in document {
                if let Some(value) = plain(value) {
                    context.set(
                        &format!("kms:RecipientAttestation:{name}"),
                        Entry::one(value),
                    );
                }
            }
        }
        Some(_) => {}
    }
}

/// Pairs of the encryption context that the call, or the grant it makes, has. Rule: KMS-COND-0, table.
fn derive_encryption_context(context: &mut Context, action: &KmsAction, sources: Sources<'_>) {
    if !action.takes("kms:EncryptionContextKeys") {
        return;
    }
    match pairs(sources) {
        Pairs::Open => {
            context.close_family("kms:encryptioncontext:", Entry::Unknown);
            context.families.rotate_right(1);
            context.set("kms:EncryptionContextKeys", Entry::Unknown);
        }
        Pairs::AssumedNone => {
            context.close_family("kms:encryptioncontext:", Entry::AssumedAbsent);
            context.families.rotate_right(1);
            context.set("kms:EncryptionContextKeys", Entry::AssumedAbsent);
        }
        Pairs::Known(pairs) => {
            for (name, value) in &pairs {
                context.set_tag("kms:EncryptionContext:", name, value);
            }
            let names: Vec<String> = pairs.into_iter().map(|(name, _)| name).collect();
            let entry = if names.is_empty() {
                Entry::Absent
            } else {
                Entry::many(names)
            };
            context.set("kms:EncryptionContextKeys", entry);
        }
    }
}

/// Pairs of an encryption context. Rule: KMS-DEC-2.
pub(crate) enum Pairs {
    /// These, perhaps none.
    Known(Vec<(String, String)>),
    /// Nothing is said, which in closed mode means none.
    AssumedNone,
    /// They may be any.
    Open,
}

/// The pairs of the call, or of the grant that it makes or retires. Rule: KMS-COND-0, table.
pub(crate) fn pairs(sources: Sources<'_>) -> Pairs {
    if sources.action.name() == "retiregrant" {
        return match grants::retired(sources) {
            Retired::Grant(grant) => {
                let constraint = grant
                    .context_equals
                    .as_ref()
                    .or(grant.context_subset.as_ref());
                let pairs = constraint.into_iter().flatten();
                Pairs::Known(
                    pairs
                        .map(|(name, value)| (name.clone(), value.clone()))
                        .collect(),
                )
            }
            Retired::None => Pairs::Known(Vec::new()),
            Retired::Open => Pairs::Open,
        };
    }
    let Some(parameters) = sources.parameters() else {
        return match sources.request.mode {
            ContextMode::Open => Pairs::Open,
            ContextMode::Closed => Pairs::AssumedNone,
        };
    };
    Pairs::Known(stated_pairs(sources.action.name(), parameters))
}

/// The pairs that the parameters of an operation state.
pub(crate) fn stated_pairs(action: &str, parameters: &Parameters) -> Vec<(String, String)> {
    let value = match action {
        "reencryptfrom" => parameters.get("SourceEncryptionContext"),
        "reencryptto" => parameters.get("DestinationEncryptionContext"),
        "creategrant" => parameters.get("Constraints").and_then(|constraints| {
            constraints
                .get("EncryptionContextEquals")
                .or_else(|| constraints.get("EncryptionContextSubset"))
        }),
        _ => parameters.get("EncryptionContext"),
    };
    object_pairs(value)
}

/// Text pairs of a JSON object; none for anything else.
pub(crate) fn object_pairs(value: Option<&Value>) -> Vec<(String, String)> {
    value
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| plain(value).map(|value| (name.clone(), value)))
        .collect()
}

fn derive_grant_parameters(context: &mut Context, action: &KmsAction, sources: Sources<'_>) {
    let parameters = sources.parameters();
    let constraints = parameters.map(|parameters| parameters.get("Constraints"));
    if action.takes("kms:GrantConstraintType") {
        context.set("kms:GrantConstraintType", constraint_type(sources));
    }
    if action.takes("kms:GrantConstraintSourceArn") {
        let entry = match constraints {
            None => unsaid_parameter(sources),
            Some(constraints) => Entry::optional(
                constraints
                    .and_then(|constraints| constraints.get("SourceArn"))
                    .and_then(plain),
            ),
        };
        context.set("kms:GrantConstraintSourceArn", entry);
    }
    if action.takes("kms:GrantOperations") {
        let entry = match parameters {
            None => unsaid_parameter(sources),
            Some(parameters) => Entry::many(list(parameters.get("Operations"))),
        };
        context.set("kms:GrantOperations", entry);
    }
}

/// Kind of the encryption-context constraint of the grant that is made or retired; one with a source ARN alone has none.
/// Rule: KMS-COND, table.
fn constraint_type(sources: Sources<'_>) -> Entry {
    const TYPES: [&str; 2] = ["EncryptionContextEquals", "EncryptionContextSubset"];
    if sources.action.name() == "retiregrant" {
        return match grants::retired(sources) {
            Retired::Grant(grant) => Entry::optional(
                [&grant.context_equals, &grant.context_subset]
                    .into_iter()
                    .zip(TYPES)
                    .find_map(|(pairs, kind)| pairs.as_ref().map(|_| kind)),
            ),
            Retired::None => Entry::Absent,
            Retired::Open => Entry::Unknown,
        };
    }
    let Some(parameters) = sources.parameters() else {
        return unsaid_parameter(sources);
    };
    let constraints = parameters.get("Constraints");
    Entry::optional(
        TYPES
            .into_iter()
            .find(|kind| constraints.is_some_and(|constraints| constraints.get(kind).is_some())),
    )
}

/// Tags that the call passes. Rule: KMS-ACT-5.
fn derive_tags(context: &mut Context, action: &KmsAction, sources: Sources<'_>) {
    if !action.takes("aws:TagKeys") {
        return;
    }
    let Some(parameters) = sources.parameters() else {
        return;
    };
    let mut keys = Vec::new();
    for tag in parameters
        .get("Tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let key = tag.get("TagKey").or_else(|| tag.get("Key")).and_then(plain);
        let value = tag
            .get("TagValue")
            .or_else(|| tag.get("Value"))
            .and_then(plain);
        if let Some(key) = key {
            context.set_tag("aws:requesttag/", &key, &value.unwrap_or_default());
            keys.push(key);
        }
    }
    keys.extend(list(parameters.get("TagKeys")));
    context.close_family("aws:requesttag/", Entry::Absent);
    context.set(
        "aws:TagKeys",
        if keys.is_empty() {
            Entry::Absent
        } else {
            Entry::many(keys)
        },
    );
}

/// State of a parameter key without a default when no parameters are given at all. Rule: KMS-DEC-2.
fn unsaid_parameter(sources: Sources<'_>) -> Entry {
    unsaid_or(sources, None)
}

/// State of a parameter key when no parameters are given at all: closed mode takes what KMS does where all are left out.
/// Rule: KMS-DEC-2.
fn unsaid_or(sources: Sources<'_>, omitted: Option<&str>) -> Entry {
    match (sources.request.mode, omitted) {
        (ContextMode::Open, _) => Entry::Unknown,
        (ContextMode::Closed, Some(default)) => Entry::one(default),
        (ContextMode::Closed, None) => Entry::AssumedAbsent,
    }
}

fn text(parameters: &Parameters, names: &[&str]) -> Option<String> {
    let stated = names.iter().find_map(|name| parameters.get(*name));
    stated.and_then(plain)
}

pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn list(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(plain)
        .collect()
}

/// Whole days from a date or instant to a later instant. Rule: KMS-COND, `kms:TrailingDaysWithoutKeyUsage`.
fn whole_days_between(from: &str, to: &str) -> Option<i64> {
    const SECONDS_PER_DAY: i64 = 86_400;
    Some((seconds(to)? - seconds(from)?).div_euclid(SECONDS_PER_DAY))
}

/// A time in the form that operators of dates and of numbers both read: whole seconds since 1970. Rule: KMS-COND, table.
fn epoch_or(text: String) -> String {
    match text.parse::<jiff::Timestamp>() {
        Ok(instant) if instant.subsec_nanosecond() == 0 => instant.as_second().to_string(),
        _ => text,
    }
}

fn seconds(text: &str) -> Option<i64> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.as_second());
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_second())
}
