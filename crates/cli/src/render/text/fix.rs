//! Additions that mend a job, ready to paste. Rule: UI-13.

use std::fmt::Write as _;

use preclear_simulator::Verdict;
use preclear_simulator::job::{Advice, Fix, FixTarget, JobReport, JobVerdict, Through};

use super::reason::statement_name;
use super::wrap::wrap_prose;
use super::{Additions, Fixed, Written};
use crate::render::style::{Tone, shown};

/// Appends the additions grouped by policy, and what they do not mend.
pub(super) fn push_fixes(text: &mut String, report: &JobReport, additions: &Additions, width: u16) {
    let is_asked_for = matches!(additions, Additions::AskedFor(_));
    if !is_asked_for && report.verdict == JobVerdict::Undecided && !report.fixes.is_empty() {
        let hint = "`--fix` prints additions that allow the job whatever is unknown, as far as statements can";
        let hint = Tone::Quiet.paint(hint).to_string();
        let _ = writeln!(text, "\n{}", wrap_prose(&hint, width));
    }
    if !is_asked_for && !matches!(report.verdict, JobVerdict::Denied | JobVerdict::Inoperable) {
        return;
    }
    if is_asked_for && report.verdict == JobVerdict::Invalid {
        let mend = "No additions are looked for: mend the request first, as said above.";
        let _ = writeln!(text, "\n{}", wrap_prose(mend, width));
    } else if is_asked_for && report.fixes.is_empty() && report.obstacles.is_empty() {
        text.push_str("\nThere is nothing to add.\n");
    }
    push_statements(text, &report.fixes, width);
    match additions {
        Additions::AskedFor(Some(fixed)) => push_result(text, fixed, width),
        Additions::IfDenied if !report.fixes.is_empty() => {
            let hint = "`--fix` simulates the job again with these additions, `--fix-out DIR` writes them as documents";
            let hint = Tone::Quiet.paint(hint).to_string();
            let _ = writeln!(text, "\n{}", wrap_prose(&hint, width));
        }
        _ => {}
    }
    push_obstacles(text, &report.obstacles, width);
}

/// What would mend one denied request. Rule: UI-12.
pub(super) fn push_advice(text: &mut String, advice: &Advice, width: u16) {
    // First, since who meant the call of a service needs no addition.
    for through in &advice.through {
        let _ = writeln!(text, "\n{}", wrap_prose(&self::through(through), width));
    }
    push_statements(text, &advice.fixes, width);
    push_obstacles(text, &advice.obstacles, width);
}

/// That a statement lets a service make the call for the principal, and how to ask about that. Rule: UI-39.
fn through(through: &Through) -> String {
    let statement = statement_name(&through.statement);
    let flag = match through.services.as_slice() {
        [] => "--via SERVICE".to_owned(),
        services => {
            let flags: Vec<String> = services.iter().map(|one| format!("--via {one}")).collect();
            flags.join("` or `")
        }
    };
    let who = match through.services.as_slice() {
        [] => "a service".to_owned(),
        services => services.join(" or "),
    };
    let answer = match through.verdict {
        Verdict::Allow => "the answer is allow".to_owned(),
        Verdict::Depends => "the answer is depends, and tells on what".to_owned(),
        verdict => format!("the answer is {verdict} as well, for what else is missing"),
    };
    let (statement, who, flag) = (shown(&statement), shown(&who), shown(&flag));
    format!(
        "{} This was decided as a direct call, and {statement} allows only the one that {who} makes for the principal. \
         To ask about that one, add `{flag}`: {answer}.",
        Tone::Title.paint("A direct call, or through a service?"),
    )
}

fn push_statements(text: &mut String, fixes: &[Fix], width: u16) {
    for (target, fixes) in by_target(fixes) {
        let served = serves(&fixes);
        let served = if served.is_empty() {
            String::new()
        } else {
            format!(" (for {})", shown(&served.join(", ")))
        };
        let title = format!("Add to the {}", shown(&target.to_string()));
        let title = format!("{}{served}", Tone::Title.paint(title));
        let _ = writeln!(text, "\n{}", wrap_prose(&title, width));
        // In one piece as the members of a list, so that all of them can be pasted at once.
        let statements: Vec<String> = fixes
            .iter()
            .map(|fix| serde_json::to_string_pretty(&fix.statement).unwrap_or_default())
            .collect();
        for line in statements.join(",\n").lines() {
            let _ = writeln!(text, "    {line}");
        }
        push_notes(text, &fixes, width);
    }
}

/// What to know of the statements, below all of them.
fn push_notes(text: &mut String, fixes: &[&Fix], width: u16) {
    for (index, fix) in fixes.iter().enumerate() {
        let of = if fixes.len() > 1 {
            // Not as answers number statements, which count from 0 within a policy.
            format!("{} of {}: ", index + 1, fixes.len())
        } else {
            String::new()
        };
        for note in &fix.notes {
            let note = format!("    {of}{}", shown(note));
            let _ = writeln!(text, "{}", wrap_prose(&note, width));
        }
    }
}

fn push_obstacles(text: &mut String, obstacles: &[String], width: u16) {
    if !obstacles.is_empty() {
        let _ = writeln!(text, "\n{}", Tone::Title.paint("What stands in the way"));
        for obstacle in obstacles {
            let obstacle = format!("    {}", shown(obstacle));
            let _ = writeln!(text, "{}", wrap_prose(&obstacle, width));
        }
    }
}

/// The verdict with the additions.
fn push_result(text: &mut String, fixed: &Fixed, width: u16) {
    let verdict = Tone::from(fixed.verdict).paint(fixed.verdict);
    let with = if fixed.is_shared {
        "the additions of all jobs"
    } else {
        "these additions"
    };
    let mut result = format!("\nSimulated again with {with}: {verdict}\n");
    if fixed.verdict != JobVerdict::Allowed && !fixed.still_failing.is_empty() {
        let failing = fixed.still_failing.join(", ");
        let _ = writeln!(result, "    still failing: {}", shown(&failing));
    }
    if !fixed.is_shared {
        push_written(&mut result, &fixed.written);
    }
    text.push_str(&wrap_prose(&result, width));
}

/// Documents, each with what it is.
pub(super) fn push_written(text: &mut String, all: &[Written]) {
    for written in all {
        let path = written.path.display().to_string();
        let what = shown(&written.what);
        let _ = writeln!(text, "    written: {}\n             {what}", shown(&path));
    }
}

/// Additions in the order of the report, those of one policy together.
fn by_target(fixes: &[Fix]) -> Vec<(&FixTarget, Vec<&Fix>)> {
    let mut groups: Vec<(&FixTarget, Vec<&Fix>)> = Vec::new();
    for fix in fixes {
        match groups.iter_mut().find(|(target, _)| *target == &fix.target) {
            Some((_, group)) => group.push(fix),
            None => groups.push((&fix.target, vec![fix])),
        }
    }
    groups
}

fn serves<'f>(fixes: &[&'f Fix]) -> Vec<&'f str> {
    let mut ids: Vec<&str> = Vec::new();
    for id in fixes.iter().flat_map(|fix| &fix.serves) {
        if !ids.contains(&id.as_str()) {
            ids.push(id);
        }
    }
    ids.sort_by_key(|id| natural(id));
    ids
}

/// Ids in the order of their numbers: `T-X-2` before `T-X-10`.
fn natural(id: &str) -> (&str, u64, &str) {
    let start = id.rfind('-').map_or(0, |at| at + 1);
    let (name, rest) = id.split_at(start);
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (number, rest) = rest.split_at(end);
    (name, number.parse().unwrap_or_default(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_in_the_order_of_their_numbers() {
        let mut ids = ["T-S3-10", "T-S3-2b", "T-S3-2", "GT-03"];
        ids.sort_by_key(|id| natural(id));
        assert_eq!(ids, ["GT-03", "T-S3-2", "T-S3-2b", "T-S3-10"]);
    }
}
