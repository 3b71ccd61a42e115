//! The reference: the same questions answered in the most obvious way, by tables and sets.
//!
//! Nothing here is fast, and nothing here is shared with the rest of the crate but [`Token`] and
//! [`SlotValue`]. Tests and fuzzers hold the two together; everybody else wants [`Pattern`](crate::Pattern).

use std::collections::BTreeSet;

use crate::{SlotValue, Token};

/// A pattern, character by character, with its slots filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Char(char),
    One { crossing: bool },
    Run { crossing: bool },
}

/// The tokens of a written pattern, one for each character.
pub fn tokens(pattern: &str) -> Vec<Token<'_>> {
    chars(pattern)
        .map(|c| match c {
            "*" => Token::AnyRun,
            "?" => Token::AnyOne,
            c => Token::Text(c),
        })
        .collect()
}

/// Twin of [`Pattern::is_match_with`](crate::Pattern::is_match_with).
pub fn is_match(pattern: &[Token<'_>], slots: &[SlotValue<'_>], text: &str) -> bool {
    symbols(pattern, slots, true).is_some_and(|symbols| matches_table(&symbols, None, text))
}

/// Twin of [`FieldPattern::is_match_with`](crate::FieldPattern::is_match_with). `None`: the pattern has fewer
/// fields.
pub fn is_match_in_fields(
    pattern: &[Token<'_>],
    separator: char,
    fields: usize,
    slots: &[SlotValue<'_>],
    text: &str,
) -> Option<bool> {
    let pattern = cut(pattern, separator, fields)?;
    let texts: Vec<&str> = text.splitn(fields, separator).collect();
    let agree = |(pattern, text): (&Vec<Token<'_>>, &&str)| is_match(pattern, slots, text);
    Some(texts.len() == fields && pattern.iter().zip(&texts).all(agree))
}

/// Twin of [`FieldPattern::is_match_spilling_with`](crate::FieldPattern::is_match_spilling_with). `None`: the
/// pattern has fewer fields.
pub fn is_match_spilling(
    pattern: &[Token<'_>],
    separator: char,
    fields: usize,
    slots: &[SlotValue<'_>],
    text: &str,
) -> Option<bool> {
    let mut all = Vec::new();
    for (at, field) in (1..).zip(cut(pattern, separator, fields)?) {
        let Some(mut symbols) = symbols(&field, slots, at == fields) else {
            return Some(false);
        };
        if let Some(Symbol::Run { crossing }) = symbols.last_mut() {
            *crossing = true;
        }
        all.extend(symbols);
        if at < fields {
            all.push(Symbol::Char(separator));
        }
    }
    Some(matches_table(&all, Some(separator), text))
}

/// Twin of [`Pattern::covers`](crate::Pattern::covers): every text of `inner` leads to a set of `outer`'s
/// states that accepts. Exponential in the `?` of `outer`.
pub fn covers(outer: &[Token<'_>], inner: &[Token<'_>]) -> bool {
    let Some(inner) = symbols(inner, &[], true) else {
        return true;
    };
    let Some(outer) = symbols(outer, &[], true) else {
        return false;
    };
    let mut open = vec![(reachable(&inner, [0]), reachable(&outer, [0]))];
    let mut seen = BTreeSet::new();
    while let Some((inside, outside)) = open.pop() {
        if inside.contains(&inner.len()) && !outside.contains(&outer.len()) {
            return false;
        }
        for c in alphabet(&inner, &outer) {
            let next = (step(&inner, &inside, c), step(&outer, &outside, c));
            if !next.0.is_empty() && seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    true
}

/// Twin of [`Pattern::intersects`](crate::Pattern::intersects): some text leads both to acceptance.
/// Exponential too.
pub fn intersects(one: &[Token<'_>], other: &[Token<'_>]) -> bool {
    let (Some(one), Some(other)) = (symbols(one, &[], true), symbols(other, &[], true)) else {
        return false;
    };
    let mut open = vec![(reachable(&one, [0]), reachable(&other, [0]))];
    let mut seen = BTreeSet::new();
    while let Some((ours, theirs)) = open.pop() {
        if ours.contains(&one.len()) && theirs.contains(&other.len()) {
            return true;
        }
        for c in alphabet(&one, &other) {
            let next = (step(&one, &ours, c), step(&other, &theirs, c));
            if !next.0.is_empty() && !next.1.is_empty() && seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    false
}

/// `None` if a slot in use has no value.
fn symbols(pattern: &[Token<'_>], slots: &[SlotValue<'_>], crossing: bool) -> Option<Vec<Symbol>> {
    let mut symbols = Vec::new();
    for token in pattern {
        match token {
            Token::Text(text) => symbols.extend(text.chars().map(Symbol::Char)),
            Token::AnyOne => symbols.push(Symbol::One { crossing }),
            Token::AnyRun => symbols.push(Symbol::Run { crossing }),
            Token::Slot(slot) => match slots.get(usize::from(*slot))? {
                SlotValue::Text(text) => symbols.extend(text.chars().map(Symbol::Char)),
                SlotValue::Anything => symbols.push(Symbol::Run { crossing: true }),
                SlotValue::Nothing => return None,
            },
        }
    }
    Some(symbols)
}

/// The tokens of each field.
fn cut<'a>(pattern: &[Token<'a>], separator: char, fields: usize) -> Option<Vec<Vec<Token<'a>>>> {
    let mut cut = vec![Vec::new()];
    for token in pattern {
        let Token::Text(text) = token else {
            cut.last_mut()?.push(*token);
            continue;
        };
        for c in chars(text) {
            if c.starts_with(separator) && cut.len() < fields {
                cut.push(Vec::new());
            } else {
                cut.last_mut()?.push(Token::Text(c));
            }
        }
    }
    (cut.len() == fields).then_some(cut)
}

fn chars(text: &str) -> impl Iterator<Item = &str> {
    text.split("").filter(|c| !c.is_empty())
}

/// `table[s][t]`: the first `s` symbols match the first `t` characters.
fn matches_table(symbols: &[Symbol], separator: Option<char>, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut table = vec![vec![false; text.len() + 1]; symbols.len() + 1];
    table[0][0] = true;
    for (s, symbol) in symbols.iter().enumerate() {
        for t in 0..=text.len() {
            let previous = t.checked_sub(1).map(|last| (text[last], last));
            let within = |c: char, crossing: bool| crossing || Some(c) != separator;
            table[s + 1][t] = match (*symbol, previous) {
                (Symbol::Char(wanted), Some((c, last))) => wanted == c && table[s][last],
                (Symbol::One { crossing }, Some((c, last))) => {
                    within(c, crossing) && table[s][last]
                }
                (Symbol::Run { crossing }, Some((c, last))) => {
                    table[s][t] || (within(c, crossing) && table[s + 1][last])
                }
                (Symbol::Run { .. }, None) => table[s][t],
                (Symbol::Char(_) | Symbol::One { .. }, None) => false,
            };
        }
    }
    table[symbols.len()][text.len()]
}

/// The places reached from these without reading a character.
fn reachable(symbols: &[Symbol], starts: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    let mut places = BTreeSet::new();
    for start in starts {
        let runs = symbols[start..]
            .iter()
            .take_while(|symbol| matches!(symbol, Symbol::Run { .. }));
        places.extend(start..=start + runs.count());
    }
    places
}

/// The places reached from these by reading one character.
fn step(symbols: &[Symbol], places: &BTreeSet<usize>, c: char) -> BTreeSet<usize> {
    let next = places
        .iter()
        .filter_map(|&place| match symbols.get(place)? {
            Symbol::Char(wanted) => (*wanted == c).then_some(place + 1),
            Symbol::One { .. } => Some(place + 1),
            Symbol::Run { .. } => Some(place),
        });
    reachable(symbols, next)
}

/// The characters of both patterns, and one of neither.
fn alphabet(one: &[Symbol], other: &[Symbol]) -> BTreeSet<char> {
    let mut alphabet: BTreeSet<char> = one
        .iter()
        .chain(other)
        .filter_map(|symbol| match symbol {
            Symbol::Char(c) => Some(*c),
            _ => None,
        })
        .collect();
    let unnamed = ('\0'..=char::MAX).find(|c| !alphabet.contains(c));
    alphabet.extend(unnamed);
    alphabet
}
