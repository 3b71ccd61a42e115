//! Reads line after line into the same memory: what many lines have in common is read once.
//!
//! All but `id` and `resource` is the *frame* of a line. The request of a frame that was met before is there already, and takes the line's
//! own id and resource. Everything else goes by [`RequestLines`], and so does every line that holds no request.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use preclear_simulator::request::Request;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fast::{Text, give_up};
use super::{LineError, RequestLines, fast};
use crate::placeholder::find;

/// Frames that are kept at most; with more, all are forgotten and the next ones kept.
const FRAMES_MAX: usize = 4096;

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
/// ```
pub struct LineReader<'f> {
    lines: RequestLines<'f>,
    prepare: Option<&'f (dyn Fn(&mut Request) + Sync)>,
    /// Places of requests by their frames.
    frames: HashMap<Box<[u8]>, usize>,
    requests: Vec<Request>,
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
            frames: HashMap::new(),
            requests: Vec::new(),
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
        let text = std::str::from_utf8(bytes).ok();
        let parts = text.and_then(|text| Parts::of(text, &mut self.frame));
        let is_kept = self.lines.options.params.is_empty() && self.frame.len() <= FRAME_BYTES_MAX;
        let Some(parts) = parts.filter(|parts| is_kept && parts.are_plain()) else {
            return self.read_otherwise(line, bytes);
        };
        let place = match self.frames.get(&*self.frame) {
            Some(place) => *place,
            None => match text.and_then(|text| self.first_of_frame(text)) {
                Some(request) => self.keep(request),
                None => return self.read_otherwise(line, bytes),
            },
        };
        let request = &mut self.requests[place];
        replace(&mut request.id, &parts.id);
        replace(&mut request.resource, &parts.resource);
        Ok(request)
    }

    /// Keeps the request of the frame at hand.
    fn keep(&mut self, request: Request) -> usize {
        if self.requests.len() == FRAMES_MAX {
            self.frames.clear();
            self.requests.clear();
        }
        let place = self.requests.len();
        self.requests.push(request);
        self.frames.insert(self.frame.as_slice().into(), place);
        place
    }

    /// The request of a line whose frame is new; `None` where it takes the long road, or where its id or resource is not its own.
    fn first_of_frame(&self, text: &str) -> Option<Request> {
        if !find(text).is_empty() {
            return None;
        }
        let mut request = fast::read(text, self.lines.defaults())?;
        let before = (request.id.clone(), request.resource.clone());
        self.prepare(&mut request);
        (before == (request.id.clone(), request.resource.clone())).then_some(request)
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

/// Puts a text in place of another, in the same memory. Both are given, or neither: that is part of the frame.
fn replace(place: &mut Option<String>, text: &Option<Cow<'_, str>>) {
    if let (Some(place), Some(text)) = (place, text) {
        place.clear();
        place.push_str(text);
    }
}

/// What a line has for itself.
struct Parts<'t> {
    id: Option<Cow<'t, str>>,
    resource: Option<Cow<'t, str>>,
}

impl<'t> Parts<'t> {
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
        texts.all(|text| find(text).is_empty())
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

/// One member; a null byte stands in no JSON, so that no two lists of members look alike.
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
