//! What no addition helps against, in words: statements that deny, layers that limit and are silent.
//!
//! It says what would help, and only that: a policy that names the caller itself passes by a silent boundary or
//! session policy, one that names its role or its account does not. Rule: JOB-4, IAM-EVAL-18.

use preclear_model::Arn;
use preclear_model::caller::{Caller, CallerKind};

use crate::engine::Engine;
use crate::explanation::{Code, Explanation, NearMiss, Reason, StatementRef};
use crate::job::fix::Origin;
use crate::job::keys;
use crate::job::remedy::{ALIAS_ACTIONS, carrier};
use crate::job::report::RequirementPart;
use crate::job::service_linked::is_service_linked;
use crate::snapshot::{Given, KeyManager};

/// Every statement that denies.
pub(crate) fn denies(part: &RequirementPart) -> Vec<String> {
    let result = &part.result;
    let reasons = result.reasons.iter().chain(&result.primary);
    let mut texts: Vec<String> = Vec::new();
    for statement in reasons.filter_map(|reason| reason.statement.as_ref()) {
        let mut text = deny(&name(statement), &part.action);
        let is_of_statement = |miss: &NearMiss| miss.statement.as_ref() == Some(statement);
        if result.near_misses.iter().any(is_of_statement) {
            text.push_str(", or the call must not meet its condition");
        }
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    if texts.is_empty() {
        texts.push(deny("a statement", &part.action));
    }
    texts
}

fn deny(statement: &str, action: &str) -> String {
    format!("{statement} denies {action}: no addition can help, that statement must change")
}

/// A statement as texts speak of it.
pub(crate) fn name(statement: &StatementRef) -> String {
    let index = statement.statement;
    let own = statement
        .sid
        .as_ref()
        .map_or_else(|| index.to_string(), |sid| format!("`{sid}`"));
    format!("statement {own} of {}", statement.policy)
}

/// Every level of SCPs, and the endpoint policy, that does not allow.
pub(crate) fn guardrails(part: &RequirementPart) -> Vec<String> {
    let silent = |reason: &Reason| {
        let what = match reason.code {
            Code::NoScpAllow => "an SCP level",
            Code::NoVpceAllow => "the VPC endpoint policy",
            _ => return None,
        };
        Some(format!(
            "{}: it must be widened, an addition elsewhere cannot help",
            does_not_allow(what, reason, part)
        ))
    };
    part.result.reasons.iter().filter_map(silent).collect()
}

/// What keeps a part of a pattern closed, where the policies cover all of it. Rule: IAM-WILD-13.
pub(crate) fn rest_of_pattern(part: &RequirementPart) -> String {
    format!(
        "with the additions {} is allowed on a part of `{}` alone: a statement that denies, or a limit that does not cover it, is in the way of \
         the rest and must change (IAM-WILD-13)",
        part.action, part.resource
    )
}

fn does_not_allow(what: &str, reason: &Reason, part: &RequirementPart) -> String {
    let policy = reason.policy.as_deref();
    let policy = policy
        .map(|policy| format!(" ({policy})"))
        .unwrap_or_default();
    format!("{what}{policy} does not allow {}", part.action)
}

/// Boundary and session policy, where they are silent.
pub(crate) struct Limits<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) part: &'a RequirementPart,
    pub(crate) origin: Origin,
}

/// What helps beside a wider limit.
enum Way {
    /// A policy that names the caller itself: whom, and the policy in words.
    Named {
        caller: String,
        policy: String,
    },
    /// The role of a job names no session, and what names the role is limited.
    RoleOfJob,
    /// Naming the session in a trust policy: AWS does not say (AMB-19).
    Disputed,
    Nothing,
    /// Whether there is one hangs on what nobody told.
    NotKnown,
}

impl Limits<'_> {
    /// Each that is silent, with what helps.
    pub(crate) fn texts(&self) -> Vec<String> {
        let reasons = &self.part.result.reasons;
        let is_without = reasons
            .iter()
            .any(|reason| reason.code == Code::FederatedNoSessionPolicy);
        let text = |reason: &Reason| match reason.code {
            Code::NoBoundaryAllow if self.is_of_service_linked() => Some(format!(
                "{}: AWS lets nobody set one on a service-linked role, so the snapshot must be wrong",
                does_not_allow("the permissions boundary", reason, self.part)
            )),
            Code::NoBoundaryAllow => Some(self.widen("permissions boundary", reason)),
            Code::NoSessionAllow if is_without => Some(self.pass_a_session_policy()),
            Code::NoSessionAllow if self.is_of_root() => Some(format!(
                "{}: the call of AssumeRoot must name another, an addition elsewhere cannot help (IAM-EVAL-20)",
                does_not_allow("the task policy of the session", reason, self.part)
            )),
            Code::NoSessionAllow => Some(self.widen("session policy", reason)),
            _ => None,
        };
        reasons.iter().filter_map(text).collect()
    }

    fn widen(&self, what: &str, reason: &Reason) -> String {
        let silent = does_not_allow(&format!("the {what}"), reason, self.part);
        match self.way() {
            Way::Named { caller, policy } => format!(
                "{silent}: widen it, or name {caller} itself in {policy}, which a silent {what} does not limit (IAM-EVAL-18)"
            ),
            other => format!("{silent}: it must be widened{}", other.rest()),
        }
    }

    /// Rule: IAM-EVAL-14.
    fn pass_a_session_policy(&self) -> String {
        let Explanation { caller, .. } = &self.part.result;
        let action = &self.part.action;
        let start = format!("`{caller}` was given no session policy");
        match self.way() {
            Way::Named { policy, .. } => format!(
                "{start}: pass one that allows {action}, or name `{caller}` itself in {policy}, which needs none (IAM-EVAL-18)"
            ),
            other => format!(
                "{start}: one that allows {action} must be passed{}",
                other.rest()
            ),
        }
    }

    fn caller(&self) -> Option<Caller> {
        Caller::parse(&self.part.result.caller).ok()
    }

    /// True where caller and resource belong to one account, so that the caller's own policies suffice.
    pub(crate) fn is_at_home(&self) -> bool {
        let resource = Arn::parse(&self.part.result.resource);
        let caller = self.caller().zip(resource);
        caller.and_then(|(caller, resource)| self.is_own(&caller, &resource)) == Some(true)
    }

    fn is_of_service_linked(&self) -> bool {
        Arn::parse(&self.part.principal).is_some_and(|role| is_service_linked(&role))
    }

    fn is_of_root(&self) -> bool {
        let kind = self.caller().map(|caller| caller.kind);
        kind == Some(CallerKind::RootSession)
    }

    /// Rule: IAM-EVAL-17, IAM-EVAL-18, IAM-EVAL-22.
    fn way(&self) -> Way {
        let Some(caller) = self.caller() else {
            return Way::NotKnown;
        };
        let is_session = matches!(caller.kind, CallerKind::RoleSession { .. });
        let named = match &caller.kind {
            CallerKind::RoleSession { session: None, .. } => "the session".to_owned(),
            CallerKind::User { .. }
            | CallerKind::RoleSession { .. }
            | CallerKind::FederatedUser { .. } => format!("`{}`", self.part.result.caller),
            _ => return Way::Nothing,
        };
        let Some(arn) = Arn::parse(&self.part.result.resource) else {
            return Way::Nothing;
        };
        match self.is_own(&caller, &arn) {
            Some(true) => {}
            Some(false) => return Way::Nothing,
            None => return Way::NotKnown,
        }
        match arn.service() {
            "iam" if self.part.action.starts_with("sts:") && is_session => Way::Disputed,
            "iam" => Way::Nothing,
            _ if is_session && self.origin == Origin::Template => Way::RoleOfJob,
            "kms" => self.key_policy(named, &arn),
            _ => Way::Named {
                caller: named,
                policy: self.resource_policy(&arn),
            },
        }
    }

    /// Whether caller and resource belong to one account, as far as it is told. Rule: IAM-EVAL-5.
    fn is_own(&self, caller: &Caller, resource: &Arn) -> Option<bool> {
        let own = caller.account.as_deref()?;
        if !resource.account().is_empty() {
            return Some(resource.account() == own);
        }
        let listed = self.engine.resources().carrier(resource);
        let listed = listed.and_then(|listed| listed.record.account.as_deref());
        if let Some(owner) = listed {
            return Some(owner == own);
        }
        let assumed = format!("resource-account:{own} owns {resource}");
        let is_assumed = self.part.result.assumptions.contains(&assumed);
        is_assumed.then_some(true)
    }

    fn key_policy(&self, caller: String, arn: &Arn) -> Way {
        let is_alias = arn.resource().starts_with("alias/");
        // No key policy entitles to retire a grant (KMS-GRANT-14).
        if self.part.action == "kms:RetireGrant" {
            return Way::Nothing;
        }
        if is_alias && ALIAS_ACTIONS.contains(&self.part.action.as_str()) {
            return Way::Nothing;
        }
        match keys::record(self.engine, arn) {
            Some(record) if record.manager == KeyManager::Customer => Way::Named {
                caller,
                policy: format!("the key policy of {}", record.arn),
            },
            Some(_) => Way::Nothing,
            None if keys::is_aws_alias(arn) => Way::Nothing,
            None => Way::NotKnown,
        }
    }

    /// The policy that may name the caller, in words.
    fn resource_policy(&self, arn: &Arn) -> String {
        let listed = self.engine.resources().carrier(arn);
        let has_policy = listed.is_some_and(|listed| matches!(listed.policy, Given::Here(_)));
        let owner = carrier(self.engine, arn.as_str()).unwrap_or_else(|| owner_by_name(arn));
        if has_policy || takes_policy(arn) {
            format!("the resource policy of {owner}")
        } else {
            format!("the resource policy of {owner} (if it takes one)")
        }
    }
}

/// True for buckets, queues and the like, which surely take a policy; of others only one that is listed tells.
fn takes_policy(arn: &Arn) -> bool {
    match (arn.service(), arn.resource_type()) {
        ("s3", _) => arn.account().is_empty(),
        ("sqs", _) | ("sns", None) => true,
        ("lambda", Some(kind)) => kind == "function",
        ("secretsmanager", Some(kind)) => kind == "secret",
        _ => false,
    }
}

/// What carries the policy for a resource that is not listed: the bucket of an object.
fn owner_by_name(arn: &Arn) -> String {
    let text = arn.as_str();
    let is_object = arn.service() == "s3" && arn.account().is_empty();
    let end = is_object.then(|| text.find('/')).flatten();
    end.and_then(|end| text.get(..end))
        .unwrap_or(text)
        .to_owned()
}

impl Way {
    /// To follow what the limit itself must do.
    fn rest(&self) -> &'static str {
        match self {
            Self::Nothing => ", an addition elsewhere cannot help",
            Self::RoleOfJob => {
                ", a policy elsewhere that names the role does not help (IAM-EVAL-18)"
            }
            Self::Disputed => {
                ", and AWS does not say whether a trust policy that names the session would help (AMB-19)"
            }
            Self::Named { .. } | Self::NotKnown => "",
        }
    }
}
