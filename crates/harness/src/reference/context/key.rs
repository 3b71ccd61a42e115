//! Keys of KMS: properties of the key, the identifier as typed, and which rule tells of which key. Rule: KMS-COND-0, KMS-DEC-2.

use preclear_catalog::kms::Target as Half;
use preclear_model::Arn;
use preclear_simulator::ContextMode;
use preclear_simulator::snapshot::KeyRecord;

use super::forwarding;
use super::pairs::{Pairs, pair, pairs};
use super::parameter::{is_given, is_not_given, parameter};
use crate::reference::kms::identifier::{self, Home, aliases};
use crate::reference::kms::parameters::{as_text, member, text};
use crate::reference::listed::is_all_listed;
use crate::reference::question::Question;
use crate::reference::target::{Key, Kind};
use crate::reference::value::Value;

/// What follows for a key of an action of KMS, which is told in both modes for every key that the action carries; `None`
/// for keys that it does not carry. Rule: KMS-DEC-2, IAM-CTX-7.
pub(crate) fn derived(question: &Question<'_>, key: &str) -> Option<Value> {
    let row = question.kms?;
    if question.half == Some(Half::Alias) && key.starts_with("kms:") {
        // KMS-ID-9.
        return Some(Value::Absent);
    }
    if !row.takes(key) || !key.starts_with("kms:") {
        return None;
    }
    Some(match key {
        "kms:calleraccount" => {
            Value::one_or_absent(question.requester.account().map(str::to_owned))
        }
        "kms:viaservice" => forwarding::kms_via_service(question),
        "kms:grantisforawsresource" => forwarding::grant_is_for_aws_resource(question),
        "kms:keyspec"
        | "kms:keyusage"
        | "kms:keyorigin"
        | "kms:multiregion"
        | "kms:multiregionkeytype"
        | "kms:resourcealiases" => property(question, key),
        "kms:requestalias" => request_alias(question),
        "kms:reencryptonsamekey" => is_on_same_key(question),
        "kms:trailingdayswithoutkeyusage" => idle_days(question),
        "kms:encryptioncontextkeys" => match pairs(question) {
            Pairs::Known(pairs) if pairs.is_empty() => Value::Absent,
            Pairs::Known(pairs) => Value::Known(pairs.into_iter().map(|(name, _)| name).collect()),
            Pairs::Unknown => Value::Unknown,
        },
        "kms:encryptionalgorithm" if implies_algorithm(question, &row.name) => {
            Value::one("SYMMETRIC_DEFAULT")
        }
        _ => match key.strip_prefix("kms:encryptioncontext:") {
            Some(name) => pair(question, name),
            None => parameter(question, key),
        },
    })
}

/// True where nothing but the symmetric algorithm can be meant: for data keys, and for a symmetric key if the call does not
/// say which. Rule: KMS-COND-1.
fn implies_algorithm(question: &Question<'_>, action: &str) -> bool {
    let is_symmetric = match &question.target.kind {
        Kind::Key(Key::Listed(record)) => record.spec == "SYMMETRIC_DEFAULT",
        Kind::Key(Key::OfService(_)) => true,
        _ => false,
    };
    let is_said = is_given(question.request);
    action.starts_with("GenerateDataKey") || (is_symmetric && !is_said)
}

/// A property of the key, or of the one to be made; of a key that is not loaded nobody knows. Rule: KMS-DEC-2, KMS-COND-0.
fn property(question: &Question<'_>, key: &str) -> Value {
    if question.half == Some(Half::AnyInReplicaRegion) {
        return property_of_replica(question, key);
    }
    if question.action.eq_ignore_ascii_case("CreateKey") {
        return property_to_be(question, key);
    }
    property_of(question, &question.target.kind, key)
}

/// A replica has the properties of its primary key, and no aliases yet. Rule: KMS-ACT-5, KMS-ID-7.
fn property_of_replica(question: &Question<'_>, key: &str) -> Value {
    let request = question.request;
    match key {
        "kms:multiregion" => return Value::one("true"),
        "kms:multiregionkeytype" => return Value::one("REPLICA"),
        "kms:resourcealiases" => return Value::Absent,
        _ => {}
    }
    let home = Home::of(question.snapshot, request, &question.requester);
    let typed = request.resource.as_deref().or(text(request, "KeyId"));
    let primary = typed.and_then(|typed| identifier::key(question.snapshot, &home, Some(typed)));
    primary.map_or(Value::Unknown, |primary| {
        property_of(question, &primary.kind, key)
    })
}

/// A property of a key. Rule: KMS-DEC-2.
fn property_of(question: &Question<'_>, kind: &Kind<'_>, key: &str) -> Value {
    let record = match kind {
        Kind::Key(Key::Listed(record)) => *record,
        Kind::Key(Key::OfService(service)) if key == "kms:resourcealiases" => {
            return Value::one(format!("alias/aws/{service}"));
        }
        Kind::Key(Key::OfService(_)) => return property_of_service_key(key),
        _ => return Value::Unknown,
    };
    match key {
        "kms:keyspec" => Value::one(&record.spec),
        "kms:keyusage" => Value::one(&record.usage),
        "kms:keyorigin" => Value::one(&record.origin),
        "kms:multiregion" => Value::one(record.multi_region.to_string()),
        "kms:multiregionkeytype" => match (&record.multi_region_type, record.multi_region) {
            (_, false) => Value::Absent,
            (Some(kind), true) => Value::one(kind),
            (None, true) => Value::Present,
        },
        _ => match aliases(record) {
            Some(names) => Value::Known(names),
            None if is_all_listed(question.snapshot, record.arn.as_str()) => {
                Value::Known(Vec::new())
            }
            None => Value::Unknown,
        },
    }
}

/// Keys of AWS services are symmetric, made by KMS, and of one Region. Rule: KMS-AMK-1.
fn property_of_service_key(key: &str) -> Value {
    match key {
        "kms:keyspec" => Value::one("SYMMETRIC_DEFAULT"),
        "kms:keyusage" => Value::one("ENCRYPT_DECRYPT"),
        "kms:keyorigin" => Value::one("AWS_KMS"),
        "kms:multiregion" => Value::one("false"),
        _ => Value::Absent,
    }
}

/// Properties that CreateKey asks for, or their defaults. Rule: KMS-COND-0.
fn property_to_be(question: &Question<'_>, key: &str) -> Value {
    let request = question.request;
    if is_not_given(request) {
        return Value::Unknown;
    }
    let given = |names: [&str; 2], default: &str| {
        let value = names.iter().find_map(|name| member(request, name));
        Value::one(
            value
                .and_then(as_text)
                .unwrap_or_else(|| default.to_owned()),
        )
    };
    match key {
        "kms:keyspec" => given(["KeySpec", "CustomerMasterKeySpec"], "SYMMETRIC_DEFAULT"),
        "kms:keyusage" => given(["KeyUsage", "KeyUsage"], "ENCRYPT_DECRYPT"),
        "kms:keyorigin" => given(["Origin", "Origin"], "AWS_KMS"),
        "kms:multiregion" => given(["MultiRegion", "MultiRegion"], "false"),
        "kms:multiregionkeytype" => {
            let is_multi = member(request, "MultiRegion").and_then(as_text);
            match is_multi.is_some_and(|text| text.eq_ignore_ascii_case("true")) {
                true => Value::one("PRIMARY"),
                false => Value::Absent,
            }
        }
        _ => Value::Absent,
    }
}

/// `kms:RequestAlias`: the alias name in the identifier as typed. Rule: KMS-COND-1.
fn request_alias(question: &Question<'_>) -> Value {
    let Some(typed) = question.typed.as_deref() else {
        return Value::Absent;
    };
    if typed == "*" {
        return Value::Unknown;
    }
    let name = Arn::parse(typed).map_or_else(|| typed.to_owned(), |arn| arn.resource().to_owned());
    Value::one_or_absent(Some(name).filter(|name| name.starts_with("alias/")))
}

/// `kms:ReEncryptOnSameKey`: whether source and destination are one key. Rule: KMS-COND-1.
fn is_on_same_key(question: &Question<'_>) -> Value {
    let request = question.request;
    let home = Home::of(question.snapshot, request, &question.requester);
    let row = question.kms;
    let key = |half: Half| {
        let is_own = question.half == Some(half);
        let typed = match is_own {
            true => question.typed.as_deref(),
            false => row.and_then(|row| identifier::typed(request, row, half)),
        };
        let source = request
            .ciphertext_key
            .as_deref()
            .filter(|_| half == Half::SourceKey);
        let typed = typed.or(source)?;
        let target = identifier::key(question.snapshot, &home, Some(typed))?;
        Some(target)
    };
    let (Some(source), Some(destination)) = (key(Half::SourceKey), key(Half::DestinationKey))
    else {
        return match request.mode {
            ContextMode::Open => Value::Unknown,
            ContextMode::Closed => Value::Absent,
        };
    };
    use crate::reference::language::Resource::One;
    match (&source.resource, &destination.resource) {
        (One(source), One(destination)) => Value::one((source == destination).to_string()),
        _ => Value::Present,
    }
}

/// `kms:TrailingDaysWithoutKeyUsage`: whole days since the last use; absent if there was none. Rule: KMS-COND-1.
fn idle_days(question: &Question<'_>) -> Value {
    let Kind::Key(Key::Listed(KeyRecord { arn, last_used, .. })) = &question.target.kind else {
        return Value::Unknown;
    };
    let Some(last) = last_used else {
        return match is_all_listed(question.snapshot, arn.as_str()) {
            true => Value::Absent,
            false => Value::Unknown,
        };
    };
    let seconds = |text: &str| super::clock::seconds(text);
    match (
        question.request.now.as_deref().and_then(seconds),
        seconds(last),
    ) {
        (Some(now), Some(last)) => Value::one(((now - last).max(0) / 86_400).to_string()),
        _ => Value::Present,
    }
}
