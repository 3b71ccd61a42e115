//! Users, roles, groups and managed policies, as the commands of `aws iam` print them.

use std::collections::BTreeMap;

use preclear_model::{Arn, Node, PolicyKind};
use preclear_simulator::Given;
use preclear_simulator::snapshot::PrincipalRecord;

use super::kms::policies;
use super::lists::Telling;
use super::pages::Pages;
use super::{Output, Outputs, Partitions, has, is_list_of};
use crate::format::Format;
use crate::loader::Loader;
use crate::part::{Entry, Part, Said};

mod identities;
mod managed;

use self::identities::{Identities, Kind, Known, Printed, Who};
use self::managed::{Managed, Version};

pub(super) static FORMATS: [Format; 10] = [
    Format::output(
        "output of `aws iam get-account-authorization-details`",
        |node| {
            let lists = ["UserDetailList", "GroupDetailList", "RoleDetailList"];
            lists.iter().any(|list| has(node, list))
                || node.get("Policies").is_some_and(|list| {
                    list.items()
                        .iter()
                        .any(|item| has(item, "PolicyVersionList"))
                })
        },
        account_details,
    ),
    Format::output(
        "output of `aws iam get-role`",
        |node| node.get("Role").is_some_and(|role| has(role, "Arn")),
        |outputs, loader, output| one_identity(outputs, loader, output, Kind::Role),
    ),
    Format::output(
        "output of `aws iam get-user`",
        |node| node.get("User").is_some_and(|user| has(user, "Arn")),
        |outputs, loader, output| one_identity(outputs, loader, output, Kind::User),
    ),
    Format::output(
        "output of `aws iam get-group`",
        |node| node.get("Group").is_some_and(|group| has(group, "Arn")),
        group_with_users,
    ),
    Format::output(
        "output of `aws iam get-role-policy`, `get-user-policy` or `get-group-policy`",
        |node| has(node, "PolicyDocument") && Kind::ALL.iter().any(|kind| has(node, kind.member())),
        inline_policy,
    ),
    Format::output(
        "output of `aws iam list-attached-role-policies`, `list-attached-user-policies` or `list-attached-group-policies`",
        |node| has(node, "AttachedPolicies"),
        attached_policies,
    ),
    Format::output(
        "output of `aws iam list-role-policies`, `list-user-policies` or `list-group-policies`, or of `aws kms list-key-policies`",
        |node| has(node, "PolicyNames"),
        inline_names,
    ),
    Format::output(
        "output of `aws iam list-groups-for-user`",
        |node| {
            is_list_of(node, "Groups", |group| {
                has(group, "GroupId") && has(group, "Arn")
            })
        },
        groups_of_user,
    ),
    Format::output(
        "output of `aws iam get-policy`",
        |node| {
            node.get("Policy")
                .is_some_and(|policy| has(policy, "Arn") && has(policy, "DefaultVersionId"))
        },
        managed_policy,
    ),
    Format::output(
        "output of `aws iam get-policy-version`",
        |node| has(node, "PolicyVersion"),
        policy_version,
    ),
];

/// What the outputs say.
#[derive(Debug, Default)]
pub(super) struct Facts<'n> {
    identities: Identities<'n>,
    managed: Managed<'n>,
}

impl Facts<'_> {
    /// Puts users, roles and groups together with their policies.
    pub(super) fn finish(
        self,
        loader: &mut Loader<'_>,
        pages: &Pages,
        partitions: &Partitions,
        part: &mut Part,
    ) {
        let Self {
            identities,
            mut managed,
        } = self;
        managed.place(loader, identities.managed_arns());
        identities.finish(loader, (pages, partitions), &mut managed, part);
        managed.report_unused(loader);
    }
}

/// `get-account-authorization-details`
fn account_details<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    outputs.page(output);
    for (list, kind) in [
        ("UserDetailList", Kind::User),
        ("RoleDetailList", Kind::Role),
        ("GroupDetailList", Kind::Group),
    ] {
        for item in output.list(loader, output.node, list) {
            identity_with_policies(outputs, loader, output, item, kind);
        }
    }
    for item in output.list(loader, output.node, "Policies") {
        let Some(arn) = managed_policy_arn(loader, output, item) else {
            continue;
        };
        let versions = output.list(loader, item, "PolicyVersionList");
        let versions: Vec<Version<'n>> = versions
            .iter()
            .filter_map(|version| version_of(loader, output, version))
            .collect();
        let default = default_version(loader, output, item);
        outputs.iam.managed.add(&arn, default, versions);
    }
}

/// An entry of account details: it tells everything that is attached to the identity.
fn identity_with_policies<'n>(
    outputs: &mut Outputs<'n>,
    loader: &mut Loader<'_>,
    output: &Output<'n>,
    node: &'n Node,
    kind: Kind,
) {
    let Some((who, known)) = identity(outputs, loader, output, node, kind) else {
        return;
    };
    let mut inline = Vec::new();
    for item in output.list(loader, node, kind.inline_list()) {
        let name = output.required_text(loader, item, "PolicyName");
        let document = output.required(loader, item, "PolicyDocument");
        if let (Some((name, place)), Some(document)) = (name, document) {
            let place = output.place(place);
            inline.push((name.to_owned(), place, Printed::of(document, output)));
        }
    }
    let attached = output.list(loader, node, "AttachedManagedPolicies");
    let attached = attachments(loader, output, attached);
    let mut groups = BTreeMap::new();
    for item in output.list(loader, node, "GroupList") {
        if let Some(name) = loader.text(item, output.origin, "GroupList") {
            groups.insert(name.to_owned(), ((), output.place(item)));
        }
    }
    let place = known.place().clone();
    let telling = |items| Telling {
        pages: None,
        is_all: true,
        place: place.clone(),
        items,
    };
    let facts = outputs.iam.identities.of(who, &place);
    facts.known.push(known);
    facts.attached.add(telling(attached));
    let names = inline.iter();
    let names = names.map(|(name, place, _)| (name.clone(), ((), place.clone())));
    facts.inline_names.add(telling(names.collect()));
    for (name, _, document) in inline {
        facts.inline.entry(name).or_default().push(document);
    }
    if kind == Kind::User {
        facts.groups.add(telling(groups));
    }
}

/// `get-role` and `get-user`
fn one_identity<'n>(
    outputs: &mut Outputs<'n>,
    loader: &mut Loader<'_>,
    output: &Output<'n>,
    kind: Kind,
) {
    let Some(node) = output.required(loader, output.node, kind.title()) else {
        return;
    };
    if let Some((who, known)) = identity(outputs, loader, output, node, kind)
        && output.agrees(loader, kind.folder(), &who.name, node)
    {
        let place = known.place().clone();
        outputs.iam.identities.of(who, &place).known.push(known);
    }
}

/// What an object with the members of a user, role or group says of it by itself.
fn identity<'n>(
    outputs: &mut Outputs<'n>,
    loader: &mut Loader<'_>,
    output: &Output<'n>,
    node: &'n Node,
    kind: Kind,
) -> Option<(Who, Known)> {
    let arn_node = output.required(loader, node, "Arn")?;
    let arn = identity_arn(loader, output, arn_node, kind)?;
    outputs.learn(&arn);
    let who = Who::of(&arn, kind);
    let place = output.place(arn_node);
    if kind == Kind::Group {
        return Some((who, Known::group(arn, place)));
    }
    let label = format!("principals/{} {}", kind.word(), who.name);
    let mut entry = Entry::new(PrincipalRecord::new(arn.clone()), place);
    if let Some(id) = output.value(node, kind.id()) {
        entry.record.id = loader.text(id, output.origin, kind.id()).map(str::to_owned);
        entry.given.insert("id", output.place(id));
    }
    // No tags and no boundary are not printed.
    let tags = output.value(node, "Tags");
    entry.record.tags = Some(tags.map_or_else(Default::default, |list| {
        output.tags(loader, list, ("Key", "Value"))
    }));
    let place = tags.map_or_else(|| entry.place.clone(), |list| output.place(list));
    entry.given.insert("tags", place);
    if let Some(document) = output.value(node, "AssumeRolePolicyDocument") {
        let (origin, owner) = (output.origin, Some(arn.as_str()));
        let name = format!("{label}/trust");
        let trust = loader.printed_policy(document, origin, PolicyKind::Trust, owner, name);
        entry.record.trust = trust.map_or(Given::LeftOut, Given::Here);
        entry.given.insert("trust", output.place(document));
    }
    let boundary = match output.value(node, "PermissionsBoundary") {
        None => Some(None),
        Some(boundary) => {
            let arn = output.required(loader, boundary, "PermissionsBoundaryArn");
            arn.and_then(|node| {
                let arn = loader.exact_arn(node, output.origin, "PermissionsBoundaryArn")?;
                Some(Some(Said::new(arn, output.place(node))))
            })
        }
    };
    Some((who, Known::principal(entry, boundary)))
}

/// An ARN of the wanted kind, of the account of the folder.
fn identity_arn(
    loader: &mut Loader<'_>,
    output: &Output<'_>,
    node: &Node,
    kind: Kind,
) -> Option<Arn> {
    let arn = loader.exact_arn(node, output.origin, "Arn")?;
    let is_root = arn.resource() == "root" && kind == Kind::User;
    if is_root {
        let help =
            "remove it: no policy of the account reaches the root user, so it needs no entry";
        output.adds_nothing(loader, "it is about the root user", help);
        return None;
    }
    if (arn.service(), arn.resource_type()) != ("iam", Some(kind.word())) {
        let message = format!("`{arn}` is no {}", kind.word());
        let help = "give the output as the command prints it";
        let at = (output.origin, node.span);
        loader.error(kind.refusal(), "UI-33", message, at, help);
        return None;
    }
    output
        .agrees(loader, "account", arn.account(), node)
        .then_some(arn)
}

/// `get-group`: the group, and users that are in it.
fn group_with_users<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    outputs.page(output);
    let Some(node) = output.required(loader, output.node, "Group") else {
        return;
    };
    let Some((group, known)) = identity(outputs, loader, output, node, Kind::Group) else {
        return;
    };
    if !output.agrees(loader, "groups", &group.name, node) {
        return;
    }
    let place = known.place().clone();
    let name = group.name.clone();
    outputs.iam.identities.of(group, &place).known.push(known);
    for item in output.list(loader, output.node, "Users") {
        let arn = output.required(loader, item, "Arn");
        let Some(arn) = arn.and_then(|node| identity_arn(loader, output, node, Kind::User)) else {
            continue;
        };
        let place = output.place(item);
        let user = outputs.iam.identities.of(Who::of(&arn, Kind::User), &place);
        user.arns.push(Said::new(arn, place.clone()));
        user.groups.add(Telling {
            pages: None,
            is_all: false,
            items: BTreeMap::from([(name.clone(), ((), place.clone()))]),
            place,
        });
    }
}

/// `get-role-policy` and its siblings
fn inline_policy<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let node = output.node;
    let Some(kind) = Kind::ALL.into_iter().find(|kind| has(node, kind.member())) else {
        return;
    };
    let owner = output.required_text(loader, node, kind.member());
    let name = output.required_text(loader, node, "PolicyName");
    let document = output.required(loader, node, "PolicyDocument");
    let (Some((owner, owner_node)), Some((name, _)), Some(document)) = (owner, name, document)
    else {
        return;
    };
    let Some(account) = output.account(loader) else {
        return;
    };
    if !output.agrees(loader, kind.folder(), owner, owner_node) {
        return;
    }
    let who = Who {
        account,
        kind,
        name: owner.to_owned(),
    };
    let place = output.place(owner_node);
    let facts = outputs.iam.identities.of(who, &place);
    let documents = facts.inline.entry(name.to_owned()).or_default();
    documents.push(Printed::of(document, output));
}

/// The identity of the folder; an error where no folder says which it is.
fn identity_of_folder(loader: &mut Loader<'_>, output: &Output<'_>, kinds: &[Kind]) -> Option<Who> {
    let folders: Vec<&str> = kinds.iter().map(|kind| kind.folder()).collect();
    let Some((folder, name)) = output.subject.nearest(&folders) else {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
        let folders: Vec<String> = folders
            .iter()
            .map(|folder| format!("{folder}/NAME"))
            .collect();
        let what = format!("which {} it is of", words.join(", "));
        output.nobody_says(loader, &what, &folders.join("` or `"));
        return None;
    };
    let kind = Kind::ALL.into_iter().find(|kind| kind.folder() == folder)?;
    Some(Who {
        account: output.account(loader)?,
        kind,
        name: name.to_owned(),
    })
}

/// `list-attached-role-policies` and its siblings
fn attached_policies<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let pages = outputs.page(output);
    let items = output.list(loader, output.node, "AttachedPolicies");
    let items = attachments(loader, output, items);
    if let Some(who) = identity_of_folder(loader, output, &Kind::ALL) {
        let facts = outputs.iam.identities.of(who, &output.start());
        facts.attached.add(Telling {
            pages: Some(pages),
            is_all: true,
            place: output.start(),
            items,
        });
    }
}

/// ARNs of attached policies, with their places.
fn attachments(
    loader: &mut Loader<'_>,
    output: &Output<'_>,
    items: &[Node],
) -> BTreeMap<String, ((), preclear_model::Place)> {
    let mut attached = BTreeMap::new();
    for item in items {
        let Some(node) = item.get("PolicyArn").filter(|node| !node.is_null()) else {
            loader.wrong_type(
                "AttachedPolicies",
                "a list of objects with `PolicyArn`",
                item,
                output.origin,
            );
            continue;
        };
        if let Some(arn) = loader.exact_arn(node, output.origin, "PolicyArn") {
            attached.insert(arn.as_str().to_owned(), ((), output.place(node)));
        }
    }
    attached
}

/// `list-role-policies` and its siblings. `aws kms list-key-policies` prints the same members.
fn inline_names<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    if policies::are_of_key(output) {
        return policies::list(outputs, loader, output);
    }
    let pages = outputs.page(output);
    let mut items = BTreeMap::new();
    for item in output.list(loader, output.node, "PolicyNames") {
        if let Some(name) = loader.text(item, output.origin, "PolicyNames") {
            items.insert(name.to_owned(), ((), output.place(item)));
        }
    }
    if let Some(who) = identity_of_folder(loader, output, &Kind::ALL) {
        let facts = outputs.iam.identities.of(who, &output.start());
        facts.inline_names.add(Telling {
            pages: Some(pages),
            is_all: true,
            place: output.start(),
            items,
        });
    }
}

/// `list-groups-for-user`
fn groups_of_user<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let pages = outputs.page(output);
    let Some(who) = identity_of_folder(loader, output, &[Kind::User]) else {
        return;
    };
    let mut items = BTreeMap::new();
    for item in output.list(loader, output.node, "Groups") {
        let Some((group, known)) = identity(outputs, loader, output, item, Kind::Group) else {
            continue;
        };
        let place = known.place().clone();
        items.insert(group.name.clone(), ((), place.clone()));
        outputs.iam.identities.of(group, &place).known.push(known);
    }
    let facts = outputs.iam.identities.of(who, &output.start());
    facts.groups.add(Telling {
        pages: Some(pages),
        is_all: true,
        place: output.start(),
        items,
    });
}

/// `get-policy`
fn managed_policy<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let Some(node) = output.required(loader, output.node, "Policy") else {
        return;
    };
    let Some(arn) = managed_policy_arn(loader, output, node) else {
        return;
    };
    if output.agrees(loader, "policies", arn.value.resource_name(), node) {
        let default = default_version(loader, output, node);
        outputs.iam.managed.add(&arn, default, Vec::new());
    }
}

fn managed_policy_arn(
    loader: &mut Loader<'_>,
    output: &Output<'_>,
    node: &Node,
) -> Option<Said<Arn>> {
    let Some(arn_node) = node.get("Arn").filter(|arn| !arn.is_null()) else {
        loader.wrong_type(
            "Policies",
            "a list of objects with `Arn`",
            node,
            output.origin,
        );
        return None;
    };
    let arn = loader.exact_arn(arn_node, output.origin, "Arn")?;
    let is_of_aws = arn.account() == "aws";
    (is_of_aws || output.agrees(loader, "account", arn.account(), arn_node))
        .then(|| Said::new(arn, output.place(arn_node)))
}

fn default_version(
    loader: &mut Loader<'_>,
    output: &Output<'_>,
    node: &Node,
) -> Option<Said<String>> {
    let id = node.get("DefaultVersionId").filter(|id| !id.is_null())?;
    let text = loader.text(id, output.origin, "DefaultVersionId")?;
    Some(Said::new(text.to_owned(), output.place(id)))
}

/// `get-policy-version`
fn policy_version<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let Some(node) = output.required(loader, output.node, "PolicyVersion") else {
        return;
    };
    let Some(version) = version_of(loader, output, node) else {
        return;
    };
    let Some(name) = output.subject.named("policies") else {
        output.nobody_says(loader, "which policy it is of", "policies/NAME");
        return;
    };
    let account = output.subject.account.clone();
    outputs.iam.managed.add_by_name(account, name, version);
}

fn version_of<'n>(
    loader: &mut Loader<'_>,
    output: &Output<'n>,
    node: &'n Node,
) -> Option<Version<'n>> {
    let id = output.required_text(loader, node, "VersionId");
    let is_default = output.boolean(loader, node, "IsDefaultVersion");
    let document = output.required(loader, node, "Document");
    Some(Version {
        id: id?.0.to_owned(),
        is_default,
        document: Printed::of(document?, output),
        command: output.command,
        place: output.start(),
    })
}
