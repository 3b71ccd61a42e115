//! Classes of callers.

use std::collections::{HashMap, HashSet};

use preclear_model::caller::{Caller, CallerKind, Credentials};
use preclear_model::policy::PrincipalKind;
use preclear_model::{ArnRef, Match};

use super::actions::grants;
use super::corpus::{Corpus, PolicyId};
use crate::engine::Engine;
use crate::engine::table::NameTable;
use crate::matching::principal::Named;
use crate::service::kms::fit;
use crate::snapshot::{GrantRecord, Tags};

/// Keys whose value says who somebody is.
const NAMING: [&str; 3] = ["aws:principalarn", "aws:userid", "aws:username"];

/// What decisions tell callers apart by.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// This one, written out.
    Own(String),
    Shared {
        is_user: bool,
        partition: Option<Box<str>>,
        account: Option<Box<str>>,
        credentials: Option<CredentialsCode>,
        /// Whether the role's path and the session's name are known. What reads them keeps callers apart by itself today: principals and
        /// grants that name a role or session, condition keys that name the caller, roles of services, what is declared external.
        is_known: [bool; 2],
        /// The class of the listed identity.
        record: Option<u32>,
    },
}

type CredentialsCode = u8;

/// What decisions tell listed identities apart by.
#[derive(Debug, PartialEq, Eq, Hash)]
struct RecordClass<'a> {
    policies: Vec<PolicyId>,
    boundary: PolicyId,
    groups: Option<&'a [String]>,
    /// Not mentioned, which is not the same as none.
    groups_are_left_out: bool,
    /// Where policies speak of tags.
    tags: Option<&'a Tags>,
}

/// What is asked of every caller.
#[derive(Debug)]
pub(super) struct Questions {
    /// No two callers are alike.
    all_differ: bool,
    /// Names of users and roles that principals and grants speak of, in lower case.
    names: HashSet<String>,
    /// Classes of listed identities, by ARN; `None` for one that is alone.
    records: NameTable<Box<str>, Option<u32>>,
}

impl Questions {
    pub(super) fn of(engine: &Engine, corpus: &Corpus, assumed: &[GrantRecord]) -> Self {
        let mut names = HashSet::new();
        let mut has_ids = false;
        let mut add = |named: Named<'_>| match named {
            Named::User(arn) | Named::Role(arn) => {
                names.extend(last_name(arn).map(str::to_lowercase));
            }
            Named::RoleSession(arn) => names.extend(role_of(arn).map(str::to_lowercase)),
            Named::UniqueId(_) | Named::CanonicalUser(_) => has_ids = true,
            // These name everyone, an account, or callers that are alone anyway.
            Named::Everyone
            | Named::Account { .. }
            | Named::FederatedUser(_)
            | Named::Service(_)
            | Named::Federated(_)
            | Named::Other => {}
        };
        for kind in entries(corpus) {
            add(kind.into());
        }
        for grant in grants(engine, assumed) {
            let identities = grant.grantee.iter().chain(&grant.retiring);
            identities.for_each(|text| add(fit::named(text)));
        }
        let is_named = NAMING.iter().any(|key| corpus.mentions(key));
        Self {
            all_differ: has_ids || is_named || engine.has_external(),
            names,
            records: records(engine, corpus),
        }
    }

    /// The class of a caller. With `has_templates` some key may have a policy that stands in no document; none of those that are shipped
    /// names a user or a role.
    pub(super) fn class(&self, engine: &Engine, caller: &Caller, has_templates: bool) -> Class {
        let shared = if has_templates {
            None
        } else {
            self.shared(engine, caller)
        };
        shared.unwrap_or_else(|| Class::Own(format!("{caller:?}")))
    }

    /// The class of a caller that others may share.
    fn shared(&self, engine: &Engine, caller: &Caller) -> Option<Class> {
        // Canonical ids are read by principals alone, beside which all differ anyway.
        let says_more = caller.id.is_some()
            || caller.canonical_id.is_some()
            || caller.source_identity.is_some()
            || !caller.tags.is_empty();
        if self.all_differ || says_more {
            return None;
        }
        let (name, is_user, is_known) = match &caller.kind {
            CallerKind::User { arn } => (last_name(arn.as_arn_ref())?, true, [true, true]),
            CallerKind::RoleSession {
                role,
                role_arn,
                session,
            } => (
                role.as_str(),
                false,
                [role_arn.is_some(), session.is_some()],
            ),
            _ => return None,
        };
        let record = engine.principals().of(caller);
        if self.names.contains(&name.to_lowercase()) {
            return None;
        }
        let record = match record {
            Some(record) => Some((*self.records.get(record.arn.as_str())?)?),
            None => None,
        };
        let role_arn = match &caller.kind {
            CallerKind::RoleSession { role_arn, .. } => role_arn.as_ref().map(|arn| arn.resource()),
            _ => None,
        };
        let is_service_linked = name.starts_with("AWSServiceRoleFor")
            || role_arn.is_some_and(|path| path.starts_with("role/aws-service-role/"));
        if is_service_linked {
            return None;
        }
        Some(Class::Shared {
            is_user,
            partition: caller.partition.as_deref().map(Box::from),
            account: caller.account.as_deref().map(Box::from),
            credentials: caller.credentials.map(code),
            is_known,
            record,
        })
    }
}

/// The classes of listed identities.
fn records(engine: &Engine, corpus: &Corpus) -> NameTable<Box<str>, Option<u32>> {
    let snapshot = engine.snapshot();
    let has_tags = corpus.mentions_any("aws:principaltag/");
    let mut known: HashMap<RecordClass<'_>, u32> = HashMap::new();
    let records = snapshot.principals.iter().map(|record| {
        let arn = record.arn.as_str();
        let is_service_role = record.arn.resource().starts_with("role/aws-service-role/");
        let mut rejected = snapshot.rejected.values();
        let is_rejected = rejected.any(|owners| owners.contains(arn));
        // Of a role whose path is not known the same holds as of such a session.
        let is_alone = !record.is_path_known || is_service_role || is_rejected;
        let class = (!is_alone).then(|| {
            let class = RecordClass {
                policies: corpus.ids(&record.policies),
                boundary: corpus.id(&record.boundary),
                groups: record.groups.value().map(Vec::as_slice),
                groups_are_left_out: record.groups.is_left_out(),
                tags: record.tags.as_ref().filter(|_| has_tags),
            };
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            *known.entry(class).or_insert(next)
        });
        (arn.into(), class)
    });
    // The last one of an ARN counts, as in decisions.
    records.collect()
}

fn code(credentials: Credentials) -> CredentialsCode {
    match credentials {
        Credentials::LongTerm => 0,
        Credentials::SessionToken => 1,
        Credentials::Console => 2,
    }
}

/// What `Principal` and `NotPrincipal` name anywhere.
fn entries(corpus: &Corpus) -> impl Iterator<Item = &PrincipalKind> {
    let statements = corpus
        .documents
        .iter()
        .flat_map(|policy| &policy.statements);
    let elements = statements.filter_map(|statement| statement.principal.as_ref());
    elements.flat_map(Match::entries).map(|entry| &entry.kind)
}

fn last_name(arn: ArnRef<'_>) -> Option<&str> {
    arn.resource().rsplit('/').next()
}

fn role_of(session: ArnRef<'_>) -> Option<&str> {
    session.resource().split('/').nth(1)
}
