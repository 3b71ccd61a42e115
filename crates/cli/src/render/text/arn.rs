//! ARNs short enough for a table. Reasons and additions always have them whole.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::Arn;

/// Shortens the ARNs of one table so that different ones stay different.
#[derive(Debug)]
pub(super) struct Shortener {
    account: Option<String>,
    /// Short forms that more than one ARN of the table would have.
    shared: BTreeSet<String>,
}

impl Shortener {
    /// For the ARNs of a table, and the account that goes without saying.
    pub(super) fn new<'t>(account: Option<&str>, texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut shortener = Self {
            account: account.map(str::to_owned),
            shared: BTreeSet::new(),
        };
        let mut forms: BTreeMap<String, &str> = BTreeMap::new();
        for text in texts {
            let short = shortener.shortest(text);
            match forms.get(&short) {
                Some(other) if *other != text => drop(shortener.shared.insert(short)),
                Some(_) => {}
                None => drop(forms.insert(short, text)),
            }
        }
        shortener
    }

    /// The short form of a text; what is no ARN stays as it is.
    pub(super) fn short(&self, text: &str) -> String {
        let short = self.shortest(text);
        if self.shared.contains(&short) {
            text.to_owned()
        } else {
            short
        }
    }

    fn shortest(&self, text: &str) -> String {
        let Some(arn) = Arn::parse(text) else {
            return text.to_owned();
        };
        let (kind, rest) = arn
            .resource()
            .split_once('/')
            .unwrap_or((arn.resource(), ""));
        let name = match (arn.service(), kind) {
            // Paths of principals are long and say little.
            ("iam", "role" | "user") if rest.contains('/') => {
                format!("{kind}/…/{}", rest.rsplit('/').next().unwrap_or(rest))
            }
            ("sts", "assumed-role") => format!("session/{rest}"),
            ("kms", "key") if is_uuid(rest) => format!("key/{}…", rest.get(..8).unwrap_or(rest)),
            // Multi-Region keys: `mrk-` and 32 digits.
            ("kms", "key") if is_multi_region(rest) => {
                format!("key/{}…", rest.get(..12).unwrap_or(rest))
            }
            _ => arn.resource().to_owned(),
        };
        self.with_account(&arn, name)
    }

    fn with_account(&self, arn: &Arn, name: String) -> String {
        let account = arn.account();
        let goes_without_saying = account.is_empty() || self.account.as_deref() == Some(account);
        if goes_without_saying {
            name
        } else {
            format!("{account}:{name}")
        }
    }
}

fn is_multi_region(text: &str) -> bool {
    let digits = text.strip_prefix("mrk-").unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn keys_of_several_regions_are_short_too() {
        let short = Shortener::new(Some("111122223333"), []);
        let key = "arn:aws:kms:us-west-2:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";
        assert_eq!(short.short(key), "key/mrk-1234abcd…");
    }

    #[test]
    fn what_goes_without_saying_is_left_out() {
        let short = Shortener::new(Some("111122223333"), []);
        for (text, expected) in [
            (KEY, "key/1234abcd…"),
            (
                "arn:aws:iam::111122223333:role/service-role/example-role",
                "role/…/example-role",
            ),
            ("arn:aws:iam::111122223333:role/Labeler", "role/Labeler"),
            (
                "arn:aws:iam::444455556666:role/Labeler",
                "444455556666:role/Labeler",
            ),
            ("arn:aws:sts::111122223333:assumed-role/r/s", "session/r/s"),
            ("arn:aws:s3:::bucket/a/*", "bucket/a/*"),
            ("sagemaker.amazonaws.com", "sagemaker.amazonaws.com"),
            ("*", "*"),
        ] {
            assert_eq!(short.short(text), expected);
        }
    }

    #[test]
    fn two_arns_never_look_the_same() {
        let other = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-0000-0000-0000-000000000000";
        let short = Shortener::new(Some("111122223333"), [KEY, other, KEY]);
        assert_eq!(short.short(KEY), KEY);
        assert_eq!(short.short(other), other);
    }
}
