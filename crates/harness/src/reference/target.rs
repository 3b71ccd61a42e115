//! What a request is decided on: the resource, whose it is, and what carries its policy.
//!
//! Knows no policies and no caller beyond the account that short names and ownerless resources fall back to.

use preclear_catalog::catalog;
use preclear_model::Arn;
use preclear_simulator::snapshot::{KeyRecord, PrincipalRecord, ResourceRecord};
use preclear_simulator::{Request, Snapshot};

use super::language::Resource;
use super::requester::Requester;

/// What a decision is about.
#[derive(Debug, Clone)]
pub(crate) struct Target<'a> {
    pub(crate) kind: Kind<'a>,
    /// What `Resource` elements are held against.
    pub(crate) resource: Resource,
    /// Owner; `None` where nobody is known to own it. Rule: IAM-EVAL-5.
    pub(crate) account: Option<String>,
    pub(crate) partition: Option<String>,
    /// Region of the resource itself.
    pub(crate) region: Option<String>,
}

/// What kind of resource it is, as far as policies of its own are concerned. Rule: IAM-EVAL-16.
#[derive(Debug, Clone)]
pub(crate) enum Kind<'a> {
    /// The pseudo-resource `*`. Rule: IAM-WILD-8.
    Everything,
    /// A resource without a policy of its own: of IAM, an alias.
    Plain,
    /// A resource whose policy is that of an entry of the snapshot, here by the ARN that the entry would have.
    Carried {
        carrier: String,
        record: Option<&'a ResourceRecord>,
    },
    /// A role that is asked for; its trust policy is its resource policy. Rule: IAM-EVAL-22.
    Role {
        arn: String,
        record: Option<&'a PrincipalRecord>,
    },
    /// A KMS key.
    Key(Key<'a>),
}

/// Which KMS key it is. Rule: KMS-ID-1.
#[derive(Debug, Clone)]
pub(crate) enum Key<'a> {
    /// One that the snapshot lists.
    Listed(&'a KeyRecord),
    /// The key of an AWS service, which need not be listed. Rule: KMS-AMK-1.
    OfService(String),
    /// There is none of that name. Rule: KMS-DEC-0.
    NotFound,
    /// One that is not loaded.
    NotLoaded,
    /// Any key: the request names `*`. Rule: UI-11.
    Any,
}

impl<'a> Target<'a> {
    /// The pseudo-resource, which belongs to the principal's account. Rule: IAM-WILD-8, IAM-EVAL-5.
    pub(crate) fn everything(requester: &Requester<'_>) -> Target<'a> {
        Target {
            kind: Kind::Everything,
            resource: Resource::Everything,
            account: requester.account().map(str::to_owned),
            partition: None,
            region: None,
        }
    }

    /// A resource of which only the ARN counts.
    pub(crate) fn plain(arn: &Arn, kind: Kind<'a>) -> Target<'a> {
        let filled = |field: &str| Some(field.to_owned()).filter(|field| !field.is_empty());
        Target {
            kind,
            resource: Resource::One(arn.as_str().to_owned()),
            account: filled(arn.account()),
            partition: filled(arn.partition()),
            region: filled(arn.region()),
        }
    }

    /// What an action of any service but KMS is decided on; `None` for a text that names no resource.
    ///
    /// An action for which the reference lists no resource type is decided on `*` whatever the request names.
    /// Rule: IAM-WILD-8, IAM-EVAL-4.
    pub(crate) fn of_action(
        snapshot: &'a Snapshot,
        request: &'a Request,
        requester: &Requester<'a>,
        service: &str,
        action: &str,
    ) -> Option<Target<'a>> {
        let takes_resource = catalog()
            .action(service, action)
            .is_none_or(|action| action.has_resource());
        let named = request.resource.as_deref().or_else(|| role_named(request));
        let Some(typed) = named.filter(|typed| takes_resource && *typed != "*") else {
            let mut target = Target::everything(requester);
            // What is named does not count, but tells the Region of the call.
            let arn = named.and_then(Arn::parse);
            let region = arn.map(|arn| arn.region().to_owned());
            target.region = region.filter(|region| !region.is_empty());
            return Some(target);
        };
        let arn = Arn::parse(typed)?;
        let mut target = Target::plain(&arn, kind(snapshot, service, &arn));
        target.account = owner(request, requester, &target).or_else(|| snapshot.account.clone());
        if let Kind::Carried {
            record: Some(record),
            ..
        } = target.kind
        {
            target.region = target.region.or_else(|| record.region.clone());
        }
        Some(target)
    }
}

/// The role that the parameters of AssumeRole and its siblings name. Rule: UI-38.
fn role_named(request: &Request) -> Option<&str> {
    request.parameters.as_ref()?.get("RoleArn")?.as_str()
}

/// Whose the resource is: the ARN's account field; where that is empty, the owner that the snapshot states, or the
/// request; else the principal account. Where there is none either, the snapshot's default account stands in.
/// Rule: IAM-EVAL-5.
fn owner(request: &Request, requester: &Requester<'_>, target: &Target<'_>) -> Option<String> {
    let listed = match &target.kind {
        Kind::Carried { record, .. } => record.and_then(|record| record.account.clone()),
        _ => None,
    };
    let own = requester.account().map(str::to_owned);
    let account = target.account.clone();
    account
        .or(listed)
        .or_else(|| request.resource_account.clone())
        .or(own)
}

/// What carries the resource's policy: of an object its bucket, of a version of a function the function, of a role that is
/// asked for the role itself. Rule: IAM-EVAL-16.
fn kind<'a>(snapshot: &'a Snapshot, service: &str, arn: &Arn) -> Kind<'a> {
    match arn.service() {
        "iam" if service == "sts" && arn.resource_type() == Some("role") => Kind::Role {
            arn: arn.as_str().to_owned(),
            record: snapshot.principals.iter().find(|record| record.arn == *arn),
        },
        "iam" | "sts" | "kms" => Kind::Plain,
        _ => {
            let carrier = carrier(arn);
            let mut resources = snapshot.resources.iter();
            let record = resources.find(|record| record.arn.as_str() == carrier);
            Kind::Carried { carrier, record }
        }
    }
}

/// ARN of the resource that has the policy. Rule: IAM-EVAL-16.
fn carrier(arn: &Arn) -> String {
    let resource = arn.resource();
    let own = match arn.service() {
        // Objects have no account in their ARN; access points do, and are resources of their own.
        "s3" if arn.account().is_empty() => resource.split('/').next(),
        "lambda" => resource
            .match_indices(':')
            .nth(1)
            .and_then(|(at, _)| resource.get(..at)),
        _ => None,
    };
    let own = own.unwrap_or(resource);
    Arn::from_fields(
        arn.partition(),
        arn.service(),
        arn.region(),
        arn.account(),
        own,
    )
    .map_or_else(|| arn.as_str().to_owned(), |arn| arn.as_str().to_owned())
}
