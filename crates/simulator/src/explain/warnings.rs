//! What looks wrong about a question, or about the statements that bear on it.

use preclear_catalog::{catalog, globals, kms as tables, operations};
use preclear_condition::{Ambiguities, Outcome, codes as conditions};
use preclear_model::caller::CallerKind;
use preclear_model::near::nearest;
use preclear_model::{Arn, Match, codes as policies};

use super::{Evidences, asked_resource, elements};
use crate::codes;
use crate::context::Context;
use crate::decide::{Case, Run};
use crate::engine::policies::{CompiledPolicy, CompiledStatement};
use crate::explanation::Warning;
use crate::matching::action::ActionName;
use crate::matching::principal;
use crate::request::{Ask, ContextMode};
use crate::service::assume;
use crate::snapshot::{Given, NOT_KNOWN};
use crate::target::{KeyHandle, KeyTarget, TargetKind};

/// All warnings, in a fixed order.
pub(crate) fn collect(
    case: &Case<'_>,
    context: &Context,
    run: &Run<'_, Evidences>,
) -> Vec<Warning> {
    let mut warnings = context.warnings();
    warnings.extend(asked_resource::warning(case));
    warnings.extend(of_names(case));
    warnings.extend(encrypted_object(case));
    warnings.extend(assume::hints(case));
    warnings.extend(unused_parameters(case));
    for layer in run.layers.iter() {
        for policy in layer.policies() {
            warnings.extend(policy.warnings_about(&case.action));
            warnings.extend(ids_not_known(case, policy));
            for statement in &policy.statements {
                if elements::matches_but_for_condition(case, context, layer, policy, statement) {
                    warnings.extend(keys_not_for_action(case, policy, statement));
                }
            }
        }
    }
    warnings.sort_by(|a, b| (a.code, &a.message).cmp(&(b.code, &b.message)));
    warnings.dedup();
    warnings
}

/// Names in the question that nobody knows: its action, its caller.
pub(crate) fn of_names(case: &Case<'_>) -> impl Iterator<Item = Warning> {
    let place = || case.request.place.clone();
    let action = unknown_action(&case.action, &case.action_text);
    let caller = unlisted_caller(case);
    let service = unknown_service_of_key(case);
    let found = action.into_iter().chain(caller).chain(service);
    found.map(move |warning| warning.at(place()))
}

/// An AWS managed key that exists only because the request names it, of a service that nobody knows. Rule: KMS-AMK-1.
fn unknown_service_of_key(case: &Case<'_>) -> Option<Warning> {
    let TargetKind::Key(KeyTarget::Found {
        key: KeyHandle::Made(key),
    }) = &case.target.kind
    else {
        return None;
    };
    let service = key.record.service.as_deref()?;
    let managed = || tables::aws_managed_key_services();
    if catalog().service(service).is_some() || managed().any(|known| known == service) {
        return None;
    }
    let message = format!("`alias/aws/{service}`: no service `{service}` is known");
    let warning = Warning::new(&codes::KMS_UNKNOWN_SERVICE, message);
    let known = catalog().services().map(|service| service.prefix());
    Some(match nearest(service, managed().chain(known)) {
        Some(near) => warning.help(format!("did you mean `alias/aws/{near}`?")),
        None => warning,
    })
}

/// A caller that is not listed beside an identity of its name with another path. Rule: IAM-PRIN-5.
fn unlisted_caller(case: &Case<'_>) -> Option<Warning> {
    if case.requester.record.is_some() {
        return None;
    }
    let own = match case.requester.kind() {
        CallerKind::User { arn }
        | CallerKind::FederatedUser {
            user: Some(arn), ..
        }
        | CallerKind::RoleSession {
            role_arn: Some(arn),
            ..
        } => arn,
        _ => return None,
    };
    let name = |arn: &Arn| {
        let name = arn.resource_id().rsplit('/').next().unwrap_or_default();
        let fields = (arn.partition().to_owned(), arn.account().to_owned());
        (
            fields,
            arn.resource_type().map(str::to_owned),
            name.to_lowercase(),
        )
    };
    let listed = case.engine.snapshot().principals.iter();
    let listed = listed.map(|record| &record.arn);
    let meant = listed
        .filter(|arn| *arn != own)
        .find(|arn| name(arn) == name(own))?;
    let message = format!("the snapshot does not list `{own}`, but `{meant}`");
    let help =
        format!("name the caller `{meant}`: names are unique in an account, and paths count");
    Some(Warning::new(&codes::UNLISTED_CALLER, message).help(help))
}

/// Entries that count as somebody else's only because nobody told the caller's id. Rule: IAM-PRIN-7, IAM-PRIN-10.
fn ids_not_known(case: &Case<'_>, policy: &CompiledPolicy) -> Vec<Warning> {
    if case.request.mode == ContextMode::Open || !policy.has_principals() {
        return Vec::new();
    }
    let may_ask = policy.statements.iter().filter(|statement| {
        let action: Outcome<()> = statement.action.matches(&case.action, Ambiguities::Report);
        !action.value.is_false()
    });
    let entries = may_ask.flat_map(|statement| {
        let principal = policy
            .source(statement)
            .and_then(|source| source.principal.as_ref());
        let entries = principal.map(Match::entries).unwrap_or_default();
        entries.iter().map(move |entry| (statement.index, entry))
    });
    entries
        .filter_map(|(index, entry)| {
            let (id, member) = principal::id_not_known(entry, case.requester)?;
            let document = &policy.document;
            let message = format!(
                "{}, statement {index}: the caller's {id} is not given, so `{}` counts as another's",
                document.name, entry.text
            );
            let warning = Warning::new(&codes::UNIQUE_ID_NOT_GIVEN, message)
                .help(format!("give it as `{member}` of the principal"));
            Some(warning.at(Some(document.place(entry.span))))
        })
        .collect()
}

/// Parameters say something of KMS and STS calls alone. Rule: UI-38.
fn unused_parameters(case: &Case<'_>) -> Option<Warning> {
    let parameters = case.request.parameters.as_ref()?;
    // Of an operation with several decisions those of KMS and STS read them.
    let is_part = matches!(&case.request.ask, Ask::Operation(asked) if !asked.eq_ignore_ascii_case(&case.action_text));
    let is_used = is_part || matches!(case.action.service(), "kms" | "sts");
    (!is_used && !parameters.is_empty()).then(|| {
        let message = format!("nothing of {} follows from `parameters`", case.action_text);
        Warning::new(&codes::PARAMETERS_NOT_USED, message).at(case.request.place.clone())
    })
}

/// Keys of services that requests for the action never carry. Rule: IAM-CTX-7.
fn keys_not_for_action(
    case: &Case<'_>,
    policy: &CompiledPolicy,
    statement: &CompiledStatement,
) -> Vec<Warning> {
    let action = catalog().action(case.action.service(), case.action.name());
    let (Some(action), Some(source)) = (action, policy.source(statement)) else {
        return Vec::new();
    };
    let is_said = |key: &str| {
        let request = case.request;
        let listed = request.unknown.iter().chain(&request.present);
        let mut said = request
            .context
            .keys()
            .chain(request.like.keys())
            .chain(listed);
        said.any(|name| name.eq_ignore_ascii_case(key))
    };
    let tests = source.conditions.iter();
    tests
        .filter(|test| belongs_to_actions(&test.key) && !action.takes(&test.key))
        .filter(|test| !is_said(&test.key))
        .map(|test| {
            let message = format!(
                "{}, statement {}: requests for {} never carry `{}`",
                policy.document.name, statement.index, case.action_text, test.key
            );
            let warning = Warning::new(&conditions::CONDITION_KEY_NOT_FOR_ACTION, message);
            warning.at(Some(policy.document.place(test.key_span)))
        })
        .collect()
}

/// Whether the catalogue gives the key to actions: of one that it gives to none nothing can be said.
pub(crate) fn belongs_to_actions(key: &str) -> bool {
    if globals::key(key).is_some() || catalog().condition_key(key).is_none() {
        return false;
    }
    let service = key.split_once(':').map(|(service, _)| service);
    let is_aws = service.is_some_and(|service| service.eq_ignore_ascii_case("aws"));
    let actions = service.and_then(|service| catalog().service(service));
    !is_aws && actions.is_some_and(|service| service.actions().any(|action| action.takes(key)))
}

/// An action that no service defines is decided as policies would decide it, and so is easily allowed by a `*`.
pub(crate) fn unknown_action(action: &ActionName<'_>, text: &str) -> Option<Warning> {
    let service = action.service();
    if catalog().action(service, action.name()).is_some() {
        return None;
    }
    let suggestion = match catalog().service(service) {
        // An API operation that takes actions of other names (KMS-ACT-1).
        _ if service == "kms" && tables::operation(action.name()).is_some() => Some(format!(
            "`{text}` is an API operation: ask for it as `operation` to decide all its actions"
        )),
        // An API operation of another service, which nobody is ever asked for by its name.
        _ if operations::authorised_by(text).is_some() => operations::help(text),
        Some(known) => nearest(action.name(), known.actions().map(|action| action.name()))
            .map(|name| format!("did you mean `{service}:{name}`?")),
        None => nearest(
            service,
            catalog().services().map(|service| service.prefix()),
        )
        .map(|prefix| format!("did you mean the service `{prefix}`?")),
    };
    let message = format!("no service defines the action `{text}`");
    let warning = Warning::new(&policies::UNKNOWN_ACTION, message);
    Some(match suggestion {
        Some(suggestion) => warning.help(suggestion),
        None => warning,
    })
}

/// Reading or writing an SSE-KMS object takes a second permission, on the key. Rule: JOB-S3-3, JOB-S3-4.
fn encrypted_object(case: &Case<'_>) -> Option<Warning> {
    let further = match (case.action.service(), case.action.name()) {
        ("s3", "getobject") => "kms:Decrypt",
        ("s3", "putobject") => "kms:GenerateDataKey",
        _ => return None,
    };
    let TargetKind::Carrier(Some(bucket)) = &case.target.kind else {
        return None;
    };
    let bucket = &bucket.record;
    let key = case
        .target
        .arn
        .as_ref()
        .and_then(|arn| arn.as_str().strip_prefix(bucket.arn.as_str()))
        .and_then(|rest| rest.strip_prefix('/'));
    let listed = bucket
        .objects
        .iter()
        .find(|object| key == Some(object.key.as_str()));
    let kms_key = match (listed, &bucket.encryption) {
        (Some(object), _) => object.kms_key.clone()?,
        (None, Given::Here(encryption)) if encryption.kms => encryption
            .key
            .clone()
            .unwrap_or_else(|| "alias/aws/s3".to_owned()),
        _ => return None,
    };
    if kms_key == NOT_KNOWN {
        return None;
    }
    let message = format!(
        "the object is encrypted under `{kms_key}`: the call also takes {further} on that key, made through S3"
    );
    let warning = Warning::new(&codes::KEY_PERMISSION_NEEDED_TOO, message)
        .help(format!("ask for {further} on the key too, with `via: s3`"))
        .at(case.request.place.clone());
    Some(if case.action.name() == "getobject" {
        warning.rule("JOB-S3-4")
    } else {
        warning
    })
}
