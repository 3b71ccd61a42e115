//! IAM-PRIN-1: the identity keys of each kind of requester, one file for a kind.

mod kinds;

use serde_json::{Value, json};

use super::case::{Case, set};
use super::markdown::{Row, Rules, Table, codes, plain};
use super::world::{self, A, B, Effect};
use crate::failure::Failure;

use self::kinds::{Caller, ROLE, USER, callers};

const KEYS: [&str; 4] = [
    "aws:PrincipalArn",
    "aws:PrincipalType",
    "aws:userid",
    "aws:username",
];
const REQUEST: &str = "request ARN (what GetCallerIdentity prints)";

pub(crate) fn cases(rules: &Rules) -> Result<Vec<Case>, Failure> {
    let table = rules.table("IAM-PRIN-1")?;
    rules
        .rule("IAM-PRIN-1")?
        .says("`aws:PrincipalAccount` is the account id (`anonymous` for anonymous)")?;
    let callers = callers();
    for row in table.rows() {
        if callers
            .iter()
            .all(|caller| plain(row.label()) != caller.kind)
        {
            return Err(row.unread(row.label()));
        }
    }
    callers.iter().map(|caller| case(table, caller)).collect()
}

/// What a cell says of a key.
enum Carries {
    Text(String),
    Absent,
    /// An entry of the register; asked there.
    Ambiguous,
}

impl Caller {
    fn column(&self, table: &Table, row: Row<'_>, column: &str) -> Result<Carries, Failure> {
        let cell = row.cell(column)?;
        let other = |label: &str| self.column(table, table.row(label)?, column);
        match plain(cell).trim_start_matches("I: ") {
            "–" => Ok(Carries::Absent),
            "same" | "same, with path" => self.column(table, row, REQUEST),
            "as IAM user" => other(USER.0),
            "as role session" => other(ROLE.0),
            text if text.starts_with("AMB-") => Ok(Carries::Ambiguous),
            _ => match codes(cell).first() {
                Some(pattern) => Ok(Carries::Text(self.expand(pattern))),
                None => Err(row.unread(cell)),
            },
        }
    }

    /// The text of a pattern: whole words between colons and slashes are letters.
    fn expand(&self, pattern: &str) -> String {
        let letter = |word: &str| {
            let own = self.letters.iter().find(|(letter, _)| *letter == word);
            match (own, word) {
                (Some((_, text)), _) => (*text).to_owned(),
                (None, "P") => self.partition.to_owned(),
                (None, "A") => A.to_owned(),
                (None, _) => word.to_owned(),
            }
        };
        let parts = pattern.split_inclusive([':', '/']);
        let part = |part: &str| match part.char_indices().last() {
            Some((end, mark @ (':' | '/'))) => {
                format!("{}{mark}", letter(part.get(..end).unwrap_or(part)))
            }
            _ => letter(part),
        };
        parts.map(part).collect()
    }

    fn bucket(&self) -> String {
        format!("arn:{}:s3:::team", self.partition)
    }

    fn principals(&self) -> Vec<Value> {
        let Some((name, id)) = self.holder else {
            return Vec::new();
        };
        let arn = format!("arn:{}:iam::{A}{name}", self.partition);
        vec![json!({"arn": arn, "id": id, "policies": [world::allows_all("identity-policy")]})]
    }
}

/// One question: a condition, whether it holds, and which statements are asked.
struct Probe {
    name: String,
    condition: Value,
    holds: bool,
    effects: &'static [Effect],
}

fn case(table: &Table, caller: &Caller) -> Result<Case, Failure> {
    let row = table.row(caller.kind)?;
    let arn = match caller.column(table, row, REQUEST)? {
        Carries::Text(arn) => arn,
        Carries::Absent => "anonymous".to_owned(),
        Carries::Ambiguous => return Err(row.unread(row.cell(REQUEST)?)),
    };
    let mut values = Vec::new();
    for key in KEYS {
        values.push((key, caller.column(table, row, key)?));
    }
    if caller.kind != "service principal" {
        let account = if caller.kind == "anonymous" {
            "anonymous"
        } else {
            A
        };
        values.push(("aws:PrincipalAccount", Carries::Text(account.to_owned())));
    }
    let probes: Vec<Probe> = values
        .iter()
        .flat_map(|(key, value)| probes(key, value))
        .collect();
    let mut principal = json!({"arn": arn});
    for (member, value) in caller.rest.as_object().into_iter().flatten() {
        set(&mut principal, member, value.clone());
    }
    let snapshot = world::snapshot(caller.principals(), vec![bucket(caller, &arn, &probes)]);
    let why = format!(
        "what a requester of this kind carries: {}",
        plain(row.label())
    );
    let mut case = Case::new(
        &format!("iam-prin-1/{}", caller.file),
        &["IAM-PRIN-1", "IAM-VAR-8"],
        &why,
        snapshot,
    )
    .by_default("principal", principal)
    .by_default("action", "s3:GetObject");
    for probe in probes {
        for &effect in probe.effects {
            let verdict = match (effect, probe.holds) {
                (Effect::Allow, true) | (Effect::Deny, false) => "allow",
                (Effect::Allow, false) => "implicit_deny",
                (Effect::Deny, true) => "explicit_deny",
            };
            let request = json!({"resource": object(caller, effect, &probe.name)});
            case.test(
                format!("{}: {} in {}", probe.name, probe.holds, effect.name()),
                request,
                json!(verdict),
            );
        }
    }
    Ok(case)
}

fn probes(key: &str, value: &Carries) -> Vec<Probe> {
    let probe = |name: &str, operator: &str, operand: &str, holds, effects| {
        let (mut test, mut condition) = (json!({}), json!({}));
        set(&mut test, key, json!(operand));
        set(&mut condition, operator, test);
        Probe {
            name: format!("{key} {name}"),
            condition,
            holds,
            effects,
        }
    };
    const BOTH: &[Effect] = &Effect::BOTH;
    const DENY: &[Effect] = &[Effect::Deny];
    match value {
        Carries::Text(text) => {
            let operator = if key == "aws:PrincipalArn" {
                "ArnEquals"
            } else {
                "StringEquals"
            };
            vec![
                probe("has its value", operator, text, true, BOTH),
                probe("has another value", "StringNotEquals", text, false, DENY),
                probe("is absent", "Null", "true", false, DENY),
            ]
        }
        Carries::Absent => vec![
            probe("is absent", "Null", "true", true, BOTH),
            probe("is there", "Null", "false", false, DENY),
        ],
        Carries::Ambiguous => Vec::new(),
    }
}

fn object(caller: &Caller, effect: Effect, name: &str) -> String {
    format!(
        "{}/{}/{}",
        caller.bucket(),
        effect.name(),
        world::slug(name)
    )
}

/// A bucket of another account: only there does an Allow of its policy decide for every kind.
fn bucket(caller: &Caller, arn: &str, probes: &[Probe]) -> Value {
    let principal = match caller.kind {
        "service principal" => json!({"Service": arn}),
        _ => json!("*"),
    };
    let statement = |effect: Effect, resource: String| json!({"Effect": effect.name(), "Principal": principal, "Action": "s3:GetObject", "Resource": resource});
    let mut statements = vec![statement(
        Effect::Allow,
        format!("{}/Deny/*", caller.bucket()),
    )];
    for probe in probes {
        for &effect in probe.effects {
            let mut statement = statement(effect, object(caller, effect, &probe.name));
            set(&mut statement, "Condition", probe.condition.clone());
            statements.push(statement);
        }
    }
    json!({"arn": caller.bucket(), "account": B, "policy": world::policy("bucket-policy", statements)})
}
