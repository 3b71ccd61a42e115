//! Policies that resources take from `aws_iam_policy_document`. Rule: UI-31, IAM-TRI-7.
//!
//! Where a document names what the plan makes, Terraform reads the data source while applying, and prints its text as unknown as a
//! whole. What goes into the text stands in the plan all the same: it is put together here, and only what is really unknown stays
//! open.

use std::collections::BTreeSet;

use preclear_model::policy::{ParseOptions, PolicyKind};
use preclear_model::{Node, Policy, Value};

use super::Reader;
use super::attributes::Attribute;
use super::graph::{holds_true, is_true};
use super::statements::{self, Element, Origins, Statement};
use crate::sketch::{list, object, text};

/// What is known of a policy.
#[derive(Debug)]
pub(super) enum Told {
    /// There is none.
    Absent,
    /// The document; what is open of its statements stands beside it.
    Known(Node),
    /// Nothing: it hangs on these.
    Later(BTreeSet<String>),
}

/// Types of which nothing but the ARN stands in policies: something behind one would name nothing.
const WHOLE: [&str; 6] = [
    "aws_kms_key",
    "aws_kms_replica_key",
    "aws_kms_external_key",
    "aws_kms_replica_external_key",
    "aws_iam_role",
    "aws_iam_user",
];

impl<'n> Reader<'n, '_, '_> {
    /// The policy that an attribute of a resource holds.
    pub(super) fn policy_told(&self, index: usize, name: &str, kind: PolicyKind) -> Told {
        let resource = self.resource(index);
        let expression = match resource.attribute(name) {
            Attribute::Absent => return Told::Absent,
            Attribute::Known(node) => return Told::Known(node.clone()),
            Attribute::Later(expression) => expression,
        };
        let mut names = BTreeSet::from([resource.address.clone()]);
        let source = self.graph.document(resource, expression);
        match source.map(|source| self.put_together(source, kind)) {
            Some(Ok(document)) => return Told::Known(document),
            Some(Err(Some(name))) => names.insert(name),
            None | Some(Err(None)) => false,
        };
        Told::Later(names)
    }

    /// The document of a data source that is read while applying; the name of what keeps all of it from being known.
    fn put_together(&self, source: usize, kind: PolicyKind) -> Result<Node, Option<String>> {
        let resource = self.resource(source);
        let (known, unknown) = resource.read_later().ok_or(None)?;
        if !unknown.get("json").is_some_and(is_true) {
            return Err(None);
        }
        let address = &resource.address;
        let because = |name: &str| Some(format!("{address}.{name}"));
        // Documents that are joined with this one say what it says in the end.
        let joined = [
            "source_json",
            "override_json",
            "source_policy_documents",
            "override_policy_documents",
        ];
        for name in joined {
            let value = known.get(name);
            let is_none = value.is_none_or(|node| node.is_null() || node.is_empty());
            if !is_none || unknown.get(name).is_some_and(holds_true) {
                return Err(because(name));
            }
        }
        let version = version(known, unknown).ok_or_else(|| because("version"))?;
        let blocks = known.get("statement").and_then(Node::as_sequence);
        let blocks = blocks.ok_or_else(|| because("statement"))?;
        let told = unknown.get("statement").map_or(&[][..], Node::items);
        let configured = resource.expression(&["statement"]);
        let configured = configured.map_or(&[][..], Node::items);
        let mut found = Vec::new();
        for (number, block) in blocks.iter().enumerate() {
            let place = format!("{address}.statement[{number}]");
            // Where `dynamic` blocks make some, nobody tells which expression is of which.
            let are_told = told.len() == blocks.len();
            let is_open = told.get(number).is_none_or(is_true) || !are_told;
            let expressions = configured.get(number);
            let origins = Origins {
                version,
                place: &place,
                arns: &|element, expected| {
                    let expressions = expressions.filter(|_| configured.len() == blocks.len())?;
                    self.arns_of(source, expressions, element, expected)
                },
            };
            let statements = told.get(number).filter(|_| !is_open);
            let statements = statements.and_then(|told| statements::read(block, told, &origins));
            found.extend(statements.ok_or_else(|| Some(place.clone()))?);
        }
        self.document_of_statements(known, version, found, kind)
            .ok_or_else(|| Some(address.clone()))
    }

    /// The whole, if it is a policy of this kind.
    fn document_of_statements(
        &self,
        known: &Node,
        version: &str,
        statements: Vec<Statement>,
        kind: PolicyKind,
    ) -> Option<Node> {
        let span = known.span;
        let open = statements.iter().enumerate().filter_map(|(number, one)| {
            let names = one.open.iter().map(|name| text(span, name.as_str()));
            let names: Vec<Node> = names.collect();
            (!names.is_empty()).then(|| (number.to_string(), list(span, names)))
        });
        let open: Vec<(String, Node)> = open.collect();
        let statements = statements.into_iter().map(|one| one.node).collect();
        let members = [
            ("Version", text(span, version)),
            ("Statement", list(span, statements)),
        ];
        let document = object(span, members);
        let options = ParseOptions {
            lenient: self.loader.options.lenient,
        };
        let (policy, _) = Policy::parse(&document, &self.origin.source, "", kind, options);
        policy?;
        if open.is_empty() {
            return Some(document);
        }
        let open = ("undetermined", object(span, open));
        Some(object(span, [("document", document), open]))
    }

    /// The ARNs that stand in an element where `expected` are unknown, as far as references tell them.
    fn arns_of(
        &self,
        source: usize,
        block: &'n Node,
        element: &Element<'_>,
        expected: usize,
    ) -> Option<statements::Arns> {
        let expression = match element {
            Element::Member(name) => block.get(name)?.clone(),
            Element::Principals { name, blocks } => {
                let own = block.get(name)?.items();
                // Where `dynamic` blocks make some, references of others may be missing.
                if own.len() != *blocks {
                    return None;
                }
                references_of(own.iter().filter_map(|block| block.get("identifiers")))
            }
        };
        let resolved = self.graph.arns(self.resource(source), &expression);
        if !resolved.is_plain || !resolved.are_arns {
            return None;
        }
        let mut arns = Vec::new();
        let mut are_whole = true;
        for target in resolved.targets {
            let target_of = self.resource(target);
            // A known ARN stands among what is known.
            if target_of.text("arn").is_none() {
                are_whole &= WHOLE.contains(&target_of.kind);
                arns.push(self.names.arn(target)?);
            }
        }
        match are_whole && arns.len() == expected {
            true => Some(statements::Arns::These(arns)),
            false => Some(statements::Arns::Beginnings(arns)),
        }
    }
}

/// The language version of a document, if it is known.
fn version<'n>(known: &'n Node, unknown: &Node) -> Option<&'n str> {
    match known.get("version").map(|node| &node.value) {
        _ if unknown.get("version").is_some() => None,
        None | Some(Value::Null) => Some("2012-10-17"),
        Some(Value::Scalar(scalar)) if scalar.text.is_empty() => Some("2012-10-17"),
        Some(Value::Scalar(scalar)) => Some(&scalar.text),
        Some(_) => None,
    }
}

/// An expression that refers to all that these do.
fn references_of<'n>(expressions: impl Iterator<Item = &'n Node>) -> Node {
    let references = expressions.filter_map(|expression| expression.get("references"));
    let references = references.flat_map(Node::items).cloned().collect();
    let span = preclear_model::Span::default();
    object(span, [("references", list(span, references))])
}
