//! What an open answer hangs on where a plan or template does not determine a policy yet.

use std::collections::BTreeSet;

use preclear_condition::Dependency;

use super::Evidences;
use crate::codes;
use crate::decide::Case;
use crate::explanation::Warning;
use crate::layer::Layer;

/// A warning for each open layer whose policy is determined later.
pub(super) fn warnings(case: &Case<'_>, depends_on: &Evidences) -> Vec<Warning> {
    let undetermined = &case.engine.snapshot().undetermined;
    if undetermined.is_empty() {
        return Vec::new();
    }
    let is_open = |layer: Layer| {
        let name = format!("layer:{}", layer.name());
        depends_on
            .iter()
            .any(|dependency: &Dependency| dependency.to_string() == name)
    };
    let layers = undetermined.iter().filter(|(layer, _)| is_open(**layer));
    let warnings = layers.filter_map(|(layer, owners)| {
        let owners = owners
            .iter()
            .filter(|(owner, _)| concerns(case, *layer, owner));
        let names: BTreeSet<&String> = owners.flat_map(|(_, names)| names).collect();
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        (!names.is_empty()).then(|| -> Warning {
            let message = format!(
                "what the answer depends on is not determined yet: {} (layer {})",
                names.join(", "),
                layer.name()
            );
            let warning = Warning::new(&codes::DETERMINED_LATER, message);
            // Addresses of Terraform have dots; a plan is made with its variables, which no flag gives.
            let is_of_plan = names.iter().all(|name| name.contains('.'));
            if is_of_plan {
                return warning.help(
                    "apply the plan first and load its state, or list the policy in a snapshot file in place of the plan's",
                );
            }
            warning
        })
    });
    warnings.collect()
}

/// True if the policies of an owner may be among those of the layer.
fn concerns(case: &Case<'_>, layer: Layer, owner: &str) -> bool {
    match layer {
        Layer::Identity | Layer::Boundary => case.requester.record.is_some_and(|record| {
            let mut records = case.engine.snapshot().principals.iter();
            let listed = records.find(|listed| listed.arn == record.arn);
            let groups = listed.and_then(|listed| listed.groups.value());
            let is_group = groups.is_some_and(|groups| groups.iter().any(|group| group == owner));
            record.arn.as_str() == owner || is_group
        }),
        Layer::Resource | Layer::Grants => case.target.arn.is_some_and(|arn| {
            let arn = arn.as_str();
            let rest = arn.strip_prefix(owner);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
        }),
        Layer::VpcEndpoint => case.request.vpc_endpoint.as_deref() == Some(owner),
        _ => true,
    }
}
