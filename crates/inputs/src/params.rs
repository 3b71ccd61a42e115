//! Values for placeholders: from `--param`, from job and test files, or inferred from the job.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::placeholder;

/// Values by placeholder name. Rule: JOB-LINT-2.
///
/// ```
/// use preclear_inputs::Params;
/// let mut params = Params::default();
/// params.add_flag("account-id=111122223333").unwrap();
/// assert_eq!(params.get("account-id"), Some("111122223333"));
/// assert!(params.add_flag("account-id").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Params {
    values: BTreeMap<String, String>,
    inferred: BTreeMap<ParamKind, String>,
    filled: FilledNames,
    /// Where a value that is missing can be given: what help names.
    pub given_by: GivenBy,
}

/// Where values of placeholders are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GivenBy {
    /// The flag `--param`, and `--infer` for accounts and Regions.
    #[default]
    ParamOrInfer,
    /// The flag `--param`.
    Param,
    /// The member `params` of a test file.
    TestFile,
}

/// Names of the placeholders that were filled, in whatever was read with the same values. Clones share them, and they make no two
/// values differ.
#[derive(Debug, Clone, Default)]
pub struct FilledNames(Arc<Mutex<Names>>);

#[derive(Debug, Default)]
struct Names {
    filled: BTreeSet<String>,
    asked: BTreeSet<String>,
}

impl FilledNames {
    /// Those that were filled so far.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        self.lock().filled.clone()
    }

    /// All names that a value was looked up for, such as those of a template's parameters, whether there was one or not.
    #[must_use]
    pub fn asked(&self) -> BTreeSet<String> {
        self.lock().asked.clone()
    }

    fn add(&self, name: &str) {
        let filled = &mut self.lock().filled;
        if !filled.contains(name) {
            filled.insert(name.to_owned());
        }
    }

    fn ask(&self, name: &str) {
        let asked = &mut self.lock().asked;
        if !asked.contains(name) {
            asked.insert(name.to_owned());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PartialEq for FilledNames {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for FilledNames {}

/// What a well-known name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ParamKind {
    /// An account id.
    Account,
    /// A Region.
    Region,
    /// A bucket name.
    Bucket,
}

impl ParamKind {
    /// True if the name is one of those that guides use for it: `accountNumber`, `account-id`, `ACCOUNT_ID` …
    pub(crate) fn covers(self, name: &str) -> bool {
        // Real accounts and Regions hold digits, and none of the names does.
        let is_word = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_');
        if name.is_empty() || name.len() > 32 || !name.bytes().all(is_word) {
            return false;
        }
        let folded: String = name
            .chars()
            .filter(|c| !matches!(c, '-' | '_'))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let folded = folded.strip_prefix("your").unwrap_or(&folded);
        let folded = folded.strip_prefix("aws").unwrap_or(folded);
        match self {
            Self::Account => ["account", "accountid", "accountnumber"].contains(&folded),
            Self::Region => ["region", "regionname"].contains(&folded),
            Self::Bucket => folded == "bucketname",
        }
    }
}

impl Params {
    /// Sets one value; a name set again keeps the last value.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.values.insert(name.into(), value.into());
    }

    /// Sets one value from the text of a `--param` flag.
    ///
    /// # Errors
    ///
    /// A text without `=`, or with nothing in front of it.
    pub fn add_flag(&mut self, text: &str) -> Result<(), String> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                self.set(name.trim(), value);
                Ok(())
            }
            _ => Err(format!("`{text}` is not of the form NAME=VALUE")),
        }
    }

    /// Takes over the values of `other`, and where it notes what was filled and names what is missing; where both have a name, `other` wins.
    pub fn extend(&mut self, other: &Self) {
        self.values.extend(other.values.clone());
        self.inferred.extend(other.inferred.clone());
        self.filled.clone_from(&other.filled);
        self.given_by = other.given_by;
    }

    /// Notes the placeholders that are filled from now on there, too.
    pub fn note_filled(&mut self, filled: &FilledNames) {
        self.filled.clone_from(filled);
    }

    /// Notes that a placeholder of this name was filled.
    pub(crate) fn was_filled(&self, name: &str) {
        self.filled.add(name);
    }

    /// Lets account and Region of a job stand for placeholders such as `<account-id>`, `accountNumber` and
    /// `<region>` that have no value of their own: what `--infer` asks for.
    pub fn infer(&mut self, account: Option<&str>, region: Option<&str>) {
        for (kind, value) in [(ParamKind::Account, account), (ParamKind::Region, region)] {
            if let Some(value) = value {
                self.inferred.insert(kind, value.to_owned());
            }
        }
    }

    /// A text with its placeholders filled, as those of documents are.
    ///
    /// # Errors
    ///
    /// The names of placeholders without a value, in order.
    ///
    /// ```
    /// use preclear_inputs::Params;
    ///
    /// let params = Params::from_iter([("account-id", "111122223333")]);
    /// let filled = params.fill("arn:aws:iam::<account-id>:role/R");
    /// assert_eq!(filled.as_deref(), Ok("arn:aws:iam::111122223333:role/R"));
    /// assert_eq!(params.fill("alias/<key-name>"), Err(vec!["key-name".to_owned()]));
    /// ```
    pub fn fill(&self, text: &str) -> Result<String, Vec<String>> {
        let left = placeholder::left_over(text, self);
        if left.is_empty() {
            let filled = placeholder::substitute(text, self);
            return Ok(filled.map_or_else(|| text.to_owned(), |filled| filled.text));
        }
        let mut names: Vec<String> = Vec::new();
        for found in left {
            if !names.contains(&found.name) {
                names.push(found.name);
            }
        }
        Err(names)
    }

    /// How to give a placeholder the value that it lacks.
    pub(crate) fn how_to_give(&self, name: &str) -> String {
        let is_inferable = ParamKind::Account.covers(name) || ParamKind::Region.covers(name);
        match self.given_by {
            GivenBy::ParamOrInfer if is_inferable => format!(
                "pass `--param {name}=VALUE`, or `--infer` to take the account and Region of what is asked"
            ),
            GivenBy::ParamOrInfer | GivenBy::Param => format!("pass `--param {name}=VALUE`"),
            GivenBy::TestFile => {
                format!("give it a value in the test file: `params: {{{name}: VALUE}}`")
            }
        }
    }

    /// The value set for a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.filled.ask(name);
        self.values.get(name).map(String::as_str)
    }

    /// Names with values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// True if no placeholder has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.inferred.is_empty()
    }

    /// The value of a placeholder; `kind` where its place says what it must be.
    pub(crate) fn value(&self, name: &str, kind: Option<ParamKind>) -> Option<&str> {
        self.get(name).or_else(|| {
            self.inferred
                .iter()
                .find(|(inferred, _)| {
                    kind.is_none_or(|kind| kind == **inferred) && inferred.covers(name)
                })
                .map(|(_, value)| value.as_str())
        })
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(values: I) -> Self {
        let mut params = Self::default();
        for (name, value) in values {
            params.set(name, value);
        }
        params
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inferred_values_cover_the_usual_names_and_yield_to_given_ones() {
        let mut params = Params::from_iter([("account", "444455556666")]);
        params.infer(Some("111122223333"), Some("us-west-2"));
        assert_eq!(params.value("account-id", None), Some("111122223333"));
        assert_eq!(
            params.value("accountNumber", Some(ParamKind::Account)),
            Some("111122223333")
        );
        assert_eq!(params.value("account", None), Some("444455556666"));
        assert_eq!(params.value("REGION", None), Some("us-west-2"));
        assert_eq!(params.value("region", Some(ParamKind::Account)), None);
        assert_eq!(params.value("role-name", None), None);
    }

    #[test]
    fn help_names_what_the_asker_can_use() {
        let mut params = Params::default();
        assert!(params.how_to_give("account-id").contains("--infer"));
        assert_eq!(
            params.how_to_give("key-name"),
            "pass `--param key-name=VALUE`"
        );
        params.given_by = GivenBy::Param;
        assert_eq!(
            params.how_to_give("account-id"),
            "pass `--param account-id=VALUE`"
        );
        // Those of a job, with those of its asker.
        let mut own = Params::default();
        params.given_by = GivenBy::TestFile;
        own.extend(&params);
        assert!(
            own.how_to_give("region")
                .contains("`params: {region: VALUE}`")
        );
    }

    #[test]
    fn nothing_is_inferred_unasked() {
        assert_eq!(Params::default().value("account-id", None), None);
    }

    #[test]
    fn a_flag_may_hold_more_equals_signs() {
        let mut params = Params::default();
        params.add_flag("q=a=b").unwrap();
        assert_eq!(params.get("q"), Some("a=b"));
        assert!(params.add_flag("=x").is_err());
    }
}
