//! How a request gets each condition key: what of the request or the key feeds it, and the value that it then has.

use serde_json::{Value, json};

use super::super::super::case::set;
use super::super::super::world::A;
use super::super::fits::Fits;
use super::super::place::REGION;
use super::super::table::Operation;
use super::keys::{ATTESTATION, CONTEXT, RESOURCE_TAG};
use super::parameters::{grant_with, of_parameter};

/// A key of the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    /// One that the operation fits, by its ARN or by its alias.
    Main,
    Alias,
    /// A multi-Region primary.
    Primary,
    /// An asymmetric one that encrypts.
    Asymmetric,
    /// One that was never used.
    Unused,
}

/// A request in which the key has this value.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) value: String,
    pub(super) on: On,
    /// Members of the request.
    pub(super) rest: Value,
    /// The key comes from parameters alone: in open mode nothing is known without any.
    pub(super) is_unknown_without: bool,
    /// What holds without this parameter is asked of the same key.
    pub(super) is_asked_without: bool,
}

impl Ask {
    pub(super) fn fixed(value: impl Into<String>, on: On) -> Ask {
        Ask {
            value: value.into(),
            on,
            rest: json!({}),
            is_unknown_without: false,
            is_asked_without: false,
        }
    }

    pub(super) fn given(value: &str, parameters: Value) -> Ask {
        Ask {
            rest: json!({"parameters": parameters}),
            is_unknown_without: true,
            is_asked_without: true,
            ..Ask::fixed(value, On::Main)
        }
    }

    pub(super) fn with(value: &str, rest: Value) -> Ask {
        Ask {
            rest,
            ..Ask::fixed(value, On::Main)
        }
    }
}

/// The requests for a key of an operation; `None` if nobody knows how it is fed.
pub(super) fn asks(operation: &Operation, key: &str) -> Option<Vec<Ask>> {
    let name = operation.name.as_str();
    if name == "CreateKey"
        && let Some(asks) = of_new_key(key)
    {
        return Some(asks);
    }
    let asks = match key {
        "kms:CallerAccount" => vec![Ask::fixed(A, On::Main)],
        "kms:ViaService" => {
            vec![Ask::with(
                &format!("s3.{REGION}.amazonaws.com"),
                json!({"via": "s3"}),
            )]
        }
        "kms:ResourceAliases" => vec![Ask::fixed("alias/app", On::Main)],
        "kms:RequestAlias" => vec![Ask::fixed("alias/app", On::Alias)],
        RESOURCE_TAG => vec![Ask::fixed("blue", On::Main)],
        "kms:EncryptionAlgorithm" => algorithms(name),
        CONTEXT => context(name, "blue"),
        "kms:EncryptionContextKeys" => context(name, "team"),
        ATTESTATION => {
            let document = json!({"ImageSha384": "9fb6", "PCR0": "9fb6", "NitroTPMPCR4": "9fb6"});
            vec![Ask::given("9fb6", json!({"Recipient": document}))]
        }
        "kms:TrailingDaysWithoutKeyUsage" => {
            vec![Ask::with("10", json!({"now": "2026-05-11T00:00:00Z"}))]
        }
        "aws:RequestTag/k" | "aws:TagKeys" => tagging(name, key)?,
        _ => match operation.fits.as_ref().and_then(|fits| of_key(fits, key)) {
            Some(asks) => asks,
            None => of_parameter(name, key)?,
        },
    };
    Some(asks)
}

/// Properties of the key that is named.
fn of_key(fits: &Fits, key: &str) -> Option<Vec<Ask>> {
    let sample = fits.sample();
    let text = |member: &str| {
        sample
            .get(member)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    Some(match key {
        "kms:KeySpec" => vec![Ask::fixed(text("spec")?, On::Main)],
        "kms:KeyUsage" => vec![Ask::fixed(text("usage")?, On::Main)],
        "kms:KeyOrigin" => {
            vec![Ask::fixed(
                text("origin").unwrap_or_else(|| "AWS_KMS".to_owned()),
                On::Main,
            )]
        }
        "kms:MultiRegion" if fits.is_multi_region => vec![Ask::fixed("true", On::Main)],
        "kms:MultiRegion" => vec![
            Ask::fixed("false", On::Main),
            Ask::fixed("true", On::Primary),
        ],
        "kms:MultiRegionKeyType" => vec![Ask::fixed("PRIMARY", On::Primary)],
        _ => return None,
    })
}

/// Properties that CreateKey asks for.
fn of_new_key(key: &str) -> Option<Vec<Ask>> {
    let tags = json!({"Tags": [{"TagKey": "team", "TagValue": "blue"}]});
    Some(vec![match key {
        "kms:KeySpec" => Ask::given(
            "RSA_2048",
            json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
        ),
        "kms:KeyUsage" => Ask::given(
            "SIGN_VERIFY",
            json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
        ),
        "kms:KeyOrigin" => Ask::given("EXTERNAL", json!({"Origin": "EXTERNAL"})),
        "kms:MultiRegion" => Ask::given("true", json!({"MultiRegion": true})),
        "kms:MultiRegionKeyType" => Ask::given("PRIMARY", json!({"MultiRegion": true})),
        "aws:RequestTag/k" => Ask::with("blue", json!({"parameters": tags})),
        "aws:TagKeys" => Ask::with("team", json!({"parameters": tags})),
        // A key that is yet to be has none.
        RESOURCE_TAG => return Some(Vec::new()),
        _ => return None,
    }])
}

/// Given where the operation takes an algorithm, else implied.
fn algorithms(name: &str) -> Vec<Ask> {
    let member = match name {
        "Encrypt" | "Decrypt" => "EncryptionAlgorithm",
        "ReEncryptFrom" => "SourceEncryptionAlgorithm",
        "ReEncryptTo" => "DestinationEncryptionAlgorithm",
        _ => return vec![Ask::fixed("SYMMETRIC_DEFAULT", On::Main)],
    };
    let given = |value: &str| {
        let mut parameters = json!({});
        set(&mut parameters, member, json!(value));
        Ask::given(value, parameters)
    };
    // A symmetric key has no other algorithm, so it is not asked what the call may have chosen.
    let symmetric = Ask {
        is_unknown_without: false,
        ..given("SYMMETRIC_DEFAULT")
    };
    let asymmetric = given("RSAES_OAEP_SHA_256");
    vec![
        symmetric,
        Ask {
            on: On::Asymmetric,
            is_asked_without: false,
            ..asymmetric
        },
    ]
}

fn context(name: &str, value: &str) -> Vec<Ask> {
    let pairs = json!({"team": "blue"});
    match name {
        // The grant that is retired has it.
        "RetireGrant" => vec![Ask::fixed(value, On::Main)],
        "CreateGrant" => ["EncryptionContextSubset", "EncryptionContextEquals"]
            .map(|kind| Ask::given(value, grant_with(kind, pairs.clone())))
            .into(),
        "ReEncryptFrom" => vec![Ask::given(value, json!({"SourceEncryptionContext": pairs}))],
        "ReEncryptTo" => vec![Ask::given(
            value,
            json!({"DestinationEncryptionContext": pairs}),
        )],
        _ => vec![
            Ask::given(value, json!({"EncryptionContext": pairs})),
            Ask {
                rest: json!({"encryption_context": pairs}),
                ..Ask::given(value, json!({}))
            },
        ],
    }
}

fn tagging(name: &str, key: &str) -> Option<Vec<Ask>> {
    let tags = json!({"parameters": {"Tags": [{"TagKey": "team", "TagValue": "blue"}]}});
    Some(match (name, key) {
        ("TagResource", "aws:TagKeys") => vec![Ask::with("team", tags)],
        ("TagResource", _) => vec![Ask::with("blue", tags)],
        ("UntagResource", "aws:TagKeys") => {
            vec![Ask::with(
                "team",
                json!({"parameters": {"TagKeys": ["team"]}}),
            )]
        }
        // The call passes names of tags without values.
        ("UntagResource", _) => Vec::new(),
        _ => return None,
    })
}
