//! `sts:` keys and session tags that follow from the parameters of AssumeRole and its siblings. Rule: IAM-EVAL-22,
//! IAM-CTX-2.

use serde_json::Value;

use crate::context::kms::{list, plain};
use crate::context::{Context, Entry, Sources};
use crate::service::assume;

/// Members with one value, and the keys they feed.
const TEXTS: [(&str, &str); 3] = [
    ("ExternalId", "sts:ExternalId"),
    ("RoleSessionName", "sts:RoleSessionName"),
    ("SourceIdentity", "sts:SourceIdentity"),
];

/// The keys of the call, if its parameters are given: then they are the whole request.
pub(crate) fn derive(context: &mut Context, sources: Sources<'_>) {
    let action = sources.action;
    let is_further = ["tagsession", "setsourceidentity"].contains(&action.name());
    if !is_further && !assume::is_call(action.service(), action.name()) {
        return;
    }
    let Some(parameters) = sources.parameters() else {
        return;
    };
    for (member, key) in TEXTS {
        context.set(key, Entry::optional(parameters.get(member).and_then(plain)));
    }
    let mut names = Vec::new();
    let tags = parameters.get("Tags").and_then(Value::as_array);
    for tag in tags.into_iter().flatten() {
        if let Some(name) = tag.get("Key").and_then(plain) {
            let value = tag.get("Value").and_then(plain).unwrap_or_default();
            context.set_tag("aws:requesttag/", &name, &value);
            names.push(name);
        }
    }
    context.close_family("aws:requesttag/", Entry::Absent);
    set_list(context, "aws:TagKeys", names);
    let transitive = list(parameters.get("TransitiveTagKeys"));
    set_list(context, "sts:TransitiveTagKeys", transitive);
}

fn set_list(context: &mut Context, key: &str, values: Vec<String>) {
    let entry = if values.is_empty() {
        Entry::Absent
    } else {
        Entry::many(values)
    };
    context.set(key, entry);
}
