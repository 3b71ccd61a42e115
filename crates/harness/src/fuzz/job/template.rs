//! Templates as plain JSON, read without the simulator's own reader.

use std::sync::OnceLock;

use serde_json::{Map, Value};

/// A template and one of its operations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Template {
    all: &'static Value,
    /// What its operation is called.
    pub(crate) operation: &'static str,
    /// Members of the operation's request, in the notation of templates.
    pub(crate) fields: &'static Map<String, Value>,
}

fn files() -> &'static [Value] {
    static FILES: OnceLock<Vec<Value>> = OnceLock::new();
    FILES.get_or_init(|| {
        let texts = preclear_catalog::jobs::templates().iter();
        texts
            .filter_map(|(_, text)| serde_json::from_str(text).ok())
            .collect()
    })
}

impl Template {
    /// Every operation of every template.
    pub(crate) fn all() -> impl Iterator<Item = Template> {
        files().iter().flat_map(|all| {
            let operations = all["operations"].as_array().into_iter().flatten();
            operations.filter_map(move |operation| {
                Some(Template {
                    all,
                    operation: operation["operation"].as_str()?,
                    fields: operation["fields"].as_object()?,
                })
            })
        })
    }

    /// The template of an operation, or of its own id where it has one operation.
    pub(crate) fn find(name: &str) -> Option<Template> {
        let is_of_id = |template: &Template| {
            let count = template.all["operations"].as_array().map_or(0, Vec::len);
            let id = template.all["id"].as_str().unwrap_or_default();
            count == 1 && id.eq_ignore_ascii_case(name)
        };
        Template::all()
            .find(|template| template.operation.eq_ignore_ascii_case(name) || is_of_id(template))
    }

    /// Ids of its rows, in order.
    pub(crate) fn rows(self) -> Vec<&'static str> {
        let rows = self.requirements().iter();
        rows.filter_map(|row| row["id"].as_str()).collect()
    }

    /// Its rows.
    pub(crate) fn requirements(self) -> &'static [Value] {
        self.all["requirements"]
            .as_array()
            .map_or(&[], Vec::as_slice)
    }

    /// Revisions of the documentation that it knows.
    pub(crate) fn profiles(self) -> Vec<&'static str> {
        let profiles = self.all["profiles"].as_array().into_iter().flatten();
        profiles.filter_map(Value::as_str).collect()
    }

    /// Texts that something in it is compared with, as far as they stand for themselves.
    pub(crate) fn compared(self) -> Vec<String> {
        let mut texts = Vec::new();
        compared(self.all, false, &mut texts);
        texts.sort();
        texts.dedup();
        texts
    }

    /// Paths that it reads in what the snapshot says of resources.
    pub(crate) fn described(self) -> Vec<String> {
        let mut paths = Vec::new();
        described(self.all, &mut paths);
        paths.sort();
        paths.dedup();
        paths
    }

    /// Service principal that runs the job.
    pub(crate) fn service(self) -> &'static str {
        self.all["service"].as_str().unwrap_or_default()
    }
}

/// Name of a member as a template's fields write it, and whether the API demands it. An empty text counts as none, but
/// where an exclamation mark says that the API refuses it.
pub(crate) fn member(written: &str) -> (&str, bool) {
    (written.trim_end_matches(['*', '!']), written.ends_with('*'))
}

/// Collects the plain texts below members that compare.
fn compared(value: &Value, is_below: bool, texts: &mut Vec<String>) {
    const COMPARING: [&str; 3] = ["equals", "differs", "like"];
    match value {
        Value::String(text) if is_below && !text.contains(['{', '*', ':']) => {
            texts.push(text.clone());
        }
        Value::Array(values) => {
            for value in values {
                compared(value, is_below, texts);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let compares = COMPARING.contains(&name.as_str());
                compared(value, compares || is_below && name != "field", texts);
            }
        }
        _ => {}
    }
}

/// Collects the paths of blocks that read descriptions.
fn described(value: &Value, paths: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| described(value, paths)),
        Value::Object(members) => {
            let path = members
                .get("described")
                .and_then(|block| block["path"].as_str());
            paths.extend(path.map(|path| path.replace("[]", "")));
            members.values().for_each(|value| described(value, paths));
        }
        _ => {}
    }
}
