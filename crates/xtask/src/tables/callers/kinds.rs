//! A requester of each kind of IAM-PRIN-1.

use serde_json::{Value, json};

use super::super::world::{self, A};

/// A requester of a kind: what the letters of its row stand for, and what a request says beside the ARN.
pub(super) struct Caller {
    pub(super) kind: &'static str,
    pub(super) file: &'static str,
    pub(super) partition: &'static str,
    pub(super) letters: &'static [(&'static str, &'static str)],
    /// The user or role in the snapshot.
    pub(super) holder: Option<(&'static str, &'static str)>,
    pub(super) rest: Value,
}

pub(super) const USER: (&str, &[(&str, &str)]) = (
    "IAM user, long-term access key",
    &[
        ("path", "eng"),
        ("U", "Ursula"),
        ("AIDA…", "AIDAEXAMPLEURSULA1234"),
    ],
);
pub(super) const TEMPORARY: &str = "IAM user, console or GetSessionToken (temporary credentials)";
pub(super) const ROLE: (&str, &[(&str, &str)]) = (
    "role session (AssumeRole, SAML, OIDC, EC2, Lambda, Identity Center …)",
    &[
        ("R", "Reader"),
        ("s", "s1"),
        ("app", "app"),
        ("AROA…", "AROAEXAMPLEREADER1234"),
    ],
);
pub(super) const LINKED: (&str, &[(&str, &str)]) = (
    "service-linked role session",
    &[
        ("R", "AWSServiceRoleForExample"),
        ("Name", "AWSServiceRoleForExample"),
        ("s", "s1"),
        ("svc", "example.amazonaws.com"),
        ("AROA…", "AROAEXAMPLELINKED1234"),
    ],
);

/// All kinds.
pub(super) fn callers() -> Vec<Caller> {
    let user = Some((":user/eng/Ursula", "AIDAEXAMPLEURSULA1234"));
    let role = Some((":role/app/Reader", "AROAEXAMPLEREADER1234"));
    let linked = Some((
        ":role/aws-service-role/example.amazonaws.com/AWSServiceRoleForExample",
        "AROAEXAMPLELINKED1234",
    ));
    let caller = |kind, file, letters, holder, rest| Caller {
        kind,
        file,
        partition: "aws",
        letters,
        holder,
        rest,
    };
    let credentials = |credentials: &str| json!({"credentials": credentials});
    let in_china = |caller| Caller {
        partition: "aws-cn",
        ..caller
    };
    let federated = json!({"user": format!("arn:aws:iam::{A}:user/eng/Ursula"), "session_policies": world::open_session()});
    let letters: &[(&str, &str)] = &[("F", "Fay")];
    vec![
        caller("root user", "root", &[], None, json!({})),
        caller(
            "root session (AssumeRoot)",
            "root-session",
            &[],
            None,
            json!({"session_policies": world::open_session()}),
        ),
        caller(
            USER.0,
            "user-long-term",
            USER.1,
            user,
            credentials("long_term"),
        ),
        caller(
            TEMPORARY,
            "user-console",
            USER.1,
            user,
            credentials("console"),
        ),
        caller(
            TEMPORARY,
            "user-session-token",
            USER.1,
            user,
            credentials("session_token"),
        ),
        caller(
            "federated user (GetFederationToken)",
            "federated-user",
            letters,
            user,
            federated,
        ),
        caller(ROLE.0, "role-session", ROLE.1, role, json!({})),
        in_china(caller(ROLE.0, "role-session-cn", ROLE.1, role, json!({}))),
        caller(LINKED.0, "service-linked-role", LINKED.1, linked, json!({})),
        caller(
            "service principal",
            "service",
            &[("svc.amazonaws.com", "sns.amazonaws.com")],
            None,
            json!({}),
        ),
        caller("anonymous", "anonymous", &[], None, json!({})),
    ]
}
