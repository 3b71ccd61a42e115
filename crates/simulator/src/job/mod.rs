//! Jobs: one API request that later needs a whole list of permissions from several principals.
//!
//! [`simulate`] turns a [`JobRequest`] into a [`JobReport`]. What a job needs is data: the templates of the catalogue
//! name operations, fields, values and rows of permissions; the modules here are the building blocks those are made
//! of. Nothing here decides a permission: each is a [`Request`](crate::Request) to the engine.

mod actor;
mod apply;
mod checks;
mod circumstances;
mod conditions;
mod existence;
mod fields;
mod fix;
mod format;
mod keys;
mod listed;
mod literal;
mod made_up;
mod mend;
mod missing;
mod nearest;
mod obstacle;
mod part;
mod prune;
mod question;
mod remedy;
pub mod report;
pub mod request;
mod rewrite;
mod row;
mod s3;
mod scope;
mod service_linked;
mod setting;
mod sides;
mod simulate;
mod statement;
mod summary;
mod superseded;
mod template;
mod through;
mod value;
mod verdict;
mod who;

#[cfg(test)]
mod tests;

pub use apply::{apply_fixes, fixed_documents};
pub use made_up::made_up;
pub use mend::{Advice, advise};
pub use report::{
    Basis, Fix, FixTarget, JobError, JobReport, JobVerdict, Phase, Requirement, RequirementPart,
};
pub use request::{Interface, JobRequest, JobSource};
pub use simulate::simulate;
pub use summary::JobTemplate;
pub use superseded::merged_fixes;
pub use template::library::JobTemplates;
pub use through::Through;
