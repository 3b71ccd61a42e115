//! Which key an identifier means: key id, key ARN, alias name, alias ARN. Rule: KMS-ID-1.
//!
//! Knows no policies.

use preclear_catalog::kms::{self as tables, KmsAction};
use preclear_model::Arn;
use preclear_simulator::snapshot::{KeyManager, KeyRecord};
use preclear_simulator::{Request, Snapshot};

use super::parameters::text;
use crate::reference::language::Resource;
use crate::reference::listed::is_all_listed;
use crate::reference::requester::Requester;
use crate::reference::target::{Key, Kind, Target};

/// Partition, account and Region in which short names are looked up: those of the caller and of the call.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    partition: String,
    account: Option<String>,
    region: Option<String>,
}

impl Home {
    /// Key id and alias name resolve in the caller's account and the Region of the call: as stated, else that of an ARN which
    /// the call types, else the snapshot's. Rule: KMS-ID-1, KMS-ID-7.
    pub(crate) fn of(snapshot: &Snapshot, request: &Request, requester: &Requester<'_>) -> Home {
        let account = requester.account().map(str::to_owned);
        let typed = || {
            let mut arns = typed_arns(request);
            arns.find_map(|arn| Some(arn.region().to_owned()).filter(|region| !region.is_empty()))
        };
        let region = request.region.clone().or_else(typed);
        Home {
            partition: requester.partition().unwrap_or("aws").to_owned(),
            account: account.or_else(|| snapshot.account.clone()),
            region: region.or_else(|| snapshot.region.clone()),
        }
    }

    /// The same in another Region. Rule: KMS-ID-7.
    pub(crate) fn in_region(self, region: Option<&str>) -> Home {
        let region = region.map(str::to_owned).or(self.region);
        Home { region, ..self }
    }

    /// The ARN of a short name; `*` stands for what is not known. Rule: KMS-ID-1.
    fn arn(&self, resource: &str) -> Option<Arn> {
        let account = self.account.as_deref().unwrap_or("*");
        let region = self.region.as_deref().unwrap_or("*");
        Arn::from_fields(&self.partition, "kms", region, account, resource)
    }
}

/// Members of a call that name its keys and its alias. Rule: UI-38.
const IDENTIFIERS: [&str; 5] = [
    "SourceKeyId",
    "DestinationKeyId",
    "TargetKeyId",
    "KeyId",
    "AliasName",
];

/// The ARNs that a call types for its keys and its alias; that of a ciphertext's key is none of them. Rule: KMS-ID-7.
pub(crate) fn typed_arns(request: &Request) -> impl Iterator<Item = Arn> {
    let named = IDENTIFIERS.iter().filter_map(|name| text(request, name));
    let resource = request.resource.as_deref();
    resource.into_iter().chain(named).filter_map(Arn::parse)
}

/// The identifier that a call types for one of its keys or for its alias; `None` if it types none.
///
/// Rule: UI-38, KMS-ID-6.
pub(crate) fn typed<'a>(
    request: &'a Request,
    action: &KmsAction,
    target: tables::Target,
) -> Option<&'a str> {
    let parameter = |name: &str| text(request, name);
    let named = match target {
        tables::Target::SourceKey => parameter("SourceKeyId"),
        tables::Target::DestinationKey => parameter("DestinationKeyId"),
        tables::Target::Alias => parameter("AliasName"),
        tables::Target::NewKey => parameter("TargetKeyId"),
        tables::Target::Key if action.name == "CreateAlias" => parameter("TargetKeyId"),
        tables::Target::Key if action.name == "DeleteAlias" => parameter("AliasName"),
        tables::Target::OldKey => parameter("AliasName"),
        _ => parameter("KeyId"),
    };
    let is_of_ciphertext = action.name == "Decrypt" || action.name == "ReEncryptFrom";
    let ciphertext = request.ciphertext_key.as_deref();
    named.or(ciphertext.filter(|_| is_of_ciphertext))
}

/// The key behind an identifier. Rule: KMS-ID-1, KMS-ID-4, UI-11.
pub(crate) fn key<'a>(
    snapshot: &'a Snapshot,
    home: &Home,
    identifier: Option<&str>,
) -> Option<Target<'a>> {
    let Some(identifier) = identifier.filter(|identifier| *identifier != "*") else {
        return Some(any(home));
    };
    let resource = if identifier.starts_with("alias/") {
        identifier.to_owned()
    } else {
        format!("key/{identifier}")
    };
    let arn = if identifier.starts_with("arn:") {
        Arn::parse(identifier)?
    } else {
        home.arn(&resource)?
    };
    match arn.resource().strip_prefix("alias/") {
        Some(_) => Some(behind_alias(snapshot, &arn)),
        None => Some(of_arn(snapshot, &arn)),
    }
}

/// True for the key of a ciphertext, not named otherwise, that has relatives in other Regions. Rule: KMS-ID-6, KMS-ID-7.
pub(crate) fn is_relative_of_ciphertext(request: &Request, identifier: Option<&str>) -> bool {
    let ciphertext = request.ciphertext_key.as_deref();
    ciphertext.is_some_and(|key| {
        Some(key) == identifier && (key.contains(":key/mrk-") || key.starts_with("mrk-"))
    })
}

/// The relative of a multi-Region key in another Region. Rule: KMS-ID-7.
pub(crate) fn relative<'a>(
    snapshot: &'a Snapshot,
    home: &Home,
    identifier: Option<&str>,
    region: Option<&str>,
) -> Option<Target<'a>> {
    let home = home.clone().in_region(region);
    match identifier.filter(|identifier| identifier.starts_with("arn:")) {
        Some(named) => {
            let arn = Arn::parse(named)?;
            let region = region.unwrap_or(arn.region());
            let arn = Arn::from_fields(
                arn.partition(),
                arn.service(),
                region,
                arn.account(),
                arn.resource(),
            )?;
            key(snapshot, &home, Some(arn.as_str()))
        }
        None => key(snapshot, &home, identifier),
    }
}

/// The alias that a call makes, moves or deletes. Rule: KMS-ACT-4.
pub(crate) fn alias<'a>(home: &Home, identifier: &str) -> Option<Target<'a>> {
    let arn = if identifier.starts_with("arn:") {
        Arn::parse(identifier)?
    } else {
        home.arn(identifier)?
    };
    Some(Target::plain(&arn, Kind::Plain))
}

/// True for the name of an alias, or its ARN. Rule: KMS-ID-8.
pub(crate) fn is_alias(identifier: &str) -> bool {
    let arn = Arn::parse(identifier);
    let name = arn.as_ref().map_or(identifier, Arn::resource);
    let name = name.strip_prefix("alias/").unwrap_or_default();
    let is_part = |character: char| character.is_ascii_alphanumeric() || "/_-".contains(character);
    !name.is_empty() && name.chars().all(is_part)
}

/// Any key of the caller's account: the request names `*`, which is decided literally. Rule: UI-11.
fn any<'a>(home: &Home) -> Target<'a> {
    Target {
        kind: Kind::Key(Key::Any),
        resource: Resource::Everything,
        account: home.account.clone(),
        partition: None,
        region: home.region.clone(),
    }
}

/// The key of a key ARN; of one that is not listed only that much is known. Rule: KMS-ID-1.
fn of_arn<'a>(snapshot: &'a Snapshot, arn: &Arn) -> Target<'a> {
    let listed = snapshot.keys.iter().find(|record| record.arn == *arn);
    let kind = match listed {
        Some(record) => Key::Listed(record),
        None if is_all_listed(snapshot, arn.as_str()) => Key::NotFound,
        None => Key::NotLoaded,
    };
    named(arn, Kind::Key(kind))
}

/// The key behind an alias; those of AWS services need not be listed. Rule: KMS-ID-1, KMS-AMK-1.
fn behind_alias<'a>(snapshot: &'a Snapshot, alias: &Arn) -> Target<'a> {
    if let Some(record) = snapshot.keys.iter().find(|record| has(record, alias)) {
        return named(&record.arn, Kind::Key(Key::Listed(record)));
    }
    let kind = match alias.resource().strip_prefix("alias/aws/") {
        Some(service) => Key::OfService(service.to_owned()),
        None if is_all_listed(snapshot, alias.as_str()) => Key::NotFound,
        None => Key::NotLoaded,
    };
    // Some key of that account and Region.
    let mut target = named(alias, Kind::Key(kind));
    target.resource = Resource::Key(format!(
        "arn:{}:kms:{}:{}:key/*",
        alias.partition(),
        alias.region(),
        alias.account()
    ));
    target
}

/// A target whose ARN may hold a `*` for what is not known. Rule: IAM-WILD-13.
fn named<'a>(arn: &Arn, kind: Kind<'a>) -> Target<'a> {
    let mut target = Target::plain(arn, kind);
    let is_open = |field: &Option<String>| field.as_deref() == Some("*");
    if is_open(&target.account) || is_open(&target.region) {
        target.resource = Resource::Key(arn.as_str().to_owned());
        target.account = target.account.filter(|account| account != "*");
        target.region = target.region.filter(|region| region != "*");
    }
    target
}

/// Whether a key has the alias. Rule: KMS-ID-1.
fn has(record: &KeyRecord, alias: &Arn) -> bool {
    let own = &record.arn;
    let is_there = own.partition() == alias.partition()
        && own.account() == alias.account()
        && own.region() == alias.region();
    is_there
        && aliases(record).is_some_and(|names| names.iter().any(|name| name == alias.resource()))
}

/// Alias names of a key, that of its service among them; `None` if they are not given and the service is none.
/// Rule: KMS-AMK-1.
pub(crate) fn aliases(record: &KeyRecord) -> Option<Vec<String>> {
    let of_service = record.service.as_ref();
    let of_service = of_service.filter(|_| record.manager == KeyManager::Aws);
    let own = of_service.map(|service| format!("alias/aws/{service}"));
    let mut names = match (&record.aliases, &own) {
        (None, None) => return None,
        (None, Some(_)) => Vec::new(),
        (Some(names), _) => names.clone(),
    };
    if let Some(own) = own.filter(|own| !names.contains(own)) {
        names.push(own);
    }
    Some(names)
}
