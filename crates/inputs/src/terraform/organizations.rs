//! The organization, its units, accounts and policies.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Node, Span};
use preclear_simulator::Layer;

use super::Reader;
use super::attributes::{Attribute, Meant};
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
            let parent = self.parent(unit);
            if parent.is_none() {
                self.somewhere(unit, &id);
            }
            units.insert(id, place(span, parent));
        }
        for account in self.all(ACCOUNT) {
            let id = self.id_of(account);
            // An account that is not there yet has no number that anybody could ask about.
            if crate::values::is_account_id(&id) {
                let span = self.resource(account).span();
                let parent = self.parent(account);
                if parent.is_none() && self.is_somewhere(account) {
                    self.somewhere(account, &id);
                }
                let known = accounts.entry(id).or_insert_with(|| place(span, None));
                known.parent = parent.or(known.parent.take());
            }
        }
        let mut root_place = place(span, None);
        for attachment in self.all("aws_organizations_policy_attachment") {
            let Some(target) = self.target(attachment) else {
                let address = self.resource(attachment).address.clone();
                let all = units.keys().chain(accounts.keys()).map(String::as_str);
                for target in all.chain([root]) {
                    for layer in [Layer::Scp, Layer::Rcp] {
                        self.sketch.later(layer, target, [address.clone()]);
                    }
                }
                self.belongs_to_nothing(attachment, "what it attaches to");
                continue;
            };
            let found = match () {
                () if target == root => Some(&mut root_place),
                () => match units.contains_key(&target) {
                    true => units.get_mut(&target),
                    false => accounts.get_mut(&target),
                },
            };
            match found {
                Some(place) => self.attached(attachment, &target, place),
                None => self.belongs_to_nothing(attachment, "of which organization its target is"),
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

    fn parent(&self, index: usize) -> Option<String> {
        match self.meant(index, &["parent_id"], &[UNIT]) {
            Meant::Resource(unit) => Some(self.id_of(unit)),
            Meant::Other(id) => Some(id),
            Meant::Nothing | Meant::Unknown(_) => None,
        }
    }

    /// True if applying will tell below what a unit or account is.
    fn is_somewhere(&self, index: usize) -> bool {
        matches!(
            self.meant(index, &["parent_id"], &[UNIT]),
            Meant::Unknown(_)
        )
    }

    /// Which policies it inherits is not determined.
    fn somewhere(&mut self, index: usize, id: &str) {
        let address = self.resource(index).address.clone();
        for layer in [Layer::Scp, Layer::Rcp] {
            self.sketch.later(layer, id, [address.clone()]);
        }
    }

    fn target(&self, index: usize) -> Option<String> {
        match self.meant(index, &["target_id"], &[UNIT, ACCOUNT]) {
            Meant::Resource(target) => Some(self.id_of(target)),
            Meant::Other(id) => Some(id),
            Meant::Nothing | Meant::Unknown(_) => None,
        }
    }

    /// A policy that is attached to a root, unit or account.
    fn attached(&mut self, index: usize, target: &str, place: &mut Place) {
        let span = self.resource(index).span();
        let address = self.resource(index).address.clone();
        match self.meant(index, &["policy_id"], &[POLICY]) {
            Meant::Resource(policy) => {
                let resource = self.resource(policy);
                let later = resource.address.clone();
                if matches!(resource.attribute("type"), Attribute::Later(_)) {
                    for layer in [Layer::Scp, Layer::Rcp] {
                        self.sketch.later(layer, target, [later.clone()]);
                    }
                    return;
                }
                let kind = resource.text("type").unwrap_or("SERVICE_CONTROL_POLICY");
                let (layer, policies) = match kind {
                    "SERVICE_CONTROL_POLICY" => (Layer::Scp, &mut place.scps),
                    "RESOURCE_CONTROL_POLICY" => (Layer::Rcp, &mut place.rcps),
                    // Tag policies and the like allow and deny nothing.
                    _ => return,
                };
                let name = resource.text("name").unwrap_or(&resource.address);
                match resource.attribute("content") {
                    Attribute::Known(node) => {
                        policies.push(named_document(name, resource.text("arn"), node));
                    }
                    _ => self.sketch.later(layer, target, [later]),
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
