//! The page on jobs: its introduction, a table of all templates, and a section for each.

use std::path::Path;

use preclear_tests::root;
use serde_json::Value;

use crate::markdown::{code, codes, links, table};
use crate::names::{list, text};
use crate::section::section;

/// What is said before and after the table of templates, which stands in the place of this line.
const TEMPLATES: &str = "<!-- templates -->\n";

/// All templates by service and id.
pub(crate) fn templates() -> Vec<Value> {
    let folder = root().join("crates/catalog/data/jobs");
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_template = |path: &Path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    };
    let mut templates: Vec<Value> = paths
        .filter(|path| is_template(path))
        .map(|path| read(&path))
        .collect();
    templates.sort_by(|one, other| key(one).cmp(&key(other)));
    templates
}

/// The whole page, made of an introduction and templates.
pub(crate) fn text_of(introduction: &str, templates: &[Value]) -> String {
    let mut page = introduction.replace(TEMPLATES, &overview(templates));
    for template in templates {
        page.push('\n');
        page.push_str(&section(template));
    }
    let links = links(&page);
    if !links.is_empty() {
        page.push('\n');
        page.push_str(&links);
    }
    page
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn key(template: &Value) -> (&str, &str) {
    (text(template, "service"), text(template, "id"))
}

fn overview(templates: &[Value]) -> String {
    let row = |template: &Value| {
        let id = text(template, "id");
        let operations = list(template, "operations");
        let names: Vec<&str> = operations
            .iter()
            .map(|one| text(one, "operation"))
            .collect();
        vec![
            code(text(template, "service").trim_end_matches(".amazonaws.com")),
            format!("[{id}](#{})", id.to_lowercase()),
            codes(&names),
            list(template, "requirements").len().to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = templates.iter().map(row).collect();
    table(
        &["Service", "Template", "Operations", "Requirements"],
        &rows,
    )
}
