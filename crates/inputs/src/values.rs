//! Values that several formats share: ARNs, account ids, tags, encryption contexts.

use std::collections::BTreeMap;

use preclear_model::near::nearest;
use preclear_model::{Arn, Diagnostic, Node, Span};
use preclear_simulator::snapshot::Tags;
use serde_json::{Map, Value};

use crate::loader::{Loader, Origin};

/// True for twelve digits.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why an ARN is not that of one thing. Rule: UI-33.
pub(crate) struct Flaw {
    pub(crate) code: &'static str,
    /// What of it is wrong.
    pub(crate) text: String,
    pub(crate) why: &'static str,
    pub(crate) help: &'static str,
}

impl Flaw {
    pub(crate) fn of(arn: &Arn) -> Option<Self> {
        let of_arn = |why, help| {
            Some(Self {
                code: "INVALID_ARN",
                text: arn.as_str().to_owned(),
                why,
                help,
            })
        };
        if arn.as_str().contains(['*', '?']) || arn.as_str().contains(char::is_whitespace) {
            return of_arn(
                "does not name one thing",
                "write the ARN without wildcards and white space",
            );
        }
        if arn.partition().is_empty() || arn.service().is_empty() || arn.resource().is_empty() {
            return of_arn(
                "has an empty field that must say something",
                "fill in partition, service and resource",
            );
        }
        let account = arn.account();
        let is_account = account.is_empty() || account == "aws" || is_account_id(account);
        (!is_account).then(|| Self {
            code: "INVALID_ACCOUNT_ID",
            text: account.to_owned(),
            why: "is not an account id",
            help: "an account id has twelve digits; put leading zeros back",
        })
    }
}

/// Directions that the codes of Regions name.
const DIRECTIONS: [&str; 9] = [
    "central",
    "north",
    "south",
    "east",
    "west",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
];

/// True for what a Region code looks like, `us-gov-west-1`: an area, a direction, a number. Which Regions exist changes
/// too often to be checked.
///
/// ```
/// use preclear_inputs::is_region;
/// assert!(is_region("us-west-2") && is_region("us-isob-east-1"));
/// assert!(!is_region("us-wst-2") && !is_region("Oregon") && !is_region("us-west-2a"));
/// ```
#[must_use]
pub fn is_region(text: &str) -> bool {
    let mut parts = text.rsplitn(3, '-');
    let number = parts.next().unwrap_or_default();
    let direction = parts.next().unwrap_or_default();
    let area = parts.next().unwrap_or_default();
    let is_area = |part: &str| {
        let mut bytes = part.bytes();
        !part.is_empty() && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && DIRECTIONS.contains(&direction)
        && area.split('-').all(is_area)
}

/// True for what a key identifier looks like. Rule: KMS-ID-1.
pub(crate) fn is_key_identifier(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(char::is_whitespace)
        && (!text.starts_with("arn:") || Arn::parse(text).is_some_and(|arn| arn.service() == "kms"))
}

impl Loader<'_> {
    /// An error at a span of a text.
    pub(crate) fn error(
        &mut self,
        code: &'static str,
        rule: &'static str,
        message: impl Into<String>,
        (origin, span): (&Origin, Span),
        help: impl Into<String>,
    ) {
        self.diagnostics.push(
            Diagnostic::error(code, message)
                .rule(rule)
                .at(origin.source.place(span))
                .help(help),
        );
    }

    /// The error of a value of another type.
    pub(crate) fn wrong_type(&mut self, name: &str, wanted: &str, node: &Node, origin: &Origin) {
        let help = match wanted {
            "a string" => "put the value in quotes".to_owned(),
            _ => format!("write {wanted}"),
        };
        let message = format!("`{name}` must be {wanted}, not {}", node.kind_name());
        self.error("WRONG_TYPE", "UI-33", message, (origin, node.span), help);
    }

    /// An object as JSON, as AWS's own commands print and take them.
    pub(crate) fn json_object(
        &mut self,
        node: &Node,
        origin: &Origin,
        name: &str,
    ) -> Option<Map<String, Value>> {
        match self.json(node) {
            Value::Object(members) => Some(members),
            _ => {
                self.wrong_type(name, "an object", node, origin);
                None
            }
        }
    }

    /// The error of a text that is none of the words a member takes; names the nearest.
    pub(crate) fn unknown_word(
        &mut self,
        what: &str,
        text: &str,
        words: &[&str],
        at: (&Origin, Span),
    ) {
        self.unknown_word_of("UI-33", what, text, words, at);
    }

    /// The same where a rule of its own gives the words.
    pub(crate) fn unknown_word_of(
        &mut self,
        rule: &'static str,
        what: &str,
        text: &str,
        words: &[&str],
        at: (&Origin, Span),
    ) {
        let help = match nearest(text, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are `{}`", words.join("`, `")),
        };
        let message = format!("`{text}` is no {what}");
        self.error("UNKNOWN_VALUE", rule, message, at, help);
    }

    /// The error of an operation that no grant can allow. Rule: KMS-GRANT-2.
    pub(crate) fn unknown_grant_operation(
        &mut self,
        text: &str,
        known: &[&str],
        at: (&Origin, Span),
    ) {
        let bare = text.strip_prefix("kms:").unwrap_or(text);
        let help = match nearest(bare, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("a grant can allow `{}`", known.join("`, `")),
        };
        self.error(
            "GRANT_OPERATIONS",
            "KMS-GRANT-2",
            format!("no grant can allow `{text}`"),
            at,
            help,
        );
    }

    /// A text; a number in quotes is one, a number without is not, except in YAML.
    pub(crate) fn text<'n>(
        &mut self,
        node: &'n Node,
        origin: &Origin,
        name: &str,
    ) -> Option<&'n str> {
        let text = node.as_text();
        if text.is_none() {
            self.wrong_type(name, "a string", node, origin);
        }
        text
    }

    /// The text of any scalar: numbers and booleans as they are written.
    pub(crate) fn scalar_text<'n>(
        &mut self,
        node: &'n Node,
        origin: &Origin,
        name: &str,
    ) -> Option<&'n str> {
        let text = node.as_scalar().map(|scalar| scalar.text.as_str());
        if text.is_none() {
            self.wrong_type(name, "a string", node, origin);
        }
        text
    }

    /// An ARN, checked for its shape.
    pub(crate) fn arn(&mut self, node: &Node, origin: &Origin, name: &str) -> Option<Arn> {
        let text = self.text(node, origin, name)?;
        let arn = Arn::parse(text);
        if arn.is_none() {
            let help = "an ARN has six fields: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`";
            self.error(
                "INVALID_ARN",
                "UI-33",
                format!("`{text}` is not an ARN"),
                (origin, node.span),
                help,
            );
        }
        arn
    }

    /// The ARN of one thing: no wildcard, no white space, an account of twelve digits or none.
    pub(crate) fn exact_arn(&mut self, node: &Node, origin: &Origin, name: &str) -> Option<Arn> {
        let arn = self.arn(node, origin, name)?;
        if let Some(flaw) = Flaw::of(&arn) {
            let message = format!("`{}` {}", flaw.text, flaw.why);
            self.error(flaw.code, "UI-33", message, (origin, node.span), flaw.help);
            return None;
        }
        Some(arn)
    }

    /// An account id.
    pub(crate) fn account_id(
        &mut self,
        node: &Node,
        origin: &Origin,
        name: &str,
    ) -> Option<String> {
        let text = self.text(node, origin, name)?.to_owned();
        self.check_account_id(&text, node.span, origin)
            .then_some(text)
    }

    /// True for an account id; else an error.
    pub(crate) fn check_account_id(&mut self, text: &str, span: Span, origin: &Origin) -> bool {
        let is_account_id = is_account_id(text);
        if !is_account_id {
            let help =
                "an account id has twelve digits; put leading zeros back, and quotes around it";
            let message = format!("`{text}` is not an account id");
            self.error("INVALID_ACCOUNT_ID", "UI-33", message, (origin, span), help);
        }
        is_account_id
    }

    /// A Region name, checked for its characters.
    pub(crate) fn region(&mut self, node: &Node, origin: &Origin, name: &str) -> Option<String> {
        let text = self.text(node, origin, name)?;
        if !is_region(text) {
            let help = "write its code, such as `us-west-2`";
            self.error(
                "INVALID_REGION",
                "UI-33",
                format!("`{text}` is not a Region"),
                (origin, node.span),
                help,
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// Names and values, such as tags and encryption contexts; `null` has none.
    pub(crate) fn pairs(
        &mut self,
        node: &Node,
        origin: &Origin,
        name: &str,
    ) -> Option<BTreeMap<String, String>> {
        if node.is_null() {
            return Some(BTreeMap::new());
        }
        let Some(members) = node.as_mapping() else {
            self.wrong_type(name, "an object", node, origin);
            return None;
        };
        let mut pairs = BTreeMap::new();
        for member in members {
            if let Some(value) = self.scalar_text(&member.value, origin, &member.name) {
                pairs.insert(member.name.clone(), value.to_owned());
            }
        }
        Some(pairs)
    }

    /// Tags that may be left out.
    pub(crate) fn tags(&mut self, node: Option<&Node>, origin: &Origin) -> Option<Tags> {
        self.pairs(node?, origin, "tags")
    }

    /// The items of a list; `null` has none, anything else is an error.
    pub(crate) fn list<'n>(&mut self, node: &'n Node, origin: &Origin, name: &str) -> &'n [Node] {
        if !node.is_null() && node.as_sequence().is_none() {
            self.wrong_type(name, "a list", node, origin);
        }
        node.items()
    }

    /// The texts of a list.
    pub(crate) fn texts(&mut self, node: &Node, origin: &Origin, name: &str) -> Vec<String> {
        let items = self.list(node, origin, name);
        items
            .iter()
            .filter_map(|item| self.text(item, origin, name).map(str::to_owned))
            .collect()
    }

    /// A key identifier as typed: any of the four forms. Rule: UI-11, KMS-ID-1.
    pub(crate) fn key_identifier(
        &mut self,
        node: &Node,
        origin: &Origin,
        name: &str,
    ) -> Option<String> {
        let text = self.text(node, origin, name)?;
        if !is_key_identifier(text) {
            let help = "write a key ARN, a key id, an alias name `alias/NAME` or an alias ARN";
            let message = format!("`{text}` identifies no key");
            self.error(
                "INVALID_KEY_IDENTIFIER",
                "KMS-ID-1",
                message,
                (origin, node.span),
                help,
            );
            return None;
        }
        Some(text.to_owned())
    }
}
