//! The families of ids, and what the ledger asks of each.

/// What is asked of the ids of a family.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    pub(crate) name: &'static str,
    /// Prefix of the file that the case of each id has; `None` where any case may show it.
    pub(crate) own_file: Option<&'static str>,
    /// True if code or data must cite each.
    pub(crate) is_built: bool,
    /// True if cases must expect two different answers.
    pub(crate) is_shown_both_ways: bool,
    /// True if cases must ask in every ambiguity mode.
    pub(crate) is_ambiguity: bool,
}

const RULE: Family = Family {
    name: "",
    own_file: None,
    is_built: true,
    is_shown_both_ways: false,
    is_ambiguity: false,
};

const fn rules(name: &'static str) -> Family {
    Family { name, ..RULE }
}

const fn iam(name: &'static str) -> Family {
    Family {
        name,
        is_shown_both_ways: true,
        ..RULE
    }
}

/// Situations: each is a case under its own name, and no code is written for one of them.
const fn situations(name: &'static str, folder: &'static str) -> Family {
    Family {
        name,
        own_file: Some(folder),
        is_built: false,
        ..RULE
    }
}

/// Every family whose ids need cases, in the order of the index of the rules.
pub(crate) const FAMILIES: &[Family] = &[
    iam("IAM-GRAM"),
    iam("IAM-WILD"),
    iam("IAM-VAR"),
    iam("IAM-COND"),
    iam("IAM-PRIN"),
    iam("IAM-CTX"),
    iam("IAM-EVAL"),
    iam("IAM-TRI"),
    iam("IAM-RSN"),
    Family {
        is_ambiguity: true,
        ..rules("AMB")
    },
    rules("DOC"),
    rules("KMS-ID"),
    rules("KMS-POL"),
    rules("KMS-AMK"),
    rules("KMS-XA"),
    rules("KMS-ACT"),
    rules("KMS-COND"),
    rules("KMS-GRANT"),
    rules("KMS-STATE"),
    rules("KMS-DEC"),
    rules("JOB"),
    rules("JOB-S3"),
    rules("JOB-SCN"),
    rules("JOB-GT"),
    rules("JOB-PZ"),
    rules("JOB-LINT"),
    rules("UI"),
    situations("TRAP", "iam-traps/"),
    situations("T", "kms-traps/"),
    situations("G", "jobs/"),
    situations("P", "jobs/"),
];

/// Families whose ids are defined in tables and may be cited, but need no case of their own: requirements and
/// templates of jobs, defects of AWS's examples. The rules about them do.
pub(crate) const NAMED_ONLY: [&str; 4] = ["GT", "PZ", "T-", "L"];
