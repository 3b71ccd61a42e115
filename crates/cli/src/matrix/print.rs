//! Cells as they are decided, in every format. Text alone waits for the last one.

use std::io;

use preclear_simulator::Verdict;
use serde_json::json;

use super::cells::{Cells, Row};
use crate::args::TableFormat;
use crate::io::Stream;
use crate::render::text::MatrixText;
use crate::render::{Counts, csv};

/// Bytes that are written at a time.
const BLOCK: usize = 1 << 16;

/// Prints rows in the order in which they come.
pub(super) struct Printer<'c> {
    cells: &'c Cells,
    format: TableFormat,
    only: &'c [Verdict],
    principals: Vec<String>,
    text: MatrixText<'c>,
    /// No service makes the calls.
    is_direct: bool,
    /// The principal whose rows come.
    current: usize,
    /// What is not yet written.
    waiting: String,
    is_first: bool,
    /// Names as they stand in lines of CSV or JSON.
    own_principals: Vec<String>,
    own_actions: Vec<String>,
    own_resources: Vec<String>,
}

impl<'c> Printer<'c> {
    pub(super) fn new(
        cells: &'c Cells,
        format: TableFormat,
        only: &'c [Verdict],
        is_direct: bool,
    ) -> Self {
        let principals: Vec<String> = cells
            .callers
            .iter()
            .map(preclear_model::caller::Caller::display_arn)
            .collect();
        let own = |name: &String| match format {
            TableFormat::Csv => csv::field(name).into_owned(),
            _ => json!(name).to_string(),
        };
        let actions = cells.actions.iter().map(|action| own(&action.name));
        Self {
            format,
            only,
            own_principals: principals.iter().map(own).collect(),
            own_actions: actions.collect(),
            own_resources: cells.resources.iter().map(own).collect(),
            principals,
            text: MatrixText::new(&cells.resources, cells.actions.len(), only),
            is_direct,
            current: 0,
            waiting: String::new(),
            is_first: true,
            cells,
        }
    }

    /// What stands before all rows.
    pub(super) fn begin(&mut self, out: &mut Stream<'_>) -> io::Result<()> {
        match self.format {
            TableFormat::Csv => {
                self.waiting = csv::row(["principal", "action", "resource", "verdict"]);
            }
            TableFormat::Json => {
                let lists = [
                    ("principals", &self.own_principals),
                    ("actions", &self.own_actions),
                    ("resources", &self.own_resources),
                ];
                self.waiting.push_str("{\n");
                for (name, list) in lists {
                    let list = list.join(",\n    ");
                    let lines = match list.is_empty() {
                        true => "[]".to_owned(),
                        false => format!("[\n    {list}\n  ]"),
                    };
                    self.waiting.push_str(&format!("  \"{name}\": {lines},\n"));
                }
                self.waiting.push_str("  \"rows\": [");
            }
            TableFormat::Text | TableFormat::Jsonl => {}
        }
        self.write(out, 0)
    }

    pub(super) fn add(&mut self, row: &Row<'_>, out: &mut Stream<'_>) -> io::Result<()> {
        match self.format {
            TableFormat::Text => {
                while self.current < row.caller {
                    self.end_principal();
                }
                if let Some(action) = self.cells.actions.get(row.action) {
                    self.text.add(&action.name, row.places, &row.verdicts);
                }
                return Ok(());
            }
            TableFormat::Csv => self.lines(row, ["", ",", ",", ",", "\n"]),
            TableFormat::Jsonl => {
                let marks = [
                    "{\"principal\":",
                    ",\"action\":",
                    ",\"resource\":",
                    ",\"verdict\":\"",
                    "\"}\n",
                ];
                self.lines(row, marks);
            }
            TableFormat::Json => self.json_row(row),
        }
        self.write(out, BLOCK)
    }

    fn end_principal(&mut self) {
        if let Some(principal) = self.principals.get(self.current) {
            self.text.end(principal);
        }
        self.current += 1;
    }

    fn is_shown(&self, verdict: Verdict) -> bool {
        self.only.is_empty() || self.only.contains(&verdict)
    }

    /// One line for each cell.
    fn lines(&mut self, row: &Row<'_>, marks: [&str; 5]) {
        let [start, action_mark, resource_mark, verdict_mark, end] = marks;
        let mut text = std::mem::take(&mut self.waiting);
        let (principal, action) = (
            self.own_principals.get(row.caller),
            self.own_actions.get(row.action),
        );
        let cells = std::iter::zip(row.places, &row.verdicts);
        for (place, verdict) in cells.filter(|(_, verdict)| self.is_shown(**verdict)) {
            let parts = [
                start,
                principal.map_or("", String::as_str),
                action_mark,
                action.map_or("", String::as_str),
                resource_mark,
                self.own_resources.get(*place).map_or("", String::as_str),
                verdict_mark,
                verdict.name(),
                end,
            ];
            parts.into_iter().for_each(|part| text.push_str(part));
        }
        self.waiting = text;
    }

    /// One row, with a verdict for each resource; null for those that are not asked about or not wanted.
    fn json_row(&mut self, row: &Row<'_>) {
        let cells = || std::iter::zip(row.places, &row.verdicts);
        let mut shown = cells()
            .filter(|(_, verdict)| self.is_shown(**verdict))
            .peekable();
        if shown.peek().is_none() {
            return;
        }
        let mut text = String::new();
        text.push_str(if self.is_first { "\n    " } else { ",\n    " });
        text.push_str("{\"principal\":");
        text.push_str(
            self.own_principals
                .get(row.caller)
                .map_or("", String::as_str),
        );
        text.push_str(",\"action\":");
        text.push_str(self.own_actions.get(row.action).map_or("", String::as_str));
        text.push_str(",\"verdicts\":[");
        for place in 0..self.cells.resources.len() {
            if place > 0 {
                text.push(',');
            }
            match shown.next_if(|(own, _)| **own == place) {
                Some((_, verdict)) => {
                    text.push('"');
                    text.push_str(verdict.name());
                    text.push('"');
                }
                None => text.push_str("null"),
            }
        }
        text.push_str("]}");
        drop(shown);
        self.is_first = false;
        self.waiting.push_str(&text);
    }

    /// What stands behind all rows.
    pub(super) fn finish(mut self, counts: &Counts, out: &mut Stream<'_>) -> io::Result<()> {
        match self.format {
            TableFormat::Text => {
                while self.current < self.principals.len() {
                    self.end_principal();
                }
                let principals = self.principals.len();
                return out.write(&self.text.finish(
                    principals,
                    counts,
                    self.is_direct,
                    out.width(),
                ));
            }
            TableFormat::Json => {
                let end = if self.is_first { "],\n" } else { "\n  ],\n" };
                self.waiting.push_str(end);
                let all = counts
                    .all()
                    .map(|(verdict, count)| (verdict.name().to_owned(), json!(count)));
                let all: serde_json::Map<String, serde_json::Value> = all.collect();
                let counts = format!(
                    "  \"cells\": {},\n  \"counts\": {}\n}}\n",
                    counts.total(),
                    json!(all)
                );
                self.waiting.push_str(&counts);
            }
            TableFormat::Csv | TableFormat::Jsonl => {}
        }
        self.write(out, 0)
    }

    fn write(&mut self, out: &mut Stream<'_>, least: usize) -> io::Result<()> {
        if self.waiting.len() < least {
            return Ok(());
        }
        let outcome = out.write_bytes(self.waiting.as_bytes());
        self.waiting.clear();
        outcome
    }
}
