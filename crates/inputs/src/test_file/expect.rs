//! What a test expects. It names only what it asserts. Rule: UI-40.

use std::collections::{BTreeMap, BTreeSet};

use preclear_catalog::kms::KmsException;
use preclear_model::near::nearest;
use preclear_model::{Fields, Member, Node};
use preclear_simulator::explanation::NEAR_MISS_ELEMENTS;
use preclear_simulator::{Code, Layer, Verdict};

use super::guard::{check_code, check_codes, is_void};
use crate::loader::{Loader, Origin};

/// Verdicts of jobs. Rule: JOB-4.
pub const JOB_VERDICTS: [&str; 6] = [
    "ALLOWED",
    "GAPS",
    "UNDECIDED",
    "INOPERABLE",
    "DENIED",
    "INVALID",
];

/// An expected verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExpectedVerdict {
    /// This one.
    Exactly(Verdict),
    /// Either kind of deny.
    Deny,
}

impl ExpectedVerdict {
    /// True if a verdict is as expected.
    #[must_use]
    pub fn accepts(self, verdict: Verdict) -> bool {
        match self {
            Self::Exactly(expected) => expected == verdict,
            Self::Deny => verdict.is_deny(),
        }
    }

    /// Name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exactly(verdict) => verdict.name(),
            Self::Deny => "deny",
        }
    }
}

/// A statement as tests name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatementName {
    /// Index in the document, from 0.
    Index(usize),
    /// `Sid`.
    Sid(String),
}

impl StatementName {
    /// True if it names the statement with this index and `Sid`.
    #[must_use]
    pub fn names(&self, index: usize, sid: Option<&str>) -> bool {
        match self {
            Self::Index(expected) => *expected == index,
            Self::Sid(expected) => sid == Some(expected),
        }
    }
}

/// What is expected of a request, of a part or of a requirement; `None` asserts nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestExpectation {
    /// The verdict.
    pub verdict: Option<ExpectedVerdict>,
    /// Code of the primary reason.
    pub code: Option<Code>,
    /// Layer of the primary reason.
    pub layer: Option<Layer>,
    /// Policy of the primary reason.
    pub policy: Option<String>,
    /// Statement of the primary reason.
    pub statement: Option<StatementName>,
    /// Grant of the primary reason.
    pub grant: Option<String>,
    /// Exactly what an undecided answer depends on.
    pub depends_on: Option<BTreeSet<String>>,
    /// Exactly the entries of the ambiguity register that mattered.
    pub ambiguities: Option<BTreeSet<u8>>,
    /// `ok`, or the name of a [`KmsException`].
    pub operability: Option<String>,
    /// Some of the parts: by action, or action and resource (`kms:CreateAlias alias/x`).
    pub parts: BTreeMap<String, RequestExpectation>,
    /// Codes that must be among the warnings.
    pub warnings: BTreeSet<String>,
    /// Texts that must be among the assumptions.
    pub assumptions: BTreeSet<String>,
    /// Members of one near miss.
    pub near_miss: Option<NearMissExpectation>,
}

/// Members that one near miss must have together; `None` asserts nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NearMissExpectation {
    /// Policy.
    pub policy: Option<String>,
    /// Statement, by index or `Sid`.
    pub statement: Option<StatementName>,
    /// `Sid`.
    pub sid: Option<String>,
    /// Id of the grant, in place of policy and statement.
    pub grant: Option<String>,
    /// Element.
    pub element: Option<String>,
    /// Condition key.
    pub key: Option<String>,
    /// Condition operator.
    pub operator: Option<String>,
    /// What the policy asks for.
    pub expected: Option<String>,
    /// The same with the values of its policy variables.
    pub stands_for: Option<String>,
    /// What the request has.
    pub actual: Option<String>,
}

/// What is expected of a job; `None` asserts nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobExpectation {
    /// The verdict, one of [`JOB_VERDICTS`].
    pub verdict: Option<String>,
    /// Why the job is invalid.
    pub code: Option<String>,
    /// Some of the requirements: by id, or for one part `GT-08/s3:GetObject`.
    pub requirements: BTreeMap<String, RequestExpectation>,
    /// All of the requirements: what a scenario asserts. Rule: JOB-SCN-1.
    pub requirements_exactly: Option<BTreeMap<String, RequestExpectation>>,
    /// Codes that must be among the warnings.
    pub warnings: BTreeSet<String>,
    /// The verdict after the printed additions, one of [`JOB_VERDICTS`].
    pub fixed: Option<String>,
}

/// What is expected of a question who can; `None` asserts nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WhoCanExpectation {
    /// All principals that may.
    pub exactly: Option<BTreeSet<String>>,
}

/// What is expected of the linter; `None` asserts nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LintExpectation {
    /// Codes that must be among the findings.
    pub findings: BTreeSet<String>,
    /// All codes of the findings.
    pub findings_exactly: Option<BTreeSet<String>>,
}

/// A verdict, or an object.
pub(super) fn request(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<RequestExpectation> {
    let exact = ["depends_on", "ambiguities"];
    let help = "name at least the verdict: `expect: allow`";
    if is_void(loader, node, origin, &exact, help) {
        return None;
    }
    if node.as_mapping().is_none() {
        return Some(RequestExpectation {
            verdict: Some(verdict(loader, node, origin)?),
            ..RequestExpectation::default()
        });
    }
    let mut fields = Fields::of(
        node,
        &origin.source,
        "what is expected of a request",
        &mut loader.diagnostics,
    )?;
    let verdict_node = fields.value("verdict");
    let code_node = fields.value("code");
    let layers = Layer::ALL.map(|layer| (layer.name(), layer));
    let layer = fields.choice("layer", &layers);
    let policy = fields.text("policy").map(str::to_owned);
    let statement = fields.value("statement");
    let grant = fields.text("grant").map(str::to_owned);
    let depends_on = fields
        .has("depends_on")
        .then(|| set(&mut fields, "depends_on"));
    let ambiguities_node = fields.node("ambiguities");
    let operability = fields.value("operability");
    let parts = fields.entries("parts");
    let warnings = set(&mut fields, "warnings");
    let assumptions = set(&mut fields, "assumptions");
    let near_miss_node = fields.value("near_miss");
    fields.finish();
    check_codes(loader, node, origin, "warnings");
    Some(RequestExpectation {
        verdict: verdict_node.and_then(|node| verdict(loader, node, origin)),
        code: code_node.and_then(|node| code(loader, node, origin)),
        layer,
        policy,
        statement: statement.and_then(|node| statement_name(loader, node, origin)),
        grant,
        depends_on,
        ambiguities: ambiguities_node.map(|node| ambiguities(loader, node, origin)),
        operability: operability.and_then(|node| operability_name(loader, node, origin)),
        parts: by_name(loader, parts, origin),
        warnings,
        assumptions,
        near_miss: near_miss_node.and_then(|node| near_miss(loader, node, origin)),
    })
}

/// A verdict, or an object.
pub(super) fn job(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<JobExpectation> {
    let help = "name at least the verdict: `expect: ALLOWED`";
    if is_void(loader, node, origin, &["requirements_exactly"], help) {
        return None;
    }
    if node.as_mapping().is_none() {
        return Some(JobExpectation {
            verdict: Some(job_verdict(loader, node, origin)?),
            ..JobExpectation::default()
        });
    }
    let mut fields = Fields::of(
        node,
        &origin.source,
        "what is expected of a job",
        &mut loader.diagnostics,
    )?;
    let verdict = fields.value("verdict");
    let code = fields.text("code").map(str::to_owned);
    let requirements = fields.entries("requirements");
    let is_exact = fields.has("requirements_exactly");
    let exactly = fields.entries("requirements_exactly");
    let warnings = set(&mut fields, "warnings");
    let fixed = fields.value("fixed");
    fields.finish();
    check_codes(loader, node, origin, "warnings");
    if let Some(code) = node.get("code") {
        check_code(loader, code, origin);
    }
    Some(JobExpectation {
        verdict: verdict.and_then(|node| job_verdict(loader, node, origin)),
        code,
        requirements: by_name(loader, requirements, origin),
        requirements_exactly: is_exact.then(|| by_name(loader, exactly, origin)),
        warnings,
        fixed: fixed.and_then(|node| job_verdict(loader, node, origin)),
    })
}

pub(super) fn who_can(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<WhoCanExpectation> {
    let mut fields = Fields::of(
        node,
        &origin.source,
        "what is expected of who can",
        &mut loader.diagnostics,
    )?;
    let exactly = fields.has("exactly").then(|| set(&mut fields, "exactly"));
    fields.finish();
    let exactly = exactly.map(|all| {
        let named = |who: &String| loader.named(who).to_owned();
        all.iter().map(named).collect()
    });
    let help = "name who may: `exactly: [ARN]`, or `exactly: []` for nobody";
    if is_void(loader, node, origin, &["exactly"], help) {
        return None;
    }
    Some(WhoCanExpectation { exactly })
}

pub(super) fn lint(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<LintExpectation> {
    let mut fields = Fields::of(
        node,
        &origin.source,
        "what is expected of the linter",
        &mut loader.diagnostics,
    )?;
    let findings = set(&mut fields, "findings");
    let findings_exactly = fields
        .has("findings_exactly")
        .then(|| set(&mut fields, "findings_exactly"));
    fields.finish();
    let help = "name codes in `findings`; that there are none says `findings_exactly: []`";
    if is_void(loader, node, origin, &["findings_exactly"], help) {
        return None;
    }
    for name in ["findings", "findings_exactly"] {
        check_codes(loader, node, origin, name);
    }
    Some(LintExpectation {
        findings,
        findings_exactly,
    })
}

fn set(fields: &mut Fields<'_, '_>, name: &'static str) -> BTreeSet<String> {
    fields
        .texts(name)
        .into_iter()
        .map(|(text, _)| text.to_owned())
        .collect()
}

fn by_name(
    loader: &mut Loader<'_>,
    members: &[Member],
    origin: &Origin,
) -> BTreeMap<String, RequestExpectation> {
    let mut expected = BTreeMap::new();
    for member in members {
        if let Some(expectation) = request(loader, &member.value, origin) {
            expected.insert(member.name.clone(), expectation);
        }
    }
    expected
}

fn verdict(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<ExpectedVerdict> {
    const VERDICTS: [ExpectedVerdict; 7] = [
        ExpectedVerdict::Exactly(Verdict::Allow),
        ExpectedVerdict::Exactly(Verdict::ExplicitDeny),
        ExpectedVerdict::Exactly(Verdict::ImplicitDeny),
        ExpectedVerdict::Deny,
        ExpectedVerdict::Exactly(Verdict::Depends),
        ExpectedVerdict::Exactly(Verdict::NotApplicable),
        ExpectedVerdict::Exactly(Verdict::Invalid),
    ];
    let text = loader.text(node, origin, "verdict")?;
    let found = VERDICTS.into_iter().find(|verdict| verdict.name() == text);
    if found.is_none() {
        loader.unknown_word(
            "verdict",
            text,
            &VERDICTS.map(ExpectedVerdict::name),
            (origin, node.span),
        );
    }
    found
}

fn job_verdict(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<String> {
    let text = loader.text(node, origin, "verdict")?;
    if JOB_VERDICTS.contains(&text) {
        return Some(text.to_owned());
    }
    loader.unknown_word("verdict of a job", text, &JOB_VERDICTS, (origin, node.span));
    None
}

fn code(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<Code> {
    let text = loader.text(node, origin, "code")?;
    let found = Code::ALL.iter().copied().find(|code| code.name() == text);
    if found.is_none() {
        let names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        let start = format!("{text}_");
        let family: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| name.starts_with(&start))
            .collect();
        if family.is_empty() {
            loader.unknown_word("decision code", text, &names, (origin, node.span));
        } else {
            // Any of them may be meant.
            let message = format!("`{text}` is no decision code");
            let help = format!("codes that start so are `{}`", family.join("`, `"));
            let at = (origin, node.span);
            loader.error("UNKNOWN_VALUE", "UI-33", message, at, help);
        }
    }
    found
}

/// `ok`, or an exception that an answer can have.
fn operability_name(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<String> {
    let text = loader.text(node, origin, "operability")?;
    let exceptions = KmsException::ALL.map(KmsException::name);
    let known: Vec<&str> = std::iter::once("ok").chain(exceptions).collect();
    if known.contains(&text) {
        return Some(text.to_owned());
    }
    let whole = format!("{text}Exception");
    let near = [text, &whole]
        .into_iter()
        .find_map(|text| nearest(text, known.iter().copied()));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are `{}`", known.join("`, `")),
    };
    let message = format!("no answer has the operability `{text}`");
    let at = (origin, node.span);
    loader.error("UNKNOWN_VALUE", "UI-40", message, at, help);
    None
}

/// An index, or a `Sid`; in quotes it is a `Sid` in any case.
fn statement_name(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<StatementName> {
    match node.as_number_text() {
        Some(number) => match number.parse() {
            Ok(index) => Some(StatementName::Index(index)),
            Err(_) => {
                loader.wrong_type("statement", "an index from 0 or a Sid", node, origin);
                None
            }
        },
        None => loader
            .text(node, origin, "statement")
            .map(|sid| StatementName::Sid(sid.to_owned())),
    }
}

/// `AMB-5`, or its number.
fn ambiguities(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> BTreeSet<u8> {
    let items = loader.list(node, origin, "ambiguities");
    let mut numbers = BTreeSet::new();
    for item in items {
        let Some(text) = loader.scalar_text(item, origin, "ambiguities") else {
            continue;
        };
        match text.strip_prefix("AMB-").unwrap_or(text).parse() {
            Ok(number) => {
                numbers.insert(number);
            }
            Err(_) => loader.wrong_type("ambiguities", "an entry such as `AMB-5`", item, origin),
        }
    }
    numbers
}

fn near_miss(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<NearMissExpectation> {
    let mut fields = Fields::of(node, &origin.source, "a near miss", &mut loader.diagnostics)?;
    let mut text = |name| fields.text(name).map(str::to_owned);
    let (policy, sid, grant) = (text("policy"), text("sid"), text("grant"));
    let (key, operator, actual) = (text("key"), text("operator"), text("actual"));
    let (expected, stands_for) = (text("expected"), text("stands_for"));
    let element = fields.value("element");
    let statement = fields.value("statement");
    fields.finish();
    let element = element.and_then(|node| element_name(loader, node, origin));
    Some(NearMissExpectation {
        policy,
        statement: statement.and_then(|node| statement_name(loader, node, origin)),
        sid,
        grant,
        element,
        key,
        operator,
        expected,
        stands_for,
        actual,
    })
}

/// An element alone: the operator and the key of a condition are members of their own.
fn element_name(loader: &mut Loader<'_>, node: &Node, origin: &Origin) -> Option<String> {
    let text = loader.text(node, origin, "element")?;
    if NEAR_MISS_ELEMENTS.contains(&text) {
        return Some(text.to_owned());
    }
    let (what, place) = ("element of a near miss", (origin, node.span));
    if text.starts_with("Condition ") {
        let message = format!("`{text}` is no {what}");
        let help = "write `element: Condition`, and what follows as `operator` and `key`";
        loader.error("UNKNOWN_VALUE", "UI-33", message, place, help);
    } else {
        loader.unknown_word(what, text, &NEAR_MISS_ELEMENTS, place);
    }
    None
}
