//! What values and tests of a template come to for one job.

use std::collections::{BTreeSet, HashSet};

use preclear_model::Arn;
use preclear_wildcard::Pattern;
use serde_json::{Map, Value};

use crate::job::rewrite::rewrite;
use crate::job::s3::{self, Location};
use crate::job::scope::Scope;
use crate::job::template::condition::Condition;
use crate::job::template::expr::{Block, Expr};
use crate::job::template::path;
use crate::job::template::text::Text;
use crate::job::{fields, keys, listed};

/// What values are read from: the job, and within `elements` one element of its request.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'r> {
    scope: &'r Scope<'r>,
    element: Option<&'r Value>,
}

impl<'r> Reader<'r> {
    /// Outside of `elements`.
    pub(crate) fn of(scope: &'r Scope<'_>) -> Self {
        Self {
            scope,
            element: None,
        }
    }

    /// The texts of a value, each once.
    pub(crate) fn value(self, expr: &Expr) -> Vec<String> {
        match expr {
            Expr::Text(text) => self.scope.text(text),
            Expr::All(all) => union(all.iter().flat_map(|expr| self.value(expr))),
            Expr::Block(block) => union(self.block(block)),
        }
    }

    fn block(self, block: &Block) -> Vec<String> {
        match block {
            Block::Field(path) => self.read(path, fields::texts),
            Block::Names(path) => self.read(path, fields::names),
            Block::Elements { of, when, take } => self.elements(of, when.as_ref(), take),
            Block::First(all) => all
                .iter()
                .map(|expr| self.value(expr))
                .find(|texts| !texts.is_empty())
                .unwrap_or_default(),
            Block::If {
                when,
                then,
                otherwise,
            } => self.value(if self.holds(when) { then } else { otherwise }),
            Block::Match { of, cases } => self.each(of, |text| self.matched(text, cases)),
            Block::Rewrite { of, from, to } => self.each(of, |text| rewrite(text, from, to)),
            Block::Join { of, with } => joined(&self.value(of), with).into_iter().collect(),
            Block::S3Bucket(_)
            | Block::S3Object(_)
            | Block::S3Below(_)
            | Block::S3Plain(_)
            | Block::S3Contents { .. } => self.s3(block),
            Block::Key(_)
            | Block::AccountOf(_)
            | Block::Attribute { .. }
            | Block::Described { .. }
            | Block::Listed(_)
            | Block::CustomFunctions(_) => self.known(block),
        }
    }

    /// Blocks about places in S3.
    fn s3(self, block: &Block) -> Vec<String> {
        let partition = &self.scope.setting.partition;
        match block {
            Block::S3Bucket(of) => self.each(of, |text| {
                Location::of(text).map(|place| place.bucket_arn(partition))
            }),
            Block::S3Object(of) => self.each(of, |text| {
                Location::of(text).and_then(|place| place.object_arn(partition))
            }),
            Block::S3Below(of) => self.each(of, |text| {
                Location::of(text).map(|place| place.below(partition))
            }),
            Block::S3Plain(of) => {
                let Scope {
                    engine, setting, ..
                } = self.scope;
                self.each(of, |object| {
                    s3::is_plain(engine, setting, object).then(|| object.to_owned())
                })
            }
            Block::S3Contents { of, except } => {
                let (of, except) = (self.value(of), self.value(except));
                let Scope {
                    engine,
                    setting,
                    job,
                    ..
                } = self.scope;
                s3::contents(engine, setting, &of, &job.data, &except)
            }
            _ => Vec::new(),
        }
    }

    /// Blocks about what the snapshot knows.
    fn known(self, block: &Block) -> Vec<String> {
        let Scope {
            engine, setting, ..
        } = self.scope;
        match block {
            Block::Key(of) => self.each(of, |key| Some(keys::arn(engine, setting.home(), key))),
            Block::AccountOf(of) => self.each(of, |arn| listed::account(engine, arn)),
            Block::Attribute { of, member } => {
                self.each(of, |arn| listed::attribute(engine, setting, arn, *member))
            }
            Block::Described { of, path } => {
                self.each(of, |arn| listed::described(engine, arn, path))
            }
            Block::Listed(of) => self.each(of, |arn| listed::arns(engine, arn)),
            Block::CustomFunctions(of) => self.each(of, |function| {
                (!is_built_in(function)).then(|| function.to_owned())
            }),
            _ => Vec::new(),
        }
    }

    /// What each text of a value leads to.
    fn each<T: IntoIterator<Item = String>>(
        self,
        of: &Expr,
        lead: impl FnMut(&str) -> T,
    ) -> Vec<String> {
        let mut lead = lead;
        let texts = self.value(of);
        texts.iter().flat_map(|text| lead(text)).collect()
    }

    fn elements(self, of: &str, when: Option<&Condition>, take: &Expr) -> Vec<String> {
        let all = fields::items(&self.scope.job.request, of).into_iter();
        let readers = all.map(|element| Reader {
            scope: self.scope,
            element: Some(element),
        });
        readers
            .filter(|reader| when.is_none_or(|when| reader.holds(when)))
            .flat_map(|reader| reader.value(take))
            .collect()
    }

    /// The object that a path is read in, and the path there.
    fn place<'p>(self, path: &'p str) -> Option<(&'r Map<String, Value>, &'p str)> {
        match path::within_element(path) {
            Some(within) => Some((self.element?.as_object()?, within)),
            None => Some((&self.scope.job.request, path)),
        }
    }

    fn read(self, path: &str, read: fn(&Map<String, Value>, &str) -> Vec<String>) -> Vec<String> {
        let place = self.place(path);
        place
            .map(|(members, path)| read(members, path))
            .unwrap_or_default()
    }

    fn matched(self, text: &str, cases: &[(String, Text)]) -> Vec<String> {
        let case = cases
            .iter()
            .find(|(pattern, _)| Pattern::parse(pattern).is_match(text));
        case.map(|(_, then)| self.scope.with_item(text).text(then))
            .unwrap_or_default()
    }

    /// Whether a test holds.
    pub(crate) fn holds(self, condition: &Condition) -> bool {
        match condition {
            Condition::Given(name) => self.scope.is_given(name),
            Condition::Has(path) => {
                let place = self.place(path);
                place.is_some_and(|(members, path)| fields::has(members, path))
            }
            Condition::Not(condition) => !self.holds(condition),
            Condition::All(conditions) => conditions.iter().all(|condition| self.holds(condition)),
            Condition::Any(conditions) => conditions.iter().any(|condition| self.holds(condition)),
            Condition::Equals(left, right) => {
                let right = self.value(right);
                self.value(left).iter().any(|text| right.contains(text))
            }
            Condition::Same(left, right) => {
                let [left, right] = [left, right].map(|expr| BTreeSet::from_iter(self.value(expr)));
                !left.is_empty() && left == right
            }
            Condition::Differs(left, right) => {
                let right = self.value(right);
                self.value(left).iter().any(|text| !right.contains(text))
            }
            Condition::Like(left, right) => self.is_like(left, right),
            Condition::Listed(of) => {
                let texts = self.value(of);
                let engine = self.scope.engine;
                texts.iter().any(|text| {
                    listed::arns(engine, text)
                        .iter()
                        .any(|arn| listed::is_told(engine, arn))
                })
            }
        }
    }

    fn is_like(self, left: &Expr, right: &Expr) -> bool {
        let patterns: Vec<Pattern> = self
            .value(right)
            .iter()
            .map(|pattern| Pattern::parse(pattern))
            .collect();
        self.value(left)
            .iter()
            .any(|text| patterns.iter().any(|pattern| pattern.is_match(text)))
    }
}

/// All texts as one; nothing of nothing.
fn joined(texts: &[String], with: &str) -> Option<String> {
    (!texts.is_empty()).then(|| texts.join(with))
}

/// Each text once.
pub(crate) fn union(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    texts
        .into_iter()
        .filter(|text| seen.insert(text.clone()))
        .collect()
}

/// Rule: JOB-GT-4.
fn is_built_in(function: &str) -> bool {
    Arn::parse(function).is_some_and(|arn| {
        let name = arn
            .resource()
            .strip_prefix("function:")
            .unwrap_or(arn.resource());
        preclear_catalog::sagemaker::is_built_in_function(arn.region(), arn.account(), name)
    })
}
