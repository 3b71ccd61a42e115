//! The context of one decision: what is said, what follows from it, and what is left open.
//!
//! Nothing is worked out before a condition asks for it, and nothing twice. Values are lent by the request, the snapshot
//! and the decision's memory.

mod contradicted;
mod derived;
mod families;
mod global;
mod kms;
mod names;
mod s3;
mod said;
pub(crate) mod said_warnings;
mod sts;
mod unsaid;

use std::cell::{Cell, OnceCell};
use std::fmt;
use std::ops::Deref;

use preclear_catalog::Action;
use preclear_condition::{Dependency, Guess, KeyName, KeyState, Lookup, Tri};
use preclear_wildcard::Pattern;

pub(crate) use self::kms::{PROPERTIES, PairList, Pairs, pairs, stated_pairs};
pub(crate) use self::names::{Facts, Name};
pub(crate) use self::said::Said;
use crate::arena::{Arena, List, text};
use crate::decide::Inquiry;
use crate::explanation::Warning;
use crate::matching::action::ActionName;
use crate::request::{ContextMode, ContextValue};
use crate::target::Target;

/// State of a key that was said or derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    One(&'a str),
    Many(&'a [&'a str]),
    Absent,
    /// Absent only because nobody said otherwise in closed mode. Rule: KMS-DEC-2.
    AssumedAbsent,
    Present,
    /// One of the values that a pattern matches, by its place among those of the request.
    Like(usize),
    Unknown,
    /// Two tags that differ only by case (AMB-13).
    Conflict,
    /// Nothing is published of it: the entry of the register, and its guess. Rule: IAM-TRI-8.
    Disputed(u8, Guess),
}

impl<'a> Entry<'a> {
    fn many(arena: &'a Arena, values: &'a [String]) -> Self {
        Self::Many(arena.alloc_slice_fill_iter(values.iter().map(String::as_str)))
    }

    /// The values, or absent if there are none.
    fn some(arena: &'a Arena, values: impl Iterator<Item = &'a str>) -> Self {
        let mut list = List::new_in(arena);
        list.extend(values);
        if list.is_empty() {
            Self::Absent
        } else {
            Self::Many(list.into_bump_slice())
        }
    }

    /// A key that every such request has, with one of two values.
    fn flag(value: impl Into<Tri>) -> Self {
        match value.into() {
            Tri::True => Self::One("true"),
            Tri::False => Self::One("false"),
            Tri::Unknown => Self::Present,
        }
    }

    /// The value if it is known, absent if there certainly is none.
    fn optional(value: Option<&'a str>) -> Self {
        value.map_or(Self::Absent, Self::One)
    }

    fn is_absent(self) -> bool {
        matches!(self, Self::Absent | Self::AssumedAbsent)
    }

    /// A known value as users write it.
    fn display(self) -> String {
        match self {
            Self::Many(values) => format!("[{}]", values.join(", ")),
            Self::One(value) => format!("`{value}`"),
            _ => String::new(),
        }
    }
}

/// The context of one decision. Rule: IAM-CTX-1.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    sources: Sources<'a>,
    /// Patterns of `like`, in the order of the request.
    likes: List<'a, Pattern>,
    /// Behind a trait, so that a context can be lent for a part of its life: what remembers cannot be.
    memory: &'a (dyn Answers + 'a),
}

/// The VPC endpoint that is stated: of the call, or of the first call where a service calls on. Rule: IAM-EVAL-11.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint<'a> {
    NotStated,
    /// By its id.
    Stated(&'a str),
    /// There is one, nobody says which.
    Unnamed,
}

/// What a context is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) inquiry: Inquiry<'a>,
    pub(crate) action: &'a ActionName<'a>,
    pub(crate) target: &'a Target<'a>,
}

impl<'a> Deref for Sources<'a> {
    type Target = Inquiry<'a>;

    fn deref(&self) -> &Inquiry<'a> {
        &self.inquiry
    }
}

impl<'a> Sources<'a> {
    /// Whether a service calls with the caller's identity: a forward access session. Rule: UI-39, IAM-PRIN-13.
    pub(crate) fn is_forwarded(&self) -> Tri {
        if self.request.says_nothing_of_context() {
            return Tri::from(!self.request.via.is_empty());
        }
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
    pub(crate) fn region(&self) -> Option<&'a str> {
        self.request
            .region
            .as_deref()
            .or(self.target.region)
            .or(self.engine.snapshot().region.as_deref())
    }
}

/// What a key is, and whether that was said or derived.
#[derive(Debug, Clone, Copy)]
struct Answer<'a> {
    entry: Entry<'a>,
    is_told: bool,
}

/// Works out what keys are, and remembers it.
trait Answers: fmt::Debug {
    /// A key by its name in lower case.
    fn answer(&self, facts: Facts, key: &str) -> Answer<'_>;
}

/// Answers of one decision. Of families, which have members without number, a few are remembered.
#[derive(Debug)]
struct Memory<'a> {
    sources: Sources<'a>,
    action: OnceCell<Option<Action<'static>>>,
    last: Cell<Option<&'a Remembered<'a>>>,
    /// Members of families that are still remembered.
    room: Cell<u8>,
}

/// Members of families that one decision remembers: more than most policies ask for, and few to look through.
const MEMBERS: u8 = 8;

#[derive(Debug)]
struct Remembered<'a> {
    name: Name,
    /// Of a member of a family the whole name, else nothing.
    member: &'a str,
    answer: Answer<'a>,
    before: Option<&'a Remembered<'a>>,
}

impl<'a> Memory<'a> {
    fn remembered(&self, name: Name, member: &str) -> Option<Answer<'a>> {
        let mut next = self.last.get();
        while let Some(known) = next {
            if known.name == name && known.member == member {
                return Some(known.answer);
            }
            next = known.before;
        }
        None
    }

    fn action(&self) -> Option<Action<'static>> {
        *self.action.get_or_init(|| unsaid::action(self.sources))
    }

    fn work_out(&self, facts: Facts, key: &str) -> Answer<'a> {
        let unsaid =
            || -> Entry<'a> { unsaid::state(self.sources, facts.presence, key, || self.action()) };
        let told = told(self.sources, facts.name, key, unsaid);
        let told = if facts.name.is_of_network() {
            let is_absent = || told.unwrap_or_else(unsaid).is_absent();
            global::without_network(self.sources, told, is_absent)
        } else {
            told
        };
        Answer {
            entry: told.unwrap_or_else(unsaid),
            is_told: told.is_some(),
        }
    }
}

impl Answers for Memory<'_> {
    fn answer(&self, facts: Facts, key: &str) -> Answer<'_> {
        if facts.name == Name::Other {
            return self.work_out(facts, key);
        }
        let is_family = facts.name.is_family();
        let member = if is_family { key } else { "" };
        if let Some(answer) = self.remembered(facts.name, member) {
            return answer;
        }
        let answer = self.work_out(facts, key);
        if is_family {
            match self.room.get().checked_sub(1) {
                Some(room) => self.room.set(room),
                None => return answer,
            }
        }
        let arena = self.sources.arena;
        let remembered = arena.alloc(Remembered {
            name: facts.name,
            member: if is_family { arena.alloc_str(key) } else { "" },
            answer,
            before: self.last.get(),
        });
        self.last.set(Some(remembered));
        answer
    }
}

/// What is said or follows of a key, the network of forwarded calls included: what is said comes first, and of that the
/// last word. Rule: IAM-CTX-1.
fn told<'a>(
    sources: Sources<'a>,
    name: Name,
    key: &str,
    unsaid: impl Fn() -> Entry<'a>,
) -> Option<Entry<'a>> {
    if sources.request.says_nothing_of_context() {
        return derived::entry(sources, name, key).or_else(|| derived::rest(sources, name, key));
    }
    said::last_word(sources.request, key)
        .or_else(|| before_last_word(sources, name, key, unsaid))
        .or_else(|| derived::rest(sources, name, key))
}

/// The same without what is said last, and without what families say of members that nothing tells of.
fn before_last_word<'a>(
    sources: Sources<'a>,
    name: Name,
    key: &str,
    unsaid: impl Fn() -> Entry<'a>,
) -> Option<Entry<'a>> {
    if said::is_said_twice(sources.request, key) {
        return Some(Entry::Conflict);
    }
    let given = || said::value(sources, key).or_else(|| derived::entry(sources, name, key));
    let as_given = || {
        let entry = given().or_else(|| derived::rest(sources, name, key));
        entry.unwrap_or_else(&unsaid)
    };
    families::set(sources, name, as_given)
        .or_else(|| families::member(sources.request, name, key, || given().is_some()))
        .or_else(given)
}

impl<'a> Context<'a> {
    /// The context of a decision; nothing is derived yet.
    pub(crate) fn new(sources: Sources<'a>) -> Self {
        let mut likes = List::new_in(sources.arena);
        likes.extend(
            sources
                .request
                .like
                .values()
                .map(|text| Pattern::parse(text)),
        );
        Self {
            sources,
            likes,
            memory: sources.arena.alloc(Memory {
                sources,
                action: OnceCell::new(),
                last: Cell::new(None),
                room: Cell::new(MEMBERS),
            }),
        }
    }

    fn answer(&self, key: &KeyName) -> Answer<'_> {
        self.memory.answer(Facts::of_key(key), key.as_str())
    }

    /// What counts as said of a key: what the request tells or implies, or what a family says of its members.
    pub(crate) fn entry(&self, key: &KeyName) -> Option<Entry<'_>> {
        let answer = self.answer(key);
        answer.is_told.then_some(answer.entry)
    }

    /// What conditions see of a key.
    pub(crate) fn state(&self, key: &KeyName) -> KeyState<'_> {
        self.seen(self.answer(key).entry)
    }

    /// The same for a key that is no member of a family.
    pub(crate) fn state_of(&self, name: Name) -> KeyState<'_> {
        let key = name.text();
        self.seen(self.memory.answer(Facts::of(key), key).entry)
    }

    /// The same for a member of a family.
    pub(crate) fn state_of_member(&self, family: Name, member: &str) -> KeyState<'_> {
        let arena = self.sources.arena;
        let family = family.text();
        let key = text!(arena, "{family}{member}");
        let key = if key.is_ascii() {
            let folded = arena.alloc_str(key);
            folded.make_ascii_lowercase();
            folded
        } else {
            arena.alloc_str(&key.to_lowercase())
        };
        self.seen(self.memory.answer(Facts::of(key), key).entry)
    }

    fn seen<'s>(&'s self, entry: Entry<'s>) -> KeyState<'s> {
        match entry {
            Entry::One(value) => KeyState::One(value),
            Entry::Many(values) => KeyState::Many(values),
            Entry::Absent | Entry::AssumedAbsent => KeyState::Absent,
            Entry::Like(place) => self
                .likes
                .get(place)
                .map_or(KeyState::Present, KeyState::Like),
            Entry::Present => KeyState::Present,
            Entry::Unknown => KeyState::Unknown,
            Entry::Conflict => KeyState::Conflict,
            Entry::Disputed(number, guess) => KeyState::Disputed { number, guess },
        }
    }

    /// The pattern that a key's value matches, as it was given.
    pub(crate) fn like(&self, key: &KeyName) -> Option<&'a str> {
        match self.entry(key)? {
            Entry::Like(place) => self
                .sources
                .request
                .like
                .values()
                .nth(place)
                .map(String::as_str),
            _ => None,
        }
    }

    /// The endpoint that is stated, also where the call is forwarded and loses it.
    pub(crate) fn endpoint(&self) -> Endpoint<'a> {
        const NAME: Name = Name::SourceVpce;
        if let Some(id) = &self.sources.request.vpc_endpoint {
            return Endpoint::Stated(id);
        }
        if self.sources.request.says_nothing_of_context() {
            return Endpoint::NotStated;
        }
        // The defaults of the key are none of these.
        match told(self.sources, NAME, NAME.text(), || Entry::Absent) {
            Some(Entry::One(id)) => Endpoint::Stated(id),
            Some(Entry::Present | Entry::Like(_)) => Endpoint::Unnamed,
            _ => Endpoint::NotStated,
        }
    }

    /// True if the key counts as absent only because nobody said otherwise.
    pub(crate) fn is_assumed_absent(&self, key: &KeyName) -> bool {
        match self.entry(key) {
            Some(entry) => entry == Entry::AssumedAbsent,
            None => self.sources.request.mode == ContextMode::Closed,
        }
    }

    /// What the request says of keys and cannot be.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        contradicted::warnings(self.sources)
    }
}

/// What is told of a key, without what is said last of it and without what families say of the rest.
fn without_last_word<'a>(sources: Sources<'a>, key: &KeyName) -> Option<Entry<'a>> {
    let (facts, key) = (Facts::of_key(key), key.as_str());
    let unsaid = || unsaid::state(sources, facts.presence, key, || unsaid::action(sources));
    before_last_word(sources, facts.name, key, unsaid)
}

/// A value as the request gives it. A list of one that is given for a key which takes one value is that value. Rule:
/// IAM-COND-5.
fn single<'a>(arena: &'a Arena, name: &str, value: &'a ContextValue) -> Entry<'a> {
    let known = || preclear_catalog::catalog().condition_key(name);
    let is_multivalued = || known().is_some_and(|known| known.is_multivalued());
    match value {
        ContextValue::One(value) => Entry::One(value),
        ContextValue::Many(values) => match values.as_slice() {
            [one] if !is_multivalued() => Entry::One(one),
            values => Entry::many(arena, values),
        },
    }
}

/// Keys that tell of a service which calls with the caller's identity.
const VIA_SERVICE: &str = "aws:ViaAWSService";
const KMS_VIA_SERVICE: &str = "kms:ViaService";
const CALLED_VIA: [&str; 3] = ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"];

/// States that conditions take some keys to have, in place of the context's. Rule: IAM-TRI-10.
pub(crate) type Supposed<'a> = &'a [(&'a KeyName, KeyState<'a>)];

/// A context as one policy sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) context: &'a Context<'a>,
    /// Key policies do not see `kms:ResourceAliases`.
    pub(crate) in_key_policy: bool,
    pub(crate) supposed: Supposed<'a>,
}

impl Lookup for View<'_> {
    fn state(&self, key: &KeyName) -> KeyState<'_> {
        if self.in_key_policy && Facts::of_key(key).name == Name::KmsResourceAliases {
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
