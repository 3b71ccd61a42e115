//! The request, as each caller makes it.

use std::collections::{BTreeMap, BTreeSet};

use preclear_condition::Tri;
use preclear_model::Arn;
use preclear_model::caller::Caller;
use serde_json::Value;

use super::Calls;
use crate::codes;
use crate::context::forwarding;
use crate::explanation::Warning;
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
    /// Accounts whose users and roles the snapshot lists, and its own: they say short names as they stand.
    own: BTreeSet<String>,
    /// True where it does not say whether calls come through a service: either kind counts then.
    leaves_way_open: bool,
}

/// What a short name means.
#[derive(Debug, Clone)]
struct Name {
    short: String,
    /// To those of whom nobody is listed: the key that the question is about.
    key: Option<Arn>,
    /// To the accounts of the snapshot.
    meanings: Vec<Meaning>,
}

/// What a short name of a key means to callers of one account: its own key. Rule: KMS-ID-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// A key id or the name of an alias.
    pub name: String,
    /// The account.
    pub account: String,
    /// The key of the account that the snapshot lists under this name, if there is one.
    pub key: Option<Arn>,
}

impl Wording {
    /// Looks short names up. One that is not found each caller resolves for itself.
    pub(super) fn of(snapshot: &Snapshot, base: &Request) -> Self {
        let mut wording = Self {
            base: base.clone(),
            names: Vec::new(),
            own: BTreeSet::new(),
            leaves_way_open: forwarding::is_unsaid(base),
        };
        let members = IDENTIFIERS
            .iter()
            .filter_map(|name| base.text_parameter(name));
        let texts = members
            .chain(base.resource.as_deref())
            .chain(base.ciphertext_key.as_deref());
        let texts: BTreeSet<&str> = texts
            .filter(|text| !text.contains(':') && *text != "*")
            .collect();
        if !texts.is_empty() {
            wording.own = own_accounts(snapshot);
        }
        for short in texts {
            let keys = called(snapshot, base, short);
            if !keys.is_empty() {
                let name = Name::of(short, &keys, meant(snapshot, base, &keys), &wording.own);
                wording.names.push(name);
            }
        }
        wording
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

    /// The keys that short names mean: first the one that the question is about.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Arn> {
        let first = self.names.iter().filter_map(|name| name.key.as_ref());
        let others = self.meanings().filter_map(|meaning| meaning.key.as_ref());
        first.chain(others)
    }

    /// What short names mean to each account of the snapshot.
    pub(super) fn meanings(&self) -> impl Iterator<Item = &Meaning> {
        self.names.iter().flat_map(|name| &name.meanings)
    }

    /// That a short name does not mean the same to all accounts of the snapshot. Rule: KMS-ID-1.
    pub(super) fn warnings(&self) -> impl Iterator<Item = Warning> {
        let all = self.names.iter().filter(|name| name.is_of_several());
        all.map(|name| {
            let warning = Warning::new(&codes::KEY_NAME_OF_EACH_ACCOUNT, name.in_words());
            let help = name.key.as_ref().map(|key| {
                format!("name the key by its ARN, such as `{key}`, to ask everybody about that one")
            });
            let warning = match help {
                Some(help) => warning.help(help),
                None => warning,
            };
            warning.at(self.base.place.clone())
        })
    }

    /// As a caller asks it, directly or through a service where nothing says which. Those of whose account the snapshot lists somebody say
    /// short names as they stand (KMS-ID-1), and so do those of the account that has the key; others need its ARN. Rule: KMS-ID-5.
    pub(super) fn of_caller(&self, caller: &Caller) -> Request {
        let mut request = Request {
            caller: caller.clone(),
            ..self.base.clone()
        };
        // Everything else that tells a direct call from another follows from this key.
        if self.leaves_way_open && forwarding::can_pass_on(&caller.kind) {
            request.unknown.insert(forwarding::VIA_SERVICE.to_owned());
        }
        let account = caller.account.as_deref();
        if account.is_some_and(|account| self.own.contains(account)) {
            return request;
        }
        for Name { short, key, .. } in &self.names {
            let Some(key) = key.as_ref().filter(|key| account != Some(key.account())) else {
                continue;
            };
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

impl Name {
    fn of(
        short: &str,
        keys: &[&KeyRecord],
        meant: Option<&KeyRecord>,
        own: &BTreeSet<String>,
    ) -> Self {
        let key = meant.map(|key| key.arn.clone());
        let home = key.as_ref().map(|key| key.account().to_owned());
        let accounts: BTreeSet<&String> = own.iter().chain(&home).collect();
        let meaning = |account: &String| {
            let mut keys = keys.iter();
            let key = keys.find(|key| key.arn.account() == account);
            Meaning {
                name: short.to_owned(),
                account: account.clone(),
                key: key.map(|key| key.arn.clone()),
            }
        };
        Self {
            short: short.to_owned(),
            meanings: accounts.into_iter().map(meaning).collect(),
            key,
        }
    }
}

impl Name {
    /// True unless it means one key to everybody.
    fn is_of_several(&self) -> bool {
        let keys: BTreeSet<Option<&str>> = self.meanings.iter().map(Meaning::text).collect();
        keys.len() > 1
    }

    /// Which key it means to whom, the one that the question is about first; accounts that fare alike together.
    fn in_words(&self) -> String {
        let first = self.key.as_ref().map(Arn::as_str);
        let mut accounts: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
        for meaning in &self.meanings {
            let same = accounts.entry(meaning.text()).or_default();
            same.push(&meaning.account);
        }
        let mut accounts: Vec<_> = accounts.into_iter().collect();
        accounts.sort_by_key(|(key, _)| (key.is_none(), *key != first));
        let said = accounts.into_iter().map(|(key, accounts)| {
            let shown = accounts.iter().take(ACCOUNTS_MAX).copied();
            let mut of = shown.collect::<Vec<_>>().join(", ");
            match accounts.len().saturating_sub(ACCOUNTS_MAX) {
                0 => {}
                more => of.push_str(&format!(" and {more} more")),
            }
            let key = key.map_or("no key that is listed".to_owned(), |key| format!("`{key}`"));
            format!("{key} to callers of {of}")
        });
        let said: Vec<String> = said.collect();
        format!("`{}` means {}", self.short, said.join(", "))
    }
}

impl Meaning {
    fn text(&self) -> Option<&str> {
        self.key.as_ref().map(Arn::as_str)
    }
}

/// Accounts that a message names of those that have one key.
const ACCOUNTS_MAX: usize = 4;

fn own_accounts(snapshot: &Snapshot) -> BTreeSet<String> {
    let listed = snapshot.principals.iter().map(|one| one.arn.account());
    let all: BTreeSet<&str> = listed.chain(snapshot.account.as_deref()).collect();
    all.into_iter().map(str::to_owned).collect()
}

/// The listed keys of a short name in the Region of the call.
fn called<'s>(snapshot: &'s Snapshot, base: &Request, short: &str) -> Vec<&'s KeyRecord> {
    let region = base.region.as_deref().or(snapshot.region.as_deref());
    let is_called = |key: &&KeyRecord| {
        let aliases = key.aliases.iter().flatten();
        let mut aliases = aliases.map(String::as_str);
        key.arn.resource().strip_prefix("key/") == Some(short) || aliases.any(|own| own == short)
    };
    let is_there = |key: &&KeyRecord| region.is_none_or(|region| key.arn.region() == region);
    let keys = snapshot.keys.iter().filter(is_called).filter(is_there);
    keys.collect()
}

/// The one that the question is about: in the account of the request's resource or of the snapshot, else the only one of that name.
fn meant<'s>(snapshot: &Snapshot, base: &Request, keys: &[&'s KeyRecord]) -> Option<&'s KeyRecord> {
    let home = base.resource_account.as_ref().or(snapshot.account.as_ref());
    let own = home.and_then(|home| keys.iter().find(|key| key.arn.account() == home));
    let only = keys.first().filter(|_| keys.len() == 1);
    own.or(only).copied()
}
