//! The name somebody probably meant. Rule: UI-33.

/// The candidate nearest to a text, if it is near enough to be worth naming; case does not count.
///
/// ```
/// use preclear_model::near::nearest;
/// assert_eq!(nearest("statment", ["Version", "Id", "Statement"]), Some("Statement"));
/// assert_eq!(nearest("colour", ["Version", "Id", "Statement"]), None);
/// ```
#[must_use]
pub fn nearest<'c>(text: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // Distances are quadratic in the length; no name in question is this long.
    if text.is_empty() || text.len() > 128 {
        return None;
    }
    let folded = text.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()),
                candidate,
            )
        })
        // A third of the letters may differ, as compilers have it.
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_swaps_and_lost_letters_are_near() {
        let known = ["Sid", "Effect", "Action", "NotAction", "Resource"];
        assert_eq!(nearest("effect", known), Some("Effect"));
        assert_eq!(nearest("Actoin", known), Some("Action"));
        assert_eq!(nearest("Resources", known), Some("Resource"));
        assert_eq!(nearest("NotAktion", known), Some("NotAction"));
    }

    #[test]
    fn other_words_and_endless_ones_are_not() {
        assert_eq!(nearest("Banana", ["Sid", "Effect"]), None);
        assert_eq!(nearest("", ["Sid"]), None);
        assert_eq!(nearest(&"S".repeat(1_000_000), ["Sid"]), None);
    }
}
