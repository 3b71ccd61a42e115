//! What a plan or state attaches to roles, users and groups that other files list: names are unique in an account, whatever the
//! path. Rule: IAM-PRIN-5.

use std::collections::BTreeMap;
use std::sync::Arc;

use preclear_model::{Arn, Diagnostic, Diagnostics, Place, Policy};
use preclear_simulator::{Given, Layer};

use crate::part::{ByName, Part};
use crate::same::same_content;

/// Gives everything to whom it belongs; of what is listed nowhere the policies are unknown.
pub(crate) fn settle(parts: &mut Vec<Part>, diagnostics: &mut Diagnostics) {
    let mut all = Vec::new();
    for part in parts.iter_mut() {
        all.append(&mut part.by_name);
    }
    let mut more = Part::default();
    for one in all {
        match listed(parts, &one.arn) {
            Some(arn) => attach(parts, &mut more, &arn, one),
            None => is_nowhere(&mut more, &one, diagnostics),
        }
    }
    if more != Part::default() {
        parts.push(more);
    }
}

/// The ARN with which other files list it.
fn listed(parts: &[Part], wanted: &Arn) -> Option<Arn> {
    let principals = parts.iter().flat_map(|part| &part.principals);
    let groups = parts.iter().flat_map(|part| &part.groups);
    let mut all = principals
        .map(|entry| &entry.record.arn)
        .chain(groups.map(|entry| &entry.record.arn));
    all.find(|arn| is_same(arn, wanted)).cloned()
}

fn is_same(one: &Arn, other: &Arn) -> bool {
    one.partition() == other.partition()
        && one.account() == other.account()
        && one.resource_type() == other.resource_type()
        && name(one).eq_ignore_ascii_case(name(other))
}

fn name(arn: &Arn) -> &str {
    arn.resource_id().rsplit('/').next().unwrap_or_default()
}

fn attach(parts: &mut [Part], more: &mut Part, arn: &Arn, one: ByName) {
    let mut later = one.names;
    let mut members = members(parts, arn);
    let is_told = |member: &Member<'_>| !member.policies.is_left_out();
    if members.iter().any(is_told) {
        // Every file that lists the policies must list the same.
        for member in members.iter_mut().filter(|member| is_told(member)) {
            if !member.add(&one.policies) {
                later.extend(one.addresses.iter().cloned());
            }
        }
    } else {
        if let Some(first) = members.first_mut() {
            first.add(&one.policies);
        }
        let open = more.open.entry(Layer::Identity).or_default();
        open.insert(arn.as_str().to_owned());
    }
    if !later.is_empty() {
        let owners = more.undetermined.entry(Layer::Identity).or_default();
        let known = owners.entry(arn.as_str().to_owned()).or_default();
        known.extend(later);
    }
}

fn members<'p>(parts: &'p mut [Part], arn: &Arn) -> Vec<Member<'p>> {
    let mut found = Vec::new();
    for part in parts {
        for entry in &mut part.principals {
            if entry.record.arn == *arn {
                found.push(Member {
                    given: &mut entry.given,
                    place: &entry.place,
                    policies: &mut entry.record.policies,
                });
            }
        }
        for entry in &mut part.groups {
            if entry.record.arn == *arn {
                found.push(Member {
                    given: &mut entry.given,
                    place: &entry.place,
                    policies: &mut entry.record.policies,
                });
            }
        }
    }
    found
}

/// The policies of a role, user or group.
struct Member<'p> {
    given: &'p mut BTreeMap<&'static str, Place>,
    place: &'p Place,
    policies: &'p mut Given<Vec<Arc<Policy>>>,
}

impl Member<'_> {
    /// Adds policies; false if one of another content has the name of one of them.
    fn add(&mut self, more: &[Arc<Policy>]) -> bool {
        let mut all = self.policies.value().cloned().unwrap_or_default();
        let mut is_clear = true;
        for policy in more {
            let mut same = all.iter().filter(|known| known.name == policy.name);
            match same.next() {
                Some(known) if !same_content(known, policy) => is_clear = false,
                Some(_) => {}
                None => all.push(Arc::clone(policy)),
            }
        }
        if !all.is_empty() {
            *self.policies = Given::Here(all);
            let place = self.place.clone();
            self.given.entry("policies").or_insert(place);
        }
        is_clear
    }
}

/// Nothing is known of it but that it exists.
fn is_nowhere(more: &mut Part, one: &ByName, diagnostics: &mut Diagnostics) {
    let arn = &one.arn;
    let kind = arn.resource_type().unwrap_or_default();
    let (partition, account) = (arn.partition(), arn.account());
    let own = name(arn);
    let prefix = format!("arn:{partition}:iam::{account}:{kind}/");
    more.external.push(format!("{prefix}{own}"));
    more.external.push(format!("{prefix}*/{own}"));
    let addresses: Vec<&str> = one.addresses.iter().map(String::as_str).collect();
    let message = format!(
        "`{}` adds nothing to the snapshot: no file lists the {kind} `{own}` of account {account}",
        addresses.join("`, `")
    );
    diagnostics.push(
        Diagnostic::warning("RESOURCE_ADDS_NOTHING", message)
            .rule("UI-31")
            .at(one.place.clone())
            .help("load what lists it; until then its policies are unknown"),
    );
}
