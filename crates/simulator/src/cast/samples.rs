//! Texts that patterns match.

use preclear_wildcard::Pattern;

/// Texts that two patterns share, at most.
const SHARED_MAX: usize = 24;

/// Wildcards of a pattern that are filled in different ways.
const STARS_MAX: usize = 2;

/// A text that the pattern matches: `*` for nothing or a letter where nothing else stands, `?` for a letter.
///
/// ```
/// assert_eq!(preclear_simulator::cast::samples::sample("role/ml-*"), "role/ml-x");
/// ```
#[must_use]
pub fn sample(pattern: &str) -> String {
    let text: String = pattern
        .chars()
        .filter_map(|letter| match letter {
            '*' => None,
            '?' => Some('x'),
            letter => Some(letter),
        })
        .collect();
    // A name in front of or behind a separator needs a letter.
    let is_open =
        pattern.contains('*') && (text.is_empty() || text.ends_with(['/', '-', ':', '.']));
    if is_open { format!("{text}x") } else { text }
}

/// A text that the pattern matches and that is built like the example, with as much of it as there can be: `s3.*` filled like
/// `ec2.us-west-2.amazonaws.com` is `s3.us-west-2.amazonaws.com`.
#[must_use]
pub fn sample_like(pattern: &str, example: &str) -> Option<String> {
    const DIVIDERS: [char; 2] = ['.', ':'];
    let dividers = example.match_indices(DIVIDERS);
    let dividers = dividers.flat_map(|(at, divider)| [at, at + divider.len()]);
    let ends: Vec<usize> = [0, example.len()].into_iter().chain(dividers).collect();
    let starts = ends.iter();
    let parts = starts.flat_map(|start| ends.iter().filter_map(|end| example.get(*start..*end)));
    let parts: Vec<String> = parts.map(str::to_owned).collect();
    let wanted: Vec<&str> = example.split(DIVIDERS).collect();
    let likeness = |text: &String| {
        let fields: Vec<&str> = text.split(DIVIDERS).collect();
        let is_like = fields.len() == wanted.len() && !fields.contains(&"");
        let same = fields
            .iter()
            .zip(&wanted)
            .filter(|(own, wanted)| own == wanted);
        is_like.then(|| same.count())
    };
    let matched = Pattern::parse(pattern);
    let texts = filled(pattern, &parts).into_iter();
    let texts = texts.filter(|text| matched.is_match(text));
    let likely = texts.filter_map(|text| Some((likeness(&text)?, text)));
    likely.max_by_key(|(same, _)| *same).map(|(_, text)| text)
}

/// Texts that both patterns match, as far as filling the wildcards of one with parts of the other finds some.
#[must_use]
pub fn shared(one: &str, other: &str) -> Vec<String> {
    let both = [Pattern::parse(one), Pattern::parse(other)];
    let filled = filled(one, &parts(other, one)).into_iter();
    let filled = filled.chain(self::filled(other, &parts(one, other)));
    let mut found: Vec<String> = Vec::new();
    for text in filled {
        let is_plain = !text.contains(['*', '?']);
        if is_plain && !found.contains(&text) && both.iter().all(|one| one.is_match(&text)) {
            found.push(text);
        }
        if found.len() == SHARED_MAX {
            break;
        }
    }
    found
}

/// What stands between the wildcards of a pattern, behind what both have in front.
fn parts(pattern: &str, beside: &str) -> Vec<String> {
    let same = pattern.chars().zip(beside.chars());
    let same = same.take_while(|(one, other)| one == other && !"*?".contains(*one));
    let front: usize = same.map(|(letter, _)| letter.len_utf8()).sum();
    let rest = pattern.get(front..).unwrap_or_default();
    let mut parts = vec!["x".to_owned(), String::new()];
    for part in rest.split('*') {
        let part = part.replace('?', "x");
        let trimmed = part.trim_matches('/').to_owned();
        parts.extend([part.clone(), format!("{part}x"), trimmed]);
    }
    parts
}

/// The pattern with the parts in place of its first wildcards, in all combinations.
fn filled(pattern: &str, parts: &[String]) -> Vec<String> {
    let mut texts = vec![pattern.replace('?', "x")];
    for _ in 0..STARS_MAX {
        let next = texts.iter().flat_map(|text| match text.split_once('*') {
            Some((before, behind)) => {
                let fill = |part: &String| format!("{before}{part}{behind}");
                parts.iter().map(fill).collect()
            }
            None => vec![text.clone()],
        });
        texts = next.collect();
    }
    texts.iter().map(|text| sample(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_swallow_what_values_have_there() {
        let host = "ec2.us-west-2.amazonaws.com";
        let id = "AROAEXAMPLEID:session";
        for (pattern, example, text) in [
            ("*", host, host),
            ("s3.*", host, "s3.us-west-2.amazonaws.com"),
            ("s3.*.amazonaws.com", host, "s3.us-west-2.amazonaws.com"),
            ("s3*", host, "s3.us-west-2.amazonaws.com"),
            (
                "*.eu-west-1.amazonaws.com",
                host,
                "ec2.eu-west-1.amazonaws.com",
            ),
            ("*:alice", id, "AROAEXAMPLEID:alice"),
            ("AROA1:*", id, "AROA1:session"),
        ] {
            assert_eq!(sample_like(pattern, example).as_deref(), Some(text));
        }
        assert_eq!(sample_like("alice", id), None);
    }

    #[test]
    fn shared_texts_are_matched_by_both() {
        for (one, other) in [
            ("b/drafts/*", "b/*/secret"),
            ("b/drafts/*", "*"),
            ("b/a*c", "b/*b*"),
            ("b/?/x", "b/*"),
        ] {
            let texts = shared(one, other);
            assert!(!texts.is_empty(), "{one} {other}");
            for text in texts {
                assert!(
                    Pattern::parse(one).is_match(&text) && Pattern::parse(other).is_match(&text)
                );
            }
        }
        assert!(shared("a/*", "b/*").is_empty());
    }
}
