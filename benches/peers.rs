//! Other matchers, each made to answer the same question as well as it can.
//!
//! Some cannot answer it for every pattern and text: the tests of the library say where each goes wrong.

use globset::GlobBuilder;
use regex::Regex;
use simplematch::DoWild as _;
use wildcard::WildcardBuilder;
use wildmatch::WildMatch;

/// Whoever wants to ask each peer; generic, so that no peer pays for a call through a pointer.
pub(crate) trait Visitor {
    /// `name` ends with `(!)` if some answers of the peer are wrong.
    fn visit(&mut self, name: &'static str, is_match: impl Fn(&str) -> bool);
}

/// Shows the visitor each peer with the pattern compiled, if the peer compiles.
pub(crate) fn visit_each(pattern: &str, visitor: &mut impl Visitor) {
    let wildmatch = WildMatch::new(pattern);
    visitor.visit("wildmatch", |text| wildmatch.matches(text));
    if let Some(regex) = to_regex(pattern, ".") {
        visitor.visit("regex", |text| regex.is_match(text));
    }
    // `?` is one byte.
    visitor.visit("simplematch (!)", |text| pattern.dowild(text));
    // `?` is one byte.
    let wildcard = WildcardBuilder::new(pattern.as_bytes())
        .without_escape()
        .build();
    if let Ok(wildcard) = wildcard {
        visitor.visit("wildcard (!)", |text| wildcard.is_match(text.as_bytes()));
    }
    // `*` and `?` stop at `/`, and have no spelling that does not. `**` crosses it, but only as a whole part
    // of a path.
    let glob = escaped(pattern);
    visitor.visit("fast-glob (!)", |text| fast_glob::glob_match(&glob, text));
    // `?` is one byte.
    let glob = GlobBuilder::new(&glob).literal_separator(false).build();
    if let Ok(glob) = glob {
        let glob = glob.compile_matcher();
        visitor.visit("globset (!)", |text| glob.is_match(text));
    }
}

/// `one` is what a `?` stands for. `None` if the expression is larger than `regex` compiles.
pub(crate) fn to_regex(pattern: &str, one: &str) -> Option<Regex> {
    let body: String = pattern
        .chars()
        .map(|c| match c {
            '*' => format!("{one}*"),
            '?' => one.to_owned(),
            c => regex::escape(c.encode_utf8(&mut [0; 4])),
        })
        .collect();
    Regex::new(&format!(r"(?s)\A{body}\z")).ok()
}

/// The pattern with the meta characters that only globs have escaped, and `**`, which is `*`, cut short.
fn escaped(pattern: &str) -> String {
    let mut glob = String::new();
    for c in pattern.chars() {
        if c == '*' && glob.ends_with('*') {
            continue;
        }
        if "\\[]{}!".contains(c) {
            glob.push('\\');
        }
        glob.push(c);
    }
    glob
}
