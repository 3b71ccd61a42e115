//! `Resource` and `NotResource`.

use std::sync::Arc;

use preclear_catalog::{Service, catalog};
use preclear_condition::{
    Ambiguities, Evidence, KeyName, KeyTypes, Lookup, Outcome, Tri, VariableFields,
};
use preclear_model::policy::ResourceEntry;
use preclear_model::{ArnRef, Match, Piece, PolicyKind, Statement, Template};
use preclear_wildcard::FieldPattern;

use crate::arena::Arena;
use crate::engine::compiler::Compiler;

/// The resource that a request is about.
#[derive(Debug, Clone)]
pub(crate) enum Question<'a> {
    /// One resource by its ARN. `*` and `?` in it are plain text.
    One {
        /// The ARN.
        text: &'a str,
        /// The same with its first five fields in lower case.
        folded: &'a str,
    },
    /// Every resource that the pattern covers. Rule: IAM-WILD-13.
    Many {
        /// The pattern as written.
        text: &'a str,
        /// The pattern.
        pattern: Arc<FieldPattern>,
    },
    /// The pseudo-resource `*` of actions without resource. Rule: IAM-WILD-8.
    Everything,
}

impl<'a> Question<'a> {
    /// The question as users write it.
    pub(crate) fn text(&self) -> &'a str {
        match self {
            Self::One { text, .. } | Self::Many { text, .. } => text,
            Self::Everything => "*",
        }
    }

    /// A question for one resource.
    pub(crate) fn one(text: &'a str, arena: &'a Arena) -> Self {
        Self::with_head(text, head(text).len(), arena)
    }

    /// A question for the resource with this ARN.
    pub(crate) fn of_arn(arn: ArnRef<'a>, arena: &'a Arena) -> Self {
        Self::with_head(arn.as_str(), arn.head_len(), arena)
    }

    fn with_head(text: &'a str, head: usize, arena: &'a Arena) -> Self {
        if !has_upper(text, head) {
            return Self::One { text, folded: text };
        }
        let folded = arena.alloc_str(text);
        if let Some(head) = folded.get_mut(..head) {
            head.make_ascii_lowercase();
        }
        Self::One { text, folded }
    }

    /// A question for every resource that a pattern covers which was read before.
    pub(crate) fn of_pattern(
        text: &'a str,
        pattern: Option<Arc<FieldPattern>>,
        arena: &'a Arena,
    ) -> Self {
        match pattern {
            Some(pattern) => Self::Many { text, pattern },
            None => Self::one(text, arena),
        }
    }

    /// The pattern of an ARN.
    pub(crate) fn pattern(text: &str) -> Option<FieldPattern> {
        FieldPattern::parse(text, ':', ARN_FIELDS)
    }

    /// A question for every resource that the ARN pattern covers; one for a single resource if it has no
    /// wildcard or is no ARN.
    pub(crate) fn many(text: &'a str, arena: &'a Arena) -> Self {
        match Self::pattern(text) {
            Some(pattern) if text.contains(['*', '?']) => Self::Many {
                text,
                pattern: Arc::new(pattern),
            },
            _ => Self::one(text, arena),
        }
    }
}

/// Fields of an ARN. Rule: IAM-WILD-5.
const ARN_FIELDS: usize = 6;

/// A compiled `Resource` or `NotResource`.
#[derive(Debug)]
pub(crate) enum ResourceTest {
    /// The kind of policy has no resources, or leaves them to what it is attached to. Rule: IAM-GRAM-12.
    Attached,
    /// The statement has none but must: it never applies. Rule: KMS-POL-12.
    Dead,
    /// Applies when an entry matches.
    In(Vec<ResourcePattern>),
    /// Applies when no entry matches. Rule: IAM-WILD-9.
    NotIn(Vec<ResourcePattern>),
}

#[derive(Debug, Clone)]
pub(crate) enum ResourcePattern {
    /// All stars: every resource, those of other accounts too. Rule: IAM-WILD-4, KMS-ID-3.
    Everything,
    /// A whole ARN.
    Arn(ArnPattern),
    /// A whole ARN with a wildcard in the type part, where the resources of the service have one (AMB-2).
    WildType {
        arn: ArnPattern,
        /// The service has a wildcard too: which one it is the resource says.
        of_any_service: bool,
    },
    /// An ARN with fewer than six fields where AWS's reading is not published (AMB-14).
    Short {
        padded: ArnPattern,
        has_wildcard: bool,
    },
    /// Never matches.
    Nothing,
}

impl ResourceTest {
    /// Compiles the element for a kind of document.
    pub(crate) fn compile(statement: &Statement, kind: PolicyKind, keys: &dyn KeyTypes) -> Self {
        Self::compile_by(statement, kind, |entry| {
            ResourcePattern::compile(entry, keys)
        })
    }

    /// The same, with what has been compiled before.
    pub(crate) fn compile_with(
        statement: &Statement,
        kind: PolicyKind,
        compiler: &mut Compiler,
    ) -> Self {
        Self::compile_by(statement, kind, |entry| compiler.resource(entry))
    }

    fn compile_by(
        statement: &Statement,
        kind: PolicyKind,
        compile: impl FnMut(&ResourceEntry) -> ResourcePattern,
    ) -> Self {
        let patterns = |entries: &[ResourceEntry]| entries.iter().map(compile).collect();
        match &statement.resource {
            None if kind == PolicyKind::Key => Self::Dead,
            None => Self::Attached,
            Some(Match::In(entries)) => Self::In(patterns(entries)),
            // In a key policy `NotResource` alone counts as no resource (KMS-POL-12).
            Some(Match::NotIn(_)) if kind == PolicyKind::Key => Self::Dead,
            Some(Match::NotIn(entries)) => Self::NotIn(patterns(entries)),
        }
    }

    /// Keys of the variables in its entries, with repetitions.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &KeyName> {
        let patterns: &[ResourcePattern] = match self {
            Self::In(patterns) | Self::NotIn(patterns) => patterns,
            Self::Attached | Self::Dead => &[],
        };
        patterns.iter().flat_map(ResourcePattern::variables)
    }

    /// Whether the element admits the resource.
    pub(crate) fn matches<E: Evidence>(
        &self,
        question: &Question<'_>,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let any = |patterns: &[ResourcePattern], ambiguities| {
            Outcome::any(
                patterns
                    .iter()
                    .map(|pattern| pattern.matches(question, keys, ambiguities)),
            )
        };
        match self {
            Self::Attached => Outcome::known(true),
            Self::Dead => Outcome::known(false),
            Self::In(patterns) => any(patterns, ambiguities),
            Self::NotIn(patterns) if patterns.is_empty() => Outcome::known(false),
            Self::NotIn(patterns) => {
                let applies: Outcome<E> = !any(patterns, ambiguities.negated());
                let resolved = |ambiguities| -> Outcome<E> {
                    let patterns = patterns.iter();
                    Outcome::all(patterns.map(|pattern| pattern.is_resolved(keys, ambiguities)))
                };
                // An entry whose variable has no value names nothing, so the statement applies; the other reading
                // is that it does not (AMB-5).
                let unresolved = || ambiguities.between(5, applies.clone(), Outcome::known(false));
                // A key that exists counts for a value, though it may be empty (IAM-TRI-5).
                match (resolved(ambiguities).value, resolved(Ambiguities::Guess)) {
                    (Tri::False, _) => unresolved(),
                    // A value that is empty may count as none, and then it is the same question (AMB-6).
                    (Tri::Unknown, guessed)
                        if guessed.value.is_true()
                            && resolved(Ambiguities::Always(false)).value.is_false() =>
                    {
                        ambiguities.between(6, applies.clone(), unresolved())
                    }
                    (Tri::Unknown, may_be) if may_be.value.is_unknown() => {
                        let unresolved = unresolved();
                        if unresolved.value == applies.value {
                            applies
                        } else {
                            let open = [applies, unresolved];
                            let open = open.into_iter().filter(|side| side.value.is_unknown());
                            open.fold(may_be, Outcome::or)
                        }
                    }
                    _ => applies,
                }
            }
        }
    }
}

impl ResourcePattern {
    /// Keys of its variables.
    fn variables(&self) -> impl Iterator<Item = &KeyName> {
        let fields = match self {
            Self::Arn(arn) | Self::WildType { arn, .. } | Self::Short { padded: arn, .. } => {
                Some(&arn.fields)
            }
            Self::Everything | Self::Nothing => None,
        };
        fields.into_iter().flat_map(VariableFields::variables)
    }

    pub(crate) fn compile(entry: &ResourceEntry, keys: &dyn KeyTypes) -> Self {
        let text = entry.template.source.as_str();
        if !text.is_empty() && text.bytes().all(|byte| byte == b'*') {
            return Self::Everything;
        }
        if let Some(fields) = VariableFields::compile(&entry.template, keys) {
            let arn = ArnPattern::new(fields, &entry.template, |template| {
                VariableFields::compile(template, keys)
            });
            return match wild_type(&entry.template) {
                Some(of_any_service) => Self::WildType {
                    arn,
                    of_any_service,
                },
                None => Self::Arn(arn),
            };
        }
        match VariableFields::compile_padded(&entry.template, keys) {
            Some(padded) if text.starts_with("arn:") => Self::Short {
                padded: ArnPattern::new(padded, &entry.template, |template| {
                    VariableFields::compile_padded(template, keys)
                }),
                has_wildcard: text.contains(['*', '?']),
            },
            _ => Self::Nothing,
        }
    }

    /// Whether every variable of the entry has a value or a default (IAM-VAR-6).
    fn is_resolved<E: Evidence>(&self, keys: &impl Lookup, ambiguities: Ambiguities) -> Outcome<E> {
        match self {
            Self::Arn(arn) | Self::WildType { arn, .. } | Self::Short { padded: arn, .. } => {
                arn.fields.is_resolved(keys, ambiguities)
            }
            Self::Everything | Self::Nothing => Outcome::known(true),
        }
    }

    fn matches<E: Evidence>(
        &self,
        question: &Question<'_>,
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        match (self, question) {
            (Self::Everything, _) => Outcome::known(true),
            (Self::Nothing, _) | (_, Question::Everything) => Outcome::known(false),
            (Self::Arn(arn), Question::One { text, folded }) => {
                arn.matches((text, folded), keys, ambiguities)
            }
            (Self::Arn(arn), Question::Many { text, pattern }) => {
                arn.fields.matches_all_of(pattern, text, keys, ambiguities)
            }
            (
                Self::WildType {
                    arn,
                    of_any_service,
                },
                question,
            ) => {
                let globbed = match question {
                    Question::Many { text, pattern } => {
                        arn.fields.matches_all_of(pattern, text, keys, ambiguities)
                    }
                    Question::One { text, folded } => {
                        arn.matches((text, folded), keys, ambiguities)
                    }
                    Question::Everything => Outcome::known(false),
                };
                let is_clear = || *of_any_service && !names_types(service_of(question.text()));
                if globbed.value.is_false() || is_clear() {
                    return globbed;
                }
                ambiguities.between(2, globbed, Outcome::known(false))
            }
            (
                Self::Short {
                    padded,
                    has_wildcard,
                },
                Question::One { text, folded },
            ) => {
                let matches = padded.matches::<E>((text, folded), keys, ambiguities);
                short(matches, *has_wildcard, ambiguities)
            }
            (
                Self::Short {
                    padded,
                    has_wildcard,
                },
                Question::Many { text, pattern },
            ) => {
                let fields = &padded.fields;
                let matches = fields.matches_all_of::<E>(pattern, text, keys, ambiguities);
                short(matches, *has_wildcard, ambiguities)
            }
        }
    }
}

/// An ARN pattern, and the same with its first five fields in lower case where that differs.
#[derive(Debug, Clone)]
pub(crate) struct ArnPattern {
    fields: VariableFields,
    folded: Option<Box<VariableFields>>,
}

impl ArnPattern {
    fn new(
        fields: VariableFields,
        template: &Template,
        compile: impl Fn(&Template) -> Option<VariableFields>,
    ) -> Self {
        let folded = match template.pieces.split_first() {
            // Variables work only behind the fifth colon, so the first piece holds all five fields.
            Some((Piece::Text(text), rest)) if has_upper_head(text) => {
                let mut folded = template.clone();
                folded.pieces = [Piece::Text(lower_head(text).into())]
                    .into_iter()
                    .chain(rest.iter().cloned())
                    .collect();
                compile(&folded).map(Box::new)
            }
            _ => None,
        };
        Self { fields, folded }
    }

    /// Whether it matches the ARN. Case counts; whether it does in the first five fields is not documented. Rule:
    /// IAM-WILD-7, AMB-15.
    fn matches<E: Evidence>(
        &self,
        (text, folded_text): (&str, &str),
        keys: &impl Lookup,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let exact = self.fields.matches_resource::<E>(text, keys, ambiguities);
        let same_in_lower_case = self.folded.is_none() && std::ptr::eq(text, folded_text);
        if same_in_lower_case || exact.value.is_true() {
            return exact;
        }
        let folded = self.folded.as_deref().unwrap_or(&self.fields);
        let other = folded.matches_resource(folded_text, keys, ambiguities);
        ambiguities.between(15, exact, other)
    }
}

/// The first five fields, without the resource.
fn head(text: &str) -> &str {
    let end = text
        .match_indices(':')
        .nth(ARN_FIELDS - 2)
        .map_or(text.len(), |(colon, _)| colon);
    text.get(..end).unwrap_or(text)
}

fn has_upper_head(text: &str) -> bool {
    has_upper(text, head(text).len())
}

fn has_upper(text: &str, head: usize) -> bool {
    let head = text.as_bytes().get(..head).unwrap_or(text.as_bytes());
    // Without a branch for each byte: an ARN's head is short, and as a rule all of it is looked at.
    head.iter()
        .fold(false, |found, byte| found | byte.is_ascii_uppercase())
}

fn lower_head(text: &str) -> String {
    let head = head(text);
    let rest = text.get(head.len()..).unwrap_or_default();
    head.to_ascii_lowercase() + rest
}

/// Whether the type part of an ARN has a wildcard, and the service's resources have a type part; if so, whether the service has a
/// wildcard or a variable itself, so that its resources are not known yet. Rule: IAM-WILD-11, DOC-11.
fn wild_type(template: &Template) -> Option<bool> {
    if !template.has_wildcard_in_type() {
        return None;
    }
    let service = service_of(&template.source);
    let of_any_service = service.contains(['*', '?', '$']);
    (of_any_service || names_types(service)).then_some(of_any_service)
}

/// Field three of an ARN.
fn service_of(text: &str) -> &str {
    text.split(':').nth(2).unwrap_or_default()
}

/// True for a service all of whose resources have a type part. Rule: IAM-WILD-11.
fn names_types(service: &str) -> bool {
    catalog().service(service).is_some_and(Service::names_types)
}

/// AMB-14: an ARN with too few fields matches as if padded, or nothing.
fn short<E: Evidence>(
    padded: Outcome<E>,
    guess_padded: bool,
    ambiguities: Ambiguities,
) -> Outcome<E> {
    let nothing = Outcome::known(false);
    if guess_padded {
        ambiguities.between(14, padded, nothing)
    } else {
        ambiguities.between(14, nothing, padded)
    }
}
