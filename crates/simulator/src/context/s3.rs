//! `s3:` keys that follow from the object. Rule: JOB-S3-2 for what an object that is not listed counts as.

use crate::context::global::tag;
use crate::context::names::Name;
use crate::context::{Entry, Sources};
use crate::engine::resources::CompiledResource;
use crate::matching::resource::Question;
use crate::target::TargetKind;

/// Bucket and key of the object that is asked for, where the snapshot lists the bucket.
fn object<'a>(sources: Sources<'a>) -> Option<(&'a CompiledResource, &'a str)> {
    let TargetKind::Carrier(Some(bucket)) = sources.target.kind else {
        return None;
    };
    let Question::One { text: arn, .. } = &sources.target.question else {
        return None;
    };
    let rest = arn.strip_prefix(bucket.record.arn.as_str())?;
    let is_s3 = sources.action.service() == "s3";
    Some((bucket, rest.strip_prefix('/')?)).filter(|_| is_s3)
}

fn tags<'a>(sources: Sources<'a>) -> Option<impl Iterator<Item = (&'a str, &'a str)>> {
    let (bucket, key) = object(sources)?;
    let mut objects = bucket.record.objects.iter();
    let object = objects.find(|object| object.key == key)?;
    let tags = object.tags.iter();
    Some(tags.map(|(tag, value)| (tag.as_str(), value.as_str())))
}

/// A tag of the object, where the snapshot knows them.
pub(super) fn existing_object_tag<'a>(sources: Sources<'a>, key: &str) -> Option<Entry<'a>> {
    tag(Name::ExistingObjectTag, tags(sources)?, key)
}

/// What is known of tags that are not listed.
pub(super) fn other_object_tags<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let (bucket, _) = object(sources)?;
    let is_external = || {
        let own = sources.target.arn.map(|arn| arn.as_str());
        let mut arns = own.into_iter().chain([bucket.record.arn.as_str()]);
        arns.any(|arn| sources.engine.is_external(arn))
    };
    if tags(sources).is_some() {
        Some(Entry::Absent)
    } else if sources.engine.snapshot().complete && !is_external() {
        Some(Entry::AssumedAbsent)
    } else {
        None
    }
}
