//! What the page says of one template.

use std::fmt::Write as _;

use serde_json::Value;

use crate::markdown::{bullet, code, prose, sentence};
use crate::members;
use crate::names::{Names, list, short_operation, text};
use crate::rows::{hints, rows_table, rows_told};
use crate::words::{Words, names_in};

/// How far the definitions of names are followed.
const LEVELS: usize = 2;

/// The section of a template.
pub(crate) fn section(template: &Value) -> String {
    let words = Words {
        names: Names::new(template),
    };
    let mut section = format!("## {}\n\n{}", text(template, "id"), head(words, template));
    push(&mut section, "", &listed(&notes(template)));
    push(&mut section, "", &exists(words, template));
    let requirements = list(template, "requirements");
    let requirements_table = rows_table(words, requirements);
    let told = rows_told(words, requirements);
    let explained = names(
        words,
        &format!("{}{requirements_table}{told}", exists(words, template)),
    );
    push(&mut section, "Requirements", &requirements_table);
    push(&mut section, "", &told);
    push(&mut section, "Names", &listed(&explained));
    push(&mut section, "Hints", &listed(&hints(words, requirements)));
    push(
        &mut section,
        "Checks: the job is `INVALID`",
        &listed(&checks(words, template)),
    );
    push(
        &mut section,
        "Warnings",
        &listed(&warnings(words, template)),
    );
    push(&mut section, "Members of the request", &members(template));
    push(&mut section, "Sources", &listed(&sources(template)));
    section
}

fn push(section: &mut String, title: &str, text: &str) {
    if text.is_empty() {
        return;
    }
    section.push('\n');
    if !title.is_empty() {
        let _ = write!(section, "**{title}**\n\n");
    }
    section.push_str(text);
}

fn listed(all: &[String]) -> String {
    all.iter().map(|one| bullet(one)).collect()
}

/// The operations with their titles, service and profiles.
fn head(words: Words, template: &Value) -> String {
    let mut head = String::new();
    for operation in words.names.operations() {
        head.push_str(&bullet(&format!(
            "{}: {}",
            code(text(operation, "operation")),
            text(operation, "title")
        )));
    }
    let _ = write!(head, "\nService: `{}`.", text(template, "service"));
    let profiles: Vec<&str> = list(template, "profiles")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if !profiles.is_empty() {
        let default = text(template, "default_profile");
        let _ = write!(
            head,
            " Profiles: {}; without one `{default}`.",
            crate::markdown::codes(&profiles)
        );
    }
    head.push('\n');
    head
}

fn notes(template: &Value) -> Vec<String> {
    list(template, "notes")
        .iter()
        .filter_map(Value::as_str)
        .map(|note| prose(&sentence(note)))
        .collect()
}

fn sources(template: &Value) -> Vec<String> {
    list(template, "sources")
        .iter()
        .filter_map(Value::as_str)
        .map(prose)
        .collect()
}

/// What the snapshot should list.
fn exists(words: Words, template: &Value) -> String {
    let all = list(template, "exists").iter().map(|one| {
        let of = one
            .get("of")
            .map(|of| words.value_or_origins(of))
            .unwrap_or_default();
        format!("{} ({of})", text(one, "what"))
    });
    let all: Vec<String> = all.collect();
    if all.is_empty() {
        return String::new();
    }
    let said = format!(
        "The snapshot should list, as far as the request comes to them: {}.",
        all.join("; ")
    );
    format!("{}\n", crate::markdown::wrapped(&said, 0))
}

/// What the names mean that a text has, and those that this says in turn.
fn names(words: Words, text: &str) -> Vec<String> {
    let mut asked: Vec<String> = Vec::new();
    let mut said = Vec::new();
    let mut rest = text.to_owned();
    for _ in 0..LEVELS {
        let mut new = String::new();
        for name in names_in(&rest) {
            let definitions = words.names.definitions(name);
            if definitions.is_empty() || asked.iter().any(|one| one == name) {
                continue;
            }
            asked.push(name.to_owned());
            let definition = meaning(words, &definitions);
            new.push_str(&definition);
            said.push(format!("`{{{name}}}`: {definition}"));
        }
        rest = new;
    }
    said
}

fn meaning(words: Words, definitions: &[crate::names::Definition]) -> String {
    let one = |definition: &crate::names::Definition| {
        let said = words.value_or_origins(definition.value);
        match definitions {
            [_] => said,
            _ => format!("{said} ({})", definition.operations.join(", ")),
        }
    };
    definitions.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The checks of all operations; those that differ in their member alone are one.
fn checks(words: Words, template: &Value) -> Vec<String> {
    let mut found: Vec<(String, String, Vec<String>)> = Vec::new();
    let own = words
        .names
        .operations()
        .iter()
        .flat_map(|operation| list(operation, "checks"));
    for check in list(template, "checks").iter().chain(own) {
        let (what, help) = (
            tested(words, check),
            format!("{} ({})", text(check, "help"), text(check, "rule")),
        );
        let of = of(words, check);
        match found.iter_mut().find(|one| one.0 == what && one.1 == help) {
            Some((_, _, all)) if all.contains(&of) => {}
            Some((_, _, all)) => all.push(of),
            None => found.push((what, help, vec![of])),
        }
    }
    let said = |(what, help, of): (String, String, Vec<String>)| {
        let of: Vec<String> = of.into_iter().filter(|one| !one.is_empty()).collect();
        let place = if of.is_empty() {
            String::new()
        } else {
            format!("{}: ", of.join(", "))
        };
        format!("{place}{what}. {}", prose(&sentence(&help)))
    };
    found.into_iter().map(said).collect()
}

/// What a check is about: a member of the request, or a value.
fn of(words: Words, check: &Value) -> String {
    let field = text(check, "field");
    if !field.is_empty() {
        return code(field);
    }
    let value = check.get("test").and_then(crate::names::block);
    match value {
        Some(("refuse", _)) | None => String::new(),
        Some((_, value)) => words.value_or_origins(value),
    }
}

fn tested(words: Words, check: &Value) -> String {
    match check.get("test").and_then(crate::names::block) {
        Some(("refuse", refused)) => {
            let message = prose(&words.filled(text(refused, "message")));
            format!("`{}`, {message}", text(refused, "code"))
        }
        Some(("bucket_region", _)) => "the bucket is in another Region than the job".to_owned(),
        Some(("key_region", _)) => "the key is in another Region than the job".to_owned(),
        Some(("key_spec", _)) => "the key is no symmetric encryption key".to_owned(),
        Some(("role_account", _)) => {
            "the role belongs to another account than the job's".to_owned()
        }
        _ => String::new(),
    }
}

fn warnings(words: Words, template: &Value) -> Vec<String> {
    let said = |warning: &Value| {
        format!(
            "`{}`: {}",
            text(warning, "code"),
            prose(&sentence(&words.filled(text(warning, "message"))))
        )
    };
    list(template, "warnings").iter().map(said).collect()
}

/// The members of each operation's request.
fn members(template: &Value) -> String {
    let operations = list(template, "operations");
    let mut said = String::new();
    for operation in operations {
        if operations.len() > 1 {
            let _ = write!(
                said,
                "{}`{}`:\n\n",
                if said.is_empty() { "" } else { "\n" },
                short_operation(text(operation, "operation"))
            );
        }
        let fields = operation
            .get("fields")
            .map(members::block)
            .unwrap_or_default();
        let _ = write!(said, "```text\n{fields}```\n");
    }
    said
}
