//! `preclear who-can`: who may, by what way, under which conditions, and whom policies let in from outside. Rule: UI-20.

use serde_json::Value;

use crate::program::{Folder, run_in};

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ACCOUNT: [&str; 3] = ["who-can", "--snapshot", "tests/cli/who-can/account.yaml"];
const ORDERS: [&str; 4] = ["--action", "kms:Decrypt", "--resource", "alias/orders"];

fn ask(args: &[&str]) -> crate::program::Ran {
    run_in(
        preclear_tests::root(),
        &[&ACCOUNT[..], &ORDERS, args].concat(),
        b"",
    )
}

/// The rows of a table that no value of these tests breaks over lines.
pub(crate) fn rows(csv: &str) -> Vec<Vec<String>> {
    csv.lines().map(fields).collect()
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match (c, fields.last_mut()) {
            ('"', _) => is_quoted = !is_quoted,
            (',', _) if !is_quoted => fields.push(String::new()),
            (c, Some(field)) => field.push(c),
            (_, None) => {}
        }
    }
    fields
}

#[test]
fn each_way_is_named_with_its_statement_and_its_conditions() {
    ask(&[]).ended_with(0).prints(&[
        "allow  arn:aws:iam::111122223333:role/app\n    key policy  orders-key, statement App at \
         tests/cli/who-can/account.yaml:",
        "IAM         ana-keys, statement Keys",
        "orders-key, statement Iam",
        "depends  arn:aws:iam::111122223333:user/bo",
        "if IpAddress aws:SourceIp: 203.0.113.0/24",
        "and orders-key, statement Iam",
        "grant       0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "at tests/cli/who-can/account.yaml:38:9\n                for Decrypt",
        "if the encryption context has tenant=blue",
        "depends on  kms:EncryptionContextKeys",
        "To settle what is undecided",
        "`--encryption-context KEY=VALUE`",
        "2 more may not: 1 denied by a statement, 1 not allowed by anything",
        "allow  account 444455556666: root user; root sessions; any user, role or federated user, if its own policies allow it",
        "any account that nothing here names: root user",
        "whose principal is `*`",
        "if StringEquals aws:PrincipalOrgID: o-example0001",
        "depends  service logs.us-west-2.amazonaws.com",
    ]);
}

#[test]
fn everything_that_is_told_decides_what_was_open() {
    let told = ["--encryption-context", "tenant=blue", "--closed"];
    ask(&told)
        .ended_with(0)
        .prints(&["allow  arn:aws:iam::111122223333:role/worker"]);
    let other = ["--encryption-context", "tenant=green", "--closed"];
    let ran = ask(&other).ended_with(0);
    assert!(!ran.stdout.contains("role/worker"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("user/bo"), "{}", ran.stdout);
}

#[test]
fn json_lists_those_who_may_those_from_outside_and_all_others() {
    let ran = ask(&["--format", "json"]).ended_with(0);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(answer["resource"], KEY);
    let names = |list: &str| -> Vec<&str> {
        let list = answer[list].as_array().unwrap();
        list.iter()
            .map(|one| one["principal"].as_str().unwrap())
            .collect()
    };
    let own = |name: &str| format!("arn:aws:iam::111122223333:{name}");
    assert_eq!(
        names("principals"),
        ["role/app", "user/ana", "user/bo", "role/worker"].map(own)
    );
    assert_eq!(names("others"), ["role/audit", "user/eve"].map(own));
    for outsider in ["444455556666", "*", "logs.us-west-2.amazonaws.com"] {
        assert!(names("outsiders").contains(&outsider), "{outsider}");
    }
    let ana = &answer["principals"][1]["ways"][0];
    assert_eq!(ana["way"], "iam");
    assert_eq!(ana["statements"][0]["policy"], "ana-keys");
    assert_eq!(ana["statements"][1]["layer"], "resource");
    let bo = &answer["principals"][2];
    assert_eq!(bo["conditions"][0]["tests"][0]["key"], "aws:SourceIp");
    assert_eq!(bo["depends_on"][0], "aws:sourceip");
}

#[test]
fn lines_of_json_and_rows_of_csv_are_about_the_same_principals() {
    let lines = ask(&["--format", "jsonl"]).ended_with(0).stdout;
    let mut of_lines: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| format!("{} {}", line["principal"], line["kind"]).replace('"', ""))
        .collect();
    let table = ask(&["--format", "csv"]).ended_with(0).stdout;
    let rows = rows(&table);
    let names = &rows[0];
    assert_eq!(names[..4], ["principal", "kind", "verdict", "way"]);
    assert!(rows.iter().all(|row| row.len() == names.len()));
    let mut of_rows: Vec<String> = rows[1..]
        .iter()
        .map(|row| format!("{} {}", row[0], row[1]))
        .collect();
    of_lines.dedup();
    of_rows.dedup();
    assert_eq!(of_lines, of_rows);
    let column = |name: &str| names.iter().position(|own| own == name).unwrap();
    let bo = rows.iter().find(|row| row[0].ends_with("user/bo")).unwrap();
    assert!(bo[column("conditions")].starts_with("if IpAddress aws:SourceIp: 203.0.113.0/24"));
    assert_eq!(bo[column("depends_on")], "aws:SourceIp");
    assert_eq!(bo[column("action")], "kms:Decrypt");
    assert_eq!(bo[column("resource")], KEY);
    assert_eq!(bo[column("file")], "tests/cli/who-can/account.yaml");
    assert_eq!(bo[column("line")], "21");
    let worker = rows.iter().find(|row| row[0].ends_with("role/worker"));
    let worker = worker.unwrap();
    assert_eq!(worker[column("grant_operations")], "Decrypt");
    assert_eq!(worker[column("file")], "tests/cli/who-can/account.yaml");
    assert!(worker[column("line")].parse::<u32>().is_ok());
    let asked = "the encryption context has tenant=blue";
    assert_eq!(worker[column("grant_constraints")], asked);
    assert_eq!(worker[column("conditions")], format!("if {asked}"));
}

/// A key of which everybody may decrypt through S3, and whom another statement lets in whatever the organization is.
fn shared(name: &str) -> Folder {
    Folder::new(name).with(
        "account.yaml",
        format!(
            r#"{{preclear: 1, account: "111122223333", region: us-west-2, complete: true,
              principals: [{{arn: "arn:aws:iam::111122223333:role/app"}}, {{arn: "arn:aws:iam::111122223333:user/eve"}}],
              keys: [{{arn: "{KEY}", aliases: [alias/app], policy: {{Version: "2012-10-17", Statement: [
                {{Sid: App, Effect: Allow, Principal: {{AWS: "arn:aws:iam::111122223333:role/app"}}, Action: "kms:*", Resource: "*"}},
                {{Sid: Via, Effect: Allow, Principal: "*", Action: "kms:Decrypt", Resource: "*",
                  Condition: {{StringEquals: {{"kms:ViaService": s3.us-west-2.amazonaws.com}}}}}},
                {{Sid: Partner, Effect: Allow, Principal: {{AWS: "444455556666"}}, Action: "kms:Encrypt", Resource: "*"}},
                {{Sid: Org, Effect: Allow, Principal: "*", Action: "kms:Encrypt", Resource: "*",
                  Condition: {{StringEquals: {{"aws:PrincipalOrgID": o-example0001}}}}}},
                {{Sid: Office, Effect: Deny, Principal: "*", Action: "kms:Encrypt", Resource: "*",
                  Condition: {{NotIpAddress: {{"aws:SourceIp": 203.0.113.0/24}}}}}}]}}}}]}}"#
        ),
    )
}

fn of_shared(folder: &Folder, action: &str, more: &[&str]) -> crate::program::Ran {
    let args = ["who-can", "--snapshot", "account.yaml", "--resource"];
    let args = [&args[..], &["alias/app", "--action", action], more].concat();
    folder.run(&args)
}

/// UI-39: who may through a service alone is told, unless the question is about direct calls.
#[test]
fn calls_through_a_service_are_asked_about() {
    let folder = shared("who-can-through-services");
    let ask = |more: &[&str]| of_shared(&folder, "kms:Decrypt", more);
    ask(&[]).ended_with(0).prints(&[
        "allow  arn:aws:iam::111122223333:role/app",
        "depends  arn:aws:iam::111122223333:user/eve",
        "if StringEquals kms:ViaService: s3.us-west-2.amazonaws.com",
        "any account that nothing here names: root user; root sessions",
    ]);
    for direct in [
        &["--context", "aws:ViaAWSService=false"][..],
        &["--absent", "kms:ViaService"],
        &["--context", "aws:SourceVpce=vpce-1"],
        &["--vpc-endpoint", "vpce-1"],
        &["--closed"],
    ] {
        let ran = ask(direct).ended_with(0);
        assert!(!ran.stdout.contains("statement Via"), "{}", ran.stdout);
        assert!(ran.stdout.contains("calls       direct"), "{}", ran.stdout);
    }
    ask(&["--via", "s3"]).ended_with(0).prints(&[
        "calls       those that a service makes",
        "allow  arn:aws:iam::111122223333:user/eve",
    ]);
    let through = ask(&["--via", "sqs"]).ended_with(0);
    assert!(!through.stdout.contains("eve"), "{}", through.stdout);
    for (more, calls) in [
        (&[][..], "any"),
        (&["--closed"], "direct"),
        (&["--via", "s3"], "through_services"),
    ] {
        let ran = ask(&[more, &["--format", "json"]].concat());
        let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(answer["calls"], calls);
    }
}

#[test]
fn conditions_belong_to_the_statement_that_has_them() {
    let folder = shared("who-can-conditions");
    let text = of_shared(&folder, "kms:Encrypt", &[]).ended_with(3).stdout;
    let partner = text.split_once("account 444455556666: root user").unwrap();
    let (partner, _) = partner.1.split_once("any account").unwrap();
    let order = [
        "statement Partner",
        "or keys/",
        "statement Org",
        "whose principal is `*`",
        "if StringEquals aws:PrincipalOrgID: o-example0001",
        "unless      NotIpAddress aws:SourceIp",
    ];
    let mut rest = partner;
    for said in order {
        let Some((before, behind)) = rest.split_once(said) else {
            panic!("{said}\n{partner}");
        };
        assert!(
            !before.contains("whose") && !before.contains("if Str"),
            "{partner}"
        );
        rest = behind;
    }

    let json = of_shared(&folder, "kms:Encrypt", &["--format", "json"]).stdout;
    let answer: Value = serde_json::from_str(&json).unwrap();
    let outsiders = answer["outsiders"].as_array().unwrap();
    let is_partner = |one: &&Value| one["principal"] == "444455556666";
    let partner = outsiders.iter().find(is_partner).unwrap();
    let statements = partner["ways"][0]["statements"].as_array().unwrap();
    let of = |sid: &str| statements.iter().find(|one| one["sid"] == sid).unwrap();
    assert_eq!(of("Partner")["conditions"], serde_json::json!([]));
    assert_eq!(of("Partner")["open_to_all"], false);
    assert_eq!(of("Org")["open_to_all"], true);
    assert_eq!(
        of("Org")["conditions"][0]["tests"][0]["key"],
        "aws:PrincipalOrgID"
    );
    assert_eq!(partner["limits"][0]["effect"], "Deny");
    assert_eq!(partner["conditions"].as_array().unwrap().len(), 2);

    let csv = of_shared(&folder, "kms:Encrypt", &["--format", "csv"]).stdout;
    let rows = rows(&csv);
    let column = |name: &str| rows[0].iter().position(|own| own == name).unwrap();
    let mut of_partner = rows
        .iter()
        .filter(|row| row[0] == "444455556666" && row[column("sid")] == "Partner");
    let row = of_partner.next().unwrap();
    assert_eq!(row[column("conditions")], "");
    assert_eq!(row[column("open_to_all")], "false");
    assert!(row[column("limits")].starts_with("unless NotIpAddress"));
}

/// UI-1: as `simulate` does.
#[test]
fn a_question_that_cannot_be_resolved_is_one_error() {
    let folder = Folder::new("who-can-no-region").with(
        "account.yaml",
        format!(
            "preclear: 1\naccount: '111122223333'\nprincipals:\n  - arn: arn:aws:iam::111122223333:user/bo\n\
             keys:\n  - {{arn: {KEY}, aliases: [alias/app]}}\n"
        ),
    );
    let args = ["who-can", "--snapshot", "account.yaml", "--resource"];
    let ran = folder
        .run(&[&args[..], &["alias/app", "--action", "kms:Decrypt"]].concat())
        .ended_with(2)
        .prints(&["INVALID_RESOURCE", "needs a Region"]);
    assert!(!ran.stdout.contains("From outside"), "{}", ran.stdout);
}

#[test]
fn explain_says_why_those_may_not_who_may_not() {
    ask(&["--explain"]).ended_with(0).prints(&[
        "explicit_deny  arn:aws:iam::111122223333:user/eve\n    reason      explicit_deny_",
        "implicit_deny  arn:aws:iam::111122223333:role/audit\n    reason      no_identity_allow",
        "decided by",
    ]);
    let json = ask(&["--explain", "--format", "json"]).stdout;
    let answer: Value = serde_json::from_str(&json).unwrap();
    let code = &answer["others"][0]["primary"]["code"];
    assert!(code.is_string(), "{answer}");
}

#[test]
fn the_exit_code_is_the_best_answer_of_those_who_count() {
    let code = |action: &str, more: &[&str]| {
        let args = ["--action", action, "--resource", "alias/orders"];
        let ran = run_in(
            preclear_tests::root(),
            &[&ACCOUNT[..], &args, more].concat(),
            b"",
        );
        ran.code
    };
    assert_eq!(code("kms:Decrypt", &[]), Some(0));
    let folder = Folder::new("who-can-nobody").with(
        "account.yaml",
        format!(
            "preclear: 1\ncomplete: true\nprincipals:\n  - arn: arn:aws:iam::111122223333:user/bo\n    policies:\n      - Version: '2012-10-17'\n        \
             Statement: {{Effect: Allow, Action: 'kms:Encrypt', Resource: '*', Condition: {{Bool: {{'aws:MultiFactorAuthPresent': 'true'}}}}}}\n\
             keys:\n  - arn: {KEY}\n    policy:\n      Version: '2012-10-17'\n      Statement: {{Effect: Allow, \
             Principal: {{AWS: '111122223333'}}, Action: 'kms:*', Resource: '*'}}\n"
        ),
    );
    let ask = |action: &str, more: &[&str]| {
        let args = ["who-can", "--snapshot", "account.yaml", "--resource", KEY];
        folder.run(&[&args[..], &["--action", action], more].concat())
    };
    ask("kms:Decrypt", &[])
        .ended_with(1)
        .prints(&["the only one may not: 1 not allowed by anything", "nobody"]);
    ask("kms:Decrypt", &["--exit-zero"]).ended_with(0);
    ask("kms:Encrypt", &[]).ended_with(3);
    ask("kms:Encrypt", &["--strict"]).ended_with(1);
}

/// UI-4: nothing is left out of a format that has no room for it.
#[test]
fn what_is_wrong_with_the_question_is_told_in_every_format() {
    for format in ["text", "json", "jsonl", "csv"] {
        let slip = ["--action", "kms:Decryt", "--resource", "alias/orders"];
        let args = [&ACCOUNT[..], &slip, &["--format", format]].concat();
        let ran = run_in(preclear_tests::root(), &args, b"");
        // `kms:*` of ana takes what is no action, too.
        assert_eq!(ran.code, Some(0), "{format}\n{}", ran.stderr);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(all.contains("UNKNOWN_ACTION"), "{format}\n{all}");
        assert!(all.contains("kms:Decrypt"), "{format}\n{all}");

        let args = [
            &ACCOUNT[..],
            &["--action", "kms:Decrypt", "--format", format],
        ]
        .concat();
        let ran = run_in(preclear_tests::root(), &args, b"");
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, Some(2), "{format}\n{all}");
        assert!(all.contains("INVALID_RESOURCE"), "{format}\n{all}");
    }
    run_in(preclear_tests::root(), &ACCOUNT, b"")
        .ended_with(2)
        .says(&["there is no question: give `--action`"]);
}

#[test]
fn policies_of_one_principal_are_refused() {
    let help = run_in(preclear_tests::root(), &["who-can", "--help"], b"").stdout;
    let simulate = run_in(preclear_tests::root(), &["simulate", "--help"], b"").stdout;
    for flag in ["--identity-policy", "--boundary", "--scp"] {
        let args = [&["who-can", flag, "p.json"][..], &ORDERS].concat();
        run_in(preclear_tests::root(), &args, b"")
            .ended_with(2)
            .says(&[
                &format!("`{flag}` belongs to one principal"),
                "--key-policy",
            ]);
        let is_shown = |help: &str| help.contains(&format!("      {flag} <FILE>"));
        assert!(!is_shown(&help) && is_shown(&simulate), "{flag}\n{help}");
    }
}

#[test]
fn a_key_policy_alone_tells_whom_it_lets_in() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "App", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:*", "Resource": "*"},
        {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
         "Condition": {"StringEquals": {"kms:CallerAccount": ["111122223333", "444455556666"]}}}]}"#;
    let folder = Folder::new("who-can-key-policy").with("key.json", policy);
    let args = ["who-can", "--key-policy", "key.json", "--resource", KEY];
    folder
        .run(&[&args[..], &["--action", "kms:Decrypt"]].concat())
        .ended_with(0)
        .prints(&[
            "the snapshot lists nobody",
            "allow  arn:aws:iam::111122223333:role/app",
            "statement App",
            "444455556666",
            "whose principal is `*`",
        ]);
}

#[test]
fn output_does_not_depend_on_threads() {
    let folder = preclear_tests::root();
    let args = [&ACCOUNT[..], &ORDERS, &["--explain"]].concat();
    let once = run_in(folder, &args, b"").stdout;
    for _ in 0..4 {
        assert_eq!(run_in(folder, &args, b"").stdout, once);
    }
}
