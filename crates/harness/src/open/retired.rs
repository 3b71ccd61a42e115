//! The grant that RetireGrant means: its constraints are condition keys of the call. Rule: KMS-COND, table; KMS-GRANT-14.

use preclear_simulator::Layer;
use preclear_simulator::snapshot::GrantRecord;

use super::facts::{Facts, Target};
use super::keys::Openness;

/// Which grant a call means, as far as it matters.
pub(super) enum Retired<'a> {
    /// This one, or several that are constrained alike.
    Grant(&'a GrantRecord),
    None,
    Open,
}

impl Facts<'_> {
    /// What is known of a key that follows from the grant; `None` for other keys and other calls.
    pub(super) fn of_retired_grant(&self, key: &str) -> Option<Openness> {
        let follows = key.starts_with("kms:encryptioncontext") || key == "kms:grantconstrainttype";
        if self.service != "kms" || self.action != "retiregrant" || !follows {
            return None;
        }
        Some(match self.retired() {
            Retired::Open => Openness::Unknown,
            Retired::Grant(_) | Retired::None => Openness::Settled,
        })
    }

    /// Whether the key is a pair of the retired grant's encryption context.
    pub(super) fn is_pair_of_retired_grant(&self, family: &str, key: &str) -> bool {
        let Retired::Grant(grant) = self.retired() else {
            return false;
        };
        let pairs = grant
            .context_equals
            .as_ref()
            .or(grant.context_subset.as_ref());
        let mut names = pairs.into_iter().flatten().map(|(name, _)| name);
        names.any(|name| format!("{family}{name}").eq_ignore_ascii_case(key))
    }

    fn retired(&self) -> Retired<'_> {
        let Target::Key { arn, record } = &self.target else {
            return Retired::None;
        };
        let listed = record.and_then(|record| record.grants.as_ref());
        let parameter = |name: &str| self.request.parameters.as_ref()?.get(name)?.as_str();
        let (id, token) = (parameter("GrantId"), parameter("GrantToken"));
        let mut meant = listed.into_iter().flatten().filter(|grant| {
            id.is_none_or(|id| grant.id == id)
                && token.is_none_or(|token| grant.token.as_deref() == Some(token))
        });
        let first = meant.next();
        let is_named = id.is_some() || token.is_some();
        if let Some(grant) = first.filter(|_| is_named) {
            return Retired::Grant(grant);
        }
        let own = record.map(|record| &record.arn).or(arn.as_ref());
        let is_external = own.is_some_and(|arn| self.is_external(arn.as_str()));
        let all_listed = self.snapshot.complete && !is_external;
        let is_open = self.snapshot.layers_open.contains(&Layer::Grants);
        if self.snapshot.layers_not_loaded.contains(&Layer::Grants)
            || (listed.is_none() && !all_listed && !is_open)
        {
            return Retired::Open;
        }
        match first {
            None => Retired::None,
            Some(grant) => {
                let is_alike = |other: &GrantRecord| {
                    other.context_equals == grant.context_equals
                        && other.context_subset == grant.context_subset
                };
                if meant.all(is_alike) {
                    Retired::Grant(grant)
                } else {
                    Retired::Open
                }
            }
        }
    }
}
