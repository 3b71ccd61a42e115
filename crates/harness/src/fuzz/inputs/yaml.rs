//! A template in YAML, with the short forms of functions.

use serde_json::Value;

/// A document as YAML: in flow style, so that every JSON text is itself, but for functions.
pub(super) fn printed(document: &Value) -> String {
    let mut text = String::from("# a template\n");
    match document {
        // A line for each member, as people write it.
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push_str(": ");
                print(value, &mut text);
                text.push('\n');
            }
        }
        other => print(other, &mut text),
    }
    text
}

fn print(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            if let Some((name, argument)) = members.iter().next()
                && members.len() == 1
                && let Some(tag) = tag(name, argument)
            {
                text.push('!');
                text.push_str(tag);
                text.push(' ');
                return print(argument, text);
            }
            text.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    text.push_str(", ");
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push_str(": ");
                print(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push_str(", ");
                }
                print(item, text);
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

/// The short form of a function with such an argument.
fn tag<'n>(name: &'n str, argument: &Value) -> Option<&'n str> {
    let short = match name {
        "Ref" | "Condition" if argument.is_string() => return Some(name),
        name => name.strip_prefix("Fn::")?,
    };
    let fits = match short {
        "GetAtt" | "Join" | "Select" | "Split" | "If" | "FindInMap" | "Equals" | "Not" | "And"
        | "Or" => argument.is_array(),
        "Sub" => argument.is_array() || argument.is_string(),
        "ImportValue" => argument.is_string(),
        _ => false,
    };
    fits.then_some(short)
}
