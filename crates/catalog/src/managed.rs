//! Documents of AWS managed policies that inputs may name by ARN.

/// Document of a managed policy by its ARN; `None` for policies that are not shipped. Rule: UI-30, JOB-GT-20
///
/// ```
/// let arn = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";
/// assert!(preclear_catalog::managed_policy(arn).is_some());
/// ```
#[must_use]
pub fn managed_policy(arn: &str) -> Option<&'static str> {
    let mut parts = arn.splitn(6, ':');
    let (head, partition) = (parts.next()?, parts.next()?);
    let (service, region, owner) = (parts.next()?, parts.next()?, parts.next()?);
    let is_managed =
        head == "arn" && partition.starts_with("aws") && region.is_empty() && owner == "aws";
    if !is_managed {
        return None;
    }
    let resource = parts.next()?;
    let shipped = SHIPPED.iter().find(|one| {
        (one.service, one.resource) == (service, resource)
            && (partition == "aws" || one.is_in_all_partitions)
    });
    shipped.map(|one| one.document)
}

/// ARNs of all policies that [`managed_policy`] knows, in the partition `aws`.
///
/// ```
/// use preclear_catalog::{managed_policies, managed_policy};
/// assert!(managed_policies().all(|arn| managed_policy(&arn).is_some()));
/// ```
pub fn managed_policies() -> impl Iterator<Item = String> {
    SHIPPED
        .iter()
        .map(|one| format!("arn:aws:{}::aws:{}", one.service, one.resource))
}

/// A policy that is shipped.
struct Shipped {
    service: &'static str,
    resource: &'static str,
    is_in_all_partitions: bool,
    document: &'static str,
}

const SHIPPED: [Shipped; 3] = [
    Shipped {
        service: "iam",
        resource: "policy/AmazonSageMakerGroundTruthExecution",
        // Its own resources name the partition `aws`, so it exists in no other.
        is_in_all_partitions: false,
        document: include_str!("../data/managed-policies/AmazonSageMakerGroundTruthExecution.json"),
    },
    Shipped {
        service: "organizations",
        resource: "policy/service_control_policy/p-FullAWSAccess",
        is_in_all_partitions: true,
        document: include_str!("../data/managed-policies/FullAWSAccess.json"),
    },
    Shipped {
        service: "organizations",
        resource: "policy/resource_control_policy/p-RCPFullAWSAccess",
        is_in_all_partitions: true,
        document: include_str!("../data/managed-policies/RCPFullAWSAccess.json"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const GROUND_TRUTH: &str = "arn:aws:iam::aws:policy/AmazonSageMakerGroundTruthExecution";

    fn strings(value: &Value) -> Vec<&str> {
        match value {
            Value::String(text) => vec![text],
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    fn statements(arn: &str) -> Vec<Value> {
        let document: Value =
            serde_json::from_str(managed_policy(arn).expect("shipped")).expect("JSON");
        document["Statement"]
            .as_array()
            .expect("statements")
            .clone()
    }

    #[test]
    fn ground_truth_has_no_kms_and_no_iam() {
        for statement in statements(GROUND_TRUTH) {
            for action in strings(&statement["Action"]) {
                let service = action.split(':').next();
                assert!(
                    !matches!(service, Some("kms" | "iam" | "sagemaker" | "*")),
                    "{action}"
                );
                let (service, name) = action.split_once(':').expect("prefix");
                assert!(crate::catalog().action(service, name).is_some(), "{action}");
            }
        }
    }

    #[test]
    fn ground_truth_reaches_what_the_rule_lists() {
        let all = statements(GROUND_TRUTH);
        let with = |action: &str| -> Vec<String> {
            let matching = all
                .iter()
                .filter(|statement| strings(&statement["Action"]).contains(&action));
            matching
                .flat_map(|statement| {
                    strings(&statement["Resource"])
                        .into_iter()
                        .map(str::to_owned)
                        .collect::<Vec<_>>()
                })
                .collect()
        };
        let functions = with("lambda:InvokeFunction");
        for name in [
            "*GtRecipe*",
            "*LabelingFunction*",
            "*SageMaker*",
            "*sagemaker*",
            "*Sagemaker*",
        ] {
            assert!(
                functions.contains(&format!("arn:aws:lambda:*:*:function:{name}")),
                "{name}"
            );
        }
        assert_eq!(functions.len(), 5);
        let puts = with("s3:PutObject");
        for name in [
            "GroundTruth",
            "Groundtruth",
            "groundtruth",
            "SageMaker",
            "Sagemaker",
            "sagemaker",
        ] {
            assert!(puts.contains(&format!("arn:aws:s3:::*{name}*")), "{name}");
        }
        assert_eq!(puts.len(), 6);
        assert_eq!(with("s3:ListBucket"), ["*"]);
        assert!(with("s3:GetObject").contains(&"*".to_owned()));
        assert_eq!(with("sqs:SendMessage"), ["arn:aws:sqs:*:*:*GroundTruth*"]);
        assert_eq!(with("sns:Publish").len(), 8);
    }

    #[test]
    fn full_access_allows_everything() {
        let scp = statements(
            "arn:aws-us-gov:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
        );
        assert_eq!(scp.len(), 1);
        assert!(scp[0].get("Principal").is_none());
        let rcp = statements(
            "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess",
        );
        assert_eq!(rcp[0]["Principal"], "*");
    }

    #[test]
    fn others_are_not_shipped() {
        for arn in [
            "",
            "arn",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::111122223333:policy/AmazonSageMakerGroundTruthExecution",
            "arn:aws-cn:iam::aws:policy/AmazonSageMakerGroundTruthExecution",
            "arn:aws:organizations::aws:policy/resource_control_policy/p-FullAWSAccess",
        ] {
            assert_eq!(managed_policy(arn), None, "{arn}");
        }
    }
}
