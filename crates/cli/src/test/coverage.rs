//! Which statements of the policies are in effect in some test. Rule: UI-23.
//!
//! A statement is covered if it applied to a request for certain, allowing or denying, or if somebody may by way of it, be it under
//! conditions (`who_can`); whether it made the difference does not count.
//! Policies of files that several test files load are one.

use std::collections::BTreeMap;

use preclear_condition::Tri;
use preclear_model::{Located, Place};
use preclear_simulator::explanation::StatementRef;
use preclear_simulator::job::JobReport;
use preclear_simulator::{Explanation, Snapshot};
use serde_json::{Value, json};

/// What tells statements apart: file, line and column, place in the document of a string, and index.
type Key = (String, (u32, u32), Option<(u32, u32)>, usize);

/// The statements of all snapshots.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    statements: BTreeMap<Key, Statement>,
}

/// One statement.
#[derive(Debug)]
struct Statement {
    policy: String,
    sid: Option<String>,
    is_covered: bool,
}

impl Coverage {
    /// The statements of a snapshot.
    pub(super) fn add(&mut self, snapshot: &Snapshot) {
        for policy in snapshot.policies() {
            for (index, statement) in policy.statements.iter().enumerate() {
                let key = key(&policy.place(statement.span), index);
                let sid = statement.sid.as_deref().filter(|sid| !sid.is_empty());
                self.statements.entry(key).or_insert_with(|| Statement {
                    policy: policy.name.clone(),
                    sid: sid.map(str::to_owned),
                    is_covered: false,
                });
            }
        }
    }

    /// What an answer with its layers shows.
    pub(super) fn note(&mut self, answer: &Explanation) {
        for layer in &answer.layers {
            for report in &layer.statements {
                if report.applies == Tri::True {
                    self.note_statement(&report.statement);
                }
            }
        }
        for part in &answer.parts {
            self.note(&part.result);
        }
    }

    /// A statement that applies.
    pub(super) fn note_statement(&mut self, statement: &StatementRef) {
        let place = statement.place.as_ref();
        let key = place.map(|place| key(place, statement.statement));
        if let Some(own) = key.and_then(|key| self.statements.get_mut(&key)) {
            own.is_covered = true;
        }
    }

    /// What the answers about a job show.
    pub(super) fn note_job(&mut self, report: &JobReport) {
        for part in report.requirements.iter().flat_map(|one| &one.parts) {
            self.note(&part.result);
        }
    }

    /// What test files show together.
    pub(super) fn join(&mut self, other: Self) {
        for (key, statement) in other.statements {
            match self.statements.get_mut(&key) {
                Some(own) => own.is_covered |= statement.is_covered,
                None => {
                    self.statements.insert(key, statement);
                }
            }
        }
    }

    fn total(&self) -> usize {
        self.statements.len()
    }

    fn covered(&self) -> usize {
        let all = self.statements.values();
        all.filter(|statement| statement.is_covered).count()
    }

    /// Whole percent, rounded down: 100 is all.
    pub(super) fn percent(&self) -> usize {
        match self.total() {
            0 => 100,
            total => self.covered() * 100 / total,
        }
    }

    fn gaps(&self) -> impl Iterator<Item = (&Key, &Statement)> {
        let all = self.statements.iter();
        all.filter(|(_, statement)| !statement.is_covered)
    }

    /// The figure, and below it the statements that no test shows.
    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "coverage: {} of {} statements apply in some test ({} %)\n",
            self.covered(),
            self.total(),
            self.percent()
        );
        for ((file, (line, column), _, index), statement) in self.gaps() {
            let name = match &statement.sid {
                Some(sid) => format!("statement {sid}"),
                None => format!("statement {index}"),
            };
            text.push_str(&format!("  in none  {name} at {file}:{line}:{column}\n"));
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let gaps = self
            .gaps()
            .map(|((file, (line, column), _, index), statement)| {
                json!({
                    "policy": statement.policy,
                    "statement": index,
                    "sid": statement.sid,
                    "file": file,
                    "line": line,
                    "column": column,
                })
            });
        json!({
            "statements": self.total(),
            "covered": self.covered(),
            "percent": self.percent(),
            "uncovered": gaps.collect::<Vec<_>>(),
        })
    }

    /// File, line and a sentence for each statement that no test shows.
    pub(super) fn notes(&self) -> impl Iterator<Item = (&str, u32, String)> {
        self.gaps().map(|((file, (line, _), _, index), statement)| {
            let name = statement.sid.clone().unwrap_or(index.to_string());
            let said = format!("statement {name} applies in no test");
            (file.as_str(), *line, said)
        })
    }
}

fn key(place: &Place, index: usize) -> Key {
    let Located {
        name,
        position,
        inner,
    } = place.locate();
    let inner = inner.map(|inner| (inner.line, inner.column));
    (name, (position.line, position.column), inner, index)
}
