//! Users, roles, groups and their policies.

use std::collections::BTreeSet;

use preclear_model::{Diagnostic, Node, PolicyKind, Span};
use preclear_simulator::Layer;
use preclear_simulator::snapshot::NOT_KNOWN;

use super::Reader;
use super::attributes::{Attribute, Meant, is_left_out};
use super::documents::Told;
use super::graph;
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

/// What a list of names tells.
struct Listed {
    /// The ARNs of what it names.
    found: Vec<String>,
    /// What else it may name.
    others: Vec<usize>,
    /// True if it may name more.
    is_open: bool,
}

impl<'n> Reader<'n, '_, '_> {
    /// A user, role or group as it stands for itself.
    fn identity(&mut self, index: usize, arn: &str, list: Kind) {
        let resource = self.resource(index);
        let span = resource.span();
        let boundary = resource.attribute("permissions_boundary");
        let trust = self.policy_told(index, "assume_role_policy", PolicyKind::Trust);
        let id = resource.text("unique_id");
        self.sketch.add(list, arn, span);
        if list == Kind::Groups {
            return;
        }
        if let Some(id) = id {
            self.sketch.set(list, arn, "id", text(span, id));
        }
        self.set_tags(index, list, arn);
        match trust {
            Told::Known(node) => self.sketch.set(list, arn, "trust", node),
            Told::Later(names) => self.sketch.later(Layer::Resource, arn, names),
            Told::Absent => {}
        }
        match boundary {
            Attribute::Absent => self.sketch.set(list, arn, "boundary", null(span)),
            _ => {
                let policy = self.managed(index, &["permissions_boundary"]);
                match policy {
                    Ok(Some(policy)) => self.sketch.set(list, arn, "boundary", policy),
                    Ok(None) => {}
                    Err(names) => self.sketch.later(Layer::Boundary, arn, names),
                }
            }
        }
    }

    /// Sets the tags of a thing.
    pub(super) fn set_tags(&mut self, index: usize, list: Kind, arn: &str) {
        if let Some(tags) = self.tags(index) {
            self.sketch.set(list, arn, "tags", tags);
        }
    }

    /// Tags with those of the provider; all are unknown where not all are known.
    pub(super) fn tags(&mut self, index: usize) -> Option<Node> {
        let resource = self.resource(index);
        let provider = resource
            .provider()
            .and_then(|key| self.graph.providers().get(key).copied());
        let by_default = provider.and_then(|node| node.get("expressions")?.get("default_tags"));
        let with_defaults = resource.values.get("tags_all");
        let with_defaults = with_defaults.filter(|node| !node.is_null());
        let own = resource.values.get("tags").filter(|node| !node.is_null());
        let has_own = own.is_some_and(|tags| !tags.members().is_empty());
        let is_later = !matches!(
            resource.told(&["tags_all"]),
            graph::Told::Whole | graph::Told::Nothing
        );
        let is_short = is_later || with_defaults.is_none();
        // Where no tag is given anywhere, plans say that all tags will be told later.
        let has_defaults = by_default.is_some() && resource.configuration.is_some();
        if !resource.is_whole("tags") || (is_later && has_own) || (is_short && has_defaults) {
            let (address, span) = (resource.address.clone(), resource.span());
            self.tags_later.insert(address);
            return Some(object(span, [(NOT_KNOWN, text(span, NOT_KNOWN))]));
        }
        let tags = if is_short { own } else { with_defaults };
        tags.map(|tags| {
            let members = tags.members().iter();
            let known = members.map(|member| (member.name.clone(), member.value.clone()));
            object(tags.span, known.filter(|(_, node)| !node.is_null()))
        })
    }

    /// The ARN of a role, user or group of another file; its path is made up.
    fn elsewhere_by_name(&mut self, index: usize, word: &str, name: &str) -> Option<String> {
        let arn = match name.starts_with("arn:") {
            true => name.to_owned(),
            false => {
                let account = self.names.account(index)?;
                let partition = self.names.partition(index);
                format!("arn:{partition}:iam::{account}:{word}/{name}")
            }
        };
        preclear_model::Arn::parse(&arn)?;
        let address = self.resource(index).address.clone();
        self.sketch.by_name(&arn, &address);
        Some(arn)
    }

    /// The ARNs of those that a resource attaches something to: one, or all that it may be.
    fn owners(&mut self, index: usize, word: &str, list: Kind) -> Vec<(String, Kind)> {
        let kind = format!("aws_iam_{word}");
        let found = match self.meant(index, &[word], &[&kind]) {
            Meant::Resource(owner) => self.arn(owner),
            Meant::Other(name) => self.elsewhere_by_name(index, word, &name),
            Meant::Nothing => None,
            Meant::Unknown(several) => {
                if self.all_open(Layer::Identity, index, &several) {
                    return Vec::new();
                }
                None
            }
        };
        if found.is_none() {
            self.belongs_to_nothing(index, &format!("which {word} it belongs to"));
        }
        found.map(|arn| (arn, list)).into_iter().collect()
    }

    fn inline_policy(&mut self, index: usize, word: &str, list: Kind) {
        let resource = self.resource(index);
        let address = resource.address.clone();
        let name = resource.text("name").unwrap_or(&address).to_owned();
        let policy = self.policy_told(index, "policy", PolicyKind::Identity);
        for (owner, list) in self.owners(index, word, list) {
            match &policy {
                Told::Known(node) => {
                    let policy = named_document(&name, None, node);
                    self.sketch.push(list, &owner, "policies", policy);
                }
                Told::Later(names) => self.open(list, &owner, names.clone()),
                Told::Absent => {}
            }
        }
    }

    /// An owner has policies that are not known.
    fn open(&mut self, list: Kind, owner: &str, names: BTreeSet<String>) {
        self.sketch.there(list, owner, Span::default());
        self.sketch.later(Layer::Identity, owner, names);
    }

    /// The managed policy that an attribute names, or the names of what will tell it.
    fn managed(&mut self, index: usize, path: &[&str]) -> Result<Option<Node>, BTreeSet<String>> {
        match self.meant(index, path, &["aws_iam_policy"]) {
            Meant::Nothing => Ok(None),
            Meant::Resource(policy) => self.document_of(policy).map(Some),
            Meant::Other(arn) => self.elsewhere(index, &arn).map(Some),
            Meant::Unknown(_) => Err([self.resource(index).address.clone()].into()),
        }
    }

    /// The document of a managed policy of this file.
    fn document_of(&mut self, policy: usize) -> Result<Node, BTreeSet<String>> {
        let arn = self.arn(policy);
        let told = self.policy_told(policy, "policy", PolicyKind::Identity);
        let resource = self.resource(policy);
        match told {
            Told::Known(node) => {
                let name = resource.text("name").unwrap_or(&resource.address);
                Ok(named_document(name, arn.as_deref(), &node))
            }
            Told::Later(names) => Err(names),
            Told::Absent => Err([resource.address.clone()].into()),
        }
    }

    /// A managed policy that is not of this file.
    fn elsewhere(&mut self, index: usize, arn: &str) -> Result<Node, BTreeSet<String>> {
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
        found.ok_or_else(|| [arn.to_owned()].into())
    }

    fn attach(&mut self, index: usize, path: &[&str], owner: &str, list: Kind) {
        match self.managed(index, path) {
            Ok(Some(policy)) => self.sketch.push(list, owner, "policies", policy),
            Ok(None) => {}
            Err(mut names) => {
                names.insert(self.resource(index).address.clone());
                self.open(list, owner, names);
            }
        }
    }

    /// `aws_iam_policy_attachment`
    fn attach_to_many(&mut self, index: usize) {
        for (kind, word, list) in OWNERS {
            let member = format!("{word}s");
            for owner in self.each(index, &member, kind, word) {
                self.attach(index, &["policy_arn"], &owner, list);
            }
        }
    }

    /// The ARNs of what a list of names tells; what is not known leaves all open that it may be.
    fn each(&mut self, index: usize, member: &str, kind: &str, word: &str) -> Vec<String> {
        let listed = self.listed(index, member, kind, word);
        self.all_open(Layer::Identity, index, &listed.others);
        listed.found
    }

    /// What a list of names tells.
    fn listed(&mut self, index: usize, member: &str, kind: &str, word: &str) -> Listed {
        let resource = self.resource(index);
        let value = resource.value(&[member]);
        let expression = resource.expression(&[member]);
        let is_whole = resource.is_whole(member);
        let resolved = expression
            .filter(|_| !is_whole)
            .map(|expression| self.graph.resolve(resource, expression));
        let items = value.map_or(&[][..], Node::items);
        let mut found = Vec::new();
        let mut others = Vec::new();
        let mut is_open = false;
        for name in items.iter().filter_map(Node::as_text) {
            match self.named(index, name, &[kind]) {
                Meant::Resource(owner) => found.extend(self.arn(owner)),
                Meant::Unknown(several) => others.extend(several),
                Meant::Other(_) | Meant::Nothing => {
                    match self.elsewhere_by_name(index, word, name) {
                        Some(arn) => found.push(arn),
                        None => {
                            self.belongs_to_nothing(index, &format!("which {kind} `{name}` is"))
                        }
                    }
                }
            }
        }
        if let Some(resolved) = resolved {
            let is_all_of_kind = resolved
                .targets
                .iter()
                .all(|target| self.resource(*target).kind == kind);
            if resolved.is_plain && is_all_of_kind {
                for target in resolved.targets {
                    found.extend(self.arn(target));
                }
            } else {
                is_open = true;
            }
        } else if !is_whole && (value.is_some() || expression.is_some()) {
            is_open = true;
        }
        if is_open {
            others.extend(self.all(kind));
        }
        Listed {
            is_open: is_open || !others.is_empty(),
            found,
            others,
        }
    }

    /// `inline_policy` and `managed_policy_arns` of a role.
    fn copies(&mut self, index: usize, arn: &str) {
        let resource = self.resource(index);
        let address = resource.address.clone();
        let role = resource.text("name");
        let is_configured = |name: &str| resource.expression(&[name]).is_some();
        // What the plan takes away counts no more.
        let deleted = |kind: &str, member: &str, own: Option<&str>| {
            let mut deleted = self.graph.deleted.iter();
            deleted.any(|deleted| {
                deleted.kind == kind
                    && deleted.text(member) == own
                    && own.is_some()
                    && (kind == "aws_iam_policy_attachment" || deleted.text("role") == role)
            })
        };
        let inline: Vec<Node> = resource
            .values
            .get("inline_policy")
            .map_or(&[][..], Node::items)
            .iter()
            .filter(|policy| {
                let name = policy.get("name").and_then(Node::as_text);
                is_configured("inline_policy") || !deleted("aws_iam_role_policy", "name", name)
            })
            .cloned()
            .collect();
        let is_told = !self.graph.is_plan()
            || is_configured("managed_policy_arns")
            || self.graph.has_changes();
        let attached: Vec<Node> = resource
            .values
            .get("managed_policy_arns")
            .filter(|_| is_told)
            .map_or(&[][..], Node::items)
            .iter()
            .filter(|policy| {
                let arn = policy.as_text();
                let kinds = [
                    "aws_iam_role_policy_attachment",
                    "aws_iam_policy_attachment",
                ];
                is_configured("managed_policy_arns")
                    || !kinds.iter().any(|kind| deleted(kind, "policy_arn", arn))
            })
            .cloned()
            .collect();
        let mut is_open = ["inline_policy", "managed_policy_arns"]
            .into_iter()
            .any(|name| {
                let is_later = resource.values.get(name).is_none()
                    || matches!(
                        resource.told(&[name]),
                        graph::Told::Part | graph::Told::Later
                    )
                    || (name == "managed_policy_arns" && !resource.is_whole(name));
                // Where nobody configures them they are told later too.
                is_configured(name) && is_later
            });
        let own = |reader: &Self| -> BTreeSet<String> {
            let items = reader.sketch.items(Kind::Principals, arn, "policies");
            let names = items.iter().filter_map(|item| {
                let name = item.get("arn").or_else(|| item.get("name"));
                name.or(Some(item))?.as_text().map(str::to_owned)
            });
            names.collect()
        };
        let known = own(self);
        for policy in &inline {
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
        for policy in &attached {
            match policy.as_text() {
                Some(text) if known.contains(text) => {}
                Some(text) => {
                    let found = match self.named(index, text, &["aws_iam_policy"]) {
                        Meant::Resource(policy) => self.document_of(policy),
                        _ => self.elsewhere(index, text),
                    };
                    match found {
                        Ok(policy) => self.sketch.push(Kind::Principals, arn, "policies", policy),
                        Err(names) => self.sketch.later(Layer::Identity, arn, names),
                    }
                }
                None => is_open = true,
            }
        }
        if is_open {
            self.sketch.later(Layer::Identity, arn, [address]);
        }
    }

    fn membership(&mut self, index: usize, user: &str, groups: &str) {
        let listed = self.listed(index, groups, "aws_iam_group", "group");
        let owner = match self.meant(index, &[user], &["aws_iam_user"]) {
            Meant::Resource(owner) => self.arn(owner),
            Meant::Unknown(several) => {
                if !self.all_open(Layer::Identity, index, &several) {
                    self.belongs_to_nothing(index, "which user it is about");
                }
                return;
            }
            Meant::Other(name) => match self.elsewhere_by_name(index, "user", &name) {
                // Which groups a user of another file is in is merged with no list there.
                Some(arn) => {
                    let address = self.resource(index).address.clone();
                    self.open(Kind::Principals, &arn, [address].into());
                    return;
                }
                None => None,
            },
            Meant::Nothing => None,
        };
        let Some(user) = owner else {
            return self.belongs_to_nothing(index, "which user it is about");
        };
        self.join(index, &user, listed.found);
        if listed.is_open {
            let address = self.resource(index).address.clone();
            self.sketch.later(Layer::Identity, &user, [address]);
        }
    }

    /// Puts a user into groups. What a group of another file has is not known here.
    fn join(&mut self, index: usize, user: &str, groups: Vec<String>) {
        let span = self.resource(index).span();
        let address = self.resource(index).address.clone();
        for group in groups {
            if self.sketch.has(Kind::Groups, &group) && !self.sketch.is_by_name(&group) {
                let group = text(span, group);
                self.sketch.push(Kind::Principals, user, "groups", group);
            } else {
                self.open(Kind::Principals, user, [address.clone()].into());
            }
        }
    }

    fn members(&mut self, index: usize) {
        let users = self.each(index, "users", "aws_iam_user", "user");
        let group = match self.meant(index, &["group"], &["aws_iam_group"]) {
            Meant::Resource(group) => self.arn(group),
            Meant::Other(name) => self.elsewhere_by_name(index, "group", &name),
            Meant::Unknown(_) | Meant::Nothing => None,
        };
        let address = self.resource(index).address.clone();
        for user in users {
            let is_here =
                self.sketch.has(Kind::Principals, &user) && !self.sketch.is_by_name(&user);
            match &group {
                Some(group) if is_here => self.join(index, &user, vec![group.clone()]),
                _ => self.open(Kind::Principals, &user, [address.clone()].into()),
            }
        }
        if let Some(group) = group.filter(|group| self.sketch.is_by_name(group)) {
            self.sketch.there(Kind::Groups, &group, Span::default());
        }
    }
}
