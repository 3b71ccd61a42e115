//! From a key identifier as typed to the key it means. Rule: KMS-ID-1…8.

use preclear_model::{Arn, ArnRef};

use crate::arena::{Arena, text};
use crate::decide::Inquiry;
use crate::engine::keys::KeyIdentifier;
use crate::matching::resource::Question;
use crate::service::target::{NoTarget, kms_arn};
use crate::target::{KeyHandle, KeyTarget, Target, TargetKind, Untagged};

/// Why an identifier leads nowhere even before a key is looked for.
pub(crate) const REGION_MISSING: &str = "a key id or alias name needs a Region: name the full ARN, or give `region` in the request or the snapshot";

/// Resolves the identifier of the key that the caller asks about.
///
/// # Errors
///
/// A text that is no key identifier, one that needs a Region nobody gave, or one of another Region than the call's.
pub(crate) fn key<'a>(inquiry: Inquiry<'a>, typed: &'a str) -> Result<Target<'a>, NoTarget> {
    let target = key_anywhere(inquiry, typed)?;
    match (target.arn, inquiry.request.region.as_deref()) {
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
    inquiry: Inquiry<'a>,
    typed: &'a str,
) -> Result<Target<'a>, NoTarget> {
    let Inquiry {
        engine,
        request,
        requester,
        ..
    } = inquiry;
    let refuse = |what: &str| NoTarget::new("KMS-ID-1", format!("`{typed}`{what}"));
    let identifier = KeyIdentifier::parse(typed).ok_or_else(|| {
        refuse(" is no KMS key: expected a key ARN, key id, alias name or alias ARN")
    })?;
    let partition = requester.partition().unwrap_or("aws");
    let snapshot = engine.snapshot();
    let account = requester.account().or(snapshot.account.as_deref());
    let region = request.region.as_deref().or(snapshot.region.as_deref());
    let arn = match (&identifier, account, region) {
        (KeyIdentifier::KeyArn(arn) | KeyIdentifier::AliasArn(arn), _, _) => *arn,
        (_, Some(account), Some(region)) => identifier
            .arn(inquiry.arena, [partition, region, account])
            .ok_or_else(|| refuse(" makes no ARN of a key"))?,
        (_, _, None) => return Err(refuse(&format!(": {REGION_MISSING}"))),
        (_, None, Some(_)) => {
            return Err(refuse(
                ": this caller has no account; name the key by its full ARN",
            ));
        }
    };
    Ok(found(inquiry, &identifier, typed, arn))
}

/// KMS looks a key up in the Region of the call; an ARN of another one it finds invalid before it authorises. Rule: KMS-ID-7.
fn other_region(typed: &str, arn: ArnRef<'_>, called: &str) -> NoTarget {
    let remedy = match relative(arn, called).filter(|arn| is_multi_region(arn.as_arn_ref())) {
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
pub(crate) fn key_of_ciphertext(inquiry: Inquiry<'_>) -> Option<&str> {
    let request = inquiry.request;
    let made_by = request.ciphertext_key.as_deref()?;
    let in_region = || {
        let arn = ArnRef::parse(made_by).filter(|arn| is_multi_region(*arn))?;
        let home = [arn.partition(), request.region.as_deref()?, arn.account()];
        kms_arn(inquiry.arena, home, arn.resource())
    };
    Some(in_region().map_or(made_by, ArnRef::as_str))
}

/// The multi-Region key of the same name in another Region. Rule: KMS-ID-7.
pub(crate) fn relative<'t>(arn: impl Into<ArnRef<'t>>, region: &str) -> Option<Arn> {
    let arn = arn.into();
    Arn::from_fields(
        arn.partition(),
        "kms",
        region,
        arn.account(),
        arn.resource(),
    )
}

fn is_multi_region(arn: ArnRef<'_>) -> bool {
    arn.service() == "kms" && arn.resource().starts_with("key/mrk-")
}

/// True for multi-Region keys that decrypt each other's ciphertexts. Rule: KMS-ID-7.
pub(crate) fn are_related(one: ArnRef<'_>, other: ArnRef<'_>) -> bool {
    is_multi_region(one)
        && one.partition() == other.partition()
        && one.account() == other.account()
        && one.resource() == other.resource()
}

/// For one half of ReEncrypt: whether the identifier of the other half leads to the same key, if that can be told.
pub(crate) fn is_same_key(inquiry: Inquiry<'_>, own: &Target<'_>, other: &str) -> Option<bool> {
    let other = key(inquiry, other).ok()?;
    Some(key_arn(own)? == key_arn(&other)?)
}

/// ARN of the key itself, never of an alias.
pub(crate) fn key_arn<'t>(target: &'t Target<'_>) -> Option<ArnRef<'t>> {
    match &target.kind {
        TargetKind::Key(KeyTarget::Found { key }) => Some(key.record.arn.as_arn_ref()),
        TargetKind::Key(_) => {
            let arn = target.arn?;
            arn.resource().starts_with("key/").then_some(arn)
        }
        _ => None,
    }
}

fn found<'a>(
    inquiry: Inquiry<'a>,
    identifier: &KeyIdentifier<'_>,
    typed: &'a str,
    arn: ArnRef<'a>,
) -> Target<'a> {
    let engine = inquiry.engine;
    if let Some(key) = engine.keys().resolve(arn) {
        let mut listed = target(
            inquiry.arena,
            KeyTarget::Found {
                key: KeyHandle::Listed(key),
            },
            typed,
            key.record.arn.as_arn_ref(),
        );
        let is_whole = engine.snapshot().complete && !engine.is_external(key.record.arn.as_str());
        listed.untagged = Untagged::left_out(is_whole);
        return listed;
    }
    if let Some(service) = identifier.aws_service()
        && let Some(key) = engine.made_key(arn, service)
    {
        // Nobody knows the key's id: a statement on one particular key may or may not mean it.
        let any_key = any_key(inquiry.arena, arn);
        let mut made = target(
            inquiry.arena,
            KeyTarget::Found {
                key: KeyHandle::Made(key),
            },
            typed,
            arn,
        );
        made.question = Question::of_pattern(any_key, engine.key_pattern(any_key), inquiry.arena);
        return made;
    }
    let is_known_elsewhere = engine.is_external(arn.as_str());
    let kind = if engine.snapshot().complete && !is_known_elsewhere {
        KeyTarget::Missing
    } else {
        KeyTarget::NotLoaded
    };
    let mut target = target(inquiry.arena, kind, typed, arn);
    if arn.resource().starts_with("alias/") {
        let any_key = any_key(inquiry.arena, arn);
        target.question = Question::of_pattern(any_key, engine.key_pattern(any_key), inquiry.arena);
    }
    target
}

/// All keys of the account and Region of an alias.
fn any_key<'a>(arena: &'a Arena, arn: ArnRef<'_>) -> &'a str {
    let (partition, region, account) = (arn.partition(), arn.region(), arn.account());
    text!(arena, "arn:{partition}:kms:{region}:{account}:key/*")
}

fn target<'a>(arena: &'a Arena, key: KeyTarget<'a>, typed: &'a str, arn: ArnRef<'a>) -> Target<'a> {
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
        question: Question::of_arn(arn, arena),
        typed: Some(typed),
        arn: Some(arn),
        account: Some(arn.account()),
        region: Some(arn.region()),
        kind: TargetKind::Key(key),
        tags,
        untagged,
        same_key: None,
        assumed_owner: None,
    }
}
