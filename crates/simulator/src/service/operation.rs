//! API operations that take several decisions. Rule: KMS-ACT-3…5.

use std::borrow::Cow;

use preclear_catalog::catalog;
use preclear_catalog::kms::{self as tables, KmsOperation, KmsPermission, Need};
use preclear_model::near::nearest;
use preclear_model::{Arn, ArnRef};
use serde_json::Value;

use crate::arena::text;
use crate::codes;
use crate::context::{PROPERTIES, Said};
use crate::decide::{Case, Inquiry};
use crate::engine::Detail;
use crate::engine::keys::KeyIdentifier;
use crate::explanation::{Explanation, Operability, Part, Verdict};
use crate::matching::action::ActionName;
use crate::request::{ContextValue, Request};
use crate::service::kms::resolve::key_of_ciphertext;
use crate::service::target::{self, NoTarget, Wildcards};
use crate::service::{assume, kms};
use crate::service::{blank, explain_action, explain_case, invalid, no_resource, refuse, spelled};
use crate::snapshot::NOT_KNOWN;
use crate::target::{KeyHandle, KeyTarget, TargetKind};

/// Answers an operation: every decision, and the worst of them.
pub(crate) fn explain(inquiry: Inquiry<'_>, operation: &str, detail: Detail) -> Explanation {
    let request = inquiry.request;
    let (service, name) = operation.split_once(':').unwrap_or(("", operation));
    if assume::is_call(service, name) {
        return assume::explain(inquiry, operation, detail);
    }
    if !service.eq_ignore_ascii_case("kms") {
        return match catalog().action(service, name) {
            // Elsewhere the operation of an action's name takes that one decision.
            Some(_) => {
                let resource = request.resource.as_deref();
                explain_action(inquiry, operation, resource, Wildcards::Literal, detail)
            }
            None => unknown(request, operation),
        };
    }
    let Some(known) = tables::operation(name) else {
        return unknown(request, operation);
    };
    let request = in_one_region(request);
    let inquiry = Inquiry {
        request: &request,
        ..inquiry
    };
    let expansion = Expansion { inquiry, detail };
    expansion.explain(known)
}

/// A call goes to one Region: the one that is stated, else that of an ARN that it names, for all identifiers of the call.
/// Rule: KMS-ID-1.
fn in_one_region(request: &Request) -> Cow<'_, Request> {
    const IDENTIFIERS: [&str; 5] = [
        "KeyId",
        "TargetKeyId",
        "SourceKeyId",
        "DestinationKeyId",
        "AliasName",
    ];
    let named = IDENTIFIERS.iter().map(|name| request.text_parameter(name));
    let named = named.chain([
        request.resource.as_deref(),
        request.ciphertext_key.as_deref(),
    ]);
    let region = named
        .flatten()
        .filter_map(Arn::parse)
        .map(|arn| arn.region().to_owned())
        .find(|region| !region.is_empty());
    match (&request.region, region) {
        (None, Some(region)) => Cow::Owned(Request {
            region: Some(region),
            ..request.clone()
        }),
        _ => Cow::Borrowed(request),
    }
}

fn unknown(request: &Request, operation: &str) -> Explanation {
    let message = format!("`{operation}` is no API operation that preclear knows");
    let name = operation
        .split_once(':')
        .map_or(operation, |(_, name)| name);
    let known = tables::operations().iter().map(|known| known.name.as_str());
    let help = match nearest(name, known) {
        Some(near) => format!("did you mean `kms:{near}`?"),
        None => "write an operation of KMS, or ask for one permission with `action`".to_owned(),
    };
    let error = refuse(&codes::UNKNOWN_OPERATION, message).rule("KMS-ACT-3");
    invalid(request, error.help(help))
}

struct Expansion<'a> {
    inquiry: Inquiry<'a>,
    detail: Detail,
}

impl<'a> Expansion<'a> {
    fn explain(&self, operation: &KmsOperation) -> Explanation {
        let mut parts = Vec::new();
        for permission in operation
            .permissions
            .iter()
            .filter(|permission| self.is_needed(permission))
        {
            match self.part(permission) {
                Ok(part) => parts.push(part),
                Err(error) => return invalid(self.inquiry.request, no_resource(error)),
            }
        }
        let mut whole = combine(self.inquiry.request, parts);
        whole.action = format!("kms:{}", operation.name);
        whole
    }

    fn is_needed(&self, permission: &KmsPermission) -> bool {
        match permission.need {
            Need::Always => true,
            Need::WithTags => self
                .inquiry
                .request
                .parameter("Tags")
                .and_then(Value::as_array)
                .is_some_and(|tags| !tags.is_empty()),
            Need::MultiRegionPrimary => match self.inquiry.request.parameter("MultiRegion") {
                Some(Value::Bool(is_multi_region)) => *is_multi_region,
                Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
                _ => false,
            },
            Need::Advisory => false,
        }
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.inquiry.request.text_parameter(name)
    }

    fn part(&self, permission: &KmsPermission) -> Result<Part, NoTarget> {
        let action =
            ActionName::parse(&permission.action, self.inquiry.arena).ok_or_else(|| {
                NoTarget::new("KMS-ACT-3", format!("`{}` is no action", permission.action))
            })?;
        let typed = self.identifier(permission.target)?;
        let mut request = self.inquiry.request.clone();
        request.resource = typed.map(str::to_owned);
        if let Some(region) = self.region_of(permission.target) {
            request.region = Some(region.to_owned());
        }
        match permission.target {
            tables::Target::MultiRegionRole => {
                let service = ContextValue::One(tables::MULTI_REGION_SERVICE.to_owned());
                let key = "iam:AWSServiceName".to_owned();
                request.context.insert(key, service);
            }
            tables::Target::AnyInReplicaRegion => self.describe_replica(&mut request),
            _ => {}
        }
        let inquiry = Inquiry {
            request: &request,
            ..self.inquiry
        };
        let mut target = if typed.is_none() {
            target::everything(inquiry.requester, None)
        } else if let Some(alias) = self.alias_of_key(permission.target, typed) {
            kms::resolve::key(inquiry, alias)?
        } else {
            target::find(inquiry, &action, typed, Wildcards::Literal)?
        };
        let other = self.other_half(permission.target);
        target.same_key =
            other.and_then(|other| kms::resolve::is_same_key(self.inquiry, &target, other));
        let spelled = spelled(&action, &permission.action);
        let case = Case::new(inquiry, spelled, action, target);
        let result = explain_case(&case, self.detail, permission.target);
        let resource = match permission.target {
            tables::Target::Alias => typed.unwrap_or(&result.resource).to_owned(),
            _ => result.resource.clone(),
        };
        Ok(Part {
            action: case.action_text.clone(),
            resource,
            result,
        })
    }

    /// The identifier that the decision is made on, as the request's parameters name it. Rule: UI-38.
    fn identifier(&self, target: tables::Target) -> Result<Option<&'a str>, NoTarget> {
        use tables::Target as T;
        let resource = || self.inquiry.request.resource.as_deref();
        let alias = || self.text("AliasName").or_else(resource);
        let key = || {
            self.text("KeyId")
                .or_else(|| self.text("TargetKeyId"))
                .or_else(resource)
        };
        let found = match target {
            T::Any | T::AnyInReplicaRegion => return Ok(None),
            T::MultiRegionRole => return Ok(self.multi_region_role()),
            T::Key if self.text("AliasName").is_some() => {
                self.text("TargetKeyId").or_else(|| self.key_behind_alias())
            }
            T::Key => key().or_else(|| key_of_ciphertext(self.inquiry)),
            T::SourceKey => self
                .text("SourceKeyId")
                .or_else(|| key_of_ciphertext(self.inquiry))
                .or_else(resource),
            T::DestinationKey => self.text("DestinationKeyId"),
            T::OldKey => self.key_behind_alias(),
            T::NewKey => self.text("TargetKeyId"),
            T::PrimaryKey => key(),
            T::ReplicaKey => key().and_then(|key| self.relative(key, "PrimaryRegion")),
            T::Alias => alias_name(alias())?,
        };
        let Some(found) = found else {
            let message = match target {
                T::SourceKey => {
                    "the request names no source key: give `parameters.SourceKeyId` or `ciphertext_key`"
                }
                T::DestinationKey => {
                    "the request names no destination key: give `parameters.DestinationKeyId`"
                }
                T::Alias => "the request names no alias: give `parameters.AliasName`",
                T::NewKey => "the request names no target key: give `parameters.TargetKeyId`",
                T::OldKey => "the request names no alias: give `parameters.AliasName`",
                T::ReplicaKey => {
                    "the request names no replica: give `parameters.KeyId` as a key ARN and `parameters.PrimaryRegion`"
                }
                _ => {
                    "the request names no key: give `resource`, `parameters.KeyId` or `ciphertext_key`"
                }
            };
            let rule = match target {
                T::Alias | T::NewKey | T::OldKey | T::ReplicaKey => "UI-38",
                _ => "KMS-ID-6",
            };
            return Err(NoTarget::new(rule, message));
        };
        Ok(Some(found))
    }

    /// The key that the alias of the request belongs to now: its ARN, or the alias where the snapshot does not tell.
    fn key_behind_alias(&self) -> Option<&'a str> {
        let alias = self
            .text("AliasName")
            .or(self.inquiry.request.resource.as_deref())?;
        Some(self.resolved_arn(alias).unwrap_or(alias))
    }

    /// An alias that stands for the key behind it, in operations that also decide about the alias itself.
    fn alias_of_key<'t>(&self, target: tables::Target, typed: Option<&'t str>) -> Option<&'t str> {
        typed.filter(|typed| target.is_key() && target::is_alias(typed))
    }

    /// What the replica will be, for the half of ReplicateKey that creates it: as the primary, whatever the defaults of
    /// CreateKey are. What the request says of a key itself stays. Rule: KMS-COND-0, KMS-ACT-5, KMS-ID-7.
    fn describe_replica(&self, request: &mut Request) {
        let primary = self.identifier(tables::Target::PrimaryKey).ok().flatten();
        let found =
            primary.and_then(|primary| kms::resolve::key_anywhere(self.inquiry, primary).ok());
        let record = found.as_ref().and_then(|target| match &target.kind {
            TargetKind::Key(KeyTarget::Found { key }) => Some(&key.record),
            _ => None,
        });
        for name in PROPERTIES {
            let is_said = !matches!(Said::of(request, name), Said::Nothing);
            let value = match (name, record) {
                _ if is_said => continue,
                ("kms:MultiRegion", _) => Some("true"),
                ("kms:MultiRegionKeyType", _) => Some("REPLICA"),
                (_, None) => None,
                ("kms:KeySpec", Some(record)) => Some(record.spec.as_str()),
                ("kms:KeyUsage", Some(record)) => Some(record.usage.as_str()),
                (_, Some(record)) => Some(record.origin.as_str()),
            };
            let value = value.filter(|value| *value != NOT_KNOWN);
            let names = [Some(name), tables::older_key(name)];
            for name in names.into_iter().flatten().map(str::to_owned) {
                match value {
                    Some(value) => {
                        let value = ContextValue::One(value.to_owned());
                        request.context.insert(name, value);
                    }
                    None => {
                        request.unknown.insert(name);
                    }
                }
            }
        }
    }

    /// The service-linked role that a multi-Region primary key needs, in the caller's account. Rule: KMS-ACT-5.
    fn multi_region_role(&self) -> Option<&'a str> {
        let partition = self.inquiry.requester.partition().unwrap_or("aws");
        let account = self.inquiry.requester.account()?;
        let role = tables::MULTI_REGION_ROLE;
        Some(text!(
            self.inquiry.arena,
            "arn:{partition}:iam::{account}:{role}"
        ))
    }

    /// The ARN of a listed key: that of a key which AWS made, and nobody listed, is not known.
    fn resolved_arn(&self, identifier: &'a str) -> Option<&'a str> {
        let target = kms::resolve::key(self.inquiry, identifier).ok()?;
        match &target.kind {
            TargetKind::Key(KeyTarget::Found {
                key: KeyHandle::Listed(key),
            }) => Some(key.record.arn.as_str()),
            _ => None,
        }
    }

    /// The key's relative in the Region that a parameter names. Rule: KMS-ID-7.
    fn relative(&self, key: &'a str, parameter: &str) -> Option<&'a str> {
        let region = self.text(parameter)?;
        let arn = ArnRef::parse(self.resolved_arn(key).unwrap_or(key))?;
        let home = [arn.partition(), region, arn.account()];
        target::kms_arn(self.inquiry.arena, home, arn.resource()).map(ArnRef::as_str)
    }

    fn region_of(&self, target: tables::Target) -> Option<&'a str> {
        match target {
            tables::Target::AnyInReplicaRegion => self.text("ReplicaRegion"),
            tables::Target::ReplicaKey => self.text("PrimaryRegion"),
            _ => None,
        }
    }

    /// For one half of ReEncrypt: the identifier of the other one.
    fn other_half(&self, target: tables::Target) -> Option<&'a str> {
        let other = match target {
            tables::Target::SourceKey => tables::Target::DestinationKey,
            tables::Target::DestinationKey => tables::Target::SourceKey,
            _ => return None,
        };
        self.identifier(other).ok()?
    }
}

/// The name of an alias; one that is none would be taken for a key id. Rule: KMS-ID-8.
fn alias_name(typed: Option<&str>) -> Result<Option<&str>, NoTarget> {
    let is_alias = |typed: &str| {
        KeyIdentifier::parse(typed).is_some_and(|parsed| parsed.alias_name().is_some())
    };
    match typed {
        Some(typed) if !is_alias(typed) => {
            let message = format!("`{typed}` is no name of an alias");
            let help = "write `alias/` and behind it letters, digits, `/`, `_` and `-`";
            Err(NoTarget::new("KMS-ID-8", message).help(help))
        }
        typed => Ok(typed),
    }
}

/// Rank of a verdict among the parts of a whole, worst first. Rule: JOB-2, UI-50.
pub(crate) fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Invalid => 0,
        Verdict::ExplicitDeny => 1,
        Verdict::ImplicitDeny => 2,
        Verdict::Depends => 3,
        Verdict::Allow => 4,
        Verdict::NotApplicable => 5,
    }
}

/// The worst part gives verdict and primary reason; the rest is the union.
pub(crate) fn combine(request: &Request, parts: Vec<Part>) -> Explanation {
    let mut whole = blank(request);
    let Some(worst) = parts.iter().min_by_key(|part| rank(part.result.verdict)) else {
        return whole;
    };
    whole.verdict = worst.result.verdict;
    whole.primary.clone_from(&worst.result.primary);
    whole.reasons.clone_from(&worst.result.reasons);
    whole.near_misses.clone_from(&worst.result.near_misses);
    whole.errors.clone_from(&worst.result.errors);
    whole.refined.clone_from(&worst.result.refined);
    whole.resource.clone_from(&worst.resource);
    whole.operability = combined_operability(&parts, whole.verdict);
    for part in &parts {
        let result = &part.result;
        if whole.verdict == Verdict::Depends {
            whole.depends_on.extend(result.depends_on.iter().cloned());
        }
        whole.ambiguities.extend(&result.ambiguities);
        whole.assumptions.extend(result.assumptions.iter().cloned());
        for warning in &result.warnings {
            if !whole.warnings.contains(warning) {
                whole.warnings.push(warning.clone());
            }
        }
    }
    whole.parts = parts;
    whole
}

/// The first exception of the parts; one that only an allowed call meets does not count for a denied one.
fn combined_operability(parts: &[Part], verdict: Verdict) -> Operability {
    let is_asked = parts
        .iter()
        .any(|part| part.result.operability != Operability::NotAsked);
    parts
        .iter()
        .filter(|part| verdict == Verdict::Allow || part.result.verdict != Verdict::Allow)
        .map(|part| &part.result.operability)
        .find(|operability| operability.answer().is_some())
        .cloned()
        .unwrap_or(if is_asked {
            Operability::Ok
        } else {
            Operability::NotAsked
        })
}
