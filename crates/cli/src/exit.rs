//! Exit codes. Rule: UI-1.
//!
//! Knows verdicts and two flags; nothing of how results are printed.

use preclear_simulator::job::{JobReport, JobVerdict};
use preclear_simulator::{Explanation, Operability, Verdict, WhoCan};

/// What a run of the program ends with. Rule: UI-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitCode {
    /// 0: allowed, holds, clean.
    Success,
    /// 1: denied, fails, findings.
    Failure,
    /// 2: unusable input or usage error.
    Unusable,
    /// 3: undecided.
    Undecided,
}

impl ExitCode {
    /// The number that the process ends with.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Unusable => 2,
            Self::Undecided => 3,
        }
    }

    /// The worse of two, in the order 2, 1, 3, 0.
    ///
    /// ```
    /// use preclear::ExitCode;
    /// assert_eq!(ExitCode::Undecided.worse(ExitCode::Failure), ExitCode::Failure);
    /// assert_eq!(ExitCode::Unusable.worse(ExitCode::Failure), ExitCode::Unusable);
    /// ```
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if other.badness() > self.badness() {
            other
        } else {
            self
        }
    }

    fn badness(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Undecided => 1,
            Self::Failure => 2,
            Self::Unusable => 3,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

/// How verdicts become exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExitRules {
    /// `--strict`: undecided counts as denied, and so do gaps.
    pub strict: bool,
    /// `--exit-zero`: denied and undecided count as success.
    pub exit_zero: bool,
}

impl ExitRules {
    /// The code for the answer to one request.
    #[must_use]
    pub fn explanation(self, explanation: &Explanation) -> ExitCode {
        self.verdict(explanation.verdict, &explanation.operability)
    }

    /// The code for a verdict and its operability.
    #[must_use]
    pub fn verdict(self, verdict: Verdict, operability: &Operability) -> ExitCode {
        self.flags(match verdict {
            Verdict::Allow => match operability {
                Operability::NotAsked | Operability::Ok => ExitCode::Success,
                Operability::Exception(_) => ExitCode::Failure,
            },
            Verdict::NotApplicable => ExitCode::Success,
            Verdict::ExplicitDeny | Verdict::ImplicitDeny => ExitCode::Failure,
            Verdict::Depends => ExitCode::Undecided,
            Verdict::Invalid => ExitCode::Unusable,
        })
    }

    /// The code for who may: the best answer of those that count. Somebody may, or nobody does.
    #[must_use]
    pub fn who_can(self, answer: &WhoCan) -> ExitCode {
        if !answer.errors.is_empty() {
            return ExitCode::Unusable;
        }
        // What KMS answers to the operation itself it answers to all: nobody can.
        if answer.refusal().is_some() {
            return self.flags(ExitCode::Failure);
        }
        let may = answer.counted();
        let free = answer.listed.iter().chain(&answer.outsiders);
        let free = free.filter(|one| one.verdict == Verdict::NotApplicable);
        let codes = may.chain(free).map(|one| {
            let operability = one.answer.as_ref().map(|answer| &answer.operability);
            self.verdict(one.verdict, operability.unwrap_or(&Operability::NotAsked))
        });
        let best = codes.min_by_key(|code| code.badness());
        best.unwrap_or(self.flags(ExitCode::Failure))
    }

    /// The code for the answer about a job.
    #[must_use]
    pub fn job(self, report: &JobReport) -> ExitCode {
        self.job_verdict(report.verdict)
    }

    /// The code for a job's verdict.
    #[must_use]
    pub fn job_verdict(self, verdict: JobVerdict) -> ExitCode {
        self.flags(match verdict {
            JobVerdict::Allowed => ExitCode::Success,
            JobVerdict::Gaps if self.strict => ExitCode::Failure,
            JobVerdict::Gaps => ExitCode::Success,
            JobVerdict::Undecided => ExitCode::Undecided,
            JobVerdict::Denied | JobVerdict::Inoperable => ExitCode::Failure,
            JobVerdict::Invalid => ExitCode::Unusable,
        })
    }

    fn flags(self, code: ExitCode) -> ExitCode {
        match code {
            ExitCode::Failure | ExitCode::Undecided if self.exit_zero => ExitCode::Success,
            ExitCode::Undecided if self.strict => ExitCode::Failure,
            code => code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    const PLAIN: ExitRules = ExitRules {
        strict: false,
        exit_zero: false,
    };
    const STRICT: ExitRules = ExitRules {
        strict: true,
        exit_zero: false,
    };
    const ZERO: ExitRules = ExitRules {
        strict: false,
        exit_zero: true,
    };

    #[test]
    fn requests_by_the_table_of_ui_1() {
        let disabled = sample::inoperable();
        let rows = [
            (Verdict::Allow, Operability::Ok, [0, 0, 0]),
            (Verdict::Allow, Operability::NotAsked, [0, 0, 0]),
            (Verdict::Allow, disabled.clone(), [1, 1, 0]),
            (Verdict::ExplicitDeny, Operability::NotAsked, [1, 1, 0]),
            (Verdict::ImplicitDeny, Operability::NotAsked, [1, 1, 0]),
            (Verdict::Depends, Operability::NotAsked, [3, 1, 0]),
            (Verdict::Depends, disabled, [3, 1, 0]),
            (Verdict::NotApplicable, Operability::NotAsked, [0, 0, 0]),
            (Verdict::Invalid, Operability::NotAsked, [2, 2, 2]),
        ];
        for (verdict, operability, numbers) in rows {
            for (rules, number) in [PLAIN, STRICT, ZERO].into_iter().zip(numbers) {
                let code = rules.verdict(verdict, &operability);
                assert_eq!(code.number(), number, "{verdict} {operability:?} {rules:?}");
            }
        }
    }

    #[test]
    fn jobs_by_the_table_of_ui_1() {
        let rows = [
            (JobVerdict::Allowed, [0, 0, 0]),
            (JobVerdict::Gaps, [0, 1, 0]),
            (JobVerdict::Undecided, [3, 1, 0]),
            (JobVerdict::Inoperable, [1, 1, 0]),
            (JobVerdict::Denied, [1, 1, 0]),
            (JobVerdict::Invalid, [2, 2, 2]),
        ];
        for (verdict, numbers) in rows {
            for (rules, number) in [PLAIN, STRICT, ZERO].into_iter().zip(numbers) {
                assert_eq!(
                    rules.job_verdict(verdict).number(),
                    number,
                    "{verdict} {rules:?}"
                );
            }
        }
    }

    #[test]
    fn the_worst_of_many_is_2_then_1_then_3_then_0() {
        use ExitCode::{Failure, Success, Undecided, Unusable};
        let order = [Success, Undecided, Failure, Unusable];
        for (place, worse) in order.iter().enumerate() {
            for better in order.iter().take(place + 1) {
                assert_eq!(worse.worse(*better), *worse);
                assert_eq!(better.worse(*worse), *worse);
            }
        }
    }
}
