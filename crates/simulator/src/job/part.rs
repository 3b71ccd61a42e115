//! One part of a row: from a template's words to decisions. Rule: JOB-2.

use std::collections::BTreeMap;

use preclear_catalog::catalog;

use crate::codes;
use crate::engine::Detail;
use crate::explanation::{Explanation, NOT_MODELLED, Verdict};
use crate::job::actor::{self, Acting};
use crate::job::circumstances::{self, Pairs};
use crate::job::report::{Basis, RequirementPart};
use crate::job::scope::Scope;
use crate::job::sides;
use crate::job::template::expr::{Expr, Text, TextPiece};
use crate::job::template::{Actor, Part, PartSpec};
use crate::request::{Ask, Request};
use crate::service::explain_reading;
use crate::service::target::Wildcards;

/// Decides a part: one decision for each actor, action and resource.
pub(crate) fn decide(
    scope: &Scope<'_>,
    spec: &PartSpec,
    basis: Basis,
    detail: Detail,
) -> Vec<RequirementPart> {
    match spec {
        PartSpec::Allow(part) => decide_all(scope, part, basis, detail),
        PartSpec::PassRole { actor, role } => {
            decide_all(scope, &pass_role(actor, role), basis, detail)
        }
        PartSpec::AssumeRole {
            role,
            source_arn,
            weaker,
        } => {
            let part = Part {
                weaker: weaker.clone(),
                ..assume_role(role, source_arn)
            };
            decide_all(scope, &part, basis, detail)
        }
    }
}

/// Rule: JOB-6.
fn pass_role(actor: &Actor, role: &Expr) -> Part {
    let context = BTreeMap::from([("iam:PassedToService".to_owned(), name("service"))]);
    Part {
        context,
        ..Part::new(actor.clone(), "iam:PassRole", role.clone())
    }
}

/// Rule: JOB-7.
fn assume_role(role: &Expr, source_arn: &Expr) -> Part {
    let context = BTreeMap::from([
        ("aws:SourceAccount".to_owned(), name("account")),
        ("aws:SourceArn".to_owned(), name("item")),
    ]);
    let for_each = Some(source_arn.clone());
    Part {
        context,
        for_each,
        ..Part::new(Actor::Service, "sts:AssumeRole", role.clone())
    }
}

fn name(name: &str) -> Expr {
    Expr::Text(Text {
        pieces: vec![TextPiece::Name(name.to_owned())],
    })
}

fn decide_all(
    scope: &Scope<'_>,
    part: &Part,
    basis: Basis,
    detail: Detail,
) -> Vec<RequirementPart> {
    match &part.for_each {
        Some(each) => {
            let items = scope.value(each);
            let decided = items
                .iter()
                .flat_map(|item| decide_in(&scope.with_item(item), part, basis, detail));
            decided.collect()
        }
        None => decide_in(scope, part, basis, detail),
    }
}

fn decide_in(scope: &Scope<'_>, part: &Part, basis: Basis, detail: Detail) -> Vec<RequirementPart> {
    if part.when.as_ref().is_some_and(|when| !scope.holds(when)) {
        return Vec::new();
    }
    let basis = part.basis.unwrap_or(basis);
    let question = Question {
        scope,
        part,
        basis,
        detail,
    };
    let actions = expand(&scope.value(&part.actions));
    let targets = question.targets();
    let mut decided = Vec::new();
    for acting in actor::find(scope, &part.actor) {
        for action in &actions {
            for (resource, pairs) in &targets {
                decided.push(question.decide(&acting, action, &actions, resource, pairs));
            }
        }
    }
    decided
}

/// Actions with `*` at their end become those that the catalogue has.
fn expand(written: &[String]) -> Vec<String> {
    let mut actions: Vec<String> = Vec::new();
    for text in written {
        let stem = text.strip_suffix('*').and_then(|stem| stem.split_once(':'));
        let service = stem.and_then(|(prefix, stem)| Some((catalog().service(prefix)?, stem)));
        let expanded: Vec<String> = match service {
            Some((service, stem)) => service
                .actions_starting_with(stem)
                .map(|action| format!("{}:{}", service.prefix(), action.name()))
                .collect(),
            None => vec![text.clone()],
        };
        for action in expanded {
            if !actions.contains(&action) {
                actions.push(action);
            }
        }
    }
    actions
}

/// What a part asks in one scope.
struct Question<'a> {
    scope: &'a Scope<'a>,
    part: &'a Part,
    basis: Basis,
    detail: Detail,
}

impl Question<'_> {
    /// Resources, with the encryption context of calls on them.
    fn targets(&self) -> Vec<(String, Pairs)> {
        if let Some(name) = &self.part.on_keys {
            let uses = self.scope.key_uses(name).iter();
            return uses
                .map(|key_use| (key_use.key.clone(), key_use.context.clone()))
                .collect();
        }
        let stated = self.part.encryption_context.iter();
        let pairs: Pairs = stated
            .filter_map(|(key, value)| {
                Some((key.clone(), self.scope.value(value).first()?.clone()))
            })
            .collect();
        let resources = self
            .part
            .on
            .as_ref()
            .map(|on| self.scope.value(on))
            .unwrap_or_default();
        resources
            .into_iter()
            .map(|resource| (resource, pairs.clone()))
            .collect()
    }

    fn decide(
        &self,
        acting: &Acting,
        action: &str,
        actions: &[String],
        resource: &str,
        pairs: &Pairs,
    ) -> RequirementPart {
        let mut request = self.request(acting, action, resource);
        let mut context = circumstances::state(self.scope, self.part, &mut request);
        if circumstances::takes_encryption_context(action) {
            context.extend(
                pairs
                    .iter()
                    .map(|(key, value)| (format!("kms:EncryptionContext:{key}"), value.clone())),
            );
            circumstances::state_encryption_context(&mut request, pairs);
        }
        if let Some((service, region)) = self.part.via.last().zip(request.region.as_ref())
            && action.starts_with("kms:")
        {
            context.insert(
                "kms:ViaService".to_owned(),
                format!("{service}.{region}.amazonaws.com"),
            );
        }
        if !self.part.via.is_empty() {
            context.insert("aws:ViaAWSService".to_owned(), "true".to_owned());
        }
        let for_resource = self
            .part
            .for_aws_resource
            .unwrap_or(!self.part.via.is_empty());
        if for_resource && action == "kms:CreateGrant" {
            context.insert("kms:GrantIsForAWSResource".to_owned(), "true".to_owned());
        }
        if self.part.granted {
            request
                .assumed_grants
                .push(circumstances::grant(acting, actions));
        }
        let result = self.explain(&request);
        RequirementPart {
            principal: acting.name.clone(),
            action: result.action.clone(),
            resource: resource.to_owned(),
            basis: self.basis_of(&request, &result),
            context,
            result,
        }
    }

    fn request(&self, acting: &Acting, action: &str, resource: &str) -> Request {
        let job = self.scope.job;
        let region = self
            .part
            .region
            .as_ref()
            .and_then(|region| self.scope.value(region).into_iter().next());
        let mut request = Request::new(acting.caller.clone(), Ask::Action(action.to_owned()));
        request.place = job.source.as_ref().map(|source| source.place.clone());
        request.resource = Some(resource.to_owned());
        request.region = Some(region.unwrap_or_else(|| self.scope.setting.region.clone()));
        // Services pass no session policy with the sessions that they make.
        request.session_policies = Some(Vec::new());
        if acting.is_caller {
            request.session_policies.clone_from(&job.session_policies);
            request.session_policy_rejected = job.session_policy_rejected;
            request.context.clone_from(&job.context);
            request.vpc_endpoint.clone_from(&job.vpc_endpoint);
        }
        request.unknown.clone_from(&job.unknown);
        request.absent.clone_from(&job.absent);
        request.present.clone_from(&job.present);
        request.mode = job.mode;
        request.ambiguity = job.ambiguity;
        request.now.clone_from(&job.now);
        request.grant_key_trust = job.grant_key_trust;
        request.via.clone_from(&self.part.via);
        request.grant_for_aws_resource = self.part.for_aws_resource;
        request
    }

    fn explain(&self, request: &Request) -> Explanation {
        let engine = self.scope.engine;
        let whole = explain_reading(engine, request, self.detail, Wildcards::Many);
        let mut result = sides::restrict(engine, request, Wildcards::Many, self.part.side, whole);
        // The template names the resource, not the user, and the context is one for all calls of the job.
        let not_of_part = [
            &codes::LITERAL_STAR_RESOURCE,
            &codes::RESOURCE_NOT_USED,
            &codes::CONTEXT_KEY_NOT_FOR_ACTION,
        ];
        result
            .warnings
            .retain(|warning| not_of_part.iter().all(|row| row.name != warning.code));
        // The report says it once for all decisions.
        result.assumptions.remove(NOT_MODELLED);
        result
    }

    fn basis_of(&self, request: &Request, result: &Explanation) -> Basis {
        if fails_by_encryption_context(result) {
            return self.basis.max(Basis::Listed);
        }
        let Some(weaker) = self
            .part
            .weaker
            .as_ref()
            .filter(|_| result.verdict.is_deny())
        else {
            return self.basis;
        };
        let mut without = request.clone();
        for key in &weaker.keys {
            without.context.remove(key);
            without.like.remove(key);
            without.unknown.insert(key.clone());
        }
        let is_only_reason = !self.explain(&without).verdict.is_deny();
        if is_only_reason {
            weaker.basis.max(self.basis)
        } else {
            self.basis
        }
    }
}

/// True for a `DescribeKey` that only a condition on the encryption context denies. Rule: KMS-COND-3.
pub(crate) fn fails_by_encryption_context(result: &Explanation) -> bool {
    let is_of_context = |key: &String| {
        key.to_ascii_lowercase()
            .starts_with("kms:encryptioncontext")
    };
    result.action == "kms:DescribeKey"
        && result.verdict == Verdict::ImplicitDeny
        && result
            .useful_near_misses()
            .any(|miss| miss.key.as_ref().is_some_and(is_of_context))
}
