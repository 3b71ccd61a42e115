//! Values that the request gives for keys and that cannot be, as the rest of it says. Rule: IAM-CTX-1.

use std::collections::{HashMap, HashSet};

use preclear_catalog::globals::{self, Presence};
use preclear_condition::KeyName;
use preclear_model::caller::CallerKind;

use super::names::Name;
use super::{Entry, Sources, derived, display, single, unsaid, without_last_word};
use crate::codes;
use crate::explanation::Warning;
use crate::request::ContextValue;

/// Every contradiction: values first, then keys that are said to be absent.
pub(super) fn warnings(sources: Sources<'_>) -> Vec<Warning> {
    let request = sources.request;
    let warning = |message: String| {
        Warning::new(&codes::CONTEXT_CONTRADICTS_REQUEST, message).at(request.place.clone())
    };
    // A request may state tens of thousands of keys, so none is looked for among all others.
    let mut earlier: HashMap<KeyName, (&str, &ContextValue)> = HashMap::new();
    let values = request.context.iter().filter_map(|(name, value)| {
        let key = KeyName::new(name);
        let before = earlier.insert(key.clone(), (name, value));
        let implied = implied(sources, &key, before, (name, value))?;
        let value = display(value);
        Some(format!(
            "`{name}` is given as {value}, but the request implies {implied}"
        ))
    });
    let unknown: HashSet<KeyName> = request
        .unknown
        .iter()
        .filter(|_| !request.absent.is_empty())
        .map(|name| KeyName::new(name))
        .collect();
    let mut told: HashSet<KeyName> = HashSet::new();
    let absences = request.absent.iter().filter_map(|name| {
        let key = KeyName::new(name);
        if !told.insert(key.clone()) {
            return None;
        }
        let implied = existence(sources, name, &key, &unknown)?;
        Some(format!(
            "`{name}` is given as absent, but the request implies {implied}"
        ))
    });
    values.chain(absences).map(warning).collect()
}

/// What the context holds of a key before it takes this value: another spelling of it, or what is derived.
fn before<'a>(
    sources: Sources<'a>,
    key: &KeyName,
    said: Option<(&'a str, &'a ContextValue)>,
) -> Option<Entry<'a>> {
    let said = said.map(|(other, value)| single(sources.arena, other, value));
    said.or_else(|| derived::entry(sources, Name::of(key.as_str()), key.as_str()))
}

/// What the request implies of a key that it gives another value for, in words.
fn implied<'a>(
    sources: Sources<'a>,
    key: &KeyName,
    earlier: Option<(&'a str, &'a ContextValue)>,
    (name, given): (&str, &ContextValue),
) -> Option<String> {
    if key.as_str() == "aws:userid"
        && let Some(implied) = other_identity(sources, given)
    {
        return Some(implied);
    }
    let cannot_be = match before(sources, key, earlier) {
        Some(derived @ (Entry::One(_) | Entry::Many(_))) => {
            let differs =
                !is_same(derived, given) && !unsaid::is_default(sources.request, name, derived);
            return differs.then(|| derived.display());
        }
        Some(Entry::Absent) => true,
        Some(_) => false,
        None => cannot_be(sources, key),
    };
    // A list without a value says no more than that there is none.
    let is_value = match given {
        ContextValue::One(_) => true,
        ContextValue::Many(values) => values.iter().any(|value| !value.is_empty()),
    };
    (cannot_be && is_value).then(|| "that there is none".to_owned())
}

/// Truth values are the same in every case. Rule: IAM-COND-21.
fn is_same(derived: Entry<'_>, given: &ContextValue) -> bool {
    match (derived, given) {
        (Entry::One(derived @ ("true" | "false")), ContextValue::One(given)) => {
            given.eq_ignore_ascii_case(derived)
        }
        (Entry::One(derived), ContextValue::One(given)) => derived == given,
        (Entry::Many(derived), ContextValue::Many(given)) => {
            derived.iter().copied().eq(given.iter().map(String::as_str))
        }
        _ => false,
    }
}

/// What the request implies of a key that it says to be absent, in words. Rule: IAM-CTX-1, IAM-CTX-2.
fn existence(
    sources: Sources<'_>,
    name: &str,
    key: &KeyName,
    unknown: &HashSet<KeyName>,
) -> Option<String> {
    let is_always_there = || {
        let known = globals::key(key.as_str()).map(|global| global.presence);
        matches!(
            known,
            Some(Presence::Present | Presence::DerivedElsePresent)
        )
    };
    let entry = if unknown.contains(key) {
        Some(Entry::Unknown)
    } else {
        without_last_word(sources, key)
    };
    match entry {
        Some(derived @ (Entry::One(_) | Entry::Many(_)))
            if !unsaid::is_default(sources.request, name, derived) =>
        {
            Some(derived.display())
        }
        // Documents disagree on what calls of services themselves carry (AMB-18).
        Some(Entry::Present) | None if is_always_there() && !sources.requester.is_service() => {
            Some("that it has a value".to_owned())
        }
        _ => None,
    }
}

/// A unique id that the caller does not have; what the context gives counts as the caller's own. Rule: IAM-PRIN-7.
fn other_identity(sources: Sources<'_>, given: &ContextValue) -> Option<String> {
    let requester = sources.requester;
    let session = match requester.kind() {
        CallerKind::User { .. } => None,
        CallerKind::RoleSession { session, .. } => Some(session.as_deref()),
        _ => return None,
    };
    let listed = requester.record.and_then(|record| record.id.as_deref());
    let own = requester.caller.id.as_deref().or(listed)?;
    let ContextValue::One(given) = given else {
        return None;
    };
    let id = given.split(':').next().unwrap_or(given);
    (id != own).then(|| match session {
        None => format!("`{own}`"),
        Some(session) => format!("`{own}:{}`", session.unwrap_or("SESSION")),
    })
}

/// True for a key that callers of this kind never have. Rule: IAM-CTX-2, IAM-CTX-4.
fn cannot_be(sources: Sources<'_>, key: &KeyName) -> bool {
    let Some(global) = globals::key(key.as_str()) else {
        return false;
    };
    let requester = sources.requester;
    match global.presence {
        Presence::ServicePrincipalUnknownElseAbsent => !requester.is_service(),
        Presence::RoleSessionUnknownElseAbsent => !matches!(
            requester.kind(),
            CallerKind::RoleSession { .. } | CallerKind::Federated { .. }
        ),
        Presence::LongTermAbsentElseUnknown | Presence::TemporaryPresentLongTermAbsent => {
            requester.is_temporary() == Some(false)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use preclear_model::Arn;
    use preclear_model::caller::{Caller, Credentials};

    use super::*;
    use crate::engine::{Detail, Engine};
    use crate::request::{Ask, Request};
    use crate::snapshot::{PrincipalRecord, Snapshot};

    const USER: &str = "arn:aws:iam::111122223333:user/ana";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/R/s";
    const ROLE: &str = "arn:aws:iam::111122223333:role/app/R";
    const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/k1";

    fn engine() -> Engine {
        let record = |arn: &str, id: &str| PrincipalRecord {
            id: Some(id.to_owned()),
            ..PrincipalRecord::new(Arn::parse(arn).unwrap())
        };
        Engine::compile(Snapshot {
            complete: true,
            principals: vec![record(ROLE, "AROA1"), record(USER, "AIDA1")],
            ..Snapshot::default()
        })
    }

    fn one(value: &str) -> ContextValue {
        ContextValue::One(value.to_owned())
    }

    /// What the warning says is implied.
    fn asked(caller: Caller, action: &str, key: &str, value: ContextValue) -> Option<String> {
        let mut request = Request::new(caller, Ask::Action(action.to_owned()));
        request.resource = Some("arn:aws:s3:::b/x".to_owned());
        if action.starts_with("kms:") {
            request.resource = Some(KEY.to_owned());
        }
        request.context.insert(key.to_owned(), value);
        told(&request)
    }

    fn told(request: &Request) -> Option<String> {
        let warnings = engine().explain(request, Detail::Reasons).warnings;
        let mut warnings = warnings.into_iter();
        let found = warnings.find(|warning| warning.code == "CONTEXT_CONTRADICTS_REQUEST")?;
        let (_, implied) = found.message.split_once("implies ")?;
        Some(implied.to_owned())
    }

    fn implied(arn: &str, key: &str, value: &str) -> Option<String> {
        let caller = Caller::parse(arn).unwrap();
        asked(caller, "s3:GetObject", key, one(value))
    }

    /// Rule: IAM-CTX-1, IAM-PRIN-7.
    #[test]
    fn another_unique_id_than_the_callers_is_told() {
        let told = |text: &str| Some(text.to_owned());
        assert_eq!(implied(SESSION, "aws:userid", "AROA1:s"), None);
        assert_eq!(implied(SESSION, "AWS:userId", "AROA2:s"), told("`AROA1:s`"));
        assert_eq!(
            implied(ROLE, "aws:userid", "AROA2:s"),
            told("`AROA1:SESSION`")
        );
        assert_eq!(implied(ROLE, "aws:userid", "AROA1:s"), None);
        assert_eq!(implied(USER, "aws:userid", "AIDA1"), None);
        assert_eq!(implied(USER, "aws:userid", "AIDA2"), told("`AIDA1`"));
        let unlisted = "arn:aws:sts::111122223333:assumed-role/Other/s";
        assert_eq!(implied(unlisted, "aws:userid", "AROA2:s"), None);
        let federated = "arn:aws:sts::111122223333:federated-user/F";
        assert_eq!(
            implied(federated, "aws:userid", "AIDA2"),
            told("`111122223333:F`")
        );
    }

    /// Rule: IAM-CTX-1, IAM-CTX-2.
    #[test]
    fn keys_that_the_caller_cannot_have_are_told() {
        let none = Some("that there is none".to_owned());
        for (arn, key) in [
            (SESSION, "aws:username"),
            (USER, "aws:SourceAccount"),
            (SESSION, "aws:SourceArn"),
            (USER, "aws:SourceIdentity"),
            (USER, "saml:sub"),
            (USER, "accounts.google.com:aud"),
            ("sns.amazonaws.com", "aws:PrincipalOrgID"),
            ("anonymous", "aws:PrincipalArn"),
            ("sns.amazonaws.com", "aws:SourceVpce"),
        ] {
            assert_eq!(implied(arn, key, "x"), none, "{arn} {key}");
        }
        for (arn, key) in [
            (USER, "aws:PrincipalTag/team"),
            (USER, "aws:MultiFactorAuthPresent"),
            (SESSION, "aws:SourceIdentity"),
            (SESSION, "saml:sub"),
            ("sns.amazonaws.com", "aws:SourceAccount"),
            (USER, "aws:CalledViaFirst"),
            (USER, "aws:SourceVpce"),
            (USER, "aws:referer"),
            // Of an account that no organization lists nobody knows which one it is in.
            (USER, "aws:PrincipalOrgID"),
        ] {
            assert_eq!(implied(arn, key, "x"), None, "{arn} {key}");
        }
        let decrypt = |key: &str| {
            let caller = Caller::parse(USER).unwrap();
            asked(caller, "kms:Decrypt", key, one("x"))
        };
        assert_eq!(decrypt("kms:ViaService"), None);
    }

    /// What is derived only because nothing else is said contradicts no statement; a forwarding that the request names does.
    /// Rule: IAM-CTX-1, KMS-DEC-2.
    #[test]
    fn defaults_may_be_given_another_value() {
        let with = |via: &[&str], key: &str, value: &str| {
            let caller = Caller::parse(USER).unwrap();
            let mut request = Request::new(caller, Ask::Action("kms:CreateGrant".to_owned()));
            request.resource = Some(KEY.to_owned());
            request.via = via.iter().map(|&service| service.to_owned()).collect();
            request.context.insert(key.to_owned(), one(value));
            told(&request)
        };
        assert_eq!(with(&[], "aws:ViaAWSService", "true"), None);
        assert_eq!(with(&[], "kms:GrantIsForAWSResource", "true"), None);
        let via = ["s3"];
        let implied = with(&via, "aws:ViaAWSService", "false");
        assert_eq!(implied.as_deref(), Some("`true`"));
    }

    /// Rule: IAM-CTX-1, IAM-CTX-2.
    #[test]
    fn keys_that_every_call_has_cannot_be_absent() {
        let absent = |arn: &str, key: &str| {
            let caller = Caller::parse(arn).unwrap();
            let mut request = Request::new(caller, Ask::Action("s3:GetObject".to_owned()));
            request.resource = Some("arn:aws:s3:::b/x".to_owned());
            request.absent.insert(key.to_owned());
            told_of_absence(&request)
        };
        let a_value = Some("that it has a value".to_owned());
        assert_eq!(absent(USER, "aws:SecureTransport"), a_value);
        assert_eq!(absent(USER, "aws:currenttime"), a_value);
        let account = Some("`111122223333`".to_owned());
        assert_eq!(absent(USER, "aws:PrincipalAccount"), account);
        for (arn, key) in [
            (USER, "aws:SourceIp"),
            (USER, "aws:CalledVia"),
            (USER, "aws:ViaAWSService"),
            (SESSION, "aws:username"),
            ("anonymous", "aws:PrincipalArn"),
            ("sns.amazonaws.com", "aws:PrincipalArn"),
        ] {
            assert_eq!(absent(arn, key), None, "{arn} {key}");
        }
    }

    fn told_of_absence(request: &Request) -> Option<String> {
        let warnings = engine().explain(request, Detail::Reasons).warnings;
        let mut messages = warnings.iter().map(|warning| &warning.message);
        let found = messages.find(|message| message.contains("given as absent"))?;
        let (_, implied) = found.split_once("implies ")?;
        Some(implied.to_owned())
    }

    #[test]
    fn long_term_credentials_have_no_mfa() {
        let with = |credentials| {
            let caller = Caller {
                credentials: Some(credentials),
                ..Caller::parse(USER).unwrap()
            };
            let key = "aws:MultiFactorAuthPresent";
            asked(caller, "s3:GetObject", key, one("true")).is_some()
        };
        assert!(with(Credentials::LongTerm));
        assert!(!with(Credentials::SessionToken));
    }

    #[test]
    fn a_list_without_values_contradicts_no_absence() {
        let with = |values: &[&str]| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            let caller = Caller::parse(USER).unwrap();
            let key = "aws:PrincipalServiceNamesList";
            asked(caller, "s3:GetObject", key, ContextValue::Many(values)).is_some()
        };
        assert!(with(&["sns.amazonaws.com"]));
        assert!(!with(&[]));
    }
}
