//! IAM-EVAL-22: what AssumeRole needs, for each thing that a trust policy can name, in the role's account and in
//! another one.

use serde_json::{Value, json};

use super::case::{Case, set};
use super::markdown::{Row, Rules, plain};
use super::requester::{self, Kind, LAYERS, Named, Requester};
use super::world::{self, A, B};
use crate::failure::Failure;

/// A row's meaning.
struct Probe {
    names: &'static str,
    kind: Kind,
    named: Named,
    code: &'static str,
    file: &'static str,
}

const PROBES: [Probe; 6] = [
    Probe {
        names: "the account",
        kind: Kind::User,
        named: Named::Account,
        code: "allow_identity",
        file: "account-user",
    },
    Probe {
        names: "the account",
        kind: Kind::Session,
        named: Named::Account,
        code: "allow_identity",
        file: "account-session",
    },
    Probe {
        names: "the user",
        kind: Kind::User,
        named: Named::Requester,
        code: "allow_resource_direct",
        file: "user",
    },
    Probe {
        names: "the caller's role",
        kind: Kind::Session,
        named: Named::Holder,
        code: "allow_resource_entity",
        file: "role",
    },
    Probe {
        names: "the session, or \"*\"",
        kind: Kind::Session,
        named: Named::Requester,
        code: "allow_resource_direct",
        file: "session",
    },
    Probe {
        names: "the session, or \"*\"",
        kind: Kind::User,
        named: Named::Everyone,
        code: "allow_resource_direct",
        file: "everyone",
    },
];

/// What a cell asks for.
enum Needs {
    /// The trust policy and these layers.
    Layers(Vec<&'static str>),
    /// AMB-19.
    Ambiguity,
}

pub(crate) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    requester::check(rules)?;
    let rule = rules.rule("IAM-EVAL-22")?;
    rule.says("The root user cannot call AssumeRole")?;
    rules
        .rule("AMB-19")?
        .says("boundary yes, session policy no")?;
    let mut cases = Vec::new();
    for row in rules.table("IAM-EVAL-22")?.rows() {
        let label = plain(row.label());
        if label == "service" {
            cases.push(service(row)?);
            continue;
        }
        let of_row: Vec<&Probe> = PROBES.iter().filter(|probe| probe.names == label).collect();
        if of_row.is_empty() {
            return Err(row.unread(row.label()));
        }
        for probe in of_row {
            for (column, owner, place) in [
                ("same account needs", A, "same"),
                ("other account needs", B, "other"),
            ] {
                cases.push(case(probe, owner, place, &needs(row, column)?));
            }
        }
    }
    Ok(cases)
}

fn needs(row: Row<'_>, column: &str) -> Result<Needs, Failure> {
    let cell = row.cell(column)?;
    if cell == "AMB-19" {
        return Ok(Needs::Ambiguity);
    }
    let mut factors = cell.trim_end_matches(" (no identity policy)").split(" ∧ ");
    if factors.next() != Some("trust") {
        return Err(row.unread(cell));
    }
    let mut layers = Vec::new();
    for factor in factors {
        layers.push(match factor {
            "I" => "identity",
            "B" => "boundary",
            "S" => "session",
            _ => return Err(row.unread(cell)),
        });
    }
    Ok(Needs::Layers(layers))
}

fn role(owner: &str, name: &str, trust: Vec<Value>) -> Value {
    json!({"arn": format!("arn:aws:iam::{owner}:role/{name}"), "trust": world::policy(&format!("{name}-trust"), trust)})
}

fn case(probe: &Probe, owner: &str, place: &str, needs: &Needs) -> Case {
    let mut requesters = Requester::all(probe.kind, "sts");
    if owner == B {
        requesters.retain(Requester::is_plain);
    }
    let mut principals = requester::principals(&requesters);
    let trust = requester::statements(probe.named, &requesters, "sts:AssumeRole", &json!({}));
    principals.push(role(owner, "target", trust));
    let service = json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"});
    principals.push(role(owner, "closed", vec![service]));
    let why = format!(
        "the trust policy of a role of the {place} account names: {}",
        probe.names
    );
    let rules: &[&str] = match needs {
        Needs::Ambiguity => &["IAM-EVAL-22", "AMB-19", "IAM-TRI-8"],
        Needs::Layers(_) => &["IAM-EVAL-22", "IAM-EVAL-16", "IAM-RSN-4"],
    };
    let path = format!("iam-eval-22/{}-{place}", probe.file);
    let mut case = Case::new(&path, rules, &why, world::snapshot(principals, Vec::new()))
        .by_default("action", "sts:AssumeRole");
    for requester in &requesters {
        let request = |target: &str| json!({"principal": requester.request(), "resource": format!("arn:aws:iam::{owner}:role/{target}")});
        let about = requester.about();
        if let Some(layer) = requester.denying() {
            let expect =
                json!({"verdict": "explicit_deny", "code": format!("explicit_deny_{layer}")});
            case.test(about, request("target"), expect);
            continue;
        }
        match needs {
            Needs::Layers(layers) => {
                case.test(
                    about.clone(),
                    request("target"),
                    granted(probe, requester, layers, owner),
                );
                // However the layers speak, without the trust policy there is nothing.
                if requester.silent().is_empty() {
                    let expect = json!({"verdict": "implicit_deny", "code": "no_trust_allow"});
                    case.test(format!("{about}, trust silent"), request("closed"), expect);
                }
            }
            Needs::Ambiguity => {
                for mode in ["report", "guess", "failsafe"] {
                    let mut request = request("target");
                    set(&mut request, "ambiguity", json!(mode));
                    case.test(
                        format!("{about}: {mode}"),
                        request,
                        ambiguous(requester, mode),
                    );
                }
            }
        }
    }
    case
}

/// What a trust policy that names the requester gives.
fn granted(probe: &Probe, requester: &Requester, layers: &[&str], owner: &str) -> Value {
    let silent = requester.silent();
    match silent.iter().find(|layer| layers.contains(layer)) {
        None if owner == A => json!({"verdict": "allow", "code": probe.code}),
        None => json!({"verdict": "allow", "code": "allow_cross_account"}),
        Some(layer) => json!({"verdict": "implicit_deny", "code": format!("no_{layer}_allow")}),
    }
}

/// AMB-19: whether boundary and session policy limit. Where both allow, both readings do.
fn ambiguous(requester: &Requester, mode: &str) -> Value {
    let silent = requester.silent();
    let is_cut = |layer: &str| silent.contains(&layer);
    let is_settled = !is_cut(LAYERS[1]) && !is_cut(LAYERS[2]);
    match mode {
        _ if is_settled => {
            json!({"verdict": "allow", "code": "allow_resource_direct", "ambiguities": []})
        }
        "report" => {
            json!({"verdict": "depends", "depends_on": ["AMB-19"], "ambiguities": ["AMB-19"]})
        }
        "guess" if !is_cut("boundary") => json!({"verdict": "allow", "ambiguities": ["AMB-19"]}),
        "guess" => {
            json!({"verdict": "implicit_deny", "code": "no_boundary_allow", "ambiguities": ["AMB-19"]})
        }
        _ => json!({"verdict": "implicit_deny", "ambiguities": ["AMB-19"]}),
    }
}

/// The row of services, and the root user, who cannot call AssumeRole.
fn service(row: Row<'_>) -> Result<Case, Failure> {
    for (column, text) in [
        ("same account needs", "trust"),
        ("other account needs", "–"),
    ] {
        if row.cell(column)? != text {
            return Err(row.unread(row.cell(column)?));
        }
    }
    let allow = |principal: Value| json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    let service = role(
        A,
        "target",
        vec![allow(json!({"Service": "ec2.amazonaws.com"}))],
    );
    let account = role(A, "open", vec![allow(json!({"AWS": A}))]);
    let snapshot = world::snapshot(vec![service, account], Vec::new());
    let rules = ["IAM-EVAL-22", "IAM-EVAL-21"];
    let mut case = Case::new(
        "iam-eval-22/service",
        &rules,
        "the trust policy of a role names a service",
        snapshot,
    )
    .by_default("action", "sts:AssumeRole");
    let request = |principal: &str, name: &str| json!({"principal": principal, "resource": format!("arn:aws:iam::{A}:role/{name}")});
    let closed = json!({"verdict": "implicit_deny", "code": "no_trust_allow"});
    case.test(
        "the service",
        request("ec2.amazonaws.com", "target"),
        json!({"verdict": "allow", "code": "allow_service"}),
    );
    case.test(
        "another service",
        request("lambda.amazonaws.com", "target"),
        closed.clone(),
    );
    case.test(
        "a service that the trust policy does not name",
        request("ec2.amazonaws.com", "open"),
        closed,
    );
    let root = json!({"verdict": "implicit_deny", "code": "sts_restriction"});
    case.test(
        "the root user, though the trust policy names the account",
        request(&format!("arn:aws:iam::{A}:root"), "open"),
        root,
    );
    Ok(case)
}
