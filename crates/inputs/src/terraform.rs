//! `terraform show -json` of a plan or of state. Rule: UI-31.
//!
//! Of a plan the planned values count. A value that only applying will tell is unknown: a policy that is not known leaves its layer open,
//! and an ARN that is not known is made of the resource's address. What belongs to what is told by the configuration's references then.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use preclear_model::{Diagnostic, Node, PolicyKind, Source, Span};
use preclear_simulator::Layer;

use crate::files::Files;
use crate::loader::{Loader, Origin};
use crate::part::Part;
use crate::sketch::{Home, Sketch};

mod attributes;
mod documents;
mod graph;
mod iam;
mod kms;
mod names;
mod organizations;
mod references;
mod resources;
mod statements;

use self::attributes::Attribute;
use self::graph::{Graph, Resource};

/// True for what `terraform show -json` prints.
pub(crate) fn is_output(node: &Node) -> bool {
    node.get("format_version").is_some()
        && (node.get("planned_values").is_some() || node.get("values").is_some())
}

/// What a plan or state says that will be, or is: everything else in one says it again. `None` for what is neither.
#[must_use]
pub fn values(node: &Node) -> Option<&Node> {
    let values = node
        .get("planned_values")
        .or_else(|| node.get("values"))
        .filter(|_| is_output(node))?;
    Some(values)
}

/// The kind of the policies that a resource of a plan has in a member; `None` for what is no resource of a kind that says it.
#[must_use]
pub fn kind_of_policies(resource: &Node) -> Option<PolicyKind> {
    let kind = resource.get("type").and_then(Node::as_text)?;
    Some(match kind {
        "aws_kms_key" | "aws_kms_external_key" | "aws_kms_key_policy" | "aws_kms_replica_key" => {
            PolicyKind::Key
        }
        "aws_vpc_endpoint" | "aws_vpc_endpoint_policy" => PolicyKind::VpcEndpoint,
        "aws_organizations_policy" => {
            let kind = resource.get("values")?.get("type");
            match kind
                .and_then(Node::as_text)
                .unwrap_or("SERVICE_CONTROL_POLICY")
            {
                "SERVICE_CONTROL_POLICY" => PolicyKind::Scp,
                "RESOURCE_CONTROL_POLICY" => PolicyKind::Rcp,
                _ => return None,
            }
        }
        "aws_s3_bucket_policy" | "aws_sqs_queue_policy" | "aws_sns_topic_policy" => {
            PolicyKind::Resource
        }
        kind if kind.starts_with("aws_iam_") => PolicyKind::Identity,
        _ => return None,
    })
}

/// True for a plan or state in which nothing is: Terraform leaves the values out.
pub(crate) fn is_empty_output(node: &Node) -> bool {
    node.get("format_version").is_some() && node.get("terraform_version").is_some()
}

/// A plan in a form of Terraform's own, which `terraform show -json` prints as what is read here: the plan file, which is an
/// archive, or the messages of `terraform plan -json`, one per line.
pub(crate) fn not_shown(files: &dyn Files, path: &Path) -> Option<Diagnostic> {
    let bytes = files.read(path).ok()?;
    let first = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let has = |part: &[u8]| first.windows(part.len()).any(|window| window == part);
    let shown = path.display();
    let (what, help) = if bytes.starts_with(b"PK\x03\x04") {
        (
            "looks like a plan file of Terraform",
            format!("write `terraform show -json {shown} > plan.json`, and name `plan.json`"),
        )
    } else if first.starts_with(b"{") && has(b"\"@level\"") && has(b"\"@message\"") {
        (
            "is the log of `terraform plan -json`",
            "write `terraform plan -out plan.tfplan` and `terraform show -json plan.tfplan > plan.json`, and name `plan.json`"
                .to_owned(),
        )
    } else {
        return None;
    };
    let message = format!("`{shown}` {what}, not a plan as `terraform show -json` prints it");
    // An archive is no text to show.
    let text = match first.starts_with(b"PK") {
        true => "PK".into(),
        false => String::from_utf8_lossy(first),
    };
    let source = Arc::new(Source::new(shown.to_string(), text));
    let start = source.place(Span::new(0, 1));
    Some(
        Diagnostic::error("WRONG_KIND_OF_FILE", message)
            .rule("UI-31")
            .at(start)
            .help(help),
    )
}

/// Reads a plan or state.
pub(crate) fn read(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    home: &Home,
) -> Option<Part> {
    let graph = Graph::new(node);
    let shared = std::mem::take(&mut loader.shared_addresses);
    let file = origin.path.display().to_string();
    let stand_ins = names::StandIns {
        shared: &shared,
        file: &file,
    };
    let names = names::Names::new(&graph, home, stand_ins);
    loader.shared_addresses = shared;
    let by_text = attributes::by_text(&graph, &names);
    let mut reader = Reader {
        names,
        graph,
        by_text,
        tags_later: BTreeSet::new(),
        loader,
        origin,
        sketch: Sketch::default(),
        without_account: None,
    };
    reader.unread_types();
    reader.subjects();
    iam::read(&mut reader);
    kms::read(&mut reader);
    resources::read(&mut reader);
    organizations::read(&mut reader);
    reader.names_later();
    reader.tags_later();
    let is_in_part = reader.in_part();
    let Reader {
        loader,
        sketch,
        without_account,
        ..
    } = reader;
    if let Some(error) = without_account {
        loader.diagnostics.push(error);
    }
    let mut part = sketch.read(loader, origin)?;
    part.is_in_part = is_in_part;
    Some(part)
}

/// Addresses that several of these plans have for what is not made yet: different things.
pub(crate) fn shared_addresses<'n>(nodes: impl Iterator<Item = &'n Node>) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let mut shared = BTreeSet::new();
    for node in nodes {
        let planned = node.get("planned_values");
        let mut modules: Vec<&Node> = planned
            .and_then(|values| values.get("root_module"))
            .into_iter()
            .collect();
        while let Some(module) = modules.pop() {
            for resource in module.get("resources").map_or(&[][..], Node::items) {
                let arn = resource.get("values").and_then(|values| values.get("arn"));
                let address = resource.get("address").and_then(Node::as_text);
                if let (None, Some(address)) = (arn.and_then(Node::as_text), address)
                    && !known.insert(address.to_owned())
                {
                    shared.insert(address.to_owned());
                }
            }
            modules.extend(module.get("child_modules").map_or(&[][..], Node::items));
        }
    }
    shared
}

/// Everything that readers of single types need.
struct Reader<'n, 'l, 'f> {
    graph: Graph<'n>,
    names: names::Names,
    loader: &'l mut Loader<'f>,
    origin: &'l Origin,
    sketch: Sketch,
    /// Resources by the texts that name them.
    by_text: HashMap<String, Vec<usize>>,
    /// Addresses of what has tags that only applying will tell.
    tags_later: BTreeSet<String>,
    /// The first resource of which nobody says in which account it is.
    without_account: Option<Diagnostic>,
}

/// Types that are read; others are named in one warning.
const TYPES: [&str; 41] = [
    "aws_iam_role",
    "aws_iam_user",
    "aws_iam_group",
    "aws_iam_policy",
    "aws_iam_role_policy",
    "aws_iam_user_policy",
    "aws_iam_group_policy",
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy_attachment",
    "aws_iam_group_policy_attachment",
    "aws_iam_policy_attachment",
    "aws_iam_user_group_membership",
    "aws_iam_group_membership",
    "aws_kms_key",
    "aws_kms_replica_key",
    "aws_kms_external_key",
    "aws_kms_replica_external_key",
    "aws_kms_key_policy",
    "aws_kms_alias",
    "aws_kms_grant",
    "aws_s3_bucket",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_object",
    "aws_sqs_queue",
    "aws_sqs_queue_policy",
    "aws_sns_topic",
    "aws_sns_topic_policy",
    "aws_lambda_function",
    "aws_lambda_permission",
    "aws_vpc_endpoint",
    "aws_vpc_endpoint_policy",
    "aws_organizations_organization",
    "aws_organizations_organizational_unit",
    "aws_organizations_account",
    "aws_organizations_policy",
    "aws_organizations_policy_attachment",
    "aws_sagemaker_model",
    "aws_sagemaker_notebook_instance",
    "aws_sagemaker_endpoint_configuration",
    "aws_sagemaker_domain",
];

/// Data sources that say where resources are, or whose values stand in the resources that use them.
const DATA: [&str; 5] = [
    "aws_caller_identity",
    "aws_region",
    "aws_partition",
    "aws_iam_policy_document",
    "aws_organizations_organization",
];

impl<'n> Reader<'n, '_, '_> {
    /// All managed resources of a type.
    fn all(&self, kind: &str) -> Vec<usize> {
        self.graph.of_type(kind)
    }

    fn resource(&self, index: usize) -> &Resource<'n> {
        &self.graph.resources[index]
    }

    /// The ARN of a resource, known or made up; an error where nobody says in which account it is.
    fn arn(&mut self, index: usize) -> Option<String> {
        let arn = self.names.arn(index);
        if arn.is_none() && self.without_account.is_none() {
            let resource = &self.graph.resources[index];
            let message = format!(
                "nothing says in which account or Region `{}` is",
                resource.address
            );
            self.without_account = Some(
                Diagnostic::error("ACCOUNT_UNKNOWN", message)
                    .rule("UI-31")
                    .at(self.origin.place(resource.node))
                    .help("load a file that says it too: `preclear: 1`, `account: \"111122223333\"`, `region: us-west-2`, a line each"),
            );
        }
        arn
    }

    /// Names resources for questions.
    fn subjects(&mut self) {
        for index in 0..self.graph.resources.len() {
            let address = self.resource(index).address.clone();
            if let Some(arn) = self.names.arn(index)
                && names::is_subject(self.resource(index))
            {
                self.sketch.name(&address, &arn);
                if let Some(reference) = names::reference(self.resource(index), &arn) {
                    self.sketch.stand_in(&arn, reference);
                }
            }
        }
        for (account, region) in self.names.homes() {
            self.sketch.home(&account, &region);
        }
    }

    /// Types that nothing here reads.
    fn unread_types(&mut self) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut first = None;
        for resource in &self.graph.resources {
            let known: &[&str] = match resource.is_data {
                true => &DATA,
                false => &TYPES,
            };
            let is_known = known.contains(&resource.kind);
            if !is_known && resource.kind.starts_with("aws_") {
                first.get_or_insert(resource.node);
                let data = if resource.is_data { "data." } else { "" };
                *counts
                    .entry(format!("{data}{}", resource.kind))
                    .or_default() += 1;
            }
        }
        if let Some(node) = first {
            self.types_not_read(&counts, node);
        }
    }

    fn types_not_read(&mut self, counts: &BTreeMap<String, usize>, first: &Node) {
        let diagnostic = types_not_read(counts).at(self.origin.place(first));
        self.loader.diagnostics.push(diagnostic);
    }

    /// Leaves open what may belong to any of these; false if there are none.
    fn all_open(&mut self, layer: Layer, index: usize, owners: &[usize]) -> bool {
        let address = self.resource(index).address.clone();
        for owner in owners {
            if let Some(arn) = self.arn(*owner) {
                self.sketch.later(layer, &arn, [address.clone()]);
            }
        }
        !owners.is_empty()
    }

    /// True if the plan takes away something of a type that was about one of these.
    fn deletes(&self, kind: &str, member: &str, names: &[Option<&str>]) -> Option<String> {
        let mut deleted = self.graph.deleted.iter();
        let found = deleted.find(|deleted| {
            let text = deleted.text(member);
            deleted.kind == kind && (text.is_none() || names.contains(&text))
        });
        found.map(|deleted| deleted.address.to_owned())
    }

    /// Warns of names that patterns may or may not match.
    fn names_later(&mut self) {
        if !self.graph.is_plan() {
            return;
        }
        let mut found = Vec::new();
        let mut first = None;
        for resource in &self.graph.resources {
            let name = names::name_of(resource.kind).filter(|_| !resource.is_data);
            let is_later = |name| {
                resource.text("arn").is_none()
                    && matches!(resource.attribute(name), Attribute::Later(_))
            };
            if name.is_some_and(is_later) {
                first.get_or_insert(resource.node);
                found.push(format!("`{}`", resource.address));
            }
        }
        if let Some(node) = first {
            let message = format!(
                "only applying tells the names of these; patterns of names are matched against their addresses: {}",
                shortened(&found)
            );
            self.loader.diagnostics.push(
                Diagnostic::warning("NAME_NOT_DETERMINED", message)
                    .rule("UI-31")
                    .at(self.origin.place(node))
                    .help("give the names as constants or variables, or load the state once the plan is applied"),
            );
        }
    }

    /// Warns of tags that count as unknown.
    fn tags_later(&mut self) {
        let addresses: Vec<String> = self
            .tags_later
            .iter()
            .map(|one| format!("`{one}`"))
            .collect();
        if addresses.is_empty() {
            return;
        }
        let mut resources = self.graph.resources.iter();
        let first = resources.find(|resource| self.tags_later.contains(&resource.address));
        let message = format!(
            "only applying tells the tags of these, so that answers may depend on all of them: {}",
            shortened(&addresses)
        );
        let mut warning = Diagnostic::warning("TAGS_NOT_DETERMINED", message)
            .rule("IAM-TRI-7")
            .help("give the tags as constants or variables, or load the state once the plan is applied");
        warning.place = first.map(|resource| self.origin.place(resource.node));
        self.loader.diagnostics.push(warning);
    }

    /// Leaves everything open of a plan that says itself that it does not hold all.
    fn in_part(&mut self) -> bool {
        let Some((why, deferred)) = self.graph.in_part() else {
            return false;
        };
        let mut names: BTreeSet<String> = deferred.into_iter().collect();
        let addresses: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let mut message = format!("{why}: more may be made than it shows");
        if !addresses.is_empty() {
            message.push_str(&format!(", such as {}", shortened(&addresses)));
        }
        if names.is_empty() {
            names.insert("the rest of the plan".to_owned());
        }
        self.sketch.all_later(&names);
        let organization = self.sketch.organization.as_ref();
        let root = organization.and_then(|node| node.get("root")?.get("id")?.as_text());
        if let Some(root) = root.map(str::to_owned) {
            for layer in [Layer::Scp, Layer::Rcp] {
                self.sketch.later(layer, &root, names.iter().cloned());
            }
        }
        self.loader.diagnostics.push(
            Diagnostic::warning("PLAN_IN_PART", message)
                .rule("IAM-TRI-7")
                .at(self.origin.place(self.graph.document))
                .help("make a plan of the whole configuration; nothing counts as complete beside this one"),
        );
        true
    }

    /// Something of which nothing tells what it belongs to.
    fn belongs_to_nothing(&mut self, index: usize, to: &str) {
        let resource = self.resource(index);
        let message = format!(
            "`{}` adds nothing to the snapshot: nothing here tells {to}",
            resource.address
        );
        let place = self.origin.place(resource.node);
        let help = "it may stand in another configuration; answers that it could change are wrong if that one is not loaded as well";
        self.loader.diagnostics.push(
            Diagnostic::warning("RESOURCE_ADDS_NOTHING", message)
                .rule("UI-31")
                .at(place)
                .help(help),
        );
    }
}

/// A list of names, not longer than anybody reads.
fn shortened(names: &[String]) -> String {
    const SHOWN_MAX: usize = 20;
    let shown = names.get(..SHOWN_MAX).unwrap_or(names).join(", ");
    match names.len().checked_sub(SHOWN_MAX) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}

/// A warning about types of resources that no reader has.
pub(crate) fn types_not_read(counts: &BTreeMap<String, usize>) -> Diagnostic {
    let names: BTreeSet<String> = counts
        .iter()
        .map(|(name, count)| format!("{count} × `{name}`"))
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    let message = format!(
        "resources of these types add nothing to the snapshot: {}",
        names.join(", ")
    );
    Diagnostic::warning("RESOURCE_TYPE_NOT_READ", message)
        .rule("UI-31")
        .help("if one of them has a policy, a role or a key that a question is about, list it in a snapshot file beside this one")
}

#[cfg(test)]
mod tests;
