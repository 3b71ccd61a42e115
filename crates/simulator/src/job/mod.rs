//! Jobs: one API request that later needs a whole list of permissions from several principals.

mod apply;
mod fix;
pub mod report;
pub mod request;

pub use apply::{apply_fixes, fixed_documents};
pub use report::{Basis, Fix, FixTarget, JobError, JobReport, JobVerdict, Phase, Requirement, RequirementPart};
pub use request::{Interface, JobRequest};
