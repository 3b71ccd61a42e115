//! What limits and never grants: SCPs, RCPs, the policy of the VPC endpoint. Rule: IAM-EVAL-7…11.

use std::sync::Arc;

use preclear_catalog::services::rcp_reaches;
use preclear_model::Policy;
use preclear_simulator::snapshot::{KeyManager, OrganizationNode, VpcEndpointKind};
use preclear_simulator::{Given, Layer, Snapshot};

use super::context::forwarding::{Endpoint, endpoint};
use super::context::organization::{Chain, Membership, chain, is_management, membership};
use super::layer::{Says, says, says_of};
use super::listed::{Declared, Known, declared, known};
use super::principal::Place;
use super::question::Question;
use super::target::{Key, Kind};
use super::value::Tri;

/// The policies of an organisation that reach an account.
enum Reach<'a> {
    /// None.
    Nothing,
    /// Nobody knows which.
    Unknown,
    /// Those of these levels; none at all if it is the management account.
    Levels {
        chain: Chain<'a>,
        is_management: Tri,
    },
}

/// What reaches an account: nothing outside the organisation, and nothing in the management account.
/// Rule: IAM-EVAL-8, IAM-EVAL-10, IAM-TRI-7.
fn reach<'a>(snapshot: &'a Snapshot, account: Option<&str>, layer: Layer) -> Reach<'a> {
    let (membership, is_management) = match (membership(snapshot, account), account) {
        // Of an organisation that is not listed there may still be policies.
        (Membership::Outside, _) if snapshot.organization.is_some() => return Reach::Nothing,
        (Membership::In(organization), Some(account)) => (
            Membership::In(organization),
            is_management(snapshot, organization, account),
        ),
        (membership, _) => (membership, Tri::False),
    };
    if is_management == Tri::True {
        return Reach::Nothing;
    }
    match declared(snapshot, layer) {
        Declared::NotLoaded => return Reach::Unknown,
        // Without any policy there are no SCPs: every level of those that are on has one. Rule: IAM-EVAL-7.
        Declared::Open | Declared::Empty => return Reach::Nothing,
        Declared::AsListed => {}
    }
    match membership {
        Membership::Outside => Reach::Nothing,
        Membership::Unknown => Reach::Unknown,
        Membership::In(organization) => Reach::Levels {
            chain: chain(snapshot, organization, account.unwrap_or_default()),
            is_management,
        },
    }
}

/// SCPs of the principal's account: every level must allow, none may deny. Rule: IAM-EVAL-7, IAM-EVAL-8.
pub(crate) fn scp(question: &Question<'_>) -> Says {
    let requester = &question.requester;
    if requester.account().is_none() || requester.is_service_linked() {
        return Says::OPEN;
    }
    match reach(question.snapshot, requester.account(), Layer::Scp) {
        Reach::Nothing => Says::OPEN,
        Reach::Unknown => Says::UNKNOWN,
        Reach::Levels {
            chain,
            is_management,
        } => {
            let between = (!chain.is_whole).then_some(Says::UNKNOWN);
            let levels = chain.levels.iter().map(|node| scp_level(question, node));
            let levels: Vec<Says> = levels.chain(between).collect();
            let says = Says {
                allow: Tri::all(levels.iter().map(|level| level.allow)),
                deny: Tri::any(levels.iter().map(|level| level.deny)),
            };
            says.unless(is_management)
        }
    }
}

/// One level: left out, it is AWS's `FullAWSAccess` alone if everything is listed; none attached allows nothing.
/// Rule: UI-36, IAM-EVAL-7.
fn scp_level(question: &Question<'_>, node: &OrganizationNode) -> Says {
    let says = match (&node.scps, question.snapshot.complete) {
        (Given::Here(policies), _) => says(question, policies),
        (Given::Nothing, _) => Says::SILENT,
        (Given::LeftOut, true) => Says::OPEN,
        (Given::LeftOut, false) => Says::UNKNOWN,
    };
    says.or_unknown(question.snapshot.has_rejected(Layer::Scp, &node.id))
}

/// RCPs of the resource's account, which only deny: AWS's own allows everything at every level. Rule: IAM-EVAL-9,
/// IAM-EVAL-10.
pub(crate) fn rcp(question: &Question<'_>) -> Says {
    let account = question.target.account.as_deref();
    let is_reached = rcp_reaches(&question.service, &question.action)
        && !question.requester.is_service_linked()
        && !is_aws_managed(question);
    if !is_reached || (account.is_none() && matches!(question.target.kind, Kind::Everything)) {
        return Says::OPEN;
    }
    let deny = match reach(question.snapshot, account, Layer::Rcp) {
        Reach::Nothing => return Says::OPEN,
        Reach::Unknown => Tri::Unknown,
        Reach::Levels {
            chain,
            is_management,
        } => {
            let between = (!chain.is_whole).then_some(Tri::Unknown);
            let levels = chain.levels.iter().map(|node| rcp_level(question, node));
            let deny = Tri::any(levels.chain(between));
            deny.and(is_management.not())
        }
    };
    Says {
        allow: Tri::True,
        deny,
    }
}

/// What one level denies. Rule: UI-36.
fn rcp_level(question: &Question<'_>, node: &OrganizationNode) -> Tri {
    let deny = |policy: &Arc<Policy>| says_of(question, policy, Place::Ordinary).deny;
    let said = match (&node.rcps, question.snapshot.complete) {
        (Given::Here(policies), _) => Tri::any(policies.iter().map(deny)),
        (Given::Nothing, _) | (Given::LeftOut, true) => Tri::False,
        (Given::LeftOut, false) => Tri::Unknown,
    };
    let is_rejected = question.snapshot.has_rejected(Layer::Rcp, &node.id);
    match is_rejected {
        true => said.or(Tri::Unknown),
        false => said,
    }
}

/// True for a key that AWS manages in the customer's account. Rule: KMS-AMK-4.
pub(crate) fn is_aws_managed(question: &Question<'_>) -> bool {
    match &question.target.kind {
        Kind::Key(Key::Listed(record)) => record.manager == KeyManager::Aws,
        Kind::Key(Key::OfService(_)) => true,
        _ => false,
    }
}

/// The policy of the VPC endpoint that the call passes; without one there is no such layer. Rule: IAM-EVAL-11, UI-36.
pub(crate) fn vpc_endpoint(question: &Question<'_>) -> Says {
    let snapshot = question.snapshot;
    let endpoint = endpoint(question);
    if endpoint == Endpoint::None {
        return Says::OPEN;
    }
    match declared(snapshot, Layer::VpcEndpoint) {
        Declared::NotLoaded => return Says::UNKNOWN,
        Declared::Open | Declared::Empty => return Says::OPEN,
        Declared::AsListed => {}
    }
    let Endpoint::This(id) = endpoint else {
        return Says::UNKNOWN;
    };
    let mut listed = snapshot.vpc_endpoints.iter();
    let Some(record) = listed.find(|record| record.id == id) else {
        return match snapshot.complete {
            true => Says::OPEN,
            false => Says::UNKNOWN,
        };
    };
    if snapshot.has_rejected(Layer::VpcEndpoint, &record.id) {
        return Says::UNKNOWN;
    }
    let place = match record.kind {
        VpcEndpointKind::Interface => Place::Ordinary,
        VpcEndpointKind::Gateway => Place::Gateway,
    };
    // One without a policy has the default one, which allows everything.
    match known(&record.policy, true) {
        Known::Here(policy) => says_of(question, policy, place).of_any(),
        Known::Nothing | Known::Unknown => Says::OPEN,
    }
}
