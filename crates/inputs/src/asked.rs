//! Placeholders in what is asked. Most of a request names things, and a placeholder in a name leads nowhere; but values
//! of condition keys, encryption contexts and the names of objects are data of a call, and any text may be among them.
//! Rule: JOB-LINT-2.

use std::sync::Arc;

use preclear_model::{Node, Source, Value};

use crate::loader::Loader;

/// Members of a KMS call that are data. Rule: UI-38.
const DATA_PARAMETERS: [&str; 4] = [
    "EncryptionContext",
    "SourceEncryptionContext",
    "DestinationEncryptionContext",
    "Tags",
];

/// Reports placeholders without value in the names of a request, a job or the like; true if there are any.
pub(crate) fn report_placeholders(
    loader: &mut Loader<'_>,
    node: &Node,
    source: &Arc<Source>,
) -> bool {
    if !loader.has_placeholders(node, source) {
        return false;
    }
    let mut names = node.clone();
    for_members(&mut names, |member, value| match member {
        "resource" => keep_names(value, str::len),
        "context" => for_members(value, |_, value| keep_names(value, |_| 0)),
        "encryption_context" => forget(value),
        "parameters" => for_members(value, |member, value| {
            if DATA_PARAMETERS.contains(&member) {
                forget(value);
            }
        }),
        "principal" => for_members(value, |member, value| {
            if member == "tags" {
                forget(value);
            }
        }),
        _ => {}
    });
    loader.report_placeholders(&names, source)
}

fn for_members(node: &mut Node, mut change: impl FnMut(&str, &mut Node)) {
    if let Value::Mapping(members) = &mut node.value {
        for member in members {
            change(&member.name, &mut member.value);
        }
    }
}

fn forget(node: &mut Node) {
    node.value = Value::Null;
}

/// Leaves of an ARN all but the name of an object; of other texts, so many bytes.
fn keep_names(node: &mut Node, of_others: fn(&str) -> usize) {
    match &mut node.value {
        Value::Scalar(scalar) => {
            let kept = bytes_before_object(&scalar.text).unwrap_or_else(|| of_others(&scalar.text));
            scalar.text.truncate(kept);
        }
        Value::Sequence(items) => items
            .iter_mut()
            .for_each(|item| keep_names(item, of_others)),
        Value::Null | Value::Mapping(_) => {}
    }
}

/// Where the name of an object starts in the ARN of one, or where the ARN ends; `None` for what is no ARN.
fn bytes_before_object(text: &str) -> Option<usize> {
    let mut fields = text.splitn(6, ':');
    let (scheme, service) = (fields.next()?, fields.nth(1)?);
    let resource = fields.nth(2)?;
    if scheme != "arn" {
        return None;
    }
    let separator = if resource.starts_with("accesspoint/") {
        "/object/"
    } else {
        "/"
    };
    let object = resource.split_once(separator).filter(|_| service == "s3");
    Some(text.len() - object.map_or(0, |(_, object)| object.len()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::files::MemoryFiles;
    use crate::request::{Fallback, read};
    use crate::testing::codes;
    use crate::{Options, Params};

    const NAMES: &str = "principal: arn:aws:iam::111122223333:user/u\naction: s3:GetObject\n";

    fn asked(members: &str) -> Vec<String> {
        asked_with(members, &Options::default())
    }

    fn asked_with(members: &str, options: &Options) -> Vec<String> {
        let text = format!("{NAMES}{members}");
        let files = MemoryFiles::from_iter([("r.yaml", text.as_str())]);
        let read = read(Path::new("r.yaml"), &files, options, &Fallback::default());
        read.err().map(|found| codes(&found)).unwrap_or_default()
    }

    #[test]
    fn data_of_a_call_may_look_like_a_placeholder() {
        for members in [
            "resource: 'arn:aws:s3:::b/${x}/<some-name>'",
            "resource: 'arn:aws:s3:us-west-2:111122223333:accesspoint/ap/object/<some-name>'",
            "resource: 'arn:aws:s3:::b/x'\ncontext: {'aws:RequestTag/s': '<account-id>', 'aws:TagKeys': ['${x}']}",
            "resource: 'arn:aws:s3:::b/x'\ncontext: {'aws:SourceArn': 'arn:aws:s3:::b/${x}'}",
            "resource: 'arn:aws:s3:::b/x'\nencryption_context: {'<some-name>': '${x}'}",
            "resource: 'arn:aws:s3:::b/x'\nparameters: {EncryptionContext: {a: '${x}'}, Tags: [{TagKey: '<a-b>', TagValue: '<a-b>'}]}",
        ] {
            assert_eq!(asked(members), Vec::<String>::new(), "{members}");
        }
    }

    #[test]
    fn placeholders_in_names_are_refused() {
        for (members, written) in [
            ("resource: 'arn:aws:s3:::<bucket-name>/x'", "<bucket-name>"),
            ("resource: 'arn:aws:s3:::bucket-name/${x}'", "bucket-name"),
            (
                "resource: 'arn:aws:iam::<account-id>:role/x'",
                "<account-id>",
            ),
            (
                "resource: 'arn:aws:sqs:us-west-2:111122223333:${x}'",
                "${x}",
            ),
            ("resource: 'alias/<some-name>'", "<some-name>"),
            (
                "resource: 'arn:aws:s3:::b/x'\ncontext: {'aws:RequestTag/<some-name>': a}",
                "<some-name>",
            ),
            (
                "resource: 'arn:aws:s3:::b/x'\ncontext: {'aws:SourceArn': 'arn:aws:sns:us-west-2:<account-id>:t'}",
                "<account-id>",
            ),
            (
                "resource: 'arn:aws:s3:::b/x'\nparameters: {KeyId: '<key-id>'}",
                "<key-id>",
            ),
        ] {
            assert_eq!(
                asked(members),
                [format!("UNRESOLVED_PLACEHOLDER {written}")],
                "{members}"
            );
        }
    }

    #[test]
    fn placeholders_with_values_are_replaced_in_data_too() {
        let text = format!(
            "{NAMES}resource: 'arn:aws:s3:::b/${{x}}'\ncontext: {{'aws:RequestTag/s': '<a-b>'}}"
        );
        let files = MemoryFiles::from_iter([("r.yaml", text.as_str())]);
        let options = Options {
            params: Params::from_iter([("x", "y"), ("a-b", "c")]),
            ..Options::default()
        };
        let requests = read(Path::new("r.yaml"), &files, &options, &Fallback::default());
        let request = &requests.unwrap().value[0];
        assert_eq!(request.resource.as_deref(), Some("arn:aws:s3:::b/y"));
        assert_eq!(
            request.context["aws:RequestTag/s"],
            preclear_simulator::request::ContextValue::One("c".to_owned())
        );
    }
}
