//! What AWS would refuse to store: characters and sizes. It never changes an answer. Rule: IAM-GRAM-1, IAM-GRAM-23,
//! KMS-POL-13.

use super::grammar::Quota;
use super::parser::{Parser, opening};
use crate::source::Span;
use crate::tree::Element;

impl Parser<'_> {
    /// Warns of the first character that AWS would not store.
    pub(super) fn check_characters(&mut self, node: Element<'_>) {
        let Some(rule) = self.grammar.charset else {
            return;
        };
        let is_plain = |span: Span| self.source.slice(span).chars().all(is_storable);
        // Nearly all documents are, and bytes are compared many at a time.
        let is_ascii_json =
            || node.tree().is_scanned() && self.source.slice(node.span()).is_ascii();
        if is_ascii_json() || is_plain(node.span()) {
            return;
        }
        let Some(span) = node.tree().scalars().find(|span| !is_plain(*span)) else {
            return;
        };
        let character = self
            .source
            .slice(span)
            .chars()
            .find(|c| !is_storable(*c))
            .unwrap_or_default();
        let message = format!("AWS would refuse to store `{}`", character.escape_debug());
        let help =
            "use U+0020 to U+00FF, tabs and line breaks alone, or escape the character in JSON";
        self.warn(span, "CHARACTER_NOT_STORABLE", rule, message, help);
    }

    /// False for a document that is too short to exceed its quota, whatever it is written in.
    pub(super) fn may_exceed_quota(&self, node: Element<'_>) -> bool {
        let (Quota::Dense(max) | Quota::Characters(max) | Quota::Bytes(max)) = self.grammar.quota
        else {
            return false;
        };
        let bytes = self.source.slice(node.span()).len();
        // JSON text counts at most its bytes. Of other notations none takes less than half of what JSON takes without
        // white space.
        bytes
            > if node.tree().is_scanned() {
                max
            } else {
                max / 2
            }
    }

    /// Warns of a document that is longer than the greatest quota for its kind; true if it is.
    pub(super) fn exceeds_quota(&mut self, node: Element<'_>) -> bool {
        let (max, unit, rule) = match self.grammar.quota {
            Quota::Unknown => return false,
            Quota::Dense(max) => (max, "characters without white space", "IAM-GRAM-23"),
            Quota::Characters(max) => (max, "characters", "IAM-GRAM-23"),
            Quota::Bytes(max) => (max, "bytes", "KMS-POL-13"),
        };
        let size = self.size(node);
        if size > max {
            let message = format!(
                "{} may have {max} {unit}; this one has {size}",
                self.kind.description()
            );
            self.warn(
                opening(node),
                "POLICY_EXCEEDS_QUOTA",
                rule,
                message,
                "shorten it, or split it into several policies",
            );
        }
        size > max
    }

    /// The size in the quota's unit, of the text that AWS would be given.
    fn size(&self, node: Element<'_>) -> usize {
        let raw = self.source.slice(node.span());
        let is_json = node.tree().is_json();
        // An object in a larger file, or in YAML, is not the text that AWS gets; without white space it is closest.
        let is_whole = is_json && self.source.text.trim().len() == raw.len();
        let text = if is_json && (is_whole || matches!(self.grammar.quota, Quota::Dense(_))) {
            raw.to_owned()
        } else {
            node.to_node().to_json().to_string()
        };
        match self.grammar.quota {
            Quota::Dense(_) => text.chars().filter(|c| !c.is_whitespace()).count(),
            Quota::Characters(_) => text.chars().count(),
            Quota::Bytes(_) | Quota::Unknown => text.len(),
        }
    }
}

fn is_storable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}')
}
