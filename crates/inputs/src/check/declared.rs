//! What a snapshot declares of whole layers, against what it gives of them. Rule: IAM-TRI-7.

use std::sync::Arc;

use preclear_model::{Diagnostic, Diagnostics, Place, Policy};
use preclear_simulator::{Given, Layer};

use super::place_of;
use crate::part::{Entry, Part};

/// Where a layer is declared open or empty, policies that the snapshot gives for it do not count.
pub(super) fn hides_nothing_given(part: &Part, diagnostics: &mut Diagnostics) {
    let lists = [
        ("layers_open", &part.layers_open),
        ("layers_empty", &part.layers_empty),
    ];
    for (list, layers) in lists {
        for layer in layers {
            // Grants only allow, so those that are listed count beside the others.
            if *layer == Layer::Grants && list == "layers_open" {
                continue;
            }
            let Some((what, place)) = first_given(part, *layer) else {
                continue;
            };
            let message = format!(
                "`{list}` names the layer `{layer}`, so what is given for it does not count: {what}"
            );
            let mut warning = Diagnostic::warning("LAYER_DECLARED_AWAY", message)
                .rule("IAM-TRI-7")
                .related(place, "the first that does not count")
                .help(format!(
                    "take `{layer}` out of `{list}`, or leave what belongs to it out of the snapshot"
                ));
            warning.place = part.layer_places.get(&(list, *layer)).cloned();
            diagnostics.push(warning);
        }
    }
}

/// The first policy or grant of a layer, in words, and its place.
fn first_given(part: &Part, layer: Layer) -> Option<(String, Place)> {
    let organization = part.organization.iter();
    let mut nodes = organization.flat_map(|organization| {
        let below = organization.units.iter().chain(&organization.accounts);
        organization.root.iter().chain(below)
    });
    match layer {
        Layer::Identity => {
            let mut principals = part.principals.iter();
            let mut groups = part.groups.iter();
            principals
                .find_map(|entry| of_list(entry, "policies", &entry.record.policies))
                .or_else(|| {
                    groups.find_map(|entry| of_list(entry, "policies", &entry.record.policies))
                })
        }
        Layer::Boundary => {
            let mut principals = part.principals.iter();
            principals.find_map(|entry| of_one(entry, "boundary", &entry.record.boundary))
        }
        Layer::Resource => {
            let mut keys = part.keys.iter();
            let mut resources = part.resources.iter();
            let mut roles = part.principals.iter();
            keys.find_map(|entry| {
                of_one(entry, "policy", &entry.record.policy)
                    .or_else(|| of_one(entry, "ram_policy", &entry.record.ram_policy))
            })
            .or_else(|| resources.find_map(|entry| of_one(entry, "policy", &entry.record.policy)))
            .or_else(|| roles.find_map(|entry| of_one(entry, "trust", &entry.record.trust)))
        }
        Layer::Scp => nodes.find_map(|entry| of_list(entry, "scps", &entry.record.scps)),
        Layer::Rcp => nodes.find_map(|entry| of_list(entry, "rcps", &entry.record.rcps)),
        Layer::VpcEndpoint => {
            let mut endpoints = part.vpc_endpoints.iter();
            endpoints.find_map(|entry| of_one(entry, "policy", &entry.record.policy))
        }
        Layer::Grants => part.keys.iter().find_map(|entry| {
            let any = entry.record.grants.iter().flatten().next();
            any.map(|_| {
                let what = format!("the grants of `{}`", entry.record.arn);
                (what, place_of(entry, "grants"))
            })
        }),
        // They belong to requests.
        Layer::Session => None,
    }
}

fn of_one<T>(
    entry: &Entry<T>,
    member: &str,
    policy: &Given<Arc<Policy>>,
) -> Option<(String, Place)> {
    let policy = policy.value()?;
    Some((format!("`{}`", policy.name), place_of(entry, member)))
}

fn of_list<T>(
    entry: &Entry<T>,
    member: &str,
    policies: &Given<Vec<Arc<Policy>>>,
) -> Option<(String, Place)> {
    let policy = policies.value()?.first()?;
    Some((format!("`{}`", policy.name), place_of(entry, member)))
}

#[cfg(test)]
mod tests {
    use crate::testing::{IDENTITY_POLICY, KEY, KEY_POLICY, load};

    /// Messages with what they point at and what they mention beside it.
    fn warned(declared: &str, rest: &str) -> Vec<(String, String, String)> {
        let loaded = load(&format!("preclear: 1\n{declared}\n{rest}")).unwrap();
        let found = loaded.diagnostics.0.into_iter();
        let found = found.filter(|found| found.code == "LAYER_DECLARED_AWAY");
        found
            .map(|found| {
                let at = found
                    .place
                    .map_or(String::new(), |place| place.text().to_owned());
                let related = found.related.first();
                let related = related.map_or("", |(place, _)| place.text());
                (found.message, at, related.to_owned())
            })
            .collect()
    }

    /// Rule: IAM-TRI-7.
    #[test]
    fn policies_of_a_layer_that_is_declared_away_are_named() {
        let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}}"#;
        let endpoint = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
        let rcp = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}}"#;
        let user = "arn:aws:iam::111122223333:user/u";
        let role = "arn:aws:iam::111122223333:role/r";
        let given = [
            (
                "identity",
                "principals/user u/policies/0",
                format!("principals: [{{arn: '{user}', policies: [{IDENTITY_POLICY}]}}]"),
            ),
            (
                "identity",
                "groups/g/policies/0",
                format!(
                    "groups: [{{arn: 'arn:aws:iam::111122223333:group/g', policies: [{IDENTITY_POLICY}]}}]"
                ),
            ),
            (
                "boundary",
                "principals/user u/boundary",
                format!("principals: [{{arn: '{user}', boundary: {IDENTITY_POLICY}}}]"),
            ),
            (
                "resource",
                "principals/role r/trust",
                format!("principals: [{{arn: '{role}', trust: {trust}}}]"),
            ),
            (
                "resource",
                "/policy",
                format!("keys: [{{arn: '{KEY}', policy: {KEY_POLICY}}}]"),
            ),
            (
                "resource",
                "/ram_policy",
                format!("keys: [{{arn: '{KEY}', ram_policy: {KEY_POLICY}}}]"),
            ),
            (
                "resource",
                "/policy",
                format!("resources: [{{arn: 'arn:aws:s3:::b', policy: {endpoint}}}]"),
            ),
            (
                "scp",
                "p-FullAWSAccess",
                "organization: {id: o-x, root: {id: r-1, scps: [FullAWSAccess]}}".to_owned(),
            ),
            (
                "rcp",
                "organization/111122223333/rcps/0",
                format!(
                    "organization: {{id: o-x, root: {{id: r-1}}, accounts: [{{id: '111122223333', rcps: [{rcp}]}}]}}"
                ),
            ),
            (
                "vpce",
                "/policy",
                format!("vpc_endpoints: [{{id: vpce-1, policy: {endpoint}}}]"),
            ),
        ];
        for (layer, name, text) in &given {
            for list in ["layers_open", "layers_empty"] {
                let found = warned(&format!("{list}: [{layer}]"), text);
                let [(message, at, related)] = found.as_slice() else {
                    panic!("{layer}: {found:?}");
                };
                assert!(
                    message.contains(name) && message.contains(list),
                    "{message}"
                );
                assert_eq!(at, layer);
                assert!(!related.is_empty());
            }
            assert_eq!(warned(&format!("layers_not_loaded: [{layer}]"), text), []);
            assert_eq!(warned("layers_open: [session]", text), []);
        }
    }

    #[test]
    fn what_is_empty_or_left_out_is_not_missed() {
        let user =
            "principals: [{arn: 'arn:aws:iam::111122223333:user/u', policies: [], boundary: null}]";
        assert_eq!(warned("layers_open: [identity, boundary]", user), []);
        assert_eq!(warned("layers_open: [identity, scp, vpce]", ""), []);
    }

    /// Grants that are listed count beside those that an open layer may hold.
    #[test]
    fn grants_are_missed_in_an_empty_layer_alone() {
        let grants = format!(
            "keys: [{{arn: '{KEY}', grants: [{{GranteePrincipal: 'arn:aws:iam::111122223333:role/r', Operations: [Decrypt]}}]}}]"
        );
        let found = warned("layers_empty: [grants]", &grants);
        assert!(found.len() == 1 && found[0].0.contains(KEY), "{found:?}");
        assert_eq!(warned("layers_open: [grants]", &grants), []);
    }
}
