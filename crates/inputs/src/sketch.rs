//! A snapshot file in the making: what plans, states and templates declare, put together thing by thing and read by the reader of
//! snapshot files. Every value keeps the place it has in the text it came from.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::node::{Member, Scalar, ScalarKind};
use preclear_model::{Arn, Node, Span, Value};
use preclear_simulator::Layer;

use crate::document::is_shipped;
use crate::loader::{Loader, Origin};
use crate::part::{ByName, Candidates, Part};
use crate::snapshot_file;
use crate::values::is_account_id;

/// The account and Region that other files of the snapshot name, for what a declaration does not say itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Home {
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
}

/// A text.
pub(crate) fn text(span: Span, text: impl Into<String>) -> Node {
    let scalar = Scalar {
        text: text.into(),
        kind: ScalarKind::Text,
        plain: false,
    };
    Node {
        span,
        value: Value::Scalar(scalar),
    }
}

/// `true` or `false`.
pub(crate) fn boolean(span: Span, value: bool) -> Node {
    let scalar = Scalar {
        text: value.to_string(),
        kind: ScalarKind::Boolean,
        plain: false,
    };
    Node {
        span,
        value: Value::Scalar(scalar),
    }
}

/// A list.
pub(crate) fn list(span: Span, items: Vec<Node>) -> Node {
    Node {
        span,
        value: Value::Sequence(items),
    }
}

/// Nothing.
pub(crate) fn null(span: Span) -> Node {
    Node {
        span,
        value: Value::Null,
    }
}

/// An object.
pub(crate) fn object<N: Into<String>>(
    span: Span,
    members: impl IntoIterator<Item = (N, Node)>,
) -> Node {
    let members = members.into_iter().map(|(name, value)| Member {
        name: name.into(),
        name_span: value.span,
        value,
    });
    Node {
        span,
        value: Value::Mapping(members.collect()),
    }
}

/// The policy that KMS gives a key for which nobody gives one. Rule: KMS-POL-19.
pub(crate) fn default_key_policy(span: Span, partition: &str, account: &str) -> Node {
    let owner = text(span, format!("arn:{partition}:iam::{account}:root"));
    let statement = object(
        span,
        [
            ("Sid", text(span, "Enable IAM User Permissions")),
            ("Effect", text(span, "Allow")),
            ("Principal", object(span, [("AWS", owner)])),
            ("Action", text(span, "kms:*")),
            ("Resource", text(span, "*")),
        ],
    );
    object(
        span,
        [
            ("Version", text(span, "2012-10-17")),
            ("Id", text(span, "key-default-1")),
            ("Statement", list(span, vec![statement])),
        ],
    )
}

/// A text that can stand in an ARN and in no pattern: what a thing is called whose real name is not known yet.
pub(crate) fn stand_in(address: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-[]+=,@".contains(c);
    let shown = address.chars().filter(|c| *c != '"');
    shown.map(|c| if allowed(c) { c } else { '_' }).collect()
}

/// A list of a snapshot file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Principals,
    Groups,
    Keys,
    Resources,
    VpcEndpoints,
}

impl Kind {
    fn list(self) -> &'static str {
        match self {
            Self::Principals => "principals",
            Self::Groups => "groups",
            Self::Keys => "keys",
            Self::Resources => "resources",
            Self::VpcEndpoints => "vpc_endpoints",
        }
    }

    /// The member that names an entry.
    fn key(self) -> &'static str {
        match self {
            Self::VpcEndpoints => "id",
            _ => "arn",
        }
    }
}

/// One entry.
#[derive(Debug)]
struct Thing {
    span: Span,
    members: BTreeMap<&'static str, Node>,
    lists: BTreeMap<&'static str, Vec<Node>>,
}

/// The file.
#[derive(Debug, Default)]
pub(crate) struct Sketch {
    things: BTreeMap<(Kind, String), Thing>,
    pub(crate) organization: Option<Node>,
    names: BTreeMap<String, String>,
    stand_ins: BTreeMap<String, String>,
    undetermined: BTreeMap<Layer, BTreeMap<String, BTreeSet<String>>>,
    open: BTreeMap<Layer, BTreeSet<String>>,
    /// Roles, users and groups that other files list, by ARNs whose paths are made up; with what attaches something to them.
    by_name: BTreeMap<String, BTreeSet<String>>,
    /// Layers of which policies are not known, nor whose they are.
    not_loaded: BTreeSet<Layer>,
    candidates: Vec<Candidates>,
    aliases_not_told: BTreeSet<String>,
    of_stack: BTreeSet<String>,
    /// Things that have more than is said of them here: what is left out is unknown, not nothing.
    external: BTreeSet<String>,
    accounts: BTreeSet<String>,
    regions: BTreeSet<String>,
}

impl Sketch {
    /// An entry, whether or not it is there.
    fn thing(&mut self, kind: Kind, key: &str, span: Span) -> &mut Thing {
        let thing = self.things.entry((kind, key.to_owned()));
        thing.or_insert_with(|| Thing {
            span,
            members: BTreeMap::new(),
            lists: BTreeMap::new(),
        })
    }

    /// Makes sure that there is an entry.
    pub(crate) fn add(&mut self, kind: Kind, key: &str, span: Span) {
        self.thing(kind, key, span);
        if matches!(kind, Kind::Principals | Kind::Groups) {
            // Others may attach more.
            self.leave_open(Layer::Identity, key);
        }
    }

    /// True if there is an entry.
    pub(crate) fn has(&self, kind: Kind, key: &str) -> bool {
        self.things.contains_key(&(kind, key.to_owned()))
    }

    /// Sets a member of an entry; what comes later counts.
    pub(crate) fn set(&mut self, kind: Kind, key: &str, member: &'static str, node: Node) {
        let span = node.span;
        self.thing(kind, key, span).members.insert(member, node);
    }

    /// True if a member of an entry is set.
    pub(crate) fn is_set(&self, kind: Kind, key: &str, member: &str) -> bool {
        let thing = self.things.get(&(kind, key.to_owned()));
        thing.is_some_and(|thing| thing.members.contains_key(member))
    }

    /// Adds to a list of an entry.
    pub(crate) fn push(&mut self, kind: Kind, key: &str, member: &'static str, node: Node) {
        let span = node.span;
        let thing = self.thing(kind, key, span);
        let items = thing.lists.entry(member).or_default();
        if !items.iter().any(|item| item.value == node.value) {
            items.push(node);
        }
    }

    /// The items of a list of an entry.
    pub(crate) fn items(&self, kind: Kind, key: &str, member: &str) -> &[Node] {
        let thing = self.things.get(&(kind, key.to_owned()));
        let items = thing.and_then(|thing| thing.lists.get(member));
        items.map_or(&[], Vec::as_slice)
    }

    /// A name that questions may use for an ARN.
    pub(crate) fn name(&mut self, name: &str, arn: &str) {
        self.names.insert(name.to_owned(), arn.to_owned());
    }

    /// What stands for an ARN that is made up, where the thing is declared.
    pub(crate) fn stand_in(&mut self, arn: &str, reference: String) {
        self.stand_ins.insert(arn.to_owned(), reference);
    }

    /// More of a layer may belong to an owner than is listed.
    pub(crate) fn leave_open(&mut self, layer: Layer, owner: &str) {
        let owners = self.open.entry(layer).or_default();
        owners.insert(owner.to_owned());
    }

    /// A policy of an owner is not determined; `names` are what it hangs on.
    pub(crate) fn later<N: Into<String>>(
        &mut self,
        layer: Layer,
        owner: &str,
        names: impl IntoIterator<Item = N>,
    ) {
        let owners = self.undetermined.entry(layer).or_default();
        let known = owners.entry(owner.to_owned()).or_default();
        known.extend(names.into_iter().map(Into::into));
    }

    /// A policy belongs to one of these, and nobody can tell which.
    pub(crate) fn candidates(&mut self, candidates: Candidates) {
        self.candidates.push(candidates);
    }

    /// A key may have aliases that are not determined; `arn:…:key/` stands for all keys of an account and Region.
    pub(crate) fn aliases_not_told(&mut self, key: String) {
        self.aliases_not_told.insert(key);
    }

    /// A stack makes this, and gives it tags.
    pub(crate) fn of_stack(&mut self, arn: String) {
        self.of_stack.insert(arn);
    }

    /// Something may exist of which nothing is known.
    pub(crate) fn external(&mut self, arn: String) {
        self.external.insert(arn);
    }

    /// True if a policy of an owner is not determined.
    pub(crate) fn is_later(&self, layer: Layer, owner: &str) -> bool {
        let owners = self.undetermined.get(&layer);
        owners.is_some_and(|owners| owners.contains_key(owner))
    }

    /// A role, user or group that another file lists; nobody tells its path. Rule: IAM-PRIN-5.
    pub(crate) fn by_name(&mut self, arn: &str, address: &str) {
        let known = self.by_name.entry(arn.to_owned()).or_default();
        known.insert(address.to_owned());
    }

    /// True for what another file lists.
    pub(crate) fn is_by_name(&self, arn: &str) -> bool {
        self.by_name.contains_key(arn)
    }

    /// Makes sure that there is an entry, of which another file may say more.
    pub(crate) fn there(&mut self, kind: Kind, key: &str, span: Span) {
        self.thing(kind, key, span);
    }

    /// Policies of a layer are not known, nor whose they are.
    pub(crate) fn not_loaded(&mut self, layer: Layer) {
        self.not_loaded.insert(layer);
    }

    /// More may belong to everything here than is listed: `names` are what it hangs on.
    pub(crate) fn all_later(&mut self, names: &BTreeSet<String>) {
        let things: Vec<(Kind, String)> = self.things.keys().cloned().collect();
        for (kind, key) in things {
            let layers: &[Layer] = match kind {
                Kind::Principals => &[Layer::Identity, Layer::Boundary, Layer::Resource],
                Kind::Groups => &[Layer::Identity],
                Kind::Keys => &[Layer::Resource, Layer::Grants],
                Kind::Resources => &[Layer::Resource],
                Kind::VpcEndpoints => &[Layer::VpcEndpoint],
            };
            for layer in layers {
                self.later(*layer, &key, names.iter().cloned());
            }
        }
    }

    /// Adds a statement to the policy of a function.
    pub(crate) fn statement(&mut self, function: &str, statement: Node) {
        let key = (Kind::Resources, function.to_owned());
        let known = self.things.get(&key);
        let known = known.and_then(|thing| thing.members.get("policy")?.get("Statement"));
        let mut statements = known.map_or(&[][..], Node::items).to_vec();
        let span = statement.span;
        statements.push(statement);
        let policy = object(
            span,
            [
                ("Version", text(span, "2012-10-17")),
                ("Id", text(span, "default")),
                ("Statement", list(span, statements)),
            ],
        );
        self.set(Kind::Resources, function, "policy", policy);
    }

    /// Learns where things are.
    pub(crate) fn home(&mut self, account: &str, region: &str) {
        let learn = |known: &mut BTreeSet<String>, text: &str| {
            if !text.is_empty() {
                known.insert(text.to_owned());
            }
        };
        learn(&mut self.accounts, account);
        learn(&mut self.regions, region);
    }

    /// Reads what was put together.
    pub(crate) fn read(self, loader: &mut Loader<'_>, origin: &Origin) -> Option<Part> {
        let span = Span::default();
        let mut lists: BTreeMap<&str, Vec<Node>> = BTreeMap::new();
        for ((kind, key), thing) in self.things {
            let mut members = vec![(kind.key(), text(thing.span, key))];
            members.extend(thing.members);
            for (name, items) in thing.lists {
                let at = items.first().map_or(thing.span, |item| item.span);
                members.push((name, list(at, items)));
            }
            let entry = object(thing.span, members);
            lists.entry(kind.list()).or_default().push(entry);
        }
        let mut members = vec![("preclear", text(span, "1"))];
        members.extend(self.organization.map(|node| ("organization", node)));
        let lists = lists
            .into_iter()
            .map(|(name, items)| (name, list(span, items)));
        members.extend(lists);
        let mut part = snapshot_file::read(loader, &object(span, members), origin, false)?;
        part.names = self.names;
        part.stand_ins = self.stand_ins;
        part.undetermined = self.undetermined;
        part.open = self.open;
        part.layers_not_loaded.extend(self.not_loaded);
        take_by_name(&mut part, self.by_name);
        part.candidates = self.candidates;
        part.aliases_not_told = self.aliases_not_told;
        part.of_stacks = self.of_stack;
        part.external.extend(self.external);
        part.homes.accounts = self.accounts;
        part.homes.regions = self.regions;
        Some(part)
    }
}

/// Takes out what is known by name only: which entry it belongs to is told by the other files.
fn take_by_name(part: &mut Part, by_name: BTreeMap<String, BTreeSet<String>>) {
    for (arn, addresses) in by_name {
        let Some(arn) = Arn::parse(&arn) else {
            continue;
        };
        let mut policies = Vec::new();
        let mut place = None;
        part.principals.retain(|entry| {
            let is_other = entry.record.arn != arn;
            if !is_other {
                place = Some(entry.place.clone());
                policies.extend(entry.record.policies.value().into_iter().flatten().cloned());
            }
            is_other
        });
        part.groups.retain(|entry| {
            let is_other = entry.record.arn != arn;
            if !is_other {
                place = Some(entry.place.clone());
                policies.extend(entry.record.policies.value().into_iter().flatten().cloned());
            }
            is_other
        });
        let later = part.undetermined.get_mut(&Layer::Identity);
        let names = later.and_then(|owners| owners.remove(arn.as_str()));
        part.by_name.extend(place.map(|place| ByName {
            arn,
            policies,
            names: names.unwrap_or_default(),
            addresses,
            place,
        }));
    }
    part.undetermined.retain(|_, owners| !owners.is_empty());
}

/// A policy with its name, ARN and document.
pub(crate) fn named_document(name: &str, arn: Option<&str>, document: &Node) -> Node {
    let span = document.span;
    let mut members = vec![("name", text(span, name))];
    members.extend(arn.map(|arn| ("arn", text(span, arn))));
    members.push(("document", document.clone()));
    object(span, members)
}

/// A policy that preclear ships.
pub(crate) fn shipped(arn: &str, span: Span) -> Option<Node> {
    is_shipped(arn).then(|| text(span, arn))
}

/// A permission of a function, as Lambda makes a statement of it.
#[derive(Debug)]
pub(crate) struct Permission<'t> {
    pub(crate) sid: &'t str,
    pub(crate) action: &'t str,
    pub(crate) principal: &'t str,
    pub(crate) source_arn: Option<&'t str>,
    pub(crate) source_account: Option<&'t str>,
    pub(crate) organization: Option<&'t str>,
}

/// Operator, key and value of a condition; none without a value.
pub(crate) type Condition<'t> = (&'static str, &'static str, Option<&'t str>);

impl Permission<'_> {
    pub(crate) fn statement(&self, span: Span, function: &str) -> Node {
        self.statement_with(span, function, &[])
    }

    /// The same with further conditions.
    pub(crate) fn statement_with(
        &self,
        span: Span,
        function: &str,
        further: &[Condition<'_>],
    ) -> Node {
        let principal = match self.principal {
            "*" => text(span, "*"),
            account if is_account_id(account) => {
                let partition = Arn::parse(function)
                    .map_or_else(|| "aws".to_owned(), |arn| arn.partition().to_owned());
                let root = format!("arn:{partition}:iam::{account}:root");
                object(span, [("AWS", text(span, root))])
            }
            arn if arn.starts_with("arn:") => object(span, [("AWS", text(span, arn))]),
            service => object(span, [("Service", text(span, service))]),
        };
        let mut members = vec![
            ("Sid", text(span, self.sid)),
            ("Effect", text(span, "Allow")),
            ("Principal", principal),
            ("Action", text(span, self.action)),
            ("Resource", text(span, function)),
        ];
        let own = [
            ("StringEquals", "AWS:SourceAccount", self.source_account),
            ("StringEquals", "aws:PrincipalOrgID", self.organization),
            ("ArnLike", "AWS:SourceArn", self.source_arn),
        ];
        let mut conditions: BTreeMap<&str, Vec<(&str, Node)>> = BTreeMap::new();
        for (operator, key, value) in own.iter().chain(further) {
            if let Some(value) = value {
                let keys = conditions.entry(operator).or_default();
                keys.push((key, text(span, *value)));
            }
        }
        let conditions = conditions.into_iter();
        let conditions: Vec<(&str, Node)> = conditions
            .map(|(operator, keys)| (operator, object(span, keys)))
            .collect();
        if !conditions.is_empty() {
            members.push(("Condition", object(span, conditions)));
        }
        object(span, members)
    }
}
