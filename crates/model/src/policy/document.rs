//! The document: `Version`, `Id`, `Statement`. Rule: IAM-GRAM-1…6.

use std::sync::Arc;

use super::grammar::Use;
use super::parser::{Parser, opening};
use super::{ParseOptions, Policy, PolicyKind, Statement, Version};
use crate::arn::Arn;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::embedded;
use crate::node::{Limits, Node, POLICY_BYTES_MAX};
use crate::source::{Source, Span};
use crate::text::Text;
use crate::tree::{Element, Entry, Tree};

const MEMBERS: [&str; 3] = ["Version", "Id", "Statement"];

pub(super) fn parse(
    node: &Node,
    source: &Arc<Source>,
    name: &str,
    kind: PolicyKind,
    options: ParseOptions,
) -> (Option<Policy>, Diagnostics) {
    if node.as_text().is_some() {
        return match embedded::read(node, source, &Limits::POLICY) {
            Ok((inner, source)) => {
                let tree = Tree::of(&inner, &source);
                parse_tree(&tree, &source, name, kind, options)
            }
            Err(found) => (None, found),
        };
    }
    parse_tree(&Tree::of(node, source), source, name, kind, options)
}

pub(super) fn parse_tree<'p>(
    tree: &'p Tree<'p>,
    source: &'p Arc<Source>,
    name: &str,
    kind: PolicyKind,
    options: ParseOptions,
) -> (Option<Policy>, Diagnostics) {
    let mut parser = Parser::new(source, kind, options);
    let policy = parser.document(tree.root(), name);
    let mut found = parser.found;
    // All of them have places in one text, where places follow offsets.
    found
        .0
        .sort_by_key(|finding| finding.place.as_ref().map(|place| place.span.start));
    let policy = policy.filter(|_| !found.has_errors());
    (policy, found)
}

/// Whether the name is the ARN of a policy that AWS maintains: what AWS stores for itself has no quota. Rule: IAM-GRAM-23.
fn is_of_aws(name: &str) -> bool {
    Arn::parse(name).is_some_and(|arn| {
        (arn.service(), arn.account(), arn.resource_type()) == ("iam", "aws", Some("policy"))
    })
}

/// The members of a document, each under its name.
#[derive(Debug, Default)]
struct Members<'n> {
    version: Option<Entry<'n>>,
    id: Option<Entry<'n>>,
    statement: Option<Entry<'n>>,
    has_others: bool,
}

impl<'p> Parser<'p> {
    fn document(&mut self, node: Element<'p>, name: &str) -> Option<Policy> {
        if source_bytes(node) > POLICY_BYTES_MAX {
            let message = format!(
                "the policy takes {} bytes; at most {POLICY_BYTES_MAX} are accepted",
                source_bytes(node)
            );
            let help =
                "check that this is a policy: AWS stores none that is longer than 32,768 bytes";
            self.error(
                opening(node),
                "POLICY_TOO_LARGE",
                "IAM-GRAM-23",
                message,
                help,
            );
            return None;
        }
        let mut members = Members::default();
        for member in node.entries() {
            match member.name {
                "Version" => members.version = Some(member),
                "Id" => members.id = Some(member),
                "Statement" => members.statement = Some(member),
                _ => members.has_others = true,
            }
        }
        if is_fragment(node, &members) {
            self.fragment(node);
            return None;
        }
        if !node.is_mapping() {
            self.wrong_type("a policy document", "an object", node, "IAM-GRAM-1");
            return None;
        }
        self.byte_order_mark();
        self.version = self.read_version(node, &members);
        let id = self.id(&members);
        let statements = self.statements(node, &members);
        if members.has_others {
            for member in node
                .entries()
                .filter(|member| !MEMBERS.contains(&member.name))
            {
                self.unknown_member(member, &MEMBERS, "a policy document", "IAM-GRAM-2");
            }
        }
        if members
            .statement
            .is_some_and(|statement| statement.value.is_sequence())
        {
            self.check_sids();
        }
        self.check_characters(node);
        let exceeds_quota =
            self.may_exceed_quota(node) && !is_of_aws(name) && self.exceeds_quota(node);
        Some(Policy {
            name: name.to_owned(),
            kind: self.kind,
            version: self.version,
            id,
            statements,
            exceeds_quota,
            source: Arc::clone(self.source),
            span: node.span(),
        })
    }

    /// Reports a statement, or a list of them, that stands without a document around it.
    fn fragment(&mut self, node: Element<'_>) {
        let message = "this is a statement without a policy document around it";
        let help = "write `{\"Version\": \"2012-10-17\", \"Statement\": [...]}` around it";
        self.error(
            opening(node),
            "STATEMENT_WITHOUT_DOCUMENT",
            "IAM-GRAM-2",
            message,
            help,
        );
    }

    fn byte_order_mark(&mut self) {
        // The document's own text, or the string that holds it percent-encoded.
        let layers = std::iter::successors(Some(self.source), |source| {
            let outer = &source.outer()?.source;
            outer.outer().is_some().then_some(outer)
        });
        if layers.into_iter().any(|source| source.had_byte_order_mark) {
            let message = "the text starts with a byte order mark, which is passed over";
            self.warn(
                Span::default(),
                "BYTE_ORDER_MARK",
                "IAM-GRAM-1",
                message,
                "save the file without it",
            );
        }
    }

    /// Reads `Version`; what is wrong with it is read as 2012-10-17. Rule: IAM-GRAM-4.
    fn read_version(&mut self, document: Element<'_>, members: &Members<'_>) -> Version {
        const RULE: &str = "IAM-GRAM-4";
        const HELP: &str = "write `\"Version\": \"2012-10-17\"`";
        let Some(Entry { value: node, .. }) = members.version else {
            let what = self.kind.description();
            if self.grammar.needs_2012 {
                self.error(
                    opening(document),
                    "MISSING_MEMBER",
                    RULE,
                    format!("{what} needs `Version`"),
                    HELP,
                );
                return Version::V2012;
            }
            let message = "without `Version` the document counts as 2008-10-17, in which nothing is a variable";
            self.warn(opening(document), "MISSING_VERSION", RULE, message, HELP);
            return Version::V2008;
        };
        match node.as_text() {
            Some("2012-10-17") => Version::V2012,
            Some("2008-10-17") if !self.grammar.needs_2012 => Version::V2008,
            Some("2008-10-17") => {
                let message = format!(
                    "{} must have the version 2012-10-17",
                    self.kind.description()
                );
                self.error(node.span(), "INVALID_VERSION", RULE, message, HELP);
                Version::V2012
            }
            Some(other) => {
                let message = format!("`{other}` is no version of the policy language");
                self.error(node.span(), "INVALID_VERSION", RULE, message, HELP);
                Version::V2012
            }
            None => {
                self.wrong_type("`Version`", "a string", node, RULE);
                Version::V2012
            }
        }
    }

    /// Rule: IAM-GRAM-5, IAM-GRAM-20.
    fn id(&mut self, members: &Members<'_>) -> Option<Text> {
        let member = members.id?;
        let message = format!("{} does not take `Id`", self.kind.description());
        let help = "remove it: it has no effect";
        match self.grammar.id {
            Use::Allowed => {}
            Use::Warned => self.warn(
                member.name_span(),
                "ID_NOT_ALLOWED",
                "IAM-GRAM-5",
                message,
                help,
            ),
            Use::Forbidden => self.error(
                member.name_span(),
                "ID_NOT_ALLOWED",
                "IAM-GRAM-20",
                message,
                help,
            ),
        }
        self.text("`Id`", member.value, "IAM-GRAM-5")?;
        Some(member.value.to_text())
    }

    /// Rule: IAM-GRAM-6.
    fn statements(&mut self, document: Element<'p>, members: &Members<'p>) -> Vec<Statement> {
        const RULE: &str = "IAM-GRAM-6";
        let Some(Entry { value: node, .. }) = members.statement else {
            let help = "add `\"Statement\": [...]`";
            self.error(
                opening(document),
                "MISSING_MEMBER",
                RULE,
                "a policy document needs `Statement`",
                help,
            );
            return Vec::new();
        };
        let is_default_rcp = self.kind == PolicyKind::Rcp && is_default_rcp(node);
        if node.is_mapping() {
            return Vec::from_iter(self.statement(node, is_default_rcp));
        }
        if !node.is_sequence() {
            self.wrong_type("`Statement`", "an object or a list of objects", node, RULE);
        } else if node.is_empty() {
            let message = "`Statement` is empty";
            self.error(
                node.span(),
                "EMPTY_STATEMENT_LIST",
                RULE,
                message,
                "add a statement",
            );
        }
        let count = node.items().count();
        let mut statements = Vec::with_capacity(count);
        self.sids.reserve(count);
        statements.extend(
            node.items()
                .filter_map(|item| self.statement(item, is_default_rcp)),
        );
        statements
    }

    /// Non-empty Sids are unique. Rule: IAM-GRAM-8.
    fn check_sids(&mut self) {
        let mut sids = std::mem::take(&mut self.sids);
        // Stable: of equal Sids the first of the document stays first.
        sids.sort_by_key(|(sid, _)| *sid);
        for equal in sids.chunk_by(|a, b| a.0 == b.0) {
            let [(_, earlier), others @ ..] = equal else {
                continue;
            };
            for (sid, span) in others {
                self.duplicate_sid(sid, *earlier, *span);
            }
        }
    }

    fn duplicate_sid(&mut self, sid: &str, earlier: Span, span: Span) {
        let message = format!("two statements have the Sid `{sid}`");
        let finding = Diagnostic::new(self.severity_if_stored_by_iam(), "DUPLICATE_SID", message)
            .rule("IAM-GRAM-8")
            .related(self.source.place(earlier), "it stands here already")
            .help("give each statement a Sid of its own, or none");
        self.report(span, finding);
    }
}

/// True for a statement, or a list with one.
fn is_fragment(node: Element<'_>, members: &Members<'_>) -> bool {
    let is_statement =
        |node: Element<'_>| node.get("Effect").is_some() && node.get("Statement").is_none();
    members.has_others && is_statement(node) || node.items().any(is_statement)
}

fn source_bytes(node: Element<'_>) -> usize {
    node.span().end.saturating_sub(node.span().start) as usize
}

/// True for the statement of `RCPFullAWSAccess`, the one resource control policy that allows. Rule: IAM-GRAM-20.
fn is_default_rcp(statement: Element<'_>) -> bool {
    let mut items = statement.items();
    let statement = match (items.next(), items.next()) {
        (Some(only), None) => only,
        _ => statement,
    };
    let expected = [
        ("Effect", "Allow"),
        ("Principal", "*"),
        ("Action", "*"),
        ("Resource", "*"),
    ];
    let has_all = expected
        .iter()
        .all(|(name, text)| statement.get(name).and_then(Element::as_text) == Some(text));
    has_all
        && statement
            .entries()
            .all(|member| member.name == "Sid" || expected.iter().any(|e| e.0 == member.name))
}
