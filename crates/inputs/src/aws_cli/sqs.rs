//! Queues, as `aws sqs get-queue-attributes` prints them, and what they share with topics.

use preclear_model::{Node, PolicyKind};
use preclear_simulator::Given;
use preclear_simulator::snapshot::ResourceRecord;

use super::{Output, Outputs, has};
use crate::format::Format;
use crate::loader::Loader;
use crate::part::Entry;

pub(super) static FORMATS: [Format; 1] = [Format::output(
    "output of `aws sqs get-queue-attributes`",
    |node| {
        node.get("Attributes")
            .is_some_and(|attributes| has(attributes, "QueueArn"))
    },
    |outputs, loader, output| attributes(outputs, loader, output, ("QueueArn", "sqs", &ALL)),
)];

/// Attributes that are there whenever all were asked for: only then does a policy that is missing mean none.
const ALL: [&str; 3] = [
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "MaximumMessageSize",
];

/// Attributes of a queue or topic.
pub(super) fn attributes<'n>(
    outputs: &mut Outputs<'n>,
    loader: &mut Loader<'_>,
    output: &Output<'n>,
    (arn_name, service, all): (&str, &str, &[&str]),
) {
    let Some(node) = output.required(loader, output.node, "Attributes") else {
        return;
    };
    let Some(arn_node) = output.required(loader, node, arn_name) else {
        return;
    };
    let Some(arn) = loader.exact_arn(arn_node, output.origin, arn_name) else {
        return;
    };
    if arn.service() != service {
        let message = format!("`{arn}` is of another service than {service}");
        let help = "give the output as the command prints it";
        let at = (output.origin, arn_node.span);
        loader.error("INVALID_ARN", "UI-33", message, at, help);
        return;
    }
    let agrees = output.agrees(loader, "account", arn.account(), arn_node)
        && output.agrees(loader, "region", arn.region(), arn_node);
    if !agrees {
        return;
    }
    outputs.learn(&arn);
    let is_all = all.iter().all(|name| has(node, name));
    let label = format!("resources/{arn}/policy");
    let mut entry = Entry::new(ResourceRecord::new(arn), output.place(arn_node));
    if let Some(document) = node.get("Policy").filter(|policy| !policy.is_empty()) {
        let owner = entry.record.arn.as_str().to_owned();
        let (kind, origin) = (PolicyKind::Resource, output.origin);
        let policy = loader.printed_policy(document, origin, kind, Some(&owner), label);
        entry.record.policy = policy.map_or(Given::LeftOut, Given::Here);
        entry.given.insert("policy", output.place(document));
    } else if is_all {
        entry.record.policy = Given::Nothing;
        entry.given.insert("policy", output.place(node));
    }
    let key = node.get("KmsMasterKeyId");
    if let Some(key) = key.filter(|key: &&Node| !key.is_empty()) {
        entry.record.kms_key = loader.key_identifier(key, output.origin, "KmsMasterKeyId");
        entry.given.insert("kms_key", output.place(key));
    }
    outputs.part.resources.push(entry);
}
