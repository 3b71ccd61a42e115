//! What is asked of each caller.

use std::collections::BTreeSet;

use preclear_condition::Dependency;
use preclear_model::arn::is_account_id;
use preclear_model::caller::{Caller, CallerKind};
use preclear_model::{Arn, ArnRef, Diagnostic, codes};
use preclear_wildcard::Pattern;

use super::wording::Wording;
use crate::engine::{Detail, Engine};
use crate::explanation::{Explanation, Verdict};
use crate::request::{Ask, Request};
use crate::service::refuse;

/// What the resource stands for.
#[derive(Debug)]
enum Subject {
    /// One, or none.
    Itself,
    /// All that the pattern matches.
    Pattern,
    /// The listed keys that the pattern matches.
    Keys(Vec<String>),
}

/// The question but for its caller.
#[derive(Debug)]
pub(super) struct Question<'a> {
    engine: &'a Engine,
    base: &'a Request,
    pub(super) wording: Wording,
    subject: Subject,
}

/// A verdict, and the answer in full unless it is a deny.
type Answer = (Verdict, Option<Explanation>);

impl<'a> Question<'a> {
    /// # Errors
    ///
    /// A pattern of keys that matches none.
    pub(super) fn of(engine: &'a Engine, base: &'a Request) -> Result<Self, Box<Diagnostic>> {
        let is_pattern = |text: &&str| text.starts_with("arn:") && text.contains(['*', '?']);
        let is_action = matches!(base.ask, Ask::Action(_));
        let pattern = base
            .resource
            .as_deref()
            .filter(|text| is_pattern(text) && is_action);
        let is_of_keys = |text: &str| ArnRef::parse(text).is_some_and(|arn| arn.service() == "kms");
        let subject = match pattern {
            None => Subject::Itself,
            Some(text) if is_of_keys(text) => Subject::Keys(listed_keys(engine, text)?),
            Some(_) => Subject::Pattern,
        };
        Ok(Self {
            engine,
            base,
            wording: Wording::of(engine.snapshot(), base),
            subject,
        })
    }

    /// How the question reads: its resource, its warnings. Somebody asks it who is never in the way.
    pub(super) fn probe(&self) -> Explanation {
        let snapshot = self.engine.snapshot();
        let resource = match &self.subject {
            Subject::Keys(keys) => keys.first().cloned(),
            Subject::Itself | Subject::Pattern => self.base.resource.clone(),
        };
        let of_resource = resource.as_deref().and_then(ArnRef::parse);
        let owner = of_resource.map(|arn| arn.account().to_owned());
        let first = snapshot.principals.first().map(|one| &one.arn);
        let of_key = self.wording.keys().next();
        let accounts = [
            self.base.resource_account.clone(),
            of_key.map(|key| key.account().to_owned()),
            owner.filter(|account| is_account_id(account)),
            snapshot.account.clone(),
            first.map(|arn| arn.account().to_owned()),
        ];
        let account = accounts.into_iter().flatten().next();
        let account = account.as_deref().unwrap_or("111122223333");
        let partition = of_resource
            .map(|arn| arn.partition())
            .or(first.map(Arn::partition));
        let root = Caller::new(CallerKind::Root, partition.or(Some("aws")), Some(account));
        let request = Request {
            caller: root,
            session_policies: None,
            session_policy_rejected: false,
            resource: resource.clone(),
            ..self.base.clone()
        };
        self.explain(self.engine, &request, Detail::Reasons)
    }

    /// The ARNs that the question turns out to be about.
    pub(super) fn about(&self, probe: &Explanation) -> BTreeSet<String> {
        let mut about = BTreeSet::from([probe.resource.clone()]);
        about.extend(probe.parts.iter().map(|part| part.result.resource.clone()));
        about.extend(self.base.resource.clone());
        about.extend(self.wording.keys().map(|key| key.as_str().to_owned()));
        if let Subject::Keys(keys) = &self.subject {
            about.extend(keys.iter().cloned());
        }
        about
    }

    /// The accounts that own what it is about, as far as names and the snapshot tell them.
    pub(super) fn owners(&self, about: &BTreeSet<String>) -> Vec<String> {
        let snapshot = self.engine.snapshot();
        let of_arns = about.iter().filter_map(|text| ArnRef::parse(text));
        let of_arns = of_arns.map(|arn| arn.account().to_owned());
        let of_records = snapshot.resources.iter().filter(|record| {
            let within = |text: &String| text.starts_with(record.arn.as_str());
            about.iter().any(within)
        });
        let of_records = of_records.filter_map(|record| record.account.clone());
        let all = of_arns
            .chain(of_records)
            .chain(self.base.resource_account.clone());
        let all: BTreeSet<String> = all.filter(|account| is_account_id(account)).collect();
        all.into_iter().collect()
    }

    /// True where the resource stands for all that it matches.
    pub(super) fn is_pattern(&self) -> bool {
        !matches!(self.subject, Subject::Itself)
    }

    /// The resource as answers show it.
    pub(super) fn resource(&self, told: &Explanation) -> String {
        match self.subject {
            Subject::Itself => told.resource.clone(),
            Subject::Pattern | Subject::Keys(_) => self.base.resource.clone().unwrap_or_default(),
        }
    }

    fn explain(&self, engine: &Engine, request: &Request, detail: Detail) -> Explanation {
        match self.subject {
            Subject::Pattern => engine.explain_many(request, detail),
            Subject::Itself | Subject::Keys(_) => engine.explain(request, detail),
        }
    }

    /// The answer to a request of the question.
    pub(super) fn answer(&self, engine: &Engine, request: &Request) -> Answer {
        match &self.subject {
            Subject::Keys(keys) => self.answer_of_keys(engine, request, keys),
            Subject::Itself => match engine.decide(request) {
                verdict if verdict.is_deny() => (verdict, None),
                _ => self.answer_in_full(engine, request),
            },
            Subject::Pattern => self.answer_in_full(engine, request),
        }
    }

    fn answer_in_full(&self, engine: &Engine, request: &Request) -> Answer {
        let answer = self.explain(engine, request, Detail::Reasons);
        let verdict = answer.verdict;
        match verdict {
            // Only the layers tell which conditions are open.
            Verdict::Depends => (verdict, Some(self.explain(engine, request, Detail::Full))),
            _ if verdict.is_deny() => (verdict, None),
            _ => (verdict, Some(answer)),
        }
    }

    /// One answer for all keys: where they differ it depends on the key. Rule: IAM-WILD-13.
    fn answer_of_keys(&self, engine: &Engine, request: &Request, keys: &[String]) -> Answer {
        let answers = keys.iter().map(|key| {
            let resource = Some(key.clone());
            let request = Request {
                resource,
                ..request.clone()
            };
            self.answer_in_full(engine, &request)
        });
        let answers: Vec<Answer> = answers.collect();
        let verdicts: Vec<Verdict> = answers.iter().map(|(verdict, _)| *verdict).collect();
        let use_of = |verdict: Verdict| match verdict {
            Verdict::Depends => 0,
            Verdict::Allow => 1,
            Verdict::Invalid | Verdict::NotApplicable => 2,
            Verdict::ExplicitDeny | Verdict::ImplicitDeny => 3,
        };
        let Some((verdict, told)) = answers
            .into_iter()
            .min_by_key(|(verdict, _)| use_of(*verdict))
        else {
            return (Verdict::Invalid, None);
        };
        let may = matches!(verdict, Verdict::Allow | Verdict::Depends);
        let is_settled = !may || verdicts.iter().all(|one| *one == verdict);
        if is_settled {
            return (verdict, told);
        }
        let Some(mut answer) = told else {
            return (verdict, None);
        };
        if verdict == Verdict::Allow {
            answer.open_ways = std::mem::take(&mut answer.reasons);
        }
        answer.verdict = Verdict::Depends;
        let pattern = self.base.resource.clone().unwrap_or_default();
        answer.depends_on.insert(Dependency::Resource(pattern));
        (Verdict::Depends, Some(answer))
    }
}

/// Of keys no pattern can be asked: those that are listed are asked one by one.
fn listed_keys(engine: &Engine, text: &str) -> Result<Vec<String>, Box<Diagnostic>> {
    let pattern = Pattern::parse(text);
    let keys = engine.snapshot().keys.iter();
    let keys = keys.map(|key| key.arn.as_str().to_owned());
    let found: Vec<String> = keys.filter(|arn| pattern.is_match(arn)).collect();
    if found.is_empty() {
        let message = format!("`{text}` matches no key that the snapshot lists");
        let error = refuse(&codes::INVALID_RESOURCE, message).rule("IAM-WILD-13");
        let help = "name a key by its ARN, id or alias, or correct the pattern";
        return Err(Box::new(error.help(help)));
    }
    Ok(found)
}
