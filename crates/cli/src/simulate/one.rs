//! One request, or the few of a request file.

use preclear_inputs::loose::{Subject, resource_of};
use preclear_inputs::{Options, request};
use preclear_simulator::job::{self, Advice};
use preclear_simulator::{Detail, Engine, Explanation, Layer, Request, Verdict};
use serde_json::Value;

use super::members::Members;
use crate::args::{Format, SimulateArgs};
use crate::exit::ExitCode;
use crate::failure::Failure;
use crate::question::overrides::Overrides;
use crate::question::spoken::in_flags;
use crate::question::world;
use crate::render::{json, text};
use crate::run::Run;

/// Answers the request of `--request`, or of the flags.
pub(super) fn run(args: &SimulateArgs, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    let mut options = world::options(&args.world.read);
    let loaded = world::early(&args.world.read, &mut options, run)?;
    let names = &options.names;
    world::check_name("--principal", args.question.principal.as_ref(), names)?;
    world::check_name("--resource", args.question.asked.resource.as_ref(), names)?;
    let args = &super::named(args, names);
    let mut overrides = super::overrides(&args.question, run)?;
    let (mut requests, is_list) = requests(args, &overrides, &options, run)?;
    if args.world.read.infer
        && let Some(first) = requests.first()
    {
        let named = (first.caller.account.clone(), first.region.clone());
        world::infer(&args.world.read, &mut options.params, named, run);
    }
    for request in &requests {
        let wrong = overrides.check(request);
        if wrong.has_errors() {
            return Err(Failure::from(wrong));
        }
    }
    let mut loose = world::for_question(
        &args.world,
        loaded,
        &args.question.circumstances.session_policy,
        Some(subject(&requests, args)?),
        &options,
        run,
    )?;
    overrides.add_session(&mut loose);
    for request in &mut requests {
        run.clock.fill(&mut request.now);
        overrides.apply_session(
            &mut request.session_policies,
            &mut request.session_policy_rejected,
        );
    }
    let engine = Engine::compile(loose.snapshot);
    let mut answers: Vec<Answer> = requests
        .iter()
        .map(|request| Answer::new(&engine, request, args))
        .collect();
    let mut members = Members::default();
    for (answer, request) in answers.iter_mut().zip(&requests) {
        members.point(&mut answer.explanation, request.place.as_ref());
    }
    write(&answers, is_list, args, run)?;
    let codes = answers
        .iter()
        .map(|answer| args.exit_rules().explanation(&answer.explanation));
    Ok(codes.fold(ExitCode::Success, ExitCode::worse))
}

/// One answer, with what would mend it.
struct Answer {
    explanation: Explanation,
    advice: Advice,
    situation: text::Situation,
}

impl Answer {
    fn new(engine: &Engine, request: &Request, args: &SimulateArgs) -> Self {
        let mut explanation = engine.explain(request, args.detail());
        let is_open = explanation.verdict == Verdict::Depends;
        if is_open && args.output.format == Format::Text {
            // Only the layers tell on which statements the answer hangs.
            explanation = engine.explain(request, Detail::Full);
        }
        let advice = job::advise(engine, request, &explanation);
        if args.question.request.is_none() {
            for error in &mut explanation.errors {
                error.message = in_flags(&error.message);
                error.help = error.help.as_deref().map(in_flags);
            }
            for warning in &mut explanation.warnings {
                warning.help = in_flags(&warning.help);
            }
        }
        Self {
            explanation,
            advice,
            situation: situation(request, engine, args),
        }
    }

    fn json(&self) -> Value {
        json::advised(&self.explanation, &self.advice)
    }
}

/// The situation, as the flags have it. What a flag gives and is not loaded all the same was refused.
pub(super) fn situation(
    request: &Request,
    engine: &Engine,
    args: &SimulateArgs,
) -> text::Situation {
    let mut situation = text::Situation::of(request, engine);
    situation.is_of_flags = args.world.read.snapshot.is_empty();
    if situation.is_of_flags {
        let world = &args.world.loose;
        let resource = [
            &world.key_policy,
            &world.resource_policy,
            &world.trust_policy,
        ];
        let given = [
            (Layer::Identity, !world.identity_policy.is_empty()),
            (Layer::Boundary, world.boundary.is_some()),
            (Layer::Scp, !world.scp.is_empty()),
            (Layer::Rcp, !world.rcp.is_empty()),
            (Layer::Resource, resource.iter().any(|path| path.is_some())),
        ];
        let not_loaded = &engine.snapshot().layers_not_loaded;
        let refused = given
            .iter()
            .filter(|(layer, is_given)| *is_given && not_loaded.contains(layer));
        situation
            .rejected
            .extend(refused.map(|(layer, _)| layer.name()));
    }
    situation
}

/// The requests, and whether they are a list even if there is but one.
fn requests(
    args: &SimulateArgs,
    overrides: &Overrides,
    options: &Options,
    run: &mut Run<'_, '_>,
) -> Result<(Vec<Request>, bool), Failure> {
    let Some(path) = &args.question.request else {
        return Ok((vec![overrides.request()?], false));
    };
    let loaded = request::read(path, &run.disk, options, &overrides.fallback());
    let mut requests = run.accept(loaded)?;
    for request in &mut requests {
        overrides.apply(request);
    }
    let is_list = requests.len() != 1;
    Ok((requests, is_list))
}

/// Whom and what loose policy files belong to.
fn subject<'r>(requests: &'r [Request], args: &SimulateArgs) -> Result<Subject<'r>, Failure> {
    let Some(first) = requests.first() else {
        return Err(Failure::usage("the file of `--request` holds no request"));
    };
    let same = |one: &Request| one.caller == first.caller && resource_of(one) == resource_of(first);
    if args.world.read.snapshot.is_empty() && !requests.iter().all(same) {
        return Err(Failure::usage(
            "policy files given one by one belong to one principal and one resource; the requests name several: \
             give a `--snapshot`",
        ));
    }
    Ok(Subject {
        caller: &first.caller,
        resource: resource_of(first),
        resource_account: first.resource_account.as_deref(),
        region: first.region.as_deref(),
    })
}

fn write(
    answers: &[Answer],
    is_list: bool,
    args: &SimulateArgs,
    run: &mut Run<'_, '_>,
) -> Result<(), Failure> {
    match args.output.format {
        Format::Text => {
            for (index, answer) in answers.iter().enumerate() {
                let gap = if index == 0 { "" } else { "\n" };
                let answer = text::request(
                    &answer.explanation,
                    &answer.situation,
                    &answer.advice,
                    args.output.explain,
                    run.out.width(),
                );
                run.out.write(&format!("{gap}{answer}"))?;
            }
        }
        Format::Json => {
            let mut values: Vec<Value> = answers.iter().map(Answer::json).collect();
            let document = match values.pop() {
                Some(one) if !is_list => one,
                last => {
                    values.extend(last);
                    Value::Array(values)
                }
            };
            run.out.write_bytes(json::document(&document).as_bytes())?;
        }
        Format::Jsonl => {
            for answer in answers {
                run.out.write_bytes(json::line(&answer.json()).as_bytes())?;
            }
        }
    }
    Ok(())
}
