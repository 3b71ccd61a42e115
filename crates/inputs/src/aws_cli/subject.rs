//! What an output is about, where it does not say so itself: the folders above its file. Rule: UI-31.

use std::path::{Component, Path};

use crate::values::{is_account_id, is_region};

/// Folders whose name says what the folder in them is the name of.
const KINDS: [&str; 10] = [
    "keys",
    "buckets",
    "roles",
    "users",
    "groups",
    "policies",
    "functions",
    "parents",
    "children",
    "targets",
];

/// What the folders above a file say, each from the nearest that says it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Subject {
    /// A folder of twelve digits.
    pub(crate) account: Option<String>,
    /// A folder that is named like a Region.
    pub(crate) region: Option<String>,
    /// Pairs such as `roles/NAME`, the nearest first.
    named: Vec<(&'static str, String)>,
}

impl Subject {
    /// Reads the folders of a path. What stands in a pair is neither account nor Region: `targets/111122223333`.
    pub(crate) fn of(path: &Path) -> Self {
        let folders: Vec<&str> = path
            .parent()
            .into_iter()
            .flat_map(Path::components)
            .filter_map(|component| match component {
                Component::Normal(name) => name.to_str(),
                _ => None,
            })
            .collect();
        let mut subject = Self::default();
        let mut rest = folders.as_slice();
        while let Some((name, above)) = rest.split_last() {
            let kind = above.split_last().and_then(|(kind, further)| {
                let known = KINDS.iter().find(|known| *known == kind)?;
                Some((*known, further))
            });
            match kind {
                Some((kind, further)) => {
                    subject.named.push((kind, (*name).to_owned()));
                    rest = further;
                }
                None => {
                    if is_account_id(name) {
                        subject.account.get_or_insert_with(|| (*name).to_owned());
                    } else if is_region(name) {
                        subject.region.get_or_insert_with(|| (*name).to_owned());
                    }
                    rest = above;
                }
            }
        }
        subject
    }

    /// The name in the nearest folder of a kind.
    pub(crate) fn named(&self, kind: &str) -> Option<&str> {
        self.nearest(&[kind]).map(|(_, name)| name)
    }

    /// The nearest pair of one of several kinds.
    pub(crate) fn nearest(&self, kinds: &[&str]) -> Option<(&'static str, &str)> {
        let found = self.named.iter().find(|(kind, _)| kinds.contains(kind));
        found.map(|(kind, name)| (*kind, name.as_str()))
    }
}

/// The partition of a Region, by its name.
pub(crate) fn partition_of(region: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-iso-", "aws-iso"),
        ("eusc-", "aws-eusc"),
    ];
    let found = PREFIXES
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix));
    found.map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_say_account_region_and_names() {
        let subject = Subject::of(Path::new(
            "dump/account/111122223333/us-west-2/kms/keys/k-1/get-key-policy.json",
        ));
        assert_eq!(subject.account.as_deref(), Some("111122223333"));
        assert_eq!(subject.region.as_deref(), Some("us-west-2"));
        assert_eq!(subject.named("keys"), Some("k-1"));
        assert_eq!(subject.named("roles"), None);
        let subject = Subject::of(Path::new("organization/targets/111122223333/a.json"));
        assert_eq!(
            (subject.account.as_deref(), subject.named("targets")),
            (None, Some("111122223333"))
        );
    }

    /// A folder is the name in a pair before it is anything else, and the nearest one counts.
    #[test]
    fn the_nearest_folder_counts() {
        let subject = Subject::of(Path::new(
            "keys/444455556666/111122223333/roles/keys/get-role.json",
        ));
        assert_eq!(subject.account.as_deref(), Some("111122223333"));
        assert_eq!(subject.nearest(&["keys", "roles"]), Some(("roles", "keys")));
        let subject = Subject::of(Path::new("keys/keys/k-1/a.json"));
        assert_eq!(subject.named("keys"), Some("k-1"));
        assert_eq!(Subject::of(Path::new("a.json")), Subject::default());
    }

    #[test]
    fn regions_tell_their_partition() {
        for (region, partition) in [
            ("us-west-2", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(partition_of(region), partition, "{region}");
        }
    }
}
