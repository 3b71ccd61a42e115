//! The organization put together: nodes, and the documents of what is attached to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use preclear_model::{Diagnostic, Place, Policy, PolicyKind};
use preclear_simulator::snapshot::OrganizationNode;
use preclear_simulator::{Given, Layer};

use super::{AccountsOf, Facts, Printed, Targets, Type, entry};
use crate::aws_cli::lists::{Joined, Telling};
use crate::aws_cli::members::adds_nothing;
use crate::aws_cli::pages::Pages;
use crate::document::{AWS_RCP, FULL_AWS_ACCESS, is_shipped};
use crate::loader::Loader;
use crate::merge::contradiction;
use crate::part::{Entry, OrganizationPart, Part, Said};
use crate::same::same_content;
use crate::values::is_account_id;

impl Type {
    fn kind(self) -> PolicyKind {
        match self {
            Self::Scp => PolicyKind::Scp,
            Self::Rcp => PolicyKind::Rcp,
        }
    }

    fn layer(self) -> Layer {
        match self {
            Self::Scp => Layer::Scp,
            Self::Rcp => Layer::Rcp,
        }
    }

    /// The member of a snapshot's nodes.
    fn member(self) -> &'static str {
        match self {
            Self::Scp => "scps",
            Self::Rcp => "rcps",
        }
    }
}

impl Facts<'_> {
    fn is_empty(&self) -> bool {
        self.start.is_none()
    }

    /// Adds the organization; further parts say what two outputs say of one thing.
    pub(in crate::aws_cli) fn finish(
        mut self,
        loader: &mut Loader<'_>,
        pages: &Pages,
        part: &mut Part,
    ) -> Vec<Part> {
        if self.is_empty() {
            // There is an organization, of which nothing else is told.
            let kinds = self.unplaced.keys();
            let layers = kinds.map(|kind| kind.layer());
            part.layers_not_loaded.extend(layers);
            return Vec::new();
        }
        self.targets_become_attachments(loader);
        let Some(id) = self.id(loader) else {
            return Vec::new();
        };
        let management_account = self.management_account(loader);
        self.report_unlisted_accounts(loader, pages);
        let attached = std::mem::take(&mut self.attached);
        let mut documents = Documents::new(std::mem::take(&mut self.printed));
        let mut roots = std::mem::take(&mut self.roots);
        let mut nodes: BTreeMap<String, Entry<OrganizationNode>> = BTreeMap::new();
        for ((target, kind), tellings) in attached {
            let what = format!(
                "the policies of type {} attached to `{target}`",
                kind.name()
            );
            let Some(list) = tellings.join(pages, &what, &mut loader.diagnostics) else {
                continue;
            };
            let node = nodes
                .entry(target.clone())
                .or_insert_with(|| entry(&target, list.place.clone()));
            if !list.is_whole {
                let owners = part.open.entry(kind.layer()).or_default();
                owners.insert(target.clone());
            }
            let policies = documents.of(loader, &list, kind, &target);
            // AWS's own RCP is everywhere, and said to be so where it is listed alone.
            if !policies.is_empty() || list.is_whole {
                set(node, kind, policies, list.place);
            }
        }
        for (id, node) in nodes {
            if id.starts_with("r-") {
                roots.push(node);
            } else if is_account_id(&id) {
                self.accounts.push(node);
            } else {
                self.units.push(node);
            }
        }
        for kind in Type::ALL {
            let is_off = self
                .enabled
                .as_ref()
                .is_some_and(|types| !types.contains(&kind));
            if is_off {
                let below = self.units.iter_mut().chain(&mut self.accounts);
                switch_off(loader, kind, roots.iter_mut().chain(below));
            }
        }
        documents.report_unattached(loader);
        self.leave_open(loader, &roots);
        self.places(&roots, pages, part);
        let mut roots = roots.into_iter();
        let organization = |root, units, accounts| OrganizationPart {
            id: id.clone(),
            management_account: management_account.clone(),
            root,
            units,
            accounts,
        };
        part.organization = Some(organization(roots.next(), self.units, self.accounts));
        let further = roots.map(|root| Part {
            organization: Some(organization(Some(root), Vec::new(), Vec::new())),
            ..Part::default()
        });
        further.collect()
    }

    /// Policies of which nothing says where they are attached may be attached wherever no list is.
    fn leave_open(&self, loader: &mut Loader<'_>, roots: &[Entry<OrganizationNode>]) {
        for kind in self.unplaced.keys() {
            let all = || roots.iter().chain(&self.units).chain(&self.accounts);
            let is_listed =
                |node: &&Entry<OrganizationNode>| node.given.contains_key(kind.member());
            let listed: BTreeSet<&str> = all().filter(is_listed).map(id_of).collect();
            for id in all().map(id_of).filter(|id| !listed.contains(id)) {
                loader.leave_open(kind.layer(), id);
            }
            if roots.is_empty() {
                loader.leave_open(kind.layer(), "");
            }
        }
    }

    /// Units and accounts of which no output tells the parent. Without units all accounts hang below the root.
    fn places(&mut self, roots: &[Entry<OrganizationNode>], pages: &Pages, part: &mut Part) {
        let ids: BTreeSet<&str> = roots.iter().map(id_of).collect();
        let root = ids.first().copied().filter(|_| ids.len() == 1);
        let is_without_units = |root: &str| {
            let mut lists = self.unit_lists.iter();
            self.units.is_empty()
                && lists
                    .any(|(id, list, items)| id == root && *items == 0 && pages.are_whole(*list))
        };
        let only = root
            .filter(|root| is_without_units(root))
            .map(str::to_owned);
        let below = self.units.iter_mut().chain(&mut self.accounts);
        let mut open: BTreeMap<String, Place> = BTreeMap::new();
        let mut told = BTreeSet::new();
        for node in below {
            if node.record.parent.is_none()
                && let Some(root) = &only
            {
                node.record.parent = Some(root.clone());
            }
            match node.record.parent {
                Some(_) => {
                    told.insert(node.record.id.clone());
                }
                None => {
                    let id = node.record.id.clone();
                    open.entry(id).or_insert_with(|| node.place.clone());
                }
            }
        }
        open.retain(|id, _| !told.contains(id));
        part.places_not_told.extend(open);
    }

    /// What `list-targets-for-policy` says, seen from the targets.
    fn targets_become_attachments(&mut self, loader: &mut Loader<'_>) {
        for Targets { policy, ids, start } in std::mem::take(&mut self.targets) {
            let own = [
                "service_control_policy/p-FullAWSAccess",
                "resource_control_policy/p-RCPFullAWSAccess",
            ];
            let own = own.iter().find(|own| own.ends_with(&format!("/{policy}")));
            let own = own.map(|own| format!("arn:aws:organizations::aws:policy/{own}"));
            let Some(arn) = self.arns.get(&policy).cloned().or(own) else {
                let message =
                    format!("no file says what the policy `{policy}` is, which is attached here");
                loader.diagnostics.push(
                    Diagnostic::warning("POLICY_WITHOUT_DOCUMENT", message)
                        .rule("IAM-TRI-7")
                        .at(start)
                        .help("add the output of `aws organizations describe-policy`"),
                );
                for (id, _) in &ids {
                    for kind in Type::ALL {
                        loader.leave_open(kind.layer(), id);
                    }
                }
                continue;
            };
            let Some(kind) = Type::of_arn(&arn) else {
                continue;
            };
            for (id, place) in ids {
                let tellings = self.attached.entry((id, kind)).or_default();
                tellings.add(Telling {
                    pages: None,
                    is_all: false,
                    items: BTreeMap::from([(arn.clone(), ((), place.clone()))]),
                    place,
                });
            }
        }
    }

    fn id(&self, loader: &mut Loader<'_>) -> Option<Said<String>> {
        if let Some(id) = one_of(&self.ids, "the organization", loader) {
            return Some(id);
        }
        let message = "nobody says which organization this belongs to";
        let mut error = Diagnostic::error("SUBJECT_UNKNOWN", message)
            .rule("UI-31")
            .help("add the output of `aws organizations describe-organization`");
        error.place.clone_from(&self.start);
        loader.diagnostics.push(error);
        None
    }

    fn management_account(&self, loader: &mut Loader<'_>) -> Option<Said<String>> {
        one_of(&self.management_accounts, "the management account", loader)
    }

    /// Accounts that nobody lists count as outside.
    fn report_unlisted_accounts(&self, loader: &mut Loader<'_>, pages: &Pages) {
        let is_whole = |of: &AccountsOf| {
            let mut lists = self.account_lists.iter();
            lists.any(|(list, id, _)| list == of && pages.are_whole(*id))
        };
        let nodes = self.roots.iter().chain(&self.units);
        let parents: BTreeSet<&str> = nodes.map(|node| node.record.id.as_str()).collect();
        let mut of_parents = parents.iter();
        let all_by_parent = !parents.is_empty()
            && of_parents.all(|id| is_whole(&AccountsOf::Parent((*id).to_owned())));
        if is_whole(&AccountsOf::Organization) || all_by_parent {
            return;
        }
        let mut warning = Diagnostic::warning(
            "ORGANIZATION_IN_PART",
            "no output lists all accounts of the organization, and those that are not listed count as outside",
        )
        .rule("UI-36")
        .help("add the output of `aws organizations list-accounts`");
        let list = self.account_lists.first().map(|(_, _, place)| place);
        warning.place = list.or(self.start.as_ref()).cloned();
        loader.diagnostics.push(warning);
    }
}

fn id_of(node: &Entry<OrganizationNode>) -> &str {
    &node.record.id
}

/// What several outputs say of one thing; an error where they differ.
fn one_of(all: &[Said<String>], what: &str, loader: &mut Loader<'_>) -> Option<Said<String>> {
    let first = all.first()?;
    if let Some(other) = all.iter().find(|other| other.value != first.value) {
        let message = format!(
            "{what} is `{}` here and `{}` elsewhere",
            other.value, first.value
        );
        let error = contradiction(message, &other.place, &first.place);
        loader.diagnostics.push(error);
    }
    Some(first.clone())
}

fn set(node: &mut Entry<OrganizationNode>, kind: Type, policies: Vec<Arc<Policy>>, place: Place) {
    let policies = match policies.is_empty() {
        true => Given::Nothing,
        false => Given::Here(policies),
    };
    match kind {
        Type::Scp => node.record.scps = policies,
        Type::Rcp => node.record.rcps = policies,
    }
    node.given.insert(kind.member(), place);
}

/// Where a type is not enabled, nothing of it limits anybody.
fn switch_off<'e>(
    loader: &mut Loader<'_>,
    kind: Type,
    nodes: impl Iterator<Item = &'e mut Entry<OrganizationNode>>,
) {
    let all = match kind {
        Type::Scp => loader.shipped(FULL_AWS_ACCESS, PolicyKind::Scp),
        Type::Rcp => None,
    };
    let mut seen = BTreeSet::new();
    for node in nodes {
        if seen.insert(node.record.id.clone()) && !node.given.contains_key(kind.member()) {
            let place = node.place.clone();
            set(node, kind, all.iter().cloned().collect(), place);
        }
    }
}

/// The documents of policies, read when they are attached somewhere.
struct Documents<'n> {
    printed: BTreeMap<String, Vec<Printed<'n>>>,
    /// By ARN; `None` for those that were refused.
    read: BTreeMap<String, Option<Arc<Policy>>>,
    missing: BTreeSet<String>,
}

impl<'n> Documents<'n> {
    fn new(printed: BTreeMap<String, Vec<Printed<'n>>>) -> Self {
        Self {
            printed,
            read: BTreeMap::new(),
            missing: BTreeSet::new(),
        }
    }

    /// The policies of a list, AWS's own RCP left out, which is attached everywhere.
    fn of(
        &mut self,
        loader: &mut Loader<'_>,
        list: &Joined<()>,
        kind: Type,
        target: &str,
    ) -> Vec<Arc<Policy>> {
        let mut policies = Vec::new();
        for (arn, ((), place)) in &list.items {
            if !arn.ends_with(AWS_RCP) {
                policies.extend(self.document(loader, (arn, place), kind, target));
            }
        }
        policies
    }

    fn document(
        &mut self,
        loader: &mut Loader<'_>,
        (arn, place): (&str, &Place),
        kind: Type,
        target: &str,
    ) -> Option<Arc<Policy>> {
        if !self.read.contains_key(arn) {
            match self.read(loader, arn, kind, target) {
                Some(policy) => {
                    self.read.insert(arn.to_owned(), policy);
                }
                None if is_shipped(arn) => return loader.shipped(arn, kind.kind()),
                None => {
                    self.report_missing(loader, arn, place);
                    loader.leave_open(kind.layer(), target);
                    return None;
                }
            }
        }
        let policy = self.read.get(arn).cloned().flatten();
        if policy.is_none() {
            loader.leave_open(kind.layer(), target);
        }
        policy
    }

    /// Reads what outputs print of a policy; outer `None` if none does.
    fn read(
        &self,
        loader: &mut Loader<'_>,
        arn: &str,
        kind: Type,
        target: &str,
    ) -> Option<Option<Arc<Policy>>> {
        let mut first: Option<Option<Arc<Policy>>> = None;
        let printed = self.printed.values().flatten();
        for Printed { node, origin, .. } in printed.filter(|printed| printed.arn.value == arn) {
            let name = arn.to_owned();
            let policy = loader.printed_policy(node, origin, kind.kind(), Some(target), name);
            match (&first, &policy) {
                (None, _) => first = Some(policy),
                (Some(Some(first)), Some(second)) if !same_content(first, second) => {
                    let message = format!("`{arn}` has two different documents");
                    let (second, first) = (second.place(second.span), first.place(first.span));
                    let error = contradiction(message, &second, &first);
                    loader.diagnostics.push(error);
                }
                _ => {}
            }
        }
        first
    }

    fn report_missing(&mut self, loader: &mut Loader<'_>, arn: &str, place: &Place) {
        if self.missing.insert(arn.to_owned()) {
            let message = format!("`{arn}` is attached, and no file has its document");
            loader.diagnostics.push(
                Diagnostic::warning("POLICY_WITHOUT_DOCUMENT", message)
                    .rule("IAM-TRI-7")
                    .at(place.clone())
                    .help("add the output of `aws organizations describe-policy`"),
            );
        }
    }

    /// Names policies that are printed and hang nowhere.
    fn report_unattached(&self, loader: &mut Loader<'_>) {
        for printed in self.printed.values().flatten() {
            let arn = &printed.arn.value;
            if !self.read.contains_key(arn) && !arn.ends_with(AWS_RCP) {
                let why = format!("nothing says that `{arn}` is attached anywhere");
                let help = "add the output of `aws organizations list-targets-for-policy` or `list-policies-for-target`";
                adds_nothing(loader, printed.start.clone(), printed.command, &why, help);
            }
        }
    }
}
