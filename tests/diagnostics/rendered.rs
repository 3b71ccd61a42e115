//! Messages as the program prints them: each has a code of a table, its rule, a remedy and, if it is about a text, a place.

use preclear_tests::tables::{WITHOUT_PLACE, find};

/// Holds all messages of a run against that.
#[track_caller]
pub(crate) fn assert_complete(stderr: &str) {
    let problems: Vec<String> = messages(stderr)
        .iter()
        .filter_map(|one| lack(one))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// The messages that have a code, each with the lines that belong to it.
fn messages(stderr: &str) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    let mut is_message = false;
    for line in stderr.lines() {
        let starts = ["error[", "warning[", "info["];
        if starts.iter().any(|start| line.starts_with(start)) {
            is_message = true;
            messages.push(String::new());
        } else if line.starts_with("error: ") {
            // Wrong usage has no code.
            is_message = false;
        }
        if let (true, Some(message)) = (is_message, messages.last_mut()) {
            message.push_str(line);
            message.push('\n');
        }
    }
    messages
}

/// What a message lacks.
fn lack(message: &str) -> Option<String> {
    let code = message.split(['[', ']']).nth(1).unwrap_or_default();
    let lacks = if find(code).is_none() {
        "a code that a table lists"
    } else if !message.contains("rule: ") {
        "its rule"
    } else if !message.contains("help: ") {
        "a remedy"
    } else if !message.contains("--> ") && !WITHOUT_PLACE.iter().any(|(own, _)| *own == code) {
        "a place"
    } else {
        return None;
    };
    Some(format!("this message lacks {lacks}:\n{message}"))
}

#[test]
fn an_incomplete_message_is_noticed() {
    let complete =
        "error[INVALID_EFFECT]: m\n --> p.json:1:1\n  = rule: IAM-GRAM-9\n  = help: h\n\n";
    assert_complete(complete);
    assert_complete("error: the flags are wrong\n\nFor more information, try '--help'.\n");
    let two = format!("{complete}warning[EMPTY_SID]: m\n --> p.json:1:1\n  = rule: IAM-GRAM-8\n");
    assert_eq!(messages(&two).len(), 2);
    for part in ["INVALID_EFFECT", "rule: ", "help: ", "--> "] {
        let less = complete.replace(part, "");
        let lacks = messages(&less).iter().filter_map(|one| lack(one)).count();
        assert_eq!(lacks, 1, "{part}");
    }
}
