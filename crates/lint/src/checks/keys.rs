//! What condition keys are: shared by the checks of conditions.

use preclear_catalog::kms::{self, KmsAction};
use preclear_catalog::{KeyKind as CatalogKind, catalog, globals};
use preclear_condition::{Arity, KeyKind, KeyName, KeyTypes, holds_when_missing};
use preclear_model::policy::ConditionTest;
use preclear_model::{OperatorFamily, PolicyKind};

use crate::subject::texts;

/// The catalogue's condition keys, as the condition crate asks for them.
#[derive(Debug, Clone, Copy)]
pub(super) struct CatalogKeys {
    /// Trust policies test claims of identity providers, whose names are the providers' own.
    pub(super) kind: PolicyKind,
}

impl KeyTypes for CatalogKeys {
    fn arity(&self, key: &KeyName) -> Arity {
        // What providers call `amr` is one family, whatever single providers are listed as.
        if let Some(global) = globals::key(key.as_str()) {
            return if global.is_multivalued {
                Arity::Multi
            } else {
                Arity::Single
            };
        }
        match catalog().condition_key(key.as_str()) {
            Some(found) if found.is_multivalued() => Arity::Multi,
            Some(found) if found.may_have_several() => Arity::Varying,
            Some(_) => Arity::Single,
            None if is_providers_claim(key.as_str(), self.kind) => Arity::Single,
            None => Arity::Uncatalogued,
        }
    }

    fn kind(&self, key: &KeyName) -> Option<KeyKind> {
        // The caller fills the encryption context with whatever it likes, often ARNs.
        if is_pair(key.as_str()) {
            return None;
        }
        let found = catalog().condition_key(key.as_str())?;
        Some(match found.kind() {
            CatalogKind::Date | CatalogKind::Numeric
                if found.accepts(CatalogKind::Date) && found.accepts(CatalogKind::Numeric) =>
            {
                KeyKind::Epoch
            }
            CatalogKind::String => KeyKind::Text,
            CatalogKind::Arn => KeyKind::Arn,
            CatalogKind::Bool => KeyKind::Boolean,
            CatalogKind::Numeric => KeyKind::Number,
            CatalogKind::Date => KeyKind::Date,
            CatalogKind::IpAddress => KeyKind::Ip,
            CatalogKind::Binary => KeyKind::Binary,
        })
    }
}

/// Whether the key is a claim of an identity provider, in a trust policy.
fn is_providers_claim(key: &str, kind: PolicyKind) -> bool {
    let is_host = key
        .split_once(':')
        .is_some_and(|(host, _)| host.contains('.'));
    kind == PolicyKind::Trust && is_host
}

/// Whether only some actions' requests carry the key. Global keys and unknown ones are no matter of actions, and of a key that the
/// catalogue gives to no action at all nothing can be said.
pub(super) fn is_action_key(key: &str) -> bool {
    let Some((prefix, _)) = key.split_once(':') else {
        return false;
    };
    if prefix.eq_ignore_ascii_case("aws") || globals::key(key).is_some() {
        return false;
    }
    let Some(service) = catalog().service(prefix) else {
        return false;
    };
    catalog().condition_key(key).is_some()
        && (prefix.eq_ignore_ascii_case("kms") || service.actions().any(|action| action.takes(key)))
}

/// Whether the test fails where the key is missing: then it is there, and where the operator is positive it is limited to the
/// operands.
pub(super) fn demands(test: &ConditionTest) -> bool {
    !holds_when_missing(test)
}

pub(super) fn is_key(test: &ConditionTest, key: &str) -> bool {
    test.key.eq_ignore_ascii_case(key)
}

/// Whether the key belongs to the encryption context: a pair's value, or the names of the pairs.
pub(super) fn is_of_context(key: &str) -> bool {
    is_pair(key) || key.eq_ignore_ascii_case("kms:EncryptionContextKeys")
}

/// Whether the key is the value of a pair of the encryption context.
pub(super) fn is_pair(key: &str) -> bool {
    has_prefix(key, "kms:EncryptionContext:")
}

/// Whether users choose the text of the key's values, ARNs included.
pub(super) fn is_filled_by_users(key: &str) -> bool {
    preclear_condition::is_filled_by_users(&KeyName::new(key))
}

/// Whether the key begins so, in any ASCII case.
pub(super) fn has_prefix(key: &str, prefix: &str) -> bool {
    key.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Whether it is a `Bool` test for this value, whatever becomes of a missing key.
pub(super) fn is_bool(test: &ConditionTest, key: &str, value: &str) -> bool {
    is_key(test, key)
        && test.operator.base.family() == OperatorFamily::Bool
        && texts(&test.operands).all(|text| text.eq_ignore_ascii_case(value))
        && !test.operands.is_empty()
}

/// The action of KMS of this name.
pub(super) fn kms_action(name: &str) -> Option<&'static KmsAction> {
    kms::action(name)
}
