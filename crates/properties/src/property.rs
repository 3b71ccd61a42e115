//! Properties: what must never, or must always, be allowed.

use preclear_simulator::{AmbiguityMode, ContextValue};

use crate::callers::Callers;
use crate::check;
use crate::outcome::{Failure, Proof};
use crate::policies::Policies;
use preclear_simulator::cast::{Facts, State};

/// Which way a property goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claim {
    /// None of the requests is allowed.
    Never,
    /// All of the requests are allowed.
    Always,
}

/// Something that must hold of policies, for every caller, action, resource and context that it speaks of.
///
/// It is built step by step and then checked:
///
/// ```
/// use preclear_properties::{Callers, Policies, Property};
///
/// let policies = Policies::from_texts([(
///     "snapshot.yaml",
///     r#"
/// preclear: 1
/// complete: true
/// principals:
///   - arn: arn:aws:iam::111122223333:role/app
///     policies: [{Version: "2012-10-17", Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/public/*"}}]
/// resources: [{arn: "arn:aws:s3:::reports", account: "111122223333"}]
/// "#,
/// )])?;
/// let proof = Property::never("nobody reads the drafts")
///     .callers(Callers::anyone().except_root_users())
///     .action("s3:GetObject")
///     .resource("arn:aws:s3:::reports/drafts/*")
///     .check(&policies)?;
/// assert!(proof.questions() > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a property says nothing until it is checked"]
pub struct Property {
    pub(crate) name: String,
    pub(crate) claim: Claim,
    pub(crate) callers: Option<Callers>,
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) facts: Facts,
    pub(crate) is_direct: bool,
    pub(crate) via: Vec<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) now: Option<String>,
    pub(crate) ambiguity: AmbiguityMode,
    pub(crate) seed: u64,
}

impl Property {
    fn new(name: impl Into<String>, claim: Claim) -> Self {
        Self {
            name: name.into(),
            claim,
            callers: None,
            actions: Vec::new(),
            resources: Vec::new(),
            facts: Facts::default(),
            is_direct: false,
            via: Vec::new(),
            endpoint: None,
            now: None,
            ambiguity: AmbiguityMode::Report,
            seed: 0,
        }
    }

    /// A property that holds if none of the requests is allowed. Unless told, it is about anyone.
    pub fn never(name: impl Into<String>) -> Self {
        Self::new(name, Claim::Never)
    }

    /// A property that holds if every one of the requests is allowed. Unless told, it is about the listed users and roles.
    ///
    /// It is about identities that exist: callers of [`Callers::anyone`] that the snapshot does not list are not asked for.
    pub fn always(name: impl Into<String>) -> Self {
        Self::new(name, Claim::Always)
    }

    /// Whom it is about. Left out: [`Callers::anyone`] of what is never allowed, [`Callers::listed`] of what always is.
    pub fn callers(mut self, callers: Callers) -> Self {
        self.callers = Some(callers);
        self
    }

    /// One more action, or all those of a service that a pattern matches: `kms:Decrypt`, `kms:*Grant`.
    pub fn action(mut self, pattern: impl Into<String>) -> Self {
        self.actions.push(pattern.into());
        self
    }

    /// Several of them.
    pub fn actions<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.actions.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// One more resource: an ARN, which may have wildcards, `alias/NAME`, or `*` for actions without a resource. Wildcards stand
    /// for what the snapshot lists, and behind the name of a bucket for every object. Left out: everything that is listed.
    pub fn resource(mut self, pattern: impl Into<String>) -> Self {
        self.resources.push(pattern.into());
        self
    }

    /// Several of them.
    pub fn resources<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.resources.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Only about requests whose condition key has this value.
    pub fn when(mut self, key: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.facts.say(key.as_ref(), State::one(value.as_ref()));
        self
    }

    /// Only about requests whose multivalued condition key has exactly these values.
    pub fn when_all<V: Into<String>>(
        mut self,
        key: impl AsRef<str>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        let state = State::Value(ContextValue::Many(values));
        self.facts.say(key.as_ref(), state);
        self
    }

    /// Only about requests whose condition key has a value that a pattern matches.
    pub fn when_like(mut self, key: impl AsRef<str>, pattern: impl Into<String>) -> Self {
        self.facts.say(key.as_ref(), State::Like(pattern.into()));
        self
    }

    /// Only about requests that have the condition key, with any value.
    pub fn when_present(mut self, key: impl AsRef<str>) -> Self {
        self.facts.say(key.as_ref(), State::Present);
        self
    }

    /// Only about requests without the condition key.
    pub fn when_absent(mut self, key: impl AsRef<str>) -> Self {
        self.facts.say(key.as_ref(), State::Absent);
        self
    }

    /// Only about calls that the caller makes itself, not through a service that calls on with its identity.
    pub fn directly(mut self) -> Self {
        self.is_direct = true;
        self
    }

    /// Only about calls through a service that calls on with the caller's identity, such as `s3`.
    pub fn through(mut self, service: impl Into<String>) -> Self {
        self.via = vec![service.into()];
        self
    }

    /// Only about calls through a VPC endpoint, whose policy then counts.
    pub fn through_endpoint(mut self, id: impl Into<String>) -> Self {
        self.endpoint = Some(id.into());
        self
    }

    /// Only about requests at an instant, such as `2026-01-01T00:00:00Z`. Left out: at any time.
    pub fn at(mut self, now: impl Into<String>) -> Self {
        self.now = Some(now.into());
        self
    }

    /// What counts where AWS's behaviour is unpublished. Left out: nothing is taken for granted, and the property stays open.
    pub fn ambiguity(mut self, ambiguity: AmbiguityMode) -> Self {
        self.ambiguity = ambiguity;
        self
    }

    /// Where the search for counterexamples begins. The same seed has the same outcome; left out it is 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Checks it.
    ///
    /// # Errors
    ///
    /// A counterexample; requests of which neither could be shown; a property that cannot be checked, or that is about nothing.
    pub fn check(&self, policies: &Policies) -> Result<Proof, Failure> {
        check::check(self, policies)
    }

    /// Checks it in a test, which fails with the counterexample. A proof that left out something that the property names, or has
    /// notes, is printed: `cargo test -- --show-output` shows it.
    ///
    /// # Panics
    ///
    /// If it does not hold, or cannot be checked.
    #[track_caller]
    pub fn assert(&self, policies: &Policies) -> Proof {
        match self.check(policies) {
            Ok(proof) => {
                #[expect(clippy::print_stderr, reason = "test output, shown if asked for")]
                if proof.is_partial() {
                    eprintln!("{proof}");
                }
                proof
            }
            #[expect(clippy::panic, reason = "this is how a test fails")]
            Err(failure) => panic!("{failure}"),
        }
    }
}
