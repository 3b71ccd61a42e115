//! A matrix as text: what each principal may, alike ones together. Rule: UI-21.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use preclear_simulator::Verdict;

use super::wrap::wrap_prose;
use crate::render::style::{Tone, shown};
use crate::render::{Counts, counted};

/// Names in one line; CSV and JSON have all.
const NAMES_MAX: usize = 6;

/// The verdicts that are told in full where nobody chooses: denied is the rest.
const SHOWN: [Verdict; 4] = [
    Verdict::Allow,
    Verdict::Depends,
    Verdict::NotApplicable,
    Verdict::Invalid,
];

/// What is not asked, where something is denied: that may be allowed by way of a service.
const DIRECT: &str = "calls   direct ones alone; `--via SERVICE` asks for those through a service, `who-can` for both\n";

/// Takes rows, and becomes a text. What it keeps grows with principals and actions, not with cells.
#[derive(Debug)]
pub(crate) struct MatrixText<'a> {
    resources: &'a [String],
    /// Actions of the whole matrix.
    actions: usize,
    only: &'a [Verdict],
    own: Principal,
    blocks: Vec<Block>,
    /// By everything that a principal's verdicts are.
    known: HashMap<u64, usize>,
}

/// The principal whose rows come.
#[derive(Debug, Default)]
struct Principal {
    entries: Vec<Entry>,
    known: HashMap<(Verdict, u64), usize>,
    counts: Counts,
    all: DefaultHasher,
}

/// Actions that have one verdict on the same resources.
#[derive(Debug)]
struct Entry {
    verdict: Verdict,
    on: String,
    actions: Vec<String>,
}

/// What principals may that fare alike.
#[derive(Debug)]
struct Block {
    principals: Vec<String>,
    text: String,
}

impl<'a> MatrixText<'a> {
    /// Of resources and a number of actions; of `only` these verdicts, if any are told.
    pub(crate) fn new(resources: &'a [String], actions: usize, only: &'a [Verdict]) -> Self {
        Self {
            resources,
            actions,
            only,
            own: Principal::default(),
            blocks: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// One action of the principal whose rows come, by places of resources.
    pub(crate) fn add(&mut self, action: &str, places: &[usize], verdicts: &[Verdict]) {
        (action, places, verdicts).hash(&mut self.own.all);
        let is_shown = |verdict: &Verdict| match self.only {
            [] => SHOWN.contains(verdict),
            only => only.contains(verdict),
        };
        for verdict in Verdict::ALL {
            let own = std::iter::zip(places, verdicts).filter(|(_, one)| **one == verdict);
            let own: Vec<usize> = own.map(|(place, _)| *place).collect();
            self.own.counts.add(verdict, own.len());
            if own.is_empty() || !is_shown(&verdict) {
                continue;
            }
            let mut hasher = DefaultHasher::new();
            (&own, places.len()).hash(&mut hasher);
            let next = self.own.entries.len();
            let key = (verdict, hasher.finish());
            let place = *self.own.known.entry(key).or_insert(next);
            match self.own.entries.get_mut(place) {
                Some(entry) => entry.actions.push(action.to_owned()),
                None => self.own.entries.push(Entry {
                    verdict,
                    on: self.on(&own, places.len()),
                    actions: vec![action.to_owned()],
                }),
            }
        }
    }

    fn on(&self, places: &[usize], asked: usize) -> String {
        if places.len() == asked && asked > NAMES_MAX {
            return format!("all {asked} resources");
        }
        let names = places.iter().filter_map(|place| self.resources.get(*place));
        listed(names.map(String::as_str), places.len())
    }

    /// The principal has no more rows.
    pub(crate) fn end(&mut self, principal: &str) {
        let own = std::mem::take(&mut self.own);
        let next = self.blocks.len();
        let place = *self.known.entry(own.all.finish()).or_insert(next);
        match self.blocks.get_mut(place) {
            Some(block) => block.principals.push(principal.to_owned()),
            None => {
                let text = self.block(&own);
                let principals = vec![principal.to_owned()];
                self.blocks.push(Block { principals, text });
            }
        }
    }

    fn block(&self, own: &Principal) -> String {
        let mut text = String::new();
        for verdict in Verdict::ALL {
            for entry in own.entries.iter().filter(|one| one.verdict == verdict) {
                let painted = Tone::from(verdict).paint(verdict);
                let actions = match entry.actions.len() {
                    all if all == self.actions && all > NAMES_MAX => format!("all {all} actions"),
                    _ => entry.actions.join(", "),
                };
                let _ = writeln!(text, "  {painted}  {}", shown(&actions));
                let _ = writeln!(text, "      on {}", shown(&entry.on));
            }
        }
        if self.only.is_empty() {
            let (explicit, implicit) = (
                own.counts.of(Verdict::ExplicitDeny),
                own.counts.of(Verdict::ImplicitDeny),
            );
            let by_statement = match explicit {
                0 => String::new(),
                explicit => format!(", {explicit} by a statement"),
            };
            if explicit + implicit > 0 {
                let denied = counted(
                    usize::try_from(explicit + implicit).unwrap_or(usize::MAX),
                    "cell",
                );
                let _ = writeln!(text, "  denied  {denied}{by_statement}");
            }
        }
        if text.is_empty() {
            text.push_str("  nothing of that\n");
        }
        text
    }

    /// Everything, below what it is about; `is_direct` where no service makes the calls.
    pub(crate) fn finish(
        self,
        principals: usize,
        counts: &Counts,
        is_direct: bool,
        width: u16,
    ) -> String {
        let mut text = format!(
            "{}  {}, {}, {}: {}\n",
            Tone::Title.paint("matrix"),
            counted(principals, "principal"),
            counted(self.actions, "action"),
            counted(self.resources.len(), "resource"),
            counts
        );
        let has_denied = [Verdict::ImplicitDeny, Verdict::ExplicitDeny]
            .iter()
            .any(|verdict| counts.of(*verdict) > 0);
        if is_direct && has_denied {
            text.push_str(DIRECT);
        }
        for block in &self.blocks {
            text.push('\n');
            for principal in &block.principals {
                let _ = writeln!(text, "{}", Tone::Title.paint(shown(principal)));
            }
            text.push_str(&block.text);
        }
        wrap_prose(&text, width)
    }
}

/// The first names, and how many more there are.
fn listed<'n>(names: impl Iterator<Item = &'n str>, count: usize) -> String {
    let names: Vec<&str> = names.take(NAMES_MAX).collect();
    let more = count.saturating_sub(NAMES_MAX);
    let names = names.join(", ");
    match more {
        0 => names,
        more => format!("{names} and {more} more (all with --format csv)"),
    }
}
