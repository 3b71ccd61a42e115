//! The column `Key`: which keys an operation fits, and the keys of KMS-STATE-3a to try it on.

use serde_json::{Value, json};

use super::super::markdown::{Row, Rules, plain};
use crate::failure::Failure;

/// A kind of key, by the column's letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sy,
    Rs,
    Sv,
    Ma,
    Ka,
    Ke,
}

/// A key's spec and what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// What a cell demands of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fits {
    pub(super) kinds: Vec<Kind>,
    /// Where its material may come from; none: the cell does not say.
    pub(super) origins: Option<Vec<&'static str>>,
    pub(super) is_multi_region: bool,
    /// Custom key stores are excluded.
    pub(super) is_kept_by_kms: bool,
}

/// The values of `origin`.
pub(super) const ORIGINS: [&str; 4] = ["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];

impl Kind {
    pub(super) const ALL: [Kind; 6] = [Kind::Sy, Kind::Rs, Kind::Sv, Kind::Ma, Kind::Ka, Kind::Ke];

    fn read(letters: &str) -> Option<Kind> {
        Some(match letters {
            "SY" => Kind::Sy,
            "RS" => Kind::Rs,
            "SV" => Kind::Sv,
            "MA" => Kind::Ma,
            "KA" => Kind::Ka,
            "KE" => Kind::Ke,
            _ => return None,
        })
    }

    pub(super) fn usage(self) -> &'static str {
        match self {
            Kind::Sy | Kind::Rs => "ENCRYPT_DECRYPT",
            Kind::Sv => "SIGN_VERIFY",
            Kind::Ma => "GENERATE_VERIFY_MAC",
            Kind::Ka => "KEY_AGREEMENT",
            Kind::Ke => "ENCAPSULATE_DECAPSULATE",
        }
    }

    /// A spec that no other kind shares if there is one.
    pub(super) fn sample(self) -> Spec {
        let name = match self {
            Kind::Sy => "SYMMETRIC_DEFAULT",
            Kind::Rs => "RSA_2048",
            Kind::Sv => "ECC_SECG_P256K1",
            Kind::Ma => "HMAC_256",
            Kind::Ka => "ECC_NIST_P256",
            Kind::Ke => "ML_KEM_768",
        };
        Spec { name, kind: self }
    }
}

impl Spec {
    /// The members of a key in a snapshot.
    pub(super) fn members(self) -> Value {
        json!({"spec": self.name, "usage": self.kind.usage()})
    }

    /// Keys of this spec exist in China Regions only.
    pub(super) fn is_of_china(self) -> bool {
        self.name == "SM2"
    }

    /// An algorithm of the key for the call, so that only the usage can be wrong.
    pub(super) fn algorithm(self) -> &'static str {
        match (self.kind, self.name) {
            (Kind::Rs, "SM2") => "SM2PKE",
            (Kind::Rs, _) => "RSAES_OAEP_SHA_256",
            (Kind::Sv, name) if name.starts_with("RSA_") => "RSASSA_PSS_SHA_256",
            (Kind::Sv, name) if name.starts_with("ML_DSA_") => "ML_DSA_SHAKE_256",
            (Kind::Sv, "ECC_NIST_P384") => "ECDSA_SHA_384",
            (Kind::Sv, "ECC_NIST_P521") => "ECDSA_SHA_512",
            (Kind::Sv, "ECC_NIST_EDWARDS25519") => "ED25519_SHA_512",
            (Kind::Sv, "SM2") => "SM2DSA",
            (Kind::Sv, _) => "ECDSA_SHA_256",
            (Kind::Ma, "HMAC_224") => "HMAC_SHA_224",
            (Kind::Ma, "HMAC_384") => "HMAC_SHA_384",
            (Kind::Ma, "HMAC_512") => "HMAC_SHA_512",
            (Kind::Ma, _) => "HMAC_SHA_256",
            (Kind::Ka, _) => "ECDH",
            (Kind::Sy | Kind::Ke, _) => "SYMMETRIC_DEFAULT",
        }
    }
}

impl Fits {
    /// Reads the cell; nothing if the operation takes no key.
    pub(super) fn read(row: Row<'_>) -> Result<Option<Fits>, Failure> {
        let cell = row.cell("Key")?;
        if cell == "–" {
            return Ok(None);
        }
        Fits::parse(cell).map(Some).ok_or_else(|| row.unread(cell))
    }

    fn parse(cell: &str) -> Option<Fits> {
        let mut fits = Fits {
            kinds: Kind::ALL.to_vec(),
            origins: None,
            is_multi_region: false,
            is_kept_by_kms: false,
        };
        match cell {
            // What else UpdateAlias demands is said of two keys together.
            "any" | "old/new same type and usage" => return Some(fits),
            "multi-Region" | "multi-Region primary" => {
                fits.is_multi_region = true;
                return Some(fits);
            }
            "origin EXTERNAL" => {
                fits.origins = Some(vec!["EXTERNAL"]);
                return Some(fits);
            }
            _ => {}
        }
        // All specs of these kinds are what the brackets say.
        let cell = match cell {
            "KA (NIST curves, SM2)" => "KA",
            "KE (ML_KEM_*)" => "KE",
            _ => cell,
        };
        let (kinds, rest) = match cell.split_once(", ") {
            Some((kinds, rest)) => (kinds, Some(rest)),
            None => (cell, None),
        };
        match rest {
            None => {}
            Some("not custom key store") => fits.is_kept_by_kms = true,
            Some("origin AWS_KMS") => fits.origins = Some(vec!["AWS_KMS"]),
            Some("origin AWS_KMS or EXTERNAL") => fits.origins = Some(vec!["AWS_KMS", "EXTERNAL"]),
            Some(_) => return None,
        }
        let kinds = kinds.trim_end_matches("[I]").split(' ').map(Kind::read);
        fits.kinds = kinds.collect::<Option<Vec<Kind>>>()?;
        Some(fits)
    }

    /// The members of an enabled key that fits.
    pub(super) fn sample(&self) -> Value {
        let spec = self.kinds.first().copied().unwrap_or(Kind::Sy).sample();
        let mut members = spec.members();
        if !self.fits_origin("AWS_KMS") {
            super::super::case::set(&mut members, "origin", json!("EXTERNAL"));
        }
        members
    }

    pub(super) fn fits_kind(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether a key of this origin fits, as far as the cell says.
    pub(super) fn fits_origin(&self, origin: &str) -> bool {
        let is_custom = matches!(origin, "AWS_CLOUDHSM" | "EXTERNAL_KEY_STORE");
        let is_listed = self
            .origins
            .as_ref()
            .is_none_or(|listed| listed.contains(&origin));
        is_listed && !(is_custom && self.is_kept_by_kms)
    }
}

/// A row of KMS-STATE-3a.
#[derive(Debug)]
pub(super) struct SpecRow {
    pub(super) label: String,
    pub(super) names: Vec<&'static str>,
    /// What its keys can be for.
    pub(super) kinds: Vec<Kind>,
}

/// The rows of KMS-STATE-3a.
pub(super) fn spec_rows(rules: &Rules) -> Result<Vec<SpecRow>, Failure> {
    let table = rules.table("KMS-STATE-3a")?;
    let mut rows = Vec::new();
    for row in table.rows() {
        let label = plain(row.label());
        let names = spec_names(&label).ok_or_else(|| row.unread(row.label()))?;
        let cell = row.cell("Possible usage")?;
        let words = cell.replace(" or ", ", ");
        let mut kinds = Vec::new();
        for usage in words.split(", ") {
            let of_usage = |kind: &&Kind| kind.usage() == usage && is_kind_of(**kind, &label);
            let kind = Kind::ALL.iter().find(of_usage);
            kinds.push(*kind.ok_or_else(|| row.unread(cell))?);
        }
        rows.push(SpecRow {
            label,
            names,
            kinds,
        });
    }
    Ok(rows)
}

/// Of the two kinds that encrypt, one is symmetric.
fn is_kind_of(kind: Kind, label: &str) -> bool {
    match kind {
        Kind::Sy => label == "SYMMETRIC_DEFAULT",
        Kind::Rs => label != "SYMMETRIC_DEFAULT",
        _ => true,
    }
}

/// The specs that a label stands for.
fn spec_names(label: &str) -> Option<Vec<&'static str>> {
    Some(match label {
        "SYMMETRIC_DEFAULT" => vec!["SYMMETRIC_DEFAULT"],
        "HMAC_*" => vec!["HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"],
        "RSA_*" => vec!["RSA_2048", "RSA_3072", "RSA_4096"],
        "ECC_NIST_P256/P384/P521" => vec!["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"],
        "ECC_SECG_P256K1, ECC_NIST_EDWARDS25519, ML_DSA_*" => vec![
            "ECC_SECG_P256K1",
            "ECC_NIST_EDWARDS25519",
            "ML_DSA_44",
            "ML_DSA_65",
            "ML_DSA_87",
        ],
        "ML_KEM_*" => vec!["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"],
        "SM2 (China Regions)" => vec!["SM2"],
        _ => return None,
    })
}

/// Every spec with each of its usages.
pub(super) fn specs(rows: &[SpecRow]) -> Vec<Spec> {
    let of_row = |row: &SpecRow| {
        let names = row.names.clone();
        let kinds = row.kinds.clone();
        let both = move |name| {
            kinds
                .clone()
                .into_iter()
                .map(move |kind| Spec { name, kind })
        };
        names.into_iter().flat_map(both).collect::<Vec<Spec>>()
    };
    rows.iter().flat_map(of_row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_names_kinds_and_what_else_it_demands() {
        let all = Fits::parse("any").unwrap();
        assert_eq!(all.kinds, Kind::ALL);
        let some = Fits::parse("RS SV KA KE[I]").unwrap();
        assert_eq!(some.kinds, [Kind::Rs, Kind::Sv, Kind::Ka, Kind::Ke]);
        let own = Fits::parse("SY, origin AWS_KMS or EXTERNAL").unwrap();
        assert!(own.fits_kind(Kind::Sy) && !own.fits_kind(Kind::Rs));
        assert!(own.fits_origin("EXTERNAL") && !own.fits_origin("AWS_CLOUDHSM"));
        let kept = Fits::parse("SY, not custom key store").unwrap();
        assert!(kept.fits_origin("EXTERNAL") && !kept.fits_origin("EXTERNAL_KEY_STORE"));
    }

    #[test]
    fn other_words_have_no_reading() {
        for cell in [
            "",
            "XX",
            "SY RX",
            "SY, origin MOON",
            "SY or RS",
            "KA (curves)",
        ] {
            assert_eq!(Fits::parse(cell), None, "{cell}");
        }
    }
}
