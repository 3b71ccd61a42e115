//! Forward access sessions: whether a service calls on for the requester, and what that does to keys. Rule: IAM-PRIN-13.

use preclear_catalog::kms::via_service;
use preclear_catalog::services::supports_called_via;
use preclear_simulator::{ContextMode, Request};

use super::said::{is_there, said, value_given};
use crate::reference::question::Question;
use crate::reference::value::{Tri, Value};

/// Keys that belong to the first call and are lost when a service calls on. Rule: IAM-PRIN-13, UI-39.
pub(crate) const LOST: [&str; 7] = [
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpcsourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

/// Keys that tell which services call, first and last.
const CALLED_VIA: [&str; 3] = ["aws:calledvia", "aws:calledviafirst", "aws:calledvialast"];

/// Whether a service calls on: `via` says so, `kms:ViaService` or `aws:ViaAWSService`, and where that is not stated the keys
/// that tell which services call: what is supplied wins over what follows from other keys. Where one is unknown nobody knows.
/// Rule: UI-39, IAM-CTX-1, IAM-CTX-2.
pub(crate) fn is_forwarded(request: &Request) -> Tri {
    let by_key = |key: &str| is_there(request, key);
    let by_flag = match said(request, "aws:viaawsservice") {
        Some(Value::Known(texts)) => {
            let is_true = texts.iter().any(|text| text.eq_ignore_ascii_case("true"));
            is_true.into()
        }
        Some(Value::Absent) => Tri::False,
        Some(Value::Like(_) | Value::Present | Value::Unknown) => Tri::Unknown,
        None => Tri::any(CALLED_VIA.map(by_key)),
    };
    let is_stated = Tri::from(!request.via.is_empty());
    Tri::any([is_stated, by_key("kms:viaservice"), by_flag])
}

/// Name of a service in front of its domain: `s3` for `s3.amazonaws.com`.
fn label(service: &str) -> &str {
    service.split_once('.').map_or(service, |(label, _)| label)
}

/// `aws:ViaAWSService`: true on forwarded calls, else false. Rule: IAM-CTX-2, DOC-7.
pub(crate) fn via_aws_service(question: &Question<'_>) -> Value {
    Value::one(question.is_forwarded.to_string())
}

/// `aws:CalledVia`: the services on the way that support it, in the order of the calls; absent if there is none. Where
/// nobody says which services are on the way, nobody knows. Rule: IAM-PRIN-13, IAM-CTX-2, UI-39.
pub(crate) fn called_via(question: &Question<'_>) -> Value {
    let request = question.request;
    match said(request, "aws:calledvia") {
        // What has no name is no service. Rule: IAM-COND-13.
        Some(Value::Known(hosts)) if hosts.iter().any(String::is_empty) => {
            let named = hosts.into_iter().filter(|host| !host.is_empty());
            return Value::Known(named.collect());
        }
        Some(value) => return value,
        None => {}
    }
    let services = request.via.iter().map(|service| label(service));
    let hosts: Vec<String> = services
        .filter(|service| supports_called_via(service))
        .map(|service| format!("{service}.amazonaws.com"))
        .collect();
    match (hosts.is_empty(), request.via.is_empty()) {
        (false, _) => Value::Known(hosts),
        (true, true) if question.is_forwarded && request.mode == ContextMode::Open => {
            Value::Unknown
        }
        _ => Value::Absent,
    }
}

/// `aws:CalledViaFirst` and `aws:CalledViaLast`, which follow from `aws:CalledVia`. Rule: IAM-CTX-2.
pub(crate) fn end_of_called_via(question: &Question<'_>, is_first: bool) -> Value {
    match called_via(question) {
        Value::Known(hosts) => {
            let end = if is_first {
                hosts.first()
            } else {
                hosts.last()
            };
            end.map_or(Value::Absent, |host| Value::one(host.clone()))
        }
        other => other,
    }
}

/// `kms:ViaService`: the last service on the way, in the Region of the call; absent on direct calls and on calls of a
/// service as itself. Rule: UI-39, KMS-COND-2, KMS-POL-10.
pub(crate) fn kms_via_service(question: &Question<'_>) -> Value {
    if !question.is_forwarded {
        return Value::Absent;
    }
    let last = question.request.via.last();
    match last.zip(question.region()) {
        Some((service, region)) => {
            let service = via_service(label(service));
            Value::one(format!("{service}.{region}.amazonaws.com"))
        }
        None => Value::Present,
    }
}

/// `kms:GrantIsForAWSResource`: as the request says, else whether a service calls on. Rule: KMS-GRANT-16, KMS-DEC-2.
pub(crate) fn grant_is_for_aws_resource(question: &Question<'_>) -> Value {
    let said = question.request.grant_for_aws_resource;
    Value::one(said.unwrap_or(question.is_forwarded).to_string())
}

/// The VPC endpoint that the call passes: as stated, or as `aws:SourceVpce` has it; calls that a service passes on go
/// through none. Rule: IAM-EVAL-11.
pub(crate) fn endpoint(question: &Question<'_>) -> Endpoint {
    let request = question.request;
    if question.is_forwarded {
        return Endpoint::None;
    }
    if let Some(id) = &request.vpc_endpoint {
        return Endpoint::This(id.clone());
    }
    match said(request, "aws:sourcevpce") {
        Some(Value::Present | Value::Like(_)) => Endpoint::Some,
        _ => value_given(request, "aws:sourcevpce").map_or(Endpoint::None, Endpoint::This),
    }
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// None, or none that anybody spoke of.
    None,
    /// The one of this id.
    This(String),
    /// Some endpoint.
    Some,
}
