//! The action that somebody probably meant. Rule: JOB-LINT-1, KMS-ACT-1
//!
//! An action counts as near only if a slip of the pen explains it, since a near action turns a warning into an error.

use preclear_catalog::{Service, catalog, operations};

/// Actions have no longer names; distances are quadratic in the length.
const NAME_BYTES_MAX: usize = 128;

/// What somebody probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Near {
    /// A slip of the pen away.
    Spelling(String),
    /// The same with a `*`, a guess: the action may as well be newer than the catalogue.
    LostStar(String),
}

/// What was probably meant by a name that is no action of the service: an action, or a name with its `*` lost.
///
/// Not by the name of an API operation, nor by an action's name with a version behind it: that is another operation.
pub(crate) fn action_name(service: Service<'_>, name: &str) -> Option<Near> {
    if operations::authorised_by(&format!("{}:{name}", service.prefix())).is_some()
        || is_version(service, name)
    {
        return None;
    }
    let (distance, nearest) = service
        .actions()
        .map(|action| (distance(name, action.name()), action.name()))
        .min_by_key(|(distance, _)| *distance)?;
    if distance <= 1 && is_slip(distance, name) {
        return Some(Near::Spelling(nearest.to_owned()));
    }
    if name.len() >= 3 && service.actions_starting_with(name).nth(1).is_some() {
        return Some(Near::LostStar(format!("{name}*")));
    }
    is_slip(distance, name).then(|| Near::Spelling(nearest.to_owned()))
}

/// Whether the name is that of an action with a version (`V2`) behind it.
fn is_version(service: Service<'_>, name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let bare = stem.strip_suffix(['V', 'v']);
    bare.is_some_and(|bare| stem.len() < name.len() && service.action(bare).is_some())
}

/// What was probably meant by a pattern `stem*` that matches no action of the service.
pub(crate) fn action_stem(service: Service<'_>, stem: &str) -> Option<Near> {
    let letters = stem.chars().count();
    let starts = service.actions().flat_map(|action| {
        let name = action.name();
        (letters.saturating_sub(1)..=letters + 1)
            .filter_map(|end| name.get(..end))
            .map(|start| (distance(stem, start), start))
    });
    let (distance, start) = starts.min_by_key(|(distance, _)| *distance)?;
    (letters >= 4 && is_slip(distance, stem)).then(|| Near::Spelling(format!("{start}*")))
}

/// The prefix that was probably meant by one that no service has.
pub(crate) fn prefix(written: &str) -> Option<&'static str> {
    let prefixes = catalog().services().map(Service::prefix);
    let near = prefixes.filter(|prefix| prefix.len() >= 3 && distance(written, prefix) == 1);
    // Of two that are equally near neither is certain, but either one shows what is wrong.
    near.min()
}

/// The condition key that was probably meant, among all keys that are no families.
pub(crate) fn condition_key(written: &str) -> Option<&'static str> {
    let (prefix, _) = written.split_once(':')?;
    let keys = catalog().condition_keys().filter(|key| {
        let own = key.name().split_once(':').map(|(prefix, _)| prefix);
        own.is_some_and(|own| distance(prefix, own) <= 1)
    });
    let fixed = |name: &'static str| name.split_once("${").map_or(name, |(fixed, _)| fixed);
    let (distance, nearest) = keys
        .map(|key| fixed(key.name()))
        .map(|name| {
            // A member of a family is compared as far as the family's own name goes.
            let start = if name.ends_with(['/', ':']) {
                upto_separator(written, name)
            } else {
                written
            };
            (distance(start, name), name)
        })
        .min_by_key(|(distance, _)| *distance)?;
    is_slip(distance, written).then_some(nearest)
}

/// The part of `written` up to the separator that a family's fixed text ends in.
fn upto_separator<'w>(written: &'w str, family: &str) -> &'w str {
    let separator = if family.ends_with('/') { '/' } else { ':' };
    let from = written.find(':').map_or(0, |colon| colon + 1);
    let end = written.get(from..).and_then(|rest| rest.find(separator));
    end.and_then(|end| written.get(..=from + end))
        .unwrap_or(written)
}

/// Letters to change, add, drop or swap; more than can matter where the lengths already show it.
fn distance(one: &str, other: &str) -> usize {
    if one.len() > NAME_BYTES_MAX || one.len().abs_diff(other.len()) > SLIP_MAX {
        return usize::MAX;
    }
    strsim::damerau_levenshtein(&one.to_ascii_lowercase(), &other.to_ascii_lowercase())
}

/// Wrong letters that can be a slip at most.
const SLIP_MAX: usize = 3;

/// Whether so many wrong letters in a name are a slip: one in eight, at least one.
fn is_slip(distance: usize, name: &str) -> bool {
    distance <= (name.chars().count() / 8).clamp(1, SLIP_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(action: &str) -> Option<Near> {
        let (prefix, name) = action.split_once(':').unwrap();
        action_name(catalog().service(prefix).unwrap(), name)
    }

    #[test]
    fn lost_letters_and_lost_stars_are_told_apart() {
        let spelling = |meant: &str| Some(Near::Spelling(meant.to_owned()));
        let lost_star = |meant: &str| Some(Near::LostStar(meant.to_owned()));
        assert_eq!(near("kms:ListGrant"), spelling("ListGrants"));
        assert_eq!(near("kms:ReEncrypt"), lost_star("ReEncrypt*"));
        assert_eq!(near("cognito-idp:List"), lost_star("List*"));
        assert_eq!(near("kms:Decypt"), spelling("Decrypt"));
        assert_eq!(near("kms:GenerateDatKey"), spelling("GenerateDataKey"));
    }

    #[test]
    fn other_words_are_not_near() {
        assert_eq!(near("s3:SelectObjectContent"), None);
        assert_eq!(near("aws-marketplace:DescribeListings"), None);
        assert_eq!(near("kms:Rewrap"), None);
        for operation in [
            "s3:ListBuckets",
            "s3:DeleteObjects",
            "lambda:Invoke",
            "securityhub:BatchUpdateFindingsV2",
        ] {
            assert_eq!(near(operation), None, "{operation}");
        }
        assert_eq!(near(&format!("kms:{}", "x".repeat(100_000))), None);
    }

    #[test]
    fn stems_and_prefixes_have_neighbours() {
        let kms = catalog().service("kms").unwrap();
        assert_eq!(
            action_stem(kms, "GenrateDataKey"),
            Some(Near::Spelling("GenerateDataKey*".to_owned()))
        );
        assert_eq!(action_stem(kms, "Rewrap"), None);
        assert_eq!(prefix("kmss"), Some("kms"));
        assert_eq!(prefix("frobnicate"), None);
    }

    #[test]
    fn keys_have_neighbours_also_in_families() {
        assert_eq!(condition_key("kms:ViaServce"), Some("kms:ViaService"));
        assert_eq!(
            condition_key("kms:EncryptionContex:app"),
            Some("kms:EncryptionContext:")
        );
        assert_eq!(
            condition_key("aws:RequestTags/team"),
            Some("aws:RequestTag/")
        );
        assert_eq!(condition_key("corp:Anything"), None);
        assert_eq!(condition_key("nocolon"), None);
    }
}
