//! From the resource as typed to the target of a decision.

use preclear_catalog::kms as tables;
use preclear_model::ArnRef;

use crate::arena::{Arena, text};
use crate::decide::Inquiry;
use crate::engine::Engine;
use crate::matching::action::ActionName;
use crate::matching::resource::Question;
use crate::request::Request;
use crate::requester::Requester;
use crate::service::{assume, kms, sts};
use crate::target::{KeyTarget, Target, TargetKind, Untagged};

/// Whether wildcards in the resource stand for many resources or for themselves. Rule: IAM-WILD-13.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    /// A request names one resource.
    Literal,
    /// A job's resource may be a pattern.
    Many,
}

/// Why a request has no target.
#[derive(Debug)]
pub(crate) struct NoTarget {
    /// Id of the rule that it breaks.
    pub(crate) rule: &'static str,
    /// What is wrong, without the rule.
    pub(crate) message: String,
    /// What to write, where it is not what any resource takes.
    pub(crate) help: Option<String>,
}

impl NoTarget {
    pub(crate) fn new(rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }
}

/// Finds the target of one action.
///
/// # Errors
///
/// A resource that is missing, or that is neither an ARN nor a key identifier nor `*`.
pub(crate) fn find<'a>(
    inquiry: Inquiry<'a>,
    action: &ActionName<'_>,
    typed: Option<&'a str>,
    wildcards: Wildcards,
) -> Result<Target<'a>, NoTarget> {
    let Inquiry {
        engine,
        request,
        requester,
        ..
    } = inquiry;
    if action.service() == "kms" {
        return kms_target(inquiry, action, typed);
    }
    let is_call = assume::is_call(action.service(), action.name());
    let typed = match typed {
        None if is_of_session(action) => assume::role_in_parameters(request),
        typed => typed,
    };
    let Some(typed) = typed else {
        return match action.known() {
            Some(known) if known.resource_uses().any(|used| used.is_required()) => {
                let message = "the request names no resource: give `resource`, an ARN or `*`";
                Err(NoTarget::new("UI-11", message))
            }
            _ => Ok(everything(requester, None)),
        };
    };
    if typed == "*" {
        return Ok(everything(requester, Some(typed)));
    }
    let arn = ArnRef::parse(typed).ok_or_else(|| {
        let message = match typed.strip_prefix("s3://") {
            Some(path) => {
                format!("`{typed}` is no ARN: of what it names the ARN is `arn:aws:s3:::{path}`")
            }
            None => format!("`{typed}` is no ARN: a resource is an ARN of six fields, or `*`"),
        };
        NoTarget::new("UI-11", message)
    })?;
    if is_call && let Some(message) = assume::target_error(engine, arn) {
        return Err(NoTarget::new("IAM-EVAL-22", message));
    }
    if is_without_resource(action) {
        let mut target = everything(requester, Some(typed));
        // What it names still tells where the call is made.
        target.region = Some(arn.region()).filter(|region| !region.is_empty());
        return Ok(target);
    }
    Ok(by_arn(inquiry, action, arn, wildcards))
}

/// True for an action that is known to be decided on `*`, whatever the request names. Rule: IAM-WILD-8.
fn is_without_resource(action: &ActionName<'_>) -> bool {
    let known = action.known();
    known.is_some_and(|known| !known.has_resource()) && !is_of_session(action)
}

/// True for the actions that are decided on the role that is assumed.
fn is_of_session(action: &ActionName<'_>) -> bool {
    action.service() == "sts" && sts::ROLE_ACTIONS.contains(&action.name())
}

/// The pseudo-resource `*`. Rule: IAM-WILD-8.
pub(crate) fn everything<'a>(requester: &Requester<'a>, typed: Option<&'a str>) -> Target<'a> {
    Target {
        question: Question::Everything,
        typed,
        arn: None,
        account: requester.account(),
        region: None,
        kind: TargetKind::WithoutPolicy,
        tags: None,
        untagged: Untagged::Certain,
        same_key: None,
        assumed_owner: None,
    }
}

fn by_arn<'a>(
    inquiry: Inquiry<'a>,
    action: &ActionName<'_>,
    arn: ArnRef<'a>,
    wildcards: Wildcards,
) -> Target<'a> {
    let Inquiry {
        engine,
        request,
        requester,
        ..
    } = inquiry;
    let is_role = arn.service() == "iam" && arn.resource().starts_with("role/");
    let principal = Some(arn.as_str())
        .filter(|_| arn.service() == "iam")
        .and_then(|arn| engine.principals().by_arn(arn));
    let carrier = engine.resources().carrier(arn);
    let kind = if is_role && is_of_session(action) {
        TargetKind::TrustedRole(principal)
    } else if arn.service() == "iam" {
        // The trust policy is no resource policy for `iam:` actions such as PassRole (IAM-EVAL-16).
        TargetKind::WithoutPolicy
    } else {
        TargetKind::Carrier(carrier)
    };
    let record = carrier.map(|carrier| &carrier.record);
    // The request says it only where neither ARN nor snapshot does.
    let stated = Some(arn.account())
        .filter(|account| !account.is_empty())
        .or_else(|| record.and_then(|record| record.account.as_deref()))
        .or(request.resource_account.as_deref());
    let home = || requester.account().or(engine.snapshot().account.as_deref());
    let assumed_owner = if stated.is_none() { home() } else { None };
    let account = stated.or(assumed_owner);
    let region = Some(arn.region())
        .filter(|region| !region.is_empty())
        .or_else(|| record.and_then(|record| record.region.as_deref()));
    // An object has tags of its own, so its bucket's say nothing of it.
    let tags = match record {
        Some(record) if record.arn.as_arn_ref() == arn => record.tags.as_ref(),
        Some(record) if arn.service() == "lambda" => record.tags.as_ref(),
        _ => principal.and_then(|principal| principal.tags.as_ref()),
    };
    let question = match wildcards {
        Wildcards::Literal => Question::of_arn(arn, inquiry.arena),
        Wildcards::Many => Question::many(arn.as_str(), inquiry.arena),
    };
    let is_external = engine.is_external(arn.as_str());
    Target {
        question,
        typed: Some(arn.as_str()),
        arn: Some(arn),
        account,
        region,
        kind,
        tags,
        untagged: Untagged::left_out(engine.snapshot().complete && !is_external),
        same_key: None,
        assumed_owner,
    }
}

/// KMS decides on keys, aliases, or nothing at all. Rule: KMS-ID-1, KMS-ID-4.
fn kms_target<'a>(
    inquiry: Inquiry<'a>,
    action: &ActionName<'_>,
    typed: Option<&'a str>,
) -> Result<Target<'a>, NoTarget> {
    let Inquiry {
        engine,
        request,
        requester,
        ..
    } = inquiry;
    let known = action.of_kms();
    let takes_key = known.is_none_or(|known| known.targets.iter().any(|target| target.is_key()));
    let takes_alias = known.is_some_and(|known| known.targets.contains(&tables::Target::Alias));
    if !takes_key {
        return Ok(everything(requester, typed));
    }
    let typed = typed
        .or_else(|| identifier_in_parameters(inquiry, action.name()))
        .or_else(|| key_of_retired_grant(engine, request, action));
    let Some(typed) = typed else {
        let message =
            "the request names no key: give `resource`, `parameters.KeyId` or `ciphertext_key`";
        return Err(NoTarget::new("KMS-ID-6", message));
    };
    if typed == "*" {
        let mut target = everything(requester, Some("*"));
        target.kind = TargetKind::Key(KeyTarget::NotLoaded);
        return Ok(target);
    }
    if takes_alias && is_alias(typed) {
        return alias(inquiry, typed);
    }
    let mut target = kms::resolve::key(inquiry, typed)?;
    target.same_key = other_half(inquiry, action)
        .and_then(|other| kms::resolve::is_same_key(inquiry, &target, other));
    Ok(target)
}

/// For one half of ReEncrypt: the key of the other one, as far as the parameters name it.
fn other_half<'a>(inquiry: Inquiry<'a>, action: &ActionName<'_>) -> Option<&'a str> {
    let other = match action.name() {
        "reencryptfrom" => "reencryptto",
        "reencryptto" => "reencryptfrom",
        _ => return None,
    };
    identifier_in_parameters(inquiry, other)
}

/// RetireGrant by a token names no key: it is the one that has the grant. Rule: KMS-GRANT-14.
fn key_of_retired_grant<'a>(
    engine: &'a Engine,
    request: &Request,
    action: &ActionName<'_>,
) -> Option<&'a str> {
    if !action.is("kms", "retiregrant") {
        return None;
    }
    let token = request.text_parameter("GrantToken")?;
    let key = engine.keys().with_grant_token(token)?;
    Some(key.record.arn.as_str())
}

pub(crate) fn is_alias(typed: &str) -> bool {
    typed.starts_with("alias/")
        || ArnRef::parse(typed).is_some_and(|arn| arn.resource().starts_with("alias/"))
}

/// The alias itself, which only identity policies open. Rule: KMS-ACT-4, KMS-ID-9.
fn alias<'a>(inquiry: Inquiry<'a>, typed: &'a str) -> Result<Target<'a>, NoTarget> {
    let Inquiry {
        engine,
        request,
        requester,
        ..
    } = inquiry;
    let region = request
        .region
        .as_deref()
        .or(engine.snapshot().region.as_deref());
    let account = requester.account().or(engine.snapshot().account.as_deref());
    let partition = requester.partition().unwrap_or("aws");
    let arn = match (ArnRef::parse(typed), region, account) {
        (Some(arn), _, _) => Some(arn),
        (None, Some(region), Some(account)) => {
            kms_arn(inquiry.arena, [partition, region, account], typed)
        }
        _ => None,
    };
    let arn = arn.ok_or_else(|| {
        let message = format!("`{typed}`: {}", kms::resolve::REGION_MISSING);
        NoTarget::new("KMS-ID-1", message)
    })?;
    Ok(Target {
        question: Question::of_arn(arn, inquiry.arena),
        typed: Some(typed),
        account: Some(arn.account()),
        region: Some(arn.region()),
        arn: Some(arn),
        kind: TargetKind::WithoutPolicy,
        tags: None,
        untagged: Untagged::Certain,
        same_key: None,
        assumed_owner: None,
    })
}

/// The key that the operation's own parameters name. Rule: UI-38, KMS-ID-6.
pub(crate) fn identifier_in_parameters<'a>(inquiry: Inquiry<'a>, action: &str) -> Option<&'a str> {
    let member = |name: &str| inquiry.request.text_parameter(name);
    let named = match action {
        "reencryptfrom" => member("SourceKeyId"),
        "reencryptto" => member("DestinationKeyId"),
        "createalias" | "updatealias" | "deletealias" => member("TargetKeyId"),
        _ => member("KeyId"),
    };
    let reads_ciphertext = matches!(action, "decrypt" | "reencryptfrom");
    named.or_else(|| kms::resolve::key_of_ciphertext(inquiry).filter(|_| reads_ciphertext))
}

/// An ARN of KMS, of partition, Region and account; `None` if one of them holds a colon.
pub(crate) fn kms_arn<'a>(arena: &'a Arena, home: [&str; 3], resource: &str) -> Option<ArnRef<'a>> {
    if home.iter().any(|field| field.contains(':')) {
        return None;
    }
    let [partition, region, account] = home;
    let text = text!(arena, "arn:{partition}:kms:{region}:{account}:{resource}");
    ArnRef::parse(text)
}
