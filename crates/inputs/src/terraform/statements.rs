//! Statements of a data source `aws_iam_policy_document` that is read while applying. Rule: IAM-TRI-7.
//!
//! A list of which some items are unknown says at least what it names, and at most anything. So a statement becomes two: one that
//! certainly applies to what is known, and one that is as wide as can be, of which it is open whether it applies.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Node, Span};

use super::graph::{holds_true, is_true};
use crate::sketch::{list, object, text};

/// A statement of the document.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) node: Node,
    /// What it hangs on; empty for one that is all known.
    pub(super) open: BTreeSet<String>,
}

/// An element whose references are wanted.
#[derive(Debug)]
pub(super) enum Element<'e> {
    Member(&'e str),
    /// `principals`, which stand in so many blocks.
    Principals {
        name: &'e str,
        blocks: usize,
    },
}

/// What the references of an element tell of its unknown items.
#[derive(Debug)]
pub(super) enum Arns {
    /// They are these.
    These(Vec<String>),
    /// Each of them is one of these, perhaps with something behind it.
    Beginnings(Vec<String>),
}

/// What the statement's surroundings tell.
pub(super) struct Origins<'o> {
    pub(super) version: &'o str,
    /// How the statement is called.
    pub(super) place: &'o str,
    /// What the unknown items of an element are, so many.
    pub(super) arns: &'o dyn Fn(&Element<'_>, usize) -> Option<Arns>,
}

/// A list of texts.
enum Texts {
    /// These, and so many that are unknown.
    Some(Vec<Node>, usize),
    /// Nobody knows how many.
    Unknown,
}

/// An element of the statement, in two readings.
struct Part {
    /// What it says at least; `None` if that may be nothing.
    certain: Option<(&'static str, Node)>,
    /// What it says at most.
    wide: (&'static str, Node),
    /// The argument of which something is unknown.
    unknown: Option<&'static str>,
}

impl Part {
    fn known(name: &'static str, node: Node) -> Self {
        Self {
            certain: Some((name, node.clone())),
            wide: (name, node),
            unknown: None,
        }
    }

    /// Known items, and others of which nothing is known.
    fn of_some(argument: &'static str, name: &'static str, known: Vec<Node>, wide: Node) -> Self {
        let certain = (!known.is_empty()).then(|| (name, list(wide.span, known)));
        Self {
            certain,
            wide: (name, wide),
            unknown: Some(argument),
        }
    }
}

/// The statements that a block makes; `None` if nothing can be said of it.
pub(super) fn read(block: &Node, told: &Node, origins: &Origins<'_>) -> Option<Vec<Statement>> {
    let reader = Block {
        block,
        told,
        origins,
        span: block.span,
    };
    let effects = reader.effects()?;
    let mut open = BTreeSet::new();
    if effects.len() > 1 {
        open.insert(format!("{}.effect", origins.place));
    }
    let mut parts = Vec::new();
    let found = [reader.principals()?, reader.actions()?, reader.resources()?];
    for part in found.into_iter().flatten() {
        let element = part.unknown.map(|name| format!("{}.{name}", origins.place));
        open.extend(element);
        parts.push(part);
    }
    let (condition, is_known) = reader.conditions()?;
    if !is_known {
        open.insert(format!("{}.condition", origins.place));
    }
    let condition = condition.map(|node| ("Condition", node));
    let certain: Option<Vec<_>> = parts.iter().map(|part| part.certain.clone()).collect();
    let certain = certain.filter(|_| effects.len() == 1 && is_known);
    let statement = |effect: &str, sid: Option<Node>, parts: Vec<(&'static str, Node)>| {
        let sid = sid.map(|sid| ("Sid", sid));
        let effect = ("Effect", text(reader.span, effect));
        let members = sid.into_iter().chain([effect]).chain(parts);
        object(reader.span, members.chain(condition.clone()))
    };
    let mut found = Vec::new();
    // Two statements cannot have one Sid.
    let mut sid = reader.sid();
    if let (Some(certain), [effect]) = (certain, &effects[..]) {
        found.push(Statement {
            node: statement(effect, sid.take(), certain),
            open: BTreeSet::new(),
        });
    }
    if !open.is_empty() {
        let wide: Vec<_> = parts.into_iter().map(|part| part.wide).collect();
        found.extend(effects.iter().map(|effect| Statement {
            node: statement(effect, sid.take(), wide.clone()),
            open: open.clone(),
        }));
    }
    Some(found)
}

/// A block with what is unknown of it.
struct Block<'b> {
    block: &'b Node,
    told: &'b Node,
    origins: &'b Origins<'b>,
    span: Span,
}

impl Block<'_> {
    fn is_unknown(&self, name: &str) -> bool {
        self.told.get(name).is_some_and(is_true)
    }

    /// The effects that it may have.
    fn effects(&self) -> Option<Vec<&'static str>> {
        if self.is_unknown("effect") {
            return Some(vec!["Allow", "Deny"]);
        }
        match self.block.get("effect").filter(|node| !node.is_null()) {
            None => Some(vec!["Allow"]),
            Some(node) => match node.as_text()? {
                "" | "Allow" => Some(vec!["Allow"]),
                "Deny" => Some(vec!["Deny"]),
                _ => None,
            },
        }
    }

    fn sid(&self) -> Option<Node> {
        let sid = self.block.get("sid").filter(|node| !node.is_null())?;
        (!sid.as_text()?.is_empty()).then(|| sid.clone())
    }

    /// The one of an element and its negated twin that is given.
    fn either(&self, name: &'static str, negated: &'static str) -> Option<(Texts, bool)> {
        let is_none = |texts: &Texts| matches!(texts, Texts::Some(known, 0) if known.is_empty());
        let own = self.texts(self.block, self.told, name)?;
        let not = self.texts(self.block, self.told, negated)?;
        match (is_none(&own), is_none(&not)) {
            (_, true) => Some((own, false)),
            (true, false) => Some((not, true)),
            (false, false) => None,
        }
    }

    fn actions(&self) -> Option<Option<Part>> {
        let anything = || text(self.span, "*");
        Some(Some(match self.either("actions", "not_actions")? {
            (Texts::Some(known, 0), _) if known.is_empty() => return None,
            (Texts::Some(known, 0), false) => Part::known("Action", list(self.span, known)),
            (Texts::Some(known, 0), true) => Part::known("NotAction", list(self.span, known)),
            (Texts::Some(known, _), false) => Part::of_some("actions", "Action", known, anything()),
            (texts, true) => self.all_but("not_actions", ["NotAction", "Action"], texts),
            (Texts::Unknown, false) => Part::of_some("actions", "Action", Vec::new(), anything()),
        }))
    }

    fn resources(&self) -> Option<Option<Part>> {
        let anything = || text(self.span, "*");
        let (texts, is_negated) = self.either("resources", "not_resources")?;
        Some(Some(match (texts, is_negated) {
            (Texts::Some(known, 0), _) if known.is_empty() => return Some(None),
            (Texts::Some(known, 0), false) => Part::known("Resource", list(self.span, known)),
            (Texts::Some(known, 0), true) => Part::known("NotResource", list(self.span, known)),
            (Texts::Some(mut known, expected), false) => {
                match (self.origins.arns)(&Element::Member("resources"), expected) {
                    Some(Arns::These(arns)) => {
                        known.extend(arns.into_iter().map(|arn| text(self.span, arn)));
                        Part::known("Resource", list(self.span, known))
                    }
                    Some(Arns::Beginnings(arns)) => {
                        let begun = arns.iter().map(|arn| text(self.span, format!("{arn}*")));
                        let wide = known.iter().cloned().chain(begun).collect();
                        Part::of_some("resources", "Resource", known, list(self.span, wide))
                    }
                    None => Part::of_some("resources", "Resource", known, anything()),
                }
            }
            (texts, true) => self.all_but("not_resources", ["NotResource", "Resource"], texts),
            (Texts::Unknown, false) => {
                Part::of_some("resources", "Resource", Vec::new(), anything())
            }
        }))
    }

    /// A negated element of which some is unknown: at most, it leaves out what is known.
    fn all_but(
        &self,
        argument: &'static str,
        [negated, name]: [&'static str; 2],
        texts: Texts,
    ) -> Part {
        let wide = match texts {
            Texts::Some(known, _) if !known.is_empty() => (negated, list(self.span, known)),
            _ => (name, text(self.span, "*")),
        };
        Part {
            certain: None,
            wide,
            unknown: Some(argument),
        }
    }

    /// A list of texts, with variables in the spelling of policies.
    fn texts(&self, block: &Node, told: &Node, name: &str) -> Option<Texts> {
        let told = told.get(name);
        if told.is_some_and(is_true) {
            return Some(Texts::Unknown);
        }
        let unknown = told.map_or(&[][..], Node::items);
        let unknown = unknown.iter().filter(|item| is_true(item)).count();
        let Some(value) = block.get(name).filter(|node| !node.is_null()) else {
            return Some(Texts::Some(Vec::new(), unknown));
        };
        let mut known = Vec::new();
        // Items that are unknown are `null` in lists, and left out of sets.
        for item in value.as_sequence()?.iter().filter(|item| !item.is_null()) {
            known.push(self.unescaped(item, name)?);
        }
        let nulls = value.items().iter().filter(|item| item.is_null()).count();
        (nulls <= unknown).then_some(Texts::Some(known, unknown))
    }

    /// Terraform writes `&{…}` for the variables of policies.
    fn unescaped(&self, item: &Node, name: &str) -> Option<Node> {
        let said = item.as_text()?;
        let is_plain = !said.contains("&{") || name.ends_with("actions");
        match is_plain {
            true => Some(item.clone()),
            false if self.origins.version == "2008-10-17" => None,
            false => Some(text(item.span, said.replace("&{", "${"))),
        }
    }

    /// Blocks, with what is unknown of each; `None` if nobody knows how many there are.
    fn blocks(&self, name: &str) -> Option<Vec<(&Node, &Node)>> {
        let told = self.told.get(name);
        if told.is_some_and(is_true) {
            return None;
        }
        let blocks = self.block.get(name).map_or(&[][..], Node::items);
        let told = told.map_or(&[][..], Node::items);
        let is_told = told.len() == blocks.len() && !told.iter().any(is_true);
        is_told.then(|| blocks.iter().zip(told).collect())
    }

    fn principals(&self) -> Option<Option<Part>> {
        let not = self.blocks("not_principals");
        if not.as_ref().is_none_or(|blocks| !blocks.is_empty()) {
            return self.not_principals(not).map(Some);
        }
        let anybody = || object(self.span, [("AWS", text(self.span, "*"))]);
        let unknown = || Part {
            certain: None,
            wide: ("Principal", anybody()),
            unknown: Some("principals"),
        };
        let Some(blocks) = self.blocks("principals") else {
            return Some(Some(unknown()));
        };
        if blocks.is_empty() {
            return Some(None);
        }
        let mut known: BTreeMap<String, Vec<Node>> = BTreeMap::new();
        let (mut expected, mut are_all_aws, mut is_open) = (0, true, false);
        let count = blocks.len();
        for (block, told) in blocks {
            let kind = block.get("type").and_then(Node::as_text);
            let texts = self.texts(block, told, "identifiers")?;
            let (Some(kind), Texts::Some(items, unknown)) = (kind, texts) else {
                is_open = true;
                continue;
            };
            expected += unknown;
            are_all_aws &= unknown == 0 || kind == "AWS";
            known.entry(kind.to_owned()).or_default().extend(items);
        }
        if expected > 0 && are_all_aws && !is_open {
            let element = Element::Principals {
                name: "principals",
                blocks: count,
            };
            if let Some(Arns::These(arns)) = (self.origins.arns)(&element, expected) {
                let arns = arns.into_iter().map(|arn| text(self.span, arn));
                known.entry("AWS".to_owned()).or_default().extend(arns);
                expected = 0;
            }
        }
        known.retain(|_, items| !items.is_empty());
        let named = (!known.is_empty()).then(|| self.named(known));
        Some(Some(match (named, is_open || expected > 0) {
            (Some(named), false) => Part::known("Principal", named),
            (named, true) => Part {
                certain: named.map(|named| ("Principal", named)),
                ..unknown()
            },
            (None, false) => return None,
        }))
    }

    /// Whoever is left out: what is unknown of it leaves open whom the statement is about.
    fn not_principals(&self, blocks: Option<Vec<(&Node, &Node)>>) -> Option<Part> {
        // Nothing else may stand beside it.
        if self.blocks("principals").is_none_or(|own| !own.is_empty()) {
            return None;
        }
        let everybody = object(self.span, [("AWS", text(self.span, "*"))]);
        let mut known: BTreeMap<String, Vec<Node>> = BTreeMap::new();
        let mut is_known = blocks.is_some();
        for (block, told) in blocks.into_iter().flatten() {
            match (
                block.get("type").and_then(Node::as_text),
                self.texts(block, told, "identifiers")?,
            ) {
                (Some(kind), Texts::Some(items, 0)) => {
                    known.entry(kind.to_owned()).or_default().extend(items);
                }
                _ => is_known = false,
            }
        }
        Some(match is_known {
            true => Part::known("NotPrincipal", self.named(known)),
            false => Part {
                certain: None,
                wide: ("Principal", everybody),
                unknown: Some("not_principals"),
            },
        })
    }

    /// Principals by their types.
    fn named(&self, known: BTreeMap<String, Vec<Node>>) -> Node {
        let is_everyone = |items: &[Node]| matches!(items, [one] if one.as_text() == Some("*"));
        match known.iter().next() {
            Some((kind, items)) if known.len() == 1 && kind == "*" && is_everyone(items) => {
                text(self.span, "*")
            }
            _ => {
                let members = known.into_iter();
                object(
                    self.span,
                    members.map(|(kind, items)| (kind, list(self.span, items))),
                )
            }
        }
    }

    /// The conditions that are known, and whether those are all: the statement may ask for more. `None` if one is odd.
    fn conditions(&self) -> Option<(Option<Node>, bool)> {
        let Some(blocks) = self.blocks("condition") else {
            return Some((None, false));
        };
        let mut found: BTreeMap<String, BTreeMap<String, Vec<Node>>> = BTreeMap::new();
        // Values of several blocks for one key are one list.
        let (mut seen, mut unclear) = (BTreeSet::new(), BTreeSet::new());
        for (block, told) in blocks {
            let is_named = !["test", "variable"]
                .iter()
                .any(|name| told.get(name).is_some());
            if !is_named {
                return Some((None, false));
            }
            let test = block.get("test")?.as_text()?;
            let key = block.get("variable")?.as_text()?;
            let name = (test.to_lowercase(), key.to_lowercase());
            if !seen.insert(name.clone()) || told.get("values").is_some_and(holds_true) {
                unclear.insert(name);
                continue;
            }
            let Texts::Some(values, 0) = self.texts(block, told, "values")? else {
                return None;
            };
            let of_test = found.entry(test.to_owned()).or_default();
            of_test.insert(key.to_owned(), values);
        }
        for (test, keys) in &mut found {
            keys.retain(|key, _| !unclear.contains(&(test.to_lowercase(), key.to_lowercase())));
        }
        found.retain(|_, keys| !keys.is_empty());
        let tests = found.into_iter().map(|(test, keys)| {
            let keys = keys.into_iter();
            let keys = keys.map(|(key, values)| (key, list(self.span, values)));
            (test, object(self.span, keys))
        });
        let tests: Vec<(String, Node)> = tests.collect();
        let condition = (!tests.is_empty()).then(|| object(self.span, tests));
        Some((condition, unclear.is_empty()))
    }
}
