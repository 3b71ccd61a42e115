//! The operation table of KMS-ACT, with the tables of KMS-STATE: for every operation who may, on which keys, and what
//! the key's state does to the call.

mod across;
mod alias;
mod asked;
mod classes;
mod conditions;
mod creation;
mod fits;
mod granted;
mod halves;
mod no_key;
mod one_key;
mod pairs;
mod place;
mod prefixes;
mod reencrypt;
mod regions;
mod retire;
mod specs;
mod states;
mod table;
mod worlds;

use super::case::Case;
use super::markdown::Rules;
use crate::failure::Failure;

use self::table::{Operation, Shape};

pub(crate) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    let operations = Operation::all(rules)?;
    let mut cases = decisions(&operations, rules)?;
    granted::check(rules, &operations)?;
    cases.extend(granted::cases(&operations));
    cases.extend(conditions::cases(&operations, rules)?);
    classes::check(rules, &operations)?;
    specs::check(rules)?;
    let rows = fits::spec_rows(rules)?;
    for operation in &operations {
        cases.extend(states::case(operation, rules, &rows)?);
    }
    cases.extend(pairs::cases(&operations, rules, &rows)?);
    cases.extend(specs::cases(&rows));
    Ok(cases)
}

/// Who may, by the shape of the operation.
fn decisions(operations: &[Operation], rules: &Rules) -> Result<Vec<Case>, Failure> {
    let checks = [
        one_key::check,
        across::check,
        no_key::check,
        retire::check,
        reencrypt::check,
        alias::check,
        creation::check,
        regions::check,
    ];
    for check in checks {
        check(rules)?;
    }
    let mut cases = Vec::new();
    for operation in operations {
        cases.push(match operation.shape {
            Shape::NoKey => no_key::case(operation)?,
            Shape::Retire => retire::case(operation)?,
            _ => one_key::case(operation)?,
        });
        match operation.shape {
            Shape::Alias => cases.push(alias::case(operation)?),
            Shape::AliasMove => cases.push(alias::case_of_move(operation)?),
            Shape::Replica => cases.push(regions::replication()?),
            Shape::Primary => cases.push(regions::promotion()?),
            Shape::NoKey if operation.name == "CreateKey" => cases.push(creation::case()?),
            _ => {}
        }
    }
    cases.push(reencrypt::case()?);
    cases.push(prefixes::case(operations, rules)?);
    Ok(cases)
}
