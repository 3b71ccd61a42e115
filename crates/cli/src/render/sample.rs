//! Answers for the tests of the renderers.

use std::collections::BTreeSet;

use preclear_simulator::{
    AmbiguityMode, Code, ContextMode, Explanation, Layer, Operability, Reason, Verdict,
};

/// A denied decryption.
pub(crate) fn denied(code: Code) -> Explanation {
    let reason = Reason::new(code, Some(Layer::Resource));
    Explanation {
        id: None,
        caller: "arn:aws:iam::111122223333:role/r".to_owned(),
        action: "kms:Decrypt".to_owned(),
        resource: "arn:aws:kms:us-west-2:111122223333:key/k".to_owned(),
        verdict: Verdict::ImplicitDeny,
        primary: Some(reason.clone()),
        reasons: vec![reason],
        near_misses: Vec::new(),
        depends_on: BTreeSet::new(),
        refined: Vec::new(),
        ambiguities: BTreeSet::new(),
        assumptions: BTreeSet::new(),
        warnings: Vec::new(),
        operability: Operability::NotAsked,
        parts: Vec::new(),
        layers: Vec::new(),
        mode: ContextMode::Open,
        ambiguity: AmbiguityMode::Report,
        errors: Vec::new(),
    }
}
