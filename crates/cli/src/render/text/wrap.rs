//! Where texts break: in the columns of a table, and at the edge of the terminal.

/// Divides a width among columns that would like to be as wide as `natural` says: what some do not need, others get.
pub(super) fn divide<const N: usize>(width: usize, natural: [usize; N]) -> [usize; N] {
    let mut given = [0; N];
    let mut left = width;
    let mut waiting: Vec<usize> = (0..N).collect();
    // The modest ones first, so that what they leave is known when the others share.
    waiting.sort_by_key(|index| natural.get(*index).copied().unwrap_or_default());
    for (served, index) in waiting.iter().enumerate() {
        let share = left / (N - served);
        let wanted = natural.get(*index).copied().unwrap_or_default().min(share);
        if let Some(slot) = given.get_mut(*index) {
            *slot = wanted;
        }
        left -= wanted;
    }
    given
}

/// Breaks a text into lines: at spaces, and in longer words where a new part of the name begins.
pub(super) fn wrap(text: &str, width: usize) -> String {
    let width = width.max(1);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let room = width.saturating_sub(length(&line) + usize::from(!line.is_empty()));
        if length(word) <= room {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while length(rest) > width {
            let (head, tail) = rest.split_at(break_in(rest, width));
            lines.push(head.to_owned());
            rest = tail;
        }
        line = rest.to_owned();
    }
    lines.push(line);
    lines.join("\n")
}

/// Breaks a text into lines at spaces only; a word that is too long has a line of its own.
pub(super) fn wrap_words(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && length(&line) + 1 + length(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}

/// Columns that a label takes, with the gap behind it.
const LABEL: usize = 10 + 2;

/// Columns by which the rest of a line is set in where it has no label.
const HANG: usize = 4;

/// Breaks lines that are too long at spaces; the rest of a line stands below its beginning. What stands in backticks is to
/// be pasted and stays whole, as does every word. Colours take no room.
pub(crate) fn wrap_prose(text: &str, width: u16) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| wrap_line(line, width.into()))
        .collect();
    lines.join("\n")
}

fn wrap_line(line: &str, width: usize) -> String {
    let visible = anstream::adapter::strip_str(line).to_string();
    if length(&visible) <= width {
        return line.to_owned();
    }
    let hang = hang(&visible);
    let has_pairs = visible.matches('`').count().is_multiple_of(2);
    let (mut wrapped, mut column, mut in_backticks) = (String::new(), 0, false);
    // Where the last space is: its offset in `wrapped`, and the column behind it.
    let mut space: Option<(usize, usize)> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // A colour ends with a letter.
            wrapped.push(c);
            for c in chars.by_ref() {
                wrapped.push(c);
                if c.is_ascii_alphabetic() {
                    break;
                }
            }
            continue;
        }
        in_backticks ^= c == '`' && has_pairs;
        if c == ' ' && column > hang && !in_backticks && !ends_with_short_word(&wrapped) {
            space = Some((wrapped.len(), column + 1));
        }
        wrapped.push(c);
        column += 1;
        if column > width
            && let Some((at, behind)) = space.take()
        {
            wrapped.replace_range(at..=at, &format!("\n{:hang$}", ""));
            column = hang + column - behind;
        }
    }
    // A space at the edge leaves nothing behind it.
    wrapped.trim_end().to_owned()
}

/// Whether the last word belongs to the next one, so that it does not stand at the end of a line.
fn ends_with_short_word(text: &str) -> bool {
    let last = text.rsplit([' ', '\n']).next().unwrap_or_default();
    ["on", "by", "at", "of", "in", "to"].contains(&last)
}

/// The column where the rest of a line goes: below what its label labels.
fn hang(visible: &str) -> usize {
    let indent = length(visible) - length(visible.trim_start());
    let content: String = visible.chars().skip(indent).collect();
    if indent >= LABEL {
        // `expected  …` and `actual    …` have their own labels.
        let label = content.split_once("  ");
        let label = label.filter(|(label, _)| length(label) < LABEL);
        return indent
            + label.map_or(0, |(_, behind)| {
                length(&content) - length(behind.trim_start())
            });
    }
    let behind_label: String = content.chars().skip(LABEL - 2).collect();
    if behind_label.starts_with("  ") {
        indent + LABEL - 2 + length(&behind_label) - length(behind_label.trim_start())
    } else {
        indent + HANG
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Offset at which a word that is too long breaks: at the last path separator or capital that still fits, else at a
/// lesser mark, else anywhere.
fn break_in(word: &str, width: usize) -> usize {
    let end = word
        .char_indices()
        .nth(width)
        .map_or(word.len(), |(offset, _)| offset);
    let (mut best, mut second) = (None, None);
    let mut previous = ' ';
    for (offset, c) in word.char_indices().take_while(|(offset, _)| *offset <= end) {
        if matches!(previous, '/' | ':' | ',') || (c.is_uppercase() && previous.is_lowercase()) {
            best = Some(offset);
        } else if matches!(previous, '-' | '.' | '_') {
            second = Some(offset);
        }
        previous = c;
    }
    // A break so early would waste the line.
    let is_late = |offset: &usize| *offset * 3 >= end;
    best.filter(is_late)
        .or(second.filter(is_late))
        .unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modest_columns_leave_room_for_others() {
        assert_eq!(divide(75, [10, 20, 30]), [10, 20, 30]);
        assert_eq!(divide(75, [10, 100, 100]), [10, 32, 33]);
        assert_eq!(divide(75, [100, 10, 100]), [32, 10, 33]);
        assert_eq!(divide(9, [100, 100, 100]), [3, 3, 3]);
        assert_eq!(divide(0, [1, 0, 5]), [0, 0, 0]);
    }

    #[test]
    fn names_break_where_a_part_begins() {
        assert_eq!(
            wrap("kms:Encrypt, kms:GenerateDataKeyPairWithoutPlaintext", 26),
            "kms:Encrypt,\nkms:GenerateDataKeyPair\nWithoutPlaintext"
        );
        assert_eq!(
            wrap("team-sagemaker-in/deep/er/file.json", 24),
            "team-sagemaker-in/deep/\ner/file.json"
        );
        assert_eq!(
            wrap("team-sagemaker-in/ui.liquid", 26),
            "team-sagemaker-in/\nui.liquid"
        );
        assert_eq!(wrap("team-sagemaker", 8), "team-\nsagemake\nr");
        assert_eq!(wrap("a b", 3), "a b");
        assert_eq!(wrap("", 3), "");
    }

    #[test]
    fn actions_stay_whole() {
        assert_eq!(
            wrap_words(
                "kms:Encrypt, kms:ReEncryptTo, kms:GenerateDataKeyPairWithoutPlaintext",
                30
            ),
            "kms:Encrypt, kms:ReEncryptTo,\nkms:GenerateDataKeyPairWithoutPlaintext"
        );
        assert_eq!(wrap_words("", 3), "");
    }

    #[test]
    fn words_without_parts_break_anywhere_and_characters_stay_whole() {
        assert_eq!(wrap("éééééé", 4), "éééé\néé");
        assert_eq!(wrap("abc", 0), "a\nb\nc");
        let lines = wrap(&"x".repeat(1000), 7);
        assert!(lines.lines().all(|line| line.len() <= 7) && lines.replace('\n', "").len() == 1000);
    }
    #[test]
    fn prose_breaks_at_spaces_and_goes_on_below_its_beginning() {
        assert_eq!(
            wrap_prose("reason      one two three\nshort", 21),
            "reason      one two\n            three\nshort"
        );
        assert_eq!(wrap_prose("  one two three", 11), "  one two\n      three");
        let indented = format!("{:14}aa bb cc", "");
        assert_eq!(
            wrap_prose(&indented, 19),
            format!("{0:14}aa bb\n{0:14}cc", "")
        );
    }

    #[test]
    fn what_belongs_to_the_next_word_goes_with_it() {
        assert_eq!(
            wrap_prose("allowed on bucket by me", 18),
            "allowed on bucket\n    by me"
        );
        assert_eq!(
            wrap_prose("allowed now on bucket", 14),
            "allowed now\n    on bucket"
        );
        let near_miss = format!("{:12}expected  aa bb", "");
        assert_eq!(
            wrap_prose(&near_miss, 24),
            format!("{:12}expected  aa\n{:22}bb", "", "")
        );
    }

    #[test]
    fn what_is_pasted_and_what_has_no_space_stays_whole() {
        let arn = format!("arn:aws:s3:::{}", "x".repeat(40));
        assert_eq!(
            wrap_prose(&format!("on {arn} by"), 20),
            format!("on {arn}\n    by").replacen("on ", "on ", 1)
        );
        assert_eq!(
            wrap_prose("please say `--context a b c d e` or so", 22),
            "please say\n    `--context a b c d e`\n    or so"
        );
        // Without its partner a backtick is a letter.
        assert_eq!(
            wrap_prose("one ` two three four", 12),
            "one ` two\n    three\n    four"
        );
    }

    /// A break in front of what does not fit a line of its own either gains nothing.
    #[test]
    fn a_long_name_stays_behind_its_label() {
        let arn = format!("arn:aws:iam::111122223333:role/{}", "x".repeat(60));
        for label in ["expected  ", "actual    "] {
            let line = format!("{:12}{label}{arn}", "");
            assert_eq!(wrap_prose(&line, 40), line);
            let two = format!("{line} (here)");
            assert_eq!(wrap_prose(&two, 40), format!("{line}\n{:22}(here)", ""));
        }
    }

    #[test]
    fn colours_take_no_room() {
        let painted = "\u{1b}[1mallow\u{1b}[0m  one two";
        assert_eq!(wrap_prose(painted, 14), painted);
        assert_eq!(
            wrap_prose(painted, 13),
            "\u{1b}[1mallow\u{1b}[0m  one\n    two"
        );
    }
}
