//! The question as it stands on the command line, for messages about it: UI-4 wants a place.

use std::sync::Arc;

use preclear_model::{Diagnostic, Diagnostics, Source, Span};
use preclear_simulator::Warning;

use crate::args::AskedArgs;

/// The flags that ask, as a text that messages can point into.
#[derive(Debug)]
pub(crate) struct Spoken {
    source: Arc<Source>,
    /// Where the values stand.
    values: Vec<(String, Span)>,
}

impl Spoken {
    pub(crate) fn of(asked: &AskedArgs) -> Self {
        let flags = [
            ("--action", &asked.action),
            ("--operation", &asked.operation),
            ("--resource", &asked.resource),
        ];
        let mut text = String::new();
        let mut values = Vec::new();
        for (flag, value) in flags {
            let Some(value) = value else { continue };
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(flag);
            text.push(' ');
            let start = text.len();
            text.push_str(value);
            values.push((format!("`{value}`"), Span::new(start, text.len())));
        }
        Self {
            source: Arc::new(Source::new("command line", text)),
            values,
        }
    }

    /// A warning about the question, with a place.
    pub(crate) fn warning(&self, warning: &Warning) -> Diagnostic {
        let told = Diagnostic::warning(warning.code, warning.message.clone())
            .rule(warning.rule)
            .help(warning.help.clone());
        match &warning.place {
            Some(place) => told.at(place.clone()),
            None => self.placed(told),
        }
    }

    /// Errors about the question, each with a place.
    pub(crate) fn errors(&self, errors: &[Diagnostic]) -> Diagnostics {
        let errors = errors.iter().map(|error| match error.place {
            Some(_) => error.clone(),
            None => self.placed(error.clone()),
        });
        Diagnostics(errors.collect())
    }

    /// At the value that the message names, else at all of the question.
    fn placed(&self, told: Diagnostic) -> Diagnostic {
        let mut named = self.values.iter();
        let named = named.find(|(value, _)| told.message.contains(value));
        let span = named.map_or(Span::new(0, self.source.text.len()), |(_, span)| *span);
        told.at(self.source.place(span))
    }
}

/// What messages say of members of a request, for a request that is made of flags.
pub(crate) fn in_flags(text: &str) -> String {
    let mut said = String::new();
    for (index, part) in text.split('`').enumerate() {
        let is_quoted = index % 2 == 1;
        let flag = match part {
            "force_context: true" => Some("`--force-context`".to_owned()),
            "resource" => Some("`--resource`".to_owned()),
            "via" => Some("`--via`".to_owned()),
            "encryption_context" => Some("`--encryption-context`".to_owned()),
            "grant_tokens" => Some("`--grant-token`".to_owned()),
            _ => in_parameters(part).or_else(|| {
                let service = part.strip_prefix("via: ")?;
                Some(format!("`--via {service}`"))
            }),
        };
        match flag.filter(|_| is_quoted) {
            Some(flag) => said.push_str(&flag),
            None if is_quoted => said.push_str(&format!("`{part}`")),
            None => said.push_str(part),
        }
    }
    said
}

fn in_parameters(part: &str) -> Option<String> {
    let name = part.strip_prefix("parameters.")?;
    Some(format!("`--parameters '{{\"{name}\": …}}'`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_become_flags_and_other_quotes_stay() {
        assert_eq!(
            in_flags("leave one out, or set `force_context: true`"),
            "leave one out, or set `--force-context`"
        );
        assert_eq!(
            in_flags("`s3x`: give `parameters.KeyId` or `ciphertext_key`, a resource"),
            "`s3x`: give `--parameters '{\"KeyId\": …}'` or `ciphertext_key`, a resource"
        );
        assert_eq!(in_flags("ask, with `via: s3`"), "ask, with `--via s3`");
    }
}
