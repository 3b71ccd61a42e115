//! What mends a decision for a role that belongs to a service: never its own policies. Rule: IAM-PRIN-1, KMS-GRANT-11.

use preclear_catalog::kms;
use preclear_model::Arn;

use crate::explanation::Code;
use crate::job::existence;
use crate::job::remedy::Case;
use crate::job::statement::Slot;
use crate::snapshot::Given;

/// True for roles whose policies AWS keeps. Rule: IAM-PRIN-1.
pub(crate) fn is_service_linked(role: &Arn) -> bool {
    role.resource().starts_with("role/aws-service-role/")
}

impl Case<'_> {
    /// A service-linked role has the policies that AWS gave it: what it lacks must come from the resource's side. Of another account
    /// that is enough only where those policies allow the call already, else it takes a grant that the role's own account issues.
    /// Rule: IAM-PRIN-1, IAM-EVAL-19, KMS-GRANT-11.
    pub(super) fn for_service_linked(&self, arn: &str, code: Code) -> Result<Slot, String> {
        let part = self.part;
        if code == Code::KeyNotFound {
            return Err(existence::missing_key(self.engine, &part.resource));
        }
        let own = Arn::parse(arn).map(|arn| arn.account().to_owned());
        let owner = self.owner();
        let fixed = format!("`{arn}` is a service-linked role, whose policies AWS keeps");
        if owner.is_some() && (owner == own || self.is_allowed_by_own_policies(arn)) {
            let slot = self
                .resource()
                .map_err(|text| format!("{fixed}, so nothing can be added to them; {text}"))?;
            return self.if_new(slot);
        }
        Err(self.only_by_grant(&fixed, own))
    }

    /// True where the role's policies are listed, and are none of the reasons for the denial.
    fn is_allowed_by_own_policies(&self, arn: &str) -> bool {
        let listed = self.engine.principals().by_arn(arn);
        let has_policies = listed.is_some_and(|listed| matches!(listed.policies, Given::Here(_)));
        let mut reasons = self.part.result.reasons.iter();
        has_policies && !reasons.any(|reason| reason.code == Code::NoIdentityAllow)
    }

    /// What is left for a key of another account, in words.
    fn only_by_grant(&self, fixed: &str, own: Option<String>) -> String {
        let part = self.part;
        let grantable = part.action.strip_prefix("kms:").filter(|name| {
            kms::action(&name.to_ascii_lowercase()).is_some_and(|action| action.is_grantable)
        });
        // A grant that allows the call may still not allow what it asks for (KMS-GRANT-9).
        let reasons = part.result.reasons.iter();
        let exceeds = reasons.map(|reason| reason.code);
        let besides = match exceeds
            .into_iter()
            .any(|code| code == Code::GrantDelegationExceeded)
        {
            true => ", and all that the new grant is to give",
            false => "",
        };
        match (grantable, own) {
            (Some(name), Some(account)) => format!(
                "{fixed}: on a key of another account it takes a grant that an identity of {account} creates, with the role as \
                 GranteePrincipal and {name} among the Operations{besides} (KMS-GRANT-11)"
            ),
            _ => format!(
                "{fixed}: nothing can be added to them, and on a resource of another account no other policy suffices"
            ),
        }
    }

    /// The account that the resource belongs to, as far as it is told.
    fn owner(&self) -> Option<String> {
        let arn = Arn::parse(&self.part.result.resource)?;
        if !arn.account().is_empty() {
            return Some(arn.account().to_owned());
        }
        let carrier = self.engine.resources().carrier(&arn)?;
        carrier.record.account.clone()
    }
}
