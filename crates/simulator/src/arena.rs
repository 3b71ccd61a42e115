//! Memory of one decision: what it makes up on the way lives here, and all of it is given back at once.

use std::cell::Cell;

use bumpalo::Bump;

/// Where a decision keeps texts and lists that it makes.
pub(crate) type Arena = Bump;

/// A list of one decision.
pub(crate) type List<'a, T> = bumpalo::collections::Vec<'a, T>;

/// A list of these.
pub(crate) fn list<T, const N: usize>(arena: &Arena, values: [T; N]) -> List<'_, T> {
    let mut list = List::with_capacity_in(N, arena);
    list.extend(values);
    list
}

thread_local! {
    /// Kept from one decision of the thread to the next, so that the next needs no memory of its own.
    static KEPT: Cell<Option<Arena>> = const { Cell::new(None) };
}

/// Runs one decision with the memory of the thread's last one.
pub(crate) fn with<T>(decision: impl FnOnce(&Arena) -> T) -> T {
    // A decision inside another one finds none, and takes its own.
    let mut arena = KEPT.take().unwrap_or_default();
    let result = decision(&arena);
    arena.reset();
    KEPT.set(Some(arena));
    result
}

/// A text made in an arena, as `format!` makes one.
macro_rules! text {
    ($arena:expr, $form:literal) => {
        bumpalo::format!(in $arena, $form,).into_bump_str()
    };
}
pub(crate) use text;
