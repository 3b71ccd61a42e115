//! Checks that make a job invalid before any policy is asked. Rule: JOB-4, JOB-S3-7, KMS-STATE-3, KMS-STATE-4.

use preclear_model::Arn;

use crate::codes::{self, Code};
use crate::job::report::JobError;
use crate::job::scope::Scope;
use crate::job::template::expr::Expr;
use crate::job::template::{Check, CheckTest};
use crate::job::{keys, s3};
use crate::snapshot::NOT_KNOWN;

/// Runs one check; every error it finds.
pub(crate) fn run(scope: &Scope<'_>, check: &Check) -> Vec<JobError> {
    let error = |row: &'static Code, message: String| JobError {
        field: check.field.clone(),
        ..JobError::new(row, message)
            .rule(check.rule.as_str())
            .help(check.help.as_str())
    };
    let each = |of: &Expr, row: &'static Code, problem: &dyn Fn(&str) -> Option<String>| {
        scope
            .value(of)
            .iter()
            .filter_map(|text| problem(text))
            .map(|message| error(row, message))
            .collect()
    };
    match &check.test {
        CheckTest::Refuse {
            when,
            code,
            message,
        } if scope.holds(when) => vec![error(code.0, scope.message(message))],
        CheckTest::Refuse { .. } => Vec::new(),
        CheckTest::BucketRegion(of) => each(of, &codes::BUCKET_REGION_MISMATCH, &|arn| {
            bucket_elsewhere(scope, arn)
        }),
        CheckTest::KeyRegion(of) => each(of, &codes::KEY_REGION_MISMATCH, &|arn| {
            key_elsewhere(scope, arn)
        }),
        CheckTest::KeySpec(of) => each(of, &codes::KEY_SPEC_UNSUPPORTED_BY_SERVICE, &|arn| {
            unfit_key(scope, arn)
        }),
        CheckTest::RoleAccount(of) => each(of, &codes::ROLE_ACCOUNT_MISMATCH, &|arn| {
            foreign_role(scope, arn)
        }),
    }
}

fn bucket_elsewhere(scope: &Scope<'_>, arn: &str) -> Option<String> {
    let region = s3::bucket(scope.engine, arn)?.region.as_ref()?;
    let own = &scope.setting.region;
    (region != own).then(|| format!("the bucket `{arn}` is in {region}, the job in {own}"))
}

fn key_elsewhere(scope: &Scope<'_>, arn: &str) -> Option<String> {
    let parsed = Arn::parse(arn)?;
    let own = &scope.setting.region;
    (parsed.region() != own).then(|| {
        format!(
            "the key `{arn}` is in {}, the job in {own}",
            parsed.region()
        )
    })
}

fn unfit_key(scope: &Scope<'_>, arn: &str) -> Option<String> {
    let record = keys::record(scope.engine, &Arn::parse(arn)?)?;
    let fits = [
        (&record.spec, "SYMMETRIC_DEFAULT"),
        (&record.usage, "ENCRYPT_DECRYPT"),
    ];
    let fits = fits
        .iter()
        .all(|(own, wanted)| *own == wanted || *own == NOT_KNOWN);
    (!fits).then(|| {
        format!("the key `{arn}` is of spec {} for {}; services encrypt data at rest under symmetric encryption keys only", record.spec, record.usage)
    })
}

fn foreign_role(scope: &Scope<'_>, arn: &str) -> Option<String> {
    let parsed = Arn::parse(arn)?;
    let own = &scope.setting.account;
    (parsed.account() != own).then(|| {
        format!(
            "the role `{arn}` belongs to {}, the job to {own}",
            parsed.account()
        )
    })
}
