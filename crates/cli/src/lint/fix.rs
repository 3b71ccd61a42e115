//! Edits that are safe, made in the text of a file.

use std::sync::Arc;

use preclear_lint::{Edit, Finding};
use preclear_model::{Place, Source, Span};
use similar::TextDiff;

use super::document::{self, Ask, Text};

/// Edits may make room for others; each round makes all that fit.
const ROUNDS_MAX: usize = 5;

/// The finding of a mark in front of a text.
pub(super) const MARK_CODE: &str = "BYTE_ORDER_MARK";

const BYTE_ORDER_MARK: char = '\u{feff}';

/// An edit that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Where it was, in the text before its round.
    pub(super) place: Place,
    pub(super) code: &'static str,
    pub(super) old: String,
    pub(super) new: String,
}

/// A text with its edits made.
#[derive(Debug, Clone)]
pub(super) struct Fixed {
    pub(super) text: Text,
    pub(super) changes: Vec<Change>,
}

/// Makes the safe edits of a text until there are none.
pub(super) fn fixed(text: Text, ask: &Ask) -> Fixed {
    let mut fixed = Fixed {
        text,
        changes: Vec::new(),
    };
    if let Some(mark) = byte_order_mark(&fixed.text) {
        let source = &fixed.text.source;
        let bare = Source::new(source.name.clone(), source.text.clone());
        fixed.changes.push(mark);
        fixed.text = document::read(&Arc::new(bare), ask);
    }
    for _ in 0..ROUNDS_MAX {
        let source = Arc::clone(&fixed.text.source);
        let findings = fixed.text.documents.iter().flat_map(|one| &one.findings);
        let edits = edits(findings, &source);
        if edits.is_empty() {
            break;
        }
        let mut new = String::with_capacity(source.text.len());
        let mut copied = 0;
        for edit in &edits {
            let span = edit.place.span;
            new.push_str(
                source
                    .text
                    .get(copied..span.start as usize)
                    .unwrap_or_default(),
            );
            new.push_str(&edit.new);
            copied = span.end as usize;
        }
        new.push_str(source.text.get(copied..).unwrap_or_default());
        fixed.changes.extend(edits);
        if source.had_byte_order_mark {
            new.insert(0, BYTE_ORDER_MARK);
        }
        fixed.text = document::read(&Arc::new(Source::new(source.name.clone(), new)), ask);
    }
    fixed
}

/// The mark in front of a text, where a finding says that it does not belong there: nothing of the text is changed without it.
fn byte_order_mark(text: &Text) -> Option<Change> {
    let source = &text.source;
    let mut findings = text.documents.iter().flat_map(|one| &one.findings);
    let is_told = findings.any(|finding| finding.code == MARK_CODE);
    (source.had_byte_order_mark && is_told).then(|| Change {
        place: source.place(Span::default()),
        code: MARK_CODE,
        old: BYTE_ORDER_MARK.into(),
        new: String::new(),
    })
}

/// The safe edits of findings, in order; of two that overlap the first.
fn edits<'f>(findings: impl Iterator<Item = &'f Finding>, source: &Arc<Source>) -> Vec<Change> {
    let mut edits: Vec<Change> = findings
        .filter(|finding| finding.is_edit_safe())
        .filter_map(|finding| change(finding, source))
        .collect();
    edits.sort_by_key(|edit| edit.place.span);
    let mut end = 0;
    edits.retain(|edit| {
        let fits = edit.place.span.start >= end;
        if fits {
            end = edit.place.span.end;
        }
        fits
    });
    edits
}

/// An edit in the text of the file itself; a string of it that holds a document is written in its own notation.
fn change(finding: &Finding, source: &Arc<Source>) -> Option<Change> {
    let Some(Edit::Replace { place, text }) = &finding.edit else {
        return None;
    };
    let outer = place.outermost();
    if !Arc::ptr_eq(&outer.source, source) {
        return None;
    }
    let old = outer.text().to_owned();
    let is_comma = old == "," && text.is_empty();
    let new = if place.source.outer().is_none() || is_comma {
        text.clone()
    } else {
        let bare = |text: &str| text.trim_matches(['"', '\'']).to_owned();
        let (before, after) = (bare(place.text()), bare(text));
        let is_plain = |text: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '/' | '_' | '*'))
        };
        if !is_plain(&before) || !is_plain(&after) || old.matches(&before).count() != 1 {
            return None;
        }
        old.replacen(&before, &after, 1)
    };
    let is_within = (outer.span.end as usize) <= source.text.len();
    (is_within && old != new).then(|| Change {
        place: Place {
            source: Arc::clone(source),
            span: Span { ..outer.span },
        },
        code: finding.code,
        old,
        new,
    })
}

/// What changed, as `diff -u` has it: lines end where `patch` ends them.
pub(super) fn diff(name: &str, old: &Source, new: &Source) -> String {
    let [old, new] = [old, new].map(|source| {
        let mark = source.had_byte_order_mark.then_some(BYTE_ORDER_MARK);
        mark.into_iter()
            .chain(source.text.chars())
            .collect::<String>()
    });
    let [before, after] = [&old, &new].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let diff = TextDiff::from_slices(&before, &after);
    let mut text = String::new();
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        if text.is_empty() {
            text.push_str(&format!("--- {name}\n+++ {name}\n"));
        }
        text.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            text.push_str(&format!("{}{}", change.tag(), change.value()));
            if !change.value().ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(name: &str, text: &str) -> Fixed {
        let ask = Ask::default();
        let source = Arc::new(Source::new(name, text));
        fixed(document::read(&source, &ask), &ask)
    }

    #[test]
    fn commas_and_names_are_mended_in_one_go() {
        let text =
            r#"{"Effect": "Allow", "Action": ["kms:ListGrant", "s3:GetObjct",], "Resource": "*"},"#;
        let done = fix("p.json", text);
        assert_eq!(
            done.text.source.text,
            r#"{"Effect": "Allow", "Action": ["kms:ListGrants", "s3:GetObject"], "Resource": "*"}"#
        );
        assert_eq!(done.changes.len(), 4);
    }

    #[test]
    fn documents_in_strings_keep_their_notation() {
        let text = r#"{"preclear": 1, "principals": [{"policies": ["{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"kms:ListGrant\", \"Resource\": \"*\"}}"]}]}"#;
        let done = fix("s.json", text);
        assert_eq!(
            done.text.source.text,
            text.replace("ListGrant", "ListGrants")
        );
    }

    #[test]
    fn guesses_are_left_alone() {
        let text = r#"{"Effect": "Allow", "Action": ["kmss:Decrypt", "cognito-identity:List"], "Resource": "*"}"#;
        assert_eq!(fix("p.json", text).changes, []);
    }
}
