//! Every command with every flag: the program and `docs/commands.md` name the same ones, and each flag changes what it is for. A flag
//! without a row here fails [`every_flag_has_a_row`]; a row runs its command twice, without the flag and with it. Rule: UI-1

use std::collections::{BTreeMap, BTreeSet};

use preclear_tests::root;

use crate::program::{Folder, Ran, run_in};

/// Every command, as `preclear --help` lists them.
pub(crate) fn commands() -> Vec<String> {
    let help = run_in(root(), &["--help"], b"").ended_with(0).stdout;
    let list = help.split("Commands:").nth(1).unwrap();
    let lines = list.lines().skip(1).take_while(|line| !line.is_empty());
    lines
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

/// Every long flag of a command but `--help`, as `--help` lists them.
pub(crate) fn flags(command: &str) -> BTreeSet<String> {
    let help = run_in(root(), &[command, "--help"], b"")
        .ended_with(0)
        .stdout;
    let words = help.lines().filter_map(|line| {
        // Examples stand deeper, or begin with the program.
        let line = line.strip_prefix("      --")?;
        line.split([' ', '<', '.']).next()
    });
    words.map(|word| format!("--{word}")).collect()
}

/// Commands with the flags that their synopses in `docs/commands.md` name.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("docs/commands.md")).unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (overview, sections) = text.split_once("\n## All commands").unwrap();
    for row in overview.lines().filter(|line| line.starts_with("| `")) {
        let mut last = String::new();
        for command in row.split("`preclear ").skip(1) {
            last = command.split([' ', '`']).next().unwrap().to_owned();
            found.entry(last.clone()).or_default();
        }
        // Of several commands in a row the text is about the last one.
        found.entry(last).or_default().extend(named_in(row));
    }
    for section in sections.split("\n## `").skip(1) {
        let (name, body) = section.split_once('`').unwrap();
        // In a block, else in backticks.
        let synopsis = match body.split("```").nth(1) {
            Some(block) if block.contains(&format!("preclear {name}")) => block,
            _ => body.trim_start().split("` ").next().unwrap(),
        };
        let own = found.entry(name.to_owned()).or_default();
        own.extend(named_in(synopsis));
    }
    found
}

fn named_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let flags = words.filter(|word| word.len() > 2 && word.starts_with("--"));
    flags.map(str::to_owned).collect()
}

const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// What a flag changes. By ` | `: commands; the flag with its value; the arguments of both runs, where `?ACTION@RESOURCE` asks as the command
/// does and `!` names the principal where one is asked for; the exit code without the flag and with it, each with a text that this run prints,
/// on either stream, and the other one does not.
const ROWS: &str = r#"
simulate who-can matrix | --snapshot s.yaml | ?s3:GetObject@data/plain | * | 0
simulate who-can matrix | --lenient | --snapshot lenient.yaml ?s3:PutObject@data/x --closed | 2 error[NOT_PRINCIPAL_WITH_ALLOW] | 0 warning[NOT_PRINCIPAL_WITH_ALLOW]
simulate who-can matrix | --keep-going | --snapshot broken.yaml ?s3:GetObject@data/plain | 2 error[MISSING_FILE] | 3 warning[MISSING_FILE]
simulate who-can matrix | --param owner-id=111122223333 | --snapshot open.yaml ?s3:GetObject@data/x | 2 UNRESOLVED_PLACEHOLDER | 0
simulate who-can matrix | --infer | --snapshot infer.yaml ?s3:GetObject@data/x | 2 UNRESOLVED_PLACEHOLDER | 0

simulate | --identity-policy allow.json | --complete --resource-policy other.json ?s3:GetObject@data/x | 1 | 0
simulate | --key-policy key.json | --complete --identity-policy allow.json ?kms:Decrypt@KEY | 1 | 0
simulate | --resource-policy deny.json | --complete --identity-policy allow.json ?s3:GetObject@data/x | 0 | 1
simulate | --boundary none.json | --complete --identity-policy allow.json ?s3:GetObject@data/x | 0 | 1
simulate | --scp none.json | --complete --identity-policy allow.json ?s3:GetObject@data/x | 0 | 1
simulate | --rcp deny.json | --complete --identity-policy allow.json ?s3:GetObject@data/x | 0 | 1
simulate | --trust-policy trust.json | --complete --identity-policy allow.json ?sts:AssumeRole@arn:aws:iam::111122223333:role/b | 1 | 0
simulate | --grants grants.json | --complete --key-policy other.json ?kms:Decrypt@KEY | 1 | 0
simulate | --complete | --identity-policy none.json ?s3:GetObject@data/x | 3 | 1
who-can | --key-policy key.json | --complete ?kms:Decrypt@KEY | * | 0
who-can | --resource-policy public.json | --complete ?s3:GetObject@data/x | * | 0
who-can | --rcp deny.json | --complete --account 111122223333 --resource-policy public.json ?s3:GetObject@data/x | 0 anyone, without signing | 0
who-can | --trust-policy trust.json | --complete ?sts:AssumeRole@arn:aws:iam::111122223333:role/b | * | 0
who-can | --grants grants.json | --complete --key-policy other.json ?kms:Decrypt@KEY | 1 | 0
who-can | --complete | --key-policy delegating.json --explain ?kms:Decrypt@KEY | 1 any other user | 1

simulate who-can matrix | --context aws:SourceIp=203.0.113.9 | --snapshot s.yaml ?s3:GetObject@data/ip | 3 | 0
simulate who-can matrix | --context-file context.json | --snapshot s.yaml ?s3:GetObject@data/ip | 3 | 0
simulate who-can matrix | --closed | --snapshot s.yaml ?s3:GetObject@data/ip | 3 | 1
simulate | --open | --snapshot s.yaml --request closed.yaml | 1 | 3
who-can matrix | --open | --snapshot s.yaml ?s3:GetObject@data/ip --closed | 1 | 2 '--open'
simulate who-can matrix | --unknown aws:SourceIp | --snapshot s.yaml ?s3:GetObject@data/ip --closed | 1 | 3
simulate who-can matrix | --absent aws:SourceIp | --snapshot s.yaml ?s3:GetObject@data/ip | 3 | 1
simulate who-can matrix | --force-context | --snapshot s.yaml ?s3:GetObject@data/ip --context aws:SourceIp=203.0.113.9 --context aws:SourceVpce=vpce-1 | 2 IMPOSSIBLE_CONTEXT | 0
simulate who-can matrix | --now 2025-06-01T00:00:00Z | --snapshot s.yaml ?s3:GetObject@data/when | 3 | 0
simulate matrix | --via s3 | --snapshot s.yaml ?kms:Decrypt@KEY | 1 | 0
who-can | --via s3 | --snapshot s.yaml ?kms:Decrypt@KEY | 3 | 0
simulate who-can matrix | --parameters {"KeyPairSpec":"RSA_2048"} | --snapshot s.yaml ?kms:GenerateDataKeyPair@KEY | 3 | 0
simulate who-can matrix | --encryption-context team=labels | --snapshot s.yaml ?kms:Encrypt@KEY | 3 | 0
simulate who-can matrix | --grant-token young | --snapshot s.yaml ?kms:DescribeKey@KEY | 1 | 0
simulate who-can matrix | --session-policy none.json | --snapshot s.yaml ?s3:GetObject@data/plain | 0 | 1
simulate who-can matrix | --ambiguity guess | --snapshot lenient.yaml --lenient ?s3:GetObject@data/x --closed | 3 | 0
simulate who-can matrix | --region eu-west-1 | --snapshot s.yaml ?s3:GetObject@data/region | 0 | 1
simulate who-can matrix | --account 444455556666 | --snapshot s.yaml ?s3:GetObject@foreign/x | 0 | 1
simulate who-can matrix | --vpc-endpoint vpce-1 | --snapshot s.yaml ?s3:GetObject@data/vpce | 3 | 0

simulate | --principal arn:aws:iam::111122223333:role/app | --snapshot s.yaml --action s3:GetObject --resource arn:aws:s3:::data/plain | 2 --principal | 0 role/app
simulate who-can | --action s3:GetObject | --snapshot s.yaml --resource arn:aws:s3:::data/plain ! | 2 --action | 0 s3:GetObject
simulate who-can | --operation kms:Decrypt | --snapshot s.yaml --resource alias/labels --via s3 ! | 2 --operation | 0 kms:Decrypt on arn
simulate who-can | --resource arn:aws:s3:::data/plain | --snapshot s.yaml --action s3:GetObject ! | * | 0
simulate | --request closed.yaml | --snapshot s.yaml | 2 | 1 data/ip
simulate | --requests lines.jsonl | --snapshot s.yaml | 2 | 1 2 requests: 1 allow, 1 implicit_deny
simulate | --threads 0 | --snapshot s.yaml --requests lines.jsonl | 1 2 requests | 2 give a whole number from 1 on
matrix | --threads 0 | --snapshot s.yaml ?s3:GetObject@data/plain | 0 | 2 give a whole number from 1 on
simulate | --verdicts | --snapshot s.yaml --requests lines.jsonl --format jsonl | 1 "reasons" | 1
matrix | --principals arn:aws:iam::*:role/* | --snapshot s.yaml --actions s3:GetObject --resources arn:aws:s3:::data/plain | 1 user/ana | 0
matrix | --actions s3:ListBucket | --snapshot s.yaml --principals arn:aws:iam::111122223333:role/app | 2 --actions | 1
matrix | --resources arn:aws:s3:::data/plain | --snapshot s.yaml --principals arn:aws:iam::111122223333:role/app --actions s3:GetObject | * | 0 data/plain
matrix | --only allow | --snapshot s.yaml --actions s3:GetObject --resources arn:aws:s3:::data/plain --format jsonl | 1 implicit_deny | 1

simulate | --job EXAMPLES/ground-truth/job.yaml | --snapshot EXAMPLES/ground-truth | 2 | 1 GT-22
simulate | --caller arn:aws:iam::111122223333:role/app | --snapshot s.yaml --operation secretsmanager:GetSecretValue --job secret.json | 2 CALLER_MISSING | * role/app
simulate | --interface console | --snapshot EXAMPLES/ground-truth-fixed --job EXAMPLES/ground-truth-fixed/job.yaml | 0 | 2 CONSOLE_CANNOT_SET_VOLUME_KEY
simulate | --profile current | --snapshot EXAMPLES/personalize-export --job EXAMPLES/personalize-export/job.yaml | 0 ALLOWED | 0 GAPS
simulate | --template publish.yaml | --snapshot s.yaml --job message.json --operation sns:Publish --caller arn:aws:iam::111122223333:role/app | * | 1 P-1
simulate | --fix | --snapshot EXAMPLES/ground-truth --job EXAMPLES/ground-truth/job.yaml | 1 | 1 ALLOWED
simulate | --fix-out out | --snapshot EXAMPLES/ground-truth --job EXAMPLES/ground-truth/job.yaml | 1 | 1 written:

simulate | --explain | --snapshot s.yaml ?s3:GetObject@data/plain | 0 | 0 statement 1
who-can | --explain | --snapshot s.yaml ?s3:GetObject@data/plain | 0 | 0 user/ana
simulate | --format json | --snapshot s.yaml ?s3:GetObject@data/plain | 0 | 0 "verdict": "allow"
who-can matrix | --format csv | --snapshot s.yaml ?s3:GetObject@data/plain | 0 | 0 arn:aws:iam::111122223333:role/app,
simulate who-can matrix | --strict | --snapshot s.yaml ?s3:GetObject@data/ip | 3 | 1
simulate who-can matrix | --exit-zero | --snapshot s.yaml ?s3:PutObject@data/plain | 1 | 0

test | --ambiguity guess | ambiguous.yaml | 0 | 1 1 failed
test | --template publish.yaml | templated.yaml | 1 1 failed | 0
test | --format sarif | failing.yaml | 1 | 1 "version": "2.1.0"
test | --junit report.xml | failing.yaml | 1 | 1
test | --coverage | failing.yaml | 1 | 1 coverage:
test | --min-coverage 100 | passing.yaml | 0 | 1 failed --min-coverage 100
test | --exit-zero | failing.yaml | 1 | 0

lint | --type key | allow.json | 0 | 1 key policy
lint | --param owner-id=111122223333 | placeholder.json | 1 UNRESOLVED_PLACEHOLDER | 0
lint | --lenient | lenient.json | 1 error[NOT_PRINCIPAL_WITH_ALLOW] | 0 warning[NOT_PRINCIPAL_WITH_ALLOW]
lint | --fix | slip.json | 1 error[UNKNOWN_ACTION] | 0 fixed slip.json:
lint | --diff | slip.json --fix | 0 fixed slip.json: | 1 +{
lint | --strict | broad.json | 0 | 1
lint | --exit-zero | slip.json | 1 | 0
lint | --format github | slip.json | 1 error[UNKNOWN_ACTION] | 1 ::error file=slip.json

snapshot | --out normal.json | s.yaml | 0 | 0
snapshot | --explain | s.yaml | 0 | 0 role/app
snapshot | --lenient | lenient.yaml | 2 error[NOT_PRINCIPAL_WITH_ALLOW] | 0 warning[NOT_PRINCIPAL_WITH_ALLOW]
snapshot | --keep-going | broken.yaml | 2 error[MISSING_FILE] | 0 warning[MISSING_FILE]
snapshot | --param owner-id=111122223333 | open.yaml | 2 UNRESOLVED_PLACEHOLDER | 0
snapshot | --format json | s.yaml | 0 | 0 "missing"

man | --out pages | | 0 .TH | 0
"#;

/// One line of [`ROWS`].
struct Row {
    of: Vec<&'static str>,
    flag: &'static str,
    given: &'static str,
    beside: &'static str,
    without: End,
    with: End,
}

/// An exit code, if it matters, and a text that this run prints and the other one does not.
type End = (Option<i32>, &'static str);

fn rows() -> Vec<Row> {
    let end = |text: &'static str| {
        let (code, text) = text.split_once(' ').unwrap_or((text, ""));
        (code.parse().ok(), text)
    };
    let lines = ROWS.lines().filter(|line| !line.is_empty());
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        // A pattern of ARNs has no bar in it.
        let [of, given, beside, without, with] = cells[..] else {
            panic!("{line}");
        };
        Row {
            of: of.split(' ').collect(),
            flag: given.split(' ').next().unwrap(),
            given,
            beside,
            without: end(without),
            with: end(with),
        }
    });
    rows.collect()
}

/// Files that flags write, with what they hold.
const WRITTEN: [(&str, &str, &str); 5] = [
    ("test --junit", "report.xml", "<testsuites"),
    ("lint --fix", "slip.json", "kms:ListGrants"),
    ("lint --diff", "slip.json", "kms:ListGrant\""),
    ("snapshot --out", "normal.json", "\"preclear\": 1"),
    ("man --out", "pages/preclear-lint.1", ".TH"),
];

const WORLD: &str = r#"preclear: 1
account: "111122223333"
region: us-west-2
complete: true
principals:
  - arn: arn:aws:iam::111122223333:role/app
    policies:
      - Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Action: "s3:GetObject", Resource: ["arn:aws:s3:::data/plain", "arn:aws:s3:::foreign/*"]}
          - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/ip", Condition: {IpAddress: {"aws:SourceIp": 203.0.113.0/24}}}
          - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/when", Condition: {DateLessThan: {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}}
          - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/region", Condition: {StringEquals: {"aws:RequestedRegion": us-west-2}}}
          - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::data/vpce", Condition: {StringEquals: {"aws:SourceVpce": vpce-1}}}
          - {Effect: Allow, Action: "kms:Decrypt", Resource: "*", Condition: {StringEquals: {"kms:ViaService": s3.us-west-2.amazonaws.com}}}
          - {Effect: Allow, Action: "kms:Encrypt", Resource: "*", Condition: {StringEquals: {"kms:EncryptionContext:team": labels}}}
          - {Effect: Allow, Action: "kms:GenerateDataKeyPair", Resource: "*", Condition: {StringEquals: {"kms:DataKeyPairSpec": RSA_2048}}}
  - arn: arn:aws:iam::111122223333:user/ana
    policies: []
keys:
  - arn: arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    aliases: [alias/labels]
    policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "111122223333"}, Action: "kms:*", Resource: "*"}]}
    grants:
      - {GrantId: g, GranteePrincipal: "arn:aws:iam::111122223333:role/app", Operations: [DescribeKey], GrantToken: young, Consistent: false}
resources:
  - {arn: "arn:aws:s3:::data", account: "111122223333", region: us-west-2}
vpc_endpoints:
  - {id: vpce-1, kind: gateway, vpc: vpc-1, account: "111122223333"}
"#;

/// One role with one policy, and a bucket.
fn small(policy: &str, bucket_policy: &str) -> String {
    format!(
        "preclear: 1\naccount: \"111122223333\"\nregion: us-west-2\ncomplete: true\nprincipals:\n\
         \x20 - {{arn: \"{ROLE}\", policies: [{policy}]}}\n\
         resources:\n  - {{arn: \"arn:aws:s3:::data\", account: \"111122223333\", policy: {bucket_policy}}}\n"
    )
}

fn policy(statement: &str) -> String {
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statement}]}}")
}

const ALLOW: &str = r#"{"Effect": "Allow", "Action": ["s3:*", "kms:*", "sts:*"], "Resource": "*"}"#;
/// AWS refuses it; read leniently nobody knows whether it lets in who is not named (AMB-23).
const NOT_PRINCIPAL: &str = r#"{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/ana"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}"#;

fn folder(name: &str) -> Folder {
    let to_all = |effect: &str, action: &str| {
        policy(&format!(
            r#"{{"Effect": "{effect}", "Principal": "*", "Action": "{action}", "Resource": "*"}}"#
        ))
    };
    let with_owner = |owner: &str| {
        small(
            &policy(&format!(
                r#"{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/x", "Condition": {{"StringEquals": {{"aws:PrincipalAccount": "{owner}"}}}}}}"#
            )),
            "null",
        )
    };
    let request = |resource: &str| {
        format!(
            "{{\"principal\": \"{ROLE}\", \"action\": \"s3:GetObject\", \"resource\": \"arn:aws:s3:::data/{resource}\", \"mode\": \"closed\"}}\n"
        )
    };
    let test = |expect: &str| {
        format!(
            "preclear: 1\nsnapshot: {{file: s.yaml}}\ntests:\n  - request: {}    expect: {expect}\n",
            request("plain")
        )
    };
    Folder::new(name)
        .with("s.yaml", WORLD)
        .with("lenient.yaml", small(&policy(&ALLOW.replace("s3:*", "s3:PutObject")), &policy(NOT_PRINCIPAL)))
        .with("broken.yaml", small("{file: nowhere.json}", "null"))
        .with("open.yaml", with_owner("<owner-id>"))
        .with("infer.yaml", with_owner("<account-id>"))
        .with("allow.json", policy(ALLOW))
        .with("none.json", policy(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}"#))
        .with(
            "other.json",
            to_all("Allow", "kms:Sign").replace("\"*\", \"Action", "{\"AWS\": \"210987654321\"}, \"Action"),
        )
        .with("delegating.json", to_all("Allow", "kms:*").replace("\"*\", \"Action", "{\"AWS\": \"111122223333\"}, \"Action"))
        .with("public.json", to_all("Allow", "s3:GetObject"))
        .with("deny.json", to_all("Deny", "s3:GetObject"))
        .with("key.json", to_all("Allow", "kms:*"))
        .with("trust.json", to_all("Allow", "sts:AssumeRole").replace(", \"Resource\": \"*\"", ""))
        .with("grants.json", format!(r#"{{"Grants": [{{"KeyId": "{KEY}", "GrantId": "g", "GranteePrincipal": "{ROLE}", "Operations": ["Decrypt"]}}]}}"#))
        .with("context.json", r#"{"aws:SourceIp": "203.0.113.9"}"#)
        .with("closed.yaml", request("ip"))
        .with("lines.jsonl", format!("{}{}", request("plain"), request("ip")))
        .with("secret.json", r#"{"SecretId": "s"}"#)
        .with("message.json", r#"{"TopicArn": "arn:aws:sns:us-west-2:111122223333:t", "Message": "x"}"#)
        .with("publish.yaml", crate::jobs::TEMPLATE)
        .with("placeholder.json", policy(r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-west-2:<owner-id>:q"}"#))
        .with("lenient.json", policy(NOT_PRINCIPAL))
        .with("slip.json", policy(r#"{"Effect": "Allow", "Action": "kms:ListGrant", "Resource": "*"}"#))
        .with("broad.json", policy(r#"{"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*"}"#))
        .with("passing.yaml", test("allow"))
        .with("failing.yaml", test("deny"))
        .with("ambiguous.yaml", format!("preclear: 1\nlenient: true\nsnapshot: {{file: lenient.yaml}}\ntests:\n  - request: {}    expect: depends\n", request("x")))
        .with(
            "templated.yaml",
            format!(
                "preclear: 1\nsnapshot: {{file: s.yaml}}\ntests:\n  - job: {{operation: \"sns:Publish\", caller: \"{ROLE}\", request: {{file: message.json}}}}\n    \
                 expect: {{requirements: {{P-1: implicit_deny}}}}\n"
            ),
        )
}

fn args(command: &str, words: &str) -> Vec<String> {
    let mut args = vec![command.to_owned()];
    for word in words.split_whitespace() {
        if word == "!" {
            if command == "simulate" {
                args.extend(["--principal", ROLE].map(str::to_owned));
            }
            continue;
        }
        let Some((action, resource)) = word.strip_prefix('?').and_then(|word| word.split_once('@'))
        else {
            let examples = root().join("examples");
            args.push(word.replace("EXAMPLES", examples.to_str().unwrap()));
            continue;
        };
        let resource = match resource {
            "KEY" => KEY.to_owned(),
            arn if arn.starts_with("arn:") => arn.to_owned(),
            object => format!("arn:aws:s3:::{object}"),
        };
        let asked = match command {
            "simulate" => vec![
                "--principal",
                ROLE,
                "--action",
                action,
                "--resource",
                &resource,
            ],
            "who-can" => vec!["--action", action, "--resource", &resource],
            _ => vec![
                "--principals",
                ROLE,
                "--actions",
                action,
                "--resources",
                &resource,
            ],
        };
        args.extend(asked.into_iter().map(str::to_owned));
    }
    args
}

fn run(folder: &Folder, args: &[String]) -> Ran {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let ran = folder.run(&args);
    assert!(!ran.stderr.contains("panicked"), "{args:?}: {}", ran.stderr);
    ran
}

#[test]
fn every_flag_has_a_row() {
    for command in commands() {
        let rows: BTreeSet<String> = rows()
            .iter()
            .filter(|row| row.of.contains(&command.as_str()))
            .map(|row| row.flag.to_owned())
            .collect();
        assert_eq!(flags(&command), rows, "{command}");
    }
}

#[test]
fn docs_and_program_name_the_same_flags() {
    let documented = documented();
    let names: Vec<&String> = documented.keys().collect();
    let mut commands = commands();
    commands.sort();
    assert_eq!(names, commands.iter().collect::<Vec<_>>());
    for (command, named) in &documented {
        let there = flags(command);
        // The synopses of these two send to that of `simulate`, and say what they do not take.
        let mut known = named.clone();
        if ["who-can", "matrix"].contains(&command.as_str()) {
            known.extend(documented["simulate"].intersection(&there).cloned());
            known.remove("--principal");
        }
        assert_eq!(known, there, "{command}");
    }
}

#[test]
fn every_flag_changes_what_it_is_for() {
    let mut wrong = Vec::new();
    for (index, row) in rows().iter().enumerate() {
        for command in &row.of {
            let folder_name = |run: &str| format!("flag-{index}-{command}-{run}");
            let without = run(&folder(&folder_name("without")), &args(command, row.beside));
            let there = folder(&folder_name("with"));
            let all = [args(command, row.beside), args("", row.given)[1..].to_vec()].concat();
            let with = run(&there, &all);
            let mut check = |ran: &Ran, other: &Ran, (code, text): End| {
                let all = |ran: &Ran| format!("{}{}", ran.stdout, ran.stderr);
                let is_code = code.is_none() || ran.code == code;
                let is_text =
                    text.is_empty() || (all(ran).contains(text) && !all(other).contains(text));
                if !is_code || !is_text {
                    wrong.push(format!(
                        "{command} {} | {}: expected {code:?} `{text}`, got {:?}\n{}",
                        row.beside,
                        row.given,
                        ran.code,
                        all(ran)
                    ));
                }
            };
            check(&without, &with, row.without);
            check(&with, &without, row.with);
            let mut is_written = false;
            for (_, file, held) in WRITTEN
                .iter()
                .filter(|(of, ..)| *of == format!("{command} {}", row.flag))
            {
                is_written = true;
                let text = there.read(file);
                if !text.contains(held) {
                    wrong.push(format!("{command} {}: {file} holds {text}", row.flag));
                }
            }
            let is_same = (&without.stdout, &without.stderr, without.code)
                == (&with.stdout, &with.stderr, with.code);
            if is_same && !is_written {
                wrong.push(format!("{command} {}: changes nothing", row.flag));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
