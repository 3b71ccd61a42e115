//! All tables of codes, in the groups of their documentation.

use preclear_model::codes::Code;

/// Codes that concern one kind of input.
#[derive(Debug, Clone)]
pub struct Group {
    /// Heading in the documentation.
    pub title: &'static str,
    /// What the codes have in common, in a sentence or two.
    pub about: &'static str,
    /// The tables.
    pub tables: Vec<&'static [&'static Code]>,
}

impl Group {
    /// Its codes in the order of their names.
    #[must_use]
    pub fn codes(&self) -> Vec<&'static Code> {
        let mut codes: Vec<&Code> = self.tables.iter().copied().flatten().copied().collect();
        codes.sort_by_key(|code| code.name);
        codes
    }
}

/// All groups.
#[must_use]
pub fn groups() -> Vec<Group> {
    let group = |title, about, tables: &[&'static [&'static Code]]| Group {
        title,
        about,
        tables: tables.to_vec(),
    };
    vec![
        group(
            "JSON and YAML",
            "About the notation of any file, and about members that a format does not have. In policies such an error \
             cites the rule of the element that is wrong.",
            &[preclear_model::codes::TEXTS],
        ),
        group(
            "Policy documents",
            "About the grammar of policies, whatever they are attached to. An error rejects the document; a warning \
             changes nothing.",
            &[preclear_model::codes::POLICIES],
        ),
        group(
            "Conditions",
            "About conditions that are valid and probably not meant so. They come with the answers that the statement \
             bears on, and among the findings of the linter.",
            &[preclear_condition::codes::CODES],
        ),
        group(
            "Files of preclear",
            "About snapshots, request, job and test files, and what they mention ([formats.md](formats.md)).",
            &[preclear_inputs::codes::CODES, preclear::codes::CODES],
        ),
        group(
            "Requests and answers",
            "About the question itself, or about what an answer leaves out.",
            &[preclear_simulator::codes::REQUESTS],
        ),
        group(
            "Jobs",
            "About whole jobs. An error makes the job `INVALID`, and is the `code` of its result.",
            &[preclear_simulator::codes::JOBS],
        ),
        group(
            "Findings in policies",
            "What the linter adds to the parser: statements that are dead, too broad, or lock their owner out. `preclear lint` \
             shows them, a test file expects them with `lint` ([commands.md](commands.md)), other tools ask the crate \
             `preclear-lint`.",
            &[preclear_lint::codes::CODES],
        ),
    ]
}

/// The row of a code.
#[must_use]
pub fn find(name: &str) -> Option<&'static Code> {
    groups()
        .iter()
        .flat_map(Group::codes)
        .find(|code| code.name == name)
}

/// Codes that may come without a place, and why.
pub const WITHOUT_PLACE: [(&str, &str); 9] = [
    (
        "ESCALATION_POSSIBLE",
        "of a job: what policies let a principal do stands nowhere in it",
    ),
    (
        "MISSING_FILE",
        "a flag named the file; one that a file mentions has the place of the mention",
    ),
    (
        "UNREADABLE_FILE",
        "a flag named the file, or it was found in a directory",
    ),
    (
        "NOTHING_RECOGNISED",
        "it is about all files that were named",
    ),
    (
        "UNRECOGNISED_FILE",
        "it is about a whole file, which may hold anything",
    ),
    (
        "UNATTACHED_POLICY",
        "it is about a whole file, and about what no file says",
    ),
    ("MISPLACED_POLICY", "it is about a flag"),
    ("UNKNOWN_MANAGED_POLICY", "a flag named the policy"),
    (
        "INPUT_TOO_LARGE",
        "a directory holds too much, or a line is so long that it is not held",
    ),
];
