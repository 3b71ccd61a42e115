//! Checks of a whole snapshot, once its parts are joined: what no single member can show.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use preclear_catalog::kms;
use preclear_model::{Arn, Diagnostic, Diagnostics, Place, Policy, Span};
use preclear_simulator::Layer;
use preclear_simulator::snapshot::{KeyManager, KeyRecord, NOT_KNOWN, OrganizationNode};

use crate::part::{Entry, OrganizationPart, Part};

mod declared;
mod identities;

/// Checks a joined part and fills in what one member says about another.
pub(crate) fn part(part: &mut Part, diagnostics: &mut Diagnostics) {
    identities::find_groups(part);
    for key in &mut part.keys {
        spec_and_usage(key, diagnostics);
        multi_region(key, diagnostics);
        service(key, diagnostics);
    }
    aliases_name_one_key(&part.keys, diagnostics);
    quotas(part, diagnostics);
    layers(part, diagnostics);
    declared::hides_nothing_given(part, diagnostics);
    identities::have_names_of_their_own(part, diagnostics);
    identities::have_ids_of_their_own(part, diagnostics);
    if let Some(organization) = &part.organization {
        tree(organization, diagnostics);
    }
    if part.complete.as_ref().is_some_and(|said| said.value) {
        groups_are_listed(part, diagnostics);
    }
}

/// The place of a member, or of the entry where the member was left out.
fn place_of<T>(entry: &Entry<T>, member: &str) -> Place {
    entry.given.get(member).unwrap_or(&entry.place).clone()
}

fn spec_and_usage(key: &Entry<KeyRecord>, diagnostics: &mut Diagnostics) {
    let record = &key.record;
    let Some(spec) = kms::spec(&record.spec) else {
        return;
    };
    if !spec.usages.contains_key(&record.usage) && record.usage != NOT_KNOWN {
        let usages: Vec<&str> = spec.usages.keys().map(String::as_str).collect();
        let usages = usages.join("` or `");
        diagnostics.push(
            Diagnostic::error(
                "KEY_USAGE_UNSUPPORTED_BY_SPEC",
                format!(
                    "a key of spec `{}` cannot have usage `{}`",
                    record.spec, record.usage
                ),
            )
            .rule("KMS-STATE-3a")
            .at(place_of(
                key,
                if key.given.contains_key("usage") {
                    "usage"
                } else {
                    "spec"
                },
            ))
            .help(format!("the usage of such a key is `{usages}`")),
        );
    }
    let is_in_china = record.arn.region().starts_with("cn-");
    if spec.partitions == ["aws-cn"] && !is_in_china {
        let message = format!("keys of spec `{}` exist in China Regions only", spec.spec);
        diagnostics.push(
            Diagnostic::error("KEY_SPEC_UNSUPPORTED_IN_REGION", message)
                .rule("KMS-STATE-3a")
                .at(place_of(key, "spec"))
                .help("check the spec, or the Region in the key's ARN"),
        );
    }
}

fn multi_region(key: &Entry<KeyRecord>, diagnostics: &mut Diagnostics) {
    let record = &key.record;
    let has_prefix = record.arn.resource().starts_with("key/mrk-");
    if record.multi_region != has_prefix {
        let is = if record.multi_region {
            "starts"
        } else {
            "does not start"
        };
        diagnostics.push(
            Diagnostic::warning(
                "MULTI_REGION_ID",
                format!(
                    "`multi_region` is {}, but the id of a key {is} with `mrk-` then",
                    record.multi_region
                ),
            )
            .rule("KMS-ID-7")
            .at(place_of(key, "multi_region"))
            .help("correct the id or `multi_region`"),
        );
    }
    if record.multi_region_type.is_some() && !record.multi_region {
        diagnostics.push(
            Diagnostic::error(
                "MULTI_REGION_TYPE",
                "only multi-Region keys have a `multi_region_type`",
            )
            .rule("KMS-ID-7")
            .at(place_of(key, "multi_region_type"))
            .help("remove it, or say `multi_region: true`"),
        );
    }
}

/// Whose key an AWS managed key is, its alias says.
fn service(key: &mut Entry<KeyRecord>, diagnostics: &mut Diagnostics) {
    let from_alias = |record: &KeyRecord| {
        let aliases = record.aliases.iter().flatten();
        aliases
            .filter_map(|alias| alias.strip_prefix("alias/aws/"))
            .map(str::to_owned)
            .next()
    };
    match (key.record.manager, &key.record.service) {
        (KeyManager::Aws, None) => key.record.service = from_alias(&key.record),
        (KeyManager::Customer | KeyManager::AwsOwned, Some(service)) => diagnostics.push(
            Diagnostic::error(
                "SERVICE_OF_CUSTOMER_KEY",
                format!("`service` is `{service}`, but only AWS managed keys belong to a service"),
            )
            .rule("KMS-AMK-1")
            .at(place_of(key, "service"))
            .help("say `manager: AWS`, or remove `service`"),
        ),
        (KeyManager::Customer | KeyManager::AwsOwned, None) => {
            if let Some(service) = from_alias(&key.record) {
                let message =
                    format!("`alias/aws/{service}` can only name the AWS managed key of a service");
                let error = Diagnostic::error("RESERVED_ALIAS", message).rule("KMS-ID-8");
                let error = error.at(place_of(key, "aliases"));
                diagnostics.push(error.help("say `manager: AWS`, or correct the alias"));
            }
        }
        (KeyManager::Aws, Some(_)) => {}
    }
}

/// Within an account and Region an alias names one key. Rule: KMS-ID-1.
fn aliases_name_one_key(keys: &[Entry<KeyRecord>], diagnostics: &mut Diagnostics) {
    let mut known: BTreeMap<(&str, &str, &str, &str), &Entry<KeyRecord>> = BTreeMap::new();
    for key in keys {
        let arn = &key.record.arn;
        for alias in key.record.aliases.iter().flatten() {
            let name = (arn.partition(), arn.region(), arn.account(), alias.as_str());
            if let Some(first) = known.insert(name, key) {
                diagnostics.push(
                    Diagnostic::error(
                        "DUPLICATE_ALIAS",
                        format!(
                            "`{alias}` names two keys of account {} in {}",
                            arn.account(),
                            arn.region()
                        ),
                    )
                    .rule("KMS-ID-1")
                    .at(place_of(key, "aliases"))
                    .related(place_of(first, "aliases"), "the other key")
                    .help("an alias points to one key; remove it from the other"),
                );
            }
        }
    }
}

/// Policies that are longer than anything that can be attached to such an identity; the parser knows the greatest quota
/// alone. Whether a document without ARN is inline or managed is not known, so the greater quota of the two counts.
/// Rule: IAM-GRAM-23.
fn quotas(part: &Part, diagnostics: &mut Diagnostics) {
    const MANAGED: usize = 6_144;
    let of_users = part.principals.iter().filter(|principal| {
        // The inline policies of a role may have more.
        principal.record.arn.resource_type() == Some("user")
    });
    let lists = of_users
        .map(|principal| &principal.record.policies)
        .chain(part.groups.iter().map(|group| &group.record.policies));
    let managed = part
        .principals
        .iter()
        .map(|principal| &principal.record.policies);
    let is_managed = |policy: &&Arc<Policy>| policy.name.starts_with("arn:");
    let of_roles = managed.flat_map(|policies| policies.value().into_iter().flatten());
    let policies = lists
        .flat_map(|policies| policies.value().into_iter().flatten())
        .chain(of_roles.filter(is_managed));
    let mut known: BTreeSet<*const Policy> = BTreeSet::new();
    for policy in policies {
        let is_of_aws = Arn::parse(&policy.name).is_some_and(|arn| arn.account() == "aws");
        let size = dense_size(policy);
        if is_of_aws || size <= MANAGED || !known.insert(Arc::as_ptr(policy)) {
            continue;
        }
        let message = format!(
            "a managed policy, or what a user or group has inline, may have {MANAGED} characters without white space; \
             this one has {size}"
        );
        let start = Span {
            end: policy.span.start.saturating_add(1),
            ..policy.span
        };
        diagnostics.push(
            Diagnostic::warning("POLICY_EXCEEDS_QUOTA", message)
                .rule("IAM-GRAM-23")
                .at(policy.place(start))
                .help("shorten it, or split it into several policies"),
        );
    }
}

/// Characters without white space; of YAML, which needs fewer than JSON, no more than there are.
pub(crate) fn dense_size(policy: &Policy) -> usize {
    let text = policy.source.slice(policy.span);
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// A layer cannot be open, empty and not loaded at once.
fn layers(part: &Part, diagnostics: &mut Diagnostics) {
    let lists: [(&str, &BTreeSet<Layer>); 3] = [
        ("layers_not_loaded", &part.layers_not_loaded),
        ("layers_open", &part.layers_open),
        ("layers_empty", &part.layers_empty),
    ];
    for layer in Layer::ALL {
        let named_in: Vec<&str> = lists
            .iter()
            .filter(|(_, list)| list.contains(&layer))
            .map(|(name, _)| *name)
            .collect();
        if let [first, second, ..] = named_in.as_slice() {
            let message = format!("layer `{layer}` stands in `{first}` and in `{second}`");
            let mut error = Diagnostic::error("CONTRADICTION", message)
                .rule("IAM-TRI-7")
                .help("keep it in one of them");
            let place = |list| part.layer_places.get(&(list, layer)).cloned();
            error.place = place(*second);
            if let Some(first) = place(*first) {
                error = error.related(first, "it stands here too");
            }
            diagnostics.push(error);
        }
    }
}

/// Every node hangs below the root. Rule: UI-36.
fn tree(organization: &OrganizationPart, diagnostics: &mut Diagnostics) {
    let root = organization
        .root
        .as_ref()
        .map(|root| root.record.id.as_str());
    let parents: BTreeMap<&str, Option<&str>> = organization
        .units
        .iter()
        .map(|unit| (unit.record.id.as_str(), unit.record.parent.as_deref()))
        .collect();
    for node in organization.units.iter().chain(&organization.accounts) {
        let Some(parent) = node.record.parent.as_deref() else {
            continue;
        };
        let is_told = parent != NOT_KNOWN;
        if is_told && Some(parent) != root && !parents.contains_key(parent) {
            diagnostics.push(
                Diagnostic::error(
                    "UNKNOWN_PARENT",
                    format!(
                        "`{}` hangs below `{parent}`, which the organization does not list",
                        node.record.id
                    ),
                )
                .rule("UI-36")
                .at(place_of(node, "parent"))
                .help("list the unit under `units`, or name the root"),
            );
        }
    }
    for unit in &organization.units {
        if is_its_own_ancestor(&unit.record, &parents) {
            diagnostics.push(
                Diagnostic::error(
                    "CIRCULAR_UNITS",
                    format!("unit `{}` hangs below itself", unit.record.id),
                )
                .rule("UI-36")
                .at(place_of(unit, "parent"))
                .help("name the unit's real parent"),
            );
        }
    }
}

fn is_its_own_ancestor(unit: &OrganizationNode, parents: &BTreeMap<&str, Option<&str>>) -> bool {
    let mut above = unit.parent.as_deref();
    // A path longer than there are units goes round in a circle that does not hold this unit.
    for _ in 0..parents.len() {
        match above {
            Some(id) if id == unit.id => return true,
            Some(id) => above = parents.get(id).copied().flatten(),
            None => return false,
        }
    }
    false
}

/// In a complete snapshot a group that is not listed has no policies; more likely it was forgotten.
fn groups_are_listed(part: &Part, diagnostics: &mut Diagnostics) {
    let listed: BTreeSet<&str> = part
        .groups
        .iter()
        .map(|group| group.record.arn.as_str())
        .collect();
    for principal in &part.principals {
        for group in principal.record.groups.value().into_iter().flatten() {
            if !listed.contains(group.as_str()) {
                diagnostics.push(
                    Diagnostic::warning(
                        "UNKNOWN_GROUP",
                        format!(
                            "`{}` is in `{group}`, which the complete snapshot does not list",
                            principal.record.arn
                        ),
                    )
                    .rule("IAM-TRI-7")
                    .at(place_of(principal, "groups"))
                    .help("list it under `groups`; as it is, it has no policies"),
                );
            }
        }
    }
}
