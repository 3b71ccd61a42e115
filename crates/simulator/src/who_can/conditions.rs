//! What has to hold for an undecided answer to become allow.

use preclear_condition::Tri;

use crate::explanation::{Explanation, LayerReport, MetTest, Reason, StatementRef, Verdict};
use crate::layer::Layer;

/// What a condition stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A statement.
    Statement(StatementRef),
    /// A grant, by its id.
    Grant(String),
}

/// What a statement or grant asks for that is undecided. Of what allows, all of it has to hold; of a statement that denies, some must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The layer.
    pub layer: Layer,
    /// Where it stands.
    pub source: Source,
    /// False for a statement that denies.
    pub allows: bool,
    /// Undecided conditions, as written.
    pub tests: Vec<MetTest>,
    /// What else is undecided, in words: elements of the statement, conditions of a grant.
    pub remarks: Vec<String>,
    /// Of a grant: members of ListGrants that are undecided, and what they ask for.
    pub constraints: Vec<(&'static str, String)>,
}

impl Condition {
    /// The same, whoever the caller is: remarks name it.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.layer == other.layer
            && self.source == other.source
            && self.allows == other.allows
            && self.tests == other.tests
            && self.remarks.len() == other.remarks.len()
    }
}

/// The conditions of an answer, or of its parts, from its layers.
pub(super) fn of(answer: &Explanation) -> Vec<Condition> {
    let mut found: Vec<Condition> = Vec::new();
    let parts = answer.parts.iter().map(|part| &part.result);
    for decision in std::iter::once(answer).chain(parts) {
        for condition in of_decision(decision) {
            if !found.contains(&condition) {
                found.push(condition);
            }
        }
    }
    found
}

/// Those of one decision; none where it is settled.
pub(super) fn of_decision(decision: &Explanation) -> Vec<Condition> {
    if decision.verdict != Verdict::Depends {
        return Vec::new();
    }
    let layers = decision.layers.iter();
    layers
        .flat_map(|layer| of_layer(layer, &decision.open_ways))
        .collect()
}

fn of_layer(layer: &LayerReport, ways: &[Reason]) -> Vec<Condition> {
    let is_limit = !matches!(layer.layer, Layer::Identity | Layer::Resource);
    let is_on_a_way = |statement: &StatementRef| {
        ways.iter()
            .any(|reason| reason.statement.as_ref() == Some(statement))
    };
    let statements = layer.statements.iter().filter(|report| {
        let counts = match report.allows {
            true if is_limit => layer.allow.is_unknown(),
            true => is_on_a_way(&report.statement),
            false => layer.deny.is_unknown(),
        };
        counts && report.applies == Tri::Unknown
    });
    let statements = statements.map(|report| {
        let is_element =
            |remark: &&String| remark.contains(" may match ") || remark.contains(" may exclude ");
        Condition {
            layer: layer.layer,
            source: Source::Statement(report.statement.clone()),
            allows: report.allows,
            tests: report.undecided.clone(),
            remarks: report.remarks.iter().filter(is_element).cloned().collect(),
            constraints: Vec::new(),
        }
    });
    let grants = layer.grants.iter();
    let grants = grants.filter(|report| report.applies == Tri::Unknown);
    let grants = grants.map(|report| Condition {
        layer: layer.layer,
        source: Source::Grant(report.id.clone()),
        allows: true,
        tests: Vec::new(),
        remarks: report.remarks.clone(),
        constraints: report.undecided.clone(),
    });
    statements.chain(grants).collect()
}
