//! The condition keys of a request: what is said of them, what follows, and what is left open. Rule: IAM-CTX-1.

pub(crate) mod clock;
pub(crate) mod family;
pub(crate) mod forwarding;
pub(crate) mod identity;
pub(crate) mod key;
pub(crate) mod network;
pub(crate) mod organization;
pub(crate) mod pairs;
pub(crate) mod parameter;
pub(crate) mod resource;
pub(crate) mod said;

use preclear_catalog::{catalog, globals, kms as tables};
use preclear_simulator::{AmbiguityMode, ContextMode};

use self::family::Family;
use self::said::{is_same, said};
use super::question::Question;
use super::value::{Context, Tri, Value};

/// The context of a question, as statements of one place see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'q, 'a> {
    question: &'q Question<'a>,
    is_in_key_policy: bool,
}

impl<'q, 'a> Facts<'q, 'a> {
    /// As statements of most policies see it. Rule: IAM-EVAL-4.
    pub(crate) fn of(question: &'q Question<'a>) -> Facts<'q, 'a> {
        Facts {
            question,
            is_in_key_policy: false,
        }
    }

    /// As a key policy sees it: `kms:ResourceAliases` is absent there. Rule: KMS-COND-1.
    pub(crate) fn in_key_policy(question: &'q Question<'a>) -> Facts<'q, 'a> {
        Facts {
            question,
            is_in_key_policy: true,
        }
    }

    /// The value of a key: lost on the way, else as the request says, else as follows from it, else as the mode has it.
    /// Rule: IAM-CTX-1, IAM-TRI-11.
    fn uncased(&self, key: &str) -> Value {
        let question = self.question;
        if question.is_forwarded && forwarding::LOST.contains(&key) {
            return Value::Absent;
        }
        if self.has_twin(key) {
            return Value::Present;
        }
        if let Some(value) = said(question.request, key) {
            return value;
        }
        if let Some(value) = self.of_family(key) {
            return value;
        }
        self.derived(key).unwrap_or_else(|| self.unsaid(key))
    }

    /// A key that is neither supplied nor derived. Rule: IAM-TRI-11.
    fn unsaid(&self, key: &str) -> Value {
        match self.question.request.mode {
            ContextMode::Closed => Value::Absent,
            ContextMode::Open => self.default(key),
        }
    }

    /// Lists of names and their members, where the request speaks of the other one. Rule: IAM-CTX-2.
    fn of_family(&self, key: &str) -> Option<Value> {
        let family = Family::of(key)?;
        let request = self.question.request;
        match family.is_list(key) {
            true => {
                let otherwise = self.derived(key).unwrap_or_else(|| self.unsaid(key));
                family.list_by_members(request, &otherwise)
            }
            false => family.member_by_list(request, key, self.derived(key)),
        }
    }

    /// True for a tag beside one whose name differs in case alone, so that nobody knows which value counts.
    /// Rule: IAM-COND-3, AMB-13.
    pub(crate) fn has_twin(&self, key: &str) -> bool {
        let question = self.question;
        let request = question.request;
        let named = |own: &&String| is_same(own, key);
        let lists = [&request.unknown, &request.absent, &request.present];
        let mut last_words = lists.into_iter().flatten().chain(request.like.keys());
        if last_words.any(|own| named(&own)) {
            return false;
        }
        match request.context.keys().filter(named).count() {
            // What is supplied wins over what is derived, its names included. Rule: IAM-CTX-1.
            1 => self.has_twin_in_list(key, true),
            0 => self.has_twin_in_list(key, false) || identity::has_twin(question, key),
            _ => true,
        }
    }

    /// The same for names that a list of names holds, one that is supplied or any. Rule: AMB-13.
    fn has_twin_in_list(&self, key: &str, is_supplied_alone: bool) -> bool {
        let Some((family, name)) = Family::of(key).and_then(|family| {
            let name = family.member(key)?;
            Some((family, name))
        }) else {
            return false;
        };
        let list = family.list();
        if is_supplied_alone && said(self.question.request, list).is_none() {
            return false;
        }
        match self.uncased(list) {
            Value::Known(names) => names.iter().filter(|own| is_same(own, name)).count() > 1,
            _ => false,
        }
    }

    /// What follows from requester, resource, clock and parameters, in both modes. Rule: IAM-CTX-1.
    fn derived(&self, key: &str) -> Option<Value> {
        let question = self.question;
        match key {
            "aws:viaawsservice" => return Some(forwarding::via_aws_service(question)),
            "aws:calledvia" => return Some(forwarding::called_via(question)),
            "aws:calledviafirst" => return Some(forwarding::end_of_called_via(question, true)),
            // The role that is made belongs to this service. Rule: KMS-ACT-5.
            "iam:awsservicename" if question.half == Some(tables::Target::MultiRegionRole) => {
                return Some(Value::one(tables::MULTI_REGION_SERVICE));
            }
            "aws:calledvialast" => return Some(forwarding::end_of_called_via(question, false)),
            _ => {}
        }
        clock::derived(question.request.now.as_deref(), key)
            .or_else(|| identity::derived(question, key))
            .or_else(|| network::derived(question, key))
            .or_else(|| self.passed(key))
            .or_else(|| key::derived(question, key))
            .or_else(|| parameter::of_session(question, key))
            .or_else(|| resource::derived(question, key))
    }

    /// Tags that the call passes, as its parameters tell. Rule: UI-38.
    fn passed(&self, key: &str) -> Option<Value> {
        let is_tag = key == "aws:tagkeys" || key.starts_with("aws:requesttag/");
        is_tag
            .then(|| parameter::passed_tag(self.question, key))
            .flatten()
    }

    /// What a key is in open mode if nothing follows for it: the column of the table of global keys; a key of a service is
    /// absent unless the action carries it. Rule: IAM-CTX-2, IAM-CTX-7.
    fn default(&self, key: &str) -> Value {
        if key == "aws:requestedregion" {
            return Value::Present;
        }
        if let Some(global) = globals::key(key) {
            return identity::default_of(self.question, global.presence);
        }
        let is_global_name = key.starts_with("aws:");
        match self.question.catalogued() {
            Some(action) if !action.takes(key) && !is_global_name => Value::Absent,
            _ => Value::Unknown,
        }
    }
}

impl Context for Facts<'_, '_> {
    fn value(&self, key: &str) -> Value {
        let key = tables::canonical_key(key).to_lowercase();
        if self.is_in_key_policy && key == "kms:resourcealiases" {
            return Value::Absent;
        }
        if let Some(value) = self.question.cases.get(&key) {
            return value.clone();
        }
        self.uncased(&key)
    }

    /// A key that is not in the catalogue is single-valued; given several values, or none, it cannot be. Rule: IAM-COND-5.
    fn is_multivalued(&self, key: &str) -> Tri {
        match catalog().condition_key(key) {
            Some(known) if known.is_multivalued() => Tri::True,
            Some(known) if known.may_have_several() => Tri::Unknown,
            Some(_) => Tri::False,
            // The user knows the key and the catalogue does not.
            None => {
                let mut context = self.question.request.context.iter();
                let given = context.find(|(name, _)| is_same(name, key));
                let is_list = |value: &preclear_simulator::ContextValue| matches!(value, preclear_simulator::ContextValue::Many(texts) if texts.len() != 1);
                given.is_some_and(|(_, value)| is_list(value)).into()
            }
        }
    }

    fn ambiguity(&self) -> AmbiguityMode {
        self.question.request.ambiguity
    }

    /// A key of a service principal that nobody stated. Rule: AMB-18.
    fn is_disputed(&self, key: &str) -> bool {
        let key = key.to_lowercase();
        identity::is_disputed(self.question, &key) && said(self.question.request, &key).is_none()
    }

    fn has_twin(&self, key: &str) -> bool {
        Facts::has_twin(self, &tables::canonical_key(key).to_lowercase())
    }

    fn is_empty_there(&self, key: &str) -> Option<bool> {
        let key = tables::canonical_key(key).to_lowercase();
        if !self.question.cases.contains_key(&key) {
            return None;
        }
        // What is present is there, whatever it holds. Rule: IAM-TRI-3.
        match self.uncased(&key) {
            Value::Present => Some(true),
            _ => self.question.is_empty_there,
        }
    }
}
