//! When two records say the same: places and layout of the text do not count.

use std::sync::Arc;

use preclear_model::policy::{ConditionTest, PrincipalEntry, Statement};
use preclear_model::{Match, Policy};
use preclear_simulator::Given;
use preclear_simulator::snapshot::{
    GroupRecord, KeyRecord, OrganizationNode, PrincipalRecord, ResourceRecord, VpcEndpointRecord,
};

/// A record whose members can be compared and taken over one by one.
pub(crate) trait Record {
    /// True if both records say the same in a member.
    fn same(&self, other: &Self, member: &str) -> bool;

    /// Takes a member over from another record.
    fn take(&mut self, other: &mut Self, member: &str);
}

/// Writes [`Record`] for a type from the names its members have in a snapshot file.
macro_rules! record {
    ($type:ty: $($name:literal => $field:ident $(by $same:path)?,)*) => {
        impl Record for $type {
            fn same(&self, other: &Self, member: &str) -> bool {
                match member {
                    $($name => record!(@same self.$field, other.$field $(, $same)?),)*
                    _ => true,
                }
            }

            fn take(&mut self, other: &mut Self, member: &str) {
                match member {
                    $($name => std::mem::swap(&mut self.$field, &mut other.$field),)*
                    _ => {}
                }
            }
        }
    };
    (@same $a:expr, $b:expr, $same:path) => { $same(&$a, &$b) };
    (@same $a:expr, $b:expr) => { $a == $b };
}

record! { PrincipalRecord:
    "id" => id,
    "policies" => policies by same_policies,
    "groups" => groups,
    "boundary" => boundary by same_policy_member,
    "trust" => trust by same_policy_member,
    "tags" => tags,
}

record! { GroupRecord:
    "policies" => policies by same_policies,
}

record! { KeyRecord:
    "policy" => policy by same_policy_member,
    "ram_policy" => ram_policy by same_policy_member,
    "state" => state,
    "spec" => spec,
    "usage" => usage,
    "origin" => origin,
    "manager" => manager,
    "service" => service,
    "multi_region" => multi_region,
    "multi_region_type" => multi_region_type,
    "custom_key_store" => custom_key_store,
    "last_used" => last_used,
    "aliases" => aliases,
    "tags" => tags,
    "grants" => grants,
}

record! { ResourceRecord:
    "account" => account,
    "region" => region,
    "policy" => policy by same_policy_member,
    "encryption" => encryption,
    "objects" => objects,
    "kms_key" => kms_key,
    "role" => role,
    "dataset_group" => dataset_group,
    "describe" => describe,
    "tags" => tags,
}

record! { VpcEndpointRecord:
    "kind" => kind,
    "vpc" => vpc,
    "account" => account,
    "policy" => policy by same_policy_member,
}

record! { OrganizationNode:
    "parent" => parent,
    "scps" => scps by same_policies,
    "rcps" => rcps by same_policies,
}

fn same_policy_member(a: &Given<Arc<Policy>>, b: &Given<Arc<Policy>>) -> bool {
    match (a, b) {
        (Given::Here(a), Given::Here(b)) => same_content(a, b),
        (a, b) => a.value().is_none() && b.value().is_none() && a.is_left_out() == b.is_left_out(),
    }
}

/// Policies as sets: AWS prints them in no particular order.
fn same_policies(a: &Given<Vec<Arc<Policy>>>, b: &Given<Vec<Arc<Policy>>>) -> bool {
    match (a, b) {
        (Given::Here(a), Given::Here(b)) => {
            let within = |a: &[Arc<Policy>], b: &[Arc<Policy>]| {
                a.iter()
                    .all(|one| b.iter().any(|other| same_content(one, other)))
            };
            a.len() == b.len() && within(a, b) && within(b, a)
        }
        (a, b) => a.value().is_none() && b.value().is_none() && a.is_left_out() == b.is_left_out(),
    }
}

/// True if two documents hold the same statements in the same order.
pub(crate) fn same_content(a: &Policy, b: &Policy) -> bool {
    a.version == b.version
        && a.id == b.id
        && same_lists(&a.statements, &b.statements, same_statement)
}

fn same_lists<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn same_statement(a: &Statement, b: &Statement) -> bool {
    a.sid == b.sid
        && a.effect == b.effect
        && a.open == b.open
        && same_match(&a.principal, &b.principal, |a: &PrincipalEntry, b| {
            a.kind == b.kind && a.text == b.text
        })
        && same_match(&a.action, &b.action, |a, b| a.text == b.text)
        && same_match(&a.resource, &b.resource, |a, b| a.template == b.template)
        && same_lists(&a.conditions, &b.conditions, same_condition)
}

fn same_match<T>(
    a: &Option<Match<T>>,
    b: &Option<Match<T>>,
    same: impl Fn(&T, &T) -> bool,
) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(Match::In(a)), Some(Match::In(b)))
        | (Some(Match::NotIn(a)), Some(Match::NotIn(b))) => same_lists(a, b, same),
        _ => false,
    }
}

fn same_condition(a: &ConditionTest, b: &ConditionTest) -> bool {
    a.operator == b.operator
        && a.key == b.key
        && same_lists(&a.operands, &b.operands, |a, b| a.template == b.template)
}
