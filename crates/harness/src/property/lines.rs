//! Lines that are read one after another by a reader and a decider that remember have the answers of each line alone.
//!
//! A line alone is read by a reader of its own and decided by [`Engine::decide`]; what is no request must be refused in the same words.
//! Most lines share their frame with others: everything but `id` and `resource`. They are written in many ways, and some of them are
//! wrong in one place. Lines that are JSON are held against request files too, which know nothing of lines.

mod spelling;

use std::path::Path;

use preclear_inputs::files::MemoryFiles;
use preclear_inputs::request::Fallback;
use preclear_inputs::{LineReader, Options, RequestLines, request};
use preclear_simulator::{Ask, Decider, Engine, Request, Verdict};
use serde_json::{Map, Value, json};

use self::spelling::Style;
use super::{Failed, Tally, World, matrix};
use crate::choose::{Choose, Seeded};
use crate::scenario::{Asked, Scenario, Violation};
use crate::world::read;

/// Requests of the world whose frames lines have, and the lines.
const REQUESTS: usize = 5;
const LINES: usize = 140;
/// Ways in which the lines of one world are written.
const STYLES: usize = 3;
/// Twins that are tried of each kind.
const TWINS: usize = 2;
/// More requests than a decider answers plainly before it remembers.
const PLAIN: usize = 256;

const FILE: &str = "requests.jsonl";

/// Ids, and values of other types.
const IDS: [&str; 10] = [
    "\"r1\"",
    "\"r2\"",
    "\"a longer one\"",
    "\"\"",
    "\"say \\\"id\\\"\"",
    "\"é\\u0007\"",
    "\"<b>\"",
    "\"<an-id>\"",
    "7",
    "null",
];

/// Resources that no world has, some of them to be filled in, and values of other types.
const RESOURCES: [&str; 14] = [
    "\"*\"",
    "\"arn:aws:s3:::u/x\"",
    "\"arn:aws:s3:::u/y\"",
    "\"arn:aws:s3:::<bucket>/x\"",
    "\"<queue>\"",
    "\"s3://<bucket>/x\"",
    "\"arn:aws:sqs:us-west-2:accountNumber:q\"",
    "\"arn:aws:s3:::${bucket}/x\"",
    "\"alias/aws/s3\"",
    "\"arn:aws:s3:::u/\\\"\\u00e9\\\\\"",
    "\"\"",
    "7",
    "null",
    "[\"arn:aws:s3:::u/x\"]",
];

pub(super) fn check(choices: &mut impl Choose, tally: &mut Tally) -> Result<(), Box<Failed>> {
    let world = World::draw(choices, tally)?;
    let mut snapshot = world.document.clone();
    let mut resources: Vec<Value> = RESOURCES.iter().filter_map(|text| parsed(text)).collect();
    for kind in ["keys", "resources"] {
        for number in 0..TWINS {
            let arn = matrix::add_twin(choices, &mut snapshot, kind, number);
            resources.extend(arn.map(|arn| json!(arn)));
        }
    }
    let mut requests = Vec::new();
    for _ in 0..REQUESTS {
        let document = world.request(choices)?.0;
        resources.extend(document.get("resource").cloned());
        let mut members = document.as_object().cloned().unwrap_or_default();
        if !choices.once_in(4) {
            make_plain(&mut members);
        }
        if choices.once_in(2) {
            members.retain(|_, value| !value.is_object() && !value.is_array());
        }
        requests.push(members);
    }
    let lines = lines(choices, &requests, &resources);
    let mut request = json!({"lines": lines, "order": choices.below(1 << 16)});
    if choices.once_in(3) {
        let flags = flags(choices, &requests, &resources);
        request["flags"] = flags;
    }
    let scenario = Scenario {
        snapshot,
        request,
        ..Scenario::default()
    };
    let Some(tried) = Tried::of(&scenario) else {
        return Ok(());
    };
    for alone in &tried.alone {
        tally.checks += 1;
        if let Some(request) = &alone.request {
            tally.count(request.mode, alone.verdict);
        }
    }
    match tried.violation() {
        None => Ok(()),
        Some(violation) => Err(Failed::of(scenario, violation)),
    }
}

/// Leaves out what is not read in one go: what is said of the caller beside its ARN, and members that few requests have.
fn make_plain(members: &mut Map<String, Value>) {
    const FEW: [&str; 3] = ["switches", "grant_for_aws_resource", "key_policy_candidate"];
    members.retain(|name, _| !FEW.contains(&name.as_str()));
    if let Some(principal) = members.get_mut("principal")
        && let Some(arn) = principal.get("arn").cloned()
    {
        *principal = arn;
    }
    if let Some(Value::Object(parameters)) = members.get_mut("parameters") {
        parameters.shift_remove("Policy");
    }
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// What the command line says of every request, or of those that leave it out.
fn flags(choices: &mut impl Choose, requests: &[Map<String, Value>], resources: &[Value]) -> Value {
    let mut flags = Map::new();
    if choices.once_in(2) {
        let at = choices.below(resources.len());
        let text = resources.get(at).filter(|value| value.is_string());
        flags.extend(text.map(|text| ("resource".to_owned(), text.clone())));
    }
    if choices.once_in(3) {
        flags.insert("mode".to_owned(), json!("closed"));
    }
    if choices.once_in(3) {
        flags.insert("fallback".to_owned(), json!(true));
    }
    let other = requests.get(choices.below(requests.len()));
    let action = other.and_then(|other| other.get("action"));
    flags.extend(action.map(|action| ("action".to_owned(), action.clone())));
    flags.into()
}

/// Lines of few frames; each third or so strays.
fn lines(
    choices: &mut impl Choose,
    requests: &[Map<String, Value>],
    resources: &[Value],
) -> Vec<String> {
    let styles: Vec<Style> = (0..STYLES).map(|_| Style::draw(choices)).collect();
    let ids: Vec<Value> = IDS.iter().filter_map(|text| parsed(text)).collect();
    let mut lines: Vec<String> = Vec::new();
    for _ in 0..LINES {
        if choices.once_in(6)
            && let Some(line) = lines.get(choices.below(lines.len())).cloned()
        {
            lines.push(spelling::damaged(choices, &line));
            continue;
        }
        let at = choices.below(requests.len());
        let (Some(request), Some(style)) =
            (requests.get(at), styles.get(choices.below(styles.len())))
        else {
            continue;
        };
        let mut members = request.clone();
        for (name, values, strange) in [
            ("id", ids.as_slice(), 0),
            ("resource", resources, RESOURCES.len()),
        ] {
            match choices.weighted(&[6, 2, 1]) {
                0 => {
                    // The last ones are those of the world.
                    let from = match choices.once_in(3) {
                        true => 0,
                        false => values.len().min(strange),
                    };
                    let at = from + choices.below(values.len() - from);
                    members.extend(values.get(at).map(|value| (name.to_owned(), value.clone())));
                }
                1 => {}
                _ => {
                    members.shift_remove(name);
                }
            }
        }
        if choices.once_in(3) {
            stray(choices, &mut members, requests);
        }
        lines.push(spelling::line(choices, &members, style));
    }
    choices.shuffle(&mut lines);
    lines
}

/// Changes one member.
fn stray(
    choices: &mut impl Choose,
    members: &mut Map<String, Value>,
    requests: &[Map<String, Value>],
) {
    const OTHERS: [&str; 8] = [
        "null",
        "true",
        "7",
        "\"\"",
        "{}",
        "[]",
        "{\"a\":{\"b\":[1.50]}}",
        "\"arn:aws:iam::<account-id>:role/r\"",
    ];
    let names: Vec<String> = members.keys().cloned().collect();
    let Some(name) = names.get(choices.below(names.len())) else {
        return;
    };
    let own = members.get(name).cloned().unwrap_or_default();
    let value = match choices.weighted(&[4, 4, 2, 1, 1]) {
        0 => {
            let others = requests.iter().filter_map(|other| other.get(name));
            let others: Vec<&Value> = others.filter(|other| **other != own).collect();
            others.get(choices.below(others.len())).copied().cloned()
        }
        1 => Some(near(choices, &own)),
        2 => choices.one_of(&OTHERS).and_then(parsed),
        3 => Some(json!([own])),
        _ => None,
    };
    match value {
        Some(value) => members.insert(name.clone(), value),
        None => members.shift_remove(name),
    };
}

/// The value with one thing changed in it, most often without changing its length.
fn near(choices: &mut impl Choose, value: &Value) -> Value {
    let mut near = value.clone();
    match &mut near {
        Value::Array(items) => {
            let at = choices.below(items.len());
            if let Some(item) = items.get_mut(at) {
                *item = self::near(choices, item);
            }
        }
        Value::Object(members) => {
            let at = choices.below(members.len());
            if let Some(member) = members.values_mut().nth(at) {
                *member = self::near(choices, member);
            }
        }
        Value::String(text) => {
            let last = text.pop();
            text.push(if last == Some('1') { '2' } else { '1' });
            if choices.once_in(3) {
                text.extend(last);
            }
        }
        Value::Bool(is_so) => *is_so = !*is_so,
        Value::Number(number) => near = json!(number.as_u64().unwrap_or_default() + 1),
        Value::Null => {}
    }
    near
}

/// What came of a line that was the only one.
struct Alone {
    number: usize,
    line: String,
    bytes: Vec<u8>,
    /// `None` where it is refused.
    request: Option<Request>,
    verdict: Verdict,
    /// In words: the request with its verdict, or the refusal.
    told: String,
}

/// Lines about one world.
struct Tried<'s> {
    scenario: &'s Scenario,
    engine: Engine,
    /// Another one, so that what is remembered for one is seen not to count for the other.
    other: Option<Engine>,
    flags: Flags,
    alone: Vec<Alone>,
}

/// What the command line says.
#[derive(Default)]
struct Flags {
    fallback: Fallback,
    resource: Option<String>,
    is_closed: bool,
}

impl Flags {
    fn of(document: &Value) -> Self {
        let text = |name| {
            document
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let action = text("action").filter(|_| document.get("fallback").is_some());
        Self {
            fallback: Fallback::new(None, action.map(Ask::Action)),
            resource: text("resource"),
            is_closed: document.get("mode").is_some(),
        }
    }

    fn prepare(&self, request: &mut Request) {
        if let Some(resource) = &self.resource {
            request.resource = Some(resource.clone());
        }
        if self.is_closed {
            request.mode = preclear_simulator::ContextMode::Closed;
        }
    }
}

impl<'s> Tried<'s> {
    /// `None` where the world is refused.
    fn of(scenario: &'s Scenario) -> Option<Self> {
        let engine = read::engine(&scenario.snapshot).ok()?;
        let flags = Flags::of(scenario.request.get("flags").unwrap_or(&Value::Null));
        let lines = scenario.request.get("lines")?.as_array()?;
        let lines = lines.iter().filter_map(Value::as_str);
        let alone: Vec<Alone> = (1..)
            .zip(lines)
            .map(|(number, line)| alone(&engine, &flags, number, line))
            .collect();
        let mut other = scenario.snapshot.clone();
        let is_complete = other.get("complete") == Some(&json!(true));
        if let Some(members) = other.as_object_mut() {
            members.insert("complete".to_owned(), json!(!is_complete));
        }
        (!alone.is_empty()).then(|| Self {
            scenario,
            engine,
            other: read::engine(&other).ok(),
            flags,
            alone,
        })
    }

    fn violation(&self) -> Option<Violation> {
        if let Some(found) = self.alone.iter().find_map(|alone| self.as_file(alone)) {
            return Some(found);
        }
        let (files, options) = (MemoryFiles::default(), Options::default());
        let lines = lines_of(&files, &options, &self.flags);
        let prepare = |request: &mut Request| self.flags.prepare(request);
        let mut reader = LineReader::new(lines).preparing(&prepare);
        let mut order: Vec<usize> = (0..self.alone.len()).collect();
        let mut first = warm(&self.engine);
        if let Some(found) = self.pass(&mut reader, &mut first, &self.engine, &order) {
            return Some(found);
        }
        // Every frame that is kept is known now, in whatever order its lines come and whoever decides.
        let seed = self.scenario.request.get("order").and_then(Value::as_u64);
        Seeded::new(seed.unwrap_or_default()).shuffle(&mut order);
        if let Some(found) = self.read(&mut reader, &order) {
            return Some(found);
        }
        if let Some(other) = &self.other
            && let Some(found) = self.pass(&mut reader, &mut warm(other), other, &order)
        {
            return Some(found);
        }
        let mut second = warm(&self.engine);
        self.pass(&mut reader, &mut second, &self.engine, &order)
            .or_else(|| self.pass(&mut reader, &mut first, &self.engine, &order))
    }

    /// Decides the lines one after another.
    fn pass(
        &self,
        reader: &mut LineReader<'_>,
        decider: &mut Decider<'_>,
        engine: &Engine,
        order: &[usize],
    ) -> Option<Violation> {
        order.iter().find_map(|place| {
            let alone = self.alone.get(*place)?;
            let told = match reader.decide(decider, alone.number, &alone.bytes) {
                Ok(decided) => told(decided.id.as_deref(), decided.verdict),
                Err(error) => format!("{error:?}"),
            };
            let wanted = match &alone.request {
                Some(request) if !std::ptr::eq(engine, &self.engine) => {
                    told_of(request, engine.decide(request))
                }
                _ => alone.told.clone(),
            };
            (told != wanted).then(|| self.shown(alone, &told, &wanted, "decided"))
        })
    }

    /// Reads the lines one after another.
    fn read(&self, reader: &mut LineReader<'_>, order: &[usize]) -> Option<Violation> {
        order.iter().find_map(|place| {
            let alone = self.alone.get(*place)?;
            let told = match reader.read(alone.number, &alone.bytes) {
                Ok(request) => format!("{request:?}"),
                Err(error) => format!("{error:?}"),
            };
            let wanted = match &alone.request {
                Some(request) => format!("{request:?}"),
                None => alone.told.clone(),
            };
            (told != wanted).then(|| self.shown(alone, &told, &wanted, "read"))
        })
    }

    /// Reads a line as a file of one request.
    fn as_file(&self, alone: &Alone) -> Option<Violation> {
        let text = std::str::from_utf8(&alone.bytes).ok()?;
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        if !is_json || !text.trim_start().starts_with('{') {
            return None;
        }
        // The name that messages and policies of the line have.
        let name = format!("{FILE} line {}", alone.number);
        let files = MemoryFiles::from_iter([(name.as_str(), text)]);
        let read = request::read(
            Path::new(&name),
            &files,
            &Options::default(),
            &self.flags.fallback,
        );
        let request = read.ok().and_then(|read| read.value.into_iter().next());
        let request = request.map(|mut request| {
            self.flags.prepare(&mut request);
            request.place = None;
            format!("{request:?}")
        });
        let told = alone.request.as_ref().map(|request| format!("{request:?}"));
        let words = |told: Option<String>| told.unwrap_or_else(|| "refused".to_owned());
        (told != request)
            .then(|| self.shown(alone, &words(told), &words(request), "compared with a file"))
    }

    fn shown(&self, alone: &Alone, told: &str, wanted: &str, what: &str) -> Violation {
        let message = format!(
            "a line {what} among others is not what it is alone: {told} in place of {wanted} for {}; the lines are {}",
            alone.line, self.scenario.request
        );
        let violation = Violation::new(message);
        match (&alone.request, parsed(&alone.line)) {
            (Some(_), Some(request)) => violation.shown_by(vec![Asked {
                snapshot: self.scenario.snapshot.clone(),
                request,
                name: "alone",
                expected: alone.verdict.name(),
            }]),
            _ => violation,
        }
    }
}

fn lines_of<'f>(
    files: &'f MemoryFiles,
    options: &'f Options,
    flags: &'f Flags,
) -> RequestLines<'f> {
    RequestLines::new(Path::new(FILE), files, options).with_fallback(&flags.fallback)
}

/// Reads and decides one line as if there were no other.
fn alone(engine: &Engine, flags: &Flags, number: usize, line: &str) -> Alone {
    let (files, options) = (MemoryFiles::default(), Options::default());
    let bytes = spelling::bytes(line);
    let read = lines_of(&files, &options, flags).read_bytes(number, &bytes);
    let (request, verdict, told) = match read {
        Ok(loaded) => {
            let mut request = loaded.value;
            flags.prepare(&mut request);
            let verdict = engine.decide(&request);
            let told = told_of(&request, verdict);
            (Some(request), verdict, told)
        }
        Err(error) => (None, Verdict::Invalid, format!("{error:?}")),
    };
    Alone {
        number,
        line: line.to_owned(),
        bytes,
        request,
        verdict,
        told,
    }
}

fn told_of(request: &Request, verdict: Verdict) -> String {
    told(request.id.as_deref(), verdict)
}

fn told(id: Option<&str>, verdict: Verdict) -> String {
    format!("{verdict} of {id:?}")
}

/// A decider that has answered enough requests to remember the next ones.
fn warm(engine: &Engine) -> Decider<'_> {
    let mut decider = engine.decider();
    if let Ok(request) =
        read::request(&json!({"principal": "anonymous", "action": "s3:GetObject", "resource": "*"}))
    {
        for _ in 0..PLAIN {
            let _ = decider.decide(&request);
        }
    }
    decider
}

pub(super) fn violation(scenario: &Scenario) -> Option<Violation> {
    Tried::of(scenario)?.violation()
}
