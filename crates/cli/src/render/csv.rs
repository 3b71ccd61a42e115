//! Results as rows of values behind commas (RFC 4180), with lines that end as those of other results do.

use preclear_model::Place;
use preclear_simulator::WhoCan;
use preclear_simulator::who_can::{Candidate, Condition, Way, WayStatement};

use super::text::{condition_in_words, constraints_in_words, spelled};

/// A value as it stands between commas.
pub(crate) fn field(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}

/// One row, with its line break.
pub(crate) fn row<'t>(values: impl IntoIterator<Item = &'t str>) -> String {
    let fields: Vec<_> = values.into_iter().map(field).collect();
    let mut line = fields.join(",");
    line.push('\n');
    line
}

/// Names of the columns. Those behind `what` came later, so that others keep their numbers.
const COLUMNS: [&str; 22] = [
    "principal",
    "kind",
    "verdict",
    "way",
    "policy",
    "statement",
    "sid",
    "grant",
    "needs_own_policies",
    "conditions",
    "depends_on",
    "what",
    "action",
    "resource",
    "file",
    "line",
    "layer",
    "open_to_all",
    "limits",
    "grant_name",
    "grant_operations",
    "grant_constraints",
];

/// Who may: one row for each statement or grant of each way. Rule: UI-20.
pub(crate) fn who_can(answer: &WhoCan) -> String {
    let mut text = row(COLUMNS);
    for candidate in answer.allowed() {
        rows_of(answer, candidate, &mut text);
    }
    text
}

/// What one row is about.
#[derive(Default)]
struct Part<'a> {
    way: Option<&'a Way>,
    statement: Option<&'a WayStatement>,
    condition: Option<&'a Condition>,
}

fn rows_of(answer: &WhoCan, candidate: &Candidate, text: &mut String) {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for way in candidate.ways() {
        parts.extend(way.statements.iter().map(|statement| Part {
            way: Some(way),
            statement: Some(statement),
            condition: statement.condition.as_ref(),
        }));
        if way.statements.is_empty() {
            parts.push(Part {
                way: Some(way),
                statement: None,
                condition: way.condition.as_ref(),
            });
        }
    }
    if parts.is_empty() {
        parts.push(Part::default());
    }
    let common = Common::of(candidate);
    for part in parts {
        text.push_str(&common.row(answer, candidate, &part));
    }
}

/// What all rows of a candidate say.
struct Common {
    name: String,
    what: String,
    depends_on: String,
    limits: String,
}

impl Common {
    fn of(candidate: &Candidate) -> Self {
        let depends_on = candidate.answer.iter();
        let depends_on = depends_on.flat_map(|answer| &answer.depends_on);
        let depends_on: Vec<String> = depends_on
            .map(|one| spelled(one, candidate.conditions()))
            .collect();
        let limits = candidate.limits().map(|condition| {
            let (label, said) = condition_in_words(condition, true);
            format!("{label} {said}")
        });
        Self {
            name: candidate.who.name(),
            what: candidate.who.to_string(),
            depends_on: depends_on.join(" "),
            limits: limits.collect::<Vec<_>>().join("; "),
        }
    }

    fn row(&self, answer: &WhoCan, candidate: &Candidate, part: &Part<'_>) -> String {
        let flag = |is_so: bool| if is_so { "true" } else { "false" };
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let statement = part.statement.map(|one| &one.statement);
        let terms = part.way.and_then(|way| way.terms.as_ref());
        let of_statement = statement.and_then(|one| one.place.as_ref());
        let place = of_statement.or_else(|| terms?.place.as_ref());
        let place = place.map(Place::locate);
        let line = place.as_ref().map(|place| place.position.line.to_string());
        let line = line.unwrap_or_default();
        let conditions = part.condition.map(|condition| {
            let (label, said) = condition_in_words(condition, false);
            format!("{label} {said}")
        });
        // Of an operation each decision is about an action and a resource of its own.
        let resource = answer.own_key(candidate).unwrap_or(&answer.resource);
        let asked = (answer.action.as_str(), resource);
        let of_way = part.way.and_then(|way| way.part.as_ref());
        let (action, resource) = of_way.map_or(asked, |(action, resource)| {
            (action.as_str(), resource.as_str())
        });
        row([
            self.name.as_str(),
            candidate.who.kind(),
            candidate.verdict.name(),
            part.way.map_or("", |way| way.kind.name()),
            statement.map_or("", |one| one.policy.as_str()),
            &statement.map_or_else(String::new, |one| one.statement.to_string()),
            &text(statement.and_then(|one| one.sid.as_deref())),
            &text(part.way.and_then(|way| way.grant.as_deref())),
            part.way.map_or("", |way| flag(way.needs_own_policies)),
            conditions.as_deref().unwrap_or_default(),
            &self.depends_on,
            &self.what,
            action,
            resource,
            place.as_ref().map_or("", |place| place.name.as_str()),
            &line,
            part.statement.map_or("", |one| one.layer.name()),
            part.statement.map_or("", |one| flag(one.is_open_to_all)),
            &self.limits,
            &text(terms.and_then(|terms| terms.name.as_deref())),
            &terms.map_or_else(String::new, |terms| terms.operations.join(" ")),
            &terms.map_or_else(String::new, |terms| {
                constraints_in_words(&terms.constraints)
            }),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_commas_and_quotes_stay_one_value() {
        assert_eq!(
            row(["a", "b,c", "say \"x\""]),
            "a,\"b,c\",\"say \"\"x\"\"\"\n"
        );
    }
}
