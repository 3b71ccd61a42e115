//! Looks for a context in which an open question is answered, and makes it small.
//!
//! Each step says one more of the keys that the answer depends on: first one, then two, then as many as it takes. Who decides is the
//! engine: a context is found if the answer is settled whatever else the request brings.

use preclear_condition::Dependency;
use preclear_model::ArnRef;
use preclear_simulator::{Detail, Engine, Verdict};

use crate::candidates::states;
use crate::property::Claim;
use crate::question::Question;
use preclear_simulator::cast::Mentioned;
use preclear_simulator::cast::samples::{sample, shared};
use preclear_simulator::cast::{Facts, State};

/// Decisions that one open question may take.
const DECISIONS_MAX: usize = 600;

/// Keys that are tried one by one and two by two.
const DEPTH: usize = 2;

/// Resources that a pattern is tried as.
const CONCRETE_MAX: usize = 64;

/// Orders in which keys are said one after another.
const ROUNDS: usize = 4;

/// A settled answer to a question, in a context of which nothing can be left out.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) question: Question,
    /// Keys that were said to settle it.
    pub(crate) stated: Facts,
}

impl Found {
    /// Everything that is said of keys.
    pub(crate) fn facts(&self) -> Facts {
        facts(&self.question, &self.stated)
    }
}

fn facts(question: &Question, stated: &Facts) -> Facts {
    let mut facts = question.facts.clone();
    facts.and(stated);
    facts
}

/// A search in one engine.
#[derive(Debug)]
pub(crate) struct Search<'s> {
    engine: &'s Engine,
    mentioned: &'s Mentioned,
    claim: Claim,
    /// Decisions left.
    budget: usize,
    seed: u64,
}

impl<'s> Search<'s> {
    pub(crate) fn new(
        engine: &'s Engine,
        mentioned: &'s Mentioned,
        claim: Claim,
        seed: u64,
    ) -> Self {
        Self {
            engine,
            mentioned,
            claim,
            budget: DECISIONS_MAX,
            seed,
        }
    }

    /// A context that contradicts the claim.
    pub(crate) fn counterexample(&mut self, question: &Question) -> Option<Found> {
        for question in self.concrete(question) {
            let found = self
                .one_by_one(&question)
                .or_else(|| self.deep(&question))
                .map(|stated| self.small(&question, stated))
                .filter(|stated| self.is_possible(&question, stated));
            if let Some(stated) = found {
                return Some(Found { question, stated });
            }
        }
        None
    }

    /// A pattern as some of the resources that it stands for.
    fn concrete(&self, question: &Question) -> Vec<Question> {
        if !question.is_pattern {
            return vec![question.clone()];
        }
        let asked = question.resource();
        let mut texts = vec![sample(asked)];
        for named in &self.mentioned.resources {
            let others = shared(asked, named).into_iter();
            let others = others.filter(|text| ArnRef::parse(text).is_some());
            texts.extend(others.take(CONCRETE_MAX));
        }
        texts.truncate(CONCRETE_MAX);
        texts.iter().map(|text| question.about(text)).collect()
    }

    /// True for an answer that the claim forbids.
    fn contradicts(&self, verdict: Verdict) -> bool {
        match self.claim {
            Claim::Never => verdict == Verdict::Allow,
            Claim::Always => verdict.is_deny(),
        }
    }

    fn ask(&mut self, question: &Question, stated: &Facts) -> Option<Verdict> {
        self.budget = self.budget.checked_sub(1)?;
        Some(question.verdict(self.engine, &facts(question, stated)))
    }

    /// What to try for a key, in lower case.
    fn states(&self, question: &Question, key: &str, given: &Facts) -> Vec<State> {
        let of_resource = ArnRef::parse(question.resource()).map(|arn| arn.region());
        let of_resource = of_resource.filter(|region| !region.is_empty());
        let own = self.engine.snapshot().region.as_deref();
        let region = of_resource.or(own).unwrap_or("us-east-1");
        states(self.mentioned, key, given, region)
    }

    /// Keys that the answer depends on, in lower case.
    fn open_keys(&mut self, question: &Question, stated: &Facts) -> Vec<String> {
        let facts = facts(question, stated);
        let answer = question.explain(self.engine, &facts, Detail::Reasons);
        let keys = answer.depends_on.into_iter().filter_map(|one| match one {
            Dependency::Key(key) => Some(key),
            _ => None,
        });
        keys.filter(|key| stated.get(key).is_none()).collect()
    }

    /// All combinations of few keys, fewer before more.
    fn one_by_one(&mut self, question: &Question) -> Option<Facts> {
        let mut open = vec![Facts::default()];
        let at_first = self.ask(question, &Facts::default())?;
        if self.contradicts(at_first) {
            return Some(Facts::default());
        }
        for _ in 0..DEPTH {
            let mut next = Vec::new();
            for stated in open {
                for key in self.open_keys(question, &stated) {
                    let given = facts(question, &stated);
                    for state in self.states(question, &key, &given) {
                        let mut stated = stated.clone();
                        stated.say(self.mentioned.spelled(&key), state);
                        match self.ask(question, &stated)? {
                            verdict if self.contradicts(verdict) => return Some(stated),
                            Verdict::Depends => next.push(stated),
                            _ => {}
                        }
                    }
                }
            }
            open = next;
        }
        None
    }

    /// Whole contexts: one key after another is said such that the answer stays open, as deep as it takes. First in the order
    /// of the keys, then in others.
    fn deep(&mut self, question: &Question) -> Option<Facts> {
        let mut random = Random(self.seed);
        for round in 0..ROUNDS {
            self.budget = DECISIONS_MAX / ROUNDS;
            let mut open = vec![Facts::default()];
            while let Some(stated) = open.pop() {
                let mut keys = self.open_keys(question, &stated);
                if round > 0 {
                    random.shuffle(&mut keys);
                }
                let Some(key) = keys.first() else {
                    continue;
                };
                let given = facts(question, &stated);
                let mut states = self.states(question, key, &given);
                if round > 0 {
                    random.shuffle(&mut states);
                }
                let mut deeper = Vec::new();
                for state in states {
                    let mut stated = stated.clone();
                    stated.say(self.mentioned.spelled(key), state);
                    match self.ask(question, &stated) {
                        None => break,
                        Some(verdict) if self.contradicts(verdict) => return Some(stated),
                        Some(Verdict::Depends) => deeper.push(stated),
                        Some(_) => {}
                    }
                }
                if self.budget == 0 {
                    break;
                }
                // The first one is looked into first.
                open.extend(deeper.into_iter().rev());
            }
        }
        None
    }

    /// The same without what it can do without.
    fn small(&self, question: &Question, mut stated: Facts) -> Facts {
        let keys: Vec<String> = stated.iter().map(|(key, _)| key.to_owned()).collect();
        for key in keys {
            let Some((name, state)) = stated.remove(&key) else {
                continue;
            };
            let verdict = question.verdict(self.engine, &facts(question, &stated));
            if !self.contradicts(verdict) {
                stated.say(&name, state);
            }
        }
        stated
    }

    /// False for a context that contradicts itself where the question does not.
    fn is_possible(&self, question: &Question, stated: &Facts) -> bool {
        let with = question.contradictions(self.engine, &facts(question, stated));
        with <= question.contradictions(self.engine, &question.facts)
    }
}

/// Numbers that look random (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let number = usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or_default();
        number.checked_rem(bound).unwrap_or_default()
    }

    fn shuffle<T>(&mut self, values: &mut [T]) {
        for index in (1..values.len()).rev() {
            values.swap(index, self.below(index + 1));
        }
    }
}
