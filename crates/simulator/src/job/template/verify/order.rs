//! Names of an operation, in an order in which each can be computed from those before it.

use std::collections::BTreeMap;

use preclear_model::near::nearest;

use crate::job::template::KeyUseExpr;
use crate::job::template::expr::Expr;
use crate::job::template::verify::problems::meant;
use crate::job::template::verify::values::At;
use crate::job::template::verify::{BUILT_IN, ITEM, Verifier};

/// A value with its name.
type Named = (String, Expr);

impl Verifier<'_, '_> {
    /// Where a name of the template, or of the operation, is defined.
    fn place_of(&self, list: &str, name: &str, is_own: bool) -> String {
        if is_own {
            format!("{}.{list}.{name}", self.place)
        } else {
            format!("{list}.{name}")
        }
    }

    fn place_of_name(&self, name: &str) -> String {
        self.place_of("let", name, self.operation.names.contains_key(name))
    }

    fn is_known(&self, name: &str) -> bool {
        self.known.iter().any(|known| known == name)
    }

    /// Values of template and operation, each behind those that it uses: those of the whole job, and those that depend on
    /// `{item}`, which parts with `for_each` know, and uses of keys.
    pub(super) fn ordered_names(&mut self) -> (Vec<Named>, Vec<Named>) {
        self.known.push(ITEM.to_owned());
        let all = self.all_ordered();
        let mut of_item: Vec<Named> = Vec::new();
        let mut of_job: Vec<Named> = Vec::new();
        for (name, expr) in all {
            let is_of_item =
                |used: &&str| *used == ITEM || of_item.iter().any(|(own, _)| own == used);
            match expr.names().iter().any(is_of_item) {
                true => of_item.push((name, expr)),
                false => of_job.push((name, expr)),
            }
        }
        self.of_item = of_item.iter().map(|(name, _)| name.clone()).collect();
        self.of_item.push(ITEM.to_owned());
        self.forget_item();
        (of_job, of_item)
    }

    /// Lets what follows name `{item}` and what depends on it.
    pub(super) fn know_item(&mut self) {
        self.known.extend(self.of_item.iter().cloned());
    }

    pub(super) fn forget_item(&mut self) {
        self.known.retain(|name| !self.of_item.contains(name));
    }

    fn all_ordered(&mut self) -> Vec<Named> {
        let mut waiting: BTreeMap<&String, &Expr> = self.template.names.iter().collect();
        waiting.extend(&self.operation.names);
        let mut ordered: Vec<(String, Expr)> = Vec::new();
        loop {
            let ready: Vec<&String> = waiting
                .iter()
                .filter(|(_, expr)| expr.names().iter().all(|used| self.is_known(used)))
                .map(|(name, _)| *name)
                .collect();
            if ready.is_empty() {
                break;
            }
            for name in ready {
                if let Some(expr) = waiting.remove(name) {
                    self.value(At::start(&self.place_of_name(name)), expr);
                    ordered.push((name.clone(), expr.clone()));
                    self.known.push(name.clone());
                }
            }
        }
        self.report_waiting(&waiting);
        for (name, _) in &ordered {
            if BUILT_IN.contains(&name.as_str()) || name == ITEM {
                self.report(
                    self.place_of_name(name),
                    format!("`{name}` is always there and cannot be defined"),
                );
            }
        }
        ordered
    }

    /// Names that cannot be computed.
    fn report_waiting(&mut self, waiting: &BTreeMap<&String, &Expr>) {
        for (name, expr) in waiting {
            let used = expr.names();
            let missing: Vec<&&str> = used.iter().filter(|used| !self.is_known(used)).collect();
            let is_defined = |used: &&str| waiting.keys().any(|other| other.as_str() == *used);
            let undefined = missing.iter().find(|used| !is_defined(used));
            let known = self.known.iter().map(String::as_str);
            let known = known.chain(waiting.keys().map(|name| name.as_str()));
            let near = undefined.and_then(|used| nearest(used, known));
            let problem = if undefined.is_none() {
                "is part of a circle through"
            } else {
                "uses what is not defined:"
            };
            let listed: Vec<String> = missing.iter().map(|used| format!("`{used}`")).collect();
            let what = format!("`{name}` {problem} {}{}", listed.join(", "), meant(near));
            self.report(self.place_of_name(name), what);
        }
    }

    /// Key uses of template and operation.
    pub(super) fn key_uses(&mut self) -> Vec<(String, KeyUseExpr)> {
        let mut all: BTreeMap<&String, &KeyUseExpr> = self.template.key_uses.iter().collect();
        all.extend(&self.operation.key_uses);
        let mut key_uses = Vec::new();
        self.know_item();
        for (name, key_use) in all {
            let is_own = self.operation.key_uses.contains_key(name);
            let place = self.place_of("key_uses", name, is_own);
            for (within, part) in key_use.parts() {
                self.value(At::start(&format!("{place}.{within}")), part);
            }
            if self.is_known(name) {
                self.report(&place, format!("`{name}` is also a value"));
            }
            key_uses.push((name.clone(), key_use.clone()));
        }
        self.forget_item();
        self.key_uses = key_uses.iter().map(|(name, _)| name.clone()).collect();
        self.known.extend(self.key_uses.iter().cloned());
        key_uses
    }
}
