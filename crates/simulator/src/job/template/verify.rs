//! Whether a template fits together: every name defined once and without a circle, every path a field, every row whole.

use std::collections::BTreeMap;
use std::fmt;

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

/// A template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateError {
    /// File name.
    pub(crate) file: String,
    /// Where in it: line and column, or the members that lead there.
    pub(crate) place: String,
    /// What is wrong.
    pub(crate) message: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.file, self.place, self.message)
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
pub(crate) fn plans(file: &str, template: &Template) -> Result<Vec<Plan>, Vec<TemplateError>> {
    let mut errors = Vec::new();
    let mut plans = Vec::new();
    if let Some(profile) = &template.default_profile
        && !template.profiles.contains(profile)
    {
        errors.push(error(
            file,
            "default_profile",
            format!("`{profile}` is no profile of this template"),
        ));
    }
    if template.default_profile.is_none() && !template.profiles.is_empty() {
        errors.push(error(
            file,
            "profiles",
            "a template with profiles names its `default_profile`".to_owned(),
        ));
    }
    let mut ids: Vec<&str> = Vec::new();
    for row in &template.requirements {
        if ids.contains(&row.id.as_str()) {
            errors.push(error(
                file,
                "requirements",
                format!("the id `{}` stands here twice", row.id),
            ));
        }
        ids.push(&row.id);
    }
    for operation in &template.operations {
        let mut verifier = Verifier {
            file,
            operation,
            known: Vec::new(),
            key_uses: Vec::new(),
            errors: &mut errors,
        };
        if let Some(plan) = verifier.verify(template) {
            plans.push(plan);
        }
    }
    for path in template.requirements.iter().flat_map(tag_paths) {
        if !template
            .operations
            .iter()
            .any(|operation| operation.fields.at(path).is_some())
        {
            errors.push(error(
                file,
                "requirements",
                format!("no operation has the field `{path}`"),
            ));
        }
    }
    if errors.is_empty() {
        Ok(plans)
    } else {
        Err(errors)
    }
}

fn tag_paths(row: &Row) -> impl Iterator<Item = &str> {
    row.all_parts().filter_map(|part| match part {
        PartSpec::Allow(part) => part.tags.as_ref().map(|tags| tags.field.as_str()),
        PartSpec::PassRole { .. } | PartSpec::AssumeRole { .. } => None,
    })
}

fn error(file: &str, place: impl Into<String>, message: String) -> TemplateError {
    TemplateError {
        file: file.to_owned(),
        place: place.into(),
        message,
    }
}

struct Verifier<'a, 'e> {
    file: &'a str,
    operation: &'a Operation,
    /// Names that have been computed so far.
    known: Vec<String>,
    key_uses: Vec<String>,
    errors: &'e mut Vec<TemplateError>,
}

impl Verifier<'_, '_> {
    fn report(&mut self, place: impl Into<String>, message: String) {
        let place = format!("{} of {}", place.into(), self.operation.operation);
        self.errors.push(error(self.file, place, message));
    }

    fn verify(&mut self, template: &Template) -> Option<Plan> {
        let before = self.errors.len();
        self.known = BUILT_IN.iter().map(|name| (*name).to_owned()).collect();
        let names = self.ordered_names(template);
        let key_uses = self.key_uses(template);
        for (index, check) in template
            .checks
            .iter()
            .chain(&self.operation.checks)
            .enumerate()
        {
            let place = format!("checks[{index}]");
            self.check_test(&place, &check.test);
            if let Some(path) = &check.field {
                // A check of the whole template may be about a field that not every operation has.
                let is_known = template
                    .operations
                    .iter()
                    .any(|operation| operation.fields.at(path).is_some());
                if !is_known {
                    self.report(&place, format!("no operation has the field `{path}`"));
                }
            }
        }
        for (index, Existence { of, .. }) in template.exists.iter().enumerate() {
            self.value(&format!("exists[{index}]"), of);
        }
        for (index, warning) in template.warnings.iter().enumerate() {
            let place = format!("warnings[{index}]");
            self.condition(&place, &warning.when);
            self.names(&place, warning.message.names());
        }
        for row in &template.requirements {
            self.row(row);
        }
        (self.errors.len() == before).then_some(Plan { names, key_uses })
    }

    /// Values of template and operation, each behind those that it uses.
    fn ordered_names(&mut self, template: &Template) -> Vec<(String, Expr)> {
        let mut waiting: BTreeMap<&String, &Expr> = template.names.iter().collect();
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
                    self.fields(&format!("let.{name}"), expr);
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
                format!("let.{name}"),
                format!("`{name}` {problem} {}", missing.join(", ")),
            );
        }
        for (name, _) in &ordered {
            if BUILT_IN.contains(&name.as_str()) || name == ITEM {
                self.report(
                    format!("let.{name}"),
                    format!("`{name}` is always there and cannot be defined"),
                );
            }
        }
        ordered
    }

    fn key_uses(&mut self, template: &Template) -> Vec<(String, KeyUseExpr)> {
        let mut all: BTreeMap<&String, &KeyUseExpr> = template.key_uses.iter().collect();
        all.extend(&self.operation.key_uses);
        let mut key_uses = Vec::new();
        for (name, key_use) in all {
            let place = format!("key_uses.{name}");
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

    fn row(&mut self, row: &Row) {
        let place = format!("requirements.{}", row.id);
        if let Some(when) = &row.when {
            self.condition(&place, when);
        }
        if row.parts.is_empty() == row.alternatives.is_empty() {
            self.report(
                &place,
                "a row has either `parts` or `alternatives`".to_owned(),
            );
        }
        for hint in &row.hints {
            self.names(&place, hint.text.names());
            self.names(&place, hint.near_miss.iter().flat_map(|text| text.names()));
        }
        for part in row.all_parts() {
            match part {
                PartSpec::Allow(part) => self.part(&place, part),
                PartSpec::PassRole { actor, role } => {
                    self.actor(&place, actor);
                    self.value(&place, role);
                }
                PartSpec::AssumeRole {
                    role, source_arn, ..
                } => {
                    self.value(&place, role);
                    self.value(&place, source_arn);
                }
            }
        }
    }

    fn part(&mut self, place: &str, part: &Part) {
        if part.on.is_some() == part.on_keys.is_some() {
            self.report(place, "a part has either `on` or `on_keys`".to_owned());
        }
        if let Some(each) = &part.for_each {
            self.value(place, each);
            self.known.push(ITEM.to_owned());
        }
        self.actor(place, &part.actor);
        self.value(place, &part.actions);
        let values = part
            .on
            .iter()
            .chain(&part.region)
            .chain(part.context.values())
            .chain(part.encryption_context.values());
        for value in values {
            self.value(place, value);
        }
        if let Some(when) = &part.when {
            self.condition(place, when);
        }
        if let Some(name) = &part.on_keys
            && !self.key_uses.contains(name)
        {
            self.report(place, format!("`{name}` names no key uses"));
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
