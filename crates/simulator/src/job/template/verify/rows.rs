//! Rows, their parts, and tests of requests.

use preclear_model::near::nearest;

use crate::job::template::verify::Verifier;
use crate::job::template::verify::problems::meant;
use crate::job::template::verify::values::At;
use crate::job::template::{Actor, CheckTest, Part, PartSpec, Row};

impl Verifier<'_, '_> {
    /// Checks the test of a check.
    pub(super) fn check_test(&mut self, place: &str, test: &CheckTest) {
        match test {
            CheckTest::Refuse { when, message, .. } => {
                self.condition(At::start(&format!("{place}.test.refuse.when")), when);
                self.names(format!("{place}.test.refuse.message"), message.names());
            }
            CheckTest::BucketRegion(of)
            | CheckTest::KeyRegion(of)
            | CheckTest::KeySpec(of)
            | CheckTest::RoleAccount(of) => {
                self.value(At::start(&format!("{place}.test")), of);
            }
        }
    }

    /// Checks a row.
    pub(super) fn row(&mut self, place: &str, row: &Row) {
        if let Some(when) = &row.when {
            self.condition(At::start(&format!("{place}.when")), when);
        }
        if row.parts.is_empty() == row.alternatives.is_empty() {
            self.report(
                place,
                "a row has either `parts` or `alternatives`".to_owned(),
            );
        }
        for (index, hint) in row.hints.iter().enumerate() {
            let place = format!("{place}.hints[{index}]");
            self.names(&place, hint.text.names());
            self.names(&place, hint.near_miss.iter().flat_map(|text| text.names()));
        }
        for (within, part) in row.all_parts() {
            self.part_spec(&format!("{place}.{within}"), part);
        }
    }

    fn part_spec(&mut self, place: &str, part: &PartSpec) {
        match part {
            PartSpec::Allow(part) => self.part(&format!("{place}.allow"), part),
            PartSpec::PassRole { actor, role } => {
                self.actor(&format!("{place}.pass_role.as"), actor);
                self.value(At::start(&format!("{place}.pass_role.role")), role);
            }
            PartSpec::AssumeRole {
                role, source_arn, ..
            } => {
                self.value(At::start(&format!("{place}.assume_role.role")), role);
                let place = format!("{place}.assume_role.source_arn");
                self.value(At::start(&place), source_arn);
            }
        }
    }

    fn part(&mut self, place: &str, part: &Part) {
        let within = |member: &str| format!("{place}.{member}");
        if part.on.is_some() == part.on_keys.is_some() {
            self.report(place, "a part has either `on` or `on_keys`".to_owned());
        }
        if let Some(each) = &part.for_each {
            self.value(At::start(&within("for_each")), each);
            self.know_item();
        }
        self.actor(&within("as"), &part.actor);
        self.value(At::start(&within("actions")), &part.actions);
        for (member, value) in [("on", &part.on), ("region", &part.region)] {
            value
                .iter()
                .for_each(|value| self.value(At::start(&within(member)), value));
        }
        for (list, values) in [
            ("context", &part.context),
            ("encryption_context", &part.encryption_context),
        ] {
            for (key, value) in values {
                self.value(At::start(&within(&format!("{list}.{key}"))), value);
            }
        }
        if let Some(when) = &part.when {
            self.condition(At::start(&within("when")), when);
        }
        self.via(&within("via"), part);
        if let Some(name) = &part.on_keys
            && !self.key_uses.contains(name)
        {
            let near = nearest(name, self.key_uses.iter().map(String::as_str));
            let what = format!("`{name}` names no key uses{}", meant(near));
            self.report(within("on_keys"), what);
        }
        if part.for_each.is_some() {
            self.forget_item();
        }
    }

    /// Rule: IAM-PRIN-13.
    fn via(&mut self, place: &str, part: &Part) {
        for (index, service) in part.via.iter().enumerate() {
            self.names(format!("{place}[{index}]"), service.names());
        }
        let is_service = matches!(part.actor, Actor::Service | Actor::OtherService(_));
        if is_service && !part.via.is_empty() {
            let what = "a service that acts as itself calls directly, not through another";
            self.report(place, what.to_owned());
        }
    }

    fn actor(&mut self, place: &str, actor: &Actor) {
        match actor {
            Actor::Caller | Actor::Service => {}
            Actor::OtherService(name) => self.names(place, name.names()),
            Actor::Role(of) | Actor::Principal(of) => self.value(At::start(place), of),
            Actor::RoleOf { role, service } => {
                self.value(At::start(&format!("{place}.role_of.role")), role);
                self.names(place, service.names());
            }
        }
    }
}
