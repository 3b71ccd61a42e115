//! Every form of the situation gives the same answers.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use preclear_tests::{Ran, here, run};
use serde_json::Value;

/// Folders that say what `situation/snapshot.yaml` says.
const FORMS: [&str; 3] = ["aws-cli", "aws-cli-single-commands", "aws-api-raw"];

/// Files that say of it what Terraform says: all but who attached what AWS attaches by itself.
const STATES: [&str; 2] = ["terraform-state", "terraform-state-first-apply"];

pub(crate) fn folder() -> PathBuf {
    here().join("inputs")
}

/// Asks the questions of the situation.
pub(crate) fn ask(snapshots: &[PathBuf], flags: &[&str]) -> Ran {
    let mut args: Vec<OsString> = vec!["preclear".into(), "simulate".into()];
    for snapshot in snapshots {
        args.extend(["--snapshot".into(), snapshot.into()]);
    }
    args.push("--requests".into());
    args.push(folder().join("situation/requests.jsonl").into());
    args.extend(flags.iter().map(OsString::from));
    run(&args)
}

/// The files of a form, with the one that says that nothing else exists.
fn form(name: &str) -> Vec<PathBuf> {
    vec![folder().join(name), folder().join("complete.yaml")]
}

/// The answers by their ids.
pub(crate) fn answers(ran: &Ran) -> BTreeMap<String, Value> {
    let lines = ran.stdout.lines();
    let answers = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    answers
        .map(|answer| (answer["id"].as_str().unwrap().to_owned(), answer))
        .collect()
}

/// An answer without the places in files, which differ by nature.
pub(crate) fn without_places(mut answer: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| !matches!(name.as_str(), "file" | "line"));
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut answer);
    answer
}

pub(crate) fn situation() -> Ran {
    ask(
        &[folder().join("situation/snapshot.yaml")],
        &["--format", "jsonl"],
    )
}

/// What an answer lacks of what is expected of it.
fn lacks(answer: &Value, expected: &Value) -> Vec<String> {
    let mut lacks = Vec::new();
    let mut compare = |name: &str, found: &Value| {
        if !expected[name].is_null() && expected[name] != *found {
            lacks.push(format!("{name}: {found}, not {}", expected[name]));
        }
    };
    compare("verdict", &answer["verdict"]);
    compare("code", &answer["primary"]["code"]);
    compare("operability", &answer["operability"]);
    compare("depends_on", &answer["depends_on"]);
    let text = answer.to_string();
    for name in expected["must_name"].as_array().into_iter().flatten() {
        if !text.contains(name.as_str().unwrap()) {
            lacks.push(format!("{name} is not named"));
        }
    }
    lacks
}

/// Compares all answers of a run with what a file expects; `member` holds the expectation where it differs.
#[track_caller]
fn assert_expected(name: &str, ran: &Ran, file: &str, member: Option<&str>) {
    let text = std::fs::read_to_string(folder().join(file)).unwrap();
    let expected: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    let answers = answers(ran);
    assert_eq!(answers.len(), expected.len(), "{name}: {}", ran.stderr);
    for (id, expected) in &expected {
        let own = member.map(|member| &expected[member]);
        let wanted = own.filter(|own| !own.is_null()).unwrap_or(expected);
        let first = lacks(&answers[id], wanted);
        let other = &wanted["also_acceptable"];
        let is_other = !other.is_null() && lacks(&answers[id], other).is_empty();
        assert!(
            first.is_empty() || is_other,
            "{name} {id}: {first:?}; {}",
            wanted["why"]
        );
    }
}

#[test]
fn every_form_gives_the_answers_that_are_expected() {
    let runs = FORMS.into_iter().chain(STATES);
    let runs = runs.map(|name| (name, ask(&form(name), &["--format", "jsonl"])));
    for (name, ran) in runs.chain([("situation", situation())]) {
        assert_expected(name, &ran, "situation/expected.json", None);
    }
}

/// Asks the questions of a folder of its own.
fn ask_own(name: &str, files: &[&str], flags: &[&str]) -> Ran {
    let mut args: Vec<OsString> = vec!["preclear".into(), "simulate".into()];
    for file in files {
        args.extend(["--snapshot".into(), folder().join(file).into()]);
    }
    args.push("--requests".into());
    args.push(folder().join(name).join("requests.jsonl").into());
    args.extend(["--format", "jsonl"].map(OsString::from));
    args.extend(flags.iter().map(OsString::from));
    run(&args)
}

#[test]
fn plans_are_answered_by_addresses_and_what_is_unknown_is_named() {
    for name in [
        "terraform-plan",
        "terraform-plan-at-once",
        "terraform-plan-known",
        "terraform-plan-update",
    ] {
        let plan = format!("{name}/show.json");
        let ran = ask_own(name, &[&plan, "complete.yaml"], &[]);
        assert_expected(name, &ran, &format!("{name}/expected.json"), None);
        assert_eq!(ran.stderr, "", "{name}");
    }
}

/// What a plan does not know never gives a definite answer; a file of another configuration lists a role that the plan attaches to.
#[test]
fn what_plans_do_not_know_is_what_answers_depend_on() {
    let name = "terraform-plan-later";
    let files = [
        "terraform-plan-later/show.json",
        "terraform-plan-later/others.yaml",
        "complete.yaml",
    ];
    let ran = ask_own(name, &files, &[]);
    assert_expected(name, &ran, "terraform-plan-later/expected.json", None);
    let codes = ran.stderr.matches("warning[").count();
    assert!(
        codes == 1 && ran.stderr.contains("TAGS_NOT_DETERMINED"),
        "{}",
        ran.stderr
    );
    let mut args: Vec<OsString> = vec!["preclear".into(), "simulate".into()];
    for file in files {
        args.extend(["--snapshot".into(), folder().join(file).into()]);
    }
    args.extend(["--job".into(), folder().join(name).join("job.yaml").into()]);
    args.extend(["--format", "json"].map(OsString::from));
    let ran = run(&args);
    for part in ["UNDECIDED", "aws_sqs_queue.orders"] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
}

#[test]
fn templates_are_answered_by_logical_ids() {
    for template in ["template.yaml", "template.json"] {
        let template = format!("cloudformation/{template}");
        let files = [template.as_str(), "cloudformation/surroundings.yaml"];
        let expected = "cloudformation/expected.json";
        let given = ["--param", "PartnerAccountId=444455556666"];
        let ran = ask_own("cloudformation", &files, &given);
        assert_expected(&template, &ran, expected, None);
        assert_eq!(ran.stderr, "", "{template}");
        let ran = ask_own("cloudformation", &files, &[]);
        assert_expected(&template, &ran, expected, Some("without_param"));
    }
}

/// The report about the job of a folder.
fn job(snapshots: &[PathBuf], job: &str) -> Value {
    let mut args: Vec<OsString> = vec!["preclear".into(), "simulate".into()];
    for snapshot in snapshots {
        args.extend(["--snapshot".into(), snapshot.into()]);
    }
    args.extend(["--job".into(), folder().join(job).into()]);
    args.extend(["--format", "json"].map(OsString::from));
    let ran = run(&args);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr))
}

/// Its requirements and what each came to.
fn results(report: &Value) -> Vec<(&str, &str)> {
    let requirements = report["requirements"].as_array().unwrap();
    let pairs = requirements.iter().map(|one| {
        let (id, result) = (one["id"].as_str(), one["result"].as_str());
        (id.unwrap(), result.unwrap())
    });
    pairs.collect()
}

#[test]
fn a_job_is_answered_alike_whatever_the_situation_was_loaded_from() {
    let own = folder().join("situation/snapshot.yaml");
    let expected = job(&[own], "situation/job.yaml");
    assert_eq!(expected["verdict"], "ALLOWED");
    for name in FORMS.into_iter().chain(STATES) {
        let report = job(&form(name), "situation/job.yaml");
        assert_eq!(
            without_places(report),
            without_places(expected.clone()),
            "{name}"
        );
    }
}

/// A plan that makes roles, buckets and key at once: what its policies say is known is decided, the rest named by address.
#[test]
fn a_job_may_speak_of_a_plan_by_addresses() {
    let plan = folder().join("terraform-plan/show.json");
    let report = job(
        &[plan, folder().join("complete.yaml")],
        "terraform-plan/job.yaml",
    );
    assert_eq!(report["verdict"], "UNDECIDED");
    let results: BTreeMap<&str, &str> = results(&report).into_iter().collect();
    // The trust policy, and the managed policy beside a bucket without a policy, are known; the policy of the other bucket denies
    // nothing, whatever its resource is.
    assert_eq!((results["GT-04"], results["GT-06"]), ("allow", "allow"));
    assert_eq!(results["GT-07"], "allow");
    for open in ["GT-01", "GT-03", "GT-10", "GT-11"] {
        assert_eq!(results[open], "depends", "{open}");
    }
    let later = report["warnings"].as_array().unwrap().iter();
    let later = later.filter(|warning| warning["code"] == "DETERMINED_LATER");
    let later: Vec<String> = later
        .map(|warning| warning["message"].to_string())
        .collect();
    for address in ["aws_iam_role_policy.start_job", "aws_kms_key.labels"] {
        assert!(
            later.iter().any(|message| message.contains(address)),
            "{address}: {later:?}"
        );
    }
}

/// Rule: IAM-TRI-7
#[test]
fn what_a_template_leaves_undetermined_gives_no_definite_answer() {
    let name = "cloudformation-undetermined";
    let files = ["template.yaml", "surroundings.yaml"].map(|file| format!("{name}/{file}"));
    let files = files.each_ref().map(String::as_str);
    let expected = format!("{name}/expected.json");
    let ran = ask_own(name, &files, &[]);
    assert_expected(name, &ran, &expected, None);
    let given = ["--param", "Environment=prod"];
    let ran = ask_own(name, &files, &given);
    let answers = answers(&ran);
    let text = std::fs::read_to_string(folder().join(&expected)).unwrap();
    let expected: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    for (id, expected) in expected {
        if let Some(verdict) = expected["prod"]["verdict"].as_str() {
            assert_eq!(answers[&id]["verdict"], verdict, "{id}");
        }
    }
}

/// Rule: JOB-8
#[test]
fn a_job_whose_key_is_not_determined_is_undecided() {
    let folder = folder().join("cloudformation-undetermined");
    let verdict = |params: &[&str]| {
        let mut args: Vec<OsString> = vec!["preclear".into(), "simulate".into()];
        for file in ["template.yaml", "surroundings.yaml"] {
            args.extend(["--snapshot".into(), folder.join(file).into()]);
        }
        args.extend(["--job".into(), folder.join("job.yaml").into()]);
        args.extend(params.iter().map(OsString::from));
        let ran = run(&args);
        let mut lines = ran.stdout.lines();
        let verdict = lines.find_map(|line| line.strip_prefix("verdict"));
        let verdict = verdict.unwrap_or_else(|| panic!("{}{}", ran.stdout, ran.stderr));
        verdict.trim().to_owned()
    };
    assert_eq!(verdict(&[]), "UNDECIDED");
    assert_eq!(verdict(&["--param", "KeyId=alias/aws/sqs"]), "DENIED");
    assert_eq!(verdict(&["--param", "KeyId="]), "ALLOWED");
}

/// Verdicts of one situation are the same bytes, whatever it was loaded from.
#[test]
fn verdicts_are_the_same_byte_for_byte() {
    let verdicts = |snapshots: &[PathBuf]| {
        let ran = ask(snapshots, &["--verdicts", "--format", "jsonl"]);
        ran.stdout
    };
    let expected = verdicts(&[folder().join("situation/snapshot.yaml")]);
    assert_eq!(expected.lines().count(), 25);
    for name in FORMS.into_iter().chain(STATES) {
        assert_eq!(verdicts(&form(name)), expected, "{name}");
    }
}

/// `preclear snapshot --out` writes a file that says the same in every word.
#[test]
fn the_normalised_file_gives_the_same_answers() {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("inputs-normal");
    let _ = std::fs::remove_dir_all(&scratch);
    std::fs::create_dir_all(&scratch).unwrap();
    let normalise = |name: &str, files: &[PathBuf]| {
        let out = scratch.join(format!("{name}.json"));
        let mut args: Vec<OsString> = vec!["preclear".into(), "snapshot".into()];
        args.extend(files.iter().map(OsString::from));
        args.extend(["--out".into(), out.clone().into()]);
        let ran = run(&args);
        assert!(out.exists(), "{name}: {}", ran.stderr);
        assert!(ran.stdout.starts_with("Loaded from"), "{}", ran.stdout);
        out
    };
    let mut worlds: Vec<(String, Vec<PathBuf>)> = Vec::new();
    for name in FORMS.into_iter().chain(STATES) {
        worlds.push((name.to_owned(), form(name)));
        worlds.push((format!("{name}-alone"), vec![folder().join(name)]));
    }
    let snapshot = folder().join("situation/snapshot.yaml");
    worlds.push(("situation".to_owned(), vec![snapshot]));
    for (name, files) in worlds {
        let before = answers(&ask(&files, &["--format", "jsonl"]));
        let out = normalise(&name, &files);
        let after = answers(&ask(&[out], &["--format", "jsonl"]));
        for (id, answer) in before {
            let answer = without_places(answer).to_string();
            let other = without_places(after[&id].clone()).to_string();
            assert_eq!(other, answer, "{name} {id}");
        }
    }
    let template = "cloudformation-undetermined";
    let files =
        ["template.yaml", "surroundings.yaml"].map(|file| folder().join(template).join(file));
    let out = normalise(template, &files);
    let ran = ask_own(template, &[out.to_str().unwrap()], &[]);
    let expected = format!("{template}/expected.json");
    assert_expected("normalised template", &ran, &expected, None);
    // Names and what is determined later come along.
    for name in ["terraform-plan", "terraform-plan-at-once"] {
        let plan = folder().join(name).join("show.json");
        let out = normalise(name, &[plan, folder().join("complete.yaml")]);
        let ran = ask_own(name, &[out.to_str().unwrap()], &[]);
        assert_expected("normalised", &ran, &format!("{name}/expected.json"), None);
    }
}

/// A plan that makes key, roles and buckets at once decides what it determines: all but what hangs on the ARN of a bucket.
#[test]
fn a_job_on_what_is_made_at_once_hangs_on_no_more_than_is_unknown() {
    let plan = folder().join("terraform-plan-at-once/show.json");
    let report = job(
        &[plan, folder().join("complete.yaml")],
        "terraform-plan-at-once/job.yaml",
    );
    let results: BTreeMap<&str, &str> = results(&report).into_iter().collect();
    for known in ["GT-01", "GT-03", "GT-04", "GT-07", "GT-10", "GT-11"] {
        assert_eq!(results[known], "allow", "{known}");
    }
    assert_eq!(results["GT-06"], "depends");
    let later = report["warnings"].as_array().unwrap().iter();
    let later = later.filter(|warning| warning["code"] == "DETERMINED_LATER");
    let later: Vec<&str> = later
        .filter_map(|warning| warning["message"].as_str())
        .collect();
    let open = "data.aws_iam_policy_document.execution.statement[0].resources";
    assert!(
        matches!(later[..], [one] if one.contains(open)),
        "{later:?}"
    );
}

#[test]
fn what_is_missing_is_told() {
    let ran = run(&["preclear", "snapshot", "--format", "json"]
        .map(OsString::from)
        .into_iter()
        .chain([folder().join("terraform-plan/show.json").into()])
        .collect::<Vec<OsString>>());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["counts"]["key"], 2, "{report}");
    assert_eq!(
        report["names"]["aws_kms_key.labels"],
        "arn:aws:kms:us-west-2:111122223333:key/aws_kms_key.labels"
    );
    let missing = report["missing"].to_string();
    for name in [
        "aws_iam_role_policy.start_job",
        "data.aws_iam_policy_document.out.statement[0].resources",
        "nothing else exists",
    ] {
        assert!(missing.contains(name), "{name}: {missing}");
    }
    let files = report["files"].as_array().unwrap();
    assert!(files[0]["format"].as_str().unwrap().contains("Terraform"));
}

/// Policies, statements, near misses and all else are the same in all forms, byte for byte; files and lines are not.
#[test]
fn all_forms_say_the_same_in_every_word() {
    let situation = answers(&situation());
    for name in FORMS {
        let form = answers(&ask(&form(name), &["--format", "jsonl"]));
        for (id, answer) in &situation {
            let answer = without_places(answer.clone()).to_string();
            let other = without_places(form[id].clone()).to_string();
            assert_eq!(other, answer, "{name} {id}");
        }
    }
    let verdicts =
        |snapshots: &[PathBuf]| ask(snapshots, &["--verdicts", "--format", "jsonl"]).stdout;
    let expected = verdicts(&[folder().join("situation/snapshot.yaml")]);
    for name in FORMS {
        assert_eq!(verdicts(&form(name)), expected, "{name}");
    }
}

/// Every statement that an answer names stands in a file, at the line that is told.
#[test]
fn answers_name_the_file_and_line_of_statements() {
    for (name, id, file, line) in [
        (
            "aws-cli",
            "01-pass-role",
            "iam/get-account-authorization-details-1.json",
            Some(112),
        ),
        (
            "aws-cli",
            "09-delete-output",
            "team-sagemaker-out/get-bucket-policy.json",
            Some(2),
        ),
        (
            "aws-cli",
            "10-schedule-deletion",
            "p-examplepolicyid111/describe-policy.json",
            Some(11),
        ),
        (
            "aws-cli-single-commands",
            "01-pass-role",
            "roles/Labeler/1.json",
            Some(17),
        ),
        (
            "aws-cli-single-commands",
            "12-group-member",
            "Annotators/get-group-policy-read-labels.json",
            None,
        ),
        (
            "aws-api-raw",
            "01-pass-role",
            "iam/get-account-authorization-details.json",
            None,
        ),
    ] {
        let answers = answers(&ask(&form(name), &["--format", "jsonl"]));
        let primary = &answers[id]["primary"];
        let found = primary["file"]
            .as_str()
            .unwrap_or_default()
            .replace('\\', "/");
        assert!(found.ends_with(file), "{name} {id}: {primary}");
        if let Some(line) = line {
            assert_eq!(primary["line"], line, "{name} {id}");
        }
    }
}

/// What is read gives no warning; what says nothing is named.
#[test]
fn nothing_is_passed_over_in_silence() {
    let warned = |snapshots: &[PathBuf]| {
        let stderr = ask(snapshots, &["--verdicts"]).stderr;
        let codes = stderr.lines().filter_map(|line| {
            let code = line.strip_prefix("warning[")?.split(']').next()?;
            Some(code.to_owned())
        });
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        codes.for_each(|code| *counts.entry(code).or_default() += 1);
        counts
    };
    assert_eq!(warned(&form("aws-cli")), BTreeMap::new());
    assert_eq!(warned(&form("aws-api-raw")), BTreeMap::new());
    // Two versions of a policy that are not in force.
    let single = warned(&form("aws-cli-single-commands"));
    assert_eq!(
        single,
        BTreeMap::from([("OUTPUT_ADDS_NOTHING".to_owned(), 2)])
    );
    let mut further = form("aws-cli-single-commands");
    further.push(folder().join("further-commands"));
    let expected = [
        ("NEXT_PAGE_MISSING", 1),
        ("OUTPUT_ADDS_NOTHING", 4),
        ("UNRECOGNISED_FILE", 3),
    ];
    let expected = expected.map(|(code, count)| (code.to_owned(), count));
    assert_eq!(warned(&further), BTreeMap::from(expected));
    let verdicts = |snapshots: &[PathBuf]| ask(snapshots, &["--verdicts"]).stdout;
    assert_eq!(
        verdicts(&further),
        verdicts(&form("aws-cli-single-commands"))
    );
}

/// No output says that it is everything: without `complete: true` an answer that could be another is open, and none is
/// another.
#[test]
fn outputs_alone_claim_no_more_than_they_say() {
    let expected = answers(&situation());
    for name in FORMS {
        let ran = ask(&[folder().join(name)], &["--format", "jsonl"]);
        let mut open = 0;
        for (id, answer) in answers(&ran) {
            let verdict = &answer["verdict"];
            if *verdict == "depends" {
                open += 1;
            } else {
                assert_eq!(*verdict, expected[&id]["verdict"], "{name} {id}");
            }
        }
        assert!(open > 0, "{name}");
    }
    // A user has no session policies, and all outputs about her are there.
    let answers = answers(&ask(&[folder().join("aws-cli")], &["--format", "jsonl"]));
    assert_eq!(answers["12-group-member"]["verdict"], "allow");
}

/// Two documents that contradict each other are an error that names both files. Rule: UI-32.
#[test]
fn a_contradiction_names_both_files() {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("inputs-contradiction");
    let _ = std::fs::remove_dir_all(&scratch);
    let key = "account/111122223333/us-west-2/kms/keys/0987dcba-09fe-87dc-65ba-ab0987654321";
    let target = scratch.join(key);
    std::fs::create_dir_all(&target).unwrap();
    let output =
        std::fs::read_to_string(folder().join("aws-cli").join(key).join("describe-key.json"));
    let output = output.unwrap().replace("\"Disabled\"", "\"Enabled\"");
    std::fs::write(target.join("later.json"), output).unwrap();
    let mut snapshots = form("aws-cli");
    snapshots.push(scratch);
    let stderr = ask(&snapshots, &["--verdicts"]).stderr;
    assert!(stderr.contains("error[CONTRADICTION]"), "{stderr}");
    assert!(
        stderr.contains("describe-key.json") && stderr.contains("later.json"),
        "{stderr}"
    );
}
