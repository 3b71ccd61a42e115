//! Whatever is listed is one thing with a name of its own, whichever format lists it. Rule: UI-33.

use preclear_model::{Arn, Diagnostic};

use crate::loader::Loader;
use crate::part::Part;
use crate::values::Flaw;

/// An error for each ARN that is not that of one thing: AWS has none such, and no question could name it.
pub(crate) fn check(loader: &mut Loader<'_>, parts: &[Part]) {
    for part in parts {
        report(loader, part, Flaw::of);
    }
}

/// The same of what outputs list, of which ARNs are made: a name that is empty, or has parts, makes another one.
pub(crate) fn check_names(loader: &mut Loader<'_>, part: &Part) {
    report(loader, part, |arn| {
        // What has parts is an object of a bucket.
        let is_object =
            arn.service() == "s3" && arn.region().is_empty() && arn.resource_type().is_some();
        let has_no_name = is_object || arn.as_str().ends_with('/');
        (has_no_name && Flaw::of(arn).is_none()).then(|| Flaw {
            code: "INVALID_ARN",
            text: arn.as_str().to_owned(),
            why: "does not name one thing",
            help: "give the output as the command prints it",
        })
    });
}

fn report(loader: &mut Loader<'_>, part: &Part, flaw: impl Fn(&Arn) -> Option<Flaw>) {
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
