//! Pages of Markdown and the blocks between their fences.

use std::fs;
use std::path::Path;

use preclear_tests::root;

/// A page.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// Its path below the root of the checkout.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A file that a block shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum File {
    Whole(String),
    Part(String),
}

/// What stands between two fences.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) language: String,
    /// Without the indent of the fence.
    pub(crate) lines: Vec<String>,
    /// Number of the line with the fence, from 1.
    line: usize,
    indent: usize,
    /// The last line before it that is not empty.
    before: String,
    /// The headings that it stands under, the innermost last.
    headings: Vec<String>,
}

impl Block {
    pub(crate) fn place(&self, page: &Page) -> String {
        format!("{}:{}", page.name, self.line)
    }

    /// The heading of the second level that it stands under.
    pub(crate) fn heading(&self) -> &str {
        self.headings.get(1).map_or("", String::as_str)
    }

    /// The file that the line before names.
    pub(crate) fn file(&self) -> Option<File> {
        let (line, part) = match self.before.strip_prefix("From ") {
            Some(rest) => (rest, true),
            None => (self.before.as_str(), false),
        };
        let path = line.strip_prefix('`')?.strip_suffix("`:")?;
        let is_path = path.contains('/') && !path.contains([' ', '`']);
        let file = if part { File::Part } else { File::Whole };
        is_path.then(|| file(path.to_owned()))
    }
}

impl Page {
    /// The README and everything below `docs`, by name.
    pub(crate) fn all() -> Vec<Page> {
        let mut names = vec!["README.md".to_owned()];
        collect(&root().join("docs"), "docs", &mut names);
        names.sort();
        names.iter().map(|name| Page::read(name)).collect()
    }

    pub(crate) fn read(name: &str) -> Page {
        let text = fs::read_to_string(root().join(name));
        Page {
            name: name.to_owned(),
            text: text.unwrap_or_else(|error| panic!("{name}: {error}")),
        }
    }

    pub(crate) fn write(&self, text: &str) {
        fs::write(root().join(&self.name), text).unwrap();
    }

    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        self.rewritten(|block| {
            blocks.push(block.clone());
            None
        });
        blocks
    }

    /// Lines outside of blocks, with their numbers from 1.
    pub(crate) fn prose(&self) -> Vec<(usize, &str)> {
        let mut prose = Vec::new();
        let mut fence = None;
        for (index, line) in self.text.lines().enumerate() {
            match fence {
                None => match opened(line) {
                    Some(found) => fence = Some(found),
                    None => prose.push((index + 1, line)),
                },
                Some(open) if closes(line, open) => fence = None,
                Some(_) => {}
            }
        }
        prose
    }

    /// The page with other lines in its blocks, where there are to be others.
    pub(crate) fn rewritten(
        &self,
        mut lines_of: impl FnMut(&Block) -> Option<Vec<String>>,
    ) -> String {
        let mut text = String::new();
        let (mut before, mut headings) = (String::new(), Vec::new());
        let mut lines = self.text.lines().enumerate();
        while let Some((index, line)) = lines.next() {
            push(&mut text, line);
            let Some(fence) = opened(line) else {
                let level = line.chars().take_while(|sign| *sign == '#').count();
                if level > 0 && line.chars().nth(level) == Some(' ') {
                    headings.resize(level - 1, String::new());
                    headings.push(line[level..].trim().to_owned());
                }
                if !line.trim().is_empty() {
                    line.trim().clone_into(&mut before);
                }
                continue;
            };
            let (indent, signs) = fence;
            let mut block = Block {
                language: line[indent + signs..].trim().to_owned(),
                lines: Vec::new(),
                line: index + 1,
                indent,
                before: std::mem::take(&mut before),
                headings: headings.clone(),
            };
            let mut end = "";
            for (_, line) in lines.by_ref() {
                if closes(line, fence) {
                    end = line;
                    break;
                }
                let inner = line.get(indent..).unwrap_or_default();
                block.lines.push(inner.to_owned());
            }
            let now = lines_of(&block);
            for line in now.as_ref().unwrap_or(&block.lines) {
                let indent = if line.is_empty() { 0 } else { block.indent };
                push(&mut text, &format!("{}{line}", " ".repeat(indent)));
            }
            push(&mut text, end);
        }
        text
    }
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Indent and length of a fence that opens a block.
fn opened(line: &str) -> Option<(usize, usize)> {
    let fence = line.trim_start();
    let signs = fence.chars().take_while(|sign| *sign == '`').count();
    let is_fence = signs >= 3 && !fence[signs..].contains('`');
    is_fence.then_some((line.len() - fence.len(), signs))
}

fn closes(line: &str, (_, signs): (usize, usize)) -> bool {
    line.trim() == "`".repeat(signs)
}

fn collect(folder: &Path, name: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            collect(&path, &name, names);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            names.push(name);
        }
    }
}
