//! Patterns as regular expressions. Shares no code with the matcher or its reference.

use preclear_wildcard::{SlotValue, Token};
use regex::Regex;

/// The tokens of each field; fewer fields if there are not as many.
pub(crate) fn cut<'a>(tokens: &[Token<'a>], separator: char, fields: usize) -> Vec<Vec<Token<'a>>> {
    let mut cut = vec![Vec::new()];
    for token in tokens {
        let mut rest = *token;
        while let Token::Text(text) = rest
            && let Some((before, after)) = text.split_once(separator)
            && cut.len() < fields
        {
            cut.last_mut()
                .into_iter()
                .for_each(|field| field.push(Token::Text(before)));
            cut.push(Vec::new());
            rest = Token::Text(after);
        }
        cut.last_mut()
            .into_iter()
            .for_each(|field| field.push(rest));
    }
    cut
}

/// An expression for fields, of which all but the last keep `*` and `?` within them, but for a `*` that ends
/// its field. `None` if it is larger than `regex` compiles.
pub(crate) fn regex(
    fields: &[&[Token<'_>]],
    separator: Option<char>,
    slots: &[SlotValue<'_>],
) -> Option<Regex> {
    let escaped = separator.map_or(String::new(), |separator| {
        regex::escape(separator.encode_utf8(&mut [0; 4]))
    });
    let last = fields.len().saturating_sub(1);
    let fields = fields.iter().enumerate().map(|(at, tokens)| {
        let one = if at < last {
            format!("[^{escaped}]")
        } else {
            ".".to_owned()
        };
        field(tokens, &one, slots)
    });
    let fields: Vec<String> = fields.collect();
    Regex::new(&format!(r"(?s)\A{}\z", fields.join(&escaped))).ok()
}

/// An expression for one field; `one` is what its `?` stands for.
fn field(tokens: &[Token<'_>], one: &str, slots: &[SlotValue<'_>]) -> String {
    let value = |slot: u16| {
        slots
            .get(usize::from(slot))
            .copied()
            .unwrap_or(SlotValue::Nothing)
    };
    let is_empty = |token: &Token<'_>| match *token {
        Token::Text(text) => text.is_empty(),
        Token::Slot(slot) => value(slot) == SlotValue::Text(""),
        Token::AnyRun | Token::AnyOne => false,
    };
    let translate = |(at, token): (usize, &Token<'_>)| match *token {
        Token::Text(text) => regex::escape(text),
        Token::AnyOne => one.to_owned(),
        Token::AnyRun if tokens[at + 1..].iter().all(is_empty) => ".*".to_owned(),
        Token::AnyRun => format!("{one}*"),
        Token::Slot(slot) => match value(slot) {
            SlotValue::Text(text) => regex::escape(text),
            SlotValue::Anything => ".*".to_owned(),
            // An empty class: nothing matches.
            SlotValue::Nothing => r"[^\s\S]".to_owned(),
        },
    };
    tokens.iter().enumerate().map(translate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translations_read_as_meant() {
        let check = |fields: &[&[Token<'_>]], slots: &[SlotValue<'_>], expected: &str| {
            let separator = (fields.len() > 1).then_some(':');
            assert_eq!(regex(fields, separator, slots).unwrap().as_str(), expected);
        };
        let (text, slot) = (Token::Text("a.*"), Token::Slot(0));
        check(
            &[&[text, Token::AnyRun, Token::AnyOne]],
            &[],
            r"(?s)\Aa\.\*.*.\z",
        );
        check(&[&[slot]], &[SlotValue::Text("(")], r"(?s)\A\(\z");
        check(&[&[slot]], &[], r"(?s)\A[^\s\S]\z");
        check(
            &[&[Token::AnyRun, text, Token::AnyRun], &[Token::AnyOne]],
            &[],
            r"(?s)\A[^:]*a\.\*.*:.\z",
        );
        check(
            &[&[Token::AnyRun, slot], &[]],
            &[SlotValue::Text("")],
            r"(?s)\A.*:\z",
        );
    }
}
