//! A case file (docs/formats.md, §2) and how it is written. Knows the format, no rule.

use serde_json::{Map, Value, json};

use super::yaml;

/// One file of tests.
#[derive(Debug)]
pub(crate) struct Case {
    /// Below the folder of these cases, without extension.
    pub(crate) path: String,
    pub(crate) rules: Vec<String>,
    pub(crate) why: String,
    pub(crate) is_lenient: bool,
    pub(crate) snapshot: Value,
    /// Members of every request.
    pub(crate) defaults: Value,
    pub(crate) tests: Vec<Test>,
    /// The rule by which the snapshot is refused; such a file has no tests.
    refused_by: Option<&'static str>,
}

/// One question and its answer.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) request: Value,
    pub(crate) expect: Value,
}

impl Case {
    /// A file without tests yet, whose requests are decided in closed mode.
    pub(crate) fn new(path: &str, rules: &[&str], why: &str, snapshot: Value) -> Case {
        Case {
            path: path.to_owned(),
            rules: rules.iter().map(|&rule| rule.to_owned()).collect(),
            why: why.to_owned(),
            is_lenient: false,
            snapshot,
            defaults: json!({"mode": "closed"}),
            tests: Vec::new(),
            refused_by: None,
        }
    }

    /// A file whose snapshot must be refused, by this rule.
    pub(crate) fn refused(path: &str, rule: &'static str, why: &str, snapshot: Value) -> Case {
        Case {
            refused_by: Some(rule),
            ..Case::new(path, &[rule], why, snapshot)
        }
    }

    /// Adds a member to every request.
    pub(crate) fn by_default(mut self, member: &str, value: impl Into<Value>) -> Case {
        set(&mut self.defaults, member, value.into());
        self
    }

    /// Adds a test.
    pub(crate) fn test(&mut self, name: impl Into<String>, request: Value, expect: Value) {
        self.tests.push(Test {
            name: name.into(),
            request,
            expect,
        });
    }

    /// How many expectations the file has.
    pub(crate) fn count(&self) -> usize {
        self.tests.len() + usize::from(self.refused_by.is_some())
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> String {
        let mut out = String::from(
            "# Generated from the tables in docs/rules by `cargo xtask tables`; change those, not this.\npreclear: 1\n",
        );
        let mut member = |key: &str, value: &Value| {
            yaml::write_member(key, value, 0, &mut out);
            out.push('\n');
        };
        member("rules", &json!(self.rules));
        member("why", &json!(self.why));
        if self.is_lenient {
            member("lenient", &json!(true));
        }
        member("snapshot", &self.snapshot);
        if let Some(rule) = self.refused_by {
            member("expect", &json!({"invalid": rule}));
            return out;
        }
        member("defaults", &self.defaults);
        out.push_str("tests:\n");
        for test in &self.tests {
            let members =
                json!({"name": test.name, "request": test.request, "expect": test.expect});
            let line = format!("  - {}", yaml::flow(&members));
            if line.chars().count() <= yaml::COLUMNS_MAX {
                out.push_str(&line);
            } else {
                out.push_str("  - name: ");
                out.push_str(&yaml::scalar(&test.name));
                for (key, value) in [("request", &test.request), ("expect", &test.expect)] {
                    out.push_str("\n    ");
                    yaml::write_member(key, value, 4, &mut out);
                }
            }
            out.push('\n');
        }
        out
    }
}

/// Sets a member of an object; anything else stays as it is.
pub(crate) fn set(object: &mut Value, member: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}

/// An object with the members of both.
pub(crate) fn merged(first: &Value, second: &Value) -> Value {
    let mut members = Map::new();
    for part in [first, second] {
        for (key, value) in part.as_object().into_iter().flatten() {
            members.insert(key.clone(), value.clone());
        }
    }
    Value::Object(members)
}
