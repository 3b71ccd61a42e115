//! Accounts of SageMaker that jobs name without owning them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    function_prefixes: Vec<String>,
    owners: BTreeMap<String, String>,
}

const JSON: &str = include_str!("../data/sagemaker/lambda_owners.json");

static TABLE: LazyLock<Table> = LazyLock::new(|| embedded::table(JSON));

/// Account that owns the Lambda functions of built-in labeling tasks in a Region. Rule: JOB-GT-4
#[must_use]
pub fn lambda_owner(region: &str) -> Option<&'static str> {
    TABLE.owners.get(region).map(String::as_str)
}

/// Whether a Lambda function belongs to a built-in labeling task: owned by AWS's account of the Region, and named like one.
/// Rule: JOB-GT-4
///
/// ```
/// use preclear_catalog::sagemaker::is_built_in_function;
///
/// assert!(is_built_in_function("us-west-2", "081040173940", "PRE-BoundingBox"));
/// assert!(!is_built_in_function("us-west-2", "111122223333", "PRE-BoundingBox"));
/// ```
#[must_use]
pub fn is_built_in_function(region: &str, account: &str, function: &str) -> bool {
    let is_named_so = TABLE
        .function_prefixes
        .iter()
        .any(|prefix| function.starts_with(prefix.as_str()));
    is_named_so && lambda_owner(region) == Some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_accounts() {
        let table: Table = embedded::try_table(JSON).expect("lambda_owners.json parses");
        assert_eq!(table.owners.len(), 12);
        for (region, account) in &table.owners {
            let is_account =
                account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            assert!(is_account, "{region}");
        }
        assert_eq!(lambda_owner("us-east-1"), Some("432418664414"));
        assert_eq!(lambda_owner("ap-southeast-2"), Some("454466003867"));
        assert_eq!(lambda_owner("sa-east-1"), None);
    }

    #[test]
    fn custom_functions_are_not_built_in() {
        assert!(is_built_in_function(
            "eu-west-1",
            "568282634449",
            "ACS-TextMultiClass"
        ));
        assert!(!is_built_in_function(
            "eu-west-1",
            "568282634449",
            "my-function"
        ));
        assert!(!is_built_in_function(
            "eu-west-2",
            "568282634449",
            "ACS-TextMultiClass"
        ));
    }
}
