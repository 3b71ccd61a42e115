//! What policies and grants speak of: keys with operands, variables, principals, accounts.

use std::collections::{BTreeMap, BTreeSet};

use preclear_catalog::catalog;
use preclear_model::arn::is_account_id;
use preclear_model::policy::{PrincipalEntry, PrincipalKind};
use preclear_model::{ArnRef, Operator, Piece, Policy, Template};

use crate::request::ContextValue;
use crate::snapshot::{GrantRecord, Snapshot};

/// An operand with its operator.
#[derive(Debug, Clone)]
pub struct Operand {
    /// The operator.
    pub operator: Operator,
    /// The operand, variables and all.
    pub template: Template,
}

/// What policies and grants speak of.
///
/// ```
/// use preclear_model::policy::{ParseOptions, PolicyKind, parse_policy};
/// use preclear_simulator::cast::Mentioned;
/// let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "444455556666"},
///     "Action": "kms:Decrypt", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}}"#;
/// let (policy, _) = parse_policy(text, "key.json", PolicyKind::Key, ParseOptions::default());
/// let mut mentioned = Mentioned::default();
/// mentioned.add_policy(&policy.unwrap());
/// assert!(mentioned.accounts().contains("444455556666") && mentioned.names("aws:SecureTransport"));
/// ```
#[derive(Debug, Default)]
pub struct Mentioned {
    /// Operands of each condition key, in lower case.
    operands: BTreeMap<String, Vec<Operand>>,
    /// How keys are written, by their name in lower case.
    spellings: BTreeMap<String, String>,
    /// Keys, in lower case, whose values policies read through `${…}`.
    variables: BTreeSet<String>,
    /// Entries of `Principal` and `NotPrincipal`.
    pub principals: Vec<PrincipalKind>,
    /// Entries of `Resource` and `NotResource`, as written.
    pub resources: BTreeSet<String>,
    /// Texts of grants that name somebody.
    pub grantees: BTreeSet<String>,
    /// Values that grants ask for, by the key in lower case.
    values: BTreeMap<String, Vec<ContextValue>>,
}

impl Mentioned {
    /// What all of its policies and grants speak of.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut found = Self::default();
        for policy in snapshot.policies() {
            found.add_policy(policy);
        }
        let keys = snapshot.keys.iter();
        for grant in keys.flat_map(|key| key.grants.iter().flatten()) {
            found.add_grant(grant);
        }
        found
    }

    /// Adds whom a grant names, and what it asks for.
    pub fn add_grant(&mut self, grant: &GrantRecord) {
        let named = [
            &grant.grantee,
            &grant.grantee_service,
            &grant.retiring,
            &grant.retiring_service,
        ];
        self.grantees.extend(named.into_iter().flatten().cloned());
        self.add_constraints(grant);
    }

    /// What a grant asks of a call. Rule: KMS-GRANT-5, KMS-GRANT-7.
    fn add_constraints(&mut self, grant: &GrantRecord) {
        for pairs in [&grant.context_equals, &grant.context_subset] {
            let Some(pairs) = pairs else { continue };
            let names = pairs.keys().cloned().collect();
            self.add_value("kms:EncryptionContextKeys", ContextValue::Many(names));
            for (name, value) in pairs {
                let key = format!("kms:EncryptionContext:{name}");
                self.add_value(&key, ContextValue::One(value.clone()));
            }
        }
        if let Some(arn) = &grant.source_arn {
            self.add_value("aws:SourceArn", ContextValue::One(arn.clone()));
        }
    }

    fn add_value(&mut self, key: &str, value: ContextValue) {
        let folded = key.to_lowercase();
        self.spellings
            .entry(folded.clone())
            .or_insert_with(|| key.to_owned());
        let values = self.values.entry(folded).or_default();
        if !values.contains(&value) {
            values.push(value);
        }
    }

    /// Values of a key, in lower case, that grants ask for.
    pub fn values(&self, key: &str) -> &[ContextValue] {
        self.values.get(key).map_or(&[], Vec::as_slice)
    }

    /// True for a key that a policy tests or reads.
    pub fn names(&self, key: &str) -> bool {
        let folded = key.to_lowercase();
        self.operands.contains_key(&folded) || self.is_variable(&folded)
    }

    /// Adds what a policy speaks of.
    pub fn add_policy(&mut self, policy: &Policy) {
        for statement in &policy.statements {
            let entries = statement
                .principal
                .iter()
                .flat_map(|entries| entries.entries());
            for PrincipalEntry { kind, .. } in entries {
                if !self.principals.contains(kind) {
                    self.principals.push(kind.clone());
                }
            }
            let resources = statement
                .resource
                .iter()
                .flat_map(|entries| entries.entries());
            for entry in resources {
                self.add_variables(&entry.template);
                self.resources
                    .insert(entry.template.source.as_str().to_owned());
            }
            for test in &statement.conditions {
                let written = test.key.as_str();
                let key = written.to_lowercase();
                self.spellings
                    .entry(key.clone())
                    .or_insert_with(|| written.to_owned());
                let operands = self.operands.entry(key).or_default();
                operands.extend(test.operands.iter().map(|operand| Operand {
                    operator: test.operator,
                    template: operand.template.clone(),
                }));
                for operand in &test.operands {
                    self.add_variables(&operand.template);
                }
            }
        }
    }

    fn add_variables(&mut self, template: &Template) {
        for piece in &template.pieces {
            if let Piece::Variable { key, .. } = piece {
                let folded = key.to_lowercase();
                self.spellings
                    .entry(folded.clone())
                    .or_insert_with(|| key.clone());
                self.variables.insert(folded);
            }
        }
    }

    /// What a key, in lower case, is compared with.
    pub fn operands(&self, key: &str) -> &[Operand] {
        self.operands.get(key).map_or(&[], Vec::as_slice)
    }

    /// A key as a policy writes it, or AWS.
    pub fn spelled<'m>(&'m self, key: &'m str) -> &'m str {
        let written = self.spellings.get(&key.to_lowercase()).map(String::as_str);
        let known = || {
            catalog()
                .condition_key(key)
                .filter(|known| !known.is_family())
        };
        written
            .or_else(|| known().map(|known| known.name()))
            .unwrap_or(key)
    }

    /// True for a key whose value a policy reads through `${…}`.
    pub fn is_variable(&self, key: &str) -> bool {
        self.variables.contains(key)
    }

    /// Every key that is tested or read.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let tested = self.operands.keys().chain(&self.variables);
        let keys: BTreeSet<&str> = tested.map(String::as_str).collect();
        keys.into_iter()
    }

    /// Texts that a key, in lower case, is compared with; `*` and `?` stand in them as written.
    pub fn texts<'m>(&'m self, key: &str) -> impl Iterator<Item = &'m str> + use<'m> {
        let operands = self.operands(key).iter();
        operands.map(|operand| operand.template.source.as_str())
    }

    /// Every account that is spelled out anywhere.
    pub fn accounts(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut add = |text: &str| {
            if is_account_id(text) {
                found.insert(text.to_owned());
            } else if let Some(arn) = ArnRef::parse(text)
                && is_account_id(arn.account())
            {
                found.insert(arn.account().to_owned());
            }
        };
        for operand in self.operands.values().flatten() {
            add(operand.template.source.as_str());
        }
        for key in ACCOUNTS {
            self.texts(key)
                .map(account_like)
                .for_each(|text| add(&text));
        }
        self.grantees.iter().for_each(|text| add(text));
        for principal in &self.principals {
            match principal {
                PrincipalKind::Account { account, .. } => add(account),
                PrincipalKind::User(arn)
                | PrincipalKind::Role(arn)
                | PrincipalKind::RoleSession(arn)
                | PrincipalKind::FederatedUser(arn) => add(arn.as_str()),
                _ => {}
            }
        }
        found
    }
}

/// Keys that hold the account of the caller.
const ACCOUNTS: [&str; 2] = ["aws:principalaccount", "kms:calleraccount"];

/// Twelve digits that a pattern matches, if there are any.
fn account_like(pattern: &str) -> String {
    const DIGITS: usize = 12;
    let fixed = pattern.chars().filter(|letter| *letter != '*').count();
    let mut filling = "1".repeat(DIGITS.saturating_sub(fixed));
    let mut text = String::new();
    for letter in pattern.chars() {
        match letter {
            '?' => text.push('1'),
            '*' => text.push_str(&std::mem::take(&mut filling)),
            letter => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_nobody_writes_are_spelled_as_in_the_catalogue() {
        let nothing = Mentioned::default();
        assert_eq!(nothing.spelled("kms:viaservice"), "kms:ViaService");
        // Of a family only the user knows the rest, and a layer is no key.
        for text in ["aws:principaltag/team", "layer:scp", "AMB-11"] {
            assert_eq!(nothing.spelled(text), text);
        }
    }
}
