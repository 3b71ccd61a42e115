//! The table: every rule, counted or not, and what rules have several of.

use preclear_catalog::kms::{self, KeyState};
use preclear_simulator::{Code, Layer};

/// What the table says of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Questions can exercise it: they are counted.
    Counted,
    /// Why no question about a world can; what holds the rule instead.
    NotByQuestions(&'static str),
}

use Row::{Counted as Yes, NotByQuestions as No};

const REFUSED: &str = "about documents that are refused; generated ones are valid";
const FINDING: &str = "about warnings and findings, which change no answer";
const JOBS: &str = "about operations and jobs, which are several decisions";
const SOUND: &str = "about all completions of a question: the property `soundness`";
const READING: &str = "a remark on how to read the rules: nothing to decide";

/// Every rule of IAM and KMS.
pub const RULES: &[(&str, Row)] = &[
    ("IAM-COND-1", Yes),
    ("IAM-COND-2", Yes),
    ("IAM-COND-3", Yes),
    ("IAM-COND-4", Yes),
    ("IAM-COND-5", Yes),
    ("IAM-COND-6", Yes),
    ("IAM-COND-7", Yes),
    ("IAM-COND-8", Yes),
    ("IAM-COND-9", Yes),
    ("IAM-COND-10", Yes),
    ("IAM-COND-11", Yes),
    ("IAM-COND-12", Yes),
    ("IAM-COND-13", Yes),
    ("IAM-COND-14", Yes),
    ("IAM-COND-15", Yes),
    ("IAM-COND-16", Yes),
    ("IAM-COND-17", Yes),
    ("IAM-COND-18", Yes),
    ("IAM-COND-19", Yes),
    ("IAM-COND-20", Yes),
    ("IAM-COND-21", Yes),
    ("IAM-COND-22", Yes),
    ("IAM-COND-23", Yes),
    ("IAM-COND-24", Yes),
    ("IAM-COND-25", Yes),
    ("IAM-COND-26", Yes),
    ("IAM-COND-27", No(FINDING)),
    ("IAM-CTX-1", Yes),
    ("IAM-CTX-2", Yes),
    ("IAM-CTX-3", Yes),
    ("IAM-CTX-4", Yes),
    ("IAM-CTX-5", No(REFUSED)),
    ("IAM-CTX-6", Yes),
    ("IAM-CTX-7", Yes),
    ("IAM-CTX-8", Yes),
    ("IAM-EVAL-1", Yes),
    ("IAM-EVAL-2", Yes),
    ("IAM-EVAL-3", Yes),
    ("IAM-EVAL-4", Yes),
    ("IAM-EVAL-5", Yes),
    ("IAM-EVAL-6", Yes),
    ("IAM-EVAL-7", Yes),
    ("IAM-EVAL-8", Yes),
    ("IAM-EVAL-9", Yes),
    ("IAM-EVAL-10", Yes),
    ("IAM-EVAL-11", Yes),
    ("IAM-EVAL-12", Yes),
    ("IAM-EVAL-13", Yes),
    ("IAM-EVAL-14", Yes),
    ("IAM-EVAL-15", Yes),
    ("IAM-EVAL-16", Yes),
    ("IAM-EVAL-17", Yes),
    ("IAM-EVAL-18", Yes),
    ("IAM-EVAL-19", Yes),
    ("IAM-EVAL-20", Yes),
    ("IAM-EVAL-21", Yes),
    ("IAM-EVAL-22", Yes),
    ("IAM-EVAL-23", Yes),
    ("IAM-EVAL-24", Yes),
    ("IAM-EVAL-25", Yes),
    ("IAM-EVAL-26", Yes),
    ("IAM-EVAL-27", No(JOBS)),
    ("IAM-EVAL-28", Yes),
    ("IAM-GRAM-1", No(REFUSED)),
    ("IAM-GRAM-2", No(REFUSED)),
    ("IAM-GRAM-3", No(REFUSED)),
    ("IAM-GRAM-4", Yes),
    ("IAM-GRAM-5", No(REFUSED)),
    ("IAM-GRAM-6", Yes),
    ("IAM-GRAM-7", No(REFUSED)),
    ("IAM-GRAM-8", No(REFUSED)),
    ("IAM-GRAM-9", Yes),
    ("IAM-GRAM-10", No(REFUSED)),
    ("IAM-GRAM-11", Yes),
    ("IAM-GRAM-12", Yes),
    ("IAM-GRAM-13", Yes),
    ("IAM-GRAM-14", Yes),
    ("IAM-GRAM-15", Yes),
    ("IAM-GRAM-16", Yes),
    ("IAM-GRAM-17", Yes),
    ("IAM-GRAM-18", Yes),
    ("IAM-GRAM-19", No(REFUSED)),
    ("IAM-GRAM-20", Yes),
    ("IAM-GRAM-21", No(REFUSED)),
    ("IAM-GRAM-22", Yes),
    ("IAM-GRAM-23", No(REFUSED)),
    ("IAM-PRIN-1", Yes),
    ("IAM-PRIN-2", Yes),
    ("IAM-PRIN-3", Yes),
    ("IAM-PRIN-4", Yes),
    ("IAM-PRIN-5", Yes),
    ("IAM-PRIN-6", Yes),
    ("IAM-PRIN-7", Yes),
    ("IAM-PRIN-8", Yes),
    ("IAM-PRIN-9", Yes),
    ("IAM-PRIN-10", Yes),
    ("IAM-PRIN-11", Yes),
    ("IAM-PRIN-12", Yes),
    ("IAM-PRIN-13", Yes),
    ("IAM-PRIN-14", Yes),
    ("IAM-PRIN-15", No(READING)),
    ("IAM-PRIN-16", Yes),
    ("IAM-PRIN-17", Yes),
    ("IAM-RSN-1", Yes),
    ("IAM-RSN-2", Yes),
    ("IAM-RSN-3", Yes),
    ("IAM-RSN-4", Yes),
    ("IAM-RSN-5", Yes),
    ("IAM-TRI-1", Yes),
    ("IAM-TRI-2", Yes),
    ("IAM-TRI-3", Yes),
    ("IAM-TRI-4", Yes),
    ("IAM-TRI-5", Yes),
    ("IAM-TRI-6", No(SOUND)),
    ("IAM-TRI-7", Yes),
    ("IAM-TRI-8", Yes),
    ("IAM-TRI-9", Yes),
    ("IAM-TRI-10", Yes),
    ("IAM-TRI-11", Yes),
    ("IAM-VAR-1", Yes),
    ("IAM-VAR-2", Yes),
    ("IAM-VAR-3", Yes),
    ("IAM-VAR-4", Yes),
    ("IAM-VAR-5", Yes),
    ("IAM-VAR-6", Yes),
    ("IAM-VAR-7", Yes),
    ("IAM-VAR-8", Yes),
    ("IAM-WILD-1", Yes),
    ("IAM-WILD-2", Yes),
    ("IAM-WILD-3", Yes),
    ("IAM-WILD-4", Yes),
    ("IAM-WILD-5", Yes),
    ("IAM-WILD-6", Yes),
    ("IAM-WILD-7", Yes),
    ("IAM-WILD-8", Yes),
    ("IAM-WILD-9", Yes),
    ("IAM-WILD-10", Yes),
    ("IAM-WILD-11", Yes),
    ("IAM-WILD-12", Yes),
    ("IAM-WILD-13", Yes),
    ("KMS-ACT-1", Yes),
    ("KMS-ACT-2", Yes),
    ("KMS-ACT-3", Yes),
    ("KMS-ACT-4", Yes),
    ("KMS-ACT-5", Yes),
    ("KMS-ACT-6", Yes),
    ("KMS-ACT-7", No(READING)),
    ("KMS-AMK-1", Yes),
    ("KMS-AMK-2", Yes),
    ("KMS-AMK-3", Yes),
    ("KMS-AMK-4", Yes),
    ("KMS-AMK-5", Yes),
    ("KMS-COND-0", Yes),
    ("KMS-COND-1", Yes),
    ("KMS-COND-2", Yes),
    ("KMS-COND-3", Yes),
    ("KMS-COND-4", Yes),
    ("KMS-COND-5", No(READING)),
    ("KMS-DEC-0", Yes),
    ("KMS-DEC-1", Yes),
    ("KMS-DEC-2", Yes),
    ("KMS-DEC-3", Yes),
    ("KMS-GRANT-1", Yes),
    ("KMS-GRANT-2", Yes),
    ("KMS-GRANT-3", No(REFUSED)),
    ("KMS-GRANT-4", Yes),
    ("KMS-GRANT-5", Yes),
    ("KMS-GRANT-6", Yes),
    ("KMS-GRANT-7", Yes),
    ("KMS-GRANT-8", Yes),
    ("KMS-GRANT-9", Yes),
    ("KMS-GRANT-10", Yes),
    ("KMS-GRANT-11", Yes),
    ("KMS-GRANT-12", Yes),
    ("KMS-GRANT-13", Yes),
    ("KMS-GRANT-14", Yes),
    ("KMS-GRANT-15", Yes),
    ("KMS-GRANT-16", Yes),
    ("KMS-GRANT-17", No(READING)),
    ("KMS-GRANT-18", No(READING)),
    ("KMS-ID-1", Yes),
    ("KMS-ID-2", Yes),
    ("KMS-ID-3", Yes),
    ("KMS-ID-4", Yes),
    ("KMS-ID-5", Yes),
    ("KMS-ID-6", Yes),
    ("KMS-ID-7", Yes),
    ("KMS-ID-8", Yes),
    ("KMS-ID-9", Yes),
    ("KMS-POL-1", Yes),
    ("KMS-POL-2", Yes),
    ("KMS-POL-3", Yes),
    ("KMS-POL-4", Yes),
    ("KMS-POL-5", Yes),
    ("KMS-POL-6", Yes),
    ("KMS-POL-7", Yes),
    ("KMS-POL-8", Yes),
    ("KMS-POL-9", Yes),
    ("KMS-POL-10", Yes),
    ("KMS-POL-11", Yes),
    ("KMS-POL-12", Yes),
    ("KMS-POL-13", No(FINDING)),
    ("KMS-POL-14", No(FINDING)),
    ("KMS-POL-15", Yes),
    ("KMS-POL-16", Yes),
    ("KMS-POL-17", Yes),
    ("KMS-POL-18", No(READING)),
    ("KMS-POL-19", No(READING)),
    ("KMS-STATE-1", Yes),
    ("KMS-STATE-2", Yes),
    ("KMS-STATE-3", Yes),
    ("KMS-STATE-3a", Yes),
    ("KMS-STATE-4", No(JOBS)),
    ("KMS-XA-1", Yes),
    ("KMS-XA-2", Yes),
    ("KMS-XA-3", Yes),
    ("KMS-XA-4", Yes),
    ("KMS-XA-5", Yes),
];

/// Base names of operators. Rule: IAM-GRAM-17.
const OPERATORS: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

/// Members of what rules have several of, whether they were met or not.
pub(super) fn families() -> impl Iterator<Item = String> {
    let operators = OPERATORS.iter().flat_map(|base| {
        let outcomes = ["true", "false", "unknown"].into_iter();
        outcomes.map(move |outcome| format!("operator {base} is {outcome}"))
    });
    let sets = ["none", "ForAllValues", "ForAnyValue"]
        .into_iter()
        .flat_map(|set| {
            let arities = ["single-valued", "multivalued"].into_iter();
            let arities = arities.map(move |arity| format!("set operator {set}, {arity} key"));
            let states = ["known", "absent", "present", "unknown", "unsaid"].into_iter();
            arities
                .chain(states.map(move |state| format!("tested key {state}, set operator {set}")))
        });
    let layers = Layer::ALL.into_iter().flat_map(|layer| {
        let values = ["yes", "no", "unknown"].into_iter();
        values.flat_map(move |value| {
            let name = layer.name();
            // RCPs never limit what is allowed, and grants never deny (IAM-EVAL-9, KMS-GRANT-1).
            let allows = (layer != Layer::Rcp).then(|| format!("layer {name} allows {value}"));
            let denies = (layer != Layer::Grants).then(|| format!("layer {name} denies {value}"));
            allows.into_iter().chain(denies)
        })
    });
    let states = KeyState::ALL
        .iter()
        .map(|state| format!("key state {}", state.name()));
    let actions = kms::actions()
        .iter()
        .map(|action| format!("action kms:{}", action.name));
    let codes = Code::ALL.iter().map(|code| format!("code {code}"));
    let ambiguities = (1..=24).map(|number| format!("ambiguity AMB-{number}"));
    let constraints = [
        "none",
        "EncryptionContextEquals",
        "EncryptionContextSubset",
        "SourceArn",
    ];
    let constraints = constraints.into_iter().flat_map(|constraint| {
        let outcomes = ["applies", "may apply", "does not apply"].into_iter();
        outcomes.map(move |outcome| format!("grant constraint {constraint}, {outcome}"))
    });
    let verdicts = ["allow", "explicit_deny", "implicit_deny", "depends"];
    let verdicts = verdicts
        .into_iter()
        .map(|verdict| format!("verdict {verdict}"));
    operators
        .chain(sets)
        .chain(layers)
        .chain(states)
        .chain(actions)
        .chain(codes)
        .chain(ambiguities)
        .chain(constraints)
        .chain(verdicts)
}
