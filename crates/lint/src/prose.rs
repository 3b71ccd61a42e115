//! What sentences around policies demand: actions that the text says must be allowed. Rule: JOB-LINT-1
//!
//! Guides list permissions in words and show a policy beside them; the two may differ. Only sentences that demand something are
//! read, and of them only names of actions.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use preclear_catalog::{Service, catalog, operations};
use preclear_model::{Effect, Place, Policy, Severity, Source, Span};

use crate::LintOptions;
use crate::codes;
use crate::extract::pieces;
use crate::finding::{Edit, Finding, sorted};
use crate::near::{self, Near};
use crate::reach::prefixes;
use crate::subject::Subject;

mod demand;

use demand::{Name, demands};

/// What sentences of a text demand and no policy of it has. `policies` are those of the text that could be read.
///
/// Rule: JOB-LINT-1
#[must_use]
pub fn lint_prose(source: &Arc<Source>, policies: &[&Policy]) -> Vec<Finding> {
    let options = LintOptions::default();
    let subjects: Vec<Subject<'_>> = policies
        .iter()
        .flat_map(|policy| Subject::all(policy, &options))
        .collect();
    let used: Vec<Service<'static>> = prefixes(&subjects)
        .into_iter()
        .filter_map(|prefix| catalog().service(&prefix))
        .collect();
    let is_allowed = |action: &str| {
        subjects
            .iter()
            .any(|one| one.statement.effect == Effect::Allow && one.reaches(action))
            // A policy that cannot be read may have it all the same.
            || source.text.contains(&format!("\"{action}\""))
    };
    // What stands in a policy between sentences is the policy's: a change there would be one of its texts.
    let pieces = pieces(&source.text);
    let is_in_policy = |range: &Range<usize>| {
        let at = pieces.partition_point(|piece| piece.range.end <= range.start);
        let piece = pieces.get(at);
        piece.is_some_and(|piece| piece.range.start < range.end)
    };
    // What is missing is missing once; what is misspelt is mended everywhere.
    let mut found: BTreeMap<(String, Option<usize>), Finding> = BTreeMap::new();
    for mut names in demands(&source.text) {
        names.retain(|(_, range)| !is_in_policy(range));
        let Some(group) = Group::of(&names, &used) else {
            continue;
        };
        for (service, name, range) in group.names {
            let text = format!("{}:{name}", service.prefix());
            let place = source.place(Span::new(range.start, range.end));
            let finding = if service.action(name).is_some() {
                let message = format!("the text demands `{text}`, and no policy in it allows that");
                (!is_allowed(&text))
                    .then(|| Finding::new(&codes::ACTION_ONLY_IN_PROSE, place, message))
            } else if let Some(actions) = operations::authorised_by(&text) {
                // Who lets it call the operation has read what authorises it.
                (!actions.iter().any(|action| is_allowed(action)))
                    .then(|| operation(service, &text, place))
            } else {
                near_action(service, name)
                    .filter(|_| !is_key(&text))
                    .map(|meant| misspelt(service, name, &meant, place))
            };
            if let Some(finding) = finding {
                let at = finding.edit.is_some().then_some(range.start);
                found.entry((text, at)).or_insert(finding);
            }
        }
    }
    sorted(found.into_values().collect())
}

/// A demand for an API operation, which no policy can allow by its name.
fn operation(service: Service<'_>, text: &str, place: Place) -> Finding {
    let message = format!("{} has no action `{text}`", service.name());
    let finding = Finding::new(&codes::UNKNOWN_ACTION, place, message).severity(Severity::Warning);
    match operations::help(text) {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// A demand for an action that is a slip of the pen away from one.
fn misspelt(service: Service<'_>, name: &str, meant: &str, place: Place) -> Finding {
    let prefix = service.prefix();
    let message = format!("{} has no action `{prefix}:{name}`", service.name());
    let text = place.text().replacen(name, meant, 1);
    Finding::new(&codes::UNKNOWN_ACTION, place.clone(), message)
        .help(format!("did you mean `{prefix}:{meant}`?"))
        .edit(Edit::Replace { place, text })
}

/// Whether the text is the name of a condition key, which guides put beside actions.
fn is_key(text: &str) -> bool {
    catalog().condition_key(text).is_some()
}

fn near_action(service: Service<'_>, name: &str) -> Option<String> {
    match near::action_name(service, name)? {
        Near::Spelling(meant) => Some(meant),
        Near::LostStar(_) => None,
    }
}

/// The names of one demand with their services.
struct Group<'t> {
    names: Vec<(Service<'static>, &'t str, Range<usize>)>,
}

impl<'t> Group<'t> {
    /// Names with a prefix say their service. Of names without one at least two must be actions of one service that the
    /// policies use: single words mean many things.
    fn of(names: &[Name<'t>], used: &[Service<'static>]) -> Option<Group<'t>> {
        let bare: Vec<&Name<'t>> = names
            .iter()
            .filter(|(name, _)| !name.contains(':'))
            .collect();
        let known = |service: &Service<'static>| {
            bare.iter()
                .filter(|(name, _)| service.action(name).is_some())
                .count()
        };
        // Of services that know as many, the first in the order of the policies.
        let mut common: Option<(usize, Service<'static>)> = None;
        for service in used {
            let count = known(service);
            if count >= 2 && common.is_none_or(|(most, _)| count > most) {
                common = Some((count, *service));
            }
        }
        let names: Vec<(Service<'static>, &'t str, Range<usize>)> = names
            .iter()
            .filter_map(|(name, range)| match name.split_once(':') {
                Some((prefix, rest)) => Some((catalog().service(prefix)?, rest, range.clone())),
                None => common.map(|(_, service)| (service, *name, range.clone())),
            })
            .collect();
        (!names.is_empty()).then_some(Group { names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use preclear_model::policy::ParseOptions;
    use preclear_model::{PolicyKind, node};

    fn found(text: &str) -> Vec<(&'static str, String)> {
        let policy = Arc::new(Source::new(
            "p.json",
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*",
                "Action": ["kms:Decrypt", "kms:DescribeKey", "s3:GetObject"]}}"#,
        ));
        let tree = node::read(&policy).unwrap();
        let options = ParseOptions::default();
        let (policy, _) = Policy::parse(&tree, &policy, "p", PolicyKind::Identity, options);
        let source = Arc::new(Source::new("g.md", text));
        lint_prose(&source, &[&policy.unwrap()])
            .into_iter()
            .map(|finding| (finding.code, finding.place.text().to_owned()))
            .collect()
    }

    #[test]
    fn lists_of_actions_are_read() {
        let text =
            "Both must include following actions:\n+  Decrypt\n+ `DescribeKey`\n+ ListGrant\n";
        assert_eq!(found(text), [("UNKNOWN_ACTION", "ListGrant".to_owned())]);
        // Operations are no slips of the pen, and nothing is said where what authorises them is allowed.
        let text = "The role must be allowed the actions `s3:ListBuckets`, `s3:HeadObject`, `kms:Decrypt`.";
        assert_eq!(
            found(text),
            [("UNKNOWN_ACTION", "s3:ListBuckets".to_owned())]
        );
        let text = "Required actions:\n\n- GetObject\n- PutObject\n\nDone.\n- Nothing\n";
        assert_eq!(
            found(text),
            [("ACTION_ONLY_IN_PROSE", "PutObject".to_owned())]
        );
    }

    #[test]
    fn sentences_are_read() {
        let text = "It can be small\\. You must add the `kms:Encrypt` action\\. Call `kms:Sign`\\.";
        assert_eq!(
            found(text),
            [("ACTION_ONLY_IN_PROSE", "kms:Encrypt".to_owned())]
        );
        let text = "The actions `GetObject`, `\"PutObject\"` are required";
        assert_eq!(
            found(text),
            [("ACTION_ONLY_IN_PROSE", "PutObject".to_owned())]
        );
    }

    #[test]
    fn permissions_are_demanded_in_many_words() {
        let lacking = |names: &[&str]| -> Vec<(&'static str, String)> {
            let named = names.iter().map(|name| (*name).to_owned());
            named.map(|name| ("ACTION_ONLY_IN_PROSE", name)).collect()
        };
        for (text, names) in [
            (
                "The role must have the following permissions: `kms:Decrypt` and `kms:GenerateDataKey`.",
                &["kms:GenerateDataKey"][..],
            ),
            (
                "The role needs `kms:Decrypt` and `s3:ListBucket` on the bucket.",
                &["s3:ListBucket"],
            ),
            (
                "You must also allow kms:GenerateDataKey. More.",
                &["kms:GenerateDataKey"],
            ),
            (
                "Your execution role requires kms:Decrypt,\n`s3:ListBucket`, and kms:CreateGrant (for volumes).",
                &["s3:ListBucket", "kms:CreateGrant"],
            ),
            (
                "You need these permissions:\n\n* kms:Decrypt\n* `kms:Encrypt`\n",
                &["kms:Encrypt"],
            ),
            (
                "To encrypt, the principal must be allowed kms:Encrypt on the key.",
                &["kms:Encrypt"],
            ),
            (
                "If the key is not the default one, the permission kms:Encrypt is required.",
                &["kms:Encrypt"],
            ),
            (
                "> The `kms:Encrypt` permission is required.",
                &["kms:Encrypt"],
            ),
        ] {
            assert_eq!(found(text), lacking(names), "{text}");
        }
        for text in [
            "The role must not have the permission `kms:Encrypt`.",
            "The role doesn't need `kms:Encrypt`. It need not allow `kms:Encrypt`.",
            "The role needs `kms:Encrypt` or `kms:GenerateDataKey`.",
            "The role needs `kms:Encrypt` only where the key is another one.",
            "The role needs `kms:Decrypt`, so that `kms:Encrypt` is told.",
            "`kms:Encrypt` needs a key policy that names the role.",
            "A call of `kms:ReEncrypt` needs two keys; who must know `kms:Encrypt`?",
            "The `kms:Encrypt` permission lets a role in; you must keep it to yourself.",
            "The user needs to know that `kms:Encrypt` is charged.",
            "The role needs permission for `kms:Decrypt`, but not `kms:Encrypt`.",
            "Users with `kms:Encrypt` must be trusted with that permission.",
            "Access must be denied for the action `kms:Encrypt`.",
            "The role needs kms:Encrypt* and permissions to test kms:ViaService.",
            "See arn:aws:kms:us-west-2:111122223333:key/x, which you must allow the role to use.",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn a_policy_between_sentences_is_no_sentence() {
        let demand = "You must add the `kms:CreateGrants` action";
        let text = format!("So:\n{{\"Effect\": \"Allow\", \"{demand}\": 1}}\n\n{demand}.");
        assert_eq!(
            found(&text),
            [("UNKNOWN_ACTION", "kms:CreateGrants".to_owned())]
        );
        let inside = format!("{{\"Effect\": \"Allow\", \"{demand}\": 1}}");
        assert_eq!(found(&inside), []);
    }

    /// Rounds of mending would leave some of many.
    #[test]
    fn every_misspelt_name_is_told() {
        let text = "You must add the `kms:CreateGrants` action.\n\n".repeat(7);
        assert_eq!(found(&text).len(), 7);
        let text = "You must add the `kms:Encrypt` action.\n\n".repeat(7);
        assert_eq!(found(&text).len(), 1);
    }

    #[test]
    fn other_words_are_left_alone() {
        for text in [
            "Your policy `Action` must include the `kms:Decrypt` action.",
            "You must call the action `CreateLabelingJob`.",
            "You must read:\n- Decrypt\n- ListGrant\n",
            "```\nactions must be:\n- Decrypt\n- DescribeKey\n- ListGrant\n```\n",
            "Actions that are required:\n- frob:Nicate\n",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
