//! Statements that allow a call only where a service makes it for the principal, for a direct call that they do not allow: who
//! means the data of a service asked another question than he has. Rule: UI-39, KMS-COND-2, UI-12.

use crate::engine::{Detail, Engine};
use crate::explanation::{Explanation, NearMiss, StatementRef, Verdict};
use crate::job::nearest::is_forwarding;
use crate::request::Request;

/// Services that are tried for one statement; lists of them are seldom longer.
const SERVICES_MAX: usize = 8;

/// Stands for any service, where a statement names none.
const ANY: &str = "s3";

/// A statement that allows the call through a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    /// The statement.
    pub statement: StatementRef,
    /// Services that it names, as `via` takes them; empty: any.
    pub services: Vec<String>,
    /// The answer for a call through the first of them.
    pub verdict: Verdict,
}

/// The statements that a denied direct call fails only for being direct. Each is asked again with `via`: one that does not allow
/// the call then either is none.
pub(crate) fn of(engine: &Engine, request: &Request, answer: &Explanation) -> Vec<Through> {
    if !request.via.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<Through> = Vec::new();
    for miss in misses(answer) {
        let Some(statement) = &miss.statement else {
            continue;
        };
        let is_known = found.iter().any(|own| &own.statement == statement);
        if is_known || !fails_for_being_direct(answer, statement) {
            continue;
        }
        let named = services(answer, statement);
        let tried = match named.as_slice() {
            [] => vec![ANY.to_owned()],
            _ => named.clone(),
        };
        let mut passing: Vec<(Verdict, String)> = tried
            .into_iter()
            .filter_map(|service| Some((passes(engine, request, statement, &service)?, service)))
            .collect();
        // Those that get farthest, in the order of the statement.
        let Some(best) = passing.iter().map(|(verdict, _)| rank(*verdict)).min() else {
            continue;
        };
        passing.retain(|(verdict, _)| rank(*verdict) == best);
        let Some((verdict, _)) = passing.first() else {
            continue;
        };
        found.push(Through {
            statement: statement.clone(),
            verdict: *verdict,
            services: if named.is_empty() {
                Vec::new()
            } else {
                passing.into_iter().map(|(_, service)| service).collect()
            },
        });
    }
    found
}

/// Near misses of the answer, and of its decisions.
fn misses(answer: &Explanation) -> impl Iterator<Item = &NearMiss> {
    let of_parts = answer
        .parts
        .iter()
        .flat_map(|part| &part.result.near_misses);
    let all = answer.near_misses.iter().chain(of_parts);
    all.filter(|miss| !miss.denies && !miss.is_remote)
}

/// Tests of the statement that the call fails.
fn failed<'a>(
    answer: &'a Explanation,
    statement: &'a StatementRef,
) -> impl Iterator<Item = &'a NearMiss> {
    misses(answer).filter(move |miss| miss.statement.as_ref() == Some(statement))
}

/// Whether it would allow the call, were a service to make it. Grants that a service makes for a resource are made through one.
fn fails_for_being_direct(answer: &Explanation, statement: &StatementRef) -> bool {
    failed(answer, statement).all(|miss| {
        miss.key.as_deref().is_some_and(|key| {
            is_forwarding(key) || key.eq_ignore_ascii_case("kms:GrantIsForAWSResource")
        })
    })
}

/// Services that its tests name: `s3` of `s3.us-west-2.amazonaws.com`, `athena` of `athena.amazonaws.com`.
fn services(answer: &Explanation, statement: &StatementRef) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for miss in failed(answer, statement) {
        for operand in miss.expected.split(", ") {
            let Some((service, host)) = operand.split_once('.') else {
                continue;
            };
            let is_plain =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            let is_service = !service.is_empty() && service.bytes().all(is_plain);
            let is_new = !found.iter().any(|own| own == service);
            if is_service && is_new && host.contains("amazonaws") && found.len() < SERVICES_MAX {
                found.push(service.to_owned());
            }
        }
    }
    found
}

/// The answer through the service, unless the statement still fails for the way that the call takes.
fn passes(
    engine: &Engine,
    request: &Request,
    statement: &StatementRef,
    service: &str,
) -> Option<Verdict> {
    let mut through = request.clone();
    through.via = vec![service.to_owned()];
    let answer = engine.explain(&through, Detail::Reasons);
    let fails =
        failed(&answer, statement).any(|miss| miss.key.as_deref().is_some_and(is_forwarding));
    (!fails && answer.verdict != Verdict::Invalid).then_some(answer.verdict)
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allow => 0,
        Verdict::Depends => 1,
        _ => 2,
    }
}
