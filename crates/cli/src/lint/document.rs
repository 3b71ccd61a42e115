//! From a text to the policies in it, and what is found in each. Rule: UI-22, JOB-LINT-1, JOB-LINT-2.
//!
//! The one way from a text to findings: the command and test files both go it.

use std::sync::Arc;

use preclear_inputs::Params;
use preclear_inputs::fill::{self, LeftOver};
use preclear_inputs::template::{Guess, Guessed, TemplatePolicies};
use preclear_inputs::terraform;
use preclear_lint::{
    Cut, Edit, Finding, LintOptions, Notation, Piece, classify, from_diagnostics, lint_prose,
    lint_tree, looks_like_policies, merged, pieces, trailing_commas,
};
use preclear_model::policy::ParseOptions;
use preclear_model::{
    Arn, Diagnostics, Limits, Node, Place, Policy, PolicyKind, Severity, Source, Span, Value,
    embedded,
};

/// What is asked of a text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    /// The kind of all policies in it, where it is stated.
    pub(crate) kind: Option<PolicyKind>,
    /// Every document is a part of one.
    pub(crate) is_fragment: bool,
    pub(crate) lenient: bool,
    /// Values of placeholders.
    pub(crate) params: Params,
    /// The key that a key policy stands at.
    pub(crate) key_arn: Option<Arn>,
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// A policy.
    Policy(PolicyKind),
    /// A statement or a list of them, for a policy of this kind.
    Fragment(PolicyKind),
    /// Something that cannot be read.
    Unreadable,
    /// The text around policies.
    Prose,
}

impl What {
    /// In words, without article.
    pub(crate) fn words(self) -> String {
        let bare = |kind: PolicyKind| {
            let words = kind.description();
            words.split_once(' ').map_or(words, |(_, bare)| bare)
        };
        match self {
            Self::Policy(kind) => bare(kind).to_owned(),
            Self::Fragment(kind) => format!("part of {}", kind.description()),
            Self::Unreadable => "unreadable document".to_owned(),
            Self::Prose => "text around policies".to_owned(),
        }
    }

    /// `1 key policy`, `2 key policies`, `2 parts of a key policy`.
    pub(crate) fn counted(self, count: usize) -> String {
        let words = self.words();
        let many = match self {
            _ if count == 1 => words,
            Self::Policy(PolicyKind::Boundary) => "permissions boundaries".to_owned(),
            Self::Policy(_) => words.replace("policy", "policies"),
            Self::Fragment(_) => words.replacen("part", "parts", 1),
            Self::Unreadable | Self::Prose => format!("{words}s"),
        };
        format!("{count} {many}")
    }

    /// The kind of policy as users write it.
    pub(crate) fn kind(self) -> Option<PolicyKind> {
        match self {
            Self::Policy(kind) | Self::Fragment(kind) => Some(kind),
            Self::Unreadable | Self::Prose => None,
        }
    }
}

/// A document with what is found in it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) what: What,
    /// Where it starts.
    pub(crate) place: Place,
    /// Statements, where it can be read.
    pub(crate) statements: Option<usize>,
    pub(crate) findings: Vec<Finding>,
    policy: Option<Arc<Policy>>,
}

/// A file that a snapshot names as a policy.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    /// As written.
    pub(crate) path: String,
    pub(crate) kind: Option<PolicyKind>,
    pub(crate) key_arn: Option<Arn>,
    pub(crate) place: Place,
}

/// A text with the documents in it.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) source: Arc<Source>,
    pub(crate) documents: Vec<Document>,
    pub(crate) mentions: Vec<Mention>,
    /// Whether there is a reason to think that the text holds policies, though it cannot be read.
    pub(crate) looks_like_policies: bool,
}

/// Reads a text that may be anything.
pub(crate) fn read(source: &Arc<Source>, ask: &Ask) -> Text {
    let mut reader = Reader::new(source, ask);
    reader.text();
    reader.finish()
}

/// Looks at a tree that was read already.
pub(crate) fn of_tree(tree: &Node, source: &Arc<Source>, ask: &Ask) -> Text {
    let mut reader = Reader::new(source, ask);
    reader.policy(tree, source, &Role::of(ask));
    reader.finish()
}

/// What is known of a policy from what stands around it.
#[derive(Debug, Clone, Default)]
struct Role {
    kind: Option<PolicyKind>,
    key_arn: Option<Arn>,
}

impl Role {
    fn of(ask: &Ask) -> Role {
        Role {
            kind: ask.kind,
            key_arn: ask.key_arn.clone(),
        }
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    ask: &'a Ask,
    documents: Vec<Document>,
    mentions: Vec<Mention>,
}

const WITHOUT_SUB: &str = "write `!Sub` in front of the text, in JSON an object `Fn::Sub` around it: elsewhere nothing fills it";

/// Places in one text that messages of a broken document name at most; the rest is counted by nobody: a binary file has thousands.
const ERRORS_MAX: usize = 100;

impl<'a> Reader<'a> {
    fn new(source: &'a Arc<Source>, ask: &'a Ask) -> Self {
        Self {
            source,
            ask,
            documents: Vec::new(),
            mentions: Vec::new(),
        }
    }

    fn finish(self) -> Text {
        let is_read = self
            .documents
            .iter()
            .any(|document| document.what != What::Unreadable);
        Text {
            looks_like_policies: is_read || looks_like_policies(&self.source.text),
            source: Arc::clone(self.source),
            documents: self.documents,
            mentions: self.mentions,
        }
    }

    fn text(&mut self) {
        let start = self.source.text.trim_start();
        let name = self.source.name.to_ascii_lowercase();
        let is_named_data = [".json", ".yaml", ".yml"]
            .iter()
            .any(|ending| name.ends_with(ending));
        let is_data = is_named_data || start.starts_with(['{', '[', '"', '%']);
        let is_markdown = name.ends_with(".md") || name.ends_with(".markdown");
        if is_data {
            let errors = match fill::read(self.source, &self.ask.params, &Limits::FILE) {
                Ok((source, tree)) => return self.tree(&tree, &source),
                Err(errors) => errors,
            };
            if self.without_commas() {
                return;
            }
            let found = pieces(&self.source.text);
            // One piece is the broken document itself.
            if is_named_data || found.len() < 2 {
                self.unreadable(self.source.place(Span::default()), &errors);
            }
            if found.len() >= 2 {
                self.pieces(&found);
            }
            return;
        }
        if !is_markdown {
            // YAML without its ending, as on standard input.
            if let Ok((source, tree)) = fill::read(self.source, &self.ask.params, &Limits::FILE) {
                self.tree(&tree, &source);
                if !self.documents.is_empty() || !self.mentions.is_empty() {
                    return;
                }
            }
        }
        let found = pieces(&self.source.text);
        self.pieces(&found);
        if !self.documents.is_empty() {
            self.prose();
        }
    }

    /// JSON that is in order but for commas too many: they are told, and the rest is read.
    fn without_commas(&mut self) -> bool {
        let commas = trailing_commas(&self.source.text);
        let Some(tree) = tree_without(
            &self.source.text,
            &commas,
            &self.source.name,
            &self.ask.params,
        ) else {
            return false;
        };
        let source = Arc::clone(self.source);
        let before = self.documents.len();
        self.tree(&tree, &source);
        let found = commas_at(&source, commas.into_iter());
        self.add_to_first(before, found);
        true
    }

    /// Adds findings to the first of the documents that were found since, which holds them.
    fn add_to_first(&mut self, before: usize, found: Vec<Finding>) {
        if found.is_empty() {
            return;
        }
        match self.documents.get_mut(before) {
            Some(document) => {
                let own = std::mem::take(&mut document.findings);
                document.findings = merged(found, own);
            }
            None => {
                if let Some(first) = found.first() {
                    let place = first.place.clone();
                    self.documents.push(Document {
                        what: What::Unreadable,
                        place,
                        statements: None,
                        findings: found,
                        policy: None,
                    });
                }
            }
        }
    }

    fn pieces(&mut self, found: &[Piece]) {
        for piece in found {
            self.piece(piece);
        }
    }

    /// One policy among other text.
    fn piece(&mut self, piece: &Piece) {
        let whole = self.source;
        let cut = Cut::of(&whole.text, piece);
        let ending = match piece.notation {
            Notation::Json => "json",
            Notation::Yaml => "yaml",
        };
        // The name says how it is read; places are moved to the whole text before anybody sees it.
        let part = Arc::new(Source::new(format!("piece.{ending}"), cut.text.clone()));
        let before = self.documents.len();
        let mut commas = Vec::new();
        match fill::read(&part, &self.ask.params, &Limits::POLICY) {
            Ok((source, mut tree)) if Arc::ptr_eq(&source, &part) => {
                cut.place_tree(&mut tree);
                self.tree(&tree, whole);
            }
            // Filled before it could be parsed: places in the new text are of no use to anybody.
            Ok((source, tree)) => {
                let span = Span::new(piece.range.start, piece.range.end);
                let inner = Arc::new(Source::embedded(whole, span, source.text.clone()));
                self.tree(&tree, &inner);
            }
            Err(errors) => {
                commas = trailing_commas(&cut.text);
                match tree_without(&cut.text, &commas, &part.name, &self.ask.params) {
                    Some(mut tree) => {
                        cut.place_tree(&mut tree);
                        self.tree(&tree, whole);
                    }
                    None => {
                        commas.clear();
                        let errors = cut.place_all(errors, &part, whole);
                        let errors = softened(errors, piece, &cut.text);
                        let start = Span::new(piece.range.start, piece.range.start + 1);
                        self.unreadable(whole.place(start), &errors);
                    }
                }
            }
        }
        let commas = commas.into_iter().map(|comma| cut.offset(comma));
        let behind = comma_behind(&whole.text, piece);
        let found = commas_at(whole, commas.chain(behind));
        self.add_to_first(before, found);
    }

    fn unreadable(&mut self, place: Place, errors: &Diagnostics) {
        let document = self.not_readable(place, errors);
        self.documents.push(document);
    }

    fn not_readable(&self, place: Place, errors: &Diagnostics) -> Document {
        let mut findings = from_diagnostics(errors, self.source, None);
        findings.truncate(ERRORS_MAX);
        Document {
            what: What::Unreadable,
            place,
            statements: None,
            findings,
            policy: None,
        }
    }

    /// A whole text: a policy, or something with policies inside.
    fn tree(&mut self, tree: &Node, source: &Arc<Source>) {
        let role = Role::of(self.ask);
        let is_asked_for = self.ask.kind.is_some() || self.ask.is_fragment;
        if is_policy(tree) || (is_asked_for && !holds_policies(tree)) {
            self.policy(tree, source, &role);
        } else {
            let is_snapshot = tree.get("preclear").is_some();
            if let Some(template) = TemplatePolicies::of(tree, &self.ask.params) {
                return self.template(&template, source);
            }
            let tree = terraform::values(tree).unwrap_or(tree);
            self.inside(tree, source, &role, is_snapshot);
        }
    }

    /// The policies of a template. Each is looked at with two guesses at what the template does not determine, and what is found both
    /// times is told.
    fn template(&mut self, template: &TemplatePolicies<'_>, source: &Arc<Source>) {
        for policy in template.policies() {
            let role = Role {
                kind: self.ask.kind.or(policy.kind),
                ..Role::of(self.ask)
            };
            let [wide, narrow] = [Guess::Wide, Guess::Narrow].map(|guess| {
                let guessed = template.guessed(&policy, guess);
                let looked = self.looked_at(&guessed.node, source, &role);
                (guessed, looked)
            });
            let is_told = |finding: &Finding, (guessed, other): &(Guessed, Document)| {
                let span = finding.place.outermost().span;
                let is_there = other
                    .findings
                    .iter()
                    .any(|one| one.code == finding.code && one.place == finding.place);
                is_there || guessed.left_out.iter().any(|left| is_within(span, *left))
            };
            let of_wide = wide.1.findings.iter();
            let of_wide = of_wide.filter(|finding| {
                !narrow
                    .1
                    .findings
                    .iter()
                    .any(|one| one.code == finding.code && one.place == finding.place)
            });
            let all = narrow.1.findings.iter().chain(of_wide);
            let told = all.filter(|finding| {
                let span = finding.place.outermost().span;
                let of_unknown = |guessed: &Guessed| {
                    guessed
                        .unknown
                        .iter()
                        .any(|unknown| is_within(span, *unknown))
                };
                is_told(finding, &wide)
                    && is_told(finding, &narrow)
                    && !of_unknown(&wide.0)
                    && !of_unknown(&narrow.0)
                    && (finding.statement.is_some() || !narrow.0.lacks_statements)
            });
            let mut findings: Vec<Finding> = told.cloned().collect();
            for finding in &mut findings {
                let fillers = [&wide.0.fillers[..], &narrow.0.fillers].concat();
                rewritten(finding, &|text| template.restored(text, &fillers));
                if finding.code == "UNRESOLVED_PLACEHOLDER"
                    && finding.place.text().starts_with("${")
                {
                    finding.help = Some(WITHOUT_SUB.to_owned());
                }
                if let Some(Edit::Replace { place, .. } | Edit::Move { place, .. }) = &finding.edit
                    && template.is_made(&policy, place.outermost().span)
                {
                    finding.edit = None;
                }
            }
            let own = std::mem::take(&mut findings);
            let (_, document) = narrow;
            self.documents.push(Document {
                findings: merged(own, Vec::new()),
                place: source.place(Span::new(
                    policy.span.start as usize,
                    policy.span.start as usize + 1,
                )),
                ..document
            });
        }
    }

    /// Policies inside something else, with the kind that its members tell.
    fn inside(&mut self, node: &Node, source: &Arc<Source>, role: &Role, is_snapshot: bool) {
        match &node.value {
            Value::Null => {}
            Value::Scalar(_) => {
                if is_policy(node) {
                    self.policy(node, source, role);
                }
            }
            Value::Sequence(items) => {
                for item in items {
                    self.inside(item, source, role, is_snapshot);
                }
            }
            Value::Mapping(_) if node.get("Statement").is_some() => {
                self.policy(node, source, role);
            }
            Value::Mapping(members) => {
                let file = node.get("file").filter(|_| members.len() == 1);
                if let (Some(path), Some(_), true) =
                    (file.and_then(Node::as_text), role.kind, is_snapshot)
                {
                    self.mentions.push(Mention {
                        path: path.to_owned(),
                        kind: role.kind,
                        key_arn: role.key_arn.clone(),
                        place: source.place(node.span),
                    });
                    return;
                }
                // Of a data source that makes a document, the resource that takes it tells what it is.
                if node.get("mode").and_then(Node::as_text) == Some("data") {
                    return;
                }
                let of_plan = terraform::kind_of_policies(node);
                for member in members {
                    let role = Role {
                        kind: self
                            .ask
                            .kind
                            .or_else(|| kind_of_member(&member.name, is_snapshot))
                            .or(of_plan)
                            .or(role.kind),
                        key_arn: key_arn(node).or_else(|| role.key_arn.clone()),
                    };
                    self.inside(&member.value, source, &role, is_snapshot);
                }
            }
        }
    }

    /// One policy, whatever it stands in.
    fn policy(&mut self, tree: &Node, source: &Arc<Source>, role: &Role) {
        let looked = self.looked_at(tree, source, role);
        self.documents.push(looked);
    }

    fn looked_at(&self, tree: &Node, source: &Arc<Source>, role: &Role) -> Document {
        let place = source.place(Span::new(
            tree.span.start as usize,
            tree.span.start as usize + 1,
        ));
        let (mut tree, source) = if tree.as_text().is_some() {
            match embedded::read(tree, source, &Limits::POLICY) {
                Ok(inner) => inner,
                Err(errors) => {
                    return self
                        .without_inner_commas(tree, source, role)
                        .unwrap_or_else(|| self.not_readable(place, &errors));
                }
            }
        } else {
            (tree.clone(), Arc::clone(source))
        };
        fill::fill(&mut tree, &self.ask.params);
        let left = LeftOver::of(&tree, &source, &self.ask.params);
        left.stand_in(&mut tree);
        let is_part = tree.get("Statement").is_none() && classify(&tree).is_some();
        let kind = role.kind.or_else(|| classify(&tree));
        let options = LintOptions {
            key_arn: role
                .key_arn
                .clone()
                .filter(|_| kind == Some(PolicyKind::Key)),
            is_fragment: self.ask.is_fragment,
            // A part is read beside the documents that it may be added to.
            beside: if is_part {
                self.beside(kind)
            } else {
                Vec::new()
            },
            parse: ParseOptions {
                lenient: self.ask.lenient,
            },
        };
        let report = lint_tree(&tree, &source, &source.name, kind, &options);
        let is_of_stand_in = |finding: &Finding| {
            Arc::ptr_eq(&finding.place.source, &source)
                && left.spans.iter().any(|span| {
                    span.start <= finding.place.span.start && finding.place.span.end <= span.end
                })
        };
        let mut findings = report.findings;
        if !left.is_empty() {
            findings.retain(|finding| !is_of_stand_in(finding));
            findings.iter_mut().for_each(|one| restore(one, &left));
            let told = from_diagnostics(&left.diagnostics, &source, report.policy.as_ref());
            findings = merged(told, findings);
        }
        Document {
            what: if is_part {
                What::Fragment(report.kind)
            } else {
                What::Policy(report.kind)
            },
            place,
            statements: report.policy.as_ref().map(|policy| policy.statements.len()),
            findings,
            policy: report.policy.map(Arc::new),
        }
    }

    /// A document in a string that is in order but for commas too many.
    fn without_inner_commas(
        &self,
        tree: &Node,
        source: &Arc<Source>,
        role: &Role,
    ) -> Option<Document> {
        let inner = Arc::new(embedded::text(tree, source)?);
        let commas = trailing_commas(&inner.text);
        let within = tree_without(&inner.text, &commas, "inner.json", &Params::default())?;
        if within.as_text().is_some() {
            return None;
        }
        let mut document = self.looked_at(&within, &inner, role);
        let found = commas_at(&inner, commas.into_iter());
        document.findings = merged(found, std::mem::take(&mut document.findings));
        document.place = source.place(Span::new(
            tree.span.start as usize,
            tree.span.start as usize + 1,
        ));
        Some(document)
    }

    /// The whole policies so far that are of a kind.
    fn beside(&self, kind: Option<PolicyKind>) -> Vec<Arc<Policy>> {
        let whole = self
            .documents
            .iter()
            .filter(|document| document.what.kind() == kind)
            .filter(|document| matches!(document.what, What::Policy(_)));
        whole
            .filter_map(|document| document.policy.clone())
            .collect()
    }

    fn prose(&mut self) {
        let policies: Vec<Arc<Policy>> = self
            .documents
            .iter()
            .filter_map(|document| document.policy.clone())
            .collect();
        let policies: Vec<&Policy> = policies.iter().map(AsRef::as_ref).collect();
        let findings = lint_prose(self.source, &policies);
        if let Some(first) = findings.first() {
            self.documents.push(Document {
                what: What::Prose,
                place: first.place.clone(),
                statements: None,
                findings,
                policy: None,
            });
        }
    }
}

/// A document, a string that holds one, a statement or a list of statements.
fn is_policy(node: &Node) -> bool {
    if let Some(text) = node.as_text() {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
        let is_encoded = text
            .get(..3)
            .is_some_and(|start| start.eq_ignore_ascii_case("%7b"));
        return is_encoded || (text.starts_with(['{', '"']) && text.contains("Statement"));
    }
    node.get("Statement").is_some() || classify(node).is_some()
}

/// Whether there is a policy inside something that is none.
fn holds_policies(node: &Node) -> bool {
    node.get("Statement").is_some()
        || node.members().iter().any(|one| holds_policies(&one.value))
        || node.items().iter().any(holds_policies)
        || (node.as_text().is_some() && is_policy(node))
}

/// The kind of the policies in a member.
fn kind_of_member(name: &str, is_snapshot: bool) -> Option<PolicyKind> {
    Some(match name {
        "AssumeRolePolicyDocument" | "assume_role_policy" => PolicyKind::Trust,
        "UserPolicyList" | "GroupPolicyList" | "RolePolicyList" => PolicyKind::Identity,
        "KeyPolicy" => PolicyKind::Key,
        _ if !is_snapshot => return None,
        "principals" | "groups" => PolicyKind::Identity,
        "trust" => PolicyKind::Trust,
        "boundary" => PolicyKind::Boundary,
        "session_policies" => PolicyKind::Session,
        "keys" | "key_policy_candidate" => PolicyKind::Key,
        "resources" | "ram_policy" => PolicyKind::Resource,
        "scps" => PolicyKind::Scp,
        "rcps" => PolicyKind::Rcp,
        "vpc_endpoints" => PolicyKind::VpcEndpoint,
        _ => return None,
    })
}

/// The key that an object is about.
fn key_arn(node: &Node) -> Option<Arn> {
    let arn = ["arn", "KeyArn", "Arn"]
        .iter()
        .find_map(|name| node.get(name)?.as_text())?;
    Arn::parse(arn).filter(|arn| arn.service() == "kms")
}

/// The tree of a JSON text in which these commas are blank.
fn tree_without(text: &str, commas: &[usize], name: &str, params: &Params) -> Option<Node> {
    if commas.is_empty() {
        return None;
    }
    let mut blank = text.as_bytes().to_vec();
    for comma in commas {
        if let Some(byte) = blank.get_mut(*comma) {
            *byte = b' ';
        }
    }
    let source = Arc::new(Source::new(name, String::from_utf8(blank).ok()?));
    let (read, tree) = fill::read(&source, params, &Limits::FILE).ok()?;
    Arc::ptr_eq(&read, &source).then_some(tree)
}

fn commas_at(source: &Arc<Source>, offsets: impl Iterator<Item = usize>) -> Vec<Finding> {
    let place = |offset| source.place(Span::new(offset, offset + 1));
    offsets
        .map(|offset| Finding::trailing_comma(place(offset)))
        .collect()
}

/// What is wrong with a piece that cannot be read. Sentences show JSON that is none, and guides leave parts out.
fn softened(errors: Diagnostics, piece: &Piece, text: &str) -> Diagnostics {
    let is_shortened = text.contains('\u{2026}') || text.contains("...");
    let severity = if is_shortened {
        Severity::Info
    } else if piece.fence_end.is_none() {
        Severity::Warning
    } else {
        Severity::Error
    };
    let softer = errors.into_iter().map(|mut one| {
        one.severity = one.severity.min(severity);
        if is_shortened {
            one.help = Some("what is left out cannot be looked at: write all of it".to_owned());
        }
        one
    });
    softer.collect()
}

/// The comma behind a piece that is all of a fence but for it.
fn comma_behind(text: &str, piece: &Piece) -> Option<usize> {
    let rest = text.get(piece.range.end..piece.fence_end?)?;
    let comma = rest.find(',')?;
    let is_alone = rest.trim() == ",";
    is_alone.then_some(piece.range.end + comma)
}

fn is_within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The placeholders in place of what stood for them.
fn restore(finding: &mut Finding, left: &LeftOver) {
    rewritten(finding, &|text| left.restored(text));
}

/// All texts of a finding in other words.
fn rewritten(finding: &mut Finding, restored: &dyn Fn(&str) -> String) {
    finding.message = restored(&finding.message);
    finding.help = finding.help.as_deref().map(restored);
    for (_, label) in &mut finding.related {
        *label = restored(label);
    }
    match &mut finding.edit {
        Some(
            Edit::Replace { text, .. }
            | Edit::AddStatement(text)
            | Edit::Move { document: text, .. },
        ) => *text = restored(text),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(name: &str, text: &str) -> Vec<(What, Vec<&'static str>)> {
        let source = Arc::new(Source::new(name, text));
        let text = read(&source, &Ask::default());
        let documents = text.documents.into_iter();
        documents
            .map(|one| {
                let codes = one.findings.iter().map(|finding| finding.code).collect();
                (one.what, codes)
            })
            .collect()
    }

    const STATEMENT: &str = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}"#;

    #[test]
    fn commas_too_many_are_told_and_read_over() {
        let text = format!("{STATEMENT},\n");
        let part = What::Fragment(PolicyKind::Identity);
        let codes = vec!["FRAGMENT_WRAPPED", "JSON_TRAILING_COMMA"];
        assert_eq!(read_as("p.json", &text), [(part, codes.clone())]);
        let fenced = format!("See:\n```\n{text}```\n");
        assert_eq!(read_as("p.md", &fenced), [(part, codes)]);
    }

    #[test]
    fn texts_are_told_by_name_and_content() {
        let yaml = "Version: '2012-10-17'\nStatement:\n  - {Effect: Allow, Action: 's3:GetObject', Resource: '*'}\n";
        let identity = What::Policy(PolicyKind::Identity);
        assert_eq!(read_as("-", yaml), [(identity, vec![])]);
        assert_eq!(read_as("p.yaml", yaml), [(identity, vec![])]);
        assert_eq!(read_as("p.md", yaml), []);
        let two = format!("{STATEMENT}\n{STATEMENT}\n");
        assert_eq!(read_as("-", &two).len(), 2);
        assert_eq!(read_as("p.json", &two).len(), 3);
        assert_eq!(read_as("p.txt", "Nothing here."), []);
        assert_eq!(
            read_as("p.json", "{\"a\": [1, 2"),
            [(What::Unreadable, vec!["INVALID_JSON"])]
        );
    }

    #[test]
    fn what_is_shown_in_part_is_no_error() {
        let severity = |text: &str| {
            let source = Arc::new(Source::new("p.md", text));
            let read = read(&source, &Ask::default());
            read.documents[0].findings[0].severity
        };
        assert_eq!(severity("```\n{\"Effect\": x}\n```"), Severity::Error);
        assert_eq!(severity("```\n{\"Effect\": ...}\n```"), Severity::Info);
        assert_eq!(severity("See {\"Effect\": x}."), Severity::Warning);
    }

    #[test]
    fn policies_inside_other_things_have_their_kind() {
        let document = format!(r#"{{"Version": "2012-10-17", "Statement": {STATEMENT}}}"#);
        let snapshot = format!(
            "preclear: 1\nprincipals: [{{arn: x, policies: [{document}], boundary: {document}}}]\norganization: {{root: {{scps: [{document}]}}}}\n"
        );
        let kinds = |name: &str, text: &str| -> Vec<Option<PolicyKind>> {
            let read = read_as(name, text);
            read.into_iter().map(|(what, _)| what.kind()).collect()
        };
        assert_eq!(
            kinds("s.yaml", &snapshot),
            [PolicyKind::Identity, PolicyKind::Boundary, PolicyKind::Scp].map(Some)
        );
        let quoted = serde_json::to_string(&document).unwrap();
        let output = format!(
            r#"{{"RoleDetailList": [{{"RolePolicyList": [{{"PolicyDocument": {quoted}}}]}}]}}"#
        );
        assert_eq!(kinds("a.json", &output), [Some(PolicyKind::Identity)]);
    }

    #[test]
    fn of_an_open_placeholder_nothing_else_is_said() {
        let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt",
            "Resource": "arn:aws:kms:<region>:<account-id>:alias/<name-x>"},
            {"Effect": "Allow", "Action": "kms:ListGrant", "Resource": "*"}]}"#;
        let identity = What::Policy(PolicyKind::Identity);
        let open = "UNRESOLVED_PLACEHOLDER";
        assert_eq!(
            read_as("p.json", text),
            [(identity, vec![open, open, open, "UNKNOWN_ACTION"])]
        );
    }
}
