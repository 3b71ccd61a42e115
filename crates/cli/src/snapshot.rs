//! `preclear snapshot`: what was loaded, from where, and what is missing to answer with certainty.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use preclear_inputs::missing::{Missing, missing, taken_as_none};
use preclear_inputs::snapshot::{Survey, survey};
use preclear_inputs::{GivenBy, Options, Params, normal};
use preclear_model::Policy;
use preclear_simulator::snapshot::OrganizationNode;
use preclear_simulator::{Layer, Snapshot};
use serde_json::{Value, json};

use crate::args::{Format, SnapshotCommand};
use crate::exit::ExitCode;
use crate::failure::Failure;
use crate::render::json as print;
use crate::run::Run;

/// Loads the inputs and tells about them.
pub(crate) fn run(args: &SnapshotCommand, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    let mut params: Params = args
        .param
        .iter()
        .map(|pair| (pair.name.as_str(), pair.value.as_str()))
        .collect();
    params.given_by = GivenBy::Param;
    let options = Options {
        params,
        lenient: args.lenient,
        keep_going: args.keep_going,
        ..Options::default()
    };
    let loaded = survey(&args.paths, &run.disk, &options);
    let survey = run.accept(loaded)?;
    let missing = missing(&survey.snapshot);
    if let Some(path) = &args.out {
        write(path, &print::document(&normal::file(&survey.snapshot)))?;
    }
    match args.format {
        Format::Text => run.out.write(&text(&survey, &missing, args.explain))?,
        Format::Json => {
            let document = print::document(&report(&survey, &missing));
            run.out.write_bytes(document.as_bytes())?;
        }
        Format::Jsonl => {
            let line = print::line(&report(&survey, &missing));
            run.out.write_bytes(line.as_bytes())?;
        }
    }
    Ok(ExitCode::Success)
}

/// Writes the file; one that holds something else is never overwritten.
fn write(path: &Path, content: &str) -> Result<(), Failure> {
    let failed = |error| Failure::File {
        path: path.to_owned(),
        error,
    };
    match fs::read(path) {
        Ok(known) if known == content.as_bytes() => return Ok(()),
        Ok(_) => {
            let why =
                "it is there already and holds something else; remove it, or name another file";
            return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, why)));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    fs::write(path, content).map_err(failed)
}

/// A thing of the snapshot with its policies, each with what it is to the thing.
struct Thing<'s> {
    kind: &'static str,
    name: &'s str,
    policies: Vec<(&'static str, &'s Policy)>,
}

/// Everything that is listed, in the order of the snapshot.
fn things(snapshot: &Snapshot) -> Vec<Thing<'_>> {
    let mut things = Vec::new();
    if let Some(organization) = &snapshot.organization {
        let nodes = [("root", std::slice::from_ref(&organization.root))];
        let below = [
            ("unit", organization.units.as_slice()),
            ("account", organization.accounts.as_slice()),
        ];
        for (kind, nodes) in nodes.into_iter().chain(below) {
            things.extend(nodes.iter().map(|node| of_node(kind, node)));
        }
    }
    for principal in &snapshot.principals {
        let own = principal.policies.value().into_iter().flatten();
        let mut policies: Vec<_> = own.map(|policy| ("policy", &**policy)).collect();
        let boundary = principal.boundary.value();
        policies.extend(boundary.map(|policy| ("boundary", &**policy)));
        policies.extend(principal.trust.value().map(|policy| ("trust", &**policy)));
        let is_user = principal.arn.resource_type() == Some("user");
        things.push(Thing {
            kind: if is_user { "user" } else { "role" },
            name: principal.arn.as_str(),
            policies,
        });
    }
    for group in &snapshot.groups {
        let own = group.policies.value().into_iter().flatten();
        things.push(Thing {
            kind: "group",
            name: group.arn.as_str(),
            policies: own.map(|policy| ("policy", &**policy)).collect(),
        });
    }
    for key in &snapshot.keys {
        let both = [("policy", &key.policy), ("ram_policy", &key.ram_policy)];
        let policies = both
            .into_iter()
            .filter_map(|(kind, policy)| Some((kind, &**policy.value()?)));
        things.push(Thing {
            kind: "key",
            name: key.arn.as_str(),
            policies: policies.collect(),
        });
    }
    for resource in &snapshot.resources {
        let policy = resource.policy.value().into_iter();
        things.push(Thing {
            kind: "resource",
            name: resource.arn.as_str(),
            policies: policy.map(|policy| ("policy", &**policy)).collect(),
        });
    }
    for endpoint in &snapshot.vpc_endpoints {
        let policy = endpoint.policy.value().into_iter();
        things.push(Thing {
            kind: "vpc_endpoint",
            name: &endpoint.id,
            policies: policy.map(|policy| ("policy", &**policy)).collect(),
        });
    }
    things
}

fn of_node<'s>(kind: &'static str, node: &'s OrganizationNode) -> Thing<'s> {
    let scps = node.scps.value().into_iter().flatten();
    let rcps = node.rcps.value().into_iter().flatten();
    let mut policies: Vec<_> = scps.map(|policy| ("scp", &**policy)).collect();
    policies.extend(rcps.map(|policy| ("rcp", &**policy)));
    Thing {
        kind,
        name: &node.id,
        policies,
    }
}

/// Where a policy stands: the file, and the line in it.
fn place(policy: &Policy) -> (String, u32) {
    let place = policy.source.place(policy.span).outermost();
    (place.source.name.clone(), place.locate().position.line)
}

/// How many of each kind there are.
fn counts(things: &[Thing<'_>]) -> Vec<(&'static str, usize)> {
    const KINDS: [&str; 9] = [
        "root",
        "unit",
        "account",
        "user",
        "role",
        "group",
        "key",
        "resource",
        "vpc_endpoint",
    ];
    let count = |kind| things.iter().filter(|thing| thing.kind == kind).count();
    let counts = KINDS.into_iter().map(|kind| (kind, count(kind)));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn report(survey: &Survey, missing: &[Missing]) -> Value {
    let snapshot = &survey.snapshot;
    let things = things(snapshot);
    let files: Vec<Value> = survey
        .files
        .iter()
        .map(|(path, format)| json!({"file": path.display().to_string(), "format": format}))
        .collect();
    let loaded: Vec<Value> = things
        .iter()
        .map(|thing| {
            let policies = thing.policies.iter().map(|(kind, policy)| {
                let (file, line) = place(policy);
                json!({"kind": kind, "name": policy.name, "file": file, "line": line})
            });
            let policies: Vec<Value> = policies.collect();
            json!({"kind": thing.kind, "name": thing.name, "policies": policies})
        })
        .collect();
    let missing: Vec<Value> = missing.iter().map(missing_thing).collect();
    let assumed = taken_as_none(snapshot);
    let assumed: Vec<Value> = assumed.iter().map(missing_thing).collect();
    let not_read: Vec<Value> = survey
        .not_read
        .iter()
        .map(|(path, why)| json!({"file": path.display().to_string(), "why": why}))
        .collect();
    let counts: serde_json::Map<String, Value> = counts(&things)
        .into_iter()
        .map(|(kind, count)| (kind.to_owned(), json!(count)))
        .collect();
    json!({
        "account": snapshot.account,
        "region": snapshot.region,
        "complete": snapshot.complete,
        "files": files,
        "counts": counts,
        "names": snapshot.names,
        "loaded": loaded,
        "missing": missing,
        "assumed_none": assumed,
        "not_read": not_read,
    })
}

fn missing_thing(one: &Missing) -> Value {
    json!({
        "layer": one.layer.map(Layer::name),
        "owner": one.owner,
        "what": one.what,
        "names": one.names,
        "help": one.help,
    })
}

/// How many owners are named for one kind of thing that is missing, without `--explain`.
const OWNERS_SHOWN: usize = 5;

fn text(survey: &Survey, missing: &[Missing], is_long: bool) -> String {
    let snapshot = &survey.snapshot;
    let things = things(snapshot);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "Loaded from");
    for (path, format) in &survey.files {
        let _ = writeln!(text, "  {}: {format}", path.display());
    }
    let _ = writeln!(text, "\nWhat is there");
    for (name, value) in [("account", &snapshot.account), ("Region", &snapshot.region)] {
        if let Some(value) = value {
            let _ = writeln!(text, "  short names mean {name} {value}");
        }
    }
    for (kind, count) in counts(&things) {
        let _ = writeln!(text, "  {count} × {kind}");
    }
    if is_long {
        for thing in &things {
            let _ = writeln!(text, "\n  {} {}", thing.kind, thing.name);
            for (kind, policy) in &thing.policies {
                let (file, line) = place(policy);
                let _ = writeln!(text, "    {kind} {} ({file}:{line})", policy.name);
            }
        }
        if !snapshot.names.is_empty() {
            let _ = writeln!(text, "\n  Names that questions may use");
            for (name, arn) in &snapshot.names {
                let _ = writeln!(text, "    {name} = {arn}");
            }
        }
    }
    if !survey.not_read.is_empty() {
        let _ = writeln!(text, "\nNamed, and not read");
        for (_, why) in &survey.not_read {
            let _ = writeln!(text, "  {why}");
        }
    }
    let assumed = taken_as_none(snapshot);
    if !assumed.is_empty() {
        let _ = writeln!(
            text,
            "\nTaken as none, because the snapshot says `complete: true`"
        );
        for one in &assumed {
            let _ = writeln!(text, "  {}\n    = {}", one.what, one.help);
        }
    }
    if missing.is_empty() {
        match (survey.not_read.is_empty(), assumed.is_empty()) {
            (true, true) => text.push_str("\nNothing is missing.\n"),
            (true, false) => text.push_str("\nNothing else is missing.\n"),
            // Nobody knows what the files say that were not read.
            (false, _) => {}
        }
        return text;
    }
    let _ = writeln!(text, "\nMissing to answer with certainty");
    let mut rest = missing;
    while let Some(first) = rest.first() {
        let is_alike = |one: &Missing| one.layer == first.layer && one.what == first.what;
        let alike: Vec<&Missing> = missing.iter().filter(|one| is_alike(one)).collect();
        let is_shown_before = missing
            .iter()
            .take(missing.len() - rest.len())
            .any(is_alike);
        rest = rest.get(1..).unwrap_or_default();
        if is_shown_before {
            continue;
        }
        let layer = first
            .layer
            .map(|layer| format!(" (layer {})", layer.name()));
        let _ = writeln!(text, "  {}{}", first.what, layer.unwrap_or_default());
        let shown = if is_long { alike.len() } else { OWNERS_SHOWN };
        let owners = alike
            .iter()
            .filter_map(|one| Some((one.owner.as_ref()?, &one.names)));
        let owners: Vec<_> = owners.collect();
        for (owner, names) in owners.iter().take(shown) {
            let names = match names.is_empty() {
                true => String::new(),
                false => format!(": {}", names.join(", ")),
            };
            let _ = writeln!(text, "    of {owner}{names}");
        }
        if owners.len() > shown {
            let _ = writeln!(
                text,
                "    and of {} more (`--explain` lists them)",
                owners.len() - shown
            );
        }
        let _ = writeln!(text, "    = {}", first.help);
    }
    text
}
