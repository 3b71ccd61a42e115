//! Places of findings, held against the texts that they are in.

use preclear_model::{Diagnostics, Place, Position};

use super::{Finding, hold};

/// Every finding is placed inside its text, says so in lines and columns, and can be printed.
pub(super) fn check(found: &Diagnostics) -> Result<(), Finding> {
    for finding in found {
        let told = || format!("{finding}\n{finding:?}");
        let own = finding.place.iter();
        for place in own.chain(finding.related.iter().map(|(place, _)| place)) {
            inside(place).map_err(|wrong| Finding::new(format!("{wrong}: {}", told())))?;
        }
        hold(!finding.message.is_empty(), || {
            format!("says nothing: {}", told())
        })?;
        // Whoever reads an error must know what to do.
        let is_whole = !finding.is_error() || finding.rule.is_some() && finding.help.is_some();
        hold(is_whole, || {
            format!("an error without rule or remedy: {}", told())
        })?;
    }
    Ok(())
}

/// A place is a part of its text, in every text around it too, and its position is that of its first character.
pub(super) fn inside(place: &Place) -> Result<(), Finding> {
    let outermost = place.outermost();
    for place in [place, &outermost] {
        let (start, end) = (place.span.start as usize, place.span.end as usize);
        let text = &place.source.text;
        let is_part = start <= end && text.get(start..end).is_some();
        hold(is_part, || {
            format!("the place {start}..{end} is no part of {text:?}")
        })?;
        let position = place.source.position(place.span.start);
        let counted = counted(text, start);
        hold(position == counted, || {
            format!("{start} in {text:?} is {counted}, not {position}")
        })?;
    }
    let located = place.locate();
    hold(
        located.position == outermost.source.position(outermost.span.start),
        || format!("{located} is not where {outermost:?} is"),
    )
}

/// Line and column, counted one character after the other.
fn counted(text: &str, offset: usize) -> Position {
    let mut position = Position { line: 1, column: 1 };
    for (_, character) in text.char_indices().take_while(|(at, _)| *at < offset) {
        if character == '\n' {
            position.line += 1;
            position.column = 1;
        } else {
            position.column += 1;
        }
    }
    position
}
