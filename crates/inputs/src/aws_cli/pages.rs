//! Pages of outputs: which say that there is more, and whether the rest is there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use preclear_model::{Diagnostic, Diagnostics, Node, Place};

use super::Output;
use super::subject::Subject;

/// Members that say of a list that it goes on, if `true` or not empty. `Marker` says so only beside `IsTruncated`.
const FLAGS: [&str; 2] = ["IsTruncated", "Truncated"];
const TOKENS: [&str; 3] = ["NextToken", "NextMarker", "ContinuationToken"];

/// The outputs of one command in one folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PagesId(usize);

/// All outputs, by command and folder: which file is the next page of which, nothing else tells.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    ids: BTreeMap<(&'static str, PathBuf), PagesId>,
    counts: Vec<Count>,
}

#[derive(Debug, Default)]
struct Count {
    last: usize,
    /// Where outputs say that they go on.
    goes_on: Vec<Place>,
    command: &'static str,
    subject: Subject,
}

impl Count {
    /// True for a list of all that an account has in a Region: such lists of different folders are about the same things.
    fn is_of_account(&self) -> bool {
        let of_account = ["list-aliases`", "list-keys`", "list-buckets`"];
        self.subject.account.is_some() && of_account.iter().any(|end| self.command.ends_with(end))
    }

    fn is_cut_short(&self) -> bool {
        self.last == 0 && !self.goes_on.is_empty()
    }
}

impl Pages {
    /// Counts an output.
    pub(crate) fn add(&mut self, output: &Output<'_>) -> PagesId {
        let folder = output.origin.path.parent().map(PathBuf::from);
        let key = (output.command, folder.unwrap_or_default());
        let next = PagesId(self.counts.len());
        let id = *self.ids.entry(key).or_insert(next);
        if id == next {
            self.counts.push(Count {
                command: output.command,
                subject: output.subject.clone(),
                ..Count::default()
            });
        }
        if let Some(count) = self.counts.get_mut(id.0) {
            match truncated(output.node) {
                Some(node) => count.goes_on.push(output.origin.place(node)),
                None => count.last += 1,
            }
        }
        id
    }

    /// True if no page is missing.
    pub(crate) fn are_whole(&self, id: PagesId) -> bool {
        self.counts
            .get(id.0)
            .is_some_and(|count| count.goes_on.is_empty() || count.last > 0)
    }

    /// True if the outputs are pages of one list.
    pub(crate) fn are_pages(&self, id: PagesId) -> bool {
        self.counts
            .get(id.0)
            .is_some_and(|count| !count.goes_on.is_empty())
    }

    /// Warns of lists whose end is missing; true if there is one that no other folder has whole.
    pub(crate) fn report(&self, diagnostics: &mut Diagnostics) -> bool {
        let mut is_cut_short = false;
        for count in &self.counts {
            let Some(place) = count.goes_on.first().filter(|_| count.is_cut_short()) else {
                continue;
            };
            let message = format!(
                "{} says that it goes on, and no file beside it has the end: what it lists is not all",
                count.command
            );
            let mut others = self.counts.iter();
            let is_whole_elsewhere = others.any(|other| {
                count.is_of_account()
                    && !other.is_cut_short()
                    && (other.command, &other.subject) == (count.command, &count.subject)
            });
            is_cut_short |= !is_whole_elsewhere;
            diagnostics.push(
                Diagnostic::warning("NEXT_PAGE_MISSING", message)
                    .rule("UI-31")
                    .at(place.clone())
                    .help("put the further pages into the same folder, or run the command without `--max-items` and `--no-paginate`"),
            );
        }
        is_cut_short
    }
}

/// The member that says that the output goes on.
fn truncated(node: &Node) -> Option<&Node> {
    let flag = FLAGS
        .iter()
        .filter_map(|name| node.get(name))
        .find(|flag| flag.as_bool() == Some(true));
    flag.or_else(|| {
        let mut tokens = TOKENS.iter().filter_map(|name| node.get(name));
        tokens.find(|token| !token.is_empty())
    })
}
