//! The members of a request, as many in a line as there is room for.

use serde_json::Value;

const WIDTH: usize = 100;

/// All members, in lines; objects that do not fit a line have lines of their own.
pub(crate) fn block(fields: &Value) -> String {
    let mut lines = Vec::new();
    push_members(fields, 0, &mut lines);
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn push_members(fields: &Value, indent: usize, lines: &mut Vec<String>) {
    let Some(members) = fields.as_object() else {
        return;
    };
    let mut line = String::new();
    let indented = |line: &str| format!("{}{line}", " ".repeat(indent));
    let last = members.len().saturating_sub(1);
    for (number, (name, kind)) in members.iter().enumerate() {
        let comma = if number == last { "" } else { "," };
        let member = format!("{}{comma}", member(name, kind));
        if indent + line.chars().count() + 1 + member.chars().count() <= WIDTH {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(&member);
            continue;
        }
        if !line.is_empty() {
            lines.push(indented(&line));
        }
        line = member;
        if indent + line.chars().count() > WIDTH {
            push_object(name, kind, comma, indent, lines);
            line.clear();
        }
    }
    if !line.is_empty() {
        lines.push(indented(&line));
    }
}

/// An object, or a list of them, with lines for its members.
fn push_object(name: &str, kind: &Value, comma: &str, indent: usize, lines: &mut Vec<String>) {
    let element = kind.as_array().and_then(|all| all.first());
    let (open, close) = if element.is_some() {
        ("[{", "}]")
    } else {
        ("{", "}")
    };
    lines.push(format!("{}{name}: {open}", " ".repeat(indent)));
    push_members(element.unwrap_or(kind), indent + 2, lines);
    lines.push(format!("{}{close}{comma}", " ".repeat(indent)));
}

fn member(name: &str, kind: &Value) -> String {
    match kind {
        Value::String(kind) if kind == "text" => name.to_owned(),
        other => format!("{name}: {}", shape(other)),
    }
}

fn shape(kind: &Value) -> String {
    match kind {
        Value::String(kind) => kind.clone(),
        Value::Array(all) => format!("[{}]", all.first().map(shape).unwrap_or_default()),
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, kind)| member(name, kind))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}
