//! What single services support: resource control policies, `aws:CalledVia`, Regions.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RcpTable {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    as_of: String,
    services: Vec<String>,
    exempt_actions: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalledViaTable {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    /// In the IAM user guide's text that could be read.
    documented: Vec<String>,
    /// In later lists that others quote.
    reported: Vec<String>,
}

fn lists(services: &[String], service: &str) -> bool {
    services
        .iter()
        .any(|listed| listed.eq_ignore_ascii_case(service))
}

const RCP_JSON: &str = include_str!("../data/rcp_services.json");
const CALLED_VIA_JSON: &str = include_str!("../data/calledvia_services.json");

static RCP: LazyLock<RcpTable> = LazyLock::new(|| embedded::table(RCP_JSON));
static CALLED_VIA: LazyLock<CalledViaTable> = LazyLock::new(|| embedded::table(CALLED_VIA_JSON));

/// Whether resource control policies reach an action (`kms`, `Decrypt`): the service supports them and the action is not
/// exempt. Both names in any ASCII case. Rule: IAM-EVAL-10
///
/// ```
/// use preclear_catalog::services::rcp_reaches;
///
/// assert!(rcp_reaches("kms", "Decrypt"));
/// assert!(!rcp_reaches("kms", "RetireGrant"));
/// assert!(!rcp_reaches("ec2", "RunInstances"));
/// ```
#[must_use]
pub fn rcp_reaches(service: &str, action: &str) -> bool {
    let is_exempt = RCP.exempt_actions.iter().any(|exempt| {
        exempt.split_once(':').is_some_and(|(prefix, name)| {
            prefix.eq_ignore_ascii_case(service) && name.eq_ignore_ascii_case(action)
        })
    });
    !is_exempt && supports_rcp(service)
}

/// Whether the service of an action prefix supports resource control policies. Rule: IAM-EVAL-10
#[must_use]
pub fn supports_rcp(service: &str) -> bool {
    lists(&RCP.services, service)
}

/// Day on which the list of [`supports_rcp`] was read, `YYYY-MM-DD`.
#[must_use]
pub fn rcp_as_of() -> &'static str {
    &RCP.as_of
}

/// Whether calls that the service forwards carry `aws:CalledVia`; `athena` and `athena.amazonaws.com` are the same.
/// Rule: IAM-PRIN-13
#[must_use]
pub fn supports_called_via(service: &str) -> bool {
    let name = service.split_once('.').map_or(service, |(name, suffix)| {
        if suffix.eq_ignore_ascii_case("amazonaws.com") {
            name
        } else {
            service
        }
    });
    lists(&CALLED_VIA.documented, name) || lists(&CALLED_VIA.reported, name)
}

/// Services whose calls are all made in one Region, in lower case. Rule: IAM-CTX-2, `aws:RequestedRegion`.
const OF_ONE_REGION: [&str; 7] = [
    "iam",
    "organizations",
    "cloudfront",
    "route53",
    "account",
    "shield",
    "waf",
];

/// Whether all calls of a service (`iam`) are made in us-east-1, whatever Region the caller works in. Rule: IAM-CTX-2
///
/// ```
/// use preclear_catalog::services::answers_in_one_region;
///
/// assert!(answers_in_one_region("iam"));
/// assert!(!answers_in_one_region("kms"));
/// ```
#[must_use]
pub fn answers_in_one_region(service: &str) -> bool {
    OF_ONE_REGION.contains(&service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_parse() {
        let rcp: RcpTable = embedded::try_table(RCP_JSON).expect("rcp_services.json parses");
        assert!(!rcp.services.is_empty());
        assert_eq!(rcp.as_of.len(), "2026-01-01".len());
        let called_via: CalledViaTable =
            embedded::try_table(CALLED_VIA_JSON).expect("calledvia_services.json parses");
        assert_eq!(
            called_via.documented,
            ["athena", "cloudformation", "dynamodb", "kms"]
        );
        assert!(
            called_via
                .reported
                .iter()
                .all(|service| !called_via.documented.contains(service))
        );
    }

    #[test]
    fn services_named_by_the_rule_support_rcps() {
        for service in
            "s3 sts kms sqs secretsmanager dynamodb ecr logs cognito-idp cognito-identity"
                .split(' ')
        {
            assert!(supports_rcp(service), "{service}");
        }
        assert!(!supports_rcp("iam"));
        assert!(rcp_reaches("KMS", "decrypt"));
        assert!(!rcp_reaches("KMS", "retiregrant"));
    }

    #[test]
    fn called_via_takes_both_names() {
        for service in [
            "athena",
            "Athena.amazonaws.com",
            "cloudformation",
            "dynamodb",
            "kms",
        ] {
            assert!(supports_called_via(service), "{service}");
        }
        for service in ["s3", "athena.example.com", "athena.amazonaws.com.cn", ""] {
            assert!(!supports_called_via(service), "{service}");
        }
    }

    #[test]
    fn listed_services_have_actions() {
        // Called by their principals; these names are not action prefixes.
        let principals_only = [
            "robomaker",
            "nimble",
            "ssm-guiconnect",
            "servicecatalog-appregistry",
            "opensearch",
        ];
        for service in RCP.services.iter().chain(&CALLED_VIA.reported) {
            let is_known = crate::catalog().service(service).is_some();
            assert!(
                is_known || principals_only.contains(&service.as_str()),
                "{service}"
            );
        }
    }
}
