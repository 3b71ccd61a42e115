//! Reads line after line into the same memory: what many lines have in common is read once.
//!
//! All but `id` and `resource` is the *frame* of a line. The request of a frame that was met before is there already, and takes the line's
//! own id and resource. A line in which these are easily found is not even read as JSON: its frame was. Everything else goes by
//! [`RequestLines`], and so does every line that holds no request.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use memchr::memchr;
use memchr::memmem::Finder;
use preclear_simulator::request::Request;
use preclear_simulator::{Decider, Series, Verdict};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fast::{Text, give_up};
use super::{LineError, RequestLines, fast};
use crate::placeholder::holds_any;

/// Frames that are kept at most; with more, all are forgotten and the next ones kept.
const FRAMES_MAX: usize = 8192;

/// Bytes of a frame that is kept.
const FRAME_BYTES_MAX: usize = 2048;

/// Reads requests from lines, one after another. Each thread has its own.
///
/// What it reads, and what it says of lines that hold no request, is what [`RequestLines::read_bytes`] does, warnings aside.
///
/// ```
/// use std::path::Path;
/// use preclear_inputs::files::MemoryFiles;
/// use preclear_inputs::{LineReader, Options, RequestLines};
/// use preclear_simulator::{Engine, Snapshot, Verdict};
///
/// let engine = Engine::compile(Snapshot { complete: true, ..Snapshot::default() });
/// let (files, options) = (MemoryFiles::default(), Options::default());
/// let mut reader = LineReader::new(RequestLines::new(Path::new("requests.jsonl"), &files, &options));
/// let lines = r#"{"id": "a", "principal": "anonymous", "action": "s3:GetObject", "resource": "arn:aws:s3:::data/a"}
/// {"id": "b", "principal": "anonymous", "action": "s3:GetObject", "resource": "arn:aws:s3:::data/b"}"#;
/// for (number, line) in (1..).zip(lines.lines()) {
///     let request = reader.read(number, line.as_bytes()).unwrap();
///     assert_eq!(engine.decide(request), Verdict::ImplicitDeny);
/// }
///
/// // The same for more lines than one cares to count.
/// let mut decider = engine.decider();
/// for (number, line) in (1..).zip(lines.lines()) {
///     let decided = reader.decide(&mut decider, number, line.as_bytes()).unwrap();
///     assert_eq!(decided.verdict, Verdict::ImplicitDeny);
/// }
/// ```
pub struct LineReader<'f> {
    lines: RequestLines<'f>,
    prepare: Option<&'f (dyn Fn(&mut Request) + Sync)>,
    /// Places of requests by their frames.
    frames: HashMap<Box<[u8]>, usize, ahash::RandomState>,
    requests: Vec<Series>,
    /// [`FRAMES_MAX`], but for tests.
    frames_max: usize,
    /// The frame of the line at hand.
    frame: Vec<u8>,
    /// The request of a line whose frame is not kept.
    other: Option<Request>,
}

impl fmt::Debug for LineReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineReader")
            .field("lines", &self.lines)
            .field("frames", &self.frames.len())
            .finish_non_exhaustive()
    }
}

impl<'f> LineReader<'f> {
    /// A reader that remembers nothing yet.
    #[must_use]
    pub fn new(lines: RequestLines<'f>) -> Self {
        Self {
            lines,
            prepare: None,
            frames: HashMap::default(),
            requests: Vec::new(),
            frames_max: FRAMES_MAX,
            frame: Vec::new(),
            other: None,
        }
    }

    /// Does this to every request. It must do the same to requests that differ in id and resource alone.
    #[must_use]
    pub fn preparing(self, prepare: &'f (dyn Fn(&mut Request) + Sync)) -> Self {
        Self {
            prepare: Some(prepare),
            ..self
        }
    }

    /// Reads one line, without its line break; `line` is its number, from 1. Blank lines are the caller's to skip.
    ///
    /// # Errors
    ///
    /// A line that is no request, with its number and, where it can be read, its id.
    pub fn read(&mut self, line: usize, bytes: &[u8]) -> Result<&Request, LineError> {
        match self.framed(bytes) {
            Some((place, parts)) => {
                let series = &mut self.requests[place];
                Ok(series.set(parts.id.as_deref(), parts.resource.as_deref()))
            }
            None => self.read_otherwise(line, bytes),
        }
    }

    /// Reads one line and decides its request with a decider, as [`Decider::decide`] does.
    ///
    /// # Errors
    ///
    /// A line that is no request, with its number and, where it can be read, its id.
    pub fn decide<'l>(
        &mut self,
        decider: &mut Decider<'_>,
        line: usize,
        bytes: &'l [u8],
    ) -> Result<Decided<'l>, LineError> {
        if let Some((place, parts)) = self.framed(bytes) {
            let series = &mut self.requests[place];
            let verdict = match &parts.resource {
                Some(resource) => decider.decide_on(series, resource),
                None => decider.decide(series.set(parts.id.as_deref(), None)),
            };
            return Ok(Decided {
                verdict,
                id: parts.id,
            });
        }
        let request = self.read_otherwise(line, bytes)?;
        Ok(Decided {
            verdict: decider.decide(request),
            id: request.id.clone().map(Cow::Owned),
        })
    }

    /// The place of the line's request, and what the line has for itself; `None` where it must be read as if it were the only one.
    fn framed<'l>(&mut self, bytes: &'l [u8]) -> Option<(usize, Parts<'l>)> {
        let text = std::str::from_utf8(bytes).ok()?;
        let cut = Parts::cut(text, &mut self.frame);
        let parts = cut.or_else(|| Parts::of(text, &mut self.frame))?;
        let options = self.lines.options;
        let is_kept = options.params.is_empty()
            && options.names.is_empty()
            && self.frame.len() <= FRAME_BYTES_MAX;
        if !is_kept || !parts.are_plain() {
            return None;
        }
        if let Some(place) = self.frames.get(&*self.frame) {
            return Some((*place, parts));
        }
        let request = self.first_of_frame(text, &parts)?;
        Some((self.keep(request), parts))
    }

    /// Keeps the request of the frame at hand.
    fn keep(&mut self, request: Request) -> usize {
        if self.requests.len() >= self.frames_max {
            self.frames.clear();
            self.requests.clear();
        }
        let place = self.requests.len();
        self.requests.push(Series::new(request));
        self.frames.insert(self.frame.as_slice().into(), place);
        place
    }

    /// The request of a line whose frame is new; `None` where it takes the long road, or where its id or resource is not its own.
    fn first_of_frame(&self, text: &str, parts: &Parts<'_>) -> Option<Request> {
        if holds_any(text) {
            return None;
        }
        let mut request = fast::read(text, self.lines.defaults())?;
        if !self.leaves_alone(&request) {
            return None;
        }
        self.prepare(&mut request);
        let is_own = request.id.as_deref() == parts.id.as_deref()
            && request.resource.as_deref() == parts.resource.as_deref();
        is_own.then_some(request)
    }

    /// False where another id or resource would not stay what it is: the request may happen to have what every one is to have.
    fn leaves_alone(&self, request: &Request) -> bool {
        if self.prepare.is_none() {
            return true;
        }
        let other = |text: &Option<String>| text.as_ref().map(|text| format!("{text}\0"));
        let mut changed = request.clone();
        changed.id = other(&request.id);
        changed.resource = other(&request.resource);
        self.prepare(&mut changed);
        changed.id == other(&request.id) && changed.resource == other(&request.resource)
    }

    fn read_otherwise(&mut self, line: usize, bytes: &[u8]) -> Result<&Request, LineError> {
        let mut request = self.lines.read_bytes(line, bytes)?.value;
        self.prepare(&mut request);
        Ok(self.other.insert(request))
    }

    fn prepare(&self, request: &mut Request) {
        if let Some(prepare) = self.prepare {
            prepare(request);
        }
    }
}

/// What came of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided<'l> {
    /// The answer.
    pub verdict: Verdict,
    /// The line's id.
    pub id: Option<Cow<'l, str>>,
}

/// What a line has for itself.
struct Parts<'t> {
    id: Option<Cow<'t, str>>,
    resource: Option<Cow<'t, str>>,
}

impl<'t> Parts<'t> {
    /// Finds id and resource in a line of plain texts, and puts the rest into the frame; `None` where they are not found at once.
    ///
    /// It is no reader of JSON. If the line is an object, it has no object or list in it and nothing is escaped, so that a member's name
    /// stands nowhere but in its place; and the frame of a line that is none is never kept. What is put into a frame that was kept holds
    /// nothing that would end a text, and so the line is one with the frame.
    fn cut(text: &'t str, frame: &mut Vec<u8>) -> Option<Self> {
        frame.clear();
        let (first, rest) = text.as_bytes().split_first()?;
        if *first != b'{'
            || !rest
                .iter()
                .fold(true, |is_plain, byte| is_plain & is_plain_byte(*byte))
        {
            return None;
        }
        let id = Value::find(text, &ID)?;
        let resource = Value::find(text, &RESOURCE)?;
        let starts_with_id = match (&id, &resource) {
            (Some(id), Some(resource)) => id.start < resource.start,
            _ => true,
        };
        let cuts = match starts_with_id {
            true => [&id, &resource],
            false => [&resource, &id],
        };
        let mut from = 0;
        for cut in cuts.into_iter().flatten() {
            frame.extend_from_slice(text.as_bytes().get(from..cut.start)?);
            from = cut.start + cut.text.len();
        }
        frame.extend_from_slice(text.as_bytes().get(from..)?);
        Some(Self {
            id: id.map(|value| Cow::Borrowed(value.text)),
            resource: resource.map(|value| Cow::Borrowed(value.text)),
        })
    }

    /// Takes a line apart; `None` for one that is no object, or has a member twice.
    fn of(text: &'t str, frame: &mut Vec<u8>) -> Option<Self> {
        frame.clear();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let parts = deserializer.deserialize_map(Line(frame)).ok()?;
        deserializer.end().ok()?;
        Some(parts)
    }

    /// True for texts that hold nothing to fill in.
    fn are_plain(&self) -> bool {
        let mut texts = self.id.iter().chain(&self.resource);
        !texts.any(|text| holds_any(text))
    }
}

static ID: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"id\""));
static RESOURCE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"resource\""));

/// True for what may follow the first brace of an object that holds no other and nothing escaped.
fn is_plain_byte(byte: u8) -> bool {
    byte >= b' ' && byte != b'\\' && byte != b'{' && byte != b'['
}

/// The text of a member, and where it starts.
#[derive(Debug)]
struct Value<'t> {
    start: usize,
    text: &'t str,
}

impl<'t> Value<'t> {
    /// `Some(None)` where the name stands nowhere; `None` where it stands twice, or is not that of a member with a text.
    fn find(text: &'t str, name: &Finder<'_>) -> Option<Option<Self>> {
        let bytes = text.as_bytes();
        let Some(at) = name.find(bytes) else {
            return Some(None);
        };
        let rest = bytes.get(at + name.needle().len()..)?;
        let rest = rest.trim_ascii_start().strip_prefix(b":")?;
        let rest = rest.trim_ascii_start().strip_prefix(b"\"")?;
        let end = memchr(b'"', rest)?;
        let start = bytes.len() - rest.len();
        let is_twice = name.find(rest.get(end..)?).is_some();
        let text = text.get(start..start + end)?;
        (!is_twice).then_some(Some(Self { start, text }))
    }
}

struct Line<'b>(&'b mut Vec<u8>);

impl<'de> Visitor<'de> for Line<'_> {
    type Value = Parts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts<'de>, A::Error> {
        let mut parts = Parts {
            id: None,
            resource: None,
        };
        let frame = self.0;
        while let Some(name) = map.next_key_seed(Text)? {
            let own = match &*name {
                "id" => &mut parts.id,
                "resource" => &mut parts.resource,
                // Escaped, it can stand in a name, and no request has one of that kind.
                _ if name.contains('\0') => return Err(give_up::<A::Error>()),
                _ => {
                    let value: &RawValue = map.next_value()?;
                    add(frame, &name, value.get());
                    continue;
                }
            };
            if own.replace(map.next_value_seed(Text)?).is_some() {
                return Err(give_up::<A::Error>());
            }
            add(frame, &name, "");
        }
        Ok(parts)
    }
}

/// One member. A null byte stands in no JSON and in no name that comes here, so that no two lists of members look alike.
fn add(frame: &mut Vec<u8>, name: &str, value: &str) {
    frame.extend_from_slice(name.as_bytes());
    frame.push(0);
    frame.extend_from_slice(value.as_bytes());
    frame.push(0);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::files::MemoryFiles;
    use crate::loader::Options;

    /// What the reader makes of lines, and what it is to make of them.
    fn both(lines: &[&str], flags: Option<&(dyn Fn(&mut Request) + Sync)>) -> [Vec<String>; 2] {
        let (files, options) = (MemoryFiles::default(), Options::default());
        let slow = RequestLines::new(Path::new("r.jsonl"), &files, &options);
        let mut reader = LineReader::new(slow);
        reader.prepare = flags;
        let read = (1..).zip(lines).map(|(number, line)| {
            let request = reader.read(number, line.as_bytes());
            format!("{:?}", request.cloned())
        });
        let read = read.collect();
        let wanted = (1..).zip(lines).map(|(number, line)| {
            let request = slow.read(number, line).map(|mut request| {
                flags.iter().for_each(|flags| flags(&mut request));
                request
            });
            format!("{request:?}")
        });
        [read, wanted.collect()]
    }

    const LINES: [&str; 14] = [
        r#"{"id":"1","principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/x"}"#,
        r#"{"id":"2","principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/long/er"}"#,
        r#"{"principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/y"}"#,
        r#"{"id":"3","principal":"anonymous","action":"s3:GetObject"}"#,
        r#"{"id":"4","principal":"anonymous","action":"s3:PutObject","resource":"arn:aws:s3:::b/x"}"#,
        r#"{"id":"5","principal":"sns.amazonaws.com","action":"s3:GetObject","resource":"arn:aws:s3:::b/x"}"#,
        r#"{"id":"6","principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/\u0041"}"#,
        r#"{"id":"7","principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/<name>"}"#,
        r#"{"id":"8","id":"9","principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/x"}"#,
        r#"{"id":"a","principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/x","context":{"aws:SourceIp":"10.0.0.1"}}"#,
        r#"{"id":"b","principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/x","context":{"aws:SourceIp":"10.0.0.2"}}"#,
        r#"{"id":"c","principal":"anonymous","acton":"s3:GetObject","resource":"arn:aws:s3:::b/x"}"#,
        r#"{"id":"d","principal":"anonymous","action":"s3:GetObject","resource":7}"#,
        r#"{"id":"e","principal":"anonymous","action":"s3:GetObject","resource":"arn:aws:s3:::b/z"} x"#,
    ];

    #[test]
    fn lines_are_read_as_each_by_itself() {
        let [read, wanted] = both(&LINES, None);
        assert_eq!(read, wanted);
        let twice = [LINES, LINES].concat();
        let [read, wanted] = both(&twice, None);
        assert_eq!(read, wanted);
    }

    #[test]
    fn what_is_done_to_every_request_is_done_once_and_wins() {
        let flags = |request: &mut Request| {
            request.region = Some("eu-west-1".to_owned());
            request.via.push("s3".to_owned());
        };
        let [read, wanted] = both(&[LINES, LINES].concat(), Some(&flags));
        assert_eq!(read, wanted);
        let flags = |request: &mut Request| request.resource = Some("*".to_owned());
        let [read, wanted] = both(&[LINES, LINES].concat(), Some(&flags));
        assert_eq!(read, wanted);
    }

    /// The first line of the frame has the resource that every request is given.
    #[test]
    fn a_resource_that_every_request_is_given_is_that_of_later_lines_too() {
        let flags = |request: &mut Request| {
            request.resource = Some("arn:aws:s3:::b/x".to_owned());
        };
        let [read, wanted] = both(&LINES, Some(&flags));
        assert_eq!(read, wanted);
        let flags = |request: &mut Request| request.id = Some("1".to_owned());
        let [read, wanted] = both(&LINES, Some(&flags));
        assert_eq!(read, wanted);
    }

    #[test]
    fn a_name_is_never_taken_for_members_whatever_it_is_made_of() {
        for between in ["\\u0000", "\\\"", "\\\":\\\""] {
            let lines = [
                r#"{"principal":"anonymous","action":"\u0073\u0033:GetObject","resource":"arn:aws:s3:::b/x"}"#.to_owned(),
                format!(r#"{{"principal{between}\"anonymous\"{between}action":"\u0073\u0033:GetObject","resource":"arn:aws:s3:::b/x"}}"#),
            ];
            let lines = lines.each_ref().map(String::as_str);
            let [read, wanted] = both(&lines, None);
            assert_eq!(read, wanted);
            assert!(wanted[1].starts_with("Err"), "{}", wanted[1]);
        }
    }

    /// Frames whose requests were forgotten are read again.
    #[test]
    fn lines_of_more_frames_than_are_kept_are_decided_as_each_by_itself() {
        use preclear_simulator::{Engine, Snapshot};
        let engine = Engine::compile(Snapshot {
            complete: true,
            ..Snapshot::default()
        });
        let actions = [
            "sts:GetCallerIdentity",
            "s3:GetObject",
            "s3:a",
            "s3:b",
            "s3:c",
        ];
        let lines: Vec<String> = (0..200)
            .map(|number| {
                let (action, resource) = (actions[number * number % 11 % 5], number % 3);
                format!(r#"{{"id":"{number}","principal":"arn:aws:iam::111122223333:user/u","action":"{action}","resource":"arn:aws:s3:::b/{resource}"}}"#)
            })
            .collect();
        let (files, options) = (MemoryFiles::default(), Options::default());
        let alone = RequestLines::new(Path::new("r.jsonl"), &files, &options);
        for frames_max in 1..5 {
            let mut reader = LineReader::new(alone);
            reader.frames_max = frames_max;
            let mut decider = engine.decider();
            for (number, line) in (1..).zip(&lines) {
                let request = alone.read(number, line).unwrap();
                let read = reader.read(number, line.as_bytes()).unwrap();
                assert_eq!(format!("{read:?}"), format!("{request:?}"));
                let decided = reader
                    .decide(&mut decider, number, line.as_bytes())
                    .unwrap();
                assert_eq!(decided.verdict, engine.decide(&request), "{line}");
                assert_eq!(decided.id.as_deref(), request.id.as_deref());
                assert!(reader.requests.len() <= frames_max);
                assert_eq!(reader.requests.len(), reader.frames.len());
            }
        }
    }

    #[test]
    fn frames_are_forgotten_before_they_are_too_many() {
        let line = |number: usize| {
            format!(r#"{{"principal":"anonymous","action":"s3:A{number}","resource":"*"}}"#)
        };
        let (files, options) = (MemoryFiles::default(), Options::default());
        let lines = RequestLines::new(Path::new("r.jsonl"), &files, &options);
        let mut reader = LineReader::new(lines);
        for number in 0..=FRAMES_MAX {
            let request = reader.read(1, line(number).as_bytes()).unwrap();
            let wanted = preclear_simulator::Ask::Action(format!("s3:A{number}"));
            assert_eq!(request.ask, wanted);
        }
        assert_eq!(reader.frames.len(), 1);
    }
}
