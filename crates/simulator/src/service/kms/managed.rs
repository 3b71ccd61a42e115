//! AWS managed keys that a snapshot does not list. Rule: KMS-AMK-1.

use std::sync::Arc;

use preclear_catalog::kms::aws_managed_key_policy;
use preclear_model::{Arn, ArnRef, Policy, PolicyKind};

use crate::document;
use crate::engine::keys::CompiledKey;
use crate::snapshot::{Given, KeyManager, KeyRecord};

/// The key behind `alias/aws/SERVICE` in the alias's account and Region.
pub(crate) fn make(alias: ArnRef<'_>, service: &str) -> Option<CompiledKey> {
    let arn = Arn::from_fields(
        alias.partition(),
        "kms",
        alias.region(),
        alias.account(),
        &format!("key/aws-managed-{service}"),
    )?;
    let mut record = KeyRecord::new(arn);
    record.manager = KeyManager::Aws;
    record.service = Some(service.to_owned());
    record.aliases = Some(vec![alias.resource().to_owned()]);
    record.tags = Some(crate::snapshot::Tags::new());
    // Its grants are the service's own; no customer's request goes through them.
    record.grants = Some(Vec::new());
    record.policy = Given::Here(template_policy(alias, service)?);
    Some(CompiledKey::compile(&record))
}

/// The fixed policy of the key. Rule: KMS-AMK-1.
pub(crate) fn template_policy<'t>(
    key_or_alias: impl Into<ArnRef<'t>>,
    service: &str,
) -> Option<Arc<Policy>> {
    let arn = key_or_alias.into();
    let text = aws_managed_key_policy(service, arn.partition(), arn.region(), arn.account())?;
    let name = format!("aws-managed:alias/aws/{service}");
    document::parse(&text, &name, PolicyKind::Key).map(Arc::new)
}
