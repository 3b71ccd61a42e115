//! Which policies are left open. Rule: IAM-TRI-7, IAM-EVAL-7 to IAM-EVAL-16.

use preclear_catalog::{kms as tables, services};
use preclear_model::Arn;
use preclear_model::caller::CallerKind;
use preclear_simulator::Layer;
use preclear_simulator::request::ContextValue;
use preclear_simulator::snapshot::{KeyManager, OrganizationNode, PrincipalRecord};

use super::Opening;
use super::facts::{Facts, Said, Target};

impl Facts<'_> {
    /// Everything about the policies that bear on the question and are not known.
    pub(super) fn layers(&self) -> Vec<Opening> {
        let mut openings = Vec::new();
        let parts: [(Layer, Vec<Opening>, bool); 8] = [
            (
                Layer::Identity,
                self.identity_openings(),
                self.is_identity(),
            ),
            (
                Layer::Boundary,
                self.boundary_openings(),
                self.is_identity(),
            ),
            (Layer::Session, self.session_openings(), self.is_session()),
            (
                Layer::Resource,
                self.resource_openings(),
                self.has_resource_policy(),
            ),
            (Layer::Grants, self.grant_openings(), self.may_have_grants()),
            (Layer::Scp, self.scp_openings(), self.is_under_scps()),
            (Layer::Rcp, self.rcp_openings(), self.is_under_rcps()),
            (
                Layer::VpcEndpoint,
                self.endpoint_openings(),
                self.endpoint().is_some(),
            ),
        ];
        for (layer, parts, is_reached) in parts {
            let snapshot = self.snapshot;
            if !is_reached {
                continue;
            }
            if snapshot.layers_not_loaded.contains(&layer) {
                openings.push(Opening::Layer(layer));
            } else if !snapshot.layers_open.contains(&layer)
                && !snapshot.layers_empty.contains(&layer)
            {
                openings.extend(parts);
            }
        }
        let is_unlisted = match &self.target {
            Target::Key { record, .. } => record.is_none(),
            Target::Role { record, .. } => record.is_none(),
            _ => false,
        };
        // That a key or role does not exist answers in another way than its policies would.
        if !self.snapshot.complete && !is_unlisted {
            openings.push(Opening::Completeness);
        }
        openings.dedup();
        openings
    }

    /// True for callers with identity policies. Rule: IAM-EVAL-12.
    fn is_identity(&self) -> bool {
        matches!(
            self.caller().kind,
            CallerKind::User { .. }
                | CallerKind::RoleSession { .. }
                | CallerKind::FederatedUser { .. }
        )
    }

    /// ARN of the user or role behind the caller.
    fn identity_arn(&self) -> Option<&Arn> {
        match &self.caller().kind {
            CallerKind::User { arn } => Some(arn),
            CallerKind::FederatedUser { user, .. } => user.as_ref(),
            _ => self.role_arn(),
        }
    }

    fn identity_openings(&self) -> Vec<Opening> {
        let Some(record) = self.identity else {
            return self.unlisted_identity();
        };
        let is_listed = self.is_caller_listed();
        let arn = record.arn.as_str();
        let member = |name| Opening::Member("principals", arn.to_owned(), name);
        let mut openings = Vec::new();
        if record.policies.is_left_out() && !is_listed {
            openings.push(member("policies"));
        }
        let is_user = record.arn.resource().starts_with("user/");
        if is_user && record.groups.is_left_out() && !is_listed {
            openings.push(member("groups"));
        }
        for group in record.groups.value().into_iter().flatten() {
            let mut groups = self.snapshot.groups.iter();
            match groups.find(|listed| listed.arn.as_str() == group) {
                None if self.is_all_listed(group) => {}
                None => openings.push(Opening::Entry("groups", group.clone())),
                Some(listed) if listed.policies.is_left_out() && !is_listed => {
                    openings.push(Opening::Member("groups", group.clone(), "policies"));
                }
                Some(_) => {}
            }
        }
        openings
    }

    /// A caller that is not listed can be, where its ARN is known with its path.
    fn unlisted_identity(&self) -> Vec<Opening> {
        match self.identity_arn() {
            Some(arn) if !self.is_caller_listed() => {
                vec![Opening::Entry("principals", arn.as_str().to_owned())]
            }
            _ => Vec::new(),
        }
    }

    fn boundary_openings(&self) -> Vec<Opening> {
        match self.identity {
            Some(record) if record.boundary.is_left_out() && !self.is_caller_listed() => {
                vec![principal_member(record, "boundary")]
            }
            Some(_) => Vec::new(),
            None => self.unlisted_identity(),
        }
    }

    /// True for callers that session policies can limit. Rule: IAM-EVAL-14.
    fn is_session(&self) -> bool {
        matches!(
            self.caller().kind,
            CallerKind::RoleSession { .. }
                | CallerKind::FederatedUser { .. }
                | CallerKind::RootSession
        )
    }

    fn session_openings(&self) -> Vec<Opening> {
        let is_known = self.request.session_policies.is_some() || self.snapshot.complete;
        if is_known {
            Vec::new()
        } else {
            vec![Opening::SessionPolicies]
        }
    }

    fn has_resource_policy(&self) -> bool {
        !matches!(self.target, Target::WithoutPolicy(_))
    }

    fn resource_openings(&self) -> Vec<Opening> {
        match &self.target {
            Target::WithoutPolicy(_) | Target::ManagedKey(_) | Target::Key { arn: None, .. } => {
                Vec::new()
            }
            Target::Key {
                arn: Some(arn),
                record: None,
            } if !self.is_all_listed(arn.as_str()) => {
                vec![Opening::Entry("keys", arn.as_str().to_owned())]
            }
            Target::Key { record: None, .. } => Vec::new(),
            Target::Key {
                record: Some(record),
                ..
            } => {
                // Every key has a policy; that of an AWS managed key is known.
                let is_open = record.policy.is_left_out() && record.manager == KeyManager::Customer;
                let member = Opening::Member("keys", record.arn.as_str().to_owned(), "policy");
                if is_open { vec![member] } else { Vec::new() }
            }
            Target::Role { arn, record } => match record {
                Some(record) if record.trust.is_left_out() => {
                    vec![principal_member(record, "trust")]
                }
                None if !self.is_all_listed(arn.as_str()) => {
                    vec![Opening::Entry("principals", arn.as_str().to_owned())]
                }
                _ => Vec::new(),
            },
            Target::Carrier {
                arn,
                carrier,
                record,
            } => {
                let is_listed = self.is_all_listed(arn.as_str()) && self.is_all_listed(carrier);
                match record {
                    Some(record) if record.policy.is_left_out() && !is_listed => {
                        vec![Opening::Member("resources", carrier.clone(), "policy")]
                    }
                    None if !is_listed => vec![Opening::Entry("resources", carrier.clone())],
                    _ => Vec::new(),
                }
            }
        }
    }

    fn may_have_grants(&self) -> bool {
        let counts = self.action == "retiregrant"
            || tables::action(&self.action).is_some_and(|action| action.is_grantable);
        self.service == "kms" && counts && matches!(self.target, Target::Key { .. })
    }

    fn grant_openings(&self) -> Vec<Opening> {
        match &self.target {
            Target::Key {
                record: Some(record),
                ..
            } if record.grants.is_none() && !self.is_all_listed(record.arn.as_str()) => {
                vec![Opening::Member(
                    "keys",
                    record.arn.as_str().to_owned(),
                    "grants",
                )]
            }
            _ => Vec::new(),
        }
    }

    /// Rule: IAM-EVAL-8.
    fn is_under_scps(&self) -> bool {
        let account = self.caller().account.as_deref();
        account.is_some_and(|account| !self.is_management(account)) && !self.is_service_linked()
    }

    fn scp_openings(&self) -> Vec<Opening> {
        let account = self.caller().account.as_deref();
        self.guardrail_openings(account, "scps", |node| node.scps.is_left_out())
    }

    /// Rule: IAM-EVAL-10.
    fn is_under_rcps(&self) -> bool {
        let is_managed_by_aws = match &self.target {
            Target::ManagedKey(_) => true,
            Target::Key { record, .. } => {
                record.is_some_and(|record| record.manager == KeyManager::Aws)
            }
            _ => false,
        };
        services::supports_rcp(&self.service)
            && !is_managed_by_aws
            && !self.is_service_linked()
            && self.action != "retiregrant"
            && !self
                .resource_account
                .as_deref()
                .is_some_and(|account| self.is_management(account))
    }

    fn rcp_openings(&self) -> Vec<Opening> {
        let account = self.resource_account.as_deref();
        self.guardrail_openings(account, "rcps", |node| node.rcps.is_left_out())
    }

    /// Guardrails of every level above an account.
    fn guardrail_openings(
        &self,
        account: Option<&str>,
        member: &'static str,
        is_left_out: impl Fn(&OrganizationNode) -> bool,
    ) -> Vec<Opening> {
        if self.snapshot.complete {
            return Vec::new();
        }
        let Some(organization) = self.organization() else {
            return vec![Opening::Organization];
        };
        let is_listed = organization
            .accounts
            .iter()
            .any(|node| Some(node.id.as_str()) == account);
        if !is_listed {
            return Vec::new();
        }
        let mut chain = vec![&organization.root];
        let mut next = account;
        let nodes = || organization.units.iter().chain(&organization.accounts);
        while let Some(node) = nodes().find(|node| Some(node.id.as_str()) == next) {
            chain.push(node);
            next = node.parent.as_deref();
            if chain.len() > organization.units.len() + 2 {
                break;
            }
        }
        chain
            .into_iter()
            .filter(|node| is_left_out(node))
            .map(|node| Opening::Member("organization", node.id.clone(), member))
            .collect()
    }

    /// The endpoint that the call is known to pass; `Some(None)` if it passes one that nobody named. Rule: IAM-EVAL-11.
    fn endpoint(&self) -> Option<Option<&str>> {
        if self.is_forwarded.is_true() {
            return None;
        }
        if let Some(id) = &self.request.vpc_endpoint {
            return Some(Some(id));
        }
        match self.said("aws:SourceVpce") {
            Said::Value(ContextValue::One(id)) => Some(Some(id)),
            Said::Present => Some(None),
            _ => None,
        }
    }

    fn endpoint_openings(&self) -> Vec<Opening> {
        match self.endpoint() {
            Some(Some(id)) => {
                let mut listed = self.snapshot.vpc_endpoints.iter();
                let is_listed = listed.any(|endpoint| endpoint.id == id);
                if is_listed || id.is_empty() || self.snapshot.complete {
                    Vec::new()
                } else {
                    vec![Opening::Entry("vpc_endpoints", id.to_owned())]
                }
            }
            _ => Vec::new(),
        }
    }
}

fn principal_member(record: &PrincipalRecord, member: &'static str) -> Opening {
    Opening::Member("principals", record.arn.as_str().to_owned(), member)
}
