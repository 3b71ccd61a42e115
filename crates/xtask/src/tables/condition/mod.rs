//! Conditions: every operator in every form against every state of a key, and the small tables of IAM-COND.

mod asked;
mod form;
mod null;
mod probe;
mod small;
mod states;
mod truths;
mod values;

use super::case::Case;
use super::markdown::Rules;
use crate::failure::Failure;

/// The files of IAM-TRI-3, IAM-TRI-4 and IAM-COND.
pub(crate) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    let truths = truths::Truths::read(rules)?;
    let mut cases = states::cases(&truths)?;
    cases.extend(null::cases(rules)?);
    cases.extend(values::cases()?);
    cases.extend(small::cases(rules, &truths)?);
    Ok(cases)
}
