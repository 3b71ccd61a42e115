//! Whether a resource that a request names is one that its action can be about, and that exists. Rule: UI-40.
//!
//! Knows names alone: what policies say of them plays no part.

use preclear_catalog::{Action, catalog};
use preclear_model::Arn;
use preclear_simulator::{Ask, Request, Snapshot};
use preclear_wildcard::Pattern;

/// Why no policy that is meant for real resources can allow the request; `None` where one could. Keys are looked up when
/// the request is decided, and so are no matter here; what is created, or has an owner in the request, need not be listed.
pub(super) fn doubt_about_resource(request: &Request, snapshot: &Snapshot) -> Option<String> {
    let (Ask::Action(asked) | Ask::Operation(asked)) = &request.ask;
    let (service, name) = asked.split_once(':')?;
    if service.eq_ignore_ascii_case("kms") {
        return None;
    }
    let action = catalog().action(service, name);
    let Some(resource) = &request.resource else {
        let is_missing = request.parameters.is_none() && action.is_some_and(Action::has_resource);
        return is_missing
            .then(|| format!("the request names no resource, and {asked} is decided on one"));
    };
    let arn = Arn::parse(resource)?;
    if is_external(snapshot, resource) {
        return None;
    }
    if let Some(action) = action
        && action.has_resource()
        && !action_takes(action, &arn)
    {
        return Some(format!("{asked} is never decided on `{resource}`"));
    }
    let may_be_new = name.starts_with("Create") || request.resource_account.is_some();
    (snapshot.complete && !may_be_new && is_missing(snapshot, &arn, service, name))
        .then(|| format!("the snapshot lists others of its kind, but not `{resource}`"))
}

fn is_external(snapshot: &Snapshot, resource: &str) -> bool {
    let mut patterns = snapshot.external.iter();
    patterns.any(|pattern| Pattern::parse(pattern).is_match(resource))
}

/// True unless the catalogue gives whole forms for all resources of the action, and the ARN has none of them.
fn action_takes(action: Action<'_>, arn: &Arn) -> bool {
    let mut types = action.resource_uses().map(|used| used.resource_type());
    types.any(|kind| {
        let is_bucket = action.service().prefix() == "s3" && kind.name() == "bucket";
        let mut forms = kind.arn_patterns().peekable();
        forms.peek().is_none() || forms.any(|form| has_form(arn, form, is_bucket))
    })
}

/// Whether an ARN may be of the form, whose placeholders stand for any text. Names of buckets have no slash.
fn has_form(arn: &Arn, form: &str, is_bucket: bool) -> bool {
    let Some(form) = Arn::parse(form) else {
        return true;
    };
    let fits = |form: &str, text: &str| Pattern::parse(&without_placeholders(form)).is_match(text);
    let resource_fits = if is_bucket {
        !arn.resource().contains('/')
    } else {
        fits(form.resource(), arn.resource())
    };
    arn.service().eq_ignore_ascii_case(form.service()) && resource_fits
}

/// The form with `*` for each `${Placeholder}`.
fn without_placeholders(form: &str) -> String {
    let mut pattern = String::new();
    let mut rest = form;
    while let Some((before, from)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = from.split_once('}').map_or("", |(_, behind)| behind);
    }
    pattern.push_str(rest);
    pattern
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

    fn doubt(world: &str, action: &str, resource: Option<&str>) -> Option<String> {
        let files = MemoryFiles::from_iter([("s.yaml", world)]);
        let loaded = snapshot::load(["s.yaml"], &files, &Options::default()).unwrap();
        let caller = Caller::parse("arn:aws:iam::111122223333:role/app").unwrap();
        let mut request = Request::new(caller, Ask::Action(action.to_owned()));
        request.resource = resource.map(str::to_owned);
        doubt_about_resource(&request, &loaded.value)
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
            assert_eq!(doubt(WORLD, action, Some(resource)), None, "{action}");
        }
        assert_eq!(doubt(WORLD, "s3:ListAllMyBuckets", None), None);
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
            let found = doubt(WORLD, action, Some(resource)).unwrap_or_default();
            assert!(found.contains("lists others"), "{action}: {found}");
            let partial = WORLD.replace("complete: true", "complete: false");
            assert_eq!(doubt(&partial, action, Some(resource)), None);
        }
    }

    #[test]
    fn what_the_action_is_not_about_does_too() {
        for (action, resource) in [
            ("s3:ListBucket", Some("arn:aws:s3:::data/x")),
            ("s3:GetObject", Some("arn:aws:s3:::data")),
            ("s3:GetObject", Some("arn:aws:sqs:us-west-2:111122223333:q")),
            ("s3:GetObject", None),
        ] {
            assert!(doubt(WORLD, action, resource).is_some(), "{action}");
            assert!(doubt("preclear: 1", action, resource).is_some(), "{action}");
        }
    }
}
