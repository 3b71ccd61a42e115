//! IAM-EVAL-18, and the same requesters across accounts (IAM-EVAL-19, IAM-EVAL-20): what an implicit deny in the
//! identity, boundary or session policy does to a grant by a resource policy.

use serde_json::{Value, json};

use super::case::{Case, set};
use super::markdown::{Row, Rules, plain};
use super::requester::{self, Kind, LAYERS, Named, Requester};
use super::world::{self, A, B};
use crate::failure::Failure;

/// A row's meaning: who asks, and what the bucket's policy names.
struct Probe {
    allows: &'static str,
    requester: &'static str,
    kind: Kind,
    named: Named,
    file: &'static str,
}

pub(crate) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    requester::check(rules)?;
    rules
        .rule("IAM-EVAL-18")?
        .says("implicit deny there is harmless; explicit denies always win")?;
    rules
        .rule("IAM-EVAL-19")?
        .says("grant = I.allow ∧ B.allow ∧ S.allow ∧ rp(any)")?;
    rules
        .rule("IAM-EVAL-20")?
        .says("Cross-account: `rp(any)` suffices.")?;
    let probes = probes();
    let mut cases = Vec::new();
    for row in rules.table("IAM-EVAL-18")?.rows() {
        let label = (plain(row.label()), plain(row.cell("requester")?));
        let is_of_row = |probe: &&Probe| label.0 == probe.allows && label.1 == probe.requester;
        let before = cases.len();
        for probe in probes.iter().filter(is_of_row) {
            cases.push(same_account(row, probe)?);
            cases.push(other_account(probe));
        }
        if cases.len() == before {
            return Err(row.unread(row.label()));
        }
    }
    Ok(cases)
}

fn probes() -> Vec<Probe> {
    const EVERYONE: &str = "\"*\" (with or without aws:PrincipalArn condition)";
    const ANY: &str = "any identity of the account";
    let probes = [
        (
            "user ARN",
            "that IAM user",
            Kind::User,
            Named::Requester,
            "user",
        ),
        (
            "role ARN",
            "session of the role",
            Kind::Session,
            Named::Holder,
            "role",
        ),
        (
            "session ARN",
            "that session",
            Kind::Session,
            Named::Requester,
            "session",
        ),
        (
            "user ARN",
            "federated user of that user",
            Kind::FederatedUser,
            Named::Holder,
            "user-of-federated-user",
        ),
        (
            "federated-user ARN",
            "that federated user",
            Kind::FederatedUser,
            Named::Requester,
            "federated-user",
        ),
        (EVERYONE, ANY, Kind::User, Named::Everyone, "everyone-user"),
        (
            EVERYONE,
            ANY,
            Kind::Session,
            Named::Everyone,
            "everyone-session",
        ),
        (
            EVERYONE,
            ANY,
            Kind::FederatedUser,
            Named::Everyone,
            "everyone-federated-user",
        ),
        (
            EVERYONE,
            ANY,
            Kind::User,
            Named::EveryoneIfHolder,
            "everyone-if-user",
        ),
        (
            EVERYONE,
            ANY,
            Kind::Session,
            Named::EveryoneIfHolder,
            "everyone-if-role",
        ),
        (
            "account",
            "user or session",
            Kind::User,
            Named::Account,
            "account-user",
        ),
        (
            "account",
            "user or session",
            Kind::Session,
            Named::Account,
            "account-session",
        ),
        (
            "account",
            "root user",
            Kind::Root,
            Named::Account,
            "account-root",
        ),
        ("nothing", "any", Kind::User, Named::Nothing, "nothing-user"),
        (
            "nothing",
            "any",
            Kind::Session,
            Named::Nothing,
            "nothing-session",
        ),
        (
            "nothing",
            "any",
            Kind::FederatedUser,
            Named::Nothing,
            "nothing-federated-user",
        ),
    ];
    let probe = |(allows, requester, kind, named, file)| Probe {
        allows,
        requester,
        kind,
        named,
        file,
    };
    probes.into_iter().map(probe).collect()
}

/// A row as it stands.
fn same_account(row: Row<'_>, probe: &Probe) -> Result<Case, Failure> {
    let mut binding = Vec::new();
    for (column, layer) in ["implicit deny in I", "in B", "in S"]
        .into_iter()
        .zip(LAYERS)
    {
        let cell = row.cell(column)?;
        match plain(cell).as_str() {
            "Deny" => binding.push(layer),
            "–" | "n/a" | "– (even without session policy)" => {}
            _ => return Err(row.unread(cell)),
        }
    }
    let classes = row.cell("codes")?;
    let code = match classes {
        "USER" | "SESSION" | "WILD" => "allow_resource_direct",
        "ENTITY" => "allow_resource_entity",
        "ACCOUNT" if probe.kind == Kind::Root => "allow_root",
        "ACCOUNT" | "–" => "allow_identity",
        _ => return Err(row.unread(classes)),
    };
    let expect = |requester: &Requester| {
        let silent = requester.silent();
        let is_only_path = !silent.is_empty() || matches!(code, "allow_identity" | "allow_root");
        match silent.iter().find(|layer| binding.contains(layer)) {
            Some(layer) => json!({"verdict": "implicit_deny", "code": format!("no_{layer}_allow")}),
            None if is_only_path => json!({"verdict": "allow", "code": code}),
            // The identity path grants as well, and no rule says which of the two is named.
            None => json!("allow"),
        }
    };
    let why = format!(
        "a bucket of the own account allows: {}; {} asks",
        probe.allows, probe.requester
    );
    let rules = ["IAM-EVAL-18", "IAM-EVAL-17", "IAM-RSN-4"];
    let requesters = Requester::all(probe.kind, "s3");
    Ok(case(
        probe,
        requesters,
        A,
        &format!("iam-eval-18/{}", probe.file),
        &rules,
        &why,
        &expect,
    ))
}

/// The same across accounts: all must allow, whatever the policy names.
fn other_account(probe: &Probe) -> Case {
    let expect = |requester: &Requester| {
        if probe.named == Named::Nothing {
            return json!({"verdict": "implicit_deny", "code": "no_resource_allow"});
        }
        match requester.silent().first() {
            Some(layer) => json!({"verdict": "implicit_deny", "code": format!("no_{layer}_allow")}),
            None if probe.kind == Kind::Root => json!("allow"),
            None => json!({"verdict": "allow", "code": "allow_cross_account"}),
        }
    };
    let why = format!(
        "another account's bucket allows: {}; {} asks",
        probe.allows, probe.requester
    );
    let rules = ["IAM-EVAL-19", "IAM-EVAL-18", "IAM-EVAL-20"];
    let mut requesters = Requester::all(probe.kind, "s3");
    requesters.retain(Requester::is_plain);
    case(
        probe,
        requesters,
        B,
        &format!("iam-eval-19/{}", probe.file),
        &rules,
        &why,
        &expect,
    )
}

fn case(
    probe: &Probe,
    requesters: Vec<Requester>,
    owner: &str,
    path: &str,
    rules: &[&str],
    why: &str,
    expect: &dyn Fn(&Requester) -> Value,
) -> Case {
    let mut bucket = json!({"arn": "arn:aws:s3:::team", "account": owner});
    let rest = json!({"Resource": "arn:aws:s3:::team/*"});
    let statements = requester::statements(probe.named, &requesters, "s3:*", &rest);
    if !statements.is_empty() {
        set(
            &mut bucket,
            "policy",
            world::policy("bucket-policy", statements),
        );
    }
    let snapshot = world::snapshot(requester::principals(&requesters), vec![bucket]);
    let mut case = Case::new(path, rules, why, snapshot)
        .by_default("action", "s3:GetObject")
        .by_default("resource", "arn:aws:s3:::team/x");
    for requester in &requesters {
        let request = json!({"principal": requester.request()});
        let expect = match requester.denying() {
            Some(layer) => {
                json!({"verdict": "explicit_deny", "code": format!("explicit_deny_{layer}")})
            }
            None => expect(requester),
        };
        case.test(requester.about(), request, expect);
    }
    case
}
