//! What was meant by a slip of the pen. The parser compares words as wholes: of a short one with two letters in the wrong order it has
//! no idea, or a wrong one. Rule: UI-4

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

/// An error that proposes the name that is one slip away, if there is one.
pub(super) fn with_suggestion(mut error: Error, command: &Command, args: &[OsString]) -> Error {
    let (wrong, suggested) = match error.kind() {
        ErrorKind::InvalidSubcommand => (
            ContextKind::InvalidSubcommand,
            ContextKind::SuggestedSubcommand,
        ),
        ErrorKind::UnknownArgument => (ContextKind::InvalidArg, ContextKind::SuggestedArg),
        ErrorKind::InvalidValue => (ContextKind::InvalidValue, ContextKind::SuggestedValue),
        _ => return error,
    };
    let Some(ContextValue::String(wrong)) = error.get(wrong) else {
        return error;
    };
    let known: Vec<String> = match error.kind() {
        ErrorKind::InvalidSubcommand => command
            .get_subcommands()
            .map(|command| command.get_name().to_owned())
            .collect(),
        ErrorKind::UnknownArgument => flags(command, args),
        _ => match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(valid)) => valid.clone(),
            _ => Vec::new(),
        },
    };
    // Of several the parser's own choice.
    let is_proposed = match error.get(suggested) {
        Some(ContextValue::String(name)) => is_near(wrong, name),
        Some(ContextValue::Strings(names)) => names.iter().any(|name| is_near(wrong, name)),
        _ => false,
    };
    let near = known.into_iter().find(|name| is_near(wrong, name));
    if let Some(name) = near.filter(|_| !is_proposed) {
        let value = match suggested {
            ContextKind::SuggestedSubcommand => ContextValue::Strings(vec![name]),
            _ => ContextValue::String(name),
        };
        error.insert(suggested, value);
    }
    error
}

/// The flags of the command that was called, as they are written.
fn flags(command: &Command, args: &[OsString]) -> Vec<String> {
    let called = args.get(1).and_then(|name| name.to_str());
    let command = called.and_then(|name| command.find_subcommand(name));
    let args = command.map(Command::get_arguments).into_iter().flatten();
    args.filter_map(|arg| Some(format!("--{}", arg.get_long()?)))
        .collect()
}

fn is_near(wrong: &str, name: &str) -> bool {
    let [wrong, name] = [wrong, name].map(|word| word.trim_start_matches('-'));
    strsim::osa_distance(wrong, name) == 1
}
