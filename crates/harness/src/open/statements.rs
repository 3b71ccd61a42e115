//! Which layers have statements of which a part is not determined. Rule: IAM-TRI-7.

use std::sync::Arc;

use preclear_model::Policy;
use preclear_simulator::{Given, Layer, Request, Snapshot};

/// True if a policy of the layer, whosever it is, has such a statement.
pub(crate) fn has_open_statement(snapshot: &Snapshot, request: &Request, layer: Layer) -> bool {
    let policies = of_layer(snapshot, request, layer);
    let mut statements = policies.into_iter().flat_map(|policy| &policy.statements);
    statements.any(|statement| statement.open.is_some())
}

fn of_layer<'s>(
    snapshot: &'s Snapshot,
    request: &'s Request,
    layer: Layer,
) -> Vec<&'s Arc<Policy>> {
    let principals = snapshot.principals.iter();
    let nodes = || {
        snapshot.organization.iter().flat_map(|own| {
            let root = std::iter::once(&own.root);
            root.chain(&own.units).chain(&own.accounts)
        })
    };
    match layer {
        Layer::Identity => {
            let groups = snapshot.groups.iter().map(|record| &record.policies);
            many(principals.map(|record| &record.policies).chain(groups))
        }
        Layer::Boundary => one(principals.map(|record| &record.boundary)),
        Layer::Session => request.session_policies.iter().flatten().collect(),
        Layer::Resource => {
            let keys = snapshot.keys.iter();
            let keys = keys.flat_map(|record| [&record.policy, &record.ram_policy]);
            let resources = snapshot.resources.iter().map(|record| &record.policy);
            let trusts = principals.map(|record| &record.trust);
            one(trusts.chain(keys).chain(resources))
        }
        Layer::Scp => many(nodes().map(|node| &node.scps)),
        Layer::Rcp => many(nodes().map(|node| &node.rcps)),
        Layer::VpcEndpoint => one(snapshot.vpc_endpoints.iter().map(|record| &record.policy)),
        Layer::Grants => Vec::new(),
    }
}

fn one<'s>(given: impl Iterator<Item = &'s Given<Arc<Policy>>>) -> Vec<&'s Arc<Policy>> {
    given.filter_map(Given::value).collect()
}

fn many<'s>(given: impl Iterator<Item = &'s Given<Vec<Arc<Policy>>>>) -> Vec<&'s Arc<Policy>> {
    given.filter_map(Given::value).flatten().collect()
}
