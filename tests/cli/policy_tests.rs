//! What `preclear test` says of tests that fail, and of what it cannot ask.

use crate::program::Folder;

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/example-role";

#[test]
fn a_failing_test_shows_what_was_expected_and_why_it_is_not_so() {
    let text = format!(
        "preclear: 1\nsnapshot: {{complete: true}}\ntests:\n  - name: ana may read\n    request: {{principal: '{ROLE}', \
         action: 's3:GetObject', resource: 'arn:aws:s3:::b/x'}}\n    expect: {{verdict: allow, code: allow_identity}}\n"
    );
    let folder = Folder::new("failing-test").with("t.yaml", text);
    let parts = [
        "failed t.yaml:4: ana may read",
        "verdict\n    expected  allow\n    actual    implicit_deny",
        "code\n",
        "no_identity_allow",
        "1 failed",
    ];
    folder.run(&["test", "t.yaml"]).ended_with(1).prints(&parts);
    folder
        .run(&["test", "t.yaml", "--format", "jsonl"])
        .ended_with(1)
        .prints(&["\"outcome\":\"failed\"", "\"path\":\"verdict\""]);
    folder
        .run(&["test", "t.yaml", "--format", "json"])
        .ended_with(1)
        .prints(&["\"failed\": 1"]);
}

#[test]
fn who_can_is_refused_clearly_until_it_can_be_asked() {
    let text = "preclear: 1\nsnapshot: {complete: true}\ntests:\n  - who_can: {action: 's3:GetObject', resource: 'arn:aws:s3:::b/x'}\n    expect: {exactly: []}\n";
    let folder = Folder::new("who-can").with("t.yaml", text);
    folder
        .run(&["test", "t.yaml"])
        .ended_with(2)
        .prints(&["`who_can` cannot be asked yet", "1 unsupported"]);
}
