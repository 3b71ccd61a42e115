//! Where nobody says whether a service calls on, the answer is what both readings agree on. Rule: UI-39.
//!
//! Knows no policies: it asks again, with what is open taken to be so, and otherwise.

use preclear_condition::Tri;

use crate::context::forwarding;
use crate::decide::Inquiry;
use crate::explanation::{Explanation, Refinement, Verdict};

/// The verdict alone.
pub(super) fn verdict(inquiry: Inquiry<'_>, ask: impl Fn(Inquiry<'_>) -> Verdict) -> Verdict {
    if !inquiry.is_forwarded.is_unknown() {
        return ask(inquiry);
    }
    let [direct, forwarded] = both(inquiry).map(&ask);
    agreed(direct, forwarded).unwrap_or_else(|| ask(inquiry))
}

/// The answer in full. One that both readings agree on, though at first sight it is open, is told as one found case by case.
pub(super) fn explain(
    inquiry: Inquiry<'_>,
    ask: impl Fn(Inquiry<'_>) -> Explanation,
) -> Explanation {
    let open = ask(inquiry);
    let may_be_other = match open.verdict {
        Verdict::Depends | Verdict::ImplicitDeny => true,
        // Case by case a statement denies; in one reading nothing may allow it anyway.
        Verdict::ExplicitDeny => !open.refined.is_empty(),
        _ => false,
    };
    if !inquiry.is_forwarded.is_unknown() || !may_be_other {
        return open;
    }
    let [direct, forwarded] = both(inquiry).map(&ask);
    match agreed(direct.verdict, forwarded.verdict) {
        Some(verdict) if verdict != open.verdict => {
            let (mut told, other) = if direct.verdict == verdict {
                (direct, forwarded)
            } else {
                (forwarded, direct)
            };
            add(&mut told, other);
            let key = forwarding::open_key(inquiry.request);
            let cases = forwarding::cases(&key).map(str::to_owned).to_vec();
            told.refined.push(Refinement { key, cases });
            told.refined.sort_by(|one, other| one.key.cmp(&other.key));
            told
        }
        _ => open,
    }
}

/// The call as the caller makes it, and as a service passes it on.
fn both(inquiry: Inquiry<'_>) -> [Inquiry<'_>; 2] {
    [Tri::False, Tri::True].map(|is_forwarded| Inquiry {
        is_forwarded,
        ..inquiry
    })
}

/// What two readings agree on: a deny that is explicit only in one is certain all the same. Rule: IAM-EVAL-26.
fn agreed(one: Verdict, other: Verdict) -> Option<Verdict> {
    match (one, other) {
        (Verdict::Depends, _) | (_, Verdict::Depends) => None,
        _ if one == other => Some(one),
        _ if one.is_deny() && other.is_deny() => Some(Verdict::ImplicitDeny),
        _ => None,
    }
}

/// Adds what the other reading says beside what this one says.
fn add(told: &mut Explanation, other: Explanation) {
    for reason in other.reasons {
        if !told.reasons.contains(&reason) {
            told.reasons.push(reason);
        }
    }
    for warning in other.warnings {
        if !told.warnings.contains(&warning) {
            told.warnings.push(warning);
        }
    }
    for refinement in other.refined {
        if told.refined.iter().all(|own| own.key != refinement.key) {
            told.refined.push(refinement);
        }
    }
    told.ambiguities.extend(other.ambiguities);
    told.assumptions.extend(other.assumptions);
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Allow, Depends, ExplicitDeny, ImplicitDeny};

    #[test]
    fn readings_agree_on_what_both_say() {
        for (one, other, expected) in [
            (Allow, Allow, Some(Allow)),
            (ExplicitDeny, ExplicitDeny, Some(ExplicitDeny)),
            (ExplicitDeny, ImplicitDeny, Some(ImplicitDeny)),
            (Allow, ImplicitDeny, None),
            (Depends, Depends, None),
            (Depends, ExplicitDeny, None),
        ] {
            assert_eq!(agreed(one, other), expected, "{one:?} {other:?}");
            assert_eq!(agreed(other, one), expected, "{other:?} {one:?}");
        }
    }
}
