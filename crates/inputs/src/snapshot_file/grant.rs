//! Grants as `ListGrants` prints them. Rule: KMS-GRANT-1.

use std::collections::BTreeSet;

use preclear_catalog::kms;
use preclear_model::near::nearest;
use preclear_model::node::Member;
use preclear_model::{Arn, Diagnostic, Fields, Node};
use preclear_simulator::snapshot::{GrantRecord, ReadAt};

use super::Members;
use crate::loader::{Loader, Origin};

/// Operations that a grant may allow. Rule: KMS-GRANT-2.
fn grantable_operations() -> Vec<&'static str> {
    kms::actions()
        .iter()
        .filter(|action| action.is_grantable)
        .map(|action| action.name.as_str())
        .collect()
}

/// The grants of a key: a list, or the whole output of `list-grants`.
pub(crate) fn grants(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    key: Option<&Arn>,
) -> Vec<GrantRecord> {
    let list = if node.as_mapping().is_some() {
        let Some(mut fields) = Fields::of(
            node,
            &origin.source,
            "a list of grants",
            &mut loader.diagnostics,
        ) else {
            return Vec::new();
        };
        fields.member("Truncated");
        fields.member("NextMarker");
        match fields.required("Grants") {
            Some(list) => list,
            None => return Vec::new(),
        }
    } else {
        node
    };
    let mut known = BTreeSet::new();
    let mut grants = Vec::new();
    for (index, item) in loader.list(list, origin, "grants").iter().enumerate() {
        let kind = (index, Members::Known);
        let Some((grant, _)) = grant(loader, item, origin, key, kind) else {
            continue;
        };
        if !known.insert(grant.id.clone()) {
            let message = format!("grant `{}` is listed twice", grant.id);
            loader.error(
                "DUPLICATE_ENTRY",
                "UI-32",
                message,
                (origin, item.span),
                "list each grant once",
            );
            continue;
        }
        grants.push(grant);
    }
    grants
}

/// One grant; `index` names it where it has no id. Of an output also the constraints that nobody knows here.
pub(crate) fn grant(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    key: Option<&Arn>,
    (index, members): (usize, Members),
) -> Option<(GrantRecord, BTreeSet<String>)> {
    let mut fields = Fields::of(node, &origin.source, "a grant", &mut loader.diagnostics)?;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let id = owned(fields.text("GrantId")).unwrap_or_else(|| format!("grants/{index}"));
    let name = owned(fields.text("Name")).filter(|name| !name.is_empty());
    let grantee = fields.value("GranteePrincipal");
    let grantee_service = fields.value("GranteeServicePrincipal");
    let retiring = fields.value("RetiringPrincipal");
    let retiring_service = owned(fields.text("RetiringServicePrincipal"));
    let issuing_account = fields.value("IssuingAccount");
    let operations = fields.required("Operations");
    let constraints = fields.value("Constraints");
    let token = owned(fields.text("GrantToken"));
    let consistent = fields.boolean("Consistent").unwrap_or(true);
    let key_id = fields.value("KeyId");
    fields.member("CreationDate");
    members.let_pass(&mut fields);
    fields.finish();

    grantees(loader, node, grantee, grantee_service, origin);
    if let (Some(key_id), Some(key)) = (key_id, key) {
        same_key(loader, key_id, key, origin);
    }
    let mut record = GrantRecord {
        id,
        name,
        grantee: grantee.and_then(|node| grantee_text(loader, node, origin, "GranteePrincipal")),
        grantee_service: grantee_service
            .and_then(|node| loader.text(node, origin, "GranteeServicePrincipal"))
            .map(str::to_owned),
        retiring: retiring.and_then(|node| grantee_text(loader, node, origin, "RetiringPrincipal")),
        retiring_service,
        operations: operations
            .map(|node| operation_names(loader, node, origin, members))
            .unwrap_or_default(),
        issuing_account: issuing_account.and_then(|node| account_or_root(loader, node, origin)),
        token,
        consistent,
        place: ReadAt(Some(origin.place(node))),
        ..GrantRecord::default()
    };
    let unknown = match constraints {
        Some(node) => self::constraints(loader, node, origin, (&mut record, members)),
        None => BTreeSet::new(),
    };
    Some((record, unknown))
}

/// A grant has exactly one grantee. Rule: KMS-GRANT-4.
fn grantees(
    loader: &mut Loader<'_>,
    node: &Node,
    grantee: Option<&Node>,
    service: Option<&Node>,
    origin: &Origin,
) {
    let (message, span, help) = match (grantee, service) {
        (Some(_), Some(service)) => (
            "a grant has one grantee",
            service.span,
            "keep `GranteePrincipal` or `GranteeServicePrincipal`",
        ),
        (None, None) => (
            "a grant needs a grantee",
            node.span,
            "add `GranteePrincipal`",
        ),
        _ => return,
    };
    loader.error("GRANTEE", "KMS-GRANT-4", message, (origin, span), help);
}

/// An ARN that may be a grantee, or the name of a service identity. Rule: KMS-GRANT-4.
fn grantee_text(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    name: &str,
) -> Option<String> {
    let text = loader.text(node, origin, name)?;
    if !text.starts_with("arn:") {
        return Some(text.to_owned());
    }
    let arn = loader.exact_arn(node, origin, name)?;
    if (arn.service(), arn.resource_type()) == ("iam", Some("group")) {
        let message = format!("`{text}` is a group, which no grant can name");
        loader.error(
            "GRANTEE",
            "KMS-GRANT-4",
            message,
            (origin, node.span),
            "name a user or a role",
        );
        return None;
    }
    Some(text.to_owned())
}

/// A grant that was listed for another key does not belong here.
fn same_key(loader: &mut Loader<'_>, node: &Node, key: &Arn, origin: &Origin) {
    let Some(text) = loader.text(node, origin, "KeyId") else {
        return;
    };
    if text != key.as_str() && text != key.resource_id() {
        let message = format!(
            "the grant belongs to key `{text}`, not to `{}`",
            key.as_str()
        );
        loader.error(
            "CONTRADICTION",
            "KMS-GRANT-1",
            message,
            (origin, node.span),
            "move it to its key",
        );
    }
}

/// Rule: KMS-GRANT-2.
fn operation_names(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    members: Members,
) -> Vec<String> {
    let grantable = grantable_operations();
    let items = loader.list(node, origin, "Operations");
    if node.as_sequence().is_some_and(<[Node]>::is_empty) {
        let help = format!("list what it allows: `{}`", grantable.join("`, `"));
        loader.error(
            "GRANT_OPERATIONS",
            "KMS-GRANT-2",
            "a grant allows something",
            (origin, node.span),
            help,
        );
    }
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        let Some(text) = loader.text(item, origin, "Operations") else {
            continue;
        };
        let bare = text.strip_prefix("kms:").unwrap_or(text);
        let is_misspelt = nearest(bare, grantable.iter().copied()).is_some();
        if grantable.contains(&text) {
            names.push(text.to_owned());
        } else if members == Members::Any && !is_misspelt {
            let message = format!("preclear does not know the operation `{text}` of a grant");
            let help = "what else the grant lists counts; use a newer preclear if there is one";
            not_understood(loader, message, (origin, item), help);
        } else {
            loader.unknown_grant_operation(text, &grantable, (origin, item.span));
        }
    }
    if !names.is_empty() && names.iter().all(|name| name == "CreateGrant") {
        loader.error(
            "GRANT_OPERATIONS",
            "KMS-GRANT-2",
            "no grant allows `CreateGrant` alone",
            (origin, node.span),
            "list the operations that it passes on beside it",
        );
    }
    names
}

/// The twelve digits of an account id or of a root ARN. Rule: UI-37.
fn account_or_root(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<String> {
    let text = loader.text(node, origin, "IssuingAccount")?;
    if !text.starts_with("arn:") {
        return loader.account_id(node, origin, "IssuingAccount");
    }
    let arn = loader.exact_arn(node, origin, "IssuingAccount")?;
    if (arn.service(), arn.resource()) == ("iam", "root") && !arn.account().is_empty() {
        return Some(arn.account().to_owned());
    }
    let message = format!("`{text}` is no account");
    let help = "write twelve digits, or `arn:aws:iam::ACCOUNT:root`";
    loader.error(
        "INVALID_ACCOUNT_ID",
        "UI-37",
        message,
        (origin, node.span),
        help,
    );
    None
}

/// Something in an output that AWS has added.
fn not_understood(
    loader: &mut Loader<'_>,
    message: String,
    (origin, node): (&Origin, &Node),
    help: &str,
) {
    loader.diagnostics.push(
        Diagnostic::warning("GRANT_NOT_UNDERSTOOD", message)
            .rule("KMS-GRANT-1")
            .at(origin.place(node))
            .help(help),
    );
}

/// Reads the constraints; in an output those that nobody knows here may hold or not. Rule: KMS-GRANT-5, KMS-GRANT-7.
fn constraints(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    (record, members): (&mut GrantRecord, Members),
) -> BTreeSet<String> {
    let Some(mut fields) = Fields::of(
        node,
        &origin.source,
        "grant constraints",
        &mut loader.diagnostics,
    ) else {
        return BTreeSet::new();
    };
    let equals = fields.value("EncryptionContextEquals");
    let subset = fields.value("EncryptionContextSubset");
    let source_arn = fields.value("SourceArn");
    let others = match members {
        Members::Any => fields.others(),
        Members::Known => Vec::new(),
    };
    fields.finish();
    let others = others.into_iter().filter(|other| !other.value.is_null());
    let others: Vec<&Member> = others.collect();
    for other in &others {
        let message = format!(
            "preclear does not know the constraint `{}` of a grant",
            other.name
        );
        let help = "whether the grant allows is not known; use a newer preclear if there is one";
        not_understood(loader, message, (origin, &other.value), help);
    }
    if let (Some(_), Some(subset)) = (equals, subset) {
        let message = "a grant has one constraint on the encryption context";
        let help = "keep `EncryptionContextEquals` or `EncryptionContextSubset`; `SourceArn` may stand besides";
        let at = (origin, subset.span);
        loader.error("GRANT_CONSTRAINTS", "KMS-GRANT-5", message, at, help);
    }
    record.context_equals =
        equals.and_then(|node| loader.pairs(node, origin, "EncryptionContextEquals"));
    record.context_subset =
        subset.and_then(|node| loader.pairs(node, origin, "EncryptionContextSubset"));
    // Patterns are allowed here, so only the shape is checked.
    record.source_arn = source_arn
        .and_then(|node| loader.arn(node, origin, "SourceArn"))
        .map(|arn| arn.as_str().to_owned());
    others.iter().map(|other| other.name.clone()).collect()
}
