//! Everything that is known about the accounts: plain data, nothing compiled.
//!
//! A member that was left out is not the same as one that says "none": the first may be unknown, the second is
//! certain (IAM-TRI-7).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use preclear_model::{Arn, Place, Policy};

use crate::layer::Layer;

/// A member of the snapshot that may be left out, or be said to be nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Given<T> {
    /// Not mentioned: what that means depends on [`Snapshot::complete`].
    #[default]
    LeftOut,
    /// Said to be nothing (`null` or empty).
    Nothing,
    /// This.
    Here(T),
}

impl<T> Given<T> {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Here(value) => Some(value),
            Self::LeftOut | Self::Nothing => None,
        }
    }

    /// True if the member was not mentioned.
    #[must_use]
    pub fn is_left_out(&self) -> bool {
        matches!(self, Self::LeftOut)
    }
}

/// In place of a text that nobody knows: state, spec, usage or origin of a key; key or role of a resource; the value of a tag. As
/// the name of a tag it says that there may be any others. Rule: IAM-TRI-7.
pub const NOT_KNOWN: &str = "NOT_KNOWN";

/// Tags of an identity or resource.
pub type Tags = BTreeMap<String, String>;

/// What is known of the accounts a question is about.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Default account for short names.
    pub account: Option<String>,
    /// Default Region for short names.
    pub region: Option<String>,
    /// True if everything that exists is listed. Rule: IAM-TRI-7.
    pub complete: bool,
    /// Layers whose policies are not loaded: unknown whatever the snapshot lists.
    pub layers_not_loaded: BTreeSet<Layer>,
    /// Layers assumed to let everything pass.
    pub layers_open: BTreeSet<Layer>,
    /// Layers known to hold no policy.
    pub layers_empty: BTreeSet<Layer>,
    /// Owners of policies that were refused, by layer: ARN of the principal, group, key or resource, id of the root,
    /// unit, account or endpoint. Nothing is known of what those policies say. Rule: IAM-GRAM-19.
    pub rejected: BTreeMap<Layer, BTreeSet<String>>,
    /// What the policies of owners in [`Self::rejected`] hang on, where nobody refused them and only applying a plan or creating a
    /// stack will tell: addresses of resources, names of parameters.
    pub undetermined: BTreeMap<Layer, BTreeMap<String, BTreeSet<String>>>,
    /// ARNs by the names that a plan or template has for what it makes.
    pub names: BTreeMap<String, String>,
    /// What stands in a plan or template for an ARN that is made up of a name, since the real one is not known yet.
    pub stand_ins: BTreeMap<String, String>,
    /// Resources that exist but are not loaded; ARNs, `*` allowed. Rule: JOB-8.
    pub external: Vec<String>,
    /// Opt-in Regions that an account has not enabled. Rule: KMS-XA-3.
    pub disabled_regions: BTreeMap<String, BTreeSet<String>>,
    /// The organisation; accounts that it does not list are outside it.
    pub organization: Option<Organization>,
    /// Users and roles.
    pub principals: Vec<PrincipalRecord>,
    /// Groups of users.
    pub groups: Vec<GroupRecord>,
    /// KMS keys.
    pub keys: Vec<KeyRecord>,
    /// Anything else that has a policy or that a job touches.
    pub resources: Vec<ResourceRecord>,
    /// VPC endpoints.
    pub vpc_endpoints: Vec<VpcEndpointRecord>,
}

impl Snapshot {
    /// True if a policy of the layer that belongs to `owner` was refused. Rule: IAM-GRAM-19.
    #[must_use]
    pub fn has_rejected(&self, layer: Layer, owner: &str) -> bool {
        let owners = self.rejected.get(&layer);
        owners.is_some_and(|owners| owners.contains(owner))
    }

    /// Every policy in it, each document once however often it is attached.
    ///
    /// ```
    /// use preclear_simulator::Snapshot;
    /// assert_eq!(Snapshot::default().policies().count(), 0);
    /// ```
    pub fn policies(&self) -> impl Iterator<Item = &Arc<Policy>> {
        fn many(given: &Given<Vec<Arc<Policy>>>) -> &[Arc<Policy>] {
            given.value().map_or(&[], Vec::as_slice)
        }
        let nodes = self.organization.iter().flat_map(|one| {
            let root = std::iter::once(&one.root);
            root.chain(&one.units).chain(&one.accounts)
        });
        let guardrails = nodes.flat_map(|node| many(&node.scps).iter().chain(many(&node.rcps)));
        let principals = self.principals.iter().flat_map(|one| {
            let limits = one.boundary.value().into_iter().chain(one.trust.value());
            many(&one.policies).iter().chain(limits)
        });
        let groups = self.groups.iter().flat_map(|one| many(&one.policies));
        let keys = self.keys.iter().flat_map(|one| {
            let policy = one.policy.value().into_iter();
            policy.chain(one.ram_policy.value())
        });
        let resources = self.resources.iter().flat_map(|one| one.policy.value());
        let endpoints = self.vpc_endpoints.iter().flat_map(|one| one.policy.value());
        let mut known = HashSet::new();
        guardrails
            .chain(principals)
            .chain(groups)
            .chain(keys)
            .chain(resources)
            .chain(endpoints)
            .filter(move |policy| known.insert(Arc::as_ptr(policy)))
    }
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Id, `o-…`.
    pub id: String,
    /// Management account: guardrails do not reach it.
    pub management_account: Option<String>,
    /// The root.
    pub root: OrganizationNode,
    /// Organisational units.
    pub units: Vec<OrganizationNode>,
    /// Accounts.
    pub accounts: Vec<OrganizationNode>,
}

/// Root, unit or account of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationNode {
    /// Id: `r-…`, `ou-…` or twelve digits.
    pub id: String,
    /// Id of the node above; none for the root, and for others it is the root. [`NOT_KNOWN`] where nobody tells.
    pub parent: Option<String>,
    /// Attached SCPs. Left out: AWS's `FullAWSAccess` alone if complete. Rule: UI-36.
    pub scps: Given<Vec<Arc<Policy>>>,
    /// Attached RCPs beside AWS's own. Rule: UI-36.
    pub rcps: Given<Vec<Arc<Policy>>>,
}

/// A user or role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalRecord {
    /// ARN with path.
    pub arn: Arn,
    /// False where the ARN's path is made up, since nobody told more than the name. Rule: IAM-PRIN-5.
    pub is_path_known: bool,
    /// Unique id, `AIDA…` or `AROA…`.
    pub id: Option<String>,
    /// Inline and attached identity policies.
    pub policies: Given<Vec<Arc<Policy>>>,
    /// ARNs of the groups of a user.
    pub groups: Given<Vec<String>>,
    /// Permissions boundary.
    pub boundary: Given<Arc<Policy>>,
    /// Trust policy of a role.
    pub trust: Given<Arc<Policy>>,
    /// Tags.
    pub tags: Option<Tags>,
}

impl PrincipalRecord {
    /// A user or role of which only the ARN is known.
    #[must_use]
    pub fn new(arn: Arn) -> Self {
        Self {
            arn,
            is_path_known: true,
            id: None,
            policies: Given::LeftOut,
            groups: Given::LeftOut,
            boundary: Given::LeftOut,
            trust: Given::LeftOut,
            tags: None,
        }
    }
}

/// A group of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRecord {
    /// ARN.
    pub arn: Arn,
    /// Inline and attached identity policies.
    pub policies: Given<Vec<Arc<Policy>>>,
}

/// Who manages a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyManager {
    /// The customer.
    Customer,
    /// AWS, in the customer's account (`alias/aws/…`). Rule: KMS-AMK-1.
    Aws,
    /// AWS, in no customer's account. Rule: KMS-AMK-5.
    AwsOwned,
}

/// A KMS key. Names of states, specs and usages are those of `DescribeKey`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Key ARN.
    pub arn: Arn,
    /// The policy named `default`.
    pub policy: Given<Arc<Policy>>,
    /// The policy named `AWS_RAM`. Rule: KMS-POL-2.
    pub ram_policy: Given<Arc<Policy>>,
    /// Key state.
    pub state: String,
    /// Key spec.
    pub spec: String,
    /// Key usage.
    pub usage: String,
    /// Origin of the key material.
    pub origin: String,
    /// Who manages it.
    pub manager: KeyManager,
    /// Service of an AWS managed key, such as `s3`.
    pub service: Option<String>,
    /// True for a multi-Region key.
    pub multi_region: bool,
    /// `PRIMARY` or `REPLICA`.
    pub multi_region_type: Option<String>,
    /// Id of the custom key store.
    pub custom_key_store: Option<String>,
    /// Last cryptographic use, a date.
    pub last_used: Option<String>,
    /// Alias names; `None` if left out.
    pub aliases: Option<Vec<String>>,
    /// Tags; `None` if left out.
    pub tags: Option<Tags>,
    /// Grants; `None` if left out.
    pub grants: Option<Vec<GrantRecord>>,
}

impl KeyRecord {
    /// An enabled symmetric customer key with nothing else said.
    #[must_use]
    pub fn new(arn: Arn) -> Self {
        let multi_region = arn.resource().starts_with("key/mrk-");
        Self {
            arn,
            policy: Given::LeftOut,
            ram_policy: Given::LeftOut,
            state: "Enabled".to_owned(),
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            usage: "ENCRYPT_DECRYPT".to_owned(),
            origin: "AWS_KMS".to_owned(),
            manager: KeyManager::Customer,
            service: None,
            multi_region,
            multi_region_type: None,
            custom_key_store: None,
            last_used: None,
            aliases: None,
            tags: None,
            grants: None,
        }
    }
}

/// A grant as `ListGrants` prints it. Rule: KMS-GRANT-1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrantRecord {
    /// Grant id.
    pub id: String,
    /// Friendly name.
    pub name: Option<String>,
    /// Grantee: account, user, role, session, or a service identity. Rule: KMS-GRANT-4.
    pub grantee: Option<String>,
    /// Grantee that is a service principal.
    pub grantee_service: Option<String>,
    /// Who may retire it.
    pub retiring: Option<String>,
    /// Service principal that may retire it.
    pub retiring_service: Option<String>,
    /// Operations as the API names them (`Decrypt`, `ReEncryptFrom`).
    pub operations: Vec<String>,
    /// Pairs that the encryption context must equal.
    pub context_equals: Option<BTreeMap<String, String>>,
    /// Pairs that the encryption context must contain.
    pub context_subset: Option<BTreeMap<String, String>>,
    /// Resource on whose behalf calls must be made. Rule: KMS-GRANT-7.
    pub source_arn: Option<String>,
    /// Account that created it; left out: the key's. Rule: UI-37.
    pub issuing_account: Option<String>,
    /// Token that makes it usable at once.
    pub token: Option<String>,
    /// False until the grant has spread. Rule: KMS-GRANT-13.
    pub consistent: bool,
    /// Where it was read.
    pub place: ReadAt,
}

/// Where a record was read, if it was: records that say the same are the same wherever they stand.
#[derive(Debug, Clone, Default)]
pub struct ReadAt(pub Option<Place>);

impl PartialEq for ReadAt {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for ReadAt {}

/// Default encryption of a bucket, as `GetBucketEncryption` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BucketEncryption {
    /// True for `aws:kms` (and `aws:kms:dsse`), false for `AES256`.
    pub kms: bool,
    /// Key identifier; none under `aws:kms` means `aws/s3`. Rule: JOB-S3-1.
    pub key: Option<String>,
    /// True where a bucket key is used.
    pub bucket_key: bool,
}

/// An object that differs from its bucket's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRecord {
    /// Object key.
    pub key: String,
    /// Key identifier; none: the object is not SSE-KMS.
    pub kms_key: Option<String>,
    /// True if it was written under a bucket key.
    pub bucket_key: bool,
    /// Further encryption-context pairs.
    pub encryption_context: BTreeMap<String, String>,
    /// Tags.
    pub tags: Tags,
}

/// A resource that is neither a principal nor a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRecord {
    /// ARN.
    pub arn: Arn,
    /// Owner, where the ARN does not say it.
    pub account: Option<String>,
    /// Region, where the ARN does not say it.
    pub region: Option<String>,
    /// Resource-based policy.
    pub policy: Given<Arc<Policy>>,
    /// Default encryption of a bucket; left out or nothing: SSE-S3.
    pub encryption: Given<BucketEncryption>,
    /// Objects of a bucket that differ from its default.
    pub objects: Vec<ObjectRecord>,
    /// Key that encrypts a queue, topic, dataset group and the like.
    pub kms_key: Option<String>,
    /// Execution role of a function.
    pub role: Option<String>,
    /// Dataset group of a Personalize resource.
    pub dataset_group: Option<String>,
    /// The resource as its Describe call prints it, as far as jobs look at it.
    pub describe: Option<serde_json::Map<String, serde_json::Value>>,
    /// Tags; `None` if left out.
    pub tags: Option<Tags>,
}

impl ResourceRecord {
    /// True where nobody knows which key encrypts it, if any, or which role it has. Rule: IAM-TRI-7, JOB-8.
    #[must_use]
    pub fn is_part_not_known(&self) -> bool {
        let texts = [self.kms_key.as_deref(), self.role.as_deref()];
        self.is_default_key_not_known() || texts.contains(&Some(NOT_KNOWN))
    }

    /// True for a bucket of whose default encryption nobody knows the key.
    #[must_use]
    pub fn is_default_key_not_known(&self) -> bool {
        let encryption = self.encryption.value();
        encryption.is_some_and(|encryption| encryption.key.as_deref() == Some(NOT_KNOWN))
    }

    /// A resource of which only the ARN is known.
    #[must_use]
    pub fn new(arn: Arn) -> Self {
        Self {
            arn,
            account: None,
            region: None,
            policy: Given::LeftOut,
            encryption: Given::LeftOut,
            objects: Vec::new(),
            kms_key: None,
            role: None,
            dataset_group: None,
            describe: None,
            tags: None,
        }
    }
}

/// Kind of a VPC endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VpcEndpointKind {
    /// Interface endpoint: principals match as usual.
    Interface,
    /// Gateway endpoint: account entries cover root users only. Rule: IAM-PRIN-16.
    Gateway,
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VpcEndpointRecord {
    /// Id, `vpce-…`.
    pub id: String,
    /// Kind.
    pub kind: VpcEndpointKind,
    /// Id of its VPC.
    pub vpc: Option<String>,
    /// Owner.
    pub account: Option<String>,
    /// Endpoint policy; left out: the default one, which lets everything pass. Rule: UI-36.
    pub policy: Given<Arc<Policy>>,
}
