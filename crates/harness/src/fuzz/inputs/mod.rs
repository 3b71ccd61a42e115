//! What other tools print, changed a little: plans and states of Terraform, templates of CloudFormation, outputs of the AWS CLI.
//!
//! Bytes are choices: a file of real shape, values of it that are replaced, taken out or put elsewhere, and one value that is known
//! in one reading and unknown in the other. Raw bytes would hardly ever be a plan.
//!
//! What must be true of any: the readers do not panic; every finding has a place and a remedy; the normal form says the same; a
//! template says the same in YAML as in JSON. And of two readings of which one knows less, **each answer of the second is that of
//! the first, or `depends`**.
//!
//! # What may differ
//!
//! What a thing is called is not made unknown: its ARN would be another one, and so would be the question. A resource whose condition
//! is not determined counts as made (docs/inputs.md), so of conditions only those of attachments are made unknown: policies,
//! permissions, aliases, memberships. Whether a policy denies or nothing allows is one answer. In closed mode tags that are not known
//! count as absent, so questions are asked in open mode, with what calls have stated.

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use preclear_inputs::files::MemoryFiles;
use preclear_inputs::{Loaded, Options, snapshot};
use preclear_model::Diagnostics;
use preclear_simulator::{Detail, Engine, Snapshot};
use serde_json::{Map, Value, json};

use super::{Finding, again, hold, place, same};
use crate::choose::{Bytes, Choose};

mod mutate;
mod plan;
mod template;
mod yaml;

/// The directory that the files stand in.
const ROOT: &str = "world";

/// Account of the files here.
const ACCOUNT: &str = "111122223333";

const PLAN: &str = include_str!("plan.json");
const TEMPLATE: &str = include_str!("template.json");
const OUTPUTS: &str = include_str!("outputs.json");

/// Changes that may be made before a value is made unknown.
const CHANGES_MAX: usize = 3;

/// Draws files, changes them, and holds what is read with a value known against what is read without.
///
/// # Errors
/// A definite answer that is another one where less is known, a finding without a place, a normal form that says something else.
///
/// ```
/// preclear_harness::fuzz::inputs::oracle(b"any bytes at all").unwrap();
/// ```
pub fn oracle(data: &[u8]) -> Result<(), Finding> {
    let choices = &mut Bytes::new(data);
    let (known, unknown) = match choices.below(4) {
        0 => plans(choices),
        1 => templates(choices)?,
        2 => outputs(choices),
        _ => states(choices),
    };
    let before = known.read();
    check(&before)?;
    let Some(unknown) = unknown else {
        return written(&before, &known);
    };
    let after = unknown.read();
    check(&after)?;
    // The one with more to write of.
    written(&after, &unknown)?;
    if let (Ok(before), Ok(after)) = (before, after) {
        less_definite(before.value, after.value)
            .map_err(|found| Finding::new(format!("{found}\n{}", difference(&known, &unknown))))?;
    }
    Ok(())
}

/// Files by their paths, and whether a file says that nothing else exists.
#[derive(Debug, Clone, PartialEq)]
struct World {
    files: BTreeMap<String, String>,
    params: Vec<(String, String)>,
}

impl World {
    fn of(files: impl IntoIterator<Item = (String, String)>, is_complete: bool) -> World {
        let mut files: BTreeMap<String, String> = files.into_iter().collect();
        if is_complete {
            let text = "preclear: 1\ncomplete: true\n".to_owned();
            files.insert("complete.yaml".to_owned(), text);
        }
        World {
            files,
            params: Vec::new(),
        }
    }

    fn read(&self) -> Read {
        let files = self.files.iter();
        let files: MemoryFiles = files
            .map(|(path, text)| (FilePath::new(ROOT).join(path), text.as_str()))
            .collect();
        let options = Options {
            params: self
                .params
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect(),
            ..Options::default()
        };
        snapshot::load([FilePath::new(ROOT)], &files, &options)
    }
}

type Read = Result<Loaded<Snapshot>, Diagnostics>;

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Changes a document a few times, mostly not at all.
fn change(choices: &mut impl Choose, document: &mut Value) {
    if !choices.once_in(3) {
        return;
    }
    for _ in 0..=choices.below(CHANGES_MAX) {
        mutate::mutate(choices, document);
    }
}

fn plans(choices: &mut impl Choose) -> (World, Option<World>) {
    let mut document = parsed(PLAN);
    let is_complete = !choices.once_in(3);
    if choices.once_in(4) {
        plan::moved(choices, &mut document);
    }
    let before = document.clone();
    change(choices, &mut document);
    let refers_rightly = document == before;
    let mut unknown = Vec::new();
    for _ in 0..=choices.below(2) {
        unknown.extend(plan::unknown(choices, &mut document, refers_rightly));
    }
    let mut less = document.clone();
    plan::forget(&mut less, &unknown);
    let world = |document: &Value, unknown: &[plan::Unknown]| {
        let text = plan::printed(document, unknown);
        World::of([("plan.json".to_owned(), text)], is_complete)
    };
    (world(&document, &[]), Some(world(&less, &unknown)))
}

fn states(choices: &mut impl Choose) -> (World, Option<World>) {
    let mut document = parsed(PLAN);
    if choices.once_in(4) {
        plan::moved(choices, &mut document);
    }
    let values = document.get("planned_values").cloned();
    let mut state =
        json!({"format_version": "1.0", "terraform_version": "1.9.8", "values": values});
    change(choices, &mut state);
    let files = [("state.json".to_owned(), state.to_string())];
    (World::of(files, choices.once_in(2)), None)
}

/// A template, with a parameter that has a value in one reading and none in the other.
fn templates(choices: &mut impl Choose) -> Result<(World, Option<World>), Finding> {
    let mut document = parsed(TEMPLATE);
    change(choices, &mut document);
    let mut defaults = Vec::new();
    for _ in 0..=choices.below(2) {
        defaults.extend(template::unknown(choices, &mut document));
    }
    let is_given = choices.once_in(2);
    let is_complete = !choices.once_in(3);
    let home = |world: World| {
        let text = format!("preclear: 1\naccount: \"{ACCOUNT}\"\nregion: us-west-2\n");
        let mut world = world;
        world.files.insert("home.yaml".to_owned(), text);
        world
    };
    let less = document.clone();
    let mut params = Vec::new();
    for (name, value) in defaults {
        if is_given {
            params.push((name, value));
        } else {
            document["Parameters"][&name]["Default"] = json!(value);
        }
    }
    let world = |document: &Value, params: &[(String, String)]| {
        let files = [("template.json".to_owned(), document.to_string())];
        let mut world = home(World::of(files, is_complete));
        world.params = params.to_vec();
        world
    };
    let known = world(&document, &params);
    let as_yaml = home(World {
        params: params.clone(),
        ..World::of(
            [("template.yaml".to_owned(), yaml::printed(&document))],
            is_complete,
        )
    });
    if let (Ok(one), Ok(other)) = (known.read(), as_yaml.read()) {
        same(
            || format!("a template in YAML\n{}", yaml::printed(&document)),
            &again::text(&one.value),
            &again::text(&other.value),
        )?;
    }
    Ok((known, Some(world(&less, &[]))))
}

/// Outputs of commands, of which one is not there in the second reading.
fn outputs(choices: &mut impl Choose) -> (World, Option<World>) {
    let mut files = parsed(OUTPUTS);
    let none = Map::new();
    let count = files.as_object().unwrap_or(&none).len();
    let is_changed = choices.once_in(2);
    if is_changed {
        for _ in 0..=choices.below(CHANGES_MAX) {
            let at = choices.below(count);
            let file = files
                .as_object_mut()
                .and_then(|all| all.values_mut().nth(at));
            if let Some(file) = file {
                mutate::mutate(choices, file);
            }
        }
    }
    // Only where other things may exist an output that is not there leaves something open.
    let is_complete = choices.once_in(4);
    let files: Vec<(String, String)> = files
        .as_object()
        .unwrap_or(&none)
        .iter()
        .map(|(path, value)| (path.clone(), value.to_string()))
        .collect();
    let left_out = choices.below(files.len());
    let known = World::of(files.clone(), is_complete);
    let fewer = files.into_iter().enumerate();
    let fewer = fewer
        .filter(|(at, _)| *at != left_out)
        .map(|(_, file)| file);
    let unknown = World::of(fewer, is_complete);
    (known, (!is_complete && !is_changed).then_some(unknown))
}

/// What is true of any reading.
fn check(read: &Read) -> Result<(), Finding> {
    let found = match read {
        Ok(loaded) => &loaded.diagnostics,
        Err(found) => found,
    };
    place::check(found)?;
    hold(read.is_ok() != found.has_errors(), || format!("{found}"))?;
    for finding in found {
        let names_file = || finding.message.contains(ROOT);
        hold(finding.place.is_some() || names_file(), || {
            format!("says nothing of where it is: {finding:?}")
        })?;
        hold(finding.help.is_some(), || {
            format!("says nothing of what to do: {finding:?}")
        })?;
    }
    Ok(())
}

/// What was read stands to be written and read again.
fn written(read: &Read, world: &World) -> Result<(), Finding> {
    let Ok(loaded) = read else { return Ok(()) };
    again::check(&loaded.value, false).map_err(|found| Finding::new(format!("{found}\n{world:#?}")))
}

/// Each answer of the second is that of the first, or left open.
fn less_definite(before: Snapshot, after: Snapshot) -> Result<(), Finding> {
    let mut asked = again::requests(&before);
    // What only the unknown value names is not there to be asked about.
    let listed: Vec<String> = after
        .resources
        .iter()
        .map(|one| one.arn.to_string())
        .collect();
    asked.retain(|request| {
        let resource = request.resource.as_deref().unwrap_or_default();
        let is_of_list =
            !resource.starts_with("arn:aws:kms:") && !resource.starts_with("arn:aws:iam:");
        let bare = resource.strip_suffix("/a/b").unwrap_or(resource);
        !is_of_list || listed.iter().any(|arn| arn == bare)
    });
    let (before, after) = (Engine::compile(before), Engine::compile(after));
    for request in &asked {
        let (first, second) = (before.decide(request), after.decide(request));
        hold(again::may_become(first, second), || {
            let why = |engine: &Engine| {
                let told = engine.explain(request, Detail::Reasons);
                format!("{:?}", told.primary.map(|reason| reason.code))
            };
            format!(
                "{first} ({}) where a value is known, {second} ({}) where it is not\n{}\n{}",
                why(&before),
                why(&after),
                again::shown(request),
                again::text(after.snapshot())
            )
        })?;
    }
    Ok(())
}

/// The files that differ.
fn difference(known: &World, unknown: &World) -> String {
    let mut told = String::new();
    for (path, text) in &known.files {
        let other = unknown.files.get(path);
        if other != Some(text) {
            let other = other.map_or("not there", String::as_str);
            told.push_str(&format!("-- {path} --\n{text}\n-- and --\n{other}\n"));
        }
    }
    format!("{told}{:?}", known.params)
}
