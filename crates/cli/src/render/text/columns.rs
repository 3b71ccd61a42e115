//! Texts in columns. A word is never broken where it can run on into the empty space beside it.

use crate::render::style::Tone;

/// What stands in one row: the lines of each cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row<const N: usize> {
    /// Lines per cell, each without white space at its end.
    pub(super) cells: [Vec<String>; N],
    /// Tone of the last cell.
    pub(super) tone: Option<Tone>,
}

/// Lays rows out; `gaps` stand behind the columns.
pub(super) fn layout<const N: usize>(
    rows: &[Row<N>],
    widths: [usize; N],
    gaps: [usize; N],
) -> String {
    let mut text = String::new();
    for row in rows {
        for line in lines(row, widths, gaps) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

fn lines<const N: usize>(row: &Row<N>, widths: [usize; N], gaps: [usize; N]) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    let mut start = 0;
    // What moves down takes along what stands to its right: those cells are one statement.
    let mut moved = 0;
    for (index, cell) in row.cells.iter().enumerate() {
        let first = first_free(&lines, start, cell.len(), moved);
        moved = if cell.is_empty() { moved } else { first };
        for (offset, content) in cell.iter().enumerate() {
            let at = first + offset;
            while lines.len() <= at {
                lines.push((String::new(), 0));
            }
            let Some((line, end)) = lines.get_mut(at) else {
                continue;
            };
            line.push_str(&" ".repeat(start.saturating_sub(*end)));
            *end = start + visible(content);
            match row.tone.filter(|_| index + 1 == N) {
                Some(tone) => line.push_str(&tone.paint(content)),
                None => line.push_str(content),
            }
        }
        start += widths.get(index).copied().unwrap_or_default();
        start += gaps.get(index).copied().unwrap_or_default();
    }
    lines.into_iter().map(|(line, _)| line).collect()
}

/// Columns that a text takes; colours take none.
fn visible(text: &str) -> usize {
    let plain = anstream::adapter::strip_str(text).to_string();
    plain.chars().count()
}

/// The first line, not above `from`, from which a cell of so many lines has room.
fn first_free(lines: &[(String, usize)], start: usize, count: usize, from: usize) -> usize {
    let is_free = |at: usize| {
        lines
            .get(at)
            .is_none_or(|(_, end)| *end == 0 || *end < start)
    };
    (from..=lines.len())
        .find(|first| (*first..first + count).all(is_free))
        .unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: [&[&str]; 3]) -> Row<3> {
        Row {
            cells: cells.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect()),
            tone: None,
        }
    }

    #[test]
    fn a_long_word_runs_on_and_what_is_in_its_way_moves_down() {
        let later = row([&["a,", "much-too-long"], &["r"], &["ok"]]);
        assert_eq!(
            layout(&[later], [4, 6, 2], [1, 1, 0]),
            "a,   r      ok\nmuch-too-long\n"
        );
        let first = row([&["too-long,", "b"], &["r"], &["ok"]]);
        assert_eq!(
            layout(&[first], [4, 6, 2], [1, 1, 0]),
            "too-long,\nb    r      ok\n"
        );
        let only = row([&["too-long"], &["r"], &["ok"]]);
        assert_eq!(
            layout(&[only], [4, 6, 2], [1, 1, 0]),
            "too-long\n     r      ok\n"
        );
    }

    #[test]
    fn empty_cells_take_no_room() {
        let row = row([&[], &["r"], &[]]);
        assert_eq!(layout(&[row], [4, 6, 2], [1, 1, 0]), "     r\n");
    }
}
