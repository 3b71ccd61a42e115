//! `preclear lint`: files that cannot be read, that are empty, and what `--fix` and `--diff` write. Rule: UI-2, UI-4, UI-22

use serde_json::Value;

use crate::lint::{CLEAN, SLIP};
use crate::program::Folder;
use crate::{junit, reports};

/// In a report of another tool the name is all that leads to the file.
#[test]
fn reports_name_files_that_cannot_be_read() {
    let folder = Folder::new("lint-unreadable")
        .with("a b,c.json", b"\xff\xfe{\x00}\x00")
        .with("clean.json", CLEAN);
    let run = |format: &str| {
        let paths = ["lint", "a b,c.json", "clean.json", "none.json", "--format"];
        let ran = folder.run(&[&paths[..], &[format]].concat());
        ran.ended_with(2).stdout
    };
    assert_eq!(
        run("github").lines().collect::<Vec<_>>(),
        [
            "::error file=a b%2Cc.json,line=1,col=1,title=NOT_UTF8::byte 0 is `0xff`, which is not UTF-8%0A\
             this looks like UTF-16; save the file as UTF-8",
            "::error file=none.json,title=MISSING_FILE::`none.json` cannot be read: no such file%0Acheck the path",
        ]
    );

    let sarif = run("sarif");
    assert_eq!(reports::wrong_as_sarif(&sarif), [""; 0]);
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let said = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    let place = |index: usize| &said[index]["locations"][0]["physicalLocation"];
    assert_eq!(place(0)["artifactLocation"]["uri"], "a%20b,c.json");
    assert_eq!(place(0)["region"]["startLine"], 1);
    assert_eq!(place(1)["artifactLocation"]["uri"], "none.json");

    let text = run("junit");
    let counts = junit::check(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!((counts["testcase"], counts["error"]), (3, 2));
    for name in ["a b,c.json", "none.json"] {
        assert!(
            text.contains(&format!("<testsuite name=\"{name}\"")),
            "{text}"
        );
    }
}

/// A policy whose content was lost must not pass.
#[test]
fn an_empty_json_file_of_a_folder_is_an_error() {
    let folder = Folder::new("lint-emptied")
        .with("d/clean.json", CLEAN)
        .with("d/none.json", "")
        .with("d/white.JSON", " \n\t\n")
        .with("d/notes.md", "")
        .with("d/notes.yaml", "\n");
    let ran = folder.run(&["lint", "d"]).ended_with(1).prints(&[
        "error[EMPTY_INPUT]: the text is empty\n --> d/none.json:1:1",
        " --> d/white.JSON:1:1",
        "2 other files without policies left alone",
    ]);
    assert_eq!(ran.stdout.matches("EMPTY_INPUT").count(), 2);
}

#[test]
fn a_byte_order_mark_is_removed() {
    let marked = format!("\u{feff}{CLEAN}");
    let folder = Folder::new("lint-mark")
        .with("p.json", &marked)
        .with("slip.json", format!("\u{feff}{SLIP}"));
    let ran = folder.run(&["lint", "--diff", "p.json"]).ended_with(1);
    let first = CLEAN.lines().next().unwrap();
    assert!(
        ran.stdout
            .contains(&format!("\n-\u{feff}{first}\n+{first}\n")),
        "{}",
        ran.stdout
    );
    assert_eq!(folder.read("p.json"), marked);
    folder
        .run(&["lint", "--fix", "p.json", "slip.json"])
        .ended_with(0)
        .says(&["fixed p.json:1:1: BYTE_ORDER_MARK: removed"])
        .prints(&["nothing found"]);
    assert_eq!(folder.read("p.json"), CLEAN);
    assert_eq!(
        folder.read("slip.json"),
        SLIP.replace("ListGrant", "ListGrants")
    );
}

/// `patch` ends lines at line feeds and nowhere else.
#[test]
fn a_diff_has_the_lines_that_patch_has() {
    let text = SLIP.replace('\n', "\r");
    let folder = Folder::new("lint-returns").with("p.json", &text);
    let ran = folder.run(&["lint", "--diff", "p.json"]).ended_with(1);
    let mended = text.replace("ListGrant", "ListGrants");
    let end = "\\ No newline at end of file";
    assert_eq!(
        ran.stdout,
        format!("--- p.json\n+++ p.json\n@@ -1 +1 @@\n-{text}\n{end}\n+{mended}\n{end}\n")
    );
}

#[test]
fn a_comma_too_many_in_a_string_is_told_and_the_rest_is_read() {
    let inner = SLIP.replace("\"*\"}", "\"*\",}");
    let quoted = |inner: &str| {
        let inner = serde_json::to_string(inner).unwrap();
        format!("{{\"KeyId\": \"x\", \"PolicyDocument\": {inner}}}\n")
    };
    let folder = Folder::new("lint-inner-comma")
        .with("p.json", quoted(&inner))
        .with(
            "encoded.json",
            "{\"PolicyDocument\": \"%7B%22Statement%22%3A%5B%5D%2C%7D\"}",
        );
    folder.run(&["lint", "p.json"]).ended_with(1).prints(&[
        "error[UNKNOWN_ACTION]",
        "error[JSON_TRAILING_COMMA]: this is not JSON: trailing comma",
        "in the document that this string holds: line 2, column 65",
    ]);
    folder
        .run(&["lint", "encoded.json"])
        .ended_with(1)
        .prints(&["JSON_TRAILING_COMMA", "EMPTY_STATEMENT_LIST"]);
    folder.run(&["lint", "--fix", "p.json"]).ended_with(0);
    let mended = SLIP.replace("ListGrant", "ListGrants");
    assert_eq!(folder.read("p.json"), quoted(&mended));
}

#[test]
fn fences_in_quotations_are_read_and_fixed() {
    let text = "Attach:\n> this policy\n> ```json\n> {\"Version\": \"2012-10-17\", \"Statement\": [\n>   {\"Effect\": \"Allow\", \
                \"Action\": \"kms:ListGrant\", \"Resource\": \"*\"}]}\n> ```\n";
    let folder = Folder::new("lint-quotation").with("g.md", text);
    folder.run(&["lint", "g.md"]).ended_with(1).prints(&[
        "g.md:4: identity policy, 1 statement: 1 error",
        "--> g.md:5:35",
    ]);
    folder.run(&["lint", "--fix", "g.md"]).ended_with(0);
    assert_eq!(folder.read("g.md"), text.replace("ListGrant", "ListGrants"));
}
