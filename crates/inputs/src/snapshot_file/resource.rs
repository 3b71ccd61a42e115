//! Buckets, functions, queues and everything else that has a policy or that a job touches; VPC endpoints.

use std::collections::BTreeSet;

use preclear_model::{Arn, Fields, Node, PolicyKind};
use preclear_simulator::Given;
use preclear_simulator::snapshot::{
    BucketEncryption, NOT_KNOWN, ObjectRecord, ResourceRecord, VpcEndpointKind, VpcEndpointRecord,
};

use super::{Members, entry};
use crate::loader::{Loader, Origin};
use crate::part::Entry;

/// An entry of `resources`.
pub(super) fn resource(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<Entry<ResourceRecord>> {
    let mut fields = Fields::of(node, &origin.source, "a resource", &mut loader.diagnostics)?;
    let arn_node = fields.required("arn");
    let account = fields.value("account");
    let region = fields.value("region");
    let policy = fields.node("policy");
    let encryption_node = fields.node("encryption");
    let objects_node = fields.value("objects");
    let kms_key = fields.value("kms_key");
    let role = fields.value("role");
    let dataset_group = fields.value("dataset_group");
    let describe = fields.value("describe");
    let tags = fields.node("tags");
    fields.finish();

    let arn = arn_node.and_then(|node| resource_arn(loader, node, origin));
    let label = arn.as_ref().map_or("", Arn::as_str);
    let owner = arn.as_ref().map(Arn::as_str);
    let policy = loader.policy_member(policy, origin, PolicyKind::Resource, owner, || {
        format!("resources/{label}/policy")
    });
    if let Some(arn) = &arn {
        only_buckets(loader, arn, encryption_node, "encryption", origin);
        only_buckets(loader, arn, objects_node, "objects", origin);
    }
    let encryption = match encryption_node {
        None => Given::LeftOut,
        Some(node) if node.is_empty() => Given::Nothing,
        Some(node) => encryption(loader, node, origin, Members::Known),
    };
    let objects = objects_node
        .map(|node| objects(loader, node, origin))
        .unwrap_or_default();
    let text_of = |arn: Option<Arn>| arn.map(|arn| arn.as_str().to_owned());
    let record = ResourceRecord {
        account: account.and_then(|node| loader.account_id(node, origin, "account")),
        region: region.and_then(|node| loader.region(node, origin, "region")),
        policy,
        encryption,
        objects,
        kms_key: kms_key.and_then(|node| encryption_key(loader, node, origin, "kms_key")),
        role: match role {
            Some(node) if node.as_text() == Some(NOT_KNOWN) => Some(NOT_KNOWN.to_owned()),
            role => text_of(role.and_then(|node| loader.exact_arn(node, origin, "role"))),
        },
        dataset_group: text_of(
            dataset_group.and_then(|node| loader.exact_arn(node, origin, "dataset_group")),
        ),
        describe: describe.and_then(|node| loader.json_object(node, origin, "describe")),
        tags: loader.tags(tags, origin),
        ..ResourceRecord::new(arn?)
    };
    says_the_same(loader, &record, account, region, origin);
    let names = [
        "account",
        "region",
        "policy",
        "encryption",
        "objects",
        "kms_key",
        "role",
        "dataset_group",
        "describe",
        "tags",
    ];
    Some(entry(record, arn_node?, node, origin, &names))
}

/// An identifier of a key, or that nobody knows it.
fn encryption_key(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    name: &str,
) -> Option<String> {
    match node.as_text() {
        Some(NOT_KNOWN) => Some(NOT_KNOWN.to_owned()),
        _ => loader.key_identifier(node, origin, name),
    }
}

fn resource_arn(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<Arn> {
    let arn = loader.exact_arn(node, origin, "arn")?;
    let elsewhere = match (arn.service(), arn.resource_type()) {
        ("kms", Some("key")) => "list it under `keys`",
        ("kms", Some("alias")) => "list it under the `aliases` of its key",
        ("iam", Some("role" | "user")) => "list it under `principals`",
        ("iam", Some("group")) => "list it under `groups`",
        ("s3", Some(_)) if arn.region().is_empty() => {
            "list the bucket, and the object under its `objects`"
        }
        _ => return Some(arn),
    };
    let message = format!("`{}` does not belong under `resources`", arn.as_str());
    loader.error(
        "MISPLACED_ENTRY",
        "UI-33",
        message,
        (origin, node.span),
        elsewhere,
    );
    None
}

fn only_buckets(
    loader: &mut Loader<'_>,
    arn: &Arn,
    node: Option<&Node>,
    name: &str,
    origin: &Origin,
) {
    if let (Some(node), false) = (node, arn.service() == "s3") {
        let help = "use `kms_key` for queues, topics and the like";
        let message = format!("only buckets have `{name}`");
        loader.error("NOT_A_BUCKET", "UI-33", message, (origin, node.span), help);
    }
}

/// `account` and `region` repeat what the ARN says, or say what it leaves out.
fn says_the_same(
    loader: &mut Loader<'_>,
    record: &ResourceRecord,
    account: Option<&Node>,
    region: Option<&Node>,
    origin: &Origin,
) {
    let pairs = [
        ("account", record.arn.account(), &record.account, account),
        ("region", record.arn.region(), &record.region, region),
    ];
    for (name, in_arn, said, node) in pairs {
        if let (Some(said), Some(node)) = (said, node)
            && !in_arn.is_empty()
            && in_arn != said
        {
            let message = format!("`{name}` is `{said}`, but the ARN says `{in_arn}`");
            let help = "leave it out: the ARN says it";
            loader.error("CONTRADICTION", "UI-33", message, (origin, node.span), help);
        }
    }
}

/// As `GetBucketEncryption` prints it, with or without its outermost member. Rule: JOB-S3-1.
pub(crate) fn encryption(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    members: Members,
) -> Given<BucketEncryption> {
    let configuration = match node.get("ServerSideEncryptionConfiguration") {
        Some(configuration) => {
            if let Some(mut fields) = Fields::of(
                node,
                &origin.source,
                "bucket encryption",
                &mut loader.diagnostics,
            ) {
                fields.member("ServerSideEncryptionConfiguration");
                members.let_pass(&mut fields);
            }
            configuration
        }
        None => node,
    };
    let rules = {
        let Some(mut fields) = Fields::of(
            configuration,
            &origin.source,
            "bucket encryption",
            &mut loader.diagnostics,
        ) else {
            return Given::LeftOut;
        };
        let rules = fields.required("Rules");
        members.let_pass(&mut fields);
        rules
    };
    let Some(rules) = rules else {
        return Given::LeftOut;
    };
    match loader.list(rules, origin, "Rules") {
        [] => Given::Nothing,
        [rule] => {
            encryption_rule(loader, rule, origin, members).map_or(Given::LeftOut, Given::Here)
        }
        [_, second, ..] => {
            let message = "a bucket has one encryption rule";
            loader.error(
                "WRONG_TYPE",
                "JOB-S3-1",
                message,
                (origin, second.span),
                "keep one rule",
            );
            Given::LeftOut
        }
    }
}

fn encryption_rule(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    members: Members,
) -> Option<BucketEncryption> {
    let mut fields = Fields::of(
        node,
        &origin.source,
        "an encryption rule",
        &mut loader.diagnostics,
    )?;
    let bucket_key = fields.boolean("BucketKeyEnabled").unwrap_or(false);
    fields.member("BlockedEncryptionTypes");
    let default = fields.value("ApplyServerSideEncryptionByDefault");
    members.let_pass(&mut fields);
    fields.finish();
    let Some(default) = default else {
        return Some(BucketEncryption {
            bucket_key,
            ..BucketEncryption::default()
        });
    };
    let mut fields = Fields::of(
        default,
        &origin.source,
        "default encryption",
        &mut loader.diagnostics,
    )?;
    let algorithms = [("AES256", false), ("aws:kms", true), ("aws:kms:dsse", true)];
    let kms = fields
        .required("SSEAlgorithm")
        .and_then(|_| fields.choice("SSEAlgorithm", &algorithms));
    let key_node = fields.value("KMSMasterKeyID");
    members.let_pass(&mut fields);
    fields.finish();
    let key = key_node.and_then(|node| encryption_key(loader, node, origin, "KMSMasterKeyID"));
    let kms = kms?;
    if let (false, Some(node)) = (kms, key_node) {
        let help = "remove the key, or write `aws:kms`";
        let message = "a key goes with `aws:kms` only";
        loader.error(
            "CONTRADICTION",
            "JOB-S3-1",
            message,
            (origin, node.span),
            help,
        );
    }
    Some(BucketEncryption {
        kms,
        key,
        bucket_key,
    })
}

/// Objects that differ from the bucket's default.
fn objects(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Vec<ObjectRecord> {
    let mut known = BTreeSet::new();
    let mut objects = Vec::new();
    for item in loader.list(node, origin, "objects") {
        let Some(object) = object(loader, item, origin) else {
            continue;
        };
        if !known.insert(object.key.clone()) {
            let message = format!("object `{}` is listed twice", object.key);
            loader.error(
                "DUPLICATE_ENTRY",
                "UI-32",
                message,
                (origin, item.span),
                "list each object once",
            );
            continue;
        }
        objects.push(object);
    }
    objects
}

fn object(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<ObjectRecord> {
    let mut fields = Fields::of(
        node,
        &origin.source,
        "an object of a bucket",
        &mut loader.diagnostics,
    )?;
    let key = fields.required_text("key").map(str::to_owned);
    let kms_key = fields.value("kms_key");
    let bucket_key = fields.boolean("bucket_key").unwrap_or(false);
    let encryption_context = fields.value("encryption_context");
    let tags = fields.value("tags");
    fields.finish();
    Some(ObjectRecord {
        kms_key: kms_key.and_then(|node| loader.key_identifier(node, origin, "kms_key")),
        bucket_key,
        encryption_context: encryption_context
            .and_then(|node| loader.pairs(node, origin, "encryption_context"))
            .unwrap_or_default(),
        tags: loader.tags(tags, origin).unwrap_or_default(),
        key: key?,
    })
}

/// An entry of `vpc_endpoints`.
pub(super) fn vpc_endpoint(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<Entry<VpcEndpointRecord>> {
    let mut fields = Fields::of(
        node,
        &origin.source,
        "a VPC endpoint",
        &mut loader.diagnostics,
    )?;
    let id_node = fields.value("id");
    let id = fields.required_text("id").map(str::to_owned);
    let kinds = [
        ("interface", VpcEndpointKind::Interface),
        ("gateway", VpcEndpointKind::Gateway),
    ];
    let kind = fields
        .choice("kind", &kinds)
        .unwrap_or(VpcEndpointKind::Interface);
    let vpc = fields.text("vpc").map(str::to_owned);
    let account = fields.value("account");
    let policy = fields.node("policy");
    fields.finish();

    let place = id.as_deref().unwrap_or_default();
    let policy = loader.policy_member(
        policy,
        origin,
        PolicyKind::VpcEndpoint,
        id.as_deref(),
        || format!("vpc_endpoints/{place}/policy"),
    );
    let account = account.and_then(|node| loader.account_id(node, origin, "account"));
    let record = VpcEndpointRecord {
        id: id?,
        kind,
        vpc,
        account,
        policy,
    };
    Some(entry(
        record,
        id_node?,
        node,
        origin,
        &["kind", "vpc", "account", "policy"],
    ))
}
