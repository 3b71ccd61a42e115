//! What many answers come to: how often each verdict, and what was noticed on the way.

use std::collections::BTreeMap;

use preclear_simulator::Verdict;

use crate::exit::ExitCode;
use crate::render::counted;
use crate::render::text::Noticed;

/// What was answered so far. It grows with the kinds of things that are noticed, never with the answers.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) answers: usize,
    by_verdict: Vec<(Verdict, usize)>,
    warned: Group,
    assumed: Group,
    pub(super) code: ExitCode,
}

/// Answers that have something, and each of its kinds.
#[derive(Debug, Default)]
struct Group {
    answers: usize,
    by_kind: BTreeMap<String, usize>,
}

impl Default for Tally {
    fn default() -> Self {
        let verdicts = [
            Verdict::Allow,
            Verdict::ExplicitDeny,
            Verdict::ImplicitDeny,
            Verdict::Depends,
            Verdict::NotApplicable,
            Verdict::Invalid,
        ];
        Self {
            answers: 0,
            by_verdict: verdicts.map(|verdict| (verdict, 0)).to_vec(),
            warned: Group::default(),
            assumed: Group::default(),
            code: ExitCode::Success,
        }
    }
}

impl Tally {
    pub(super) fn add(&mut self, verdict: Verdict, noticed: &Noticed, code: ExitCode) {
        self.answers += 1;
        self.code = self.code.worse(code);
        for (known, count) in &mut self.by_verdict {
            *count += usize::from(*known == verdict);
        }
        self.warned.add(noticed.warnings.iter().copied());
        self.assumed
            .add(noticed.assumptions.iter().map(String::as_str));
    }

    /// `3 requests: 2 allow, 1 implicit_deny`, then what the marks behind the answers come to.
    pub(super) fn summary(&self, is_explained: bool) -> String {
        let counts = self.by_verdict.iter().filter(|(_, count)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(verdict, count)| format!("{count} {verdict}"))
            .collect();
        let mut text = format!(
            "{}: {}\n",
            counted(self.answers, "request"),
            counts.join(", ")
        );
        for (group, what) in [
            (&self.warned, "with warnings"),
            (&self.assumed, "with assumptions of their own"),
        ] {
            if group.answers > 0 {
                text.push_str(&format!("{} {what}: {}\n", group.answers, group.kinds()));
            }
        }
        if !is_explained && self.warned.answers + self.assumed.answers > 0 {
            text.push_str("`--explain` or `--format jsonl` tells what they are\n");
        }
        text
    }
}

impl Group {
    fn add<'k>(&mut self, kinds: impl Iterator<Item = &'k str>) {
        let mut has_any = false;
        for kind in kinds {
            has_any = true;
            match self.by_kind.get_mut(kind) {
                Some(count) => *count += 1,
                None => drop(self.by_kind.insert(kind.to_owned(), 1)),
            }
        }
        self.answers += usize::from(has_any);
    }

    fn kinds(&self) -> String {
        let kinds = self.by_kind.iter();
        let kinds: Vec<String> = kinds
            .map(|(kind, count)| format!("{kind} ({count})"))
            .collect();
        kinds.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noticed_is_counted_by_answers_and_by_kinds() {
        let noticed = |warnings: &[&'static str], assumptions: &[&str]| Noticed {
            warnings: warnings.iter().copied().collect(),
            assumptions: assumptions.iter().map(|one| (*one).to_owned()).collect(),
        };
        let mut tally = Tally::default();
        let allow = |tally: &mut Tally, noticed: &Noticed| {
            tally.add(Verdict::Allow, noticed, ExitCode::Success);
        };
        allow(&mut tally, &noticed(&[], &[]));
        assert_eq!(tally.summary(false), "1 request: 1 allow\n");
        allow(&mut tally, &noticed(&["B", "A"], &[]));
        allow(&mut tally, &noticed(&["B"], &["principal"]));
        let counts = "3 requests: 3 allow\n2 with warnings: A (1), B (2)\n\
                      1 with assumptions of their own: principal (1)\n";
        assert_eq!(tally.summary(true), counts);
        assert!(tally.summary(false).starts_with(counts));
        assert!(tally.summary(false).contains("`--explain`"));
    }
}
