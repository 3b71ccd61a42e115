//! ARNs that nobody can write yet: a plan or template makes the resource, and its id or name is made up of the address or logical
//! id until then. Rule: UI-13.

use std::collections::BTreeMap;

use serde_json::Value;

/// What to write in place of each ARN of a statement that is made up, as sentences.
///
/// `stand_ins` is the snapshot's: what stands for such an ARN in the configuration or template that makes it.
#[must_use]
pub fn made_up(stand_ins: &BTreeMap<String, String>, statement: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if !stand_ins.is_empty() {
        collect(stand_ins, statement, &mut found);
    }
    found
}

fn collect(stand_ins: &BTreeMap<String, String>, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let note = note(stand_ins, text);
            found.extend(note.filter(|note| !found.contains(note)));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect(stand_ins, item, found)),
        Value::Object(members) => members
            .values()
            .for_each(|item| collect(stand_ins, item, found)),
        _ => {}
    }
}

fn note(stand_ins: &BTreeMap<String, String>, text: &str) -> Option<String> {
    let (arn, reference) = stand_ins.iter().find(|(arn, _)| {
        text.strip_prefix(arn.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })?;
    let rest = text.get(arn.len()..).unwrap_or_default();
    Some(format!(
        "`{text}` is not the real ARN, which is not known yet: write {} in its place",
        written(reference, rest)
    ))
}

/// The reference as it is written in front of more.
fn written(reference: &str, rest: &str) -> String {
    // An address in a module of Terraform.
    let (reference, module) = match reference.split_once(" in ") {
        Some((reference, module)) => (reference, format!(" (in {module})")),
        None => (reference, String::new()),
    };
    if rest.is_empty() {
        return format!("`{reference}`{module}");
    }
    let of_template = ["!GetAtt ", "!Ref "];
    let name = of_template
        .iter()
        .find_map(|function| reference.strip_prefix(function));
    match name {
        Some(name) => format!("`!Sub \"${{{name}}}{rest}\"`"),
        None => format!("`\"${{{reference}}}{rest}\"`{module}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_stand_alone_or_in_a_text() {
        let stand_ins = BTreeMap::from(
            [
                (
                    "arn:aws:kms:eu-west-1:111122223333:key/aws_kms_key.k",
                    "aws_kms_key.k.arn",
                ),
                ("arn:aws:s3:::aws_s3_bucket.b", "aws_s3_bucket.b.arn"),
                ("arn:aws:s3:::Data", "!GetAtt Data.Arn"),
                ("arn:aws:sns:eu-west-1:111122223333:T", "!Ref T"),
            ]
            .map(|(arn, reference)| (arn.to_owned(), reference.to_owned())),
        );
        let statement = json!({"Effect": "Allow", "Resource": [
            "arn:aws:kms:eu-west-1:111122223333:key/aws_kms_key.k",
            "arn:aws:kms:eu-west-1:111122223333:key/aws_kms_key.known",
            "arn:aws:s3:::aws_s3_bucket.b/in/*",
            "arn:aws:s3:::Data/*",
            "arn:aws:sns:eu-west-1:111122223333:T",
        ]});
        let notes = made_up(&stand_ins, &statement);
        let ends: Vec<&str> = notes
            .iter()
            .filter_map(|note| note.split_once("known yet: "))
            .map(|(_, end)| end)
            .collect();
        assert_eq!(
            ends,
            [
                "write `aws_kms_key.k.arn` in its place",
                "write `\"${aws_s3_bucket.b.arn}/in/*\"` in its place",
                "write `!Sub \"${Data.Arn}/*\"` in its place",
                "write `!Ref T` in its place",
            ]
        );
        assert!(made_up(&BTreeMap::new(), &statement).is_empty());
    }
}
