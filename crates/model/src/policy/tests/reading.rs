//! Reading a text at once and reading it through nodes give the same policy and the same findings.

use std::fs;
use std::path::Path;

use super::*;
use crate::json::read_in_full;

/// A document with what documents have, escapes and warnings included.
const RICH: &str = r#"{
    "Version": "2012-10-17",
    "Id": "a",
    "Statement": [
        {
            "Sid": "One", "Effect": "Allow", "Action": ["s3:Get*", "kms:Decrypt", "*:*"],
            "Resource": ["arn:aws:s3:::b/${aws:username}/${*}", "*", "arn:aws:s3", "arn:aws:s3:::\u0062\"/x"],
            "Condition": {"StringLike": {"aws:PrincipalTag/team": ["a*", "é", true, 1.0]}, "Bool": {"aws:SecureTransport": false}}
        },
        {"Sid": "One", "Effect": "Deny", "NotAction": "iam:*", "NotResource": "*", "Principal": {"AWS": ["111122223333", "*"], "Service": "s3.amazonaws.com"}},
        {"Effect": "Deny", "NotPrincipal": "*", "Action": [], "Resource": [], "Condition": {"Null": {"aws:TokenIssueTime": "true", "AWS:tokenissuetime": "true"}}}
    ]
}"#;

/// The sample of the benchmarks where it is at hand, and a document with everything.
fn texts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/data/policies");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut texts: Vec<String> = entries
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .collect();
    texts.sort();
    texts.push(RICH.to_owned());
    texts
}

/// The policy and the findings of the full reader.
fn through_nodes(source: &Arc<Source>, kind: PolicyKind) -> (Option<Policy>, Diagnostics) {
    if let Err(found) = Limits::POLICY.check(source) {
        return (None, found);
    }
    match read_in_full(source, &Limits::POLICY) {
        Ok(node) => Policy::parse(&node, source, "p", kind, STRICT),
        Err(found) => (None, found),
    }
}

fn check(text: &str, kind: PolicyKind) {
    let source = Arc::new(Source::new("p.json", text));
    let (policy, found) = Policy::read(&source, "p", kind, STRICT);
    let (expected, expected_found) = through_nodes(&source, kind);
    assert_eq!(found, expected_found, "{kind:?} {text}");
    assert_eq!(policy, expected, "{kind:?} {text}");
}

#[test]
fn every_sample_reads_the_same() {
    for text in texts() {
        for kind in PolicyKind::ALL {
            check(&text, kind);
        }
    }
}

proptest! {
    #[test]
    fn mutated_samples_read_the_same(
        text in prop::sample::select(texts()),
        kind in prop::sample::select(PolicyKind::ALL.to_vec()),
        at in any::<prop::sample::Index>(),
        length in 0..3_usize,
        other in prop::sample::select(vec![
            "", "\"", "\\", ",", ":", "}", "]", "{", "[", "é", "\n", "\u{1}", "*", "${", "\\u0041", "\\n", "日", "1", "null",
            "\"Sid\": \"One\",", "\"Effect\": \"Allow\",", "\"aws:x\": \"y\",",
        ]),
    ) {
        let places: Vec<usize> = text.char_indices().map(|(offset, _)| offset).chain([text.len()]).collect();
        let start = at.index(places.len());
        let end = (start + length).min(places.len() - 1);
        let mut text = text;
        text.replace_range(places[start]..places[end], other);
        check(&text, kind);
    }
}
