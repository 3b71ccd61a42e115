//! A snapshot from policy files that are given one by one, for one question. Rule: UI-10.
//!
//! What is not given is not made up: identity and resource policies are unknown then, the other layers open, and there
//! are no grants. The simulator names what that takes for granted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use preclear_model::caller::{Caller, CallerKind};
use preclear_model::{Arn, Diagnostic, Diagnostics, Policy, PolicyKind};
use preclear_simulator::snapshot::{
    GrantRecord, KeyRecord, Organization, OrganizationNode, PrincipalRecord, ResourceRecord,
};
use preclear_simulator::{Given, Layer, Snapshot};

use crate::files::Files;
use crate::loader::{Loaded, Loader, Options};
use crate::snapshot_file::grants;

mod subject;

pub use subject::resource_of;
use subject::{UNNAMED_KEY, identity_of, is_identity_known, is_key, key_of, owner_of_policy};

/// AWS's SCP that allows everything: what hangs at the levels that no flag names.
const FULL_AWS_ACCESS: &str = "organizations::aws:policy/service_control_policy/p-FullAWSAccess";

/// Policy files, one member per flag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoosePolicies {
    /// Identity policies of the caller.
    pub identity: Vec<PathBuf>,
    /// Key policy of the key that is asked about.
    pub key: Option<PathBuf>,
    /// Resource-based policy of the resource that is asked about.
    pub resource: Option<PathBuf>,
    /// Permissions boundary of the caller.
    pub boundary: Option<PathBuf>,
    /// SCPs of the caller's account.
    pub scps: Vec<PathBuf>,
    /// RCPs of the resource's account.
    pub rcps: Vec<PathBuf>,
    /// Trust policy of the role that is asked about.
    pub trust: Option<PathBuf>,
    /// Grants of the key that is asked about, as `list-grants` prints them.
    pub grants: Option<PathBuf>,
    /// Session policies of the caller.
    pub session: Vec<PathBuf>,
    /// True: what is not given does not exist. Rule: IAM-TRI-7.
    pub complete: bool,
}

impl LoosePolicies {
    /// True if no file is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self
            == Self {
                complete: self.complete,
                ..Self::default()
            }
    }
}

/// Whom and what the policies belong to.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The caller.
    pub caller: &'a Caller,
    /// The resource, as typed.
    pub resource: Option<&'a str>,
    /// Owner of the resource, where its ARN does not say it.
    pub resource_account: Option<&'a str>,
    /// Region of the call.
    pub region: Option<&'a str>,
}

/// A snapshot from loose policies, and what belongs to the request itself.
#[derive(Debug, Clone)]
pub struct Loose {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Session policies for the request; `None` if none are given.
    pub session_policies: Option<Vec<Arc<Policy>>>,
    /// True if one of them was rejected: that belongs to the request too. Rule: IAM-GRAM-19.
    pub session_policy_rejected: bool,
}

/// Builds a snapshot from loose policies.
///
/// The organisation that SCPs and RCPs need has an empty id: nothing is known of it but what hangs in it.
///
/// # Errors
///
/// Everything that is wrong with the files; policies that caller or resource cannot have.
///
/// ```
/// use preclear_inputs::files::MemoryFiles;
/// use preclear_inputs::loose::{LoosePolicies, Subject, load};
/// use preclear_inputs::Options;
/// use preclear_model::caller::Caller;
/// use preclear_simulator::Layer;
/// let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}"#;
/// let files = MemoryFiles::from_iter([("p.json", policy)]);
/// let policies = LoosePolicies { identity: vec!["p.json".into()], ..LoosePolicies::default() };
/// let caller = Caller::parse("arn:aws:iam::111122223333:role/r").unwrap();
/// let subject = Subject { caller: &caller, resource: Some("*"), resource_account: None, region: None };
/// let loose = load(&policies, subject, &files, &Options::default()).unwrap().value;
/// assert!(loose.snapshot.layers_not_loaded.contains(&Layer::Resource));
/// assert!(loose.snapshot.layers_open.contains(&Layer::Scp));
/// ```
pub fn load(
    policies: &LoosePolicies,
    subject: Subject<'_>,
    files: &dyn Files,
    options: &Options,
) -> Result<Loaded<Loose>, Diagnostics> {
    let mut loader = Loader::new(files, options);
    let mut snapshot = Snapshot {
        complete: policies.complete,
        region: subject.region.map(str::to_owned),
        account: subject.caller.account.clone(),
        ..Snapshot::default()
    };
    add_caller(&mut loader, &mut snapshot, policies, subject);
    add_key(&mut loader, &mut snapshot, policies, subject);
    add_resource(&mut loader, &mut snapshot, policies, subject);
    add_trust(&mut loader, &mut snapshot, policies, subject);
    add_organization(&mut loader, &mut snapshot, policies, subject);
    let session = read_all(&mut loader, &policies.session, PolicyKind::Session);
    if !policies.complete {
        layers(&mut snapshot, policies);
    }
    // Session policies are no part of the snapshot.
    let session_policy_rejected = loader.rejected_layers.remove(&Layer::Session);
    for layer in &loader.rejected_layers {
        snapshot.layers_open.remove(layer);
        snapshot.layers_empty.remove(layer);
        snapshot.layers_not_loaded.insert(*layer);
    }
    let session_policies = (!policies.session.is_empty()).then_some(session);
    loader.finish(Some(Loose {
        snapshot,
        session_policies,
        session_policy_rejected,
    }))
}

/// Reads policy files for one question.
///
/// A rejected one has no layer here that could be left open, so [`Options::keep_going`] does not help.
///
/// # Errors
///
/// Everything that is wrong with the files.
pub fn read_policies<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    kind: PolicyKind,
    files: &dyn Files,
    options: &Options,
) -> Result<Loaded<Vec<Arc<Policy>>>, Diagnostics> {
    let options = Options {
        keep_going: false,
        ..options.clone()
    };
    let mut loader = Loader::new(files, &options);
    let policies = paths
        .into_iter()
        .filter_map(|path| loader.policy_file(path.as_ref(), kind))
        .collect();
    loader.finish(Some(policies))
}

/// What the layers without files count as. Rule: UI-10.
fn layers(snapshot: &mut Snapshot, policies: &LoosePolicies) {
    let has_resource =
        policies.key.is_some() || policies.resource.is_some() || policies.trust.is_some();
    for (layer, is_given) in [
        (Layer::Identity, !policies.identity.is_empty()),
        (Layer::Resource, has_resource),
    ] {
        if !is_given {
            snapshot.layers_not_loaded.insert(layer);
        }
    }
    let open = [
        (Layer::Scp, !policies.scps.is_empty()),
        (Layer::Rcp, !policies.rcps.is_empty()),
        (Layer::VpcEndpoint, false),
        (Layer::Boundary, policies.boundary.is_some()),
        (Layer::Session, !policies.session.is_empty()),
    ];
    snapshot.layers_open.extend(
        open.into_iter()
            .filter(|(_, is_given)| !is_given)
            .map(|(layer, _)| layer),
    );
    if policies.grants.is_none() {
        snapshot.layers_empty.insert(Layer::Grants);
    }
}

fn read_all(loader: &mut Loader<'_>, paths: &[PathBuf], kind: PolicyKind) -> Vec<Arc<Policy>> {
    paths
        .iter()
        .filter_map(|path| loader.policy_file(path, kind))
        .collect()
}

fn read_one(
    loader: &mut Loader<'_>,
    path: Option<&PathBuf>,
    kind: PolicyKind,
) -> Given<Arc<Policy>> {
    path.and_then(|path| loader.policy_file(path, kind))
        .map_or(Given::LeftOut, Given::Here)
}

const NO_RESOURCE: &str = "no `--resource` was given";

/// A policy that nobody can have.
fn misplaced(loader: &mut Loader<'_>, path: &Path, why: String, help: &str) {
    let message = format!("`{}` belongs to nobody here: {why}", path.display());
    loader.diagnostics.push(
        Diagnostic::error("MISPLACED_POLICY", message)
            .rule("UI-10")
            .help(help),
    );
}

/// Identity policies and boundary.
fn add_caller(
    loader: &mut Loader<'_>,
    snapshot: &mut Snapshot,
    policies: &LoosePolicies,
    subject: Subject<'_>,
) {
    let Some(first) = policies.identity.first().or(policies.boundary.as_ref()) else {
        return;
    };
    let Some(arn) = identity_of(subject.caller) else {
        let name = subject.caller.display_arn();
        let (why, help) = match subject.caller.kind {
            // The IAM user's policies count (IAM-EVAL-12), but nobody told who that is (IAM-PRIN-6).
            CallerKind::FederatedUser { .. } => (
                format!("the IAM user of `{name}` is not told"),
                "give it as `user` of the principal in a request file: `principal: {arn: …, user: ARN}`",
            ),
            _ => (
                format!("`{name}` has no identity policies"),
                "name a user, a role or a session of a role",
            ),
        };
        misplaced(loader, first, why, help);
        return;
    };
    let identity = read_all(loader, &policies.identity, PolicyKind::Identity);
    snapshot.principals.push(PrincipalRecord {
        policies: if policies.identity.is_empty() {
            Given::LeftOut
        } else {
            Given::Here(identity)
        },
        boundary: read_one(loader, policies.boundary.as_ref(), PolicyKind::Boundary),
        is_path_known: is_identity_known(subject.caller),
        ..principal_record(arn)
    });
}

fn principal_record(arn: Arn) -> PrincipalRecord {
    PrincipalRecord {
        arn,
        is_path_known: true,
        id: None,
        policies: Given::LeftOut,
        groups: Given::Nothing,
        boundary: Given::LeftOut,
        trust: Given::LeftOut,
        tags: None,
    }
}

/// The key, if there is something to say about it.
fn add_key(
    loader: &mut Loader<'_>,
    snapshot: &mut Snapshot,
    policies: &LoosePolicies,
    subject: Subject<'_>,
) {
    let of_key = policies
        .resource
        .as_ref()
        .filter(|_| is_key(subject.resource));
    let policy = policies.key.as_ref().or(of_key);
    let Some(first) = policy.or(policies.grants.as_ref()) else {
        return;
    };
    let (arn, alias) = match key_of(subject) {
        Ok(key) => key,
        Err((why, help)) => return misplaced(loader, first, why, help),
    };
    let policy = read_one(loader, policy, PolicyKind::Key);
    let grants = policies
        .grants
        .as_ref()
        .map(|path| grants_in(loader, path, &arn));
    snapshot.keys.push(KeyRecord {
        policy,
        grants,
        aliases: alias.map(|alias| vec![alias]),
        ..KeyRecord::new(arn)
    });
}

fn grants_in(loader: &mut Loader<'_>, path: &Path, key: &Arn) -> Vec<GrantRecord> {
    let Some(document) = loader.document(path, None) else {
        return Vec::new();
    };
    if loader.report_placeholders(&document.node, &document.origin.source) {
        return Vec::new();
    }
    // Behind an alias the key's id is not known, so the grants cannot contradict it.
    let key = (key.resource() != UNNAMED_KEY).then_some(key);
    grants(loader, &document.node, &document.origin, key)
}

/// A bucket, queue or the like with its policy.
fn add_resource(
    loader: &mut Loader<'_>,
    snapshot: &mut Snapshot,
    policies: &LoosePolicies,
    subject: Subject<'_>,
) {
    let Some(path) = policies
        .resource
        .as_ref()
        .filter(|_| !is_key(subject.resource))
    else {
        return;
    };
    let arn = subject
        .resource
        .and_then(Arn::parse)
        .and_then(|arn| owner_of_policy(&arn));
    let Some(arn) = arn else {
        let why = subject.resource.map_or_else(
            || NO_RESOURCE.to_owned(),
            |text| format!("`{text}` is no resource with a policy of its own"),
        );
        misplaced(
            loader,
            path,
            why,
            "name the resource by its ARN with `--resource`",
        );
        return;
    };
    snapshot.resources.push(ResourceRecord {
        account: subject
            .resource_account
            .filter(|_| arn.account().is_empty())
            .map(str::to_owned),
        policy: read_one(loader, Some(path), PolicyKind::Resource),
        ..ResourceRecord::new(arn)
    });
}

/// The role that is asked about.
fn add_trust(
    loader: &mut Loader<'_>,
    snapshot: &mut Snapshot,
    policies: &LoosePolicies,
    subject: Subject<'_>,
) {
    let Some(path) = &policies.trust else {
        return;
    };
    let role = subject.resource.and_then(Arn::parse).filter(|arn| {
        (arn.service(), arn.resource_type()) == ("iam", Some("role"))
            && !arn.as_str().contains(['*', '?'])
    });
    let Some(arn) = role else {
        let why = subject.resource.map_or_else(
            || NO_RESOURCE.to_owned(),
            |text| format!("`{text}` is no role"),
        );
        misplaced(
            loader,
            path,
            why,
            "name the role by its ARN with `--resource`",
        );
        return;
    };
    let trust = read_one(loader, Some(path), PolicyKind::Trust);
    match snapshot
        .principals
        .iter_mut()
        .find(|principal| principal.arn == arn)
    {
        Some(principal) => principal.trust = trust,
        None => snapshot.principals.push(PrincipalRecord {
            trust,
            ..principal_record(arn)
        }),
    }
}

/// An organisation with nothing in it but the accounts whose guardrails are given.
fn add_organization(
    loader: &mut Loader<'_>,
    snapshot: &mut Snapshot,
    policies: &LoosePolicies,
    subject: Subject<'_>,
) {
    if policies.scps.is_empty() && policies.rcps.is_empty() {
        return;
    }
    let caller_account = subject.caller.account.as_deref();
    let in_arn = subject
        .resource
        .and_then(Arn::parse)
        .map(|arn| arn.account().to_owned());
    let resource_account = in_arn
        .filter(|account| !account.is_empty())
        .or_else(|| subject.resource_account.map(str::to_owned))
        .or_else(|| caller_account.map(str::to_owned));
    let mut accounts: Vec<OrganizationNode> = Vec::new();
    for (paths, kind, account) in [
        (&policies.scps, PolicyKind::Scp, caller_account),
        (&policies.rcps, PolicyKind::Rcp, resource_account.as_deref()),
    ] {
        let Some(first) = paths.first() else { continue };
        let Some(account) = account else {
            let why = "no account is named".to_owned();
            misplaced(
                loader,
                first,
                why,
                "name a caller of an account, and the resource's account",
            );
            continue;
        };
        let given = Given::Here(read_all(loader, paths, kind));
        let index = accounts
            .iter()
            .position(|node| node.id == account)
            .unwrap_or_else(|| {
                accounts.push(node(account.to_owned(), Given::LeftOut));
                accounts.len() - 1
            });
        if let Some(node) = accounts.get_mut(index) {
            match kind {
                PolicyKind::Scp => node.scps = given,
                _ => node.rcps = given,
            }
        }
    }
    let partition = subject.caller.partition.as_deref().unwrap_or("aws");
    let full_access = loader.shipped(
        &format!("arn:{partition}:{FULL_AWS_ACCESS}"),
        PolicyKind::Scp,
    );
    snapshot.organization = Some(Organization {
        id: String::new(),
        management_account: None,
        root: node(
            String::new(),
            full_access.map_or(Given::LeftOut, |policy| Given::Here(vec![policy])),
        ),
        units: Vec::new(),
        accounts,
    });
}

fn node(id: String, scps: Given<Vec<Arc<Policy>>>) -> OrganizationNode {
    OrganizationNode {
        id,
        parent: None,
        scps,
        rcps: Given::LeftOut,
    }
}

#[cfg(test)]
mod tests;
