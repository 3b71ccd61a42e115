//! What the tests share: small worlds, enumerated.

/// Every text over the alphabet of at most so many characters.
pub(crate) fn texts(alphabet: &str, chars_max: usize) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut begin = 0;
    for _ in 0..chars_max {
        let end = texts.len();
        for at in begin..end {
            texts.extend(
                alphabet
                    .chars()
                    .map(|c| format!("{}{c}", texts[at]))
                    .collect::<Vec<_>>(),
            );
        }
        begin = end;
    }
    texts
}
