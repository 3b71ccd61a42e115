//! Conditions of a template in words.

use serde_json::Value;

use crate::markdown::code;
use crate::names::{block, is_built_in, whole_name};
use crate::words::{Words, either, names_in, push_once};

/// How many patterns are named.
const PATTERNS: usize = 5;

impl Words<'_> {
    /// A condition, or its opposite.
    pub(crate) fn condition(&self, condition: &Value, holds: bool) -> String {
        let Some((kind, inner)) = block(condition) else {
            return String::new();
        };
        let name = inner.as_str().unwrap_or_default();
        let listed = inner.as_array().map_or(&[][..], Vec::as_slice);
        match (kind, listed) {
            ("given", _) => self.given(name, holds),
            ("has", _) => format!(
                "the request {} {}",
                if holds { "has" } else { "lacks" },
                code(name)
            ),
            ("not", _) => self.condition(inner, !holds),
            // The opposite of "all of them" is "one of the opposites".
            ("all", all) => self.joined(all, holds, if holds { " and " } else { " or " }),
            ("any", all) => self.joined(all, holds, if holds { " or " } else { " and " }),
            ("listed", _) => {
                let verb = if holds { "lists" } else { "does not list" };
                format!("the snapshot {verb} {}", self.one_of(inner))
            }
            ("equals", [one, other]) => self.equals(one, other, holds),
            ("same", [one, other]) if is_joined(one, other) => {
                let count = if holds {
                    "there is only one"
                } else {
                    "there is more than one"
                };
                format!("{count} of {}", self.value(one))
            }
            ("same", [one, other]) => {
                let verb = if holds { "are just" } else { "are not just" };
                format!("{} {verb} {}", self.value(one), self.value(other))
            }
            ("differs", [one, other]) => {
                let verb = if holds { "is not" } else { "is" };
                format!("{} {verb} {}", self.value(one), self.one_of(other))
            }
            ("like", [one, patterns]) => self.like(one, patterns, holds),
            _ => code(&condition.to_string()),
        }
    }

    fn joined(&self, all: &[Value], holds: bool, word: &str) -> String {
        let is_single = all.len() == 1;
        let mut parts = Vec::new();
        for one in all {
            let words = self.condition(one, holds);
            let is_compound = [" and ", " or "]
                .iter()
                .any(|other| *other != word && words.contains(other));
            if is_compound && !is_single {
                push_once(&mut parts, format!("({words})"));
            } else {
                words
                    .split(word)
                    .for_each(|part| push_once(&mut parts, part.to_owned()));
            }
        }
        parts.join(word)
    }

    fn equals(&self, one: &Value, other: &Value, holds: bool) -> String {
        let verb = if holds { "is" } else { "is not" };
        if one.as_str() == Some("{operation}") {
            return format!("the operation {verb} {}", self.one_of(other));
        }
        let said = self.one_of(one);
        if let (Some(bucket), Some("true")) =
            (said.strip_prefix("the bucket key of "), other.as_str())
        {
            return format!(
                "{bucket} {} bucket key",
                if holds { "has a" } else { "has no" }
            );
        }
        format!("{said} {verb} {}", self.one_of(other))
    }

    fn like(&self, one: &Value, patterns: &Value, holds: bool) -> String {
        if patterns.as_str() == Some("*") {
            let article = if holds { "there is" } else { "there is no" };
            return format!("{article} {}", without_article(&self.one_of(one), holds));
        }
        let verb = if holds { "is" } else { "is not" };
        let count = patterns.as_array().map_or(1, Vec::len);
        let patterns = if count > PATTERNS {
            format!("one of {count} patterns")
        } else {
            self.one_of(patterns)
        };
        format!("{} {verb} like {patterns}", self.one_of(one))
    }

    fn given(&self, name: &str, holds: bool) -> String {
        if let Some(operations) = self.names.marked(name) {
            let verb = if holds { "is" } else { "is not" };
            return format!("the operation {verb} {}", in_code(&operations));
        }
        if let Some(words) = self.given_in_some(name, holds) {
            return words;
        }
        let definition = self.names.only(name);
        if let Some(words) = definition.and_then(|definition| self.given_value(definition, holds)) {
            return words;
        }
        let article = match (self.names.is_key_use(name), holds) {
            (true, true) => "there are",
            (true, false) => "there are no",
            (false, true) => "there is",
            (false, false) => "there is no",
        };
        format!("{article} {}", code(&format!("{{{name}}}")))
    }

    /// A name that stands for another, in some of the operations.
    fn given_in_some(&self, name: &str, holds: bool) -> Option<String> {
        let definitions = self.names.definitions(name);
        let [only] = definitions.as_slice() else {
            return None;
        };
        let other = only.value.as_str().and_then(whole_name)?;
        let is_everywhere = only.operations.len() == self.names.operations().len();
        if is_everywhere || is_built_in(other) {
            return None;
        }
        let operations = in_code(&only.operations);
        let other = self.given(other, holds);
        Some(if holds {
            format!("the operation is {operations} and {other}")
        } else {
            format!("the operation is not {operations} or {other}")
        })
    }

    /// Whether a value is there, if that is whether a member of the request is, or what one condition says.
    fn given_value(&self, value: &Value, holds: bool) -> Option<String> {
        if let Some(text) = value.as_str() {
            let mut names = names_in(text).filter(|name| !is_built_in(name));
            let (name, more) = (names.next()?, names.next());
            return more.is_none().then(|| self.given(name, holds));
        }
        let (kind, inner) = block(value)?;
        match kind {
            "field" => {
                let verb = if holds { "is" } else { "is not" };
                Some(format!("{} {verb} given", code(inner.as_str()?)))
            }
            "key" | "s3_bucket" | "s3_object" | "s3_below" => self.given_value(inner, holds),
            "named" => self.given_value(inner.get("key")?, holds),
            "if" => {
                let is_there = |member: &str| {
                    inner
                        .get(member)
                        .filter(|value| is_fixed_text(value))
                        .is_some()
                };
                let is_left_out = |member: &str| {
                    inner
                        .get(member)
                        .is_none_or(|value| value.as_array().is_some_and(Vec::is_empty))
                };
                let holds = match (is_there("then"), is_there("else")) {
                    (true, false) if is_left_out("else") => holds,
                    (false, true) if is_left_out("then") => !holds,
                    _ => return None,
                };
                Some(self.condition(inner.get("when")?, holds))
            }
            _ => None,
        }
    }
}

/// Whether the second joins the first: both are the same if that is one text.
fn is_joined(one: &Value, other: &Value) -> bool {
    other.get("join").and_then(|join| join.get("of")) == Some(one)
}

fn in_code(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| code(name)).collect();
    either(&names)
}

fn is_fixed_text(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| !text.contains('{') || whole_name(text).is_some_and(is_built_in))
}

fn without_article(words: &str, keeps: bool) -> &str {
    if keeps {
        words
    } else {
        words.strip_prefix("the ").unwrap_or(words)
    }
}
