//! The job's request against the members that the API has. Rule: JOB-4.

use std::collections::BTreeMap;

use preclear_model::near::nearest;
use serde_json::{Map, Value};

use crate::codes;
use crate::explanation::Warning;
use crate::job::format;
use crate::job::report::JobError;
use crate::job::template::path;
use crate::job::template::shape::{Format, Shape, ShapeMember};

/// What is wrong with a request, and what only looks wrong.
#[derive(Debug, Default)]
pub(crate) struct FieldReport {
    pub(crate) errors: Vec<JobError>,
    /// Each with the member that it is about.
    pub(crate) warnings: Vec<(String, Warning)>,
}

/// Holds a request against its shape. ARNs that a plan or template will have only later (the values of `names`) have other
/// characters than those that AWS will give them.
pub(crate) fn check(
    request: &Map<String, Value>,
    shape: &Shape,
    names: &BTreeMap<String, String>,
) -> FieldReport {
    let mut check = Check {
        names,
        report: FieldReport::default(),
    };
    if let Shape::Members(members) = shape {
        check.members(request, members, "");
    }
    check.report
}

/// The walk through a request.
struct Check<'n> {
    names: &'n BTreeMap<String, String>,
    report: FieldReport,
}

/// Texts of the request that have this format by the shape, each behind the name of its member.
pub(crate) fn of_format<'v>(
    request: &'v Map<String, Value>,
    shape: &'v Shape,
    format: Format,
) -> Vec<(&'v str, &'v str)> {
    let Shape::Members(members) = shape else {
        return Vec::new();
    };
    let given = members.iter().filter_map(|member| {
        let value = request.get(&member.name)?;
        Some((member, elements(value)))
    });
    given
        .flat_map(|(member, values)| values.into_iter().map(move |value| (member, value)))
        .flat_map(|(member, value)| match (member.shape.element(), value) {
            (Shape::Text(own), Value::String(text)) if *own == format && !text.is_empty() => {
                vec![(member.name.as_str(), text.as_str())]
            }
            (shape, Value::Object(inner)) => of_format(inner, shape, format),
            _ => Vec::new(),
        })
        .collect()
}

/// Texts at a path; lists on the way are walked through, and numbers and booleans count as text.
pub(crate) fn texts(members: &Map<String, Value>, path: &str) -> Vec<String> {
    items(members, path).into_iter().filter_map(text).collect()
}

/// Names of the members of the objects at a path, but for empty ones; lists on the way are walked through.
pub(crate) fn names(members: &Map<String, Value>, path: &str) -> Vec<String> {
    let objects = items(members, path).into_iter();
    let names = objects.filter_map(Value::as_object).flat_map(Map::keys);
    names.filter(|name| !name.is_empty()).cloned().collect()
}

/// What lies at a path; the elements, where that is a list. Lists on the way are walked through.
pub(crate) fn items<'v>(members: &'v Map<String, Value>, path: &str) -> Vec<&'v Value> {
    values(members, path)
        .into_iter()
        .flat_map(elements)
        .filter(|value| !value.is_null())
        .collect()
}

/// True where something lies at a path, be it empty, but not null.
pub(crate) fn has(members: &Map<String, Value>, path: &str) -> bool {
    values(members, path).iter().any(|value| !value.is_null())
}

/// What lies at a path, a list as a whole.
fn values<'v>(members: &'v Map<String, Value>, path: &str) -> Vec<&'v Value> {
    let mut names = path::steps(path);
    let first = names.next().and_then(|name| members.get(name));
    let mut places: Vec<&Value> = first.into_iter().collect();
    for name in names {
        places = places
            .into_iter()
            .flat_map(elements)
            .filter_map(|value| value.get(name))
            .collect();
    }
    places
}

fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        value => vec![value],
    }
}

/// A text, number or boolean as text; nothing for an empty one.
pub(crate) fn text(value: &Value) -> Option<String> {
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

fn is_empty(value: &Value) -> bool {
    value.as_str().is_some_and(str::is_empty)
}

impl Check<'_> {
    fn members(&mut self, given: &Map<String, Value>, members: &[ShapeMember], path: &str) {
        let mut misspelled = Vec::new();
        for name in given.keys() {
            if !members.iter().any(|member| member.name == *name) {
                misspelled.extend(self.unknown(name, members, path));
            }
        }
        for member in members {
            let value = given.get(&member.name);
            let path = join(path, &member.name);
            if member.refuses_empty && value.is_some_and(is_empty) {
                self.empty(&path);
                continue;
            }
            match value.filter(|value| !is_left_out(Some(value))) {
                Some(value) => self.value(value, &member.shape, &path),
                // What is only misspelled is not missing as well.
                None if misspelled.contains(&member.name.as_str()) => {}
                None if member.is_required => self.missing(&path),
                None => {}
            }
        }
    }

    fn value(&mut self, value: &Value, shape: &Shape, path: &str) {
        match (shape, value) {
            (Shape::Text(format), Value::String(text)) => {
                if let Err(error) = format::check(text, *format)
                    && !self.names.values().any(|arn| arn == text)
                {
                    let message = format!("`{text}` is no {}", error.what);
                    self.report.errors.push(
                        JobError::new(&codes::FIELD_FORMAT, message)
                            .of_field(path)
                            .rule(error.rule)
                            .help(error.help),
                    );
                }
            }
            (Shape::Members(members), Value::Object(given)) => self.members(given, members, path),
            (Shape::List(element), Value::Array(values)) => {
                for (index, value) in values.iter().enumerate() {
                    self.value(value, element, &format!("{path}[{index}]"));
                }
            }
            (Shape::Number, Value::Number(_))
            | (Shape::Boolean, Value::Bool(_))
            | (Shape::Map, Value::Object(_)) => {}
            (shape, value) => self.wrong_type(shape, value, path),
        }
    }

    fn missing(&mut self, path: &str) {
        let message = "the API demands this member, and the request does not have it";
        self.report.errors.push(
            JobError::new(&codes::FIELD_MISSING, message)
                .of_field(path)
                .help(format!("add `{path}` to the request")),
        );
    }

    fn empty(&mut self, path: &str) {
        let message = "the request gives an empty text, which the API does not take for none";
        self.report.errors.push(
            JobError::new(&codes::FIELD_FORMAT, message)
                .of_field(path)
                .rule("JOB-4")
                .help("leave the member out, or give a value"),
        );
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
        let message = format!("the request gives {given}, and the API expects {wanted}");
        self.report.errors.push(
            JobError::new(&codes::FIELD_TYPE, message)
                .of_field(path)
                .help(format!("give {wanted}")),
        );
    }

    /// Refuses a misspelled member, and tells which was meant: passed over, it would leave the job without what it
    /// says. Others may be newer than the template and are warned of.
    fn unknown<'m>(
        &mut self,
        name: &str,
        members: &'m [ShapeMember],
        path: &str,
    ) -> Option<&'m str> {
        let meant = nearest(name, members.iter().map(|member| member.name.as_str()));
        let path = join(path, name);
        match meant {
            Some(meant) => {
                let message = "the API has no member of that name";
                let error = JobError::new(&codes::UNKNOWN_FIELD, message).of_field(path);
                self.report
                    .errors
                    .push(error.help(format!("did you mean `{meant}`?")));
            }
            None => {
                let message = format!("`{path}` is no member of the request");
                self.report
                    .warnings
                    .push((path, Warning::new(&codes::UNKNOWN_FIELD, message)));
            }
        }
        meant
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
        "Name*": "text", "Count": "number", "On": "boolean", "Extra": "map", "Keys": ["key"], "Own!": "key",
        "Out": {"Path*": "s3_uri", "Role": "role_arn"}, "Tags": [{"Key*": "text"}]
    }"#;

    fn check_json(request: Value) -> FieldReport {
        let Value::Object(request) = request else {
            panic!("an object")
        };
        check(
            &request,
            &serde_json::from_str(SHAPE).unwrap(),
            &BTreeMap::new(),
        )
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
    fn arns_that_a_plan_will_make_need_not_look_like_those_of_aws() {
        let arn = "arn:aws:kms:us-west-2:111122223333:key/aws_kms_key.k";
        let request = json!({"Name": "n", "Keys": [arn]});
        assert_eq!(errors(request.clone()), [error("FIELD_FORMAT", "Keys[0]")]);
        let names = BTreeMap::from([("aws_kms_key.k".to_owned(), arn.to_owned())]);
        let shape = serde_json::from_str(SHAPE).unwrap();
        let report = check(request.as_object().unwrap(), &shape, &names);
        assert!(report.errors.is_empty(), "{report:?}");
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
            [error("FIELD_MISSING", "Tags[0].Key")]
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
            [error("FIELD_FORMAT", "Keys[0]")]
        );
    }

    #[test]
    fn what_is_empty_is_left_out_unless_the_api_refuses_it() {
        assert_eq!(
            errors(json!({"Name": "n", "Own": "", "Out": {"Path": "s3://b", "Role": ""}})),
            [error("FIELD_FORMAT", "Own")]
        );
        assert_eq!(errors(json!({"Name": "n", "Own": null})), []);
    }

    #[test]
    fn misspelled_members_are_errors_with_the_nearest_name() {
        for (request, field, meant) in [
            (json!({"Name": "n", "NAME": "n"}), "NAME", "Name"),
            (json!({"name": "n"}), "name", "Name"),
            (json!({"Name": "n", "Cuont": 1}), "Cuont", "Count"),
            (
                json!({"Name": "n", "Out": {"Path": "s3://b", "Roll": "x"}}),
                "Out.Roll",
                "Role",
            ),
            (
                json!({"Name": "n", "Tags": [{"Key": "k"}, {"key": "k"}]}),
                "Tags[1].key",
                "Key",
            ),
        ] {
            let report = check_json(request);
            assert!(report.warnings.is_empty(), "{report:?}");
            let [error] = report.errors.as_slice() else {
                panic!("{report:?}")
            };
            assert_eq!(
                (error.code.as_str(), error.field.as_deref()),
                ("UNKNOWN_FIELD", Some(field))
            );
            let help = error.help.as_deref();
            assert_eq!(help, Some(format!("did you mean `{meant}`?").as_str()));
        }
    }

    #[test]
    fn members_like_no_other_are_warnings() {
        let report =
            check_json(json!({"Name": "n", "Xyzzy": 1, "Out": {"Path": "s3://b", "Bucket": 1}}));
        assert!(report.errors.is_empty(), "{report:?}");
        let messages: Vec<&str> = report
            .warnings
            .iter()
            .map(|(_, warning)| warning.message.as_str())
            .collect();
        assert_eq!(
            messages,
            [
                "`Xyzzy` is no member of the request",
                "`Out.Bucket` is no member of the request",
            ]
        );
    }

    #[test]
    fn messages_leave_the_place_to_the_field() {
        let wrong =
            json!({"Name": 7, "nmae": 1, "Out": {"Path": "b/p"}, "Tags": [{}], "Keys": ["x y"]});
        let report = check_json(wrong);
        assert_eq!(report.errors.len(), 5, "{report:?}");
        for error in report.errors {
            let field = error.field.unwrap();
            assert!(
                !error.message.contains(&format!("`{field}`")),
                "{field}: {}",
                error.message
            );
        }
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
