//! Plans of Terraform: values that only applying will tell, and resources elsewhere.

use serde_json::{Map, Value, json};

use crate::choose::Choose;

/// A value that is not known before apply.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unknown {
    /// Address of its resource.
    address: String,
    /// Attributes and places of items.
    path: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Member(String),
    Item(usize),
}

/// Attributes that make the ARN of a resource, by type: what is asked about would be something else.
fn is_name(kind: &str, attribute: &str) -> bool {
    match attribute {
        "arn" | "id" | "url" | "unique_id" | "grant_id" => true,
        "name" | "path" => !kind.ends_with("_grant") && !kind.ends_with("_attachment"),
        "bucket" => kind == "aws_s3_bucket",
        "key_id" => kind == "aws_kms_key",
        "function_name" => kind == "aws_lambda_function",
        "key" => kind == "aws_s3_object",
        // Which organization it is.
        _ => kind == "aws_organizations_organization",
    }
}

/// A member of an object.
fn member<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    value.as_object_mut()?.get_mut(name)
}

fn items<'v>(value: &'v mut Value, name: &str) -> impl Iterator<Item = &'v mut Value> {
    let items = member(value, name).and_then(Value::as_array_mut);
    items.into_iter().flatten()
}

/// All resources of a plan.
fn resources(document: &mut Value) -> Vec<&mut Value> {
    let root = member(document, "planned_values").and_then(|all| member(all, "root_module"));
    let mut found = Vec::new();
    for (name, value) in root.and_then(Value::as_object_mut).into_iter().flatten() {
        let all = value.as_array_mut().into_iter().flatten();
        match name.as_str() {
            "resources" => found.extend(all),
            "child_modules" => found.extend(all.flat_map(|module| items(module, "resources"))),
            _ => {}
        }
    }
    found
}

fn text(value: &Value, name: &str) -> String {
    let text = value.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// Chooses a value to be unknown, and configures it as something that may be unknown.
///
/// Where references may not name what the value names, nothing is said of it.
pub(super) fn unknown(
    choices: &mut impl Choose,
    document: &mut Value,
    refers_rightly: bool,
) -> Vec<Unknown> {
    let mut all: Vec<(String, Vec<Step>)> = Vec::new();
    for resource in resources(document) {
        let (address, kind) = (text(resource, "address"), text(resource, "type"));
        let values = resource.get("values").and_then(Value::as_object);
        for (name, value) in values.into_iter().flatten() {
            if !is_name(&kind, name) {
                let start = vec![Step::Member(name.clone())];
                inner(value, start, &mut |path| all.push((address.clone(), path)));
            }
        }
    }
    if all.is_empty() {
        return Vec::new();
    }
    let (address, path) = all.swap_remove(choices.below(all.len()));
    if configure(choices, document, (&address, &path), refers_rightly).is_none() {
        // Only what is configured is anybody's to know later.
        return Vec::new();
    }
    let mut unknown = vec![Unknown {
        address: address.clone(),
        path: path.clone(),
    }];
    // All tags are those of the resource with those of the provider.
    if let [Step::Member(name), rest @ ..] = path.as_slice()
        && name == "tags"
    {
        let mut path = vec![Step::Member("tags_all".to_owned())];
        path.extend_from_slice(rest);
        unknown.push(Unknown { address, path });
    }
    unknown
}

/// A value and what is in it.
fn inner(value: &Value, path: Vec<Step>, add: &mut dyn FnMut(Vec<Step>)) {
    let mut below = |step: Step, value: &Value| {
        let mut path = path.clone();
        path.push(step);
        inner(value, path, add);
    };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                below(Step::Member(name.clone()), value);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                below(Step::Item(at), value);
            }
        }
        _ => {}
    }
    add(path);
}

/// The expression of an unknown value names something that is not known: what it names now, that and another thing, or nothing here.
fn configure(
    choices: &mut impl Choose,
    document: &mut Value,
    (address, path): (&str, &[Step]),
    refers_rightly: bool,
) -> Option<()> {
    let (call, own) = match address.strip_prefix("module.") {
        Some(inside) => inside
            .split_once('.')
            .map(|(call, own)| (Some(call), own))?,
        None => (None, address),
    };
    let own = own.split('[').next().unwrap_or_default();
    let root = member(document, "configuration").and_then(|all| member(all, "root_module"));
    let module = root.and_then(|root| match call {
        Some(call) => member(member(member(root, "module_calls")?, call)?, "module"),
        None => Some(root),
    });
    let module = module?;
    let others: Vec<String> = items(module, "resources")
        .map(|one| text(one, "address"))
        .collect();
    let mut resources = items(module, "resources");
    let is_own = |one: &&mut Value| text(one, "address") == own && text(one, "mode") == "managed";
    let resource = resources.find(is_own)?;
    let resource = resource.as_object_mut()?;
    let mut expression = resource.entry("expressions").or_insert_with(|| json!({}));
    if !expression.is_object() {
        return None;
    }
    for step in path {
        // Below an expression, or where there is none yet, the whole of it is unknown.
        let is_expression = |value: &Value| {
            value.get("constant_value").is_some() || value.get("references").is_some()
        };
        let has_inner = match step {
            Step::Member(name) => {
                expression.is_object() && !is_expression(expression) && {
                    expression.get(name).is_some() || std::ptr::eq(step, &path[0])
                }
            }
            Step::Item(at) => expression.as_array().is_some_and(|items| *at < items.len()),
        };
        if !has_inner {
            break;
        }
        expression = match step {
            Step::Member(name) => &mut expression[name.as_str()],
            Step::Item(at) => &mut expression[*at],
        };
    }
    let known = expression.get("references").and_then(Value::as_array);
    let known = known.filter(|_| refers_rightly);
    let new = match (choices.below(5), known.cloned()) {
        (0, Some(known)) => json!(known),
        (1, Some(mut known)) => {
            // One of two: which, only applying will tell.
            let kind_of = |text: &str| text.split('.').next().unwrap_or_default().to_owned();
            let wanted = known.first().and_then(Value::as_str).map(kind_of);
            let mut same = others.iter();
            let same = same.find(|other| Some(kind_of(other)) == wanted && **other != own);
            if let Some(other) = same {
                known.extend([json!(format!("{other}.arn")), json!(other)]);
            }
            json!(known)
        }
        (2, _) => Value::Null,
        (3, _) => json!(["var.unset"]),
        _ => json!(["local.chosen"]),
    };
    *expression = match new {
        Value::Null => json!({}),
        references => json!({"references": references}),
    };
    Some(())
}

/// Takes unknown values out, as Terraform prints a plan: members are left out, items are `null`.
pub(super) fn forget(document: &mut Value, unknown: &[Unknown]) {
    for one in unknown {
        for resource in resources(document) {
            if text(resource, "address") == one.address
                && let Some(values) = member(resource, "values")
            {
                take(values, &one.path);
            }
        }
    }
}

fn take(value: &mut Value, path: &[Step]) {
    let Some((step, rest)) = path.split_first() else {
        return;
    };
    match (step, value) {
        (Step::Member(name), Value::Object(members)) if rest.is_empty() => {
            members.shift_remove(name);
        }
        (Step::Member(name), Value::Object(members)) => {
            if let Some(value) = members.get_mut(name) {
                take(value, rest);
            }
        }
        (Step::Item(at), Value::Array(items)) => match items.get_mut(*at) {
            Some(item) if rest.is_empty() => *item = Value::Null,
            Some(item) => take(item, rest),
            None => {}
        },
        _ => {}
    }
}

/// The plan with the changes that it makes.
pub(super) fn printed(document: &Value, unknown: &[Unknown]) -> String {
    let mut document = document.clone();
    let changes: Vec<Value> = resources(&mut document)
        .into_iter()
        .map(|resource| {
            let mut change = Map::new();
            for name in ["address", "mode", "type", "name", "index"] {
                if let Some(value) = resource.get(name) {
                    change.insert(name.to_owned(), value.clone());
                }
            }
            let mut later = Value::Null;
            for one in unknown {
                if text(resource, "address") == one.address {
                    mark(&mut later, &one.path);
                }
            }
            if later.is_null() {
                later = json!({});
            }
            let after = json!({"actions": ["create"], "before": null, "after": resource.get("values"), "after_unknown": later});
            change.insert("change".to_owned(), after);
            Value::Object(change)
        })
        .collect();
    if document.is_object() {
        document["resource_changes"] = json!(changes);
    }
    document.to_string()
}

/// Sets `true` at a path of what is unknown.
fn mark(value: &mut Value, path: &[Step]) {
    match path.split_first() {
        None => *value = json!(true),
        Some(_) if value == &json!(true) => {}
        Some((Step::Member(name), rest)) => {
            if !value.is_object() {
                *value = json!({});
            }
            mark(&mut value[name.as_str()], rest);
        }
        Some((Step::Item(at), rest)) => {
            if !value.is_array() {
                *value = json!([]);
            }
            if let Some(items) = value.as_array_mut() {
                while items.len() <= *at {
                    items.push(json!(false));
                }
                mark(&mut items[*at], rest);
            }
        }
    }
}

/// Moves a resource into the module, or gives it an index, with its configuration.
pub(super) fn moved(choices: &mut impl Choose, document: &mut Value) {
    let root = &mut document["planned_values"]["root_module"];
    let count = root["resources"].as_array().map_or(0, Vec::len);
    let at = choices.below(count);
    let resource = &mut root["resources"][at];
    let address = text(resource, "address");
    if choices.once_in(2) {
        resource["address"] = json!(format!("{address}[\"k.1\"]"));
        resource["index"] = json!("k.1");
        return;
    }
    resource["address"] = json!(format!("module.store.{address}"));
    let resource = root["resources"].as_array_mut().map(|all| all.remove(at));
    let inside = root["child_modules"][0]["resources"].as_array_mut();
    inside
        .into_iter()
        .for_each(|all| all.extend(resource.clone()));
    let configuration = &mut document["configuration"]["root_module"];
    let Some(own) = configuration["resources"].as_array_mut() else {
        return;
    };
    if let Some(place) = own.iter().position(|one| text(one, "address") == address) {
        let own = own.remove(place);
        let inside = configuration["module_calls"]["store"]["module"]["resources"].as_array_mut();
        inside.into_iter().for_each(|all| all.push(own.clone()));
    }
}
