//! Who is asked: whom the snapshot lists, and stand-ins for everyone else.
//!
//! A stand-in stands for many callers that no policy tells apart. What keeps them apart all the same, such as their tags, is left
//! unknown, so that an answer about the stand-in is one about all of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use preclear_catalog::globals::{self, Presence};
use preclear_model::caller::{Caller, CallerKind};
use preclear_model::policy::{ParseOptions, PolicyKind, PrincipalKind, parse_policy};
use preclear_model::{Arn, ArnRef, Effect, Policy};
use preclear_simulator::snapshot::{Given, PrincipalRecord, Tags};
use preclear_simulator::{ContextValue, Snapshot};
use preclear_wildcard::Pattern;

use crate::callers::{Callers, Clause, boundary_of};
use crate::facts::{Facts, State};
use crate::mentioned::{Mentioned, sample};

/// Name of the policy that stands for all that a stand-in's own policies may allow.
pub(crate) const ANYTHING: &str = "whatever its own policies allow";

/// Somebody who is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) caller: Caller,
    /// How reports call it.
    pub(crate) label: String,
    /// ARNs or names that patterns may match.
    pub(crate) names: Vec<String>,
    /// For a stand-in of many: the pattern of their ARNs.
    pub(crate) stands_for: Option<String>,
    /// True for a user or role that the snapshot lists.
    pub(crate) is_listed: bool,
    pub(crate) boundary: Option<Arc<Policy>>,
    pub(crate) tags: Option<Tags>,
    pub(crate) session_policies: Vec<Arc<Policy>>,
    pub(crate) facts: Facts,
    /// True for an identity of an account of which nothing is loaded.
    pub(crate) is_foreign: bool,
    /// Lower comes first where several would do as an example.
    pub(crate) rank: u8,
}

impl Actor {
    fn new(caller: Caller, label: impl Into<String>, rank: u8) -> Self {
        Self {
            names: vec![caller.display_arn()],
            caller,
            label: label.into(),
            stands_for: None,
            is_listed: false,
            boundary: None,
            tags: None,
            session_policies: Vec::new(),
            facts: Facts::default(),
            is_foreign: false,
            rank,
        }
    }

    pub(crate) fn is_role(&self) -> bool {
        matches!(self.caller.kind, CallerKind::RoleSession { .. })
    }

    pub(crate) fn is_user(&self) -> bool {
        matches!(self.caller.kind, CallerKind::User { .. })
    }

    pub(crate) fn is_root(&self) -> bool {
        matches!(self.caller.kind, CallerKind::Root | CallerKind::RootSession)
    }

    pub(crate) fn is_service(&self) -> bool {
        matches!(
            self.caller.kind,
            CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. }
        )
    }

    /// True for those that can have policies and tags.
    pub(crate) fn is_identity(&self) -> bool {
        self.is_role() || self.is_user()
    }

    /// True for those whose calls services can pass on.
    pub(crate) fn can_be_passed_on(&self) -> bool {
        self.caller.account.is_some()
    }
}

/// Everyone who is asked, and the snapshot in which they can be.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) actors: Vec<Actor>,
    /// The snapshot with the stand-ins in it.
    pub(crate) snapshot: Snapshot,
}

/// The cast of a property.
pub(crate) fn cast(snapshot: &Snapshot, mentioned: &Mentioned, callers: &Callers) -> Cast {
    let mut casting = Casting::new(snapshot, mentioned);
    casting.listed();
    if !callers.is_listed_only {
        casting.root_users();
        casting.sessions();
        casting.named(callers);
        casting.others();
        casting.bounded(callers);
        casting.services();
        casting.nobody();
    }
    let mut cast = casting.cast;
    cast.actors.retain(|actor| callers.has(actor, snapshot));
    for actor in &mut cast.actors {
        say_tags(actor, callers);
    }
    cast
}

/// A stand-in has the tags that callers must have.
fn say_tags(actor: &mut Actor, callers: &Callers) {
    for clause in &callers.clauses {
        if let Clause::Tag(key, value) = clause
            && !actor.is_listed
        {
            actor
                .facts
                .say(&format!("aws:PrincipalTag/{key}"), State::one(value));
        }
    }
}

struct Casting<'s> {
    snapshot: &'s Snapshot,
    mentioned: &'s Mentioned,
    cast: Cast,
    /// Accounts whose users and roles the snapshot lists.
    own: BTreeSet<String>,
    /// All other accounts that are spelled out, and one that is not.
    foreign: BTreeSet<String>,
    /// The one that is not.
    unnamed: String,
    partition: String,
    anything: [Option<Arc<Policy>>; 2],
}

/// Accounts for the one that nobody names.
const UNNAMED: [&str; 4] = ["999988887777", "888877776666", "777766665555", "666655554444"];

impl<'s> Casting<'s> {
    fn new(snapshot: &'s Snapshot, mentioned: &'s Mentioned) -> Self {
        let listed = snapshot.principals.iter().map(|one| one.arn.account().to_owned());
        let own: BTreeSet<String> = listed.chain(snapshot.account.clone()).collect();
        let organization = snapshot.organization.iter();
        let accounts = organization.flat_map(|one| {
            let listed = one.accounts.iter().map(|node| node.id.clone());
            listed.chain(one.management_account.clone())
        });
        let owners = snapshot.keys.iter().map(|key| key.arn.account().to_owned());
        let named: BTreeSet<String> = mentioned
            .accounts()
            .into_iter()
            .chain(accounts)
            .chain(owners)
            .collect();
        let is_free = |account: &&&str| !named.contains(**account) && !own.contains(**account);
        let unnamed = UNNAMED.iter().find(is_free).map_or("555544443333", |one| one);
        let mut foreign: BTreeSet<String> = named.difference(&own).cloned().collect();
        foreign.insert(unnamed.to_owned());
        let arns = snapshot.principals.iter().map(|one| &one.arn);
        let mut arns = arns.chain(snapshot.keys.iter().map(|key| &key.arn));
        let partition = arns.next().map_or("aws", Arn::partition).to_owned();
        Self {
            snapshot,
            mentioned,
            cast: Cast {
                actors: Vec::new(),
                snapshot: snapshot.clone(),
            },
            own,
            foreign,
            unnamed: unnamed.to_owned(),
            partition,
            anything: [PolicyKind::Identity, PolicyKind::Session].map(anything),
        }
    }

    /// Users and roles of the snapshot.
    fn listed(&mut self) {
        for record in &self.snapshot.principals {
            let Ok(caller) = Caller::parse(record.arn.as_str()) else {
                continue;
            };
            let mut actor = Actor::new(caller, record.arn.as_str(), 0);
            actor.is_listed = true;
            actor.boundary = record.boundary.value().cloned();
            actor.tags.clone_from(&record.tags);
            if actor.is_role() && takes_session_tags(record) {
                self.open_tags(&mut actor);
            }
            self.open_rest(&mut actor);
            self.cast.actors.push(actor);
        }
    }

    fn root_users(&mut self) {
        let accounts: Vec<String> = self.own.union(&self.foreign).cloned().collect();
        for account in accounts {
            let arn = format!("arn:{}:iam::{account}:root", self.partition);
            let made = self.stand_in(&arn, format!("root user of account {account}"), 1);
            self.cast.actors.extend(made);
        }
    }

    /// Sessions that policies name of roles that are listed, and federated users of users that are.
    fn sessions(&mut self) {
        for named in &self.mentioned.principals {
            if let PrincipalKind::RoleSession(arn) = named {
                self.session(arn.as_str());
            }
        }
        for text in &self.mentioned.grantees {
            if text.contains(":assumed-role/") {
                self.session(text);
            }
        }
        for record in &self.snapshot.principals {
            if record.arn.resource().starts_with("user/") {
                let name = record.arn.resource_name();
                self.federated(record, &format!("any-{name}"));
                let named = self.mentioned.principals.iter();
                let named: Vec<String> = named
                    .filter_map(|kind| match kind {
                        PrincipalKind::FederatedUser(arn) => Some(arn),
                        _ => None,
                    })
                    .filter(|arn| arn.account() == record.arn.account())
                    .map(|arn| arn.resource_id().to_owned())
                    .collect();
                for name in named {
                    self.federated(record, &name);
                }
            }
        }
    }

    /// A session of a listed role.
    fn session(&mut self, text: &str) {
        let Ok(caller) = Caller::parse(text) else {
            return;
        };
        let CallerKind::RoleSession { role, .. } = &caller.kind else {
            return;
        };
        let records = self.snapshot.principals.iter();
        let mut records = records.filter(|record| {
            record.arn.resource().starts_with("role/")
                && record.arn.resource_name() == role.as_str()
                && Some(record.arn.account()) == caller.account.as_deref()
        });
        let Some(record) = records.next() else {
            return;
        };
        let mut actor = Actor::new(caller, format!("the session {text}"), 2);
        actor.names.push(record.arn.as_str().to_owned());
        actor.boundary = record.boundary.value().cloned();
        actor.tags.clone_from(&record.tags);
        if takes_session_tags(record) {
            self.open_tags(&mut actor);
        }
        self.open_rest(&mut actor);
        self.cast.actors.push(actor);
    }

    /// A federated user of a listed one, with a session policy that takes nothing away.
    fn federated(&mut self, record: &PrincipalRecord, name: &str) {
        let account = record.arn.account();
        let text = format!("arn:{}:sts::{account}:federated-user/{name}", record.arn.partition());
        let Some(arn) = Arn::parse(&text) else {
            return;
        };
        let kind = CallerKind::FederatedUser {
            arn,
            user: Some(record.arn.clone()),
        };
        let caller = Caller::new(kind, Some(record.arn.partition()), Some(account));
        let label = format!("a federated user of {}", record.arn);
        let mut actor = Actor::new(caller, label, 6);
        actor.names.push(record.arn.as_str().to_owned());
        actor.boundary = record.boundary.value().cloned();
        actor.tags.clone_from(&record.tags);
        let [_, session] = &self.anything;
        actor.session_policies.extend(session.clone());
        self.open_tags(&mut actor);
        self.open_rest(&mut actor);
        self.cast.actors.push(actor);
    }

    /// Identities that policies, grants and conditions name and the snapshot does not list.
    fn named(&mut self, callers: &Callers) {
        let mut texts: Vec<String> = Vec::new();
        for kind in &self.mentioned.principals {
            match kind {
                PrincipalKind::User(arn)
                | PrincipalKind::Role(arn)
                | PrincipalKind::RoleSession(arn)
                | PrincipalKind::FederatedUser(arn) => texts.push(arn.as_str().to_owned()),
                _ => {}
            }
        }
        texts.extend(self.mentioned.grantees.iter().cloned());
        let tested = self.mentioned.texts("aws:principalarn").map(str::to_owned);
        let asked = callers.patterns().map(crate::callers::whole);
        for text in tested.chain(asked) {
            texts.extend(self.samples(&text));
        }
        texts.sort();
        texts.dedup();
        for text in texts {
            let is_known = self.snapshot.principals.iter();
            let mut is_known = is_known.filter(|record| record.arn.as_str() == text);
            let account = ArnRef::parse(&text).map(|arn| arn.account().to_owned());
            let is_there = |account: &String| !self.is_all_listed(account);
            if is_known.next().is_none() && account.as_ref().is_some_and(is_there) {
                let made = self.stand_in(&text, format!("{text}, which is not listed"), 3);
                self.cast.actors.extend(made);
            }
        }
    }

    /// Identities that a pattern matches, one for each account that it leaves open.
    fn samples(&self, text: &str) -> Vec<String> {
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let [_, _, _, _, account, resource] = fields.as_slice() else {
            return Vec::new();
        };
        let resource = sample(resource);
        let service = if resource.starts_with("federated-user/") || resource.starts_with("assumed") {
            "sts"
        } else {
            "iam"
        };
        let account = Pattern::parse(account);
        let accounts = self.own.union(&self.foreign);
        let accounts = accounts.filter(|one| account.is_match(one));
        accounts
            .map(|account| format!("arn:{}:{service}::{account}:{resource}", self.partition))
            .collect()
    }

    /// True for an account of which everybody is listed.
    fn is_all_listed(&self, account: &str) -> bool {
        self.snapshot.complete && self.own.contains(account)
    }

    /// Any other user and role of each account.
    fn others(&mut self) {
        let accounts: Vec<String> = self.own.union(&self.foreign).cloned().collect();
        for account in accounts {
            if self.is_all_listed(&account) {
                continue;
            }
            let whose = if account == self.unnamed {
                format!("any account that no policy names, such as {account}")
            } else {
                format!("account {account}")
            };
            for kind in ["role", "user"] {
                let arn = format!("arn:{}:iam::{account}:{kind}/any-other", self.partition);
                let label = format!("any other {kind} of {whose}");
                for mut actor in self.stand_in(&arn, label, 4) {
                    self.open_name(&mut actor, kind);
                    self.cast.actors.push(actor);
                }
            }
        }
    }

    /// Any user and role of the own accounts with a boundary.
    fn bounded(&mut self, callers: &Callers) {
        for name in callers.boundaries() {
            let Some(boundary) = boundary_of(self.snapshot, name) else {
                continue;
            };
            for account in self.own.clone() {
                for kind in ["role", "user"] {
                    let arn = format!("arn:{}:iam::{account}:{kind}/any-with-boundary", self.partition);
                    let label = format!("any {kind} of account {account} with the boundary {name}");
                    let made = self.stand_in(&arn, label, 3);
                    let records = self.cast.snapshot.principals.iter_mut();
                    for record in records.filter(|record| record.arn.as_str() == arn) {
                        record.boundary = Given::Here(Arc::clone(boundary));
                    }
                    for mut actor in made {
                        self.open_name(&mut actor, kind);
                        actor.boundary = Some(Arc::clone(boundary));
                        self.cast.actors.push(actor);
                    }
                }
            }
        }
    }

    /// Its name is any but those that are asked for by themselves.
    fn open_name(&self, actor: &mut Actor, kind: &str) {
        let account = actor.caller.account.clone().unwrap_or_default();
        // A pattern that matches part of an account's digits may tell the unnamed accounts apart.
        let is_partly = |text: &str| {
            ArnRef::parse(text).is_some_and(|arn| {
                let account = arn.account();
                account != "*" && account.contains(['*', '?'])
            })
        };
        let is_unnamed = account == self.unnamed;
        let tests_digits = self.mentioned.texts("aws:principalarn").any(is_partly);
        let account = if is_unnamed && tests_digits {
            "????????????"
        } else {
            &account
        };
        let stands_for = format!("arn:{}:iam::{account}:{kind}/*", self.partition);
        actor
            .facts
            .say("aws:PrincipalArn", State::Like(stands_for.clone()));
        if kind == "user" {
            actor.facts.say("aws:username", State::Present);
        }
        for key in ["aws:PrincipalAccount", "kms:CallerAccount"] {
            let folded = key.to_lowercase();
            let mut texts = self.mentioned.texts(&folded);
            if is_unnamed && texts.any(|text| text.contains(['*', '?'])) {
                actor.facts.say(key, State::Present);
            }
        }
        actor.stands_for = Some(stands_for);
    }

    /// Somebody of whom no more is known than the ARN; of a foreign account, once for each organisation it may be in.
    fn stand_in(&mut self, arn: &str, label: String, rank: u8) -> Vec<Actor> {
        let Ok(caller) = Caller::parse(arn) else {
            return Vec::new();
        };
        let account = caller.account.clone().unwrap_or_default();
        let mut actor = Actor::new(caller, label, rank);
        actor.is_foreign = !self.own.contains(&account);
        self.put_in(&mut actor);
        if !actor.is_root() {
            self.open_tags(&mut actor);
        }
        self.open_rest(&mut actor);
        let mut actors = vec![actor];
        if self.foreign.contains(&account) {
            self.open_organization(&mut actors, &account);
        }
        actors
    }

    /// Lists the user or role behind a stand-in, with policies that allow everything.
    fn put_in(&mut self, actor: &mut Actor) {
        let [identity, session] = &self.anything;
        let account = actor.caller.account.clone().unwrap_or_default();
        let partition = actor.caller.partition.clone().unwrap_or_default();
        let arn = match &mut actor.caller.kind {
            CallerKind::User { arn } => Some(arn.clone()),
            CallerKind::RoleSession {
                role, role_arn, ..
            } => {
                let text = format!("arn:{partition}:iam::{account}:role/{role}");
                role_arn.clone().or_else(|| Arn::parse(&text))
            }
            CallerKind::FederatedUser { user, .. } => {
                let text = format!("arn:{partition}:iam::{account}:user/any-other");
                actor.session_policies.extend(session.clone());
                *user = Arn::parse(&text);
                user.clone()
            }
            _ => None,
        };
        let Some(arn) = arn else {
            return;
        };
        let is_listed = |record: &PrincipalRecord| record.arn == arn;
        if self.cast.snapshot.principals.iter().any(is_listed) {
            return;
        }
        self.cast.snapshot.principals.push(PrincipalRecord {
            policies: Given::Here(identity.iter().cloned().collect()),
            groups: Given::Nothing,
            boundary: Given::Nothing,
            ..PrincipalRecord::new(arn)
        });
    }

    /// Services that are named, one that is not, and service identities of grants.
    fn services(&mut self) {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for kind in &self.mentioned.principals {
            if let PrincipalKind::Service(name) = kind {
                names.insert(name.clone());
            }
        }
        for key in ["aws:principalservicename", "aws:principalservicenameslist"] {
            names.extend(self.mentioned.texts(key).map(sample));
        }
        names.extend(self.mentioned.grantees.iter().cloned());
        for name in names {
            if let Ok(caller) = Caller::parse(&name)
                && caller.account.is_none()
                && caller.kind != CallerKind::Anonymous
            {
                let label = format!("the service {name}");
                self.cast.actors.push(Actor::new(caller, label, 5));
            }
        }
        if let Ok(caller) = Caller::parse("any-other.amazonaws.com") {
            self.cast
                .actors
                .push(Actor::new(caller, "any other service", 5));
        }
    }

    /// Callers that sign nothing, and identities of providers.
    fn nobody(&mut self) {
        let anonymous = Caller::new(CallerKind::Anonymous, None, None);
        self.cast
            .actors
            .push(Actor::new(anonymous, "anyone, without signing", 7));
        for kind in &self.mentioned.principals {
            if let PrincipalKind::Federated(provider) = kind {
                let kind = CallerKind::Federated {
                    provider: provider.clone(),
                };
                let label = format!("an identity of {provider}");
                let mut actor = Actor::new(Caller::new(kind, None, None), label, 7);
                actor.names = vec![provider.clone()];
                self.cast.actors.push(actor);
            }
        }
    }

    /// Tags may be any.
    fn open_tags(&self, actor: &mut Actor) {
        for key in self.mentioned.keys() {
            if key.starts_with("aws:principaltag/") {
                actor.facts.say(key, State::Unknown);
            }
        }
    }

    /// Keys that count as absent unless somebody gives them, and that some such caller may have.
    fn open_rest(&self, actor: &mut Actor) {
        for key in self.mentioned.keys() {
            let presence = globals::key(key).map(|global| global.presence);
            if presence == Some(Presence::Absent) {
                actor.facts.say(key, State::Unknown);
            }
        }
    }

    /// An account that is not loaded may be in an organisation, but not in the one that is listed.
    fn open_organization(&self, actors: &mut Vec<Actor>, account: &str) {
        const KEYS: [&str; 2] = ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"];
        let is_asked = |key: &&str| {
            let key = key.to_lowercase();
            !self.mentioned.operands(&key).is_empty() || self.mentioned.is_variable(&key)
        };
        if !KEYS.iter().any(is_asked) {
            return;
        }
        let Some(organization) = &self.snapshot.organization else {
            for actor in actors {
                for key in KEYS {
                    actor.facts.say(key, State::Unknown);
                }
            }
            return;
        };
        let mut listed = organization.accounts.iter().map(|node| node.id.as_str());
        let is_management = organization.management_account.as_deref() == Some(account);
        if is_management || listed.any(|id| id == account) || organization.id.is_empty() {
            return;
        }
        let elsewhere = actors.clone().into_iter().map(|mut actor| {
            let path = "o-anotherorg/r-any/ou-any/".to_owned();
            actor.facts.say(KEYS[0], State::one("o-anotherorg"));
            let paths = ContextValue::Many(vec![path]);
            actor.facts.say(KEYS[1], State::Value(paths));
            actor
        });
        let elsewhere: Vec<Actor> = elsewhere.collect();
        actors.extend(elsewhere);
    }
}

/// True unless the role's trust policy is known to let nobody pass tags.
fn takes_session_tags(record: &PrincipalRecord) -> bool {
    let Given::Here(trust) = &record.trust else {
        return record.trust.is_left_out();
    };
    trust.statements.iter().any(|statement| {
        statement.effect == Effect::Allow
            && statement.action.as_ref().is_none_or(|actions| {
                actions.is_negated()
                    || actions.entries().iter().any(|entry| {
                        let pattern = entry.text.as_str().to_lowercase();
                        Pattern::parse(&pattern).is_match("sts:tagsession")
                    })
            })
    })
}

/// A policy that allows everything.
fn anything(kind: PolicyKind) -> Option<Arc<Policy>> {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let (policy, _) = parse_policy(text, ANYTHING, kind, ParseOptions::default());
    policy.map(Arc::new)
}
