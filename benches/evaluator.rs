//! The crate `iam-rs`, made to answer the same question as well as it can.
//!
//! It evaluates one list of policies against a request of which somebody has filled in the context. What makes an answer of
//! several layers is joined here by hand: a list for the policies of the role, one for the key policy and one for each level of
//! SCPs, and the keys of the context that preclear derives from request and account.
//!
//! What it has no words for, and what is therefore not asked of it: permissions boundaries, session policies, RCPs, grants;
//! a key policy that hands over to IAM (it is asked as the root of the account instead of as the role: once, where both would be
//! fairer to the question); aliases and other spellings of a key; other accounts; values that are not known; which statement,
//! which layer and why, for all layers together.

use iam_rs::{
    Arn, Context, ContextValue, Decision, EvaluationOptions, IAMPolicy, IAMRequest,
    PolicyEvaluator, Principal, PrincipalId,
};
use preclear_simulator::Verdict;
use serde_json::Value;

/// One world, for requests of its first principal about its first key or about what no key protects.
#[derive(Debug)]
pub(crate) struct Evaluator {
    identity: PolicyEvaluator,
    key_policy: Option<PolicyEvaluator>,
    scps: Vec<PolicyEvaluator>,
    tags: Value,
}

/// A request as the role asks it, and as the root of its account would.
#[derive(Debug)]
pub(crate) struct Question {
    as_role: IAMRequest,
    as_root: IAMRequest,
}

impl Question {
    fn is_about_kms(&self) -> bool {
        self.as_role.action.starts_with("kms:")
    }
}

impl Evaluator {
    /// `document` is a snapshot as a file says it.
    pub(crate) fn new(document: &Value) -> Evaluator {
        let principal = &document["principals"][0];
        let organization = &document["organization"];
        let of_lists = |nodes: &Value| -> Vec<PolicyEvaluator> {
            let nodes = nodes.as_array().into_iter().flatten();
            nodes.map(|node| evaluator(&node["scps"])).collect()
        };
        let mut scps = Vec::new();
        if organization.is_object() {
            scps.push(evaluator(&organization["root"]["scps"]));
            scps.extend(of_lists(&organization["units"]));
            scps.extend(of_lists(&organization["accounts"]));
        }
        let key_policy = &document["keys"][0]["policy"];
        Evaluator {
            identity: evaluator(&principal["policies"]),
            key_policy: key_policy
                .is_object()
                .then(|| evaluator(&Value::Array(vec![key_policy.clone()]))),
            scps,
            tags: principal["tags"].clone(),
        }
    }

    /// `None` where the request has what the crate has no words for.
    pub(crate) fn question(&self, asked: &Value) -> Option<Question> {
        let text = |name: &str| asked[name].as_str();
        let (caller, resource) = (text("principal")?, text("resource")?);
        let account = caller.split(':').nth(4)?;
        let arn = Arn::parse(resource).ok()?;
        let mut context = vec![("aws:PrincipalAccount".to_owned(), account)];
        let region = text("region").unwrap_or(&arn.region);
        if !region.is_empty() {
            context.push(("aws:RequestedRegion".to_owned(), region));
        }
        let encryption_context = &asked["parameters"]["EncryptionContext"];
        for (prefix, members) in [
            ("aws:PrincipalTag/", &self.tags),
            ("kms:EncryptionContext:", encryption_context),
        ] {
            for (name, value) in members.as_object().into_iter().flatten() {
                context.push((format!("{prefix}{name}"), value.as_str()?));
            }
        }
        let data = context
            .into_iter()
            .map(|(key, value)| (key, ContextValue::String(value.to_owned())));
        let context = Context {
            data: data.collect(),
        };
        let request = |principal: String| {
            let principal = Principal::Aws(PrincipalId::String(principal));
            let action = text("action")?;
            let (arn, context) = (arn.clone(), context.clone());
            Some(IAMRequest::new_with_context(
                principal, action, arn, context,
            ))
        };
        let root = format!("arn:aws:iam::{account}:root");
        Some(Question {
            as_role: request(caller.to_owned())?,
            as_root: request(root)?,
        })
    }

    /// What the role's policies alone say: all that the crate can do by itself.
    pub(crate) fn of_identity(&self, question: &Question) -> Verdict {
        verdict(decision(&self.identity, &question.as_role))
    }

    /// All layers, the joining done here.
    pub(crate) fn decide(&self, question: &Question) -> Verdict {
        let levels = self.scps.iter().map(|level| (level, &question.as_role));
        let key = self.key_policy.as_ref().filter(|_| question.is_about_kms());
        let key = key.map(|policy| (policy, &question.as_root));
        let mut is_allowed_so_far = true;
        for (layer, request) in levels.chain(key) {
            match decision(layer, request) {
                Decision::Deny => return Verdict::ExplicitDeny,
                Decision::NotApplicable => is_allowed_so_far = false,
                Decision::Allow => {}
            }
        }
        match decision(&self.identity, &question.as_role) {
            Decision::Allow if !is_allowed_so_far => Verdict::ImplicitDeny,
            last => verdict(last),
        }
    }
}

/// `policies` is a list of documents.
fn evaluator(policies: &Value) -> PolicyEvaluator {
    let policies = policies.as_array().into_iter().flatten();
    let policies = policies.map(|document| {
        let policy: IAMPolicy =
            serde_json::from_value(document.clone()).expect("`iam-rs` reads the policy");
        policy
    });
    PolicyEvaluator::with_policies(policies.collect()).with_options(EvaluationOptions {
        max_statements: usize::MAX,
        ..EvaluationOptions::default()
    })
}

fn decision(layer: &PolicyEvaluator, request: &IAMRequest) -> Decision {
    let result = layer.evaluate(request);
    result.expect("`iam-rs` can evaluate the request").decision
}

fn verdict(decision: Decision) -> Verdict {
    match decision {
        Decision::Allow => Verdict::Allow,
        Decision::Deny => Verdict::ExplicitDeny,
        Decision::NotApplicable => Verdict::ImplicitDeny,
    }
}
