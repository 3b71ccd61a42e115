//! What an open answer hangs on where a plan or template does not determine a policy yet.

use std::collections::BTreeSet;

use preclear_condition::Dependency;

use super::Evidences;
use crate::codes;
use crate::decide::{Case, Run};
use crate::explanation::Warning;
use crate::layer::Layer;

/// A warning for each open layer of which a policy, or a part of one, is determined later.
pub(super) fn warnings(
    case: &Case<'_>,
    run: &Run<'_, Evidences>,
    depends_on: &Evidences,
) -> Vec<Warning> {
    let is_open = |layer: &Layer| {
        let name = format!("layer:{}", layer.name());
        depends_on
            .iter()
            .any(|dependency: &Dependency| dependency.to_string() == name)
    };
    let layers = Layer::ALL.into_iter().filter(is_open);
    let warnings = layers.filter_map(|layer| {
        let mut names = whole_policies(case, layer);
        names.extend(statements(run, layer));
        let place = || case.request.place.clone();
        (!names.is_empty()).then(|| warning(layer, &names).at(place()))
    });
    warnings.collect()
}

/// What policies hang on of which nothing is determined.
fn whole_policies<'c>(case: &Case<'c>, layer: Layer) -> BTreeSet<&'c str> {
    let owners = case.engine.snapshot().undetermined.get(&layer);
    let owners = owners.into_iter().flatten();
    let meant = owners.filter(|(owner, _)| concerns(case, layer, owner));
    meant
        .flat_map(|(_, names)| names.iter().map(String::as_str))
        .collect()
}

/// What statements hang on that may match.
fn statements<'r>(run: &'r Run<'_, Evidences>, layer: Layer) -> impl Iterator<Item = &'r str> + 'r {
    let layers = run.layers.iter().filter(move |own| own.layer == layer);
    let found = layers.flat_map(|own| &own.statements);
    let open = found.filter_map(|found| found.policy.source(found.statement)?.open.as_deref());
    open.flatten().map(String::as_str)
}

fn warning(layer: Layer, names: &BTreeSet<&str>) -> Warning {
    let shown: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "what the answer depends on is not determined yet: {} (layer {})",
        shown.join(", "),
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
