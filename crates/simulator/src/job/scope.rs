//! Names of a template for one job, and what they stand for.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use preclear_model::Policy;

use crate::engine::Engine;
use crate::job::circumstances::{Pairs, combinations};
use crate::job::keys;
use crate::job::request::JobRequest;
use crate::job::s3::{self, KeyUse};
use crate::job::setting::Setting;
use crate::job::template::KeyUseExpr;
use crate::job::template::condition::Condition;
use crate::job::template::expr::Expr;
use crate::job::template::text::{Text, TextPiece};
use crate::job::template::verify::{ITEM, Plan};
use crate::job::value::{Reader, union};

/// Everything that a template's texts may name.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) job: &'a JobRequest,
    pub(crate) setting: &'a Setting,
    pub(crate) plan: &'a Plan,
    /// What the request gives the sessions that the template's service makes of roles.
    pub(crate) session_policies: Vec<Arc<Policy>>,
    values: HashMap<String, Vec<String>>,
    key_uses: HashMap<String, Vec<KeyUse>>,
    /// Buckets of which nobody knows which key is in use, by the name of the key uses.
    open_buckets: HashMap<String, Vec<String>>,
}

impl<'a> Scope<'a> {
    /// Computes every name of the plan.
    pub(crate) fn new(
        engine: &'a Engine,
        job: &'a JobRequest,
        setting: &'a Setting,
        plan: &'a Plan,
    ) -> Self {
        let mut scope = Self {
            engine,
            job,
            setting,
            plan,
            session_policies: Vec::new(),
            values: built_in(engine, job, setting),
            key_uses: HashMap::new(),
            open_buckets: HashMap::new(),
        };
        for (name, expr) in &plan.names {
            let value = scope.value(expr);
            scope.values.insert(name.clone(), value);
        }
        for (name, expr) in &plan.key_uses {
            scope.use_keys(name, expr);
        }
        scope
    }

    /// The scope in which `{item}` is a text.
    pub(crate) fn with_item(&self, item: &str) -> Self {
        let mut scope = self.clone();
        scope.values.insert(ITEM.to_owned(), vec![item.to_owned()]);
        scope
    }

    /// The same, with the values and uses of keys that depend on the text.
    pub(crate) fn for_item(&self, item: &str) -> Self {
        let mut scope = self.with_item(item);
        let plan = self.plan;
        for (name, expr) in &plan.of_item {
            let value = scope.value(expr);
            scope.values.insert(name.clone(), value);
        }
        let names_item = |expr: &KeyUseExpr| {
            let mut parts = expr.parts().into_iter();
            parts.any(|(_, part)| part.names().iter().any(|name| plan.is_of_item(name)))
        };
        for (name, expr) in plan.key_uses.iter().filter(|(_, expr)| names_item(expr)) {
            scope.use_keys(name, expr);
        }
        scope
    }

    fn use_keys(&mut self, name: &str, expr: &KeyUseExpr) {
        let uses = self.evaluate_key_use(expr);
        self.key_uses.insert(name.to_owned(), uses);
        let open = self.buckets_without_default(expr);
        self.open_buckets.insert(name.to_owned(), open);
    }

    /// Uses of a key by name.
    pub(crate) fn key_uses(&self, name: &str) -> &[KeyUse] {
        self.key_uses
            .get(name)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Buckets that the snapshot does not list, where their default encryption says which key is in use. Rule: JOB-8.
    pub(crate) fn open_buckets(&self, name: &str) -> &[String] {
        self.open_buckets
            .get(name)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Texts behind a name; for key uses the keys.
    pub(crate) fn named(&self, name: &str) -> Vec<String> {
        match self.values.get(name) {
            Some(texts) => texts.clone(),
            None => union(
                self.key_uses(name)
                    .iter()
                    .map(|key_use| key_use.key.clone()),
            ),
        }
    }

    /// True for a name that has a value; key uses also where nobody knows that there are none.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|texts| !texts.is_empty())
            || !self.key_uses(name).is_empty()
            || !self.open_buckets(name).is_empty()
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
        Reader::of(self).value(expr)
    }

    /// Whether a condition holds.
    pub(crate) fn holds(&self, condition: &Condition) -> bool {
        Reader::of(self).holds(condition)
    }

    /// Pairs of an encryption context, one set for each combination of their values; a pair without value is left out.
    pub(crate) fn pairs(&self, stated: &BTreeMap<String, Expr>) -> Vec<Pairs> {
        let stated = stated.iter();
        combinations(stated.map(|(name, value)| (name.as_str(), self.value(value))))
    }

    fn evaluate_key_use(&self, expr: &KeyUseExpr) -> Vec<KeyUse> {
        match expr {
            KeyUseExpr::Read {
                objects,
                key,
                managed,
            } => s3::reads(
                self.engine,
                self.setting,
                &self.value(objects),
                &self.value(key),
                *managed,
            ),
            KeyUseExpr::Write {
                objects,
                key,
                header,
                managed,
            } => s3::writes(
                self.engine,
                self.setting,
                &self.value(objects),
                &self.value(key),
                *header,
                *managed,
            ),
            KeyUseExpr::Named {
                key,
                context,
                managed,
            } => self.named_keys(key, context, *managed),
        }
    }

    fn buckets_without_default(&self, expr: &KeyUseExpr) -> Vec<String> {
        match expr {
            KeyUseExpr::Read { objects, key, .. }
            | KeyUseExpr::Write {
                objects,
                key,
                header: false,
                ..
            } if self.value(key).is_empty() => {
                s3::unlisted(self.engine, self.setting, &self.value(objects))
            }
            _ => Vec::new(),
        }
    }

    /// Keys by identifier, but for those that need no permission. Rule: KMS-AMK-2, KMS-AMK-5.
    fn named_keys(
        &self,
        key: &Expr,
        context: &BTreeMap<String, Expr>,
        managed: bool,
    ) -> Vec<KeyUse> {
        let pairs = self.pairs(context);
        let identifiers = self.value(key);
        let named = identifiers
            .iter()
            .map(|key| keys::arn(self.engine, self.setting.home(), key));
        union(named)
            .into_iter()
            .filter(|key| keys::is_asked_about(self.engine, self.setting, key, managed))
            .flat_map(|key| {
                let uses = pairs.iter();
                uses.map(move |context| KeyUse {
                    key: key.clone(),
                    context: context.clone(),
                })
            })
            .collect()
    }
}

fn built_in(engine: &Engine, job: &JobRequest, setting: &Setting) -> HashMap<String, Vec<String>> {
    let organization = engine.snapshot().organization.as_ref();
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
        (
            "organization".to_owned(),
            organization.map(|own| own.id.clone()).into_iter().collect(),
        ),
        (
            "management_account".to_owned(),
            organization
                .and_then(|own| own.management_account.clone())
                .into_iter()
                .collect(),
        ),
    ])
}
