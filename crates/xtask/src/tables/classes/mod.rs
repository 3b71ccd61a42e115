//! IAM-PRIN-2: each form of a `Principal` entry against each kind of requester, in Allow and in Deny.

mod entries;

use serde_json::{Value, json};

use super::case::Case;
use super::markdown::{Rules, plain};
use super::world::{self, A, B, Effect};
use crate::failure::Failure;

use self::entries::{Entry, ROWS, entries, requesters};

pub(crate) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    let table = rules.table("IAM-PRIN-2")?;
    for row in table.rows() {
        let read = (
            plain(row.label()),
            plain(row.cell("entry")?),
            plain(row.cell("requester")?),
        );
        let is_known = |(class, entry, requester): &(&str, &str, &str)| {
            (read.0.as_str(), read.1.as_str(), read.2.as_str()) == (*class, *entry, *requester)
        };
        if !ROWS.iter().any(is_known) {
            return Err(row.unread(row.label()));
        }
    }
    rules
        .rule("IAM-PRIN-2")?
        .says("For `Deny` any class is enough.")?;
    let mut cases: Vec<Case> = Effect::BOTH
        .into_iter()
        .map(entries_against_requesters)
        .collect();
    cases.push(providers());
    Ok(cases)
}

fn entries_against_requesters(effect: Effect) -> Case {
    let entries = entries();
    let why = format!(
        "each form of a Principal entry against each kind of requester, in {}",
        effect.name()
    );
    let path = format!("iam-prin-2/{}", effect.name().to_ascii_lowercase());
    let rules = [
        "IAM-PRIN-2",
        "IAM-PRIN-3",
        "IAM-PRIN-4",
        "IAM-PRIN-5",
        "IAM-PRIN-6",
        "IAM-PRIN-9",
        "IAM-EVAL-17",
    ];
    let mut case = Case::new(&path, &rules, &why, snapshot(effect, &entries))
        .by_default("action", "s3:GetObject");
    for entry in &entries {
        for (name, principal) in requesters() {
            if entry.open.contains(&name) {
                continue;
            }
            let class = entry
                .classes
                .iter()
                .find(|(_, matched)| matched.contains(&name))
                .map(|(class, _)| *class);
            let request = json!({"principal": principal, "resource": format!("arn:aws:s3:::team/{}", entry.name)});
            let expect = match effect {
                Effect::Allow => allowed(class, name),
                Effect::Deny if class.is_some() => {
                    json!({"verdict": "explicit_deny", "statement": world::sid(entry.name)})
                }
                Effect::Deny => json!("allow"),
            };
            case.test(
                format!(
                    "{}, asked by {name}: {}",
                    entry.name,
                    class.unwrap_or("no match")
                ),
                request,
                expect,
            );
        }
    }
    case
}

/// What an Allow in a class gives a requester whose identity policies are silent (IAM-EVAL-17 to IAM-EVAL-21).
fn allowed(class: Option<&str>, requester: &str) -> Value {
    let allow = |code: &str| json!({"verdict": "allow", "code": code});
    let deny = |code: &str| json!({"verdict": "implicit_deny", "code": code});
    match (requester, class) {
        // The account's own root user needs no grant.
        ("root", _) => allow("allow_root"),
        ("service" | "other-service", Some("WILD")) => {
            json!({"verdict": "depends", "depends_on": ["AMB-11"]})
        }
        ("service", Some("SERVICE")) => allow("allow_service"),
        ("anonymous", Some("WILD")) => allow("allow_anonymous"),
        ("stranger", Some("WILD")) => allow("allow_cross_account"),
        ("strange-root", Some("WILD")) => json!("allow"),
        ("service" | "other-service" | "anonymous" | "stranger" | "strange-root", _) => {
            deny("no_resource_allow")
        }
        (_, Some("WILD" | "USER" | "SESSION")) => allow("allow_resource_direct"),
        (_, Some("ENTITY")) => allow("allow_resource_entity"),
        _ => deny("no_identity_allow"),
    }
}

fn snapshot(effect: Effect, entries: &[Entry]) -> Value {
    let mut statements = Vec::new();
    if effect == Effect::Deny {
        let everyone =
            json!({"AWS": "*", "Service": ["sns.amazonaws.com", "events.amazonaws.com"]});
        statements.push(json!({"Sid": "everyone", "Effect": "Allow", "Principal": everyone, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::team/*"}));
    }
    statements.extend(entries.iter().map(|entry| {
        json!({
            "Sid": world::sid(entry.name),
            "Effect": effect.name(),
            "Principal": entry.principal,
            "Action": "s3:GetObject",
            "Resource": format!("arn:aws:s3:::team/{}", entry.name),
        })
    }));
    let principals = vec![
        json!({"arn": format!("arn:aws:iam::{A}:user/eng/U"), "id": "AIDAEXAMPLEU123456789"}),
        json!({"arn": format!("arn:aws:iam::{A}:user/eng/V"), "id": "AIDAEXAMPLEV123456789"}),
        json!({"arn": format!("arn:aws:iam::{A}:role/app/R"), "id": "AROAEXAMPLER123456789"}),
        json!({"arn": format!("arn:aws:iam::{A}:role/app/Q"), "id": "AROAEXAMPLEQ123456789"}),
        json!({
            "arn": format!("arn:aws:iam::{B}:user/eng/U"),
            "id": "AIDAEXAMPLEW123456789",
            "policies": [world::allows_all("identity-policy")],
        }),
    ];
    let bucket = json!({"arn": "arn:aws:s3:::team", "account": A, "policy": world::policy("bucket-policy", statements)});
    world::snapshot(principals, vec![bucket])
}

/// The row FED: trust policies alone name providers.
fn providers() -> Case {
    let provider = |name: &str| format!("arn:aws:iam::{A}:saml-provider/{name}");
    let statement = |effect: &str, name: &str| json!({"Effect": effect, "Principal": {"Federated": provider(name)}, "Action": "sts:AssumeRoleWithSAML"});
    let role = |name: &str, trust: Vec<Value>| json!({"arn": format!("arn:aws:iam::{A}:role/{name}"), "trust": world::policy(&format!("{name}-trust"), trust)});
    let roles = vec![
        role("open", vec![statement("Allow", "corp")]),
        role(
            "closed",
            vec![
                statement("Allow", "corp"),
                statement("Allow", "partner"),
                statement("Deny", "corp"),
            ],
        ),
    ];
    let rules = ["IAM-PRIN-2", "IAM-PRIN-10", "IAM-EVAL-23"];
    let why = "a provider that a trust policy names matches the caller of AssumeRoleWithSAML";
    let mut case = Case::new(
        "iam-prin-2/federated",
        &rules,
        why,
        world::snapshot(roles, Vec::new()),
    )
    .by_default("action", "sts:AssumeRoleWithSAML");
    let request = |name: &str, role: &str| json!({"principal": {"federated": provider(name)}, "resource": format!("arn:aws:iam::{A}:role/{role}")});
    let silent = json!({"verdict": "implicit_deny", "code": "no_trust_allow"});
    case.test(
        "Allow: the provider that is named",
        request("corp", "open"),
        json!("allow"),
    );
    case.test(
        "Allow: another provider",
        request("partner", "open"),
        silent,
    );
    case.test(
        "Deny: the provider that is named",
        request("corp", "closed"),
        json!({"verdict": "explicit_deny", "code": "explicit_deny_trust"}),
    );
    case.test(
        "Deny: another provider",
        request("partner", "closed"),
        json!("allow"),
    );
    case
}
