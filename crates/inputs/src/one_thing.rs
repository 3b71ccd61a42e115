//! Whatever is listed is one thing with a name of its own, whichever format lists it. Rule: UI-33.

use preclear_model::{Arn, Diagnostic};

use crate::loader::Loader;
use crate::part::Part;
use crate::values::Flaw;

/// An error for each ARN that is not that of one thing: AWS has none such, and no question could name it.
pub(crate) fn check(loader: &mut Loader<'_>, parts: &[Part]) {
    for part in parts {
        let principals = part.principals.iter();
        let principals = principals.map(|entry| (&entry.record.arn, &entry.place));
        let groups = part.groups.iter();
        let groups = groups.map(|entry| (&entry.record.arn, &entry.place));
        let keys = part.keys.iter();
        let keys = keys.map(|entry| (&entry.record.arn, &entry.place));
        let resources = part.resources.iter();
        let resources = resources.map(|entry| (&entry.record.arn, &entry.place));
        for (arn, place) in principals.chain(groups).chain(keys).chain(resources) {
            let Some(flaw) = flaw(arn) else { continue };
            let error = Diagnostic::error(flaw.code, format!("`{}` {}", flaw.text, flaw.why));
            let error = error.rule("UI-33").at(place.clone());
            loader.diagnostics.push(error.help(flaw.help));
        }
    }
}

fn flaw(arn: &Arn) -> Option<Flaw> {
    // What has parts is an object of a bucket.
    let is_object =
        arn.service() == "s3" && arn.region().is_empty() && arn.resource_type().is_some();
    let has_no_name = is_object || arn.as_str().ends_with('/');
    Flaw::of(arn).or_else(|| {
        has_no_name.then(|| Flaw {
            code: "INVALID_ARN",
            text: arn.as_str().to_owned(),
            why: "does not name one thing",
            help: "write the whole name, and of objects the bucket's",
        })
    })
}
