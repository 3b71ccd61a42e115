//! KMS keys, as the commands of `aws kms` print them.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Arn, Fields, Node, Place};
use preclear_simulator::Layer;
use preclear_simulator::snapshot::{GrantRecord, KeyManager, KeyRecord};

use super::lists::{Joined, Telling, Tellings};
use super::pages::Pages;
use super::subject::partition_of;
use super::{Output, Outputs, has, is_list_of};
use crate::format::Format;
use crate::loader::Loader;
use crate::part::{Entry, Part};
use crate::snapshot_file::{
    Members, ORIGINS, STATES, USAGES, grant, is_alias_name, key_arn, known_spec, word,
};

pub(super) mod policies;

pub(super) static FORMATS: [Format; 5] = [
    Format::output(
        "output of `aws kms describe-key`",
        |node| has(node, "KeyMetadata"),
        describe_key,
    ),
    Format::output(
        "output of `aws kms list-grants`",
        |node| {
            // The list of an S3 bucket's access control has an owner.
            is_list_of(node, "Grants", |grant| has(grant, "GrantId")) && !has(node, "Owner")
        },
        list_grants,
    ),
    Format::output(
        "output of `aws kms list-aliases`",
        |node| is_list_of(node, "Aliases", |alias| has(alias, "AliasName")),
        list_aliases,
    ),
    Format::output(
        "output of `aws kms list-keys`",
        |node| is_list_of(node, "Keys", |key| has(key, "KeyArn")),
        list_keys,
    ),
    Format::output(
        "output of `aws kms list-resource-tags`",
        |node| is_list_of(node, "Tags", |tag| has(tag, "TagKey")),
        list_resource_tags,
    ),
];

/// Partition, account and Region.
type Home = (String, String, String);

/// Aliases of an account and Region, each with the id of its key; AWS's own may have none.
type Aliases = Tellings<Option<String>>;

/// What the lists say.
#[derive(Debug, Default)]
pub(super) struct Facts {
    grants: BTreeMap<String, Tellings<GrantRecord>>,
    policies: BTreeMap<String, Tellings<()>>,
    tags: BTreeMap<String, Tellings<String>>,
    aliases: BTreeMap<Home, Aliases>,
    /// Aliases of single keys, from the folders of those keys.
    aliases_of_keys: BTreeMap<(Home, String), Aliases>,
}

impl Facts {
    /// Adds grants, tags and aliases to their keys.
    pub(super) fn finish(self, loader: &mut Loader<'_>, pages: &Pages, part: &mut Part) {
        for (arn, tellings) in self.policies {
            policies::finish(loader, pages, part, (&arn, tellings));
        }
        for (arn, tellings) in self.grants {
            let what = format!("the grants of `{arn}`");
            let Some(list) = tellings.join(pages, &what, &mut loader.diagnostics) else {
                continue;
            };
            if !list.is_whole {
                let owners = part.open.entry(Layer::Grants).or_default();
                owners.insert(arn.clone());
            }
            let grants = list.items.into_values().map(|(grant, _)| grant).collect();
            add(part, &arn, "grants", list.place, |key| {
                key.grants = Some(grants);
            });
        }
        for (arn, tellings) in self.tags {
            let what = format!("the tags of `{arn}`");
            let Some(list) = tellings.join(pages, &what, &mut loader.diagnostics) else {
                continue;
            };
            if list.is_whole {
                let tags = list.items.into_iter();
                let tags = tags.map(|(name, (value, _))| (name, value)).collect();
                add(part, &arn, "tags", list.place, |key| key.tags = Some(tags));
            }
        }
        let mut of_keys: BTreeMap<String, AliasList> = BTreeMap::new();
        for ((home, id), tellings) in self.aliases_of_keys {
            let what = format!("the aliases of key `{id}`");
            let Some(list) = tellings.join(pages, &what, &mut loader.diagnostics) else {
                continue;
            };
            let whole = list.is_whole.then(|| list.place.clone());
            collect(&mut of_keys, &home, list);
            if let (Some(place), Some(arn)) = (whole, key_of(&home, &id)) {
                of_keys.entry(arn).or_insert_with(|| AliasList::at(place));
            }
        }
        for (home, tellings) in self.aliases {
            let (_, account, region) = &home;
            let what = format!("the aliases of account {account} in {region}");
            let Some(list) = tellings.join(pages, &what, &mut loader.diagnostics) else {
                continue;
            };
            let others = list.is_whole.then(|| list.place.clone());
            collect(&mut of_keys, &home, list);
            let Some(place) = others else { continue };
            let keys = part.keys.iter().map(|key| &key.record.arn);
            let here: Vec<String> = keys
                .filter(|arn| home_of(arn) == home)
                .map(|arn| arn.as_str().to_owned())
                .collect();
            for arn in here {
                of_keys
                    .entry(arn)
                    .or_insert_with(|| AliasList::at(place.clone()));
            }
        }
        for (arn, list) in of_keys {
            let is_of_aws = list.names.iter().any(|name| name.starts_with("alias/aws/"));
            let place = list.place.clone();
            add(part, &arn, "aliases", list.place, |key| {
                key.aliases = Some(list.names);
                if is_of_aws {
                    key.manager = KeyManager::Aws;
                }
            });
            if let (true, Some(entry)) = (is_of_aws, part.keys.last_mut()) {
                entry.given.insert("manager", place);
            }
        }
    }
}

/// The aliases of one key.
struct AliasList {
    names: Vec<String>,
    place: Place,
}

impl AliasList {
    fn at(place: Place) -> Self {
        Self {
            names: Vec::new(),
            place,
        }
    }
}

/// Sorts aliases by their keys.
fn collect(of_keys: &mut BTreeMap<String, AliasList>, home: &Home, list: Joined<Option<String>>) {
    for (name, (target, place)) in list.items {
        let Some(arn) = target.and_then(|id| key_of(home, &id)) else {
            continue;
        };
        let entry = of_keys.entry(arn).or_insert_with(|| AliasList::at(place));
        if !entry.names.contains(&name) {
            entry.names.push(name);
            entry.names.sort();
        }
    }
}

fn key_of((partition, account, region): &Home, id: &str) -> Option<String> {
    let arn = Arn::from_fields(partition, "kms", region, account, &format!("key/{id}"));
    arn.map(|arn| arn.as_str().to_owned())
}

fn home_of(arn: &Arn) -> Home {
    (
        arn.partition().to_owned(),
        arn.account().to_owned(),
        arn.region().to_owned(),
    )
}

/// Adds an entry with one member.
fn add(
    part: &mut Part,
    arn: &str,
    member: &'static str,
    place: Place,
    set: impl FnOnce(&mut KeyRecord),
) {
    let Some(arn) = Arn::parse(arn) else { return };
    let mut entry = Entry::new(KeyRecord::new(arn), place.clone());
    entry.given.insert(member, place);
    set(&mut entry.record);
    part.keys.push(entry);
}

/// The key whose folder a file lies in; an error where none says which it is.
pub(super) fn key_of_folder(loader: &mut Loader<'_>, output: &Output<'_>) -> Option<Arn> {
    let Some(id) = output.subject.named("keys") else {
        let folder = "account/ACCOUNT/REGION/kms/keys/KEY-ID";
        output.nobody_says(loader, "which key it is of", folder);
        return None;
    };
    let (account, region) = (output.account(loader)?, output.region(loader)?);
    let partition = partition_of(&region);
    Arn::from_fields(partition, "kms", &region, &account, &format!("key/{id}"))
}

/// Refuses a key that lies in the folder of another key, account or Region.
fn agrees(loader: &mut Loader<'_>, output: &Output<'_>, arn: &Arn, node: &Node) -> bool {
    output.agrees(loader, "keys", arn.resource_id(), node)
        && output.agrees(loader, "account", arn.account(), node)
        && output.agrees(loader, "region", arn.region(), node)
}

/// `describe-key`
fn describe_key<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let (node, origin) = (output.node, output.origin);
    let Some(node) = output.required(loader, node, "KeyMetadata") else {
        return;
    };
    let Some(arn_node) = output.required(loader, node, "Arn") else {
        return;
    };
    let Some(arn) = key_arn(loader, arn_node, origin) else {
        return;
    };
    if !agrees(loader, output, &arn, arn_node) {
        return;
    }
    outputs.learn(&arn);
    let d = &mut loader.diagnostics;
    let Some(mut fields) = Fields::of(node, &origin.source, "key metadata", d) else {
        return;
    };
    let mut entry = Entry::new(KeyRecord::new(arn), output.place(arn_node));
    let (record, given) = (&mut entry.record, &mut entry.given);
    let words = [
        ("KeyState", "state", &STATES[..], &mut record.state),
        ("KeyUsage", "usage", &USAGES[..], &mut record.usage),
        ("Origin", "origin", &ORIGINS[..], &mut record.origin),
    ];
    for (name, member, words, value) in words {
        if let Some(text) = word(&mut fields, name, words) {
            *value = text;
            given.extend(node.get(name).map(|node| (member, output.place(node))));
        }
    }
    let managers = [("CUSTOMER", KeyManager::Customer), ("AWS", KeyManager::Aws)];
    if let Some(manager) = fields.choice("KeyManager", &managers) {
        record.manager = manager;
        given.extend(
            node.get("KeyManager")
                .map(|node| ("manager", output.place(node))),
        );
    }
    if let Some(multi_region) = fields.boolean("MultiRegion") {
        record.multi_region = multi_region;
        given.extend(
            node.get("MultiRegion")
                .map(|node| ("multi_region", output.place(node))),
        );
    }
    if let Some(text) = fields.text("CustomKeyStoreId") {
        record.custom_key_store = Some(text.to_owned());
        let node = node.get("CustomKeyStoreId");
        given.extend(node.map(|node| ("custom_key_store", output.place(node))));
    }
    // Older outputs have the older name alone.
    let spec = ["KeySpec", "CustomerMasterKeySpec"];
    let spec = spec.into_iter().find(|name| has(node, name));
    let spec = spec.and_then(|name| fields.text(name).zip(fields.value(name)));
    let configuration = fields.value("MultiRegionConfiguration");
    let enabled = fields.boolean("Enabled").zip(fields.value("Enabled"));
    fields.others();
    fields.finish();
    if let Some((is_enabled, enabled)) = enabled {
        is_in_state(loader, output, (is_enabled, enabled), &mut entry);
    }
    let (record, given) = (&mut entry.record, &mut entry.given);
    if let Some((text, spec)) = spec
        && let Some(known) = known_spec(loader, text, spec, origin)
    {
        record.spec = known;
        given.insert("spec", output.place(spec));
    }
    if let Some(configuration) = configuration {
        let d = &mut loader.diagnostics;
        let what = "the configuration of a multi-Region key";
        if let Some(mut fields) = Fields::of(configuration, &origin.source, what, d) {
            let name = "MultiRegionKeyType";
            if let Some(text) = word(&mut fields, name, &["PRIMARY", "REPLICA"]) {
                record.multi_region_type = Some(text);
                given.insert("multi_region_type", output.place(configuration));
            }
            fields.others();
        }
    }
    outputs.part.keys.push(entry);
}

/// `Enabled` says what `KeyState` says in more words.
fn is_in_state(
    loader: &mut Loader<'_>,
    output: &Output<'_>,
    (is_enabled, node): (bool, &Node),
    entry: &mut Entry<KeyRecord>,
) {
    let state = &mut entry.record.state;
    // What `Enabled` is while KMS works on a key is not worth a refusal.
    let is_between = ["Creating", "Updating"].contains(&state.as_str());
    match entry.given.get("state") {
        Some(place) if (state == "Enabled") != is_enabled && !is_between => {
            let message =
                format!("`KeyState` is `{state}`, and `Enabled` is `{is_enabled}`, of one key");
            output.contradicts(loader, message, node, place);
        }
        Some(_) => {}
        None => {
            if !is_enabled {
                "Disabled".clone_into(state);
            }
            entry.given.insert("state", output.place(node));
        }
    }
}

/// `list-keys`
fn list_keys<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    outputs.page(output);
    let items = output.list(loader, output.node, "Keys");
    for item in items {
        let Some(node) = output.required(loader, item, "KeyArn") else {
            continue;
        };
        if let Some(arn) = key_arn(loader, node, output.origin)
            && output.agrees(loader, "account", arn.account(), node)
            && output.agrees(loader, "region", arn.region(), node)
        {
            outputs.learn(&arn);
            let entry = Entry::new(KeyRecord::new(arn), output.place(node));
            outputs.part.keys.push(entry);
        }
    }
    if items.is_empty() {
        let help =
            "that an account and Region has no keys only a snapshot file can say: `complete: true`";
        output.adds_nothing(loader, "it lists no key", help);
    }
}

/// `list-grants`
fn list_grants<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let pages = outputs.page(output);
    let items = output.list(loader, output.node, "Grants");
    let mut arns: Vec<Arn> = Vec::new();
    for node in items.iter().filter_map(|item| output.value(item, "KeyId")) {
        let Some(text) = loader.text(node, output.origin, "KeyId") else {
            return;
        };
        let arn = match text.starts_with("arn:") {
            true => key_arn(loader, node, output.origin),
            false if output.agrees(loader, "keys", text, node) => key_of_folder(loader, output),
            false => None,
        };
        let Some(arn) = arn.filter(|arn| agrees(loader, output, arn, node)) else {
            return;
        };
        if !arns.contains(&arn) {
            arns.push(arn);
        }
    }
    if arns.len() > 1 {
        let why = "it has grants of several keys, as `list-retirable-grants` prints them, which says of none of them that these are all";
        output.adds_nothing(
            loader,
            why,
            "add the output of `aws kms list-grants` for each key",
        );
        return;
    }
    let arn = match arns.pop() {
        Some(arn) => arn,
        None => match key_of_folder(loader, output) {
            Some(arn) => arn,
            None => return,
        },
    };
    outputs.learn(&arn);
    let mut grants = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let kind = (index, Members::Any);
        let Some((record, unknown)) = grant(loader, item, output.origin, Some(&arn), kind) else {
            continue;
        };
        if unknown.is_empty() {
            grants.insert(record.id.clone(), (record, output.place(item)));
            continue;
        }
        // It may allow or not, and that is all that is known of it.
        let open = outputs.part.undetermined.entry(Layer::Grants).or_default();
        let names = unknown
            .iter()
            .map(|name| format!("{name} of grant {}", record.id));
        open.entry(arn.as_str().to_owned())
            .or_default()
            .extend(names);
    }
    let tellings = outputs
        .kms
        .grants
        .entry(arn.as_str().to_owned())
        .or_default();
    tellings.add(Telling {
        pages: Some(pages),
        is_all: true,
        place: output.start(),
        items: grants,
    });
}

/// `list-resource-tags`
fn list_resource_tags<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let pages = outputs.page(output);
    let Some(list) = output.value(output.node, "Tags") else {
        return;
    };
    let Some(arn) = key_of_folder(loader, output) else {
        return;
    };
    let tags = output
        .tags(loader, list, ("TagKey", "TagValue"))
        .into_iter();
    let place = output.place(list);
    let items = tags.map(|(name, value)| (name, (value, place.clone())));
    let tellings = outputs.kms.tags.entry(arn.as_str().to_owned()).or_default();
    tellings.add(Telling {
        pages: Some(pages),
        is_all: true,
        items: items.collect(),
        place,
    });
}

/// `list-aliases`
fn list_aliases<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let pages = outputs.page(output);
    let mut homes: BTreeMap<Home, BTreeMap<String, (Option<String>, Place)>> = BTreeMap::new();
    for item in output.list(loader, output.node, "Aliases") {
        let name = output.required_text(loader, item, "AliasName");
        let arn = output.required(loader, item, "AliasArn");
        let target = output.text(loader, item, "TargetKeyId").map(str::to_owned);
        let (Some((name, name_node)), Some(arn)) = (name, arn) else {
            continue;
        };
        if !is_alias_name(name) {
            let message = format!("`{name}` is no alias name");
            let help = "give the output as the command prints it";
            let at = (output.origin, name_node.span);
            loader.error("INVALID_ALIAS", "KMS-ID-8", message, at, help);
            continue;
        }
        let place = output.place(arn);
        let Some(arn) = loader.exact_arn(arn, output.origin, "AliasArn") else {
            continue;
        };
        if output.agrees(loader, "account", arn.account(), name_node)
            && output.agrees(loader, "region", arn.region(), name_node)
        {
            let aliases = homes.entry(home_of(&arn)).or_default();
            aliases.insert(name.to_owned(), (target, place));
        }
    }
    if homes.is_empty()
        && let (Some(account), Some(region)) = (&output.subject.account, &output.subject.region)
    {
        let partition = partition_of(region).to_owned();
        homes.insert(
            (partition, account.clone(), region.clone()),
            BTreeMap::new(),
        );
    }
    let key = output.subject.named("keys");
    for (home, items) in homes {
        // The command can be asked about one key; what lists aliases of several was not.
        let targets: BTreeSet<_> = items.values().map(|(target, _)| target).collect();
        let is_all = key.is_some() || targets.len() > 1;
        let facts = &mut outputs.kms;
        let tellings = match key {
            Some(id) => {
                let key = (home, id.to_owned());
                facts.aliases_of_keys.entry(key).or_default()
            }
            None => facts.aliases.entry(home).or_default(),
        };
        tellings.add(Telling {
            pages: Some(pages),
            is_all,
            place: output.start(),
            items,
        });
    }
}
