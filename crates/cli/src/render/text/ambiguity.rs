//! The register of ambiguities in one line each: what is open, and the guess. Rule: IAM-TRI-8.

/// Questions and guesses by number, from 1, as `docs/rules/ambiguities.md` has them.
const REGISTER: [(&str, &str); 24] = [
    (
        "May a `*` that ends a colon-separated segment of a Resource pattern run past the colon?",
        "yes",
    ),
    (
        "Does a wildcard in the resource-type part of an ARN (`functi*:f`) match?",
        "glob it",
    ),
    ("What does the action `*:*` mean?", "the same as `*`"),
    (
        "What does an operator name in other case (`stringequals`) mean?",
        "the canonical operator",
    ),
    (
        "Does a statement apply whose NotResource pattern holds a variable without a value?",
        "it applies",
    ),
    (
        "What does a variable become whose key is present but the empty string?",
        "empty text is substituted",
    ),
    (
        "Is `ForAnyValue:…IfExists` true when the key is absent?",
        "F",
    ),
    (
        "Are variables substituted in the operand of `Bool`?",
        "substituted",
    ),
    (
        "What is a negated operator when its operand or the context value does not parse?",
        "F",
    ),
    (
        "Does a Deny with NotPrincipal apply when it lists an identity but not its whole chain?",
        "it applies (denied)",
    ),
    (
        "Does an *Allow* to `\"*\"` / `{\"AWS\":\"*\"}` include service principals?",
        "yes",
    ),
    (
        "Does an Arn operator match with a pattern of fewer than six fields, e.g. `\"*\"`?",
        "no match",
    ),
    (
        "Which value counts when one context holds two tags that differ only by case?",
        "",
    ),
    (
        "What does an incomplete ARN mean in a resource-based or VPC endpoint policy, an SCP, an RCP?",
        "no match without a wildcard",
    ),
    (
        "Are the first five fields of an ARN in Resource case-sensitive?",
        "sensitive",
    ),
    (
        "What is a negated bare operator with the policy list `[]`?",
        "T",
    ),
    (
        "What does `Null` say about a key whose value is the empty string, or a multivalued key with `[\"\"]`?",
        "present; for set operators an empty set",
    ),
    (
        "Which of PrincipalArn, PrincipalType, PrincipalAccount, userid does a service principal carry?",
        "PrincipalArn Absent, the others Unknown",
    ),
    (
        "When a trust policy allows the session ARN or `\"*\"`, do boundary and session policy limit?",
        "boundary yes, session policy no",
    ),
    (
        "Are `+5`, `1e3` and ` 5` (with a space) numbers?",
        "malformed",
    ),
    (
        "Is the role name in a Principal ARN case-sensitive?",
        "sensitive",
    ),
    (
        "Is a date of four digits a year or seconds, and one above 1e11 seconds or milliseconds?",
        "epoch seconds",
    ),
    (
        "Whom does a stored Allow with NotPrincipal let in?",
        "everyone not listed, anonymous included",
    ),
    (
        "Does an IPv4-mapped IPv6 address (`::ffff:203.0.113.7`) match an IPv4 CIDR?",
        "no match",
    ),
];

/// The question of an entry.
pub(super) fn question(number: u8) -> Option<&'static str> {
    entry(number).map(|(question, _)| question)
}

/// The guess of an entry, in few words; none where there is no guess.
pub(super) fn guess(number: u8) -> Option<&'static str> {
    entry(number)
        .map(|(_, guess)| guess)
        .filter(|guess| !guess.is_empty())
}

fn entry(number: u8) -> Option<(&'static str, &'static str)> {
    let index = usize::from(number).checked_sub(1)?;
    REGISTER.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `- Question:` of the entry, on one line.
    fn documented(text: &str, member: &str) -> String {
        let start = text.split_once(&format!("- {member}: ")).unwrap().1;
        let end = start.find("\n- ").unwrap();
        start[..end].replace("\n  ", " ")
    }

    #[test]
    fn the_register_is_that_of_the_documentation() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/rules/ambiguities.md"
        );
        let text = std::fs::read_to_string(path).unwrap();
        let entries: Vec<&str> = text.split("\n### AMB-").skip(1).collect();
        assert_eq!(entries.len(), REGISTER.len());
        for entry in entries {
            let number: u8 = entry.split_once(' ').unwrap().0.parse().unwrap();
            assert_eq!(
                question(number).unwrap(),
                documented(entry, "Question"),
                "AMB-{number}"
            );
            let documented = documented(entry, "Guess");
            match guess(number) {
                // Long guesses are cut, and one is told in other words.
                Some(guess) => assert!(
                    documented.starts_with(guess) || number == 14,
                    "AMB-{number}: {documented}"
                ),
                None => assert!(documented.starts_with("no guess"), "AMB-{number}"),
            }
        }
    }
}
