//! Names as policies write them: a character that would be a wildcard there, or open a variable, is written as the
//! character itself. Rule: IAM-WILD-12.

use preclear_model::policy::Version;
use preclear_model::{Piece, Template};
use preclear_wildcard::{Pattern, Token};

/// Colons in front of the part of an ARN in which variables work. Rule: IAM-VAR-3.
const HEAD_COLONS: usize = 5;

/// What a resource stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// One resource: `*` and `?` are characters of its name.
    One,
    /// All that the pattern matches. Rule: IAM-WILD-13.
    Many,
}

/// The entry of `Resource` that matches exactly this, in a document of this version; `None` where no entry does:
/// what is special in front of the name, or in a document without variables, has no spelling.
pub(crate) fn resource(text: &str, meaning: Meaning, version: Version) -> Option<String> {
    // The pseudo-resource of actions that have none (IAM-WILD-8).
    if text == "*" {
        return Some(text.to_owned());
    }
    let is_wild = |part: &str| meaning == Meaning::One && part.contains(['*', '?']);
    let start = text
        .match_indices(':')
        .nth(HEAD_COLONS - 1)
        .map_or(text.len(), |(colon, _)| colon + 1);
    let (head, name) = text.split_at(start);
    if is_wild(head) || head.contains("${") {
        return None;
    }
    match version {
        Version::V2008 if is_wild(name) => None,
        Version::V2008 => Some(text.to_owned()),
        Version::V2012 => Some(format!("{head}{}", escaped(name, meaning))),
    }
}

/// The value of `StringEquals` that equals exactly this. Wildcards mean nothing there. Rule: IAM-WILD-2.
pub(crate) fn operand(text: &str, version: Version) -> String {
    match version {
        Version::V2008 => text.to_owned(),
        Version::V2012 => escaped(text, Meaning::Many),
    }
}

fn escaped(text: &str, meaning: Meaning) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '*' if meaning == Meaning::One => written.push_str("${*}"),
            '?' if meaning == Meaning::One => written.push_str("${?}"),
            // A `$` opens a variable only in front of a brace (IAM-VAR-1).
            '$' if rest.peek() == Some(&'{') => written.push_str("${$}"),
            other => written.push(other),
        }
    }
    written
}

/// True if everything that the narrow entry matches is matched by the wide one.
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    let patterns = || Some((pattern(wide)?, pattern(narrow)?));
    wide == narrow || patterns().is_some_and(|(wide, narrow)| wide.covers(&narrow))
}

/// The pattern of an entry without variables.
fn pattern(entry: &str) -> Option<Pattern> {
    let template = Template::parse(entry, Version::V2012).ok()?;
    let mut tokens = Vec::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => push_tokens(text, &mut tokens),
            Piece::Literal('*') => tokens.push(Token::Text("*")),
            Piece::Literal('?') => tokens.push(Token::Text("?")),
            Piece::Literal(_) => tokens.push(Token::Text("$")),
            Piece::Variable { .. } => return None,
        }
    }
    Some(Pattern::from_tokens(tokens))
}

fn push_tokens<'t>(text: &'t str, tokens: &mut Vec<Token<'t>>) {
    for part in text.split_inclusive(['*', '?']) {
        let plain = part.trim_end_matches(['*', '?']);
        tokens.push(Token::Text(plain));
        match part.get(plain.len()..) {
            Some("*") => tokens.push(Token::AnyRun),
            Some("?") => tokens.push(Token::AnyOne),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<String> {
        resource(text, Meaning::One, Version::V2012)
    }

    #[test]
    fn characters_of_a_name_are_written_as_themselves() {
        for (name, written) in [
            ("b/plain", "b/plain"),
            ("b/a*b?", "b/a${*}b${?}"),
            ("b/$5", "b/$5"),
            ("b/${aws:username}", "b/${$}{aws:username}"),
            ("b/${*}", "b/${$}{${*}}"),
            ("b/$${", "b/$${$}{"),
            ("b/$*", "b/$${*}"),
        ] {
            let (text, expected) = (
                format!("arn:aws:s3:::{name}"),
                format!("arn:aws:s3:::{written}"),
            );
            assert_eq!(one(&text).as_deref(), Some(expected.as_str()), "{name}");
            assert!(pattern(&expected).unwrap().is_match(&text), "{name}");
            assert!(
                !pattern(&expected).unwrap().is_match(&format!("{text}x")),
                "{name}"
            );
        }
        assert_eq!(one("*").as_deref(), Some("*"));
    }

    #[test]
    fn wildcards_of_a_pattern_stay_and_its_dollars_do_not() {
        let many = |text: &str, version| resource(text, Meaning::Many, version);
        let pattern = "arn:aws:s3:::b/*/${a?}";
        assert_eq!(
            many(pattern, Version::V2012).as_deref(),
            Some("arn:aws:s3:::b/*/${$}{a?}")
        );
        assert_eq!(many(pattern, Version::V2008).as_deref(), Some(pattern));
    }

    /// IAM-VAR-3, IAM-GRAM-4: variables work behind the fifth colon, and in documents of 2012.
    #[test]
    fn some_names_have_no_spelling() {
        assert_eq!(one("arn:aws:sns:*:111122223333:t"), None);
        assert_eq!(one("arn:aws:sns:${x}:111122223333:t"), None);
        let old = |text: &str| resource(text, Meaning::One, Version::V2008);
        assert_eq!(old("arn:aws:s3:::b/a*"), None);
        assert_eq!(
            old("arn:aws:s3:::b/${a}").as_deref(),
            Some("arn:aws:s3:::b/${a}")
        );
    }

    #[test]
    fn operands_are_no_patterns() {
        assert_eq!(operand("a*b${c}", Version::V2012), "a*b${$}{c}");
        assert_eq!(operand("a*b${c}", Version::V2008), "a*b${c}");
    }

    #[test]
    fn entries_cover_by_what_they_match() {
        assert!(covers("b/*", "b/${*}") && covers("b/${*}", "b/${*}") && covers("b/*", "b/?x*"));
        assert!(!covers("b/${*}", "b/${?}") && !covers("b/${*}", "b/x") && !covers("b/?", "b/*"));
        assert!(covers("b/${k:x}", "b/${k:x}") && !covers("b/*", "b/${k:x}"));
    }
}
