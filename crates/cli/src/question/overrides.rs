//! What the flags say about a question. It wins over what a file says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use preclear_inputs::loose::Loose;
use preclear_inputs::request::{Fallback, Parameters, read_parameters};
use preclear_inputs::{Options, is_account_id, is_region};
use preclear_model::caller::Caller;
use preclear_model::{Diagnostics, Policy};
use preclear_simulator::job::JobRequest;
use preclear_simulator::parameters::of_encryption_context;
use preclear_simulator::{AmbiguityMode, Ask, ContextMode, ContextValue, Request};
use serde_json::{Map, Value};

use crate::args::{AskedArgs, CircumstanceArgs, Pair};
use crate::failure::Failure;
use crate::question::context;
use crate::run::Run;

/// The flags of a question, checked.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) caller: Option<Caller>,
    pub(crate) ask: Option<Ask>,
    session_policies: Option<Vec<Arc<Policy>>>,
    session_policy_rejected: bool,
    resource: Option<String>,
    context: BTreeMap<String, ContextValue>,
    unknown: BTreeSet<String>,
    absent: BTreeSet<String>,
    mode: Option<ContextMode>,
    ambiguity: Option<AmbiguityMode>,
    now: Option<String>,
    via: Vec<String>,
    force_context: bool,
    parameters: Option<Parameters>,
    encryption_context: Vec<Pair>,
    grant_tokens: Vec<String>,
    region: Option<String>,
    account: Option<String>,
    vpc_endpoint: Option<String>,
}

impl Overrides {
    /// Checks the flags and reads the file of `--context-file`.
    pub(crate) fn new(
        principal: Option<&str>,
        asked: &AskedArgs,
        args: &CircumstanceArgs,
        run: &mut Run<'_, '_>,
    ) -> Result<Self, Failure> {
        let mut context = match &args.context_file {
            Some(path) => context::read(path, &run.disk)?,
            None => BTreeMap::new(),
        };
        context::add(&mut context, &args.context);
        let overrides = Self {
            caller: principal
                .map(|text| caller("--principal", text))
                .transpose()?,
            ask: ask(asked)?,
            session_policies: None,
            session_policy_rejected: false,
            resource: asked.resource.clone(),
            context,
            unknown: args.unknown.iter().cloned().collect(),
            absent: args.absent.iter().cloned().collect(),
            mode: match (args.closed, args.open) {
                (true, _) => Some(ContextMode::Closed),
                (_, true) => Some(ContextMode::Open),
                _ => None,
            },
            ambiguity: args.ambiguity.map(Into::into),
            now: args.now.as_deref().map(now).transpose()?,
            via: args.via.clone(),
            force_context: args.force_context,
            parameters: match &args.parameters {
                Some(given) => {
                    let options = Options::default();
                    let read = read_parameters(given, "--parameters", &run.disk, &options);
                    Some(run.accept(read)?)
                }
                None => None,
            },
            encryption_context: args.encryption_context.clone(),
            grant_tokens: args.grant_token.clone(),
            region: args.region.as_deref().map(region).transpose()?,
            account: args.account.as_deref().map(account).transpose()?,
            vpc_endpoint: args.vpc_endpoint.clone(),
        };
        overrides.check_keys()?;
        Ok(overrides)
    }

    /// Every key has a prefix, and nothing is said about one key twice. Rule: IAM-GRAM-18, IAM-TRI-1.
    fn check_keys(&self) -> Result<(), Failure> {
        let mut known = BTreeSet::new();
        for key in self.context.keys().chain(&self.unknown).chain(&self.absent) {
            let has_prefix = key
                .split_once(':')
                .is_some_and(|(prefix, name)| !prefix.is_empty() && !name.is_empty());
            if !has_prefix {
                return Err(Failure::usage(format!(
                    "`{key}` is no condition key: write it with its prefix, such as `aws:SourceIp`"
                )));
            }
            if !known.insert(key.to_ascii_lowercase()) {
                return Err(Failure::usage(format!(
                    "two things are said about the condition key `{key}`: name it in one of `--context`, `--unknown`, \
                     `--absent`"
                )));
            }
        }
        Ok(())
    }

    /// Adds the policies of `--session-policy`.
    pub(crate) fn add_session(&mut self, loose: &mut Loose) {
        self.session_policies = loose.session_policies.take();
        self.session_policy_rejected = loose.session_policy_rejected;
    }

    /// Puts the policies of `--session-policy` in place of a request's or job's own.
    pub(crate) fn apply_session(
        &self,
        policies: &mut Option<Vec<Arc<Policy>>>,
        is_rejected: &mut bool,
    ) {
        if self.session_policies.is_some() {
            policies.clone_from(&self.session_policies);
            *is_rejected = self.session_policy_rejected;
        }
    }

    /// A request from the flags alone.
    pub(crate) fn request(&self) -> Result<Request, Failure> {
        let Some(caller) = &self.caller else {
            return Err(Failure::usage(match &self.ask {
                Some(_) => {
                    "`--principal` is missing: who asks? Name a user, role or session by its ARN, or a service"
                }
                None => {
                    "there is no question: give `--principal` and `--action`, or `--request FILE`, `--requests FILE`, \
                     `--job FILE`"
                }
            }));
        };
        let Some(ask) = &self.ask else {
            return Err(Failure::usage(
                "`--action` is missing: what does the principal ask for? `--action kms:Decrypt` is one decision, \
                 `--operation kms:ReEncrypt` all of a call's",
            ));
        };
        let mut request = Request::new(caller.clone(), ask.clone());
        self.apply(&mut request);
        Ok(request)
    }

    /// The request of a caller from the flags alone, for commands that ask about many.
    pub(crate) fn request_of(&self, caller: &Caller) -> Result<Request, Failure> {
        let Some(ask) = &self.ask else {
            return Err(Failure::usage(
                "there is no question: give `--action` (one decision) or `--operation` (all of a KMS call's)",
            ));
        };
        let mut request = Request::new(caller.clone(), ask.clone());
        self.apply(&mut request);
        Ok(request)
    }

    /// What requests that leave it out ask.
    pub(crate) fn fallback(&self) -> Fallback {
        Fallback::new(self.caller.clone(), self.ask.clone())
    }

    /// Puts the flags over a request.
    pub(crate) fn apply(&self, request: &mut Request) {
        set(&mut request.caller, self.caller.as_ref());
        set(&mut request.ask, self.ask.as_ref());
        self.apply_session(
            &mut request.session_policies,
            &mut request.session_policy_rejected,
        );
        set_some(&mut request.resource, self.resource.as_ref());
        set_some(&mut request.resource_account, self.account.as_ref());
        set_some(&mut request.region, self.region.as_ref());
        set_some(&mut request.now, self.now.as_ref());
        set_some(&mut request.vpc_endpoint, self.vpc_endpoint.as_ref());
        set(&mut request.mode, self.mode.as_ref());
        set(&mut request.ambiguity, self.ambiguity.as_ref());
        if !self.via.is_empty() {
            request.via.clone_from(&self.via);
        }
        request.force_context |= self.force_context;
        self.apply_keys(
            &mut request.context,
            &mut request.unknown,
            &mut request.absent,
            &mut request.present,
        );
        if let Some(given) = &self.parameters {
            let members = request.parameters.get_or_insert_default();
            members.extend(given.members.clone());
            set_some(&mut request.key_policy_candidate, given.policy.as_ref());
        }
        self.apply_parameters(&request.ask, &mut request.parameters);
    }

    /// Members of `--parameters` that the call of the request does not have, at their places. Rule: UI-38.
    pub(crate) fn check(&self, request: &Request) -> Diagnostics {
        let given = self.parameters.as_ref();
        given.map_or_else(Diagnostics::new, |given| given.check(request))
    }

    /// Puts the flags over a job. Region, account, context and endpoint are those of the caller's own call.
    pub(crate) fn apply_to_job(&self, job: &mut JobRequest) {
        set_some(&mut job.region, self.region.as_ref());
        set_some(&mut job.account, self.account.as_ref());
        set_some(&mut job.now, self.now.as_ref());
        set_some(&mut job.vpc_endpoint, self.vpc_endpoint.as_ref());
        set(&mut job.mode, self.mode.as_ref());
        set(&mut job.ambiguity, self.ambiguity.as_ref());
        self.apply_session(&mut job.session_policies, &mut job.session_policy_rejected);
        self.apply_keys(
            &mut job.context,
            &mut job.unknown,
            &mut job.absent,
            &mut job.present,
        );
    }

    /// Flags that mean nothing to a job.
    pub(crate) fn refuse_for_job(&self) -> Result<(), Failure> {
        let given = [
            ("--principal", self.caller.is_some()),
            ("--resource", self.resource.is_some()),
            ("--via", !self.via.is_empty()),
            ("--force-context", self.force_context),
            ("--parameters", self.parameters.is_some()),
            ("--encryption-context", !self.encryption_context.is_empty()),
            ("--grant-token", !self.grant_tokens.is_empty()),
        ];
        match given.iter().find(|(_, is_given)| *is_given) {
            Some((flag, _)) => Err(Failure::usage(format!(
                "`{flag}` belongs to one request; a job says for each of its permissions what it is (its caller: `--caller`)"
            ))),
            None => Ok(()),
        }
    }

    /// What a flag says about a key replaces whatever the file says about it; case does not count.
    fn apply_keys(
        &self,
        context: &mut BTreeMap<String, ContextValue>,
        unknown: &mut BTreeSet<String>,
        absent: &mut BTreeSet<String>,
        present: &mut BTreeSet<String>,
    ) {
        let said = |key: &String| {
            let mut keys = self.context.keys().chain(&self.unknown).chain(&self.absent);
            keys.any(|own| own.eq_ignore_ascii_case(key))
        };
        context.retain(|key, _| !said(key));
        for keys in [&mut *unknown, &mut *absent, present] {
            keys.retain(|key| !said(key));
        }
        context.extend(self.context.clone());
        unknown.extend(self.unknown.iter().cloned());
        absent.extend(self.absent.iter().cloned());
    }

    /// Short forms of members of the API request. Rule: UI-38.
    fn apply_parameters(&self, ask: &Ask, parameters: &mut Option<Map<String, Value>>) {
        if !self.encryption_context.is_empty() {
            let pairs = self
                .encryption_context
                .iter()
                .map(|pair| (pair.name.clone(), Value::from(pair.value.as_str())));
            let context = Value::Object(pairs.collect());
            let given = parameters.get_or_insert_default();
            for member in of_encryption_context(ask) {
                given.insert(member.to_owned(), context.clone());
            }
        }
        if !self.grant_tokens.is_empty() {
            let tokens = self
                .grant_tokens
                .iter()
                .map(|token| Value::from(token.as_str()));
            parameters
                .get_or_insert_default()
                .insert("GrantTokens".to_owned(), Value::Array(tokens.collect()));
        }
    }
}

fn set<T: Clone>(slot: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        slot.clone_from(value);
    }
}

fn set_some<T: Clone>(slot: &mut Option<T>, value: Option<&T>) {
    if let Some(value) = value {
        *slot = Some(value.clone());
    }
}

/// A caller named by a flag. Rule: UI-34.
pub(crate) fn caller(flag: &str, text: &str) -> Result<Caller, Failure> {
    Caller::parse(text).map_err(|error| Failure::usage(format!("`{flag}`: {error}")))
}

fn ask(args: &AskedArgs) -> Result<Option<Ask>, Failure> {
    let (flag, text, ask) = match (&args.action, &args.operation) {
        (Some(action), _) => ("--action", action, Ask::Action(action.clone())),
        (None, Some(operation)) => ("--operation", operation, Ask::Operation(operation.clone())),
        (None, None) => return Ok(None),
    };
    match text.split_once(':') {
        Some((service, name)) if !service.is_empty() && !name.is_empty() => Ok(Some(ask)),
        _ => Err(Failure::usage(format!(
            "`{flag}`: `{text}` is no action: write `service:Action`, such as `kms:Decrypt`"
        ))),
    }
}

fn now(text: &str) -> Result<String, Failure> {
    preclear_inputs::clock(text).ok_or_else(|| {
        Failure::usage(format!(
            "`--now`: `{text}` is no time: write it as `2026-01-01T00:00:00Z` or with an offset such as `+02:00`, or `system`"
        ))
    })
}

fn account(text: &str) -> Result<String, Failure> {
    if is_account_id(text) {
        Ok(text.to_owned())
    } else {
        Err(Failure::usage(format!(
            "`--account`: `{text}` is no account id: it has twelve digits"
        )))
    }
}

/// As a file's `region` is read.
fn region(text: &str) -> Result<String, Failure> {
    if is_region(text) {
        Ok(text.to_owned())
    } else {
        Err(Failure::usage(format!(
            "`--region`: `{text}` is not a Region: write its code, such as `us-west-2`"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
        Request::new(caller, Ask::Action("kms:Decrypt".to_owned()))
    }

    fn pairs(texts: &[&str]) -> Vec<Pair> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn flags_win_over_what_a_file_says_about_a_key() {
        let mut request = request();
        request.context.insert(
            "aws:SourceIp".to_owned(),
            ContextValue::One("10.0.0.1".to_owned()),
        );
        request.absent.insert("aws:SourceVpce".to_owned());
        request.present.insert("aws:UserAgent".to_owned());
        let overrides = Overrides {
            unknown: BTreeSet::from(["AWS:sourceip".to_owned()]),
            context: BTreeMap::from([(
                "aws:sourcevpce".to_owned(),
                ContextValue::One("vpce-1".to_owned()),
            )]),
            mode: Some(ContextMode::Closed),
            ..Overrides::default()
        };
        overrides.apply(&mut request);
        assert_eq!(
            request.context.keys().collect::<Vec<_>>(),
            ["aws:sourcevpce"]
        );
        assert_eq!(request.unknown.iter().collect::<Vec<_>>(), ["AWS:sourceip"]);
        assert!(request.absent.is_empty() && request.present.len() == 1);
        assert_eq!(request.mode, ContextMode::Closed);
    }

    #[test]
    fn what_no_flag_says_stays() {
        let mut changed = request();
        changed.region = Some("eu-west-1".to_owned());
        changed.via = vec!["s3".to_owned()];
        let before = format!("{changed:?}");
        Overrides::default().apply(&mut changed);
        assert_eq!(format!("{changed:?}"), before);
    }

    #[test]
    fn sugar_replaces_members_and_keeps_the_others() {
        let mut request = request();
        let given = serde_json::json!({"KeyId": "alias/a", "EncryptionContext": {"x": "1"}});
        request.parameters = given.as_object().cloned();
        let overrides = Overrides {
            encryption_context: pairs(&["y=2"]),
            ..Overrides::default()
        };
        overrides.apply(&mut request);
        let expected = serde_json::json!({"KeyId": "alias/a", "EncryptionContext": {"y": "2"}});
        assert_eq!(request.parameters.map(Value::Object), Some(expected));
    }

    #[test]
    fn a_key_without_prefix_or_said_twice_is_refused() {
        let keys = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<BTreeSet<_>>()
        };
        let without = Overrides {
            unknown: keys(&["SourceIp"]),
            ..Overrides::default()
        };
        let twice = Overrides {
            unknown: keys(&["aws:a"]),
            absent: keys(&["aws:A"]),
            ..Overrides::default()
        };
        assert!(without.check_keys().is_err() && twice.check_keys().is_err());
        assert!(
            Overrides {
                unknown: keys(&["aws:a"]),
                ..Overrides::default()
            }
            .check_keys()
            .is_ok()
        );
    }

    #[test]
    fn times_have_an_offset_or_are_the_system_clock() {
        for good in [
            "system",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00+01:00",
            "2026-01-01",
        ] {
            assert!(now(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "now",
            "2026-13-01T00:00:00Z",
            "2026-01-01T00:00:00+25:00",
            "yesterday",
        ] {
            assert!(now(bad).is_err(), "{bad}");
        }
    }
}
