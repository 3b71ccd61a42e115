//! Makes a failing scenario small: leaves out whatever it fails without.

use serde_json::Value;

use crate::completion::Fill;
use crate::open::Opening;
use crate::scenario::Scenario;

/// How many smaller scenarios are tried. A world has a few hundred parts, and each may be tried more than once.
pub const TRIALS_MAX: usize = 4000;

/// A smaller scenario that still fails; `fails` must hold of the one given.
pub fn minimize(start: &Scenario, mut fails: impl FnMut(&Scenario) -> bool) -> Scenario {
    let mut best = start.clone();
    let mut trials = 0;
    loop {
        let before = best.clone();
        for part in [Part::Fills, Part::Snapshot, Part::Request, Part::Values] {
            let mut at = 0;
            while trials < TRIALS_MAX {
                let Some(smaller) = part.without(&best, at) else {
                    break;
                };
                trials += 1;
                if fails(&smaller) {
                    best = smaller;
                } else {
                    at += 1;
                }
            }
        }
        if best == before || trials >= TRIALS_MAX {
            return best;
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Fills,
    Snapshot,
    Request,
    /// What is filled in, where it is made of pieces.
    Values,
}

impl Part {
    /// The scenario without its nth piece; `None` if there are not so many.
    fn without(self, scenario: &Scenario, nth: usize) -> Option<Scenario> {
        let mut smaller = scenario.clone();
        match self {
            Part::Fills if nth < smaller.fills.len() => {
                smaller.fills.remove(nth);
            }
            Part::Fills => return None,
            Part::Snapshot => remove(&mut smaller.snapshot, &mut { nth })?,
            Part::Request => remove(&mut smaller.request, &mut { nth })?,
            Part::Values => {
                let mut nth = nth;
                let mut fills = smaller.fills.iter_mut();
                let made_of_pieces = |fill: &&mut Fill| !matches!(fill.opening, Opening::Key(..));
                let mut fills = fills.by_ref().filter(made_of_pieces);
                fills.find_map(|fill| remove(&mut fill.value, &mut nth))?;
            }
        }
        Some(smaller)
    }
}

/// Removes the nth member or item, counted from the outside in: the greater a piece, the sooner it is tried.
fn remove(value: &mut Value, nth: &mut usize) -> Option<()> {
    let count = match value {
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => return None,
    };
    if *nth < count {
        match value {
            Value::Array(items) => {
                items.remove(*nth);
            }
            Value::Object(members) => {
                let name = members.keys().nth(*nth)?.clone();
                members.shift_remove(&name);
            }
            _ => {}
        }
        return Some(());
    }
    *nth -= count;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| remove(item, nth)),
        Value::Object(members) => members.values_mut().find_map(|item| remove(item, nth)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_needed_stays_and_nothing_else() {
        let start = Scenario {
            snapshot: json!({"a": [1, {"b": 2, "c": 3}], "d": {"e": [4]}}),
            request: json!({"f": 5, "g": 6}),
            ..Scenario::default()
        };
        let small = minimize(&start, |scenario| {
            let text = format!("{}{}", scenario.snapshot, scenario.request);
            text.contains("\"c\":3") && text.contains('6')
        });
        assert_eq!(small.snapshot, json!({"a": [{"c": 3}]}));
        assert_eq!(small.request, json!({"g": 6}));
    }
}
