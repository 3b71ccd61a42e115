//! Checked reading of the blob: words, texts and lists. Knows the layout, not the meaning.

use std::borrow::Cow;
use std::fmt;

use crate::format::{
    CHECKSUM_AT, HEADER_BYTES, MAGIC, SECTIONS_AT, SOURCE_AT, Section, TEXT_LENGTH_BITS, VERSION,
    VERSION_AT,
};

/// Why a blob cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CatalogError {
    /// Too short, or it begins with something else.
    NotACatalog,
    /// Written in another version of the layout.
    OtherVersion(u32),
    /// A section does not fit into the blob.
    SectionOutOfRange(Section),
    /// The content is not what the checksum was made of.
    WrongChecksum,
    /// A record points outside, or tables are out of order; the text says where.
    Inconsistent(String),
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CatalogError::NotACatalog => {
                f.write_str("not a catalogue: the file does not begin like one")
            }
            CatalogError::OtherVersion(version) => write!(
                f,
                "catalogue of layout `{version}`, this program reads `{VERSION}`: generate it again"
            ),
            CatalogError::SectionOutOfRange(section) => {
                write!(
                    f,
                    "catalogue is cut off in section `{section:?}`: generate it again"
                )
            }
            CatalogError::WrongChecksum => {
                f.write_str("catalogue is damaged, its checksum does not fit: generate it again")
            }
            CatalogError::Inconsistent(place) => {
                write!(f, "catalogue is inconsistent at {place}: generate it again")
            }
        }
    }
}

impl std::error::Error for CatalogError {}

#[derive(Debug, Clone, Copy, Default)]
struct Span {
    offset: usize,
    records: usize,
}

pub(crate) struct Blob {
    bytes: Cow<'static, [u8]>,
    sections: [Span; Section::ALL.len()],
}

impl Blob {
    /// A blob in which nothing is found.
    pub(crate) const EMPTY: Blob = Blob {
        bytes: Cow::Borrowed(&[]),
        sections: [Span {
            offset: 0,
            records: 0,
        }; Section::ALL.len()],
    };

    /// Reads the header only.
    pub(crate) fn new(bytes: Cow<'static, [u8]>) -> Result<Blob, CatalogError> {
        if bytes.len() < HEADER_BYTES || !bytes.starts_with(&MAGIC) {
            return Err(CatalogError::NotACatalog);
        }
        let version = word_at(&bytes, VERSION_AT).ok_or(CatalogError::NotACatalog)?;
        if version != VERSION {
            return Err(CatalogError::OtherVersion(version));
        }
        let mut sections = [Span::default(); Section::ALL.len()];
        for (index, (section, span)) in Section::ALL.into_iter().zip(&mut sections).enumerate() {
            let at = SECTIONS_AT + index * 8;
            let span_read = word_at(&bytes, at)
                .zip(word_at(&bytes, at + 4))
                .map(|(offset, records)| Span {
                    offset: offset as usize,
                    records: records as usize,
                })
                .filter(|read| {
                    read.records
                        .checked_mul(section.record_bytes())
                        .and_then(|length| length.checked_add(read.offset))
                        .is_some_and(|end| end <= bytes.len() && read.offset >= HEADER_BYTES)
                });
            *span = span_read.ok_or(CatalogError::SectionOutOfRange(section))?;
        }
        Ok(Blob { bytes, sections })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn stored_checksum(&self) -> Option<u64> {
        let bytes = self.bytes.get(CHECKSUM_AT..)?.first_chunk::<8>()?;
        Some(u64::from_le_bytes(*bytes))
    }

    pub(crate) fn source_version(&self) -> Option<&str> {
        self.text(word_at(&self.bytes, SOURCE_AT)?)
    }

    fn span(&self, section: Section) -> Span {
        // Sections are numbered in the order of the header.
        self.sections
            .get(section as usize)
            .copied()
            .unwrap_or_default()
    }

    /// The names of a section's records, for a search.
    pub(crate) fn names(&self, section: Section) -> Names<'_> {
        let (own, text) = (self.span(section), self.span(Section::Text));
        let record_bytes = section.record_bytes();
        let cut = |span: Span, bytes: usize| {
            let from = self.bytes.get(span.offset..);
            from.and_then(|from| from.get(..span.records * bytes))
                .unwrap_or_default()
        };
        Names {
            records: cut(own, record_bytes),
            record_bytes,
            text: cut(text, 1),
        }
    }

    /// Number of records.
    pub(crate) fn records(&self, section: Section) -> usize {
        self.span(section).records
    }

    /// Word number `field` of a record.
    pub(crate) fn word(&self, section: Section, record: usize, field: usize) -> Option<u32> {
        let span = self.span(section);
        if record >= span.records || field.checked_mul(4)? >= section.record_bytes() {
            return None;
        }
        let within = record.checked_mul(section.record_bytes())?;
        word_at(
            &self.bytes,
            span.offset.checked_add(within)?.checked_add(field * 4)?,
        )
    }

    /// Bytes of a text, which may not be UTF-8 in a damaged blob.
    pub(crate) fn text_bytes(&self, text: u32) -> Option<&[u8]> {
        let span = self.span(Section::Text);
        let texts = self.bytes.get(span.offset..)?.get(..span.records)?;
        text_in(texts, text)
    }

    /// A text.
    pub(crate) fn text(&self, text: u32) -> Option<&str> {
        std::str::from_utf8(self.text_bytes(text)?).ok()
    }

    /// Words of a list; empty when it does not fit.
    pub(crate) fn list(&self, list: u32) -> Words<'_> {
        let words = self.try_list(list);
        words.unwrap_or(Words { bytes: &[] })
    }

    pub(crate) fn try_list(&self, list: u32) -> Option<Words<'_>> {
        let span = self.span(Section::Lists);
        let length = self.word(Section::Lists, list as usize, 0)? as usize;
        let first = (list as usize).checked_add(1)?;
        if first.checked_add(length)? > span.records {
            return None;
        }
        let start = first.checked_mul(4)?.checked_add(span.offset)?;
        let bytes = self.bytes.get(start..)?.get(..length.checked_mul(4)?)?;
        Some(Words { bytes })
    }
}

fn word_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}

/// The first words of a section's records, read as texts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'b> {
    records: &'b [u8],
    record_bytes: usize,
    text: &'b [u8],
}

impl<'b> Names<'b> {
    /// The name of a record, which may not be UTF-8 in a damaged blob.
    pub(crate) fn get(self, record: usize) -> &'b [u8] {
        let text = word_at(self.records, record.saturating_mul(self.record_bytes));
        text.and_then(|text| text_in(self.text, text))
            .unwrap_or_default()
    }
}

/// A text of the section of texts.
fn text_in(texts: &[u8], text: u32) -> Option<&[u8]> {
    let length = (text & ((1 << TEXT_LENGTH_BITS) - 1)) as usize;
    let start = (text >> TEXT_LENGTH_BITS) as usize;
    texts.get(start..)?.get(..length)
}

/// The words of a list.
#[derive(Debug, Clone)]
pub(crate) struct Words<'c> {
    bytes: &'c [u8],
}

impl Iterator for Words<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (word, rest) = self.bytes.split_first_chunk::<4>()?;
        self.bytes = rest;
        Some(u32::from_le_bytes(*word))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let words = self.bytes.len() / 4;
        (words, Some(words))
    }
}

impl ExactSizeIterator for Words<'_> {}
