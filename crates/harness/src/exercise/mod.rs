//! Which rules questions exercise: counts of the situations that rules are about, in questions that generators made.
//!
//! A rule counts as exercised by a question if the situation it speaks of occurs where it can bear on the answer: in a
//! statement that applies, may apply, or fails in that one element, in a layer that was asked, in the caller, the key or the
//! answer. What is counted is read off the question and its full explanation; whether the answer is right, is not known here.
//!
//! Rules that no question can exercise stand in the table with the reason: [`Row::NotByQuestions`].

mod answer;
mod condition;
mod kms;
mod principal;
mod rows;
mod statement;
mod walk;

use std::collections::BTreeMap;

use preclear_condition::Tri;
use preclear_model::policy::{Policy, Statement};
use preclear_simulator::explanation::LayerReport;
use preclear_simulator::{ContextMode, Detail, Engine, Explanation, Layer, Request, Verdict};

pub use self::rows::{RULES, Row};
pub use self::walk::{drawn, small};

/// Counts of situations by name: ids of rules, and what rules have several of, such as `operator StringLike`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exercised {
    counts: BTreeMap<String, u64>,
    /// Questions looked at.
    pub questions: u64,
    /// Verdicts by context mode.
    verdicts: BTreeMap<(&'static str, &'static str), u64>,
    /// Questions that ask for an action of KMS.
    pub of_kms: u64,
}

impl Exercised {
    /// Looks at a question and its answer.
    pub fn look(&mut self, engine: &Engine, request: &Request) -> Verdict {
        let answer = engine.explain(request, Detail::Full);
        let question = Question {
            engine,
            request,
            answer: &answer,
        };
        let mut marks = Marks::default();
        question.mark(&mut marks);
        for name in marks.names {
            *self.counts.entry(name).or_default() += 1;
        }
        self.questions += 1;
        self.of_kms += u64::from(question.is_kms());
        let mode = match request.mode {
            ContextMode::Open => "open",
            ContextMode::Closed => "closed",
        };
        *self
            .verdicts
            .entry((mode, answer.verdict.name()))
            .or_default() += 1;
        answer.verdict
    }

    /// How many questions exercised it.
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or_default()
    }

    /// How often a verdict was given, in one mode or, without one, in both.
    #[must_use]
    pub fn verdicts(&self, mode: Option<&str>, verdict: &str) -> u64 {
        let counted = self.verdicts.iter();
        counted
            .filter(|((of, found), _)| *found == verdict && mode.is_none_or(|mode| mode == *of))
            .map(|(_, count)| count)
            .sum()
    }

    /// Counts of everything that was met or should be: first the rules, then what they have several of.
    #[must_use]
    pub fn rows(&self) -> Vec<(String, u64)> {
        let counted = RULES.iter().filter(|(_, row)| *row == Row::Counted);
        let rules = counted.map(|(rule, _)| (*rule).to_owned());
        let mut others: std::collections::BTreeSet<String> = rows::families().collect();
        let met = self.counts.keys();
        let is_rule = |name: &&String| name.starts_with("IAM-") || name.starts_with("KMS-");
        others.extend(met.filter(|name| !is_rule(name)).cloned());
        rules
            .chain(others)
            .map(|name| {
                let count = self.count(&name);
                (name, count)
            })
            .collect()
    }

    /// Rules and members of families that no question exercised.
    #[must_use]
    pub fn never(&self) -> Vec<String> {
        let rows = self.rows().into_iter();
        rows.filter(|(_, count)| *count == 0)
            .map(|(name, _)| name)
            .collect()
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Exercised) {
        self.questions += other.questions;
        self.of_kms += other.of_kms;
        for (name, count) in &other.counts {
            *self.counts.entry(name.clone()).or_default() += count;
        }
        for (key, count) in &other.verdicts {
            *self.verdicts.entry(*key).or_default() += count;
        }
    }
}

/// Names of situations, each once for a question.
#[derive(Debug, Default)]
struct Marks {
    names: std::collections::BTreeSet<String>,
}

impl Marks {
    fn mark(&mut self, name: &str) {
        if !self.names.contains(name) {
            self.names.insert(name.to_owned());
        }
    }

    fn mark_if(&mut self, holds: bool, name: &str) {
        if holds {
            self.mark(name);
        }
    }

    /// A member of a family, such as `operator Bool`.
    fn member(&mut self, family: &str, member: &str) {
        self.mark(&format!("{family} {member}"));
    }
}

/// The elements that failed, each once, by the remarks of a report.
fn failed(remarks: &[String]) -> Vec<&str> {
    let mut failed = Vec::new();
    for remark in remarks {
        let mut words = remark.split(' ');
        let element = match (words.next(), words.next()) {
            (Some(element), Some("does" | "excludes")) => element,
            _ if remark.contains(" fails: ") => "Condition",
            _ => continue,
        };
        if !failed.contains(&element) {
            failed.push(element);
        }
    }
    failed
}

/// A question with its answer.
#[derive(Clone, Copy)]
struct Question<'q> {
    engine: &'q Engine,
    request: &'q Request,
    answer: &'q Explanation,
}

/// A statement that bears on the answer, with what became of it.
#[derive(Clone, Copy)]
struct Met<'q> {
    layer: Layer,
    policy: &'q Policy,
    statement: &'q Statement,
    applies: Tri,
    /// The only element that failed; none if the statement applies or may.
    failed: Option<&'q str>,
}

impl Met<'_> {
    /// True if the element is one that the outcome hangs on.
    fn hangs_on(&self, element: &str) -> bool {
        self.failed.is_none_or(|failed| failed == element)
    }
}

impl<'q> Question<'q> {
    fn mark(self, marks: &mut Marks) {
        answer::mark(self, marks);
        kms::mark(self, marks);
        for met in self.statements() {
            statement::mark(self, &met, marks);
            principal::mark(self, &met, marks);
            condition::mark(self, &met, marks);
        }
    }

    fn is_kms(self) -> bool {
        self.answer.action.starts_with("kms:")
    }

    /// Layers that were asked.
    fn asked(self) -> impl Iterator<Item = &'q LayerReport> {
        self.answer
            .layers
            .iter()
            .filter(|layer| layer.note.is_none())
    }

    /// Statements that apply, may apply, or fail in one element alone.
    fn statements(self) -> Vec<Met<'q>> {
        let policies = self.policies();
        let mut all = Vec::new();
        for layer in self.asked() {
            for report in &layer.statements {
                let failed = match report.applies {
                    Tri::False => match failed(&report.remarks).as_slice() {
                        [only] => Some(*only),
                        _ => continue,
                    },
                    _ => None,
                };
                let policy = policies.get(report.statement.policy.as_str());
                let found = policy.and_then(|policy| {
                    let statement = policy.statements.get(report.statement.statement)?;
                    Some(Met {
                        layer: layer.layer,
                        policy,
                        statement,
                        applies: report.applies,
                        failed,
                    })
                });
                all.extend(found);
            }
        }
        all
    }

    /// Policies of the snapshot and the request by their names.
    fn policies(self) -> BTreeMap<&'q str, &'q Policy> {
        let snapshot = self.engine.snapshot();
        let mut all: Vec<&Policy> = Vec::new();
        for principal in &snapshot.principals {
            all.extend(
                principal
                    .policies
                    .value()
                    .into_iter()
                    .flatten()
                    .map(|it| &**it),
            );
            all.extend(principal.boundary.value().map(|it| &**it));
            all.extend(principal.trust.value().map(|it| &**it));
        }
        for group in &snapshot.groups {
            all.extend(group.policies.value().into_iter().flatten().map(|it| &**it));
        }
        for key in &snapshot.keys {
            all.extend(key.policy.value().map(|it| &**it));
            all.extend(key.ram_policy.value().map(|it| &**it));
        }
        for resource in &snapshot.resources {
            all.extend(resource.policy.value().map(|it| &**it));
        }
        for endpoint in &snapshot.vpc_endpoints {
            all.extend(endpoint.policy.value().map(|it| &**it));
        }
        let nodes = snapshot.organization.iter().flat_map(|organization| {
            let root = std::iter::once(&organization.root);
            root.chain(&organization.units)
                .chain(&organization.accounts)
        });
        for node in nodes {
            all.extend(node.scps.value().into_iter().flatten().map(|it| &**it));
            all.extend(node.rcps.value().into_iter().flatten().map(|it| &**it));
        }
        let session = self.request.session_policies.iter().flatten();
        all.extend(session.map(|it| &**it));
        all.into_iter()
            .map(|policy| (policy.name.as_str(), policy))
            .collect()
    }

    /// Account of the resource, as far as its ARN says.
    fn resource_account(self) -> Option<&'q str> {
        let account = self.answer.resource.split(':').nth(4)?;
        (!account.is_empty()).then_some(account)
    }

    /// True if the resource's ARN says that it belongs to another account than the caller.
    fn is_cross_account(self) -> bool {
        let caller = self.request.caller.account.as_deref();
        match (self.resource_account(), caller) {
            (Some(resource), Some(caller)) => resource != caller,
            _ => false,
        }
    }

    /// True if the request says that the key is absent, or its mode does.
    fn is_absent(self, key: &str) -> bool {
        let named = |names: &std::collections::BTreeSet<String>| {
            names.iter().any(|name| name.eq_ignore_ascii_case(key))
        };
        let is_given = self.value(key).is_some();
        named(&self.request.absent)
            || self.request.mode == ContextMode::Closed
                && !is_given
                && !named(&self.request.unknown)
                && !named(&self.request.present)
                && !key.to_ascii_lowercase().starts_with("aws:principal")
    }

    /// Values that the request gives for the key.
    fn value(self, key: &str) -> Option<Vec<&'q str>> {
        let given = self.request.context.iter();
        let found = given
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| match value {
            preclear_simulator::ContextValue::One(value) => vec![value.as_str()],
            preclear_simulator::ContextValue::Many(values) => {
                values.iter().map(String::as_str).collect()
            }
        })
    }
}
