//! A small run of every property; `cargo xtask soak` runs them at length. What each of them holds: `docs/proof.md`.

use std::sync::atomic::{AtomicUsize, Ordering};

use preclear_harness::choose::{Exhaustive, any_choices};
use preclear_harness::property::agreement::{self, MODES};
use preclear_harness::property::{Counterexample, Property, Tally};
use preclear_harness::world::small;
use preclear_inputs::Options;
use preclear_inputs::test_file::{self, Question};
use preclear_simulator::job::JobVerdict;
use preclear_simulator::{ContextMode, Engine, Verdict};
use preclear_tests::disk::Disk;
use preclear_tests::{Case, cases};
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

/// Steps towards a simpler world; what is left is then taken apart by itself.
const SHRINK_MAX: u32 = 200;

/// Tries a property on worlds. Panics with the smallest counterexample.
#[expect(clippy::panic, reason = "a counterexample fails the test that asks")]
fn hold(property: Property, worlds: u32) -> Tally {
    let config = Config {
        cases: worlds,
        max_shrink_iters: SHRINK_MAX,
        failure_persistence: None,
        ..Config::default()
    };
    let mut tally = Tally::default();
    let counted = std::cell::RefCell::new(&mut tally);
    let tried = TestRunner::new(config).run(&any_choices(), |tape| {
        let mut tally = counted.borrow_mut();
        match property.try_once(&mut tape.play(), &mut tally) {
            Ok(()) => Ok(()),
            Err(violation) => Err(TestCaseError::fail(violation.message)),
        }
    });
    match tried {
        Ok(()) => tally,
        Err(TestError::Fail(reason, tape)) => {
            let shown = property.check(&mut tape.play(), &mut Tally::default());
            let told = shown.map_err(|found: Counterexample| found.to_string());
            panic!("{}", told.err().unwrap_or_else(|| reason.to_string()))
        }
        Err(aborted) => panic!("{}: {aborted}", property.name()),
    }
}

#[test]
fn definite_answers_survive_every_completion() {
    let tally = hold(Property::Soundness, 60);
    assert!(tally.checks > 1200, "{tally:?}");
}

#[test]
fn many_requests_at_once_are_answered_one_by_one() {
    let tally = hold(Property::Batch, 30);
    assert!(tally.checks > 600, "{tally:?}");
}

#[test]
fn every_cell_of_a_matrix_is_a_decision() {
    let tally = hold(Property::Matrix, 8);
    assert!(tally.checks > 2000, "{tally:?}");
}

/// UI-20: nobody gets in whose kind is not told.
#[test]
fn who_can_tells_what_each_caller_would_hear() {
    let tally = hold(Property::WhoCan, 40);
    assert!(tally.checks > 600, "{tally:?}");
    let count = |wanted: Verdict| {
        let modes = [ContextMode::Open, ContextMode::Closed].map(|mode| tally.verdicts(mode));
        let found = modes.into_iter().flatten();
        let found = found.filter(|(verdict, _)| *verdict == wanted);
        found.map(|(_, count)| count).sum::<u64>()
    };
    // Some get in, some may, and most do not.
    for verdict in [Verdict::Allow, Verdict::Depends, Verdict::ImplicitDeny] {
        assert!(count(verdict) > 100, "{verdict}: {tally:?}");
    }
}

/// IAM-TRI-7: what hangs on a statement that is not determined is open, and nothing else.
#[test]
fn what_is_definite_beside_open_statements_is_so_once_they_are_determined() {
    let tally = hold(Property::OpenStatements, 30);
    assert!(tally.checks > 2500, "{tally:?}");
    for mode in [ContextMode::Open, ContextMode::Closed] {
        let total: u64 = tally.verdicts(mode).map(|(_, count)| count).sum();
        for (verdict, count) in tally.verdicts(mode) {
            if matches!(
                verdict,
                Verdict::Allow | Verdict::ImplicitDeny | Verdict::Depends
            ) {
                assert!(count * 40 > total, "{verdict}: {tally:?}");
            }
        }
    }
}

#[test]
fn lines_are_answered_as_each_alone() {
    let tally = hold(Property::Lines, 20);
    assert!(tally.checks > 1500, "{tally:?}");
    let answered = [ContextMode::Open, ContextMode::Closed].map(|mode| tally.verdicts(mode));
    let answered: u64 = answered.into_iter().flatten().map(|(_, count)| count).sum();
    // Most are requests, and many are none.
    assert!(
        answered * 3 > tally.checks && answered * 8 < tally.checks * 7,
        "{tally:?}"
    );
}

/// JOB-4, UI-13: worlds in which something is missing, something stands in the way, and all is well.
#[test]
fn what_a_report_proposes_suffices_and_is_no_more_than_that() {
    let tally = hold(Property::Fixes, 60);
    assert!(tally.checks > 20, "{tally:?}");
    for (verdict, [before, after]) in tally.jobs() {
        match verdict {
            // A request that breaks the API's rules is a fault of the generator, if it is common.
            JobVerdict::Invalid => assert!(before < 5, "{before}"),
            JobVerdict::Denied => assert!(before > 4 && after < before, "{before}, {after}"),
            JobVerdict::Allowed => assert!(before > 1 && after > before, "{before}, {after}"),
            _ => {}
        }
    }
}

#[test]
fn order_says_nothing() {
    let tally = hold(Property::Order, 40);
    assert!(tally.checks > 400, "{tally:?}");
}

#[test]
fn a_deny_only_takes_and_an_allow_only_gives() {
    let tally = hold(Property::Monotony, 30);
    assert!(tally.checks > 600, "{tally:?}");
}

#[test]
fn the_state_of_a_key_decides_nothing() {
    let tally = hold(Property::Operability, 60);
    assert!(tally.checks > 400, "{tally:?}");
}

#[test]
fn what_an_answer_depends_on_is_open() {
    let tally = hold(Property::Dependencies, 60);
    assert!(tally.checks > 100, "{tally:?}");
}

#[test]
fn answers_are_told_the_same_way_each_time() {
    let tally = hold(Property::Determinism, 30);
    assert!(tally.checks > 200, "{tally:?}");
}

/// A property says little about worlds in which nothing is ever allowed, or everything is denied by a statement.
#[test]
fn decide_and_explain_agree_on_answers_of_every_kind() {
    let tally = hold(Property::Agreement, 60);
    assert!(tally.checks > 1000, "{tally:?}");
    for mode in [ContextMode::Open, ContextMode::Closed] {
        let total: u64 = tally.verdicts(mode).map(|(_, count)| count).sum();
        for (verdict, count) in tally.verdicts(mode) {
            match verdict {
                Verdict::Allow
                | Verdict::ExplicitDeny
                | Verdict::ImplicitDeny
                | Verdict::Depends => {
                    assert!(count * 20 > total, "{verdict}: {count} of {total}");
                }
                // A request that cannot be asked is a fault of the generator.
                Verdict::Invalid => assert_eq!(count, 0),
                Verdict::NotApplicable => {}
            }
        }
    }
}

/// Tries a property on every so manieth world of the small family. Panics with the smallest counterexample.
#[expect(clippy::panic, reason = "a counterexample fails the test that asks")]
fn hold_small(property: Property, step: usize) -> Tally {
    let mut tally = Tally::default();
    let worlds = Exhaustive::new().values(|choices| small::world(choices, 1));
    for world in worlds.step_by(step) {
        if let Err(found) = property.check_small(&world, &mut tally) {
            panic!("{found}");
        }
    }
    tally
}

/// A slice; `cargo xtask soak --small` tries the whole family.
#[test]
fn engine_and_reference_agree_on_small_worlds() {
    let tally = hold_small(Property::Reference, 61);
    assert!(tally.checks > 4000, "{tally:?}");
}

#[test]
fn decide_and_explain_agree_on_small_worlds() {
    let tally = hold_small(Property::Agreement, 101);
    assert!(tally.checks > 2000, "{tally:?}");
}

/// Every request of every case: in every mode in a release build; in its own, and some in another, in a debug build,
/// which is slow.
#[test]
fn decide_and_explain_agree_on_every_case() {
    let cases = cases().unwrap();
    let asked = AtomicUsize::new(0);
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let found = std::thread::scope(|scope| {
        let work = || {
            let mut found = Vec::new();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                found.extend(disagreements(case, &asked));
            }
            found
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let found = workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap());
        found.collect::<Vec<String>>()
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
    let asked = asked.into_inner();
    assert!(asked > 1000, "only {asked} requests were asked");
}

/// What the two roads disagree on in one case.
fn disagreements(case: &Case, asked: &AtomicUsize) -> Vec<String> {
    let Ok(file) = test_file::read(&case.path, &Disk, &Options::default()) else {
        return Vec::new();
    };
    let Ok(snapshot) = file.value.snapshot else {
        return Vec::new();
    };
    let engine = Engine::compile(snapshot.value);
    let mut found = Vec::new();
    for test in file.value.tests {
        let Question::Request { request, .. } = test.question else {
            continue;
        };
        let Ok(request) = *request else {
            continue;
        };
        let number = asked.fetch_add(1, Ordering::Relaxed);
        let own = (request.mode, request.ambiguity);
        let modes = match cfg!(debug_assertions) {
            true if number.is_multiple_of(4) => vec![own, MODES[number / 4 % MODES.len()]],
            true => vec![own],
            false => MODES.to_vec(),
        };
        let difference = agreement::disagreement(&engine, &request, modes);
        found.extend(difference.map(|told| format!("{}, {}: {told}", case.name, test.name)));
    }
    found
}
