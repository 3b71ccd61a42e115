//! One part of a row: from a template's words to decisions. Rule: JOB-2.

use std::collections::BTreeMap;

use preclear_catalog::catalog;
use preclear_model::Arn;

use crate::engine::Detail;
use crate::explanation::{Code, Explanation, NearMiss, Verdict};
use crate::job::actor::{self, Acting};
use crate::job::circumstances::Pairs;
use crate::job::keys;
use crate::job::missing::{self, Missing};
use crate::job::question::Question;
use crate::job::report::{Basis, RequirementPart};
use crate::job::scope::Scope;
use crate::job::template::condition::Condition;
use crate::job::template::expr::Expr;
use crate::job::template::text::{Text, TextPiece};
use crate::job::template::{Actor, Part, PartSpec};

/// What a part comes to.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    pub(crate) parts: Vec<RequirementPart>,
    /// Why nothing is asked, although it applies.
    pub(crate) missing: Vec<Missing>,
}

impl Decided {
    fn nothing(basis: Basis, text: String) -> Self {
        let missing = Missing {
            basis,
            is_open: false,
            text,
        };
        Self {
            parts: Vec::new(),
            missing: vec![missing],
        }
    }

    /// The same, where it may be that a key is in use besides.
    fn and_open(mut self, basis: Basis, text: Option<String>) -> Self {
        self.missing.extend(text.map(|text| Missing {
            basis,
            is_open: true,
            text,
        }));
        self
    }
}

impl FromIterator<Decided> for Decided {
    fn from_iter<I: IntoIterator<Item = Self>>(all: I) -> Self {
        let mut together = Self::default();
        for one in all {
            together.parts.extend(one.parts);
            for missing in one.missing {
                if !together.missing.contains(&missing) {
                    together.missing.push(missing);
                }
            }
        }
        together
    }
}

/// Decides a part: one decision for each actor, action and resource.
pub(crate) fn decide(scope: &Scope<'_>, spec: &PartSpec, basis: Basis, detail: Detail) -> Decided {
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

fn decide_all(scope: &Scope<'_>, part: &Part, basis: Basis, detail: Detail) -> Decided {
    let Some(each) = &part.for_each else {
        return decide_in(scope, part, basis, detail);
    };
    let items = scope.value(each);
    if items.is_empty() {
        let is_open = |when| !names_item(scope, when) && !scope.holds(when);
        if part.when.as_ref().is_some_and(is_open) {
            return Decided::default();
        }
        let text = missing::text(scope, "for_each", each);
        return Decided::nothing(part.basis.unwrap_or(basis), text);
    }
    items
        .iter()
        .map(|item| decide_in(&scope.for_item(item), part, basis, detail))
        .collect()
}

/// True for a test that speaks of the text that the part is decided for.
fn names_item(scope: &Scope<'_>, when: &Condition) -> bool {
    when.names().iter().any(|name| scope.plan.is_of_item(name))
}

fn decide_in(scope: &Scope<'_>, part: &Part, basis: Basis, detail: Detail) -> Decided {
    if part.when.as_ref().is_some_and(|when| !scope.holds(when)) {
        return Decided::default();
    }
    let basis = part.basis.unwrap_or(basis);
    let asked = Asked {
        actors: actor::find(scope, &part.actor),
        actions: expand(&scope.value(&part.actions)),
        targets: targets(scope, part),
    };
    let decided = match asked.lack(scope, part) {
        Lack::Value(text) => Decided::nothing(basis, text),
        Lack::Need => Decided::default(),
        Lack::Nothing => Decided {
            parts: asked.decide(Question {
                scope,
                part,
                basis,
                detail,
            }),
            missing: Vec::new(),
        },
    };
    let name = part.on_keys.as_ref();
    decided.and_open(basis, name.and_then(|name| missing::keys(scope, name)))
}

/// What a part is about: each actor, action and resource is one decision.
struct Asked {
    actors: Vec<Acting>,
    actions: Vec<String>,
    targets: Vec<(String, Pairs)>,
}

/// What a part may lack.
enum Lack {
    Nothing,
    /// Its keys need no permission.
    Need,
    /// A value is missing: which, and why.
    Value(String),
}

impl Asked {
    fn lack(&self, scope: &Scope<'_>, part: &Part) -> Lack {
        if self.actions.is_empty() {
            Lack::Value(missing::text(scope, "actions", &part.actions))
        } else if self.targets.is_empty() {
            without_target(scope, part).map_or(Lack::Need, Lack::Value)
        } else if self.actors.is_empty() {
            Lack::Value(without_actor(scope, &part.actor))
        } else {
            Lack::Nothing
        }
    }

    fn decide(&self, question: Question<'_>) -> Vec<RequirementPart> {
        let mut parts = Vec::new();
        for acting in &self.actors {
            for action in &self.actions {
                for (resource, pairs) in &self.targets {
                    parts.push(question.decide(acting, action, &self.actions, resource, pairs));
                }
            }
        }
        if question.part.on_keys.is_some() {
            parts.retain(|part| !is_left_to_aws(question.scope, part));
        }
        if question.part.unless_by_encryption_context {
            parts.retain(|part| !lacks_only_encryption_context(&part.result));
        }
        parts
    }
}

/// True for a part that the policies of AWS managed keys have in mind: an identity calls through a service. What a service
/// does as itself, or with a grant, it arranges on those keys by itself. Rule: KMS-AMK-1, KMS-AMK-2.
fn uses_keys_of_aws(scope: &Scope<'_>, part: &Part) -> bool {
    let is_service = matches!(part.actor, Actor::Service | Actor::OtherService(_));
    let mut services = part.via.iter().flat_map(|service| scope.text(service));
    !is_service && !part.granted && services.next().is_some()
}

/// Resources, with the encryption context of calls on them.
fn targets(scope: &Scope<'_>, part: &Part) -> Vec<(String, Pairs)> {
    let stated = scope.pairs(&part.encryption_context);
    let with_stated = |resource: &String, own: &Pairs| {
        let all = stated.iter().map(|more| {
            let mut pairs = own.clone();
            pairs.extend(more.clone());
            (resource.clone(), pairs)
        });
        all.collect::<Vec<_>>()
    };
    if let Some(name) = &part.on_keys {
        let may_use = |key: &str| {
            uses_keys_of_aws(scope, part)
                || keys::needs_permission(scope.engine, scope.setting, key)
        };
        let uses = scope.key_uses(name).iter();
        return uses
            .filter(|key_use| may_use(&key_use.key))
            .flat_map(|key_use| with_stated(&key_use.key, &key_use.context))
            .collect();
    }
    let resources = part.on.iter().flat_map(|on| scope.value(on));
    resources
        .flat_map(|resource| with_stated(&resource, &Pairs::new()))
        .collect()
}

/// Which value the part acts on is missing; none where its keys need no permission.
fn without_target(scope: &Scope<'_>, part: &Part) -> Option<String> {
    if let Some(on) = &part.on {
        return Some(missing::text(scope, "on", on));
    }
    let name = part.on_keys.as_ref()?;
    let mut key_uses = scope.plan.key_uses.iter();
    let (_, key_use) = key_uses.find(|(own, _)| own == name)?;
    let subject = key_use.subject();
    let is_missing = scope.value(subject).is_empty();
    is_missing.then(|| missing::text(scope, name, subject))
}

fn without_actor(scope: &Scope<'_>, actor: &Actor) -> String {
    let of = match actor {
        Actor::Role(of) | Actor::Principal(of) | Actor::RoleOf { role: of, .. } => of,
        Actor::OtherService(name) => &Expr::Text(name.clone()),
        Actor::Caller | Actor::Service => return "`as` is nobody".to_owned(),
    };
    match scope.value(of).first() {
        None => missing::text(scope, "as", of),
        Some(text) => format!("`as`: `{text}` is no ARN of one who acts"),
    }
}

/// True where nothing but the policy of an AWS managed key leaves out what the documentation lists: whatever the service needs
/// of such a key AWS arranges, and who owns it can neither give nor take it but by a deny. Rule: KMS-AMK-2, GT-13.
fn is_left_to_aws(scope: &Scope<'_>, part: &RequirementPart) -> bool {
    let is_silent = part.result.primary.as_ref().is_some_and(|primary| {
        matches!(primary.code, Code::NoIdentityAllow | Code::NoResourceAllow)
    });
    let account = |text: &str| Arn::parse(text).map(|arn| arn.account().to_owned());
    is_silent
        && part.result.verdict == Verdict::ImplicitDeny
        && account(&part.principal) == account(&part.result.resource)
        && keys::has_policy_of_aws(scope.engine, &part.result.resource)
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

fn is_of_encryption_context(key: Option<&String>) -> bool {
    key.is_some_and(|key| {
        key.to_ascii_lowercase()
            .starts_with("kms:encryptioncontext")
    })
}

/// True for a `DescribeKey` that only a condition on the encryption context denies. Rule: KMS-COND-3.
pub(crate) fn fails_by_encryption_context(result: &Explanation) -> bool {
    result.action == "kms:DescribeKey"
        && result.verdict == Verdict::ImplicitDeny
        && result
            .useful_near_misses()
            .any(|miss| is_of_encryption_context(miss.key.as_ref()))
}

/// True where a statement would allow the call but for its conditions on the encryption context. Rule: KMS-COND-3.
fn lacks_only_encryption_context(result: &Explanation) -> bool {
    if result.verdict != Verdict::ImplicitDeny {
        return false;
    }
    let misses = || result.useful_near_misses().filter(|miss| !miss.denies);
    let is_of_context =
        |miss: &&NearMiss| miss.statement.is_some() && is_of_encryption_context(miss.key.as_ref());
    misses().filter(is_of_context).any(|found| {
        misses()
            .filter(|miss| miss.statement == found.statement)
            .all(|miss| is_of_encryption_context(miss.key.as_ref()))
    })
}
