//! Keys, their policies, aliases and grants.

use preclear_model::{Arn, Node};
use preclear_simulator::Layer;

use super::Reader;
use super::attributes::{Attribute, Meant};
use crate::sketch::{Kind, boolean, default_key_policy, list, object, text};

const KEYS: [&str; 4] = [
    "aws_kms_key",
    "aws_kms_replica_key",
    "aws_kms_external_key",
    "aws_kms_replica_external_key",
];

pub(super) fn read(reader: &mut Reader<'_, '_, '_>) {
    for kind in KEYS {
        for index in reader.all(kind) {
            if let Some(arn) = reader.arn(index) {
                reader.key(index, &arn);
            }
        }
    }
    for index in reader.all("aws_kms_key_policy") {
        reader.key_policy(index);
    }
    for kind in KEYS {
        for index in reader.all(kind) {
            if let Some(arn) = reader.arn(index) {
                reader.policy_of_key(index, &arn);
            }
        }
    }
    for index in reader.all("aws_kms_alias") {
        reader.alias(index);
    }
    for index in reader.all("aws_kms_grant") {
        reader.grant(index);
    }
}

impl Reader<'_, '_, '_> {
    fn key(&mut self, index: usize, arn: &str) {
        let resource = self.resource(index);
        let span = resource.span();
        let kind = resource.kind;
        let enabled = ["is_enabled", "enabled"]
            .into_iter()
            .find_map(|name| resource.values.get(name).and_then(Node::as_bool));
        let state = match resource.text("key_state") {
            Some(state) => Some(state),
            None if enabled == Some(false) => Some("Disabled"),
            None => None,
        };
        let is_external = kind.contains("external");
        let origin = if is_external {
            Some("EXTERNAL")
        } else if resource.text("xks_key_id").is_some() {
            Some("EXTERNAL_KEY_STORE")
        } else if resource.text("custom_key_store_id").is_some() {
            Some("AWS_CLOUDHSM")
        } else {
            None
        };
        let is_replica = kind.contains("replica");
        let multi_region = match resource.values.get("multi_region").and_then(Node::as_bool) {
            Some(multi_region) => Some(multi_region),
            None => is_replica.then_some(true),
        };
        let texts = [
            ("state", state),
            ("spec", resource.text("customer_master_key_spec")),
            ("spec", resource.text("key_spec")),
            ("usage", resource.text("key_usage")),
            ("origin", origin),
            ("custom_key_store", resource.text("custom_key_store_id")),
            (
                "multi_region_type",
                match (multi_region, is_replica) {
                    (Some(true), true) => Some("REPLICA"),
                    (Some(true), false) => Some("PRIMARY"),
                    _ => None,
                },
            ),
        ];
        self.sketch.add(Kind::Keys, arn, span);
        for (member, value) in texts {
            if let Some(value) = value {
                self.sketch.set(Kind::Keys, arn, member, text(span, value));
            }
        }
        if let Some(multi_region) = multi_region {
            let node = boolean(span, multi_region);
            self.sketch.set(Kind::Keys, arn, "multi_region", node);
        }
        if let Some(tags) = self.tags(index, arn) {
            self.sketch.set(Kind::Keys, arn, "tags", tags);
        }
    }

    /// The key that an attribute names; if it is not determined, all that it may be.
    fn key_of(&mut self, index: usize, attribute: &str) -> Result<String, Vec<String>> {
        let several = match self.meant(index, &[attribute], &KEYS) {
            Meant::Resource(key) => return self.arn(key).ok_or_else(Vec::new),
            Meant::Other(text) => return self.key_arn(index, &text).ok_or_else(Vec::new),
            Meant::Nothing => return Err(Vec::new()),
            Meant::Unknown(several) => several,
        };
        if several.is_empty() {
            return Err(self.sketch.keys_of(Kind::Keys));
        }
        let arns = several.into_iter().filter_map(|key| self.arn(key));
        Err(arns.collect())
    }

    /// `aws_kms_key_policy`
    fn key_policy(&mut self, index: usize) {
        let arn = match self.key_of(index, "key_id") {
            Ok(arn) => arn,
            Err(keys) => {
                let address = self.resource(index).address.clone();
                for key in keys {
                    self.sketch.later(Layer::Resource, &key, [address.clone()]);
                }
                return self.belongs_to_nothing(index, "which key it belongs to");
            }
        };
        let resource = self.resource(index);
        let address = resource.address.clone();
        match resource.attribute("policy") {
            Attribute::Known(node) => {
                let node = node.clone();
                self.sketch.set(Kind::Keys, &arn, "policy", node);
            }
            Attribute::Later(_) => self.sketch.later(Layer::Resource, &arn, [address]),
            Attribute::Absent => {}
        }
    }

    /// The policy of the key itself, if no resource of its own has it.
    fn policy_of_key(&mut self, index: usize, arn: &str) {
        if self.sketch.is_set(Kind::Keys, arn, "policy")
            || self.sketch.is_later(Layer::Resource, arn)
        {
            return;
        }
        let resource = self.resource(index);
        let (span, address) = (resource.span(), resource.address.clone());
        match resource.attribute("policy") {
            Attribute::Known(node) => {
                let node = node.clone();
                self.sketch.set(Kind::Keys, arn, "policy", node);
            }
            Attribute::Later(_) => self.sketch.later(Layer::Resource, arn, [address]),
            Attribute::Absent
                if self.graph.is_plan() && resource.values.get("policy").is_none() =>
            {
                // Nobody configures it: KMS sets the default one.
                if let Some(arn) = Arn::parse(arn) {
                    let policy = default_key_policy(span, arn.partition(), arn.account());
                    self.sketch.set(Kind::Keys, arn.as_str(), "policy", policy);
                }
            }
            Attribute::Absent => {}
        }
    }

    /// The ARN of a key that is not of this file.
    fn key_arn(&self, index: usize, key: &str) -> Option<String> {
        if key.starts_with("arn:") {
            return Arn::parse(key)
                .filter(|arn| arn.resource_type() == Some("key"))
                .map(|arn| arn.as_str().to_owned());
        }
        let (account, region) = (self.names.account(index)?, self.names.region(index)?);
        let partition = self.names.partition(index);
        let is_id = !key.contains(['/', ':']);
        is_id.then(|| format!("arn:{partition}:kms:{region}:{account}:key/{key}"))
    }

    fn alias(&mut self, index: usize) {
        let own = self.names.arn(index);
        let resource = self.resource(index);
        let span = resource.span();
        let name = resource.text("name").map(str::to_owned);
        match (self.key_of(index, "target_key_id"), name) {
            (Ok(key), Some(name)) => {
                self.sketch
                    .push(Kind::Keys, &key, "aliases", text(span, name));
            }
            (Ok(key), None) => self.sketch.leave_aliases_open(&key),
            (Err(keys), name) => {
                for key in &keys {
                    self.sketch.leave_aliases_open(key);
                }
                if let Some(own) = own.filter(|_| name.is_some() && !keys.is_empty()) {
                    self.sketch.unsure(&own);
                }
                self.belongs_to_nothing(index, "which key it is of");
            }
        }
    }

    fn grant(&mut self, index: usize) {
        let arn = match self.key_of(index, "key_id") {
            Ok(arn) => arn,
            Err(keys) => {
                let address = self.resource(index).address.clone();
                for key in keys {
                    self.sketch.later(Layer::Grants, &key, [address.clone()]);
                }
                return self.belongs_to_nothing(index, "which key it is of");
            }
        };
        // Services and others make grants too.
        self.sketch.leave_open(Layer::Grants, &arn);
        let resource = self.resource(index);
        let (span, address) = (resource.span(), resource.address.clone());
        let id = resource.text("grant_id").unwrap_or(&address).to_owned();
        let owned = |name: &str| resource.text(name).map(str::to_owned);
        let (name, token) = (owned("name"), owned("grant_token"));
        let operations = resource.attribute("operations");
        let constraints = resource.value(&["constraints"]);
        let identities = ["aws_iam_role", "aws_iam_user"];
        let mut members = vec![("GrantId", text(span, id))];
        // Pairs of a map that are not known are left out of it.
        let mut is_known = !resource.is_partly_unknown("constraints")
            && !matches!(resource.attribute("constraints"), Attribute::Later(_));
        for (member, attribute) in [
            ("GranteePrincipal", "grantee_principal"),
            ("RetiringPrincipal", "retiring_principal"),
        ] {
            match self.meant(index, &[attribute], &identities) {
                Meant::Resource(identity) => {
                    let arn = self.arn(identity);
                    members.extend(arn.map(|arn| (member, text(span, arn))));
                }
                Meant::Other(arn) => members.push((member, text(span, arn))),
                Meant::Nothing => {}
                Meant::Unknown(_) => is_known = false,
            }
        }
        match operations {
            Attribute::Known(node) if !node.items().iter().any(Node::is_null) => {
                members.push(("Operations", node.clone()));
            }
            _ => is_known = false,
        }
        members.extend(name.map(|name| ("Name", text(span, name))));
        members.extend(token.map(|token| ("GrantToken", text(span, token))));
        if let Some(constraint) = constraints.and_then(|node| node.items().first()) {
            let names = [
                ("EncryptionContextEquals", "encryption_context_equals"),
                ("EncryptionContextSubset", "encryption_context_subset"),
            ];
            let pairs: Vec<(&str, Node)> = names
                .into_iter()
                .filter_map(|(member, name)| {
                    let value = constraint.get(name)?;
                    (!value.members().is_empty()).then(|| (member, value.clone()))
                })
                .collect();
            is_known &= pairs.iter().all(|(_, node)| {
                let mut members = node.members().iter();
                members.all(|member| !member.value.is_null())
            });
            if !pairs.is_empty() {
                members.push(("Constraints", object(constraint.span, pairs)));
            }
        }
        if is_known {
            let grant = object(span, members);
            self.sketch.push(Kind::Keys, &arn, "grants", grant);
        } else {
            self.sketch.later(Layer::Grants, &arn, [address]);
        }
    }
}

/// A list of one.
pub(super) fn one(node: Node) -> Node {
    list(node.span, vec![node])
}
