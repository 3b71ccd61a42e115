//! Actions and resources of one statement that never meet. Key policies have checks of their own.

use preclear_catalog::Action;
use preclear_model::policy::ResourceEntry;
use preclear_model::{PolicyKind, Severity};
use preclear_wildcard::FieldPattern;

use crate::arns::{self, Selection};
use crate::codes::{self, Code};
use crate::finding::Finding;
use crate::near;
use crate::reach::{Entry, Reach};
use crate::subject::Subject;

/// The resources of a statement that can be compared with its actions.
struct Resources<'p> {
    patterns: Vec<(&'p ResourceEntry, FieldPattern)>,
}

impl<'p> Resources<'p> {
    /// `None` where some resource is `*` or cannot be read: then nothing is dead for certain.
    fn of(subject: &Subject<'p>) -> Option<Resources<'p>> {
        if matches!(subject.kind(), PolicyKind::Key | PolicyKind::Trust) {
            return None;
        }
        let mut patterns = Vec::new();
        for entry in subject.resources() {
            match arns::selection(entry) {
                Selection::Arns(pattern) => patterns.push((entry, pattern)),
                Selection::Everything | Selection::Unclear => return None,
            }
        }
        (!patterns.is_empty()).then_some(Resources { patterns })
    }

    fn has_alias(&self) -> bool {
        self.patterns.iter().any(|(_, pattern)| arns::is_alias_only(pattern))
    }

    fn meet(&self, action: Action<'_>) -> bool {
        self.patterns.iter().any(|(_, pattern)| arns::acts_on(action, pattern))
    }
}

/// Whether an entry may act on what the pattern selects, for all that is known.
fn may_act_on(entry: &Entry<'_>, pattern: &FieldPattern) -> bool {
    match &entry.reach {
        Reach::Everything => true,
        Reach::Actions(actions) => actions.iter().any(|action| arns::acts_on(*action, pattern)),
        // An action that is newer than the catalogue would act on its own service's resources.
        Reach::NoAction(_) | Reach::NoService | Reach::Malformed => {
            arns::service_of(pattern).is_none_or(|service| service.eq_ignore_ascii_case(entry.prefix()))
        }
    }
}

/// Entries of `Action` that act on none of the statement's resources. Rule: IAM-WILD-8, KMS-ID-2, KMS-ID-4
pub(super) fn dead_actions(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(resources) = Resources::of(subject) else {
        return Vec::new();
    };
    let some_resource_lives = resources
        .patterns
        .iter()
        .any(|(_, pattern)| subject.actions().iter().any(|entry| may_act_on(entry, pattern)));
    let dead = subject.actions().iter().filter(|entry| {
        let actions = entry.actions();
        !actions.is_empty() && !actions.iter().any(|action| resources.meet(*action))
    });
    dead.filter_map(|entry| {
        let has_types = entry.actions().iter().any(|action| action.has_resource());
        // If all resources are dead, they are what is wrong.
        (some_resource_lives || !has_types).then(|| dead_action(subject, entry, has_types, &resources))
    })
    .collect()
}

fn dead_action(subject: &Subject<'_>, entry: &Entry<'_>, has_types: bool, resources: &Resources<'_>) -> Finding {
    let text = &entry.entry.text;
    let names_alias = resources.has_alias() && entry.kms_actions().any(|action| acts_on_key(action));
    let (code, message): (&'static Code, _) = if !has_types {
        let message = format!("`{text}` cannot be limited to resources, and the statement does not list `*`");
        (&codes::ACTION_NEEDS_STAR_RESOURCE, message)
    } else if names_alias {
        let message = format!("`{text}` acts on keys, and an alias ARN selects no key");
        (&codes::KMS_ALIAS_ARN_FOR_KEY_ACTION, message)
    } else {
        (&codes::ACTION_FITS_NO_RESOURCE, format!("`{text}` acts on none of the resources listed"))
    };
    let finding = subject.finding(code, entry.entry.span, message);
    let mut kinds: Vec<&str> = entry
        .actions()
        .iter()
        .flat_map(|action| action.resource_uses())
        .flat_map(|used| used.resource_type().arn_patterns())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    match kinds.as_slice() {
        [form] if code.name == codes::ACTION_FITS_NO_RESOURCE.name => {
            finding.help(format!("it acts on `{form}`: list such a resource, or remove the action"))
        }
        _ => finding,
    }
}

fn acts_on_key(action: &preclear_catalog::kms::KmsAction) -> bool {
    action.targets.iter().any(|target| target.is_key())
}

/// Entries of `Resource` that none of the statement's actions acts on. Rule: KMS-ID-2, IAM-WILD-6
pub(super) fn dead_resources(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(resources) = Resources::of(subject) else {
        return Vec::new();
    };
    let entries = subject.actions();
    // Actions that cannot be limited at all are reported themselves.
    if !entries.iter().any(|entry| entry.actions().iter().any(|action| action.has_resource())) {
        return Vec::new();
    }
    let lives = |pattern: &FieldPattern| entries.iter().any(|entry| may_act_on(entry, pattern));
    let is_partial = resources.patterns.iter().any(|(_, pattern)| lives(pattern));
    let dead = resources.patterns.iter().filter(|(_, pattern)| !lives(pattern));
    dead.map(|(resource, pattern)| dead_resource(subject, resource, pattern, is_partial)).collect()
}

fn dead_resource(
    subject: &Subject<'_>,
    resource: &ResourceEntry,
    pattern: &FieldPattern,
    is_partial: bool,
) -> Finding {
    let text = &resource.template.source;
    let is_for_keys = subject.actions().iter().flat_map(Entry::kms_actions).any(acts_on_key);
    if is_for_keys && arns::is_alias_only(pattern) {
        let message = format!("`{text}` selects the alias; the actions here act on the key behind it");
        let finding = subject.finding(&codes::KMS_ALIAS_ARN_FOR_KEY_ACTION, resource.span, message);
        return if is_partial { finding.severity(Severity::Warning) } else { finding };
    }
    if let Some(service) = arns::service_of(pattern).filter(|service| !arns::is_known_service(service)) {
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
    if is_partial { finding.severity(Severity::Info) } else { finding }
}
