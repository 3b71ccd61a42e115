//! Whom, what and on what the engine is asked to see what additions open.

use std::collections::{BTreeMap, BTreeSet};

use preclear_catalog::catalog;
use preclear_model::Arn;
use preclear_simulator::job::RequirementPart;
use serde_json::Value;

use super::Tried;

/// People whom no job has to do with.
const STRANGERS: [&str; 7] = [
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:root",
    "arn:aws:iam::111122223333:role/Stranger",
    "arn:aws:iam::444455556666:role/Stranger",
    "arn:aws:iam::444455556666:user/eve",
    "events.amazonaws.com",
    "anonymous",
];
/// Services whose actions are always asked for.
const SERVICES: [&str; 4] = ["iam", "kms", "s3", "sts"];
/// Of actions that no addition names, those who act are asked for so manieth, and others; which ones differs from world to world.
const STEP: usize = 3;
const STEP_OF_OTHERS: usize = 29;
const OTHER_ACCOUNT: &str = "999999999999";

/// What a call carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Circumstance {
    Plain,
    Stated(&'static str, String),
}

impl Circumstance {
    /// The engine takes this key from a member of its own.
    pub(super) fn is_grant_for_aws_resource(&self) -> bool {
        matches!(self, Circumstance::Stated("kms:GrantIsForAWSResource", _))
    }
}

/// Actions of one resource.
pub(super) struct Actions {
    of_acting: Vec<String>,
    of_others: Vec<String>,
    acting: BTreeSet<String>,
}

impl Actions {
    /// Those that somebody is asked for.
    pub(super) fn of(&self, principal: &str) -> &[String] {
        if self.acting.contains(principal) {
            &self.of_acting
        } else {
            &self.of_others
        }
    }
}

/// Everything that is asked.
pub(super) struct Questions {
    pub(super) principals: BTreeSet<String>,
    pub(super) resources: BTreeMap<String, Actions>,
    plain: Vec<Circumstance>,
    of_grant: Vec<Circumstance>,
    of_role: Vec<Circumstance>,
    of_service: Vec<Circumstance>,
}

impl Questions {
    pub(super) fn of(tried: &Tried, named: &[&RequirementPart]) -> Questions {
        let acting: BTreeSet<String> = named.iter().map(|part| part.principal.clone()).collect();
        let listed = tried.engine.snapshot().principals.iter();
        let listed = listed.map(|record| record.arn.as_str().to_owned());
        let strangers = STRANGERS.iter().map(|name| (*name).to_owned());
        let principals = acting.iter().cloned().chain(listed).chain(strangers);
        let in_fixes = actions_of_fixes(tried);
        let shift = tried.document.to_string().len();
        let resources = resources(tried, named).into_iter();
        let resources = resources.map(|resource| {
            let all = actions(&resource, &in_fixes);
            let sample = |step: usize| -> Vec<String> {
                let is_tried = |(nth, action): &(usize, &String)| {
                    (nth + shift).is_multiple_of(step) || in_fixes.contains(action.as_str())
                };
                let sample = all.iter().enumerate().filter(is_tried);
                sample.map(|(_, action)| action.clone()).collect()
            };
            let actions = Actions {
                of_acting: sample(STEP),
                of_others: sample(STEP_OF_OTHERS),
                acting: acting.clone(),
            };
            (resource, actions)
        });
        let stated = |key: &'static str, value: &str| Circumstance::Stated(key, value.to_owned());
        let plain = || vec![Circumstance::Plain];
        let with = |more: Vec<Circumstance>| plain().into_iter().chain(more).collect();
        Questions {
            principals: principals.collect(),
            resources: resources.collect(),
            plain: plain(),
            of_grant: with(vec![
                stated("kms:GrantIsForAWSResource", "true"),
                stated("aws:SourceAccount", OTHER_ACCOUNT),
            ]),
            of_role: with(passed_to(named)),
            of_service: with(vec![stated("aws:SourceAccount", OTHER_ACCOUNT)]),
        }
    }

    /// What calls of an action carry.
    pub(super) fn circumstances(&self, principal: &str, action: &str) -> &[Circumstance] {
        match action {
            "kms:CreateGrant" => &self.of_grant,
            "iam:PassRole" => &self.of_role,
            _ if principal.starts_with("arn:") => &self.plain,
            _ => &self.of_service,
        }
    }
}

/// Services that roles are passed to, and another one.
fn passed_to(named: &[&RequirementPart]) -> Vec<Circumstance> {
    const KEY: &str = "iam:PassedToService";
    let services = named.iter().filter_map(|part| part.context.get(KEY));
    let mut services: BTreeSet<String> = services.cloned().collect();
    services.insert("codebuild.amazonaws.com".to_owned());
    let stated = services.into_iter();
    stated
        .map(|service| Circumstance::Stated(KEY, service))
        .collect()
}

fn actions_of_fixes(tried: &Tried) -> BTreeSet<String> {
    let lists = tried.report.fixes.iter();
    let lists = lists.filter_map(|fix| fix.statement.get("Action"));
    lists
        .flat_map(|list| match list {
            Value::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        })
        .filter_map(|action| action.as_str().map(str::to_owned))
        .collect()
}

/// All actions of the services that a resource is about; those of the additions are asked on every resource.
fn actions(resource: &str, in_fixes: &BTreeSet<String>) -> Vec<String> {
    let arn = Arn::parse(resource);
    let own = arn.as_ref().map(|arn| arn.service());
    let services = match own {
        Some("iam") => vec!["iam", "sts"],
        Some(service) => vec![service],
        // What has no resource.
        None => SERVICES.to_vec(),
    };
    let of_services = services
        .into_iter()
        .filter_map(|name| catalog().service(name));
    let mut all: BTreeSet<String> = of_services
        .flat_map(|service| {
            let prefix = service.prefix();
            service
                .actions()
                .map(move |action| format!("{prefix}:{}", action.name()))
        })
        .collect();
    all.extend(in_fixes.iter().cloned());
    all.into_iter().collect()
}

/// Resources that requirements name, and others like them.
fn resources(tried: &Tried, named: &[&RequirementPart]) -> BTreeSet<String> {
    let mut all = BTreeSet::from(["*".to_owned()]);
    for part in named {
        for resource in [&part.resource, &part.result.resource] {
            all.insert(resource.replace('*', "x1"));
            all.extend(siblings(resource));
        }
    }
    let snapshot = tried.engine.snapshot();
    all.extend(snapshot.keys.iter().map(|key| key.arn.as_str().to_owned()));
    let roles = snapshot.principals.iter().map(|one| one.arn.as_str());
    all.extend(
        roles
            .filter(|arn| arn.contains(":role/"))
            .map(str::to_owned),
    );
    all.remove("");
    all
}

/// Something else of the same kind.
fn siblings(resource: &str) -> Vec<String> {
    let Some(arn) = Arn::parse(resource) else {
        return Vec::new();
    };
    let plain = resource.replace('*', "x1");
    match (arn.service(), resource.split_once('/')) {
        ("s3", Some((bucket, _))) => vec![bucket.to_owned(), format!("{bucket}/other")],
        ("s3", None) => vec![format!("{plain}/other"), format!("{plain}-2")],
        _ => vec![format!("{plain}-2")],
    }
}
