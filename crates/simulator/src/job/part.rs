//! One part of a row: from a template's words to decisions. Rule: JOB-2.

use std::collections::BTreeMap;

use preclear_catalog::{catalog, kms as tables};
use serde_json::{Map, Value};

use crate::engine::Detail;
use crate::explanation::{Explanation, Verdict};
use crate::job::actor::{self, Acting};
use crate::job::report::{Basis, RequirementPart};
use crate::job::scope::Scope;
use crate::job::sides;
use crate::job::template::expr::{Expr, Text, TextPiece};
use crate::job::template::{Actor, Part, PartSpec, TagFields};
use crate::request::{Ask, ContextValue, Request};
use crate::service::explain_reading;
use crate::service::target::Wildcards;
use crate::snapshot::GrantRecord;

/// Pairs of an encryption context; values with wildcards stand for many.
type Pairs = BTreeMap<String, String>;

/// Decides a part: one decision for each actor, action and resource.
pub(crate) fn decide(scope: &Scope<'_>, spec: &PartSpec, basis: Basis, detail: Detail) -> Vec<RequirementPart> {
    match spec {
        PartSpec::Allow(part) => decide_all(scope, part, basis, detail),
        PartSpec::PassRole { actor, role } => decide_all(scope, &pass_role(actor, role), basis, detail),
        PartSpec::AssumeRole { role, source_arn, weaker } => {
            let part = Part { weaker: weaker.clone(), ..assume_role(role, source_arn) };
            decide_all(scope, &part, basis, detail)
        }
    }
}

/// Rule: JOB-6.
fn pass_role(actor: &Actor, role: &Expr) -> Part {
    let context = BTreeMap::from([("iam:PassedToService".to_owned(), name("service"))]);
    Part { context, ..Part::new(actor.clone(), "iam:PassRole", role.clone()) }
}

/// Rule: JOB-7.
fn assume_role(role: &Expr, source_arn: &Expr) -> Part {
    let context = BTreeMap::from([
        ("aws:SourceAccount".to_owned(), name("account")),
        ("aws:SourceArn".to_owned(), name("item")),
    ]);
    let for_each = Some(source_arn.clone());
    Part { context, for_each, ..Part::new(Actor::Service, "sts:AssumeRole", role.clone()) }
}

fn name(name: &str) -> Expr {
    Expr::Text(Text { pieces: vec![TextPiece::Name(name.to_owned())] })
}

fn decide_all(scope: &Scope<'_>, part: &Part, basis: Basis, detail: Detail) -> Vec<RequirementPart> {
    let scopes = match &part.for_each {
        Some(each) => scope.value(each).iter().map(|item| scope.with_item(item)).collect(),
        None => vec![scope.clone()],
    };
    let mut decided = Vec::new();
    for scope in scopes.iter().filter(|scope| part.when.as_ref().is_none_or(|when| scope.holds(when))) {
        let question = Question { scope, part, basis: part.basis.unwrap_or(basis), detail };
        let actions = expand(&scope.value(&part.actions));
        let targets = question.targets();
        for acting in actor::find(scope, &part.actor) {
            for action in &actions {
                decided.extend(targets.iter().map(|(resource, pairs)| question.decide(&acting, action, &actions, resource, pairs)));
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
            return uses.map(|key_use| (key_use.key.clone(), key_use.context.clone())).collect();
        }
        let stated = self.part.encryption_context.iter();
        let pairs: Pairs =
            stated.filter_map(|(key, value)| Some((key.clone(), self.scope.value(value).first()?.clone()))).collect();
        let resources = self.part.on.as_ref().map(|on| self.scope.value(on)).unwrap_or_default();
        resources.into_iter().map(|resource| (resource, pairs.clone())).collect()
    }

    fn decide(&self, acting: &Acting, action: &str, actions: &[String], resource: &str, pairs: &Pairs) -> RequirementPart {
        let mut request = self.request(acting, action, resource);
        let mut context = self.state_context(&mut request);
        if takes_encryption_context(action) {
            context.extend(pairs.iter().map(|(key, value)| (format!("kms:EncryptionContext:{key}"), value.clone())));
            state_encryption_context(&mut request, pairs);
        }
        if let Some((service, region)) = self.part.via.last().zip(request.region.as_ref())
            && action.starts_with("kms:")
        {
            context.insert("kms:ViaService".to_owned(), format!("{service}.{region}.amazonaws.com"));
        }
        if self.part.granted {
            request.assumed_grants.push(grant(acting, actions));
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
        let region = self.part.region.as_ref().and_then(|region| self.scope.value(region).into_iter().next());
        let mut request = Request::new(acting.caller.clone(), Ask::Action(action.to_owned()));
        request.resource = Some(resource.to_owned());
        request.region = Some(region.unwrap_or_else(|| self.scope.setting.region.clone()));
        // Services pass no session policy with the sessions that they make.
        request.session_policies = Some(Vec::new());
        if acting.is_caller {
            request.session_policies.clone_from(&job.session_policies);
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

    /// Puts the part's condition keys into the request, where the job says nothing else; what it put there.
    fn state_context(&self, request: &mut Request) -> BTreeMap<String, String> {
        let mut stated = BTreeMap::new();
        let mut state = |key: &str, state: State| {
            if let Some(text) = state.text() {
                stated.insert(key.to_owned(), text);
            }
            if !is_said(request, key) {
                state.put(request, key);
            }
        };
        for (key, value) in &self.part.context {
            state(key, State::of(self.scope.value(value)));
        }
        if let Some(fields) = &self.part.tags {
            let tags = tags(&self.scope.job.request, fields);
            for (key, value) in &tags {
                state(&format!("aws:RequestTag/{key}"), State::One(value.clone()));
            }
            let keys: Vec<String> = tags.into_keys().collect();
            state("aws:TagKeys", if keys.is_empty() { State::Absent } else { State::Many(keys) });
        }
        stated
    }

    fn explain(&self, request: &Request) -> Explanation {
        let engine = self.scope.engine;
        let whole = explain_reading(engine, request, self.detail, Wildcards::Many);
        let mut result = sides::restrict(engine, request, Wildcards::Many, self.part.side, whole);
        // The template says `*`, not the user.
        result.warnings.retain(|warning| warning.code != "LITERAL_STAR_RESOURCE");
        result
    }

    fn basis_of(&self, request: &Request, result: &Explanation) -> Basis {
        if fails_by_encryption_context(result) {
            return self.basis.max(Basis::Listed);
        }
        let Some(weaker) = self.part.weaker.as_ref().filter(|_| result.verdict.is_deny()) else { return self.basis };
        let mut without = request.clone();
        for key in &weaker.keys {
            without.context.remove(key);
            without.like.remove(key);
            without.unknown.insert(key.clone());
        }
        let is_only_reason = !self.explain(&without).verdict.is_deny();
        if is_only_reason { weaker.basis.max(self.basis) } else { self.basis }
    }
}

/// What a part says of a condition key.
enum State {
    Absent,
    One(String),
    /// One of the values that a pattern matches.
    Like(String),
    Many(Vec<String>),
}

impl State {
    fn of(mut values: Vec<String>) -> Self {
        match (values.len(), values.pop()) {
            (_, None) => Self::Absent,
            (1, Some(value)) if value.contains(['*', '?']) => Self::Like(value),
            (1, Some(value)) => Self::One(value),
            (_, Some(last)) => {
                values.push(last);
                Self::Many(values)
            }
        }
    }

    /// As reports show it.
    fn text(&self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::One(value) | Self::Like(value) => Some(value.clone()),
            Self::Many(values) => Some(values.join(", ")),
        }
    }

    fn put(self, request: &mut Request, key: &str) {
        let key = key.to_owned();
        match self {
            Self::Absent => _ = request.absent.insert(key),
            Self::One(value) => _ = request.context.insert(key, ContextValue::One(value)),
            Self::Like(pattern) => _ = request.like.insert(key, pattern),
            Self::Many(values) => _ = request.context.insert(key, ContextValue::Many(values)),
        }
    }
}

/// True for a `DescribeKey` that only a condition on the encryption context denies. Rule: KMS-COND-3.
pub(crate) fn fails_by_encryption_context(result: &Explanation) -> bool {
    let is_of_context = |key: &String| key.to_ascii_lowercase().starts_with("kms:encryptioncontext");
    result.action == "kms:DescribeKey"
        && result.verdict == Verdict::ImplicitDeny
        && result.near_misses.iter().any(|miss| miss.key.as_ref().is_some_and(is_of_context))
}

/// True where the job itself says something about a key.
fn is_said(request: &Request, key: &str) -> bool {
    let same = |name: &String| name.eq_ignore_ascii_case(key);
    request.context.keys().any(same)
        || request.like.keys().any(same)
        || [&request.unknown, &request.absent, &request.present].into_iter().flatten().any(same)
}

/// Calls that pass pairs of their own; those of a grant are its constraints.
fn takes_encryption_context(action: &str) -> bool {
    let Some(name) = action.strip_prefix("kms:").map(str::to_ascii_lowercase) else { return false };
    let takes = tables::action(&name).is_some_and(|known| known.takes("kms:EncryptionContextKeys"));
    takes && !matches!(name.as_str(), "creategrant" | "retiregrant")
}

/// States the pairs of a call. Where a value stands for many, it is one of those that the pattern matches.
fn state_encryption_context(request: &mut Request, pairs: &Pairs) {
    if pairs.is_empty() {
        return;
    }
    let is_exact = |value: &String| !value.contains(['*', '?']);
    if pairs.values().all(is_exact) {
        let members = pairs.iter().map(|(key, value)| (key.clone(), Value::String(value.clone())));
        let context = Value::Object(members.collect());
        request.parameters = Some(Map::from_iter([("EncryptionContext".to_owned(), context)]));
        return;
    }
    for (key, value) in pairs {
        let name = format!("kms:EncryptionContext:{key}");
        if is_exact(value) {
            request.context.insert(name, ContextValue::One(value.clone()));
        } else {
            request.like.insert(name, value.clone());
        }
    }
    let keys = ContextValue::Many(pairs.keys().cloned().collect());
    request.context.insert("kms:EncryptionContextKeys".to_owned(), keys);
}

/// A grant to the actor for exactly these actions.
fn grant(acting: &Acting, actions: &[String]) -> GrantRecord {
    let is_service = acting.caller.account.is_none();
    let name = Some(acting.name.clone());
    GrantRecord {
        id: "assumed".to_owned(),
        grantee: name.clone().filter(|_| !is_service),
        grantee_service: name.filter(|_| is_service),
        operations: actions.iter().map(|action| action.trim_start_matches("kms:").to_owned()).collect(),
        consistent: true,
        ..GrantRecord::default()
    }
}

/// Tags that the request passes, by key.
fn tags(request: &Map<String, Value>, fields: &TagFields) -> BTreeMap<String, String> {
    let list = fields.field.split('.').try_fold(None, |value: Option<&Value>, name| {
        let members = value.map_or(Some(request), Value::as_object)?;
        Some(members.get(name))
    });
    let text = |tag: &Value, member: &str| tag.get(member).and_then(Value::as_str).map(str::to_owned);
    let tags = list.flatten().and_then(Value::as_array).into_iter().flatten();
    tags.filter_map(|tag| Some((text(tag, &fields.key)?, text(tag, &fields.value).unwrap_or_default()))).collect()
}
