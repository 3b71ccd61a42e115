//! Parsing of the hand-kept JSON tables, once, on first use.

use serde::de::DeserializeOwned;

/// Reads an embedded table.
///
/// A table that does not parse reads as empty here, because nothing may panic; the tests parse every table with
/// [`try_table`] and fail.
pub(crate) fn table<T: DeserializeOwned + Default>(json: &str) -> T {
    try_table(json).unwrap_or_default()
}

/// Reads an embedded table.
pub(crate) fn try_table<T: DeserializeOwned>(json: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(json)
}

/// Puts values into the places `{name}` of a template.
///
/// Values that hold a place are not looked at again.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() + 64);
    let mut rest = template;
    'places: while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        for (name, value) in values {
            let place = from
                .strip_prefix('{')
                .and_then(|from| from.strip_prefix(name))
                .and_then(|from| from.strip_prefix('}'));
            if let Some(after) = place {
                filled.push_str(value);
                rest = after;
                continue 'places;
            }
        }
        filled.push('{');
        rest = from.strip_prefix('{').unwrap_or_default();
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_each_place_once() {
        let filled = fill(r#"{"a":"{x}.{y}.{z}"}"#, &[("x", "{y}"), ("y", "2")]);
        assert_eq!(filled, r#"{"a":"{y}.2.{z}"}"#);
        assert_eq!(fill("{", &[("x", "1")]), "{");
        assert_eq!(fill("", &[]), "");
    }
}
