//! Classes of actions.

use std::collections::HashSet;

use preclear_catalog::kms::KmsAction;
use preclear_catalog::services;
use preclear_condition::{Ambiguities, Tri};
use preclear_model::{Match, Statement};

use super::corpus::{Corpus, RESOURCE_TAGS};
use crate::arena::Arena;
use crate::engine::Engine;
use crate::matching::action::{ActionName, ActionTest};
use crate::request::Request;
use crate::service::forms;
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
pub(super) enum Class {
    /// No action at all.
    Nothing,
    /// This one.
    Own(Box<str>),
    Shared {
        service: Box<str>,
        /// Outcomes of every `Action` and `NotAction`.
        admitted: Vec<Tri>,
        /// Whether it has the condition keys that policies speak of.
        takes: Vec<bool>,
        has_resource: bool,
        /// Follows from the service but for one action, which KMS treats by name.
        is_exempt_from_rcps: bool,
        kms: Option<KmsClass>,
    },
}

/// The same of KMS's own table. In the table of today keys of KMS differ only where those of the catalogue do, and the row says whether a
/// grant may list the action: another table may tell more apart.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct KmsClass {
    takes: Vec<bool>,
    /// Targets, accounts and algorithms, as the table has them.
    row: String,
    is_grantable: bool,
    /// Whether each list of operations that some grant has holds it.
    granted: Vec<bool>,
}

/// What is asked of every action.
#[derive(Debug)]
pub(super) struct Questions {
    elements: Vec<ActionTest>,
    keys: Vec<Box<str>>,
    operations: Vec<Vec<String>>,
    /// Grants compare the encryption context of some operations.
    has_constraints: bool,
    /// Conditions and variables speak of tags of resources.
    speaks_of_tags: bool,
}

/// What keeps actions of KMS apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Apart {
    /// KMS's own parameters are given, which belong to some operations.
    pub(super) has_parameters: bool,
    /// Some key may have a policy that stands in no document: that of an AWS managed key.
    pub(super) has_templates: bool,
}

impl Apart {
    /// What the request says, of an engine and resources that may have policies of AWS managed keys or not.
    pub(super) fn of(base: &Request, has_templates: bool) -> Self {
        Self {
            has_parameters: base.parameters.is_some()
                || base.ciphertext_key.is_some()
                || base.key_policy_candidate.is_some(),
            has_templates,
        }
    }
}

impl Questions {
    pub(super) fn of(engine: &Engine, corpus: &Corpus, assumed: &[GrantRecord]) -> Self {
        let statements = corpus
            .documents
            .iter()
            .flat_map(|policy| &policy.statements);
        let mut seen = HashSet::new();
        let elements = statements.filter(|statement| seen.insert(names(statement)));
        let grants = || grants(engine, assumed);
        let operations: HashSet<&[String]> =
            grants().map(|grant| grant.operations.as_slice()).collect();
        Self {
            elements: elements.map(ActionTest::compile).collect(),
            keys: corpus.mentioned().map(Box::from).collect(),
            operations: operations.into_iter().map(<[_]>::to_vec).collect(),
            has_constraints: grants()
                .any(|grant| grant.context_equals.is_some() || grant.context_subset.is_some()),
            speaks_of_tags: corpus.mentions_any(RESOURCE_TAGS),
        }
    }

    /// The class of an action.
    pub(super) fn class(&self, text: &str, apart: Apart) -> Class {
        let arena = Arena::new();
        let Some(action) = ActionName::parse(text, &arena) else {
            return Class::Nothing;
        };
        let service = action.service();
        let Some(known) = action.known() else {
            return Class::Own(text.into());
        };
        let is_of_kms = service == "kms";
        let is_kept_apart = is_of_kms && self.is_kept_apart(&action, apart);
        // What it makes has no tags yet (IAM-CTX-8).
        let is_creating = self.speaks_of_tags && forms::is_creating(known);
        if BY_NAME.contains(&service) || is_kept_apart || is_creating {
            return Class::Own(text.into());
        }
        Class::Shared {
            service: service.into(),
            admitted: self.admitted(&action),
            takes: self.keys.iter().map(|key| known.takes(key)).collect(),
            has_resource: known.has_resource(),
            is_exempt_from_rcps: !services::rcp_reaches(service, action.name()),
            kms: action.of_kms().map(|row| self.of_kms(row)),
        }
    }

    fn is_kept_apart(&self, action: &ActionName<'_>, apart: Apart) -> bool {
        let Some(row) = action.of_kms() else {
            return true;
        };
        apart.has_parameters
            || apart.has_templates
            || KMS_BY_NAME.contains(&action.name())
            // Their rows tell these apart today.
            || (row.is_grantable && self.has_constraints)
    }

    /// Whether each element admits the action. By `*:*` alone it may or not, since that is read in two ways (AMB-3); what another entry
    /// names as well is certain.
    fn admitted(&self, action: &ActionName<'_>) -> Vec<Tri> {
        let elements = self.elements.iter();
        let outcomes = elements.map(|element| element.matches::<()>(action, Ambiguities::Report));
        outcomes.map(|outcome| outcome.value).collect()
    }

    fn of_kms(&self, row: &KmsAction) -> KmsClass {
        let operations = self.operations.iter();
        let lists = |list: &Vec<String>| list.iter().any(|one| one.eq_ignore_ascii_case(&row.name));
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
    assumed: &'a [GrantRecord],
) -> impl Iterator<Item = &'a GrantRecord> {
    let keys = engine.snapshot().keys.iter();
    let listed = keys.flat_map(|key| key.grants.iter().flatten());
    listed.chain(assumed)
}

/// What stands in the element, and whether it is negated.
fn names(statement: &Statement) -> Option<(bool, Vec<&str>)> {
    let element = statement.action.as_ref()?;
    let texts = element.entries().iter().map(|entry| entry.text.as_str());
    Some((matches!(element, Match::NotIn(_)), texts.collect()))
}
