//! What expressions refer to, through variables, outputs and `each`.

use preclear_model::Node;

use super::attributes::NAMES;
use super::graph::{Graph, Resource};

/// How far references are followed from variable to variable and output to output.
const STEPS_MAX: usize = 32;

/// True if a reference is a longer one cut at a dot or bracket: `a.b["c"].d` is followed by `a.b["c"]` and `a.b`.
fn is_short_for(short: &str, long: &str) -> bool {
    let rest = long.strip_prefix(short);
    rest.is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// Attributes of an alias that tell which key is meant.
const OF_ALIAS: [&str; 2] = ["target_key_id", "target_key_arn"];

/// True for an attribute that tells which resource is meant.
fn is_naming(attribute: &str) -> bool {
    NAMES.contains(&attribute) || OF_ALIAS.contains(&attribute)
}

/// True for what tells where a resource is, which no expression takes for more than a part of a text.
fn is_of_home(reference: &str) -> bool {
    let sources = ["aws_caller_identity", "aws_partition", "aws_region"];
    let own = reference.strip_prefix("data.");
    own.is_some_and(|own| {
        sources
            .iter()
            .any(|name| *name == own || is_short_for(name, own))
    })
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// What a resource belongs to.
    Owners,
    /// Policy documents of data sources.
    Documents,
    /// ARNs in elements of a policy; the account, the Region and the partition in others are known.
    Arns,
}

/// Where a reference stands.
#[derive(Debug, Clone, Copy)]
struct Scope<'s, 'n> {
    module: &'s str,
    /// What is configured there: `each` is its.
    configuration: Option<&'n Node>,
    /// Which of several it is.
    instance: Option<&'s str>,
    aim: Aim,
}

/// What an expression refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    /// Resources that it names, whichever way.
    pub(super) targets: Vec<usize>,
    /// True if all that it refers to is one resource each.
    pub(super) is_plain: bool,
    /// True if it takes nothing of them but ARNs.
    pub(super) are_arns: bool,
}

impl Resolved {
    /// Nothing that can be told.
    fn nothing() -> Self {
        Self {
            targets: Vec::new(),
            is_plain: false,
            are_arns: false,
        }
    }
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

impl<'n> Graph<'n> {
    /// Resources that an expression refers to.
    pub(super) fn resolve(&self, from: &Resource<'n>, expression: &Node) -> Resolved {
        self.resolve_to(Aim::Owners, from, expression)
    }

    /// The data source whose policy document an expression is, if a reference to it is the whole expression.
    pub(super) fn document(&self, from: &Resource<'n>, expression: &Node) -> Option<usize> {
        let found = self.resolve_to(Aim::Documents, from, expression).one()?;
        let source = self.resources.get(found)?;
        (source.is_data && source.kind == "aws_iam_policy_document").then_some(found)
    }

    /// Resources whose ARNs stand in an element of a policy.
    pub(super) fn arns(&self, from: &Resource<'n>, expression: &Node) -> Resolved {
        self.resolve_to(Aim::Arns, from, expression)
    }

    fn resolve_to(&self, aim: Aim, from: &Resource<'n>, expression: &Node) -> Resolved {
        let scope = Scope {
            module: &from.module,
            configuration: from.configuration,
            instance: from.instance.as_deref(),
            aim,
        };
        let mut resolved = self.follow(scope, expression, STEPS_MAX);
        resolved.targets.sort_unstable();
        resolved.targets.dedup();
        resolved
    }

    fn follow(&self, scope: Scope<'_, 'n>, expression: &Node, rest: usize) -> Resolved {
        let mut found = Resolved::nothing();
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
        if scope.aim == Aim::Arns {
            whole.retain(|reference| !is_of_home(reference));
        }
        found.is_plain = !whole.is_empty();
        found.are_arns = found.is_plain;
        for reference in whole {
            if found.targets.len() > self.resources.len() {
                break;
            }
            let one = self.follow_one(scope, reference, is_indexed, rest);
            found.is_plain &= one.is_plain;
            found.are_arns &= one.are_arns;
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
        let nothing = Resolved::nothing;
        let steps = steps(reference);
        let name = |at: usize| steps.get(at).map_or("", |(name, _)| name.as_str());
        let mut found = match name(0) {
            "module" => self.follow_output(scope, &steps, rest),
            "var" if steps.len() == 2 && steps.iter().all(|(_, index)| index.is_none()) => {
                self.follow_variable(scope, name(1), rest)
            }
            "each" if name(1) == "value" => {
                let each = scope.configuration;
                let each = each.and_then(|node| node.get("for_each_expression"));
                // The values are those resources themselves where nothing but one name stands there.
                let references = each.and_then(|each| each.get("references"));
                let references = references.map_or(&[][..], Node::items);
                match (references, &steps[..]) {
                    ([one], [_, _, (attribute, None)]) if is_naming(attribute) => {
                        let one = one.as_text().unwrap_or_default();
                        match self::steps(one).len() {
                            2 => self.instances(scope, &self::steps(one), true, rest),
                            _ => nothing(),
                        }
                    }
                    _ => nothing(),
                }
            }
            "data" if scope.aim == Aim::Documents => {
                let own = steps.get(1..).unwrap_or_default();
                return self.instances(scope, own, is_indexed, rest);
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
        let by_name = match scope.aim {
            Aim::Documents => &self.data_by_name,
            Aim::Owners | Aim::Arns => &self.by_name,
        };
        let all = by_name.get(&kind_and_name).cloned().unwrap_or_default();
        let of_instance = |all: &[usize], wanted: Option<&str>| -> Vec<usize> {
            let all = all.iter().copied();
            all.filter(|index| {
                let resource = self.resources.get(*index);
                resource.is_some_and(|resource| resource.instance.as_deref() == wanted)
            })
            .collect()
        };
        let names_one = match steps {
            [_, _] => true,
            [_, _, (attribute, None)] if scope.aim == Aim::Documents => {
                matches!(attribute.as_str(), "json" | "minified_json")
            }
            [_, _, (attribute, None)] => is_naming(attribute),
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
        if let [one] = targets[..]
            && OF_ALIAS.contains(&name(2))
        {
            // The key of an alias is the one that the alias is configured with.
            let alias = self.resources.get(one);
            let expression = alias.and_then(|alias| alias.expression(&["target_key_id"]));
            if let (Some(alias), Some(expression)) = (alias, expression) {
                let scope = Scope {
                    module: &alias.module,
                    configuration: alias.configuration,
                    instance: alias.instance.as_deref(),
                    aim: scope.aim,
                };
                return self.follow(scope, expression, rest);
            }
        }
        Resolved {
            is_plain: targets.len() == 1 && names_one && !is_unclear,
            are_arns: matches!(steps, [_, _, (attribute, None)] if attribute == "arn"),
            targets,
        }
    }

    fn follow_output(&self, scope: Scope<'_, 'n>, steps: &[Step], rest: usize) -> Resolved {
        let (module, nothing) = (scope.module, Resolved::nothing());
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
            aim: scope.aim,
        };
        self.follow(scope, expression, rest)
    }

    /// The expression that a call gives for a variable, and the module where it stands.
    fn given<'m>(
        &self,
        module: &'m str,
        name: &str,
        aim: Aim,
    ) -> Option<(Scope<'m, 'n>, &'n Node)> {
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
            aim,
        };
        Some((scope, call.get("expressions")?.get(name)?))
    }

    fn follow_variable(&self, scope: Scope<'_, 'n>, name: &str, rest: usize) -> Resolved {
        match self.given(scope.module, name, scope.aim) {
            Some((scope, expression)) => self.follow(scope, expression, rest),
            None => Resolved::nothing(),
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
            let given = self.given(&module, name, Aim::Owners);
            let Some((scope, given)) = given else {
                let variables = self.configuration(&module)?.get("variables")?;
                return variables.get(name)?.get("default")?.as_text();
            };
            let parent = scope.module.to_owned();
            (module, expression) = (parent, given);
        }
        None
    }
}
