//! Placeholders in flags: `--param` fills them, and what is left over is refused. Rule: JOB-LINT-2.

use std::sync::Arc;

use preclear_inputs::{FilledNames, Params};
use preclear_model::near::nearest;
use preclear_model::{Diagnostic, Diagnostics, Source, Span};

use crate::args::{Pair, SimulateArgs, WorldArgs};
use crate::failure::Failure;

/// The flags with their placeholders filled.
pub(super) fn filled(args: &SimulateArgs, params: &Params) -> Result<SimulateArgs, Failure> {
    let mut args = args.clone();
    let question = &mut args.question;
    let texts = [
        ("--principal", &mut question.principal),
        ("--resource", &mut question.resource),
        ("--region", &mut question.region),
        ("--account", &mut question.account),
        ("--vpc-endpoint", &mut question.vpc_endpoint),
        ("--caller", &mut args.job.caller),
    ];
    for (flag, text) in texts {
        if let Some(text) = text {
            fill(flag, text, params)?;
        }
    }
    let pairs = [
        ("--context", &mut question.context),
        ("--encryption-context", &mut question.encryption_context),
    ];
    for (flag, pairs) in pairs {
        for Pair { name, value } in pairs {
            fill(flag, name, params)?;
            fill(flag, value, params)?;
        }
    }
    Ok(args)
}

/// A warning for each name of `--param` that no placeholder had, once everything is read.
pub(super) fn unused(args: &WorldArgs) -> Diagnostics {
    unused_of(&args.param, &args.filled)
}

/// As [`unused`], of values given and names filled.
pub(crate) fn unused_of(given: &[Pair], filled: &FilledNames) -> Diagnostics {
    let filled = filled.names();
    let unused = given.iter().filter(|pair| !filled.contains(&pair.name));
    let there = || filled.iter().map(String::as_str);
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

fn fill(flag: &str, text: &mut String, params: &Params) -> Result<(), Failure> {
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
