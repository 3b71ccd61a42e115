//! Additions until the job runs, or until no addition helps any more. Rule: UI-13.

use preclear_model::codes::UNKNOWN_ACTION;
use serde_json::Value;

use crate::codes;
use crate::context::stated_pairs;
use crate::engine::{Detail, Engine};
use crate::explanation::{Explanation, Verdict, Warning};
use crate::job::apply::apply_fixes;
use crate::job::circumstances;
use crate::job::fix::{self, Origin, Proposal, Search};
use crate::job::made_up::made_up;
use crate::job::prune::prune;
use crate::job::report::{Basis, Fix, Requirement, RequirementPart};
use crate::job::superseded::without_superseded;
use crate::job::through::{self, Through};
use crate::request::{Ask, Request};

/// One permission may lack something on both sides: what is missing behind the first addition shows only once that
/// is in place. No chain of the rules is longer than its layers.
const ROUNDS_MAX: usize = 4;

/// Proposes additions for the requirements, looking again after each round of them.
pub(crate) fn mend(
    engine: &Engine,
    requirements: &[Requirement],
    origin: Origin,
    again: impl Fn(&Engine) -> Vec<Requirement>,
) -> Proposal {
    let search = Search {
        engine,
        given: &[],
        origin,
        start: requirements,
    };
    let mut proposal = fix::propose(search, requirements);
    let mut is_new = !proposal.fixes.is_empty();
    let with = |fixes: &[Fix]| Engine::compile(apply_fixes(engine.snapshot(), fixes));
    let mut after = Vec::new();
    for _ in 0..ROUNDS_MAX {
        if !is_new {
            break;
        }
        let mended = with(&proposal.fixes);
        after = again(&mended);
        let search = Search {
            engine: &mended,
            given: &proposal.fixes,
            ..search
        };
        let more = fix::propose(search, &after);
        for obstacle in &more.obstacles {
            for id in &obstacle.blocks {
                proposal.push_obstacle(&obstacle.text, id);
            }
        }
        is_new = !more.fixes.is_empty();
        proposal.fixes.extend(more.fixes);
    }
    proposal.fixes = without_superseded(proposal.fixes);
    fix::attribute(search, &mut proposal.fixes);
    if is_new {
        after = again(&with(&proposal.fixes));
    }
    proposal.fixes = prune(proposal.fixes, requirements, &after, |fixes| {
        again(&with(fixes))
    });
    let stand_ins = &engine.snapshot().stand_ins;
    for fix in &mut proposal.fixes {
        fix.notes.extend(made_up(stand_ins, &fix.statement));
        let note = note_on_listed(fix, requirements);
        fix.notes.extend(note);
    }
    proposal
}

/// That nothing but a list in the documentation asks for an addition, or for some actions of it. Rule: JOB-4.
fn note_on_listed(fix: &Fix, requirements: &[Requirement]) -> Option<String> {
    const WHY: &str =
        "the documentation lists it, and that the service makes the call is not established (L)";
    let actions: Vec<&str> = match fix.statement.get("Action")? {
        Value::String(action) => vec![action],
        Value::Array(actions) => actions.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let served = || {
        let rows = requirements.iter();
        let rows = rows.filter(|row| fix.serves.contains(&row.id));
        let parts = rows.flat_map(|row| &row.parts);
        parts.filter(|part| part.basis != Basis::Advisory && part.result.verdict != Verdict::Allow)
    };
    let is_listed = |action: &&str| {
        let mut parts = served().filter(|part| part.action == **action).peekable();
        parts.peek().is_some() && parts.all(|part| part.basis == Basis::Listed)
    };
    let listed: Vec<&str> = actions.iter().copied().filter(is_listed).collect();
    match listed.len() {
        0 => None,
        all if all == actions.len() => Some(format!("only if it turns out to be needed: {WHY}")),
        _ => Some(format!("{} only if needed: {WHY}", listed.join(", "))),
    }
}

/// What would mend one denied request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Advice {
    /// The smallest additions.
    pub fixes: Vec<Fix>,
    /// Obstacles that no addition can help against.
    pub obstacles: Vec<String>,
    /// Statements that allow it through a service, where a direct call was asked about.
    pub through: Vec<Through>,
}

/// The smallest additions that would allow a denied request. Rule: UI-12.
///
/// ```
/// use preclear_model::{Arn, caller::Caller};
/// use preclear_simulator::job::{FixTarget, advise};
/// use preclear_simulator::snapshot::PrincipalRecord;
/// use preclear_simulator::{Ask, Detail, Engine, Request, Snapshot};
///
/// let ana = Arn::parse("arn:aws:iam::111122223333:user/ana").unwrap();
/// let principals = vec![PrincipalRecord::new(ana)];
/// let engine = Engine::compile(Snapshot { complete: true, principals, ..Snapshot::default() });
/// let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
/// let mut request = Request::new(caller, Ask::Action("s3:GetObject".to_owned()));
/// request.resource = Some("arn:aws:s3:::bucket/key".to_owned());
/// let answer = engine.explain(&request, Detail::Reasons);
/// let advice = advise(&engine, &request, &answer);
/// let user = FixTarget::Identity("arn:aws:iam::111122223333:user/ana".to_owned());
/// assert_eq!(advice.fixes[0].target, user);
/// ```
#[must_use]
pub fn advise(engine: &Engine, request: &Request, answer: &Explanation) -> Advice {
    if !answer.verdict.is_deny() {
        return Advice::default();
    }
    if let Some(warning) = answer
        .warnings
        .iter()
        .find(|warning| is_no_question(warning))
    {
        // A statement that allowed it would allow nothing.
        let obstacle = format!("{}; {}", warning.message, warning.help);
        return Advice {
            obstacles: vec![obstacle],
            ..Advice::default()
        };
    }
    let requirement = requirement(engine, request, answer.clone());
    let rows = std::slice::from_ref(&requirement);
    let proposal = mend(engine, rows, origin(request), |mended| {
        vec![self::requirement(
            mended,
            request,
            mended.explain(request, Detail::Reasons),
        )]
    });
    let obstacles = proposal.obstacles.into_iter();
    Advice {
        fixes: proposal
            .fixes
            .into_iter()
            .map(|fix| Fix {
                serves: Vec::new(),
                ..fix
            })
            .collect(),
        obstacles: obstacles.map(|obstacle| obstacle.text).collect(),
        through: through::of(engine, request, answer),
    }
}

/// Whether a warning says that no call of AWS asks this: a name that is misspelled, a resource of another type, an alias where a
/// key ARN is due, a service that nobody knows to call on.
fn is_no_question(warning: &Warning) -> bool {
    let is_misspelled =
        warning.code == UNKNOWN_ACTION.name && warning.help != UNKNOWN_ACTION.remedy;
    let is_of_another_thing = [
        &codes::RESOURCE_NOT_OF_ACTION,
        &codes::KEY_ARN_NEEDED,
        &codes::UNKNOWN_VIA_SERVICE,
    ];
    is_misspelled
        || is_of_another_thing
            .iter()
            .any(|code| code.name == warning.code)
}

/// Whether a `*` in a decision is the operation's own. Rule: IAM-WILD-8.
fn origin(request: &Request) -> Origin {
    const NAMES: [&str; 6] = [
        "KeyId",
        "SourceKeyId",
        "DestinationKeyId",
        "TargetKeyId",
        "AliasName",
        "RoleArn",
    ];
    let in_parameters = NAMES.iter().filter_map(|name| request.text_parameter(name));
    let mut named = in_parameters.chain(request.resource.as_deref());
    let names_pattern = named.any(|text| text.contains(['*', '?']));
    match request.ask {
        Ask::Operation(_) if !names_pattern => Origin::Operation,
        _ => Origin::Request,
    }
}

/// The request as the only row of a job.
fn requirement(engine: &Engine, request: &Request, answer: Explanation) -> Requirement {
    let result = answer.verdict;
    let parts = if answer.parts.is_empty() {
        vec![part(engine, request, answer)]
    } else {
        answer
            .parts
            .into_iter()
            .map(|decision| part(engine, request, decision.result))
            .collect()
    };
    Requirement {
        id: "request".to_owned(),
        phase: crate::job::report::Phase::Submit,
        basis: Basis::Mandatory,
        why: String::new(),
        result,
        parts,
        missing: None,
        if_missing: None,
        hints: Vec::new(),
    }
}

fn part(engine: &Engine, request: &Request, result: Explanation) -> RequirementPart {
    let stated = request
        .context
        .iter()
        .filter_map(|(key, value)| match value {
            crate::request::ContextValue::One(value) => Some((key.clone(), value.clone())),
            crate::request::ContextValue::Many(_) => None,
        });
    let mut context: std::collections::BTreeMap<String, String> = stated.collect();
    let for_resource = request
        .grant_for_aws_resource
        .unwrap_or(!request.via.is_empty());
    context.insert(
        "kms:GrantIsForAWSResource".to_owned(),
        for_resource.to_string(),
    );
    context.extend(stated_encryption_context(request, &result.action));
    let (Ask::Action(asked) | Ask::Operation(asked)) = &request.ask;
    RequirementPart {
        principal: principal(engine, request),
        is_account: false,
        action: if result.action.is_empty() {
            asked.clone()
        } else {
            result.action.clone()
        },
        resource: result.resource.clone(),
        basis: Basis::Mandatory,
        context,
        result,
    }
}

/// The pairs that a call passes, as condition keys.
fn stated_encryption_context(request: &Request, action: &str) -> Vec<(String, String)> {
    let name = action.trim_start_matches("kms:").to_ascii_lowercase();
    let Some(parameters) = &request.parameters else {
        return Vec::new();
    };
    if !circumstances::takes_encryption_context(action) {
        return Vec::new();
    }
    let pairs = stated_pairs(&name, parameters).into_iter();
    pairs
        .map(|(key, value)| (format!("kms:EncryptionContext:{key}"), value))
        .collect()
}

/// The identity whose policies can be extended: for a session its role, where it is known.
fn principal(engine: &Engine, request: &Request) -> String {
    use preclear_model::caller::CallerKind;
    if let Some(record) = engine.principals().of(&request.caller) {
        return record.arn.as_str().to_owned();
    }
    match &request.caller.kind {
        CallerKind::RoleSession {
            role_arn: Some(arn),
            ..
        } => arn.as_str().to_owned(),
        CallerKind::FederatedUser {
            user: Some(arn), ..
        } => arn.as_str().to_owned(),
        _ => request.caller.display_arn(),
    }
}
