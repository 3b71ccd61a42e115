//! Functions, parameters, mappings and conditions of a template.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Node, Span, Value};

use super::{dynamic, names, parameters};
use crate::aws_cli::partition_of;
use crate::params::Params;
use crate::sketch::{list, text};

/// Functions in functions. Templates nest less, and values of functions may hold functions.
pub(super) const DEPTH_MAX: usize = 100;

/// How often functions may be evaluated for one template: lists of lists of parameters grow fast.
const STEPS_MAX: usize = 2_000_000;

/// Bytes of a text that functions make.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// What a part of a template comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Evaluated {
    /// This.
    Known(Node),
    /// `AWS::NoValue`: as if it were left out.
    NoValue,
    /// Not determined; parameters, resources and functions that it hangs on.
    Later(BTreeSet<String>),
}

use Evaluated::{Known, Later, NoValue};

/// What stands for a part of a text that is not determined, by its place in an ARN.
#[derive(Debug, Clone)]
pub(super) struct Filler {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) other: String,
}

fn later(name: impl Into<String>) -> Evaluated {
    Later(BTreeSet::from([name.into()]))
}

/// A template and where its stack will be.
#[derive(Debug)]
pub(super) struct Template<'n> {
    node: &'n Node,
    parameters: BTreeMap<&'n str, Evaluated>,
    account: String,
    region: String,
    resources: BTreeMap<&'n str, &'n Node>,
    unknown: RefCell<BTreeMap<String, Span>>,
    steps: RefCell<usize>,
    /// Conditions that are determined, by their names.
    conditions: RefCell<BTreeMap<String, bool>>,
    /// What stands in texts for a part that is not determined, where such texts are wanted.
    filler: RefCell<Option<Filler>>,
    /// Whether it was put into one.
    is_filled: Cell<bool>,
}

impl<'n> Template<'n> {
    pub(super) fn new(
        node: &'n Node,
        params: &Params,
        (account, region): (String, String),
    ) -> Self {
        let members = |name: &str| node.get(name).map_or(&[][..], Node::members);
        let mut parameters = BTreeMap::new();
        for member in members("Parameters") {
            let given = params.get(&member.name);
            if given.is_some() {
                params.was_filled(&member.name);
            }
            let value = parameters::value(&member.name, &member.value, given);
            parameters.insert(member.name.as_str(), value);
        }
        let resources = members("Resources").iter();
        Self {
            node,
            parameters,
            account,
            region,
            resources: resources
                .map(|member| (member.name.as_str(), &member.value))
                .collect(),
            unknown: RefCell::default(),
            steps: RefCell::new(0),
            conditions: RefCell::default(),
            filler: RefCell::default(),
            is_filled: Cell::new(false),
        }
    }

    /// As [`Self::evaluate`], with texts of which a part is not determined: `filler` stands for it. True if there is one.
    pub(super) fn evaluate_with(&self, node: &Node, filler: Filler) -> (Evaluated, bool) {
        self.filler.replace(Some(filler));
        self.is_filled.set(false);
        let value = self.evaluate(node);
        self.filler.replace(None);
        (value, self.is_filled.get())
    }

    /// What stands for the part of a text that comes behind another part.
    fn filler_behind(&self, made: &str) -> Option<String> {
        let filler = self.filler.borrow();
        let filler = filler.as_ref()?;
        self.is_filled.set(true);
        let arn = made.rfind("arn:").and_then(|at| made.get(at..));
        Some(match arn.map_or(0, |arn| arn.matches(':').count()) {
            1 => "aws".to_owned(),
            3 => filler.region.clone(),
            4 => filler.account.clone(),
            _ => filler.other.clone(),
        })
    }

    pub(super) fn home(&self) -> (&str, &str) {
        (&self.account, &self.region)
    }

    pub(super) fn partition(&self) -> &'static str {
        partition_of(&self.region)
    }

    /// Resources in the order of their names.
    pub(super) fn resources(&self) -> Vec<(&'n str, &'n Node)> {
        self.resources
            .iter()
            .map(|(name, node)| (*name, *node))
            .collect()
    }

    pub(super) fn resource(&self, name: &str) -> Option<&'n Node> {
        self.resources.get(name).copied()
    }

    /// Names that nothing has, with a place that names them.
    pub(super) fn unknown_references(&self) -> BTreeMap<String, Span> {
        self.unknown.borrow().clone()
    }

    /// Whether a resource is made.
    pub(super) fn is_made(&self, resource: &Node) -> Result<bool, BTreeSet<String>> {
        match resource.get("Condition").and_then(Node::scalar_text) {
            Some(name) => {
                let is_made = self.named_condition(name, DEPTH_MAX);
                is_made.map_err(|mut names| {
                    names.insert(name.to_owned());
                    names
                })
            }
            None => Ok(true),
        }
    }

    pub(super) fn evaluate(&self, node: &Node) -> Evaluated {
        self.evaluate_within(node, DEPTH_MAX)
    }

    /// As [`Self::evaluate`], with so many functions left to nest.
    pub(super) fn evaluate_within(&self, node: &Node, rest: usize) -> Evaluated {
        self.value(node, rest)
    }

    fn value(&self, node: &Node, rest: usize) -> Evaluated {
        let Some(rest) = rest.checked_sub(1) else {
            return later("functions nested too deep");
        };
        {
            let mut steps = self.steps.borrow_mut();
            *steps += 1;
            if *steps > STEPS_MAX {
                return later("more functions than preclear evaluates");
            }
        }
        match &node.value {
            Value::Null => Known(node.clone()),
            Value::Scalar(scalar) => resolved(node.clone(), &scalar.text),
            Value::Sequence(items) => {
                let mut known = Vec::with_capacity(items.len());
                let mut open = BTreeSet::new();
                for item in items {
                    match self.value(item, rest) {
                        Known(item) => known.push(item),
                        NoValue => {}
                        Later(names) => open.extend(names),
                    }
                }
                match open.is_empty() {
                    true => Known(list(node.span, known)),
                    false => Later(open),
                }
            }
            Value::Mapping(members) => {
                if let [member] = members.as_slice()
                    && (member.name == "Ref" || member.name.starts_with("Fn::"))
                {
                    return match self.function(&member.name, &member.value, rest) {
                        // What a function makes stands where the function stands.
                        Known(mut made) => {
                            if matches!(made.value, Value::Scalar(_)) {
                                made.span = node.span;
                            }
                            Known(made)
                        }
                        other => other,
                    };
                }
                let mut known = Vec::with_capacity(members.len());
                let mut open = functions_of(members);
                for member in members {
                    open.extend(dynamic::references(&member.name));
                    match self.value(&member.value, rest) {
                        Known(value) => known.push(preclear_model::node::Member {
                            value,
                            ..member.clone()
                        }),
                        NoValue => {}
                        Later(names) => open.extend(names),
                    }
                }
                match open.is_empty() {
                    true => Known(Node {
                        span: node.span,
                        value: Value::Mapping(known),
                    }),
                    false => Later(open),
                }
            }
        }
    }

    fn function(&self, name: &str, argument: &Node, rest: usize) -> Evaluated {
        match name {
            "Ref" => match argument.scalar_text() {
                Some(name) => self.reference(name, argument.span, rest),
                None => later("Ref"),
            },
            "Fn::GetAtt" => self.attribute(argument, rest),
            "Fn::Sub" => self.substitute(argument, rest),
            "Fn::Join" => self.join(argument, rest),
            "Fn::Select" => self.select(argument, rest),
            "Fn::Split" => self.split(argument, rest),
            "Fn::If" => match argument.items() {
                [condition, yes, no] => match condition.scalar_text() {
                    Some(condition) => match self.named_condition(condition, rest) {
                        Ok(true) => self.value(yes, rest),
                        Ok(false) => self.value(no, rest),
                        Err(names) => Later(names),
                    },
                    None => later("Fn::If"),
                },
                _ => later("Fn::If"),
            },
            "Fn::FindInMap" => self.find_in_map(argument, rest),
            "Fn::ImportValue" => match self.value(argument, rest) {
                Known(node) => later(format!(
                    "import of {}",
                    node.scalar_text().unwrap_or("a value")
                )),
                other => other,
            },
            other => later(shown(other, argument)),
        }
    }

    /// Macros that change a resource in ways that preclear does not know: those of the whole template, and those in it.
    pub(super) fn rewritten_by(&self, resource: &Node) -> BTreeSet<String> {
        let mut macros = self.macros();
        let properties = resource.get("Properties").map_or(&[][..], Node::members);
        macros.extend(functions_of(resource.members()));
        macros.extend(functions_of(properties));
        macros
    }

    /// Macros of the whole template.
    pub(super) fn macros(&self) -> BTreeSet<String> {
        let Some(node) = self.node.get("Transform") else {
            return BTreeSet::new();
        };
        let items = match node.as_sequence() {
            Some(items) => items,
            None => std::slice::from_ref(node),
        };
        let names = items.iter().map(|item| {
            let name = item
                .scalar_text()
                .or_else(|| item.get("Name")?.scalar_text());
            name.unwrap_or("a macro").to_owned()
        });
        names
            .filter(|name| !KNOWN_MACROS.contains(&name.as_str()))
            .collect()
    }

    /// Where the template names its macros.
    pub(super) fn macros_node(&self) -> Option<&'n Node> {
        self.node.get("Transform")
    }

    /// `Ref`
    fn reference(&self, name: &str, span: Span, rest: usize) -> Evaluated {
        let known = |value: &str| Known(text(span, value));
        match name {
            "AWS::NoValue" => NoValue,
            "AWS::AccountId" => known(&self.account),
            "AWS::Region" => known(&self.region),
            "AWS::Partition" => known(self.partition()),
            "AWS::URLSuffix" => known(match self.partition() {
                "aws-cn" => "amazonaws.com.cn",
                _ => "amazonaws.com",
            }),
            pseudo if pseudo.starts_with("AWS::") => later(pseudo),
            name => match self.parameters.get(name) {
                Some(value) => value.clone(),
                None => match self.resource(name) {
                    Some(_) => match names::reference(self, name, rest) {
                        Some(value) => known(&value),
                        None => later(name),
                    },
                    None => self.unknown(name, span),
                },
            },
        }
    }

    fn unknown(&self, name: &str, span: Span) -> Evaluated {
        let mut unknown = self.unknown.borrow_mut();
        unknown.entry(name.to_owned()).or_insert(span);
        later(name)
    }

    /// `Fn::GetAtt`
    fn attribute(&self, argument: &Node, rest: usize) -> Evaluated {
        let (name, attribute) = match argument.items() {
            [name, attribute] => match (name.scalar_text(), self.value(attribute, rest)) {
                (Some(name), Known(node)) => (
                    name.to_owned(),
                    node.scalar_text().unwrap_or_default().to_owned(),
                ),
                (_, Later(names)) => return Later(names),
                _ => return later("Fn::GetAtt"),
            },
            _ => match argument.scalar_text().and_then(|text| text.split_once('.')) {
                Some((name, attribute)) => (name.to_owned(), attribute.to_owned()),
                None => return later("Fn::GetAtt"),
            },
        };
        self.attribute_of(&name, &attribute, argument.span, rest)
    }

    fn attribute_of(&self, name: &str, attribute: &str, span: Span, rest: usize) -> Evaluated {
        if self.resource(name).is_none() {
            return self.unknown(name, span);
        }
        match names::attribute(self, name, attribute, rest) {
            Some(value) => Known(text(span, value)),
            None => later(format!("{name}.{attribute}")),
        }
    }

    /// `Fn::Sub`
    fn substitute(&self, argument: &Node, rest: usize) -> Evaluated {
        let (pattern, map) = match argument.items() {
            [pattern, map] => (pattern, Some(map)),
            _ => (argument, None),
        };
        let Some(pattern_text) = pattern.scalar_text() else {
            return later("Fn::Sub");
        };
        let mut made = String::with_capacity(pattern_text.len());
        let mut open = BTreeSet::new();
        let mut left = pattern_text;
        while let Some((before, behind)) = left.split_once("${") {
            made.push_str(before);
            let Some((name, behind)) = behind.split_once('}') else {
                made.push_str("${");
                left = behind;
                continue;
            };
            left = behind;
            if let Some(literal) = name.strip_prefix('!') {
                made.push_str(&format!("${{{literal}}}"));
                continue;
            }
            let name = name.trim();
            let value = match map.and_then(|map| map.get(name)) {
                Some(value) => self.value(value, rest),
                None => match name.split_once('.') {
                    Some((resource, attribute)) => {
                        self.attribute_of(resource, attribute, pattern.span, rest)
                    }
                    // A policy variable that somebody forgot to mark: CloudFormation refuses it.
                    None => self.reference(name, pattern.span, rest),
                },
            };
            let names = match value {
                Known(node) => match node.as_scalar() {
                    Some(scalar) => {
                        made.push_str(&scalar.text);
                        continue;
                    }
                    None => BTreeSet::from([name.to_owned()]),
                },
                NoValue => BTreeSet::from([name.to_owned()]),
                Later(names) => names,
            };
            match self.filler_behind(&made) {
                Some(filler) => made.push_str(&filler),
                None => open.extend(names),
            }
        }
        made.push_str(left);
        if made.len() > TEXT_BYTES_MAX {
            return later("a text that is too long");
        }
        match open.is_empty() {
            true => resolved(text(pattern.span, &made), &made),
            false => Later(open),
        }
    }

    /// `Fn::Join`
    fn join(&self, argument: &Node, rest: usize) -> Evaluated {
        let [separator, items] = argument.items() else {
            return later("Fn::Join");
        };
        let Some(separator) = separator.scalar_text() else {
            return later("Fn::Join");
        };
        let items = self.joined(separator, items, rest);
        match items {
            Known(items) => {
                let texts: Option<Vec<&str>> = items
                    .items()
                    .iter()
                    .map(|item| item.as_scalar().map(|scalar| scalar.text.as_str()))
                    .collect();
                match texts {
                    Some(texts)
                        if texts
                            .iter()
                            .map(|text| text.len() + separator.len())
                            .sum::<usize>()
                            > TEXT_BYTES_MAX =>
                    {
                        later("a text that is too long")
                    }
                    Some(texts) if items.as_sequence().is_some() => {
                        let made = texts.join(separator);
                        resolved(text(argument.span, &made), &made)
                    }
                    _ => later("Fn::Join"),
                }
            }
            other => other,
        }
    }

    /// The items of `Fn::Join`.
    fn joined(&self, separator: &str, items: &Node, rest: usize) -> Evaluated {
        if self.filler.borrow().is_none() || items.as_sequence().is_none() {
            return self.value(items, rest);
        }
        let mut made = String::new();
        let mut known = Vec::new();
        for item in items.items() {
            let value = match self.value(item, rest) {
                Known(value) => value,
                NoValue => continue,
                Later(_) => text(item.span, self.filler_behind(&made).unwrap_or_default()),
            };
            if let Some(scalar) = value.as_scalar().filter(|_| made.len() < TEXT_BYTES_MAX) {
                made.push_str(&scalar.text);
                made.push_str(separator);
            }
            known.push(value);
        }
        Known(list(items.span, known))
    }

    /// `Fn::Select`
    fn select(&self, argument: &Node, rest: usize) -> Evaluated {
        let [index, items] = argument.items() else {
            return later("Fn::Select");
        };
        let index = match self.value(index, rest) {
            Known(node) => node
                .as_scalar()
                .and_then(|scalar| scalar.text.parse::<usize>().ok()),
            Later(names) => return Later(names),
            NoValue => None,
        };
        match (index, self.value(items, rest)) {
            (Some(index), Known(items)) => match items.items().get(index) {
                Some(item) => Known(item.clone()),
                None => later("Fn::Select"),
            },
            (_, Later(names)) => Later(names),
            _ => later("Fn::Select"),
        }
    }

    /// `Fn::Split`
    fn split(&self, argument: &Node, rest: usize) -> Evaluated {
        let [separator, whole] = argument.items() else {
            return later("Fn::Split");
        };
        let separator = separator.scalar_text().filter(|text| !text.is_empty());
        match (separator, self.value(whole, rest)) {
            (Some(separator), Known(whole)) => match whole.scalar_text() {
                Some(whole_text) => {
                    let parts = whole_text.split(separator);
                    let parts = parts.map(|part| text(whole.span, part)).collect();
                    Known(list(argument.span, parts))
                }
                None => later("Fn::Split"),
            },
            (_, Later(names)) => Later(names),
            _ => later("Fn::Split"),
        }
    }

    /// `Fn::FindInMap`
    fn find_in_map(&self, argument: &Node, rest: usize) -> Evaluated {
        let mut keys = Vec::new();
        for item in argument.items().iter().take(3) {
            match self.value(item, rest) {
                Known(node) => match node.as_scalar() {
                    Some(scalar) => keys.push(scalar.text.clone()),
                    None => return later("Fn::FindInMap"),
                },
                NoValue => return later("Fn::FindInMap"),
                Later(names) => return Later(names),
            }
        }
        let [map, first, second] = keys.as_slice() else {
            return later("Fn::FindInMap");
        };
        let found = self.node.get("Mappings").and_then(|maps| {
            let value = maps.get(map)?.get(first)?.get(second)?;
            Some(value.clone())
        });
        if let Some(found) = found {
            return self.value(&found, rest);
        }
        let default = argument.items().get(3);
        match default.and_then(|options| options.get("DefaultValue")) {
            Some(default) => self.value(default, rest),
            None => later(format!("mapping {map}")),
        }
    }

    pub(super) fn named_condition(
        &self,
        name: &str,
        rest: usize,
    ) -> Result<bool, BTreeSet<String>> {
        if let Some(known) = self.conditions.borrow().get(name) {
            return Ok(*known);
        }
        // What stands for something unknown decides nothing.
        let filler = self.filler.take();
        let conditions = self.node.get("Conditions");
        let value = match conditions.and_then(|conditions| conditions.get(name)) {
            Some(condition) => self.condition(condition, rest),
            None => Err(BTreeSet::from([format!("condition {name}")])),
        };
        self.filler.replace(filler);
        if let Ok(known) = value {
            let mut conditions = self.conditions.borrow_mut();
            conditions.insert(name.to_owned(), known);
        }
        value
    }

    fn condition(&self, node: &Node, rest: usize) -> Result<bool, BTreeSet<String>> {
        let unclear = |name: &str| Err(BTreeSet::from([name.to_owned()]));
        let Some(rest) = rest.checked_sub(1) else {
            return unclear("conditions nested too deep");
        };
        {
            let mut steps = self.steps.borrow_mut();
            *steps += 1;
            if *steps > STEPS_MAX {
                return unclear("more functions than preclear evaluates");
            }
        }
        let [member] = node.members() else {
            return match node.as_bool() {
                Some(value) => Ok(value),
                None => unclear("a condition"),
            };
        };
        let items = member.value.items();
        match member.name.as_str() {
            "Condition" => match member.value.scalar_text() {
                Some(name) => self.named_condition(name, rest),
                None => unclear("Condition"),
            },
            "Fn::Equals" => {
                let [a, b] = items else {
                    return unclear("Fn::Equals");
                };
                match (self.value(a, rest), self.value(b, rest)) {
                    (Known(a), Known(b)) => Ok(is_same(&a, &b)),
                    (a, b) => {
                        let mut names = BTreeSet::new();
                        for one in [a, b] {
                            if let Later(more) = one {
                                names.extend(more);
                            }
                        }
                        if names.is_empty() {
                            names.insert("AWS::NoValue".to_owned());
                        }
                        Err(names)
                    }
                }
            }
            "Fn::Not" => match items {
                [one] => self.condition(one, rest).map(|value| !value),
                _ => unclear("Fn::Not"),
            },
            name @ ("Fn::And" | "Fn::Or") => {
                let ends_it = name == "Fn::Or";
                let mut open = BTreeSet::new();
                for item in items {
                    match self.condition(item, rest) {
                        Ok(value) if value == ends_it => return Ok(ends_it),
                        Ok(_) => {}
                        Err(names) => open.extend(names),
                    }
                }
                match open.is_empty() {
                    true => Ok(!ends_it),
                    false => Err(open),
                }
            }
            other => unclear(other),
        }
    }
}

/// A value of one text: not determined where only the deployment tells a part of it.
fn resolved(node: Node, made: &str) -> Evaluated {
    let references = dynamic::references(made);
    match references.is_empty() {
        true => Known(node),
        false => Later(references),
    }
}

/// Functions beside other members: what they put there is not known.
pub(super) fn functions_of(members: &[preclear_model::node::Member]) -> BTreeSet<String> {
    let functions = members.iter().filter(|member| is_function(member));
    functions
        .map(|member| shown(&member.name, &member.value))
        .collect()
}

fn is_function(member: &preclear_model::node::Member) -> bool {
    member.name.starts_with("Fn::")
}

/// A function as answers name it; of a macro with the name of the macro.
fn shown(function: &str, argument: &Node) -> String {
    let own = argument.get("Name").and_then(Node::scalar_text);
    match (function, own) {
        ("Fn::Transform", Some(name)) => format!("Fn::Transform of {name}"),
        _ => function.to_owned(),
    }
}

/// Macros of AWS that change nothing that preclear reads, or what it names as not read.
const KNOWN_MACROS: [&str; 2] = ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"];

/// Values are compared as texts, places aside.
fn is_same(a: &Node, b: &Node) -> bool {
    match (a.as_scalar(), b.as_scalar()) {
        (Some(a), Some(b)) => a.text == b.text,
        _ => a.to_json() == b.to_json(),
    }
}
