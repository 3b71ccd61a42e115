//! Properties of single answers, tried on worlds and questions that somebody else made.
//!
//! Knows neither generators nor how many questions there are.

use preclear_simulator::{AmbiguityMode, ContextMode, Request, Verdict};
use serde_json::Value;

use super::{Counterexample, Failed, Property, Tally, World, agreement, reference};
use crate::choose::Exhaustive;
use crate::scenario::{Scenario, Violation};
use crate::world::{read, small};

/// A property of each answer by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfOneAnswer {
    Agreement,
    Reference,
}

impl OfOneAnswer {
    /// The verdict, and what is wrong with it.
    fn ask(self, world: &World, request: &Request) -> (Verdict, Option<Violation>) {
        let engine = &world.engine;
        match self {
            OfOneAnswer::Agreement => agreement::found(engine, request),
            OfOneAnswer::Reference => {
                let found = reference::answers(engine, request);
                let told = (!found.are_agreed()).then(|| reference::told(found));
                (found.engine, told)
            }
        }
    }

    /// Asks a question in its own mode.
    pub(super) fn hold(
        self,
        world: &World,
        document: &Value,
        request: &Request,
        tally: &mut Tally,
    ) -> Result<(), Box<Failed>> {
        tally.checks += 1;
        let (verdict, found) = self.ask(world, request);
        tally.count(request.mode, verdict);
        match found {
            None => Ok(()),
            Some(violation) => {
                let mut document = document.clone();
                document["mode"] = super::mode_name(request.mode).into();
                document["ambiguity"] = super::ambiguity_name(request.ambiguity).into();
                let scenario = Scenario {
                    snapshot: world.document.clone(),
                    request: document,
                    ..Scenario::default()
                };
                Err(Failed::of(scenario, violation))
            }
        }
    }

    /// Asks a question in some modes.
    pub(super) fn hold_in(
        self,
        world: &World,
        document: &Value,
        mut request: Request,
        modes: &[(ContextMode, AmbiguityMode)],
        tally: &mut Tally,
    ) -> Result<(), Box<Failed>> {
        for (mode, ambiguity) in modes {
            (request.mode, request.ambiguity) = (*mode, *ambiguity);
            self.hold(world, document, &request, tally)?;
        }
        Ok(())
    }

    /// Asks a small world everything.
    fn hold_small(self, small: &small::World, tally: &mut Tally) -> Result<(), Box<Failed>> {
        let world = World::of(small.snapshot.clone(), tally)?;
        let questions = Exhaustive::new().values(|choices| small.question(choices));
        for question in questions {
            let request = read::request(&question.request)
                .map_err(|errors| Violation::refused("request", &question.request, &errors))?;
            self.hold_in(&world, &question.request, request, question.modes, tally)?;
        }
        Ok(())
    }
}

impl Property {
    /// The property as one of each answer by itself; `None` if it is about several answers.
    fn of_one_answer(self) -> Option<OfOneAnswer> {
        match self {
            Property::Agreement => Some(OfOneAnswer::Agreement),
            Property::Reference => Some(OfOneAnswer::Reference),
            _ => None,
        }
    }

    /// True if the property can be tried on every world of the small family.
    #[must_use]
    pub fn is_of_one_answer(self) -> bool {
        self.of_one_answer().is_some()
    }

    /// Tries the property on everything that a world of the small family is asked. Holds of properties that are not
    /// [of one answer](Property::is_of_one_answer).
    ///
    /// # Errors
    ///
    /// How it fails, made small.
    pub fn check_small(
        self,
        world: &small::World,
        tally: &mut Tally,
    ) -> Result<(), Counterexample> {
        let Some(property) = self.of_one_answer() else {
            return Ok(());
        };
        property
            .hold_small(world, tally)
            .map_err(|failed| self.shown(*failed))
    }
}
