//! What requests and jobs have in common: context keys, modes, clock.

use std::collections::{BTreeMap, BTreeSet};

use preclear_model::{Fields, Node, Span};
use preclear_simulator::request::{AmbiguityMode, ContextMode, ContextValue, GrantKeyTrust};

use crate::loader::{Loader, Origin};

/// The value of `now` that stands for the system's clock; whoever has a clock replaces it. Rule: UI-5.
pub const NOW_SYSTEM: &str = "system";

/// Settings as far as they were given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Settings {
    pub(crate) region: Option<String>,
    pub(crate) context: BTreeMap<String, ContextValue>,
    pub(crate) unknown: Option<BTreeSet<String>>,
    pub(crate) absent: Option<BTreeSet<String>>,
    pub(crate) present: Option<BTreeSet<String>>,
    pub(crate) mode: Option<ContextMode>,
    pub(crate) ambiguity: Option<AmbiguityMode>,
    pub(crate) now: Option<String>,
    pub(crate) vpc_endpoint: Option<String>,
    pub(crate) grant_key_trust: Option<GrantKeyTrust>,
}

/// The nodes of settings, taken from their object.
#[derive(Debug, Default)]
pub(crate) struct SettingNodes<'n> {
    region: Option<&'n Node>,
    context: Option<&'n Node>,
    unknown: Option<&'n Node>,
    absent: Option<&'n Node>,
    present: Option<&'n Node>,
    now: Option<&'n Node>,
    switches: Option<&'n Node>,
    mode: Option<ContextMode>,
    ambiguity: Option<AmbiguityMode>,
    vpc_endpoint: Option<String>,
}

/// Words of `mode`.
pub(crate) const MODES: [(&str, ContextMode); 2] =
    [("open", ContextMode::Open), ("closed", ContextMode::Closed)];

/// Words of `ambiguity`. Rule: IAM-TRI-8.
pub(crate) const AMBIGUITIES: [(&str, AmbiguityMode); 3] = [
    ("report", AmbiguityMode::Report),
    ("guess", AmbiguityMode::Guess),
    ("failsafe", AmbiguityMode::Failsafe),
];

impl<'n> SettingNodes<'n> {
    pub(crate) fn take(fields: &mut Fields<'n, '_>) -> Self {
        Self {
            region: fields.value("region"),
            context: fields.value("context"),
            unknown: fields.value("unknown"),
            absent: fields.value("absent"),
            present: fields.value("present"),
            now: fields.value("now"),
            switches: fields.value("switches"),
            mode: fields.choice("mode", &MODES),
            ambiguity: fields.choice("ambiguity", &AMBIGUITIES),
            vpc_endpoint: fields.text("vpc_endpoint").map(str::to_owned),
        }
    }

    pub(crate) fn read(self, loader: &mut Loader<'_>, origin: &Origin) -> Settings {
        let mut keys =
            |node: Option<&Node>, name| node.map(|node| key_names(loader, node, origin, name));
        let unknown = keys(self.unknown, "unknown");
        let absent = keys(self.absent, "absent");
        let present = keys(self.present, "present");
        Settings {
            region: self
                .region
                .and_then(|node| loader.region(node, origin, "region")),
            context: self
                .context
                .map(|node| context(loader, node, origin))
                .unwrap_or_default(),
            unknown,
            absent,
            present,
            mode: self.mode,
            ambiguity: self.ambiguity,
            now: self.now.and_then(|node| now(loader, node, origin)),
            vpc_endpoint: self.vpc_endpoint,
            grant_key_trust: self
                .switches
                .and_then(|node| switches(loader, node, origin)),
        }
    }
}

impl Settings {
    /// Fills what was left out from defaults. The pairs of `context` are joined one by one.
    pub(crate) fn or(mut self, defaults: &Self) -> Self {
        let defaults = defaults.clone();
        let own = std::mem::take(&mut self.context);
        let said = |key: &str| {
            let is_it = |other: &String| other.eq_ignore_ascii_case(key);
            let lists = [&self.unknown, &self.absent, &self.present];
            own.keys().any(is_it) || lists.into_iter().flatten().flatten().any(is_it)
        };
        let inherited = defaults.context.into_iter().filter(|(key, _)| !said(key));
        let mut context: BTreeMap<_, _> = inherited.collect();
        context.extend(own);
        Self {
            region: self.region.or(defaults.region),
            context,
            unknown: self.unknown.or(defaults.unknown),
            absent: self.absent.or(defaults.absent),
            present: self.present.or(defaults.present),
            mode: self.mode.or(defaults.mode),
            ambiguity: self.ambiguity.or(defaults.ambiguity),
            now: self.now.or(defaults.now),
            vpc_endpoint: self.vpc_endpoint.or(defaults.vpc_endpoint),
            grant_key_trust: self.grant_key_trust.or(defaults.grant_key_trust),
        }
    }

    /// Two things said about one context key, if there are; keys are compared ignoring case.
    pub(crate) fn key_said_twice(&self) -> Option<String> {
        let lists = [&self.unknown, &self.absent, &self.present];
        let names = self
            .context
            .keys()
            .chain(lists.into_iter().flatten().flatten());
        if self.context.len() < 2 && lists.iter().all(|list| list.is_none()) {
            return None;
        }
        let mut known = BTreeSet::new();
        names
            .into_iter()
            .find(|name| !known.insert(name.to_ascii_lowercase()) && !self.is_spelled_twice(name))
            .cloned()
    }
}

impl Settings {
    /// The last of the members that speak of a key.
    pub(crate) fn list_with(&self, key: &str) -> Option<&'static str> {
        let is_it = |other: &String| other.eq_ignore_ascii_case(key);
        let lists = [
            ("present", &self.present),
            ("absent", &self.absent),
            ("unknown", &self.unknown),
        ];
        let listed = lists
            .into_iter()
            .find(|(_, keys)| keys.iter().flatten().any(is_it));
        listed
            .map(|(name, _)| name)
            .or_else(|| self.context.keys().any(is_it).then_some("context"))
    }

    /// True for a tag that `context` gives in several spellings, which a request may do: what AWS makes of it is
    /// not known (AMB-13).
    fn is_spelled_twice(&self, name: &str) -> bool {
        let spellings = self
            .context
            .keys()
            .filter(|own| own.eq_ignore_ascii_case(name))
            .count();
        let lists = [&self.unknown, &self.absent, &self.present];
        let is_listed = lists
            .into_iter()
            .flatten()
            .flatten()
            .any(|own| own.eq_ignore_ascii_case(name));
        name.contains('/') && spellings > 1 && !is_listed
    }
}

/// Names of context keys: a list.
fn key_names(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
    name: &str,
) -> BTreeSet<String> {
    let items = loader.list(node, origin, name);
    let mut names = BTreeSet::new();
    for item in items {
        if let Some(text) = loader.text(item, origin, name)
            && check_key_name(loader, text, item.span, origin)
        {
            names.insert(text.to_owned());
        }
    }
    names
}

/// True for a name as condition keys have them, `prefix:name`. Rule: IAM-GRAM-18.
#[must_use]
pub fn is_key_name(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(prefix, name)| !prefix.is_empty() && !name.is_empty())
}

fn check_key_name(loader: &mut Loader<'_>, text: &str, span: Span, origin: &Origin) -> bool {
    let is_key = is_key_name(text);
    if !is_key {
        let message = format!("`{text}` is no context key");
        let help = "write it with its prefix, such as `aws:SourceIp`";
        loader.error(
            "INVALID_CONTEXT_KEY",
            "IAM-GRAM-18",
            message,
            (origin, span),
            help,
        );
    }
    is_key
}

/// Names and values; a list is multivalued, numbers and booleans are their text.
pub(crate) fn context(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> BTreeMap<String, ContextValue> {
    let mut context = BTreeMap::new();
    let Some(members) = node.as_mapping() else {
        loader.wrong_type("context", "an object", node, origin);
        return context;
    };
    for member in members {
        if !check_key_name(loader, &member.name, member.name_span, origin) {
            continue;
        }
        let value = match member.value.as_sequence() {
            Some(items) => {
                let values = items
                    .iter()
                    .filter_map(|item| loader.scalar_text(item, origin, &member.name));
                Some(ContextValue::Many(values.map(str::to_owned).collect()))
            }
            None if member.value.is_null() => {
                let message = format!("`{}` has no value", member.name);
                let help = "give a value, or list the key under `absent`, `unknown` or `present`";
                loader.error(
                    "EMPTY_MEMBER",
                    "UI-33",
                    message,
                    (origin, member.value.span),
                    help,
                );
                None
            }
            None => loader
                .scalar_text(&member.value, origin, &member.name)
                .map(|text| ContextValue::One(text.to_owned())),
        };
        if let Some(value) = value {
            context.insert(member.name.clone(), value);
        }
    }
    context
}

/// What a request's clock is: `2026-01-01T00:00:00Z`, a date alone, or the system's clock. A time with another offset is
/// told in UTC, as AWS tells it; `None` for what is no time.
///
/// ```
/// assert_eq!(preclear_inputs::clock("2026-01-01T00:30:00+02:00").as_deref(), Some("2025-12-31T22:30:00Z"));
/// assert_eq!(preclear_inputs::clock("2026-02-30"), None);
/// ```
#[must_use]
pub fn clock(text: &str) -> Option<String> {
    if is_clock(text) {
        return Some(text.to_owned());
    }
    let (local, offset) = text.split_at_checked(text.len().checked_sub("+00:00".len())?)?;
    let is_offset = offset.strip_prefix(['+', '-']).is_some_and(is_time_of_day);
    if !is_offset || !is_clock(&format!("{local}Z")) {
        return None;
    }
    let instant: jiff::Timestamp = text.parse().ok()?;
    // Near the first and the last year there may be no such time in UTC.
    Some(instant.to_string()).filter(|text| is_clock(text))
}

/// Whether the text is a clock as it stands.
pub(crate) fn is_clock(text: &str) -> bool {
    if text == NOW_SYSTEM {
        return true;
    }
    let is_date =
        |date: &str| is_shaped(date, "0000-00-00") && date.parse::<jiff::civil::Date>().is_ok();
    let Some((date, time)) = text.split_once('T') else {
        return is_date(text);
    };
    let Some(time) = time.strip_suffix('Z') else {
        return false;
    };
    let (time, fraction) = match time.split_once('.') {
        Some((time, fraction)) if time.len() == "00:00:00".len() => (time, fraction),
        Some(_) => return false,
        None => (time, "0"),
    };
    is_date(date)
        && is_time_of_day(time)
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

/// `00:00` or `00:00:00`; no second is the sixtieth (IAM-COND-20).
fn is_time_of_day(text: &str) -> bool {
    let mut parts = text.split(':').zip(["23", "59", "59"]);
    (is_shaped(text, "00:00:00") || is_shaped(text, "00:00"))
        && parts.all(|(part, greatest)| part <= greatest)
}

/// Whether the text is like the shape, with any digit in place of a `0`.
fn is_shaped(text: &str, shape: &str) -> bool {
    let is_like = |(byte, shape): (u8, u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        _ => byte == shape,
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(is_like)
}

fn now(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<String> {
    let text = loader.text(node, origin, "now")?;
    let now = clock(text);
    if now.is_none() {
        let message = format!("`{text}` is no time");
        let help =
            "write it as `2026-01-01T00:00:00Z` or with an offset such as `+02:00`, or `system`";
        let at = (origin, node.span);
        loader.error("INVALID_DATE", "IAM-TRI-11", message, at, help);
    }
    now
}

/// Rule: KMS-GRANT-11.
fn switches(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<GrantKeyTrust> {
    let mut fields = Fields::of(
        node,
        &origin.source,
        "the switches",
        &mut loader.diagnostics,
    )?;
    let words = [
        ("strict", GrantKeyTrust::Strict),
        ("lenient", GrantKeyTrust::Lenient),
    ];
    fields.choice("grant_key_trust", &words)
}
