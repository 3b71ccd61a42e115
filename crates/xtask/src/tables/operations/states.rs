//! KMS-STATE for one permission: the decision stays, and what the key can do is said beside it, for each state, usage
//! and origin of the key.

use serde_json::{Value, json};

use super::super::case::{Case, merged, set};
use super::super::markdown::{Rules, Table};
use super::super::world::A;
use super::classes::{Meets, OK, STATES, UNSUPPORTED, meets};
use super::fits::{Fits, Kind, ORIGINS, Spec, SpecRow, specs};
use super::place::{
    self, CHINA, CHINA_REGION, REGION, allow, allow_others, delegated, key_arn_in, role, session,
};
use super::table::{Operation, Shape};
use crate::failure::Failure;

/// A key to ask about: its name, its other members, what an allowed request meets.
struct Subject {
    name: String,
    account: &'static str,
    members: Value,
    parameters: Value,
    operability: &'static str,
}

/// The case of an operation; nothing if it has no state class, or none for one key alone.
pub(super) fn case(
    operation: &Operation,
    rules: &Rules,
    rows: &[SpecRow],
) -> Result<Option<Case>, Failure> {
    let (Some(class), Some(fits)) = (&operation.class, &operation.fits) else {
        return Ok(None);
    };
    if operation.shape == Shape::AliasMove {
        return Ok(None);
    }
    let table = rules.table("KMS-STATE-2")?;
    let mut subjects = in_states(table, class, fits)?;
    subjects.extend(of_usages(table, class, operation, fits, rows)?);
    subjects.extend(of_origins(table, class, fits)?);
    let action = operation.action();
    let why =
        format!("{action}: what an allowed call meets, by state, usage and origin of the key");
    let rules = ["KMS-STATE-2", "KMS-STATE-1", "KMS-STATE-3", "KMS-STATE-3a"];
    let snapshot = place::snapshot(
        roles(&action, &subjects),
        subjects
            .iter()
            .map(|subject| subject.key(operation))
            .collect(),
    );
    let path = format!("kms-state/{}", operation.name);
    let mut case = Case::new(&path, &rules, &why, snapshot).by_default("action", action);
    for subject in &subjects {
        ask(&mut case, operation, subject);
    }
    Ok(Some(case))
}

fn roles(action: &str, subjects: &[Subject]) -> Vec<Value> {
    let mut roles = vec![
        role(A, "Allowed", vec![allow("kms:*", "*")]),
        role(A, "Silent", vec![allow_others(action)]),
    ];
    if subjects.iter().any(|subject| subject.account == CHINA) {
        roles.push(role(CHINA, "Allowed", vec![allow("kms:*", "*")]));
    }
    roles
}

fn ask(case: &mut Case, operation: &Operation, subject: &Subject) {
    let mut request =
        json!({"principal": session(subject.account, "Allowed"), "resource": subject.arn()});
    if operation.shape == Shape::Retire {
        // The grant that is on every key of the case.
        set(&mut request, "parameters", json!({"GrantId": "grant"}));
    } else if operation.name == "CreateGrant" {
        let child = json!({"GranteePrincipal": place::role_arn(A, "Silent"), "Operations": ["DescribeKey"]});
        set(&mut request, "parameters", child);
    } else if subject.parameters != json!({}) {
        set(&mut request, "parameters", subject.parameters.clone());
    }
    let expect = json!({"verdict": "allow", "operability": subject.operability});
    case.test(subject.name.replace('-', " "), request.clone(), expect);
    if subject.name == "state-Disabled" {
        set(&mut request, "principal", json!(session(A, "Silent")));
        case.test(
            "state Disabled, not allowed",
            request,
            json!("implicit_deny"),
        );
    }
}

impl Subject {
    fn arn(&self) -> String {
        let region = if self.account == CHINA {
            CHINA_REGION
        } else {
            REGION
        };
        let is_multi_region = self.members.get("multi_region_type").is_some();
        let prefix = if is_multi_region { "mrk-" } else { "" };
        key_arn_in(region, self.account, &format!("{prefix}{}", self.name))
    }

    fn key(&self, operation: &Operation) -> Value {
        let mut members = self.members.clone();
        if operation.shape == Shape::Retire {
            let grantee = place::role_arn(self.account, "Allowed");
            let grant = place::grant(
                "grant",
                &grantee,
                self.account,
                &["DescribeKey", "RetireGrant"],
            );
            set(&mut members, "grants", json!([grant]));
        }
        delegated(&self.arn(), self.account, &members)
    }
}

/// A key in each state, of a kind that the operation fits and that can be in it.
fn in_states(table: &Table, class: &str, fits: &Fits) -> Result<Vec<Subject>, Failure> {
    let mut subjects = Vec::new();
    for (state, column) in STATES {
        let operability = match meets(table, class, column)? {
            Meets::Always(operability) => operability,
            Meets::OkIfItFits => OK,
            Meets::Never => continue,
            Meets::OldAndNew(..) => return Err(two_keys(class)),
        };
        subjects.push(Subject::plain(
            format!("state-{state}"),
            in_state(state, fits),
            operability,
        ));
    }
    Ok(subjects)
}

fn two_keys(class: &str) -> Failure {
    Failure::new(format!(
        "`KMS-STATE-2`: the class `{class}` is about two keys"
    ))
}

/// The members of a key in a state.
pub(super) fn in_state(state: &str, fits: &Fits) -> Value {
    let mut members = merged(&fits.sample(), &json!({"state": state}));
    let is_symmetric = members.get("spec") == Some(&json!(Kind::Sy.sample().name));
    match state {
        "PendingImport" => set(&mut members, "origin", json!("EXTERNAL")),
        "Unavailable" if is_symmetric && !fits.is_kept_by_kms && !fits.is_multi_region => {
            set(&mut members, "origin", json!("AWS_CLOUDHSM"));
            set(&mut members, "custom_key_store", json!("cks-1"));
        }
        _ => {}
    }
    let is_replica = state == "Creating" && !fits.is_multi_region;
    let has_relatives = matches!(state, "PendingReplicaDeletion" | "Creating" | "Updating");
    if fits.is_multi_region || has_relatives {
        let kind = if is_replica { "REPLICA" } else { "PRIMARY" };
        set(&mut members, "multi_region_type", json!(kind));
    }
    members
}

/// An enabled key of each spec and usage.
fn of_usages(
    table: &Table,
    class: &str,
    operation: &Operation,
    fits: &Fits,
    rows: &[SpecRow],
) -> Result<Vec<Subject>, Failure> {
    let in_enabled = meets(table, class, "Enabled")?;
    let mut subjects = Vec::new();
    for spec in specs(rows) {
        let is_picky = fits.kinds != Kind::ALL;
        if !is_picky && spec != spec.kind.sample() {
            continue;
        }
        let operability = match (in_enabled, fits.fits_kind(spec.kind)) {
            (Meets::Always(operability), true) => operability,
            (Meets::OkIfItFits, true) => OK,
            (Meets::OkIfItFits, false) => UNSUPPORTED,
            (Meets::Always(OK), false) if class == "crypto" => "InvalidKeyUsageException",
            _ => {
                return Err(Failure::new(format!(
                    "`KMS-STATE-2`: `{class}` says nothing of a usage that does not fit"
                )));
            }
        };
        let name = format!(
            "usage-{}-{}",
            spec.name.replace('_', "-"),
            spec.kind.usage().replace('_', "-")
        );
        let mut members = merged(
            &spec.members(),
            &json!({"origin": fits.sample().get("origin")}),
        );
        if fits.is_multi_region {
            set(&mut members, "multi_region_type", json!("PRIMARY"));
        }
        subjects.push(Subject {
            account: if spec.is_of_china() { CHINA } else { A },
            parameters: parameters(operation, fits, spec),
            ..Subject::plain(name, members, operability)
        });
    }
    Ok(subjects)
}

impl Subject {
    /// A key of account A.
    fn plain(name: String, members: Value, operability: &'static str) -> Subject {
        let mut members = members;
        if members.get("origin") == Some(&Value::Null) {
            members
                .as_object_mut()
                .map(|members| members.remove("origin"));
        }
        Subject {
            name,
            account: A,
            members,
            parameters: json!({}),
            operability,
        }
    }
}

/// An algorithm that the key has, so that nothing but its usage can be wrong.
fn parameters(operation: &Operation, fits: &Fits, spec: Spec) -> Value {
    let member = match (operation.name.as_str(), spec.kind) {
        _ if !fits.fits_kind(spec.kind) => return json!({}),
        ("Encrypt" | "Decrypt", Kind::Rs) => "EncryptionAlgorithm",
        ("ReEncryptFrom", Kind::Rs) => "SourceEncryptionAlgorithm",
        ("ReEncryptTo", Kind::Rs) => "DestinationEncryptionAlgorithm",
        ("Sign" | "Verify", Kind::Sv) => "SigningAlgorithm",
        ("GenerateMac" | "VerifyMac", Kind::Ma) => "MacAlgorithm",
        ("DeriveSharedSecret", Kind::Ka) => "KeyAgreementAlgorithm",
        _ => return json!({}),
    };
    let mut parameters = json!({});
    set(&mut parameters, member, json!(spec.algorithm()));
    parameters
}

/// A symmetric key of each origin, in every state whose cell depends on it, and enabled where any origin does.
fn of_origins(table: &Table, class: &str, fits: &Fits) -> Result<Vec<Subject>, Failure> {
    let mut subjects = Vec::new();
    if !fits.fits_kind(Kind::Sy) || fits.is_multi_region {
        return Ok(subjects);
    }
    for (state, column) in STATES
        .into_iter()
        .filter(|(state, _)| matches!(*state, "Enabled" | "Disabled"))
    {
        let cell = meets(table, class, column)?;
        for origin in ORIGINS {
            let operability = match (cell, fits.fits_origin(origin)) {
                (Meets::Always(operability), true) if state == "Enabled" => operability,
                (Meets::OkIfItFits, true) => OK,
                (Meets::OkIfItFits, false) => UNSUPPORTED,
                // Which of several exceptions comes first, or which one it is, no rule says.
                _ => continue,
            };
            let mut members = json!({"state": state, "origin": origin});
            if origin == "AWS_CLOUDHSM" || origin == "EXTERNAL_KEY_STORE" {
                set(&mut members, "custom_key_store", json!("cks-1"));
            }
            let name = format!("origin-{}-{state}", origin.replace('_', "-"));
            subjects.push(Subject::plain(name, members, operability));
        }
    }
    Ok(subjects)
}
