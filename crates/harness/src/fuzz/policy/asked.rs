//! A policy in its place in a small world, about which the engine is asked.

use std::sync::Arc;

use preclear_model::caller::Caller;
use preclear_model::{Arn, Policy, PolicyKind};
use preclear_simulator::snapshot::{
    Given, KeyRecord, Organization, OrganizationNode, PrincipalRecord, ResourceRecord,
    VpcEndpointKind, VpcEndpointRecord,
};
use preclear_simulator::{Ask, Detail, Engine, Request, Snapshot};

use super::super::{Finding, place, same};

const ACCOUNT: &str = "111122223333";
const USER: &str = "arn:aws:iam::111122223333:user/U";
const ROLE: &str = "arn:aws:iam::111122223333:role/R";
const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/11111111-aaaa-4bbb-8ccc-1234567890ab";
const BUCKET: &str = "arn:aws:s3:::b";
const ENDPOINT: &str = "vpce-1";

/// The engine compiles whatever the parser accepts, and its short and its long answer are one.
pub(super) fn of(policy: &Policy) -> Result<(), Finding> {
    let kind = policy.kind;
    let (Some(snapshot), Some(request)) = (world(policy), question(kind)) else {
        return Ok(());
    };
    let engine = Engine::compile(snapshot);
    let decided = engine.decide(&request);
    let explained = engine.explain(&request, Detail::Full);
    same(
        || format!("a verdict by {policy:#?}"),
        &decided,
        &explained.verdict,
    )?;
    for warning in &explained.warnings {
        warning.place.iter().try_for_each(place::inside)?;
    }
    Ok(())
}

fn world(policy: &Policy) -> Option<Snapshot> {
    let policy = Arc::new(policy.clone());
    let here = || Given::Here(Arc::clone(&policy));
    let mut snapshot = Snapshot {
        account: Some(ACCOUNT.to_owned()),
        region: Some("us-west-2".to_owned()),
        complete: true,
        ..Snapshot::default()
    };
    let mut user = PrincipalRecord::new(Arn::parse(USER)?);
    match policy.kind {
        PolicyKind::Identity => user.policies = Given::Here(vec![Arc::clone(&policy)]),
        PolicyKind::Boundary => user.boundary = here(),
        // Comes with the request.
        PolicyKind::Session => {}
        PolicyKind::Scp | PolicyKind::Rcp => {
            let node = |id: &str| OrganizationNode {
                id: id.to_owned(),
                parent: None,
                scps: Given::LeftOut,
                rcps: Given::LeftOut,
            };
            let mut account = node(ACCOUNT);
            if policy.kind == PolicyKind::Scp {
                account.scps = Given::Here(vec![Arc::clone(&policy)]);
            } else {
                account.rcps = Given::Here(vec![Arc::clone(&policy)]);
            }
            snapshot.organization = Some(Organization {
                id: "o-1".to_owned(),
                management_account: None,
                root: node("r-1"),
                units: Vec::new(),
                accounts: vec![account],
            });
        }
        PolicyKind::Resource => {
            let mut bucket = ResourceRecord::new(Arn::parse(BUCKET)?);
            bucket.account = Some(ACCOUNT.to_owned());
            bucket.policy = here();
            snapshot.resources.push(bucket);
        }
        PolicyKind::Key => {
            let mut key = KeyRecord::new(Arn::parse(KEY)?);
            key.policy = here();
            snapshot.keys.push(key);
        }
        PolicyKind::Trust => {
            let mut role = PrincipalRecord::new(Arn::parse(ROLE)?);
            role.trust = here();
            snapshot.principals.push(role);
        }
        PolicyKind::VpcEndpoint => snapshot.vpc_endpoints.push(VpcEndpointRecord {
            id: ENDPOINT.to_owned(),
            kind: VpcEndpointKind::Interface,
            vpc: None,
            account: None,
            policy: here(),
        }),
    }
    snapshot.principals.push(user);
    Some(snapshot)
}

/// What a policy of the kind has a say in.
fn question(kind: PolicyKind) -> Option<Request> {
    let caller = Caller::parse(USER).ok()?;
    let (action, resource) = match kind {
        PolicyKind::Trust => ("sts:AssumeRole", ROLE),
        PolicyKind::Key => ("kms:Decrypt", KEY),
        _ => ("s3:GetObject", "arn:aws:s3:::b/x"),
    };
    let mut request = Request::new(caller, Ask::Action(action.to_owned()));
    request.resource = Some(resource.to_owned());
    request.vpc_endpoint = (kind == PolicyKind::VpcEndpoint).then(|| ENDPOINT.to_owned());
    Some(request)
}
