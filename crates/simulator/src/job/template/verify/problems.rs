//! What does not fit together in a template, where, and for which operations.

/// Something that does not fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Members that lead to where it stands, such as `requirements[2].parts[0]`.
    pub(crate) path: String,
    /// What is wrong; behind a line break what to do.
    what: String,
    /// Operations for which it is; empty: whatever the operation.
    operations: Vec<String>,
}

impl Problem {
    /// A problem whatever the operation.
    pub(super) fn of_template(path: String, what: String) -> Self {
        Self {
            path,
            what,
            operations: Vec::new(),
        }
    }

    /// What is wrong, and for which operations.
    pub(crate) fn message(&self) -> String {
        let what = self.what.lines().next().unwrap_or_default();
        if self.operations.is_empty() {
            return what.to_owned();
        }
        format!("{what}, for {}", self.operations.join(", "))
    }

    /// What to do about it, where there is more to say than how templates are written.
    pub(crate) fn help(&self) -> Option<&str> {
        self.what.split_once('\n').map(|(_, help)| help)
    }
}

/// The line of help that names what was probably meant.
pub(super) fn meant(near: Option<&str>) -> String {
    near.map(|near| format!("\ndid you mean `{near}`?"))
        .unwrap_or_default()
}

/// What was found so far.
pub(super) struct Problems {
    found: Vec<Problem>,
    /// How many operations the template has.
    operations: usize,
}

impl Problems {
    /// Starts with what is wrong whatever the operation.
    pub(super) fn new(found: Vec<Problem>, operations: usize) -> Self {
        Self { found, operations }
    }

    /// Takes in what is wrong for one operation.
    pub(super) fn report(&mut self, path: String, what: String, operation: &str) {
        let same = |problem: &&mut Problem| problem.path == path && problem.what == what;
        if let Some(problem) = self.found.iter_mut().find(same) {
            if !problem.operations.iter().any(|own| own == operation) {
                problem.operations.push(operation.to_owned());
            }
            return;
        }
        self.found.push(Problem {
            path,
            what,
            operations: vec![operation.to_owned()],
        });
    }

    /// What is wrong for every operation is wrong with the template.
    pub(super) fn merged(mut self) -> Vec<Problem> {
        for problem in &mut self.found {
            if problem.operations.len() == self.operations {
                problem.operations.clear();
            }
        }
        self.found
    }
}
