//! What is remembered of decisions, by classes. Any number of threads share it, and it takes no more memory than a fixed amount.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::Classes;
use super::decider::Known;
use super::numbers::{Full, Numbers};
use crate::engine::Engine;
use crate::explanation::Verdict;
use crate::request::Request;

/// Bits of the numbers of bases, callers, actions and resources in a cell; three more are the verdict's.
const BITS: [u32; 4] = [8, 14, 12, 16];

/// How much is remembered at most. Tests make do with less.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Numbers of bases in one book; of callers, actions, heads and resources.
    pub(super) bases: u32,
    pub(super) numbers: [usize; 4],
    /// Callers, actions, other texts and heads that one decider knows; with more, all of a kind are forgotten.
    pub(super) callers: usize,
    pub(super) actions: usize,
    pub(super) texts: usize,
    pub(super) heads: usize,
}

impl Room {
    /// As much as cells can tell apart, and as takes some megabytes.
    pub(super) const FULL: Self = Self {
        bases: 1 << BITS[0],
        numbers: [1 << BITS[1], 1 << BITS[2], 1 << 14, 1 << BITS[3]],
        callers: 4096,
        actions: 1024,
        texts: 4096,
        heads: 4096,
    };
}

/// Verdicts that are kept, in lines of [`LINE`].
const LINES: usize = 1 << 16;
const LINE: usize = 4;

/// Bases that are looked for.
pub(super) const BASES_MAX: usize = 8;

/// What deciders that are gone leave to the next ones, at most.
const IDLE_MAX: usize = 32;

/// What an engine remembers.
#[derive(Debug)]
pub(crate) struct Memo {
    pub(super) classes: Classes,
    pub(super) room: Room,
    book: RwLock<Arc<Book>>,
    idle: Mutex<Vec<Known>>,
}

impl Memo {
    pub(crate) fn of(engine: &Engine) -> Self {
        Self::within(engine, Room::FULL)
    }

    pub(super) fn within(engine: &Engine, room: Room) -> Self {
        Self {
            classes: Classes::of(engine, &[], &[]),
            room,
            book: RwLock::new(Arc::new(Book::of(engine, room))),
            idle: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn book(&self) -> Arc<Book> {
        let book = self.book.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&book)
    }

    /// The book after this one, which has no numbers left.
    pub(super) fn renewed(&self, engine: &Engine, full: &Arc<Book>) -> Arc<Book> {
        let mut book = self.book.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&book, full) {
            *book = Arc::new(Book::of(engine, self.room));
        }
        Arc::clone(&book)
    }

    /// What a decider knew that is gone.
    pub(super) fn taken(&self) -> Option<Known> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }

    pub(super) fn give_back(&self, known: Known) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(known);
        }
    }
}

/// Everything of a request but id, place, caller, question and resource.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) number: u32,
    /// The parameters as text: numbers that count as equal may be written in two ways, and lists of members have an order.
    parameters: Option<String>,
    request: Request,
}

/// Numbers of classes, and the verdicts of cells by them.
pub(super) struct Book {
    /// No two books have one, of whatever engine.
    pub(super) number: u64,
    pub(super) numbers: Numbers,
    bases: Mutex<Bases>,
    bases_max: u32,
    /// By place of the listed key: nothing yet, decided each time, or the number of its class and two.
    keys: Box<[AtomicU32]>,
    /// Cells with their verdicts: the whole number of a cell stands in it, so that no two are ever mixed up. Lines are sets in which a
    /// cell may stand anywhere.
    verdicts: Box<[AtomicU64]>,
}

#[derive(Debug, Default)]
struct Bases {
    kept: Vec<Arc<Base>>,
    next: u32,
}

impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Book").finish_non_exhaustive()
    }
}

impl Book {
    fn of(engine: &Engine, room: Room) -> Self {
        let keys = engine.snapshot().keys.iter().map(|_| AtomicU32::new(0));
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            numbers: Numbers::up_to(room.numbers),
            bases: Mutex::default(),
            bases_max: room.bases,
            keys: keys.collect(),
            verdicts: (0..LINES * LINE).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// The base of a request; `None` where another one has its place.
    ///
    /// # Errors
    ///
    /// No number is left.
    pub(super) fn base(&self, request: &Request, insists: bool) -> Result<Option<Arc<Base>>, Full> {
        let mut bases = self.bases.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = bases.kept.iter();
        if let Some(base) = kept.find(|base| base.is_of(request)) {
            return Ok(Some(Arc::clone(base)));
        }
        if bases.kept.len() >= BASES_MAX {
            if !insists {
                return Ok(None);
            }
            bases.kept.remove(0);
        }
        let number = bases.next;
        if number >= self.bases_max {
            return Err(Full);
        }
        bases.next += 1;
        let base = Arc::new(Base::of(request, number));
        bases.kept.push(Arc::clone(&base));
        Ok(Some(base))
    }

    /// The class of a listed key, where it is known: `Some(None)` for one that is decided each time.
    pub(super) fn key(&self, place: usize) -> Option<Option<u32>> {
        match self.keys.get(place)?.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(None),
            number => Some(Some(number - 2)),
        }
    }

    pub(super) fn set_key(&self, place: usize, class: Option<u32>) {
        if let Some(key) = self.keys.get(place) {
            key.store(class.map_or(1, |class| class + 2), Ordering::Relaxed);
        }
    }

    /// The verdict of a cell.
    pub(super) fn verdict(&self, cell: u64) -> Option<Verdict> {
        let mut line = self.line(cell).iter();
        let found = line.find_map(|entry| {
            let entry = entry.load(Ordering::Relaxed);
            (entry >> 3 == cell).then_some(entry & 7)
        });
        verdict_of(found?)
    }

    /// Keeps the verdict of a cell, in place of another one's if need be.
    pub(super) fn set_verdict(&self, cell: u64, verdict: Verdict) {
        let line = self.line(cell);
        let mut free = line.iter();
        let free = free.find(|entry| entry.load(Ordering::Relaxed) == 0);
        let at = usize::try_from(cell).unwrap_or_default() % LINE;
        if let Some(entry) = free.or_else(|| line.get(at)) {
            entry.store(cell << 3 | code_of(verdict), Ordering::Relaxed);
        }
    }

    /// The line of a cell.
    #[cfg(test)]
    pub(super) fn entries(&self, cell: u64) -> &[AtomicU64] {
        self.line(cell)
    }

    fn line(&self, cell: u64) -> &[AtomicU64] {
        let hash = cell.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - LINES.trailing_zeros());
        let start = usize::try_from(hash).unwrap_or_default() * LINE;
        self.verdicts.get(start..start + LINE).unwrap_or_default()
    }
}

/// Numbers of base, caller, action and resource as one.
pub(super) fn cell(numbers: [u32; 4]) -> u64 {
    let numbers = numbers.into_iter().zip(BITS);
    numbers.fold(0, |cell, (number, bits)| cell << bits | u64::from(number))
}

/// Never zero.
fn code_of(verdict: Verdict) -> u64 {
    match verdict {
        Verdict::Allow => 1,
        Verdict::ExplicitDeny => 2,
        Verdict::ImplicitDeny => 3,
        Verdict::Depends => 4,
        Verdict::NotApplicable => 5,
        Verdict::Invalid => 6,
    }
}

fn verdict_of(code: u64) -> Option<Verdict> {
    Some(match code {
        1 => Verdict::Allow,
        2 => Verdict::ExplicitDeny,
        3 => Verdict::ImplicitDeny,
        4 => Verdict::Depends,
        5 => Verdict::NotApplicable,
        6 => Verdict::Invalid,
        _ => return None,
    })
}

impl Base {
    fn of(request: &Request, number: u32) -> Self {
        Self {
            number,
            parameters: text_of(request),
            request: request.clone(),
        }
    }

    pub(super) fn has_parameters(&self) -> bool {
        self.parameters.is_some()
    }

    /// True for a request that differs from this one in id, place, caller, question and resource at most. Of session policies, and what
    /// else is never kept, nothing is asked here.
    pub(super) fn is_of(&self, request: &Request) -> bool {
        let Request {
            id: _,
            place: _,
            caller: _,
            session_policies,
            session_policy_rejected,
            ask: _,
            resource: _,
            resource_account,
            region,
            parameters,
            ciphertext_key,
            key_policy_candidate,
            context,
            unknown,
            absent,
            present,
            like,
            force_context,
            mode,
            ambiguity,
            now,
            via,
            grant_for_aws_resource,
            vpc_endpoint,
            grant_key_trust,
            assumed_grants,
        } = &self.request;
        *mode == request.mode
            && *ambiguity == request.ambiguity
            && *force_context == request.force_context
            && *grant_for_aws_resource == request.grant_for_aws_resource
            && *grant_key_trust == request.grant_key_trust
            && *session_policy_rejected == request.session_policy_rejected
            && session_policies.is_some() == request.session_policies.is_some()
            && *now == request.now
            && *region == request.region
            && *resource_account == request.resource_account
            && *vpc_endpoint == request.vpc_endpoint
            && *ciphertext_key == request.ciphertext_key
            && (via.is_empty() && request.via.is_empty() || *via == request.via)
            && (context.is_empty() && request.context.is_empty() || *context == request.context)
            && (unknown.is_empty() && request.unknown.is_empty() || *unknown == request.unknown)
            && (absent.is_empty() && request.absent.is_empty() || *absent == request.absent)
            && (present.is_empty() && request.present.is_empty() || *present == request.present)
            && (like.is_empty() && request.like.is_empty() || *like == request.like)
            && *parameters == request.parameters
            && (parameters.is_none() || self.parameters == text_of(request))
            && (assumed_grants.is_empty() && request.assumed_grants.is_empty()
                || *assumed_grants == request.assumed_grants)
            && key_policy_candidate.is_none()
            && request.key_policy_candidate.is_none()
    }
}

/// The parameters of a request as they are written.
fn text_of(request: &Request) -> Option<String> {
    let parameters = request.parameters.as_ref()?;
    // A map of texts and values is always written.
    Some(serde_json::to_string(parameters).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Snapshot;

    const VERDICTS: [Verdict; 6] = [
        Verdict::Allow,
        Verdict::ExplicitDeny,
        Verdict::ImplicitDeny,
        Verdict::Depends,
        Verdict::NotApplicable,
        Verdict::Invalid,
    ];

    /// More cells than there is room for: some are lost, and none has the verdict of another.
    #[test]
    fn a_cell_has_its_own_verdict_or_none() {
        let engine = Engine::compile(Snapshot::default());
        const CELLS: usize = LINES * 3 / 2;
        let book = Book::of(&engine, Room::FULL);
        let cells = || {
            let numbers = (0_u32..).zip(VERDICTS.iter().cycle());
            let numbers = numbers.take(CELLS);
            numbers.map(|(number, verdict)| {
                let part = |shift: u32, bits: u32| number >> shift & ((1 << bits) - 1);
                (
                    cell([part(17, 3), part(9, 8), part(5, 4), part(0, 5)]),
                    *verdict,
                )
            })
        };
        let mut met = std::collections::HashSet::new();
        for (cell, verdict) in cells() {
            assert!(met.insert(cell), "no two cells are one");
            assert_eq!(book.verdict(cell), None);
            book.set_verdict(cell, verdict);
            assert_eq!(book.verdict(cell), Some(verdict));
        }
        let found = cells().filter_map(|(cell, verdict)| {
            let found = book.verdict(cell)?;
            assert_eq!(found, verdict);
            Some(())
        });
        let found = found.count();
        assert!(found > CELLS * 9 / 10 && found < CELLS, "{found}");
    }

    #[test]
    fn every_number_of_a_cell_tells_it_apart() {
        let most = BITS.map(|bits| (1_u32 << bits) - 1);
        for place in 0..BITS.len() {
            let mut less = most;
            less[place] -= 1;
            assert_ne!(cell(less), cell(most));
            let mut alone = [0; 4];
            alone[place] = most[place];
            let others = cell(most) & !cell(alone);
            assert_eq!(others | cell(alone), cell(most));
            assert_eq!(cell(alone).count_ones(), BITS[place]);
        }
        assert!(cell(most) << 3 >> 3 == cell(most));
        let Room {
            bases,
            numbers: [callers, actions, _, resources],
            ..
        } = Room::FULL;
        let room = [bases as usize, callers, actions, resources];
        assert_eq!(
            room,
            most.map(|most| most as usize + 1),
            "no number is greater than its bits"
        );
    }

    #[test]
    fn a_key_has_its_class_or_none_or_is_not_known_yet() {
        let key = preclear_model::Arn::parse("arn:aws:kms:us-west-2:111122223333:key/k");
        let key = crate::snapshot::KeyRecord::new(key.expect("an ARN"));
        let engine = Engine::compile(Snapshot {
            keys: vec![key.clone(), key],
            ..Snapshot::default()
        });
        let book = Book::of(&engine, Room::FULL);
        assert_eq!((book.key(0), book.key(1), book.key(2)), (None, None, None));
        for class in [None, Some(0), Some(1), Some(65_535)] {
            book.set_key(1, class);
            assert_eq!((book.key(0), book.key(1)), (None, Some(class)));
        }
    }
}
