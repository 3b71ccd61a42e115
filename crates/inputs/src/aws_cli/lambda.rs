//! Functions, as the commands of `aws lambda` print them.

use preclear_model::{Arn, Node, PolicyKind};
use preclear_simulator::Given;
use preclear_simulator::snapshot::ResourceRecord;

use super::resource_policy::arn_of_folder;
use super::{Output, Outputs, has};
use crate::format::Format;
use crate::loader::Loader;
use crate::part::Entry;

pub(super) static FORMATS: [Format; 2] = [
    Format::output(
        "output of `aws lambda get-function`",
        |node| {
            node.get("Configuration")
                .is_some_and(|configuration| has(configuration, "FunctionArn"))
        },
        function,
    ),
    Format::output(
        "output of `aws lambda get-function-configuration`",
        |node| has(node, "FunctionArn") && has(node, "Role"),
        |outputs, loader, output| {
            if let Some(entry) = configuration(loader, output, output.node) {
                outputs.learn(&entry.record.arn);
                outputs.part.resources.push(entry);
            }
        },
    ),
];

/// `get-function`
fn function<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let Some(node) = output.required(loader, output.node, "Configuration") else {
        return;
    };
    let Some(mut entry) = configuration(loader, output, node) else {
        return;
    };
    if let Some(tags) = output.value(output.node, "Tags") {
        entry.record.tags = loader.pairs(tags, output.origin, "Tags");
        entry.given.insert("tags", output.place(tags));
    }
    outputs.learn(&entry.record.arn);
    outputs.part.resources.push(entry);
}

/// Role and key of a function.
fn configuration(
    loader: &mut Loader<'_>,
    output: &Output<'_>,
    node: &Node,
) -> Option<Entry<ResourceRecord>> {
    let arn_node = node.get("FunctionArn").filter(|arn| !arn.is_null())?;
    let arn = loader.exact_arn(arn_node, output.origin, "FunctionArn")?;
    if !is_function(&arn) {
        let message = format!("`{arn}` is no function");
        let help = "give the output as the command prints it";
        let at = (output.origin, arn_node.span);
        loader.error("INVALID_ARN", "UI-33", message, at, help);
        return None;
    }
    let agrees = output.agrees(loader, "functions", name_of(&arn), arn_node)
        && output.agrees(loader, "account", arn.account(), arn_node)
        && output.agrees(loader, "region", arn.region(), arn_node);
    if !agrees {
        return None;
    }
    let mut entry = Entry::new(ResourceRecord::new(arn), output.place(arn_node));
    if let Some(role) = node.get("Role").filter(|role| !role.is_empty()) {
        let arn = loader.exact_arn(role, output.origin, "Role");
        entry.record.role = arn.map(|arn| arn.as_str().to_owned());
        entry.given.insert("role", output.place(role));
    }
    if let Some(key) = node.get("KMSKeyArn").filter(|key| !key.is_empty()) {
        entry.record.kms_key = loader.key_identifier(key, output.origin, "KMSKeyArn");
        entry.given.insert("kms_key", output.place(key));
    }
    Some(entry)
}

fn is_function(arn: &Arn) -> bool {
    (arn.service(), arn.resource_type()) == ("lambda", Some("function"))
}

/// The function's name, without version or alias behind it.
fn name_of(arn: &Arn) -> &str {
    let id = arn.resource_id();
    id.split_once(':').map_or(id, |(name, _)| name)
}

/// `get-policy`
pub(super) fn function_policy<'n>(
    outputs: &mut Outputs<'n>,
    loader: &mut Loader<'_>,
    output: &Output<'n>,
    (name, document): (&str, &'n Node),
) {
    let resource = format!("function:{name}");
    let Some(arn) = arn_of_folder(loader, output, "lambda", &resource) else {
        return;
    };
    let label = format!("resources/{arn}/policy");
    let (kind, owner) = (PolicyKind::Resource, Some(arn.as_str()));
    let policy = loader.printed_policy(document, output.origin, kind, owner, label);
    let mut entry = Entry::new(ResourceRecord::new(arn), output.start());
    entry.record.policy = policy.map_or(Given::LeftOut, Given::Here);
    entry.given.insert("policy", output.place(document));
    outputs.part.resources.push(entry);
}
