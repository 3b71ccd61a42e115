//! Output of the AWS CLI: what single commands print, and what they say together. Rule: UI-31.
//!
//! A file is read into facts as soon as it is recognised. What takes several files (the policies of a role, the pages of a
//! list, the organization) is put together once all of them are read, and ends in [`Part`]s as everything does. Members that no
//! reader asks for are let pass: AWS adds members. No output says that it is everything, so nothing here sets `complete`.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Arn, Node};

use crate::format::Format;
use crate::loader::{Loader, Origin};
use crate::one_thing;
use crate::part::Part;

mod ec2;
mod iam;
mod kms;
mod lambda;
mod lists;
mod members;
mod organizations;
mod pages;
mod resource_policy;
mod s3;
mod sns;
mod sqs;
mod subject;

use self::pages::{Pages, PagesId};
use self::subject::Subject;
pub(crate) use self::subject::partition_of;

/// Reads one output.
pub(crate) type Reader = for<'n> fn(&mut Outputs<'n>, &mut Loader<'_>, &Output<'n>);

/// The formats of all services; of two that recognise an output the first counts.
pub(crate) fn formats() -> impl Iterator<Item = &'static Format> {
    iam::FORMATS
        .iter()
        .chain(&kms::FORMATS)
        .chain(&organizations::FORMATS)
        .chain(&s3::FORMATS)
        .chain(&lambda::FORMATS)
        .chain(&sqs::FORMATS)
        .chain(&sns::FORMATS)
        .chain(&ec2::FORMATS)
        .chain(&resource_policy::FORMATS)
}

/// One file with the output of a command.
#[derive(Debug)]
pub(crate) struct Output<'n> {
    pub(crate) node: &'n Node,
    pub(crate) origin: &'n Origin,
    /// What messages call it: ``output of `aws iam get-role` ``.
    pub(crate) command: &'static str,
    pub(crate) subject: Subject,
}

/// What the outputs say that were read so far.
#[derive(Debug, Default)]
pub(crate) struct Outputs<'n> {
    /// What single outputs say.
    part: Part,
    pages: Pages,
    partitions: Partitions,
    iam: iam::Facts<'n>,
    kms: kms::Facts,
    organizations: organizations::Facts<'n>,
    s3: s3::Facts,
}

impl<'n> Outputs<'n> {
    /// Reads an output.
    pub(crate) fn read(
        &mut self,
        loader: &mut Loader<'_>,
        (command, read): (&'static str, Reader),
        node: &'n Node,
        origin: &'n Origin,
    ) {
        let subject = Subject::of(&origin.path);
        let homes = &mut self.part.homes;
        homes.accounts.extend(subject.account.clone());
        homes.regions.extend(subject.region.clone());
        read(
            self,
            loader,
            &Output {
                node,
                origin,
                command,
                subject,
            },
        );
    }

    /// Learns account, Region and partition from the ARN of what an output is about.
    fn learn(&mut self, arn: &Arn) {
        self.partitions.learn(arn);
        let add = |known: &mut BTreeSet<String>, text: &str| {
            if !text.is_empty() {
                known.insert(text.to_owned());
            }
        };
        add(&mut self.part.homes.accounts, arn.account());
        add(&mut self.part.homes.regions, arn.region());
    }

    /// Counts an output whose list may go on in another file.
    fn page(&mut self, output: &Output<'_>) -> PagesId {
        self.pages.add(output)
    }

    /// What all of them say together.
    pub(crate) fn parts(self, loader: &mut Loader<'_>) -> Vec<Part> {
        let Self {
            mut part,
            pages,
            partitions,
            iam,
            kms,
            organizations,
            s3,
        } = self;
        part.is_in_part = pages.report(&mut loader.diagnostics);
        iam.finish(loader, &pages, &partitions, &mut part);
        kms.finish(loader, &pages, &mut part);
        s3.finish(&partitions, &mut part);
        one_thing::check_names(loader, &part);
        let further = organizations.finish(loader, &pages, &mut part);
        std::iter::once(part).chain(further).collect()
    }
}

/// The partitions of accounts, as ARNs of what belongs to them tell.
#[derive(Debug, Default)]
pub(crate) struct Partitions(BTreeMap<String, BTreeSet<String>>);

impl Partitions {
    /// Learns from an ARN.
    fn learn(&mut self, arn: &Arn) {
        let known = self.0.entry(arn.account().to_owned()).or_default();
        known.insert(arn.partition().to_owned());
    }

    /// The partition of an account; `aws` where nothing tells.
    pub(crate) fn of(&self, account: Option<&str>) -> &str {
        let known = account.and_then(|account| self.0.get(account));
        let first = known.and_then(BTreeSet::first);
        first.map_or("aws", String::as_str)
    }
}

/// True if a member is a list whose items, if there are any, all look as wanted.
fn is_list_of(node: &Node, name: &str, is_wanted: impl Fn(&Node) -> bool) -> bool {
    let list = node.get(name).and_then(Node::as_sequence);
    list.is_some_and(|items| items.iter().all(is_wanted))
}

/// True if a member is there.
fn has(node: &Node, name: &str) -> bool {
    node.get(name).is_some()
}

#[cfg(test)]
mod tests;
