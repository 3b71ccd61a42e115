//! Who asks: the identity behind a request, and what the snapshot lists about it.
//!
//! Knows neither policies nor what an entry of `Principal` says of the requester.

use preclear_model::Arn;
use preclear_model::caller::{Caller, CallerKind, Credentials};
use preclear_simulator::request::ContextValue;
use preclear_simulator::snapshot::PrincipalRecord;
use preclear_simulator::{Request, Snapshot};

use super::listed::{is_all_listed, may_be_external};

/// The identity that signed the request, or nobody. Rule: IAM-PRIN-1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requester<'a> {
    pub(crate) caller: &'a Caller,
    /// The listed user or role behind it: of a session its role, of a federated user its user.
    pub(crate) record: Option<&'a PrincipalRecord>,
    snapshot: &'a Snapshot,
    request: &'a Request,
}

impl<'a> Requester<'a> {
    /// Looks the requester up. Rule: IAM-PRIN-5.
    pub(crate) fn of(snapshot: &'a Snapshot, request: &'a Request) -> Requester<'a> {
        Requester {
            caller: &request.caller,
            record: record(snapshot, &request.caller),
            snapshot,
            request,
        }
    }

    pub(crate) fn kind(&self) -> &'a CallerKind {
        &self.caller.kind
    }

    /// Account of the user, root user or role; none for services and for requests that nobody signed. Rule: IAM-EVAL-5.
    pub(crate) fn account(&self) -> Option<&'a str> {
        self.caller.account.as_deref()
    }

    pub(crate) fn partition(&self) -> Option<&'a str> {
        self.caller.partition.as_deref()
    }

    /// True for the root user and for sessions of AssumeRoot. Rule: IAM-EVAL-20.
    pub(crate) fn is_root(&self) -> bool {
        matches!(self.kind(), CallerKind::Root | CallerKind::RootSession)
    }

    /// True for a service that acts as itself. Rule: IAM-PRIN-12.
    pub(crate) fn is_service(&self) -> bool {
        matches!(
            self.kind(),
            CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. }
        )
    }

    /// True where no AWS principal signed the request: anonymous callers, and those of AssumeRoleWithSAML and
    /// AssumeRoleWithWebIdentity. Rule: IAM-PRIN-1, IAM-EVAL-23.
    pub(crate) fn is_unsigned(&self) -> bool {
        matches!(
            self.kind(),
            CallerKind::Anonymous | CallerKind::Federated { .. }
        )
    }

    /// True for an identity of a provider that asks for a role. Rule: IAM-EVAL-23.
    pub(crate) fn is_of_provider(&self) -> bool {
        matches!(self.kind(), CallerKind::Federated { .. })
    }

    pub(crate) fn is_federated_user(&self) -> bool {
        matches!(self.kind(), CallerKind::FederatedUser { .. })
    }

    pub(crate) fn is_role_session(&self) -> bool {
        matches!(self.kind(), CallerKind::RoleSession { .. })
    }

    /// True for a federated user of whom nobody said which user asked for the session. Rule: IAM-PRIN-6.
    pub(crate) fn is_user_unknown(&self) -> bool {
        matches!(self.kind(), CallerKind::FederatedUser { user: None, .. })
    }

    /// ARN of the role behind a session with its path, where that is known. Rule: IAM-PRIN-5.
    pub(crate) fn role_arn(&self) -> Option<&'a Arn> {
        let CallerKind::RoleSession { role_arn, .. } = self.kind() else {
            return None;
        };
        let listed = self.record.filter(|record| record.is_path_known);
        role_arn.as_ref().or(listed.map(|record| &record.arn))
    }

    /// A service-linked role is known by its path; where that is unknown, by its name. Rule: IAM-PRIN-1.
    pub(crate) fn is_service_linked(&self) -> bool {
        match (self.kind(), self.role_arn()) {
            (_, Some(arn)) => arn.resource().starts_with("role/aws-service-role/"),
            (CallerKind::RoleSession { role, .. }, None) => role.starts_with("AWSServiceRoleFor"),
            _ => false,
        }
    }

    /// The unique id of the user or role: as the caller states it, else as a supplied `aws:userid` has it up to the
    /// colon, else as the snapshot lists it. Rule: IAM-PRIN-7.
    pub(crate) fn unique_id(&self) -> Option<&'a str> {
        let listed = self.record.and_then(|record| record.id.as_deref());
        let stated = self.caller.id.as_deref();
        stated.or(self.id_in_userid()).or(listed)
    }

    /// Of a federated user `aws:userid` has the account in front of the colon, which tells nothing. Rule: IAM-PRIN-7.
    fn id_in_userid(&self) -> Option<&'a str> {
        if !matches!(
            self.kind(),
            CallerKind::User { .. } | CallerKind::RoleSession { .. }
        ) {
            return None;
        }
        let mut context = self.request.context.iter();
        let (_, value) = context.find(|(key, _)| key.eq_ignore_ascii_case("aws:userid"))?;
        let text = match value {
            ContextValue::One(text) => text,
            ContextValue::Many(texts) => match texts.as_slice() {
                [text] => text,
                _ => return None,
            },
        };
        Some(text.split_once(':').map_or(text, |(id, _)| id))
    }

    /// Whether the credentials are temporary; `None` if nobody stated it. Rule: IAM-CTX-2.
    pub(crate) fn is_temporary(&self) -> Option<bool> {
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

    /// True if what the snapshot does not list about the requester does not exist. Rule: IAM-TRI-7.
    pub(crate) fn is_all_listed(&self) -> bool {
        let shown = self.caller.display_arn();
        let role = self.role_arn().map_or(shown.as_str(), Arn::as_str);
        let user = match self.kind() {
            CallerKind::FederatedUser {
                user: Some(user), ..
            } => user.as_str(),
            _ => role,
        };
        [shown.as_str(), user]
            .into_iter()
            .all(|arn| is_all_listed(self.snapshot, arn))
            && !self.may_be_external()
    }

    /// True for a session whose role, of which the path is not known, may be one of those that exist without being loaded.
    /// Rule: IAM-TRI-7, IAM-PRIN-5.
    fn may_be_external(&self) -> bool {
        let CallerKind::RoleSession { role, .. } = self.kind() else {
            return false;
        };
        if self.role_arn().is_some() {
            return false;
        }
        let partition = self.partition().unwrap_or("*");
        let account = self.account().unwrap_or("*");
        let role = |path: &str| format!("arn:{partition}:iam::{account}:role/{path}{role}");
        ["", "*/"]
            .iter()
            .any(|path| may_be_external(self.snapshot, &role(path)))
    }
}

/// The listed user or role behind a caller: by ARN; a session, which does not show the role's path, by the name of its
/// role, which is unique in an account. Rule: IAM-PRIN-5.
fn record<'a>(snapshot: &'a Snapshot, caller: &Caller) -> Option<&'a PrincipalRecord> {
    let by_arn = |arn: &Arn| snapshot.principals.iter().find(|record| record.arn == *arn);
    match &caller.kind {
        CallerKind::User { arn } => by_arn(arn),
        CallerKind::FederatedUser { user, .. } => by_arn(user.as_ref()?),
        CallerKind::RoleSession {
            role_arn: Some(arn),
            ..
        } => by_arn(arn),
        CallerKind::RoleSession { role, .. } => snapshot.principals.iter().find(|record| {
            let arn = &record.arn;
            Some(arn.partition()) == caller.partition.as_deref()
                && Some(arn.account()) == caller.account.as_deref()
                && arn.resource_type() == Some("role")
                && arn.resource_name() == role
        }),
        _ => None,
    }
}
