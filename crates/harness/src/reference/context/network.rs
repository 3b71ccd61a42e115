//! Keys of the network that a call comes from. Rule: IAM-CTX-2, IAM-CTX-5.

use preclear_simulator::snapshot::VpcEndpointRecord;

use super::forwarding::LOST;
use super::organization;
use super::said::value_given;
use crate::reference::question::Question;
use crate::reference::value::Value;

/// The listed endpoint that the request states. Rule: IAM-CTX-2.
fn stated<'a>(question: &Question<'a>) -> Option<&'a VpcEndpointRecord> {
    let id = question.request.vpc_endpoint.as_deref()?;
    let mut listed = question.snapshot.vpc_endpoints.iter();
    listed.find(|record| record.id == id)
}

/// What follows for a key of the network; `None` if nothing does. Rule: IAM-CTX-2, IAM-CTX-5.
pub(crate) fn derived(question: &Question<'_>, key: &str) -> Option<Value> {
    let request = question.request;
    // The empty text is no address and no endpoint.
    let has_value = |key: &str| value_given(request, key).is_some_and(|text| !text.is_empty());
    // The endpoint belongs to the first call. Rule: UI-39.
    let endpoint = request
        .vpc_endpoint
        .as_ref()
        .filter(|_| !question.is_forwarded);
    if key == "aws:sourceip" {
        // The address stays with a forwarded call if the first one was public. Rule: IAM-PRIN-13.
        let is_through_endpoint = request.vpc_endpoint.is_some() || has_value("aws:sourcevpce");
        let is_absent =
            question.requester.is_service() || (is_through_endpoint && !request.force_context);
        return is_absent.then_some(Value::Absent);
    }
    if !LOST.contains(&key) {
        return None;
    }
    if let Some(id) = endpoint {
        return of_endpoint(question, key, id);
    }
    // A call from a public address, or of a service, passes no endpoint.
    let is_public = has_value("aws:sourceip") && !request.force_context;
    (is_public || question.requester.is_service()).then_some(Value::Absent)
}

/// Keys that tell what the stated endpoint is. Rule: IAM-CTX-2.
fn of_endpoint(question: &Question<'_>, key: &str, id: &str) -> Option<Value> {
    let record = stated(question);
    let account = record.and_then(|record| record.account.as_deref());
    match key {
        "aws:sourcevpce" => Some(Value::one(id.to_owned())),
        "aws:sourcevpc" => {
            let vpc = record.and_then(|record| record.vpc.clone());
            Some(vpc.map_or(Value::Present, Value::one))
        }
        "aws:vpceaccount" => Some(Value::one(account?.to_owned())),
        "aws:vpceorgid" => organization::id(question.snapshot, Some(account?)),
        "aws:vpceorgpaths" => organization::paths(question.snapshot, Some(account?)),
        _ => None,
    }
}
