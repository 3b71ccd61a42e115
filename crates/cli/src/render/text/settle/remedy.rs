//! The remedy of one dependency, in words: a flag, a policy to load, a reading to choose. Rule: IAM-TRI-9.

use preclear_catalog::globals;
use preclear_condition::Dependency;
use preclear_model::Arn;

use super::{Asked, Question};
use crate::render::text::ambiguity;

/// What settles a dependency, a line each.
pub(super) fn remedies(dependency: &Dependency, name: &str, asked: Asked<'_>) -> Vec<String> {
    let text = |text: &str| vec![text.to_owned()];
    match dependency {
        Dependency::Key(key) => vec![key_remedy(key, name, asked)],
        Dependency::Layer(layer @ ("identity" | "boundary")) => of_identity(layer, asked),
        Dependency::Layer(layer) => vec![layer_remedy(layer, asked)],
        Dependency::Requester("session-name") => {
            text("name the session: --principal arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION")
        }
        Dependency::Requester("user") => text(USER_OF_REQUEST),
        Dependency::Requester("canonical-id") => {
            text("say it in a request file: principal: {arn: …, canonical_id: …}")
        }
        Dependency::Requester(_) => text(
            "say it in a request file, principal: {arn: …, id: …}, or as `id` of the principal in the snapshot",
        ),
        Dependency::Resource(pattern) => vec![format!(
            "only part of {pattern} is allowed: ask about one resource of it"
        )],
        Dependency::Ambiguity(number) => {
            let mut lines: Vec<String> = ambiguity::question(*number)
                .map(|question| format!("AWS does not say: {question}"))
                .into_iter()
                .collect();
            lines.push(match ambiguity::guess(*number) {
                Some(guess) => format!(
                    "--ambiguity guess ({guess}), or --ambiguity failsafe (what allows less)"
                ),
                None => "no flag settles it: change the policy or the request".to_owned(),
            });
            lines
        }
    }
}

/// How to say what a condition key has. Some keys have a flag of their own. Pairs of the encryption context and the members
/// of a grant are compared with the parameters of the call, too, which no condition key stands for. Rule: KMS-DEC-2, UI-38.
fn key_remedy(key: &str, name: &str, asked: Asked<'_>) -> String {
    let question = asked.question;
    let context = flag("--context", &format!("{name}=…"));
    let absent = flag("--absent", name);
    match key {
        "aws:currenttime" | "aws:epochtime" => {
            "`--now TIME`, such as `--now 2026-01-31T00:00:00Z`, or `--now system`".to_owned()
        }
        "aws:requestedregion" => "`--region REGION`".to_owned(),
        _ if asked.of_caller.is_some_and(|keys| !keys.contains(key)) => {
            let whose = "these calls are not the caller's own, and what `--context` says does not reach them";
            if globals::is_always_there(key) && !is_of_network(key) {
                whose.to_owned()
            } else {
                format!("{absent} if they do not have it: {whose}")
            }
        }
        _ if question.is_job() && globals::is_always_there(key) => {
            format!("{context} for the caller's own calls")
        }
        _ if question.is_job() => {
            format!("{absent} if no call of the job has it, {context} for the caller's own calls")
        }
        "aws:sourcevpce" => format!(
            "`--vpc-endpoint ID` if the call passes a VPC endpoint, {absent} if it does not"
        ),
        "kms:encryptioncontextkeys" => {
            "`--encryption-context KEY=VALUE` if the call passes pairs; `encryption_context: {}` in a request file if it passes none".to_owned()
        }
        "kms:grantoperations" => {
            "say in a request file what the call passes: parameters: {Operations: […], …}".to_owned()
        }
        _ if globals::is_always_there(key) => format!("{context}: every request has it"),
        _ => format!("{context} if the request has it, {absent} if it does not"),
    }
}

/// True for a key that says from where a call comes.
pub(super) fn is_of_network(key: &str) -> bool {
    let starts = [
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:vpcsourceip",
        "aws:vpce",
    ];
    starts.iter().any(|start| key.starts_with(start))
}

/// A flag with its value, quoted where a shell would divide it.
fn flag(name: &str, value: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || ":/-_.=+@…".contains(c);
    if value.chars().all(is_plain) {
        format!("`{name} {value}`")
    } else {
        format!("`{name} '{}'`", value.replace('\'', r"'\''"))
    }
}

/// How to tell the IAM user behind a federated user. Rule: IAM-PRIN-6.
const USER_OF_REQUEST: &str =
    "say in a request file whose session it is: principal: {arn: …, user: ARN}";

/// What settles a layer of the identity: of a federated user it is that of the IAM user, and as long as nobody tells
/// who that is, nothing that is loaded can be it. Rule: IAM-EVAL-12, IAM-EVAL-13.
fn of_identity(layer: &str, asked: Asked<'_>) -> Vec<String> {
    let rule = match layer {
        "identity" => "the policies of that IAM user count (IAM-EVAL-12)",
        _ => "the boundary of that IAM user counts (IAM-EVAL-13)",
    };
    match asked.question {
        Question::RequestOfUnknownUser => vec![format!("{USER_OF_REQUEST}; {rule}")],
        Question::JobOfFederatedUser => vec![
            format!(
                "say in the job whose session the caller is: caller: {{arn: …, user: ARN}}; {rule}"
            ),
            layer_remedy(layer, asked),
        ],
        Question::Request | Question::Job => vec![layer_remedy(layer, asked)],
    }
}

/// What to load for a layer.
pub(super) fn layer_remedy(layer: &str, asked: Asked<'_>) -> String {
    let (what, flag) = match layer {
        "scp" => (
            "the SCPs: `organization` of the snapshot, `scps` of its nodes",
            Some("--scp"),
        ),
        "rcp" => (
            "the RCPs: `organization` of the snapshot, `rcps` of its nodes",
            Some("--rcp"),
        ),
        "vpce" => (
            "the policy of the VPC endpoint that the request names (`--vpc-endpoint`): `vpc_endpoints` of the snapshot",
            None,
        ),
        "boundary" => (
            "the permissions boundary: `boundary` of the principal in the snapshot, `null` for none",
            Some("--boundary"),
        ),
        "session" => (
            "the session policies: `session_policies` of the request's principal",
            Some("--session-policy"),
        ),
        "resource" => of_resource(asked.resource),
        "identity" => (
            "the identity policies: `policies` (and `groups`) of the principal in the snapshot",
            Some("--identity-policy"),
        ),
        "grants" => (
            "the grants: `grants` of the key in the snapshot, `[]` for none",
            Some("--grants"),
        ),
        _ => ("its policies in the snapshot", None),
    };
    let may_be_complete = match kind_of(asked.resource) {
        _ if asked.is_complete => false,
        // Every key and every role has a policy (IAM-TRI-7).
        Kind::Key | Kind::Role if layer == "resource" => false,
        _ => true,
    };
    let is_rejected = asked.rejected.is_some_and(|layers| layers.contains(layer));
    if asked.is_of_flags && is_rejected {
        return "mend the policy of this layer that was refused: the warnings name it".to_owned();
    }
    if asked.is_of_flags {
        let complete = if may_be_complete {
            "; `--complete` if nothing else exists"
        } else {
            ""
        };
        return match flag {
            Some(flag) => format!("give its policy: `{flag} FILE`{complete}"),
            None => format!("give a `--snapshot`, and there load {what}{complete}"),
        };
    }
    // Flags of single policies belong to no snapshot; those of the session belong to the request.
    let flag = flag
        .filter(|_| layer == "session")
        .map(|flag| format!(" (or {flag})"))
        .unwrap_or_default();
    let aside = match layer {
        "grants" => "`layers_empty: [grants]`".to_owned(),
        // What is open here allows everything.
        "identity" | "resource" => format!(
            "`layers_empty: [{layer}]`, as if there were none, or `layers_open: [{layer}]`, as if they allowed everything"
        ),
        layer => format!("`layers_open: [{layer}]`"),
    };
    if is_rejected {
        let complete = if asked.is_complete {
            ""
        } else {
            "if none does, plans, templates and outputs of the AWS CLI need not list all of its policies: `complete: true` in a \
             file beside them says that they do (docs/inputs.md); "
        };
        return format!(
            "mend the policy of this layer that was refused, is missing or is not determined yet: the warnings name it; \
             {complete}or set the layer aside in the snapshot: {aside}"
        );
    }
    let complete = if may_be_complete {
        "; `complete: true` if nothing else exists"
    } else {
        ""
    };
    format!("load {what}{flag}; or set it aside in the snapshot: {aside}{complete}")
}

/// The policy of a resource, and the flag for it.
fn of_resource(resource: Option<&str>) -> (&'static str, Option<&'static str>) {
    match kind_of(resource) {
        Kind::Key => (
            "the key policy: `policy` of the key in the snapshot",
            Some("--key-policy"),
        ),
        Kind::Role => (
            "the trust policy: `trust` of the role in the snapshot",
            Some("--trust-policy"),
        ),
        Kind::Other => (
            "the policy of the resource: `policy` of the resource in the snapshot, `null` for none",
            Some("--resource-policy"),
        ),
        Kind::Any => (
            "the policy of the resource: `policy` of the key or resource, `trust` of the role in the snapshot",
            None,
        ),
    }
}

/// Kinds of resources by where their policy is told.
enum Kind {
    Key,
    Role,
    Other,
    /// One of many.
    Any,
}

fn kind_of(resource: Option<&str>) -> Kind {
    let Some(resource) = resource else {
        return Kind::Any;
    };
    match Arn::parse(resource).as_ref().map(Arn::service) {
        Some("kms") => Kind::Key,
        Some("iam") => Kind::Role,
        _ => Kind::Other,
    }
}
