//! The smallest additions that mend denied requirements. Rule: JOB-4, UI-13.
//!
//! An addition names the concrete principal, actions and resource, and the conditions that a rule gives. It never
//! widens what is there, and nothing is proposed against a deny or a limit: those are obstacles, which somebody must
//! decide to move. Nor is anything proposed for what nobody knows, or where no policy could say it.

use std::collections::BTreeMap;

use crate::engine::Engine;
use crate::job::remedy::Case;
use crate::job::report::{Basis, Fix, Requirement};
use crate::job::statement::{Addition, Slot, fix, join_resources, push_new};
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

/// Proposes additions for every denied part of the requirements, where `given` are in place already.
pub(crate) fn propose(
    engine: &Engine,
    requirements: &[Requirement],
    given: &[Fix],
    origin: Origin,
) -> Proposal {
    let mut additions: BTreeMap<Slot, Addition> = BTreeMap::new();
    let mut proposal = Proposal::default();
    for requirement in requirements {
        for part in requirement
            .parts
            .iter()
            .filter(|part| part.basis != Basis::Advisory)
        {
            let case = Case {
                engine,
                part,
                who: Who::of(part),
                given,
                origin,
            };
            match case.remedy() {
                Ok(None) => {}
                Ok(Some(slot)) => {
                    let addition = additions.entry(slot).or_default();
                    push_new(&mut addition.actions, &part.action);
                    push_new(&mut addition.serves, &requirement.id);
                }
                Err(obstacles) => {
                    for obstacle in obstacles {
                        proposal.push_obstacle(&obstacle, &requirement.id);
                    }
                }
            }
        }
    }
    let fixes = additions
        .into_iter()
        .map(|(slot, addition)| fix(slot, addition))
        .collect();
    proposal.fixes = join_resources(fixes);
    proposal
}
