//! Tests that would hold for the wrong reason. Rule: UI-40.
//!
//! A misspelt action, caller or key is denied whatever the policies say, so a test of it guards nothing, unless its
//! expectation says that this is what it is about, or says why the answer falls as it does.

use preclear_inputs::test_file::RequestExpectation;
use preclear_simulator::{Code, Engine, Explanation, Request, Verdict};

use super::Mismatch;
use super::named::unlisted_resource;

/// What the request names that does not exist, and the expectation does not speak of.
pub(in crate::test) fn guard(
    expect: &RequestExpectation,
    answer: &Explanation,
    request: &Request,
    engine: &Engine,
) -> Vec<Mismatch> {
    let mut all = Vec::new();
    if answer.verdict == Verdict::Invalid {
        return all;
    }
    if is_deliberate(expect) {
        return all;
    }
    let names = |speaks: &dyn Fn(&RequestExpectation) -> bool| {
        speaks(expect) || expect.parts.values().any(speaks)
    };
    let mut push = |path: &str, remedy: String, actual: &str| {
        all.push(nothing_guarded(path, &remedy, actual));
    };
    // Policies with unknown actions have the same code; what they are about is another matter.
    let unknown_action = answer.warnings.iter().find(|warning| {
        warning.code == "UNKNOWN_ACTION" && warning.message.starts_with("no service defines")
    });
    if let Some(warning) = unknown_action
        && !names(&|one| one.warnings.contains("UNKNOWN_ACTION"))
    {
        push(
            "warnings",
            "`warnings: [UNKNOWN_ACTION]` in the expectation".to_owned(),
            &warning.message,
        );
    }
    let unlisted = answer
        .assumptions
        .iter()
        .find(|one| one.starts_with("principal:"));
    if let Some(assumption) = unlisted
        && !names(&|one| one.assumptions.contains(assumption))
    {
        push(
            "assumptions",
            format!("`assumptions: [\"{assumption}\"]` in the expectation"),
            assumption,
        );
    }
    let is_key_missing = answer
        .primary
        .as_ref()
        .is_some_and(|reason| reason.code == Code::KeyNotFound);
    if is_key_missing
        && !names(&|one| {
            one.code == Some(Code::KeyNotFound)
                || one.operability.as_deref() == Some("NotFoundException")
        })
    {
        push(
            "code",
            "`code: key_not_found` in the expectation".to_owned(),
            &format!("the snapshot has no key `{}`", answer.resource),
        );
    }
    // Where a statement denies, that statement is what the test guards; where it is ambiguous, that it is.
    if answer.verdict != Verdict::ImplicitDeny || expect.ambiguities.is_some() {
        return all;
    }
    let mut push = |path: &str, remedy: String, actual: &str| {
        all.push(nothing_guarded(path, &remedy, actual));
    };
    let unfit = answer.warnings.iter().find(|warning| match warning.code {
        // What the further decisions of an operation are about, the operation says.
        "LITERAL_STAR_RESOURCE" => request.resource.is_none() && answer.parts.is_empty(),
        code => code == "RESOURCE_NOT_OF_ACTION",
    });
    if let Some(warning) = unfit
        && !names(&|one| one.warnings.contains(warning.code))
    {
        let remedy = format!("`warnings: [{}]` in the expectation", warning.code);
        push("warnings", remedy, &warning.message);
    }
    if let Some(resource) = unlisted_resource(request, engine.snapshot()) {
        push(
            "resource",
            "the `code` of the reason in the expectation".to_owned(),
            &format!("the snapshot lists others of its kind, but not `{resource}`"),
        );
    }
    all
}

fn nothing_guarded(path: &str, remedy: &str, actual: &str) -> Mismatch {
    Mismatch {
        path: path.to_owned(),
        expected: format!(
            "a request for things that exist, or {remedy}: as it is, the test guards nothing"
        ),
        actual: actual.to_owned(),
    }
}

/// True where the expectation gives a reason: that would differ if the request were misspelt.
fn is_deliberate(expect: &RequestExpectation) -> bool {
    expect.code.is_some() || expect.layer.is_some() || expect.depends_on.is_some()
}
