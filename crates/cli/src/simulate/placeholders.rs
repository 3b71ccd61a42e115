//! Placeholders in flags: `--param` fills them, and what is left over is refused. Rule: JOB-LINT-2.

use preclear_inputs::Params;

use crate::args::{Pair, SimulateArgs};
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
