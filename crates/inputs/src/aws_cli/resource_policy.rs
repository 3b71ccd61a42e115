//! Policies of resources that are printed in one form by several services: the folder says whose one is.

use preclear_model::{Arn, Node, PolicyKind};
use preclear_simulator::Given;
use preclear_simulator::snapshot::KeyRecord;

use super::{Output, Outputs, has, kms, lambda, s3};
use crate::format::Format;
use crate::loader::Loader;
use crate::part::Entry;

pub(super) static FORMATS: [Format; 1] = [Format::output(
    "output of `aws kms get-key-policy`, `aws s3api get-bucket-policy` or `aws lambda get-policy`",
    |node| node.get("Policy").is_some_and(is_document),
    resource_policy,
)];

/// An object with statements, or a text.
fn is_document(node: &Node) -> bool {
    has(node, "Statement") || node.as_text().is_some()
}

fn resource_policy<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let Some(document) = output.required(loader, output.node, "Policy") else {
        return;
    };
    match output.subject.nearest(&["keys", "buckets", "functions"]) {
        Some(("keys", _)) => key_policy(outputs, loader, output, document),
        Some(("buckets", name)) => s3::bucket_policy(outputs, loader, output, (name, document)),
        Some(("functions", name)) => {
            lambda::function_policy(outputs, loader, output, (name, document));
        }
        _ if has(output.node, "PolicyName") => {
            // An error: keys have folders.
            kms::key_of_folder(loader, output);
        }
        _ => output.nobody_says(
            loader,
            "whose policy it is",
            "keys/KEY-ID`, `buckets/NAME` or `functions/NAME",
        ),
    }
}

/// `get-key-policy`
fn key_policy<'n>(
    outputs: &mut Outputs<'n>,
    loader: &mut Loader<'_>,
    output: &Output<'n>,
    document: &'n Node,
) {
    let names = [("default", "policy"), ("AWS_RAM", "ram_policy")];
    let name = output.text(loader, output.node, "PolicyName");
    let name = name.unwrap_or("default");
    let Some((_, member)) = names.into_iter().find(|(known, _)| *known == name) else {
        if let Some(node) = output.node.get("PolicyName") {
            let words = names.map(|(known, _)| known);
            let at = (output.origin, node.span);
            loader.unknown_word("policy of a key", name, &words, at);
        }
        return;
    };
    let Some(arn) = kms::key_of_folder(loader, output) else {
        return;
    };
    outputs.learn(&arn);
    let label = format!("keys/{}/{member}", arn.resource_id());
    let (kind, owner) = (PolicyKind::Key, Some(arn.as_str()));
    let policy = loader.printed_policy(document, output.origin, kind, owner, label);
    let policy = policy.map_or(Given::LeftOut, Given::Here);
    let mut entry = Entry::new(KeyRecord::new(arn), output.start());
    match member {
        "policy" => entry.record.policy = policy,
        _ => entry.record.ram_policy = policy,
    }
    entry.given.insert(member, output.place(document));
    outputs.part.keys.push(entry);
}

/// The ARN of something in an account and Region, made of folders.
pub(super) fn arn_of_folder(
    loader: &mut Loader<'_>,
    output: &Output<'_>,
    service: &str,
    resource: &str,
) -> Option<Arn> {
    let (account, region) = (output.account(loader)?, output.region(loader)?);
    let partition = super::subject::partition_of(&region);
    Arn::from_fields(partition, service, &region, &account, resource)
}
