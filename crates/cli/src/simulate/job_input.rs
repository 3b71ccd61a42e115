//! Jobs from job files, or from an API request and flags.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use preclear_inputs::{Options, Params, job};
use preclear_model::caller::Caller;
use preclear_simulator::job::{JobRequest, JobTemplates};

use crate::args::SimulateArgs;
use crate::failure::Failure;
use crate::question::overrides::{Overrides, caller};
use crate::question::world;
use crate::run::Run;
use crate::simulate::job::Engines;

/// Jobs of one file, and the placeholders that hold in the snapshot's documents for them.
#[derive(Debug)]
pub(super) struct JobFile {
    pub(super) jobs: Vec<JobRequest>,
    pub(super) params: Params,
}

/// Reads one file of `--job`.
pub(super) fn read(
    args: &SimulateArgs,
    overrides: &Overrides,
    templates: &JobTemplates,
    path: &Path,
    engines: &mut Engines,
    run: &mut Run<'_, '_>,
) -> Result<JobFile, Failure> {
    let mut options = world::options(&args.world.read);
    let mut jobs = match &args.question.asked.operation {
        Some(operation) => {
            options.names = names(args, &options, engines, run)?;
            vec![from_api_request(args, operation, path, &mut options, run)?]
        }
        None => from_job_file(args, path, &mut options, engines, run)?,
    };
    for job in &mut jobs {
        job.templates = templates.clone();
        apply(args, overrides, &options, job, run)?;
    }
    if args.world.read.infer
        && let Some(first) = jobs.first()
    {
        let account = first.account.as_ref();
        let account = account.or(first
            .caller
            .as_ref()
            .and_then(|caller| caller.account.as_ref()));
        let named = (account.cloned(), first.region.clone());
        world::infer(&args.world.read, &mut options.params, named, run);
    }
    Ok(JobFile {
        jobs,
        params: options.params,
    })
}

/// What plans and templates of the snapshot call things. What `--infer` fills in stands in the job, which is read first then.
fn names(
    args: &SimulateArgs,
    options: &Options,
    engines: &mut Engines,
    run: &mut Run<'_, '_>,
) -> Result<Arc<BTreeMap<String, String>>, Failure> {
    if args.world.read.infer {
        return Ok(Arc::default());
    }
    let engine = engines.get(args, &options.params, run)?;
    Ok(Arc::new(engines.at(engine)?.snapshot().names.clone()))
}

fn from_job_file(
    args: &SimulateArgs,
    path: &Path,
    options: &mut Options,
    engines: &mut Engines,
    run: &mut Run<'_, '_>,
) -> Result<Vec<JobRequest>, Failure> {
    let mut params = job::params(path, &run.disk);
    params.extend(&options.params);
    options.params = params;
    if args.world.read.infer {
        let (account, region) = job::account_and_region(path, &run.disk);
        let account = args.question.circumstances.account.clone().or(account);
        let region = args.question.circumstances.region.clone().or(region);
        world::infer(
            &args.world.read,
            &mut options.params,
            (account, region),
            run,
        );
    }
    options.names = names(args, options, engines, run)?;
    let loaded = job::read(path, &run.disk, options);
    run.accept(loaded)
}

/// The API's own request; everything else comes from flags.
fn from_api_request(
    args: &SimulateArgs,
    operation: &str,
    path: &Path,
    options: &mut Options,
    run: &mut Run<'_, '_>,
) -> Result<JobRequest, Failure> {
    let text = args.job.caller.as_ref();
    let caller = text.map(|text| caller_of(text, options)).transpose()?;
    if args.world.read.infer {
        let of_caller = caller.as_ref().and_then(|caller| caller.account.as_ref());
        let account = args.question.circumstances.account.as_ref().or(of_caller);
        let named = (account.cloned(), args.question.circumstances.region.clone());
        world::infer(&args.world.read, &mut options.params, named, run);
    }
    let loaded = job::read_api_request(path, &run.disk, options);
    let name = path.display().to_string();
    let request = run.accept(loaded)?;
    Ok(JobRequest {
        request: request.members,
        source: Some(request.source),
        ..JobRequest::new(&name, operation, caller)
    })
}

/// Flags win over the file.
fn apply(
    args: &SimulateArgs,
    overrides: &Overrides,
    options: &Options,
    job: &mut JobRequest,
    run: &Run<'_, '_>,
) -> Result<(), Failure> {
    if let Some(text) = &args.job.caller {
        job.caller = Some(caller_of(text, options)?);
    }
    if let Some(interface) = args.job.interface {
        job.interface = interface.into();
    }
    if args.job.profile.is_some() {
        job.profile.clone_from(&args.job.profile);
    }
    overrides.apply_to_job(job);
    run.clock.fill(&mut job.now);
    Ok(())
}

fn caller_of(text: &str, options: &Options) -> Result<Caller, Failure> {
    let known = options.names.get(text);
    caller("--caller", known.map_or(text, String::as_str))
}
