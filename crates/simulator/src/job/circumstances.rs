//! What a part adds to a request beside actor, action and resource: condition keys, encryption context, an assumed grant.

use std::collections::BTreeMap;

use preclear_catalog::kms as tables;
use serde_json::{Map, Value};

use crate::context::Name;
use crate::job::actor::Acting;
use crate::job::fields;
use crate::job::scope::Scope;
use crate::job::template::{Part, TagFields};
use crate::parameters;
use crate::request::{ContextValue, Request};
use crate::snapshot::GrantRecord;

/// Pairs of an encryption context; values with wildcards stand for many.
pub(crate) type Pairs = BTreeMap<String, String>;

/// Puts the part's condition keys into the request, where the job says nothing else; what it put there.
pub(crate) fn state(
    scope: &Scope<'_>,
    part: &Part,
    request: &mut Request,
) -> BTreeMap<String, String> {
    let mut stated = BTreeMap::new();
    let mut state = |key: &str, state: State| {
        if let Some(text) = state.text() {
            stated.insert(key.to_owned(), text);
        }
        if !is_said(request, key) {
            state.put(request, key);
        }
    };
    for (key, value) in &part.context {
        state(key, State::of(scope.value(value)));
    }
    if let Some(fields) = &part.tags {
        let tags = tags(&scope.job.request, fields);
        for (key, value) in &tags {
            state(&format!("aws:RequestTag/{key}"), State::One(value.clone()));
        }
        let keys: Vec<String> = tags.into_keys().collect();
        state(
            "aws:TagKeys",
            if keys.is_empty() {
                State::Absent
            } else {
                State::Many(keys)
            },
        );
    }
    stated
}

/// What a part says of a condition key.
enum State {
    Absent,
    One(String),
    /// One of the values that a pattern matches.
    Like(String),
    Many(Vec<String>),
}

impl State {
    fn of(mut values: Vec<String>) -> Self {
        match (values.len(), values.pop()) {
            (_, None) => Self::Absent,
            (1, Some(value)) if value.contains(['*', '?']) => Self::Like(value),
            (1, Some(value)) => Self::One(value),
            (_, Some(last)) => {
                values.push(last);
                Self::Many(values)
            }
        }
    }

    /// As reports show it.
    fn text(&self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::One(value) | Self::Like(value) => Some(value.clone()),
            Self::Many(values) => Some(values.join(", ")),
        }
    }

    fn put(self, request: &mut Request, key: &str) {
        let key = key.to_owned();
        match self {
            Self::Absent => _ = request.absent.insert(key),
            Self::One(value) => _ = request.context.insert(key, ContextValue::One(value)),
            Self::Like(pattern) => _ = request.like.insert(key, pattern),
            Self::Many(values) => _ = request.context.insert(key, ContextValue::Many(values)),
        }
    }
}

/// True where the job itself says something about a key.
fn is_said(request: &Request, key: &str) -> bool {
    let same = |name: &String| name.eq_ignore_ascii_case(key);
    request.context.keys().any(same)
        || request.like.keys().any(same)
        || [&request.unknown, &request.absent, &request.present]
            .into_iter()
            .flatten()
            .any(same)
}

/// Calls that pass pairs of their own; those of a grant are its constraints.
pub(crate) fn takes_encryption_context(action: &str) -> bool {
    let Some(name) = action.strip_prefix("kms:").map(str::to_ascii_lowercase) else {
        return false;
    };
    let takes = tables::action(&name).is_some_and(|known| known.takes("kms:EncryptionContextKeys"));
    takes && !matches!(name.as_str(), "creategrant" | "retiregrant")
}

/// States the pairs of a call. Where a value stands for many, it is one of those that the pattern matches.
pub(crate) fn state_encryption_context(request: &mut Request, pairs: &Pairs) {
    if pairs.is_empty() {
        return;
    }
    let is_exact = |value: &String| !value.contains(['*', '?']);
    if pairs.values().all(is_exact) {
        let members = pairs
            .iter()
            .map(|(key, value)| (key.clone(), Value::String(value.clone())));
        let context = Value::Object(members.collect());
        let members = parameters::of_encryption_context(&request.ask).into_iter();
        let members = members.map(|name| (name.to_owned(), context.clone()));
        request.parameters = Some(members.collect());
        return;
    }
    for (key, value) in pairs {
        let name = format!("kms:EncryptionContext:{key}");
        if is_exact(value) {
            request
                .context
                .insert(name, ContextValue::One(value.clone()));
        } else {
            request.like.insert(name, value.clone());
        }
    }
    let keys = ContextValue::Many(pairs.keys().cloned().collect());
    request
        .context
        .insert("kms:EncryptionContextKeys".to_owned(), keys);
}

/// Keys that a call has because a service makes it, as reports show them. Rule: UI-39, KMS-GRANT-16.
pub(crate) fn of_forwarding(request: &Request, action: &str) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    let mut state = |key: &str, value: String| keys.insert(key.to_owned(), value);
    if let Some((service, region)) = request.via.last().zip(request.region.as_ref())
        && action.starts_with("kms:")
    {
        let host = format!("{service}.{region}.amazonaws.com");
        state("kms:ViaService", host);
    }
    let is_forwarded = !request.via.is_empty();
    if is_forwarded {
        state("aws:ViaAWSService", "true".to_owned());
    }
    if action == "kms:CreateGrant" && request.grant_for_aws_resource.unwrap_or(is_forwarded) {
        state("kms:GrantIsForAWSResource", "true".to_owned());
    }
    keys
}

/// A grant to the actor for exactly these actions, which somebody of the job's account made. Rule: KMS-GRANT-11.
pub(crate) fn grant(acting: &Acting, actions: &[String], account: &str) -> GrantRecord {
    let is_service = acting.caller.account.is_none();
    let name = Some(acting.name.clone());
    GrantRecord {
        id: "assumed".to_owned(),
        grantee: name.clone().filter(|_| !is_service),
        grantee_service: name.filter(|_| is_service),
        operations: actions
            .iter()
            .map(|action| action.trim_start_matches("kms:").to_owned())
            .collect(),
        issuing_account: Some(account.to_owned()),
        consistent: true,
        ..GrantRecord::default()
    }
}

/// Tags that the request passes, by key.
fn tags(request: &Map<String, Value>, fields: &TagFields) -> BTreeMap<String, String> {
    let items = fields::items(request, &fields.field).into_iter();
    let objects = items.filter_map(Value::as_object);
    let text = |value: Option<&Value>| value.and_then(fields::text);
    match (&fields.key, &fields.value) {
        (Some(key), Some(value)) => objects
            .filter_map(|tag| {
                Some((
                    text(tag.get(key))?,
                    text(tag.get(value)).unwrap_or_default(),
                ))
            })
            .collect(),
        _ => objects
            .flatten()
            .map(|(key, value)| (key.clone(), text(Some(value)).unwrap_or_default()))
            .collect(),
    }
}

/// The caller's own network does not reach calls that services make for it. Rule: UI-39.
pub(crate) fn is_of_network(key: &str) -> bool {
    let folded = key.to_lowercase();
    let name = Name::of(&folded);
    name.is_of_network() || name == Name::SourceIp
}

/// One set of pairs for each combination of their values; a pair without value is left out.
pub(crate) fn combinations<'n>(
    stated: impl IntoIterator<Item = (&'n str, Vec<String>)>,
) -> Vec<Pairs> {
    let mut all = vec![Pairs::new()];
    for (name, values) in stated.into_iter().filter(|(_, values)| !values.is_empty()) {
        let with = |pairs: &Pairs, value: &String| {
            let mut pairs = pairs.clone();
            pairs.insert(name.to_owned(), value.clone());
            pairs
        };
        all = all
            .iter()
            .flat_map(|pairs| values.iter().map(move |value| with(pairs, value)))
            .collect();
    }
    all
}
