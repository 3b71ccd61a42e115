//! API operations that are no actions: what IAM asks for in their place.
//!
//! From the pages of AWS that tie operations to permissions: "Required permissions for Amazon S3 API operations", and the API
//! references of the other services, operation by operation. An operation is listed only where they say so. Operations of KMS have
//! tables of their own ([`crate::kms`]).

/// API operations without an action of their name, each with the actions that authorise it; of several, those that apply to what
/// the call does.
#[rustfmt::skip]
const OPERATIONS: [(&str, &[&str]); 76] = [
    ("bedrock:Converse", &["bedrock:InvokeModel"]),
    ("bedrock:ConverseStream", &["bedrock:InvokeModelWithResponseStream"]),
    ("bedrock:StartAsyncInvoke", &["bedrock:InvokeModel"]),
    ("detective:ListOrganizationAdminAccounts", &["detective:ListOrganizationAdminAccount"]),
    ("dms:StartMetadataModelExportAsScript", &["dms:StartMetadataModelExportAsScripts"]),
    ("dynamodb:BatchExecuteStatement", PARTIQL),
    ("dynamodb:ExecuteStatement", PARTIQL),
    ("dynamodb:ExecuteTransaction", PARTIQL),
    ("dynamodb:TransactGetItems", &["dynamodb:GetItem"]),
    ("dynamodb:TransactWriteItems",
        &["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"]),
    ("lambda:GetLayerVersionByArn", &["lambda:GetLayerVersion"]),
    ("lambda:Invoke", &["lambda:InvokeFunction"]),
    ("lambda:InvokeWithResponseStream", &["lambda:InvokeFunction"]),
    ("redshift-data:GetStatementResultV2", &["redshift-data:GetStatementResult"]),
    ("s3:CompleteMultipartUpload", &["s3:PutObject"]),
    ("s3:CopyObject", &["s3:PutObject"]),
    ("s3:CreateMultipartUpload", &["s3:PutObject"]),
    ("s3:CreateSession", &["s3express:CreateSession"]),
    ("s3:DeleteBucketAnalyticsConfiguration", &["s3:PutAnalyticsConfiguration"]),
    ("s3:DeleteBucketCors", &["s3:PutBucketCORS"]),
    ("s3:DeleteBucketEncryption", &["s3:PutEncryptionConfiguration"]),
    ("s3:DeleteBucketIntelligentTieringConfiguration", &["s3:PutIntelligentTieringConfiguration"]),
    ("s3:DeleteBucketInventoryConfiguration", &["s3:PutInventoryConfiguration"]),
    ("s3:DeleteBucketLifecycle", &["s3:PutLifecycleConfiguration"]),
    ("s3:DeleteBucketLifecycleConfiguration", &["s3:PutLifecycleConfiguration"]),
    ("s3:DeleteBucketMetricsConfiguration", &["s3:PutMetricsConfiguration"]),
    ("s3:DeleteBucketOwnershipControls", &["s3:PutBucketOwnershipControls"]),
    ("s3:DeleteBucketReplication", &["s3:PutReplicationConfiguration"]),
    ("s3:DeleteBucketTagging", &["s3:PutBucketTagging"]),
    ("s3:DeleteObjects", &["s3:DeleteObject"]),
    ("s3:DeletePublicAccessBlock", &["s3:PutBucketPublicAccessBlock"]),
    ("s3:GetBucketAccelerateConfiguration", &["s3:GetAccelerateConfiguration"]),
    ("s3:GetBucketAnalyticsConfiguration", &["s3:GetAnalyticsConfiguration"]),
    ("s3:GetBucketEncryption", &["s3:GetEncryptionConfiguration"]),
    ("s3:GetBucketIntelligentTieringConfiguration", &["s3:GetIntelligentTieringConfiguration"]),
    ("s3:GetBucketInventoryConfiguration", &["s3:GetInventoryConfiguration"]),
    ("s3:GetBucketLifecycle", &["s3:GetLifecycleConfiguration"]),
    ("s3:GetBucketLifecycleConfiguration", &["s3:GetLifecycleConfiguration"]),
    ("s3:GetBucketMetricsConfiguration", &["s3:GetMetricsConfiguration"]),
    ("s3:GetBucketNotificationConfiguration", &["s3:GetBucketNotification"]),
    ("s3:GetBucketReplication", &["s3:GetReplicationConfiguration"]),
    ("s3:GetObjectLockConfiguration", &["s3:GetBucketObjectLockConfiguration"]),
    ("s3:GetPublicAccessBlock", &["s3:GetBucketPublicAccessBlock"]),
    ("s3:HeadBucket", &["s3:ListBucket"]),
    ("s3:HeadObject", &["s3:GetObject"]),
    ("s3:ListBucketAnalyticsConfigurations", &["s3:GetAnalyticsConfiguration"]),
    ("s3:ListBucketIntelligentTieringConfigurations", &["s3:GetIntelligentTieringConfiguration"]),
    ("s3:ListBucketInventoryConfigurations", &["s3:GetInventoryConfiguration"]),
    ("s3:ListBucketMetricsConfigurations", &["s3:GetMetricsConfiguration"]),
    ("s3:ListBuckets", &["s3:ListAllMyBuckets"]),
    ("s3:ListDirectoryBuckets", &["s3express:ListAllMyDirectoryBuckets"]),
    ("s3:ListMultipartUploads", &["s3:ListBucketMultipartUploads"]),
    ("s3:ListObjectVersions", &["s3:ListBucketVersions"]),
    ("s3:ListObjects", &["s3:ListBucket"]),
    ("s3:ListObjectsV2", &["s3:ListBucket"]),
    ("s3:ListParts", &["s3:ListMultipartUploadParts"]),
    ("s3:PutBucketAccelerateConfiguration", &["s3:PutAccelerateConfiguration"]),
    ("s3:PutBucketAnalyticsConfiguration", &["s3:PutAnalyticsConfiguration"]),
    ("s3:PutBucketEncryption", &["s3:PutEncryptionConfiguration"]),
    ("s3:PutBucketIntelligentTieringConfiguration", &["s3:PutIntelligentTieringConfiguration"]),
    ("s3:PutBucketInventoryConfiguration", &["s3:PutInventoryConfiguration"]),
    ("s3:PutBucketLifecycle", &["s3:PutLifecycleConfiguration"]),
    ("s3:PutBucketLifecycleConfiguration", &["s3:PutLifecycleConfiguration"]),
    ("s3:PutBucketMetricsConfiguration", &["s3:PutMetricsConfiguration"]),
    ("s3:PutBucketNotificationConfiguration", &["s3:PutBucketNotification"]),
    ("s3:PutBucketReplication", &["s3:PutReplicationConfiguration"]),
    ("s3:PutObjectLockConfiguration", &["s3:PutBucketObjectLockConfiguration"]),
    ("s3:PutPublicAccessBlock", &["s3:PutBucketPublicAccessBlock"]),
    ("s3:SelectObjectContent", &["s3:GetObject"]),
    ("s3:UploadPart", &["s3:PutObject"]),
    ("s3:UploadPartCopy", &["s3:PutObject"]),
    ("s3:WriteGetObjectResponse", &["s3-object-lambda:WriteGetObjectResponse"]),
    ("sns:PublishBatch", &["sns:Publish"]),
    ("sqs:ChangeMessageVisibilityBatch", &["sqs:ChangeMessageVisibility"]),
    ("sqs:DeleteMessageBatch", &["sqs:DeleteMessage"]),
    ("sqs:SendMessageBatch", &["sqs:SendMessage"]),
];

/// A statement of PartiQL takes the action of what it does.
const PARTIQL: &[&str] = &[
    "dynamodb:PartiQLSelect",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
];

/// The actions that authorise an API operation (`s3:ListBuckets`, in any ASCII case) of which no action has the name; of several,
/// those that apply to what the call does.
///
/// ```
/// use preclear_catalog::operations::authorised_by;
///
/// assert_eq!(authorised_by("s3:ListBuckets"), Some(&["s3:ListAllMyBuckets"][..]));
/// assert_eq!(authorised_by("s3:GetObject"), None);
/// ```
#[must_use]
pub fn authorised_by(operation: &str) -> Option<&'static [&'static str]> {
    let mut rows = OPERATIONS.iter();
    rows.find(|(name, _)| name.eq_ignore_ascii_case(operation))
        .map(|(_, actions)| *actions)
}

/// What to say of such an operation: what it is authorised by.
#[must_use]
pub fn help(operation: &str) -> Option<String> {
    let actions = authorised_by(operation)?;
    let names: Vec<String> = actions.iter().map(|name| format!("`{name}`")).collect();
    let (last, rest) = names.split_last()?;
    Some(if rest.is_empty() {
        format!("`{operation}` is an API operation; it is authorised by {last}")
    } else {
        format!(
            "`{operation}` is an API operation; by what it does it is authorised by {} or {last}",
            rest.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn operations_are_no_actions_and_lead_to_actions() {
        let exists = |text: &str| {
            let (prefix, name) = text.split_once(':').unwrap();
            catalog().action(prefix, name).is_some()
        };
        for (operation, actions) in OPERATIONS {
            assert!(!exists(operation), "{operation}");
            assert!(!actions.is_empty(), "{operation}");
            for action in actions {
                assert!(exists(action), "{operation}: {action}");
            }
        }
        assert!(OPERATIONS.is_sorted(), "in the order of their names");
    }

    #[test]
    fn the_help_names_what_authorises() {
        assert_eq!(
            help("lambda:invoke").unwrap(),
            "`lambda:invoke` is an API operation; it is authorised by `lambda:InvokeFunction`"
        );
        assert!(
            help("dynamodb:TransactWriteItems")
                .unwrap()
                .contains("`dynamodb:DeleteItem` or `dynamodb:ConditionCheckItem`")
        );
        assert_eq!(help("s3:GetObject"), None);
    }
}
