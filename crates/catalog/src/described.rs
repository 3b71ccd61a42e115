//! Where the output of a Describe call names the key of a resource.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    services: BTreeMap<String, Vec<String>>,
}

const JSON: &str = include_str!("../data/described_keys.json");

static TABLE: LazyLock<Table> = LazyLock::new(|| embedded::table(JSON));

/// Members that name the key under which a resource of the service is encrypted, the likeliest first; paths in what its
/// Describe call prints. Rule: JOB-1
///
/// ```
/// use preclear_catalog::described::key_paths;
///
/// assert_eq!(key_paths("elasticfilesystem"), ["KmsKeyId"]);
/// assert!(key_paths("iam").is_empty());
/// ```
#[must_use]
pub fn key_paths(service: &str) -> &'static [String] {
    TABLE
        .services
        .get(service)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_of_services_that_exist() {
        let table: Table = embedded::try_table(JSON).expect("described_keys.json parses");
        for (service, paths) in &table.services {
            assert!(crate::catalog().service(service).is_some(), "{service}");
            assert!(!paths.is_empty(), "{service}");
        }
    }
}
