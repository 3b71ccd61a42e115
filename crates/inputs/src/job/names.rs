//! Names of plans and templates in API requests. Rule: UI-31.

use std::collections::BTreeMap;

use preclear_model::Arn;
use serde_json::{Map, Value};

/// Replaces texts that are names of plans and templates by what they stand for.
///
/// An address of Terraform (`aws_kms_key.labels`) is replaced wherever it is a whole value. A name without a point, as
/// templates of CloudFormation have them, may as well be a word of the request (`LabelingJobName`): it is replaced where
/// members take ARNs, roles or keys.
pub(crate) fn name_members(request: &mut Map<String, Value>, names: &BTreeMap<String, String>) {
    if names.is_empty() {
        return;
    }
    for (member, value) in request {
        name_value(member, value, names);
    }
}

fn name_value(member: &str, value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Object(members) => name_members(members, names),
        Value::Array(items) => {
            for item in items {
                name_value(member, item, names);
            }
        }
        Value::String(text) => {
            if let Some(arn) = names.get(text)
                && (text.contains('.') || takes_arn(member))
            {
                *text = as_member(member, arn);
            }
        }
        _ => {}
    }
}

/// Members that hold an ARN, a role or a key are told by their ends: `RoleArn`, `kmsKeyArn`, `ExecutionRole`, `VolumeKmsKeyId`.
fn takes_arn(member: &str) -> bool {
    const ENDS: [&str; 5] = ["arn", "arns", "role", "keyid", "kmskey"];
    let member = member.to_ascii_lowercase();
    ENDS.iter().any(|end| member.ends_with(end))
}

/// A bucket is called by its name where no ARN is asked for.
fn as_member(member: &str, arn: &str) -> String {
    match Arn::parse(arn) {
        Some(parsed) if parsed.service() == "s3" && !takes_arn(member) => {
            parsed.resource().to_owned()
        }
        _ => arn.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(request: Value) -> Value {
        let names = [
            (
                "aws_kms_key.labels",
                "arn:aws:kms:us-west-2:111122223333:key/k",
            ),
            ("aws_s3_bucket.in", "arn:aws:s3:::team-in"),
            ("Labeler", "arn:aws:iam::111122223333:role/Labeler"),
        ];
        let names = names.map(|(name, arn)| (name.to_owned(), arn.to_owned()));
        let Value::Object(mut members) = request else {
            panic!("{request}")
        };
        name_members(&mut members, &BTreeMap::from(names));
        Value::Object(members)
    }

    #[test]
    fn addresses_stand_for_what_they_name_at_any_depth() {
        let request = json!({"OutputConfig": {"KmsKeyId": "aws_kms_key.labels"}, "Keys": ["aws_kms_key.labels", 1]});
        let key = "arn:aws:kms:us-west-2:111122223333:key/k";
        assert_eq!(
            named(request),
            json!({"OutputConfig": {"KmsKeyId": key}, "Keys": [key, 1]})
        );
    }

    #[test]
    fn a_name_without_a_point_is_a_word_but_where_an_arn_belongs() {
        let request =
            json!({"RoleArn": "Labeler", "LabelingJobName": "Labeler", "ExecutionRole": "Labeler"});
        let role = "arn:aws:iam::111122223333:role/Labeler";
        assert_eq!(
            named(request),
            json!({"RoleArn": role, "LabelingJobName": "Labeler", "ExecutionRole": role})
        );
    }

    #[test]
    fn a_bucket_is_a_name_where_no_arn_belongs() {
        let request = json!({"Bucket": "aws_s3_bucket.in", "BucketArn": "aws_s3_bucket.in", "S3Uri": "s3://aws_s3_bucket.in/x"});
        assert_eq!(
            named(request),
            json!({"Bucket": "team-in", "BucketArn": "arn:aws:s3:::team-in", "S3Uri": "s3://aws_s3_bucket.in/x"})
        );
    }
}
