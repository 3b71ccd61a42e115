//! `preclear simulate`: one request, many, or whole jobs.

mod fix_out;
mod job;
mod job_input;
mod lines;
mod many;
mod members;
mod one;
mod tally;

pub(crate) use job::simulate_fixed;
pub(crate) use placeholders::unused_of as unused_params;

use std::collections::BTreeMap;

use crate::args::{QuestionArgs, SimulateArgs};
use crate::exit::{ExitCode, ExitRules};
use crate::failure::Failure;
use crate::question::overrides::Overrides;
use crate::question::{placeholders, world};
use crate::run::Run;

/// Tells the three forms apart and runs one of them.
pub(crate) fn run(args: &SimulateArgs, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    let args = &placeholders::filled(args, &world::options(&args.world.read).params)?;
    if args.job.fix && args.job.job.is_empty() {
        return Err(Failure::usage(
            "`--fix` belongs to `--job`. What would allow a denied request is printed without it: leave it out",
        ));
    }
    let code = if !args.job.job.is_empty() {
        job::run(args, run)
    } else if let Some(path) = &args.question.requests {
        many::run(args, path, run)
    } else {
        one::run(args, run)
    }?;
    run.warn(&placeholders::unused(&args.world.read))?;
    Ok(code)
}

/// The flags with names of plans and templates replaced by what they stand for.
fn named(args: &SimulateArgs, names: &BTreeMap<String, String>) -> SimulateArgs {
    let mut args = args.clone();
    let question = &mut args.question;
    let texts = [&mut question.principal, &mut question.asked.resource];
    world::name(texts, names);
    args
}

/// The flags of the question, checked.
fn overrides(args: &QuestionArgs, run: &mut Run<'_, '_>) -> Result<Overrides, Failure> {
    let principal = args.principal.as_deref();
    Overrides::new(principal, &args.asked, &args.circumstances, run)
}

impl SimulateArgs {
    pub(crate) fn exit_rules(&self) -> ExitRules {
        ExitRules {
            strict: self.output.strict,
            exit_zero: self.output.exit_zero,
        }
    }

    pub(crate) fn detail(&self) -> preclear_simulator::Detail {
        if self.output.explain {
            preclear_simulator::Detail::Full
        } else {
            preclear_simulator::Detail::Reasons
        }
    }
}
