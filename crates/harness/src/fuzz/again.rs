//! What a loaded snapshot must stand: to be written and read again, to be asked about, and to be told what is missing.

use std::path::Path;

use preclear_inputs::files::MemoryFiles;
use preclear_inputs::{Options, missing, normal, snapshot};
use preclear_model::caller::Caller;
use preclear_simulator::{Ask, ContextValue, Engine, Request, Snapshot, Verdict};

use super::{Finding, hold, place, same};

/// The file that the normal form is written to.
const FILE: &str = "world.json";

/// Callers, and resources of each kind, that are asked about.
const ASKED_MAX: usize = 8;

/// Keys that calls do not have which are asked about.
const ABSENT: [&str; 4] = [
    "aws:SourceVpce",
    "kms:EncryptionContext:team",
    "kms:EncryptionContext:step",
    "kms:ViaService",
];

/// Writes a snapshot in the normal form, reads it again, and asks both the same.
///
/// `lenient` says how policies are read: what was read leniently need not be readable otherwise.
pub(super) fn check(snapshot: &Snapshot, lenient: bool) -> Result<(), Finding> {
    for one in missing::missing(snapshot) {
        hold(!one.what.is_empty() && !one.help.is_empty(), || {
            format!("missing, and says nothing: {one:?}")
        })?;
    }
    let written = text(snapshot);
    let options = Options {
        lenient,
        ..Options::default()
    };
    let files = MemoryFiles::from_iter([(FILE, written.as_str())]);
    let read = snapshot::load([Path::new(FILE)], &files, &options);
    let is_placeholder = |found: &preclear_model::Diagnostics| {
        let mut errors = found.errors();
        errors.all(|error| error.code == "UNRESOLVED_PLACEHOLDER")
    };
    if read.as_ref().is_err_and(is_placeholder) {
        // What others print may hold `${a.b}` for what it is; in a file of one's own it is a placeholder that has no value.
        return Ok(());
    }
    let again = read.map_err(|errors| {
        Finding::new(format!("the normal form is refused: {errors}\n{written}"))
    })?;
    place::check(&again.diagnostics)?;
    same(
        || "written, read and written again".to_owned(),
        &written,
        &text(&again.value),
    )?;
    let asked = requests(snapshot);
    let (first, second) = (
        Engine::compile(snapshot.clone()),
        Engine::compile(again.value),
    );
    for request in &asked {
        let (one, other) = (first.decide(request), second.decide(request));
        hold(one == other, || {
            format!(
                "{one} of what was read, {other} of its normal form\n{}\n{written}",
                shown(request)
            )
        })?;
    }
    Ok(())
}

/// The normal form as a text.
pub(super) fn text(snapshot: &Snapshot) -> String {
    normal::file(snapshot).to_string()
}

/// Every question that the things of a snapshot suggest.
pub(super) fn requests(snapshot: &Snapshot) -> Vec<Request> {
    let principals = snapshot.principals.iter();
    let mut callers: Vec<String> = principals
        .take(ASKED_MAX)
        .map(|record| record.arn.to_string())
        .collect();
    callers.push("arn:aws:iam::444455556666:user/Foreign".to_owned());
    let mut asked: Vec<(&str, String)> = Vec::new();
    for record in snapshot.keys.iter().take(ASKED_MAX) {
        let own = record.arn.to_string();
        let aliases = record.aliases.iter().flatten().take(2);
        let (account, region) = (record.arn.account(), record.arn.region());
        let partition = record.arn.partition();
        let aliases =
            aliases.map(|alias| format!("arn:{partition}:kms:{region}:{account}:{alias}"));
        for name in std::iter::once(own).chain(aliases) {
            for action in [
                "kms:Decrypt",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:CreateGrant",
                "kms:ScheduleKeyDeletion",
            ] {
                asked.push((action, name.clone()));
            }
        }
    }
    for record in snapshot.resources.iter().take(ASKED_MAX) {
        let arn = record.arn.to_string();
        match record.arn.service() {
            "s3" => {
                for action in ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"] {
                    asked.push((action, format!("{arn}/a/b")));
                }
            }
            "sqs" => asked.push(("sqs:SendMessage", arn)),
            "sns" => asked.push(("sns:Publish", arn)),
            "lambda" => asked.push(("lambda:InvokeFunction", arn)),
            _ => {}
        }
    }
    for record in snapshot.principals.iter().take(ASKED_MAX) {
        if record.arn.resource_type() == Some("role") {
            asked.push(("sts:AssumeRole", record.arn.to_string()));
        }
    }
    let endpoint = snapshot.vpc_endpoints.first();
    let mut requests = Vec::with_capacity(callers.len() * asked.len());
    for caller in &callers {
        let Ok(caller) = Caller::parse(caller) else {
            continue;
        };
        for (action, resource) in &asked {
            let mut request = Request::new(caller.clone(), Ask::Action((*action).to_owned()));
            request.resource = Some(resource.clone());
            // In closed mode tags that are not known count as absent: an assumption of who asks. Here only what a call has is closed.
            let absent = ABSENT.iter().map(|name| (*name).to_owned());
            request.absent = absent.collect();
            requests.push(request.clone());
            if let Some(endpoint) = endpoint.filter(|_| action.starts_with("s3:")) {
                request.vpc_endpoint = Some(endpoint.id.clone());
                request.absent.clear();
                requests.push(request);
            } else if action.starts_with("kms:") {
                request.absent.clear();
                let pairs = [("team", "labels"), ("step", "1")];
                for (name, value) in pairs {
                    let value = ContextValue::One(value.to_owned());
                    let name = format!("kms:EncryptionContext:{name}");
                    request.context.insert(name, value);
                }
                requests.push(request);
            }
        }
    }
    requests
}

/// A question as a line.
pub(super) fn shown(request: &Request) -> String {
    let context: Vec<&String> = request.context.keys().collect();
    format!(
        "{:?} asks for {:?} on {:?}, endpoint {:?}, context {context:?}",
        request.caller, request.ask, request.resource, request.vpc_endpoint
    )
}

/// True where an answer may become another one when less is known: it is the same, a deny still, or no longer decided.
pub(super) fn may_become(before: Verdict, after: Verdict) -> bool {
    // Which of two policies denies is no answer of its own: the one that is not known any more may have been it.
    before == after || after == Verdict::Depends || before.is_deny() && after.is_deny()
}
