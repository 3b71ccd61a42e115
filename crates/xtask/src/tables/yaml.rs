//! Writes a value as YAML that people read: on one line where it fits, else a line for each member. Always the same
//! text for the same value. Knows nothing of cases.

use serde_json::Value;

/// No line is longer, unless a single scalar is.
pub(crate) const COLUMNS_MAX: usize = 180;

/// Writes `value` after `key:` or `-`, which already stand in `out`; `column` is where their line is, `indent` where
/// lines below them begin.
pub(crate) fn write(value: &Value, column: usize, indent: usize, out: &mut String) {
    let flow = flow(value);
    let is_short = column + 1 + flow.chars().count() <= COLUMNS_MAX;
    match value {
        Value::Object(members) if !is_short && !members.is_empty() => {
            for (key, member) in members {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent));
                write_member(key, member, indent, out);
            }
        }
        Value::Array(items) if !is_short && !items.is_empty() => {
            for item in items {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent));
                write_item(item, indent, out);
            }
        }
        _ => {
            out.push(' ');
            out.push_str(&flow);
        }
    }
}

/// Writes `key: value` in the column `indent`.
pub(crate) fn write_member(key: &str, value: &Value, indent: usize, out: &mut String) {
    let key = scalar(key);
    out.push_str(&key);
    out.push(':');
    write(value, indent + key.chars().count() + 1, indent + 2, out);
}

/// Writes `- value`; the members of a long object begin beside the dash.
fn write_item(value: &Value, indent: usize, out: &mut String) {
    out.push('-');
    let mut text = String::new();
    write(value, indent + 1, indent + 2, &mut text);
    let newline = format!("\n{}", " ".repeat(indent + 2));
    match text.strip_prefix(&newline) {
        Some(rest) => {
            out.push(' ');
            out.push_str(rest);
        }
        None => out.push_str(&text),
    }
}

/// The value on one line.
pub(crate) fn flow(value: &Value) -> String {
    let list = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", list(items.iter().map(flow).collect())),
        Value::Object(members) => {
            let member =
                |(key, value): (&String, &Value)| format!("{}: {}", scalar(key), flow(value));
            format!("{{{}}}", list(members.iter().map(member).collect()))
        }
    }
}

/// Text bare where every reader of YAML takes it as that text, else in double quotes.
pub(crate) fn scalar(text: &str) -> String {
    const SPECIAL: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_spaced_well = !text.contains("  ") && !text.ends_with(' ');
    let is_special = SPECIAL.contains(&text.to_ascii_lowercase().as_str());
    if starts_well && is_spaced_well && !is_special && text.chars().all(|c| is_word(c) || c == ' ')
    {
        return text.to_owned();
    }
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(value: &Value) -> String {
        let mut out = String::new();
        write_member("k", value, 0, &mut out);
        out
    }

    #[test]
    fn only_plain_words_stand_bare() {
        let bare = ["a", "vpce-1", "two words", "o-1.2/x"];
        assert_eq!(bare.map(scalar), bare);
        let quoted = [
            "", "1", "no", "True", "a: b", "a ", "*", "[", "-x", "é", "a\nb",
        ];
        for text in quoted {
            let quoted = scalar(text);
            assert!(quoted.starts_with('"'), "{text}");
            assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
        }
    }

    #[test]
    fn what_fits_is_on_one_line() {
        let value = json!({"a": [1, "x:y"], "b": {}, "c": true});
        assert_eq!(written(&value), r#"k: {a: [1, "x:y"], b: {}, c: true}"#);
    }

    #[test]
    fn what_does_not_fit_gets_lines_below() {
        let long = "x".repeat(COLUMNS_MAX / 2);
        let value = json!({"a": [{"b": long, "c": long}, "d"], "e": 1});
        let lines = format!("k:\n  a:\n    - b: {long}\n      c: {long}\n    - d\n  e: 1");
        assert_eq!(written(&value), lines);
    }
}
