//! KMS keys.

use preclear_catalog::kms;
use preclear_model::{Arn, Fields, Node, PolicyKind};
use preclear_simulator::snapshot::{KeyManager, KeyRecord, NOT_KNOWN};

use super::{entry, grants};
use crate::loader::{Loader, Origin};
use crate::part::Entry;

/// Names of key states in `DescribeKey`. Rule: KMS-STATE-2.
pub(crate) const STATES: [&str; 8] = [
    "Enabled",
    "Disabled",
    "PendingDeletion",
    "PendingReplicaDeletion",
    "PendingImport",
    "Unavailable",
    "Creating",
    "Updating",
];

/// Names of key usages. Rule: KMS-STATE-3a.
pub(crate) const USAGES: [&str; 5] = [
    "ENCRYPT_DECRYPT",
    "SIGN_VERIFY",
    "GENERATE_VERIFY_MAC",
    "KEY_AGREEMENT",
    "ENCAPSULATE_DECAPSULATE",
];

/// Origins of key material.
pub(crate) const ORIGINS: [&str; 4] = ["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];

/// An entry of `keys`. What is left out has the value that the interface shows.
pub(super) fn key(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<Entry<KeyRecord>> {
    let mut fields = Fields::of(node, &origin.source, "a key", &mut loader.diagnostics)?;
    let arn_node = fields.required("arn");
    let policy = fields.node("policy");
    let ram_policy = fields.node("ram_policy");
    let state = known_word(&mut fields, "state", &STATES);
    let spec = fields.text("spec").zip(fields.value("spec"));
    let usage = known_word(&mut fields, "usage", &USAGES);
    let key_origin = known_word(&mut fields, "origin", &ORIGINS);
    let managers = [
        ("CUSTOMER", KeyManager::Customer),
        ("AWS", KeyManager::Aws),
        ("AWS_OWNED", KeyManager::AwsOwned),
    ];
    let manager = fields.choice("manager", &managers);
    let service = fields.text("service").map(str::to_owned);
    let multi_region = fields.boolean("multi_region");
    let multi_region_type = word(&mut fields, "multi_region_type", &["PRIMARY", "REPLICA"]);
    let custom_key_store = fields.text("custom_key_store").map(str::to_owned);
    let last_used = fields.text("last_used").zip(fields.value("last_used"));
    let aliases = fields.node("aliases");
    let tags = fields.node("tags");
    let grant_list = fields.node("grants");
    fields.finish();

    let arn = arn_node.and_then(|node| key_arn(loader, node, origin));
    let id = arn.as_ref().map_or("", Arn::resource_id).to_owned();
    let at = |member: &str| format!("keys/{id}/{member}");
    let owner = arn.as_ref().map(Arn::as_str);
    let policy = loader.policy_member(policy, origin, PolicyKind::Key, owner, || at("policy"));
    let ram_policy = loader.policy_member(ram_policy, origin, PolicyKind::Key, owner, || {
        at("ram_policy")
    });
    let spec = spec.and_then(|(text, node)| known_spec(loader, text, node, origin));
    let last_used = last_used.and_then(|(text, node)| date(loader, text, node, origin));
    let aliases = aliases.map(|node| alias_names(loader, node, origin));
    let tags = loader.tags(tags, origin);
    let grants = grant_list.map(|node| grants(loader, node, origin, arn.as_ref()));

    let mut record = KeyRecord::new(arn?);
    let set = |member: &mut String, value: Option<String>| {
        if let Some(value) = value {
            *member = value;
        }
    };
    set(&mut record.state, state);
    set(&mut record.spec, spec);
    set(&mut record.usage, usage);
    set(&mut record.origin, key_origin);
    record.manager = manager.unwrap_or(record.manager);
    record.multi_region = multi_region.unwrap_or(record.multi_region);
    let record = KeyRecord {
        policy,
        ram_policy,
        service,
        multi_region_type,
        custom_key_store,
        last_used,
        aliases,
        tags,
        grants,
        ..record
    };
    Some(entry(record, arn_node?, node, origin, &MEMBERS))
}

/// Members that a key entry may give.
const MEMBERS: [&str; 15] = [
    "policy",
    "ram_policy",
    "state",
    "spec",
    "usage",
    "origin",
    "manager",
    "service",
    "multi_region",
    "multi_region_type",
    "custom_key_store",
    "last_used",
    "aliases",
    "tags",
    "grants",
];

/// One of several words.
pub(crate) fn word(
    fields: &mut Fields<'_, '_>,
    name: &'static str,
    words: &[&'static str],
) -> Option<String> {
    let choices: Vec<(&'static str, &'static str)> =
        words.iter().map(|word| (*word, *word)).collect();
    fields.choice(name, &choices).map(str::to_owned)
}

/// One of several words, or that nobody knows.
fn known_word(
    fields: &mut Fields<'_, '_>,
    name: &'static str,
    words: &[&'static str],
) -> Option<String> {
    let words: Vec<&'static str> = words.iter().copied().chain([NOT_KNOWN]).collect();
    word(fields, name, &words)
}

pub(crate) fn key_arn(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<Arn> {
    let arn = loader.exact_arn(node, origin, "arn")?;
    let is_key = arn.service() == "kms"
        && arn.resource_type() == Some("key")
        && !arn.resource_id().is_empty()
        && !arn.region().is_empty()
        && !arn.account().is_empty();
    if is_key {
        return Some(arn);
    }
    let help = if arn.resource().starts_with("alias/") {
        "write the ARN of the key, and the alias under its `aliases`"
    } else {
        "write `arn:aws:kms:REGION:ACCOUNT:key/ID`"
    };
    let message = format!("`{}` is no key", arn.as_str());
    loader.error("NOT_A_KEY", "KMS-ID-1", message, (origin, node.span), help);
    None
}

/// Rule: KMS-STATE-3a. Whether the usage fits is checked once all files are read.
pub(crate) fn known_spec(
    loader: &mut Loader<'_>,
    text: &str,
    node: &Node,
    origin: &Origin,
) -> Option<String> {
    if kms::spec(text).is_some() || text == NOT_KNOWN {
        return Some(text.to_owned());
    }
    let known: Vec<&str> = kms::specs().iter().map(|row| row.spec.as_str()).collect();
    let at = (origin, node.span);
    loader.unknown_word_of("KMS-STATE-3a", "key spec", text, &known, at);
    None
}

/// A day, perhaps with a time.
fn date(loader: &mut Loader<'_>, text: &str, node: &Node, origin: &Origin) -> Option<String> {
    let is_date = text
        .bytes()
        .take(10)
        .enumerate()
        .all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !is_date || text.len() < 10 {
        let message = format!("`{text}` is no date");
        loader.error(
            "INVALID_DATE",
            "UI-33",
            message,
            (origin, node.span),
            "write it as `2026-05-01`",
        );
        return None;
    }
    Some(text.to_owned())
}

/// Rule: KMS-ID-8.
pub(crate) fn is_alias_name(text: &str) -> bool {
    text.strip_prefix("alias/").is_some_and(|name| {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-');
        !name.is_empty() && name.bytes().all(is_plain)
    })
}

/// Rule: KMS-ID-8.
fn alias_names(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Vec<String> {
    let items = loader.list(node, origin, "aliases");
    let mut names: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        let Some(text) = loader.text(item, origin, "aliases") else {
            continue;
        };
        let message = if !is_alias_name(text) {
            format!("`{text}` is no alias name")
        } else if names.iter().any(|name| name == text) {
            format!("`{text}` is listed twice")
        } else {
            names.push(text.to_owned());
            continue;
        };
        let help = "write each alias once, as `alias/NAME` with letters, digits, `/`, `_` and `-`";
        loader.error(
            "INVALID_ALIAS",
            "KMS-ID-8",
            message,
            (origin, item.span),
            help,
        );
    }
    names
}
