//! Users, roles, groups and their policies.

use std::collections::BTreeSet;

use preclear_model::{Diagnostic, Node};
use preclear_simulator::Layer;

use super::Reader;
use super::attributes::{Attribute, Meant, is_left_out};
use crate::sketch::{Kind, named_document, null, object, shipped, text};

/// The words for an owner of identity policies: its type, and the attribute that names it.
const OWNERS: [(&str, &str, Kind); 3] = [
    ("aws_iam_role", "role", Kind::Principals),
    ("aws_iam_user", "user", Kind::Principals),
    ("aws_iam_group", "group", Kind::Groups),
];

pub(super) fn read(reader: &mut Reader<'_, '_, '_>) {
    for (kind, _, list) in OWNERS {
        for index in reader.all(kind) {
            if let Some(arn) = reader.arn(index) {
                reader.identity(index, &arn, list);
            }
        }
    }
    for (_, word, list) in OWNERS {
        for index in reader.all(&format!("aws_iam_{word}_policy")) {
            reader.inline_policy(index, word, list);
        }
        for index in reader.all(&format!("aws_iam_{word}_policy_attachment")) {
            for (owner, list) in reader.owners(index, word, list) {
                reader.attach(index, &["policy_arn"], &owner, list);
            }
        }
    }
    for index in reader.all("aws_iam_policy_attachment") {
        reader.attach_to_many(index);
    }
    // Copies of what the resources above attach: old in a state that was not refreshed, so only what they do not have counts.
    for index in reader.all("aws_iam_role") {
        if let Some(arn) = reader.arn(index) {
            reader.copies(index, &arn);
        }
    }
    for index in reader.all("aws_iam_user_group_membership") {
        reader.membership(index, "user", "groups");
    }
    for index in reader.all("aws_iam_group_membership") {
        reader.members(index);
    }
}

impl<'n> Reader<'n, '_, '_> {
    /// A user, role or group as it stands for itself.
    fn identity(&mut self, index: usize, arn: &str, list: Kind) {
        let resource = self.resource(index);
        let (span, address) = (resource.span(), resource.address.clone());
        let (trust, boundary) = (
            resource.attribute("assume_role_policy"),
            resource.attribute("permissions_boundary"),
        );
        let id = resource.text("unique_id");
        self.sketch.add(list, arn, span);
        if list == Kind::Groups {
            return;
        }
        if let Some(id) = id {
            self.sketch.set(list, arn, "id", text(span, id));
        }
        if let Some(tags) = self.tags(index, arn) {
            self.sketch.set(list, arn, "tags", tags);
        }
        match trust {
            Attribute::Known(node) => self.sketch.set(list, arn, "trust", node.clone()),
            Attribute::Later(_) => self.sketch.later(Layer::Resource, arn, [address.clone()]),
            Attribute::Absent => {}
        }
        match boundary {
            Attribute::Absent => self.sketch.set(list, arn, "boundary", null(span)),
            _ => {
                let policy = self.managed(index, &["permissions_boundary"]);
                match policy {
                    Ok(Some(policy)) => self.sketch.set(list, arn, "boundary", policy),
                    Ok(None) => {}
                    Err(name) => self.sketch.later(Layer::Boundary, arn, [name]),
                }
            }
        }
    }

    /// Tags with those of the provider; where not all of them are known, they are unknown.
    pub(super) fn tags(&mut self, index: usize, arn: &str) -> Option<Node> {
        let resource = self.resource(index);
        let is_absent = |name: &str| resource.values.get(name).is_none_or(Node::is_null);
        let has_own = !is_absent("tags");
        let is_later = matches!(resource.attribute("tags"), Attribute::Later(_))
            && resource.values.get("tags_all").is_none();
        // All tags of a new resource that has none of its own are not known before either.
        let all_are_later =
            resource.is_partly_unknown("tags_all") && (has_own || !is_absent("tags_all"));
        if is_later || all_are_later || resource.is_partly_unknown("tags") {
            self.sketch.unsure(arn);
            return None;
        }
        let tags = ["tags_all", "tags"]
            .into_iter()
            .find_map(|name| resource.values.get(name).filter(|node| !node.is_null()))?;
        let members = tags.members().iter();
        let known = members.map(|member| (member.name.clone(), member.value.clone()));
        Some(object(tags.span, known.filter(|(_, node)| !node.is_null())))
    }

    /// The ARNs of those that a resource attaches something to: one, or all that it may be.
    fn owners(&mut self, index: usize, word: &str, list: Kind) -> Vec<(String, Kind)> {
        let kind = format!("aws_iam_{word}");
        match self.meant(index, &[word], &[&kind]) {
            Meant::Resource(owner) => self.arn(owner).map(|arn| (arn, list)).into_iter().collect(),
            Meant::Other(_) | Meant::Nothing => {
                self.belongs_to_nothing(index, &format!("which {word} it belongs to"));
                Vec::new()
            }
            Meant::Unknown(several) => {
                let address = self.resource(index).address.clone();
                let candidates = match several.is_empty() {
                    true => self.all(&kind),
                    false => several,
                };
                for owner in candidates {
                    if let Some(arn) = self.arn(owner) {
                        self.sketch.later(Layer::Identity, &arn, [address.clone()]);
                    }
                }
                Vec::new()
            }
        }
    }

    fn inline_policy(&mut self, index: usize, word: &str, list: Kind) {
        let resource = self.resource(index);
        let policy = resource.attribute("policy");
        let address = resource.address.clone();
        let name = resource.text("name").unwrap_or(&address).to_owned();
        for (owner, list) in self.owners(index, word, list) {
            match policy {
                Attribute::Known(node) => {
                    let policy = named_document(&name, None, node);
                    self.sketch.push(list, &owner, "policies", policy);
                }
                Attribute::Later(_) => {
                    self.sketch
                        .later(Layer::Identity, &owner, [address.clone()])
                }
                Attribute::Absent => {}
            }
        }
    }

    /// The managed policy that an attribute names, or the name of what will tell it.
    fn managed(&mut self, index: usize, path: &[&str]) -> Result<Option<Node>, String> {
        match self.meant(index, path, &["aws_iam_policy"]) {
            Meant::Nothing => Ok(None),
            Meant::Resource(policy) => self.document_of(policy).map(Some),
            Meant::Other(arn) => self.elsewhere(index, &arn).map(Some),
            Meant::Unknown(_) => Err(self.resource(index).address.clone()),
        }
    }

    /// The document of a managed policy of this file.
    fn document_of(&mut self, policy: usize) -> Result<Node, String> {
        let arn = self.arn(policy);
        let resource = self.resource(policy);
        match resource.attribute("policy") {
            Attribute::Known(node) => {
                let name = resource.text("name").unwrap_or(&resource.address);
                Ok(named_document(name, arn.as_deref(), node))
            }
            _ => Err(resource.address.clone()),
        }
    }

    /// A managed policy that is not of this file.
    fn elsewhere(&mut self, index: usize, arn: &str) -> Result<Node, String> {
        let resource = self.resource(index);
        let span = resource.span();
        let found = shipped(arn, span);
        if found.is_none() {
            let message = format!(
                "`{}` attaches `{arn}`, and the file does not have its document",
                resource.address
            );
            let place = self.origin.place(resource.node);
            self.loader.diagnostics.push(
                Diagnostic::warning("POLICY_WITHOUT_DOCUMENT", message)
                    .rule("IAM-TRI-7")
                    .at(place)
                    .help("list the user, role or group with this policy in a snapshot file instead; preclear ships few policies of AWS"),
            );
        }
        found.ok_or_else(|| arn.to_owned())
    }

    fn attach(&mut self, index: usize, path: &[&str], owner: &str, list: Kind) {
        match self.managed(index, path) {
            Ok(Some(policy)) => self.sketch.push(list, owner, "policies", policy),
            Ok(None) => {}
            Err(name) => {
                let address = self.resource(index).address.clone();
                let names = BTreeSet::from([address, name]);
                self.sketch.later(Layer::Identity, owner, names);
            }
        }
    }

    /// `aws_iam_policy_attachment`
    fn attach_to_many(&mut self, index: usize) {
        for (kind, word, list) in OWNERS {
            let member = format!("{word}s");
            let owners = self.each(index, &member, kind);
            self.may_belong_to(index, &owners, kind);
            for owner in owners.found {
                self.attach(index, &["policy_arn"], &owner, list);
            }
        }
    }

    /// The ARNs of resources that a list of names tells; what is not known leaves those open that it may be.
    fn each(&mut self, index: usize, member: &str, kind: &str) -> Each {
        let resource = self.resource(index);
        let address = resource.address.clone();
        let value = resource.value(&[member]);
        let expression = resource.expression(&[member]);
        let items = value.map_or(&[][..], Node::items);
        let mut found = Vec::new();
        for name in items.iter().filter_map(Node::as_text) {
            match self.named(index, name, &[kind]) {
                Meant::Resource(owner) => found.extend(self.arn(owner)),
                Meant::Unknown(several) => {
                    for owner in several {
                        if let Some(arn) = self.arn(owner) {
                            self.sketch.later(Layer::Identity, &arn, [address.clone()]);
                        }
                    }
                }
                Meant::Other(_) | Meant::Nothing => {
                    self.belongs_to_nothing(index, &format!("which {kind} `{name}` is"));
                }
            }
        }
        let is_known = value.is_some_and(items_are_known);
        if let (false, Some(expression)) = (is_known, expression) {
            let targets = self
                .graph
                .targets(self.resource(index), expression, &[kind]);
            let mut others = Vec::new();
            for owner in targets {
                others.extend(self.arn(owner).filter(|arn| !found.contains(arn)));
            }
            let unknown = value.map_or(&[][..], Node::items);
            let unknown = unknown.iter().filter(|item| item.is_null()).count();
            if unknown > 0 && unknown == others.len() {
                // As many as are not known.
                found.extend(others);
            } else {
                return Each {
                    found,
                    open: true,
                    others,
                };
            }
        }
        Each {
            found,
            open: false,
            others: Vec::new(),
        }
    }

    /// `inline_policy` and `managed_policy_arns` of a role.
    fn copies(&mut self, index: usize, arn: &str) {
        let resource = self.resource(index);
        let address = resource.address.clone();
        let is_configured = |name: &str| resource.expression(&[name]).is_some();
        let is_copy = |name: &str| self.graph.is_plan() && !is_configured(name);
        let inline = resource
            .values
            .get("inline_policy")
            .filter(|_| !is_copy("inline_policy"));
        let attached = resource
            .values
            .get("managed_policy_arns")
            .filter(|_| !is_copy("managed_policy_arns"));
        let are_later = ["inline_policy", "managed_policy_arns"]
            .into_iter()
            .any(|name| resource.values.get(name).is_none() && is_configured(name));
        let mut is_open = are_later;
        let own = |reader: &Self| -> BTreeSet<String> {
            let items = reader.sketch.items(Kind::Principals, arn, "policies");
            let names = items.iter().filter_map(|item| {
                let name = item.get("arn").or_else(|| item.get("name"));
                name.or(Some(item))?.as_text().map(str::to_owned)
            });
            names.collect()
        };
        let known = own(self);
        for policy in inline.map_or(&[][..], Node::items) {
            let name = policy.get("name").and_then(Node::as_text);
            let document = policy.get("policy");
            match (name, document) {
                (Some(name), _) if known.contains(name) => {}
                (name, Some(document)) if !is_left_out(document) => {
                    let policy = named_document(name.unwrap_or("inline_policy"), None, document);
                    self.sketch.push(Kind::Principals, arn, "policies", policy);
                }
                // A block without content says that there are no inline policies.
                (None, _)
                    if !policy.is_null()
                        && policy
                            .members()
                            .iter()
                            .all(|member| is_left_out(&member.value)) => {}
                _ => is_open = true,
            }
        }
        for policy in attached.map_or(&[][..], Node::items) {
            match policy.as_text() {
                Some(text) if known.contains(text) => {}
                Some(text) => {
                    let found = match self.named(index, text, &["aws_iam_policy"]) {
                        Meant::Resource(policy) => self.document_of(policy),
                        _ => self.elsewhere(index, text),
                    };
                    match found {
                        Ok(policy) => self.sketch.push(Kind::Principals, arn, "policies", policy),
                        Err(name) => self.sketch.later(Layer::Identity, arn, [name]),
                    }
                }
                None => is_open = true,
            }
        }
        if is_open {
            self.sketch.later(Layer::Identity, arn, [address]);
        }
    }

    /// Of those that a list may name something is not determined.
    fn may_belong_to(&mut self, index: usize, each: &Each, kind: &str) {
        if !each.open {
            return;
        }
        let address = self.resource(index).address.clone();
        let mut owners = each.others.clone();
        if owners.is_empty() {
            for owner in self.all(kind) {
                owners.extend(self.arn(owner));
            }
        }
        for owner in owners {
            self.sketch
                .later(Layer::Identity, &owner, [address.clone()]);
        }
    }

    /// The users or groups that an attribute names: one, or all that it may be.
    fn one_of(&mut self, index: usize, attribute: &str, kind: &str) -> Result<String, Vec<String>> {
        let candidates = match self.meant(index, &[attribute], &[kind]) {
            Meant::Resource(one) => return self.arn(one).ok_or_else(Vec::new),
            Meant::Other(_) | Meant::Nothing => Vec::new(),
            Meant::Unknown(several) if several.is_empty() => self.all(kind),
            Meant::Unknown(several) => several,
        };
        let arns = candidates.into_iter().filter_map(|one| self.arn(one));
        Err(arns.collect())
    }

    fn membership(&mut self, index: usize, user: &str, groups: &str) {
        let groups = self.each(index, groups, "aws_iam_group");
        let address = self.resource(index).address.clone();
        let user = match self.one_of(index, user, "aws_iam_user") {
            Ok(user) => user,
            Err(candidates) => {
                for user in candidates {
                    self.sketch.later(Layer::Identity, &user, [address.clone()]);
                }
                return self.belongs_to_nothing(index, "which user it is about");
            }
        };
        if groups.open {
            self.sketch.later(Layer::Identity, &user, [address]);
        }
        let span = self.resource(index).span();
        for group in groups.found {
            self.sketch
                .push(Kind::Principals, &user, "groups", text(span, group));
        }
    }

    fn members(&mut self, index: usize) {
        let users = self.each(index, "users", "aws_iam_user");
        self.may_belong_to(index, &users, "aws_iam_user");
        let group = match self.one_of(index, "group", "aws_iam_group") {
            Ok(group) => group,
            Err(candidates) => {
                let address = self.resource(index).address.clone();
                for user in users.found.iter().filter(|_| !candidates.is_empty()) {
                    self.sketch.later(Layer::Identity, user, [address.clone()]);
                }
                return self.belongs_to_nothing(index, "which group it is about");
            }
        };
        let span = self.resource(index).span();
        for user in users.found {
            self.sketch
                .push(Kind::Principals, &user, "groups", text(span, group.clone()));
        }
    }
}

/// What a list names.
#[derive(Debug)]
struct Each {
    /// ARNs of those that it certainly names.
    found: Vec<String>,
    /// Whether it names more than these.
    open: bool,
    /// ARNs of those that it may name, if any are told.
    others: Vec<String>,
}

/// True if no item of a list will be told later.
fn items_are_known(list: &Node) -> bool {
    list.items().iter().all(|item| !item.is_null())
}
