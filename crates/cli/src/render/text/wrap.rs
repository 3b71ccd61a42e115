//! Columns of a table: how wide they are, and where their texts break.

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
}
