//! Lists of questions, written like the tables of the docs: a line for each, its cells between bars.

use serde_json::{Value, json};

use super::super::case::set;
use crate::failure::Failure;

/// The lines of a text, each with this many cells.
pub(super) fn lines<const N: usize>(text: &'static str) -> Result<Vec<[&'static str; N]>, Failure> {
    let line = |line: &'static str| {
        let cells: Vec<&'static str> = line.split('|').map(str::trim).collect();
        let of = |cells: Vec<&str>| {
            let count = cells.len();
            Failure::new(format!("`{line}` has {count} cells, not {N}"))
        };
        <[&str; N]>::try_from(cells).map_err(of)
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(line).collect()
}

/// The decision that a cell expects: a code, after it the id of the grant that is its reason.
pub(super) fn expected(cell: &str) -> Value {
    let (code, grant) = match cell.split_once(' ') {
        Some((code, grant)) => (code, Some(grant)),
        None => (cell, None),
    };
    let mut expected = json!({"verdict": verdict(code), "code": code});
    if let Some(grant) = grant {
        set(&mut expected, "grant", json!(grant));
    }
    expected
}

/// The verdict of a code.
pub(super) fn verdict(code: &str) -> &'static str {
    if code.starts_with("allow") {
        "allow"
    } else if code.starts_with("explicit_deny") {
        "explicit_deny"
    } else {
        "implicit_deny"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_as_many_cells_as_are_wanted() {
        assert_eq!(
            lines("\na | b c\n d|e \n").unwrap(),
            [["a", "b c"], ["d", "e"]]
        );
        assert!(lines::<2>("a | b | c").is_err());
        assert!(lines::<2>("a").is_err());
    }

    #[test]
    fn a_code_tells_its_verdict() {
        let codes = ["allow_grant g", "explicit_deny_scp", "key_trust_missing"];
        let verdicts = codes.map(|code| expected(code)["verdict"].clone());
        assert_eq!(verdicts, ["allow", "explicit_deny", "implicit_deny"]);
        assert_eq!(expected("allow_grant g")["grant"], "g");
    }
}
