//! Whether a template fits together: every name defined once and without a circle, every path a field, every row whole.

mod order;
mod problems;
mod rows;
mod values;
mod whole;

use self::problems::Problems;
use self::values::At;
use crate::job::template::expr::Expr;
use crate::job::template::{Check, Existence, KeyUseExpr, Operation, Template};

pub(crate) use self::problems::Problem;

/// Names that every template has.
pub(crate) const BUILT_IN: &[&str] = &[
    "partition",
    "region",
    "account",
    "service",
    "api",
    "operation",
    "interface",
    "profile",
    "lifetime",
    "readers",
    "data",
    "organization",
    "management_account",
];

/// The text that a part with `for_each` is decided for.
pub(crate) const ITEM: &str = "item";

/// Names of an operation in an order in which each can be computed from those before it.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) names: Vec<(String, Expr)>,
    /// Those that depend on the text that a part with `for_each` is decided for.
    pub(crate) of_item: Vec<(String, Expr)>,
    pub(crate) key_uses: Vec<(String, KeyUseExpr)>,
}

impl Plan {
    /// True for `item`, and for what depends on it.
    pub(crate) fn is_of_item(&self, name: &str) -> bool {
        name == ITEM || self.of_item.iter().any(|(own, _)| own == name)
    }
}

/// Checks a template; one plan for each of its operations.
///
/// # Errors
///
/// Everything that does not fit together.
pub(crate) fn plans(template: &Template) -> Result<Vec<Plan>, Vec<Problem>> {
    let mut problems = Problems::new(whole::problems(template), template.operations.len());
    let mut plans = Vec::new();
    for (index, operation) in template.operations.iter().enumerate() {
        let mut verifier = Verifier {
            template,
            operation,
            place: format!("operations[{index}]"),
            known: Vec::new(),
            of_item: Vec::new(),
            key_uses: Vec::new(),
            problems: &mut problems,
        };
        plans.push(verifier.verify());
    }
    let found = problems.merged();
    if found.is_empty() {
        Ok(plans)
    } else {
        Err(found)
    }
}

/// Checks a template for one of its operations.
struct Verifier<'a, 'e> {
    template: &'a Template,
    operation: &'a Operation,
    /// Members that lead to the operation.
    place: String,
    /// Names that have been computed so far.
    known: Vec<String>,
    /// `item`, and names that depend on it.
    of_item: Vec<String>,
    key_uses: Vec<String>,
    problems: &'e mut Problems,
}

impl Verifier<'_, '_> {
    fn report(&mut self, place: impl Into<String>, what: String) {
        let operation = &self.operation.operation;
        self.problems.report(place.into(), what, operation);
    }

    fn verify(&mut self) -> Plan {
        self.known = BUILT_IN.iter().map(|name| (*name).to_owned()).collect();
        let (names, of_item) = self.ordered_names();
        let key_uses = self.key_uses();
        let (template, operation) = (self.template, self.operation);
        self.checks("checks", &template.checks);
        self.checks(&format!("{}.checks", self.place), &operation.checks);
        for (index, Existence { of, .. }) in template.exists.iter().enumerate() {
            self.value(At::start(&format!("exists[{index}].of")), of);
        }
        for (index, warning) in template.warnings.iter().enumerate() {
            self.condition(At::start(&format!("warnings[{index}].when")), &warning.when);
            self.names(
                format!("warnings[{index}].message"),
                warning.message.names(),
            );
        }
        for (index, row) in template.requirements.iter().enumerate() {
            self.row(&format!("requirements[{index}]"), row);
        }
        Plan {
            names,
            of_item,
            key_uses,
        }
    }

    fn checks(&mut self, list: &str, checks: &[Check]) {
        for (index, check) in checks.iter().enumerate() {
            self.check_test(&format!("{list}[{index}]"), &check.test);
        }
    }
}
