//! What keeps a job from running: decisions that fail alike are told once.

use std::fmt::Write as _;

use preclear_simulator::job::{JobReport, Requirement, RequirementPart};
use preclear_simulator::{Explanation, NearMiss, Operability, Verdict};

use super::message::{Situation, push_aws_message};
use super::reason::{entry, push_why};
use super::settle::{push_dependencies, push_settling_of_job};
use crate::render::style::{Tone, shown};

/// Failing parts of one principal on one resource, for one reason.
#[derive(Debug)]
struct Block<'r> {
    /// The requirements that they belong to.
    requirements: Vec<&'r Requirement>,
    parts: Vec<&'r RequirementPart>,
}

/// Appends a block for all parts that fail alike, in the order of the requirements, and what settles the open ones.
pub(super) fn push_failing(text: &mut String, report: &JobReport) {
    for block in blocks(report) {
        block.push(text);
    }
    let parts = report.requirements.iter().flat_map(|one| &one.parts);
    let open = parts.filter(|part| fails(part));
    push_settling_of_job(text, report.caller.as_deref(), report.is_complete, open);
}

fn blocks(report: &JobReport) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for requirement in &report.requirements {
        for part in requirement.parts.iter().filter(|part| fails(part)) {
            match blocks.iter_mut().find(|block| block.takes(part)) {
                Some(block) => block.add(requirement, part),
                None => blocks.push(Block {
                    requirements: vec![requirement],
                    parts: vec![part],
                }),
            }
        }
    }
    blocks
}

/// True for a part that keeps the job from running.
pub(super) fn fails(part: &RequirementPart) -> bool {
    match part.result.verdict {
        Verdict::Allow => matches!(part.result.operability, Operability::Exception(_)),
        Verdict::NotApplicable => false,
        Verdict::ExplicitDeny | Verdict::ImplicitDeny | Verdict::Depends | Verdict::Invalid => true,
    }
}

impl<'r> Block<'r> {
    fn takes(&self, part: &RequirementPart) -> bool {
        self.parts.first().is_some_and(|first| {
            let (own, other) = (&first.result, &part.result);
            first.principal == part.principal
                && first.is_account == part.is_account
                && first.resource == part.resource
                && situation(first) == situation(part)
                && own.verdict == other.verdict
                && own.operability == other.operability
                && own.primary == other.primary
                && own.reasons == other.reasons
                && own.depends_on == other.depends_on
                && own.refined == other.refined
                && own.ambiguities == other.ambiguities
                && own.assumptions == other.assumptions
                && own.errors == other.errors
        })
    }

    fn add(&mut self, requirement: &'r Requirement, part: &'r RequirementPart) {
        if self.requirements.iter().all(|one| one.id != requirement.id) {
            self.requirements.push(requirement);
        }
        if self.parts.iter().all(|one| one.action != part.action) {
            self.parts.push(part);
        }
    }

    fn push(&self, text: &mut String) {
        let Some(first) = self.parts.first() else {
            return;
        };
        text.push('\n');
        for requirement in &self.requirements {
            let id = Tone::Title.paint(shown(&requirement.id));
            let _ = writeln!(text, "{id}  {}", shown(&requirement.why));
        }
        let actions: Vec<&str> = self.parts.iter().map(|part| part.action.as_str()).collect();
        let verdict = first.result.verdict;
        let _ = writeln!(
            text,
            "  {}  {} on {} by {}",
            Tone::from(verdict).paint(verdict),
            shown(&actions.join(", ")),
            shown(&first.resource),
            shown(&first.principal)
        );
        // An account makes no calls: somebody of it does.
        if !first.is_account {
            push_aws_message(text, &first.result, &situation(first), "    ");
        }
        push_why(text, &self.together(&first.result), "    ");
        push_dependencies(text, &first.result, "    ");
        if verdict.is_deny() {
            let rows = self.requirements.iter();
            let missing = rows.filter_map(|one| one.if_missing.as_deref());
            push_once(text, "without it", missing);
        }
        let hints = self.requirements.iter().flat_map(|one| &one.hints);
        push_once(text, "hint", hints.map(String::as_str));
    }

    /// The first part's answer with the near misses of all parts; one statement misses several actions once.
    fn together(&self, first: &Explanation) -> Explanation {
        let mut together = first.clone();
        let parts = self.parts.iter();
        let misses = parts.flat_map(|part| part.result.useful_near_misses());
        for miss in misses {
            let mut known = together.near_misses.iter_mut();
            match known.find(|one| is_alike(one, miss)) {
                Some(own) => own.is_hinted |= miss.is_hinted,
                None => together.near_misses.push(miss.clone()),
            }
        }
        together
    }
}

/// Appends what the requirements say, each text once.
fn push_once<'t>(text: &mut String, label: &str, said: impl Iterator<Item = &'t str>) {
    let mut told: Vec<&str> = Vec::new();
    for one in said {
        if !told.contains(&one) {
            told.push(one);
            entry(text, "    ", label, &shown(one));
        }
    }
}

fn is_alike(one: &NearMiss, other: &NearMiss) -> bool {
    one.statement == other.statement
        && one.grant == other.grant
        && one.element == other.element
        && one.key == other.key
        && one.operator == other.operator
        && one.expected == other.expected
}

/// How the service would word it: most calls of jobs are made through another service.
fn situation(part: &RequirementPart) -> Situation {
    Situation {
        via: part.context.get("kms:ViaService").cloned(),
        ..Situation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use preclear_simulator::Code;
    use preclear_simulator::job::{Basis, JobVerdict, Phase};
    use std::collections::BTreeMap;

    fn requirement(id: &str, principal: &str, actions: &[&str], code: Code) -> Requirement {
        let parts = actions.iter().map(|action| RequirementPart {
            principal: principal.to_owned(),
            is_account: false,
            action: (*action).to_owned(),
            resource: "key".to_owned(),
            basis: Basis::Mandatory,
            context: BTreeMap::new(),
            result: sample::denied(code),
        });
        Requirement {
            id: id.to_owned(),
            basis: Basis::Mandatory,
            phase: Phase::Run,
            why: format!("why {id}"),
            parts: parts.collect(),
            result: Verdict::ImplicitDeny,
            missing: None,
            if_missing: Some("it stops".to_owned()),
            hints: vec!["look".to_owned(), "again".to_owned()],
        }
    }

    #[test]
    fn what_fails_alike_is_told_once() {
        let report = JobReport {
            name: "j".to_owned(),
            operation: "o".to_owned(),
            caller: Some("c".to_owned()),
            verdict: JobVerdict::Denied,
            errors: Vec::new(),
            warnings: Vec::new(),
            requirements: vec![
                requirement(
                    "R-1",
                    "p",
                    &["kms:Decrypt", "kms:Encrypt"],
                    Code::NoResourceAllow,
                ),
                requirement("R-2", "p", &["kms:Decrypt"], Code::NoResourceAllow),
                requirement("R-3", "q", &["kms:Decrypt"], Code::NoResourceAllow),
                requirement("R-4", "p", &["kms:Decrypt"], Code::NoIdentityAllow),
            ],
            fixes: Vec::new(),
            obstacles: Vec::new(),
            is_complete: false,
        };
        let mut text = String::new();
        push_failing(&mut text, &report);
        let text = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(
            text.matches("  reason").count() + text.matches("    reason").count(),
            6
        );
        assert!(
            text.contains("R-1  why R-1\nR-2  why R-2\n  implicit_deny  kms:Decrypt, kms:Encrypt on key by p\n"),
            "{text}"
        );
        assert!(text.contains("\n\nR-3  why R-3\n") && text.contains("\n\nR-4  why R-4\n"));
        assert_eq!(text.matches("hint        look\n").count(), 3);
        assert_eq!(text.matches("hint        again\n").count(), 3);
        assert_eq!(text.matches("without it  it stops").count(), 3);
    }
}
