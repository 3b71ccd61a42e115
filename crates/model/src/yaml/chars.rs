//! Byte offsets of characters: the parser counts characters, places count bytes.

/// Characters between two remembered offsets.
const STEP: usize = 128;

/// Offsets in one text.
pub(super) struct ByteOffsets<'t> {
    text: &'t str,
    /// Offset of every `STEP`th character; none in ASCII, where the two counts agree.
    marks: Vec<usize>,
}

impl<'t> ByteOffsets<'t> {
    pub(super) fn new(text: &'t str) -> ByteOffsets<'t> {
        let marks = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices()
                .step_by(STEP)
                .map(|(offset, _)| offset)
                .collect()
        };
        ByteOffsets { text, marks }
    }

    /// Byte offset of a character; the end of the text for any behind it.
    pub(super) fn of(&self, character: usize) -> usize {
        if self.marks.is_empty() {
            return character.min(self.text.len());
        }
        let Some(mark) = self.marks.get(character / STEP) else {
            return self.text.len();
        };
        let rest = self.text.get(*mark..).unwrap_or_default();
        rest.char_indices()
            .nth(character % STEP)
            .map_or(self.text.len(), |(offset, _)| mark + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_agree_with_the_text() {
        for text in ["", "abc", "é", &"aé€😀".repeat(200), &"x".repeat(300)] {
            let offsets = ByteOffsets::new(text);
            for (index, (offset, _)) in text.char_indices().enumerate() {
                assert_eq!(offsets.of(index), offset);
            }
            let count = text.chars().count();
            for beyond in [count, count + 1, count + 1000, usize::MAX] {
                assert_eq!(offsets.of(beyond), text.len());
            }
        }
    }
}
