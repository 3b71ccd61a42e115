//! The condition keys of KMS-COND, and which of them an operation carries by its cell `Cond`.

use super::super::super::markdown::{Row, Rules, plain};
use super::super::table::{Operation, Shape};
use crate::failure::Failure;

/// A condition key, or a family of them.
#[derive(Debug)]
pub(super) struct ConditionKey {
    /// As the table writes it, such as `kms:EncryptionContext:K`.
    pub(super) name: String,
    /// Operators that take it, each sufficient by itself.
    pub(super) operators: Vec<&'static str>,
    /// The cell `Operations`.
    pub(super) operations: String,
    /// The cell `Semantics`, without marks of type.
    pub(super) semantics: String,
}

pub(super) const CONTEXT: &str = "kms:EncryptionContext:K";
pub(super) const ATTESTATION: &str = "kms:RecipientAttestation:M";
pub(super) const RESOURCE_TAG: &str = "aws:ResourceTag/k";
const REQUEST_TAG: &str = "aws:RequestTag/k";
const TAG_KEYS: &str = "aws:TagKeys";

/// The keys of every `key` row: set C of the legend.
const COMMON: [&str; 9] = [
    "kms:CallerAccount",
    "kms:KeyOrigin",
    "kms:KeySpec",
    "kms:KeyUsage",
    "kms:MultiRegion",
    "kms:MultiRegionKeyType",
    "kms:ResourceAliases",
    "kms:ViaService",
    RESOURCE_TAG,
];

impl ConditionKey {
    /// The keys of the table, and the two of IAM-CTX-2 that the operation table names besides.
    pub(super) fn all(rules: &Rules) -> Result<Vec<ConditionKey>, Failure> {
        legend(rules)?;
        let section = rules.section("KMS-COND", "Condition keys")?;
        let mut keys: Vec<ConditionKey> = Vec::new();
        for row in section.table()?.rows() {
            let operations = match plain(row.cell("Operations")?).as_str() {
                "same" => keys
                    .last()
                    .map(|key| key.operations.clone())
                    .unwrap_or_default(),
                cell => cell.to_owned(),
            };
            for name in names(row)? {
                let operators = operators(row, &name)?;
                let semantics = plain(row.cell("Semantics")?);
                keys.push(ConditionKey {
                    name,
                    operators,
                    operations: operations.clone(),
                    semantics,
                });
            }
        }
        for (name, operator) in [
            (REQUEST_TAG, "StringEquals"),
            (TAG_KEYS, "ForAnyValue:StringEquals"),
        ] {
            let (name, operators) = (name.to_owned(), vec![operator]);
            keys.push(ConditionKey {
                name,
                operators,
                operations: String::new(),
                semantics: String::new(),
            });
        }
        Ok(keys)
    }

    /// Names that requests have: one or more of a family, and older names of the same key.
    pub(super) fn asked_as(&self) -> Vec<String> {
        let names: &[&str] = match self.name.as_str() {
            CONTEXT => &["kms:EncryptionContext:team"],
            ATTESTATION => &[
                "kms:RecipientAttestation:ImageSha384",
                "kms:RecipientAttestation:PCR0",
                "kms:RecipientAttestation:NitroTPMPCR4",
            ],
            RESOURCE_TAG => &["aws:ResourceTag/team"],
            REQUEST_TAG => &["aws:RequestTag/team"],
            "kms:KeySpec" => &["kms:KeySpec", "kms:CustomerMasterKeySpec"],
            "kms:KeyUsage" => &["kms:KeyUsage", "kms:CustomerMasterKeyUsage"],
            name => &[name],
        };
        names.iter().map(|&name| name.to_owned()).collect()
    }
}

fn legend(rules: &Rules) -> Result<(), Failure> {
    let operations = rules.section("KMS-ACT", "Operations")?;
    operations.says(
        "Every `key` row also has the common set **C** = kms:CallerAccount, KeyOrigin, KeySpec, KeyUsage, MultiRegion, \
         MultiRegionKeyType, ResourceAliases, ViaService, aws:ResourceTag/\\*. **E** = kms:EncryptionContext:\\*, \
         kms:EncryptionContextKeys; **EA** = kms:EncryptionAlgorithm; **RA** = kms:RequestAlias; **AT** = \
         kms:RecipientAttestation:\\*",
    )?;
    let section = rules.section("KMS-COND", "Condition keys")?;
    section.says("*1* = single-valued, *many* = multivalued.")?;
    section.says("`kms:CustomerMasterKeySpec`/`…Usage` are aliases of the first two; fill both")
}

/// The keys of a row.
fn names(row: Row<'_>) -> Result<Vec<String>, Failure> {
    let label = plain(row.label());
    match label.as_str() {
        "kms:EncryptionContext:*K*" => return Ok(vec![CONTEXT.to_owned()]),
        "kms:RecipientAttestation:ImageSha384, :PCR0–31, :NitroTPMPCR0–23" => {
            return Ok(vec![ATTESTATION.to_owned()]);
        }
        _ => {}
    }
    let names: Vec<String> = label
        .replace(" / ", ", ")
        .split(", ")
        .map(str::to_owned)
        .collect();
    let is_name = |name: &String| {
        let rest = name
            .strip_prefix("kms:")
            .or_else(|| name.strip_suffix("/k")?.strip_prefix("aws:"));
        rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphabetic()))
    };
    match names.iter().all(is_name) {
        true => Ok(names),
        false => Err(row.unread(row.label())),
    }
}

/// The operators for a key of this type and cardinality.
fn operators(row: Row<'_>, name: &str) -> Result<Vec<&'static str>, Failure> {
    let cell = row.cell("Type / cardinality")?;
    let (kind, cardinality) = cell.rsplit_once(" / ").ok_or_else(|| row.unread(cell))?;
    let is_single = cardinality.starts_with('1');
    match (kind, is_single, plain(cardinality).as_str()) {
        ("String", false, "many") => Ok(vec!["ForAnyValue:StringEquals"]),
        ("String", true, _) => Ok(vec!["StringEquals"]),
        ("Bool", true, _) => Ok(vec!["Bool"]),
        ("Numeric", true, _) => Ok(vec!["NumericEquals"]),
        ("ARN/String", true, _) => Ok(vec!["ArnEquals", "StringEquals"]),
        ("String; Date or Numeric (epoch)", true, _) => match name {
            "kms:ExpirationModel" => Ok(vec!["StringEquals"]),
            "kms:ValidTo" => Ok(vec!["DateEquals", "NumericEquals"]),
            _ => Err(row.unread(cell)),
        },
        _ => Err(row.unread(cell)),
    }
}

/// The names of the keys that the requests of an operation carry, of its decision about a key if it has one.
pub(super) fn carried(
    operation: &Operation,
    known: &[ConditionKey],
) -> Result<Vec<String>, Failure> {
    let mut carried: Vec<String> = Vec::new();
    let is_retiring = operation.shape == Shape::Retire;
    if !is_retiring && operation.shape != Shape::NoKey {
        carried.extend(COMMON.map(str::to_owned));
    }
    let cell = operation.cond.replace(" (2026)", "").replace("[I]", "");
    let words = match cell.strip_suffix(" (not the rest of C)") {
        Some(words) if is_retiring => words,
        None if !is_retiring => &cell,
        _ => return Err(unread(operation)),
    };
    match words {
        // Of the row above, which says the first.
        "C only for key" | "same" | "none" => return Ok(carried),
        _ => {}
    }
    for word in words.split([',', ' ']).filter(|word| !word.is_empty()) {
        carried.extend(meant(word));
    }
    let is_known = |name: &String| known.iter().any(|key| key.name == *name);
    match carried.iter().all(is_known) {
        true => Ok(carried),
        false => Err(unread(operation)),
    }
}

fn unread(operation: &Operation) -> Failure {
    let Operation { name, cond, .. } = operation;
    Failure::new(format!(
        "`KMS-ACT: Operations`, row `{name}`: no reading for the cell `{cond}`"
    ))
}

fn meant(word: &str) -> Vec<String> {
    let names = match word {
        "E" => vec![CONTEXT, "kms:EncryptionContextKeys"],
        "EA" => vec!["kms:EncryptionAlgorithm"],
        "RA" => vec!["kms:RequestAlias"],
        "AT" => vec![ATTESTATION],
        "aws:ResourceTag" => vec![RESOURCE_TAG],
        "aws:RequestTag" => vec![REQUEST_TAG],
        "aws:TagKeys" => vec![TAG_KEYS],
        _ => return vec![format!("kms:{word}")],
    };
    names.into_iter().map(str::to_owned).collect()
}
