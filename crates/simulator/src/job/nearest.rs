//! What an addition takes over from the statement that nearly allowed the call: conditions that the call meets as they stand, those
//! that it fails with what the call has in their place. What is left out, and what may rather be corrected where it stands, is said
//! in words. Rule: JOB-4, UI-12.

use std::net::IpAddr;

use preclear_catalog::globals;
use preclear_condition::unix_seconds;
use preclear_model::policy::Version;
use preclear_model::{Arn, BaseOperator, Operator, OperatorFamily, SetQualifier};

use crate::explain::ABSENT;
use crate::explanation::{MetTest, NearMiss, StatementRef};
use crate::job::fix::Origin;
use crate::job::literal::{self, Meaning};
use crate::job::obstacle;
use crate::job::report::{FixTarget, RequirementPart};
use crate::job::statement::Test;
use crate::layer::Layer;

/// Keys that tell the time of the call: no statement can be held to that.
const CLOCK: [&str; 2] = ["aws:currenttime", "aws:epochtime"];

/// Keys by which policies keep calls safe, in lower case: who fails them had better call otherwise.
const SAFEGUARDS: [&str; 8] = [
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:securetransport",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpcsourceip",
];

/// Keys that tell of a service which makes the call for the principal, in lower case: a direct call fails them. Rule: UI-39.
const FORWARDING: [&str; 5] = [
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:viaawsservice",
    "kms:viaservice",
];

/// Digits that every reader of numbers takes alike.
const DIGITS_MAX: usize = 15;

/// The statement that came nearest in the policies that an addition goes to.
pub(crate) struct Nearest<'p> {
    statement: &'p StatementRef,
    met: Vec<&'p MetTest>,
    /// Conditions that hang on what the call does not tell.
    open: Vec<&'p MetTest>,
    /// Conditions that it would allow the call but for.
    failed: Vec<&'p NearMiss>,
    /// Of the document that is added to.
    version: Version,
    /// True where the call is the user's own, not one that a service makes for a job.
    is_of_request: bool,
}

/// What becomes of a condition that fails.
enum Restated {
    /// Tests that ask for what the call has.
    As(Vec<Test>),
    /// Nothing: the call has no such key.
    Absent,
    /// Nothing, and why.
    LeftOut(String),
}

impl<'p> Nearest<'p> {
    /// None where no statement came near. Of a statement about other actions, resources or callers a job's additions take over
    /// only what its template states of the call: whatever else holds of it is a matter of that statement.
    pub(crate) fn of(
        part: &'p RequirementPart,
        target: &FixTarget,
        version: Version,
        origin: Origin,
    ) -> Option<Self> {
        let layer = match target {
            FixTarget::Identity(_) => Layer::Identity,
            FixTarget::Key(_) | FixTarget::Trust(_) | FixTarget::Resource(_) => Layer::Resource,
        };
        let misses = || {
            let misses = part.result.useful_near_misses();
            misses.filter(|miss| miss.layer == layer && !miss.denies && !miss.is_remote)
        };
        let nearest = misses().find(|miss| miss.statement.is_some())?;
        let is_about_others = !origin.is_request() && nearest.key.is_none();
        let met = nearest.met.iter();
        let met = met.filter(|test| !is_about_others || is_stated(part, &test.key));
        let open = nearest.open.iter().filter(|_| !is_about_others);
        let of_nearest = misses().filter(|miss| miss.statement == nearest.statement);
        Some(Self {
            statement: nearest.statement.as_ref()?,
            met: met.collect(),
            open: open.collect(),
            failed: of_nearest.filter(|miss| miss.key.is_some()).collect(),
            version,
            is_of_request: origin.is_request(),
        })
    }

    /// Its conditions for the addition, but for those whose keys it tests already.
    pub(crate) fn tests(&self, tested: &[Test]) -> Vec<Test> {
        let kept = self.met.iter().filter_map(|test| self.kept(test));
        let failed = self.failed.iter();
        let restated = failed.flat_map(|miss| match self.restated(miss) {
            Restated::As(tests) => tests,
            Restated::Absent | Restated::LeftOut(_) => Vec::new(),
        });
        let mut tests: Vec<Test> = Vec::new();
        for test in kept.chain(restated) {
            let is_there = tests
                .iter()
                .any(|other| is_of_key(other, &test.key) && other.operator == test.operator);
            if !tests_key(tested, &test.key) && !is_there {
                tests.push(test);
            }
        }
        tests
    }

    /// What to know of an addition with these conditions.
    pub(crate) fn notes(&self, conditions: &[Test]) -> Vec<String> {
        let name = obstacle::name(self.statement);
        let mut absent = Vec::new();
        let mut untold = Vec::new();
        let mut direct = Vec::new();
        let lost = self.met.iter().filter(|test| self.kept(test).is_none());
        let lost = lost
            .filter(|test| !tests_key(conditions, &test.key))
            .map(|test| {
                let said = said(&test.operator, &test.key, &test.operands.join(", "));
                format!(
                    "left out: {said} of {name}, which has a variable; a document of version 2008-10-17 knows none (IAM-GRAM-4)"
                )
            });
        let failed = self.failed.iter().filter_map(|miss| {
            let key = miss.key.as_deref().unwrap_or_default();
            let operator = miss.operator.as_deref().unwrap_or_default();
            let said = said(operator, key, &miss.expected);
            Some(match self.restated(miss) {
                Restated::Absent | Restated::As(_)
                    if is_forwarding(key) && !demands_service(conditions, key) =>
                {
                    direct.push(said);
                    return None;
                }
                Restated::Absent if !tests_key(conditions, key) => {
                    let is_untold = globals::is_always_there(key);
                    let list = if is_untold { &mut untold } else { &mut absent };
                    list.push(said);
                    return None;
                }
                Restated::LeftOut(why) if !tests_key(conditions, key) => {
                    format!("left out: {said} of {name}; {why}")
                }
                _ if self.is_of_request && is_among(&SAFEGUARDS, key) => format!(
                    "{name} demands {said}, which keeps calls safe: rather make the call so that it holds than add this"
                ),
                Restated::As(_) | Restated::Absent | Restated::LeftOut(_) => format!(
                    "{name} would allow it but for {said}: if that is a slip, correct it there instead of adding this"
                ),
            })
        });
        let mut notes: Vec<String> = lost.chain(failed).collect();
        if !direct.is_empty() {
            notes.push(format!(
                "this allows direct calls, which {name} does not: it asks for {}, and the call is a direct one",
                direct.join(", ")
            ));
        }
        match absent.as_slice() {
            [] => {}
            [one] => notes.push(format!(
                "left out: {one} of {name}; the call has no such key"
            )),
            many => notes.push(format!(
                "left out: {} of {name}; the call has none of these keys",
                many.join(", ")
            )),
        }
        if !untold.is_empty() {
            // Rule: IAM-TRI-11.
            notes.push(format!(
                "left out: {} of {name}; every request has that, and closed mode takes what is not told for absent: rather tell it than add this",
                untold.join(", ")
            ));
        }
        notes.extend(self.not_told(conditions, &name));
        notes
    }

    /// Conditions that nothing can be said of: with them nobody could say that the addition helps.
    fn not_told(&self, conditions: &[Test], name: &str) -> Option<String> {
        let open = self.open.iter();
        let open = open.filter(|test| !tests_key(conditions, &test.key));
        let open: Vec<String> = open
            .map(|test| said(&test.operator, &test.key, &test.operands.join(", ")))
            .collect();
        (!open.is_empty()).then(|| {
            format!(
                "left out: {} of {name}; what the call has there is not told: tell it, or add the conditions that are to stay",
                open.join(", ")
            )
        })
    }

    /// A test that holds, as another document writes it; `None` where that one knows no variables.
    fn kept(&self, test: &MetTest) -> Option<Test> {
        let has_variable = test.operands.iter().any(|operand| operand.contains("${"));
        let values = match (test.version, self.version) {
            (Version::V2012, Version::V2008) if has_variable => return None,
            (Version::V2008, Version::V2012) => {
                let operands = test.operands.iter();
                operands
                    .map(|operand| literal::operand(operand, self.version))
                    .collect()
            }
            _ => test.operands.clone(),
        };
        Some(Test {
            operator: test.operator.clone(),
            key: test.key.clone(),
            values,
        })
    }

    /// A condition that fails, asking for what the call has in its place.
    fn restated(&self, miss: &NearMiss) -> Restated {
        let operator = miss.operator.as_deref();
        let operator = operator.and_then(|text| Operator::parse(text).ok());
        let (Some(key), Some(operator)) = (miss.key.as_deref(), operator) else {
            return left_out("its operator is not known");
        };
        if says_no_more(key) {
            return left_out("the addition names who calls and what on");
        }
        if is_among(&CLOCK, key) {
            return left_out("set the time that is meant");
        }
        let values = || miss.values.iter();
        match (operator.set, miss.values.as_slice(), &miss.pattern) {
            (None, [], Some(pattern)) => self.like(operator.base, key, pattern),
            (_, [], _) if miss.actual == ABSENT => Restated::Absent,
            (_, [], _) => Restated::LeftOut(format!("what the call has as {key} is not known")),
            (None, [value], _) => match self.one(operator.base, key, value) {
                Some(test) => Restated::As(vec![test]),
                None => Restated::LeftOut(format!("the call has `{value}`")),
            },
            (None, _, _) => Restated::LeftOut(format!("the call has several values of {key}")),
            (Some(set), _, _) if is_text(operator.base) => {
                let equals = BaseOperator::StringEquals.name();
                let test = |set: &str| Test {
                    operator: format!("{set}:{equals}"),
                    key: key.to_owned(),
                    values: values()
                        .map(|value| literal::operand(value, self.version))
                        .collect(),
                };
                Restated::As(match set {
                    // By itself it also holds where the key is missing (IAM-COND-11).
                    SetQualifier::ForAllValues => vec![
                        test("ForAllValues"),
                        Test::one("Null", key, "false".to_owned()),
                    ],
                    SetQualifier::ForAnyValue => vec![test("ForAnyValue")],
                })
            }
            (Some(_), _, _) => Restated::LeftOut(format!("the call has several values of {key}")),
        }
    }

    /// The test of this operator that is moved just so far that the value meets it; `None` where none is sure to.
    fn one(&self, base: BaseOperator, key: &str, value: &str) -> Option<Test> {
        let test = |base: BaseOperator, value: &str| {
            let value = literal::operand(value, self.version);
            Some(Test::one(base.name(), key, value))
        };
        match base.family() {
            OperatorFamily::Arn if is_plain_arn(value) => test(BaseOperator::ArnEquals, value),
            OperatorFamily::String | OperatorFamily::Arn => test(BaseOperator::StringEquals, value),
            OperatorFamily::Numeric if is_number(value) => test(bound(base), value),
            OperatorFamily::Date if is_date(value) => test(bound(base), value),
            OperatorFamily::Bool if ["true", "false"].contains(&value) => {
                test(BaseOperator::Bool, value)
            }
            OperatorFamily::Ip if value.parse::<IpAddr>().is_ok() => {
                test(BaseOperator::IpAddress, value)
            }
            // It asked for a call without the key.
            OperatorFamily::Null => test(BaseOperator::Null, "false"),
            _ => None,
        }
    }

    /// A test for all that a pattern stands for.
    fn like(&self, base: BaseOperator, key: &str, pattern: &str) -> Restated {
        let arn = Arn::parse(pattern);
        if pattern.starts_with("arn:") && arn.is_none() || pattern == "*" {
            return Restated::LeftOut(format!("the job does not say which {key} the call has"));
        }
        let test = match base.family() {
            OperatorFamily::Arn => literal::resource(pattern, Meaning::Many, self.version)
                .filter(|_| arn.is_some())
                .map(|value| Test::one(BaseOperator::ArnLike.name(), key, value)),
            OperatorFamily::String => {
                let value = literal::operand(pattern, self.version);
                Some(Test::one(BaseOperator::StringLike.name(), key, value))
            }
            OperatorFamily::Null => self.one(base, key, pattern),
            _ => None,
        };
        match test {
            Some(test) => Restated::As(vec![test]),
            None => Restated::LeftOut(format!("the call has one like `{pattern}`")),
        }
    }
}

/// Whether the part states one value of a key, so that a test of it that is met holds whatever else is unknown.
fn is_stated(part: &RequirementPart, key: &str) -> bool {
    let mut stated = part.context.iter();
    stated.any(|(name, value)| name.eq_ignore_ascii_case(key) && !value.contains(['*', '?']))
}

fn left_out(why: &str) -> Restated {
    Restated::LeftOut(why.to_owned())
}

fn said(operator: &str, key: &str, operands: &str) -> String {
    format!("`{operator} {key} {operands}`")
}

fn tests_key(tests: &[Test], key: &str) -> bool {
    tests.iter().any(|test| is_of_key(test, key))
}

fn is_of_key(test: &Test, key: &str) -> bool {
    test.key.eq_ignore_ascii_case(key)
}

fn is_among(keys: &[&str], key: &str) -> bool {
    keys.iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// True for a key that tells whether a service makes the call for the principal.
pub(super) fn is_forwarding(key: &str) -> bool {
    is_among(&FORWARDING, key)
}

/// True where a test of the addition still keeps direct calls out.
fn demands_service(tests: &[Test], key: &str) -> bool {
    let is_false = |test: &Test| test.values.iter().all(|value| value == "false");
    tests
        .iter()
        .any(|test| is_of_key(test, key) && !is_false(test))
}

fn is_text(base: BaseOperator) -> bool {
    matches!(base.family(), OperatorFamily::String | OperatorFamily::Arn)
}

/// True for an ARN in which nothing is special to operators that take patterns.
fn is_plain_arn(value: &str) -> bool {
    Arn::parse(value).is_some() && !value.contains(['*', '?', '$'])
}

fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_digit = |byte: u8| byte.is_ascii_digit();
    !digits.is_empty() && digits.len() <= DIGITS_MAX && digits.bytes().all(is_digit)
}

/// True for a point of time as AWS writes it.
fn is_date(value: &str) -> bool {
    value.len() == "2026-01-01T00:00:00Z".len()
        && value.ends_with('Z')
        && unix_seconds(value).is_some()
}

/// The operator that a limit keeps when it is moved to a value.
fn bound(base: BaseOperator) -> BaseOperator {
    use BaseOperator as Op;
    match base {
        Op::NumericLessThan | Op::NumericLessThanEquals => Op::NumericLessThanEquals,
        Op::NumericGreaterThan | Op::NumericGreaterThanEquals => Op::NumericGreaterThanEquals,
        Op::DateLessThan | Op::DateLessThanEquals => Op::DateLessThanEquals,
        Op::DateGreaterThan | Op::DateGreaterThanEquals => Op::DateGreaterThanEquals,
        _ if base.family() == OperatorFamily::Date => Op::DateEquals,
        _ => Op::NumericEquals,
    }
}

/// Keys about the caller and the resource themselves, which an addition names.
fn says_no_more(key: &str) -> bool {
    const STARTS: [&str; 8] = [
        "aws:principal",
        "aws:resource",
        "aws:userid",
        "aws:username",
        "kms:calleraccount",
        "kms:key",
        "kms:multiregion",
        "kms:resourcealiases",
    ];
    let key = key.to_ascii_lowercase();
    STARTS.iter().any(|start| key.starts_with(start))
}
