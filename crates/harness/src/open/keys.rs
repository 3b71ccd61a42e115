//! Which condition keys are left open. Rule: IAM-CTX-1, IAM-CTX-2, IAM-CTX-7, KMS-DEC-2.

use preclear_catalog::{catalog, kms as tables};
use preclear_condition::Tri;
use preclear_model::caller::CallerKind;
use preclear_simulator::request::ContextValue;
use preclear_simulator::snapshot::Organization;
use preclear_simulator::{AmbiguityMode, ContextMode};

use super::facts::{Facts, Said, Target};

/// What is known of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// Its value, or that it is absent.
    Settled,
    /// That it exists.
    Present,
    /// Nothing.
    Unknown,
}

use Openness::{Present, Settled, Unknown};

/// Keys of the network that a call comes from; a service that calls on has another. Rule: IAM-PRIN-13.
pub(crate) const NETWORK_KEYS: [&str; 7] = [
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpcsourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

/// Keys of credentials that a service hands to a role.
const DELIVERED: [&str; 10] = [
    "aws:ec2instancesourcevpc",
    "aws:ec2instancesourceprivateipv4",
    "ec2:sourceinstancearn",
    "ec2:roledelivery",
    "lambda:sourcefunctionarn",
    "ssm:sourceinstancearn",
    "codebuild:buildarn",
    "codebuild:projectarn",
    "aws:federatedprovider",
    "identitystore:userid",
];

/// Keys that follow from the caller.
const ALWAYS: [&str; 4] = [
    "aws:userid",
    "aws:principalarn",
    "aws:principaltype",
    "aws:principalaccount",
];

/// Keys that follow from the KMS key.
const PROPERTIES: [&str; 6] = [
    "kms:keyspec",
    "kms:keyusage",
    "kms:keyorigin",
    "kms:multiregion",
    "kms:multiregionkeytype",
    "kms:resourcealiases",
];

/// Families of keys, and the key that lists the names of their members.
const FAMILIES: [(&str, &str); 2] = [
    ("aws:requesttag/", "aws:tagkeys"),
    ("kms:encryptioncontext:", "kms:encryptioncontextkeys"),
];

/// Keys whose absence or value a request always tells. Rule: IAM-CTX-2.
const TOLD: [&str; 13] = [
    "aws:username",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:assumedroot",
    "aws:chatbotsourcearn",
    "aws:viaawsservice",
    "aws:calledviaawsmcp",
    "sts:rolesessionname",
    "sts:externalid",
    "sts:sourceidentity",
    "sts:transitivetagkeys",
    "aws:sourceowner",
];

impl Facts<'_> {
    /// What is known of a key; its name in any case.
    pub(crate) fn key(&self, name: &str) -> Openness {
        let key = name.to_ascii_lowercase();
        let key = key.as_str();
        if NETWORK_KEYS.contains(&key) {
            return self.network_of_call(key);
        }
        match self.said(key) {
            Said::Present => Present,
            Said::Unknown => Unknown,
            Said::Absent | Said::Value(_) => Settled,
            Said::Nothing => self
                .set_of_family(key)
                .or_else(|| self.member_of_family(key))
                .unwrap_or_else(|| self.derived(key)),
        }
    }

    /// A key that the request does not speak of.
    fn derived(&self, key: &str) -> Openness {
        if let Some(openness) = self.of_retired_grant(key) {
            return openness;
        }
        match key {
            // Every request has it.
            "aws:viaawsservice" if self.is_forwarded.is_unknown() => return Present,
            "kms:viaservice" if self.takes(key) => return self.via_service(),
            "kms:grantisforawsresource"
                if self.request.grant_for_aws_resource.is_none() && self.takes(key) =>
            {
                return if self.is_forwarded.is_unknown() {
                    Present
                } else {
                    Settled
                };
            }
            "aws:calledviafirst" | "aws:calledvialast" => match self.said("aws:calledvia") {
                Said::Present => return Present,
                Said::Unknown => return Unknown,
                Said::Absent | Said::Value(_) => return Settled,
                Said::Nothing => {}
            },
            _ => {}
        }
        match self.request.mode {
            // What always exists does so in closed mode too, even where it cannot be told what it is.
            ContextMode::Closed if !self.always_exists(key) => Settled,
            _ => self.unsaid(key),
        }
    }

    /// True if the action is one of KMS that has the key.
    fn takes(&self, key: &str) -> bool {
        self.service == "kms"
            && tables::action(&self.action).is_some_and(|action| action.takes(key))
    }

    fn via_service(&self) -> Openness {
        let is_named = !self.request.via.is_empty() && self.region().is_some();
        match self.is_forwarded {
            Tri::False => Settled,
            Tri::True if is_named => Settled,
            Tri::True => Present,
            Tri::Unknown => Unknown,
        }
    }

    /// A key of the network that a call comes from; one that a service forwards has lost it, and where nobody knows
    /// whether it is forwarded, what it had may be lost.
    fn network_of_call(&self, key: &str) -> Openness {
        let is_known = match self.said(key) {
            Said::Absent => return Settled,
            Said::Present => Present,
            Said::Unknown => Unknown,
            Said::Value(_) => Settled,
            Said::Nothing => self.derived(key),
        };
        match self.is_forwarded {
            Tri::True => Settled,
            Tri::False => is_known,
            Tri::Unknown if self.may_have_network(key) => Unknown,
            Tri::Unknown => is_known,
        }
    }

    /// True if the key may have a value that a service would take away.
    fn may_have_network(&self, key: &str) -> bool {
        let is_stated = matches!(self.said(key), Said::Value(_) | Said::Present);
        is_stated || (self.request.vpc_endpoint.is_some() && !self.is_service())
    }

    /// True if the request tells a key that only a service could take away. Nobody can settle such a key as he likes.
    pub(super) fn is_only_lost(&self, key: &str) -> bool {
        NETWORK_KEYS.contains(&key) && self.is_forwarded.is_unknown() && self.may_have_network(key)
    }

    /// True for keys that follow from caller and call, even if not everything may be known of them.
    fn always_exists(&self, key: &str) -> bool {
        let is_of_endpoint = key == "aws:sourcevpc" && self.request.vpc_endpoint.is_some();
        // What a key is that is not loaded, nobody knows (KMS-DEC-2).
        let is_tag_unknown = key.starts_with("aws:resourcetag/")
            && matches!(self.target, Target::Key { record: None, .. });
        let is_of_key = (self.service == "kms" && PROPERTIES.contains(&key)) || is_tag_unknown;
        let is_key = matches!(self.target, Target::Key { .. });
        let is_of_nobody = key == "aws:resourceaccount" && self.resource_account.is_none();
        // Whose tags a federated user has that came from a user without name, nobody says either.
        let is_of_unnamed = self.is_unnamed() && key.starts_with("aws:principaltag/");
        // An account in an organisation has a path, though levels above it are not told (IAM-CTX-3).
        let is_path = key.ends_with("orgpaths") && self.unsaid(key) == Present;
        ALWAYS.contains(&key)
            || is_path
            || is_of_endpoint
            || is_of_nobody
            || is_of_unnamed
            || (is_of_key && is_key)
    }

    fn is_unnamed(&self) -> bool {
        matches!(
            self.caller().kind,
            CallerKind::FederatedUser { user: None, .. }
        )
    }

    /// A key that lists the names of a family follows from the members of which the request speaks. `None` if it speaks
    /// of none.
    fn set_of_family(&self, key: &str) -> Option<Openness> {
        let (family, _) = FAMILIES.into_iter().find(|(_, set)| *set == key)?;
        let request = self.request;
        let is_member = |name: &String| name.to_ascii_lowercase().starts_with(family);
        let is_certain =
            request.present.iter().any(is_member) || request.context.keys().any(is_member);
        let is_open = request.unknown.iter().any(is_member);
        match (is_certain, is_open, self.derived(key)) {
            (false, false, _) => None,
            (true, false, Settled) => Some(Settled),
            // There may be others, so the list may be longer.
            (true, _, _) => Some(Present),
            (false, true, _) => Some(Unknown),
        }
    }

    /// A member of a family follows from the key that lists their names, if the request speaks of that. `None` if not, or
    /// if the call's parameters tell the member.
    fn member_of_family(&self, key: &str) -> Option<Openness> {
        let (family, set) = FAMILIES
            .into_iter()
            .find(|(family, _)| key.starts_with(family))?;
        let is_listed = |names: &[String]| {
            let mut members = names.iter().map(|name| format!("{family}{name}"));
            members.any(|member| member.eq_ignore_ascii_case(key))
        };
        let known = |is_listed: bool| match is_listed {
            true if self.is_parameter(family, key) => Settled,
            true => Present,
            false => Settled,
        };
        match self.said(set) {
            Said::Nothing => None,
            Said::Absent => Some(Settled),
            Said::Present | Said::Unknown if self.is_parameter(family, key) => Some(Settled),
            Said::Present | Said::Unknown => Some(Unknown),
            Said::Value(ContextValue::One(name)) => {
                Some(known(is_listed(std::slice::from_ref(name))))
            }
            Said::Value(ContextValue::Many(names)) => Some(known(is_listed(names))),
        }
    }

    /// True if the parameters of a KMS call tell the member.
    fn is_parameter(&self, family: &str, key: &str) -> bool {
        let is_of_context = family == "kms:encryptioncontext:";
        if is_of_context && self.service == "kms" && self.action == "retiregrant" {
            return self.is_pair_of_retired_grant(family, key);
        }
        let Some(parameters) = &self.request.parameters else {
            return false;
        };
        let set = FAMILIES.iter().find(|(own, _)| *own == family);
        if !set.is_some_and(|(_, set)| self.takes(set)) {
            return false;
        }
        let pairs = match self.action.as_str() {
            _ if family == "aws:requesttag/" => None,
            "creategrant" => parameters
                .get("Constraints")
                .and_then(|constraints| constraints.get("EncryptionContextEquals")),
            "reencryptfrom" => parameters.get("SourceEncryptionContext"),
            "reencryptto" => parameters.get("DestinationEncryptionContext"),
            _ => parameters.get("EncryptionContext"),
        };
        let pairs = pairs.and_then(serde_json::Value::as_object);
        let mut names: Vec<&str> = pairs
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
            .collect();
        if family == "aws:requesttag/" {
            let tags = parameters.get("Tags").and_then(serde_json::Value::as_array);
            let named = tags.into_iter().flatten();
            names.extend(named.filter_map(|tag| tag.get("TagKey")?.as_str()));
        }
        let mut members = names.iter().map(|name| format!("{family}{name}"));
        members.any(|member| member.eq_ignore_ascii_case(key))
    }

    /// A key that nobody spoke of, in open mode.
    fn unsaid(&self, key: &str) -> Openness {
        if TOLD.contains(&key) {
            return Settled;
        }
        let unknown_if = |condition: bool| if condition { Unknown } else { Settled };
        if DELIVERED.contains(&key) {
            return unknown_if(self.is_role_session());
        }
        if NETWORK_KEYS.contains(&key) {
            return self.network(key);
        }
        match key {
            "aws:currenttime" | "aws:epochtime" if self.request.now.is_some() => Settled,
            "aws:currenttime" | "aws:epochtime" | "aws:securetransport" | "aws:useragent" => {
                Present
            }
            "aws:requestedregion" => self.requested_region(),
            "aws:referer" | "aws:signinsessionarn" => Unknown,
            "aws:principalaccount" | "aws:principaltype" => unknown_if(self.is_service()),
            "aws:userid" => self.user_id(),
            "aws:principalarn" => self.principal_arn(),
            "aws:principalorgid" | "aws:principalorgpaths" => {
                self.of_organization(key, self.caller().account.as_deref(), Settled)
            }
            "aws:resourceaccount" => unknown_if(self.resource_account.is_none()),
            "aws:resourceorgid" | "aws:resourceorgpaths" => {
                self.of_organization(key, self.resource_account.as_deref(), Unknown)
            }
            "aws:tokenissuetime" => match self.is_temporary() {
                Some(true) => Present,
                Some(false) => Settled,
                None => Unknown,
            },
            "aws:multifactorauthpresent" | "aws:multifactorauthage" => {
                unknown_if(self.is_temporary() != Some(false))
            }
            "aws:sourceidentity" => {
                unknown_if(self.is_role_session() && self.caller().source_identity.is_none())
            }
            "aws:sourceip" => unknown_if(
                !self.is_service()
                    && self.request.vpc_endpoint.is_none()
                    && !self.excludes("aws:SourceVpce"),
            ),
            // Through which services a call came that is only stated to be forwarded.
            "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => {
                unknown_if(!self.is_forwarded.is_false() && self.request.via.is_empty())
            }
            "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceorgid" | "aws:sourceorgpaths" => {
                unknown_if(self.is_service())
            }
            "aws:tagkeys" => Settled,
            _ if key.starts_with("aws:requesttag/") => Settled,
            _ if key.starts_with("aws:principaltag/") => self.principal_tag(key),
            _ if key.starts_with("aws:resourcetag/") => self.resource_tag(),
            _ if key.starts_with("s3:existingobjecttag/") => self.object_tag(),
            _ if self.is_own_tag(key) => self.resource_tag(),
            _ if is_of_provider(key) => unknown_if(self.is_role_session()),
            _ if key.starts_with("kms:") && self.service == "kms" => self.kms(key),
            _ => self.of_service(key),
        }
    }

    /// Whether the other way into AWS is out of the question, because this key of one of them has a value. Rule: IAM-CTX-5.
    fn excludes(&self, key: &str) -> bool {
        let said = self.said(key);
        !self.request.force_context
            && matches!(said, Said::Value(ContextValue::One(value)) if !value.is_empty())
    }

    /// Keys of the endpoint that a call passes.
    fn network(&self, key: &str) -> Openness {
        if self.is_service() || self.excludes("aws:SourceIp") {
            return Settled;
        }
        let Some(id) = &self.request.vpc_endpoint else {
            return Unknown;
        };
        let endpoint = self.snapshot.vpc_endpoints.iter().find(|own| own.id == *id);
        let account = endpoint.and_then(|endpoint| endpoint.account.as_deref());
        match key {
            "aws:sourcevpce" => Settled,
            "aws:sourcevpc" if endpoint.is_some_and(|endpoint| endpoint.vpc.is_some()) => Settled,
            "aws:sourcevpc" => Present,
            "aws:vpceaccount" if account.is_some() => Settled,
            "aws:vpceorgid" | "aws:vpceorgpaths" => self.of_organization(key, account, Unknown),
            _ => Unknown,
        }
    }

    fn requested_region(&self) -> Openness {
        let is_global = matches!(self.service.as_str(), "iam" | "organizations" | "route53");
        if is_global || self.region().is_some() {
            Settled
        } else {
            Present
        }
    }

    fn user_id(&self) -> Openness {
        match &self.caller().kind {
            CallerKind::User { .. } if self.unique_id().is_none() => Present,
            CallerKind::RoleSession { session, .. }
                if self.unique_id().is_none() || session.is_none() =>
            {
                Present
            }
            CallerKind::Service { .. } | CallerKind::ServiceIdentity { .. } => Unknown,
            _ => Settled,
        }
    }

    fn principal_arn(&self) -> Openness {
        match &self.caller().kind {
            CallerKind::RoleSession { .. } if self.role_arn().is_none() => Present,
            // AMB-18
            _ if self.is_service() && self.request.ambiguity != AmbiguityMode::Guess => Unknown,
            _ => Settled,
        }
    }

    fn of_organization(
        &self,
        key: &str,
        account: Option<&str>,
        without_account: Openness,
    ) -> Openness {
        let Some(account) = account else {
            return without_account;
        };
        match self.organization() {
            // Guardrails that were given without the organisation around them.
            Some(organization) if organization.id.is_empty() => Unknown,
            Some(organization)
                if key.ends_with("orgpaths") && !self.knows_path(organization, account) =>
            {
                Present
            }
            Some(_) => Settled,
            None if self.snapshot.complete => Settled,
            None => Unknown,
        }
    }

    /// Whether every level above the account is told; of one that is in no organisation there is none. Rule: IAM-CTX-3.
    fn knows_path(&self, organization: &Organization, account: &str) -> bool {
        let listed = organization.accounts.iter().find(|node| node.id == account);
        let belongs =
            listed.is_some() || organization.management_account.as_deref() == Some(account);
        if !belongs {
            return true;
        }
        let root = &organization.root.id;
        if root.is_empty() || self.snapshot.complete {
            // A parent that a complete snapshot leaves out is the root.
            return !root.is_empty();
        }
        let mut parent = listed.and_then(|node| node.parent.as_ref());
        for _ in 0..=organization.units.len() {
            match parent {
                Some(id) if id == root => return true,
                Some(id) => {
                    let above = organization.units.iter().find(|unit| unit.id == *id);
                    parent = above.and_then(|unit| unit.parent.as_ref());
                }
                None => return false,
            }
        }
        false
    }

    /// Rule: IAM-PRIN-14.
    fn principal_tag(&self, key: &str) -> Openness {
        let caller = self.caller();
        if caller.account.is_none() || self.is_root() {
            return Settled;
        }
        let tag = key.trim_start_matches("aws:principaltag/");
        let is_given = caller.tags.keys().any(|own| own.eq_ignore_ascii_case(tag));
        let is_listed = self.identity.is_some_and(|record| record.tags.is_some());
        if is_given || is_listed || self.is_caller_listed() {
            Settled
        } else {
            Unknown
        }
    }

    fn resource_tag(&self) -> Openness {
        let is_known = match &self.target {
            Target::WithoutPolicy(Some(arn)) if arn.service() == "iam" => {
                let mut principals = self.snapshot.principals.iter();
                principals.any(|record| record.arn == *arn && record.tags.is_some())
                    || self.is_all_listed(arn.as_str())
            }
            Target::WithoutPolicy(_) | Target::ManagedKey(_) => true,
            Target::Key { record, .. } => match record {
                Some(record) => record.tags.is_some() || self.is_all_listed(record.arn.as_str()),
                None => false,
            },
            Target::Role { arn, record } => {
                record.is_some_and(|record| record.tags.is_some())
                    || self.is_all_listed(arn.as_str())
            }
            Target::Carrier { arn, record, .. } => {
                // An object's tags are its own, those of a version its function's.
                let is_own = |record: &&preclear_simulator::snapshot::ResourceRecord| {
                    record.arn == *arn || arn.service() == "lambda"
                };
                record
                    .filter(is_own)
                    .is_some_and(|record| record.tags.is_some())
                    || self.is_all_listed(arn.as_str())
            }
        };
        if is_known { Settled } else { Unknown }
    }

    /// True for a service's own name of the tags, in a call of that service that has it. Rule: IAM-CTX-7.
    fn is_own_tag(&self, key: &str) -> bool {
        let action = catalog().action(&self.service, &self.action);
        let service = key.split_once(":resourcetag/").map(|(service, _)| service);
        service == Some(self.service.as_str()) && action.is_some_and(|action| action.takes(key))
    }

    /// Tags of an S3 object. Rule: JOB-S3-2.
    fn object_tag(&self) -> Openness {
        match &self.target {
            Target::Carrier {
                arn,
                carrier,
                record: Some(record),
            } if self.service == "s3" => {
                let name = arn.as_str().get(carrier.len() + 1..);
                let is_listed = record
                    .objects
                    .iter()
                    .any(|object| Some(object.key.as_str()) == name);
                let is_object = name.is_some();
                let is_all_listed = self.is_all_listed(arn.as_str()) && self.is_all_listed(carrier);
                if is_object && (is_listed || is_all_listed) {
                    Settled
                } else {
                    self.of_service("s3:existingobjecttag/team")
                }
            }
            _ => self.of_service("s3:existingobjecttag/team"),
        }
    }

    /// A global key that comes here is one that the catalogue does not know. Rule: IAM-CTX-2, IAM-CTX-7.
    fn of_service(&self, key: &str) -> Openness {
        match catalog().action(&self.service, &self.action) {
            _ if key.starts_with("aws:") => Unknown,
            Some(action) if !action.takes(key) => Settled,
            _ => Unknown,
        }
    }

    /// Rule: KMS-COND-0, KMS-DEC-2.
    fn kms(&self, key: &str) -> Openness {
        let Some(action) = tables::action(&self.action) else {
            return Unknown;
        };
        // An alias has no keys (KMS-ID-9).
        if !action.takes(key) || matches!(self.target, Target::WithoutPolicy(Some(_))) {
            return Settled;
        }
        let is_given = self.request.parameters.as_ref().is_some_and(|parameters| {
            parameters.is_empty() || parameters.keys().any(|name| name != "GrantTokens")
        });
        let parameter = if is_given { Settled } else { Unknown };
        let record = match &self.target {
            Target::Key { record, .. } => *record,
            _ => None,
        };
        match key {
            "kms:calleraccount" | "kms:requestalias" | "kms:grantisforawsresource" => Settled,
            "kms:encryptionalgorithm" if action.implied_algorithm.is_some() => Settled,
            "kms:encryptionalgorithm"
                if record.is_some_and(|record| record.spec == "SYMMETRIC_DEFAULT")
                    || matches!(self.target, Target::ManagedKey(_)) =>
            {
                Settled
            }
            "kms:resourcealiases" => match (record, &self.target) {
                (Some(record), _) if record.aliases.is_some() => Settled,
                (Some(_), _) if self.snapshot.complete => Settled,
                (None, Target::ManagedKey(_)) => Settled,
                _ => Unknown,
            },
            "kms:keyspec" | "kms:keyusage" | "kms:keyorigin" | "kms:multiregion" => {
                match (record, &self.target) {
                    (Some(_), _) | (None, Target::ManagedKey(_)) => Settled,
                    (None, Target::Key { .. }) => Unknown,
                    _ => parameter,
                }
            }
            _ => parameter,
        }
    }
}

/// Keys of SAML and of OIDC providers.
fn is_of_provider(key: &str) -> bool {
    let saml = ["saml:sub", "saml:sub_type", "saml:namequalifier"];
    let (provider, claim) = key.rsplit_once(':').unwrap_or_default();
    saml.contains(&key) || (provider.contains('.') && matches!(claim, "aud" | "sub" | "id" | "amr"))
}
