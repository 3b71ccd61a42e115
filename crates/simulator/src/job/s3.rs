//! The S3 building blocks that jobs share: where URIs lead, what is read there, which key is in effect.
//! Rule: JOB-S3-1…7.

use std::collections::BTreeMap;

use preclear_model::Arn;

use crate::engine::Engine;
use crate::job::keys::{self, Home};
use crate::job::listed;
use crate::job::setting::Setting;
use crate::snapshot::{BucketEncryption, NOT_KNOWN, ResourceRecord};

/// The pair that S3 puts into every encryption context. Rule: JOB-S3-2.
const ARN_PAIR: &str = "aws:s3:arn";

/// A bucket and what follows it in a URI or ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) bucket: String,
    /// Object key or prefix; empty for the bucket itself.
    pub(crate) key: String,
}

impl Location {
    /// Reads an S3 URI, or the HTTPS address of a bucket or object.
    pub(crate) fn parse(uri: &str) -> Option<Self> {
        let (bucket, key) = match uri.strip_prefix("s3://") {
            Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
            None => bucket_of_address(uri.strip_prefix("https://")?)?,
        };
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let is_bucket = !bucket.is_empty() && bucket.bytes().all(legal);
        is_bucket.then(|| Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    /// Reads an S3 URI or the ARN of a bucket or object.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let Some(arn) = Arn::parse(text) else {
            return Self::parse(text);
        };
        let (bucket, key) = arn
            .resource()
            .split_once('/')
            .unwrap_or((arn.resource(), ""));
        (arn.service() == "s3").then(|| Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    pub(crate) fn bucket_arn(&self, partition: &str) -> String {
        format!("arn:{partition}:s3:::{}", self.bucket)
    }

    /// ARN of the object; `None` for a bucket.
    pub(crate) fn object_arn(&self, partition: &str) -> Option<String> {
        (!self.key.is_empty()).then(|| format!("{}/{}", self.bucket_arn(partition), self.key))
    }

    /// Everything below, the prefix taken as a folder.
    pub(crate) fn below(&self, partition: &str) -> String {
        format!("{}/{}*", self.bucket_arn(partition), self.folder())
    }

    /// The prefix with its closing slash, empty for the whole bucket.
    fn folder(&self) -> String {
        if self.key.is_empty() || self.key.ends_with('/') {
            self.key.clone()
        } else {
            format!("{}/", self.key)
        }
    }

    /// True where the last part looks like the name of a file, so that nothing lies below.
    fn is_file(&self) -> bool {
        self.key
            .rsplit('/')
            .next()
            .is_some_and(|name| name.contains('.'))
    }
}

/// `bucket.s3.REGION.amazonaws.com/key` and `s3.REGION.amazonaws.com/bucket/key`.
fn bucket_of_address(address: &str) -> Option<(&str, &str)> {
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    if !host.contains(".amazonaws.com") {
        return None;
    }
    if host.starts_with("s3.") || host.starts_with("s3-") {
        return Some(path.split_once('/').unwrap_or((path, "")));
    }
    let end = host.find(".s3.").or_else(|| host.find(".s3-"))?;
    Some((host.get(..end)?, path))
}

/// What a job reads at these places: the objects that the snapshot lists there, else everything below; where the
/// job says what its data are, those. Rule: JOB-2.
pub(crate) fn contents(
    engine: &Engine,
    setting: &Setting,
    places: &[String],
    data: &[String],
    except: &[String],
) -> Vec<String> {
    let partition = &setting.partition;
    let mut found = Vec::new();
    let mut push = |arn: String| {
        if !found.contains(&arn) && !except.contains(&arn) {
            found.push(arn);
        }
    };
    if !data.is_empty() && !places.is_empty() {
        for place in data.iter().filter_map(|uri| Location::parse(uri)) {
            // A data prefix is a prefix, not a folder: `s3://b/2026` covers `b/2026-01.jpg`.
            push(format!("{}/{}*", place.bucket_arn(partition), place.key));
            listed(engine, partition, &place, &place.key)
                .into_iter()
                .for_each(&mut push);
        }
        return found;
    }
    for place in places.iter().filter_map(|text| Location::of(text)) {
        if let Some(object) = place.object_arn(partition).filter(|_| place.is_file()) {
            push(object);
            continue;
        }
        let mut objects = listed(engine, partition, &place, &place.folder());
        // What is named elsewhere in the request does not stand for the data.
        objects.retain(|object| !except.contains(object));
        if objects.is_empty() {
            objects.push(place.below(partition));
        }
        objects.into_iter().for_each(&mut push);
    }
    found
}

fn listed(engine: &Engine, partition: &str, place: &Location, prefix: &str) -> Vec<String> {
    let bucket_arn = place.bucket_arn(partition);
    let objects = bucket(engine, &bucket_arn)
        .map(|bucket| bucket.objects.as_slice())
        .unwrap_or_default();
    let below = objects
        .iter()
        .filter(|object| object.key.starts_with(prefix));
    below
        .map(|object| format!("{bucket_arn}/{}", object.key))
        .collect()
}

/// The bucket's record, by its ARN.
pub(crate) fn bucket<'e>(engine: &'e Engine, arn: &str) -> Option<&'e ResourceRecord> {
    engine
        .resources()
        .by_arn(arn)
        .map(|resource| &resource.record)
}

/// A key in use, with the encryption context it is used with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyUse {
    /// ARN of the key; of its alias, where the key is not listed.
    pub(crate) key: String,
    /// A value with wildcards stands for many.
    pub(crate) context: BTreeMap<String, String>,
}

/// Keys of objects that exist. Those of `aws/s3` in the job's own account need no permission and are left out, unless they
/// are wanted. Rule: JOB-S3-2, JOB-S3-5.
pub(crate) fn reads(
    engine: &Engine,
    setting: &Setting,
    objects: &[String],
    named: &[String],
    managed: bool,
) -> Vec<KeyUse> {
    let mut uses = Vec::new();
    for object in objects {
        let Some(place) = Location::of(object) else {
            continue;
        };
        let bucket_arn = place.bucket_arn(&setting.partition);
        let record = bucket(engine, &bucket_arn);
        let home = listed::home(setting, record);
        let written =
            record.and_then(|record| record.objects.iter().find(|listed| listed.key == place.key));
        let keys = match written {
            _ if !named.is_empty() => named.to_vec(),
            Some(written) => written
                .kms_key
                .iter()
                .map(|key| keys::arn(engine, home, key))
                .collect(),
            None => default_key(engine, record, home, home)
                .into_iter()
                .collect(),
        };
        let (bucket_key, more) = match written {
            Some(written) => (written.bucket_key, written.encryption_context.clone()),
            None => (
                default(record).is_some_and(|default| default.bucket_key),
                BTreeMap::new(),
            ),
        };
        let context = context(object, &bucket_arn, bucket_key, more);
        for key in keys
            .into_iter()
            .filter(|key| keys::is_asked_about(engine, setting, key, managed))
        {
            push_new(
                &mut uses,
                KeyUse {
                    key,
                    context: context.clone(),
                },
            );
        }
    }
    uses
}

/// True for an object that lies under no KMS key: as it was written, else by its bucket's default encryption; false where the
/// snapshot does not list the bucket. Rule: JOB-S3-2.
pub(crate) fn is_plain(engine: &Engine, setting: &Setting, object: &str) -> bool {
    let place = Location::of(object);
    let found = place.and_then(|place| {
        let record = bucket(engine, &place.bucket_arn(&setting.partition))?;
        let written = record.objects.iter().find(|own| own.key == place.key);
        Some(match written {
            Some(written) => written.kms_key.is_none(),
            None => default(Some(record)).is_none_or(|default| !default.kms),
        })
    });
    found.unwrap_or_default()
}

/// Buckets of these objects that the snapshot does not list, so that nobody knows their default encryption; ARNs, each once.
/// Rule: JOB-8, JOB-S3-1.
pub(crate) fn unlisted(engine: &Engine, setting: &Setting, objects: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for place in objects.iter().filter_map(|object| Location::of(object)) {
        let arn = place.bucket_arn(&setting.partition);
        let is_told = bucket(engine, &arn).is_some_and(|own| !own.is_default_key_not_known());
        if !is_told && !found.contains(&arn) {
            found.push(arn);
        }
    }
    found
}

/// Keys of objects to be written; of a bucket's default like those of objects that exist. Rule: JOB-S3-1.
pub(crate) fn writes(
    engine: &Engine,
    setting: &Setting,
    objects: &[String],
    named: &[String],
    header: bool,
    managed: bool,
) -> Vec<KeyUse> {
    let mut uses = Vec::new();
    for object in objects {
        let Some(place) = Location::of(object) else {
            continue;
        };
        let bucket_arn = place.bucket_arn(&setting.partition);
        let record = bucket(engine, &bucket_arn);
        let home = listed::home(setting, record);
        // Aliases and ids resolve in the account of who writes, keys of S3 in the Region of the bucket.
        let writer = Home {
            account: &setting.account,
            ..home
        };
        let keys = if !named.is_empty() {
            named.to_vec()
        } else if header {
            vec![keys::aws_managed(writer, "s3")]
        } else {
            let default = default_key(engine, record, writer, home);
            default
                .into_iter()
                .filter(|key| keys::is_asked_about(engine, setting, key, managed))
                .collect()
        };
        let bucket_key = default(record).is_some_and(|default| default.bucket_key);
        let context = context(object, &bucket_arn, bucket_key, BTreeMap::new());
        for key in keys {
            push_new(
                &mut uses,
                KeyUse {
                    key,
                    context: context.clone(),
                },
            );
        }
    }
    uses
}

fn push_new(uses: &mut Vec<KeyUse>, key_use: KeyUse) {
    if !uses.contains(&key_use) {
        uses.push(key_use);
    }
}

fn default(record: Option<&ResourceRecord>) -> Option<&BucketEncryption> {
    record.and_then(|record| record.encryption.value())
}

/// Key of a bucket's default encryption, as its owner reads it; none under SSE-S3.
pub(crate) fn default_key_of(
    engine: &Engine,
    setting: &Setting,
    record: &ResourceRecord,
) -> Option<String> {
    let home = listed::home(setting, Some(record));
    default_key(engine, Some(record), home, home)
}

/// Key of a bucket's default encryption, where somebody else may read its identifier; `aws/s3` is the bucket owner's, in
/// the bucket's Region. Rule: JOB-S3-1.
fn default_key(
    engine: &Engine,
    record: Option<&ResourceRecord>,
    reader: Home<'_>,
    bucket: Home<'_>,
) -> Option<String> {
    let default = default(record).filter(|default| default.kms)?;
    if default.key.as_deref() == Some(NOT_KNOWN) {
        return None;
    }
    Some(match &default.key {
        Some(key) => keys::arn(engine, reader, key),
        None => keys::aws_managed(bucket, "s3"),
    })
}

/// Rule: JOB-S3-2.
fn context(
    object: &str,
    bucket_arn: &str,
    bucket_key: bool,
    mut more: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let arn = if bucket_key { bucket_arn } else { object };
    more.insert(ARN_PAIR.to_owned(), arn.to_owned());
    more
}
