//! `preclear who-can`: who may do it, by what way, under which conditions. Rule: UI-20.

use std::path::PathBuf;

use preclear_inputs::loose::{Subject, resource_of};
use preclear_model::arn::is_account_id;
use preclear_model::caller::{Caller, CallerKind};
use preclear_model::{ArnRef, Diagnostics};
use preclear_simulator::{Engine, Request, WhoCan, who_can};

use crate::args::{LooseArgs, TableFormat, WhoCanArgs};
use crate::exit::{ExitCode, ExitRules};
use crate::failure::Failure;
use crate::question::overrides::Overrides;
use crate::question::spoken::{Spoken, in_flags};
use crate::question::{placeholders, world};
use crate::render::{csv, json, text};
use crate::run::Run;

/// Asks everybody and prints who may.
pub(crate) fn run(args: &WhoCanArgs, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    let mut args = args.clone();
    placeholders::check_once(&args.world.read)?;
    let mut options = world::options(&args.world.read);
    placeholders::fill_question(&mut args.asked, &mut args.circumstances, &options.params)?;
    refuse_policies_of_one(&args.world.loose)?;
    let nobody = Caller::new(CallerKind::Anonymous, None, None);
    let loaded = world::early(&args.world.read, &mut options, run)?;
    world::name([&mut args.asked.resource], &options.names);
    let mut overrides = Overrides::new(None, &args.asked, &args.circumstances, run)?;
    let mut request = overrides.request_of(&nobody)?;
    let wrong = overrides.check(&request);
    if wrong.has_errors() {
        return Err(Failure::from(wrong));
    }
    let owner = owner(&request);
    if args.world.read.infer {
        let account = owner.as_ref().and_then(|owner| owner.account.clone());
        let named = (account, request.region.clone());
        world::infer(&args.world.read, &mut options.params, named, run);
    }
    let subject = Subject {
        caller: owner.as_ref().unwrap_or(&nobody),
        resource: resource_of(&request),
        resource_account: request.resource_account.as_deref(),
        region: request.region.as_deref(),
    };
    let session: &[PathBuf] = &args.circumstances.session_policy;
    let mut loose =
        world::for_question(&args.world, loaded, session, Some(subject), &options, run)?;
    overrides.add_session(&mut loose);
    overrides.apply_session(
        &mut request.session_policies,
        &mut request.session_policy_rejected,
    );
    run.clock.fill(&mut request.now);
    let engine = Engine::compile(loose.snapshot);
    let mut answer = who_can::ask(&engine, &request);
    for error in &mut answer.errors {
        error.message = in_flags(&error.message);
        error.help = error.help.as_deref().map(in_flags);
    }
    for warning in &mut answer.warnings {
        warning.help = in_flags(&warning.help);
    }
    let mut situation = text::Situation::of(&request, &engine);
    situation.is_of_flags = args.world.read.snapshot.is_empty();
    let telling = text::Telling {
        in_full: args.output.explain.then_some(&engine),
        situation,
    };
    print(&args, &answer, &telling, run)?;
    run.warn(&placeholders::unused(&args.world.read))?;
    let rules = ExitRules {
        strict: args.output.strict,
        exit_zero: args.output.exit_zero,
    };
    Ok(rules.who_can(&answer))
}

fn print(
    args: &WhoCanArgs,
    answer: &WhoCan,
    telling: &text::Telling<'_>,
    run: &mut Run<'_, '_>,
) -> Result<(), Failure> {
    let spoken = Spoken::of(&args.asked);
    match args.output.format {
        TableFormat::Text => {
            let text = text::who_can(answer, telling, run.out.width());
            run.out.write(&text)?;
        }
        TableFormat::Json => {
            let document = json::document(&json::who_can(answer, telling.in_full));
            run.out.write_bytes(document.as_bytes())?;
        }
        // A line of these is somebody who may, so what is said of the question goes beside them.
        TableFormat::Jsonl => {
            tell_warnings(answer, &spoken, run)?;
            for value in json::who_can_lines(answer) {
                run.out.write_bytes(json::line(&value).as_bytes())?;
            }
        }
        TableFormat::Csv => {
            tell_warnings(answer, &spoken, run)?;
            if !answer.errors.is_empty() {
                return Err(spoken.errors(&answer.errors).into());
            }
            run.out.write_bytes(csv::who_can(answer).as_bytes())?;
        }
    }
    Ok(())
}

fn tell_warnings(answer: &WhoCan, spoken: &Spoken, run: &mut Run<'_, '_>) -> Result<(), Failure> {
    let warnings = answer.warnings.iter();
    let warnings = warnings.map(|warning| spoken.warning(warning));
    run.warn(&Diagnostics(warnings.collect()))
}

/// Policy files given one by one are those of the resource: what belongs to one principal says nothing of others.
fn refuse_policies_of_one(args: &LooseArgs) -> Result<(), Failure> {
    let given = [
        ("--identity-policy", !args.identity_policy.is_empty()),
        ("--boundary", args.boundary.is_some()),
        ("--scp", !args.scp.is_empty()),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((flag, _)) => Err(Failure::usage(format!(
            "`{flag}` belongs to one principal, and `who-can` asks for all: give a `--snapshot`, or the policies of the resource alone \
             (`--key-policy`, `--resource-policy`, `--trust-policy`, `--grants`, `--rcp`)"
        ))),
        None => Ok(()),
    }
}

/// The root user of the account that owns the resource, as far as the question tells it: policy files given one by one are of its account.
fn owner(request: &Request) -> Option<Caller> {
    let arn = resource_of(request).and_then(ArnRef::parse);
    let of_arn = arn.map(|arn| arn.account().to_owned());
    let account = request.resource_account.clone();
    let account = account.or(of_arn.filter(|account| is_account_id(account)))?;
    let partition = arn.map_or("aws", |arn| arn.partition());
    Some(Caller::new(
        CallerKind::Root,
        Some(partition),
        Some(&account),
    ))
}
