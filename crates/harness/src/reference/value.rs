//! Three values, the values of condition keys, and the readings of what AWS leaves open.
//!
//! Everything that the two halves of the reference say to each other: the language asks a [`Context`] for values and
//! answers with a [`Tri`]. Nothing here knows a policy, a caller or a layer.

use std::cell::Cell;

use preclear_simulator::AmbiguityMode;

/// False, unknown, true, in that order. Rule: IAM-TRI-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Tri {
    /// Whatever is still unknown.
    False,
    /// What is unknown decides.
    Unknown,
    /// Whatever is still unknown.
    True,
}

impl Tri {
    /// Rule: IAM-TRI-2.
    pub(crate) fn and(self, other: Tri) -> Tri {
        self.min(other)
    }

    /// Rule: IAM-TRI-2.
    pub(crate) fn or(self, other: Tri) -> Tri {
        self.max(other)
    }

    /// Rule: IAM-TRI-2.
    pub(crate) fn not(self) -> Tri {
        match self {
            Tri::False => Tri::True,
            Tri::Unknown => Tri::Unknown,
            Tri::True => Tri::False,
        }
    }

    /// Both of two cases are possible: certain where they agree.
    pub(crate) fn either(self, other: Tri) -> Tri {
        if self == other { self } else { Tri::Unknown }
    }

    /// True if all are; of none, true.
    pub(crate) fn all(parts: impl IntoIterator<Item = Tri>) -> Tri {
        parts.into_iter().fold(Tri::True, Tri::and)
    }

    /// True if one is; of none, false.
    pub(crate) fn any(parts: impl IntoIterator<Item = Tri>) -> Tri {
        parts.into_iter().fold(Tri::False, Tri::or)
    }
}

impl From<bool> for Tri {
    fn from(truth: bool) -> Tri {
        if truth { Tri::True } else { Tri::False }
    }
}

/// What is known of a condition key. Rule: IAM-TRI-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Its one text, or the set of a multivalued key, which may be empty.
    Known(Vec<String>),
    /// One text, one of those that the pattern matches. Rule: IAM-WILD-13.
    Like(String),
    /// The request does not carry it.
    Absent,
    /// The request carries it, with a value that is not given; of a multivalued key at least one that is not empty.
    Present,
    /// Any of these.
    Unknown,
}

impl Value {
    /// This text.
    pub(crate) fn one(text: impl Into<String>) -> Value {
        Value::Known(vec![text.into()])
    }

    /// The text, if there is one.
    pub(crate) fn one_or_absent(text: Option<impl Into<String>>) -> Value {
        text.map_or(Value::Absent, Value::one)
    }
}

/// What a statement may ask of a request.
pub(crate) trait Context {
    /// The value of a key in any letter case, as policies write it. Two tags that differ in case alone have no known
    /// value in any mode (AMB-13): they are [`Value::Present`]. Rule: IAM-COND-3.
    fn value(&self, key: &str) -> Value;

    /// Whether the key is multivalued: of a name that the catalogue does not know only if several values are given, or none;
    /// unknown for the keys that have sometimes one value and sometimes several, however many this request gives.
    /// Rule: IAM-COND-5.
    fn is_multivalued(&self, key: &str) -> Tri;

    /// What ambiguous behaviour counts as. Rule: IAM-TRI-8.
    fn ambiguity(&self) -> AmbiguityMode;

    /// True for a key of which nobody knows whether such a request carries it (AMB-18). In `guess` its value is that of
    /// the guess, else [`Value::Unknown`]; a single test of it that is unknown counts in `failsafe` as what allows less.
    /// Rule: IAM-TRI-8.
    fn is_disputed(&self, key: &str) -> bool {
        let _ = key;
        false
    }

    /// True for a tag beside one whose name differs in case alone: nothing is known of a test of it, in any mode.
    /// Rule: IAM-COND-3, AMB-13.
    fn has_twin(&self, key: &str) -> bool {
        let _ = key;
        false
    }

    /// Whether the empty text of a key that is tried case by case is there to `Null` (AMB-17); `None` for other keys,
    /// where the mode says. Rule: IAM-TRI-10.
    fn is_empty_there(&self, key: &str) -> Option<bool> {
        let _ = key;
        None
    }
}

/// Whether the truth of what is tested leads to an allow or to a deny: the reading that allows less is the false one or
/// the true one. Rule: IAM-TRI-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toward {
    /// To an allow.
    Allow,
    /// To a deny.
    Deny,
}

/// An entry of the ambiguity register with two readings, the guess and the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Open {
    /// AMB-1: a segment-final `*` runs past the colon; or it does not.
    SegmentFinalStar,
    /// AMB-2: a wildcard in the type is a wildcard; or the pattern matches nothing.
    TypeWildcard,
    /// AMB-3: `*:*` is `*`; or nothing.
    AnyServiceAction,
    /// AMB-5: NotResource with a variable without a value applies; or not.
    UnresolvedNotResource,
    /// AMB-6: an empty value is put in; or counts as none.
    EmptyVariable,
    /// AMB-7: `ForAnyValue:…IfExists` is false where the key is absent; or true.
    AnyValueIfExists,
    /// AMB-8: variables in Bool are replaced; or literal text.
    VariableInBool,
    /// AMB-9: a negated operator with a bad value is false; or the bad value matches nothing.
    NegatedBadValue,
    /// AMB-12: a short pattern of an Arn operator matches nothing; or every ARN.
    ShortArnPattern,
    /// AMB-14: an incomplete ARN that has a wildcard counts as completed; or matches nothing.
    IncompletePattern,
    /// AMB-14: an incomplete ARN without a wildcard matches nothing; or counts as completed.
    IncompleteArn,
    /// AMB-15: the case of the first five fields of an ARN counts; or not.
    ArnCase,
    /// AMB-16: a negated operator without operands is true; or false.
    NegatedEmptyList,
    /// AMB-17: a key with the empty text is there; or not.
    NullOnEmpty,
    /// AMB-20: `+5`, `1e3` and ` 5` are malformed; or numbers.
    NumberSpelling,
    /// AMB-22: a date of four digits is a number of seconds; or a year.
    FourDigits,
    /// AMB-22: a date above 1e11 is a number of seconds; or of milliseconds.
    Milliseconds,
    /// AMB-24: an IPv4-mapped address is none of IPv4; or is one.
    MappedAddress,
}

/// One way to read everything that is open. Remembers what it was asked about.
#[derive(Debug)]
pub(crate) struct Reading {
    others: u32,
    asked: Cell<u32>,
}

impl Reading {
    fn of(others: u32) -> Reading {
        Reading {
            others,
            asked: Cell::new(0),
        }
    }

    /// True if the guess of the register holds for this entry.
    pub(crate) fn guesses(&self, open: Open) -> bool {
        let bit = 1 << open as u8;
        self.asked.set(self.asked.get() | bit);
        self.others & bit == 0
    }
}

/// Decides a test under the readings that its context asks for: the guesses; or all there are, where `report` is unknown
/// unless all agree, and `failsafe` takes the one that allows less. Rule: IAM-TRI-8.
pub(crate) fn read(mode: AmbiguityMode, toward: Toward, test: impl Fn(&Reading) -> Tri) -> Tri {
    let guess = Reading::of(0);
    let mut low = test(&guess);
    let mut high = low;
    if mode == AmbiguityMode::Guess {
        return low;
    }
    // Every combination of what some combination asked about.
    let mut asked = guess.asked.get();
    let mut others = 0;
    loop {
        // The next subset of `asked` behind this one, in the order of numbers.
        others = (others | !asked).wrapping_add(1) & asked;
        if others == 0 {
            break;
        }
        let reading = Reading::of(others);
        let outcome = test(&reading);
        low = low.min(outcome);
        high = high.max(outcome);
        let grown = asked | reading.asked.get();
        if grown != asked {
            asked = grown;
            others = 0;
        }
    }
    match (mode, toward) {
        (AmbiguityMode::Failsafe, Toward::Allow) => low,
        (AmbiguityMode::Failsafe, Toward::Deny) => high,
        _ => low.either(high),
    }
}

/// The same for two outcomes that were computed already.
pub(crate) fn settle(mode: AmbiguityMode, toward: Toward, guess: Tri, other: Tri) -> Tri {
    match (mode, toward) {
        (AmbiguityMode::Guess, _) => guess,
        (AmbiguityMode::Failsafe, Toward::Allow) => guess.min(other),
        (AmbiguityMode::Failsafe, Toward::Deny) => guess.max(other),
        (AmbiguityMode::Report, _) => guess.either(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Tri; 3] = [Tri::False, Tri::Unknown, Tri::True];

    #[test]
    fn three_values() {
        // IAM-TRI-2, its table.
        let (no, maybe, yes) = (Tri::False, Tri::Unknown, Tri::True);
        for (left, right, and, or) in [
            (yes, maybe, maybe, yes),
            (no, maybe, no, maybe),
            (maybe, maybe, maybe, maybe),
            (yes, no, no, yes),
            (yes, yes, yes, yes),
            (no, no, no, no),
        ] {
            assert_eq!((left.and(right), right.and(left)), (and, and));
            assert_eq!((left.or(right), right.or(left)), (or, or));
        }
        assert_eq!(ALL.map(Tri::not), [yes, maybe, no]);
        for left in ALL {
            assert_eq!(left.either(left), left);
            assert_eq!(left.either(left.not()), maybe);
        }
        assert_eq!((Tri::all([]), Tri::any([])), (yes, no));
    }

    /// What comes of a test in `report`, in `guess`, and in `failsafe` of an allow and of a deny.
    fn modes(test: impl Fn(&Reading) -> bool) -> [Tri; 4] {
        let outcome = |mode, toward| read(mode, toward, |reading| Tri::from(test(reading)));
        [
            outcome(AmbiguityMode::Report, Toward::Allow),
            outcome(AmbiguityMode::Guess, Toward::Allow),
            outcome(AmbiguityMode::Failsafe, Toward::Allow),
            outcome(AmbiguityMode::Failsafe, Toward::Deny),
        ]
    }

    #[test]
    fn every_combination_of_readings_counts() {
        // IAM-TRI-8.
        let open = [Open::ArnCase, Open::TypeWildcard, Open::MappedAddress];
        assert_eq!(modes(|_| true), [Tri::True; 4]);
        let differs = [Tri::Unknown, Tri::True, Tri::False, Tri::True];
        assert_eq!(modes(|reading| reading.guesses(open[0])), differs);
        for wanted in 1..8_usize {
            let is = |reading: &Reading, place: usize| {
                reading.guesses(open[place]) == (wanted & 1 << place == 0)
            };
            // All asked about at once, in the order given, and each only where those before it hold.
            let at_once =
                |reading: &Reading| [0, 1, 2].map(|place| is(reading, place)) != [true; 3];
            assert_eq!(modes(at_once), differs, "{wanted}");
            let in_turn =
                |reading: &Reading| ![0, 1, 2].into_iter().all(|place| is(reading, place));
            assert_eq!(modes(in_turn), differs, "{wanted}");
            let backwards =
                |reading: &Reading| ![2, 1, 0].into_iter().all(|place| is(reading, place));
            assert_eq!(modes(backwards), differs, "{wanted}");
        }
    }

    #[test]
    fn two_outcomes_are_settled_as_readings_are() {
        for guess in ALL {
            for other in ALL {
                for mode in [
                    AmbiguityMode::Report,
                    AmbiguityMode::Guess,
                    AmbiguityMode::Failsafe,
                ] {
                    for toward in [Toward::Allow, Toward::Deny] {
                        let test = |reading: &Reading| {
                            if reading.guesses(Open::ArnCase) {
                                guess
                            } else {
                                other
                            }
                        };
                        assert_eq!(settle(mode, toward, guess, other), read(mode, toward, test));
                    }
                }
            }
        }
    }
}
