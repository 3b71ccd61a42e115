//! Warnings of answers, errors of requests and jobs: where they come, where they do not, and at which place.

use std::path::Path;

use preclear_inputs::files::MemoryFiles;

use crate::ask;
use crate::seen::Seen;

const USER: &str = "arn:aws:iam::111122223333:user/ana";
const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/k1";

/// What a request brings to light.
fn asked(snapshot: &str, request: &str) -> Vec<Seen> {
    let snapshot = format!("preclear: 1\ncomplete: true\n{snapshot}");
    let files = MemoryFiles::from_iter([("s.yaml", snapshot.as_str()), ("r.yaml", request)]);
    ask::snapshot_with(Path::new("s.yaml"), Some(Path::new("r.yaml")), None, &files)
}

fn with_code(seen: Vec<Seen>, code: &str) -> Vec<Seen> {
    seen.into_iter().filter(|one| one.code == code).collect()
}

/// How often a code comes out.
fn count(snapshot: &str, request: &str, code: &str) -> usize {
    with_code(asked(snapshot, request), code).len()
}

/// Line and column of the only diagnostic with a code.
#[track_caller]
fn place(seen: Vec<Seen>, code: &str) -> (String, u32, u32) {
    let found = with_code(seen.clone(), code);
    let [one] = found.as_slice() else {
        panic!("{code} came {} times: {seen:#?}", found.len())
    };
    let located = one.place.as_ref().unwrap().locate();
    (located.name, located.position.line, located.position.column)
}

/// A user with one statement of its own.
fn user(statement: &str) -> String {
    format!(
        "principals: [{{arn: '{USER}', policies: [{{Version: '2012-10-17', Statement: {statement}}}]}}]"
    )
}

fn get_object(more: &str) -> String {
    format!("{{principal: '{USER}', action: 's3:GetObject', resource: 'arn:aws:s3:::b/x'{more}}}")
}

/// IAM-PRIN-5: names are unique in an account, so another path is a slip.
#[test]
fn a_caller_under_another_path_is_told_the_listed_one() {
    const CODE: &str = "UNLISTED_CALLER";
    let listed = "principals: [{arn: 'arn:aws:iam::111122223333:role/app/R'}]";
    let by = |caller: &str| {
        format!("{{principal: '{caller}', action: 's3:GetObject', resource: 'arn:aws:s3:::b/x'}}")
    };
    let seen = with_code(asked(listed, &by("arn:aws:iam::111122223333:role/R")), CODE);
    assert_eq!(seen.len(), 1);
    let help = seen[0].help.as_deref().unwrap();
    assert!(
        help.contains("`arn:aws:iam::111122223333:role/app/R`"),
        "{help}"
    );
    for known in [
        "arn:aws:iam::111122223333:role/app/R",
        "arn:aws:sts::111122223333:assumed-role/R/s",
        "arn:aws:iam::111122223333:role/S",
        "arn:aws:iam::444455556666:role/R",
        "arn:aws:iam::111122223333:user/R",
    ] {
        assert_eq!(count(listed, &by(known), CODE), 0, "{known}");
    }
    // A key that is not there is answered before policies are asked, and the caller is told all the same.
    let request = format!(
        "{{principal: 'arn:aws:iam::111122223333:role/R', action: 'kms:Decrypt', resource: '{KEY}'}}"
    );
    assert_eq!(count(listed, &request, CODE), 1);
}

/// IAM-PRIN-7: without an id to compare, closed mode takes the entry for somebody else.
#[test]
fn a_unique_id_without_the_callers_own_is_told_in_closed_mode() {
    const CODE: &str = "UNIQUE_ID_NOT_GIVEN";
    let snapshot = "resources: [{arn: 'arn:aws:sqs:us-west-2:111122223333:q', policy: {Version: '2012-10-17', \
        Statement: {Effect: Allow, Principal: {AWS: AIDAEXAMPLEEXAMPLE12}, Action: 'sqs:*', Resource: '*'}}}]";
    let request = |principal: &str, mode: &str| {
        format!(
            "{{principal: {principal}, action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-west-2:111122223333:q', mode: {mode}}}"
        )
    };
    let user = format!("'{USER}'");
    let with_id = format!("{{arn: '{USER}', id: AIDAEXAMPLEEXAMPLE99}}");
    assert_eq!(count(snapshot, &request(&user, "closed"), CODE), 1);
    assert_eq!(count(snapshot, &request(&user, "open"), CODE), 0);
    assert_eq!(count(snapshot, &request(&with_id, "closed"), CODE), 0);
    assert_eq!(count(snapshot, &request("anonymous", "closed"), CODE), 0);
}

/// IAM-CTX-7: only where the statement otherwise matches, and nobody gave the key.
#[test]
fn a_key_that_the_action_never_has_is_told() {
    const CODE: &str = "CONDITION_KEY_NOT_FOR_ACTION";
    let tests = |action: &str, key: &str| {
        user(&format!(
            "{{Effect: Allow, Action: '{action}', Resource: '*', Condition: {{StringEquals: {{'{key}': a}}}}}}"
        ))
    };
    let seen = asked(&tests("s3:GetObject", "s3:prefix"), &get_object(""));
    assert_eq!(with_code(seen, CODE).len(), 1);
    let given = get_object(", context: {'s3:prefix': a}");
    assert_eq!(count(&tests("s3:GetObject", "s3:prefix"), &given, CODE), 0);
    assert_eq!(
        count(&tests("s3:ListBucket", "s3:prefix"), &get_object(""), CODE),
        0
    );
    for other in ["aws:SourceVpc", "s3:ExistingObjectTag/a", "example:Thing"] {
        assert_eq!(
            count(&tests("s3:GetObject", other), &get_object(""), CODE),
            0,
            "{other}"
        );
    }
}

/// IAM-GRAM-11: nobody asks for a service that does not exist, so an entry of its own comes with every answer.
#[test]
fn an_unknown_prefix_is_told_whatever_is_asked() {
    const CODE: &str = "UNKNOWN_ACTION";
    let helps = |action: &str| {
        let snapshot = user(&format!(
            "[{{Effect: Allow, Action: 's3:*', Resource: '*'}}, {{Effect: Deny, Action: '{action}', Resource: '*'}}]"
        ));
        let seen = with_code(asked(&snapshot, &get_object("")), CODE);
        let helps = seen.iter().map(|one| one.help.clone().unwrap());
        helps.collect::<Vec<_>>()
    };
    assert_eq!(helps("s33:GetObject"), ["did you mean `s3:GetObject`?"]);
    assert_eq!(helps("kmss:*"), ["did you mean `kms:*`?"]);
    assert_eq!(helps("sthree:*").len(), 1);
    assert_eq!(helps("s3:GetObjekt"), ["did you mean `s3:GetObject`?"]);
    // What is no action of another service bears on requests to that one.
    assert_eq!(helps("sqs:SendMessages").len(), 0);
    assert_eq!(helps("kms:Decrypt").len(), 0);
    // AWS names services in its own policies before the catalogue does.
    let policy = |arn: &str| {
        format!(
            "principals: [{{arn: '{USER}', policies: [{{arn: '{arn}', document: {{Version: '2012-10-17', \
             Statement: {{Effect: Allow, Action: ['s3:*', 'newer:*'], Resource: '*'}}}}}}]}}]"
        )
    };
    let count = |arn: &str| count(&policy(arn), &get_object(""), CODE);
    assert_eq!(count("arn:aws:iam::111122223333:policy/Mine"), 1);
    assert_eq!(count("arn:aws:iam::aws:policy/Theirs"), 0);
}

/// What `NotAction` excepts from is every service, so what is wrong in its statement concerns every request.
#[test]
fn doubts_about_a_statement_with_not_action_come_with_every_answer() {
    const CODE: &str = "MALFORMED_CONDITION_VALUE";
    let snapshot = |element: &str| {
        user(&format!(
            "{{Effect: Deny, {element}: 'iam:*', Resource: '*', Condition: {{IpAddress: {{'aws:SourceIp': x}}}}}}"
        ))
    };
    assert_eq!(count(&snapshot("NotAction"), &get_object(""), CODE), 1);
    assert_eq!(count(&snapshot("Action"), &get_object(""), CODE), 0);
}

/// IAM-EVAL-24, DOC-8.
#[test]
fn a_call_that_documents_disagree_on_is_told_where_it_is_not_denied_anyway() {
    const CODE: &str = "DOUBTFUL_SESSION_TOKEN";
    let snapshot = user("{Effect: Allow, Action: ['iam:GetUser', 's3:*'], Resource: '*'}");
    let request = |credentials: &str, action: &str, mfa: bool| {
        format!(
            "{{principal: {{arn: '{USER}', credentials: {credentials}}}, action: '{action}', resource: '{USER}', \
             context: {{'aws:MultiFactorAuthPresent': {mfa}}}}}"
        )
    };
    assert_eq!(
        count(
            &snapshot,
            &request("session_token", "iam:GetUser", true),
            CODE
        ),
        1
    );
    for (credentials, action, mfa) in [
        ("session_token", "iam:GetUser", false),
        ("session_token", "iam:DeleteUser", true),
        ("session_token", "s3:GetObject", true),
        ("console", "iam:GetUser", true),
    ] {
        let request = request(credentials, action, mfa);
        assert_eq!(count(&snapshot, &request, CODE), 0, "{request}");
    }
}

/// IAM-WILD-11, IAM-VAR-4, IAM-CTX-2: doubts about resources and keys come with the answers that they bear on.
#[test]
fn doubts_about_a_statement_come_with_its_place() {
    let allow = |more: &str| user(&format!("{{Effect: Allow, Action: 's3:*', {more}}}"));
    let condition = |test: &str| allow(&format!("Resource: '*', Condition: {{{test}}}"));
    let variable = allow("Resource: \"arn:aws:s3:::b/${aws:TagKeys, 'x'}\"");
    let legacy = condition("StringEquals: {'aws:SourceOwner': '1'}");
    for (code, snapshot, part) in [
        ("MULTIVALUED_VARIABLE", &variable, "\"arn:aws:s3"),
        ("LEGACY_CONDITION_KEY", &legacy, "'aws:SourceOwner'"),
    ] {
        let column = snapshot.find(part).unwrap() + 1;
        let expected = ("s.yaml".to_owned(), 3, u32::try_from(column).unwrap());
        assert_eq!(
            place(asked(snapshot, &get_object("")), code),
            expected,
            "{code}"
        );
    }
    let known = allow("Resource: 'arn:aws:s3:::b/${aws:username}'");
    assert_eq!(count(&known, &get_object(""), "MULTIVALUED_VARIABLE"), 0);
    let in_type = |kind: &str| {
        user(&format!(
            "{{Effect: Allow, Action: 'lambda:*', Resource: 'arn:aws:lambda:us-west-2:111122223333:{kind}'}}"
        ))
    };
    let request = format!(
        "{{principal: '{USER}', action: 'lambda:GetFunction', resource: 'arn:aws:lambda:us-west-2:111122223333:function:f'}}"
    );
    const WILD_TYPE: &str = "WILDCARD_IN_RESOURCE_TYPE";
    assert_eq!(count(&in_type("functi*:f"), &request, WILD_TYPE), 1);
    assert_eq!(count(&in_type("function:*"), &request, WILD_TYPE), 0);
    assert_eq!(count(&in_type("*"), &request, WILD_TYPE), 0);
}

/// IAM-COND-11 speaks of `Allow`, IAM-COND-27 of VPC endpoint policies.
#[test]
fn doubts_are_told_only_of_the_statements_that_their_rules_speak_of() {
    let statement = |effect: &str, test: &str| {
        user(&format!(
            "[{{Effect: {effect}, Action: 's3:*', Resource: '*', Condition: {{{test}}}}}]"
        ))
    };
    let for_all = "'ForAllValues:StringEquals': {'aws:TagKeys': a}";
    const CODE: &str = "FOR_ALL_VALUES_WITHOUT_NULL_TEST";
    assert_eq!(
        count(&statement("Allow", for_all), &get_object(""), CODE),
        1
    );
    assert_eq!(count(&statement("Deny", for_all), &get_object(""), CODE), 0);
    let broad = statement("Allow", "StringLike: {'aws:PrincipalOrgID': 'o-*'}");
    assert_eq!(count(&broad, &get_object(""), "BROAD_WILDCARD_IN_ID"), 0);
    assert_eq!(count(&broad, &get_object(""), "WILDCARD_IN_ID"), 1);
}

/// IAM-COND-11, KMS-COND-4: what a statement about other actions asks for does not matter here, nor what a request cannot lack.
#[test]
fn doubts_are_told_only_where_they_bear_on_the_request() {
    let doubts = |action: &str, test: &str, asked: &str| {
        let statement = format!(
            "[{{Effect: Allow, Action: '{action}', Resource: '*', Condition: {{{test}}}}}]"
        );
        let request = format!("{{principal: '{USER}', action: '{asked}', resource: '{KEY}'}}");
        const CODE: &str = "FOR_ALL_VALUES_WITHOUT_NULL_TEST";
        let snapshot = format!("{}\nkeys: [{{arn: '{KEY}'}}]", user(&statement));
        count(&snapshot, &request, CODE)
    };
    let tags = "'ForAllValues:StringEquals': {'aws:TagKeys': team}";
    assert_eq!(doubts("kms:TagResource", tags, "kms:TagResource"), 1);
    assert_eq!(doubts("kms:TagResource", tags, "kms:Decrypt"), 0);
    let operations = "'ForAllValues:StringEquals': {'kms:GrantOperations': Decrypt}";
    assert_eq!(doubts("kms:*", operations, "kms:Decrypt"), 1);
    assert_eq!(doubts("kms:*", operations, "kms:CreateGrant"), 0);
    let names = "'ForAllValues:StringEquals': {'kms:EncryptionContextKeys': tenant}";
    assert_eq!(doubts("kms:Decrypt", names, "kms:Decrypt"), 1);
    let pairs = format!("StringEquals: {{'kms:EncryptionContext:tenant': blue}}, {names}");
    assert_eq!(doubts("kms:Decrypt", &pairs, "kms:Decrypt"), 0);
}

/// UI-38: what is said twice must agree, and the error stands at the request.
#[test]
fn a_request_that_contradicts_itself_is_refused_at_its_place() {
    let request = format!(
        "- {{principal: '{USER}', action: 'kms:Decrypt', resource: '{KEY}', parameters: {{KeyId: k1}}, region: us-west-2}}\n\
         - principal: {USER}\n  action: kms:Decrypt\n  resource: {KEY}\n  parameters: {{KeyId: '{KEY}2'}}\n"
    );
    let seen = asked("", &request);
    assert_eq!(place(seen, "GIVEN_TWICE"), ("r.yaml".to_owned(), 2, 3));
    let request = get_object(", resource_account: '444455556666'");
    let owner = "resources: [{arn: 'arn:aws:s3:::b', account: '111122223333'}]";
    assert_eq!(
        place(asked(owner, &request), "CONTRADICTION"),
        ("r.yaml".to_owned(), 1, 1)
    );
    assert_eq!(count("", &request, "CONTRADICTION"), 0);
}

/// JOB-4: an error of a job stands at the member that it is about, or at what lacks it.
#[test]
fn errors_of_jobs_have_the_place_of_their_member() {
    let job = "operation: personalize:CreateDatasetGroup\n\
        caller: arn:aws:iam::111122223333:role/R\n\
        region: us-west-2\n\
        request:\n  \
          name: [x]\n  \
          roleArn: nobody\n  \
          kmsKeyArn: arn:aws:kms:us-west-2:111122223333:key/k1\n  \
          xyzzy: 1\n  \
          tags:\n    - {tagKey: a}\n";
    let files = MemoryFiles::from_iter([
        ("s.yaml", "preclear: 1\ncomplete: true\n".to_owned()),
        ("job.yaml", job.to_owned()),
        (
            "file.yaml",
            "operation: personalize:CreateDatasetGroup\ncaller: arn:aws:iam::111122223333:role/R\nregion: us-west-2\n\
             request: {file: r.json}\n"
                .to_owned(),
        ),
        ("r.json", "{\n \"name\": 7}".to_owned()),
        (
            "bare.yaml",
            "\n- {operation: 'personalize:CreateDatasetGroup', caller: anonymous, request: {name: g}}\n".to_owned(),
        ),
    ]);
    let run =
        |job: &str| ask::snapshot_with(Path::new("s.yaml"), None, Some(Path::new(job)), &files);
    let at = |line, column| ("job.yaml".to_owned(), line, column);
    let seen = run("job.yaml");
    assert_eq!(place(seen.clone(), "FIELD_TYPE"), at(5, 3));
    assert_eq!(place(seen.clone(), "FIELD_FORMAT"), at(6, 12));
    assert_eq!(place(seen.clone(), "UNKNOWN_FIELD"), at(8, 10));
    assert_eq!(place(seen, "FIELD_MISSING"), at(10, 7));
    // The API's own request in a file of its own, and what is about the job as a whole.
    assert_eq!(
        place(run("file.yaml"), "FIELD_TYPE"),
        ("r.json".to_owned(), 2, 10)
    );
    for code in ["REGION_MISSING", "ACCOUNT_MISSING"] {
        assert_eq!(
            place(run("bare.yaml"), code),
            ("bare.yaml".to_owned(), 2, 3)
        );
    }
}

/// IAM-GRAM-23: quotas that turn on what the policy is attached to.
#[test]
fn quotas_of_users_groups_and_sessions_are_known() {
    const CODE: &str = "POLICY_EXCEEDS_QUOTA";
    let policy = |sid: usize| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Sid": "{}", "Effect": "Allow", "Action": "*", "Resource": "*"}}}}"#,
            "a".repeat(sid)
        )
    };
    let on = |list: &str, arn: &str, policy: &str| {
        format!("{list}: [{{arn: 'arn:aws:iam::111122223333:{arn}', policies: [{policy}]}}]")
    };
    let request = get_object("");
    let (fits, large) = (policy(6_000), policy(6_200));
    for (list, arn) in [("principals", "user/u"), ("groups", "group/g")] {
        assert_eq!(count(&on(list, arn, &fits), &request, CODE), 0, "{arn}");
        assert_eq!(count(&on(list, arn, &large), &request, CODE), 1, "{arn}");
    }
    assert_eq!(
        count(&on("principals", "role/r", &large), &request, CODE),
        0
    );
    let managed = format!("{{arn: 'arn:aws:iam::111122223333:policy/p', document: {large}}}");
    assert_eq!(
        count(&on("principals", "role/r", &managed), &request, CODE),
        1
    );

    let session = |policies: &[String]| {
        format!(
            "{{principal: {{arn: 'arn:aws:iam::111122223333:role/r', session_policies: [{}]}}, action: 's3:GetObject', \
             resource: 'arn:aws:s3:::b/x'}}",
            policies.join(", ")
        )
    };
    assert_eq!(count("", &session(&[policy(900), policy(900)]), CODE), 0);
    assert_eq!(
        count("", &session(&[policy(1_000), policy(1_000)]), CODE),
        1
    );
    let named = format!(
        "{{arn: 'arn:aws:iam::111122223333:policy/p', document: {}}}",
        policy(1)
    );
    let managed = |count: usize| session(&vec![named.clone(); count]);
    assert_eq!(count("", &managed(10), CODE), 0);
    assert_eq!(count("", &managed(11), CODE), 1);
}
