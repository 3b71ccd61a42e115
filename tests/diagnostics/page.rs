//! The page of the documentation, made of the tables and the examples.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use preclear_model::Severity;
use preclear_model::codes::Code;
use preclear_tests::root;
use preclear_tests::tables::groups;

use crate::examples::Example;

/// Files in which rules stand that are none of `rules/`.
const PAGES: [&str; 2] = ["commands.md", "formats.md"];

/// The whole page.
pub(crate) fn text(examples: &BTreeMap<String, Example>) -> String {
    let mut text = std::fs::read_to_string(root().join("tests/diagnostics/introduction.md"))
        .unwrap_or_default();
    let groups = groups();
    text.push('\n');
    for group in &groups {
        let anchor = group.title.to_lowercase().replace(' ', "-");
        let _ = writeln!(text, "- [{}](#{anchor})", group.title);
    }
    for group in &groups {
        let _ = write!(text, "\n## {}\n\n{}\n", group.title, wrapped(group.about));
        for code in group.codes() {
            push_code(&mut text, code, examples.get(code.name));
        }
    }
    text
}

fn push_code(text: &mut String, code: &Code, example: Option<&Example>) {
    let severity = match code.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let meaning = format!("*{severity}, {}* — {}.", rule(code.rule), code.meaning);
    let remedy = format!("**Remedy:** {}.", code.remedy);
    let shown = example.map(Example::shown).unwrap_or_default();
    let _ = write!(
        text,
        "\n### {}\n\n{}\n\n{shown}\n{}\n",
        code.name,
        wrapped(&meaning),
        wrapped(&remedy)
    );
}

/// The id of a rule as a link to where it stands.
fn rule(id: &str) -> String {
    match page_of(id) {
        Some(page) => format!("[{id}]({page})"),
        None => id.to_owned(),
    }
}

/// The file below `docs` that states a rule.
pub(crate) fn page_of(id: &str) -> Option<String> {
    let docs = root().join("docs");
    let states = |path: &str, heads: &[String]| {
        let text = std::fs::read_to_string(docs.join(path)).unwrap_or_default();
        let mut lines = text.lines();
        lines.any(|line| heads.iter().any(|head| line.starts_with(head)))
    };
    let mut pages: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(docs.join("rules")).ok()? {
        let name = entry.ok()?.file_name().to_string_lossy().into_owned();
        pages.push(format!("rules/{name}"));
    }
    pages.sort();
    pages.extend(PAGES.map(str::to_owned));
    let heads = [
        format!("### {id} "),
        format!("- **{id}** "),
        format!("- **{id}**"),
    ];
    pages.into_iter().find(|page| states(page, &heads))
}

/// Lines of at most 120 characters; text in backticks is not broken.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 120;
    let mut lines: Vec<String> = vec![String::new()];
    let mut is_code = false;
    let mut word = String::new();
    let mut put = |word: &mut String| {
        let Some(line) = lines.last_mut() else { return };
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::take(word));
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&std::mem::take(word));
        }
    };
    for c in text.chars() {
        is_code ^= c == '`';
        if c == ' ' && !is_code {
            put(&mut word);
        } else {
            word.push(c);
        }
    }
    put(&mut word);
    lines.join("\n")
}
