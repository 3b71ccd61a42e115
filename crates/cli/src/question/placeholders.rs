//! Placeholders in flags: `--param` fills them, and what is left over is refused. Rule: JOB-LINT-2.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use preclear_inputs::{FilledNames, Params};
use preclear_model::near::nearest;
use preclear_model::{Diagnostic, Diagnostics, Source, Span};

use crate::args::{AskedArgs, CircumstanceArgs, Pair, SimulateArgs, SnapshotArgs};
use crate::failure::Failure;

/// The flags with their placeholders filled.
pub(crate) fn filled(args: &SimulateArgs, params: &Params) -> Result<SimulateArgs, Failure> {
    let mut args = args.clone();
    check_once(&args.world.read)?;
    args.world.read.elsewhere = files(&args);
    let question = &mut args.question;
    let texts = [
        ("--principal", &mut question.principal),
        ("--caller", &mut args.job.caller),
    ];
    for (flag, text) in texts {
        if let Some(text) = text {
            fill(flag, text, params)?;
        }
    }
    fill_question(&mut question.asked, &mut question.circumstances, params)?;
    Ok(args)
}

/// Refuses a placeholder that is given two values.
pub(crate) fn check_once(args: &SnapshotArgs) -> Result<(), Failure> {
    for (index, one) in args.param.iter().enumerate() {
        let before = args.param.iter().take(index);
        let mut others = before.filter(|other| other.name == one.name);
        if let Some(other) = others.find(|other| other.value != one.value) {
            return Err(Failure::usage(format!(
                "`--param {}` is given twice, as `{}` and as `{}`: give it once",
                one.name, other.value, one.value
            )));
        }
    }
    Ok(())
}

/// Fills the placeholders of a question.
pub(crate) fn fill_question(
    asked: &mut AskedArgs,
    circumstances: &mut CircumstanceArgs,
    params: &Params,
) -> Result<(), Failure> {
    let texts = [
        ("--resource", &mut asked.resource),
        ("--region", &mut circumstances.region),
        ("--account", &mut circumstances.account),
        ("--vpc-endpoint", &mut circumstances.vpc_endpoint),
    ];
    for (flag, text) in texts {
        if let Some(text) = text {
            fill(flag, text, params)?;
        }
    }
    let pairs = [
        ("--context", &mut circumstances.context),
        (
            "--encryption-context",
            &mut circumstances.encryption_context,
        ),
    ];
    for (flag, pairs) in pairs {
        for Pair { name, value } in pairs {
            fill(flag, name, params)?;
            fill(flag, value, params)?;
        }
    }
    Ok(())
}

/// Files that flags name beside the snapshot, and where additions go.
fn files(args: &SimulateArgs) -> Vec<PathBuf> {
    let (question, job) = (&args.question, &args.job);
    let single = [
        &question.request,
        &question.requests,
        &question.circumstances.context_file,
    ];
    let given = question.circumstances.parameters.iter().map(PathBuf::from);
    let single = single.into_iter().flatten().cloned();
    let lists = [
        &job.job,
        &job.template,
        &question.circumstances.session_policy,
    ];
    single
        .chain(given)
        .chain(job.fix_out.iter().cloned())
        .chain(lists.into_iter().flatten().cloned())
        .collect()
}

/// A warning for each name of `--param` that no placeholder had, once everything is read.
pub(crate) fn unused(args: &SnapshotArgs) -> Diagnostics {
    unused_of(&args.param, &args.filled)
}

/// As [`unused`], of values given and names filled.
pub(crate) fn unused_of(given: &[Pair], filled: &FilledNames) -> Diagnostics {
    let (used, asked) = (filled.names(), filled.asked());
    let unused = given.iter().filter(|pair| !used.contains(&pair.name));
    // Parameters of templates are looked up, with a value or without; so are policy variables, which take none.
    let takes_value = |name: &&str| !name.contains(':') || name.starts_with("AWS::");
    let there: BTreeSet<&str> = used
        .iter()
        .chain(&asked)
        .map(String::as_str)
        .filter(takes_value)
        .collect();
    let there = || there.iter().copied();
    let warnings = unused.map(|Pair { name, value }| {
        let source = Arc::new(Source::new("--param", format!("{name}={value}")));
        let list: Vec<String> = there().map(|name| format!("`{name}`")).collect();
        let help = match (nearest(name, there()), list.as_slice()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) => "nothing that was read has a placeholder: leave it out".to_owned(),
            (None, list) => format!("leave it out, or correct it; there are {}", list.join(", ")),
        };
        let message = format!("`{name}` has no effect: no placeholder is called so");
        Diagnostic::warning("UNUSED_PARAM", message)
            .rule("JOB-LINT-2")
            .at(source.place(Span::new(0, name.len())))
            .help(help)
    });
    Diagnostics(warnings.collect())
}

pub(crate) fn fill(flag: &str, text: &mut String, params: &Params) -> Result<(), Failure> {
    match params.fill(text) {
        Ok(filled) => {
            *text = filled;
            Ok(())
        }
        Err(names) => {
            let missing: Vec<String> = names
                .iter()
                .map(|name| format!("--param {name}=…"))
                .collect();
            Err(Failure::usage(format!(
                "`{flag}`: `{text}` holds a placeholder that has no value (JOB-LINT-2): add `{}`",
                missing.join(" ")
            )))
        }
    }
}
