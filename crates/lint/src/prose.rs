//! What sentences around policies demand: actions that the text says must be allowed. Rule: JOB-LINT-1
//!
//! Guides list permissions in words and show a policy beside them; the two may differ. Only sentences that speak of actions
//! and demand something are read, and of them only names of actions.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use preclear_catalog::{Service, catalog};
use preclear_model::{Effect, Policy, Source, Span};

use crate::LintOptions;
use crate::codes;
use crate::extract::{outside_fences, pieces};
use crate::finding::{Edit, Finding, sorted};
use crate::near::{self, Near};
use crate::reach::prefixes;
use crate::subject::Subject;

/// Names that one sentence may list.
const NAMES_MAX: usize = 200;

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
            } else {
                near_action(service, name).map(|meant| {
                    let message = format!("{} has no action `{text}`", service.name());
                    Finding::new(&codes::UNKNOWN_ACTION, place.clone(), message)
                        .help(format!("did you mean `{}:{meant}`?", service.prefix()))
                        .edit(Edit::Replace {
                            place,
                            text: source
                                .slice(Span::new(range.start, range.end))
                                .replacen(name, &meant, 1),
                        })
                })
            };
            if let Some(finding) = finding {
                let at = finding.edit.is_some().then_some(range.start);
                found.entry((text, at)).or_insert(finding);
            }
        }
    }
    sorted(found.into_values().collect())
}

fn near_action(service: Service<'_>, name: &str) -> Option<String> {
    match near::action_name(service, name)? {
        Near::Spelling(meant) => Some(meant),
        Near::LostStar(_) => None,
    }
}

/// A name in a sentence: as written, without quotes, and where.
type Name<'t> = (&'t str, Range<usize>);

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

/// The names in each sentence that demands actions, with the list below it.
fn demands(text: &str) -> Vec<Vec<Name<'_>>> {
    let mut all = Vec::new();
    for range in outside_fences(text) {
        // A demand that ends in a colon goes on in the list below it.
        let mut open: Option<Vec<Name<'_>>> = None;
        let mut at = range.start;
        for line in text.get(range).unwrap_or_default().split_inclusive('\n') {
            let start = at;
            at += line.len();
            if line.trim().is_empty() {
                continue;
            }
            if let (Some(names), Some(name)) = (&mut open, item(line, start)) {
                if names.len() < NAMES_MAX {
                    names.push(name);
                }
                continue;
            }
            all.extend(open.take());
            for (sentence, offset) in sentences(line, start) {
                let names = spans(sentence, offset);
                if !is_demand(sentence) {
                    open = None;
                } else if sentence.trim_end().ends_with(':') {
                    open = Some(names);
                } else if !names.is_empty() {
                    all.push(names);
                }
            }
        }
        all.extend(open);
    }
    all.retain(|names| !names.is_empty());
    all
}

fn is_demand(sentence: &str) -> bool {
    let lower = sentence.to_ascii_lowercase();
    lower.contains("action")
        && ["must", "required", "give this role permission"]
            .iter()
            .any(|word| lower.contains(word))
}

/// The sentences of a line with their offsets; Markdown escapes their full stops.
fn sentences(line: &str, start: usize) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, _) in line.match_indices(". ") {
        found.push((line.get(from..at).unwrap_or_default(), start + from));
        from = at + 2;
    }
    found.push((line.get(from..).unwrap_or_default(), start + from));
    found
}

/// Names of actions in backticks.
fn spans(sentence: &str, start: usize) -> Vec<Name<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    for (index, part) in sentence.split('`').enumerate() {
        if index % 2 == 1 {
            found.extend(name(part, start + at));
        }
        at += part.len() + 1;
    }
    found.truncate(NAMES_MAX);
    found
}

/// The name that is all of an item of a list.
fn item(line: &str, start: usize) -> Option<Name<'_>> {
    let trimmed = line.trim_start();
    let rest = trimmed
        .strip_prefix(['+', '-', '*', '\u{2022}'])
        .filter(|rest| rest.starts_with([' ', '\t']))?;
    name(rest, start + line.len() - rest.len())
}

/// `Decrypt`, `kms:Decrypt`, either in quotes.
fn name(text: &str, start: usize) -> Option<Name<'_>> {
    let is_around = |c: char| c.is_whitespace() || matches!(c, '`' | '"');
    let front = text.trim_start_matches(is_around);
    let start = start + text.len() - front.len();
    let name = front.trim_end_matches(is_around);
    let (prefix, action) = name.split_once(':').unwrap_or(("kms", name));
    let is_name = action.len() >= 3
        && action.starts_with(|c: char| c.is_ascii_uppercase())
        && action.chars().all(|c| c.is_ascii_alphanumeric())
        && !prefix.is_empty()
        && prefix
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    is_name.then_some((name, start..start + name.len()))
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
