//! Keys, their policies, aliases and grants.

use preclear_model::{Arn, Diagnostic, Node, PolicyKind};
use preclear_simulator::Layer;
use preclear_simulator::snapshot::NOT_KNOWN;

use super::Reader;
use super::attributes::{Attribute, Meant};
use super::documents::Told;
use super::graph::{self, Resource};
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

impl<'n> Reader<'n, '_, '_> {
    fn key(&mut self, index: usize, arn: &str) {
        let resource = self.resource(index);
        let span = resource.span();
        let kind = resource.kind;
        let is_replica = kind.contains("replica");
        let multi_region = match resource.values.get("multi_region").and_then(Node::as_bool) {
            Some(multi_region) => Some(multi_region),
            None => is_replica.then_some(true),
        };
        let origin = match kind.contains("external") {
            true => Some("EXTERNAL"),
            false => self.origin_in_store(index),
        };
        let resource = self.resource(index);
        let store = resource.text("custom_key_store_id");
        let texts = [
            ("origin", origin),
            ("custom_key_store", store),
            (
                "multi_region_type",
                match (multi_region, is_replica) {
                    (Some(true), true) => Some("REPLICA"),
                    (Some(true), false) => Some("PRIMARY"),
                    _ => None,
                },
            ),
        ];
        let state = self.state(index);
        let spec = self.told_or_not(index, &["customer_master_key_spec", "key_spec"]);
        let usage = self.told_or_not(index, &["key_usage"]);
        if matches!(
            self.resource(index).attribute("multi_region"),
            Attribute::Later(_)
        ) {
            let then = "the key counts as one of a single Region";
            self.not_determined(index, "multi_region", then);
        }
        self.sketch.add(Kind::Keys, arn, span);
        let texts = texts
            .into_iter()
            .chain([("state", state), ("spec", spec), ("usage", usage)]);
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

    /// The origin of a key in a key store; `None` for one of KMS itself.
    fn origin_in_store(&mut self, index: usize) -> Option<&'static str> {
        let resource = self.resource(index);
        for (name, origin) in [
            ("xks_key_id", "EXTERNAL_KEY_STORE"),
            ("custom_key_store_id", "AWS_CLOUDHSM"),
        ] {
            match resource.attribute(name) {
                Attribute::Known(_) => return Some(origin),
                Attribute::Later(_) => {
                    self.not_determined(index, name, "the key's origin is not known");
                    return Some(NOT_KNOWN);
                }
                Attribute::Absent => {}
            }
        }
        None
    }

    /// The state of a key, as far as the plan tells it.
    fn state(&mut self, index: usize) -> Option<&'n str> {
        let resource = self.resource(index);
        if let Some(state) = resource.text("key_state") {
            return Some(state);
        }
        for name in ["is_enabled", "enabled"] {
            match resource.attribute(name) {
                Attribute::Known(node) if node.as_bool() == Some(false) => return Some("Disabled"),
                Attribute::Later(_) => {
                    self.not_determined(index, name, "the key's state is not known");
                    return Some(NOT_KNOWN);
                }
                Attribute::Known(_) | Attribute::Absent => {}
            }
        }
        None
    }

    /// The text of an attribute, by one of its names.
    fn told_or_not(&mut self, index: usize, names: &[&str]) -> Option<&'n str> {
        for name in names {
            match self.resource(index).attribute(name) {
                Attribute::Known(node) => return node.as_text(),
                Attribute::Later(_) => {
                    self.not_determined(index, name, "it is not known");
                    return Some(NOT_KNOWN);
                }
                Attribute::Absent => {}
            }
        }
        None
    }

    /// Warns of an attribute of a key that only applying will tell.
    fn not_determined(&mut self, index: usize, name: &str, then: &str) {
        let resource = self.resource(index);
        let message = format!(
            "only applying tells `{name}` of `{}`: {then}",
            resource.address
        );
        let place = self.origin.place(resource.node);
        self.loader.diagnostics.push(
            Diagnostic::warning("PROPERTY_NOT_DETERMINED", message)
                .rule("IAM-TRI-7")
                .at(place)
                .help(
                    "give it as a constant or variable, or load the state once the plan is applied",
                ),
        );
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
        let span = self.resource(index).span();
        match self.policy_told(index, "policy", PolicyKind::Key) {
            Told::Known(node) => self.sketch.set(Kind::Keys, &arn, "policy", node),
            Told::Later(names) => {
                self.sketch.there(Kind::Keys, &arn, span);
                self.sketch.later(Layer::Resource, &arn, names);
            }
            Told::Absent => {}
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
        let span = resource.span();
        let is_configured = resource.expression(&["policy"]).is_some();
        let id = Arn::parse(arn).map(|arn| arn.resource_id().to_owned());
        let names = [id.as_deref(), Some(arn)];
        let deleted = match self.graph.is_plan() && !is_configured {
            true => self.deletes("aws_kms_key_policy", "key_id", &names),
            false => None,
        };
        match self.policy_told(index, "policy", PolicyKind::Key) {
            // The copy of what the plan takes away.
            Told::Known(_) if deleted.is_some() => {
                self.sketch.later(Layer::Resource, arn, deleted);
            }
            Told::Known(node) => self.sketch.set(Kind::Keys, arn, "policy", node),
            Told::Later(names) => self.sketch.later(Layer::Resource, arn, names),
            Told::Absent if self.graph.is_plan() && resource.values.get("policy").is_none() => {
                // Nobody configures it: KMS sets the default one.
                if let Some(arn) = Arn::parse(arn) {
                    let policy = default_key_policy(span, arn.partition(), arn.account());
                    self.sketch.set(Kind::Keys, arn.as_str(), "policy", policy);
                }
            }
            Told::Absent => {}
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
    resource.told(&["constraints"]) == graph::Told::Nothing
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
