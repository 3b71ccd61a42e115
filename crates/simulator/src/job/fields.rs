//! The job's request against the members that the API has. Rule: JOB-4.

use preclear_model::near::nearest;
use serde_json::{Map, Value};

use crate::explanation::Warning;
use crate::job::format;
use crate::job::report::JobError;
use crate::job::template::shape::{Shape, ShapeMember};

/// What is wrong with a request, and what only looks wrong.
#[derive(Debug, Default)]
pub(crate) struct FieldReport {
    pub(crate) errors: Vec<JobError>,
    pub(crate) warnings: Vec<Warning>,
}

/// Holds a request against its shape.
pub(crate) fn check(request: &Map<String, Value>, shape: &Shape) -> FieldReport {
    let mut report = FieldReport::default();
    if let Shape::Members(members) = shape {
        report.members(request, members, "");
    }
    report
}

/// Texts at a path; lists on the way are walked through, and numbers and booleans count as text.
pub(crate) fn texts(request: &Map<String, Value>, path: &str) -> Vec<String> {
    let mut places: Vec<&Value> = Vec::new();
    let mut names = path.split('.');
    if let Some(value) = names.next().and_then(|name| request.get(name)) {
        places.push(value);
    }
    for name in names {
        places = places
            .into_iter()
            .flat_map(elements)
            .filter_map(|value| value.get(name))
            .collect();
    }
    places
        .into_iter()
        .flat_map(elements)
        .filter_map(text)
        .collect()
}

fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        value => vec![value],
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// True for what counts as left out: AWS's own request skeletons print empty texts.
fn is_left_out(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    }
}

impl FieldReport {
    fn members(&mut self, given: &Map<String, Value>, members: &[ShapeMember], path: &str) {
        for name in given.keys() {
            if !members.iter().any(|member| member.name == *name) {
                self.unknown(name, members, path);
            }
        }
        for member in members {
            let value = given
                .get(&member.name)
                .filter(|value| !is_left_out(Some(value)));
            let path = join(path, &member.name);
            match value {
                Some(value) => self.value(value, &member.shape, &path),
                None if member.is_required => self.missing(&path),
                None => {}
            }
        }
    }

    fn value(&mut self, value: &Value, shape: &Shape, path: &str) {
        match (shape, value) {
            (Shape::Text(format), Value::String(text)) => {
                if let Err(error) = format::check(text, *format) {
                    self.errors.push(JobError {
                        code: "FIELD_FORMAT".to_owned(),
                        field: Some(path.to_owned()),
                        message: format!("`{path}`: `{text}` is no {}", error.what),
                        rule: Some(error.rule.to_owned()),
                        help: Some(error.help.to_owned()),
                    });
                }
            }
            (Shape::Members(members), Value::Object(given)) => self.members(given, members, path),
            (Shape::List(element), Value::Array(values)) => {
                for value in values {
                    self.value(value, element, path);
                }
            }
            (Shape::Number, Value::Number(_))
            | (Shape::Boolean, Value::Bool(_))
            | (Shape::Map, Value::Object(_)) => {}
            (shape, value) => self.wrong_type(shape, value, path),
        }
    }

    fn missing(&mut self, path: &str) {
        self.errors.push(JobError {
            code: "FIELD_MISSING".to_owned(),
            field: Some(path.to_owned()),
            message: format!("the request has no `{path}`, which the API demands"),
            rule: Some("JOB-4".to_owned()),
            help: Some(format!("add `{path}` to the request")),
        });
    }

    fn wrong_type(&mut self, shape: &Shape, value: &Value, path: &str) {
        let wanted = match shape {
            Shape::Text(_) => "a text",
            Shape::Number => "a number",
            Shape::Boolean => "true or false",
            Shape::Map | Shape::Members(_) => "an object",
            Shape::List(_) => "a list",
        };
        let given = match value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.errors.push(JobError {
            code: "FIELD_TYPE".to_owned(),
            field: Some(path.to_owned()),
            message: format!("`{path}` is {given}, and the API expects {wanted}"),
            rule: Some("JOB-4".to_owned()),
            help: Some(format!("give {wanted}")),
        });
    }

    fn unknown(&mut self, name: &str, members: &[ShapeMember], path: &str) {
        let meant = nearest(name, members.iter().map(|member| member.name.as_str()));
        let hint = meant
            .map(|meant| format!("; did you mean `{meant}`?"))
            .unwrap_or_default();
        self.warnings.push(Warning {
            code: "UNKNOWN_FIELD",
            message: format!("`{}` is no member of the request{hint}", join(path, name)),
        });
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SHAPE: &str = r#"{
        "Name*": "text", "Count": "number", "On": "boolean", "Extra": "map", "Keys": ["key"],
        "Out": {"Path*": "s3_uri", "Role": "role_arn"}, "Tags": [{"Key*": "text"}]
    }"#;

    fn check_json(request: Value) -> FieldReport {
        let Value::Object(request) = request else {
            panic!("an object")
        };
        check(&request, &serde_json::from_str(SHAPE).unwrap())
    }

    fn errors(request: Value) -> Vec<(String, String)> {
        let report = check_json(request);
        report
            .errors
            .into_iter()
            .map(|error| (error.code, error.field.unwrap_or_default()))
            .collect()
    }

    fn error(code: &str, field: &str) -> (String, String) {
        (code.to_owned(), field.to_owned())
    }

    #[test]
    fn a_request_that_fits_has_no_errors() {
        let request = json!({
            "Name": "n", "Count": 1, "On": true, "Extra": {"a": [1]}, "Keys": ["alias/x"],
            "Out": {"Path": "s3://b/p"}, "Tags": [{"Key": "k"}]
        });
        let report = check_json(request);
        assert!(
            report.errors.is_empty() && report.warnings.is_empty(),
            "{report:?}"
        );
    }

    #[test]
    fn missing_members_count_only_in_objects_that_are_there() {
        assert_eq!(errors(json!({})), [error("FIELD_MISSING", "Name")]);
        assert_eq!(
            errors(json!({"Name": "", "Out": null})),
            [error("FIELD_MISSING", "Name")]
        );
        assert_eq!(
            errors(json!({"Name": "n", "Out": {}})),
            [error("FIELD_MISSING", "Out.Path")]
        );
        assert_eq!(
            errors(json!({"Name": "n", "Tags": [{}]})),
            [error("FIELD_MISSING", "Tags.Key")]
        );
    }

    #[test]
    fn types_and_formats_are_checked() {
        assert_eq!(errors(json!({"Name": 7})), [error("FIELD_TYPE", "Name")]);
        assert_eq!(
            errors(json!({"Name": "n", "Count": "1"})),
            [error("FIELD_TYPE", "Count")]
        );
        assert_eq!(
            errors(json!({"Name": "n", "Out": "s3://b"})),
            [error("FIELD_TYPE", "Out")]
        );
        assert_eq!(
            errors(json!({"Name": "n", "Out": {"Path": "b/p"}})),
            [error("FIELD_FORMAT", "Out.Path")]
        );
        assert_eq!(
            errors(json!({"Name": "n", "Keys": ["x y", "x"]})),
            [error("FIELD_FORMAT", "Keys")]
        );
    }

    #[test]
    fn unknown_members_are_warnings_with_the_nearest_name() {
        let report =
            check_json(json!({"Name": "n", "Out": {"Path": "s3://b", "Roll": "x"}, "Xyzzy": 1}));
        let messages: Vec<&str> = report
            .warnings
            .iter()
            .map(|warning| warning.message.as_str())
            .collect();
        assert_eq!(
            messages,
            [
                "`Xyzzy` is no member of the request",
                "`Out.Roll` is no member of the request; did you mean `Role`?",
            ]
        );
    }

    #[test]
    fn texts_are_found_by_path_through_lists() {
        let Value::Object(request) =
            json!({"a": [{"b": "x"}, {"b": ["y", 2]}, {"c": 1}, 3], "d": ""})
        else {
            panic!()
        };
        assert_eq!(texts(&request, "a.b"), ["x", "y", "2"]);
        assert_eq!(texts(&request, "d"), [""; 0]);
        assert_eq!(texts(&request, "a.b.c"), [""; 0]);
    }
}
