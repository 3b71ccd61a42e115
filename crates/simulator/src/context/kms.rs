//! `kms:` keys that follow from the key, the caller and the operation's parameters. Rule: KMS-COND-0, KMS-DEC-2.

use preclear_catalog::kms::{self as tables, KmsAction};
use preclear_condition::Tri;
use serde_json::{Map, Value};

use crate::context::{Context, Entry, Sources};
use crate::engine::keys::KeyIdentifier;
use crate::request::ContextMode;
use crate::snapshot::KeyRecord;
use crate::target::{KeyTarget, TargetKind};

type Parameters = Map<String, Value>;

/// How a parameter feeds its key when the request leaves it out. Rule: KMS-COND-0.
enum Omitted {
    Absent,
    Value(&'static str),
}

/// `(key, parameter, when omitted)` of the keys that repeat one parameter.
const SINGLE_PARAMETERS: &[(&str, &[&str], Omitted)] = &[
    (
        "kms:BypassPolicyLockoutSafetyCheck",
        &["BypassPolicyLockoutSafetyCheck"],
        Omitted::Absent,
    ),
    ("kms:DataKeyPairSpec", &["KeyPairSpec"], Omitted::Absent),
    (
        "kms:SigningAlgorithm",
        &["SigningAlgorithm"],
        Omitted::Absent,
    ),
    ("kms:MessageType", &["MessageType"], Omitted::Value("RAW")),
    ("kms:MacAlgorithm", &["MacAlgorithm"], Omitted::Absent),
    (
        "kms:KeyAgreementAlgorithm",
        &["KeyAgreementAlgorithm"],
        Omitted::Absent,
    ),
    (
        "kms:GranteePrincipal",
        &["GranteePrincipal"],
        Omitted::Absent,
    ),
    (
        "kms:GranteeServicePrincipal",
        &["GranteeServicePrincipal"],
        Omitted::Absent,
    ),
    (
        "kms:RetiringPrincipal",
        &["RetiringPrincipal"],
        Omitted::Absent,
    ),
    (
        "kms:RetiringServicePrincipal",
        &["RetiringServicePrincipal"],
        Omitted::Absent,
    ),
    ("kms:PrimaryRegion", &["PrimaryRegion"], Omitted::Absent),
    ("kms:ReplicaRegion", &["ReplicaRegion"], Omitted::Absent),
    (
        "kms:ScheduleKeyDeletionPendingWindowInDays",
        &["PendingWindowInDays"],
        Omitted::Value("30"),
    ),
    (
        "kms:RotationPeriodInDays",
        &["RotationPeriodInDays"],
        Omitted::Value("365"),
    ),
    ("kms:ExpirationModel", &["ExpirationModel"], Omitted::Absent),
    ("kms:ValidTo", &["ValidTo"], Omitted::Absent),
    (
        "kms:WrappingAlgorithm",
        &["WrappingAlgorithm"],
        Omitted::Absent,
    ),
    ("kms:WrappingKeySpec", &["WrappingKeySpec"], Omitted::Absent),
    ("kms:PolicyName", &["PolicyName"], Omitted::Value("default")),
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
            for key in [
                "kms:KeySpec",
                "kms:KeyUsage",
                "kms:KeyOrigin",
                "kms:MultiRegion",
                "kms:MultiRegionKeyType",
                "kms:ResourceAliases",
            ] {
                if action.takes(key) {
                    set_with_older_name(context, key, Entry::Unknown);
                }
            }
            if action.takes("kms:TrailingDaysWithoutKeyUsage") {
                context.set("kms:TrailingDaysWithoutKeyUsage", Entry::Unknown);
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
    let Some(parameters) = sources.parameters() else {
        let entry = unsaid_parameter(sources);
        for key in [
            "kms:KeySpec",
            "kms:KeyUsage",
            "kms:KeyOrigin",
            "kms:MultiRegion",
            "kms:MultiRegionKeyType",
        ] {
            set_with_older_name(context, key, entry.clone());
        }
        return;
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

/// `kms:KeySpec` and `kms:KeyUsage` still answer to their older names.
const OLDER_NAMES: [(&str, &str); 2] = [
    ("kms:KeySpec", "kms:CustomerMasterKeySpec"),
    ("kms:KeyUsage", "kms:CustomerMasterKeyUsage"),
];

fn set_with_older_name(context: &mut Context, key: &str, entry: Entry) {
    if let Some((_, older)) = OLDER_NAMES.iter().find(|(newer, _)| *newer == key) {
        context.set(older, entry.clone());
    }
    context.set(key, entry);
}

fn derive_request_alias(context: &mut Context, sources: Sources<'_>) {
    context.set(
        "kms:RequestAlias",
        Entry::optional(alias_typed(sources.target.typed.as_deref())),
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
    for (key, names, omitted) in SINGLE_PARAMETERS {
        if action.takes(key) {
            let entry = match parameters {
                None => unsaid_parameter(sources),
                Some(parameters) => match (text(parameters, names), omitted) {
                    (Some(value), _) => Entry::one(value),
                    (None, Omitted::Absent) => Entry::Absent,
                    (None, Omitted::Value(value)) => Entry::one(*value),
                },
            };
            context.set(key, entry);
        }
    }
    if action.takes("kms:EncryptionAlgorithm") {
        context.set("kms:EncryptionAlgorithm", encryption_algorithm(sources));
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

/// The algorithm asked for, or the only one that a symmetric key has.
fn encryption_algorithm(sources: Sources<'_>) -> Entry {
    let names: &[&str] = match sources.action.name() {
        "reencryptfrom" => &["SourceEncryptionAlgorithm"],
        "reencryptto" => &["DestinationEncryptionAlgorithm"],
        _ => &["EncryptionAlgorithm"],
    };
    let stated = sources
        .parameters()
        .and_then(|parameters| text(parameters, names));
    let symmetric = match &sources.target.kind {
        TargetKind::Key(KeyTarget::Found { key, .. }) => {
            Some(key.record.spec == "SYMMETRIC_DEFAULT")
        }
        _ => None,
    };
    match (stated, symmetric, sources.parameters()) {
        (Some(value), _, _) => Entry::one(value),
        (None, Some(true), _) | (None, _, Some(_)) => Entry::one("SYMMETRIC_DEFAULT"),
        (None, _, None) => unsaid_parameter(sources),
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
        None => {
            let entry = unsaid_parameter(sources);
            if entry == Entry::Unknown {
                context.close_family("kms:encryptioncontext:", Entry::Unknown);
            } else {
                context.close_family("kms:encryptioncontext:", Entry::AssumedAbsent);
            }
            context.families.rotate_right(1);
            context.set("kms:EncryptionContextKeys", entry);
        }
        Some(pairs) => {
            for (name, value) in &pairs {
                context.set_tag("kms:EncryptionContext:", name, value);
            }
            let names = pairs.into_iter().map(|(name, _)| name);
            let names: Vec<String> = names.collect();
            let entry = if names.is_empty() {
                Entry::Absent
            } else {
                Entry::many(names)
            };
            context.set("kms:EncryptionContextKeys", entry);
        }
    }
}

/// The pairs, if the request says them.
pub(crate) fn pairs(sources: Sources<'_>) -> Option<Vec<(String, String)>> {
    let parameters = sources.parameters()?;
    let value = match sources.action.name() {
        "reencryptfrom" => first(
            parameters,
            &["SourceEncryptionContext", "EncryptionContext"],
        ),
        "reencryptto" => first(
            parameters,
            &["DestinationEncryptionContext", "EncryptionContext"],
        ),
        "creategrant" | "retiregrant" => parameters.get("Constraints").and_then(|constraints| {
            constraints
                .get("EncryptionContextEquals")
                .or_else(|| constraints.get("EncryptionContextSubset"))
        }),
        _ => parameters.get("EncryptionContext"),
    };
    Some(object_pairs(value))
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
        let entry = match constraints {
            None => unsaid_parameter(sources),
            Some(constraints) => Entry::optional(
                ["EncryptionContextEquals", "EncryptionContextSubset"]
                    .into_iter()
                    .find(|kind| {
                        constraints.is_some_and(|constraints| constraints.get(kind).is_some())
                    }),
            ),
        };
        context.set("kms:GrantConstraintType", entry);
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

/// State of a parameter key when no parameters are given at all. Rule: KMS-DEC-2.
fn unsaid_parameter(sources: Sources<'_>) -> Entry {
    match sources.request.mode {
        ContextMode::Open => Entry::Unknown,
        ContextMode::Closed => Entry::AssumedAbsent,
    }
}

fn first<'p>(parameters: &'p Parameters, names: &[&str]) -> Option<&'p Value> {
    names.iter().find_map(|name| parameters.get(*name))
}

fn text(parameters: &Parameters, names: &[&str]) -> Option<String> {
    first(parameters, names).and_then(plain)
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

fn seconds(text: &str) -> Option<i64> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.as_second());
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_second())
}
