//! What looks wrong about the resource of a question: none, a pattern, or one of a type that the action is not decided on.
//! Rule: IAM-WILD-8, IAM-WILD-13.

use std::collections::BTreeSet;

use preclear_catalog::{Action, ResourceType, catalog};
use preclear_model::Arn;

use crate::codes;
use crate::decide::Case;
use crate::explanation::Warning;
use crate::matching::resource::Question;
use crate::request::Ask;
use crate::service::forms::Form;

/// At most one warning: each of them explains why the others do not matter.
pub(super) fn warning(case: &Case<'_>) -> Option<Warning> {
    let action = catalog().action(case.action.service(), case.action.name())?;
    let (code, message) = match (&case.target.question, case.target.typed) {
        (Question::Everything, Some(named)) if named != "*" && !action.has_resource() => (
            &codes::RESOURCE_NOT_USED,
            format!(
                "{} is decided on no resource but `*`, so `{named}` does not count",
                case.action_text
            ),
        ),
        // Parts of an operation are decided on what the operation says.
        (Question::Everything, typed) if action.has_resource() && is_asked_itself(case) => {
            let said = if typed.is_none() {
                "the request names no resource, and "
            } else {
                ""
            };
            (
                &codes::LITERAL_STAR_RESOURCE,
                format!(
                    "{said}`*` stands for itself here, not for every resource of {}",
                    case.action_text
                ),
            )
        }
        (Question::One { text: arn, .. }, _) => of_arn(case, action, arn)?,
        _ => return None,
    };
    Some(Warning::new(code, message).at(case.request.place.clone()))
}

fn is_asked_itself(case: &Case<'_>) -> bool {
    matches!(case.request.ask, Ask::Action(_))
}

fn of_arn(
    case: &Case<'_>,
    action: Action<'static>,
    arn: &str,
) -> Option<(&'static codes::Code, String)> {
    if arn.contains(['*', '?']) {
        let message =
            format!("`{arn}` is one resource of that name, not every one that it would match");
        return Some((&codes::LITERAL_STAR_RESOURCE, message));
    }
    let parsed = Arn::parse(arn)?;
    let types = || action.resource_uses().map(|used| used.resource_type());
    if types().any(|kind| may_be_of(kind, &parsed)) {
        return None;
    }
    // Of a form that no service has nobody can say what acts on it.
    let own = type_of(&parsed)?;
    let wanted: BTreeSet<&str> = types().map(ResourceType::name).collect();
    let wanted: Vec<&str> = wanted.into_iter().collect();
    let message = format!(
        "{} is decided on resources of type `{}`, and `{arn}` is of type `{own}`",
        case.action_text,
        wanted.join("` or `")
    );
    Some((&codes::RESOURCE_NOT_OF_ACTION, message))
}

/// The type of resource that has ARNs of this form.
fn type_of(arn: &Arn) -> Option<&'static str> {
    let services = catalog().services();
    let mut types = services.flat_map(|service| service.resource_types());
    types
        .find(|kind| Form::all(*kind).any(|form| form.fits(arn.as_arn_ref())))
        .map(ResourceType::name)
}

fn may_be_of(kind: ResourceType<'_>, arn: &Arn) -> bool {
    let mut forms = Form::all(kind).peekable();
    forms.peek().is_none() || forms.any(|form| form.fits(arn.as_arn_ref()))
}

#[cfg(test)]
mod tests {
    use preclear_model::caller::Caller;

    use crate::engine::{Detail, Engine};
    use crate::request::{Ask, Request};
    use crate::snapshot::Snapshot;

    /// Code and message of what is wrong with the resource.
    fn told(action: &str, resource: Option<&str>) -> Option<(&'static str, String)> {
        let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
        let mut request = Request::new(caller, Ask::Action(action.to_owned()));
        request.resource = resource.map(str::to_owned);
        let warnings = Engine::compile(Snapshot::default())
            .explain(&request, Detail::Reasons)
            .warnings;
        let mut warnings = warnings.into_iter();
        let found = warnings.find(|warning| warning.code.contains("RESOURCE"))?;
        Some((found.code, found.message))
    }

    fn code(action: &str, resource: &str) -> Option<&'static str> {
        told(action, Some(resource)).map(|(code, _)| code)
    }

    /// Rule: IAM-WILD-8.
    #[test]
    fn resources_of_another_type_are_told() {
        let other = Some("RESOURCE_NOT_OF_ACTION");
        assert_eq!(code("s3:ListBucket", "arn:aws:s3:::data/"), other);
        assert_eq!(code("s3:GetObject", "arn:aws:s3:::data"), other);
        let key = "arn:aws:kms:eu-west-1:111122223333:key/k1";
        assert_eq!(code("s3:GetObject", key), other);
        let volume = "arn:aws:ec2:eu-west-1:111122223333:volume/v-1";
        assert_eq!(code("ec2:StartInstances", volume), other);
        let (_, message) = told("s3:ListBucket", Some("arn:aws:s3:::data/x")).unwrap();
        assert!(
            message.ends_with("`arn:aws:s3:::data/x` is of type `object`"),
            "{message}"
        );
        for (action, resource) in [
            ("s3:GetObject", "arn:aws:s3:::data/x/y"),
            ("s3:ListBucket", "arn:aws:s3:::data"),
            ("iam:PassRole", "arn:aws:iam::111122223333:role/a/b"),
            ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q"),
            (
                "lambda:InvokeFunction",
                "arn:aws:lambda:eu-west-1:111122223333:function:f:prod",
            ),
            (
                "logs:PutLogEvents",
                "arn:aws:logs:eu-west-1:111122223333:log-group:/a/b:log-stream:x",
            ),
            // Nobody knows what these are.
            ("s3:GetObject", "arn:aws:unheard-of:::thing/x"),
            ("unheard-of:Get", "arn:aws:s3:::data"),
        ] {
            assert_eq!(code(action, resource), None, "{action} {resource}");
        }
    }

    /// Rule: IAM-WILD-8, IAM-WILD-13.
    #[test]
    fn wildcards_and_missing_resources_are_told() {
        let star = Some("LITERAL_STAR_RESOURCE");
        assert_eq!(code("s3:GetObject", "*"), star);
        assert_eq!(code("s3:GetObject", "arn:aws:s3:::data/*"), star);
        assert_eq!(code("s3:GetObject", "arn:aws:s3:::data/?"), star);
        let (code_of_none, message) = told("s3:GetObject", None).unwrap();
        assert_eq!(Some(code_of_none), star);
        assert!(message.contains("names no resource"), "{message}");
        assert_eq!(code("s3:ListAllMyBuckets", "*"), None);
        assert_eq!(told("s3:ListAllMyBuckets", None), None);
        let bucket = code("s3:ListAllMyBuckets", "arn:aws:s3:::data");
        assert_eq!(bucket, Some("RESOURCE_NOT_USED"));
    }

    #[test]
    fn parts_of_operations_are_not_asked_for_their_resource() {
        let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
        let mut request = Request::new(caller, Ask::Operation("kms:CreateKey".to_owned()));
        let parameters = serde_json::json!({"MultiRegion": true});
        request.parameters = parameters.as_object().cloned();
        let answer = Engine::compile(Snapshot::default()).explain(&request, Detail::Reasons);
        assert!(answer.parts.len() > 1);
        assert!(answer.warnings.is_empty(), "{:?}", answer.warnings);
    }
}
