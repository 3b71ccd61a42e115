//! What a request says twice, and differently. Rule: UI-38, IAM-EVAL-5, IAM-PRIN-1, IAM-PRIN-7.
//!
//! Nothing that a request says is passed over in silence: where one half would not count, the request is refused.
//! Only where the two may mean the same, and the snapshot cannot tell, it is a warning.

use preclear_model::caller::{Caller, CallerKind, Credentials};
use preclear_model::{ArnRef, Diagnostic};

use super::{kms, refuse};
use crate::arena::Arena;
use crate::codes;
use crate::decide::Inquiry;
use crate::engine::Engine;
use crate::engine::keys::KeyIdentifier;
use crate::engine::policies::PolicySet;
use crate::explanation::Warning;
use crate::matching::action::ActionName;
use crate::request::{Ask, Request};
use crate::requester::Requester;

/// The error of a request that contradicts itself.
pub(super) fn error(engine: &Engine, request: &Request, arena: &Arena) -> Option<Diagnostic> {
    other_owner(engine, request)
        .or_else(|| other_id(engine, request))
        .or_else(|| {
            let (message, is_certain) = two_keys(engine, request, arena)?;
            is_certain.then(|| refuse(&codes::GIVEN_TWICE, message))
        })
}

/// What a caller says of itself that no identity can be.
pub(super) fn in_caller(caller: &Caller) -> Option<Diagnostic> {
    other_account(caller)
        .or_else(|| long_term_session(caller))
        .or_else(|| id_of_another_kind(caller))
}

/// A federated user belongs to the account of the IAM user that called GetFederationToken. Rule: IAM-PRIN-1.
fn other_account(caller: &Caller) -> Option<Diagnostic> {
    let CallerKind::FederatedUser {
        arn,
        user: Some(user),
    } = &caller.kind
    else {
        return None;
    };
    let is_same = arn.partition() == user.partition() && arn.account() == user.account();
    (!is_same).then(|| {
        let message =
            format!("`{arn}` cannot be a session of `{user}`, which is of another account");
        let help = "name a user of the federated user's own account";
        let error = refuse(&codes::CONTRADICTION, message);
        error.rule("IAM-PRIN-1").help(help)
    })
}

/// Only users, the root user among them, have credentials that do not expire. Rule: IAM-PRIN-1.
fn long_term_session(caller: &Caller) -> Option<Diagnostic> {
    let may_have = matches!(caller.kind, CallerKind::User { .. } | CallerKind::Root);
    (caller.credentials == Some(Credentials::LongTerm) && !may_have).then(|| {
        let caller = caller.display_arn();
        let message = format!("`{caller}` has no long-term credentials: only users have");
        let help = "leave `credentials` out, or name a user";
        let error = refuse(&codes::CONTRADICTION, message);
        error.rule("IAM-PRIN-1").help(help)
    })
}

/// The prefix of a unique id tells a user from a role. Rule: IAM-PRIN-7.
fn id_of_another_kind(caller: &Caller) -> Option<Diagnostic> {
    let id = caller.id.as_deref()?;
    let (own, other) = match caller.kind {
        CallerKind::User { .. } | CallerKind::FederatedUser { .. } => ("user", "AROA"),
        CallerKind::RoleSession { .. } => ("role", "AIDA"),
        _ => return None,
    };
    id.starts_with(other).then(|| {
        let caller = caller.display_arn();
        let message = format!(
            "`{id}` cannot be the unique id of `{caller}`: no id of a {own} starts with `{other}`"
        );
        let help = "users have ids that start with `AIDA`, roles with `AROA`";
        let error = refuse(&codes::CONTRADICTION, message);
        error.rule("IAM-PRIN-7").help(help)
    })
}

/// The caller's unique id against the one that the snapshot lists. Rule: IAM-PRIN-7.
fn other_id(engine: &Engine, request: &Request) -> Option<Diagnostic> {
    let stated = request.caller.id.as_deref()?;
    let record = engine.principals().of(&request.caller)?;
    let listed = record.id.as_deref().filter(|listed| *listed != stated)?;
    let message = format!(
        "the caller's `id` is `{stated}`, but the snapshot lists `{}` with `{listed}`",
        record.arn
    );
    let help = "leave `id` out of the request, or correct one of the two";
    let error = refuse(&codes::CONTRADICTION, message);
    Some(error.rule("IAM-PRIN-7").help(help))
}

/// The warning of a request that may contradict itself.
pub(super) fn warning(engine: &Engine, request: &Request, arena: &Arena) -> Option<Warning> {
    let (message, is_certain) = two_keys(engine, request, arena)?;
    (!is_certain).then(|| Warning::new(&codes::GIVEN_TWICE, message).at(request.place.clone()))
}

/// `resource_account` against what the resource itself says of its owner.
fn other_owner(engine: &Engine, request: &Request) -> Option<Diagnostic> {
    let stated = request.resource_account.as_deref()?;
    let resource = request.resource.as_deref()?;
    let (owner, why) = match ArnRef::parse(resource) {
        Some(arn) if is_account(arn.account()) => (arn.account(), "its ARN"),
        Some(arn) if arn.account().is_empty() => {
            let record = &engine.resources().carrier(arn)?.record;
            (record.account.as_deref()?, "the snapshot")
        }
        Some(_) => return None,
        // A key id or alias name means a key of the caller's account (KMS-ID-1).
        None if resource != "*" => {
            let own = request.caller.account.as_deref();
            (
                own.or(engine.snapshot().account.as_deref())?,
                "the caller's account",
            )
        }
        None => return None,
    };
    if owner == stated {
        return None;
    }
    let message = format!(
        "`resource_account` is `{stated}`, but `{resource}` belongs to {owner}, as {why} says"
    );
    let help = "leave `resource_account` out, or name the resource by the ARN that is meant";
    let error = refuse(&codes::CONTRADICTION, message);
    Some(error.rule("IAM-EVAL-5").help(help))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Two identifiers that do not mean one key or alias, in `resource` and in the parameter that names the same; with it
/// whether that is certain.
fn two_keys(engine: &Engine, request: &Request, arena: &Arena) -> Option<(String, bool)> {
    let parameters = request.parameters.as_ref()?;
    if !parameters
        .keys()
        .any(|name| NAMING.contains(&name.as_str()))
    {
        return None;
    }
    let resource = request.resource.as_deref().filter(|text| *text != "*")?;
    let typed = KeyIdentifier::parse(resource)?;
    let member = member(request, &typed, arena)?;
    let text = parameters.get(member)?.as_str()?;
    if text == resource {
        return None;
    }
    let other = KeyIdentifier::parse(text)?;
    let message = || format!("`resource` is `{resource}`, and `parameters.{member}` is `{text}`");
    if member == "AliasName" {
        let differs = typed.alias_name() != other.alias_name();
        return differs.then(|| (message(), true));
    }
    let requester = Requester::of(engine, request, arena);
    let none = PolicySet::default();
    let inquiry = Inquiry {
        engine,
        request,
        requester: &requester,
        session_policies: &none,
        arena,
    };
    let arn_of = |text| kms::resolve::key(inquiry, text).ok()?.arn;
    let (first, second) = (arn_of(resource)?, arn_of(text)?);
    if first == second {
        return None;
    }
    // An alias that the snapshot does not have may belong to any key.
    let is_key = |arn: ArnRef<'_>| arn.resource_type() == Some("key");
    let is_certain = is_key(first) && is_key(second);
    let why = if is_certain {
        "these are two keys"
    } else {
        "nothing says that these are one key"
    };
    Some((format!("{}: {why}", message()), is_certain))
}

/// Parameters that name keys and aliases.
const NAMING: [&str; 5] = [
    "KeyId",
    "SourceKeyId",
    "DestinationKeyId",
    "TargetKeyId",
    "AliasName",
];

/// The parameter that names what `resource` names, one of [`NAMING`].
fn member(request: &Request, typed: &KeyIdentifier<'_>, arena: &Arena) -> Option<&'static str> {
    let (Ask::Action(text) | Ask::Operation(text)) = &request.ask;
    let action = ActionName::parse(text, arena).filter(|action| action.service() == "kms")?;
    let is_alias = typed.alias_name().is_some();
    match action.name() {
        "reencrypt" | "reencryptfrom" => Some("SourceKeyId"),
        "reencryptto" => Some("DestinationKeyId"),
        "createalias" | "updatealias" | "deletealias" if is_alias => Some("AliasName"),
        "createalias" => Some("TargetKeyId"),
        // The key as it is and the key to come are two.
        "updatealias" | "deletealias" => None,
        _ => Some("KeyId"),
    }
}

#[cfg(test)]
mod tests {
    use preclear_model::Arn;
    use preclear_model::caller::Caller;
    use serde_json::json;

    use super::*;
    use crate::snapshot::{KeyRecord, PrincipalRecord, ResourceRecord, Snapshot};

    const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const OTHER: &str =
        "arn:aws:kms:us-west-2:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321";

    fn engine() -> Engine {
        let key = KeyRecord {
            aliases: Some(vec!["alias/app".to_owned()]),
            ..KeyRecord::new(Arn::parse(KEY).unwrap())
        };
        let bucket = ResourceRecord {
            account: Some("444455556666".to_owned()),
            ..ResourceRecord::new(Arn::parse("arn:aws:s3:::b").unwrap())
        };
        Engine::compile(Snapshot {
            region: Some("us-west-2".to_owned()),
            keys: vec![key, KeyRecord::new(Arn::parse(OTHER).unwrap())],
            resources: vec![bucket],
            ..Snapshot::default()
        })
    }

    fn request(ask: Ask, resource: &str, member: &str, value: &str) -> Request {
        let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
        let mut request = Request::new(caller, ask);
        request.resource = Some(resource.to_owned());
        request.parameters = Some(serde_json::Map::from_iter([(
            member.to_owned(),
            json!(value),
        )]));
        request
    }

    /// Error, warning, or neither.
    fn outcome(request: &Request) -> &'static str {
        let engine = engine();
        match (
            error(&engine, request, &Arena::new()),
            warning(&engine, request, &Arena::new()),
        ) {
            (Some(error), None) => error.code,
            (None, Some(warning)) => {
                assert_eq!(warning.code, "GIVEN_TWICE");
                "warning"
            }
            (None, None) => "",
            both => panic!("{both:?}"),
        }
    }

    #[test]
    fn two_keys_are_refused_and_two_names_of_one_are_not() {
        let decrypt = |resource: &str, key: &str| {
            let ask = Ask::Action("kms:Decrypt".to_owned());
            outcome(&request(ask, resource, "KeyId", key))
        };
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(decrypt(KEY, OTHER), "GIVEN_TWICE");
        assert_eq!(decrypt("alias/app", OTHER), "GIVEN_TWICE");
        for same in [
            KEY,
            id,
            "alias/app",
            "arn:aws:kms:us-west-2:111122223333:alias/app",
        ] {
            assert_eq!(decrypt(KEY, same), "", "{same}");
            assert_eq!(decrypt(same, KEY), "", "{same}");
        }
        assert_eq!(decrypt("*", OTHER), "");
        assert_eq!(decrypt("alias/unknown", OTHER), "warning");
    }

    #[test]
    fn each_operation_has_its_own_member() {
        let asked = |name: &str, resource: &str, member: &str, value: &str| {
            let ask = Ask::Operation(format!("kms:{name}"));
            outcome(&request(ask, resource, member, value))
        };
        assert_eq!(asked("ReEncrypt", KEY, "SourceKeyId", OTHER), "GIVEN_TWICE");
        assert_eq!(asked("ReEncrypt", KEY, "DestinationKeyId", OTHER), "");
        assert_eq!(
            asked("CreateAlias", "alias/a", "AliasName", "alias/b"),
            "GIVEN_TWICE"
        );
        assert_eq!(asked("CreateAlias", "alias/a", "TargetKeyId", KEY), "");
        assert_eq!(asked("UpdateAlias", KEY, "TargetKeyId", OTHER), "");
    }

    /// A caller that says more of itself than its ARN.
    fn caller(arn: &str) -> Caller {
        Caller::parse(arn).unwrap()
    }

    const USER: &str = "arn:aws:iam::111122223333:user/ana";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/R/s";
    const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/F";

    fn refusal(caller: &Caller) -> Option<(&'static str, Option<&'static str>)> {
        in_caller(caller).map(|error| (error.code, error.rule))
    }

    #[test]
    fn a_federated_user_is_of_its_users_account() {
        let of = |user: &str| {
            let arn = Arn::parse(FEDERATED).unwrap();
            let user = Arn::parse(user);
            let kind = CallerKind::FederatedUser { arn, user };
            refusal(&Caller {
                kind,
                ..caller(FEDERATED)
            })
        };
        let refused = Some(("CONTRADICTION", Some("IAM-PRIN-1")));
        assert_eq!(of(USER), None);
        assert_eq!(of("arn:aws:iam::444455556666:user/ana"), refused);
        assert_eq!(of("arn:aws-cn:iam::111122223333:user/ana"), refused);
        assert_eq!(refusal(&caller(FEDERATED)), None);
    }

    #[test]
    fn only_users_have_long_term_credentials() {
        let with = |arn: &str, credentials| {
            refusal(&Caller {
                credentials: Some(credentials),
                ..caller(arn)
            })
        };
        let refused = Some(("CONTRADICTION", Some("IAM-PRIN-1")));
        let root = "arn:aws:iam::111122223333:root";
        let root_session = "arn:aws:sts::111122223333:assumed-root";
        for arn in [
            SESSION,
            FEDERATED,
            root_session,
            "sns.amazonaws.com",
            "anonymous",
        ] {
            assert_eq!(with(arn, Credentials::LongTerm), refused, "{arn}");
        }
        for arn in [USER, root] {
            assert_eq!(with(arn, Credentials::LongTerm), None, "{arn}");
        }
        assert_eq!(with(SESSION, Credentials::Console), None);
        assert_eq!(with(USER, Credentials::SessionToken), None);
    }

    #[test]
    fn an_id_is_of_the_callers_kind_and_the_listed_one() {
        let record = |arn: &str, id: &str| PrincipalRecord {
            id: Some(id.to_owned()),
            ..PrincipalRecord::new(Arn::parse(arn).unwrap())
        };
        let engine = Engine::compile(Snapshot {
            principals: vec![
                record("arn:aws:iam::111122223333:role/app/R", "AROA1"),
                record(USER, "AIDA1"),
            ],
            ..Snapshot::default()
        });
        let with = |arn: &str, id: &str| {
            let caller = Caller {
                id: Some(id.to_owned()),
                ..caller(arn)
            };
            let request = Request::new(caller, Ask::Action("s3:GetObject".to_owned()));
            let found =
                in_caller(&request.caller).or_else(|| error(&engine, &request, &Arena::new()));
            found.map(|error| (error.code, error.rule))
        };
        let refused = Some(("CONTRADICTION", Some("IAM-PRIN-7")));
        assert_eq!(with(SESSION, "AROA1"), None);
        assert_eq!(with(SESSION, "AROA2"), refused);
        assert_eq!(with(USER, "AIDA1"), None);
        assert_eq!(with(USER, "AIDA2"), refused);
        let unlisted = "arn:aws:sts::111122223333:assumed-role/Other/s";
        assert_eq!(with(unlisted, "AROA2"), None);
        assert_eq!(with(unlisted, "AIDA2"), refused);
        assert_eq!(with("arn:aws:iam::111122223333:user/ben", "AROA2"), refused);
        assert_eq!(with(FEDERATED, "AROA2"), refused);
    }

    #[test]
    fn an_owner_that_the_resource_contradicts_is_refused() {
        let owned = |resource: &str, account: &str| {
            let mut request = request(Ask::Action("s3:GetObject".to_owned()), resource, "x", "y");
            request.resource_account = Some(account.to_owned());
            error(&engine(), &request, &Arena::new()).map(|error| (error.code, error.rule))
        };
        let refused = Some(("CONTRADICTION", Some("IAM-EVAL-5")));
        assert_eq!(
            owned("arn:aws:sqs:us-west-2:111122223333:q", "444455556666"),
            refused
        );
        assert_eq!(
            owned("arn:aws:sqs:us-west-2:111122223333:q", "111122223333"),
            None
        );
        assert_eq!(owned("arn:aws:s3:::b/x", "111122223333"), refused);
        assert_eq!(owned("arn:aws:s3:::b/x", "444455556666"), None);
        assert_eq!(owned("arn:aws:s3:::other/x", "111122223333"), None);
        assert_eq!(owned("alias/app", "444455556666"), refused);
        assert_eq!(owned("*", "444455556666"), None);
    }
}
