//! Policies compiled to statements whose elements can be tested one by one.

use std::sync::{Arc, OnceLock};

use preclear_condition::Condition;
use preclear_model::{Effect, Policy, PolicyKind, Statement};

use crate::engine::key_types::CatalogKeyTypes;
use crate::engine::policy_warnings::{self, PolicyWarning};
use crate::explanation::{StatementRef, Warning};
use crate::matching::action::{ActionName, ActionTest};
use crate::matching::resource::ResourceTest;

/// A policy ready for evaluation.
#[derive(Debug)]
pub(crate) struct CompiledPolicy {
    /// The document.
    pub(crate) document: Arc<Policy>,
    /// Its statements, in the order of the document.
    pub(crate) statements: Vec<CompiledStatement>,
    /// Found when an answer first needs them: most policies are never looked at.
    warnings: OnceLock<Vec<PolicyWarning>>,
}

/// A statement ready for evaluation.
#[derive(Debug)]
pub(crate) struct CompiledStatement {
    pub(crate) index: usize,
    pub(crate) effect: Effect,
    pub(crate) action: ActionTest,
    pub(crate) resource: ResourceTest,
    pub(crate) condition: Condition,
}

impl CompiledPolicy {
    /// Compiles a document. Never fails: what can never match stays as a statement that never applies.
    pub(crate) fn compile(document: &Arc<Policy>) -> Self {
        let statements = document
            .statements
            .iter()
            .enumerate()
            .map(|(index, statement)| CompiledStatement {
                index,
                effect: statement.effect,
                action: ActionTest::compile(statement),
                resource: ResourceTest::compile(statement, document.kind, &CatalogKeyTypes),
                condition: Condition::compile(&statement.conditions, &CatalogKeyTypes),
            })
            .collect();
        Self {
            document: Arc::clone(document),
            statements,
            warnings: OnceLock::new(),
        }
    }

    /// The statement as written.
    pub(crate) fn source(&self, statement: &CompiledStatement) -> Option<&Statement> {
        self.document.statements.get(statement.index)
    }

    /// How users find the statement.
    pub(crate) fn reference(&self, statement: &CompiledStatement) -> StatementRef {
        let source = self.source(statement);
        StatementRef {
            policy: self.document.name.clone(),
            statement: statement.index,
            sid: source
                .and_then(|source| source.sid.as_deref())
                .filter(|sid| !sid.is_empty())
                .map(str::to_owned),
            place: source.map(|source| self.document.place(source.span)),
        }
    }

    /// What looks wrong in it and bears on requests for the action.
    pub(crate) fn warnings_about<'w>(
        &'w self,
        action: &'w ActionName,
    ) -> impl Iterator<Item = Warning> + 'w {
        let warnings = self.warnings.get_or_init(|| policy_warnings::find(self));
        policy_warnings::about(self, warnings, action)
    }

    /// True if statements of this kind of document name principals.
    pub(crate) fn has_principals(&self) -> bool {
        matches!(
            self.document.kind,
            PolicyKind::Resource | PolicyKind::Key | PolicyKind::Trust | PolicyKind::VpcEndpoint
        )
    }
}
