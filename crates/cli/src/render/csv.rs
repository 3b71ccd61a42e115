//! Results as rows of values behind commas (RFC 4180), with lines that end as those of other results do.

use preclear_simulator::WhoCan;
use preclear_simulator::who_can::{Candidate, Way};

use super::text::condition_in_words;

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

/// Who may: one row for each statement or grant of each way. Rule: UI-20.
pub(crate) fn who_can(answer: &WhoCan) -> String {
    let mut text = row([
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
    ]);
    for candidate in answer.allowed() {
        rows_of(candidate, &mut text);
    }
    text
}

fn rows_of(candidate: &Candidate, text: &mut String) {
    let depends_on = candidate
        .answer
        .iter()
        .flat_map(|answer| &answer.depends_on);
    let depends_on: Vec<String> = depends_on.map(ToString::to_string).collect();
    let depends_on = depends_on.join(" ");
    let conditions = candidate.conditions().iter().map(|condition| {
        let (label, said) = condition_in_words(condition, true);
        format!("{label} {said}")
    });
    let conditions = conditions.collect::<Vec<_>>().join("; ");
    let (name, what) = (candidate.who.name(), candidate.who.to_string());
    let (kind, verdict) = (candidate.who.kind(), candidate.verdict.name());
    let mut push = |way: &Way, policy: &str, statement: &str, sid: &str| {
        let grant = way.grant.as_deref().unwrap_or_default();
        let own = if way.needs_own_policies {
            "true"
        } else {
            "false"
        };
        let kind_of_way = way.kind.name();
        text.push_str(&row([
            &name,
            kind,
            verdict,
            kind_of_way,
            policy,
            statement,
            sid,
            grant,
            own,
            &conditions,
            &depends_on,
            &what,
        ]));
    };
    for way in candidate.ways() {
        for (_, statement) in &way.statements {
            let number = statement.statement.to_string();
            let sid = statement.sid.as_deref().unwrap_or_default();
            push(way, &statement.policy, &number, sid);
        }
        if way.statements.is_empty() {
            push(way, "", "", "");
        }
    }
    if candidate.ways().is_empty() {
        let empty = [""; 6];
        let front = [name.as_str(), kind, verdict];
        let behind = [conditions.as_str(), &depends_on, &what];
        text.push_str(&row(front.into_iter().chain(empty).chain(behind)));
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
