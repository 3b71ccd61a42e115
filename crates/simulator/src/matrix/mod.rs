//! Every caller, action and resource of three lists, decided by classes: what no decision can tell apart is decided once.
//!
//! Two things share a class only if nothing that a decision reads of them differs. That is a claim; the property `matrix` of the
//! harness compares cells with decisions, and the tests beside this module show that each part of the claim is needed. Whatever is
//! doubtful is a class of its own: that costs time, never an answer.
//!
//! # What a decision reads of a resource
//!
//! | it reads | so two resources of one class have |
//! |---|---|
//! | the text, matched against `Resource` and `NotResource` | the same outcome of every pattern of the snapshot and of the session policies, in every reading of ambiguities; one that a pattern with a variable may match, or that a pattern spells out, is alone |
//! | partition, service, Region, account | the same ones |
//! | how it was typed: key ARN, key id, alias, `*` | a key ARN, or another ARN with a plain name; anything else is alone, as are identities and roles |
//! | the key behind it: key policy, shared policy, spec, usage, origin, multi-Region properties, grants | the same contents, or no listed key at all; a key that AWS manages or owns is alone |
//! | tags, aliases and last use of the key | the same ones as far as a condition or variable speaks of them |
//! | a listed resource behind it: policy, owner, Region, tags, objects | the same bucket or function; a resource that is listed itself is alone, and so is an object if a condition speaks of its tags |
//! | whether it is declared to exist elsewhere | the same answer; alone where the bucket counts too |
//! | whether its policy was refused | none refused; else alone |
//! | ids and tokens of grants, the key that parameters name | parameters that name neither; else every resource is alone |
//!
//! Not read by a verdict: the state of a key and its custom key store (KMS-STATE-1), names of policies and grants.
//!
//! # What it reads of an action
//!
//! The same service; the same outcome of every `Action` and `NotAction`; the same of the condition keys that policies speak of; the
//! same row of KMS's table as far as it bears on decisions; the same grants that list it. Alone are actions of STS and IAM, those that
//! the catalogue does not know, those that KMS treats by name, and all of KMS where the call's parameters are given.
//!
//! # What it reads of a caller
//!
//! Users and sessions of roles share a class where policies, boundary and groups have the same contents, no `Principal` and no grant
//! names one of them, and no condition or variable speaks of who they are. Every other caller is alone.

mod actions;
mod callers;
mod content;
mod corpus;
pub(crate) mod decider;
pub(crate) mod memo;
mod numbers;
mod patterns;
mod resources;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use preclear_model::Policy;
use preclear_model::caller::Caller;
use rayon::prelude::*;

use crate::engine::Engine;
use crate::explanation::Verdict;
use crate::request::{Ask, Request};
use crate::snapshot::GrantRecord;
use actions::Apart;
use corpus::Corpus;
use memo::Room;
use numbers::Numbers;
use resources::{Heads, may_be_made, names_keys};

/// Resources whose classes one thread finds at least.
const SHARE_MIN: usize = 256;

/// What a matrix is about.
#[derive(Debug, Clone, Copy)]
pub struct Axes<'a> {
    /// Who asks.
    pub callers: &'a [Caller],
    /// What for: IAM actions such as `kms:Decrypt`.
    pub actions: &'a [String],
    /// On what, each as in [`Request::resource`].
    pub resources: &'a [String],
    /// Everything else that each request says: context, mode, session policies, parameters. Its caller, question and resource do
    /// not count.
    pub base: &'a Request,
}

impl Axes<'_> {
    /// The request of one cell; `None` outside the axes.
    #[must_use]
    pub fn request(&self, caller: usize, action: usize, resource: usize) -> Option<Request> {
        Some(Request {
            caller: self.callers.get(caller)?.clone(),
            ask: Ask::Action(self.actions.get(action)?.clone()),
            resource: Some(self.resources.get(resource)?.clone()),
            ..self.base.clone()
        })
    }
}

/// What is asked of callers, actions and resources to find their classes.
#[derive(Debug)]
struct Classes {
    callers: callers::Questions,
    actions: actions::Questions,
    resources: resources::Questions,
}

impl Classes {
    /// Of requests in which these session policies and further grants count.
    fn of(engine: &Engine, session: &[Arc<Policy>], assumed: &[GrantRecord]) -> Self {
        let corpus = Corpus::of(engine.snapshot(), session);
        Self {
            callers: callers::Questions::of(engine, &corpus, assumed),
            actions: actions::Questions::of(engine, &corpus, assumed),
            resources: resources::Questions::of(engine, &corpus),
        }
    }

    fn axes(&self, engine: &Engine, axes: &Axes<'_>) -> [Axis; 3] {
        let has_templates =
            self.resources.has_templates || axes.resources.iter().any(|text| may_be_made(text));
        let apart = Apart::of(axes.base, has_templates);
        let numbers = Numbers::endless();
        let callers = axes.callers.iter().map(|caller| {
            let class = self.callers.class(engine, caller, has_templates);
            numbers.callers.number(class).ok()
        });
        let callers = Axis::of(callers);
        let actions = axes.actions.iter().map(|text| {
            let class = self.actions.class(text, apart);
            numbers.actions.number(class).ok()
        });
        let actions = Axis::of(actions);
        let all_differ = names_keys(axes.base);
        let resources = axes.resources.par_iter().with_min_len(SHARE_MIN);
        let resources = resources.map_init(Heads::default, |heads, text| {
            let class = if all_differ {
                resources::Class::Own(text.as_str().into())
            } else {
                heads.make_room(Room::FULL.heads);
                let class = self.resources.class(engine, text, heads, &numbers);
                class.ok()?
            };
            numbers.resources.number(class).ok()
        });
        let resources: Vec<Option<u32>> = resources.collect();
        [callers, actions, Axis::of(resources.into_iter())]
    }
}

/// One axis: the class of each of its places, and a place for each class.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Axis {
    class_of: Vec<u32>,
    /// First place of each class, and how many there are.
    classes: Vec<(usize, u64)>,
}

impl Axis {
    /// Numbers classes anew, in the order in which they first come. What has no class is one of its own.
    fn of(classes: impl Iterator<Item = Option<u32>>) -> Self {
        let mut axis = Self {
            class_of: Vec::new(),
            classes: Vec::new(),
        };
        let mut numbers: Vec<u32> = Vec::new();
        for (place, class) in classes.enumerate() {
            let next = u32::try_from(axis.classes.len()).unwrap_or(u32::MAX);
            let number = match class {
                Some(class) => {
                    let class = class as usize;
                    if numbers.len() <= class {
                        numbers.resize(class + 1, u32::MAX);
                    }
                    let number = numbers.get(class).copied();
                    let number = number.filter(|number| *number != u32::MAX);
                    number.unwrap_or_else(|| {
                        numbers.splice(class..=class, [next]);
                        next
                    })
                }
                None => next,
            };
            match axis.classes.get_mut(number as usize) {
                Some((_, count)) => *count += 1,
                None => axis.classes.push((place, 1)),
            }
            axis.class_of.push(number);
        }
        axis
    }

    fn class(&self, place: usize) -> Option<usize> {
        self.class_of.get(place).map(|class| *class as usize)
    }

    fn len(&self) -> usize {
        self.class_of.len()
    }
}

/// The verdicts of all cells, kept by classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    callers: Axis,
    actions: Axis,
    resources: Axis,
    /// By class of caller, then of action, then of resource.
    verdicts: Vec<Verdict>,
}

impl Engine {
    /// Decides every caller, action and resource of the axes.
    ///
    /// Each cell is what [`Engine::decide`] says to [`Axes::request`]. Decisions are taken once for each combination of classes, on all
    /// threads of the rayon pool in which it is called; the number of threads shows in nothing but the time.
    ///
    /// ```
    /// use preclear_model::caller::Caller;
    /// use preclear_simulator::{Ask, Axes, Engine, Request, Snapshot, Verdict};
    ///
    /// let engine = Engine::compile(Snapshot { complete: true, ..Snapshot::default() });
    /// let callers = [Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap()];
    /// let actions = ["s3:GetObject", "sts:GetCallerIdentity"].map(str::to_owned);
    /// let resources: Vec<String> = (0..1000).map(|n| format!("arn:aws:s3:::data/part-{n}")).collect();
    /// let base = Request::new(callers[0].clone(), Ask::Action(String::new()));
    ///
    /// let matrix = engine.matrix(&Axes { callers: &callers, actions: &actions, resources: &resources, base: &base });
    /// assert_eq!(matrix.verdict(0, 0, 999), Some(Verdict::ImplicitDeny));
    /// assert_eq!(matrix.count(Verdict::Allow), 1000);
    /// assert_eq!(matrix.classes(), [1, 2, 1]);
    /// assert!(matrix.allowed().all(|(_, action, _)| action == 1));
    /// ```
    #[must_use]
    pub fn matrix(&self, axes: &Axes<'_>) -> Matrix {
        let (base, own) = (axes.base, |session| {
            Classes::of(self, session, &axes.base.assumed_grants)
        });
        let of_session = base.session_policies.as_deref().unwrap_or_default();
        let [callers, actions, resources] =
            if of_session.is_empty() && base.assumed_grants.is_empty() {
                self.memo().classes.axes(self, axes)
            } else {
                own(of_session).axes(self, axes)
            };
        let rows: Vec<(usize, usize)> = callers
            .classes
            .iter()
            .flat_map(|(caller, _)| actions.classes.iter().map(|(action, _)| (*caller, *action)))
            .collect();
        let verdicts = rows
            .par_iter()
            .flat_map_iter(|(caller, action)| self.row(axes, (*caller, *action), &resources))
            .collect();
        Matrix {
            callers,
            actions,
            resources,
            verdicts,
        }
    }

    /// Decides one caller and action on one resource of each class.
    fn row(
        &self,
        axes: &Axes<'_>,
        (caller, action): (usize, usize),
        resources: &Axis,
    ) -> Vec<Verdict> {
        let mut request = resources
            .classes
            .first()
            .and_then(|(resource, _)| axes.request(caller, action, *resource));
        let verdicts = resources.classes.iter().map(|(resource, _)| {
            match (&mut request, axes.resources.get(*resource)) {
                (Some(request), Some(resource)) => {
                    let text = request.resource.get_or_insert_default();
                    text.clone_from(resource);
                    self.decide(request)
                }
                // Classes have places of the axes.
                _ => Verdict::Invalid,
            }
        });
        verdicts.collect()
    }
}

impl Matrix {
    /// The verdict of a cell, by places on the axes; `None` outside.
    #[must_use]
    pub fn verdict(&self, caller: usize, action: usize, resource: usize) -> Option<Verdict> {
        let row = self.row_of_classes(self.callers.class(caller)?, self.actions.class(action)?)?;
        row.get(self.resources.class(resource)?).copied()
    }

    /// The verdicts of one caller and action, by resource; none outside the axes.
    pub fn row(&self, caller: usize, action: usize) -> impl ExactSizeIterator<Item = Verdict> {
        let classes = self.callers.class(caller).zip(self.actions.class(action));
        let row = classes.and_then(|(caller, action)| self.row_of_classes(caller, action));
        let resources = match row {
            Some(_) => self.resources.class_of.as_slice(),
            None => &[],
        };
        let row = row.unwrap_or_default();
        // Every place has a class, and every class a verdict.
        resources.iter().map(|class| {
            row.get(*class as usize)
                .copied()
                .unwrap_or(Verdict::Invalid)
        })
    }

    /// The cells of a verdict as places of caller, action and resource, in the order of the axes.
    pub fn cells(&self, verdict: Verdict) -> impl Iterator<Item = (usize, usize, usize)> {
        let rows = (0..self.callers.len())
            .flat_map(|caller| (0..self.actions.len()).map(move |action| (caller, action)));
        rows.filter(move |(caller, action)| self.has(*caller, *action, verdict))
            .flat_map(move |(caller, action)| {
                let cells = self.row(caller, action).enumerate();
                let cells = cells.filter(move |(_, own)| *own == verdict);
                cells.map(move |(resource, _)| (caller, action, resource))
            })
    }

    /// The cells that are allowed. See [`Matrix::cells`].
    pub fn allowed(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        self.cells(Verdict::Allow)
    }

    /// How many cells have the verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> u64 {
        let rows = self.callers.classes.iter().flat_map(|(_, callers)| {
            let actions = self.actions.classes.iter();
            actions.map(move |(_, actions)| callers * actions)
        });
        let width = self.resources.classes.len().max(1);
        let counts = rows.zip(self.verdicts.chunks(width)).map(|(rows, row)| {
            let classes = row.iter().zip(&self.resources.classes);
            let own = classes.filter(|(own, _)| **own == verdict);
            rows * own.map(|(_, (_, count))| count).sum::<u64>()
        });
        counts.sum()
    }

    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        let axes = [&self.callers, &self.actions, &self.resources];
        axes.map(|axis| axis.len() as u64).into_iter().product()
    }

    /// True where an axis is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many classes of callers, actions and resources there are: their product was decided.
    #[must_use]
    pub fn classes(&self) -> [usize; 3] {
        [&self.callers, &self.actions, &self.resources].map(|axis| axis.classes.len())
    }

    fn row_of_classes(&self, caller: usize, action: usize) -> Option<&[Verdict]> {
        let width = self.resources.classes.len();
        let start = (caller * self.actions.classes.len() + action) * width;
        self.verdicts.get(start..start + width)
    }

    fn has(&self, caller: usize, action: usize, verdict: Verdict) -> bool {
        let classes = self.callers.class(caller).zip(self.actions.class(action));
        let row = classes.and_then(|(caller, action)| self.row_of_classes(caller, action));
        row.is_some_and(|row| row.contains(&verdict))
    }
}
