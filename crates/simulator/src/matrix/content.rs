//! What two documents, grants and keys have in common: their contents, without names, places and texts around them.

use std::hash::{Hash, Hasher};

use preclear_model::policy::{ActionEntry, ConditionTest, PrincipalEntry, ResourceEntry};
use preclear_model::{Match, Policy, Statement};

use crate::snapshot::GrantRecord;

/// A hash for tables whose entries are compared afterwards: texts in steps of eight bytes (as in FxHash).
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Quick(u64);

impl Quick {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        // Tables look at the upper and the lower bits, and multiplication mixes the lower ones least.
        self.0 ^ self.0.rotate_left(32)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        let rest = rest
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        self.add(rest | ((bytes.len() as u64) << 56));
    }

    fn write_u64(&mut self, word: u64) {
        self.add(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.add(word as u64);
    }

    fn write_u32(&mut self, word: u32) {
        self.add(u64::from(word));
    }

    fn write_u8(&mut self, word: u8) {
        self.add(u64::from(word));
    }
}

/// A hash of what can be hashed.
pub(super) fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = Quick::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A hash of a document: the same for equal texts. Documents of one content and two texts may differ in it.
pub(super) fn hash_of_policy(policy: &Policy) -> u64 {
    hash_of(policy.source.slice(policy.span))
}

/// True for documents that say the same in the same words.
pub(super) fn is_same_policy(one: &Policy, other: &Policy) -> bool {
    one.kind == other.kind
        && one.version == other.version
        && is_same_list(&one.statements, &other.statements, is_same_statement)
}

fn is_same_list<T>(one: &[T], other: &[T], is_same: impl Fn(&T, &T) -> bool) -> bool {
    let mut pairs = one.iter().zip(other);
    one.len() == other.len() && pairs.all(|(one, other)| is_same(one, other))
}

fn is_same_statement(one: &Statement, other: &Statement) -> bool {
    let is_same_action = |one: &ActionEntry, other: &ActionEntry| one.text == other.text;
    let is_same_principal = |one: &PrincipalEntry, other: &PrincipalEntry| {
        one.kind == other.kind && one.text == other.text
    };
    let is_same_resource = |one: &ResourceEntry, other: &ResourceEntry| {
        one.template == other.template && one.incomplete == other.incomplete
    };
    one.effect == other.effect
        && one.open.is_some() == other.open.is_some()
        && is_same_element(
            one.principal.as_ref(),
            other.principal.as_ref(),
            is_same_principal,
        )
        && is_same_element(one.action.as_ref(), other.action.as_ref(), is_same_action)
        && is_same_element(
            one.resource.as_ref(),
            other.resource.as_ref(),
            is_same_resource,
        )
        && is_same_list(&one.conditions, &other.conditions, is_same_test)
}

fn is_same_element<T>(
    one: Option<&Match<T>>,
    other: Option<&Match<T>>,
    is_same: impl Fn(&T, &T) -> bool,
) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.is_negated() == other.is_negated()
                && is_same_list(one.entries(), other.entries(), is_same)
        }
        _ => false,
    }
}

fn is_same_test(one: &ConditionTest, other: &ConditionTest) -> bool {
    one.operator == other.operator
        && one.key == other.key
        && is_same_list(&one.operands, &other.operands, |one, other| {
            one.template == other.template
        })
}

/// True for grants that fit the same calls, where calls name no grant. Rule: KMS-GRANT-4…7, KMS-GRANT-13.
pub(super) fn is_same_grant(one: &GrantRecord, other: &GrantRecord) -> bool {
    let read = |grant: &GrantRecord| GrantRecord {
        id: String::new(),
        name: None,
        token: None,
        ..grant.clone()
    };
    read(one) == read(other)
}

/// True for lists of them, in their order.
pub(super) fn are_same_grants(one: Option<&[GrantRecord]>, other: Option<&[GrantRecord]>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => is_same_list(one, other, is_same_grant),
        _ => false,
    }
}
