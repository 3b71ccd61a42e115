//! How to settle what an undecided answer depends on. Rule: IAM-TRI-9, UI-12.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use preclear_catalog::globals;
use preclear_condition::{Dependency, Tri};
use preclear_model::Arn;
use preclear_model::caller::{Caller, CallerKind};
use preclear_simulator::Explanation;
use preclear_simulator::explanation::{LayerReport, StatementReport};

use super::ambiguity;
use super::message::Situation;
use super::reason::{entry, statement_name};
use crate::render::style::{Tone, shown};

/// Statements named for one dependency.
const STATEMENTS_MAX: usize = 3;

/// Appends each dependency of a request with what settles it; its layers name the statements that hang on it.
pub(super) fn push_settling(
    text: &mut String,
    explanation: &Explanation,
    situation: &Situation,
    indent: &str,
) {
    let layers: Vec<&LayerReport> = explanation.layers.iter().collect();
    let asked = Asked {
        question: if situation.is_user_unknown {
            Question::RequestOfUnknownUser
        } else {
            Question::Request
        },
        resource: Some(&explanation.resource),
        is_complete: situation.is_complete,
        is_of_flags: situation.is_of_flags,
        rejected: Some(&situation.rejected),
    };
    push(text, &explanation.depends_on, &layers, asked, indent);
}

/// Appends the names alone of what a decision of a job depends on.
pub(super) fn push_dependencies(text: &mut String, explanation: &Explanation, indent: &str) {
    let names: Vec<String> = explanation
        .depends_on
        .iter()
        .map(ToString::to_string)
        .collect();
    if !names.is_empty() {
        entry(text, indent, "depends on", &shown(&names.join(", ")));
    }
}

/// Appends, once for a whole job, what settles the things that its decisions depend on.
pub(super) fn push_settling_of_job<'r>(
    text: &mut String,
    open: impl IntoIterator<Item = &'r Explanation>,
) {
    let mut dependencies = BTreeSet::new();
    let mut layers = Vec::new();
    let mut question = Question::Job;
    for explanation in open {
        if is_of_federated_user(explanation) {
            question = Question::JobOfFederatedUser;
        }
        dependencies.extend(explanation.depends_on.iter().cloned());
        layers.extend(&explanation.layers);
    }
    if !dependencies.is_empty() {
        let _ = writeln!(
            text,
            "\n{}",
            Tone::Title.paint("To settle what is undecided")
        );
        let asked = Asked {
            question,
            resource: None,
            is_complete: false,
            is_of_flags: false,
            rejected: None,
        };
        push(text, &dependencies, &layers, asked, "  ");
    }
}

/// What a remedy must fit.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    question: Question,
    /// The resource of a request; a job has many.
    resource: Option<&'a str>,
    /// True where the snapshot says that it lists everything, so that saying so again does not help.
    is_complete: bool,
    /// True where there is no snapshot to change, only flags.
    is_of_flags: bool,
    /// Layers that lack a policy because it was refused or is missing.
    rejected: Option<&'a BTreeSet<&'static str>>,
}

/// What was asked: flags mean different things to a request and to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Request,
    /// A request of a federated user whose IAM user is not told.
    RequestOfUnknownUser,
    Job,
    /// A job of a federated user; whether the IAM user is told, its report does not say.
    JobOfFederatedUser,
}

impl Question {
    fn is_job(self) -> bool {
        matches!(self, Self::Job | Self::JobOfFederatedUser)
    }
}

fn is_of_federated_user(explanation: &Explanation) -> bool {
    let caller = Caller::parse(&explanation.caller);
    caller.is_ok_and(|caller| matches!(caller.kind, CallerKind::FederatedUser { .. }))
}

fn push(
    text: &mut String,
    dependencies: &BTreeSet<Dependency>,
    layers: &[&LayerReport],
    asked: Asked<'_>,
    indent: &str,
) {
    let mut label = "depends on";
    for dependency in dependencies {
        let open = open_statements(layers, dependency);
        let name = match dependency {
            Dependency::Key(key) => spelled(key, &open),
            other => other.to_string(),
        };
        entry(text, indent, label, &shown(&name));
        label = "";
        for line in remedies(dependency, &name, asked) {
            entry(text, indent, "", &format!("  {}", shown(&line)));
        }
        let mut names: Vec<String> = Vec::new();
        for statement in &open {
            let effect = if statement.allows { "Allow" } else { "Deny" };
            let name = format!("{effect}: {}", statement_name(&statement.statement));
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for name in names.iter().take(STATEMENTS_MAX) {
            entry(text, indent, "", &format!("  decides {name}"));
        }
        let more = names.len().saturating_sub(STATEMENTS_MAX);
        if more > 0 {
            let more = format!("  and {more} more statements (all with --explain)");
            entry(text, indent, "", &more);
        }
    }
}

/// Undecided statements that test a key; for other dependencies none can be told.
fn open_statements<'l>(
    layers: &[&'l LayerReport],
    dependency: &Dependency,
) -> Vec<&'l StatementReport> {
    let Dependency::Key(key) = dependency else {
        return Vec::new();
    };
    let undecided = layers
        .iter()
        .flat_map(|layer| &layer.statements)
        .filter(|statement| statement.applies == Tri::Unknown);
    let (testing, others): (Vec<_>, Vec<_>) =
        undecided.partition(|statement| key_in(statement, key).is_some());
    if testing.is_empty() {
        // The key stands in a variable: the element that it stands in is open.
        let may_match = |one: &&StatementReport| {
            one.remarks
                .iter()
                .any(|remark| remark.contains(" may match ") || remark.contains(" may exclude "))
        };
        others.into_iter().filter(may_match).collect()
    } else {
        testing
    }
}

/// The key as an undecided test of the statement spells it.
fn key_in<'s>(statement: &'s StatementReport, key: &str) -> Option<&'s str> {
    let undecided = statement
        .remarks
        .iter()
        .filter(|remark| remark.contains(" is undecided"));
    undecided
        .filter_map(|remark| {
            // Lower case of ASCII leaves offsets alone.
            let at = remark.to_ascii_lowercase().find(&format!(" {key} "))? + 1;
            remark.get(at..at + key.len())
        })
        .next()
}

/// The key as the policy spells it, else as the catalogue does.
fn spelled(key: &str, open: &[&StatementReport]) -> String {
    open.iter()
        .find_map(|statement| key_in(statement, key))
        .unwrap_or(key)
        .to_owned()
}

/// What settles a dependency, a line each.
fn remedies(dependency: &Dependency, name: &str, asked: Asked<'_>) -> Vec<String> {
    let text = |text: &str| vec![text.to_owned()];
    match dependency {
        Dependency::Key(key) => vec![key_remedy(key, name, asked.question)],
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
fn key_remedy(key: &str, name: &str, question: Question) -> String {
    let context = flag("--context", &format!("{name}=…"));
    let absent = flag("--absent", name);
    match key {
        "aws:currenttime" | "aws:epochtime" => {
            "`--now TIME`, such as `--now 2026-01-31T00:00:00Z`, or `--now system`".to_owned()
        }
        "aws:requestedregion" => "`--region REGION`".to_owned(),
        _ if question.is_job() && is_always_there(key) => {
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
        _ if is_always_there(key) => format!("{context}: every request has it"),
        _ => format!("{context} if the request has it, {absent} if it does not"),
    }
}

/// True for a global key that no request lacks. Rule: IAM-CTX-2.
fn is_always_there(key: &str) -> bool {
    globals::key(key).is_some_and(|known| known.present_when.starts_with("always"))
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
fn layer_remedy(layer: &str, asked: Asked<'_>) -> String {
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
        layer => format!("`layers_open: [{layer}]`"),
    };
    if is_rejected {
        return format!(
            "mend the policy of this layer that was refused or is missing: the warnings name it; or set the layer aside in \
             the snapshot: {aside}"
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
            "the policy of the resource: `policy` of the resource in the snapshot",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;
    use preclear_simulator::explanation::StatementRef;
    use preclear_simulator::{Code, Layer};

    fn layers() -> Vec<LayerReport> {
        let statement = |index: usize, applies, remark: &str| StatementReport {
            statement: StatementRef {
                policy: "p".to_owned(),
                statement: index,
                sid: None,
                place: None,
            },
            allows: false,
            applies,
            remarks: vec![remark.to_owned()],
        };
        vec![LayerReport {
            layer: Layer::Identity,
            level: None,
            allow: Tri::Unknown,
            deny: Tri::Unknown,
            note: None,
            statements: vec![
                statement(
                    0,
                    Tri::Unknown,
                    "IpAddress aws:SourceIp 10.0.0.0/8 is undecided: the request has (unknown)",
                ),
                statement(1, Tri::False, "Action does not match s3:GetObject"),
                statement(2, Tri::Unknown, "Resource may match arn:aws:s3:::b/x"),
            ],
            grants: Vec::new(),
        }]
    }

    fn said(dependency: Dependency) -> String {
        said_to(dependency, Question::Request)
    }

    fn asked(question: Question) -> Asked<'static> {
        Asked {
            question,
            resource: None,
            is_complete: false,
            is_of_flags: false,
            rejected: None,
        }
    }

    fn said_to(dependency: Dependency, question: Question) -> String {
        let mut text = String::new();
        push(
            &mut text,
            &BTreeSet::from([dependency]),
            &layers().iter().collect::<Vec<_>>(),
            asked(question),
            "",
        );
        anstream::adapter::strip_str(&text).to_string()
    }

    /// IAM-PRIN-6: what is loaded for the federated user itself counts for nothing.
    #[test]
    fn layers_of_a_federated_user_are_those_of_a_user_that_must_be_told() {
        for layer in ["identity", "boundary"] {
            let text = said_to(Dependency::Layer(layer), Question::RequestOfUnknownUser);
            assert!(
                text.contains("user: ARN}; the ") && !text.contains("load"),
                "{text}"
            );
            let text = said_to(Dependency::Layer(layer), Question::JobOfFederatedUser);
            assert!(
                text.contains("caller: {arn: …, user: ARN}; the ") && text.contains("load"),
                "{text}"
            );
            assert!(!said(Dependency::Layer(layer)).contains("user: ARN"));
        }
        let other = said_to(Dependency::Layer("scp"), Question::RequestOfUnknownUser);
        assert!(other.contains("load the SCPs"), "{other}");
    }

    #[test]
    fn a_key_is_spelled_as_in_the_policy_with_its_flags_and_statement() {
        let text = said(Dependency::Key("aws:sourceip".to_owned()));
        assert!(text.starts_with("depends on  aws:SourceIp\n"), "{text}");
        assert!(
            text.contains("`--context aws:SourceIp=…`")
                && text.contains("`--absent aws:SourceIp`")
                && text.contains("decides Deny: p, statement 0")
                && !text.contains("statement 2"),
            "{text}"
        );
    }

    #[test]
    fn a_job_tells_remedies_once_and_without_flags_of_single_files() {
        let mut one = sample::denied(Code::NoIdentityAllow);
        one.depends_on = BTreeSet::from([
            Dependency::Layer("scp"),
            Dependency::Key("aws:sourceip".to_owned()),
        ]);
        let mut text = String::new();
        push_settling_of_job(&mut text, [&one, &one]);
        assert_eq!(text.matches("load the SCPs").count(), 1, "{text}");
        assert!(
            text.contains("`--absent aws:sourceip` if no call") && !text.contains("--scp"),
            "{text}"
        );
        let mut text = String::new();
        push_settling_of_job(&mut text, []);
        assert_eq!(text, "");
    }

    /// IAM-TRI-7: every key and every role has a policy, so a complete snapshot does not settle theirs.
    #[test]
    fn remedies_fit_the_resource_and_the_snapshot() {
        let remedy = |resource, is_complete| {
            let asked = Asked {
                resource,
                is_complete,
                ..asked(Question::Request)
            };
            layer_remedy("resource", asked)
        };
        let key = remedy(Some("arn:aws:kms:us-west-2:111122223333:key/k"), false);
        assert!(
            key.contains("`policy` of the key") && !key.contains("--"),
            "{key}"
        );
        let role = remedy(Some("arn:aws:iam::111122223333:role/r"), false);
        assert!(
            role.contains("`trust` of the role") && !role.contains("--"),
            "{role}"
        );
        for text in [key, role, remedy(Some("arn:aws:s3:::b"), true)] {
            assert!(!text.contains("complete: true"), "{text}");
        }
        assert!(remedy(Some("arn:aws:s3:::b/x"), false).contains("complete: true"));
        let job = layer_remedy("resource", asked(Question::Job));
        assert!(
            job.contains("`trust` of the role") && !job.contains("--"),
            "{job}"
        );
    }

    /// UI-10: a run of flags has no snapshot to change, and one with a snapshot takes no flags of single policies.
    #[test]
    fn remedies_of_flags_are_flags() {
        let remedy = |layer, resource| {
            let asked = Asked {
                resource: Some(resource),
                is_of_flags: true,
                ..asked(Question::Request)
            };
            layer_remedy(layer, asked)
        };
        let key = "arn:aws:kms:us-west-2:111122223333:key/k";
        for (layer, resource, flag, may_be_complete) in [
            ("identity", key, "--identity-policy", true),
            ("resource", key, "--key-policy", false),
            (
                "resource",
                "arn:aws:iam::111122223333:role/r",
                "--trust-policy",
                false,
            ),
            ("resource", "arn:aws:s3:::b/x", "--resource-policy", true),
            ("boundary", key, "--boundary", true),
            ("scp", key, "--scp", true),
            ("grants", key, "--grants", true),
        ] {
            let text = remedy(layer, resource);
            assert!(text.contains(&format!("`{flag} FILE`")), "{text}");
            assert_eq!(text.contains("`--complete`"), may_be_complete, "{text}");
            assert!(!text.contains("snapshot"), "{text}");
        }
        assert!(remedy("vpce", key).contains("`--snapshot`"));
    }

    #[test]
    fn a_policy_that_was_refused_is_to_be_mended_and_not_to_be_loaded() {
        let rejected = BTreeSet::from(["identity"]);
        let asked = Asked {
            rejected: Some(&rejected),
            ..asked(Question::Request)
        };
        let text = layer_remedy("identity", asked);
        assert!(text.contains("refused") && !text.contains("load"), "{text}");
        assert!(layer_remedy("boundary", asked).contains("load"));
    }

    /// IAM-CTX-2: keys with flags of their own, and keys that no request lacks.
    #[test]
    fn keys_name_the_flag_that_is_theirs() {
        let of = |key: &str| said(Dependency::Key(key.to_owned()));
        for (key, flag) in [
            ("aws:currenttime", "`--now TIME`"),
            ("aws:epochtime", "`--now TIME`"),
            ("aws:requestedregion", "`--region REGION`"),
            ("aws:securetransport", "--context aws:securetransport=…"),
            ("aws:useragent", "--context aws:useragent=…"),
        ] {
            let text = of(key);
            assert!(text.contains(flag) && !text.contains("--absent"), "{text}");
        }
        let endpoint = of("aws:sourcevpce");
        assert!(
            endpoint.contains("`--vpc-endpoint ID`") && endpoint.contains("--absent"),
            "{endpoint}"
        );
        let job = said_to(Dependency::Key("aws:currenttime".to_owned()), Question::Job);
        assert!(job.contains("`--now TIME`"), "{job}");
    }

    /// What grants are compared with is no condition key, so no flag for keys settles it.
    #[test]
    fn parameters_of_the_call_are_told_as_such() {
        let pairs = said(Dependency::Key("kms:encryptioncontextkeys".to_owned()));
        assert!(
            pairs.contains("`--encryption-context KEY=VALUE`") && !pairs.contains("--absent"),
            "{pairs}"
        );
        let operations = said(Dependency::Key("kms:grantoperations".to_owned()));
        assert!(
            operations.contains("parameters: {Operations: […], …}"),
            "{operations}"
        );
    }

    #[test]
    fn a_key_in_a_variable_leads_to_the_element_that_is_open() {
        let text = said(Dependency::Key("aws:principaltag/my team".to_owned()));
        assert!(
            text.contains("`--absent 'aws:principaltag/my team'`") && text.contains("statement 2"),
            "{text}"
        );
    }

    #[test]
    fn other_dependencies_say_what_to_load_or_to_choose() {
        assert!(said(Dependency::Layer("scp")).contains("layers_open: [scp]"));
        let text = said(Dependency::Ambiguity(24));
        assert!(
            text.contains("IPv4 CIDR?") && text.contains("--ambiguity guess (no match)"),
            "{text}"
        );
        assert!(said(Dependency::Ambiguity(13)).contains("no flag"));
        assert!(said(Dependency::Resource("arn:*".to_owned())).contains("only part of arn:*"));
    }
}
