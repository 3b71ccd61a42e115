//! Classes of callers.

use std::collections::{HashMap, HashSet};

use preclear_model::caller::{Caller, CallerKind, Credentials};
use preclear_model::policy::PrincipalKind;
use preclear_model::{ArnRef, Match};

use super::Axes;
use super::actions::grants;
use super::corpus::{Corpus, PolicyId};
use crate::engine::Engine;
use crate::engine::principals::CompiledPrincipal;
use crate::matching::principal::Named;
use crate::service::kms::fit;
use crate::snapshot::{PrincipalRecord, Tags};

/// Keys whose value says who somebody is.
const NAMING: [&str; 3] = ["aws:principalarn", "aws:userid", "aws:username"];

/// What decisions tell callers apart by.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Class<'a> {
    /// This one, written out.
    Own(String),
    Shared {
        is_user: bool,
        partition: Option<&'a str>,
        account: Option<&'a str>,
        credentials: Option<CredentialsCode>,
        /// Whether the role's path and the session's name are known.
        is_known: [bool; 2],
        record: Option<RecordClass<'a>>,
    },
}

type CredentialsCode = u8;

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
struct Questions<'a> {
    engine: &'a Engine,
    corpus: &'a Corpus<'a>,
    /// No two callers are alike.
    all_differ: bool,
    has_tags: bool,
    /// Names of users and roles that principals and grants speak of, in lower case.
    names: HashSet<String>,
    records: HashMap<&'a str, &'a PrincipalRecord>,
}

/// A number for the class of each caller, from 0 in the order in which they first come.
pub(super) fn classes(engine: &Engine, axes: &Axes<'_>, corpus: &Corpus<'_>) -> Vec<u32> {
    let questions = Questions::of(engine, axes, corpus);
    let mut known: HashMap<Class<'_>, u32> = HashMap::new();
    let classes = axes.callers.iter().map(|caller| {
        let class = questions.shared(caller);
        let class = class.unwrap_or_else(|| Class::Own(format!("{caller:?}")));
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        *known.entry(class).or_insert(next)
    });
    classes.collect()
}

impl<'a> Questions<'a> {
    fn of(engine: &'a Engine, axes: &'a Axes<'_>, corpus: &'a Corpus<'a>) -> Self {
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
        for grant in grants(engine, axes.base) {
            let identities = grant.grantee.iter().chain(&grant.retiring);
            identities.for_each(|text| add(fit::named(text)));
        }
        let is_named = NAMING.iter().any(|key| corpus.mentions(key));
        let records = engine.snapshot().principals.iter();
        Self {
            engine,
            corpus,
            all_differ: has_ids
                || is_named
                || engine.has_external()
                || super::resources::may_have_templates(engine, axes),
            has_tags: corpus.mentions_any("aws:principaltag/"),
            names,
            records: records
                .map(|record| (record.arn.as_str(), record))
                .collect(),
        }
    }

    /// The class of a caller that others may share.
    fn shared<'c>(&self, caller: &'c Caller) -> Option<Class<'c>>
    where
        'a: 'c,
    {
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
        let record = self.engine.principals().of(caller);
        if self.names.contains(&name.to_lowercase()) {
            return None;
        }
        let record = match record {
            Some(record) => Some(self.record(record)?),
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
            partition: caller.partition.as_deref(),
            account: caller.account.as_deref(),
            credentials: caller.credentials.map(code),
            is_known,
            record,
        })
    }

    /// What counts of a listed identity; `None` for one that is alone.
    fn record(&self, listed: &CompiledPrincipal) -> Option<RecordClass<'a>> {
        let arn = listed.arn.as_str();
        let record = *self.records.get(arn)?;
        let rejected = &self.engine.snapshot().rejected;
        let is_service_role = listed.arn.resource().starts_with("role/aws-service-role/");
        let is_rejected = rejected.values().any(|owners| owners.contains(arn));
        if !record.is_path_known || is_service_role || is_rejected {
            return None;
        }
        Some(RecordClass {
            policies: self.corpus.ids(&record.policies),
            boundary: self.corpus.id(&record.boundary),
            groups: record.groups.value().map(Vec::as_slice),
            groups_are_left_out: record.groups.is_left_out(),
            tags: record.tags.as_ref().filter(|_| self.has_tags),
        })
    }
}

fn code(credentials: Credentials) -> CredentialsCode {
    match credentials {
        Credentials::LongTerm => 0,
        Credentials::SessionToken => 1,
        Credentials::Console => 2,
    }
}

/// What `Principal` and `NotPrincipal` name anywhere.
fn entries<'a>(corpus: &'a Corpus<'_>) -> impl Iterator<Item = &'a PrincipalKind> {
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
