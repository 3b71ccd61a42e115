//! Keys, their policies, aliases and grants.

use preclear_model::{Arn, Node};
use preclear_simulator::Layer;

use super::Reader;
use super::attributes::{Attribute, Meant};
use super::graph::{Resource, Told};
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
        self.set_tags(index, Kind::Keys, arn);
    }

    /// The ARN of the key that a resource belongs to; where that is not known, all that it may be are left open.
    fn key_meant(&mut self, index: usize, attribute: &str, layer: Layer) -> Option<String> {
        let found = match self.meant(index, &[attribute], &KEYS) {
            Meant::Resource(key) => self.arn(key),
            Meant::Other(text) => self.key_arn(index, &text),
            Meant::Nothing => None,
            Meant::Unknown(several) => {
                if self.all_open(layer, index, &several) {
                    return None;
                }
                None
            }
        };
        if found.is_none() {
            self.belongs_to_nothing(index, "which key it belongs to");
        }
        found
    }

    /// `aws_kms_key_policy`
    fn key_policy(&mut self, index: usize) {
        let Some(arn) = self.key_meant(index, "key_id", Layer::Resource) else {
            return;
        };
        let resource = self.resource(index);
        let (span, address) = (resource.span(), resource.address.clone());
        match resource.attribute("policy") {
            Attribute::Known(node) => {
                let node = node.clone();
                self.sketch.set(Kind::Keys, &arn, "policy", node);
            }
            Attribute::Later(_) => {
                self.sketch.there(Kind::Keys, &arn, span);
                self.sketch.later(Layer::Resource, &arn, [address]);
            }
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
        let is_configured = resource.expression(&["policy"]).is_some();
        let id = Arn::parse(arn).map(|arn| arn.resource_id().to_owned());
        let names = [id.as_deref(), Some(arn)];
        let deleted = match self.graph.is_plan() && !is_configured {
            true => self.deletes("aws_kms_key_policy", "key_id", &names),
            false => None,
        };
        match resource.attribute("policy") {
            // The copy of what the plan takes away.
            Attribute::Known(_) if deleted.is_some() => {
                self.sketch.later(Layer::Resource, arn, deleted);
            }
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
        let key = match self.meant(index, &["target_key_id"], &KEYS) {
            Meant::Resource(key) => self.arn(key),
            Meant::Other(text) => self.key_arn(index, &text),
            Meant::Nothing => None,
            Meant::Unknown(several) => {
                // Whether it is one of theirs is unknown.
                for key in several {
                    if let Some(key) = self.arn(key) {
                        self.sketch.aliases_not_told(key);
                    }
                }
                None
            }
        };
        let Some(arn) = key else {
            // It is there, and which key it names is unknown: it may be one that another file lists.
            if let Some(alias) = self.arn(index) {
                if let Some((home, _)) = alias.split_once(":alias/") {
                    self.sketch.aliases_not_told(format!("{home}:key/"));
                }
                self.sketch.external(alias);
            }
            return self.belongs_to_nothing(index, "which key it is of");
        };
        let resource = self.resource(index);
        let span = resource.span();
        // A name that only applying will tell is not asked for by anybody.
        if let Some(name) = resource.text("name") {
            self.sketch
                .push(Kind::Keys, &arn, "aliases", text(span, name));
        }
    }

    fn grant(&mut self, index: usize) {
        let Some(arn) = self.key_meant(index, "key_id", Layer::Grants) else {
            return;
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
        // A map leaves out its members of unknown value, and a list of blocks may be missing as a whole.
        let mut is_known = resource.is_whole("constraints")
            && resource.is_whole("operations")
            && !has_open_constraints(resource);
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
            Attribute::Known(node) => members.push(("Operations", node.clone())),
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
            self.sketch.there(Kind::Keys, &arn, span);
            self.sketch.later(Layer::Grants, &arn, [address]);
        }
    }
}

/// True for a block that says nothing, where the plan does not tell how much of it is known: it has what is left out.
fn has_open_constraints(resource: &Resource<'_>) -> bool {
    let blocks = resource.values.get("constraints");
    let mut blocks = blocks.map_or(&[][..], Node::items).iter();
    resource.told(&["constraints"]) == Told::Nothing
        && resource.is_dynamic("constraints")
        && blocks.any(|block| {
            let mut members = block.members().iter();
            members.all(|member| member.value.members().is_empty())
        })
}

/// A list of one.
pub(super) fn one(node: Node) -> Node {
    list(node.span, vec![node])
}
