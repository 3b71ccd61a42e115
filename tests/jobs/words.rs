//! Values of a template in words.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;

use crate::markdown::code;
use crate::names::{Names, block, is_built_in, is_empty, list, text, whole_name};

/// How long the words may be that stand in the place of a name.
const SHORT: usize = 90;
/// How many definitions may be followed for them.
const STEPS: usize = 4;
/// How long the words of a whole value may be before only its origins are told.
const LONG: usize = 220;

static NAME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{([a-z_][a-z0-9_]*)\}").unwrap());

/// Names in braces, as they stand in a text.
pub(crate) fn names_in(text: &str) -> impl Iterator<Item = &str> {
    NAME.captures_iter(text)
        .filter_map(|found| found.get(1))
        .map(|name| name.as_str())
}

/// Says what stands in one template.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(crate) names: Names<'a>,
}

impl Words<'_> {
    /// A value, as far as it can be said; names that take more than a step stay names.
    pub(crate) fn value(&self, value: &Value) -> String {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(all) if all.is_empty() => "nothing".to_owned(),
            Value::Array(all) => self.all(all).join(", "),
            other => block(other).map_or_else(
                || code(&other.to_string()),
                |(kind, inner)| self.block(kind, inner),
            ),
        }
    }

    /// A value, of which one text is enough.
    pub(crate) fn one_of(&self, value: &Value) -> String {
        match value {
            Value::Array(all) if !all.is_empty() => either(&self.all(all)),
            other => self.value(other),
        }
    }

    /// A value in words, or if they are too many what it is worked out from.
    pub(crate) fn value_or_origins(&self, value: &Value) -> String {
        let words = self.value(value);
        if words.chars().count() <= LONG {
            return words;
        }
        let mut origins = Vec::new();
        self.push_origins(value, &mut origins);
        if origins.is_empty() {
            return words;
        }
        format!("worked out from {}", origins.join(", "))
    }

    /// The words of a list, each once.
    fn all(&self, all: &[Value]) -> Vec<String> {
        let mut said = Vec::new();
        all.iter()
            .for_each(|one| push_once(&mut said, self.value(one)));
        said
    }

    /// What a name stands for, if that is short, else the name.
    pub(crate) fn name(&self, name: &str) -> String {
        self.inline(name, STEPS)
            .unwrap_or_else(|| code(&format!("{{{name}}}")))
    }

    /// A text whose names are replaced where that is one step.
    pub(crate) fn filled(&self, text: &str) -> String {
        let filled = NAME.replace_all(text, |found: &Captures| self.part(&found[0], &found[1]));
        filled.into_owned()
    }

    fn part(&self, whole: &str, name: &str) -> String {
        if name == "partition" {
            return "aws".to_owned();
        }
        if name == "service" {
            return self.names.service().to_owned();
        }
        match self.names.only(name) {
            Some(Value::String(text)) if whole_name(text) != Some(name) => self.filled(text),
            Some(definition) => match block(definition) {
                Some(("field", Value::String(path))) => format!("{{{path}}}"),
                _ => whole.to_owned(),
            },
            None => whole.to_owned(),
        }
    }

    fn text(&self, text: &str) -> String {
        match whole_name(text) {
            Some(name) => self.name(name),
            None => code(&self.filled(text)),
        }
    }

    fn built_in(&self, name: &str) -> String {
        match name {
            "account" => "the job's account".to_owned(),
            "region" => "the job's Region".to_owned(),
            "service" => code(self.names.service()),
            "operation" | "interface" | "profile" | "partition" => format!("the {name}"),
            "api" => match self.names.operations() {
                [only] => code(text(only, "operation")),
                _ => "the operation's own action".to_owned(),
            },
            "item" => code("{item}"),
            other => code(other),
        }
    }

    fn inline(&self, name: &str, steps: usize) -> Option<String> {
        if is_built_in(name) {
            return Some(self.built_in(name));
        }
        self.short(self.names.only(name)?, steps.checked_sub(1)?)
    }

    /// The words of a value that is hardly more than a member of the request.
    fn short(&self, value: &Value, steps: usize) -> Option<String> {
        let words = match value {
            Value::String(text) => match whole_name(text) {
                Some(name) => {
                    let inline = self.inline(name, steps);
                    inline.unwrap_or_else(|| code(&format!("{{{name}}}")))
                }
                None => code(&self.filled(text)),
            },
            Value::Array(all) => {
                let all: Option<Vec<String>> =
                    all.iter().map(|one| self.short(one, steps)).collect();
                all?.join(", ")
            }
            other => {
                let (kind, inner) = block(other)?;
                self.short_block(kind, inner, steps.checked_sub(1)?)?
            }
        };
        (words.chars().count() <= SHORT).then_some(words)
    }

    fn short_block(&self, kind: &str, inner: &Value, steps: usize) -> Option<String> {
        match kind {
            "field" => Some(code(inner.as_str()?)),
            "named" => self.short(inner.get("key")?, steps),
            "attribute" => Some(attribute(
                text(inner, "member"),
                &self.short(inner.get("of")?, steps)?,
            )),
            "s3_contents" if inner.get("except").is_none() => {
                Some(carried(kind, &self.short(inner.get("of")?, steps)?))
            }
            "key" | "s3_bucket" | "s3_object" | "s3_below" | "account_of" | "custom_functions" => {
                Some(carried(kind, &self.short(inner, steps)?))
            }
            _ => None,
        }
    }

    fn block(&self, kind: &str, inner: &Value) -> String {
        let of = || inner.get("of").map(|of| self.value(of)).unwrap_or_default();
        match kind {
            "field" => code(inner.as_str().unwrap_or_default()),
            "names" => format!("the names in {}", code(inner.as_str().unwrap_or_default())),
            "first" => {
                let all = inner.as_array().map_or(&[][..], Vec::as_slice);
                self.all(all).join(", else ")
            }
            "if" => self.choice(inner),
            "elements" => self.elements(inner),
            "match" => format!("by the form of {}: {}", of(), self.cases(inner)),
            "rewrite" => format!(
                "{} (`{}` made `{}`)",
                of(),
                text(inner, "from"),
                text(inner, "to")
            ),
            "join" => format!("{} (joined by `{}`)", of(), text(inner, "with")),
            "attribute" => attribute(text(inner, "member"), &of()),
            "described" => format!(
                "`{}` of {} as the snapshot describes it",
                text(inner, "path"),
                of()
            ),
            "s3_contents" => {
                let except = inner
                    .get("except")
                    .map(|except| format!(" except {}", self.value(except)));
                carried(kind, &of()) + &except.unwrap_or_default()
            }
            "read" | "write" | "named" => self.key_use(kind, inner),
            _ => carried(kind, &self.value(inner)),
        }
    }

    fn choice(&self, inner: &Value) -> String {
        let Some(when) = inner.get("when") else {
            return String::new();
        };
        let branch = |member: &str| {
            let value = inner.get(member).filter(|value| !is_empty(value))?;
            let words = self.value(value);
            Some(if words.contains(" if ") {
                format!("({words})")
            } else {
                words
            })
        };
        match (branch("then"), branch("else")) {
            (Some(then), Some(other)) => {
                format!("{then} if {}, else {other}", self.condition(when, true))
            }
            (Some(then), None) => format!("{then} if {}", self.condition(when, true)),
            (None, Some(other)) => format!("{other} if {}", self.condition(when, false)),
            (None, None) => "nothing".to_owned(),
        }
    }

    fn elements(&self, inner: &Value) -> String {
        let path = text(inner, "of");
        let taken = inner
            .get("take")
            .map(|take| self.value(&within(take, path)))
            .unwrap_or_default();
        match inner.get("when") {
            Some(when) => format!(
                "{taken} where {}",
                self.condition(&within(when, path), true)
            ),
            None => taken,
        }
    }

    fn cases(&self, inner: &Value) -> String {
        let case = |case: &Value| {
            let pattern = case.get(0).and_then(Value::as_str).unwrap_or_default();
            let value = case
                .get(1)
                .map(|value| self.value(value))
                .unwrap_or_default();
            format!("{value} for `{}`", self.filled(pattern))
        };
        list(inner, "cases")
            .iter()
            .map(case)
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn key_use(&self, kind: &str, inner: &Value) -> String {
        let words = |member: &str| inner.get(member).map(|value| self.value(value));
        let key = words("key");
        if kind == "named" {
            return key.unwrap_or_default();
        }
        let objects = words("objects").unwrap_or_default();
        let named = key
            .map(|key| format!("{key} if given, else "))
            .unwrap_or_default();
        let has_header = inner.get("header").and_then(Value::as_bool) == Some(true);
        let other = match (kind, has_header) {
            ("read", _) => "what they, or their buckets by default, are encrypted under",
            (_, true) => "aws/s3 of the writer's account",
            (_, false) => "the default key of their buckets",
        };
        let verb = if kind == "read" { "read" } else { "written" };
        format!("the keys of the objects that are {verb} ({objects}): {named}{other}")
    }

    fn push_origins(&self, value: &Value, origins: &mut Vec<String>) {
        if let Some(origin) =
            block(value).and_then(|(kind, inner)| self.short_block(kind, inner, STEPS))
        {
            push_once(origins, origin);
            return;
        }
        match value {
            Value::String(text) => {
                // The names of a rewriting are its own.
                let names = names_in(text).filter(|name| !self.names.definitions(name).is_empty());
                names.for_each(|name| push_once(origins, self.name(name)));
            }
            Value::Array(all) => all.iter().for_each(|one| self.push_origins(one, origins)),
            Value::Object(members) => {
                for (member, inner) in members {
                    match (member.as_str(), inner) {
                        ("field" | "has" | "names", Value::String(path)) => {
                            push_once(origins, code(path))
                        }
                        ("given", Value::String(name)) => push_once(origins, self.name(name)),
                        ("elements", elements) => {
                            self.push_origins(&within(elements, text(elements, "of")), origins)
                        }
                        _ => self.push_origins(inner, origins),
                    }
                }
            }
            _ => {}
        }
    }
}

/// Texts of which one is enough.
pub(crate) fn either<T: AsRef<str>>(all: &[T]) -> String {
    let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    match all.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        all => all.join(", "),
    }
}

pub(crate) fn push_once(all: &mut Vec<String>, one: String) {
    if !all.contains(&one) {
        all.push(one);
    }
}

/// Paths of elements from the request on: `L[].B` of `./B`.
fn within(value: &Value, path: &str) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix("./") {
            Some(rest) => Value::String(format!("{path}[].{rest}")),
            None => value.clone(),
        },
        Value::Array(all) => all.iter().map(|one| within(one, path)).collect(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, inner)| (name.clone(), within(inner, path)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// What a block with a single value makes of it.
fn carried(kind: &str, of: &str) -> String {
    match kind {
        // The key of a resource is one already.
        "key" if of.starts_with("the ") => of.to_owned(),
        "key" => format!("the key {of}"),
        "s3_bucket" => format!("the bucket of {of}"),
        "s3_object" => format!("the object {of}"),
        "s3_below" => format!("everything below {of}"),
        "s3_contents" => format!("the objects in {of}"),
        "s3_plain" => format!("those of {of} that lie under no KMS key"),
        "account_of" => format!("the account of {of}"),
        "listed" => format!("those of {of} that the snapshot lists"),
        "custom_functions" => format!("{of}, if it is no function of AWS"),
        _ => of.to_owned(),
    }
}

fn attribute(member: &str, of: &str) -> String {
    match member {
        "kms_key" => format!("the key of {of}"),
        "default_key" => format!("the default key of {of}"),
        "bucket_key" => format!("the bucket key of {of}"),
        "region" => format!("the Region of {of}"),
        other => format!("the {} of {of}", other.replace('_', " ")),
    }
}
