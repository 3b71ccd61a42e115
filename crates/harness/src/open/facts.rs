//! What a question is about, looked up from the rules alone: caller, resource, forwarding.
//!
//! It shares no code with the engine, which has to find the same.

use std::collections::BTreeSet;

use preclear_catalog::kms as tables;
use preclear_condition::Tri;
use preclear_model::Arn;
use preclear_model::caller::{Caller, CallerKind, Credentials};
use preclear_simulator::request::{Ask, ContextValue};
use preclear_simulator::snapshot::{KeyRecord, Organization, PrincipalRecord, ResourceRecord};
use preclear_simulator::{Request, Snapshot};
use preclear_wildcard::naive;

/// What the action is asked of.
#[derive(Debug, Clone)]
pub(crate) enum Target<'a> {
    /// Something without a policy of its own, or nothing in particular.
    WithoutPolicy(Option<Arn>),
    /// A KMS key: its ARN unless only an alias is known, and its entry if it is listed.
    Key {
        arn: Option<Arn>,
        record: Option<&'a KeyRecord>,
    },
    /// The key of an AWS service, which everybody knows. Rule: KMS-AMK-1.
    ManagedKey(Arn),
    /// A role that is asked for.
    Role {
        arn: Arn,
        record: Option<&'a PrincipalRecord>,
    },
    /// Any other resource: its ARN, that of the resource which carries its policy, and the entry of that.
    Carrier {
        arn: Arn,
        carrier: String,
        record: Option<&'a ResourceRecord>,
    },
}

/// A question and what follows from it.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) request: &'a Request,
    /// Service and name of the action, in lower case.
    pub(crate) service: String,
    pub(crate) action: String,
    pub(crate) target: Target<'a>,
    /// Owner of the resource. Rule: IAM-EVAL-5.
    pub(crate) resource_account: Option<String>,
    /// The user or role behind the caller, if it is listed.
    pub(crate) identity: Option<&'a PrincipalRecord>,
    /// Whether a service calls on for the caller. Rule: UI-39, IAM-PRIN-13.
    pub(crate) is_forwarded: Tri,
}

impl<'a> Facts<'a> {
    /// Looks up what the question is about; `None` for operations, which are several questions.
    pub(crate) fn of(snapshot: &'a Snapshot, request: &'a Request) -> Option<Self> {
        let Ask::Action(text) = &request.ask else {
            return None;
        };
        let (service, action) = text.split_once(':')?;
        let (service, action) = (service.to_ascii_lowercase(), action.to_ascii_lowercase());
        let target = target(snapshot, request, &service, &action);
        let resource_account = resource_account(snapshot, request, &target);
        Some(Self {
            snapshot,
            request,
            resource_account,
            target,
            identity: identity(snapshot, &request.caller),
            is_forwarded: is_forwarded(request),
            service,
            action,
        })
    }

    pub(crate) fn caller(&self) -> &'a Caller {
        &self.request.caller
    }

    pub(crate) fn is_service(&self) -> bool {
        matches!(
            self.caller().kind,
            CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. }
        )
    }

    pub(crate) fn is_root(&self) -> bool {
        matches!(
            self.caller().kind,
            CallerKind::Root | CallerKind::RootSession
        )
    }

    /// True for sessions of roles, and for those who are about to get one.
    pub(crate) fn is_role_session(&self) -> bool {
        matches!(
            self.caller().kind,
            CallerKind::RoleSession { .. } | CallerKind::Federated { .. }
        )
    }

    /// Whether the credentials are temporary; `None` if it was not stated.
    pub(crate) fn is_temporary(&self) -> Option<bool> {
        match &self.caller().kind {
            CallerKind::RoleSession { .. }
            | CallerKind::FederatedUser { .. }
            | CallerKind::RootSession => Some(true),
            CallerKind::User { .. } | CallerKind::Root => self
                .caller()
                .credentials
                .map(|credentials| credentials != Credentials::LongTerm),
            _ => Some(false),
        }
    }

    /// ARN of the role behind a session, with its path, where it is known.
    pub(crate) fn role_arn(&self) -> Option<&'a Arn> {
        match &self.caller().kind {
            CallerKind::RoleSession { role_arn, .. } => self
                .identity
                .map(|record| &record.arn)
                .or(role_arn.as_ref()),
            _ => None,
        }
    }

    /// True for a service-linked role. Rule: IAM-PRIN-1.
    pub(crate) fn is_service_linked(&self) -> bool {
        match (&self.caller().kind, self.role_arn()) {
            (CallerKind::RoleSession { .. }, Some(arn)) => {
                arn.resource().starts_with("role/aws-service-role/")
            }
            (CallerKind::RoleSession { role, .. }, None) => role.starts_with("AWSServiceRoleFor"),
            _ => false,
        }
    }

    /// The unique id of the caller, where anything says it. Rule: IAM-PRIN-7.
    pub(crate) fn unique_id(&self) -> Option<&str> {
        let listed = self.identity.and_then(|record| record.id.as_deref());
        self.caller().id.as_deref().or(listed)
    }

    /// True for a federated user of whom nobody said which user asked for the session. Rule: IAM-PRIN-6.
    pub(crate) fn is_user_unknown(&self) -> bool {
        matches!(
            self.caller().kind,
            CallerKind::FederatedUser { user: None, .. }
        )
    }

    /// True if what the snapshot does not list about an ARN does not exist. Rule: IAM-TRI-7, JOB-8.
    pub(crate) fn is_all_listed(&self, arn: &str) -> bool {
        self.snapshot.complete && !self.is_external(arn)
    }

    pub(crate) fn is_external(&self, arn: &str) -> bool {
        let mut patterns = self.snapshot.external.iter();
        patterns.any(|pattern| naive::is_match(&naive::tokens(pattern), &[], arn))
    }

    /// True if what is not listed about the caller does not exist.
    pub(crate) fn is_caller_listed(&self) -> bool {
        let is_identity_external = match (&self.caller().kind, self.role_arn()) {
            (_, Some(arn)) => self.is_external(arn.as_str()),
            (
                CallerKind::FederatedUser {
                    user: Some(user), ..
                },
                _,
            ) => self.is_external(user.as_str()),
            (CallerKind::RoleSession { role, .. }, None) => self.may_role_be_external(role),
            _ => false,
        };
        self.is_all_listed(&self.caller().display_arn())
            && !is_identity_external
            && !self.is_user_unknown()
    }

    /// Whether a role of the caller's account and of this name may be external; its path is not known.
    fn may_role_be_external(&self, role: &str) -> bool {
        let caller = self.caller();
        let (Some(partition), Some(account)) = (&caller.partition, &caller.account) else {
            return false;
        };
        let start = format!("arn:{partition}:iam::{account}:role/");
        let nested = format!("{start}*/{role}");
        let mut external = self.snapshot.external.iter();
        external.any(|pattern| {
            let tokens = naive::tokens(pattern);
            naive::is_match(&tokens, &[], &format!("{start}{role}"))
                || naive::intersects(&tokens, &naive::tokens(&nested))
        })
    }

    /// Region of the call, if it is known.
    pub(crate) fn region(&self) -> Option<&str> {
        let of_resource = match &self.target {
            Target::WithoutPolicy(arn) | Target::Key { arn, .. } => arn.as_ref(),
            Target::ManagedKey(arn) | Target::Role { arn, .. } => Some(arn),
            Target::Carrier { arn, .. } => Some(arn),
        };
        let of_resource = of_resource
            .map(Arn::region)
            .filter(|region| !region.is_empty());
        let of_entry = match &self.target {
            Target::Carrier {
                record: Some(record),
                ..
            } => record.region.as_deref(),
            _ => None,
        };
        let request = self.request.region.as_deref();
        let snapshot = self.snapshot.region.as_deref();
        request.or(of_resource).or(of_entry).or(snapshot)
    }

    pub(crate) fn organization(&self) -> Option<&'a Organization> {
        self.snapshot.organization.as_ref()
    }

    /// True for the account that guardrails do not reach.
    pub(crate) fn is_management(&self, account: &str) -> bool {
        self.organization()
            .is_some_and(|organization| organization.management_account.as_deref() == Some(account))
    }

    /// What the request says of a key.
    pub(crate) fn said(&self, key: &str) -> Said<'a> {
        Said::of(self.request, key)
    }
}

fn said<'a>(request: &'a Request, key: &str) -> Option<&'a ContextValue> {
    let mut context = request.context.iter();
    context
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value)
}

/// What a request says of a key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Said<'a> {
    Nothing,
    Value(&'a ContextValue),
    Present,
    Absent,
    Unknown,
}

impl<'a> Said<'a> {
    /// The last word counts: present, absent, unknown, context.
    pub(crate) fn of(request: &'a Request, key: &str) -> Self {
        let lists =
            |names: &BTreeSet<String>| names.iter().any(|name| name.eq_ignore_ascii_case(key));
        if lists(&request.present) {
            Said::Present
        } else if lists(&request.absent) {
            Said::Absent
        } else if lists(&request.unknown) {
            Said::Unknown
        } else {
            said(request, key).map_or(Said::Nothing, Said::Value)
        }
    }

    /// Whether there is such a key, with a value that counts.
    fn exists(self) -> Tri {
        match self {
            Said::Value(ContextValue::Many(values)) => {
                values.iter().any(|value| !value.is_empty()).into()
            }
            Said::Value(ContextValue::One(_)) | Said::Present => Tri::True,
            Said::Nothing | Said::Absent => Tri::False,
            Said::Unknown => Tri::Unknown,
        }
    }
}

/// Keys that only calls have which a service makes for somebody.
pub(crate) const CALLED_VIA: [&str; 3] =
    ["aws:calledvia", "aws:calledviafirst", "aws:calledvialast"];

/// A call is forwarded if anything says so; if nothing certain does, and something is open, nobody knows.
fn is_forwarded(request: &Request) -> Tri {
    let exists = |key: &str| Said::of(request, key).exists();
    let is_via = match Said::of(request, "aws:viaawsservice") {
        Said::Value(ContextValue::One(value)) => value.eq_ignore_ascii_case("true").into(),
        Said::Value(ContextValue::Many(_)) | Said::Absent => Tri::False,
        Said::Unknown | Said::Present => Tri::Unknown,
        Said::Nothing => CALLED_VIA
            .iter()
            .map(|key| exists(key))
            .fold(Tri::False, Tri::or),
    };
    Tri::from(!request.via.is_empty())
        .or(exists("kms:viaservice"))
        .or(is_via)
}

/// The listed user or role behind a caller. Rule: IAM-PRIN-5.
fn identity<'a>(snapshot: &'a Snapshot, caller: &Caller) -> Option<&'a PrincipalRecord> {
    let by_arn = |arn: &Arn| snapshot.principals.iter().find(|record| record.arn == *arn);
    match &caller.kind {
        CallerKind::User { arn } => by_arn(arn),
        CallerKind::FederatedUser { user, .. } => by_arn(user.as_ref()?),
        CallerKind::RoleSession {
            role_arn: Some(arn),
            ..
        } => by_arn(arn),
        CallerKind::RoleSession { role, .. } => snapshot.principals.iter().find(|record| {
            Some(record.arn.partition()) == caller.partition.as_deref()
                && Some(record.arn.account()) == caller.account.as_deref()
                && record.arn.resource().starts_with("role/")
                && record.arn.resource().rsplit('/').next() == Some(role)
        }),
        _ => None,
    }
}

fn target<'a>(
    snapshot: &'a Snapshot,
    request: &Request,
    service: &str,
    action: &str,
) -> Target<'a> {
    let typed = request.resource.as_deref().unwrap_or("*");
    if service == "kms" {
        return kms_target(snapshot, request, action, typed);
    }
    let Some(arn) = Arn::parse(typed) else {
        return Target::WithoutPolicy(None);
    };
    if arn.service() == "iam" {
        let is_role = arn.resource().starts_with("role/");
        let record = snapshot.principals.iter().find(|record| record.arn == arn);
        return if is_role && service == "sts" {
            Target::Role { arn, record }
        } else {
            Target::WithoutPolicy(Some(arn))
        };
    }
    // The bucket of an object, the function of a version.
    let resource = arn.resource();
    let end = match arn.service() {
        "s3" => resource.find('/'),
        "lambda" => resource.match_indices(':').nth(1).map(|(at, _)| at),
        _ => None,
    };
    let start = arn.as_str().len() - resource.len();
    let carrier = end.and_then(|end| arn.as_str().get(..start + end));
    let carrier = carrier.unwrap_or(arn.as_str()).to_owned();
    let mut resources = snapshot.resources.iter();
    let record = resources.find(|record| record.arn.as_str() == carrier);
    Target::Carrier {
        arn,
        carrier,
        record,
    }
}

/// Rule: KMS-ID-1.
fn kms_target<'a>(
    snapshot: &'a Snapshot,
    request: &Request,
    action: &str,
    typed: &str,
) -> Target<'a> {
    let known = tables::action(action);
    let takes_key = known.is_none_or(|known| known.targets.iter().any(|target| target.is_key()));
    let takes_alias = known.is_some_and(|known| known.targets.contains(&tables::Target::Alias));
    if !takes_key {
        return Target::WithoutPolicy(None);
    }
    if typed == "*" {
        return Target::Key {
            arn: None,
            record: None,
        };
    }
    let partition = request.caller.partition.as_deref().unwrap_or("aws");
    let account = request.caller.account.as_deref();
    let account = account.or(snapshot.account.as_deref()).unwrap_or_default();
    let region = request.region.as_deref();
    let region = region.or(snapshot.region.as_deref()).unwrap_or_default();
    let resource = if typed.starts_with("alias/") {
        typed.to_owned()
    } else {
        format!("key/{typed}")
    };
    let arn = Arn::parse(typed)
        .or_else(|| Arn::from_fields(partition, "kms", region, account, &resource));
    let Some(arn) = arn else {
        return Target::WithoutPolicy(None);
    };
    if !arn.resource().starts_with("alias/") {
        let record = snapshot.keys.iter().find(|record| record.arn == arn);
        return Target::Key {
            arn: Some(arn),
            record,
        };
    }
    if takes_alias {
        return Target::WithoutPolicy(Some(arn));
    }
    let record = snapshot.keys.iter().find(|record| {
        let own = record
            .service
            .as_ref()
            .map(|name| format!("alias/aws/{name}"));
        let aliases = record.aliases.iter().flatten().chain(&own);
        record.arn.account() == arn.account()
            && record.arn.region() == arn.region()
            && aliases.into_iter().any(|alias| alias == arn.resource())
    });
    match record {
        Some(record) => Target::Key {
            arn: Some(record.arn.clone()),
            record: Some(record),
        },
        None if arn.resource().starts_with("alias/aws/") => Target::ManagedKey(arn),
        None => Target::Key {
            arn: None,
            record: None,
        },
    }
}

/// Rule: IAM-EVAL-5.
fn resource_account(snapshot: &Snapshot, request: &Request, target: &Target<'_>) -> Option<String> {
    let own = request.caller.account.clone();
    let fallback = || own.clone().or_else(|| snapshot.account.clone());
    match target {
        Target::WithoutPolicy(None) => own,
        Target::WithoutPolicy(Some(arn)) | Target::Role { arn, .. } | Target::ManagedKey(arn) => {
            Some(arn.account().to_owned())
        }
        Target::Key { arn, .. } => match arn {
            Some(arn) => Some(arn.account().to_owned()),
            None => fallback(),
        },
        Target::Carrier { arn, record, .. } => Some(arn.account().to_owned())
            .filter(|account| !account.is_empty())
            .or_else(|| record.and_then(|record| record.account.clone()))
            .or_else(|| request.resource_account.clone())
            .or_else(fallback),
    }
}
