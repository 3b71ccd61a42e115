//! Documents from statements, and what lint says of them.

#![allow(dead_code, reason = "each test program uses a part")]

use std::sync::Arc;

use preclear_lint::{Edit, Finding, LintOptions, Report, lint_tree};
use preclear_model::{Arn, PolicyKind, Source, node};

/// An account that no documentation uses.
pub(crate) const ACCOUNT: &str = "210987654321";

/// A key of that account.
pub(crate) const KEY: &str =
    "arn:aws:kms:us-west-2:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A document around statements.
pub(crate) fn document(statements: &str) -> String {
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statements}]}}")
}

/// Options with the key known.
pub(crate) fn at_key() -> LintOptions {
    LintOptions {
        key_arn: Arn::parse(KEY),
        ..LintOptions::default()
    }
}

/// Everything that is said of a text.
pub(crate) fn report(text: &str, kind: Option<PolicyKind>, options: &LintOptions) -> Report {
    let name = if text.starts_with("Version:") {
        "p.yaml"
    } else {
        "p.json"
    };
    let source = Arc::new(Source::new(name, text));
    let tree = node::read(&source).unwrap_or_else(|found| panic!("{found}\n{text}"));
    lint_tree(&tree, &source, name, kind, options)
}

/// Everything that is said of a text of a known kind.
pub(crate) fn findings(text: &str, kind: PolicyKind) -> Vec<Finding> {
    report(text, Some(kind), &LintOptions::default()).findings
}

/// Codes in the order of their places.
pub(crate) fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

/// The text that a finding marks.
pub(crate) fn marked(finding: &Finding) -> &str {
    finding.place.source.slice(finding.place.span)
}

/// The finding of a code.
pub(crate) fn only<'f>(findings: &'f [Finding], code: &str) -> &'f Finding {
    let found: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.code == code)
        .collect();
    match found.as_slice() {
        [finding] => finding,
        _ => panic!("{} times {code} in {findings:#?}", found.len()),
    }
}

/// The text after a replacement.
pub(crate) fn edited(edit: &Edit) -> Option<String> {
    let Edit::Replace { place, text } = edit else {
        return None;
    };
    let whole = &place.source.text;
    let (start, end) = (place.span.start as usize, place.span.end as usize);
    Some(format!("{}{text}{}", &whole[..start], &whole[end..]))
}
