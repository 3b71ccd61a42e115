//! Compares the answer to one request, a part of it, or a requirement of a job.

use std::collections::{BTreeMap, BTreeSet};

use preclear_inputs::test_file::{NearMissExpectation, RequestExpectation};
use preclear_model::Arn;
use preclear_simulator::{Explanation, NearMiss, Operability, Reason, Verdict};

use super::{Mismatch, Mismatches};

/// Compares the answer to a request.
pub(in crate::test) fn request(expect: &RequestExpectation, answer: &Explanation) -> Vec<Mismatch> {
    let mut mismatches = Mismatches::default();
    compare(&mut mismatches, "", expect, &Answer::of(answer));
    mismatches.all
}

/// What an expectation is about.
pub(super) struct Answer<'a> {
    pub(super) verdict: Verdict,
    pub(super) operability: Operability,
    /// Where the reasons stand; none where there was nothing to decide.
    pub(super) explanation: Option<&'a Explanation>,
    pub(super) parts: Vec<PartAnswer<'a>>,
    /// True where one action of many resources stands for all of them: its worst decision counts.
    pub(super) worst_of_equal_parts: bool,
}

/// A part that an expectation can name.
pub(super) struct PartAnswer<'a> {
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    pub(super) result: &'a Explanation,
}

impl<'a> Answer<'a> {
    pub(super) fn of(answer: &'a Explanation) -> Self {
        let parts = answer.parts.iter();
        Self {
            verdict: answer.verdict,
            operability: answer.operability.clone(),
            explanation: Some(answer),
            parts: parts
                .map(|part| PartAnswer {
                    action: &part.action,
                    resource: &part.resource,
                    result: &part.result,
                })
                .collect(),
            worst_of_equal_parts: false,
        }
    }
}

/// Compares everything that the expectation names.
pub(super) fn compare(
    mismatches: &mut Mismatches,
    path: &str,
    expect: &RequestExpectation,
    answer: &Answer<'_>,
) {
    let at = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}/{name}")
        }
    };
    if let Some(expected) = expect.verdict
        && !expected.accepts(answer.verdict)
    {
        mismatches.push(&at("verdict"), expected.name(), answer.verdict.name());
    }
    compare_primary(
        mismatches,
        &at,
        expect,
        answer.explanation.and_then(|one| one.primary.as_ref()),
    );
    if let Some(expected) = &expect.operability {
        let actual = match &answer.operability {
            Operability::NotAsked => None,
            Operability::Ok => Some("ok"),
            Operability::Exception(answer) => Some(answer.exception.name()),
        };
        mismatches.same(&at("operability"), expected, actual);
    }
    compare_sets(mismatches, &at, expect, answer.explanation);
    if let Some(expected) = &expect.near_miss {
        let misses = answer
            .explanation
            .map(|one| one.near_misses.as_slice())
            .unwrap_or_default();
        if !misses.iter().any(|miss| is_expected_miss(expected, miss)) {
            mismatches.push(
                &at("near_miss"),
                expected_miss(expected),
                all_misses(misses),
            );
        }
    }
    compare_parts(mismatches, &at("parts"), &expect.parts, answer);
}

fn compare_primary(
    mismatches: &mut Mismatches,
    at: &dyn Fn(&str) -> String,
    expect: &RequestExpectation,
    primary: Option<&Reason>,
) {
    if let Some(expected) = expect.code {
        mismatches.same(
            &at("code"),
            expected.name(),
            primary.map(|reason| reason.code.name()),
        );
    }
    if let Some(expected) = expect.layer {
        let actual = primary
            .and_then(|reason| reason.layer)
            .map(preclear_simulator::Layer::name);
        mismatches.same(&at("layer"), expected.name(), actual);
    }
    let statement = primary.and_then(|reason| reason.statement.as_ref());
    if let Some(expected) = &expect.policy {
        let of_reason = primary.and_then(|reason| reason.policy.as_deref());
        mismatches.same(
            &at("policy"),
            expected,
            statement.map(|one| one.policy.as_str()).or(of_reason),
        );
    }
    if let Some(expected) = &expect.statement {
        let is_it = statement.is_some_and(|one| expected.names(one.statement, one.sid.as_deref()));
        if !is_it {
            let actual = statement.map_or_else(
                || "nothing".to_owned(),
                |one| name(one.statement, one.sid.as_deref()),
            );
            mismatches.push(&at("statement"), statement_text(expected), actual);
        }
    }
    if let Some(expected) = &expect.grant {
        mismatches.same(
            &at("grant"),
            expected,
            primary.and_then(|reason| reason.grant.as_deref()),
        );
    }
}

fn compare_sets(
    mismatches: &mut Mismatches,
    at: &dyn Fn(&str) -> String,
    expect: &RequestExpectation,
    explanation: Option<&Explanation>,
) {
    let texts =
        |of: &dyn Fn(&Explanation) -> BTreeSet<String>| explanation.map(of).unwrap_or_default();
    if let Some(expected) = &expect.depends_on {
        // Condition keys have no case.
        let lower = |texts: &BTreeSet<String>| {
            texts
                .iter()
                .map(|text| text.to_ascii_lowercase())
                .collect::<BTreeSet<_>>()
        };
        let actual = texts(&|one| one.depends_on.iter().map(ToString::to_string).collect());
        if lower(expected) != lower(&actual) {
            mismatches.same_set(&at("depends_on"), expected, &actual);
        }
    }
    if let Some(expected) = &expect.ambiguities {
        let named = |numbers: &BTreeSet<u8>| {
            numbers
                .iter()
                .map(|number| format!("AMB-{number}"))
                .collect()
        };
        mismatches.same_set(
            &at("ambiguities"),
            &named(expected),
            &texts(&|one| named(&one.ambiguities)),
        );
    }
    let warnings = texts(&|one| {
        one.warnings
            .iter()
            .map(|warning| warning.code.to_owned())
            .collect()
    });
    mismatches.contained(&at("warnings"), &expect.warnings, &warnings);
    mismatches.contained(
        &at("assumptions"),
        &expect.assumptions,
        &texts(&|one| one.assumptions.clone()),
    );
}

/// Compares the parts that an expectation names, by action, or action and resource.
fn compare_parts(
    mismatches: &mut Mismatches,
    path: &str,
    expect: &BTreeMap<String, RequestExpectation>,
    answer: &Answer<'_>,
) {
    for (name, expected) in expect {
        compare_part(
            mismatches,
            &format!("{path}/{name}"),
            name,
            expected,
            answer,
        );
    }
}

/// Compares the part of one name.
pub(super) fn compare_part(
    mismatches: &mut Mismatches,
    path: &str,
    name: &str,
    expect: &RequestExpectation,
    answer: &Answer<'_>,
) {
    let found: Vec<&PartAnswer<'_>> = answer
        .parts
        .iter()
        .filter(|part| is_named(part, name))
        .collect();
    let worst = found.iter().max_by_key(|part| badness(part.result));
    match (found.as_slice(), worst) {
        ([one], _) => compare(mismatches, path, expect, &Answer::of(one.result)),
        ([], _) | (_, None) => {
            mismatches.push(path, "a part of that name", part_names(&answer.parts))
        }
        (_, Some(worst)) if answer.worst_of_equal_parts => {
            compare(mismatches, path, expect, &Answer::of(worst.result));
        }
        (several, _) => {
            let count = several.len();
            let names: Vec<String> = several
                .iter()
                .map(|part| format!("{} {}", part.action, part.resource))
                .collect();
            mismatches.push(
                path,
                "one part; name its resource too",
                format!("{count} parts: {}", names.join(", ")),
            );
        }
    }
}

/// True if the name is `ACTION`, or `ACTION RESOURCE` with the resource whole, or as it stands behind its ARN's prefix.
fn is_named(part: &PartAnswer<'_>, name: &str) -> bool {
    let (action, resource) = match name.split_once(' ') {
        Some((action, resource)) => (action, Some(resource.trim())),
        None => (name, None),
    };
    part.action.eq_ignore_ascii_case(action)
        && resource.is_none_or(|wanted| {
            [part.resource, part.result.resource.as_str()]
                .into_iter()
                .any(|own| is_resource(own, wanted))
        })
}

fn is_resource(own: &str, wanted: &str) -> bool {
    own == wanted
        || Arn::parse(own).is_some_and(|arn| {
            arn.resource() == wanted
                || arn
                    .resource()
                    .strip_prefix("key/")
                    .is_some_and(|id| id == wanted)
        })
}

fn part_names(parts: &[PartAnswer<'_>]) -> String {
    let names: Vec<String> = parts
        .iter()
        .map(|part| format!("{} {}", part.action, part.resource))
        .collect();
    if names.is_empty() {
        "no parts".to_owned()
    } else {
        names.join(", ")
    }
}

/// Which of several decisions is the worst.
pub(super) fn badness(explanation: &Explanation) -> u8 {
    let is_inoperable = explanation.operability.answer().is_some();
    match explanation.verdict {
        Verdict::NotApplicable => 0,
        Verdict::Allow if is_inoperable => 2,
        Verdict::Allow => 1,
        Verdict::Depends => 3,
        Verdict::ImplicitDeny => 4,
        Verdict::ExplicitDeny => 5,
        Verdict::Invalid => 6,
    }
}

fn is_expected_miss(expect: &NearMissExpectation, miss: &NearMiss) -> bool {
    let statement = miss.statement.as_ref();
    let sid = statement.and_then(|statement| statement.sid.as_deref());
    let same = |expected: &Option<String>, actual: Option<&str>| {
        expected
            .as_deref()
            .is_none_or(|expected| actual == Some(expected))
    };
    expect
        .statement
        .as_ref()
        .is_none_or(|name| statement.is_some_and(|own| name.names(own.statement, sid)))
        && same(&expect.policy, statement.map(|own| own.policy.as_str()))
        && same(&expect.sid, sid)
        && same(&expect.grant, miss.grant.as_deref())
        && same(&expect.element, Some(miss.element))
        && same(&expect.key, miss.key.as_deref())
        && same(&expect.operator, miss.operator.as_deref())
        && same(&expect.expected, Some(&miss.expected))
        && same(&expect.stands_for, miss.stands_for.as_deref())
        && same(&expect.actual, Some(&miss.actual))
}

fn expected_miss(expect: &NearMissExpectation) -> String {
    let members = [
        ("policy", expect.policy.clone()),
        ("statement", expect.statement.as_ref().map(statement_text)),
        ("sid", expect.sid.clone()),
        ("grant", expect.grant.clone()),
        ("element", expect.element.clone()),
        ("key", expect.key.clone()),
        ("operator", expect.operator.clone()),
        ("expected", expect.expected.clone()),
        ("stands_for", expect.stands_for.clone()),
        ("actual", expect.actual.clone()),
    ];
    let said: Vec<String> = members
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}: {}", value?)))
        .collect();
    said.join(", ")
}

fn all_misses(misses: &[NearMiss]) -> String {
    let said: Vec<String> = misses
        .iter()
        .map(|miss| {
            let mut text = match (&miss.statement, &miss.grant) {
                (Some(own), _) => {
                    let statement = name(own.statement, own.sid.as_deref());
                    format!("policy: {}, statement: {statement}, ", own.policy)
                }
                (None, Some(grant)) => format!("grant: {grant}, "),
                (None, None) => String::new(),
            };
            text.push_str(&format!("element: {}", miss.element));
            for (label, value) in [("key", &miss.key), ("operator", &miss.operator)] {
                if let Some(value) = value {
                    text.push_str(&format!(", {label}: {value}"));
                }
            }
            text.push_str(&format!(", expected: {}", miss.expected));
            if let Some(value) = &miss.stands_for {
                text.push_str(&format!(", stands_for: {value}"));
            }
            text.push_str(&format!(", actual: {}", miss.actual));
            text
        })
        .collect();
    if said.is_empty() {
        "no near misses".to_owned()
    } else {
        said.join("; ")
    }
}

fn statement_text(name: &preclear_inputs::test_file::StatementName) -> String {
    match name {
        preclear_inputs::test_file::StatementName::Index(index) => index.to_string(),
        // Not to be taken for an index.
        preclear_inputs::test_file::StatementName::Sid(sid) if sid.parse::<usize>().is_ok() => {
            format!("the Sid \"{sid}\"")
        }
        preclear_inputs::test_file::StatementName::Sid(sid) => sid.clone(),
    }
}

fn name(index: usize, sid: Option<&str>) -> String {
    match sid {
        Some(sid) => format!("{index} ({sid})"),
        None => index.to_string(),
    }
}
