//! What the snapshot lists, by ARNs and by patterns of them.

use preclear_model::Arn;
use preclear_wildcard::Pattern;
use serde_json::{Map, Value};

use crate::engine::Engine;
use crate::job::keys::{self, Home};
use crate::job::s3::{self, Location};
use crate::job::setting::Setting;
use crate::job::template::expr::Attribute;
use crate::job::template::path;
use crate::job::{fields, value};
use crate::snapshot::{BucketEncryption, Given, NOT_KNOWN, ResourceRecord};

/// True for a text that stands for all that match it.
fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Resources with this ARN, or with ARNs that match this pattern; of a pattern that none matches what carries it, such
/// as the bucket of its objects.
pub(crate) fn resources<'e>(engine: &'e Engine, text: &str) -> Vec<&'e ResourceRecord> {
    if is_pattern(text) {
        let pattern = Pattern::parse(text);
        let all = engine.snapshot().resources.iter();
        let matching: Vec<&ResourceRecord> = all
            .filter(|record| pattern.is_match(record.arn.as_str()))
            .collect();
        if !matching.is_empty() {
            return matching;
        }
    }
    let carrier = Arn::parse(text).and_then(|arn| engine.resources().carrier(&arn));
    carrier
        .map(|resource| &resource.record)
        .into_iter()
        .collect()
}

/// The account of an ARN; of a bucket as far as the snapshot says it.
pub(crate) fn account(engine: &Engine, arn: &str) -> Option<String> {
    let arn = Arn::parse(arn)?;
    if !arn.account().is_empty() {
        return Some(arn.account().to_owned());
    }
    let carrier = engine.resources().carrier(&arn)?;
    carrier.record.account.clone()
}

/// What the snapshot says of resources in a member.
pub(crate) fn attribute(
    engine: &Engine,
    setting: &Setting,
    text: &str,
    member: Attribute,
) -> Vec<String> {
    let records = resources(engine, text).into_iter();
    records
        .filter_map(|record| match member {
            // An id or alias is one of the resource's own account and Region (KMS-ID-1).
            Attribute::KmsKey => {
                let key = record.kms_key.clone().or_else(|| described_key(record));
                let key = key.filter(|key| key != NOT_KNOWN);
                key.map(|key| keys::arn(engine, home(setting, Some(record)), &key))
            }
            Attribute::Role => record.role.clone().filter(|role| role != NOT_KNOWN),
            Attribute::DatasetGroup => record.dataset_group.clone(),
            Attribute::Region => said(&record.region, record.arn.region()),
            Attribute::Account => said(&record.account, record.arn.account()),
            Attribute::BucketKey => bucket_key(record).map(|on| on.to_string()),
            Attribute::HasPolicy => has_policy(record).map(|has| has.to_string()),
            Attribute::DefaultKey => s3::default_key_of(engine, setting, record),
        })
        .collect()
}

/// The key that a resource is described with, by the member that its service has for it.
fn described_key(record: &ResourceRecord) -> Option<String> {
    let described = record.describe.as_ref()?;
    let paths = preclear_catalog::described::key_paths(record.arn.service());
    let mut keys = paths
        .iter()
        .flat_map(|path| fields::texts(within(described, path), path));
    keys.next()
}

/// What an entry says, or the ARN says for it.
fn said(member: &Option<String>, in_arn: &str) -> Option<String> {
    let of_arn = || (!in_arn.is_empty()).then(|| in_arn.to_owned());
    member.clone().or_else(of_arn)
}

/// `true` where a policy of the resource's own is told; `None` where nothing is said of one.
fn has_policy(record: &ResourceRecord) -> Option<bool> {
    match &record.policy {
        Given::Here(_) => Some(true),
        Given::Nothing => Some(false),
        Given::LeftOut => None,
    }
}

fn bucket_key(record: &ResourceRecord) -> Option<bool> {
    let is_on = |default: &BucketEncryption| default.bucket_key;
    let is_bucket = record.arn.service() == "s3" && !record.is_default_key_not_known();
    is_bucket.then(|| record.encryption.value().is_some_and(is_on))
}

/// What such resources are described as, by a path.
pub(crate) fn described(engine: &Engine, text: &str, path: &str) -> Vec<String> {
    let records = resources(engine, text).into_iter();
    records
        .filter_map(|record| record.describe.as_ref())
        .flat_map(|described| fields::texts(within(described, path), path))
        .collect()
}

/// The description that a path is read in. Describe calls wrap what they print (`{"Job": {…}}`, `{"Volumes": [{…}]}`): where
/// the outer object does not have the first step of the path, and has one member alone, which holds one object, that
/// one counts.
fn within<'d>(described: &'d Map<String, Value>, path: &str) -> &'d Map<String, Value> {
    let is_here = path::steps(path)
        .next()
        .is_some_and(|step| described.contains_key(step));
    if is_here {
        return described;
    }
    let mut members = described
        .iter()
        .filter(|(name, _)| *name != "ResponseMetadata");
    let wrapped = match (members.next(), members.next()) {
        (Some((_, Value::Array(elements))), None) if elements.len() == 1 => elements.first(),
        (Some((_, value)), None) => Some(value),
        _ => None,
    };
    wrapped.and_then(Value::as_object).unwrap_or(described)
}

/// True where the snapshot lists all that jobs look at: of a resource whose key or role nobody knows it lists too little.
/// Rule: JOB-8.
pub(crate) fn is_told(engine: &Engine, arn: &str) -> bool {
    let record = Arn::parse(arn).and_then(|arn| engine.resources().carrier(&arn));
    record.is_none_or(|resource| !resource.record.is_part_not_known())
}

/// The ARN itself where the snapshot lists it, or the listed ARNs that match a pattern.
pub(crate) fn arns(engine: &Engine, text: &str) -> Vec<String> {
    if !is_pattern(text) {
        let is_there = is_listed(engine, text);
        return is_there.then(|| text.to_owned()).into_iter().collect();
    }
    let pattern = Pattern::parse(text);
    let snapshot = engine.snapshot();
    let principals = snapshot.principals.iter().map(|record| &record.arn);
    let keys = snapshot.keys.iter().map(|record| &record.arn);
    let resources = snapshot.resources.iter().map(|record| &record.arn);
    let of_records = principals.chain(keys).chain(resources);
    let of_records = of_records.map(|arn| arn.as_str().to_owned());
    let objects = snapshot.resources.iter().flat_map(objects);
    let all = of_records.chain(objects);
    value::union(all.filter(|arn| pattern.is_match(arn)))
}

fn is_listed(engine: &Engine, text: &str) -> bool {
    let Some(arn) = Arn::parse(text) else {
        return false;
    };
    if arn.service() == "s3"
        && let Some(Location { key, .. }) = Location::of(text).filter(|place| !place.key.is_empty())
    {
        let bucket = engine.resources().carrier(&arn);
        return bucket.is_some_and(|bucket| bucket.record.objects.iter().any(|own| own.key == key));
    }
    engine.principals().by_arn(text).is_some()
        || keys::record(engine, &arn).is_some()
        || engine.resources().carrier(&arn).is_some()
}

/// ARNs of the objects that a bucket lists.
fn objects(record: &ResourceRecord) -> impl Iterator<Item = String> {
    let objects = record.objects.iter();
    objects.map(|object| format!("{}/{}", record.arn.as_str(), object.key))
}

/// Account and Region of a bucket, as far as the snapshot says them, else the job's.
pub(crate) fn home<'r>(setting: &'r Setting, record: Option<&'r ResourceRecord>) -> Home<'r> {
    let own = setting.home();
    let in_arn = |part: &'r str| (!part.is_empty()).then_some(part);
    let account = record.and_then(|record| {
        let own = record.account.as_deref();
        own.or_else(|| in_arn(record.arn.account()))
    });
    let region = record.and_then(|record| {
        let own = record.region.as_deref();
        own.or_else(|| in_arn(record.arn.region()))
    });
    Home {
        account: account.unwrap_or(own.account),
        region: region.unwrap_or(own.region),
        ..own
    }
}
