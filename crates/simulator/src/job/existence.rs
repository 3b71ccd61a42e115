//! What a job names but nobody knows. Rule: JOB-8.

use preclear_model::Arn;

use crate::engine::Engine;
use crate::explanation::Warning;
use crate::job::keys;
use crate::job::scope::Scope;
use crate::job::template::{Existence, Thing};

/// A warning for each thing that the snapshot neither lists nor declares external.
pub(crate) fn check(scope: &Scope<'_>, existence: &Existence) -> Vec<Warning> {
    let unknown = scope
        .value(&existence.of)
        .into_iter()
        .filter(|arn| !is_known(scope.engine, &existence.what, arn));
    unknown
        .map(|arn| Warning {
            code: "UNKNOWN_RESOURCE",
            message: format!(
                "the {} `{arn}` is neither listed in the snapshot nor declared external (JOB-8)",
                word(&existence.what)
            ),
        })
        .collect()
}

fn word(thing: &Thing) -> &str {
    match thing {
        Thing::Key => "key",
        Thing::Role => "role",
        Thing::Resource(word) => word,
    }
}

fn is_known(engine: &Engine, thing: &Thing, text: &str) -> bool {
    if engine.is_external(text) {
        return true;
    }
    let Some(arn) = Arn::parse(text) else {
        return false;
    };
    match thing {
        Thing::Key => keys::is_aws_alias(&arn) || keys::record(engine, &arn).is_some(),
        Thing::Role => engine.principals().by_arn(text).is_some(),
        Thing::Resource(_) => engine.resources().carrier(&arn).is_some(),
    }
}
