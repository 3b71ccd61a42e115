//! By what way somebody is allowed.

use std::sync::Arc;

use preclear_model::policy::PrincipalKind;
use preclear_model::{Effect, Match, Policy};

use crate::cast::ANYTHING;
use crate::explanation::{Code, Explanation, Reason, StatementRef, Verdict};
use crate::layer::Layer;

/// What kind of way it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WayKind {
    /// The key policy allows the caller itself.
    KeyPolicy,
    /// A grant of the key.
    Grant,
    /// The key policy lets identity policies count, and one allows.
    Iam,
    /// An identity policy alone.
    IdentityPolicy,
    /// The resource-based policy alone.
    ResourcePolicy,
    /// The trust policy of the role.
    TrustPolicy,
    /// Policies of both accounts.
    CrossAccount,
    /// Nothing but being the root user.
    RootUser,
    /// The action needs no permission.
    Always,
}

impl WayKind {
    /// Name in files and output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyPolicy => "key_policy",
            Self::Grant => "grant",
            Self::Iam => "iam",
            Self::IdentityPolicy => "identity_policy",
            Self::ResourcePolicy => "resource_policy",
            Self::TrustPolicy => "trust_policy",
            Self::CrossAccount => "cross_account",
            Self::RootUser => "root_user",
            Self::Always => "always",
        }
    }

    fn of(reason: &Reason, is_of_role: bool) -> Self {
        let of_resource = if is_of_role {
            Self::TrustPolicy
        } else {
            Self::ResourcePolicy
        };
        match reason.code {
            Code::AllowKeyPolicy => Self::KeyPolicy,
            Code::AllowGrant => Self::Grant,
            Code::AllowIamViaKeyPolicy => Self::Iam,
            Code::AllowIdentity => Self::IdentityPolicy,
            Code::AllowCrossAccount => Self::CrossAccount,
            Code::AllowRoot if reason.statement.is_none() => Self::RootUser,
            Code::AllowFederated => Self::TrustPolicy,
            Code::AllowResourceDirect
            | Code::AllowResourceEntity
            | Code::AllowService
            | Code::AllowAnonymous
            | Code::AllowRoot => of_resource,
            _ => Self::Always,
        }
    }
}

/// One way to be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What kind of way it is.
    pub kind: WayKind,
    /// The code of its reasons.
    pub code: Code,
    /// Of an operation with several decisions, action and resource of the one that it allows.
    pub part: Option<(String, String)>,
    /// The statements that it takes, each with its layer.
    pub statements: Vec<(Layer, StatementRef)>,
    /// Id of the grant that it takes.
    pub grant: Option<String>,
    /// True where a statement lets everybody in: its principal is `*`.
    pub is_open_to_all: bool,
    /// True where policies of their own have to allow it, of which nothing is known.
    pub needs_own_policies: bool,
}

/// The ways of an answer, or of its parts. `policies` are those of the resource.
pub(super) fn of(answer: &Explanation, policies: &[&Arc<Policy>]) -> Vec<Way> {
    if answer.parts.is_empty() {
        return of_decision(answer, policies, None);
    }
    let parts = answer.parts.iter();
    parts
        .flat_map(|part| {
            let named = (part.action.clone(), part.resource.clone());
            of_decision(&part.result, policies, Some(named))
        })
        .collect()
}

fn of_decision(
    answer: &Explanation,
    policies: &[&Arc<Policy>],
    part: Option<(String, String)>,
) -> Vec<Way> {
    let reasons = match answer.verdict {
        Verdict::Allow => &answer.reasons,
        Verdict::Depends => &answer.open_ways,
        _ => return Vec::new(),
    };
    let is_of_role = answer.resource.contains(":iam:") && answer.resource.contains(":role/");
    let mut ways: Vec<Way> = Vec::new();
    for reason in reasons
        .iter()
        .filter(|reason| reason.code.name().starts_with("allow_"))
    {
        let same = |way: &&mut Way| way.code == reason.code && way.grant == reason.grant;
        let way = match ways.iter_mut().find(same) {
            Some(way) => way,
            None => {
                ways.push(Way {
                    kind: WayKind::of(reason, is_of_role),
                    code: reason.code,
                    part: part.clone(),
                    statements: Vec::new(),
                    grant: reason.grant.clone(),
                    is_open_to_all: false,
                    needs_own_policies: false,
                });
                match ways.last_mut() {
                    Some(way) => way,
                    None => continue,
                }
            }
        };
        let Some(statement) = &reason.statement else {
            continue;
        };
        if statement.policy == ANYTHING {
            way.needs_own_policies = true;
            continue;
        }
        way.is_open_to_all |= is_open_to_all(statement, policies);
        way.statements
            .push((reason.layer.unwrap_or(Layer::Resource), statement.clone()));
    }
    ways
}

/// True for a statement of one of the policies that allows everybody.
fn is_open_to_all(reference: &StatementRef, policies: &[&Arc<Policy>]) -> bool {
    let found = policies
        .iter()
        .filter(|policy| policy.name == reference.policy);
    found
        .filter_map(|policy| policy.statements.get(reference.statement))
        .any(|statement| {
            let is_all = |kind: &PrincipalKind| matches!(kind, PrincipalKind::Everyone);
            statement.effect == Effect::Allow
                && match &statement.principal {
                    Some(Match::In(entries)) => entries.iter().any(|entry| is_all(&entry.kind)),
                    Some(Match::NotIn(_)) => true,
                    None => false,
                }
        })
}
