//! Classes of actions.

use std::collections::{HashMap, HashSet};

use preclear_catalog::kms::KmsAction;
use preclear_catalog::services;
use preclear_condition::{Ambiguities, Tri};
use preclear_model::{Match, Statement};

use super::Axes;
use super::corpus::Corpus;
use crate::arena::Arena;
use crate::engine::Engine;
use crate::matching::action::{ActionName, ActionTest};
use crate::request::Request;
use crate::snapshot::GrantRecord;

/// Services that treat most actions by name.
const BY_NAME: [&str; 2] = ["sts", "iam"];

/// Actions that KMS treats by name: in gates, identifiers, grants, parameters or encryption contexts.
const KMS_BY_NAME: [&str; 16] = [
    "createalias",
    "creategrant",
    "createkey",
    "decrypt",
    "deletealias",
    "describekey",
    "disablekey",
    "getkeyrotationstatus",
    "listgrants",
    "putkeypolicy",
    "reencryptfrom",
    "reencryptto",
    "retiregrant",
    "revokegrant",
    "schedulekeydeletion",
    "updatealias",
];

/// What decisions tell actions apart by.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Class<'a> {
    /// No action at all.
    Nothing,
    /// This one.
    Own(&'a str),
    Shared {
        service: &'a str,
        /// Outcomes of every `Action` and `NotAction`.
        admitted: Vec<bool>,
        /// Whether it has the condition keys that policies speak of.
        takes: Vec<bool>,
        has_resource: bool,
        is_exempt_from_rcps: bool,
        kms: Option<KmsClass>,
    },
}

/// The same of KMS's own table.
#[derive(Debug, PartialEq, Eq, Hash)]
struct KmsClass {
    takes: Vec<bool>,
    /// Targets, accounts and algorithms, as the table has them.
    row: String,
    is_grantable: bool,
    /// Whether each list of operations that some grant has holds it.
    granted: Vec<bool>,
}

/// What is asked of every action.
struct Questions<'a> {
    elements: Vec<ActionTest>,
    keys: Vec<&'a str>,
    operations: Vec<&'a [String]>,
    /// Grants compare the encryption context of some operations.
    has_constraints: bool,
    /// KMS's own parameters are given, which belong to some operations.
    has_parameters: bool,
    /// Some key may have a policy that stands in no document: that of an AWS managed key.
    has_templates: bool,
}

/// A number for the class of each action, from 0 in the order in which they first come.
pub(super) fn classes(engine: &Engine, axes: &Axes<'_>, corpus: &Corpus<'_>) -> Vec<u32> {
    let arena = Arena::new();
    let questions = Questions::of(engine, axes, corpus);
    let mut known: HashMap<Class<'_>, u32> = HashMap::new();
    let classes = axes.actions.iter().map(|text| {
        let class = match ActionName::parse(text, &arena) {
            Some(action) => questions.class(action, text),
            None => Class::Nothing,
        };
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        *known.entry(class).or_insert(next)
    });
    classes.collect()
}

impl<'a> Questions<'a> {
    fn of(engine: &'a Engine, axes: &Axes<'a>, corpus: &'a Corpus<'_>) -> Self {
        let statements = corpus
            .documents
            .iter()
            .flat_map(|policy| &policy.statements);
        let mut seen = HashSet::new();
        let elements = statements.filter(|statement| seen.insert(names(statement)));
        let grants = || grants(engine, axes.base);
        let operations: HashSet<&[String]> =
            grants().map(|grant| grant.operations.as_slice()).collect();
        Self {
            elements: elements.map(ActionTest::compile).collect(),
            keys: corpus.mentioned().collect(),
            operations: operations.into_iter().collect(),
            has_constraints: grants()
                .any(|grant| grant.context_equals.is_some() || grant.context_subset.is_some()),
            has_parameters: axes.base.parameters.is_some()
                || axes.base.ciphertext_key.is_some()
                || axes.base.key_policy_candidate.is_some(),
            has_templates: super::resources::may_have_templates(engine, axes),
        }
    }

    fn class<'t>(&self, action: ActionName<'t>, text: &'t str) -> Class<'t> {
        let service = action.service();
        let Some(known) = action.known() else {
            return Class::Own(text);
        };
        let is_of_kms = service == "kms";
        if BY_NAME.contains(&service) || (is_of_kms && self.is_kept_apart(&action)) {
            return Class::Own(text);
        }
        Class::Shared {
            service,
            admitted: self.admitted(&action),
            takes: self.keys.iter().map(|key| known.takes(key)).collect(),
            has_resource: known.has_resource(),
            is_exempt_from_rcps: !services::rcp_reaches(service, action.name()),
            kms: action.of_kms().map(|row| self.of_kms(row)),
        }
    }

    fn is_kept_apart(&self, action: &ActionName<'_>) -> bool {
        let Some(row) = action.of_kms() else {
            return true;
        };
        self.has_parameters
            || self.has_templates
            || KMS_BY_NAME.contains(&action.name())
            || (row.is_grantable && self.has_constraints)
    }

    /// Whether each element admits the action; `*:*`, which is read in two ways, admits all alike.
    fn admitted(&self, action: &ActionName<'_>) -> Vec<bool> {
        let elements = self.elements.iter();
        let outcomes = elements.map(|element| element.matches::<()>(action, Ambiguities::Guess));
        outcomes.map(|outcome| outcome.value == Tri::True).collect()
    }

    fn of_kms(&self, row: &KmsAction) -> KmsClass {
        let operations = self.operations.iter();
        let lists = |list: &&[String]| list.iter().any(|one| one.eq_ignore_ascii_case(&row.name));
        KmsClass {
            takes: self.keys.iter().map(|key| row.takes(key)).collect(),
            row: format!(
                "{:?} {:?} {:?} {:?}",
                row.targets, row.cross_account, row.algorithm, row.implied_algorithm
            ),
            is_grantable: row.is_grantable,
            granted: operations.map(lists).collect(),
        }
    }
}

/// Every grant that may count.
pub(super) fn grants<'a>(
    engine: &'a Engine,
    base: &'a Request,
) -> impl Iterator<Item = &'a GrantRecord> {
    let keys = engine.snapshot().keys.iter();
    let listed = keys.flat_map(|key| key.grants.iter().flatten());
    listed.chain(&base.assumed_grants)
}

/// What stands in the element, and whether it is negated.
fn names(statement: &Statement) -> Option<(bool, Vec<&str>)> {
    let element = statement.action.as_ref()?;
    let texts = element.entries().iter().map(|entry| entry.text.as_str());
    Some((matches!(element, Match::NotIn(_)), texts.collect()))
}
