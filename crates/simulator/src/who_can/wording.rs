//! The request, as each caller makes it.

use preclear_condition::Tri;
use preclear_model::Arn;
use preclear_model::caller::Caller;
use serde_json::Value;

use super::Calls;
use crate::context::forwarding;
use crate::request::Request;
use crate::snapshot::{KeyRecord, Snapshot};

/// Members of a call that name keys. Rule: UI-38.
const IDENTIFIERS: [&str; 4] = ["KeyId", "SourceKeyId", "DestinationKeyId", "TargetKeyId"];

/// A request without its caller.
#[derive(Debug, Clone)]
pub(super) struct Wording {
    pub(super) base: Request,
    /// Short names in it, with the keys that they mean.
    names: Vec<Name>,
    /// True where it does not say whether calls come through a service: either kind counts then.
    leaves_way_open: bool,
}

/// What a short name means.
#[derive(Debug, Clone)]
struct Name {
    short: String,
    key: Arn,
}

impl Wording {
    /// Looks short names up. One that is not found, or that nobody can tell from another, each caller resolves for itself.
    pub(super) fn of(snapshot: &Snapshot, base: &Request) -> Self {
        let members = IDENTIFIERS
            .iter()
            .filter_map(|name| base.text_parameter(name));
        let texts = members
            .chain(base.resource.as_deref())
            .chain(base.ciphertext_key.as_deref());
        let mut names: Vec<Name> = Vec::new();
        for short in texts.filter(|text| !text.contains(':') && *text != "*") {
            if let Some(record) = meant(snapshot, base, short)
                && names.iter().all(|known| known.short != short)
            {
                names.push(Name {
                    short: short.to_owned(),
                    key: record.arn.clone(),
                });
            }
        }
        Self {
            base: base.clone(),
            names,
            leaves_way_open: forwarding::is_unsaid(base),
        }
    }

    /// The calls that are asked about.
    pub(super) fn calls(&self) -> Calls {
        match forwarding::of(&self.base) {
            _ if self.leaves_way_open => Calls::Any,
            Tri::Unknown => Calls::Any,
            Tri::False => Calls::Direct,
            Tri::True => Calls::ThroughServices,
        }
    }

    /// The keys that short names mean.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Arn> {
        self.names.iter().map(|name| &name.key)
    }

    /// As a caller asks it, directly or through a service where nothing says which. Those of the account that has the key use its short name, others need its ARN. Rule: KMS-ID-5.
    pub(super) fn of_caller(&self, caller: &Caller) -> Request {
        let mut request = Request {
            caller: caller.clone(),
            ..self.base.clone()
        };
        // Everything else that tells a direct call from another follows from this key.
        if self.leaves_way_open && forwarding::can_pass_on(&caller.kind) {
            request.unknown.insert(forwarding::VIA_SERVICE.to_owned());
        }
        for Name { short, key } in &self.names {
            if caller.account.as_deref() == Some(key.account()) {
                continue;
            }
            let rename = |text: &mut String| {
                if text == short {
                    key.as_str().clone_into(text);
                }
            };
            request.resource.as_mut().map(rename);
            request.ciphertext_key.as_mut().map(rename);
            for member in IDENTIFIERS {
                let members = request.parameters.as_mut();
                if let Some(Value::String(text)) = members.and_then(|all| all.get_mut(member)) {
                    rename(text);
                }
            }
        }
        request
    }
}

/// The listed key of a short name: in the account of the request's resource or of the snapshot, else the only one of that name.
fn meant<'s>(snapshot: &'s Snapshot, base: &Request, short: &str) -> Option<&'s KeyRecord> {
    let region = base.region.as_deref().or(snapshot.region.as_deref());
    let is_called = |key: &&KeyRecord| {
        let aliases = key.aliases.iter().flatten();
        let mut aliases = aliases.map(String::as_str);
        key.arn.resource().strip_prefix("key/") == Some(short) || aliases.any(|own| own == short)
    };
    let is_there = |key: &&KeyRecord| region.is_none_or(|region| key.arn.region() == region);
    let keys = snapshot.keys.iter().filter(is_called).filter(is_there);
    let keys: Vec<&KeyRecord> = keys.collect();
    let home = base.resource_account.as_ref().or(snapshot.account.as_ref());
    match (keys.as_slice(), home) {
        ([only], None) => Some(only),
        (keys, Some(home)) => {
            let mut own = keys.iter().filter(|key| key.arn.account() == home);
            own.next()
                .or(keys.first().filter(|_| keys.len() == 1))
                .copied()
        }
        _ => None,
    }
}
