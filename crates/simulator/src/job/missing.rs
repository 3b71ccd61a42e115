//! Why a value came to nothing: what somebody would have to say. Rule: JOB-2, JOB-8.

use crate::job::listed;
use crate::job::report::Basis;
use crate::job::s3;
use crate::job::scope::Scope;
use crate::job::template::expr::{Block, Expr};
use crate::job::value::union;

/// So many causes are told of one value.
const CAUSES_MAX: usize = 3;

/// That a part applies and does not ask all that it should, since a value is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) basis: Basis,
    /// True where it counts beside what is asked: nobody knows which key is in use.
    pub(crate) is_open: bool,
    /// The value, and why it is missing.
    pub(crate) text: String,
}

/// That nobody knows which key is in use in some buckets, where the part asks about keys in use. Rule: JOB-8, JOB-S3-1.
pub(crate) fn keys(scope: &Scope<'_>, name: &str) -> Option<String> {
    let mut buckets = scope.open_buckets(name).to_vec();
    buckets.truncate(CAUSES_MAX);
    let is_listed = |arn: &String| s3::bucket(scope.engine, arn).is_some();
    let does_not = match buckets.iter().all(is_listed) {
        true => "tell all of",
        false => "list",
    };
    (!buckets.is_empty()).then(|| {
        format!(
            "`{name}`: the snapshot does not {does_not} `{}`, whose default encryption says which key is in use",
            buckets.join("`, `")
        )
    })
}

/// Why a value of a part has no text, behind the name that it stands under.
pub(crate) fn text(scope: &Scope<'_>, member: &str, expr: &Expr) -> String {
    let value = match first_missing(scope, expr) {
        Some(name) => format!("`{name}` of `{member}`"),
        None => format!("`{member}`"),
    };
    format!("{value}: {}", cause(scope, expr))
}

/// The first name of a text that has no value.
fn first_missing<'e>(scope: &Scope<'_>, expr: &'e Expr) -> Option<&'e str> {
    match expr {
        Expr::Text(text) => text.names().find(|name| !scope.is_given(name)),
        Expr::All(all) => all.iter().find_map(|expr| first_missing(scope, expr)),
        Expr::Block(_) => None,
    }
}

/// Why a value has no text.
fn cause(scope: &Scope<'_>, expr: &Expr) -> String {
    match expr {
        Expr::Text(text) => {
            let missing = text.names().find(|name| !scope.is_given(name));
            missing.map_or_else(nothing, |name| of_name(scope, name))
        }
        Expr::All(all) => of_all(scope, all),
        Expr::Block(block) => of_block(scope, block),
    }
}

fn nothing() -> String {
    "there is none in this case".to_owned()
}

fn of_all(scope: &Scope<'_>, all: &[Expr]) -> String {
    let mut causes = union(all.iter().map(|expr| cause(scope, expr)));
    causes.truncate(CAUSES_MAX);
    match causes.is_empty() {
        true => nothing(),
        false => causes.join("; "),
    }
}

fn of_name(scope: &Scope<'_>, name: &str) -> String {
    let mut names = scope.plan.names.iter().chain(&scope.plan.of_item);
    if let Some((_, expr)) = names.find(|(own, _)| own == name) {
        return cause(scope, expr);
    }
    let mut key_uses = scope.plan.key_uses.iter();
    match (key_uses.find(|(own, _)| own == name), name) {
        (Some((_, key_use)), _) => cause(scope, key_use.subject()),
        (None, "data" | "readers" | "profile") => format!("the job says no `{name}`"),
        (None, "organization" | "management_account") => {
            "the snapshot does not say it of an organisation".to_owned()
        }
        (None, _) => nothing(),
    }
}

fn of_block(scope: &Scope<'_>, block: &Block) -> String {
    match block {
        Block::Field(path) => format!("the request has no `{}`", path.trim_start_matches("./")),
        Block::Names(path) => {
            let path = path.trim_start_matches("./");
            format!("the request names nothing in `{path}`")
        }
        Block::Elements { of, .. } => format!("no element of `{of}` in the request has one"),
        Block::First(all) => of_all(scope, all),
        Block::If {
            when,
            then,
            otherwise,
        } => cause(scope, if scope.holds(when) { then } else { otherwise }),
        Block::S3Contents { of, .. } => of_input(scope, block, of),
        _ => match block.parts().first() {
            Some((_, of)) => of_input(scope, block, of),
            None => nothing(),
        },
    }
}

/// Of a block that reads one value: that one is missing, or the block makes nothing of it.
fn of_input(scope: &Scope<'_>, block: &Block, of: &Expr) -> String {
    match scope.value(of).first() {
        None => cause(scope, of),
        Some(text) => made_nothing(scope, block, text),
    }
}

fn made_nothing(scope: &Scope<'_>, block: &Block, text: &str) -> String {
    match block {
        Block::Rewrite { .. } | Block::Match { .. } => {
            format!("`{text}` has no form that is understood")
        }
        Block::S3Bucket(_) | Block::S3Object(_) | Block::S3Below(_) | Block::S3Contents { .. } => {
            format!("`{text}` is no such place in S3")
        }
        Block::Attribute { .. } | Block::Described { .. }
            if listed::resources(scope.engine, text).is_empty() =>
        {
            format!("the snapshot does not list `{text}`")
        }
        Block::Attribute { member, .. } => {
            format!("the snapshot says no `{}` of `{text}`", member.name())
        }
        Block::Described { path, .. } => {
            format!("the snapshot says no `{path}` under `describe` of `{text}`")
        }
        Block::S3Plain(_) => format!("`{text}` is not known to lie under no key"),
        Block::Listed(_) => format!("the snapshot does not list `{text}`"),
        Block::AccountOf(_) => format!("nothing says the account of `{text}`"),
        Block::CustomFunctions(_) => format!("`{text}` is AWS's own"),
        _ => nothing(),
    }
}
