//! What is wrong with a template whatever its operations.

use std::collections::BTreeSet;

use preclear_catalog::{catalog, kms, services};
use preclear_model::near::nearest;

use crate::job::template::expr::Expr;
use crate::job::template::shape::Shape;
use crate::job::template::verify::problems::Problem;
use crate::job::template::{Actor, Part, PartSpec, TagFields, Template};

/// Everything of that kind.
pub(super) fn problems(template: &Template) -> Vec<Problem> {
    let mut whole = Whole {
        template,
        found: Vec::new(),
    };
    whole.profiles();
    whole.operations();
    if template.requirements.is_empty() {
        whole.report("requirements", "a template has one row or more");
    }
    whole.rows();
    whole.services();
    whole.actions();
    whole.fields_of_checks();
    whole.found
}

/// What is wrong with an action.
fn unknown_action(text: &str) -> Option<String> {
    let Some((prefix, name)) = text.split_once(':') else {
        return Some(format!("`{text}` is no action\nwrite `service:Action`"));
    };
    let Some(service) = catalog().service(prefix) else {
        let near = misspelt_service(prefix)?;
        return Some(format!(
            "`{text}` is no action that is known\ndid you mean `{near}:{name}`?"
        ));
    };
    let is_known = match name.strip_suffix('*') {
        Some(stem) => service.actions_starting_with(stem).next().is_some(),
        None => service.action(name).is_some(),
    };
    if is_known {
        return None;
    }
    let known = service.actions().map(|action| action.name());
    let help = match nearest(name, known) {
        Some(near) => format!("did you mean `{}:{near}`?", service.prefix()),
        None => "write it as AWS's service authorization reference does".to_owned(),
    };
    Some(format!("`{text}` is no action that is known\n{help}"))
}

/// The service that a name is nearly that of. Names of services that the catalogue does not know are many, so that one that is near to
/// none is taken as it stands, and so is one that lacks the version in a prefix: `macie` of `macie2`.
fn misspelt_service(name: &str) -> Option<&'static str> {
    let is_known = catalog().service(name).is_some() || services::supports_called_via(name);
    if is_known {
        return None;
    }
    let is_digit = |c: char| c.is_ascii_digit();
    // Of one letter alone any other is a slip.
    let known = catalog().services().map(|service| service.prefix());
    let known = known.filter(|prefix| prefix.len() > 1 && name.len() > 1);
    nearest(name, known).filter(|near| near.trim_end_matches(is_digit) != name)
}

/// What is wrong with the host that a service calls by.
fn unknown_principal(host: &str) -> Option<String> {
    // Hosts with more before it are of parts of a service: `monitoring.rds.amazonaws.com`.
    let name = host.strip_suffix(".amazonaws.com")?;
    let near = misspelt_service(name)?;
    Some(format!(
        "`{host}` is no service principal that is known\ndid you mean `{near}.amazonaws.com`?"
    ))
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

    fn operations(&mut self) {
        let template = self.template;
        if template.operations.is_empty() {
            self.report("operations", "a template has one operation or more");
        }
        let mut seen = BTreeSet::new();
        for (index, own) in template.operations.iter().enumerate() {
            let name = &own.operation;
            let place = format!("operations[{index}].operation");
            let is_whole = name
                .split_once(':')
                .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
            if !is_whole && *name != template.id {
                self.report(
                    &place,
                    format!(
                        "`{name}` is no operation\nwrite `service:Operation`, or the template's `id` where no single operation starts the job"
                    ),
                );
            }
            if !seen.insert(name.to_ascii_lowercase()) {
                let what = format!("the operation `{name}` stands here twice");
                self.report(&place, what);
            }
        }
    }

    /// Services as principals, and services that calls come through.
    fn services(&mut self) {
        let template = self.template;
        if !template.service.contains('.') {
            let service = &template.service;
            self.report(
                "service",
                format!("`{service}` is no service principal\nwrite `{service}.amazonaws.com`"),
            );
        } else if let Some(what) = unknown_principal(&template.service) {
            self.report("service", what);
        }
        for (place, part) in self.parts() {
            if let Actor::OtherService(host) | Actor::RoleOf { service: host, .. } = &part.actor
                && let Some(what) = host.literal().and_then(unknown_principal)
            {
                self.report(format!("{place}.as"), what);
            }
            for (index, text) in part.via.iter().enumerate() {
                let Some(name) = text.literal() else { continue };
                let host = name.strip_suffix(".amazonaws.com").unwrap_or(name);
                let calls_as = kms::via_service(host);
                if calls_as != host {
                    let what = format!(
                        "`{host}` calls other services as `{calls_as}`\nwrite `{calls_as}`"
                    );
                    self.report(format!("{place}.via[{index}]"), what);
                    continue;
                }
                if catalog().service(host).is_some() || services::supports_called_via(host) {
                    continue;
                }
                let known = catalog().services().map(|service| service.prefix());
                let help = match nearest(host, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "write the first part of the service's host, such as `s3`".to_owned(),
                };
                self.report(
                    format!("{place}.via[{index}]"),
                    format!("`{name}` names no service that a call could come through\n{help}"),
                );
            }
        }
    }

    /// Actions as far as the template spells them out. Of services that the catalogue does not know nothing can be said.
    fn actions(&mut self) {
        for (place, part) in self.parts() {
            for (member, list) in [("actions", Some(&part.actions)), ("on", part.on.as_ref())] {
                if matches!(list, Some(Expr::All(all)) if all.is_empty()) {
                    let what = format!("an empty list of `{member}` asks about nothing");
                    self.report(format!("{place}.{member}"), what);
                }
            }
            let place = format!("{place}.actions");
            let written = match &part.actions {
                Expr::Text(text) => vec![(place, text)],
                Expr::All(all) => {
                    let texts = all.iter().enumerate().filter_map(|(index, one)| match one {
                        Expr::Text(text) => Some((format!("{place}[{index}]"), text)),
                        _ => None,
                    });
                    texts.collect()
                }
                Expr::Block(_) => Vec::new(),
            };
            for (place, text) in written {
                if let Some(what) = text.literal().and_then(unknown_action) {
                    self.report(place, what);
                }
            }
        }
    }

    /// Permissions, each behind the members that lead to it.
    fn parts(&self) -> Vec<(String, &'a Part)> {
        let rows = self.template.requirements.iter().enumerate();
        let parts = rows.flat_map(|(index, row)| {
            row.all_parts()
                .filter_map(move |(within, part)| match part {
                    PartSpec::Allow(part) => {
                        Some((format!("requirements[{index}].{within}.allow"), &**part))
                    }
                    _ => None,
                })
        });
        parts.collect()
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
