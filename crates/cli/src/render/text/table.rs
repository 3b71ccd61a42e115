//! The table of a job's requirements. Rule: UI-13.

use preclear_model::Arn;
use preclear_simulator::job::{Basis, JobReport, Phase, Requirement, RequirementPart};
use preclear_simulator::{Operability, Verdict};

use super::arn::Shortener;
use super::columns;
use super::wrap::{divide, wrap, wrap_words};
use crate::render::style::{Tone, shown};

const PHASES: [Phase; 4] = [Phase::Submit, Phase::Run, Phase::Output, Phase::Human];

/// Requirements by phase, and below it those that the job does not have.
pub(super) fn requirements(report: &JobReport, width: u16) -> String {
    let parts = || {
        report
            .requirements
            .iter()
            .flat_map(|requirement| &requirement.parts)
    };
    let texts = || parts().flat_map(|part| [part.principal.as_str(), part.resource.as_str()]);
    // Without a caller the first of those that name an account.
    let account = |text: &str| {
        let arn = Arn::parse(text)?;
        Some(arn.account().to_owned()).filter(|account| !account.is_empty())
    };
    let mut named = report.caller.as_deref().into_iter().chain(texts());
    let account = named.find_map(account);
    let texts = texts();
    let shortener = Shortener::new(account.as_deref(), texts);

    let rows: Vec<Row> = PHASES
        .iter()
        .flat_map(|phase| rows_of(*phase, report, &shortener))
        .collect();
    let mut text = match rows.is_empty() {
        true => String::new(),
        false => layout(&rows, width),
    };
    text.push_str(&legend(report));
    text.push_str(&listed(
        report,
        "without parts",
        |one| one.parts.is_empty() && one.missing.is_some(),
        width,
    ));
    let is_idle = |one: &Requirement| one.parts.is_empty() && one.missing.is_none();
    text.push_str(&listed(report, "not_applicable", is_idle, width));
    text
}

/// What stands in the columns.
enum Row {
    Phase(Phase),
    Decision {
        id: String,
        principal: String,
        action: String,
        resource: String,
        verdict: String,
        tone: Tone,
    },
}

const HEADER: [&str; 5] = ["id", "principal", "action", "resource", "verdict"];

/// Columns between columns.
const GAPS: usize = 1 + 1 + 1 + 1;

fn rows_of(phase: Phase, report: &JobReport, shortener: &Shortener) -> Vec<Row> {
    let of_phase = report.requirements.iter().filter(|one| one.phase == phase);
    let mut rows: Vec<Row> = of_phase
        .flat_map(|requirement| decisions(requirement, shortener))
        .collect();
    if !rows.is_empty() {
        rows.insert(0, Row::Phase(phase));
    }
    rows
}

fn decisions(requirement: &Requirement, shortener: &Shortener) -> Vec<Row> {
    let groups = Group::all(&requirement.parts).into_iter().enumerate();
    groups
        .map(|(index, group)| {
            let resources: Vec<String> = group
                .resources
                .iter()
                .map(|one| shortener.short(one))
                .collect();
            Row::Decision {
                id: if index == 0 {
                    shown(&requirement.id).into_owned()
                } else {
                    String::new()
                },
                principal: shown(&shortener.short(group.principal)).into_owned(),
                action: shown(&group.actions.join(", ")).into_owned(),
                resource: shown(&resources.join(", ")).into_owned(),
                verdict: verdict(&group),
                tone: tone(&group),
            }
        })
        .collect()
}

/// The rows in columns that fit the width.
fn layout(rows: &[Row], width: u16) -> String {
    let mut natural = HEADER.map(str::len);
    for row in rows {
        let cells = match row {
            Row::Phase(phase) => [phase.name(), "", "", "", ""],
            Row::Decision {
                id,
                principal,
                action,
                resource,
                verdict,
                ..
            } => [id, principal, action, resource, verdict].map(String::as_str),
        };
        for (slot, cell) in natural.iter_mut().zip(cells) {
            let longest = cell
                .lines()
                .map(|line| line.chars().count())
                .max()
                .unwrap_or_default();
            *slot = (*slot).max(longest);
        }
    }
    let [id, principal, action, resource, verdict] = natural;
    let left = usize::from(width).saturating_sub(id + verdict + GAPS);
    let [principal_width, action_width, resource_width] =
        shares(left, [principal, action, resource], rows);

    let widths = [id, principal_width, action_width, resource_width, verdict];
    let heading = HEADER.map(|name| vec![Tone::Quiet.paint(name)]);
    let mut lines = vec![columns::Row {
        cells: heading,
        tone: None,
    }];
    lines.extend(rows.iter().map(|row| match row {
        Row::Phase(phase) => columns::Row {
            cells: [
                vec![Tone::Title.paint(phase.name())],
                vec![],
                vec![],
                vec![],
                vec![],
            ],
            tone: None,
        },
        Row::Decision {
            id,
            principal,
            action,
            resource,
            verdict,
            tone,
        } => columns::Row {
            cells: [
                vec![id.clone()],
                in_lines(&wrap(principal, principal_width)),
                in_lines(&wrap_words(action, action_width)),
                in_lines(&wrap(resource, resource_width)),
                in_lines(verdict),
            ],
            tone: Some(*tone),
        },
    }));
    columns::layout(&lines, widths, [1, 1, 1, 1, 0])
}

/// Columns that an action has at least; longer ones run on.
const ACTION_MIN: usize = 20;

/// Principals and resources stay whole if the actions can make room for them.
fn shares(left: usize, natural: [usize; 3], rows: &[Row]) -> [usize; 3] {
    let [principal, action, resource] = natural;
    let (mut of_principal, mut of_resource) = (HEADER[1].len(), HEADER[3].len());
    for row in rows {
        if let Row::Decision {
            principal,
            resource,
            ..
        } = row
        {
            of_principal = of_principal.max(longest_word(principal));
            of_resource = of_resource.max(longest_word(resource));
        }
    }
    let Some(of_action) = left
        .checked_sub(of_principal + of_resource)
        .filter(|rest| *rest >= ACTION_MIN)
    else {
        return divide(left, natural);
    };
    let of_action = of_action.min(action);
    let rest = left - of_principal - of_resource - of_action;
    let more_resource = rest.min(resource - of_resource);
    let more_principal = (rest - more_resource).min(principal - of_principal);
    [
        of_principal + more_principal,
        of_action,
        of_resource + more_resource,
    ]
}

fn longest_word(text: &str) -> usize {
    let words = text.split(' ').map(|word| word.chars().count());
    words.max().unwrap_or_default()
}

fn in_lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn verdict(group: &Group<'_>) -> String {
    let mut text = group.verdict.name().to_owned();
    if group.basis != Basis::Mandatory {
        text.push(' ');
        text.push_str(group.basis.letter());
    }
    if let Some(answer) = group.operability.answer() {
        text.push_str(", but\n");
        text.push_str(answer.exception.name());
    }
    text
}

fn tone(group: &Group<'_>) -> Tone {
    match (group.verdict, group.operability) {
        (Verdict::Allow, Operability::Exception(_)) => Tone::Bad,
        (verdict, _) => verdict.into(),
    }
}

/// Parts of one requirement that agree: every one of the actions on every one of the resources.
#[derive(Debug, PartialEq, Eq)]
struct Group<'r> {
    principal: &'r str,
    actions: Vec<&'r str>,
    resources: Vec<&'r str>,
    basis: Basis,
    verdict: Verdict,
    operability: &'r Operability,
}

impl<'r> Group<'r> {
    /// Joins the actions on one resource first, then the resources of the same actions.
    fn all(parts: &'r [RequirementPart]) -> Vec<Self> {
        let mut by_resource: Vec<Self> = Vec::new();
        for part in parts {
            let new = Self {
                principal: &part.principal,
                actions: vec![&part.action],
                resources: vec![&part.resource],
                basis: part.basis,
                verdict: part.result.verdict,
                operability: &part.result.operability,
            };
            match by_resource
                .iter_mut()
                .find(|own| own.agrees(&new) && own.resources == new.resources)
            {
                Some(own) if own.actions.contains(&part.action.as_str()) => {}
                Some(own) => own.actions.push(&part.action),
                None => by_resource.push(new),
            }
        }
        let mut groups: Vec<Self> = Vec::new();
        for group in by_resource {
            match groups
                .iter_mut()
                .find(|own| own.agrees(&group) && own.actions == group.actions)
            {
                Some(own) => own.resources.extend(group.resources),
                None => groups.push(group),
            }
        }
        groups
    }

    fn agrees(&self, other: &Self) -> bool {
        self.principal == other.principal
            && self.basis == other.basis
            && self.verdict == other.verdict
            && self.operability == other.operability
    }
}

/// What the letters behind verdicts mean, where there are any.
fn legend(report: &JobReport) -> String {
    let has = |basis| {
        report
            .requirements
            .iter()
            .flat_map(|one| &one.parts)
            .any(|part| part.basis == basis)
    };
    let mut text = String::new();
    if has(Basis::Listed) {
        text.push_str(
            "L: the documentation lists it; whether the service needs it is not established\n",
        );
    }
    if has(Basis::Advisory) {
        text.push_str("A: advice, no condition for the job\n");
    }
    text
}

/// Requirements that have no line in the table, behind a word for why, in lines that fit.
fn listed(
    report: &JobReport,
    why: &str,
    is_meant: impl Fn(&Requirement) -> bool,
    width: u16,
) -> String {
    let requirements = report.requirements.iter().filter(|one| is_meant(one));
    let ids: Vec<&str> = requirements.map(|one| one.id.as_str()).collect();
    if ids.is_empty() {
        return String::new();
    }
    let label = format!("{why}: ");
    let lines = wrap(
        &shown(&ids.join(", ")),
        usize::from(width).saturating_sub(label.len()),
    );
    format!(
        "{label}{}\n",
        lines.replace('\n', &format!("\n{:1$}", "", label.len()))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use preclear_simulator::Code;
    use preclear_simulator::job::JobVerdict;
    use std::collections::BTreeMap;

    fn part(action: &str, resource: &str, verdict: Verdict) -> RequirementPart {
        let mut result = sample::denied(Code::NoIdentityAllow);
        result.verdict = verdict;
        RequirementPart {
            principal: "p".to_owned(),
            is_account: false,
            action: action.to_owned(),
            resource: resource.to_owned(),
            basis: Basis::Mandatory,
            context: BTreeMap::new(),
            result,
        }
    }

    fn requirement(id: &str, missing: Option<&str>) -> Requirement {
        Requirement {
            id: id.to_owned(),
            phase: Phase::Run,
            basis: Basis::Mandatory,
            why: String::new(),
            result: missing.map_or(Verdict::NotApplicable, |_| Verdict::Depends),
            parts: Vec::new(),
            missing: missing.map(str::to_owned),
            if_missing: None,
            hints: Vec::new(),
        }
    }

    #[test]
    fn requirements_without_parts_stand_below_the_table() {
        let report = JobReport {
            name: "j".to_owned(),
            operation: "o".to_owned(),
            caller: Some("c".to_owned()),
            verdict: JobVerdict::Undecided,
            errors: Vec::new(),
            warnings: Vec::new(),
            requirements: vec![
                requirement("R-1", None),
                requirement("R-2", Some("no queue")),
                requirement("R-3", None),
            ],
            fixes: Vec::new(),
            obstacles: Vec::new(),
            is_complete: false,
        };
        let text = requirements(&report, 80);
        // A header alone would say nothing.
        assert_eq!(text, "without parts: R-2\nnot_applicable: R-1, R-3\n");
    }

    #[test]
    fn parts_are_joined_only_where_all_combinations_agree() {
        use Verdict::{Allow, ImplicitDeny};
        let square = [
            part("a", "x", Allow),
            part("b", "x", Allow),
            part("a", "y", Allow),
            part("b", "y", Allow),
        ];
        let groups = Group::all(&square);
        assert_eq!(groups.len(), 1);
        assert_eq!(
            (groups[0].actions.as_slice(), groups[0].resources.as_slice()),
            (&["a", "b"][..], &["x", "y"][..])
        );

        let corner = [
            part("a", "x", Allow),
            part("b", "x", Allow),
            part("a", "y", Allow),
            part("b", "y", ImplicitDeny),
        ];
        let said: Vec<(String, String, Verdict)> = Group::all(&corner)
            .iter()
            .map(|group| {
                (
                    group.actions.join(" "),
                    group.resources.join(" "),
                    group.verdict,
                )
            })
            .collect();
        let text = |text: &str| text.to_owned();
        assert_eq!(
            said,
            [
                (text("a b"), text("x"), Allow),
                (text("a"), text("y"), Allow),
                (text("b"), text("y"), ImplicitDeny)
            ]
        );
    }
}
