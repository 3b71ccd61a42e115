//! KMS-STATE-3a: a key record whose usage its spec cannot have is a load error.

use serde_json::json;

use super::super::case::{Case, set};
use super::super::markdown::Rules;
use super::super::world::A;
use super::fits::{Kind, SpecRow};
use super::place::{self, CHINA, CHINA_REGION, REGION, delegated, key_arn_in};
use crate::failure::Failure;

const RULE: &str = "KMS-STATE-3a";

/// Fails if the rule no longer says what is expected here.
pub(super) fn check(rules: &Rules) -> Result<(), Failure> {
    rules
        .rule(RULE)?
        .says("A key record outside this map is a load error.")
}

/// For each row of the map, its first spec with each usage that it cannot have.
pub(super) fn cases(rows: &[SpecRow]) -> Vec<Case> {
    let mut cases = Vec::new();
    for row in rows {
        let Some(&spec) = row.names.first() else {
            continue;
        };
        let mut usages: Vec<&str> = Kind::ALL.iter().map(|kind| kind.usage()).collect();
        usages.dedup();
        usages.retain(|usage| row.kinds.iter().all(|kind| kind.usage() != *usage));
        for usage in usages {
            cases.push(refused(spec, usage, spec == "SM2"));
        }
        if spec == "SM2" {
            cases.extend(
                row.kinds
                    .iter()
                    .map(|kind| refused(spec, kind.usage(), false)),
            );
        }
    }
    cases
}

fn refused(spec: &str, usage: &str, is_in_china: bool) -> Case {
    let (region, account) = if is_in_china {
        (CHINA_REGION, CHINA)
    } else {
        (REGION, A)
    };
    let mut members = json!({"spec": spec});
    set(&mut members, "usage", json!(usage));
    let key = delegated(&key_arn_in(region, account, "k1"), account, &members);
    let why = format!("no key of spec {spec} in {region} is for {usage}");
    let path = format!(
        "kms-state-3a/{}-{}-{region}",
        spec.replace('_', "-"),
        usage.replace('_', "-")
    );
    Case::refused(&path, RULE, &why, place::snapshot(Vec::new(), vec![key]))
}
