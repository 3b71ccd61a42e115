//! What looks wrong in what a request says of condition keys: names that no request carries, values that are none of
//! their key's type. It never changes an answer. Rule: IAM-COND-14, IAM-CTX-7, IAM-GRAM-18.

use preclear_catalog::{Action, catalog, kms as tables, services};
use preclear_condition::{KeyKind, KeyName, codes as conditions};
use preclear_model::codes as grammar;
use preclear_model::near::nearest;

use crate::codes;
use crate::engine::key_types::sole_kind;
use crate::explain::warnings::belongs_to_actions;
use crate::explanation::Warning;
use crate::request::{Ask, ContextValue, Request};

/// Everything that looks wrong, at the place of the request.
pub(crate) fn find(request: &Request) -> Vec<Warning> {
    let mut found: Vec<Warning> = names(request).filter_map(unheard_of).collect();
    found.extend(values_of_no_type(request));
    found.extend(keys_not_for_actions(request, &actions(&request.ask)));
    found.extend(unknown_services(request));
    let place = || request.place.clone();
    found
        .into_iter()
        .map(|warning| warning.at(place()))
        .collect()
}

/// Every name of a key that the request mentions.
fn names(request: &Request) -> impl Iterator<Item = &str> {
    let listed = [&request.unknown, &request.absent, &request.present];
    let listed = listed.into_iter().flatten();
    let named = request.context.keys().chain(request.like.keys());
    named.chain(listed).map(String::as_str)
}

/// A name that no request carries. Rule: IAM-GRAM-18.
fn unheard_of(name: &str) -> Option<Warning> {
    if name.contains(['*', '?']) || name.contains("${") {
        let message =
            format!("the request speaks of `{name}`, and that is one key of that very name");
        return Some(Warning::new(&grammar::LITERAL_CONDITION_KEY, message));
    }
    if catalog().condition_key(name).is_some() {
        return None;
    }
    let message =
        format!("the request speaks of `{name}`, and no request is known to carry such a key");
    let warning = Warning::new(&conditions::UNKNOWN_CONDITION_KEY, message);
    Some(match meant(name) {
        Some(meant) => warning.help(format!("did you mean `{meant}`?")),
        None => warning,
    })
}

/// The key that was probably meant: one of the same prefix, or a global one where no key has the prefix.
pub(crate) fn meant(name: &str) -> Option<&'static str> {
    let prefix = prefix_of(name);
    let is_of = |prefix: &str, key: &str| prefix_of(key).eq_ignore_ascii_case(prefix);
    let known = || catalog().condition_keys().map(|key| key.name());
    let prefix = if known().any(|key| is_of(prefix, key)) {
        prefix
    } else {
        "aws"
    };
    let candidates = || known().filter(|key| is_of(prefix, key));
    let near = nearest(head(name), candidates().map(head))?;
    candidates().find(|key| head(key) == near)
}

/// A key as far as a slash: the rest of a tag's key is the user's.
fn head(key: &str) -> &str {
    key.split_inclusive('/').next().unwrap_or(key)
}

fn prefix_of(key: &str) -> &str {
    key.split_once(':').map_or("", |(prefix, _)| prefix)
}

/// Values that tests of their key's type cannot read. Rule: IAM-COND-14.
fn values_of_no_type(request: &Request) -> impl Iterator<Item = Warning> {
    request.context.iter().filter_map(|(name, value)| {
        let kind = sole_kind(&KeyName::new(name))?;
        let values = match value {
            ContextValue::One(value) => std::slice::from_ref(value),
            ContextValue::Many(values) => values,
        };
        let wrong = values.iter().find(|value| !kind.admits(value))?;
        let message = format!(
            "`{name}` is given as `{wrong}`, which is not {}: no test of that type matches it",
            described(kind)
        );
        Some(Warning::new(&codes::CONTEXT_VALUE_NOT_OF_TYPE, message))
    })
}

fn described(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Text => "a text",
        KeyKind::Arn => "an ARN",
        KeyKind::Boolean => "`true` or `false`",
        KeyKind::Number => "a number",
        KeyKind::Date => "a date such as `2026-01-31T00:00:00Z`",
        KeyKind::Epoch => "a date or a number of seconds",
        KeyKind::Ip => "a single IP address",
        KeyKind::Binary => "base64",
    }
}

/// The actions that decide what is asked; none where one of them is not catalogued.
fn actions(ask: &Ask) -> Vec<Action<'static>> {
    let known = |action: &str| {
        let (service, name) = action.split_once(':')?;
        catalog().action(service, name)
    };
    let operation = match ask {
        Ask::Operation(text) if prefix_of(text).eq_ignore_ascii_case("kms") => {
            tables::operation(text)
        }
        _ => None,
    };
    let (Ask::Action(text) | Ask::Operation(text)) = ask;
    let found: Option<Vec<_>> = match operation {
        Some(operation) => {
            let permissions = operation.permissions.iter();
            permissions.map(|needed| known(&needed.action)).collect()
        }
        None => known(text).map(|action| vec![action]),
    };
    found.unwrap_or_default()
}

/// Keys of services that requests for none of the actions carry; what is said of them counts. That one is absent is no
/// slip. Rule: IAM-CTX-7, IAM-CTX-1.
fn keys_not_for_actions(request: &Request, actions: &[Action<'_>]) -> Vec<Warning> {
    let said = request.context.keys().chain(request.like.keys());
    let said = said.chain(&request.unknown).chain(&request.present);
    keys_of_others(said, actions)
        .map(|key| {
            let (Ask::Action(asked) | Ask::Operation(asked)) = &request.ask;
            not_for(key, &format!("requests for {asked}"))
        })
        .collect()
}

/// The same for the calls of a whole job.
pub(crate) fn of_job<'k>(
    said: impl IntoIterator<Item = &'k String>,
    actions: &[Action<'_>],
) -> Vec<Warning> {
    let keys = keys_of_others(said, actions);
    keys.map(|key| not_for(key, "the calls of the job"))
        .collect()
}

fn not_for(key: &str, what: &str) -> Warning {
    let message = format!("the context speaks of `{key}`, and {what} never carry it");
    Warning::new(&codes::CONTEXT_KEY_NOT_FOR_ACTION, message)
}

/// The keys that services give to actions, but to none of these.
fn keys_of_others<'k>(
    said: impl IntoIterator<Item = &'k String>,
    actions: &[Action<'_>],
) -> impl Iterator<Item = &'k str> {
    let is_of_others = move |key: &&str| {
        belongs_to_actions(key) && !actions.iter().any(|action| action.takes(key))
    };
    let is_asked = !actions.is_empty();
    let keys = said.into_iter().map(String::as_str);
    keys.filter(move |_| is_asked).filter(is_of_others)
}

/// Services that calls are forwarded by and that nobody knows. Their hosts mostly start as their actions do. Rule: UI-39.
fn unknown_services(request: &Request) -> impl Iterator<Item = Warning> {
    let names = request
        .via
        .iter()
        .map(|text| text.strip_suffix(".amazonaws.com").unwrap_or(text));
    names.filter_map(|name| {
        let calls_as = tables::via_service(name);
        if calls_as != name {
            let message = format!("`{name}` calls other services as `{calls_as}`");
            let warning = Warning::new(&codes::UNKNOWN_VIA_SERVICE, message);
            return Some(warning.help(format!("say that the call comes through `{calls_as}`")));
        }
        if catalog().service(name).is_some() || services::supports_called_via(name) {
            return None;
        }
        let message = format!("no service `{name}` is known that a call could come through");
        let warning = Warning::new(&codes::UNKNOWN_VIA_SERVICE, message);
        let known = catalog().services().map(|service| service.prefix());
        Some(match nearest(name, known) {
            Some(near) => warning.help(format!("did you mean `{near}`?")),
            None => warning,
        })
    })
}

#[cfg(test)]
mod tests {
    use preclear_model::caller::Caller;

    use super::*;

    fn request(ask: Ask) -> Request {
        let caller = Caller::parse("arn:aws:iam::111122223333:user/u").expect("a caller");
        Request::new(caller, ask)
    }

    fn get_object() -> Request {
        request(Ask::Action("s3:GetObject".to_owned()))
    }

    /// Codes of what is found, with the remedy of each.
    fn found(request: &Request) -> Vec<(&'static str, String)> {
        let found = find(request);
        found
            .into_iter()
            .map(|warning| (warning.code, warning.help))
            .collect()
    }

    fn codes(request: &Request) -> Vec<&'static str> {
        found(request).into_iter().map(|(code, _)| code).collect()
    }

    fn given(name: &str, values: &[&str]) -> Request {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let value = match values.as_slice() {
            [one] => ContextValue::One(one.clone()),
            _ => ContextValue::Many(values),
        };
        let mut request = get_object();
        request.context.insert(name.to_owned(), value);
        request
    }

    #[test]
    fn values_are_held_against_the_type_of_their_key() {
        for (name, value) in [
            ("aws:SecureTransport", "no"),
            ("aws:SourceIp", "203.0.113.007"),
            ("AWS:sourceip", "203.0.113.7/32"),
            ("aws:CurrentTime", "tomorrow"),
            ("aws:EpochTime", "soon"),
            ("aws:MultiFactorAuthAge", "old"),
            ("aws:SourceArn", "b"),
        ] {
            assert_eq!(
                codes(&given(name, &[value])),
                ["CONTEXT_VALUE_NOT_OF_TYPE"],
                "{name}"
            );
        }
        for (name, value) in [
            ("aws:SecureTransport", "TRUE"),
            ("aws:SourceIp", "2001:db8::1"),
            ("aws:CurrentTime", "1735689600"),
            ("aws:EpochTime", "2025-01-01"),
            ("aws:MultiFactorAuthAge", "3600"),
            ("aws:SourceArn", "arn:aws:s3:::b"),
            ("aws:PrincipalTag/team", "no type at all"),
            ("aws:userid", ""),
        ] {
            assert_eq!(codes(&given(name, &[value])), [""; 0], "{name}");
        }
        assert_eq!(codes(&given("aws:TagKeys", &["a", "b"])), [""; 0]);
    }

    #[test]
    fn one_wrong_value_among_several_is_enough() {
        let mut request = request(Ask::Action("s3:GetObject".to_owned()));
        let arns = ["arn:aws:s3:::b", "b"].map(str::to_owned).to_vec();
        let key = catalog()
            .condition_keys()
            .find(|key| key.is_multivalued() && key.kind() == preclear_catalog::KeyKind::Arn)
            .expect("a key with several ARNs");
        request
            .context
            .insert(key.name().to_owned(), ContextValue::Many(arns));
        assert!(codes(&request).contains(&"CONTEXT_VALUE_NOT_OF_TYPE"));
    }

    #[test]
    fn names_that_nobody_knows_are_told_wherever_they_stand() {
        const CODE: &str = "UNKNOWN_CONDITION_KEY";
        let mut each: Vec<Request> = vec![given("aws:NoSuch", &["1"])];
        for list in 0..4 {
            let mut request = get_object();
            let name = "aws:NoSuch".to_owned();
            match list {
                0 => drop(request.unknown.insert(name)),
                1 => drop(request.absent.insert(name)),
                2 => drop(request.present.insert(name)),
                _ => drop(request.like.insert(name, "a*".to_owned())),
            }
            each.push(request);
        }
        for request in each {
            assert_eq!(codes(&request), [CODE], "{request:?}");
        }
        for (name, meant) in [
            ("aws:SorceIp", "aws:SourceIp"),
            ("aws:RequestTags/team", "aws:RequestTag/${TagKey}"),
            ("aws:PrincipalTag/", "aws:PrincipalTag/${TagKey}"),
            ("kms:ViaServce", "kms:ViaService"),
            ("awz:SourceIp", "aws:SourceIp"),
        ] {
            let expected = (CODE, format!("did you mean `{meant}`?"));
            assert_eq!(found(&given(name, &["1"])), [expected], "{name}");
        }
        for known in [
            "aws:RequestTag/a/b",
            "oidc.example.com:sub",
            "AWS:useragent",
        ] {
            assert_eq!(codes(&given(known, &["1"])), [""; 0], "{known}");
        }
    }

    #[test]
    fn wildcards_in_names_are_plain_text() {
        for name in [
            "aws:RequestTag/*",
            "aws:PrincipalTag/${aws:username}",
            "aws:*",
        ] {
            let mut request = get_object();
            request.unknown.insert(name.to_owned());
            assert_eq!(codes(&request), ["LITERAL_CONDITION_KEY"], "{name}");
        }
    }

    #[test]
    fn keys_of_services_belong_to_actions() {
        const CODE: &str = "CONTEXT_KEY_NOT_FOR_ACTION";
        for name in ["s3:prefix", "kms:ViaService", "S3:Prefix"] {
            assert_eq!(codes(&given(name, &["a"])), [CODE], "{name}");
        }
        assert_eq!(codes(&given("s3:ExistingObjectTag/a", &["a"])), [""; 0]);
        let with = |action: &str| Request {
            ask: Ask::Action(action.to_owned()),
            ..given("s3:prefix", &["a"])
        };
        assert_eq!(codes(&with("s3:ListBucket")), [""; 0]);
        assert_eq!(codes(&with("s3:NoSuchAction")), [""; 0]);
        // That it is absent is true.
        let mut request = get_object();
        request.absent.insert("s3:prefix".to_owned());
        assert_eq!(codes(&request), [""; 0]);
        request.unknown.insert("s3:delimiter".to_owned());
        request.present.insert("s3:max-keys".to_owned());
        assert_eq!(codes(&request), [CODE, CODE]);
    }

    #[test]
    fn an_operation_has_the_keys_of_all_its_actions() {
        let asked = |operation: &str, key: &str| {
            let mut request = request(Ask::Operation(operation.to_owned()));
            request.present.insert(key.to_owned());
            codes(&request)
        };
        assert_eq!(asked("kms:ReEncrypt", "kms:ReEncryptOnSameKey"), [""; 0]);
        assert_eq!(asked("kms:CreateKey", "kms:KeySpec"), [""; 0]);
        assert_eq!(asked("kms:ReEncrypt", "kms:GranteePrincipal").len(), 1);
        assert_eq!(asked("s3:GetObject", "s3:prefix").len(), 1);
    }

    /// UI-39: `via` is the user's own word, and a slip in it makes every test of `kms:ViaService` fail.
    #[test]
    fn services_that_nobody_knows_are_named() {
        let via = |services: &[&str]| {
            let mut request = get_object();
            request.via = services.iter().map(|name| (*name).to_owned()).collect();
            found(&request)
        };
        assert_eq!(via(&["s3", "athena", "lambda.amazonaws.com"]), []);
        // Not an action prefix, but listed as a service that calls on.
        assert_eq!(via(&["databrew"]), []);
        let as_ec2 = "say that the call comes through `ec2`".to_owned();
        assert_eq!(via(&["ebs"]), [("UNKNOWN_VIA_SERVICE", as_ec2)]);
        assert_eq!(
            via(&["athenna"]),
            [("UNKNOWN_VIA_SERVICE", "did you mean `athena`?".to_owned())]
        );
        assert_eq!(
            via(&["athenna.amazonaws.com"]),
            [("UNKNOWN_VIA_SERVICE", "did you mean `athena`?".to_owned())]
        );
    }
}
