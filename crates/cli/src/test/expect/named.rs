//! Whether a resource that a request names exists. Rule: UI-40.
//!
//! Knows names alone: what policies say of them plays no part.

use preclear_model::Arn;
use preclear_simulator::{Ask, Request, Snapshot};
use preclear_wildcard::Pattern;

/// The resource that a request names and that a complete snapshot does not list beside others of its kind. Keys are looked
/// up when the request is decided, and so are no matter here; what is created, or has an owner in the request, need not be
/// listed.
pub(super) fn unlisted_resource<'r>(request: &'r Request, snapshot: &Snapshot) -> Option<&'r str> {
    let (Ask::Action(asked) | Ask::Operation(asked)) = &request.ask;
    let (service, name) = asked.split_once(':')?;
    let resource = request.resource.as_deref()?;
    let arn = Arn::parse(resource)?;
    let may_be_unlisted = !snapshot.complete
        || service.eq_ignore_ascii_case("kms")
        || name.starts_with("Create")
        || request.resource_account.is_some()
        || is_external(snapshot, resource);
    (!may_be_unlisted && is_missing(snapshot, &arn, service, name)).then_some(resource)
}

fn is_external(snapshot: &Snapshot, resource: &str) -> bool {
    let mut patterns = snapshot.external.iter();
    patterns.any(|pattern| Pattern::parse(pattern).is_match(resource))
}

/// True for something that is not listed where others of its kind are: of kinds that are not listed at all, a snapshot
/// that calls itself complete may still say nothing.
fn is_missing(snapshot: &Snapshot, arn: &Arn, service: &str, name: &str) -> bool {
    let kind = |arn: &Arn| {
        (
            arn.service().to_owned(),
            arn.resource_type().map(str::to_owned),
        )
    };
    let uses_role = service.eq_ignore_ascii_case("sts") || name.eq_ignore_ascii_case("PassRole");
    let listed: Vec<&Arn> = if arn.service() == "iam" && uses_role {
        let principals = snapshot.principals.iter().map(|one| &one.arn);
        principals.collect()
    } else {
        snapshot.resources.iter().map(|one| &one.arn).collect()
    };
    // An object belongs to its bucket, a version to its function.
    let is_listed = |own: &&Arn| {
        arn.as_str()
            .strip_prefix(own.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
    };
    let is_alike = |own: &&Arn| match arn.service() {
        "s3" => own.service() == "s3",
        _ => kind(own) == kind(arn),
    };
    listed.iter().any(is_alike) && !listed.iter().any(is_listed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use preclear_inputs::files::MemoryFiles;
    use preclear_inputs::{Options, snapshot};
    use preclear_model::caller::Caller;

    const WORLD: &str = r#"
preclear: 1
complete: true
external: ["arn:aws:s3:::partner-*"]
principals: [{arn: "arn:aws:iam::111122223333:role/app"}]
resources:
  - {arn: "arn:aws:s3:::data", account: "111122223333"}
  - {arn: "arn:aws:lambda:us-west-2:111122223333:function:f"}
"#;

    fn unlisted(world: &str, action: &str, resource: &str) -> bool {
        let files = MemoryFiles::from_iter([("s.yaml", world)]);
        let loaded = snapshot::load(["s.yaml"], &files, &Options::default()).unwrap();
        let caller = Caller::parse("arn:aws:iam::111122223333:role/app").unwrap();
        let mut request = Request::new(caller, Ask::Action(action.to_owned()));
        request.resource = Some(resource.to_owned());
        unlisted_resource(&request, &loaded.value).is_some()
    }

    #[test]
    fn what_exists_raises_no_doubt() {
        for (action, resource) in [
            ("s3:GetObject", "arn:aws:s3:::data/a/b"),
            ("s3:ListBucket", "arn:aws:s3:::data"),
            ("s3:GetObject", "arn:aws:s3:::partner-1/x"),
            ("sts:AssumeRole", "arn:aws:iam::111122223333:role/app"),
            (
                "lambda:InvokeFunction",
                "arn:aws:lambda:us-west-2:111122223333:function:f:1",
            ),
            // Queues are not listed at all.
            ("sqs:SendMessage", "arn:aws:sqs:us-west-2:111122223333:q"),
            ("s3:ListAllMyBuckets", "*"),
            ("s3:GetObjct", "arn:aws:s3:::data/a"),
            ("s3:CreateBucket", "arn:aws:s3:::new"),
            // Reading about a role is no use of it.
            ("iam:GetRole", "arn:aws:iam::111122223333:role/appp"),
        ] {
            assert!(!unlisted(WORLD, action, resource), "{action}");
        }
    }

    #[test]
    fn what_the_snapshot_does_not_list_beside_others_does() {
        for (action, resource) in [
            ("s3:GetObject", "arn:aws:s3:::datta/x"),
            ("s3:ListBucket", "arn:aws:s3:::data2"),
            ("sts:AssumeRole", "arn:aws:iam::111122223333:role/appp"),
            (
                "lambda:InvokeFunction",
                "arn:aws:lambda:us-west-2:111122223333:function:g",
            ),
        ] {
            assert!(unlisted(WORLD, action, resource), "{action}");
            let partial = WORLD.replace("complete: true", "complete: false");
            assert!(!unlisted(&partial, action, resource), "{action}");
        }
    }
}
