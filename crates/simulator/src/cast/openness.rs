//! What is left open of an actor, so that it stands for all that are like it.

use crate::request::ContextValue;
use crate::snapshot::{Given, PrincipalRecord};
use preclear_catalog::globals::{self, Presence};
use preclear_model::{ArnRef, Effect};
use preclear_wildcard::Pattern;

use super::Actor;
use super::casting::Casting;
use super::facts::State;

impl Casting<'_> {
    /// Its name is any but those that are asked for by themselves.
    pub(super) fn open_name(&self, actor: &mut Actor, kind: &str, service: &str) {
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
        let stands_for = format!("arn:{}:{service}::{account}:{kind}/*", self.partition);
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

    /// Tags may be any.
    pub(super) fn open_tags(&self, actor: &mut Actor) {
        for key in self.mentioned.keys() {
            if key.starts_with("aws:principaltag/") {
                actor.facts.say(key, State::Unknown);
            }
        }
    }

    /// Keys that count as absent unless somebody gives them, and that some such caller may have.
    pub(super) fn open_rest(&self, actor: &mut Actor) {
        for key in self.mentioned.keys() {
            let presence = globals::key(key).map(|global| global.presence);
            if presence == Some(Presence::Absent) {
                actor.facts.say(key, State::Unknown);
            }
        }
    }

    /// An account that is not loaded may be in an organisation, but not in the one that is listed.
    pub(super) fn open_organization(&self, actors: &mut Vec<Actor>, account: &str) {
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
pub(super) fn takes_session_tags(record: &PrincipalRecord) -> bool {
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
