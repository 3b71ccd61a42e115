//! Conditions of an addition: those that a rule gives, those that keep others out, and those of the statement that nearly allowed
//! the call. Rule: KMS-GRANT-16, KMS-POL-10, JOB-6, UI-12.

use preclear_model::policy::Version;
use preclear_model::{BaseOperator, Operator, OperatorFamily, SetQualifier};

use crate::explanation::{MetTest, NearMiss};
use crate::job::literal;
use crate::job::report::{FixTarget, RequirementPart};
use crate::job::statement::Test;
use crate::layer::Layer;

/// What a rule gives for the action: `(operator, key, value)`.
pub(crate) fn of_action(part: &RequirementPart) -> Vec<Test> {
    let stated = |name: &str| {
        part.context
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
    };
    let (operator, key, value) = match part.action.as_str() {
        // Rule: KMS-GRANT-16.
        "kms:CreateGrant" => {
            let key = "kms:GrantIsForAWSResource";
            ("Bool", key, stated(key).filter(|value| value == "true"))
        }
        // Rule: JOB-6.
        "iam:PassRole" => {
            let key = "iam:PassedToService";
            ("StringEquals", key, stated(key))
        }
        _ => return Vec::new(),
    };
    let test = value.map(|value| Test::one(operator, key, value));
    test.into_iter().collect()
}

/// The encryption context of the call, where a statement or grant that nearly allowed it asks for one: without it an addition
/// would open what somebody kept narrow.
pub(crate) fn of_encryption_context(part: &RequirementPart) -> Vec<Test> {
    if !part.result.useful_near_misses().any(asks_for_context) {
        return Vec::new();
    }
    let pairs = part.context.iter();
    pairs
        .filter(|(key, _)| is_encryption_context(key))
        .map(|(key, value)| Test::one("StringEquals", key, value.clone()))
        .collect()
}

fn is_encryption_context(key: &str) -> bool {
    key.to_ascii_lowercase()
        .starts_with("kms:encryptioncontext")
}

fn asks_for_context(miss: &NearMiss) -> bool {
    let by_key = miss.key.as_deref().is_some_and(is_encryption_context);
    by_key || miss.element.starts_with("EncryptionContext")
}

/// The tests as a document of this version writes them.
pub(crate) fn written(tests: Vec<Test>, version: Version) -> Vec<Test> {
    let written = |value: &String| literal::operand(value, version);
    tests
        .into_iter()
        .map(|test| Test {
            values: test.values.iter().map(written).collect(),
            ..test
        })
        .collect()
}

/// The conditions of the statement that came nearest in the policies that an addition goes to: those that the call meets as they
/// stand, and those that it fails with what it has in their place. What is tested already is left out.
pub(crate) fn of_nearest(
    part: &RequirementPart,
    target: &FixTarget,
    version: Version,
    tested: &[Test],
) -> Vec<Test> {
    let layer = match target {
        FixTarget::Identity(_) => Layer::Identity,
        FixTarget::Key(_) | FixTarget::Trust(_) | FixTarget::Resource(_) => Layer::Resource,
    };
    let misses = || {
        let misses = part.result.useful_near_misses();
        misses.filter(|miss| miss.layer == layer && !miss.denies && !miss.is_remote)
    };
    let Some(nearest) = misses().find(|miss| miss.statement.is_some()) else {
        return Vec::new();
    };
    let kept = nearest.met.iter().filter_map(|test| kept(test, version));
    let failed = misses().filter(|miss| miss.statement == nearest.statement);
    let restated = failed.flat_map(|miss| restated(miss, version));
    let mut tests: Vec<Test> = Vec::new();
    for test in kept.chain(restated) {
        let same_key = |other: &&Test| other.key.eq_ignore_ascii_case(&test.key);
        let is_tested = tested.iter().any(|other| same_key(&other));
        let is_there = tests
            .iter()
            .any(|other| same_key(&other) && other.operator == test.operator);
        if !is_tested && !is_there {
            tests.push(test);
        }
    }
    tests
}

/// A test that holds, as another document writes it; `None` where that one knows no variables.
fn kept(test: &MetTest, version: Version) -> Option<Test> {
    let has_variable = test.operands.iter().any(|operand| operand.contains("${"));
    let values = match (test.version, version) {
        (Version::V2012, Version::V2008) if has_variable => return None,
        (Version::V2008, Version::V2012) => {
            let operands = test.operands.iter();
            operands
                .map(|operand| literal::operand(operand, version))
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

/// A condition that fails, asking for what the call has in its place. None where it has nothing, or where what it has says no
/// more than the principal and the resource of the addition.
fn restated(miss: &NearMiss, version: Version) -> Vec<Test> {
    let operator = miss.operator.as_deref();
    let operator = operator.and_then(|text| Operator::parse(text).ok());
    let (Some(key), Some(operator)) = (miss.key.as_deref(), operator) else {
        return Vec::new();
    };
    let is_text = matches!(
        operator.base.family(),
        OperatorFamily::String | OperatorFamily::Arn
    );
    if !is_text || miss.values.is_empty() || says_no_more(key) {
        return Vec::new();
    }
    let base = BaseOperator::StringEquals.name();
    let values = miss.values.iter();
    let test = |operator: String| Test {
        operator,
        key: key.to_owned(),
        values: values
            .map(|value| literal::operand(value, version))
            .collect(),
    };
    match (operator.set, miss.values.as_slice()) {
        // By itself it also holds where the key is missing (IAM-COND-11).
        (Some(SetQualifier::ForAllValues), _) => vec![
            test(format!("ForAllValues:{base}")),
            Test::one("Null", key, "false".to_owned()),
        ],
        (Some(SetQualifier::ForAnyValue), _) => vec![test(format!("ForAnyValue:{base}"))],
        (None, [_]) => vec![test(base.to_owned())],
        (None, _) => Vec::new(),
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
