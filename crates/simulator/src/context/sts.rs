//! `sts:` keys and session tags that follow from the parameters of AssumeRole and its siblings. Rule: IAM-EVAL-22,
//! IAM-CTX-2.

use serde_json::{Map, Value};

use crate::arena::Arena;
use crate::context::global::tag;
use crate::context::kms::{list, plain};
use crate::context::names::Name;
use crate::context::{Entry, Sources};
use crate::service::assume;

type Parameters = Map<String, Value>;

/// Parameters of a call that makes a session: if they are given, they are the whole request.
fn call<'a>(sources: Sources<'a>) -> Option<&'a Parameters> {
    let action = sources.action;
    let is_further = || ["tagsession", "setsourceidentity"].contains(&action.name());
    let is_call = action.service() == "sts"
        && (is_further() || assume::is_call(action.service(), action.name()));
    is_call.then(|| sources.parameters()).flatten()
}

/// A member with one value.
pub(super) fn member<'a>(sources: Sources<'a>, name: &str) -> Option<Entry<'a>> {
    let value = call(sources)?.get(name);
    Some(Entry::optional(
        value.and_then(|value| plain(sources.arena, value)),
    ))
}

fn tags<'a>(
    arena: &'a Arena,
    parameters: &'a Parameters,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let tags = parameters.get("Tags").and_then(Value::as_array);
    tags.into_iter().flatten().filter_map(|tag| {
        let value = tag.get("Value").and_then(|value| plain(arena, value));
        Some((plain(arena, tag.get("Key")?)?, value.unwrap_or_default()))
    })
}

/// A tag of the session.
pub(super) fn request_tag<'a>(sources: Sources<'a>, key: &str) -> Option<Entry<'a>> {
    tag(Name::RequestTag, tags(sources.arena, call(sources)?), key)
}

/// A call that tells its tags has no others.
pub(super) fn other_request_tags<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    call(sources).map(|_| Entry::Absent)
}

pub(super) fn tag_keys<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let tags = tags(sources.arena, call(sources)?);
    Some(Entry::some(sources.arena, tags.map(|(name, _)| name)))
}

pub(super) fn transitive_tag_keys<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let names = list(sources.arena, call(sources)?.get("TransitiveTagKeys"));
    Some(Entry::some(sources.arena, names))
}
