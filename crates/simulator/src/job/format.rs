//! What texts of an API request look like: ARNs, key identifiers, S3 URIs.

use std::sync::Arc;

use preclear_model::policy::{ParseOptions, parse_policy};
use preclear_model::{Arn, Policy, PolicyKind};

use crate::engine::keys::KeyIdentifier;
use crate::job::s3::Location;
use crate::job::template::shape::Format;

/// A format that a text does not have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FormatError {
    /// What was expected, to follow "is no".
    pub(crate) what: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) help: &'static str,
}

/// Holds a text against a format. Rule: JOB-4, FIELD_FORMAT.
pub(crate) fn check(text: &str, format: Format) -> Result<(), FormatError> {
    let fits = match format {
        Format::Any => true,
        Format::Name => is_name(text),
        Format::Account => preclear_model::arn::is_account_id(text),
        Format::Arn => is_arn(text),
        Format::RoleArn => is_role(text),
        Format::S3Uri => Location::parse(text).is_some(),
        Format::Key => is_key(text),
        Format::KeyArn => {
            is_key(text) && matches!(KeyIdentifier::parse(text), Some(KeyIdentifier::KeyArn(_)))
        }
        Format::SessionPolicy => session_policy(text, "").is_some(),
        Format::KeyIdOrArn => {
            is_key(text)
                && matches!(
                    KeyIdentifier::parse(text),
                    Some(KeyIdentifier::KeyArn(_) | KeyIdentifier::KeyId(_))
                )
        }
    };
    if fits { Ok(()) } else { Err(explain(format)) }
}

fn explain(format: Format) -> FormatError {
    let (what, rule, help) = match format {
        Format::Name => (
            "name of a resource",
            "JOB-4",
            "name one resource: wildcards and white space are no part of names",
        ),
        Format::Account => (
            "id of an account",
            "JOB-4",
            "write the twelve digits of the account",
        ),
        Format::Any | Format::Arn => (
            "ARN",
            "JOB-4",
            "give the ARN of one resource: six fields separated by colons, of which partition, service and resource are not empty",
        ),
        Format::RoleArn => (
            "ARN of a role",
            "JOB-6",
            "give the role's ARN with its path, `arn:aws:iam::ACCOUNT:role/PATH/NAME`",
        ),
        Format::S3Uri => ("S3 URI", "JOB-S3-7", "write `s3://BUCKET/KEY`"),
        Format::Key => (
            "identifier of a KMS key",
            "KMS-ID-1",
            "give a key ARN, key id, alias name (`alias/NAME`) or alias ARN",
        ),
        Format::KeyArn => (
            "ARN of a KMS key",
            "KMS-ID-1",
            "give the key's ARN; key ids and aliases are not accepted here",
        ),
        Format::KeyIdOrArn => (
            "id or ARN of a KMS key",
            "JOB-GT-1",
            "give the key's ARN; aliases are not accepted here",
        ),
        Format::SessionPolicy => (
            "session policy",
            "IAM-GRAM-20",
            "give a whole policy document without `Principal`, as a text",
        ),
    };
    FormatError { what, rule, help }
}

/// A text of the request as a session policy; `None` for what the grammar refuses.
pub(crate) fn session_policy(text: &str, name: &str) -> Option<Arc<Policy>> {
    let options = ParseOptions::default();
    let (policy, _) = parse_policy(text, name, PolicyKind::Session, options);
    policy.map(Arc::new)
}

fn is_name(text: &str) -> bool {
    !text.contains(|found: char| matches!(found, '*' | '?') || found.is_whitespace())
}

fn is_arn(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| {
        let named = [arn.partition(), arn.service(), arn.resource()];
        // CloudWatch Logs ends the ARNs of groups so.
        let resource = arn.resource();
        let one = resource.strip_suffix(":*").unwrap_or(resource);
        named.iter().all(|field| !field.is_empty()) && is_name(one)
    })
}

fn is_role(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| {
        let name = arn.resource().strip_prefix("role/").unwrap_or_default();
        let names_role = !name.is_empty() && !name.ends_with('/') && is_name(name);
        is_arn(text)
            && arn.service() == "iam"
            && preclear_model::arn::is_account_id(arn.account())
            && names_role
    })
}

fn is_key(text: &str) -> bool {
    let legal =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'/' | b'_' | b'-');
    let has_name = !text.is_empty() && text != "alias/";
    has_name
        && text.bytes().all(legal)
        && KeyIdentifier::parse(text).is_some_and(|identifier| match identifier {
            KeyIdentifier::KeyId(id) => !id.contains([':', '/']),
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(text: &str, format: Format) -> bool {
        check(text, format).is_ok()
    }

    #[test]
    fn arns_name_partition_service_and_resource() {
        for right in [
            "arn:aws:s3:::b",
            "arn:aws-cn:sns:cn-north-1:111122223333:t",
            "arn:aws:logs:us-west-2:111122223333:log-group:trail:*",
        ] {
            assert!(fits(right, Format::Arn), "{right}");
        }
        for wrong in [
            "arn:::::",
            "arn::s3:::b",
            "arn:aws::::b",
            "arn:aws:s3:::",
            "arn:aws:s3::b",
            "arn:aws:sns:us-west-2:111122223333:t*",
        ] {
            assert!(!fits(wrong, Format::Arn), "{wrong}");
        }
        assert!(!fits("arn::iam::111122223333:role/r", Format::RoleArn));
    }

    #[test]
    fn roles_are_told_from_other_arns() {
        assert!(fits(
            "arn:aws:iam::111122223333:role/service-role/example-role",
            Format::RoleArn
        ));
        for wrong in [
            "example-role",
            "arn:aws:iam::111122223333:user/ana",
            "arn:aws:iam::1:role/r",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/*",
        ] {
            assert!(!fits(wrong, Format::RoleArn), "{wrong}");
        }
    }

    #[test]
    fn session_policies_are_whole_documents_without_principals() {
        let statement = r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#;
        let policy = |more: &str| {
            format!(r#"{{"Version": "2012-10-17", "Statement": {{{statement}{more}}}}}"#)
        };
        assert!(fits(&policy(""), Format::SessionPolicy));
        for wrong in [
            policy(r#", "Principal": "*""#),
            format!("{{{statement}}}"),
            "{".to_owned(),
        ] {
            assert!(!fits(&wrong, Format::SessionPolicy), "{wrong}");
        }
    }

    #[test]
    fn names_are_of_one_resource() {
        let arn = "arn:aws:sqs:us-west-2:111122223333:orders";
        let address = "https://sqs.us-west-2.amazonaws.com/111122223333/orders.fifo";
        for right in ["orders", arn, address] {
            assert!(fits(right, Format::Name), "{right}");
        }
        for wrong in ["*", "order?", "my orders", "https://x/1/*"] {
            assert!(!fits(wrong, Format::Name), "{wrong}");
        }
    }

    #[test]
    fn key_forms_are_told_apart() {
        let arn = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let alias_arn = "arn:aws:kms:us-west-2:111122223333:alias/vol";
        for form in [
            arn,
            alias_arn,
            "alias/vol",
            "1234abcd-12ab-34cd-56ef-1234567890ab",
        ] {
            assert!(fits(form, Format::Key), "{form}");
        }
        for (form, good) in [
            (arn, true),
            (alias_arn, false),
            ("alias/vol", false),
            ("1234abcd", true),
            ("", false),
        ] {
            assert_eq!(fits(form, Format::KeyIdOrArn), good, "{form}");
        }
        assert!(fits(arn, Format::KeyArn) && !fits("1234abcd", Format::KeyArn));
        for wrong in ["", "alias/", "my key", "arn:aws:s3:::b", "key/1"] {
            assert!(!fits(wrong, Format::Key), "{wrong}");
        }
        assert_eq!(
            check("alias/vol", Format::KeyIdOrArn).unwrap_err().rule,
            "JOB-GT-1"
        );
    }
}
