//! One situation in several forms: every form gives the same answers, and the script that collects outputs writes a form.

#[cfg(test)]
#[path = "inputs/collect.rs"]
mod collect;
#[cfg(test)]
#[path = "inputs/forms.rs"]
mod forms;
