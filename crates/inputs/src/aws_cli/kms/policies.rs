//! Which policies a key has, as `list-key-policies` prints it. Rule: KMS-POL-2.

use std::collections::BTreeMap;

use preclear_model::{Arn, Node};
use preclear_simulator::snapshot::KeyRecord;

use super::key_of_folder;
use crate::aws_cli::lists::{Telling, Tellings};
use crate::aws_cli::pages::Pages;
use crate::aws_cli::{Output, Outputs, has};
use crate::loader::Loader;
use crate::merge::contradiction;
use crate::part::{Entry, Part};

/// What a key has but for what AWS RAM adds.
const DEFAULT: &str = "default";

/// The policy that AWS RAM adds.
const OF_RAM: &str = "AWS_RAM";

/// True for the names of a key's policies: the folder says it, else what is printed. IAM prints names of inline policies alike.
pub(in crate::aws_cli) fn are_of_key(output: &Output<'_>) -> bool {
    let folders = ["keys", "roles", "users", "groups"];
    if let Some((kind, _)) = output.subject.nearest(&folders) {
        return kind == "keys";
    }
    let names = output.node.get("PolicyNames").map_or(&[][..], Node::items);
    let mut texts = names.iter().map(Node::as_text);
    // KMS says `Truncated`, IAM `IsTruncated`.
    has(output.node, "Truncated")
        || (!names.is_empty() && texts.all(|name| matches!(name, Some(DEFAULT | OF_RAM))))
}

/// `list-key-policies`
pub(in crate::aws_cli) fn list<'n>(
    outputs: &mut Outputs<'n>,
    loader: &mut Loader<'_>,
    output: &Output<'n>,
) {
    let pages = outputs.page(output);
    let Some(arn) = key_of_folder(loader, output) else {
        return;
    };
    outputs.learn(&arn);
    let mut items = BTreeMap::new();
    for item in output.list(loader, output.node, "PolicyNames") {
        if let Some(name) = loader.text(item, output.origin, "PolicyNames") {
            items.insert(name.to_owned(), ((), output.place(item)));
        }
    }
    let known = &mut outputs.kms.policies;
    let tellings = known.entry(arn.as_str().to_owned()).or_default();
    tellings.add(Telling {
        pages: Some(pages),
        is_all: true,
        place: output.start(),
        items,
    });
}

/// Adds the names of one key.
pub(super) fn finish(
    loader: &mut Loader<'_>,
    pages: &Pages,
    part: &mut Part,
    (arn, tellings): (&str, Tellings<()>),
) {
    let what = format!("the policies of `{arn}`");
    let Some(mut list) = tellings.join(pages, &what, &mut loader.diagnostics) else {
        return;
    };
    let mut keys = part.keys.iter();
    let of_ram = keys.find_map(|key| {
        let is_it = key.record.arn.as_str() == arn;
        key.given.get("ram_policy").filter(|_| is_it)
    });
    if let (true, false, Some(of_ram)) = (list.is_whole, list.items.contains_key(OF_RAM), of_ram) {
        let message = format!("`{arn}` has a policy `{OF_RAM}` here, and elsewhere none");
        let error = contradiction(message, of_ram, &list.place);
        loader.diagnostics.push(error);
    }
    list.items.remove(DEFAULT);
    let names = list
        .items
        .into_iter()
        .map(|(name, ((), place))| (name, place));
    let further = part.key_policies.entry(arn.to_owned()).or_default();
    further.extend(names);
    if let Some(arn) = Arn::parse(arn) {
        let entry = Entry::new(KeyRecord::new(arn), list.place);
        part.keys.push(entry);
    }
}
