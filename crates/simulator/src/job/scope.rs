//! Values of a template's names for one job.

use std::collections::HashMap;

use preclear_model::Arn;
use preclear_wildcard::Pattern;

use crate::engine::Engine;
use crate::job::request::JobRequest;
use crate::job::s3::{self, KeyUse, Location};
use crate::job::setting::Setting;
use crate::job::template::KeyUseExpr;
use crate::job::template::expr::{Attribute, Block, Condition, Expr, Text, TextPiece};
use crate::job::template::verify::{ITEM, Plan};
use crate::job::{fields, keys};

/// Everything that a template's texts may name.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) job: &'a JobRequest,
    pub(crate) setting: &'a Setting,
    values: HashMap<String, Vec<String>>,
    key_uses: HashMap<String, Vec<KeyUse>>,
}

impl<'a> Scope<'a> {
    /// Computes every name of the plan.
    pub(crate) fn new(
        engine: &'a Engine,
        job: &'a JobRequest,
        setting: &'a Setting,
        plan: &Plan,
    ) -> Self {
        let mut scope = Self {
            engine,
            job,
            setting,
            values: built_in(job, setting),
            key_uses: HashMap::new(),
        };
        for (name, expr) in &plan.names {
            let value = scope.value(expr);
            scope.values.insert(name.clone(), value);
        }
        for (name, expr) in &plan.key_uses {
            let uses = scope.evaluate_key_use(expr);
            scope.key_uses.insert(name.clone(), uses);
        }
        scope
    }

    /// The scope in which a part is decided for one text.
    pub(crate) fn with_item(&self, item: &str) -> Self {
        let mut scope = self.clone();
        scope.values.insert(ITEM.to_owned(), vec![item.to_owned()]);
        scope
    }

    /// Uses of a key by name.
    pub(crate) fn key_uses(&self, name: &str) -> &[KeyUse] {
        self.key_uses
            .get(name)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Texts behind a name; for key uses the keys.
    fn named(&self, name: &str) -> Vec<String> {
        match self.values.get(name) {
            Some(texts) => texts.clone(),
            None => union(
                self.key_uses(name)
                    .iter()
                    .map(|key_use| key_use.key.clone()),
            ),
        }
    }

    fn is_given(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|texts| !texts.is_empty())
            || !self.key_uses(name).is_empty()
    }

    /// A text with its names filled in; one for each combination of their values, none if a name has none.
    pub(crate) fn text(&self, text: &Text) -> Vec<String> {
        let mut filled = vec![String::new()];
        for piece in &text.pieces {
            match piece {
                TextPiece::Literal(literal) => {
                    filled.iter_mut().for_each(|text| text.push_str(literal))
                }
                TextPiece::Name(name) => {
                    let values = self.named(name);
                    filled = filled
                        .iter()
                        .flat_map(|start| values.iter().map(move |value| format!("{start}{value}")))
                        .collect();
                }
            }
        }
        filled
    }

    /// A text for people: names with several values are listed with commas.
    pub(crate) fn message(&self, text: &Text) -> String {
        text.pieces
            .iter()
            .map(|piece| match piece {
                TextPiece::Literal(literal) => literal.clone(),
                TextPiece::Name(name) => self.named(name).join(", "),
            })
            .collect()
    }

    /// The texts of a value, each once.
    pub(crate) fn value(&self, expr: &Expr) -> Vec<String> {
        match expr {
            Expr::Text(text) => self.text(text),
            Expr::All(all) => union(all.iter().flat_map(|expr| self.value(expr))),
            Expr::Block(block) => union(self.block(block)),
        }
    }

    fn block(&self, block: &Block) -> Vec<String> {
        let partition = &self.setting.partition;
        let places = |of: &Expr| {
            self.value(of)
                .iter()
                .filter_map(|text| Location::of(text))
                .collect::<Vec<_>>()
        };
        match block {
            Block::Field(path) => fields::texts(&self.job.request, path),
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
            Block::Match { of, cases } => self
                .value(of)
                .iter()
                .flat_map(|text| self.matched(text, cases))
                .collect(),
            Block::Rewrite { of, from, to } => self
                .value(of)
                .iter()
                .filter_map(|text| rewrite(text, from, to))
                .collect(),
            Block::S3Bucket(of) => places(of)
                .iter()
                .map(|place| place.bucket_arn(partition))
                .collect(),
            Block::S3Object(of) => places(of)
                .iter()
                .filter_map(|place| place.object_arn(partition))
                .collect(),
            Block::S3Below(of) => places(of)
                .iter()
                .map(|place| place.below(partition))
                .collect(),
            Block::S3Contents { of, except } => {
                let (of, except) = (self.value(of), self.value(except));
                s3::contents(self.engine, self.setting, &of, &self.job.data, &except)
            }
            Block::Key(of) => {
                let account = &self.setting.account;
                self.value(of)
                    .iter()
                    .map(|key| keys::arn(self.engine, self.setting, account, key))
                    .collect()
            }
            Block::AccountOf(of) => self
                .value(of)
                .iter()
                .filter_map(|arn| self.account_of(arn))
                .collect(),
            Block::Attribute { of, member } => self
                .value(of)
                .iter()
                .filter_map(|arn| self.attribute(arn, *member))
                .collect(),
            Block::CustomFunctions(of) => self
                .value(of)
                .into_iter()
                .filter(|function| !is_built_in(function))
                .collect(),
        }
    }

    fn matched(&self, text: &str, cases: &[(String, Text)]) -> Vec<String> {
        let case = cases
            .iter()
            .find(|(pattern, _)| Pattern::parse(pattern).is_match(text));
        case.map(|(_, then)| self.text(then)).unwrap_or_default()
    }

    fn account_of(&self, arn: &str) -> Option<String> {
        let arn = Arn::parse(arn)?;
        if !arn.account().is_empty() {
            return Some(arn.account().to_owned());
        }
        self.engine
            .resources()
            .carrier(&arn)
            .and_then(|resource| resource.record.account.clone())
    }

    fn attribute(&self, arn: &str, member: Attribute) -> Option<String> {
        let arn = Arn::parse(arn)?;
        let record = &self.engine.resources().carrier(&arn)?.record;
        match member {
            Attribute::KmsKey => record.kms_key.clone(),
            Attribute::Role => record.role.clone(),
            Attribute::DatasetGroup => record.dataset_group.clone(),
            Attribute::Region => record.region.clone(),
        }
    }

    /// Whether a condition holds.
    pub(crate) fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Given(name) => self.is_given(name),
            Condition::Not(condition) => !self.holds(condition),
            Condition::All(conditions) => conditions.iter().all(|condition| self.holds(condition)),
            Condition::Any(conditions) => conditions.iter().any(|condition| self.holds(condition)),
            Condition::Equals(left, right) => {
                let right = self.value(right);
                self.value(left).iter().any(|text| right.contains(text))
            }
            Condition::Differs(left, right) => {
                let right = self.value(right);
                self.value(left).iter().any(|text| !right.contains(text))
            }
            Condition::Like(left, right) => {
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
    }

    fn evaluate_key_use(&self, expr: &KeyUseExpr) -> Vec<KeyUse> {
        match expr {
            KeyUseExpr::Read { objects, key } => s3::reads(
                self.engine,
                self.setting,
                &self.value(objects),
                &self.value(key),
            ),
            KeyUseExpr::Write {
                objects,
                key,
                header,
            } => s3::writes(
                self.engine,
                self.setting,
                &self.value(objects),
                &self.value(key),
                *header,
            ),
        }
    }
}

fn built_in(job: &JobRequest, setting: &Setting) -> HashMap<String, Vec<String>> {
    let one = |text: &str| vec![text.to_owned()];
    HashMap::from([
        ("partition".to_owned(), one(&setting.partition)),
        ("region".to_owned(), one(&setting.region)),
        ("account".to_owned(), one(&setting.account)),
        ("service".to_owned(), one(&setting.service)),
        ("api".to_owned(), one(&setting.api)),
        ("operation".to_owned(), one(setting.operation())),
        ("interface".to_owned(), one(setting.interface_name())),
        ("profile".to_owned(), one(&setting.profile)),
        (
            "lifetime".to_owned(),
            one(if job.lifetime { "true" } else { "false" }),
        ),
        ("readers".to_owned(), job.readers.clone()),
        ("data".to_owned(), job.data.clone()),
    ])
}

fn union(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
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

/// Takes a text apart by one form and puts it together by another. A name takes as little as it can, the last one
/// all that is left.
fn rewrite(text: &str, from: &Text, to: &Text) -> Option<String> {
    let mut parts: Vec<(&str, &str)> = Vec::new();
    let mut rest = text;
    let mut pieces = from.pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            TextPiece::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
            TextPiece::Name(name) => {
                let end = match pieces.peek() {
                    Some(TextPiece::Literal(next)) => rest.find(next.as_str())?,
                    Some(TextPiece::Name(_)) => 0,
                    None => rest.len(),
                };
                parts.push((name, rest.get(..end)?));
                rest = rest.get(end..)?;
            }
        }
    }
    if !rest.is_empty() {
        return None;
    }
    to.pieces
        .iter()
        .map(|piece| match piece {
            TextPiece::Literal(literal) => Some(literal.as_str()),
            TextPiece::Name(name) => parts
                .iter()
                .find(|(part, _)| part == name)
                .map(|(_, value)| *value),
        })
        .collect()
}
