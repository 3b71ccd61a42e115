//! What is wrong with a template whatever its operations.

use std::collections::BTreeSet;

use crate::job::template::shape::Shape;
use crate::job::template::verify::problems::Problem;
use crate::job::template::{PartSpec, TagFields, Template};

/// Everything of that kind.
pub(super) fn problems(template: &Template) -> Vec<Problem> {
    let mut whole = Whole {
        template,
        found: Vec::new(),
    };
    whole.profiles();
    if template.operations.is_empty() {
        whole.report("operations", "a template has one operation or more");
    }
    whole.rows();
    whole.fields_of_checks();
    whole.found
}

struct Whole<'a> {
    template: &'a Template,
    found: Vec<Problem>,
}

impl<'a> Whole<'a> {
    fn report(&mut self, path: impl Into<String>, what: impl Into<String>) {
        self.found
            .push(Problem::of_template(path.into(), what.into()));
    }

    fn profiles(&mut self) {
        let template = self.template;
        match &template.default_profile {
            Some(profile) if !template.profiles.contains(profile) => self.report(
                "default_profile",
                format!("`{profile}` is no profile of this template"),
            ),
            None if !template.profiles.is_empty() => self.report(
                "profiles",
                "a template with profiles names its `default_profile`",
            ),
            _ => {}
        }
    }

    /// The shapes that the operations have at a path.
    fn shapes(&self, path: &str) -> Vec<&'a Shape> {
        let operations = self.template.operations.iter();
        operations
            .filter_map(|operation| operation.fields.at(path))
            .collect()
    }

    fn rows(&mut self) {
        let mut ids = BTreeSet::new();
        for (index, row) in self.template.requirements.iter().enumerate() {
            if !ids.insert(row.id.as_str()) {
                self.report(
                    format!("requirements[{index}].id"),
                    format!("the id `{}` stands here twice", row.id),
                );
            }
            for (within, part) in row.all_parts() {
                if let PartSpec::Allow(part) = part
                    && let Some(tags) = &part.tags
                {
                    self.tags(&format!("requirements[{index}].{within}.allow.tags"), tags);
                }
            }
        }
    }

    /// Tags of one operation are enough: others may have none.
    fn tags(&mut self, place: &str, tags: &TagFields) {
        let shapes = self.shapes(&tags.field);
        if shapes.is_empty() {
            let what = format!("no operation has the field `{}`", tags.field);
            return self.report(format!("{place}.field"), what);
        }
        match (&tags.key, &tags.value, tags.map) {
            (Some(key), Some(value), false) => {
                for (member, name) in [("key", key), ("value", value)] {
                    if shapes
                        .iter()
                        .all(|shape| shape.element().at(name).is_none())
                    {
                        let what = format!("`{}` has no member `{name}`", tags.field);
                        self.report(format!("{place}.{member}"), what);
                    }
                }
            }
            (None, None, true) => {
                let is_object = |shape: &&Shape| matches!(shape, Shape::Map | Shape::Members(_));
                if !shapes.iter().any(is_object) {
                    let what = format!("`{}` is no object", tags.field);
                    self.report(format!("{place}.map"), what);
                }
            }
            _ => self.report(place, "tags have either `key` and `value`, or `map`"),
        }
    }

    /// A check of the whole template may be about a field that not every operation has.
    fn fields_of_checks(&mut self) {
        let template = self.template;
        let own = template.operations.iter().enumerate().map(|(index, own)| {
            let place = format!("operations[{index}].checks");
            (place, &own.checks)
        });
        let checks = std::iter::once(("checks".to_owned(), &template.checks)).chain(own);
        for (list, checks) in checks {
            for (index, check) in checks.iter().enumerate() {
                let field = check.field.as_deref();
                if let Some(path) = field.filter(|path| self.shapes(path).is_empty()) {
                    self.report(
                        format!("{list}[{index}].field"),
                        format!("no operation has the field `{path}`"),
                    );
                }
            }
        }
    }
}
