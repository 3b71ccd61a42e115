//! The pages on jobs: the introduction with a table of all templates, and a page for each service with a section for each of them.

use std::path::Path;

use preclear_tests::root;
use serde_json::Value;

use crate::markdown::{code, codes, links, table};
use crate::names::{list, text};
use crate::section::section;

/// What is said before and after the table of templates, which stands in the place of this line.
const TEMPLATES: &str = "<!-- templates -->\n";

/// What is said at the head of a service's page.
const HOW_TO_READ: &str = "Requirements of each operation, made of the templates. What phases, bases and verdicts are, and how to\n\
read the tables: [Jobs](../jobs.md#requirements-and-verdicts), [all templates](../jobs.md#all-templates).";

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

/// A page below `docs`.
#[derive(Debug)]
pub(crate) struct Page {
    /// Its path below `docs`.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// All pages: the introduction with the table of templates, and a page for each service.
pub(crate) fn pages(introduction: &str, templates: &[Value]) -> Vec<Page> {
    let mut pages = vec![Page {
        name: "jobs.md".to_owned(),
        text: linked(introduction.replace(TEMPLATES, &overview(templates)), ""),
    }];
    for of_service in templates.chunk_by(|one, other| service(one) == service(other)) {
        let Some(service) = of_service.first().map(service) else {
            continue;
        };
        let mut text = format!("# Jobs: {service}\n\n{HOW_TO_READ}\n");
        for template in of_service {
            text.push('\n');
            text.push_str(&section(template));
        }
        pages.push(Page {
            name: format!("jobs/{service}.md"),
            text: linked(text, "../"),
        });
    }
    pages
}

/// A page with the definitions of its links, which lead out of so many folders.
fn linked(mut text: String, out: &str) -> String {
    let links = links(&text, out);
    if !links.is_empty() {
        text.push('\n');
        text.push_str(&links);
    }
    text
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The short name of a template's service, such as `sagemaker`.
fn service(template: &Value) -> &str {
    text(template, "service").trim_end_matches(".amazonaws.com")
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
            code(service(template)),
            format!(
                "[{id}](jobs/{}.md#{})",
                service(template),
                id.to_lowercase()
            ),
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
