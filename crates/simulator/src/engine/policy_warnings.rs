//! What looks wrong in a compiled policy, found once and shown with the answers that it bears on.

use preclear_catalog::{Service, catalog, globals};
use preclear_condition::{ConditionWarning, WarningKind, codes as conditions, doubtful_variables};
use preclear_model::codes as grammar;
use preclear_model::policy::{ConditionTest, ResourceEntry};
use preclear_model::{Effect, Match, PolicyKind, Span, Statement};
use preclear_wildcard::Pattern;

use crate::codes::Code;
use crate::engine::key_types::CatalogKeyTypes;
use crate::engine::policies::{CompiledPolicy, CompiledStatement};
use crate::explanation::Warning;
use crate::matching::action::ActionTest;
use crate::matching::resource::{ResourcePattern, ResourceTest};

/// A warning with the service it concerns; `None`: every service that the statement speaks of.
#[derive(Debug)]
pub(crate) struct PolicyWarning {
    service: Option<String>,
    statement: usize,
    warning: Warning,
}

/// Finds everything that looks wrong in the policy.
pub(crate) fn find(policy: &CompiledPolicy) -> Vec<PolicyWarning> {
    let mut found = Vec::new();
    for statement in &policy.statements {
        if let Some(source) = policy.source(statement) {
            let mut finder = Finder {
                policy,
                statement,
                source,
                found: &mut found,
            };
            finder.dead_statement();
            finder.unknown_actions();
            finder.resources();
            finder.conditions();
        }
    }
    found
}

/// Those that bear on a request to the service.
pub(crate) fn about<'w>(
    policy: &'w CompiledPolicy,
    warnings: &'w [PolicyWarning],
    service: &'w str,
) -> impl Iterator<Item = Warning> + 'w {
    warnings
        .iter()
        .filter(move |found| match &found.service {
            Some(own) => own == service,
            None => policy.statements.iter().any(|statement| {
                let is_dead = matches!(statement.action, ActionTest::Dead);
                statement.index == found.statement
                    && (is_dead || statement.action.speaks_of(service))
            }),
        })
        .map(|found| found.warning.clone())
}

/// Looks at one statement.
struct Finder<'p> {
    policy: &'p CompiledPolicy,
    statement: &'p CompiledStatement,
    source: &'p Statement,
    found: &'p mut Vec<PolicyWarning>,
}

impl Finder<'_> {
    fn push(&mut self, row: &'static Code, span: Span, what: &str) {
        let warning = self.warning(row, span, what);
        self.push_for(None, warning);
    }

    fn push_for(&mut self, service: Option<String>, warning: Warning) {
        self.found.push(PolicyWarning {
            service,
            statement: self.statement.index,
            warning,
        });
    }

    fn warning(&self, row: &'static Code, span: Span, what: &str) -> Warning {
        let document = &self.policy.document;
        let message = format!(
            "{}, statement {}: {what}",
            document.name, self.statement.index
        );
        Warning::new(row, message).at(Some(document.place(span)))
    }

    /// Rule: KMS-POL-12.
    fn dead_statement(&mut self) {
        if matches!(self.statement.action, ActionTest::Dead)
            || matches!(self.statement.resource, ResourceTest::Dead)
        {
            let what = "without Action or Resource the statement has no effect";
            self.push(
                &grammar::KMS_DEAD_STATEMENT,
                opening(self.source.span),
                what,
            );
        }
    }

    /// Entries of `Action` or `NotAction` that match no action the catalogue knows. Rule: IAM-GRAM-11.
    fn unknown_actions(&mut self) {
        for entry in entries(self.source.action.as_ref()) {
            let Some((service, name)) = entry.text.split_once(':') else {
                continue;
            };
            let is_known = catalog()
                .service(service)
                .is_some_and(|service| has_match(service, name));
            if !is_known {
                let what = format!("no action matches `{}`", entry.text);
                let warning = self.warning(&grammar::UNKNOWN_ACTION, entry.span, &what);
                self.push_for(Some(service.to_ascii_lowercase()), warning);
            }
        }
    }

    /// Wildcards in the type part, and variables that never have a value. Rule: IAM-WILD-11, IAM-VAR-4.
    fn resources(&mut self) {
        let entries: &[ResourceEntry] = entries(self.source.resource.as_ref());
        let patterns = match &self.statement.resource {
            ResourceTest::In(patterns) | ResourceTest::NotIn(patterns) => patterns.as_slice(),
            ResourceTest::Attached | ResourceTest::Dead => &[],
        };
        for (entry, pattern) in entries.iter().zip(patterns) {
            if matches!(pattern, ResourcePattern::WildType(_)) {
                let text = &entry.template.source;
                let what = format!("`{text}` has a wildcard in the type of the resource");
                self.push(&grammar::WILDCARD_IN_RESOURCE_TYPE, entry.span, &what);
            }
            for (kind, what) in doubtful_variables(&entry.template, &CatalogKeyTypes) {
                self.push(kind.row(), entry.span, &what);
            }
        }
    }

    fn conditions(&mut self) {
        let tests = &self.source.conditions;
        for test in tests {
            self.legacy_key(test);
        }
        for doubt in self.statement.condition.warnings() {
            if let Some(test) = tests.get(doubt.test)
                && self.matters(doubt, test)
            {
                let operand = doubt.operand.and_then(|operand| test.operands.get(operand));
                let span = operand.map_or(test.key_span, |operand| operand.span);
                self.push(doubt.kind.row(), span, &doubt.message);
            }
        }
    }

    /// Whether the rule behind a doubt speaks of such statements.
    fn matters(&self, doubt: &ConditionWarning, test: &ConditionTest) -> bool {
        match doubt.kind {
            WarningKind::ForAllValuesWithoutNullTest => self.source.effect == Effect::Allow,
            WarningKind::FewLiteralsAroundWildcard => {
                self.policy.document.kind == PolicyKind::VpcEndpoint
            }
            // The parser has said that such a key is taken literally.
            WarningKind::UnknownKey => !test.key.contains(['*', '?', '$']),
            _ => true,
        }
    }

    /// A key that no request carries any more; `aws:ARN` is the parser's. Rule: IAM-CTX-2.
    fn legacy_key(&mut self, test: &ConditionTest) {
        let is_legacy = globals::key(&test.key)
            .is_some_and(|key| key.presence == globals::Presence::LegacyAbsent);
        if is_legacy && !test.key.eq_ignore_ascii_case("aws:ARN") {
            let what = format!("requests no longer carry `{}`", test.key);
            self.push(&conditions::LEGACY_CONDITION_KEY, test.key_span, &what);
        }
    }
}

/// The entries of an element or of its negated twin.
fn entries<T>(element: Option<&Match<T>>) -> &[T] {
    match element {
        Some(Match::In(entries) | Match::NotIn(entries)) => entries,
        None => &[],
    }
}

/// The first character: all of a statement would mark half a file.
fn opening(span: Span) -> Span {
    Span {
        end: span.end.min(span.start.saturating_add(1)),
        ..span
    }
}

fn has_match(service: Service<'_>, name: &str) -> bool {
    if name == "*" {
        return true;
    }
    let pattern = Pattern::parse(&name.to_ascii_lowercase());
    service
        .actions()
        .any(|action| pattern.is_match(&action.name().to_ascii_lowercase()))
}
