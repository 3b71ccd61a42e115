//! `aws:` keys that follow from caller, resource, organisation and clock. Rule: IAM-CTX-2, IAM-PRIN-1.

use preclear_catalog::services;
use preclear_condition::{Guess, KeyName, KeyState, Tri};
use preclear_model::caller::CallerKind;

use crate::context::{CALLED_VIA, Context, Entry, Said, Sources, VIA_SERVICE};
use crate::request::{ContextMode, ContextValue};
use crate::target::Untagged;

/// Services whose calls are all made in one Region. Rule: IAM-CTX-2, `aws:RequestedRegion`.
const GLOBAL_SERVICES: &[&str] = &[
    "iam",
    "organizations",
    "cloudfront",
    "route53",
    "account",
    "shield",
    "waf",
];

/// Keys that belong to the first call and are lost when a service calls on; `aws:SourceIp` is none of them. Rule:
/// IAM-PRIN-13, DOC-2.
const NETWORK_KEYS: &[&str] = &[
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceVpcArn",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
];

pub(crate) fn derive(context: &mut Context, sources: Sources<'_>) {
    derive_clock_and_region(context, sources);
    derive_principal(context, sources);
    derive_principal_tags(context, sources);
    derive_principal_organization(context, sources);
    derive_resource(context, sources);
    derive_forwarding(context, sources);
    derive_network(context, sources);
}

fn derive_clock_and_region(context: &mut Context, sources: Sources<'_>) {
    if let Some(now) = &sources.request.now {
        context.set("aws:CurrentTime", Entry::one(now));
        // Digits, as AWS sends it, suit Numeric and Date operators both. Rule: IAM-COND-15.
        let seconds = preclear_condition::unix_seconds(now).map(|seconds| seconds.to_string());
        context.set("aws:EpochTime", seconds.map_or(Entry::Present, Entry::one));
    }
    let region = if GLOBAL_SERVICES.contains(&sources.action.service()) {
        Some("us-east-1")
    } else {
        sources.region()
    };
    // Every call has a Region; where nothing says which, closed mode leaves the key out as any other. Rule: IAM-CTX-1.
    match region {
        Some(region) => context.set("aws:RequestedRegion", Entry::one(region)),
        None if sources.request.mode == ContextMode::Open => {
            context.set("aws:RequestedRegion", Entry::Present);
        }
        None => {}
    }
}

/// What follows from the kind of caller. Rule: IAM-PRIN-1, IAM-VAR-8.
fn derive_principal(context: &mut Context, sources: Sources<'_>) {
    let requester = sources.requester;
    let caller = requester.caller;
    let is_service = requester.is_service();
    if is_service {
        derive_service_principal(context, sources);
    } else {
        let is_signed = !matches!(
            caller.kind,
            CallerKind::Anonymous | CallerKind::Federated { .. }
        );
        let is_service = if is_signed {
            Entry::flag(false)
        } else {
            Entry::Absent
        };
        context.set("aws:PrincipalIsAWSService", is_service);
        context.set("aws:PrincipalServiceName", Entry::Absent);
        context.set("aws:PrincipalServiceNamesList", Entry::Absent);
        let account = requester.account().unwrap_or("anonymous");
        context.set("aws:PrincipalAccount", Entry::one(account));
        let arn = match requester.principal_arn() {
            None => Entry::Absent,
            Some(None) => Entry::Present,
            Some(Some(arn)) => Entry::one(arn),
        };
        context.set("aws:PrincipalArn", arn);
    }
    let account = requester.account().unwrap_or_default();
    let id = requester.unique_id();
    let (kind, userid) = match &caller.kind {
        CallerKind::Root | CallerKind::RootSession => ("Account", Some(account.to_owned())),
        CallerKind::User { .. } => ("User", id.map(str::to_owned)),
        CallerKind::FederatedUser { arn, .. } => (
            "FederatedUser",
            Some(format!("{account}:{}", arn.resource_name())),
        ),
        CallerKind::RoleSession { session, .. } => {
            let userid = id
                .zip(session.as_deref())
                .map(|(id, session)| format!("{id}:{session}"));
            ("AssumedRole", userid)
        }
        CallerKind::Anonymous | CallerKind::Federated { .. } => {
            ("Anonymous", Some("anonymous".to_owned()))
        }
        CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. } => return,
    };
    context.set("aws:PrincipalType", Entry::one(kind));
    context.set("aws:userid", userid.map_or(Entry::Present, Entry::one));
    let username = match &caller.kind {
        CallerKind::User { arn } => Some(arn.resource_name().to_owned()),
        _ => None,
    };
    context.set("aws:username", Entry::optional(username));
    let is_root_session = matches!(caller.kind, CallerKind::RootSession);
    context.set(
        "aws:AssumedRoot",
        if is_root_session {
            Entry::flag(true)
        } else {
            Entry::Absent
        },
    );
    if let Some(source_identity) = &caller.source_identity {
        context.set("aws:SourceIdentity", Entry::one(source_identity));
    }
}

/// What a service principal has; most of it is undocumented (AMB-18).
fn derive_service_principal(context: &mut Context, sources: Sources<'_>) {
    context.set("aws:PrincipalIsAWSService", Entry::flag(true));
    if let CallerKind::Service { name } = sources.requester.kind() {
        context.set("aws:PrincipalServiceName", Entry::one(name));
        context.set("aws:PrincipalServiceNamesList", Entry::many([name.clone()]));
    }
    context.set("aws:PrincipalArn", Entry::Disputed(18, Guess::Absent));
    for key in ["aws:PrincipalType", "aws:PrincipalAccount", "aws:userid"] {
        context.set(key, Entry::Disputed(18, Guess::Unknown));
    }
    context.set("aws:username", Entry::Absent);
    context.set("aws:SourceIp", Entry::Absent);
    for key in NETWORK_KEYS {
        context.set(key, Entry::Absent);
    }
}

/// Session tags before the identity's own. Rule: IAM-PRIN-14.
fn derive_principal_tags(context: &mut Context, sources: Sources<'_>) {
    const FAMILY: &str = "aws:principaltag/";
    let requester = sources.requester;
    for (tag, value) in &requester.caller.tags {
        context.set_tag(FAMILY, tag, value);
    }
    let record_tags = requester.record.and_then(|record| record.tags.as_ref());
    for (tag, value) in record_tags.into_iter().flatten() {
        let is_overridden = requester
            .caller
            .tags
            .keys()
            .any(|own| own.to_lowercase() == tag.to_lowercase());
        if !is_overridden {
            context.set_tag(FAMILY, tag, value);
        }
    }
    let is_identity = requester.account().is_some() && !requester.is_root();
    // Of a federated user whose user nobody names, any user's tags may count.
    let is_unnamed = matches!(
        requester.kind(),
        CallerKind::FederatedUser { user: None, .. }
    );
    // Tags of a role or user that is not listed, or whose tags are left out, are open unless the snapshot is complete.
    if is_unnamed {
        context.close_family(FAMILY, Entry::Unknown);
    } else if !is_identity || record_tags.is_some() {
        context.close_family(FAMILY, Entry::Absent);
    } else if sources.engine.snapshot().complete {
        context.close_family(FAMILY, Entry::AssumedAbsent);
    }
}

fn derive_principal_organization(context: &mut Context, sources: Sources<'_>) {
    let account = sources.requester.account();
    set_organization(
        context,
        sources,
        account,
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
    );
}

/// Organisation id and path of an account; absent outside every organisation.
fn set_organization(
    context: &mut Context,
    sources: Sources<'_>,
    account: Option<&str>,
    id_key: &str,
    paths_key: &str,
) {
    let (id, paths) = match (account, sources.engine.organization()) {
        (None, _) => (Entry::Absent, Entry::Absent),
        // Guardrails without an organisation around them: they apply, but nothing is known of its id.
        (Some(_), Some(organization)) if organization.id.is_empty() => return,
        (Some(account), Some(organization)) if organization.has(account) => (
            Entry::one(&organization.id),
            organization
                .path(account)
                .map_or(Entry::Present, |path| Entry::many([path.to_owned()])),
        ),
        (Some(_), Some(_)) => (Entry::Absent, Entry::Absent),
        (Some(_), None) if sources.engine.snapshot().complete => (Entry::Absent, Entry::Absent),
        (Some(_), None) => return,
    };
    context.set(id_key, id);
    context.set(paths_key, paths);
}

fn derive_resource(context: &mut Context, sources: Sources<'_>) {
    let target = sources.target;
    match target.account {
        Some(account) => context.set("aws:ResourceAccount", Entry::one(account)),
        None => context.set("aws:ResourceAccount", Entry::Unknown),
    }
    if target.account.is_some() {
        set_organization(
            context,
            sources,
            target.account,
            "aws:ResourceOrgID",
            "aws:ResourceOrgPaths",
        );
    }
    const FAMILY: &str = "aws:resourcetag/";
    match target.tags {
        Some(tags) => {
            for (tag, value) in tags {
                context.set_tag(FAMILY, tag, value);
            }
            context.close_family(FAMILY, Entry::Absent);
        }
        None => match target.untagged {
            Untagged::Certain => context.close_family(FAMILY, Entry::Absent),
            Untagged::Assumed => context.close_family(FAMILY, Entry::AssumedAbsent),
            Untagged::Unknown => context.close_family(FAMILY, Entry::Unknown),
            Untagged::Open => {}
        },
    }
}

/// `aws:ViaAWSService`, which every request has, and the services passed through. Rule: IAM-PRIN-13, DOC-7.
fn derive_forwarding(context: &mut Context, sources: Sources<'_>) {
    context.set(VIA_SERVICE, Entry::flag(sources.implies_forwarding()));
    let request = sources.request;
    let [set, first, last] = CALLED_VIA;
    let called: Vec<String> = match sources.says(set) {
        Said::Value(ContextValue::One(host)) => vec![host.clone()],
        Said::Value(ContextValue::Many(hosts)) => hosts
            .iter()
            .filter(|host| !host.is_empty())
            .cloned()
            .collect(),
        Said::Absent => Vec::new(),
        Said::Present => return set_all(context, &[first, last], &Entry::Present),
        Said::Unknown => return set_all(context, &[first, last], &Entry::Unknown),
        // A call that is only stated to be forwarded may have passed through any service.
        Said::Nothing if request.via.is_empty() && !sources.is_forwarded().is_false() => {
            if request.mode == ContextMode::Open {
                set_all(context, &CALLED_VIA, &Entry::Unknown);
            }
            return;
        }
        Said::Nothing => request
            .via
            .iter()
            .map(|service| service_host(service))
            .filter(|host| services::supports_called_via(host))
            .collect(),
    };
    context.set(first, Entry::optional(called.first()));
    context.set(last, Entry::optional(called.last()));
    if let Said::Nothing = sources.says(set) {
        let entry = if called.is_empty() {
            Entry::Absent
        } else {
            Entry::many(called)
        };
        context.set(set, entry);
    }
}

fn set_all(context: &mut Context, keys: &[&str], entry: &Entry) {
    for key in keys {
        context.set(key, entry.clone());
    }
}

/// `s3` and `s3.amazonaws.com` mean the same service.
fn service_host(service: &str) -> String {
    if service.ends_with(".amazonaws.com") {
        service.to_owned()
    } else {
        format!("{service}.amazonaws.com")
    }
}

/// Keys of the endpoint that the call is stated to pass. A call with a public address passes none, and one through an
/// endpoint has no such address. Rule: IAM-CTX-5.
fn derive_network(context: &mut Context, sources: Sources<'_>) {
    let has_value = |key: &str| {
        let said = sources.says(key);
        !sources.request.force_context
            && matches!(said, Said::Value(ContextValue::One(value)) if !value.is_empty())
    };
    if has_value("aws:SourceIp") {
        set_all(context, NETWORK_KEYS, &Entry::Absent);
    }
    if has_value("aws:SourceVpce") {
        context.set("aws:SourceIp", Entry::Absent);
    }
    let Some(id) = &sources.request.vpc_endpoint else {
        return;
    };
    context.set("aws:SourceVpce", Entry::one(id));
    context.set("aws:SourceIp", Entry::Absent);
    let endpoint = sources
        .engine
        .vpc_endpoint(id)
        .map(|endpoint| &endpoint.record);
    if let Some(vpc) = endpoint.and_then(|endpoint| endpoint.vpc.as_ref()) {
        context.set("aws:SourceVpc", Entry::one(vpc));
    } else {
        context.set("aws:SourceVpc", Entry::Present);
    }
    if let Some(account) = endpoint.and_then(|endpoint| endpoint.account.as_deref()) {
        context.set("aws:VpceAccount", Entry::one(account));
        set_organization(
            context,
            sources,
            Some(account),
            "aws:VpceOrgID",
            "aws:VpceOrgPaths",
        );
    }
}

/// A forwarded call does not pass the caller's network, whatever the context says. Rule: UI-39.
pub(crate) fn remove_network_of_forwarded(context: &mut Context, sources: Sources<'_>) {
    match sources.is_forwarded() {
        Tri::False => {}
        Tri::True => set_all(context, NETWORK_KEYS, &Entry::Absent),
        // The call has them, or has lost them; what it never had stays absent.
        Tri::Unknown => {
            for key in NETWORK_KEYS {
                if context.state(&KeyName::new(key)) != KeyState::Absent {
                    context.set(key, Entry::Unknown);
                }
            }
        }
    }
}
