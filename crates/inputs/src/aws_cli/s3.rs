//! S3 buckets, as the commands of `aws s3api` print them.

use preclear_model::{Arn, Node, PolicyKind};
use preclear_simulator::Given;
use preclear_simulator::snapshot::ResourceRecord;

use super::subject::partition_of;
use super::{Output, Outputs, Partitions, has, is_list_of};
use crate::format::Format;
use crate::loader::Loader;
use crate::part::{Entry, Part};
use crate::snapshot_file::{Members, encryption};

pub(super) static FORMATS: [Format; 3] = [
    Format::output(
        "output of `aws s3api list-buckets`",
        |node| is_list_of(node, "Buckets", |bucket| has(bucket, "Name")),
        list_buckets,
    ),
    Format::output(
        "output of `aws s3api get-bucket-encryption`",
        |node| has(node, "ServerSideEncryptionConfiguration"),
        bucket_encryption,
    ),
    Format::output(
        "output of `aws s3api get-bucket-location`",
        |node| has(node, "LocationConstraint"),
        bucket_location,
    ),
];

/// Entries of buckets. The ARN of a bucket names its partition, which other outputs tell.
#[derive(Debug, Default)]
pub(super) struct Facts(Vec<(String, Entry<ResourceRecord>)>);

impl Facts {
    /// Gives the buckets their partitions.
    pub(super) fn finish(self, partitions: &Partitions, part: &mut Part) {
        let regions: Vec<(String, String)> = self
            .0
            .iter()
            .filter_map(|(name, entry)| Some((name.clone(), entry.record.region.clone()?)))
            .collect();
        for (name, mut entry) in self.0 {
            let region = regions.iter().find(|(bucket, _)| *bucket == name);
            let partition = match region {
                Some((_, region)) => partition_of(region),
                None => partitions.of(entry.record.account.as_deref()),
            };
            if let Some(arn) = Arn::from_fields(partition, "s3", "", "", &name) {
                entry.record.arn = arn;
                part.resources.push(entry);
            }
        }
    }
}

impl Facts {
    /// Adds an entry of a bucket; the folder's account owns it.
    fn add(&mut self, output: &Output<'_>, name: &str, place: preclear_model::Place) {
        let Some(arn) = Arn::from_fields("aws", "s3", "", "", name) else {
            return;
        };
        let mut entry = Entry::new(ResourceRecord::new(arn), place.clone());
        if let Some(account) = &output.subject.account {
            entry.record.account = Some(account.clone());
            entry.given.insert("account", place);
        }
        self.0.push((name.to_owned(), entry));
    }

    /// The entry that was added last.
    fn last(&mut self) -> Option<&mut Entry<ResourceRecord>> {
        self.0.last_mut().map(|(_, entry)| entry)
    }
}

/// The bucket whose folder a file lies in.
fn bucket_of_folder<'o>(loader: &mut Loader<'_>, output: &'o Output<'_>) -> Option<&'o str> {
    let name = output.subject.named("buckets");
    if name.is_none() {
        output.nobody_says(loader, "which bucket it is of", "buckets/NAME");
    }
    name
}

/// `list-buckets`
fn list_buckets<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    outputs.page(output);
    if output.account(loader).is_none() {
        return;
    }
    let items = output.list(loader, output.node, "Buckets");
    for item in items {
        let Some((name, node)) = output.required_text(loader, item, "Name") else {
            continue;
        };
        outputs.s3.add(output, name, output.place(node));
        let region = output.value(item, "BucketRegion");
        let region = region.and_then(|node| {
            Some((
                loader.region(node, output.origin, "BucketRegion")?,
                output.place(node),
            ))
        });
        if let (Some((region, place)), Some(entry)) = (region, outputs.s3.last()) {
            entry.record.region = Some(region);
            entry.given.insert("region", place);
        }
    }
    if items.is_empty() {
        let help = "that there are no others only a snapshot file can say: `complete: true`";
        output.adds_nothing(loader, "it lists no bucket", help);
    }
}

/// `get-bucket-policy`
pub(super) fn bucket_policy<'n>(
    outputs: &mut Outputs<'n>,
    loader: &mut Loader<'_>,
    output: &Output<'n>,
    (name, document): (&str, &'n Node),
) {
    let partition = partition_of_bucket(outputs, output);
    let arn = format!("arn:{partition}:s3:::{name}");
    let label = format!("resources/{arn}/policy");
    let (kind, owner) = (PolicyKind::Resource, Some(arn.as_str()));
    let policy = loader.printed_policy(document, output.origin, kind, owner, label);
    outputs.s3.add(output, name, output.start());
    if let Some(entry) = outputs.s3.last() {
        entry.record.policy = policy.map_or(Given::LeftOut, Given::Here);
        entry.given.insert("policy", output.place(document));
    }
}

/// The partition of a bucket as far as it is known already; it names the policy in messages.
fn partition_of_bucket<'o>(outputs: &'o Outputs<'_>, output: &Output<'_>) -> &'o str {
    outputs.partitions.of(output.subject.account.as_deref())
}

/// `get-bucket-encryption`
fn bucket_encryption<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let Some(name) = bucket_of_folder(loader, output) else {
        return;
    };
    let found = encryption(loader, output.node, output.origin, Members::Any);
    outputs.s3.add(output, name, output.start());
    if let Some(entry) = outputs.s3.last() {
        entry.record.encryption = found;
        entry.given.insert("encryption", output.start());
    }
}

/// `get-bucket-location`: two Regions go by names of their own.
fn bucket_location<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let Some(name) = bucket_of_folder(loader, output) else {
        return;
    };
    let Some(node) = output.node.get("LocationConstraint") else {
        return;
    };
    let region = match node.as_text() {
        _ if node.is_empty() => Some("us-east-1".to_owned()),
        Some("EU") => Some("eu-west-1".to_owned()),
        _ => loader.region(node, output.origin, "LocationConstraint"),
    };
    outputs.s3.add(output, name, output.start());
    if let Some(entry) = outputs.s3.last() {
        entry.record.region = region;
        entry.given.insert("region", output.place(node));
    }
}
