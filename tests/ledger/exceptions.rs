//! What the ledger passes over, from `exceptions.yaml`: a check, rules, and the reason.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use preclear_model::{Diagnostics, Fields, Node, Source, node};
use preclear_tests::here;

/// A check that rules can be excepted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    /// A case names the rule.
    Case,
    /// The code cites the rule.
    Citation,
    /// Cases expect two different answers.
    BothWays,
    /// Cases ask in every ambiguity mode.
    Modes,
    /// The documentation has the rule that is cited.
    Documented,
}

const CHECKS: [(&str, Check); 5] = [
    ("case", Check::Case),
    ("citation", Check::Citation),
    ("both ways", Check::BothWays),
    ("modes", Check::Modes),
    ("documented", Check::Documented),
];

impl Check {
    /// Its name in the file.
    pub(crate) fn name(self) -> &'static str {
        let mut names = CHECKS.iter();
        names
            .find(|(_, check)| *check == self)
            .map_or("", |(name, _)| name)
    }
}

/// The exceptions, by check and rule.
#[derive(Debug, Default)]
pub(crate) struct Exceptions {
    /// Line of the entry.
    pub(crate) lines: BTreeMap<(Check, String), u32>,
    /// What is wrong with the file.
    pub(crate) defects: Vec<String>,
}

impl Exceptions {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub(crate) fn read() -> io::Result<Self> {
        let path = here().join("ledger/exceptions.yaml");
        let text = std::fs::read_to_string(path)?;
        let source = Arc::new(Source::new("tests/ledger/exceptions.yaml", text));
        let mut exceptions = Self::default();
        let mut found = Diagnostics::new();
        match node::read(&source) {
            Ok(tree) => {
                for entry in tree.items() {
                    exceptions.add(entry, &source, &mut found);
                }
            }
            Err(errors) => found = errors,
        }
        exceptions
            .defects
            .extend(found.iter().map(|error| error.to_string()));
        Ok(exceptions)
    }

    /// True if the rule is excepted from the check.
    pub(crate) fn covers(&self, check: Check, rule: &str) -> bool {
        self.lines.contains_key(&(check, rule.to_owned()))
    }

    fn add(&mut self, entry: &Node, source: &Arc<Source>, found: &mut Diagnostics) {
        let line = source.position(entry.span.start).line;
        let Some(mut fields) = Fields::of(entry, source, "an exception", found) else {
            return;
        };
        let check = fields.choice("check", &CHECKS);
        let rules = fields.texts("rules");
        let why = fields.required_text("why").unwrap_or_default();
        if why.trim().is_empty() {
            self.defects.push(format!("line {line}: say why"));
        }
        fields.finish();
        let Some(check) = check else {
            self.defects.push(format!("line {line}: name the check"));
            return;
        };
        for (rule, _) in rules {
            let before = self.lines.insert((check, rule.to_owned()), line);
            if let Some(before) = before {
                self.defects.push(format!(
                    "lines {before} and {line}: {rule} is excepted from `{}` twice",
                    check.name()
                ));
            }
        }
    }
}
