//! One request after another, each decided as [`Engine::decide`] does, and what no decision can tell apart decided once.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

use preclear_model::caller::{Caller, CallerKind};

use super::actions::Apart;
use super::content::Quick;
use super::memo::{BASES_MAX, Base, Book, Memo, cell};
use super::numbers::Full;
use super::resources::{Heads, may_be_made, names_keys};
use crate::engine::Engine;
use crate::engine::table::NameTable;
use crate::explanation::Verdict;
use crate::request::{Ask, Request};

/// Requests that are decided plainly before classes are looked for, and a share of what the snapshot lists beside them: finding
/// classes takes some time at first.
const PLAIN: usize = 64;
const PLAIN_SHARE: usize = 4;

/// Bytes of a name that is known.
const BYTES_MAX: usize = 2048;

/// Callers of one hash that are known.
const CALLERS_OF_HASH_MAX: usize = 4;

/// Requests of unknown bases after which one more base is asked for, and after which the last of them takes the place of another.
const OTHERS_ASKED: u32 = 64;
const OTHERS_MAX: u32 = 1024;

/// True where so many requests are worth finding classes for.
pub(crate) fn is_worth_it(engine: &Engine, requests: usize) -> bool {
    let snapshot = engine.snapshot();
    let listed = snapshot.keys.len() + snapshot.principals.len() + snapshot.resources.len();
    requests >= PLAIN && (engine.has_memo() || requests >= PLAIN + listed / PLAIN_SHARE)
}

/// Decides requests one after another, each as [`Engine::decide`] does.
///
/// It remembers: where callers, actions and resources of two requests differ in nothing that a decision reads, the second answer is
/// looked up. What deciders of one engine remember they share, on all threads; it takes no more memory for more requests.
///
/// ```
/// use preclear_model::caller::Caller;
/// use preclear_simulator::{Ask, Engine, Request, Snapshot, Verdict};
///
/// let engine = Engine::compile(Snapshot { complete: true, ..Snapshot::default() });
/// let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
/// let mut request = Request::new(caller, Ask::Action("s3:GetObject".to_owned()));
/// let mut decider = engine.decider();
/// for number in 0..1000 {
///     request.resource = Some(format!("arn:aws:s3:::data/part-{number}"));
///     assert_eq!(decider.decide(&request), Verdict::ImplicitDeny);
/// }
/// ```
pub struct Decider<'e> {
    engine: &'e Engine,
    /// Requests that are decided plainly first.
    plain: usize,
    known: Option<Known>,
}

impl fmt::Debug for Decider<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decider").finish_non_exhaustive()
    }
}

impl Engine {
    /// Decides many requests that come one after another. For those that are there already see [`Engine::decide_all`].
    #[must_use]
    pub fn decider(&self) -> Decider<'_> {
        let snapshot = self.snapshot();
        let listed = snapshot.keys.len() + snapshot.principals.len() + snapshot.resources.len();
        Decider {
            engine: self,
            plain: PLAIN + listed / PLAIN_SHARE,
            known: None,
        }
    }

    /// The same from the first request on.
    pub(crate) fn decider_at_once(&self) -> Decider<'_> {
        Decider {
            engine: self,
            plain: 0,
            known: None,
        }
    }
}

impl Drop for Decider<'_> {
    fn drop(&mut self) {
        if let Some(known) = self.known.take() {
            self.engine.memo().give_back(known);
        }
    }
}

/// A request that is asked about one resource after another.
///
/// ```
/// use preclear_model::caller::Caller;
/// use preclear_simulator::{Ask, Engine, Request, Series, Snapshot, Verdict};
///
/// let engine = Engine::compile(Snapshot { complete: true, ..Snapshot::default() });
/// let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
/// let request = Request::new(caller, Ask::Action("s3:GetObject".to_owned()));
/// let (mut series, mut decider) = (Series::new(request), engine.decider());
/// for number in 0..1000 {
///     let object = format!("arn:aws:s3:::data/part-{number}");
///     assert_eq!(decider.decide_on(&mut series, &object), Verdict::ImplicitDeny);
/// }
/// ```
#[derive(Debug)]
pub struct Series {
    request: Request,
    /// Where the request stands in the book of this number, but for its resource.
    place: Option<(u64, Place)>,
}

/// Numbers of base, caller and action.
type Place = [u32; 3];

impl Series {
    /// Of this request, whatever its resource is.
    #[must_use]
    pub fn new(request: Request) -> Self {
        Self {
            request,
            place: None,
        }
    }

    /// The request, about the resource that was set last or had to be decided: one that is looked up leaves it alone.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The request under another id and about another resource.
    pub fn set(&mut self, id: Option<&str>, resource: Option<&str>) -> &Request {
        replace(&mut self.request.id, id);
        replace(&mut self.request.resource, resource);
        &self.request
    }
}

/// Puts a text in place of another, in the same memory.
fn replace(place: &mut Option<String>, text: Option<&str>) {
    match (place, text) {
        (Some(place), Some(text)) => {
            place.clear();
            place.push_str(text);
        }
        (place, text) => *place = text.map(str::to_owned),
    }
}

impl Decider<'_> {
    /// Answers the request of a series about this resource with nothing but the verdict.
    #[must_use]
    pub fn decide_on(&mut self, series: &mut Series, resource: &str) -> Verdict {
        if let Some(known) = &mut self.known
            && let Some((book, [base, caller, action])) = series.place
            && book == known.book.number
            && resource.len() <= BYTES_MAX
        {
            let memo = self.engine.memo();
            if let Ok(Some(resource)) = known.resource(self.engine, memo, resource)
                && let Some(verdict) = known.book.verdict(cell([base, caller, action, resource]))
            {
                return verdict;
            }
        }
        replace(&mut series.request.resource, Some(resource));
        let verdict = self.decide(&series.request);
        if let Some(known) = &mut self.known
            && series
                .place
                .is_none_or(|(book, _)| book != known.book.number)
            && let Ask::Action(action) = &series.request.ask
            && is_kept(&series.request, action, resource)
            && let Ok(Some(place)) =
                known.place(self.engine, self.engine.memo(), &series.request, action)
        {
            series.place = Some((known.book.number, place));
        }
        verdict
    }

    /// Answers with nothing but the verdict.
    #[must_use]
    pub fn decide(&mut self, request: &Request) -> Verdict {
        let engine = self.engine;
        if self.plain > 0 {
            self.plain -= 1;
            return engine.decide(request);
        }
        let (Ask::Action(action), Some(resource)) = (&request.ask, &request.resource) else {
            return engine.decide(request);
        };
        if !is_kept(request, action, resource) {
            return engine.decide(request);
        }
        let memo = engine.memo();
        let known = match &mut self.known {
            Some(known) => known,
            none => {
                let idle = memo.taken();
                none.insert(idle.unwrap_or_else(|| Known::of(memo.book())))
            }
        };
        match known.cell(engine, memo, request, action, resource) {
            Ok(Some(cell)) => known.book.verdict(cell).unwrap_or_else(|| {
                let verdict = engine.decide(request);
                known.book.set_verdict(cell, verdict);
                verdict
            }),
            Ok(None) => engine.decide(request),
            Err(Full) => {
                *known = Known::of(memo.renewed(engine, &known.book));
                engine.decide(request)
            }
        }
    }
}

/// False for requests whose rest is not looked at here.
fn is_kept(request: &Request, action: &str, resource: &str) -> bool {
    let of_session = request.session_policies.as_deref().unwrap_or_default();
    of_session.is_empty()
        && !request.session_policy_rejected
        && request.assumed_grants.is_empty()
        && request.key_policy_candidate.is_none()
        && request.ciphertext_key.is_none()
        && action.len() <= BYTES_MAX
        && resource.len() <= BYTES_MAX
}

/// What one decider knows by itself: names that it met, with the numbers of their classes.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) book: Arc<Book>,
    keyed: ahash::RandomState,
    /// The last one that was met comes first. `None` stands for a request that is decided each time.
    bases: Vec<Arc<Base>>,
    /// Requests of other bases.
    others: u32,
    callers: HashMap<u64, Vec<(Caller, u32)>, BuildHasherDefault<Quick>>,
    /// Without parameters and with them.
    actions: [NameTable<Box<str>, u32>; 2],
    /// Resources but for listed keys; `None` for one that is decided each time.
    texts: NameTable<Box<str>, Option<u32>>,
    heads: Heads,
}

impl Known {
    fn of(book: Arc<Book>) -> Self {
        Self {
            book,
            keyed: ahash::RandomState::new(),
            bases: Vec::new(),
            others: 0,
            callers: HashMap::default(),
            actions: Default::default(),
            texts: NameTable::default(),
            heads: Heads::default(),
        }
    }

    /// The cell of a request; `None` where it is not kept.
    fn cell(
        &mut self,
        engine: &Engine,
        memo: &Memo,
        request: &Request,
        action: &str,
        resource: &str,
    ) -> Result<Option<u64>, Full> {
        let Some([base, caller, action]) = self.place(engine, memo, request, action)? else {
            return Ok(None);
        };
        let resource = self.resource(engine, memo, resource)?;
        Ok(resource.map(|resource| cell([base, caller, action, resource])))
    }

    /// The same without its resource.
    fn place(
        &mut self,
        engine: &Engine,
        memo: &Memo,
        request: &Request,
        action: &str,
    ) -> Result<Option<Place>, Full> {
        let Some((base, has_parameters)) = self.base(request)? else {
            return Ok(None);
        };
        let caller = self.caller(engine, memo, &request.caller)?;
        let action = self.action(memo, action, has_parameters)?;
        Ok(Some([base, caller, action]))
    }

    fn base(&mut self, request: &Request) -> Result<Option<(u32, bool)>, Full> {
        let place = self.bases.iter().position(|base| base.is_of(request));
        if let Some(place) = place
            && let Some(base) = self.bases.get(place)
        {
            let found = (base.number, base.has_parameters());
            if place > 0 {
                self.bases.swap(0, place);
            }
            return Ok(Some(found));
        }
        if names_keys(request) {
            return Ok(None);
        }
        self.others += 1;
        // Whoever asks about something else each time shall not wait for others.
        if self.bases.len() >= BASES_MAX && !self.others.is_multiple_of(OTHERS_ASKED) {
            return Ok(None);
        }
        let insists = self.others >= OTHERS_MAX;
        let Some(base) = self.book.base(request, insists)? else {
            return Ok(None);
        };
        self.others = 0;
        self.bases.truncate(BASES_MAX - 1);
        let found = (base.number, base.has_parameters());
        self.bases.insert(0, base);
        Ok(Some(found))
    }

    fn caller(&mut self, engine: &Engine, memo: &Memo, caller: &Caller) -> Result<u32, Full> {
        let hash = self.hash(caller);
        if let Some(of_hash) = self.callers.get(&hash)
            && let Some((_, number)) = of_hash.iter().find(|(known, _)| are_same(known, caller))
        {
            return Ok(*number);
        }
        let has_templates = memo.classes.resources.has_templates;
        let class = memo.classes.callers.class(engine, caller, has_templates);
        let number = self.book.numbers.callers.number(class)?;
        if self.callers.len() >= memo.room.callers {
            self.callers.clear();
        }
        let of_hash = self.callers.entry(hash).or_default();
        of_hash.truncate(CALLERS_OF_HASH_MAX - 1);
        of_hash.push((caller.clone(), number));
        Ok(number)
    }

    /// Of what tells most callers apart: they are compared in full.
    fn hash(&self, caller: &Caller) -> u64 {
        let mut hasher = self.keyed.build_hasher();
        match &caller.kind {
            CallerKind::User { arn } => arn.as_str().hash(&mut hasher),
            CallerKind::RoleSession { role, session, .. } => {
                role.hash(&mut hasher);
                session.hash(&mut hasher);
                caller.account.hash(&mut hasher);
            }
            CallerKind::Service { name } => name.hash(&mut hasher),
            CallerKind::FederatedUser { arn, .. } => arn.as_str().hash(&mut hasher),
            CallerKind::ServiceIdentity { text } => text.hash(&mut hasher),
            CallerKind::Federated { provider } => provider.hash(&mut hasher),
            CallerKind::Root | CallerKind::RootSession | CallerKind::Anonymous => {
                caller.account.hash(&mut hasher);
            }
        }
        if !caller.tags.is_empty() {
            caller.tags.hash(&mut hasher);
        }
        hasher.finish()
    }

    fn action(&mut self, memo: &Memo, text: &str, has_parameters: bool) -> Result<u32, Full> {
        let Some(known) = self.actions.get_mut(usize::from(has_parameters)) else {
            return Err(Full);
        };
        if let Some(number) = known.get(text) {
            return Ok(*number);
        }
        let apart = Apart {
            has_parameters,
            has_templates: memo.classes.resources.has_templates,
        };
        let class = memo.classes.actions.class(text, apart);
        let number = self.book.numbers.actions.number(class)?;
        if known.len() >= memo.room.actions {
            known.clear();
        }
        known.insert(text.into(), number);
        Ok(number)
    }

    /// The class of a resource; `None` where every request about it is decided.
    fn resource(&mut self, engine: &Engine, memo: &Memo, text: &str) -> Result<Option<u32>, Full> {
        if is_of_kms(text)
            && let Some(place) = engine.keys().place(text)
        {
            if let Some(class) = self.book.key(place) {
                return Ok(class);
            }
            let class = self.find_resource(engine, memo, text)?;
            self.book.set_key(place, class);
            return Ok(class);
        }
        if let Some(class) = self.texts.get(text) {
            return Ok(*class);
        }
        let class = self.find_resource(engine, memo, text)?;
        if self.texts.len() >= memo.room.texts {
            self.texts.clear();
        }
        self.texts.insert(text.into(), class);
        Ok(class)
    }

    fn find_resource(
        &mut self,
        engine: &Engine,
        memo: &Memo,
        text: &str,
    ) -> Result<Option<u32>, Full> {
        if may_be_made(text) {
            return Ok(None);
        }
        let resources = &memo.classes.resources;
        let numbers = &self.book.numbers;
        self.heads.make_room(memo.room.heads);
        let class = resources.class(engine, text, &mut self.heads, numbers)?;
        numbers.resources.number(class).map(Some)
    }
}

/// True for equal callers; most have no tags.
fn are_same(one: &Caller, other: &Caller) -> bool {
    let Caller {
        kind,
        partition,
        account,
        id,
        canonical_id,
        tags,
        source_identity,
        credentials,
    } = one;
    *kind == other.kind
        && *account == other.account
        && *partition == other.partition
        && *id == other.id
        && *canonical_id == other.canonical_id
        && *source_identity == other.source_identity
        && *credentials == other.credentials
        && (tags.is_empty() && other.tags.is_empty() || *tags == other.tags)
}

/// True for ARNs of KMS.
fn is_of_kms(text: &str) -> bool {
    let rest = text.strip_prefix("arn:");
    let rest = rest.and_then(|rest| rest.split_once(':'));
    rest.is_some_and(|(_, rest)| rest.starts_with("kms:"))
}
