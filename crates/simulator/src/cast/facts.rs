//! What a question says of condition keys: each key once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::request::{ContextValue, Request};

/// What is said of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It has this value.
    Value(ContextValue),
    /// There is no such key.
    Absent,
    /// There is one, of any value.
    Present,
    /// Its value is one of those that the pattern matches.
    Like(String),
    /// There may be one.
    Unknown,
}

impl State {
    /// One value.
    #[must_use]
    pub fn one(value: &str) -> Self {
        Self::Value(ContextValue::One(value.to_owned()))
    }
}

impl fmt::Display for State {
    /// What follows the key's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(ContextValue::One(value)) => write!(f, "= {value}"),
            Self::Value(ContextValue::Many(values)) => write!(f, "= [{}]", values.join(", ")),
            Self::Absent => f.write_str("is absent"),
            Self::Present => f.write_str("is there, with any value"),
            Self::Like(pattern) => write!(f, "is like {pattern}"),
            Self::Unknown => f.write_str("may be anything"),
        }
    }
}

/// What is said of keys, each under its name in lower case.
///
/// ```
/// use preclear_simulator::cast::{Facts, State};
/// let mut facts = Facts::default();
/// facts.say("aws:SourceIp", State::one("203.0.113.7"));
/// facts.say("AWS:sourceip", State::Absent);
/// assert_eq!((facts.len(), facts.get("aws:sourceIp")), (1, Some(&State::Absent)));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, (String, State)>);

impl Facts {
    /// Says a key, in place of what was said of it before.
    pub fn say(&mut self, key: &str, state: State) {
        self.0.insert(key.to_lowercase(), (key.to_owned(), state));
    }

    /// What is said of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&State> {
        self.0.get(&key.to_lowercase()).map(|(_, state)| state)
    }

    /// Says nothing of a key any more; back comes what was said, with the name as it was said.
    pub fn remove(&mut self, key: &str) -> Option<(String, State)> {
        self.0.remove(&key.to_lowercase())
    }

    /// True if nothing is said of any key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys something is said of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Names as they were said, in their order in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &State)> {
        self.0.values().map(|(name, state)| (name.as_str(), state))
    }

    /// Takes over what others say; what they say counts.
    pub fn and(&mut self, others: &Facts) {
        let others = others.0.iter();
        self.0
            .extend(others.map(|(key, said)| (key.clone(), said.clone())));
    }

    /// Puts everything into a request that says nothing of any key yet.
    pub fn apply(&self, request: &mut Request) {
        for (name, state) in self.0.values() {
            let name = name.clone();
            match state {
                State::Value(value) => {
                    request.context.insert(name, value.clone());
                }
                State::Absent => {
                    request.absent.insert(name);
                }
                State::Present => {
                    request.present.insert(name);
                }
                State::Like(pattern) => {
                    request.like.insert(name, pattern.clone());
                }
                State::Unknown => {
                    request.unknown.insert(name);
                }
            }
        }
    }

    /// Puts what is said of a key into a request that says nothing of this one; what the request says of others stays.
    pub fn apply_unsaid(&self, request: &mut Request) {
        let said: BTreeSet<String> = [&request.unknown, &request.absent, &request.present]
            .into_iter()
            .flatten()
            .chain(request.context.keys())
            .chain(request.like.keys())
            .map(|name| name.to_lowercase())
            .collect();
        let unsaid = self.0.iter().filter(|(key, _)| !said.contains(*key));
        let unsaid = unsaid.map(|(key, state)| (key.clone(), state.clone()));
        Self(unsaid.collect()).apply(request);
    }
}
