//! What a decision takes for granted. Rule: IAM-TRI-7, IAM-PRIN-5, KMS-DEC-2.

use std::collections::BTreeSet;

use preclear_condition::{KeyName, KeyState, Lookup};
use preclear_model::caller::CallerKind;
use preclear_model::{ArnRef, Match};

use super::Evidences;
use super::elements::{self, Elements};
use crate::compose::{Factor, PathKind};
use crate::context::{Context, Endpoint, View};
use crate::decide::{Case, Run};
use crate::evaluate::LayerState;
use crate::explanation::NO_ORGANIZATION;
use crate::layer::Layer;
use crate::layers::{IN_NO_ORGANIZATION, UNLISTED_ENDPOINT};
use crate::matching::principal;
use crate::service::kms::{fit, grants};

/// All assumptions of a decision.
pub(crate) fn collect(
    case: &Case<'_>,
    context: &Context,
    run: &Run<'_, Evidences>,
) -> BTreeSet<String> {
    let mut assumptions: BTreeSet<String> = case.target.assumption().into_iter().collect();
    for layer in run.layers.iter() {
        if layer.state == LayerState::AssumedOpen {
            assumptions.insert(format!("layer:{} open", layer.layer));
        }
    }
    let sources = case.sources();
    let no_endpoint = LayerState::NotReached("no endpoint is stated");
    let endpoint_is_open = run.layers.vpce.state == no_endpoint && may_pass_an_endpoint(context);
    if endpoint_is_open {
        assumptions.insert("layer:vpce open".to_owned());
    }
    if case.requester.is_service_linked_by_name() {
        assumptions.insert("requester:service-linked role by its name".to_owned());
    }
    let is_unlisted = case.requester.record.is_none()
        && matches!(
            case.requester.kind(),
            CallerKind::User { .. } | CallerKind::RoleSession { .. }
        )
        && !case.requester.is_external();
    if is_unlisted && sources.engine.snapshot().complete {
        assumptions.insert(format!(
            "principal:{} is not listed and has nothing attached",
            case.requester.display()
        ));
    }
    if let Endpoint::Stated(id) = context.endpoint()
        && run.layers.vpce.state == UNLISTED_ENDPOINT
    {
        assumptions.insert(format!(
            "vpc_endpoint:{id} is not listed: it has the default policy"
        ));
    }
    for role in roles_by_name(case, context, run) {
        assumptions.insert(format!("requester:role {role} by its name"));
    }
    for key in tested_keys(case, context, run) {
        assumptions.insert(format!("absent:{key}"));
    }
    assumptions
}

/// What is taken for granted of the organization above the accounts. Rule: IAM-TRI-7.
pub(crate) fn of_organization(run: &Run<'_, Evidences>) -> Option<String> {
    let mut guardrails = run
        .layers
        .iter()
        .filter(|layer| matches!(layer.layer, Layer::Scp | Layer::Rcp));
    guardrails
        .any(|layer| layer.state == LayerState::NotReached(IN_NO_ORGANIZATION))
        .then(|| NO_ORGANIZATION.to_owned())
}

/// True where nobody said that the call passes no endpoint. Rule: IAM-EVAL-11.
fn may_pass_an_endpoint(context: &Context) -> bool {
    let view = View {
        context,
        in_key_policy: false,
        supposed: &[],
    };
    let state = view.state(&KeyName::new("aws:SourceVpce"));
    matches!(
        state,
        KeyState::Unknown | KeyState::Present | KeyState::Like(_)
    )
}

/// Keys that count as absent only because nobody said otherwise, and that a statement which otherwise matches tests.
fn tested_keys(case: &Case<'_>, context: &Context, run: &Run<'_, Evidences>) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for layer in run.layers.iter() {
        for policy in layer.policies() {
            for statement in &policy.statements {
                let assumed: Vec<_> = statement
                    .condition
                    .keys()
                    .filter(|key| context.is_assumed_absent(key))
                    .map(|key| key.as_str().to_owned())
                    .collect();
                if !assumed.is_empty()
                    && elements::matches_but_for_condition(case, context, layer, policy, statement)
                {
                    keys.extend(assumed);
                }
            }
        }
    }
    keys
}

/// Roles that entries and grants name, and that the caller is a session of by its name alone: another path is
/// another role, but names are unique in an account. Rule: IAM-PRIN-5.
fn roles_by_name(case: &Case<'_>, context: &Context, run: &Run<'_, Evidences>) -> BTreeSet<String> {
    let mut roles = granted_by_name(case, run);
    for layer in run.layers.iter() {
        for policy in layer.policies().filter(|policy| policy.has_principals()) {
            for statement in &policy.statements {
                let source = policy.source(statement);
                let element = source.and_then(|source| source.principal.as_ref());
                let entries = element.map(Match::entries).unwrap_or_default();
                let named: Vec<ArnRef<'_>> = entries
                    .iter()
                    .filter_map(|entry| {
                        principal::role_by_name((&entry.kind).into(), case.requester)
                    })
                    .collect();
                let bears_on_it = || {
                    Elements::evaluate(case, context, layer, policy, statement)
                        .may_match_but_for_principal()
                };
                if !named.is_empty() && bears_on_it() {
                    roles.extend(named.into_iter().map(|arn| arn.as_str().to_owned()));
                }
            }
        }
    }
    roles
}

/// Those that the grants which may fit name.
fn granted_by_name(case: &Case<'_>, run: &Run<'_, Evidences>) -> BTreeSet<String> {
    let mut roles = BTreeSet::new();
    for path in &run.composition.paths {
        for (factor, _) in &path.factors {
            let Factor::Grant(index) = factor else {
                continue;
            };
            let grant = grants::by_index(case.sources(), *index);
            let named = grant.and_then(|grant| match path.kind {
                PathKind::Retire => grant.retiring.as_deref(),
                _ => grant.grantee.as_deref(),
            });
            let role =
                named.and_then(|named| principal::role_by_name(fit::named(named), case.requester));
            roles.extend(role.map(|arn| arn.as_str().to_owned()));
        }
    }
    roles
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use preclear_model::caller::Caller;
    use preclear_model::policy::{ParseOptions, parse_policy};
    use preclear_model::{Arn, PolicyKind};

    use crate::engine::{Detail, Engine};
    use crate::request::{Ask, ContextMode, ContextValue, Request};
    use crate::snapshot::{
        Given, KeyRecord, Organization, OrganizationNode, PrincipalRecord, ResourceRecord, Snapshot,
    };

    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/R/s";
    const ENTRY: &str = "arn:aws:iam::111122223333:role/app/R";

    /// What is assumed of the requester for an action on `b/x`, where two statements name roles.
    fn assumed(caller: &str, action: &str, listed: &[&str]) -> Vec<String> {
        let policy = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:role/app/R", "arn:aws:iam::444455556666:role/R"]},
             "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/x"},
            {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/other/R"},
             "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/x"},
            {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/more/R"},
             "Action": "*", "Resource": "arn:aws:s3:::b/x", "Condition": {"Bool": {"aws:ViaAWSService": "true"}}}]}"#;
        let kind = PolicyKind::Resource;
        let policy = parse_policy(policy, "policy", kind, ParseOptions::default())
            .0
            .unwrap();
        let arn = |text: &str| Arn::parse(text).unwrap();
        let resource = ResourceRecord {
            policy: Given::Here(Arc::new(policy)),
            ..ResourceRecord::new(arn("arn:aws:s3:::b"))
        };
        let listed = listed.iter().map(|text| PrincipalRecord::new(arn(text)));
        let engine = Engine::compile(Snapshot {
            principals: listed.collect(),
            resources: vec![resource],
            ..Snapshot::default()
        });
        let request = Request {
            resource: Some("arn:aws:s3:::b/x".to_owned()),
            mode: ContextMode::Closed,
            ..Request::new(
                Caller::parse(caller).unwrap(),
                Ask::Action(action.to_owned()),
            )
        };
        let assumptions = engine
            .explain(&request, Detail::Reasons)
            .assumptions
            .into_iter();
        assumptions
            .filter(|one| one.starts_with("requester:"))
            .collect()
    }

    /// IAM-PRIN-5: by name alone, and only where it bears on the answer.
    #[test]
    fn a_role_that_is_met_by_its_name_is_assumed() {
        let by_name = |path: &str| {
            vec![format!(
                "requester:role arn:aws:iam::111122223333:role/{path}/R by its name"
            )]
        };
        assert_eq!(assumed(SESSION, "s3:GetObject", &[]), by_name("app"));
        assert_eq!(assumed(SESSION, "s3:PutObject", &[]), by_name("other"));
        assert_eq!(assumed(SESSION, "s3:DeleteObject", &[]), [""; 0]);
    }

    #[test]
    fn a_role_whose_path_is_told_is_not() {
        let other = "arn:aws:iam::111122223333:role/other/R";
        assert_eq!(assumed(SESSION, "s3:GetObject", &[ENTRY]), [""; 0]);
        assert_eq!(assumed(SESSION, "s3:GetObject", &[other]), [""; 0]);
        assert_eq!(assumed(ENTRY, "s3:GetObject", &[]), [""; 0]);
        let user = "arn:aws:iam::111122223333:user/R";
        let elsewhere = "arn:aws:sts::777788889999:assumed-role/R/s";
        let namesake = "arn:aws:sts::111122223333:assumed-role/R2/s";
        for caller in [user, elsewhere, namesake] {
            assert_eq!(assumed(caller, "s3:GetObject", &[]), [""; 0], "{caller}");
        }
    }

    /// KMS-DEC-2: keys that nobody mentions in closed mode, and of these only what a statement tests.
    #[test]
    fn only_keys_that_nobody_mentions_are_assumed_absent() {
        const USER: &str = "arn:aws:iam::111122223333:user/U";
        let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:Referer": "a"}}}}"#;
        let parsed = parse_policy(policy, "p", PolicyKind::Identity, ParseOptions::default());
        let mut user = PrincipalRecord::new(Arn::parse(USER).unwrap());
        user.policies = Given::Here(vec![Arc::new(parsed.0.unwrap())]);
        let engine = Engine::compile(Snapshot {
            complete: true,
            principals: vec![user],
            ..Snapshot::default()
        });
        let absent = |change: fn(&mut Request)| -> Vec<String> {
            let caller = Caller::parse(USER).unwrap();
            let mut request = Request::new(caller, Ask::Action("s3:GetObject".to_owned()));
            request.resource = Some("arn:aws:s3:::b/x".to_owned());
            request.mode = ContextMode::Closed;
            change(&mut request);
            let assumptions = engine.explain(&request, Detail::Reasons).assumptions;
            let assumptions = assumptions.into_iter();
            assumptions
                .filter(|one| one.starts_with("absent:"))
                .collect()
        };
        assert_eq!(absent(|_| {}), ["absent:aws:referer"]);
        let mentions: [fn(&mut Request); 4] = [
            |request| request.absent.extend(["aws:referer".to_owned()]),
            |request| request.unknown.extend(["aws:Referer".to_owned()]),
            |request| request.mode = ContextMode::Open,
            |request| request.resource = Some("arn:aws:s3:::other/x".to_owned()),
        ];
        for mention in mentions {
            assert_eq!(absent(mention), [""; 0]);
        }
    }

    /// IAM-CTX-2: an account that the organization does not list is outside it, and may be in another.
    #[test]
    fn an_account_outside_the_organization_is_assumed_to_be_in_none() {
        const KEY: &str =
            "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt",
            "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-partner"}}}}"#;
        let parsed = parse_policy(policy, "k", PolicyKind::Key, ParseOptions::default());
        let mut key = KeyRecord::new(Arn::parse(KEY).unwrap());
        key.policy = Given::Here(Arc::new(parsed.0.unwrap()));
        let engine = Engine::compile(Snapshot {
            organization: Some(Organization {
                id: "o-own".to_owned(),
                management_account: None,
                root: OrganizationNode {
                    id: "r-ab12".to_owned(),
                    parent: None,
                    scps: Given::LeftOut,
                    rcps: Given::LeftOut,
                },
                units: Vec::new(),
                accounts: Vec::new(),
            }),
            keys: vec![key],
            ..Snapshot::default()
        });
        let absent = |caller: &str, said: Option<&str>| {
            let caller = Caller::parse(caller).unwrap();
            let mut request = Request::new(caller, Ask::Action("kms:Decrypt".to_owned()));
            request.resource = Some(KEY.to_owned());
            let said = said.map(|id| {
                (
                    "aws:PrincipalOrgID".to_owned(),
                    ContextValue::One(id.to_owned()),
                )
            });
            request.context.extend(said);
            let assumptions = engine.explain(&request, Detail::Reasons).assumptions;
            assumptions.contains("absent:aws:principalorgid")
        };
        let partner = "arn:aws:iam::777788889999:role/R";
        assert!(absent(partner, None));
        assert!(!absent(partner, Some("o-partner")));
        // A service is in none.
        assert!(!absent("s3.amazonaws.com", None));
    }
}
