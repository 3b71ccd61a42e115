//! What CreateAlias and UpdateAlias can be wrong about. Rule: KMS-ID-8, KMS-ACT-4.

use preclear_catalog::kms::{self as tables, KmsException};
use preclear_model::{Arn, ArnRef};

use super::{Call, of_request};
use crate::engine::keys::{CompiledKey, KeyIdentifier};
use crate::explanation::KmsAnswer;
use crate::request::Ask;
use crate::service::kms::resolve;
use crate::target::{KeyTarget, TargetKind};

pub(super) fn answer(call: &Call<'_>) -> Option<KmsAnswer> {
    match call.case.action.name() {
        "createalias" => new_alias(call),
        "updatealias" => moved_alias(call),
        _ => None,
    }
}

/// The alias is one half of the call; asked about a single half, the call is meant all the same.
fn new_alias(call: &Call<'_>) -> Option<KmsAnswer> {
    let is_of_alias = call.role == tables::Target::Alias;
    let is_whole = matches!(call.case.request.ask, Ask::Action(_));
    if !is_of_alias && !is_whole {
        return None;
    }
    let arn = alias_arn(call)?;
    let name = arn.resource();
    let refused = |why: String, remedy: &str| {
        of_request(KmsException::InvalidAliasName, "KMS-ID-8", why, remedy)
    };
    if name.starts_with("alias/aws/") {
        let why = format!("`{name}` is reserved: names that start with `alias/aws/` are AWS's own");
        return Some(refused(why, "choose another name"));
    }
    if KeyIdentifier::parse(name).is_none() {
        let why = format!("`{name}` is no name of an alias");
        let remedy = "write `alias/NAME`, with letters, digits, `/`, `_` and `-`";
        return Some(refused(why, remedy));
    }
    let owner = call.case.engine.keys().resolve(&arn)?;
    let why = format!("`{name}` exists, as an alias of `{}`", owner.record.arn);
    let remedy = "choose another name, or move the alias with UpdateAlias";
    Some(of_request(
        KmsException::AlreadyExists,
        "KMS-ID-1",
        why,
        remedy,
    ))
}

/// ARN of the alias that the call names.
fn alias_arn(call: &Call<'_>) -> Option<Arn> {
    let target = &call.case.target;
    let is_alias = |arn: &ArnRef<'_>| arn.resource().starts_with("alias/");
    if let Some(arn) = target.arn.filter(is_alias) {
        return Some(arn.to_arn());
    }
    // Asked about the key, the alias is that of the parameters.
    let named = call.text("AliasName")?;
    let own = target.arn?;
    Arn::parse(named)
        .or_else(|| Arn::from_fields(own.partition(), "kms", own.region(), own.account(), named))
}

/// An alias moves to keys of the same type and usage only. Rule: KMS-ACT-4.
fn moved_alias(call: &Call<'_>) -> Option<KmsAnswer> {
    let is_about_new_key = matches!(call.role, tables::Target::NewKey | tables::Target::Key);
    if !call.action?.usable.same_as_old_key || !is_about_new_key {
        return None;
    }
    call.key?;
    let named = |parameter: &str| call.text(parameter).and_then(|typed| family(call, typed));
    let (old, new) = (named("AliasName")?, named("TargetKeyId")?);
    let why = format!(
        "the alias belongs to a key of spec {} for {}, and moves only to keys of the same type and usage: the new one is of spec {} for {}",
        old.spec, old.usage, new.spec, new.usage
    );
    let remedy = "name such a key, or delete the alias and create it anew";
    let answer = of_request(KmsException::Validation, "KMS-ACT-4", why, remedy);
    (old.family != new.family).then_some(answer)
}

/// What two keys have to have in common.
struct Kind {
    spec: String,
    usage: String,
    family: tables::KeyFamily,
}

fn family(call: &Call<'_>, typed: &str) -> Option<Kind> {
    let case = call.case;
    let found = resolve::key(case.inquiry, typed).ok()?;
    let TargetKind::Key(KeyTarget::Found { key }) = &found.kind else {
        return None;
    };
    let CompiledKey { record, .. } = &**key;
    Some(Kind {
        spec: record.spec.clone(),
        usage: record.usage.clone(),
        family: tables::key_family(&record.spec, &record.usage)?,
    })
}
