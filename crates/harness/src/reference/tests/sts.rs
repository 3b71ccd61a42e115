//! Calls of STS: who assumes a role, and those that no policy controls.

use Verdict::{Allow, Depends, ExplicitDeny, ImplicitDeny};

use super::*;

const ASSUME: &str = "sts:AssumeRole";
const ROLE: &str = "arn:aws:iam::111122223333:role/T";

/// The role `T` with a trust policy that names somebody.
fn trusting(principal: impl Into<Value>, action: &str) -> World {
    let trust = json!({"Effect": "Allow", "Principal": principal.into(), "Action": action});
    World::new().principal(ROLE, json!({"trust": policy(&[trust])}))
}

fn to(arn: &str) -> Value {
    json!({ "AWS": arn })
}

fn assumes(principal: impl Into<Value>) -> Value {
    asks(principal, ASSUME, ROLE)
}

#[test]
fn iam_eval_22_who_assumes_a_role() {
    let bounded = || json!({"boundary": policy(&[allow("s3:*", "*")])});
    let may = || [allow("sts:*", "*")];
    let service = || json!({"Service": "ec2.amazonaws.com"});
    let own = json!({"trust": policy(&[json!({"Effect": "Allow", "Principal": service(), "Action": ASSUME})]), "policies": policies(&may())});
    let tagged = json!({
        "principal": U,
        "operation": ASSUME,
        "parameters": {"RoleArn": ROLE, "RoleSessionName": "s", "Tags": [{"Key": "a", "Value": "b"}]},
        "mode": "closed",
    });
    let tags = |action: &str| trusting(to(U), action).with(U, &[]);
    check([
        (
            "TRAP-53 the user, no policy",
            trusting(to(U), ASSUME).with(U, &[]),
            assumes(U),
            Allow,
        ),
        (
            "TRAP-54 the user, a boundary",
            trusting(to(U), ASSUME).principal(U, bounded()),
            assumes(U),
            ImplicitDeny,
        ),
        (
            "TRAP-55 the account, no policy",
            trusting(to(A), ASSUME).with(U, &[]),
            assumes(U),
            ImplicitDeny,
        ),
        (
            "the account and a policy",
            trusting(to(A), ASSUME).with(U, &may()),
            assumes(U),
            Allow,
        ),
        (
            "TRAP-56 a role and itself",
            World::new().principal(R, own),
            asks(R_S, ASSUME, R),
            ImplicitDeny,
        ),
        (
            "the caller's role",
            trusting(to(R), ASSUME).with(R, &[]),
            assumes(R_S),
            Allow,
        ),
        (
            "the caller's role, a boundary",
            trusting(to(R), ASSUME).principal(R, bounded()),
            assumes(R_S),
            ImplicitDeny,
        ),
        (
            "another account, its side is missing",
            trusting(to(B_U), ASSUME).with(B_U, &[]),
            assumes(B_U),
            ImplicitDeny,
        ),
        (
            "another account, both sides",
            trusting(to(B_U), ASSUME).with(B_U, &may()),
            assumes(B_U),
            Allow,
        ),
        (
            "the root user cannot",
            trusting(to(A), ASSUME),
            assumes(ROOT),
            ImplicitDeny,
        ),
        (
            "a service",
            trusting(service(), ASSUME),
            assumes("ec2.amazonaws.com"),
            Allow,
        ),
        (
            "its own policy denies",
            trusting(to(U), ASSUME).with(U, &[deny("*", "*")]),
            assumes(U),
            ExplicitDeny,
        ),
        (
            "tags are not trusted",
            tags(ASSUME),
            tagged.clone(),
            ImplicitDeny,
        ),
        ("tags are", tags("sts:*"), tagged, Allow),
        (
            "IAM-TRI-7 a trust policy that is not given",
            World::new().principal(ROLE, json!({})).with(U, &may()),
            assumes(U),
            Depends,
        ),
    ]);
}

#[test]
fn iam_eval_23_federated_identities_live_on_trust() {
    let provider = "arn:aws:iam::111122223333:saml-provider/P";
    let action = "sts:AssumeRoleWithSAML";
    let by = |provider: &str| asks(json!({ "federated": provider }), action, ROLE);
    let trusts = || trusting(json!({ "Federated": provider }), action);
    check([
        ("the provider", trusts(), by(provider), Allow),
        (
            "another one",
            trusts(),
            by("arn:aws:iam::111122223333:saml-provider/Q"),
            ImplicitDeny,
        ),
    ]);
}

#[test]
fn iam_eval_24_calls_that_no_policy_controls() {
    let denied = || World::new().with(U, &[deny("*", "*")]);
    let federated =
        json!({"arn": FEDERATED, "user": U, "session_policies": policies(&[allow("*", "*")])});
    let everything = || World::new().with(U, &[allow("*", "*")]);
    check([
        (
            "TRAP-57 GetCallerIdentity",
            denied(),
            asks(U, "sts:GetCallerIdentity", "*"),
            Allow,
        ),
        (
            "GetSessionToken",
            denied(),
            asks(U, "sts:GetSessionToken", "*"),
            Allow,
        ),
        (
            "a federated user and IAM",
            everything(),
            asks(federated.clone(), "iam:ListUsers", "*"),
            ImplicitDeny,
        ),
        (
            "a federated user and STS",
            everything(),
            asks(federated.clone(), "sts:GetFederationToken", "*"),
            ImplicitDeny,
        ),
        (
            "a federated user, who it is",
            everything(),
            asks(federated, "sts:GetCallerIdentity", "*"),
            Allow,
        ),
    ]);
}
