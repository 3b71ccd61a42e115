//! Requests as lines of JSON, in any of the ways in which one can be written, and lines with something wrong.
//!
//! Knows nothing of requests but that `id` and `resource` are what lines have for themselves.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::choose::{Choose, Seeded};

/// Stands for a byte that no UTF-8 has, as lines of a scenario are texts.
const NO_TEXT: char = '\u{f8ff}';

/// How everything is written but `id` and `resource`: lines of one style and one rest are one frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    seed: u64,
    /// Members in another order.
    is_shuffled: bool,
    /// Spaces between tokens.
    is_spaced: bool,
    /// Some characters as escapes.
    is_escaped: bool,
}

impl Style {
    /// Close to what programs write, or anything that is JSON.
    pub(super) fn draw(choices: &mut impl Choose) -> Self {
        Self {
            seed: choices.below(1 << 16) as u64,
            is_shuffled: choices.once_in(2),
            is_spaced: choices.once_in(3),
            is_escaped: choices.once_in(4),
        }
    }
}

/// Writes one line: members in the style, `id` and `resource` each with escapes or without.
pub(super) fn line(
    choices: &mut impl Choose,
    members: &Map<String, Value>,
    style: &Style,
) -> String {
    let own = ["id", "resource"].map(|name| {
        let value = members.get(name)?;
        let mut text = String::new();
        let is_escaped = choices.once_in(8);
        write(choices, &mut text, value, &Spelled::of(false, is_escaped));
        Some((name, text))
    });
    // Whatever the own texts took of the choices, the rest is written as in other lines of the style.
    let mut choices = Seeded::new(style.seed);
    let spelled = Spelled::of(style.is_spaced, style.is_escaped);
    let mut order: Vec<&String> = members.keys().collect();
    if style.is_shuffled {
        order.sort();
        choices.shuffle(&mut order);
    }
    let mut line = String::new();
    space(&mut choices, &mut line, &spelled);
    line.push('{');
    for (at, name) in order.into_iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        space(&mut choices, &mut line, &spelled);
        write_text(&mut choices, &mut line, name, &spelled);
        space(&mut choices, &mut line, &spelled);
        line.push(':');
        space(&mut choices, &mut line, &spelled);
        let mut texts = own.iter().flatten();
        match (texts.find(|(own, _)| own == name), members.get(name)) {
            (Some((_, text)), _) => line.push_str(text),
            (None, Some(value)) => write(&mut choices, &mut line, value, &spelled),
            (None, None) => {}
        }
        space(&mut choices, &mut line, &spelled);
    }
    line.push('}');
    space(&mut choices, &mut line, &spelled);
    line
}

#[derive(Debug, Clone, Copy)]
struct Spelled {
    is_spaced: bool,
    is_escaped: bool,
}

impl Spelled {
    fn of(is_spaced: bool, is_escaped: bool) -> Self {
        Self {
            is_spaced,
            is_escaped,
        }
    }
}

fn space(choices: &mut impl Choose, line: &mut String, spelled: &Spelled) {
    if spelled.is_spaced {
        line.push_str(choices.one_of(&["", " ", "\t", "  ", "\r"]).unwrap_or(""));
    }
}

fn write(choices: &mut impl Choose, line: &mut String, value: &Value, spelled: &Spelled) {
    match value {
        Value::String(text) => write_text(choices, line, text, spelled),
        Value::Array(items) => {
            line.push('[');
            for (at, item) in items.iter().enumerate() {
                line.push_str(if at > 0 { "," } else { "" });
                space(choices, line, spelled);
                write(choices, line, item, spelled);
                space(choices, line, spelled);
            }
            line.push(']');
        }
        Value::Object(members) => {
            line.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                line.push_str(if at > 0 { "," } else { "" });
                space(choices, line, spelled);
                write_text(choices, line, name, spelled);
                line.push(':');
                space(choices, line, spelled);
                write(choices, line, value, spelled);
                space(choices, line, spelled);
            }
            line.push('}');
        }
        other => line.push_str(&other.to_string()),
    }
}

fn write_text(choices: &mut impl Choose, line: &mut String, text: &str, spelled: &Spelled) {
    line.push('"');
    for character in text.chars() {
        let is_escaped = spelled.is_escaped && choices.once_in(5);
        match character {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '/' if is_escaped => line.push_str("\\/"),
            _ if is_escaped || character < ' ' => escape(choices, line, character),
            _ => line.push(character),
        }
    }
    line.push('"');
}

/// The character by its number, in either case.
fn escape(choices: &mut impl Choose, line: &mut String, character: char) {
    let is_upper = choices.once_in(2);
    for unit in character.encode_utf16(&mut [0; 2]) {
        // Writing to a text never fails.
        let _ = match is_upper {
            true => write!(line, "\\u{unit:04X}"),
            false => write!(line, "\\u{unit:04x}"),
        };
    }
}

/// Something that stands between two members, or in a name.
const STRAY: [&str; 12] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    ",",
    ":",
    " ",
    "\u{0}",
    "\"id\":\"x\",",
    "\"resource\":\"*\"",
    "\u{f8ff}",
];

/// The line with something wrong, or what is no line of the kind at all.
pub(super) fn damaged(choices: &mut impl Choose, line: &str) -> String {
    let ends: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
    let at = |choices: &mut _| {
        let at = Choose::below(choices, ends.len());
        ends.get(at).copied().unwrap_or_default()
    };
    let from = at(choices);
    let (head, tail) = line.split_at_checked(from).unwrap_or((line, ""));
    match choices.below(11) {
        0 => head.to_owned(),
        1 => format!("{head}{}{tail}", choices.one_of(&STRAY).unwrap_or("")),
        2 => {
            let mut rest = tail.chars();
            rest.next();
            format!("{head}{}", rest.as_str())
        }
        3 => {
            let (first, length) = tail.chars().next().map_or((' ', 0), |c| (c, c.len_utf8()));
            format!(
                "{head}{first}{first}{}",
                tail.get(length..).unwrap_or_default()
            )
        }
        4 => format!(
            "{line} {}",
            choices
                .one_of(&["x", "{}", "]", "1", "\u{0}"])
                .unwrap_or("")
        ),
        5 => format!("{line}{line}"),
        6 => format!("[{line}]"),
        7 => line.replacen('{', "{\"id\":\"twice\",", 1),
        8 => format!("\u{feff}{line}"),
        9 => choices
            .one_of(&[
                "",
                " ",
                "null",
                "7",
                "\"text\"",
                "{}",
                "principal: anonymous",
            ])
            .unwrap_or("")
            .to_owned(),
        _ => swallowed(choices, line),
    }
}

/// A line in which one name holds what was two members before.
fn swallowed(choices: &mut impl Choose, line: &str) -> String {
    let joints: Vec<usize> = line.match_indices("\",\"").map(|(at, _)| at).collect();
    let joint = joints.get(choices.below(joints.len())).copied();
    let Some((head, tail)) = joint.and_then(|at| line.split_at_checked(at)) else {
        return line.to_owned();
    };
    let between = choices.one_of(&["\\u0000", "\\\"", ""]).unwrap_or("");
    // Of the member in front the quotes between its name and its value go too.
    let Some((before, value)) = head.rsplit_once("\":\"") else {
        return line.to_owned();
    };
    let rest = tail.get(3..).unwrap_or_default();
    format!("{before}{between}\\\"{value}\\\"{between}{rest}")
}

/// The bytes of a line.
pub(super) fn bytes(line: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(line.len());
    for (at, part) in line.split(NO_TEXT).enumerate() {
        if at > 0 {
            bytes.push(0xff);
        }
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}
