//! The context of one decision: what is said, what follows from it, and what is left open.

mod contradicted;
mod families;
mod global;
mod kms;
mod s3;
mod said;
pub(crate) mod said_warnings;
mod sts;
mod unsaid;

use std::collections::HashMap;

use preclear_condition::{Dependency, Guess, KeyName, KeyState, Lookup, Tri};
use preclear_wildcard::Pattern;

pub(crate) use self::kms::{PROPERTIES, Pairs, object_pairs, pairs, stated_pairs};
pub(crate) use self::said::Said;
use self::unsaid::Unsaid;
use crate::arena::Arena;
use crate::codes;
use crate::engine::Engine;
use crate::explanation::Warning;
use crate::matching::action::ActionName;
use crate::request::{ContextMode, ContextValue, Request};
use crate::requester::Requester;
use crate::target::Target;

/// State of a key that was said or derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    Value(ContextValue),
    Absent,
    /// Absent only because nobody said otherwise in closed mode. Rule: KMS-DEC-2.
    AssumedAbsent,
    Present,
    /// One of the values that the pattern matches.
    Like {
        text: String,
        pattern: Pattern,
    },
    Unknown,
    /// Two tags that differ only by case (AMB-13).
    Conflict,
    /// Nothing is published of it: the entry of the register, and its guess. Rule: IAM-TRI-8.
    Disputed(u8, Guess),
}

impl Entry {
    pub(crate) fn one(value: impl Into<String>) -> Self {
        Self::Value(ContextValue::One(value.into()))
    }

    pub(crate) fn many(values: impl IntoIterator<Item = String>) -> Self {
        Self::Value(ContextValue::Many(values.into_iter().collect()))
    }

    /// A key that every such request has, with one of two values.
    pub(crate) fn flag(value: impl Into<Tri>) -> Self {
        match value.into() {
            Tri::True => Self::one("true"),
            Tri::False => Self::one("false"),
            Tri::Unknown => Self::Present,
        }
    }

    /// The value if it is known, absent if there certainly is none.
    pub(crate) fn optional(value: Option<impl Into<String>>) -> Self {
        value.map_or(Self::Absent, Self::one)
    }

    fn state(&self) -> KeyState<'_> {
        match self {
            Self::Value(ContextValue::One(value)) => KeyState::One(value),
            Self::Value(ContextValue::Many(values)) => KeyState::Many(values),
            Self::Absent | Self::AssumedAbsent => KeyState::Absent,
            Self::Present => KeyState::Present,
            Self::Like { pattern, .. } => KeyState::Like(pattern),
            Self::Unknown => KeyState::Unknown,
            Self::Conflict => KeyState::Conflict,
            Self::Disputed(number, guess) => KeyState::Disputed {
                number: *number,
                guess: *guess,
            },
        }
    }
}

/// The context of one decision. Rule: IAM-CTX-1.
#[derive(Debug)]
pub(crate) struct Context {
    entries: HashMap<KeyName, Entry>,
    /// Families of which every member is known: a tag that is not listed has this state.
    families: Vec<(&'static str, Entry)>,
    unsaid: Unsaid,
    pub(crate) endpoint: Endpoint,
    pub(crate) warnings: Vec<Warning>,
}

/// The VPC endpoint that is stated: of the call, or of the first call where a service calls on. Rule: IAM-EVAL-11.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    NotStated,
    /// By its id.
    Stated(String),
    /// There is one, nobody says which.
    Unnamed,
}

/// What a context is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) request: &'a Request,
    pub(crate) requester: &'a Requester<'a>,
    pub(crate) arena: &'a Arena,
    pub(crate) action: &'a ActionName<'a>,
    pub(crate) target: &'a Target<'a>,
}

impl<'a> Sources<'a> {
    /// Whether a service calls with the caller's identity: a forward access session. Rule: UI-39, IAM-PRIN-13.
    pub(crate) fn is_forwarded(&self) -> Tri {
        let passed_on = self.passed_on();
        match self.says(VIA_SERVICE) {
            Said::Nothing => passed_on.or(self.is_called_via()),
            said => passed_on.or(said.is_true()),
        }
    }

    /// What `aws:ViaAWSService` follows from. Rule: IAM-PRIN-13.
    fn implies_forwarding(&self) -> Tri {
        self.passed_on().or(self.is_called_via())
    }

    fn passed_on(&self) -> Tri {
        Tri::from(!self.request.via.is_empty()).or(self.says(KMS_VIA_SERVICE).exists())
    }

    fn is_called_via(&self) -> Tri {
        CALLED_VIA
            .iter()
            .fold(Tri::False, |sum, key| sum.or(self.says(key).exists()))
    }

    /// What would settle whether the call is forwarded, where that is unknown.
    pub(crate) fn forwarding_dependency(&self) -> Dependency {
        let mut keys = [VIA_SERVICE, KMS_VIA_SERVICE].into_iter().chain(CALLED_VIA);
        let open = keys.find(|key| matches!(self.says(key), Said::Unknown | Said::Present));
        Dependency::Key(open.unwrap_or(VIA_SERVICE).to_lowercase())
    }

    /// What the request itself says of a key.
    fn says(&self, key: &str) -> Said<'a> {
        Said::of(self.request, key)
    }

    /// Members of the API request, if it is given. Grant tokens alone say nothing of the rest. Rule: KMS-DEC-2.
    pub(crate) fn parameters(&self) -> Option<&'a serde_json::Map<String, serde_json::Value>> {
        let parameters = self.request.parameters.as_ref()?;
        let says_more =
            parameters.is_empty() || parameters.keys().any(|name| name != "GrantTokens");
        says_more.then_some(parameters)
    }

    /// Region of the call, else of the resource, else the snapshot's. Rule: `interface` of `region`.
    pub(crate) fn region(&self) -> Option<&str> {
        self.request
            .region
            .as_deref()
            .or(self.target.region)
            .or(self.engine.snapshot().region.as_deref())
    }
}

impl Context {
    /// Builds the context: derived keys first, then what the request says, which wins. Rule: IAM-CTX-1.
    pub(crate) fn build(sources: Sources<'_>) -> Self {
        let mut context = Self {
            entries: HashMap::new(),
            families: Vec::new(),
            unsaid: Unsaid::new(sources),
            endpoint: Endpoint::NotStated,
            warnings: Vec::new(),
        };
        global::derive(&mut context, sources);
        if sources.action.service() == "kms" {
            kms::derive(&mut context, sources);
        }
        if sources.action.service() == "s3" {
            s3::derive(&mut context, sources);
        }
        if sources.action.service() == "sts" {
            sts::derive(&mut context, sources);
        }
        context.take_said(sources);
        context.endpoint = context.stated_endpoint(sources.request);
        global::remove_network_of_forwarded(&mut context, sources);
        context
    }

    /// Sets a derived key.
    pub(crate) fn set(&mut self, key: &str, entry: Entry) {
        self.entries.insert(KeyName::new(key), entry);
    }

    /// Sets a key of a tag family; a second spelling of the same key is unpredictable (AMB-13).
    pub(crate) fn set_tag(&mut self, family: &str, tag: &str, value: &str) {
        let key = KeyName::new(&format!("{family}{tag}"));
        let entry = match self.entries.get(&key) {
            Some(_) => Entry::Conflict,
            None => Entry::one(value),
        };
        self.entries.insert(key, entry);
    }

    /// Says what the members of a family are that nobody lists. The prefix is in lower case.
    pub(crate) fn close_family(&mut self, prefix: &'static str, entry: Entry) {
        self.families.push((prefix, entry));
    }

    /// What counts as said of a key: an entry, or a family that covers it.
    pub(crate) fn entry(&self, key: &KeyName) -> Option<&Entry> {
        self.entries.get(key).or_else(|| {
            self.families
                .iter()
                .find(|(prefix, _)| key.as_str().starts_with(prefix))
                .map(|(_, entry)| entry)
        })
    }

    /// The single value of a key, if it is known.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        match self.entry(&KeyName::new(key)) {
            Some(Entry::Value(ContextValue::One(value))) => Some(value),
            _ => None,
        }
    }

    fn stated_endpoint(&self, request: &Request) -> Endpoint {
        const KEY: &str = "aws:SourceVpce";
        let stated = request.vpc_endpoint.as_deref().or_else(|| self.value(KEY));
        match (stated, self.state(&KeyName::new(KEY))) {
            (Some(id), _) => Endpoint::Stated(id.to_owned()),
            (None, KeyState::Present | KeyState::Like(_)) => Endpoint::Unnamed,
            (None, _) => Endpoint::NotStated,
        }
    }

    /// True if the key counts as absent only because nobody said otherwise.
    pub(crate) fn is_assumed_absent(&self, key: &KeyName) -> bool {
        match self.entry(key) {
            Some(entry) => *entry == Entry::AssumedAbsent,
            None => self.unsaid.mode == ContextMode::Closed,
        }
    }

    fn take_said(&mut self, sources: Sources<'_>) {
        let request = sources.request;
        for (name, value) in &request.context {
            let key = KeyName::new(name);
            if let Some(implied) = contradicted::implied(self, sources, name, value) {
                let message = format!(
                    "`{name}` is given as {}, but the request implies {implied}",
                    display(value)
                );
                let warning = Warning::new(&codes::CONTEXT_CONTRADICTS_REQUEST, message);
                self.warnings.push(warning.at(request.place.clone()));
            }
            self.entries.insert(key, Entry::Value(single(name, value)));
        }
        families::derive_sets(self, request);
        for name in twice_said_tags(request) {
            self.entries.insert(name, Entry::Conflict);
        }
        for name in &request.unknown {
            self.entries.insert(KeyName::new(name), Entry::Unknown);
        }
        for name in &request.absent {
            if let Some(implied) = contradicted::existence(self, sources, name) {
                let message =
                    format!("`{name}` is given as absent, but the request implies {implied}");
                let warning = Warning::new(&codes::CONTEXT_CONTRADICTS_REQUEST, message);
                self.warnings.push(warning.at(request.place.clone()));
            }
            self.entries.insert(KeyName::new(name), Entry::Absent);
        }
        for name in &request.present {
            self.entries.insert(KeyName::new(name), Entry::Present);
        }
        for (name, pattern) in &request.like {
            self.entries.insert(
                KeyName::new(name),
                Entry::Like {
                    text: pattern.clone(),
                    pattern: Pattern::parse(pattern),
                },
            );
        }
    }

    fn state(&self, key: &KeyName) -> KeyState<'_> {
        match self.entry(key) {
            Some(entry) => entry.state(),
            None => self.unsaid.state(key),
        }
    }
}

/// A list of one that is given for a key which takes one value is that value. Rule: IAM-COND-5.
fn single(name: &str, value: &ContextValue) -> ContextValue {
    let known = preclear_catalog::catalog().condition_key(name);
    let is_multivalued = known.is_some_and(|known| known.is_multivalued());
    match value {
        ContextValue::Many(values) if !is_multivalued => match values.as_slice() {
            [one] => ContextValue::One(one.clone()),
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

/// Truth values are the same in every case. Rule: IAM-COND-21.
fn is_same(derived: &ContextValue, given: &ContextValue) -> bool {
    match (derived, given) {
        (ContextValue::One(derived), ContextValue::One(given))
            if derived == "true" || derived == "false" =>
        {
            given.eq_ignore_ascii_case(derived)
        }
        _ => derived == given,
    }
}

/// Keys that tell of a service which calls with the caller's identity.
const VIA_SERVICE: &str = "aws:ViaAWSService";
const KMS_VIA_SERVICE: &str = "kms:ViaService";
const CALLED_VIA: [&str; 3] = ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"];

/// Tags that the request gives in two spellings which differ only by case (AMB-13).
fn twice_said_tags(request: &Request) -> Vec<KeyName> {
    let mut names: Vec<KeyName> = request
        .context
        .keys()
        .filter(|name| name.contains('/'))
        .map(|name| KeyName::new(name))
        .collect();
    names.sort();
    let twice: Vec<KeyName> = names
        .windows(2)
        .filter(|pair| pair.first() == pair.last())
        .filter_map(|pair| pair.first().cloned())
        .collect();
    twice
}

/// States that conditions take some keys to have, in place of the context's. Rule: IAM-TRI-10.
pub(crate) type Supposed<'a> = &'a [(&'a KeyName, KeyState<'a>)];

/// A context as one policy sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) context: &'a Context,
    /// Key policies do not see `kms:ResourceAliases`.
    pub(crate) in_key_policy: bool,
    pub(crate) supposed: Supposed<'a>,
}

impl Lookup for View<'_> {
    fn state(&self, key: &KeyName) -> KeyState<'_> {
        if self.in_key_policy && key.as_str() == "kms:resourcealiases" {
            return KeyState::Absent;
        }
        let supposed = self.supposed.iter().find(|(name, _)| *name == key);
        supposed.map_or_else(|| self.context.state(key), |(_, state)| *state)
    }
}

/// A value as users write it.
pub(crate) fn display(value: &ContextValue) -> String {
    match value {
        ContextValue::One(value) => format!("`{value}`"),
        ContextValue::Many(values) => format!("[{}]", values.join(", ")),
    }
}
