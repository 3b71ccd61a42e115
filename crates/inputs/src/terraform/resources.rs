//! Buckets, queues, topics, functions, endpoints and what SageMaker runs on.

use preclear_model::{Arn, Node, PolicyKind};
use preclear_simulator::Layer;

use super::Reader;
use super::attributes::{Attribute, Meant};
use super::documents::Told;
use super::graph;
use super::kms::one;
use crate::sketch::{Kind, Permission, boolean, object, text};

/// Types whose `policy` is a copy of what another type sets: the type, that other one, the attribute that names the owner.
const CARRIERS: [(&str, &str, &str); 3] = [
    ("aws_s3_bucket", "aws_s3_bucket_policy", "bucket"),
    ("aws_sqs_queue", "aws_sqs_queue_policy", "queue_url"),
    ("aws_sns_topic", "aws_sns_topic_policy", "arn"),
];

/// Attributes that name the role and the key of a type.
const USERS_OF_KEYS: [(&str, Option<&str>, Option<&str>); 7] = [
    ("aws_sqs_queue", None, Some("kms_master_key_id")),
    ("aws_sns_topic", None, Some("kms_master_key_id")),
    ("aws_lambda_function", Some("role"), Some("kms_key_arn")),
    ("aws_sagemaker_model", Some("execution_role_arn"), None),
    (
        "aws_sagemaker_notebook_instance",
        Some("role_arn"),
        Some("kms_key_id"),
    ),
    (
        "aws_sagemaker_endpoint_configuration",
        None,
        Some("kms_key_arn"),
    ),
    ("aws_sagemaker_domain", None, Some("kms_key_id")),
];

const KEYS: [&str; 6] = [
    "aws_kms_key",
    "aws_kms_replica_key",
    "aws_kms_external_key",
    "aws_kms_replica_external_key",
    "aws_kms_alias",
    "aws_iam_role",
];

pub(super) fn read(reader: &mut Reader<'_, '_, '_>) {
    for index in reader.all("aws_s3_bucket") {
        if let Some(arn) = reader.arn(index) {
            reader.bucket(index, &arn);
        }
    }
    for (kind, role, key) in USERS_OF_KEYS {
        for index in reader.all(kind) {
            if let Some(arn) = reader.arn(index) {
                reader.user_of_key(index, &arn, role, key);
            }
        }
    }
    for (kind, policy, owner) in CARRIERS {
        for index in reader.all(policy) {
            reader.policy(index, owner, kind);
        }
        for index in reader.all(kind) {
            if let Some(arn) = reader.arn(index) {
                reader.own_policy(index, &arn);
            }
        }
    }
    for index in reader.all("aws_s3_bucket_server_side_encryption_configuration") {
        reader.encryption(index);
    }
    for index in reader.all("aws_s3_bucket") {
        if let Some(arn) = reader.arn(index) {
            reader.own_encryption(index, &arn);
        }
    }
    for index in reader.all("aws_s3_object") {
        reader.object(index);
    }
    reader.permissions();
    for index in reader.all("aws_vpc_endpoint_policy") {
        reader.endpoint_policy(index);
    }
    for index in reader.all("aws_vpc_endpoint") {
        reader.endpoint(index);
    }
}

impl<'n> Reader<'n, '_, '_> {
    fn bucket(&mut self, index: usize, arn: &str) {
        let span = self.resource(index).span();
        self.sketch.add(Kind::Resources, arn, span);
        let homes = [
            ("account", self.names.account(index)),
            ("region", self.names.region(index)),
        ];
        for (member, value) in homes {
            if let Some(value) = value {
                self.sketch
                    .set(Kind::Resources, arn, member, text(span, value));
            }
        }
        self.set_tags(index, Kind::Resources, arn);
    }

    /// The identifier of a key that an attribute names, or of a role its ARN.
    fn reference(&mut self, index: usize, path: &[&str]) -> Option<String> {
        match self.meant(index, path, &KEYS) {
            Meant::Resource(one) => self.arn(one),
            Meant::Other(text) => Some(text),
            Meant::Nothing | Meant::Unknown(_) => None,
        }
    }

    /// As [`Self::reference`] of a key: one that is not known has an alias that nobody else has, of any key.
    fn key_reference(&mut self, index: usize, path: &[&str]) -> Option<String> {
        match self.meant(index, path, &KEYS) {
            Meant::Unknown(_) => self.unknown_key(index, index),
            _ => self.reference(index, path),
        }
    }

    /// The alias of a key of which nothing is known, in the account and Region of its user.
    fn unknown_key(&mut self, index: usize, user: usize) -> Option<String> {
        let (account, region) = (self.names.account(user)?, self.names.region(user)?);
        let partition = self.names.partition(user);
        let address = self.resource(index).address.clone();
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let shown = address.chars().filter(|c| *c != '"');
        let name: String = shown.map(|c| if allowed(c) { c } else { '/' }).collect();
        let arn = format!("arn:{partition}:kms:{region}:{account}:alias/unknown/{name}");
        self.sketch.external(arn.clone());
        self.sketch.later(Layer::Resource, &arn, [address]);
        Some(arn)
    }

    fn user_of_key(&mut self, index: usize, arn: &str, role: Option<&str>, key: Option<&str>) {
        let resource = self.resource(index);
        let (span, kind) = (resource.span(), resource.kind);
        self.sketch.add(Kind::Resources, arn, span);
        let role = role.and_then(|role| self.reference(index, &[role]));
        let key = key.and_then(|key| self.key_reference(index, &[key]));
        if let Some(role) = &role {
            let node = text(span, role.as_str());
            self.sketch.set(Kind::Resources, arn, "role", node);
            if kind == "aws_sagemaker_model" {
                let describe = object(span, [("ExecutionRoleArn", text(span, role.as_str()))]);
                self.sketch.set(Kind::Resources, arn, "describe", describe);
            }
        }
        if let Some(key) = key {
            self.sketch
                .set(Kind::Resources, arn, "kms_key", text(span, key));
        }
        self.set_tags(index, Kind::Resources, arn);
    }

    /// The ARN of what a resource sets something of; of a bucket, queue or topic that is not of this file too.
    fn owner(&mut self, index: usize, attribute: &str, kind: &str) -> Result<String, Vec<usize>> {
        let found = match self.meant(index, &[attribute], &[kind]) {
            Meant::Resource(owner) => self.arn(owner),
            Meant::Unknown(several) => return Err(several),
            Meant::Other(text) if text.starts_with("arn:") => {
                Arn::parse(&text).map(|arn| arn.as_str().to_owned())
            }
            Meant::Other(name) if kind == "aws_s3_bucket" => {
                Some(format!("arn:{}:s3:::{name}", self.names.partition(index)))
            }
            Meant::Other(url) if kind == "aws_sqs_queue" => queue_of(&url),
            Meant::Other(name) if kind == "aws_lambda_function" => {
                let home = (self.names.account(index), self.names.region(index));
                let partition = self.names.partition(index);
                match home {
                    (Some(account), Some(region)) => Some(format!(
                        "arn:{partition}:lambda:{region}:{account}:function:{name}"
                    )),
                    _ => None,
                }
            }
            _ => None,
        };
        found.ok_or_else(Vec::new)
    }

    /// As [`Self::owner`]; where it is not known, all that it may be are left open.
    fn owner_of_policy(&mut self, index: usize, attribute: &str, kind: &str) -> Option<String> {
        match self.owner(index, attribute, kind) {
            Ok(arn) => Some(arn),
            Err(several) => {
                if !self.all_open(Layer::Resource, index, &several) {
                    self.belongs_to_nothing(index, "what it belongs to");
                }
                None
            }
        }
    }

    /// A policy that is a resource of its own.
    fn policy(&mut self, index: usize, owner: &str, kind: &str) {
        let Some(arn) = self.owner_of_policy(index, owner, kind) else {
            return;
        };
        let span = self.resource(index).span();
        match self.policy_told(index, "policy", PolicyKind::Resource) {
            Told::Known(node) => self.sketch.set(Kind::Resources, &arn, "policy", node),
            Told::Later(names) => {
                self.sketch.there(Kind::Resources, &arn, span);
                self.sketch.later(Layer::Resource, &arn, names);
            }
            Told::Absent => {}
        }
    }

    /// A policy in the thing itself: a copy where a resource of its own sets it.
    fn own_policy(&mut self, index: usize, arn: &str) {
        if self.sketch.is_set(Kind::Resources, arn, "policy")
            || self.sketch.is_later(Layer::Resource, arn)
        {
            return;
        }
        let resource = self.resource(index);
        let is_configured = resource.expression(&["policy"]).is_some();
        let carrier = CARRIERS.iter().find(|(kind, ..)| *kind == resource.kind);
        let names = ["bucket", "id", "url", "arn"].map(|name| resource.text(name));
        let deleted = carrier.and_then(|(_, policy, owner)| self.deletes(policy, owner, &names));
        // A copy of what stands elsewhere counts, but for what the plan takes away.
        let is_there = self.graph.has_changes() && deleted.is_none();
        match self.policy_told(index, "policy", PolicyKind::Resource) {
            Told::Known(node) if is_configured || !self.graph.is_plan() || is_there => {
                self.sketch.set(Kind::Resources, arn, "policy", node);
            }
            Told::Later(names) => self.sketch.later(Layer::Resource, arn, names),
            Told::Known(_) | Told::Absent => {}
        }
    }

    fn encryption(&mut self, index: usize) {
        let arns = match self.owner(index, "bucket", "aws_s3_bucket") {
            Ok(arn) => vec![arn],
            // It may be of any: how each is encrypted is unknown.
            Err(several) => {
                let mut is_any = false;
                for bucket in several {
                    let (Some(arn), Some(key)) =
                        (self.arn(bucket), self.unknown_key(index, bucket))
                    else {
                        continue;
                    };
                    is_any = true;
                    self.set_encryption(index, &arn, "aws:kms", Some(key), false);
                }
                if !is_any {
                    self.belongs_to_nothing(index, "which bucket it is of");
                }
                return;
            }
        };
        if let Some((algorithm, key, bucket_key)) = self.rule(index, &["rule"]) {
            for arn in arns {
                self.set_encryption(index, &arn, &algorithm, key.clone(), bucket_key);
            }
        }
    }

    /// Encryption in the bucket itself: a copy where a resource of its own sets it.
    fn own_encryption(&mut self, index: usize, arn: &str) {
        const NAME: &str = "server_side_encryption_configuration";
        let resource = self.resource(index);
        let blocks = resource.values.get(NAME).map_or(&[][..], Node::items);
        let is_configured = resource.expression(&[NAME]).is_some();
        // What nobody configures is told later of every new bucket.
        if self.sketch.is_set(Kind::Resources, arn, "encryption")
            || (blocks.is_empty() && !is_configured)
        {
            return;
        }
        if let Some((algorithm, key, bucket_key)) = self.rule(index, &[NAME, "rule"]) {
            self.set_encryption(index, arn, &algorithm, key, bucket_key);
        }
    }

    /// The algorithm, the key and whether there is a bucket key, of a rule for encryption.
    fn rule(&mut self, index: usize, rule: &[&str]) -> Option<(String, Option<String>, bool)> {
        const DEFAULT: &str = "apply_server_side_encryption_by_default";
        let within = |path: &[&'static str]| -> Vec<String> {
            let steps = rule.iter().chain(path);
            steps.map(|step| (*step).to_owned()).collect()
        };
        let (algorithm, key, bucket_key) = (
            within(&[DEFAULT, "sse_algorithm"]),
            within(&[DEFAULT, "kms_master_key_id"]),
            within(&["bucket_key_enabled"]),
        );
        fn steps(path: &[String]) -> Vec<&str> {
            path.iter().map(String::as_str).collect()
        }
        let resource = self.resource(index);
        let is_open = matches!(resource.nested(&steps(&algorithm)), Attribute::Later(_))
            || resource.told(rule) == graph::Told::Later
            || (resource.value(rule).is_none() && resource.told(rule) == graph::Told::Nothing);
        let bucket_key = resource.value(&steps(&bucket_key)).and_then(Node::as_bool);
        let bucket_key = bucket_key.unwrap_or(false);
        if is_open {
            let key = self.unknown_key(index, index);
            return Some(("aws:kms".to_owned(), key, bucket_key));
        }
        let Attribute::Known(algorithm) = resource.nested(&steps(&algorithm)) else {
            return None;
        };
        let algorithm = algorithm.as_text()?.to_owned();
        let key = match algorithm.starts_with("aws:kms") {
            true => self.key_reference(index, &steps(&key)),
            false => None,
        };
        Some((algorithm, key, bucket_key))
    }

    fn set_encryption(
        &mut self,
        index: usize,
        arn: &str,
        algorithm: &str,
        key: Option<String>,
        bucket_key: bool,
    ) {
        let span = self.resource(index).span();
        let mut default = vec![("SSEAlgorithm", text(span, algorithm))];
        default.extend(key.map(|key| ("KMSMasterKeyID", text(span, key))));
        let rule = [
            ("ApplyServerSideEncryptionByDefault", object(span, default)),
            ("BucketKeyEnabled", boolean(span, bucket_key)),
        ];
        let node = object(span, [("Rules", one(object(span, rule)))]);
        self.sketch.set(Kind::Resources, arn, "encryption", node);
    }

    fn object(&mut self, index: usize) {
        let Ok(arn) = self.owner(index, "bucket", "aws_s3_bucket") else {
            return self.belongs_to_nothing(index, "which bucket it is in");
        };
        let key = self.key_reference(index, &["kms_key_id"]);
        let tags = self.tags(index);
        let resource = self.resource(index);
        let (span, encryption) = (resource.span(), resource.text("server_side_encryption"));
        let bucket_key = resource
            .values
            .get("bucket_key_enabled")
            .and_then(Node::as_bool);
        let Some(name) = resource.text("key") else {
            return;
        };
        // An object that says nothing is encrypted as its bucket is.
        if key.is_none() && encryption.is_none() {
            return;
        }
        let mut members = vec![("key", text(span, name))];
        let is_kms = encryption.is_none_or(|algorithm| algorithm.starts_with("aws:kms"));
        if is_kms {
            let key = key.unwrap_or_else(|| "alias/aws/s3".to_owned());
            members.push(("kms_key", text(span, key)));
        }
        members.push(("bucket_key", boolean(span, bucket_key.unwrap_or(false))));
        members.extend(tags.map(|tags| ("tags", tags)));
        let node = object(span, members);
        self.sketch.push(Kind::Resources, &arn, "objects", node);
    }

    /// `aws_lambda_permission`: a statement each of the function's policy.
    fn permissions(&mut self) {
        for index in self.all("aws_lambda_permission") {
            let kind = "aws_lambda_function";
            let Some(arn) = self.owner_of_policy(index, "function_name", kind) else {
                continue;
            };
            let resource = self.resource(index);
            let address = resource.address.clone();
            let span = resource.span();
            let is_later = [
                "action",
                "principal",
                "source_arn",
                "source_account",
                "principal_org_id",
            ]
            .into_iter()
            .any(|name| matches!(resource.attribute(name), Attribute::Later(_)));
            // Permissions for function URLs and Alexa skills have conditions of their own.
            let special = [
                "qualifier",
                "event_source_token",
                "function_url_auth_type",
                "invoked_via_function_url",
            ];
            let is_special = special
                .into_iter()
                .any(|name| !matches!(resource.attribute(name), Attribute::Absent));
            if is_later || is_special {
                self.sketch.there(Kind::Resources, &arn, span);
                self.sketch.later(Layer::Resource, &arn, [address]);
                continue;
            }
            let own = |name: &str| resource.text(name);
            let permission = Permission {
                sid: own("statement_id").unwrap_or(&address),
                action: own("action").unwrap_or("lambda:InvokeFunction"),
                principal: own("principal").unwrap_or("*"),
                source_arn: own("source_arn"),
                source_account: own("source_account"),
                organization: own("principal_org_id"),
            };
            let statement = permission.statement(span, &arn);
            self.sketch.statement(&arn, statement);
        }
    }

    fn endpoint(&mut self, index: usize) {
        let Some(id) = self.arn(index) else { return };
        let resource = self.resource(index);
        let span = resource.span();
        let address = resource.address.clone();
        let kind = match resource.text("vpc_endpoint_type") {
            Some("Interface") => Some("interface"),
            Some("Gateway") | None => Some("gateway"),
            Some(_) => None,
        };
        let vpc = resource.text("vpc_id");
        let policy = self.policy_told(index, "policy", PolicyKind::VpcEndpoint);
        let is_deleted = self
            .deletes(
                "aws_vpc_endpoint_policy",
                "vpc_endpoint_id",
                &[resource.text("id")],
            )
            .is_some();
        let is_copy = self.graph.is_plan()
            && resource.expression(&["policy"]).is_none()
            && (is_deleted || !self.graph.has_changes());
        let kind_is_later = matches!(resource.attribute("vpc_endpoint_type"), Attribute::Later(_));
        // Endpoints of load balancers and resources have no policy that counts.
        let Some(kind) = kind else { return };
        self.sketch.add(Kind::VpcEndpoints, &id, span);
        self.sketch
            .set(Kind::VpcEndpoints, &id, "kind", text(span, kind));
        if let Some(vpc) = vpc {
            self.sketch
                .set(Kind::VpcEndpoints, &id, "vpc", text(span, vpc));
        }
        if let Some(account) = self.names.account(index) {
            self.sketch
                .set(Kind::VpcEndpoints, &id, "account", text(span, account));
        }
        if kind_is_later {
            // Principals of gateways match otherwise, and others have no policy.
            self.sketch.later(Layer::VpcEndpoint, &id, [address]);
        }
        // A resource of its own sets it.
        if self.sketch.is_set(Kind::VpcEndpoints, &id, "policy")
            || self.sketch.is_later(Layer::VpcEndpoint, &id)
        {
            return;
        }
        match policy {
            Told::Known(node) if !is_copy => {
                self.sketch.set(Kind::VpcEndpoints, &id, "policy", node);
            }
            Told::Later(names) => self.sketch.later(Layer::VpcEndpoint, &id, names),
            _ => {}
        }
    }

    fn endpoint_policy(&mut self, index: usize) {
        let id = match self.meant(index, &["vpc_endpoint_id"], &["aws_vpc_endpoint"]) {
            Meant::Resource(endpoint) => self.arn(endpoint),
            Meant::Other(id) => Some(id).filter(|id| id.starts_with("vpce-")),
            Meant::Nothing => None,
            Meant::Unknown(several) => {
                if self.all_open(Layer::VpcEndpoint, index, &several) {
                    return;
                }
                None
            }
        };
        let Some(id) = id else {
            return self.belongs_to_nothing(index, "which endpoint it is of");
        };
        let span = self.resource(index).span();
        match self.policy_told(index, "policy", PolicyKind::VpcEndpoint) {
            Told::Known(node) => self.sketch.set(Kind::VpcEndpoints, &id, "policy", node),
            Told::Later(names) => {
                self.sketch.there(Kind::VpcEndpoints, &id, span);
                self.sketch.later(Layer::VpcEndpoint, &id, names);
            }
            Told::Absent => {}
        }
    }
}

/// The ARN of a queue, by its URL.
fn queue_of(url: &str) -> Option<String> {
    let (host, path) = url.strip_prefix("https://sqs.")?.split_once('/')?;
    let (region, domain) = host.split_once('.')?;
    let (account, name) = path.split_once('/')?;
    let is_queue = domain.starts_with("amazonaws.com") && !name.contains('/');
    let partition = crate::aws_cli::partition_of(region);
    is_queue.then(|| format!("arn:{partition}:sqs:{region}:{account}:{name}"))
}
