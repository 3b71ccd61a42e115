//! What one document contributes to a snapshot, with the places it says it at.
//!
//! Every source format ends here: a reader turns its documents into parts, [`crate::merge`] joins the parts.

use std::collections::{BTreeMap, BTreeSet};

use std::sync::Arc;

use preclear_model::{Arn, Place, Policy};
use preclear_simulator::Layer;
use preclear_simulator::snapshot::{
    GroupRecord, KeyRecord, OrganizationNode, PrincipalRecord, ResourceRecord, VpcEndpointRecord,
};

/// A value with the place that says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl<T> Said<T> {
    /// A value and its place.
    #[must_use]
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

/// A record with the members that its document gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<T> {
    /// The record; members that were not given hold their defaults.
    pub record: T,
    /// Where its `arn` or `id` stands.
    pub place: Place,
    /// Members that were given, by their names in a snapshot file, each with the place of its value.
    pub given: BTreeMap<&'static str, Place>,
}

impl<T> Entry<T> {
    /// A record of which no member is given yet.
    #[must_use]
    pub fn new(record: T, place: Place) -> Self {
        Self {
            record,
            place,
            given: BTreeMap::new(),
        }
    }
}

/// Accounts and Regions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Homes {
    /// Ids of accounts.
    pub accounts: BTreeSet<String>,
    /// Codes of Regions.
    pub regions: BTreeSet<String>,
}

/// The organisation as one document has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationPart {
    /// Its id; empty where it is not known (loose policy files).
    pub id: Said<String>,
    /// Management account.
    pub management_account: Option<Said<String>>,
    /// The root.
    pub root: Option<Entry<OrganizationNode>>,
    /// Organisational units.
    pub units: Vec<Entry<OrganizationNode>>,
    /// Accounts.
    pub accounts: Vec<Entry<OrganizationNode>>,
}

/// What a document attaches to a role, user or group that another one lists. Rule: IAM-PRIN-5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByName {
    /// Its ARN; nobody tells the path.
    pub arn: Arn,
    /// What is attached.
    pub policies: Vec<Arc<Policy>>,
    /// What hangs on values that are not determined yet, by names.
    pub names: BTreeSet<String>,
    /// What attaches it.
    pub addresses: BTreeSet<String>,
    /// Where that stands.
    pub place: Place,
}

/// Those of whom nobody can tell which one a policy belongs to. Rule: IAM-TRI-7.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates {
    /// The layer that the policy is of.
    pub layer: Layer,
    /// Service in their ARNs.
    pub service: &'static str,
    /// `role`, `user` or `group` of IAM; empty for the others.
    pub kind: &'static str,
    /// Their account.
    pub account: String,
    /// The name of a user, role or group, whatever its path (IAM-PRIN-5); `None` where any may be meant.
    pub name: Option<String>,
    /// What it hangs on.
    pub hangs_on: BTreeSet<String>,
}

/// What one document says about the accounts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Default account for short names.
    pub account: Option<Said<String>>,
    /// Default Region for short names.
    pub region: Option<Said<String>>,
    /// Accounts and Regions that outputs of other tools are about: if it is one, and nobody gives a default, short names mean it.
    pub homes: Homes,
    /// Whether everything that exists is listed. Rule: IAM-TRI-7.
    pub complete: Option<Said<bool>>,
    /// Layers that are unknown whatever is listed.
    pub layers_not_loaded: BTreeSet<Layer>,
    /// Layers assumed to let everything pass.
    pub layers_open: BTreeSet<Layer>,
    /// Layers known to hold no policy.
    pub layers_empty: BTreeSet<Layer>,
    /// Where the lists of layers name them, by list and layer.
    pub layer_places: BTreeMap<(&'static str, Layer), Place>,
    /// Owners of lists of policies that need not be all: more of that layer may exist unless everything is listed. Rule: IAM-TRI-7.
    pub open: BTreeMap<Layer, BTreeSet<String>>,
    /// What policies hang on that are not determined yet, by layer and owner.
    pub undetermined: BTreeMap<Layer, BTreeMap<String, BTreeSet<String>>>,
    /// True where a document says itself that it does not hold all (a list that goes on, a plan in part): whatever says so, not
    /// everything is listed.
    pub is_in_part: bool,
    /// Policies of which is not told whose they are.
    pub candidates: Vec<Candidates>,
    /// Keys that may have aliases of which nobody knows the name.
    pub aliases_not_told: BTreeSet<String>,
    /// Policies of keys that an output names beside the default one, by key.
    pub key_policies: BTreeMap<String, BTreeMap<String, Place>>,
    /// Units and accounts of which no output tells what they hang below.
    pub places_not_told: BTreeMap<String, Place>,
    /// ARNs of what a stack makes: it has the stack's own tags too.
    pub of_stacks: BTreeSet<String>,
    /// ARNs by the names that a plan or template has for what it makes.
    pub names: BTreeMap<String, String>,
    /// What stands in the plan or template for those of these ARNs that are made up.
    pub stand_ins: BTreeMap<String, String>,
    /// Resources that exist but are not loaded. Rule: JOB-8.
    pub external: Vec<String>,
    /// Opt-in Regions that an account has not enabled. Rule: KMS-XA-3.
    pub disabled_regions: BTreeMap<String, BTreeSet<String>>,
    /// The organisation.
    pub organization: Option<OrganizationPart>,
    /// Users and roles.
    pub principals: Vec<Entry<PrincipalRecord>>,
    /// Groups of users.
    pub groups: Vec<Entry<GroupRecord>>,
    /// KMS keys.
    pub keys: Vec<Entry<KeyRecord>>,
    /// Anything else.
    pub resources: Vec<Entry<ResourceRecord>>,
    /// VPC endpoints.
    pub vpc_endpoints: Vec<Entry<VpcEndpointRecord>>,
    /// What belongs to identities of other documents.
    pub by_name: Vec<ByName>,
}
