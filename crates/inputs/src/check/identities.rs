//! Names and unique ids of users, roles and groups. Rule: IAM-PRIN-5, IAM-PRIN-7.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use preclear_model::{Arn, Diagnostic, Diagnostics, Place};
use preclear_simulator::Given;

use super::place_of;
use crate::part::Part;

/// Partition, account, type, and the name in lower case.
type Name<'a> = (&'a str, &'a str, &'a str, String);

/// Puts the ARN of the group that is listed in the place of one with its name and another path. Rule: IAM-PRIN-5.
pub(super) fn find_groups(part: &mut Part) {
    let listed: BTreeMap<Name<'_>, &Arn> = {
        let groups = part.groups.iter().map(|entry| &entry.record.arn);
        groups.map(|arn| (name(arn), arn)).collect()
    };
    for principal in &mut part.principals {
        let Given::Here(groups) = &mut principal.record.groups else {
            continue;
        };
        for group in groups {
            let own = Arn::parse(group).and_then(|arn| listed.get(&name(&arn)).copied());
            if let Some(own) = own
                && own.as_str() != group
            {
                *group = own.as_str().to_owned();
            }
        }
    }
}

/// Within an account no two users, no two roles and no two groups have one name. Rule: IAM-PRIN-5.
pub(super) fn have_names_of_their_own(part: &Part, diagnostics: &mut Diagnostics) {
    let principals = part.principals.iter();
    let principals = principals.map(|entry| (&entry.record.arn, &entry.place));
    let groups = part.groups.iter();
    let groups = groups.map(|entry| (&entry.record.arn, &entry.place));
    let mut known: BTreeMap<Name<'_>, (&Arn, &Place)> = BTreeMap::new();
    for (arn, place) in principals.chain(groups) {
        match known.entry(name(arn)) {
            Slot::Vacant(slot) => {
                slot.insert((arn, place));
            }
            Slot::Occupied(slot) => {
                let (first, first_place) = *slot.get();
                let kind = arn.resource_type().unwrap_or_default();
                let message = format!(
                    "`{arn}` and `{first}` have one name: neither path nor case makes two names of {kind}s differ"
                );
                diagnostics.push(
                    Diagnostic::error("DUPLICATE_NAME", message)
                        .rule("IAM-PRIN-5")
                        .at(place.clone())
                        .related(first_place.clone(), format!("the other {kind}"))
                        .help("keep the one that exists: names are unique in an account"),
                );
            }
        }
    }
}

fn name(arn: &Arn) -> Name<'_> {
    let name = arn.resource_id().rsplit('/').next().unwrap_or_default();
    let kind = arn.resource_type().unwrap_or_default();
    (
        arn.partition(),
        arn.account(),
        kind,
        name.to_ascii_lowercase(),
    )
}

/// A unique id is that of one user or role, and its prefix tells which of the two. Rule: IAM-PRIN-7.
pub(super) fn have_ids_of_their_own(part: &Part, diagnostics: &mut Diagnostics) {
    let mut known: BTreeMap<&str, Place> = BTreeMap::new();
    for entry in &part.principals {
        let arn = &entry.record.arn;
        let Some(id) = entry.record.id.as_deref() else {
            continue;
        };
        let place = place_of(entry, "id");
        let (kind, other) = match arn.resource_type() {
            Some("user") => ("user", "AROA"),
            _ => ("role", "AIDA"),
        };
        if id.starts_with(other) {
            let message = format!(
                "`{id}` cannot be the unique id of `{arn}`: no id of a {kind} starts with `{other}`"
            );
            diagnostics.push(
                Diagnostic::error("UNIQUE_ID_OF_ANOTHER_KIND", message)
                    .rule("IAM-PRIN-7")
                    .at(place.clone())
                    .help("ids of users start with `AIDA`, ids of roles with `AROA`"),
            );
        }
        match known.entry(id) {
            Slot::Vacant(slot) => {
                slot.insert(place);
            }
            Slot::Occupied(slot) => {
                let message = format!("`{arn}` has the unique id `{id}` of another user or role");
                diagnostics.push(
                    Diagnostic::error("DUPLICATE_UNIQUE_ID", message)
                        .rule("IAM-PRIN-7")
                        .at(place)
                        .related(slot.get().clone(), "the other one")
                        .help("give each its own id, or leave the ids out"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{codes, load};

    fn found(text: &str) -> Vec<String> {
        match load(&format!("preclear: 1\n{text}")) {
            Ok(loaded) => codes(&loaded.diagnostics),
            Err(errors) => codes(&errors),
        }
    }

    fn principals(entries: &[&str]) -> Vec<String> {
        let entries: Vec<String> = entries
            .iter()
            .map(|entry| format!("{{arn: 'arn:aws:iam::{entry}}}"))
            .collect();
        found(&format!("principals: [{}]", entries.join(", ")))
    }

    /// Rule: IAM-PRIN-5.
    #[test]
    fn names_are_unique_in_an_account_whatever_path_and_case() {
        for (first, second) in [
            ("111122223333:role/a/R'", "111122223333:role/b/R'"),
            ("111122223333:role/R'", "111122223333:role/r'"),
            ("111122223333:user/ana'", "111122223333:user/team/Ana'"),
        ] {
            let found = principals(&[first, second]);
            assert!(
                matches!(found.as_slice(), [one] if one.starts_with("DUPLICATE_NAME 'arn:aws:iam")),
                "{found:?}"
            );
        }
        let groups = "groups: [{arn: 'arn:aws:iam::111122223333:group/g'}, {arn: 'arn:aws:iam::111122223333:group/x/G'}]";
        assert_eq!(found(groups).len(), 1);
        let others = [
            "111122223333:role/a/R'",
            "111122223333:user/a/R'",
            "444455556666:role/b/R'",
            "111122223333:role/R/S'",
        ];
        assert_eq!(principals(&others), [""; 0]);
    }

    #[test]
    fn both_places_of_a_name_are_told() {
        let text = "preclear: 1\nprincipals:\n- arn: arn:aws:iam::111122223333:role/a/R\n- arn: arn:aws:iam::111122223333:role/b/R\n";
        let errors = load(text).unwrap_err();
        let [only] = errors.0.as_slice() else {
            panic!("{errors}");
        };
        let line = |place: &preclear_model::Place| place.locate().position.line;
        assert_eq!(only.place.as_ref().map(line), Some(4));
        assert_eq!(only.related.first().map(|(place, _)| line(place)), Some(3));
    }

    /// Rule: IAM-PRIN-7.
    #[test]
    fn unique_ids_are_unique_and_of_the_right_kind() {
        let of = |first: &str, second: &str| {
            principals(&[
                &format!("111122223333:user/u', id: {first}"),
                &format!("444455556666:role/r', id: {second}"),
            ])
        };
        assert_eq!(of("AIDAEXAMPLE", "AROAEXAMPLE"), [""; 0]);
        assert_eq!(of("U", "R"), [""; 0]);
        assert_eq!(of("X", "X"), ["DUPLICATE_UNIQUE_ID X"]);
        assert_eq!(of("AROAX", "AROAY"), ["UNIQUE_ID_OF_ANOTHER_KIND AROAX"]);
        assert_eq!(of("AIDAX", "AIDAY"), ["UNIQUE_ID_OF_ANOTHER_KIND AIDAY"]);
    }
}
