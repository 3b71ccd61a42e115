//! `preclear completions` and `preclear man`: what shells and `man` read, made of the definition of the flags.

use clap_complete::generate;
use clap_mangen::Man;
use preclear_model::near::nearest;

use crate::args::{CompletionsArgs, ManArgs, whole_command};
use crate::exit::ExitCode;
use crate::failure::Failure;
use crate::run::Run;

/// Prints a shell's completions.
pub(crate) fn completions(
    args: &CompletionsArgs,
    run: &mut Run<'_, '_>,
) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    generate(args.shell, &mut whole_command(), "preclear", &mut script);
    run.out.write_bytes(&script)?;
    Ok(ExitCode::Success)
}

/// Prints one man page, or writes all of them.
pub(crate) fn man(args: &ManArgs, run: &mut Run<'_, '_>) -> Result<ExitCode, Failure> {
    let mut whole = whole_command();
    whole.build();
    let commands: Vec<&clap::Command> = whole
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
        .collect();
    if let Some(folder) = &args.out {
        let failed = |path: &std::path::Path| {
            let path = path.to_path_buf();
            move |error| Failure::File { path, error }
        };
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
        for command in commands.into_iter().chain([&whole]) {
            let path = folder.join(format!("{}.1", page_name(command)));
            std::fs::write(&path, page(command)?).map_err(failed(&path))?;
        }
        return Ok(ExitCode::Success);
    }
    let command = match &args.command {
        None => &whole,
        Some(name) => {
            let mut all = commands.iter();
            let found = all.find(|command| command.get_name() == name);
            found.copied().ok_or_else(|| unknown(name, &commands))?
        }
    };
    run.out.write_bytes(&page(command)?)?;
    Ok(ExitCode::Success)
}

fn unknown(name: &str, commands: &[&clap::Command]) -> Failure {
    let names: Vec<&str> = commands.iter().map(|command| command.get_name()).collect();
    let meant = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are `{}`", names.join("`, `")),
    };
    Failure::usage(format!("preclear has no command `{name}`: {meant}"))
}

fn page_name(command: &clap::Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

fn page(command: &clap::Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}
