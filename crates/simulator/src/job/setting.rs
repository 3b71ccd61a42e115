//! Where a job runs: account, Region, partition, and the revision of the documentation that counts.

use crate::codes::{self, Code};
use crate::engine::Engine;
use crate::explanation::Warning;
use crate::job::keys::Home;
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
            .or_else(|| job.caller.as_ref()?.account.clone())
            .or_else(|| snapshot.account.clone());
        if region.is_none() {
            errors.push(missing(&codes::REGION_MISSING, "Region"));
        }
        if account.is_none() {
            errors.push(missing(&codes::ACCOUNT_MISSING, "account"));
        }
        if let (Some(region), Some(partition)) = (
            &region,
            job.caller
                .as_ref()
                .and_then(|caller| caller.partition.as_ref()),
        ) && is_elsewhere(partition, region)
        {
            let message = format!(
                "the caller is of the partition `{partition}`, and the job runs in {region}"
            );
            errors.push(JobError::new(&codes::PARTITION_MISMATCH, message));
        }
        let profile = profile(job, found)
            .map_err(|error| errors.push(*error))
            .unwrap_or_default();
        let (Some(region), Some(account), true) = (region, account, errors.is_empty()) else {
            return Err(errors);
        };
        Ok(Self {
            partition: job
                .caller
                .as_ref()
                .and_then(|caller| caller.partition.clone())
                .unwrap_or_else(|| partition_of(&region).to_owned()),
            region,
            account,
            service: found.template.service.clone(),
            api: found.operation.operation.clone(),
            profile,
            interface: job.interface,
        })
    }

    /// Where the job's own identifiers are read.
    pub(crate) fn home(&self) -> Home<'_> {
        Home {
            partition: &self.partition,
            region: &self.region,
            account: &self.account,
        }
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

fn missing(row: &'static Code, what: &str) -> JobError {
    JobError::new(row, format!("nothing says the job's {what}"))
}

/// Rule: JOB-PZ-1.
fn profile(job: &JobRequest, found: Found<'_>) -> Result<String, Box<JobError>> {
    let template = found.template;
    match &job.profile {
        Some(profile) if template.profiles.contains(profile) => Ok(profile.clone()),
        Some(profile) if !template.profiles.is_empty() => {
            let message = format!(
                "`{profile}` is no revision of the documentation of {}",
                found.operation.operation
            );
            let error = JobError::new(&codes::UNKNOWN_PROFILE, message);
            let help = format!("use one of {}", template.profiles.join(", "));
            Err(Box::new(error.help(help)))
        }
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
    Some(Warning::new(&codes::PROFILE_WITHOUT_EFFECT, message))
}

/// True where an identity of this partition is unknown to AWS; only China and GovCloud are told by the names of their Regions.
fn is_elsewhere(partition: &str, region: &str) -> bool {
    let own = partition_of(region);
    partition != own && (own != "aws" || ["aws-cn", "aws-us-gov"].contains(&partition))
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
