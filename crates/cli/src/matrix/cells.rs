//! The cells, a stretch at a time, so that memory does not grow with their number.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use preclear_model::caller::Caller;
use preclear_simulator::{Ask, Axes, Engine, Matrix, Request, Verdict};

use super::axes::{Asked, NO_RESOURCE};

/// Cells that are held at a time.
const CELLS_MAX: usize = 1 << 24;

/// What is asked: everybody about every action, and each action about the resources that it takes.
#[derive(Debug)]
pub(super) struct Cells {
    pub(super) callers: Vec<Caller>,
    pub(super) actions: Vec<Asked>,
    /// All that any action is asked about.
    pub(super) resources: Vec<String>,
    /// Of each action, the list of its resources.
    list_of: Vec<usize>,
    lists: Vec<List>,
}

/// Resources that some actions are asked about.
#[derive(Debug)]
struct List {
    /// Places in all resources.
    places: Vec<usize>,
    names: Vec<String>,
}

/// One principal and action, with the verdict on each resource that is asked about.
#[derive(Debug)]
pub(super) struct Row<'c> {
    pub(super) caller: usize,
    pub(super) action: usize,
    /// Places in [`Cells::resources`].
    pub(super) places: &'c [usize],
    pub(super) verdicts: Vec<Verdict>,
}

impl Cells {
    pub(super) fn new(
        callers: Vec<Caller>,
        actions: Vec<Asked>,
        mut resources: Vec<String>,
    ) -> Self {
        let given = resources.len();
        let mut none = resources.iter().position(|one| one == NO_RESOURCE);
        if none.is_none() && !actions.iter().all(Asked::has_resource) {
            none = Some(given);
            resources.push(NO_RESOURCE.to_owned());
        }
        let mut known: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        let mut lists: Vec<List> = Vec::new();
        let mut list_of = Vec::new();
        for action in &actions {
            let places: Vec<usize> = if action.has_resource() {
                let given = resources.iter().take(given).enumerate();
                let own = given.filter(|(_, resource)| action.takes(resource));
                own.map(|(place, _)| place).collect()
            } else {
                none.into_iter().collect()
            };
            let next = lists.len();
            let list = *known.entry(places.clone()).or_insert(next);
            if list == next {
                let names = places.iter().filter_map(|place| resources.get(*place));
                lists.push(List {
                    names: names.cloned().collect(),
                    places,
                });
            }
            list_of.push(list);
        }
        Self {
            callers,
            actions,
            resources,
            list_of,
            lists,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        let lists = self.list_of.iter().filter_map(|list| self.lists.get(*list));
        let of_one: u64 = lists.map(|list| list.places.len() as u64).sum();
        of_one * self.callers.len() as u64
    }

    /// Actions that take none of the resources.
    pub(super) fn idle_actions(&self) -> impl Iterator<Item = &Asked> {
        let lists = self.actions.iter().zip(&self.list_of);
        let idle = lists.filter(|(_, list)| {
            let list = self.lists.get(**list);
            list.is_none_or(|list| list.places.is_empty())
        });
        idle.map(|(action, _)| action)
    }

    /// Resources that no action takes.
    pub(super) fn idle_resources(&self) -> impl Iterator<Item = &str> {
        let used: BTreeSet<usize> = self
            .lists
            .iter()
            .flat_map(|list| list.places.iter().copied())
            .collect();
        let all = self.resources.iter().enumerate();
        let idle = all.filter(move |(place, _)| !used.contains(place));
        idle.map(|(_, resource)| resource.as_str())
    }

    /// The request of a cell.
    pub(super) fn request(
        &self,
        base: &Request,
        (caller, action, resource): (usize, usize, usize),
    ) -> Option<Request> {
        Some(Request {
            caller: self.callers.get(caller)?.clone(),
            ask: Ask::Action(self.actions.get(action)?.name.clone()),
            resource: Some(self.resources.get(resource)?.clone()),
            ..base.clone()
        })
    }

    /// Decides everything, and hands out rows in the order of the axes until `take` says that it is enough.
    pub(super) fn decide<E>(
        &self,
        engine: &Engine,
        base: &Request,
        pool: &rayon::ThreadPool,
        mut take: impl FnMut(&Row<'_>) -> Result<bool, E>,
    ) -> Result<(), E> {
        for (callers, actions) in self.stretches(CELLS_MAX) {
            let stretch = Stretch::decide(self, engine, base, pool, (callers, actions));
            for row in stretch.rows() {
                if !take(&row)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Parts of at most so many cells, whole callers if possible, in the order of the axes.
    fn stretches(&self, max: usize) -> Vec<(Range<usize>, Range<usize>)> {
        let width = self.resources.len().max(1);
        let of_one = self.actions.len().saturating_mul(width).max(1);
        let (callers, actions) = match max / of_one {
            0 => (1, (max / width).max(1)),
            callers => (callers, self.actions.len().max(1)),
        };
        let parts = |len: usize, step: usize| {
            (0..len)
                .step_by(step)
                .map(move |start| start..(start + step).min(len))
        };
        parts(self.callers.len(), callers)
            .flat_map(|own| parts(self.actions.len(), actions).map(move |part| (own.clone(), part)))
            .collect()
    }
}

/// Some callers and actions, decided.
struct Stretch<'c> {
    cells: &'c Cells,
    callers: Range<usize>,
    actions: Range<usize>,
    /// A matrix for each list of resources.
    matrices: BTreeMap<usize, Matrix>,
    /// Of each action, its place in the matrix of its list.
    place_of: Vec<usize>,
}

impl<'c> Stretch<'c> {
    fn decide(
        cells: &'c Cells,
        engine: &Engine,
        base: &Request,
        pool: &rayon::ThreadPool,
        (callers, actions): (Range<usize>, Range<usize>),
    ) -> Self {
        let mut names: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut place_of = Vec::new();
        for action in actions.clone() {
            let (asked, list) = (cells.actions.get(action), cells.list_of.get(action));
            let (Some(asked), Some(list)) = (asked, list) else {
                continue;
            };
            let own = names.entry(*list).or_default();
            place_of.push(own.len());
            own.push(asked.name.clone());
        }
        let own_callers = cells.callers.get(callers.clone()).unwrap_or_default();
        let matrices = names.into_iter().map(|(list, names)| {
            let axes = Axes {
                callers: own_callers,
                actions: &names,
                resources: cells.lists.get(list).map_or(&[], |list| &list.names),
                base,
            };
            (list, pool.install(|| engine.matrix(&axes)))
        });
        let matrices = matrices.collect();
        Self {
            cells,
            callers,
            actions,
            matrices,
            place_of,
        }
    }

    fn rows(&self) -> impl Iterator<Item = Row<'c>> {
        let pairs = self.callers.clone().flat_map(|caller| {
            let actions = self.actions.clone().zip(&self.place_of);
            actions.map(move |(action, place)| (caller, action, *place))
        });
        pairs.filter_map(|(caller, action, place)| {
            let list = self.cells.list_of.get(action)?;
            let matrix = self.matrices.get(list)?;
            Some(Row {
                caller,
                action,
                places: &self.cells.lists.get(*list)?.places,
                verdicts: matrix.row(caller - self.callers.start, place).collect(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::axes;

    fn cells(resources: &[&str]) -> Cells {
        let callers = ["ana", "bo", "cy"]
            .map(|name| Caller::parse(&format!("arn:aws:iam::111122223333:user/{name}")).unwrap());
        let actions = ["kms:Decrypt", "kms:ListKeys", "s3:GetObject"].map(str::to_owned);
        let resources = resources.iter().map(|one| (*one).to_owned());
        Cells::new(
            callers.to_vec(),
            axes::actions(&actions).unwrap(),
            resources.collect(),
        )
    }

    #[test]
    fn actions_are_asked_about_resources_that_they_take() {
        let cells = cells(&[
            "alias/a",
            "alias/b",
            "arn:aws:s3:::x/y",
            "arn:aws:sqs:us-west-2:111122223333:q",
        ]);
        assert_eq!(cells.resources.last().map(String::as_str), Some("*"));
        let places: Vec<&[usize]> = cells
            .list_of
            .iter()
            .map(|list| cells.lists[*list].places.as_slice())
            .collect();
        assert_eq!(places, [&[0, 1][..], &[4], &[2]]);
        assert_eq!(cells.count(), 12);
        assert_eq!(cells.idle_resources().collect::<Vec<_>>().len(), 1);
        assert_eq!(cells.idle_actions().count(), 0);
    }

    #[test]
    fn stretches_cover_everything_once_in_order() {
        let cells = cells(&["alias/a", "alias/b", "arn:aws:s3:::x/y"]);
        for max in [1, 4, 5, 12, 24, 1000] {
            let stretches = cells.stretches(max);
            let pairs: Vec<(usize, usize)> = stretches
                .iter()
                .flat_map(|(callers, actions)| {
                    let actions = actions.clone();
                    let own = callers.clone();
                    own.flat_map(move |caller| actions.clone().map(move |action| (caller, action)))
                })
                .collect();
            let all: Vec<(usize, usize)> = (0..3)
                .flat_map(|caller| (0..3).map(move |action| (caller, action)))
                .collect();
            assert_eq!(pairs, all, "{max}");
        }
        assert_eq!(cells.stretches(1000).len(), 1);
        assert_eq!(cells.stretches(1).len(), 9);
    }
}
