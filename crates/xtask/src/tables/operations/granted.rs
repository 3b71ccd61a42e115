//! KMS-GRANT-2 and KMS-GRANT-3: which operations a grant can list, on which keys. What cannot be listed is refused, in a
//! snapshot and in CreateGrant.

use serde_json::{Value, json};

use super::super::case::Case;
use super::super::markdown::Rules;
use super::super::world::A;
use super::fits::Kind;
use super::place::{self, REGION, allow, delegated, grant, key_arn, role, role_arn, session};
use super::table::Operation;
use crate::failure::Failure;

const REFUSED: &str = "ValidationError";

/// Fails if the rules no longer say what is expected here, or list other operations than the table.
pub(super) fn check(rules: &Rules, operations: &[Operation]) -> Result<(), Failure> {
    let rule = rules.rule("KMS-GRANT-2")?;
    rule.says("Anything else (ListGrants, RevokeGrant, PutKeyPolicy, ScheduleKeyDeletion …) ⇒ `ValidationError`")?;
    rule.says("so does CreateGrant alone")?;
    let listed = operations.iter().filter(|operation| operation.is_grantable);
    rule.says(&format!("Allowed operations ({}):", listed.clone().count()))?;
    for operation in listed {
        let name = &operation.name;
        // The last of the list ends its sentence.
        rule.says(&format!(" {name},"))
            .or_else(|_| rule.says(&format!(" {name}. Anything else")))?;
    }
    rules.rule("KMS-GRANT-3")?.says("Operations must fit the key (no Sign on symmetric, no data keys on asymmetric) ⇒ `ValidationError` otherwise")
}

/// A snapshot for each operation that no grant can list, and requests for all operations.
pub(super) fn cases(operations: &[Operation]) -> Vec<Case> {
    let unlisted = operations
        .iter()
        .filter(|operation| !operation.is_grantable);
    let mut cases: Vec<Case> = unlisted
        .map(|operation| refused(&operation.name, &operation.name, false))
        .collect();
    // The call has two permissions and is none itself (KMS-ACT-1).
    cases.push(refused("ReEncrypt", "ReEncrypt", false));
    cases.push(refused("CreateGrant-alone", "CreateGrant", true));
    cases.push(requested(operations));
    cases.push(requested_on_kinds(operations));
    cases
}

fn refused(name: &str, operation: &str, is_alone: bool) -> Case {
    let (mut listed, mut why) = (vec![operation], format!("no grant lists {operation}"));
    if is_alone {
        why.push_str(" alone");
    } else {
        listed.push("Decrypt");
    }
    let grants = json!({"grants": [grant("grant", &role_arn(A, "Grantee"), A, &listed)]});
    let key = delegated(&key_arn("granted"), A, &grants);
    let snapshot = place::snapshot(vec![role(A, "Grantee", Vec::new())], vec![key]);
    Case::refused(
        &format!("kms-grant-2/{name}"),
        "KMS-GRANT-2",
        &why,
        snapshot,
    )
}

fn start(path: &str, rules: &[&str], why: &str, keys: Vec<Value>) -> Case {
    let roles = vec![
        role(A, "Allowed", vec![allow("kms:CreateGrant", "*")]),
        role(A, "Grantee", Vec::new()),
    ];
    Case::new(path, rules, why, place::snapshot(roles, keys))
        .by_default("principal", session(A, "Allowed"))
        .by_default("action", "kms:CreateGrant")
        .by_default("region", REGION)
}

fn request(key: &str, operations: &[&str]) -> Value {
    json!({
        "resource": key_arn(key),
        "parameters": {"GranteePrincipal": role_arn(A, "Grantee"), "Operations": operations},
    })
}

fn allowed(operability: &str) -> Value {
    json!({"verdict": "allow", "operability": operability})
}

/// What a grant lists so that only this operation can be wrong in it.
fn listed(name: &str) -> Vec<&str> {
    if name == "CreateGrant" {
        vec![name, "DescribeKey"]
    } else {
        vec![name]
    }
}

fn key_of(kind: Kind) -> Value {
    delegated(&key_arn(&name_of(kind)), A, &kind.sample().members())
}

fn name_of(kind: Kind) -> String {
    format!("for-{:?}", kind).to_ascii_lowercase()
}

/// CreateGrant for each operation of the table, on a key that it fits.
fn requested(operations: &[Operation]) -> Case {
    let why = "kms:CreateGrant: operations that a grant can list, and that it cannot";
    let rules = ["KMS-GRANT-2", "KMS-GRANT-8"];
    let keys = Kind::ALL.map(key_of).to_vec();
    let mut case = start("kms-grant-2/requested", &rules, why, keys);
    for operation in operations {
        let kind = operation
            .fits
            .as_ref()
            .and_then(|fits| fits.kinds.first().copied());
        let key = name_of(kind.unwrap_or(Kind::Sy));
        let name = operation.name.as_str();
        let expect = allowed(if operation.is_grantable {
            "ok"
        } else {
            REFUSED
        });
        case.test(name, request(&key, &listed(name)), expect);
    }
    let key = name_of(Kind::Sy);
    case.test(
        "CreateGrant alone",
        request(&key, &["CreateGrant"]),
        allowed(REFUSED),
    );
    case.test("ReEncrypt", request(&key, &["ReEncrypt"]), allowed(REFUSED));
    case.test(
        "one of several",
        request(&key, &["Decrypt", "ListGrants"]),
        allowed(REFUSED),
    );
    case
}

/// CreateGrant for each operation that a grant can list, on a key of each kind.
fn requested_on_kinds(operations: &[Operation]) -> Case {
    let why = "kms:CreateGrant: operations that fit the key, and that do not";
    let rules = ["KMS-GRANT-3", "KMS-GRANT-2", "KMS-GRANT-8"];
    let keys = Kind::ALL.map(key_of).to_vec();
    let mut case = start("kms-grant-3/requested", &rules, why, keys);
    for operation in operations.iter().filter(|operation| operation.is_grantable) {
        for kind in Kind::ALL {
            let fits = operation
                .fits
                .as_ref()
                .is_some_and(|fits| fits.fits_kind(kind));
            let name = format!("{} on {}", operation.name, kind.usage());
            let name = if kind == Kind::Rs {
                format!("{name}, asymmetric")
            } else {
                name
            };
            let request = request(&name_of(kind), &listed(&operation.name));
            case.test(name, request, allowed(if fits { "ok" } else { REFUSED }));
        }
    }
    case
}
