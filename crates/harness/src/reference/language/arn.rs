//! ARNs as patterns: what their six fields mean to a wildcard.
//!
//! A pattern of an ARN is matched field by field. That is the same as matching it whole, with wildcards in the first five
//! fields that take no colon: the first five colons of the text can then only meet those of the pattern. So one way of
//! matching serves for fields, for whole texts and for questions that are patterns themselves.

use super::pattern::{Takes, Token};

/// Colons in front of field six.
pub(super) const COLONS: usize = 5;

/// The place of field six: behind the fifth colon. `None` for fewer than six fields.
pub(super) fn field_six(pattern: &[Token]) -> Option<usize> {
    let colons = pattern.iter().enumerate();
    let mut colons = colons.filter(|(_, token)| **token == Token::Char(':'));
    colons.nth(COLONS - 1).map(|(place, _)| place + 1)
}

/// The number of fields, at most six.
pub(super) fn fields(pattern: &[Token]) -> usize {
    let colons = pattern.iter().filter(|token| **token == Token::Char(':'));
    colons.take(COLONS).count() + 1
}

/// The pattern that matches field by field: wildcards stay in the first five fields, and cross colons in field six.
/// Rule: IAM-WILD-5, IAM-COND-25.
pub(super) fn by_fields(pattern: &[Token]) -> Vec<Token> {
    let six = field_six(pattern).unwrap_or(pattern.len());
    let token = |(place, token): (usize, &Token)| match token {
        token if place >= six => *token,
        Token::One(Takes::Any) => Token::One(Takes::NoColon),
        Token::Many(Takes::Any) => Token::Many(Takes::NoColon),
        token => *token,
    };
    pattern.iter().enumerate().map(token).collect()
}

/// The pattern in which no wildcard takes a colon.
pub(super) fn without_further_colons(pattern: &[Token]) -> Vec<Token> {
    let token = |token: &Token| match token {
        Token::One(Takes::Any) => Token::One(Takes::NoColon),
        Token::Many(Takes::Any) => Token::Many(Takes::NoColon),
        token => *token,
    };
    pattern.iter().map(token).collect()
}

/// The pattern in which `*` takes colons where it ends a colon-separated segment, and nothing else does before field six,
/// whose wildcards always take them. Rule: IAM-WILD-5 (spill), AMB-1.
pub(super) fn with_spill(pattern: &[Token]) -> Vec<Token> {
    let six = field_six(pattern).unwrap_or(pattern.len());
    let token = |(place, token): (usize, &Token)| match token {
        token if place >= six => *token,
        Token::One(Takes::Any) => Token::One(Takes::NoColon),
        Token::Many(Takes::Any) if !ends_a_segment(pattern, place) => Token::Many(Takes::NoColon),
        token => *token,
    };
    pattern.iter().enumerate().map(token).collect()
}

/// True for a `*` with a colon or the end behind it, and for those in one run with it.
fn ends_a_segment(pattern: &[Token], place: usize) -> bool {
    let behind = pattern.iter().skip(place);
    let next = behind
        .copied()
        .find(|token| *token != Token::Many(Takes::Any));
    next.is_none_or(|token| token == Token::Char(':'))
}

/// The pattern without ASCII case in its first five fields. Rule: IAM-WILD-7, AMB-15.
pub(super) fn with_folded_fields(pattern: &[Token]) -> Vec<Token> {
    let six = field_six(pattern).unwrap_or(pattern.len());
    let (head, tail) = pattern.split_at(six);
    let head = head
        .iter()
        .map(|token| token.map(|character| character.to_ascii_lowercase()));
    head.chain(tail.iter().copied()).collect()
}

/// The pattern of six fields, `*` for each that is not there. Rule: IAM-WILD-10, AMB-14.
pub(super) fn completed(pattern: &[Token]) -> Vec<Token> {
    let mut completed = pattern.to_vec();
    for _ in fields(pattern)..=COLONS {
        completed.extend([Token::Char(':'), Token::Many(Takes::Any)]);
    }
    completed
}

/// True for a wildcard in what stands before the first slash or colon of field six, unless that field is all stars or
/// starts `*/`. Rule: IAM-WILD-11.
pub(super) fn has_wildcard_in_type(pattern: &[Token]) -> bool {
    let Some(field) = field_six(pattern).and_then(|six| pattern.get(six..)) else {
        return false;
    };
    let mut behind_stars = field
        .iter()
        .skip_while(|token| **token == Token::Many(Takes::Any));
    let is_plain_star = behind_stars
        .next()
        .is_none_or(|token| *token == Token::Char('/'));
    let is_separator = |token: &&Token| matches!(token, Token::Char('/' | ':'));
    let mut kind = field.iter().take_while(|token| !is_separator(token));
    !is_plain_star && kind.any(|token| token.is_wildcard())
}

/// Field three of a text.
pub(super) fn service(text: &str) -> &str {
    text.split(':').nth(2).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::pattern::{is_match, pattern};
    use super::*;

    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k1";

    fn field_match(own: &str, text: &str) -> bool {
        is_match(&by_fields(&pattern(own)), text)
    }

    /// The rule in its own words: split both at the first five colons, glob field by field.
    fn by_the_rule(own: &str, text: &str) -> bool {
        let own: Vec<&str> = own.splitn(6, ':').collect();
        let text: Vec<&str> = text.splitn(6, ':').collect();
        own.len() == 6
            && text.len() == 6
            && own
                .iter()
                .zip(&text)
                .all(|(own, text)| is_match(&pattern(own), text))
    }

    #[test]
    fn fields_are_matched_one_by_one() {
        // IAM-WILD-5, IAM-WILD-6, IAM-WILD-7, IAM-COND-25, TRAP-13.
        let rows = [
            ("arn:aws:kms:*:111122223333:key/*", KEY, true),
            ("arn:aws:kms:*:444455556666:key/*", KEY, false),
            ("arn:aws:s3:::b/*/t/*", "arn:aws:s3:::b/1/2/t/3/x", true),
            ("arn:aws:s3:::b/*/t/*", "arn:aws:s3:::b//t/x", true),
            ("arn:aws:s3:::b/*/t/*", "arn:aws:s3:::b/t/x", false),
            ("arn:aws:s3:::b", "arn:aws:s3:::b/x", false),
            (
                "arn:aws:x:*:111122223333:finance/*",
                "arn:aws:x:eu-west-1:z:111122223333:finance/q",
                false,
            ),
            (
                "arn:aws:iam::111122223333:user/bob",
                "arn:aws:iam::111122223333:user/Bob",
                false,
            ),
            (
                "arn:aws:lambda:*:*:f*n:?",
                "arn:aws:lambda:r:1:function:f:n::",
                true,
            ),
            ("arn:*:*:*:*:*", KEY, true),
            ("arn:a?s:kms:*:*:*", KEY, true),
            ("arn:aws:kms:eu-west-1?111122223333:*:k*", KEY, false),
            ("arn:aws:kms:*", KEY, false),
        ];
        for (own, text, expected) in rows {
            assert_eq!(field_match(own, text), expected, "{own} {text}");
            assert_eq!(by_the_rule(own, text), expected, "{own} {text}");
        }
    }

    #[test]
    fn whole_matching_is_field_matching() {
        let parts = ["a", "*", "?", ":", "::", "*:", ":*:*"];
        let texts = [
            "a:a:a:a:a:a",
            "a:::::",
            "a:a::a::a:a",
            "::::::",
            "a:a:a:a:a",
            ":a:a:a:a:a:",
        ];
        for first in parts {
            for second in parts {
                for third in parts {
                    for fourth in parts {
                        let own = format!("{first}{second}{third}:{fourth}");
                        for text in texts {
                            if own.split(':').count() >= 6 {
                                assert_eq!(
                                    field_match(&own, text),
                                    by_the_rule(&own, text),
                                    "{own} {text}"
                                );
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn only_a_final_star_spills() {
        // IAM-WILD-5, AMB-1.
        let spills = |own: &str| is_match(&with_spill(&pattern(own)), KEY);
        assert!(spills("arn:aws:kms:*:key/*") && spills("arn:aws:*:key/k1") && spills("arn:aws:*"));
        assert!(spills("arn:aws:kms:eu*:key/*") && spills("arn:aws:kms:**:key/*"));
        assert!(!spills("arn:aws:k*/k1") && !spills("arn:aws:kms:*y/k1"));
        assert!(!spills("arn:aws:kms:eu-west-1?111122223333:key/*"));
    }

    #[test]
    fn wildcards_in_the_type() {
        // IAM-WILD-11, AMB-2.
        let has = |six: &str| has_wildcard_in_type(&pattern(&format!("arn:aws:x:r:1:{six}")));
        for six in ["functi*:f", "k*/k1", "key*", "?ey/k1", "*y/k1", "*:f", "?"] {
            assert!(has(six), "{six}");
        }
        for six in [
            "*",
            "**",
            "*/*",
            "*/k1",
            "key/*",
            "function:*",
            "key/k*/x",
            "k",
        ] {
            assert!(!has(six), "{six}");
        }
    }

    #[test]
    fn missing_fields_become_stars() {
        // IAM-WILD-10.
        assert_eq!(
            completed(&pattern("arn:aws:sqs")),
            pattern("arn:aws:sqs:*:*:*")
        );
        assert_eq!(
            completed(&pattern("arn:aws:s3*")),
            pattern("arn:aws:s3*:*:*:*")
        );
        assert_eq!(completed(&pattern("arn:::::x")), pattern("arn:::::x"));
    }
}
