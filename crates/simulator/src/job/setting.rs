//! Where a job runs: account, Region, partition, and the revision of the documentation that counts.

use crate::engine::Engine;
use crate::explanation::Warning;
use crate::job::report::JobError;
use crate::job::request::{Interface, JobRequest};
use crate::job::template::library::Found;

/// Account, Region and the like of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) partition: String,
    pub(crate) region: String,
    pub(crate) account: String,
    /// Service principal that runs the job.
    pub(crate) service: String,
    /// `service:Operation` as AWS spells it.
    pub(crate) api: String,
    /// Empty for a template without profiles.
    pub(crate) profile: String,
    pub(crate) interface: Interface,
}

impl Setting {
    /// Finds out where the job runs.
    ///
    /// # Errors
    ///
    /// A Region or account that nobody says, and a profile that the template does not have.
    pub(crate) fn of(
        engine: &Engine,
        job: &JobRequest,
        found: Found<'_>,
    ) -> Result<Self, Vec<JobError>> {
        let mut errors = Vec::new();
        let snapshot = engine.snapshot();
        let region = job.region.clone().or_else(|| snapshot.region.clone());
        let account = job
            .account
            .clone()
            .or_else(|| job.caller.account.clone())
            .or_else(|| snapshot.account.clone());
        if region.is_none() {
            errors.push(missing(
                "REGION_MISSING",
                "Region",
                "give `region` in the job or in the snapshot",
            ));
        }
        if account.is_none() {
            let help = "give `account` in the job or in the snapshot, or a caller that belongs to an account";
            errors.push(missing("ACCOUNT_MISSING", "account", help));
        }
        let profile = profile(job, found)
            .map_err(|error| errors.push(error))
            .unwrap_or_default();
        let (Some(region), Some(account), true) = (region, account, errors.is_empty()) else {
            return Err(errors);
        };
        Ok(Self {
            partition: job
                .caller
                .partition
                .clone()
                .unwrap_or_else(|| partition_of(&region).to_owned()),
            region,
            account,
            service: found.template.service.clone(),
            api: found.operation.operation.clone(),
            profile,
            interface: job.interface,
        })
    }

    /// The operation without its service.
    pub(crate) fn operation(&self) -> &str {
        self.api
            .split_once(':')
            .map_or(self.api.as_str(), |(_, name)| name)
    }

    /// Name in files and output.
    pub(crate) fn interface_name(&self) -> &'static str {
        match self.interface {
            Interface::Api => "api",
            Interface::Console => "console",
        }
    }
}

fn missing(code: &str, what: &str, help: &str) -> JobError {
    JobError {
        code: code.to_owned(),
        field: None,
        message: format!("nothing says the job's {what}"),
        rule: Some("JOB-1".to_owned()),
        help: Some(help.to_owned()),
    }
}

/// Rule: JOB-PZ-1.
fn profile(job: &JobRequest, found: Found<'_>) -> Result<String, JobError> {
    let template = found.template;
    match &job.profile {
        Some(profile) if template.profiles.contains(profile) => Ok(profile.clone()),
        Some(profile) if !template.profiles.is_empty() => Err(JobError {
            code: "UNKNOWN_PROFILE".to_owned(),
            field: None,
            message: format!(
                "`{profile}` is no revision of the documentation of {}",
                found.operation.operation
            ),
            rule: Some("JOB-PZ-1".to_owned()),
            help: Some(format!("use one of {}", template.profiles.join(", "))),
        }),
        _ => Ok(template.default_profile.clone().unwrap_or_default()),
    }
}

/// A profile that makes no difference is not passed over in silence.
pub(crate) fn profile_warning(job: &JobRequest, found: Found<'_>) -> Option<Warning> {
    let profile = job
        .profile
        .as_ref()
        .filter(|_| found.template.profiles.is_empty())?;
    let message = format!(
        "the profile `{profile}` has no effect on {}, which has no profiles",
        found.operation.operation
    );
    Some(Warning {
        code: "PROFILE_WITHOUT_EFFECT",
        message,
    })
}

fn partition_of(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}
