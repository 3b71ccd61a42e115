//! What the flags of a command say of a question, and of the policies that it is decided against.

use std::num::NonZeroUsize;

use crate::failure::Failure;

mod context;
pub(crate) mod overrides;
pub(crate) mod placeholders;
pub(crate) mod spoken;
pub(crate) mod world;

/// Threads at most: no machine has more, and starting them takes the longest.
const THREADS_MAX: usize = 1024;

/// The threads of `--threads`; without it as many as there are cores.
pub(crate) fn pool(threads: Option<NonZeroUsize>) -> Result<rayon::ThreadPool, Failure> {
    let threads = threads.map_or(0, NonZeroUsize::get);
    if threads > THREADS_MAX {
        return Err(Failure::usage(format!(
            "`--threads {threads}`: at most {THREADS_MAX} are started"
        )));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Failure::usage(format!("`--threads`: {error}")))
}
