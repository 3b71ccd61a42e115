//! Snapshots and jobs that the tests start from, and how they state what they expect.

use std::sync::Arc;

use preclear_model::caller::Caller;
use preclear_model::policy::{ParseOptions, parse_policy};
use preclear_model::{Arn, Policy, PolicyKind};
use serde_json::{Value, json};

use crate::engine::{Detail, Engine};
use crate::job::report::{JobReport, JobVerdict, RequirementPart};
use crate::job::request::JobRequest;
use crate::job::simulate::simulate;
use crate::request::ContextMode;
use crate::snapshot::{
    BucketEncryption, Given, KeyRecord, PrincipalRecord, ResourceRecord, Snapshot,
};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const OTHER: &str = "444455556666";
pub(super) const REGION: &str = "us-west-2";
pub(super) const KEY_ONE: &str =
    "arn:aws:kms:us-west-2:111122223333:key/11111111-aaaa-4bbb-8ccc-1234567890ab";
pub(super) const KEY_TWO: &str =
    "arn:aws:kms:us-west-2:111122223333:key/22222222-aaaa-4bbb-8ccc-1234567890ab";

pub(super) fn arn(text: &str) -> Arn {
    Arn::parse(text).unwrap_or_else(|| panic!("{text}"))
}

pub(super) fn policy(name: &str, kind: PolicyKind, statements: Value) -> Arc<Policy> {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let (policy, found) = parse_policy(&document.to_string(), name, kind, ParseOptions::default());
    Arc::new(policy.unwrap_or_else(|| panic!("{name}: {found:?}")))
}

pub(super) fn identity(name: &str, statements: Value) -> Arc<Policy> {
    policy(name, PolicyKind::Identity, statements)
}

pub(super) fn managed(name: &str) -> Arc<Policy> {
    let text = preclear_catalog::managed_policy(&format!("arn:aws:iam::aws:policy/{name}"))
        .unwrap_or_else(|| panic!("{name}"));
    let (policy, found) = parse_policy(text, name, PolicyKind::Identity, ParseOptions::default());
    Arc::new(policy.unwrap_or_else(|| panic!("{name}: {found:?}")))
}

/// An Allow on everything.
pub(super) fn allow(actions: Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

pub(super) fn role(arn_text: &str, policies: Vec<Arc<Policy>>, service: &str) -> PrincipalRecord {
    let trust =
        json!([{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]);
    PrincipalRecord {
        arn: arn(arn_text),
        is_path_known: true,
        id: None,
        policies: Given::Here(policies),
        groups: Given::Nothing,
        boundary: Given::Nothing,
        trust: Given::Here(policy(
            &format!("trust of {arn_text}"),
            PolicyKind::Trust,
            trust,
        )),
        tags: None,
    }
}

pub(super) fn key(arn_text: &str, statements: Value) -> KeyRecord {
    let policy = policy(
        &format!("policy of {arn_text}"),
        PolicyKind::Key,
        statements,
    );
    KeyRecord {
        policy: Given::Here(policy),
        ..KeyRecord::new(arn(arn_text))
    }
}

/// The statement that lets the account's identity policies count.
pub(super) fn delegation(account: &str) -> Value {
    let root = format!("arn:aws:iam::{account}:root");
    json!({"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"})
}

pub(super) fn bucket(name: &str, account: &str) -> ResourceRecord {
    ResourceRecord {
        account: Some(account.to_owned()),
        region: Some(REGION.to_owned()),
        policy: Given::Nothing,
        encryption: Given::Nothing,
        ..ResourceRecord::new(arn(&format!("arn:aws:s3:::{name}")))
    }
}

pub(super) fn encrypted(
    mut bucket: ResourceRecord,
    key: Option<&str>,
    bucket_key: bool,
) -> ResourceRecord {
    bucket.encryption = Given::Here(BucketEncryption {
        kms: true,
        key: key.map(str::to_owned),
        bucket_key,
    });
    bucket
}

pub(super) fn bucket_policy(mut bucket: ResourceRecord, statements: Value) -> ResourceRecord {
    let name = format!("policy of {}", bucket.arn);
    bucket.policy = Given::Here(policy(&name, PolicyKind::Resource, statements));
    bucket
}

/// A job together with the world it runs in.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) snapshot: Snapshot,
    pub(super) job: JobRequest,
}

impl World {
    pub(super) fn new(operation: &str, caller: &str, request: Value) -> Self {
        let Value::Object(request) = request else {
            panic!("an object")
        };
        let snapshot = Snapshot {
            account: Some(ACCOUNT.to_owned()),
            region: Some(REGION.to_owned()),
            complete: true,
            ..Snapshot::default()
        };
        let caller = Caller::parse(caller).unwrap();
        let job = JobRequest {
            request,
            mode: ContextMode::Closed,
            ..JobRequest::new("job", operation, caller)
        };
        Self { snapshot, job }
    }

    pub(super) fn simulate(&self) -> JobReport {
        simulate(
            &Engine::compile(self.snapshot.clone()),
            &self.job,
            Detail::Reasons,
        )
    }

    /// Adds policies to a role or user.
    pub(super) fn attach(&mut self, arn: &str, document: Arc<Policy>) {
        let principal = self.principal(arn);
        match &mut principal.policies {
            Given::Here(policies) => policies.push(document),
            other => *other = Given::Here(vec![document]),
        }
    }

    pub(super) fn principal(&mut self, arn: &str) -> &mut PrincipalRecord {
        let found = self
            .snapshot
            .principals
            .iter_mut()
            .find(|principal| principal.arn.as_str() == arn);
        found.unwrap_or_else(|| panic!("{arn}"))
    }

    pub(super) fn resource(&mut self, arn: &str) -> &mut ResourceRecord {
        let found = self
            .snapshot
            .resources
            .iter_mut()
            .find(|resource| resource.arn.as_str() == arn);
        found.unwrap_or_else(|| panic!("{arn}"))
    }

    /// Sets a member of the request, by its path.
    pub(super) fn set(&mut self, path: &str, value: Value) {
        let (parents, name) = path
            .rsplit_once('.')
            .map_or((None, path), |(parents, name)| (Some(parents), name));
        let mut members = &mut self.job.request;
        for parent in parents.iter().flat_map(|parents| parents.split('.')) {
            let entry = members.entry(parent).or_insert_with(|| json!({}));
            members = entry.as_object_mut().unwrap_or_else(|| panic!("{parent}"));
        }
        members.insert(name.to_owned(), value);
    }

    /// States the verdict and every row that is triggered and not simply allowed; `triggered` lists those that are.
    pub(super) fn expect(
        &self,
        verdict: JobVerdict,
        triggered: &[&str],
        failing: &[(&str, &str)],
    ) -> JobReport {
        let report = self.simulate();
        assert_eq!(report.errors, [], "valid");
        for requirement in &report.requirements {
            let id = requirement.id.as_str();
            let stated = failing
                .iter()
                .find(|(failing, _)| *failing == id)
                .map(|(_, result)| *result);
            let wanted = match stated {
                Some(stated) => stated,
                None if triggered.contains(&id) => "allow",
                None => "not_applicable",
            };
            assert_eq!(
                requirement.result.name(),
                wanted,
                "{id}: {:#?}",
                summary(&requirement.parts)
            );
            assert_eq!(
                requirement.parts.is_empty(),
                wanted == "not_applicable",
                "{id}"
            );
        }
        for id in triggered.iter().chain(failing.iter().map(|(id, _)| id)) {
            assert!(
                report
                    .requirements
                    .iter()
                    .any(|requirement| requirement.id == *id),
                "{id} is a row"
            );
        }
        assert_eq!(report.verdict, verdict);
        report
    }

    /// States that the request is refused with this code.
    pub(super) fn expect_invalid(&self, code: &str) {
        let report = self.simulate();
        assert_eq!(report.verdict, JobVerdict::Invalid);
        let codes: Vec<&str> = report
            .errors
            .iter()
            .map(|error| error.code.as_str())
            .collect();
        assert_eq!(codes, [code]);
        assert!(report.requirements.is_empty());
        assert!(
            report
                .errors
                .iter()
                .all(|error| error.rule.is_some() && error.help.is_some())
        );
    }
}

fn summary(parts: &[RequirementPart]) -> Vec<String> {
    parts
        .iter()
        .map(|part| {
            let code = part
                .result
                .primary
                .as_ref()
                .map_or("-", |primary| primary.code.name());
            let RequirementPart {
                action,
                resource,
                principal,
                ..
            } = part;
            format!(
                "{} {code} {action} on {resource} for {principal} {:?}",
                part.result.verdict, part.result.depends_on
            )
        })
        .collect()
}

/// `action on resource` of every part of a row.
pub(super) fn parts_of<'r>(report: &'r JobReport, id: &str) -> &'r [RequirementPart] {
    let row = report
        .requirements
        .iter()
        .find(|requirement| requirement.id == id);
    row.map(|row| row.parts.as_slice())
        .unwrap_or_else(|| panic!("{id}"))
}

/// Primary codes of the denied parts of a row, each once.
pub(super) fn codes_of(report: &JobReport, id: &str) -> Vec<&'static str> {
    let denied = parts_of(report, id)
        .iter()
        .filter(|part| part.result.verdict.is_deny());
    let mut codes: Vec<&'static str> = denied
        .filter_map(|part| part.result.primary.as_ref())
        .map(|primary| primary.code.name())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Actions of the parts of a row that are not allowed.
pub(super) fn denied_actions<'r>(report: &'r JobReport, id: &str) -> Vec<&'r str> {
    let denied = parts_of(report, id)
        .iter()
        .filter(|part| part.result.verdict.is_deny());
    denied.map(|part| part.action.as_str()).collect()
}

pub(super) fn warned(report: &JobReport, code: &str) -> bool {
    report.warnings.iter().any(|warning| warning.code == code)
}

pub(super) fn hint_of(report: &JobReport, id: &str) -> String {
    let row = report
        .requirements
        .iter()
        .find(|requirement| requirement.id == id);
    row.map(|row| row.hints.join("; ")).unwrap_or_default()
}
