//! Whether an allowed KMS call would work, and why not. Never changes a decision. With which context a ciphertext was made nobody
//! states, so InvalidCiphertextException is never foretold. Rule: KMS-STATE-1, KMS-COND-5.
//!
//! Each module knows what one part of a call can be wrong about; this one, in which order KMS is asked.

mod alias;
mod grant;
mod key;
mod lockout;
mod named_grant;
mod new_key;
mod request;

use preclear_catalog::kms::{self as tables, KmsAction, KmsException};
use serde_json::{Map, Value};

use super::candidate::{self, Candidate};
use crate::decide::Case;
use crate::engine::keys::CompiledKey;
use crate::explanation::{Change, KmsAnswer, Operability};
use crate::target::{KeyTarget, TargetKind};

/// What an authorised call meets, or for one that is decided on several things its decision on `role`.
pub(crate) fn of(case: &Case<'_>, role: tables::Target) -> Operability {
    let call = Call::new(case, role);
    let answer = request::answer(&call)
        .or_else(|| grant::answer(&call))
        .or_else(|| alias::answer(&call))
        .or_else(|| new_key::answer(&call))
        .or_else(|| key::answer(&call))
        .or_else(|| new_key::replica(&call))
        .or_else(|| named_grant::answer(&call))
        .or_else(|| of_candidate(&call))
        .or_else(|| request::rehearsal(&call));
    answer.map_or(Operability::Ok, Operability::Exception)
}

/// What RetireGrant meets that nobody is entitled to: perhaps there is no such grant. Rule: KMS-GRANT-14.
pub(crate) fn of_retirement(case: &Case<'_>) -> Operability {
    let call = Call::new(case, tables::Target::Key);
    let answer = named_grant::retired(&call);
    answer.map_or(Operability::Ok, Operability::Exception)
}

/// What a call meets that names no key. Rule: KMS-DEC-0.
pub(crate) fn missing_key() -> KmsAnswer {
    let why = "there is no key of that name in the account and Region of the call";
    of_request(
        KmsException::NotFound,
        "KMS-ID-1",
        why,
        "name a key that exists",
    )
}

/// What KMS answers to the key policy that the call would set. Rule: KMS-POL-12, KMS-POL-13, KMS-POL-15.
fn of_candidate(call: &Call<'_>) -> Option<KmsAnswer> {
    let candidate = candidate::of(call.case)?;
    candidate::answer(&candidate).or_else(|| match candidate {
        Candidate::Policy(policy) => lockout::answer(call.case, policy),
        Candidate::NoPolicy => None,
    })
}

/// A call, as far as it has been decided.
struct Call<'c> {
    case: &'c Case<'c>,
    /// What this decision of the call is about.
    role: tables::Target,
    action: Option<&'static KmsAction>,
    /// The key, if the snapshot has it.
    key: Option<&'c CompiledKey>,
}

impl<'c> Call<'c> {
    fn new(case: &'c Case<'c>, role: tables::Target) -> Self {
        let key = match &case.target.kind {
            TargetKind::Key(KeyTarget::Found { key }) => Some(&**key),
            _ => None,
        };
        Self {
            case,
            role,
            action: tables::action(case.action.name()),
            key,
        }
    }

    fn is(&self, action: &str) -> bool {
        self.case.action.name() == action
    }

    /// The members of the request, where it is given at all.
    fn parameters(&self) -> Option<&'c Map<String, Value>> {
        self.case.sources().parameters()
    }

    fn text(&self, parameter: &str) -> Option<&'c str> {
        self.case.request.text_parameter(parameter)
    }
}

/// A flag as JSON, or as a command line passes it.
fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// An answer that another key, or another state of it, would not get.
fn of_key(
    exception: KmsException,
    rule: &'static str,
    why: impl Into<String>,
    remedy: impl Into<String>,
) -> KmsAnswer {
    KmsAnswer {
        exception,
        why: why.into(),
        rule,
        change: Change::Key,
        remedy: remedy.into(),
    }
}

/// An answer that another request would not get.
pub(super) fn of_request(
    exception: KmsException,
    rule: &'static str,
    why: impl Into<String>,
    remedy: impl Into<String>,
) -> KmsAnswer {
    KmsAnswer {
        change: Change::Request,
        ..of_key(exception, rule, why, remedy)
    }
}
