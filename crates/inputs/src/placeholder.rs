//! Placeholders in texts: `<account-id>`, `${bucket}`, and bare words in the slots of an ARN. Rule: JOB-LINT-2.
//!
//! This module sees text only: it finds names and replaces them. Which texts are searched, and what is an error,
//! is decided where documents are read.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr2, memchr2_iter};

use crate::params::{ParamKind, Params};

/// Longest name that counts as a placeholder; anything longer between `<` and `>` is prose.
const NAME_BYTES_MAX: usize = 64;

/// A placeholder in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placeholder {
    /// Name without brackets, as `--param` takes it.
    pub(crate) name: String,
    /// Where it stands in the text, brackets included.
    pub(crate) range: Range<usize>,
    /// How it is written.
    pub(crate) form: Form,
}

/// How a placeholder is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `<name>`
    Angle,
    /// `${name}`
    Dollar,
    /// A bare word in a slot of an ARN.
    Bare(ParamKind),
}

/// A text in which placeholders have been replaced, and how to find the way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Substituted {
    /// The new text.
    pub(crate) text: String,
    /// What was replaced, in order: range of the new text, range of the old one.
    pub(crate) edits: Vec<(Range<usize>, Range<usize>)>,
}

/// What is left over in one text (a scalar of a document). Names in `params` are not.
///
/// A name without dash or underscore counts only where it is the whole text or stands in an ARN or S3 URI: task
/// titles may hold HTML.
pub(crate) fn left_over(text: &str, params: &Params) -> Vec<Placeholder> {
    let mut found = find(text);
    if found.is_empty() {
        return found;
    }
    let is_locator = text.contains("arn:") || text.contains("s3://");
    found.retain(|found| {
        let counts = found.form != Form::Angle
            || is_locator
            || found.name.contains(['-', '_'])
            || found.range.len() == text.len();
        counts && params.value(&found.name, found.form.kind()).is_none()
    });
    found
}

/// Replaces the placeholders that `params` names; `None` if there is none.
pub(crate) fn substitute(text: &str, params: &Params) -> Option<Substituted> {
    if params.is_empty() {
        return None;
    }
    let mut new = String::new();
    let mut edits = Vec::new();
    let mut copied = 0;
    for found in find(text) {
        let Some(value) = params.value(&found.name, found.form.kind()) else {
            continue;
        };
        params.was_filled(&found.name);
        new.push_str(text.get(copied..found.range.start).unwrap_or_default());
        let start = new.len();
        new.push_str(value);
        copied = found.range.end;
        edits.push((start..new.len(), found.range));
    }
    if edits.is_empty() {
        return None;
    }
    new.push_str(text.get(copied..).unwrap_or_default());
    Some(Substituted { text: new, edits })
}

impl Form {
    fn kind(self) -> Option<ParamKind> {
        match self {
            Self::Bare(kind) => Some(kind),
            Self::Angle | Self::Dollar => None,
        }
    }
}

/// Where ARNs start; built once, as it is asked for in every line of a file of requests.
static ARN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("arn:"));

/// All placeholders of a text in order, whether or not they count.
pub(crate) fn find(text: &str) -> Vec<Placeholder> {
    let mut found = Vec::new();
    for start in memchr2_iter(b'<', b'$', text.as_bytes()) {
        let rest = text.get(start..).unwrap_or_default();
        let bracketed = if rest.starts_with('<') {
            bracketed(text, start + 1, '>', Form::Angle)
        } else if rest.starts_with("${") {
            bracketed(text, start + 2, '}', Form::Dollar)
        } else {
            None
        };
        found.extend(bracketed.map(|(name, end, form)| Placeholder {
            name: name.to_owned(),
            range: start..end,
            form,
        }));
    }
    for start in ARN.find_iter(text.as_bytes()) {
        bare_words(text, start, &mut found);
    }
    found.sort_by_key(|placeholder| placeholder.range.start);
    found
}

/// True where [`find`] finds something.
pub(crate) fn holds_any(text: &str) -> bool {
    !is_concrete(text) && !find(text).is_empty()
}

/// True for most texts that hold nothing to fill in: no brackets, and no ARN but one with numbers where words could stand.
fn is_concrete(text: &str) -> bool {
    let bytes = text.as_bytes();
    if memchr2(b'<', b'$', bytes).is_some() {
        return false;
    }
    let Some(start) = ARN.find(bytes) else {
        return true;
    };
    let mut fields = text.get(start..).unwrap_or_default().splitn(7, ':');
    let [
        Some(_),
        Some(_),
        Some(service),
        Some(region),
        Some(account),
        Some(_),
        None,
    ] = std::array::from_fn(|_| fields.next())
    else {
        return false;
    };
    let ends_in_digit = |text: &str| {
        text.bytes()
            .next_back()
            .is_none_or(|byte| byte.is_ascii_digit())
    };
    start == 0
        && service != "s3"
        && ends_in_digit(region)
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && ARN.find(bytes.get(1..).unwrap_or_default()).is_none()
}

/// The name from `start` up to the closing bracket, if it is a name.
fn bracketed(text: &str, start: usize, closing: char, form: Form) -> Option<(&str, usize, Form)> {
    let rest = text.get(start..)?;
    let length = rest
        .bytes()
        .take(NAME_BYTES_MAX + 1)
        .take_while(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'_')
                || (form == Form::Dollar && *byte == b'.')
        })
        .count();
    let name = rest.get(..length)?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && length <= NAME_BYTES_MAX
        && rest.get(length..)?.starts_with(closing);
    is_name.then_some((name, start + length + 1, form))
}

/// Bare words such as `accountNumber` in the Region, account and bucket slots of the ARN at `start`.
fn bare_words(text: &str, start: usize, found: &mut Vec<Placeholder>) {
    let mut offset = start;
    let mut service = "";
    for slot in 0..=5 {
        let rest = text.get(offset..).unwrap_or_default();
        // Of the last field the bucket is enough.
        let ends = |byte: u8| byte == b':' || (slot == 5 && byte == b'/') || is_delimiter(byte);
        let length = rest.bytes().position(ends).unwrap_or(rest.len());
        let field = rest.get(..length).unwrap_or_default();
        let kind = match slot {
            3 => Some(ParamKind::Region),
            4 => Some(ParamKind::Account),
            5 if service == "s3" => Some(ParamKind::Bucket),
            _ => None,
        };
        if let Some(kind) = kind.filter(|kind| kind.covers(field)) {
            found.push(Placeholder {
                name: field.to_owned(),
                range: offset..offset + length,
                form: Form::Bare(kind),
            });
        }
        if slot == 2 {
            service = field;
        }
        if rest.as_bytes().get(length) != Some(&b':') {
            return;
        }
        offset += length + 1;
    }
}

/// What cannot stand in an ARN, or ends one in the texts around it.
fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\' | b',' | b')' | b']' | b'}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        left_over(text, &Params::default())
            .into_iter()
            .map(|found| found.name)
            .collect()
    }

    #[test]
    fn bracketed_names_with_dashes_are_placeholders_anywhere() {
        assert_eq!(
            names("arn:aws:iam::<account-id>:role/<role-name>"),
            ["account-id", "role-name"]
        );
        assert_eq!(
            names("in the <input-bucket-name> there"),
            ["input-bucket-name"]
        );
        assert_eq!(names("<account_id>"), ["account_id"]);
    }

    #[test]
    fn single_words_count_only_where_they_can_mean_nothing_else() {
        assert_eq!(names("arn:aws:kms:<region>:111122223333:key/*"), ["region"]);
        assert_eq!(names("s3://<bucket>/in"), ["bucket"]);
        assert_eq!(names("<region>"), ["region"]);
        assert_eq!(names("draw <b>tight</b> boxes"), Vec::<String>::new());
        assert_eq!(
            names("a < b-c > d, <>, <-x>, <not a name>"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn dollar_names_are_placeholders_unless_iam_knows_them() {
        assert_eq!(
            names("b-${bucket}/${var.account_id}"),
            ["bucket", "var.account_id"]
        );
        assert_eq!(
            names("${aws:username}/${*}/${?}/${$}/${aws:PrincipalTag/team, 'x'}"),
            Vec::<String>::new()
        );
        // Malformed variables are left to the policy grammar (IAM-VAR-1).
        assert_eq!(names("${}, ${a b}, ${open"), Vec::<String>::new());
    }

    #[test]
    fn bare_words_count_in_their_slot_only() {
        assert_eq!(
            names("arn:aws:iam::accountNumber:role/x"),
            ["accountNumber"]
        );
        assert_eq!(
            names("arn:aws:kms:region:account-id:key/k"),
            ["region", "account-id"]
        );
        assert_eq!(names("arn:aws:s3:::bucket-name/*"), ["bucket-name"]);
        assert_eq!(names("arn:aws:s3:::data/bucket-name"), Vec::<String>::new());
        assert_eq!(names("arn:aws:iam::aws:policy/x"), Vec::<String>::new());
        assert_eq!(
            names("arn:aws:sqs:us-west-2:111122223333:region"),
            Vec::<String>::new()
        );
        assert_eq!(names("account-id"), Vec::<String>::new());
    }

    #[test]
    fn substitution_keeps_the_way_back() {
        let params = Params::from_iter([("account-id", "111122223333"), ("b", "data")]);
        let text = r#"{"AWS":"arn:aws:iam::<account-id>:root","R":"arn:aws:s3:::${b}/*","X":"<other-one>"}"#;
        let done = substitute(text, &params).unwrap();
        assert_eq!(
            done.text,
            r#"{"AWS":"arn:aws:iam::111122223333:root","R":"arn:aws:s3:::data/*","X":"<other-one>"}"#
        );
        for (new, old) in &done.edits {
            assert!(["111122223333", "data"].contains(&&done.text[new.clone()]));
            assert!(["<account-id>", "${b}"].contains(&&text[old.clone()]));
        }
        assert_eq!(substitute("nothing here", &params), None);
        assert_eq!(substitute("<other-one>", &params), None);
    }

    #[test]
    fn a_bare_word_may_be_confirmed() {
        let params = Params::from_iter([("bucket-name", "bucket-name")]);
        assert!(left_over("arn:aws:s3:::bucket-name/*", &params).is_empty());
    }

    #[test]
    fn names_past_the_limit_are_prose() {
        let name = "a-".repeat(NAME_BYTES_MAX / 2);
        assert_eq!(names(&format!("<{name}>")).len(), 1);
        assert_eq!(names(&format!("<{name}x>")).len(), 0);
    }
}
