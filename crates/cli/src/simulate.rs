//! `preclear simulate`: one request, many, or whole jobs.

mod context;
mod fix_out;
mod job;
mod job_input;
mod lines;
mod many;
mod members;
mod one;
mod overrides;
mod placeholders;
mod tally;
mod world;

pub(crate) use job::simulate_fixed;
pub(crate) use placeholders::unused_of as unused_params;

use crate::args::SimulateArgs;
use crate::exit::{ExitCode, ExitRules};
use crate::failure::Failure;
use crate::run::Run;

/// Tells the three forms apart and runs one of them.
pub(crate) fn run(args: &SimulateArgs, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    let args = &placeholders::filled(args, &world::options(&args.world).params)?;
    let code = if !args.job.job.is_empty() {
        job::run(args, run)
    } else if let Some(path) = &args.question.requests {
        many::run(args, path, run)
    } else {
        one::run(args, run)
    }?;
    run.warn(&placeholders::unused(&args.world))?;
    Ok(code)
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
