//! The rows of multi-Region keys: ReplicateKey takes CreateKey where the replica will be, UpdatePrimaryRegion both keys.

use serde_json::{Value, json};

use super::super::case::{Case, set};
use super::super::markdown::Rules;
use super::super::world::A;
use super::asked::lines;
use super::creation::{CREATE, TAG, parts, tags};
use super::halves::ask_role;
use super::place::{
    self, OTHER_REGION, REGION, allow, deny, key_arn, key_arn_in, role, role_arn, root, to,
};
use crate::failure::Failure;

const REPLICATE: &str = "kms:ReplicateKey";
const MOVE: &str = "kms:UpdatePrimaryRegion";

/// Which role, which primary, and the codes of primary and CreateKey.
const REPLICATION: &str = "
    Both          | delegating | allow_iam_via_key_policy      | allow_identity
    ReplicateOnly | delegating | allow_iam_via_key_policy      | no_identity_allow
    CreateOnly    | delegating | no_identity_allow             | allow_identity
    None          | delegating | no_identity_allow             | no_identity_allow
    CreateOnly    | direct     | allow_key_policy              | allow_identity
    Named         | direct     | allow_key_policy              | no_identity_allow
    Both          | closed     | iam_not_enabled_by_key_policy | allow_identity
    CreateOnly    | closed     | no_resource_allow             | allow_identity
    None          | closed     | no_resource_allow             | no_identity_allow
    CreateThere   | delegating | allow_iam_via_key_policy      | allow_identity
    CreateHere    | delegating | allow_iam_via_key_policy      | no_identity_allow
    DeniedCreate  | delegating | allow_iam_via_key_policy      | explicit_deny_identity
";
/// Which role, which pair of keys, and the codes of primary and replica.
const PROMOTION: &str = "
    Both          | delegating         | allow_iam_via_key_policy      | allow_iam_via_key_policy
    PrimaryOnly   | delegating         | allow_iam_via_key_policy      | no_identity_allow
    ReplicaOnly   | delegating         | no_identity_allow             | allow_iam_via_key_policy
    None          | delegating         | no_identity_allow             | no_identity_allow
    Both          | primary-delegating | allow_iam_via_key_policy      | iam_not_enabled_by_key_policy
    Both          | replica-delegating | iam_not_enabled_by_key_policy | allow_iam_via_key_policy
    None          | direct             | allow_key_policy              | allow_key_policy
    None          | primary-direct     | allow_key_policy              | no_identity_allow
    None          | replica-direct     | no_identity_allow             | allow_key_policy
    ReplicaOnly   | primary-direct     | no_resource_allow             | allow_iam_via_key_policy
    None          | primary-delegating | no_identity_allow             | no_resource_allow
    DeniedReplica | delegating         | allow_iam_via_key_policy      | explicit_deny_identity
";

/// Fails if the rules no longer say what the parts here stand on.
pub(super) fn check(rules: &Rules) -> Result<(), Failure> {
    let further = rules.rule("KMS-ACT-5")?;
    further.says("ReplicateKey with `Tags`: `kms:TagResource` in the replica Region")?;
    let regional = rules.rule("KMS-POL-18")?;
    regional.says("Key policies are Regional; identity policies are global.")?;
    rules
        .rule("KMS-ID-7")?
        .says("its own ARN, key policy, grants, aliases and tags")
}

/// ReplicateKey: the primary, and CreateKey where the replica will be.
pub(super) fn replication() -> Result<Case, Failure> {
    let key = |name: &str, principals: Value| {
        let statements = vec![to(principals, &allow("kms:*", "*"))];
        let members = json!({"multi_region_type": "PRIMARY"});
        place::key(&key_arn(&format!("mrk-{name}")), statements, &members)
    };
    let named = ["CreateOnly", "Named"].map(|role| role_arn(A, role));
    let keys = vec![
        key("delegating", json!(root(A))),
        key("direct", json!(named)),
        key("closed", json!(role_arn(A, "Admin"))),
    ];
    let why = "kms:ReplicateKey: the primary by its key policy, and CreateKey by IAM in the Region of the replica";
    let rules = ["KMS-ACT-5", "KMS-POL-3", "KMS-DEC-0", "KMS-ACT-6"];
    let mut case = start("ReplicateKey", &rules, why, replicators(), keys);
    let parameters =
        |key: &str| json!({"KeyId": key_arn(&format!("mrk-{key}")), "ReplicaRegion": OTHER_REGION});
    for [role, key, of_primary, of_new] in lines(REPLICATION)? {
        let parts = parts(&[(REPLICATE, of_primary), (CREATE, of_new)]);
        ask_role(&mut case, key, role, REPLICATE, parameters(key), &parts);
    }
    for (role, of_tags) in [("All", "allow_identity"), ("Both", "no_identity_allow")] {
        let mut parameters = parameters("delegating");
        set(&mut parameters, "Tags", tags());
        let codes = [
            (REPLICATE, "allow_iam_via_key_policy"),
            (CREATE, "allow_identity"),
            (TAG, of_tags),
        ];
        ask_role(
            &mut case,
            "tags",
            role,
            REPLICATE,
            parameters,
            &parts(&codes),
        );
    }
    Ok(case)
}

fn start(name: &str, rules: &[&str], why: &str, roles: Vec<Value>, keys: Vec<Value>) -> Case {
    let path = format!("kms-act/{name}-halves");
    Case::new(&path, rules, why, place::snapshot(roles, keys)).by_default("region", REGION)
}

fn replicators() -> Vec<Value> {
    let of = |name: &str, allowed: &[&str]| {
        role(
            A,
            name,
            allowed.iter().map(|action| allow(action, "*")).collect(),
        )
    };
    let in_region = |name: &str, region: &str| {
        let mut create = allow(CREATE, "*");
        let condition = json!({"StringEquals": {"aws:RequestedRegion": region}});
        set(&mut create, "Condition", condition);
        role(A, name, vec![allow(REPLICATE, "*"), create])
    };
    vec![
        of("All", &[REPLICATE, CREATE, TAG]),
        of("Both", &[REPLICATE, CREATE]),
        of("ReplicateOnly", &[REPLICATE]),
        of("CreateOnly", &[CREATE]),
        of("Named", &[]),
        of("None", &[]),
        of("Admin", &[]),
        in_region("CreateThere", OTHER_REGION),
        in_region("CreateHere", REGION),
        role(
            A,
            "DeniedCreate",
            vec![allow("kms:*", "*"), deny(CREATE, "*")],
        ),
    ]
}

/// UpdatePrimaryRegion: primary and replica, each with the key policy of its Region.
pub(super) fn promotion() -> Result<Case, Failure> {
    let why =
        "kms:UpdatePrimaryRegion: primary and replica, each by the key policy of its own Region";
    let rules = ["KMS-POL-18", "KMS-ID-7", "KMS-POL-3", "KMS-DEC-0"];
    let mut case = start("UpdatePrimaryRegion", &rules, why, promoters(), relatives());
    for [role, key, of_primary, of_replica] in lines(PROMOTION)? {
        let key_arn = |region: &str| key_arn_in(region, A, &format!("mrk-{key}"));
        let [primary, replica] = [REGION, OTHER_REGION].map(key_arn);
        let parameters = json!({"KeyId": primary, "PrimaryRegion": OTHER_REGION});
        let parts = [
            (format!("{MOVE} {primary}"), of_primary),
            (format!("{MOVE} {replica}"), of_replica),
        ];
        ask_role(&mut case, key, role, MOVE, parameters, &parts);
    }
    Ok(case)
}

fn promoters() -> Vec<Value> {
    let [here, there] =
        [REGION, OTHER_REGION].map(|region| format!("arn:aws:kms:{region}:*:key/*"));
    vec![
        role(A, "Both", vec![allow(MOVE, "*")]),
        role(A, "PrimaryOnly", vec![allow(MOVE, &here)]),
        role(A, "ReplicaOnly", vec![allow(MOVE, &there)]),
        role(A, "None", Vec::new()),
        role(A, "Admin", Vec::new()),
        role(
            A,
            "DeniedReplica",
            vec![allow("kms:*", "*"), deny(MOVE, &there)],
        ),
    ]
}

/// Pairs of keys, by whom the policies of primary and replica name.
fn relatives() -> Vec<Value> {
    let (own, none, admin) = (root(A), role_arn(A, "None"), role_arn(A, "Admin"));
    let pairs = [
        ("delegating", &own, &own),
        ("primary-delegating", &own, &admin),
        ("replica-delegating", &admin, &own),
        ("direct", &none, &none),
        ("primary-direct", &none, &own),
        ("replica-direct", &own, &none),
    ];
    let key = |region: &str, name: &str, kind: &str, principal: &str| {
        let arn = key_arn_in(region, A, &format!("mrk-{name}"));
        let statements = vec![to(json!(principal), &allow("kms:*", "*"))];
        place::key(&arn, statements, &json!({"multi_region_type": kind}))
    };
    let both = |(name, primary, replica): (&str, &String, &String)| {
        [
            key(REGION, name, "PRIMARY", primary),
            key(OTHER_REGION, name, "REPLICA", replica),
        ]
    };
    pairs.into_iter().flat_map(both).collect()
}
