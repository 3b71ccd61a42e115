use preclear_model::node::POLICY_BYTES_MAX;
use preclear_simulator::{Given, Layer, Snapshot};

use crate::document::FILE_STEPS_MAX;
use crate::same::same_content;
use crate::testing::{IDENTITY_POLICY, codes, error_codes, files, load, load_files};
use crate::{Options, snapshot};

const ARN: &str = "arn:aws:iam::111122223333:role/r";

/// A snapshot whose role has one policy, given as this JSON value.
fn with_policy(policy: &str) -> String {
    format!(r#"{{"preclear": 1, "principals": [{{"arn": "{ARN}", "policies": [{policy}]}}]}}"#)
}

fn only_policy(snapshot: &Snapshot) -> &preclear_model::Policy {
    match snapshot.principals[0].policies.value().map(Vec::as_slice) {
        Some([policy]) => policy,
        other => panic!("{other:?}"),
    }
}

/// All forms of UI-30 say the same; each is called by the first of ARN, name, file and place that there is.
#[test]
fn a_policy_has_many_forms_and_one_content() {
    let quoted = serde_json::to_string(IDENTITY_POLICY).unwrap();
    let twice = serde_json::to_string(&quoted).unwrap();
    let encoded: String = IDENTITY_POLICY
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let place = "principals/role r/policies/0";
    let forms = [
        (IDENTITY_POLICY.to_owned(), place),
        (quoted.clone(), place),
        (twice, place),
        (format!("\"{encoded}\""), place),
        (r#"{"file": "p/p.json"}"#.to_owned(), "p/p.json"),
        (r#"{"file": "p/string.json"}"#.to_owned(), "p/string.json"),
        (r#"{"file": "p/encoded.txt"}"#.to_owned(), "p/encoded.txt"),
        (r#"{"file": "p/p.yaml"}"#.to_owned(), "p/p.yaml"),
        // The file mentions another one, relative to itself.
        (r#"{"file": "p/step.json"}"#.to_owned(), "p.json"),
        (format!(r#"{{"name": "n", "document": {quoted}}}"#), "n"),
        (r#"{"name": "n", "document": {"file": "p/p.json"}}"#.to_owned(), "n"),
        (
            r#"{"name": "n", "arn": "arn:aws:iam::111122223333:policy/x", "document": {"file": "p/p.json"}}"#.to_owned(),
            "arn:aws:iam::111122223333:policy/x",
        ),
    ];
    let plain = load_files(
        [("s.yaml", &with_policy(IDENTITY_POLICY))],
        &Options::default(),
    )
    .unwrap()
    .value;
    for (form, name) in forms {
        let texts = [
            ("s.yaml", with_policy(&form)),
            ("p/p.json", IDENTITY_POLICY.to_owned()),
            ("p/string.json", quoted.clone()),
            ("p/encoded.txt", encoded.clone()),
            ("p/p.yaml", "Version: '2012-10-17'\nStatement: [{Effect: Allow, Action: 'kms:*', Resource: '*'}]".to_owned()),
            ("p/step.json", r#"{"file": "p.json"}"#.to_owned()),
        ];
        let texts = texts.each_ref().map(|(path, text)| (*path, text.as_str()));
        let snapshot = load_files(texts, &Options::default())
            .unwrap_or_else(|e| panic!("{form}: {e}"))
            .value;
        let policy = only_policy(&snapshot);
        assert!(same_content(policy, only_policy(&plain)), "{form}");
        assert_eq!(policy.name, name, "{form}");
    }
}

#[test]
fn shipped_policies_are_named_by_their_arn() {
    let arn = "arn:aws:iam::aws:policy/AmazonSageMakerGroundTruthExecution";
    for form in [
        format!("\"{arn}\""),
        format!(r#"{{"arn": "{arn}"}}"#),
        format!(r#"{{"name": "x", "document": "{arn}"}}"#),
    ] {
        let snapshot = load(&with_policy(&form))
            .unwrap_or_else(|e| panic!("{form}: {e}"))
            .value;
        assert_eq!(only_policy(&snapshot).name, arn);
    }
    // The short name is one of SCPs alone.
    let found = load(&with_policy("FullAWSAccess")).unwrap_err();
    assert_eq!(found.0[0].code, "NOT_A_DOCUMENT");
    let text = "preclear: 1\norganization: {id: o-1, root: {id: r-1, scps: [FullAWSAccess]}}";
    let snapshot = load(text).unwrap_or_else(|e| panic!("{e}")).value;
    let root = snapshot.organization.unwrap().root;
    assert!(
        root.scps.value().unwrap()[0]
            .name
            .ends_with("/p-FullAWSAccess")
    );
    let found = load(&text.replace("FullAWSAccess", "FullAWSAcces")).unwrap_err();
    assert_eq!(
        found.0[0].help.as_deref(),
        Some("did you mean `FullAWSAccess`?")
    );
}

#[test]
fn another_managed_policy_is_told_which_ones_there_are() {
    let help = |arn: &str| {
        let found = load(&with_policy(&format!("\"{arn}\""))).unwrap_err();
        assert_eq!(found.0[0].code, "UNKNOWN_MANAGED_POLICY");
        found.0[0].help.clone().unwrap()
    };
    let other = help("arn:aws:iam::aws:policy/ReadOnlyAccess");
    assert!(other.contains("\"document\""), "{other}");
    for arn in preclear_catalog::managed_policies() {
        assert!(other.contains(&format!("`{arn}`")), "{arn} in {other}");
    }
    let near = help("arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAcces");
    assert!(
        near.contains(
            "ships `arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess`"
        ),
        "the nearest is not first: {near}"
    );
}

#[test]
fn a_missing_file_of_a_snapshot_may_be_passed_over_as_a_rejected_policy_may() {
    let text = with_policy(r#"{"file": "none.json"}"#);
    let keep_going = Options {
        keep_going: true,
        ..Options::default()
    };
    assert_eq!(
        error_codes(load_files([("s.yaml", &text)], &Options::default())),
        ["MISSING_FILE"]
    );
    let loaded = load_files([("s.yaml", &text)], &keep_going).unwrap();
    assert_eq!(loaded.diagnostics.0[0].code, "MISSING_FILE");
    assert_eq!(loaded.value.rejected.len(), 1, "its layer is unknown");
}

#[test]
fn errors_in_a_string_are_placed_inside_it() {
    let broken = IDENTITY_POLICY.replace("Allow", "allow");
    let text = with_policy(&serde_json::to_string(&broken).unwrap());
    let found = load(&text).unwrap_err();
    assert!(found.mentions("IAM-GRAM-9"));
    let place = found.0[0].place.as_ref().unwrap();
    assert_eq!(place.outermost().text(), "\\\"allow\\\"");
    assert_eq!(place.locate().name, "s.yaml");
}

#[test]
fn what_is_no_policy_says_what_to_write() {
    for (form, code, help) in [
        ("7", "NOT_A_POLICY", "write the document"),
        ("null", "NOT_A_POLICY", "write the document"),
        (
            r#"[{"Effect": "Allow"}]"#,
            "STATEMENT_WITHOUT_DOCUMENT",
            "write `{\"Version\"",
        ),
        (
            r#"[{"Version": "2012-10-17"}]"#,
            "WRONG_TYPE",
            "write an object",
        ),
        (r#""[{}]""#, "WRONG_TYPE", "write an object"),
        (
            r#""policies/p.json""#,
            "NOT_A_DOCUMENT",
            "for a file write `{\"file\": \"policies/p.json\"}`",
        ),
        (r#""hello world""#, "NOT_A_DOCUMENT", "write the document"),
        (
            r#"{"file": "none.json"}"#,
            "MISSING_FILE",
            "paths are relative to the file that mentions them",
        ),
        (r#"{"file": "d"}"#, "UNREADABLE_FILE", "name a file in it"),
        (r#"{"name": "x"}"#, "MISSING_MEMBER", "add `document`"),
        (r#"{"name": "x", "documnt": {}}"#, "UNKNOWN_MEMBER", ""),
        (
            r#"{"file": "d/p.json", "name": "x"}"#,
            "UNKNOWN_MEMBER",
            "remove it",
        ),
        (
            r#"{"name": "x", "arn": "y", "document": {}}"#,
            "INVALID_ARN",
            "an ARN has six fields",
        ),
        (r#""%ZZ""#, "NOT_A_DOCUMENT", "write the document"),
        (r#""%7B%ff%7D""#, "NOT_UTF8", "encode"),
        (
            r#""{\"Version\": ""#,
            "INVALID_JSON",
            "the text ends too early",
        ),
        (
            r#"{"file": "latin1.json"}"#,
            "NOT_UTF8",
            "save the file as UTF-8",
        ),
        (
            r#"{"file": "empty.json"}"#,
            "EMPTY_INPUT",
            "give a JSON or YAML document",
        ),
        (
            r#"{"Statement": [], "Statement": []}"#,
            "DUPLICATE_MEMBER",
            "merge the two",
        ),
    ] {
        let mut texts = files([
            ("s.json", &with_policy(form)),
            ("d/p.json", IDENTITY_POLICY),
            ("empty.json", ""),
        ]);
        texts.insert("latin1.json", b"{\"Version\": \"\xe9\"}".as_slice());
        let found = snapshot::load(["s.json"], &texts, &Options::default()).unwrap_err();
        let first = found
            .errors()
            .find(|error| error.code == code)
            .unwrap_or_else(|| panic!("{form}: {found}"));
        let said = first.help.clone().unwrap_or_default();
        assert!(said.starts_with(help), "{form}: {said}");
        assert!(first.place.is_some(), "{form}: {first}");
    }
}

#[test]
fn files_that_name_each_other_come_to_an_end() {
    let text = with_policy(r#"{"file": "a.json"}"#);
    let loop_of_two = [
        ("s.yaml", text.as_str()),
        ("a.json", r#"{"file": "b.json"}"#),
        ("b.json", r#"{"file": "a.json"}"#),
    ];
    assert_eq!(
        error_codes(load_files(loop_of_two, &Options::default())),
        ["CIRCULAR_FILES"]
    );
}

#[test]
fn a_chain_of_files_has_a_limit() {
    for (steps, is_fine) in [(FILE_STEPS_MAX, true), (FILE_STEPS_MAX + 1, false)] {
        let mut texts = files([("s.yaml", &with_policy(r#"{"file": "1.json"}"#))]);
        for step in 1..steps {
            texts.insert(
                format!("{step}.json"),
                format!(r#"{{"file": "{}.json"}}"#, step + 1),
            );
        }
        texts.insert(format!("{steps}.json"), IDENTITY_POLICY);
        let loaded = snapshot::load(["s.yaml"], &texts, &Options::default());
        assert_eq!(loaded.is_ok(), is_fine, "{steps}");
    }
}

#[test]
fn a_policy_has_a_greatest_size() {
    let of_size = |bytes: usize| {
        let policy = IDENTITY_POLICY.trim_end_matches('}').to_owned();
        let padding = bytes - IDENTITY_POLICY.len();
        format!("{policy}{}}}", " ".repeat(padding))
    };
    for (bytes, is_fine) in [(POLICY_BYTES_MAX, true), (POLICY_BYTES_MAX + 1, false)] {
        let policy = of_size(bytes);
        let quoted = serde_json::to_string(&policy).unwrap();
        let forms = [
            (policy.as_str(), "POLICY_TOO_LARGE"),
            (quoted.as_str(), "INPUT_TOO_LARGE"),
        ];
        for (form, code) in forms {
            let loaded = load_files([("s.yaml", &with_policy(form))], &Options::default());
            assert_eq!(loaded.is_ok(), is_fine, "{bytes}");
            if let Err(found) = loaded {
                assert!(found.mentions(code), "{found}");
            }
        }
    }
}

#[test]
fn deep_nesting_is_refused_and_nothing_overflows() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for form in [deep.clone(), serde_json::to_string(&deep).unwrap()] {
        let found = load(&with_policy(&form)).unwrap_err();
        assert!(
            found.mentions("NESTED_TOO_DEEPLY") || found.mentions("NOT_A_DOCUMENT"),
            "{found}"
        );
    }
    let text = with_policy(r#"{"file": "deep.json"}"#);
    let loaded = load_files(
        [("s.yaml", &text), ("deep.json", &deep)],
        &Options::default(),
    );
    assert_eq!(error_codes(loaded), ["NESTED_TOO_DEEPLY"]);
    let yaml = format!("preclear: 1\nkeys: {}", "- ".repeat(100_000));
    assert!(load(&yaml).is_err());
}

/// Rule: IAM-GRAM-19.
#[test]
fn a_rejected_policy_makes_the_layer_of_its_owner_unknown_only_if_asked_to() {
    let text = format!(
        r#"{{"preclear": 1, "complete": true,
            "principals": [{{"arn": "{ARN}", "policies": [{{"Version": "2012-10-17", "Statement": []}}, {IDENTITY_POLICY}],
                            "boundary": {{"file": "broken.json"}}}}]}}"#
    );
    let texts = [("s.yaml", text.as_str()), ("broken.json", "{")];
    assert!(load_files(texts, &Options::default()).is_err());
    let keep_going = Options {
        keep_going: true,
        ..Options::default()
    };
    let loaded = load_files(texts, &keep_going).unwrap();
    assert!(
        loaded.diagnostics.mentions("IAM-GRAM-6") && loaded.diagnostics.mentions("INVALID_JSON")
    );
    let snapshot = loaded.value;
    for layer in Layer::ALL {
        let is_rejected = matches!(layer, Layer::Boundary | Layer::Identity);
        assert_eq!(snapshot.has_rejected(layer, ARN), is_rejected, "{layer}");
        assert!(!snapshot.has_rejected(layer, "arn:aws:iam::111122223333:user/other"));
    }
    assert!(snapshot.layers_not_loaded.is_empty());
    assert_eq!(snapshot.principals[0].boundary, Given::LeftOut);
    assert_eq!(
        snapshot.principals[0].policies.value().map(Vec::len),
        Some(1)
    );
}

#[test]
fn the_lenient_reading_is_for_those_who_ask() {
    let twins = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceVpc": "a", "AWS:sourcevpc": "a"}}}}"#;
    let text = with_policy(twins);
    assert!(load(&text).unwrap_err().mentions("IAM-GRAM-3"));
    let lenient = Options {
        lenient: true,
        ..Options::default()
    };
    assert!(load_files([("s.yaml", &text)], &lenient).is_ok());
}

#[test]
fn a_file_is_read_and_reported_once() {
    let text = format!(
        r#"{{"preclear": 1, "principals": [{{"arn": "{ARN}", "policies": [{{"file": "p.json"}}, {{"file": "./p.json"}}]}}]}}"#
    );
    let found =
        load_files([("s.yaml", &text), ("p.json", "{,}")], &Options::default()).unwrap_err();
    assert_eq!(codes(&found).len(), 1);
}
