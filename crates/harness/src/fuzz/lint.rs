//! Texts with policies in them: what is found, where, and what becomes of the text when all safe edits are made.
//!
//! The first letter says what the text is: `m` Markdown, `c` a file with policies inside, such as a template; anything else one document,
//! JSON or YAML. Which files of a user are read as what is the program's to say; here the library alone is asked.

use std::sync::Arc;

use preclear_lint::{
    Cut, Edit, Finding as Found, LintOptions, Notation, lint_prose, lint_tree, merged, pieces,
    trailing_commas,
};
use preclear_model::{Limits, Node, Policy, Source, Span, Value, node};

use super::{Finding, hold, place, same};

/// Rounds after which no safe edit may be left. One may make room for the next.
const ROUNDS_MAX: usize = 5;

/// Depth to which policies inside other things are looked for.
const DEPTH_MAX: usize = 64;

/// Lints a text, makes the safe edits until there are none, and compares.
///
/// # Errors
/// A finding without a place in the text, an edit that mends nothing, or that changes more than it says.
///
/// ```
/// preclear_harness::fuzz::lint::oracle(br#"j{"Statement": [{"Effect": "Allow", "Action": "kms:ListGrant",}]}"#).unwrap();
/// ```
pub fn oracle(data: &[u8]) -> Result<(), Finding> {
    let (letter, text) = data.split_first().unwrap_or((&0, &[]));
    let Ok(text) = str::from_utf8(text) else {
        return Ok(());
    };
    let shape = match letter {
        b'm' => Shape::Markdown,
        b'c' => Shape::Container,
        _ => Shape::Document,
    };
    let mut looked = Looked::at(text, shape);
    check_findings(&looked)?;
    for _ in 0..ROUNDS_MAX {
        let edits = safe_edits(&looked)?;
        if edits.is_empty() {
            return Ok(());
        }
        let (new, made) = edited(&looked.source.text, &edits);
        let next = Looked::at(&new, shape);
        check_findings(&next)?;
        compare(&looked, &edits, &next, &made)?;
        looked = next;
    }
    let left = safe_edits(&looked)?;
    hold(left.is_empty(), || {
        format!("edits come to no end: {left:?}\n{}", looked.source.text)
    })
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Document,
    Container,
    Markdown,
}

/// A text with what is found in it.
#[derive(Debug)]
struct Looked {
    source: Arc<Source>,
    /// The trees that were read: all of it, or one for each piece.
    trees: Vec<Node>,
    /// Offsets of commas that were read over.
    commas: Vec<usize>,
    findings: Vec<Found>,
}

impl Looked {
    fn at(text: &str, shape: Shape) -> Looked {
        let source = Arc::new(Source::new("p", text));
        let mut looked = Looked {
            source: Arc::clone(&source),
            trees: Vec::new(),
            commas: Vec::new(),
            findings: Vec::new(),
        };
        if shape == Shape::Markdown {
            looked.pieces();
            return looked;
        }
        let read = node::read_within(&source, &Limits::TEMPLATE)
            .ok()
            .or_else(|| looked.without_commas());
        if let Some(tree) = read {
            let mut found = Vec::new();
            match shape {
                Shape::Container => inside(&tree, &source, DEPTH_MAX, &mut found),
                _ => found.extend(linted(&tree, &source).0),
            }
            let commas = looked.commas.iter().map(|at| comma(&source, *at));
            looked.findings = merged(commas.collect(), found);
            looked.trees.push(tree);
        }
        looked
    }

    /// The tree of a text in which the commas that are too many are blank.
    fn without_commas(&mut self) -> Option<Node> {
        let commas = trailing_commas(&self.source.text);
        let tree = blanked(&self.source.text, &commas)?;
        self.commas = commas;
        Some(tree)
    }

    /// The policies among other text, and the text around them.
    fn pieces(&mut self) {
        let source = Arc::clone(&self.source);
        let mut policies = Vec::new();
        for piece in pieces(&source.text) {
            let cut = Cut::of(&source.text, &piece);
            let ending = match piece.notation {
                Notation::Json => "json",
                Notation::Yaml => "yaml",
            };
            let part = Arc::new(Source::new(format!("p.{ending}"), cut.text.clone()));
            let mut commas = Vec::new();
            let read = node::read_within(&part, &Limits::POLICY).ok();
            let read = read.or_else(|| {
                commas = trailing_commas(&cut.text);
                blanked(&cut.text, &commas)
            });
            let Some(mut tree) = read else { continue };
            cut.place_tree(&mut tree);
            let (found, policy) = linted(&tree, &source);
            let commas: Vec<usize> = commas.into_iter().map(|at| cut.offset(at)).collect();
            let told = commas.iter().map(|at| comma(&source, *at));
            self.findings.extend(merged(told.collect(), found));
            self.commas.extend(commas);
            self.trees.push(tree);
            policies.extend(policy);
        }
        let policies: Vec<&Policy> = policies.iter().collect();
        self.findings.extend(lint_prose(&source, &policies));
    }
}

fn linted(tree: &Node, source: &Arc<Source>) -> (Vec<Found>, Option<Policy>) {
    let report = lint_tree(tree, source, "p", None, &LintOptions::default());
    (report.findings, report.policy)
}

/// Whatever has statements, inside anything.
fn inside(node: &Node, source: &Arc<Source>, rest: usize, found: &mut Vec<Found>) {
    let Some(rest) = rest.checked_sub(1) else {
        return;
    };
    match &node.value {
        Value::Mapping(_) if node.get("Statement").is_some() => {
            found.extend(linted(node, source).0);
        }
        Value::Mapping(members) => {
            for member in members {
                inside(&member.value, source, rest, found);
            }
        }
        Value::Sequence(items) => {
            for item in items {
                inside(item, source, rest, found);
            }
        }
        Value::Scalar(scalar) if scalar.text.contains("Statement") => {
            found.extend(linted(node, source).0);
        }
        Value::Scalar(_) | Value::Null => {}
    }
}

fn comma(source: &Arc<Source>, at: usize) -> Found {
    Found::trailing_comma(source.place(Span::new(at, at + 1)))
}

fn blanked(text: &str, commas: &[usize]) -> Option<Node> {
    if commas.is_empty() {
        return None;
    }
    let mut blank = text.as_bytes().to_vec();
    for comma in commas {
        *blank.get_mut(*comma)? = b' ';
    }
    let source = Arc::new(Source::new("p.json", String::from_utf8(blank).ok()?));
    node::read_within(&source, &Limits::TEMPLATE).ok()
}

/// Every finding says where, what, by which rule; an edit stands in the text too.
fn check_findings(looked: &Looked) -> Result<(), Finding> {
    for finding in &looked.findings {
        let told = || format!("{finding:?}\n{}", looked.source.text);
        let in_edit = match &finding.edit {
            Some(Edit::Replace { place, .. } | Edit::Move { place, .. }) => Some(place),
            Some(Edit::AddStatement(_)) | None => None,
        };
        let related = finding.related.iter().map(|(place, _)| place);
        for one in std::iter::once(&finding.place)
            .chain(related)
            .chain(in_edit)
        {
            place::inside(one).map_err(|wrong| Finding::new(format!("{wrong}: {}", told())))?;
            hold(Arc::ptr_eq(&one.outermost().source, &looked.source), || {
                format!("a place in another text: {}", told())
            })?;
        }
        hold(!finding.message.is_empty(), told)?;
        hold(
            finding.help.is_some() || !finding.to_diagnostic().is_error(),
            told,
        )?;
        if let Some(Edit::AddStatement(text) | Edit::Move { document: text, .. }) = &finding.edit {
            let is_json = serde_json::from_str::<serde_json::Value>(text).is_ok();
            hold(is_json, told)?;
        }
    }
    Ok(())
}

/// An edit in the text itself.
#[derive(Debug, Clone, PartialEq)]
struct Made {
    code: &'static str,
    span: Span,
    text: String,
}

/// The safe edits of a text, in order; of two that overlap the first.
fn safe_edits(looked: &Looked) -> Result<Vec<Made>, Finding> {
    let mut edits = Vec::new();
    for finding in looked.findings.iter().filter(|one| one.is_edit_safe()) {
        let Some(Edit::Replace { place, text }) = &finding.edit else {
            return Err(Finding::new(format!(
                "safe, and no replacement: {finding:?}"
            )));
        };
        // What stands in a string is written in its notation by whoever makes the edit.
        if Arc::ptr_eq(&place.source, &looked.source) {
            edits.push(Made {
                code: finding.code,
                span: place.span,
                text: text.clone(),
            });
        }
    }
    edits.sort_by_key(|edit| edit.span);
    let mut end = 0;
    edits.retain(|edit| {
        let fits = edit.span.start >= end;
        if fits {
            end = edit.span.end;
        }
        fits
    });
    Ok(edits)
}

/// The text with the edits made, and where they are now.
fn edited(text: &str, edits: &[Made]) -> (String, Vec<Span>) {
    let mut new = String::with_capacity(text.len());
    let mut made = Vec::new();
    let mut copied = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        new.push_str(text.get(copied..start).unwrap_or_default());
        let at = new.len();
        new.push_str(&edit.text);
        made.push(Span::new(at, new.len()));
        copied = end;
    }
    new.push_str(text.get(copied..).unwrap_or_default());
    (new, made)
}

/// What was read is read again, without what was mended, and is the same but for the names that were.
fn compare(before: &Looked, edits: &[Made], after: &Looked, made: &[Span]) -> Result<(), Finding> {
    let told = || {
        format!(
            "{edits:?}\n{}\n-- becomes --\n{}",
            before.source.text, after.source.text
        )
    };
    hold(before.trees.len() == after.trees.len(), || {
        format!("not read any more: {}", told())
    })?;
    for (edit, span) in edits.iter().zip(made) {
        if edit.code == "JSON_TRAILING_COMMA" {
            let at = span.start as usize;
            hold(!after.commas.contains(&at), || {
                format!("the comma at {at} is there again: {}", told())
            })?;
            continue;
        }
        let again = after.findings.iter().find(|finding| {
            finding.code == edit.code
                && Arc::ptr_eq(&finding.place.source, &after.source)
                && finding.place.span == *span
        });
        hold(again.is_none(), || {
            format!("mended, and found again: {again:?}\n{}", told())
        })?;
    }
    let mut changed = Vec::new();
    for (one, other) in before.trees.iter().zip(&after.trees) {
        differences(one, other, &mut changed)
            .map_err(|found| Finding::new(format!("{found}: {}", told())))?;
    }
    // What is mended in sentences stands in no tree.
    let in_tree = |span: Span| {
        let mut trees = before.trees.iter();
        trees.any(|tree| tree.span.start <= span.start && span.end <= tree.span.end)
    };
    let names = edits
        .iter()
        .filter(|edit| edit.code != "JSON_TRAILING_COMMA" && in_tree(edit.span));
    let expected: Vec<Span> = names.map(|edit| edit.span).collect();
    let mut found: Vec<Span> = changed;
    found.sort_unstable();
    found.dedup();
    same(
        || format!("other values changed: {}", told()),
        &expected,
        &found,
    )
}

/// The places of the scalars that differ.
fn differences(one: &Node, other: &Node, changed: &mut Vec<Span>) -> Result<(), Finding> {
    match (&one.value, &other.value) {
        (Value::Scalar(a), Value::Scalar(b)) => {
            hold(a.kind == b.kind, || format!("{a:?} becomes {b:?}"))?;
            if a.text != b.text {
                changed.push(one.span);
            }
            Ok(())
        }
        (Value::Sequence(a), Value::Sequence(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b);
            pairs.try_for_each(|(a, b)| differences(a, b, changed))
        }
        (Value::Mapping(a), Value::Mapping(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b);
            pairs.try_for_each(|(a, b)| {
                hold(a.name == b.name, || {
                    format!("`{}` becomes `{}`", a.name, b.name)
                })?;
                differences(&a.value, &b.value, changed)
            })
        }
        (Value::Null, Value::Null) => Ok(()),
        (a, b) => Err(Finding::new(format!("{a:?} becomes {b:?}"))),
    }
}
