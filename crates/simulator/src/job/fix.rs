//! The smallest additions that mend denied requirements. Rule: JOB-4, UI-13.
//!
//! An addition names the concrete principal, actions and resource, and the conditions that a rule gives. It never
//! widens what is there, and nothing is proposed against a deny or a ceiling: those are obstacles, which only a
//! change of the statement in the way can remove. Nor is anything proposed for what nobody knows.

use std::collections::BTreeMap;

use preclear_catalog::catalog;
use preclear_condition::Dependency;
use preclear_model::Arn;

use crate::engine::Engine;
use crate::explanation::{Code, Operability, Verdict};
use crate::job::existence;
use crate::job::keys;
use crate::job::report::{Basis, Fix, FixTarget, Requirement, RequirementPart};
use crate::job::statement::{Addition, Slot, fix, join_resources, push_new};
use crate::job::who::Who;
use crate::snapshot::KeyManager;

/// Actions on aliases themselves; all others of KMS are decided on keys. Rule: KMS-ACT-4.
const ALIAS_ACTIONS: &[&str] = &["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"];

/// Where the resources of requirements come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A template, which says `*` only where the documentation has nothing narrower.
    Template,
    /// A request, where `*` stands for whatever is meant.
    Request,
}

/// What is proposed for a report.
#[derive(Debug, Default)]
pub(crate) struct Proposal {
    pub(crate) fixes: Vec<Fix>,
    pub(crate) obstacles: Vec<Obstacle>,
}

/// Something that no addition can help against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obstacle {
    pub(crate) text: String,
    /// Ids of the requirements that it stands in the way of.
    pub(crate) blocks: Vec<String>,
}

impl Proposal {
    /// Obstacles as lines: `GT-10, GT-11: …`.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.obstacles
            .iter()
            .map(|obstacle| format!("{}: {}", obstacle.blocks.join(", "), obstacle.text))
            .collect()
    }

    /// Takes an obstacle in; one that is there already blocks more.
    pub(crate) fn push_obstacle(&mut self, text: &str, id: &str) {
        match self.obstacles.iter_mut().find(|own| own.text == text) {
            Some(own) => push_new(&mut own.blocks, id),
            None => self.obstacles.push(Obstacle {
                text: text.to_owned(),
                blocks: vec![id.to_owned()],
            }),
        }
    }
}

/// Proposes additions for every denied part of the requirements, where `given` are in place already.
pub(crate) fn propose(
    engine: &Engine,
    requirements: &[Requirement],
    given: &[Fix],
    origin: Origin,
) -> Proposal {
    let mut additions: BTreeMap<Slot, Addition> = BTreeMap::new();
    let mut proposal = Proposal::default();
    for requirement in requirements {
        for part in requirement
            .parts
            .iter()
            .filter(|part| part.basis != Basis::Advisory)
        {
            let case = Case {
                engine,
                part,
                who: Who::of(part),
                given,
                origin,
            };
            match case.remedy() {
                Ok(None) => {}
                Ok(Some(slot)) => {
                    let addition = additions.entry(slot).or_default();
                    push_new(&mut addition.actions, &part.action);
                    push_new(&mut addition.serves, &requirement.id);
                }
                Err(obstacle) => proposal.push_obstacle(&obstacle, &requirement.id),
            }
        }
    }
    let fixes = additions
        .into_iter()
        .map(|(slot, addition)| fix(slot, addition))
        .collect();
    proposal.fixes = join_resources(fixes);
    proposal
}

/// An addition, nothing, or the text of an obstacle.
type Remedy = Result<Option<Slot>, String>;

/// One part for which a remedy is looked for.
struct Case<'a> {
    engine: &'a Engine,
    part: &'a RequirementPart,
    who: Who,
    given: &'a [Fix],
    origin: Origin,
}

impl Case<'_> {
    fn remedy(&self) -> Remedy {
        let (part, result) = (self.part, &self.part.result);
        if is_covered_in_part(part) {
            return self.rest_of_pattern();
        }
        if result.verdict == Verdict::Depends
            && self.origin == Origin::Request
            && !self.given.is_empty()
        {
            // A denied request got this far by the additions: they are needed, and may not be enough.
            let unknown: Vec<String> = result.depends_on.iter().map(ToString::to_string).collect();
            return Err(format!(
                "with the additions {} on {} depends on what is not known: {}",
                part.action,
                part.resource,
                unknown.join(", ")
            ));
        }
        if let (Verdict::Allow, Operability::Exception(exception)) =
            (result.verdict, &result.operability)
        {
            return Err(format!(
                "{} is allowed, but KMS answers {exception} for {}: the key itself must change",
                part.action, part.resource
            ));
        }
        let Some(primary) = result.primary.as_ref().filter(|_| result.verdict.is_deny()) else {
            return Ok(None);
        };
        if result.verdict == Verdict::ExplicitDeny {
            let statement = primary.statement.as_ref().map_or_else(
                || "a statement".to_owned(),
                |statement| {
                    format!(
                        "statement {} of {}",
                        name(statement.statement, statement.sid.as_deref()),
                        statement.policy
                    )
                },
            );
            return Err(format!(
                "{statement} denies {}: no addition can help, that statement must change",
                part.action
            ));
        }
        let ceiling = |what: &str| Err(ceiling(part, what, primary.policy.as_deref()));
        let slot = match primary.code {
            Code::NoIdentityAllow | Code::KeyTrustMissing => self.identity(),
            Code::IamNotEnabledByKeyPolicy | Code::NoResourceAllow => self.resource(),
            Code::NoTrustAllow => self.trust(),
            Code::NoScpAllow => return ceiling("an SCP level"),
            Code::NoBoundaryAllow => return ceiling("the permissions boundary"),
            Code::NoSessionAllow | Code::FederatedNoSessionPolicy => {
                return ceiling("the session policy");
            }
            Code::NoVpceAllow => return ceiling("the VPC endpoint policy"),
            Code::KeyNotFound => {
                return Err(existence::missing_key(self.engine, &part.resource));
            }
            code => {
                return Err(format!(
                    "{} on {} fails with {code}: no policy statement can help",
                    part.action, part.resource
                ));
            }
        }?;
        if slot.is_among(self.given, &part.action) {
            return Err(format!(
                "the addition to the {} alone does not allow {} on {}",
                slot.target, part.action, part.resource
            ));
        }
        Ok(Some(slot))
    }

    /// Whichever side covers a pattern only in part.
    fn rest_of_pattern(&self) -> Remedy {
        let is_new = |slot: &Slot| !slot.is_among(self.given, &self.part.action);
        if matches!(self.who, Who::Identity(_)) {
            let slot = self.identity()?;
            if is_new(&slot) {
                return Ok(Some(slot));
            }
        }
        // Its own policies cover the pattern now, so what is left is the resource's side.
        Ok(self.resource().ok().filter(is_new))
    }

    /// A statement on the caller's own policies, with the concrete resource.
    fn identity(&self) -> Result<Slot, String> {
        let part = self.part;
        let Who::Identity(arn) = &self.who else {
            return Err(match &self.who {
                Who::Root(arn) => format!(
                    "{arn} is a root user, which has no identity policies: {} needs another principal",
                    part.action
                ),
                _ if existence::is_unlisted(self.engine, &part.principal) => {
                    existence::missing_principal(self.engine, &part.principal)
                }
                Who::Session(arn) => {
                    format!("the user or role behind {arn} is not known: name it")
                }
                _ => format!("{} has no identity policies", part.principal),
            });
        };
        self.check_principal()?;
        self.check_resource()?;
        Ok(Slot {
            target: FixTarget::Identity(arn.clone()),
            principal: None,
            resource: part.resource.clone(),
            conditions: conditions_of_action(part),
        })
    }

    /// A statement on the policy of the key or resource, naming the caller.
    fn resource(&self) -> Result<Slot, String> {
        let part = self.part;
        let principal = self.who.principal()?;
        self.check_principal()?;
        let conditions = self.conditions()?;
        if part.action.starts_with("kms:") {
            return Ok(Slot {
                target: FixTarget::Key(self.own_key()?),
                principal: Some(principal),
                // In a key policy `*` means this key (KMS-POL-11).
                resource: "*".to_owned(),
                conditions,
            });
        }
        self.check_resource()?;
        let carrier = carrier(self.engine, &part.resource)
            .ok_or_else(|| existence::missing_resource(self.engine, &part.resource))?;
        Ok(Slot {
            target: FixTarget::Resource(carrier),
            principal: Some(principal),
            resource: part.resource.clone(),
            conditions,
        })
    }

    /// ARN of the key, if its policy can be changed.
    fn own_key(&self) -> Result<String, String> {
        let text = self.part.result.resource.as_str();
        let arn = Arn::parse(text);
        let record = arn.as_ref().and_then(|arn| keys::record(self.engine, arn));
        let is_of_aws = match record {
            Some(record) => record.manager != KeyManager::Customer,
            None => arn.as_ref().is_some_and(keys::is_aws_alias),
        };
        if is_of_aws {
            return Err(format!(
                "{text} is a key of AWS, whose policy cannot be changed: only a customer managed key can be opened to {} (KMS-AMK-2)",
                self.part.principal
            ));
        }
        record
            .map(|record| record.arn.as_str().to_owned())
            .ok_or_else(|| existence::missing_key(self.engine, text))
    }

    /// A statement on the trust policy of a role that the snapshot lists.
    fn trust(&self) -> Result<Slot, String> {
        let principal = self.who.principal()?;
        self.check_principal()?;
        let role = &self.part.resource;
        if self.engine.principals().by_arn(role).is_none() {
            return Err(existence::missing_principal(self.engine, role));
        }
        Ok(Slot {
            target: FixTarget::Trust(role.clone()),
            principal: Some(principal),
            resource: String::new(),
            conditions: self.conditions()?,
        })
    }

    fn conditions(&self) -> Result<Vec<(&'static str, String, String)>, String> {
        let mut conditions = conditions_of_action(self.part);
        conditions.extend(self.who.conditions(self.part)?);
        Ok(conditions)
    }

    fn check_principal(&self) -> Result<(), String> {
        if existence::is_unlisted(self.engine, &self.part.principal) {
            Err(existence::missing_principal(
                self.engine,
                &self.part.principal,
            ))
        } else {
            Ok(())
        }
    }

    /// Refuses resources that an addition would not match, or with which it would open more than was asked for.
    fn check_resource(&self) -> Result<(), String> {
        let RequirementPart {
            action, resource, ..
        } = self.part;
        let (service, action_name) = action.split_once(':').unwrap_or_default();
        let takes_resource = || {
            catalog()
                .action(service, action_name)
                .is_none_or(|known| known.has_resource())
        };
        if resource == "*" && self.origin == Origin::Request && takes_resource() {
            return Err(format!(
                "an addition on `*` would open every resource to {action}: ask about the one that is meant"
            ));
        }
        let is_role = action == "iam:PassRole" && resource.contains(":role/");
        if is_role && existence::is_unlisted(self.engine, resource) {
            return Err(existence::missing_principal(self.engine, resource));
        }
        let is_alias = Arn::parse(resource)
            .is_some_and(|arn| arn.service() == "kms" && arn.resource().starts_with("alias/"));
        if is_alias && !ALIAS_ACTIONS.contains(&action.as_str()) {
            return Err(format!(
                "{action} is decided on the ARN of the key, and the snapshot does not tell which key `{resource}` is (KMS-ID-9)"
            ));
        }
        Ok(())
    }
}

/// True where the only open question is whether every resource of a pattern is allowed (IAM-WILD-13): some are.
fn is_covered_in_part(part: &RequirementPart) -> bool {
    let result = &part.result;
    result.verdict == Verdict::Depends
        && result
            .depends_on
            .iter()
            .all(|dependency| matches!(dependency, Dependency::Resource(_)))
}

fn name(index: usize, sid: Option<&str>) -> String {
    sid.map_or_else(|| index.to_string(), |sid| format!("`{sid}`"))
}

fn ceiling(part: &RequirementPart, what: &str, policy: Option<&str>) -> String {
    let policy = policy
        .map(|policy| format!(" ({policy})"))
        .unwrap_or_default();
    format!(
        "{what}{policy} does not allow {}: it must be widened, an addition elsewhere cannot help",
        part.action
    )
}

/// ARN of the listed resource whose policy covers this one.
fn carrier(engine: &Engine, resource: &str) -> Option<String> {
    let arn = Arn::parse(resource)?;
    engine
        .resources()
        .carrier(&arn)
        .map(|carrier| carrier.record.arn.as_str().to_owned())
}

/// Conditions that a rule gives for the action, as `(operator, key, value)`.
fn conditions_of_action(part: &RequirementPart) -> Vec<(&'static str, String, String)> {
    let stated = |name: &str| {
        part.context
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
    };
    let (operator, key, value) = match part.action.as_str() {
        // Rule: KMS-GRANT-16.
        "kms:CreateGrant" => {
            let key = "kms:GrantIsForAWSResource";
            ("Bool", key, stated(key).filter(|value| value == "true"))
        }
        // Rule: JOB-6.
        "iam:PassRole" => {
            let key = "iam:PassedToService";
            ("StringEquals", key, stated(key))
        }
        _ => return Vec::new(),
    };
    value
        .map(|value| (operator, key.to_owned(), value))
        .into_iter()
        .collect()
}
