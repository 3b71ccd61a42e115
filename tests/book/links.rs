//! Links of pages: what they lead to exists, on GitHub and in the book.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use preclear_tests::root;
use regex::Regex;

use crate::pages::Page;

static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\]\(([^()\s]+)\)").unwrap());
static DEFINITION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\[[^\]]+\]: (\S+)$").unwrap());
static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"`+[^`]*`+").unwrap());

/// A link of a page.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) line: usize,
    pub(crate) target: String,
}

/// The links of a page to what is not elsewhere on the network.
pub(crate) fn links(page: &Page) -> Vec<Link> {
    let mut links = Vec::new();
    for (line, text) in page.prose() {
        let bare = CODE.replace_all(text, "");
        let found = LINK.captures_iter(&bare).chain(DEFINITION.captures(&bare));
        links.extend(found.map(|link| Link {
            line,
            target: link[1].to_owned(),
        }));
    }
    links.retain(|link| !link.target.starts_with("https://"));
    links
}

/// The files that the links of a page lead to.
pub(crate) fn targets(page: &Page) -> Vec<String> {
    let links = links(page).into_iter();
    links.map(|link| parts(page, &link.target).0).collect()
}

/// What is wrong with a link.
pub(crate) fn fault(page: &Page, link: &Link) -> Option<String> {
    let (path, anchor) = parts(page, &link.target);
    let is_own = path == page.name;
    if !is_own && !root().join(&path).exists() {
        return Some(format!("there is no {path}"));
    }
    // The book has the pages of `docs` and nothing else.
    if page.name.starts_with("docs/") && !(path.starts_with("docs/") && is_page(&path)) {
        return Some("in the book there is no such page; name the file without a link".to_owned());
    }
    let anchor = anchor?;
    if !is_page(&path) {
        return Some("only pages have headings".to_owned());
    }
    let anchors = if is_own {
        anchors(page)
    } else {
        anchors(&Page::read(&path))
    };
    (!anchors.contains(anchor)).then(|| format!("{path} has no heading for #{anchor}"))
}

fn is_page(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "md")
}

/// The path below the root of the checkout, and the anchor.
fn parts<'a>(page: &Page, target: &'a str) -> (String, Option<&'a str>) {
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    if path.is_empty() {
        return (page.name.clone(), anchor);
    }
    let mut found = PathBuf::new();
    let folder = Path::new(&page.name).parent().unwrap_or(Path::new(""));
    for part in folder.join(path).components() {
        match part {
            Component::ParentDir => {
                found.pop();
            }
            Component::Normal(part) => found.push(part),
            _ => {}
        }
    }
    (found.to_string_lossy().into_owned(), anchor)
}

/// The anchors of a page's headings, as GitHub and mdBook make them.
fn anchors(page: &Page) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for (_, line) in page.prose() {
        let title = line.trim_start_matches('#');
        let level = line.len() - title.len();
        if !(1..=6).contains(&level) || !title.starts_with(' ') {
            continue;
        }
        let first = slug(title.trim());
        let mut anchor = first.clone();
        let mut number = 0;
        while !anchors.insert(anchor) {
            number += 1;
            anchor = format!("{first}-{number}");
        }
    }
    anchors
}

fn slug(title: &str) -> String {
    let lower = title.to_lowercase();
    let signs = lower.chars().filter_map(|sign| match sign {
        ' ' => Some('-'),
        '-' | '_' => Some(sign),
        _ if sign.is_alphanumeric() => Some(sign),
        _ => None,
    });
    signs.collect()
}
