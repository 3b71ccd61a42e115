//! Placeholders in texts: `<account-id>`, `${bucket}`, and bare words in the slots of an ARN. Rule: JOB-LINT-2.
//!
//! This module sees text only: it finds names and replaces them. Which texts are searched, and what is an error,
//! is decided where documents are read.

use std::ops::Range;

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
    if !may_hold_any(text) {
        return Vec::new();
    }
    let is_locator = text.contains("arn:") || text.contains("s3://");
    find(text)
        .into_iter()
        .filter(|found| match found.form {
            Form::Angle => {
                is_locator || found.name.contains(['-', '_']) || found.range.len() == text.len()
            }
            Form::Dollar => true,
            Form::Bare(_) => params.value(&found.name, found.form.kind()).is_none(),
        })
        .collect()
}

/// Replaces the placeholders that `params` names; `None` if there is none.
pub(crate) fn substitute(text: &str, params: &Params) -> Option<Substituted> {
    if params.is_empty() || !may_hold_any(text) {
        return None;
    }
    let mut new = String::new();
    let mut edits = Vec::new();
    let mut copied = 0;
    for found in find(text) {
        let Some(value) = params.value(&found.name, found.form.kind()) else {
            continue;
        };
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

/// Quick test that lets nearly every text pass without a scan.
fn may_hold_any(text: &str) -> bool {
    text.contains('<') || text.contains("${") || text.contains("arn:")
}

/// All placeholders of a text in order, whether or not they count.
pub(crate) fn find(text: &str) -> Vec<Placeholder> {
    let mut found = Vec::new();
    for (start, opening) in text.match_indices(['<', '$']) {
        let bracketed = match opening {
            "<" => bracketed(text, start + 1, '>', Form::Angle),
            _ if text.get(start + 1..).is_some_and(|rest| rest.starts_with('{')) => {
                bracketed(text, start + 2, '}', Form::Dollar)
            }
            _ => None,
        };
        found.extend(bracketed.map(|(name, end, form)| Placeholder {
            name: name.to_owned(),
            range: start..end,
            form,
        }));
    }
    for (start, _) in text.match_indices("arn:") {
        bare_words(text, start, &mut found);
    }
    found.sort_by_key(|placeholder| placeholder.range.start);
    found
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
    let Some(rest) = text.get(start..) else {
        return;
    };
    let length = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | ',' | ')' | ']' | '}' | '<'))
        // What follows a bracketed placeholder does not matter: the fields in front of it are complete.
        .unwrap_or(rest.len());
    let arn = rest.get(..length).unwrap_or_default();
    let mut offset = start;
    let mut service = "";
    for (slot, field) in arn.splitn(6, ':').enumerate() {
        let word = match slot {
            3 if ParamKind::Region.covers(field) => Some((field, ParamKind::Region)),
            4 if ParamKind::Account.covers(field) => Some((field, ParamKind::Account)),
            5 if service == "s3" => {
                let bucket = field.split('/').next().unwrap_or(field);
                ParamKind::Bucket.covers(bucket).then_some((bucket, ParamKind::Bucket))
            }
            _ => None,
        };
        if slot == 2 {
            service = field;
        }
        if let Some((word, kind)) = word {
            found.push(Placeholder {
                name: word.to_owned(),
                range: offset..offset + word.len(),
                form: Form::Bare(kind),
            });
        }
        offset += field.len() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        left_over(text, &Params::default()).into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn bracketed_names_with_dashes_are_placeholders_anywhere() {
        assert_eq!(names("arn:aws:iam::<account-id>:role/<role-name>"), ["account-id", "role-name"]);
        assert_eq!(names("in the <input-bucket-name> there"), ["input-bucket-name"]);
        assert_eq!(names("<account_id>"), ["account_id"]);
    }

    #[test]
    fn single_words_count_only_where_they_can_mean_nothing_else() {
        assert_eq!(names("arn:aws:kms:<region>:111122223333:key/*"), ["region"]);
        assert_eq!(names("s3://<bucket>/in"), ["bucket"]);
        assert_eq!(names("<region>"), ["region"]);
        assert_eq!(names("draw <b>tight</b> boxes"), Vec::<String>::new());
        assert_eq!(names("a < b-c > d, <>, <-x>, <not a name>"), Vec::<String>::new());
    }

    #[test]
    fn dollar_names_are_placeholders_unless_iam_knows_them() {
        assert_eq!(names("b-${bucket}/${var.account_id}"), ["bucket", "var.account_id"]);
        assert_eq!(names("${aws:username}/${*}/${?}/${$}/${aws:PrincipalTag/team, 'x'}"), Vec::<String>::new());
        // Malformed variables are left to the policy grammar (IAM-VAR-1).
        assert_eq!(names("${}, ${a b}, ${open"), Vec::<String>::new());
    }

    #[test]
    fn bare_words_count_in_their_slot_only() {
        assert_eq!(names("arn:aws:iam::accountNumber:role/x"), ["accountNumber"]);
        assert_eq!(names("arn:aws:kms:region:account-id:key/k"), ["region", "account-id"]);
        assert_eq!(names("arn:aws:s3:::bucket-name/*"), ["bucket-name"]);
        assert_eq!(names("arn:aws:s3:::data/bucket-name"), Vec::<String>::new());
        assert_eq!(names("arn:aws:iam::aws:policy/x"), Vec::<String>::new());
        assert_eq!(names("arn:aws:sqs:us-west-2:111122223333:region"), Vec::<String>::new());
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
