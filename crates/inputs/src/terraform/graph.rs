//! The resources of a plan or state, and what refers to what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use preclear_model::{Node, Span, Value};

use super::references::steps;

/// The values of a resource of which applying tells all.
static NOTHING: Node = Node {
    span: Span { start: 0, end: 0 },
    value: Value::Null,
};

/// One instance of a resource or data source.
#[derive(Debug)]
pub(super) struct Resource<'n> {
    pub(super) address: String,
    /// Address of its module; empty for the root.
    pub(super) module: String,
    pub(super) kind: &'n str,
    pub(super) name: &'n str,
    /// Key of `for_each`, or number of `count`.
    pub(super) instance: Option<String>,
    pub(super) is_data: bool,
    pub(super) values: &'n Node,
    pub(super) node: &'n Node,
    /// The configuration, if this is a plan.
    pub(super) configuration: Option<&'n Node>,
    /// What the plan does to it; `None` in states, and where the plan was cut down.
    change: Option<&'n Node>,
}

/// How much of a value a plan knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// All of it.
    Whole,
    /// Some of it: members of unknown value are left out of what is planned.
    Part,
    /// Nothing: only applying will tell.
    Later,
    /// The plan does not say.
    Nothing,
}

/// Something that the plan takes away, with what it was.
#[derive(Debug)]
pub(super) struct Deleted<'n> {
    pub(super) address: &'n str,
    pub(super) kind: &'n str,
    pub(super) before: &'n Node,
}

impl<'n> Deleted<'n> {
    /// A text of what it was.
    pub(super) fn text(&self, name: &str) -> Option<&'n str> {
        self.before.get(name).and_then(Node::as_text)
    }
}

impl<'n> Resource<'n> {
    pub(super) fn span(&self) -> Span {
        self.node.span
    }

    /// A text that is known and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&'n str> {
        let text = self.values.get(name).and_then(Node::as_text);
        text.filter(|text| !text.is_empty())
    }

    /// How much of a value is known; the first of each block on the way.
    pub(super) fn told(&self, path: &[&str]) -> Told {
        let unknown = self.change.and_then(|change| change.get("after_unknown"));
        let Some(mut node) = unknown else {
            return Told::Nothing;
        };
        for name in path {
            let inner = match node.as_sequence() {
                Some([first, ..]) => first,
                Some([]) => return Told::Whole,
                None => node,
            };
            if is_true(inner) {
                return Told::Later;
            }
            match inner.get(name) {
                Some(inner) => node = inner,
                None => return Told::Whole,
            }
        }
        match node {
            node if is_true(node) => Told::Later,
            node if holds_true(node) => Told::Part,
            _ => Told::Whole,
        }
    }

    /// True if all of a list, object or list of blocks is known.
    pub(super) fn is_whole(&self, name: &str) -> bool {
        let value = self.values.get(name);
        let holds_null = value.is_some_and(|node| node.items().iter().any(Node::is_null));
        match self.told(&[name]) {
            Told::Whole => !holds_null,
            Told::Part | Told::Later => false,
            Told::Nothing => {
                let expression = self.expression(&[name]);
                !holds_null && !expression.is_some_and(refers)
            }
        }
    }

    /// True for blocks that stand in what is planned and not in the configuration, which leaves `dynamic` ones out.
    pub(super) fn is_dynamic(&self, name: &str) -> bool {
        let blocks = self.values.get(name).map_or(&[][..], Node::items);
        self.configuration.is_some() && !blocks.is_empty() && self.expression(&[name]).is_none()
    }

    /// What a data source that is read while applying will be read with, and how much of it is unknown.
    pub(super) fn read_later(&self) -> Option<(&'n Node, &'n Node)> {
        let change = self.change.filter(|_| self.is_data)?;
        let is_read = actions_of(change).contains(&"read");
        let known = change.get("after").filter(|_| is_read)?;
        Some((known, change.get("after_unknown")?))
    }

    /// Key of its provider's configuration.
    pub(super) fn provider(&self) -> Option<&'n str> {
        let key = self.configuration?.get("provider_config_key")?;
        key.as_text()
    }

    /// The expression of an argument; the first of each block on the way.
    pub(super) fn expression(&self, path: &[&str]) -> Option<&'n Node> {
        let mut node = self.configuration?.get("expressions")?;
        for name in path {
            node = node.items().first().unwrap_or(node).get(name)?;
        }
        Some(node)
    }

    /// A value; the first of each block on the way.
    pub(super) fn value(&self, path: &[&str]) -> Option<&'n Node> {
        let mut node = self.values;
        for name in path {
            let inner = match node.as_sequence() {
                Some(items) => items.first()?,
                None => node,
            };
            node = inner.get(name)?;
        }
        Some(node)
    }
}

pub(super) fn is_true(node: &Node) -> bool {
    node.as_bool() == Some(true)
}

/// True if `true` stands anywhere in it.
pub(super) fn holds_true(node: &Node) -> bool {
    is_true(node)
        || node.items().iter().any(holds_true)
        || node
            .members()
            .iter()
            .any(|member| holds_true(&member.value))
}

/// What a plan does to a resource.
fn actions_of(change: &Node) -> Vec<&str> {
    let actions = change.get("actions").map_or(&[][..], Node::items);
    actions.iter().filter_map(Node::as_text).collect()
}

/// True if an expression, or one in a block, refers to something.
fn refers(expression: &Node) -> bool {
    expression.get("references").is_some()
        || expression.items().iter().any(refers)
        || expression
            .members()
            .iter()
            .any(|member| refers(&member.value))
}

/// Type, name, and whether it is a data source.
type Named<'n> = (&'n str, &'n str, bool);

/// All of a plan or state.
#[derive(Debug)]
pub(super) struct Graph<'n> {
    pub(super) resources: Vec<Resource<'n>>,
    pub(super) document: &'n Node,
    /// What the plan takes away or replaces.
    pub(super) deleted: Vec<Deleted<'n>>,
    /// Addresses of modules.
    pub(super) modules: BTreeSet<String>,
    is_plan: bool,
    has_changes: bool,
    by_type: HashMap<&'n str, Vec<usize>>,
    /// By module, type and name.
    pub(super) by_name: HashMap<(String, &'n str, &'n str), Vec<usize>>,
    /// The same of data sources.
    pub(super) data_by_name: HashMap<(String, &'n str, &'n str), Vec<usize>>,
}

/// What is looked up while the graph is made.
#[derive(Default)]
struct Index<'n> {
    changes: HashMap<&'n str, &'n Node>,
    /// Configurations of resources, by the names of the calls of their modules.
    configured: HashMap<Vec<String>, HashMap<Named<'n>, &'n Node>>,
}

impl<'n> Graph<'n> {
    pub(super) fn new(document: &'n Node) -> Self {
        let mut graph = Self {
            resources: Vec::new(),
            document,
            deleted: Vec::new(),
            modules: BTreeSet::from([String::new()]),
            is_plan: document.get("planned_values").is_some(),
            has_changes: false,
            by_type: HashMap::new(),
            by_name: HashMap::new(),
            data_by_name: HashMap::new(),
        };
        let mut index = Index::default();
        graph.changes(&mut index);
        let planned = document.get("planned_values");
        if let Some(values) = planned.or_else(|| document.get("values")) {
            graph.add(values, &mut index, |_| true);
        }
        // Data sources that were read while planning stand in what was there before.
        let prior = document
            .get("prior_state")
            .and_then(|state| state.get("values"));
        if let (Some(_), Some(values)) = (planned, prior) {
            graph.add(values, &mut index, |resource| resource.is_data);
        }
        graph.resources.sort_by(|a, b| a.address.cmp(&b.address));
        graph
            .resources
            .dedup_by(|second, first| second.address == first.address);
        for (index, resource) in graph.resources.iter().enumerate() {
            let name = (resource.module.clone(), resource.kind, resource.name);
            if resource.is_data {
                graph.data_by_name.entry(name).or_default().push(index);
            } else {
                graph.by_type.entry(resource.kind).or_default().push(index);
                graph.by_name.entry(name).or_default().push(index);
            }
        }
        graph
    }

    /// What the plan does to each resource.
    fn changes(&mut self, index: &mut Index<'n>) {
        let changes = self.document.get("resource_changes");
        let changes = changes.map_or(&[][..], Node::items);
        self.has_changes = !changes.is_empty();
        for node in changes {
            let text = |name: &str| node.get(name).and_then(Node::as_text);
            let (Some(address), Some(change)) = (text("address"), node.get("change")) else {
                continue;
            };
            let kind = text("type").unwrap_or_default();
            // An attachment to many that changes attaches what it still does anew.
            let is_deleted = actions_of(change).iter().any(|action| match *action {
                "delete" => true,
                "update" => kind == "aws_iam_policy_attachment",
                _ => false,
            });
            if is_deleted {
                self.deleted.push(Deleted {
                    address,
                    kind,
                    before: change.get("before").unwrap_or(&NOTHING),
                });
            }
            // What was left over of a replacement is no instance of its own.
            if node.get("deposed").is_none() {
                index.changes.insert(address, change);
            }
            self.forgotten(node, &actions_of(change));
        }
    }

    /// What Terraform only stops to manage stays in AWS as it was.
    fn forgotten(&mut self, node: &'n Node, actions: &[&str]) {
        let text = |name: &str| node.get(name).and_then(Node::as_text);
        let before = node.get("change").and_then(|change| change.get("before"));
        let (Some(kind), Some(name), Some(address), Some(before)) =
            (text("type"), text("name"), text("address"), before)
        else {
            return;
        };
        if !actions.contains(&"forget") || text("mode") == Some("data") {
            return;
        }
        let module = text("module_address").unwrap_or_default().to_owned();
        self.modules.insert(module.clone());
        let instance = node.get("index").and_then(Node::as_scalar);
        self.resources.push(Resource {
            // Another one may take its place.
            address: match actions {
                ["forget"] => address.to_owned(),
                _ => format!("{address} (forgotten)"),
            },
            module,
            kind,
            name,
            instance: instance.map(|scalar| scalar.text.clone()),
            is_data: false,
            values: before,
            node,
            configuration: None,
            change: None,
        });
    }

    fn add(
        &mut self,
        values: &'n Node,
        index: &mut Index<'n>,
        is_wanted: impl Fn(&Resource<'n>) -> bool,
    ) {
        let mut modules: Vec<(String, &Node)> = Vec::new();
        modules.extend(values.get("root_module").map(|root| (String::new(), root)));
        while let Some((module, node)) = modules.pop() {
            let resources = node.get("resources").map_or(&[][..], Node::items);
            for resource in resources {
                let found = self.resource(&module, resource, index);
                self.resources.extend(found.filter(&is_wanted));
            }
            for child in node.get("child_modules").map_or(&[][..], Node::items) {
                let address = child.get("address").and_then(Node::as_text);
                let address = address.unwrap_or_default().to_owned();
                self.modules.insert(address.clone());
                modules.push((address, child));
            }
        }
    }

    fn resource(
        &self,
        module: &str,
        node: &'n Node,
        index: &mut Index<'n>,
    ) -> Option<Resource<'n>> {
        let text = |name: &str| node.get(name).and_then(Node::as_text);
        let (kind, name, address) = (text("type")?, text("name")?, text("address")?);
        let is_data = text("mode") == Some("data");
        let instance = node.get("index").and_then(Node::as_scalar);
        let calls = calls(module);
        if !index.configured.contains_key(&calls) {
            index
                .configured
                .insert(calls.clone(), self.configured(&calls));
        }
        let configured = index.configured.get(&calls);
        Some(Resource {
            address: address.to_owned(),
            module: module.to_owned(),
            kind,
            name,
            instance: instance.map(|scalar| scalar.text.clone()),
            is_data,
            values: node.get("values").unwrap_or(&NOTHING),
            node,
            configuration: configured.and_then(|all| all.get(&(kind, name, is_data)).copied()),
            change: index.changes.get(address).copied().filter(|_| self.is_plan),
        })
    }

    /// True if the configuration is there.
    pub(super) fn is_plan(&self) -> bool {
        self.is_plan
    }

    /// True if the plan tells what it changes.
    pub(super) fn has_changes(&self) -> bool {
        self.has_changes
    }

    /// Why a plan does not hold all that will be; the addresses of what was put off.
    pub(super) fn in_part(&self) -> Option<(&'static str, Vec<String>)> {
        let flag = |name: &str| self.document.get(name).and_then(Node::as_bool);
        let deferred = self.document.get("deferred_changes");
        let deferred = deferred.map_or(&[][..], Node::items).iter();
        let deferred: Vec<String> = deferred
            .filter_map(|node| {
                let address = node.get("resource_change")?.get("address")?;
                address.as_text().map(str::to_owned)
            })
            .collect();
        let why = if flag("errored") == Some(true) {
            "making the plan ended in an error"
        } else if !deferred.is_empty() {
            "the plan puts off a part of what is configured"
        } else if flag("complete") == Some(false) {
            "the plan covers a part of what is configured"
        } else {
            return None;
        };
        self.is_plan.then_some((why, deferred))
    }

    /// The configurations of a module's resources.
    fn configured(&self, calls: &[String]) -> HashMap<Named<'n>, &'n Node> {
        let module = self.called(calls);
        let resources = module.and_then(|node| node.get("resources"));
        let mut found = HashMap::new();
        for node in resources.map_or(&[][..], Node::items) {
            let text = |name: &str| node.get(name).and_then(Node::as_text);
            if let (Some(kind), Some(name), Some(mode)) = (text("type"), text("name"), text("mode"))
            {
                found.entry((kind, name, mode == "data")).or_insert(node);
            }
        }
        found
    }

    fn called(&self, calls: &[String]) -> Option<&'n Node> {
        let mut node = self.document.get("configuration")?.get("root_module")?;
        for name in calls {
            node = node.get("module_calls")?.get(name)?.get("module")?;
        }
        Some(node)
    }

    /// The configuration of a module.
    pub(super) fn configuration(&self, module: &str) -> Option<&'n Node> {
        self.called(&calls(module))
    }

    pub(super) fn of_type(&self, kind: &str) -> Vec<usize> {
        self.by_type.get(kind).cloned().unwrap_or_default()
    }

    /// Configurations of providers by their keys.
    pub(super) fn providers(&self) -> BTreeMap<&'n str, &'n Node> {
        let configuration = self.document.get("configuration");
        let providers = configuration.and_then(|node| node.get("provider_config"));
        let members = providers.map_or(&[][..], Node::members);
        let members = members.iter();
        members
            .map(|member| (member.name.as_str(), &member.value))
            .collect()
    }
}

/// The names of the calls that lead to a module.
fn calls(module: &str) -> Vec<String> {
    let steps = steps(module).into_iter().map(|(name, _)| name);
    // Every second step is the word `module`.
    steps.skip(1).step_by(2).collect()
}
