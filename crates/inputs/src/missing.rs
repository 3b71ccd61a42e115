//! What a snapshot does not say, and what answers may depend on therefore. Rule: IAM-TRI-7.

use std::collections::BTreeSet;
use std::sync::Arc;

use preclear_model::Policy;
use preclear_simulator::snapshot::{KeyManager, OrganizationNode};
use preclear_simulator::{Given, Layer, Snapshot};

/// One thing that is missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The layer that is unknown; `None` for the snapshot as a whole.
    pub layer: Option<Layer>,
    /// ARN or id of whose policies they are; `None` for those of everybody.
    pub owner: Option<String>,
    /// What is missing, in words.
    pub what: String,
    /// Addresses, logical ids and parameters that it hangs on.
    pub names: Vec<String>,
    /// What to do about it.
    pub help: &'static str,
}

/// Everything that is missing, in a fixed order.
///
/// ```
/// use preclear_simulator::Snapshot;
/// let empty = Snapshot::default();
/// assert!(preclear_inputs::missing::missing(&empty)[0].what.contains("nothing else exists"));
/// let complete = Snapshot { complete: true, ..Snapshot::default() };
/// assert!(preclear_inputs::missing::missing(&complete).is_empty());
/// ```
#[must_use]
pub fn missing(snapshot: &Snapshot) -> Vec<Missing> {
    let mut found = Found {
        snapshot,
        missing: Vec::new(),
    };
    found.whole();
    found.layers();
    found.places();
    found.owners();
    found.statements();
    found.left_out();
    found.missing.sort();
    found.missing.dedup();
    found.missing
}

/// What a snapshot takes as not there only because it says `complete: true`, though inputs of its kind do not tell: outputs of
/// an account, plans and templates are silent about the organization. Rule: IAM-TRI-7.
///
/// ```
/// use preclear_simulator::Snapshot;
/// let account = Some("111122223333".to_owned());
/// let complete = Snapshot { complete: true, account, ..Snapshot::default() };
/// assert_eq!(preclear_inputs::missing::taken_as_none(&complete).len(), 1);
/// ```
#[must_use]
pub fn taken_as_none(snapshot: &Snapshot) -> Vec<Missing> {
    let has_accounts = snapshot.account.is_some()
        || !snapshot.principals.is_empty()
        || !snapshot.keys.is_empty()
        || !snapshot.resources.is_empty();
    let is_said = |layer| {
        snapshot.layers_open.contains(&layer)
            || snapshot.layers_empty.contains(&layer)
            || snapshot.layers_not_loaded.contains(&layer)
    };
    if !snapshot.complete
        || snapshot.organization.is_some()
        || !has_accounts
        || (is_said(Layer::Scp) && is_said(Layer::Rcp))
    {
        return Vec::new();
    }
    vec![Missing {
        layer: Some(Layer::Scp),
        owner: None,
        what: "the organization, with its SCPs and RCPs".to_owned(),
        names: Vec::new(),
        help: "if the account is in one, add it (`collect.sh --organization`), or write `layers_not_loaded: [scp, rcp]`; if not, \
               `layers_empty: [scp, rcp]` says so",
    }]
}

struct Found<'s> {
    snapshot: &'s Snapshot,
    missing: Vec<Missing>,
}

impl Found<'_> {
    fn add(&mut self, layer: Layer, owner: Option<&str>, what: &str, help: &'static str) {
        // What is said about a layer as a whole counts, whatever else is there.
        let snapshot = self.snapshot;
        if snapshot.layers_open.contains(&layer) || snapshot.layers_empty.contains(&layer) {
            return;
        }
        // What is known to be open is told by its reason.
        let undetermined = snapshot.undetermined.get(&layer);
        let is_told = owner.is_some_and(|owner| {
            snapshot.has_rejected(layer, owner)
                || undetermined.is_some_and(|owners| owners.contains_key(owner))
        });
        if is_told {
            return;
        }
        self.missing.push(Missing {
            layer: Some(layer),
            owner: owner.map(str::to_owned),
            what: what.to_owned(),
            names: Vec::new(),
            help,
        });
    }

    fn whole(&mut self) {
        if !self.snapshot.complete {
            self.missing.push(Missing {
                layer: None,
                owner: None,
                what: "nothing says that nothing else exists".to_owned(),
                names: Vec::new(),
                help: "if these inputs are all there is, add a file with the two lines `preclear: 1` and `complete: true`",
            });
            if self.snapshot.organization.is_none() {
                let help = "add the organization, or `layers_open: [scp, rcp]` to set it aside";
                self.add(Layer::Scp, None, "the organization with its policies", help);
                self.add(Layer::Rcp, None, "the organization with its policies", help);
            }
        }
    }

    fn layers(&mut self) {
        for layer in self.snapshot.layers_not_loaded.clone() {
            let help = "load its policies, and take it out of `layers_not_loaded`";
            self.add(layer, None, "the layer was not loaded", help);
        }
    }

    /// Policies that were refused, are not all known, or are determined later.
    fn owners(&mut self) {
        let none = BTreeSet::new();
        for (layer, owners) in &self.snapshot.rejected {
            for owner in owners {
                let names = self.snapshot.undetermined.get(layer);
                let names = names.and_then(|owners| owners.get(owner)).unwrap_or(&none);
                let (what, help) = match names.is_empty() {
                    true => (
                        "more policies than are listed may be there, or one was refused",
                        "load all of them; where a policy was refused, a warning names it",
                    ),
                    // Addresses of Terraform have dots.
                    false if names.iter().all(|name| name.contains('.')) => (
                        "policies that are not determined yet",
                        "apply the plan first and load its state instead",
                    ),
                    false => (
                        "policies that are not determined yet",
                        "give the parameters by `--param`, or load what was made of it instead",
                    ),
                };
                self.missing.push(Missing {
                    layer: Some(*layer),
                    owner: Some(owner.clone()),
                    what: what.to_owned(),
                    names: names.iter().cloned().collect(),
                    help,
                });
            }
        }
        for (owner, names) in self
            .snapshot
            .undetermined
            .get(&Layer::Grants)
            .into_iter()
            .flatten()
        {
            self.missing.push(Missing {
                layer: Some(Layer::Grants),
                owner: Some(owner.clone()),
                what: "grants that are not determined yet".to_owned(),
                names: names.iter().cloned().collect(),
                help: "load the output of `aws kms list-grants` once they are made; what is not understood of it a warning names",
            });
        }
    }

    /// Statements of which a part is determined later.
    fn statements(&mut self) {
        for (layer, owner, policies) in policies(self.snapshot) {
            let statements = policies.iter().flat_map(|policy| &policy.statements);
            let open = statements.filter_map(|statement| statement.open.as_deref());
            let names: BTreeSet<&String> = open.flatten().collect();
            if names.is_empty() {
                continue;
            }
            // Addresses of Terraform have dots.
            let help = match names.iter().all(|name| name.contains('.')) {
                true => "apply the plan first and load its state instead",
                false => "give the parameters by `--param`, or load what was made of it instead",
            };
            self.missing.push(Missing {
                layer: Some(layer),
                owner: Some(owner.to_owned()),
                what: "statements of which a part is not determined yet".to_owned(),
                names: names.into_iter().cloned().collect(),
                help,
            });
        }
    }

    /// Members that entries leave out. In a complete snapshot most of them mean that there is nothing.
    fn left_out(&mut self) {
        let snapshot = self.snapshot;
        for key in &snapshot.keys {
            let arn = key.arn.as_str();
            let is_aws = key.manager != KeyManager::Customer;
            if key.policy.is_left_out() && !is_aws {
                let help = "add `policy` to the key, or the output of `aws kms get-key-policy`";
                self.add(Layer::Resource, Some(arn), "the key policy", help);
            }
            if key.grants.is_none() && !snapshot.complete {
                let help = "add `grants` to the key, or the output of `aws kms list-grants`";
                self.add(Layer::Grants, Some(arn), "the key's grants", help);
            }
        }
        if snapshot.complete {
            return;
        }
        for principal in &snapshot.principals {
            let arn = principal.arn.as_str();
            let is_role = principal.arn.resource_type() == Some("role");
            if principal.policies.is_left_out() {
                let help =
                    "add `policies`, or the output of `aws iam get-account-authorization-details`";
                self.add(Layer::Identity, Some(arn), "identity policies", help);
            }
            if principal.boundary.is_left_out() {
                let help = "add `boundary`, `null` for none";
                self.add(
                    Layer::Boundary,
                    Some(arn),
                    "whether there is a boundary",
                    help,
                );
            }
            if is_role && principal.trust.is_left_out() {
                let help = "add `trust`, or the output of `aws iam get-role`";
                self.add(Layer::Resource, Some(arn), "the trust policy", help);
            }
        }
        for group in &snapshot.groups {
            if group.policies.is_left_out() {
                let help = "add `policies` to the group";
                self.add(
                    Layer::Identity,
                    Some(group.arn.as_str()),
                    "the group's policies",
                    help,
                );
            }
        }
        for resource in &snapshot.resources {
            if resource.policy.is_left_out() {
                let help = "add `policy`, `null` for none";
                self.add(
                    Layer::Resource,
                    Some(resource.arn.as_str()),
                    "whether there is a resource-based policy",
                    help,
                );
            }
        }
        if let Some(organization) = &snapshot.organization {
            let nodes = std::iter::once(&organization.root)
                .chain(&organization.units)
                .chain(&organization.accounts);
            for node in nodes {
                self.node(node);
            }
        }
    }

    /// Units and accounts of which nobody tells what is above them.
    fn places(&mut self) {
        let snapshot = self.snapshot;
        let Some(organization) = &snapshot.organization else {
            return;
        };
        let help = "add `parent`, or the output of `aws organizations list-parents` or `list-accounts-for-parent`";
        for node in organization.units.iter().chain(&organization.accounts) {
            let is_told = match &node.parent {
                Some(parent) => parent != preclear_simulator::snapshot::NOT_KNOWN,
                None => snapshot.complete || organization.id.is_empty(),
            };
            if !is_told {
                for layer in [Layer::Scp, Layer::Rcp] {
                    let what = "what is above it in the organization";
                    self.add(layer, Some(&node.id), what, help);
                }
            }
        }
    }

    fn node(&mut self, node: &OrganizationNode) {
        let is_left_out = |policies: &Given<_>| policies.is_left_out();
        if is_left_out(&node.scps) {
            let help = "add `scps`, or the output of `aws organizations list-policies-for-target`";
            self.add(Layer::Scp, Some(&node.id), "its SCPs", help);
        }
        if is_left_out(&node.rcps) {
            let help = "add `rcps`, or the output of `aws organizations list-policies-for-target`";
            self.add(Layer::Rcp, Some(&node.id), "its RCPs", help);
        }
    }
}

/// All policies, with their layers and owners.
fn policies(snapshot: &Snapshot) -> Vec<(Layer, &str, &[Arc<Policy>])> {
    fn many(given: &Given<Vec<Arc<Policy>>>) -> &[Arc<Policy>] {
        given.value().map_or(&[], Vec::as_slice)
    }
    fn one(given: &Given<Arc<Policy>>) -> &[Arc<Policy>] {
        given.value().map_or(&[], std::slice::from_ref)
    }
    let mut found = Vec::new();
    for record in &snapshot.principals {
        let arn = record.arn.as_str();
        found.push((Layer::Identity, arn, many(&record.policies)));
        found.push((Layer::Boundary, arn, one(&record.boundary)));
        found.push((Layer::Resource, arn, one(&record.trust)));
    }
    for record in &snapshot.groups {
        found.push((Layer::Identity, record.arn.as_str(), many(&record.policies)));
    }
    for record in &snapshot.keys {
        let arn = record.arn.as_str();
        found.push((Layer::Resource, arn, one(&record.policy)));
        found.push((Layer::Resource, arn, one(&record.ram_policy)));
    }
    for record in &snapshot.resources {
        found.push((Layer::Resource, record.arn.as_str(), one(&record.policy)));
    }
    for record in &snapshot.vpc_endpoints {
        found.push((Layer::VpcEndpoint, &record.id, one(&record.policy)));
    }
    for node in snapshot.organization.iter().flat_map(|own| {
        let root = std::iter::once(&own.root);
        root.chain(&own.units).chain(&own.accounts)
    }) {
        found.push((Layer::Scp, &node.id, many(&node.scps)));
        found.push((Layer::Rcp, &node.id, many(&node.rcps)));
    }
    found
}
