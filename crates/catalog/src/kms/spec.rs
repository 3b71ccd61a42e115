//! Key specs, the usages each can have, and the families that operations ask for.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

/// Keys that the same operations can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum KeyFamily {
    /// Symmetric, `ENCRYPT_DECRYPT`.
    #[serde(rename = "SY")]
    Symmetric,
    /// Asymmetric, `ENCRYPT_DECRYPT`.
    #[serde(rename = "RS")]
    AsymmetricEncryption,
    /// `SIGN_VERIFY`.
    #[serde(rename = "SV")]
    Signing,
    /// `GENERATE_VERIFY_MAC`.
    #[serde(rename = "MA")]
    Mac,
    /// `KEY_AGREEMENT`.
    #[serde(rename = "KA")]
    KeyAgreement,
    /// `ENCAPSULATE_DECAPSULATE`.
    #[serde(rename = "KE")]
    KeyEncapsulation,
}

/// A key spec. Rule: KMS-STATE-3a
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySpec {
    /// Name (`RSA_4096`).
    pub spec: String,
    /// Possible usages, with the family each makes of the key.
    pub usages: BTreeMap<String, KeyFamily>,
    /// Algorithms of all its usages, as the API names them; empty: operations take none. Rule: KMS-STATE-3
    pub algorithms: Vec<String>,
    /// Partitions that have it; empty: all.
    #[serde(default)]
    pub partitions: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "rules")]
    _rules: Vec<String>,
    specs: Vec<KeySpec>,
}

const JSON: &str = include_str!("../../data/kms/specs.json");

static TABLE: LazyLock<Table> = LazyLock::new(|| embedded::table(JSON));

/// Every row of the table of specs.
#[must_use]
pub fn specs() -> &'static [KeySpec] {
    &TABLE.specs
}

/// Row of a key spec, spelled as AWS does; `None`: no such spec. Rule: KMS-STATE-3a
#[must_use]
pub fn spec(name: &str) -> Option<&'static KeySpec> {
    specs().iter().find(|row| row.spec == name)
}

impl KeySpec {
    /// Whether keys of the spec can be used with an algorithm. Rule: KMS-STATE-3
    ///
    /// ```
    /// use preclear_catalog::kms;
    ///
    /// let curve = kms::spec("ECC_NIST_P256").expect("a spec");
    /// assert!(curve.has_algorithm("ECDSA_SHA_256"));
    /// assert!(!curve.has_algorithm("ECDSA_SHA_384"));
    /// ```
    #[must_use]
    pub fn has_algorithm(&self, algorithm: &str) -> bool {
        self.algorithms.is_empty() || self.algorithms.iter().any(|own| own == algorithm)
    }

    /// The algorithms of one of its usages.
    ///
    /// ```
    /// use preclear_catalog::kms;
    ///
    /// let curve = kms::spec("ECC_NIST_P256").expect("a spec");
    /// assert_eq!(curve.algorithms_for("KEY_AGREEMENT"), ["ECDH"]);
    /// assert_eq!(curve.algorithms_for("SIGN_VERIFY"), ["ECDSA_SHA_256"]);
    /// ```
    #[must_use]
    pub fn algorithms_for(&self, usage: &str) -> Vec<&str> {
        let is_of_usage = |algorithm: &&String| match usage_of(algorithm) {
            Some(own) => own == usage,
            None => self.usages.len() == 1,
        };
        let own = self.algorithms.iter().filter(is_of_usage);
        own.map(String::as_str).collect()
    }
}

/// The usage that an algorithm belongs to, for those of specs with several usages.
fn usage_of(algorithm: &str) -> Option<&'static str> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| algorithm.starts_with(prefix));
    if starts(&["RSAES_", "SM2PKE"]) {
        Some("ENCRYPT_DECRYPT")
    } else if starts(&["ECDH"]) {
        Some("KEY_AGREEMENT")
    } else if starts(&["RSASSA_", "ECDSA_", "SM2DSA"]) {
        Some("SIGN_VERIFY")
    } else {
        None
    }
}

/// Family of a key; `None`: a spec cannot have that usage, which is an error in the key's record. Rule: KMS-STATE-3a
///
/// ```
/// use preclear_catalog::kms::{KeyFamily, key_family};
///
/// assert_eq!(key_family("RSA_2048", "SIGN_VERIFY"), Some(KeyFamily::Signing));
/// assert_eq!(key_family("SYMMETRIC_DEFAULT", "SIGN_VERIFY"), None);
/// ```
#[must_use]
pub fn key_family(spec_name: &str, usage: &str) -> Option<KeyFamily> {
    spec(spec_name)?.usages.get(usage).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_parses() {
        let table: Table = embedded::try_table(JSON).expect("specs.json parses");
        assert!(table.specs.iter().all(|row| !row.usages.is_empty()));
    }

    #[test]
    fn specs_have_the_usages_of_the_rule() {
        use KeyFamily::{
            AsymmetricEncryption, KeyAgreement, KeyEncapsulation, Mac, Signing, Symmetric,
        };
        let family = key_family;
        assert_eq!(
            family("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
            Some(Symmetric)
        );
        assert_eq!(family("HMAC_384", "GENERATE_VERIFY_MAC"), Some(Mac));
        assert_eq!(
            family("RSA_4096", "ENCRYPT_DECRYPT"),
            Some(AsymmetricEncryption)
        );
        assert_eq!(family("ECC_NIST_P384", "KEY_AGREEMENT"), Some(KeyAgreement));
        assert_eq!(family("ECC_NIST_P384", "SIGN_VERIFY"), Some(Signing));
        assert_eq!(family("ECC_SECG_P256K1", "KEY_AGREEMENT"), None);
        assert_eq!(family("ECC_NIST_EDWARDS25519", "KEY_AGREEMENT"), None);
        assert_eq!(family("ML_DSA_65", "SIGN_VERIFY"), Some(Signing));
        assert_eq!(
            family("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
            Some(KeyEncapsulation)
        );
        assert_eq!(family("SM2", "KEY_AGREEMENT"), Some(KeyAgreement));
        assert_eq!(family("HMAC_256", "ENCRYPT_DECRYPT"), None);
        assert_eq!(family("RSA_1024", "SIGN_VERIFY"), None);
        assert_eq!(family("rsa_2048", "SIGN_VERIFY"), None);
        assert_eq!(
            spec("SM2").map(|row| row.partitions.as_slice()),
            Some(["aws-cn".to_owned()].as_slice())
        );
    }
}
