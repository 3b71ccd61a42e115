//! Policies among other text: JSON and YAML in Markdown fences, JSON between sentences. Rule: JOB-LINT-1
//!
//! Finds where such texts stand and how to read them; whether they are policies is told by their readers.

use std::ops::Range;

use crate::cut::Cut;

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
    /// How many `>` stand in front of its lines: the quotations of Markdown that it stands in.
    pub quotations: usize,
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
    /// How many `>` stand in front of the lines of a fence.
    quotations: usize,
}

/// A fence that was opened.
struct Fence {
    mark: char,
    length: usize,
    language: String,
    quotations: usize,
}

/// A text by its fences. One that is not closed reaches to the end of its quotation, or of the text, as Markdown has it.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut start, mut offset) = (0, 0);
    let mut open: Option<Fence> = None;
    for line in text.split_inclusive('\n') {
        let end = offset + line.len();
        if let Some(fence) = &open
            && quotation(line, fence.quotations).0 < fence.quotations
        {
            push_block(&mut blocks, start..offset, open.take());
            start = offset;
        }
        let (quotations, prefix) = quotation(
            line,
            open.as_ref().map_or(usize::MAX, |fence| fence.quotations),
        );
        if let Some((mark, length, rest)) = fence(line.get(prefix..).unwrap_or_default()) {
            match &open {
                None => {
                    push_block(&mut blocks, start..offset, None);
                    let language = rest.split_whitespace().next().unwrap_or_default();
                    open = Some(Fence {
                        mark,
                        length,
                        language: language.to_ascii_lowercase(),
                        quotations,
                    });
                    start = end;
                }
                Some(own) if own.mark == mark && length >= own.length && rest.trim().is_empty() => {
                    push_block(&mut blocks, start..offset, open.take());
                    start = end;
                }
                Some(_) => {}
            }
        }
        offset = end;
    }
    push_block(&mut blocks, start..text.len(), open);
    blocks
}

fn push_block(blocks: &mut Vec<Block>, range: Range<usize>, fence: Option<Fence>) {
    if !range.is_empty() {
        blocks.push(Block {
            range,
            is_fenced: fence.is_some(),
            quotations: fence.as_ref().map_or(0, |fence| fence.quotations),
            language: fence.map(|fence| fence.language).unwrap_or_default(),
        });
    }
}

/// The marks of quotations in front of a line, at most so many: how many there are, and how many bytes they take.
pub(crate) fn quotation(line: &str, at_most: usize) -> (usize, usize) {
    let (mut count, mut length) = (0, 0);
    while count < at_most {
        let rest = line.get(length..).unwrap_or_default();
        let Some(behind) = rest.trim_start_matches([' ', '\t']).strip_prefix('>') else {
            break;
        };
        let behind = behind.strip_prefix(' ').unwrap_or(behind);
        length = line.len() - behind.len();
        count += 1;
    }
    (count, length)
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
    // The line of the last piece, and where that starts: a line may hold very many.
    let (mut line, mut seen) = (block.range.start, block.range.start);
    let mut piece = |range: Range<usize>, notation| {
        if let Some(at) = slice(seen..range.start).rfind('\n') {
            line = seen + at + 1;
        }
        seen = range.start;
        Piece {
            quotations: if block.is_fenced {
                block.quotations
            } else {
                quotation(slice(line..range.start), usize::MAX).0
            },
            range,
            notation,
            fence_end,
        }
    };
    let content = slice(block.range.clone());
    let is_mark = |c: char| c.is_whitespace() || (block.quotations > 0 && c == '>');
    let starts_as_json = content
        .trim_start_matches(is_mark)
        .starts_with(['{', '[', '"']);
    if block.is_fenced
        && !starts_as_json
        && (["yaml", "yml"].contains(&block.language.as_str()) || !has_members(content))
    {
        let piece = piece(block.range.clone(), Notation::Yaml);
        if has_yaml_members(&Cut::of(text, &piece).text) {
            found.push(piece);
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
    fn fences_and_sentences_may_stand_in_quotations() {
        let quoted = |text: &str| -> Vec<String> {
            let found = pieces(text);
            found.iter().map(|one| Cut::of(text, one).text).collect()
        };
        let json = "{\"Effect\":\n 1}";
        for text in [
            "> text\n> ```json\n> {\"Effect\":\n>  1}\n> ```\n> more",
            "text\n> ```\n> {\"Effect\":\n>  1}\ntext",
            ">> ```\n>> {\"Effect\":\n> >  1}\n>> ```\n",
            "> See {\"Effect\":\n>  1}.",
        ] {
            assert_eq!(quoted(text), [json], "{text}");
        }
        let yaml = "> ```yaml\n> Effect: Allow\n>\n> Action: x\n> ```\n";
        assert_eq!(quoted(yaml), ["Effect: Allow\n\nAction: x\n"]);
        let code = "```\n> {\"Effect\":\n> 1}\n```\n";
        assert_eq!(quoted(code), ["{\"Effect\":\n> 1}"]);
    }

    #[test]
    fn very_many_openings_come_to_an_end() {
        assert_eq!(texts(&"{ ".repeat(100_000)), [""; 0]);
        assert_eq!(texts(&"[{\"Effect\" ".repeat(50_000)).len(), 1);
    }

    #[test]
    fn commas_in_strings_and_between_values_stay() {
        assert_eq!(trailing_commas(r#"{"a": "b,}", "c": 1}"#), [0; 0]);
        assert_eq!(trailing_commas("[1, ]"), [2]);
        assert_eq!(trailing_commas("\"open,"), [0; 0]);
    }
}
