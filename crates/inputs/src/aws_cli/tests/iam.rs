//! Users, roles, groups and their policies.

use preclear_model::Policy;

use super::*;

const ROLE: &str = r#"{"Role": {"Arn": "arn:aws:iam::111122223333:role/team/R", "RoleId": "AROAX", "RoleName": "R", "Path": "/team/",
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"},
    "Action": "sts:AssumeRole"}}, "Tags": [{"Key": "team", "Value": "x"}]}}"#;
const FOLDER: &str = "d/account/111122223333/iam";
const ARN: &str = "arn:aws:iam::111122223333:role/team/R";
const MANAGED: &str = "arn:aws:iam::111122223333:policy/p/Labels";

fn inline(name: &str) -> String {
    format!(r#"{{"RoleName": "R", "PolicyName": "{name}", "PolicyDocument": {DOCUMENT}}}"#)
}

fn attached(arns: &[&str]) -> String {
    let items = arns
        .iter()
        .map(|arn| format!(r#"{{"PolicyName": "x", "PolicyArn": "{arn}"}}"#));
    let items: Vec<String> = items.collect();
    format!(r#"{{"AttachedPolicies": [{}]}}"#, items.join(", "))
}

fn version(id: &str, is_default: bool) -> String {
    format!(
        r#"{{"PolicyVersion": {{"Document": {DOCUMENT}, "VersionId": "{id}", "IsDefaultVersion": {is_default}, "CreateDate": 1.5}}}}"#
    )
}

fn names(policies: &Given<Vec<std::sync::Arc<Policy>>>) -> Vec<&str> {
    let policies = policies.value().into_iter().flatten();
    policies.map(|policy| policy.name.as_str()).collect()
}

/// Loads files below the folder of the account.
fn load_iam(files: &[(&str, &str)]) -> Result<Loaded<Snapshot>, Diagnostics> {
    let files: Vec<(String, &str)> = files
        .iter()
        .map(|(name, text)| (format!("{FOLDER}/{name}"), *text))
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), *text))
        .collect();
    load(&files)
}

fn iam_complaints(files: &[(&str, &str)]) -> Vec<String> {
    match load_iam(files) {
        Ok(loaded) => codes(&loaded.diagnostics),
        Err(errors) => codes(&errors),
    }
}

/// What is not listed may exist. Rule: IAM-TRI-7.
#[test]
fn policies_are_all_only_where_both_lists_are_there() {
    let (role, policy) = (("roles/R/r.json", ROLE), inline("i"));
    let policy = ("roles/R/i.json", policy.as_str());
    let listed = (
        "roles/R/n.json",
        r#"{"PolicyNames": ["i"], "IsTruncated": false}"#,
    );
    let nothing = ("roles/R/a.json", r#"{"AttachedPolicies": []}"#);
    let is_open = |files: &[(&str, &str)]| {
        let snapshot = load_iam(files).unwrap().value;
        let [principal] = snapshot.principals.as_slice() else {
            panic!("{:?}", snapshot.principals);
        };
        assert_eq!(principal.boundary, Given::Nothing);
        assert_eq!(principal.id.as_deref(), Some("AROAX"));
        assert!(principal.trust.value().is_some() && principal.is_path_known);
        let known = names(&principal.policies).join(", ");
        (known, snapshot.has_rejected(Layer::Identity, ARN))
    };
    assert_eq!(
        is_open(&[role, policy, listed, nothing]),
        ("i".to_owned(), false)
    );
    assert_eq!(is_open(&[role, policy, listed]), ("i".to_owned(), true));
    assert_eq!(is_open(&[role, policy, nothing]), ("i".to_owned(), true));
    let snapshot = load_iam(&[role]).unwrap().value;
    assert!(snapshot.principals[0].policies.is_left_out());
    let none = ("roles/R/n.json", r#"{"PolicyNames": []}"#);
    let snapshot = load_iam(&[role, none, nothing]).unwrap().value;
    assert_eq!(snapshot.principals[0].policies, Given::Nothing);
    let complete = ("s.yaml", "preclear: 1\ncomplete: true");
    assert_eq!(is_open(&[role, policy, complete]), ("i".to_owned(), false));
}

#[test]
fn names_without_path_find_what_they_name() {
    let attached = attached(&[MANAGED]);
    let loaded = load_iam(&[
        ("roles/R/i.json", &inline("i")),
        ("roles/R/a.json", &attached),
        ("policies/Labels/v.json", &version("v2", true)),
    ])
    .unwrap();
    let [role] = loaded.value.principals.as_slice() else {
        panic!("{:?}", loaded.value.principals);
    };
    assert_eq!(role.arn.as_str(), "arn:aws:iam::111122223333:role/R");
    assert!(!role.is_path_known, "nobody told the path");
    assert_eq!(names(&role.policies), ["i", MANAGED]);
    let policy = &role.policies.value().unwrap()[1];
    assert!(
        policy.source.name.ends_with("Labels/v.json"),
        "{}",
        policy.source.name
    );
}

/// The version in force counts, whatever else is printed.
#[test]
fn the_version_in_force_is_taken() {
    let policy = format!(
        r#"{{"Policy": {{"Arn": "{MANAGED}", "PolicyName": "Labels", "DefaultVersionId": "v2"}}}}"#
    );
    let attached = attached(&[MANAGED]);
    let others = [
        ("roles/R/a.json", attached.as_str()),
        ("roles/R/n.json", r#"{"PolicyNames": []}"#),
        ("policies/Labels/p.json", policy.as_str()),
    ];
    let with = |versions: &[(&str, &str)]| {
        let files: Vec<(&str, &str)> = others.iter().chain(versions).copied().collect();
        let files: Vec<(String, &str)> = files.iter().map(|(n, t)| ((*n).to_owned(), *t)).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), *t)).collect();
        iam_complaints(&files)
    };
    let (v1, v2) = (version("v1", false), version("v2", true));
    let (v1, v2) = (
        ("policies/Labels/1.json", v1.as_str()),
        ("policies/Labels/2.json", v2.as_str()),
    );
    assert_eq!(with(&[v2]), [""; 0]);
    assert_eq!(with(&[v1, v2]), ["OUTPUT_ADDS_NOTHING {"]);
    let arn = format!("\"{MANAGED}\"");
    let short: String = arn.chars().take(40).collect();
    let missing = format!("POLICY_WITHOUT_DOCUMENT {short}");
    let found = with(&[v1]);
    assert!(found.contains(&missing), "{found:?}");
    assert_eq!(with(&[]), [missing.as_str()]);
    let v3 = version("v3", true);
    let found = with(&[v2, ("policies/Labels/3.json", v3.as_str())]);
    assert!(found[0].starts_with("CONTRADICTION"), "{found:?}");
}

/// A policy whose document nobody has makes the layer unknown, also where everything is listed.
#[test]
fn missing_documents_leave_the_layer_open() {
    let boundary = ROLE.replace(
        r#""Tags""#,
        &format!(r#""PermissionsBoundary": {{"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "{MANAGED}"}}, "Tags""#),
    );
    let loaded = load_iam(&[
        ("roles/R/r.json", &boundary),
        ("roles/R/a.json", &attached(&[MANAGED])),
        ("roles/R/n.json", r#"{"PolicyNames": ["lost"]}"#),
        ("s.yaml", "preclear: 1\ncomplete: true"),
    ])
    .unwrap();
    assert!(loaded.value.has_rejected(Layer::Identity, ARN));
    assert!(loaded.value.has_rejected(Layer::Boundary, ARN));
    let found = codes(&loaded.diagnostics);
    assert_eq!(found.len(), 2, "each is told once: {found:?}");
    assert!(
        found
            .iter()
            .all(|code| code.starts_with("POLICY_WITHOUT_DOCUMENT"))
    );
}

/// What AWS prints of its own policies counts, not what preclear ships.
#[test]
fn printed_policies_of_aws_replace_those_that_are_shipped() {
    const AWS: &str = "arn:aws:iam::aws:policy/AmazonSageMakerGroundTruthExecution";
    let details = |id: &str, action: &str| {
        format!(
            r#"{{"Policies": [{{"Arn": "{AWS}", "DefaultVersionId": "{id}", "PolicyVersionList": [{{"VersionId": "{id}", "IsDefaultVersion": true,
            "Document": {}}}]}}]}}"#,
            DOCUMENT.replace("s3:*", action)
        )
    };
    let snapshot = format!(
        "preclear: 1\nprincipals:\n- {{arn: 'arn:aws:iam::444455556666:user/u', policies: [{AWS}]}}\n- {{arn: '{ARN}', policies: [{AWS}]}}"
    );
    let loaded = load_iam(&[
        ("1.json", &details("v9", "sqs:*")),
        ("2.json", &details("v10", "sns:*")),
        ("roles/R/r.json", ROLE),
        ("roles/R/a.json", &attached(&[AWS])),
        ("roles/R/n.json", r#"{"PolicyNames": []}"#),
        ("s.yaml", &snapshot),
    ])
    .unwrap();
    for principal in &loaded.value.principals {
        let policy = &principal.policies.value().unwrap()[0];
        let action = &policy.statements[0].action.as_ref().unwrap().entries()[0];
        assert_eq!(action.text, "sns:*", "{}", principal.arn);
    }
}

#[test]
fn groups_are_found_by_name_and_from_both_sides() {
    let user = r#"{"User": {"Arn": "arn:aws:iam::111122223333:user/u", "UserName": "u"}}"#;
    let group =
        r#"{"GroupName": "g", "GroupId": "AGPAX", "Arn": "arn:aws:iam::111122223333:group/a/g"}"#;
    let of_user = format!(r#"{{"Groups": [{group}]}}"#);
    let with_users = format!(
        r#"{{"Group": {group}, "Users": [{{"Arn": "arn:aws:iam::111122223333:user/u", "UserName": "u"}}]}}"#
    );
    let groups = |files: &[(&str, &str)]| {
        let snapshot = load_iam(files).unwrap().value;
        assert_eq!(snapshot.groups.len(), 1);
        let owner = "arn:aws:iam::111122223333:user/u";
        let is_open = snapshot.has_rejected(Layer::Identity, owner);
        (snapshot.principals[0].groups.clone(), is_open)
    };
    let known = Given::Here(vec!["arn:aws:iam::111122223333:group/a/g".to_owned()]);
    let of_user = ("users/u/g.json", of_user.as_str());
    let with_users = ("groups/g/g.json", with_users.as_str());
    let user = ("users/u/u.json", user);
    assert_eq!(groups(&[user, of_user]), (known.clone(), false));
    assert_eq!(
        groups(&[user, with_users]),
        (known.clone(), true),
        "others may have the user too"
    );
    assert_eq!(groups(&[user, with_users, of_user]), (known, false));
    let none = ("users/u/g.json", r#"{"Groups": []}"#);
    let found = iam_complaints(&[user, none, with_users]);
    assert!(found[0].starts_with("CONTRADICTION"), "{found:?}");
}

#[test]
fn contradictions_name_both_files() {
    let one = attached(&[]);
    let other = attached(&[MANAGED]);
    let error = load_iam(&[("roles/R/a.json", &one), ("roles/R/b.json", &other)]).unwrap_err();
    let error = error.errors().next().unwrap();
    assert_eq!((error.code, error.rule), ("CONTRADICTION", Some("UI-32")));
    assert!(
        error.message.contains("role `R` of account 111122223333"),
        "{}",
        error.message
    );
    assert!(
        error
            .place
            .as_ref()
            .unwrap()
            .source
            .name
            .ends_with("b.json")
    );
    assert!(error.related[0].0.source.name.ends_with("a.json"));

    let changed = inline("i").replace("s3:*", "sqs:*");
    let found = iam_complaints(&[
        ("roles/R/1.json", &inline("i")),
        ("roles/R/2.json", &changed),
    ]);
    assert!(found[0].starts_with("CONTRADICTION"), "{found:?}");
    let unlisted = [
        ("roles/R/1.json", inline("i")),
        ("roles/R/n.json", r#"{"PolicyNames": []}"#.to_owned()),
    ];
    let unlisted: Vec<(&str, &str)> = unlisted.iter().map(|(n, t)| (*n, t.as_str())).collect();
    let found = iam_complaints(&unlisted);
    assert!(found[0].starts_with("CONTRADICTION"), "{found:?}");
}
