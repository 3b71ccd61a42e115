//! Keys of the network that a call comes from. Rule: IAM-CTX-2, IAM-CTX-5.

use preclear_simulator::snapshot::VpcEndpointRecord;

use super::said::said;
use crate::reference::question::Question;
use crate::reference::value::Value;

/// The listed endpoint that the request states.
fn stated<'a>(question: &Question<'a>) -> Option<&'a VpcEndpointRecord> {
    let id = question.request.vpc_endpoint.as_deref()?;
    let mut listed = question.snapshot.vpc_endpoints.iter();
    listed.find(|record| record.id == id)
}

/// What follows for a key of the network; `None` if nothing does.
pub(crate) fn derived(question: &Question<'_>, key: &str) -> Option<Value> {
    let request = question.request;
    let has_value = |key: &str| matches!(said(request, key), Some(Value::Known(_)));
    // The endpoint belongs to the first call. Rule: UI-39.
    let endpoint = request.vpc_endpoint.as_ref().filter(|_| !question.is_forwarded);
    match key {
        "aws:sourcevpce" => match endpoint {
            Some(id) => Some(Value::Known(vec![id.clone()])),
            // Of the two only one is there. Rule: IAM-CTX-5.
            None if has_value("aws:sourceip") && !request.force_context => Some(Value::Absent),
            None => None,
        },
        "aws:sourcevpc" => endpoint.map(|_| {
            let vpc = stated(question).and_then(|record| record.vpc.clone());
            vpc.map_or(Value::Present, |vpc| Value::Known(vec![vpc]))
        }),
        "aws:sourceip" => {
            let is_through_endpoint = endpoint.is_some()
                || (has_value("aws:sourcevpce") && !question.is_forwarded);
            let is_absent = question.requester.is_service()
                || (is_through_endpoint && !request.force_context);
            is_absent.then_some(Value::Absent)
        }
        _ => None,
    }
}
