//! Each kind of expectation, once held and once broken.

use std::collections::{BTreeMap, BTreeSet};

use preclear_condition::Dependency;
use preclear_inputs::test_file::{
    ExpectedVerdict, JobExpectation, LintExpectation, NearMissExpectation, RequestExpectation,
    StatementName,
};
use preclear_model::{Diagnostic, Diagnostics};
use preclear_simulator::explanation::{Part, StatementRef};
use preclear_simulator::job::{Basis, JobReport, JobVerdict, Phase, Requirement, RequirementPart};
use preclear_simulator::{Code, Explanation, Layer, NearMiss, Verdict, Warning, codes};

use super::*;
use crate::render::sample;

const ALLOW: ExpectedVerdict = ExpectedVerdict::Exactly(Verdict::Allow);

fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn expect_verdict(verdict: ExpectedVerdict) -> RequestExpectation {
    RequestExpectation {
        verdict: Some(verdict),
        ..RequestExpectation::default()
    }
}

/// Denied by statement 2 (`Admins`) of `key`, with one near miss, one warning, one assumption.
fn answer() -> Explanation {
    let mut answer = sample::denied(Code::IamNotEnabledByKeyPolicy);
    let statement = StatementRef {
        policy: "key".to_owned(),
        statement: 2,
        sid: Some("Admins".to_owned()),
        place: None,
    };
    if let Some(primary) = &mut answer.primary {
        primary.statement = Some(statement.clone());
        primary.grant = Some("g1".to_owned());
    }
    answer.near_misses.push(NearMiss {
        layer: Layer::Resource,
        statement: Some(statement),
        grant: None,
        denies: false,
        element: "Condition",
        key: Some("kms:ViaService".to_owned()),
        operator: Some("StringEquals".to_owned()),
        expected: "s3.us-west-2.amazonaws.com".to_owned(),
        stands_for: None,
        actual: "absent".to_owned(),
        values: Vec::new(),
        pattern: None,
        is_remote: false,
        is_idle: false,
        is_hinted: false,
        met: Vec::new(),
        open: Vec::new(),
    });
    let row = &preclear_model::codes::UNKNOWN_ACTION;
    answer.warnings.push(Warning::new(row, "m"));
    answer.assumptions.insert("layer:rcp open".to_owned());
    answer
        .depends_on
        .insert(Dependency::Key("aws:sourcevpce".to_owned()));
    answer.depends_on.insert(Dependency::Layer("scp"));
    answer.ambiguities.insert(1);
    answer
}

fn paths(mismatches: &[Mismatch]) -> Vec<&str> {
    mismatches
        .iter()
        .map(|mismatch| mismatch.path.as_str())
        .collect()
}

#[test]
fn everything_named_and_right_holds() {
    let expect = RequestExpectation {
        verdict: Some(ExpectedVerdict::Deny),
        code: Some(Code::IamNotEnabledByKeyPolicy),
        layer: Some(Layer::Resource),
        policy: Some("key".to_owned()),
        statement: Some(StatementName::Sid("Admins".to_owned())),
        grant: Some("g1".to_owned()),
        depends_on: Some(set(&["layer:scp", "aws:SourceVpce"])),
        ambiguities: Some(BTreeSet::from([1])),
        operability: None,
        parts: BTreeMap::new(),
        warnings: set(&["UNKNOWN_ACTION"]),
        assumptions: set(&["layer:rcp open"]),
        near_miss: Some(NearMissExpectation {
            element: Some("Condition".to_owned()),
            statement: Some(StatementName::Index(2)),
            ..NearMissExpectation::default()
        }),
    };
    assert_eq!(request(&expect, &answer()), []);
    assert_eq!(request(&RequestExpectation::default(), &answer()), []);
}

/// A `Sid` of digits is told from an index.
#[test]
fn a_sid_that_looks_like_an_index_is_said_to_be_one() {
    let expect = RequestExpectation {
        statement: Some(StatementName::Sid("1".to_owned())),
        ..RequestExpectation::default()
    };
    let found = request(&expect, &answer());
    assert_eq!(found[0].expected, "the Sid \"1\"");
}

#[test]
fn each_member_can_break() {
    let broken = [
        ("verdict", expect_verdict(ALLOW)),
        (
            "verdict",
            expect_verdict(ExpectedVerdict::Exactly(Verdict::ExplicitDeny)),
        ),
        (
            "code",
            RequestExpectation {
                code: Some(Code::NoIdentityAllow),
                ..RequestExpectation::default()
            },
        ),
        (
            "layer",
            RequestExpectation {
                layer: Some(Layer::Scp),
                ..RequestExpectation::default()
            },
        ),
        (
            "policy",
            RequestExpectation {
                policy: Some("ke".to_owned()),
                ..RequestExpectation::default()
            },
        ),
        (
            "statement",
            RequestExpectation {
                statement: Some(StatementName::Index(1)),
                ..RequestExpectation::default()
            },
        ),
        (
            "grant",
            RequestExpectation {
                grant: Some("g2".to_owned()),
                ..RequestExpectation::default()
            },
        ),
        (
            "depends_on",
            RequestExpectation {
                depends_on: Some(set(&["layer:scp"])),
                ..RequestExpectation::default()
            },
        ),
        (
            "depends_on",
            RequestExpectation {
                depends_on: Some(set(&[])),
                ..RequestExpectation::default()
            },
        ),
        (
            "ambiguities",
            RequestExpectation {
                ambiguities: Some(BTreeSet::from([1, 2])),
                ..RequestExpectation::default()
            },
        ),
        (
            "operability",
            RequestExpectation {
                operability: Some("ok".to_owned()),
                ..RequestExpectation::default()
            },
        ),
        (
            "warnings",
            RequestExpectation {
                warnings: set(&["UNKNOWN_KEY"]),
                ..RequestExpectation::default()
            },
        ),
        (
            "assumptions",
            RequestExpectation {
                assumptions: set(&["layer:scp open"]),
                ..RequestExpectation::default()
            },
        ),
    ];
    for (path, expect) in broken {
        assert_eq!(paths(&request(&expect, &answer())), [path], "{expect:?}");
    }
}

#[test]
fn an_answer_without_reasons_breaks_every_expectation_of_one() {
    let mut bare = answer();
    bare.primary = None;
    let expect = RequestExpectation {
        code: Some(Code::NoIdentityAllow),
        layer: Some(Layer::Scp),
        policy: Some("p".to_owned()),
        statement: Some(StatementName::Index(0)),
        grant: Some("g".to_owned()),
        ..RequestExpectation::default()
    };
    assert_eq!(
        paths(&request(&expect, &bare)),
        ["code", "layer", "policy", "statement", "grant"]
    );
}

#[test]
fn members_of_a_near_miss_must_belong_to_one_and_the_same() {
    let mut answer = answer();
    let mut other = answer.near_misses[0].clone();
    other.element = "Principal";
    other.key = None;
    answer.near_misses.push(other);
    let near_miss = |element: &str, key: Option<&str>| RequestExpectation {
        near_miss: Some(NearMissExpectation {
            element: Some(element.to_owned()),
            key: key.map(str::to_owned),
            ..NearMissExpectation::default()
        }),
        ..RequestExpectation::default()
    };
    assert_eq!(
        request(&near_miss("Condition", Some("kms:ViaService")), &answer),
        []
    );
    assert_eq!(
        paths(&request(
            &near_miss("Principal", Some("kms:ViaService")),
            &answer
        )),
        ["near_miss"]
    );
}

#[test]
fn parts_are_named_by_action_or_by_action_and_resource() {
    let part = |action: &str, resource: &str, verdict| {
        let mut result = sample::denied(Code::NoIdentityAllow);
        result.verdict = verdict;
        result.resource = resource.to_owned();
        Part {
            action: action.to_owned(),
            resource: resource.to_owned(),
            result,
        }
    };
    let mut answer = answer();
    answer.parts = vec![
        part(
            "kms:CreateAlias",
            "arn:aws:kms:us-west-2:111122223333:alias/x",
            Verdict::Allow,
        ),
        part(
            "kms:CreateAlias",
            "arn:aws:kms:us-west-2:111122223333:key/k",
            Verdict::ImplicitDeny,
        ),
        part("kms:TagResource", "*", Verdict::Allow),
    ];
    let expect = |name: &str| RequestExpectation {
        parts: BTreeMap::from([(name.to_owned(), expect_verdict(ALLOW))]),
        ..RequestExpectation::default()
    };
    assert_eq!(request(&expect("kms:CreateAlias alias/x"), &answer), []);
    assert_eq!(request(&expect("kms:TagResource"), &answer), []);
    assert_eq!(
        paths(&request(&expect("kms:CreateAlias k"), &answer)),
        ["parts/kms:CreateAlias k/verdict"]
    );
    // Two parts, and the name says not which.
    assert_eq!(
        paths(&request(&expect("kms:CreateAlias"), &answer)),
        ["parts/kms:CreateAlias"]
    );
    // A part that does not exist is no pass.
    assert_eq!(
        paths(&request(&expect("kms:Decrypt"), &answer)),
        ["parts/kms:Decrypt"]
    );
    assert_eq!(
        paths(&request(&expect("kms:CreateAlias alias/y"), &answer)),
        ["parts/kms:CreateAlias alias/y"]
    );
}

#[test]
fn operability_is_ok_or_an_exception() {
    let mut answer = answer();
    let expect = |text: &str| RequestExpectation {
        operability: Some(text.to_owned()),
        ..RequestExpectation::default()
    };
    answer.operability = sample::inoperable();
    assert_eq!(request(&expect("DisabledException"), &answer), []);
    assert_eq!(paths(&request(&expect("ok"), &answer)), ["operability"]);
}

fn requirement(id: &str, parts: &[(&str, Verdict)], result: Verdict) -> Requirement {
    let part = |(action, verdict): &(&str, Verdict)| {
        let mut result = sample::denied(Code::NoIdentityAllow);
        result.verdict = *verdict;
        RequirementPart {
            principal: "p".to_owned(),
            is_account: false,
            action: (*action).to_owned(),
            resource: "*".to_owned(),
            basis: Basis::Mandatory,
            context: BTreeMap::new(),
            result,
        }
    };
    Requirement {
        id: id.to_owned(),
        phase: Phase::Submit,
        basis: Basis::Mandatory,
        why: "why".to_owned(),
        result,
        parts: parts.iter().map(part).collect(),
        missing: None,
        if_missing: None,
        hints: Vec::new(),
    }
}

fn report() -> JobReport {
    JobReport {
        name: "job".to_owned(),
        operation: "a:B".to_owned(),
        caller: Some("p".to_owned()),
        verdict: JobVerdict::Denied,
        errors: Vec::new(),
        warnings: vec![Warning::new(&codes::UNKNOWN_RESOURCE, "m")],
        requirements: vec![
            requirement("GT-01", &[("s3:GetObject", Verdict::Allow)], Verdict::Allow),
            requirement(
                "GT-08",
                &[
                    ("s3:GetObject", Verdict::Allow),
                    ("s3:PutObject", Verdict::ImplicitDeny),
                ],
                Verdict::ImplicitDeny,
            ),
            requirement("GT-30", &[], Verdict::NotApplicable),
        ],
        fixes: Vec::new(),
        obstacles: Vec::new(),
        is_complete: false,
    }
}

fn check(expect: &JobExpectation) -> Vec<String> {
    let outcome = JobOutcome::Report {
        report: &report(),
        fixed: Some(JobVerdict::Allowed),
    };
    job(expect, &outcome)
        .into_iter()
        .map(|mismatch| mismatch.path)
        .collect()
}

fn requirements(named: &[(&str, ExpectedVerdict)]) -> BTreeMap<String, RequestExpectation> {
    named
        .iter()
        .map(|(name, verdict)| ((*name).to_owned(), expect_verdict(*verdict)))
        .collect()
}

#[test]
fn requirements_are_named_by_id_or_part() {
    let named = |named: &[(&str, ExpectedVerdict)]| {
        check(&JobExpectation {
            requirements: requirements(named),
            ..JobExpectation::default()
        })
    };
    let not_applicable = ExpectedVerdict::Exactly(Verdict::NotApplicable);
    assert_eq!(
        named(&[
            ("GT-01", ALLOW),
            ("GT-08", ExpectedVerdict::Deny),
            ("GT-30", not_applicable)
        ]),
        [""; 0]
    );
    assert_eq!(named(&[("GT-08/s3:GetObject", ALLOW)]), [""; 0]);
    assert_eq!(
        named(&[("GT-08/s3:PutObject", ALLOW)]),
        ["requirements/GT-08/s3:PutObject/verdict"]
    );
    // Neither an id nor a part that does not exist passes.
    assert_eq!(named(&[("GT-99", not_applicable)]), ["requirements/GT-99"]);
    assert_eq!(
        named(&[("GT-01/s3:PutObject", ALLOW)]),
        ["requirements/GT-01/s3:PutObject"]
    );
    assert_eq!(
        named(&[("GT-30/s3:GetObject", not_applicable)]),
        ["requirements/GT-30/s3:GetObject"]
    );
}

#[test]
fn exactly_means_no_other_id() {
    let exactly = |named: &[(&str, ExpectedVerdict)]| {
        check(&JobExpectation {
            requirements_exactly: Some(requirements(named)),
            ..JobExpectation::default()
        })
    };
    let not_applicable = ExpectedVerdict::Exactly(Verdict::NotApplicable);
    assert_eq!(
        exactly(&[
            ("GT-01", ALLOW),
            ("GT-08/s3:GetObject", ALLOW),
            ("GT-30", not_applicable)
        ]),
        [""; 0]
    );
    assert_eq!(
        exactly(&[("GT-01", ALLOW), ("GT-08", ExpectedVerdict::Deny)]),
        ["requirements_exactly/GT-30"]
    );
}

#[test]
fn verdict_code_warnings_and_fixed_of_a_job() {
    let text = |text: &str| Some(text.to_owned());
    let good = JobExpectation {
        verdict: text("DENIED"),
        warnings: set(&["UNKNOWN_RESOURCE"]),
        fixed: text("ALLOWED"),
        ..JobExpectation::default()
    };
    assert_eq!(check(&good), [""; 0]);
    let bad = JobExpectation {
        verdict: text("ALLOWED"),
        code: text("FIELD_FORMAT"),
        warnings: set(&["OTHER"]),
        fixed: text("GAPS"),
        ..JobExpectation::default()
    };
    assert_eq!(check(&bad), ["verdict", "code", "warnings", "fixed"]);
}

#[test]
fn a_refused_job_is_invalid_and_has_no_requirements() {
    let errors = Diagnostics::from(Diagnostic::error("UNKNOWN_MEMBER", "m").rule("UI-33"));
    let check = |expect: &JobExpectation| -> Vec<String> {
        job(expect, &JobOutcome::Refused(&errors))
            .into_iter()
            .map(|mismatch| mismatch.path)
            .collect()
    };
    let text = |text: &str| Some(text.to_owned());
    let invalid = JobExpectation {
        verdict: text("INVALID"),
        code: text("UI-33"),
        ..JobExpectation::default()
    };
    assert_eq!(check(&invalid), [""; 0]);
    let denied = JobExpectation {
        verdict: text("DENIED"),
        code: text("OTHER"),
        requirements: requirements(&[("GT-01", ALLOW)]),
        fixed: text("ALLOWED"),
        ..JobExpectation::default()
    };
    assert_eq!(
        check(&denied),
        ["verdict", "code", "requirements/GT-01", "fixed"]
    );
}

#[test]
fn findings_are_contained_or_exact() {
    let codes = set(&["A", "B"]);
    let contained = LintExpectation {
        findings: set(&["A"]),
        findings_exactly: None,
    };
    let exact = LintExpectation {
        findings: set(&[]),
        findings_exactly: Some(set(&["A"])),
    };
    let missing = LintExpectation {
        findings: set(&["C"]),
        findings_exactly: None,
    };
    assert_eq!(lint(&contained, &codes), []);
    assert_eq!(paths(&lint(&exact, &codes)), ["findings_exactly"]);
    assert_eq!(paths(&lint(&missing, &codes)), ["findings"]);
}
