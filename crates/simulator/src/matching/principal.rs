//! `Principal` and `NotPrincipal`.

use preclear_condition::{Ambiguities, Dependency, Evidence, Outcome, Tri};
use preclear_model::caller::CallerKind;
use preclear_model::policy::{PrincipalEntry, PrincipalKind};
use preclear_model::{ArnRef, Effect, Match};

use crate::layer::Layer;
use crate::request::ContextMode;
use crate::requester::Requester;

/// How an entry matched; the path to an allow depends on it. Rule: IAM-PRIN-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum MatchClass {
    /// `"*"`
    Wild,
    /// The IAM user itself.
    User,
    /// Exactly this session.
    Session,
    /// The role of the session, or the user behind a federated session.
    Entity,
    /// The account.
    Account,
    /// The service acting as itself.
    Service,
    /// The identity provider.
    Federated,
}

impl MatchClass {
    /// Every class.
    pub(crate) const ANY: &'static [Self] = &[
        Self::Wild,
        Self::User,
        Self::Session,
        Self::Entity,
        Self::Account,
        Self::Service,
        Self::Federated,
    ];
    /// Classes that boundary and session policies do not limit. Rule: IAM-EVAL-17, DOC-12.
    pub(crate) const DIRECT: &'static [Self] = &[Self::Wild, Self::User, Self::Session];
}

/// Whether an entry matches, by class.
#[derive(Debug, Clone)]
pub(crate) struct ByClass<E>([Outcome<E>; MatchClass::ANY.len()]);

impl<E: Evidence> ByClass<E> {
    /// No entry matches.
    fn nothing() -> Self {
        Self(std::array::from_fn(|_| Outcome::known(false)))
    }

    /// Adds an entry.
    fn add(&mut self, class: MatchClass, outcome: Outcome<E>) {
        let own = &mut self.0[class as usize];
        let before = std::mem::replace(own, Outcome::known(false));
        *own = before.or(outcome);
    }

    fn of(&self, class: MatchClass) -> Outcome<E> {
        self.0[class as usize].clone()
    }
}

/// What a principal element says of the requester.
#[derive(Debug, Clone)]
pub(crate) enum PrincipalOutcome<E> {
    /// The layer has no principals: everyone.
    Everyone,
    /// Whether an entry matches, by class.
    ByClass(ByClass<E>),
    /// `NotPrincipal`: applies or not, by no class.
    Negated(Outcome<E>),
}

impl<E: Evidence> PrincipalOutcome<E> {
    /// Whether any entry matches.
    pub(crate) fn any(&self) -> Outcome<E> {
        self.by(MatchClass::ANY)
    }

    /// Whether an entry matches by one of the classes.
    pub(crate) fn by(&self, classes: &[MatchClass]) -> Outcome<E> {
        match self {
            Self::Everyone => Outcome::known(true),
            Self::ByClass(outcomes) => {
                Outcome::any(classes.iter().map(|class| outcomes.of(*class)))
            }
            // Only a lenient Allow can meet a class filter here; it stands for everyone not listed (AMB-23).
            Self::Negated(outcome) if classes.contains(&MatchClass::Wild) => outcome.clone(),
            Self::Negated(_) => Outcome::known(false),
        }
    }
}

/// Who asks and how the question is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PrincipalQuestion<'a> {
    pub(crate) requester: &'a Requester<'a>,
    pub(crate) mode: ContextMode,
    /// True in a gateway endpoint's policy: an account entry is its root user. Rule: IAM-PRIN-16.
    pub(crate) gateway: bool,
    /// True where Amazon S3 is asked, to which alone canonical ids mean something. Rule: IAM-PRIN-10.
    pub(crate) is_s3: bool,
}

/// What an entry of `Principal`, or a grant, names. Rule: IAM-PRIN-2, KMS-GRANT-4.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Named<'e> {
    Everyone,
    Account {
        partition: Option<&'e str>,
        account: &'e str,
    },
    User(ArnRef<'e>),
    Role(ArnRef<'e>),
    RoleSession(ArnRef<'e>),
    FederatedUser(ArnRef<'e>),
    UniqueId(&'e str),
    Service(&'e str),
    Federated(&'e str),
    CanonicalUser(&'e str),
    Other,
}

impl<'e> From<&'e PrincipalKind> for Named<'e> {
    fn from(kind: &'e PrincipalKind) -> Self {
        match kind {
            PrincipalKind::Everyone => Self::Everyone,
            PrincipalKind::Account { partition, account } => Self::Account {
                partition: partition.as_deref(),
                account,
            },
            PrincipalKind::User(arn) => Self::User(arn.as_arn_ref()),
            PrincipalKind::Role(arn) => Self::Role(arn.as_arn_ref()),
            PrincipalKind::RoleSession(arn) => Self::RoleSession(arn.as_arn_ref()),
            PrincipalKind::FederatedUser(arn) => Self::FederatedUser(arn.as_arn_ref()),
            PrincipalKind::UniqueId(id) => Self::UniqueId(id),
            PrincipalKind::Service(name) => Self::Service(name),
            PrincipalKind::Federated(provider) => Self::Federated(provider),
            PrincipalKind::CanonicalUser(id) => Self::CanonicalUser(id),
            PrincipalKind::Other => Self::Other,
        }
    }
}

/// Evaluates the element of a statement.
pub(crate) fn evaluate<E: Evidence>(
    element: Option<&Match<PrincipalEntry>>,
    effect: Effect,
    question: PrincipalQuestion<'_>,
    ambiguities: Ambiguities,
) -> PrincipalOutcome<E> {
    match element {
        // Grammar admits this only leniently, and then the statement never applies (IAM-GRAM-21).
        None => PrincipalOutcome::ByClass(ByClass::nothing()),
        Some(Match::In(entries)) => {
            PrincipalOutcome::ByClass(by_class(entries, effect, question, ambiguities))
        }
        Some(Match::NotIn(entries)) => {
            PrincipalOutcome::Negated(not_principal(entries, effect, question, ambiguities))
        }
    }
}

fn by_class<E: Evidence>(
    entries: &[PrincipalEntry],
    effect: Effect,
    question: PrincipalQuestion<'_>,
    ambiguities: Ambiguities,
) -> ByClass<E> {
    let mut found = ByClass::nothing();
    for entry in entries {
        if let Some((class, outcome)) =
            entry_outcome((&entry.kind).into(), effect, question, ambiguities)
        {
            found.add(class, outcome);
        }
    }
    found
}

/// Class and outcome of one entry; `None` if it certainly does not match.
///
/// Rule: IAM-PRIN-2; everyone IAM-PRIN-9, AMB-11; the account IAM-PRIN-3; a user IAM-PRIN-4; a service IAM-PRIN-8; a
/// provider IAM-PRIN-10.
pub(crate) fn entry_outcome<E: Evidence>(
    entry: Named<'_>,
    effect: Effect,
    question: PrincipalQuestion<'_>,
    ambiguities: Ambiguities,
) -> Option<(MatchClass, Outcome<E>)> {
    let requester = question.requester;
    let certain = |class| Some((class, Outcome::known(true)));
    match entry {
        Named::Everyone => match requester.kind() {
            CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. }
                if effect == Effect::Allow =>
            {
                Some((MatchClass::Wild, ambiguities.decide(11, true)))
            }
            _ => certain(MatchClass::Wild),
        },
        Named::Account { partition, account } => {
            let is_member = requester.account() == Some(account)
                && partition.is_none_or(|partition| requester.partition() == Some(partition));
            let is_covered = !question.gateway || requester.is_root();
            (is_member && is_covered).then(|| (MatchClass::Account, Outcome::known(true)))
        }
        Named::User(arn) => user_outcome(arn, requester),
        Named::Role(arn) => {
            role_outcome(arn, requester, ambiguities).map(|outcome| (MatchClass::Entity, outcome))
        }
        Named::RoleSession(arn) => {
            session_outcome(arn, question).map(|outcome| (MatchClass::Session, outcome))
        }
        Named::FederatedUser(arn) => match requester.kind() {
            CallerKind::FederatedUser { arn: own, .. } if own.as_arn_ref() == arn => {
                certain(MatchClass::Session)
            }
            _ => None,
        },
        Named::UniqueId(id) => unique_id_outcome(id, question),
        Named::Service(name) => match requester.kind() {
            CallerKind::Service { name: own } if own.eq_ignore_ascii_case(name) => {
                certain(MatchClass::Service)
            }
            _ => None,
        },
        Named::Federated(provider) => match requester.kind() {
            CallerKind::Federated { provider: own } if own == provider => {
                certain(MatchClass::Federated)
            }
            _ => None,
        },
        Named::CanonicalUser(_) if !question.is_s3 => None,
        Named::CanonicalUser(id) => canonical_outcome(id, question),
        Named::Other => None,
    }
}

/// A user entry against the user, or against the one behind a federated session. That one cannot be told from the
/// session's name, so in every mode it is not known unless it is given. Rule: IAM-PRIN-4, IAM-PRIN-6.
fn user_outcome<E: Evidence>(
    entry: ArnRef<'_>,
    requester: &Requester<'_>,
) -> Option<(MatchClass, Outcome<E>)> {
    let (class, own) = match requester.kind() {
        CallerKind::User { arn } => (MatchClass::User, Some(arn)),
        CallerKind::FederatedUser { user, .. } => (MatchClass::Entity, user.as_ref()),
        _ => return None,
    };
    let outcome = match own {
        Some(own) => Outcome::known(own.as_arn_ref() == entry),
        None => {
            let is_of_account = requester.partition() == Some(entry.partition())
                && requester.account() == Some(entry.account());
            Outcome::known(is_of_account).and(Outcome::unknown(|| Dependency::Requester("user")))
        }
    };
    (!outcome.value.is_false()).then_some((class, outcome))
}

/// A role entry against a session of a role. Rule: IAM-PRIN-5.
fn role_outcome<E: Evidence>(
    entry: ArnRef<'_>,
    requester: &Requester<'_>,
    ambiguities: Ambiguities,
) -> Option<Outcome<E>> {
    let CallerKind::RoleSession { role, .. } = requester.kind() else {
        return None;
    };
    if !is_of_account(entry, requester) {
        return None;
    }
    if let Some(own) = requester.role_arn() {
        if own.as_arn_ref() == entry {
            return Some(Outcome::known(true));
        }
        // Role names are unique ignoring case, so another spelling can only mean the same role (AMB-21).
        let same_but_for_case = own.as_str().eq_ignore_ascii_case(entry.as_str());
        return same_but_for_case.then(|| ambiguities.decide(21, false));
    }
    let name = role_name(entry);
    if name == role {
        Some(Outcome::known(true))
    } else {
        name.eq_ignore_ascii_case(role)
            .then(|| ambiguities.decide(21, false))
    }
}

/// The role that an entry can mean the session of by its name alone, since nobody told the path. Rule: IAM-PRIN-5.
pub(crate) fn role_by_name<'e>(entry: Named<'e>, requester: &Requester<'_>) -> Option<ArnRef<'e>> {
    let Named::Role(arn) = entry else {
        return None;
    };
    let CallerKind::RoleSession { role, .. } = requester.kind() else {
        return None;
    };
    let is_same = is_of_account(arn, requester) && role_name(arn).eq_ignore_ascii_case(role);
    (is_same && requester.role_arn().is_none()).then_some(arn)
}

fn is_of_account(entry: ArnRef<'_>, requester: &Requester<'_>) -> bool {
    requester.partition() == Some(entry.partition()) && requester.account() == Some(entry.account())
}

/// Name of a role without its path.
fn role_name(role: ArnRef<'_>) -> &str {
    role.resource().rsplit('/').next().unwrap_or_default()
}

/// A session entry against a session. Rule: IAM-PRIN-6.
fn session_outcome<E: Evidence>(
    entry: ArnRef<'_>,
    question: PrincipalQuestion<'_>,
) -> Option<Outcome<E>> {
    let requester = question.requester;
    let CallerKind::RoleSession { role, session, .. } = requester.kind() else {
        return None;
    };
    let (named_role, named_session) = entry
        .resource()
        .strip_prefix("assumed-role/")?
        .split_once('/')?;
    let is_same_role = requester.partition() == Some(entry.partition())
        && requester.account() == Some(entry.account())
        && named_role == role;
    if !is_same_role {
        return None;
    }
    match session {
        Some(session) => (session == named_session).then(|| Outcome::known(true)),
        None => missing("session-name", question.mode),
    }
}

/// A unique id against what is known of the requester's. Rule: IAM-PRIN-7.
fn unique_id_outcome<E: Evidence>(
    id: &str,
    question: PrincipalQuestion<'_>,
) -> Option<(MatchClass, Outcome<E>)> {
    let requester = question.requester;
    let class = unique_id_class(id, requester)?;
    let outcome = match requester.unique_id() {
        Some(own) => (own == id).then(|| Outcome::known(true)),
        None => missing("unique-id", question.mode),
    };
    outcome.map(|outcome| (class, outcome))
}

/// How a unique id can match the requester: one of a role (`AROA…`) no user, one of a user (`AIDA…`) no role.
/// Rule: IAM-PRIN-2.
fn unique_id_class(id: &str, requester: &Requester<'_>) -> Option<MatchClass> {
    let (is_role, is_user) = (id.starts_with("AROA"), id.starts_with("AIDA"));
    match requester.kind() {
        CallerKind::User { .. } if !is_role => Some(MatchClass::User),
        CallerKind::FederatedUser { .. } if !is_role => Some(MatchClass::Entity),
        CallerKind::RoleSession { .. } if !is_user => Some(MatchClass::Entity),
        _ => None,
    }
}

/// The id of the requester that an entry is compared with, if nobody told it: in words, and as a member of the
/// principal. Rule: IAM-PRIN-7, IAM-PRIN-10.
pub(crate) fn id_not_known(
    entry: &PrincipalEntry,
    requester: &Requester<'_>,
) -> Option<(&'static str, &'static str)> {
    let caller = requester.caller;
    match &entry.kind {
        PrincipalKind::UniqueId(id) => {
            let is_missing = requester.unique_id().is_none();
            (is_missing && unique_id_class(id, requester).is_some()).then_some(("unique id", "id"))
        }
        PrincipalKind::CanonicalUser(_) => {
            let is_missing = requester.account().is_some() && caller.canonical_id.is_none();
            is_missing.then_some(("canonical id", "canonical_id"))
        }
        _ => None,
    }
}

/// A canonical id, which stands for the account that it identifies. Rule: IAM-PRIN-10.
fn canonical_outcome<E: Evidence>(
    id: &str,
    question: PrincipalQuestion<'_>,
) -> Option<(MatchClass, Outcome<E>)> {
    let requester = question.requester;
    requester.account()?;
    let outcome = match &requester.caller.canonical_id {
        Some(own) => (own == id).then(|| Outcome::known(true)),
        None => missing("canonical-id", question.mode),
    };
    // A canonical id stands for the account that it identifies.
    outcome.map(|outcome| (MatchClass::Account, outcome))
}

fn missing<E: Evidence>(field: &'static str, mode: ContextMode) -> Option<Outcome<E>> {
    match mode {
        ContextMode::Open => Some(Outcome::unknown(|| Dependency::Requester(field))),
        ContextMode::Closed => None,
    }
}

/// `NotPrincipal`: exempt only if every level of the requester is listed. Rule: IAM-PRIN-17, AMB-10,
/// KMS-POL-17.
fn not_principal<E: Evidence>(
    entries: &[PrincipalEntry],
    effect: Effect,
    question: PrincipalQuestion<'_>,
    ambiguities: Ambiguities,
) -> Outcome<E> {
    let found: ByClass<E> = by_class(entries, Effect::Deny, question, ambiguities.negated());
    let listed = |class: MatchClass| found.of(class);
    if effect == Effect::Allow {
        let anyone = Outcome::any(MatchClass::ANY.iter().map(|class| listed(*class)));
        let unlisted: Outcome<E> = !anyone;
        return unlisted.and(ambiguities.decide(23, true));
    }
    // A boundary takes every exemption away.
    let has_boundary = match question.requester.has_boundary() {
        Tri::True => return Outcome::known(true),
        Tri::False => Outcome::known(false),
        Tri::Unknown => Outcome::unknown(|| Dependency::Layer(Layer::Boundary.name())),
    };
    // Nobody is exempt from a list that names everyone only if the list is `*`; then everyone is listed.
    let wild = listed(MatchClass::Wild);
    let levels: &[MatchClass] = match question.requester.kind() {
        CallerKind::Root | CallerKind::RootSession => &[MatchClass::Account],
        CallerKind::User { .. } => &[MatchClass::Account, MatchClass::User],
        CallerKind::RoleSession { .. } | CallerKind::FederatedUser { .. } => {
            &[MatchClass::Account, MatchClass::Entity, MatchClass::Session]
        }
        CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. } => &[MatchClass::Service],
        CallerKind::Federated { .. } => &[MatchClass::Federated],
        CallerKind::Anonymous => return has_boundary.or(!wild),
    };
    let identity_levels = levels.get(1..).unwrap_or_default();
    let all = Outcome::all(levels.iter().map(|level| listed(*level)));
    let identity_listed = Outcome::any(identity_levels.iter().map(|level| listed(*level)));
    let exempt = wild.or(all);
    // Some identity level is listed but not the whole chain: AWS only says the request "might" be denied.
    let applies = (!identity_listed).or(ambiguities.decide(10, true));
    has_boundary.or((!exempt).and(applies))
}
