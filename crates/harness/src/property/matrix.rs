//! Every cell of a matrix is the decision of its request.
//!
//! Worlds get twins for it: keys, identities and buckets like those that are there but for a name, and sometimes for one thing more. So most
//! of them fall into one class, or just not.

use preclear_model::caller::Caller;
use preclear_simulator::{Axes, Matrix, Request, Verdict};
use serde_json::{Map, Value, json};

use super::batch::text;
use super::{Failed, Tally, World};
use crate::choose::Choose;
use crate::scenario::{Asked, Scenario, Violation};
use crate::world::read;

/// Requests whose parts make the axes.
const REQUESTS: usize = 5;
/// Twins that are tried of each kind.
const TWINS: usize = 5;

/// Asked beside what the requests ask for: some that many policies take for the same.
const ACTIONS: [&str; 10] = [
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GetKeyPolicy",
    "kms:GetPublicKey",
    "kms:ListKeyPolicies",
    "kms:EnableKey",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
];

/// Resources that no world lists.
const RESOURCES: [&str; 6] = [
    "arn:aws:kms:eu-west-1:111122223333:key/u1",
    "arn:aws:kms:eu-west-1:111122223333:key/u2",
    "arn:aws:kms:eu-west-1:444455556666:key/u1",
    "arn:aws:s3:::u/x",
    "arn:aws:s3:::u/y",
    "arn:aws:s3:::u",
];

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    let scenario = scenario(choices, &world)?;
    let Some(tried) = Tried::of(&scenario) else {
        return Ok(());
    };
    for verdict in [
        Verdict::Allow,
        Verdict::ExplicitDeny,
        Verdict::ImplicitDeny,
        Verdict::Depends,
    ] {
        tally.add_cells(tried.base.mode, verdict, tried.matrix.count(verdict));
    }
    tally.checks += tried.matrix.len();
    match tried.violation() {
        None => Ok(()),
        Some(violation) => Err(Failed::of(scenario, violation)),
    }
}

/// A world with twins, and the axes of a matrix about it.
pub(super) fn scenario(choices: &mut impl Choose, world: &World) -> Result<Scenario, Box<Failed>> {
    let mut snapshot = world.document.clone();
    let mut axes = Map::from_iter([("resources".to_owned(), json!(RESOURCES))]);
    let mut principals = Vec::new();
    for kind in ["keys", "principals", "resources"] {
        for number in 0..TWINS {
            if let Some(arn) = add_twin(choices, &mut snapshot, kind, number) {
                match kind {
                    "principals" => principals.push(json!(arn)),
                    _ => add(&mut axes, "resources", json!(arn)),
                }
            }
        }
    }
    for listed in list(&snapshot, "keys").iter().take(4) {
        add(&mut axes, "resources", listed["arn"].clone());
    }
    for bucket in list(&snapshot, "resources").iter().take(4) {
        for object in ["p", "q"] {
            let arn = text(bucket, "arn").unwrap_or_default();
            add(&mut axes, "resources", json!(format!("{arn}/{object}")));
        }
    }
    axes.insert("principals".to_owned(), principals.into());
    axes.insert("actions".to_owned(), json!(ACTIONS));
    let mut bases = Vec::new();
    for _ in 0..REQUESTS {
        let (document, _) = world.request(choices)?;
        for (axis, member) in [
            ("principals", "principal"),
            ("actions", "action"),
            ("resources", "resource"),
        ] {
            if let Some(value) = document.get(member) {
                add(&mut axes, axis, value.clone());
            }
        }
        bases.push(document);
    }
    let at = choices.below(bases.len());
    let mut base = bases.swap_remove(at);
    if choices.once_in(2)
        && let Some(members) = base.as_object_mut()
    {
        // They keep many things apart that policies do not.
        const APART: [&str; 4] = [
            "parameters",
            "encryption_context",
            "grant_tokens",
            "ciphertext_key",
        ];
        members.retain(|name, _| !APART.contains(&name.as_str()));
    }
    axes.insert("base".to_owned(), base);
    Ok(Scenario {
        snapshot,
        request: axes.into(),
        ..Scenario::default()
    })
}

fn list<'v>(document: &'v Value, kind: &str) -> &'v [Value] {
    let list = document.get(kind).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

fn add(axes: &mut Map<String, Value>, axis: &str, value: Value) {
    let entry = axes.entry(axis).or_insert_with(|| json!([]));
    if let Some(values) = entry.as_array_mut()
        && !values.contains(&value)
    {
        values.push(value);
    }
}

/// Adds something like what is there, under a name of its own; `None` where the snapshot takes no such thing.
pub(super) fn add_twin(
    choices: &mut impl Choose,
    snapshot: &mut Value,
    kind: &str,
    number: usize,
) -> Option<String> {
    let listed = list(snapshot, kind);
    if listed.is_empty() {
        return None;
    }
    let mut twin = listed.get(choices.below(listed.len()))?.clone();
    let other = listed.get(choices.below(listed.len()))?.clone();
    let like = text(&twin, "arn")?;
    let start = like.rfind(['/', ':'])? + 1;
    let arn = format!("{}t{number}", like.get(..start)?);
    let members = twin.as_object_mut()?;
    members.insert("arn".to_owned(), json!(arn));
    for unique in ["id", "alias", "aliases"] {
        if members.remove(unique).is_some() && choices.once_in(2) && unique == "aliases" {
            members.insert(unique.to_owned(), json!([format!("alias/t{number}")]));
        }
    }
    if choices.once_in(2) {
        let names: Vec<String> = members
            .keys()
            .filter(|name| *name != "arn")
            .cloned()
            .collect();
        if let Some(name) = names.get(choices.below(names.len().max(1))) {
            let member = other.get(name).filter(|_| choices.once_in(2));
            match member {
                Some(member) => members.insert(name.clone(), member.clone()),
                None => members.remove(name),
            };
        }
    }
    let mut tried = snapshot.clone();
    tried.get_mut(kind)?.as_array_mut()?.push(twin);
    read::snapshot(&tried).ok()?;
    *snapshot = tried;
    Some(arn)
}

/// A matrix, and what it is about.
struct Tried<'s> {
    scenario: &'s Scenario,
    engine: preclear_simulator::Engine,
    base: Request,
    documents: Vec<Value>,
    callers: Vec<Caller>,
    actions: Vec<String>,
    resources: Vec<String>,
    matrix: Matrix,
}

impl<'s> Tried<'s> {
    /// `None` where the documents are refused.
    fn of(scenario: &'s Scenario) -> Option<Self> {
        let engine = read::engine(&scenario.snapshot).ok()?;
        let axes = &scenario.request;
        let mut base = axes.get("base")?.clone();
        let (mut documents, mut callers) = (Vec::new(), Vec::new());
        for principal in list(axes, "principals") {
            let request =
                json!({"principal": principal, "action": "s3:GetObject", "resource": "*"});
            let Ok(request) = read::request(&request) else {
                continue;
            };
            documents.push(principal.clone());
            callers.push(request.caller);
        }
        let members = base.as_object_mut()?;
        if members.remove("operation").is_some() || !members.contains_key("action") {
            members.insert("action".to_owned(), json!("kms:Decrypt"));
        }
        let base = read::request(&base).ok()?;
        let texts = |axis| {
            let texts = list(axes, axis).iter().filter_map(Value::as_str);
            texts.map(str::to_owned).collect::<Vec<_>>()
        };
        let (actions, resources) = (texts("actions"), texts("resources"));
        let matrix = engine.matrix(&Axes {
            callers: &callers,
            actions: &actions,
            resources: &resources,
            base: &base,
        });
        Some(Self {
            scenario,
            engine,
            base,
            documents,
            callers,
            actions,
            resources,
            matrix,
        })
    }

    fn axes(&self) -> Axes<'_> {
        Axes {
            callers: &self.callers,
            actions: &self.actions,
            resources: &self.resources,
            base: &self.base,
        }
    }

    fn violation(&self) -> Option<Violation> {
        let axes = self.axes();
        let mut counted = 0;
        for caller in 0..self.callers.len() {
            for action in 0..self.actions.len() {
                let row: Vec<Verdict> = self.matrix.row(caller, action).collect();
                for resource in 0..self.resources.len() {
                    let request = axes.request(caller, action, resource)?;
                    let decided = self.engine.decide(&request);
                    let cell = self.matrix.verdict(caller, action, resource);
                    if cell != Some(decided) || row.get(resource) != Some(&decided) {
                        return Some(self.shown((caller, action, resource), cell, decided));
                    }
                    counted += u64::from(decided == Verdict::Allow);
                }
            }
        }
        let told = (
            self.matrix.count(Verdict::Allow),
            self.matrix.allowed().count() as u64,
        );
        (told != (counted, counted)).then(|| {
            Violation::new(format!(
                "{counted} cells are allowed, and the matrix tells {told:?}"
            ))
        })
    }

    fn shown(
        &self,
        (caller, action, resource): (usize, usize, usize),
        cell: Option<Verdict>,
        decided: Verdict,
    ) -> Violation {
        let (action, resource) = (&self.actions[action], &self.resources[resource]);
        let cell = cell.map_or("none", Verdict::name);
        let message = format!(
            "the cell of {} for {action} on {resource} is {cell}, and its decision {decided}; the axes are {}",
            self.documents[caller], self.scenario.request
        );
        let mut request = self.scenario.request["base"].clone();
        request["principal"] = self.documents[caller].clone();
        request["action"] = json!(action);
        request["resource"] = json!(resource);
        Violation::new(message).shown_by(vec![Asked {
            snapshot: self.scenario.snapshot.clone(),
            request,
            name: "the cell",
            expected: decided.name(),
        }])
    }
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    Tried::of(scenario)?.violation()
}
