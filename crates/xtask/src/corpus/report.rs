//! What was found, as text or JSON: counts and examples by code, or every place of one code.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use preclear_lint::Finding;
use preclear_model::Severity;
use serde_json::{Map, Value, json};

use super::{Occurrence, Stage, Survey};

/// Examples of each code.
const EXAMPLES_MAX: usize = 3;

/// What is told together.
type Class = (Stage, Severity, &'static str);

/// The survey, sorted for readers.
#[derive(Debug)]
pub(crate) struct Report<'s> {
    survey: &'s Survey,
    /// In the order of stages and codes; what is worse comes first.
    classes: Vec<(Class, Vec<&'s Occurrence>)>,
}

impl<'s> Report<'s> {
    pub(crate) fn of(survey: &'s Survey) -> Report<'s> {
        let mut classes: BTreeMap<Class, Vec<&Occurrence>> = BTreeMap::new();
        for found in &survey.occurrences {
            let class = (found.stage, found.finding.severity, found.finding.code);
            classes.entry(class).or_default().push(found);
        }
        let mut classes: Vec<_> = classes.into_iter().collect();
        // Among equals the sort keeps codes in order.
        classes.sort_by_key(|((stage, severity, _), _)| (*stage, std::cmp::Reverse(*severity)));
        Report { survey, classes }
    }

    /// Counts, examples and times.
    pub(crate) fn text(&self) -> String {
        let survey = self.survey;
        let mut text = format!(
            "{} documents, {} statements, {} bytes\n{} errors of the parser\n",
            survey.documents,
            survey.statements,
            survey.bytes,
            survey.errors()
        );
        for (stage, title) in [(Stage::Parse, "Parser"), (Stage::Lint, "Lint")] {
            let of_stage = || {
                self.classes
                    .iter()
                    .filter(move |(class, _)| class.0 == stage)
            };
            let count: usize = of_stage().map(|(_, found)| found.len()).sum();
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(text, "\n{title}: {count} findings");
            of_stage().for_each(|(class, found)| push_class(&mut text, *class, found));
        }
        text.push_str("\nTime\n");
        for (stage, time) in &survey.times {
            let _ = writeln!(text, "{:>9.1} ms  {stage}", time.as_secs_f64() * 1e3);
        }
        text
    }

    /// As [`Report::text`].
    pub(crate) fn json(&self) -> String {
        let survey = self.survey;
        let classes = self.classes.iter().map(|((stage, severity, code), found)| {
            let first = found.iter().take(EXAMPLES_MAX);
            json!({
                "stage": stage_name(*stage),
                "severity": severity.to_string(),
                "code": code,
                "rules": rules(found),
                "count": found.len(),
                "examples": first.map(|found| occurrence_json(found)).collect::<Vec<_>>(),
            })
        });
        let times = survey
            .times
            .iter()
            .map(|(stage, time)| ((*stage).to_owned(), json!(time.as_secs_f64() * 1e3)));
        pretty(&json!({
            "documents": survey.documents,
            "statements": survey.statements,
            "bytes": survey.bytes,
            "errors": survey.errors(),
            "classes": classes.collect::<Vec<_>>(),
            "milliseconds": times.collect::<Map<_, _>>(),
        }))
    }

    /// Every place of a code, one line each.
    pub(crate) fn list(&self, code: &str) -> String {
        let lines: Vec<String> = self
            .of_code(code)
            .map(|found| line(&found.finding))
            .collect();
        match lines.len() {
            0 => format!("nothing has the code `{code}`"),
            _ => lines.join("\n"),
        }
    }

    /// As [`Report::list`].
    pub(crate) fn list_json(&self, code: &str) -> String {
        pretty(&self.of_code(code).map(occurrence_json).collect())
    }

    fn of_code(&self, code: &str) -> impl Iterator<Item = &'s Occurrence> {
        self.survey
            .occurrences
            .iter()
            .filter(move |found| found.finding.code == code)
    }
}

fn push_class(text: &mut String, class: Class, found: &[&Occurrence]) {
    let (_, severity, code) = class;
    let rules = rules(found).join(", ");
    let _ = writeln!(text, "{:>6}  {severity}[{code}] {rules}", found.len());
    for found in found.iter().take(EXAMPLES_MAX) {
        let _ = writeln!(text, "        {}", line(&found.finding));
    }
}

/// Each rule once.
fn rules(found: &[&Occurrence]) -> Vec<&'static str> {
    let mut rules: Vec<&str> = found
        .iter()
        .filter_map(|found| found.finding.rule)
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

fn line(finding: &Finding) -> String {
    let mut line = format!("{}: {}", finding.place.locate(), finding.message);
    if let Some(help) = &finding.help {
        let _ = write!(line, " ({help})");
    }
    line
}

fn occurrence_json(found: &Occurrence) -> Value {
    let finding = &found.finding;
    json!({
        "policy": found.policy,
        "place": finding.place.locate().to_string(),
        "statement": finding.statement,
        "sid": finding.sid,
        "stage": stage_name(found.stage),
        "severity": finding.severity.to_string(),
        "code": finding.code,
        "rule": finding.rule,
        "message": finding.message,
        "help": finding.help,
    })
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Parse => "parse",
        Stage::Lint => "lint",
    }
}

fn pretty(value: &Value) -> String {
    // A tree of JSON has nothing that cannot be written.
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::fetch::Document;

    /// Five unknown actions, a warning of the parser, a note.
    fn survey() -> Survey {
        let text = r#"{"Statement": {"Effect": "Allow", "Resource": "*",
            "Action": ["kms:One", "kms:Two", "kms:Three", "kms:Four", "kms:Frobnicate", "kms:Decrypt", "kms:Decrypt"]}}"#;
        let document = Document {
            name: "P".to_owned(),
            path: "P.json".to_owned(),
            text: text.to_owned(),
        };
        Survey::of(&[document]).expect("surveyed")
    }

    #[test]
    fn texts_count_all_and_show_some() {
        let survey = survey();
        let text = Report::of(&survey).text();
        assert!(text.starts_with("1 documents, 1 statements, "), "{text}");
        assert!(
            text.contains("Parser: 1 findings\n     1  warning[MISSING_VERSION] IAM-GRAM-4\n"),
            "{text}"
        );
        assert!(
            text.contains("     5  warning[UNKNOWN_ACTION] IAM-GRAM-11\n"),
            "{text}"
        );
        assert!(
            text.contains("`kms:Three`") && !text.contains("`kms:Four`"),
            "{text}"
        );
        let places: Vec<_> = ["UNKNOWN_ACTION", "info[REDUNDANT]"]
            .iter()
            .map(|code| text.find(code))
            .collect();
        assert!(places.is_sorted() && places[0].is_some(), "{text}");
    }

    #[test]
    fn lists_show_all() {
        let survey = survey();
        let report = Report::of(&survey);
        assert_eq!(report.list("UNKNOWN_ACTION").lines().count(), 5);
        assert_eq!(report.list("NO_SUCH"), "nothing has the code `NO_SUCH`");
        let json: Value = serde_json::from_str(&report.list_json("UNKNOWN_ACTION")).expect("JSON");
        assert_eq!(json.as_array().map(Vec::len), Some(5));
        assert_eq!(json[0]["policy"], "P");
        assert_eq!(report.list_json("NO_SUCH"), "[]");
    }

    #[test]
    fn json_says_what_the_text_says() {
        let survey = survey();
        let json: Value = serde_json::from_str(&Report::of(&survey).json()).expect("JSON");
        assert_eq!(
            (&json["documents"], &json["errors"]),
            (&json!(1), &json!(0))
        );
        let classes = json["classes"].as_array().expect("classes");
        let unknown = classes
            .iter()
            .find(|class| class["code"] == "UNKNOWN_ACTION");
        let unknown = unknown.expect("the class is there");
        assert_eq!(unknown["count"], 5);
        assert_eq!(
            unknown["examples"].as_array().map(Vec::len),
            Some(EXAMPLES_MAX)
        );
        assert!(json["milliseconds"]["lint"].is_number());
    }
}
