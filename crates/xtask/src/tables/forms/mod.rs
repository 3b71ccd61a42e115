//! IAM-GRAM-14: each form of a `Principal` element, accepted or refused.

mod rows;

use serde_json::{Value, json};

use super::case::Case;
use super::markdown::{Rules, plain};
use super::world::{self, A, B, USER};
use crate::failure::Failure;

use self::rows::{CANONICAL, DOMAIN, Match, Row, SAML, rows};

/// An element that is accepted: its name, itself, and whom it matches.
type Form = (String, Value, Vec<Match>);

fn requester(name: &str) -> Value {
    let session = |role: &str| json!(format!("arn:aws:sts::{A}:assumed-role/{role}"));
    match name {
        "user" => json!({"arn": USER, "canonical_id": CANONICAL}),
        "session" => session("R/s"),
        "other-session" => session("R/s2"),
        "stranger" => {
            json!({"arn": format!("arn:aws:iam::{B}:user/W"), "canonical_id": "0123456789abcdef"})
        }
        "service" => json!("sns.amazonaws.com"),
        "federated" => json!({
            "arn": format!("arn:aws:sts::{A}:federated-user/F"),
            "user": format!("arn:aws:iam::{A}:user/V"),
            "session_policies": world::open_session(),
        }),
        _ => json!("anonymous"),
    }
}

pub(crate) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    let table = rules.table("IAM-GRAM-14")?;
    let known = rows();
    let mut cases = Vec::new();
    let mut accepted: Vec<Form> = Vec::new();
    for row in table.rows() {
        let (form, verdict) = (plain(row.label()), plain(row.cell("verdict")?));
        let is_read = |known: &&Row| known.form == form && known.verdict == verdict;
        let known = known
            .iter()
            .find(is_read)
            .ok_or_else(|| row.unread(row.label()))?;
        for (number, (principal, requesters)) in known.accepted.iter().enumerate() {
            accepted.push((
                format!("{}-{}", known.name, number + 1),
                principal.clone(),
                requesters.clone(),
            ));
        }
        for (number, principal) in known.refused.iter().enumerate() {
            let name = format!("{}-{}", known.name, number + 1);
            cases.push(refused(&name, &form, principal));
        }
    }
    cases.push(in_buckets(&accepted));
    cases.push(elsewhere());
    Ok(cases)
}

/// A bucket in which the element stands in an Allow and, beside an Allow for everyone, in a Deny.
fn bucket(name: &str, principal: &Value) -> Value {
    let arn = format!("arn:aws:s3:::team-{name}");
    let everyone = json!({"AWS": "*", "Service": "sns.amazonaws.com"});
    let statement = |effect: &str, principal: &Value, folder: &str| json!({"Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": format!("{arn}/{folder}/*")});
    let statements = vec![
        statement("Allow", principal, "Allow"),
        statement("Allow", &everyone, "Deny"),
        statement("Deny", principal, "Deny"),
    ];
    json!({"arn": arn, "account": A, "policy": world::policy("bucket-policy", statements)})
}

fn principals() -> Vec<Value> {
    let stranger = json!({"arn": format!("arn:aws:iam::{B}:user/W"), "policies": [world::allows_all("identity-policy")]});
    vec![
        json!({"arn": USER, "id": "AIDAEXAMPLEU123456789"}),
        json!({"arn": format!("arn:aws:iam::{A}:user/V")}),
        json!({"arn": format!("arn:aws:iam::{A}:role/app/R"), "id": "AROAEXAMPLER123456789"}),
        stranger,
    ]
}

/// The forms that a bucket's policy may use, in Allow and in Deny.
fn in_buckets(forms: &[Form]) -> Case {
    let buckets = forms
        .iter()
        .map(|(name, principal, _)| bucket(name, principal))
        .collect();
    let rules = ["IAM-GRAM-14", "IAM-PRIN-2", "IAM-PRIN-9"];
    let why = "the forms of Principal that are accepted, and whom they mean";
    let mut case = Case::new(
        "iam-gram-14/accepted",
        &rules,
        why,
        world::snapshot(principals(), buckets),
    )
    .by_default("action", "s3:GetObject");
    for (name, principal, requesters) in forms {
        for (who, matches) in requesters {
            // In which class a canonical user id matches, IAM-PRIN-2 does not say; in a Deny any will do.
            let is_classed = principal.get("CanonicalUser").is_none() || !matches;
            for effect in ["Allow", "Deny"]
                .into_iter()
                .filter(|effect| is_classed || *effect == "Deny")
            {
                let resource = format!("arn:aws:s3:::team-{name}/{effect}/x");
                let verdict = match (effect, matches) {
                    ("Allow", true) | ("Deny", false) => "allow",
                    ("Allow", false) => "implicit_deny",
                    _ => "explicit_deny",
                };
                let request = json!({"principal": requester(who), "resource": resource});
                let about = if *matches {
                    "matches"
                } else {
                    "does not match"
                };
                case.test(
                    format!("{principal} {about} {who}, in {effect}"),
                    request,
                    json!(verdict),
                );
            }
        }
    }
    case
}

fn refused(name: &str, form: &str, principal: &Value) -> Case {
    let snapshot = world::snapshot(principals(), vec![bucket("x", principal)]);
    let why = format!("this form of Principal is refused in a bucket's policy: {form}");
    let mut case = Case::new(
        &format!("iam-gram-14/refused-{name}"),
        &["IAM-GRAM-14"],
        &why,
        snapshot,
    );
    let request = json!({"principal": USER, "action": "s3:GetObject", "resource": "arn:aws:s3:::team-x/Allow/x"});
    case.test(principal.to_string(), request, json!("invalid"));
    case
}

/// `Federated` in trust policies, `CanonicalUser` where it means nothing.
fn elsewhere() -> Case {
    let role = |name: &str, provider: &str, action: &str| {
        let trust =
            json!({"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action});
        json!({"arn": format!("arn:aws:iam::{A}:role/{name}"), "trust": world::policy(name, vec![trust])})
    };
    let roles = vec![
        json!({"arn": USER}),
        role("saml", SAML, "sts:AssumeRoleWithSAML"),
        role("domain", DOMAIN, "sts:AssumeRoleWithWebIdentity"),
    ];
    let queue = format!("arn:aws:sqs:us-west-2:{A}:jobs");
    let allow = |principal: Value| json!({"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": queue});
    let statements = vec![
        allow(json!({"CanonicalUser": CANONICAL})),
        allow(json!({"AWS": USER})),
    ];
    let queues = vec![json!({"arn": queue, "policy": world::policy("queue-policy", statements)})];
    let rules = ["IAM-GRAM-14", "IAM-PRIN-10"];
    let why = "providers in trust policies; a canonical user id where there is none is no error";
    let mut case = Case::new(
        "iam-gram-14/elsewhere",
        &rules,
        why,
        world::snapshot(roles, queues),
    );
    for (name, action, provider, other) in [
        (
            "saml",
            "sts:AssumeRoleWithSAML",
            SAML,
            "arn:aws:iam::111122223333:saml-provider/partner",
        ),
        (
            "domain",
            "sts:AssumeRoleWithWebIdentity",
            DOMAIN,
            "accounts.google.com",
        ),
    ] {
        for (provider, verdict) in [(provider, "allow"), (other, "implicit_deny")] {
            let resource = format!("arn:aws:iam::{A}:role/{name}");
            let request = json!({"principal": {"federated": provider}, "action": action, "resource": resource});
            case.test(
                format!("{name}, asked by {provider}"),
                request,
                json!(verdict),
            );
        }
    }
    let request = json!({"principal": USER, "action": "sqs:SendMessage", "resource": queue});
    case.test(
        "a queue's policy with CanonicalUser: the other statement counts",
        request,
        json!("allow"),
    );
    case
}
