//! The organization, as the commands of `aws organizations` print it.

use std::collections::BTreeMap;

use preclear_model::{Arn, Node, Place};
use preclear_simulator::Given;
use preclear_simulator::snapshot::OrganizationNode;

use super::lists::{Telling, Tellings};
use super::pages::PagesId;
use super::{Output, Outputs, has, is_list_of};
use crate::format::Format;
use crate::loader::{Loader, Origin};
use crate::part::{Entry, Said};
use crate::values::is_account_id;

mod whole;

pub(super) static FORMATS: [Format; 9] = [
    Format::output(
        "output of `aws organizations describe-organization`",
        |node| node.get("Organization").is_some_and(|one| has(one, "Id")),
        describe_organization,
    ),
    Format::output(
        "output of `aws organizations list-roots`",
        |node| is_list_of(node, "Roots", |root| has(root, "Id") && has(root, "Arn")),
        list_roots,
    ),
    Format::output(
        "output of `aws organizations list-organizational-units-for-parent`",
        |node| has(node, "OrganizationalUnits"),
        list_units,
    ),
    Format::output(
        "output of `aws organizations list-accounts` or `list-accounts-for-parent`",
        |node| is_list_of(node, "Accounts", |one| has(one, "Id") && has(one, "Arn")),
        list_accounts,
    ),
    Format::output(
        "output of `aws organizations list-parents`",
        |node| is_list_of(node, "Parents", |parent| has(parent, "Id")),
        list_parents,
    ),
    Format::output(
        "output of `aws organizations describe-policy`",
        |node| {
            node.get("Policy")
                .is_some_and(|policy| has(policy, "PolicySummary"))
        },
        describe_policy,
    ),
    Format::output(
        "output of `aws organizations list-policies-for-target` or `list-policies`",
        |node| {
            is_list_of(node, "Policies", |policy| {
                has(policy, "Type") && has(policy, "Id")
            })
        },
        policies_for_target,
    ),
    Format::output(
        "output of `aws iam list-policies`",
        |node| is_list_of(node, "Policies", |policy| has(policy, "DefaultVersionId")),
        |outputs, loader, output| {
            outputs.page(output);
            let why = "it has no documents, and does not say who has the policies attached";
            let help = "add the outputs of `aws iam get-policy` and `get-policy-version`, or of `get-account-authorization-details`";
            output.adds_nothing(loader, why, help);
        },
    ),
    Format::output(
        "output of `aws organizations list-targets-for-policy`",
        |node| is_list_of(node, "Targets", |target| has(target, "TargetId")),
        targets_for_policy,
    ),
];

/// Types of policies that are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Type {
    Scp,
    Rcp,
}

impl Type {
    const ALL: [Type; 2] = [Type::Scp, Type::Rcp];

    /// What AWS calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Scp => "SERVICE_CONTROL_POLICY",
            Self::Rcp => "RESOURCE_CONTROL_POLICY",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The type of a policy, by its ARN.
    fn of_arn(arn: &str) -> Option<Self> {
        let is = |word: &str| arn.contains(&format!("/{word}/"));
        Self::ALL
            .into_iter()
            .find(|kind| is(&kind.name().to_ascii_lowercase()))
    }
}

/// The document of a policy, where it is printed.
#[derive(Debug)]
struct Printed<'n> {
    arn: Said<String>,
    node: &'n Node,
    origin: &'n Origin,
    command: &'static str,
    start: Place,
}

/// What outputs say of the organization.
#[derive(Debug, Default)]
pub(super) struct Facts<'n> {
    /// Where the first of them begins.
    start: Option<Place>,
    ids: Vec<Said<String>>,
    management_accounts: Vec<Said<String>>,
    roots: Vec<Entry<OrganizationNode>>,
    /// Types of policies that are enabled, where a root says it.
    enabled: Option<Vec<Type>>,
    units: Vec<Entry<OrganizationNode>>,
    accounts: Vec<Entry<OrganizationNode>>,
    /// Lists of the units right below something, with their length.
    unit_lists: Vec<(String, PagesId, usize)>,
    /// Lists of all accounts, or of those of one parent.
    account_lists: Vec<(AccountsOf, PagesId, Place)>,
    /// Policies attached to root, units and accounts: by ARN.
    attached: BTreeMap<(String, Type), Tellings<()>>,
    /// Types of policies that outputs list without saying where they are attached, with a place.
    unplaced: BTreeMap<Type, Place>,
    /// Targets of policies of which only the id is told yet.
    targets: Vec<Targets>,
    /// Documents by the id of the policy.
    printed: BTreeMap<String, Vec<Printed<'n>>>,
    /// ARNs of policies by their ids.
    arns: BTreeMap<String, String>,
}

/// Whose accounts a list has.
#[derive(Debug, Clone, PartialEq, Eq)]
enum AccountsOf {
    Organization,
    Parent(String),
}

/// What `list-targets-for-policy` says.
#[derive(Debug)]
struct Targets {
    policy: String,
    ids: Vec<(String, Place)>,
    start: Place,
}

impl Facts<'_> {
    /// Notes where the outputs begin.
    fn begin(&mut self, output: &Output<'_>) {
        self.start.get_or_insert_with(|| output.start());
    }

    /// Learns ids from an ARN such as `arn:aws:organizations::999999999999:account/o-x/111122223333`.
    fn learn(&mut self, arn: &str, place: &Place) {
        let Some(arn) = Arn::parse(arn) else { return };
        let mut parts = arn.resource().split('/');
        let id = parts.nth(1).filter(|id| id.starts_with("o-"));
        if let (true, Some(id)) = (is_account_id(arn.account()), id) {
            self.ids.push(Said::new(id.to_owned(), place.clone()));
            let account = Said::new(arn.account().to_owned(), place.clone());
            self.management_accounts.push(account);
        }
    }
}

/// Root, unit or account with nothing said of it.
fn entry(id: &str, place: Place) -> Entry<OrganizationNode> {
    let node = OrganizationNode {
        id: id.to_owned(),
        parent: None,
        scps: Given::LeftOut,
        rcps: Given::LeftOut,
    };
    Entry::new(node, place)
}

/// `describe-organization`
fn describe_organization<'n>(
    outputs: &mut Outputs<'n>,
    loader: &mut Loader<'_>,
    output: &Output<'n>,
) {
    outputs.organizations.begin(output);
    let Some(node) = output.required(loader, output.node, "Organization") else {
        return;
    };
    let facts = &mut outputs.organizations;
    if let Some((id, id_node)) = output.required_text(loader, node, "Id") {
        facts
            .ids
            .push(Said::new(id.to_owned(), output.place(id_node)));
    }
    // Outputs to come may have the newer name of it alone.
    let names = ["MasterAccountId", "ManagementAccountId"];
    let account = names.iter().find_map(|name| output.value(node, name));
    if let Some(account) = account
        && let Some(id) = loader.account_id(account, output.origin, "MasterAccountId")
    {
        let said = Said::new(id, output.place(account));
        facts.management_accounts.push(said);
    }
}

/// `list-roots`
fn list_roots<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    outputs.organizations.begin(output);
    outputs.page(output);
    for item in output.list(loader, output.node, "Roots") {
        let Some((id, id_node)) = output.required_text(loader, item, "Id") else {
            continue;
        };
        let facts = &mut outputs.organizations;
        if let Some(arn) = output.text(loader, item, "Arn") {
            facts.learn(arn, &output.place(id_node));
        }
        facts.roots.push(entry(id, output.place(id_node)));
        if !has(item, "PolicyTypes") {
            continue;
        }
        let mut enabled = Vec::new();
        for kind in output.list(loader, item, "PolicyTypes") {
            let name = output.text(loader, kind, "Type");
            let status = output.text(loader, kind, "Status");
            if status == Some("ENABLED") {
                enabled.extend(name.and_then(Type::of));
            }
        }
        facts.enabled = Some(enabled);
    }
}

/// `list-organizational-units-for-parent`
fn list_units<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    outputs.organizations.begin(output);
    let pages = outputs.page(output);
    let items = output.list(loader, output.node, "OrganizationalUnits");
    if let Some(parent) = output.subject.named("parents") {
        let list = (parent.to_owned(), pages, items.len());
        outputs.organizations.unit_lists.push(list);
    }
    for item in items {
        let Some((id, id_node)) = output.required_text(loader, item, "Id") else {
            continue;
        };
        let path = output.value(item, "Path");
        let parent = parent_in_path(loader, output, path, id);
        let parent = parent.or_else(|| parent_of_folder(output, id_node));
        let facts = &mut outputs.organizations;
        if let Some(arn) = output.text(loader, item, "Arn") {
            facts.learn(arn, &output.place(id_node));
        }
        if parent.is_none() {
            output.nobody_says(loader, "whose units it lists", "parents/PARENT-ID");
            return;
        }
        let unit = with_parent(entry(id, output.place(id_node)), parent);
        outputs.organizations.units.push(unit);
    }
    if items.is_empty() && output.subject.named("parents").is_none() {
        output.nobody_says(loader, "whose units it lists", "parents/PARENT-ID");
    }
}

/// `list-accounts` and `list-accounts-for-parent`
fn list_accounts<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    outputs.organizations.begin(output);
    let pages = outputs.page(output);
    for item in output.list(loader, output.node, "Accounts") {
        let Some((_, id_node)) = output.required_text(loader, item, "Id") else {
            continue;
        };
        let Some(id) = loader.account_id(id_node, output.origin, "Id") else {
            continue;
        };
        let paths = output.list(loader, item, "Paths");
        let parent = parent_in_path(loader, output, paths.first(), &id);
        let of_folder = parent_of_folder(output, id_node);
        if let (Some(said), Some(folder)) = (&parent, &of_folder)
            && said.value != folder.value
        {
            let message = format!(
                "account `{id}` hangs below `{}`, and the file lies in the folder of `{}`",
                said.value, folder.value
            );
            output.contradicts(loader, message, id_node, &said.place);
        }
        let facts = &mut outputs.organizations;
        if let Some(arn) = output.text(loader, item, "Arn") {
            facts.learn(arn, &output.place(id_node));
        }
        let account = entry(&id, output.place(id_node));
        facts
            .accounts
            .push(with_parent(account, parent.or(of_folder)));
    }
    let of = match output.subject.named("parents") {
        Some(parent) => AccountsOf::Parent(parent.to_owned()),
        None => AccountsOf::Organization,
    };
    let list = (of, pages, output.start());
    outputs.organizations.account_lists.push(list);
}

fn with_parent(
    mut node: Entry<OrganizationNode>,
    parent: Option<Said<String>>,
) -> Entry<OrganizationNode> {
    if let Some(parent) = parent {
        node.record.parent = Some(parent.value);
        node.given.insert("parent", parent.place);
    }
    node
}

/// The parent that the folder names.
fn parent_of_folder(output: &Output<'_>, node: &Node) -> Option<Said<String>> {
    let parent = output.subject.named("parents")?;
    Some(Said::new(parent.to_owned(), output.place(node)))
}

/// The parent in a path `o-x/r-y/ou-z/ID/`, as newer outputs have it.
fn parent_in_path(
    loader: &mut Loader<'_>,
    output: &Output<'_>,
    path: Option<&Node>,
    id: &str,
) -> Option<Said<String>> {
    let node = path?;
    let text = loader.text(node, output.origin, "Path")?;
    let above = text.trim_end_matches('/').strip_suffix(id)?;
    let parent = above.trim_end_matches('/').rsplit('/').next()?;
    let is_parent = parent.starts_with("r-") || parent.starts_with("ou-");
    is_parent.then(|| Said::new(parent.to_owned(), output.place(node)))
}

/// `list-parents`
fn list_parents<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    outputs.organizations.begin(output);
    let Some(child) = output.subject.named("children") else {
        output.nobody_says(loader, "whose parent it names", "children/CHILD-ID");
        return;
    };
    let items = output.list(loader, output.node, "Parents");
    let Some(item) = items.first() else {
        let help = "give the output as the command prints it";
        output.adds_nothing(loader, "it names no parent", help);
        return;
    };
    let Some((id, id_node)) = output.required_text(loader, item, "Id") else {
        return;
    };
    let parent = Said::new(id.to_owned(), output.place(id_node));
    let node = with_parent(entry(child, output.start()), Some(parent));
    let facts = &mut outputs.organizations;
    match is_account_id(child) {
        true => facts.accounts.push(node),
        false => facts.units.push(node),
    }
}

/// `describe-policy`
fn describe_policy<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    outputs.organizations.begin(output);
    let Some(policy) = output.required(loader, output.node, "Policy") else {
        return;
    };
    let Some(summary) = output.required(loader, policy, "PolicySummary") else {
        return;
    };
    let Some((id, arn, kind)) = summary_of(outputs, loader, output, summary) else {
        return;
    };
    let Some(content) = output.required(loader, policy, "Content") else {
        return;
    };
    if !output.agrees(loader, "policies", id, summary) {
        return;
    }
    if kind.is_none() {
        let why = "policies of its type say nothing about who may do what";
        let help = "remove it: only service control policies and resource control policies count";
        output.adds_nothing(loader, why, help);
        return;
    }
    let printed = outputs
        .organizations
        .printed
        .entry(id.to_owned())
        .or_default();
    printed.push(Printed {
        arn,
        node: content,
        origin: output.origin,
        command: output.command,
        start: output.start(),
    });
}

/// Id, ARN and type of a policy.
fn summary_of<'n>(
    outputs: &mut Outputs<'n>,
    loader: &mut Loader<'_>,
    output: &Output<'n>,
    node: &'n Node,
) -> Option<(&'n str, Said<String>, Option<Type>)> {
    let id = output.required_text(loader, node, "Id");
    let arn = output.required(loader, node, "Arn");
    let kind = output.required_text(loader, node, "Type");
    let (id, arn_node, kind) = (id?.0, arn?, kind?.0);
    let arn = loader.exact_arn(arn_node, output.origin, "Arn")?;
    let facts = &mut outputs.organizations;
    facts.arns.insert(id.to_owned(), arn.as_str().to_owned());
    facts.learn(arn.as_str(), &output.place(arn_node));
    let arn = Said::new(arn.as_str().to_owned(), output.place(arn_node));
    Some((id, arn, Type::of(kind)))
}

/// `list-policies-for-target`
fn policies_for_target<'n>(
    outputs: &mut Outputs<'n>,
    loader: &mut Loader<'_>,
    output: &Output<'n>,
) {
    let pages = outputs.page(output);
    let Some(target) = output.subject.named("targets") else {
        return policies_of_nobody(outputs, loader, output);
    };
    outputs.organizations.begin(output);
    let mut types: BTreeMap<Type, BTreeMap<String, ((), Place)>> = BTreeMap::new();
    let items = output.list(loader, output.node, "Policies");
    let mut has_others = false;
    for item in items {
        let Some((_, arn, kind)) = summary_of(outputs, loader, output, item) else {
            continue;
        };
        match kind {
            Some(kind) => {
                let attached = types.entry(kind).or_default();
                attached.insert(arn.value, ((), arn.place));
            }
            None => has_others = true,
        }
    }
    if types.is_empty() && (items.is_empty() || has_others) {
        let why = match has_others {
            true => "policies of its type say nothing about who may do what",
            false => "it lists no policy, and so does not say of which type there is none",
        };
        let help = "remove it: only service control policies and resource control policies count, and AWS attaches one of each where they are enabled";
        output.adds_nothing(loader, why, help);
    }
    for (kind, items) in types {
        let key = (target.to_owned(), kind);
        let tellings = outputs.organizations.attached.entry(key).or_default();
        tellings.add(Telling {
            pages: Some(pages),
            is_all: true,
            place: output.start(),
            items,
        });
    }
}

/// `list-policies`, or `list-policies-for-target` of which no folder says the target: the policies may be attached anywhere.
fn policies_of_nobody<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    let items = output.list(loader, output.node, "Policies");
    if items.is_empty() {
        // Not even the type is told.
        return output.nobody_says(loader, "whose policies it lists", "targets/TARGET-ID");
    }
    for item in items {
        if let Some((_, arn, Some(kind))) = summary_of(outputs, loader, output, item) {
            let unplaced = &mut outputs.organizations.unplaced;
            unplaced.entry(kind).or_insert(arn.place);
        }
    }
    let why = "it does not say what the policies are attached to, and no folder does: those of root, units and accounts whose own list is not there are not known";
    let help = "of `list-policies-for-target`, put the file into a folder `targets/TARGET-ID`; of `list-policies`, remove it";
    output.adds_nothing(loader, why, help);
}

/// `list-targets-for-policy`
fn targets_for_policy<'n>(outputs: &mut Outputs<'n>, loader: &mut Loader<'_>, output: &Output<'n>) {
    outputs.organizations.begin(output);
    outputs.page(output);
    let Some(policy) = output.subject.named("policies") else {
        output.nobody_says(loader, "whose targets it lists", "policies/POLICY-ID");
        return;
    };
    let mut ids = Vec::new();
    for item in output.list(loader, output.node, "Targets") {
        if let Some((id, id_node)) = output.required_text(loader, item, "TargetId") {
            if let Some(arn) = output.text(loader, item, "Arn") {
                let place = output.place(id_node);
                outputs.organizations.learn(arn, &place);
            }
            ids.push((id.to_owned(), output.place(id_node)));
        }
    }
    outputs.organizations.targets.push(Targets {
        policy: policy.to_owned(),
        ids,
        start: output.start(),
    });
}
