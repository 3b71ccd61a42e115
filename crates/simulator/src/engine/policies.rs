//! Policies compiled to statements whose elements can be tested one by one.

use std::sync::{Arc, OnceLock};

use preclear_condition::Condition;
use preclear_model::{Effect, Policy, PolicyKind, Statement};

use crate::arena::Arena;
use crate::engine::compiler::Compiler;
use crate::engine::index::StatementIndex;
use crate::engine::policy_warnings::{self, PolicyWarning};
use crate::explanation::{StatementRef, Warning};
use crate::matching::action::{ActionName, ActionTest};
use crate::matching::resource::{Question, ResourceTest};

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

/// Policies that are evaluated together: those of an identity, of a node of the organisation, or a single one.
#[derive(Debug, Default)]
pub(crate) struct PolicySet {
    policies: Box<[Arc<CompiledPolicy>]>,
    /// Policy and statement of each place; empty without index.
    places: Box<[(u32, u32)]>,
    index: Option<StatementIndex>,
}

/// Statements from which on an index is quicker than looking at each.
const INDEXED_FROM: usize = 16;

impl PolicySet {
    /// Compiles documents that are evaluated together, by themselves.
    pub(crate) fn compile<'d>(documents: impl IntoIterator<Item = &'d Arc<Policy>>) -> Self {
        Self::compile_with(documents, &mut Compiler::default())
    }

    /// Compiles documents that are evaluated together.
    pub(crate) fn compile_with<'d>(
        documents: impl IntoIterator<Item = &'d Arc<Policy>>,
        compiler: &mut Compiler,
    ) -> Self {
        let documents = documents.into_iter();
        Self::of(documents.map(|own| compiler.policy(own)).collect())
    }

    fn of(policies: Box<[Arc<CompiledPolicy>]>) -> Self {
        let count: usize = policies.iter().map(|policy| policy.statements.len()).sum();
        let is_indexed = count >= INDEXED_FROM;
        let places = (0_u32..).zip(&policies).flat_map(|(policy, compiled)| {
            let statements = (0_u32..).zip(&compiled.statements);
            statements.map(move |(statement, _)| (policy, statement))
        });
        Self {
            places: places.filter(|_| is_indexed).collect(),
            index: is_indexed.then(|| StatementIndex::build(&policies)),
            policies,
        }
    }

    /// The same set, looked at statement by statement.
    #[cfg(test)]
    pub(crate) fn without_index(self) -> Self {
        Self {
            index: None,
            ..self
        }
    }

    /// The policies, in the order in which they were given.
    pub(crate) fn policies(&self) -> impl ExactSizeIterator<Item = &CompiledPolicy> {
        self.policies.iter().map(AsRef::as_ref)
    }

    /// True without any policy.
    pub(crate) fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// Calls `take` with the statements that can apply to the action and the resource, in their order, and perhaps with others.
    pub(crate) fn candidates<'s>(
        &'s self,
        action: &ActionName<'_>,
        question: &Question<'_>,
        arena: &Arena,
        mut take: impl FnMut(&'s CompiledPolicy, &'s CompiledStatement),
    ) {
        let index = self.index.as_ref();
        if let Some(found) = index.and_then(|index| index.find(action, question, arena)) {
            for place in found {
                let Some((policy, statement)) = self.places.get(place as usize) else {
                    continue;
                };
                let Some(policy) = self.policies.get(*policy as usize) else {
                    continue;
                };
                if let Some(statement) = policy.statements.get(*statement as usize) {
                    take(policy, statement);
                }
            }
            return;
        }
        for policy in &self.policies {
            for statement in &policy.statements {
                take(policy, statement);
            }
        }
    }
}

/// A statement ready for evaluation.
#[derive(Debug)]
pub(crate) struct CompiledStatement {
    pub(crate) index: usize,
    pub(crate) effect: Effect,
    pub(crate) action: ActionTest,
    pub(crate) resource: ResourceTest,
    pub(crate) condition: Condition,
    /// True where a part of it is not determined: it may say less than is compiled here. Rule: IAM-TRI-7.
    pub(crate) is_open: bool,
}

impl CompiledPolicy {
    /// Compiles a document. Never fails: what can never match stays as a statement that never applies.
    pub(crate) fn compile(document: &Arc<Policy>, compiler: &mut Compiler) -> Self {
        let statements = document
            .statements
            .iter()
            .enumerate()
            .map(|(index, statement)| CompiledStatement {
                index,
                effect: statement.effect,
                action: ActionTest::compile_with(statement, compiler.actions()),
                resource: ResourceTest::compile_with(statement, document.kind, compiler),
                condition: compiler.condition(document, index),
                is_open: statement.open.is_some(),
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
        action: &'w ActionName<'w>,
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
