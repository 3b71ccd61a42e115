//! Managed policies: which version is in force, and its document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use preclear_model::{Arn, Diagnostic, Place, Policy, PolicyKind};

use super::identities::Printed;
use crate::aws_cli::members::adds_nothing;
use crate::document::{is_shipped, layer_of};
use crate::loader::Loader;
use crate::merge::contradiction;
use crate::part::Said;
use crate::same::same_content;

/// A version of a managed policy.
#[derive(Debug)]
pub(super) struct Version<'n> {
    pub(super) id: String,
    pub(super) is_default: Option<bool>,
    pub(super) document: Printed<'n>,
    pub(super) command: &'static str,
    pub(super) place: Place,
}

/// What outputs say of one managed policy.
#[derive(Debug, Default)]
struct Facts<'n> {
    defaults: Vec<Said<String>>,
    versions: Vec<Version<'n>>,
    is_used: bool,
    /// True once it was said that the document is missing.
    is_reported: bool,
    /// Where an output about it alone begins, with the command: such a file is there for a purpose.
    alone: Option<(Place, &'static str)>,
}

/// A version whose policy is told by name alone.
#[derive(Debug)]
struct Named<'n> {
    account: Option<String>,
    name: String,
    version: Version<'n>,
}

/// All managed policies that outputs print.
#[derive(Debug, Default)]
pub(super) struct Managed<'n> {
    /// By ARN.
    facts: BTreeMap<String, Facts<'n>>,
    named: Vec<Named<'n>>,
    /// Documents that were read, by ARN and kind; `None` for those that were refused.
    read: BTreeMap<(String, PolicyKind), Option<Arc<Policy>>>,
}

/// What there is of a policy that is attached.
#[derive(Debug)]
pub(super) enum Found {
    Policy(Arc<Policy>),
    /// Its document is there and was refused.
    Refused,
    Missing,
}

impl<'n> Managed<'n> {
    /// Adds what an output says of a policy.
    pub(super) fn add(
        &mut self,
        arn: &Said<Arn>,
        default: Option<Said<String>>,
        versions: Vec<Version<'n>>,
    ) {
        let facts = self.facts.entry(arn.value.as_str().to_owned()).or_default();
        facts.defaults.extend(default);
        facts.versions.extend(versions);
    }

    /// Adds a version whose policy only its folder names.
    pub(super) fn add_by_name(
        &mut self,
        account: Option<String>,
        name: &str,
        version: Version<'n>,
    ) {
        self.named.push(Named {
            account,
            name: name.to_owned(),
            version,
        });
    }

    /// Finds the policies of the versions that are told by name: among those that outputs print and those that are attached.
    pub(super) fn place(&mut self, loader: &mut Loader<'_>, attached: BTreeSet<String>) {
        let known: Vec<Arn> = attached
            .iter()
            .chain(self.facts.keys())
            .collect::<BTreeSet<&String>>()
            .into_iter()
            .filter_map(|arn| Arn::parse(arn))
            .collect();
        for named in std::mem::take(&mut self.named) {
            if named.version.is_default == Some(false) {
                let version = &named.version;
                let why = format!(
                    "version `{}` of `{}` is not in force",
                    version.id, named.name
                );
                let help =
                    "remove it: the version that `IsDefaultVersion` marks is the one that counts";
                adds_nothing(loader, version.place.clone(), version.command, &why, help);
            }
            let account = named.account.as_deref();
            let is_meant = |arn: &&Arn| {
                arn.resource_name() == named.name
                    && (arn.account() == "aws" || account.is_none_or(|one| one == arn.account()))
            };
            let found: Vec<&Arn> = known.iter().filter(is_meant).collect();
            match found.as_slice() {
                [] if named.version.is_default == Some(false) => {}
                [] => adds_nothing(
                    loader,
                    named.version.place,
                    named.version.command,
                    &format!("nobody has the policy `{}` attached", named.name),
                    "add the output of `list-attached-role-policies` or of its siblings, or remove the file",
                ),
                [one] => {
                    let facts = self.facts.entry(one.as_str().to_owned()).or_default();
                    let alone = (named.version.place.clone(), named.version.command);
                    facts.alone.get_or_insert(alone);
                    facts.versions.push(named.version);
                }
                [first, second, ..] => {
                    let message = format!(
                        "`{}` may be `{first}` or `{second}`: the output does not say of which policy it is",
                        named.name
                    );
                    loader.diagnostics.push(
                        Diagnostic::error("SUBJECT_UNKNOWN", message)
                            .rule("UI-31")
                            .at(named.version.place)
                            .help("put it below a folder that is named by the account of its policy, or leave one of the two out"),
                    );
                }
            }
        }
    }

    /// The document of a policy that is attached to `owner`; without one, or with one that is refused, the layer is unknown
    /// for its owner.
    pub(super) fn document(
        &mut self,
        loader: &mut Loader<'_>,
        arn: &str,
        kind: PolicyKind,
        owner: &str,
    ) -> Found {
        if let Some(facts) = self.facts.get_mut(arn) {
            facts.is_used = true;
        }
        let key = (arn.to_owned(), kind);
        let known = self.read.get(&key).cloned();
        let policy = match known {
            Some(policy) => policy,
            None => match self.read(loader, arn, kind, owner) {
                Some(policy) => {
                    self.read.insert(key, policy.clone());
                    policy
                }
                None if is_shipped(arn) => loader.shipped(arn, kind),
                None => {
                    loader.leave_open(layer_of(kind), owner);
                    return Found::Missing;
                }
            },
        };
        match policy {
            Some(policy) => Found::Policy(policy),
            None => {
                loader.leave_open(layer_of(kind), owner);
                Found::Refused
            }
        }
    }

    /// Reads the version in force; outer `None` if no output prints it.
    fn read(
        &self,
        loader: &mut Loader<'_>,
        arn: &str,
        kind: PolicyKind,
        owner: &str,
    ) -> Option<Option<Arc<Policy>>> {
        let facts = self.facts.get(arn)?;
        let id = facts.version_in_force(loader, arn)?;
        let mut first: Option<Option<Arc<Policy>>> = None;
        for version in facts.versions.iter().filter(|version| version.id == id) {
            let Printed { node, origin } = version.document;
            let policy = loader.printed_policy(node, origin, kind, Some(owner), arn.to_owned());
            match (&first, &policy) {
                (None, _) => first = Some(policy),
                (Some(Some(first)), Some(second)) if !same_content(first, second) => {
                    let message = format!("version `{id}` of `{arn}` has two different documents");
                    let (second, first) = (second.place(second.span), first.place(first.span));
                    loader
                        .diagnostics
                        .push(contradiction(message, &second, &first));
                }
                _ => {}
            }
        }
        first
    }

    /// Says, once for each policy, that its document is missing.
    pub(super) fn report_missing(&mut self, loader: &mut Loader<'_>, arn: &str, place: &Place) {
        let facts = self.facts.entry(arn.to_owned()).or_default();
        if std::mem::replace(&mut facts.is_reported, true) {
            return;
        }
        let versions: Vec<&str> = facts
            .versions
            .iter()
            .map(|version| version.id.as_str())
            .collect();
        let message = match (versions.as_slice(), facts.defaults.first()) {
            ([], _) => format!("`{arn}` is attached, and no file has its document"),
            (others, Some(default)) => format!(
                "`{arn}` is attached, and no file has the document of version `{}`, which is in force, but of `{}`",
                default.value,
                others.join("`, `")
            ),
            (others, None) => format!(
                "`{arn}` is attached, and of its versions none that is here is in force: `{}`",
                others.join("`, `")
            ),
        };
        loader.diagnostics.push(
            Diagnostic::warning("POLICY_WITHOUT_DOCUMENT", message)
                .rule("IAM-TRI-7")
                .at(place.clone())
                .help(
                    "add the output of `aws iam get-policy` and of `aws iam get-policy-version` for the default version, in a folder \
                     `policies/NAME`",
                ),
        );
    }

    /// Names the outputs about a policy that nobody has.
    pub(super) fn report_unused(&self, loader: &mut Loader<'_>) {
        for (arn, facts) in &self.facts {
            if let (false, Some((place, command))) = (facts.is_used, &facts.alone) {
                let why = format!("nobody has the policy `{arn}` attached");
                let help = "add the output of `list-attached-role-policies` or of its siblings, or remove the file";
                adds_nothing(loader, place.clone(), command, &why, help);
            }
        }
    }
}

impl Facts<'_> {
    /// The id of the version in force. AWS changes its own policies at any time, so of outputs that differ the newest counts.
    fn version_in_force(&self, loader: &mut Loader<'_>, arn: &str) -> Option<String> {
        let flagged = self
            .versions
            .iter()
            .filter(|version| version.is_default == Some(true));
        let flagged = flagged.map(|version| (&version.id, &version.place));
        let said = self.defaults.iter().map(|said| (&said.value, &said.place));
        let all: Vec<(&String, &Place)> = said.chain(flagged).collect();
        if Arn::parse(arn).is_some_and(|arn| arn.account() == "aws") {
            let printed = all.iter().filter(|(id, _)| {
                let mut versions = self.versions.iter();
                versions.any(|version| version.id == **id)
            });
            let newest = printed.max_by_key(|(id, _)| number(id));
            return newest.map(|(id, _)| (*id).clone());
        }
        let (first, first_place) = all.first()?;
        if let Some((other, place)) = all.iter().find(|(id, _)| id != first) {
            let message =
                format!("version `{other}` of `{arn}` is in force here and `{first}` elsewhere");
            loader
                .diagnostics
                .push(contradiction(message, place, first_place));
        }
        Some((*first).clone())
    }
}

/// The number of a version: 12 of `v12`.
fn number(id: &str) -> u64 {
    let digits = id.trim_start_matches('v');
    digits.parse().unwrap_or_default()
}
