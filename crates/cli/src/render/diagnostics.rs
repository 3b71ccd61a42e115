//! Diagnostics with the line they are about, the place marked in it. Rule: UI-4.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use preclear_model::{Diagnostic, Place, Severity};

use crate::render::style::is_steering;
use crate::render::text::wrap_prose;

/// Bytes of a line up to which it is handed on whole; of longer ones only what stands around the place is.
const LINE_BYTES_MAX: usize = 4096;

/// Bytes shown before and behind the place in a longer line.
const LINE_BYTES_AROUND: usize = 400;

/// Other places of one diagnostic that are shown. A missing value may be missed in thousands of places.
const RELATED_MAX: usize = 3;

/// All diagnostics, each with an empty line behind it; coloured.
pub(crate) fn render<'d>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    width: u16,
) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&one(diagnostic, width));
        text.push_str("\n\n");
    }
    text
}

/// As [`render`], with what is prose broken into lines of the width. Lines of sources are cut by the renderer.
pub(crate) fn render_wrapped<'d>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    width: u16,
) -> String {
    let text = render(diagnostics, width);
    let lines = text.lines().map(|line| {
        let plain = anstream::adapter::strip_str(line).to_string();
        let start = plain.trim_start();
        let is_title = ["error", "warning", "info", "note"]
            .iter()
            .any(|word| plain.starts_with(word));
        if is_title || start.starts_with("= ") {
            wrap_prose(line, width)
        } else {
            line.to_owned()
        }
    });
    let mut wrapped = lines.collect::<Vec<_>>().join("\n");
    wrapped.push('\n');
    wrapped
}

fn one(diagnostic: &Diagnostic, width: u16) -> String {
    let title = level(diagnostic.severity)
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code);
    let outer = diagnostic.place.as_ref().map(Place::outermost);
    let mut group = Group::with_title(title);
    if let Some(place) = &outer {
        group = with_place(group, place);
    }
    if let Some(rule) = diagnostic.rule {
        group = group.element(Level::NOTE.with_name("rule").message(rule));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let mut groups = vec![group];
    if let Some(place) = diagnostic
        .place
        .as_ref()
        .filter(|place| place.source.outer().is_some())
    {
        groups.push(inside(place));
    }
    let related: Vec<(Place, &str)> = diagnostic
        .related
        .iter()
        .take(RELATED_MAX)
        .map(|(place, label)| (place.outermost(), label.as_str()))
        .collect();
    for (place, label) in &related {
        groups.push(with_place(
            Group::with_title(Level::NOTE.secondary_title(*label)),
            place,
        ));
    }
    let more = diagnostic.related.len().saturating_sub(RELATED_MAX);
    if more > 0 {
        groups.push(Group::with_title(
            Level::NOTE.secondary_title(format!("and {more} more places")),
        ));
    }
    let text = Renderer::styled()
        .term_width(width.into())
        .render(&groups)
        // One column for one, as the renderer has for other control characters: the marks below a line stay in their place.
        .replace(is_steering, "\u{fffd}");
    let text = without_gap_marks(&text);
    let text = if outer.is_none() {
        without_gutter(&text)
    } else {
        text
    };
    let lines: Vec<String> = text.lines().map(|line| wrapped(line, width)).collect();
    lines.join("\n")
}

/// The message and what is said below the excerpt, in lines that fit; the excerpt itself is the file's.
fn wrapped(line: &str, width: u16) -> String {
    let plain = anstream::adapter::strip_str(line).to_string();
    let is_said = ["error[", "warning[", "info["]
        .iter()
        .any(|start| plain.starts_with(start))
        || plain.trim_start().starts_with("= ");
    if is_said {
        wrap_prose(line, width)
    } else {
        line.to_owned()
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

/// The line in the file itself.
fn with_place<'a>(group: Group<'a>, place: &'a Place) -> Group<'a> {
    let excerpt = Excerpt::of(place);
    let name = place.source.name.as_str();
    if excerpt.is_cut {
        // The renderer would count columns from the start of the cut.
        let position = place.source.position(place.span.start);
        let origin = Origin::path(name)
            .line(position.line as usize)
            .char_column(position.column as usize);
        group.element(origin).element(excerpt.snippet())
    } else {
        group.element(excerpt.snippet().path(name))
    }
}

/// The line in the text that a string of the file holds.
fn inside(place: &Place) -> Group<'_> {
    let position = place.source.position(place.span.start);
    let title = format!(
        "in the document that this string holds: line {}, column {}",
        position.line, position.column
    );
    Group::with_title(Level::NOTE.secondary_title(title)).element(Excerpt::of(place).snippet())
}

/// The line of a place, or the part of it around the place.
struct Excerpt<'a> {
    line: usize,
    text: &'a str,
    marked: Range<usize>,
    is_cut: bool,
}

impl<'a> Excerpt<'a> {
    fn of(place: &'a Place) -> Self {
        let source = &place.source;
        let line = source.position(place.span.start).line as usize;
        let start = source.line_start(line);
        let end = source.line_start(line + 1);
        let whole = source
            .text
            .get(start..end)
            .unwrap_or_default()
            .trim_end_matches(['\r', '\n']);
        let from = (place.span.start as usize)
            .saturating_sub(start)
            .min(whole.len());
        let to = (place.span.end as usize)
            .saturating_sub(start)
            .clamp(from, whole.len());
        // Spans of what was replaced or is not UTF-8 may end within a character.
        let (from, to) = (
            whole.floor_char_boundary(from),
            whole.ceil_char_boundary(to),
        );
        if whole.len() <= LINE_BYTES_MAX {
            return Self {
                line,
                text: whole,
                marked: from..to,
                is_cut: false,
            };
        }
        let cut = whole.floor_char_boundary(from.saturating_sub(LINE_BYTES_AROUND));
        let to = to.min(from + LINE_BYTES_AROUND);
        let end = whole.ceil_char_boundary((to + LINE_BYTES_AROUND).min(whole.len()));
        let text = whole.get(cut..end).unwrap_or_default();
        let marked = text.floor_char_boundary(from - cut)
            ..text.ceil_char_boundary((to - cut).min(text.len()));
        Self {
            line,
            text,
            marked,
            is_cut: true,
        }
    }

    fn snippet(&self) -> Snippet<'a, Annotation<'a>> {
        Snippet::source(self.text)
            .line_start(self.line)
            .annotation(AnnotationKind::Primary.span(self.marked.clone()))
    }
}

/// The renderer marks a gap between an origin and a snippet of the same line; there is none.
fn without_gap_marks(text: &str) -> String {
    let is_gap = |line: &&str| anstream::adapter::strip_str(line).to_string().trim() == ":::";
    text.lines()
        .filter(|line| !is_gap(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The renderer draws the edge of a text also where there is none.
fn without_gutter(text: &str) -> String {
    let is_edge = |line: &str| anstream::adapter::strip_str(line).to_string().trim() == "|";
    let mut lines: Vec<&str> = text.lines().collect();
    if let Some(at) = lines.iter().position(|line| is_edge(line)) {
        lines.remove(at);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use preclear_model::{Source, Span};
    use std::sync::Arc;

    fn plain(diagnostic: &Diagnostic) -> String {
        anstream::adapter::strip_str(&render([diagnostic], 100)).to_string()
    }

    #[test]
    fn file_line_column_marked_line_rule_and_help() {
        let source = Arc::new(Source::new("p.json", "{\n  \"Efect\": \"Allow\"\n}\n"));
        let error = Diagnostic::error("UNKNOWN_MEMBER", "`Efect` is unknown")
            .rule("IAM-GRAM-7")
            .at(source.place(Span::new(4, 11)))
            .help("did you mean `Effect`?");
        let text = plain(&error);
        for part in [
            "error[UNKNOWN_MEMBER]: `Efect` is unknown",
            "--> p.json:2:3",
            "2 |   \"Efect\": \"Allow\"",
            "^^^^^^^",
            "rule: IAM-GRAM-7",
            "help: did you mean `Effect`?",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn without_a_place_there_is_no_edge_of_a_text() {
        let text = plain(&Diagnostic::error("E", "m").rule("UI-1").help("h"));
        assert_eq!(text, "error[E]: m\n = rule: UI-1\n = help: h\n\n");
    }

    #[test]
    fn a_place_in_a_string_shows_both_positions() {
        let outer = Arc::new(Source::new("a.json", "{\"policy\": \"{\\n \\\"x\\\"}\"}"));
        let start = outer.text.find("\"{").unwrap();
        let span = Span::new(start, outer.text.len() - 1);
        let inner = Arc::new(Source::embedded(&outer, span, "{\n \"x\"}"));
        let text = plain(&Diagnostic::error("E", "m").at(inner.place(Span::new(3, 6))));
        assert!(text.contains("--> a.json:1:17"), "{text}");
        assert!(text.contains("line 2, column 2"), "{text}");
        assert!(text.contains("2 |  \"x\"}"), "{text}");
    }

    #[test]
    fn a_line_without_end_is_cut_but_keeps_its_column() {
        let mut line = "é".repeat(300_000);
        line.push_str("BAD");
        line.push_str(&"y".repeat(300_000));
        let source = Arc::new(Source::new("long.json", line));
        let text =
            plain(&Diagnostic::error("E", "m").at(source.place(Span::new(600_000, 600_003))));
        assert!(text.contains("--> long.json:1:300001"), "{text}");
        assert!(
            text.contains("BAD") && text.contains("^^^") && text.len() < 4000,
            "{text}"
        );
        assert!(!text.contains(":::"), "{text}");
    }

    #[test]
    fn spans_that_do_not_fit_their_text_do_no_harm() {
        for (start, end) in [(0, 0), (2, 1), (1, 2), (7, 900), (900, 901)] {
            let source = Arc::new(Source::new("x", "é\n\r\nab"));
            let place = Place {
                source,
                span: Span { start, end },
            };
            assert!(plain(&Diagnostic::warning("W", "m").at(place)).contains("warning[W]: m"));
        }
    }

    #[test]
    fn messages_keep_to_the_width() {
        let words = "a word of some length ".repeat(12);
        let source = Arc::new(Source::new("x", "ab"));
        let error = Diagnostic::error("E", words.trim())
            .rule("UI-1")
            .help(words.trim());
        for error in [error.clone().at(source.place(Span::new(0, 1))), error] {
            let text = plain(&error);
            assert!(text.lines().all(|line| line.len() <= 100), "{text}");
        }
    }

    #[test]
    fn nothing_of_a_text_steers_the_terminal() {
        let line = "a\u{9b}31m\u{202e}\u{2028}\u{1b}[2J: 1";
        let source = Arc::new(Source::new("x", line));
        let error = Diagnostic::error("E", line)
            .at(source.place(Span::new(0, 1)))
            .help(line);
        let text = plain(&error);
        let is_plain = |c: char| c == '\n' || !(c.is_control() || is_steering(c));
        assert!(text.chars().all(is_plain), "{text:?}");
        assert_eq!(text.matches("31m").count(), 3, "{text:?}");
    }

    #[test]
    fn thousands_of_places_are_counted_not_shown() {
        let source = Arc::new(Source::new("x", "ab"));
        let mut error = Diagnostic::error("E", "m");
        for _ in 0..1000 {
            error = error.related(source.place(Span::new(0, 1)), "also here");
        }
        let text = plain(&error);
        assert!(
            text.contains("and 997 more places") && text.len() < 1000,
            "{text}"
        );
    }
}
