//! Requests that contradict themselves or cannot occur. Rule: IAM-CTX-5, IAM-EVAL-5, IAM-EVAL-22, IAM-COND-5, UI-34, UI-39.

use preclear_catalog::catalog;
use preclear_catalog::kms::Target as Half;
use preclear_model::Arn;
use preclear_model::caller::{CallerKind, Credentials};
use preclear_simulator::request::ContextValue;

use super::context::said::said;
use super::kms::identifier;
use super::kms::parameters::member;
use super::language::Resource;
use super::question::Question;
use super::sts;
use super::target::Kind;
use super::value::Value;

/// True for a question that cannot be asked. Rule: UI-34.
pub(crate) fn refuses(question: &Question<'_>) -> bool {
    has_impossible_network(question)
        || has_other_owner(question)
        || assumes_no_role(question)
        || has_list_for_one_value(question)
        || forwards_for_nobody(question)
        || has_other_identity(question)
        || has_useless_session_policy(question)
        || has_other_types(question)
        || names_another_region(question)
        || names_no_alias(question)
}

/// A public address and a VPC endpoint together. Rule: IAM-CTX-5.
fn has_impossible_network(question: &Question<'_>) -> bool {
    let request = question.request;
    let has_value = |key: &str| matches!(said(request, key), Some(Value::Known(_)));
    let has_endpoint = request.vpc_endpoint.is_some() || has_value("aws:sourcevpce");
    !request.force_context && has_endpoint && has_value("aws:sourceip")
}

/// Another owner than ARN or snapshot say. Rule: IAM-EVAL-5.
fn has_other_owner(question: &Question<'_>) -> bool {
    let Some(stated) = question.request.resource_account.as_deref() else {
        return false;
    };
    let is_named = !matches!(question.target.resource, Resource::Everything);
    let owner = question.target.account.as_deref();
    is_named && owner.is_some_and(|owner| owner != stated)
}

/// A target of AssumeRole that is no role. Rule: IAM-EVAL-22.
fn assumes_no_role(question: &Question<'_>) -> bool {
    question.service == "sts"
        && sts::assumes_role(&question.action)
        && !matches!(question.target.kind, Kind::Role { .. } | Kind::Everything)
}

/// Several values, or none, for a key that has one. Rule: IAM-COND-5.
fn has_list_for_one_value(question: &Question<'_>) -> bool {
    let mut context = question.request.context.iter();
    context.any(|(name, value)| {
        let is_list = matches!(value, ContextValue::Many(values) if values.len() != 1);
        let known = catalog().condition_key(name);
        is_list && known.is_some_and(|key| !key.is_multivalued() && !key.may_have_several())
    })
}

/// A service as itself, and a request that nobody signed, cannot be passed on. Rule: UI-39.
fn forwards_for_nobody(question: &Question<'_>) -> bool {
    let requester = &question.requester;
    !question.request.via.is_empty() && (requester.is_service() || requester.is_unsigned())
}

/// What the request says of its caller contradicts itself or the snapshot. Rule: UI-34.
fn has_other_identity(question: &Question<'_>) -> bool {
    let caller = question.requester.caller;
    let of_other_account = match &caller.kind {
        CallerKind::FederatedUser {
            user: Some(user), ..
        } => {
            Some(user.account()) != caller.account.as_deref()
                || Some(user.partition()) != caller.partition.as_deref()
        }
        _ => false,
    };
    // `AIDA…` is a user's, `AROA…` a role's. Rule: IAM-PRIN-7.
    let start = match &caller.kind {
        CallerKind::User { .. } | CallerKind::FederatedUser { .. } => "AIDA",
        CallerKind::RoleSession { .. } => "AROA",
        _ => "",
    };
    let is_of_other_kind = caller.id.as_ref().is_some_and(|id| !id.starts_with(start));
    let is_user = matches!(caller.kind, CallerKind::User { .. } | CallerKind::Root);
    let has_key_of_user = caller.credentials == Some(Credentials::LongTerm) && !is_user;
    let listed = question
        .requester
        .record
        .and_then(|record| record.id.as_deref());
    let has_other_id = caller
        .id
        .as_deref()
        .zip(listed)
        .is_some_and(|(stated, listed)| stated != listed);
    let names_no_arn = match &question.target.resource {
        Resource::One(text) => Arn::parse(text).is_none(),
        _ => false,
    };
    of_other_account || is_of_other_kind || has_key_of_user || has_other_id || names_no_arn
}

/// A session policy of somebody who can have none. Rule: IAM-EVAL-14.
fn has_useless_session_policy(question: &Question<'_>) -> bool {
    let request = question.request;
    let has_policy = request.session_policy_rejected
        || request
            .session_policies
            .as_ref()
            .is_some_and(|policies| !policies.is_empty());
    let can_have = matches!(
        question.requester.kind(),
        CallerKind::RoleSession { .. } | CallerKind::FederatedUser { .. } | CallerKind::RootSession
    );
    has_policy && !can_have
}

/// Parameters that are lists of texts. Rule: UI-38.
const LISTS: [&str; 4] = ["Operations", "GrantTokens", "TagKeys", "TransitiveTagKeys"];

/// A parameter of another type than the API gives it. Rule: UI-38.
fn has_other_types(question: &Question<'_>) -> bool {
    let is_texts = |value: &serde_json::Value| {
        let texts = value.as_array();
        texts.is_some_and(|texts| texts.iter().all(serde_json::Value::is_string))
    };
    let has_parameters = matches!(question.service.as_str(), "kms" | "sts");
    let mut lists = LISTS
        .iter()
        .filter_map(|name| member(question.request, name));
    has_parameters && lists.any(|value| !is_texts(value))
}

/// An ARN of a key or alias in another Region than that of the call, where KMS does not find it. Rule: KMS-ID-7.
fn names_another_region(question: &Question<'_>) -> bool {
    let Some(row) = question.kms else {
        return false;
    };
    let has_key = row
        .targets
        .iter()
        .any(|half| half.is_key() || *half == Half::Alias);
    let mut arns = identifier::typed_arns(question.request);
    let region = question.request.region.as_deref();
    has_key
        && region
            .is_some_and(|region| arns.any(|arn| arn.service() == "kms" && arn.region() != region))
}

/// A call on an alias that names none. Rule: KMS-ID-8, KMS-ACT-4.
fn names_no_alias(question: &Question<'_>) -> bool {
    let is_on_alias = question.half == Some(Half::Alias);
    let typed = question.typed.as_deref().filter(|typed| *typed != "*");
    is_on_alias && typed.is_some_and(|typed| !identifier::is_alias(typed))
}
