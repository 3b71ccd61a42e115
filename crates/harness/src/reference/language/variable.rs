//! Policy variables: what stands in a pattern once they are replaced, as far as the request tells.
//!
//! Knows templates and the values of keys; what the pattern is for, it does not know.

use preclear_model::{Piece, Template};

use super::super::value::{Context, Open, Reading, Tri, Value};
use super::pattern::{Takes, Token, literal, pattern};

/// A template with its variables replaced.
#[derive(Debug)]
pub(super) struct Filled {
    /// The pattern. Text that is not known is a wildcard of [`Takes::Inserted`].
    pub(super) tokens: Vec<Token>,
    /// False where a part of the text is not known: the pattern is then wider than the text, so that it never surely
    /// matches. Rule: IAM-TRI-5.
    pub(super) is_exact: bool,
    /// Whether a variable has neither value nor default; the template then matches nothing. Rule: IAM-VAR-6.
    pub(super) is_missing: Tri,
    /// Places of the colons that the template itself has, outside its variables. Rule: IAM-VAR-5.
    pub(super) own_colons: Vec<usize>,
}

impl Filled {
    /// Narrows what the pattern says to what is certain. Rule: IAM-VAR-6, IAM-TRI-5.
    pub(super) fn certain(&self, matched: Tri) -> Tri {
        match (self.is_missing, matched) {
            (Tri::True, _) | (_, Tri::False) => Tri::False,
            _ if self.is_exact => matched,
            _ => Tri::Unknown,
        }
    }
}

/// What stands for one variable.
struct Replacement {
    tokens: Vec<Token>,
    is_exact: bool,
    is_missing: Tri,
}

/// Replaces the variables of a template. Where `takes_wildcards` is false, `*` and `?` are plain text. What is put in is
/// plain text always. Rule: IAM-VAR-5, IAM-WILD-2, IAM-WILD-12.
pub(super) fn fill(
    template: &Template,
    takes_wildcards: bool,
    context: &dyn Context,
    reading: &Reading,
) -> Filled {
    let mut filled = Filled {
        tokens: Vec::new(),
        is_exact: true,
        is_missing: Tri::False,
        own_colons: Vec::new(),
    };
    for piece in &template.pieces {
        if let Piece::Text(text) = piece {
            let start = filled.tokens.len();
            let colons = text.chars().enumerate().filter(|(_, own)| *own == ':');
            let places = colons.map(|(place, _)| start + place);
            filled.own_colons.extend(places);
        }
        match piece {
            Piece::Text(text) if takes_wildcards => filled.tokens.extend(pattern(text)),
            Piece::Text(text) => filled.tokens.extend(literal(text)),
            Piece::Literal(character) => filled.tokens.push(Token::Char(*character)),
            Piece::Variable { key, default } => {
                let replacement = replacement(key, default.as_deref(), context, reading);
                filled.tokens.extend(replacement.tokens);
                filled.is_exact &= replacement.is_exact;
                filled.is_missing = filled.is_missing.or(replacement.is_missing);
            }
        }
    }
    filled
}

/// What stands for a variable. Rule: IAM-VAR-4…7, IAM-TRI-5.
fn replacement(
    key: &str,
    default: Option<&str>,
    context: &dyn Context,
    reading: &Reading,
) -> Replacement {
    match (context.value(key), context.is_multivalued(key)) {
        (Value::Absent, _) => without_value(default),
        (Value::Unknown, Tri::True) => absent_or_multivalued(default),
        (_, Tri::True) => MISSING,
        (Value::Known(values), _) => match values.as_slice() {
            [] => without_value(default),
            [value] if value.is_empty() => empty_value(default, reading),
            [value] => exactly(value),
            _ => MISSING,
        },
        (Value::Like(like), _) => some_text(&like, default, reading),
        // A value that is not empty; several, which resolve to nothing, are possible for a key that has sometimes one.
        (Value::Present, arity) => Replacement {
            tokens: vec![Token::Many(Takes::Inserted)],
            is_exact: false,
            is_missing: arity.and(Tri::Unknown),
        },
        (Value::Unknown, arity) => {
            let mut some = some_text("*", default, reading);
            let may_be_missing = default.is_none() || arity == Tri::Unknown;
            some.is_missing = some
                .is_missing
                .or(Tri::from(may_be_missing).and(Tri::Unknown));
            some
        }
    }
}

const MISSING: Replacement = Replacement {
    tokens: Vec::new(),
    is_exact: true,
    is_missing: Tri::True,
};

fn exactly(text: &str) -> Replacement {
    Replacement {
        tokens: literal(text),
        is_exact: true,
        is_missing: Tri::False,
    }
}

/// The key is absent. Rule: IAM-VAR-6, IAM-VAR-7.
fn without_value(default: Option<&str>) -> Replacement {
    default.map_or(MISSING, exactly)
}

/// The value is the empty text. Rule: IAM-VAR-7, AMB-6.
fn empty_value(default: Option<&str>, reading: &Reading) -> Replacement {
    if reading.guesses(Open::EmptyVariable) {
        exactly("")
    } else {
        without_value(default)
    }
}

/// A multivalued key, which resolves to nothing but its default, and to that only where it is absent. Rule: IAM-VAR-4.
fn absent_or_multivalued(default: Option<&str>) -> Replacement {
    default.map_or(MISSING, |default| Replacement {
        is_exact: false,
        is_missing: Tri::Unknown,
        ..exactly(default)
    })
}

/// A text that the pattern matches, with `*` in its place. Rule: IAM-TRI-5, IAM-WILD-13.
fn some_text(like: &str, default: Option<&str>, reading: &Reading) -> Replacement {
    let like = pattern(like);
    let may_be_empty = super::pattern::is_match(&like, "");
    let may_be_missing = may_be_empty && !reading.guesses(Open::EmptyVariable);
    let tokens = if may_be_empty {
        // Or the default, or whatever: everything fits.
        vec![Token::Many(Takes::Inserted)]
    } else {
        like.into_iter().map(inserted).collect()
    };
    Replacement {
        is_exact: tokens.iter().all(|token| matches!(token, Token::Char(_))),
        tokens,
        is_missing: Tri::from(may_be_missing && default.is_none()).and(Tri::Unknown),
    }
}

fn inserted(token: Token) -> Token {
    match token {
        Token::Char(character) => Token::Char(character),
        Token::One(_) => Token::One(Takes::Inserted),
        Token::Many(_) => Token::Many(Takes::Inserted),
    }
}

/// True if of the key and the variables whose values are not known all are disputed, and one is: what is open is then the
/// dispute alone. Rule: AMB-18, IAM-TRI-8.
pub(super) fn is_only_disputed<'t>(
    key: Option<&str>,
    templates: impl Iterator<Item = &'t Template>,
    context: &dyn Context,
) -> bool {
    let variable = |piece: &'t Piece| match piece {
        Piece::Variable { key, .. } => Some(key.as_str()),
        Piece::Text(_) | Piece::Literal(_) => None,
    };
    let pieces = templates.flat_map(|template| &template.pieces);
    // A multivalued key never resolves, whatever its values are (IAM-VAR-4).
    let may_resolve = |key: &&str| context.is_multivalued(key) != Tri::True;
    let variables = pieces.filter_map(variable).filter(may_resolve);
    let keys: Vec<&str> = variables.chain(key).collect();
    let is_open = |key: &&&str| matches!(context.value(key), Value::Unknown | Value::Present);
    let is_disputed = |key: &&str| context.is_disputed(key);
    let open: Vec<&str> = keys.iter().filter(is_open).copied().collect();
    !open.is_empty() && open.iter().all(is_disputed)
}

#[cfg(test)]
mod tests {
    use preclear_model::Version;
    use preclear_simulator::AmbiguityMode;

    use super::super::super::value::{Toward, read};
    use super::super::pattern::is_match;
    use super::super::samples::Sample;
    use super::*;

    /// What the template says of a text, in a mode, where truth leads to an allow.
    fn says(template: &str, sample: &Sample, text: &str) -> Tri {
        let template = Template::parse(template, Version::V2012).unwrap();
        read(sample.mode, Toward::Allow, |reading| {
            let filled = fill(&template, true, sample, reading);
            filled.certain(Tri::from(is_match(&filled.tokens, text)))
        })
    }

    #[test]
    fn known_values_are_plain_text() {
        // IAM-VAR-5.
        let star = Sample::new().known("aws:SourceIdentity", "a*");
        assert_eq!(says("${aws:SourceIdentity}/*", &star, "a*/x"), Tri::True);
        assert_eq!(says("${aws:SourceIdentity}/*", &star, "ab/x"), Tri::False);
        assert_eq!(says("${AWS:sourceidentity}", &star, "a*"), Tri::True);
        // IAM-WILD-12.
        assert_eq!(says("b/${*}", &star, "b/*"), Tri::True);
        assert_eq!(says("b/${*}", &star, "b/x"), Tri::False);
        assert_eq!(says("${$}${?}", &star, "$?"), Tri::True);
    }

    #[test]
    fn absent_values_match_nothing_but_their_default() {
        // IAM-VAR-6, IAM-VAR-7.
        let nothing = Sample::new();
        assert_eq!(
            says("b-${aws:PrincipalTag/team}*", &nothing, "b-x"),
            Tri::False
        );
        assert_eq!(
            says("b-${aws:PrincipalTag/team, 'all'}", &nothing, "b-all"),
            Tri::True
        );
        assert_eq!(
            says("b-${aws:PrincipalTag/team, 'a*'}", &nothing, "b-all"),
            Tri::False
        );
        let team = Sample::new().known("aws:PrincipalTag/team", "x");
        assert_eq!(
            says("b-${aws:PrincipalTag/team, 'all'}", &team, "b-x"),
            Tri::True
        );
    }

    #[test]
    fn multivalued_keys_never_resolve() {
        // IAM-VAR-4.
        let tags = Sample::new().set("aws:TagKeys", &["x"]);
        assert_eq!(says("${aws:TagKeys}", &tags, "x"), Tri::False);
        assert_eq!(says("${aws:TagKeys, 'd'}", &tags, "d"), Tri::False);
        let absent = Sample::new().multivalued("aws:TagKeys", Value::Absent);
        assert_eq!(says("${aws:TagKeys, 'd'}", &absent, "d"), Tri::True);
        let unknown = Sample::new().multivalued("aws:TagKeys", Value::Unknown);
        assert_eq!(says("${aws:TagKeys, 'd'}", &unknown, "d"), Tri::Unknown);
        assert_eq!(says("${aws:TagKeys, 'd'}", &unknown, "x"), Tri::False);
        assert_eq!(says("${aws:TagKeys}", &unknown, "x"), Tri::False);
    }

    #[test]
    fn unknown_values_never_surely_match() {
        // IAM-TRI-5.
        for value in [Value::Unknown, Value::Present] {
            let user = Sample::new().with("aws:username", value);
            assert_eq!(says("b/${aws:username}/*", &user, "b/u/x"), Tri::Unknown);
            assert_eq!(says("*${aws:username}*", &user, "x"), Tri::Unknown);
            assert_eq!(says("b/${aws:username}/*", &user, "other/x"), Tri::False);
            assert_eq!(says("b/${aws:username, 'd'}", &user, "b/d"), Tri::Unknown);
        }
        let like = Sample::new().with("aws:username", Value::Like("a?".into()));
        assert_eq!(says("b/${aws:username}", &like, "b/ab"), Tri::Unknown);
        assert_eq!(says("b/${aws:username}", &like, "b/b"), Tri::False);
        let one = Sample::new().with("aws:username", Value::Like("ab".into()));
        assert_eq!(says("b/${aws:username}", &one, "b/ab"), Tri::True);
    }

    #[test]
    fn an_empty_value_is_put_in_or_is_none() {
        // AMB-6.
        let empty = Sample::new().known("aws:PrincipalTag/t", "");
        let modes = |template: &str, text: &str| {
            [
                AmbiguityMode::Report,
                AmbiguityMode::Guess,
                AmbiguityMode::Failsafe,
            ]
            .map(|mode| says(template, &empty.clone().mode(mode), text))
        };
        let (no, maybe, yes) = (Tri::False, Tri::Unknown, Tri::True);
        assert_eq!(modes("b-${aws:PrincipalTag/t}", "b-"), [maybe, yes, no]);
        assert_eq!(modes("b-${aws:PrincipalTag/t}", "c"), [no, no, no]);
        assert_eq!(
            modes("b-${aws:PrincipalTag/t, 'd'}", "b-d"),
            [maybe, no, no]
        );
        assert_eq!(modes("*${aws:PrincipalTag/t, 'd'}", "b-d"), [yes, yes, yes]);
    }
}
