//! The rows of the operation table: for each permission what its cells say.

use super::super::markdown::{Row, Rules, plain};
use super::fits::Fits;
use crate::failure::Failure;

/// One permission on keys, aliases or `*`.
#[derive(Debug)]
pub(super) struct Operation {
    /// Without `kms:`.
    pub(super) name: String,
    pub(super) shape: Shape,
    /// Whether it works on a key of another account.
    pub(super) crosses: bool,
    /// The cell `Cond`, as written.
    pub(super) cond: String,
    /// The keys that it fits; none if it takes no key.
    pub(super) fits: Option<Fits>,
    /// The class of KMS-STATE-2.
    pub(super) class: Option<String>,
    pub(super) is_grantable: bool,
}

/// Which decisions a call takes, and where the permission of each can come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One, on a key.
    Key,
    /// Half of a call on two keys (ReEncrypt).
    Half,
    /// One, on `*`, from identity policies.
    NoKey,
    /// On an alias and the key behind it.
    Alias,
    /// On an alias, the key that it leaves and the key that it goes to.
    AliasMove,
    /// What KMS-GRANT-14 says.
    Retire,
    /// On a primary key, and CreateKey in the Region of the replica.
    Replica,
    /// On a primary and on its replica.
    Primary,
    /// No policy gives it, and no one calls it.
    Nobody,
}

impl Operation {
    /// Every permission, in the order of the table.
    pub(super) fn all(rules: &Rules) -> Result<Vec<Operation>, Failure> {
        let section = rules.section("KMS-ACT", "Operations")?;
        legend(rules)?;
        let mut operations = Vec::new();
        for row in section.table()?.rows() {
            let shape = shape(row)?;
            for name in names(row)? {
                operations.push(Operation::read(name, shape, row)?);
            }
        }
        Ok(operations)
    }

    fn read(name: String, shape: Shape, row: Row<'_>) -> Result<Operation, Failure> {
        check_level(row)?;
        let class = match row.cell("St")? {
            "–" => None,
            cell => Some(
                cell.trim_end_matches("[I]")
                    .trim_end_matches(" on both")
                    .to_owned(),
            ),
        };
        let operation = Operation {
            name,
            shape,
            crosses: crosses(row, shape)?,
            cond: row.cell("Cond")?.to_owned(),
            fits: Fits::read(row)?,
            class,
            is_grantable: is_grantable(row)?,
        };
        let has_key = shape != Shape::NoKey;
        if operation.fits.is_some() != has_key || (operation.is_grantable && !has_key) {
            return Err(row.unread(row.cell("Key")?));
        }
        Ok(operation)
    }

    /// The IAM action.
    pub(super) fn action(&self) -> String {
        format!("kms:{}", self.name)
    }

    /// Whether one of its decisions is about a key.
    pub(super) fn has_key(&self) -> bool {
        !matches!(self.shape, Shape::NoKey | Shape::Nobody)
    }
}

/// The operation of this name.
pub(super) fn named<'a>(operations: &'a [Operation], name: &str) -> Result<&'a Operation, Failure> {
    let found = operations.iter().find(|operation| operation.name == name);
    found.ok_or_else(|| Failure::new(format!("the operation table has no `{name}`")))
}

/// The permissions of a row: the label's, or those that it says the operation needs.
fn names(row: Row<'_>) -> Result<Vec<String>, Failure> {
    let label = plain(row.label());
    let listed: Vec<&str> = match label.split_once('→') {
        Some((_, parts)) => parts.split('+').collect(),
        None => label
            .split('(')
            .next()
            .unwrap_or(&label)
            .split(',')
            .collect(),
    };
    let mut names = Vec::new();
    for part in listed {
        let name = part.split('(').next().unwrap_or(part).trim();
        let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphabetic());
        if !is_name {
            return Err(row.unread(row.label()));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

fn shape(row: Row<'_>) -> Result<Shape, Failure> {
    let (source, resource) = (plain(row.cell("Pol")?), plain(row.cell("Res")?));
    Ok(match (source.as_str(), resource.as_str()) {
        ("KP", "key") => Shape::Key,
        ("KP", "key, key") => Shape::Half,
        ("IAM", "*") => Shape::NoKey,
        ("IAM on alias + KP on key", "alias, key") => Shape::Alias,
        ("IAM on alias + KP on old key + KP on new key", "alias, key×2") => Shape::AliasMove,
        ("IAM only, see KMS-GRANT-14", "key") => Shape::Retire,
        ("KP on primary + kms:CreateKey IAM in replica Region", "key") => Shape::Replica,
        ("KP on primary (its Region) + KP on replica (its Region)", "key×2") => Shape::Primary,
        ("–", "key") => Shape::Nobody,
        _ => return Err(row.unread(row.cell("Pol")?)),
    })
}

/// Access levels are for people; no decision hangs on them.
fn check_level(row: Row<'_>) -> Result<(), Failure> {
    let cell = row.cell("L")?;
    match cell.trim_end_matches("[I]") {
        "R" | "W" | "L" | "P" | "T" => Ok(()),
        _ => Err(row.unread(cell)),
    }
}

fn crosses(row: Row<'_>, shape: Shape) -> Result<bool, Failure> {
    let cell = row.cell("X")?;
    match (cell, shape) {
        ("X", _) => Ok(true),
        ("–", _) => Ok(false),
        // Nothing of another account is named in these calls.
        ("–¹" | "n/a" | "own principal", Shape::NoKey) => Ok(false),
        _ => Err(row.unread(cell)),
    }
}

fn is_grantable(row: Row<'_>) -> Result<bool, Failure> {
    let cell = row.cell("G")?;
    match cell {
        "G" | "G (each)" => Ok(true),
        "–" => Ok(false),
        _ => Err(row.unread(cell)),
    }
}

/// Fails if the legend no longer says what the readings of the cells stand on.
fn legend(rules: &Rules) -> Result<(), Failure> {
    let section = rules.section("KMS-ACT", "Operations")?;
    for words in [
        "KP = key policy or delegated IAM; IAM = identity policy only",
        "**X** works across accounts",
        "**G** allowed in a grant",
        "**St** state class of KMS-STATE-2",
        "SY symmetric ENCRYPT_DECRYPT, RS asymmetric ENCRYPT_DECRYPT (RSA, SM2), SV SIGN_VERIFY, MA \
         GENERATE_VERIFY_MAC, KA KEY_AGREEMENT, KE ENCAPSULATE_DECAPSULATE, any",
        "¹ ListKeys can also list keys other accounts share by RAM",
    ] {
        section.says(words)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: [&str; 9] = [
        "Encrypt", "W", "KP", "X", "key", "EA RA E", "SY RS", "crypto", "G",
    ];

    /// The permissions of one row, whose cells are those above but for one.
    fn read(column: usize, cell: &str) -> Result<Vec<Operation>, Failure> {
        let mut line = LINE;
        line[column] = cell;
        let text = format!(
            "# KMS-ACT: operations\n\n## Operations\n\n| Operation | L | Pol | X | Res | Cond | Key | St | G |\n|{}\n| {} |\n",
            "---|".repeat(LINE.len()),
            line.join(" | ")
        );
        let section = Rules::of(&text).section("KMS-ACT", "Operations")?;
        let mut operations = Vec::new();
        for row in section.table()?.rows() {
            for name in names(row)? {
                operations.push(Operation::read(name, shape(row)?, row)?);
            }
        }
        Ok(operations)
    }

    fn named_by(label: &str) -> Vec<String> {
        let operations = read(0, label).unwrap();
        operations
            .into_iter()
            .map(|operation| operation.name)
            .collect()
    }

    #[test]
    fn a_label_names_one_permission_or_several() {
        assert_eq!(
            named_by("Encapsulate, Decapsulate (2026)"),
            ["Encapsulate", "Decapsulate"]
        );
        let halves = "ReEncrypt → **ReEncryptFrom** (source) + **ReEncryptTo** (destination)";
        assert_eq!(named_by(halves), ["ReEncryptFrom", "ReEncryptTo"]);
        assert_eq!(named_by("Sync (permission only; used by a role)"), ["Sync"]);
        assert!(read(0, "2026").is_err());
    }

    #[test]
    fn a_row_says_what_its_cells_say() {
        let operations = read(3, "–").unwrap();
        let [operation] = operations.as_slice() else {
            unreachable!("one row has one permission");
        };
        assert_eq!(
            (operation.action(), operation.shape),
            ("kms:Encrypt".to_owned(), Shape::Key)
        );
        assert!(!operation.crosses && operation.is_grantable && operation.has_key());
        assert_eq!(operation.class.as_deref(), Some("crypto"));
        assert_eq!(read(7, "all[I]").unwrap()[0].class.as_deref(), Some("all"));
        assert_eq!(
            read(7, "crypto on both").unwrap()[0].class.as_deref(),
            Some("crypto")
        );
    }

    #[test]
    fn other_words_have_no_reading() {
        for (column, cell) in [
            (1, "Q"),
            (2, "KP?"),
            (3, "n/a"),
            (4, "`*`"),
            (6, "–"),
            (6, "SX"),
            (8, "maybe"),
        ] {
            assert!(read(column, cell).is_err(), "{cell} in column {column}");
        }
    }
}
