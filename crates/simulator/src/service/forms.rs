//! Forms of ARNs: of which type a resource is, and whether a call makes it.

use std::collections::HashMap;
use std::sync::LazyLock;

use preclear_catalog::{Action, ResourceType, catalog};
use preclear_model::ArnRef;
use preclear_wildcard::FieldPattern;

/// Fields of an ARN. Rule: IAM-WILD-5.
const ARN_FIELDS: usize = 6;

/// A form of the ARNs of one type.
#[derive(Debug)]
pub(crate) struct Form {
    /// `*` where the form is of any service.
    service: String,
    /// `None` for a form that is no whole ARN, and may be anything.
    pattern: Option<FieldPattern>,
    is_bucket: bool,
}

impl Form {
    /// Every form of a type.
    pub(crate) fn all(kind: ResourceType<'_>) -> impl Iterator<Item = Form> {
        kind.arn_globs().map(move |glob| Form {
            service: glob.split(':').nth(2).unwrap_or("*").to_owned(),
            pattern: FieldPattern::parse(&glob, ':', ARN_FIELDS),
            is_bucket: kind.name() == "bucket",
        })
    }

    /// Whether the ARN has the form; no bucket has a `/` in its name.
    pub(crate) fn fits(&self, arn: ArnRef<'_>) -> bool {
        // Most forms are of other services.
        if self.service != arn.service() && !self.service.contains('*') {
            return false;
        }
        let is_object = self.is_bucket && arn.service() == "s3" && arn.resource().contains('/');
        let mut pattern = self.pattern.iter();
        !is_object && pattern.all(|pattern| pattern.is_match_with(arn.as_str(), &[]))
    }
}

/// Forms of what creating actions make, by the number of the action.
static MADE: LazyLock<HashMap<u32, Vec<Form>>> = LazyLock::new(|| {
    // Tags of KMS keys have rules of their own (KMS-DEC-2).
    let services = catalog()
        .services()
        .filter(|service| service.prefix() != "kms");
    let actions = services.flat_map(|service| service.actions());
    let made = actions.filter_map(|action| {
        let name = action.name().strip_prefix("Create")?;
        let types = action.resource_uses().map(|used| used.resource_type());
        let types = types.filter(|kind| is_same_name(kind.name(), name));
        let forms: Vec<Form> = types.flat_map(Form::all).collect();
        (!forms.is_empty()).then_some((action.id(), forms))
    });
    made.collect()
});

/// `labeling-job` is what `CreateLabelingJob` creates.
fn is_same_name(kind: &str, name: &str) -> bool {
    let letters = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_lowercase()).collect()
    };
    letters(kind) == letters(name)
}

/// True where the call makes what it is asked on: `Create` and the type of the resource. What other creating actions are
/// asked on is there before. Rule: IAM-CTX-8.
pub(crate) fn is_made(action: Action<'_>, arn: ArnRef<'_>) -> bool {
    made(action).is_some_and(|forms| forms.iter().any(|form| form.fits(arn)))
}

/// True where some resource may be made by the action. Rule: IAM-CTX-8.
pub(crate) fn is_creating(action: Action<'_>) -> bool {
    made(action).is_some()
}

/// The table is made for the first creating action, and by no other: it takes longer than most decisions.
fn made(action: Action<'_>) -> Option<&'static [Form]> {
    let is_creating = action.name().starts_with("Create");
    let forms = is_creating.then(|| MADE.get(&action.id())).flatten()?;
    Some(forms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_created_is_of_the_type_that_the_action_names() {
        for (action, arn, expected) in [
            (
                "sqs:CreateQueue",
                "arn:aws:sqs:eu-west-1:111122223333:q",
                true,
            ),
            ("s3:CreateBucket", "arn:aws:s3:::b", true),
            ("iam:CreateRole", "arn:aws:iam::111122223333:role/r", true),
            (
                "iam:CreateAccessKey",
                "arn:aws:iam::111122223333:user/u",
                false,
            ),
            (
                "sagemaker:CreateLabelingJob",
                "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/j",
                true,
            ),
            (
                "sagemaker:CreateEndpoint",
                "arn:aws:sagemaker:eu-west-1:111122223333:endpoint-config/c",
                false,
            ),
            (
                "ec2:CreateVolume",
                "arn:aws:ec2:eu-west-1:111122223333:volume/*",
                true,
            ),
            (
                "ec2:CreateVolume",
                "arn:aws:ec2:eu-west-1::snapshot/snap-1",
                false,
            ),
            (
                "ec2:CreateTags",
                "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
                false,
            ),
            (
                "sqs:SendMessage",
                "arn:aws:sqs:eu-west-1:111122223333:q",
                false,
            ),
        ] {
            let (service, name) = action.split_once(':').unwrap();
            let known = catalog().action(service, name).unwrap();
            let made = is_made(known, ArnRef::parse(arn).unwrap());
            assert_eq!(made, expected, "{action} on {arn}");
        }
    }
}
