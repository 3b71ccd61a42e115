//! Templates of CloudFormation: values that hang on a parameter.

use serde_json::{Value, json};

use super::mutate::{at, paths};
use crate::choose::Choose;

/// Properties that make the ARN of a resource, by type.
fn is_name(kind: &str, property: &str) -> bool {
    match property {
        "Path" | "ManagedPolicyName" | "BucketName" | "QueueName" | "TopicName" | "AliasName"
        | "ModelName" | "PrimaryKeyArn" | "MultiRegion" => true,
        "RoleName" => kind == "AWS::IAM::Role",
        "UserName" => kind == "AWS::IAM::User",
        "GroupName" => kind == "AWS::IAM::Group",
        "FunctionName" => kind == "AWS::Lambda::Function",
        _ => false,
    }
}

/// Types that belong to something else: nobody asks about them.
fn is_attachment(kind: &str) -> bool {
    kind.ends_with("Policy")
        || kind.ends_with("Permission")
        || kind.ends_with("Addition")
        || kind.ends_with("Alias")
}

/// Lets a value of a resource, or whether an attachment is made, hang on a new parameter; gives the parameter with the value that leaves
/// the value as it is.
pub(super) fn unknown(choices: &mut impl Choose, document: &mut Value) -> Option<(String, String)> {
    let resources = document.get("Resources")?.as_object()?;
    let mut names: Vec<String> = resources.keys().cloned().collect();
    let name = names.swap_remove(choices.below(names.len()));
    let kind = document["Resources"][&name]
        .get("Type")?
        .as_str()?
        .to_owned();
    let parameter = format!("Open{}", document["Parameters"].as_object()?.len());
    let condition = format!("{parameter}IsYes");
    if is_attachment(&kind) && choices.once_in(3) {
        let resource = document["Resources"].get_mut(&name)?.as_object_mut()?;
        resource.insert("Condition".to_owned(), json!(condition));
        let value = if choices.once_in(2) { "no" } else { "yes" };
        add(document, &parameter, &condition);
        return Some((parameter, value.to_owned()));
    }
    let properties = document["Resources"][&name].get_mut("Properties")?;
    let all: Vec<Vec<usize>> = paths(properties)
        .into_iter()
        .filter(|path| !path.is_empty() && may_hang(properties, path, &kind))
        .collect();
    let path = all.get(choices.below(all.len()))?.clone();
    let others = all.get(choices.below(all.len()))?.clone();
    let other = at(properties, &others)?.clone();
    let value = at(properties, &path)?;
    let (new, given) = match (choices.below(5), &*value) {
        (0, Value::String(text)) => (json!({"Ref": parameter}), text.clone()),
        (1, Value::String(text)) => (
            json!({"Fn::Sub": format!("${{{parameter}}}")}),
            text.clone(),
        ),
        (2, own) => {
            let other = if choices.once_in(2) {
                other
            } else {
                json!({"Ref": "AWS::NoValue"})
            };
            (json!({"Fn::If": [condition, other, own]}), "no".to_owned())
        }
        (3, own) => (json!({"Fn::If": [condition, own, other]}), "yes".to_owned()),
        // It is there only if.
        (_, own) => (
            json!({"Fn::If": [condition, own, {"Ref": "AWS::NoValue"}]}),
            if choices.once_in(2) { "no" } else { "yes" }.to_owned(),
        ),
    };
    *value = new;
    add(document, &parameter, &condition);
    Some((parameter, given))
}

/// Adds the parameter, without a value, and a condition on it.
fn add(document: &mut Value, parameter: &str, condition: &str) {
    document["Parameters"][parameter] = json!({"Type": "String"});
    if !document["Conditions"].is_object() {
        document["Conditions"] = json!({});
    }
    document["Conditions"][condition] = json!({"Fn::Equals": [{"Ref": parameter}, "yes"]});
}

/// True for a value that is no name and no part of a function.
fn may_hang(properties: &Value, path: &[usize], kind: &str) -> bool {
    let mut value = properties;
    for (depth, step) in path.iter().enumerate() {
        value = match value {
            Value::Object(members) => {
                let Some((name, value)) = members.iter().nth(*step) else {
                    return false;
                };
                let is_function = name == "Ref" || name.starts_with("Fn::");
                if is_function || (depth == 0 && is_name(kind, name)) {
                    return false;
                }
                value
            }
            Value::Array(items) => match items.get(*step) {
                Some(value) => value,
                None => return false,
            },
            _ => return false,
        };
    }
    true
}
