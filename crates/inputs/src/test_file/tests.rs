use std::path::Path;

use preclear_model::Diagnostics;
use preclear_simulator::request::{ContextMode, ContextValue};
use preclear_simulator::{Code, Layer, Verdict};

use crate::Options;
use crate::files::MemoryFiles;
use crate::test_file::{
    ExpectedVerdict, JobExpectation, LintContent, Question, RequestExpectation, StatementName,
    TestFile, read,
};
use crate::testing::{KEY_POLICY, codes, files, with_params};

fn read_text(text: &str) -> Result<TestFile, Diagnostics> {
    let texts = files([
        ("d/t.yaml", text),
        ("d/key.json", KEY_POLICY),
        ("d/world/a.yaml", "preclear: 1\nregion: us-west-2"),
        (
            "d/job.yaml",
            "operation: personalize:CreateDatasetGroup\ncaller: 'arn:aws:iam::<account-id>:role/r'\nrequest: {}\nparams: {account-id: '444455556666'}",
        ),
        ("d/broken.md", "see {\"Statement\": ["),
    ]);
    read(Path::new("d/t.yaml"), &texts, &Options::default()).map(|loaded| loaded.value)
}

/// A file with one test.
fn one(test: &str) -> Result<Question, Diagnostics> {
    read_text(&format!("preclear: 1\ntests: [{{{test}}}]"))
        .map(|mut file| file.tests.remove(0).question)
}

const REQUEST: &str = "request: {principal: anonymous, action: 's3:GetObject'}";

fn expected_of(text: &str) -> Result<RequestExpectation, Diagnostics> {
    one(&format!("{REQUEST}, expect: {text}")).map(|question| match question {
        Question::Request { expect, .. } => *expect,
        other => panic!("{other:?}"),
    })
}

#[test]
fn a_whole_file_arrives() {
    let file = read_text(
        r#"
preclear: 1
rules: [KMS-POL-3, T8]
why: "delegation, <not-a-placeholder> in prose"
params: {account-id: "111122223333"}
lenient: true
snapshot:
  - {file: world}
  - complete: true
    keys: [{arn: "arn:aws:kms:us-west-2:<account-id>:key/k", policy: {file: key.json}}]
defaults: {mode: closed, principal: "arn:aws:iam::<account-id>:role/r", context: {"aws:SourceIp": 10.0.0.1, "aws:UserAgent": x}, caller: anonymous}
tests:
  - name: by default
    request: {action: kms:DescribeKey}
    expect: allow
  - name: overridden
    request: {principal: anonymous, mode: open, operation: "kms:ReEncrypt", context: {"aws:sourceip": 10.0.0.2}, absent: ["aws:UserAgent"]}
    expect: {verdict: deny, parts: {kms:ReEncryptFrom: allow}}
  - job: {file: job.yaml}
    expect: ALLOWED
  - who_can: {action: kms:Decrypt, resource: alias/labels}
    expect: {exactly: ["arn:aws:iam::111122223333:role/r"]}
  - lint: {type: key, document: {file: broken.md}}
    expect: {findings: [X]}
"#,
    )
    .unwrap();
    assert_eq!(file.rules, ["KMS-POL-3", "T8"]);
    assert!(file.lenient && !file.keep_going && file.expect_invalid.is_none());
    assert_eq!(file.params.get("account-id"), Some("111122223333"));
    let snapshot = &file.snapshot.as_ref().unwrap().value;
    assert!(snapshot.complete);
    assert_eq!(snapshot.region.as_deref(), Some("us-west-2"));
    assert_eq!(snapshot.keys[0].arn.account(), "111122223333");
    assert_eq!(snapshot.keys[0].policy.value().unwrap().name, "key.json");
    let names: Vec<&str> = file.tests.iter().map(|test| test.name.as_str()).collect();
    assert_eq!(names, ["by default", "overridden", "#3", "#4", "#5"]);
    let Question::Request { request, .. } = &file.tests[0].question else {
        panic!()
    };
    let first = request.as_ref().as_ref().unwrap();
    assert_eq!((first.mode, first.context.len()), (ContextMode::Closed, 2));
    assert_eq!(first.caller.account.as_deref(), Some("111122223333"));
    let Question::Request { request, expect } = &file.tests[1].question else {
        panic!()
    };
    let second = request.as_ref().as_ref().unwrap();
    // What the request says about a key replaces the default, however it is spelt.
    assert_eq!(second.mode, ContextMode::Open);
    assert_eq!(second.context.len(), 1);
    assert_eq!(
        second.context["aws:sourceip"],
        ContextValue::One("10.0.0.2".to_owned())
    );
    assert_eq!(expect.verdict, Some(ExpectedVerdict::Deny));
    assert_eq!(
        expect.parts["kms:ReEncryptFrom"].verdict,
        Some(ExpectedVerdict::Exactly(Verdict::Allow))
    );
    let Question::Job { job, expect } = &file.tests[2].question else {
        panic!()
    };
    assert_eq!(
        expect,
        &JobExpectation {
            verdict: Some("ALLOWED".to_owned()),
            ..JobExpectation::default()
        }
    );
    // The test file's values win over the job file's.
    assert_eq!(
        job.as_ref()
            .as_ref()
            .unwrap()
            .caller
            .as_ref()
            .unwrap()
            .account
            .as_deref(),
        Some("111122223333")
    );
    assert_eq!(job.as_ref().as_ref().unwrap().mode, ContextMode::Closed);
    let Question::WhoCan { request, expect } = &file.tests[3].question else {
        panic!()
    };
    assert_eq!(
        request.as_ref().as_ref().unwrap().resource.as_deref(),
        Some("alias/labels")
    );
    assert_eq!(expect.exactly.as_ref().unwrap().len(), 1);
    let Question::Lint { document, expect } = &file.tests[4].question else {
        panic!()
    };
    let document = document.as_ref().as_ref().unwrap();
    assert_eq!(
        (document.kind.as_deref(), document.name.as_str()),
        (Some("key"), "broken.md")
    );
    assert!(
        matches!(&document.content, LintContent::Text(source) if source.text.starts_with("see"))
    );
    assert!(expect.findings.contains("X") && expect.findings_exactly.is_none());
}

/// Rule: UI-40.
#[test]
fn operabilities_are_names_that_an_answer_can_have() {
    for good in ["ok", "KMSInvalidStateException", "ValidationError"] {
        let expect = expected_of(&format!("{{operability: {good}}}")).unwrap();
        assert_eq!(expect.operability.as_deref(), Some(good));
    }
    for (bad, meant) in [
        ("KMSInvalidState", "KMSInvalidStateException"),
        ("DisabledExeption", "DisabledException"),
        ("OK", "ok"),
    ] {
        let errors = expected_of(&format!("{{operability: {bad}}}")).unwrap_err();
        assert_eq!(errors.0[0].code, "UNKNOWN_VALUE", "{bad}");
        let help = errors.0[0].help.as_deref();
        assert_eq!(help, Some(format!("did you mean `{meant}`?").as_str()));
    }
}

/// Rule: UI-40.
#[test]
fn an_expectation_that_names_nothing_is_an_error() {
    let of = |test: &str| {
        let text = format!("preclear: 1\ntests: [{test}]");
        let texts = files([("t.yaml", text.as_str())]);
        let read = read(Path::new("t.yaml"), &texts, &Options::default());
        read.err().map(|errors| errors.0[0].code.to_string())
    };
    let request =
        r#"request: {principal: anonymous, action: "s3:GetObject", resource: "arn:aws:s3:::b/k"}"#;
    let who = "who_can: {action: kms:Decrypt, resource: alias/x}";
    let lint = "lint: {Statement: []}";
    for empty in [
        format!("{{{request}, expect: {{}}}}"),
        format!("{{{request}, expect: {{parts: {{kms:Decrypt: {{}}}}}}}}"),
        format!("{{{who}, expect: {{}}}}"),
        format!("{{{lint}, expect: {{findings: []}}}}"),
        "{job: {operation: T, request: {}}, expect: {}}".to_owned(),
    ] {
        assert_eq!(of(&empty), Some("EMPTY_INPUT".to_owned()), "{empty}");
    }
    for something in [
        format!("{{{request}, expect: {{warnings: [A]}}}}"),
        format!("{{{who}, expect: {{exactly: []}}}}"),
        format!("{{{lint}, expect: {{findings_exactly: []}}}}"),
    ] {
        assert_eq!(of(&something), None, "{something}");
    }
}

#[test]
fn expectations_of_requests() {
    let expect = expected_of(
        r#"{verdict: implicit_deny, code: iam_not_enabled_by_key_policy, layer: resource, policy: key-policy, statement: 0, grant: g1,
            depends_on: [aws:sourceip, "layer:scp"], ambiguities: [AMB-5, 7], operability: ok, warnings: [UNKNOWN_ACTION], assumptions: ["layer:rcp open"],
            parts: {"kms:CreateAlias alias/x": {verdict: allow, statement: Admins}},
            near_miss: {policy: p, statement: "0", sid: S, element: Condition, key: "aws:SourceIp", operator: IpAddress, expected: a, actual: "(absent)"}}"#,
    )
    .unwrap();
    assert_eq!(
        expect.verdict,
        Some(ExpectedVerdict::Exactly(Verdict::ImplicitDeny))
    );
    assert_eq!(expect.code, Some(Code::IamNotEnabledByKeyPolicy));
    assert_eq!(expect.layer, Some(Layer::Resource));
    assert_eq!(expect.statement, Some(StatementName::Index(0)));
    assert_eq!(expect.depends_on.unwrap().len(), 2);
    assert_eq!(
        expect.ambiguities.unwrap().into_iter().collect::<Vec<_>>(),
        [5, 7]
    );
    assert_eq!(
        expect.parts["kms:CreateAlias alias/x"].statement,
        Some(StatementName::Sid("Admins".to_owned()))
    );
    let near_miss = expect.near_miss.unwrap();
    assert_eq!(
        near_miss.statement,
        Some(StatementName::Sid("0".to_owned()))
    );
    assert_eq!(near_miss.actual.as_deref(), Some("(absent)"));
    // An empty list asserts that there is nothing.
    assert_eq!(
        expected_of("{depends_on: []}")
            .unwrap()
            .depends_on
            .map(|set| set.len()),
        Some(0)
    );
}

#[test]
fn deny_means_either_kind() {
    for (verdict, is_deny) in [
        (Verdict::ExplicitDeny, true),
        (Verdict::ImplicitDeny, true),
        (Verdict::Allow, false),
        (Verdict::Depends, false),
        (Verdict::Invalid, false),
    ] {
        assert_eq!(ExpectedVerdict::Deny.accepts(verdict), is_deny);
        assert!(ExpectedVerdict::Exactly(verdict).accepts(verdict));
    }
    assert!(!ExpectedVerdict::Exactly(Verdict::ImplicitDeny).accepts(Verdict::ExplicitDeny));
    assert!(
        StatementName::Index(1).names(1, None)
            && !StatementName::Sid("1".to_owned()).names(1, None)
    );
    assert!(StatementName::Sid("A".to_owned()).names(0, Some("A")));
}

#[test]
fn expectations_of_jobs() {
    let question = one(
        "job: {operation: 'a:B', caller: anonymous, request: {}}, expect: {verdict: DENIED, fixed: ALLOWED, warnings: [W], requirements: {GT-22: deny, GT-08/s3:GetObject: {verdict: allow}}, requirements_exactly: {}}",
    );
    let Question::Job { expect, .. } = question.unwrap() else {
        panic!()
    };
    assert_eq!(
        (expect.verdict.as_deref(), expect.fixed.as_deref()),
        (Some("DENIED"), Some("ALLOWED"))
    );
    assert_eq!(expect.requirements.len(), 2);
    assert_eq!(expect.requirements_exactly.map(|all| all.len()), Some(0));
}

#[test]
fn unknown_words_and_members_of_expectations_are_errors() {
    for (text, code) in [
        ("alow", "UNKNOWN_VALUE alow"),
        ("ALLOWED", "UNKNOWN_VALUE ALLOWED"),
        ("{verdct: allow}", "UNKNOWN_MEMBER verdct"),
        ("{code: no_identiy_allow}", "UNKNOWN_VALUE no_identiy_allow"),
        ("{layer: key}", "UNKNOWN_VALUE key"),
        ("{statement: -1}", "WRONG_TYPE -1"),
        ("{ambiguities: [five]}", "WRONG_TYPE five"),
        ("{depends_on: aws:SourceIp}", "WRONG_TYPE aws:SourceIp"),
        ("{parts: {x: alow}}", "UNKNOWN_VALUE alow"),
        ("{near_miss: {elment: x}}", "UNKNOWN_MEMBER elment"),
        (
            "{near_miss: {element: condition}}",
            "UNKNOWN_VALUE condition",
        ),
        (
            "{near_miss: {element: Condition Bool k}}",
            "UNKNOWN_VALUE Condition Bool k",
        ),
        ("{findings: [X]}", "UNKNOWN_MEMBER findings"),
        ("[allow]", "WRONG_TYPE [allow]"),
    ] {
        assert_eq!(codes(&expected_of(text).unwrap_err()), [code], "{text}");
    }
    assert!(
        one("job: {}, expect: allow")
            .unwrap_err()
            .mentions("UNKNOWN_VALUE")
    );
    assert!(
        one("lint: {}, expect: {exactly: []}")
            .unwrap_err()
            .mentions("UNKNOWN_MEMBER")
    );
    assert!(
        one("lint: {type: keys, document: {}}, expect: {findings: [A]}").is_ok_and(
            |question| matches!(question, Question::Lint { document, .. } if document.is_err())
        )
    );
}

#[test]
fn expectations_that_every_answer_meets_are_errors() {
    for text in [
        "request: {}, expect: {}",
        "request: {}, expect: {warnings: [], assumptions: []}",
        "request: {}, expect: {parts: {}, verdict: null}",
        "request: {}, expect: {near_miss: {}}",
        "job: {}, expect: {requirements: {}, warnings: []}",
        "who_can: {}, expect: {exactly: null}",
        "lint: {}, expect: {findings: []}",
        "lint: {}, expect: {findings: null}",
    ] {
        assert_eq!(
            codes(&one(text).unwrap_err())[0].split(' ').next(),
            Some("EMPTY_INPUT"),
            "{text}"
        );
    }
    for text in [
        "request: {}, expect: {depends_on: []}",
        "request: {}, expect: {ambiguities: []}",
        "job: {}, expect: {requirements_exactly: {}}",
        "who_can: {}, expect: {exactly: []}",
        "lint: {}, expect: {findings_exactly: []}",
    ] {
        assert!(one(text).is_ok(), "{text}");
    }
}

#[test]
fn codes_that_no_message_has_are_errors_where_the_codes_are_known() {
    let read_one = |test: &str| {
        let text = format!("preclear: 1\ntests: [{{{test}}}]\n");
        let files = files([("t.yaml", text.as_str())]);
        let options = Options {
            codes: ["UNKNOWN_ACTION", "FIELD_MISSING"].into(),
            ..Options::default()
        };
        read(Path::new("t.yaml"), &files, &options)
    };
    for test in [
        "lint: {}, expect: {findings: [UNKNWN_ACTION]}",
        "lint: {}, expect: {findings_exactly: [UNKNWN_ACTION]}",
        "request: {}, expect: {verdict: deny, warnings: [UNKNWN_ACTION]}",
        "job: {}, expect: {code: FIELDS_MISSING}",
    ] {
        let errors = read_one(test).unwrap_err();
        assert_eq!(errors.0[0].code, "UNKNOWN_VALUE", "{test}");
        let help = errors.0[0].help.as_deref().unwrap_or_default();
        assert!(help.starts_with("did you mean `"), "{help}");
    }
    for test in [
        "lint: {}, expect: {findings: [UNKNOWN_ACTION]}",
        "job: {}, expect: {code: FIELD_MISSING}",
    ] {
        assert!(read_one(test).is_ok(), "{test}");
    }
}

/// A request that cannot be asked is `invalid`, which a test may expect.
#[test]
fn a_bad_request_is_a_result_of_its_test() {
    for (bad, code) in [
        (
            "request: {principal: nobody, action: 'kms:Decrypt'}",
            "INVALID_PRINCIPAL",
        ),
        (
            "request: {principal: anonymous, action: 'kms:Decrypt', encryption_context: {a: b}, parameters: {EncryptionContext: {}}}",
            "GIVEN_TWICE",
        ),
        (
            "request: {principal: anonymous, action: 'kms:Decrypt', x: 1}",
            "UNKNOWN_MEMBER",
        ),
    ] {
        let Question::Request { request, .. } = one(&format!("{bad}, expect: invalid")).unwrap()
        else {
            panic!()
        };
        assert!(request.unwrap_err().mentions(code), "{bad}");
    }
    let Question::WhoCan { request, .. } =
        one("who_can: {principal: anonymous, action: 'kms:Decrypt'}, expect: {exactly: []}")
            .unwrap()
    else {
        panic!()
    };
    assert!(request.unwrap_err().mentions("UNKNOWN_MEMBER"));
    let Question::Job { job, .. } = one("job: {file: none.yaml}, expect: INVALID").unwrap() else {
        panic!()
    };
    assert!(job.unwrap_err().mentions("MISSING_FILE"));
}

/// UI-4: an error about the snapshot stands where the test file names it.
#[test]
fn a_snapshot_that_is_missing_is_missed_at_its_name() {
    let text =
        "preclear: 1\nsnapshot:\n  - {file: none.yaml}\ntests: [{request: {}, expect: deny}]\n";
    let errors = read_text(text).unwrap().snapshot.unwrap_err();
    let error = errors.errors().next().unwrap();
    let position = error.place.as_ref().unwrap().locate().position;
    assert_eq!(
        (error.code, position.line, position.column),
        ("MISSING_FILE", 3, 12)
    );
}

/// Rule: UI-41.
#[test]
fn a_refused_snapshot_is_known_by_code_and_rule() {
    let text = r#"
preclear: 1
expect: {invalid: IAM-GRAM-9}
snapshot:
  principals: [{arn: "arn:aws:iam::111122223333:role/r", policies: [{Version: "2012-10-17", Statement: {Effect: allow, Action: "*", Resource: "*"}}]}]
"#;
    let file = read_text(text).unwrap();
    let code = file.expect_invalid.as_deref().unwrap();
    assert!(file.is_refused_for(code) && file.tests.is_empty());
    assert!(!file.is_refused_for("IAM-GRAM-10"));
    let first = file
        .snapshot
        .as_ref()
        .unwrap_err()
        .errors()
        .next()
        .unwrap()
        .code;
    assert!(file.is_refused_for(first));
    // Under keep_going nothing is refused.
    let file = read_text(&text.replace("preclear: 1", "preclear: 1\nkeep_going: true")).unwrap();
    assert!(!file.is_refused_for("IAM-GRAM-9"));
    assert!(file.snapshot.unwrap().diagnostics.mentions("IAM-GRAM-9"));
    let file = read_text(
        "preclear: 1\nexpect: {invalid: UNRESOLVED_PLACEHOLDER}\nsnapshot: {account: <account-id>}",
    )
    .unwrap();
    assert!(file.is_refused_for("UNRESOLVED_PLACEHOLDER") && file.is_refused_for("JOB-LINT-2"));
}

#[test]
fn defects_of_the_file_are_named() {
    for (text, code) in [
        ("preclear: 1", "MISSING_MEMBER p"),
        (
            "tests: [{request: {principal: anonymous, action: 'a:B'}, expect: allow}]",
            "MISSING_MEMBER t",
        ),
        (
            "preclear: 2\ntests: [{request: {principal: anonymous, action: 'a:B'}, expect: allow}]",
            "UNSUPPORTED_FORMAT_VERSION 2",
        ),
        ("preclear: 1\ntests: []", "EMPTY_INPUT []"),
        ("preclear: 1\ntests: {}", "WRONG_TYPE {}"),
        ("preclear: 1\ntests: [{expect: allow}]", "MISSING_MEMBER {"),
        (
            "preclear: 1\ntests: [{request: {principal: anonymous, action: 'a:B'}, job: {}, expect: allow}]",
            "MISSING_MEMBER {",
        ),
        (
            "preclear: 1\ntests: [{request: {principal: anonymous, action: 'a:B'}}]",
            "MISSING_MEMBER {",
        ),
        (
            "preclear: 1\nexpect: {invalid: X}\ntests: [{request: {principal: anonymous, action: 'a:B'}, expect: allow}]",
            "CONTRADICTION {invalid: X}",
        ),
        ("preclear: 1\nexpect: {}", "MISSING_MEMBER {"),
        (
            "preclear: 1\nsnapshots: {}\nexpect: {invalid: X}",
            "UNKNOWN_MEMBER snapshots",
        ),
        (
            "preclear: 1\ndefaults: {mod: closed}\nexpect: {invalid: X}",
            "UNKNOWN_MEMBER mod",
        ),
        (
            "preclear: 1\nlenient: yes\nexpect: {invalid: X}",
            "WRONG_TYPE yes",
        ),
    ] {
        assert_eq!(codes(&read_text(text).unwrap_err()), [code], "{text}");
    }
}

#[test]
fn values_of_the_command_line_win() {
    let texts = files([(
        "t.yaml",
        "preclear: 1\nparams: {a-b: '111122223333'}\nsnapshot: {account: <a-b>}\nexpect: {invalid: X}",
    )]);
    let account = |options: &Options| {
        let file = read(Path::new("t.yaml"), &texts, options).unwrap().value;
        file.snapshot.unwrap().value.account.unwrap()
    };
    assert_eq!(account(&Options::default()), "111122223333");
    assert_eq!(
        account(&with_params([("a-b", "444455556666")])),
        "444455556666"
    );
}

#[test]
fn an_inline_job_may_bring_its_own_values() {
    let job = "job: {operation: 'a:B', caller: 'arn:aws:iam::<account-id>:role/r', request: {}, params: {account-id: '444455556666'}}, expect: ALLOWED";
    let Question::Job { job, .. } = one(job).unwrap() else {
        panic!()
    };
    assert_eq!(
        job.unwrap().caller.as_ref().unwrap().account.as_deref(),
        Some("444455556666")
    );
}

/// UI-31: a list is merged as `simulate --snapshot t.yaml c.yaml` merges it, and questions may use a template's names.
#[test]
fn names_of_a_template_work_and_its_account_comes_from_beside() {
    let template = "Resources:\n  App: {Type: AWS::IAM::Role, Properties: {RoleName: app}}\n  K: {Type: AWS::KMS::Key}\n";
    let home = "{preclear: 1, account: '111122223333', region: us-west-2, complete: true}";
    for beside in ["{file: c.yaml}", home] {
        let text = format!(
            "preclear: 1\nsnapshot: [{{file: t.yaml}}, {beside}]\ntests:\n\
             - {{request: {{principal: App, action: kms:Decrypt, resource: K}}, expect: deny}}\n\
             - {{who_can: {{action: kms:Decrypt, resource: K}}, expect: {{exactly: [App]}}}}\n\
             - {{job: {{operation: 'T-SQS', request: {{RoleArn: App}}}}, expect: DENIED}}\n"
        );
        let files = [
            ("t.yaml", template),
            ("c.yaml", home),
            ("a.test.yaml", &text),
        ];
        let files = MemoryFiles::from_iter(files);
        let read = read(Path::new("a.test.yaml"), &files, &Options::default());
        let file = read.unwrap_or_else(|errors| panic!("{errors}")).value;
        let snapshot = file.snapshot.unwrap_or_else(|errors| panic!("{errors}"));
        let key = snapshot.value.keys[0].arn.as_str();
        let role = "arn:aws:iam::111122223333:role/app";
        let [first, second, third] = file.tests.as_slice() else {
            panic!("{:#?}", file.tests);
        };
        let Question::Request { request, .. } = &first.question else {
            panic!("{first:#?}");
        };
        let request = request.as_ref().as_ref().unwrap();
        assert_eq!(request.resource.as_deref(), Some(key));
        assert_eq!(request.caller.display_arn(), role);
        let Question::WhoCan { request, expect } = &second.question else {
            panic!("{second:#?}");
        };
        let request = request.as_ref().as_ref().unwrap();
        assert_eq!(request.resource.as_deref(), Some(key));
        let exactly = expect.exactly.as_ref().unwrap();
        assert_eq!(exactly.iter().collect::<Vec<_>>(), [role]);
        let Question::Job { job, .. } = &third.question else {
            panic!("{third:#?}");
        };
        assert_eq!(job.as_ref().as_ref().unwrap().request["RoleArn"], role);
    }
}

/// Every file with one byte lost or changed is read or refused, and says why.
#[test]
fn nothing_panics_on_damaged_files() {
    let text = r#"
preclear: 1
params: {account-id: "111122223333"}
snapshot:
  organization: {id: o-x, root: {id: r-1, scps: []}, units: [{id: ou-1, parent: r-1}]}
  principals: [{arn: "arn:aws:iam::<account-id>:role/r", policies: [{file: key.json}], tags: {a: 1}}]
  keys: [{arn: "arn:aws:kms:us-west-2:111122223333:key/k", policy: "%7B%7D", spec: RSA_2048, grants: [{GrantId: g, GranteePrincipal: a, Operations: [Decrypt]}]}]
  resources: [{arn: "arn:aws:s3:::b", encryption: {Rules: []}, objects: [{key: k}]}]
tests:
  - request: {principal: {arn: anonymous, session_policies: ["{}"]}, action: kms:Decrypt, context: {"a:b": [1]}, parameters: {Policy: "{"}}
    expect: {verdict: allow, statement: 0, near_miss: {key: x}, ambiguities: [AMB-1]}
  - job: {operation: a:B, caller: anonymous, request: {a: [1.5]}, data: [s3://b/]}
    expect: {requirements: {A: allow}}
"#;
    let mut refused = 0;
    for (at, _) in text.char_indices().step_by(3) {
        for put in ["", "\"", "\n", "{", "\u{e9}", "- "] {
            let damaged = format!("{}{put}{}", &text[..at], &text[at + 1..]);
            if let Err(found) = read_text(&damaged) {
                assert!(found.has_errors(), "{damaged}");
                refused += 1;
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}
