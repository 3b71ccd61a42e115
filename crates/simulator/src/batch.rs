//! Many requests at once, on all threads of the caller's pool. How they are shared out shows in nothing but the time.

use preclear_model::caller::CallerKind;
use rayon::prelude::*;

use crate::engine::{Detail, Engine};
use crate::explanation::{Explanation, Verdict};
use crate::matrix::decider;
use crate::request::{Ask, Request};

/// Requests that one thread takes at least: fewer are decided sooner than another thread wakes up.
const SHARE_MIN: usize = 32;

/// Requests that one thread takes at a time where what is alike is decided once, and shares of each thread.
const SHARE: std::ops::RangeInclusive<usize> = 256..=8192;
const SHARES: usize = 8;

/// Requests that are fetched from memory together.
const AHEAD: usize = 16;

/// Reads a byte of each text that a decider compares. Requests of a batch lie anywhere in memory, and fetching texts of several at once
/// takes hardly longer than fetching one.
fn touch(requests: &[Request]) {
    let first = |text: &str| text.as_bytes().first().copied().unwrap_or_default();
    let sum = requests.iter().fold(0, |sum, request| {
        let caller = &request.caller;
        let (Ask::Action(ask) | Ask::Operation(ask)) = &request.ask;
        let name = match &caller.kind {
            CallerKind::User { arn } => arn.as_str(),
            CallerKind::RoleSession { role, .. } => role,
            _ => "",
        };
        let texts = [&request.resource, &request.now, &caller.account];
        let texts = texts.into_iter().filter_map(Option::as_deref);
        let texts = texts.chain([ask, name]).map(first);
        texts.fold(sum, |sum, byte| sum ^ byte)
    });
    std::hint::black_box(sum);
}

impl Engine {
    /// Answers each request with nothing but the verdict, in the order of the requests.
    ///
    /// The answers are those of [`Engine::decide`], however many threads there are. Of many requests, those that no decision can tell
    /// apart are decided once, as a [`Decider`](crate::Decider) does. Work runs in the rayon pool in
    /// which it is called, which is the global one unless [`rayon::ThreadPool::install`] says otherwise.
    ///
    /// ```
    /// use preclear_model::caller::Caller;
    /// use preclear_simulator::{Ask, Engine, Request, Snapshot, Verdict};
    ///
    /// let engine = Engine::compile(Snapshot { complete: true, ..Snapshot::default() });
    /// let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
    /// let requests = ["sts:GetCallerIdentity", "s3:ListAllMyBuckets"]
    ///     .map(|action| Request::new(caller.clone(), Ask::Action(action.to_owned())));
    /// let verdicts = engine.decide_all(&requests);
    /// assert_eq!(verdicts, [Verdict::Allow, Verdict::ImplicitDeny]);
    ///
    /// // The same on a single thread.
    /// let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    /// assert_eq!(pool.install(|| engine.decide_all(&requests)), verdicts);
    /// ```
    #[must_use]
    pub fn decide_all(&self, requests: &[Request]) -> Vec<Verdict> {
        if !decider::is_worth_it(self, requests.len()) {
            let requests = requests.par_iter().with_min_len(SHARE_MIN);
            return requests.map(|request| self.decide(request)).collect();
        }
        // Before threads would wait for each other.
        self.memo();
        let shares = rayon::current_num_threads() * SHARES;
        let share = (requests.len() / shares).clamp(*SHARE.start(), *SHARE.end());
        let mut verdicts = vec![Verdict::Invalid; requests.len()];
        let places = verdicts.par_chunks_mut(share);
        places
            .zip(requests.par_chunks(share))
            .for_each(|(verdicts, requests)| {
                let mut decider = self.decider_at_once();
                for (verdicts, requests) in verdicts.chunks_mut(AHEAD).zip(requests.chunks(AHEAD)) {
                    touch(requests);
                    for (verdict, request) in verdicts.iter_mut().zip(requests) {
                        *verdict = decider.decide(request);
                    }
                }
            });
        verdicts
    }

    /// Answers each request in full, as [`Engine::explain`] does, in the order of the requests.
    ///
    /// ```
    /// use preclear_model::caller::Caller;
    /// use preclear_simulator::{Ask, Detail, Engine, Request, Snapshot, Verdict};
    ///
    /// let engine = Engine::compile(Snapshot { complete: true, ..Snapshot::default() });
    /// let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
    /// let ask = Ask::Action("sts:GetCallerIdentity".to_owned());
    /// let answers = engine.explain_all(&[Request::new(caller, ask)], Detail::Reasons);
    /// assert_eq!(answers[0].verdict, Verdict::Allow);
    /// ```
    #[must_use]
    pub fn explain_all(&self, requests: &[Request], detail: Detail) -> Vec<Explanation> {
        let requests = requests.par_iter();
        requests
            .map(|request| self.explain(request, detail))
            .collect()
    }
}
