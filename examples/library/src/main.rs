//! Loads an account's policies once, and asks two questions.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use preclear_inputs::disk::Disk;
use preclear_inputs::{Options, snapshot};
use preclear_model::Caller;
use preclear_simulator::{Ask, ContextMode, ContextValue, Detail, Engine, Request};

fn main() -> Result<(), Box<dyn Error>> {
    ask(Path::new("examples/account"), &mut std::io::stdout())
}

/// Asks whether the report may decrypt, and prints the answers.
pub(crate) fn ask(account: &Path, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let loaded = snapshot::load([account], &Disk::default(), &Options::default())?;
    // What is not wrong and yet worth a look, such as a file that nothing refers to.
    assert!(loaded.diagnostics.is_empty(), "{}", loaded.diagnostics);
    let engine = Engine::compile(loaded.value);

    let caller = Caller::parse("arn:aws:iam::111122223333:role/report")?;
    let mut request = Request::new(caller, Ask::Action("kms:Decrypt".to_owned()));
    request.resource = Some("alias/orders".to_owned());

    // Nobody says where the call comes from.
    let answer = engine.explain(&request, Detail::Reasons);
    writeln!(out, "{}", answer.verdict)?;
    for dependency in &answer.depends_on {
        writeln!(out, "  depends on {dependency}")?;
    }

    // Now somebody does, and says that the request has nothing else.
    request.mode = ContextMode::Closed;
    let address = ContextValue::One("203.0.113.7".to_owned());
    request.context.insert("aws:SourceIp".to_owned(), address);
    let answer = engine.explain(&request, Detail::Reasons);
    writeln!(out, "{}", answer.verdict)?;
    for reason in &answer.reasons {
        let statement = reason.statement.as_ref().and_then(|one| one.sid.as_deref());
        writeln!(out, "  {} {}", reason.code, statement.unwrap_or_default())?;
    }
    Ok(())
}
