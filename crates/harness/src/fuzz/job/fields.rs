//! The API's request against the members that it has: nothing unknown is passed over, nothing missing overlooked.
//!
//! A second reading of the notation of templates: names end in `*` where the API demands the member, in `!` where it refuses an empty text.

use preclear_simulator::job::{JobError, JobReport, JobRequest};
use serde_json::{Map, Value};

use super::super::{Finding, hold};
use super::template::{Template, member};

/// What is wrong with a request, and where.
#[derive(Debug, Default)]
struct Wrong {
    unknown: Vec<String>,
    /// The member around each unknown one; empty at the top.
    around: Vec<String>,
    missing: Vec<String>,
    of_other_type: Vec<String>,
    /// Empty texts that the API does not take for none.
    empty: Vec<String>,
}

/// Holds the report against what is wrong with the request.
pub(super) fn check(
    template: &Template,
    job: &JobRequest,
    report: &JobReport,
) -> Result<(), Finding> {
    let mut wrong = Wrong::default();
    wrong.members(&job.request, template.fields, "");
    let error = |code: &str, path: &str| {
        let mut errors = report.errors.iter();
        errors.any(|error| error.code == code && error.field.as_deref() == Some(path))
    };
    for path in &wrong.unknown {
        let quoted = format!("`{path}`");
        let mut warnings = report.warnings.iter();
        let is_warned = warnings
            .any(|warning| warning.code == "UNKNOWN_FIELD" && warning.message.contains(&quoted));
        hold(is_warned || error("UNKNOWN_FIELD", path), || {
            format!("the unknown member {quoted} is passed over")
        })?;
    }
    for path in &wrong.of_other_type {
        hold(error("FIELD_TYPE", path), || {
            format!("`{path}` is of another type")
        })?;
    }
    for path in &wrong.empty {
        hold(error("FIELD_FORMAT", path), || {
            format!("the empty text of `{path}` passes for none")
        })?;
    }
    for path in &wrong.missing {
        // One that is misspelled is unknown instead.
        let around = path.rsplit_once('.').map_or("", |(around, _)| around);
        let unknown = || wrong.unknown.iter().zip(&wrong.around);
        let is_misspelled =
            unknown().any(|(unknown, own)| own == around && error("UNKNOWN_FIELD", unknown));
        hold(is_misspelled || error("FIELD_MISSING", path), || {
            format!("`{path}` is missing")
        })?;
    }
    // Checks of the template find more, in other words.
    let of_members = |error: &&JobError| error.message.contains("the API ");
    for error in report.errors.iter().filter(of_members) {
        let known = match error.code.as_str() {
            "FIELD_MISSING" => &wrong.missing,
            "FIELD_TYPE" => &wrong.of_other_type,
            "UNKNOWN_FIELD" => &wrong.unknown,
            _ => continue,
        };
        let is_known = error
            .field
            .as_ref()
            .is_some_and(|field| known.contains(field));
        hold(is_known, || format!("{error:?} of {:?}", job.request))?;
    }
    Ok(())
}

impl Wrong {
    fn members(&mut self, given: &Map<String, Value>, shape: &Map<String, Value>, around: &str) {
        let join = |name: &str| {
            if around.is_empty() {
                name.to_owned()
            } else {
                format!("{around}.{name}")
            }
        };
        let known: Vec<&str> = shape.keys().map(|name| member(name).0).collect();
        for name in given.keys().filter(|name| !known.contains(&name.as_str())) {
            self.unknown.push(join(name));
            self.around.push(around.to_owned());
        }
        for (written, shape) in shape {
            let (name, is_required) = member(written);
            let refuses_empty = written.ends_with('!');
            if refuses_empty && given.get(name).is_some_and(|value| value == "") {
                self.empty.push(join(name));
                continue;
            }
            // AWS's own request skeletons print empty texts.
            let is_empty = |value: &&Value| value.is_null() || value.as_str() == Some("");
            match given.get(name).filter(|value| !is_empty(value)) {
                Some(value) => self.value(value, shape, &join(name)),
                None if is_required => self.missing.push(join(name)),
                None => {}
            }
        }
    }

    fn value(&mut self, value: &Value, shape: &Value, path: &str) {
        match (shape, value) {
            (Value::Object(shape), Value::Object(given)) => self.members(given, shape, path),
            (Value::Array(shape), Value::Array(values)) => {
                for (index, value) in values.iter().enumerate() {
                    let element = shape.first().unwrap_or(&Value::Null);
                    self.value(value, element, &format!("{path}[{index}]"));
                }
            }
            (Value::String(kind), value) => {
                let fits = match kind.as_str() {
                    "number" => value.is_number(),
                    "boolean" => value.is_boolean(),
                    "map" => value.is_object(),
                    _ => value.is_string(),
                };
                if !fits {
                    self.of_other_type.push(path.to_owned());
                }
            }
            _ => self.of_other_type.push(path.to_owned()),
        }
    }
}
