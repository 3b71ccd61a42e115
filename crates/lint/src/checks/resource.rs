//! Actions and resources of one statement that never meet. Key policies have checks of their own.

use preclear_catalog::kms::KmsAction;
use preclear_catalog::{Service, catalog};
use preclear_condition::doubtful_variables;
use preclear_model::policy::ResourceEntry;
use preclear_model::{Match, PolicyKind, Severity, Template};
use preclear_wildcard::FieldPattern;

use super::key_arns;
use super::keys::CatalogKeys;
use crate::arns::{self, ActedOn, Selection};
use crate::codes::{self, Code};
use crate::finding::Finding;
use crate::near;
use crate::reach::{Entry, Reach};
use crate::subject::Subject;

/// Comparisons of an action with a resource that are worth the time. Real statements need some thousands.
const COMPARISONS_MAX: usize = 100_000;

/// Actions and resources of a statement that can be compared.
struct Meeting<'s, 'p> {
    resources: Vec<(&'p ResourceEntry, FieldPattern)>,
    actions: Vec<(&'s Entry<'p>, ActedOn)>,
}

impl<'s, 'p> Meeting<'s, 'p> {
    /// `None` where some resource is `*` or cannot be read: then nothing is dead for certain.
    fn of(subject: &'s Subject<'p>) -> Option<Meeting<'s, 'p>> {
        if matches!(subject.kind(), PolicyKind::Key | PolicyKind::Trust) {
            return None;
        }
        let mut resources = Vec::new();
        for entry in subject.resources() {
            match arns::selection(entry) {
                Selection::Arns(pattern) => resources.push((entry, pattern)),
                Selection::Everything | Selection::Unclear => return None,
            }
        }
        let is_affordable =
            resources.len().saturating_mul(subject.actions().len()) <= COMPARISONS_MAX;
        if resources.is_empty() || !is_affordable {
            return None;
        }
        let actions = subject
            .actions()
            .iter()
            .map(|entry| (entry, ActedOn::by(entry.actions())))
            .collect();
        Some(Meeting { resources, actions })
    }

    fn has_alias(&self) -> bool {
        self.resources
            .iter()
            .any(|(_, pattern)| arns::is_alias_only(pattern))
    }

    /// Whether some action may act on what the pattern selects, for all that is known.
    fn may_be_acted_on(&self, pattern: &FieldPattern) -> bool {
        self.is_acted_on(pattern, ActedOn::includes)
    }

    /// Whether some action acts on what the pattern selects, in the sense of `acts`.
    fn is_acted_on(
        &self,
        pattern: &FieldPattern,
        acts: fn(&ActedOn, &FieldPattern) -> bool,
    ) -> bool {
        self.actions
            .iter()
            .any(|(entry, acted_on)| match entry.reach {
                Reach::Everything => true,
                Reach::Actions(_) => acts(acted_on, pattern),
                // An action that is newer than the catalogue would act on its own service's resources.
                Reach::NoAction(_) | Reach::NoService | Reach::Malformed => {
                    arns::service_of(pattern)
                        .is_none_or(|service| service.eq_ignore_ascii_case(entry.prefix()))
                }
            })
    }
}

/// Variables of resources that are never replaced, or that nobody knows. Rule: IAM-VAR-4
pub(super) fn variables(subject: &Subject<'_>) -> Vec<Finding> {
    let entries = match &subject.statement.resource {
        Some(Match::In(entries) | Match::NotIn(entries)) => entries.as_slice(),
        None => &[],
    };
    let keys = CatalogKeys {
        kind: subject.kind(),
    };
    let doubts = entries.iter().flat_map(|entry| {
        let doubts = doubtful_variables(&entry.template, &keys);
        doubts.into_iter().map(|doubt| (entry.span, doubt))
    });
    doubts
        .map(|(span, (kind, message))| subject.finding(kind.row(), span, message))
        .collect()
}

/// Resources with a wildcard in the part that names their type. Rule: IAM-WILD-11, DOC-11
pub(super) fn wild_types(subject: &Subject<'_>) -> Vec<Finding> {
    let entries = subject.statement.resource.as_ref().map(Match::entries);
    let wild = entries
        .unwrap_or_default()
        .iter()
        .filter(|entry| has_wild_type(&entry.template));
    wild.map(|entry| {
        let text = &entry.template.source;
        let message = format!("`{text}` has a wildcard in the type of the resource");
        subject.finding(&codes::WILDCARD_IN_RESOURCE_TYPE, entry.span, message)
    })
    .collect()
}

/// Whether the type part has a wildcard, where the service's resources have one; `*/…` stands in AWS's own samples.
fn has_wild_type(template: &Template) -> bool {
    let service = template.source.split(':').nth(2).unwrap_or_default();
    let names_types = || catalog().service(service).is_some_and(Service::names_types);
    template.has_wildcard_in_type() && names_types()
}

/// Actions and resources that meet nothing in their statement.
pub(super) fn dead(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(meeting) = Meeting::of(subject) else {
        return Vec::new();
    };
    let mut findings = dead_actions(subject, &meeting);
    findings.extend(dead_resources(subject, &meeting));
    findings
}

/// Entries of `Action` that act on none of the statement's resources. Rule: IAM-WILD-8, KMS-ID-2, KMS-ID-4
fn dead_actions(subject: &Subject<'_>, meeting: &Meeting<'_, '_>) -> Vec<Finding> {
    let some_resource_lives = meeting
        .resources
        .iter()
        .any(|(_, pattern)| meeting.is_acted_on(pattern, ActedOn::documents));
    let dead = meeting.actions.iter().filter(|(entry, acted_on)| {
        let acts = meeting
            .resources
            .iter()
            .any(|(_, pattern)| acted_on.includes(pattern));
        !entry.actions().is_empty() && !acts
    });
    // If all resources are dead, they are what is wrong.
    dead.filter(|(_, acted_on)| some_resource_lives || acted_on.is_empty())
        .map(|(entry, acted_on)| dead_action(subject, entry, !acted_on.is_empty(), meeting))
        .collect()
}

fn dead_action(
    subject: &Subject<'_>,
    entry: &Entry<'_>,
    has_types: bool,
    meeting: &Meeting<'_, '_>,
) -> Finding {
    let text = &entry.entry.text;
    let names_alias = meeting.has_alias() && entry.kms_actions().any(acts_on_key);
    let (code, message): (&'static Code, _) = if !has_types {
        let message =
            format!("AWS documents no resource for `{text}`, and the statement does not list `*`");
        (&codes::ACTION_NEEDS_STAR_RESOURCE, message)
    } else if names_alias {
        let message = format!("`{text}` acts on keys, and an alias ARN selects no key");
        (&codes::KMS_ALIAS_ARN_FOR_KEY_ACTION, message)
    } else {
        (
            &codes::ACTION_FITS_NO_RESOURCE,
            format!("`{text}` acts on none of the resources listed"),
        )
    };
    let finding = subject.finding(code, entry.entry.span, message);
    if !has_types {
        // What is not documented may be possible all the same; a denial that is not heeded is worse than a dead allow.
        return if subject.allows() {
            finding.severity(Severity::Info)
        } else {
            finding
        };
    }
    let mut kinds: Vec<&str> = entry
        .actions()
        .iter()
        .flat_map(|action| action.resource_uses())
        .flat_map(|used| used.resource_type().arn_patterns())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    match kinds.as_slice() {
        [form] if code.name == codes::ACTION_FITS_NO_RESOURCE.name => finding.help(format!(
            "it acts on `{form}`: list such a resource, or remove the action"
        )),
        _ => finding,
    }
}

fn acts_on_key(action: &KmsAction) -> bool {
    action.targets.iter().any(|target| target.is_key())
}

/// Entries of `Resource` that none of the statement's actions acts on. Rule: KMS-ID-2, IAM-WILD-6
fn dead_resources(subject: &Subject<'_>, meeting: &Meeting<'_, '_>) -> Vec<Finding> {
    // Actions that cannot be limited at all are reported themselves.
    if meeting
        .actions
        .iter()
        .all(|(_, acted_on)| acted_on.is_empty())
    {
        return Vec::new();
    }
    let (alive, dead): (Vec<_>, Vec<_>) = meeting
        .resources
        .iter()
        .partition(|(_, pattern)| meeting.may_be_acted_on(pattern));
    let is_partial = !alive.is_empty();
    // That an ARN lacks a field says more.
    dead.into_iter()
        .filter(|(resource, _)| !key_arns::lacks_field(&resource.template))
        .map(|(resource, pattern)| dead_resource(subject, resource, pattern, is_partial))
        .collect()
}

fn dead_resource(
    subject: &Subject<'_>,
    resource: &ResourceEntry,
    pattern: &FieldPattern,
    is_partial: bool,
) -> Finding {
    let text = &resource.template.source;
    let is_for_keys = subject
        .actions()
        .iter()
        .flat_map(Entry::kms_actions)
        .any(acts_on_key);
    if is_for_keys && arns::is_alias_only(pattern) {
        let message =
            format!("`{text}` selects the alias; the actions here act on the key behind it");
        let finding = subject.finding(&codes::KMS_ALIAS_ARN_FOR_KEY_ACTION, resource.span, message);
        return if is_partial {
            finding.severity(Severity::Warning)
        } else {
            finding
        };
    }
    if let Some(service) =
        arns::service_of(pattern).filter(|service| !arns::is_known_service(service))
    {
        let message = format!("no service has ARNs that start `arn:…:{service}:`");
        let finding = subject.finding(&codes::UNKNOWN_SERVICE, resource.span, message);
        return match near::prefix(service) {
            Some(near) => {
                let meant = text.replacen(&format!(":{service}:"), &format!(":{near}:"), 1);
                let edit = subject.replace(resource.span, &meant);
                finding.help(format!("did you mean `{near}`?")).edit(edit)
            }
            None => finding,
        };
    }
    let message = format!("none of the actions listed acts on `{text}`");
    let finding = subject.finding(&codes::RESOURCE_FITS_NO_ACTION, resource.span, message);
    // Beside resources that do fit, one too many does no harm.
    if is_partial {
        finding.severity(Severity::Info)
    } else {
        finding
    }
}
