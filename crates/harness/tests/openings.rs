//! What is open, by the rules; and completions, which change nothing else.

use preclear_harness::completion::{Fill, apply};
use preclear_harness::open::{Opening, Openness, openings, openness};
use preclear_harness::world::read;
use preclear_simulator::Layer;
use serde_json::{Value, json};

const USER: &str = "arn:aws:iam::111122223333:user/ana";
const ROLE: &str = "arn:aws:iam::111122223333:role/app/R";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/R/s1";
const OBJECT: &str = "arn:aws:s3:::b/x";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k1";

/// A question about an object.
fn ask(principal: &str) -> Value {
    json!({"principal": {"arn": principal}, "action": "s3:GetObject", "resource": OBJECT})
}

fn with(mut request: Value, member: &str, value: Value) -> Value {
    request[member] = value;
    request
}

fn world(members: Value) -> Value {
    with(members, "preclear", json!(1))
}

fn key(snapshot: &Value, request: &Value, key: &str) -> Openness {
    let snapshot = read::snapshot(snapshot).expect("a snapshot");
    let request = read::request(request).expect("a request");
    openness(&snapshot, &request, key).expect("one question")
}

fn open(snapshot: &Value, request: &Value) -> Vec<Opening> {
    let snapshot = read::snapshot(snapshot).expect("a snapshot");
    let request = read::request(request).expect("a request");
    openings(&snapshot, &request, [])
}

use Openness::{Present, Settled, Unknown};

#[test]
fn keys_that_nobody_spoke_of_are_as_open_as_the_table_says() {
    let complete = world(json!({"complete": true, "region": "eu-west-1"}));
    let partial = world(json!({}));
    let rows = [
        ("aws:SecureTransport", USER, Present, Present),
        ("aws:referer", USER, Unknown, Unknown),
        ("aws:username", USER, Settled, Settled),
        ("aws:CurrentTime", USER, Present, Present),
        ("aws:RequestedRegion", USER, Settled, Present),
        ("aws:PrincipalTag/team", USER, Settled, Unknown),
        ("aws:PrincipalOrgID", USER, Settled, Unknown),
        ("aws:PrincipalOrgID", "sns.amazonaws.com", Settled, Settled),
        ("aws:TokenIssueTime", USER, Unknown, Unknown),
        ("aws:TokenIssueTime", SESSION, Present, Present),
        ("aws:MultiFactorAuthPresent", SESSION, Unknown, Unknown),
        ("aws:SourceIdentity", USER, Settled, Settled),
        ("aws:SourceIdentity", SESSION, Unknown, Unknown),
        ("aws:SourceVpce", USER, Unknown, Unknown),
        ("aws:SourceIp", "sns.amazonaws.com", Settled, Settled),
        ("aws:SourceArn", USER, Settled, Settled),
        ("aws:SourceArn", "sns.amazonaws.com", Unknown, Unknown),
        ("aws:ResourceTag/team", USER, Settled, Unknown),
        ("aws:TagKeys", USER, Settled, Settled),
        ("aws:ViaAWSService", USER, Settled, Settled),
        ("aws:userid", USER, Present, Present),
        ("aws:PrincipalArn", SESSION, Present, Present),
        ("aws:PrincipalArn", ROLE, Settled, Settled),
        ("s3:prefix", USER, Settled, Settled),
        ("kms:ViaService", USER, Settled, Settled),
    ];
    for (name, caller, in_complete, in_partial) in rows {
        let request = ask(caller);
        assert_eq!(
            key(&complete, &request, name),
            in_complete,
            "{name} of {caller}, complete"
        );
        assert_eq!(
            key(&partial, &request, name),
            in_partial,
            "{name} of {caller}"
        );
        let closed = with(request, "mode", json!("closed"));
        let always = ["aws:userid", "aws:PrincipalArn"].contains(&name);
        let expected = if always { in_complete } else { Settled };
        assert_eq!(
            key(&partial, &closed, name),
            expected,
            "{name} of {caller}, closed"
        );
        assert_eq!(
            key(&complete, &closed, name),
            expected,
            "{name} of {caller}, closed"
        );
    }
}

#[test]
fn what_the_request_says_wins() {
    let snapshot = world(json!({"complete": true}));
    let request = with(ask(USER), "unknown", json!(["AWS:username"]));
    assert_eq!(key(&snapshot, &request, "aws:username"), Unknown);
    let request = with(ask(USER), "present", json!(["aws:referer"]));
    assert_eq!(key(&snapshot, &request, "aws:Referer"), Present);
    let request = with(ask(USER), "absent", json!(["aws:SecureTransport"]));
    assert_eq!(key(&snapshot, &request, "aws:SecureTransport"), Settled);
    let request = with(ask(USER), "context", json!({"aws:sourceip": "203.0.113.7"}));
    assert_eq!(key(&snapshot, &request, "aws:SourceIp"), Settled);
    // A forwarded call has lost its network, whatever is said.
    let request = with(ask(USER), "unknown", json!(["aws:SourceVpce"]));
    let request = with(request, "via", json!("athena"));
    assert_eq!(key(&snapshot, &request, "aws:SourceVpce"), Settled);
    // The names of tags follow from the tags.
    let request = with(ask(USER), "unknown", json!(["aws:RequestTag/team"]));
    assert_eq!(key(&snapshot, &request, "aws:TagKeys"), Unknown);
}

#[test]
fn members_of_a_kms_call_are_open_until_they_are_given() {
    let snapshot = world(json!({"keys": [{"arn": KEY}]}));
    let request = json!({"principal": {"arn": USER}, "action": "kms:Decrypt", "resource": KEY});
    assert_eq!(
        key(&snapshot, &request, "kms:EncryptionContext:team"),
        Unknown
    );
    assert_eq!(key(&snapshot, &request, "kms:KeySpec"), Settled);
    assert_eq!(key(&snapshot, &request, "kms:GrantOperations"), Settled);
    assert!(open(&snapshot, &request).contains(&Opening::Parameters));
    let given = with(request, "parameters", json!({}));
    assert_eq!(
        key(&snapshot, &given, "kms:EncryptionContext:team"),
        Settled
    );
    assert!(!open(&snapshot, &given).contains(&Opening::Parameters));
}

#[test]
fn what_a_snapshot_leaves_out_is_open_unless_it_is_complete() {
    let listed = json!([{"arn": USER, "policies": []}]);
    let partial = world(json!({ "principals": listed }));
    let member = |list, entry: &str, member| Opening::Member(list, entry.to_owned(), member);
    let found = open(&partial, &ask(USER));
    for expected in [
        member("principals", USER, "groups"),
        member("principals", USER, "boundary"),
        Opening::Entry("resources", "arn:aws:s3:::b".to_owned()),
        Opening::Organization,
        Opening::UniqueId,
        Opening::Completeness,
    ] {
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
    assert!(!found.contains(&member("principals", USER, "policies")));
    let complete = with(partial, "complete", json!(true));
    let found = open(&complete, &ask(USER));
    assert_eq!(found, [Opening::UniqueId, Opening::CanonicalId]);
}

/// What is external may have tags that even a complete snapshot does not list. Rule: IAM-TRI-7, JOB-8.
#[test]
fn tags_of_what_is_external_are_open_unless_they_are_listed() {
    let (principal, bucket) = (json!({"arn": USER}), json!({"arn": "arn:aws:s3:::b"}));
    let external = world(json!({
        "complete": true, "external": ["arn:aws:iam::111122223333:*", "arn:aws:kms:*:111122223333:*", "arn:aws:s3:::*"],
        "principals": [principal], "keys": [{"arn": KEY}], "resources": [bucket],
    }));
    let mut own = external.clone();
    own["external"] = json!([]);
    let of_key = json!({"principal": {"arn": USER}, "action": "kms:Decrypt", "resource": KEY});
    for (request, name) in [
        (ask(USER), "aws:PrincipalTag/team"),
        (of_key, "aws:ResourceTag/team"),
        (ask(USER), "s3:ExistingObjectTag/team"),
    ] {
        assert_eq!(key(&external, &request, name), Unknown, "{name}");
        assert_eq!(key(&own, &request, name), Settled, "{name}");
    }
}

#[test]
fn every_key_and_role_has_a_policy_even_in_a_complete_snapshot() {
    let complete = world(json!({
        "complete": true, "keys": [{"arn": KEY}], "principals": [{"arn": ROLE}],
    }));
    let request = json!({"principal": {"arn": USER}, "action": "kms:Decrypt", "resource": KEY});
    let policy = Opening::Member("keys", KEY.to_owned(), "policy");
    assert!(open(&complete, &request).contains(&policy));
    let request = json!({"principal": {"arn": USER}, "action": "sts:AssumeRole", "resource": ROLE});
    let trust = Opening::Member("principals", ROLE.to_owned(), "trust");
    assert!(open(&complete, &request).contains(&trust));
}

#[test]
fn layers_that_do_not_reach_the_request_are_not_open() {
    let snapshot = world(json!({
        "complete": true,
        "layers_not_loaded": ["scp", "rcp", "identity", "vpce"],
        "organization": {"id": "o-1", "management_account": "111122223333"},
    }));
    let found = open(&snapshot, &ask(USER));
    assert!(
        found.contains(&Opening::Layer(Layer::Identity)),
        "{found:?}"
    );
    // Management account, and no endpoint.
    for layer in [Layer::Scp, Layer::VpcEndpoint] {
        assert!(!found.contains(&Opening::Layer(layer)), "{layer}");
    }
    let found = open(&snapshot, &ask("anonymous"));
    assert!(
        !found.contains(&Opening::Layer(Layer::Identity)),
        "{found:?}"
    );
}

fn fill(opening: Opening, value: Value) -> Fill {
    Fill { opening, value }
}

#[test]
fn a_filled_key_is_said_once() {
    let mut request = with(
        ask(USER),
        "unknown",
        json!(["AWS:Referer", "aws:UserAgent"]),
    );
    let opening = Opening::Key("aws:referer".to_owned(), Unknown);
    let value = fill(opening.clone(), json!("here"));
    assert!(!apply(&[value], &mut json!({}), &mut request));
    assert_eq!(request["unknown"], json!(["aws:UserAgent"]));
    assert_eq!(request["context"], json!({"aws:referer": "here"}));
    let mut request = ask(USER);
    apply(&[fill(opening, Value::Null)], &mut json!({}), &mut request);
    assert_eq!(request["absent"], json!(["aws:referer"]));
}

/// Rule: IAM-EVAL-11.
#[test]
fn the_layer_of_an_endpoint_nobody_spoke_of_stays_open() {
    let mut snapshot = world(json!({"layers_empty": ["vpce"]}));
    let unknown = Opening::Key("aws:sourcevpce".to_owned(), Unknown);
    let named = fill(unknown.clone(), json!("vpce-1"));
    assert!(apply(&[named], &mut snapshot, &mut ask(USER)));
    assert_eq!(snapshot["layers_open"], json!(["vpce"]));
    assert_eq!(snapshot["layers_empty"], json!([]));
    let mut snapshot = world(json!({}));
    assert!(!apply(
        &[fill(unknown, Value::Null)],
        &mut snapshot,
        &mut ask(USER)
    ));
    // One that certainly exists has a policy that counts.
    let present = Opening::Key("aws:sourcevpce".to_owned(), Present);
    let named = fill(present, json!("vpce-1"));
    assert!(!apply(&[named], &mut snapshot, &mut ask(USER)));
    assert_eq!(snapshot, world(json!({})));
}

/// Rule: IAM-PRIN-13, UI-39.
#[test]
fn where_a_call_may_be_forwarded_its_network_is_open() {
    let snapshot = world(json!({"complete": true}));
    let call = |via: &str| {
        let request = with(ask(USER), "context", json!({"aws:SourceVpc": "vpc-1"}));
        with(request, via, json!(["aws:ViaAWSService"]))
    };
    assert_eq!(key(&snapshot, &call("absent"), "aws:SourceVpc"), Settled);
    assert_eq!(key(&snapshot, &call("unknown"), "aws:SourceVpc"), Unknown);
    // It is the one that was said or none: no completion makes it another.
    let loaded = read::snapshot(&snapshot).expect("a snapshot");
    let request = read::request(&call("unknown")).expect("a request");
    let found = openings(&loaded, &request, ["aws:sourcevpc", "aws:viaawsservice"]);
    let via = Opening::Key("aws:viaawsservice".to_owned(), Unknown);
    assert!(found.contains(&via), "{found:?}");
    let is_network =
        |opening: &Opening| matches!(opening, Opening::Key(key, _) if key == "aws:sourcevpc");
    assert!(!found.iter().any(is_network), "{found:?}");
}

#[test]
fn a_named_session_keeps_the_path_of_its_role() {
    let mut snapshot = world(json!({}));
    let mut request = ask(ROLE);
    assert!(apply(
        &[fill(Opening::SessionName, json!("s2"))],
        &mut snapshot,
        &mut request
    ));
    let session = "arn:aws:sts::111122223333:assumed-role/R/s2";
    assert_eq!(request["principal"]["arn"], session);
    assert_eq!(snapshot["principals"], json!([{"arn": ROLE}]));
}
