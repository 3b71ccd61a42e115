//! Texts that may hold policy variables. Values of variables are not known here.

use std::fmt;
use std::ops::Deref;

use crate::policy::Version;
use crate::text::Text;

/// Colons of an ARN before its field six.
const COLONS_BEFORE_RESOURCE: usize = 5;

/// A part of a text. Rule: IAM-VAR-1, IAM-WILD-12.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands; `*` and `?` in it are wildcards where wildcards work.
    Text(Text),
    /// One of `${*}`, `${?}`, `${$}`: the character itself, never a wildcard.
    Literal(char),
    /// `${key}` or `${key, 'default'}`.
    Variable {
        /// Condition key as written.
        key: String,
        /// Text between the single quotes.
        default: Option<String>,
    },
}

/// A text in pieces. In a 2008-10-17 document always one `Text`. Rule: IAM-GRAM-4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The text as written.
    pub source: Text,
    /// Its pieces in order.
    pub pieces: Pieces,
}

/// The pieces of a text, in order; read like a list. One piece, which most texts are, takes no memory of its own.
#[derive(Clone)]
pub struct Pieces(Count);

#[derive(Clone)]
enum Count {
    One(Piece),
    Many(Vec<Piece>),
}

impl Deref for Pieces {
    type Target = [Piece];

    fn deref(&self) -> &[Piece] {
        match &self.0 {
            Count::One(piece) => std::slice::from_ref(piece),
            Count::Many(pieces) => pieces,
        }
    }
}

impl From<Vec<Piece>> for Pieces {
    fn from(pieces: Vec<Piece>) -> Pieces {
        Pieces(Count::Many(pieces))
    }
}

impl FromIterator<Piece> for Pieces {
    fn from_iter<I: IntoIterator<Item = Piece>>(pieces: I) -> Pieces {
        pieces.into_iter().collect::<Vec<Piece>>().into()
    }
}

impl<'p> IntoIterator for &'p Pieces {
    type Item = &'p Piece;
    type IntoIter = std::slice::Iter<'p, Piece>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Pieces {
    fn eq(&self, other: &Pieces) -> bool {
        **self == **other
    }
}

impl Eq for Pieces {}

impl<const N: usize> PartialEq<[Piece; N]> for Pieces {
    fn eq(&self, other: &[Piece; N]) -> bool {
        **self == *other
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

/// Why a text is no template. Rule: IAM-VAR-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateError {
    /// What is wrong.
    pub kind: TemplateErrorKind,
    /// Offset in bytes of the `$` that opens the variable.
    pub offset: usize,
}

/// What is wrong with a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateErrorKind {
    /// `${` without `}`.
    Unclosed,
    /// `${}`.
    EmptyName,
    /// White space inside the name.
    SpaceInName,
    /// `$`, `{` or a quote inside the name: variables do not nest.
    BadName,
    /// What follows the comma is not one space and a text in single quotes.
    BadDefault,
}

impl Template {
    /// Splits a text into pieces; a 2008-10-17 document knows no variables. Rule: IAM-VAR-1, IAM-VAR-2,
    /// IAM-WILD-12, IAM-GRAM-4.
    ///
    /// # Errors
    /// The first malformed variable.
    ///
    /// ```
    /// use preclear_model::{Piece, Template, Version};
    /// let template = Template::parse("home/${aws:username, 'all'}/${*}", Version::V2012).unwrap();
    /// assert_eq!(template.pieces, [
    ///     Piece::Text("home/".into()),
    ///     Piece::Variable { key: "aws:username".into(), default: Some("all".into()) },
    ///     Piece::Text("/".into()),
    ///     Piece::Literal('*'),
    /// ]);
    /// let old = Template::parse("${aws:username}", Version::V2008).unwrap();
    /// assert_eq!(old.as_plain(), Some("${aws:username}"));
    /// ```
    pub fn parse(text: &str, version: Version) -> Result<Template, TemplateError> {
        if version == Version::V2008 {
            return Ok(Template::literal(text));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, opened) = rest.split_at(start);
            let (piece, length) = variable(opened).map_err(|kind| TemplateError {
                kind,
                offset: text.len() - opened.len(),
            })?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.into()));
            }
            pieces.push(piece);
            rest = opened.get(length..).unwrap_or_default();
        }
        if !rest.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(rest.into()));
        }
        Ok(Template {
            source: text.into(),
            pieces: pieces.into(),
        })
    }

    /// Whether the text is an ARN with a wildcard of the author's in the part that names the type of the resource: before
    /// the first `/` or `:` of field six, or in all of it. A field six of stars alone, or that starts with `*/`, has none.
    /// What a variable stands for is not looked at: it counts as a name. Rule: IAM-WILD-11, DOC-11.
    ///
    /// ```
    /// use preclear_model::{Template, Version};
    /// let is_wild = |field_six: &str| {
    ///     let arn = format!("arn:aws:iam::111122223333:{field_six}");
    ///     Template::parse(&arn, Version::V2012).unwrap().has_wildcard_in_type()
    /// };
    /// assert!(is_wild("ro?e/x") && is_wild("role*") && is_wild("${aws:username}*/x"));
    /// assert!(!is_wild("role/*") && !is_wild("*") && !is_wild("*/x") && !is_wild("r${*}/x"));
    /// ```
    #[must_use]
    pub fn has_wildcard_in_type(&self) -> bool {
        let mut colons_left = COLONS_BEFORE_RESOURCE;
        let mut has_wildcard = false;
        let mut has_stars_alone = true;
        for piece in self.pieces.iter() {
            let Piece::Text(text) = piece else {
                has_stars_alone &= colons_left > 0;
                continue;
            };
            let mut rest: &str = text;
            while colons_left > 0
                && let Some((_, behind)) = rest.split_once(':')
            {
                colons_left -= 1;
                rest = behind;
            }
            if colons_left > 0 {
                continue;
            }
            for byte in rest.bytes() {
                match byte {
                    b'/' => return has_wildcard && !has_stars_alone,
                    b':' => return has_wildcard,
                    b'*' => has_wildcard = true,
                    b'?' => (has_wildcard, has_stars_alone) = (true, false),
                    _ => has_stars_alone = false,
                }
            }
        }
        has_wildcard && !has_stars_alone
    }

    /// A text in which nothing is a variable.
    #[must_use]
    pub fn literal(text: &str) -> Template {
        Template::plain(text.into())
    }

    /// As [`Template::literal`], of a text that is there already.
    #[must_use]
    pub fn plain(text: Text) -> Template {
        Template {
            source: text.clone(),
            pieces: Pieces(Count::One(Piece::Text(text))),
        }
    }

    /// The text, where it is nothing but text.
    #[must_use]
    pub fn as_plain(&self) -> Option<&str> {
        match &*self.pieces {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// True where the template is nothing but text.
    #[must_use]
    pub fn is_plain_text(&self) -> bool {
        self.as_plain().is_some()
    }

    /// The keys of its variables, as written, in order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(key.as_str()),
            Piece::Text(_) | Piece::Literal(_) => None,
        })
    }
}

/// Reads the variable that a text starts with; also says how many bytes it takes.
fn variable(opened: &str) -> Result<(Piece, usize), TemplateErrorKind> {
    const BRACES: usize = "${}".len();
    let inner = opened.get(2..).unwrap_or_default();
    for literal in ['*', '?', '$'] {
        if inner
            .strip_prefix(literal)
            .is_some_and(|rest| rest.starts_with('}'))
        {
            return Ok((Piece::Literal(literal), BRACES + 1));
        }
    }
    let end = inner.find(['}', ',']).ok_or(TemplateErrorKind::Unclosed)?;
    let (key, tail) = inner.split_at(end);
    check_name(key)?;
    if tail.starts_with('}') {
        return Ok((
            Piece::Variable {
                key: key.to_owned(),
                default: None,
            },
            key.len() + BRACES,
        ));
    }
    let quoted = tail
        .strip_prefix(", '")
        .ok_or(TemplateErrorKind::BadDefault)?;
    let (default, rest) = quoted
        .split_once('\'')
        .ok_or(TemplateErrorKind::BadDefault)?;
    if rest.is_empty() {
        return Err(TemplateErrorKind::Unclosed);
    }
    if !rest.starts_with('}') {
        return Err(TemplateErrorKind::BadDefault);
    }
    let length = key.len() + ", ''".len() + default.len() + BRACES;
    Ok((
        Piece::Variable {
            key: key.to_owned(),
            default: Some(default.to_owned()),
        },
        length,
    ))
}

fn check_name(key: &str) -> Result<(), TemplateErrorKind> {
    if key.is_empty() {
        Err(TemplateErrorKind::EmptyName)
    } else if key.contains(['$', '{', '\'', '"']) {
        Err(TemplateErrorKind::BadName)
    } else if key.contains(char::is_whitespace) {
        Err(TemplateErrorKind::SpaceInName)
    } else {
        Ok(())
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TemplateErrorKind::Unclosed => "the policy variable is not closed by `}`",
            TemplateErrorKind::EmptyName => "the policy variable has no name",
            TemplateErrorKind::SpaceInName => "the name of the policy variable holds white space",
            TemplateErrorKind::BadName => {
                "the name of the policy variable holds `$`, `{` or a quote; variables do not nest"
            }
            TemplateErrorKind::BadDefault => {
                "the default of the policy variable is not written `, 'text'`"
            }
        })
    }
}

impl std::error::Error for TemplateError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(text: &str) -> Pieces {
        Template::parse(text, Version::V2012).unwrap().pieces
    }

    fn key(key: &str) -> Piece {
        Piece::Variable {
            key: key.to_owned(),
            default: None,
        }
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.into())
    }

    #[test]
    fn plain_text_is_one_piece() {
        assert_eq!(pieces("a*b"), [text("a*b")]);
        assert_eq!(pieces(""), [text("")]);
        assert_eq!(pieces("cost $5 {x} $"), [text("cost $5 {x} $")]);
        assert!(
            Template::parse("a*b", Version::V2012)
                .unwrap()
                .is_plain_text()
        );
    }

    #[test]
    fn variables_stand_between_texts() {
        assert_eq!(pieces("${aws:username}"), [key("aws:username")]);
        assert_eq!(
            pieces("a${k:x}${k:y}b"),
            [text("a"), key("k:x"), key("k:y"), text("b")]
        );
        assert_eq!(pieces("$${k:x}"), [text("$"), key("k:x")]);
        assert_eq!(
            pieces("${aws:PrincipalTag/Größe}"),
            [key("aws:PrincipalTag/Größe")]
        );
        let template = Template::parse("a${k:x}${*}${k:y}b", Version::V2012).unwrap();
        assert_eq!(template.variables().collect::<Vec<_>>(), ["k:x", "k:y"]);
        assert_eq!(template.as_plain(), None);
    }

    #[test]
    fn defaults_are_plain_text_between_quotes() {
        let with = |default: &str| {
            [Piece::Variable {
                key: "k:x".into(),
                default: Some(default.into()),
            }]
        };
        assert_eq!(pieces("${k:x, 'all'}"), with("all"));
        assert_eq!(pieces("${k:x, ''}"), with(""));
        assert_eq!(pieces("${k:x, '} ${y} ,'}"), with("} ${y} ,"));
    }

    #[test]
    fn literal_meta_characters_are_pieces_of_their_own() {
        assert_eq!(
            pieces("b/${*}${?}${$}"),
            [
                text("b/"),
                Piece::Literal('*'),
                Piece::Literal('?'),
                Piece::Literal('$')
            ]
        );
    }

    #[test]
    fn malformed_variables_are_refused_with_their_offset() {
        use TemplateErrorKind as Kind;
        for (text, kind, offset) in [
            ("a${", Kind::Unclosed, 1),
            ("a${k:x", Kind::Unclosed, 1),
            ("ä${}", Kind::EmptyName, 2),
            ("${, 'x'}", Kind::EmptyName, 0),
            ("${k:a b}", Kind::SpaceInName, 0),
            ("${ k:a}", Kind::SpaceInName, 0),
            ("${k:${k:x}}", Kind::BadName, 0),
            ("${k:x,'d'}", Kind::BadDefault, 0),
            ("${k:x,  'd'}", Kind::BadDefault, 0),
            ("${k:x, d}", Kind::BadDefault, 0),
            ("${k:x, 'd}", Kind::BadDefault, 0),
            ("${k:x, 'd' }", Kind::BadDefault, 0),
            ("${k:y}${k:x, 'd'", Kind::Unclosed, 6),
        ] {
            let error = Template::parse(text, Version::V2012).unwrap_err();
            assert_eq!((error.kind, error.offset), (kind, offset), "{text}");
            let old = Template::parse(text, Version::V2008).unwrap();
            assert_eq!(old.as_plain(), Some(text));
        }
    }

    proptest! {
        #[test]
        fn pieces_join_to_the_text(input in "[a$\\{\\}*?:, 'é]{0,24}") {
            if let Ok(template) = Template::parse(&input, Version::V2012) {
                let joined: String = template.pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => text.to_string(),
                    Piece::Literal(c) => format!("${{{c}}}"),
                    Piece::Variable { key, default: None } => format!("${{{key}}}"),
                    Piece::Variable { key, default: Some(default) } => format!("${{{key}, '{default}'}}"),
                }).collect();
                prop_assert_eq!(joined, input);
            }
        }

        #[test]
        fn any_text_is_split_or_refused(input in ".{0,40}") {
            let _ = Template::parse(&input, Version::V2012);
        }
    }
}
