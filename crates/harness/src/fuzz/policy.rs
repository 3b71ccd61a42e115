//! Policy documents in any notation: an input is one letter for kind and strictness, and a text.
//!
//! The letter makes seeds readable: `a` to `i` are the kinds of policies in the order of [`PolicyKind::ALL`], in capitals
//! they are read leniently.

use std::sync::Arc;

use preclear_model::policy::ParseOptions;
use preclear_model::{Diagnostics, Policy, PolicyKind, Source, json, node};

use super::{Finding, document, hold, place, same};

mod asked;
mod said;

/// Reads the text by every road.
///
/// # Errors
/// Roads that lead elsewhere, and places that do not hold.
///
/// ```
/// preclear_harness::fuzz::policy::oracle(br#"a{"Version": "2012-10-17", "Statement": []}"#).unwrap();
/// ```
pub fn oracle(data: &[u8]) -> Result<(), Finding> {
    let (letter, text) = data.split_first().unwrap_or((&b'a', &[]));
    let text = match Source::from_bytes("d.json", text.to_vec()) {
        Ok(source) => source.text,
        Err(found) => return place::check(&found),
    };
    let reading = Reading::of(*letter);
    document::check(&text)?;
    reading.check(&text)
}

/// How a document is read.
#[derive(Debug, Clone, Copy)]
struct Reading {
    kind: PolicyKind,
    options: ParseOptions,
}

/// A document that was read, or what is wrong with it.
type Read = (Option<Policy>, Diagnostics);

impl Reading {
    fn of(letter: u8) -> Reading {
        let place = usize::from(letter.to_ascii_lowercase().wrapping_sub(b'a'));
        let kinds = PolicyKind::ALL;
        Reading {
            kind: kinds[place % kinds.len()],
            options: ParseOptions {
                lenient: letter.is_ascii_uppercase(),
            },
        }
    }

    fn read(self, name: &str, text: &str) -> Read {
        let source = Arc::new(Source::new(name, text));
        Policy::read(&source, "p", self.kind, self.options)
    }

    fn check(self, text: &str) -> Result<(), Finding> {
        let read = self.read("d.json", text);
        let (policy, found) = &read;
        place::check(found)?;
        hold(policy.is_some() != found.has_errors(), || {
            format!("a policy in spite of errors, or none without: {text:?}: {found}")
        })?;
        self.by_node(text, &read)?;
        self.is_more_lenient(text, &read)?;
        let (as_yaml, found) = self.read("d.yaml", text);
        place::check(&found)?;
        if let Some(policy) = &as_yaml {
            said::spans_hold(policy)?;
        }
        let Ok(root) = json::read(&Arc::new(Source::new("d.json", text))) else {
            return Ok(());
        };
        if root.as_mapping().is_none() {
            return Ok(());
        }
        if let Some(policy) = policy {
            said::is_what_is_written(policy)?;
            asked::of(policy)?;
        }
        let dense = document::write(&root);
        self.is_the_same("d.json", &dense, &read)?;
        // What has no quotes may be a text in YAML, whatever it looks like.
        if !document::has_numbers_or_booleans(&root) {
            self.is_the_same("d.yaml", &format!("--- {dense}\n"), &read)?;
        }
        self.in_a_string(text, &read)
    }

    /// The quick way over a tree of the text and the way over nodes are one.
    fn by_node(self, text: &str, read: &Read) -> Result<(), Finding> {
        let source = Arc::new(Source::new("d.json", text));
        let by_node = match node::read(&source) {
            Ok(node) => Policy::parse(&node, &source, "p", self.kind, self.options),
            Err(found) => (None, found),
        };
        same(|| format!("{text:?} read by node"), read, &by_node)
    }

    /// What is accepted strictly is accepted leniently, and says the same.
    fn is_more_lenient(self, text: &str, read: &Read) -> Result<(), Finding> {
        let options = ParseOptions { lenient: true };
        let (lenient, found) = Reading { options, ..self }.read("d.json", text);
        place::check(&found)?;
        match &read.0 {
            Some(policy) => same(
                || format!("{text:?} read leniently"),
                &Some(policy),
                &lenient.as_ref(),
            ),
            None => Ok(()),
        }
    }

    /// In another notation it says the same.
    fn is_the_same(self, name: &str, text: &str, read: &Read) -> Result<(), Finding> {
        let other = self.read(name, text);
        place::check(&other.1)?;
        same(
            || format!("{text:?} in {name}"),
            &brief(read),
            &brief(&other),
        )
    }

    /// As tools print documents: in a string, and percent-encoded.
    fn in_a_string(self, text: &str, read: &Read) -> Result<(), Finding> {
        let quoted = serde_json::Value::from(text).to_string();
        let encoded = percent_encoded(text);
        for outer in [quoted, format!("\"{encoded}\""), encoded] {
            let other = self.read("d.json", &outer);
            place::check(&other.1)?;
            same(|| format!("{outer:?}"), &brief(read), &brief(&other))?;
            for finding in &other.1 {
                let Some(inner) = &finding.place else {
                    continue;
                };
                let is_quoted = outer.contains('%') || document::is_quoted_at(inner);
                hold(is_quoted, || format!("{finding}: not there in {outer:?}"))?;
            }
            for (before, after) in read.1.iter().zip(&other.1) {
                let span = |place: &preclear_model::Place| place.span;
                same(
                    || format!("places of {before} and {after}"),
                    &before.place.as_ref().map(span),
                    &after.place.as_ref().map(span),
                )?;
            }
        }
        Ok(())
    }
}

/// What a reading comes to, without places; sizes and spellings are those of a notation, and what is said of them is left
/// out.
fn brief((policy, found): &Read) -> (Option<said::Said>, Vec<(String, String)>) {
    const OF_A_NOTATION: [&str; 3] = [
        "POLICY_EXCEEDS_QUOTA",
        "CHARACTER_NOT_STORABLE",
        "BYTE_ORDER_MARK",
    ];
    let kept = found
        .iter()
        .filter(|one| !OF_A_NOTATION.contains(&one.code));
    let found = document::in_brief(&kept.cloned().collect());
    (policy.as_ref().map(said::Said::of), found)
}

/// Everything but letters and digits encoded.
fn percent_encoded(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}
