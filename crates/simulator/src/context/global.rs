//! `aws:` keys that follow from caller, resource, organisation and clock. Rule: IAM-CTX-2, IAM-PRIN-1.

use preclear_catalog::services;
use preclear_condition::{Guess, Tri};
use preclear_model::ArnRef;
use preclear_model::caller::CallerKind;

use crate::arena::{List, text};
use crate::context::names::{self, Name};
use crate::context::said::is_member;
use crate::context::{CALLED_VIA, Entry, Said, Sources};
use crate::request::{ContextMode, ContextValue};
use crate::service::forms;
use crate::snapshot::{NOT_KNOWN, Tags, VpcEndpointRecord};
use crate::target::Untagged;

pub(super) fn current_time<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    sources.request.now.as_deref().map(Entry::One)
}

/// Digits, as AWS sends it, suit Numeric and Date operators both. Rule: IAM-COND-15.
pub(super) fn epoch_time<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let now = sources.request.now.as_deref()?;
    let Some(seconds) = preclear_condition::unix_seconds(now) else {
        return Some(Entry::Present);
    };
    Some(Entry::One(text!(sources.arena, "{seconds}")))
}

/// Every call has a Region; where nothing says which, closed mode leaves the key out as any other. Rule: IAM-CTX-1.
pub(super) fn requested_region<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let region = if services::answers_in_one_region(sources.action.service()) {
        Some("us-east-1")
    } else {
        sources.region()
    };
    match region {
        Some(region) => Some(Entry::One(region)),
        None if sources.request.mode == ContextMode::Open => Some(Entry::Present),
        None => None,
    }
}

pub(super) fn principal_is_service<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    Some(match sources.requester.kind() {
        CallerKind::Anonymous | CallerKind::Federated { .. } => Entry::Absent,
        _ => Entry::flag(sources.requester.is_service()),
    })
}

pub(super) fn principal_service_name<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    match sources.requester.kind() {
        CallerKind::Service { name } => Some(Entry::One(name)),
        CallerKind::ServiceIdentity { .. } => None,
        _ => Some(Entry::Absent),
    }
}

pub(super) fn principal_service_names<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    match sources.requester.kind() {
        CallerKind::Service { name } => Some(Entry::Many(
            sources.arena.alloc_slice_copy(&[name.as_str()]),
        )),
        CallerKind::ServiceIdentity { .. } => None,
        _ => Some(Entry::Absent),
    }
}

/// What a service principal has of these is undocumented (AMB-18).
fn disputed_of_service(sources: Sources<'_>, guess: Guess) -> Option<Entry<'static>> {
    let is_service = sources.requester.is_service();
    is_service.then_some(Entry::Disputed(18, guess))
}

pub(super) fn principal_account<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let account = sources.requester.account().unwrap_or("anonymous");
    disputed_of_service(sources, Guess::Unknown).or(Some(Entry::One(account)))
}

pub(super) fn principal_arn<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    disputed_of_service(sources, Guess::Absent).or_else(|| {
        Some(match sources.requester.principal_arn(sources.arena) {
            None => Entry::Absent,
            Some(None) => Entry::Present,
            Some(Some(arn)) => Entry::One(arn),
        })
    })
}

/// Rule: IAM-PRIN-1.
pub(super) fn principal_type<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let kind = match sources.requester.kind() {
        CallerKind::Root | CallerKind::RootSession => "Account",
        CallerKind::User { .. } => "User",
        CallerKind::FederatedUser { .. } => "FederatedUser",
        CallerKind::RoleSession { .. } => "AssumedRole",
        CallerKind::Anonymous | CallerKind::Federated { .. } => "Anonymous",
        CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. } => {
            return disputed_of_service(sources, Guess::Unknown);
        }
    };
    Some(Entry::One(kind))
}

/// Rule: IAM-PRIN-1, IAM-VAR-8.
pub(super) fn user_id<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let requester = sources.requester;
    let account = requester.account().unwrap_or_default();
    let id = requester.unique_id();
    let userid = match requester.kind() {
        CallerKind::Root | CallerKind::RootSession => Some(account),
        CallerKind::User { .. } => id,
        CallerKind::FederatedUser { arn, .. } => {
            let name = arn.resource_name();
            Some(text!(sources.arena, "{account}:{name}"))
        }
        CallerKind::RoleSession { session, .. } => id
            .zip(session.as_deref())
            .map(|(id, session)| text!(sources.arena, "{id}:{session}")),
        CallerKind::Anonymous | CallerKind::Federated { .. } => Some("anonymous"),
        CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. } => {
            return disputed_of_service(sources, Guess::Unknown);
        }
    };
    Some(userid.map_or(Entry::Present, Entry::One))
}

/// Rule: IAM-VAR-8.
pub(super) fn username<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    Some(match sources.requester.kind() {
        CallerKind::User { arn } => Entry::One(arn.resource_name()),
        _ => Entry::Absent,
    })
}

pub(super) fn assumed_root<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    match sources.requester.kind() {
        CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. } => None,
        CallerKind::RootSession => Some(Entry::flag(true)),
        _ => Some(Entry::Absent),
    }
}

pub(super) fn source_identity<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let stated = sources.requester.caller.source_identity.as_deref();
    let stated = stated.filter(|_| !sources.requester.is_service());
    stated.map(Entry::One)
}

/// The key of a tag: two spellings that differ only by case are unpredictable (AMB-13).
pub(super) fn tag<'a>(
    family: Name,
    tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    key: &str,
) -> Option<Entry<'a>> {
    tag_called(tags, |tag| is_member(family.text(), tag, key))
}

fn tag_called<'a>(
    tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    is_called: impl Fn(&str) -> bool,
) -> Option<Entry<'a>> {
    let mut tags = tags.into_iter();
    let mut next = || tags.find(|(tag, _)| is_called(tag));
    let (_, value) = next()?;
    if next().is_some() {
        return Some(Entry::Conflict);
    }
    Some(match value {
        NOT_KNOWN => Entry::Unknown,
        value => Entry::One(value),
    })
}

fn texts(tags: &Tags) -> impl Iterator<Item = (&str, &str)> {
    tags.iter()
        .map(|(tag, value)| (tag.as_str(), value.as_str()))
}

/// Session tags before the identity's own. Rule: IAM-PRIN-14.
pub(super) fn principal_tag<'a>(sources: Sources<'a>, key: &str) -> Option<Entry<'a>> {
    let requester = sources.requester;
    let own = requester.record.and_then(|record| record.tags.as_ref());
    tag(Name::PrincipalTag, texts(&requester.caller.tags), key)
        .or_else(|| tag(Name::PrincipalTag, texts(own?), key))
}

/// Tags of a role or user that is not listed, or whose tags are left out, are open unless the snapshot is complete.
pub(super) fn other_principal_tags<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let requester = sources.requester;
    let is_identity = requester.account().is_some() && !requester.is_root();
    // Of a federated user whose user nobody names, any user's tags may count.
    let is_unnamed = matches!(
        requester.kind(),
        CallerKind::FederatedUser { user: None, .. }
    );
    let tags = requester.record.and_then(|record| record.tags.as_ref());
    let is_told = || tags.is_some();
    if is_unnamed || tags.is_some_and(|tags| tags.contains_key(NOT_KNOWN)) {
        Some(Entry::Unknown)
    } else if !is_identity || is_told() {
        Some(Entry::Absent)
    } else if sources.engine.snapshot().complete && !requester.is_external() {
        Some(Entry::AssumedAbsent)
    } else {
        None
    }
}

/// What is known of the organisation of an account.
enum Membership<'a> {
    Nothing,
    /// Nobody's, such as a service: it is in none.
    Nowhere,
    /// It is outside the organization that is told, or nobody tells of one: nothing says that it is in another.
    Outside,
    Inside {
        id: &'a str,
        path: Option<&'a str>,
    },
}

fn membership<'a>(sources: Sources<'a>, account: Option<&str>) -> Membership<'a> {
    match (account, sources.engine.organization()) {
        (None, _) => Membership::Nowhere,
        // Guardrails without an organisation around them: they apply, but nothing is known of its id.
        (Some(_), Some(organization)) if organization.id.is_empty() => Membership::Nothing,
        (Some(account), Some(organization)) if organization.has(account) => Membership::Inside {
            id: &organization.id,
            path: organization.path(account),
        },
        (Some(_), Some(_)) => Membership::Outside,
        (Some(_), None) if sources.engine.snapshot().complete => Membership::Outside,
        (Some(_), None) => Membership::Nothing,
    }
}

/// An account that an organization does not list is outside it, and may be in one that nobody told: answers that take it for one of
/// none say so. Rule: IAM-CTX-2, IAM-TRI-7.
fn organization_id<'a>(sources: Sources<'a>, account: Option<&str>) -> Option<Entry<'a>> {
    match membership(sources, account) {
        Membership::Nothing => None,
        Membership::Nowhere => Some(Entry::Absent),
        Membership::Outside => Some(Entry::AssumedAbsent),
        Membership::Inside { id, .. } => Some(Entry::One(id)),
    }
}

fn organization_paths<'a>(sources: Sources<'a>, account: Option<&str>) -> Option<Entry<'a>> {
    match membership(sources, account) {
        Membership::Nothing => None,
        Membership::Nowhere => Some(Entry::Absent),
        Membership::Outside => Some(Entry::AssumedAbsent),
        Membership::Inside { path: None, .. } => Some(Entry::Present),
        Membership::Inside {
            path: Some(path), ..
        } => Some(Entry::Many(sources.arena.alloc_slice_copy(&[path]))),
    }
}

pub(super) fn principal_org_id<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    organization_id(sources, sources.requester.account())
}

pub(super) fn principal_org_paths<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    organization_paths(sources, sources.requester.account())
}

pub(super) fn resource_account<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    Some(sources.target.account.map_or(Entry::Unknown, Entry::One))
}

pub(super) fn resource_org_id<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    match sources.target.account {
        Some(account) => organization_id(sources, Some(account)),
        None => outside_of_all(sources),
    }
}

pub(super) fn resource_org_paths<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    match sources.target.account {
        Some(account) => organization_paths(sources, Some(account)),
        None => outside_of_all(sources),
    }
}

/// Where a complete snapshot has no organization, an account is in none, whichever it is. Rule: IAM-TRI-7.
fn outside_of_all<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let has_none = sources.engine.organization().is_none();
    (has_none && sources.engine.snapshot().complete).then_some(Entry::Absent)
}

pub(super) fn resource_tag<'a>(sources: Sources<'a>, key: &str) -> Option<Entry<'a>> {
    if is_made(sources) {
        return Some(Entry::Absent);
    }
    tag(Name::ResourceTag, texts(sources.target.tags?), key)
}

/// A service's own name of the same tags, such as `secretsmanager:ResourceTag/team`: calls of that service carry it, where
/// the action has it. Rule: IAM-CTX-2, IAM-CTX-7.
pub(super) fn own_resource_tag<'a>(sources: Sources<'a>, key: &str) -> Option<Entry<'a>> {
    let name = own_tag_of_call(sources, key)?;
    if is_made(sources) {
        return Some(Entry::Absent);
    }
    tag_called(texts(sources.target.tags?), |tag| is_member("", tag, name))
}

pub(super) fn other_own_resource_tags<'a>(sources: Sources<'a>, key: &str) -> Option<Entry<'a>> {
    own_tag_of_call(sources, key)?;
    other_resource_tags(sources)
}

/// The key of the tag that a service's own name is about; `None` where calls for the action have no such key.
fn own_tag_of_call<'k>(sources: Sources<'_>, key: &'k str) -> Option<&'k str> {
    let (service, name) = names::own_resource_tag(key)?;
    let action = sources.action.known()?;
    let is_own = service == sources.action.service() && action.takes_of_services(key);
    is_own.then_some(name)
}

/// What a call makes has no tags yet, whatever is listed under its name. Rule: IAM-CTX-8.
fn is_made(sources: Sources<'_>) -> bool {
    let action = sources.action.known();
    let arn = ArnRef::parse(sources.target.question.text());
    action
        .zip(arn)
        .is_some_and(|(action, arn)| forms::is_made(action, arn))
}

pub(super) fn other_resource_tags<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    if is_made(sources) {
        return Some(Entry::Absent);
    }
    match (sources.target.tags, sources.target.untagged) {
        (Some(tags), _) if tags.contains_key(NOT_KNOWN) => Some(Entry::Unknown),
        (Some(_), _) | (None, Untagged::Certain) => Some(Entry::Absent),
        (None, Untagged::Assumed) => Some(Entry::AssumedAbsent),
        (None, Untagged::Unknown) => Some(Entry::Unknown),
        (None, Untagged::Open) => None,
    }
}

/// `aws:ViaAWSService`, which every request has. Rule: IAM-PRIN-13, DOC-7.
pub(super) fn via_service<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    Some(Entry::flag(sources.implies_forwarding()))
}

/// The services that a call passed through. Rule: IAM-PRIN-13, DOC-7.
enum Called<'a> {
    Nothing,
    /// All keys are this.
    Open(Entry<'a>),
    By(&'a [&'a str]),
}

fn called<'a>(sources: Sources<'a>) -> Called<'a> {
    let request = sources.request;
    let mut hosts = List::new_in(sources.arena);
    match sources.says(CALLED_VIA[0]) {
        Said::Value(ContextValue::One(host)) => hosts.push(host.as_str()),
        Said::Value(ContextValue::Many(said)) => {
            hosts.extend(
                said.iter()
                    .map(String::as_str)
                    .filter(|host| !host.is_empty()),
            );
        }
        Said::Absent => {}
        Said::Present => return Called::Open(Entry::Present),
        Said::Unknown => return Called::Open(Entry::Unknown),
        // A call that is only stated to be forwarded may have passed through any service.
        Said::Nothing if request.via.is_empty() && !sources.is_forwarded.is_false() => {
            return match request.mode {
                ContextMode::Open => Called::Open(Entry::Unknown),
                ContextMode::Closed => Called::Nothing,
            };
        }
        Said::Nothing => {
            let passed = request
                .via
                .iter()
                .map(|service| service_host(sources, service));
            hosts.extend(passed.filter(|host| services::supports_called_via(host)));
        }
    }
    Called::By(hosts.into_bump_slice())
}

pub(super) fn called_via<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    match (sources.says(CALLED_VIA[0]), called(sources)) {
        (Said::Nothing, Called::Open(entry)) => Some(entry),
        (Said::Nothing, Called::By([])) => Some(Entry::Absent),
        (Said::Nothing, Called::By(hosts)) => Some(Entry::Many(hosts)),
        _ => None,
    }
}

fn one_called<'a>(
    sources: Sources<'a>,
    pick: fn(&'a [&'a str]) -> Option<&'a &'a str>,
) -> Option<Entry<'a>> {
    match called(sources) {
        Called::Nothing => None,
        Called::Open(entry) => Some(entry),
        Called::By(hosts) => Some(Entry::optional(pick(hosts).copied())),
    }
}

pub(super) fn called_via_first<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    one_called(sources, <[&str]>::first)
}

pub(super) fn called_via_last<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    one_called(sources, <[&str]>::last)
}

/// `s3` and `s3.amazonaws.com` mean the same service.
fn service_host<'a>(sources: Sources<'a>, service: &'a str) -> &'a str {
    if service.ends_with(".amazonaws.com") {
        service
    } else {
        text!(sources.arena, "{service}.amazonaws.com")
    }
}

/// The endpoint that the call is stated to pass, where the snapshot lists it.
fn listed_endpoint<'a>(sources: Sources<'a>) -> Option<&'a VpcEndpointRecord> {
    let id = sources.request.vpc_endpoint.as_deref()?;
    Some(&sources.engine.vpc_endpoint(id)?.record)
}

fn says_value(sources: Sources<'_>, key: Name) -> bool {
    let said = sources.says(key.text());
    !sources.request.force_context
        && matches!(said, Said::Value(ContextValue::One(value)) if !value.is_empty())
}

/// A call with a public address passes no endpoint, and one through an endpoint has no such address. Rule: IAM-CTX-5.
pub(super) fn source_ip<'a>(sources: Sources<'a>) -> Option<Entry<'a>> {
    let has_none = sources.requester.is_service()
        || sources.request.vpc_endpoint.is_some()
        || says_value(sources, Name::SourceVpce);
    has_none.then_some(Entry::Absent)
}

/// Keys of the endpoint that the call is stated to pass. Rule: IAM-CTX-5.
pub(super) fn network<'a>(sources: Sources<'a>, name: Name) -> Option<Entry<'a>> {
    let account = || listed_endpoint(sources)?.account.as_deref();
    let stated = match (&sources.request.vpc_endpoint, name) {
        (None, _) => None,
        (Some(id), Name::SourceVpce) => Some(Entry::One(id)),
        (Some(_), Name::SourceVpc) => {
            let vpc = listed_endpoint(sources).and_then(|endpoint| endpoint.vpc.as_deref());
            Some(vpc.map_or(Entry::Present, Entry::One))
        }
        (Some(_), Name::VpceAccount) => account().map(Entry::One),
        (Some(_), Name::VpceOrgId) => {
            account().and_then(|account| organization_id(sources, Some(account)))
        }
        (Some(_), Name::VpceOrgPaths) => {
            account().and_then(|account| organization_paths(sources, Some(account)))
        }
        _ => None,
    };
    stated.or_else(|| {
        let has_none = sources.requester.is_service() || says_value(sources, Name::SourceIp);
        has_none.then_some(Entry::Absent)
    })
}

/// A forwarded call does not pass the caller's network, whatever the context says. Rule: UI-39.
pub(super) fn without_network<'a>(
    sources: Sources<'a>,
    entry: Option<Entry<'a>>,
    is_absent: impl FnOnce() -> bool,
) -> Option<Entry<'a>> {
    match sources.is_forwarded {
        Tri::False => entry,
        Tri::True => Some(Entry::Absent),
        // The call has them, or has lost them; what it never had stays absent.
        Tri::Unknown if is_absent() => entry,
        Tri::Unknown => Some(Entry::Unknown),
    }
}
