//! What looks wrong in a compiled policy, found once and shown with the answers that it bears on.

use preclear_catalog::{Service, catalog, globals};
use preclear_condition::{
    Ambiguities, ConditionWarning, Outcome, WarningKind, codes as conditions, doubtful_variables,
    doubts,
};
use preclear_model::codes as grammar;
use preclear_model::near::nearest;
use preclear_model::policy::{ConditionTest, ResourceEntry};
use preclear_model::{Arn, Effect, Match, Policy, PolicyKind, Span, Statement};
use preclear_wildcard::Pattern;

use crate::codes::Code;
use crate::context::said_warnings;
use crate::engine::key_types::CatalogKeyTypes;
use crate::engine::policies::{CompiledPolicy, CompiledStatement};
use crate::explanation::Warning;
use crate::matching::action::{ActionName, ActionTest};
use crate::matching::resource::{ResourcePattern, ResourceTest};

/// Entries that are compared with all names to find the nearest; distances take time, and no policy has more slips.
const SUGGESTIONS_MAX: usize = 64;

/// A warning with the requests that it concerns.
#[derive(Debug)]
pub(crate) struct PolicyWarning {
    concerns: Concerns,
    statement: usize,
    warning: Warning,
    /// What somebody may have meant is looked for when the warning is shown: most bear on no answer.
    slip: Option<Slip>,
}

/// An entry of `Action` that no action matches.
#[derive(Debug)]
struct Slip {
    prefix: String,
    name: String,
}

impl Slip {
    /// The entry that was probably meant.
    fn meant(&self) -> Option<String> {
        let Self { prefix, name } = self;
        match catalog().service(prefix) {
            Some(service) => nearest(name, service.actions().map(|action| action.name()))
                .map(|name| format!("{}:{name}", service.prefix())),
            None => nearest(prefix, catalog().services().map(|service| service.prefix()))
                .map(|prefix| format!("{prefix}:{name}")),
        }
    }
}

impl PolicyWarning {
    fn told(&self) -> Warning {
        let warning = self.warning.clone();
        match self.slip.as_ref().and_then(Slip::meant) {
            Some(meant) => warning.help(format!("did you mean `{meant}`?")),
            None => warning,
        }
    }
}

#[derive(Debug)]
enum Concerns {
    /// Those that the statement's `Action` admits; all, where it has none.
    Statement,
    /// The same, unless requests for the action always carry this key.
    StatementWithout(String),
    /// Those to this service.
    Service(String),
    /// All: which service was meant, nobody can tell.
    Everything,
}

/// Finds everything that looks wrong in the policy.
pub(crate) fn find(policy: &CompiledPolicy) -> Vec<PolicyWarning> {
    let mut found = Vec::new();
    let mut suggestions_left = SUGGESTIONS_MAX;
    for statement in &policy.statements {
        if let Some(source) = policy.source(statement) {
            let mut finder = Finder {
                policy,
                statement,
                source,
                found: &mut found,
                suggestions_left: &mut suggestions_left,
            };
            finder.dead_statement();
            finder.unknown_actions();
            finder.resources();
            finder.conditions();
        }
    }
    found
}

/// Those that bear on a request for the action.
pub(crate) fn about<'w>(
    policy: &'w CompiledPolicy,
    warnings: &'w [PolicyWarning],
    action: &'w ActionName<'w>,
) -> impl Iterator<Item = Warning> + 'w {
    let admits = |index: usize| {
        let statement = policy.statements.iter().find(|own| own.index == index);
        statement.is_some_and(|statement| may_admit(statement, action))
    };
    let always_carries = |key: &str| {
        let known = catalog().action(action.service(), action.name());
        known.is_some_and(|known| known.always_carries(key))
    };
    warnings
        .iter()
        .filter(move |found| match &found.concerns {
            Concerns::Everything => true,
            Concerns::Service(own) => own == action.service(),
            Concerns::Statement => admits(found.statement),
            Concerns::StatementWithout(key) => admits(found.statement) && !always_carries(key),
        })
        .map(PolicyWarning::told)
}

fn may_admit(statement: &CompiledStatement, action: &ActionName<'_>) -> bool {
    let admits: Outcome<()> = statement.action.matches(action, Ambiguities::Report);
    matches!(statement.action, ActionTest::Dead) || !admits.value.is_false()
}

/// Looks at one statement.
struct Finder<'p> {
    policy: &'p CompiledPolicy,
    statement: &'p CompiledStatement,
    source: &'p Statement,
    found: &'p mut Vec<PolicyWarning>,
    suggestions_left: &'p mut usize,
}

impl Finder<'_> {
    fn push(&mut self, row: &'static Code, span: Span, what: &str) {
        let warning = self.warning(row, span, what);
        self.push_for(Concerns::Statement, warning, None);
    }

    fn push_for(&mut self, concerns: Concerns, warning: Warning, slip: Option<Slip>) {
        self.found.push(PolicyWarning {
            concerns,
            statement: self.statement.index,
            warning,
            slip,
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
            let Some((prefix, name)) = entry.text.split_once(':') else {
                continue;
            };
            let service = catalog().service(prefix);
            // `*:*` names no service, and the parser has said what it thinks of it.
            if prefix == "*" || service.is_some_and(|service| has_match(service, name)) {
                continue;
            }
            let what = format!("no action matches `{}`", entry.text);
            let warning = self.warning(&grammar::UNKNOWN_ACTION, entry.span, &what);
            // A request is made to the service that was meant, never to one that does not exist. AWS's own policies
            // name services that are newer than the catalogue.
            let concerns = if service.is_none() && !is_maintained_by_aws(&self.policy.document) {
                Concerns::Everything
            } else {
                Concerns::Service(prefix.to_ascii_lowercase())
            };
            let slip = self.slip(prefix, name);
            self.push_for(concerns, warning, slip);
        }
    }

    /// An entry whose meaning is looked for, if there are not too many.
    fn slip(&mut self, prefix: &str, name: &str) -> Option<Slip> {
        *self.suggestions_left = self.suggestions_left.checked_sub(1)?;
        Some(Slip {
            prefix: prefix.to_owned(),
            name: name.to_owned(),
        })
    }

    /// Wildcards in the type part, and variables that never have a value. Rule: IAM-WILD-11, IAM-VAR-4.
    fn resources(&mut self) {
        let entries: &[ResourceEntry] = entries(self.source.resource.as_ref());
        let patterns = match &self.statement.resource {
            ResourceTest::In(patterns) | ResourceTest::NotIn(patterns) => patterns.as_slice(),
            ResourceTest::Attached | ResourceTest::Dead => &[],
        };
        for (entry, pattern) in entries.iter().zip(patterns) {
            if matches!(pattern, ResourcePattern::WildType { .. }) {
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
        for doubt in &doubts(tests, &CatalogKeyTypes) {
            if let Some(test) = tests.get(doubt.test)
                && self.matters(doubt, test)
            {
                let operand = doubt.operand.and_then(|operand| test.operands.get(operand));
                let span = operand.map_or(test.key_span, |operand| operand.span);
                let mut warning = self.warning(doubt.kind.row(), span, &doubt.message);
                let meant = || said_warnings::meant(&test.key);
                if doubt.kind == WarningKind::UnknownKey
                    && let Some(meant) = meant()
                {
                    warning = warning.help(format!("did you mean `{meant}`?"));
                }
                let concerns = match doubt.kind {
                    WarningKind::ForAllValuesWithoutNullTest => {
                        Concerns::StatementWithout(test.key.to_string())
                    }
                    _ => Concerns::Statement,
                };
                self.push_for(concerns, warning, None);
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

/// A policy that AWS keeps itself: no customer can correct it.
fn is_maintained_by_aws(document: &Policy) -> bool {
    Arn::parse(&document.name).is_some_and(|arn| {
        (arn.service(), arn.account(), arn.resource_type()) == ("iam", "aws", Some("policy"))
    })
}

/// The first character: all of a statement would mark half a file.
fn opening(span: Span) -> Span {
    Span {
        end: span.end.min(span.start.saturating_add(1)),
        ..span
    }
}

fn has_match(service: Service<'_>, name: &str) -> bool {
    if !name.contains(['*', '?']) {
        return service.action(name).is_some();
    }
    let folded = name.to_ascii_lowercase();
    let prefix = folded.split(['*', '?']).next().unwrap_or_default();
    let pattern = Pattern::parse(&folded);
    let mut actions = service.actions_starting_with(prefix);
    actions.any(|action| pattern.is_match(&action.name().to_ascii_lowercase()))
}
