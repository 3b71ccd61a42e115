//! Splits unknown keys into cases where an answer is open: if every case gives the same, that is the answer.
//! Rule: IAM-TRI-10.
//!
//! Three values forget that one key occurs twice: with a key unknown, `Allow if k = a` and `Allow if k ≠ a` are both
//! undecided, though one of them certainly allows. Here conditions see such a key in each of the few states that
//! stand for all it may have. Nothing else sees them: what is derived from a context is derived from the real one, and
//! layers that are not loaded, ambiguities and fields of the caller stay unknown in every case.

use preclear_condition::cases::{KeyCases, Use};
use preclear_condition::{Dependency, KeyName, KeyState, Lookup};
use preclear_model::caller::{CallerKind, Credentials};

use crate::compose::Answer;
use crate::context::{Context, View};
use crate::decide::{self, Case, Run};
use crate::engine::key_types::sole_kind;
use crate::evaluate::StatementResult;
use crate::explain::Evidences;
use crate::explanation::Refinement;
use crate::request::AmbiguityMode;

/// Keys that are split at most; with more the answer stays open. Rule: IAM-TRI-10.
const KEYS_MAX: usize = 6;

/// Evaluations of one refinement; past it the answer stays open. Six keys of three cases each, and every stage on the
/// way to them, take 1,092.
const EVALUATIONS_MAX: usize = 2048;

/// Keys that more follows from than conditions see: who calls on whose behalf (UI-39), the unique id (IAM-PRIN-7).
const DERIVED_FROM: &[&str] = &["aws:viaawsservice", "kms:viaservice", "aws:userid"];

/// What one evaluation answers.
pub(crate) enum Reading<T> {
    Settled(T),
    /// It depends on these.
    Open(Evidences),
}

/// What becomes of a case; false ends the search.
type Take<'t, 'a, T> = dyn FnMut(Reading<T>, &Run<'a, Evidences>) -> bool + 't;

/// A question whose answer is open, and how it is read off an evaluation.
pub(crate) struct Question<'q, 'a, T> {
    pub(crate) case: &'a Case<'a>,
    pub(crate) context: &'q Context<'q>,
    pub(crate) ambiguity: AmbiguityMode,
    pub(crate) read: &'q dyn Fn(&Run<'a, Evidences>) -> Reading<T>,
}

impl<'a, T> Question<'_, 'a, T> {
    /// Splits keys until every case is settled or no key is left, and passes each case to `take`, which says whether
    /// to go on. `None` if it does not, or if there are too many cases; else the keys that were split.
    pub(crate) fn refine(
        &self,
        open: &Run<'a, Evidences>,
        take: &mut Take<'_, 'a, T>,
    ) -> Option<Vec<Refinement>> {
        let Reading::Open(evidence) = (self.read)(open) else {
            return None;
        };
        let splits = self.splits(open, &evidence)?;
        let mut search = Search {
            question: self,
            splits: &splits,
            is_used: vec![false; splits.len()],
            evaluations: 0,
            take,
        };
        if !search.descend(open, &mut Vec::new()) {
            return None;
        }
        let used = splits.iter().zip(&search.is_used);
        let used = used
            .filter(|(_, is_used)| **is_used)
            .map(|(split, _)| split);
        Some(used.map(Split::refinement).collect())
    }

    /// The keys that can be split, in the order of their names; `None` if there are none or too many.
    fn splits(&self, open: &Run<'a, Evidences>, evidence: &Evidences) -> Option<Vec<Split>> {
        let splits: Vec<Split> = evidence
            .iter()
            .filter_map(|dependency| self.split(open, dependency))
            .take(KEYS_MAX + 1)
            .collect();
        (1..=KEYS_MAX).contains(&splits.len()).then_some(splits)
    }

    fn split(&self, open: &Run<'a, Evidences>, dependency: &Dependency) -> Option<Split> {
        let Dependency::Key(name) = dependency else {
            return None;
        };
        let key = KeyName::new(name);
        let view = View {
            context: self.context,
            in_key_policy: false,
            supposed: &[],
        };
        let may_be_absent = match view.state(&key) {
            KeyState::Unknown => true,
            KeyState::Present => false,
            _ => return None,
        };
        if self.is_derived_from(&key) {
            return None;
        }
        let mut uses = Vec::new();
        // Statements that are certain, false or true, stay so in every case.
        let results = open.layers.iter().flat_map(|layer| &layer.statements);
        for result in results.filter(|result| !result.elements.value.is_true()) {
            self.add_uses(&key, result, &mut uses)?;
        }
        let cases = KeyCases::of(&uses, sole_kind(&key), may_be_absent)?;
        Some(Split {
            dependency: dependency.clone(),
            key,
            cases,
        })
    }

    /// Adds the tests of the key in a statement; `None` if the key also stands in a variable.
    fn add_uses<'t>(
        &self,
        key: &KeyName,
        result: &'t StatementResult<'_, Evidences>,
        uses: &mut Vec<Use<'t>>,
    ) -> Option<()> {
        let statement = result.statement;
        let ambiguities = self.ambiguity.of(statement.effect);
        let mut in_resource = statement.resource.variables();
        let is_variable = in_resource.any(|variable| variable == key);
        for test in statement.condition.tests() {
            if is_variable || test.variables().any(|variable| variable == key) {
                return None;
            }
            if test.key() == key {
                uses.push(Use { test, ambiguities });
            }
        }
        (!is_variable).then_some(())
    }

    /// True for a key that decides about more than conditions.
    fn is_derived_from(&self, key: &KeyName) -> bool {
        let case = self.case;
        // STS asks it whether a session of a user may call IAM (IAM-EVAL-24).
        let is_asked_by_sts = key.as_str() == "aws:multifactorauthpresent"
            && case.action.service() == "iam"
            && matches!(case.requester.kind(), CallerKind::User { .. })
            && case.requester.caller.credentials == Some(Credentials::SessionToken);
        is_asked_by_sts || DERIVED_FROM.contains(&key.as_str())
    }
}

/// A key with its cases.
struct Split {
    dependency: Dependency,
    key: KeyName,
    cases: KeyCases,
}

impl Split {
    fn refinement(&self) -> Refinement {
        Refinement {
            key: self.key.as_str().to_owned(),
            cases: self.cases.labels().to_vec(),
        }
    }
}

/// Goes through the cases, one key after another, only as deep as they are open.
struct Search<'s, 'q, 'a, T> {
    question: &'s Question<'q, 'a, T>,
    splits: &'s [Split],
    is_used: Vec<bool>,
    evaluations: usize,
    take: &'s mut Take<'s, 'a, T>,
}

impl<'s, 'a, T> Search<'s, '_, 'a, T> {
    /// True if all cases below were taken. No deeper than there are keys.
    fn descend(
        &mut self,
        run: &Run<'a, Evidences>,
        supposed: &mut Vec<(&'s KeyName, KeyState<'s>)>,
    ) -> bool {
        let evidence = match (self.question.read)(run) {
            Reading::Open(evidence) => evidence,
            settled @ Reading::Settled(_) => return (self.take)(settled, run),
        };
        let is_open = |split: &Split| {
            evidence.contains(&split.dependency)
                && supposed.iter().all(|(key, _)| **key != split.key)
        };
        let mut splits = self.splits.iter().zip(&mut self.is_used);
        let Some((split, is_used)) = splits.find(|(split, _)| is_open(split)) else {
            return (self.take)(Reading::Open(evidence), run);
        };
        *is_used = true;
        for state in split.cases.states() {
            self.evaluations += 1;
            if self.evaluations > EVALUATIONS_MAX {
                return false;
            }
            let arena = self.question.case.arena;
            let state = state
                .state(|values| arena.alloc_slice_fill_iter(values.iter().map(String::as_str)));
            supposed.push((&split.key, state));
            let Question {
                case,
                context,
                ambiguity,
                ..
            } = *self.question;
            let run = decide::run_supposing(case, context, ambiguity, supposed);
            let agrees = self.descend(&run, supposed);
            supposed.pop();
            if !agrees {
                return false;
            }
        }
        true
    }
}

/// The answer of every case, if an open decision has one.
pub(crate) fn answer<'a>(
    case: &'a Case<'a>,
    context: &Context,
    ambiguity: AmbiguityMode,
    open: &Run<'a, Evidences>,
    take: &mut dyn FnMut(Answer, &Run<'a, Evidences>),
) -> Option<(Answer, Vec<Refinement>)> {
    let question = Question {
        case,
        context,
        ambiguity,
        read: &read,
    };
    let mut agreed = None;
    let keys = question.refine(open, &mut |reading, run| {
        let Reading::Settled(answer) = reading else {
            return false;
        };
        take(answer, run);
        let joined = agreed.map_or(Some(answer), |before| join(before, answer));
        agreed = joined;
        joined.is_some()
    })?;
    Some((agreed?, keys))
}

fn read(run: &Run<'_, Evidences>) -> Reading<Answer> {
    match run.composition.answer() {
        Answer::Depends => Reading::Open(run.composition.dependencies()),
        answer => Reading::Settled(answer),
    }
}

/// What leaves cases open whose keys are all split, in report mode. `None` where the cases cannot be told.
pub(crate) fn left_open<'a>(
    case: &'a Case<'a>,
    context: &Context,
    open: &Run<'a, Evidences>,
) -> Option<Evidences> {
    let question = Question {
        case,
        context,
        ambiguity: AmbiguityMode::Report,
        read: &read,
    };
    let mut left = Evidences::new();
    question.refine(open, &mut |reading, _| {
        if let Reading::Open(evidence) = reading {
            left.extend(evidence);
        }
        true
    })?;
    Some(left)
}

/// What two cases agree on: a deny that is explicit only in some is certain all the same. Rule: IAM-EVAL-26.
fn join(one: Answer, other: Answer) -> Option<Answer> {
    let is_deny = |answer| matches!(answer, Answer::ExplicitDeny | Answer::ImplicitDeny);
    match (one, other) {
        _ if one == other => Some(one),
        _ if is_deny(one) && is_deny(other) => Some(Answer::ImplicitDeny),
        _ => None,
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
