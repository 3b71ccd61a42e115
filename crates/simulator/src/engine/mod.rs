//! A snapshot compiled for many questions.

pub(crate) mod compiler;
mod index;
pub(crate) mod key_types;
pub(crate) mod keys;
pub(crate) mod organization;
pub(crate) mod policies;
mod policy_warnings;
pub(crate) mod principals;
pub(crate) mod resources;
pub(crate) mod table;

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use preclear_model::ArnRef;
use preclear_wildcard::{FieldPattern, Pattern};

use crate::decide;
use crate::engine::compiler::Compiler;
use crate::engine::keys::{CompiledKey, Keys};
use crate::engine::organization::CompiledOrganization;
use crate::engine::policies::PolicySet;
use crate::engine::principals::{Principals, compile_given};
use crate::engine::resources::Resources;
use crate::engine::table::NameTable;
use crate::explanation::Explanation;
use crate::layer::Layer;
use crate::matching::resource::Question;
use crate::matrix::memo::Memo;
use crate::request::Request;
use crate::service;
use crate::snapshot::{Given, Snapshot, VpcEndpointRecord};

/// How much an answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Detail {
    /// The verdict and its reasons.
    #[default]
    Reasons,
    /// Also every layer and statement considered.
    Full,
}

/// What a snapshot says of a whole layer. Rule: IAM-TRI-7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declared {
    NotLoaded,
    Open,
    Empty,
}

/// A VPC endpoint, compiled.
#[derive(Debug)]
pub(crate) struct CompiledEndpoint {
    pub(crate) record: VpcEndpointRecord,
    pub(crate) policy: Given<PolicySet>,
}

/// A compiled snapshot: immutable, shared freely between threads.
///
/// ```
/// use preclear_model::caller::Caller;
/// use preclear_simulator::{Ask, Detail, Engine, Request, Snapshot, Verdict};
///
/// // Everything that exists is listed, and nothing is: nobody may do anything.
/// let engine = Engine::compile(Snapshot { complete: true, ..Snapshot::default() });
/// let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
/// let mut request = Request::new(caller, Ask::Action("s3:GetObject".to_owned()));
/// request.resource = Some("arn:aws:s3:::bucket/key".to_owned());
/// let answer = engine.explain(&request, Detail::Reasons);
/// assert_eq!(answer.verdict, Verdict::ImplicitDeny);
/// ```
#[derive(Debug)]
pub struct Engine {
    snapshot: Snapshot,
    principals: Principals,
    organization: Option<CompiledOrganization>,
    keys: Keys,
    resources: Resources,
    vpc_endpoints: NameTable<String, CompiledEndpoint>,
    /// What is declared to exist without being loaded. Rule: JOB-8.
    external: Vec<Pattern>,
    /// By the number of the layer.
    declared: [Option<Declared>; Layer::ALL.len()],
    /// AWS managed keys that the snapshot does not list, made from their templates when first asked for.
    made_keys: RwLock<NameTable<String, Option<Arc<CompiledKey>>>>,
    /// Patterns of all keys of an account and Region, which a key whose id nobody knows stands for.
    key_patterns: RwLock<NameTable<String, Option<Arc<FieldPattern>>>>,
    /// What no decision can tell apart, worked out when many requests are first asked at once.
    memo: OnceLock<Memo>,
}

impl Engine {
    /// Compiles a snapshot. Never fails: what cannot be used was refused when it was read.
    #[must_use]
    pub fn compile(snapshot: Snapshot) -> Self {
        let compiler = &mut Compiler::of_snapshot();
        let vpc_endpoints = snapshot
            .vpc_endpoints
            .iter()
            .map(|record| {
                let endpoint = CompiledEndpoint {
                    record: record.clone(),
                    policy: compile_given(&record.policy, compiler),
                };
                (record.id.clone(), endpoint)
            })
            .collect();
        Self {
            principals: Principals::compile(&snapshot, compiler),
            organization: snapshot.organization.as_ref().map(|organization| {
                CompiledOrganization::compile(organization, snapshot.complete, compiler)
            }),
            keys: Keys::compile(&snapshot, compiler),
            resources: Resources::compile(&snapshot, compiler),
            vpc_endpoints,
            declared: Layer::ALL.map(|layer| declared(&snapshot, layer)),
            external: snapshot
                .external
                .iter()
                .map(|text| Pattern::parse(text))
                .collect(),
            made_keys: RwLock::new(NameTable::default()),
            key_patterns: RwLock::new(NameTable::default()),
            memo: OnceLock::new(),
            snapshot,
        }
    }

    /// The snapshot behind it.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Answers one request, with reasons. A request that cannot be asked gets the verdict `invalid`.
    #[must_use]
    pub fn explain(&self, request: &Request, detail: Detail) -> Explanation {
        service::explain(self, request, detail)
    }

    /// Answers a request whose resource is an ARN with `*` and `?` that stands for every resource which it matches: what is
    /// not the same for all of them is unknown, and the answer may depend on the resource. Of KMS no pattern can be asked.
    /// Rule: IAM-WILD-13.
    ///
    /// ```
    /// use preclear_model::caller::Caller;
    /// use preclear_simulator::{Ask, Detail, Engine, Request, Snapshot, Verdict};
    ///
    /// let engine = Engine::compile(Snapshot { complete: true, ..Snapshot::default() });
    /// let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
    /// let mut request = Request::new(caller, Ask::Action("s3:GetObject".to_owned()));
    /// request.resource = Some("arn:aws:s3:::bucket/*".to_owned());
    /// let answer = engine.explain_many(&request, Detail::Reasons);
    /// assert_eq!(answer.verdict, Verdict::ImplicitDeny);
    /// ```
    #[must_use]
    pub fn explain_many(&self, request: &Request, detail: Detail) -> Explanation {
        service::explain_reading(self, request, detail, service::target::Wildcards::Many)
    }

    /// Answers with nothing but the verdict.
    #[must_use]
    pub fn decide(&self, request: &Request) -> crate::Verdict {
        decide::verdict(self, request)
    }

    /// What the snapshot says of the whole layer, if anything. Rule: IAM-TRI-7.
    pub(crate) fn declared(&self, layer: Layer) -> Option<Declared> {
        self.declared.get(layer as usize).copied().flatten()
    }

    /// True if a policy of the layer that belongs to `owner` was refused. Rule: IAM-GRAM-19.
    pub(crate) fn has_rejected(&self, layer: Layer, owner: &str) -> bool {
        !self.snapshot.rejected.is_empty() && self.snapshot.has_rejected(layer, owner)
    }

    /// True if anything is declared to exist without being loaded. Rule: JOB-8.
    pub(crate) fn has_external(&self) -> bool {
        !self.external.is_empty()
    }

    /// True for a resource that is declared to exist without being loaded. Rule: JOB-8.
    pub(crate) fn is_external(&self, arn: &str) -> bool {
        self.external.iter().any(|pattern| pattern.is_match(arn))
    }

    /// The same for some of the ARNs that the pattern matches.
    pub(crate) fn may_be_external(&self, pattern: &str) -> bool {
        let mut external = self.external.iter().peekable();
        external.peek().is_some() && {
            let pattern = Pattern::parse(pattern);
            external.any(|external| external.intersects(&pattern))
        }
    }

    /// What is remembered of classes.
    pub(crate) fn memo(&self) -> &Memo {
        self.memo.get_or_init(|| Memo::of(self))
    }

    /// The same with less room.
    #[cfg(test)]
    pub(crate) fn with_memo(mut self, memo: impl FnOnce(&Self) -> Memo) -> Self {
        self.memo = OnceLock::from(memo(&self));
        self
    }

    /// True where that is there already.
    pub(crate) fn has_memo(&self) -> bool {
        self.memo.get().is_some()
    }

    pub(crate) fn principals(&self) -> &Principals {
        &self.principals
    }

    pub(crate) fn organization(&self) -> Option<&CompiledOrganization> {
        self.organization.as_ref()
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(crate) fn resources(&self) -> &Resources {
        &self.resources
    }

    pub(crate) fn vpc_endpoint(&self, id: &str) -> Option<&CompiledEndpoint> {
        self.vpc_endpoints.get(id)
    }

    /// The AWS managed key of a service in an account and Region, made from its template. Rule: KMS-AMK-1.
    pub(crate) fn made_key(&self, alias: ArnRef<'_>, service: &str) -> Option<Arc<CompiledKey>> {
        remembered(&self.made_keys, alias.as_str(), || {
            service::kms::managed::make(alias, service).map(Arc::new)
        })
    }

    /// The pattern of all keys of an account and Region. Rule: KMS-ID-1.
    pub(crate) fn key_pattern(&self, text: &str) -> Option<Arc<FieldPattern>> {
        remembered(&self.key_patterns, text, || {
            Question::pattern(text).map(Arc::new)
        })
    }
}

/// What is remembered of all requests, at most: they can name as many accounts as they like.
const REMEMBERED: usize = 4096;

/// What was made for a text before, or is made now.
fn remembered<T: Clone>(
    known: &RwLock<NameTable<String, T>>,
    text: &str,
    make: impl FnOnce() -> T,
) -> T {
    if let Some(found) = known
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(text)
    {
        return found.clone();
    }
    let made = make();
    let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() < REMEMBERED {
        known.insert(text.to_owned(), made.clone());
    }
    made
}

/// Not loaded counts more than open, and open more than empty.
fn declared(snapshot: &Snapshot, layer: Layer) -> Option<Declared> {
    let lists = [
        (&snapshot.layers_not_loaded, Declared::NotLoaded),
        (&snapshot.layers_open, Declared::Open),
        (&snapshot.layers_empty, Declared::Empty),
    ];
    let mut lists = lists.into_iter();
    lists.find_map(|(layers, declared)| layers.contains(&layer).then_some(declared))
}

const _: () = {
    const fn is_shared_freely<T: Send + Sync>() {}
    is_shared_freely::<Engine>();
};
