//! Any JSON or YAML text as a tree in which every element knows its place and nothing is lost.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Source, Span};
use crate::{json, yaml};

mod convert;

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`; in YAML also `~` and nothing at all.
    Null,
    /// A string, number or boolean.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// An object; members in the order of the text. Duplicates never get here.
    Mapping(Vec<Member>),
}

/// A scalar with its source text: `012345678901` stays that text, whatever type YAML gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text; escapes resolved, numbers and booleans as written.
    pub text: String,
    /// The type that the notation gives it.
    pub kind: ScalarKind,
    /// True for an unquoted YAML scalar: its type is a guess of YAML's, so it may be read as text.
    pub plain: bool,
}

/// Type of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScalarKind {
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// Its value.
    pub value: Node,
}

/// What a reader accepts at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the text.
    pub bytes: usize,
    /// Lists and objects inside one another.
    pub depth: usize,
    /// Nodes that YAML aliases may add.
    pub alias_nodes: usize,
    /// True: tags of CloudFormation's functions are taken, and are what they are in JSON: `!Ref x` is `{"Ref": "x"}`.
    pub functions: bool,
}

/// Nesting that readers accept. Real documents stay below 20; code that walks a tree may recurse this deep.
pub const DEPTH_MAX: usize = 100;

/// Bytes of a policy document. AWS's greatest quota is 32 KiB (KMS-POL-13), so this leaves room for indentation.
pub const POLICY_BYTES_MAX: usize = 1 << 20;

/// Bytes of any file. Account details of the greatest accounts take some 100 MB.
pub const FILE_BYTES_MAX: usize = 1 << 30;

/// Nodes that YAML aliases may add to a text.
pub const ALIAS_NODES_MAX: usize = 100_000;

/// Bytes of text that YAML aliases may add.
pub(crate) const ALIAS_BYTES_MAX: usize = 16 << 20;

impl Limits {
    /// For any file.
    pub const FILE: Limits = Limits {
        bytes: FILE_BYTES_MAX,
        depth: DEPTH_MAX,
        alias_nodes: ALIAS_NODES_MAX,
        functions: false,
    };
    /// For any file that may be a template of CloudFormation.
    pub const TEMPLATE: Limits = Limits {
        functions: true,
        ..Limits::FILE
    };
    /// For a policy document.
    pub const POLICY: Limits = Limits {
        bytes: POLICY_BYTES_MAX,
        ..Limits::FILE
    };

    /// Refuses a text that is too large, or empty.
    pub(crate) fn check(&self, source: &Arc<Source>) -> Result<(), Diagnostics> {
        let start = source.place(Span::default());
        // Offsets take 32 bits.
        let bytes_max = self.bytes.min(u32::MAX as usize);
        if source.text.len() > bytes_max {
            let message = format!(
                "the text has {} bytes; at most {bytes_max} are accepted",
                source.text.len()
            );
            let help = "check that this is the file you meant";
            return Err(Diagnostic::error("INPUT_TOO_LARGE", message)
                .rule("UI-30")
                .at(start)
                .help(help)
                .into());
        }
        if source.text.trim().is_empty() {
            let help = "give a JSON or YAML document";
            return Err(Diagnostic::error("EMPTY_INPUT", "the text is empty")
                .rule("IAM-GRAM-1")
                .at(start)
                .help(help)
                .into());
        }
        Ok(())
    }
}

/// Reads a JSON or YAML text, whichever it is.
///
/// A text that starts with `{`, `[` or `"`, or whose name ends `.json`, is JSON; if it is broken and its name ends
/// `.yaml` or `.yml`, it is YAML.
/// A text that starts with `%` and two hexadecimal digits is one percent-encoded string. Anything else is YAML.
///
/// # Errors
/// Whatever makes the text unusable; all duplicate members at once.
///
/// ```
/// use std::sync::Arc;
/// use preclear_model::{Source, node};
/// let source = Arc::new(Source::new("r.yaml", "account: 012345678901\naliases: [alias/a]"));
/// let tree = node::read(&source).unwrap();
/// assert_eq!(tree.get("account").and_then(|node| node.as_text()), Some("012345678901"));
/// assert_eq!(tree.get("aliases").map(|node| node.items().len()), Some(1));
/// ```
pub fn read(source: &Arc<Source>) -> Result<Node, Diagnostics> {
    read_within(source, &Limits::FILE)
}

/// As [`read`], within other limits.
///
/// # Errors
/// As [`read`].
pub fn read_within(source: &Arc<Source>, limits: &Limits) -> Result<Node, Diagnostics> {
    let text = source.text.trim_start();
    if is_percent_encoded(text) {
        limits.check(source)?;
        return Ok(whole_text(source));
    }
    let lower = source.name.to_ascii_lowercase();
    if !text.starts_with(['{', '[', '"']) && !lower.ends_with(".json") {
        return yaml::read_within(source, limits);
    }
    let errors = match json::read_within(source, limits) {
        Ok(node) => return Ok(node),
        Err(errors) => errors,
    };
    let is_no_json = errors.mentions("INVALID_JSON") || errors.mentions("JSON_TRAILING_COMMA");
    if is_no_json && (lower.ends_with(".yaml") || lower.ends_with(".yml")) {
        return yaml::read_within(source, limits);
    }
    Err(errors)
}

/// No YAML document starts so: a directive has no name like that.
pub(crate) fn is_percent_encoded(text: &str) -> bool {
    match text.as_bytes() {
        [b'%', high, low, ..] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    }
}

/// The whole text, without white space around it, as one string.
fn whole_text(source: &Source) -> Node {
    let text = source.text.trim();
    let start = source.text.len() - source.text.trim_start().len();
    let scalar = Scalar {
        text: text.to_owned(),
        kind: ScalarKind::Text,
        plain: true,
    };
    Node {
        span: Span::new(start, start + text.len()),
        value: Value::Scalar(scalar),
    }
}

impl Node {
    /// The text of a scalar of any type, where `5` and `"5"` mean the same.
    #[must_use]
    pub fn scalar_text(&self) -> Option<&str> {
        self.as_scalar().map(|scalar| scalar.text.as_str())
    }

    /// The text of a string, or of an unquoted YAML scalar of any type.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) if scalar.kind == ScalarKind::Text || scalar.plain => {
                Some(&scalar.text)
            }
            _ => None,
        }
    }

    /// The text of a number, as written.
    #[must_use]
    pub fn as_number_text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) if scalar.kind == ScalarKind::Number => Some(&scalar.text),
            _ => None,
        }
    }

    /// A boolean; the text `"true"` is none.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar(scalar) if scalar.kind == ScalarKind::Boolean => {
                Some(scalar.text.eq_ignore_ascii_case("true"))
            }
            _ => None,
        }
    }

    /// The scalar, whatever its type.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The elements of a list.
    #[must_use]
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The members of an object.
    #[must_use]
    pub fn as_mapping(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Mapping(members) => Some(members),
            _ => None,
        }
    }

    /// The elements of a list; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        self.as_sequence().unwrap_or_default()
    }

    /// The members of an object; none for anything else.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        self.as_mapping().unwrap_or_default()
    }

    /// A member of an object.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.name == name)
    }

    /// The value of a member of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.member(name).map(|member| &member.value)
    }

    /// True for `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// True for `null`, an empty list, an empty object and an empty text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.value {
            Value::Null => true,
            Value::Scalar(scalar) => scalar.text.is_empty(),
            Value::Sequence(items) => items.is_empty(),
            Value::Mapping(members) => members.is_empty(),
        }
    }

    /// What it is, with its article, for messages: `a string`, `an object`.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "an object",
            Value::Scalar(scalar) => scalar.kind.name(),
        }
    }
}

impl ScalarKind {
    /// What a scalar of the type is, with its article, for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ScalarKind::Text => "a string",
            ScalarKind::Number => "a number",
            ScalarKind::Boolean => "a boolean",
        }
    }
}

/// Reports members of one object that have the same name. Rule: IAM-GRAM-3.
pub(crate) fn report_duplicates(
    members: &[Member],
    source: &Arc<Source>,
    diagnostics: &mut Diagnostics,
) {
    // Objects are small, and then comparing all pairs is fastest.
    const PAIRS_MAX: usize = 8;
    let mut rest = members;
    let mut is_unique = members.len() <= PAIRS_MAX;
    while let [first, others @ ..] = rest
        && is_unique
    {
        is_unique = others.iter().all(|other| other.name != first.name);
        rest = others;
    }
    if is_unique {
        return;
    }
    let mut order: Vec<&Member> = members.iter().collect();
    // Stable: of equal names the first in the text stays first.
    order.sort_by(|a, b| a.name.cmp(&b.name));
    for pair in order.windows(2) {
        if let [first, second] = pair
            && first.name == second.name
        {
            let message = format!("the member `{}` stands twice in one object", second.name);
            diagnostics.push(
                Diagnostic::error("DUPLICATE_MEMBER", message)
                    .rule("IAM-GRAM-3")
                    .at(source.place(second.name_span))
                    .related(source.place(first.name_span), "it stands here already")
                    .help("merge the two, or remove one: which of them counts is not defined"),
            );
        }
    }
}

/// The error of a list or object that stands too deep.
pub(crate) fn too_deep(source: &Arc<Source>, offset: usize, limits: &Limits) -> Diagnostic {
    let message = format!(
        "lists and objects stand more than {} deep in one another",
        limits.depth
    );
    Diagnostic::error("NESTED_TOO_DEEPLY", message)
        .rule("IAM-GRAM-1")
        .at(source.place(Span::new(offset, offset + 1)))
        .help("check that this is the file you meant: no input of preclear is nested like that")
}

#[cfg(test)]
mod tests;
