//! `preclear schema`: JSON Schemas of the file formats, for editors.
//!
//! They know names of members, words to choose from and what must be there. Everything else is checked where files are read. Each
//! conformance case is held against the schema of test files (`tests/cli/schema.rs`).

use serde_json::{Map, Value, json};

use crate::args::{FileFormat, SchemaArgs};
use crate::exit::ExitCode;
use crate::failure::Failure;
use crate::render::json;
use crate::run::Run;

/// All formats, as definitions that refer to one another.
const FORMATS: &str = include_str!("../schemas/formats.json");

/// Prints one format's schema.
pub(crate) fn run(args: &SchemaArgs, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    run.out
        .write_bytes(json::document(&schema(args.format)).as_bytes())?;
    Ok(ExitCode::Success)
}

fn schema(format: FileFormat) -> Value {
    let (name, title) = match format {
        FileFormat::Test => ("test", "Test file of preclear"),
        FileFormat::Snapshot => ("snapshot_file", "Snapshot of preclear"),
        FileFormat::Request => ("requests", "Requests of preclear"),
        FileFormat::Job => ("jobs", "Jobs of preclear"),
    };
    // A unit test reads it.
    let formats: Map<String, Value> = serde_json::from_str(FORMATS).unwrap_or_default();
    let mut schema = Map::new();
    let mut put = |name: &str, value: Value| schema.insert(name.to_owned(), value);
    put(
        "$schema",
        formats.get("$schema").cloned().unwrap_or_default(),
    );
    put("title", json!(title));
    put("$ref", json!(format!("#/$defs/{name}")));
    put("$defs", formats.get("$defs").cloned().unwrap_or_default());
    Value::Object(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    members.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        for format in [
            FileFormat::Test,
            FileFormat::Snapshot,
            FileFormat::Request,
            FileFormat::Job,
        ] {
            let schema = schema(format);
            let mut found = Vec::new();
            references(&schema, &mut found);
            assert!(found.len() > 20);
            for reference in found {
                let pointer = reference.strip_prefix('#').unwrap();
                assert!(schema.pointer(pointer).is_some(), "{reference}");
            }
        }
    }
}
