//! `s3:` keys that follow from the object. Rule: JOB-S3-2 for what an object that is not listed counts as.

use crate::context::{Context, Entry, Sources};
use crate::matching::resource::Question;
use crate::target::TargetKind;

/// Tags of the object, where the snapshot knows them.
pub(crate) fn derive(context: &mut Context, sources: Sources<'_>) {
    const FAMILY: &str = "s3:existingobjecttag/";
    let TargetKind::Carrier(Some(bucket)) = &sources.target.kind else {
        return;
    };
    let Question::One(arn) = &sources.target.question else {
        return;
    };
    let bucket = &bucket.record;
    let Some(key) = arn
        .strip_prefix(bucket.arn.as_str())
        .and_then(|rest| rest.strip_prefix('/'))
    else {
        return;
    };
    match bucket.objects.iter().find(|object| object.key == key) {
        Some(object) => {
            for (tag, value) in &object.tags {
                context.set_tag(FAMILY, tag, value);
            }
            context.close_family(FAMILY, Entry::Absent);
        }
        None if sources.engine.snapshot().complete => {
            context.close_family(FAMILY, Entry::AssumedAbsent);
        }
        None => {}
    }
}
