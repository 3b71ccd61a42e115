//! Keys as jobs name them: which key an identifier means, and what the snapshot knows of it. Rule: KMS-ID-1, JOB-S3-1.

use preclear_model::caller::{Caller, CallerKind};
use preclear_model::{Arn, ArnRef};

use crate::arena::Arena;
use crate::engine::Engine;
use crate::engine::keys::KeyIdentifier;
use crate::job::report::RequirementPart;
use crate::job::setting::Setting;
use crate::layer::Layer;
use crate::snapshot::{Given, KeyManager, KeyRecord};

/// Where identifiers that say it not are read: partition, Region, account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home<'s> {
    pub(crate) partition: &'s str,
    pub(crate) region: &'s str,
    pub(crate) account: &'s str,
}

/// ARN of the key that an identifier means there; of its alias, where no key is listed; the identifier itself, where it
/// makes no ARN.
pub(crate) fn arn(engine: &Engine, home: Home<'_>, identifier: &str) -> String {
    let arena = Arena::new();
    let home = [home.partition, home.region, home.account];
    let parsed = KeyIdentifier::parse(identifier);
    match parsed.and_then(|parsed| parsed.arn(&arena, home)) {
        Some(arn) => record(engine, arn).map_or_else(
            || arn.as_str().to_owned(),
            |key| key.arn.as_str().to_owned(),
        ),
        None => identifier.to_owned(),
    }
}

/// ARN of the alias of an AWS managed key there.
pub(crate) fn aws_managed(home: Home<'_>, service: &str) -> String {
    let Home {
        partition,
        region,
        account,
    } = home;
    format!("arn:{partition}:kms:{region}:{account}:alias/aws/{service}")
}

/// The key behind an ARN of a key or alias, if it is listed.
pub(crate) fn record<'e, 't>(
    engine: &'e Engine,
    arn: impl Into<ArnRef<'t>>,
) -> Option<&'e KeyRecord> {
    engine.keys().resolve(arn).map(|key| &key.record)
}

/// True for the ARN of an alias that only AWS can make. Rule: KMS-ID-8.
pub(crate) fn is_aws_alias(arn: &Arn) -> bool {
    arn.resource().starts_with("alias/aws/")
}

/// True for a key that AWS owns, which no policy of a customer reaches. Rule: KMS-AMK-5.
pub(crate) fn is_aws_owned(engine: &Engine, key: &str) -> bool {
    let known = Arn::parse(key);
    let record = known.as_ref().and_then(|arn| record(engine, arn));
    record.is_some_and(|record| record.manager == KeyManager::AwsOwned)
}

/// False for keys that every identity of the job's account may use through the service: AWS managed keys of that
/// account, and AWS owned keys. Rule: KMS-AMK-2, KMS-AMK-5, JOB-S3-5.
pub(crate) fn needs_permission(engine: &Engine, setting: &Setting, key: &str) -> bool {
    let Some(arn) = Arn::parse(key) else {
        return true;
    };
    let manager = match record(engine, &arn) {
        Some(record) => record.manager,
        None if is_aws_alias(&arn) => KeyManager::Aws,
        None => KeyManager::Customer,
    };
    match manager {
        KeyManager::Customer => true,
        KeyManager::Aws => arn.account() != setting.account,
        KeyManager::AwsOwned => false,
    }
}

/// True for an AWS managed key whose policy nobody has told otherwise. Rule: KMS-AMK-1.
pub(crate) fn has_policy_of_aws(engine: &Engine, key: &str) -> bool {
    let Some(arn) = Arn::parse(key) else {
        return false;
    };
    match record(engine, &arn) {
        Some(record) => {
            record.manager == KeyManager::Aws && matches!(record.policy, Given::LeftOut)
        }
        None => is_aws_alias(&arn),
    }
}

/// True for keys that a job is asked about: all but AWS owned ones, and, unless they are wanted, those that need no
/// permission. Rule: KMS-AMK-2, KMS-AMK-5.
pub(crate) fn is_asked_about(engine: &Engine, setting: &Setting, key: &str, managed: bool) -> bool {
    match managed {
        true => !is_aws_owned(engine, key),
        false => needs_permission(engine, setting, key),
    }
}

/// Why no statement opens a key of AWS, and how it is used. Rule: KMS-AMK-2.
pub(crate) fn of_aws(part: &RequirementPart) -> String {
    let key = &part.result.resource;
    let principal = &part.principal;
    let through = part.result.useful_near_misses().find(|miss| {
        let is_via = |key: &String| key.eq_ignore_ascii_case("kms:ViaService");
        miss.layer == Layer::Resource && !miss.denies && miss.key.as_ref().is_some_and(is_via)
    });
    let start = format!("{key} is a key of AWS, whose policy cannot be changed");
    let is_service = Caller::parse(principal)
        .is_ok_and(|caller| matches!(caller.kind, CallerKind::Service { .. }));
    match through {
        _ if is_service => format!(
            "{start} and lets in no service that calls as itself: use a customer managed key, and let {principal} in there (KMS-AMK-2)"
        ),
        Some(service) => format!(
            "{start}: {principal} may call {} on it through {} alone (`via`); what is called directly takes a customer managed \
             key (KMS-AMK-2)",
            part.action, service.expected
        ),
        None => {
            format!("{start}: only a customer managed key can be opened to {principal} (KMS-AMK-2)")
        }
    }
}
