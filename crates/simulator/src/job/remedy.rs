//! What mends one denied decision: an addition, or in words why there is none. Rule: JOB-4, JOB-8.

use preclear_catalog::catalog;
use preclear_condition::Dependency;
use preclear_model::Arn;
use preclear_model::policy::Version;

use crate::engine::Engine;
use crate::explanation::{Change, Code, Explanation, KmsAnswer, Verdict};
use crate::job::conditions;
use crate::job::existence;
use crate::job::fix::Origin;
use crate::job::keys;
use crate::job::literal::{self, Meaning};
use crate::job::nearest::Nearest;
use crate::job::obstacle::{self, Limits};
use crate::job::report::{Fix, FixTarget, RequirementPart};
use crate::job::service_linked::is_service_linked;
use crate::job::statement::{Slot, Test};
use crate::job::who::Who;
use crate::snapshot::{Given, KeyManager};

/// Actions on aliases themselves; all others of KMS are decided on keys. Rule: KMS-ACT-4.
pub(crate) const ALIAS_ACTIONS: &[&str] =
    &["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"];

/// An addition, nothing, or the texts of obstacles.
pub(crate) type Remedy = Result<Option<Slot>, Vec<String>>;

/// One part for which a remedy is looked for.
pub(crate) struct Case<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) part: &'a RequirementPart,
    pub(crate) who: Who,
    /// Additions that are in place already.
    pub(crate) given: &'a [Fix],
    pub(crate) origin: Origin,
    /// True where it was denied before any addition.
    pub(crate) was_denied: bool,
}

impl Case<'_> {
    /// Looks for it.
    pub(crate) fn remedy(&self) -> Remedy {
        let (part, result) = (self.part, &self.part.result);
        if is_covered_in_part(part) {
            return self.rest_of_pattern().map_err(|text| vec![text]);
        }
        if let Some(text) = self.what_stays_open() {
            return Err(vec![text]);
        }
        match result.operability.answer() {
            Some(answer) if answer.change == Change::Nothing => return Ok(None),
            Some(answer) if result.verdict == Verdict::Allow => {
                return Err(vec![self.inoperable(answer)]);
            }
            Some(answer) if answer.change == Change::Request && is_retirement(result) => {
                return Err(vec![format!("{}: {answer}", part.action)]);
            }
            _ => {}
        }
        let Some(primary) = result.primary.as_ref().filter(|_| result.verdict.is_deny()) else {
            return Ok(None);
        };
        if result.verdict == Verdict::ExplicitDeny {
            return Err(obstacle::denies(part));
        }
        match self.cause(primary.code) {
            Code::NoScpAllow | Code::NoVpceAllow => Err(obstacle::guardrails(part)),
            Code::NoBoundaryAllow | Code::NoSessionAllow | Code::FederatedNoSessionPolicy => {
                Err(self.limits().texts())
            }
            code => self.addition(code).map(Some).map_err(|text| vec![text]),
        }
    }

    /// That the permission is there, or would be, and the call fails all the same.
    fn inoperable(&self, answer: &KmsAnswer) -> String {
        let RequirementPart {
            action, resource, ..
        } = self.part;
        let with = if self.given.is_empty() {
            ""
        } else {
            "with the additions "
        };
        let exception = answer.exception.name();
        format!("{with}{action} is allowed, but KMS answers {exception} for {resource}: {answer}")
    }

    /// The reason that an addition can answer: where a grant does not suffice, policies may. Rule: KMS-GRANT-9,
    /// KMS-GRANT-14.
    fn cause(&self, primary: Code) -> Code {
        let is_of_grant = |code: &Code| {
            matches!(
                code,
                Code::RetireGrantNotEntitled | Code::GrantDelegationExceeded
            )
        };
        if !is_of_grant(&primary) {
            return primary;
        }
        let reasons = self.part.result.reasons.iter();
        let mut others = reasons
            .map(|reason| reason.code)
            .filter(|code| !is_of_grant(code));
        others.next().unwrap_or(primary)
    }

    /// What the additions came to, where a denied request got so far by them: they are needed, and may not be enough.
    fn what_stays_open(&self) -> Option<String> {
        let (part, result) = (self.part, &self.part.result);
        let is_got_by_additions = result.verdict == Verdict::Depends
            && (self.origin.is_request() || self.was_denied)
            && !self.given.is_empty();
        if !is_got_by_additions {
            return None;
        }
        let unknown: Vec<String> = result.depends_on.iter().map(shown).collect();
        let hangs_on_user = |dependency: &Dependency| {
            matches!(dependency, Dependency::Layer("identity" | "boundary"))
        };
        let remedy = match &self.who {
            Who::FederatedUser(arn) if result.depends_on.iter().any(hangs_on_user) => {
                format!("; {}", tell_user(arn))
            }
            _ => String::new(),
        };
        Some(format!(
            "with the additions {} on {} depends on what is not known: {}{remedy}",
            part.action,
            part.resource,
            unknown.join(", ")
        ))
    }

    /// The addition that gives what the path lacks.
    fn addition(&self, code: Code) -> Result<Slot, String> {
        let part = self.part;
        self.who.check_call(part)?;
        if let Who::ServiceLinked(arn) = &self.who {
            return self.for_service_linked(arn, code);
        }
        let slot = match code {
            Code::NoIdentityAllow | Code::KeyTrustMissing => self.identity(),
            Code::IamNotEnabledByKeyPolicy | Code::NoResourceAllow => self.resource(),
            Code::NoTrustAllow => self.trust(),
            Code::KeyNotFound => Err(existence::missing_key(self.engine, &part.resource)),
            code => Err(format!(
                "{} on {} fails with {code}: no policy statement can help",
                part.action, part.resource
            )),
        }?;
        self.if_new(slot)
    }

    /// The addition, unless it was made already and did not help.
    pub(super) fn if_new(&self, slot: Slot) -> Result<Slot, String> {
        let part = self.part;
        if slot.is_among(self.given, &part.action) {
            return Err(format!(
                "the addition to the {} alone does not allow {} on {}",
                slot.target, part.action, part.resource
            ));
        }
        Ok(slot)
    }

    /// Whichever side covers a pattern only in part.
    fn rest_of_pattern(&self) -> Result<Option<Slot>, String> {
        let is_new = |slot: &Slot| !slot.is_among(self.given, &self.part.action);
        if matches!(self.who, Who::Identity(_)) {
            let slot = self.identity()?;
            if is_new(&slot) {
                return Ok(Some(slot));
            }
            if self.limits().is_at_home() {
                return Err(obstacle::rest_of_pattern(self.part));
            }
        }
        // Its own policies cover the pattern now, so what is left is the resource's side.
        let slot = self.resource()?;
        if is_new(&slot) {
            return Ok(Some(slot));
        }
        Err(obstacle::rest_of_pattern(self.part))
    }

    fn limits(&self) -> Limits<'_> {
        Limits {
            engine: self.engine,
            part: self.part,
            origin: self.origin,
        }
    }

    /// What each of the sides that lack something would be given.
    pub(crate) fn lacking(&self) -> Vec<Slot> {
        let result = &self.part.result;
        if result.verdict != Verdict::ImplicitDeny {
            return Vec::new();
        }
        let slot = |code: Code| match code {
            Code::NoIdentityAllow | Code::KeyTrustMissing => self.identity().ok(),
            Code::IamNotEnabledByKeyPolicy | Code::NoResourceAllow => self.resource().ok(),
            Code::NoTrustAllow => self.trust().ok(),
            _ => None,
        };
        let reasons = result.reasons.iter();
        reasons.filter_map(|reason| slot(reason.code)).collect()
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
                Who::FederatedUser(arn) => tell_user(arn),
                Who::Session(arn) => {
                    format!("the role behind {arn} is not known: list it in the snapshot")
                }
                _ => format!("{} has no identity policies", part.principal),
            });
        };
        self.check_principal()?;
        self.check_resource()?;
        let target = FixTarget::Identity(arn.clone());
        Ok(Slot {
            principal: None,
            resource: self.written(&target)?,
            conditions: self.tests(&target, Vec::new()),
            target,
        })
    }

    /// A statement on the policy of the key or resource, naming the caller.
    pub(super) fn resource(&self) -> Result<Slot, String> {
        let part = self.part;
        self.check_takes_policy()?;
        let principal = self.who.principal()?;
        self.check_principal()?;
        let conditions = self.who.conditions(part, self.origin)?;
        if part.action.starts_with("kms:") {
            self.check_star()?;
            let target = FixTarget::Key(self.own_key()?);
            return Ok(Slot {
                principal: Some(principal),
                // In a key policy `*` means this key (KMS-POL-11).
                resource: "*".to_owned(),
                conditions: self.tests(&target, conditions),
                target,
            });
        }
        self.check_resource()?;
        let carrier = carrier(self.engine, &part.resource)
            .ok_or_else(|| existence::missing_resource(self.engine, &part.resource))?;
        let target = FixTarget::Resource(carrier);
        Ok(Slot {
            principal: Some(principal),
            resource: self.written(&target)?,
            conditions: self.tests(&target, conditions),
            target,
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
            return Err(keys::of_aws(self.part));
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
        if Arn::parse(role).is_some_and(|role| is_service_linked(&role)) {
            return Err(format!(
                "`{role}` is a service-linked role, whose trust policy AWS keeps: only its service assumes it"
            ));
        }
        if self.engine.principals().by_arn(role).is_none() {
            return Err(existence::missing_principal(self.engine, role));
        }
        let target = FixTarget::Trust(role.clone());
        Ok(Slot {
            principal: Some(principal),
            resource: String::new(),
            conditions: self.tests(&target, self.who.conditions(self.part, self.origin)?),
            target,
        })
    }

    /// The conditions of a statement there; those that keep others out come from the caller.
    fn tests(&self, target: &FixTarget, of_caller: Vec<Test>) -> Vec<Test> {
        let version = version(self.engine, target);
        let mut tests = conditions::of_action(self.part);
        if self.origin.is_request() {
            tests.extend(conditions::of_encryption_context(self.part));
        }
        tests.extend(of_caller);
        let mut tests = conditions::written(tests, version);
        if let Some(nearest) = self.nearest(target) {
            tests.extend(nearest.tests(&tests));
        }
        tests
    }

    /// What to know of an addition: what it leaves out, and what may be corrected instead.
    pub(crate) fn notes(&self, slot: &Slot) -> Vec<String> {
        let nearest = self.nearest(&slot.target);
        let of_nearest = nearest.map(|nearest| nearest.notes(&slot.conditions));
        let mut notes = of_nearest.unwrap_or_default();
        notes.extend(self.note_on_unlisted(slot));
        notes
    }

    /// AWS refuses a policy that names a role before it exists. Rule: KMS-POL-14, IAM-PRIN-1.
    fn note_on_unlisted(&self, slot: &Slot) -> Option<String> {
        let Who::ServiceLinked(role) = &self.who else {
            return None;
        };
        let (_, of_service) = role.as_str().split_once("role/aws-service-role/")?;
        let (service, _) = of_service.split_once('/')?;
        let names_it = slot.principal.is_some();
        (names_it && existence::is_unlisted(self.engine, role)).then(|| {
            format!(
                "`{role}` is not in the snapshot: make sure that it exists (`aws iam create-service-linked-role --aws-service-name {service}`), \
                 since AWS refuses a policy that names a role which does not (KMS-POL-14)"
            )
        })
    }

    fn nearest(&self, target: &FixTarget) -> Option<Nearest<'_>> {
        let version = version(self.engine, target);
        Nearest::of(self.part, target, version, self.origin)
    }

    /// The resource as the policy writes it.
    fn written(&self, target: &FixTarget) -> Result<String, String> {
        let resource = &self.part.resource;
        let meaning = match self.origin {
            Origin::Template | Origin::Operation => Meaning::Many,
            Origin::Request => Meaning::One,
        };
        let version = version(self.engine, target);
        literal::resource(resource, meaning, version).ok_or_else(|| {
            if literal::resource(resource, meaning, Version::V2012).is_some() {
                format!(
                    "the {target} has version 2008-10-17, in which no statement can name `{resource}` alone: `*` and `?` have no spelling of their own there (IAM-WILD-12)"
                )
            } else {
                format!(
                    "no statement can name `{resource}` alone: in front of a name `*`, `?` and `${{` have no spelling of their own (IAM-VAR-3)"
                )
            }
        })
    }

    /// Refuses whom nobody knows. The ARN of a role that belongs to a service follows from its name.
    fn check_principal(&self) -> Result<(), String> {
        let has_own_arn = matches!(self.who, Who::ServiceLinked(_));
        if !has_own_arn && existence::is_unlisted(self.engine, &self.part.principal) {
            Err(existence::missing_principal(
                self.engine,
                &self.part.principal,
            ))
        } else {
            Ok(())
        }
    }

    /// Refuses a `*` that stands for whatever is meant.
    fn check_star(&self) -> Result<(), String> {
        let RequirementPart {
            action, resource, ..
        } = self.part;
        if resource == "*" && self.origin == Origin::Request && has_resource(action) {
            return Err(format!(
                "an addition on `*` would open every resource to {action}: ask about the one that is meant"
            ));
        }
        Ok(())
    }

    /// Refuses resources that an addition would not match, or with which it would open more than was asked for.
    fn check_resource(&self) -> Result<(), String> {
        let RequirementPart {
            action, resource, ..
        } = self.part;
        self.check_star()?;
        let is_role = action == "iam:PassRole" && resource.contains(":role/");
        if is_role && existence::is_unlisted(self.engine, resource) {
            return Err(existence::missing_principal(self.engine, resource));
        }
        let is_alias = Arn::parse(resource).is_some_and(|arn| is_alias(&arn));
        if is_alias && !ALIAS_ACTIONS.contains(&action.as_str()) {
            return Err(existence::which_key(action, resource));
        }
        Ok(())
    }

    /// Refuses what has no policy that counts: nothing but identity policies could allow it. Rule: IAM-WILD-8,
    /// IAM-EVAL-16, KMS-ACT-4.
    fn check_takes_policy(&self) -> Result<(), String> {
        let RequirementPart {
            action, resource, ..
        } = self.part;
        let arn = Arn::parse(&self.part.result.resource);
        match &arn {
            None if !has_resource(action) => Err(format!(
                "{action} is decided on `*`, which has no policy (IAM-WILD-8): only an identity policy can allow it, and {} has none",
                self.part.principal
            )),
            Some(arn) if arn.service() == "iam" => Err(format!(
                "no policy of `{resource}` counts for {action} (IAM-EVAL-16): only an identity policy of its account can allow it"
            )),
            Some(arn) if is_alias(arn) && ALIAS_ACTIONS.contains(&action.as_str()) => Err(format!(
                "the alias `{resource}` has no policy (KMS-ACT-4): only an identity policy of its account can allow {action}"
            )),
            _ => Ok(()),
        }
    }
}

fn has_resource(action: &str) -> bool {
    let (service, name) = action.split_once(':').unwrap_or_default();
    catalog()
        .action(service, name)
        .is_none_or(|known| known.has_resource())
}

fn is_alias(arn: &Arn) -> bool {
    arn.service() == "kms" && arn.resource().starts_with("alias/")
}

/// What to do about a federated user whose IAM user nobody told. Rule: IAM-PRIN-6, IAM-EVAL-12.
fn tell_user(federated: &str) -> String {
    format!(
        "the policies that count for {federated} are those of its IAM user, which is not told: give it as `user` of the principal (IAM-PRIN-6)"
    )
}

/// The version of the document that a statement is added to.
fn version(engine: &Engine, target: &FixTarget) -> Version {
    let snapshot = engine.snapshot();
    let policy = match target {
        // A document of its own.
        FixTarget::Identity(_) => None,
        FixTarget::Key(arn) => {
            let mut keys = snapshot.keys.iter();
            keys.find(|key| key.arn.as_str() == arn)
                .map(|key| &key.policy)
        }
        FixTarget::Trust(arn) => {
            let mut principals = snapshot.principals.iter();
            principals
                .find(|principal| principal.arn.as_str() == arn)
                .map(|principal| &principal.trust)
        }
        FixTarget::Resource(arn) => {
            let mut resources = snapshot.resources.iter();
            resources
                .find(|resource| resource.arn.as_str() == arn)
                .map(|resource| &resource.policy)
        }
    };
    match policy {
        Some(Given::Here(policy)) => policy.version,
        _ => Version::V2012,
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

/// ARN of the listed resource whose policy covers this one.
pub(crate) fn carrier(engine: &Engine, resource: &str) -> Option<String> {
    let arn = Arn::parse(resource)?;
    engine
        .resources()
        .carrier(&arn)
        .map(|carrier| carrier.record.arn.as_str().to_owned())
}

/// True for a call that is denied because nobody is entitled to retire the grant. Rule: KMS-GRANT-14.
fn is_retirement(result: &Explanation) -> bool {
    let primary = result.primary.as_ref().map(|reason| reason.code);
    primary == Some(Code::RetireGrantNotEntitled)
}

/// What is not known, with keys as AWS spells them.
fn shown(dependency: &Dependency) -> String {
    let key = match dependency {
        Dependency::Key(key) => catalog().condition_key(key),
        _ => None,
    };
    let text = dependency.to_string();
    match key {
        Some(key) if key.name().eq_ignore_ascii_case(&text) => key.name().to_owned(),
        _ => text,
    }
}
