//! The smallest additions that mend denied requirements. Rule: JOB-4, UI-13.
//!
//! An addition names the concrete principal, actions and resource, and the conditions that a rule gives. It never
//! widens what is there, and nothing is proposed against a deny or a limit: those are obstacles, which somebody must
//! decide to move. Nor is anything proposed for what nobody knows, or where no policy could say it.

use std::collections::BTreeMap;

use crate::engine::Engine;
use crate::job::remedy::Case;
use crate::job::report::{Basis, Fix, Requirement, RequirementPart};
use crate::job::statement::{Addition, Slot, fix, join_resources, push_new, without_covered};
use crate::job::who::Who;

/// Where the resources of requirements come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A template, which says `*` only where the documentation has nothing narrower.
    Template,
    /// A request, where `*` stands for whatever is meant.
    Request,
    /// A request for an operation that names no `*` itself: what has one is what the operation is decided on.
    Operation,
}

impl Origin {
    /// True for a request of either kind.
    pub(crate) fn is_request(self) -> bool {
        self != Self::Template
    }
}

/// What is proposed for a report.
#[derive(Debug, Default)]
pub(crate) struct Proposal {
    pub(crate) fixes: Vec<Fix>,
    pub(crate) obstacles: Vec<Obstacle>,
}

/// Something that no addition can help against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obstacle {
    pub(crate) text: String,
    /// Ids of the requirements that it stands in the way of.
    pub(crate) blocks: Vec<String>,
}

impl Proposal {
    /// Obstacles as lines: `GT-10, GT-11: …`.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.obstacles
            .iter()
            .map(|obstacle| format!("{}: {}", obstacle.blocks.join(", "), obstacle.text))
            .collect()
    }

    /// Takes an obstacle in; one that is there already blocks more.
    pub(crate) fn push_obstacle(&mut self, text: &str, id: &str) {
        match self.obstacles.iter_mut().find(|own| own.text == text) {
            Some(own) => push_new(&mut own.blocks, id),
            None => self.obstacles.push(Obstacle {
                text: text.to_owned(),
                blocks: vec![id.to_owned()],
            }),
        }
    }
}

/// What additions are looked for in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) engine: &'a Engine,
    /// Additions that are in place already.
    pub(crate) given: &'a [Fix],
    pub(crate) origin: Origin,
    /// The requirements before any addition.
    pub(crate) start: &'a [Requirement],
}

impl<'a> Search<'a> {
    /// The case of one permission.
    fn case(self, requirement: &Requirement, part: &'a RequirementPart) -> Case<'a> {
        Case {
            engine: self.engine,
            part,
            who: Who::of(part),
            given: self.given,
            origin: self.origin,
            was_denied: self.was_denied(requirement, part),
        }
    }

    fn was_denied(&self, requirement: &Requirement, part: &RequirementPart) -> bool {
        let mut rows = self.start.iter();
        let row = rows.find(|row| row.id == requirement.id);
        let is_same = |own: &RequirementPart| {
            own.principal == part.principal
                && own.action == part.action
                && own.resource == part.resource
        };
        let mut parts = row.into_iter().flat_map(|row| &row.parts);
        parts.any(|own| is_same(own) && own.result.verdict.is_deny())
    }
}

/// Parts for which something may be proposed.
fn of_note(requirement: &Requirement) -> impl Iterator<Item = &RequirementPart> {
    let parts = requirement.parts.iter();
    parts.filter(|part| part.basis != Basis::Advisory)
}

/// Proposes additions for every denied part of the requirements.
pub(crate) fn propose(search: Search<'_>, requirements: &[Requirement]) -> Proposal {
    let mut additions: BTreeMap<Slot, Addition> = BTreeMap::new();
    let mut proposal = Proposal::default();
    for requirement in requirements {
        for part in of_note(requirement) {
            let case = search.case(requirement, part);
            match case.remedy() {
                Ok(None) => {}
                Ok(Some(slot)) => {
                    let notes = case.notes(&slot);
                    let addition = additions.entry(slot).or_default();
                    push_new(&mut addition.actions, &part.action);
                    push_new(&mut addition.serves, &requirement.id);
                    notes
                        .iter()
                        .for_each(|note| push_new(&mut addition.notes, note));
                }
                Err(obstacles) => {
                    for obstacle in obstacles {
                        proposal.push_obstacle(&obstacle, &requirement.id);
                    }
                }
            }
        }
    }
    let fixes = without_covered(additions)
        .into_iter()
        .map(|(slot, addition)| fix(slot, addition))
        .collect();
    proposal.fixes = join_resources(fixes);
    proposal
}

/// Adds to each addition the rows that lacked it from the start: one that another row asked for may be all that a row needs, too.
pub(crate) fn attribute(search: Search<'_>, fixes: &mut [Fix]) {
    for requirement in search.start {
        for part in of_note(requirement) {
            let case = search.case(requirement, part);
            for slot in case.lacking() {
                for fix in fixes.iter_mut() {
                    if slot.is_among(std::slice::from_ref(fix), &part.action) {
                        push_new(&mut fix.serves, &requirement.id);
                    }
                }
            }
        }
    }
}
