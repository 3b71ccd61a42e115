//! Types and arity of condition keys, from the catalogue.

use preclear_catalog::{ConditionKey, catalog};
use preclear_condition::{Arity, KeyId, KeyKind, KeyName, KeyTypes};

use crate::context::Facts;

/// Answers from the embedded catalogue. Rule: IAM-COND-5.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CatalogKeyTypes;

impl KeyTypes for CatalogKeyTypes {
    fn arity(&self, key: &KeyName) -> Arity {
        match catalog().condition_key(key.as_str()) {
            Some(entry) if entry.is_multivalued() => Arity::Multi,
            Some(entry) if entry.may_have_several() => Arity::Varying,
            Some(_) => Arity::Single,
            None => Arity::Uncatalogued,
        }
    }

    fn kind(&self, key: &KeyName) -> Option<KeyKind> {
        catalog()
            .condition_key(key.as_str())
            .map(|entry: ConditionKey<'_>| kind_of(entry))
    }

    fn id(&self, folded: &str) -> Option<KeyId> {
        Facts::of(folded).id()
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
