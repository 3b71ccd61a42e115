//! The resource layer: which policy a resource has, and what it says for each class of match. Rule: IAM-EVAL-15.

use std::sync::Arc;

use preclear_catalog::kms::aws_managed_key_policy;
use preclear_model::{ParseOptions, Policy, PolicyKind, parse_policy};
use preclear_simulator::snapshot::{KeyManager, KeyRecord};
use preclear_simulator::{Given, Layer};

use super::layer::{SaysOf, says_of};
use super::listed::{Declared, Known, declared, is_all_listed, known};
use super::principal::Place;
use super::question::Question;
use super::target::{Key, Kind};

/// What the resource's own policy says; resources without one say nothing. Rule: IAM-EVAL-15, IAM-TRI-7.
pub(crate) fn resource_policy(question: &Question<'_>) -> SaysOf {
    let snapshot = question.snapshot;
    if matches!(question.target.kind, Kind::Everything | Kind::Plain) {
        return SaysOf::SILENT;
    }
    match declared(snapshot, Layer::Resource) {
        Declared::NotLoaded => return SaysOf::unknown(),
        Declared::Open => return SaysOf::open(),
        Declared::Empty => return SaysOf::SILENT,
        Declared::AsListed => {}
    }
    let rejected = |owner: &str| snapshot.has_rejected(Layer::Resource, owner);
    let (says, is_rejected) = match &question.target.kind {
        Kind::Everything | Kind::Plain => (SaysOf::SILENT, false),
        Kind::Carried { carrier, record } => {
            let is_all_listed = is_all_listed(snapshot, carrier);
            let policy = record.map_or(&Given::LeftOut, |record| &record.policy);
            let policy = known(policy, is_all_listed);
            (of_policy(question, policy), rejected(carrier))
        }
        // Every role has a trust policy, so that one left out is unknown.
        Kind::Role { arn, record } => {
            let policy = match record {
                Some(record) => known(&record.trust, false),
                None if is_all_listed(snapshot, arn) => Known::Nothing,
                None => Known::Unknown,
            };
            (of_policy(question, policy), rejected(arn))
        }
        Kind::Key(key) => {
            let is_rejected = match key {
                Key::Listed(record) => rejected(record.arn.as_str()),
                _ => false,
            };
            (of_key(question, key), is_rejected)
        }
    };
    match is_rejected {
        true => says.or(SaysOf::unknown()),
        false => says,
    }
}

/// A policy on a resource, or none. Rule: IAM-EVAL-15.
fn of_policy(question: &Question<'_>, policy: Known<&Arc<Policy>>) -> SaysOf {
    match policy {
        Known::Here(policy) => says_of(question, policy, Place::Ordinary),
        Known::Nothing => SaysOf::SILENT,
        Known::Unknown => SaysOf::unknown(),
    }
}

/// The policies of a key: `default`, and `AWS_RAM` if there is one. Rule: KMS-POL-1, KMS-POL-2.
fn of_key(question: &Question<'_>, key: &Key<'_>) -> SaysOf {
    match key {
        Key::Listed(record) => {
            let own = match &record.policy {
                Given::LeftOut if record.manager == KeyManager::Aws => {
                    of_service(question, service_of(record).as_deref())
                }
                // Every key has one, so that one which is not given is unknown. Rule: IAM-TRI-7.
                Given::Here(policy) => says_of(question, policy, Place::Ordinary),
                Given::Nothing | Given::LeftOut => SaysOf::unknown(),
            };
            let shared = match &record.ram_policy {
                Given::Here(policy) => says_of(question, policy, Place::Ordinary),
                Given::Nothing | Given::LeftOut => SaysOf::SILENT,
            };
            own.or(shared)
        }
        Key::OfService(service) => of_service(question, Some(service)),
        Key::NotFound => SaysOf::SILENT,
        Key::NotLoaded | Key::Any => SaysOf::unknown(),
    }
}

/// The service of an AWS managed key: as listed, else as its alias has it. Rule: KMS-AMK-1.
fn service_of(record: &KeyRecord) -> Option<String> {
    let mut aliases = record.aliases.iter().flatten();
    let by_alias = || aliases.find_map(|alias| alias.strip_prefix("alias/aws/"));
    let service = record.service.as_deref().or_else(by_alias)?;
    Some(service.to_owned())
}

/// The fixed policy of a service's key. Rule: KMS-AMK-1.
fn of_service(question: &Question<'_>, service: Option<&str>) -> SaysOf {
    let target = &question.target;
    let text = service
        .zip(target.partition.as_deref())
        .zip(target.region.as_deref().zip(target.account.as_deref()))
        .and_then(|((service, partition), (region, account))| {
            aws_managed_key_policy(service, partition, region, account)
        });
    let policy = text.and_then(|text| {
        parse_policy(&text, "managed", PolicyKind::Key, ParseOptions::default()).0
    });
    match policy {
        Some(policy) => says_of(question, &policy, Place::Ordinary),
        None => SaysOf::unknown(),
    }
}
