//! Where resources are, and their ARNs. One that is not known yet is made of account, Region and name; a name that is not known
//! either, of the address.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Arn, Node};

use super::graph::{Graph, Resource};
use crate::aws_cli::partition_of;
use crate::sketch::{Home, stand_in};

/// ARNs of the resources of a graph, by their places in it.
#[derive(Debug)]
pub(super) struct Names {
    arns: Vec<Option<String>>,
    homes: Vec<Home>,
}

/// What a resource is called whose name is not known.
#[derive(Debug, Clone, Copy)]
pub(super) struct StandIns<'s> {
    /// Addresses that other files have too.
    pub(super) shared: &'s BTreeSet<String>,
    /// The file, which tells them apart.
    pub(super) file: &'s str,
}

impl StandIns<'_> {
    pub(super) fn of(self, address: &str) -> String {
        match self.shared.contains(address) {
            true => stand_in(&format!("{address}@{}", self.file)),
            false => stand_in(address),
        }
    }
}

/// True for what a question may be about.
pub(super) fn is_subject(resource: &Resource<'_>) -> bool {
    !resource.is_data && shape(resource.kind).is_some()
}

/// What stands for an ARN in the configuration, if this one is made of the address because the real one is not known yet.
pub(super) fn reference(resource: &Resource<'_>, arn: &str) -> Option<String> {
    let is_made_up = resource.text("arn").is_none()
        && shape(resource.kind) != Some(Shape::Endpoint)
        && (arn.contains(&stand_in(&resource.address)) || arn.contains("key/aws_kms_"));
    // What a module makes has its address in that module alone.
    let own = resource.address.strip_prefix(&resource.module)?;
    let own = own.trim_start_matches('.');
    is_made_up.then(|| match resource.module.as_str() {
        "" => format!("{own}.arn"),
        module => format!("{own}.arn in {module}"),
    })
}

/// How the ARN of a type is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Of IAM, with a path: the word for the type.
    Iam(&'static str),
    Key,
    Alias,
    Bucket,
    /// `arn:aws:SERVICE:REGION:ACCOUNT:PREFIX` and the value of a member.
    Regional(&'static str, &'static str, &'static str),
    /// Known by its id.
    Endpoint,
}

fn shape(kind: &str) -> Option<Shape> {
    Some(match kind {
        "aws_iam_role" => Shape::Iam("role"),
        "aws_iam_user" => Shape::Iam("user"),
        "aws_iam_group" => Shape::Iam("group"),
        "aws_iam_policy" => Shape::Iam("policy"),
        "aws_kms_key"
        | "aws_kms_replica_key"
        | "aws_kms_external_key"
        | "aws_kms_replica_external_key" => Shape::Key,
        "aws_kms_alias" => Shape::Alias,
        "aws_s3_bucket" => Shape::Bucket,
        "aws_sqs_queue" => Shape::Regional("sqs", "", "name"),
        "aws_sns_topic" => Shape::Regional("sns", "", "name"),
        "aws_lambda_function" => Shape::Regional("lambda", "function:", "function_name"),
        "aws_sagemaker_model" => Shape::Regional("sagemaker", "model/", "name"),
        "aws_sagemaker_notebook_instance" => {
            Shape::Regional("sagemaker", "notebook-instance/", "name")
        }
        "aws_sagemaker_endpoint_configuration" => {
            Shape::Regional("sagemaker", "endpoint-config/", "name")
        }
        "aws_sagemaker_domain" => Shape::Regional("sagemaker", "domain/", "id"),
        "aws_vpc_endpoint" => Shape::Endpoint,
        _ => return None,
    })
}

impl Names {
    pub(super) fn new(graph: &Graph<'_>, home: &Home, stand_ins: StandIns<'_>) -> Self {
        let known = Known::of(graph, home);
        let homes: Vec<Home> = graph
            .resources
            .iter()
            .map(|resource| known.home(resource))
            .collect();
        let arns = graph
            .resources
            .iter()
            .zip(&homes)
            .map(|(resource, home)| arn(graph, resource, home, stand_ins))
            .collect();
        Self { arns, homes }
    }

    /// The ARN of a resource, for an endpoint its id.
    pub(super) fn arn(&self, index: usize) -> Option<String> {
        self.arns.get(index).cloned().flatten()
    }

    /// The account of a resource.
    pub(super) fn account(&self, index: usize) -> Option<String> {
        self.homes.get(index).and_then(|home| home.account.clone())
    }

    /// The Region of a resource.
    pub(super) fn region(&self, index: usize) -> Option<String> {
        self.homes.get(index).and_then(|home| home.region.clone())
    }

    /// The partition of a resource.
    pub(super) fn partition(&self, index: usize) -> &'static str {
        let region = self
            .homes
            .get(index)
            .and_then(|home| home.region.as_deref());
        region.map_or("aws", partition_of)
    }

    /// Accounts and Regions of what is there.
    pub(super) fn homes(&self) -> BTreeSet<(String, String)> {
        let arns = self.arns.iter().flatten();
        let arns = arns.filter_map(|arn| Arn::parse(arn));
        arns.map(|arn| (arn.account().to_owned(), arn.region().to_owned()))
            .collect()
    }
}

/// The attribute that holds the name of a resource, where its ARN is made of one that somebody gives.
pub(super) fn name_of(kind: &str) -> Option<&'static str> {
    match shape(kind)? {
        Shape::Iam(_) | Shape::Alias => Some("name"),
        Shape::Bucket => Some("bucket"),
        Shape::Regional(_, _, "id") | Shape::Key | Shape::Endpoint => None,
        Shape::Regional(_, _, name) => Some(name),
    }
}

fn arn(
    graph: &Graph<'_>,
    resource: &Resource<'_>,
    home: &Home,
    stand_ins: StandIns<'_>,
) -> Option<String> {
    let shape = shape(resource.kind)?;
    if resource.is_data {
        return None;
    }
    if shape == Shape::Endpoint {
        let id = resource.text("id").map(str::to_owned);
        return Some(id.unwrap_or_else(|| stand_ins.of(&resource.address)));
    }
    if let Some(arn) = resource.text("arn") {
        return Some(arn.to_owned());
    }
    let region = home.region.as_deref();
    let partition = region.map_or("aws", partition_of);
    let name = |member: &str| match resource.text(member) {
        Some(name) => name.to_owned(),
        None => {
            let prefix = resource.text(&format!("{member}_prefix"));
            format!(
                "{}{}",
                prefix.unwrap_or_default(),
                stand_ins.of(&resource.address)
            )
        }
    };
    if shape == Shape::Bucket {
        return Some(format!("arn:{partition}:s3:::{}", name("bucket")));
    }
    let account = home.account.as_deref()?;
    if let Shape::Iam(word) = shape {
        let path = resource.text("path").unwrap_or("/");
        return Some(format!(
            "arn:{partition}:iam::{account}:{word}{path}{}",
            name("name")
        ));
    }
    let region = region?;
    let rest = match shape {
        Shape::Key => format!("key/{}", key_id(graph, resource, stand_ins)),
        Shape::Alias => name("name"),
        Shape::Regional(_, prefix, member) => format!("{prefix}{}", name(member)),
        _ => return None,
    };
    let service = match shape {
        Shape::Regional(service, _, _) => service,
        _ => "kms",
    };
    Some(format!(
        "arn:{partition}:{service}:{region}:{account}:{rest}"
    ))
}

/// The id of a key. Those of multi-Region keys start with `mrk-`, and replicas have the id of their primary.
fn key_id(graph: &Graph<'_>, resource: &Resource<'_>, stand_ins: StandIns<'_>) -> String {
    if let Some(id) = resource.text("key_id") {
        return id.to_owned();
    }
    if let Some(primary) = resource.text("primary_key_arn").and_then(Arn::parse) {
        return primary.resource_id().to_owned();
    }
    if resource.kind.contains("replica")
        && let Some(expression) = resource.expression(&["primary_key_arn"])
    {
        let types = ["aws_kms_key", "aws_kms_external_key"];
        if let Some(primary) = graph.resolve(resource, expression).one()
            && let Some(primary) = graph.resources.get(primary)
            && types.contains(&primary.kind)
        {
            return key_id(graph, primary, stand_ins);
        }
    }
    let is_multi_region = resource.values.get("multi_region").and_then(Node::as_bool) == Some(true)
        || resource.kind.contains("replica");
    let prefix = if is_multi_region { "mrk-" } else { "" };
    format!("{prefix}{}", stand_ins.of(&resource.address))
}

/// What data sources, providers and ARNs tell of accounts and Regions.
#[derive(Debug, Default)]
struct Known<'n> {
    /// By key of the provider's configuration; that of a state is empty.
    accounts: BTreeMap<&'n str, String>,
    regions: BTreeMap<&'n str, String>,
    /// If the whole file is about one.
    only_account: Option<String>,
    only_region: Option<String>,
    home: Home,
    /// Providers whose account another one's credentials give.
    others: BTreeSet<&'n str>,
    /// Providers whose Region is not told.
    elsewhere: BTreeSet<&'n str>,
    /// Accounts by the names of roles, users and groups that have ARNs.
    by_name: BTreeMap<(&'static str, &'n str), BTreeSet<String>>,
}

impl<'n> Known<'n> {
    fn of(graph: &Graph<'n>, home: &Home) -> Self {
        let mut known = Self {
            home: home.clone(),
            ..Self::default()
        };
        let mut identities = BTreeSet::new();
        let (mut accounts, mut regions) = (BTreeSet::new(), BTreeSet::new());
        for resource in &graph.resources {
            let provider = resource.provider().unwrap_or_default();
            match (resource.is_data, resource.kind) {
                (true, "aws_caller_identity") => {
                    if let Some(account) = resource.text("account_id") {
                        known.accounts.insert(provider, account.to_owned());
                        identities.insert(account.to_owned());
                    }
                }
                (true, "aws_region") => {
                    let region = resource.text("region").or_else(|| resource.text("name"));
                    if let Some(region) = region.or_else(|| resource.text("id")) {
                        known.regions.insert(provider, region.to_owned());
                        regions.insert(region.to_owned());
                    }
                }
                (true, _) => {}
                (false, kind) => {
                    if let Some(arn) = resource.text("arn").and_then(Arn::parse) {
                        // Organizations are of the management account, whoever manages them.
                        if arn.service() != "organizations" && !arn.account().is_empty() {
                            accounts.insert(arn.account().to_owned());
                        }
                        if !arn.region().is_empty() {
                            regions.insert(arn.region().to_owned());
                        }
                        if let (Some(Shape::Iam(word)), Some(name)) =
                            (shape(kind), resource.text("name"))
                        {
                            let known = known.by_name.entry((word, name)).or_default();
                            known.insert(arn.account().to_owned());
                        }
                    }
                }
            }
        }
        let providers = graph.providers();
        let of_aws = providers.values().filter(|provider| {
            let name = provider.get("name").and_then(Node::as_text);
            name.is_none_or(|name| name == "aws")
        });
        let are_many = of_aws.count() > 1;
        for (key, provider) in providers {
            let expressions = provider.get("expressions");
            let expression = |name: &str| expressions.and_then(|all| all.get(name));
            // What stands in a module means the variables of that.
            let module = provider.get("module_address").and_then(Node::as_text);
            let module = module.unwrap_or_default();
            let text = |node: &'n Node| graph.constant(module, node);
            if let Some(node) = expression("region") {
                match text(node) {
                    Some(region) => {
                        known.regions.insert(key, region.to_owned());
                    }
                    None if are_many => {
                        known.elsewhere.insert(key);
                    }
                    None => {}
                }
            }
            let allowed = expression("allowed_account_ids");
            let allowed = allowed.and_then(|node| node.get("constant_value"));
            let roles = ["assume_role", "assume_role_with_web_identity"];
            let roles: Vec<&'n Node> = roles
                .into_iter()
                .filter_map(|name| expression(name)?.items().last())
                .collect();
            let credentials = [
                "profile",
                "access_key",
                "shared_credentials_file",
                "shared_credentials_files",
            ];
            if let Some([one]) = allowed.map(Node::items)
                && let Some(account) = one.as_text()
            {
                known.accounts.insert(key, account.to_owned());
            } else if !roles.is_empty() {
                // A role that is assumed with another one's credentials is the last.
                let role = match roles[..] {
                    [role] => role.get("role_arn").and_then(text),
                    _ => None,
                };
                match role.and_then(Arn::parse) {
                    Some(arn) => {
                        known.accounts.insert(key, arn.account().to_owned());
                    }
                    None => {
                        known.others.insert(key);
                    }
                }
            } else if credentials.iter().any(|name| expression(name).is_some()) {
                known.others.insert(key);
            }
        }
        let only = |all: BTreeSet<String>| match all.len() {
            1 => all.into_iter().next(),
            _ => None,
        };
        known.only_account = only(identities).or_else(|| only(accounts));
        known.only_region = only(regions);
        known
    }

    fn home(&self, resource: &Resource<'n>) -> Home {
        let provider = resource.provider().unwrap_or_default();
        // Credentials that nothing tells apart are those of the file's only account.
        let is_other = self.others.contains(provider);
        let is_elsewhere = self.elsewhere.contains(provider);
        let in_arn = resource.text("arn").and_then(Arn::parse);
        let own = in_arn
            .as_ref()
            .map(Arn::account)
            .filter(|own| !own.is_empty());
        let account = own
            .map(str::to_owned)
            .or_else(|| self.accounts.get(provider).cloned())
            .or_else(|| self.account_of_owner(resource))
            .or_else(|| self.only_account.clone().filter(|_| !is_other))
            .or_else(|| self.home.account.clone().filter(|_| !is_other));
        let own = in_arn
            .as_ref()
            .map(Arn::region)
            .filter(|own| !own.is_empty());
        let region = resource.text("region").or(own).map(str::to_owned);
        let region = region
            .or_else(|| self.regions.get(provider).cloned())
            .or_else(|| self.only_region.clone().filter(|_| !is_elsewhere))
            .or_else(|| self.home.region.clone().filter(|_| !is_elsewhere));
        Home { account, region }
    }

    /// The account of the role, user or group that a resource of a state belongs to, if its name is that of one alone.
    fn account_of_owner(&self, resource: &Resource<'n>) -> Option<String> {
        let owners = [("role", "role"), ("user", "user"), ("group", "group")];
        let mut owners = owners.into_iter().filter_map(|(word, member)| {
            let name = resource.text(member)?;
            self.by_name.get(&(word, name))
        });
        let accounts = owners.next()?;
        match accounts.len() {
            1 => accounts.iter().next().cloned(),
            _ => None,
        }
    }
}
