//! From caller, action, resource and way of calling to a request in which nothing is taken for granted.

use preclear_catalog::globals::{self, Presence};
use preclear_catalog::{Action, services};
use preclear_model::ArnRef;
use preclear_model::caller::CallerKind;
use preclear_simulator::request::GrantKeyTrust;
use preclear_simulator::{Ask, Detail, Engine, Explanation, Request, Snapshot, Verdict};

use crate::property::{Claim, Property};
use crate::selection::{self, Resource};
use preclear_simulator::cast::Actor;
use preclear_simulator::cast::Mentioned;
use preclear_simulator::cast::{Facts, State};

/// How the call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// By the caller itself.
    Direct,
    /// By a service, with the caller's identity.
    Forwarded,
}

/// A question of a property.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// Place of the caller in the cast.
    pub(crate) actor: usize,
    pub(crate) way: Way,
    pub(crate) is_pattern: bool,
    /// What is left open, and what is given.
    pub(crate) facts: Facts,
    /// What is left open or said of the question, whatever the property gives.
    opened: Facts,
    /// Everything else; nothing is said of keys.
    bare: Request,
}

/// Keys that are left open since a stand-in has many names: any one caller has the value that its ARN says.
const OF_THE_CALLER: [&str; 4] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:username",
    "kms:CallerAccount",
];

impl Question {
    pub(crate) fn new(
        property: &Property,
        (mentioned, snapshot): (&Mentioned, &Snapshot),
        (index, actor): (usize, &Actor),
        action: Action<'_>,
        resource: &Resource,
        way: Way,
    ) -> Self {
        let mut bare = Request::new(actor.caller.clone(), Ask::Action(selection::name(action)));
        bare.resource = Some(resource.text.clone());
        bare.ambiguity = property.ambiguity;
        bare.now.clone_from(&property.now);
        bare.vpc_endpoint.clone_from(&property.endpoint);
        if property.claim == Claim::Never {
            bare.grant_key_trust = GrantKeyTrust::Lenient;
        }
        if way == Way::Forwarded {
            bare.via.clone_from(&property.via);
        }
        let is_session = matches!(
            actor.caller.kind,
            CallerKind::RoleSession { .. }
                | CallerKind::FederatedUser { .. }
                | CallerKind::RootSession
        );
        bare.session_policies = is_session.then(|| actor.session_policies.clone());
        let mut facts = open_facts(mentioned, snapshot, action, resource);
        if way == Way::Forwarded && property.via.is_empty() {
            facts.say("aws:ViaAWSService", State::one("true"));
            for key in ["kms:ViaService", "kms:GrantIsForAWSResource"] {
                if action.takes_of_services(key) {
                    facts.say(key, State::Present);
                }
            }
        }
        facts.and(&actor.facts);
        let opened = facts.clone();
        facts.and(&property.facts);
        Self {
            opened,
            actor: index,
            way,
            is_pattern: resource.is_pattern,
            facts,
            bare,
        }
    }

    /// The request, with these facts in place of the question's own.
    pub(crate) fn request_with(&self, facts: &Facts) -> Request {
        let mut request = self.bare.clone();
        facts.apply(&mut request);
        request
    }

    pub(crate) fn request(&self) -> Request {
        self.request_with(&self.facts)
    }

    /// The same question about one of the resources that it is about.
    pub(crate) fn about(&self, resource: &str) -> Self {
        let mut one = self.clone();
        one.is_pattern = false;
        one.bare.resource = Some(resource.to_owned());
        one
    }

    /// The same question without something that the property gives.
    pub(crate) fn without(&self, given: &Facts) -> Self {
        let mut one = self.clone();
        for (key, _) in given.iter() {
            one.facts.remove(key);
        }
        one
    }

    pub(crate) fn resource(&self) -> &str {
        self.bare.resource.as_deref().unwrap_or_default()
    }

    pub(crate) fn action(&self) -> &str {
        match &self.bare.ask {
            Ask::Action(action) | Ask::Operation(action) => action,
        }
    }

    pub(crate) fn explain(&self, engine: &Engine, facts: &Facts, detail: Detail) -> Explanation {
        let request = self.request_with(facts);
        if self.is_pattern {
            engine.explain_many(&request, detail)
        } else {
            engine.explain(&request, detail)
        }
    }

    /// How often the engine says that what is said of keys cannot be. That a request implies something of a key which the question
    /// leaves open is no contradiction: it is left open because other requests of the kind have it.
    pub(crate) fn contradictions(&self, engine: &Engine, facts: &Facts) -> usize {
        let answer = self.explain(engine, facts, Detail::Reasons);
        let is_about = |message: &str, key: &str| {
            let start = format!("`{}`", key.to_lowercase());
            message.to_lowercase().starts_with(&start)
        };
        let is_open = |message: &str| {
            let mut opened = self.opened.iter().map(|(key, _)| key);
            opened.any(|key| !OF_THE_CALLER.contains(&key) && is_about(message, key))
        };
        let warnings = answer.warnings.iter();
        let warnings = warnings.filter(|warning| warning.code == "CONTEXT_CONTRADICTS_REQUEST");
        warnings
            .filter(|warning| !is_open(&warning.message))
            .count()
    }

    pub(crate) fn verdict(&self, engine: &Engine, facts: &Facts) -> Verdict {
        if self.is_pattern {
            self.explain(engine, facts, Detail::Reasons).verdict
        } else {
            engine.decide(&self.request_with(facts))
        }
    }
}

/// What a request of this kind leaves open although it counts as absent, or as something, where nobody says it.
fn open_facts(
    mentioned: &Mentioned,
    snapshot: &Snapshot,
    action: Action<'_>,
    resource: &Resource,
) -> Facts {
    let mut facts = Facts::default();
    let mut lists_tags = false;
    for key in mentioned.keys() {
        let presence = globals::key(key).map(|global| global.presence);
        if presence == Some(Presence::AbsentUnlessGiven) && takes(action, key) {
            facts.say(key, State::Unknown);
            lists_tags |= key.starts_with("aws:requesttag/");
        }
        let is_alias = key == "kms:requestalias" && action.takes_of_services(key);
        let is_tag =
            key.starts_with("s3:existingobjecttag/") || key.starts_with("aws:resourcetag/");
        let is_own_tag = key.contains(":resourcetag/") && action.takes_of_services(key);
        if is_alias || ((is_tag || is_own_tag) && resource.is_pattern) {
            facts.say(key, State::Unknown);
        }
    }
    if lists_tags {
        facts.say("aws:TagKeys", State::Unknown);
    }
    let in_arn = ArnRef::parse(&resource.text).is_some_and(|arn| !arn.region().is_empty());
    let has_region = in_arn || is_region_listed(snapshot, &resource.text);
    let is_global = services::answers_in_one_region(action.service().prefix());
    let is_tested = mentioned.keys().any(|key| key == "aws:requestedregion");
    if is_tested && !has_region && !is_global {
        facts.say("aws:RequestedRegion", State::Present);
    }
    facts
}

/// Whether the snapshot tells the Region of a resource, or of the bucket around it.
fn is_region_listed(snapshot: &Snapshot, resource: &str) -> bool {
    snapshot.resources.iter().any(|record| {
        let rest = resource.strip_prefix(record.arn.as_str());
        record.region.is_some() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Whether calls for the action pass what the key is about.
fn takes(action: Action<'_>, key: &str) -> bool {
    if key == "aws:tagkeys" || key.starts_with("aws:requesttag/") {
        return action.takes_of_services("aws:TagKeys") || action.takes_of_services(key);
    }
    action.takes_of_services(key)
}
