//! The resources of a plan or state, and what refers to what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use preclear_model::{Node, Span, Value};

/// The values of a resource of which applying tells all.
static NOTHING: Node = Node {
    span: Span { start: 0, end: 0 },
    value: Value::Null,
};

/// How far references are followed from variable to variable and output to output.
const STEPS_MAX: usize = 32;

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

fn is_true(node: &Node) -> bool {
    node.as_bool() == Some(true)
}

/// True if `true` stands anywhere in it.
fn holds_true(node: &Node) -> bool {
    is_true(node)
        || node.items().iter().any(holds_true)
        || node
            .members()
            .iter()
            .any(|member| holds_true(&member.value))
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

/// True if a reference is a longer one cut at a dot or bracket: `a.b["c"].d` is followed by `a.b["c"]` and `a.b`.
fn is_short_for(short: &str, long: &str) -> bool {
    let rest = long.strip_prefix(short);
    rest.is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// Attributes that tell which resource is meant.
const NAMING: [&str; 10] = [
    "arn",
    "id",
    "name",
    "key_id",
    "bucket",
    "function_name",
    "url",
    "policy_id",
    "target_key_id",
    "target_key_arn",
];

/// Where a reference stands.
#[derive(Debug, Clone, Copy)]
struct Scope<'s, 'n> {
    module: &'s str,
    /// What is configured there: `each` is its.
    configuration: Option<&'n Node>,
    /// Which of several it is.
    instance: Option<&'s str>,
}

/// What an expression refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    /// Resources that it names, whichever way.
    pub(super) targets: Vec<usize>,
    /// True if all that it refers to is one resource each.
    pub(super) is_plain: bool,
}

impl Resolved {
    /// The one resource that is meant, if the reference is the whole expression.
    pub(super) fn one(&self) -> Option<usize> {
        match self.targets[..] {
            [one] if self.is_plain => Some(one),
            _ => None,
        }
    }
}

/// A part of an address: a name, perhaps with an index.
type Step = (String, Option<String>);

/// Cuts an address at its dots, but for those in brackets.
pub(super) fn steps(address: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = vec![(String::new(), None)];
    let mut is_index = false;
    let mut is_quoted = false;
    for c in address.chars() {
        let Some((name, index)) = steps.last_mut() else {
            break;
        };
        match c {
            '"' if is_index => is_quoted = !is_quoted,
            '[' if !is_quoted => {
                is_index = true;
                *index = Some(String::new());
            }
            ']' if !is_quoted => is_index = false,
            '.' if !is_index => steps.push((String::new(), None)),
            c => match index {
                Some(index) if is_index => index.push(c),
                _ => name.push(c),
            },
        }
    }
    steps
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
    modules: BTreeSet<String>,
    is_plan: bool,
    has_changes: bool,
    by_type: HashMap<&'n str, Vec<usize>>,
    by_name: HashMap<(String, &'n str, &'n str), Vec<usize>>,
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
            if !resource.is_data {
                graph.by_type.entry(resource.kind).or_default().push(index);
                let name = (resource.module.clone(), resource.kind, resource.name);
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
            let actions = change.get("actions").map_or(&[][..], Node::items);
            let kind = text("type").unwrap_or_default();
            // An attachment to many that changes attaches what it still does anew.
            let is_deleted = actions.iter().any(|action| match action.as_text() {
                Some("delete") => true,
                Some("update") => kind == "aws_iam_policy_attachment",
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
        }
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

    /// Resources that an expression refers to.
    pub(super) fn resolve(&self, from: &Resource<'n>, expression: &Node) -> Resolved {
        let scope = Scope {
            module: &from.module,
            configuration: from.configuration,
            instance: from.instance.as_deref(),
        };
        let mut resolved = self.follow(scope, expression, STEPS_MAX);
        resolved.targets.sort_unstable();
        resolved.targets.dedup();
        resolved
    }

    fn follow(&self, scope: Scope<'_, 'n>, expression: &Node, rest: usize) -> Resolved {
        let mut found = Resolved {
            targets: Vec::new(),
            is_plain: false,
        };
        let Some(rest) = rest.checked_sub(1) else {
            return found;
        };
        let references = expression.get("references").map_or(&[][..], Node::items);
        let references: Vec<&str> = references.iter().filter_map(Node::as_text).collect();
        let mut whole: Vec<&str> = Vec::new();
        for (place, reference) in references.iter().enumerate() {
            let before = references.get(..place).unwrap_or_default();
            let is_short = before.iter().any(|long| is_short_for(reference, long));
            if !is_short && !whole.contains(reference) {
                whole.push(reference);
            }
        }
        // The index of another reference, which says which of several.
        let is_index = |reference: &&str| matches!(*reference, "each.key" | "count.index");
        let is_indexed = whole.iter().any(is_index);
        whole.retain(|reference| !is_index(reference));
        found.is_plain = !whole.is_empty();
        for reference in whole {
            if found.targets.len() > self.resources.len() {
                break;
            }
            let one = self.follow_one(scope, reference, is_indexed, rest);
            found.is_plain &= one.is_plain;
            found.targets.extend(one.targets);
        }
        found
    }

    fn follow_one(
        &self,
        scope: Scope<'_, 'n>,
        reference: &str,
        is_indexed: bool,
        rest: usize,
    ) -> Resolved {
        let nothing = || Resolved {
            targets: Vec::new(),
            is_plain: false,
        };
        let steps = steps(reference);
        let name = |at: usize| steps.get(at).map_or("", |(name, _)| name.as_str());
        let mut found = match name(0) {
            "module" => self.follow_output(scope.module, &steps, rest),
            "var" if steps.len() == 2 && steps.iter().all(|(_, index)| index.is_none()) => {
                self.follow_variable(scope.module, name(1), rest)
            }
            "each" if name(1) == "value" => {
                let each = scope.configuration;
                let each = each.and_then(|node| node.get("for_each_expression"));
                // The values are those resources themselves where nothing but one name stands there.
                let references = each.and_then(|each| each.get("references"));
                let references = references.map_or(&[][..], Node::items);
                match (references, &steps[..]) {
                    ([one], [_, _, (attribute, None)]) if NAMING.contains(&attribute.as_str()) => {
                        let one = one.as_text().unwrap_or_default();
                        match self::steps(one).len() {
                            2 => self.instances(scope, &self::steps(one), true, rest),
                            _ => nothing(),
                        }
                    }
                    _ => nothing(),
                }
            }
            "each" | "data" | "local" | "path" | "count" | "self" | "terraform" | "var" | "" => {
                nothing()
            }
            _ => return self.instances(scope, &steps, is_indexed, rest),
        };
        // An index beside it may be anything.
        found.is_plain &= !is_indexed || name(0) == "each";
        found
    }

    /// Instances of a resource that a reference names.
    fn instances(
        &self,
        scope: Scope<'_, 'n>,
        steps: &[Step],
        is_indexed: bool,
        rest: usize,
    ) -> Resolved {
        let name = |at: usize| steps.get(at).map_or("", |(name, _)| name.as_str());
        let wanted = steps.get(1).and_then(|(_, index)| index.as_deref());
        let kind_and_name = (scope.module.to_owned(), name(0), name(1));
        let all = self
            .by_name
            .get(&kind_and_name)
            .cloned()
            .unwrap_or_default();
        let of_instance = |all: &[usize], wanted: Option<&str>| -> Vec<usize> {
            let all = all.iter().copied();
            all.filter(|index| {
                let resource = self.resources.get(*index);
                resource.is_some_and(|resource| resource.instance.as_deref() == wanted)
            })
            .collect()
        };
        let is_naming = match steps {
            [_, _] => true,
            [_, _, (attribute, None)] => NAMING.contains(&attribute.as_str()),
            _ => false,
        };
        let targets = match wanted {
            Some(_) => of_instance(&all, wanted),
            // `each.key` is the index of what stands there without attribute.
            None if is_indexed && steps.len() == 2 && scope.instance.is_some() => {
                let same = of_instance(&all, scope.instance);
                if same.len() == 1 { same } else { all }
            }
            None => all,
        };
        let is_unclear = is_indexed && !(wanted.is_none() && steps.len() == 2);
        if let ([one], "target_key_id" | "target_key_arn") = (&targets[..], name(2)) {
            // The key of an alias is the one that the alias is configured with.
            let alias = self.resources.get(*one);
            let expression = alias.and_then(|alias| alias.expression(&["target_key_id"]));
            if let (Some(alias), Some(expression)) = (alias, expression) {
                let scope = Scope {
                    module: &alias.module,
                    configuration: alias.configuration,
                    instance: alias.instance.as_deref(),
                };
                return self.follow(scope, expression, rest);
            }
        }
        Resolved {
            is_plain: targets.len() == 1 && is_naming && !is_unclear,
            targets,
        }
    }

    fn follow_output(&self, module: &str, steps: &[Step], rest: usize) -> Resolved {
        let nothing = Resolved {
            targets: Vec::new(),
            is_plain: false,
        };
        let [_, (call, index), (output, None)] = steps else {
            return nothing;
        };
        let called = self
            .configuration(module)
            .and_then(|node| node.get("module_calls")?.get(call));
        let expression = called.and_then(|called| {
            let outputs = called.get("module")?.get("outputs")?;
            outputs.get(output)?.get("expression")
        });
        let (Some(called), Some(expression)) = (called, expression) else {
            return nothing;
        };
        let dot = if module.is_empty() { "" } else { "." };
        let mut address = format!("{module}{dot}module.{call}");
        let are_many = ["count_expression", "for_each_expression"]
            .iter()
            .any(|name| called.get(name).is_some());
        if are_many || index.is_some() {
            let children = self.modules.iter();
            let meant: Vec<&String> = children
                .filter(|child| {
                    let instance = child.strip_prefix(address.as_str());
                    instance.is_some_and(|instance| {
                        let steps = self::steps(instance);
                        let own = steps.first().and_then(|(_, own)| own.as_ref());
                        (instance.is_empty() || instance.starts_with('['))
                            && steps.len() == 1
                            && (index.is_none() || own == index.as_ref())
                    })
                })
                .collect();
            match meant[..] {
                [one] => address.clone_from(one),
                _ => return nothing,
            }
        }
        let scope = Scope {
            module: &address,
            configuration: None,
            instance: None,
        };
        self.follow(scope, expression, rest)
    }

    /// The expression that a call gives for a variable, and the module where it stands.
    fn given<'m>(&self, module: &'m str, name: &str) -> Option<(Scope<'m, 'n>, &'n Node)> {
        let (parent, call) = match module.rfind(".module.") {
            Some(cut) => (module.get(..cut)?, module.get(cut + ".module.".len()..)?),
            None => ("", module.strip_prefix("module.")?),
        };
        let (call, _) = steps(call).into_iter().next()?;
        let call = self
            .configuration(parent)?
            .get("module_calls")?
            .get(&call)?;
        let open = module.rfind('[').filter(|_| module.ends_with(']'));
        let instance = open.and_then(|open| module.get(open + 1..module.len() - 1));
        let scope = Scope {
            module: parent,
            configuration: Some(call),
            instance: instance.map(|text| text.trim_matches('"')),
        };
        Some((scope, call.get("expressions")?.get(name)?))
    }

    fn follow_variable(&self, module: &str, name: &str, rest: usize) -> Resolved {
        match self.given(module, name) {
            Some((scope, expression)) => self.follow(scope, expression, rest),
            None => Resolved {
                targets: Vec::new(),
                is_plain: false,
            },
        }
    }

    /// The text of an expression that is a constant or a variable.
    pub(super) fn constant(&self, module: &str, expression: &'n Node) -> Option<&'n str> {
        let (mut module, mut expression) = (module.to_owned(), expression);
        for _ in 0..STEPS_MAX {
            if let Some(constant) = expression.get("constant_value") {
                return constant.as_text();
            }
            let [reference] = expression.get("references")?.items() else {
                return None;
            };
            let name = reference.as_text()?.strip_prefix("var.")?;
            if name.contains(['.', '[']) {
                return None;
            }
            if module.is_empty() {
                let variable = self.document.get("variables")?.get(name)?;
                return variable.get("value")?.as_text();
            }
            let given = self.given(&module, name);
            let Some((scope, given)) = given else {
                let variables = self.configuration(&module)?.get("variables")?;
                return variables.get(name)?.get("default")?.as_text();
            };
            let parent = scope.module.to_owned();
            (module, expression) = (parent, given);
        }
        None
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
