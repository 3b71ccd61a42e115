//! Buckets, queues, topics, functions, endpoints and what SageMaker runs on.

use preclear_model::{Arn, Node};
use preclear_simulator::Layer;

use super::Reader;
use super::attributes::{Attribute, Meant};
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
    for index in reader.all("aws_s3_object") {
        reader.object(index);
    }
    reader.permissions();
    for index in reader.all("aws_vpc_endpoint") {
        reader.endpoint(index);
    }
    for index in reader.all("aws_vpc_endpoint_policy") {
        reader.endpoint_policy(index);
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
        if let Some(tags) = self.tags(index, arn) {
            self.sketch.set(Kind::Resources, arn, "tags", tags);
        }
    }

    /// The identifier of a key that an attribute names, or of a role its ARN.
    fn reference(&mut self, index: usize, path: &[&str]) -> Option<String> {
        match self.meant(index, path, &KEYS) {
            Meant::Resource(one) => self.arn(one),
            Meant::Other(text) => Some(text),
            Meant::Nothing | Meant::Unknown(_) => None,
        }
    }

    fn user_of_key(&mut self, index: usize, arn: &str, role: Option<&str>, key: Option<&str>) {
        let resource = self.resource(index);
        let (span, kind) = (resource.span(), resource.kind);
        self.sketch.add(Kind::Resources, arn, span);
        let role = role.and_then(|role| self.reference(index, &[role]));
        let key = key.and_then(|key| self.reference(index, &[key]));
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
        if let Some(tags) = self.tags(index, arn) {
            self.sketch.set(Kind::Resources, arn, "tags", tags);
        }
    }

    /// The ARN of what a resource sets something of; of a bucket, queue or topic that is not of this file too.
    fn owner(&mut self, index: usize, attribute: &str, kind: &str) -> Option<String> {
        match self.meant(index, &[attribute], &[kind]) {
            Meant::Resource(owner) => self.arn(owner),
            Meant::Other(text) if text.starts_with("arn:") => {
                Arn::parse(&text).map(|arn| arn.as_str().to_owned())
            }
            Meant::Other(name) if kind == "aws_s3_bucket" => {
                Some(format!("arn:{}:s3:::{name}", self.names.partition(index)))
            }
            Meant::Other(name) if kind == "aws_lambda_function" => {
                let (account, region) = (self.names.account(index)?, self.names.region(index)?);
                let partition = self.names.partition(index);
                Some(format!(
                    "arn:{partition}:lambda:{region}:{account}:function:{name}"
                ))
            }
            _ => None,
        }
    }

    /// Whose policy it is, is not determined: it may be that of any of a type.
    fn may_be_of(&mut self, index: usize, attribute: &str, kind: &str) {
        let Meant::Unknown(several) = self.meant(index, &[attribute], &[kind]) else {
            return;
        };
        let candidates = match several.is_empty() {
            true => self.all(kind),
            false => several,
        };
        let address = self.resource(index).address.clone();
        for owner in candidates {
            if let Some(arn) = self.arn(owner) {
                self.sketch.later(Layer::Resource, &arn, [address.clone()]);
            }
        }
    }

    /// A policy that is a resource of its own.
    fn policy(&mut self, index: usize, owner: &str, kind: &str) {
        let Some(arn) = self.owner(index, owner, kind) else {
            self.may_be_of(index, owner, kind);
            return self.belongs_to_nothing(index, "what it belongs to");
        };
        let resource = self.resource(index);
        let address = resource.address.clone();
        match resource.attribute("policy") {
            Attribute::Known(node) => {
                let node = node.clone();
                self.sketch.set(Kind::Resources, &arn, "policy", node);
            }
            Attribute::Later(_) => self.sketch.later(Layer::Resource, &arn, [address]),
            Attribute::Absent => {}
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
        let address = resource.address.clone();
        match resource.attribute("policy") {
            Attribute::Known(node) if is_configured || !self.graph.is_plan() => {
                let node = node.clone();
                self.sketch.set(Kind::Resources, arn, "policy", node);
            }
            Attribute::Later(_) => self.sketch.later(Layer::Resource, arn, [address]),
            Attribute::Known(_) | Attribute::Absent => {}
        }
    }

    fn encryption(&mut self, index: usize) {
        let Some(arn) = self.owner(index, "bucket", "aws_s3_bucket") else {
            return self.belongs_to_nothing(index, "which bucket it is of");
        };
        const DEFAULT: &str = "apply_server_side_encryption_by_default";
        let resource = self.resource(index);
        let span = resource.span();
        let algorithm = resource.value(&["rule", DEFAULT, "sse_algorithm"]);
        let algorithm = algorithm.cloned();
        let bucket_key = resource
            .value(&["rule", "bucket_key_enabled"])
            .and_then(Node::as_bool)
            .unwrap_or(false);
        let key = self.reference(index, &["rule", DEFAULT, "kms_master_key_id"]);
        let Some(algorithm) = algorithm else { return };
        let mut default = vec![("SSEAlgorithm", algorithm)];
        default.extend(key.map(|key| ("KMSMasterKeyID", text(span, key))));
        let rule = [
            ("ApplyServerSideEncryptionByDefault", object(span, default)),
            ("BucketKeyEnabled", boolean(span, bucket_key)),
        ];
        let node = object(span, [("Rules", one(object(span, rule)))]);
        self.sketch.set(Kind::Resources, &arn, "encryption", node);
    }

    fn object(&mut self, index: usize) {
        let Some(arn) = self.owner(index, "bucket", "aws_s3_bucket") else {
            return self.belongs_to_nothing(index, "which bucket it is in");
        };
        let key = self.reference(index, &["kms_key_id"]);
        let name = self.resource(index).text("key").unwrap_or_default();
        let object_arn = format!("{arn}/{name}");
        let tags = self.tags(index, &object_arn);
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
            let Some(arn) = self.owner(index, "function_name", "aws_lambda_function") else {
                self.may_be_of(index, "function_name", "aws_lambda_function");
                self.belongs_to_nothing(index, "which function it is of");
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
            let is_qualified = !matches!(resource.attribute("qualifier"), Attribute::Absent);
            if is_later || is_qualified {
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
        let policy = resource.attribute("policy");
        let is_copy = self.graph.is_plan() && resource.expression(&["policy"]).is_none();
        if matches!(resource.attribute("vpc_endpoint_type"), Attribute::Later(_)) {
            // Principals of gateways match otherwise, and others have no policy.
            self.sketch
                .later(Layer::VpcEndpoint, &id, [address.clone()]);
        }
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
        match policy {
            Attribute::Known(node) if !is_copy => {
                self.sketch
                    .set(Kind::VpcEndpoints, &id, "policy", node.clone());
            }
            Attribute::Later(_) => self.sketch.later(Layer::VpcEndpoint, &id, [address]),
            _ => {}
        }
    }

    fn endpoint_policy(&mut self, index: usize) {
        let id = match self.meant(index, &["vpc_endpoint_id"], &["aws_vpc_endpoint"]) {
            Meant::Resource(endpoint) => self.arn(endpoint),
            Meant::Unknown(_) => {
                let address = self.resource(index).address.clone();
                for id in self.sketch.keys_of(Kind::VpcEndpoints) {
                    self.sketch
                        .later(Layer::VpcEndpoint, &id, [address.clone()]);
                }
                None
            }
            _ => None,
        };
        let Some(id) = id else {
            return self.belongs_to_nothing(index, "which endpoint it is of");
        };
        let resource = self.resource(index);
        let address = resource.address.clone();
        match resource.attribute("policy") {
            Attribute::Known(node) => {
                let node = node.clone();
                self.sketch.set(Kind::VpcEndpoints, &id, "policy", node);
            }
            Attribute::Later(_) => self.sketch.later(Layer::VpcEndpoint, &id, [address]),
            Attribute::Absent => {}
        }
    }
}
