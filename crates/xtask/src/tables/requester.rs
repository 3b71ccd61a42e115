//! Requesters of account A whose identity, boundary and session policy allow, deny or say nothing, in every mix that
//! tells the layers apart.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::case::set;
use super::markdown::Rules;
use super::world::{self, A};
use crate::failure::Failure;

/// The layers, by the names that result codes have.
pub(crate) const LAYERS: [&str; 3] = ["identity", "boundary", "session"];

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Session,
    FederatedUser,
    Root,
}

impl Kind {
    /// How many of the layers such a requester can have.
    fn layers(self) -> usize {
        match self {
            Kind::User => 2,
            Kind::Session | Kind::FederatedUser => 3,
            Kind::Root => 0,
        }
    }
}

/// What a layer says of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// There is no such policy.
    None,
    Allows,
    Silent,
    Denies,
}

impl Says {
    fn name(self) -> &'static str {
        match self {
            Says::None => "none",
            Says::Allows => "allows",
            Says::Silent => "silent",
            Says::Denies => "denies",
        }
    }

    fn document(self, service: &str) -> Option<Value> {
        let statement = |effect: &str, action: String| json!({"Effect": effect, "Action": action, "Resource": "*"});
        let actions = format!("{service}:*");
        let statements = match self {
            Says::None => return None,
            Says::Allows => vec![statement("Allow", actions)],
            Says::Silent => vec![statement("Allow", "sqs:*".to_owned())],
            Says::Denies => vec![
                statement("Allow", "*".to_owned()),
                statement("Deny", actions),
            ],
        };
        Some(world::document(statements))
    }
}

/// A requester with what its policies say of the actions of one service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requester {
    pub(crate) kind: Kind,
    said: [Says; 3],
    service: &'static str,
}

impl Requester {
    /// Every choice of allowing and silent layers, and each layer that is not there or that denies, among allowing ones
    /// and among silent ones.
    pub(crate) fn all(kind: Kind, service: &'static str) -> Vec<Requester> {
        let count = kind.layers();
        let mut choices = vec![[Says::None; 3]];
        for number in 0..1_usize << count {
            let mut said = [Says::None; 3];
            for (place, says) in said.iter_mut().enumerate().take(count) {
                let allows = number >> place & 1 == 0;
                *says = if allows { Says::Allows } else { Says::Silent };
            }
            choices.push(said);
            let is_uniform = said
                .iter()
                .take(count)
                .all(|says| said.first() == Some(says));
            for place in (0..count).filter(|_| is_uniform) {
                for special in [Says::None, Says::Denies] {
                    let mut said = said;
                    if let Some(says) = said.get_mut(place) {
                        *says = special;
                    }
                    choices.push(said);
                }
            }
        }
        let mut requesters: Vec<Requester> = Vec::new();
        for said in choices {
            if requesters.iter().all(|other| other.said != said) {
                requesters.push(Requester {
                    kind,
                    said,
                    service,
                });
            }
        }
        requesters
    }

    /// Whether each layer allows or is silent.
    pub(crate) fn is_plain(&self) -> bool {
        let mut layers = self.said.iter().take(self.kind.layers());
        layers.all(|says| matches!(says, Says::Allows | Says::Silent))
    }

    /// The name of the identity: one for each pair of identity policy and boundary.
    fn name(&self) -> String {
        let [identity, boundary, _] = self.said;
        format!("{}-{}", identity.name(), boundary.name())
    }

    /// What is special about it.
    pub(crate) fn about(&self) -> String {
        let layers = LAYERS.iter().zip(self.said).take(self.kind.layers());
        let layers: Vec<String> = layers
            .map(|(layer, says)| format!("{layer} {}", says.name()))
            .collect();
        match layers.is_empty() {
            true => "no policies".to_owned(),
            false => layers.join(", "),
        }
    }

    /// The ARN of the request.
    pub(crate) fn arn(&self) -> String {
        let name = self.name();
        match self.kind {
            Kind::User => format!("arn:aws:iam::{A}:user/{name}"),
            Kind::Session => format!("arn:aws:sts::{A}:assumed-role/{name}/s"),
            Kind::FederatedUser => format!("arn:aws:sts::{A}:federated-user/F-{name}"),
            Kind::Root => format!("arn:aws:iam::{A}:root"),
        }
    }

    /// The ARN of the user or role that the policies belong to.
    pub(crate) fn holder(&self) -> String {
        let name = self.name();
        match self.kind {
            Kind::User | Kind::FederatedUser => format!("arn:aws:iam::{A}:user/{name}"),
            Kind::Session => format!("arn:aws:iam::{A}:role/app/{name}"),
            Kind::Root => self.arn(),
        }
    }

    /// The user or role in the snapshot.
    fn principal(&self) -> Value {
        let [identity, boundary, _] = self.said;
        let mut principal = json!({"arn": self.holder()});
        if let Some(policy) = identity.document(self.service) {
            set(&mut principal, "policies", json!([policy]));
        }
        if let Some(policy) = boundary.document(self.service) {
            set(&mut principal, "boundary", policy);
        }
        principal
    }

    /// The member `principal` of the request.
    pub(crate) fn request(&self) -> Value {
        let [_, _, session] = self.said;
        let mut principal = json!({"arn": self.arn()});
        match self.kind {
            Kind::User | Kind::Root => return json!(self.arn()),
            Kind::FederatedUser => set(&mut principal, "user", json!(self.holder())),
            Kind::Session => {}
        }
        let policies: Vec<Value> = session.document(self.service).into_iter().collect();
        set(&mut principal, "session_policies", json!(policies));
        principal
    }

    /// The layer whose explicit deny is named first (IAM-RSN-3).
    pub(crate) fn denying(&self) -> Option<&'static str> {
        let denies = |wanted: &&str| {
            let mut layers = LAYERS.iter().zip(self.said);
            layers.any(|(layer, says)| layer == wanted && says == Says::Denies)
        };
        ["boundary", "session", "identity"].into_iter().find(denies)
    }

    /// The layers that deny implicitly (IAM-EVAL-12 to IAM-EVAL-14), in the order of IAM-RSN-3.
    pub(crate) fn silent(&self) -> Vec<&'static str> {
        let is_silent = |layer: &str, says: Says| match says {
            _ if self.kind == Kind::Root => false,
            Says::Silent => true,
            Says::None => {
                layer == "identity" || (layer == "session" && self.kind == Kind::FederatedUser)
            }
            Says::Allows | Says::Denies => false,
        };
        let layers = LAYERS.into_iter().zip(self.said);
        layers
            .filter(|(layer, says)| is_silent(layer, *says))
            .map(|(layer, _)| layer)
            .collect()
    }
}

/// Fails if the rules no longer say what [`Requester::silent`] stands on.
pub(crate) fn check(rules: &Rules) -> Result<(), Failure> {
    rules.rule("IAM-EVAL-12")?.says("Root: allow T, deny F")?;
    rules
        .rule("IAM-EVAL-13")?
        .says("None set → T. Otherwise limits, never grants.")?;
    let sessions = rules.rule("IAM-EVAL-14")?;
    sessions.says("Role session without session policy → T")?;
    sessions.says("Federated user without → **F**; with → as given.")?;
    let order = rules.rule("IAM-RSN-3")?;
    order.says(
        "explicit in the order SCP, RCP, VPCE, boundary, session, resource/trust, identity",
    )?;
    order.says("SCP, VPCE, resource/trust, identity, boundary, session.")
}

/// The entries of a snapshot for these requesters.
pub(crate) fn principals(requesters: &[Requester]) -> Vec<Value> {
    let named = requesters
        .iter()
        .filter(|requester| requester.kind != Kind::Root);
    let principals: BTreeMap<String, Value> =
        named.map(|one| (one.holder(), one.principal())).collect();
    principals.into_values().collect()
}

/// Whom a resource-based policy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// The ARN of the request.
    Requester,
    /// The user or role behind it.
    Holder,
    Account,
    Everyone,
    /// Everyone, with a condition on `aws:PrincipalArn`.
    EveryoneIfHolder,
    Nothing,
}

/// The statements that allow `action` to whom is named; `rest` has the other members.
pub(crate) fn statements(
    named: Named,
    requesters: &[Requester],
    action: &str,
    rest: &Value,
) -> Vec<Value> {
    let statement = |principal: Value, condition: Option<Value>| {
        let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": action});
        if let Some(condition) = condition {
            set(&mut statement, "Condition", condition);
        }
        super::case::merged(&statement, rest)
    };
    let mut requested: Vec<String> = requesters.iter().map(Requester::arn).collect();
    let mut held: Vec<String> = requesters.iter().map(Requester::holder).collect();
    for arns in [&mut requested, &mut held] {
        arns.sort();
        arns.dedup();
    }
    match named {
        Named::Requester => vec![statement(json!({"AWS": requested}), None)],
        Named::Holder => vec![statement(json!({"AWS": held}), None)],
        Named::Account => vec![statement(json!({"AWS": A}), None)],
        Named::Everyone => vec![statement(json!("*"), None)],
        Named::EveryoneIfHolder => {
            let condition = json!({"ArnEquals": {"aws:PrincipalArn": held}});
            vec![statement(json!("*"), Some(condition))]
        }
        Named::Nothing => Vec::new(),
    }
}
