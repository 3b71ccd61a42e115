//! One decision of a part: who does what to which resource, in which circumstances.

use preclear_model::Arn;

use crate::codes;
use crate::engine::Detail;
use crate::explanation::{Explanation, NOT_MODELLED};
use crate::job::actor::Acting;
use crate::job::circumstances::{self, Pairs};
use crate::job::part::fails_by_encryption_context;
use crate::job::report::{Basis, RequirementPart};
use crate::job::scope::Scope;
use crate::job::sides;
use crate::job::template::{Actor, Part};
use crate::request::{Ask, Request};
use crate::service::explain_reading;
use crate::service::target::Wildcards;

/// A key is called in its own Region, whatever the job's.
fn region_of_key(resource: &str) -> Option<String> {
    let key = Arn::parse(resource).filter(|arn| arn.service() == "kms")?;
    (!key.region().is_empty()).then(|| key.region().to_owned())
}

/// What a part asks in one scope.
pub(crate) struct Question<'a> {
    pub(crate) scope: &'a Scope<'a>,
    pub(crate) part: &'a Part,
    pub(crate) basis: Basis,
    pub(crate) detail: Detail,
}

impl Question<'_> {
    /// Decides it for one actor, action and resource.
    pub(crate) fn decide(
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
        context.extend(circumstances::of_forwarding(&request, action));
        if self.part.granted {
            request.assumed_grants.push(circumstances::grant(
                acting,
                actions,
                &self.scope.setting.account,
            ));
        }
        let result = self.explain(&request);
        RequirementPart {
            principal: acting.name.clone(),
            is_account: acting.is_account,
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
        let region = region.or_else(|| region_of_key(resource));
        request.region = Some(region.unwrap_or_else(|| self.scope.setting.region.clone()));
        let via = self.part.via.iter();
        request.via = via.flat_map(|service| self.scope.text(service)).collect();
        // Services pass no session policy with the sessions that they make, unless the request gives one.
        request.session_policies = Some(match self.part.actor {
            Actor::Role(_) => self.scope.session_policies.clone(),
            _ => Vec::new(),
        });
        if acting.is_caller {
            self.state_caller(&mut request);
        }
        request.unknown.clone_from(&job.unknown);
        request.absent.clone_from(&job.absent);
        request.present.clone_from(&job.present);
        request.mode = job.mode;
        request.ambiguity = job.ambiguity;
        request.now.clone_from(&job.now);
        request.grant_key_trust = job.grant_key_trust;
        request.grant_for_aws_resource = self.part.for_aws_resource;
        request
    }

    /// What the job says of its caller's own calls; its network is not that of calls which a service makes for it.
    /// Rule: UI-39.
    fn state_caller(&self, request: &mut Request) {
        let job = self.scope.job;
        request.session_policies.clone_from(&job.session_policies);
        request.session_policy_rejected = job.session_policy_rejected;
        request.context.clone_from(&job.context);
        if request.via.is_empty() {
            request.vpc_endpoint.clone_from(&job.vpc_endpoint);
        } else {
            request
                .context
                .retain(|key, _| !circumstances::is_of_network(key));
        }
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
