//! What matching costs, counted in steps: no clock, so the same on every machine.

use preclear_wildcard::{Pattern, Road, naive};

/// Steps for each byte of pattern and text, beyond which a family counts as worse than linear.
const STEPS_PER_BYTE: usize = 8;
/// The same where only a convolution helps, whose steps grow with the logarithm of the length.
const STEPS_PER_BYTE_AT_WORST: usize = 45;
/// Lengths of texts. What a family costs at the longest is what a quadratic matcher would take minutes for.
const LENGTHS: [usize; 3] = [1 << 10, 1 << 13, 1 << 16];

struct Family {
    name: &'static str,
    pattern: fn(usize) -> String,
    text: fn(usize) -> String,
    steps_per_byte_max: usize,
}

fn a(count: usize) -> String {
    "a".repeat(count)
}

/// The same letters in each run, without a period.
fn mixed(letters: &[&str], count: usize) -> String {
    let mut state = 7_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        letters[usize::try_from(state >> 40).map_or(0, |number| number % letters.len())]
    };
    (0..count).map(|_| next()).collect()
}

const fn linear(
    name: &'static str,
    pattern: fn(usize) -> String,
    text: fn(usize) -> String,
) -> Family {
    Family {
        name,
        pattern,
        text,
        steps_per_byte_max: STEPS_PER_BYTE,
    }
}

const fn at_worst(
    name: &'static str,
    pattern: fn(usize) -> String,
    text: fn(usize) -> String,
) -> Family {
    Family {
        steps_per_byte_max: STEPS_PER_BYTE_AT_WORST,
        ..linear(name, pattern, text)
    }
}

/// Two letters in the middle that no place of a pattern of `a` and `?` can avoid.
fn a_bb_a(bytes: usize) -> String {
    format!("{}bb{}", a(bytes / 2 - 1), a(bytes / 2 - 1))
}

const FAMILIES: [Family; 17] = [
    linear("*a…ab*", |n| format!("*{}b*", a(n / 2)), a),
    linear(
        "*ba…a*",
        |n| format!("*b{}*", a(n / 2)),
        |n| a_bb_a(n).replace('b', "ab"),
    ),
    linear("*a…a?b*", |n| format!("*{}?b*", a(n / 2)), a),
    linear("*a?a?…b*", |n| format!("*{}b*", "a?".repeat(n / 4)), a),
    linear(
        "*a?a?…b* after b",
        |n| format!("*{}b*", "a?".repeat(n / 4)),
        |n| format!("b{}", a(n - 1)),
    ),
    linear(
        "*a?a?…b* many b",
        |n| format!("*{}b*", "a?".repeat(n / 4)),
        |n| format!("{}b", a(60)).repeat(n / 61),
    ),
    linear("a*a*…b", |n| format!("{}b", "a*".repeat(n / 2)), a),
    linear("*a*a…b*", |n| format!("{}b*", "*a".repeat(n / 4)), a),
    linear(
        "*a?a*a?a*…b*",
        |n| format!("{}*b*", "*a?a".repeat(n / 8)),
        a,
    ),
    linear(
        "*a?b*a?b*…",
        |n| "*a?b".repeat(n / 8) + "*",
        |n| "aab".repeat(n / 3),
    ),
    linear("?*?*…b*c", |n| format!("{}b*c", "?*".repeat(n / 4)), a),
    linear(
        "64 characters of a and ?",
        |_| format!("*{}*c*", mixed(&["a", "?"], 64)),
        |n| mixed(&["a", "b"], n),
    ),
    at_worst("*a?a?…a*", |n| format!("*{}a*", "a?".repeat(n / 4)), a_bb_a),
    at_worst(
        "*a…a?a…a*",
        |n| format!("*{}?{}*", a(n / 4), a(n / 4)),
        a_bb_a,
    ),
    at_worst(
        "é for a",
        |n| format!("*{}é*", "é?".repeat(n / 8)),
        |n| a_bb_a(n / 2).replace('a', "é"),
    ),
    at_worst(
        "mixed ? in a period",
        |n| format!("*aa{}aa*", mixed(&["ab", "a?", "?b"], n / 4)),
        |n| format!("{}aa{}", "ab".repeat(n / 4), "ab".repeat(n / 4)),
    ),
    at_worst(
        "parts that bits find",
        |n| format!("{}*c*", "*a?a?a?a?a?a?a?a?a?a?ab".repeat(n / 64)),
        |n| format!("{}b", a(60)).repeat(n / 61),
    ),
];

#[test]
fn hostile_families_are_linear() {
    for family in &FAMILIES {
        for bytes in LENGTHS {
            let (pattern, text) = ((family.pattern)(bytes), (family.text)(bytes));
            let (_, steps) = Pattern::parse(&pattern).is_match_by(Road::Usual, &text);
            let per_byte = steps / (pattern.len() + text.len());
            assert!(
                per_byte <= family.steps_per_byte_max,
                "`{}` at {bytes} bytes: {per_byte} steps a byte",
                family.name
            );
        }
    }
}

/// A policy of very many short patterns, each of which finds its beginnings nearly everywhere in the text: what they cost together
/// grows with their number and with the text, and with nothing else.
#[test]
fn ten_thousand_hostile_patterns_are_linear() {
    let core = |number: usize| {
        let length = 62 + number % 67;
        match number % 5 {
            0 => format!("*{}b", a(length)),
            1 => format!("*{}?b", a(length)),
            2 => format!("*{}b", "a?".repeat(length / 2)),
            3 => "a*".repeat(length) + "c",
            _ => "*a?aba".repeat(length / 6) + "*aa?bb",
        }
    };
    for text_bytes in [1 << 10, 1 << 12] {
        let text = format!("{}b", a(60)).repeat(text_bytes / 61);
        let costs = (0..10_000).map(|number| {
            let pattern = format!("{}*{number}*", core(number));
            let (is_match, steps) = Pattern::parse(&pattern).is_match_by(Road::Usual, &text);
            assert!(!is_match, "`{pattern}`");
            (steps, pattern.len() + text.len())
        });
        let (steps, bytes) = costs.fold((0, 0), |sum, cost| (sum.0 + cost.0, sum.1 + cost.1));
        let per_byte = steps / bytes;
        assert!(
            per_byte <= STEPS_PER_BYTE,
            "{per_byte} steps a byte of {text_bytes}"
        );
    }
}

/// The count is of what is done: a family that a road does not suit costs more by it.
#[test]
fn steps_are_counted_on_every_road() {
    let (pattern, text) = (format!("*{}a*", "a?".repeat(512)), a_bb_a(2048));
    let pattern = Pattern::parse(&pattern);
    let steps = |road| pattern.is_match_by(road, &text).1;
    assert!(steps(Road::Bits) > 16 * 1024);
    assert!(steps(Road::Convolution) > 2048 * 10);
    assert!(steps(Road::Usual) > steps(Road::Bits) && steps(Road::Rarest) > steps(Road::Bits));
    assert!(Pattern::parse("*a?a*").is_match_by(Road::Usual, &a(2048)).1 < 50);
}

/// At a length that the reference can still do, every road gives its answer, on each family and near it.
#[test]
fn every_road_gives_the_same_answer_on_hostile_families() {
    let mut matches = 0;
    for family in &FAMILIES {
        for bytes in [48, 200, 520] {
            let pattern = (family.pattern)(bytes);
            let texts = [
                (family.text)(bytes),
                (family.text)(bytes).replacen('b', "a", 1),
                { pattern.replace('?', "b").replace('*', "ab") },
            ];
            let compiled = Pattern::parse(&pattern);
            for text in texts {
                let expected = naive::is_match(&naive::tokens(&pattern), &[], &text);
                matches += usize::from(expected);
                for road in [Road::Usual, Road::Rarest, Road::Bits, Road::Convolution] {
                    let (is_match, _) = compiled.is_match_by(road, &text);
                    assert_eq!(is_match, expected, "{road:?}: `{pattern}` against `{text}`");
                }
            }
        }
    }
    assert!((20..140).contains(&matches), "{matches} match");
}
