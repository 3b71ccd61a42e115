//! Who may do something on a resource, by what way, and under which conditions: everybody whom the snapshot lists, and whom its
//! policies let in besides. Rule: UI-20.
//!
//! Whom the snapshot lists is asked by name, each with the request that [`Engine::explain`] would get for that caller. Of all others there
//! are too many to ask, so somebody stands for each kind that policies could tell apart (see [`crate::cast`]): the root users, the other
//! identities of each account that is named anywhere, those of an account that is not, services, identities of providers, callers
//! that sign nothing. What their own policies allow counts as allowed, so that *denied* means that nobody of the kind gets in.

mod ask;
mod conditions;
mod question;
mod refusal;
mod relevant;
#[cfg(test)]
mod tests;
mod ways;
mod who;
mod wording;

use std::collections::{BTreeSet, HashSet};

use preclear_catalog::kms::KmsException;
use preclear_condition::Dependency;
use preclear_model::Diagnostic;
use preclear_model::caller::Caller;

use crate::engine::{Detail, Engine};
use crate::explanation::{Explanation, Verdict, Warning};
use crate::request::Request;
use wording::Wording;

pub use conditions::{Condition, Source};
pub use ways::{GrantTerms, Way, WayKind, WayStatement};
pub use who::{IdentityKind, Who};
pub use wording::Meaning;

/// Who may do it.
#[derive(Debug, Clone)]
pub struct WhoCan {
    /// The action or operation, as AWS spells it where it is known.
    pub action: String,
    /// The resource that the decisions were made on.
    pub resource: String,
    /// True where that is a pattern, and stands for all that it matches. Rule: IAM-WILD-13.
    pub is_pattern: bool,
    /// The calls that were asked about.
    pub calls: Calls,
    /// Why nobody can ask this; empty where somebody can.
    pub errors: Vec<Diagnostic>,
    /// What looks wrong with the question, and with the policies of those who may.
    pub warnings: Vec<Warning>,
    /// The users and roles of the snapshot, in its order: all of them.
    pub listed: Vec<Candidate>,
    /// Those who stand for everybody else, whether they may or not.
    pub outsiders: Vec<Candidate>,
    wording: Box<Wording>,
}

/// The calls that a question is about. Rule: UI-20, UI-39.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Calls {
    /// Those that callers make themselves, and those that services make with their identity.
    Any,
    /// Those that callers make themselves.
    Direct,
    /// Those that services make.
    ThroughServices,
}

impl Calls {
    /// Name in files and output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Direct => "direct",
            Self::ThroughServices => "through_services",
        }
    }
}

/// Somebody who was asked for, with the answer.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Who.
    pub who: Who,
    /// Whether they may. Of many that somebody stands for: [`Verdict::Allow`] if all of them may whose own policies allow it,
    /// [`Verdict::Depends`] if some may.
    pub verdict: Verdict,
    /// The answer in full, for those who may and for what cannot be asked; of denials the verdict alone is kept.
    pub answer: Option<Box<Explanation>>,
    ways: Vec<Way>,
    conditions: Vec<Condition>,
}

impl Candidate {
    /// True for a user or role that the snapshot lists.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.who.listed_arn().is_some()
    }

    /// True for those who may, be it under conditions.
    #[must_use]
    pub fn may(&self) -> bool {
        matches!(self.verdict, Verdict::Allow | Verdict::Depends)
    }

    /// The ways by which they are allowed; of an undecided answer those that may turn out to allow them.
    #[must_use]
    pub fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// True where every way takes policies of their own, of which nothing is known.
    #[must_use]
    pub fn needs_own_policies(&self) -> bool {
        !self.ways.is_empty() && self.ways.iter().all(|way| way.needs_own_policies)
    }

    /// What has to hold for an undecided answer to become allow, as policies and grants have it: of all ways together, and what limits
    /// them. Each way has its own in [`Way`].
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Those that no way has: of statements that deny, and of layers that only limit. They count whatever the way.
    pub fn limits(&self) -> impl Iterator<Item = &Condition> {
        let is_of_a_way = |condition: &Condition| self.ways.iter().any(|way| way.has(condition));
        self.conditions
            .iter()
            .filter(move |condition| !is_of_a_way(condition))
    }

    /// True where two answers say the same.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        let own = self.ways.iter().map(|way| way.needs_own_policies);
        let others = other.ways.iter().map(|way| way.needs_own_policies);
        self.fares_like(other) && own.eq(others)
    }

    /// What else an answer says: what it depends on, its resource, what KMS answers.
    fn said(&self) -> Option<(&BTreeSet<Dependency>, &str, Option<KmsException>)> {
        let answer = self.answer.as_deref()?;
        let exception = answer.operability.answer().map(|told| told.exception);
        Some((&answer.depends_on, &answer.resource, exception))
    }

    /// The same but for policies of their own, which root users do not take.
    #[must_use]
    pub fn fares_like(&self, other: &Self) -> bool {
        self.verdict == other.verdict
            && self.ways.len() == other.ways.len()
            && std::iter::zip(&self.ways, &other.ways).all(|(own, other)| own.is_like(other))
            && self.conditions.len() == other.conditions.len()
            && std::iter::zip(&self.conditions, &other.conditions)
                .all(|(own, other)| own.is_like(other))
            && self.said() == other.said()
    }
}

impl WhoCan {
    /// The request that a caller was asked with. A short name of a key means that of the caller's own account (KMS-ID-1); callers of accounts
    /// of which the snapshot lists nobody name the key that the question is about by its ARN. Where nothing says whether a service calls
    /// with the caller's identity, `aws:ViaAWSService` is unknown.
    #[must_use]
    pub fn request_of(&self, caller: &Caller) -> Request {
        self.wording.of_caller(caller)
    }

    /// What the short names of keys in the question mean to each account of the snapshot.
    pub fn meanings(&self) -> impl Iterator<Item = &Meaning> {
        self.wording.meanings()
    }

    /// The key that a candidate was asked about, where it is another one than that of [`Self::resource`].
    #[must_use]
    pub fn own_key<'c>(&self, candidate: &'c Candidate) -> Option<&'c str> {
        let answer = candidate.answer.as_deref()?;
        let is_own = answer.parts.is_empty() && answer.resource != self.resource;
        let mut keys = self.meanings().filter_map(|meaning| meaning.key.as_ref());
        let is_meant = is_own && keys.any(|key| key.as_str() == answer.resource);
        is_meant.then_some(answer.resource.as_str())
    }

    /// Why a listed one may not, in full: of denials a candidate keeps the verdict alone. `None` where many resources are asked about, of
    /// which each may be denied for a reason of its own.
    #[must_use]
    pub fn denial(&self, engine: &Engine, candidate: &Candidate) -> Option<Explanation> {
        let Who::Listed { arn } = &candidate.who else {
            return None;
        };
        let request = self.request_of(&Caller::parse(arn).ok()?);
        (!self.is_pattern && candidate.verdict.is_deny())
            .then(|| engine.explain(&request, Detail::Reasons))
    }

    /// Everybody who may, be it under conditions: the listed ones first.
    pub fn allowed(&self) -> impl Iterator<Item = &Candidate> {
        let all = self.listed.iter().chain(&self.outsiders);
        all.filter(|candidate| candidate.may())
    }

    /// Of those who may, the ones that make a difference to who gets in: everybody who is listed, and of all others whom policies let in
    /// from outside. Left out is what goes without saying: root users of accounts of which the snapshot lists somebody and their
    /// identities that it does not list, and sessions of somebody who may anyway.
    pub fn counted(&self) -> impl Iterator<Item = &Candidate> {
        let listed = self.listed.iter().filter(|one| one.may());
        let may: HashSet<&str> = listed.filter_map(|one| one.who.listed_arn()).collect();
        self.allowed()
            .filter(move |candidate| match &candidate.who {
                Who::Root { is_own, .. }
                | Who::RootSession { is_own, .. }
                | Who::Others { is_own, .. } => !is_own,
                Who::Session { of, .. } | Who::Federated { of, .. } => !may.contains(of.as_str()),
                _ => true,
            })
    }

    /// The candidates that a caller is, or that stand for it: several where it is not told enough of it, as the ARN of a session does not tell
    /// the path of its role, or a listed one not its unique id.
    ///
    /// ```
    /// use preclear_model::caller::Caller;
    /// use preclear_simulator::{Ask, Engine, Request, Snapshot, who_can};
    ///
    /// let engine = Engine::compile(Snapshot { complete: true, ..Snapshot::default() });
    /// let anyone = Caller::parse("anonymous").unwrap();
    /// let mut request = Request::new(anyone.clone(), Ask::Action("s3:GetObject".to_owned()));
    /// request.resource = Some("arn:aws:s3:::bucket/key".to_owned());
    /// let answer = who_can::ask(&engine, &request);
    /// let [candidate] = answer.candidates_of(&anyone).try_into().unwrap();
    /// assert!(!candidate.may());
    /// ```
    #[must_use]
    pub fn candidates_of(&self, caller: &Caller) -> Vec<&Candidate> {
        let all = self.outsiders.iter().chain(&self.listed);
        let ranked = all.filter_map(|candidate| Some((candidate.who.nearness(caller)?, candidate)));
        let ranked: Vec<(u8, &Candidate)> = ranked.collect();
        let has_id = |who: &Who| matches!(who, Who::WithId { .. });
        let is_by_id = ranked.iter().any(|(_, candidate)| has_id(&candidate.who));
        // Whoever is named is one of those, and else the nearest of those who stand for many. An id is not all that somebody is: a listed
        // one may have it.
        let others = ranked
            .iter()
            .filter(|(_, candidate)| !has_id(&candidate.who));
        let nearest = others.map(|(nearness, _)| *nearness).min();
        let nearest = nearest.filter(|nearest| !is_by_id || *nearest <= LISTED);
        let limit = nearest.map(|nearest| nearest.max(NAMED));
        let near = ranked
            .into_iter()
            .filter(|(nearness, one)| has_id(&one.who) || Some(*nearness) <= limit);
        near.map(|(_, candidate)| candidate).collect()
    }
}

/// How near candidates are that are the caller itself, or that may be.
const NAMED: u8 = 1;

/// How near those are who are listed: a session that is named is asked for by itself.
const LISTED: u8 = 2;

/// Asks who may do what the request is about. Its caller does not count; everything else does: context, mode, session policies, the way of
/// the call. Decisions are taken on all threads of the rayon pool in which it is called, and come in the same order however many
/// there are.
///
/// A resource that is an ARN with `*` or `?` stands for every resource that it matches, as in [`Engine::explain_many`]; of keys for
/// those that the snapshot lists. Rule: IAM-WILD-13.
///
/// ```
/// use std::sync::Arc;
/// use preclear_model::Arn;
/// use preclear_model::caller::Caller;
/// use preclear_model::policy::{ParseOptions, PolicyKind, parse_policy};
/// use preclear_simulator::snapshot::{KeyRecord, PrincipalRecord};
/// use preclear_simulator::who_can::{self, WayKind, Who};
/// use preclear_simulator::{Ask, Engine, Given, Request, Snapshot, Verdict};
///
/// let key = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
/// let role = "arn:aws:iam::111122223333:role/app";
/// let text = format!(r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
///     "Principal": {{"AWS": ["{role}", "444455556666"]}}}}}}"#);
/// let (policy, _) = parse_policy(&text, "key.json", PolicyKind::Key, ParseOptions::default());
/// let engine = Engine::compile(Snapshot {
///     complete: true,
///     principals: vec![PrincipalRecord::new(Arn::parse(role).unwrap())],
///     keys: vec![KeyRecord {
///         policy: Given::Here(Arc::new(policy.unwrap())),
///         ..KeyRecord::new(Arn::parse(key).unwrap())
///     }],
///     ..Snapshot::default()
/// });
///
/// let nobody = Caller::parse("anonymous").unwrap();
/// let mut request = Request::new(nobody, Ask::Action("kms:Decrypt".to_owned()));
/// request.resource = Some(key.to_owned());
/// let answer = who_can::ask(&engine, &request);
///
/// let [app] = answer.listed.as_slice() else { panic!() };
/// assert_eq!((app.verdict, app.ways()[0].kind), (Verdict::Allow, WayKind::KeyPolicy));
/// // The root user of the other account, and users and roles of it whose own policies allow it.
/// let others: Vec<String> = answer.counted().map(|one| one.who.to_string()).skip(1).collect();
/// assert!(others.contains(&"any user, role or federated user of account 444455556666".to_owned()));
/// assert!(answer.counted().skip(1).all(|one| one.who.account() == Some("444455556666")));
/// ```
#[must_use]
pub fn ask(engine: &Engine, request: &Request) -> WhoCan {
    ask::ask(engine, request)
}
