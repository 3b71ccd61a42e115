//! The organization, its units, accounts and policies.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Node, PolicyKind, Span};
use preclear_simulator::Layer;

use super::Reader;
use super::attributes::{Attribute, Meant};
use super::documents::Told;
use crate::document::FULL_AWS_ACCESS;
use crate::sketch::{list, named_document, object, stand_in, text};

const UNIT: &str = "aws_organizations_organizational_unit";
const ACCOUNT: &str = "aws_organizations_account";
const ORGANIZATION: &str = "aws_organizations_organization";
const POLICY: &str = "aws_organizations_policy";

pub(super) fn read(reader: &mut Reader<'_, '_, '_>) {
    let organization = reader
        .graph
        .resources
        .iter()
        .position(|resource| resource.kind == ORGANIZATION && resource.text("id").is_some());
    let Some(organization) = organization else {
        for kind in [
            ORGANIZATION,
            UNIT,
            ACCOUNT,
            "aws_organizations_policy_attachment",
        ] {
            if let Some(first) = reader.all(kind).first() {
                reader.belongs_to_nothing(*first, "the organization's id and root");
                break;
            }
        }
        // Policies are attached, and nothing tells which accounts they reach.
        for attachment in reader.all("aws_organizations_policy_attachment") {
            let address = reader.resource(attachment).address.clone();
            let target = reader.target(attachment).ok();
            let target = target.unwrap_or_else(|| address.clone());
            for layer in reader.layers_of(attachment) {
                reader.sketch.not_loaded(layer);
                reader.sketch.later(layer, &target, [address.clone()]);
            }
        }
        return;
    };
    reader.organization(organization);
}

/// A root, unit or account.
#[derive(Debug)]
struct Place {
    span: Span,
    parent: Option<String>,
    scps: Vec<Node>,
    rcps: Vec<Node>,
}

impl Reader<'_, '_, '_> {
    /// The id of a unit or account.
    fn id_of(&self, index: usize) -> String {
        let resource = self.resource(index);
        let id = resource.text("id").map(str::to_owned);
        id.unwrap_or_else(|| match resource.kind {
            UNIT => format!("ou-{}", stand_in(&resource.address)),
            _ => stand_in(&resource.address),
        })
    }

    fn organization(&mut self, index: usize) {
        let resource = self.resource(index);
        let span = resource.span();
        let (Some(id), Some(root)) = (
            resource.text("id"),
            resource.value(&["roots", "id"]).and_then(Node::as_text),
        ) else {
            return self.belongs_to_nothing(index, "the id of its root");
        };
        let management = resource.text("master_account_id");
        let mut units: BTreeMap<String, Place> = BTreeMap::new();
        let mut accounts: BTreeMap<String, Place> = BTreeMap::new();
        let place = |span, parent| Place {
            span,
            parent,
            scps: Vec::new(),
            rcps: Vec::new(),
        };
        let listed = resource.value(&["accounts"]).map_or(&[][..], Node::items);
        for account in listed {
            if let Some(id) = account.get("id").and_then(Node::as_text) {
                accounts.insert(id.to_owned(), place(account.span, None));
            }
        }
        let mut below: BTreeMap<String, String> = BTreeMap::new();
        for unit in self.all(UNIT) {
            let id = self.id_of(unit);
            let resource = self.resource(unit);
            let inside = resource.value(&["accounts"]).map_or(&[][..], Node::items);
            for account in inside {
                if let Some(account) = account.get("id").and_then(Node::as_text) {
                    below.insert(account.to_owned(), id.clone());
                }
            }
            let span = resource.span();
            let address = resource.address.clone();
            let parent = match self.parent(unit) {
                Ok(parent) => parent,
                Err(()) => {
                    // Policies of units between it and the root may reach it.
                    self.sketch.later(Layer::Scp, &id, [address.clone()]);
                    self.sketch.later(Layer::Rcp, &id, [address]);
                    None
                }
            };
            units.insert(id, place(span, parent));
        }
        for account in self.all(ACCOUNT) {
            let id = self.id_of(account);
            // An account that is not there yet has no number that anybody could ask about.
            if crate::values::is_account_id(&id) {
                let span = self.resource(account).span();
                let parent = self.parent(account).ok().flatten();
                let known = accounts.entry(id).or_insert_with(|| place(span, None));
                known.parent = parent.or(known.parent.take());
            }
        }
        let mut root_place = place(span, None);
        for attachment in self.all("aws_organizations_policy_attachment") {
            let Ok(target) = self.target(attachment) else {
                // It may be the root, which reaches all.
                self.attached_anywhere(attachment, root);
                continue;
            };
            if crate::values::is_account_id(&target) && !accounts.contains_key(&target) {
                accounts.insert(target.clone(), place(span, None));
            }
            let found = match () {
                () if target == root => Some(&mut root_place),
                () => match units.contains_key(&target) {
                    true => units.get_mut(&target),
                    false => accounts.get_mut(&target),
                },
            };
            match found {
                Some(place) => self.attached(attachment, &target, place),
                None => self.attached_anywhere(attachment, root),
            }
        }
        for (id, account) in &mut accounts {
            if account.parent.is_none() {
                account.parent = below.get(id).cloned();
            }
            if account.parent.is_none() && Some(id.as_str()) != management {
                let name = format!("parent of account {id}");
                self.sketch.later(Layer::Scp, id, [name.clone()]);
                self.sketch.later(Layer::Rcp, id, [name]);
            }
        }
        let mut members = vec![("id", text(span, id))];
        members.extend(management.map(|id| ("management_account", text(span, id))));
        members.push(("root", self.node_of(root, root_place, root)));
        let nodes = |reader: &mut Self, places: BTreeMap<String, Place>| {
            let nodes = places
                .into_iter()
                .map(|(id, place)| reader.node_of(&id, place, root));
            list(span, nodes.collect())
        };
        members.push(("units", nodes(self, units)));
        members.push(("accounts", nodes(self, accounts)));
        self.sketch.organization = Some(object(span, members));
    }

    fn parent(&self, index: usize) -> Result<Option<String>, ()> {
        match self.meant(index, &["parent_id"], &[UNIT]) {
            Meant::Resource(unit) => Ok(Some(self.id_of(unit))),
            Meant::Other(id) => Ok(Some(id)),
            // The root of the organization is no unit.
            Meant::Unknown(_) if self.is_of_organization(index, "parent_id") => Ok(None),
            Meant::Nothing => Ok(None),
            Meant::Unknown(_) => Err(()),
        }
    }

    fn target(&self, index: usize) -> Result<String, ()> {
        match self.meant(index, &["target_id"], &[UNIT, ACCOUNT]) {
            Meant::Resource(target) => Ok(self.id_of(target)),
            Meant::Other(id) => Ok(id),
            Meant::Nothing | Meant::Unknown(_) => Err(()),
        }
    }

    /// True if an attribute refers to the organization alone.
    fn is_of_organization(&self, index: usize, attribute: &str) -> bool {
        let expression = self.resource(index).expression(&[attribute]);
        let references = expression.and_then(|node| node.get("references"));
        let mut references = references.map_or(&[][..], Node::items).iter();
        references.clone().next().is_some()
            && references.all(|node| {
                node.as_text().is_some_and(|text| {
                    text.strip_prefix("data.")
                        .unwrap_or(text)
                        .starts_with("aws_organizations_organization.")
                })
            })
    }

    /// The layers that the policy of an attachment may belong to.
    fn layers_of(&self, index: usize) -> Vec<Layer> {
        let kind = match self.meant(index, &["policy_id"], &[POLICY]) {
            Meant::Resource(policy) => match self.resource(policy).attribute("type") {
                Attribute::Known(node) => node.as_text(),
                Attribute::Absent => Some("SERVICE_CONTROL_POLICY"),
                Attribute::Later(_) => None,
            },
            _ => None,
        };
        match kind {
            Some("SERVICE_CONTROL_POLICY") => vec![Layer::Scp],
            Some("RESOURCE_CONTROL_POLICY") => vec![Layer::Rcp],
            // Tag policies and the like allow and deny nothing.
            Some(_) => Vec::new(),
            None => vec![Layer::Scp, Layer::Rcp],
        }
    }

    /// A policy of which nobody knows where it is attached.
    fn attached_anywhere(&mut self, index: usize, root: &str) {
        let address = self.resource(index).address.clone();
        for layer in self.layers_of(index) {
            self.sketch.later(layer, root, [address.clone()]);
        }
    }

    /// A policy that is attached to a root, unit or account.
    fn attached(&mut self, index: usize, target: &str, place: &mut Place) {
        let span = self.resource(index).span();
        let address = self.resource(index).address.clone();
        match self.meant(index, &["policy_id"], &[POLICY]) {
            Meant::Resource(policy) => {
                let resource = self.resource(policy);
                let kind = resource.text("type").unwrap_or("SERVICE_CONTROL_POLICY");
                let (kind, layer, policies) = match kind {
                    "SERVICE_CONTROL_POLICY" => (PolicyKind::Scp, Layer::Scp, &mut place.scps),
                    "RESOURCE_CONTROL_POLICY" => (PolicyKind::Rcp, Layer::Rcp, &mut place.rcps),
                    // Tag policies and the like allow and deny nothing.
                    _ => return,
                };
                let name = resource.text("name").unwrap_or(&resource.address);
                match self.policy_told(policy, "content", kind) {
                    Told::Known(node) => {
                        policies.push(named_document(name, resource.text("arn"), &node));
                    }
                    Told::Later(names) => self.sketch.later(layer, target, names),
                    Told::Absent => {
                        let name = resource.address.clone();
                        self.sketch.later(layer, target, [name]);
                    }
                }
            }
            Meant::Other(id) if id == "p-FullAWSAccess" => {
                place.scps.push(text(span, FULL_AWS_ACCESS));
            }
            // It is attached everywhere, whether or not it is listed.
            Meant::Other(id) if id == "p-RCPFullAWSAccess" => {}
            Meant::Other(_) | Meant::Nothing | Meant::Unknown(_) => {
                self.sketch.later(Layer::Scp, target, [address.clone()]);
                self.sketch.later(Layer::Rcp, target, [address]);
            }
        }
    }

    fn node_of(&mut self, id: &str, place: Place, root: &str) -> Node {
        let span = place.span;
        let mut members = vec![("id", text(span, id))];
        if id != root {
            let parent = place.parent.unwrap_or_else(|| root.to_owned());
            members.push(("parent", text(span, parent)));
        }
        if !place.scps.is_empty() {
            let is_full = |node: &Node| node.as_text() == Some(FULL_AWS_ACCESS);
            if !place.scps.iter().any(is_full) {
                // AWS attaches it to everything, and nothing here says whether somebody took it away.
                let names = BTreeSet::from([format!("p-FullAWSAccess at {id}")]);
                self.sketch.later(Layer::Scp, id, names);
            }
            self.sketch.leave_open(Layer::Scp, id);
            members.push(("scps", list(span, place.scps)));
        }
        if !place.rcps.is_empty() {
            self.sketch.leave_open(Layer::Rcp, id);
            members.push(("rcps", list(span, place.rcps)));
        }
        object(span, members)
    }
}
