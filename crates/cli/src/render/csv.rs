//! Results as rows of values behind commas (RFC 4180), with lines that end as those of other results do.

use preclear_simulator::WhoCan;
use preclear_simulator::who_can::Candidate;

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

/// Who may: one row for each way. Rule: UI-20.
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
        "depends_on",
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
    let name = candidate.who.name();
    let (kind, verdict) = (candidate.who.kind(), candidate.verdict.name());
    let mut push = |way: &str, policy: &str, statement: &str, sid: &str, grant: &str| {
        let values = [
            &name,
            kind,
            verdict,
            way,
            policy,
            statement,
            sid,
            grant,
            &depends_on,
        ];
        text.push_str(&row(values));
    };
    for way in candidate.ways() {
        let kind = way.kind.name();
        let grant = way.grant.as_deref().unwrap_or_default();
        for (_, statement) in &way.statements {
            let number = statement.statement.to_string();
            let sid = statement.sid.as_deref().unwrap_or_default();
            push(kind, &statement.policy, &number, sid, grant);
        }
        if way.statements.is_empty() {
            push(kind, "", "", "", grant);
        }
    }
    if candidate.ways().is_empty() {
        push("", "", "", "", "");
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
