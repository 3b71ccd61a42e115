//! The caller together with what the snapshot knows of it.

use preclear_condition::Tri;
use preclear_model::Arn;
use preclear_model::caller::{Caller, CallerKind};

use crate::arena::{Arena, text};
use crate::engine::principals::CompiledPrincipal;
use crate::engine::{Declared, Engine};
use crate::layer::Layer;
use crate::request::{ContextValue, Request};
use crate::snapshot::Given;

/// Who asks, looked up once per request.
#[derive(Debug)]
pub(crate) struct Requester<'a> {
    engine: &'a Engine,
    arena: &'a Arena,
    pub(crate) caller: &'a Caller,
    /// The user or role behind the caller, if the snapshot lists it.
    pub(crate) record: Option<&'a CompiledPrincipal>,
    /// Unique id that the request's context gives as `aws:userid`, up to the colon. Rule: IAM-PRIN-7.
    pub(crate) said_id: Option<&'a str>,
}

impl<'a> Requester<'a> {
    /// The caller of a request.
    pub(crate) fn of(engine: &'a Engine, request: &'a Request, arena: &'a Arena) -> Self {
        // That of a federated user begins with the account, and says nothing of the user behind it.
        let has_own_id = !matches!(request.caller.kind, CallerKind::FederatedUser { .. });
        let said = if has_own_id && !request.context.is_empty() {
            let mut context = request.context.iter();
            context.find_map(|(key, value)| match value {
                ContextValue::One(value) if key.eq_ignore_ascii_case("aws:userid") => Some(value),
                _ => None,
            })
        } else {
            None
        };
        Self {
            engine,
            arena,
            caller: &request.caller,
            record: engine.principals().of(&request.caller),
            said_id: said.map(|value| value.split(':').next().unwrap_or(value)),
        }
    }

    pub(crate) fn kind(&self) -> &'a CallerKind {
        &self.caller.kind
    }

    pub(crate) fn account(&self) -> Option<&'a str> {
        self.caller.account.as_deref()
    }

    pub(crate) fn partition(&self) -> Option<&'a str> {
        self.caller.partition.as_deref()
    }

    /// True for the root user and its sessions.
    pub(crate) fn is_root(&self) -> bool {
        matches!(self.kind(), CallerKind::Root | CallerKind::RootSession)
    }

    /// True for a service acting as itself; in the other ways to call it is a role or its caller. Rule: IAM-PRIN-12.
    pub(crate) fn is_service(&self) -> bool {
        matches!(
            self.kind(),
            CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. }
        )
    }

    /// ARN of the role with its path, where it is known.
    pub(crate) fn role_arn(&self) -> Option<&'a Arn> {
        match self.kind() {
            CallerKind::RoleSession { role_arn, .. } => {
                let listed = self.record.filter(|record| record.is_path_known);
                listed.map(|record| &record.arn).or(role_arn.as_ref())
            }
            _ => None,
        }
    }

    /// True if it is declared that more exists of the caller, or of the user or role behind its session, than is loaded. A role
    /// whose path is not known may have any. Rule: JOB-8.
    pub(crate) fn is_external(&self) -> bool {
        let engine = self.engine;
        if !engine.has_external() {
            return false;
        }
        let of_identity = || match self.kind() {
            CallerKind::FederatedUser {
                user: Some(user), ..
            } => engine.is_external(user.as_str()),
            CallerKind::RoleSession { role, .. } => match (self.role_arn(), self.account()) {
                (Some(arn), _) => engine.is_external(arn.as_str()),
                (None, Some(account)) => {
                    let partition = self.partition().unwrap_or("aws");
                    let arena = self.arena;
                    engine.is_external(text!(arena, "arn:{partition}:iam::{account}:role/{role}"))
                        || engine.may_be_external(&format!(
                            "arn:{partition}:iam::{account}:role/*/{role}"
                        ))
                }
                (None, None) => false,
            },
            _ => false,
        };
        let shown = self.role_arn().map_or_else(|| self.arn(), Arn::as_str);
        engine.is_external(shown) || of_identity()
    }

    pub(crate) fn unique_id(&self) -> Option<&'a str> {
        self.caller
            .id
            .as_deref()
            .or(self.said_id)
            .or_else(|| self.record.and_then(|record| record.id.as_deref()))
    }

    /// True for a service-linked role. Rule: IAM-PRIN-1.
    pub(crate) fn is_service_linked(&self) -> bool {
        match self.kind() {
            CallerKind::RoleSession { role, .. } => match self.role_arn() {
                Some(arn) => arn.resource().starts_with("role/aws-service-role/"),
                None => role.starts_with("AWSServiceRoleFor"),
            },
            _ => false,
        }
    }

    /// True where `is_service_linked` rests on the role's name alone.
    pub(crate) fn is_service_linked_by_name(&self) -> bool {
        self.role_arn().is_none() && self.is_service_linked()
    }

    /// What `aws:PrincipalArn` holds: `Some(None)` if it exists but is not known. Rule: IAM-PRIN-1, IAM-PRIN-11, DOC-13.
    pub(crate) fn principal_arn<'t>(&self, arena: &'t Arena) -> Option<Option<&'t str>>
    where
        'a: 't,
    {
        match self.kind() {
            CallerKind::Root | CallerKind::RootSession => {
                let partition = self.partition()?;
                let account = self.account()?;
                Some(Some(text!(arena, "arn:{partition}:iam::{account}:root")))
            }
            CallerKind::User { arn } | CallerKind::FederatedUser { arn, .. } => {
                Some(Some(arn.as_str()))
            }
            CallerKind::RoleSession { .. } => Some(self.role_arn().map(Arn::as_str)),
            CallerKind::Service { .. }
            | CallerKind::ServiceIdentity { .. }
            | CallerKind::Federated { .. }
            | CallerKind::Anonymous => None,
        }
    }

    /// True for temporary credentials, false for long-term ones, `None` if it was not stated.
    pub(crate) fn is_temporary(&self) -> Option<bool> {
        use preclear_model::caller::Credentials;
        match self.kind() {
            CallerKind::RoleSession { .. }
            | CallerKind::FederatedUser { .. }
            | CallerKind::RootSession => Some(true),
            CallerKind::User { .. } | CallerKind::Root => self
                .caller
                .credentials
                .map(|credentials| credentials != Credentials::LongTerm),
            _ => Some(false),
        }
    }

    /// The caller's ARN.
    fn arn(&self) -> &'a str {
        let mut text = bumpalo::collections::String::new_in(self.arena);
        // Writing to a text does not fail.
        let _ = self.caller.write_arn(&mut text);
        text.into_bump_str()
    }

    /// Whether a boundary is attached to the user or role; unknown where the snapshot leaves it open. Rule: IAM-TRI-7, IAM-PRIN-17.
    pub(crate) fn has_boundary(&self) -> Tri {
        const LAYER: Layer = Layer::Boundary;
        let snapshot = self.engine.snapshot();
        let user_is_unknown = match self.kind() {
            CallerKind::User { .. } | CallerKind::RoleSession { .. } => false,
            CallerKind::FederatedUser { user, .. } => user.is_none(),
            _ => return Tri::False,
        };
        let is_rejected = |record: &CompiledPrincipal| {
            let arn = record.arn.as_str();
            snapshot.has_rejected(LAYER, arn)
        };
        let declared = self.engine.declared(LAYER);
        match self.record.map(|record| &record.boundary) {
            // What is given for a layer that is declared open or empty does not count (UI-36).
            _ if matches!(declared, Some(Declared::Open | Declared::Empty)) => Tri::False,
            Some(Given::Here(_)) => Tri::True,
            _ if self.record.is_some_and(is_rejected) => Tri::True,
            _ if declared == Some(Declared::NotLoaded) => Tri::Unknown,
            Some(Given::Nothing) => Tri::False,
            _ => {
                let arn = self.record.map(|record| record.arn.as_str());
                let is_external = self.engine.is_external(arn.unwrap_or_else(|| self.arn()));
                let all_listed = snapshot.complete && !is_external && !user_is_unknown;
                if all_listed { Tri::False } else { Tri::Unknown }
            }
        }
    }

    /// The ARN that a near miss on `Principal` shows: the role with its path rather than the session.
    pub(crate) fn display(&self) -> String {
        self.role_arn()
            .map_or_else(|| self.caller.display_arn(), |arn| arn.as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use preclear_model::Arn;

    use super::*;
    use crate::request::Ask;
    use crate::snapshot::{PrincipalRecord, Snapshot};

    #[test]
    fn a_path_that_was_made_up_is_not_known() {
        let listed = "arn:aws:iam::111122223333:role/R";
        let caller = Caller::parse("arn:aws:sts::111122223333:assumed-role/R/s").unwrap();
        let request = Request::new(caller, Ask::Action("s3:GetObject".to_owned()));
        for is_path_known in [true, false] {
            let engine = Engine::compile(Snapshot {
                principals: vec![PrincipalRecord {
                    is_path_known,
                    ..PrincipalRecord::new(Arn::parse(listed).unwrap())
                }],
                ..Snapshot::default()
            });
            let arena = Arena::new();
            let requester = Requester::of(&engine, &request, &arena);
            assert!(requester.record.is_some());
            let known = is_path_known.then_some(listed);
            assert_eq!(requester.role_arn().map(Arn::as_str), known);
        }
    }
}
