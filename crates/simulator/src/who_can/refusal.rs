//! What KMS answers to all who may. Rule: UI-1, KMS-STATE-1.

use std::collections::BTreeSet;

use super::{Candidate, WhoCan};
use crate::explanation::{Change, Explanation, KmsAnswer, Operability, Verdict};

impl WhoCan {
    /// The exception that KMS answers to the operation itself, so that nobody can do it: none where somebody who makes a difference gets
    /// another answer. Of somebody who may under conditions the state of the key is not asked: what others hear of the same key counts.
    #[must_use]
    pub fn refusal(&self) -> Option<&KmsAnswer> {
        let answers = self.allowed().filter_map(|one| one.answer.as_deref());
        let refused: Vec<&Explanation> = answers
            .filter(|answer| refusal_of(answer).is_some())
            .collect();
        let refusal = refused.iter().find_map(|answer| refusal_of(answer))?;
        let resources = refused.iter().flat_map(|answer| refused_resources(answer));
        let resources: BTreeSet<&str> = resources.collect();
        let works = |one: &Candidate| {
            let answer = one.answer.as_deref();
            answer.is_some_and(|answer| {
                refusal_of(answer).is_none()
                    && (answer.verdict == Verdict::Allow || !is_about(answer, &resources))
            })
        };
        // Others may word it otherwise than the question does: a key by its ARN.
        let is_of_request = refusal.change == Change::Request;
        let others = self
            .counted()
            .filter(|one| !is_of_request && !one.is_listed());
        let listed = self.listed.iter().filter(|one| one.may());
        (!listed.chain(others).any(works)).then_some(refusal)
    }
}

fn refusal_of(answer: &Explanation) -> Option<&KmsAnswer> {
    let answer = answer.operability.answer()?;
    (answer.change != Change::Nothing).then_some(answer)
}

/// The keys that an answer of KMS is about: of an operation, those of its parts that hear it.
fn refused_resources(answer: &Explanation) -> Vec<&str> {
    let parts = answer.parts.iter();
    let parts = parts.filter(|part| matches!(part.result.operability, Operability::Exception(_)));
    let parts: Vec<&str> = parts.map(|part| part.resource.as_str()).collect();
    match parts.is_empty() {
        true => vec![answer.resource.as_str()],
        false => parts,
    }
}

fn is_about(answer: &Explanation, resources: &BTreeSet<&str>) -> bool {
    let parts = answer.parts.iter().map(|part| part.resource.as_str());
    let mut own = parts.chain([answer.resource.as_str()]);
    own.any(|resource| resources.contains(resource))
}
