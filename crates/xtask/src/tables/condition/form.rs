//! The forms of an operator: with a set operator or without, with `IfExists` or without.

/// A set operator before the base name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    None,
    ForAllValues,
    ForAnyValue,
}

/// An operator as it stands in a policy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) base: &'static str,
    pub(super) set: Set,
    pub(super) is_negated: bool,
    pub(super) has_if_exists: bool,
}

impl Form {
    /// The six forms of a base name.
    pub(super) fn all(base: &'static str, is_negated: bool) -> Vec<Form> {
        let mut forms = Vec::new();
        for set in [Set::None, Set::ForAllValues, Set::ForAnyValue] {
            for has_if_exists in [false, true] {
                forms.push(Form {
                    base,
                    set,
                    is_negated,
                    has_if_exists,
                });
            }
        }
        forms
    }

    /// The name of the operator.
    pub(super) fn operator(self) -> String {
        let set = match self.set {
            Set::None => "",
            Set::ForAllValues => "ForAllValues:",
            Set::ForAnyValue => "ForAnyValue:",
        };
        let suffix = if self.has_if_exists { "IfExists" } else { "" };
        format!("{set}{}{suffix}", self.base)
    }

    /// What is special about the form, beside the base name.
    pub(super) fn name(self) -> &'static str {
        match (self.set, self.has_if_exists) {
            (Set::None, false) => "bare",
            (Set::None, true) => "IfExists",
            (Set::ForAllValues, false) => "ForAllValues",
            (Set::ForAllValues, true) => "ForAllValues IfExists",
            (Set::ForAnyValue, false) => "ForAnyValue",
            (Set::ForAnyValue, true) => "ForAnyValue IfExists",
        }
    }

    /// `positive` or `negated`, as the tables call it.
    pub(super) fn polarity(self) -> &'static str {
        if self.is_negated {
            "negated"
        } else {
            "positive"
        }
    }
}
