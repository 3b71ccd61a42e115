//! The requirements of a template: their table, and what is said of each.

use serde_json::Value;

use crate::markdown::{code, codes, prose, sentence, table, wrapped};
use crate::names::{block, list, pairs, text};
use crate::words::Words;

const HEAD: [&str; 7] = [
    "Id",
    "Phase",
    "Basis",
    "Principal",
    "Action → resource",
    "With",
    "When",
];
/// How long a cell may be before its words stand below the table.
const CELL: usize = 150;
/// How many pairs of a call stand in a cell.
const PAIRS: usize = 3;
const BELOW: &str = "see below";

/// One line of the table: one part of a requirement.
#[derive(Debug, Default)]
struct Line {
    principal: String,
    asks: String,
    /// Everything about the call, and what of it is too long for a cell.
    with: Vec<String>,
    long: Vec<String>,
    when: String,
    basis: String,
}

/// The requirements as a table.
pub(crate) fn rows_table(words: Words, requirements: &[Value]) -> String {
    let mut rows = Vec::new();
    for row in requirements {
        for (number, (joint, part)) in parts(row).into_iter().enumerate() {
            let line = line(words, row, part);
            let is_first = number == 0;
            let head = |word: &str| {
                if is_first {
                    word.to_owned()
                } else {
                    String::new()
                }
            };
            let id = if is_first {
                code(text(row, "id"))
            } else {
                joint.to_owned()
            };
            let basis = if line.basis.is_empty() {
                head(text(row, "basis"))
            } else {
                line.basis
            };
            rows.push(vec![
                id,
                head(text(row, "phase")),
                basis,
                line.principal,
                line.asks,
                line.with.join("; "),
                when(words, row, is_first, &line.when),
            ]);
        }
    }
    table(&HEAD, &rows)
}

/// Why each requirement is one, what is seen where it is missing, and what the table had no room for.
pub(crate) fn rows_told(words: Words, requirements: &[Value]) -> String {
    let mut told = String::new();
    for row in requirements {
        let mut says = format!(
            "- {}: {}",
            code(text(row, "id")),
            prose(&sentence(text(row, "why")))
        );
        if let Some(missing) = row.get("if_missing").and_then(Value::as_str) {
            says.push_str(&format!(" *Without it:* {}", prose(&full_stop(missing))));
        }
        if let Some(condition) = row.get("when") {
            let condition = words.condition(condition, true);
            if is_long(&condition) {
                says.push_str(&format!(" *When:* {condition}."));
            }
        }
        let mut long: Vec<String> = Vec::new();
        for (_, part) in parts(row) {
            long.extend(line(words, row, part).long);
        }
        long.dedup();
        for one in long {
            says.push_str(&format!(" *With:* {one}."));
        }
        told.push_str(&wrapped(&says, 2));
        told.push('\n');
    }
    told
}

/// A hint, the requirements that show it, and the reasons and near misses that it is for.
#[derive(Debug, Default)]
struct Hint<'a> {
    text: String,
    shown: Vec<String>,
    rows: Vec<&'a str>,
}

/// Hints, each once.
pub(crate) fn hints(words: Words, requirements: &[Value]) -> Vec<String> {
    let mut hints: Vec<Hint> = Vec::new();
    for row in requirements {
        for hint in list(row, "hints") {
            let said = words.filled(text(hint, "text"));
            let place = hints.iter().position(|one| one.text == said);
            let place = place.unwrap_or_else(|| {
                hints.push(Hint {
                    text: said,
                    ..Hint::default()
                });
                hints.len() - 1
            });
            let Some(known) = hints.get_mut(place) else {
                continue;
            };
            if !known.rows.contains(&text(row, "id")) {
                known.rows.push(text(row, "id"));
            }
            let shown = where_shown(words, hint).filter(|shown| !known.shown.contains(shown));
            known.shown.extend(shown);
        }
    }
    hints.iter().map(Hint::said).collect()
}

impl Hint<'_> {
    fn said(&self) -> String {
        let shown: String = self.shown.iter().map(|one| format!(", {one}")).collect();
        format!(
            "{} ({}{shown})",
            prose(&sentence(&self.text)),
            codes(&self.rows)
        )
    }
}

fn where_shown(words: Words, hint: &Value) -> Option<String> {
    match (text(hint, "code"), text(hint, "near_miss")) {
        ("", "") => None,
        ("", near_miss) => Some(format!("near miss `{}`", words.filled(near_miss))),
        (reason, _) => Some(format!("reason `{reason}`")),
    }
}

/// The parts of a requirement, each with the word that joins it to the ones before.
fn parts(row: &Value) -> Vec<(&'static str, &Value)> {
    let mut parts: Vec<(&str, &Value)> = list(row, "parts").iter().map(|part| ("", part)).collect();
    for (number, alternative) in list(row, "alternatives").iter().enumerate() {
        let joint = if number == 0 { "" } else { "*or*" };
        let others = alternative
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .enumerate();
        parts.extend(others.map(|(place, part)| (if place == 0 { joint } else { "" }, part)));
    }
    parts
}

fn when(words: Words, row: &Value, is_first: bool, of_part: &str) -> String {
    let whole = row
        .get("when")
        .filter(|_| is_first)
        .map(|condition| words.condition(condition, true));
    let whole = whole.map(|condition| {
        if is_long(&condition) {
            BELOW.to_owned()
        } else {
            condition
        }
    });
    match (whole, of_part) {
        (None, "") if is_first => "always".to_owned(),
        (None, "") => String::new(),
        (Some(whole), "") => whole,
        (None, part) => format!("this part: {part}"),
        (Some(whole), part) => format!("{whole}; this part: {part}"),
    }
}

fn line(words: Words, row: &Value, part: &Value) -> Line {
    match block(part) {
        Some(("pass_role", asked)) => pass_role(words, asked),
        Some(("assume_role", asked)) => assume_role(words, asked),
        Some((_, asked)) => allow(words, row, asked),
        None => Line::default(),
    }
}

fn pass_role(words: Words, asked: &Value) -> Line {
    Line {
        principal: principal(words, asked.get("as")),
        asks: format!("`iam:PassRole` → {}", said(words, asked, "role")),
        with: vec![format!(
            "`iam:PassedToService` = `{}`",
            words.names.service()
        )],
        ..Line::default()
    }
}

fn assume_role(words: Words, asked: &Value) -> Line {
    let mut with = vec![
        format!("`aws:SourceArn` = {}", said(words, asked, "source_arn")),
        "`aws:SourceAccount` = the job's account".to_owned(),
    ];
    with.extend(weaker(asked));
    Line {
        principal: code(words.names.service()),
        asks: format!("`sts:AssumeRole` → {}", said(words, asked, "role")),
        with,
        ..Line::default()
    }
}

fn allow(words: Words, row: &Value, asked: &Value) -> Line {
    let mut line = Line {
        principal: principal(words, asked.get("as")),
        asks: format!(
            "{} → {}",
            said(words, asked, "actions"),
            resource(words, asked)
        ),
        ..Line::default()
    };
    for words in conditions(words, asked) {
        if is_long(&words) {
            line.long.push(words);
        } else {
            line.with.push(words);
        }
    }
    if !line.long.is_empty() {
        line.with.push(BELOW.to_owned());
    }
    if let Some(condition) = asked.get("when") {
        let condition = words.condition(condition, true);
        line.when = if is_long(&condition) {
            "see the template".to_owned()
        } else {
            condition
        };
    }
    let own = text(asked, "basis");
    if !own.is_empty() && own != text(row, "basis") {
        line.basis = own.to_owned();
    }
    line
}

fn principal(words: Words, actor: Option<&Value>) -> String {
    match actor {
        Some(Value::String(actor)) if actor == "service" => code(words.names.service()),
        Some(Value::String(actor)) => actor.clone(),
        Some(actor) => match block(actor) {
            Some(("role_of", inner)) => format!(
                "{} (`{}`)",
                said(words, inner, "role"),
                text(inner, "service")
            ),
            Some(("role", inner)) => format!("role {}", words.value(inner)),
            Some((_, inner)) => words.value(inner),
            None => String::new(),
        },
        None => String::new(),
    }
}

/// What is acted on: ARNs, or the keys of a use.
fn resource(words: Words, asked: &Value) -> String {
    let Some(name) = asked.get("on_keys").and_then(Value::as_str) else {
        let on = asked.get("on").map(|on| words.value_or_origins(on));
        return on.unwrap_or_default();
    };
    let named = words
        .names
        .only(name)
        .and_then(|uses| uses.get("named"))
        .and_then(|named| named.get("key"));
    match named {
        Some(key) => the_key(&words.value(key)),
        None => code(&format!("{{{name}}}")),
    }
}

fn the_key(words: &str) -> String {
    if words.starts_with("the ") {
        words.to_owned()
    } else {
        format!("the key {words}")
    }
}

/// Everything about a call but who, what and on what.
fn conditions(words: Words, asked: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(each) = asked.get("for_each") {
        found.push(format!(
            "for each `{{item}}` of {}",
            words.value_or_origins(each)
        ));
    }
    if let Some(via) = asked.get("via") {
        found.push(format!("via {}", words.value(via)));
    }
    if let Some(region) = asked.get("region") {
        found.push(format!("in {}", words.value(region)));
    }
    found.extend(encryption_context(words, asked));
    found.extend(grouped(words, "", &pairs(asked, "context")));
    if let Some(tags) = asked.get("tags") {
        found.push(format!("tags `{}`", text(tags, "field")));
    }
    found.extend(flags(asked));
    found.extend(weaker(asked));
    found
}

fn encryption_context(words: Words, asked: &Value) -> Vec<String> {
    let uses = words.names.only(text(asked, "on_keys"));
    let named = uses.and_then(|uses| uses.get("named"));
    let mut all = named
        .map(|named| pairs(named, "context"))
        .unwrap_or_default();
    all.extend(pairs(asked, "encryption_context"));
    let of_objects = uses.is_some_and(|uses| uses.get("named").is_none());
    let mut found = grouped(words, "encryption context ", &all);
    if of_objects {
        found.insert(0, "encryption context `aws:s3:arn`".to_owned());
    }
    found
}

/// Pairs of a call; many of them are one entry.
fn grouped(words: Words, what: &str, pairs: &[(&String, &Value)]) -> Vec<String> {
    let said = pairs.iter().map(|(name, value)| match value.as_array() {
        Some(none) if none.is_empty() => format!("{what}`{name}` absent"),
        _ => format!("{what}`{name}` = {}", words.value_or_origins(value)),
    });
    let said: Vec<String> = said.collect();
    if said.len() > PAIRS {
        vec![said.join("; ")]
    } else {
        said
    }
}

fn flags(asked: &Value) -> Vec<String> {
    let is = |member: &str| asked.get(member).and_then(Value::as_bool) == Some(true);
    let mut found: Vec<&str> = Vec::new();
    match text(asked, "side") {
        "identity" => found.push("the principal's own policies must allow"),
        "both" => found.push("both the principal's own policies and the key policy must allow"),
        _ => {}
    }
    if is("granted") {
        found.push("as if a grant for it existed");
    }
    if is("for_aws_resource") {
        found.push("`kms:GrantIsForAWSResource`");
    }
    if is("unless_by_encryption_context") {
        found.push("left out where only a condition on the encryption context denies it");
    }
    found.into_iter().map(str::to_owned).collect()
}

fn weaker(asked: &Value) -> Option<String> {
    let weaker = asked.get("weaker")?;
    let keys: Vec<&str> = list(weaker, "keys")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    Some(format!(
        "basis {} where {} alone denies",
        text(weaker, "basis"),
        codes(&keys)
    ))
}

fn said(words: Words, asked: &Value, member: &str) -> String {
    asked
        .get(member)
        .map(|value| words.value_or_origins(value))
        .unwrap_or_default()
}

fn is_long(words: &str) -> bool {
    words.chars().count() > CELL
}

fn full_stop(text: &str) -> String {
    if text.ends_with('.') {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
