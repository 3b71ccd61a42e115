//! Resources by their types.

use std::collections::BTreeSet;

use preclear_model::{Arn, Node, Span};
use preclear_simulator::Layer;

use super::{Made, Reader, names};
use crate::sketch::{
    Kind, Permission, boolean, default_key_policy, list, named_document, null, object, shipped,
    text,
};

type Read = for<'n> fn(&mut Reader<'n, '_, '_>, Made<'n>);

/// Types with their readers; what refers to others is read after them.
pub(super) const PASSES: [&[(&str, Read)]; 2] = [
    &[
        ("AWS::IAM::Role", |reader, made| {
            reader.identity(made, Kind::Principals)
        }),
        ("AWS::IAM::User", |reader, made| {
            reader.identity(made, Kind::Principals)
        }),
        ("AWS::IAM::Group", |reader, made| {
            reader.identity(made, Kind::Groups)
        }),
        ("AWS::KMS::Key", |reader, made| reader.key(made)),
        ("AWS::KMS::ReplicaKey", |reader, made| reader.key(made)),
        ("AWS::S3::Bucket", |reader, made| reader.bucket(made)),
        ("AWS::SQS::Queue", |reader, made| {
            reader.user_of_key(made, None, Some("KmsMasterKeyId"))
        }),
        ("AWS::SNS::Topic", |reader, made| {
            reader.user_of_key(made, None, Some("KmsMasterKeyId"))
        }),
        ("AWS::Lambda::Function", |reader, made| {
            reader.user_of_key(made, Some("Role"), Some("KmsKeyArn"));
        }),
        ("AWS::SageMaker::Model", |reader, made| {
            reader.user_of_key(made, Some("ExecutionRoleArn"), None);
        }),
        ("AWS::SageMaker::NotebookInstance", |reader, made| {
            reader.user_of_key(made, Some("RoleArn"), Some("KmsKeyId"));
        }),
        ("AWS::SageMaker::EndpointConfig", |reader, made| {
            reader.user_of_key(made, None, Some("KmsKeyId"));
        }),
        ("AWS::SageMaker::Domain", |reader, made| {
            reader.user_of_key(made, None, Some("KmsKeyId"))
        }),
        ("AWS::EC2::VPCEndpoint", |reader, made| {
            reader.endpoint(made)
        }),
    ],
    &[
        ("AWS::IAM::Policy", |reader, made| {
            reader.inline_policy(made)
        }),
        ("AWS::IAM::RolePolicy", |reader, made| {
            reader.inline_policy(made)
        }),
        ("AWS::IAM::UserPolicy", |reader, made| {
            reader.inline_policy(made)
        }),
        ("AWS::IAM::GroupPolicy", |reader, made| {
            reader.inline_policy(made)
        }),
        ("AWS::IAM::ManagedPolicy", |reader, made| {
            reader.managed_policy(made)
        }),
        ("AWS::IAM::UserToGroupAddition", |reader, made| {
            reader.membership(made)
        }),
        ("AWS::KMS::Alias", |reader, made| reader.alias(made)),
        ("AWS::S3::BucketPolicy", |reader, made| {
            reader.resource_policy(made)
        }),
        ("AWS::SQS::QueuePolicy", |reader, made| {
            reader.resource_policy(made)
        }),
        ("AWS::SQS::QueueInlinePolicy", |reader, made| {
            reader.resource_policy(made)
        }),
        ("AWS::SNS::TopicPolicy", |reader, made| {
            reader.resource_policy(made)
        }),
        ("AWS::SNS::TopicInlinePolicy", |reader, made| {
            reader.resource_policy(made)
        }),
        ("AWS::Lambda::Permission", |reader, made| {
            reader.permission(made)
        }),
    ],
];

/// Properties that name owners of identity policies, and the word for them in ARNs.
const OWNERS: [(&str, &str, Kind); 6] = [
    ("Roles", "role", Kind::Principals),
    ("Users", "user", Kind::Principals),
    ("Groups", "group", Kind::Groups),
    ("RoleName", "role", Kind::Principals),
    ("UserName", "user", Kind::Principals),
    ("GroupName", "group", Kind::Groups),
];

impl<'n> Reader<'n, '_, '_> {
    /// The ARN of a user, role or group by its name; of one that the template does not make, under the path `/`.
    fn identity_arn(&mut self, word: &str, name: &str) -> String {
        let resources = self.template.resources();
        let mut arns = resources.iter().filter_map(|(logical, node)| {
            let kind = node.get("Type").and_then(Node::as_text)?;
            let is_of_word = kind.strip_prefix("AWS::IAM::")?.eq_ignore_ascii_case(word);
            let arn = self.template.arn(logical).filter(|_| is_of_word)?;
            let parsed = Arn::parse(&arn)?;
            (parsed.resource_name() == name).then_some(arn)
        });
        arns.next().unwrap_or_else(|| {
            let (account, _) = self.template.home();
            format!(
                "arn:{}:iam::{account}:{word}/{name}",
                self.template.partition()
            )
        })
    }

    /// Tags as AWS writes them in templates; those that are not determined are unknown.
    fn tags(&mut self, made: Made<'n>, arn: &str) -> Option<Node> {
        let tags = match self.value(made, "Tags") {
            Ok(tags) => tags?,
            Err(_) => {
                self.sketch.unsure(arn);
                return None;
            }
        };
        if tags.as_mapping().is_some() {
            return Some(tags);
        }
        let pairs = tags.items().iter().filter_map(|tag| {
            let key = tag.get("Key")?.as_text()?.to_owned();
            Some((key, tag.get("Value")?.clone()))
        });
        Some(object(tags.span, pairs))
    }

    fn identity(&mut self, made: Made<'n>, kind: Kind) {
        let Some(arn) = self.template.arn(made.name) else {
            return;
        };
        let span = made.node.span;
        self.sketch.add(kind, &arn, span);
        if let Some(policies) = made.property("Policies") {
            self.inline_policies(made, policies, &arn, kind);
        }
        match self.value(made, "ManagedPolicyArns") {
            Ok(None) => {}
            Ok(Some(policies)) => {
                for policy in policies.items() {
                    if let Some(policy_arn) = policy.as_text() {
                        self.attach(made, policy_arn, &arn, (kind, Layer::Identity));
                    }
                }
            }
            Err(names) => self.later(made, Layer::Identity, &arn, names),
        }
        if kind == Kind::Groups {
            return;
        }
        if made.kind == "AWS::IAM::Role" {
            let owner = (Layer::Resource, kind, arn.as_str(), "trust");
            self.policy(made, "AssumeRolePolicyDocument", owner);
        }
        if let Some(tags) = self.tags(made, &arn) {
            self.sketch.set(kind, &arn, "tags", tags);
        }
        match self.value(made, "PermissionsBoundary") {
            Ok(None) => self.sketch.set(kind, &arn, "boundary", null(span)),
            Ok(Some(boundary)) => {
                if let Some(boundary) = boundary.as_text() {
                    self.attach(made, boundary, &arn, (kind, Layer::Boundary));
                }
            }
            Err(names) => self.later(made, Layer::Boundary, &arn, names),
        }
        if made.kind == "AWS::IAM::User" {
            match self.value(made, "Groups") {
                Ok(groups) => {
                    for group in groups.iter().flat_map(Node::items) {
                        if let Some(name) = names::text_of(group) {
                            let group = text(group.span, self.identity_arn("group", name));
                            self.sketch.push(kind, &arn, "groups", group);
                        }
                    }
                }
                Err(names) => self.later(made, Layer::Identity, &arn, names),
            }
        }
    }

    fn later(&mut self, made: Made<'n>, layer: Layer, owner: &str, mut names: BTreeSet<String>) {
        names.insert(made.name.to_owned());
        self.sketch.later(layer, owner, names);
    }

    /// `Policies` of a user, role or group, each for itself: one may be determined where another is not.
    fn inline_policies(&mut self, made: Made<'n>, policies: &'n Node, owner: &str, kind: Kind) {
        let items = match policies.as_sequence() {
            Some(items) => items,
            None => std::slice::from_ref(policies),
        };
        for item in items {
            let evaluated = self.template.evaluate(item).into_result();
            match evaluated {
                Ok(None) => {}
                Ok(Some(policy)) if policy.as_sequence().is_some() => {
                    for policy in policy.items() {
                        self.inline(policy, owner, kind);
                    }
                }
                Ok(Some(policy)) => self.inline(&policy, owner, kind),
                Err(names) => self.later(made, Layer::Identity, owner, names),
            }
        }
    }

    fn inline(&mut self, policy: &Node, owner: &str, kind: Kind) {
        let name = policy.get("PolicyName").and_then(Node::as_text);
        if let Some(document) = policy.get("PolicyDocument") {
            let policy = named_document(name.unwrap_or("inline"), None, document);
            self.sketch.push(kind, owner, "policies", policy);
        }
    }

    /// Attaches a managed policy by its ARN, or makes it a boundary.
    fn attach(&mut self, made: Made<'n>, policy: &str, owner: &str, (kind, layer): (Kind, Layer)) {
        let own = self.template.resources().into_iter().find(|(name, node)| {
            let is_policy =
                node.get("Type").and_then(Node::as_text) == Some("AWS::IAM::ManagedPolicy");
            is_policy && self.template.arn(name).as_deref() == Some(policy)
        });
        let document = match own {
            Some((name, node)) => {
                let own = Made {
                    name,
                    kind: "AWS::IAM::ManagedPolicy",
                    node,
                };
                match self.value(own, "PolicyDocument") {
                    Ok(Some(document)) => {
                        let short = policy.rsplit('/').next().unwrap_or(policy);
                        Some(named_document(short, Some(policy), &document))
                    }
                    Ok(None) => None,
                    Err(names) => return self.later(own, layer, owner, names),
                }
            }
            None => shipped(policy, made.node.span),
        };
        match (document, layer) {
            (Some(document), Layer::Boundary) => {
                self.sketch.set(kind, owner, "boundary", document);
            }
            (Some(document), _) => self.sketch.push(kind, owner, "policies", document),
            (None, layer) => {
                self.without_document(made, policy);
                self.sketch.later(layer, owner, [policy]);
            }
        }
    }

    fn without_document(&mut self, made: Made<'n>, policy: &str) {
        let message = format!(
            "`{}` attaches `{policy}`, and the template does not have its document",
            made.name
        );
        let place = self.origin.place(made.node);
        self.loader.diagnostics.push(
            preclear_model::Diagnostic::warning("POLICY_WITHOUT_DOCUMENT", message)
                .rule("IAM-TRI-7")
                .at(place)
                .help("list the user, role or group with this policy in a snapshot file instead; preclear ships few policies of AWS"),
        );
    }

    /// The owners that a policy names from its side.
    fn owners(&mut self, made: Made<'n>) -> Vec<(String, Kind)> {
        let mut owners = Vec::new();
        for (property, word, kind) in OWNERS {
            match self.value(made, property) {
                Ok(None) => {}
                Ok(Some(node)) => {
                    let names = match node.as_sequence() {
                        Some(items) => items,
                        None => std::slice::from_ref(&node),
                    };
                    for name in names.iter().filter_map(names::text_of) {
                        owners.push((self.identity_arn(word, name), kind));
                    }
                }
                Err(names) => {
                    // It may be any of those that the template makes.
                    for (name, node) in self.template.resources() {
                        let of_word = node
                            .get("Type")
                            .and_then(Node::as_text)
                            .and_then(|kind| kind.strip_prefix("AWS::IAM::"))
                            .is_some_and(|kind| kind.eq_ignore_ascii_case(word));
                        if let (true, Some(arn)) = (of_word, self.template.arn(name)) {
                            self.later(made, Layer::Identity, &arn, names.clone());
                        }
                    }
                }
            }
        }
        owners
    }

    /// `AWS::IAM::Policy`, `RolePolicy` and the like
    fn inline_policy(&mut self, made: Made<'n>) {
        let owners = self.owners(made);
        let document = self.said(made, "PolicyDocument");
        let name = self.text(made, "PolicyName");
        for (owner, kind) in owners {
            match &document {
                Ok(Some(document)) => {
                    let name = name.as_deref().unwrap_or(made.name);
                    let policy = named_document(name, None, document);
                    self.belongs(made, &owner, kind, policy);
                }
                Ok(None) => {}
                Err(names) => self.later(made, Layer::Identity, &owner, names.clone()),
            }
        }
    }

    /// A policy of somebody whom the template may not make.
    fn belongs(&mut self, made: Made<'n>, owner: &str, kind: Kind, policy: Node) {
        if self.sketch.has(kind, owner) {
            self.sketch.push(kind, owner, "policies", policy);
        } else {
            self.belongs_to_nothing(made, &format!("who `{owner}` is"));
            self.sketch.later(Layer::Identity, owner, [made.name]);
        }
    }

    fn managed_policy(&mut self, made: Made<'n>) {
        let Some(arn) = self.template.arn(made.name) else {
            return;
        };
        for (owner, kind) in self.owners(made) {
            match self.said(made, "PolicyDocument") {
                Ok(Some(document)) => {
                    let name = arn.rsplit('/').next().unwrap_or(&arn);
                    let policy = named_document(name, Some(&arn), &document);
                    self.belongs(made, &owner, kind, policy);
                }
                Ok(None) => {}
                Err(names) => self.later(made, Layer::Identity, &owner, names),
            }
        }
    }

    /// `AWS::IAM::UserToGroupAddition`
    fn membership(&mut self, made: Made<'n>) {
        let (group, users) = (self.said(made, "GroupName"), self.value(made, "Users"));
        let arns = |reader: &mut Self, users: &Node| -> Vec<String> {
            let all = users.items().iter().filter_map(names::text_of);
            all.map(|name| reader.identity_arn("user", name)).collect()
        };
        let (group, users) = match (group, users) {
            (Ok(Some(group)), Ok(Some(users))) => (group, users),
            (Err(names), Ok(Some(users))) => {
                for user in arns(self, &users) {
                    self.later(made, Layer::Identity, &user, names.clone());
                }
                return;
            }
            (_, Err(mut names)) => {
                // It may be any of those that the template makes.
                names.insert(made.name.to_owned());
                for (name, node) in self.template.resources() {
                    let is_user =
                        node.get("Type").and_then(Node::as_text) == Some("AWS::IAM::User");
                    if let (true, Some(arn)) = (is_user, self.template.arn(name)) {
                        self.later(made, Layer::Identity, &arn, names.clone());
                    }
                }
                return self.belongs_to_nothing(made, "which users it is about");
            }
            _ => return self.belongs_to_nothing(made, "which users and group it is about"),
        };
        let Some(group) = names::text_of(&group) else {
            return self.belongs_to_nothing(made, "which group it is about");
        };
        let group = self.identity_arn("group", group);
        for user in arns(self, &users) {
            if self.sketch.has(Kind::Principals, &user) {
                let node = text(made.node.span, group.as_str());
                self.sketch.push(Kind::Principals, &user, "groups", node);
            } else {
                self.belongs_to_nothing(made, &format!("who `{user}` is"));
            }
        }
    }

    fn key(&mut self, made: Made<'n>) {
        let Some(arn) = self.template.arn(made.name) else {
            return;
        };
        let span = made.node.span;
        self.sketch.add(Kind::Keys, &arn, span);
        let is_replica = made.kind == "AWS::KMS::ReplicaKey";
        let is_multi_region = is_replica || names::is_multi_region(&self.template, made.name);
        if is_multi_region {
            let kind = if is_replica { "REPLICA" } else { "PRIMARY" };
            self.sketch
                .set(Kind::Keys, &arn, "multi_region", boolean(span, true));
            self.sketch
                .set(Kind::Keys, &arn, "multi_region_type", text(span, kind));
        }
        for (property, member) in [
            ("KeySpec", "spec"),
            ("KeyUsage", "usage"),
            ("Origin", "origin"),
        ] {
            if let Some(value) = self.text(made, property) {
                self.sketch.set(Kind::Keys, &arn, member, text(span, value));
            }
        }
        if let Ok(Some(enabled)) = self.value(made, "Enabled")
            && enabled
                .as_scalar()
                .is_some_and(|scalar| scalar.text == "false")
        {
            self.sketch
                .set(Kind::Keys, &arn, "state", text(span, "Disabled"));
        }
        if let Some(tags) = self.tags(made, &arn) {
            self.sketch.set(Kind::Keys, &arn, "tags", tags);
        }
        let owner = (Layer::Resource, Kind::Keys, arn.as_str(), "policy");
        if !self.policy(made, "KeyPolicy", owner) {
            // KMS sets the default one.
            let (account, _) = self.template.home();
            let policy = default_key_policy(span, self.template.partition(), account);
            self.sketch.set(Kind::Keys, &arn, "policy", policy);
        }
    }

    fn alias(&mut self, made: Made<'n>) {
        let name = self.said(made, "AliasName");
        let key = self.value(made, "TargetKeyId");
        let known = match &key {
            Ok(Some(key)) => key.as_text().and_then(|key| self.key_arn(key)),
            _ => None,
        };
        match (name, key, known) {
            (Ok(Some(name)), _, Some(key)) => {
                if let Some(name) = name.as_text() {
                    let node = text(made.node.span, name);
                    self.sketch.push(Kind::Keys, &key, "aliases", node);
                }
            }
            (name, key, known) => {
                let is_later = name.is_err() || key.is_err();
                // Of a key that is not known it may be any.
                let keys = match known {
                    Some(key) => vec![key],
                    None => self.sketch.keys_of(Kind::Keys),
                };
                for key in keys.iter().filter(|_| is_later) {
                    self.sketch.leave_aliases_open(key);
                }
                if let Some(arn) = self.template.arn(made.name).filter(|_| is_later) {
                    self.sketch.unsure(&arn);
                }
                self.belongs_to_nothing(made, "its name and which key it is of");
            }
        }
    }

    /// The ARN of a key by its id or ARN.
    fn key_arn(&self, key: &str) -> Option<String> {
        if key.starts_with("arn:") {
            return Arn::parse(key)
                .filter(|arn| arn.resource_type() == Some("key"))
                .map(|arn| arn.as_str().to_owned());
        }
        let (account, region) = self.template.home();
        let is_id = !key.contains(['/', ':']);
        is_id.then(|| {
            format!(
                "arn:{}:kms:{region}:{account}:key/{key}",
                self.template.partition()
            )
        })
    }

    fn bucket(&mut self, made: Made<'n>) {
        let Some(arn) = self.template.arn(made.name) else {
            return;
        };
        let span = made.node.span;
        self.sketch.add(Kind::Resources, &arn, span);
        let (account, region) = self.template.home();
        let homes = [
            ("account", account.to_owned()),
            ("region", region.to_owned()),
        ];
        for (member, value) in homes {
            self.sketch
                .set(Kind::Resources, &arn, member, text(span, value));
        }
        if let Some(tags) = self.tags(made, &arn) {
            self.sketch.set(Kind::Resources, &arn, "tags", tags);
        }
        let rules = match self.value(made, "BucketEncryption") {
            Ok(None) => return,
            Ok(Some(node)) => node.get("ServerSideEncryptionConfiguration").cloned(),
            Err(_) => {
                return self
                    .belongs_to_nothing(made, "how it is encrypted: its `BucketEncryption`");
            }
        };
        let rule = rules.as_ref().and_then(|rules| rules.items().first());
        let Some(rule) = rule else { return };
        let mut members = Vec::new();
        if let Some(default) = rule.get("ServerSideEncryptionByDefault") {
            members.push(("ApplyServerSideEncryptionByDefault", default.clone()));
        }
        let bucket_key = rule.get("BucketKeyEnabled").and_then(Node::as_scalar);
        let bucket_key = bucket_key.is_some_and(|scalar| scalar.text == "true");
        members.push(("BucketKeyEnabled", boolean(span, bucket_key)));
        let rules = list(span, vec![object(span, members)]);
        let node = object(span, [("Rules", rules)]);
        self.sketch.set(Kind::Resources, &arn, "encryption", node);
    }

    fn user_of_key(&mut self, made: Made<'n>, role: Option<&str>, key: Option<&str>) {
        let Some(arn) = self.template.arn(made.name) else {
            return;
        };
        let span = made.node.span;
        self.sketch.add(Kind::Resources, &arn, span);
        if let Some(role) = role.and_then(|role| self.text(made, role)) {
            let node = text(span, role.as_str());
            self.sketch.set(Kind::Resources, &arn, "role", node);
            if made.kind == "AWS::SageMaker::Model" {
                let describe = object(span, [("ExecutionRoleArn", text(span, role))]);
                self.sketch.set(Kind::Resources, &arn, "describe", describe);
            }
        }
        if let Some(key) = key.and_then(|key| self.text(made, key)) {
            self.sketch
                .set(Kind::Resources, &arn, "kms_key", text(span, key));
        }
        if let Some(tags) = self.tags(made, &arn) {
            self.sketch.set(Kind::Resources, &arn, "tags", tags);
        }
    }

    /// Policies of buckets, queues and topics
    fn resource_policy(&mut self, made: Made<'n>) {
        let property = match made.kind {
            "AWS::S3::BucketPolicy" => "Bucket",
            "AWS::SQS::QueuePolicy" => "Queues",
            "AWS::SQS::QueueInlinePolicy" => "Queue",
            "AWS::SNS::TopicPolicy" => "Topics",
            _ => "TopicArn",
        };
        let owners = match self.value(made, property) {
            Ok(Some(owners)) => owners,
            Ok(None) => return self.belongs_to_nothing(made, "what it belongs to"),
            Err(mut names) => {
                // It may be any of those that the template makes.
                names.insert(made.name.to_owned());
                let service = match made.kind {
                    "AWS::S3::BucketPolicy" => "s3",
                    kind if kind.contains("SQS") => "sqs",
                    _ => "sns",
                };
                let of = (Layer::Resource, Kind::Resources);
                self.sketch.later_of_one(of, service, &names);
                return self.belongs_to_nothing(made, "what it belongs to");
            }
        };
        let names = match owners.as_sequence() {
            Some(items) => items,
            None => std::slice::from_ref(&owners),
        };
        for name in names.iter().filter_map(names::text_of) {
            match self.carrier(made.kind, name) {
                Some(arn) => {
                    let owner = (Layer::Resource, Kind::Resources, arn.as_str(), "policy");
                    match self.may_be_made.get(made.name).cloned() {
                        Some(names) => self.later(made, Layer::Resource, &arn, names),
                        None => drop(self.policy(made, "PolicyDocument", owner)),
                    }
                }
                None => self.belongs_to_nothing(made, &format!("what `{name}` is")),
            }
        }
    }

    /// The ARN of what a policy names: a bucket's name, a queue's URL, a topic's ARN.
    fn carrier(&self, kind: &str, name: &str) -> Option<String> {
        if name.starts_with("arn:") {
            return Arn::parse(name).map(|arn| arn.as_str().to_owned());
        }
        let partition = self.template.partition();
        if kind == "AWS::S3::BucketPolicy" {
            return Some(format!("arn:{partition}:s3:::{name}"));
        }
        let path = name.strip_prefix("https://")?;
        let mut parts = path.split('/');
        let (host, account, queue) = (parts.next()?, parts.next()?, parts.next()?);
        let region = host.strip_prefix("sqs.")?.split('.').next()?;
        Some(format!("arn:{partition}:sqs:{region}:{account}:{queue}"))
    }

    fn permission(&mut self, made: Made<'n>) {
        let name = match self.value(made, "FunctionName") {
            Ok(name) => name.as_ref().and_then(names::text_of).map(str::to_owned),
            Err(mut names) => {
                // It may be any of those that the template makes.
                names.insert(made.name.to_owned());
                let of = (Layer::Resource, Kind::Resources);
                self.sketch.later_of_one(of, "lambda", &names);
                None
            }
        };
        let Some(name) = name else {
            return self.belongs_to_nothing(made, "which function it is of");
        };
        let (account, region) = self.template.home();
        let arn = match name.starts_with("arn:") {
            true => name,
            false => format!(
                "arn:{}:lambda:{region}:{account}:function:{name}",
                self.template.partition()
            ),
        };
        let mut open = self.may_be_made.get(made.name).cloned().unwrap_or_default();
        let properties = [
            "Action",
            "Principal",
            "SourceArn",
            "SourceAccount",
            "PrincipalOrgID",
            "EventSourceToken",
            "FunctionUrlAuthType",
        ];
        let mut values = Vec::new();
        for property in properties {
            match self.value(made, property) {
                Ok(node) => {
                    let text = node.as_ref().and_then(Node::as_scalar);
                    values.push(text.map(|scalar| scalar.text.clone()));
                }
                Err(names) => {
                    values.push(None);
                    open.extend(names);
                }
            }
        }
        let value = |at: usize| values.get(at).and_then(Option::as_deref);
        // Conditions that the reader does not make leave the statement open.
        let is_special = value(5).is_some() || value(6).is_some();
        if !open.is_empty() || is_special {
            return self.later(made, Layer::Resource, &arn, open);
        }
        let permission = Permission {
            sid: made.name,
            action: value(0).unwrap_or("lambda:InvokeFunction"),
            principal: value(1).unwrap_or("*"),
            source_arn: value(2),
            source_account: value(3),
            organization: value(4),
        };
        let statement = permission.statement(made.node.span, &arn);
        self.sketch.statement(&arn, statement);
    }

    fn endpoint(&mut self, made: Made<'n>) {
        let Some(id) = self.template.arn(made.name) else {
            return;
        };
        let span: Span = made.node.span;
        let kind = self.value(made, "VpcEndpointType");
        if let Err(names) = &kind {
            // Principals of gateways match otherwise, and others have no policy.
            self.later(made, Layer::VpcEndpoint, &id, names.clone());
        }
        let kind = kind.ok().flatten();
        let kind = match kind.as_ref().and_then(Node::as_text) {
            Some("Interface") => "interface",
            Some("Gateway") | None => "gateway",
            // Endpoints of load balancers and resources have no policy that counts.
            Some(_) => return,
        };
        let (account, _) = self.template.home();
        let account = text(span, account);
        self.sketch.add(Kind::VpcEndpoints, &id, span);
        self.sketch
            .set(Kind::VpcEndpoints, &id, "kind", text(span, kind));
        self.sketch.set(Kind::VpcEndpoints, &id, "account", account);
        if let Some(vpc) = self.text(made, "VpcId") {
            self.sketch
                .set(Kind::VpcEndpoints, &id, "vpc", text(span, vpc));
        }
        let owner = (
            Layer::VpcEndpoint,
            Kind::VpcEndpoints,
            id.as_str(),
            "policy",
        );
        self.policy(made, "PolicyDocument", owner);
    }
}
