//! Why a run cannot go on. Everything here ends with exit code 2.

use std::io;
use std::path::PathBuf;

use preclear_model::{Diagnostic, Diagnostics};

use crate::io::Stream;
use crate::render::diagnostics;
use crate::render::style::Tone;
use crate::render::text::wrap_prose;

/// What keeps the program from answering.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The flags do not make a question.
    Usage(String),
    /// Inputs cannot be used; at least one of these is an error.
    Input(Diagnostics),
    /// Results cannot be written.
    Output(io::Error),
    /// A file cannot be written.
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// Tells the user.
    pub(crate) fn report(&self, err: &mut Stream<'_>) -> io::Result<()> {
        let error = Tone::Bad.paint("error");
        match self {
            Self::Usage(message) => {
                let message = wrap_prose(&format!("{error}: {message}"), err.width());
                err.write(&format!(
                    "{message}\n\nFor more information, try '--help'.\n"
                ))?;
            }
            Self::Input(diagnostics) => {
                err.write(&diagnostics::render(diagnostics, err.width()))?
            }
            Self::Output(cause) => {
                err.write(&format!("{error}: results cannot be written: {cause}\n"))?
            }
            Self::File { path, error: cause } => {
                err.write(&format!(
                    "{error}: `{}` cannot be written: {cause}\n",
                    path.display()
                ))?;
            }
        }
        err.flush()
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Input(diagnostics)
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Input(diagnostic.into())
    }
}
