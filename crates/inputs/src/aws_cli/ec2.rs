//! VPC endpoints, as `aws ec2 describe-vpc-endpoints` prints them.

use preclear_model::{Node, PolicyKind};
use preclear_simulator::Given;
use preclear_simulator::snapshot::{VpcEndpointKind, VpcEndpointRecord};

use super::{Output, Outputs, has, is_list_of};
use crate::format::Format;
use crate::loader::Loader;
use crate::part::Entry;

pub(super) static FORMATS: [Format; 1] = [Format::output(
    "output of `aws ec2 describe-vpc-endpoints`",
    |node| {
        is_list_of(node, "VpcEndpoints", |endpoint| {
            has(endpoint, "VpcEndpointId")
        })
    },
    vpc_endpoints,
)];

fn vpc_endpoints<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    outputs.page(output);
    let mut is_any = false;
    for item in output.list(loader, output.node, "VpcEndpoints") {
        if let Some(entry) = vpc_endpoint(loader, output, item) {
            outputs.part.vpc_endpoints.push(entry);
            is_any = true;
        }
    }
    if !is_any {
        let help = "that there are none only a snapshot file can say: `complete: true`";
        output.adds_nothing(
            loader,
            "it lists no endpoint that calls of services pass",
            help,
        );
    }
}

/// An endpoint; `None` for kinds that no request to a service passes.
fn vpc_endpoint<'n>(
    loader: &mut Loader<'_>,
    output: &Output<'n>,
    node: &'n Node,
) -> Option<Entry<VpcEndpointRecord>> {
    let (id, id_node) = output.required_text(loader, node, "VpcEndpointId")?;
    let kind = match output.text(loader, node, "VpcEndpointType") {
        None | Some("Interface") => VpcEndpointKind::Interface,
        Some("Gateway") => VpcEndpointKind::Gateway,
        Some(_) => return None,
    };
    let mut entry = Entry::new(
        VpcEndpointRecord {
            id: id.to_owned(),
            kind,
            vpc: None,
            account: None,
            policy: Given::LeftOut,
        },
        output.place(id_node),
    );
    if let Some(node) = output.value(node, "VpcEndpointType") {
        entry.given.insert("kind", output.place(node));
    }
    if let Some(vpc) = output.value(node, "VpcId") {
        entry.record.vpc = loader.text(vpc, output.origin, "VpcId").map(str::to_owned);
        entry.given.insert("vpc", output.place(vpc));
    }
    if let Some(owner) = output.value(node, "OwnerId") {
        let account = loader.account_id(owner, output.origin, "OwnerId")?;
        entry.record.account = Some(account);
        entry.given.insert("account", output.place(owner));
    } else if let Some(account) = &output.subject.account {
        entry.record.account = Some(account.clone());
        entry.given.insert("account", output.place(id_node));
    }
    if let Some(document) = node.get("PolicyDocument").filter(|text| !text.is_empty()) {
        let (kind, origin) = (PolicyKind::VpcEndpoint, output.origin);
        let label = format!("vpc_endpoints/{id}/policy");
        let policy = loader.printed_policy(document, origin, kind, Some(id), label);
        entry.record.policy = policy.map_or(Given::LeftOut, Given::Here);
        entry.given.insert("policy", output.place(document));
    }
    Some(entry)
}
