//! Users, roles and groups.

use preclear_model::{Arn, Fields, Node, PolicyKind};
use preclear_simulator::Given;
use preclear_simulator::snapshot::{GroupRecord, PrincipalRecord};

use super::entry;
use crate::loader::{Loader, Origin};
use crate::part::Entry;

/// An entry of `principals`.
pub(super) fn principal(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<Entry<PrincipalRecord>> {
    let mut fields = Fields::of(node, &origin.source, "a principal", &mut loader.diagnostics)?;
    let arn_node = fields.required("arn");
    let id = fields.text("id").map(str::to_owned);
    let policies = fields.node("policies");
    let groups = fields.node("groups");
    let boundary = fields.node("boundary");
    let trust = fields.node("trust");
    let tags = fields.node("tags");
    fields.finish();

    let arn = arn_node.and_then(|node| principal_arn(loader, node, origin));
    let label = arn.as_ref().map_or_else(String::new, label);
    let owner = arn.as_ref().map(Arn::as_str);
    let at = |member: &str| format!("principals/{label}/{member}");
    let policies = loader.policies_member(policies, origin, PolicyKind::Identity, owner, || {
        at("policies")
    });
    let boundary = loader.policy_member(boundary, origin, PolicyKind::Boundary, owner, || {
        at("boundary")
    });
    let is_user = arn
        .as_ref()
        .is_some_and(|arn| arn.resource_type() == Some("user"));
    if let (true, Some(trust)) = (is_user, trust) {
        let help = "remove it, or list the role";
        loader.error(
            "TRUST_OF_USER",
            "IAM-GRAM-22",
            "only roles have a trust policy",
            (origin, trust.span),
            help,
        );
    }
    let trust = loader.policy_member(trust, origin, PolicyKind::Trust, owner, || at("trust"));
    let groups = group_arns(loader, groups, origin, arn.is_some() && !is_user);
    let record = PrincipalRecord {
        arn: arn?,
        is_path_known: true,
        id,
        policies,
        groups,
        boundary,
        trust,
        tags: loader.tags(tags, origin),
    };
    let names = ["id", "policies", "groups", "boundary", "trust", "tags"];
    Some(entry(record, arn_node?, node, origin, &names))
}

/// An entry of `groups`.
pub(super) fn group(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<Entry<GroupRecord>> {
    let mut fields = Fields::of(node, &origin.source, "a group", &mut loader.diagnostics)?;
    let arn_node = fields.required("arn");
    let policies = fields.node("policies");
    fields.finish();

    let arn = arn_node.and_then(|node| group_arn(loader, node, origin));
    let label = arn.as_ref().map_or("groups", Arn::resource_id);
    let owner = arn.as_ref().map(Arn::as_str);
    let policies = loader.policies_member(policies, origin, PolicyKind::Identity, owner, || {
        format!("groups/{label}/policies")
    });
    let record = GroupRecord {
        arn: arn.clone()?,
        policies,
    };
    Some(entry(record, arn_node?, node, origin, &["policies"]))
}

/// What a principal is called in the names of its policies: `role example-role`.
fn label(arn: &Arn) -> String {
    let kind = arn.resource_type().unwrap_or_default();
    let name = arn.resource_id().rsplit('/').next().unwrap_or_default();
    format!("{kind} {name}")
}

fn principal_arn(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<Arn> {
    let arn = loader.exact_arn(node, origin, "arn")?;
    let help = match (arn.service(), arn.resource_type()) {
        ("iam", Some("user" | "role"))
            if !arn.account().is_empty() && !arn.resource_id().is_empty() =>
        {
            return Some(arn);
        }
        ("sts", Some("assumed-role")) => {
            "list the role itself: `arn:aws:iam::ACCOUNT:role/PATH/NAME`"
        }
        ("iam", Some("group")) => "list it under `groups`",
        ("iam", _) if arn.resource() == "root" => {
            "root users need no entry: no policy of the account reaches them"
        }
        _ => "list users and roles here, and everything else under `keys` and `resources`",
    };
    let message = format!("`{}` is neither a user nor a role", arn.as_str());
    loader.error(
        "NOT_A_PRINCIPAL",
        "UI-33",
        message,
        (origin, node.span),
        help,
    );
    None
}

fn group_arn(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<Arn> {
    let arn = loader.exact_arn(node, origin, "arn")?;
    if (arn.service(), arn.resource_type()) == ("iam", Some("group")) {
        return Some(arn);
    }
    let message = format!("`{}` is no group", arn.as_str());
    let help = "write `arn:aws:iam::ACCOUNT:group/NAME`";
    loader.error("NOT_A_GROUP", "UI-33", message, (origin, node.span), help);
    None
}

fn group_arns(
    loader: &mut Loader<'_>,
    node: Option<&Node>,
    origin: &Origin,
    is_role: bool,
) -> Given<Vec<String>> {
    let Some(node) = node else {
        return Given::LeftOut;
    };
    if node.is_empty() {
        return Given::Nothing;
    }
    if is_role {
        let help = "remove it: roles are in no group";
        loader.error(
            "GROUPS_OF_ROLE",
            "UI-33",
            "only users have groups",
            (origin, node.span),
            help,
        );
        return Given::LeftOut;
    }
    let items = loader.list(node, origin, "groups");
    let arns = items
        .iter()
        .filter_map(|item| Some(group_arn(loader, item, origin)?.as_str().to_owned()));
    Given::Here(arns.collect())
}
