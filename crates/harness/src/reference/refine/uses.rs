//! What undecided statements ask of keys. Rule: IAM-TRI-10.

use std::collections::{BTreeMap, BTreeSet};

use preclear_catalog::kms::canonical_key;
use preclear_model::policy::ConditionTest;
use preclear_model::{Piece, Statement, Template};

/// Tests of keys, and keys that are variables; names in lower case.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    pub(crate) tests: BTreeMap<String, Vec<ConditionTest>>,
    pub(crate) variables: BTreeSet<String>,
    /// True if a deny was found whose kind is open.
    pub(crate) has_open_kind: bool,
}

impl Uses {
    /// Adds what a statement asks. Rule: IAM-TRI-10.
    pub(crate) fn add(&mut self, statement: &Statement) {
        let resources = statement
            .resource
            .iter()
            .flat_map(|entries| entries.entries());
        for entry in resources {
            self.add_variables(&entry.template);
        }
        for test in &statement.conditions {
            for operand in &test.operands {
                self.add_variables(&operand.template);
            }
            let key = canonical_key(&test.key).to_lowercase();
            let tests = self.tests.entry(key).or_default();
            if !tests.contains(test) {
                tests.push(test.clone());
            }
        }
    }

    fn add_variables(&mut self, template: &Template) {
        for piece in &template.pieces {
            if let Piece::Variable { key, .. } = piece {
                self.variables.insert(canonical_key(key).to_lowercase());
            }
        }
    }
}
