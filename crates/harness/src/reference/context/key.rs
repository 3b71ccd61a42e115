//! Keys of KMS: properties of the key, the identifier as typed, parameters of the call. Rule: KMS-COND-0, KMS-DEC-2.

use preclear_model::Arn;
use preclear_simulator::snapshot::{GrantRecord, KeyRecord};
use preclear_simulator::{ContextMode, Request};

use super::forwarding;
use crate::reference::kms::identifier::{self, Home, aliases};
use crate::reference::kms::parameters::{as_pairs, as_tags, as_text, as_texts, member};
use crate::reference::kms::retire;
use crate::reference::listed::is_all_listed;
use crate::reference::question::Question;
use crate::reference::target::{Key, Kind};
use crate::reference::value::Value;
use preclear_catalog::kms::Target as Half;

fn one(text: impl Into<String>) -> Value {
    Value::Known(vec![text.into()])
}

fn one_or_absent(text: Option<String>) -> Value {
    text.map_or(Value::Absent, one)
}

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
        "kms:calleraccount" => one_or_absent(question.requester.account().map(str::to_owned)),
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
            one("SYMMETRIC_DEFAULT")
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
    let is_said = question.request.parameters.is_some();
    action.starts_with("GenerateDataKey") || (is_symmetric && !is_said)
}

/// Keys of tags that a call passes, of KMS and of AssumeRole; `None` if its parameters tell nothing. Rule: UI-38.
pub(crate) fn passed_tag(question: &Question<'_>, key: &str) -> Option<Value> {
    let request = question.request;
    request.parameters.as_ref()?;
    let takes = match question.kms {
        Some(row) => row.takes("aws:TagKeys"),
        None => question.service == "sts",
    };
    let tags = match (takes, member(request, "Tags"), member(request, "TagKeys")) {
        (false, _, _) => return None,
        (true, Some(tags), _) => as_tags(tags),
        (true, None, Some(names)) => {
            let names = as_texts(names);
            return Some(match key.strip_prefix("aws:requesttag/") {
                Some(_) => Value::Absent,
                None => Value::Known(names),
            });
        }
        (true, None, None) => Vec::new(),
    };
    match key.strip_prefix("aws:requesttag/") {
        Some(name) => Some(super::identity::tagged(
            tags.iter().map(|(key, value)| (key, value)),
            name,
        )),
        None if tags.is_empty() => Some(Value::Absent),
        None => Some(Value::Known(tags.into_iter().map(|(key, _)| key).collect())),
    }
}

/// Keys of STS that AssumeRole and its siblings pass; `None` if its parameters tell nothing. Rule: UI-38.
pub(crate) fn of_session(question: &Question<'_>, key: &str) -> Option<Value> {
    let request = question.request;
    request
        .parameters
        .as_ref()
        .filter(|_| question.service == "sts")?;
    let name = match key {
        "sts:rolesessionname" => "RoleSessionName",
        "sts:externalid" => "ExternalId",
        "sts:sourceidentity" => "SourceIdentity",
        "sts:transitivetagkeys" => "TransitiveTagKeys",
        _ => return None,
    };
    Some(member(request, name).map_or(Value::Absent, |value| Value::Known(as_texts(value))))
}

/// A property of the key, or of the one to be made; of a key that is not loaded nobody knows. Rule: KMS-DEC-2, KMS-COND-0.
fn property(question: &Question<'_>, key: &str) -> Value {
    if question.action.eq_ignore_ascii_case("CreateKey") {
        return property_to_be(question, key);
    }
    let record = match &question.target.kind {
        Kind::Key(Key::Listed(record)) => *record,
        Kind::Key(Key::OfService(service)) if key == "kms:resourcealiases" => {
            return one(format!("alias/aws/{service}"));
        }
        Kind::Key(Key::OfService(_)) => return property_of_service_key(key),
        _ => return Value::Unknown,
    };
    match key {
        "kms:keyspec" => one(&record.spec),
        "kms:keyusage" => one(&record.usage),
        "kms:keyorigin" => one(&record.origin),
        "kms:multiregion" => one(record.multi_region.to_string()),
        "kms:multiregionkeytype" => match (&record.multi_region_type, record.multi_region) {
            (_, false) => Value::Absent,
            (Some(kind), true) => one(kind),
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
        "kms:keyspec" => one("SYMMETRIC_DEFAULT"),
        "kms:keyusage" => one("ENCRYPT_DECRYPT"),
        "kms:keyorigin" => one("AWS_KMS"),
        "kms:multiregion" => one("false"),
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
        one(value
            .and_then(as_text)
            .unwrap_or_else(|| default.to_owned()))
    };
    match key {
        "kms:keyspec" => given(["KeySpec", "CustomerMasterKeySpec"], "SYMMETRIC_DEFAULT"),
        "kms:keyusage" => given(["KeyUsage", "KeyUsage"], "ENCRYPT_DECRYPT"),
        "kms:keyorigin" => given(["Origin", "Origin"], "AWS_KMS"),
        "kms:multiregion" => given(["MultiRegion", "MultiRegion"], "false"),
        "kms:multiregionkeytype" => {
            let is_multi = member(request, "MultiRegion").and_then(as_text);
            match is_multi.is_some_and(|text| text.eq_ignore_ascii_case("true")) {
                true => one("PRIMARY"),
                false => Value::Absent,
            }
        }
        _ => Value::Absent,
    }
}

/// True where nobody gave the call's parameters and the mode does not take them as none. Rule: KMS-DEC-2.
pub(crate) fn is_not_given(request: &Request) -> bool {
    request.parameters.is_none() && request.mode == ContextMode::Open
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
    one_or_absent(Some(name).filter(|name| name.starts_with("alias/")))
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
        (One(source), One(destination)) => one((source == destination).to_string()),
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
        (Some(now), Some(last)) => one(((now - last).max(0) / 86_400).to_string()),
        _ => Value::Present,
    }
}

/// The pairs of an encryption context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pairs {
    /// These.
    Known(Vec<(String, String)>),
    /// Nobody knows.
    Unknown,
}

/// The encryption context of a call; for CreateGrant the constraint that it asks for, for RetireGrant that of the grant
/// it means. Rule: KMS-COND-1, KMS-DEC-2.
pub(crate) fn pairs(question: &Question<'_>) -> Pairs {
    let request = question.request;
    if question.is_action("kms", &["RetireGrant"]) {
        return match retire::meant(question) {
            retire::Meant::This(grant) => Pairs::Known(constraint(grant)),
            retire::Meant::NotFound => Pairs::Known(Vec::new()),
            retire::Meant::Unknown => Pairs::Unknown,
        };
    }
    if is_not_given(request) {
        return Pairs::Unknown;
    }
    let context = match question.half {
        Some(Half::SourceKey) => member(request, "SourceEncryptionContext"),
        Some(Half::DestinationKey) => member(request, "DestinationEncryptionContext"),
        _ if question.is_action("kms", &["CreateGrant"]) => {
            let constraints = member(request, "Constraints");
            constraints.and_then(|constraints| {
                let equals = constraints.get("EncryptionContextEquals");
                equals.or_else(|| constraints.get("EncryptionContextSubset"))
            })
        }
        _ => None,
    };
    let is_grant = question.is_action("kms", &["CreateGrant"]);
    let plain = member(request, "EncryptionContext").filter(|_| !is_grant);
    Pairs::Known(context.or(plain).map(as_pairs).unwrap_or_default())
}

/// The pairs that a grant's constraint names.
fn constraint(grant: &GrantRecord) -> Vec<(String, String)> {
    let pairs = grant
        .context_equals
        .as_ref()
        .or(grant.context_subset.as_ref());
    let pairs = pairs.into_iter().flatten();
    pairs
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The value of a pair, its name in any letter case. Rule: KMS-COND-1.
fn pair(question: &Question<'_>, name: &str) -> Value {
    match pairs(question) {
        Pairs::Known(pairs) => {
            super::identity::tagged(pairs.iter().map(|(name, value)| (name, value)), name)
        }
        Pairs::Unknown => Value::Unknown,
    }
}

/// A key that is a parameter of the call: its value, its default, or absent. Rule: KMS-COND-0, KMS-DEC-2.
fn parameter(question: &Question<'_>, key: &str) -> Value {
    let request = question.request;
    if question.is_action("kms", &["RetireGrant"]) && key == "kms:grantconstrainttype" {
        return match retire::meant(question) {
            retire::Meant::This(grant) => one_or_absent(constraint_type(
                grant.context_equals.is_some(),
                grant.context_subset.is_some(),
            )),
            retire::Meant::NotFound => Value::Absent,
            retire::Meant::Unknown => Value::Unknown,
        };
    }
    if is_not_given(request) {
        return Value::Unknown;
    }
    let value = |name: &str, default: Option<&str>| {
        let given = member(request, name);
        match (given, default) {
            (Some(given), _) => Value::Known(as_texts(given)),
            (None, Some(default)) => one(default),
            (None, None) => Value::Absent,
        }
    };
    let constraints = |name: &str| member(request, "Constraints").and_then(|all| all.get(name));
    match key {
        "kms:encryptionalgorithm" => {
            let name = match question.half {
                Some(Half::SourceKey) => "SourceEncryptionAlgorithm",
                Some(Half::DestinationKey) => "DestinationEncryptionAlgorithm",
                _ => "EncryptionAlgorithm",
            };
            value(name, Some("SYMMETRIC_DEFAULT"))
        }
        "kms:datakeypairspec" => value("KeyPairSpec", None),
        "kms:messagetype" => value("MessageType", Some("RAW")),
        "kms:grantoperations" => value("Operations", None),
        "kms:grantconstrainttype" => one_or_absent(constraint_type(
            constraints("EncryptionContextEquals").is_some(),
            constraints("EncryptionContextSubset").is_some(),
        )),
        "kms:grantconstraintsourcearn" => one_or_absent(constraints("SourceArn").and_then(as_text)),
        "kms:schedulekeydeletionpendingwindowindays" => value("PendingWindowInDays", Some("30")),
        "kms:rotationperiodindays" => value("RotationPeriodInDays", Some("365")),
        "kms:policyname" => value("PolicyName", Some("default")),
        // As seconds it suits operators for dates and for numbers.
        "kms:validto" => match member(request, "ValidTo").and_then(as_text) {
            Some(text) if text.contains('-') => {
                let seconds = super::clock::seconds(&text);
                one(seconds.map_or(text, |seconds| seconds.to_string()))
            }
            text => one_or_absent(text),
        },
        _ => match key.strip_prefix("kms:recipientattestation:") {
            Some(register) => one_or_absent(attested(request, register)),
            None => of_same_name(request, key),
        },
    }
}

fn constraint_type(is_equals: bool, is_subset: bool) -> Option<String> {
    match (is_equals, is_subset) {
        (true, _) => Some("EncryptionContextEquals".to_owned()),
        (false, true) => Some("EncryptionContextSubset".to_owned()),
        (false, false) => None,
    }
}

/// A register of the decoded attestation document. Rule: UI-38.
fn attested(request: &Request, register: &str) -> Option<String> {
    let document = member(request, "Recipient")?.as_object()?;
    let mut registers = document.iter();
    let (_, value) = registers.find(|(name, _)| name.eq_ignore_ascii_case(register))?;
    as_text(value)
}

/// Keys that are named as the parameter is, and absent without it. Rule: UI-38.
fn of_same_name(request: &Request, key: &str) -> Value {
    let name = key.strip_prefix("kms:").unwrap_or(key);
    let mut members = request.parameters.iter().flatten();
    let found = members.find(|(own, _)| own.eq_ignore_ascii_case(name));
    found.map_or(Value::Absent, |(_, value)| Value::Known(as_texts(value)))
}
