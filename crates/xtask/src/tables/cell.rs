//! What the cells of the truth tables say: T, F, U, and words that point to another row or table.

use super::markdown::{Row, plain};
use crate::failure::Failure;

/// True, false, unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    T,
    F,
    U,
}

impl Truth {
    /// Reads `T`, `F` or `U`, in any type.
    pub(crate) fn read(text: &str) -> Option<Truth> {
        match plain(text).as_str() {
            "T" => Some(Truth::T),
            "F" => Some(Truth::F),
            "U" => Some(Truth::U),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Truth::T => "T",
            Truth::F => "F",
            Truth::U => "U",
        }
    }

    /// T for true, F for false.
    pub(crate) fn of(is_true: bool) -> Truth {
        if is_true { Truth::T } else { Truth::F }
    }
}

/// A cell of IAM-TRI-3, IAM-TRI-4 or IAM-COND-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// A value, and those that hold instead for a list that surely matches and for one that cannot.
    Plain {
        truth: Truth,
        universal: Option<Truth>,
        dead: Option<Truth>,
    },
    /// The operator compares.
    Comparison,
    /// As a set of one element.
    OneElement,
    /// The bare operator's cell in the column `Present`.
    AsPresentBare,
    /// IAM-COND-7 says.
    Sets,
    /// IAM-TRI-3 says.
    AsSingle,
    /// An entry of the register.
    Ambiguity(String),
}

impl Cell {
    /// Reads the cell of a column.
    pub(crate) fn read(row: Row<'_>, column: &str) -> Result<Cell, Failure> {
        let text = row.cell(column)?;
        Cell::parse(&plain(text)).ok_or_else(|| row.unread(text))
    }

    fn parse(text: &str) -> Option<Cell> {
        match text {
            "cmp" => return Some(Cell::Comparison),
            "one-element set" => return Some(Cell::OneElement),
            "as Present bare" => return Some(Cell::AsPresentBare),
            "COND-7" | "IAM-COND-7" => return Some(Cell::Sets),
            "as TRI-3" | "as IAM-TRI-3" => return Some(Cell::AsSingle),
            _ if text.starts_with("AMB-") => return Some(Cell::Ambiguity(text.to_owned())),
            _ => {}
        }
        let mut parts = text.split(';').map(str::trim);
        let truth = Truth::read(parts.next()?)?;
        let (mut universal, mut dead) = (None, None);
        for part in parts {
            match part.split_once(' ')? {
                ("univ", truth) => universal = Some(Truth::read(truth)?),
                ("dead", truth) => dead = Some(Truth::read(truth)?),
                _ => return None,
            }
        }
        Some(Cell::Plain {
            truth,
            universal,
            dead,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_its_exceptions() {
        let plain = |truth, universal, dead| Cell::Plain {
            truth,
            universal,
            dead,
        };
        assert_eq!(Cell::parse("T"), Some(plain(Truth::T, None, None)));
        let both = plain(Truth::U, Some(Truth::T), Some(Truth::F));
        assert_eq!(Cell::parse("U; univ T; dead F"), Some(both));
        assert_eq!(
            Cell::parse("AMB-7"),
            Some(Cell::Ambiguity("AMB-7".to_owned()))
        );
        assert_eq!(Cell::parse("cmp"), Some(Cell::Comparison));
    }

    #[test]
    fn other_words_have_no_reading() {
        for text in ["", "X", "U; maybe T", "U; univ", "U; dead X", "see above"] {
            assert_eq!(Cell::parse(text), None, "{text}");
        }
    }
}
