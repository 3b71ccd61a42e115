//! Ids of rules: their families, and how texts cite them.

use std::sync::LazyLock;

use regex::Regex;

/// Family of an id: `IAM-COND` of `IAM-COND-8`, `KMS-STATE` of `KMS-STATE-3a`, `T` of `T12`, `T-` of `T-SQS`. What is no
/// id is its own family.
pub(crate) fn family(id: &str) -> &str {
    static NUMBERED: LazyLock<Regex> =
        LazyLock::new(|| regex(r"^([A-Z][A-Z0-9]*(?:-[A-Z][A-Z0-9]*)?)-[0-9]+[a-z]?$"));
    static SHORT: LazyLock<Regex> = LazyLock::new(|| regex(r"^([TGPL])[0-9]+$"));
    static TEMPLATE: LazyLock<Regex> = LazyLock::new(|| regex(r"^(T-)[A-Z0-9-]+$"));
    [&NUMBERED, &SHORT, &TEMPLATE]
        .into_iter()
        .find_map(|form| form.captures(id)?.get(1))
        .map_or(id, |family| family.as_str())
}

/// All ids that a text cites; of a range such as `IAM-VAR-4…7` its ends, since a search finds no others. `prefix`
/// (`IAM-`) stands before families that are written without it.
pub(crate) fn citations(text: &str, prefix: Option<&str>) -> Vec<String> {
    static FULL: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"\b((?:IAM|KMS|JOB|UI|AMB|TRAP|DOC|GT|PZ)(?:-[A-Z][A-Z0-9]*)?-)([0-9]+[a-z]?)\b(?:…([0-9]+)\b)?",
        )
    });
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?:^|[^-\w])((?:GRAM|WILD|VAR|COND|PRIN|CTX|EVAL|TRI|RSN|ID|POL|AMK|XA|ACT|GRANT|STATE|DEC)-)([0-9]+[a-z]?)\b(?:…([0-9]+)\b)?",
        )
    });
    let mut all = Vec::new();
    let mut add = |pattern: &Regex, prefix: &str| {
        for found in pattern.captures_iter(text) {
            for number in [found.get(2), found.get(3)].into_iter().flatten() {
                all.push(format!("{prefix}{}{}", &found[1], number.as_str()));
            }
        }
    };
    add(&FULL, "");
    if let Some(prefix) = prefix {
        add(&BARE, prefix);
    }
    all
}

/// A `Rule:` comment whose further numbers stand without their family, or whose range is written in words: nobody who
/// looks for the id finds it.
pub(crate) fn is_out_of_form(line: &str) -> bool {
    static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"Rules?: .*\b[A-Z]+-[0-9]+[a-z]?(?:,| and| to|-|–) ?[0-9]|Rules?: .*-[0-9]+ to [A-Z]+-",
        )
    });
    NUMBERS.is_match(line)
}

/// Texts that these functions read otherwise than they should.
pub(crate) fn misreadings() -> Vec<String> {
    let mut wrong = Vec::new();
    for (id, wanted) in [
        ("IAM-COND-8", "IAM-COND"),
        ("JOB-S3-1", "JOB-S3"),
        ("JOB-1", "JOB"),
        ("KMS-STATE-3a", "KMS-STATE"),
        ("T12", "T"),
        ("T-S3-REPL", "T-"),
        ("IAM-COND", "IAM-COND"),
    ] {
        if family(id) != wanted {
            wrong.push(format!("`{id}` is of `{}`, not of `{wanted}`", family(id)));
        }
    }
    for (text, prefix, wanted) in [
        (
            "Rule: IAM-VAR-4…7, AMB-6.",
            None,
            "IAM-VAR-4 IAM-VAR-7 AMB-6",
        ),
        ("(COND-7) and `GT-08`", Some("IAM-"), "GT-08 IAM-COND-7"),
        ("COND-7 of KMS-COND-7", None, "KMS-COND-7"),
        ("IAM-…, KMS-POL, UTF-8, AMB-n", Some("IAM-"), ""),
    ] {
        let found = citations(text, prefix).join(" ");
        if found != wanted {
            wrong.push(format!("`{text}` cites `{found}`, not `{wanted}`"));
        }
    }
    for (line, wanted) in [
        ("//! Shape. Rule: IAM-GRAM-10, 11.", true),
        ("//! Shape. Rule: IAM-GRAM-7 to 9.", true),
        ("//! Shape. Rule: KMS-ID-1 to KMS-ID-8.", true),
        ("//! Shape. Rule: JOB-S3-1, IAM-GRAM-7…9.", false),
        ("// IAM-GRAM-23, 32 KiB for keys", false),
    ] {
        if is_out_of_form(line) != wanted {
            wrong.push(format!("`{line}` is taken for well-formed: {wanted}"));
        }
    }
    wrong
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of this file is a regular expression")
}
