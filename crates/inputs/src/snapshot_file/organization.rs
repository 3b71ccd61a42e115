//! The organisation: root, units and accounts with the guardrails attached to them. Rule: UI-36.

use preclear_model::{Diagnostic, Fields, Node, PolicyKind};
use preclear_simulator::snapshot::OrganizationNode;

use super::entry;
use crate::loader::{Loader, Origin};
use crate::part::{Entry, OrganizationPart, Said};

/// The member `organization`.
pub(super) fn organization(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<OrganizationPart> {
    let mut fields = Fields::of(
        node,
        &origin.source,
        "an organization",
        &mut loader.diagnostics,
    )?;
    let id_node = fields.value("id");
    let id = fields.required_text("id").map(str::to_owned);
    let management_account = fields.value("management_account");
    let root = fields.value("root");
    let units = fields.list("units");
    let accounts = fields.list("accounts");
    fields.finish();

    if let (Some(id), Some(id_node)) = (&id, id_node) {
        check_id(loader, id, "o-", "an organization", (origin, id_node));
    }
    let management_account = management_account.and_then(|node| {
        let account = loader.account_id(node, origin, "management_account")?;
        Some(Said::new(account, origin.place(node)))
    });
    let root = root.and_then(|node| organization_node(loader, node, origin, Kind::Root));
    let mut nodes = |list: &[Node], kind| -> Vec<Entry<OrganizationNode>> {
        list.iter()
            .filter_map(|node| organization_node(loader, node, origin, kind))
            .collect()
    };
    let units = nodes(units, Kind::Unit);
    let accounts = nodes(accounts, Kind::Account);
    Some(OrganizationPart {
        id: Said::new(id?, origin.place(id_node?)),
        management_account,
        root,
        units,
        accounts,
    })
}

/// Warns of an id that policies could never name: organization ids and paths are compared as texts.
fn check_id(
    loader: &mut Loader<'_>,
    id: &str,
    prefix: &str,
    what: &str,
    (origin, node): (&Origin, &Node),
) {
    let is_rest = |rest: &str| {
        let mut bytes = rest.bytes();
        !rest.is_empty()
            && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if id.strip_prefix(prefix).is_some_and(is_rest) {
        return;
    }
    let message = format!("`{id}` is no id of {}", what);
    let help = format!("write it as AWS does: `{prefix}` and lower-case letters and digits");
    loader.diagnostics.push(
        Diagnostic::warning("UNUSUAL_ORGANIZATION_ID", message)
            .rule("UI-36")
            .at(origin.place(node))
            .help(help),
    );
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Root,
    Unit,
    Account,
}

fn organization_node(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    kind: Kind,
) -> Option<Entry<OrganizationNode>> {
    let what = match kind {
        Kind::Root => "the root of an organization",
        Kind::Unit => "an organizational unit",
        Kind::Account => "an account",
    };
    let mut fields = Fields::of(node, &origin.source, what, &mut loader.diagnostics)?;
    let id_node = fields.value("id");
    let id = fields.required_text("id").map(str::to_owned);
    let parent = if kind == Kind::Root {
        None
    } else {
        fields.text("parent").map(str::to_owned)
    };
    let scps = fields.node("scps");
    let rcps = fields.node("rcps");
    fields.finish();

    let place = id.as_deref().unwrap_or_default();
    let scps = loader.policies_member(scps, origin, PolicyKind::Scp, id.as_deref(), || {
        format!("organization/{place}/scps")
    });
    let rcps = loader.policies_member(rcps, origin, PolicyKind::Rcp, id.as_deref(), || {
        format!("organization/{place}/rcps")
    });
    let (id, id_node) = (id?, id_node?);
    match kind {
        Kind::Root => check_id(
            loader,
            &id,
            "r-",
            "a root of an organization",
            (origin, id_node),
        ),
        Kind::Unit => check_id(loader, &id, "ou-", what, (origin, id_node)),
        Kind::Account => {}
    }
    if kind == Kind::Account && !loader.check_account_id(&id, id_node.span, origin) {
        return None;
    }
    let record = OrganizationNode {
        id,
        parent,
        scps,
        rcps,
    };
    Some(entry(
        record,
        id_node,
        node,
        origin,
        &["parent", "scps", "rcps"],
    ))
}
