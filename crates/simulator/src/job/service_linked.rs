//! What mends a decision for a role that belongs to a service: never its own policies. Rule: IAM-PRIN-1, KMS-GRANT-11.

use preclear_catalog::kms;
use preclear_model::Arn;

use crate::explanation::Code;
use crate::job::existence;
use crate::job::remedy::Case;
use crate::job::statement::Slot;

/// True for roles whose policies AWS keeps. Rule: IAM-PRIN-1.
pub(crate) fn is_service_linked(role: &Arn) -> bool {
    role.resource().starts_with("role/aws-service-role/")
}

impl Case<'_> {
    /// A service-linked role has the policies that AWS gave it: what it lacks must come from the resource's side. Of another account
    /// that is not enough, but for a grant that the role's own account issues. Rule: IAM-PRIN-1, KMS-GRANT-11.
    pub(super) fn for_service_linked(&self, arn: &str, code: Code) -> Result<Slot, String> {
        let part = self.part;
        if code == Code::KeyNotFound {
            return Err(existence::missing_key(self.engine, &part.resource));
        }
        let own = Arn::parse(arn).map(|arn| arn.account().to_owned());
        let owner = self.owner();
        let fixed = format!("`{arn}` is a service-linked role, whose policies AWS keeps");
        if owner.is_some() && owner == own {
            let slot = self
                .resource()
                .map_err(|text| format!("{fixed}, so nothing can be added to them; {text}"))?;
            return self.if_new(slot);
        }
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
        Err(match (grantable, own) {
            (Some(name), Some(account)) => format!(
                "{fixed}: on a key of another account it takes a grant that an identity of {account} creates, with the role as \
                 GranteePrincipal and {name} among the Operations{besides} (KMS-GRANT-11)"
            ),
            _ => format!(
                "{fixed}: nothing can be added to them, and on a resource of another account no other policy suffices"
            ),
        })
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
