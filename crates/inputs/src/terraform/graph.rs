//! The resources of a plan or state, and what refers to what.

use std::collections::BTreeMap;

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
    /// What only applying will tell of its values: `true` for each, in their shape.
    pub(super) unknown: Option<&'n Node>,
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

    /// True where something of a value, or all of it, only applying will tell. Members that are not known are not among the values.
    pub(super) fn is_partly_unknown(&self, name: &str) -> bool {
        fn any(node: &Node) -> bool {
            node.as_bool() == Some(true)
                || node.items().iter().any(any)
                || node.members().iter().any(|member| any(&member.value))
        }
        match self.unknown {
            Some(unknown) if unknown.as_bool() == Some(true) => true,
            Some(unknown) => unknown.get(name).is_some_and(any),
            None => false,
        }
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

/// All of a plan or state.
#[derive(Debug)]
pub(super) struct Graph<'n> {
    pub(super) resources: Vec<Resource<'n>>,
    pub(super) document: &'n Node,
    /// Addresses of modules.
    modules: Vec<String>,
    /// What only applying will tell, by the address of the resource.
    unknown: BTreeMap<&'n str, &'n Node>,
    is_plan: bool,
}

impl<'n> Graph<'n> {
    pub(super) fn new(document: &'n Node) -> Self {
        let mut graph = Self {
            resources: Vec::new(),
            document,
            modules: vec![String::new()],
            unknown: BTreeMap::new(),
            is_plan: document.get("planned_values").is_some(),
        };
        let changes = document
            .get("resource_changes")
            .map_or(&[][..], Node::items);
        for change in changes {
            let address = change.get("address").and_then(Node::as_text);
            let unknown = change
                .get("change")
                .and_then(|change| change.get("after_unknown"));
            if let (Some(address), Some(unknown)) = (address, unknown) {
                graph.unknown.insert(address, unknown);
            }
        }
        let planned = document.get("planned_values");
        if let Some(values) = planned.or_else(|| document.get("values")) {
            graph.add(values, |_| true);
        }
        // Data sources that were read while planning stand in what was there before.
        let prior = document
            .get("prior_state")
            .and_then(|state| state.get("values"));
        if let (Some(_), Some(values)) = (planned, prior) {
            graph.add(values, |resource| resource.is_data);
        }
        graph.resources.sort_by(|a, b| a.address.cmp(&b.address));
        graph
            .resources
            .dedup_by(|second, first| second.address == first.address);
        graph
    }

    fn add(&mut self, values: &'n Node, is_wanted: impl Fn(&Resource<'n>) -> bool) {
        let mut modules: Vec<(String, &Node)> = Vec::new();
        modules.extend(values.get("root_module").map(|root| (String::new(), root)));
        while let Some((module, node)) = modules.pop() {
            let resources = node.get("resources").map_or(&[][..], Node::items);
            for resource in resources {
                let found = self.resource(&module, resource);
                self.resources.extend(found.filter(&is_wanted));
            }
            for child in node.get("child_modules").map_or(&[][..], Node::items) {
                let address = child.get("address").and_then(Node::as_text);
                let address = address.unwrap_or_default().to_owned();
                if !self.modules.contains(&address) {
                    self.modules.push(address.clone());
                }
                modules.push((address, child));
            }
        }
    }

    fn resource(&self, module: &str, node: &'n Node) -> Option<Resource<'n>> {
        let text = |name: &str| node.get(name).and_then(Node::as_text);
        let (kind, name) = (text("type")?, text("name")?);
        let is_data = text("mode") == Some("data");
        let index = node.get("index").and_then(Node::as_scalar);
        Some(Resource {
            address: text("address")?.to_owned(),
            module: module.to_owned(),
            kind,
            name,
            instance: index.map(|scalar| scalar.text.clone()),
            is_data,
            values: node.get("values").unwrap_or(&NOTHING),
            node,
            configuration: self.configured(module, kind, name, is_data),
            unknown: text("address").and_then(|address| self.unknown.get(address).copied()),
        })
    }

    /// True if the configuration is there.
    pub(super) fn is_plan(&self) -> bool {
        self.is_plan
    }

    /// The configuration of a resource.
    fn configured(&self, module: &str, kind: &str, name: &str, is_data: bool) -> Option<&'n Node> {
        let resources = self.configuration(module)?.get("resources")?;
        let is = |node: &Node, member: &str, wanted: &str| {
            node.get(member).and_then(Node::as_text) == Some(wanted)
        };
        let mode = if is_data { "data" } else { "managed" };
        resources
            .items()
            .iter()
            .find(|node| is(node, "type", kind) && is(node, "name", name) && is(node, "mode", mode))
    }

    /// The configuration of a module.
    pub(super) fn configuration(&self, module: &str) -> Option<&'n Node> {
        let mut node = self.document.get("configuration")?.get("root_module")?;
        for (name, _) in steps(module) {
            if name != "module" && !name.is_empty() {
                node = node.get("module_calls")?.get(&name)?.get("module")?;
            }
        }
        Some(node)
    }

    pub(super) fn of_type(&self, kind: &str) -> Vec<usize> {
        let all = self.resources.iter().enumerate();
        let found = all.filter(|(_, resource)| resource.kind == kind && !resource.is_data);
        found.map(|(index, _)| index).collect()
    }

    /// Resources of some types that an expression refers to; several if it cannot be told which.
    pub(super) fn targets(
        &self,
        from: &Resource<'n>,
        expression: &Node,
        types: &[&str],
    ) -> Vec<usize> {
        let mut found = Vec::new();
        self.follow(
            (&from.module, from.configuration),
            expression,
            STEPS_MAX,
            &mut found,
        );
        found.retain(|index| types.contains(&self.resources[*index].kind));
        found.sort_unstable();
        found.dedup();
        if found.len() > 1 && from.instance.is_some() {
            let same = found.iter().copied();
            let same: Vec<usize> = same
                .filter(|index| self.resources[*index].instance == from.instance)
                .collect();
            if same.len() == 1 {
                return same;
            }
        }
        found
    }

    fn follow(
        &self,
        (module, configuration): (&str, Option<&'n Node>),
        expression: &Node,
        rest: usize,
        found: &mut Vec<usize>,
    ) {
        let Some(rest) = rest.checked_sub(1) else {
            return;
        };
        let references = expression.get("references").map_or(&[][..], Node::items);
        let references: Vec<&str> = references.iter().filter_map(Node::as_text).collect();
        for (place, reference) in references.iter().enumerate() {
            // `a.b["c"].d` is followed by `a.b["c"]` and `a.b`.
            let is_shorter = references
                .iter()
                .take(place)
                .any(|longer| longer.starts_with(reference));
            if is_shorter || found.len() > self.resources.len() {
                continue;
            }
            let steps = steps(reference);
            let name = |at: usize| steps.get(at).map_or("", |(name, _)| name.as_str());
            match name(0) {
                "module" => self.follow_output(module, &steps, rest, found),
                "var" => self.follow_variable(module, name(1), rest, found),
                "each" => {
                    let each = configuration.and_then(|node| node.get("for_each_expression"));
                    if let Some(each) = each {
                        self.follow((module, None), each, rest, found);
                    }
                }
                "data" | "local" | "path" | "count" | "self" | "terraform" | "" => {}
                kind => {
                    let wanted = steps.get(1).and_then(|(_, index)| index.as_ref());
                    let all = self.resources.iter().enumerate();
                    let matching = all.filter(|(_, resource)| {
                        resource.module == module
                            && !resource.is_data
                            && resource.kind == kind
                            && resource.name == name(1)
                            && wanted
                                .is_none_or(|wanted| resource.instance.as_ref() == Some(wanted))
                    });
                    found.extend(matching.map(|(index, _)| index));
                }
            }
        }
    }

    fn follow_output(&self, module: &str, steps: &[Step], rest: usize, found: &mut Vec<usize>) {
        let (Some((call, index)), Some((output, _))) = (steps.get(1), steps.get(2)) else {
            return;
        };
        let expression = self.configuration(module).and_then(|node| {
            let called = node.get("module_calls")?.get(call)?.get("module")?;
            called.get("outputs")?.get(output)?.get("expression")
        });
        let Some(expression) = expression else { return };
        let dot = if module.is_empty() { "" } else { "." };
        let prefix = format!("{module}{dot}module.{call}");
        for child in &self.modules {
            let instance = child.strip_prefix(&prefix);
            let is_meant = instance.is_some_and(|instance| {
                let (_, own) = self::steps(instance).into_iter().next().unwrap_or_default();
                (instance.is_empty() || instance.starts_with('['))
                    && self::steps(instance).len() == 1
                    && (index.is_none() || own == *index)
            });
            if is_meant {
                self.follow((child, None), expression, rest, found);
            }
        }
    }

    fn follow_variable(&self, module: &str, name: &str, rest: usize, found: &mut Vec<usize>) {
        let cut = match module.rfind(".module.") {
            Some(cut) => (&module[..cut], &module[cut + ".module.".len()..]),
            None => match module.strip_prefix("module.") {
                Some(call) => ("", call),
                None => return,
            },
        };
        let (parent, call) = cut;
        let call = steps(call).into_iter().next().unwrap_or_default().0;
        let expression = self.configuration(parent).and_then(|node| {
            let call = node.get("module_calls")?.get(&call)?;
            call.get("expressions")?.get(name)
        });
        if let Some(expression) = expression {
            self.follow((parent, None), expression, rest, found);
        }
    }

    /// The value of a variable of the root module.
    pub(super) fn variable(&self, name: &str) -> Option<&'n str> {
        let given = self.document.get("variables").and_then(|all| all.get(name));
        let value = given.and_then(|node| node.get("value"));
        value.and_then(Node::as_text)
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
