//! Condition keys that have the value of a parameter.

use serde_json::{Value, json};

use super::super::super::case::{merged, set};
use super::super::super::world::A;
use super::super::place::{OTHER_REGION, key_arn, role_arn};
use super::asks::{Ask, On};

/// The account's table for which a service uses the key.
const SOURCE: &str = "arn:aws:dynamodb:us-west-2:111122223333:table/films";

/// The parameters of CreateGrant.
pub(super) fn grant_parameters() -> Value {
    json!({"GranteePrincipal": role_arn(A, "Other"), "Operations": ["Decrypt"]})
}

pub(super) fn grant_with(constraint: &str, value: Value) -> Value {
    let mut constraints = json!({});
    set(&mut constraints, constraint, value);
    merged(&grant_parameters(), &json!({"Constraints": constraints}))
}

/// Keys that have the value of a parameter.
pub(super) fn of_parameter(name: &str, key: &str) -> Option<Vec<Ask>> {
    let grantee = role_arn(A, "Other");
    let for_service = json!({
        "GranteeServicePrincipal": "dynamodb.us-west-2.amazonaws.com",
        "RetiringServicePrincipal": "dynamodb.us-west-2.amazonaws.com",
        "Operations": ["Decrypt"],
        "Constraints": {"SourceArn": SOURCE},
    });
    let retiring = merged(&grant_parameters(), &json!({"RetiringPrincipal": grantee}));
    let ask = match key {
        "kms:DataKeyPairSpec" => Ask::given("RSA_3072", json!({"KeyPairSpec": "RSA_3072"})),
        "kms:ReEncryptOnSameKey" => return Some(same_key(name)),
        "kms:SigningAlgorithm" => Ask::given(
            "ECDSA_SHA_256",
            json!({"SigningAlgorithm": "ECDSA_SHA_256"}),
        ),
        "kms:MessageType" => Ask::given("DIGEST", json!({"MessageType": "DIGEST"})),
        "kms:MacAlgorithm" => Ask::given("HMAC_SHA_256", json!({"MacAlgorithm": "HMAC_SHA_256"})),
        // The only value that there is: known without parameters or not, no rule says.
        "kms:KeyAgreementAlgorithm" => Ask::with(
            "ECDH",
            json!({"parameters": {"KeyAgreementAlgorithm": "ECDH"}}),
        ),
        "kms:GrantConstraintType" if name == "RetireGrant" => {
            Ask::fixed("EncryptionContextSubset", On::Main)
        }
        "kms:GrantConstraintType" => {
            let kinds = ["EncryptionContextSubset", "EncryptionContextEquals"];
            return Some(
                kinds
                    .map(|kind| Ask::given(kind, grant_with(kind, json!({"team": "blue"}))))
                    .into(),
            );
        }
        "kms:GrantConstraintSourceArn" => Ask::given(SOURCE, for_service),
        "kms:GranteePrincipal" => Ask::given(&grantee, grant_parameters()),
        "kms:GranteeServicePrincipal" | "kms:RetiringServicePrincipal" => {
            Ask::given("dynamodb.us-west-2.amazonaws.com", for_service)
        }
        "kms:RetiringPrincipal" => Ask::given(&grantee, retiring),
        "kms:GrantOperations" => Ask::given("Decrypt", grant_parameters()),
        "kms:GrantIsForAWSResource" => {
            return Some(vec![
                Ask::fixed("false", On::Main),
                Ask::with("true", json!({"via": "ec2"})),
            ]);
        }
        "kms:PolicyName" => Ask::given("default", json!({"PolicyName": "default"})),
        "kms:BypassPolicyLockoutSafetyCheck" => {
            Ask::given("true", json!({"BypassPolicyLockoutSafetyCheck": true}))
        }
        "kms:RotationPeriodInDays" => Ask::given("180", json!({"RotationPeriodInDays": 180})),
        "kms:ScheduleKeyDeletionPendingWindowInDays" => {
            Ask::given("7", json!({"PendingWindowInDays": 7}))
        }
        "kms:WrappingAlgorithm" | "kms:WrappingKeySpec" => {
            let value = if key.ends_with("Spec") {
                "RSA_4096"
            } else {
                "RSAES_OAEP_SHA_256"
            };
            Ask::given(
                value,
                json!({"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_4096"}),
            )
        }
        "kms:ExpirationModel" => Ask::given("KEY_MATERIAL_EXPIRES", expiring()),
        "kms:ValidTo" => Ask::given("2027-01-01T00:00:00Z", expiring()),
        "kms:ReplicaRegion" => Ask::given(OTHER_REGION, json!({"ReplicaRegion": OTHER_REGION})),
        "kms:PrimaryRegion" => Ask::given(OTHER_REGION, json!({"PrimaryRegion": OTHER_REGION})),
        _ => return None,
    };
    Some(vec![ask])
}

fn expiring() -> Value {
    json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": "2027-01-01T00:00:00Z"})
}

/// The key of the case with itself, and with another one.
fn same_key(name: &str) -> Vec<Ask> {
    let of = |value: &str, other: &str| {
        let (own, other) = (key_arn("main"), key_arn(other));
        let keys = match name {
            "ReEncryptFrom" => json!({"SourceKeyId": own, "DestinationKeyId": other}),
            _ => json!({"SourceKeyId": other, "DestinationKeyId": own}),
        };
        Ask::with(value, json!({"parameters": keys}))
    };
    vec![of("true", "main"), of("false", "unused")]
}
