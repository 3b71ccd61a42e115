//! From a key identifier as typed to the key it means. Rule: KMS-ID-1…8.

use preclear_model::Arn;

use crate::engine::Engine;
use crate::engine::keys::KeyIdentifier;
use crate::matching::resource::Question;
use crate::request::Request;
use crate::requester::Requester;
use crate::service::target::NoTarget;
use crate::target::{KeyHandle, KeyTarget, Target, TargetKind, Untagged};

/// Why an identifier leads nowhere even before a key is looked for.
pub(crate) const REGION_MISSING: &str = "a key id or alias name needs a Region: name the full ARN, or give `region` in the request or the snapshot";

/// Resolves the identifier of the key that the caller asks about.
///
/// # Errors
///
/// A text that is no key identifier, one that needs a Region nobody gave, or one of another Region than the call's.
pub(crate) fn key<'a>(
    engine: &'a Engine,
    request: &Request,
    requester: &Requester<'_>,
    typed: &str,
) -> Result<Target<'a>, NoTarget> {
    let target = key_anywhere(engine, request, requester, typed)?;
    match (&target.arn, request.region.as_deref()) {
        (Some(arn), Some(called)) if called != arn.region() => {
            Err(other_region(typed, arn, called))
        }
        _ => Ok(target),
    }
}

/// The same for a key that need not be of the call's Region, such as one that made a ciphertext.
///
/// # Errors
///
/// A text that is no key identifier, or one that needs a Region nobody gave.
pub(crate) fn key_anywhere<'a>(
    engine: &'a Engine,
    request: &Request,
    requester: &Requester<'_>,
    typed: &str,
) -> Result<Target<'a>, NoTarget> {
    let refuse = |what: &str| NoTarget::new("KMS-ID-1", format!("`{typed}`{what}"));
    let identifier = KeyIdentifier::parse(typed).ok_or_else(|| {
        refuse(" is no KMS key: expected a key ARN, key id, alias name or alias ARN")
    })?;
    let partition = requester.partition().unwrap_or("aws");
    let snapshot = engine.snapshot();
    let account = requester.account().or(snapshot.account.as_deref());
    let region = request.region.as_deref().or(snapshot.region.as_deref());
    let arn = match (&identifier, account, region) {
        (KeyIdentifier::KeyArn(arn) | KeyIdentifier::AliasArn(arn), _, _) => arn.clone(),
        (_, Some(account), Some(region)) => identifier
            .arn(partition, region, account)
            .ok_or_else(|| refuse(" makes no ARN of a key"))?,
        (_, _, None) => return Err(refuse(&format!(": {REGION_MISSING}"))),
        (_, None, Some(_)) => {
            return Err(refuse(
                ": this caller has no account; name the key by its full ARN",
            ));
        }
    };
    Ok(found(engine, &identifier, typed, arn))
}

/// KMS looks a key up in the Region of the call; an ARN of another one it finds invalid before it authorises. Rule: KMS-ID-7.
fn other_region(typed: &str, arn: &Arn, called: &str) -> NoTarget {
    let remedy = match relative(arn, called).filter(is_multi_region) {
        Some(relative) => {
            format!("name the relative there, `{relative}`, or the Region of the key")
        }
        None => "leave the Region of the call out, or state that of the key".to_owned(),
    };
    let regions = format!("is in {}, the call goes to {called}", arn.region());
    NoTarget::new("KMS-ID-7", format!("`{typed}` {regions}: {remedy}"))
}

/// The key that decrypts the request's ciphertext: the one that made it, of multi-Region keys the relative in the
/// Region of the request. Rule: KMS-ID-6, KMS-ID-7.
pub(crate) fn key_of_ciphertext(request: &Request) -> Option<String> {
    let made_by = request.ciphertext_key.as_deref()?;
    let in_region = || {
        let arn = Arn::parse(made_by).filter(is_multi_region)?;
        relative(&arn, request.region.as_deref()?)
    };
    Some(in_region().map_or_else(|| made_by.to_owned(), |arn| arn.as_str().to_owned()))
}

/// The multi-Region key of the same name in another Region. Rule: KMS-ID-7.
pub(crate) fn relative(arn: &Arn, region: &str) -> Option<Arn> {
    Arn::from_fields(
        arn.partition(),
        "kms",
        region,
        arn.account(),
        arn.resource(),
    )
}

fn is_multi_region(arn: &Arn) -> bool {
    arn.service() == "kms" && arn.resource().starts_with("key/mrk-")
}

/// True for multi-Region keys that decrypt each other's ciphertexts. Rule: KMS-ID-7.
pub(crate) fn are_related(one: &Arn, other: &Arn) -> bool {
    is_multi_region(one)
        && one.partition() == other.partition()
        && one.account() == other.account()
        && one.resource() == other.resource()
}

/// For one half of ReEncrypt: whether the identifier of the other half leads to the same key, if that can be told.
pub(crate) fn is_same_key(
    engine: &Engine,
    request: &Request,
    requester: &Requester<'_>,
    own: &Target<'_>,
    other: &str,
) -> Option<bool> {
    let other = key(engine, request, requester, other).ok()?;
    Some(key_arn(own)? == key_arn(&other)?)
}

/// ARN of the key itself, never of an alias.
pub(crate) fn key_arn<'t>(target: &'t Target<'_>) -> Option<&'t Arn> {
    match &target.kind {
        TargetKind::Key(KeyTarget::Found { key }) => Some(&key.record.arn),
        TargetKind::Key(_) => {
            let arn = target.arn.as_ref()?;
            arn.resource().starts_with("key/").then_some(arn)
        }
        _ => None,
    }
}

fn found<'a>(
    engine: &'a Engine,
    identifier: &KeyIdentifier<'_>,
    typed: &str,
    arn: Arn,
) -> Target<'a> {
    if let Some(key) = engine.keys().resolve(&arn) {
        let mut listed = target(
            KeyTarget::Found {
                key: KeyHandle::Listed(key),
            },
            typed,
            &key.record.arn,
        );
        listed.untagged = Untagged::left_out(engine.snapshot().complete);
        return listed;
    }
    if let Some(service) = identifier.aws_service()
        && let Some(key) = engine.made_key(&arn, service)
    {
        // Nobody knows the key's id: a statement on one particular key may or may not mean it.
        let any_key = format!(
            "arn:{}:kms:{}:{}:key/*",
            arn.partition(),
            arn.region(),
            arn.account()
        );
        let mut made = target(
            KeyTarget::Found {
                key: KeyHandle::Made(key),
            },
            typed,
            &arn,
        );
        made.question = Question::many(&any_key);
        return made;
    }
    let is_known_elsewhere = engine.is_external(arn.as_str());
    let kind = if engine.snapshot().complete && !is_known_elsewhere {
        KeyTarget::Missing
    } else {
        KeyTarget::NotLoaded
    };
    let mut target = target(kind, typed, &arn);
    if arn.resource().starts_with("alias/") {
        let any_key = format!(
            "arn:{}:kms:{}:{}:key/*",
            arn.partition(),
            arn.region(),
            arn.account()
        );
        target.question = Question::many(&any_key);
    }
    target
}

fn target<'a>(key: KeyTarget<'a>, typed: &str, arn: &Arn) -> Target<'a> {
    let (tags, untagged) = match &key {
        KeyTarget::Found {
            key: KeyHandle::Listed(key),
        } => (key.record.tags.as_ref(), Untagged::Open),
        KeyTarget::Found {
            key: KeyHandle::Made(_),
        } => (None, Untagged::Certain),
        KeyTarget::Missing | KeyTarget::NotLoaded => (None, Untagged::Unknown),
    };
    Target {
        question: Question::One(arn.as_str().to_owned()),
        typed: Some(typed.to_owned()),
        arn: Some(arn.clone()),
        account: Some(arn.account().to_owned()),
        region: Some(arn.region().to_owned()),
        kind: TargetKind::Key(key),
        tags,
        untagged,
        same_key: None,
        assumptions: Vec::new(),
    }
}
