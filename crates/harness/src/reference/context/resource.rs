//! Keys that follow from the resource: whose it is, and its tags. Rule: IAM-CTX-2, IAM-CTX-8.

use preclear_catalog::catalog;
use preclear_model::Arn;

use super::identity::tagged;
use super::organization;
use crate::reference::language::Resource;
use crate::reference::listed::is_all_listed;
use crate::reference::question::Question;
use crate::reference::target::{Key, Kind};
use crate::reference::value::Value;

/// What follows for a key; `None` if nothing does. Rule: IAM-CTX-2.
pub(crate) fn derived(question: &Question<'_>, key: &str) -> Option<Value> {
    let account = question.target.account.as_deref();
    match key {
        "aws:resourceaccount" => {
            Some(account.map_or(Value::Unknown, |account| Value::one(account.to_owned())))
        }
        "aws:resourceorgid" => organization::id(question.snapshot, account),
        "aws:resourceorgpaths" => organization::paths(question.snapshot, account),
        "aws:requestedregion" => {
            let region = requested_region(question)?;
            Some(Value::one(region.to_owned()))
        }
        _ => match key.strip_prefix("s3:existingobjecttag/") {
            Some(name) => tag_of_object(question, name),
            None => tag(question, tag_named(question, key)?),
        },
    }
}

/// The key of the tag that a condition key is about, by the name that all services know or by the service's own. Rule:
/// IAM-CTX-2, IAM-CTX-7.
fn tag_named<'k>(question: &Question<'_>, key: &'k str) -> Option<&'k str> {
    let (service, name) = key.split_once(":resourcetag/")?;
    let is_own = || {
        let action = catalog().action(&question.service, &question.action);
        service == question.service && action.is_some_and(|action| action.takes(key))
    };
    (service == "aws" || is_own()).then_some(name)
}

/// A tag of a listed object. No rule says so, but nothing else can be what such tags are listed for.
fn tag_of_object(question: &Question<'_>, name: &str) -> Option<Value> {
    let (Resource::One(arn), Kind::Carried { record, .. }) =
        (&question.target.resource, &question.target.kind)
    else {
        return None;
    };
    let arn = Arn::parse(arn)?;
    let (_, object) = arn.resource().split_once('/')?;
    let record = (*record)?;
    let mut objects = record.objects.iter();
    match objects.find(|listed| listed.key == object) {
        Some(listed) => Some(tagged(listed.tags.iter(), name)),
        None => {
            let arns = [record.arn.as_str(), arn.as_str()];
            let mut listed = arns
                .map(|arn| is_all_listed(question.snapshot, arn))
                .into_iter();
            listed.all(|is_listed| is_listed).then_some(Value::Absent)
        }
    }
}

/// Services that work in one Region whatever the call says. Rule: IAM-CTX-2.
const GLOBAL: [&str; 5] = ["iam", "organizations", "route53", "cloudfront", "account"];

/// The Region of the call, of a global service its only one. Rule: IAM-CTX-2.
fn requested_region<'q>(question: &'q Question<'_>) -> Option<&'q str> {
    if GLOBAL.contains(&question.service.as_str()) {
        return Some("us-east-1");
    }
    question.region()
}

/// True for `Create` and the type of the resource, such as CreateQueue on a queue. Rule: IAM-CTX-8.
fn is_being_made(question: &Question<'_>) -> bool {
    let (Some(made), Some(service)) = (
        question.action.strip_prefix("Create"),
        catalog().service(&question.service),
    ) else {
        return false;
    };
    let Resource::One(arn) = &question.target.resource else {
        return false;
    };
    let made = made.to_lowercase();
    service
        .resource_types()
        .filter(|kind| kind.name().replace(['-', '_', ' '], "").to_lowercase() == made)
        .flat_map(|kind| kind.arn_patterns())
        .any(|form| has_form(arn, form) && !(service.prefix() == "s3" && arn.contains('/')))
}

/// Whether an ARN is written in a form such as `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`: the same in each
/// field, but for names in braces.
fn has_form(arn: &str, form: &str) -> bool {
    let (arn, form) = (arn.splitn(6, ':'), form.splitn(6, ':'));
    let fields: Vec<(&str, &str)> = arn.zip(form).collect();
    fields.len() == 6 && fields.iter().all(|(field, form)| fills(field, form))
}

fn fills(text: &str, form: &str) -> bool {
    let Some((before, from)) = form.split_once("${") else {
        return text == form;
    };
    let Some(rest) = text.strip_prefix(before) else {
        return false;
    };
    let behind = from.split_once('}').map_or("", |(_, behind)| behind);
    let mut ends = rest.char_indices().map(|(at, _)| at);
    behind.is_empty() || ends.any(|at| fills(rest.get(at..).unwrap_or_default(), behind))
}

/// A tag of the resource. What is being made has none yet, and neither has the pseudo-resource. Rule: IAM-CTX-8.
fn tag(question: &Question<'_>, name: &str) -> Option<Value> {
    if !question.is_on_key() && question.service != "kms" && is_being_made(question) {
        return Some(Value::Absent);
    }
    let arn = match &question.target.resource {
        Resource::One(arn) => arn.as_str(),
        _ => "",
    };
    let tags = match &question.target.kind {
        Kind::Everything => return Some(Value::Absent),
        // KMS-ID-9.
        Kind::Plain if question.service == "kms" => return Some(Value::Absent),
        Kind::Plain => {
            let mut listed = question.snapshot.principals.iter();
            let record = listed.find(|record| record.arn.as_str() == arn);
            record.and_then(|record| record.tags.as_ref())
        }
        Kind::Role { record, .. } => record.and_then(|record| record.tags.as_ref()),
        // An object has tags of its own, which `s3:ExistingObjectTag` tells; a version of a function has the function's.
        Kind::Carried { carrier, .. } if carrier != arn && question.service == "s3" => None,
        Kind::Carried { record, .. } => record.and_then(|record| record.tags.as_ref()),
        Kind::Key(key) => return tag_of_key(question, key, name),
    };
    match tags {
        Some(tags) => Some(tagged(tags.iter(), name)),
        None => is_all_listed(question.snapshot, arn).then_some(Value::Absent),
    }
}

/// A tag of a KMS key; of one that is not loaded nobody knows, in both modes. `None` where the snapshot lists the key without
/// its tags and does not say that it lists everything. Rule: KMS-DEC-2, IAM-TRI-11.
fn tag_of_key(question: &Question<'_>, key: &Key<'_>, name: &str) -> Option<Value> {
    match key {
        Key::Listed(record) => match &record.tags {
            Some(tags) => Some(tagged(tags.iter(), name)),
            None => is_all_listed(question.snapshot, record.arn.as_str()).then_some(Value::Absent),
        },
        Key::OfService(_) => Some(Value::Absent),
        Key::NotFound | Key::NotLoaded | Key::Any => Some(Value::Unknown),
    }
}
