//! Whether a template fits together: every name defined once and without a circle, every path a field, every row whole.

use std::collections::BTreeMap;

use crate::job::template::expr::{Condition, Expr};
use crate::job::template::{
    Actor, CheckTest, Existence, KeyUseExpr, Operation, Part, PartSpec, Row, Template,
};

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
];

/// The text that a part with `for_each` is decided for.
pub(crate) const ITEM: &str = "item";

/// Something that does not fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Members that lead to where it stands, such as `requirements[2].parts[0]`.
    pub(crate) path: String,
    /// What is wrong.
    what: String,
    /// Operations for which it is; empty: whatever the operation.
    operations: Vec<String>,
}

impl Problem {
    /// What is wrong, and for which operations.
    pub(crate) fn message(&self) -> String {
        if self.operations.is_empty() {
            return self.what.clone();
        }
        format!("{}, for {}", self.what, self.operations.join(", "))
    }
}

/// Names of an operation in an order in which each can be computed from those before it.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) names: Vec<(String, Expr)>,
    pub(crate) key_uses: Vec<(String, KeyUseExpr)>,
}

/// Checks a template; one plan for each of its operations.
///
/// # Errors
///
/// Everything that does not fit together.
pub(crate) fn plans(template: &Template) -> Result<Vec<Plan>, Vec<Problem>> {
    let mut problems = Problems {
        found: whole(template),
        operations: template.operations.len(),
    };
    let mut plans = Vec::new();
    for (index, operation) in template.operations.iter().enumerate() {
        let mut verifier = Verifier {
            template,
            operation,
            place: format!("operations[{index}]"),
            known: Vec::new(),
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

/// What is wrong with a template whatever its operations.
fn whole(template: &Template) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut report = |path: String, what: String| {
        found.push(Problem {
            path,
            what,
            operations: Vec::new(),
        });
    };
    match &template.default_profile {
        Some(profile) if !template.profiles.contains(profile) => report(
            "default_profile".to_owned(),
            format!("`{profile}` is no profile of this template"),
        ),
        None if !template.profiles.is_empty() => report(
            "profiles".to_owned(),
            "a template with profiles names its `default_profile`".to_owned(),
        ),
        _ => {}
    }
    if template.operations.is_empty() {
        report(
            "operations".to_owned(),
            "a template has one operation or more".to_owned(),
        );
    }
    let has_field = |path: &str| {
        let mut operations = template.operations.iter();
        operations.any(|operation| operation.fields.at(path).is_some())
    };
    let mut ids: Vec<&str> = Vec::new();
    for (index, row) in template.requirements.iter().enumerate() {
        if ids.contains(&row.id.as_str()) {
            report(
                format!("requirements[{index}].id"),
                format!("the id `{}` stands here twice", row.id),
            );
        }
        ids.push(&row.id);
        for path in tag_paths(row).filter(|path| !has_field(path)) {
            report(
                format!("requirements[{index}]"),
                format!("no operation has the field `{path}`"),
            );
        }
    }
    // A check of the whole template may be about a field that not every operation has.
    let own = template.operations.iter().enumerate().map(|(index, own)| {
        let place = format!("operations[{index}].checks");
        (place, &own.checks)
    });
    let checks = std::iter::once(("checks".to_owned(), &template.checks)).chain(own);
    for (list, checks) in checks {
        for (index, check) in checks.iter().enumerate() {
            if let Some(path) = check.field.as_deref().filter(|path| !has_field(path)) {
                report(
                    format!("{list}[{index}].field"),
                    format!("no operation has the field `{path}`"),
                );
            }
        }
    }
    found
}

fn tag_paths(row: &Row) -> impl Iterator<Item = &str> {
    row.all_parts().filter_map(|(_, part)| match part {
        PartSpec::Allow(part) => part.tags.as_ref().map(|tags| tags.field.as_str()),
        PartSpec::PassRole { .. } | PartSpec::AssumeRole { .. } => None,
    })
}

/// What was found so far.
struct Problems {
    found: Vec<Problem>,
    /// How many operations the template has.
    operations: usize,
}

impl Problems {
    fn report(&mut self, path: String, what: String, operation: &str) {
        let same = |problem: &&mut Problem| problem.path == path && problem.what == what;
        if let Some(problem) = self.found.iter_mut().find(same) {
            if !problem.operations.iter().any(|own| own == operation) {
                problem.operations.push(operation.to_owned());
            }
            return;
        }
        self.found.push(Problem {
            path,
            what,
            operations: vec![operation.to_owned()],
        });
    }

    /// What is wrong for every operation is wrong with the template.
    fn merged(mut self) -> Vec<Problem> {
        for problem in &mut self.found {
            if problem.operations.len() == self.operations {
                problem.operations.clear();
            }
        }
        self.found
    }
}

struct Verifier<'a, 'e> {
    template: &'a Template,
    operation: &'a Operation,
    /// Members that lead to the operation.
    place: String,
    /// Names that have been computed so far.
    known: Vec<String>,
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
        let names = self.ordered_names();
        let key_uses = self.key_uses();
        let template = self.template;
        for (index, check) in template.checks.iter().enumerate() {
            self.check_test(&format!("checks[{index}]"), &check.test);
        }
        for (index, check) in self.operation.checks.iter().enumerate() {
            let place = format!("{}.checks[{index}]", self.place);
            self.check_test(&place, &check.test);
        }
        for (index, Existence { of, .. }) in template.exists.iter().enumerate() {
            self.value(&format!("exists[{index}].of"), of);
        }
        for (index, warning) in template.warnings.iter().enumerate() {
            self.condition(&format!("warnings[{index}].when"), &warning.when);
            self.names(
                &format!("warnings[{index}].message"),
                warning.message.names(),
            );
        }
        for (index, row) in template.requirements.iter().enumerate() {
            self.row(&format!("requirements[{index}]"), row);
        }
        Plan { names, key_uses }
    }

    /// Where a name of the template, or of the operation, is defined.
    fn place_of(&self, list: &str, name: &str, is_own: bool) -> String {
        if is_own {
            format!("{}.{list}.{name}", self.place)
        } else {
            format!("{list}.{name}")
        }
    }

    fn place_of_name(&self, name: &str) -> String {
        self.place_of("let", name, self.operation.names.contains_key(name))
    }

    /// Values of template and operation, each behind those that it uses.
    fn ordered_names(&mut self) -> Vec<(String, Expr)> {
        let mut waiting: BTreeMap<&String, &Expr> = self.template.names.iter().collect();
        waiting.extend(&self.operation.names);
        let mut ordered = Vec::new();
        loop {
            let ready: Vec<&String> = waiting
                .iter()
                .filter(|(_, expr)| {
                    expr.names()
                        .iter()
                        .all(|used| self.known.iter().any(|known| known == used))
                })
                .map(|(name, _)| *name)
                .collect();
            if ready.is_empty() {
                break;
            }
            for name in ready {
                if let Some(expr) = waiting.remove(name) {
                    self.fields(&self.place_of_name(name), expr);
                    ordered.push((name.clone(), expr.clone()));
                    self.known.push(name.clone());
                }
            }
        }
        for (name, expr) in &waiting {
            let missing: Vec<String> = expr
                .names()
                .iter()
                .filter(|used| !self.known.iter().any(|known| known == *used))
                .map(|used| format!("`{used}`"))
                .collect();
            let defined = expr.names().iter().all(|used| {
                self.known.iter().any(|known| known == used)
                    || waiting.keys().any(|other| other.as_str() == *used)
            });
            let problem = if defined {
                "is part of a circle through"
            } else {
                "uses what is not defined:"
            };
            self.report(
                self.place_of_name(name),
                format!("`{name}` {problem} {}", missing.join(", ")),
            );
        }
        for (name, _) in &ordered {
            if BUILT_IN.contains(&name.as_str()) || name == ITEM {
                self.report(
                    self.place_of_name(name),
                    format!("`{name}` is always there and cannot be defined"),
                );
            }
        }
        ordered
    }

    fn key_uses(&mut self) -> Vec<(String, KeyUseExpr)> {
        let mut all: BTreeMap<&String, &KeyUseExpr> = self.template.key_uses.iter().collect();
        all.extend(&self.operation.key_uses);
        let mut key_uses = Vec::new();
        for (name, key_use) in all {
            let is_own = self.operation.key_uses.contains_key(name);
            let place = self.place_of("key_uses", name, is_own);
            for part in key_use.parts() {
                self.value(&place, part);
            }
            if self.known.contains(name) {
                self.report(&place, format!("`{name}` is also a value"));
            }
            key_uses.push((name.clone(), key_use.clone()));
        }
        self.key_uses = key_uses.iter().map(|(name, _)| name.clone()).collect();
        self.known.extend(self.key_uses.iter().cloned());
        key_uses
    }

    fn names<'n>(&mut self, place: &str, names: impl IntoIterator<Item = &'n str>) {
        for name in names {
            if !self.known.iter().any(|known| known == name) {
                self.report(place, format!("`{name}` is not defined"));
            }
        }
    }

    fn fields(&mut self, place: &str, expr: &Expr) {
        for path in expr.fields() {
            if self.operation.fields.at(path).is_none() {
                self.report(place, format!("the request has no field `{path}`"));
            }
        }
    }

    fn value(&mut self, place: &str, expr: &Expr) {
        self.names(place, expr.names());
        self.fields(place, expr);
    }

    fn condition(&mut self, place: &str, condition: &Condition) {
        self.names(place, condition.given());
        for value in condition.values() {
            self.value(place, value);
        }
    }

    fn check_test(&mut self, place: &str, test: &CheckTest) {
        match test {
            CheckTest::Refuse { when, message, .. } => {
                self.condition(place, when);
                self.names(place, message.names());
            }
            CheckTest::BucketRegion(of)
            | CheckTest::KeyRegion(of)
            | CheckTest::KeySpec(of)
            | CheckTest::RoleAccount(of) => {
                self.value(place, of);
            }
        }
    }

    fn row(&mut self, place: &str, row: &Row) {
        if let Some(when) = &row.when {
            self.condition(&format!("{place}.when"), when);
        }
        if row.parts.is_empty() == row.alternatives.is_empty() {
            self.report(
                place,
                "a row has either `parts` or `alternatives`".to_owned(),
            );
        }
        for (index, hint) in row.hints.iter().enumerate() {
            let place = format!("{place}.hints[{index}]");
            self.names(&place, hint.text.names());
            self.names(&place, hint.near_miss.iter().flat_map(|text| text.names()));
        }
        for (within, part) in row.all_parts() {
            let place = format!("{place}.{within}");
            match part {
                PartSpec::Allow(part) => self.part(&format!("{place}.allow"), part),
                PartSpec::PassRole { actor, role } => {
                    self.actor(&format!("{place}.pass_role.as"), actor);
                    self.value(&format!("{place}.pass_role.role"), role);
                }
                PartSpec::AssumeRole {
                    role, source_arn, ..
                } => {
                    self.value(&format!("{place}.assume_role.role"), role);
                    self.value(&format!("{place}.assume_role.source_arn"), source_arn);
                }
            }
        }
    }

    fn part(&mut self, place: &str, part: &Part) {
        let within = |member: &str| format!("{place}.{member}");
        if part.on.is_some() == part.on_keys.is_some() {
            self.report(place, "a part has either `on` or `on_keys`".to_owned());
        }
        if let Some(each) = &part.for_each {
            self.value(&within("for_each"), each);
            self.known.push(ITEM.to_owned());
        }
        self.actor(&within("as"), &part.actor);
        self.value(&within("actions"), &part.actions);
        for (member, value) in [("on", &part.on), ("region", &part.region)] {
            value
                .iter()
                .for_each(|value| self.value(&within(member), value));
        }
        for (key, value) in &part.context {
            self.value(&within(&format!("context.{key}")), value);
        }
        for (key, value) in &part.encryption_context {
            self.value(&within(&format!("encryption_context.{key}")), value);
        }
        if let Some(when) = &part.when {
            self.condition(&within("when"), when);
        }
        if let Some(name) = &part.on_keys
            && !self.key_uses.contains(name)
        {
            self.report(within("on_keys"), format!("`{name}` names no key uses"));
        }
        if part.for_each.is_some() {
            self.known.pop();
        }
    }

    fn actor(&mut self, place: &str, actor: &Actor) {
        match actor {
            Actor::Caller | Actor::Service => {}
            Actor::OtherService(name) => self.names(place, name.names()),
            Actor::Role(role) => self.value(place, role),
            Actor::RoleOf { role, service } => {
                self.value(place, role);
                self.names(place, service.names());
            }
        }
    }
}
