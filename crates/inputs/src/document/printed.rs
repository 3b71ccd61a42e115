//! Policy files as the flags take them: a document, or the output of a command of the AWS CLI that prints one. The flag says
//! whose the policy is, so nothing else of the output is needed. Rule: UI-10, UI-30.

use preclear_model::{Diagnostic, Limits, Node, PolicyKind, Value, embedded};

use crate::format;
use crate::loader::Origin;

/// Commands that print one document, as messages name them.
const PRINTS_ONE: &str = "`aws kms get-key-policy`, `aws iam get-role-policy`, `aws iam get-policy-version`, `aws s3api get-bucket-policy`";

/// The document in an output that holds one; `None` for what is no such output, as the document itself is.
pub(super) fn document(node: &Node, kind: PolicyKind) -> Option<&Node> {
    if node.get("Statement").is_some() || node.get("document").is_some() {
        return None;
    }
    let within = |outer: &str, inner: &str| node.get(outer).and_then(|outer| outer.get(inner));
    let role = (kind == PolicyKind::Trust)
        .then(|| within("Role", "AssumeRolePolicyDocument"))
        .flatten();
    let policy = node
        .get("Policy")
        .filter(|policy| policy.as_text().is_some() || policy.get("Statement").is_some());
    let found = [
        // kms get-key-policy, s3api get-bucket-policy, lambda get-policy.
        policy,
        // organizations describe-policy.
        within("Policy", "Content"),
        // iam get-role-policy, get-user-policy, get-group-policy.
        node.get("PolicyDocument"),
        // iam get-policy-version.
        within("PolicyVersion", "Document"),
        // sqs get-queue-attributes, sns get-topic-attributes.
        within("Attributes", "Policy"),
        // iam get-role.
        role,
    ];
    found.into_iter().flatten().next()
}

/// What else a file is, with a help that leads on; `None` if nothing is known of it.
pub(super) fn wrong_kind(node: &Node, origin: &Origin, kind: PolicyKind) -> Option<Diagnostic> {
    let mut error = format::wrong_kind(node, origin, "a policy document")?;
    let has = |outer: &str| node.get(outer).is_some();
    let file = origin.path.display();
    let help = if has("Grants") {
        format!("grants have a flag of their own: `--grants {file}`")
    } else if has("Role") && kind != PolicyKind::Trust {
        "it prints the role's trust policy alone, which `--trust-policy` takes; for its identity policies take the outputs of \
         `aws iam get-role-policy` and `aws iam get-policy-version`, each by a flag of its own"
            .to_owned()
    } else if node
        .get("Policy")
        .is_some_and(|policy| policy.get("Arn").is_some())
    {
        "this command prints no document: take the output of `aws iam get-policy-version --policy-arn ARN --version-id vN`"
            .to_owned()
    } else if format::is_cli_output(node) {
        format!(
            "the flags for policies take a document, or an output that prints one, such as that of {PRINTS_ONE}; other outputs go by \
             `--snapshot`, without these flags, from folders that say what they are about (docs/inputs.md §1.2)"
        )
    } else {
        return Some(error);
    };
    error.help = Some(help);
    Some(error)
}

/// One error in place of one for each statement, where none of them is a statement of such a policy: the files were swapped,
/// or the flag is another one's.
pub(super) fn of_another_kind(
    node: &Node,
    origin: &Origin,
    kind: PolicyKind,
) -> Option<Diagnostic> {
    let text = node
        .as_text()
        .and_then(|_| embedded::read(node, &origin.source, &Limits::POLICY).ok());
    let inner = text.as_ref().map_or(node, |(document, _)| document);
    let statements = inner.get("Statement")?;
    let statements = match &statements.value {
        Value::Sequence(items) => items.as_slice(),
        _ => std::slice::from_ref(statements),
    };
    let names_principal = |statement: &Node| {
        statement.get("Principal").is_some() || statement.get("NotPrincipal").is_some()
    };
    let file = origin.path.display();
    let is_of_resource = matches!(
        kind,
        PolicyKind::Key | PolicyKind::Resource | PolicyKind::Trust
    );
    let is_of_caller = matches!(
        kind,
        PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session | PolicyKind::Scp
    );
    let all = |is_so: &dyn Fn(&Node) -> bool| {
        !statements.is_empty()
            && statements
                .iter()
                .all(|one| one.as_mapping().is_some() && is_so(one))
    };
    let (what, help) = if is_of_resource && all(&|one| !names_principal(one)) {
        (
            "no statement of it has a `Principal`, so it is a policy of a user or role",
            "give it by `--identity-policy`; if that has the other file, the two are swapped. Statements of this policy name a `Principal`",
        )
    } else if is_of_caller && all(&names_principal) {
        (
            "every statement of it has a `Principal`, so it is the policy of a key or another resource",
            "give it by `--key-policy`, `--resource-policy` or, of a role, `--trust-policy`; if that has the other file, the two are \
             swapped",
        )
    } else {
        return None;
    };
    let message = format!("`{file}` is not {}: {what}", kind.description());
    Some(
        Diagnostic::error("WRONG_KIND_OF_FILE", message)
            .rule("IAM-GRAM-21")
            .at(origin.place(node))
            .help(help),
    )
}
