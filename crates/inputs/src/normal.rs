//! A snapshot as one snapshot file: what was loaded from many files, in the form of one. Rule: UI-33.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use preclear_model::Policy;
use preclear_simulator::snapshot::{
    BucketEncryption, GrantRecord, GroupRecord, KeyManager, KeyRecord, ObjectRecord, Organization,
    OrganizationNode, PrincipalRecord, ResourceRecord, VpcEndpointKind, VpcEndpointRecord,
};
use preclear_simulator::{Given, Snapshot, policy_json};
use serde_json::{Map, Value, json};

/// The snapshot file. Loaded again, it gives the same answers; places are those of the new file.
///
/// ```
/// use preclear_simulator::Snapshot;
/// let file = preclear_inputs::normal::file(&Snapshot { complete: true, ..Snapshot::default() });
/// assert_eq!(file.to_string(), r#"{"preclear":1,"complete":true}"#);
/// ```
#[must_use]
pub fn file(snapshot: &Snapshot) -> Value {
    let mut file = Members::default();
    file.add("preclear", json!(1));
    file.text("account", snapshot.account.as_ref());
    file.text("region", snapshot.region.as_ref());
    file.add("complete", json!(snapshot.complete));
    for (name, layers) in [
        ("layers_not_loaded", &snapshot.layers_not_loaded),
        ("layers_open", &snapshot.layers_open),
        ("layers_empty", &snapshot.layers_empty),
    ] {
        file.list(name, layers.iter().map(|layer| json!(layer.name())));
    }
    file.list("external", snapshot.external.iter().map(|arn| json!(arn)));
    if !snapshot.disabled_regions.is_empty() {
        file.add("disabled_regions", json!(snapshot.disabled_regions));
    }
    if let Some(organization) = &snapshot.organization {
        file.add("organization", self::organization(organization));
    }
    file.list("principals", snapshot.principals.iter().map(principal));
    file.list("groups", snapshot.groups.iter().map(group));
    file.list("keys", snapshot.keys.iter().map(key));
    file.list("resources", snapshot.resources.iter().map(resource));
    file.list("vpc_endpoints", snapshot.vpc_endpoints.iter().map(endpoint));
    let undetermined = undetermined(snapshot);
    if !undetermined.is_empty() {
        file.add("undetermined", json!(undetermined));
    }
    if !snapshot.names.is_empty() {
        file.add("names", json!(snapshot.names));
    }
    if !snapshot.stand_ins.is_empty() {
        file.add("stand_ins", json!(snapshot.stand_ins));
    }
    file.into()
}

/// Policies that are not all known, whyever.
fn undetermined(snapshot: &Snapshot) -> BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> {
    let mut layers: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for (layer, owners) in &snapshot.rejected {
        for owner in owners {
            let known = layers.entry(layer.name()).or_default();
            known.entry(owner).or_default();
        }
    }
    for (layer, owners) in &snapshot.undetermined {
        for (owner, names) in owners {
            let known = layers.entry(layer.name()).or_default();
            let known = known.entry(owner).or_default();
            known.extend(names.iter().map(String::as_str));
        }
    }
    layers
}

#[derive(Default)]
struct Members(Map<String, Value>);

impl From<Members> for Value {
    fn from(members: Members) -> Self {
        Self::Object(members.0)
    }
}

impl Members {
    fn add(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    fn text(&mut self, name: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.add(name, json!(text));
        }
    }

    /// A list that is left out where it is empty.
    fn list(&mut self, name: &str, items: impl Iterator<Item = Value>) {
        let items: Vec<Value> = items.collect();
        if !items.is_empty() {
            self.add(name, Value::Array(items));
        }
    }

    fn policy(&mut self, name: &str, given: &Given<Arc<Policy>>) {
        match given {
            Given::LeftOut => {}
            Given::Nothing => self.add(name, Value::Null),
            Given::Here(policy) => self.add(name, self::policy(policy)),
        }
    }

    fn policies(&mut self, name: &str, given: &Given<Vec<Arc<Policy>>>) {
        match given {
            Given::LeftOut => {}
            Given::Nothing => self.add(name, json!([])),
            Given::Here(policies) => {
                let policies = policies.iter().map(|one| self::policy(one));
                self.add(name, Value::Array(policies.collect()));
            }
        }
    }
}

fn policy(policy: &Policy) -> Value {
    let name = match policy.name.starts_with("arn:") {
        true => "arn",
        false => "name",
    };
    let mut members = Members::default();
    members.add(name, json!(policy.name));
    members.add("document", policy_json(policy));
    let open = policy.statements.iter().enumerate();
    let open = open.filter_map(|(number, one)| Some((number.to_string(), one.open.as_deref()?)));
    let open: BTreeMap<String, &[String]> = open.collect();
    if !open.is_empty() {
        members.add("undetermined", json!(open));
    }
    members.into()
}

fn organization(organization: &Organization) -> Value {
    let mut members = Members::default();
    members.add("id", json!(organization.id));
    members.text(
        "management_account",
        organization.management_account.as_ref(),
    );
    if !organization.root.id.is_empty() {
        members.add("root", node(&organization.root));
    }
    members.list("units", organization.units.iter().map(node));
    members.list("accounts", organization.accounts.iter().map(node));
    members.into()
}

fn node(node: &OrganizationNode) -> Value {
    let mut members = Members::default();
    members.add("id", json!(node.id));
    members.text("parent", node.parent.as_ref());
    members.policies("scps", &node.scps);
    members.policies("rcps", &node.rcps);
    members.into()
}

fn principal(record: &PrincipalRecord) -> Value {
    let mut members = Members::default();
    members.add("arn", json!(record.arn.as_str()));
    members.text("id", record.id.as_ref());
    members.policies("policies", &record.policies);
    let is_user = record.arn.resource_type() == Some("user");
    match &record.groups {
        Given::LeftOut => {}
        Given::Nothing if is_user => members.add("groups", json!([])),
        Given::Nothing => {}
        Given::Here(groups) => members.add("groups", json!(groups)),
    }
    members.policy("boundary", &record.boundary);
    members.policy("trust", &record.trust);
    if let Some(tags) = &record.tags {
        members.add("tags", json!(tags));
    }
    members.into()
}

fn group(record: &GroupRecord) -> Value {
    let mut members = Members::default();
    members.add("arn", json!(record.arn.as_str()));
    members.policies("policies", &record.policies);
    members.into()
}

fn key(record: &KeyRecord) -> Value {
    let mut members = Members::default();
    members.add("arn", json!(record.arn.as_str()));
    members.policy("policy", &record.policy);
    members.policy("ram_policy", &record.ram_policy);
    members.add("state", json!(record.state));
    members.add("spec", json!(record.spec));
    members.add("usage", json!(record.usage));
    members.add("origin", json!(record.origin));
    let manager = match record.manager {
        KeyManager::Customer => "CUSTOMER",
        KeyManager::Aws => "AWS",
        KeyManager::AwsOwned => "AWS_OWNED",
    };
    members.add("manager", json!(manager));
    members.text("service", record.service.as_ref());
    members.add("multi_region", json!(record.multi_region));
    members.text("multi_region_type", record.multi_region_type.as_ref());
    members.text("custom_key_store", record.custom_key_store.as_ref());
    members.text("last_used", record.last_used.as_ref());
    if let Some(aliases) = &record.aliases {
        members.add("aliases", json!(aliases));
    }
    if let Some(tags) = &record.tags {
        members.add("tags", json!(tags));
    }
    if let Some(grants) = &record.grants {
        members.add("grants", grants.iter().map(grant).collect());
    }
    members.into()
}

fn grant(record: &GrantRecord) -> Value {
    let mut members = Members::default();
    members.add("GrantId", json!(record.id));
    for (name, text) in [
        ("Name", &record.name),
        ("GranteePrincipal", &record.grantee),
        ("GranteeServicePrincipal", &record.grantee_service),
        ("RetiringPrincipal", &record.retiring),
        ("RetiringServicePrincipal", &record.retiring_service),
        ("IssuingAccount", &record.issuing_account),
        ("GrantToken", &record.token),
    ] {
        members.text(name, text.as_ref());
    }
    members.add("Operations", json!(record.operations));
    let mut constraints = Members::default();
    if let Some(pairs) = &record.context_equals {
        constraints.add("EncryptionContextEquals", json!(pairs));
    }
    if let Some(pairs) = &record.context_subset {
        constraints.add("EncryptionContextSubset", json!(pairs));
    }
    constraints.text("SourceArn", record.source_arn.as_ref());
    if !constraints.0.is_empty() {
        members.add("Constraints", constraints.into());
    }
    if !record.consistent {
        members.add("Consistent", json!(false));
    }
    members.into()
}

fn resource(record: &ResourceRecord) -> Value {
    let mut members = Members::default();
    members.add("arn", json!(record.arn.as_str()));
    members.text("account", record.account.as_ref());
    members.text("region", record.region.as_ref());
    members.policy("policy", &record.policy);
    match &record.encryption {
        Given::LeftOut => {}
        Given::Nothing => members.add("encryption", Value::Null),
        Given::Here(encryption) => members.add("encryption", self::encryption(encryption)),
    }
    members.list("objects", record.objects.iter().map(object));
    members.text("kms_key", record.kms_key.as_ref());
    members.text("role", record.role.as_ref());
    members.text("dataset_group", record.dataset_group.as_ref());
    if let Some(describe) = &record.describe {
        members.add("describe", Value::Object(describe.clone()));
    }
    if let Some(tags) = &record.tags {
        members.add("tags", json!(tags));
    }
    members.into()
}

fn encryption(encryption: &BucketEncryption) -> Value {
    let mut default = Members::default();
    let algorithm = if encryption.kms { "aws:kms" } else { "AES256" };
    default.add("SSEAlgorithm", json!(algorithm));
    default.text("KMSMasterKeyID", encryption.key.as_ref());
    json!({"Rules": [{
        "ApplyServerSideEncryptionByDefault": Value::from(default),
        "BucketKeyEnabled": encryption.bucket_key,
    }]})
}

fn object(record: &ObjectRecord) -> Value {
    let mut members = Members::default();
    members.add("key", json!(record.key));
    members.text("kms_key", record.kms_key.as_ref());
    members.add("bucket_key", json!(record.bucket_key));
    if !record.encryption_context.is_empty() {
        members.add("encryption_context", json!(record.encryption_context));
    }
    if !record.tags.is_empty() {
        members.add("tags", json!(record.tags));
    }
    members.into()
}

fn endpoint(record: &VpcEndpointRecord) -> Value {
    let mut members = Members::default();
    members.add("id", json!(record.id));
    let kind = match record.kind {
        VpcEndpointKind::Interface => "interface",
        VpcEndpointKind::Gateway => "gateway",
    };
    members.add("kind", json!(kind));
    members.text("vpc", record.vpc.as_ref());
    members.text("account", record.account.as_ref());
    members.policy("policy", &record.policy);
    members.into()
}
