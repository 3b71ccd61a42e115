//! Many requests, one per line, in constant memory. Rule: UI-35, UI-3.
//!
//! Lines are read in chunks; the lines of a chunk are decided in parallel and written in their order, so that neither
//! the number of lines nor the number of threads shows in anything but the time.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use preclear_inputs::loose::Subject;
use preclear_inputs::{LineError, LineReader, Loaded, RequestLines};
use preclear_model::{Diagnostic, Diagnostics, Source, Span};
use preclear_simulator::{
    Decider, Detail, Engine, Explanation, Operability, Request, Verdict, Warning,
};
use rayon::prelude::*;

use super::lines::{LINE_BYTES_MAX, Line, Lines};
use super::one;
use super::tally::Tally;
use crate::args::{Format, SimulateArgs};
use crate::disk::is_stdin;
use crate::exit::{ExitCode, ExitRules};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::question::{pool, world};
use crate::render::text::Noticed;
use crate::render::{json, text};
use crate::run::Run;

/// Answers every line of a file.
pub(super) fn run(
    args: &SimulateArgs,
    path: &Path,
    run: &mut Run<'_, '_>,
) -> Result<ExitCode, Failure> {
    let mut options = world::options(&args.world.read);
    let loaded = world::early(&args.world.read, &mut options, run)?;
    let args = &super::named(args, &options.names);
    let mut overrides = super::overrides(&args.question, run)?;
    let fallback = overrides.fallback();
    let mut lines = Lines::open(path, run)?;
    let subject = overrides.caller.as_ref().map(|caller| Subject {
        caller,
        resource: args.question.asked.resource.as_deref(),
        resource_account: args.question.circumstances.account.as_deref(),
        region: args.question.circumstances.region.as_deref(),
    });
    let mut loose = world::for_question(
        &args.world,
        loaded,
        &args.question.circumstances.session_policy,
        subject,
        &options,
        run,
    )?;
    overrides.add_session(&mut loose);
    let engine = Engine::compile(loose.snapshot);
    let pool = pool(args.question.threads)?;

    let Run {
        out,
        err,
        disk,
        clock,
    } = run;
    let reader = RequestLines::new(path, disk, &options).with_fallback(&fallback);
    let prepare = |request: &mut Request| {
        overrides.apply(request);
        clock.fill(&mut request.now);
    };
    let judge = Judge {
        engine: &engine,
        file: path,
        prepare: &prepare,
        reader,
        readers: (0..pool.current_num_threads())
            .filter(|_| args.question.verdicts)
            .map(|_| {
                let reader = LineReader::new(reader).preparing(&prepare);
                Mutex::new((reader, engine.decider()))
            })
            .collect(),
        format: args.output.format,
        detail: args.detail(),
        rules: args.exit_rules(),
        args,
        width: out.width(),
    };
    let mut tally = Tally::default();
    let mut progress = Progress::start(err.is_terminal(), "request");
    let mut separator = Separator::new(args.output.format);
    while let Some(chunk) = lines.next_chunk()? {
        if tally.answers == 0 {
            refuse_other_formats(path, &chunk)?;
        }
        let answers: Vec<Answer> =
            pool.install(|| chunk.par_iter().map(|line| judge.judge(line)).collect());
        for answer in &answers {
            tally.add(answer.verdict, &answer.noticed, answer.code);
            out.write_bytes(separator.before_next().as_bytes())?;
            match args.output.format {
                Format::Text => out.write(&answer.text)?,
                Format::Json | Format::Jsonl => out.write_bytes(answer.text.as_bytes())?,
            }
        }
        if out.reader_is_gone() {
            break;
        }
        progress.show(tally.answers as u64, err)?;
    }
    progress.clear(err)?;
    if tally.answers == 0 && !out.reader_is_gone() {
        return Err(empty(path).into());
    }
    out.write_bytes(separator.at_end().as_bytes())?;
    if args.output.format == Format::Text {
        out.flush()?;
        err.write(&tally.summary(args.output.explain))?;
    }
    Ok(tally.code)
}

/// Nothing was asked: most likely the requests got lost on their way here.
fn empty(path: &Path) -> Diagnostic {
    let name = if is_stdin(path) {
        "standard input".to_owned()
    } else {
        format!("`{}`", path.display())
    };
    Diagnostic::error("EMPTY_INPUT", format!("{name} holds no request"))
        .rule("UI-35")
        .at(Arc::new(Source::new(path.display().to_string(), "")).place(Span::new(0, 0)))
        .help("write one request per line, as a JSON object")
}

/// One document over several lines would come out as one error per line.
fn refuse_other_formats(path: &Path, chunk: &[Line]) -> Result<(), Failure> {
    let Some(first) = chunk.first() else {
        return Ok(());
    };
    let text = String::from_utf8_lossy(&first.bytes);
    let text = text.trim();
    let is_yaml = || {
        let name = text.strip_prefix("- ").unwrap_or(text);
        let is_member = name.split_once(':').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || c == '_')
        });
        text.starts_with('#') || text == "---" || is_member
    };
    let found = if text.starts_with('[') {
        "a list in JSON"
    } else if text == "{" {
        "one object over several lines"
    } else if is_yaml() {
        "YAML"
    } else {
        return Ok(());
    };
    let name = path.display();
    // Nothing but blank lines stands in front of it.
    let text = "\n".repeat(first.number.saturating_sub(1)) + text;
    let start = text.len() - text.trim_start().len();
    let source = Arc::new(Source::new(name.to_string(), text));
    Err(Diagnostic::error(
        "NOT_JSON_LINES",
        format!("`{name}` holds {found}, not one JSON object per line"),
    )
    .rule("UI-35")
    .at(source.place(Span::new(start, start + 1)))
    .help(format!(
        "use `--request {name}`, which reads one request or a list of them in JSON or YAML"
    ))
    .into())
}

/// Decides one line; shared by all threads.
struct Judge<'a> {
    engine: &'a Engine,
    file: &'a Path,
    /// Puts the flags over a request.
    prepare: &'a (dyn Fn(&mut Request) + Sync),
    reader: RequestLines<'a>,
    /// One for each thread, where verdicts alone are wanted; else none.
    readers: Vec<Mutex<(LineReader<'a>, Decider<'a>)>>,
    format: Format,
    detail: Detail,
    rules: ExitRules,
    args: &'a SimulateArgs,
    /// Columns of the text output.
    width: u16,
}

/// The result of one line, rendered.
struct Answer {
    text: String,
    verdict: Verdict,
    noticed: Noticed,
    code: ExitCode,
}

impl Judge<'_> {
    fn judge(&self, line: &Line) -> Answer {
        self.verdict(line).unwrap_or_else(|| self.answer(line))
    }

    /// The verdict alone, where that is wanted; `None` also for a line or request that is refused, so that the reason is told.
    fn verdict(&self, line: &Line) -> Option<Answer> {
        let reader = self.readers.get(rayon::current_thread_index()?)?;
        let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        if line.is_too_long {
            return None;
        }
        let (reader, decider) = &mut *reader;
        let decided = reader.decide(decider, line.number, &line.bytes).ok()?;
        let verdict = decided.verdict;
        if verdict == Verdict::Invalid {
            return None;
        }
        let id = decided.id.as_deref();
        Some(Answer {
            text: match self.format {
                Format::Text => text::verdict_line(verdict, id, line.number),
                Format::Json => json::verdict_of_line(verdict, id, line.number).to_string(),
                Format::Jsonl => json::line(&json::verdict_of_line(verdict, id, line.number)),
            },
            verdict,
            noticed: Noticed::default(),
            code: self.rules.verdict(verdict, &Operability::NotAsked),
        })
    }

    fn answer(&self, line: &Line) -> Answer {
        match self.read(line) {
            Ok(loaded) => {
                let mut explanation = self.engine.explain(&loaded.value, self.detail);
                // Nowhere else could it be told which line they are about.
                let found = loaded.diagnostics.0.into_iter().map(Warning::from);
                explanation.warnings.extend(found);
                let noticed = Noticed::of(&explanation);
                let text = match self.format {
                    Format::Text => self.text(&explanation, &noticed, &loaded.value, line.number),
                    Format::Json => json::of_line(&explanation, line.number).to_string(),
                    Format::Jsonl => json::line(&json::of_line(&explanation, line.number)),
                };
                Answer {
                    text,
                    verdict: explanation.verdict,
                    noticed,
                    code: self.rules.explanation(&explanation),
                }
            }
            Err(error) => {
                let text = match self.format {
                    Format::Text => text::line_error(&error),
                    Format::Json => json::line_error(&error).to_string(),
                    Format::Jsonl => json::line(&json::line_error(&error)),
                };
                Answer {
                    text,
                    verdict: Verdict::Invalid,
                    noticed: Noticed::default(),
                    code: ExitCode::Unusable,
                }
            }
        }
    }

    /// One line, and below it the whole answer where that is asked for.
    fn text(
        &self,
        explanation: &Explanation,
        noticed: &Noticed,
        request: &Request,
        number: usize,
    ) -> String {
        let mut text = text::line(explanation, noticed, number);
        if self.detail == Detail::Full {
            let situation = one::situation(request, self.engine, self.args);
            text.push_str(&text::below_line(explanation, &situation, self.width));
        }
        text
    }

    fn read(&self, line: &Line) -> Result<Loaded<Request>, LineError> {
        if line.is_too_long {
            return Err(too_long(self.file, line.number));
        }
        let mut loaded = self.reader.read_bytes(line.number, &line.bytes)?;
        (self.prepare)(&mut loaded.value);
        Ok(loaded)
    }
}

fn too_long(file: &Path, number: usize) -> LineError {
    let message = format!("the line has more than {LINE_BYTES_MAX} bytes");
    let error = Diagnostic::error("INPUT_TOO_LARGE", message)
        .rule("UI-35")
        .help("write one request per line");
    LineError {
        file: file.display().to_string(),
        line: number,
        id: None,
        diagnostics: Diagnostics::from(error),
    }
}

/// What stands between results: JSON is one document however many there are.
struct Separator {
    is_array: bool,
    is_first: bool,
}

impl Separator {
    fn new(format: Format) -> Self {
        Self {
            is_array: format == Format::Json,
            is_first: true,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_one_document_however_many_results_it_has() {
        let written = |count: usize| {
            let mut separator = Separator::new(Format::Json);
            let results: String = (0..count)
                .map(|one| format!("{}{one}", separator.before_next()))
                .collect();
            results + separator.at_end()
        };
        assert_eq!(written(0), "[]\n");
        assert_eq!(written(1), "[\n0\n]\n");
        assert_eq!(written(2), "[\n0,\n1\n]\n");
    }
}
