//! Whether one grant fits a request: operation, token and constraints, each for itself. Rule: KMS-GRANT-4…7,
//! KMS-GRANT-13.
//!
//! Knows nothing of boundaries, accounts at home and other grants.

use preclear_condition::{Dependency, Evidence, KeyName, KeyState, Lookup, Outcome};
use preclear_model::caller::CallerKind;
use preclear_model::policy::{PrincipalEntry, PrincipalKind};
use preclear_model::{Arn, Span};

use super::encryption_context;
use crate::context::{Sources, View};
use crate::evaluate::Query;
use crate::matching::principal::MatchClass;
use crate::snapshot::GrantRecord;

/// What a grant asks of a call, besides who makes it.
#[derive(Debug)]
pub(crate) struct Fit<E> {
    /// It lists the operation.
    pub(crate) operation: bool,
    /// It has spread, or the call brings its token.
    pub(crate) is_usable: bool,
    /// Its constraint on the encryption context holds.
    pub(crate) context: Outcome<E>,
    /// Its constraint on the source ARN holds.
    pub(crate) source: Outcome<E>,
}

impl<E: Evidence> Fit<E> {
    /// Compares one grant with the request.
    pub(crate) fn of(grant: &GrantRecord, sources: Sources<'_>, query: Query<'_>) -> Self {
        Self {
            operation: lists_operation(grant, sources.action.name()),
            is_usable: is_usable(grant, sources),
            context: encryption_context::fits(grant, sources, query),
            source: source_fits(grant, sources, query),
        }
    }

    /// Whether all of it holds.
    pub(crate) fn outcome(self) -> Outcome<E> {
        Outcome::all([
            Outcome::known(self.operation),
            Outcome::known(self.is_usable),
            self.context,
            self.source,
        ])
    }
}

/// Whether the grant allows the action. None lists `RevokeGrant` or `ListGrants`: readers refuse them. Rule: KMS-GRANT-2,
/// KMS-GRANT-15.
pub(crate) fn lists_operation(grant: &GrantRecord, action: &str) -> bool {
    grant
        .operations
        .iter()
        .any(|operation| operation.eq_ignore_ascii_case(action))
}

/// A new grant counts only with its token. Rule: KMS-GRANT-13.
fn is_usable(grant: &GrantRecord, sources: Sources<'_>) -> bool {
    grant.consistent
        || grant
            .token
            .as_ref()
            .is_some_and(|token| tokens(sources).any(|own| own == token))
}

pub(crate) fn tokens<'a>(sources: Sources<'a>) -> impl Iterator<Item = &'a str> {
    let list = sources.request.parameter("GrantTokens");
    list.and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str)
}

/// By which class the grantee is the requester. Rule: KMS-GRANT-4.
pub(crate) fn grantee_class<E: Evidence>(
    grant: &GrantRecord,
    sources: Sources<'_>,
    query: Query<'_>,
) -> Option<(MatchClass, Outcome<E>)> {
    let requester = sources.requester;
    match requester.kind() {
        CallerKind::Service { name } => {
            let own = [grant.grantee_service.as_deref(), grant.grantee.as_deref()];
            let is_grantee = own
                .into_iter()
                .flatten()
                .any(|grantee| grantee.eq_ignore_ascii_case(name));
            return is_grantee.then(|| (MatchClass::Service, Outcome::known(true)));
        }
        CallerKind::ServiceIdentity { text } => {
            let is_grantee = grant.grantee.as_deref() == Some(text);
            return is_grantee.then(|| (MatchClass::Service, Outcome::known(true)));
        }
        CallerKind::Anonymous | CallerKind::Federated { .. } => return None,
        _ => {}
    }
    identity_class(grant.grantee.as_deref()?, sources, query)
}

/// An identity named by ARN or account, matched as in a key policy. Rule: KMS-POL-6.
pub(crate) fn identity_class<E: Evidence>(
    named: &str,
    sources: Sources<'_>,
    query: Query<'_>,
) -> Option<(MatchClass, Outcome<E>)> {
    let entry = PrincipalEntry {
        kind: principal_kind(named),
        text: named.into(),
        span: Span::default(),
    };
    let question = crate::matching::principal::PrincipalQuestion {
        requester: sources.requester,
        mode: query.mode,
        gateway: false,
    };
    let ambiguities = query.ambiguities(preclear_model::Effect::Allow);
    crate::matching::principal::entry_outcome(
        &entry,
        preclear_model::Effect::Allow,
        question,
        ambiguities,
    )
}

/// What a grant names as an identity.
pub(crate) fn principal_kind(named: &str) -> PrincipalKind {
    let account = |partition: Option<&str>, account: &str| PrincipalKind::Account {
        partition: partition.map(str::to_owned),
        account: account.to_owned(),
    };
    if preclear_model::arn::is_account_id(named) {
        return account(None, named);
    }
    let Some(arn) = Arn::parse(named) else {
        let is_unique_id = named.starts_with("AROA") || named.starts_with("AIDA");
        return if is_unique_id {
            PrincipalKind::UniqueId(named.to_owned())
        } else {
            PrincipalKind::Other
        };
    };
    match (
        arn.service(),
        arn.resource().split_once('/').map(|(kind, _)| kind),
    ) {
        ("iam", None) if arn.resource() == "root" => account(Some(arn.partition()), arn.account()),
        ("iam", Some("user")) => PrincipalKind::User(arn),
        ("iam", Some("role")) => PrincipalKind::Role(arn),
        ("sts", Some("assumed-role")) => PrincipalKind::RoleSession(arn),
        ("sts", Some("federated-user")) => PrincipalKind::FederatedUser(arn),
        _ => PrincipalKind::Other,
    }
}

fn source_fits<E: Evidence>(
    grant: &GrantRecord,
    sources: Sources<'_>,
    query: Query<'_>,
) -> Outcome<E> {
    let Some(wanted) = &grant.source_arn else {
        return Outcome::known(true);
    };
    let view = View {
        context: query.context,
        in_key_policy: false,
        supposed: &[],
    };
    let key = KeyName::new("aws:SourceArn");
    match view.state(&key) {
        KeyState::One(actual) => Outcome::known(actual == wanted),
        KeyState::Many(_) | KeyState::Empty { .. } => Outcome::known(false),
        // "Applies to DescribeKey when present in the request" (KMS-GRANT-7).
        KeyState::Absent => Outcome::known(sources.action.name() == "describekey"),
        KeyState::Present
        | KeyState::Like(_)
        | KeyState::Unknown
        | KeyState::Conflict
        | KeyState::Disputed { .. } => {
            Outcome::unknown(|| Dependency::Key("aws:sourcearn".to_owned()))
        }
    }
}
