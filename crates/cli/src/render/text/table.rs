//! The table of a job's requirements. Rule: UI-13.

use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, presets};
use preclear_model::Arn;
use preclear_simulator::job::{Basis, JobReport, Phase, Requirement, RequirementPart};
use preclear_simulator::{Operability, Verdict};

use super::arn::Shortener;
use crate::render::style::shown;

const PHASES: [Phase; 4] = [Phase::Submit, Phase::Run, Phase::Output, Phase::Human];

/// Requirements by phase, and below it those that the job does not have.
pub(super) fn requirements(report: &JobReport, width: u16) -> String {
    let parts = || report.requirements.iter().flat_map(|requirement| &requirement.parts);
    let account = Arn::parse(&report.caller).map(|arn| arn.account().to_owned());
    let texts = parts().flat_map(|part| [part.principal.as_str(), part.resource.as_str()]);
    let shortener = Shortener::new(account.as_deref(), texts);

    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .enforce_styling()
        .style_text_only();
    table.set_header(["id", "principal", "action", "resource", "verdict"].map(|name| Cell::new(name).add_attribute(Attribute::Dim)));
    for phase in PHASES {
        let of_phase = || report.requirements.iter().filter(|one| one.phase == phase && !one.parts.is_empty());
        if of_phase().next().is_some() {
            table.add_row([Cell::new(phase.name()).add_attribute(Attribute::Bold)]);
        }
        for requirement in of_phase() {
            add_requirement(&mut table, requirement, &shortener);
        }
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        let padding = if index == 0 { (0, 2) } else { (0, 1) };
        column.set_padding(padding);
        if index == 0 || index == 4 {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text.push_str(&legend(report));
    text.push_str(&not_applicable(report));
    text
}

fn add_requirement(table: &mut Table, requirement: &Requirement, shortener: &Shortener) {
    for (index, group) in Group::all(&requirement.parts).into_iter().enumerate() {
        let id = if index == 0 { requirement.id.as_str() } else { "" };
        let resources: Vec<String> = group.resources.iter().map(|one| shortener.short(one)).collect();
        table.add_row([
            Cell::new(shown(id)),
            Cell::new(shown(&shortener.short(group.principal))),
            Cell::new(shown(&group.actions.join(", "))),
            Cell::new(shown(&resources.join(", "))),
            verdict_cell(&group),
        ]);
    }
}

fn verdict_cell(group: &Group<'_>) -> Cell {
    let mut text = group.verdict.name().to_owned();
    if group.basis != Basis::Mandatory {
        text.push(' ');
        text.push_str(group.basis.letter());
    }
    if let Operability::Exception(name) = group.operability {
        text.push_str(", but ");
        text.push_str(name);
    }
    let color = match (group.verdict, group.operability) {
        (Verdict::Allow, Operability::Exception(_)) => Color::Red,
        (Verdict::Allow, _) => Color::Green,
        (Verdict::ExplicitDeny | Verdict::ImplicitDeny | Verdict::Invalid, _) => Color::Red,
        (Verdict::Depends, _) => Color::Yellow,
        (Verdict::NotApplicable, _) => Color::Reset,
    };
    Cell::new(text).fg(color)
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
            match by_resource.iter_mut().find(|own| own.agrees(&new) && own.resources == new.resources) {
                Some(own) if own.actions.contains(&part.action.as_str()) => {}
                Some(own) => own.actions.push(&part.action),
                None => by_resource.push(new),
            }
        }
        let mut groups: Vec<Self> = Vec::new();
        for group in by_resource {
            match groups.iter_mut().find(|own| own.agrees(&group) && own.actions == group.actions) {
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
    let has = |basis| report.requirements.iter().flat_map(|one| &one.parts).any(|part| part.basis == basis);
    let mut text = String::new();
    if has(Basis::Listed) {
        text.push_str("L: the documentation lists it; whether the service needs it is not established\n");
    }
    if has(Basis::Advisory) {
        text.push_str("A: advice, no condition for the job\n");
    }
    text
}

fn not_applicable(report: &JobReport) -> String {
    let ids: Vec<&str> =
        report.requirements.iter().filter(|one| one.parts.is_empty()).map(|one| one.id.as_str()).collect();
    if ids.is_empty() { String::new() } else { format!("not_applicable: {}\n", ids.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use preclear_simulator::Code;
    use std::collections::BTreeMap;

    fn part(action: &str, resource: &str, verdict: Verdict) -> RequirementPart {
        let mut result = sample::denied(Code::NoIdentityAllow);
        result.verdict = verdict;
        RequirementPart {
            principal: "p".to_owned(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            basis: Basis::Mandatory,
            context: BTreeMap::new(),
            result,
        }
    }

    #[test]
    fn parts_are_joined_only_where_all_combinations_agree() {
        use Verdict::{Allow, ImplicitDeny};
        let square = [part("a", "x", Allow), part("b", "x", Allow), part("a", "y", Allow), part("b", "y", Allow)];
        let groups = Group::all(&square);
        assert_eq!(groups.len(), 1);
        assert_eq!((groups[0].actions.as_slice(), groups[0].resources.as_slice()), (&["a", "b"][..], &["x", "y"][..]));

        let corner = [part("a", "x", Allow), part("b", "x", Allow), part("a", "y", Allow), part("b", "y", ImplicitDeny)];
        let said: Vec<(String, String, Verdict)> = Group::all(&corner)
            .iter()
            .map(|group| (group.actions.join(" "), group.resources.join(" "), group.verdict))
            .collect();
        let text = |text: &str| text.to_owned();
        assert_eq!(
            said,
            [(text("a b"), text("x"), Allow), (text("a"), text("y"), Allow), (text("b"), text("y"), ImplicitDeny)]
        );
    }
}
