//! Answers for the tests of the renderers.

use std::collections::BTreeSet;

use preclear_catalog::kms::KmsException;
use preclear_simulator::{
    AmbiguityMode, Change, Code, ContextMode, Explanation, KmsAnswer, Layer, Operability, Reason,
    Verdict,
};

/// What a disabled key makes of an allowed call.
pub(crate) fn inoperable() -> Operability {
    Operability::Exception(KmsAnswer {
        exception: KmsException::Disabled,
        why: "the key is `Disabled`".to_owned(),
        rule: "KMS-STATE-2",
        change: Change::Key,
        remedy: "enable the key".to_owned(),
    })
}

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
        open_ways: Vec::new(),
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
