//! Callers as requests and jobs name them. Rule: UI-34.

use std::sync::Arc;

use preclear_model::caller::{Caller, CallerKind, Credentials};
use preclear_model::near::nearest;
use preclear_model::{Diagnostic, Fields, Node, Place, Policy};

use crate::check::dense_size;
use crate::loader::{Loader, Origin};

/// A caller with what its session brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    pub(crate) caller: Caller,
    /// `None` if not mentioned.
    pub(crate) session_policies: Option<Vec<Arc<Policy>>>,
    /// True if one of them was rejected. Rule: IAM-GRAM-19.
    pub(crate) session_policy_rejected: bool,
}

impl From<Caller> for Principal {
    fn from(caller: Caller) -> Self {
        Self {
            caller,
            session_policies: None,
            session_policy_rejected: false,
        }
    }
}

/// A text, or an object.
pub(crate) fn principal(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<Principal> {
    match node.as_mapping() {
        Some(_) => principal_object(loader, node, origin),
        None => parse(loader, node, origin).map(Principal::from),
    }
}

fn parse(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<Caller> {
    let text = loader.text(node, origin, "principal")?;
    match Caller::parse(loader.named(text)) {
        Ok(caller) => Some(caller),
        Err(error) => {
            let names = loader.options.names.keys().map(String::as_str);
            let help = match nearest(text, names) {
                Some(near) => format!(
                    "did you mean `{near}`? `preclear snapshot --explain PATH…` lists the names of plans and templates"
                ),
                None => "name a user, a role, a session, a service or `anonymous`".to_owned(),
            };
            loader.error(
                "INVALID_PRINCIPAL",
                "UI-34",
                error.message,
                (origin, node.span),
                help,
            );
            None
        }
    }
}

fn principal_object(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<Principal> {
    let mut fields = Fields::of(node, &origin.source, "a principal", &mut loader.diagnostics)?;
    let federated = fields.text("federated").map(str::to_owned);
    let arn = if federated.is_some() {
        fields.value("arn")
    } else {
        fields.required("arn")
    };
    let id = fields.text("id").map(str::to_owned);
    let canonical_id = fields.text("canonical_id").map(str::to_owned);
    let session_policies = fields.node("session_policies");
    let tags = fields.value("tags");
    let source_identity = fields.text("source_identity").map(str::to_owned);
    let user = fields.value("user");
    let kinds = [
        ("long_term", Credentials::LongTerm),
        ("session_token", Credentials::SessionToken),
        ("console", Credentials::Console),
    ];
    let credentials = fields.choice("credentials", &kinds);
    fields.finish();

    let caller = match (federated, arn) {
        (Some(_), Some(arn)) => {
            let message = "a principal has either `arn` or `federated`";
            let help =
                "keep `federated` for a call to AssumeRoleWithSAML or AssumeRoleWithWebIdentity";
            loader.error(
                "INVALID_PRINCIPAL",
                "UI-34",
                message,
                (origin, arn.span),
                help,
            );
            None
        }
        (Some(provider), None) => Some(Caller::new(CallerKind::Federated { provider }, None, None)),
        (None, arn) => arn.and_then(|node| parse(loader, node, origin)),
    };
    let session_policies = session_policies.map(|node| session_policies_of(loader, node, origin));
    let (session_policies, session_policy_rejected) = match session_policies {
        Some((policies, is_rejected)) => (Some(policies), is_rejected),
        None => (None, false),
    };
    let tags = loader.tags(tags, origin).unwrap_or_default();
    let mut caller = Caller {
        id,
        canonical_id,
        tags,
        source_identity,
        credentials,
        ..caller?
    };
    if let Some(node) = user {
        federated_by(loader, &mut caller, node, origin);
    }
    Some(Principal {
        caller,
        session_policies,
        session_policy_rejected,
    })
}

/// The session policies, and whether one of them was rejected.
fn session_policies_of(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> (Vec<Arc<Policy>>, bool) {
    let items = loader.list(node, origin, "session_policies");
    let mut policies = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let place = format!("principal/session_policies/{index}");
        policies.extend(loader.session_policy(item, origin, place));
    }
    session_quota(loader, &policies, origin.place(node));
    let is_rejected = policies.len() < items.len();
    (policies, is_rejected)
}

/// What one call may pass along: ten managed policies, and 2,048 characters of inline text and ARNs. The parser counts
/// single documents. Rule: IAM-GRAM-23.
fn session_quota(loader: &mut Loader<'_>, policies: &[Arc<Policy>], place: Place) {
    const ARNS_MAX: usize = 10;
    const CHARACTERS_MAX: usize = 2_048;
    let is_managed = |policy: &&Arc<Policy>| policy.name.starts_with("arn:");
    let arns = policies.iter().filter(is_managed).count();
    let sizes = policies.iter().map(|policy| match is_managed(&policy) {
        true => policy.name.len(),
        false => dense_size(policy),
    });
    let size: usize = sizes.sum();
    let message = if arns > ARNS_MAX {
        format!("a session takes at most {ARNS_MAX} managed policies, and this one has {arns}")
    } else if policies.len() > 1 && size > CHARACTERS_MAX {
        format!(
            "the policies of a session may have {CHARACTERS_MAX} characters in all, and these have {size}"
        )
    } else {
        return;
    };
    loader.diagnostics.push(
        Diagnostic::warning("POLICY_EXCEEDS_QUOTA", message)
            .rule("IAM-GRAM-23")
            .at(place)
            .help("leave some out, or join them in one shorter policy"),
    );
}

/// The IAM user behind a federated user. Rule: IAM-PRIN-6.
fn federated_by(loader: &mut Loader<'_>, caller: &mut Caller, node: &Node, origin: &Origin) {
    let arn = loader.exact_arn(node, origin, "user");
    let is_user = arn
        .as_ref()
        .is_some_and(|arn| (arn.service(), arn.resource_type()) == ("iam", Some("user")));
    let message = match &mut caller.kind {
        CallerKind::FederatedUser { user, .. } if is_user => {
            *user = arn;
            return;
        }
        _ if arn.is_none() => return,
        CallerKind::FederatedUser { .. } => "`user` must be the ARN of an IAM user",
        _ => "only federated users have a `user` behind them",
    };
    let help = "write `arn: arn:aws:sts::ACCOUNT:federated-user/NAME` and `user: arn:aws:iam::ACCOUNT:user/NAME`";
    loader.error(
        "INVALID_PRINCIPAL",
        "IAM-PRIN-6",
        message,
        (origin, node.span),
        help,
    );
}
