//! Looks up what a form of an operator is in a state of its key, in IAM-TRI-3, IAM-TRI-4, IAM-COND-7 and IAM-COND-8.

use super::super::cell::{Cell, Truth};
use super::super::markdown::{Rules, Table};
use super::form::{Form, Set};
use crate::failure::Failure;

/// How a list of operands stands to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operands {
    /// Some values match, some do not.
    Ordinary,
    /// Every value matches.
    Universal,
    /// No value matches.
    Dead,
}

/// What a request knows of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// A single value; whether it matches the list.
    Value {
        matches: bool,
    },
    /// A set: whether it has values that match, and values that do not.
    Values {
        some_match: bool,
        some_fail: bool,
    },
    Absent,
    Present,
    Unknown,
}

/// What the tables say of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    Certain(Truth),
    /// Unknown; and whether an ambiguity plays a part beside the key.
    Open {
        beside: Option<String>,
    },
    /// An entry of the register, and nothing else.
    Ambiguity(String),
}

/// The tables.
#[derive(Debug)]
pub(super) struct Truths {
    single: Table,
    multiple: Table,
    sets: Table,
    missing: Table,
}

impl Truths {
    pub(super) fn read(rules: &Rules) -> Result<Truths, Failure> {
        rules
            .rule("IAM-COND-9")?
            .says("with a set qualifier adds nothing")?;
        Ok(Truths {
            single: rules.table("IAM-TRI-3")?.clone(),
            multiple: rules.table("IAM-TRI-4")?.clone(),
            sets: rules.table("IAM-COND-7")?.clone(),
            missing: rules.table("IAM-COND-8")?.clone(),
        })
    }

    /// A test on a single-valued key.
    pub(super) fn single(
        &self,
        form: Form,
        operands: Operands,
        state: State,
    ) -> Result<Reading, Failure> {
        let polarity = form.polarity();
        let row = self.single.row(&match (form.set, form.has_if_exists) {
            (Set::None, false) => format!("{polarity} bare"),
            (Set::None, true) => format!("{polarity} IfExists"),
            (Set::ForAllValues, _) => format!("ForAllValues: {polarity}"),
            (Set::ForAnyValue, _) => format!("ForAnyValue: {polarity}"),
        })?;
        let column = column(state, "Known");
        match Cell::read(row, column)? {
            Cell::Comparison => Ok(Reading::Certain(compared(form, operands, state))),
            Cell::OneElement => self.set(form, operands, state),
            Cell::AsPresentBare => {
                let bare = self.single.row(&format!("{polarity} bare"))?;
                match Cell::read(bare, "Present")? {
                    cell @ Cell::Plain { .. } => self.plain(&cell, form, operands, state),
                    _ => Err(bare.unread("Present")),
                }
            }
            cell @ Cell::Plain { .. } => self.plain(&cell, form, operands, state),
            _ => Err(row.unread(row.cell(column)?)),
        }
    }

    /// A test on a multivalued key.
    pub(super) fn multiple(
        &self,
        form: Form,
        operands: Operands,
        state: State,
    ) -> Result<Reading, Failure> {
        let polarity = form.polarity();
        let row = self.multiple.row(&match (form.set, form.has_if_exists) {
            (Set::None, false) => format!("bare {polarity}"),
            (Set::None, true) => "bare IfExists".to_owned(),
            (Set::ForAllValues, _) => format!("ForAllValues {polarity}"),
            (Set::ForAnyValue, _) => format!("ForAnyValue {polarity}"),
        })?;
        let column = column(state, "Known(set)");
        match Cell::read(row, column)? {
            Cell::Sets => self.set(form, operands, state),
            cell @ Cell::Plain { .. } => self.plain(&cell, form, operands, state),
            _ => Err(row.unread(row.cell(column)?)),
        }
    }

    /// IAM-COND-7, with the values that match as its `a`, those that do not as its `c` and `d`.
    pub(super) fn set(
        &self,
        form: Form,
        operands: Operands,
        state: State,
    ) -> Result<Reading, Failure> {
        let (some_match, some_fail) = match (state, operands) {
            (State::Value { matches }, Operands::Ordinary) => (matches, !matches),
            (
                State::Values {
                    some_match,
                    some_fail,
                },
                Operands::Ordinary,
            ) => (some_match, some_fail),
            (
                State::Values {
                    some_match: false,
                    some_fail: false,
                },
                _,
            ) => (false, false),
            (_, Operands::Universal) => (true, false),
            (_, _) => (false, true),
        };
        let row = self.sets.row(match (some_match, some_fail) {
            (true, false) => "{a}",
            (true, true) => "{a,c}",
            (false, true) => "{c,d}",
            (false, false) => "{} or absent",
        })?;
        let set = match form.set {
            Set::ForAllValues => "ForAllValues",
            Set::ForAnyValue => "ForAnyValue",
            Set::None => return Err(row.unread("a set operator is missing")),
        };
        let base = if form.is_negated {
            "StringNotEquals"
        } else {
            "StringEquals"
        };
        let cell = row.cell(&format!("{set}:{base} [a,b]"))?;
        match Truth::read(cell) {
            Some(truth) => Ok(Reading::Certain(truth)),
            None => Err(row.unread(cell)),
        }
    }

    /// IAM-COND-8.
    pub(super) fn missing(&self, form: Form) -> Result<Reading, Failure> {
        let row = self.missing.row(match (form.set, form.has_if_exists) {
            (Set::None, true) => "any `…IfExists` without set qualifier",
            (Set::None, false) if form.is_negated => "negated bare operator",
            (Set::None, false) => "positive bare operator",
            (Set::ForAllValues, _) => "`ForAllValues:` anything (negated, IfExists too)",
            (Set::ForAnyValue, false) => "`ForAnyValue:` anything without IfExists (negated too)",
            (Set::ForAnyValue, true) => "`ForAnyValue:…IfExists`",
        })?;
        match Cell::read(row, "key absent")? {
            Cell::Plain { truth, .. } => Ok(Reading::Certain(truth)),
            Cell::Ambiguity(entry) => Ok(Reading::Ambiguity(entry)),
            _ => Err(row.unread(row.cell("key absent")?)),
        }
    }

    /// A value of a cell; in the column `Absent` it must be what IAM-COND-8 says.
    fn plain(
        &self,
        cell: &Cell,
        form: Form,
        operands: Operands,
        state: State,
    ) -> Result<Reading, Failure> {
        let Cell::Plain {
            truth,
            universal,
            dead,
        } = *cell
        else {
            return Err(Failure::new(format!("`{cell:?}` is no value")));
        };
        let exception = match operands {
            Operands::Ordinary => None,
            Operands::Universal => universal,
            Operands::Dead => dead,
        };
        let truth = exception.unwrap_or(truth);
        let missing = self.missing(form)?;
        match (state, missing) {
            (State::Absent, Reading::Ambiguity(entry)) => Ok(Reading::Ambiguity(entry)),
            (State::Absent, missing) if missing != Reading::Certain(truth) => {
                Err(Failure::new(format!(
                    "`{}`: IAM-COND-8 and the column `Absent` of IAM-TRI disagree",
                    form.operator()
                )))
            }
            // The key may be absent, and then nobody knows.
            (State::Unknown, Reading::Ambiguity(entry)) => Ok(Reading::Open {
                beside: Some(entry),
            }),
            _ if truth == Truth::U => Ok(Reading::Open { beside: None }),
            _ => Ok(Reading::Certain(truth)),
        }
    }
}

/// The comparison itself.
fn compared(form: Form, operands: Operands, state: State) -> Truth {
    let matches = match (operands, state) {
        (Operands::Universal, _) => true,
        (Operands::Ordinary, State::Value { matches }) => matches,
        _ => false,
    };
    Truth::of(matches != form.is_negated)
}

fn column(state: State, known: &'static str) -> &'static str {
    match state {
        State::Value { .. } | State::Values { .. } => known,
        State::Absent => "Absent",
        State::Present => "Present",
        State::Unknown => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables, with this cell for a positive bare operator on an absent key.
    fn truths(absent: &str) -> Truths {
        let text = format!(
            "### IAM-TRI-3 — a

| operator | Known | Absent | Present | Unknown |
|---|---|---|---|---|
| positive bare | cmp | {absent} | U; univ T; dead F | U; dead F |
| ForAnyValue: positive | one-element set | F | as Present bare | U; dead F |

### IAM-TRI-4 — b

| operator | Known(set) |
|---|---|

### IAM-COND-7 — c

| context set | `ForAnyValue:StringEquals [a,b]` |
|---|---|
| {{a}} | T |
| {{c,d}} | F |

### IAM-COND-8 — d

| form | key absent |
|---|---|
| positive bare operator | F |
| `ForAnyValue:` anything without IfExists (negated too) | F |
| `ForAnyValue:…IfExists` | AMB-7 |

### IAM-COND-9 — e

IfExists with a set qualifier adds nothing.
"
        );
        Truths::read(&Rules::of(&text)).unwrap()
    }

    fn form(set: Set, has_if_exists: bool) -> Form {
        Form {
            base: "StringEquals",
            set,
            is_negated: false,
            has_if_exists,
        }
    }

    #[test]
    fn cells_point_to_other_rows_and_tables() {
        let truths = truths("F");
        let any = |operands, state| truths.single(form(Set::ForAnyValue, false), operands, state);
        let value = |matches| any(Operands::Ordinary, State::Value { matches }).unwrap();
        assert_eq!(value(true), Reading::Certain(Truth::T));
        assert_eq!(value(false), Reading::Certain(Truth::F));
        let present = |operands| any(operands, State::Present).unwrap();
        assert_eq!(present(Operands::Universal), Reading::Certain(Truth::T));
        assert_eq!(present(Operands::Dead), Reading::Certain(Truth::F));
        assert_eq!(present(Operands::Ordinary), Reading::Open { beside: None });
    }

    #[test]
    fn an_ambiguity_of_the_missing_key_reaches_the_unknown_one() {
        let truths = truths("F");
        let reading = |state| {
            truths
                .single(form(Set::ForAnyValue, true), Operands::Ordinary, state)
                .unwrap()
        };
        let entry = || "AMB-7".to_owned();
        assert_eq!(reading(State::Absent), Reading::Ambiguity(entry()));
        let beside = Some(entry());
        assert_eq!(reading(State::Unknown), Reading::Open { beside });
    }

    #[test]
    fn two_tables_that_disagree_are_an_error() {
        let absent = |truths: Truths| {
            truths.single(form(Set::None, false), Operands::Ordinary, State::Absent)
        };
        assert!(absent(truths("F")).is_ok());
        assert!(absent(truths("T")).is_err());
        assert!(absent(truths("perhaps")).is_err());
    }
}
