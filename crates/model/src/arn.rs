//! ARNs: six fields behind `arn:`. The module splits; it knows no service, no account and no wildcard.

use std::fmt;

/// An ARN in its six fields. Field six may hold colons and slashes. Rule: IAM-WILD-5.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    /// The whole text.
    text: Box<str>,
    /// Offsets of the first five colons.
    colons: [u32; 5],
}

/// An ARN in a text that belongs to somebody else. What it tells, [`Arn`] tells too.
///
/// ```
/// use preclear_model::ArnRef;
/// let role = ArnRef::parse("arn:aws:iam::111122223333:role/app/R").unwrap();
/// assert_eq!((role.service(), role.resource_name()), ("iam", "R"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArnRef<'t> {
    /// The whole text.
    text: &'t str,
    /// Offsets of the first five colons.
    colons: [u32; 5],
}

impl<'t> ArnRef<'t> {
    /// Splits a text as [`Arn::parse`] does, and keeps no copy of it.
    #[must_use]
    pub fn parse(text: &'t str) -> Option<Self> {
        if !text.starts_with("arn:") {
            return None;
        }
        first_colons(text.as_bytes()).map(|colons| Self { text, colons })
    }

    /// The same with a text of its own.
    #[must_use]
    pub fn to_arn(self) -> Arn {
        Arn {
            text: self.text.into(),
            colons: self.colons,
        }
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(self) -> &'t str {
        self.text
    }

    /// Field two, such as `aws` or `aws-cn`.
    #[must_use]
    pub fn partition(self) -> &'t str {
        self.field(0)
    }

    /// Field three, such as `kms`.
    #[must_use]
    pub fn service(self) -> &'t str {
        self.field(1)
    }

    /// Field four; empty for global resources.
    #[must_use]
    pub fn region(self) -> &'t str {
        self.field(2)
    }

    /// Field five; empty for S3 buckets and the like.
    #[must_use]
    pub fn account(self) -> &'t str {
        self.field(3)
    }

    /// Field six, which may hold colons and slashes.
    #[must_use]
    pub fn resource(self) -> &'t str {
        self.field(4)
    }

    /// The part of field six in front of its first `/` or `:`; `None` where it has neither.
    #[must_use]
    pub fn resource_type(self) -> Option<&'t str> {
        self.resource().split_once(['/', ':']).map(|(kind, _)| kind)
    }

    /// The part of field six behind its first `/` or `:`; all of it where it has neither.
    #[must_use]
    pub fn resource_id(self) -> &'t str {
        self.resource()
            .split_once(['/', ':'])
            .map_or(self.resource(), |(_, id)| id)
    }

    /// The last part of a resource id: the name of a user or role without its path.
    #[must_use]
    pub fn resource_name(self) -> &'t str {
        self.resource_id()
            .rsplit_once('/')
            .map_or(self.resource_id(), |(_, name)| name)
    }

    /// Length of the first five fields, which name no resource yet.
    #[must_use]
    pub fn head_len(self) -> usize {
        let [.., last] = self.colons;
        last as usize
    }

    /// The field behind colon number `index`, counted from 0.
    #[inline]
    fn field(self, index: usize) -> &'t str {
        let start = self
            .colons
            .get(index)
            .map_or(0, |colon| *colon as usize + 1);
        let end = self
            .colons
            .get(index + 1)
            .map_or(self.text.len(), |colon| *colon as usize);
        self.text.get(start..end).unwrap_or_default()
    }
}

/// Offsets of the first five colons. They are a few bytes apart: eight bytes are looked at at once, where a call for each colon
/// would cost more than finding it.
fn first_colons(text: &[u8]) -> Option<[u32; 5]> {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let mut colons = [0; 5];
    let mut places = colons.iter_mut();
    let (words, rest) = text.as_chunks::<8>();
    let mut offset = 0;
    for word in words {
        let differing = u64::from_le_bytes(*word) ^ (LOW * u64::from(b':'));
        // The high bit of each byte that is a colon.
        let mut found = !(((differing & !HIGH) + !HIGH) | differing | !HIGH);
        while found != 0 {
            let Some(place) = places.next() else {
                return Some(colons);
            };
            *place = offset + found.trailing_zeros() / 8;
            found &= found - 1;
        }
        offset += 8;
    }
    for (at, _) in (offset..).zip(rest).filter(|(_, byte)| **byte == b':') {
        let Some(place) = places.next() else {
            break;
        };
        *place = at;
    }
    places.next().is_none().then_some(colons)
}

impl<'t> From<&'t Arn> for ArnRef<'t> {
    fn from(arn: &'t Arn) -> Self {
        arn.as_arn_ref()
    }
}

impl fmt::Display for ArnRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl Arn {
    /// Splits a text at its first five colons; `None` unless it starts with `arn:` and has all six fields.
    ///
    /// Fields may be empty, and nothing in them is checked.
    ///
    /// ```
    /// use preclear_model::Arn;
    /// let role = Arn::parse("arn:aws:iam::111122223333:role/app/R").unwrap();
    /// assert_eq!((role.service(), role.region(), role.account()), ("iam", "", "111122223333"));
    /// assert_eq!((role.resource_type(), role.resource_id()), (Some("role"), "app/R"));
    /// assert!(Arn::parse("arn:aws:sqs").is_none());
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Arn> {
        ArnRef::parse(text).map(ArnRef::to_arn)
    }

    /// The same without a text of its own.
    #[must_use]
    pub fn as_arn_ref(&self) -> ArnRef<'_> {
        ArnRef {
            text: &self.text,
            colons: self.colons,
        }
    }

    /// Joins the five fields behind `arn:`; `None` if one of the first four holds a colon.
    ///
    /// ```
    /// use preclear_model::Arn;
    /// let key = Arn::from_fields("aws", "kms", "eu-west-1", "111122223333", "key/k1").unwrap();
    /// assert_eq!(key.as_str(), "arn:aws:kms:eu-west-1:111122223333:key/k1");
    /// ```
    #[must_use]
    pub fn from_fields(
        partition: &str,
        service: &str,
        region: &str,
        account: &str,
        resource: &str,
    ) -> Option<Arn> {
        if [partition, service, region, account]
            .iter()
            .any(|field| field.contains(':'))
        {
            return None;
        }
        Arn::parse(&format!(
            "arn:{partition}:{service}:{region}:{account}:{resource}"
        ))
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Field two, such as `aws` or `aws-cn`.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.as_arn_ref().partition()
    }

    /// Field three, such as `kms`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.as_arn_ref().service()
    }

    /// Field four; empty for global resources.
    #[must_use]
    pub fn region(&self) -> &str {
        self.as_arn_ref().region()
    }

    /// Field five; empty for S3 buckets and the like.
    #[must_use]
    pub fn account(&self) -> &str {
        self.as_arn_ref().account()
    }

    /// Field six, which may hold colons and slashes.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.as_arn_ref().resource()
    }

    /// The part of field six in front of its first `/` or `:`; `None` where it has neither.
    #[must_use]
    pub fn resource_type(&self) -> Option<&str> {
        self.as_arn_ref().resource_type()
    }

    /// The part of field six behind its first `/` or `:`; all of it where it has neither.
    #[must_use]
    pub fn resource_id(&self) -> &str {
        self.as_arn_ref().resource_id()
    }

    /// The last part of a resource id: the name of a user or role without its path.
    #[must_use]
    pub fn resource_name(&self) -> &str {
        self.as_arn_ref().resource_name()
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl AsRef<str> for Arn {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// True for twelve digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Partitions that AWS has; a name starting `aws-iso` counts as well. Rule: IAM-GRAM-13.
const PARTITIONS: [&str; 4] = ["aws", "aws-cn", "aws-us-gov", "aws-eusc"];

/// True for a partition that AWS has. Rule: IAM-GRAM-13.
#[must_use]
pub fn is_known_partition(text: &str) -> bool {
    PARTITIONS.contains(&text) || text == "aws-iso" || text.starts_with("aws-iso-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn six_fields_are_split_at_the_first_five_colons() {
        let arn = Arn::parse("arn:aws:lambda:us-west-2:111122223333:function:f:alias").unwrap();
        assert_eq!(arn.partition(), "aws");
        assert_eq!(arn.service(), "lambda");
        assert_eq!(arn.region(), "us-west-2");
        assert_eq!(arn.account(), "111122223333");
        assert_eq!(arn.resource(), "function:f:alias");
        assert_eq!(arn.resource_type(), Some("function"));
        assert_eq!(arn.resource_id(), "f:alias");
        assert_eq!(
            arn.to_string(),
            "arn:aws:lambda:us-west-2:111122223333:function:f:alias"
        );
    }

    #[test]
    fn fields_may_be_empty_and_a_resource_may_have_no_type() {
        let bucket = Arn::parse("arn:aws:s3:::b").unwrap();
        assert_eq!(
            (bucket.region(), bucket.account(), bucket.resource()),
            ("", "", "b")
        );
        assert_eq!((bucket.resource_type(), bucket.resource_id()), (None, "b"));
        let nothing = Arn::parse("arn:::::").unwrap();
        assert_eq!(
            (
                nothing.partition(),
                nothing.resource(),
                nothing.resource_id()
            ),
            ("", "", "")
        );
    }

    #[test]
    fn names_are_behind_the_path() {
        let name = |text| Arn::parse(text).unwrap().resource_name().to_owned();
        assert_eq!(name("arn:aws:iam::111122223333:role/a/b/R"), "R");
        assert_eq!(name("arn:aws:iam::111122223333:role/R"), "R");
        assert_eq!(name("arn:aws:sqs:us-west-2:111122223333:q"), "q");
    }

    #[test]
    fn fewer_fields_and_other_texts_are_no_arns() {
        for text in [
            "",
            "arn",
            "arn:aws:s3::b",
            "aws:s3:::b:c",
            "ARN:aws:s3:::b",
            " arn:aws:s3:::b",
            "*",
        ] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn joined_fields_refuse_colons() {
        assert!(Arn::from_fields("aws", "s3", "", "", "b:c").is_some());
        assert!(Arn::from_fields("aws", "s3:", "", "", "b").is_none());
    }

    #[test]
    fn accounts_and_partitions_are_recognised() {
        assert!(is_account_id("012345678901"));
        assert!(!is_account_id("12345678901"));
        assert!(!is_account_id("12345678901a"));
        assert!(is_known_partition("aws-iso-b"));
        assert!(!is_known_partition("aws-isolated"));
        assert!(!is_known_partition("amazon"));
    }

    proptest! {
        #[test]
        fn any_text_splits_or_not_and_fields_join_to_it(text in "(arn:)?[a-z:/*é]{0,40}") {
            if let Some(arn) = Arn::parse(&text) {
                let joined = format!(
                    "arn:{}:{}:{}:{}:{}",
                    arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource()
                );
                prop_assert_eq!(joined, text);
            } else {
                prop_assert!(!text.starts_with("arn:") || text.matches(':').count() < 5);
            }
        }
    }
}
