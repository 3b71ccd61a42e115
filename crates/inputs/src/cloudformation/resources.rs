//! Resources by their types.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Arn, Node, Span};
use preclear_simulator::Layer;
use preclear_simulator::snapshot::NOT_KNOWN;

use super::evaluate::Evaluated;
use super::{Made, Reader, names};
use crate::part::Candidates;
use crate::sketch::{
    Kind, boolean, default_key_policy, list, named_document, null, object, shipped, text,
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
    /// The ARN of a user, role or group of the template by its name.
    fn own_identity(&self, word: &str, name: &str) -> Option<String> {
        let resources = self.template.resources();
        let mut arns = resources.iter().filter_map(|(logical, node)| {
            let kind = node.get("Type").and_then(Node::scalar_text)?;
            let is_of_word = kind.strip_prefix("AWS::IAM::")?.eq_ignore_ascii_case(word);
            let arn = self.template.arn(logical).filter(|_| is_of_word)?;
            let parsed = Arn::parse(&arn)?;
            (parsed.resource_name() == name).then_some(arn)
        });
        arns.next()
    }

    /// The same; of one that the template does not make, under the path `/`.
    fn identity_arn(&self, word: &str, name: &str) -> String {
        self.own_identity(word, name).unwrap_or_else(|| {
            let (account, _) = self.template.home();
            format!(
                "arn:{}:iam::{account}:{word}/{name}",
                self.template.partition()
            )
        })
    }

    /// A policy of the resource belongs to somebody whom other files list, or to nobody knows whom.
    pub(super) fn candidates(
        &mut self,
        made: Made<'n>,
        (layer, service, kind): (Layer, &'static str, &'static str),
        name: Option<&str>,
        mut hangs_on: BTreeSet<String>,
    ) {
        hangs_on.insert(made.name.to_owned());
        let (account, _) = self.template.home();
        self.sketch.candidates(Candidates {
            layer,
            service,
            kind,
            account: account.to_owned(),
            name: name.map(str::to_owned),
            hangs_on,
        });
    }

    /// Reads the tags of an entry, as AWS writes them in templates. A value that is not determined is not known; where a name is
    /// not determined, or whether there is the tag, there may be any others.
    fn set_tags(&mut self, made: Made<'n>, kind: Kind, arn: &str) {
        let span = made.node.span;
        let unknown = || text(span, NOT_KNOWN);
        let mut tags = BTreeMap::new();
        let mut open = BTreeSet::new();
        let rewritten = self.rewritten.get(made.name);
        match (rewritten, made.property("Tags")) {
            (Some(macros), _) => {
                open.extend(macros.clone());
                tags.insert(NOT_KNOWN.to_owned(), unknown());
            }
            (None, None) => return,
            (None, Some(node)) => match node.as_sequence() {
                Some(items) => {
                    for item in items {
                        open.extend(self.add_tags(&mut tags, item));
                    }
                }
                None => open.extend(self.add_tags(&mut tags, node)),
            },
        }
        if !open.is_empty() {
            let then = "what hangs on such tags is not known";
            self.not_determined(made, "Tags", &open, then);
        }
        self.sketch.set(kind, arn, "tags", object(span, tags));
    }

    /// Adds a tag, or all tags that something makes; what they hang on.
    fn add_tags(&self, tags: &mut BTreeMap<String, Node>, node: &Node) -> BTreeSet<String> {
        let unknown = || text(node.span, NOT_KNOWN);
        let (mut key, value) = (None, node.get("Value"));
        if let (2, Some(name), Some(value)) = (node.members().len(), node.get("Key"), value) {
            key = match self.template.evaluate(name) {
                Evaluated::Known(name) => name.scalar_text().map(str::to_owned),
                _ => None,
            };
            if let (Some(key), Evaluated::Later(names)) = (&key, self.template.evaluate(value)) {
                tags.insert(key.clone(), unknown());
                return names;
            }
        }
        match self.template.evaluate(node) {
            Evaluated::NoValue => {}
            Evaluated::Later(names) => {
                tags.insert(key.unwrap_or_else(|| NOT_KNOWN.to_owned()), unknown());
                return names;
            }
            Evaluated::Known(known) => {
                let mut add = |name: &str, value: &Node| {
                    tags.insert(name.to_owned(), value.clone());
                };
                let all = known.as_sequence();
                for tag in all.unwrap_or(std::slice::from_ref(&known)) {
                    match (tag.get("Key").and_then(Node::scalar_text), tag.get("Value")) {
                        (Some(name), Some(value)) => add(name, value),
                        // Some types write tags as an object.
                        _ => tag
                            .members()
                            .iter()
                            .filter(|member| member.value.as_scalar().is_some())
                            .for_each(|member| add(&member.name, &member.value)),
                    }
                }
            }
        }
        BTreeSet::new()
    }

    fn identity(&mut self, made: Made<'n>, kind: Kind) {
        let Some(arn) = self.template.arn(made.name) else {
            return;
        };
        let span = made.node.span;
        self.sketch.add(kind, &arn, span);
        if let Some(names) = self.uncertain.get(made.name).cloned() {
            for layer in [Layer::Identity, Layer::Boundary, Layer::Resource] {
                self.later(made, layer, &arn, names.clone());
            }
            if self.shared.contains(&arn) {
                // Which of them is made decides whose policies these are.
                let tags = object(span, [(NOT_KNOWN, text(span, NOT_KNOWN))]);
                self.sketch.set(kind, &arn, "tags", tags);
                return;
            }
        }
        match self.rewritten.get(made.name).cloned() {
            Some(macros) => self.later(made, Layer::Identity, &arn, macros),
            None => {
                if let Some(policies) = made.property("Policies") {
                    self.inline_policies(made, policies, &arn, kind);
                }
            }
        }
        let (policies, open) = self.texts(made, "ManagedPolicyArns");
        for policy in policies {
            self.attach(made, &policy, &arn, (kind, Layer::Identity));
        }
        if !open.is_empty() {
            self.later(made, Layer::Identity, &arn, open);
        }
        if kind == Kind::Groups {
            return;
        }
        if made.kind == "AWS::IAM::Role" {
            let owner = (Layer::Resource, kind, arn.as_str(), "trust");
            self.policy(made, "AssumeRolePolicyDocument", owner);
        }
        self.set_tags(made, kind, &arn);
        match self.value(made, "PermissionsBoundary") {
            Ok(None) => self.sketch.set(kind, &arn, "boundary", null(span)),
            Ok(Some(boundary)) => {
                if let Some(boundary) = boundary.scalar_text() {
                    self.attach(made, boundary, &arn, (kind, Layer::Boundary));
                }
            }
            Err(names) => self.later(made, Layer::Boundary, &arn, names),
        }
        if made.kind == "AWS::IAM::User" {
            let (groups, open) = self.texts(made, "Groups");
            for name in groups {
                let group = text(span, self.identity_arn("group", &name));
                self.sketch.push(kind, &arn, "groups", group);
            }
            if !open.is_empty() {
                self.later(made, Layer::Identity, &arn, open);
            }
        }
    }

    pub(super) fn later(
        &mut self,
        made: Made<'n>,
        layer: Layer,
        owner: &str,
        mut names: BTreeSet<String>,
    ) {
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
        let name = policy.get("PolicyName").and_then(Node::scalar_text);
        if let Some(document) = policy.get("PolicyDocument") {
            let policy = named_document(name.unwrap_or("inline"), None, document);
            self.sketch.push(kind, owner, "policies", policy);
        }
    }

    /// Attaches a managed policy by its ARN, or makes it a boundary.
    fn attach(&mut self, made: Made<'n>, policy: &str, owner: &str, (kind, layer): (Kind, Layer)) {
        let own = self.template.resources().into_iter().find(|(name, node)| {
            let is_policy =
                node.get("Type").and_then(Node::scalar_text) == Some("AWS::IAM::ManagedPolicy");
            is_policy && self.template.arn(name).as_deref() == Some(policy)
        });
        let document = match own {
            Some((name, node)) => {
                let own = Made {
                    name,
                    kind: "AWS::IAM::ManagedPolicy",
                    node,
                };
                match self.document(own, "PolicyDocument") {
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

    /// The owners that a policy names from its side, as far as they are determined and the template makes them. Where nobody can
    /// tell whose the policy is, it may be that of everybody.
    fn owners(&mut self, made: Made<'n>) -> Vec<(String, Kind)> {
        let mut owners = Vec::new();
        if let Some(macros) = self.rewritten.get(made.name).cloned() {
            for word in ["role", "user", "group"] {
                let whose = (Layer::Identity, "iam", word);
                self.candidates(made, whose, None, macros.clone());
            }
            return owners;
        }
        for (property, word, kind) in OWNERS {
            let (names, open) = self.texts(made, property);
            for name in names {
                match self.own_identity(word, &name) {
                    Some(arn) if self.sketch.has(kind, &arn) => owners.push((arn, kind)),
                    _ => self.of_another_file(made, word, &name),
                }
            }
            if !open.is_empty() {
                let then = format!("the policies of every {word} that it may be are not known");
                self.not_determined(made, property, &open, &then);
                self.candidates(made, (Layer::Identity, "iam", word), None, open);
            }
        }
        owners
    }

    /// A policy of somebody whom the template does not make.
    fn of_another_file(&mut self, made: Made<'n>, word: &'static str, name: &str) {
        let message = format!(
            "`{}` belongs to the {word} `{name}`, which the template does not make: all policies of `{name}` together are not known",
            made.name
        );
        let place = self.origin.place(made.node);
        let help = "a template says nothing of what else is attached there; list it with all its policies in a snapshot file instead";
        self.loader.diagnostics.push(
            preclear_model::Diagnostic::warning("RESOURCE_ADDS_NOTHING", message)
                .rule("IAM-TRI-7")
                .at(place)
                .help(help),
        );
        let mut hangs_on = self.uncertain.get(made.name).cloned().unwrap_or_default();
        hangs_on.insert(made.name.to_owned());
        let whose = (Layer::Identity, "iam", word);
        self.candidates(made, whose, Some(name), hangs_on);
    }

    /// `AWS::IAM::Policy`, `RolePolicy` and the like
    fn inline_policy(&mut self, made: Made<'n>) {
        let owners = self.owners(made);
        let document = self.document(made, "PolicyDocument");
        let name = self.text(made, "PolicyName");
        for (owner, kind) in owners {
            match &document {
                Ok(Some(document)) => {
                    let name = name.as_deref().unwrap_or(made.name);
                    let policy = named_document(name, None, document);
                    self.sketch.push(kind, &owner, "policies", policy);
                }
                Ok(None) => {}
                Err(names) => self.later(made, Layer::Identity, &owner, names.clone()),
            }
        }
    }

    fn managed_policy(&mut self, made: Made<'n>) {
        let Some(arn) = self.template.arn(made.name) else {
            return;
        };
        for (owner, kind) in self.owners(made) {
            match self.document(made, "PolicyDocument") {
                Ok(Some(document)) => {
                    let name = arn.rsplit('/').next().unwrap_or(&arn);
                    let policy = named_document(name, Some(&arn), &document);
                    self.sketch.push(kind, &owner, "policies", policy);
                }
                Ok(None) => {}
                Err(names) => self.later(made, Layer::Identity, &owner, names),
            }
        }
    }

    /// `AWS::IAM::UserToGroupAddition`
    fn membership(&mut self, made: Made<'n>) {
        let (groups, open_group) = self.texts(made, "GroupName");
        let (users, open_users) = self.texts(made, "Users");
        let mut open = self.uncertain.get(made.name).cloned().unwrap_or_default();
        open.extend(open_group);
        let group = groups
            .first()
            .map(|group| self.identity_arn("group", group));
        for name in users {
            let user = self.own_identity("user", &name);
            let user = user.filter(|user| self.sketch.has(Kind::Principals, user));
            match (user, &group) {
                (None, _) => self.of_another_file(made, "user", &name),
                (Some(user), Some(group)) if open.is_empty() => {
                    let node = text(made.node.span, group.as_str());
                    self.sketch.push(Kind::Principals, &user, "groups", node);
                }
                (Some(user), _) => self.later(made, Layer::Identity, &user, open.clone()),
            }
        }
        if !open_users.is_empty() {
            let then = "the groups of every user that it may be are not known";
            self.not_determined(made, "Users", &open_users, then);
            self.candidates(made, (Layer::Identity, "iam", "user"), None, open_users);
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
            match self.value(made, property) {
                Ok(value) => {
                    if let Some(value) = value.as_ref().and_then(Node::scalar_text) {
                        self.sketch.set(Kind::Keys, &arn, member, text(span, value));
                    }
                }
                Err(names) => {
                    self.not_determined(made, property, &names, "it is not known");
                    let value = text(span, NOT_KNOWN);
                    self.sketch.set(Kind::Keys, &arn, member, value);
                }
            }
        }
        if let Err(names) = self.value(made, "MultiRegion") {
            let then = "the key counts as one of a single Region";
            self.not_determined(made, "MultiRegion", &names, then);
        }
        let state = match (self.value(made, "Origin"), self.value(made, "Enabled")) {
            // Nobody can import key material before there is the key. Rule: KMS-STATE-2.
            (Ok(Some(origin)), _) if origin.scalar_text() == Some("EXTERNAL") => {
                Some("PendingImport")
            }
            (Ok(_), Ok(enabled)) => {
                let said = enabled.as_ref().and_then(Node::as_scalar);
                let is_off = said.is_some_and(|scalar| scalar.text == "false");
                is_off.then_some("Disabled")
            }
            (Ok(_), Err(names)) => {
                self.not_determined(made, "Enabled", &names, "the key's state is not known");
                Some(NOT_KNOWN)
            }
            (Err(_), _) => Some(NOT_KNOWN),
        };
        if let Some(state) = state {
            self.sketch
                .set(Kind::Keys, &arn, "state", text(span, state));
        }
        self.set_tags(made, Kind::Keys, &arn);
        if let Some(names) = self.uncertain.get(made.name).cloned() {
            self.later(made, Layer::Resource, &arn, names);
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
        let mut open = self.uncertain.get(made.name).cloned().unwrap_or_default();
        let [name, key] =
            ["AliasName", "TargetKeyId"].map(|property| match self.value(made, property) {
                Ok(value) => value
                    .as_ref()
                    .and_then(Node::scalar_text)
                    .map(str::to_owned),
                Err(names) => {
                    open.extend(names);
                    None
                }
            });
        let key = key.and_then(|key| self.key_arn(&key));
        match (name, key) {
            (Some(name), Some(key)) if open.is_empty() => {
                let node = text(made.node.span, name);
                self.sketch.push(Kind::Keys, &key, "aliases", node);
            }
            (name, key) => {
                self.belongs_to_nothing(made, "its name and which key it is of");
                // There may be such an alias, of whichever key.
                let (account, region) = self.template.home();
                let name = name.unwrap_or_else(|| "alias/*".to_owned());
                let partition = self.template.partition();
                let alias = format!("arn:{partition}:kms:{region}:{account}:{name}");
                self.sketch.external(alias);
                let any = || format!("arn:{partition}:kms:{region}:{account}:key/");
                let key = key.unwrap_or_else(any);
                self.sketch.aliases_not_told(key);
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
        self.set_tags(made, Kind::Resources, &arn);
        if let Some(names) = self.uncertain.get(made.name).cloned() {
            self.later(made, Layer::Resource, &arn, names);
        }
        if self.shared.contains(&arn) {
            return self.encryption_is_not_known(span, &arn);
        }
        let rules = match self.value(made, "BucketEncryption") {
            Ok(None) => return,
            Ok(Some(node)) => node.get("ServerSideEncryptionConfiguration").cloned(),
            Err(names) => {
                let then = "which key its objects are under is not known";
                self.not_determined(made, "BucketEncryption", &names, then);
                return self.encryption_is_not_known(span, &arn);
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

    fn encryption_is_not_known(&mut self, span: Span, bucket: &str) {
        let default = object(
            span,
            [
                ("SSEAlgorithm", text(span, "aws:kms")),
                ("KMSMasterKeyID", text(span, NOT_KNOWN)),
            ],
        );
        let rule = object(span, [("ApplyServerSideEncryptionByDefault", default)]);
        let node = object(span, [("Rules", list(span, vec![rule]))]);
        self.sketch.set(Kind::Resources, bucket, "encryption", node);
    }

    fn user_of_key(&mut self, made: Made<'n>, role: Option<&str>, key: Option<&str>) {
        let Some(arn) = self.template.arn(made.name) else {
            return;
        };
        let span = made.node.span;
        self.sketch.add(Kind::Resources, &arn, span);
        if let Some(names) = self.uncertain.get(made.name).cloned() {
            self.later(made, Layer::Resource, &arn, names);
        }
        if let Some(property) = role {
            match self.value(made, property) {
                Ok(role) => {
                    if let Some(role) = role.as_ref().and_then(Node::scalar_text) {
                        self.set_role(made, &arn, role);
                    }
                }
                Err(names) => {
                    self.not_determined(made, property, &names, "its role is not known");
                    let role = text(span, NOT_KNOWN);
                    self.sketch.set(Kind::Resources, &arn, "role", role);
                }
            }
        }
        if let Some(property) = key {
            match self.value(made, property) {
                Ok(key) => {
                    let key = key.as_ref().and_then(Node::scalar_text);
                    if let Some(key) = key.filter(|key| !key.is_empty()) {
                        self.sketch
                            .set(Kind::Resources, &arn, "kms_key", text(span, key));
                    }
                }
                Err(names) => {
                    let then = "which key it is encrypted under is not known";
                    self.not_determined(made, property, &names, then);
                    let key = text(span, NOT_KNOWN);
                    self.sketch.set(Kind::Resources, &arn, "kms_key", key);
                }
            }
        }
        self.set_tags(made, Kind::Resources, &arn);
    }

    fn set_role(&mut self, made: Made<'n>, arn: &str, role: &str) {
        let span = made.node.span;
        self.sketch
            .set(Kind::Resources, arn, "role", text(span, role));
        if made.kind == "AWS::SageMaker::Model" {
            let describe = object(span, [("ExecutionRoleArn", text(span, role))]);
            self.sketch.set(Kind::Resources, arn, "describe", describe);
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
        let (names, open) = self.texts(made, property);
        if !open.is_empty() {
            let (service, word) = match property {
                "Bucket" => ("s3", "bucket"),
                "Queues" | "Queue" => ("sqs", "queue"),
                _ => ("sns", "topic"),
            };
            let then = format!("the policy of every {word} that it may be is not known");
            self.not_determined(made, property, &open, &then);
            self.candidates(made, (Layer::Resource, service, ""), None, open);
        } else if names.is_empty() {
            self.belongs_to_nothing(made, "what it belongs to");
        }
        for name in names {
            match self.carrier(made.kind, &name) {
                Some(arn) => {
                    let owner = (Layer::Resource, Kind::Resources, arn.as_str(), "policy");
                    self.policy(made, "PolicyDocument", owner);
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

    fn endpoint(&mut self, made: Made<'n>) {
        let Some(id) = self.template.arn(made.name) else {
            return;
        };
        let span: Span = made.node.span;
        let mut open = self.uncertain.get(made.name).cloned().unwrap_or_default();
        let kind = match self.value(made, "VpcEndpointType") {
            Ok(kind) => match kind.as_ref().and_then(Node::scalar_text) {
                Some("Interface") => "interface",
                Some("Gateway") | None => "gateway",
                // Endpoints of load balancers and resources have no policy that counts.
                Some(_) => return,
            },
            Err(names) => {
                open.extend(names);
                "gateway"
            }
        };
        if !open.is_empty() {
            self.later(made, Layer::VpcEndpoint, &id, open);
        }
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
