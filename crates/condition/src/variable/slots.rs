//! The variables behind the slots of a pattern, and what a context puts into them.

use preclear_wildcard::SlotValue;

use crate::{
    Ambiguities, Arity, Dependency, Evidence, KeyName, KeyState, KeyTypes, Lookup, Outcome,
};

use super::Overlap;

/// Different variables in one text that are told apart. No document within AWS's size quotas (IAM-GRAM-23, 32 KiB
/// for key policies) reaches it; in a longer text the variables behind it count as unknown.
const VARIABLES_MAX: u16 = 8192;

/// Slots that need no allocation.
const INLINE: usize = 8;

/// The variables of one text. Equal variables share a slot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Variables {
    list: Vec<Variable>,
    /// The first variable beyond the limit.
    excess: Option<KeyName>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    key: KeyName,
    default: Option<Box<str>>,
    arity: Arity,
}

/// What counts for a variable whose key is present and empty. Rule: AMB-6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Empty {
    /// The empty text.
    IsText,
    /// Nothing, as if the key were absent.
    IsAbsent,
}

/// Slots filled from one context.
pub(super) struct Filled<'a> {
    few: [SlotValue<'a>; INLINE],
    many: Vec<SlotValue<'a>>,
    count: usize,
}

impl<'a> Filled<'a> {
    fn new(count: usize) -> Self {
        let many = if count > INLINE {
            vec![SlotValue::Nothing; count]
        } else {
            Vec::new()
        };
        Self {
            few: [SlotValue::Nothing; INLINE],
            many,
            count,
        }
    }

    fn set(&mut self, slot: usize, value: SlotValue<'a>) {
        let slots = if self.count > INLINE {
            self.many.as_mut_slice()
        } else {
            &mut self.few
        };
        if let Some(place) = slots.get_mut(slot) {
            *place = value;
        }
    }

    /// The values in the order of the slots.
    pub(super) fn values(&self) -> &[SlotValue<'a>] {
        if self.count > INLINE {
            &self.many
        } else {
            self.few.get(..self.count).unwrap_or_default()
        }
    }
}

/// Slots of one reading, with what remains unknown about them.
pub(super) struct Reading<'a, E> {
    pub(super) filled: Filled<'a>,
    /// True where a slot's value is not known, so that a match is not certain.
    pub(super) is_open: bool,
    /// True where a variable has no value at all: nothing can match. Rule: IAM-VAR-6.
    is_dead: bool,
    /// True where nobody has published what a variable's key is. Rule: IAM-TRI-8.
    is_disputed: bool,
    /// True where something else is not known of a variable.
    is_otherwise_open: bool,
    evidence: E,
    has_empty: bool,
}

impl Variables {
    /// The slot of a variable.
    pub(super) fn slot(&mut self, key: &str, default: Option<&str>, keys: &dyn KeyTypes) -> u16 {
        let key = KeyName::compile(key, keys);
        let found = self
            .list
            .iter()
            .position(|known| known.key == key && known.default.as_deref() == default);
        let slot = u16::try_from(found.unwrap_or(self.list.len())).unwrap_or(u16::MAX);
        if slot >= VARIABLES_MAX {
            self.excess.get_or_insert(key);
            return VARIABLES_MAX;
        }
        if found.is_none() {
            self.list.push(Variable {
                arity: keys.arity(&key),
                default: default.map(Box::from),
                key,
            });
        }
        slot
    }

    /// True without variables.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The keys whose values are wanted, each once per default.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &KeyName> {
        self.list
            .iter()
            .map(|variable| &variable.key)
            .chain(&self.excess)
    }

    /// Whether a pattern matches, where `is_match` answers for filled slots. A slot of unknown value is filled with
    /// "anything": what then does not match never will, what does match may. Rule: IAM-VAR-4…7, IAM-TRI-5, AMB-6.
    pub(crate) fn decide<'a, E: Evidence>(
        &'a self,
        keys: &'a impl Lookup,
        ambiguities: Ambiguities,
        is_match: impl Fn(&[SlotValue<'a>]) -> bool,
    ) -> Outcome<E> {
        self.in_each_reading(keys, ambiguities, |reading| {
            if is_match(reading.filled.values()) {
                reading.settled(ambiguities)
            } else {
                Outcome::known(false)
            }
        })
    }

    /// Whether a pattern matches each of many texts, where `overlap` answers for filled slots how many of them it
    /// matches: unknown with `unsettled` as dependency if it matches some. Rule: IAM-WILD-13, IAM-TRI-5.
    pub(crate) fn decide_for_all<'a, E: Evidence>(
        &'a self,
        keys: &'a impl Lookup,
        ambiguities: Ambiguities,
        overlap: impl Fn(&[SlotValue<'a>]) -> Overlap,
        unsettled: impl Fn() -> Dependency,
    ) -> Outcome<E> {
        self.in_each_reading(keys, ambiguities, |reading| {
            match overlap(reading.filled.values()) {
                Overlap::Nothing => Outcome::known(false),
                Overlap::Some => reading.possible().and(Outcome::unknown(&unsettled)),
                Overlap::All => reading.settled(ambiguities),
            }
        })
    }

    /// Whether the pattern can match some text: false where a variable has no value, else unknown. `is_everything` answers
    /// for filled slots whether it is about every text: what then is open is the variables alone.
    pub(crate) fn can_match<'a, E: Evidence>(
        &'a self,
        keys: &'a impl Lookup,
        ambiguities: Ambiguities,
        is_everything: impl Fn(&[SlotValue<'a>]) -> bool,
    ) -> Outcome<E> {
        self.in_each_reading(keys, ambiguities, |reading| {
            if reading.is_dead {
                Outcome::known(false)
            } else if reading.is_open && is_everything(reading.filled.values()) {
                reading.settled(ambiguities)
            } else {
                Outcome {
                    value: crate::Tri::Unknown,
                    evidence: reading.evidence,
                }
            }
        })
    }

    /// Whether every variable has a value or a default.
    pub(super) fn are_resolved<E: Evidence>(
        &self,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let one = |empty| {
            Outcome::all(self.list.iter().map(|variable| {
                let state = keys.state(&variable.key).read(ambiguities);
                let outcome = variable.is_resolved(state, empty);
                if matches!(state, KeyState::Disputed { .. }) {
                    ambiguities.settle(outcome)
                } else {
                    outcome
                }
            }))
        };
        let excess = match &self.excess {
            Some(key) => unknown_key(key),
            None => Outcome::known(true),
        };
        excess.and(ambiguities.between(6, one(Empty::IsText), one(Empty::IsAbsent)))
    }

    /// Evaluates with empty values as empty text, and where there are any also as absent keys. Rule: AMB-6.
    fn in_each_reading<'a, E: Evidence>(
        &'a self,
        keys: &'a impl Lookup,
        ambiguities: Ambiguities,
        evaluate: impl Fn(Reading<'a, E>) -> Outcome<E>,
    ) -> Outcome<E> {
        let guess = self.read(keys, ambiguities, Empty::IsText);
        if !guess.has_empty {
            return evaluate(guess);
        }
        let other = self.read(keys, ambiguities, Empty::IsAbsent);
        ambiguities.between(6, evaluate(guess), evaluate(other))
    }

    /// The reading that the register guesses.
    pub(super) fn guess<'a, E: Evidence>(&'a self, keys: &'a impl Lookup) -> Reading<'a, E> {
        self.read(keys, Ambiguities::Guess, Empty::IsText)
    }

    fn read<'a, E: Evidence>(
        &'a self,
        keys: &'a impl Lookup,
        ambiguities: Ambiguities,
        empty: Empty,
    ) -> Reading<'a, E> {
        let slots = self.list.len() + usize::from(self.excess.is_some());
        let mut reading = Reading {
            filled: Filled::new(slots),
            is_open: false,
            is_dead: false,
            is_disputed: false,
            is_otherwise_open: false,
            evidence: E::default(),
            has_empty: false,
        };
        for (slot, variable) in self.list.iter().enumerate() {
            let state = keys.state(&variable.key).read(ambiguities);
            let value = variable.fill(state, empty, &mut reading);
            reading.is_dead |= value == SlotValue::Nothing;
            reading.filled.set(slot, value);
        }
        if let Some(key) = &self.excess {
            reading.is_otherwise_open = true;
            reading.open(|| Dependency::Key(key.as_str().to_owned()));
            reading.filled.set(self.list.len(), SlotValue::Anything);
        }
        reading
    }
}

impl<E: Evidence> Reading<'_, E> {
    fn open(&mut self, dependency: impl FnOnce() -> Dependency) {
        self.is_open = true;
        self.evidence.merge(E::leaf(dependency));
    }

    /// True if nothing is open, else unknown.
    fn possible(self) -> Outcome<E> {
        if self.is_open {
            Outcome {
                value: crate::Tri::Unknown,
                evidence: self.evidence,
            }
        } else {
            Outcome::known(true)
        }
    }

    /// The same for a match that nothing but the variables leaves open. Rule: IAM-TRI-8.
    fn settled(self, ambiguities: Ambiguities) -> Outcome<E> {
        let is_dispute_alone = self.is_disputed && !self.is_otherwise_open;
        let outcome = self.possible();
        if is_dispute_alone {
            ambiguities.settle(outcome)
        } else {
            outcome
        }
    }
}

impl Variable {
    fn fill<'a, E: Evidence>(
        &'a self,
        state: KeyState<'a>,
        empty: Empty,
        reading: &mut Reading<'a, E>,
    ) -> SlotValue<'a> {
        let key = || state.dependency(&self.key);
        match self.normal(state) {
            KeyState::Absent => self.fallback(),
            KeyState::One("") | KeyState::Empty { .. } => {
                reading.has_empty = true;
                match empty {
                    Empty::IsText => SlotValue::Text(""),
                    Empty::IsAbsent => self.fallback(),
                }
            }
            KeyState::One(value) => SlotValue::Text(value),
            KeyState::Many(_) => SlotValue::Nothing,
            KeyState::Unknown | KeyState::Disputed { .. } if self.arity == Arity::Multi => {
                // Absent, it has its default; present, it never resolves.
                if self.default.is_some() {
                    let is_disputed = matches!(state, KeyState::Disputed { .. });
                    reading.is_disputed |= is_disputed;
                    reading.is_otherwise_open |= !is_disputed;
                    reading.open(key);
                }
                self.fallback()
            }
            KeyState::Present | KeyState::Conflict if self.arity == Arity::Multi => {
                SlotValue::Nothing
            }
            KeyState::Unknown | KeyState::Present | KeyState::Like(_) => {
                reading.is_otherwise_open = true;
                reading.open(key);
                SlotValue::Anything
            }
            KeyState::Disputed { .. } => {
                reading.is_disputed = true;
                reading.open(key);
                SlotValue::Anything
            }
            KeyState::Conflict => {
                reading.is_otherwise_open = true;
                reading.open(|| Dependency::Ambiguity(13));
                SlotValue::Anything
            }
        }
    }

    /// The state with its number of values as the key's arity has it: a set for a multivalued key, one value for
    /// a key that is not.
    fn normal<'a>(&self, state: KeyState<'a>) -> KeyState<'a> {
        match (self.arity, state.plain()) {
            (Arity::Multi | Arity::Varying, KeyState::Like(_)) => KeyState::Present,
            (Arity::Multi, KeyState::One(_)) => KeyState::Many(&[]),
            (Arity::Single | Arity::Varying, KeyState::Many([value])) => KeyState::One(value),
            (_, state) => state,
        }
    }

    fn fallback(&self) -> SlotValue<'_> {
        self.default
            .as_deref()
            .map_or(SlotValue::Nothing, SlotValue::Text)
    }

    fn is_resolved<E: Evidence>(&self, state: KeyState<'_>, empty: Empty) -> Outcome<E> {
        let by_default = Outcome::known(self.default.is_some());
        match self.normal(state) {
            KeyState::Absent => by_default,
            KeyState::One("") | KeyState::Empty { .. } if empty == Empty::IsAbsent => by_default,
            KeyState::One(_) | KeyState::Empty { .. } => Outcome::known(true),
            KeyState::Many(_) => Outcome::known(false),
            KeyState::Like(pattern) if !pattern.is_match("") => Outcome::known(true),
            KeyState::Present | KeyState::Conflict if self.arity == Arity::Multi => {
                Outcome::known(false)
            }
            // There may be several values, which never resolve.
            KeyState::Present
            | KeyState::Conflict
            | KeyState::Unknown
            | KeyState::Disputed { .. }
                if self.arity == Arity::Varying =>
            {
                Outcome::unknown(|| state.dependency(&self.key))
            }
            // The value that was not given may be empty.
            KeyState::Present | KeyState::Like(_) | KeyState::Conflict
                if empty == Empty::IsAbsent && self.default.is_none() =>
            {
                unknown_key(&self.key)
            }
            KeyState::Present | KeyState::Like(_) | KeyState::Conflict => Outcome::known(true),
            KeyState::Unknown | KeyState::Disputed { .. } => {
                if (self.arity == Arity::Multi) == self.default.is_some() {
                    Outcome::unknown(|| state.dependency(&self.key))
                } else {
                    by_default
                }
            }
        }
    }
}

/// An unknown that the key would settle.
pub(crate) fn unknown_key<E: Evidence>(key: &KeyName) -> Outcome<E> {
    Outcome::unknown(|| Dependency::Key(key.as_str().to_owned()))
}
