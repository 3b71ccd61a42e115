//! `kms:` keys that follow from the key, the caller and the operation's parameters. Rule: KMS-COND-0, KMS-DEC-2.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use preclear_catalog::kms::{self as tables, KmsAction, Parameter};
use preclear_condition::Tri;
use serde_json::{Map, Value};

use crate::arena::{Arena, List, text};
use crate::context::global::tag;
use crate::context::names::Name;
use crate::context::said::is_member;
use crate::context::{Entry, Sources};
use crate::engine::keys::KeyIdentifier;
use crate::request::ContextMode;
use crate::service::kms::grants::{self, Retired};
use crate::snapshot::{KeyRecord, NOT_KNOWN};
use crate::target::{KeyTarget, TargetKind};

type Parameters = Map<String, Value>;

/// Keys that tell what a key is made to be.
pub(crate) const PROPERTIES: [&str; 5] = [
    "kms:KeySpec",
    "kms:KeyUsage",
    "kms:KeyOrigin",
    "kms:MultiRegion",
    "kms:MultiRegionKeyType",
];

/// A decision about an action of KMS.
#[derive(Clone, Copy)]
struct Call<'a> {
    sources: Sources<'a>,
    row: &'static Row,
}

/// An action with the derived keys that it takes.
struct Row {
    action: &'static KmsAction,
    taken: Vec<Name>,
    is_attested: bool,
}

/// By the number of the action.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let row = |action: &'static KmsAction| Row {
        action,
        taken: Name::all_exact()
            .filter(|name| action.takes(name.text()))
            .collect(),
        is_attested: action.takes("kms:RecipientAttestation:ImageSha384"),
    };
    tables::actions().iter().map(row).collect()
});

impl<'a> Call<'a> {
    /// `None` for what is no action of KMS.
    fn of(sources: Sources<'a>) -> Option<Self> {
        let row = ROWS.get(sources.action.of_kms()?.number())?;
        Some(Self { sources, row })
    }

    /// An alias has no keys of its own, and those of the key behind it are not its (KMS-ID-9).
    fn is_on_alias(self) -> bool {
        let target = self.sources.target;
        matches!(target.kind, TargetKind::WithoutPolicy) && target.arn.is_some()
    }

    fn takes(self, name: Name) -> bool {
        self.row.taken.contains(&name)
    }
}

/// A `kms:` key of the action; keys of other operations are not derived.
pub(super) fn entry<'a>(sources: Sources<'a>, name: Name, key: &str) -> Option<Entry<'a>> {
    let call = Call::of(sources).filter(|call| !call.is_on_alias())?;
    let taken = || call.takes(name).then_some(call);
    Some(match name {
        Name::KmsCallerAccount => caller_account(taken()?),
        Name::KmsViaService => via_service(taken()?),
        Name::KmsGrantIsForResource => grant_is_for_resource(taken()?),
        Name::KmsRequestAlias => request_alias(taken()?),
        Name::Parameter(_) => parameter(taken()?, name.parameter()?.1),
        Name::KmsEncryptionAlgorithm => encryption_algorithm(taken()?),
        Name::KmsReEncryptOnSameKey => re_encrypt_on_same_key(taken()?),
        Name::KmsEncryptionContextKeys => encryption_context_keys(taken()?),
        Name::KmsGrantConstraintType => constraint_type(taken()?),
        Name::KmsGrantConstraintSourceArn => constraint_source_arn(taken()?),
        Name::KmsGrantOperations => grant_operations(taken()?),
        Name::KmsEncryptionContext => return encryption_context(call, key),
        Name::KmsRecipientAttestation => return attestation(call, key),
        _ => return property(call, name),
    })
}

/// What members of families are that the call does not bring.
pub(super) fn rest<'a>(sources: Sources<'a>, name: Name) -> Option<Entry<'a>> {
    let call = Call::of(sources)?;
    let narrower = match name {
        _ if call.is_on_alias() => None,
        Name::KmsEncryptionContext if call.takes(Name::KmsEncryptionContextKeys) => {
            match pairs(sources) {
                Pairs::Open => Some(Entry::Unknown),
                Pairs::AssumedNone => Some(Entry::AssumedAbsent),
                Pairs::Known(_) => None,
            }
        }
        Name::KmsRecipientAttestation if call.row.is_attested => {
            let is_open =
                sources.parameters().is_none() && sources.request.mode == ContextMode::Open;
            is_open.then_some(Entry::Unknown)
        }
        _ => None,
    };
    // A `kms:` key that the operation does not have is absent, whatever the mode (KMS-COND-0).
    narrower.or(Some(Entry::Absent))
}

fn caller_account<'a>(call: Call<'a>) -> Entry<'a> {
    Entry::optional(call.sources.requester.account())
}

/// The last service that a forwarded call came through. Rule: KMS-COND-2.
fn via_service<'a>(call: Call<'a>) -> Entry<'a> {
    let sources = call.sources;
    match (sources.request.via.last(), sources.region()) {
        (None, _) => match sources.is_forwarded {
            Tri::False => Entry::Absent,
            Tri::Unknown => Entry::Unknown,
            // Which service it is nobody says.
            Tri::True => Entry::Present,
        },
        (Some(service), Some(region)) => {
            let short = service.strip_suffix(".amazonaws.com").unwrap_or(service);
            Entry::One(text!(sources.arena, "{short}.{region}.amazonaws.com"))
        }
        (Some(_), None) => Entry::Present,
    }
}

fn grant_is_for_resource<'a>(call: Call<'a>) -> Entry<'a> {
    let stated = call.sources.request.grant_for_aws_resource;
    Entry::flag(stated.map_or_else(|| call.sources.is_forwarded, Tri::from))
}

/// A property of the key, or for `CreateKey` of the key that is asked for; also under its older name.
fn property<'a>(call: Call<'a>, name: Name) -> Option<Entry<'a>> {
    let name = match name {
        Name::KmsOlderKeySpec => Name::KmsKeySpec,
        Name::KmsOlderKeyUsage => Name::KmsKeyUsage,
        name => name,
    };
    let is_further = matches!(name, Name::KmsResourceAliases | Name::KmsTrailingDays);
    let is_property = matches!(
        name,
        Name::KmsKeySpec
            | Name::KmsKeyUsage
            | Name::KmsKeyOrigin
            | Name::KmsMultiRegion
            | Name::KmsMultiRegionKeyType
    );
    match &call.sources.target.kind {
        _ if !is_property && !is_further => None,
        TargetKind::Key(KeyTarget::Found { key }) if call.takes(name) => {
            Some(property_of(call, &key.record, name))
        }
        TargetKind::Key(KeyTarget::Found { .. }) => None,
        TargetKind::Key(_) => call.takes(name).then_some(Entry::Unknown),
        _ if is_property && call.takes(Name::KmsKeySpec) => Some(requested_property(call, name)),
        _ => None,
    }
}

fn property_of<'a>(call: Call<'a>, key: &'a KeyRecord, name: Name) -> Entry<'a> {
    match name {
        Name::KmsKeySpec => known(&key.spec),
        Name::KmsKeyUsage => known(&key.usage),
        Name::KmsKeyOrigin => known(&key.origin),
        Name::KmsMultiRegion => Entry::flag(key.multi_region),
        Name::KmsMultiRegionKeyType => match (&key.multi_region_type, key.multi_region) {
            (Some(kind), _) => Entry::One(kind),
            (None, true) => Entry::Present,
            (None, false) => Entry::Absent,
        },
        Name::KmsResourceAliases => resource_aliases(call, key),
        _ => trailing_days(call, key),
    }
}

fn known(text: &str) -> Entry<'_> {
    match text {
        NOT_KNOWN => Entry::Unknown,
        text => Entry::One(text),
    }
}

fn resource_aliases<'a>(call: Call<'a>, key: &'a KeyRecord) -> Entry<'a> {
    match &key.aliases {
        Some(aliases) => Entry::many(call.sources.arena, aliases),
        None if is_whole(call, key) => Entry::Many(&[]),
        None => Entry::Unknown,
    }
}

/// The days since the last use depend on the clock; without both they are open (KMS-COND, table).
fn trailing_days<'a>(call: Call<'a>, key: &KeyRecord) -> Entry<'a> {
    let arena = call.sources.arena;
    match (&key.last_used, &call.sources.request.now) {
        (Some(used), Some(now)) => whole_days_between(used, now)
            .map_or(Entry::Present, |days| Entry::One(text!(arena, "{days}"))),
        (Some(_), None) => Entry::Present,
        (None, _) if is_whole(call, key) => Entry::Absent,
        (None, _) => Entry::Unknown,
    }
}

/// True for a key that the snapshot lists with all that it has. Rule: IAM-TRI-7.
fn is_whole(call: Call<'_>, key: &KeyRecord) -> bool {
    let engine = call.sources.engine;
    engine.snapshot().complete && !engine.is_external(key.arn.as_str())
}

/// `CreateKey`: what the parameters ask for, defaults included. Rule: KMS-COND-0.
fn requested_property<'a>(call: Call<'a>, name: Name) -> Entry<'a> {
    let arena = call.sources.arena;
    let parameters = call.sources.parameters();
    if parameters.is_none() && call.sources.request.mode == ContextMode::Open {
        return Entry::Unknown;
    }
    let stated = |names: &[&str]| text_of(arena, parameters?, names);
    let is_multi_region = || stated(&["MultiRegion"]) == Some("true");
    let or = |names: &[&str], default| Entry::One(stated(names).unwrap_or(default));
    match name {
        Name::KmsKeySpec => or(&["KeySpec", "CustomerMasterKeySpec"], "SYMMETRIC_DEFAULT"),
        Name::KmsKeyUsage => or(&["KeyUsage"], "ENCRYPT_DECRYPT"),
        Name::KmsKeyOrigin => or(&["Origin"], "AWS_KMS"),
        Name::KmsMultiRegion => Entry::flag(is_multi_region()),
        _ if is_multi_region() => Entry::One("PRIMARY"),
        _ => Entry::Absent,
    }
}

/// Alias name of an identifier as typed.
fn request_alias<'a>(call: Call<'a>) -> Entry<'a> {
    let typed = call.sources.target.typed.and_then(KeyIdentifier::parse);
    Entry::optional(typed.and_then(|typed| typed.alias_name()))
}

fn parameter<'a>(call: Call<'a>, parameter: &'static Parameter) -> Entry<'a> {
    let sources = call.sources;
    match sources.parameters() {
        None => unsaid_or(sources, parameter.omitted.as_deref()),
        Some(parameters) => Entry::optional(value_of(sources.arena, parameters, parameter)),
    }
}

/// What the request gives a parameter, or KMS where the request leaves it out; `ValidTo` in the form that every operator reads.
fn value_of<'a>(
    arena: &'a Arena,
    parameters: &'a Parameters,
    parameter: &'a Parameter,
) -> Option<&'a str> {
    let stated = text_of(arena, parameters, &[&parameter.name]);
    let stated = match parameter.name.as_str() {
        "ValidTo" => stated.map(|time| epoch_or(arena, time)),
        _ => stated,
    };
    stated.or(parameter.omitted.as_deref())
}

/// The algorithm asked for, or the only one that a symmetric key has.
fn encryption_algorithm<'a>(call: Call<'a>) -> Entry<'a> {
    let sources = call.sources;
    let action = call.row.action;
    let Some(parameter) = &action.algorithm else {
        return Entry::optional(action.implied_algorithm.as_deref());
    };
    if let Some(parameters) = sources.parameters() {
        return Entry::optional(value_of(sources.arena, parameters, parameter));
    }
    match (&sources.target.kind, &parameter.omitted) {
        (TargetKind::Key(KeyTarget::Found { key }), Some(only)) if key.record.spec == *only => {
            Entry::One(only)
        }
        (_, omitted) => unsaid_or(sources, omitted.as_deref()),
    }
}

fn re_encrypt_on_same_key<'a>(call: Call<'a>) -> Entry<'a> {
    let sources = call.sources;
    match sources.parameters() {
        None => unsaid_or(sources, None),
        Some(_) => sources.target.same_key.map_or(Entry::Present, Entry::flag),
    }
}

/// What the attestation document of the recipient says; of members that differ only by case the last counts.
fn attestation<'a>(call: Call<'a>, key: &str) -> Option<Entry<'a>> {
    let parameters = call.sources.parameters().filter(|_| call.row.is_attested)?;
    let document = parameters.get("Recipient")?.as_object()?;
    let family = Name::KmsRecipientAttestation.text();
    let members = document
        .iter()
        .filter(|(name, _)| is_member(family, name, key));
    let mut values = members.filter_map(|(_, value)| plain(call.sources.arena, value));
    values.next_back().map(Entry::One)
}

/// A pair of the encryption context. Rule: KMS-COND-0, table.
fn encryption_context<'a>(call: Call<'a>, key: &str) -> Option<Entry<'a>> {
    if !call.takes(Name::KmsEncryptionContextKeys) {
        return None;
    }
    match pairs(call.sources) {
        Pairs::Known(pairs) => tag(Name::KmsEncryptionContext, pairs.iter(), key),
        Pairs::AssumedNone | Pairs::Open => None,
    }
}

fn encryption_context_keys<'a>(call: Call<'a>) -> Entry<'a> {
    match pairs(call.sources) {
        Pairs::Open => Entry::Unknown,
        Pairs::AssumedNone => Entry::AssumedAbsent,
        Pairs::Known(pairs) => {
            let names = pairs.iter().map(|(name, _)| name);
            Entry::some(call.sources.arena, names)
        }
    }
}

/// Pairs of an encryption context. Rule: KMS-DEC-2.
#[derive(Clone, Copy)]
pub(crate) enum Pairs<'a> {
    /// These, perhaps none.
    Known(PairList<'a>),
    /// Nothing is said, which in closed mode means none.
    AssumedNone,
    /// They may be any.
    Open,
}

/// Pairs as a call states them, or a grant.
#[derive(Clone, Copy)]
pub(crate) struct PairList<'a> {
    arena: &'a Arena,
    stated: Option<&'a Parameters>,
    granted: Option<&'a BTreeMap<String, String>>,
}

impl<'a> PairList<'a> {
    /// Names and values; what is no text, number or truth value counts for nothing.
    pub(crate) fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let stated = self.stated.into_iter().flatten();
        let stated = stated
            .filter_map(move |(name, value)| Some((name.as_str(), plain(self.arena, value)?)));
        let granted = self.granted.into_iter().flatten();
        stated.chain(granted.map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// The pairs of a JSON object; none of anything else.
    pub(crate) fn stated(arena: &'a Arena, value: Option<&'a Value>) -> Self {
        Self {
            arena,
            stated: value.and_then(Value::as_object),
            granted: None,
        }
    }
}

/// The pairs of the call, or of the grant that it makes or retires. Rule: KMS-COND-0, table.
pub(crate) fn pairs<'a>(sources: Sources<'a>) -> Pairs<'a> {
    let of_grant = |granted| PairList {
        arena: sources.arena,
        stated: None,
        granted,
    };
    if sources.action.name() == "retiregrant" {
        return match grants::retired(sources) {
            Retired::Grant(grant) => {
                let equals = grant.context_equals.as_ref();
                Pairs::Known(of_grant(equals.or(grant.context_subset.as_ref())))
            }
            Retired::None => Pairs::Known(of_grant(None)),
            Retired::Open => Pairs::Open,
        };
    }
    match (sources.parameters(), sources.request.mode) {
        (Some(parameters), _) => {
            let stated = stated(sources.action.name(), parameters);
            Pairs::Known(PairList::stated(sources.arena, stated))
        }
        (None, ContextMode::Open) => Pairs::Open,
        (None, ContextMode::Closed) => Pairs::AssumedNone,
    }
}

/// The member of an operation's parameters that holds the pairs.
fn stated<'p>(action: &str, parameters: &'p Parameters) -> Option<&'p Value> {
    match action {
        "reencryptfrom" => parameters.get("SourceEncryptionContext"),
        "reencryptto" => parameters.get("DestinationEncryptionContext"),
        "creategrant" => parameters.get("Constraints").and_then(|constraints| {
            constraints
                .get("EncryptionContextEquals")
                .or_else(|| constraints.get("EncryptionContextSubset"))
        }),
        _ => parameters.get("EncryptionContext"),
    }
}

/// The pairs that the parameters of an operation state.
pub(crate) fn stated_pairs(action: &str, parameters: &Parameters) -> Vec<(String, String)> {
    object_pairs(stated(action, parameters))
}

/// Text pairs of a JSON object; none for anything else.
pub(crate) fn object_pairs(value: Option<&Value>) -> Vec<(String, String)> {
    let arena = Arena::new();
    let pairs = PairList::stated(&arena, value).iter();
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Kind of the encryption-context constraint of the grant that is made or retired; one with a source ARN alone has none.
/// Rule: KMS-COND, table.
fn constraint_type<'a>(call: Call<'a>) -> Entry<'a> {
    let sources = call.sources;
    const TYPES: [&str; 2] = ["EncryptionContextEquals", "EncryptionContextSubset"];
    if sources.action.name() == "retiregrant" {
        return match grants::retired(sources) {
            Retired::Grant(grant) => Entry::optional(
                [&grant.context_equals, &grant.context_subset]
                    .into_iter()
                    .zip(TYPES)
                    .find_map(|(pairs, kind)| pairs.as_ref().map(|_| kind)),
            ),
            Retired::None => Entry::Absent,
            Retired::Open => Entry::Unknown,
        };
    }
    let Some(parameters) = sources.parameters() else {
        return unsaid_or(sources, None);
    };
    let constraints = parameters.get("Constraints");
    Entry::optional(
        TYPES
            .into_iter()
            .find(|kind| constraints.is_some_and(|constraints| constraints.get(kind).is_some())),
    )
}

fn constraint_source_arn<'a>(call: Call<'a>) -> Entry<'a> {
    let sources = call.sources;
    let Some(parameters) = sources.parameters() else {
        return unsaid_or(sources, None);
    };
    let constraints = parameters.get("Constraints");
    let source = constraints.and_then(|constraints| constraints.get("SourceArn"));
    Entry::optional(source.and_then(|source| plain(sources.arena, source)))
}

fn grant_operations<'a>(call: Call<'a>) -> Entry<'a> {
    let sources = call.sources;
    match sources.parameters() {
        None => unsaid_or(sources, None),
        // A member that the call leaves out is an absent key (KMS-DEC-2).
        Some(parameters) if !parameters.contains_key("Operations") => Entry::Absent,
        Some(parameters) => {
            let operations = list(sources.arena, parameters.get("Operations"));
            let operations = List::from_iter_in(operations, sources.arena);
            Entry::Many(operations.into_bump_slice())
        }
    }
}

/// Parameters of a call that passes tags. Rule: KMS-ACT-5.
fn tagging<'a>(sources: Sources<'a>) -> Option<&'a Parameters> {
    let call = Call::of(sources)?;
    let parameters = sources.parameters()?;
    (call.takes(Name::TagKeys) && !call.is_on_alias()).then_some(parameters)
}

fn tags<'a>(
    arena: &'a Arena,
    parameters: &'a Parameters,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let tags = parameters.get("Tags").and_then(Value::as_array);
    tags.into_iter().flatten().filter_map(|tag| {
        let key = tag.get("TagKey").or_else(|| tag.get("Key"));
        let value = tag.get("TagValue").or_else(|| tag.get("Value"));
        let value = value.and_then(|value| plain(arena, value));
        Some((plain(arena, key?)?, value.unwrap_or_default()))
    })
}

/// A tag that the call passes. Rule: KMS-ACT-5.
pub(super) fn request_tag<'a>(sources: Sources<'a>, key: &str) -> Option<Entry<'a>> {
    let tags = tags(sources.arena, tagging(sources)?);
    tag(Name::RequestTag, tags, key)
}

/// A call that tells its tags has no others.
pub(super) fn other_request_tags<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    tagging(sources).map(|_| Entry::Absent)
}

/// Names of the tags that the call passes or removes. Rule: KMS-ACT-5.
pub(super) fn tag_keys<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let parameters = tagging(sources)?;
    let passed = tags(sources.arena, parameters).map(|(name, _)| name);
    let removed = list(sources.arena, parameters.get("TagKeys"));
    Some(Entry::some(sources.arena, passed.chain(removed)))
}

/// State of a parameter key when no parameters are given at all: closed mode takes what KMS does where all are left out.
/// Rule: KMS-DEC-2.
fn unsaid_or<'a>(sources: Sources<'_>, omitted: Option<&'a str>) -> Entry<'a> {
    match (sources.request.mode, omitted) {
        (ContextMode::Open, _) => Entry::Unknown,
        (ContextMode::Closed, Some(default)) => Entry::One(default),
        (ContextMode::Closed, None) => Entry::AssumedAbsent,
    }
}

fn text_of<'a>(arena: &'a Arena, parameters: &'a Parameters, names: &[&str]) -> Option<&'a str> {
    let stated = names.iter().find_map(|name| parameters.get(*name));
    plain(arena, stated?)
}

/// The text of what is no list or object.
pub(super) fn plain<'a>(arena: &'a Arena, value: &'a Value) -> Option<&'a str> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(text!(arena, "{number}")),
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn list<'a>(
    arena: &'a Arena,
    value: Option<&'a Value>,
) -> impl Iterator<Item = &'a str> {
    let values = value.and_then(Value::as_array).into_iter().flatten();
    values.filter_map(|value| plain(arena, value))
}

/// Whole days from a date or instant to a later instant. Rule: KMS-COND, `kms:TrailingDaysWithoutKeyUsage`.
fn whole_days_between(from: &str, to: &str) -> Option<i64> {
    const SECONDS_PER_DAY: i64 = 86_400;
    Some((seconds(to)? - seconds(from)?).div_euclid(SECONDS_PER_DAY))
}

/// A time in the form that operators of dates and of numbers both read: whole seconds since 1970. Rule: KMS-COND, table.
fn epoch_or<'a>(arena: &'a Arena, time: &'a str) -> &'a str {
    // Seconds are no instant, and finding that out takes memory.
    if time.bytes().all(|byte| byte.is_ascii_digit()) {
        return time;
    }
    match time.parse::<jiff::Timestamp>() {
        Ok(instant) if instant.subsec_nanosecond() == 0 => {
            let seconds = instant.as_second();
            text!(arena, "{seconds}")
        }
        _ => time,
    }
}

fn seconds(text: &str) -> Option<i64> {
    // A date alone is no instant, and finding that out takes memory.
    const DATE: usize = "2026-05-01".len();
    if text.len() > DATE
        && let Ok(instant) = text.parse::<jiff::Timestamp>()
    {
        return Some(instant.as_second());
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_second())
}
