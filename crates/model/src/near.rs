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
    let wanted = text.to_lowercase();
    let letters = Letters::of(&wanted);
    let mut nearest = None;
    // So many letters may differ at most; of two that are equally near the first one counts.
    let mut distance_below = usize::MAX;
    for candidate in candidates {
        // A third of the letters may differ, as compilers have it.
        let distance_max = candidate.chars().count().max(3) / 3;
        let is_hopeless = |least: usize| least > distance_max || least >= distance_below;
        // Folding keeps the length of what is ASCII.
        let are_ascii = wanted.is_ascii() && candidate.is_ascii();
        if are_ascii && is_hopeless(wanted.len().abs_diff(candidate.len())) {
            continue;
        }
        let folded = candidate.to_lowercase();
        if is_hopeless(letters.least_distance(&Letters::of(&folded))) {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&wanted, &folded);
        if !is_hopeless(distance) {
            (nearest, distance_below) = (Some(candidate), distance);
        }
    }
    nearest
}

/// How often each letter stands in a text: enough to see that most texts are far apart, long before their distance is known.
struct Letters {
    /// By the last bits of the letter; that some share a place makes texts look nearer, never farther.
    counts: [i16; 32],
}

impl Letters {
    /// Of a text that is short: counts of longer ones would not fit, and are cut off.
    fn of(text: &str) -> Letters {
        let mut counts = [0_i16; 32];
        for letter in text.chars() {
            if let Some(count) = counts.get_mut(letter as usize % 32) {
                *count = count.saturating_add(1);
            }
        }
        Letters { counts }
    }

    /// Letters that must be changed, added or dropped at least; swapping changes no count.
    fn least_distance(&self, other: &Letters) -> usize {
        let (mut more, mut less) = (0_usize, 0_usize);
        for (own, other) in self.counts.iter().zip(&other.counts) {
            let excess = usize::from(own.abs_diff(*other));
            if own > other {
                more += excess;
            } else {
                less += excess;
            }
        }
        more.max(less)
    }
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

    /// The distance of each candidate, without a look at letters first.
    fn nearest_of_all<'c>(text: &str, candidates: &[&'c str]) -> Option<&'c str> {
        let far = |candidate: &str| {
            strsim::damerau_levenshtein(&text.to_lowercase(), &candidate.to_lowercase())
        };
        let near = candidates
            .iter()
            .filter(|candidate| far(candidate) <= candidate.chars().count().max(3) / 3);
        near.min_by_key(|candidate| far(candidate)).copied()
    }

    #[test]
    fn letters_rule_nothing_out_that_is_near() {
        let known = [
            "Decrypt",
            "Encrypt",
            "ReEncryptFrom",
            "ReEncryptTo",
            "Sign",
            "Verify",
            "abc",
            "acb",
            "bca",
            "écrire",
            "Écrires",
            "İstanbul",
            "straße",
            "",
            "a",
            "PutKeyPolicy",
            "GetKeyPolicy",
        ];
        let mut found = 0;
        for word in known {
            let letters: Vec<char> = word.chars().collect();
            for place in 0..=letters.len() {
                let (head, tail) = letters.split_at(place);
                let (head, mut tail) = (String::from_iter(head), tail.to_vec());
                let dropped = format!("{head}{}", String::from_iter(tail.iter().skip(1)));
                let added = format!("{head}x{}", String::from_iter(&tail));
                if tail.len() > 1 {
                    tail.swap(0, 1);
                }
                let swapped = format!("{head}{}", String::from_iter(&tail));
                for text in [dropped, added, swapped, head] {
                    let expected = (!text.is_empty())
                        .then(|| nearest_of_all(&text, &known))
                        .flatten();
                    assert_eq!(nearest(&text, known), expected, "{text}");
                    found += usize::from(expected.is_some());
                }
            }
        }
        assert!(found > 150, "{found}");
    }
}
