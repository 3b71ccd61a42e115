//! The checks: what is missing for each rule, and what to do about it.

use std::collections::BTreeSet;

use preclear_simulator::AmbiguityMode;

use crate::book::{Book, Definition, Rule};
use crate::cases::{Asked, Cases, Outcome, Shown};
use crate::cited::Citations;
use crate::exceptions::{Check, Exceptions};
use crate::families::{FAMILIES, Family, NAMED_ONLY};
use crate::id::family;

/// What must at least be there: a reader that finds nothing would pass every check.
const RULES_MIN: usize = 500;
const CASES_MIN: usize = 500;
const CITATIONS_MIN: usize = 1000;

/// Everything that the ledger compares.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) book: Book,
    pub(crate) cases: Cases,
    pub(crate) citations: Citations,
    pub(crate) exceptions: Exceptions,
}

/// Problems, one per line of a failure.
pub(crate) type Problems = Vec<String>;

impl Ledger {
    /// Rules without a case. Situations have it in a file of their own name.
    pub(crate) fn without_case(&self, of: Family) -> Problems {
        self.missing(of, Check::Case, |id, rule| {
            let place = &rule.place;
            match of.own_file {
                None => format!("{id} ({place}): no case names it; write one below tests/cases"),
                Some(folder) => {
                    format!("{id} ({place}): tests/cases/{folder}{id}.yaml is missing, or does not name it")
                }
            }
        })
    }

    /// Rules that nothing which decides cites.
    pub(crate) fn without_citation(&self, of: Family) -> Problems {
        self.missing(of, Check::Citation, |id, rule| {
            format!(
                "{id} ({}): no code cites it; write `Rule: {id}` where it is built",
                rule.place
            )
        })
    }

    /// Rules of which all tests expect the same.
    pub(crate) fn without_opposite(&self, of: Family) -> Problems {
        self.missing(of, Check::BothWays, |id, rule| {
            let outcomes = self.outcomes(id);
            let only = outcomes.first().map(|outcome| format!("{:?}", outcome.answer));
            let only = only.unwrap_or_else(|| "nothing".to_owned());
            format!(
                "{id} ({}): its cases expect {only} alone; add one in which the rule decides otherwise",
                rule.place
            )
        })
    }

    /// Ambiguities that are not asked about in every mode, by tests which say that they mattered.
    pub(crate) fn without_mode(&self, of: Family) -> Problems {
        self.missing(of, Check::Modes, |id, rule| {
            let modes: Vec<&str> = MODES
                .iter()
                .filter(|(_, mode)| !self.is_asked(id, *mode))
                .map(|(name, _)| *name)
                .collect();
            format!(
                "{id} ({}): no test of a case that names it asks in mode `{}` and expects it in `depends_on` or `ambiguities`",
                rule.place,
                modes.join("`, `")
            )
        })
    }

    /// Citations of ids of a family that the documentation lacks.
    pub(crate) fn undocumented(&self, name: &str) -> Problems {
        let cited = self
            .citations
            .all
            .iter()
            .filter(|cited| family(&cited.id) == name);
        let unknown = cited.filter(|cited| !self.is_documented(&cited.id));
        unknown
            .filter(|cited| !self.exceptions.covers(Check::Documented, &cited.id))
            .map(|cited| {
                format!(
                    "{}: {} is no rule of the documentation",
                    cited.place, cited.id
                )
            })
            .collect()
    }

    /// Citations of families that nobody knows.
    pub(crate) fn of_unknown_families(&self) -> Problems {
        let is_known = |id: &str| {
            let name = family(id);
            NAMED_ONLY.contains(&name) || FAMILIES.iter().any(|of| of.name == name)
        };
        let cited = self
            .citations
            .all
            .iter()
            .filter(|cited| !is_known(&cited.id));
        let cited = cited.map(|cited| format!("{}: {} is of no family", cited.place, cited.id));
        let defined = self.book.rules.iter().filter(|(id, _)| !is_known(id));
        let defined = defined.map(|(id, rule)| {
            format!(
                "{}: {id} is of no family; add it to tests/ledger/families.rs",
                rule.place
            )
        });
        cited.chain(defined).collect()
    }

    /// `Rule:` comments that cite by a bare number.
    pub(crate) fn out_of_form(&self) -> Problems {
        let places = self.citations.out_of_form.iter();
        places
            .map(|place| format!("{place}: write every id in full, a range as `IAM-VAR-4…7`"))
            .collect()
    }

    /// Cases without rules, or with rules that the documentation lacks.
    pub(crate) fn astray(&self, folder: &[&Shown]) -> Problems {
        let mut problems = Problems::new();
        for file in folder {
            if file.rules.is_empty() {
                problems.push(format!("{}: say in `rules` what it shows", file.name));
            }
            let unknown = file.rules.iter().filter(|rule| !self.is_documented(rule));
            problems.extend(
                unknown
                    .map(|rule| format!("{}: {rule} is no rule of the documentation", file.name)),
            );
        }
        problems
    }

    /// Exceptions that nothing needs any more, and those of rules that do not exist.
    pub(crate) fn needless_exceptions(&self) -> Problems {
        let mut problems = self.exceptions.defects.clone();
        for ((check, rule), line) in &self.exceptions.lines {
            let is_needed = match check {
                Check::Documented => {
                    let mut all = self.citations.all.iter();
                    !self.is_documented(rule) && all.any(|cited| cited.id == *rule)
                }
                check => FAMILIES
                    .iter()
                    .find(|of| of.name == family(rule) && asks(**of, *check))
                    .is_some_and(|of| {
                        self.book.rules.contains_key(rule) && !self.holds(*of, *check, rule)
                    }),
            };
            if !is_needed {
                problems.push(format!(
                    "tests/ledger/exceptions.yaml:{line}: {rule} needs no exception from `{}`; remove it",
                    check.name()
                ));
            }
        }
        problems
    }

    /// Fewer rules, cases or citations than there must be.
    pub(crate) fn too_few(&self) -> Problems {
        let found = [
            ("rules", self.book.rules.len(), RULES_MIN),
            ("cases", self.cases.files.len(), CASES_MIN),
            ("citations", self.citations.all.len(), CITATIONS_MIN),
        ];
        let few = found.iter().filter(|(_, count, min)| count < min);
        few.map(|(what, count, _)| format!("only {count} {what} were found"))
            .collect()
    }

    fn is_documented(&self, id: &str) -> bool {
        self.book.rules.contains_key(id)
    }

    /// Rules of a family for which a check neither holds nor is excepted.
    fn missing(
        &self,
        of: Family,
        check: Check,
        message: impl Fn(&str, &Rule) -> String,
    ) -> Problems {
        self.book
            .family(of.name)
            .filter(|(_, rule)| of.own_file.is_some() || rule.definition == Definition::Rule)
            .filter(|(id, _)| !self.holds(of, check, id) && !self.exceptions.covers(check, id))
            .map(|(id, rule)| message(id, rule))
            .collect()
    }

    /// Whether a check holds for a rule.
    pub(crate) fn holds(&self, of: Family, check: Check, id: &str) -> bool {
        match check {
            Check::Case => match of.own_file {
                None => self.cases.of(id).next().is_some(),
                Some(folder) => self
                    .cases
                    .of(id)
                    .any(|file| is_file_of(&file.name, folder, id)),
            },
            Check::Citation => self.citations.by_code(id).next().is_some(),
            Check::BothWays => self.outcomes(id).len() > 1,
            Check::Modes => MODES.iter().all(|(_, mode)| self.is_asked(id, *mode)),
            Check::Documented => self.is_documented(id),
        }
    }

    /// What the tests of the cases about a rule expect. What a case names first it is about; the others it touches.
    fn outcomes<'a>(&'a self, id: &'a str) -> BTreeSet<&'a Outcome> {
        let about = self
            .cases
            .of(id)
            .filter(move |file| file.rules.first().is_some_and(|first| first == id));
        about.flat_map(|file| &file.outcomes).collect()
    }

    fn is_asked(&self, id: &str, mode: AmbiguityMode) -> bool {
        let Some(number) = id
            .strip_prefix("AMB-")
            .and_then(|number| number.parse().ok())
        else {
            return false;
        };
        let asks = |asked: &Asked| asked.mode == mode && asked.mattered.contains(&number);
        self.cases.of(id).flat_map(|file| &file.asked).any(asks)
    }
}

const MODES: [(&str, AmbiguityMode); 3] = [
    ("report", AmbiguityMode::Report),
    ("guess", AmbiguityMode::Guess),
    ("failsafe", AmbiguityMode::Failsafe),
];

/// Whether a check is made for a family.
pub(crate) fn asks(of: Family, check: Check) -> bool {
    match check {
        Check::Case => true,
        Check::Citation => of.is_built,
        Check::BothWays => of.is_shown_both_ways,
        Check::Modes => of.is_ambiguity,
        Check::Documented => false,
    }
}

/// `iam-traps/TRAP-51` with a letter behind it is a file of TRAP-51 too, `iam-traps/TRAP-5` is none.
fn is_file_of(name: &str, folder: &str, id: &str) -> bool {
    name.strip_prefix(folder)
        .and_then(|file| file.strip_prefix(id))
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}
