use std::path::PathBuf;

use preclear_model::caller::Caller;
use preclear_model::{Diagnostics, PolicyKind};
use preclear_simulator::{Ask, Given, Layer, Request, Snapshot};

use crate::loose::{LoosePolicies, Subject, load, read_policies, resource_of};
use crate::testing::{IDENTITY_POLICY, KEY, KEY_POLICY, error_codes, files};
use crate::{Loaded, Options};

const ROLE: &str = "arn:aws:iam::111122223333:role/app/r";

fn load_for(
    policies: &LoosePolicies,
    caller: &str,
    resource: Option<&str>,
    region: Option<&str>,
) -> Result<Loaded<super::Loose>, Diagnostics> {
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}}"#;
    let bucket = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#;
    let rcp = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}}"#;
    let grants = r#"{"Grants": [{"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "GranteePrincipal": "arn:aws:iam::111122223333:role/r", "Operations": ["Decrypt"]}]}"#;
    let files = files([
        ("p.json", IDENTITY_POLICY),
        ("k.json", KEY_POLICY),
        ("t.json", trust),
        ("b.json", bucket),
        ("rcp.json", rcp),
        ("g.json", grants),
    ]);
    let caller = Caller::parse(caller).unwrap();
    let subject = Subject {
        caller: &caller,
        resource,
        resource_account: None,
        region,
    };
    load(policies, subject, &files, &Options::default())
}

fn paths(path: &str) -> Vec<PathBuf> {
    vec![PathBuf::from(path)]
}

fn file(path: &str) -> Option<PathBuf> {
    Some(PathBuf::from(path))
}

fn layers(snapshot: &Snapshot) -> (Vec<Layer>, Vec<Layer>, Vec<Layer>) {
    let of = |set: &std::collections::BTreeSet<Layer>| set.iter().copied().collect();
    (
        of(&snapshot.layers_not_loaded),
        of(&snapshot.layers_open),
        of(&snapshot.layers_empty),
    )
}

/// Rule: UI-10.
#[test]
fn what_is_not_given_is_unknown_open_or_empty() {
    use Layer::{Boundary, Grants, Identity, Rcp, Resource, Scp, Session, VpcEndpoint};
    let open = vec![Scp, Rcp, VpcEndpoint, Boundary, Session];
    let none = load_for(&LoosePolicies::default(), ROLE, Some(KEY), None)
        .unwrap()
        .value;
    assert_eq!(
        layers(&none.snapshot),
        (vec![Resource, Identity], open.clone(), vec![Grants])
    );
    assert!(none.session_policies.is_none() && none.snapshot.keys.is_empty());
    let identity = LoosePolicies {
        identity: paths("p.json"),
        ..LoosePolicies::default()
    };
    let loose = load_for(&identity, ROLE, Some(KEY), None).unwrap().value;
    assert_eq!(
        layers(&loose.snapshot),
        (vec![Resource], open, vec![Grants])
    );
    assert_eq!(loose.snapshot.principals[0].arn.as_str(), ROLE);
    assert_eq!(
        loose.snapshot.principals[0].policies.value().unwrap()[0].name,
        "p.json"
    );
    let complete = LoosePolicies {
        complete: true,
        ..identity
    };
    let loose = load_for(&complete, ROLE, Some(KEY), None).unwrap().value;
    assert_eq!(layers(&loose.snapshot), (vec![], vec![], vec![]));
    assert!(loose.snapshot.complete);
}

#[test]
fn every_flag_finds_its_place() {
    let all = LoosePolicies {
        identity: paths("p.json"),
        key: file("k.json"),
        boundary: file("p.json"),
        scps: paths("p.json"),
        rcps: paths("rcp.json"),
        grants: file("g.json"),
        session: paths("p.json"),
        ..LoosePolicies::default()
    };
    let loose = load_for(&all, ROLE, Some(KEY), None).unwrap().value;
    let snapshot = &loose.snapshot;
    assert_eq!(layers(snapshot), (vec![], vec![Layer::VpcEndpoint], vec![]));
    assert!(snapshot.principals[0].boundary.value().is_some());
    assert!(snapshot.keys[0].policy.value().is_some());
    assert_eq!(snapshot.keys[0].grants.as_ref().unwrap().len(), 1);
    let organization = snapshot.organization.as_ref().unwrap();
    assert!(organization.id.is_empty());
    assert!(
        organization.root.scps.value().unwrap()[0]
            .name
            .ends_with("p-FullAWSAccess")
    );
    let [account] = organization.accounts.as_slice() else {
        panic!()
    };
    assert_eq!(account.id, "111122223333");
    assert!(account.scps.value().is_some() && account.rcps.value().is_some());
    assert_eq!(loose.session_policies.unwrap()[0].kind, PolicyKind::Session);
}

#[test]
fn scp_and_rcp_belong_to_their_own_accounts() {
    let policies = LoosePolicies {
        scps: paths("p.json"),
        rcps: paths("rcp.json"),
        ..LoosePolicies::default()
    };
    let other = KEY.replace("111122223333", "444455556666");
    let loose = load_for(&policies, ROLE, Some(&other), None).unwrap().value;
    let accounts = loose.snapshot.organization.unwrap().accounts;
    assert_eq!(
        (accounts[0].id.as_str(), accounts[1].id.as_str()),
        ("111122223333", "444455556666")
    );
    assert_eq!(
        (&accounts[0].rcps, &accounts[1].scps),
        (&Given::LeftOut, &Given::LeftOut)
    );
}

#[test]
fn keys_may_be_named_in_four_ways() {
    let policies = LoosePolicies {
        key: file("k.json"),
        ..LoosePolicies::default()
    };
    let key = |resource: &str, region: Option<&str>| {
        load_for(&policies, ROLE, Some(resource), region).map(|loaded| {
            let key = loaded.value.snapshot.keys[0].clone();
            (key.arn.as_str().to_owned(), key.aliases)
        })
    };
    let region = Some("us-west-2");
    assert_eq!(key(KEY, None).unwrap(), (KEY.to_owned(), None));
    assert_eq!(
        key("1234abcd-12ab-34cd-56ef-1234567890ab", region).unwrap(),
        (KEY.to_owned(), None)
    );
    let (arn, aliases) = key("alias/labels", region).unwrap();
    assert!(arn.starts_with("arn:aws:kms:us-west-2:111122223333:key/"));
    assert_eq!(aliases.as_deref(), Some(&["alias/labels".to_owned()][..]));
    let (arn, aliases) = key("arn:aws:kms:eu-west-1:444455556666:alias/labels", None).unwrap();
    assert!(arn.starts_with("arn:aws:kms:eu-west-1:444455556666:key/") && aliases.is_some());
    for (resource, region) in [
        ("alias/labels", None),
        ("*", region),
        ("arn:aws:s3:::b", region),
        ("arn:aws:kms:us-west-2:111122223333:key/*", None),
    ] {
        assert_eq!(
            key(resource, region).unwrap_err().0[0].code,
            "MISPLACED_POLICY",
            "{resource}"
        );
    }
    // The same flag as for other resources does for keys.
    let policies = LoosePolicies {
        resource: file("k.json"),
        ..LoosePolicies::default()
    };
    let loose = load_for(&policies, ROLE, Some(KEY), None).unwrap().value;
    assert_eq!(
        loose.snapshot.keys[0].policy.value().unwrap().kind,
        PolicyKind::Key
    );
}

#[test]
fn grants_of_another_key_are_refused_where_the_key_is_known() {
    let policies = LoosePolicies {
        grants: file("g.json"),
        ..LoosePolicies::default()
    };
    let other = KEY.replace("1234abcd", "9999abcd");
    assert_eq!(
        error_codes(load_for(&policies, ROLE, Some(&other), None)),
        ["CONTRADICTION"]
    );
    assert!(load_for(&policies, ROLE, Some("alias/labels"), Some("us-west-2")).is_ok());
}

/// What belongs to nobody says what is missing: that nothing was named, or what was named instead.
#[test]
fn a_forgotten_resource_is_told_as_one() {
    let policies = LoosePolicies {
        key: file("k.json"),
        ..LoosePolicies::default()
    };
    let message = |resource| {
        let errors = load_for(&policies, ROLE, resource, None).unwrap_err();
        errors.0[0].message.clone()
    };
    let forgotten = "`k.json` belongs to nobody here: no `--resource` was given";
    assert_eq!(message(None), forgotten);
    let bucket = "`k.json` belongs to nobody here: `arn:aws:s3:::b` is no key";
    assert_eq!(message(Some("arn:aws:s3:::b")), bucket);
}

/// A policy belongs to the one key that a call names; of two nobody tells to which.
#[test]
fn the_one_key_of_a_call_is_what_it_is_about() {
    let request = |members: serde_json::Value| {
        let caller = Caller::parse(ROLE).unwrap();
        let mut request = Request::new(caller, Ask::Operation("kms:ReEncrypt".to_owned()));
        request.parameters = members.as_object().cloned();
        resource_of(&request).map(str::to_owned)
    };
    let other = KEY.replace("1234abcd", "9999abcd");
    let both = serde_json::json!({"SourceKeyId": KEY, "DestinationKeyId": KEY});
    assert_eq!(request(both).as_deref(), Some(KEY));
    let two = serde_json::json!({"SourceKeyId": KEY, "DestinationKeyId": other});
    assert_eq!(request(two), None);
}

#[test]
fn an_object_is_covered_by_its_bucket() {
    let policies = LoosePolicies {
        resource: file("b.json"),
        ..LoosePolicies::default()
    };
    let loose = load_for(&policies, ROLE, Some("arn:aws:s3:::bucket/in/a.jpg"), None)
        .unwrap()
        .value;
    assert_eq!(
        loose.snapshot.resources[0].arn.as_str(),
        "arn:aws:s3:::bucket"
    );
    for resource in [
        None,
        Some("*"),
        Some("arn:aws:iam::111122223333:role/r"),
        Some("arn:aws:sqs:us-west-2:111122223333:*"),
    ] {
        assert_eq!(
            error_codes(load_for(&policies, ROLE, resource, None)),
            ["MISPLACED_POLICY"],
            "{resource:?}"
        );
    }
}

#[test]
fn trust_belongs_to_the_role_that_is_asked_about() {
    let policies = LoosePolicies {
        trust: file("t.json"),
        identity: paths("p.json"),
        ..LoosePolicies::default()
    };
    let loose = load_for(&policies, ROLE, Some(ROLE), None).unwrap().value;
    let [record] = loose.snapshot.principals.as_slice() else {
        panic!()
    };
    assert!(record.trust.value().is_some() && record.policies.value().is_some());
    assert!(!loose.snapshot.layers_not_loaded.contains(&Layer::Resource));
    let other = "arn:aws:iam::444455556666:role/x";
    assert_eq!(
        load_for(&policies, ROLE, Some(other), None)
            .unwrap()
            .value
            .snapshot
            .principals
            .len(),
        2
    );
    assert_eq!(
        error_codes(load_for(&policies, ROLE, Some(KEY), None)),
        ["MISPLACED_POLICY"]
    );
}

#[test]
fn callers_without_policies_are_told_so() {
    let policies = LoosePolicies {
        identity: paths("p.json"),
        ..LoosePolicies::default()
    };
    for caller in [
        "sns.amazonaws.com",
        "anonymous",
        "arn:aws:iam::111122223333:root",
    ] {
        assert_eq!(
            error_codes(load_for(&policies, caller, Some("*"), None)),
            ["MISPLACED_POLICY"],
            "{caller}"
        );
    }
    // IAM-EVAL-12: it has those of its IAM user, whoever that is.
    let federated = "arn:aws:sts::111122223333:federated-user/f";
    let refused = load_for(&policies, federated, Some("*"), None).unwrap_err();
    let text = format!("{refused:?}");
    assert!(
        text.contains("the IAM user of") && !text.contains("has no identity policies"),
        "{text}"
    );
    let session = load_for(
        &policies,
        "arn:aws:sts::111122223333:assumed-role/r/s",
        Some("*"),
        None,
    )
    .unwrap()
    .value;
    let [role] = session.snapshot.principals.as_slice() else {
        panic!("{:?}", session.snapshot.principals)
    };
    assert_eq!(role.arn.as_str(), "arn:aws:iam::111122223333:role/r");
    assert!(!role.is_path_known, "a session tells no path");
    let role = load_for(&policies, ROLE, Some("*"), None).unwrap().value;
    assert!(role.snapshot.principals[0].is_path_known);
}

#[test]
fn broken_files_are_named() {
    let policies = LoosePolicies {
        identity: vec!["none.json".into(), "k.json".into()],
        ..LoosePolicies::default()
    };
    let found = load_for(&policies, ROLE, Some("*"), None).unwrap_err();
    assert!(found.mentions("MISSING_FILE") && found.mentions("IAM-GRAM-21"));
    assert!(LoosePolicies::default().is_empty() && !policies.is_empty());
    let texts = files([("p.json", IDENTITY_POLICY)]);
    let read = read_policies(["p.json"], PolicyKind::Session, &texts, &Options::default())
        .unwrap()
        .value;
    assert_eq!(read[0].name, "p.json");
}

/// Rule: IAM-GRAM-19.
#[test]
fn a_rejected_session_policy_belongs_to_the_request() {
    let texts = files([
        ("p.json", IDENTITY_POLICY),
        ("bad.json", "{\"Statement\": []}"),
    ]);
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let caller = Caller::parse(ROLE).unwrap();
    let subject = Subject {
        caller: &caller,
        resource: None,
        resource_account: None,
        region: None,
    };
    let of = |session: &[&str]| {
        let policies = LoosePolicies {
            session: session.iter().map(PathBuf::from).collect(),
            ..LoosePolicies::default()
        };
        load(&policies, subject, &texts, &options).unwrap().value
    };
    let loose = of(&["bad.json", "p.json"]);
    assert!(loose.session_policy_rejected);
    assert_eq!(loose.session_policies.as_ref().map(Vec::len), Some(1));
    assert!(!loose.snapshot.layers_not_loaded.contains(&Layer::Session));
    assert!(!of(&["p.json"]).session_policy_rejected);
    // Whoever asks for the policies alone is not told of one that is left out.
    let alone = read_policies(
        ["bad.json", "p.json"],
        PolicyKind::Session,
        &texts,
        &options,
    );
    assert!(alone.is_err());
}
