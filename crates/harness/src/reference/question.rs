//! One decision: requester, one action, one resource, one context. Rule: IAM-EVAL-4.
//!
//! Gathers what the rules ask about; decides nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;

use preclear_catalog::kms::{self as tables, KmsAction};
use preclear_catalog::{Action, catalog};
use preclear_model::Arn;
use preclear_simulator::{Request, Snapshot};

use super::kms::identifier::{self, Home};
use super::refine::uses::Uses;
use super::requester::Requester;
use super::target::{Kind, Target};
use super::value::Value;

/// Values that some keys are taken to have, by their names in lower case. Rule: IAM-TRI-10.
pub(crate) type Cases = BTreeMap<String, Value>;

/// One decision to make.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) request: &'a Request,
    pub(crate) requester: Requester<'a>,
    /// Prefix of the action, in lower case.
    pub(crate) service: String,
    /// Name of the action, as AWS spells it where it is known.
    pub(crate) action: String,
    pub(crate) target: Target<'a>,
    /// Row of the KMS table, for its actions.
    pub(crate) kms: Option<&'static KmsAction>,
    /// What of the operation's keys and aliases this decision is about.
    pub(crate) half: Option<tables::Target>,
    /// Key identifier as the call types it. Rule: KMS-ID-1.
    pub(crate) typed: Option<String>,
    /// True if a service calls on for the requester. Rule: IAM-PRIN-13.
    pub(crate) is_forwarded: bool,
    /// Region of a decision that is made in another one than the call.
    pub(crate) elsewhere: Option<String>,
    /// What the case at hand says of keys that are not known.
    pub(crate) cases: &'a Cases,
    /// Whether the empty text among them is there to `Null` (AMB-17).
    pub(crate) is_empty_there: Option<bool>,
    /// What statements ask that this question leaves undecided.
    pub(crate) uses: &'a RefCell<Uses>,
}

/// What all decisions of a request share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) request: &'a Request,
    pub(crate) is_forwarded: bool,
    pub(crate) cases: &'a Cases,
    pub(crate) is_empty_there: Option<bool>,
    pub(crate) uses: &'a RefCell<Uses>,
}

impl<'a> Question<'a> {
    /// The decision on an action as it was asked; `None` for a text that names no resource. Rule: IAM-EVAL-4.
    pub(crate) fn of_action(frame: Frame<'a>, service: &str, action: &str) -> Option<Question<'a>> {
        if service == "kms"
            && let Some(row) = tables::action(action)
        {
            let half = half_named(frame.request, row);
            return Question::of_half(frame, row, half);
        }
        let requester = Requester::of(frame.snapshot, frame.request);
        let target = Target::of_action(frame.snapshot, frame.request, &requester, service, action)?;
        Some(Question::new(frame, service, action, target))
    }

    /// The decision on an action that has no resource. Rule: IAM-WILD-8.
    pub(crate) fn of_everything(frame: Frame<'a>, service: &str, action: &str) -> Question<'a> {
        let requester = Requester::of(frame.snapshot, frame.request);
        let mut question = Question::new(frame, service, action, Target::everything(&requester));
        question.kms = tables::action(action).filter(|_| service == "kms");
        question
    }

    /// The decision on the role that keeps multi-Region keys in step, which the call makes in the requester's account.
    /// Rule: KMS-ACT-5.
    pub(crate) fn of_multi_region_role(
        frame: Frame<'a>,
        service: &str,
        action: &str,
    ) -> Option<Question<'a>> {
        let requester = Requester::of(frame.snapshot, frame.request);
        let partition = requester.partition()?;
        let account = requester.account()?;
        let role = Arn::from_fields(partition, "iam", "", account, tables::MULTI_REGION_ROLE)?;
        let mut question = Question::new(frame, service, action, Target::plain(&role, Kind::Plain));
        question.half = Some(tables::Target::MultiRegionRole);
        Some(question)
    }

    /// One decision of a KMS operation. Rule: KMS-ACT-3, KMS-ACT-4.
    pub(crate) fn of_half(
        frame: Frame<'a>,
        row: &'static KmsAction,
        half: tables::Target,
    ) -> Option<Question<'a>> {
        let Frame {
            snapshot, request, ..
        } = frame;
        let requester = Requester::of(snapshot, request);
        let home = Home::of(snapshot, request, &requester);
        let is_of_resource = row.targets.len() == 1 || half_named(request, row) == half;
        let resource = request.resource.as_deref().filter(|_| is_of_resource);
        let typed = resource.or_else(|| identifier::typed(request, row, half));
        let target = match half {
            tables::Target::Any | tables::Target::AnyInReplicaRegion => {
                Some(Target::everything(&requester))
            }
            tables::Target::Alias => match typed {
                Some(typed) if typed != "*" => identifier::alias(&home, typed),
                _ => Some(Target::everything(&requester)),
            },
            tables::Target::ReplicaKey => {
                let region = super::kms::parameters::text(request, "PrimaryRegion");
                identifier::relative(snapshot, &home, typed, region)
            }
            // A multi-Region ciphertext is decrypted in the Region of the call. Rule: KMS-ID-7.
            _ if resource.is_none() && identifier::is_relative_of_ciphertext(request, typed) => {
                identifier::relative(snapshot, &home, typed, request.region.as_deref())
            }
            _ => identifier::key(snapshot, &home, typed),
        };
        let mut question = Question::new(frame, "kms", &row.name, target?);
        question.kms = Some(row);
        question.half = Some(half);
        question.typed = typed.map(str::to_owned);
        if half == tables::Target::AnyInReplicaRegion {
            let region = super::kms::parameters::text(request, "ReplicaRegion");
            question.elsewhere = region.map(str::to_owned);
        }
        Some(question)
    }

    fn new(frame: Frame<'a>, service: &str, action: &str, target: Target<'a>) -> Question<'a> {
        let known = catalog().action(service, action);
        Question {
            snapshot: frame.snapshot,
            request: frame.request,
            requester: Requester::of(frame.snapshot, frame.request),
            service: service.to_ascii_lowercase(),
            action: known.map_or(action, Action::name).to_owned(),
            target,
            kms: None,
            half: None,
            typed: None,
            is_forwarded: frame.is_forwarded,
            elsewhere: None,
            cases: frame.cases,
            is_empty_there: frame.is_empty_there,
            uses: frame.uses,
        }
    }

    /// Entry of the action in the catalogue.
    pub(crate) fn catalogued(&self) -> Option<Action<'static>> {
        catalog().action(&self.service, &self.action)
    }

    /// The action with its prefix.
    pub(crate) fn full_action(&self) -> String {
        format!("{}:{}", self.service, self.action)
    }

    pub(crate) fn is_action(&self, service: &str, names: &[&str]) -> bool {
        self.service == service
            && names
                .iter()
                .any(|name| self.action.eq_ignore_ascii_case(name))
    }

    /// True if it is about a KMS key, whose policy is mandatory. Rule: KMS-POL-1.
    pub(crate) fn is_on_key(&self) -> bool {
        self.service == "kms" && matches!(self.target.kind, Kind::Key(_))
    }

    /// True if requester and resource belong to different accounts; who has no account is nowhere foreign.
    /// Rule: IAM-EVAL-5.
    pub(crate) fn is_cross_account(&self) -> bool {
        match (self.requester.account(), &self.target.account) {
            (Some(own), Some(owner)) => own != owner,
            _ => false,
        }
    }

    /// Region of the call: as stated, else the resource's, else the snapshot's. Rule: IAM-CTX-2.
    pub(crate) fn region(&self) -> Option<&str> {
        let stated = self.elsewhere.as_deref().or(self.request.region.as_deref());
        let resource = self.target.region.as_deref();
        stated.or(resource).or(self.snapshot.region.as_deref())
    }
}

/// Which half of a KMS operation a request for the single action means: the alias if it names one, else the key.
/// Rule: KMS-ACT-4.
fn half_named(request: &Request, row: &KmsAction) -> tables::Target {
    let named = request.resource.as_deref().unwrap_or_default();
    let names_alias = named.starts_with("alias/")
        || (named.starts_with("arn:") && named.contains(":alias/"))
        || named.is_empty();
    let mut targets = row.targets.iter().copied();
    let first = targets.clone().next().unwrap_or(tables::Target::Any);
    if names_alias {
        return first;
    }
    let mut keys = targets.by_ref().filter(|target| target.is_key());
    let key = keys.next().unwrap_or(first);
    // Of UpdateAlias the key that is named is the one to move to.
    keys.next()
        .filter(|_| key == tables::Target::OldKey)
        .unwrap_or(key)
}
