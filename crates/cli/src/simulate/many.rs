//! Many requests, one per line, in constant memory. Rule: UI-35, UI-3.
//!
//! Lines are read in chunks; the lines of a chunk are decided in parallel and written in their order, so that neither
//! the number of lines nor the number of threads shows in anything but the time.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use preclear_inputs::loose::Subject;
use preclear_inputs::{LineError, RequestLines};
use preclear_model::{Diagnostic, Diagnostics};
use preclear_simulator::{Detail, Engine, Request, Verdict};
use rayon::prelude::*;

use super::overrides::Overrides;
use super::world;
use crate::args::{Format, SimulateArgs};
use crate::clock::Clock;
use crate::disk::is_stdin;
use crate::exit::{ExitCode, ExitRules};
use crate::failure::Failure;
use crate::render::{json, text};
use crate::run::Run;

/// Lines of a chunk: enough to keep every thread busy, few enough to hold.
const CHUNK_LINES: usize = 4096;

/// Bytes of a chunk, whatever the number of its lines.
const CHUNK_BYTES: usize = 16 << 20;

/// Bytes of one line. A request with a policy in it has some 100 KiB at most.
const LINE_BYTES_MAX: usize = 4 << 20;

/// A progress line appears once work lasts longer. Rule: UI-2.
const PROGRESS_AFTER: Duration = Duration::from_millis(500);

/// Answers every line of a file.
pub(super) fn run(args: &SimulateArgs, path: &Path, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    let mut overrides = Overrides::new(&args.question, run)?;
    let options = world::options(&args.world);
    let subject = overrides.caller.as_ref().map(|caller| Subject {
        caller,
        resource: args.question.resource.as_deref(),
        resource_account: args.question.account.as_deref(),
        region: args.question.region.as_deref(),
    });
    let loose = world::for_question(args, subject, &options, run)?;
    overrides.session_policies = loose.session_policies;
    let engine = Engine::compile(loose.snapshot);
    let mut lines = Lines::open(path, run)?;
    let pool = pool(args)?;

    let Run { out, err, disk, clock } = run;
    let judge = Judge {
        engine: &engine,
        overrides: &overrides,
        reader: RequestLines::new(path, disk, &options),
        format: args.output.format,
        detail: args.detail(),
        rules: args.exit_rules(),
        clock,
    };
    let mut tally = Tally::default();
    let mut progress = Progress::start(err.is_terminal());
    let mut separator = Separator::new(args.output.format);
    while let Some(chunk) = lines.next_chunk()? {
        let answers: Vec<Answer> = pool.install(|| chunk.par_iter().map(|line| judge.answer(line)).collect());
        for answer in &answers {
            tally.add(answer);
            out.write_bytes(separator.before_next().as_bytes())?;
            match args.output.format {
                Format::Text => out.write(&answer.text)?,
                Format::Json | Format::Jsonl => out.write_bytes(answer.text.as_bytes())?,
            }
        }
        if out.reader_is_gone() {
            break;
        }
        progress.show(tally.answers, err)?;
    }
    progress.clear(err)?;
    out.write_bytes(separator.at_end().as_bytes())?;
    if args.output.format == Format::Text {
        err.write(&tally.summary())?;
    }
    Ok(tally.code)
}

fn pool(args: &SimulateArgs) -> Result<rayon::ThreadPool, Failure> {
    let threads = args.question.threads.map_or(0, std::num::NonZero::get);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Failure::usage(format!("`--threads`: {error}")))
}

/// Decides one line; shared by all threads.
struct Judge<'a> {
    engine: &'a Engine,
    overrides: &'a Overrides,
    reader: RequestLines<'a>,
    format: Format,
    detail: Detail,
    rules: ExitRules,
    clock: &'a Clock,
}

/// The result of one line, rendered.
struct Answer {
    text: String,
    verdict: Verdict,
    code: ExitCode,
}

impl Judge<'_> {
    fn answer(&self, line: &Line) -> Answer {
        match self.read(line) {
            Ok(request) => {
                let explanation = self.engine.explain(&request, self.detail);
                let text = match self.format {
                    Format::Text => text::line(&explanation, line.number),
                    Format::Json => json::explanation(&explanation).to_string(),
                    Format::Jsonl => json::line(&json::explanation(&explanation)),
                };
                Answer { text, verdict: explanation.verdict, code: self.rules.explanation(&explanation) }
            }
            Err(error) => {
                let text = match self.format {
                    Format::Text => text::line_error(&error),
                    Format::Json => json::line_error(&error).to_string(),
                    Format::Jsonl => json::line(&json::line_error(&error)),
                };
                Answer { text, verdict: Verdict::Invalid, code: ExitCode::Unusable }
            }
        }
    }

    fn read(&self, line: &Line) -> Result<Request, LineError> {
        if line.is_too_long {
            return Err(too_long(line.number));
        }
        let mut request = self.reader.read_bytes(line.number, &line.bytes)?;
        self.overrides.apply(&mut request);
        self.clock.fill(&mut request.now);
        Ok(request)
    }
}

fn too_long(number: usize) -> LineError {
    let message = format!("the line has more than {LINE_BYTES_MAX} bytes");
    let error = Diagnostic::error("INPUT_TOO_LARGE", message).rule("UI-35").help("write one request per line");
    LineError { line: number, id: None, diagnostics: Diagnostics::from(error) }
}

/// A line without its break.
struct Line {
    number: usize,
    bytes: Vec<u8>,
    is_too_long: bool,
}

/// Reads chunks of lines.
struct Lines<'r> {
    reader: Box<dyn BufRead + 'r>,
    number: usize,
}

impl<'r> Lines<'r> {
    fn open(path: &Path, run: &Run<'r, '_>) -> Result<Self, Failure> {
        if is_stdin(path) {
            let stdin = run.disk.take_stdin().ok_or_else(|| Failure::usage("standard input can be read only once"))?;
            return Ok(Self { reader: Box::new(stdin), number: 0 });
        }
        let unreadable = |error: &io::Error| {
            let message = format!("`{}` cannot be read: {error}", path.display());
            let code = if error.kind() == io::ErrorKind::NotFound { "MISSING_FILE" } else { "UNREADABLE_FILE" };
            Failure::from(Diagnostic::error(code, message).rule("UI-35").help("check the path"))
        };
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        let metadata = file.metadata().map_err(|error| unreadable(&error))?;
        if metadata.is_dir() {
            return Err(unreadable(&io::ErrorKind::IsADirectory.into()));
        }
        Ok(Self { reader: Box::new(BufReader::with_capacity(1 << 16, file)), number: 0 })
    }

    /// The next lines; `None` at the end. Blank lines ask nothing, but count.
    fn next_chunk(&mut self) -> Result<Option<Vec<Line>>, Failure> {
        let mut lines = Vec::new();
        let mut bytes = 0;
        while lines.len() < CHUNK_LINES && bytes < CHUNK_BYTES {
            match self.next_line().map_err(unreadable_line)? {
                None => break,
                Some(line) if !line.is_too_long && line.bytes.trim_ascii().is_empty() => {}
                Some(line) => {
                    bytes += line.bytes.len();
                    lines.push(line);
                }
            }
        }
        Ok((!lines.is_empty()).then_some(lines))
    }

    fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let mut is_too_long = false;
        let mut has_any = false;
        loop {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                break;
            }
            has_any = true;
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(available.len(), |end| end + 1);
            let content = available.get(..end.unwrap_or(available.len())).unwrap_or_default();
            if bytes.len() + content.len() > LINE_BYTES_MAX {
                is_too_long = true;
                bytes = Vec::new();
            } else if !is_too_long {
                bytes.extend_from_slice(content);
            }
            self.reader.consume(taken);
            if end.is_some() {
                break;
            }
        }
        if !has_any {
            return Ok(None);
        }
        self.number += 1;
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        if self.number == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        Ok(Some(Line { number: self.number, bytes, is_too_long }))
    }
}

fn unreadable_line(error: io::Error) -> Failure {
    Diagnostic::error("UNREADABLE_FILE", format!("the requests cannot be read on: {error}")).rule("UI-35").into()
}

/// What stands between results: JSON is one document however many there are.
struct Separator {
    is_array: bool,
    is_first: bool,
}

impl Separator {
    fn new(format: Format) -> Self {
        Self { is_array: format == Format::Json, is_first: true }
    }

    fn before_next(&mut self) -> &'static str {
        match (self.is_array, std::mem::replace(&mut self.is_first, false)) {
            (false, _) => "",
            (true, true) => "[\n",
            (true, false) => ",\n",
        }
    }

    fn at_end(&self) -> &'static str {
        match (self.is_array, self.is_first) {
            (false, _) => "",
            (true, true) => "[]\n",
            (true, false) => "\n]\n",
        }
    }
}

/// What was answered so far.
#[derive(Debug)]
struct Tally {
    answers: usize,
    by_verdict: Vec<(Verdict, usize)>,
    code: ExitCode,
}

impl Default for Tally {
    fn default() -> Self {
        let verdicts = [
            Verdict::Allow,
            Verdict::ExplicitDeny,
            Verdict::ImplicitDeny,
            Verdict::Depends,
            Verdict::NotApplicable,
            Verdict::Invalid,
        ];
        Self { answers: 0, by_verdict: verdicts.map(|verdict| (verdict, 0)).to_vec(), code: ExitCode::Success }
    }
}

impl Tally {
    fn add(&mut self, answer: &Answer) {
        self.answers += 1;
        self.code = self.code.worse(answer.code);
        for (verdict, count) in &mut self.by_verdict {
            *count += usize::from(*verdict == answer.verdict);
        }
    }

    fn summary(&self) -> String {
        let counts = self.by_verdict.iter().filter(|(_, count)| *count > 0);
        let counts: Vec<String> = counts.map(|(verdict, count)| format!("{count} {verdict}")).collect();
        format!("{} requests: {}\n", self.answers, if counts.is_empty() { "none".to_owned() } else { counts.join(", ") })
    }
}

/// A line on the terminal that counts.
struct Progress {
    since: Option<Instant>,
    is_shown: bool,
}

impl Progress {
    fn start(is_terminal: bool) -> Self {
        Self { since: is_terminal.then(Instant::now), is_shown: false }
    }

    fn show(&mut self, answers: usize, err: &mut crate::io::Stream<'_>) -> io::Result<()> {
        if self.since.is_some_and(|since| since.elapsed() > PROGRESS_AFTER) {
            self.is_shown = true;
            err.write_bytes(format!("\r{answers} requests").as_bytes())?;
            err.flush()?;
        }
        Ok(())
    }

    fn clear(&self, err: &mut crate::io::Stream<'_>) -> io::Result<()> {
        if self.is_shown { err.write_bytes(b"\r\x1b[K") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(usize, String, bool)> {
        let mut lines = Lines { reader: Box::new(text), number: 0 };
        let mut all = Vec::new();
        while let Some(chunk) = lines.next_chunk().unwrap() {
            for line in chunk {
                all.push((line.number, String::from_utf8_lossy(&line.bytes).into_owned(), line.is_too_long));
            }
        }
        all
    }

    #[test]
    fn blank_lines_ask_nothing_but_count() {
        let text = b"\xef\xbb\xbf{1}\r\n\n  \n{2}";
        assert_eq!(lines(text), [(1, "{1}".to_owned(), false), (4, "{2}".to_owned(), false)]);
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"\n"), []);
    }

    #[test]
    fn a_line_past_the_limit_is_not_held_and_the_next_is_read() {
        let mut text = vec![b'x'; LINE_BYTES_MAX];
        text.push(b'\n');
        text.extend(vec![b'y'; LINE_BYTES_MAX + 1]);
        text.extend(b"\nz\n");
        let read = lines(&text);
        let told: Vec<_> = read.iter().map(|(number, text, long)| (*number, text.len(), *long)).collect();
        assert_eq!(told, [(1, LINE_BYTES_MAX, false), (2, 0, true), (3, 1, false)]);
    }

    #[test]
    fn more_lines_than_a_chunk_holds_come_in_order() {
        let text = "a\n".repeat(CHUNK_LINES * 2 + 1);
        let numbers: Vec<usize> = lines(text.as_bytes()).into_iter().map(|(number, ..)| number).collect();
        assert_eq!(numbers, (1..=CHUNK_LINES * 2 + 1).collect::<Vec<_>>());
    }

    #[test]
    fn an_array_is_one_document_however_many_results_it_has() {
        let written = |count: usize| {
            let mut separator = Separator::new(Format::Json);
            let results: String = (0..count).map(|one| format!("{}{one}", separator.before_next())).collect();
            results + separator.at_end()
        };
        assert_eq!(written(0), "[]\n");
        assert_eq!(written(1), "[\n0\n]\n");
        assert_eq!(written(2), "[\n0,\n1\n]\n");
    }
}
