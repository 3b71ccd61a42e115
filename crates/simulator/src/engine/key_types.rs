//! Types and arity of condition keys, from the catalogue.

use std::cell::RefCell;

use preclear_catalog::{ConditionKey, catalog};
use preclear_condition::{Arity, KeyId, KeyKind, KeyName, KeyTypes};

use crate::context::Facts;

/// Answers from the embedded catalogue. Rule: IAM-COND-5.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CatalogKeyTypes;

impl KeyTypes for CatalogKeyTypes {
    fn arity(&self, key: &KeyName) -> Arity {
        Known::remember(key.as_str()).arity
    }

    fn kind(&self, key: &KeyName) -> Option<KeyKind> {
        Known::remember(key.as_str()).kind
    }

    fn id(&self, folded: &str) -> Option<KeyId> {
        Known::remember(folded).id
    }
}

/// What is known of a key by its name in lower case.
#[derive(Debug, Clone, Copy)]
struct Known {
    arity: Arity,
    kind: Option<KeyKind>,
    id: Option<KeyId>,
}

/// A name that was looked up, with what is known of it.
type Place = Option<(Box<str>, Known)>;

/// Names that a thread remembers; a power of two.
const REMEMBERED: usize = 1024;

/// Bytes of a name that is remembered, at most.
const REMEMBERED_BYTES: usize = 128;

thread_local! {
    /// Keys that were looked up: policies name few keys again and again, and members of families are found slowly.
    static LOOKED_UP: RefCell<Vec<Place>> = const { RefCell::new(Vec::new()) };
}

impl Known {
    fn find(folded: &str) -> Self {
        let entry = catalog().condition_key(folded);
        Self {
            arity: match entry {
                Some(entry) if entry.is_multivalued() => Arity::Multi,
                Some(entry) if entry.may_have_several() => Arity::Varying,
                Some(_) => Arity::Single,
                None => Arity::Uncatalogued,
            },
            kind: entry.map(kind_of),
            id: Facts::of(folded).id(),
        }
    }

    /// The same from memory. Every name has one place there; the last one that was looked up has it.
    fn remember(folded: &str) -> Self {
        if folded.len() > REMEMBERED_BYTES {
            return Self::find(folded);
        }
        let hash = folded.bytes().fold(0_usize, |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(usize::from(byte))
        });
        LOOKED_UP.with_borrow_mut(|known| {
            known.resize(REMEMBERED, None);
            match known.get_mut(hash % REMEMBERED) {
                Some(Some((name, found))) if **name == *folded => *found,
                Some(place) => {
                    let found = Self::find(folded);
                    *place = Some((folded.into(), found));
                    found
                }
                None => Self::find(folded),
            }
        })
    }
}

/// Type of the key's values, if the catalogue names no other. A date that is also a number is one type.
pub(crate) fn sole_kind(key: &KeyName) -> Option<KeyKind> {
    let entry = catalog().condition_key(key.as_str())?;
    let kind = kind_of(entry);
    let accepted = preclear_catalog::KeyKind::ALL
        .into_iter()
        .filter(|kind| entry.accepts(*kind));
    (accepted.count() <= 1 || kind == KeyKind::Epoch).then_some(kind)
}

fn kind_of(entry: ConditionKey<'_>) -> KeyKind {
    use preclear_catalog::KeyKind as Catalogued;
    if entry.kind() == Catalogued::Date && entry.accepts(Catalogued::Numeric) {
        return KeyKind::Epoch;
    }
    match entry.kind() {
        Catalogued::Arn => KeyKind::Arn,
        Catalogued::Bool => KeyKind::Boolean,
        Catalogued::Numeric => KeyKind::Number,
        Catalogued::Date => KeyKind::Date,
        Catalogued::IpAddress => KeyKind::Ip,
        Catalogued::Binary => KeyKind::Binary,
        _ => KeyKind::Text,
    }
}
