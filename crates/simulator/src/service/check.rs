//! Requests that cannot be asked this way, found before anything is decided.

use preclear_catalog::catalog;
use preclear_model::caller::CallerKind;
use preclear_model::{Diagnostic, codes as texts};
use serde_json::Value;

use super::{contradiction, refuse};
use crate::arena::Arena;
use crate::codes;
use crate::engine::Engine;
use crate::parameters;
use crate::request::{ContextValue, Request};

/// What is wrong with the request, if anything is.
pub(crate) fn error(engine: &Engine, request: &Request, arena: &Arena) -> Option<Diagnostic> {
    of_request(request).or_else(|| contradiction::error(engine, request, arena))
}

/// True where a request says nothing that any check of [`of_request`] looks at, as most do.
fn is_plain(request: &Request) -> bool {
    let caller = &request.caller;
    request.context.is_empty()
        && request.vpc_endpoint.is_none()
        && request.via.is_empty()
        && request.session_policies.is_none()
        && !request.session_policy_rejected
        && request.parameters.is_none()
        && request.key_policy_candidate.is_none()
        && request.ciphertext_key.is_none()
        && caller.id.is_none()
        && caller.credentials.is_none()
        && !matches!(caller.kind, CallerKind::FederatedUser { .. })
}

/// What is wrong whatever the snapshot holds.
fn of_request(request: &Request) -> Option<Diagnostic> {
    if is_plain(request) {
        return None;
    }
    impossible_context(request)
        .or_else(|| several_values(request))
        .or_else(|| misplaced_session_policy(request))
        .or_else(|| contradiction::in_caller(&request.caller))
        .or_else(|| nobody_to_call_for(request))
        .or_else(|| bad_service(request))
        .or_else(|| bad_parameter(request))
}

/// A context that cannot occur. Rule: IAM-CTX-5.
fn impossible_context(request: &Request) -> Option<Diagnostic> {
    if request.context.is_empty() {
        return None;
    }
    let said = |key: &str| {
        request
            .context
            .keys()
            .any(|name| name.eq_ignore_ascii_case(key))
    };
    let through_endpoint = said("aws:SourceVpce") || request.vpc_endpoint.is_some();
    if !said("aws:SourceIp") || !through_endpoint || request.force_context {
        return None;
    }
    let message = "`aws:SourceIp` and `aws:SourceVpce` cannot both be known: a call through a VPC endpoint has no public address";
    Some(refuse(&codes::IMPOSSIBLE_CONTEXT, message))
}

/// Several values for a key that takes one. Rule: IAM-COND-5.
fn several_values(request: &Request) -> Option<Diagnostic> {
    let wrong = request.context.iter().find(|(name, value)| {
        let known = catalog().condition_key(name);
        let is_single =
            known.is_some_and(|known| !known.is_multivalued() && !known.may_have_several());
        is_single && matches!(value, ContextValue::Many(values) if values.len() != 1)
    });
    let (name, _) = wrong?;
    let message = format!("`{name}` takes one value, and the request gives a list");
    Some(refuse(&codes::SEVERAL_VALUES, message))
}

/// Session policies of a caller that is no session. Rule: IAM-EVAL-14.
fn misplaced_session_policy(request: &Request) -> Option<Diagnostic> {
    let has_any = request
        .session_policies
        .as_ref()
        .is_some_and(|policies| !policies.is_empty());
    let has_any = has_any || request.session_policy_rejected;
    let is_session = matches!(
        request.caller.kind,
        CallerKind::RoleSession { .. } | CallerKind::FederatedUser { .. } | CallerKind::RootSession
    );
    if !has_any || is_session {
        return None;
    }
    let message = format!(
        "`{}` is no session, so no session policy applies to it",
        request.caller.display_arn()
    );
    let help = "name the role or the federated user, or leave the session policies out";
    let error = refuse(&codes::MISPLACED_POLICY, message);
    Some(error.rule("IAM-EVAL-14").help(help))
}

/// `via` names services by the first part of their host. Rule: UI-39.
fn bad_service(request: &Request) -> Option<Diagnostic> {
    let is_service = |text: &String| {
        let name = text.strip_suffix(".amazonaws.com").unwrap_or(text);
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !name.is_empty() && name.bytes().all(is_plain)
    };
    let wrong = request.via.iter().find(|text| !is_service(text))?;
    let message = format!("`{wrong}` names no service");
    Some(refuse(&codes::INVALID_SERVICE, message))
}

/// Services call on with the identity of whoever called them, and some callers have none that could be passed on.
/// Rule: IAM-PRIN-13, KMS-COND-2.
fn nobody_to_call_for(request: &Request) -> Option<Diagnostic> {
    let why = match request.caller.kind {
        CallerKind::Service { .. } => "a service that acts as itself calls directly",
        CallerKind::Anonymous | CallerKind::Federated { .. } => {
            "a call that nobody signed cannot be passed on"
        }
        _ => return None,
    };
    let service = request.via.first()?;
    let caller = request.caller.display_arn();
    let message = format!("`{caller}` cannot call via `{service}`: {why}");
    let help = "leave `via` out, or name the user or role that the service calls for";
    let error = refuse(&codes::CONTRADICTION, message);
    Some(error.rule("IAM-PRIN-13").help(help))
}

/// A member that the call cannot have, or a value of another type, would count as left out. Rule: UI-38.
fn bad_parameter(request: &Request) -> Option<Diagnostic> {
    let of_kms = || {
        let mistake = parameters::mistakes(request).into_iter().next()?;
        Some((mistake.code, mistake.message, mistake.help))
    };
    let found = if parameters::are_right(request) {
        None
    } else {
        of_kms()
    };
    let (code, message, help) = found.or_else(|| bad_list(request))?;
    Some(refuse(code, message).rule("UI-38").help(help))
}

/// Lists that are read of calls to STS, and whether their elements are texts.
const LISTS: [(&str, bool); 2] = [("Tags", false), ("TransitiveTagKeys", true)];

fn bad_list(request: &Request) -> Option<(&'static codes::Code, String, String)> {
    for (member, value) in request.parameters.iter().flatten() {
        let mut lists = LISTS.iter();
        let Some((name, of_texts)) = lists.find(|(name, _)| name.eq_ignore_ascii_case(member))
        else {
            continue;
        };
        if member != name {
            let message = format!("the API has no member `{member}`");
            let help = format!("did you mean `{name}`?");
            return Some((&texts::UNKNOWN_MEMBER, message, help));
        }
        let items = value.as_array();
        if !items.is_some_and(|items| !of_texts || items.iter().all(Value::is_string)) {
            let wanted = if *of_texts {
                "a list of strings"
            } else {
                "a list"
            };
            let message = format!("`{name}` must be {wanted}");
            return Some((&texts::WRONG_TYPE, message, format!("write {wanted}")));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use preclear_model::caller::Caller;
    use serde_json::json;

    use super::*;
    use crate::request::Ask;

    fn request() -> Request {
        let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").expect("a user");
        Request::new(caller, Ask::Action("kms:Decrypt".to_owned()))
    }

    fn code(request: &Request) -> Option<&'static str> {
        of_request(request).map(|error| error.code)
    }

    #[test]
    fn parameters_that_would_count_as_left_out_are_refused() {
        let asked = |ask: &str, name: &str, value: Value| {
            let mut request = request();
            request.ask = Ask::Action(ask.to_owned());
            request.parameters = Some(serde_json::Map::from_iter([(name.to_owned(), value)]));
            code(&request)
        };
        let with = |name: &str, value: Value| asked("kms:Decrypt", name, value);
        assert_eq!(with("EncryptionContext", json!({"a": "b"})), None);
        assert_eq!(with("EncryptionContext", json!(["a"])), Some("WRONG_TYPE"));
        assert_eq!(
            with("EncryptionContext", json!({"a": null})),
            Some("WRONG_TYPE")
        );
        assert_eq!(
            with("encryptionContext", json!({"a": "b"})),
            Some("UNKNOWN_MEMBER")
        );
        assert_eq!(
            with("Operations", json!(["Encrypt"])),
            Some("UNKNOWN_MEMBER")
        );
        for (name, value, found) in [
            ("Tags", json!([{}]), None),
            ("Tags", json!({}), Some("WRONG_TYPE")),
            ("tags", json!([]), Some("UNKNOWN_MEMBER")),
            ("TransitiveTagKeys", json!(["a"]), None),
            ("TransitiveTagKeys", json!([1]), Some("WRONG_TYPE")),
            ("RoleSessionName", json!(1), None),
        ] {
            assert_eq!(
                asked("sts:AssumeRole", name, value.clone()),
                found,
                "{name} {value}"
            );
        }
    }

    #[test]
    fn lists_for_keys_of_one_value_are_refused() {
        let mut request = request();
        let two = ContextValue::Many(vec!["vpc-1".to_owned(), "vpc-2".to_owned()]);
        request.context.insert("aws:SourceVpc".to_owned(), two);
        assert_eq!(code(&request), Some("SEVERAL_VALUES"));
        let one = ContextValue::Many(vec!["vpc-1".to_owned()]);
        request.context.insert("aws:SourceVpc".to_owned(), one);
        assert_eq!(code(&request), None);
    }

    #[test]
    fn services_are_named_without_region() {
        let mut request = request();
        request.via = vec!["s3".to_owned()];
        assert_eq!(code(&request), None);
        for bad in ["", " ", "S3", "s3.us-west-2.amazonaws.com"] {
            request.via = vec![bad.to_owned()];
            assert_eq!(code(&request), Some("INVALID_SERVICE"), "{bad}");
        }
    }

    #[test]
    fn services_call_on_for_somebody_who_signed() {
        let via = |arn: &str, via: &[&str]| {
            let caller = Caller::parse(arn).expect("a caller");
            let mut request = Request::new(caller, Ask::Action("kms:Decrypt".to_owned()));
            request.via = via.iter().map(|service| (*service).to_owned()).collect();
            of_request(&request).map(|error| (error.code, error.rule))
        };
        let refused = Some(("CONTRADICTION", Some("IAM-PRIN-13")));
        for arn in ["sns.amazonaws.com", "anonymous"] {
            assert_eq!(via(arn, &["s3"]), refused, "{arn}");
            assert_eq!(via(arn, &[]), None, "{arn}");
        }
        for arn in [
            "arn:aws:iam::111122223333:user/ana",
            "arn:aws:iam::111122223333:root",
            "arn:aws:sts::111122223333:assumed-role/R/s",
            "111122223333:aws:ec2-infrastructure:i-0123",
        ] {
            assert_eq!(via(arn, &["s3"]), None, "{arn}");
        }
    }

    /// Rule: IAM-GRAM-19, IAM-EVAL-14.
    #[test]
    fn a_rejected_session_policy_is_misplaced_as_any_other() {
        let mut request = request();
        request.session_policies = Some(Vec::new());
        assert_eq!(code(&request), None);
        request.session_policy_rejected = true;
        assert_eq!(code(&request), Some("MISPLACED_POLICY"));
    }
}
