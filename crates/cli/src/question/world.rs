//! The policies that a question is decided against: a snapshot, or loose policy files.

use std::collections::BTreeMap;
use std::sync::Arc;

use preclear_inputs::loose::{self, Loose, LoosePolicies, Subject};
use preclear_inputs::{Options, Params, snapshot};
use preclear_model::caller::{Caller, CallerKind};
use preclear_model::near::nearest;
use preclear_simulator::Snapshot;

use std::path::PathBuf;

use crate::args::{LooseArgs, SnapshotArgs, WorldArgs};
use crate::disk::is_stdin;
use crate::failure::Failure;
use crate::run::Run;

/// How inputs are read, as the flags say it.
pub(crate) fn options(args: &SnapshotArgs) -> Options {
    let mut params: Params = args
        .param
        .iter()
        .map(|pair| (pair.name.as_str(), pair.value.as_str()))
        .collect();
    params.note_filled(&args.filled);
    Options {
        params,
        lenient: args.lenient,
        keep_going: args.keep_going,
        elsewhere: args.elsewhere.clone(),
        ..Options::default()
    }
}

/// Replaces names of plans and templates by what they stand for.
pub(crate) fn name<'t>(
    texts: impl IntoIterator<Item = &'t mut Option<String>>,
    names: &BTreeMap<String, String>,
) {
    for text in texts.into_iter().flatten() {
        if let Some(arn) = names.get(text) {
            text.clone_from(arn);
        }
    }
}

/// Refuses a text of a flag that is nearly a name of a plan or template, or looks like an address and is none.
pub(crate) fn check_name(
    flag: &str,
    text: Option<&String>,
    names: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let Some(text) = text.filter(|text| !names.contains_key(*text)) else {
        return Ok(());
    };
    // What can be something else is never taken for a slip.
    let is_of_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_id = text.len() == 36 && text.bytes().all(is_of_id);
    let is_other = text.contains([':', '/', '*']) || is_id || text.contains(".amazonaws.");
    if names.is_empty() || is_other || text == "anonymous" {
        return Ok(());
    }
    // The shell takes the quotes of `module.a["b"]`.
    let quoted = |name: &&str| name.contains('"') && name.replace('"', "") == *text;
    let quoted = names.keys().map(String::as_str).find(quoted);
    if let Some(name) = quoted {
        return Err(Failure::usage(format!(
            "`{flag}`: the plan has no `{text}`, but `{name}`: write it within single quotes, which keep those in it from the shell"
        )));
    }
    let near = nearest(text, names.keys().map(String::as_str));
    let is_address = ["aws_", "module.", "data."];
    let is_address = is_address.iter().any(|start| text.starts_with(start));
    let meant = match near {
        Some(near) => format!("did you mean `{near}`? "),
        None if is_address => String::new(),
        None => return Ok(()),
    };
    Err(Failure::usage(format!(
        "`{flag}`: the plan or template has nothing that is called `{text}`: {meant}`preclear snapshot --explain PATH…` lists \
         the names that questions may use"
    )))
}

/// Lets the account and Region of what is asked stand for placeholders, and those of the snapshot where it names none.
pub(crate) fn infer(
    args: &SnapshotArgs,
    params: &mut Params,
    (account, region): (Option<String>, Option<String>),
    run: &Run<'_, '_>,
) {
    let (of_snapshot, its_region) = if account.is_some() && region.is_some() {
        (None, None)
    } else {
        snapshot::account_and_region(&args.snapshot, &run.disk)
    };
    let plain = |text: &String| !text.contains(['<', '$', '{']);
    let account = account.or(of_snapshot.filter(plain));
    let region = region.or(its_region.filter(plain));
    params.infer(account.as_deref(), region.as_deref());
}

/// The snapshot that `--snapshot` names.
pub(crate) fn snapshot(
    args: &SnapshotArgs,
    options: &Options,
    run: &mut Run<'_, '_>,
) -> Result<Snapshot, Failure> {
    let loaded = snapshot::load(&args.snapshot, &run.disk, options);
    run.accept(loaded)
}

/// The snapshot, and the names that its plans and templates have, where questions may use them. What `--infer` fills in stands in
/// the question, which is read first then.
pub(crate) fn early(
    args: &SnapshotArgs,
    options: &mut Options,
    run: &mut Run<'_, '_>,
) -> Result<Option<Snapshot>, Failure> {
    if args.snapshot.is_empty() || args.infer {
        return Ok(None);
    }
    let snapshot = snapshot(args, options, run)?;
    options.names = Arc::new(snapshot.names.clone());
    Ok(Some(snapshot))
}

/// The policies for one question: `--snapshot`, else the loose files. Rule: UI-10.
pub(crate) fn for_question(
    args: &WorldArgs,
    loaded: Option<Snapshot>,
    session: &[PathBuf],
    subject: Option<Subject<'_>>,
    options: &Options,
    run: &mut Run<'_, '_>,
) -> Result<Loose, Failure> {
    let files = loose_policies(&args.loose, session);
    read_once(&files)?;
    if !args.read.snapshot.is_empty() {
        let snapshot = match loaded {
            Some(snapshot) => snapshot,
            None => snapshot(&args.read, options, run)?,
        };
        let of_request = session_policies(session, options, run)?;
        return Ok(Loose {
            snapshot,
            ..of_request
        });
    }
    if files.is_empty() {
        return Err(Failure::usage(
            "there are no policies to decide against: give `--snapshot PATH`, or files with `--identity-policy`, \
             `--key-policy`, `--resource-policy` and the like",
        ));
    }
    let Some(subject) = subject else {
        return Err(Failure::usage(
            "policy files given one by one belong to one principal: name it with `--principal`, or give a `--snapshot`",
        ));
    };
    let loaded = loose::load(&files, subject, &run.disk, options);
    run.accept(loaded)
}

/// The policies of `--session-policy`, which belong to the request and not to the snapshot: that says nothing.
pub(crate) fn session_policies(
    session: &[PathBuf],
    options: &Options,
    run: &mut Run<'_, '_>,
) -> Result<Loose, Failure> {
    let files = LoosePolicies {
        session: session.to_vec(),
        ..LoosePolicies::default()
    };
    let nobody = Caller::new(CallerKind::Anonymous, None, None);
    let subject = Subject {
        caller: &nobody,
        resource: None,
        resource_account: None,
        region: None,
    };
    let loaded = loose::load(&files, subject, &run.disk, options);
    run.accept(loaded)
}

/// Standard input is read once; who names it twice has two policies in mind.
fn read_once(files: &LoosePolicies) -> Result<(), Failure> {
    let single = [
        &files.key,
        &files.resource,
        &files.boundary,
        &files.trust,
        &files.grants,
    ];
    let lists = [&files.identity, &files.scps, &files.rcps, &files.session];
    let all = single.into_iter().flatten();
    let all = all.chain(lists.into_iter().flatten());
    match all.filter(|path| is_stdin(path)).count() {
        0 | 1 => Ok(()),
        _ => Err(Failure::usage(
            "standard input can be given once: name a file in place of the other `-`",
        )),
    }
}

fn loose_policies(world: &LooseArgs, session: &[PathBuf]) -> LoosePolicies {
    LoosePolicies {
        identity: world.identity_policy.clone(),
        key: world.key_policy.clone(),
        resource: world.resource_policy.clone(),
        boundary: world.boundary.clone(),
        scps: world.scp.clone(),
        rcps: world.rcp.clone(),
        trust: world.trust_policy.clone(),
        grants: world.grants.clone(),
        session: session.to_vec(),
        complete: world.complete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shell takes quotes, which addresses of instances have.
    #[test]
    fn an_address_without_its_quotes_is_told_with_them() {
        let name = "module.svc[\"orders\"].aws_iam_role.this";
        let names = BTreeMap::from([(name.to_owned(), "arn".to_owned())]);
        let check = |text: &str| check_name("--principal", Some(&text.to_owned()), &names);
        assert!(check(name).is_ok());
        let said = check("module.svc[orders].aws_iam_role.this").unwrap_err();
        let said = format!("{said:?}");
        assert!(
            said.contains("orders") && said.contains("single quotes"),
            "{said}"
        );
    }
}
