//! Sentences that demand actions, and the names in them.

use std::ops::Range;

use preclear_catalog::catalog;

use crate::extract::{outside_fences, quotation};

/// Names that one sentence may list.
const NAMES_MAX: usize = 200;

/// Words that may stand between a verb and the first name that it demands.
const BETWEEN_MAX: usize = 6;

/// A name in a sentence: as written, without quotes, and where.
pub(super) type Name<'t> = (&'t str, Range<usize>);

/// The names in each sentence that demands actions, with the list below it.
pub(super) fn demands(text: &str) -> Vec<Vec<Name<'_>>> {
    let mut all = Vec::new();
    for range in outside_fences(text) {
        // A demand that ends in a colon goes on in the list below it.
        let mut open: Option<Vec<Name<'_>>> = None;
        for (part, start) in parts(text, range) {
            if let (Some(names), Some(name)) = (&mut open, item(part, start)) {
                if names.len() < NAMES_MAX {
                    names.push(name);
                }
                continue;
            }
            all.extend(open.take());
            for (sentence, offset) in sentences(part, start) {
                let names = demanded(sentence, offset);
                if sentence.trim_end().ends_with(':') && of_permissions(sentence).is_some() {
                    open = Some(names);
                } else {
                    open = None;
                    all.push(names);
                }
            }
        }
        all.extend(open);
    }
    all.retain(|names| !names.is_empty());
    all
}

/// Items, headings, rows and paragraphs, each with its offset: a line that starts none of them goes on with the one before.
fn parts(text: &str, range: Range<usize>) -> Vec<(&str, usize)> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut at = range.start;
    let mut goes_on = false;
    for line in text.get(range).unwrap_or_default().split_inclusive('\n') {
        let (_, marks) = quotation(line, usize::MAX);
        let start = at + marks;
        at += line.len();
        let content = line.get(marks..).unwrap_or_default().trim();
        match parts.last_mut() {
            _ if content.is_empty() => goes_on = false,
            Some(last) if goes_on && marks == 0 && !starts_part(content) => last.end = at,
            _ => {
                parts.push(start..at);
                goes_on = !content.starts_with(['#', '|']);
            }
        }
    }
    let slice = |range: Range<usize>| (text.get(range.clone()).unwrap_or_default(), range.start);
    parts.into_iter().map(slice).collect()
}

fn starts_part(content: &str) -> bool {
    let is_numbered = || {
        let rest = content.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < content.len() && rest.starts_with(['.', ')'])
    };
    content.starts_with(['#', '|']) || bullet(content).is_some() || is_numbered()
}

/// What follows the mark of an item.
fn bullet(line: &str) -> Option<&str> {
    line.trim_start()
        .strip_prefix(['+', '-', '*', '\u{2022}'])
        .filter(|rest| rest.starts_with([' ', '\t']))
}

/// The sentences of a part with their offsets; Markdown escapes their full stops.
fn sentences(part: &str, start: usize) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, _) in part.match_indices('.') {
        let is_end = part
            .get(at + 1..)
            .is_some_and(|rest| rest.starts_with([' ', '\n', '\r']));
        if is_end {
            found.push((part.get(from..at).unwrap_or_default(), start + from));
            from = at + 1;
        }
    }
    found.push((part.get(from..).unwrap_or_default(), start + from));
    found
}

/// The name that is all of an item of a list.
fn item(line: &str, start: usize) -> Option<Name<'_>> {
    let rest = bullet(line)?;
    name(rest, start + line.len() - rest.len())
}

/// The names that a sentence demands.
fn demanded(sentence: &str, start: usize) -> Vec<Name<'_>> {
    let words = words(sentence);
    let mut names: Vec<Name<'_>> = match of_permissions(sentence) {
        Some(range) => {
            let all = spans(sentence)
                .into_iter()
                .chain(words.iter().filter_map(Word::prefixed));
            all.filter(|(_, name)| range.contains(&name.start))
                .collect()
        }
        None => of_verb(&words),
    };
    names.sort_by_key(|(_, range)| range.start);
    names.dedup();
    names.truncate(NAMES_MAX);
    let placed = names.into_iter();
    placed
        .map(|(name, range)| (name, range.start + start..range.end + start))
        .collect()
}

/// Where a sentence that demands actions or permissions names them: all of it where they are `required`, else behind the verb; not
/// behind what takes something away. `None` for other sentences.
fn of_permissions(sentence: &str) -> Option<Range<usize>> {
    let lower = sentence.to_ascii_lowercase();
    let words = words(&lower);
    let bare: Vec<&str> = words.iter().map(|word| word.bare).collect();
    let is_object = |word: &&str| word.contains("action") || word.contains("permission");
    let last_object = bare.iter().rposition(is_object);
    // Where the demand stands, and from where on it names what it demands.
    let demand = words.iter().enumerate().find_map(|(at, word)| {
        let from = match word.bare {
            "required" => last_object.map(|_| 0),
            "must" | "need" | "needs" => last_object
                .filter(|object| at < *object)
                .map(|_| word.start),
            _ => None,
        };
        from.filter(|_| !is_denied(&bare, at))
            .map(|from| (word.start, from))
    });
    let is_gift = lower.contains("give this role permission") && lower.contains("action");
    let (demand, from) = demand.or(is_gift.then_some((0, 0)))?;
    if bare
        .iter()
        .any(|word| matches!(*word, "deny" | "denied" | "denies"))
    {
        return None;
    }
    let end = words.iter().find(|word| {
        word.start > demand && matches!(word.bare, "not" | "except" | "without" | "but")
    });
    Some(from..end.map_or(sentence.len(), |word| word.start))
}

/// Whether the word next to this one denies it: `must not`, `does not need`, `no longer required`.
fn is_denied(words: &[&str], at: usize) -> bool {
    let is_no =
        |word: &str| matches!(word, "not" | "no" | "never" | "longer") || word.ends_with("n't");
    let before = at.checked_sub(1).and_then(|at| words.get(at));
    let behind = words.get(at + 1);
    before.into_iter().chain(behind).any(|word| is_no(word))
}

/// Whom permissions are given to, and what gives them.
const HOLDERS: [&str; 16] = [
    "role",
    "roles",
    "user",
    "users",
    "group",
    "groups",
    "policy",
    "policies",
    "principal",
    "principals",
    "identity",
    "identities",
    "statement",
    "you",
    "account",
    "function",
];

/// What a holder needs to do with actions.
const DOING: [&str; 8] = [
    "allow", "be", "call", "grant", "have", "include", "perform", "use",
];

/// What must be done that actions are allowed.
const ALLOWING: [&str; 11] = [
    "allowed",
    "granted",
    "permitted",
    "allow",
    "grant",
    "have",
    "include",
    "permit",
    "contain",
    "add",
    "list",
];

/// The names right behind a verb that demands them: `the role needs kms:Decrypt and s3:ListBucket`, `you must also allow …`.
fn of_verb<'t>(words: &[Word<'t>]) -> Vec<Name<'t>> {
    let lower: Vec<String> = words
        .iter()
        .map(|word| word.bare.to_ascii_lowercase())
        .collect();
    let bare: Vec<&str> = lower.iter().map(String::as_str).collect();
    // Where something is demanded under a condition, the policy that is shown may be for the other case.
    if bare.contains(&"only") || bare.contains(&"unless") {
        return Vec::new();
    }
    let holder = bare.iter().position(|word| HOLDERS.contains(word));
    let verb = bare.iter().enumerate().position(|(at, word)| {
        let demands = match *word {
            "need" | "needs" | "require" | "requires" => {
                let is_doing = bare.get(at + 1) != Some(&"to")
                    || bare.get(at + 2).is_some_and(|word| DOING.contains(word));
                is_doing && holder.is_some_and(|holder| holder < at)
            }
            "must" => bare
                .iter()
                .skip(at + 1)
                .take(3)
                .any(|word| ALLOWING.contains(word)),
            _ => false,
        };
        demands && !is_denied(&bare, at)
    });
    let Some(verb) = verb else {
        return Vec::new();
    };
    let first = words
        .iter()
        .enumerate()
        .skip(verb + 1)
        .take(BETWEEN_MAX)
        .find(|(_, word)| word.prefixed().is_some());
    let Some((first, _)) = first else {
        return Vec::new();
    };
    let mut names = Vec::new();
    for word in words.iter().skip(first) {
        match word.prefixed() {
            Some(name) => names.push(name),
            None if matches!(word.bare, "and" | "as" | "well" | "also" | "plus" | "&") => continue,
            // Of alternatives none is demanded.
            None if word.bare == "or" => return Vec::new(),
            None => break,
        }
        if word.ends_list() {
            break;
        }
    }
    names
}

/// A word of a sentence.
#[derive(Debug, Clone)]
struct Word<'t> {
    /// Without marks around it.
    bare: &'t str,
    /// As it stands there.
    whole: &'t str,
    /// Where the bare word stands.
    start: usize,
}

/// Marks that stand around words.
const MARKS: [char; 13] = [
    ',', ';', ':', '(', ')', '"', '\'', '`', '*', '.', '!', '?', '\\',
];

fn words(sentence: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    for whole in sentence.split(char::is_whitespace) {
        let front = whole.trim_start_matches(MARKS);
        let bare = front.trim_end_matches(MARKS);
        if !bare.is_empty() || whole == "&" {
            let start = at + whole.len() - front.len();
            words.push(Word { bare, whole, start });
        }
        // White space of several bytes is rare; it is looked up rather than assumed.
        at += whole.len();
        let space = sentence.get(at..).and_then(|rest| rest.chars().next());
        at += space.map_or(0, char::len_utf8);
    }
    words
}

impl<'t> Word<'t> {
    /// The name with the prefix of a service that the word is.
    fn prefixed(&self) -> Option<Name<'t>> {
        let (prefix, _) = self.bare.split_once(':')?;
        // A star behind the name is another action.
        let behind = self.whole.split(self.bare).nth(1).unwrap_or_default();
        if behind.starts_with('*') || catalog().service(prefix).is_none() {
            return None;
        }
        name(self.bare, self.start)
    }

    /// Whether the words behind belong to something else.
    fn ends_list(&self) -> bool {
        self.whole.ends_with([';', ')', '.', '!', '?'])
    }
}

/// Names of actions in backticks.
fn spans(sentence: &str) -> Vec<Name<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    for (index, part) in sentence.split('`').enumerate() {
        if index % 2 == 1 {
            found.extend(name(part, at));
        }
        at += part.len() + 1;
    }
    found
}

/// `Decrypt`, `kms:Decrypt`, either in quotes.
fn name(text: &str, start: usize) -> Option<Name<'_>> {
    let is_around = |c: char| c.is_whitespace() || matches!(c, '`' | '"');
    let front = text.trim_start_matches(is_around);
    let start = start + text.len() - front.len();
    let name = front.trim_end_matches(is_around);
    let (prefix, action) = name.split_once(':').unwrap_or(("kms", name));
    let is_name = action.len() >= 3
        && action.starts_with(|c: char| c.is_ascii_uppercase())
        && action.chars().all(|c| c.is_ascii_alphanumeric())
        && !prefix.is_empty()
        && prefix
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    is_name.then_some((name, start..start + name.len()))
}
