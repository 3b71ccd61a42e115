//! By what way somebody is allowed.

use std::collections::HashMap;
use std::sync::Arc;

use preclear_model::policy::PrincipalKind;
use preclear_model::{Effect, Match, Place, Policy};

use super::conditions::{self, Condition, Source};
use crate::cast::ANYTHING;
use crate::explanation::{Code, Explanation, Reason, StatementRef, Verdict};
use crate::layer::Layer;
use crate::snapshot::GrantRecord;

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
    /// The statements that it takes: of each layer one. Statements of one layer stand in for one another.
    pub statements: Vec<WayStatement>,
    /// Id of the grant that it takes.
    pub grant: Option<String>,
    /// What the grant says.
    pub terms: Option<GrantTerms>,
    /// What the grant asks for that is undecided.
    pub condition: Option<Condition>,
    /// True where policies of their own have to allow it, of which nothing is known.
    pub needs_own_policies: bool,
}

impl Way {
    /// True where a statement lets everybody in: its principal is `*`.
    #[must_use]
    pub fn is_open_to_all(&self) -> bool {
        self.statements.iter().any(|one| one.is_open_to_all)
    }

    /// True for a condition of the way's own statements or grant.
    #[must_use]
    pub fn has(&self, condition: &Condition) -> bool {
        let of_statements = self.statements.iter().map(|one| one.condition.as_ref());
        let mut own = of_statements.chain([self.condition.as_ref()]).flatten();
        own.any(|own| own == condition)
    }

    /// The same way, whoever takes it, own policies aside: remarks of conditions name the caller.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let are_like = |own: &Option<Condition>, other: &Option<Condition>| match (own, other) {
            (Some(own), Some(other)) => own.is_like(other),
            (own, other) => own.is_none() && other.is_none(),
        };
        self.kind == other.kind
            && self.code == other.code
            && self.part == other.part
            && self.grant == other.grant
            && are_like(&self.condition, &other.condition)
            && self.statements.len() == other.statements.len()
            && std::iter::zip(&self.statements, &other.statements).all(|(own, other)| {
                own.layer == other.layer
                    && own.statement == other.statement
                    && are_like(&own.condition, &other.condition)
            })
    }
}

/// What a grant says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantTerms {
    /// Friendly name.
    pub name: Option<String>,
    /// Operations as the API names them.
    pub operations: Vec<String>,
    /// Its constraints, by the members of ListGrants: pairs as `name=value`, or the ARN.
    pub constraints: Vec<(&'static str, String)>,
    /// Where it was read.
    pub place: Option<Place>,
}

impl From<&GrantRecord> for GrantTerms {
    fn from(grant: &GrantRecord) -> Self {
        let contexts = [
            ("EncryptionContextEquals", &grant.context_equals),
            ("EncryptionContextSubset", &grant.context_subset),
        ];
        let contexts = contexts.into_iter().filter_map(|(element, pairs)| {
            let pairs = pairs.as_ref()?.iter();
            let pairs = pairs.map(|(name, value)| format!("{name}={value}"));
            Some((element, pairs.collect::<Vec<_>>().join(", ")))
        });
        let source = grant.source_arn.iter();
        let source = source.map(|arn| ("SourceArn", arn.clone()));
        Self {
            name: grant.name.clone(),
            operations: grant.operations.clone(),
            constraints: contexts.chain(source).collect(),
            place: grant.place.0.clone(),
        }
    }
}

/// What ways are made of.
#[derive(Debug)]
pub(super) struct Material<'a> {
    /// The policies of the resource.
    pub(super) policies: Vec<&'a Arc<Policy>>,
    /// Its grants, by their ids.
    pub(super) grants: HashMap<&'a str, &'a GrantRecord>,
}

/// A statement of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayStatement {
    /// Its layer.
    pub layer: Layer,
    /// The statement.
    pub statement: StatementRef,
    /// True where it lets everybody in: its principal is `*`.
    pub is_open_to_all: bool,
    /// What of it is undecided: all of it has to hold.
    pub condition: Option<Condition>,
}

/// The ways of an answer, or of its parts.
pub(super) fn of(answer: &Explanation, material: &Material<'_>) -> Vec<Way> {
    if answer.parts.is_empty() {
        return of_decision(answer, material, None);
    }
    let parts = answer.parts.iter();
    parts
        .flat_map(|part| {
            let named = (part.action.clone(), part.resource.clone());
            of_decision(&part.result, material, Some(named))
        })
        .collect()
}

fn of_decision(
    answer: &Explanation,
    material: &Material<'_>,
    part: Option<(String, String)>,
) -> Vec<Way> {
    let reasons = match answer.verdict {
        Verdict::Allow => &answer.reasons,
        Verdict::Depends => &answer.open_ways,
        _ => return Vec::new(),
    };
    let conditions = conditions::of_decision(answer);
    let of = |source: &Source| {
        let mut own = conditions.iter().filter(|one| one.allows);
        own.find(|one| one.source == *source).cloned()
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
                    terms: reason.grant.as_deref().and_then(|grant| {
                        let grant = material.grants.get(grant)?;
                        Some(GrantTerms::from(*grant))
                    }),
                    condition: reason
                        .grant
                        .as_ref()
                        .and_then(|grant| of(&Source::Grant(grant.clone()))),
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
        let layer = reason.layer.unwrap_or(Layer::Resource);
        way.statements.push(WayStatement {
            layer,
            statement: statement.clone(),
            is_open_to_all: layer == Layer::Resource
                && is_open_to_all(statement, &material.policies),
            condition: of(&Source::Statement(statement.clone())),
        });
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
                // Who is meant by one that is not all determined, nobody knows.
                && statement.open.is_none()
                && match &statement.principal {
                    Some(Match::In(entries)) => entries.iter().any(|entry| is_all(&entry.kind)),
                    Some(Match::NotIn(_)) => true,
                    None => false,
                }
        })
}
