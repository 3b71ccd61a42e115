//! Users, roles and groups: what many outputs say of one, put together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use preclear_model::{Arn, Diagnostic, Node, Place, Policy, PolicyKind};
use preclear_simulator::snapshot::{GroupRecord, PrincipalRecord};
use preclear_simulator::{Given, Layer};

use super::managed::{Found, Managed};
use crate::aws_cli::lists::{Joined, Tellings};
use crate::aws_cli::pages::Pages;
use crate::aws_cli::{Output, Partitions};
use crate::loader::{Loader, Origin};
use crate::merge::contradiction;
use crate::part::{Entry, Part, Said};
use crate::same::same_content;

/// What can have identity policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    User,
    Role,
    Group,
}

impl Kind {
    pub(super) const ALL: [Kind; 3] = [Kind::User, Kind::Role, Kind::Group];

    /// What its ARNs and messages call it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Group => "group",
        }
    }

    /// The member that holds one.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Role => "Role",
            Self::Group => "Group",
        }
    }

    /// The folder of one.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Role => "roles",
            Self::Group => "groups",
        }
    }

    /// The member that names one.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::User => "UserName",
            Self::Role => "RoleName",
            Self::Group => "GroupName",
        }
    }

    /// The member with its unique id.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::User => "UserId",
            Self::Role => "RoleId",
            Self::Group => "GroupId",
        }
    }

    /// The member of account details with its inline policies.
    pub(super) fn inline_list(self) -> &'static str {
        match self {
            Self::User => "UserPolicyList",
            Self::Role => "RolePolicyList",
            Self::Group => "GroupPolicyList",
        }
    }

    /// The code of an ARN that is none of it.
    pub(super) fn refusal(self) -> &'static str {
        match self {
            Self::User | Self::Role => "NOT_A_PRINCIPAL",
            Self::Group => "NOT_A_GROUP",
        }
    }
}

/// A user, role or group by its name, which is unique in an account whatever the path. Rule: IAM-PRIN-5.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Who {
    pub(super) account: String,
    pub(super) kind: Kind,
    pub(super) name: String,
}

impl Who {
    pub(super) fn of(arn: &Arn, kind: Kind) -> Self {
        Self {
            account: arn.account().to_owned(),
            kind,
            name: arn.resource_name().to_owned(),
        }
    }

    fn shown(&self) -> String {
        format!(
            "{} `{}` of account {}",
            self.kind.word(),
            self.name,
            self.account
        )
    }
}

/// A document where it is printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Printed<'n> {
    pub(super) node: &'n Node,
    pub(super) origin: &'n Origin,
}

impl<'n> Printed<'n> {
    pub(super) fn of(node: &'n Node, output: &Output<'n>) -> Self {
        Self {
            node,
            origin: output.origin,
        }
    }

    fn place(&self) -> Place {
        self.origin.place(self.node)
    }
}

/// The ARN of a boundary, or that there is none.
type Boundary = Option<Said<Arn>>;

/// What one output says of an identity by itself.
#[derive(Debug)]
pub(super) enum Known {
    Principal {
        entry: Box<Entry<PrincipalRecord>>,
        /// `None` where the output does not tell.
        boundary: Option<Boundary>,
    },
    Group(Said<Arn>),
}

impl Known {
    pub(super) fn principal(entry: Entry<PrincipalRecord>, boundary: Option<Boundary>) -> Self {
        Self::Principal {
            entry: Box::new(entry),
            boundary,
        }
    }

    pub(super) fn group(arn: Arn, place: Place) -> Self {
        Self::Group(Said::new(arn, place))
    }

    pub(super) fn place(&self) -> &Place {
        match self {
            Self::Principal { entry, .. } => &entry.place,
            Self::Group(arn) => &arn.place,
        }
    }

    fn arn(&self) -> &Arn {
        match self {
            Self::Principal { entry, .. } => &entry.record.arn,
            Self::Group(arn) => &arn.value,
        }
    }
}

/// All that is said of one user, role or group.
#[derive(Debug)]
pub(super) struct Identity<'n> {
    /// Where it is mentioned first.
    place: Place,
    pub(super) known: Vec<Known>,
    /// ARNs that outputs about something else mention.
    pub(super) arns: Vec<Said<Arn>>,
    pub(super) inline: BTreeMap<String, Vec<Printed<'n>>>,
    pub(super) inline_names: Tellings<()>,
    pub(super) attached: Tellings<()>,
    /// Names of the groups of a user.
    pub(super) groups: Tellings<()>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Identities<'n>(BTreeMap<Who, Identity<'n>>);

impl<'n> Identities<'n> {
    /// What is known of one; `place` says where it is mentioned.
    pub(super) fn of(&mut self, who: Who, place: &Place) -> &mut Identity<'n> {
        self.0.entry(who).or_insert_with(|| Identity {
            place: place.clone(),
            known: Vec::new(),
            arns: Vec::new(),
            inline: BTreeMap::new(),
            inline_names: Tellings::default(),
            attached: Tellings::default(),
            groups: Tellings::default(),
        })
    }

    /// ARNs of all managed policies that are attached or serve as boundaries.
    pub(super) fn managed_arns(&self) -> BTreeSet<String> {
        let mut arns = BTreeSet::new();
        for identity in self.0.values() {
            arns.extend(identity.attached.names().map(str::to_owned));
            for known in &identity.known {
                if let Known::Principal {
                    boundary: Some(Some(boundary)),
                    ..
                } = known
                {
                    arns.insert(boundary.value.as_str().to_owned());
                }
            }
        }
        arns
    }

    /// Makes entries of all.
    pub(super) fn finish(
        self,
        loader: &mut Loader<'_>,
        (pages, partitions): (&Pages, &Partitions),
        managed: &mut Managed<'n>,
        part: &mut Part,
    ) {
        let arns: BTreeMap<Who, Arn> = self
            .0
            .iter()
            .filter_map(|(who, identity)| Some((who.clone(), identity.arn(who, partitions)?)))
            .collect();
        for (who, identity) in self.0 {
            let Some(arn) = arns.get(&who) else { continue };
            let group_arn = |name: &str| {
                let group = Who {
                    account: who.account.clone(),
                    kind: Kind::Group,
                    name: name.to_owned(),
                };
                let made_up = || made_up(&group, partitions);
                arns.get(&group).cloned().or_else(made_up)
            };
            identity.finish(loader, pages, (&who, arn), &group_arn, managed, part);
        }
    }
}

/// The ARN of an identity of which the name alone is told.
fn made_up(who: &Who, partitions: &Partitions) -> Option<Arn> {
    let partition = partitions.of(Some(&who.account));
    let resource = format!("{}/{}", who.kind.word(), who.name);
    Arn::from_fields(partition, "iam", "", &who.account, &resource)
}

impl<'n> Identity<'n> {
    /// The first ARN that an output gives, else one without path.
    fn arn(&self, who: &Who, partitions: &Partitions) -> Option<Arn> {
        let known = self.known.first().map(Known::arn);
        let known = known.or_else(|| self.arns.first().map(|said| &said.value));
        known.cloned().or_else(|| made_up(who, partitions))
    }

    fn finish(
        self,
        loader: &mut Loader<'_>,
        pages: &Pages,
        (who, arn): (&Who, &Arn),
        group_arn: &dyn Fn(&str) -> Option<Arn>,
        managed: &mut Managed<'n>,
        part: &mut Part,
    ) {
        let Self {
            place,
            known,
            arns,
            inline,
            inline_names,
            attached,
            groups,
        } = self;
        let is_path_known = !(known.is_empty() && arns.is_empty());
        let d = &mut loader.diagnostics;
        let shown = who.shown();
        let attached = attached.join(pages, &format!("the policies attached to {shown}"), d);
        let names = inline_names.join(pages, &format!("the inline policies of {shown}"), d);
        let groups = groups.join(pages, &format!("the groups of {shown}"), d);
        let mut collector = Collector {
            loader,
            owner: arn.as_str(),
            policies: Vec::new(),
            place: None,
        };
        let mut is_whole = attached.as_ref().is_some_and(|list| list.is_whole);
        is_whole &= names.as_ref().is_some_and(|list| list.is_whole);
        let is_told = attached.is_some() || names.is_some() || !inline.is_empty();
        collector.inline(inline, names, who);
        if let Some(attached) = attached {
            collector.attached(&attached, managed);
        }
        let Collector {
            policies,
            place: at,
            ..
        } = collector;
        let policies_place = at.unwrap_or_else(|| place.clone());
        let policies = match (policies.is_empty(), is_whole) {
            (true, true) => Given::Nothing,
            (true, false) => Given::LeftOut,
            (false, _) => Given::Here(policies),
        };
        if is_told && !is_whole && !policies.is_left_out() {
            leave_open(part, arn);
        }
        if who.kind == Kind::Group {
            let mut entries: Vec<Entry<GroupRecord>> = known
                .into_iter()
                .map(|known| {
                    let record = GroupRecord {
                        arn: known.arn().clone(),
                        policies: Given::LeftOut,
                    };
                    Entry::new(record, known.place().clone())
                })
                .collect();
            // What says no more than that the group is there need not say it twice.
            entries.dedup_by(|a, b| a.record.arn == b.record.arn);
            if entries.is_empty() {
                let record = GroupRecord {
                    arn: arn.clone(),
                    policies: Given::LeftOut,
                };
                entries.push(Entry::new(record, place));
            }
            if let Some(first) = entries.first_mut()
                && !policies.is_left_out()
            {
                first.record.policies = policies;
                first.given.insert("policies", policies_place);
            }
            part.groups.extend(entries);
            return;
        }
        let mut entries = Vec::with_capacity(known.len());
        for known in known {
            if let Known::Principal { entry, boundary } = known {
                entries.push(with_boundary(loader, *entry, boundary, managed));
            }
        }
        if entries.is_empty() {
            let record = PrincipalRecord {
                is_path_known,
                ..PrincipalRecord::new(arn.clone())
            };
            entries.push(Entry::new(record, place));
        }
        if let Some(first) = entries.first_mut() {
            if !policies.is_left_out() {
                first.record.policies = policies;
                first.given.insert("policies", policies_place);
            }
            if let Some(groups) = groups {
                let arns = groups.items.keys().filter_map(|name| group_arn(name));
                let arns: Vec<String> = arns.map(|arn| arn.as_str().to_owned()).collect();
                first.record.groups = match arns.is_empty() {
                    true => Given::Nothing,
                    false => Given::Here(arns),
                };
                first.given.insert("groups", groups.place);
                if !groups.is_whole {
                    leave_open(part, arn);
                }
            }
        }
        part.principals.extend(entries);
    }
}

/// More identity policies than these may exist.
fn leave_open(part: &mut Part, owner: &Arn) {
    let owners = part.open.entry(Layer::Identity).or_default();
    owners.insert(owner.as_str().to_owned());
}

/// Adds the boundary, or that there is none.
fn with_boundary(
    loader: &mut Loader<'_>,
    mut entry: Entry<PrincipalRecord>,
    boundary: Option<Boundary>,
    managed: &mut Managed<'_>,
) -> Entry<PrincipalRecord> {
    let owner = entry.record.arn.as_str().to_owned();
    match boundary {
        None => {}
        Some(None) => {
            entry.record.boundary = Given::Nothing;
            entry.given.insert("boundary", entry.place.clone());
        }
        Some(Some(boundary)) => {
            let arn = boundary.value.as_str();
            let found = managed.document(loader, arn, PolicyKind::Boundary, &owner);
            if let Found::Policy(policy) = found {
                entry.record.boundary = Given::Here(policy);
                entry.given.insert("boundary", boundary.place);
            } else if let Found::Missing = found {
                managed.report_missing(loader, arn, &boundary.place);
            }
        }
    }
    entry
}

/// Collects the policies of one identity.
struct Collector<'c, 'f> {
    loader: &'c mut Loader<'f>,
    owner: &'c str,
    policies: Vec<Arc<Policy>>,
    /// Where the first of them is told.
    place: Option<Place>,
}

impl Collector<'_, '_> {
    fn attached(&mut self, attached: &Joined<()>, managed: &mut Managed<'_>) {
        self.place.get_or_insert_with(|| attached.place.clone());
        for (arn, ((), place)) in &attached.items {
            match managed.document(self.loader, arn, PolicyKind::Identity, self.owner) {
                Found::Policy(policy) => self.policies.push(policy),
                Found::Refused => {}
                Found::Missing => managed.report_missing(self.loader, arn, place),
            }
        }
    }

    fn inline(
        &mut self,
        inline: BTreeMap<String, Vec<Printed<'_>>>,
        names: Option<Joined<()>>,
        who: &Who,
    ) {
        if let Some(names) = &names {
            self.place.get_or_insert_with(|| names.place.clone());
            for (name, ((), place)) in &names.items {
                if !inline.contains_key(name) {
                    self.missing(name, place, who);
                }
            }
        }
        for (name, documents) in inline {
            let first = documents.first().map(Printed::place);
            if let (Some(names), Some(place)) = (&names, &first)
                && names.is_whole
                && !names.items.contains_key(&name)
            {
                let message = format!(
                    "the inline policy `{name}` of {} is not among those that are listed",
                    who.shown()
                );
                let error = contradiction(message, place, &names.place);
                self.loader.diagnostics.push(error);
            }
            if let Some(place) = first {
                self.place.get_or_insert(place);
            }
            self.document(&name, &documents, who);
        }
    }

    /// One inline policy, which several outputs may print.
    fn document(&mut self, name: &str, documents: &[Printed<'_>], who: &Who) {
        let mut first: Option<Arc<Policy>> = None;
        for printed in documents {
            let (node, origin) = (printed.node, printed.origin);
            let kind = PolicyKind::Identity;
            let owner = Some(self.owner);
            let Some(policy) =
                self.loader
                    .printed_policy(node, origin, kind, owner, name.to_owned())
            else {
                continue;
            };
            match &first {
                None => first = Some(policy),
                Some(first) if !same_content(first, &policy) => {
                    let message = format!(
                        "two documents disagree on the inline policy `{name}` of {}",
                        who.shown()
                    );
                    let error = contradiction(message, &printed.place(), &first.place(first.span));
                    self.loader.diagnostics.push(error);
                }
                Some(_) => {}
            }
        }
        self.policies.extend(first);
    }

    fn missing(&mut self, name: &str, place: &Place, who: &Who) {
        let (word, shown) = (who.kind.word(), who.shown());
        let message =
            format!("{shown} has the inline policy `{name}`, and no file has its document");
        self.loader.diagnostics.push(
            Diagnostic::warning("POLICY_WITHOUT_DOCUMENT", message)
                .rule("IAM-TRI-7")
                .at(place.clone())
                .help(format!("add the output of `aws iam get-{word}-policy`")),
        );
        self.loader.leave_open(Layer::Identity, self.owner);
    }
}
