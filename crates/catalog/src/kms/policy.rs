//! Key policies that AWS writes: those of AWS managed keys, and the default of CreateKey.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::embedded;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManagedTable {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    calls_through: BTreeMap<String, String>,
    templates: Vec<Template>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    name: String,
    services: Vec<String>,
    policy: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DefaultTable {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    api: Value,
}

const MANAGED_JSON: &str = include_str!("../../data/kms/aws_managed.json");
const DEFAULT_JSON: &str = include_str!("../../data/kms/default_policies.json");

static MANAGED: LazyLock<ManagedTable> = LazyLock::new(|| embedded::table(MANAGED_JSON));
static DEFAULT: LazyLock<DefaultTable> = LazyLock::new(|| embedded::table(DEFAULT_JSON));

/// Template for services of which nothing is known.
const GENERIC: &str = "generic";

/// Key policy of the AWS managed key `alias/aws/<service>`, as JSON. Rule: KMS-AMK-1
///
/// Services that are not known get the generic two statements. `None` if the service's name is empty or no host label.
///
/// ```
/// use preclear_catalog::kms::aws_managed_key_policy;
///
/// let policy = aws_managed_key_policy("ebs", "aws", "us-west-2", "111122223333").expect("a template");
/// assert!(policy.contains("ec2.us-west-2.amazonaws.com"));
/// ```
#[must_use]
pub fn aws_managed_key_policy(
    service: &str,
    partition: &str,
    region: &str,
    account: &str,
) -> Option<String> {
    let is_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if service.is_empty() || !service.bytes().all(is_label) {
        return None;
    }
    let service = service.to_ascii_lowercase();
    let templates = &MANAGED.templates;
    let known = templates
        .iter()
        .find(|template| template.services.contains(&service));
    let template = known.or_else(|| templates.iter().find(|template| template.name == GENERIC))?;
    let values = [
        ("service", via_service(&service)),
        ("partition", partition),
        ("region", region),
        ("account", account),
    ];
    Some(filled(&template.policy, &values).to_string())
}

/// Services whose AWS managed key has a template of its own.
pub fn aws_managed_key_services() -> impl Iterator<Item = &'static str> {
    MANAGED
        .templates
        .iter()
        .flat_map(|template| &template.services)
        .map(String::as_str)
}

/// Label under which a service's calls reach KMS, in `kms:ViaService`: `ebs` calls through `ec2`, others through themselves.
#[must_use]
pub fn via_service(service: &str) -> &str {
    MANAGED
        .calls_through
        .get(service)
        .map_or(service, String::as_str)
}

/// Key policy of CreateKey and ReplicateKey without one: the single delegation statement, as JSON. Rule: KMS-POL-19
#[must_use]
pub fn default_key_policy(partition: &str, account: &str) -> String {
    let values = [("partition", partition), ("account", account)];
    filled(&DEFAULT.api, &values).to_string()
}

/// The template with its places filled. Values go into parsed text, so none can break the document.
fn filled(template: &Value, values: &[(&str, &str)]) -> Value {
    match template {
        Value::String(text) => Value::String(embedded::fill(text, values)),
        Value::Array(items) => items.iter().map(|item| filled(item, values)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            Value::Object(
                members
                    .map(|(name, value)| (name.clone(), filled(value, values)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_parse_and_services_are_listed_once() {
        let table: ManagedTable =
            embedded::try_table(MANAGED_JSON).expect("aws_managed.json parses");
        let _: DefaultTable =
            embedded::try_table(DEFAULT_JSON).expect("default_policies.json parses");
        assert!(
            table
                .templates
                .iter()
                .any(|template| template.name == GENERIC)
        );
        let mut services: Vec<&str> = aws_managed_key_services().collect();
        let listed = services.len();
        services.sort_unstable();
        services.dedup();
        assert_eq!(services.len(), listed);
        for service in table.calls_through.keys() {
            assert!(services.contains(&service.as_str()), "{service}");
        }
    }
}
