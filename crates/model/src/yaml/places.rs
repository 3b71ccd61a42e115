//! Where the content of a node stands, as the parser counts anchors and tags in and headers of blocks out.

use saphyr_parser::ScalarStyle;

use crate::source::Span;

/// The span of a scalar from its header or its quote to its last character.
pub(super) fn span_of_scalar(
    text: &str,
    span: Span,
    style: ScalarStyle,
    has_properties: bool,
) -> Span {
    let content = if has_properties {
        without_properties(text, span)
    } else {
        span
    };
    if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
        return content;
    }
    // With properties the parser starts the scalar at them, else behind the header.
    let start = content.start as usize;
    let start = if has_properties {
        start
    } else {
        block_header(text, start)
    };
    let raw = text.get(start..content.end as usize).unwrap_or_default();
    Span::new(start, start + raw.trim_end().len())
}

/// The span without the anchor and the tag in front of the content.
pub(super) fn without_properties(text: &str, mut span: Span) -> Span {
    loop {
        let rest = text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default();
        if !rest.starts_with(['&', '!']) {
            return span;
        }
        let property = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let space = rest.get(property..).map_or(0, blank_bytes);
        span = Span::new(span.start as usize + property + space, span.end as usize);
    }
}

/// Length of the white space and the comments at the start.
fn blank_bytes(text: &str) -> usize {
    let mut rest = text.trim_start();
    while rest.starts_with('#') {
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        rest = rest.get(end..).unwrap_or_default().trim_start();
    }
    text.len() - rest.len()
}

/// Offset of the `|` or `>` of a block scalar whose content starts at `content`; `content` if there is none.
fn block_header(text: &str, content: usize) -> usize {
    let before = text.get(..content).unwrap_or_default();
    // Blank lines may stand between the header and the content, whose line starts with its indentation.
    let lines = before.trim_end();
    let line_start = lines.rfind('\n').map_or(0, |end| end + 1);
    let line = lines.get(line_start..).unwrap_or_default();
    let mut marks = line.match_indices(['|', '>']);
    marks
        .find(|(at, mark)| is_header(line.get(at + mark.len()..).unwrap_or_default()))
        .map_or(content, |(at, _)| line_start + at)
}

/// True for what may follow the `|` or `>` of a header: indicators, then white space, then a comment.
fn is_header(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-');
    rest.trim_start().is_empty()
        || (rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#'))
}
