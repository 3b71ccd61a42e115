//! Policies among other text: JSON and YAML in Markdown fences, JSON between sentences. Rule: JOB-LINT-1
//!
//! Finds where such texts stand and how to read them; whether they are policies is told by their readers.

use std::ops::Range;

use preclear_model::{Diagnostics, Node, Place, Source, Span, Value};
use std::sync::Arc;

/// Openings that may stay without their end before the rest of a text is given up: each costs a walk over it.
const UNCLOSED_MAX: usize = 32;

/// A text in a text that probably is a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where it stands.
    pub range: Range<usize>,
    /// How it is written.
    pub notation: Notation,
    /// Where the fence around it ends; `None` between sentences.
    pub fence_end: Option<usize>,
}

/// How a piece is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// JSON, perhaps broken.
    Json,
    /// YAML.
    Yaml,
}

/// The probable policies of a text, in their order. Nothing in it is changed but what [`Cut`] takes out.
///
/// ```
/// use preclear_lint::pieces;
/// let text = "Attach this policy\\.\n\n```\n{\"Effect\": \"Allow\"}\n```\n";
/// let found = pieces(text);
/// assert_eq!(&text[found[0].range.clone()], "{\"Effect\": \"Allow\"}");
/// ```
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    for block in blocks(text) {
        in_block(text, &block, &mut found);
    }
    found
}

/// Whether a text speaks of statements or what they do as policies do: a reason to complain where it cannot be read.
#[must_use]
pub fn looks_like_policies(text: &str) -> bool {
    has_members(text) || has_yaml_members(text)
}

/// A stretch of a text: what a fence holds, or what stands between fences.
#[derive(Debug)]
struct Block {
    range: Range<usize>,
    is_fenced: bool,
    /// The language of a fence, lower-case.
    language: String,
}

/// A text by its fences. One that is not closed reaches to the end, as Markdown has it.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut start, mut offset) = (0, 0);
    // The mark of the open fence and its language.
    let mut open: Option<(char, usize, String)> = None;
    let push = |blocks: &mut Vec<Block>, range: Range<usize>, language: Option<String>| {
        if !range.is_empty() {
            blocks.push(Block {
                range,
                is_fenced: language.is_some(),
                language: language.unwrap_or_default(),
            });
        }
    };
    for line in text.split_inclusive('\n') {
        let end = offset + line.len();
        if let Some((mark, length, rest)) = fence(line) {
            match &open {
                None => {
                    push(&mut blocks, start..offset, None);
                    let language = rest.split_whitespace().next().unwrap_or_default();
                    open = Some((mark, length, language.to_ascii_lowercase()));
                    start = end;
                }
                Some((opened, at_least, _))
                    if *opened == mark && length >= *at_least && rest.trim().is_empty() =>
                {
                    let language = open.take().map(|(_, _, language)| language);
                    push(&mut blocks, start..offset, language);
                    start = end;
                }
                Some(_) => {}
            }
        }
        offset = end;
    }
    push(
        &mut blocks,
        start..text.len(),
        open.map(|(_, _, language)| language),
    );
    blocks
}

/// What stands between fences.
pub(crate) fn outside_fences(text: &str) -> Vec<Range<usize>> {
    let outside = blocks(text).into_iter().filter(|block| !block.is_fenced);
    outside.map(|block| block.range).collect()
}

/// The mark of a fence, how often it stands there, and what follows it.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = line.trim_start_matches(mark);
    let length = line.len() - rest.len();
    (length >= 3 && !rest.contains('`')).then_some((mark, length, rest))
}

fn in_block(text: &str, block: &Block, found: &mut Vec<Piece>) {
    let fence_end = block.is_fenced.then_some(block.range.end);
    let slice = |range: Range<usize>| text.get(range).unwrap_or_default();
    let piece = |range: Range<usize>, notation| Piece {
        range,
        notation,
        fence_end,
    };
    let content = slice(block.range.clone());
    let starts_as_json = content.trim_start().starts_with(['{', '[', '"']);
    if block.is_fenced
        && !starts_as_json
        && (["yaml", "yml"].contains(&block.language.as_str()) || !has_members(content))
    {
        if has_yaml_members(content) {
            found.push(piece(block.range.clone(), Notation::Yaml));
        }
        return;
    }
    let mut at = block.range.start;
    let mut unclosed = 0;
    while let Some(start) = opening(text, at..block.range.end) {
        match closing(text, start..block.range.end) {
            Some(end) => {
                if has_members(slice(start..end)) {
                    found.push(piece(start..end, Notation::Json));
                }
                at = end;
            }
            None if block.is_fenced => {
                // What is never closed is broken JSON, and its reader says where.
                if has_members(slice(start..block.range.end)) {
                    found.push(piece(start..block.range.end, Notation::Json));
                }
                return;
            }
            None => {
                unclosed += 1;
                let end = paragraph_end(text, start..block.range.end);
                if has_members(slice(start..end)) {
                    found.push(piece(start..end, Notation::Json));
                    at = end;
                } else {
                    at = start + 1;
                }
                if unclosed >= UNCLOSED_MAX {
                    return;
                }
            }
        }
    }
}

/// Where the next object or list of objects starts.
fn opening(text: &str, range: Range<usize>) -> Option<usize> {
    let inner = text.get(range.clone())?;
    inner
        .match_indices(['{', '['])
        .map(|(offset, _)| offset)
        .find(|offset| {
            let rest = inner.get(*offset..).unwrap_or_default();
            rest.starts_with('{')
                || rest
                    .get(1..)
                    .is_some_and(|rest| rest.trim_start().starts_with('{'))
        })
        .map(|offset| range.start + offset)
}

/// Behind the bracket that closes the one at the start.
fn closing(text: &str, range: Range<usize>) -> Option<usize> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut is_escaped = false;
    for (offset, byte) in text.get(range.clone())?.bytes().enumerate() {
        if in_string {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(range.start + offset + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn paragraph_end(text: &str, range: Range<usize>) -> usize {
    let inner = text.get(range.clone()).unwrap_or_default();
    let end = ["\n\n", "\n\r\n"]
        .iter()
        .filter_map(|mark| inner.find(mark))
        .min();
    range.start + end.unwrap_or(inner.len())
}

/// Names that only statements and documents around them have, in the quotes that people and word processors write.
fn has_members(text: &str) -> bool {
    ["Effect", "Statement"].iter().any(|name| {
        text.match_indices(name).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let behind = text.get(at + name.len()..);
            let behind = behind.and_then(|text| text.chars().next());
            let is_quote = |c: Option<char>| {
                matches!(
                    c,
                    Some('"' | '\'' | '\\' | '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}')
                )
            };
            is_quote(before) && is_quote(behind)
        })
    })
}

/// A line that starts with `Effect:` or `Statement:`.
fn has_yaml_members(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches([' ', '-', '\t']);
        ["Effect", "Statement"].iter().any(|name| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.trim_start().starts_with(':'))
        })
    })
}

/// A part of a text with some characters taken out or blanked, and the way back to the whole.
#[derive(Debug, Clone)]
pub struct Cut {
    /// What is to be read.
    pub text: String,
    /// Where the part starts in the whole.
    base: usize,
    /// Offsets in the part, in order, in front of which a character of one byte was taken out.
    removed: Vec<usize>,
}

/// What Markdown escapes and JSON does not.
const MARKDOWN_ESCAPES: &str = "_*[]()#+-.!{}<>|~`&:;=@$%^?,'";

impl Cut {
    /// A piece of a text. Between sentences backslashes of Markdown are taken out; a fence holds none. Rule: JOB-LINT-1
    #[must_use]
    pub fn of(text: &str, piece: &Piece) -> Cut {
        let part = text.get(piece.range.clone()).unwrap_or_default();
        let base = piece.range.start;
        let is_prose = piece.fence_end.is_none() && piece.notation == Notation::Json;
        if !is_prose || !part.contains('\\') {
            return Cut {
                text: part.to_owned(),
                base,
                removed: Vec::new(),
            };
        }
        let mut kept = String::with_capacity(part.len());
        let mut removed = Vec::new();
        let mut chars = part.chars().peekable();
        while let Some(c) = chars.next() {
            match chars.peek().copied() {
                Some(next) if c == '\\' && MARKDOWN_ESCAPES.contains(next) => {
                    removed.push(kept.len());
                }
                Some(next) if c == '\\' => {
                    kept.push(c);
                    kept.push(next);
                    chars.next();
                }
                _ => kept.push(c),
            }
        }
        Cut {
            text: kept,
            base,
            removed,
        }
    }

    /// The offset in the whole text of one in [`Cut::text`].
    #[must_use]
    pub fn offset(&self, offset: usize) -> usize {
        let taken = self.removed.partition_point(|removed| *removed <= offset);
        self.base + offset + taken
    }

    fn span(&self, span: Span) -> Span {
        Span::new(
            self.offset(span.start as usize),
            self.offset(span.end as usize),
        )
    }

    /// Moves a tree that was read from [`Cut::text`] to its place in the whole.
    pub fn place_tree(&self, node: &mut Node) {
        node.span = self.span(node.span);
        match &mut node.value {
            Value::Null | Value::Scalar(_) => {}
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.place_tree(item)),
            Value::Mapping(members) => {
                for member in members {
                    member.name_span = self.span(member.name_span);
                    self.place_tree(&mut member.value);
                }
            }
        }
    }

    /// Moves what was said of `cut`, the source of [`Cut::text`], to its place in the whole.
    #[must_use]
    pub fn place_all(
        &self,
        said: Diagnostics,
        cut: &Arc<Source>,
        whole: &Arc<Source>,
    ) -> Diagnostics {
        let moved = |place: &mut Place| {
            if Arc::ptr_eq(&place.source, cut) {
                *place = whole.place(self.span(place.span));
            }
        };
        let all = said.into_iter().map(|mut one| {
            one.place.as_mut().map(moved);
            one.related.iter_mut().for_each(|(place, _)| moved(place));
            one
        });
        all.collect()
    }
}

/// Commas in front of a closing bracket, or at the very end: what JSON refuses and everybody understands.
///
/// ```
/// use preclear_lint::trailing_commas;
/// assert_eq!(trailing_commas(r#"{"a": [1, 2,], "b": ",]"},"#), [11, 25]);
/// ```
#[must_use]
pub fn trailing_commas(text: &str) -> Vec<usize> {
    let mut commas = Vec::new();
    let mut last: Option<usize> = None;
    let (mut in_string, mut is_escaped) = (false, false);
    for (offset, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {}
            b',' => last = Some(offset),
            b'}' | b']' => commas.extend(last.take()),
            _ => {
                in_string = byte == b'"';
                last = None;
            }
        }
    }
    commas.extend(last);
    commas
}

#[cfg(test)]
mod tests {
    use super::*;
    use preclear_model::node;

    fn texts(text: &str) -> Vec<&str> {
        let found = pieces(text);
        found.iter().map(|one| &text[one.range.clone()]).collect()
    }

    #[test]
    fn fences_hold_json_and_yaml() {
        let text = "a\n```json\n{\"Effect\": 1}\n```\n~~~yaml\nEffect: Allow\n~~~\n````\n```\nStatement: []\n";
        assert_eq!(
            texts(text),
            ["{\"Effect\": 1}", "Effect: Allow\n", "```\nStatement: []\n"]
        );
        let code = "```\nfn main() { let effect = 1; }\n```\n```yaml\nname: x\n```\n";
        assert_eq!(texts(code), [""; 0]);
    }

    #[test]
    fn yaml_may_hold_braces() {
        let text = "```\nStatement:\n- Effect: Allow\n  Principal: {AWS: '*'}\n```\n";
        let found = pieces(text);
        assert_eq!((found.len(), found[0].notation), (1, Notation::Yaml));
    }

    #[test]
    fn sentences_hold_json() {
        let text = "See [this]( {x} ): { \"Effect\": \"}\" } and [ {\"Statement\": []} ], {broken \"Effect\n\nmore";
        assert_eq!(
            texts(text),
            ["{ \"Effect\": \"}\" }", "[ {\"Statement\": []} ]"]
        );
        assert_eq!(texts("a {\"Effect\": [1\n\nb"), ["{\"Effect\": [1"]);
        assert_eq!(texts("{\u{201c}Effect\u{201d}: 1}").len(), 1);
    }

    #[test]
    fn very_many_openings_come_to_an_end() {
        assert_eq!(texts(&"{ ".repeat(100_000)), [""; 0]);
        assert_eq!(texts(&"[{\"Effect\" ".repeat(50_000)).len(), 1);
    }

    #[test]
    fn backslashes_of_markdown_are_taken_out_and_places_stay() {
        let text = "x {\"Effect\": \"kms:Re\\*\", \"a\\_b\": \"c\\n\\\"\"} y";
        let piece = pieces(text).remove(0);
        let cut = Cut::of(text, &piece);
        let source = Arc::new(Source::new("p", cut.text.clone()));
        let mut tree = node::read(&source).unwrap();
        cut.place_tree(&mut tree);
        let span = tree.member("a_b").unwrap().name_span;
        assert_eq!(&text[span.start as usize..span.end as usize], "\"a\\_b\"");
        let span = tree.get("Effect").unwrap().span;
        assert_eq!(
            &text[span.start as usize..span.end as usize],
            "\"kms:Re\\*\""
        );
    }

    #[test]
    fn commas_in_strings_and_between_values_stay() {
        assert_eq!(trailing_commas(r#"{"a": "b,}", "c": 1}"#), [0; 0]);
        assert_eq!(trailing_commas("[1, ]"), [2]);
        assert_eq!(trailing_commas("\"open,"), [0; 0]);
    }
}
