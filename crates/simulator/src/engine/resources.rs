//! Resources other than principals and keys, compiled.

use preclear_model::ArnRef;

use crate::engine::policies::PolicySet;
use crate::engine::principals::compile_given;
use crate::engine::table::NameTable;
use crate::snapshot::{Given, ResourceRecord, Snapshot};

/// A resource.
#[derive(Debug)]
pub(crate) struct CompiledResource {
    pub(crate) record: ResourceRecord,
    pub(crate) policy: Given<PolicySet>,
}

/// All resources.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    records: Vec<CompiledResource>,
    by_arn: NameTable<String, usize>,
}

impl Resources {
    pub(crate) fn compile(snapshot: &Snapshot) -> Self {
        let mut resources = Self::default();
        for record in &snapshot.resources {
            resources
                .by_arn
                .insert(record.arn.as_str().to_owned(), resources.records.len());
            resources.records.push(CompiledResource {
                policy: compile_given(&record.policy),
                record: record.clone(),
            });
        }
        resources
    }

    /// The resource that carries the policy for this ARN: itself, the bucket of an object, the function of a
    /// version or alias.
    pub(crate) fn carrier<'t>(&self, arn: impl Into<ArnRef<'t>>) -> Option<&CompiledResource> {
        if self.records.is_empty() {
            return None;
        }
        let arn = arn.into();
        let find = |text: &str| {
            self.by_arn
                .get(text)
                .and_then(|index| self.records.get(*index))
        };
        if let Some(found) = find(arn.as_str()) {
            return Some(found);
        }
        let resource = arn.resource();
        let end = match arn.service() {
            "s3" => resource.find('/')?,
            "lambda" => {
                let name_start = resource
                    .strip_prefix("function:")
                    .map(|_| "function:".len())?;
                name_start + resource.get(name_start..)?.find(':')?
            }
            _ => return None,
        };
        let prefix = arn.as_str().len() - resource.len();
        find(arn.as_str().get(..prefix + end)?)
    }

    /// The resource with exactly this ARN.
    pub(crate) fn by_arn(&self, arn: &str) -> Option<&CompiledResource> {
        self.by_arn
            .get(arn)
            .and_then(|index| self.records.get(*index))
    }
}
