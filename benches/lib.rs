//! What the benchmarks share.

#![forbid(unsafe_code)]

pub mod documents;
pub mod worlds;

#[cfg(test)]
mod evaluator;
#[cfg(test)]
mod peers;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use preclear_simulator::Verdict;
    use preclear_wildcard::naive;

    use crate::evaluator::Evaluator;
    use crate::peers::{Visitor, visit_each};
    use crate::worlds;

    /// Collects the peers that answer some question otherwise than the reference.
    struct Wrong<'q> {
        pattern: &'q str,
        text: &'q str,
        peers: BTreeSet<&'static str>,
    }

    impl Visitor for Wrong<'_> {
        fn visit(&mut self, name: &'static str, is_match: impl Fn(&str) -> bool) {
            let expected = naive::is_match(&naive::tokens(self.pattern), &[], self.text);
            if is_match(self.text) != expected {
                self.peers.insert(name);
            }
        }
    }

    fn wrong<'q>(pattern: &'q str, text: &'q str) -> BTreeSet<&'static str> {
        let mut wrong = Wrong {
            pattern,
            text,
            peers: BTreeSet::new(),
        };
        visit_each(pattern, &mut wrong);
        wrong.peers
    }

    #[test]
    fn each_marked_peer_is_wrong_somewhere() {
        let bytes = ["globset (!)", "simplematch (!)", "wildcard (!)"];
        for (pattern, text, expected) in [
            ("a?c", "aéc", &bytes[..]),
            ("a*c", "a/b/c", &["fast-glob (!)"]),
            ("a?c", "a/c", &["fast-glob (!)"]),
            ("a*c", "a\nc", &[]),
        ] {
            let found: Vec<_> = wrong(pattern, text).into_iter().collect();
            let place = format!("`{pattern}` against {text:?}: {found:?}");
            assert!(expected.iter().all(|name| found.contains(name)), "{place}");
            assert!(found.iter().all(|name| name.ends_with("(!)")), "{place}");
        }
    }

    /// Where a text is ASCII and has no `/`, all are right: there the marked ones are rivals too.
    #[test]
    fn peers_are_right_on_plain_texts() {
        for (pattern, text) in [
            ("arn:aws:s3:::b*", "arn:aws:s3:::bucket"),
            ("arn:aws:s3:::b*", "arn:aws:s3:::other"),
            ("arn:*:1??:*-*", "arn:aws:kms:123:key-1"),
            ("arn:*:1??:*-*", "arn:aws:kms:1234:key-1"),
            ("*.parquet", "x.parquet"),
            ("[a]{b}!*", "[a]{b}!c"),
            ("*a*a*b", "aaaaaaaab"),
            ("*a*a*b", "aaaaaaaac"),
        ] {
            assert_eq!(wrong(pattern, text), BTreeSet::new(), "`{pattern}`, {text}");
        }
    }

    #[test]
    fn the_other_evaluator_gives_the_same_answers() {
        use Verdict::{Allow, ExplicitDeny, ImplicitDeny};
        // As the policies of each world say; an alias is not asked of the other.
        for (world, expected) in [
            (
                worlds::one_by_one(),
                &[Allow, ImplicitDeny, ImplicitDeny][..],
            ),
            (
                worlds::all_layers(),
                &[Allow, ImplicitDeny, Allow, ImplicitDeny, ExplicitDeny],
            ),
            (worlds::many(1000, 10), &[Allow, ImplicitDeny]),
        ] {
            let (engine, other) = (world.engine(), Evaluator::new(&world.document));
            let mut asked = 0;
            for (number, request) in world.requests.iter().enumerate() {
                let place = format!("{:?}", world.asked[number]);
                assert_eq!(engine.decide(request), expected[number], "{place}");
                if let Some(question) = other.question(&world.asked[number]) {
                    assert_eq!(other.decide(&question), expected[number], "{place}");
                    // No other layer allows what the role's own policies do not.
                    let is_allowed = expected[number] == Allow;
                    assert!(!is_allowed || other.of_identity(&question) == Allow);
                    asked += 1;
                }
            }
            assert_eq!(world.requests.len(), expected.len());
            assert!(asked + 1 >= expected.len());
        }
    }

    #[test]
    fn each_world_answers_as_it_was_made_to() {
        for (world, expected) in [
            (worlds::hostile(1000), Verdict::ImplicitDeny),
            (worlds::sampled(100_000), Verdict::Allow),
        ] {
            assert_eq!(world.engine().decide(&world.requests[0]), expected);
        }
    }
}
