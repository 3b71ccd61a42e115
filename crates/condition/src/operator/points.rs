//! What the operands of a test tell apart among values.

use super::{Block, Decimal, Instant, Operands, parse_binary};

/// Operands as points among the values: values that stand alike to all of them satisfy a test alike.
/// Rule: IAM-TRI-10.
#[derive(Debug, Clone)]
pub(crate) enum Points<'o> {
    /// No value is told from another.
    Nothing,
    /// Texts that are compared as they stand.
    Texts(Vec<&'o str>),
    /// Texts that are compared ignoring case, folded.
    Folded(Vec<&'o str>),
    /// `true` and `false` in any case.
    Truth,
    /// Numbers that values are ordered by.
    Numbers(Vec<&'o Decimal<'static>>),
    /// Instants that values are ordered by, in every reading of the operands.
    Instants(Vec<&'o Instant<'static>>),
    /// Blocks that addresses are in or out of.
    Blocks(Vec<Block>),
    /// ARNs without wildcards, and that values which are none fail in another way.
    Arns(Vec<&'o str>),
}

impl Operands {
    /// What the operands, which were written so, tell apart. `None` where no few points do: globs, variables, bytes.
    pub(crate) fn points<'o>(
        &'o self,
        mut written: impl Iterator<Item = &'o str> + Clone,
    ) -> Option<Points<'o>> {
        match self {
            Self::Presence(_) => Some(Points::Nothing),
            Self::Text(texts) => texts.points(),
            Self::Boolean(booleans) => booleans.points(),
            Self::Number(numbers) => Some(Points::Numbers(numbers.points())),
            Self::Date(dates) => Some(Points::Instants(dates.points())),
            Self::Ip(blocks) => Some(Points::Blocks(blocks.points())),
            // Field by field or, with fewer than six, as a whole: without wildcards it is one text.
            Self::Arn(_) => {
                let texts = written.clone().collect();
                let has_variable = self.variables().next().is_some();
                // What is written `${$}` is a `$` where there are variables.
                let is_literal = |text: &str| !text.contains(['*', '?']) && !text.contains("${$}");
                let are_literal = !has_variable && written.all(is_literal);
                are_literal.then_some(Points::Arns(texts))
            }
            Self::Binary(_) => {
                let readable = written.filter(|text| parse_binary(text).is_some());
                // With padding, bytes have several spellings.
                let is_sole = |text: &'o str| (!text.ends_with('=')).then_some(text);
                let texts = readable.map(is_sole).collect::<Option<_>>();
                texts.map(Points::Texts)
            }
        }
    }
}
