//! What the policies of one snapshot have in common is compiled once: documents that several identities have, resources and
//! conditions that several statements name in the same words.
//!
//! It decides nothing: what is found here is what compiling again would give.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use preclear_catalog::{ActionFinder, catalog};
use preclear_condition::Condition;
use preclear_model::policy::{ConditionTest, ResourceEntry};
use preclear_model::{Policy, Statement, Text};

use crate::engine::key_types::CatalogKeyTypes;
use crate::engine::policies::CompiledPolicy;
use crate::engine::table::NameTable;
use crate::matching::resource::ResourcePattern;

/// What has been compiled so far.
#[derive(Debug)]
pub(crate) struct Compiler {
    /// By address; each of them keeps its document, so that no other one can have that address.
    policies: NameTable<*const Policy, Arc<CompiledPolicy>>,
    /// By text; only those that are the same wherever they stand.
    resources: NameTable<Text, ResourcePattern>,
    conditions: NameTable<Block, Condition>,
    actions: ActionFinder<'static>,
}

impl Default for Compiler {
    fn default() -> Self {
        Self {
            policies: NameTable::default(),
            resources: NameTable::default(),
            conditions: NameTable::default(),
            actions: ActionFinder::new(catalog()),
        }
    }
}

/// Places for services; there are fewer than half as many.
const SERVICES: usize = 1024;

impl Compiler {
    /// For the policies of a whole snapshot.
    pub(crate) fn of_snapshot() -> Self {
        Self {
            actions: ActionFinder::remembering(catalog(), SERVICES),
            ..Self::default()
        }
    }

    /// A document, compiled.
    pub(crate) fn policy(&mut self, document: &Arc<Policy>) -> Arc<CompiledPolicy> {
        let address = Arc::as_ptr(document);
        if let Some(found) = self.policies.get(&address) {
            return Arc::clone(found);
        }
        let compiled = Arc::new(CompiledPolicy::compile(document, self));
        self.policies.insert(address, Arc::clone(&compiled));
        compiled
    }

    /// Looks up the actions of a list.
    pub(crate) fn actions(&mut self) -> &mut ActionFinder<'static> {
        &mut self.actions
    }

    /// An entry of `Resource`, compiled.
    pub(crate) fn resource(&mut self, entry: &ResourceEntry) -> ResourcePattern {
        let text = &entry.template.source;
        // What holds variables, or was completed, says more than its text.
        if entry.template.as_plain() != Some(text) {
            return ResourcePattern::compile(entry, &CatalogKeyTypes);
        }
        if let Some(found) = self.resources.get(text) {
            return found.clone();
        }
        let compiled = ResourcePattern::compile(entry, &CatalogKeyTypes);
        self.resources.insert(text.clone(), compiled.clone());
        compiled
    }

    /// The condition of a statement, compiled.
    pub(crate) fn condition(&mut self, document: &Arc<Policy>, statement: usize) -> Condition {
        let block = Block {
            document: Arc::clone(document),
            statement,
        };
        let compile = |block: &Block| Condition::compile(block.tests(), &CatalogKeyTypes);
        if block.tests().is_empty() {
            return compile(&block);
        }
        let entry = self.conditions.entry(block);
        entry.or_insert_with_key(compile).clone()
    }
}

/// The condition block of a statement; equal to others in the same words.
#[derive(Debug)]
struct Block {
    document: Arc<Policy>,
    statement: usize,
}

impl Block {
    fn tests(&self) -> &[ConditionTest] {
        let statement: Option<&Statement> = self.document.statements.get(self.statement);
        statement.map_or(&[], |statement| &statement.conditions)
    }
}

impl Hash for Block {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Equal blocks have these in common, and others seldom do.
        for test in self.tests() {
            test.key.hash(state);
            for operand in &test.operands {
                operand.template.source.hash(state);
            }
        }
    }
}

impl PartialEq for Block {
    fn eq(&self, other: &Self) -> bool {
        let (own, others) = (self.tests(), other.tests());
        own.len() == others.len()
            && own
                .iter()
                .zip(others)
                .all(|(one, other)| is_same(one, other))
    }
}

impl Eq for Block {}

fn is_same(one: &ConditionTest, other: &ConditionTest) -> bool {
    let mut operands = one.operands.iter().zip(&other.operands);
    one.operator == other.operator
        && one.operator_text == other.operator_text
        && one.key == other.key
        && one.operands.len() == other.operands.len()
        && operands.all(|(one, other)| one.template == other.template)
}

#[cfg(test)]
mod tests {
    use preclear_model::PolicyKind;
    use serde_json::json;

    use super::*;
    use crate::document;

    fn parsed(version: &str, resource: &str, condition: &serde_json::Value) -> Arc<Policy> {
        let statement = json!({
            "Effect": "Allow", "Action": ["s3:Get*", "kms:Decrypt"], "Resource": resource, "Condition": condition,
        });
        let text = json!({"Version": version, "Statement": [statement.clone(), statement]});
        let policy = document::parse(&text.to_string(), "p", PolicyKind::Identity);
        Arc::new(policy.expect("the document is a policy"))
    }

    /// Documents that differ in little.
    fn documents() -> Vec<Arc<Policy>> {
        let conditions = [
            json!({"StringEquals": {"aws:username": "${aws:userid}"}}),
            json!({"StringLike": {"aws:username": "${aws:userid}"}}),
            json!({"StringEquals": {"aws:UserName": "${aws:userid}"}}),
            json!({"StringEquals": {"aws:username": ["${aws:userid}", "ana"]}}),
            json!({"StringEquals": {"aws:username": "ana"}, "Null": {"aws:userid": "false"}}),
            json!({"stringequals": {"aws:username": "ana"}}),
            json!({"StringEquals": {"aws:username": "ana"}}),
        ];
        let resources = [
            "*",
            "arn:aws:s3:::b/${aws:username}",
            "arn:aws:s3:::b/*",
            "arn:aws:S3:::b/*",
            "arn:aws:s3",
        ];
        let mut documents = Vec::new();
        for version in ["2012-10-17", "2008-10-17"] {
            for condition in &conditions {
                documents.extend(resources.map(|resource| parsed(version, resource, condition)));
            }
        }
        // An ARN that lacks fields is completed in one kind of document and kept in another.
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3"});
        let text = json!({"Version": "2012-10-17", "Statement": statement});
        let kept = document::parse(&text.to_string(), "p", PolicyKind::Resource);
        documents.push(Arc::new(kept.expect("the document is a policy")));
        documents
    }

    #[test]
    fn what_was_compiled_before_is_what_compiling_again_would_give() {
        let mut compiler = Compiler::default();
        for document in documents() {
            let shared = compiler.policy(&document);
            let alone = Compiler::default().policy(&document);
            let written = |policy: &CompiledPolicy| format!("{:?}", policy.statements);
            assert_eq!(written(&shared), written(&alone));
        }
    }

    #[test]
    fn a_document_is_compiled_once() {
        let mut compiler = Compiler::default();
        let [one, other, ..] = &*documents() else {
            panic!("two documents")
        };
        let first = compiler.policy(one);
        assert!(Arc::ptr_eq(&first, &compiler.policy(one)));
        assert!(!Arc::ptr_eq(&first, &compiler.policy(other)));
    }
}
