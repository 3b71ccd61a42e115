//! Lists that several outputs tell: pages of one, or the same list twice. Rule: UI-31, UI-32.

use std::collections::BTreeMap;

use preclear_model::{Diagnostics, Place};

use super::pages::{Pages, PagesId};
use crate::merge::contradiction;

/// One output's word on a list: items by name, each with its place.
#[derive(Debug)]
pub(crate) struct Telling<V> {
    /// `None` for a list that cannot go on in another file.
    pub(crate) pages: Option<PagesId>,
    /// False if there may be items that this kind of output does not list.
    pub(crate) is_all: bool,
    pub(crate) place: Place,
    pub(crate) items: BTreeMap<String, (V, Place)>,
}

/// All that is told of a list.
#[derive(Debug)]
pub(crate) struct Tellings<V>(Vec<Telling<V>>);

/// A list as it is known in the end.
#[derive(Debug)]
pub(crate) struct Joined<V> {
    pub(crate) items: BTreeMap<String, (V, Place)>,
    /// False if there may be more.
    pub(crate) is_whole: bool,
    /// Where it is told first.
    pub(crate) place: Place,
}

impl<V> Default for Tellings<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> Tellings<V> {
    /// The names of all items that any output tells.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let items = self.0.iter().flat_map(|telling| telling.items.keys());
        items.map(String::as_str)
    }
}

impl<V: PartialEq> Tellings<V> {
    /// Adds what one output tells.
    pub(crate) fn add(&mut self, telling: Telling<V>) {
        self.0.push(telling);
    }

    /// Joins pages and compares what is told more than once; `None` if nothing is told. `what` names the list.
    pub(crate) fn join(
        self,
        pages: &Pages,
        what: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Joined<V>> {
        let (whole, parts): (Vec<_>, Vec<_>) = self
            .with_pages_joined(pages)
            .into_iter()
            .partition(|list| list.is_whole);
        let mut whole = whole.into_iter();
        let Some(first) = whole.next() else {
            return parts.into_iter().reduce(union);
        };
        for other in whole {
            if !(is_within(&first, &other) && is_within(&other, &first)) {
                diagnostics.push(disagreement(what, &other, &first));
            }
        }
        for part in parts {
            if !is_within(&part, &first) {
                diagnostics.push(disagreement(what, &part, &first));
            }
        }
        Some(first)
    }

    fn with_pages_joined(self, pages: &Pages) -> Vec<Joined<V>> {
        let mut joined: Vec<(Option<PagesId>, Joined<V>)> = Vec::new();
        for telling in self.0 {
            let id = telling.pages.filter(|id| pages.are_pages(*id));
            let list = Joined {
                is_whole: telling.is_all && telling.pages.is_none_or(|id| pages.are_whole(id)),
                items: telling.items,
                place: telling.place,
            };
            let first = joined
                .iter_mut()
                .find(|(known, _)| id.is_some() && *known == id);
            match first {
                Some((_, first)) => {
                    first.is_whole |= list.is_whole;
                    first.items.extend(list.items);
                }
                None => joined.push((id, list)),
            }
        }
        joined.into_iter().map(|(_, list)| list).collect()
    }
}

fn union<V>(mut first: Joined<V>, second: Joined<V>) -> Joined<V> {
    first.items.extend(second.items);
    first
}

fn is_within<V: PartialEq>(part: &Joined<V>, whole: &Joined<V>) -> bool {
    part.items.iter().all(|(name, (value, _))| {
        whole
            .items
            .get(name)
            .is_some_and(|(other, _)| other == value)
    })
}

fn disagreement<V: PartialEq>(
    what: &str,
    second: &Joined<V>,
    first: &Joined<V>,
) -> preclear_model::Diagnostic {
    let only = |a: &Joined<V>, b: &Joined<V>| {
        let mut items = a.items.iter();
        let found = items
            .find(|(name, (value, _))| b.items.get(*name).is_none_or(|(other, _)| other != value));
        found.map(|(name, (_, place))| (name.clone(), place.clone()))
    };
    let message = match only(second, first).or_else(|| only(first, second)) {
        Some((name, _)) => format!("two outputs disagree on {what}: `{name}` differs"),
        None => format!("two outputs disagree on {what}"),
    };
    let place = only(second, first).map_or_else(|| second.place.clone(), |(_, place)| place);
    contradiction(message, &place, &first.place)
}
