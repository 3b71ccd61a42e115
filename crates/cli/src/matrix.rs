//! `preclear matrix`: principals × actions × resources, as a table. Rule: UI-21.

mod axes;
mod cells;
mod print;

use std::sync::Arc;

use preclear_model::caller::{Caller, CallerKind};
use preclear_model::{Diagnostic, Diagnostics, Source, Span};
use preclear_simulator::{Ask, Detail, Engine, Operability, Request, Snapshot, Verdict, Warning};

use crate::args::{AskedArgs, AxesArgs, MatrixArgs};
use crate::exit::{ExitCode, ExitRules};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::question::overrides::Overrides;
use crate::question::{placeholders, pool, world};
use crate::render::Counts;
use crate::run::Run;
use cells::Cells;
use print::Printer;

/// Cells that cannot be asked of which it is told why.
const REFUSED_MAX: usize = 16;

/// Actions of which it is looked whether a condition key is one of theirs.
const ACTIONS_MAX: usize = 256;

/// Decides every cell and prints them.
pub(crate) fn run(args: &MatrixArgs, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    let mut args = args.clone();
    if args.read.snapshot.is_empty() {
        return Err(Failure::usage(
            "there are no policies to decide against: give `--snapshot PATH`",
        ));
    }
    placeholders::check_once(&args.read)?;
    let mut options = world::options(&args.read);
    if args.read.infer {
        let told = &args.circumstances;
        let named = (told.account.clone(), told.region.clone());
        world::infer(&args.read, &mut options.params, named, run);
    }
    fill(&mut args, &options.params)?;
    let mut overrides = overrides(&args, run)?;
    let snapshot = world::snapshot(&args.read, &options, run)?;
    let session = &args.circumstances.session_policy;
    let mut loose = world::session_policies(session, &options, run)?;
    overrides.add_session(&mut loose);

    let AxesArgs {
        principals,
        actions,
        resources,
        threads,
    } = &args.axes;
    let callers = axes::callers(&snapshot, principals)?;
    let actions = axes::actions(actions)?;
    let resources = axes::resources(&snapshot, resources, &actions)?;
    let cells = Cells::new(callers, actions, resources);
    let pool = pool(*threads)?;
    let mut base = Request::new(nobody(), Ask::Action(String::new()));
    overrides.apply(&mut base);
    run.clock.fill(&mut base.now);
    let engine = Engine::compile(snapshot);

    run.warn(&idle(&cells, engine.snapshot()))?;
    run.warn(&warnings(&args.axes, &cells, &engine, &base))?;
    run.warn(&about_circumstances(&args, &cells, &engine, &base))?;
    if cells.count() == 0 {
        return Err(Failure::usage(
            "there is no cell: none of the actions takes any of the resources, or nobody asks",
        ));
    }
    let only: Vec<Verdict> = args.output.only.iter().map(|one| (*one).into()).collect();
    let mut printer = Printer::new(&cells, args.output.format, &only, base.via.is_empty());
    let mut progress = Progress::start(run.err.is_terminal(), "cell").of(cells.count());
    let mut counts = Counts::default();
    let mut refused = Vec::new();
    printer.begin(run.out)?;
    cells.decide(&engine, &base, &pool, |row| {
        for (place, verdict) in std::iter::zip(row.places, &row.verdicts) {
            counts.add(*verdict, 1);
            if *verdict == Verdict::Invalid && refused.len() < REFUSED_MAX {
                refused.push((row.caller, row.action, *place));
            }
        }
        printer.add(row, run.out)?;
        progress.show(counts.total(), run.err)?;
        Ok::<bool, Failure>(!run.out.reader_is_gone())
    })?;
    progress.clear(run.err)?;
    printer.finish(&counts, run.out)?;
    tell_refused(&refused, &cells, &engine, &base, run)?;
    run.warn(&placeholders::unused(&args.read))?;
    let rules = ExitRules {
        strict: args.output.strict,
        exit_zero: args.output.exit_zero,
    };
    Ok(code(&counts, rules))
}

/// The worst of all cells. Rule: UI-1.
fn code(counts: &Counts, rules: ExitRules) -> ExitCode {
    let found = counts.all().filter(|(_, count)| *count > 0);
    let codes = found.map(|(verdict, _)| rules.verdict(verdict, &Operability::NotAsked));
    codes.fold(ExitCode::Success, ExitCode::worse)
}

/// Whom requests are about until somebody is put in their place.
fn nobody() -> Caller {
    Caller::new(CallerKind::Anonymous, None, None)
}

fn fill(args: &mut MatrixArgs, params: &preclear_inputs::Params) -> Result<(), Failure> {
    let mut no_question = AskedArgs::default();
    placeholders::fill_question(&mut no_question, &mut args.circumstances, params)?;
    let lists = [
        ("--principals", &mut args.axes.principals),
        ("--actions", &mut args.axes.actions),
        ("--resources", &mut args.axes.resources),
    ];
    for (flag, texts) in lists {
        for text in texts {
            placeholders::fill(flag, text, params)?;
        }
    }
    Ok(())
}

fn overrides(args: &MatrixArgs, run: &mut Run<'_, '_>) -> Result<Overrides, Failure> {
    Overrides::new(None, &AskedArgs::default(), &args.circumstances, run)
}

/// What no cell is about.
fn idle(cells: &Cells, snapshot: &Snapshot) -> Diagnostics {
    let actions: Vec<&str> = cells.idle_actions().map(|one| one.name.as_str()).collect();
    let resources: Vec<&str> = cells.idle_resources().collect();
    let told = [
        ("--actions", actions, "takes none of the resources"),
        ("--resources", resources, "is taken by none of the actions"),
    ];
    // Of buckets nothing but the objects that differ is listed.
    let about_objects = cells.idle_actions().find_map(|action| {
        let mut buckets = axes::buckets(snapshot);
        let bucket = buckets.find(|bucket| action.takes(&format!("{bucket}/x")))?;
        Some(axes::how_to_ask_of_objects(bucket))
    });
    let help = |flag: &str| {
        match &about_objects {
        Some(help) if flag == "--actions" => help.clone(),
        _ => "an action is asked about resources of the types that it takes: name one, or leave it out"
            .to_owned(),
    }
    };
    let told = told.into_iter().filter_map(|(flag, names, why)| {
        let first = names.first()?;
        let more = match names.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let text = names.join(" ");
        let source = Arc::new(Source::new(flag, text));
        let message = format!("`{first}`{more} {why}, so it has no cell");
        let told = Diagnostic::warning("NOT_ASKED", message)
            .rule("UI-21")
            .at(source.place(Span::new(0, first.len())))
            .help(help(flag));
        Some(told)
    });
    Diagnostics(told.collect())
}

/// What looks wrong with names that are given in full: each is explained once.
fn warnings(axes: &AxesArgs, cells: &Cells, engine: &Engine, base: &Request) -> Diagnostics {
    let mut told: Vec<Diagnostic> = Vec::new();
    let mut explain = |cell: (usize, usize, usize), flag: &'static str, text: &str| {
        let Some(request) = cells.request(base, cell) else {
            return;
        };
        let own = engine.explain(&request, Detail::Reasons).warnings;
        for warning in own
            .iter()
            .filter(|one| one.message.contains(&format!("`{text}`")))
        {
            let warning = placed(warning, flag, text);
            if !told.iter().any(|one| one.message == warning.message) {
                told.push(warning);
            }
        }
    };
    let is_given = |list: &[String], name: &str| {
        let mut list = list.iter();
        list.any(|one| one.eq_ignore_ascii_case(name) && !axes::is_pattern(one))
    };
    for (place, action) in cells.actions.iter().enumerate() {
        let resource = cells.resources.iter().position(|one| action.takes(one));
        if is_given(&axes.actions, &action.name)
            && let Some(resource) = resource
        {
            explain((0, place, resource), "--actions", &action.name);
        }
    }
    let first = |resource: &str| cells.actions.iter().position(|one| one.takes(resource));
    for (place, resource) in cells.resources.iter().enumerate() {
        if is_given(&axes.resources, resource)
            && let Some(action) = first(resource)
        {
            explain((0, action, place), "--resources", resource);
        }
    }
    for (place, caller) in cells.callers.iter().enumerate() {
        let name = caller.display_arn();
        let pair = cells
            .actions
            .iter()
            .enumerate()
            .find_map(|(action, asked)| {
                let resource = cells.resources.iter().position(|one| asked.takes(one))?;
                Some((action, resource))
            });
        if is_given(&axes.principals, &name)
            && let Some((action, resource)) = pair
        {
            explain((place, action, resource), "--principals", &name);
        }
    }
    Diagnostics(told)
}

/// Circumstances that look wrong whatever is asked. What only some actions do not carry is left to them.
fn about_circumstances(
    args: &MatrixArgs,
    cells: &Cells,
    engine: &Engine,
    base: &Request,
) -> Diagnostics {
    const WHATEVER: [&str; 4] = [
        "CONTEXT_VALUE_NOT_OF_TYPE",
        "CONTEXT_CONTRADICTS_REQUEST",
        "PARAMETERS_NOT_USED",
        "UNKNOWN_VIA_SERVICE",
    ];
    const OF_ACTION: &str = "CONTEXT_KEY_NOT_FOR_ACTION";
    let mut told: Vec<Warning> = Vec::new();
    // Told by every action so far, each with the action's name left out.
    let mut by_all: Option<Vec<(String, Warning)>> = None;
    for (place, action) in cells.actions.iter().take(ACTIONS_MAX).enumerate() {
        let resource = cells.resources.iter().position(|one| action.takes(one));
        let request = resource.and_then(|resource| cells.request(base, (0, place, resource)));
        let Some(request) = request else { continue };
        let mut own = Vec::new();
        for warning in engine.explain(&request, Detail::Reasons).warnings {
            if warning.code == OF_ACTION {
                own.push((warning.message.replace(&action.name, ""), warning));
            } else if WHATEVER.contains(&warning.code)
                && !told.iter().any(|one| one.code == warning.code)
            {
                told.push(warning);
            }
        }
        match &mut by_all {
            None => by_all = Some(own),
            Some(all) => all.retain(|(text, _)| own.iter().any(|(one, _)| one == text)),
        }
    }
    told.extend(by_all.into_iter().flatten().map(|(_, warning)| warning));
    let context = args.circumstances.context.iter();
    let context = context.map(|pair| format!("{}={}", pair.name, pair.value));
    let context = context.collect::<Vec<_>>().join(" ");
    let told = told
        .iter()
        .map(|warning| placed(warning, "--context", &context));
    Diagnostics(told.collect())
}

fn placed(warning: &Warning, flag: &'static str, text: &str) -> Diagnostic {
    let told = Diagnostic::warning(warning.code, warning.message.clone())
        .rule(warning.rule)
        .help(warning.help.clone());
    match &warning.place {
        Some(place) => told.at(place.clone()),
        None => told.at(flag_place(flag, text)),
    }
}

fn flag_place(flag: &str, text: &str) -> preclear_model::Place {
    let source = Arc::new(Source::new(flag, text));
    source.place(Span::new(0, text.len()))
}

/// Why cells cannot be asked, each reason once.
fn tell_refused(
    refused: &[(usize, usize, usize)],
    cells: &Cells,
    engine: &Engine,
    base: &Request,
    run: &mut Run<'_, '_>,
) -> Result<(), Failure> {
    let mut told: Vec<Diagnostic> = Vec::new();
    for cell in refused {
        let Some(request) = cells.request(base, *cell) else {
            continue;
        };
        for error in engine.explain(&request, Detail::Reasons).errors {
            if told.iter().any(|one| one.message == error.message) {
                continue;
            }
            let text = request.resource.as_deref().unwrap_or_default();
            let place = error.place.clone();
            let place = place.unwrap_or_else(|| flag_place("--resources", text));
            told.push(error.at(place));
        }
    }
    run.warn(&Diagnostics(told))
}
