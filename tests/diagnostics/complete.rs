//! What every diagnostic must have: a code that a table lists, a rule, a remedy, and a place if it is about a text.

use preclear_tests::tables::{WITHOUT_PLACE, find};

use crate::seen::Seen;

/// What a diagnostic lacks, in words; empty if nothing.
pub(crate) fn lacks(seen: &Seen) -> Vec<String> {
    let mut lacks = Vec::new();
    match find(&seen.code) {
        None => lacks.push("no table lists the code".to_owned()),
        Some(row) if seen.severity > row.severity => {
            lacks.push(format!("its row says that it is no {}", seen.severity));
        }
        Some(_) => {}
    }
    match &seen.rule {
        None => lacks.push("no rule".to_owned()),
        Some(rule) if !is_rule(rule) => lacks.push(format!("`{rule}` is no id of a rule")),
        Some(_) => {}
    }
    if seen.help.as_deref().is_none_or(str::is_empty) {
        lacks.push("no remedy".to_owned());
    }
    if seen.message.is_empty() {
        lacks.push("no message".to_owned());
    }
    let may_lack_place = WITHOUT_PLACE.iter().any(|(code, _)| *code == seen.code);
    if seen.place.is_none() && !may_lack_place {
        lacks.push("no place".to_owned());
    }
    lacks
}

/// `IAM-GRAM-3`, `KMS-STATE-3a`, `UI-33`.
pub(crate) fn is_rule(text: &str) -> bool {
    let number = text.rsplit('-').next().unwrap_or_default();
    let area = text.split('-').next().unwrap_or_default();
    matches!(area, "IAM" | "KMS" | "JOB" | "UI") && number.starts_with(|c: char| c.is_ascii_digit())
}

#[test]
fn an_incomplete_diagnostic_is_noticed() {
    use preclear_model::{Diagnostic, Source, Span};
    use std::sync::Arc;

    let source = Arc::new(Source::new("p", "x"));
    let complete = Diagnostic::error("INVALID_EFFECT", "m")
        .rule("IAM-GRAM-9")
        .at(source.place(Span::new(0, 1)))
        .help("h");
    let of = |found: &Diagnostic| lacks(&Seen::from(found));
    assert_eq!(of(&complete), [""; 0]);
    let changed = |change: &dyn Fn(&mut Diagnostic)| {
        let mut found = complete.clone();
        change(&mut found);
        of(&found).len()
    };
    assert_eq!(changed(&|found| found.code = "NO_SUCH_CODE"), 1);
    assert_eq!(changed(&|found| found.rule = None), 1);
    assert_eq!(changed(&|found| found.rule = Some("GRAM")), 1);
    assert_eq!(changed(&|found| found.help = None), 1);
    assert_eq!(changed(&|found| found.place = None), 1);
    assert_eq!(changed(&|found| found.message.clear()), 1);
    // A warning's code as an error: worse than its row.
    assert_eq!(changed(&|found| found.code = "EMPTY_SID"), 1);
}
