//! Results as programs read them, files that are written, flags that win.

use preclear_tests::root;

use crate::program::{Folder, Ran, run_in};

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/example-role";
const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const POLICIES: &str = "examples/ground-truth/policies";

fn example(args: &[&str]) -> Ran {
    run_in(root(), args, b"")
}

#[test]
fn the_main_job_is_denied_and_says_what_it_lacks() {
    let args = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--job",
        "examples/ground-truth/job.yaml",
    ];
    let parts = [
        "DENIED",
        "GT-22",
        "iam_not_enabled_by_key_policy",
        "\"Action\": \"kms:CreateGrant\"",
        "Add to the key policy of",
    ];
    example(&args).ended_with(1).prints(&parts);
}

#[test]
fn the_fixed_job_is_allowed() {
    let args = [
        "simulate",
        "--snapshot",
        "examples/ground-truth-fixed",
        "--job",
        "examples/ground-truth-fixed/job.yaml",
    ];
    example(&args).ended_with(0).prints(&["ALLOWED"]);
}

#[test]
fn the_written_documents_allow_the_job() {
    let folder = Folder::new("fix-out");
    let job = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--job",
        "examples/ground-truth/job.yaml",
    ];
    let out = folder.path().join("new");
    let args = [&job[..], &["--fix", "--fix-out", out.to_str().unwrap()]].concat();
    example(&args).ended_with(1).prints(&[
        "Simulated again with these additions: ALLOWED",
        "written: ",
        "complete, replaces the policy `examples/ground-truth/policies/labels-key.json`",
    ]);
    // The same again does no harm; what holds something else stays.
    example(&args).ended_with(1);
    let document = folder.read("new/key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json");
    assert!(
        document.contains("AllowUseOfKmsKey") && document.contains("kms:GrantIsForAWSResource"),
        "{document}"
    );

    let taken = folder
        .path()
        .join("new/key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json");
    std::fs::write(&taken, "mine").unwrap();
    example(&args).ended_with(2).says(&[
        "key-policy-1234abcd-12ab-34cd-56ef-1234567890ab.json",
        "it is there already",
    ]);
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "mine");

    // With the new document in the place of the old one, the example is allowed.
    for file in [
        "snapshot.yaml",
        "job.yaml",
        "policies/example-role-create-grant.json",
        "policies/example-role-pass-role.json",
        "policies/example-role-trust.json",
        "policies/labeler-console.json",
        "policies/labeler-trust.json",
    ] {
        let source = root().join("examples/ground-truth").join(file);
        let target = folder.path().join("world").join(file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(source, target).unwrap();
    }
    let folder = folder.with("world/policies/labels-key.json", document);
    folder
        .run(&[
            "simulate",
            "--snapshot",
            "world/snapshot.yaml",
            "--job",
            "world/job.yaml",
        ])
        .ended_with(0)
        .prints(&["ALLOWED"]);
}

#[test]
fn additions_to_identity_policies_are_policies_of_their_own() {
    let folder = Folder::new("fix-out-identity");
    let policies = format!("{{file: {}/", root().join(POLICIES).display());
    let snapshot = std::fs::read_to_string(root().join("examples/ground-truth/snapshot.yaml"))
        .unwrap()
        .lines()
        .filter(|line| !line.contains("{name: example-role-pass-role"))
        .map(|line| format!("{}\n", line.replace("{file: policies/", &policies)))
        .collect::<String>();
    let folder = folder.with("s.yaml", snapshot);
    let job = root().join("examples/ground-truth/job.yaml");
    let args = [
        "simulate",
        "--snapshot",
        "s.yaml",
        "--job",
        job.to_str().unwrap(),
        "--fix-out",
        "new",
    ];
    folder.run(&args).ended_with(1).prints(&[
        "written: new/add-to-identity-policy-of-example-role.json",
        "new policy with the additions alone: attach it to arn:aws:iam::111122223333:role/service-role/example-role",
    ]);
    let document = folder.read("new/add-to-identity-policy-of-example-role.json");
    assert!(document.contains("iam:PassRole"), "{document}");
}

#[test]
fn loose_files_answer_without_a_snapshot() {
    let key_policy = format!("{POLICIES}/labels-key.json");
    let identity_policy = format!("{POLICIES}/example-role-create-grant.json");
    let ask = |action: &str| {
        example(&[
            "simulate",
            "--identity-policy",
            &identity_policy,
            "--key-policy",
            &key_policy,
            "--principal",
            ROLE,
            "--action",
            action,
            "--resource",
            KEY,
        ])
    };
    ask("kms:Decrypt").ended_with(0).prints(&[
        "allow_key_policy",
        "labels-key.json:4:5",
        "assumed     layer:boundary, layer:rcp, layer:scp, layer:session, layer:vpce open\n",
    ]);
    ask("kms:CreateGrant").ended_with(1).prints(&[
        "iam_not_enabled_by_key_policy",
        "near miss",
        "Action of",
    ]);
}

#[test]
fn a_result_has_the_members_of_the_contract_in_order() {
    let args = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--principal",
        ROLE,
        "--action",
        "kms:CreateGrant",
        "--resource",
        "alias/labels",
        "--closed",
        "--format",
        "jsonl",
    ];
    let ran = example(&args).ended_with(1);
    let starts = "{\"verdict\":\"implicit_deny\",\"decision\":\"Deny\",\"kind\":\"implicit\",\
        \"primary\":{\"code\":\"iam_not_enabled_by_key_policy\",\"layer\":\"resource\",";
    assert!(
        ran.stdout.starts_with(starts)
            && ran.stdout.ends_with("}\n")
            && ran.stdout.lines().count() == 1,
        "{}",
        ran.stdout
    );
    let mut from = 0;
    for member in [
        "verdict",
        "decision",
        "kind",
        "primary",
        "reasons",
        "near_misses",
        "depends_on",
        "ambiguities",
        "assumptions",
        "warnings",
        "operability",
        "mode",
    ] {
        let at = ran.stdout[from..].find(&format!("\"{member}\":"));
        from +=
            at.unwrap_or_else(|| panic!("`{member}` is missing or out of order in {}", ran.stdout));
    }
}

#[test]
fn the_id_of_a_request_comes_back_and_flags_win_over_its_file() {
    let request = format!(
        "id: r1\nprincipal: {ROLE}\naction: kms:CreateGrant\nresource: alias/labels\nmode: closed\n"
    );
    let folder = Folder::new("request").with("r.yaml", request);
    let snapshot = root().join("examples/ground-truth");
    let base = [
        "simulate",
        "--snapshot",
        snapshot.to_str().unwrap(),
        "--request",
        "r.yaml",
        "--format",
        "jsonl",
    ];
    let ran = folder.run(&base).ended_with(1);
    assert!(
        ran.stdout
            .starts_with("{\"id\":\"r1\",\"verdict\":\"implicit_deny\""),
        "{}",
        ran.stdout
    );
    folder
        .run(&[&base[..], &["--action", "kms:Decrypt", "--open"]].concat())
        .ended_with(0)
        .prints(&["\"context\":\"open\""]);
    folder
        .run(&[&base[..], &["--exit-zero"]].concat())
        .ended_with(0);
}

#[test]
fn an_api_request_is_a_job_with_the_rest_in_flags() {
    let folder = Folder::new("api-request").with("request.json", "{\"LabelingJobName\": \"x\"}");
    let snapshot = root().join("examples/ground-truth");
    let base = [
        "simulate",
        "--snapshot",
        snapshot.to_str().unwrap(),
        "--operation",
        "sagemaker:CreateLabelingJob",
        "--job",
        "request.json",
    ];
    folder.run(&base).ended_with(2).prints(&["--caller"]);
    let args = [
        &base[..],
        &[
            "--caller",
            "arn:aws:iam::111122223333:role/Labeler",
            "--format",
            "json",
        ],
    ]
    .concat();
    folder.run(&args).ended_with(2).prints(&[
        "\"verdict\": \"INVALID\"",
        "\"operation\": \"sagemaker:CreateLabelingJob\"",
    ]);
}

#[test]
fn undecided_is_3_and_strict_makes_it_1() {
    // Nothing is known of the key's policy.
    let folder = Folder::new("undecided").with("s.yaml", "preclear: 1\n");
    folder
        .ask(&["--snapshot", "s.yaml"])
        .ended_with(3)
        .prints(&["depends", "layer:"]);
    folder
        .ask(&["--snapshot", "s.yaml", "--strict"])
        .ended_with(1);
    folder
        .ask(&["--snapshot", "s.yaml", "--exit-zero"])
        .ended_with(0);
}

#[test]
fn help_is_a_success_and_shows_examples() {
    for args in [
        &["--help"][..],
        &["simulate", "--help"],
        &["test", "--help"],
        &["--version"],
    ] {
        let ran = example(args).ended_with(0);
        assert_eq!(ran.stderr, "");
        assert!(
            args[0] != "simulate"
                || ran
                    .stdout
                    .contains("preclear simulate --snapshot account/ --job job.yaml --fix")
        );
    }
}

#[test]
fn the_page_of_jobs_has_the_operations_of_the_help() {
    let help = example(&["simulate", "--help"]).ended_with(0).stdout;
    let page = std::fs::read_to_string(root().join("docs/jobs.md")).unwrap();
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains("docs/jobs.md"));
    let lines = help
        .split_once("Operations that --job knows:")
        .unwrap()
        .1
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty());
    let mut service = String::new();
    let mut count = 0;
    for word in lines.flat_map(str::split_whitespace) {
        if let Some(name) = word.strip_suffix(':') {
            service = format!("{name}:");
            continue;
        }
        let name = word.trim_end_matches(',');
        if ["of", "no", "single"].contains(&name) {
            continue;
        }
        let operation = match service.as_str() {
            "operation:" => name.to_owned(),
            service => format!("{service}{name}"),
        };
        assert!(page.contains(&format!("`{operation}`")), "{operation}");
        count += 1;
    }
    assert!(count > 80, "{count}");
}

/// Names of members, those of everything within included.
fn members<'v>(value: &'v serde_json::Value, found: &mut std::collections::BTreeSet<&'v str>) {
    match value {
        serde_json::Value::Object(object) => {
            for (name, inner) in object {
                found.insert(name);
                // Statements to add, and keys of a context, are others' words.
                let is_statement = name == "statement" && inner.is_object();
                if !is_statement && name != "context" {
                    members(inner, found);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| members(item, found)),
        _ => {}
    }
}

#[test]
fn every_member_of_a_result_is_documented() {
    let formats = std::fs::read_to_string(root().join("docs/formats.md")).unwrap();
    let (_, results) = formats.split_once("## 3. Result").unwrap();
    let denied = [
        "simulate",
        "--snapshot",
        "examples/ground-truth",
        "--principal",
        ROLE,
        "--action",
        "kms:CreateGrant",
        "--resource",
        "alias/labels",
        "--explain",
        "--format",
        "json",
    ];
    let operation = denied.map(|arg| match arg {
        "--action" => "--operation",
        "kms:CreateGrant" => "kms:Encrypt",
        other => other,
    });
    let allowed = operation.map(|arg| match arg {
        "--explain" => r#"--parameters={"DryRun": true}"#,
        other => other,
    });
    for (args, has) in [
        (denied, ["layers", "remarks"]),
        (operation, ["layers", "remarks"]),
        (allowed, ["operability_reason", "change"]),
    ] {
        let stdout = example(&args).stdout;
        let value: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        let mut found = std::collections::BTreeSet::new();
        members(&value, &mut found);
        assert!(has.iter().all(|name| found.contains(name)), "{found:?}");
        for name in found {
            let is_documented =
                results.contains(&format!("`{name}`")) || results.contains(&format!("\"{name}\":"));
            assert!(is_documented, "`{name}` is not in section 3");
        }
    }
}

#[test]
fn the_policies_that_are_shipped_are_listed() {
    let help = example(&["simulate", "--help"]).ended_with(0).stdout;
    let formats = std::fs::read_to_string(root().join("docs/formats.md")).unwrap();
    let shipped: Vec<&str> = help
        .split_once("Policies that preclear ships")
        .unwrap()
        .1
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(str::trim)
        .collect();
    assert!(shipped.len() > 2);
    for arn in shipped {
        assert!(formats.contains(&format!("`{arn}`")), "{arn}");
    }
    let folder = Folder::new("shipped");
    folder
        .ask(&[
            "--identity-policy",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        ])
        .ended_with(2)
        .says(&["preclear ships `arn:aws:iam::aws:policy/AmazonSageMaker"]);
    folder
        .ask(&["--scp", "FullAWSAcces"])
        .ended_with(2)
        .says(&["did you mean `FullAWSAccess`"]);
}
