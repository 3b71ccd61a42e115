//! Codes of what only the program can find wrong.

use std::sync::Arc;

use preclear_model::codes;
use preclear_model::codes::{POLICIES, TEXTS};
use preclear_simulator::codes::{JOBS, REQUESTS};

codes! {
    /// The table.
    CODES:
    EMPTY_PATTERN Error "UI-21"
        "a pattern of `--principals`, `--actions` or `--resources` stands for nothing"
        "correct it; patterns of principals and resources stand for what the snapshot lists, other names are given in full"
    NOT_ASKED Warning "UI-21"
        "an action of a matrix takes none of its resources, or a resource is taken by none of its actions"
        "name a resource of a type that the action takes, or leave the name out"
    NOT_JSON_LINES Error "UI-35"
        "the file of `--requests` is no JSON Lines: it holds YAML, a list in JSON, or one object over several lines"
        "use `--request`, which reads one request or a list of them in JSON or YAML"
    UNUSED_PARAM Warning "JOB-LINT-2"
        "a name of `--param` is that of no placeholder, so its value has no effect"
        "leave it out, or correct the name; case counts"
}

/// The codes of all messages.
#[must_use]
pub fn all() -> Arc<[&'static str]> {
    let tables = [
        TEXTS,
        POLICIES,
        preclear_condition::codes::CODES,
        preclear_inputs::codes::CODES,
        CODES,
        REQUESTS,
        JOBS,
        preclear_lint::codes::CODES,
    ];
    tables.into_iter().flatten().map(|code| code.name).collect()
}
