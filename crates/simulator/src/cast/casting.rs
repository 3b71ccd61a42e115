//! Makes up the cast: one method for each kind of caller.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::snapshot::{Given, PrincipalRecord, Snapshot};
use preclear_model::caller::{Caller, CallerKind};
use preclear_model::policy::{ParseOptions, PolicyKind, PrincipalKind, parse_policy};
use preclear_model::{Arn, ArnRef, Policy};
use preclear_wildcard::Pattern;

use super::mentioned::Mentioned;
use super::openness::takes_session_tags;
use super::samples::sample;
use super::{ANYTHING, Actor, Cast, Stand, State};

/// A cast in the making.
#[derive(Debug)]
pub(super) struct Casting<'s> {
    pub(super) snapshot: &'s Snapshot,
    pub(super) mentioned: &'s Mentioned,
    pub(super) cast: Cast,
    /// Accounts whose users and roles the snapshot lists.
    pub(super) own: BTreeSet<String>,
    /// All other accounts that are spelled out, and one that is not.
    pub(super) foreign: BTreeSet<String>,
    /// The one that is not.
    pub(super) unnamed: String,
    pub(super) partition: String,
    anything: [Option<Arc<Policy>>; 2],
}

/// Identities of an account: how their ARNs begin, of which service, the name of one, and what they are called.
const KINDS: [(&str, &str, &str, &str); 4] = [
    ("role", "iam", "any-other", "role"),
    ("user", "iam", "any-other", "user"),
    ("federated-user", "sts", "any-other", "federated user"),
    // Guardrails do not reach them, and so they fare otherwise than other roles (IAM-EVAL-9).
    (
        "role/aws-service-role",
        "iam",
        "any-other.amazonaws.com/AWSServiceRoleForAnyOther",
        "service-linked role",
    ),
];

/// Accounts for the one that nobody names.
const UNNAMED: [&str; 4] = [
    "999988887777",
    "888877776666",
    "777766665555",
    "666655554444",
];

impl<'s> Casting<'s> {
    /// Nobody yet.
    pub(super) fn new(
        snapshot: &'s Snapshot,
        mentioned: &'s Mentioned,
        accounts: &[String],
    ) -> Self {
        let listed = snapshot
            .principals
            .iter()
            .map(|one| one.arn.account().to_owned());
        let own: BTreeSet<String> = listed.chain(snapshot.account.clone()).collect();
        let organization = snapshot.organization.iter();
        let of_organization = organization.flat_map(|one| {
            let listed = one.accounts.iter().map(|node| node.id.clone());
            listed.chain(one.management_account.clone())
        });
        let owners = snapshot.keys.iter().map(|key| key.arn.account().to_owned());
        let named: BTreeSet<String> = mentioned
            .accounts()
            .into_iter()
            .chain(of_organization)
            .chain(owners)
            .chain(accounts.iter().cloned())
            .collect();
        let is_free = |account: &&&str| !named.contains(**account) && !own.contains(**account);
        let unnamed = UNNAMED
            .iter()
            .find(is_free)
            .map_or("555544443333", |one| one);
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
                unnamed: unnamed.to_owned(),
            },
            own,
            foreign,
            unnamed: unnamed.to_owned(),
            partition,
            anything: [PolicyKind::Identity, PolicyKind::Session].map(anything),
        }
    }

    /// Users and roles of the snapshot.
    pub(super) fn listed(&mut self) {
        for record in &self.snapshot.principals {
            let Ok(caller) = Caller::parse(record.arn.as_str()) else {
                continue;
            };
            let mut actor = Actor::new(caller, Stand::Listed, record.arn.as_str(), 0);
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

    pub(super) fn root_users(&mut self) {
        let accounts: Vec<String> = self.own.union(&self.foreign).cloned().collect();
        for account in accounts {
            // Somebody else's root user is an odd example where any role of the account is one as well.
            let rank = if self.own.contains(&account) { 1 } else { 5 };
            let arn = format!("arn:{}:iam::{account}:root", self.partition);
            let made = self.stand_in(
                &arn,
                Stand::Root,
                format!("root user of account {account}"),
                rank,
            );
            self.cast.actors.extend(made);
            let arn = format!("arn:{}:sts::{account}:assumed-root", self.partition);
            let label = format!("root session of account {account}");
            let made = self.stand_in(&arn, Stand::RootSession, label, 7);
            self.cast.actors.extend(made);
        }
    }

    /// Sessions that policies name of roles that are listed, and federated users of users that are.
    pub(super) fn sessions(&mut self) {
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
                self.federated(record, &format!("any-{name}"), true);
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
                    self.federated(record, &name, false);
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
        let mut actor = Actor::new(caller, Stand::Session, format!("the session {text}"), 2);
        actor.names.push(record.arn.as_str().to_owned());
        actor.boundary = record.boundary.value().cloned();
        actor.tags.clone_from(&record.tags);
        if takes_session_tags(record) {
            self.open_tags(&mut actor);
        }
        self.open_rest(&mut actor);
        self.cast.actors.push(actor);
    }

    /// A federated user of a listed one, with a session policy that takes nothing away. One that stands for others may have any name.
    fn federated(&mut self, record: &PrincipalRecord, name: &str, is_any: bool) {
        let account = record.arn.account();
        let text = format!(
            "arn:{}:sts::{account}:federated-user/{name}",
            record.arn.partition()
        );
        let Some(arn) = Arn::parse(&text) else {
            return;
        };
        let kind = CallerKind::FederatedUser {
            arn,
            user: Some(record.arn.clone()),
        };
        let caller = Caller::new(kind, Some(record.arn.partition()), Some(account));
        let label = format!("a federated user of {}", record.arn);
        let mut actor = Actor::new(caller, Stand::Federated, label, 6);
        actor.names.push(record.arn.as_str().to_owned());
        actor.boundary = record.boundary.value().cloned();
        actor.tags.clone_from(&record.tags);
        let [_, session] = &self.anything;
        actor.session_policies.extend(session.clone());
        if is_any {
            self.open_name(&mut actor, "federated-user", "sts");
        }
        self.open_tags(&mut actor);
        self.open_rest(&mut actor);
        self.cast.actors.push(actor);
    }

    /// Identities that policies, grants and conditions name and the snapshot does not list.
    pub(super) fn named(&mut self, patterns: &[String]) {
        // Each with whom it stands for, the label of one that stands for others, and its rank.
        let mut found: BTreeMap<String, (Stand, Option<String>, u8)> = BTreeMap::new();
        let tested = self.mentioned.texts("aws:principalarn");
        for text in tested.chain(patterns.iter().map(String::as_str)) {
            let stand = match text.contains(['*', '?']) {
                true => Stand::Sample,
                false => Stand::Named,
            };
            for (arn, label, rank) in self.samples(text) {
                found.entry(arn).or_insert((stand, label, rank));
            }
        }
        for kind in &self.mentioned.principals {
            match kind {
                PrincipalKind::User(arn)
                | PrincipalKind::Role(arn)
                | PrincipalKind::RoleSession(arn)
                | PrincipalKind::FederatedUser(arn) => {
                    found.insert(arn.as_str().to_owned(), (Stand::Named, None, 3));
                }
                _ => {}
            }
        }
        let grantees = self.mentioned.grantees.iter();
        found.extend(grantees.map(|text| (text.clone(), (Stand::Named, None, 3))));
        for (text, (stand, label, rank)) in found {
            if self.can_be(&text) {
                let label = label.unwrap_or_else(|| format!("{text}, which is not listed"));
                let made = self.stand_in(&text, stand, label, rank);
                self.cast.actors.extend(made);
            }
        }
    }

    /// True for the ARN of an identity that may exist besides those that are listed: names are unique in an account, whatever
    /// their paths (IAM-PRIN-5). Root users are asked by themselves, and so are sessions of listed roles.
    fn can_be(&self, text: &str) -> bool {
        let Some(arn) = ArnRef::parse(text) else {
            return false;
        };
        let (kind, name) = match arn.resource().split_once('/') {
            Some(("assumed-role", rest)) => ("role", rest.split('/').next().unwrap_or(rest)),
            Some((kind, _)) => (kind, arn.resource_name()),
            None => return false,
        };
        !self.snapshot.principals.iter().any(|record| {
            record.arn.account() == arn.account()
                && record.arn.resource_type() == Some(kind)
                && record.arn.resource_name().eq_ignore_ascii_case(name)
        })
    }

    /// Identities that a pattern matches, one for each account that it leaves open, with label and rank. Where it takes all
    /// accounts, the one that nobody names says so, and comes first.
    fn samples(&self, text: &str) -> Vec<(String, Option<String>, u8)> {
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let [_, _, _, _, account, resource] = fields.as_slice() else {
            return Vec::new();
        };
        let resource = sample(resource);
        let service = if resource.starts_with("federated-user/") || resource.starts_with("assumed")
        {
            "sts"
        } else {
            "iam"
        };
        let takes_all = account.chars().all(|letter| letter == '*');
        let pattern = Pattern::parse(account);
        let accounts = self.own.union(&self.foreign);
        let accounts = accounts.filter(|one| pattern.is_match(one));
        let sampled = accounts.map(|account| {
            let stands_for_all = takes_all && *account == self.unnamed;
            let label = stands_for_all.then(|| format!("{resource} of {}", self.whose(account)));
            let rank = if takes_all && !stands_for_all { 4 } else { 3 };
            let arn = format!("arn:{}:{service}::{account}:{resource}", self.partition);
            (arn, label, rank)
        });
        sampled.collect()
    }

    /// True for an account of which everybody is listed.
    fn is_all_listed(&self, account: &str) -> bool {
        self.snapshot.complete && self.own.contains(account)
    }

    /// An account, in words.
    fn whose(&self, account: &str) -> String {
        if account == self.unnamed {
            format!("any account that no policy names, such as {account}")
        } else {
            format!("account {account}")
        }
    }

    /// Any other user and role of each account.
    pub(super) fn others(&mut self) {
        let accounts: Vec<String> = self.own.union(&self.foreign).cloned().collect();
        for account in accounts {
            let whose = self.whose(&account);
            for (kind, service, name, words) in KINDS {
                let arn = format!("arn:{}:{service}::{account}:{kind}/{name}", self.partition);
                let label = format!("any other {words} of {whose}");
                for mut actor in self.stand_in(&arn, Stand::Others, label, 4) {
                    self.open_name(&mut actor, kind, service);
                    self.cast.actors.push(actor);
                }
            }
        }
    }

    /// Whoever has an id that policies name, in each account: an id does not say of which it is. Rule: IAM-PRIN-7, IAM-PRIN-10.
    pub(super) fn with_ids(&mut self) {
        let accounts: Vec<String> = self.own.union(&self.foreign).cloned().collect();
        for named in &self.mentioned.principals {
            let (id, is_canonical, kinds): (_, _, &[&str]) = match named {
                PrincipalKind::UniqueId(id) if id.starts_with("AROA") => (id, false, &["role/"]),
                PrincipalKind::UniqueId(id) => (id, false, &["user/"]),
                PrincipalKind::CanonicalUser(id) => (id, true, &["role/", "user/", "root"]),
                _ => continue,
            };
            let records = self.snapshot.principals.iter();
            let mut ids = records.filter_map(|record| record.id.as_ref());
            if !is_canonical && ids.any(|own| own == id) {
                continue;
            }
            for account in &accounts {
                for kind in kinds {
                    let name = if *kind == "root" { "" } else { "any-with-id" };
                    let arn = format!("arn:{}:iam::{account}:{kind}{name}", self.partition);
                    let label = format!("whoever of {} has the id {id}", self.whose(account));
                    for mut actor in self.stand_in(&arn, Stand::WithId, label, 5) {
                        if let Some(kind) = kind.strip_suffix('/') {
                            self.open_name(&mut actor, kind, "iam");
                        }
                        match is_canonical {
                            true => actor.caller.canonical_id = Some(id.clone()),
                            false => actor.caller.id = Some(id.clone()),
                        }
                        self.cast.actors.push(actor);
                    }
                }
            }
        }
    }

    /// Any user and role of the own accounts with a boundary.
    pub(super) fn bounded(&mut self, boundaries: &[(String, Arc<Policy>)]) {
        for (name, boundary) in boundaries {
            for account in self.own.clone() {
                for kind in ["role", "user"] {
                    let arn = format!(
                        "arn:{}:iam::{account}:{kind}/any-with-boundary",
                        self.partition
                    );
                    let label = format!("any {kind} of account {account} with the boundary {name}");
                    let made = self.stand_in(&arn, Stand::Bounded, label, 3);
                    let records = self.cast.snapshot.principals.iter_mut();
                    for record in records.filter(|record| record.arn.as_str() == arn) {
                        record.boundary = Given::Here(Arc::clone(boundary));
                    }
                    for mut actor in made {
                        self.open_name(&mut actor, kind, "iam");
                        actor.boundary = Some(Arc::clone(boundary));
                        self.cast.actors.push(actor);
                    }
                }
            }
        }
    }

    /// Somebody of whom no more is known than the ARN; of a foreign account, once for each organisation it may be in.
    fn stand_in(&mut self, arn: &str, stand: Stand, label: String, rank: u8) -> Vec<Actor> {
        let Ok(caller) = Caller::parse(arn) else {
            return Vec::new();
        };
        let account = caller.account.clone().unwrap_or_default();
        let mut actor = Actor::new(caller, stand, label, rank);
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
        // The ARN of a session does not show the path of its role.
        let mut is_path_known = true;
        let arn = match &mut actor.caller.kind {
            CallerKind::User { arn } => Some(arn.clone()),
            CallerKind::RoleSession { role, role_arn, .. } => {
                let text = format!("arn:{partition}:iam::{account}:role/{role}");
                is_path_known = role_arn.is_some();
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
        let is_listed = |record: &PrincipalRecord| {
            let is_of_name = || {
                record.arn.account() == arn.account()
                    && record.arn.resource_type() == arn.resource_type()
                    && record.arn.resource_name() == arn.resource_name()
            };
            record.arn == arn || (!is_path_known && is_of_name())
        };
        if self.cast.snapshot.principals.iter().any(is_listed) {
            return;
        }
        // Where everybody is listed, one that is not has nothing (IAM-TRI-7). What the snapshot says of a boundary stays.
        let policies =
            match self.is_all_listed(&account) && !arn.as_str().contains("/any-with-boundary") {
                true => Given::Nothing,
                false => Given::Here(identity.iter().cloned().collect()),
            };
        self.cast.snapshot.principals.push(PrincipalRecord {
            policies,
            groups: Given::Nothing,
            boundary: Given::Nothing,
            is_path_known,
            ..PrincipalRecord::new(arn)
        });
    }

    /// Services that are named, one that is not, and service identities of grants.
    pub(super) fn services(&mut self) {
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
                let actor = Actor::new(caller, Stand::Service, label, 6);
                self.cast.actors.push(actor);
            }
        }
        if let Ok(caller) = Caller::parse("any-other.amazonaws.com") {
            let mut actor = Actor::new(caller, Stand::OtherService, "any other service", 6);
            for key in ["aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"] {
                let mut texts = self.mentioned.texts(&key.to_lowercase());
                if texts.any(|text| text.contains(['*', '?'])) {
                    actor.facts.say(key, State::Present);
                }
            }
            self.cast.actors.push(actor);
        }
    }

    /// Callers that sign nothing, and identities of providers.
    pub(super) fn nobody(&mut self) {
        let anonymous = Caller::new(CallerKind::Anonymous, None, None);
        let actor = Actor::new(anonymous, Stand::Anonymous, "anyone, without signing", 7);
        self.cast.actors.push(actor);
        for kind in &self.mentioned.principals {
            if let PrincipalKind::Federated(provider) = kind {
                let kind = CallerKind::Federated {
                    provider: provider.clone(),
                };
                let label = format!("an identity of {provider}");
                let mut actor =
                    Actor::new(Caller::new(kind, None, None), Stand::Provider, label, 7);
                actor.names = vec![provider.clone()];
                self.cast.actors.push(actor);
            }
        }
        let kind = CallerKind::Federated {
            provider: "any-other.example.com".to_owned(),
        };
        let other = Caller::new(kind, None, None);
        let label = "an identity of any other provider";
        let actor = Actor::new(other, Stand::OtherProvider, label, 7);
        self.cast.actors.push(actor);
    }
}

/// A policy that allows everything.
fn anything(kind: PolicyKind) -> Option<Arc<Policy>> {
    let text =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let (policy, _) = parse_policy(text, ANYTHING, kind, ParseOptions::default());
    policy.map(Arc::new)
}
