//! Who acts in a part: from a template's word to a caller. Rule: JOB-5.

use preclear_model::Arn;
use preclear_model::caller::{Caller, CallerKind};

use crate::engine::Engine;
use crate::job::scope::Scope;
use crate::job::template::Actor;

/// Somebody who acts, ready for a request.
#[derive(Debug, Clone)]
pub(crate) struct Acting {
    pub(crate) caller: Caller,
    /// ARN of the identity, or the service's name.
    pub(crate) name: String,
    /// True for the job's own caller, whose context and session policies count.
    pub(crate) is_caller: bool,
    /// True where the root user stands for its whole account.
    pub(crate) is_account: bool,
}

/// Everybody that the word means: none for a role that the request does not name.
pub(crate) fn find(scope: &Scope<'_>, actor: &Actor) -> Vec<Acting> {
    match actor {
        Actor::Caller => {
            let caller = scope.job.caller.iter();
            caller
                .map(|caller| Acting {
                    name: identity_name(scope.engine, caller),
                    caller: caller.clone(),
                    is_caller: true,
                    is_account: false,
                })
                .collect()
        }
        Actor::Service => vec![service(&scope.setting.service)],
        Actor::OtherService(name) => scope.text(name).iter().map(|name| service(name)).collect(),
        Actor::Role(role) => sessions(&scope.value(role), &scope.setting.service),
        Actor::RoleOf { role, service } => {
            let services = scope.text(service);
            services
                .first()
                .map(|service| sessions(&scope.value(role), service))
                .unwrap_or_default()
        }
        Actor::Principal(of) => {
            let arns = scope.value(of);
            arns.iter().filter_map(|arn| principal(arn)).collect()
        }
    }
}

/// A user, a session of a role that nobody described further, or an account.
fn principal(text: &str) -> Option<Acting> {
    let arn = Arn::parse(text).filter(|arn| arn.service() == "iam")?;
    let caller = Caller::parse(arn.as_str()).ok()?;
    Some(Acting {
        is_account: matches!(caller.kind, CallerKind::Root),
        caller,
        name: arn.as_str().to_owned(),
        is_caller: false,
    })
}

fn service(name: &str) -> Acting {
    let caller = Caller::new(
        CallerKind::Service {
            name: name.to_owned(),
        },
        None,
        None,
    );
    Acting {
        caller,
        name: name.to_owned(),
        is_caller: false,
        is_account: false,
    }
}

/// Sessions that a service makes; it names them after the first label of its principal [inferred].
fn sessions(roles: &[String], service: &str) -> Vec<Acting> {
    let session = service.split('.').next().unwrap_or(service);
    roles
        .iter()
        .filter_map(|role| session_of(role, session))
        .collect()
}

fn session_of(role: &str, session: &str) -> Option<Acting> {
    let arn = Arn::parse(role)?;
    let path = arn
        .resource()
        .strip_prefix("role/")
        .filter(|_| arn.service() == "iam")?;
    let kind = CallerKind::RoleSession {
        role: path.rsplit('/').next().unwrap_or(path).to_owned(),
        role_arn: Some(arn.clone()),
        session: Some(session.to_owned()),
    };
    let caller = Caller::new(kind, Some(arn.partition()), Some(arn.account()));
    Some(Acting {
        caller,
        name: arn.as_str().to_owned(),
        is_caller: false,
        is_account: false,
    })
}

/// ARN of the user or role whose policies count, as far as it is known.
fn identity_name(engine: &Engine, caller: &Caller) -> String {
    match (&caller.kind, engine.principals().of(caller)) {
        (CallerKind::RoleSession { .. }, Some(record)) => record.arn.as_str().to_owned(),
        (
            CallerKind::RoleSession {
                role_arn: Some(arn),
                ..
            },
            None,
        ) => arn.as_str().to_owned(),
        _ => caller.display_arn(),
    }
}
