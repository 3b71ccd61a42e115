//! Dynamic references, `{{resolve:ssm:…}}` and the like: only the deployment tells what stands in their place. Rule: IAM-TRI-7.

use std::collections::BTreeSet;

const START: &str = "{{resolve:";
const END: &str = "}}";

/// What stands behind the name of a parameter in Parameter Store.
const STORED: &str = " in Parameter Store";

/// The references in a text, as they stand there.
pub(super) fn references(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left = text;
    while let Some((_, behind)) = left.split_once(START) {
        let Some((name, rest)) = behind.split_once(END) else {
            break;
        };
        found.insert(format!("{START}{name}{END}"));
        left = rest;
    }
    found
}

/// What messages call a parameter in Parameter Store.
pub(super) fn stored(name: &str) -> String {
    format!("{name}{STORED}")
}

/// How to settle what hangs on these.
pub(super) fn help(names: &BTreeSet<String>) -> &'static str {
    let is_elsewhere = |name: &String| name.starts_with(START) || name.ends_with(STORED);
    match names.iter().any(is_elsewhere) {
        true => {
            "preclear looks up no values: in a copy of the template, write the value itself, or a parameter of type `String` that `--param` gives"
        }
        false => "give the parameter by `--param NAME=VALUE`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_where_they_end() {
        for (text, expected) in [
            ("plain {{x}} ${y}", ""),
            ("{{resolve:ssm:/a}}", "{{resolve:ssm:/a}}"),
            (
                "a{{resolve:secretsmanager:s:SecretString:k}}b{{resolve:ssm-secure:p:1}}{{resolve:",
                "{{resolve:secretsmanager:s:SecretString:k}} {{resolve:ssm-secure:p:1}}",
            ),
        ] {
            let found: Vec<String> = references(text).into_iter().collect();
            assert_eq!(found.join(" "), expected);
        }
    }
}
